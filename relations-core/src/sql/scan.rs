//! What can be seen of a statement of the user's own before it is sent.

use crate::engine::Engine;
use crate::error::{Error, Result, counted};
use crate::value::{NUL, has_nul};

/// Makes sure that there is a statement and one alone, which has a placeholder for each value and
/// leaves transactions alone.
pub(super) fn check(engine: Engine, sql: &str, values: usize) -> Result<()> {
    if has_nul(sql) {
        return Err(Error::refused(format!("the SQL {NUL}")));
    }
    let scanned = Scanned::of(engine, sql);
    if scanned.is_nothing {
        return Err(Error::refused("there is no statement in the SQL; write one"));
    }
    if let Some(word) = CONTROL.iter().find(|word| scanned.begins_with(word)) {
        return Err(Error::refused(format!(
            "`{word}` would leave a transaction open, or end one, behind the back of its \
             connection; begin a transaction with `db.begin()`, and let it end itself",
        )));
    }
    // A trigger or a function holds statements of its own; the engine sees where it ends.
    if scanned.is_several && !scanned.begins_with("CREATE") {
        return Err(Error::refused(
            "there is more than one statement; run each by itself, in a transaction if they \
             belong together",
        ));
    }
    if scanned.placeholders != values {
        return Err(Error::refused(format!(
            "the SQL asks for {} and is given {values}; number placeholders from `$1` on, and \
             give one value for each number",
            counted(scanned.placeholders, "value"),
        )));
    }
    Ok(())
}

/// What begins or ends a transaction.
const CONTROL: [&str; 8] =
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"];

/// What is seen in SQL outside of its texts, names and comments.
#[derive(Debug, Default)]
struct Scanned<'sql> {
    /// The first word.
    verb: Option<&'sql str>,
    /// The highest number of a placeholder.
    placeholders: usize,
    /// Whether there is no statement at all.
    is_nothing: bool,
    /// Whether something follows a semicolon.
    is_several: bool,
}

impl<'sql> Scanned<'sql> {
    fn of(engine: Engine, sql: &'sql str) -> Self {
        let mut scanned = Self { is_nothing: true, ..Self::default() };
        let mut is_ended = false;
        let mut rest = sql;
        while let Some((token, behind)) = next(engine, rest) {
            rest = behind;
            match token {
                Token::Nothing => continue,
                Token::Semicolon => {
                    is_ended = true;
                    continue;
                }
                Token::Word(word) => {
                    scanned.verb.get_or_insert(word);
                }
                Token::Placeholder(number) => {
                    scanned.placeholders = scanned.placeholders.max(number);
                }
                Token::Other => {}
            }
            scanned.is_nothing = false;
            scanned.is_several |= is_ended;
        }
        scanned
    }

    fn begins_with(&self, word: &str) -> bool {
        self.verb.is_some_and(|verb| verb.eq_ignore_ascii_case(word))
    }
}

enum Token<'sql> {
    /// A space or a comment.
    Nothing,
    Semicolon,
    /// A keyword, or a name without quotes.
    Word(&'sql str),
    Placeholder(usize),
    /// A text, a name in quotes, a sign.
    Other,
}

/// The next token, and what is behind it.
fn next(engine: Engine, sql: &str) -> Option<(Token<'_>, &str)> {
    let mut characters = sql.chars();
    let first = characters.next()?;
    let behind = characters.as_str();
    Some(match first {
        ';' => (Token::Semicolon, behind),
        _ if first.is_whitespace() => (Token::Nothing, behind),
        '-' if behind.starts_with('-') => (Token::Nothing, after(behind, "\n")),
        '/' if behind.starts_with('*') => (Token::Nothing, after_comment(engine, behind)),
        '\'' | '"' => (Token::Other, after_quoted(behind, first, false)),
        '`' if engine == Engine::Sqlite => (Token::Other, after_quoted(behind, first, false)),
        // On PostgreSQL this is an element of an array.
        '[' if engine == Engine::Sqlite => (Token::Other, after(behind, "]")),
        '$' => match (number(behind), engine) {
            (Some((number, behind)), _) => (Token::Placeholder(number), behind),
            (None, Engine::Postgres) => (Token::Other, after_dollars(behind)),
            (None, Engine::Sqlite) => (Token::Other, behind),
        },
        _ if is_of_word(first) => word(engine, sql),
        _ => (Token::Other, behind),
    })
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// A word; a `$` may be within it. An `E` before a quote says that the text has escapes.
fn word(engine: Engine, sql: &str) -> (Token<'_>, &str) {
    let end = sql.find(|one: char| !is_of_word(one) && one != '$').unwrap_or(sql.len());
    let (word, behind) = sql.split_at(end);
    match behind.strip_prefix('\'') {
        Some(text) if engine == Engine::Postgres && word.eq_ignore_ascii_case("e") => {
            (Token::Other, after_quoted(text, '\'', true))
        }
        _ => (Token::Word(word), behind),
    }
}

/// The number that a text begins with.
fn number(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|one: char| !one.is_ascii_digit()).unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    Some((digits.parse().ok()?, behind))
}

