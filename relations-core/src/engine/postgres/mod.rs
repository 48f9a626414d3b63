//! PostgreSQL, on `tokio_postgres`.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use deadpool_postgres::{TimeoutType, Timeouts};
use futures_util::TryStreamExt;
use futures_util::future::{MaybeDone, join_all, maybe_done, try_join_all};
use sea_query::{ArrayType, Value as SqlValue};
use tokio_postgres::RowStream;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::trace::Trace;
use super::transaction::Watch;
use super::{Answer as AnyAnswer, Engine, Executor, Operation, Rows, Statement};
use crate::error::{Error, Kind, Result, Violation};
use crate::row::{Raw, Row};

/// A statement of a client that keeps those it has prepared.
macro_rules! prepared_statement {
    ($client:expr, $statement:expr) => {{
        let prepared = match $statement.parameters.as_slice() {
            // Most statements are by a key; its type needs no list.
            [key] => $client.prepare_typed_cached($statement.sql(), &[type_of(key)]).await,
            several => {
                let types: Vec<_> = several.iter().map(type_of).collect();
                $client.prepare_typed_cached($statement.sql(), &types).await
            }
        };
        prepared.map_err(error)
    }};
}

mod lent;

pub(super) use lent::{Cancel, Lent, Pool, Usage, alive};

use self::lent::Deadline;

/// The rows of an answer.
pub(crate) struct Answer {
    rows: Incoming,
    /// The connection that waits until its answer is read.
    lent: Option<Held>,
    /// Until when it is to be read.
    deadline: Option<Deadline>,
    /// The transaction that is to know how it ends.
    watch: Option<Watch>,
}

#[allow(clippy::large_enum_variant, reason = "there is one a statement, and it is never moved")]
enum Incoming {
    /// Rows that are read while the server still sends.
    Sent(RowStream),
    /// Rows that are all here, and how many were read or changed.
    Here(Vec<tokio_postgres::Row>, u64),
}

/// A connection that is kept until its answer is read.
#[allow(dead_code, reason = "that of the user's own pool is only kept")]
enum Held {
    Lent(Lent),
    Own(deadpool_postgres::Client),
}

/// How far an answer was read that was not read well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Up to its end.
    Reached,
    /// The server ended it.
    Told,
    /// Nobody knows how it goes on.
    Unknown,
}

impl Incoming {
    /// Hands each row to a function, and tells how many were read or changed.
    async fn for_each(
        self,
        mut each: impl FnMut(tokio_postgres::Row) -> Result<()>,
    ) -> Result<u64, (Error, End)> {
        let sent = match self {
            Self::Sent(sent) => sent,
            Self::Here(rows, number) => {
                rows.into_iter().try_for_each(each).map_err(|error| (error, End::Reached))?;
                return Ok(number);
            }
        };
        let mut rows = pin!(sent);
        let failed = |failure: tokio_postgres::Error| {
            let end = if failure.as_db_error().is_some() { End::Told } else { End::Unknown };
            (error(failure), end)
        };
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            each(row).map_err(|error| (error, End::Unknown))?;
        }
        Ok(rows.rows_affected().unwrap_or_default())
    }
}

impl Answer {
    /// Tells a transaction how it ends.
    pub(super) fn watched_by(&mut self, watch: Watch) {
        self.watch = Some(watch);
    }

    pub(super) async fn for_each(
        self,
        each: impl FnMut(tokio_postgres::Row) -> Result<()>,
    ) -> Result<u64> {
        let Self { rows, lent, deadline, watch } = self;
        let reading = rows.for_each(each);
        let read = match deadline {
            Some(deadline) => deadline.hold(Box::pin(reading), |error| (error, End::Unknown)).await,
            None => reading.await,
        };
        if let Some(Held::Lent(mut lent)) = lent {
            match &read {
                Ok(_) | Err((_, End::Reached)) => lent.at_rest(),
                Err((error, End::Told)) => lent.refused(error),
                Err((_, End::Unknown)) => {}
            }
        }
        match (&read, watch) {
            (Ok(_) | Err((_, End::Reached)), Some(watch)) => watch.done(),
            (Err((error, _)), Some(watch)) => watch.failed(error),
            (_, None) => {}
        }
        read.map_err(|(error, _)| error)
    }

    /// The rows by themselves.
    pub(super) async fn rows(self) -> Result<Vec<tokio_postgres::Row>> {
        self.taken().await.map(|(rows, _)| rows)
    }

