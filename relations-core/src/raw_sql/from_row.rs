//! Types that a row of raw SQL is read as.

use crate::column::type_name;
use crate::definition::entity::EntityDefinition;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::value::codec::Codec;
use crate::value::column_position::ColumnPosition;
use crate::value::property::Property;
use crate::value::row::{Row, RowOf};
#[cfg(feature = "json")]
use crate::value::types::json::Json;
use crate::value::{Element, Range, RangeElement, Value};

/// A type that a row of [`sql`](crate::sql()) can be read as.
///
/// - An entity, and a struct that derives `FromRow`, are read by the names of their columns, which
///   come in any order and with others beside them.
/// - A tuple of up to twelve is read by position, and so is a sole [`Value`]. Their number is that
///   of the columns. Each part is a [`Value`] or, where it may be null, an `Option` of one.
///
/// ```no_run
/// use relations::prelude::*;
///
/// #[derive(Debug, FromRow)]
/// struct Busy {
///     name: String,
///     orders: i64,
/// }
///
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let busy: Vec<Busy> = relations::sql(
///     "SELECT customers.name, count(*) AS orders FROM customers \
///      JOIN orders ON orders.customer_id = customers.id \
///      GROUP BY customers.id HAVING count(*) > $1",
///     (10_i64,),
/// )
/// .all(db)
/// .await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a row cannot be read as `{Self}`",
    label = "expected an entity, a struct that derives `FromRow`, a tuple or a value",
    note = "derive `FromRow` for a struct of your own; a tuple holds up to twelve values of types \
            that a property may have, and what may be null is an `Option`"
)]
pub trait FromRow: Sized + Send {
    /// The entity that is read, where it is one.
    #[doc(hidden)]
    const ENTITY: Option<&'static EntityDefinition> = None;

    /// Which columns it is read from; of a sole value, one.
    #[doc(hidden)]
    #[must_use]
    fn columns() -> RowColumns {
        RowColumns::Placed(1)
    }

    /// Reads a row that holds exactly these columns, in their order.
    #[doc(hidden)]
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

/// The columns that something is read from.
#[doc(hidden)]
#[derive(Debug)]
pub enum RowColumns {
    /// The columns with these names.
    Named(Vec<&'static str>),
    /// As many as there are, by their position.
    Placed(usize),
}

/// The field of a struct that derives `FromRow`, which a row holds at a position.
///
/// # Errors
///
/// The row holds something else there.
#[doc(hidden)]
pub fn read_field<T>(
    row: &Row<'_>,
    position: usize,
    (of, name, column): (&'static str, &'static str, &'static str),
    codec: Codec<T>,
) -> Result<T> {
    row.cell(position)
        .and_then(|cell| codec.read(cell))
        .map_err(|mismatch| Error::row(name, column, &type_name::<T>(), mismatch).read_as(of))
}

#[diagnostic::do_not_recommend]
impl<E: Entity> FromRow for E {
    const ENTITY: Option<&'static EntityDefinition> = Some(E::DEFINITION);

    fn columns() -> RowColumns {
        RowColumns::Named(E::DEFINITION.properties.iter().map(|property| property.column).collect())
    }

    fn from_row(row: &Row<'_>) -> Result<Self> {
        <E as Entity>::read(row, 0)
    }
}

#[diagnostic::do_not_recommend]
impl<V: Value> FromRow for Option<V> {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        read_value(row, 0)
    }
}

#[diagnostic::do_not_recommend]
impl<V: RangeElement> FromRow for Range<V> {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        read_value(row, 0)
    }
}

#[diagnostic::do_not_recommend]
impl<V: Value + Element> FromRow for Vec<V> {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        read_value(row, 0)
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> FromRow for [u8; N] {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        read_value(row, 0)
    }
}

/// The value that a row holds at a position.
///
/// # Errors
///
/// The row holds something else there.
#[doc(hidden)]
pub fn read_value<P: Property>(row: &Row<'_>, position: usize) -> Result<P> {
    /// The parts of a tuple, as one writes them.
    const PARTS: [&str; 12] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];

    row.cell(position).and_then(<P as Property>::read_nullable).map_err(|mismatch| {
        let part = PARTS.get(position).copied().unwrap_or_default();
        let column = row.name(position).unwrap_or_default().to_owned();
        Error::row(part, column, &type_name::<P>(), mismatch).read_as("row")
    })
}

macro_rules! tuple_from_row {
    ($count:literal: $($value:ident $at:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($value: Property),+> FromRow for ($($value,)+) {
            fn columns() -> RowColumns {
                RowColumns::Placed($count)
            }

            fn from_row(row: &Row<'_>) -> Result<Self> {
                Ok(($(read_value::<$value>(row, $at)?,)+))
            }
        }
    };
}

tuple_from_row!(1: A 0);

tuple_from_row!(2: A 0, B 1);

tuple_from_row!(3: A 0, B 1, C 2);

tuple_from_row!(4: A 0, B 1, C 2, D 3);

tuple_from_row!(5: A 0, B 1, C 2, D 3, E 4);

tuple_from_row!(6: A 0, B 1, C 2, D 3, E 4, F 5);

tuple_from_row!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);

tuple_from_row!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

tuple_from_row!(9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);

tuple_from_row!(10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);

tuple_from_row!(11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);

tuple_from_row!(12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

/// The positions of the columns in the rows of a result, which are found once.
pub(crate) enum Arranged {
    /// The columns are wanted by name.
    Named(Vec<ColumnPosition>),
    /// As many are wanted as there are.
    AsTheyCome,
    /// This many are wanted, of this many.
    OtherCount(usize, usize),
}

impl Arranged {
    /// The positions of a type's columns, from the first row.
    pub(crate) fn of<T: FromRow>(row: &Row<'_>) -> Self {
        match T::columns() {
            RowColumns::Named(names) => {
                Self::Named(names.iter().map(|name| ColumnPosition::of(name, row)).collect())
            }
            RowColumns::Placed(wanted) if wanted == row.len() => Self::AsTheyCome,
            RowColumns::Placed(wanted) => Self::OtherCount(wanted, row.len()),
        }
    }

    pub(crate) fn read<T: FromRow>(&self, row: &Row<'_>) -> Result<T> {
        match self {
            Self::Named(places) => T::from_row(&Row(RowOf::Arranged(row, places))),
            Self::AsTheyCome => T::from_row(row),
            Self::OtherCount(wanted, found) => Err(Error::columns(*wanted, *found)),
        }
    }
}

#[cfg(feature = "json")]
#[diagnostic::do_not_recommend]
impl<T> FromRow for Json<T>
where
    Self: Value,
{
    fn from_row(row: &Row<'_>) -> Result<Self, Error> {
        read_value(row, 0)
    }
}
