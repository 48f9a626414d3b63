//! Default scopes and filters of relations as SQL: their values are constants of the program and stand in the
//! statement.

use std::fmt;

use sea_query::{
    Expr, ExprTrait, PostgresQueryBuilder, QueryBuilder, SelectStatement, SqlWriter,
    SqliteQueryBuilder, Value as SqlValue,
};

use crate::ast::predicate::Predicate;
use crate::definition::quoting::text_literal;
use crate::definition::visible::RelationFilter;
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::from_clause::FromClause;
use crate::sql::place::AliasedTable;
use crate::sql::{WRITTEN, Writer, spelling};
use crate::value::untyped::text_of_untyped;

/// A condition of the program, which stands wherever its entity does, or its relation leads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Constant {
    DefaultScope,
    Filter(RelationFilter),
}

impl Constant {
    /// The condition in a sentence about an entity, and the way around it.
    fn told(self, name: &str) -> (String, &'static str) {
        match self {
            Self::DefaultScope => {
                (format!("the default scope of `{name}`"), "declare the relation `unscoped`")
            }
            Self::Filter(filter) => (
                format!("the filter `{}` of a relation to `{name}`", filter.text()),
                "ask by a relation without a filter",
            ),
        }
    }
}

/// So many scopes may ask for each other before they are taken for a circle.
const DEEPEST_SCOPE: usize = 8;

impl Writer {
    /// A condition of the program at a place.
    pub(super) fn constant(
        &self,
        place: &AliasedTable,
        condition: &Predicate,
        kind: Constant,
    ) -> Result<Option<Expr>> {
        let name = place.entity.name;
        if condition.is_unknown() {
            let (subject, _) = kind.told(name);
            return Err(Error::invalid_request(format!(
                "{subject} contains raw SQL, which cannot be used wherever the entity is; write it \
                 with columns and expressions",
            )));
        }
        let depth = self.scopes.get();
        if depth >= DEEPEST_SCOPE {
            let (subject, way_out) = kind.told(name);
            return Err(Error::invalid_request(format!(
                "{subject} asks for itself, by way of a relation whose own condition leads back; {way_out}",
            )));
        }
        self.scopes.set(depth + 1);
        let conditions = FromClause::joining_nothing(self, place.clone()).filter(condition);
        self.scopes.set(depth);
        let mut all = conditions?.into_iter();
        let Some(first) = all.next() else { return Ok(None) };
        let whole = all.fold(first, ExprTrait::and);
        // A nested one is a part of the outer one's text.
        if depth > 0 { Ok(Some(whole)) } else { self.with_literals(whole).map(Some) }
    }

    /// A condition whose values are written into the SQL.
    fn with_literals(&self, condition: Expr) -> Result<Expr> {
        let mut text = ConstantText {
            engine: self.engine,
            sql: String::new(),
            last: String::new(),
            failed: None,
        };
        let mut statement = SelectStatement::new();
        statement.expr(condition);
        match self.engine {
            Engine::Postgres => statement.build_collect_into(PostgresQueryBuilder, &mut text),
            Engine::Sqlite => statement.build_collect_into(SqliteQueryBuilder, &mut text),
        }
        if let Some(error) = text.failed {
            return Err(error);
        }
        let sql = text.sql.trim_start().trim_start_matches("SELECT").trim();
        Ok(Expr::cust(format!("({sql})")))
    }
}

/// SQL whose values stand in it.
struct ConstantText {
    engine: Engine,
    sql: String,
    /// The last value, which may stand again.
    last: String,
    failed: Option<Error>,
}

impl ConstantText {
    fn literal<B: QueryBuilder>(&self, value: &SqlValue, builder: &B) -> Result<String> {
        match self.engine {
            Engine::Postgres => Ok(match text_of_untyped(value) {
                Some(text) => builder.value_to_string(&SqlValue::String(Some(text.clone()))),
                None => builder.value_to_string(value),
            }),
            Engine::Sqlite => stored_literal(value),
        }
    }
}

#[cfg(feature = "sqlite")]
fn stored_literal(value: &SqlValue) -> Result<String> {
    use rusqlite::types::Value as Stored;

    Ok(match crate::value::sqlite_encode::store(value)? {
        Stored::Null => "NULL".to_owned(),
        Stored::Integer(number) => number.to_string(),
        Stored::Real(number) => format!("{number:?}"),
        Stored::Text(text) => text_literal(&text),
        Stored::Blob(bytes) => {
            let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{}'", digits.concat())
        }
    })
}

#[cfg(not(feature = "sqlite"))]
fn stored_literal(_: &SqlValue) -> Result<String> {
    Err(Error::invalid_request("SQLite is not turned on; add the feature `sqlite`"))
}

impl SqlWriter for ConstantText {
    fn push_param<B: QueryBuilder>(&mut self, value: SqlValue, builder: &B) {
        let literal = match value {
            SqlValue::BigUnsigned(Some(rows)) if rows >= WRITTEN => (rows - WRITTEN).to_string(),
            value => match self.literal(&value, builder) {
                Ok(literal) => literal,
                Err(error) => {
                    self.failed.get_or_insert(error);
                    "NULL".to_owned()
                }
            },
        };
        self.sql.push_str(&literal);
        self.last = literal;
    }

    fn as_writer(&mut self) -> &mut dyn fmt::Write {
        self
    }
}

impl fmt::Write for ConstantText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut parts = text.split(spelling::AGAIN);
        self.sql.push_str(parts.next().unwrap_or_default());
        for part in parts {
            self.sql.push_str(&self.last);
            self.sql.push_str(part);
        }
        Ok(())
    }
}

impl fmt::Display for ConstantText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sql)
    }
}
