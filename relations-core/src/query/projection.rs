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
use crate::raw_sql::from_row::{FromRow, RowColumns};
use crate::relation::path::Path;
use crate::sql::{Verb, select};
use crate::value::column_position::ColumnPosition;
use crate::value::row::{Row, RowOf};

/// A value that can be selected of an entity: a column, an aggregate of targets, or a tuple of up to
/// eight of these or of further tuples.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected from `{E}`",
    label = "expected a column of `{E}`, or a tuple of its columns",
    note = "an aggregate of rows, as `count()`, is selected behind `group_by(…)`, or by `aggregate(…)`"
)]
pub trait Selection<E> {
    /// The type of a row.
    type Output: Send;

    /// The selected values, in the order of the output.
    #[doc(hidden)]
    fn terms(&self) -> Vec<Term>;

    /// The names of the selected values; an empty one of a value without a name.
    #[doc(hidden)]
    fn names(&self) -> Vec<&'static str> {
        vec![""; self.terms().len()]
    }

    /// Makes sure, before anything is sent, that the output can be read.
    #[doc(hidden)]
    fn check(&self) -> Result<()> {
        Ok(())
    }

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

    fn names(&self) -> Vec<&'static str> {
        vec![self.definition().name]
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

            fn names(&self) -> Vec<&'static str> {
                [$(self.$at.names()),+].concat()
            }

            fn check(&self) -> Result<()> {
                $(self.$at.check()?;)+
                Ok(())
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

/// A query of selected columns; see [`Query::select`].
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

/// Selected values as a struct, found by their names; see [`Projection::rows_as`].
pub struct RowsAs<S, T> {
    selection: S,
    /// The positions of the struct's columns, or why one has none.
    places: Result<Vec<ColumnPosition>, String>,
    read: PhantomData<fn() -> T>,
}

impl<S: fmt::Debug, T> fmt::Debug for RowsAs<S, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RowsAs").field(&self.selection).finish()
    }
}

impl<S, T: FromRow> RowsAs<S, T> {
    pub(crate) fn new<E>(selection: S) -> Self
    where
        S: Selection<E>,
    {
        let names = selection.names();
        let places = match T::columns() {
            RowColumns::Named(wanted) => wanted.iter().map(|name| place(name, &names)).collect(),
            RowColumns::Placed(wanted) if wanted == names.len() => {
                Ok((0..wanted).map(ColumnPosition::At).collect())
            }
            RowColumns::Placed(wanted) => Err(format!(
                "{} values are selected, and the row has {wanted}; select as many",
                names.len()
            )),
        };
        Self { selection, places, read: PhantomData }
    }
}

/// The position of the selected value of that name.
fn place(name: &str, names: &[&'static str]) -> Result<ColumnPosition, String> {
    let mut places = (0..names.len()).filter(|at| names.get(*at) == Some(&name));
    match (places.next(), places.next()) {
        (Some(at), None) => Ok(ColumnPosition::At(at)),
        (Some(_), Some(_)) => {
            Err(format!("several selected values are called `{name}`; name one with `.named(…)`"))
        }
        (None, _) => {
            let mut known: Vec<_> = names
                .iter()
                .filter(|name| !name.is_empty())
                .map(|name| format!("`{name}`"))
                .collect();
            known.dedup();
            let known = if known.is_empty() { "none has a name".into() } else { known.join(", ") };
            Err(format!(
                "no selected value is called `{name}` ({known}); name one with `.named(\"{name}\")`"
            ))
        }
    }
}

#[diagnostic::do_not_recommend]
impl<E, S: Selection<E>, T: FromRow> Selection<E> for RowsAs<S, T> {
    type Output = T;

    fn terms(&self) -> Vec<Term> {
        self.selection.terms()
    }

    fn check(&self) -> Result<()> {
        self.selection.check()?;
        match &self.places {
            Ok(_) => Ok(()),
            Err(why) => Err(Error::invalid_request(why.as_str())),
        }
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<T> {
        let places = self.places.as_deref().unwrap_or_default();
        let from = std::mem::replace(at, *at + self.selection.terms().len());
        if from == 0 {
            return T::from_row(&Row(RowOf::Arranged(row, places)));
        }
        let moved = places.iter().map(|place| match place {
            ColumnPosition::At(at) => ColumnPosition::At(from + at),
            other => *other,
        });
        T::from_row(&Row(RowOf::Arranged(row, &moved.collect::<Vec<_>>())))
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
    /// Selects only some columns of each row.
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
    /// Leaves out rows with duplicate values in the selected columns (`SELECT DISTINCT`).
    ///
    /// The rows are then not in the order that a many-to-many relation declares, as equal rows may have several
    /// links.
    pub fn distinct(mut self) -> Self {
        self.select.forget_declared_order();
        self.select.distinct = true;
        self
    }

    /// Reads each row as a struct, whose fields are matched by the names of the selected values: a column
    /// has the name of its property, and [`named`](Column::named) gives a name to any value.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// #[derive(Debug, FromRow)]
    /// struct Size {
    ///     id: i64,
    ///     total: i64,
    /// }
    ///
    /// # #[derive(Entity)]
    /// # struct Line { #[id] id: i64, price: i64, quantity: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let total = (Line::PRICE * Line::QUANTITY).named("total");
    /// let sizes: Vec<Size> = Line::find().select((Line::ID, total)).rows_as::<Size>().all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The query fails before it is sent if the name of a field matches no selected value, or several
    /// ([`Error::is_invalid_request`]). A value of another type than its field is an error that
    /// [`is_row_mismatch`](Error::is_row_mismatch).
    pub fn rows_as<T: FromRow>(self) -> Projection<E, RowsAs<S, T>> {
        let selection = RowsAs::new::<E>(self.selection);
        Projection { select: self.select, selection, entity: PhantomData }
    }

    async fn fetch(&self, db: &impl Executor, verb: Verb) -> Result<Vec<S::Output>> {
        self.selection.check()?;
        if self.select.is_empty() {
            return Ok(Vec::new());
        }
        let terms = self.selection.terms();
        let lowered = select::projection(db.dialect(), &self.select, &terms, verb)?;
        let statement = self.select.reading_terms(lowered, &terms);
        fetch(db, &statement, |row| self.selection.read(row, &mut 0)).await
    }

    /// All rows.
    pub async fn all(self, db: &impl Executor) -> Result<Vec<S::Output>> {
        self.fetch(db, Verb::All).await
    }

    /// The first row, in the given order or by the id; `None` if there is none.
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
