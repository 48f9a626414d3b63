//! Columns that a user names.

use crate::column::Column;
use crate::definition::property::PropertyDefinition;
use crate::relation::path::DistributedBy;

/// A column of an entity, or a tuple of up to eight.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column of `{E}`",
    label = "expected a column of `{E}`, or a tuple of its columns"
)]
pub trait Columns<E> {
    /// The properties that live in the columns.
    #[doc(hidden)]
    fn properties(self) -> Vec<&'static PropertyDefinition>;
}

#[diagnostic::do_not_recommend]
impl<E, T> Columns<E> for Column<E, T> {
    fn properties(self) -> Vec<&'static PropertyDefinition> {
        vec![self.definition()]
    }
}

/// A column of a key of an entity, or a tuple of up to eight.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column of `{E}`",
    label = "expected a column of `{E}`, or a tuple of its columns"
)]
pub trait KeyColumns<E> {
    /// The properties that live in the columns.
    #[doc(hidden)]
    fn key_properties(self) -> Vec<&'static PropertyDefinition>;
}

#[diagnostic::do_not_recommend]
impl<E, T> KeyColumns<E> for Column<E, T> {
    fn key_properties(self) -> Vec<&'static PropertyDefinition> {
        vec![self.definition()]
    }
}

#[diagnostic::do_not_recommend]
impl<E, T> KeyColumns<E> for Column<E, T, DistributedBy> {
    fn key_properties(self) -> Vec<&'static PropertyDefinition> {
        vec![self.definition()]
    }
}

macro_rules! tuple_of_columns {
    ($($column:ident $at:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<Owner, $($column: Columns<Owner>),+> Columns<Owner> for ($($column,)+) {
            fn properties(self) -> Vec<&'static PropertyDefinition> {
                [$(self.$at.properties()),+].concat()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<Owner, $($column: KeyColumns<Owner>),+> KeyColumns<Owner> for ($($column,)+) {
            fn key_properties(self) -> Vec<&'static PropertyDefinition> {
                [$(self.$at.key_properties()),+].concat()
            }
        }
    };
}

tuple_of_columns!(A 0);

tuple_of_columns!(A 0, B 1);

tuple_of_columns!(A 0, B 1, C 2);

tuple_of_columns!(A 0, B 1, C 2, D 3);

tuple_of_columns!(A 0, B 1, C 2, D 3, E 4);

tuple_of_columns!(A 0, B 1, C 2, D 3, E 4, F 5);

tuple_of_columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);

tuple_of_columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
