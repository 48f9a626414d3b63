//! The names of constraints, which SQLite keeps nowhere but in the text of `CREATE TABLE`.

use rusqlite::{Connection, OptionalExtension};

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) name: Option<String>,
    pub(crate) kind: ConstraintKind,
    /// The columns that it is over; none of a check.
    pub(crate) columns: Vec<String>,
    /// Whether a foreign key is checked at the end of the transaction.
    pub(crate) deferred: bool,
}

/// The demand of a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConstraintKind {
    PrimaryKey,
    Unique,
    ForeignKey,
    Check,
}

/// The constraints of a table; none where it is not known.
pub(crate) fn constraints(connection: &Connection, table: &str) -> Vec<Declared> {
    let text = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
    let sql = connection.query_row(text, [table], |row| row.get::<_, Option<String>>(0)).optional();
    sql.ok().flatten().flatten().map(|sql| constraints_of(&sql)).unwrap_or_default()
}

/// The name of the constraint of some kind over some columns.
pub(crate) fn name_of(
    connection: &Connection,
    table: &str,
    kinds: &[ConstraintKind],
    columns: &[String],
) -> Option<String> {
    let is_same = |own: &[String]| {
        own.len() == columns.len()
            && own.iter().all(|one| columns.iter().any(|other| is(one, other)))
    };
    let mut all = constraints(connection, table).into_iter();
    all.find(|one| kinds.contains(&one.kind) && is_same(&one.columns))?.name
}

fn is(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// A word, a name in quotes, or a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
enum DdlToken {
    Word(String),
    Quoted(String),
    Sign(char),
}

impl DdlToken {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            Self::Sign(_) => None,
        }
    }
}

/// The constraints in the text of a `CREATE TABLE`.
fn constraints_of(sql: &str) -> Vec<Declared> {
    let tokens = tokens(sql);
    let open = tokens.iter().position(|token| *token == DdlToken::Sign('('));
    let body = open.and_then(|open| tokens.get(open + 1..)).unwrap_or_default();
    let mut all = Vec::new();
    for definition in divided(body) {
        constraints_in(definition, &mut all);
    }
    all
}

