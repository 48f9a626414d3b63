//! Every value comes back from its column as it was written.

use ::relations::prelude::*;
use ::relations::{Engine, Executor, Json};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::support;

/// Values of a type, least first, come back as they went, are found, and sort as they do in Rust.
macro_rules! round_trip {
    ($($name:ident: $type:ty = $samples:expr;)*) => {
        $(
            mod $name {
                use super::*;

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(table = "holders")]
                pub struct Holder {
                    #[id]
                    pub id: i64,
                    pub value: $type,
                    pub maybe: Option<$type>,
                }

                behaviour! {
                    async fn comes_back_and_is_found(db) {
                        let samples: Vec<$type> = $samples;
                        db.create(schema![Holder]).await.unwrap();
                        let mut all = Vec::new();
                        for (id, value) in (0..).zip(samples) {
                            let maybe = (id % 2 == 0).then(|| value.clone());
                            let new = NewHolder { id, value: value.clone(), maybe: maybe.clone() };
                            let holder = new.insert(db).await.unwrap();
                            assert_eq!(holder, Holder { id, value: value.clone(), maybe });
                            let found = Holder::find().filter(Holder::VALUE.eq(&value));
                            assert_eq!(found.one(db).await.unwrap(), holder);
                            let found = Holder::find().filter(Holder::MAYBE.eq(value));
                            assert_eq!(found.count(db).await.unwrap(), i64::from(id % 2 == 0));
                            all.push(holder);
                        }
                        for mut holder in all.iter().cloned() {
                            let maybe = holder.maybe.take();
                            holder.update(db).await.unwrap();
                            assert_eq!(Holder::find_by_id(holder.id).one(db).await.unwrap(), holder);
                            let set = Holder::find_by_id(holder.id).set(Holder::MAYBE, maybe);
                            assert_eq!(set.update(db).await.unwrap(), 1);
                        }
                        let sorted = Holder::find().order_by(Holder::VALUE.asc());
                        assert_eq!(sorted.all(db).await.unwrap(), all);
                    }
                }
            }
        )*
    };
}

