//! The engines: the only place that talks to a database.

mod background;
mod batched;
mod options;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "postgres")]
mod tls;
mod trace;
mod transaction;
mod watched;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

pub use batched::Batched;
pub use options::{Options, connect};
pub use pool::Database;
use sea_query::Value as SqlValue;
pub use transaction::{Isolation, Transaction, TransactionOptions, Transactional, Work};
pub use watched::{Counted, Watched};

use crate::error::{Error, Kind, Result, Violation};
use crate::meta::{EntityDefinition, PropertyDefinition, RelationDefinition};
use crate::query::{Assignment, LookUp};
use crate::row::{Row, RowOf};
use crate::schema;
use crate::value::Parameter;

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// SQLite, in the process itself.
    Sqlite,
}

impl Engine {
    /// The engine's name as OpenTelemetry has it.
    fn system_name(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Sqlite => "sqlite",
        }
    }
}

/// What runs statements: a [`Database`], a [`Transaction`], or a client of the user's own.
///
/// It is implemented for `tokio_postgres`' client and transaction, and for `deadpool_postgres`'
/// pool, client and transaction. Another pool joins by handing the statement to the client it
/// lends:
///
/// ```
/// # #[cfg(feature = "postgres")]
/// # mod example {
/// use relations::{Engine, Executor, Result, Rows, Statement};
///
/// struct MyPool;
/// # impl MyPool {
/// #     async fn lend(&self) -> Result<tokio_postgres::Client> { unimplemented!() }
/// # }
///
/// impl Executor for MyPool {
///     fn engine(&self) -> Engine {
///         Engine::Postgres
///     }
///
///     async fn run(&self, statement: &Statement) -> Result<Rows> {
///         self.lend().await?.run(statement).await
///     }
/// }
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run statements",
    label = "expected a `Database`, a `Transaction`, or a client that implements `Executor`"
)]
pub trait Executor: Send + Sync {
    /// The kind of database that is behind it.
    fn engine(&self) -> Engine;

    /// Runs a statement.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or it refuses the statement.
    fn run(&self, statement: &Statement) -> impl Future<Output = Result<Rows>> + Send;

    /// Runs statements that are sent together where the database can be sent several, and hands
    /// each row with the number of its statement to a function: all rows of the first, then all of
    /// the second, and so on.
    ///
    /// A pool lends one connection to all of them; what is given here runs each by itself.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, it refuses a statement, or the function fails.
    fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> impl Future<Output = Result<()>> + Send
    where
        Self: Sized,
    {
        run_all(self, statements, each)
    }

    /// Runs a statement, hands each row to a function as it comes, and tells how many rows were read
    /// or changed.
    #[doc(hidden)]
    fn fetch(
        &self,
        statement: &Statement,
        each: EachRow<'_>,
    ) -> impl Future<Output = Result<u64>> + Send
    where
        Self: Sized,
    {
        async { self.run(statement).await?.for_each(each).await }
    }

    /// Whether the database is so far that a round trip costs more than to repeat a query. What
    /// would be batched is pipelined then; see [`Strategy`](crate::Strategy).
    fn is_far(&self) -> bool {
        false
    }

    /// Whether it answers nothing more before a transaction ends, of which a statement failed.
    fn is_failed(&self) -> bool {
        false
    }

    /// Whether what it runs is part of one transaction. No statement of a transaction is
    /// [batched](crate::Batched).
    fn is_transaction(&self) -> bool {
        false
    }

    /// Whether it does not send this statement by itself, but asks for many such at once, or knows
    /// the answer.
    #[doc(hidden)]
    fn gathers(&self, statement: &Statement) -> bool {
        let _ = statement;
        false
    }
}

impl<E: Executor> Executor for &E {
    fn engine(&self) -> Engine {
        (**self).engine()
    }

    fn run(&self, statement: &Statement) -> impl Future<Output = Result<Rows>> + Send {
        (**self).run(statement)
    }

    fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> impl Future<Output = Result<()>> + Send {
        (**self).run_all(statements, each)
    }

    fn fetch(
        &self,
        statement: &Statement,
        each: EachRow<'_>,
    ) -> impl Future<Output = Result<u64>> + Send {
        (**self).fetch(statement, each)
    }

