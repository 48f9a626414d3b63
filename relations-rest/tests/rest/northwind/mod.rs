//! Northwind served whole: each relation of each row, against SQL by hand.

mod entities;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::Router;
use relations::Entity;
use relations::definition::{EntityDefinition, RelationDefinition};
use relations_rest::{Api, Limits};
use serde_json::Value;
use tokio_postgres::Client;

use crate::support::{client, connected, filtered, get, postgres_url};
use entities::*;

const DUMP: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/northwind/northwind.sql");

/// All of Northwind behind a router, and a client to ask by hand. Without a dump or PostgreSQL, the test says so
/// and is skipped; in CI that is a failure.
async fn served() -> Option<(Router, Client)> {
    let Ok(dump) = std::fs::read_to_string(DUMP) else {
        assert!(std::env::var_os("CI").is_none(), "CI tests Northwind; {DUMP} is missing");
        eprintln!("skipped: no Northwind at {DUMP}");
        return None;
    };
    let url = postgres_url().await?;
    client(&url).await.batch_execute(&dump).await.expect("the dump loads");
    let db = connected(&url).await;
    let mut limits = Limits::default();
    (limits.max_rows, limits.default_rows) = (5_000, 5_000);
    let api = Api::new(&db)
        .serve::<Category>(|it| it.read())
        .serve::<CustomerCustomerDemo>(|it| it.read())
        .serve::<CustomerDemographic>(|it| it.read())
        .serve::<Customer>(|it| it.read())
        .serve::<Employee>(|it| it.read())
        .serve::<EmployeeTerritory>(|it| it.read())
        .serve::<OrderDetail>(|it| it.read())
        .serve::<Order>(|it| it.read())
        .serve::<Product>(|it| it.read())
        .serve::<Region>(|it| it.read())
        .serve::<Shipper>(|it| it.read())
        .serve::<Supplier>(|it| it.read())
        .serve::<Territory>(|it| it.read())
        .serve::<State>(|it| it.read())
        .limits(limits);
    Some((api.router().unwrap(), client(&url).await))
}

const ENTITIES: [&EntityDefinition; 14] = [
    Category::DEFINITION,
    CustomerCustomerDemo::DEFINITION,
    CustomerDemographic::DEFINITION,
    Customer::DEFINITION,
    Employee::DEFINITION,
    EmployeeTerritory::DEFINITION,
    OrderDetail::DEFINITION,
    Order::DEFINITION,
    Product::DEFINITION,
    Region::DEFINITION,
    Shipper::DEFINITION,
    Supplier::DEFINITION,
    Territory::DEFINITION,
    State::DEFINITION,
];

fn column(entity: &EntityDefinition, property: &str) -> &'static str {
    entity.property(property).unwrap().column
}

/// The id of a row, as a text with slashes.
fn id(entity: &EntityDefinition, alias: &str) -> String {
    let parts: Vec<_> = entity.id().map(|one| format!("{alias}.{}::text", one.column)).collect();
    parts.join(" || '/' || ")
}

/// The ids of the targets of each source, by SQL.
async fn by_hand(
    client: &Client,
    source: &EntityDefinition,
    relation: &RelationDefinition,
) -> BTreeMap<String, Vec<String>> {
    let target = relation.target.definition();
    let mut sql =
        format!("SELECT {}, {} FROM {} s", id(source, "s"), id(target, "t"), source.table);
    let on = |from: (&EntityDefinition, &str, &[&str]), to: (&EntityDefinition, &str, &[&str])| {
        let pairs = from.2.iter().zip(to.2).map(|(a, b)| {
            format!("{}.{} = {}.{}", from.1, column(from.0, a), to.1, column(to.0, b))
        });
        pairs.collect::<Vec<_>>().join(" AND ")
    };
    if let Some(through) = &relation.through {
        let link = through.link.definition();
        let from = on((link, "l", through.from().key_from), (source, "s", through.from().key_to));
        let to = on((link, "l", through.to().key_from), (target, "t", through.to().key_to));
        write!(sql, " JOIN {} l ON {from} LEFT JOIN {} t ON {to}", link.table, target.table)
            .unwrap();
    } else {
        let keys = on((source, "s", relation.key_from), (target, "t", relation.key_to));
        write!(sql, " LEFT JOIN {} t ON {keys}", target.table).unwrap();
    }
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in client.query(&sql, &[]).await.unwrap() {
        let targets = all.entry(row.get(0)).or_default();
        targets.extend(row.get::<_, Option<String>>(1));
    }
    all
}

