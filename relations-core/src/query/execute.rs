//! The verbs of a query: what runs it.

use std::collections::HashSet;

use crate::ast::scope::{SelectScope, SourceByKey};
use crate::ast::select::Select;
use crate::ast::term::Term;
use crate::definition::property::ColumnType;
use crate::definition::relation::RelationDefinition;
use crate::dialect::{Dialect, Engine};
use crate::driver::execute::{fetch, fetch_each};
use crate::driver::executor::Executor;
use crate::driver::one_connection::one_connection;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::include::Bare;
use crate::loader::loaded::Loaded;
use crate::loader::rounds;
use crate::loader::rounds::{Show, ShowAll};
use crate::plan::tree::{OwnOrKept, Reach};
use crate::query::Query;
use crate::sql;
use crate::sql::batch_key::BatchKey;
use crate::sql::cache::{Caches, Kept};
use crate::sql::include::EntityStatement;
use crate::sql::operation::Operation;
use crate::sql::{Verb, select};
use crate::value::Value;
use crate::value::key::Key;
use crate::value::parameter::{Parameter, values_of_key};
use crate::value::row::Row;

/// The number of tries to find rows that were missing, and are there when the reason is looked up.
pub(crate) const TRIES: usize = 3;

impl Select {
    /// A statement of this query, with what is known of it for errors and traces.
    pub(crate) fn statement(&self, operation: Operation, lowered: sql::Lowered) -> Statement {
        let statement = Statement::new(operation, lowered.sql, lowered.parameters.into());
        self.described(statement)
    }

    /// A statement of this query with what it is about, and who asks.
    pub(super) fn described(&self, statement: Statement) -> Statement {
        statement.about(self.entity, self.relation).asked_by(self.caller, self.is_by_key())
    }

    /// [`reading`](Self::reading) of SQL that is not kept.
    pub(crate) fn reading_statement(&self, lowered: sql::Lowered) -> Statement {
        self.reading(self.statement(Operation::Select, lowered))
    }

    /// [`reading_statement`](Self::reading_statement) that also calculates these values.
    pub(crate) fn reading_terms(&self, lowered: sql::Lowered, terms: &[Term]) -> Statement {
        let statement = self.reading_statement(lowered);
        let may = statement.replicable && !terms.iter().any(Term::is_unknown);
        statement.on_replica_if(may)
    }

    /// A statement of this query that reads its rows, which a replica may answer unless they are locked
    /// or depend on SQL of the user's own.
    pub(crate) fn reading(&self, statement: Statement) -> Statement {
        let may = self.lock.strength.is_none() && !self.is_unknown();
        self.described(statement).on_replica_if(may)
    }

    /// An error about what this query asks for.
    pub(crate) fn error(&self, kind: Kind) -> Error {
        let mut error = Error::new(kind).entity_is(self.entity);
        if let Some(relation) = self.relation {
            error = error.relation_is(relation);
        }
        match &self.scope {
            SelectScope::Key { key, .. }
            | SelectScope::Array(SourceByKey { key, .. })
            | SelectScope::Linked(SourceByKey { key, .. }) => error.key_is(key),
            SelectScope::Table
            | SelectScope::TargetsOfId(_)
            | SelectScope::Via(_)
            | SelectScope::Nothing => error,
        }
    }

    /// The error of a missing target of a foreign key; `None` if a filter may have left it out, or if no
    /// constraint is declared.
    fn absence(&self) -> Option<Error> {
        (self.promises_target() && self.is_plain() && matches!(self.scope, SelectScope::Key { .. }))
            .then(|| self.error(Kind::TargetMissing))
    }
}

impl Select {
    /// The statement for whole entities. What a key alone asks for is written once and kept.
    pub(crate) fn rows(&self, dialect: Dialect, caches: Caches, verb: Verb) -> Result<Statement> {
        let statement = self.rows_by_themselves(dialect, caches, verb)?;
        Ok(statement.looks_up(BatchKey::of(self, caches, verb)))
    }