    fn is_far(&self) -> bool {
        (**self).is_far()
    }

    fn is_failed(&self) -> bool {
        (**self).is_failed()
    }

    fn is_transaction(&self) -> bool {
        (**self).is_transaction()
    }

    fn gathers(&self, statement: &Statement) -> bool {
        (**self).gathers(statement)
    }
}

impl<E: Executor> Executor for Arc<E> {
    fn engine(&self) -> Engine {
        (**self).engine()
    }

    fn run(&self, statement: &Statement) -> impl Future<Output = Result<Rows>> + Send {
        (**self).run(statement)
    }

    fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> impl Future<Output = Result<()>> + Send {
        (**self).run_all(statements, each)
    }

    fn fetch(
        &self,
        statement: &Statement,
        each: EachRow<'_>,
    ) -> impl Future<Output = Result<u64>> + Send {
        (**self).fetch(statement, each)
    }

    fn is_far(&self) -> bool {
        (**self).is_far()
    }

    fn is_failed(&self) -> bool {
        (**self).is_failed()
    }

    fn is_transaction(&self) -> bool {
        (**self).is_transaction()
    }

    fn gathers(&self, statement: &Statement) -> bool {
        (**self).gathers(statement)
    }
}

/// What is done with each row of an answer. It is called by a pointer, so that what reads answers is
/// compiled once, and not for each kind of statement in each program.
pub(crate) type EachRow<'a> = &'a mut (dyn FnMut(&Row<'_>) -> Result<()> + Send);

/// The same with each row of several statements, and the number of the statement.
#[cfg(feature = "postgres")]
pub(crate) type EachRowOfAll<'a> = &'a mut (dyn FnMut(usize, &Row<'_>) -> Result<()> + Send);

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Reads rows.
    Select,
    /// Makes new rows.
    Insert,
    /// Changes rows.
    Update,
    /// Removes rows.
    Delete,
    /// Makes or removes tables, keys and indexes.
    Define,
    /// What only its SQL says, which is the user's own.
    Raw,
    /// Begins a transaction.
    Begin,
    /// Makes a transaction hold.
    Commit,
    /// Takes a transaction back, or goes back to a savepoint of it.
    Rollback,
    /// Makes a savepoint in a transaction.
    Savepoint,
    /// Forgets a savepoint, and keeps what was done since.
    Release,
}

impl Operation {
    /// The operation's name in SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Define => "DDL",
            Self::Raw => "SQL",
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Savepoint => "SAVEPOINT",
            Self::Release => "RELEASE",
        }
    }
}

/// One statement on its way to the database: its SQL, its values, and what it is about.
#[derive(Clone)]
pub struct Statement {
    operation: Operation,
    sql: Arc<str>,
    parameters: Vec<SqlValue>,
    entity: Option<&'static EntityDefinition>,
    relation: Option<&'static RelationDefinition>,
    /// The properties that the first parameters are for, where the statement writes.
    assigned: Vec<&'static PropertyDefinition>,
    /// How many rows the parameters are for, which are then arrays of one element a row. An engine
    /// without arrays runs the statement once for each row.
    rows: Option<usize>,
    /// What SQLite runs with the same parameters where the statement brings no row.
    otherwise: Option<Arc<str>>,
    /// What it looks up by the one key that its parameters are.
    look_up: Option<LookUp>,
    /// Whether it is for one key alone.
    by_key: bool,
    /// The line of code that asks.
    caller: Option<&'static Location<'static>>,
}

impl fmt::Debug for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Statement").field("sql", &self.sql).finish_non_exhaustive()
    }
}

impl Statement {
    pub(crate) fn new(operation: Operation, sql: Arc<str>, parameters: Vec<SqlValue>) -> Self {
        Self {
            operation,
            sql,
            parameters,
            entity: None,
            relation: None,
            assigned: Vec::new(),
            rows: None,
            otherwise: None,
            look_up: None,
            by_key: false,
            caller: None,
        }
    }

