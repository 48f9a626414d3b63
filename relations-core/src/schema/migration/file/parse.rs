//! The steps of a text.

use super::{Migration, Predecessor, WrittenStep, checksum, normalized};
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::raw_sql::scan::token::{Token, next, tokens};
use crate::schema::migration::step::{Mode, Rebuild, Step};

impl Migration {
    /// Reads the text of a file.
    ///
    /// A step begins with a line `-- step: transaction` or `-- step: alone`. The comments behind it may
    /// hold `-- unless: SELECT …` and `-- refuse: rows in a sentence: SELECT count(*) …`. SQL in front of
    /// the first step is one in a transaction.
    ///
    /// # Errors
    ///
    /// The text is not one of a migration; the error tells the line
    /// ([`Error::is_invalid_request`](crate::Error::is_invalid_request)).
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let whole = normalized(text);
        let wrong = |line: usize, why: String| {
            Error::invalid_request(format!("`{name}.sql`, line {line}: {why}"))
        };
        let mut migration = Self {
            name: name.to_owned(),
            engine: Engine::Postgres,
            after: None,
            steps: Vec::new(),
            checksum: checksum(text),
        };
        let header = whole.lines().take_while(|line| line.is_empty() || line.starts_with("--"));
        let header: Vec<_> = header.take_while(|line| !line.starts_with("-- step:")).collect();
        let (mut engine, mut has_after) = (None, false);
        for (at, line) in header.iter().enumerate() {
            if let Some(written) = line.strip_prefix("-- engine:") {
                engine = Some(match written.trim() {
                    "postgres" => Engine::Postgres,
                    "sqlite" => Engine::Sqlite,
                    other => {
                        let why = format!("unknown engine `{other}`; write `postgres` or `sqlite`");
                        return Err(wrong(at + 1, why));
                    }
                });
            } else if let Some(written) = line.strip_prefix("-- after:") {
                has_after = true;
                migration.after = after(written.trim());
                if migration.after.is_none() && written.trim() != "nothing" {
                    let why = "expected `-- after: nothing` or `-- after: NAME sha256:…`";
                    return Err(wrong(at + 1, why.to_owned()));
                }
            }
        }
        let Some(engine) = engine.filter(|_| has_after) else {
            let why = "expected `-- engine: …` and `-- after: …` at the top; `generate --empty` makes a \
                       file with both";
            return Err(wrong(1, why.to_owned()));
        };
        migration.engine = engine;
        let behind: usize = header.iter().map(|line| line.len() + 1).sum();
        let body = whole.get(behind..).unwrap_or_default();
        for (line, text) in blocks(engine, body) {
            let line = header.len() + line;
            let step = step(engine, text).map_err(|(at, why)| wrong(line + at, why))?;
            migration.steps.push(WrittenStep { step, text: normalized(text), line });
        }
        Ok(migration)
    }
}

/// The file before; `None` where the line is not understood.
fn after(written: &str) -> Option<Predecessor> {
    let (name, checksum) = written.split_once(" sha256:")?;
    let is_sum = checksum.len() == 64 && checksum.chars().all(|one| one.is_ascii_hexdigit());
    is_sum.then(|| Predecessor::new(name, checksum))
}

/// The texts of the steps, each with the number of its first line from 1 on. A line within a text or a
/// comment begins no step.
fn blocks(engine: Engine, body: &str) -> Vec<(usize, &str)> {
    let mut starts = Vec::new();
    let mut rest = body;
    while let Some((token, behind)) = next(engine, rest) {
        let at = body.len() - rest.len();
        let begins_line = at == 0 || body.get(..at).is_some_and(|before| before.ends_with('\n'));
        if token.is_none() && begins_line && rest.starts_with("-- step:") {
            starts.push(at);
        } else if token.is_some() && starts.is_empty() {
            starts.push(0);
        }
        rest = behind;
    }
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    let blocks = starts.iter().zip(ends).filter_map(|(start, end)| {
        let line = body.get(..*start)?.matches('\n').count() + 1;
        Some((line, body.get(*start..end)?))
    });
    blocks.collect()
}

