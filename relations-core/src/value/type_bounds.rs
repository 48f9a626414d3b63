//! Bounds of field types in generated code, so that a type which cannot be a field is reported once.
//!
//! If a trait has one implementation, for all types that have another trait, rustc takes it for
//! any type, reports what the type lacks, and goes on as if it were there: more errors follow, about
//! words that the user never wrote. Of two implementations it takes neither, says what the trait
//! itself has to say, and lets [`Itself`](AsProperty::Itself) be whatever fits. So each trait here
//! has a second implementation, under a condition that nothing meets.
//!
//! Questions under equal tokens have equal answers, and rustc shows such an answer once.

use std::hash::Hash;
use std::marker::PhantomData;

use crate::definition::property::ColumnType;
use crate::value::Value;
use crate::value::codec::Codec;
use crate::value::key::KeyType;

/// The bound of a property with the message of its own, of the types that have a column type and of all
/// others under a condition that nothing meets.
macro_rules! property_bound {
    ($(#[$message:meta])+) => {
        $(#[$message])+
        pub trait AsProperty: Sized {
            /// The type itself.
            type Itself;
            /// The type of the column.
            const TYPE: ColumnType;
            /// The type of the column on PostgreSQL, where it is another one.
            const SQL_TYPE: Option<&'static str> = None;
            /// The words of an enum, as they are stored.
            const WORDS: &'static [&'static str] = &[];
            /// The least and the greatest number, where the column holds more.
            const BOUNDS: Option<(i64, i64)> = None;
            /// For a field of this type.
            const REQUIRED: Codec<Self>;
            /// For a field of an `Option` of this type.
            const NULLABLE: Codec<Option<Self>>;
            /// For a foreign key of this type.
            const SOURCE: KeyType<Self::Itself> = KeyType::NEW;
        }

        impl<V: Value> AsProperty for V {
            type Itself = V;
            const TYPE: ColumnType = V::TYPE;
            const SQL_TYPE: Option<&'static str> = V::SQL_TYPE;
            const WORDS: &'static [&'static str] = V::WORDS;
            const BOUNDS: Option<(i64, i64)> = V::BOUNDS;
            const REQUIRED: Codec<V> = Codec::NEW;
            const NULLABLE: Codec<Option<V>> = Codec::NEW;
        }

        impl<V> AsProperty for V
        where
            Never<V>: Impossible,
        {
            type Itself = V;
            const TYPE: ColumnType = ColumnType::Text;
            const REQUIRED: Codec<V> = Codec::none(|_| <Never<V>>::never());
            const NULLABLE: Codec<Option<V>> = Codec::none(|_| <Never<V>>::never());
        }
    };
}

property_bound! {
    /// A type that can be a property: `<T as AsProperty>::Itself` is `T`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a property",
        label = "no column type stands for `{Self}`",
        note = "derive `Value` for it where it is a newtype or an enum without fields, use a type that \
                has it, or mark the field with `#[skip]`; an `Option` is written as itself, once"
    )]
}

/// Asks what [`AsProperty`] asks, of a type that is called as one of another crate. Where the feature for that
/// crate is off, the message names it; else it is the same trait.
macro_rules! property_of {
    ($feature:literal, $module:ident, $(#[$message:meta])+) => {
        /// The bound of types that are called as those of this feature.
        #[allow(missing_docs)]
        pub mod $module {
            #[cfg(feature = $feature)]
            pub use super::AsProperty;

            #[cfg(not(feature = $feature))]
            use super::{Codec, ColumnType, Impossible, KeyType, Never, Value};

            #[cfg(not(feature = $feature))]
            property_bound! { $(#[$message])+ }
        }
    };
}

property_of! {
    "uuid", uuid,
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a property without the feature `uuid` of `relations`",
        label = "the feature `uuid` is not turned on",
        note = "for `uuid::Uuid`, write `features = [\"uuid\"]` in Cargo.toml, as in `cargo add relations-rs --features uuid`",
        note = "for a type of your own, derive `Value`, or mark the field with `#[skip]`"
    )]
}

property_of! {
    "chrono", chrono,
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a property without the feature `chrono` of `relations`",
        label = "the feature `chrono` is not turned on",
        note = "for the types of `chrono`, write `features = [\"chrono\"]` in Cargo.toml, as in `cargo add relations-rs --features chrono`",
        note = "for a type of your own, derive `Value`, or mark the field with `#[skip]`"
    )]
}

property_of! {
    "time", time,
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a property without the feature `time` of `relations`",
        label = "the feature `time` is not turned on",
        note = "for the types of `time`, write `features = [\"time\"]` in Cargo.toml, as in `cargo add relations-rs --features time`",
        note = "for a type of your own, derive `Value`, or mark the field with `#[skip]`"
    )]
}

property_of! {
    "rust_decimal", rust_decimal,
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a property without the feature `rust_decimal` of `relations`",
        label = "the feature `rust_decimal` is not turned on",
        note = "for `rust_decimal::Decimal`, write `features = [\"rust_decimal\"]` in Cargo.toml, as in `cargo add relations-rs --features rust_decimal`",
        note = "for a type of your own, derive `Value`, or mark the field with `#[skip]`"
    )]
}

property_of! {
    "json", json,
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a property without the feature `json` of `relations`",
        label = "the feature `json` is not turned on",
        note = "for `serde_json::Value` and `Json`, write `features = [\"json\"]` in Cargo.toml, as in `cargo add relations-rs --features json`",
        note = "for a type of your own, derive `Value`, or mark the field with `#[skip]`"
    )]
}

/// A type that can be a key or a part of one: `<T as AsKey>::Itself` is `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key",
    label = "a key needs `Eq` and `Hash`, and `{Self}` lacks one",
    note = "derive `PartialEq`, `Eq` and `Hash` for a type of your own; floats cannot be keys"
)]
pub trait AsKey: Sized {
    /// The type itself.
    type Itself;
}

impl<V: Value + Eq + Hash> AsKey for V {
    type Itself = V;
}

impl<V> AsKey for V
where
    Never<V>: Impossible,
{
    type Itself = V;
}

/// A condition that no type meets.
pub trait Impossible {
    /// Whatever is wanted, as this is never called.
    fn never<T>() -> T;
}

/// A type that meets nothing.
#[derive(Debug)]
pub struct Never<V>(PhantomData<V>);