    /// A statement that inserts so many rows. Each of its parameters is for a property; the first
    /// ones hold the properties that are assigned.
    pub(crate) fn inserting(
        entity: &'static EntityDefinition,
        sql: Arc<str>,
        rows: usize,
        assigned: Vec<&'static PropertyDefinition>,
        parameters: Vec<(&'static PropertyDefinition, Parameter)>,
    ) -> Result<Self> {
        let parameters = parameters.into_iter().map(|(property, parameter)| {
            parameter.into_sql().map_err(|why| unsendable(entity, property, &why))
        });
        let statement = Self::new(Operation::Insert, sql, parameters.collect::<Result<_>>()?);
        Ok(Self { entity: Some(entity), assigned, rows: Some(rows), ..statement })
    }

    /// The same statement, about an entity and the relation that led to it.
    pub(crate) fn about(
        mut self,
        entity: &'static EntityDefinition,
        relation: Option<&'static RelationDefinition>,
    ) -> Self {
        (self.entity, self.relation) = (Some(entity), relation);
        self
    }

    /// The same statement, whose first parameters are for these properties.
    pub(crate) fn assigns(mut self, assignments: &[Assignment]) -> Self {
        self.assigned = assignments.iter().map(|one| one.property).collect();
        self
    }

    /// A statement whose parameters are for the properties of an entity.
    pub(crate) fn assigning(
        operation: Operation,
        entity: &'static EntityDefinition,
        sql: Arc<str>,
        assignments: impl IntoIterator<Item = Assignment>,
    ) -> Result<Self> {
        let most = entity.properties.len() + 1;
        let mut statement = Self::new(operation, sql, Vec::with_capacity(most));
        (statement.entity, statement.assigned) = (Some(entity), Vec::with_capacity(most));
        for Assignment { property, parameter } in assignments {
            let value = parameter.into_sql().map_err(|why| unsendable(entity, property, &why))?;
            statement.parameters.push(value);
            statement.assigned.push(property);
        }
        Ok(statement)
    }

    /// The same statement, whose values are elsewhere.
    #[cfg(feature = "sqlite")]
    fn without_values(&self) -> Self {
        let Self { operation, entity, relation, rows, .. } = *self;
        let (sql, assigned) = (Arc::clone(&self.sql), self.assigned.clone());
        let statement = Self::new(operation, sql, Vec::new());
        Self { entity, relation, assigned, rows, ..statement }
    }

    /// The same statement, and what SQLite runs with the same parameters where it brings no row.
    pub(crate) fn or_else(mut self, otherwise: Option<Arc<str>>) -> Self {
        self.otherwise = otherwise;
        self
    }

    /// The same statement, which that line asks for, and which may be for one key alone.
    pub(crate) fn asked_by(
        mut self,
        caller: Option<&'static Location<'static>>,
        by_key: bool,
    ) -> Self {
        (self.caller, self.by_key) = (caller, by_key);
        self
    }

    /// The same statement, and what it looks up by the key that its parameters are.
    pub(crate) fn looks_up(mut self, look_up: Option<LookUp>) -> Self {
        self.look_up = look_up;
        self
    }

    /// What the statement does.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The SQL, with placeholders for its values.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The entity it reads or writes, where it is about one.
    #[must_use]
    pub fn entity(&self) -> Option<&'static EntityDefinition> {
        self.entity
    }