/// A step, or the number of its wrong line from 0 on and what is wrong.
fn step(engine: Engine, text: &str) -> std::result::Result<Step, (usize, String)> {
    let mut step = Step::default();
    let comments = text.lines().take_while(|line| line.is_empty() || line.starts_with("--"));
    for (at, line) in comments.enumerate() {
        let line = line.trim_start_matches("--").trim();
        let wrong = |why: String| (at, why);
        match line.split_once(':').map(|(word, rest)| (word, rest.trim())) {
            Some(("step", "transaction")) => {}
            Some(("step", "alone")) => step.mode = Mode::Alone,
            Some(("step", other)) => {
                let why = format!("unknown step `{other}`; write `transaction` or `alone`");
                return Err(wrong(why));
            }
            Some(("unless", query)) => step.unless = Some(one_query(engine, query).map_err(wrong)?),
            Some(("refuse", rest)) => {
                let (told, query) = rest.split_once(": ").ok_or_else(|| {
                    wrong("expected `-- refuse: rows in a sentence: SELECT count(*) …`".to_owned())
                })?;
                step.refuse.push((told.to_owned(), one_query(engine, query).map_err(wrong)?));
            }
            Some(("rebuild", rest)) => {
                let (head, indexes) = rest.rsplit_once(')').unwrap_or((rest, ""));
                let all = |text| -> Vec<String> {
                    let names = tokens(engine, text).filter_map(|token| match token {
                        Token::Name(name) => Some(name.into_owned()),
                        Token::Word(name) => Some(name.to_owned()),
                        _ => None,
                    });
                    names.collect()
                };
                let mut names = all(head).into_iter();
                let table = names.next().ok_or_else(|| {
                    wrong("expected `-- rebuild: \"table\" (\"column\", …)`".to_owned())
                })?;
                step.rebuild =
                    Some(Rebuild { table, columns: names.collect(), indexes: all(indexes) });
            }
            _ if line.is_empty() => {}
            _ => step.comments.push(line.to_owned()),
        }
    }
    step.statements = statements(engine, text);
    Ok(step)
}

fn one_query(engine: Engine, query: &str) -> std::result::Result<String, String> {
    let query = query.trim().trim_end_matches(';').trim_end();
    let mut tokens = tokens(engine, query);
    let first = tokens.next();
    if !first.is_some_and(|token| token.is("SELECT") || token.is("WITH")) {
        return Err("expected a query, `SELECT …`, on this line".to_owned());
    }
    if tokens.any(|token| token == Token::Sign(';')) {
        return Err("expected one query on this line".to_owned());
    }
    Ok(query.to_owned())
}

