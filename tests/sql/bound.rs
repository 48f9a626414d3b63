//! Queries that show how many rows they bring at most, and so whether a relation is joined.

use ::relations::include::Loaded;
use ::relations::prelude::*;
use ::relations::{Engine, Query};

use crate::support::{Customer, Line, Order};

fn joins<E: Entity, T: Loaded<Entity = E>>(query: &Query<E, T>) -> bool {
    query.to_sql(Engine::Postgres).unwrap().contains("LEFT JOIN")
}

#[test]
fn rows_that_a_query_bounds_are_joined() {
    let of_id = |low: i64, high: i64| Order::find().filter(Order::ID.between(low, high));
    for (number, query) in [
        of_id(1, 100),
        of_id(-10, 10),
        of_id(i64::MAX - 1, i64::MAX),
        of_id(5, 4),
        of_id(1, 1_000_000).filter(Order::ID.le(20)),
        Order::find().filter(Order::ID.gt(10)).filter(Order::ID.lt(20)),
        Order::find().filter(Order::ID.eq(7)),
        Order::find().filter(Order::ID.is_in([3, 5, 9])),
        Order::find().filter(Order::ID.is_in(1..=100)).filter(Order::QUANTITY.gt(1)),
        Order::find().filter(Order::ID.eq(7).or(Order::ID.between(10, 20))),
        of_id(1, 1_000_000).filter(Order::ID.eq(7).or(Order::ID.is_in([8, 9]))),
        Order::find().limit(100),
        of_id(1, 1_000_000).limit(100),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(joins(&query.include(Order::CUSTOMER)), "query {number}");
    }
}

#[test]
fn rows_that_a_query_does_not_bound_are_batched() {
    for (number, query) in [
        Order::find(),
        Order::find().filter(Order::ID.between(1, 101)),
        Order::find().filter(Order::ID.between(i64::MIN, i64::MAX)),
        Order::find().filter(Order::ID.ge(5)),
        Order::find().filter(Order::ID.le(5)),
        Order::find().filter(Order::ID.is_in(0..1_000)),
        Order::find().filter(Order::ID.not_in([1, 2])),
        Order::find().filter(Order::ID.ne(1)),
        Order::find().filter(!Order::ID.eq(1)),
        Order::find().filter(Order::ID.eq(7).or(Order::QUANTITY.eq(1))),
        Order::find().filter(Order::QUANTITY.eq(1)),
        Order::find().filter(Order::CUSTOMER_ID.between(1, 2)),
        // The id of another row.
        Order::find().filter(Order::CUSTOMER.any(Customer::ID.eq(1))),
        Order::find().filter(Order::ID.eq(Order::CUSTOMER_ID)),
        Order::find().limit(1_000),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(!joins(&query.include(Order::CUSTOMER)), "query {number}");
    }
}

#[test]
fn unique_keys_and_all_parts_of_a_key_bound_rows() {
    let customers = [
        Customer::find().filter(Customer::PK.eq(1)),
        Customer::find().filter(Customer::PK.is_in([1, 2])),
        Customer::find().filter(Customer::PK.between(1, 10)),
    ];
    assert!(customers.into_iter().all(|query| joins(&query.include(Customer::ORDERS))));

    let lines = || Line::find().filter(Line::ORDER_ID.is_in([1, 2]));
    assert!(joins(&lines().filter(Line::NUMBER.between(1, 10)).include(Line::ORDER)));
    assert!(joins(&lines().filter(Line::NUMBER.eq(1)).include(Line::ORDER)));
    assert!(!joins(&lines().include(Line::ORDER)));
    assert!(!joins(&lines().filter(Line::NUMBER.ge(1)).include(Line::ORDER)));
    assert!(!joins(&lines().filter(Line::NUMBER.between(1, 1_000)).include(Line::ORDER)));
}

#[test]
fn plans_of_one_query_with_other_values_do_not_mix() {
    for (high, joined) in [(10, true), (1_000_000, false), (20, true), (2_000_000, false)] {
        let query = Order::find().filter(Order::ID.between(1, high)).include(Order::CUSTOMER);
        assert_eq!(joins(&query), joined, "up to {high}");
    }
}

/// A range, or a list of ids, shows PostgreSQL's planner nothing: it knows of one key, and of a limit.
#[test]
fn few_rows_by_keys_look_their_targets_up() {
    let sql = |query: Query<Order>, engine| query.include(Order::CUSTOMER).to_sql(engine).unwrap();
    let range = || Order::find().filter(Order::ID.between(1, 20));
    let lateral = r#"LEFT JOIN LATERAL (SELECT "target_2".* FROM "customers" AS "target_2" WHERE "target_2"."pk" = "orders"."customer_id" OFFSET 0) AS "customer_1" ON TRUE"#;
    let one = Order::find().filter(Order::ID.between(1, 1));
    let listed = Order::find().filter(Order::ID.is_in([1, 2]));
    for query in [range(), range().limit(5), one, listed] {
        let found = sql(query.clone(), Engine::Postgres);
        assert!(found.contains(lateral), "{found}");
        let found = sql(query, Engine::Sqlite);
        assert!(found.contains("LEFT JOIN") && !found.contains("LATERAL"), "{found}");
    }
    let wide = Order::find().filter(Order::ID.between(1, 1_000_000)).limit(5);
    for query in [wide, Order::find_by_id(1), Order::find().limit(5)] {
        let found = sql(query, Engine::Postgres);
        assert!(found.contains("LEFT JOIN") && !found.contains("LATERAL"), "{found}");
    }
}

#[derive(Debug, Entity)]
#[has_many(Ticket)]
struct Guest {
    #[id]
    id: i64,
    #[unique]
    email: String,
    #[deleted_at]
    deleted_at: Option<::chrono::DateTime<::chrono::Utc>>,
}

#[derive(Debug, Entity)]
struct Ticket {
    #[id]
    id: i64,
    #[belongs_to(Guest)]
    guest_id: i64,
}

/// A unique key of the rows that are not deleted bounds a query of these.
#[test]
fn a_key_of_rows_that_are_not_deleted_bounds_them() {
    let by_email = || Guest::find().filter(Guest::EMAIL.eq("a"));
    assert!(joins(&by_email().include(Guest::TICKETS)));
    assert!(!joins(&by_email().with_deleted().include(Guest::TICKETS)));
    assert!(!joins(&by_email().only_deleted().include(Guest::TICKETS)));
}