fn date(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> chrono::NaiveDateTime {
    text.parse().unwrap()
}

fn uuids() -> Vec<uuid::Uuid> {
    [0, 1, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef, u128::MAX].map(uuid::Uuid::from_u128).into()
}

fn decimals() -> Vec<Decimal> {
    let texts = [
        "-79228162514264337593543950335",
        "-10",
        "-9.5",
        "-0.0000000000000000000000000001",
        "0",
        "0.10",
        "1.234567890123456789012345678",
        "9",
        "10",
        "100.000",
        "79228162514264337593543950335",
    ];
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

round_trip! {
    booleans: bool = vec![false, true];
    small_integers: i16 = vec![i16::MIN, -1, 0, 1, i16::MAX];
    integers: i32 = vec![i32::MIN, -1, 0, 1, i32::MAX];
    large_integers: i64 = vec![i64::MIN, -1, 0, 1, i64::MAX];
    short_floats: f32 = vec![
        f32::NEG_INFINITY, f32::MIN, -0.1, 0.0, f32::MIN_POSITIVE / 2.0, 0.1, f32::MAX, f32::INFINITY,
    ];
    floats: f64 = vec![
        f64::NEG_INFINITY, f64::MIN, -0.1, 0.0, 5e-324, f64::MIN_POSITIVE, 0.1, 1.0 + f64::EPSILON,
        9_007_199_254_740_993.0, f64::MAX, f64::INFINITY,
    ];
    texts: String = vec![
        String::new(), " ".into(), "\"; DROP TABLE holders; --".into(), "'quoted' \\ $1 ? %".into(),
        "10".into(), "9".into(), "a\n\t\r".into(), "a".repeat(100_000), "é".into(),
        "\u{1f980}\u{200d}".into(),
    ];
    bytes: Vec<u8> = vec![vec![], vec![0], vec![0, 0, 1], (0..=255).collect(), vec![255; 10_000]];
    dates: chrono::NaiveDate =
        vec![date("0000-01-01"), date("1969-12-31"), date("2024-02-29"), date("9999-12-31")];
    times: chrono::NaiveTime = ["00:00:00", "00:00:00.000001", "12:30:00.5", "23:59:59.999999"]
        .map(|text| text.parse().unwrap()).into();
    timestamps: chrono::NaiveDateTime = vec![
        at("0000-01-01T00:00:00"), at("1999-12-31T23:59:59.999999"), at("2000-01-01T00:00:00"),
        at("2000-01-01T00:00:00.000001"), at("9999-12-31T23:59:59.999999"),
    ];
    moments: chrono::DateTime<chrono::Utc> = vec![
        at("0000-01-01T00:00:00").and_utc(), at("1969-12-31T23:59:59.999999").and_utc(),
        at("2024-02-29T12:00:00.000001").and_utc(), at("9999-12-31T23:59:59.999999").and_utc(),
    ];
    time_dates: time::Date = vec![
        time::Date::from_ordinal_date(0, 1).unwrap(), time::macros::date!(1969-12-31),
        time::macros::date!(2024-02-29), time::macros::date!(9999-12-31),
    ];
    time_times: time::Time = vec![
        time::Time::MIDNIGHT, time::macros::time!(00:00:00.000_001),
        time::macros::time!(23:59:59.999_999),
    ];
    time_timestamps: time::PrimitiveDateTime = vec![
        time::macros::datetime!(0000-01-01 0:00), time::macros::datetime!(1999-12-31 23:59:59.999_999),
        time::macros::datetime!(9999-12-31 23:59:59.999_999),
    ];
    time_moments: time::OffsetDateTime = vec![
        time::macros::datetime!(0000-01-01 0:00 UTC),
        time::macros::datetime!(2024-02-29 12:00:00.000_001 UTC),
        time::macros::datetime!(9999-12-31 23:59:59.999_999 UTC),
    ];
    identifiers: uuid::Uuid = uuids();
    numbers: Decimal = decimals();
    codes: Code = vec![Code(String::new()), Code("a".into()), Code("b".into())];
    statuses: Status = vec![Status::Closed, Status::InDelivery, Status::Open];
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
pub struct Code(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
pub enum Status {
    Open,
    InDelivery,
    #[value(rename = "done")]
    Closed,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Address {
    city: String,
    floor: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Document {
    #[id]
    pub id: i64,
    pub json: serde_json::Value,
    pub maybe: Option<serde_json::Value>,
    pub address: Json<Address>,
    pub second: Option<Json<Address>>,
    pub list: Json<Vec<i32>>,
}

/// A map whose keys JSON has no words for.
type Unwritable = std::collections::BTreeMap<(i32, i32), i32>;

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Grid {
    #[id]
    pub id: i64,
    pub cells: Json<Unwritable>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Parcel, name = "parcels", key_to = "status")]
pub struct State {
    #[id]
    pub status: Status,
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Parcel, name = "followers", key_to = "next")]
pub struct Parcel {
    #[id]
    pub code: Code,
    #[belongs_to(State, name = "state")]
    pub status: Status,
    pub previous: Option<Status>,
    #[belongs_to(Parcel, name = "next_parcel")]
    pub next: Option<Code>,
}

/// One table, as two entities see it: what one writes the other cannot read.
mod written {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "readings")]
    pub struct Reading {
        #[id]
        pub id: i64,
        #[column(name = "Status Of It")]
        pub text: Option<String>,
        pub number: Option<i64>,
    }
}

mod read {
    use ::relations::prelude::*;

    use super::Status;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "readings")]
    pub struct Reading {
        #[id]
        pub id: i64,
        #[column(name = "Status Of It")]
        pub status: Status,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "readings")]
    pub struct Other {
        #[id]
        pub id: i64,
        #[column(name = "number")]
        pub text: Option<String>,
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Draft {
    #[id(generated)]
    pub id: i64,
    #[column(default = "5")]
    pub amount: i32,
    #[column(default = "'none yet'")]
    pub note: Option<String>,
    #[column(default = "CURRENT_TIMESTAMP")]
    pub made_at: chrono::DateTime<chrono::Utc>,
    #[column(default = "CURRENT_TIMESTAMP")]
    pub seen_at: time::OffsetDateTime,
    #[column(default = "CURRENT_TIMESTAMP")]
    pub local: chrono::NaiveDateTime,
    #[column(default = "CURRENT_DATE")]
    pub day: chrono::NaiveDate,
    #[skip]
    pub cache: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "sel\"ect Group")]
