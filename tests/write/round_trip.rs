//! Every written value is read back.

use ::relations::prelude::*;
use ::relations::{Database, Error, Json, sql};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The number of rows: 200, or as many as `RELATIONS_TEST_CASES` says.
fn cases() -> i64 {
    std::env::var("RELATIONS_TEST_CASES").ok().map_or(200, |cases| cases.parse().unwrap())
}

/// An entity of one property a type, and one that may be null; and what these may be.
macro_rules! everything {
    ($($name:ident $maybe:ident $constant:ident $maybe_constant:ident: $type:ty = $strategy:expr;)*) => {
        #[derive(Debug, Clone, PartialEq, Entity)]
        pub struct Everything {
            #[id]
            pub id: i64,
            $(pub $name: $type, pub $maybe: Option<$type>,)*
        }

        fn arbitrary(id: i64, runner: &mut TestRunner) -> NewEverything {
            NewEverything {
                id,
                $(
                    $name: one($strategy, runner),
                    $maybe: one(prop::option::of($strategy), runner),
                )*
            }
        }

        fn entity_of(new: NewEverything) -> Everything {
            Everything { id: new.id, $($name: new.$name, $maybe: new.$maybe,)* }
        }

        /// Each property by itself, so that a failure tells which it is.
        #[allow(clippy::float_cmp, reason = "floats come back as they went")]
        fn assert_same(found: &Everything, expected: &Everything) {
            $(
                assert_eq!(found.$name, expected.$name, stringify!($name));
                assert_eq!(found.$maybe, expected.$maybe, stringify!($maybe));
            )*
        }

        /// Each value is found by itself.
        async fn assert_found(db: &Database, one: &Everything) {
            let mut filter = Everything::ID.eq(one.id);
            $(
                filter = filter.and(Everything::$constant.eq(&one.$name));
                filter = filter.and(match &one.$maybe {
                    Some(value) => Everything::$maybe_constant.eq(value),
                    None => Everything::$maybe_constant.is_null(),
                });
            )*
            assert_eq!(Everything::find().filter(filter).count(db).await.unwrap(), 1, "{one:?}");
        }
    };
}

everything! {
    boolean maybe_boolean BOOLEAN MAYBE_BOOLEAN: bool = any::<bool>();
    small maybe_small SMALL MAYBE_SMALL: i16 = any::<i16>();
    integer maybe_integer INTEGER MAYBE_INTEGER: i32 = any::<i32>();
    large maybe_large LARGE MAYBE_LARGE: i64 = large();
    short_float maybe_short SHORT_FLOAT MAYBE_SHORT: f32 =
        prop::num::f32::ANY.prop_filter("a number", |float| !float.is_nan());
    float maybe_float FLOAT MAYBE_FLOAT: f64 =
        prop::num::f64::ANY.prop_filter("a number", |float| !float.is_nan());
    text maybe_text TEXT MAYBE_TEXT: String = text();
    bytes maybe_bytes BYTES MAYBE_BYTES: Vec<u8> = prop::collection::vec(any::<u8>(), 0..50);
    date maybe_date DATE MAYBE_DATE: chrono::NaiveDate = moment().prop_map(|at| at.date_naive());
    time maybe_time TIME MAYBE_TIME: chrono::NaiveTime = moment().prop_map(|at| at.time());
    timestamp maybe_timestamp TIMESTAMP MAYBE_TIMESTAMP: chrono::NaiveDateTime =
        moment().prop_map(|at| at.naive_utc());
    moment maybe_moment MOMENT MAYBE_MOMENT: chrono::DateTime<chrono::Utc> = moment();
    other_date maybe_other_date OTHER_DATE MAYBE_OTHER_DATE: time::Date =
        other_moment().prop_map(time::OffsetDateTime::date);
    other_time maybe_other_time OTHER_TIME MAYBE_OTHER_TIME: time::Time =
        other_moment().prop_map(time::OffsetDateTime::time);
    other_moment maybe_other_moment OTHER_MOMENT MAYBE_OTHER_MOMENT: time::OffsetDateTime =
        other_moment();
    uuid maybe_uuid UUID MAYBE_UUID: uuid::Uuid = any::<u128>().prop_map(uuid::Uuid::from_u128);
    decimal maybe_decimal DECIMAL MAYBE_DECIMAL: Decimal = decimal();
    json maybe_json JSON MAYBE_JSON: serde_json::Value = json();
    address maybe_address ADDRESS MAYBE_ADDRESS: Json<Address> = (text(), any::<Option<i32>>())
        .prop_map(|(city, floor)| Json(Address { city, floor }));
    code maybe_code CODE MAYBE_CODE: Code = text().prop_map(Code);
    status maybe_status STATUS MAYBE_STATUS: Status =
        prop_oneof![Just(Status::Open), Just(Status::InDelivery), Just(Status::Closed)];
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Address {
    city: String,
    floor: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
pub struct Code(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
pub enum Status {
    Open,
    InDelivery,
    #[value(rename = "it's \"done\"")]
    Closed,
}

/// Moments that both engines keep, which is years of four digits, to the microsecond.
const MOMENTS: std::ops::Range<i64> = -62_167_219_200_000_000..253_402_300_800_000_000;

fn large() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX)]
}

