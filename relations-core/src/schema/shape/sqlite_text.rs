//! The text of a `CREATE` statement, which alone keeps the expressions and the names of constraints
//! that SQLite's pragmas do not tell.

use std::ops::Range;

/// The parts of a table that only its text tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TableText {
    /// Generated columns and their expressions.
    pub(super) generated: Vec<(String, String)>,
    /// The names of checks, and their conditions.
    pub(super) checks: Vec<(Option<String>, String)>,
    /// The foreign keys.
    pub(super) foreign_keys: Vec<ForeignKeyText>,
}

/// The parts of a foreign key that only its text tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ForeignKeyText {
    pub(super) name: Option<String>,
    pub(super) columns: Vec<String>,
    /// Whether it may wait for the end of the transaction, and does.
    pub(super) deferrable: bool,
    pub(super) deferred: bool,
}

/// A word, a quoted name or text, or a sign; and its place in the text.
#[derive(Debug)]
struct SchemaToken {
    text: String,
    quoted: bool,
    at: Range<usize>,
}

impl SchemaToken {
    fn is(&self, word: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(word)
    }
}

/// The condition of a partial index. `None` where all rows are in it.
pub(super) fn condition(create_index: &str) -> Option<String> {
    let (mut depth, tokens) = (0_i32, tokens(create_index));
    let end = tokens.iter().find_map(|token| {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        (depth == 0 && token.is("WHERE")).then_some(token.at.end)
    })?;
    Some(create_index.get(end..)?.trim().trim_end_matches(';').trim().to_owned())
}

/// The parts of a table, out of its `CREATE TABLE`.
pub(super) fn table(create_table: &str) -> TableText {
    let tokens = tokens(create_table);
    let Some(open) = tokens.iter().position(|token| token.is("(")) else {
        return TableText::default();
    };
    let mut found = TableText::default();
    for definition in divided(tokens.get(open + 1..).unwrap_or_default()) {
        read(create_table, definition, &mut found);
    }
    found
}

/// Reads the definition of a column, or of a constraint that stands by itself.
fn read(sql: &str, definition: &[SchemaToken], found: &mut TableText) {
    let by_itself = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
    let of_table = definition.first().is_some_and(|one| by_itself.iter().any(|word| one.is(word)));
    let column = definition.first().map(|token| token.text.clone()).filter(|_| !of_table);
    let (mut name, mut depth, mut held): (Option<String>, i32, bool) = (None, 0, false);
    for (at, token) in definition.iter().enumerate().skip(usize::from(!of_table)) {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        let rest = definition.get(at + 1..).unwrap_or_default();
        if depth > 0 {
            continue;
        }
        if token.is("CONSTRAINT") {
            name = rest.first().map(|token| token.text.clone());
        } else if token.is("CHECK") {
            found.checks.extend(bracketed(sql, rest).map(|condition| (name.take(), condition)));
        } else if let (true, Some(column)) = (token.is("AS"), &column) {
            let expression = bracketed(sql, rest);
            found.generated.extend(expression.map(|expression| (column.clone(), expression)));
        } else if token.is("FOREIGN") || (token.is("REFERENCES") && column.is_some()) {
            let columns = column.clone().map_or_else(|| listed(rest), |column| vec![column]);
            let name = name.take();
            found.foreign_keys.push(ForeignKeyText { name, columns, ..ForeignKeyText::default() });
            held = true;
        } else if let (true, Some(key)) = (held, found.foreign_keys.last_mut())
            && (token.is("DEFERRABLE") || token.is("INITIALLY"))
        {
            let before = at.checked_sub(1).and_then(|at| definition.get(at));
            key.deferrable |= token.is("DEFERRABLE") && !before.is_some_and(|one| one.is("NOT"));
            key.deferred |= rest.first().is_some_and(|next| next.is("DEFERRED"));
        } else if ["PRIMARY", "UNIQUE", "NOT", "DEFAULT"].iter().any(|word| token.is(word)) {
            // A name is that of the constraint behind it alone.
            name = None;
        }
    }
}

/// The text between the first bracket and the one that closes it.
fn bracketed(sql: &str, tokens: &[SchemaToken]) -> Option<String> {
    let start = tokens.first().filter(|token| token.is("("))?.at.end;
    let mut depth = 0_i32;
    let end = tokens.iter().find_map(|token| {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        (depth == 0).then_some(token.at.start)
    })?;
    Some(sql.get(start..end)?.trim().to_owned())
}

