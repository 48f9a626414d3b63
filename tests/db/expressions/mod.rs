//! Expressions of columns, aggregates of groups, and SQL of one's own in queries.

mod calendar;
mod edges;
mod functions;
mod grouped;
mod json;
mod sql_expr;

use ::relations::Database;
use ::relations::prelude::*;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;

/// Its key is not the id, and overlaps with it.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Sale, key_from = "code")]
pub struct Shop {
    #[id]
    pub id: i64,
    #[unique]
    pub code: i64,
    pub name: String,
    pub city: Option<String>,
    pub quota: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Sale {
    #[id]
    pub id: i64,
    #[belongs_to(Shop, key_to = "code")]
    pub shop_id: i64,
    #[belongs_to(Shop, name = "other", key_to = "code")]
    pub other_id: Option<i64>,
    pub product: String,
    pub price: Decimal,
    pub quantity: i32,
    pub cents: i64,
    pub discount: Option<i64>,
    pub weight: f64,
    pub note: Option<String>,
    pub open: bool,
    pub placed_at: DateTime<Utc>,
    pub local: NaiveDateTime,
    pub day: NaiveDate,
    pub clock: Option<NaiveTime>,
}

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn instant(text: &str) -> DateTime<Utc> {
    local(text).and_utc()
}

pub fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Shops 1 and 2, whose codes are 2 and 1, and a third without sales.
///
/// | id | shop | product | price | quantity | cents | discount | note | open | placed |
/// |---|---|---|---|---|---|---|---|---|---|
/// | 1 | North | tea | 1.50 | 2 | 150 | 10 | ` Gift ` | yes | 31 January, late |
/// | 2 | North | tea | 1.5 | 3 | 150 | | | no | 1 February, early |
/// | 3 | North | Ümlaut | 10.25 | 1 | 1025 | 25 | ETE | yes | 29 February |
/// | 4 | South | coffee | 9.00 | 4 | 900 | 0 | | yes | 30 December |
pub async fn sales(db: &Database) {
    db.create(schema![Shop, Sale]).await.unwrap();
    let shops = [
        (1, 2, "North", Some("Oslo"), 100),
        (2, 1, "South", None, 5_000),
        (3, 3, "Closed", Some("Oslo"), 0),
    ];
    for (id, code, name, city, quota) in shops {
        let city = city.map(ToOwned::to_owned);
        NewShop { id, code, name: name.into(), city, quota }.insert(db).await.unwrap();
    }
    let rows = [
        (
            1,
            2,
            Some(1),
            "tea",
            "1.50",
            2,
            150,
            Some(10),
            Some(" Gift "),
            true,
            "2024-01-31 23:30:15.75",
        ),
        (2, 2, None, "tea", "1.5", 3, 150, None, None, false, "2024-02-01 00:10:00"),
        (
            3,
            2,
            Some(3),
            "Ümlaut",
            "10.25",
            1,
            1_025,
            Some(25),
            Some("ETE"),
            true,
            "2024-02-29 12:00:00.5",
        ),
        (4, 1, None, "coffee", "9.00", 4, 900, Some(0), None, true, "2024-12-30 06:07:08"),
    ];
    for (id, shop_id, other_id, product, price, quantity, cents, discount, note, open, at) in rows {
        let sale = NewSale {
            id,
            shop_id,
            other_id,
            product: product.into(),
            price: decimal(price),
            quantity,
            cents,
            discount,
            weight: f64::from(quantity) / 2.0,
            note: note.map(ToOwned::to_owned),
            open,
            placed_at: instant(at),
            local: local(at),
            day: local(at).date(),
            clock: (id != 2).then(|| local(at).time()),
        };
        sale.insert(db).await.unwrap();
    }
}

/// The ids of the sales that a filter matches.
pub async fn ids(db: &Database, filter: ::relations::Filter<Sale>) -> Vec<i64> {
    Sale::find().filter(filter).order_by(Sale::ID.asc()).select(Sale::ID).all(db).await.unwrap()
}
