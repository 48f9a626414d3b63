//! Changes that a statement leaves behind on a connection of SQLite.

use super::{CONTROL, Found, is, is_any, is_sign, session, transaction};
use crate::dialect::Engine;
use crate::raw_sql::scan::token::Token;

/// The change that a statement leaves behind.
pub(super) fn left(statement: &[Token<'_>]) -> Found {
    if is(statement, 0, "EXPLAIN") {
        // A statement that is explained does not run, but most pragmas take effect when they are prepared.
        let plan = is(statement, 1, "QUERY") && is(statement, 2, "PLAN");
        let explained = statement.get(if plan { 3 } else { 1 }..).unwrap_or_default();
        return if is(explained, 0, "PRAGMA") { pragma(explained) } else { None };
    }
    if let Some(word) = CONTROL.iter().find(|word| is(statement, 0, word)) {
        return transaction(word);
    }
    if let Some(word) = ["ATTACH", "DETACH"].iter().find(|word| is(statement, 0, word)) {
        return session(word, None);
    }
    if is(statement, 0, "PRAGMA") {
        return pragma(statement);
    }
    if is(statement, 0, "CREATE") {
        let ends = ["AS", "ON", "USING", "BEGIN", "FOR", "WHEN"];
        let is_end =
            |token: &Token<'_>| *token == Token::Sign('(') || ends.iter().any(|end| token.is(end));
        let end = statement.iter().position(is_end).unwrap_or(statement.len());
        let named = statement.get(..end).unwrap_or_default();
        let qualified = |pair: &[Token<'_>]| match pair {
            [schema, Token::Sign('.')] => schema.names(Engine::Sqlite, "temp"),
            _ => false,
        };
        let is_temporary = is_any(statement, 1, &["TEMP", "TEMPORARY"]);
        if is_temporary || named.windows(2).any(qualified) {
            return session("CREATE TEMPORARY", None);
        }
    }
    None
}

/// Pragmas that only read or tidy up where they are given a value.
const READING: [&str; 14] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
    "optimize",
    "wal_checkpoint",
    "incremental_vacuum",
    "shrink_memory",
];

/// Pragmas whose value is kept in the file, as a row is, or ends with the transaction.
const KEPT: [&str; 3] = ["user_version", "application_id", "defer_foreign_keys"];

fn pragma(statement: &[Token<'_>]) -> Found {
    let at = if is_sign(statement, 2, '.') { 3 } else { 1 };
    let name = statement.get(at)?;
    let rest = statement.get(at + 1..).unwrap_or_default();
    let sets = rest.first().is_some_and(|token| *token != Token::Sign(';'));
    let names = |one: &&str| name.names(Engine::Sqlite, one);
    if !sets || READING.iter().chain(&KEPT).any(names) {
        return None;
    }
    let name = match name {
        Token::Word(word) => *word,
        _ => "…",
    };
    session(&format!("PRAGMA {name}"), None)
}