    fn rows_by_themselves(
        &self,
        dialect: Dialect,
        caches: Caches,
        verb: Verb,
    ) -> Result<Statement> {
        let keepable =
            self.is_plain() && self.lock.is_none() && (verb == Verb::All || self.is_unique());
        let (cache, kept, key) = match (&self.scope, self.relation, caches.source) {
            (SelectScope::Key { properties, key, .. }, ..) if keepable => {
                let (ordered, origin) = (self.targets_many(), self.origin());
                let kept = Kept::ByKey { properties, ordered, origin, visible: self.visible };
                (caches.entity, kept, key)
            }
            (SelectScope::Linked(SourceByKey { key, .. }), Some(relation), Some(source))
                if keepable && self.sees_as_usual() =>
            {
                (source, Kept::Linked(relation.name), key)
            }
            _ => {
                let (sql, parameters) = self.sql(dialect, verb, caches.entity)?;
                let statement = Statement::new(Operation::Select, sql, parameters);
                return Ok(self.reading(statement));
            }
        };
        let write = || select::rows(dialect, self, verb);
        let sql = cache.sql(dialect, kept, || write().map(|lowered| lowered.sql))?;
        Ok(self.reading(keyed(Operation::Select, sql, key, write)?))
    }

    /// The followed relation, where a text among its key makes the SQL speak of the source.
    pub(crate) fn origin(&self) -> Option<usize> {
        let relation = self.relation?;
        let is_text = |name: &&str| {
            self.entity.property(name).is_some_and(|one| one.column_type == ColumnType::Text)
        };
        relation.key_to.iter().any(is_text).then(|| std::ptr::from_ref(relation).addr())
    }

    /// The greatest number of rows, as far as the query shows.
    pub(crate) fn most_rows(&self, verb: Verb) -> Option<u64> {
        let wanted = match verb {
            _ if self.is_unique() => Some(1),
            Verb::All => None,
            Verb::First => Some(1),
            Verb::One => Some(2),
        };
        wanted.into_iter().chain(self.limit).chain(self.most_matching()).min()
    }
}

#[allow(clippy::manual_async_fn, reason = "an async function would keep the query twice")]
impl<E: Entity, T: Loaded<Entity = E>> Query<E, T> {
    /// The plan of the included relations: the statement of each, and its position in the rows.
    fn plan(
        &mut self,
        dialect: Dialect,
        verb: Verb,
        reach: Reach,
        one_row_each: bool,
    ) -> OwnOrKept {
        let includes = std::mem::take(&mut self.select.includes);
        self.select.plan(dialect, verb, reach, includes, one_row_each, E::sql_cache())
    }

    /// The statement of a query that takes only one.
    fn statement(&self, dialect: Dialect, plan: &OwnOrKept, verb: Verb) -> Result<Statement> {
        let select = &self.select;
        if plan.slots.is_empty() && !select.tells_order && select.columns.is_none() {
            return self.select.rows(dialect, self.caches(), verb);
        }
        let rows = EntityStatement::Of { select: &self.select, plan, verb };
        let (sql, parameters) = rows.sql(dialect, E::sql_cache())?;
        let may = !plan.is_unknown();
        let statement = self.select.reading(Statement::new(Operation::Select, sql, parameters));
        let may = may && statement.replicable;
        Ok(statement.on_replica_if(may))
    }

    async fn fetch(&mut self, db: &impl Executor, verb: Verb) -> Result<Vec<T>> {
        let plan = self.plan(db.dialect(), verb, Reach::of(db), false);
        self.planned_rows(db, &plan, verb, &mut ShowAll).await
    }

    /// The rows that a verb wants, each of which is shown before it is read.
    pub(crate) async fn fetch_shown(
        &mut self,
        db: &impl Executor,
        verb: Verb,
        show: &mut impl Show,
    ) -> Result<Vec<T>> {
        // An observer of rows reads whole entities.
        self.select.columns = None;
        let plan = self.plan(db.dialect(), verb, Reach::of(db), true);
        self.planned_rows(db, &plan, verb, show).await
    }

    /// Hands rows that are shown first to a function as they come, if nothing has to be known of all.
    pub(crate) async fn each_shown(
        &mut self,
        db: &impl Executor,
        show: &mut impl Show,
        each: &mut (dyn FnMut(T) + Send),
    ) -> Result<()> {
        self.select.columns = None;
        let plan = self.plan(db.dialect(), Verb::All, Reach::of(db), true);
        if self.select.is_empty() || !plan.whole || plan.joined_to_several().is_some() {
            let rows = Box::pin(self.planned_rows(db, &plan, Verb::All, show)).await?;
            rows.into_iter().for_each(each);
            return Ok(());
        }
        let statement = self.statement(db.dialect(), &plan, Verb::All)?;
        fetch_each(db, &statement, &mut |row| {
            if show.show(row, &plan)?
                && let Some(row) = T::read(row, &plan)?
            {
                each(row);
            }
            Ok(())
        })
        .await
        .map(drop)
    }