fn text() -> impl Strategy<Value = String> {
    let any_text = any::<String>().prop_map(|text| text.replace('\0', ""));
    prop_oneof![any_text, "[a%_\\\\'\"$?;é🦀 \n]{0,12}"]
}

fn moment() -> impl Strategy<Value = chrono::DateTime<chrono::Utc>> {
    MOMENTS.prop_map(|micros| chrono::DateTime::from_timestamp_micros(micros).unwrap())
}

fn other_moment() -> impl Strategy<Value = time::OffsetDateTime> {
    MOMENTS.prop_map(|micros| {
        time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).unwrap()
    })
}

fn decimal() -> impl Strategy<Value = Decimal> {
    let mantissa =
        -79_228_162_514_264_337_593_543_950_335_i128..=79_228_162_514_264_337_593_543_950_335;
    (mantissa, 0..=28_u32)
        .prop_map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa, scale))
}

/// Fractions are of two, since `serde_json` does not promise to read others as they were.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<i32>().prop_map(|number| (f64::from(number) / 64.0).into()),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(text(), inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn one<S: Strategy>(strategy: S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).expect("a value").current()
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Line {
    #[id]
    pub id: i64,
    pub text: String,
    pub number: i32,
}

/// Values at the edges of what Rust's types hold.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Edge {
    #[id(generated)]
    pub id: i64,
    pub date: Option<chrono::NaiveDate>,
    pub time: Option<chrono::NaiveTime>,
    pub timestamp: Option<chrono::NaiveDateTime>,
    pub moment: Option<chrono::DateTime<chrono::Utc>>,
    pub other: Option<time::Date>,
}

/// Whether a text is meant by a part of it.
type Meant = fn(&str, &str) -> bool;

/// A filter, and what it says of a number.
type Asked = (::relations::Filter<Line>, Box<dyn Fn(i32) -> bool>);

fn asked(runner: &mut TestRunner, depth: u32) -> Asked {
    let kind = one(0..7_u32, runner);
    if depth == 0 || kind < 3 {
        let number = one(0..8_i32, runner);
        return match kind % 3 {
            0 => (Line::NUMBER.eq(number), Box::new(move |one| one == number)),
            1 => (Line::NUMBER.lt(number), Box::new(move |one| one < number)),
            _ => {
                let list = [number, number + 2];
                (Line::NUMBER.is_in(list), Box::new(move |one| list.contains(&one)))
            }
        };
    }
    let (left, is_left) = asked(runner, depth - 1);
    let (right, is_right) = asked(runner, depth - 1);
    match kind {
        3 | 4 => (left.and(right), Box::new(move |one| is_left(one) && is_right(one))),
        5 => (left.or(right), Box::new(move |one| is_left(one) || is_right(one))),
        _ => (!left, Box::new(move |one| !is_left(one))),
    }
}

