//! Generated values of every type: written, read, found, and left as they are by an update that
//! changes nothing; and spellings that nobody thought of.

use ::relations::prelude::*;
use ::relations::{Database, Engine, Executor, Json};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;

/// The number of values of each type, and of spellings; `RELATIONS_TEST_VALUES` asks for more.
fn cases() -> usize {
    std::env::var("RELATIONS_TEST_VALUES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(25)
}

fn some<S: Strategy>(strategy: S) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..cases()).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// All of a row, as the database writes it.
async fn bytes(db: &Database, id: i64) -> String {
    let sql = match db.engine() {
        Engine::Postgres => "SELECT holders::text FROM holders WHERE id = $1",
        Engine::Sqlite => "SELECT typeof(value) || quote(value) FROM holders WHERE id = $1",
    };
    ::relations::sql(sql, (id,)).one(db).await.unwrap()
}

macro_rules! generated {
    ($($name:ident: $type:ty = $strategy:expr;)*) => {
        $(
            mod $name {
                use super::*;

                #[derive(Debug, Clone, Entity)]
                #[entity(table = "holders")]
                pub struct Holder {
                    #[id]
                    pub id: i64,
                    pub value: $type,
                }

                behaviour! {
                    async fn what_was_written_is_read_found_and_left(db) {
                        db.create(schema![Holder]).await.unwrap();
                        for (id, value) in (100..).zip(some($strategy)) {
                            let told = format!("{value:?}");
                            NewHolder { id, value: value.clone() }.insert(db).await.unwrap();
                            let mut read = Holder::find_by_id(id).one(db).await.unwrap();
                            assert_eq!(format!("{:?}", read.value), told);
                            let found = Holder::find().filter(Holder::VALUE.eq(read.value.clone()));
                            let ids: Vec<_> =
                                found.all(db).await.unwrap().iter().map(|one| one.id).collect();
                            assert!(ids.contains(&id), "{told}");
                            let before = bytes(db, id).await;
                            read.update(db).await.unwrap();
                            assert_eq!(bytes(db, id).await, before, "{told}");
                            assert_eq!(read.edit().changed().count(), 0, "{told}");
                        }
                        let mut stream = Holder::find().order_by(Holder::ID.desc()).stream(db).chunk(3);
                        let mut seen = 0;
                        while stream.try_next().await.unwrap().is_some() {
                            seen += 1;
                        }
                        assert_eq!(seen, cases());
                    }
                }
            }
        )*
    };
}

const MOMENTS: std::ops::Range<i64> = -62_167_219_200_000_000..253_402_300_800_000_000;

fn moment() -> impl Strategy<Value = chrono::DateTime<chrono::Utc>> {
    MOMENTS.prop_map(|micros| chrono::DateTime::from_timestamp_micros(micros).unwrap())
}

fn other_moment() -> impl Strategy<Value = time::OffsetDateTime> {
    MOMENTS.prop_map(|micros| {
        time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).unwrap()
    })
}

fn decimal() -> impl Strategy<Value = Decimal> {
    let most = (1_i128 << 96) - 1;
    (-most..=most, 0_u32..40, 0_u32..=28)
        .prop_map(|(digits, shift, scale)| {
            // Of any length, so that short ones are among them.
            Decimal::from_i128_with_scale(digits >> (shift * 2), scale)
        })
        .prop_filter("zero has no sign", |decimal| !decimal.is_zero() || decimal.is_sign_positive())
}

