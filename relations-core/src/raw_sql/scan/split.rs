//! The statements of a script.

use crate::dialect::Engine;
use crate::raw_sql::scan::session::created;
use crate::raw_sql::scan::token::{Token, next};

/// A statement of a script, and the line where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ScriptStatement<'sql> {
    pub(crate) sql: &'sql str,
    pub(crate) line: usize,
}

/// The statements of a script, cut at the `;` that end them.
pub(crate) fn statements(engine: Engine, script: &str) -> Vec<ScriptStatement<'_>> {
    let mut statements = Vec::new();
    let (mut rest, mut start) = (script, None);
    let mut body = Body { engine, tokens: Vec::new(), brackets: 0, blocks: 0 };
    while let Some((token, behind)) = next(engine, rest) {
        match token {
            Some(Token::Sign(';')) if body.is_over() => {
                statements.extend(start.take().map(|start| cut(script, start, rest)));
                body.tokens.clear();
                (body.brackets, body.blocks) = (0, 0);
            }
            Some(token) => {
                start.get_or_insert(rest);
                body.push(token);
            }
            None => {}
        }
        rest = behind;
    }
    statements.extend(start.map(|start| cut(script, start, rest)));
    statements
}

/// The statement that begins at one text and ends before the rest of it.
fn cut<'sql>(script: &'sql str, start: &'sql str, rest: &str) -> ScriptStatement<'sql> {
    let before = script.get(..script.len() - start.len()).unwrap_or_default();
    let sql = start.get(..start.len() - rest.len()).unwrap_or(start);
    ScriptStatement { sql: sql.trim_end(), line: before.matches('\n').count() + 1 }
}

/// The tokens of a statement, of which some may be a body with statements of its own.
struct Body<'sql> {
    engine: Engine,
    tokens: Vec<Token<'sql>>,
    brackets: usize,
    /// The number of blocks in each other that `END` closes.
    blocks: usize,
}

impl<'sql> Body<'sql> {
    fn push(&mut self, token: Token<'sql>) {
        match &token {
            Token::Sign('(') => self.brackets += 1,
            Token::Sign(')') => self.brackets = self.brackets.saturating_sub(1),
            // `CREATE FUNCTION … BEGIN ATOMIC …; …; END`
            token if token.is("ATOMIC") && self.is_routine() => {
                let begins = self.tokens.last().is_some_and(|last| last.is("BEGIN"));
                self.blocks += usize::from(begins);
            }
            token if token.is("CASE") && self.blocks > 0 => self.blocks += 1,
            token if token.is("END") => self.blocks = self.blocks.saturating_sub(1),
            _ => {}
        }
        self.tokens.push(token);
    }

    fn is_routine(&self) -> bool {
        self.engine == Engine::Postgres
            && created(&self.tokens)
                .is_some_and(|created| created.is("FUNCTION") || created.is("PROCEDURE"))
    }

    /// Whether a `;` here ends the statement.
    fn is_over(&self) -> bool {
        if self.engine == Engine::Sqlite
            && created(&self.tokens).is_some_and(|created| created.is("TRIGGER"))
        {
            let mut last = self.tokens.iter().rev();
            return last.next().is_some_and(|last| last.is("END"))
                && last.next() == Some(&Token::Sign(';'));
        }
        // The command of a rule is in brackets.
        self.brackets == 0 && self.blocks == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(engine: Engine, script: &str) -> Vec<&str> {
        statements(engine, script).into_iter().map(|statement| statement.sql).collect()
    }

    #[test]
    fn a_script_is_cut_where_its_statements_end() {
        for engine in [Engine::Postgres, Engine::Sqlite] {
            let script = " SELECT 1 ;; -- a; b\nSELECT ';', \"a;b\" /* ; */ ;\n\n  SELECT (2) ";
            let found = statements(engine, script);
            let lines: Vec<_> = found.iter().map(|statement| statement.line).collect();
            assert_eq!(lines, [1, 2, 4]);
            assert_eq!(
                texts(engine, script),
                ["SELECT 1", "SELECT ';', \"a;b\" /* ; */", "SELECT (2)"]
            );
            assert_eq!(texts(engine, " ; -- nothing\n"), [""; 0]);
        }
    }

    #[test]
    fn bodies_are_parts_of_their_statements() {
        let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; \
                       DELETE FROM c; END";
        let script = format!("{trigger};\nSELECT 1");
        assert_eq!(texts(Engine::Sqlite, &script), [trigger, "SELECT 1"]);
        let atomic = "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 \
                      END; SELECT 2; END";
        let quoted =
            "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$";
        let rule = "CREATE RULE r AS ON INSERT TO a DO ALSO (DELETE FROM b; DELETE FROM c)";
        let script = format!("{atomic};{quoted};{rule};SELECT 1;");
        assert_eq!(texts(Engine::Postgres, &script), [atomic, quoted, rule, "SELECT 1"]);
    }
}
