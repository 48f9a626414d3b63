//! Calls of functions that change the session.

use super::block::statements;
use super::{Found, Left, Token, is, is_any, is_sign, local, names, session};
use crate::dialect::Engine;

const LOCK: &str = "take `pg_advisory_xact_lock`, which ends with its transaction";
const CONFIG: &str = "give `set_config` a literal `true` as its third argument, in a transaction";
const NAME: &str = "give `set_config` a literal for the name of the setting";

/// Functions that take something for the whole session.
const LOCKS: [&str; 4] = [
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
];

/// Functions of the server that change the session.
const CHANGES: [&str; 4] =
    ["setseed", "pg_replication_origin_session_setup", "pg_backup_start", "pg_start_backup"];

/// Functions of extensions that change the session, in the schema of the extension.
const EXTENSIONS: [&str; 2] = ["dblink_connect", "dblink_connect_u"];

/// Functions that make a replication slot, which is one of the session where their third argument says so.
const SLOTS: [&str; 4] = [
    "pg_create_physical_replication_slot",
    "pg_create_logical_replication_slot",
    "pg_copy_physical_replication_slot",
    "pg_copy_logical_replication_slot",
];

/// Functions that run a query of which they are given the text.
const QUERIES: [&str; 6] = [
    "query_to_xml",
    "query_to_xmlschema",
    "query_to_xml_and_xmlschema",
    "ts_stat",
    "ts_rewrite",
    "crosstab",
];

/// The changes of calls and settings.
pub(super) fn calls(statement: &[Token<'_>], depth: usize) -> Found {
    (0..statement.len())
        .find_map(|at| call(statement, at, depth).or_else(|| settings(statement, at)))
}

fn call(statement: &[Token<'_>], at: usize, depth: usize) -> Found {
    let function = statement.get(at)?;
    if !is_sign(statement, at + 1, '(') || !matches!(function, Token::Word(_) | Token::Name(_)) {
        return None;
    }
    let mut in_catalog = true;
    if at > 0 && is_sign(statement, at - 1, '.') {
        let schema = at.checked_sub(2).and_then(|at| statement.get(at))?;
        in_catalog = schema.names(Engine::Postgres, "pg_catalog");
    } else if at > 0 && is_any(statement, at - 1, &["INTO", "TABLE", "REFERENCES", "EXISTS"]) {
        // The columns of a table.
        return None;
    }
    let arguments = || arguments(statement.get(at + 2..).unwrap_or_default());
    let is = |name: &&&str| function.names(Engine::Postgres, name);
    if let Some(name) = EXTENSIONS.iter().find(is) {
        return session(name, None);
    }
    if is(&&"set_limit") && arguments().len() == 1 {
        return session("set_limit", None);
    }
    if let Some(name) = QUERIES.iter().find(is).filter(|name| in_catalog || **name == "crosstab") {
        return query(name, &arguments(), depth);
    }
    if !in_catalog {
        return None;
    }
    if let Some(name) = LOCKS.iter().find(is) {
        return session(name, Some(LOCK));
    }
    if let Some(name) = CHANGES.iter().find(is) {
        return session(name, None);
    }
    if let Some(name) = SLOTS.iter().find(is) {
        let is_false = |argument: &Argument<'_>| argument.is_keyword("FALSE");
        let arguments = arguments();
        let temporary = named(&arguments, "temporary").or_else(|| arguments.get(2));
        return if temporary.is_none_or(is_false) { None } else { session(name, None) };
    }
    if is(&&"set_config") { config(&arguments()) } else { None }
}

/// `set_config`, which changes the transaction alone if it is told so.
fn config(arguments: &[Argument<'_>]) -> Found {
    let argument = |name, at: usize| {
        let at = arguments.get(at).filter(|argument| argument.name.is_none());
        named(arguments, name).or(at)
    };
    if !argument("is_local", 2).is_some_and(|argument| argument.is_keyword("TRUE")) {
        return session("set_config", Some(CONFIG));
    }
    let text = |argument: &Argument<'_>| match argument.value.as_slice() {
        [Token::Text(text)] | [Token::Text(text), Token::Sign(':'), ..] => Some(text.to_string()),
        _ => None,
    };
    let Some(name) = argument("setting_name", 0).and_then(text) else {
        return session("set_config", Some(NAME));
    };
    local(&name, &argument("new_value", 1).and_then(text).unwrap_or_default())
}

/// A function that runs a query.
fn query(name: &'static str, arguments: &[Argument<'_>], depth: usize) -> Found {
    let texts = arguments.iter().flat_map(|argument| &argument.value);
    let mut texts = texts.filter_map(|token| match token {
        Token::Text(text) => Some(&**text),
        _ => None,
    });
    let first = arguments.first().and_then(|argument| argument.value.first());
    if name != "ts_rewrite" && !matches!(first, Some(Token::Text(_))) {
        return Some(Left::Unseen(name, "give it its query as a literal"));
    }
    texts.find_map(|text| statements(text, depth))
}

/// `UPDATE pg_settings`, whose rule calls `set_config` for the session.
fn settings(statement: &[Token<'_>], at: usize) -> Found {
    if !is(statement, at, "UPDATE") {
        return None;
    }
    let is_before = |token: &&Token<'_>| token.is("ONLY") || **token == Token::Sign('(');
    let behind = statement.iter().skip(at + 1).skip_while(is_before);
    let mut parts = Vec::new();
    for token in behind {
        match token {
            Token::Sign('.') => {}
            Token::Word(_) | Token::Name(_) if parts.len() < 3 => parts.push(token),
            _ => break,
        }
    }
    let at = parts.iter().position(|part| names(part, "pg_settings"))?;
    let schema = at.checked_sub(1).and_then(|at| parts.get(at));
    if schema.is_some_and(|schema| !names(schema, "pg_catalog")) {
        return None;
    }
    session("UPDATE pg_settings", Some(super::LOCAL))
}

/// An argument of a call.
#[derive(Default)]
struct Argument<'sql> {
    name: Option<Token<'sql>>,
    value: Vec<Token<'sql>>,
}

impl Argument<'_> {
    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.value.as_slice(), [only] if only.is(keyword))
    }
}

fn named<'all, 'sql>(
    arguments: &'all [Argument<'sql>],
    name: &str,
) -> Option<&'all Argument<'sql>> {
    arguments.iter().find(|argument| argument.name.as_ref().is_some_and(|one| names(one, name)))
}

/// The arguments of a call, behind its parenthesis.
fn arguments<'sql>(behind: &[Token<'sql>]) -> Vec<Argument<'sql>> {
    let (mut depth, mut arguments) = (0_usize, vec![Argument::default()]);
    for token in behind {
        match token {
            Token::Sign('(' | '[') => depth += 1,
            Token::Sign(')' | ']') if depth > 0 => depth -= 1,
            Token::Sign(')') => break,
            Token::Sign(',') if depth == 0 => {
                arguments.push(Argument::default());
                continue;
            }
            _ => {}
        }
        if let Some(last) = arguments.last_mut() {
            last.value.push(token.clone());
        }
    }
    for argument in &mut arguments {
        let length = match argument.value.as_slice() {
            // `name => …`, or `name := …`
            [_, Token::Sign('='), Token::Sign('>'), ..]
            | [_, Token::Sign(':'), Token::Sign('='), ..] => 3,
            _ => continue,
        };
        argument.name = argument.value.drain(..length).next();
    }
    arguments
}