    /// The rows, and how many were read or changed.
    async fn taken(self) -> Result<(Vec<tokio_postgres::Row>, u64)> {
        let mut rows = Vec::new();
        let number = self.for_each(|row| {
            rows.push(row);
            Ok(())
        });
        let number = number.await?;
        Ok((rows, number))
    }

    /// The same rows, when they are all here.
    async fn gathered(self) -> Result<Self> {
        let (rows, number) = self.taken().await?;
        Ok(Self { rows: Incoming::Here(rows, number), lent: None, deadline: None, watch: None })
    }
}

impl Rows {
    fn postgres(rows: RowStream) -> Self {
        Self::here(Incoming::Sent(rows))
    }

    /// The answer to a statement that gives no rows.
    fn none() -> Self {
        Self::here(Incoming::Here(Vec::new(), 0))
    }

    fn here(rows: Incoming) -> Self {
        Self(AnyAnswer::Postgres(Answer { rows, lent: None, deadline: None, watch: None }))
    }

    /// The same rows, which a connection waits for.
    fn held(mut self, held: Held) -> Self {
        if let AnyAnswer::Postgres(answer) = &mut self.0 {
            answer.lent = Some(held);
        }
        self
    }

    /// The same rows, of a connection that goes back to its pool when they are read.
    fn of(self, mut lent: Lent) -> Self {
        if let AnyAnswer::Postgres(Answer { rows: Incoming::Here(..), .. }) = &self.0 {
            lent.at_rest();
        }
        self.held(Held::Lent(lent))
    }

    /// The same rows, which are to be read until then.
    fn until(mut self, deadline: Deadline) -> Self {
        if let AnyAnswer::Postgres(answer) = &mut self.0 {
            answer.deadline = Some(deadline);
        }
        self
    }

    /// The same rows, when they are all here.
    async fn gathered(self) -> Result<Self> {
        match self.0 {
            AnyAnswer::Postgres(answer) => Ok(Self(AnyAnswer::Postgres(answer.gathered().await?))),
            here @ AnyAnswer::Shared(_) => Ok(Self(here)),
            #[cfg(feature = "sqlite")]
            here @ AnyAnswer::Sqlite(_) => Ok(Self(here)),
        }
    }
}

/// Whether a statement is sent as it is: what defines tables or says where a transaction begins and
/// ends has no values and no rows, and is not worth to be prepared.
fn is_simple(statement: &Statement) -> bool {
    use Operation::{Begin, Commit, Define, Release, Rollback, Savepoint};
    matches!(statement.operation(), Begin | Commit | Define | Release | Rollback | Savepoint)
}

/// A client that keeps no statements is sent unnamed ones that tell the types of their values, in
/// one round trip each.
macro_rules! unnamed {
    ($client:ty, transaction: $is_transaction:literal) => {
        impl Executor for $client {
            fn engine(&self) -> Engine {
                Engine::Postgres
            }

            async fn run(&self, statement: &Statement) -> Result<Rows> {
                if is_simple(statement) {
                    self.batch_execute(statement.sql()).await.map_err(error)?;
                    return Ok(Rows::none());
                }
                let parameters: Vec<_> =
                    statement.parameters.iter().map(|value| (Sql(value), type_of(value))).collect();
                let rows =
                    self.query_typed_raw(statement.sql(), parameters).await.map_err(error)?;
                Ok(Rows::postgres(rows))
            }

            fn is_transaction(&self) -> bool {
                $is_transaction
            }
        }
    };
}