    /// The rows that a verb wants, as they are planned.
    async fn planned_rows(
        &self,
        db: &impl Executor,
        plan: &OwnOrKept,
        verb: Verb,
        show: &mut impl Show,
    ) -> Result<Vec<T>> {
        let mut rows: Vec<T> = Vec::new();
        if !self.select.is_empty() && plan.whole {
            let statement = self.statement(db.dialect(), plan, verb)?;
            fetch_each(db, &statement, &mut |row| {
                if show.show(row, plan)?
                    && let Some(row) = T::read(row, plan)?
                {
                    rows.push(row);
                }
                Ok(())
            })
            .await?;
        } else if !self.select.is_empty() {
            rows = Box::pin(rounds::trees(db, &self.select, plan, verb, show)).await?;
        }
        if let Some(relation) = plan.joined_to_several() {
            come_once(&rows, relation)?;
        }
        Ok(rows)
    }

    /// The SQL of the statement that loads the rows on an engine, with its values as placeholders.
    ///
    /// # Errors
    ///
    /// The engine does not support a part of the query.
    pub fn to_sql(&self, engine: Engine) -> Result<String> {
        let mut query = self.clone();
        let spellings = engine == Engine::Sqlite;
        let near = Reach { high_latency: false, snapshot: true, spellings };
        let dialect = Dialect::from(engine);
        let plan = query.plan(dialect, Verb::All, near, false);
        query.statement(dialect, &plan, Verb::All).map(|statement| statement.sql().to_owned())
    }

    /// All rows; an empty `Vec` if there are none.
    ///
    /// # Errors
    ///
    /// The database cannot be reached or rejects a statement, or a row does not fit the entity; or
    /// a key of an included relation has no target, although a constraint guarantees one
    /// ([`Error::is_target_missing`]).
    pub fn all(mut self, db: &impl Executor) -> impl Future<Output = Result<Vec<T>>> + Send {
        async move { self.fetch(db, Verb::All).await }
    }

    /// The first row, in the given order or by the id; `None` if there is none.
    pub fn first(mut self, db: &impl Executor) -> impl Future<Output = Result<Option<T>>> + Send {
        async move { Ok(self.fetch(db, Verb::First).await?.into_iter().next()) }
    }

    /// The only row, if there is one.
    ///
    /// # Errors
    ///
    /// There are several ([`Error::is_not_unique`]); or the query follows a foreign key that has no
    /// target, although its constraint guarantees one ([`Error::is_target_missing`]).
    pub fn optional(
        mut self,
        db: &impl Executor,
    ) -> impl Future<Output = Result<Option<T>>> + Send {
        async move { self.at_most_one(db).await }
    }

    /// The only row.
    ///
    /// # Errors
    ///
    /// There is none ([`Error::is_not_found`]), there are several ([`Error::is_not_unique`]); or
    /// the query follows a foreign key that has no target, although its constraint guarantees one
    /// ([`Error::is_target_missing`]).
    pub fn one(mut self, db: &impl Executor) -> impl Future<Output = Result<T>> + Send {
        async move { self.at_most_one(db).await?.ok_or_else(|| self.select.error(Kind::NotFound)) }
    }

    async fn at_most_one(&mut self, db: &impl Executor) -> Result<Option<T>> {
        let tells_why = self.select.includes.is_empty() && self.select.lock.is_none();
        if self.select.sought_by_id().is_none() {
            return self.at_most_one_found(db).await;
        }
        if tells_why {
            return self.target_of_id(db).await;
        }
        Box::pin(self.target_with_included(db)).await
    }

    /// The target of a source that is known by its id, with what is included.
    async fn target_with_included(&self, db: &impl Executor) -> Result<Option<T>> {
        let db = &one_connection(db);
        let required = self.select.includes.iter().any(|one| one.required);
        let mut tries = if required { 1 } else { TRIES };
        loop {
            let found = self.clone().at_most_one_found(db).await?;
            if found.is_some() {
                return Ok(found);
            }
            // The target by itself tells why there is none. If there is one now, it came in between.
            tries -= 1;
            if self.target_of_id(db).await?.is_none() || tries == 0 {
                return Ok(None);
            }
        }
    }

