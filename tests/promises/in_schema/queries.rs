//! Everything that runs on an executor, in each schema.

use ::relations::Transactional;
use ::relations::prelude::*;
use ::relations::{Executor, schema, sql};
use futures_util::TryStreamExt;

use super::world::*;
use crate::support::{Counting, postgres};

/// Asks everything, and makes sure that the answers are those of one schema.
async fn read(db: &impl Executor, own: i64) {
    let is_own = |answer: &dyn std::fmt::Debug| {
        let told = format!("{answer:?}");
        for other in (1..=4).filter(|other| *other != own) {
            assert!(!told.contains(&format!("\"{other} ")), "{told}");
            assert!(!told.contains(&format!("total: {other}0")), "{told}");
        }
    };
    let customers = Customer::find().order_by(Customer::ID.asc()).all(db).await.unwrap();
    assert_eq!(customers.len(), 3);
    is_own(&customers);
    let all = || Customer::find().order_by(Customer::ID.asc());
    for query in [
        all().include(Customer::ORDERS.joined()),
        all().include(Customer::ORDERS.batched()),
        all().include(Customer::ORDERS.pipelined()),
        all().include(Customer::ORDERS.order_by(Order::TOTAL.desc()).limit(1)),
    ] {
        let rows = query.all(db).await.unwrap();
        assert!(rows.iter().all(|row| !row.orders.is_empty()));
        is_own(&rows);
    }
    is_own(&all().include(Customer::ORDERS.include(Order::TAGS)).all(db).await.unwrap());
    is_own(&all().include(Customer::COUNTRY.joined()).all(db).await.unwrap());
    is_own(&Tag::find().include(Tag::ORDERS.include(Order::CUSTOMER)).all(db).await.unwrap());
    is_own(&all().include(Customer::ORDERS.count()).all(db).await.unwrap());
    let asked = Customer::ORDERS.any(Order::TAGS.any(Tag::NAME.like(format!("{own} tag%"))));
    assert_eq!(all().filter(asked).count(db).await.unwrap(), 3);
    let dark = Customer::SHADE.eq(Shade::Dark).and(Customer::ORDERS.count().ge(2));
    assert_eq!(all().filter(dark).count(db).await.unwrap(), 2);
    assert_eq!(Folder::CHILDREN.forest().all(db).await.unwrap().len(), 3);
    assert_eq!(Folder::CHILDREN.descendants_of_id(1).all(db).await.unwrap().len(), 2);
    is_own(&customers[2].orders(db).await.unwrap());
    is_own(&Customer::ORDERS.load(db, &customers).await.unwrap());
    is_own(&Order::TAGS.of_id(1).all(db).await.unwrap());
    assert_eq!(Order::find().sum(db, Order::VERSION).await.unwrap(), Some(6));
    let groups = Order::find().group_by(Order::CUSTOMER_ID);
    is_own(&groups.select((Order::CUSTOMER_ID, Order::TOTAL.max())).all(db).await.unwrap());
    let streamed: Vec<_> = Order::find().stream(db).try_collect().await.unwrap();
    assert_eq!(streamed.len(), 6);
    is_own(&streamed);
}

