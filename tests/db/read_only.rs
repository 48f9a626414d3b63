//! Entities that are only read: views, materialized views, and tables without a key.

use ::relations::include::Strategy;
use ::relations::prelude::*;
use ::relations::{Database, Engine, Executor, schema, sql};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order)]
#[has_many(LargeOrder, name = "large_orders")]
#[has_one(CustomerTotal, name = "total")]
struct Customer {
    #[id(generated)]
    pk: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    #[belongs_to(Day, name = "day", key_to = "day", constraint = false)]
    placed_on: String,
    quantity: i32,
}

/// A view with an id.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    #[belongs_to(Customer)]
    customer_id: i64,
    orders: i64,
}

/// A view without one, of which rows may be equal.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(view)]
struct LargeOrder {
    #[belongs_to(Customer)]
    customer_id: i64,
    quantity: i32,
}

/// A view without an id, whose rows a unique property tells apart.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(view)]
#[has_many(Order, name = "placed", key_from = "day", key_to = "placed_on")]
struct Day {
    #[unique]
    day: String,
    orders: i64,
}

/// A table without a key.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(read_only, table = "visits")]
struct Visit {
    #[belongs_to(Customer, constraint = false)]
    customer_id: i64,
    page: String,
}

const VIEWS: [&str; 4] = [
    "CREATE VIEW customer_totals AS SELECT customer_id, count(*) AS orders FROM orders GROUP BY customer_id",
    "CREATE VIEW large_orders AS SELECT customer_id, quantity FROM orders WHERE quantity > 10",
    "CREATE VIEW days AS SELECT placed_on AS day, count(*) AS orders FROM orders GROUP BY placed_on",
    "CREATE TABLE visits (customer_id bigint NOT NULL, page text NOT NULL)",
];

async fn run(db: &Database, statement: &str) {
    sql(statement, ()).execute(db).await.unwrap();
}

async fn order(db: &Database, customer_id: i64, day: &str, quantity: i32) -> Order {
    NewOrder { customer_id, placed_on: day.to_owned(), quantity }.insert(db).await.unwrap()
}

/// Ada with two equal orders that are large and a small one, and Bob with one; their keys are not those of orders.
async fn shop(db: &Database) -> (Customer, Customer) {
    db.create(schema![Customer, Order, CustomerTotal, LargeOrder, Day, Visit]).await.unwrap();
    for view in VIEWS {
        run(db, view).await;
    }
    for name in ["none", "no one", "nobody"] {
        NewCustomer { name: name.to_owned() }.insert(db).await.unwrap();
    }
    let ada = NewCustomer { name: "Ada".to_owned() }.insert(db).await.unwrap();
    let bob = NewCustomer { name: "Bob".to_owned() }.insert(db).await.unwrap();
    for (customer, day, quantity) in
        [(&ada, "mon", 20), (&ada, "mon", 20), (&ada, "tue", 1), (&bob, "tue", 30)]
    {
        order(db, customer.pk, day, quantity).await;
    }
    (ada, bob)
}

