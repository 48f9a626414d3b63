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

use crate::attr::{EntityAttrs, FromRowAttrs, ValueAttrs};
use crate::error::{Errors, Refused};
use crate::model::{Entity, FromRow, Value};

/// Makes a struct an entity: a table, its columns, and its relations to other entities.
///
/// The struct has named fields and no generics.
///
/// | on | attribute | what it says |
/// |---|---|---|
/// | the struct | [`#[entity(table, schema, crate)]`](#entitytable--) | where the table is, and where this crate |
/// | the struct | [`#[has_many(Target)]`](#has_manytarget) | many targets hold a key of this entity |
/// | the struct | [`#[has_many(Target, through(Link))]`](#has_manytarget-throughlink) | many targets and many of these are linked by another entity |
/// | the struct | [`#[has_one(Target)]`](#has_onetarget) | at most one target holds a key of this entity |
/// | the struct | [`#[unique(property, …)]`](#uniqueproperty-) | several properties together tell rows apart |
/// | the struct | [`#[belongs_to(Target, key_from(…))]`](#belongs_totarget-key_from-) | this entity holds a key of the target in several fields |
/// | a field | [`#[id]`, `#[id(generated)]`](#id) | the primary key |
/// | a field | [`#[belongs_to(Target)]`](#belongs_totarget) | the field holds a key of the target |
/// | a field | [`#[column(name, type, default)]`](#columnname--) | the column |
/// | a field | [`#[unique]`](#unique), [`#[index]`](#index) | what the column is to the database |
/// | a field | [`#[version]`](#version) | the column counts how often the row was written |
/// | a field | [`#[created_at]`, `#[updated_at]`](#created_at) | the column tells when that was |
/// | a field | [`#[skip]`](#skip) | the field is no property |
///
/// A relation takes `name`, `key_from` and `key_to`, or `through` in the place of `key_to`; one that belongs to another also takes
/// `on_delete`, `on_update`, `constraint` and `index`. Wherever a string names a property or a
/// relation, a bare word does as well: `key_to = "pk"` is `key_to = pk`.
///
/// ```
/// use relations::prelude::*;
///
/// #[derive(Entity)]
/// #[has_many(Order)]
/// pub struct Customer {
///     #[id(generated)]
///     pub pk: i64,
///     pub name: String,
/// }
///
/// #[derive(Entity)]
/// pub struct Order {
///     #[id(generated)]
///     pub id: i64,
///     #[belongs_to(Customer, key_to = "pk", on_delete = "restrict")]
///     pub customer_id: i64,
///     pub quantity: i32,
/// }
/// ```
///
/// # What it makes
///
/// For an `Order`, as visible as the struct: a constant for each column, `Order::QUANTITY`, and for
/// each relation, `Order::CUSTOMER`, with its accessor `order.customer(&db)`; `NewOrder`, which has
/// what the database does not make; and `OrderWith`, where the entity has relations.
///
/// ## `OrderWith`
///
/// An `Order` with what a query included: a field for each relation, named after it. It derefs to
/// the `Order`, and `into_inner` gives that back without the rest.
///
/// Each relation is a type parameter: first what the entity belongs to, by its fields and then by
/// attributes of the struct, then what it has, each as they are written. What was included stands
/// there: the target, an `Option` of one, a `Vec` of them, or their number as an `i64`. What was not
/// is `NotIncluded`, which has nothing to read, and is what a parameter is if it is left out.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64, name: String }
/// # #[derive(Entity)]
/// # struct Line { #[id] id: i64, #[belongs_to(Order)] order_id: i64 }
/// #[derive(Entity)]
/// #[has_many(Line)]
/// struct Order {
///     #[id]
///     id: i64,
///     #[belongs_to(Customer)]
///     customer_id: i64,
/// }
///
/// # async fn example(db: relations::Database) -> relations::Result<()> {
/// let orders: Vec<OrderWith<Customer, Vec<Line>>> =
///     Order::find().include(Order::CUSTOMER).include(Order::LINES).all(&db).await?;
/// # Ok(())
/// # }
///
/// // What stands in the place of the lines makes no difference here.
/// fn title<Lines>(order: &OrderWith<Customer, Lines>) -> String {
///     format!("{} for {}", order.id, order.customer.name)
/// }
/// ```
///
/// It is `Debug`, `Clone`, `PartialEq` and, with the feature `serde`, `Serialize` where the entity
/// and what was included are. Serialized, what was included are members beside the entity's own,
/// spelled as its `#[serde(rename_all = "…")]` says; what was not is absent.
///
/// # On the struct
///
/// ## `#[entity(table = "…")]`
///
/// The table. Without it: the plural of the struct in snake case, so `OrderLine` lives in
/// `order_lines`.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[entity(table = "purchases")]
/// struct Order {
///     #[id]
///     id: i64,
/// }
/// ```
///
/// ## `#[entity(schema = "…")]`
///
/// The schema of the table. Without it: whatever the connection looks in.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[entity(schema = "shop")]
/// struct Order {
///     #[id]
///     id: i64,
/// }
/// ```
///
/// ## `#[entity(crate = "…")]`
///
/// Where `relations` is found, if it is not `::relations`.
///
/// ```
/// mod database {
///     pub use ::relations;
/// }
/// # use relations::prelude::*;
///
/// #[derive(Entity)]
/// #[entity(crate = "database::relations")]
/// struct Order {
///     #[id]
///     id: i64,
/// }
/// ```
///
/// ## `#[has_many(Target)]`
///
/// Many targets hold a key of this entity. The relation is named after the target, in plural.
/// Several relations to one target have a `name` each; Clippy's `duplicated_attributes` takes their
/// repeated words for a mistake, which `#[allow(clippy::duplicated_attributes)]` above the struct
/// settles.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Order)]
/// struct Customer {
///     #[id]
///     id: i64,
/// }
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
///
/// # async fn example(db: relations::Database, customer: Customer) -> relations::Result<()> {
/// let orders: Vec<Order> = customer.orders(&db).await?;
/// # Ok(())
/// # }
/// ```
///
/// ## `#[has_many(Target, through(Link))]`
///
/// Many to many: the link is an entity that belongs to this one and to the target. The relation
/// leads to the targets, each once however often it is linked, and its own `link` and `unlink`
/// change the link alone.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Territory, through(EmployeeTerritory))]
/// struct Employee {
///     #[id]
///     id: i16,
/// }
///
/// #[derive(Entity)]
/// #[has_many(Employee, through(EmployeeTerritory))]
/// struct Territory {
///     #[id]
///     id: String,
/// }
///
/// #[derive(Entity)]
/// struct EmployeeTerritory {
///     #[id]
///     #[belongs_to(Employee)]
///     employee_id: i16,
///     #[id]
///     #[belongs_to(Territory)]
///     territory_id: String,
/// }
///
/// # async fn example(
/// #     db: relations::Database, nancy: Employee, boston: Territory,
/// # ) -> relations::Result<()> {
/// let territories: Vec<Territory> = nancy.territories(&db).await?;
/// let is_new = Employee::TERRITORIES.link(&db, &nancy, &boston).await?;
/// let was_there = Employee::TERRITORIES.unlink(&db, &nancy, &boston).await?;
/// # Ok(())
/// # }
/// ```
///
/// The foreign keys of the link say which keys it leads to. Where that of this entity is not its id,
/// `key_from = "…"` names it, as of any `has_many`.
///
/// What else a link holds is reached by the link itself, an entity as any other: `has_many` leads to
/// the links, and its `New…` makes one with all that it holds.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Club, through(Membership))]
/// #[has_many(Membership)]
/// struct Person {
///     #[id]
///     id: i64,
/// }
/// # #[derive(Entity)]
/// # struct Club { #[id] id: i64 }
///
/// #[derive(Entity)]
/// struct Membership {
///     #[id]
///     #[belongs_to(Person)]
///     person_id: i64,
///     #[id]
///     #[belongs_to(Club)]
///     club_id: i64,
///     since: i32,
/// }
///
/// # async fn example(db: relations::Database, ada: Person, bath: Club) -> relations::Result<()> {
/// NewMembership { person_id: ada.id, club_id: bath.id, since: 1833 }.insert(&db).await?;
/// let memberships: Vec<Membership> = ada.memberships(&db).await?;
/// let clubs: Vec<Club> = ada.clubs(&db).await?;
/// # Ok(())
/// # }
/// ```
///
/// ## `#[has_many(Target, through(Link, from = "…", to = "…"))]`
///
/// The relations of the link that lead to this entity and to the target. Without them: the only one
/// that does. A link between an entity and itself has two, and `from` is the one to come by.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Person, name = "followed", through(Following, from = "follower", to = "followed"))]
/// #[has_many(Person, name = "followers", through(Following, from = "followed", to = "follower"))]
/// # #[allow(clippy::duplicated_attributes)]
/// struct Person {
///     #[id]
///     id: i64,
/// }
///
/// #[derive(Entity)]
/// struct Following {
///     #[id]
///     #[belongs_to(Person)]
///     follower_id: i64,
///     #[id]
///     #[belongs_to(Person)]
///     followed_id: i64,
/// }
/// ```
///
/// ## `#[has_one(Target)]`
///
/// At most one target holds a key of this entity: its property is `#[unique]`. The relation is named
/// after the target.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_one(Address)]
/// struct Customer {
///     #[id]
///     id: i64,
/// }
///
/// #[derive(Entity)]
/// struct Address {
///     #[id]
///     id: i64,
///     #[unique]
///     #[belongs_to(Customer)]
///     customer_id: i64,
/// }
///
/// # async fn example(db: relations::Database, customer: Customer) -> relations::Result<()> {
/// let address: Option<Address> = customer.address(&db).await?;
/// # Ok(())
/// # }
/// ```
///
/// ## `#[belongs_to(Target, key_from("…", "…"), key_to("…", "…"))]`
///
/// This entity holds a key of the target in several properties. `key_to` names those of the
/// target, in the same order. The options of a `#[belongs_to]` on a field work here as well.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[belongs_to(Seat, key_from("row", "number"), key_to("row", "number"))]
/// struct Ticket {
///     #[id]
///     id: i64,
///     row: i32,
///     number: i32,
/// }
///
/// #[derive(Entity)]
/// struct Seat {
///     #[id]
///     row: i32,
///     #[id]
///     number: i32,
/// }
/// ```
///
/// ## `#[unique(property, …)]`
///
/// No two rows share the values of all these properties; a null is never shared. `name` is the name of
/// the constraint. With a `filter`, a condition in SQL, it holds among the rows of which that is so,
/// and may be of one property; the database then has a unique index in the place of a constraint.
/// A property that is in several keys is written as text in one, `"tenant_id"`: Clippy's
/// `duplicated_attributes` takes a repeated word for a mistake.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[unique(tenant_id, number)]
/// #[unique(email, name = "one_account_an_address", filter = "closed = false")]
/// struct Account {
///     #[id]
///     id: i64,
///     tenant_id: i64,
///     number: i32,
///     email: String,
///     #[column(default = "false")]
///     closed: bool,
/// }
/// ```
///
/// An insert may name the key, to say what becomes of a row that is there already.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # #[unique(tenant_id, number)]
/// # struct Account { #[id] id: i64, tenant_id: i64, number: i32, email: String }
/// # async fn example(db: relations::Database, new: NewAccount) -> relations::Result<()> {
/// let key = (Account::TENANT_ID, Account::NUMBER);
/// let account = new.on_conflict(key).update(Account::EMAIL).insert(&db).await?;
/// # Ok(())
/// # }
/// ```
///
/// ## `name = "…"`
///
/// The name of a relation: of its accessor, its constant and its place among what is included.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Order, name = "purchases")]
/// struct Customer {
///     #[id]
///     id: i64,
/// }
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
///
/// # async fn example(db: relations::Database, customer: Customer) -> relations::Result<()> {
/// let purchases = customer.purchases(&db).await?; // the relation is `Customer::PURCHASES`
/// # Ok(())
/// # }
/// ```
///
/// ## `key_from = "…"`
///
/// The property of this entity that a `has_many` or `has_one` starts from. Without it: the id.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Order, key_from = "email", key_to = "customer_email")]
/// struct Customer {
///     #[id]
///     id: i64,
///     #[unique]
///     email: String,
/// }
/// # #[derive(Entity)]
/// # struct Order {
/// #     #[id]
/// #     id: i64,
/// #     #[belongs_to(Customer, key_to = "email", name = "customer")]
/// #     customer_email: String,
/// # }
/// ```
///
/// ## `key_to = "…"`
///
/// The property of the target that a `has_many` or `has_one` leads to. Without it: this entity in
/// snake case with `_id`. `key_from(…)` and `key_to(…)` list the parts of composite keys.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Category, name = "children", key_to = "parent_id")]
/// struct Category {
///     #[id]
///     id: i64,
///     #[belongs_to(Category, name = "parent")]
///     parent_id: Option<i64>,
/// }
/// ```
///
/// # On a field
///
/// ## `#[id]`
///
/// The primary key. Several make a composite one, in the order of the fields.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Country {
///     #[id]
///     code: String,
/// }
/// ```
///
/// ## `#[id(generated)]`
///
/// A key that the database counts up: an `i16`, `i32` or `i64`. What is new has none yet.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Country {
///     #[id(generated)]
///     id: i64,
///     code: String,
/// }
///
/// let country = NewCountry { code: "it".into() };
/// ```
///
/// ## `#[belongs_to(Target)]`
///
/// The field holds a key of the target. It gets a foreign key constraint and an index. The relation is
/// named after the field, without its `_id`. Where the field is an `Option`, so is the target.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64 }
/// #[derive(Entity)]
/// struct Order {
///     #[id]
///     id: i64,
///     #[belongs_to(Customer)]
///     customer_id: i64,
/// }
///
/// # async fn example(db: relations::Database, order: Order) -> relations::Result<()> {
/// let customer: Customer = order.customer(&db).await?;
/// # Ok(())
/// # }
/// ```
///
/// ## `#[belongs_to(Target, key_to = "…")]`
///
/// The property of the target that the field leads to: its `#[id]`, or one that is `#[unique]`.
/// Without it: the id.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64, #[unique] email: String }
/// #[derive(Entity)]
/// struct Order {
///     #[id]
///     id: i64,
///     #[belongs_to(Customer, key_to = "email", name = "customer")]
///     customer_email: String,
/// }
/// ```
///
/// ## `#[belongs_to(Target, name = "…")]`
///
/// The name of the relation, where the field does not end in `_id` or another is wanted.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Category {
///     #[id]
///     id: i64,
///     #[belongs_to(Category, name = "parent")]
///     above: Option<i64>,
/// }
/// ```
///
/// ## `#[belongs_to(Target, on_delete = "…")]`
///
/// What the database does with this row when the target is deleted: `"no action"` (the default),
/// `"restrict"`, `"cascade"`, `"set null"` or `"set default"`.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64 }
/// #[derive(Entity)]
/// struct Order {
///     #[id]
///     id: i64,
///     #[belongs_to(Customer, on_delete = "cascade")]
///     customer_id: i64,
/// }
/// ```
///
/// ## `#[belongs_to(Target, on_update = "…")]`
///
/// What the database does with this row when the target's key changes, in the same words.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64 }
/// #[derive(Entity)]
/// struct Order {
///     #[id]
///     id: i64,
///     #[belongs_to(Customer, on_update = "set null")]
///     customer_id: Option<i64>,
/// }
/// ```
///
/// ## `#[belongs_to(Target, constraint = "…")]`
///
/// The name of the constraint. `constraint = false` makes none, and then the target is an `Option`:
/// nothing guarantees that it exists.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64 }
/// #[derive(Entity)]
/// struct Order {
///     #[id]
///     id: i64,
///     #[belongs_to(Customer, constraint = "orders_customer")]
///     customer_id: i64,
///     #[belongs_to(Customer, constraint = false)]
///     payer_id: i64,
/// }
///
/// # async fn example(db: relations::Database, order: Order) -> relations::Result<()> {
/// let payer: Option<Customer> = order.payer(&db).await?;
/// # Ok(())
/// # }
/// ```
///
/// ## `#[belongs_to(Target, index = false)]`
///
/// Makes no index on the foreign key.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Customer { #[id] id: i64 }
/// #[derive(Entity)]
/// struct Order {
///     #[id]
///     id: i64,
///     #[belongs_to(Customer, index = false)]
///     customer_id: i64,
/// }
/// ```
///
/// ## `#[column(name = "…")]`
///
/// The column. Without it: the name of the field.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Line {
///     #[id]
///     id: i64,
///     #[column(name = "qty")]
///     quantity: i32,
/// }
/// ```
///
/// ## `#[column(type = "…")]`
///
/// The column's type in SQL, where that of the Rust type is not wanted.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Product {
///     #[id]
///     id: i64,
///     #[column(type = "varchar(40)")]
///     title: String,
/// }
/// ```
///
/// ## `#[column(default = "…")]`
///
/// The column's default, in SQL. A new entity may then leave the property out: it is an `Option`.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Product {
///     #[id]
///     id: i64,
///     #[column(default = "100")]
///     stock: i32,
/// }
///
/// let product = NewProduct { id: 1, stock: None };
/// ```
///
/// ## `#[unique]`
///
/// No two rows share a value. A `key_to` may lead here.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Customer {
///     #[id]
///     id: i64,
///     #[unique]
///     email: Option<String>,
/// }
/// ```
///
/// ## `#[index]`
///
/// Makes an index on the column.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Product {
///     #[id]
///     id: i64,
///     #[index]
///     price: f64,
/// }
/// ```
///
/// ## `#[version]`
///
/// Counts how often the row was written, from 1: an `i16`, `i32` or `i64`, which is not given to what
/// is new. `update`, `save` and `delete` then only touch the row of the version in hand, so that nobody
/// writes over what another has written since: they fail with an error that `is_stale`, and tells both
/// `versions`. Every other change counts as well.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Order {
///     #[id(generated)]
///     id: i64,
///     quantity: i32,
///     #[version]
///     version: i32,
/// }
///
/// # async fn example(db: relations::Database) -> relations::Result<()> {
/// let mut order = NewOrder { quantity: 3 }.insert(&db).await?;
/// let mut same = Order::find_by_id(order.id).one(&db).await?;
/// order.quantity = 4;
/// order.update(&db).await?; // `order.version` is 2 now
/// same.quantity = 5;
/// let error = same.update(&db).await.unwrap_err();
/// assert!(error.is_stale());
/// assert_eq!(error.versions(), Some((1, 2)));
/// # Ok(())
/// # }
/// ```
///
/// In a table that was not made from the entity the column needs the default 1.
///
/// ## `#[created_at]`
///
/// When the row was made, by the clock of the database: a timestamp of `chrono` or `time`, in UTC where
/// its type knows no time zone. It is not given to what is new, and `update` leaves it.
///
/// ```
/// # #[cfg(feature = "chrono")]
/// # mod example {
/// # use relations::prelude::*;
/// use chrono::{DateTime, Utc};
///
/// #[derive(Entity)]
/// struct Order {
///     #[id(generated)]
///     id: i64,
///     #[created_at]
///     created_at: DateTime<Utc>,
///     #[updated_at]
///     updated_at: DateTime<Utc>,
/// }
/// # }
/// ```
///
/// In a table that was not made from the entity the column needs the current time for a default.
///
/// ## `#[updated_at]`
///
/// When the row was last written, which every change by this crate sees to. What holds of
/// [`#[created_at]`](#created_at) holds here as well.
///
/// ```
/// # #[cfg(feature = "time")]
/// # mod example {
/// # use relations::prelude::*;
/// use time::OffsetDateTime;
///
/// #[derive(Entity)]
/// struct Order {
///     #[id(generated)]
///     id: i64,
///     quantity: i32,
///     #[updated_at]
///     changed: OffsetDateTime,
/// }
///
/// # async fn example(db: relations::Database, mut order: Order) -> relations::Result<()> {
/// order.update(&db).await?; // takes the time back
/// Order::find_by_id(1).set(Order::QUANTITY, 3).update(&db).await?; // writes it as well
/// # Ok(())
/// # }
/// # }
/// ```
///
/// ## `#[skip]`
///
/// The field is no property: it has no column, and is `Default::default()` when read.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Product {
///     #[id]
///     id: i64,
///     #[skip]
///     pictures: Vec<String>,
/// }
/// ```
#[proc_macro_derive(
    Entity,
    attributes(
        entity, has_many, has_one, belongs_to, id, unique, index, column, skip, version,
        created_at, updated_at
    )
)]
pub fn derive_entity(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    entity(&input).unwrap_or_else(Refused::into_tokens).into()
}

