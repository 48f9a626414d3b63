//! Names of schemas that are chosen at run time, and the SQL that names them.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::definition::quoting::quoted;
use crate::dialect::{Engine, SCHEMA, Tenancy};
use crate::driver::statement::Statement;
use crate::error::{Error, Result};
use crate::hash::Seed;
use crate::sql::operation::Operation;

/// The number of schemas whose SQL is kept; the one that was chosen longest ago goes first.
const SCHEMAS: usize = 64;

/// The number of statements that are kept for a schema. Beyond that it forgets all and begins anew.
const KEPT: usize = 500;

/// The most bytes of a name. PostgreSQL would cut off the rest, and two schemas would be one.
const LONGEST: usize = 63;

/// A schema that is chosen at run time; see [`InSchema`](crate::driver::InSchema).
pub struct SchemaName {
    name: String,
    /// The name between quotes.
    quoted: String,
    /// The statements in the schema, by those that are written for all.
    statements: RwLock<HashMap<Arc<str>, Arc<str>, Seed>>,
}

impl fmt::Debug for SchemaName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SchemaName").field(&self.name).finish()
    }
}

impl SchemaName {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), quoted: quoted(name), statements: RwLock::default() }
    }

    /// The name, without quotes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name between quotes, as SQL has it.
    pub(crate) fn quoted(&self) -> &str {
        &self.quoted
    }

    /// Makes sure that a database can have a schema of that name.
    pub(crate) fn check(&self, engine: Engine) -> Result<()> {
        let name = &self.name;
        let why = if engine == Engine::Sqlite {
            "SQLite has no schemas; connect to a database for each, as in `sqlite:t7.db`".to_owned()
        } else if name.is_empty() {
            "the name of a schema is empty; name one, as in `db.in_schema(\"t7\")`".to_owned()
        } else if name.contains('\0') {
            "the name of a schema holds a NUL character, which PostgreSQL does not take".to_owned()
        } else if name.len() > LONGEST {
            format!(
                "`{name}` has more than {LONGEST} bytes, which PostgreSQL would cut off; shorten it"
            )
        } else {
            return Ok(());
        };
        Err(Error::invalid_request(why))
    }

    /// Gives a statement the SQL in this schema.
    pub(crate) fn bind(&self, engine: Engine, statement: &Statement) -> Result<()> {
        if statement.sql.in_schema {
            self.check(engine).map_err(|error| statement.explain(error))?;
            let own = self.statement(&statement.sql.text);
            if *statement.in_schema.get_or_init(|| Arc::clone(&own)) == own {
                return Ok(());
            }
            return Err(statement.explain(nested()));
        }
        if statement.sql.tenancy == Tenancy::Exempt {
            return Ok(());
        }
        self.check(engine)?;
        Err(statement.explain(Error::invalid_request(if statement.operation() == Operation::Raw {
            "SQL of your own names its schemas itself, and this executor is in one; add `.unscoped()` if \
             that is meant, or run a query"
        } else {
            "the statement was not written for the schema of this executor; forward `schema` in an \
             executor that wraps another one"
        })))
    }

    /// A statement with the name of this schema.
    fn statement(&self, written: &Arc<str>) -> Arc<str> {
        let known = self.statements.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(statement) = known.get(written) {
            return Arc::clone(statement);
        }
        drop(known);
        let statement: Arc<str> = written.replace(&format!("\"{SCHEMA}\""), &self.quoted).into();
        let mut known = self.statements.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        Arc::clone(known.entry(Arc::clone(written)).or_insert(statement))
    }
}

/// The error of two schemas.
pub(crate) fn nested() -> Error {
    Error::invalid_request(
        "a schema was chosen within another one; choose it once, on the database",
    )
}

/// The schema of a name, with the statements that are kept for it.
pub(super) fn known(name: &str) -> Arc<SchemaName> {
    static KNOWN: Mutex<VecDeque<Arc<SchemaName>>> = Mutex::new(VecDeque::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let at = known.iter().position(|one| one.name == name);
    let schema = at.and_then(|at| known.remove(at));
    let schema = schema.unwrap_or_else(|| Arc::new(SchemaName::new(name)));
    known.truncate(SCHEMAS - 1);
    known.push_front(Arc::clone(&schema));
    schema
}
