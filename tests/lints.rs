//! Derived code gives no warning, however strict its user is.
//!
//! `cargo clippy --test lints` is the test: whatever is denied here is denied of generated code.

#![deny(warnings, future_incompatible, let_underscore, nonstandard_style, unused)]
#![deny(rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility)]
#![deny(missing_docs, missing_debug_implementations, missing_copy_implementations)]
#![deny(dead_code, unreachable_pub, unnameable_types, unused_qualifications, unused_results)]
#![deny(trivial_casts, trivial_numeric_casts, single_use_lifetimes, unused_lifetimes)]
#![deny(explicit_outlives_requirements, elided_lifetimes_in_paths, variant_size_differences)]
#![deny(redundant_lifetimes, let_underscore_drop, impl_trait_redundant_captures)]
#![deny(private_bounds, private_interfaces, unsafe_code)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![deny(clippy::missing_docs_in_private_items, clippy::unreachable, clippy::str_to_string)]
#![deny(clippy::min_ident_chars, clippy::shadow_reuse, clippy::shadow_same)]
#![deny(clippy::shadow_unrelated, clippy::default_numeric_fallback, clippy::clone_on_ref_ptr)]
#![deny(clippy::as_conversions, clippy::integer_division, clippy::empty_structs_with_brackets)]
#![deny(clippy::undocumented_unsafe_blocks, clippy::multiple_inherent_impl)]
#![deny(clippy::allow_attributes, clippy::allow_attributes_without_reason)]
#![deny(clippy::absolute_paths, clippy::question_mark_used)]
#![allow(clippy::redundant_pub_crate, reason = "it is the opposite of `unreachable_pub`")]

/// Entities for everyone.
pub mod public {
    use relations::prelude::*;

    /// The id of a customer.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
    pub struct CustomerId(i64);

    /// The state of an order.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
    pub enum Status {
        /// Nothing was sent.
        Open,
        /// All was sent.
        Sent,
    }

    /// A row of a report.
    #[derive(Debug, Clone, PartialEq, Eq, FromRow)]
    pub struct Line {
        /// Whom it is about.
        pub customer: CustomerId,
        /// Their state.
        #[column(name = "state")]
        pub status: Option<Status>,
        /// A field that is not a column.
        #[skip]
        pub cache: Vec<u8>,
    }

    /// A customer.
    #[derive(Debug, Clone, PartialEq, Eq, Entity)]
    #[has_many(Order)]
    #[has_one(Address)]
    #[has_many(Place, through(Order, from = customer))]
    pub struct Customer {
        /// The key.
        #[id]
        pub id: CustomerId,
        /// Another unique key.
        #[unique]
        pub email: Option<String>,
        /// A field that is not a property.
        #[skip]
        pub cache: Vec<u8>,
    }

    /// An order.
    #[derive(Debug, Clone, PartialEq, Eq, Entity)]
    #[belongs_to(Place, key_from(row, number), key_to(row, number), on_delete = "cascade")]
    pub struct Order {
        /// The key.
        #[id(generated)]
        pub id: i64,
        /// Whose it is.
        #[belongs_to(Customer)]
        pub customer_id: CustomerId,
        /// The customer who pays.
        #[belongs_to(Customer, key_to = "email", name = "payer", constraint = false)]
        pub payer_email: Option<String>,
        /// The state.
        pub status: Status,
        /// The row.
        pub row: String,
        /// The number.
        pub number: i32,
        /// The quantity.
        #[column(default = "1")]
        pub quantity: i32,
        /// The number of writes.
        #[version]
        pub version: i32,
    }

    /// An address.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Entity)]
    #[belongs_to(Customer, key_from = "customer_id")]
    pub struct Address {
        /// The key.
        #[id]
        pub id: i64,
        /// The customer.
        #[unique]
        pub customer_id: CustomerId,
    }

    /// A delivery.
    #[derive(Debug, Clone, PartialEq, Eq, Entity)]
    #[has_many(Order, key_from(row, number), key_to(row, number))]
    pub struct Place {
        /// The row.
        #[id]
        pub row: String,
        /// The place in the row.
        #[id]
        pub number: i32,
    }
}

/// Entities for this crate, of which nothing is used but that they are there.
mod hidden {
    use relations::prelude::*;

    /// A tree.
    #[derive(Debug, Clone, PartialEq, Eq, Entity)]
    #[has_many(Self, name = "children", key_to = "parent_id")]
    pub(crate) struct Category {
        /// The key.
        #[id(generated)]
        id: i64,
        /// The parent.
        #[belongs_to(Self, name = "parent")]
        parent_id: Option<i64>,
        /// The one that this crate cannot see.
        #[belongs_to(Secret)]
        secret_id: i64,
    }

    /// For this module alone.
    #[derive(Debug, Clone, PartialEq, Eq, Entity)]
    #[has_many(Category)]
    struct Secret {
        /// The key.
        #[id(generated)]
        id: i64,
    }

    /// Uses what is denied to lie unused: the entities themselves.
    pub(crate) const fn definitions() -> usize {
        [Category::DEFINITION, Secret::DEFINITION].len()
    }
}

#[test]
fn strict_users_are_not_warned() {
    assert_eq!(hidden::definitions(), 2, "both are there");
}