    /// The relation that it follows, where it follows one.
    #[must_use]
    pub fn relation(&self) -> Option<&'static RelationDefinition> {
        self.relation
    }

    /// The line of code that asks for it: where an accessor is called, or a query begins. Not every
    /// statement tells one.
    #[must_use]
    pub fn caller(&self) -> Option<&'static Location<'static>> {
        self.caller
    }

    /// Makes sure that the engine takes as many values as there are, and as many bytes of them.
    pub(crate) fn check(&self, engine: Engine) -> Result<()> {
        let (name, most) = match engine {
            Engine::Postgres => ("PostgreSQL", 65_535),
            Engine::Sqlite => ("SQLite", 32_766),
        };
        let bytes: usize = self.parameters.iter().map(bytes_of).sum();
        let why = if self.parameters.len() > most {
            format!(
                "the statement has {} values, and {name} takes {most} at most; ask for a list of \
                 them with `.is_in(…)`, which is one",
                self.parameters.len(),
            )
        } else if bytes > MOST_BYTES {
            format!(
                "the statement holds {bytes} bytes, and {name} takes {MOST_BYTES} at most; write \
                 less at once, or keep so much in files",
            )
        } else {
            return Ok(());
        };
        Err(self.explain(Error::refused(why)))
    }

    /// What an array among the parameters has for a row.
    pub(crate) fn element(&self, parameter: usize, row: usize) -> Option<Parameter> {
        self.element_of(parameter, row).cloned().map(Parameter::from)
    }

    /// The same, where it lies.
    fn element_of(&self, parameter: usize, row: usize) -> Option<&SqlValue> {
        match self.parameters.get(parameter)? {
            SqlValue::Array(_, Some(elements)) => elements.get(row),
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
                .is_some_and(|value| postgres::is_as_sent(row, position, value)),
            #[cfg(feature = "sqlite")]
            RowOf::Sqlite { .. } => true,
            // Only rows of SQL that is the user's own are arranged.
            RowOf::Arranged(..) => false,
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            RowOf::None(never, _) => match never {},
        }
    }

    /// What the statement gives a property, where it writes it to one row.
    fn assigned(&self, property: &str) -> Option<Parameter> {
        if self.rows.is_some() {
            return None;
        }
        let at = self.assigned.iter().position(|one| one.name == property)?;
        self.parameters.get(at).cloned().map(Parameter::from)
    }

    /// The key that the statement gives those properties, where it writes them all.
    fn assigned_key(&self, properties: &[&str]) -> Option<Vec<Parameter>> {
        properties.iter().map(|property| self.assigned(property)).collect()
    }

    /// The error with what the statement is about.
    fn explain(&self, error: Error) -> Error {
        let Some(entity) = self.entity else {
            return error;
        };
        let error = self.explain_constraint(entity, error);
        match self.relation {
            Some(relation) => error.relation_is(relation).entity_is(entity),
            None => error.entity_is(entity),
        }
    }

    /// The error with the relation or the key whose constraint the database named.
    fn explain_constraint(&self, entity: &'static EntityDefinition, error: Error) -> Error {
        let Kind::Constraint { violation, constraint: Some(constraint), table, .. } =
            error.kind().clone()
        else {
            return error;
        };
        let (error, key) = match violation {
            Violation::ForeignKey | Violation::Referenced => {
                match schema::relation_of_constraint(entity, table.as_deref(), &constraint) {
                    Some((source, relation)) => self.explain_relation(error, source, relation),
                    // Nothing but a key that points to a row keeps it from going.
                    None if self.operation == Operation::Delete => (error.of_referenced(), None),
                    None => (error, None),
                }
            }
            Violation::Unique => (error, schema::key_of_constraint(entity, &constraint)),
            Violation::NotNull | Violation::Check => (error, None),
        };
        match key.and_then(|properties| self.assigned_key(&properties)) {
            Some(key) => error.key_is(&key),
            None => error,
        }
    }

    /// The error with the relation that refused the statement, and the properties of the key that
    /// points to nothing; none where rows still point to one that would go.
    fn explain_relation(
        &self,
        error: Error,
        source: &'static EntityDefinition,
        relation: &'static RelationDefinition,
    ) -> (Error, Option<Vec<&'static str>>) {
        let error = error.relation_is(relation).entity_is(source);
        if self.operation != Operation::Delete && self.entity.is_some_and(|one| one.is(source)) {
            (error, Some(relation.key_from.to_vec()))
        } else {
            (error.of_referenced(), None)
        }
    }
}

/// How many bytes a statement may hold. SQLite takes no more in one value, and a message of more than
/// a gigabyte breaks a connection to PostgreSQL.
const MOST_BYTES: usize = 1_000_000_000;

/// How many bytes a value has, of those that can have many.
fn bytes_of(value: &SqlValue) -> usize {
    match value {
        SqlValue::String(Some(text)) => text.len(),
        SqlValue::Bytes(Some(bytes)) => bytes.len(),
        _ => 0,
    }
}

/// A value of a property that cannot be sent.
fn unsendable(
    entity: &'static EntityDefinition,
    property: &PropertyDefinition,
    why: &str,
) -> Error {
    Error::refused(format!("`{}.{}` {why}", entity.name, property.name)).entity_is(entity)
}

