//! SQL in a text that another statement runs: the body of `DO`, `EXECUTE` in it, and functions that are
//! given a query.

use super::{DEEPEST, Found, Left, calls, is, is_any, is_sign, postgres, session};
use crate::dialect::Engine;
use crate::raw_sql::scan::token::{Token, tokens};

/// A part of a text that is put together while it runs.
const UNKNOWN: &str = "\u{fffd}";

/// The changes that the statements of a text leave behind in the session. None of them ends a transaction.
pub(super) fn statements(text: &str, depth: usize) -> Found {
    if depth >= DEEPEST {
        return session("a statement in more than 8 others", None);
    }
    let tokens: Vec<_> = tokens(Engine::Postgres, text).collect();
    let mut statements = tokens.split(|token| *token == Token::Sign(';'));
    statements.find_map(|statement| in_session(postgres(statement, depth + 1)))
}

fn in_session(found: Found) -> Found {
    found.filter(|left| !matches!(left, Left::Transaction(_)))
}

/// `DO`, whose body is in PL/pgSQL unless it says otherwise. It may commit only where it is not within
/// a transaction, so what it begins it ends.
pub(super) fn block(statement: &[Token<'_>], depth: usize) -> Found {
    if depth >= DEEPEST {
        return session("a statement in more than 8 others", None);
    }
    let language = statement.iter().position(|token| token.is("LANGUAGE"));
    let language = language.and_then(|at| statement.get(at + 1));
    let is_known = |language: &Token<'_>| match language {
        Token::Text(text) => text.eq_ignore_ascii_case("plpgsql"),
        other => other.names(Engine::Postgres, "plpgsql"),
    };
    if language.is_some_and(|language| !is_known(language)) {
        return Some(Left::Unseen("DO LANGUAGE …", "write the block in `plpgsql`"));
    }
    let bodies = statement.iter().filter_map(|token| match token {
        Token::Text(body) => Some(&**body),
        _ => None,
    });
    for body in bodies {
        let body: Vec<_> = tokens(Engine::Postgres, body).collect();
        let found = (0..body.len()).find_map(|at| step(&body, at, depth));
        if let Some(found) = found.or_else(|| calls(&body, depth)) {
            return Some(found);
        }
    }
    None
}

/// The change of the statement of a block that begins here, if one does.
fn step(body: &[Token<'_>], at: usize, depth: usize) -> Found {
    let rest = body.get(at..).unwrap_or_default();
    let before = body.get(..at).unwrap_or_default();
    let begins = match before {
        [.., Token::Sign('>'), Token::Sign('>')] | [.., Token::Sign(';')] | [] => true,
        [.., last] => ["BEGIN", "THEN", "ELSE", "LOOP"].iter().any(|start| last.is(start)),
    };
    if is(rest, 0, "EXECUTE") {
        let reads = before.last().is_some_and(|last| last.is("IN") || last.is("FOR"));
        return if begins || reads {
            executed(rest.get(1..).unwrap_or_default(), depth)
        } else {
            None
        };
    }
    if !begins || !is_any(rest, 0, &BEGINNINGS) {
        return None;
    }
    let end = rest.iter().position(|token| *token == Token::Sign(';')).unwrap_or(rest.len());
    in_session(postgres(rest.get(..end).unwrap_or_default(), depth + 1))
}

/// The change of an `EXECUTE`, which runs the text of an expression.
fn executed(behind: &[Token<'_>], depth: usize) -> Found {
    let mut open = 0_usize;
    let is_end = |token: &Token<'_>| {
        match token {
            Token::Sign('(') => open += 1,
            Token::Sign(')') => open = open.saturating_sub(1),
            _ => {}
        }
        let ends = ["INTO", "USING", "LOOP"].iter().any(|end| token.is(end));
        *token == Token::Sign(';') || open == 0 && ends
    };
    let end = behind.iter().position(is_end).unwrap_or(behind.len());
    let text = known(behind.get(..end).unwrap_or_default());
    // The verb of each statement is to be known; a name or a value in it need not be.
    let tokens: Vec<_> = tokens(Engine::Postgres, &text).collect();
    let is_unknown = |statement: &[Token<'_>]| {
        let mut words = statement.iter().skip_while(|token| {
            **token == Token::Sign('(') || EXPLAINS.iter().any(|word| token.is(word))
        });
        matches!(words.next(), Some(Token::Word(verb)) if verb.contains(UNKNOWN))
    };
    if tokens.split(|token| *token == Token::Sign(';')).any(is_unknown) {
        return Some(Left::Unseen(
            "EXECUTE",
            "begin its text with a literal, as in `EXECUTE format('ALTER TABLE %I …', name)`",
        ));
    }
    statements(&text, depth)
}

/// Words before the verb of a statement.
const EXPLAINS: [&str; 3] = ["EXPLAIN", "ANALYZE", "VERBOSE"];

/// The known part of a text that is put together from literals, `format('…')` and others.
fn known(expression: &[Token<'_>]) -> String {
    let mut known = String::new();
    let mut rest = expression;
    let unknown = |known: &mut String| {
        if !known.ends_with(UNKNOWN) {
            known.push_str(UNKNOWN);
        }
    };
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            Token::Text(text) => known.push_str(text),
            Token::Sign('|' | '(' | ')') => {}
            _ if first.names(Engine::Postgres, "format") && is_sign(behind, 0, '(') => {
                match behind.get(1) {
                    Some(Token::Text(format)) => known.push_str(&formatted(format)),
                    _ => unknown(&mut known),
                }
                rest = behind.get(closed(behind)..).unwrap_or_default();
            }
            _ => {
                unknown(&mut known);
                if is_sign(behind, 0, '(') {
                    rest = behind.get(closed(behind)..).unwrap_or_default();
                }
            }
        }
    }
    known
}

/// The number of tokens up to the one that closes a parenthesis.
fn closed(tokens: &[Token<'_>]) -> usize {
    let mut open = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => open += 1,
            Token::Sign(')') => open = open.saturating_sub(1),
            _ => {}
        }
        if open == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// The text of `format`, whose places, as `%I`, `%2$s` and `%-10L`, are filled by what is not known.
fn formatted(format: &str) -> String {
    let (mut text, mut rest) = (String::new(), format);
    while let Some((before, behind)) = rest.split_once('%') {
        text.push_str(before);
        let kind = behind.find(|one: char| !matches!(one, '0'..='9' | '$' | '-' | '*'));
        let (kind, behind) = behind.split_at(kind.unwrap_or(behind.len()));
        let mut characters = behind.chars();
        text.push_str(if characters.next() == Some('%') && kind.is_empty() {
            "%"
        } else {
            UNKNOWN
        });
        rest = characters.as_str();
    }
    text.push_str(rest);
    text
}

/// Words that begin statements which change a session, in a block.
const BEGINNINGS: [&str; 12] = [
    "SET",
    "RESET",
    "DISCARD",
    "LISTEN",
    "UNLISTEN",
    "LOAD",
    "PREPARE",
    "DEALLOCATE",
    "CREATE",
    "SELECT",
    "DO",
    "IMPORT",
];
