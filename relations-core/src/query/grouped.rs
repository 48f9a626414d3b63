//! Queries of the groups of rows.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::grouping::Grouping;
use crate::ast::predicate::Predicate;
use crate::ast::select::Select;
use crate::ast::term::Term;
use crate::column::Column;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::expression::Groups;
use crate::filter::IntoFilter;
use crate::query::Query;
use crate::query::order::{IntoOrdering, Ordering};
use crate::query::projection::{RowsAs, Selectable, Selection, next};
use crate::raw_sql::FromRow;
use crate::relation::path::Path;
use crate::sql::operation::Operation;
use crate::sql::{Verb, grouped};
use crate::value::property::Property;
use crate::value::row::Row;

/// A query of the groups of rows of `E`; see [`Query::group_by`].
#[must_use = "a query does nothing until one of its verbs is awaited"]
pub struct GroupedQuery<E, S = Unselected> {
    /// The rows, and the order and the page of the groups.
    select: Select,
    grouping: Grouping,
    /// Why the rows cannot be grouped.
    refused: Option<&'static str>,
    selection: S,
    entity: PhantomData<fn() -> E>,
}

/// Stands for the values of a [`GroupedQuery`] until they are selected.
#[derive(Debug, Clone, Copy)]
pub struct Unselected;

impl<E, S: Clone> Clone for GroupedQuery<E, S> {
    fn clone(&self) -> Self {
        Self {
            select: self.select.clone(),
            grouping: self.grouping.clone(),
            refused: self.refused,
            selection: self.selection.clone(),
            entity: PhantomData,
        }
    }
}

impl<E, S: fmt::Debug> fmt::Debug for GroupedQuery<E, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut this = formatter.debug_tuple("GroupedQuery");
        this.field(&self.select).field(&self.grouping).field(&self.selection).finish()
    }
}

impl<E: Entity, T> Query<E, T> {
    /// Groups the rows by keys (`GROUP BY`). Then select values of each group: the keys, and aggregates
    /// such as [`count()`](crate::expression::count()) and [`sum`](Column::sum).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// use relations::expression::count;
    ///
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, product_id: i64, price: i64, quantity: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let turnover = (Line::PRICE * Line::QUANTITY).sum();
    /// let best: Vec<(i64, Option<i64>, i64)> = Line::find()
    ///     .filter(Line::QUANTITY.gt(0))
    ///     .group_by(Line::PRODUCT_ID)
    ///     .having(count().ge(10))
    ///     .select((Line::PRODUCT_ID, turnover.clone(), count()))
    ///     .order_by(turnover.desc())
    ///     .limit(20)
    ///     .all(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Keys are a column, an expression, or a tuple of these, also of related rows. Nulls form one group.
    /// Besides keys and aggregates, columns can be selected that the keys determine: all of a row whose id
    /// is a key, and those of the target of a relation to one whose foreign key is a key.
    ///
    /// # Errors
    ///
    /// The query fails before it is sent, with an error that
    /// [`is_invalid_request`](Error::is_invalid_request), if a value that is selected, ordered by or used in
    /// `having` has no single value in a group; or if the rows were ordered or limited before `group_by`.
    ///
    /// An aggregate is not a value of a row:
    ///
    /// ```compile_fail,E0277
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, price: i64 }
    /// let query = Line::find().select(Line::PRICE.sum());
    /// ```
    #[doc(alias = "having")]
    #[doc(alias = "aggregate")]
    #[allow(clippy::needless_pass_by_value, reason = "keys are given as columns are selected")]
    pub fn group_by<K: Selection<E>>(self, keys: K) -> GroupedQuery<E>
    where
        T: Selectable<E>,
    {
        self.grouped(keys.terms())
    }

    /// Several aggregates of all rows: one row, even if the query finds none.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// use relations::expression::count;
    ///
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, price: i64, open: bool }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let (lines, open, dearest): (i64, i64, Option<i64>) = Line::find()
    ///     .aggregate((count(), count().filter(Line::OPEN.eq(true)), Line::PRICE.max()))
    ///     .one(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`group_by`](Self::group_by).
    pub fn aggregate<S: Selection<Groups<E>>>(self, selection: S) -> GroupedQuery<E, S>
    where
        T: Selectable<E>,
    {
        self.grouped(Vec::new()).select(selection)
    }

    fn grouped(self, keys: Vec<Term>) -> GroupedQuery<E> {
        let mut select = self.select;
        select.forget_declared_order();
        let refused = if !select.orders.is_empty() {
            Some("rows have no order within groups; write `order_by` behind `group_by`")
        } else if select.limit.is_some() || select.offset.is_some() {
            Some("all rows are grouped; write `limit` and `offset` behind `group_by`")
        } else if select.distinct || select.anchor.is_some() {
            Some("all rows are grouped; leave out `distinct`, and begin no page before `group_by`")
        } else {
            None
        };
        let grouping = Grouping { entity: E::DEFINITION, keys, having: Predicate::Always };
        GroupedQuery { select, grouping, refused, selection: Unselected, entity: PhantomData }
    }
}

