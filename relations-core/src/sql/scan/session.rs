//! What a statement would leave behind on its connection, for whoever borrows that next.

use super::token::{Token, tokens};
use crate::engine::Engine;

/// Why a statement is refused.
#[derive(Debug, PartialEq)]
pub(super) enum Left {
    /// A transaction is begun, ended or changed.
    Transaction(String),
    /// Something of the session is changed; what to write instead, where there is something.
    Session(String, Option<&'static str>),
}

type Found = Option<Left>;

const LOCAL: &str = "write `SET LOCAL` in a transaction";
const CONFIG: &str = "give `set_config` a literal `true` as its third argument, in a transaction";
const LOCK: &str = "take `pg_advisory_xact_lock`, which ends with its transaction";
const ON_COMMIT: &str = "write `ON COMMIT DROP`, in a transaction";

/// What begins, ends or divides a transaction.
const CONTROL: [&str; 8] =
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"];

/// How deep statements are looked for in texts that others run.
const DEEPEST: usize = 8;

/// What a statement leaves behind.
pub(super) fn left(engine: Engine, statement: &[Token<'_>]) -> Found {
    match engine {
        Engine::Postgres => postgres(statement, 0),
        Engine::Sqlite => sqlite(statement),
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it is an answer of functions that may find nothing")]
fn session(what: &str, instead: Option<&'static str>) -> Found {
    Some(Left::Session(what.to_owned(), instead))
}

#[allow(clippy::unnecessary_wraps, reason = "it is an answer of functions that may find nothing")]
fn transaction(what: &str) -> Found {
    Some(Left::Transaction(what.to_owned()))
}

fn is(tokens: &[Token<'_>], at: usize, keyword: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.is(keyword))
}

fn is_any(tokens: &[Token<'_>], at: usize, keywords: &[&str]) -> bool {
    tokens.get(at).is_some_and(|token| keywords.iter().any(|keyword| token.is(keyword)))
}

fn is_sign(tokens: &[Token<'_>], at: usize, sign: char) -> bool {
    tokens.get(at) == Some(&Token::Sign(sign))
}

fn postgres(statement: &[Token<'_>], depth: usize) -> Found {
    let statement = statement.get(explained(statement)..).unwrap_or_default();
    let words = |at, keywords: &[&str]| is_any(statement, at, keywords);
    match statement.first() {
        Some(Token::Word(verb)) => {
            if let Some(word) = CONTROL.iter().find(|word| verb.eq_ignore_ascii_case(word)) {
                return transaction(word);
            }
        }
        _ => return temporary_into(statement).or_else(|| calls(statement)),
    }
    if words(0, &["PREPARE"]) && words(1, &["TRANSACTION"]) {
        return transaction("PREPARE TRANSACTION");
    }
    if words(0, &["SET"]) {
        return set(statement);
    }
    let sessions =
        ["RESET", "DISCARD", "LISTEN", "UNLISTEN", "LOAD", "PREPARE", "DEALLOCATE", "EXECUTE"];
    if let Some(word) = sessions.iter().find(|word| is(statement, 0, word)) {
        return session(word, None);
    }
    if words(0, &["DECLARE"]) {
        let end = statement.iter().position(|token| token.is("FOR")).unwrap_or(statement.len());
        let declared = statement.get(..end).unwrap_or_default();
        if declared.windows(2).any(|pair| is(pair, 0, "WITH") && is(pair, 1, "HOLD")) {
            return session("DECLARE … WITH HOLD", Some("leave out `WITH HOLD`, in a transaction"));
        }
        return calls(statement);
    }
    if words(0, &["DO"]) {
        return block(statement, depth);
    }
    if words(0, &["CREATE"]) {
        let defines = ["FUNCTION", "PROCEDURE", "VIEW", "RULE", "TRIGGER", "POLICY", "AGGREGATE"];
        let kinds = statement.iter().skip(1).take(4);
        let materialized = kinds.clone().any(|token| token.is("MATERIALIZED"));
        let is_defined =
            !materialized && kinds.clone().any(|token| defines.iter().any(|one| token.is(one)));
        return temporary(statement).or_else(|| if is_defined { None } else { calls(statement) });
    }
    let routines = ["FUNCTION", "PROCEDURE", "ROUTINE", "EXTENSION"];
    if words(0, &["GRANT", "REVOKE", "COMMENT", "DROP"]) {
        return None;
    }
    if words(0, &["ALTER"]) {
        let own = statement.iter().any(|token| is_temporary_schema(token));
        let own = own.then(|| Left::Session("pg_temp".to_owned(), Some(ON_COMMIT)));
        return own.or_else(|| if words(1, &routines) { None } else { calls(statement) });
    }
    temporary_into(statement).or_else(|| calls(statement))
}

/// How many tokens ask to explain what follows, which `ANALYZE` runs.
fn explained(statement: &[Token<'_>]) -> usize {
    if !is(statement, 0, "EXPLAIN") {
        return 0;
    }
    let mut at = 1;
    while is_any(statement, at, &["ANALYZE", "ANALYSE", "VERBOSE"]) {
        at += 1;
    }
    if is_sign(statement, at, '(') && !is_any(statement, at + 1, &["SELECT", "WITH", "VALUES"]) {
        let close = statement.iter().skip(at).position(|token| *token == Token::Sign(')'));
        at += close.map_or(0, |close| close + 1);
    }
    at
}

/// `SET`, which `LOCAL` ends with the transaction.
fn set(statement: &[Token<'_>]) -> Found {
    // A parameter of a user's own may begin with a keyword, as in `SET local.user = 1`.
    let is_name =
        |at| is_sign(statement, at, '.') || is_sign(statement, at, '=') || is(statement, at, "TO");
    let is_local = is(statement, 1, "LOCAL") && !is_name(2);
    let at = if is_local { 2 } else { 1 };
    let is_keyword = !is_name(at + 1);
    if is_keyword && is(statement, at, "TRANSACTION") {
        return transaction("SET TRANSACTION");
    }
    if is(statement, at, "SESSION") && is(statement, at + 1, "CHARACTERISTICS") {
        return transaction("SET SESSION CHARACTERISTICS");
    }
    if !is_local {
        if is_keyword && is(statement, at, "CONSTRAINTS") {
            return None;
        }
        let authorization = is(statement, 1, "SESSION") && is(statement, 2, "AUTHORIZATION");
        let what = if authorization {
            "SET SESSION AUTHORIZATION"
        } else if is(statement, 1, "ROLE") && is_keyword {
            "SET ROLE"
        } else {
            "SET"
        };
        return session(what, Some(LOCAL));
    }
    let names = |name: &str| statement.get(at).is_some_and(|one| names(one, name));
    let own = ["transaction_read_only", "transaction_isolation", "transaction_deferrable"];
    if let Some(name) = own.iter().find(|name| names(name)) {
        return transaction(&format!("SET LOCAL {name}"));
    }
    if names("client_encoding") || (is_keyword && is(statement, at, "NAMES")) {
        return session("client_encoding", Some("leave texts in UTF-8, which is what is read"));
    }
    calls(statement)
}

/// Whether a token is a name, of parameters or functions; the server folds only what is not quoted,
/// and looks up parameters in any case.
fn names(token: &Token<'_>, name: &str) -> bool {
    match token {
        Token::Name(quoted) => quoted.eq_ignore_ascii_case(name),
        other => other.names(Engine::Postgres, name),
    }
}

fn is_temporary_schema(token: &Token<'_>) -> bool {
    let is = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.strip_prefix("pg_temp").is_some_and(|rest| {
            rest.is_empty()
                || rest.strip_prefix('_').is_some_and(|number| {
                    !number.is_empty() && number.chars().all(|one| one.is_ascii_digit())
                })
        })
    };
    match token {
        Token::Word(word) => is(word),
        Token::Name(name) => is(name),
        _ => false,
    }
}

/// Makes a table, a view or anything else that stays until the session ends.
fn temporary(statement: &[Token<'_>]) -> Found {
    let mut at = 1;
    if is(statement, at, "OR") && is(statement, at + 1, "REPLACE") {
        at += 2;
    }
    if is_any(statement, at, &["GLOBAL", "LOCAL"]) {
        at += 1;
    }
    let is_temporary = is_any(statement, at, &["TEMP", "TEMPORARY"]);
    let qualified = |pair: &[Token<'_>]| matches!(pair, [schema, Token::Sign('.')] if is_temporary_schema(schema));
    if !is_temporary && !statement.windows(2).any(qualified) {
        return None;
    }
    let mut depth = 0_usize;
    let ends_with_transaction = (0..statement.len()).any(|at| {
        match statement.get(at) {
            Some(Token::Sign('(')) => depth += 1,
            Some(Token::Sign(')')) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
            && is(statement, at, "ON")
            && is(statement, at + 1, "COMMIT")
            && is(statement, at + 2, "DROP")
    });
    if ends_with_transaction {
        return calls(statement);
    }
    let instead = statement.iter().take(6).any(|token| token.is("TABLE")).then_some(ON_COMMIT);
    session("CREATE TEMPORARY", instead)
}

/// `SELECT … INTO TEMP …`
fn temporary_into(statement: &[Token<'_>]) -> Found {
    let behind = ["FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "UNION", "INTERSECT", "EXCEPT"];
    let later = ["ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "AS", "VALUES", "SELECT", "DEFAULT"];
    let last = ["OVERRIDING", "USING", "ON", "WHEN", "SET"];
    let is_name = |at| match statement.get(at) {
        Some(Token::Name(_)) => true,
        Some(token @ Token::Word(_)) => {
            !behind.iter().chain(&later).chain(&last).any(|keyword| token.is(keyword))
        }
        _ => false,
    };
    for at in 0..statement.len() {
        if !is(statement, at, "INTO") || (at > 0 && is_any(statement, at - 1, &["INSERT", "MERGE"]))
        {
            continue;
        }
        let temp = at + if is_any(statement, at + 1, &["GLOBAL", "LOCAL"]) { 2 } else { 1 };
        let is_temporary = is_any(statement, temp, &["TEMP", "TEMPORARY"]) && is_name(temp + 1);
        let table = at + if is(statement, at + 1, "TABLE") { 2 } else { 1 };
        let is_own = statement.get(table).is_some_and(is_temporary_schema)
            && is_sign(statement, table + 1, '.');
        if is_temporary || is_own {
            return session("SELECT INTO TEMPORARY", Some("create the table `ON COMMIT DROP`"));
        }
    }
    None
}

/// Functions that take something for the whole session.
const LOCKS: [&str; 4] = [
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
];

/// Calls of functions that change the session.
fn calls(statement: &[Token<'_>]) -> Found {
    (0..statement.len()).find_map(|at| call(statement, at))
}

fn call(statement: &[Token<'_>], at: usize) -> Found {
    let function = statement.get(at)?;
    if !is_sign(statement, at + 1, '(') || !matches!(function, Token::Word(_) | Token::Name(_)) {
        return None;
    }
    if at > 0 && is_sign(statement, at - 1, '.') {
        let schema = at.checked_sub(2).and_then(|at| statement.get(at))?;
        if !schema.names(Engine::Postgres, "pg_catalog") {
            return None;
        }
    } else if at > 0 && is_any(statement, at - 1, &["INTO", "TABLE", "REFERENCES", "EXISTS"]) {
        // The columns of a table.
        return None;
    }
    let is = |name: &str| function.names(Engine::Postgres, name);
    if let Some(name) = LOCKS.iter().find(|name| is(name)) {
        return session(name, Some(LOCK));
    }
    if is("setseed") {
        return session("setseed", None);
    }
    if is("pg_replication_origin_session_setup") {
        return session("pg_replication_origin_session_setup", None);
    }
    if !is("set_config") {
        return None;
    }
    let arguments = arguments(statement.get(at + 2..).unwrap_or_default());
    let is_true = |argument: &[Token<'_>]| match argument {
        [only] => only.is("TRUE"),
        [name, Token::Sign(first), .., last] => {
            names(name, "is_local") && matches!(first, '=' | ':') && last.is("TRUE")
        }
        _ => false,
    };
    let by_name = |argument: &&[Token<'_>]| argument.len() > 1 && is_true(argument);
    let is_local = arguments.get(2).is_some_and(|third| third.len() == 1 && is_true(third))
        || arguments.iter().any(|argument| by_name(&argument.as_slice()));
    if !is_local {
        return session("set_config", Some(CONFIG));
    }
    let encoding = |token: &Token<'_>| matches!(token, Token::Text(text) if text.eq_ignore_ascii_case("client_encoding"));
    if arguments.iter().flatten().any(encoding) {
        return session("client_encoding", Some("leave texts in UTF-8, which is what is read"));
    }
    None
}

/// The arguments of a call, behind its parenthesis.
fn arguments<'sql>(behind: &[Token<'sql>]) -> Vec<Vec<Token<'sql>>> {
    let (mut depth, mut arguments) = (0_usize, vec![Vec::new()]);
    for token in behind {
        match token {
            Token::Sign('(' | '[') => depth += 1,
            Token::Sign(')' | ']') if depth > 0 => depth -= 1,
            Token::Sign(')') => break,
            Token::Sign(',') if depth == 0 => {
                arguments.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = arguments.last_mut() {
            last.push(token.clone());
        }
    }
    arguments
}

/// `DO`, whose body is in PL/pgSQL unless it says otherwise. It may commit only where it is not within
/// a transaction, so what it begins it ends.
fn block(statement: &[Token<'_>], depth: usize) -> Found {
    let bodies = statement.iter().filter_map(|token| match token {
        Token::Text(body) => Some(&**body),
        _ => None,
    });
    for body in bodies {
        if depth >= DEEPEST {
            return session("a statement in more than 8 others", None);
        }
        let body: Vec<_> = tokens(Engine::Postgres, body).collect();
        let starts = ["BEGIN", "THEN", "ELSE", "LOOP"];
        for at in 0..body.len() {
            let rest = body.get(at..).unwrap_or_default();
            let begins =
                at.checked_sub(1).and_then(|before| body.get(before)).is_none_or(|before| {
                    matches!(before, Token::Sign(';' | '>'))
                        || starts.iter().any(|start| before.is(start))
                });
            let found = if begins && is_any(rest, 0, &IN_BLOCKS) {
                let end = rest.iter().position(|token| *token == Token::Sign(';'));
                postgres(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default(), depth + 1)
            } else if let (true, Some(Token::Text(text))) = (is(rest, 0, "EXECUTE"), rest.get(1)) {
                let dynamic: Vec<_> = tokens(Engine::Postgres, text).collect();
                postgres(&dynamic, depth + 1)
            } else {
                None
            };
            if let Some(left @ Left::Session(..)) = found {
                return Some(left);
            }
        }
        if let Some(found) = calls(&body) {
            return Some(found);
        }
    }
    None
}

/// Words that begin statements which change a session, in a block.
const IN_BLOCKS: [&str; 11] = [
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
];

fn sqlite(statement: &[Token<'_>]) -> Found {
    // What is explained does not run.
    if is(statement, 0, "EXPLAIN") {
        return None;
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
