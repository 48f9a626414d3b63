//! Values as ones of another type.

use crate::ast::call::Function;
use crate::column::Column;
use crate::entity::Entity;
use crate::expression::{Expression, RowValue};
use crate::relation::path::Path;
use crate::value::Value;
use crate::value::property::Property;

/// A type whose values can be made ones of `V`, on both engines alike.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be made a `{V}`",
    label = "the engines do not agree on what a `{V}` of it would be",
    note = "write the cast of your database with `relations::expression::sql_expr`"
)]
pub trait CastTo<V: Value>: Value {}

macro_rules! casts {
    ($($from:ty => $($to:ty),+;)+) => {
        $($(impl CastTo<$to> for $from {})+)+
    };
}

casts! {
    i16 => i32, i64, f64, String;
    i32 => i16, i64, f64, String;
    i64 => i16, i32, f64, String;
    f32 => f64;
    bool => i32, String;
    String => i16, i32, i64;
}

#[cfg(feature = "rust_decimal")]
casts! {
    i16 => rust_decimal::Decimal;
    i32 => rust_decimal::Decimal;
    i64 => rust_decimal::Decimal;
    rust_decimal::Decimal => i16, i32, i64, f64, String;
    String => rust_decimal::Decimal;
}

#[cfg(feature = "uuid")]
casts! {
    uuid::Uuid => String;
}

#[cfg(feature = "chrono")]
casts! {
    chrono::NaiveDate => chrono::NaiveDateTime, chrono::DateTime<chrono::Utc>;
    chrono::NaiveDateTime => chrono::NaiveDate, chrono::DateTime<chrono::Utc>;
    chrono::DateTime<chrono::Utc> => chrono::NaiveDate, chrono::NaiveDateTime;
}

#[cfg(feature = "time")]
casts! {
    time::Date => time::PrimitiveDateTime, time::OffsetDateTime;
    time::PrimitiveDateTime => time::Date, time::OffsetDateTime;
    time::OffsetDateTime => time::Date, time::PrimitiveDateTime;
}

macro_rules! cast_method {
    ($type:ty, [$($parameters:tt)*], $rows:ty) => {
        impl<$($parameters)*> $type {
            /// The value cast to another type, as in `Order::ID.cast::<String>()`.
            ///
            /// A number that does not fit the type, or a text that is not a number, is an error of the database. A
            /// decimal is rounded to an integer, a half away from zero. A time with a zone becomes a date or a
            /// time without one in UTC.
            ///
            /// ```
            /// # use relations::prelude::*;
            /// # #[derive(Entity)]
            /// # struct Line { #[id] id: i64, price: i64, quantity: i32 }
            /// let query = Line::find().filter((Line::PRICE.cast::<f64>() / 3.0).gt(1.5));
            /// ```
            #[doc(alias = "convert")]
            pub fn cast<V: Value>(self) -> Expression<$rows, T::With<V>>
            where
                T::Value: CastTo<V>,
            {
                Expression::call(Function::Cast, vec![self.into_term().into()])
            }
        }
    };
}

cast_method!(Column<E, T, P>, [E: Entity, T: Property, P: Path], E);

cast_method!(Expression<E, T>, [E, T: Property], E);
