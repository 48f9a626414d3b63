//! Functions of texts, and the first value that is not null.

use crate::ast::call::Function;
use crate::ast::term::Operand;
use crate::column::{Column, IntoOperand, Text};
use crate::entity::Entity;
use crate::expression::{Expression, RowValue, ValueOf};
use crate::relation::path::Path;

/// The first of two values that is not null: `coalesce(Order::NOTE, "none")`.
///
/// The second is a value, a column or an expression of the same type; if it cannot be null, neither can
/// the result. Nest calls for more values: `coalesce(a, coalesce(b, "none"))`.
///
/// ```no_run
/// # use relations::prelude::*;
/// use relations::expression::coalesce;
///
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, note: Option<String>, discount: Option<i64> }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let notes: Vec<String> = Order::find().select(coalesce(Order::NOTE, "none")).all(db).await?;
/// let query = Order::find().order_by(coalesce(Order::DISCOUNT, 0).desc());
/// # Ok(())
/// # }
/// ```
#[doc(alias = "ifnull")]
#[doc(alias = "nvl")]
pub fn coalesce<A: RowValue, B: IntoOperand<A::Rows, ValueOf<A>>>(
    value: A,
    otherwise: B,
) -> Expression<A::Rows, B::Type> {
    Expression::call(Function::Coalesce, vec![value.into_term().into(), otherwise.into_operand()])
}

/// Concatenates texts: `concat((Customer::FIRST, " ", Customer::LAST))`. A null counts as an empty text, so
/// the result is never null.
///
/// The parts are a tuple of up to eight texts, columns and expressions of text;
/// [`cast`](Expression::cast) converts numbers to texts.
///
/// ```no_run
/// # use relations::prelude::*;
/// use relations::expression::concat;
///
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64, first: Option<String>, last: String }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let name = concat((Customer::FIRST, " ", Customer::LAST));
/// let names: Vec<String> = Customer::find().order_by(name.clone().asc()).select(name).all(db).await?;
/// let label = concat(("no. ", Customer::ID.cast::<String>()));
/// let labels: Vec<String> = Customer::find().select(label).all(db).await?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "||")]
pub fn concat<E, T: Texts<E>>(texts: T) -> Expression<E, String> {
    Expression::call(Function::Concat, texts.into_operands())
}

/// Texts of a row that [`concat()`] joins.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of texts",
    label = "expected texts, and columns of text",
    note = "a number is made a text with `.cast::<String>()`"
)]
pub trait Texts<E> {
    /// The texts.
    #[doc(hidden)]
    fn into_operands(self) -> Vec<Operand>;
}

macro_rules! texts {
    ($($text:ident $at:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<Rows, $($text: IntoOperand<Rows, String>),+> Texts<Rows> for ($($text,)+) {
            fn into_operands(self) -> Vec<Operand> {
                vec![$(self.$at.into_operand()),+]
            }
        }
    };
}

texts!(A 0);

texts!(A 0, B 1);

texts!(A 0, B 1, C 2);

texts!(A 0, B 1, C 2, D 3);

texts!(A 0, B 1, C 2, D 3, E 4);

texts!(A 0, B 1, C 2, D 3, E 4, F 5);

texts!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);

texts!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

macro_rules! text_functions {
    ($type:ty, [$($parameters:tt)*], $rows:ty) => {
        /// # Functions of text
        impl<$($parameters)*> $type {
            /// The text in lower case; on SQLite by Unicode, letter by letter.
            ///
            /// ```
            /// # use relations::prelude::*;
            /// # #[derive(Entity)]
            /// # struct Customer { #[id] id: i64, name: String }
            /// let ada = Customer::find().filter(Customer::NAME.lower().eq("ada"));
            /// ```
            pub fn lower(self) -> Expression<$rows, T> {
                Expression::call(Function::Lower, vec![self.into_term().into()])
            }

            /// The text in upper case; on SQLite by Unicode, letter by letter.
            pub fn upper(self) -> Expression<$rows, T> {
                Expression::call(Function::Upper, vec![self.into_term().into()])
            }

            /// The text without spaces at its start and end.
            pub fn trim(self) -> Expression<$rows, T> {
                Expression::call(Function::Trim, vec![self.into_term().into()])
            }

            /// The number of characters of the text.
            #[doc(alias = "char_length")]
            pub fn length(self) -> Expression<$rows, T::With<i32>> {
                Expression::call(Function::Length, vec![self.into_term().into()])
            }
        }
    };
}

text_functions!(Column<E, T, P>, [E: Entity, T: Text, P: Path], E);

text_functions!(Expression<E, T>, [E, T: Text], E);