fn float() -> impl Strategy<Value = f64> {
    // SQLite keeps no sign of a zero.
    prop_oneof![prop::num::f64::NORMAL, prop::num::f64::SUBNORMAL, Just(f64::INFINITY), Just(0.0)]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        (-1e12..1e12).prop_map(Into::into),
        "[a-z\"\\\\é🦀 ]{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z]{0,3}", inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

generated! {
    booleans: bool = any::<bool>();
    small_integers: i16 = any::<i16>();
    integers: i32 = any::<i32>();
    large_integers: i64 = any::<i64>();
    short_floats: f32 = prop_oneof![prop::num::f32::NORMAL, prop::num::f32::SUBNORMAL, Just(f32::INFINITY)];
    floats: f64 = float();
    texts: String = "[ -~éß🦀\n]{0,20}";
    blobs: Vec<u8> = prop::collection::vec(any::<u8>(), 0..20);
    dates: chrono::NaiveDate = moment().prop_map(|at| at.date_naive());
    times: chrono::NaiveTime = moment().prop_map(|at| at.time());
    timestamps: chrono::NaiveDateTime = moment().prop_map(|at| at.naive_utc());
    moments: chrono::DateTime<chrono::Utc> = moment();
    other_dates: time::Date = other_moment().prop_map(time::OffsetDateTime::date);
    other_times: time::Time = other_moment().prop_map(time::OffsetDateTime::time);
    other_moments: time::OffsetDateTime = other_moment();
    uuids: uuid::Uuid = any::<u128>().prop_map(uuid::Uuid::from_u128);
    decimals: Decimal = decimal();
    documents: serde_json::Value = json();
    typed_documents: Json<Vec<(i64, String)>> =
        prop::collection::vec((any::<i64>(), "[a-z]{0,4}"), 0..4).prop_map(Json);
}

/// Strings that some program may have written for a time: most are one, some are not.
fn spelling() -> impl Strategy<Value = String> {
    let zone = prop_oneof![
        Just(String::new()),
        Just("Z".to_owned()),
        Just("+00:00".to_owned()),
        (any::<bool>(), 0..25_u8, 0..61_u8).prop_map(|(east, hours, minutes)| {
            format!("{}{hours:02}:{minutes:02}", if east { '+' } else { '-' })
        }),
    ];
    let fraction = prop_oneof![Just(String::new()), "\\.[0-9]{1,10}"];
    let second =
        prop_oneof![Just(String::new()), (0..61_u8).prop_map(|second| format!(":{second:02}"))];
    let time = ("[ Tt_]", 0..25_u8, 0..61_u8, second, fraction, zone).prop_map(
        |(between, hour, minute, second, fraction, zone)| {
            format!("{between}{hour:02}:{minute:02}{second}{fraction}{zone}")
        },
    );
    (0..10_000_u16, 0..14_u8, 0..33_u8, prop_oneof![1 => Just(String::new()), 9 => time])
        .prop_map(|(year, month, day, time)| format!("{year:04}-{month:02}-{day:02}{time}"))
}

/// Strings that some program may have written for a UUID.
fn uuid_spelling() -> impl Strategy<Value = String> {
    let number = any::<u128>().prop_map(uuid::Uuid::from_u128);
    (number, 0..6_u8).prop_map(|(uuid, spelling)| match spelling {
        0 => format!("'{uuid}'"),
        1 => format!("'{}'", uuid.to_string().to_uppercase()),
        2 => format!("'{}'", uuid.simple()),
        3 => format!("x'{}'", uuid.simple()),
        4 => format!("'{}'", uuid.urn()),
        _ => format!("'{}'", uuid.to_string().replacen(['a', 'b', 'c'], "A", 1)),
    })
}

macro_rules! spelled {
    ($($name:ident: $type:ty = $spellings:expr;)*) => {
        $(
            mod $name {
                use super::*;

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(table = "holders")]
                pub struct Holder {
                    #[id]
                    pub id: i64,
                    pub value: $type,
                    pub note: String,
                }

                #[tokio::test]
                async fn a_spelling_is_found_by_what_was_read_or_refused() {
                    let db = crate::support::sqlite().await;
                    let table = "CREATE TABLE holders (id INTEGER PRIMARY KEY, value, note TEXT)";
                    ::relations::sql(table, ()).execute(&db).await.unwrap();
                    let spellings: Vec<String> = $spellings;
                    let mut read = 0;
                    for (id, spelling) in (100..).zip(&spellings) {
                        let sql = format!("INSERT INTO holders VALUES ({id}, {spelling}, 'a')");
                        ::relations::sql(sql, ()).execute(&db).await.unwrap();
                        let mut holder = match Holder::find_by_id(id).one(&db).await {
                            Ok(holder) => holder,
                            Err(error) => {
                                assert!(error.is_row_mismatch(), "{spelling}: {error}");
                                continue;
                            }
                        };
                        read += 1;
                        let before = bytes(&db, id).await;
                        let is_it = || Holder::find().filter(Holder::VALUE.eq(holder.value).and(Holder::ID.eq(id)));
                        let in_list = Holder::VALUE.is_in([holder.value]).and(Holder::ID.eq(id));
                        assert_eq!(is_it().count(&db).await.unwrap(), 1, "{spelling}");
                        assert_eq!(Holder::find().filter(in_list).count(&db).await.unwrap(), 1, "{spelling}");
                        let beside = Holder::VALUE.lt(holder.value).or(Holder::VALUE.gt(holder.value));
                        let beside = Holder::find().filter(beside.and(Holder::ID.eq(id)));
                        assert_eq!(beside.count(&db).await.unwrap(), 0, "{spelling}");
                        holder.note = "b".into();
                        holder.update(&db).await.unwrap();
                        assert_eq!(bytes(&db, id).await, before, "{spelling}");
                        let is_it = Holder::find().filter(Holder::VALUE.eq(holder.value).and(Holder::ID.eq(id)));
                        assert_eq!(is_it.delete(&db).await.unwrap(), 1, "{spelling}");
                    }
                    assert!(read * 10 > spellings.len(), "{read} of {}", spellings.len());
                }
            }
        )*
    };
}

