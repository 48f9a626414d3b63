//! Prepared statements of a connection.

use super::*;

#[tokio::test]
async fn a_table_may_change_under_prepared_statements() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = ConnectOptions::new(&url).pool_size(2).connect().await.unwrap();
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    let order = cast::order(&db, &ada, 1).await;
    let trees =
        || Customer::find().order_by(Customer::ID.asc()).include(Customer::ORDERS.batched());
    let walk = async |db: &Database| {
        let found = trees().all(db).await.unwrap();
        assert_eq!(found[0].orders, [order.clone()]);
        assert_eq!(order.customer(db).await.unwrap(), ada);
        assert_eq!(Customer::find_by_id(ada.id).one(db).await.unwrap(), ada);
    };
    let types = ["varchar(40)", "text", "varchar(50)"].into_iter();
    for name in types {
        walk(&db).await;
        let change = format!("ALTER TABLE customers ALTER name TYPE {name}");
        client.batch_execute(&change).await.unwrap();
        walk(&db).await;
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Stop)]
#[has_many(Sight)]
struct Tour {
    #[id]
    id: i64,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Stop {
    #[id]
    id: i64,
    #[belongs_to(Tour)]
    tour_id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Sight {
    #[id]
    id: i64,
    #[belongs_to(Tour)]
    tour_id: i64,
    name: String,
}

/// Statements that are sent together are prepared again each by itself, and their rows are read in
/// their order.
#[tokio::test]
async fn a_table_may_change_under_statements_that_go_together() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = pool_of_one(&url).connect().await.unwrap();
    db.create(schema![Tour, Stop, Sight]).await.unwrap();
    for id in 1..=3 {
        NewTour { id, title: format!("tour {id}") }.insert(&db).await.unwrap();
        NewStop { id, tour_id: id, name: format!("stop {id}") }.insert(&db).await.unwrap();
        NewSight { id, tour_id: id, name: format!("sight {id}") }.insert(&db).await.unwrap();
    }
    let tours = || {
        Tour::find()
            .order_by(Tour::ID.asc())
            .include(Tour::STOPS.pipelined())
            .include(Tour::SIGHTS.pipelined())
    };
    let before = tours().all(&db).await.unwrap();
    assert_eq!(before.len(), 3);
    for (table, column) in [("tours", "title"), ("stops", "name"), ("sights", "name")] {
        for to in ["varchar(50)", "text"] {
            let change = format!("ALTER TABLE {table} ALTER {column} TYPE {to}");
            client.batch_execute(&change).await.unwrap();
            let after = tours().all(&db).await.unwrap();
            assert_eq!(format!("{before:?}"), format!("{after:?}"), "{table}");
        }
    }
    // All of them at once.
    let all = "ALTER TABLE tours ALTER title TYPE varchar(50); \
               ALTER TABLE stops ALTER name TYPE varchar(50); \
               ALTER TABLE sights ALTER name TYPE varchar(50)";
    client.batch_execute(all).await.unwrap();
    assert_eq!(format!("{before:?}"), format!("{:?}", tours().all(&db).await.unwrap()));
}

#[tokio::test]
async fn a_transaction_under_which_a_table_changed_is_run_again() {
    let Some(url) = support::postgres_url().await else { return };
    let client = support::client(&url).await;
    let db = pool_of_one(&url).connect().await.unwrap();
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    let change = |to: &str| format!("ALTER TABLE customers ALTER name TYPE {to}");
    let find = || Customer::find_by_id(ada.id);

    find().one(&db).await.unwrap();
    client.batch_execute(&change("varchar(50)")).await.unwrap();
    let begun = db.begin().await.unwrap();
    let error = find().one(&begun).await.unwrap_err();
    assert!(error.is_retryable() && !error.is_serialization_failure(), "{error:?}");
    assert!(error.to_string().starts_with("a table was changed"), "{error}");
    drop(begun);
    assert_eq!(find().one(&db).await.unwrap(), ada);

    client.batch_execute(&change("text")).await.unwrap();
    let done = db.transaction(async |tx| Ok((find().one(tx).await?, tx.attempt())));
    assert_eq!(done.await.unwrap(), (ada, 2));
}

#[tokio::test]
async fn statements_that_the_server_forgot_are_prepared_again() {
    let Some(url) = support::postgres_url().await else { return };
    let manager = Manager::new(url.parse().unwrap(), NoTls);
    let pool = Pool::builder(manager).max_size(1).build().unwrap();
    let db = Database::from(pool.clone());
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    let order = cast::order(&db, &ada, 1).await;
    for _ in 0..2 {
        assert_eq!(order.customer(&db).await.unwrap(), ada);
        Customer::find().include(Customer::ORDERS).all(&db).await.unwrap();
        pool.get().await.unwrap().batch_execute("DEALLOCATE ALL").await.unwrap();
        Customer::find().include(Customer::ORDERS).all(&db).await.unwrap();
        pool.get().await.unwrap().batch_execute("DEALLOCATE ALL").await.unwrap();
        assert_eq!(order.customer(&db).await.unwrap(), ada);
        pool.get().await.unwrap().batch_execute("DEALLOCATE ALL").await.unwrap();
        let done = db.transaction(async |tx| Ok((order.customer(tx).await?, tx.attempt())));
        assert_eq!(done.await.unwrap(), (ada.clone(), 2));
    }
}

#[tokio::test]
async fn a_connection_keeps_only_so_many_statements() {
    let Some(url) = support::postgres_url().await else { return };
    let db = pool_of_one(&url).connect().await.unwrap();
    cast::create(&db).await;
    cast::customers(&db).await;
    let kept = async |db: &Database| {
        let mut kept = 0;
        for more in [512, 256, 128, 64, 32, 16, 8, 4, 2, 1] {
            let sql = format!("(SELECT count(*) FROM pg_prepared_statements) >= {}", kept + more);
            let filter = Filter::<Customer>::raw(sql, ());
            if Customer::find().filter(filter).count(db).await.unwrap() > 0 {
                kept += more;
            }
        }
        kept
    };
    // A small limit is part of the SQL.
    for limit in 1..=900 {
        Customer::find().limit(limit).all(&db).await.unwrap();
    }
    let many = kept(&db).await;
    assert!((100..700).contains(&many), "{many}");
    db.transaction(async |tx| {
        for limit in 1..=900 {
            Customer::find().limit(limit).order_by(Customer::ID.asc()).all(tx).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let many = kept(&db).await;
    assert!((100..700).contains(&many), "{many}");
}