#[has_many(Weird, name = "children", key_to = "r#type")]
pub struct Weird {
    #[id(generated)]
    #[column(name = "or.der, by\" id")]
    pub id: i64,
    #[belongs_to(Weird, name = "parent", constraint = "the \"parent\" it's")]
    pub r#type: Option<i64>,
    #[unique]
    #[column(name = "Na'me? $1")]
    pub r#match: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(schema = "My \"Shop", table = "Items")]
#[has_many(Item, name = "parts", key_to = "whole_id")]
pub struct Item {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Item, name = "whole")]
    pub whole_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Listed {
    #[id]
    pub id: i64,
    pub numbers: Vec<i64>,
}

pub fn address(city: &str) -> Json<Address> {
    Json(Address { city: city.to_owned(), floor: None })
}

behaviour! {
    async fn enums_and_newtypes_are_keys_and_properties(db) {
        db.create(schema![State, Parcel]).await.unwrap();
        let state = |status, title: &str| NewState { status, title: title.into() };
        let open = state(Status::Open, "open").insert(db).await.unwrap();
        let done = state(Status::Closed, "done").insert(db).await.unwrap();
        let first = NewParcel {
            code: Code("a".into()), status: Status::Open, previous: None, next: None,
        };
        let first = first.insert(db).await.unwrap();
        let second = NewParcel {
            code: Code("b".into()), status: Status::Closed, previous: Some(Status::InDelivery),
            next: Some(Code("a".into())),
        };
        let second = second.insert(db).await.unwrap();
        assert_eq!(first.state(db).await.unwrap(), open);
        assert_eq!(second.next_parcel(db).await.unwrap(), Some(first.clone()));
        assert_eq!(first.followers(db).await.unwrap(), [second.clone()]);
        let states = Parcel::STATE.load(db, [&second, &first]).await.unwrap();
        assert_eq!(states, [done.clone(), open]);
        assert_eq!(State::PARCELS.load(db, [&done]).await.unwrap(), [[second.clone()]]);
        assert_eq!(Parcel::STATE.of_id(Code("b".into())).one(db).await.unwrap(), done);
        let found = Parcel::find()
            .filter(Parcel::STATUS.is_in([Status::Closed]))
            .filter(Parcel::PREVIOUS.eq(Status::InDelivery))
            .filter(Parcel::CODE.ne(Code("a".into())));
        assert_eq!(found.one(db).await.unwrap(), second);
        let by_text = Parcel::find().select((Parcel::STATUS, Parcel::PREVIOUS)).all(db).await.unwrap();
        assert_eq!(by_text.len(), 2);
        let error = NewParcel {
            code: Code("c".into()), status: Status::InDelivery, previous: None, next: None,
        };
        let error = error.insert(db).await.unwrap_err();
        assert_eq!(error.relation().map(|one| one.name), Some("state"));
        assert_eq!(error.key(), Some("\"in_delivery\""));
    }
}

/// Types that only PostgreSQL has.
mod postgres {
    use super::*;

    /// Several values of a type come back as an array of it, an empty one too.
    macro_rules! arrays {
        ($($name:ident: $type:ty = $samples:expr;)*) => {
            $(
                mod $name {
                    use super::*;

                    #[derive(Debug, Clone, PartialEq, Entity)]
                    #[entity(table = "holders")]
                    pub struct Holder {
                        #[id]
                        pub id: i64,
                        pub values: Vec<$type>,
                        pub maybe: Option<Vec<$type>>,
                    }

                    #[tokio::test]
                    async fn come_back() {
                        let Some(db) = support::postgres().await else { return };
                        db.create(schema![Holder]).await.unwrap();
                        let samples: Vec<$type> = $samples;
                        for (id, values) in [(1, samples.clone()), (2, vec![]), (3, samples)] {
                            let maybe = (id == 3).then(|| values.clone());
                            let new = NewHolder { id, values: values.clone(), maybe: maybe.clone() };
                            let holder = new.insert(&db).await.unwrap();
                            assert_eq!(holder, Holder { id, values: values.clone(), maybe });
                            let same = Holder::find().filter(Holder::VALUES.eq(&values));
                            assert!(same.exists(&db).await.unwrap());
                        }
                    }
                }
            )*
        };
    }

