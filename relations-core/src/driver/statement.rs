//! Statements on their way to the database.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, OnceLock};

use sea_query::Value as SqlValue;

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::RelationDefinition;
use crate::dialect::{Engine, StatementSql, Tenancy};
#[cfg(feature = "postgres")]
use crate::driver::postgres::value;
use crate::driver::returned::Returned;
use crate::driver::violation;
use crate::error::{Error, Result};
use crate::sql::batch_key::BatchKey;
use crate::sql::change::Assignment;
use crate::sql::operation::Operation;
use crate::value::parameter::{Parameter, Values};
use crate::value::parameter::{check_values, most_values};
use crate::value::row::{Row, RowOf};
use crate::value::untyped::{text_of_untyped, typed};

/// One statement on its way to the database: its SQL, its values, and what it is about.
#[derive(Clone)]
pub struct Statement {
    pub(crate) operation: Operation,
    pub(crate) sql: StatementSql,
    pub(crate) parameters: Values,
    /// The value of the tenant, which the executor of one gives when it runs the statement.
    pub(crate) tenant: OnceLock<SqlValue>,
    /// The SQL in a schema that is chosen at run time, where there is one.
    pub(crate) in_schema: OnceLock<Arc<str>>,
    pub(crate) entity: Option<&'static EntityDefinition>,
    pub(crate) relation: Option<&'static RelationDefinition>,
    /// The properties that the first parameters are for, where the statement writes.
    pub(crate) assigned: Vec<&'static PropertyDefinition>,
    /// The number of rows that the parameters are for, which are then arrays of one element a row. An engine
    /// without arrays runs the statement once for each row.
    pub(crate) rows: Option<usize>,
    /// The number of parameters at the front whose elements are sent as values of their own, row by row.
    pub(crate) by_row: usize,
    /// Further SQL that SQLite may have to run.
    pub(crate) otherwise: Option<Otherwise>,
    /// The rows that it brings back where it writes; it writes nothing unless they fit.
    pub(crate) returned: Option<Returned>,
    /// The look-up by the one key that its parameters are.
    pub(crate) look_up: Option<BatchKey>,
    /// Whether it is for one key alone.
    pub(crate) by_key: bool,
    /// Whether a replica may answer it: it reads, locks nothing, and holds no SQL of the user's own.
    pub(crate) replicable: bool,
    /// Whether it writes nothing that observers would have to see, as the user says of SQL of their own.
    pub(crate) unobserved: bool,
    /// The line of code that asks.
    pub(crate) caller: Option<&'static Location<'static>>,
}

/// Further SQL that SQLite runs with the values of a statement.
#[derive(Clone)]
pub(crate) enum Otherwise {
    /// Statements that are run in turn, until one returns a row, because the first one returned none. Each
    /// takes as many of the values as it has placeholders. With `each_once`, no two rows may find the same one.
    NoRow { sql: Vec<StatementSql>, each_once: bool },
    /// Statements that are run in turn, all or none, each with the only value that the statement brought.
    /// The rows are those of the last one.
    Steps(Vec<StatementSql>),
    /// Replaces the statement if one of several inserted rows refers to a later one.
    Orphan(StatementSql),
}

impl fmt::Debug for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Statement").field("sql", &self.sql).finish_non_exhaustive()
    }
}

impl Statement {
    pub(crate) fn new(operation: Operation, sql: StatementSql, parameters: Values) -> Self {
        Self {
            operation,
            sql,
            parameters,
            tenant: OnceLock::new(),
            in_schema: OnceLock::new(),
            entity: None,
            relation: None,
            assigned: Vec::new(),
            rows: None,
            by_row: 0,
            otherwise: None,
            returned: None,
            look_up: None,
            by_key: false,
            replicable: false,
            unobserved: false,
            caller: None,
        }
    }

    /// This statement, which a replica may answer or not.
    pub(crate) fn on_replica_if(mut self, may: bool) -> Self {
        self.replicable = may;
        self
    }

    /// Whether rows or tables may be changed by it alone.
    #[cfg(feature = "postgres")]
    pub(crate) fn may_write(&self) -> bool {
        use Operation::{Define, Delete, Insert, Raw, Update};
        matches!(self.operation, Insert | Update | Delete | Define | Raw)
    }

    /// Whether it commits a transaction.
    #[cfg(feature = "postgres")]
    pub(crate) fn commits(&self) -> bool {
        self.operation == Operation::Commit
    }