impl<E: Entity, S> GroupedQuery<E, S> {
    /// Keeps only the groups that also match a condition on aggregates (`HAVING`).
    ///
    /// For a condition on the rows themselves use [`filter`](Query::filter) before `group_by`.
    pub fn having(mut self, condition: impl IntoFilter<Groups<E>>) -> Self {
        let before = std::mem::replace(&mut self.grouping.having, Predicate::Always);
        self.grouping.having = before.and(condition.into_filter().predicate);
        self
    }

    /// Sorts the groups by a key or an aggregate, after earlier orders.
    ///
    /// Without an order, groups come in any order.
    pub fn order_by(mut self, order: impl IntoOrdering<Groups<E>>) -> Self {
        self.select.orders.push(order.into_ordering().by);
        self
    }

    /// Takes at most this many groups.
    pub fn limit(mut self, groups: u64) -> Self {
        self.select.limit = Some(groups);
        self
    }

    /// Skips this many groups.
    pub fn offset(mut self, groups: u64) -> Self {
        self.select.offset = Some(groups);
        self
    }

    fn check(&self) -> Result<()> {
        match self.refused {
            Some(why) => Err(Error::invalid_request(why).entity_is(E::DEFINITION)),
            None => Ok(()),
        }
    }

    /// The number of groups.
    ///
    /// # Errors
    ///
    /// The errors of [`group_by`](Query::group_by); or the database cannot be reached.
    pub async fn count(self, db: &impl Executor) -> Result<u64> {
        self.check()?;
        if self.select.is_empty() && !self.grouping.keys.is_empty() {
            return Ok(0);
        }
        let lowered = grouped::count(db.dialect(), &self.select, &self.grouping)?;
        let statement = self.select.statement(Operation::Select, lowered);
        let read = |row: &Row<'_>| {
            let count = row.read(0, <i64 as Property>::read_nullable);
            count.map_err(|mismatch| Error::row("count", "count", "i64", mismatch))
        };
        let count = fetch(db, &statement, read).await?.into_iter().next().unwrap_or_default();
        Ok(count.unsigned_abs())
    }
}

impl<E: Entity> GroupedQuery<E> {
    /// Selects values of each group: keys, aggregates, and expressions of them.
    pub fn select<S: Selection<Groups<E>>>(self, selection: S) -> GroupedQuery<E, S> {
        GroupedQuery {
            select: self.select,
            grouping: self.grouping,
            refused: self.refused,
            selection,
            entity: PhantomData,
        }
    }
}