    arrays! {
        array_of_booleans: bool = vec![true, false];
        array_of_small_integers: i16 = vec![i16::MIN, 0];
        array_of_integers: i32 = vec![1, i32::MAX];
        array_of_large_integers: i64 = vec![i64::MIN, 2];
        array_of_short_floats: f32 = vec![0.5, -1.0];
        array_of_floats: f64 = vec![0.1, f64::INFINITY];
        array_of_texts: String = vec![String::new(), "a,\"{}'\\".into(), "NULL".into()];
        array_of_bytes: Vec<u8> = vec![vec![], vec![0, 255]];
        array_of_dates: chrono::NaiveDate = vec![date("2024-02-29")];
        array_of_times: chrono::NaiveTime = vec!["12:00:00.000001".parse().unwrap()];
        array_of_timestamps: chrono::NaiveDateTime = vec![at("2024-02-29T12:00:00.000001")];
        array_of_moments: chrono::DateTime<chrono::Utc> = vec![at("2024-02-29T12:00:00").and_utc()];
        array_of_time_dates: time::Date = vec![time::macros::date!(2024-02-29)];
        array_of_time_times: time::Time = vec![time::macros::time!(12:00)];
        array_of_time_timestamps: time::PrimitiveDateTime = vec![time::macros::datetime!(2024-02-29 12:00)];
        array_of_time_moments: time::OffsetDateTime = vec![time::macros::datetime!(2024-02-29 12:00 UTC)];
        array_of_identifiers: uuid::Uuid = uuids();
        array_of_decimals: Decimal = decimals();
        array_of_json: serde_json::Value = vec![serde_json::json!({"a": 1}), serde_json::json!(null)];
        array_of_addresses: Json<Address> = vec![address("Bern")];
        array_of_codes: Code = vec![Code("a".into())];
        array_of_statuses: Status = vec![Status::Open, Status::Closed];
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "oddities")]
    pub struct Oddity {
        #[id]
        pub id: i64,
        pub numbers: Option<Vec<i64>>,
        pub moment: Option<chrono::DateTime<chrono::Utc>>,
        pub instant: Option<time::OffsetDateTime>,
        pub day: Option<chrono::NaiveDate>,
        pub decimal: Option<Decimal>,
    }

    #[tokio::test]
    async fn what_rust_cannot_hold_does_not_fit() {
        let Some(url) = support::postgres_url().await else { return };
        let raw = support::client(&url).await;
        let db = &support::connected(&url).await;
        db.create(schema![Oddity]).await.unwrap();
        for (property, value) in [
            ("numbers", "'{1,NULL}'"),
            ("moment", "'infinity'"),
            ("instant", "'-infinity'"),
            ("instant", "'20000-01-01'"),
            ("day", "'infinity'"),
            ("decimal", "'NaN'"),
            ("decimal", "1e50"),
        ] {
            let insert = format!("INSERT INTO oddities (id, {property}) VALUES (1, {value})");
            raw.batch_execute(&insert).await.unwrap();
            let error = Oddity::find().one(db).await.unwrap_err();
            assert!(error.is_row_mismatch(), "{property} {value}: {error}");
            assert_eq!((error.entity(), error.property()), (Some("Oddity"), Some(property)));
            raw.batch_execute("DELETE FROM oddities").await.unwrap();
        }
    }

    #[tokio::test]
    async fn dates_reach_as_far_as_the_database() {
        let Some(db) = support::postgres().await else { return };
        db.create(schema![timestamps::Holder]).await.unwrap();
        for (id, text) in [(1, "-4712-01-01T00:00:00"), (2, "+99999-12-31T23:59:59.999999")] {
            let new = timestamps::NewHolder { id, value: at(text), maybe: None };
            assert_eq!(new.insert(&db).await.unwrap().value, at(text));
        }
        let value = chrono::NaiveDateTime::MIN;
        let error = timestamps::NewHolder { id: 3, value, maybe: None }.insert(&db).await;
        assert!(error.is_err());
    }
}

mod bounds;
mod edges;
mod further;
mod intervals;
mod json;
mod misfits;
mod ranges;
