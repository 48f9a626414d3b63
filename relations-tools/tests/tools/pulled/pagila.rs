//! The tables of a database, written by `relations pull`. It is yours to change.

// A word that several attributes need is no mistake.
#![allow(clippy::duplicated_attributes)]

use chrono::{DateTime, NaiveDate, Utc};
use relations::Schema;
use relations::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

/// All entities of this module.
pub fn schema() -> Schema {
    schema![
        Actor,
        Address,
        Category,
        City,
        Country,
        Customer,
        Film,
        FilmActor,
        FilmCategory,
        Inventory,
        Language,
        Payment,
        Rental,
        Staff,
        Store,
    ]
}

/// The enum `mpaa_rating`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
pub enum MpaaRating {
    #[value(rename = "G")]
    G,
    #[value(rename = "PG")]
    Pg,
    #[value(rename = "PG-13")]
    Pg13,
    #[value(rename = "R")]
    R,
    #[value(rename = "NC-17")]
    Nc17,
}

/// A row of `actor`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "actor")]
#[has_many(FilmActor, name = "film_actors")]
#[has_many(Film, name = "films", through(FilmActor, from = "actor", to = "film"))]
pub struct Actor {
    #[id(generated)]
    pub actor_id: i32,
    pub first_name: String,
    #[index(name = "idx_actor_last_name")]
    pub last_name: String,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}

/// A row of the view `actor_info`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct ActorInfo {
    pub actor_id: Option<i32>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub film_info: Option<serde_json::Value>,
}

/// A row of `address`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "address")]
#[has_many(Customer, name = "customers")]
#[has_many(Staff, name = "staff")]
#[has_many(Store, name = "stores")]
pub struct Address {
    #[id(generated)]
    pub address_id: i32,
    pub address: String,
    pub address2: Option<String>,
    pub district: String,
    #[index(name = "idx_fk_city_id")]
    #[belongs_to(City, on_delete = "restrict", on_update = "cascade")]
    pub city_id: i32,
    pub postal_code: Option<String>,
    pub phone: String,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}

/// A row of `category`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "category")]
#[has_many(FilmCategory, name = "film_categories")]
#[has_many(Film, name = "films", through(FilmCategory, from = "category", to = "film"))]
pub struct Category {
    #[id(generated)]
    pub category_id: i32,
    pub name: String,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}

/// A row of `city`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "city")]
#[has_many(Address, name = "addresses")]
pub struct City {
    #[id(generated)]
    pub city_id: i32,
    pub city: String,
    #[index(name = "idx_fk_country_id")]
    #[belongs_to(Country, on_delete = "restrict", on_update = "cascade")]
    pub country_id: i32,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}

/// A row of `country`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "country")]
#[has_many(City, name = "cities")]
pub struct Country {
    #[id(generated)]
    pub country_id: i32,
    pub country: String,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}

/// A row of `customer`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customer")]
#[has_many(Rental, name = "rentals")]
pub struct Customer {
    #[id(generated)]
    pub customer_id: i32,
    #[index(name = "idx_fk_store_id")]
    #[belongs_to(Store, on_delete = "restrict", on_update = "cascade")]
    pub store_id: i32,
    pub first_name: String,
    #[index(name = "idx_last_name")]
    pub last_name: String,
    pub email: Option<String>,
    #[index(name = "idx_fk_address_id")]
    #[belongs_to(Address, on_delete = "restrict", on_update = "cascade")]
    pub address_id: i32,
    #[column(default = "true")]
    pub activebool: bool,
    #[column(default = "CURRENT_DATE")]
    pub create_date: NaiveDate,
    #[column(default = "now()")]
    pub last_update: Option<DateTime<Utc>>,
    pub active: Option<i32>,
    #[unique]
    #[column(default = "gen_random_uuid()")]
    pub uuid: Uuid,
}

/// A row of the view `customer_list`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct CustomerList {
    pub id: Option<i32>,
    pub name: Option<String>,
    pub address: Option<String>,
    #[column(name = "zip code")]
    pub zip_code: Option<String>,
    pub phone: Option<String>,
    pub city: Option<String>,
    pub country: Option<String>,
    pub notes: Option<String>,
    pub sid: Option<i32>,
}

/// A row of `film`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "film")]
#[index("fulltext", using = "gist")]
#[has_many(FilmActor, name = "film_actors")]
#[has_many(FilmCategory, name = "film_categories")]
#[has_many(Inventory, name = "inventories")]
#[has_many(Actor, name = "actors", through(FilmActor, from = "film", to = "actor"))]
#[has_many(Category, name = "categories", through(FilmCategory, from = "film", to = "category"))]
pub struct Film {
    #[id(generated)]
    pub film_id: i32,
    #[index(name = "idx_title")]
    pub title: String,
    pub description: Option<String>,
    #[column(type = "year")]
    pub release_year: Option<i32>,
    #[index(name = "idx_fk_language_id")]
    #[belongs_to(Language, on_delete = "restrict", on_update = "cascade")]
    pub language_id: i32,
    #[index(name = "idx_fk_original_language_id")]
    #[belongs_to(Language, on_delete = "restrict", on_update = "cascade")]
    pub original_language_id: Option<i32>,
    #[column(default = "3")]
    pub rental_duration: i16,
    #[column(type = "numeric(4,2)", default = "4.99")]
    pub rental_rate: Decimal,
    pub length: Option<i16>,
    #[column(type = "numeric(5,2)", default = "19.99")]
    pub replacement_cost: Decimal,
    #[column(type = "mpaa_rating", default = "'G'::mpaa_rating")]
    pub rating: Option<MpaaRating>,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
    pub special_features: Option<Vec<String>>,
    #[column(type = "tsvector")]
    pub fulltext: String,
    #[column(type = "numeric(4,2)", generated = "round(((length)::numeric / 60.0), 2)")]
    pub length_hours: Option<Decimal>,
}

