//! Some columns of a query's rows, as typed tuples.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::select::Select;
use crate::ast::term::Term;
use crate::column::Column;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::query::Query;
use crate::relation::path::Path;
use crate::sql::operation::Operation;
use crate::sql::{Verb, select};
use crate::value::row::Row;

/// A value that can be selected of an entity: a column, an aggregate of targets, or a tuple of up to
/// eight of these or of further tuples.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected from `{E}`",
    label = "expected a column of `{E}`, or a tuple of its columns"
)]
pub trait Selection<E> {
    /// The type of a row.
    type Output: Send;

    /// The selected values, in the order of the output.
    #[doc(hidden)]
    fn terms(&self) -> Vec<Term>;

    /// The output in a row that holds it from a position on, which moves behind it.
    #[doc(hidden)]
    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<Self::Output>;
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Send, P: Path> Selection<E> for Column<E, T, P> {
    type Output = T;

    fn terms(&self) -> Vec<Term> {
        vec![self.field().into()]
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<T> {
        self.read_at(row, next(at))
    }
}

/// The position, which moves to the one behind it.
pub(crate) fn next(at: &mut usize) -> usize {
    std::mem::replace(at, *at + 1)
}

macro_rules! tuple_selection {
    ($($column:ident $at:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<Owner, $($column: Selection<Owner>),+> Selection<Owner> for ($($column,)+) {
            type Output = ($($column::Output,)+);

            fn terms(&self) -> Vec<Term> {
                [$(self.$at.terms()),+].concat()
            }

            fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<Self::Output> {
                Ok(($(self.$at.read(row, at)?,)+))
            }
        }
    };
}

tuple_selection!(A 0);

tuple_selection!(A 0, B 1);

tuple_selection!(A 0, B 1, C 2);

tuple_selection!(A 0, B 1, C 2, D 3);

tuple_selection!(A 0, B 1, C 2, D 3, E 4);

tuple_selection!(A 0, B 1, C 2, D 3, E 4, F 5);

tuple_selection!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);

tuple_selection!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

/// A query of some columns; see [`Query::select`].
#[must_use = "a query does nothing until one of its verbs is awaited"]
pub struct Projection<E, S> {
    select: Select,
    selection: S,
    entity: PhantomData<fn() -> E>,
}

impl<E, S: fmt::Debug> fmt::Debug for Projection<E, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Projection").field(&self.select).field(&self.selection).finish()
    }
}

/// A query without includes, whose columns can be selected.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "with an include a query loads whole rows, and `select` takes columns",
    label = "the query loads each row as `{Self}`",
    note = "leave out `include`; a column of a relation is selected as \
            `Order::CUSTOMER.column(Customer::NAME)`"
)]
pub trait Selectable<E> {}

#[diagnostic::do_not_recommend]
impl<E> Selectable<E> for E {}

impl<E: Entity, T> Query<E, T> {
    /// Takes only some columns of each row.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let pairs: Vec<(i64, i32)> =
    ///     Order::find().select((Order::ID, Order::QUANTITY)).all(db).await?;
    /// let quantities: Vec<i32> = Order::find().select(Order::QUANTITY).distinct().all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn select<S: Selection<E>>(self, selection: S) -> Projection<E, S>
    where
        T: Selectable<E>,
    {
        Projection { select: self.select, selection, entity: PhantomData }
    }
}

impl<E: Entity, S: Selection<E> + Send + Sync> Projection<E, S> {
    /// Leaves out rows that equal another one in the selected columns.
    pub fn distinct(mut self) -> Self {
        self.select.distinct = true;
        self
    }

    async fn fetch(&self, db: &impl Executor, verb: Verb) -> Result<Vec<S::Output>> {
        if self.select.is_empty() {
            return Ok(Vec::new());
        }
        let terms = self.selection.terms();
        let lowered = select::projection(db.engine(), &self.select, &terms, verb)?;
        let statement = self.select.statement(Operation::Select, lowered);
        fetch(db, &statement, |row| self.selection.read(row, &mut 0)).await
    }

    /// All rows.
    pub async fn all(self, db: &impl Executor) -> Result<Vec<S::Output>> {
        self.fetch(db, Verb::All).await
    }

    /// The first row, in the order asked for or else by the id; `None` where there is none.
    pub async fn first(self, db: &impl Executor) -> Result<Option<S::Output>> {
        Ok(self.fetch(db, Verb::First).await?.into_iter().next())
    }

    /// The only row, if there is one.
    ///
    /// # Errors
    ///
    /// There are several ([`Error::is_not_unique`]).
    pub async fn optional(self, db: &impl Executor) -> Result<Option<S::Output>> {
        let mut rows = self.fetch(db, Verb::One).await?.into_iter();
        match (rows.next(), rows.next()) {
            (row, None) => Ok(row),
            (_, Some(_)) => Err(self.select.error(Kind::NotUnique)),
        }
    }

    /// The only row.
    ///
    /// # Errors
    ///
    /// There is none ([`Error::is_not_found`]), or there are several ([`Error::is_not_unique`]).
    pub async fn one(self, db: &impl Executor) -> Result<S::Output> {
        let missing: Error = self.select.error(Kind::NotFound);
        self.optional(db).await?.ok_or(missing)
    }
}
