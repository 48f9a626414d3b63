//! Checks of a statement of the user's own before it is sent.

pub(crate) mod session;
pub(crate) mod split;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod token;

use crate::dialect::Engine;
use crate::error::{Error, Result, counted};
use crate::raw_sql::scan::session::Left;
use crate::raw_sql::scan::token::{Token, tokens};
use crate::value::parameter::{NUL, has_nul};

/// Makes sure that there is a statement and one alone, which has a placeholder for each value, and
/// which leaves its connection as it was, unless that is given up afterwards.
pub(crate) fn check(engine: Engine, sql: &str, values: usize, is_given_up: bool) -> Result<()> {
    if has_nul(sql) {
        return Err(Error::invalid_request(format!("the SQL {NUL}")));
    }
    let scanned = Scanned::of(engine, sql);
    if scanned.first().is_empty() {
        return Err(Error::invalid_request("there is no statement in the SQL; write one"));
    }
    if !is_given_up && let Some(left) = session::left(engine, scanned.first()) {
        return Err(Error::invalid_request(refusal(&left)));
    }
    if scanned.is_several() {
        return Err(Error::invalid_request(
            "there is more than one statement; run each by itself, in a transaction if they \
             belong together",
        ));
    }
    let placeholders = scanned.placeholders();
    if placeholders != values {
        return Err(Error::invalid_request(format!(
            "the SQL asks for {} and is given {values}; number placeholders from `$1` on, and \
             give one value for each number",
            counted(placeholders, "value"),
        )));
    }
    Ok(())
}

fn refusal(left: &Left) -> String {
    match left {
        Left::Transaction(what) => format!(
            "`{what}` would leave a transaction open, end one or change it, behind the back of its \
             connection; begin a transaction with `db.begin()` or `db.transaction_with(…)`, and \
             let it end itself",
        ),
        Left::Unseen(what, instead) => format!(
            "`{what}` runs SQL that cannot be seen before, and that may change the session; {instead}, or \
             run it on a connection that is closed afterwards, with `db.sql_session()`",
        ),
        Left::Session(what, instead) => {
            let instead = instead.map(|instead| format!("{instead}, or ")).unwrap_or_default();
            format!(
                "`{what}` would stay on the connection for its next borrower; {instead}run it \
                 on a connection that is closed afterwards, with `db.sql_session()`",
            )
        }
    }
}

/// The tokens of a text.
#[derive(Debug)]
struct Scanned<'sql> {
    engine: Engine,
    tokens: Vec<Token<'sql>>,
}

impl<'sql> Scanned<'sql> {
    fn of(engine: Engine, sql: &'sql str) -> Self {
        Self { engine, tokens: tokens(engine, sql).collect() }
    }

    /// The highest number of a placeholder.
    fn placeholders(&self) -> usize {
        let number = |token: &Token<'_>| match token {
            Token::Placeholder(number) => *number,
            _ => 0,
        };
        self.tokens.iter().map(number).max().unwrap_or_default()
    }

    /// The first statement, with all that is behind it.
    fn first(&self) -> &[Token<'sql>] {
        let begin = self.tokens.iter().position(|token| *token != Token::Sign(';'));
        begin.and_then(|begin| self.tokens.get(begin..)).unwrap_or_default()
    }

    /// Whether there is more than one statement, or something before the first.
    fn is_several(&self) -> bool {
        let first = self.first();
        if first.len() < self.tokens.len() {
            return true;
        }
        let kinds = |kinds: &[&str]| {
            session::created(first).is_some_and(|created| kinds.iter().any(|kind| created.is(kind)))
        };
        let mut at = 0;
        match self.engine {
            // The server takes one statement alone, and sees where a body ends.
            Engine::Postgres if kinds(&["FUNCTION", "PROCEDURE", "RULE"]) => return false,
            Engine::Sqlite if kinds(&["TRIGGER"]) => {
                let is_end =
                    |pair: &[Token<'_>]| matches!(pair, [Token::Sign(';'), end] if end.is("END"));
                at = first.windows(2).position(is_end).map_or(first.len(), |at| at + 2);
            }
            _ => {}
        }
        let mut rest = first.iter().skip(at).skip_while(|token| **token != Token::Sign(';'));
        rest.any(|token| *token != Token::Sign(';'))
    }
}
