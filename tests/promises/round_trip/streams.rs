//! A stream ends and brings each row once, whatever its rows are ordered by.

use ::relations::Database;
use ::relations::prelude::*;
use futures_util::TryStreamExt;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "visits")]
pub struct Visit {
    #[id]
    pub id: i64,
    pub at: Option<chrono::NaiveDateTime>,
    pub moment: Option<chrono::DateTime<chrono::Utc>>,
    pub day: Option<chrono::NaiveDate>,
    pub amount: Option<f64>,
    pub price: Option<rust_decimal::Decimal>,
    pub code: Option<uuid::Uuid>,
    #[belongs_to(Host, constraint = false)]
    pub host_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "hosts")]
#[has_many(Visit)]
pub struct Host {
    #[id]
    pub id: i64,
    pub size: Option<rust_decimal::Decimal>,
    pub opens: Option<chrono::NaiveTime>,
    pub since: Option<chrono::DateTime<chrono::Utc>>,
    pub facts: Option<serde_json::Value>,
}

/// The ids of all rows, as streams of chunks of several sizes bring them.
async fn streamed(db: &Database, query: impl Fn() -> Vec<::relations::Query<Visit>>) {
    let all = Visit::find().count(db).await.unwrap();
    for (number, query) in query().into_iter().enumerate() {
        let ids: Vec<_> = query.clone().all(db).await.unwrap().iter().map(|one| one.id).collect();
        for chunk in [1, 2, 5] {
            let rows = query.clone().stream(db).chunk(chunk).map_ok(|visit| visit.id);
            // A stream that does not end would take all memory.
            let mut seen: Vec<i64> = Vec::new();
            futures_util::pin_mut!(rows);
            while let Some(id) = rows.try_next().await.unwrap() {
                seen.push(id);
                assert!(seen.len() as i64 <= all, "order {number} does not end");
            }
            assert_eq!(seen.len(), ids.len(), "order {number}, chunk {chunk}");
            let (mut sorted, mut of_all) = (seen.clone(), ids.clone());
            sorted.sort_unstable();
            of_all.sort_unstable();
            assert_eq!(sorted, of_all, "order {number}, chunk {chunk}");
        }
    }
}

macro_rules! both_ways {
    ($($column:expr),* $(,)?) => {
        || vec![$(
            Visit::find().order_by($column.asc()),
            Visit::find().order_by($column.desc()),
            Visit::find().order_by($column.asc().nulls_first()),
            Visit::find().order_by($column.desc().nulls_last()),
        )*]
    };
}

#[tokio::test]
async fn a_stream_of_sqlite_goes_on_behind_whatever_is_stored() {
    let db = crate::support::sqlite().await;
    let run = async |sql: &str| ::relations::sql(sql, ()).execute(&db).await.unwrap();
    run("CREATE TABLE hosts (id INTEGER PRIMARY KEY, size NUMERIC, opens TEXT, since TEXT, facts TEXT)")
        .await;
    run("CREATE TABLE visits (id INTEGER PRIMARY KEY, at DATETIME, moment TEXT, day TEXT, \
         amount NUMERIC, price NUMERIC, code, host_id INTEGER)")
    .await;
    run("INSERT INTO hosts VALUES (7, 2, '07:30', '2024-01-01T00:00:00Z', '{\"a\": 1}'), \
         (8, 2.5, '07:30:00', '2024-01-01 00:00:00', '{\"a\":1}'), \
         (9, 3, '07:30:00.000', '2024-01-01 01:00:00+01:00', NULL)")
    .await;
    for (id, at) in (1..).zip([
        "'2024-01-01 00:00:00'",
        "'2024-01-01T00:00:00'",
        "'2024-01-01 00:00:00.000000'",
        "'2024-01-01T00:00:00Z'",
        "'2024-01-01'",
        "'2024-01-01 00:00'",
        "NULL",
        "datetime('2024-01-01')",
        "'2023-12-31 23:59:59.9'",
        "NULL",
    ]) {
        let number = if id % 2 == 0 { "2" } else { "2.0" };
        let code = match id % 3 {
            0 => "x'0123456789abcdef0123456789abcdef'",
            1 => "'0123456789ABCDEF0123456789ABCDEF'",
            _ => "'01234567-89ab-cdef-0123-456789abcdef'",
        };
        run(&format!(
            "INSERT INTO visits VALUES ({id}, {at}, {at}, date({at}), {number}, {id} / 2.0, {code}, \
             CASE {id} % 4 WHEN 3 THEN NULL ELSE {id} % 4 + 7 END)"
        ))
        .await;
    }
    streamed(
        &db,
        both_ways![
            Visit::AT,
            Visit::MOMENT,
            Visit::DAY,
            Visit::AMOUNT,
            Visit::PRICE,
            Visit::CODE,
            Visit::HOST.column(Host::SIZE),
            Visit::HOST.column(Host::OPENS),
            Visit::HOST.column(Host::SINCE),
            Visit::HOST.column(Host::FACTS),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_stream_of_postgres_goes_on_behind_what_rust_does_not_hold() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(schema![Host, Visit]).await.unwrap();
    let run = async |sql: &str| ::relations::sql(sql, ()).execute(&db).await.unwrap();
    run("INSERT INTO hosts VALUES \
         (7, 0.12345678901234567890123456789012345, '24:00', 'infinity', '12345678901234567890123'), \
         (8, 0.12345678901234567890123456789012346, '00:00', '-infinity', '12345678901234567890124'), \
         (9, 'NaN', '23:59:59.999999', '4714-11-24 00:00:00+00 BC', '12345678901234567890125'), \
         (10, 'Infinity', NULL, '2024-01-01', '0.1')")
    .await;
    run("INSERT INTO visits (id, amount, price, moment, host_id) SELECT id, \
         (ARRAY['NaN', 'Infinity', '-Infinity', '0', '-0', NULL]::float8[])[id % 6 + 1], \
         (ARRAY[0.1, 0.10, 79228162514264337593543950335, NULL])[id % 4 + 1], \
         CASE id % 3 WHEN 0 THEN now() END, CASE id % 5 WHEN 4 THEN NULL ELSE id % 5 + 7 END \
         FROM generate_series(1, 40) AS id")
    .await;
    streamed(
        &db,
        both_ways![
            Visit::AMOUNT,
            Visit::PRICE,
            Visit::MOMENT,
            Visit::HOST.column(Host::SIZE),
            Visit::HOST.column(Host::OPENS),
            Visit::HOST.column(Host::SINCE),
            Visit::HOST.column(Host::FACTS),
        ],
    )
    .await;
}

behaviour! {
    /// The row behind which a chunk starts need not be there any more.
    async fn a_stream_goes_on_though_its_last_row_is_gone(db) {
        db.create(schema![Host, Visit]).await.unwrap();
        for id in 1..=12 {
            let at = (id % 3 > 0).then(|| chrono::DateTime::UNIX_EPOCH.naive_utc());
            let new = NewVisit {
                id, at, moment: None, day: None, amount: Some(0.5), price: None, code: None, host_id: None,
            };
            new.insert(db).await.unwrap();
        }
        let mut seen = Vec::new();
        let mut stream = Visit::find().order_by(Visit::AT.desc()).stream(db).chunk(1);
        while let Some(visit) = stream.try_next().await.unwrap() {
            seen.push(visit.id);
            visit.delete(db).await.unwrap();
        }
        assert_eq!(seen, [12, 9, 6, 3, 11, 10, 8, 7, 5, 4, 2, 1]);
    }
}
