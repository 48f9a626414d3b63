// An interval is added to dates.

use relations::expression::days;
use relations::prelude::*;

#[derive(Entity)]
struct Line {
    #[id]
    id: i64,
    product_id: i64,
    price: i64,
    weight: f64,
    exact: rust_decimal::Decimal,
    note: String,
    day: chrono::NaiveDate,
    data: serde_json::Value,
}

fn main() {
    drop(Line::find().select(Line::PRICE + days(1)));
}