/// The names in the first brackets.
fn listed(tokens: &[SchemaToken]) -> Vec<String> {
    let open = tokens.iter().position(|token| token.is("("));
    let list = open.and_then(|open| tokens.get(open + 1..)).unwrap_or_default();
    divided(list).iter().filter_map(|part| Some(part.first()?.text.clone())).collect()
}

/// The parts up to the closing bracket, which commas divide that are in no brackets of their own.
fn divided(body: &[SchemaToken]) -> Vec<&[SchemaToken]> {
    let (mut all, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, token) in body.iter().enumerate() {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth -= 1;
        }
        if depth < 0 || (depth == 0 && token.is(",")) {
            all.extend(body.get(start..at));
            start = at + 1;
        }
        if depth < 0 {
            return all;
        }
    }
    all.extend(body.get(start..));
    all
}

fn tokens(sql: &str) -> Vec<SchemaToken> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = sql.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = sql.get(at..).unwrap_or_default();
        let length = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' | '`' | '\'' | '[' => {
                let (text, length) = quoted(rest, if first == '[' { ']' } else { first });
                tokens.push(SchemaToken { text, quoted: true, at: at..at + length });
                length
            }
            _ if first.is_whitespace() => first.len_utf8(),
            _ => {
                let is_word = |c: char| c.is_alphanumeric() || "_$".contains(c) || !c.is_ascii();
                let end = if is_word(first) {
                    rest.find(|character| !is_word(character)).unwrap_or(rest.len())
                } else {
                    first.len_utf8()
                };
                let text = rest.get(..end).unwrap_or_default().to_owned();
                tokens.push(SchemaToken { text, quoted: false, at: at..at + end });
                end
            }
        };
        at += length.max(1);
    }
    tokens
}

/// The text in quotes, of which two are one, and the length of all of it.
fn quoted(rest: &str, close: char) -> (String, usize) {
    let (mut text, mut characters) = (String::new(), rest.char_indices().skip(1).peekable());
    while let Some((at, character)) = characters.next() {
        if character != close {
            text.push(character);
        } else if close != ']' && characters.next_if(|(_, next)| *next == close).is_some() {
            text.push(close);
        } else {
            return (text, at + character.len_utf8());
        }
    }
    (text, rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_and_names_are_found() {
        let sql = r#"CREATE TABLE "a(b" (
            id INTEGER PRIMARY KEY, -- CHECK (no)
            total INT GENERATED ALWAYS AS (price * (1 + "tax)")) STORED CHECK (total > 0),
            twice AS (price + price), note TEXT DEFAULT 'CHECK (x)' CONSTRAINT "to" REFERENCES b,
            other INT REFERENCES b NOT DEFERRABLE INITIALLY DEFERRED,
            CONSTRAINT pair FOREIGN KEY (a, [b c]) REFERENCES c (d, e) ON DELETE CASCADE
            DEFERRABLE INITIALLY DEFERRED,
            CONSTRAINT small CHECK (id < 9 /* ) */)
        )"#;
        let text = |text: &str| text.to_owned();
        assert_eq!(
            table(sql),
            TableText {
                generated: vec![
                    (text("total"), text("price * (1 + \"tax)\")")),
                    (text("twice"), text("price + price")),
                ],
                checks: vec![
                    (None, text("total > 0")),
                    (Some(text("small")), text("id < 9 /* ) */")),
                ],
                foreign_keys: vec![
                    ForeignKeyText {
                        name: Some(text("to")),
                        columns: vec![text("note")],
                        ..ForeignKeyText::default()
                    },
                    ForeignKeyText {
                        columns: vec![text("other")],
                        deferred: true,
                        ..ForeignKeyText::default()
                    },
                    ForeignKeyText {
                        name: Some(text("pair")),
                        columns: vec![text("a"), text("b c")],
                        deferrable: true,
                        deferred: true,
                    },
                ],
            }
        );
        assert_eq!(
            condition("CREATE INDEX i ON t (lower(\"where (\")) WHERE a = 'x' ;"),
            Some(text("a = 'x'"))
        );
        assert_eq!(condition("CREATE INDEX i ON t (\"where\")"), None);
    }
}
