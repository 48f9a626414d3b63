//! Columns, tables and schemas of any name, skipped fields, and defaults.

use relations::prelude::*;

#[derive(Debug, Clone, Default)]
struct Cache(Vec<u8>);

#[derive(Debug, Entity)]
#[entity(table = "Order Details", schema = "My Shop")]
struct Detail {
    #[id]
    #[column(name = "Detail ID")]
    id: i64,
    #[column(name = "select", type = "varchar(40)")]
    title: String,
    #[column(name = "Quantity", default = "1")]
    #[index]
    quantity: i32,
    #[column(default = "now()")]
    #[unique]
    number: Option<i16>,
    #[skip]
    cache: Cache,
    #[skip]
    loaded: bool,
}

/// A property with a default may be left out, and one that is skipped is not a property.
fn new() -> NewDetail {
    NewDetail { id: 1, title: "tea".to_owned(), quantity: None, number: Some(None) }
}
