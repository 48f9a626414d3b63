//! The derive macros of `relations`.
//!
//! They run in four steps, one folder each: `attr` reads what the user wrote, `model` fills in
//! what was left out, `check` finds what cannot be, `expand` writes the code.

mod attr;
mod check;
mod error;
mod expand;
mod model;

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]
mod tests;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::attr::{EntityAttrs, ValueAttrs};
use crate::error::{Errors, Refused};
use crate::model::{Entity, Value};

/// Makes a struct an entity: a table, its columns, and its relations to other entities.
///
/// The struct has named fields and no generics. Wherever a string names a property, a bare word
/// does as well: `key_to = "pk"` is `key_to = pk`.
///
/// ```ignore
/// #[derive(Entity)]
/// #[has_many(Line, name = "lines")]
/// pub struct Order {
///     #[id(generated)]
///     pub id: i64,
///     #[belongs_to(Customer, key_to = "pk", on_delete = "restrict")]
///     pub customer_id: i64,
///     pub quantity: i32,
/// }
/// ```
///
/// # On the struct
///
/// ## `#[entity(table = "…")]`
///
/// The table. Without it: the plural of the struct in snake case, so `OrderLine` lives in
/// `order_lines`.
///
/// ```ignore
/// #[entity(table = "purchases")]
/// ```
///
/// ## `#[entity(schema = "…")]`
///
/// The schema of the table. Without it: whatever the connection looks in.
///
/// ```ignore
/// #[entity(schema = "shop")]
/// ```
///
/// ## `#[entity(crate = "…")]`
///
/// Where `relations` is found, if it is not `::relations`.
///
/// ```ignore
/// #[entity(crate = "my_database::relations")]
/// ```
///
/// ## `#[has_many(Target)]`
///
/// Many targets hold a key of this entity. The relation is named after the target, in plural.
///
/// ```ignore
/// #[has_many(Order)] // customer.orders(&db)
/// ```
///
/// ## `#[has_one(Target)]`
///
/// At most one target holds a key of this entity. The relation is named after the target.
///
/// ```ignore
/// #[has_one(Address)] // customer.address(&db)
/// ```
///
/// ## `#[belongs_to(Target, key_from("…", "…"), key_to("…", "…"))]`
///
/// This entity holds a key of the target in several properties. `key_to` names those of the
/// target, in the same order. The options of a `#[belongs_to]` on a field work here as well.
///
/// ```ignore
/// #[belongs_to(Seat, key_from("row", "number"), key_to("row", "number"))]
/// ```
///
/// ## `name = "…"`
///
/// The name of a relation: of its accessor, its constant and its place among what is included.
///
/// ```ignore
/// #[has_many(Order, name = "purchases")] // customer.purchases(&db), Customer::PURCHASES
/// ```
///
/// ## `key_from = "…"`
///
/// The property of this entity that a `has_many` or `has_one` starts from. Without it: the id.
///
/// ```ignore
/// #[has_many(Order, key_from = "email", key_to = "customer_email")]
/// ```
///
/// ## `key_to = "…"`
///
/// The property of the target that a `has_many` or `has_one` leads to. Without it: this entity in
/// snake case with `_id`. `key_from(…)` and `key_to(…)` list the parts of composite keys.
///
/// ```ignore
/// #[has_many(Category, name = "children", key_to = "parent_id")]
/// ```
///
/// # On a field
///
/// ## `#[id]`
///
/// The primary key. Several make a composite one, in the order of the fields.
///
/// ```ignore
/// #[id]
/// code: String,
/// ```
///
/// ## `#[id(generated)]`
///
/// A key that the database counts up: an `i16`, `i32` or `i64`.
///
/// ```ignore
/// #[id(generated)]
/// id: i64,
/// ```
///
/// ## `#[belongs_to(Target)]`
///
/// The field holds a key of the target. It gets a foreign key constraint and an index. The
/// relation is named after the field, without its `_id`. Where the field is an `Option`, so is
/// the target.
///
/// ```ignore
/// #[belongs_to(Customer)]
/// customer_id: i64, // order.customer(&db)
/// ```
///
/// ## `#[belongs_to(Target, key_to = "…")]`
///
/// The property of the target that the field leads to: its `#[id]`, or one that is `#[unique]`.
/// Without it: the id.
///
/// ```ignore
/// #[belongs_to(Customer, key_to = "email", name = "customer")]
/// customer_email: String,
/// ```
///
/// ## `#[belongs_to(Target, name = "…")]`
///
/// The name of the relation, where the field does not end in `_id` or another is wanted.
///
/// ```ignore
/// #[belongs_to(Category, name = "parent")]
/// category: Option<i64>,
/// ```
///
/// ## `#[belongs_to(Target, on_delete = "…", on_update = "…")]`
///
/// What the database does with this row when the target is deleted, or its key changed:
/// `"no action"` (the default), `"restrict"`, `"cascade"`, `"set null"` or `"set default"`.
///
/// ```ignore
/// #[belongs_to(Customer, on_delete = "cascade")]
/// customer_id: i64,
/// ```
///
/// ## `#[belongs_to(Target, constraint = "…")]`
///
/// The name of the constraint. `constraint = false` makes none, and then the target is an
/// `Option`: nothing guarantees that it exists.
///
/// ```ignore
/// #[belongs_to(Customer, constraint = false)]
/// customer_id: i64,
/// ```
///
/// ## `#[belongs_to(Target, index = false)]`
///
/// Makes no index on the foreign key.
///
/// ```ignore
/// #[belongs_to(Customer, index = false)]
/// customer_id: i64,
/// ```
///
/// ## `#[column(name = "…")]`
///
/// The column. Without it: the name of the field.
///
/// ```ignore
/// #[column(name = "qty")]
/// quantity: i32,
/// ```
///
/// ## `#[column(type = "…")]`
///
/// The column's type in SQL, where that of the Rust type is not wanted.
///
/// ```ignore
/// #[column(type = "varchar(40)")]
/// title: String,
/// ```
///
/// ## `#[column(default = "…")]`
///
/// The column's default, in SQL. A new entity may then leave the property out.
///
/// ```ignore
/// #[column(default = "now()")]
/// created_at: OffsetDateTime,
/// ```
///
/// ## `#[unique]`
///
/// No two rows share a value. A `key_to` may lead here.
///
/// ```ignore
/// #[unique]
/// email: Option<String>,
/// ```
///
/// ## `#[index]`
///
/// Makes an index on the column.
///
/// ```ignore
/// #[index]
/// created_at: OffsetDateTime,
/// ```
///
/// ## `#[skip]`
///
/// The field is no property: it has no column, and is `Default::default()` when read.
///
/// ```ignore
/// #[skip]
/// cache: Option<String>,
/// ```
#[proc_macro_derive(
    Entity,
    attributes(entity, has_many, has_one, belongs_to, id, unique, index, column, skip)
)]
pub fn derive_entity(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    entity(&input).unwrap_or_else(Refused::into_tokens).into()
}

