//! Some properties of an entity, as a struct of the user's own.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::term::{Field, Term};
use crate::definition::property::PropertyDefinition;
use crate::entity::Entity;
use crate::error::Result;
use crate::query::Query;
use crate::query::projection::{Projection, Selection};
use crate::value::row::Row;

/// Some properties of the entity `E`; `#[derive(Partial)]` implements it, and
/// [`Query::select_as`](crate::Query::select_as) loads it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold properties of `{E}`",
    label = "expected a struct with `#[derive(Partial)]` and `#[partial({E})]`"
)]
pub trait Partial<E: Entity>: Sized + Send + 'static {
    /// The properties, in the order of the fields.
    #[doc(hidden)]
    const PROPERTIES: &'static [&'static PropertyDefinition];

    /// The struct in a row that holds its properties from a position on.
    #[doc(hidden)]
    fn read(row: &Row<'_>, from: usize) -> Result<Self>;
}

/// The columns of a partial, as a selection.
#[doc(hidden)]
pub struct PartialColumns<P>(PhantomData<fn() -> P>);

impl<P> fmt::Debug for PartialColumns<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PartialColumns").finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, P: Partial<E>> Selection<E> for PartialColumns<P> {
    type Output = P;

    fn terms(&self) -> Vec<Term> {
        P::PROPERTIES.iter().map(|property| Field::of(E::DEFINITION, property).into()).collect()
    }

    fn read(&self, row: &Row<'_>, at: &mut usize) -> Result<P> {
        let from = *at;
        *at += P::PROPERTIES.len();
        P::read(row, from)
    }
}

impl<E: Entity> Query<E> {
    /// Takes only the columns that a struct has fields for; see [`Partial`].
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Debug, Entity)]
    /// # struct Customer { #[id(generated)] pk: i64, name: String, photo: Option<Vec<u8>> }
    /// #[derive(Debug, PartialEq, Partial)]
    /// #[partial(Customer)]
    /// struct CustomerName {
    ///     pk: i64,
    ///     name: String,
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> relations::Result<()> {
    /// # let db = relations::connect("sqlite::memory:").await?;
    /// # db.create(schema![Customer]).await?;
    /// # NewCustomer { name: "Ada".into(), photo: None }.insert(&db).await?;
    ///
    /// let names: Vec<CustomerName> = Customer::find().select_as::<CustomerName>().all(&db).await?;
    /// assert_eq!(names, [CustomerName { pk: 1, name: "Ada".into() }]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn select_as<P: Partial<E>>(self) -> Projection<E, PartialColumns<P>> {
        self.select(PartialColumns(PhantomData))
    }
}
