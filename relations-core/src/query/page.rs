//! Pages: a query's rows some at a time, each page behind or before a row of another.

use std::fmt;
use std::future::Future;

use crate::ast::inclusion::Inclusions;
use crate::ast::lock::Lock;
use crate::ast::order::OrderBy;
use crate::ast::page::Anchor;
use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::ast::term::{Field, Operand, Term};
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::driver::one_connection::one_connection;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::loader::loaded::Loaded;
use crate::loader::rounds::Show;
use crate::loader::row_keys::id_in;
use crate::plan::tree::RowPlan;
use crate::query::Query;
use crate::query::execute::{TRIES, value_at};
use crate::query::identified::Identified;
use crate::sql::operation::Operation;
use crate::sql::{Verb, select};
use crate::value::key::{IntoKey, Key, Parts, read_key};
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// One page of a query's rows, with the cursors of the next and the previous page; see
/// [`Query::page`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[doc(alias = "pagination")]
pub struct Page<T, Id> {
    /// The rows, in the order of the query.
    pub rows: Vec<T>,
    /// The id of the last row, for [`after`](Pages::after), if there are rows after it.
    pub next: Option<Id>,
    /// The id of the first row, for [`before`](Pages::before), if there are rows before it. A page
    /// after a row always has one, as that row is before it.
    pub previous: Option<Id>,
}

/// A query that is read page by page; see [`Query::page`].
#[must_use = "a page is taken when `fetch` is awaited"]
#[doc(alias = "keyset")]
#[doc(alias = "cursor")]
#[doc(alias = "pagination")]
pub struct Pages<E: Entity, T = E> {
    query: Query<E, T>,
    size: u64,
    at: At<E::Id>,
}

/// The position of a page.
#[derive(Clone)]
pub(crate) enum At<Id> {
    Start,
    After(Id),
    Before(Id),
}

impl<E: Entity, T> Clone for Pages<E, T> {
    fn clone(&self) -> Self {
        Self { query: self.query.clone(), size: self.size, at: self.at.clone() }
    }
}

impl<E: Entity, T> fmt::Debug for Pages<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut this = formatter.debug_struct("Pages");
        this.field("query", &self.query).field("size", &self.size).finish_non_exhaustive()
    }
}

impl<E: Entity, T: Loaded<Entity = E>> Query<E, T> {
    /// Keyset pagination: reads the rows page by page, with their includes.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// use relations::Page;
    ///
    /// let orders = Order::find().include(Order::CUSTOMER).order_by(Order::QUANTITY.desc());
    /// let first: Page<OrderWith<Customer>, i64> = orders.clone().page(20).fetch(db).await?;
    /// if let Some(last) = first.next {
    ///     let second = orders.page(20).after(last).fetch(db).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Rows are sorted by [`order_by`](Self::order_by), and equal rows by their id, in the
    /// direction of the last order. A page starts after a row instead of a number of rows, so it
    /// costs the same however far down it is, and inserts and deletes before it do not shift it.
    #[doc(alias = "keyset")]
    #[doc(alias = "cursor")]
    #[doc(alias = "pagination")]
    #[doc(alias = "seek")]
    pub fn page(self, size: u64) -> Pages<E, T>
    where
        E: Identified,
    {
        self.pages(size)
    }

    /// Pages of an entity that is known to have an id.
    pub(crate) fn pages(self, size: u64) -> Pages<E, T> {
        Pages { query: self, size, at: At::Start }
    }
}

impl<E: Entity, T: Loaded<Entity = E>> Pages<E, T> {
    /// Takes the page after the row with an id: [`Page::next`] of the page before it.
    ///
    /// The row has to match the query: for a row that its filter or scope leaves out, the page fails
    /// as if the row did not exist, so it reveals nothing about it. The later of `after` and
    /// `before` counts.
    ///
    /// A client may send any id; [`signed`](Self::signed) uses cursors that cannot be forged.
    pub fn after(mut self, id: impl IntoKey<E::Id>) -> Self {
        self.at = At::After(id.into_key());
        self
    }