    async fn at_most_one_found(&mut self, db: &impl Executor) -> Result<Option<T>> {
        let narrowed = self.select.is_narrowed();
        let plan = self.plan(db.dialect(), Verb::One, Reach::of(db), false);
        let found = if self.select.is_empty() {
            None
        } else if plan.whole && plan.joined_to_several().is_none() {
            let statement = self.statement(db.dialect(), &plan, Verb::One)?;
            let error = |kind| self.select.error(kind);
            only(db, &statement, |row| T::read(row, &plan), error).await?
        } else {
            let rows = Box::pin(self.planned_rows(db, &plan, Verb::One, &mut ShowAll)).await?;
            self.select.only_of(rows)?
        };
        match found {
            None if !narrowed => self.select.absence().map_or(Ok(None), Err),
            found => Ok(found),
        }
    }
}

/// Makes sure that no row comes twice, as it would for each target of a relation to one that the
/// database does not keep to one.
fn come_once<T: Loaded>(rows: &[T], relation: &'static RelationDefinition) -> Result<()> {
    let mut ids = HashSet::with_capacity(rows.len());
    let entities = rows.iter().filter_map(Loaded::entity);
    match entities.map(Entity::row_id).find(|id| !ids.insert(id.clone())) {
        Some(id) => Err(Error::new(Kind::NotUnique)
            .entity_is(relation.target.definition())
            .relation_is(relation)
            .key_is(&id.to_parameters())),
        None => Ok(()),
    }
}

/// The only row that a statement brings.
pub(crate) async fn only<T: Send>(
    db: &impl Executor,
    statement: &Statement,
    mut read: impl FnMut(&Row<'_>) -> Result<Option<T>> + Send,
    error: impl FnOnce(Kind) -> Error + Send,
) -> Result<Option<T>> {
    let (mut only, mut several) = (None, false);
    fetch_each(db, statement, &mut |row| {
        several = only.is_some();
        only = read(row)?.or(only.take());
        Ok(())
    })
    .await?;
    if several { Err(error(Kind::NotUnique)) } else { Ok(only) }
}

impl Select {
    fn only_of<T>(&self, rows: Vec<T>) -> Result<Option<T>> {
        let mut rows = rows.into_iter();
        let only = rows.next();
        if rows.next().is_some() { Err(self.error(Kind::NotUnique)) } else { Ok(only) }
    }
}

impl<E: Entity, T> Query<E, T> {
    /// The number of rows.
    pub async fn count(self, db: &impl Executor) -> Result<i64>
    where
        T: Bare<E>,
    {
        if self.select.is_empty() {
            return Ok(0);
        }
        let lowered = select::aggregate(db.dialect(), &self.select, select::count)?;
        let statement = self.select.reading_statement(lowered);
        let counts = fetch(db, &statement, |row| value(row, self.select.entity.table)).await?;
        Ok(counts.into_iter().next().unwrap_or_default())
    }

    /// Whether there are rows.
    pub async fn exists(self, db: &impl Executor) -> Result<bool>
    where
        T: Bare<E>,
    {
        if self.select.is_empty() {
            return Ok(false);
        }
        let lowered = select::exists(db.dialect(), &self.select)?;
        let statement = self.select.reading_statement(lowered);
        let answers = fetch(db, &statement, |row| value(row, self.select.entity.table)).await?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }
}

/// The statement of SQL that is kept, whose values are the parts of a key. Where one cannot be
/// sent, writing the SQL tells its property.
pub(crate) fn keyed(
    operation: Operation,
    sql: sql::StatementSql,
    key: &[Parameter],
    write: impl FnOnce() -> Result<sql::Lowered>,
) -> Result<Statement> {
    match values_of_key(key.iter().cloned()) {
        Ok(parameters) => Ok(Statement::new(operation, sql, parameters)),
        Err(why) => {
            Err(write().err().unwrap_or_else(|| Error::invalid_request(format!("a key {why}"))))
        }
    }
}

/// The only value of a row.
pub(crate) fn value<V: Value>(row: &Row<'_>, table: &'static str) -> Result<V> {
    value_at(row, 0, table)
}

/// The value of a row at a position.
pub(crate) fn value_at<V: Value>(row: &Row<'_>, at: usize, table: &'static str) -> Result<V> {
    let value = row.read(at, V::read);
    value.map_err(|why| Error::row("value", table, &crate::column::type_name::<V>(), why))
}