/// Makes a type of your own the type of a property: a struct around one value, stored as what it
/// holds, or an enum without fields, stored as text. The type is `Clone` and `Debug` as well.
///
/// | on | attribute | what it says |
/// |---|---|---|
/// | the enum | [`#[value(rename_all)]`](#valuerename_all--) | how the variants are spelled |
/// | a variant | [`#[value(rename)]`](#valuerename--) | how this one is spelled |
/// | the struct or enum | [`#[value(crate)]`](#valuecrate--) | where this crate is |
///
/// ```
/// use relations::prelude::*;
///
/// #[derive(Debug, Clone, Value)]
/// pub struct Email(String);
///
/// #[derive(Debug, Clone, Value)]
/// pub enum Status {
///     Open,       // stored as "open"
///     InDelivery, // stored as "in_delivery"
/// }
///
/// #[derive(Entity)]
/// pub struct Order {
///     #[id]
///     id: i64,
///     receipt_to: Option<Email>,
///     status: Status,
/// }
/// ```
///
/// # Options
///
/// ## `#[value(rename_all = "…")]`
///
/// How an enum spells its variants: `"snake_case"` (the default), `"kebab-case"`, `"camelCase"`,
/// `"PascalCase"`, `"SCREAMING_SNAKE_CASE"`, `"lowercase"` or `"UPPERCASE"`.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Debug, Clone, Value)]
/// #[value(rename_all = "kebab-case")]
/// enum Status {
///     Open,
///     InDelivery, // stored as "in-delivery"
/// }
/// ```
///
/// ## `#[value(rename = "…")]`
///
/// The text of one variant.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Debug, Clone, Value)]
/// enum Status {
///     #[value(rename = "new")]
///     Open,
///     InDelivery,
/// }
/// ```
///
/// ## `#[value(crate = "…")]`
///
/// Where `relations` is found, if it is not `::relations`.
///
/// ```
/// mod database {
///     pub use ::relations;
/// }
/// # use relations::prelude::*;
///
/// #[derive(Debug, Clone, Value)]
/// #[value(crate = "database::relations")]
/// struct Email(String);
/// ```
#[proc_macro_derive(Value, attributes(value))]
pub fn derive_value(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    value(&input).unwrap_or_else(Refused::into_tokens).into()
}