    /// Takes the page before the row with an id: [`Page::previous`] of the page after it.
    ///
    /// Its rows come in the order of the query too. The first page may have fewer rows.
    pub fn before(mut self, id: impl IntoKey<E::Id>) -> Self {
        self.at = At::Before(id.into_key());
        self
    }

    /// The page; it is empty if there are no rows.
    ///
    /// It takes one statement, and those of its includes. The same statement looks up the cursor row.
    /// The page is read from one snapshot, if the executor has one.
    ///
    /// # Errors
    ///
    /// The cursor row was deleted or the query leaves it out ([`Error::is_not_found`]), unless the order is by
    /// the id alone, which needs no row; the query has a `limit`, an `offset` or is `distinct`, or the page
    /// size is 0 ([`Error::is_invalid_request`]); or an error of [`all`](Query::all).
    pub fn fetch(self, db: &impl Executor) -> impl Future<Output = Result<Page<T, E::Id>>> + Send {
        let at = match &self.at {
            At::Start => At::Start,
            At::After(id) => At::After(id.to_parameters()),
            At::Before(id) => At::Before(id.to_parameters()),
        };
        self.fetch_at(db, at)
    }

    /// The page at an id, whose parts are on their way to the database.
    pub(crate) async fn fetch_at(
        mut self,
        db: &impl Executor,
        at: At<Parts>,
    ) -> Result<Page<T, E::Id>> {
        // Moved out of it, the query would be in the future twice.
        let Self { query, size, .. } = &mut self;
        let size = *size;
        query.select.check_page(size)?;
        query.select.order_totally();
        let (id, backwards) = match at {
            At::Start => (None, false),
            At::After(id) => (Some(id), false),
            At::Before(id) => (Some(id), true),
        };
        if backwards {
            query.select.orders.iter_mut().for_each(OrderBy::reverse);
            query.select.backwards = true;
        }
        query.select.anchor = id.clone().map(|id| query.select.anchor(id));
        // One more tells whether there are more.
        query.select.limit = Some(size.saturating_add(1));
        let looked_up =
            matches!(query.select.anchor, Some(Anchor::Row(_))) && !query.select.is_empty();
        let mut ends = PageEnds::<E> { size, seen: 0, first: None, last: None };
        let mut rows = match &id {
            Some(id) if looked_up => query.behind(db, &mut ends, id).await?,
            _ => query.fetch_shown(db, Verb::All, &mut ends).await?,
        };
        let PageEnds { seen, first, last, .. } = ends;
        let more = seen > size;
        if backwards {
            rows.reverse();
            return Ok(Page { rows, next: first, previous: last.filter(|_| more) });
        }
        Ok(Page { rows, next: last.filter(|_| more), previous: first.filter(|_| id.is_some()) })
    }
}

#[cfg(feature = "signed-cursors")]
impl<E: Entity, T> Pages<E, T> {
    /// The query of which a page is taken.
    pub(crate) fn select(&self) -> &Select {
        &self.query.select
    }
}

impl<E: Entity, T: Loaded<Entity = E>> Query<E, T> {
    /// The rows behind one that is looked up. Where there are none, the row may be gone: then it is
    /// asked for both at once, so that what is told was so at one moment.
    async fn behind(
        &mut self,
        db: &impl Executor,
        ends: &mut PageEnds<E>,
        id: &[Parameter],
    ) -> Result<Vec<T>> {
        let db = &one_connection(db);
        let includes = self.select.includes.clone();
        let required = includes.iter().any(|one| one.required);
        let mut tries = if required { 1 } else { TRIES };
        loop {
            let rows = self.fetch_shown(db, Verb::All, ends).await?;
            if ends.seen > 0 {
                return Ok(rows);
            }
            let behind = Select { lock: Lock::default(), ..self.select.clone() };
            let anchor = behind.anchor_row(id);
            let lowered = select::each_exists(db.dialect(), &anchor, &[&behind])?;
            let statement = behind.reading(anchor.statement(Operation::Select, lowered));
            let table = self.select.entity.table;
            let both = fetch(db, &statement, |row| {
                Ok((value_at::<bool>(row, 0, table)?, value_at::<bool>(row, 1, table)?))
            });
            tries -= 1;
            match both.await?.into_iter().next() {
                Some((true, true)) if tries > 0 => self.select.includes.clone_from(&includes),
                Some((true, _)) => return Ok(rows),
                Some((false, _)) | None => return Err(gone::<E>(id)),
            }
        }
    }
}