behaviour! {
    async fn whatever_is_written_is_read_back_and_found(db) {
        db.create(schema![Everything]).await.unwrap();
        let mut runner = TestRunner::deterministic();
        for id in 0..cases() {
            let new = arbitrary(id, &mut runner);
            let expected = entity_of(new.clone());
            assert_same(&new.insert(db).await.unwrap(), &expected);
            assert_same(&Everything::find_by_id(id).one(db).await.unwrap(), &expected);
            assert_found(db, &expected).await;
            let other = entity_of(arbitrary(id, &mut runner));
            other.clone().update(db).await.unwrap();
            let by_hand = sql("SELECT * FROM everythings WHERE id = $1", (id,));
            assert_same(&by_hand.one(db).await.unwrap(), &other);
        }
    }

    async fn patterns_mean_what_they_say(db) {
        db.create(schema![Line]).await.unwrap();
        let mut runner = TestRunner::deterministic();
        let letters = "[aA%_\\\\'é]{0,5}";
        let mut lines = Vec::new();
        for id in 0..100 {
            let text = one(letters, &mut runner);
            lines.push(NewLine { id, text, number: 0 }.insert(db).await.unwrap());
        }
        for _ in 0..cases() {
            let part = one(letters, &mut runner);
            let part = part.get(..part.floor_char_boundary(2)).unwrap_or_default();
            let asked: [(_, Meant); 3] = [
                (Line::TEXT.contains(part), |text, part| text.contains(part)),
                (Line::TEXT.starts_with(part), |text, part| text.starts_with(part)),
                (Line::TEXT.ends_with(part), |text, part| text.ends_with(part)),
            ];
            for (filter, is_meant) in asked {
                let found = Line::find().filter(filter).order_by(Line::ID.asc()).all(db).await;
                let meant = lines.iter().filter(|line| is_meant(&line.text, part)).cloned();
                assert_eq!(found.unwrap(), meant.collect::<Vec<_>>(), "{part:?}");
            }
        }
    }

    async fn filters_mean_what_they_say(db) {
        db.create(schema![Line]).await.unwrap();
        for number in 0..10 {
            let id = i64::from(number);
            NewLine { id, text: String::new(), number }.insert(db).await.unwrap();
        }
        let mut runner = TestRunner::deterministic();
        for _ in 0..cases() {
            let (filter, is_meant) = asked(&mut runner, 6);
            let query = Line::find().filter(filter).order_by(Line::ID.asc()).select(Line::NUMBER);
            let meant: Vec<i32> = (0..10).filter(|number| is_meant(*number)).collect();
            assert_eq!(query.all(db).await.unwrap(), meant);
        }
    }

    async fn what_is_out_of_range_is_refused_or_kept(db) {
        use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
        db.create(schema![Edge]).await.unwrap();
        let none = NewEdge { date: None, time: None, timestamp: None, moment: None, other: None };
        let leap = NaiveTime::from_hms_micro_opt(23, 59, 59, 1_500_000).unwrap();
        assert_eq!(leap.nanosecond(), 1_500_000_000);
        let day = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap();
        let edges = [
            NewEdge { date: Some(NaiveDate::MIN), ..none.clone() },
            NewEdge { date: Some(NaiveDate::MAX), ..none.clone() },
            NewEdge { time: Some(leap), ..none.clone() },
            NewEdge { timestamp: Some(NaiveDateTime::MIN), ..none.clone() },
            NewEdge { timestamp: NaiveDateTime::MAX.with_nanosecond(0), ..none.clone() },
            NewEdge { timestamp: Some(day.and_time(leap)), ..none.clone() },
            NewEdge { moment: Some(DateTime::<chrono::Utc>::MIN_UTC), ..none.clone() },
            NewEdge { moment: DateTime::<chrono::Utc>::MAX_UTC.with_nanosecond(0), ..none.clone() },
            NewEdge { moment: Some(day.and_time(leap).and_utc()), ..none.clone() },
            NewEdge { other: Some(time::Date::MIN), ..none.clone() },
            NewEdge { other: Some(time::Date::MAX), ..none },
        ];
        for edge in edges {
            match edge.clone().insert(db).await {
                Ok(Edge { date, time, timestamp, moment, other, .. }) => {
                    let read = NewEdge { date, time, timestamp, moment, other };
                    assert_eq!(format!("{read:?}"), format!("{edge:?}"));
                }
                Err(error) => assert!(is_told(&error), "{edge:?}: {error:?}"),
            }
        }
        let leap = Edge::find().filter(Edge::TIME.eq(leap)).count(db).await.unwrap_err();
        let says = "`Edge.time` is in a leap second, which a database does not keep; take the \
                    second before or behind it";
        assert_eq!((leap.is_invalid_request(), leap.to_string().as_str()), (true, says));
    }
}

/// Whether an error is of the value and not of the connection.
fn is_told(error: &Error) -> bool {
    !error.is_connection() && error.entity() == Some("Edge")
}