unnamed!(tokio_postgres::Client, transaction: false);
unnamed!(tokio_postgres::Transaction<'_>, transaction: true);

/// The rows of a statement, which is prepared once.
macro_rules! prepared_rows {
    ($client:expr, $statement:expr) => {{
        let prepared = prepared_statement!($client, $statement)?;
        let values = $statement.parameters.iter().map(Sql);
        $client.query_raw(&prepared, values).await.map_err(error)?
    }};
}

macro_rules! prepared {
    ($client:ty, transaction: $is_transaction:literal) => {
        impl Executor for $client {
            fn engine(&self) -> Engine {
                Engine::Postgres
            }

            async fn run(&self, statement: &Statement) -> Result<Rows> {
                if is_simple(statement) {
                    self.batch_execute(statement.sql()).await.map_err(error)?;
                    return Ok(Rows::none());
                }
                Ok(Rows::postgres(prepared_rows!(self, statement)))
            }

            /// All that are prepared beforehand are sent in their order, and answered in it.
            async fn run_all(
                &self,
                statements: &[Statement],
                mut each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
            ) -> Result<()> {
                if let [only] = statements {
                    return super::fetch_each(self, only, |row| each(0, row)).await.map(drop);
                }
                let prepared = statements.iter().map(|statement| async move {
                    let prepared = prepared_statement!(self, statement);
                    prepared.map_err(|error| statement.explain(error))
                });
                let prepared = try_join_all(prepared).await?;
                let sent = statements.iter().zip(&prepared).map(|(statement, prepared)| {
                    let trace = Trace::begin(Engine::Postgres, statement);
                    async move {
                        let values = statement.parameters.iter().map(Sql);
                        let rows = self.query_raw(prepared, values).await.map_err(error);
                        (trace, rows.map(Rows::postgres))
                    }
                });
                // Each is sent when it is first polled.
                for (number, mut one) in polled_once(sent).await.into_iter().enumerate() {
                    one.as_mut().await;
                    if let Some((trace, rows)) = one.as_mut().take_output() {
                        end(trace, rows, |row| each(number, row)).await?;
                    }
                }
                Ok(())
            }

            fn is_transaction(&self) -> bool {
                $is_transaction
            }
        }
    };
}

prepared!(deadpool_postgres::Client, transaction: false);
prepared!(deadpool_postgres::Transaction<'_>, transaction: true);

impl Executor for deadpool_postgres::Pool {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        let client = lend(self).await?;
        if is_simple(statement) {
            return client.run(statement).await;
        }
        Ok(Rows::postgres(prepared_rows!(client, statement)).held(Held::Own(client)))
    }

    async fn run_all(
        &self,
        statements: &[Statement],
        each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
    ) -> Result<()> {
        lend(self).await?.run_all(statements, each).await
    }
}

/// Sends statements together, and hands the rows of each to a function in turn.
///
/// All answers are read at the same time, each until it is here. They need not come in the order of
/// the statements, as one that is prepared already is sent before one that is not; and what a
/// connection has for an answer that nobody reads holds up all that come behind it.
pub(super) async fn run_all(
    db: &impl Executor,
    statements: &[Statement],
    mut each: impl FnMut(usize, &Row<'_>) -> Result<()> + Send,
) -> Result<()> {
    let sent = statements.iter().map(|statement| {
        let trace = Trace::begin(Engine::Postgres, statement);
        async move {
            let rows = match db.run(statement).await {
                Ok(rows) => rows.gathered().await,
                Err(error) => Err(error),
            };
            (trace, rows)
        }
    });
    for (number, (trace, rows)) in join_all(sent).await.into_iter().enumerate() {
        end(trace, rows, |row| each(number, row)).await?;
    }
    Ok(())
}

/// Futures that have been polled once, one after another.
async fn polled_once<F: Future>(futures: impl Iterator<Item = F>) -> Vec<Pin<Box<MaybeDone<F>>>> {
    let mut polled: Vec<_> = futures.map(|future| Box::pin(maybe_done(future))).collect();
    poll_fn(|context| {
        for one in &mut polled {
            let _ = one.as_mut().poll(context);
        }
        Poll::Ready(())
    })
    .await;
    polled
}

/// Hands the rows of a statement that is sent to a function.
async fn end(
    trace: Trace<'_>,
    rows: Result<Rows>,
    each: impl FnMut(&Row<'_>) -> Result<()> + Send,
) -> Result<()> {
    let rows = match rows {
        Ok(rows) => rows.for_each(each).await,
        Err(error) => Err(error),
    };
    trace.end(rows).map(drop)
}

/// A connection of a pool. A timer is set only where one has to be waited for.
pub(super) async fn lend(pool: &deadpool_postgres::Pool) -> Result<deadpool_postgres::Client> {
    let at_once = Timeouts { wait: Some(Duration::ZERO), ..pool.timeouts() };
    let mut lent = pool.timeout_get(&at_once).await;
    if let Err(deadpool_postgres::PoolError::Timeout(TimeoutType::Wait)) = lent {
        lent = pool.get().await;
    }
    lent.map_err(pool_error)
}

/// How long a server takes to answer when there is nothing to do: the least of three times, since
/// none can be too short.
pub(super) async fn round_trip(client: &deadpool_postgres::Client) -> Result<Duration> {
    let mut least = Duration::MAX;
    for _ in 0..3 {
        let begun = Instant::now();
        client.batch_execute("").await.map_err(error)?;
        least = least.min(begun.elapsed());
    }
    Ok(least)
}

/// A value as the driver sends it.
#[derive(Clone, Copy)]
struct Sql<'value>(&'value SqlValue);

/// The driver logs what it sends by way of `Debug`; a log must not tell values.
impl fmt::Debug for Sql<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

impl ToSql for Sql<'_> {
    fn to_sql(
        &self,
        sql_type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self.0 {
            SqlValue::Bool(value) => value.to_sql(sql_type, out),
            SqlValue::SmallInt(value) => value.to_sql(sql_type, out),
            SqlValue::Int(value) => value.to_sql(sql_type, out),
            SqlValue::BigInt(value) => value.to_sql(sql_type, out),
            // `sea_query` counts rows of a page without a sign.
            SqlValue::BigUnsigned(value) => {
                value.map(i64::try_from).transpose()?.to_sql(sql_type, out)
            }
            SqlValue::Float(value) => value.to_sql(sql_type, out),
            SqlValue::Double(value) => value.to_sql(sql_type, out),
            SqlValue::String(value) => value.to_sql(sql_type, out),
            SqlValue::Bytes(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "chrono")]
            SqlValue::ChronoDate(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "chrono")]
            SqlValue::ChronoTime(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "chrono")]
            SqlValue::ChronoDateTime(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "chrono")]
            SqlValue::ChronoDateTimeUtc(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "time")]
            SqlValue::TimeDate(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "time")]
            SqlValue::TimeTime(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "time")]
            SqlValue::TimeDateTime(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "time")]
            SqlValue::TimeDateTimeWithTimeZone(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "uuid")]
            SqlValue::Uuid(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "rust_decimal")]
            SqlValue::Decimal(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "json")]
            SqlValue::Json(value) => value.as_deref().to_sql(sql_type, out),
            SqlValue::Array(_, None) => Ok(IsNull::Yes),
            SqlValue::Array(_, Some(values)) => {
                values.iter().map(Sql).collect::<Vec<_>>().to_sql(sql_type, out)
            }
            other => {
                Err(format!("a raw condition holds a value that cannot be sent: {other:?}").into())
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Whether a field is, byte for byte, what a value is sent as.
pub(super) fn is_as_sent(row: &tokio_postgres::Row, position: usize, value: &SqlValue) -> bool {
    let (Some(column), Ok(field)) = (row.columns().get(position), row.try_get(position)) else {
        return false;
    };
    let field: Option<Raw<'_>> = field;
    match (field, value) {
        // What most rows hold is compared as it is.
        (Some(Raw(field)), SqlValue::String(Some(text))) => field == text.as_bytes(),
        (Some(Raw(field)), SqlValue::BigInt(Some(value))) => field == value.to_be_bytes(),
        (Some(Raw(field)), SqlValue::Int(Some(value))) => field == value.to_be_bytes(),
        (field, value) => {
            let mut sent = BytesMut::new();
            match (Sql(value).to_sql(column.type_(), &mut sent), field) {
                (Ok(IsNull::Yes), None) => true,
                (Ok(IsNull::No), Some(Raw(field))) => field == sent,
                _ => false,
            }
        }
    }
}

/// The type of a value, which goes along so that the server need not guess.
fn type_of(value: &SqlValue) -> Type {
    match value {
        SqlValue::Array(element, _) => array_type_of(element),
        SqlValue::Bool(_) => Type::BOOL,
        SqlValue::SmallInt(_) => Type::INT2,
        SqlValue::Int(_) => Type::INT4,
        SqlValue::BigInt(_) | SqlValue::BigUnsigned(_) => Type::INT8,
        SqlValue::Float(_) => Type::FLOAT4,
        SqlValue::Double(_) => Type::FLOAT8,
        SqlValue::Bytes(_) => Type::BYTEA,
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDate(_) => Type::DATE,
        #[cfg(feature = "chrono")]
        SqlValue::ChronoTime(_) => Type::TIME,
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTime(_) => Type::TIMESTAMP,
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTimeUtc(_) => Type::TIMESTAMPTZ,
        #[cfg(feature = "time")]
        SqlValue::TimeDate(_) => Type::DATE,
        #[cfg(feature = "time")]
        SqlValue::TimeTime(_) => Type::TIME,
        #[cfg(feature = "time")]
        SqlValue::TimeDateTime(_) => Type::TIMESTAMP,
        #[cfg(feature = "time")]
        SqlValue::TimeDateTimeWithTimeZone(_) => Type::TIMESTAMPTZ,
        #[cfg(feature = "uuid")]
        SqlValue::Uuid(_) => Type::UUID,
        #[cfg(feature = "rust_decimal")]
        SqlValue::Decimal(_) => Type::NUMERIC,
        #[cfg(feature = "json")]
        SqlValue::Json(_) => Type::JSONB,
        _ => Type::TEXT,
    }
}

fn array_type_of(element: &ArrayType) -> Type {
    match element {
        ArrayType::Bool => Type::BOOL_ARRAY,
        ArrayType::SmallInt => Type::INT2_ARRAY,
        ArrayType::Int => Type::INT4_ARRAY,
        ArrayType::BigInt => Type::INT8_ARRAY,
        ArrayType::Float => Type::FLOAT4_ARRAY,
        ArrayType::Double => Type::FLOAT8_ARRAY,
        ArrayType::Bytes => Type::BYTEA_ARRAY,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoDate => Type::DATE_ARRAY,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoTime => Type::TIME_ARRAY,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoDateTime => Type::TIMESTAMP_ARRAY,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoDateTimeUtc => Type::TIMESTAMPTZ_ARRAY,
        #[cfg(feature = "time")]
        ArrayType::TimeDate => Type::DATE_ARRAY,
        #[cfg(feature = "time")]
        ArrayType::TimeTime => Type::TIME_ARRAY,
        #[cfg(feature = "time")]
        ArrayType::TimeDateTime => Type::TIMESTAMP_ARRAY,
        #[cfg(feature = "time")]
        ArrayType::TimeDateTimeWithTimeZone => Type::TIMESTAMPTZ_ARRAY,
        #[cfg(feature = "uuid")]
        ArrayType::Uuid => Type::UUID_ARRAY,
        #[cfg(feature = "rust_decimal")]
        ArrayType::Decimal => Type::NUMERIC_ARRAY,
        #[cfg(feature = "json")]
        ArrayType::Json => Type::JSONB_ARRAY,
        _ => Type::TEXT_ARRAY,
    }
}

/// What the driver says, as this crate's error. SQLSTATE decides before any name does.
pub(super) fn error(error: tokio_postgres::Error) -> Error {
    let kind = match error.as_db_error() {
        Some(refusal) => {
            let violation = match *refusal.code() {
                SqlState::UNIQUE_VIOLATION => Some(Violation::Unique),
                SqlState::FOREIGN_KEY_VIOLATION | SqlState::RESTRICT_VIOLATION => {
                    Some(Violation::ForeignKey)
                }
                SqlState::NOT_NULL_VIOLATION => Some(Violation::NotNull),
                SqlState::CHECK_VIOLATION => Some(Violation::Check),
                _ => None,
            };
            let code = refusal.code().code();
            match (violation, refusal.code()) {
                (Some(violation), _) => Kind::Constraint {
                    violation,
                    constraint: refusal.constraint().map(ToOwned::to_owned),
                    table: refusal.table().map(ToOwned::to_owned),
                    column: refusal.column().map(ToOwned::to_owned),
                },
                (None, &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
                    Kind::Serialization
                }
                (None, &SqlState::READ_ONLY_SQL_TRANSACTION) => Kind::ReadOnly,
                (None, &SqlState::INVALID_SQL_STATEMENT_NAME) => Kind::PlanChanged,
                // The place tells it from what the server cannot do at all.
                (None, &SqlState::FEATURE_NOT_SUPPORTED)
                    if refusal.routine() == Some("RevalidateCachedQuery") =>
                {
                    Kind::PlanChanged
                }
                (None, &SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN) => {
                    Kind::Connection(refusal.message().to_owned())
                }
                (None, &SqlState::LOCK_NOT_AVAILABLE) => Kind::Locked,
                // The server closes, starts, or has no place for another connection.
                _ if code.starts_with("08") || code.starts_with("57P") || code == "53300" => {
                    Kind::Connection(refusal.message().to_owned())
                }
                _ => Kind::Database {
                    code: Some(code.to_owned()),
                    message: refusal.message().to_owned(),
                },
            }
        }
        None if error.is_closed() || is_io(&error) => Kind::Connection(error.to_string()),
        None => Kind::Database { code: None, message: error.to_string() },
    };
    Error::new(kind).because(error)
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(<dyn StdError>::is::<std::io::Error>)
}

fn pool_error(failure: deadpool_postgres::PoolError) -> Error {
    match failure {
        deadpool_postgres::PoolError::Backend(failure) => {
            let refused = error(failure);
            if matches!(refused.kind(), Kind::Connection(_)) {
                refused
            } else {
                let kind = Kind::Connection(format!("cannot connect: {refused}"));
                Error::new(kind).because(refused)
            }
        }
        deadpool_postgres::PoolError::Timeout(_) => Error::new(Kind::PoolTimeout),
        other => Error::new(Kind::Connection(other.to_string())).because(other),
    }
}