/// The ids of the first and the last row of a page, of which one row more is asked for.
struct PageEnds<E: Entity> {
    size: u64,
    seen: u64,
    first: Option<E::Id>,
    last: Option<E::Id>,
}

impl<E: Entity> Show for PageEnds<E> {
    fn show(&mut self, row: &Row<'_>, plan: &RowPlan) -> Result<bool> {
        self.seen += 1;
        let id = id_in::<E>(row, plan.from)?;
        if self.seen > self.size {
            // The last row once more, for a further target of a has-one, is an error to be found.
            return Ok(self.last.as_ref() == Some(&id));
        }
        self.last = Some(id.clone());
        self.first.get_or_insert(id);
        Ok(true)
    }

    fn restart(&mut self) {
        (self.seen, self.first, self.last) = (0, None, None);
    }
}

impl Select {
    /// The row with an id, if the query of a page means it.
    fn anchor_row(&self, id: &[Parameter]) -> Self {
        let mut row = Self { anchor: None, limit: None, ..self.clone() };
        row.orders.clear();
        row.includes = Inclusions::default();
        for (property, part) in self.entity.id().zip(id) {
            let own = Operand::Term(Field::of(self.entity, property).into());
            let part = Operand::Parameter(part.clone());
            row.predicate = row.predicate.and(Predicate::Compare(own, Comparison::Equal, part));
        }
        row
    }
}

/// The row that a page starts at is gone, or left out by its query.
fn gone<E: Entity>(id: &[Parameter]) -> Error {
    let (properties, key) = (E::ID_PROPERTIES, id.into());
    let key = SelectScope::Key { properties, key, read_key: read_key::<E::Id>, source: None };
    Query::<E>::new(key).select.error(Kind::NotFound)
}

impl Select {
    fn check_page(&self, size: u64) -> Result<()> {
        let refused = |why: &str| Err(Error::invalid_request(why).entity_is(self.entity));
        if self.limit.is_some() || self.offset.is_some() || self.distinct {
            return refused(
                "a page has a size and a place of its own; leave out `limit`, `offset` and \
                 `distinct`",
            );
        }
        if size == 0 {
            return refused("a page of no rows leads nowhere; ask for one row at least");
        }
        Ok(())
    }

    /// Orders the rows by their id too, so that no two are equal.
    ///
    /// It goes the way of what is before it: then the order is that of one index, read forwards or
    /// backwards. No index is on a link and on the id of its target, so that goes up there.
    pub(crate) fn order_totally(&mut self) {
        let goes_down = |by: &OrderBy| by.descending && !matches!(by.term, Term::OfLink(_));
        let descending = self.orders.last().is_some_and(goes_down);
        let mut missing: Vec<_> = self.entity.id().collect();
        let mut orders = Vec::new();
        for by in std::mem::take(&mut self.orders) {
            // Orders behind the whole id tell no rows apart.
            if self.entity.has_id() && missing.is_empty() {
                break;
            }
            missing.retain(|id| !by.is_by(id.name));
            orders.push(by);
        }
        let by_id = |id| OrderBy::own(Field::of(self.entity, id), descending);
        orders.extend(missing.into_iter().map(by_id));
        self.orders = orders;
    }

    /// Whether the id is among what the rows are ordered by, so that no two are equal.
    pub(crate) fn is_totally_ordered(&self) -> bool {
        let orders_by = |name| self.orders.iter().any(|by| by.is_by(name));
        self.entity.id_is(|id| orders_by(id.name))
    }

    /// The row with an id as an anchor. By the id alone there is nothing to look up.
    fn anchor(&self, id: Parts) -> Anchor {
        let part = |by: &OrderBy| {
            let mut parts = self.entity.id().zip(&id);
            parts.find(|(property, _)| by.is_by(property.name)).map(|(_, part)| part.clone())
        };
        match self.orders.iter().map(part).collect() {
            Some(values) => Anchor::Values(values),
            None => Anchor::Row(id),
        }
    }
}