/// Makes a type of your own the type of a property: a struct around one value, stored as what it
/// holds, or an enum without fields, stored as text.
///
/// ```ignore
/// #[derive(Value)]
/// pub struct Email(String);
///
/// #[derive(Value)]
/// pub enum Status { Open, InDelivery } // "open", "in_delivery"
/// ```
///
/// # Options
///
/// ## `#[value(rename_all = "…")]`
///
/// How an enum spells its variants: `"snake_case"` (the default), `"kebab-case"`, `"camelCase"`,
/// `"PascalCase"`, `"SCREAMING_SNAKE_CASE"`, `"lowercase"` or `"UPPERCASE"`.
///
/// ```ignore
/// #[value(rename_all = "kebab-case")]
/// enum Status { Open, InDelivery } // "open", "in-delivery"
/// ```
///
/// ## `#[value(rename = "…")]`
///
/// The text of one variant.
///
/// ```ignore
/// enum Status { #[value(rename = "new")] Open }
/// ```
///
/// ## `#[value(crate = "…")]`
///
/// Where `relations` is found, if it is not `::relations`.
///
/// ```ignore
/// #[value(crate = "my_database::relations")]
/// ```
#[proc_macro_derive(Value, attributes(value))]
pub fn derive_value(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    value(&input).unwrap_or_else(Refused::into_tokens).into()
}

fn entity(input: &DeriveInput) -> Result<TokenStream, Refused> {
    let mut errors = Errors::default();
    let attrs = EntityAttrs::read(&mut errors, input);
    let mut entity = Entity::build(&mut errors, attrs);
    check::all(&mut errors, &entity);
    errors.finish(|| {
        check::keep_what_can_stand(&mut entity);
        expand::entity_fallback(input, &entity)
    })?;
    Ok(expand::entity(&entity))
}

fn value(input: &DeriveInput) -> Result<TokenStream, Refused> {
    let mut errors = Errors::default();
    let attrs = ValueAttrs::read(&mut errors, input);
    let value = Value::build(attrs);
    check::value(&mut errors, &value);
    errors.finish(|| expand::value_fallback(input, &value))?;
    Ok(expand::value(&value))
}