fn quoted(spellings: Vec<String>) -> Vec<String> {
    spellings.into_iter().map(|spelling| format!("'{spelling}'")).collect()
}

spelled! {
    spelled_moments: chrono::DateTime<chrono::Utc> = quoted(some(spelling()));
    spelled_other_moments: time::OffsetDateTime = quoted(some(spelling()));
    spelled_timestamps: chrono::NaiveDateTime = quoted(some(spelling()));
    spelled_uuids: uuid::Uuid = some(uuid_spelling());
}

/// Numbers in columns that make numbers of what is written there.
#[tokio::test]
async fn numbers_of_a_numeric_column_are_found_by_what_was_read() {
    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "holders")]
    struct Exact {
        #[id]
        id: i64,
        value: Decimal,
    }
    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "holders")]
    struct Float {
        #[id]
        id: i64,
        value: f64,
    }

    let db = crate::support::sqlite().await;
    let table = "CREATE TABLE holders (id INTEGER PRIMARY KEY, value NUMERIC)";
    ::relations::sql(table, ()).execute(&db).await.unwrap();
    let numbers = some(prop_oneof![
        -1e6..1e6,
        (-100_000_i32..100_000).prop_map(|cents| f64::from(cents) / 100.0)
    ]);
    for (id, number) in (100..).zip(numbers) {
        let sql = format!("INSERT INTO holders VALUES ({id}, {number:?})");
        ::relations::sql(sql, ()).execute(&db).await.unwrap();
        let before = bytes(&db, id).await;
        let mut exact = Exact::find_by_id(id).one(&db).await.unwrap();
        let mut float = Float::find_by_id(id).one(&db).await.unwrap();
        assert_eq!(exact.value.to_string().parse::<f64>().unwrap(), number);
        assert_eq!(float.value, number);
        let found = [
            Exact::find()
                .filter(Exact::VALUE.eq(exact.value).and(Exact::ID.eq(id)))
                .count(&db)
                .await
                .unwrap(),
            Exact::find()
                .filter(Exact::VALUE.is_in([exact.value]).and(Exact::ID.eq(id)))
                .count(&db)
                .await
                .unwrap(),
            Float::find()
                .filter(Float::VALUE.eq(number).and(Float::ID.eq(id)))
                .count(&db)
                .await
                .unwrap(),
        ];
        assert_eq!(found, [1, 1, 1], "{number}");
        exact.update(&db).await.unwrap();
        float.update(&db).await.unwrap();
        assert_eq!(bytes(&db, id).await, before, "{number}");
    }
}