impl<E: Entity, S: Selection<Groups<E>> + Send + Sync> GroupedQuery<E, S> {
    /// Reads each group as a struct, whose fields are found by the names of the selected values; see
    /// [`Projection::rows_as`](crate::query::Projection::rows_as).
    pub fn rows_as<T: FromRow>(self) -> GroupedQuery<E, RowsAs<S, T>> {
        GroupedQuery {
            selection: RowsAs::new::<Groups<E>>(self.selection),
            select: self.select,
            grouping: self.grouping,
            refused: self.refused,
            entity: PhantomData,
        }
    }

    async fn fetch(&self, db: &impl Executor, verb: Verb) -> Result<Vec<S::Output>> {
        self.check()?;
        self.selection.check()?;
        if self.select.is_empty() && !self.grouping.keys.is_empty() {
            return Ok(Vec::new());
        }
        let terms = self.selection.terms();
        let lowered = grouped::groups(db.dialect(), &self.select, &self.grouping, &terms, verb)?;
        let mut statement = self.select.reading_terms(lowered, &terms);
        let Grouping { keys, having, .. } = &self.grouping;
        statement.replicable &= !having.is_unknown() && !keys.iter().any(Term::is_unknown);
        fetch(db, &statement, |row| self.selection.read(row, &mut 0)).await
    }

    /// The SQL of the query, for an engine, without its values.
    ///
    /// # Errors
    ///
    /// The errors of [`group_by`](Query::group_by).
    pub fn to_sql(&self, engine: crate::dialect::Engine) -> Result<String> {
        self.check()?;
        let terms = self.selection.terms();
        Ok(grouped::groups(engine.into(), &self.select, &self.grouping, &terms, Verb::All)?
            .sql
            .text
            .to_string())
    }

    /// All groups.
    ///
    /// # Errors
    ///
    /// The errors of [`group_by`](Query::group_by); or the database cannot be reached or rejects the query, or
    /// an aggregate does not fit its type.
    pub async fn all(self, db: &impl Executor) -> Result<Vec<S::Output>> {
        self.fetch(db, Verb::All).await
    }

    /// The first group, in the given order or by the keys; `None` if there is none.
    ///
    /// # Errors
    ///
    /// The errors of [`all`](Self::all).
    pub async fn first(self, db: &impl Executor) -> Result<Option<S::Output>> {
        Ok(self.fetch(db, Verb::First).await?.into_iter().next())
    }

    /// The only group, if there is one.
    ///
    /// # Errors
    ///
    /// There are several ([`Error::is_not_unique`]); or the errors of [`all`](Self::all).
    pub async fn optional(self, db: &impl Executor) -> Result<Option<S::Output>> {
        let mut groups = self.fetch(db, Verb::One).await?.into_iter();
        match (groups.next(), groups.next()) {
            (group, None) => Ok(group),
            (_, Some(_)) => Err(self.select.error(Kind::NotUnique)),
        }
    }

    /// The only group.
    ///
    /// # Errors
    ///
    /// There is none ([`Error::is_not_found`]), there are several ([`Error::is_not_unique`]); or the same as
    /// of [`all`](Self::all).
    pub async fn one(self, db: &impl Executor) -> Result<S::Output> {
        let missing: Error = self.select.error(Kind::NotFound);
        self.optional(db).await?.ok_or(missing)
    }
}

/// A key of the rows of a group.
#[diagnostic::do_not_recommend]
impl<E: Entity, T: Send, P: Path> Selection<Groups<E>> for Column<E, T, P> {
    type Output = T;

    fn terms(&self) -> Vec<Term> {
        vec![self.field().into()]
    }

    fn names(&self) -> Vec<&'static str> {
        vec![self.definition().name]
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<T> {
        self.read_at(row, next(at))
    }
}

/// An order by a key.
#[diagnostic::do_not_recommend]
impl<E: Entity> IntoOrdering<Groups<E>> for Ordering<E> {
    fn into_ordering(self) -> Ordering<Groups<E>> {
        Ordering::of(self.by)
    }
}