fn id_in(entity: &EntityDefinition, row: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    entity.id().map(|one| text(&row[one.name])).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn each_relation_of_each_row_is_what_sql_says() {
    let Some((router, client)) = served().await else { return };
    let (mut requests, mut relations) = (0, 0);
    for source in ENTITIES {
        for relation in source.relations {
            relations += 1;
            let target = relation.target.definition();
            for (id, mut expected) in by_hand(&client, source, relation).await {
                let escaped: Vec<_> = id.split('/').map(|part| part.replace(' ', "%20")).collect();
                let uri = format!("/{}/{}/{}", source.table, escaped.join("/"), relation.name);
                let answer = get(&router, &uri).await;
                requests += 1;
                let mut found: Vec<String> = match answer.status {
                    204 => Vec::new(),
                    200 if relation.targets_many() => {
                        let rows = answer.json();
                        rows.as_array().unwrap().iter().map(|row| id_in(target, row)).collect()
                    }
                    200 => vec![id_in(target, &answer.json())],
                    _ => panic!("{uri}: {answer:?}"),
                };
                found.sort();
                expected.sort();
                assert_eq!(found, expected, "{uri}");
            }
        }
    }
    println!("{requests} requests by {relations} relations");
    assert!(requests > 5_000 && relations > 25, "{requests} {relations}");
}

/// Filters as LoopBack's documentation spells them, beside the conditions that they say.
#[tokio::test]
async fn filters_of_loopback_match_what_sql_does() {
    let Some((router, client)) = served().await else { return };
    let table = [
        (r#"{"where": {"ship_country": "France"}}"#, "ship_country = 'France'"),
        (r#"{"where": {"freight": {"gt": 500}}}"#, "freight > 500"),
        (r#"{"where": {"freight": {"between": [10, 12]}}}"#, "freight BETWEEN 10 AND 12"),
        (r#"{"where": {"ship_region": {"neq": null}}}"#, "ship_region IS NOT NULL"),
        (r#"{"where": {"shipped_on": null}}"#, "shipped_date IS NULL"),
        (r#"{"where": {"id": {"inq": [10248, 10250]}}}"#, "order_id IN (10248, 10250)"),
        (r#"{"where": {"ship_via": {"nin": [1, 2]}}}"#, "ship_via NOT IN (1, 2)"),
        (r#"{"where": {"ship_name": {"like": "%Market%"}}}"#, "ship_name LIKE '%Market%'"),
        (r#"{"where": {"ship_name": {"ilike": "%MARKET%"}}}"#, "ship_name ILIKE '%MARKET%'"),
        (r#"{"where": {"ship_name": {"nlike": "A%"}}}"#, "ship_name NOT LIKE 'A%'"),
        (
            r#"{"where": {"or": [{"ship_city": "Bern"}, {"and": [{"ship_via": 1}, {"freight": {"lt": 5}}]}]}}"#,
            "ship_city = 'Bern' OR (ship_via = 1 AND freight < 5)",
        ),
        (r#"{"where": {"ordered_on": {"gte": "1998-05-01"}}}"#, "order_date >= '1998-05-01'"),
        (
            r#"{"where": {"details": {"any": {"discount": {"gt": 0.2}}}}}"#,
            "EXISTS (SELECT FROM order_details d WHERE d.order_id = orders.order_id AND discount > 0.2::real)",
        ),
        (
            r#"{"where": {"employee": {"manager": {"last_name": "Fuller"}}}}"#,
            "employee_id IN (SELECT e.employee_id FROM employees e JOIN employees m ON m.employee_id = \
             e.reports_to WHERE m.last_name = 'Fuller')",
        ),
    ];
    for (filter, condition) in table {
        let sql = format!("SELECT order_id FROM orders WHERE {condition} ORDER BY order_id");
        let expected: Vec<i64> = client
            .query(&sql, &[])
            .await
            .unwrap()
            .iter()
            .map(|row| row.get::<_, i16>(0).into())
            .collect();
        let answer = filtered(&router, "/orders", filter).await;
        assert_eq!(answer.status, 200, "{filter} {answer:?}");
        assert!(!expected.is_empty(), "{condition}");
        assert_eq!(answer.ids(), expected, "{filter}");
    }
}