/// What is behind the end of something; nothing where it does not end.
fn after<'sql>(sql: &'sql str, end: &str) -> &'sql str {
    sql.split_once(end).map_or("", |(_, behind)| behind)
}

/// What is behind a text or a name, in which a quote is written twice.
fn after_quoted(sql: &str, quote: char, has_escapes: bool) -> &str {
    let mut characters = sql.chars();
    while let Some(one) = characters.next() {
        if has_escapes && one == '\\' {
            characters.next();
        } else if one == quote {
            match characters.as_str().strip_prefix(quote) {
                Some(behind) => characters = behind.chars(),
                None => return characters.as_str(),
            }
        }
    }
    ""
}

/// What is behind a comment, which PostgreSQL nests.
fn after_comment(engine: Engine, sql: &str) -> &str {
    let (mut depth, mut rest) = (1, sql.strip_prefix('*').unwrap_or(sql));
    while depth > 0 && !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix("*/") {
            (depth, rest) = (depth - 1, behind);
        } else if let Some(behind) = rest.strip_prefix("/*").filter(|_| engine == Engine::Postgres)
        {
            (depth, rest) = (depth + 1, behind);
        } else {
            rest = skip_one(rest);
        }
    }
    rest
}

/// What is behind a text in dollars, `$$…$$` or `$tag$…$tag$`.
fn after_dollars(sql: &str) -> &str {
    match sql.find('$').map(|end| sql.split_at(end)) {
        Some((tag, text)) if tag.chars().all(is_of_word) => {
            after(skip_one(text), &format!("${tag}$"))
        }
        _ => sql,
    }
}

fn skip_one(sql: &str) -> &str {
    let mut characters = sql.chars();
    characters.next();
    characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(engine: Engine, sql: &str) -> usize {
        Scanned::of(engine, sql).placeholders
    }

    #[test]
    fn the_highest_number_counts_wherever_a_placeholder_can_stand() {
        let cases = [
            ("", 0),
            ("SELECT 1", 0),
            ("SELECT $1, $2, $1", 2),
            ("SELECT $12", 12),
            ("SELECT a=$1AND b", 1),
            ("SELECT '$1', \"$2\", 'it''s $3', $4", 4),
            ("SELECT $1 -- $2\n, $3", 3),
            ("SELECT $1 /* $2 */ + $3", 3),
            ("SELECT 'é', $1", 1),
            ("SELECT foo$2, $1", 1),
            ("SELECT '$1", 0),
            ("SELECT /* $1", 0),
        ];
        for (sql, expected) in cases {
            for engine in [Engine::Postgres, Engine::Sqlite] {
                assert_eq!(placeholders(engine, sql), expected, "{engine:?}: {sql}");
            }
        }
    }

    #[test]
    fn texts_and_comments_end_where_the_engine_says() {
        let cases = [
            (r"SELECT E'\' $1 ', $2", 2, 1),
            (r"SELECT '\', $1, '", 1, 1),
            ("SELECT $$ $2 $$, $1", 1, 2),
            ("SELECT $a$ $2 $$ $3 $a$, $1", 1, 3),
            ("SELECT /* /* $1 */ $2 */ , $1", 1, 2),
            ("SELECT /* /* */ $2", 0, 2),
            ("SELECT [$1]", 1, 0),
            ("SELECT `$1`", 1, 0),
        ];
        for (sql, on_postgres, on_sqlite) in cases {
            assert_eq!(placeholders(Engine::Postgres, sql), on_postgres, "{sql}");
            assert_eq!(placeholders(Engine::Sqlite, sql), on_sqlite, "{sql}");
        }
    }

    #[test]
    fn a_second_statement_is_seen() {
        let cases = [
            ("SELECT 1", false),
            ("SELECT 1;", false),
            ("SELECT 1; -- done", false),
            ("SELECT ';'; /* ; */ ;", false),
            ("SELECT 1; SELECT 2", true),
            ("; SELECT 1", true),
        ];
        for (sql, expected) in cases {
            assert_eq!(Scanned::of(Engine::Postgres, sql).is_several, expected, "{sql}");
        }
    }

    #[test]
    fn a_text_without_a_statement_is_refused() {
        for sql in ["", " \n", ";;", "-- nothing", "/* SELECT 1 */ ;"] {
            assert!(check(Engine::Sqlite, sql, 0).is_err(), "{sql}");
        }
    }

    #[test]
    fn what_holds_transactions_is_refused() {
        for sql in ["begin", " -- now\n COMMIT", "/* x */rollback to a", "START TRANSACTION"] {
            assert!(check(Engine::Postgres, sql, 0).is_err(), "{sql}");
        }
        for sql in ["SELECT 1 AS begin", "\"commit\"", "beginning", "(SELECT 1)"] {
            assert!(check(Engine::Postgres, sql, 0).is_ok(), "{sql}");
        }
    }
}