/// Makes a struct what a row of `relations::sql(…)` is read as: each field from the column of its
/// name, wherever it stands in the row and whatever stands beside it.
///
/// The struct has named fields and no generics. A field is of a type that a property may have, and
/// an `Option` where the column may be null. An entity is read from rows already.
///
/// | on | attribute | what it says |
/// |---|---|---|
/// | a field | [`#[column(name)]`](#columnname--) | the column |
/// | a field | [`#[skip]`](#skip) | the field has no column |
/// | the struct | [`#[from_row(crate)]`](#from_rowcrate--) | where this crate is |
///
/// ```
/// use relations::prelude::*;
///
/// #[derive(Debug, FromRow)]
/// pub struct Busy {
///     pub name: String,
///     pub orders: i64,
/// }
///
/// # async fn example(db: relations::Database) -> relations::Result<()> {
/// let busy: Vec<Busy> = relations::sql(
///     "SELECT customers.name, count(*) AS orders FROM customers \
///      JOIN orders ON orders.customer_id = customers.id \
///      GROUP BY customers.id HAVING count(*) > $1",
///     (10_i64,),
/// )
/// .all(&db)
/// .await?;
/// # Ok(())
/// # }
/// ```
///
/// A row without a column, with two of its name, or with a value of another type in it is an error
/// that names the field and the column.
///
/// # Options
///
/// ## `#[column(name = "…")]`
///
/// The column. Without it: the name of the field.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(FromRow)]
/// struct Total {
///     #[column(name = "sum")]
///     quantity: Option<i64>,
/// }
/// ```
///
/// ## `#[skip]`
///
/// The field has no column, and is `Default::default()` when read.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(FromRow)]
/// struct Busy {
///     name: String,
///     #[skip]
///     notes: Vec<String>,
/// }
/// ```
///
/// ## `#[from_row(crate = "…")]`
///
/// Where `relations` is found, if it is not `::relations`.
///
/// ```
/// mod database {
///     pub use ::relations;
/// }
/// # use relations::prelude::*;
///
/// #[derive(FromRow)]
/// #[from_row(crate = "database::relations")]
/// struct Busy {
///     name: String,
/// }
/// ```
#[proc_macro_derive(FromRow, attributes(from_row, column, skip))]
pub fn derive_from_row(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    from_row(&input).unwrap_or_else(Refused::into_tokens).into()
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

fn from_row(input: &DeriveInput) -> Result<TokenStream, Refused> {
    let mut errors = Errors::default();
    let attrs = FromRowAttrs::read(&mut errors, input);
    let from_row = FromRow::build(attrs);
    check::from_row(&mut errors, &from_row);
    errors.finish(|| expand::from_row_fallback(input, &from_row))?;
    Ok(expand::from_row(&from_row))
}