/// What the database answers to a statement, as it comes.
pub struct Rows(pub(crate) Answer);

#[allow(clippy::large_enum_variant, reason = "there is one a statement, and it is never moved")]
pub(crate) enum Answer {
    /// Rows that came for several callers, of whom this is one.
    Shared(batched::Share),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Answer),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Answer),
    #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
    None(std::convert::Infallible),
}

impl fmt::Debug for Rows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rows").finish_non_exhaustive()
    }
}

impl Rows {
    /// The same rows, of a transaction that is to know how they end.
    #[cfg_attr(not(feature = "postgres"), allow(unused_mut))]
    #[cfg_attr(
        not(any(feature = "postgres", feature = "sqlite")),
        allow(clippy::needless_pass_by_value)
    )]
    fn watched(mut self, watch: transaction::Watch) -> Self {
        match &mut self.0 {
            #[cfg(feature = "postgres")]
            Answer::Postgres(answer) => answer.watched_by(watch),
            // They are all here.
            #[cfg(feature = "sqlite")]
            Answer::Sqlite(_) => watch.done(),
            Answer::Shared(_) => watch.done(),
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Answer::None(never) => match *never {},
        }
        self
    }

    /// Hands each row to a function as it comes, and tells how many rows were read or changed.
    #[cfg_attr(not(feature = "postgres"), allow(clippy::unused_async))]
    async fn for_each(self, each: EachRow<'_>) -> Result<u64> {
        match self.0 {
            Answer::Shared(share) => share.for_each(each),
            #[cfg(feature = "postgres")]
            Answer::Postgres(answer) => {
                answer.for_each(|row| each(&Row(RowOf::Postgres(&row)))).await
            }
            #[cfg(feature = "sqlite")]
            Answer::Sqlite(answer) => {
                answer.for_each(|cells, names| each(&Row(RowOf::Sqlite { cells, names })))
            }
            #[cfg(not(any(feature = "postgres", feature = "sqlite")))]
            Answer::None(never) => match never {},
        }
    }
}

/// Runs a statement and hands each row to a function.
pub(crate) async fn fetch_each(
    db: &impl Executor,
    statement: &Statement,
    each: EachRow<'_>,
) -> Result<u64> {
    statement.check(db.engine())?;
    // What is gathered is traced where it is sent.
    let trace = (!db.gathers(statement)).then(|| trace::Trace::begin(db.engine(), statement));
    let rows = db.fetch(statement, each).await;
    match trace {
        Some(trace) => trace.end(rows),
        None => rows.map_err(|error| statement.explain(error)),
    }
}

/// Runs statements, together where the engine can be sent several, and hands each row to a function
/// with the number of its statement.
async fn run_all(
    db: &impl Executor,
    statements: &[Statement],
    mut each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
) -> Result<()> {
    #[cfg(feature = "postgres")]
    if db.engine() == Engine::Postgres && statements.len() > 1 {
        return postgres::run_all(db, statements, &mut each).await;
    }
    for (number, statement) in statements.iter().enumerate() {
        fetch_each(db, statement, &mut |row| each(number, row)).await?;
    }
    Ok(())
}

/// Runs a statement and reads its rows.
pub(crate) async fn fetch<T: Send>(
    db: &impl Executor,
    statement: &Statement,
    read: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
) -> Result<Vec<T>> {
    let mut values = Vec::new();
    fetch_each(db, statement, &mut |row| {
        values.push(read(row)?);
        Ok(())
    })
    .await?;
    Ok(values)
}

/// Runs a statement and tells how many rows it changed.
pub(crate) async fn execute(db: &impl Executor, statement: &Statement) -> Result<u64> {
    fetch_each(db, statement, &mut |_| Ok(())).await
}

/// Several values as a JSON array; several arrays as one of their tuples. An engine without arrays
/// is sent lists of keys in this way, as one parameter.
pub(crate) fn json_array(arrays: &[Parameter]) -> Result<String> {
    #[cfg(feature = "sqlite")]
    return sqlite::json_array(arrays);
    #[cfg(not(feature = "sqlite"))]
    {
        let _ = arrays;
        Err(Error::refused("SQLite is not built in; turn on the feature `sqlite`"))
    }
}