/// A row of `film_actor`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "film_actor")]
pub struct FilmActor {
    #[id]
    #[belongs_to(Actor, on_delete = "restrict", on_update = "cascade")]
    pub actor_id: i32,
    #[id]
    #[index(name = "idx_fk_film_id")]
    #[belongs_to(Film, on_delete = "restrict", on_update = "cascade")]
    pub film_id: i32,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}

/// A row of `film_category`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "film_category")]
pub struct FilmCategory {
    #[id]
    #[belongs_to(Film, on_delete = "restrict", on_update = "cascade")]
    pub film_id: i32,
    #[id]
    #[belongs_to(Category, on_delete = "restrict", on_update = "cascade", index = false)]
    pub category_id: i32,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}

/// A row of the view `film_list`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct FilmList {
    pub fid: Option<i32>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub category: Option<String>,
    pub price: Option<Decimal>,
    pub length: Option<i16>,
    pub rating: Option<MpaaRating>,
    pub actors: Option<String>,
}

/// A row of `inventory`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "inventory")]
#[index("store_id", "film_id", name = "idx_store_id_film_id")]
#[has_many(Rental, name = "rentals")]
pub struct Inventory {
    #[id(generated)]
    pub inventory_id: i32,
    #[belongs_to(Film, on_delete = "restrict", on_update = "cascade", index = false)]
    pub film_id: i32,
    #[belongs_to(Store, on_delete = "restrict", on_update = "cascade")]
    pub store_id: i32,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}

/// A row of `language`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "language")]
#[has_many(Film, name = "films")]
#[has_many(Film, name = "films_by_original_language", key_to = "original_language_id")]
pub struct Language {
    #[id(generated)]
    pub language_id: i32,
    pub name: String,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}

/// A row of the view `nicer_but_slower_film_list`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct NicerButSlowerFilmList {
    pub fid: Option<i32>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub category: Option<String>,
    pub price: Option<Decimal>,
    pub length: Option<i16>,
    pub rating: Option<MpaaRating>,
    pub actors: Option<String>,
}

/// A row of `payment`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "payment")]
#[unique("uuid", "payment_date", name = "payment_uuid_key")]
pub struct Payment {
    #[id(generated)]
    pub payment_id: i32,
    pub customer_id: i32,
    pub staff_id: i32,
    pub rental_id: i32,
    #[column(type = "numeric(5,2)")]
    pub amount: Decimal,
    #[id]
    pub payment_date: DateTime<Utc>,
    #[column(default = "gen_random_uuid()")]
    pub uuid: Uuid,
}

/// A row of `rental`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "rental")]
#[unique(
    "rental_date",
    "inventory_id",
    "customer_id",
    name = "idx_unq_rental_rental_date_inventory_id_customer_id"
)]
pub struct Rental {
    #[id(generated)]
    pub rental_id: i32,
    pub rental_date: DateTime<Utc>,
    #[index(name = "idx_fk_inventory_id")]
    #[belongs_to(Inventory, on_delete = "restrict", on_update = "cascade")]
    pub inventory_id: i32,
    #[belongs_to(Customer, on_delete = "restrict", on_update = "cascade", index = false)]
    pub customer_id: i32,
    pub return_date: Option<DateTime<Utc>>,
    #[belongs_to(Staff, on_delete = "restrict", on_update = "cascade", index = false)]
    pub staff_id: i32,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
    #[unique]
    #[column(default = "gen_random_uuid()")]
    pub uuid: Uuid,
}

/// A row of the view `rental_by_category`.
// index: CREATE UNIQUE INDEX rental_category ON public.rental_by_category USING btree (category)
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct RentalByCategory {
    pub category: Option<String>,
    pub total_sales: Option<Decimal>,
}

/// A row of the view `sales_by_film_category`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct SalesByFilmCategory {
    pub category: Option<String>,
    pub total_sales: Option<Decimal>,
}

/// A row of the view `sales_by_store`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct SalesByStore {
    pub store: Option<String>,
    pub manager: Option<String>,
    pub total_sales: Option<Decimal>,
}

/// A row of `staff`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "staff")]
#[has_many(Rental, name = "rentals")]
pub struct Staff {
    #[id(generated)]
    pub staff_id: i32,
    pub first_name: String,
    pub last_name: String,
    #[belongs_to(Address, on_delete = "restrict", on_update = "cascade", index = false)]
    pub address_id: i32,
    pub email: Option<String>,
    #[belongs_to(Store, index = false)]
    pub store_id: i32,
    #[column(default = "true")]
    pub active: bool,
    pub username: String,
    pub password: Option<String>,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
    pub picture: Option<Vec<u8>>,
}

/// A row of the view `staff_list`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct StaffList {
    pub id: Option<i32>,
    pub name: Option<String>,
    pub address: Option<String>,
    #[column(name = "zip code")]
    pub zip_code: Option<String>,
    pub phone: Option<String>,
    pub city: Option<String>,
    pub country: Option<String>,
    pub sid: Option<i32>,
}

/// A row of `store`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "store")]
#[has_many(Customer, name = "customers")]
#[has_many(Inventory, name = "inventories")]
#[has_many(Staff, name = "staff")]
pub struct Store {
    #[id(generated)]
    pub store_id: i32,
    #[unique(name = "idx_unq_manager_staff_id")]
    pub manager_staff_id: i32,
    #[belongs_to(Address, on_delete = "restrict", on_update = "cascade", index = false)]
    pub address_id: i32,
    #[column(default = "now()")]
    pub last_update: DateTime<Utc>,
}
