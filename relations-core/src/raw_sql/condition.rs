//! The check of SQL of the user's own that is a part of a statement: a condition for
//! [`Filter::raw`](crate::Filter::raw), an expression for [`sql_expr`](crate::expression::sql_expr).

use std::sync::Arc;

use crate::ast::raw_sql::{Piece, RawSql};
use crate::dialect::Engine;
use crate::raw_sql::scan;
use crate::raw_sql::scan::token::{Token, next};
use crate::value::parameter::{NUL, Parameter, has_nul};

/// Stands behind the SQL while it is read. It is found there again, unless a text, a name in quotes
/// or a comment before it has no end.
const END: &str = "\n)";

/// Reads a condition as each engine would, or keeps the reason why it cannot be sent there.
pub(crate) fn condition(sql: &str, values: Vec<Parameter>) -> RawSql {
    const EMPTY: &str = "there is no condition in the SQL; write one, as `lower(name) = $1`";
    part("SELECT 1 WHERE", EMPTY, sql, values)
}

/// Reads an expression as each engine would, or keeps the reason why it cannot be sent there.
pub(crate) fn expression(sql: &str, values: Vec<Parameter>) -> RawSql {
    const EMPTY: &str = "there is no expression in the SQL; write one, as `ts_rank(words, $1)`";
    part("SELECT", EMPTY, sql, values)
}

fn part(before: &str, empty: &str, sql: &str, values: Vec<Parameter>) -> RawSql {
    let on = |engine| pieces(engine, sql, values.len(), before, empty);
    RawSql { on_postgres: on(Engine::Postgres), on_sqlite: on(Engine::Sqlite), values }
}

/// The SQL, cut at its placeholders. It stands in brackets behind `before`.
fn pieces(
    engine: Engine,
    sql: &str,
    values: usize,
    before: &str,
    empty: &str,
) -> Result<Vec<Piece>, String> {
    if has_nul(sql) {
        return Err(format!("the SQL {NUL}"));
    }
    let closed = format!("{sql}{END}");
    let (mut pieces, mut used) = (Vec::new(), vec![false; values]);
    let (mut open, mut is_empty, mut in_line_comment) = (Vec::new(), true, false);
    // The SQL since the last placeholder, and the SQL that is not read yet.
    let (mut piece, mut rest) = (closed.as_str(), closed.as_str());
    while rest.len() > END.len() {
        let Some((token, behind)) = next(engine, rest) else { break };
        in_line_comment = token.is_none() && behind.len() < END.len();
        if behind.len() < END.len() && !(in_line_comment && rest.starts_with("--")) {
            return Err("a text, a name in quotes or a comment has no end; close it".into());
        }
        is_empty &= token.is_none();
        match token {
            Some(Token::Placeholder(number)) => {
                let at = number.checked_sub(1).ok_or_else(|| misnumbered("$0"))?;
                if let Some(used) = used.get_mut(at) {
                    *used = true;
                }
                pieces.extend(between(piece, rest).map(Piece::Sql));
                pieces.push(Piece::Value(at));
                piece = behind;
            }
            Some(Token::Sign(';')) => {
                return Err("a `;` would end the statement; leave it out".into());
            }
            Some(Token::Sign(sign @ ('(' | '['))) => open.push(sign),
            Some(Token::Sign(sign @ (')' | ']'))) => {
                let opening = if sign == ')' { '(' } else { '[' };
                if open.pop() != Some(opening) {
                    return Err(format!("a `{sign}` closes nothing; take it out"));
                }
            }
            Some(Token::Sign(sign)) if is_placeholder(engine, sign) => {
                return Err(misnumbered(&sign.to_string()));
            }
            _ => {}
        }
        rest = behind;
    }
    if let Some(sign) = open.pop() {
        return Err(format!("a `{sign}` is not closed; close it"));
    }
    if is_empty {
        return Err(empty.into());
    }
    // As `sql()` would refuse it, above all for what it leaves in the session.
    let statement = format!("{before} ({closed}");
    scan::check(engine, &statement, values, false).map_err(|error| error.to_string())?;
    if let Some(unused) = used.iter().position(|used| !used) {
        return Err(format!(
            "there is no `${}` in the SQL, so its value would be left out; number placeholders from `$1` on",
            unused + 1,
        ));
    }
    // A comment to the end of its line would hide what is written behind the condition.
    let end = if in_line_comment { ")" } else { END };
    pieces.extend(between(piece, end).map(Piece::Sql));
    Ok(pieces)
}

/// The beginning of a text, up to the rest of it.
fn between(text: &str, rest: &str) -> Option<Arc<str>> {
    // One space stands between the parts when they are written.
    let sql = text.get(..text.len().checked_sub(rest.len())?)?.trim_matches(' ');
    (!sql.is_empty()).then(|| sql.into())
}

/// Whether a sign begins a placeholder that is not written as `$1`.
fn is_placeholder(engine: Engine, sign: char) -> bool {
    match engine {
        // `?` and `@` are operators, `:` is in casts and slices.
        Engine::Postgres => sign == '$',
        Engine::Sqlite => matches!(sign, '$' | '?' | ':' | '@'),
    }
}

fn misnumbered(placeholder: &str) -> String {
    format!("`{placeholder}` is a placeholder of another kind; write `$1`, `$2` and so on")
}