async fn write(db: &impl Transactional, own: i64) {
    let mut order = Order::find_by_id(1).one(db).await.unwrap();
    order.total = own * 100 + 50;
    order.update(db).await.unwrap();
    assert_eq!(
        Order::find().all_rows().set_expr(Order::TOTAL, Order::TOTAL + 1).update(db).await.unwrap(),
        6
    );
    let mut orders = Order::find().all(db).await.unwrap();
    Order::update_many(&mut orders, db).await.unwrap();
    let new = |email: &str| NewCustomer {
        email: email.into(),
        country_code: "at".into(),
        shade: Shade::Light,
    };
    let known = format!("{own} 1");
    let kept = new(&known).on_conflict(Customer::EMAIL).update(Customer::SHADE);
    assert!(!kept.insert(db).await.unwrap().is_inserted());
    let many = ["1 1", "2 1", "3 1", "4 1", "a", "b"].map(new);
    let many =
        NewCustomer::insert_many(many, db).on_conflict(Customer::EMAIL).update(Customer::SHADE);
    let many = many.await.unwrap();
    assert_eq!(many.iter().filter(|one| !one.is_inserted()).count(), 1);
    let error = new(&known).insert(db).await.unwrap_err();
    assert!(error.is_unique_violation(), "{error}");
    assert!(error.to_string().contains("Customer"), "{error}");
    let error = Customer::find().filter(Customer::EMAIL.eq(known)).delete(db).await.unwrap_err();
    assert!(error.is_foreign_key_violation(), "{error}");
    assert!(error.relation().is_some(), "{error}");
    let tags = Tag::find().all(db).await.unwrap();
    Order::TAGS.set(db, &orders[0], &tags).await.unwrap();
    assert_eq!(Order::TAGS.unlink_all(db, &orders[0]).await.unwrap(), 3);
    db.transaction(async |tx| {
        tx.transaction(async |tx| NewTag { name: "nested".into() }.insert(tx).await).await?;
        assert_eq!(Tag::find().count(tx).await?, 4);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(Order::find().all_rows().delete(db).await.unwrap(), 6);
}

#[tokio::test]
async fn each_schema_has_its_own_rows() {
    let Some(db) = postgres().await else { return };
    filled(&db).await;
    for (own, name) in (1..).zip(SCHEMAS) {
        let schema = db.in_schema(name);
        read(&schema, own).await;
        schema
            .transaction(async |tx| {
                read(tx, own).await;
                Ok(())
            })
            .await
            .unwrap();
        // The other executors, of which each forwards the schema.
        let count = format!("{own} 3");
        let is_third = || Customer::find().filter(Customer::EMAIL.eq(count.as_str()));
        assert_eq!(is_third().count(&schema.query_stats()).await.unwrap(), 1);
        assert_eq!(is_third().count(&db.batched().in_schema(name)).await.unwrap(), 1);
        let batched = schema.batched();
        let orders = Order::find().all(&batched).await.unwrap();
        let customers = orders.iter().map(|order| order.customer(&batched));
        for customer in futures_util::future::join_all(customers).await {
            assert!(customer.unwrap().email.starts_with(&format!("{own} ")));
        }
        let tx = db.begin().await.unwrap();
        assert_eq!(is_third().count(&tx.in_schema(name)).await.unwrap(), 1);
        tx.commit().await.unwrap();
    }
    for (own, name) in (1..).zip(SCHEMAS) {
        write(&db.in_schema(name), own).await;
    }
    assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
    assert_eq!(Country::find().count(&db.in_schema("t7")).await.unwrap(), 1);
    db.in_schema("t7").drop(shop()).await.unwrap();
    assert_eq!(Customer::find().count(&db.in_schema("T7")).await.unwrap(), 8);
    assert_eq!(Customer::find().count(&db).await.unwrap(), 0);
    let gone = Customer::find().count(&db.in_schema("t7")).await.unwrap_err();
    assert!(!gone.is_invalid_request(), "{gone}");
}

/// More schemas than are kept, each with its own rows, also if many are asked at the same time.
#[tokio::test]
async fn many_schemas_are_told_apart() {
    let Some(db) = postgres().await else { return };
    let names: Vec<_> = (0..80).map(|number| format!("s{number}")).collect();
    for (number, name) in (0..).zip(&names) {
        let script = format!(
            "CREATE SCHEMA {name}; CREATE TABLE {name}.tags (name text PRIMARY KEY); \
             INSERT INTO {name}.tags VALUES ('{number}')",
        );
        sql(script, ()).execute_script(&db).await.unwrap();
    }
    for _ in 0..2 {
        let asked = (0..).zip(&names).map(|(number, name)| {
            let schema = db.in_schema(name);
            async move { (number, Tag::find().one(&schema).await.unwrap().name) }
        });
        for (number, name) in futures_util::future::join_all(asked).await {
            assert_eq!(name, format!("{number}"));
        }
    }
}

#[tokio::test]
async fn a_statement_names_its_schema_at_each_place() {
    let Some(db) = postgres().await else { return };
    filled(&db).await;
    let counting = Counting::new(&db);
    read(&::relations::driver::InSchema::new(&counting, "select"), 3).await;
    let tables = ["customers", "orders", "tags", "order_tags", "folders"];
    let statements = counting.statements();
    assert!(statements.len() > 20, "{}", statements.len());
    for sql in statements {
        for table in tables {
            for clause in ["FROM", "JOIN", "UPDATE", "INTO"] {
                assert!(!sql.contains(&format!("{clause} \"{table}\"")), "{sql}");
            }
        }
        assert!(!sql.contains('\u{4}'), "{sql}");
    }
}

#[tokio::test]
async fn a_schema_goes_with_a_tenant() {
    #[derive(Debug, Clone, PartialEq, Entity)]
    struct Note {
        #[id]
        #[tenant]
        tenant_id: i64,
        #[id]
        id: i64,
    }

    let Some(db) = postgres().await else { return };
    let schema = db.in_schema("shard 1");
    schema.create(schema![Note]).await.unwrap();
    for tenant in [7_i64, 8] {
        NewNote { tenant_id: None, id: tenant }.insert(&schema.tenant(tenant)).await.unwrap();
        NewNote { tenant_id: None, id: 1 }
            .insert(&db.tenant(tenant).in_schema("shard 1"))
            .await
            .unwrap();
    }
    let own = schema.tenant(7_i64);
    let notes = Note::find().order_by(Note::ID.asc()).all(&own).await.unwrap();
    let notes: Vec<_> = notes.iter().map(|note| (note.tenant_id, note.id)).collect();
    assert_eq!(notes, [(7, 1), (7, 7)]);
    own.transaction(async |tx| {
        assert_eq!(Note::find().count(tx).await?, 2);
        Ok(())
    })
    .await
    .unwrap();
    db.tenant(8_i64)
        .in_schema("shard 1")
        .transaction(async |tx| {
            assert_eq!(Note::find().all(tx).await?.iter().map(|note| note.id).sum::<i64>(), 9);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(Note::find().count(&schema).await.unwrap(), 4);
}
