//! Transactions.

mod retry;

use std::fmt::Debug;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::relations::prelude::*;
use ::relations::{
    ConnectOptions, Database, Error, Executor, IsolationLevel, Result, Transaction,
    TransactionOptions, Transactional, connect,
};
use futures_util::{FutureExt, TryStreamExt};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::cast::{self, Customer, NewCustomer, Order};
use crate::support;

fn new(id: i64) -> NewCustomer {
    NewCustomer { id, pk: id, name: "Ada".into(), email: None }
}

async fn ids(db: &impl Executor) -> Vec<i64> {
    let customers = Customer::find().order_by(Customer::ID.asc()).all(db).await.unwrap();
    customers.into_iter().map(|customer| customer.id).collect()
}

async fn rename(db: &impl Executor, id: i64, name: &str) -> Result<()> {
    Customer::find_by_id(id).set(Customer::NAME, name).update(db).await.map(drop)
}

/// Waits for somebody's work, which may wait for a while.
async fn soon(what: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if what().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("this did not happen within five seconds");
}

behaviour! {
    async fn work_that_succeeds_holds(db) {
        cast::create(db).await;
        let name = "Ada".to_owned();
        let ada = db
            .transaction(async |tx| {
                let ada = NewCustomer { name: name.clone(), ..new(1) }.insert(tx).await?;
                new(2).insert(tx).await?;
                assert_eq!((tx.attempt(), ids(tx).await), (1, vec![1, 2]));
                Ok(ada)
            })
            .await
            .unwrap();
        assert_eq!((ada.name, ids(db).await), (name, vec![1, 2]));
    }

    async fn work_that_fails_leaves_nothing(db) {
        cast::create(db).await;
        let failed = db.transaction(async |tx| {
            new(1).insert(tx).await?;
            new(1).insert(tx).await
        });
        assert!(failed.await.unwrap_err().is_unique_violation());
        assert!(ids(db).await.is_empty());
        let panicking = db.clone();
        let panicked = tokio::spawn(async move {
            let work = async |tx: &Transaction| -> Result<()> {
                new(1).insert(tx).await?;
                assert!(ids(tx).await.is_empty(), "the work panics");
                Ok(())
            };
            panicking.transaction(work).await
        });
        assert!(panicked.await.unwrap_err().is_panic());
        assert!(ids(db).await.is_empty());
        let stopped = db.transaction(async |tx| {
            new(1).insert(tx).await?;
            tokio::time::sleep(Duration::from_mins(1)).await;
            Ok(())
        });
        tokio::time::timeout(Duration::from_millis(100), stopped).await.unwrap_err();
        assert!(ids(db).await.is_empty());
    }

    async fn everything_takes_a_transaction(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        db.transaction(async |tx| {
            let order = cast::order_in(tx, &ada, 3).await;
            assert_eq!(order.customer(tx).await?, ada);
            let page = Order::find().include(Order::CUSTOMER).include(Order::LINES).page(2).fetch(tx).await?;
            assert_eq!(page.rows[0].customer, ada);
            let trees = Customer::find().include(Customer::ORDERS.include(Order::LINES)).all(tx).await?;
            assert_eq!(trees.iter().map(|tree| tree.orders.len()).sum::<usize>(), 1);
            let streamed: Vec<_> = Order::find().stream(tx).try_collect().await?;
            assert_eq!(streamed, [order.clone()]);
            order.delete(tx).await
        })
        .await
        .unwrap();
    }

    async fn a_transaction_that_only_reads_writes_nothing(db) {
        cast::create(db).await;
        cast::customers(db).await;
        let options = TransactionOptions::new()
            .read_only()
            .isolation(IsolationLevel::Serializable)
            .deferrable();
        let read = db.transaction_with(options, async |tx| Ok(ids(tx).await)).await.unwrap();
        assert_eq!(read, [1, 2]);
        let written = db.transaction_with(options, async |tx| new(3).insert(tx).await).await;
        let error = written.unwrap_err();
        assert!(error.is_read_only() && !error.is_retryable(), "{error:?}");
        assert!(error.to_string().starts_with("nothing can be written here"), "{error}");
        assert_eq!(ids(db).await, [1, 2]);
    }

    async fn a_transaction_within_goes_back_alone(db) {
        cast::create(db).await;
        db.transaction(async |tx| {
            new(1).insert(tx).await?;
            let within = tx.transaction(async |tx| {
                new(2).insert(tx).await?;
                tx.transaction(async |tx| new(3).insert(tx).await).await?;
                assert_eq!(ids(tx).await, [1, 2, 3]);
                new(1).insert(tx).await
            });
            assert!(within.await.unwrap_err().is_unique_violation());
            assert_eq!(ids(tx).await, [1]);
            tx.transaction(async |tx| {
                new(4).insert(tx).await?;
                let deeper = tx.transaction(async |tx| new(4).insert(tx).await).await;
                assert!(deeper.unwrap_err().is_unique_violation());
                new(5).insert(tx).await
            })
            .await?;
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(ids(db).await, [1, 4, 5]);
        let outer = db.transaction(async |tx| {
            tx.transaction(async |tx| new(6).insert(tx).await).await?;
            new(6).insert(tx).await
        });
        assert!(outer.await.unwrap_err().is_unique_violation());
        assert_eq!(ids(db).await, [1, 4, 5]);
    }

    async fn a_transaction_within_that_is_dropped_is_rolled_back(db) {
        cast::create(db).await;
        db.transaction(async |tx| {
            for millis in [0, 1, 50] {
                let within = tx.transaction(async |tx| {
                    new(1).insert(tx).await?;
                    tx.transaction(async |tx| {
                        new(2).insert(tx).await?;
                        tokio::time::sleep(Duration::from_mins(1)).await;
                        Ok(())
                    })
                    .await
                });
                let millis = Duration::from_millis(millis);
                tokio::time::timeout(millis, within).await.unwrap_err();
                assert!(ids(tx).await.is_empty());
            }
            new(3).insert(tx).await
        })
        .await
        .unwrap();
        assert_eq!(ids(db).await, [3]);
    }

    async fn a_transaction_waits_for_the_one_within(db) {
        cast::create(db).await;
        db.transaction(async |tx| {
            tx.transaction(async |within| {
                let error = new(1).insert(tx).await.unwrap_err();
                assert!(error.is_invalid_request(), "{error:?}");
                assert!(error.to_string().starts_with("a transaction within this one is open"));
                let beside = tx.transaction(async |tx| new(1).insert(tx).await).await;
                assert!(beside.unwrap_err().is_invalid_request());
                new(2).insert(within).await
            })
            .await?;
            new(3).insert(tx).await
        })
        .await
        .unwrap();
        assert_eq!(ids(db).await, [2, 3]);
    }

    async fn a_function_takes_a_database_or_a_transaction(db) {
        async fn pair(first: i64, db: &impl Transactional) -> Result<()> {
            db.transaction(async |tx| {
                new(first).insert(tx).await?;
                new(first + 1).insert(tx).await?;
                Ok(())
            })
            .await
        }
        cast::create(db).await;
        pair(1, db).await.unwrap();
        pair(2, db).await.unwrap_err();
        let shared = Arc::new(db.clone());
        pair(3, &shared).await.unwrap();
        db.transaction(async |tx| {
            pair(4, tx).await.unwrap_err();
            pair(5, tx).await
        })
        .await
        .unwrap();
        let begun = db.begin().await.unwrap();
        pair(7, &begun).await.unwrap();
        begun.rollback().await.unwrap();
        assert_eq!(ids(db).await, [1, 2, 3, 4, 5, 6]);
    }

    async fn an_error_of_the_programs_own_is_told(db) {
        #[derive(Debug)]
        enum Refused {
            TooMany,
            Database(Error),
        }
        impl From<Error> for Refused {
            fn from(error: Error) -> Self {
                Self::Database(error)
            }
        }
        cast::create(db).await;
        let options = TransactionOptions::new();
        let too_many = db.try_transaction( async |tx| -> Result<(), Refused> {
            new(1).insert(tx).await?;
            tx.try_transaction(async |tx| -> Result<(), Refused> {
                new(2).insert(tx).await?;
                Err(Refused::TooMany)
            })
            .await
        });
        assert!(matches!(too_many.await, Err(Refused::TooMany)));
        let twice = db.try_transaction_with(options, async |tx| -> Result<(), Refused> {
            new(1).insert(tx).await?;
            new(1).insert(tx).await?;
            Ok(())
        });
        let twice = twice.await;
        assert!(matches!(twice, Err(Refused::Database(error)) if error.is_unique_violation()));
        assert!(ids(db).await.is_empty());
    }

    async fn an_error_of_any_type_rolls_back_and_is_found_again(db) {
        cast::create(db).await;
        async fn refuses(db: &impl Transactional) -> Result<()> {
            db.transaction(async |tx| {
                new(1).insert(tx).await?;
                Err(Error::other("x".parse::<i32>().unwrap_err()))
            })
            .await
        }
        let error = refuses(db).await.unwrap_err();
        assert_eq!(error.to_string(), "invalid digit found in string");
        assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
        assert!(error.downcast_ref::<std::fmt::Error>().is_none());
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.downcast_ref::<std::num::ParseIntError>().is_some());
        assert!(ids(db).await.is_empty());
        // Within a transaction that is rolled back, as in a test.
        let test = db.begin().await.unwrap();
        new(2).insert(&test).await.unwrap();
        assert!(refuses(&test).await.is_err());
        assert_eq!(ids(&test).await, [2]);
        test.rollback().await.unwrap();
        assert!(ids(db).await.is_empty());
        // An error of the library stays what it is.
        new(3).insert(db).await.unwrap();
        let error = Error::other(new(3).insert(db).await.unwrap_err());
        assert!(error.is_unique_violation());
        assert_eq!(Error::other("out of stock").to_string(), "out of stock");
    }

    async fn functions_of_any_transactional_fail_with_errors_of_their_own(db) {
        #[derive(Debug, PartialEq)]
        enum Refused {
            OutOfStock,
            Database,
        }
        impl From<Error> for Refused {
            fn from(_: Error) -> Self {
                Self::Database
            }
        }
        async fn refuses(db: &impl Transactional) -> Result<(), Refused> {
            db.try_transaction(async |tx| -> Result<(), Refused> {
                new(1).insert(tx).await?;
                Err(Refused::OutOfStock)
            })
            .await
        }
        cast::create(db).await;
        assert_eq!(refuses(db).await, Err(Refused::OutOfStock));
        let test = db.begin().await.unwrap();
        assert_eq!(refuses(&test).await, Err(Refused::OutOfStock));
        new(1).insert(&test).await.unwrap();
        assert_eq!(refuses(&test).await, Err(Refused::Database));
        assert_eq!(ids(&test).await, [1]);
    }

    async fn work_can_be_spawned(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let (db, customers) = (db.clone(), vec![ada.clone(), bob.clone()]);
                tokio::spawn(async move {
                    db.transaction(async |tx| {
                        for customer in &customers {
                            let order = cast::order_in(tx, customer, number).await;
                            assert_eq!(order.customer(tx).await?, *customer);
                            let found = tx.transaction(async |tx| customer.orders(tx).await);
                            assert!(found.await?.contains(&order));
                        }
                        Ok(())
                    })
                    .await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(Order::find().count(db).await.unwrap(), 16);
    }
}

/// A failure of its own kind: SQLite takes back the whole transaction, and not the statement alone.
#[derive(Debug, Entity)]
struct Fragile {
    #[id]
    id: i64,
    #[column(default = "0) UNIQUE ON CONFLICT ROLLBACK CHECK (1")]
    number: i64,
}

#[tokio::test]
async fn a_transaction_that_sqlite_took_back_does_nothing_more() {
    let db = ConnectOptions::new("sqlite::memory:").pool_size(1).connect().await.unwrap();
    db.create(schema![Fragile]).await.unwrap();
    let new = |id| NewFragile { id, number: Some(1) };
    for within in [false, true] {
        let committed = db.transaction(async |tx| {
            new(1).insert(tx).await?;
            let failed = if within {
                tx.transaction(async |tx| new(2).insert(tx).await).await
            } else {
                new(2).insert(tx).await
            };
            assert!(failed.unwrap_err().is_unique_violation());
            // It would hold by itself.
            let error = NewFragile { id: 3, number: Some(3) }.insert(tx).await.unwrap_err();
            assert!(error.to_string().contains("everything was rolled back"), "{error}");
            Ok(())
        });
        let error = committed.await.unwrap_err();
        assert!(error.to_string().contains("everything was rolled back"), "{error}");
        assert_eq!(Fragile::find().count(&db).await.unwrap(), 0);
        // The connection is as good as before.
        let begun = db.begin().await.unwrap();
        new(1).insert(&begun).await.unwrap();
        assert!(new(2).insert(&begun).await.is_err());
        begun.rollback().await.unwrap();
    }
}
