//! The types of properties, and what they are compared with.

use relations::Query;
use relations::prelude::*;

type Name = String;

#[derive(Debug, Entity)]
struct Everything {
    #[id]
    boolean: bool,
    small: i16,
    integer: i32,
    big: i64,
    real: f32,
    double: f64,
    text: String,
    bytes: Vec<u8>,
    name: Name,
    path: ::std::string::String,
    texts: Vec<String>,
    numbers: Option<Vec<i64>>,
    optional_boolean: Option<bool>,
    optional_small: Option<i16>,
    optional_real: Option<f32>,
    optional_text: ::core::option::Option<String>,
    optional_bytes: Option<Vec<u8>>,
    #[index]
    nothing: Option<Name>,
}

fn filters() -> Query<Everything> {
    let text = String::from("b");
    Everything::find()
        .filter(Everything::BOOLEAN.eq(true))
        .filter(Everything::SMALL.lt(2).or(Everything::OPTIONAL_SMALL.ge(3)))
        .filter(Everything::INTEGER.is_in([1, 2]).and(!Everything::BIG.not_in(vec![3])))
        .filter(Everything::REAL.between(0.0, 1.0))
        .filter(Everything::TEXT.eq("a").or(Everything::TEXT.ne(&text)))
        .filter(Everything::TEXT.eq(Everything::OPTIONAL_TEXT))
        .filter(Everything::OPTIONAL_TEXT.eq("b").or(Everything::NOTHING.is_null()))
        .filter(Everything::OPTIONAL_TEXT.contains("50%").and(Everything::NAME.ilike("a%")))
        .filter(Everything::BYTES.eq(&[1_u8, 2][..]))
        .filter(Everything::TEXTS.eq(vec![text]))
        .order_by(Everything::DOUBLE.desc().nulls_last())
}

fn changes() -> relations::query::Update<Everything> {
    Everything::find()
        .all_rows()
        .set(Everything::INTEGER, 5)
        .set(Everything::TEXT, "c")
        .set(Everything::OPTIONAL_TEXT, "d")
        .set(Everything::NOTHING, Some("e".to_owned()))
        .set(Everything::OPTIONAL_REAL, None)
}