    /// A statement that inserts so many rows. Each of its parameters is for a property; the first
    /// ones hold the properties that are assigned.
    pub(crate) fn inserting(
        entity: &'static EntityDefinition,
        sql: StatementSql,
        rows: usize,
        assigned: Vec<&'static PropertyDefinition>,
        parameters: Vec<(&'static PropertyDefinition, Parameter)>,
    ) -> Result<Self> {
        let parameters = parameters.into_iter().map(|(property, parameter)| {
            // Arrays are sent as their literals.
            let whole = match property.column_type {
                ColumnType::Array(_) => Ok(()),
                _ => parameter.check_whole(property),
            };
            let value = whole.and_then(|()| parameter.into_sql());
            value.map_err(|why| unsendable(entity, property, &why))
        });
        let statement = Self::new(Operation::Insert, sql, parameters.collect::<Result<_>>()?);
        Ok(Self { entity: Some(entity), assigned, rows: Some(rows), ..statement })
    }

    /// This statement, about an entity and the relation that led to it.
    pub(crate) fn about(
        mut self,
        entity: &'static EntityDefinition,
        relation: Option<&'static RelationDefinition>,
    ) -> Self {
        (self.entity, self.relation) = (Some(entity), relation);
        self
    }

    /// This statement, whose first parameters are for these properties.
    pub(crate) fn assigns(mut self, assignments: &[Assignment]) -> Self {
        self.assigned = assignments.iter().map(|one| one.property).collect();
        self
    }

    /// This statement, whose values are elsewhere.
    #[cfg(feature = "sqlite")]
    pub(crate) fn without_values(&self) -> Self {
        let Self { operation, entity, relation, rows, .. } = *self;
        let (sql, assigned) = (self.sql.clone(), self.assigned.clone());

        let otherwise = self.otherwise.clone();
        let statement = Self::new(operation, sql, Values::new());
        let returned = self.returned.clone();
        let (tenant, in_schema) = (self.tenant.clone(), self.in_schema.clone());
        Self {
            tenant,
            in_schema,
            entity,
            relation,
            assigned,
            rows,
            otherwise,
            returned,
            ..statement
        }
    }

    /// This statement, and further SQL that SQLite may have to run.
    pub(crate) fn or_else(mut self, otherwise: Option<Otherwise>) -> Self {
        self.otherwise = otherwise;
        self
    }

    /// This statement, which writes nothing unless these rows come back.
    pub(crate) fn returns(mut self, returned: Returned) -> Self {
        self.returned = Some(returned);
        self
    }

    /// Whether a row that it brings back fits.
    pub(crate) fn fits(&self, row: &Row<'_>) -> Result<()> {
        self.returned.as_ref().map_or(Ok(()), |returned| returned.row(row))
    }

    /// Records the caller's location and whether this is a single-key lookup.
    pub(crate) fn asked_by(
        mut self,
        caller: Option<&'static Location<'static>>,
        by_key: bool,
    ) -> Self {
        (self.caller, self.by_key) = (caller, by_key);
        self
    }

    /// This statement, and the look-up by the key that its parameters are.
    pub(crate) fn looks_up(mut self, look_up: Option<BatchKey>) -> Self {
        self.look_up = look_up;
        self
    }

    /// The kind of the statement.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The SQL, with placeholders for its values.
    #[must_use]
    pub fn sql(&self) -> &str {
        self.text()
    }

    /// The SQL, by whose address it may be known.
    pub(crate) fn text(&self) -> &Arc<str> {
        self.in_schema.get().unwrap_or(&self.sql.text)
    }

    /// Refuses a statement about an entity that was written for the rows of all tenants, by an executor that
    /// wraps a database which requires one.
    pub(crate) fn check_scoped(&self) -> Result<()> {
        use Operation::{Delete, Insert, Select, Update};
        let is_query = matches!(self.operation, Select | Insert | Update | Delete);
        if is_query && self.sql.tenancy == Tenancy::Open {
            return Err(self.explain(Error::invalid_request(
                "this database requires a tenant, which the executor around it hides; forward \
                 `Executor::tenancy` in it",
            )));
        }
        Ok(())
    }

    /// The values in the order of the placeholders, with that of the tenant among them.
    pub(crate) fn values(&self) -> SentValues<'_> {
        let tenant = self.sql.tenant_at.zip(self.tenant.get());
        let (arrays, values) = self.parameters.split_at(self.by_row.min(self.parameters.len()));
        let rows = if arrays.is_empty() { 0 } else { self.rows.unwrap_or_default() };
        SentValues { arrays, elements: 0..arrays.len() * rows, values: values.iter(), tenant }
    }