/// The statements of a text. Those between `BEGIN` and `END` of a trigger or a function are a part of it.
pub(super) fn statements(engine: Engine, text: &str) -> Vec<String> {
    let (mut all, mut rest, mut start) = (Vec::new(), text, None);
    // The last tokens of the statement, which tell where a body ends.
    let (mut words, mut has_body, mut last) = (0_u32, false, [None, None]);
    let mut is_trigger = false;
    while let Some((token, behind)) = next(engine, rest) {
        let at = text.len() - rest.len();
        rest = behind;
        let Some(token) = token else { continue };
        if start.is_none() && token == Token::Sign(';') {
            continue;
        }
        start.get_or_insert(at);
        words += 1;
        is_trigger |= words <= 4 && engine == Engine::Sqlite && token.is("TRIGGER");
        let is_begin = token.is("BEGIN") && is_trigger || token.is("ATOMIC");
        has_body |= is_begin && words > 1;
        let is_end = token == Token::Sign(';')
            && (!has_body || matches!(&last, [Some(Token::Sign(';')), Some(end)] if end.is("END")));
        let [_, before] = last;
        last = [before, Some(token)];
        if is_end {
            let end = text.get(start.unwrap_or(at)..at);
            all.extend(end.map(|statement| statement.trim().to_owned()));
            (start, words, has_body, is_trigger, last) = (None, 0, false, false, [None, None]);
        }
    }
    let end = start.and_then(|start| text.get(start..));
    all.extend(end.map(|statement| statement.trim().to_owned()));
    all
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::schema::migration::file::render;

    const SUM: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn what_is_written_is_read() {
        let steps = vec![
            Step {
                comments: vec!["adds a thing".to_owned()],
                refuse: vec![("of `a` are wrong".to_owned(), "SELECT count(*) FROM a".to_owned())],
                statements: vec![
                    "ALTER TABLE a ADD b text DEFAULT ';'".to_owned(),
                    "SELECT 1".to_owned(),
                ],
                ..Step::default()
            },
            Step {
                mode: Mode::Alone,
                unless: Some("SELECT EXISTS (SELECT 1)".to_owned()),
                rebuild: Some(Rebuild {
                    table: "a \"b".to_owned(),
                    columns: vec!["c d".to_owned(), "e".to_owned()],
                    indexes: vec!["i".to_owned()],
                }),
                statements: vec!["CREATE INDEX i ON a (b)".to_owned()],
                ..Step::default()
            },
        ];
        let before = Predecessor { name: "1_first".to_owned(), checksum: SUM.to_owned() };
        let text = render(Engine::Postgres, Some(&before), &steps);
        let read = Migration::parse("2_second", &text).unwrap();
        assert_eq!(read.after, Some(before));
        assert_eq!(read.steps.iter().map(|one| one.step.clone()).collect::<Vec<_>>(), steps);
        assert_eq!(read.steps.iter().map(|one| one.line).collect::<Vec<_>>(), [5, 11]);
    }

    #[test]
    fn line_ends_and_blanks_do_not_count() {
        let text = "-- a\nSELECT 1;\n";
        for same in [
            "-- a\r\nSELECT 1;\r\n",
            "-- a  \nSELECT 1;\t\n\n\n",
            "-- a\nSELECT 1;",
            "\u{feff}-- a\nSELECT 1;\n",
        ] {
            assert_eq!(checksum(same), checksum(text), "{same:?}");
        }
        for other in ["-- a\n\nSELECT 1;\n", "-- a\n SELECT 1;\n", "-- b\nSELECT 1;\n"] {
            assert_ne!(checksum(other), checksum(text), "{other:?}");
        }
        // The sum that `sha256sum` tells of the file.
        assert_eq!(
            checksum("abc\n"),
            "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb"
        );
    }

    #[test]
    fn statements_end_where_the_engine_ends_them() {
        let of = |engine, text| statements(engine, text);
        assert_eq!(
            of(Engine::Postgres, "SELECT ';'; -- a; b\nDO $$ BEGIN a; END $$;; SELECT 2 /* ; */ ;"),
            ["SELECT ';'", "DO $$ BEGIN a; END $$", "SELECT 2 /* ; */"]
        );
        assert_eq!(
            of(
                Engine::Postgres,
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 3"
            ),
            [
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
                "SELECT 3"
            ]
        );
        assert_eq!(
            of(
                Engine::Sqlite,
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; END;\nSELECT 1;"
            ),
            [
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; END",
                "SELECT 1"
            ]
        );
    }

    #[test]
    fn a_step_within_a_text_begins_nothing() {
        let text = format!(
            "-- engine: postgres\n-- after: x sha256:{SUM}\nINSERT INTO a VALUES ('\n-- step: alone\n');\n-- step: alone\nVACUUM a;\n"
        );
        let read = Migration::parse("y", &text).unwrap();
        assert_eq!(read.steps.len(), 2);
        assert_eq!(read.steps[0].step.mode, Mode::Transaction);
        assert_eq!(read.steps[1].step.statements, ["VACUUM a"]);
        assert_eq!(read.steps[1].line, 6);
    }

    #[test]
    fn mistakes_tell_their_line() {
        let of = |text: &str| Migration::parse("m", text).unwrap_err().to_string();
        assert!(of("SELECT 1;").contains("line 1: expected `-- engine: …`"), "{}", of("SELECT 1;"));
        for (body, told) in [
            ("-- step: together\nSELECT 1;", "line 3: unknown step `together`"),
            ("-- step: alone\n-- unless: DELETE FROM a\nSELECT 1;", "line 4: expected a query"),
            ("-- step: alone\n-- refuse: SELECT 1\nSELECT 1;", "line 4: expected `-- refuse:"),
        ] {
            let text = of(&format!("-- engine: sqlite\n-- after: nothing\n{body}"));
            assert!(text.contains(told), "{text}");
        }
    }
}
