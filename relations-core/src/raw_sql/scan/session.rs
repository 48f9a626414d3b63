//! Changes that a statement would leave behind on its connection, for its next borrower.

mod block;
mod functions;
mod sqlite;

use self::block::block;
use self::functions::calls;
use crate::dialect::Engine;
use crate::raw_sql::scan::token::Token;

/// Why a statement is refused.
#[derive(Debug, PartialEq)]
pub(super) enum Left {
    /// A transaction is begun, ended or changed.
    Transaction(String),
    /// Something of the session is changed; what to write instead, where there is something.
    Session(String, Option<&'static str>),
    /// It cannot be seen what is run; what it is, and what to write instead.
    Unseen(&'static str, &'static str),
}

type Found = Option<Left>;

const LOCAL: &str = "write `SET LOCAL` in a transaction";
const ON_COMMIT: &str = "write `ON COMMIT DROP`, in a transaction";

/// Statements that begin, end or divide a transaction.
const CONTROL: [&str; 8] =
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"];

/// The depth to which statements are looked for in texts that others run.
const DEEPEST: usize = 8;

/// The change that a statement leaves behind.
pub(super) fn left(engine: Engine, statement: &[Token<'_>]) -> Found {
    match engine {
        Engine::Postgres => postgres(statement, 0),
        Engine::Sqlite => sqlite::left(statement),
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

/// The kind of what `CREATE` makes, as `TABLE`.
pub(crate) fn created<'tokens, 'sql>(
    statement: &'tokens [Token<'sql>],
) -> Option<&'tokens Token<'sql>> {
    const BEFORE: [&str; 12] = [
        "OR",
        "REPLACE",
        "TEMP",
        "TEMPORARY",
        "GLOBAL",
        "LOCAL",
        "UNLOGGED",
        "RECURSIVE",
        "UNIQUE",
        "CONSTRAINT",
        "EVENT",
        "TRUSTED",
    ];
    let (_, behind) = statement.split_first().filter(|(create, _)| create.is("CREATE"))?;
    behind.iter().find(|token| !BEFORE.iter().any(|word| token.is(word)))
}

fn postgres(statement: &[Token<'_>], depth: usize) -> Found {
    let calls = |statement| calls(statement, depth);
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
        return set(statement, depth);
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
        let is_defined =
            created(statement).is_some_and(|kind| defines.iter().any(|one| kind.is(one)));
        return temporary(statement, depth)
            .or_else(|| if is_defined { None } else { calls(statement) });
    }
    if words(0, &["IMPORT"]) && statement.iter().any(is_temporary_schema) {
        return session("pg_temp", Some(ON_COMMIT));
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

/// The number of tokens that ask to explain the rest, which `ANALYZE` runs.
fn explained(statement: &[Token<'_>]) -> usize {
    if !is(statement, 0, "EXPLAIN") {
        return 0;
    }
    // Its options, or else the query itself.
    if is_sign(statement, 1, '(') {
        let option = statement.get(2);
        let queries = ["SELECT", "WITH", "VALUES", "TABLE"];
        let is_option = |token: &Token<'_>| {
            matches!(token, Token::Word(_)) && !queries.iter().any(|query| token.is(query))
        };
        let close = statement.iter().position(|token| *token == Token::Sign(')'));
        return if option.is_some_and(is_option) { close.map_or(1, |close| close + 1) } else { 1 };
    }
    let words = statement.iter().skip(1);
    let is_word =
        |token: &&Token<'_>| ["ANALYZE", "ANALYSE", "VERBOSE"].iter().any(|word| token.is(word));
    1 + words.take_while(is_word).count()
}

/// `SET`, which `LOCAL` ends with the transaction.
fn set(statement: &[Token<'_>], depth: usize) -> Found {
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
    if is_keyword && is(statement, at, "NAMES") {
        return local("client_encoding", "");
    }
    let (name, value) = match statement.get(at) {
        Some(Token::Word(name)) if is_keyword && name.eq_ignore_ascii_case("SCHEMA") => {
            ("search_path", statement.get(at + 1..))
        }
        Some(Token::Word(name)) => (*name, statement.get(at + 2..)),
        Some(Token::Name(name)) => (&**name, statement.get(at + 2..)),
        _ => ("", None),
    };
    local(name, &listed(value.unwrap_or_default())).or_else(|| calls(statement, depth))
}

/// The elements of a list, with commas between them.
fn listed(value: &[Token<'_>]) -> String {
    let elements = value.iter().filter_map(|token| match token {
        Token::Word(word) => Some((*word).to_owned()),
        Token::Name(name) | Token::Text(name) => Some(name.to_string()),
        _ => None,
    });
    elements.collect::<Vec<_>>().join(",")
}

/// Settings that must not change even for a transaction.
fn local(name: &str, value: &str) -> Found {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if is("client_encoding") {
        return session("client_encoding", Some("leave texts in UTF-8, which is what is read"));
    }
    if is("standard_conforming_strings") {
        return session("standard_conforming_strings", Some("write a text with escapes as `E'…'`"));
    }
    if is("search_path") {
        // Tables are made in the first schema that is there, and stay in that of the session.
        let schemas: Vec<_> =
            value.split(',').map(|schema| schema.trim_matches([' ', '"'])).collect();
        let has_other = |before: &[&str]| before.iter().any(|schema| *schema != "$user");
        let own = schemas.iter().position(|schema| is_temporary_name(schema));
        let is_first = own.is_some_and(|at| !has_other(schemas.get(..at).unwrap_or_default()));
        if is_first {
            return session("search_path = pg_temp", Some("name another schema first"));
        }
    }
    None
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
    match token {
        Token::Word(word) => is_temporary_name(word),
        Token::Name(name) => is_temporary_name(name),
        _ => false,
    }
}

fn is_temporary_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.strip_prefix("pg_temp").is_some_and(|rest| {
        let number = rest.strip_prefix('_').unwrap_or_default();
        rest.is_empty() || !number.is_empty() && number.chars().all(|one| one.is_ascii_digit())
    })
}

/// Makes a table, a view or anything else that stays until the session ends.
fn temporary(statement: &[Token<'_>], depth: usize) -> Found {
    let mut at = 1;
    if is(statement, at, "OR") && is(statement, at + 1, "REPLACE") {
        at += 2;
    }
    if is_any(statement, at, &["GLOBAL", "LOCAL"]) {
        at += 1;
    }
    let is_temporary = is_any(statement, at, &["TEMP", "TEMPORARY"]);
    let qualified = |pair: &[Token<'_>]| match pair {
        [schema, Token::Sign('.')] => is_temporary_schema(schema),
        [word, schema] => word.is("SCHEMA") && is_temporary_schema(schema),
        _ => false,
    };
    if !is_temporary && !statement.windows(2).any(qualified) {
        return None;
    }
    let mut open = 0_usize;
    let ends_with_transaction = (0..statement.len()).any(|at| {
        match statement.get(at) {
            Some(Token::Sign('(')) => open += 1,
            Some(Token::Sign(')')) => open = open.saturating_sub(1),
            _ => {}
        }
        open == 0
            && is(statement, at, "ON")
            && is(statement, at + 1, "COMMIT")
            && is(statement, at + 2, "DROP")
    });
    if ends_with_transaction {
        return calls(statement, depth);
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
        let is_insert = at.checked_sub(1).is_some_and(|before| {
            is_any(statement, before, &["INSERT", "MERGE"]) && is_verb(statement, before)
        });
        if !is(statement, at, "INTO") || is_insert {
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

/// Whether the word here is the verb of its statement, or of its query in parentheses; else it is a
/// name, as in `SELECT 1 AS insert`.
fn is_verb(statement: &[Token<'_>], at: usize) -> bool {
    let mut depth = 0_usize;
    let before = statement.get(..at).unwrap_or_default().iter().rposition(|token| {
        match token {
            Token::Sign(')') => depth += 1,
            Token::Sign('(') if depth == 0 => return true,
            Token::Sign('(') => depth -= 1,
            _ => {}
        }
        false
    });
    let begin = before.map_or(0, |parenthesis| parenthesis + 1);
    if begin == at || !is(statement, begin, "WITH") {
        return begin == at;
    }
    // The first verb behind the queries of `WITH`.
    let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE"];
    let mut depth = 0_usize;
    for place in begin..at {
        match statement.get(place) {
            Some(Token::Sign('(')) => depth += 1,
            Some(Token::Sign(')')) => depth = depth.saturating_sub(1),
            _ => {}
        }
        let names = place > begin
            && (is_any(statement, place - 1, &["WITH", "RECURSIVE"])
                || is_sign(statement, place - 1, ','));
        if depth == 0 && !names && is_any(statement, place, &verbs) {
            return false;
        }
    }
    true
}
