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

    /// How far an order is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
    pub enum Status {
        /// Nothing was sent.
        Open,
        /// All was sent.
        Sent,
    }

    /// What a report tells.
    #[derive(Debug, Clone, PartialEq, Eq, FromRow)]
    pub struct Line {
        /// Whom it is about.
        pub customer: CustomerId,
        /// How far they are.
        #[column(name = "state")]
        pub status: Option<Status>,
        /// What no row tells.
        #[skip]
        pub cache: Vec<u8>,
    }

    /// Who orders.
    #[derive(Debug, Clone, PartialEq, Eq, Entity)]
    #[has_many(Order)]
    #[has_one(Address)]
    #[has_many(Place, through(Order, from = customer))]
    pub struct Customer {
        /// What tells customers apart.
        #[id]
        pub id: CustomerId,
        /// What else does.
        #[unique]
        pub email: Option<String>,
        /// What is no property.
        #[skip]
        pub cache: Vec<u8>,
    }

    /// What is ordered.
    #[derive(Debug, Clone, PartialEq, Eq, Entity)]
    #[belongs_to(Place, key_from(row, number), key_to(row, number), on_delete = "cascade")]
    pub struct Order {
        /// What tells orders apart.
        #[id(generated)]
        pub id: i64,
        /// Whose it is.
        #[belongs_to(Customer)]
        pub customer_id: CustomerId,
        /// Who pays.
        #[belongs_to(Customer, key_to = "email", name = "payer", constraint = false)]
        pub payer_email: Option<String>,
        /// How far it is.
        pub status: Status,
        /// Where it goes.
        pub row: String,
        /// Where it goes.
        pub number: i32,
        /// How many.
        #[column(default = "1")]
        pub quantity: i32,
        /// How often it was written.
        #[version]
        pub version: i32,
    }

    /// Where a customer is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Entity)]
    #[belongs_to(Customer, key_from = "customer_id")]
    pub struct Address {
        /// What tells addresses apart.
        #[id]
        pub id: i64,
        /// Who is there.
        #[unique]
        pub customer_id: CustomerId,
    }

    /// Where an order goes.
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
        /// What tells categories apart.
        #[id(generated)]
        id: i64,
        /// Where it hangs.
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
        /// What tells secrets apart.
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