behaviour! {
    async fn rows_of_a_view_are_found_and_counted(db) {
        let (ada, bob) = shop(db).await;
        let all = CustomerTotal::find().order_by(CustomerTotal::ORDERS.desc()).all(db).await.unwrap();
        let (of_ada, of_bob) = (
            CustomerTotal { customer_id: ada.pk, orders: 3 },
            CustomerTotal { customer_id: bob.pk, orders: 1 },
        );
        assert_eq!(all, [of_ada.clone(), of_bob.clone()]);
        assert_eq!(CustomerTotal::find_by_id(ada.pk).one(db).await.unwrap(), of_ada);
        assert_eq!(of_ada.id(), ada.pk);
        let some = CustomerTotal::find().filter(CustomerTotal::ORDERS.lt(3));
        assert_eq!(some.clone().count(db).await.unwrap(), 1);
        assert_eq!(some.page(5).fetch(db).await.unwrap().rows, [of_bob]);
    }

    async fn relations_lead_from_a_view_and_to_it(db) {
        let (ada, bob) = shop(db).await;
        let totals = CustomerTotal::find().include(CustomerTotal::CUSTOMER);
        let totals: Vec<CustomerTotalWith<Option<Customer>>> =
            totals.order_by(CustomerTotal::ORDERS.asc()).all(db).await.unwrap();
        let names: Vec<_> = totals.iter().filter_map(|one| Some(&*one.customer.as_ref()?.name)).collect();
        assert_eq!(names, ["Bob", "Ada"]);

        let total = ada.total(db).await.unwrap();
        assert_eq!(total, Some(CustomerTotal { customer_id: ada.pk, orders: 3 }));
        let customers = Customer::find().include(Customer::TOTAL).include(Customer::LARGE_ORDERS);
        let customers = customers.order_by(Customer::PK.desc()).limit(3).all(db).await.unwrap();
        let told: Vec<_> = customers
            .iter()
            .map(|one| (&*one.name, one.total.as_ref().map(|one| one.orders), one.large_orders.len()))
            .collect();
        assert_eq!(told, [("Bob", Some(1), 1), ("Ada", Some(3), 2), ("nobody", None, 0)]);
        let large = Customer::LARGE_ORDERS.of(&bob).one(db).await.unwrap();
        assert_eq!(large.customer(db).await.unwrap(), Some(bob.clone()));
        let asked = LargeOrder::find().filter(LargeOrder::CUSTOMER.column(Customer::NAME).eq("Ada"));
        assert_eq!(asked.count(db).await.unwrap(), 2);
    }

    async fn equal_rows_without_an_id_stay_apart_in_every_strategy(db) {
        let (ada, _) = shop(db).await;
        let large = LargeOrder { customer_id: ada.pk, quantity: 20 };
        for strategy in [None, Some(Strategy::Joined), Some(Strategy::Batched), Some(Strategy::Pipelined)] {
            for limit in [2, 50] {
                let customer = Customer::ORDERS.order_by(Order::ID.asc());
                let relation = LargeOrder::CUSTOMER.include(customer);
                let query = LargeOrder::find().order_by(LargeOrder::QUANTITY.asc()).limit(limit);
                let rows = match strategy {
                    None => query.include(relation).all(db).await,
                    Some(Strategy::Joined) => query.include(relation.joined()).all(db).await,
                    Some(Strategy::Batched) => query.include(relation.batched()).all(db).await,
                    Some(_) => query.include(relation.pipelined()).all(db).await,
                };
                let rows = rows.unwrap();
                assert_eq!(rows.len(), if limit == 2 { 2 } else { 3 }, "{strategy:?}");
                for row in rows.iter().take(2) {
                    assert_eq!(**row, large, "{strategy:?}");
                    let customer = row.customer.as_ref().unwrap();
                    assert_eq!((&**customer, customer.orders.len()), (&ada, 3), "{strategy:?}");
                }
            }
        }
    }

    async fn a_relation_to_many_begins_at_a_unique_property(db) {
        let (ada, _) = shop(db).await;
        let days = Day::find().order_by(Day::DAY.asc()).limit(5);
        let counts = |days: Vec<DayWith<Vec<Order>>>| -> Vec<(String, usize)> {
            days.into_iter().map(|one| (one.day.clone(), one.placed.len())).collect()
        };
        let expected = [("mon".to_owned(), 2), ("tue".to_owned(), 2)];
        let joined = days.clone().include(Day::PLACED.joined()).all(db).await.unwrap();
        assert_eq!(counts(joined), expected);
        let batched = days.clone().include(Day::PLACED.batched()).all(db).await.unwrap();
        assert_eq!(counts(batched), expected);
        let pipelined = days.include(Day::PLACED.pipelined()).all(db).await.unwrap();
        assert_eq!(counts(pipelined), expected);
        let first = Customer::ORDERS.of(&ada).first(db).await.unwrap().unwrap();
        let day = first.day(db).await.unwrap();
        assert_eq!(day, Some(Day { day: "mon".to_owned(), orders: 2 }));
    }

    async fn rows_of_a_table_without_a_key_are_read(db) {
        let (ada, _) = shop(db).await;
        for _ in 0..2 {
            sql("INSERT INTO visits VALUES ($1, $2)", (ada.pk, "/")).execute(db).await.unwrap();
        }
        let visit = Visit { customer_id: ada.pk, page: "/".to_owned() };
        assert_eq!(Visit::find().all(db).await.unwrap(), [visit.clone(), visit.clone()]);
        assert_eq!(Visit::find().distinct().all(db).await.unwrap(), [visit.clone()]);
        let ones = Visit::find().filter(Visit::CUSTOMER_ID.eq(ada.pk)).filter(Visit::PAGE.eq("/"));
        assert_eq!(ones.all(db).await.unwrap().len(), 2);
        assert_eq!(visit.customer(db).await.unwrap(), Some(ada));
    }

    async fn what_is_only_read_is_checked_and_not_created(db) {
        let all = || schema![Customer, Order, CustomerTotal, LargeOrder, Day, Visit];
        db.create(all()).await.unwrap();
        db.create_if_missing(all()).await.unwrap();
        let missing = db.check(all()).await.unwrap().to_string();
        for told in [
            "`CustomerTotal` is the view `customer_totals`, which the database does not have",
            "`Visit` is the table `visits`, which the database does not have",
        ] {
            assert!(missing.contains(told), "{missing}");
        }
        assert!(!missing.contains("CREATE"), "{missing}");

        for view in VIEWS {
            run(db, view).await;
        }
        let report = db.check(all()).await.unwrap();
        assert!(report.is_empty(), "{report}");

        run(db, "DROP VIEW days").await;
        run(db, "CREATE TABLE days (day text NOT NULL, orders bigint NOT NULL)").await;
        run(db, "DROP VIEW large_orders").await;
        run(db, "CREATE VIEW large_orders AS SELECT customer_id FROM orders").await;
        let report = db.check(all()).await.unwrap().to_string();
        for told in [
            "`Day` is declared as a view, and `days` is a table; write `#[entity(read_only)]`",
            "`LargeOrder.quantity` lives in `large_orders.quantity`, which the database does not have",
        ] {
            assert!(report.contains(told), "{report}");
        }

        run(db, "DROP VIEW large_orders").await;
        run(db, "DROP VIEW customer_totals").await;
        db.drop(all()).await.unwrap();
        assert_eq!(Visit::find().count(db).await.unwrap(), 0);
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(materialized_view, table = "order_counts")]
struct OrderCount {
    #[id]
    customer_id: i64,
    orders: i64,
}

const ORDER_COUNTS: &str = "CREATE MATERIALIZED VIEW order_counts AS SELECT customer_id, count(*) AS orders FROM orders \
                            GROUP BY customer_id";

#[tokio::test]
async fn a_materialized_view_is_refreshed() {
    let Some(db) = crate::support::postgres().await else { return };
    let (ada, _) = shop(&db).await;
    run(&db, ORDER_COUNTS).await;
    let report = db.check(schema![Customer, Order, OrderCount]).await.unwrap().to_string();
    assert!(!report.contains("OrderCount"), "{report}");
    order(&db, ada.pk, "wed", 4).await;
    let count = || OrderCount::find_by_id(ada.pk);
    assert_eq!(count().one(&db).await.unwrap().orders, 3);
    OrderCount::refresh(&db).await.unwrap();
    assert_eq!(count().one(&db).await.unwrap().orders, 4);

    order(&db, ada.pk, "wed", 4).await;
    OrderCount::refresh_concurrently(&db).await.unwrap_err();
    run(&db, "CREATE UNIQUE INDEX ON order_counts (customer_id)").await;
    let transaction = db.begin().await.unwrap();
    OrderCount::refresh_concurrently(&transaction).await.unwrap();
    assert_eq!(count().one(&transaction).await.unwrap().orders, 5);
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_materialized_view_is_refreshed_in_its_schema() {
    let Some(db) = crate::support::postgres().await else { return };
    let t7 = db.in_schema("t7");
    t7.create(schema![Customer, Order]).await.unwrap();
    let view = ORDER_COUNTS
        .replace("VIEW order", "VIEW t7.order")
        .replace("FROM orders", "FROM t7.orders");
    run(&db, &view).await;
    OrderCount::refresh(&t7).await.unwrap();
    assert_eq!(OrderCount::find().count(&t7).await.unwrap(), 0);
    OrderCount::refresh(&db).await.unwrap_err();
}

#[tokio::test]
async fn sqlite_has_no_materialized_views() {
    let db = crate::support::sqlite().await;
    assert_eq!(db.engine(), Engine::Sqlite);
    for error in [
        OrderCount::refresh(&db).await.unwrap_err(),
        OrderCount::refresh_concurrently(&db).await.unwrap_err(),
        db.create(schema![OrderCount]).await.unwrap_err(),
        db.check(schema![OrderCount]).await.unwrap_err(),
    ] {
        assert!(error.is_invalid_request(), "{error}");
        assert!(error.to_string().contains("#[entity(view)]"), "{error}");
    }
}