    /// The entity that it reads or writes, if there is one.
    #[must_use]
    pub fn entity(&self) -> Option<&'static EntityDefinition> {
        self.entity
    }

    /// The relation that it follows, if there is one.
    #[must_use]
    pub fn relation(&self) -> Option<&'static RelationDefinition> {
        self.relation
    }

    /// The line of code that causes it: the call of an accessor, or the beginning of a query;
    /// `None` for some statements.
    #[must_use]
    pub fn caller(&self) -> Option<&'static Location<'static>> {
        self.caller
    }

    /// Makes sure that the engine takes as many values as there are, and as many bytes of them.
    pub(crate) fn check(&self, engine: Engine) -> Result<()> {
        let values = self.parameters.len() + usize::from(self.sql.tenant_at.is_some());
        check_values(engine, values).map_err(|error| self.explain(error))?;
        let bytes: usize = self.parameters.iter().map(bytes_of).sum();
        if bytes <= MOST_BYTES {
            return Ok(());
        }
        let (name, _) = most_values(engine);
        Err(self.explain(Error::invalid_request(format!(
            "the statement holds {bytes} bytes, and {name} takes {MOST_BYTES} at most; write \
             less at once, or keep so much in files",
        ))))
    }

    /// The element of an array among the parameters for a row.
    pub(crate) fn element(&self, parameter: usize, row: usize) -> Option<Parameter> {
        self.element_of(parameter, row).cloned().map(Parameter::from_sql)
    }

    /// The same, where it lies.
    fn element_of(&self, parameter: usize, row: usize) -> Option<&SqlValue> {
        match self.parameters.get(parameter)? {
            SqlValue::Array(_, Some(elements)) => elements.get(row).map(typed),
            _ => None,
        }
    }

    /// Whether a field of an answer is, byte for byte, what a parameter has for the row of that
    /// number. An engine that runs the statement for each row answers each by itself, so there is
    /// nothing to compare.
    #[cfg_attr(not(feature = "postgres"), allow(unused_variables, clippy::unused_self))]
    pub(crate) fn brought_back(
        &self,
        row: &Row<'_>,
        position: usize,
        parameter: usize,
        number: usize,
    ) -> bool {
        match row.0 {
            #[cfg(feature = "postgres")]
            RowOf::Postgres(row) => self
                .element_of(parameter, number)
                .is_some_and(|value| value::is_as_sent(row, position, value)),
            #[cfg(feature = "sqlite")]
            RowOf::Sqlite { .. } => true,
            // Only rows of SQL that is the user's own are arranged.
            RowOf::Arranged(..) => false,
        }
    }

    /// The value that the statement gives a property, where it writes it to one row.
    pub(crate) fn assigned(&self, property: &str) -> Option<Parameter> {
        if self.rows.is_some() {
            return None;
        }
        let at = self.assigned.iter().position(|one| one.name == property)?;
        self.parameters.get(at).cloned().map(Parameter::from_sql)
    }

    /// The key that the statement gives those properties, where it writes them all.
    pub(crate) fn assigned_key(&self, properties: &[&str]) -> Option<Vec<Parameter>> {
        properties.iter().map(|property| self.assigned(property)).collect()
    }

    /// The error with what the statement is about.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let Some(entity) = self.entity else {
            return error;
        };
        if let Some(constraint) = error.refusing().cloned() {
            return violation::explained(self, entity, error, constraint);
        }
        match self.relation {
            Some(relation) => error.relation_is(relation).entity_is(entity),
            None => error.entity_is(entity),
        }
    }
}

/// The values of a statement, in the order of its placeholders.
#[derive(Debug, Clone)]
pub(crate) struct SentValues<'a> {
    /// Arrays whose elements come first, row by row, by their numbers.
    arrays: &'a [SqlValue],
    elements: std::ops::Range<usize>,
    values: std::slice::Iter<'a, SqlValue>,
    /// The value of the tenant, and the number of values that come before it.
    tenant: Option<(usize, &'a SqlValue)>,
}

impl<'a> SentValues<'a> {
    /// The next value that is not the tenant's.
    fn next_given(&mut self) -> Option<&'a SqlValue> {
        let Some(number) = self.elements.next() else { return self.values.next() };
        let (row, column) = (number / self.arrays.len(), number % self.arrays.len());
        match self.arrays.get(column)? {
            SqlValue::Array(_, Some(elements)) => elements.get(row),
            _ => None,
        }
    }
}

impl<'a> Iterator for SentValues<'a> {
    type Item = &'a SqlValue;

    fn next(&mut self) -> Option<&'a SqlValue> {
        match self.tenant {
            None => self.next_given(),
            Some((0, tenant)) => {
                self.tenant = None;
                Some(tenant)
            }
            Some((before, tenant)) => {
                self.tenant = Some((before - 1, tenant));
                self.next_given()
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let given = self.elements.len() + self.values.len();
        let left = given + usize::from(self.tenant.is_some());
        (left, Some(left))
    }
}

impl ExactSizeIterator for SentValues<'_> {}

/// The largest number of bytes of a statement. SQLite takes no more in one value, and a message of more than
/// a gigabyte breaks a connection to PostgreSQL.
const MOST_BYTES: usize = 1_000_000_000;

/// The number of bytes of a value, of those that can have many.
fn bytes_of(value: &SqlValue) -> usize {
    match value {
        SqlValue::String(Some(text)) => text.len(),
        SqlValue::Bytes(Some(bytes)) => bytes.len(),
        other => text_of_untyped(other).map_or(0, String::len),
    }
}

/// A value of a property that cannot be sent.
pub(crate) fn unsendable(
    entity: &'static EntityDefinition,
    property: &PropertyDefinition,
    why: &str,
) -> Error {
    Error::invalid_request(format!("`{}.{}` {why}", entity.name, property.name)).entity_is(entity)
}
