//! Mistakes are told before anything is sent.

use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::{Engine, Error, Executor, sql};

use super::world::{Country, Customer, NewLine, OTHER, OWN, Order, Tag, Untold, filled};

fn refused<T: std::fmt::Debug>(done: Result<T, Error>, says: &str) {
    let error = done.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

fn line() -> NewLine {
    NewLine { id: 101, tenant_id: None, order_id: 1, product: "tea".to_owned(), price: 5 }
}

/// An executor that hides what it wraps.
struct Around<E>(E);

impl<E: Executor> Executor for Around<E> {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows, Error> {
        self.0.run(statement).await
    }
}

#[tokio::test]
async fn a_tenant_is_required_where_the_options_say_so() {
    let options = ::relations::ConnectOptions::new("sqlite::memory:").require_tenant();
    let db = options.connect().await.unwrap();
    refused(Order::find().all(&db).await, "db.tenant(");
    db.transaction(async |tx| {
        refused(Order::find().all(tx).await, "db.tenant(");
        Ok(())
    })
    .await
    .unwrap();
}

behaviour! {
    async fn an_entity_without_a_tenant_is_refused_on_an_executor_of_one(db) {
        filled(db).await;
        let says = "#[entity(shared)]";
        let own = db.tenant(OWN);
        refused(Untold::find().all(&own).await, says);
        refused(Untold::find().count(&own).await, says);
        refused(Untold::find_by_id(1).one(&own).await, says);
        refused(Untold::find().all_rows().delete(&own).await, says);
        refused(Untold { id: 1, customer_id: 1 }.delete(&own).await, says);
        // Its columns are those of a tenant's customer, and its own rows would stand in between.
        refused(Untold::find().include(Untold::CUSTOMER).all(&own).await, says);
        refused(Untold::find().select(Untold::CUSTOMER.column(Customer::EMAIL)).all(&own).await, says);
        Untold::find().all(db).await.unwrap();
        assert_eq!(Country::find().count(&own).await.unwrap(), 2);
    }

    async fn a_tenant_is_required_where_the_database_says_so(db) {
        filled(db).await;
        let strict = db.clone().require_tenant();
        let says = "db.tenant(";
        refused(Order::find().all(&strict).await, says);
        refused(Order::find().include(Order::TAGS).all(&strict).await, says);
        refused(Order::find_by_id(1).one(&strict).await, says);
        refused(Tag::find().count(&strict).await, says);
        refused(line().insert(&strict).await, says);
        refused(Order::find().all_rows().set(Order::TOTAL, 1).update(&strict).await, says);
        strict
            .transaction(async |tx| {
                refused(Order::find().all(tx).await, says);
                tx.transaction(async |tx| {
                    refused(Order::find().all(tx).await, says);
                    Ok(())
                })
                .await
            })
            .await
            .unwrap();
        refused(Order::find().all(&strict.batched()).await, says);
        let session = strict.sql_session().await.unwrap();
        refused(Order::find().all(&session).await, says);
        refused(Order::find_by_id(1).one(&session).await, says);
        assert_eq!(Country::find().count(&session).await.unwrap(), 2);
        drop(session);
        // An executor around it that does not tell.
        let around = Around(strict.clone());
        let forward = "`Executor::tenancy`";
        refused(Order::find().all(&around).await, forward);
        refused(Order::find().include(Order::TAGS).all(&around).await, forward);
        refused(NewLine { tenant_id: Some(OWN), ..line() }.insert(&around).await, forward);
        let session = Around(strict.sql_session().await.unwrap());
        refused(Order::find().all(&session).await, forward);
        drop(session);
        strict
            .transaction(async |tx| {
                refused(Order::find().all(&Around(tx)).await, forward);
                refused(Order::find_by_id(1).one(&Around(tx)).await, forward);
                tx.transaction(async |tx| {
                    refused(Order::find().all(&Around(tx)).await, forward);
                    Ok(())
                })
                .await
            })
            .await
            .unwrap();
        refused(Order::find_by_id(1).one(&strict.batched()).await, says);
        assert_eq!(Order::find().count(&strict.tenant(OWN)).await.unwrap(), 20);
        assert_eq!(Country::find().count(&strict).await.unwrap(), 2);
        assert_eq!(Untold::find().count(&strict).await.unwrap(), 0);
    }

    async fn a_new_row_has_a_tenant(db) {
        filled(db).await;
        let says = "`Line.tenant_id` is the tenant";
        refused(line().insert(db).await, says);
        refused(NewLine::insert_many([line()], db).await, says);
        let mixed = [line(), NewLine { id: 102, tenant_id: Some(OWN), ..line() }];
        refused(NewLine::insert_many(mixed, db).await, says);
        let written = NewLine { tenant_id: Some(OTHER), ..line() }.insert(db).await.unwrap();
        assert_eq!(written.tenant_id, OTHER);
    }

    async fn a_tenant_is_of_the_type_of_its_property(db) {
        filled(db).await;
        refused(Order::find().all(&db.tenant(7_i32)).await, "Integer");
        refused(Order::find_by_id(1).one(&db.tenant("7")).await, "Text");
        refused(line().insert(&db.tenant(7_i16)).await, "SmallInt");
        assert_eq!(Order::find().count(&db.tenant(OWN)).await.unwrap(), 20);
    }

    async fn one_tenant_is_not_within_another(db) {
        filled(db).await;
        db.tenant(OWN)
            .transaction(async |tx| {
                assert_eq!(Order::find().count(&tx.tenant(OWN)).await?, 20);
                refused(Order::find().count(&tx.tenant(OTHER)).await, "within another");
                refused(line().insert(&tx.tenant(OTHER)).await, "within another");
                Ok(())
            })
            .await
            .unwrap();
    }

    async fn sql_of_the_users_own_says_that_it_is_unscoped(db) {
        filled(db).await;
        let own = db.tenant(OWN);
        let count = || sql("SELECT COUNT(*) FROM orders", ());
        refused(count().one::<i64>(&own).await, ".unscoped()");
        assert_eq!(count().unscoped().one::<i64>(&own).await.unwrap(), 40);
        refused(sql("DELETE FROM lines", ()).execute_script(&own).await, ".unscoped()");
        own.transaction(async |tx| {
            refused(count().one::<i64>(tx).await, ".unscoped()");
            assert_eq!(count().unscoped().one::<i64>(tx).await?, 40);
            Ok(())
        })
        .await
        .unwrap();
    }
}