/// The definitions of a table, which commas divide that are in no brackets.
fn divided(body: &[DdlToken]) -> Vec<&[DdlToken]> {
    let (mut all, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, token) in body.iter().enumerate() {
        match token {
            DdlToken::Sign('(') => depth += 1,
            DdlToken::Sign(')') if depth == 0 => {
                all.extend(body.get(start..at));
                return all;
            }
            DdlToken::Sign(')') => depth -= 1,
            DdlToken::Sign(',') if depth == 0 => {
                all.extend(body.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    all.extend(body.get(start..));
    all
}

/// The constraints in the definition of a column, or the one that stands by itself.
fn constraints_in(definition: &[DdlToken], all: &mut Vec<Declared>) {
    let by_itself = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
    let of_table =
        definition.first().is_some_and(|first| by_itself.iter().any(|word| first.is(word)));
    let column = if of_table { None } else { definition.first().and_then(DdlToken::name) };
    let (mut name, mut depth) = (None, 0_i32);
    for (at, token) in definition.iter().enumerate().skip(usize::from(!of_table)) {
        let next = definition.get(at + 1);
        let kind = match token {
            DdlToken::Sign('(') => {
                depth += 1;
                continue;
            }
            DdlToken::Sign(')') => {
                depth -= 1;
                continue;
            }
            _ if depth > 0 => continue,
            token if token.is("CONSTRAINT") => {
                name = next.and_then(DdlToken::name).map(str::to_owned);
                continue;
            }
            token if token.is("PRIMARY") => ConstraintKind::PrimaryKey,
            token if token.is("UNIQUE") => ConstraintKind::Unique,
            token if token.is("CHECK") => ConstraintKind::Check,
            token if token.is("FOREIGN") => ConstraintKind::ForeignKey,
            token if token.is("REFERENCES") && !of_table => ConstraintKind::ForeignKey,
            // A name is of the constraint that follows it.
            token
                if ["NOT", "NULL", "DEFAULT", "COLLATE", "GENERATED"]
                    .iter()
                    .any(|word| token.is(word)) =>
            {
                if !definition.get(at.wrapping_sub(1)).is_some_and(|before| before.is("CONSTRAINT"))
                {
                    name = None;
                }
                continue;
            }
            _ => continue,
        };
        let columns = match (kind, column) {
            (ConstraintKind::Check, _) => Vec::new(),
            (_, Some(column)) => vec![column.to_owned()],
            (_, None) => listed(definition.get(at..).unwrap_or_default()),
        };
        let deferred = kind == ConstraintKind::ForeignKey
            && is_deferred(definition.get(at + 1..).unwrap_or_default());
        all.push(Declared { name: name.take(), kind, columns, deferred });
        if of_table {
            return;
        }
    }
}

/// Whether a foreign key is `DEFERRABLE INITIALLY DEFERRED`, of whose definition this is the rest.
fn is_deferred(rest: &[DdlToken]) -> bool {
    rest.windows(3).enumerate().any(|(at, words)| {
        let is_negated =
            at.checked_sub(1).and_then(|at| rest.get(at)).is_some_and(|one| one.is("NOT"));
        let spelled = ["DEFERRABLE", "INITIALLY", "DEFERRED"];
        !is_negated && words.iter().zip(spelled).all(|(one, word)| one.is(word))
    })
}

/// The names in the first brackets, each the first of what commas divide.
fn listed(tokens: &[DdlToken]) -> Vec<String> {
    let open = tokens.iter().position(|token| *token == DdlToken::Sign('('));
    let list = open.and_then(|open| tokens.get(open + 1..)).unwrap_or_default();
    divided(list).iter().filter_map(|part| part.first()?.name()).map(str::to_owned).collect()
}

/// The words, names and signs of a text, without its comments.
fn tokens(sql: &str) -> Vec<DdlToken> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        match first {
            '-' if after.starts_with('-') => {
                rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
            }
            '/' if after.starts_with('*') => {
                rest = after.split_once("*/").map_or("", |(_, rest)| rest);
            }
            '"' | '`' | '\'' | '[' => {
                let (name, left) = quoted(after, if first == '[' { ']' } else { first });
                tokens.push(DdlToken::Quoted(name));
                rest = left;
            }
            _ if first.is_whitespace() => rest = after,
            _ if is_of_word(first) => {
                let end = rest.find(|character| !is_of_word(character)).unwrap_or(rest.len());
                tokens.push(DdlToken::Word(rest.get(..end).unwrap_or_default().to_owned()));
                rest = rest.get(end..).unwrap_or_default();
            }
            sign => {
                tokens.push(DdlToken::Sign(sign));
                rest = after;
            }
        }
    }
    tokens
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$' || !character.is_ascii()
}

/// A name up to its closing quote, of which two are one, and what comes behind.
fn quoted(text: &str, quote: char) -> (String, &str) {
    let (mut name, mut rest) = (String::new(), text);
    loop {
        let Some((before, after)) = rest.split_once(quote) else {
            return (name + rest, "");
        };
        name.push_str(before);
        match after.strip_prefix(quote) {
            Some(more) if quote != ']' => {
                name.push(quote);
                rest = more;
            }
            _ => return (name, after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_the_text_of_a_table() {
        let sql = r#"CREATE TABLE "o(rders" (
            id INTEGER PRIMARY KEY, -- CONSTRAINT no UNIQUE
            a TEXT NOT NULL CONSTRAINT "a ""one""" UNIQUE DEFAULT 'CONSTRAINT x',
            b INTEGER CONSTRAINT to_b REFERENCES b (id) ON DELETE CASCADE DEFERRABLE /* y */ INITIALLY DEFERRED,
            c INTEGER CONSTRAINT c_there NOT NULL REFERENCES c,
            d numeric(10, 2) CHECK (d > 0) CONSTRAINT [d small] CHECK (d < 9),
            CONSTRAINT `pair` UNIQUE (a COLLATE NOCASE, "b" DESC),
            FOREIGN KEY (b, c) REFERENCES bc (b, c) NOT DEFERRABLE INITIALLY DEFERRED,
            constraint Named foreign key ("c") references c (id)
        ) STRICT"#;
        let known = |name: Option<&str>, kind, columns: &[&str]| Declared {
            name: name.map(str::to_owned),
            kind,
            deferred: name == Some("to_b"),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
        };
        assert_eq!(
            constraints_of(sql),
            [
                known(None, ConstraintKind::PrimaryKey, &["id"]),
                known(Some("a \"one\""), ConstraintKind::Unique, &["a"]),
                known(Some("to_b"), ConstraintKind::ForeignKey, &["b"]),
                known(None, ConstraintKind::ForeignKey, &["c"]),
                known(None, ConstraintKind::Check, &[]),
                known(Some("d small"), ConstraintKind::Check, &[]),
                known(Some("pair"), ConstraintKind::Unique, &["a", "b"]),
                known(None, ConstraintKind::ForeignKey, &["b", "c"]),
                known(Some("Named"), ConstraintKind::ForeignKey, &["c"]),
            ]
        );
    }
}
