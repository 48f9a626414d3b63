//! Retries.

use super::*;

/// A transaction of PostgreSQL that loses as often as is said, since another one changes the row
/// that it changes.
async fn losing(db: &Database, times: u32, tx: &Transaction) -> Result<()> {
    Customer::find_by_id(1).one(tx).await?;
    if tx.attempt() <= times {
        rename(db, 1, &format!("before {}", tx.attempt())).await?;
    }
    rename(tx, 1, "after").await
}

async fn postgres() -> Option<Database> {
    let db = support::postgres().await?;
    cast::create(&db).await;
    cast::customers(&db).await;
    Some(db)
}

fn quick(retries: u32) -> TransactionOptions {
    let pause = Duration::from_millis(1);
    let options = TransactionOptions::new().isolation(IsolationLevel::RepeatableRead);
    options.pauses(pause, pause).retries(retries)
}

async fn name(db: &Database) -> String {
    Customer::find_by_id(1).one(db).await.unwrap().name
}

#[tokio::test]
async fn work_that_lost_is_done_again() {
    let Some(db) = postgres().await else { return };
    let done = db.transaction_with(quick(5), async |tx| {
        losing(&db, 2, tx).await?;
        Ok(tx.attempt())
    });
    assert_eq!(done.await.unwrap(), 3);
    assert_eq!(name(&db).await, "after");

    // Whatever becomes of the error that told so.
    #[derive(Debug)]
    struct Mine;
    impl From<Error> for Mine {
        fn from(_: Error) -> Self {
            Self
        }
    }
    let told = db.try_transaction_with(quick(5), async |tx| -> Result<u32, Mine> {
        losing(&db, 1, tx).await.map_err(|_| Mine)?;
        Ok(tx.attempt())
    });
    assert_eq!(told.await.unwrap(), 2);
    let untold = db.transaction_with(quick(5), async |tx| {
        let _ = losing(&db, 1, tx).await;
        Ok(tx.attempt())
    });
    assert_eq!(untold.await.unwrap(), 2);
    let within = db.transaction_with(quick(5), async |tx| {
        tx.transaction(async |tx| losing(&db, 1, tx).await).await?;
        Ok(tx.attempt())
    });
    assert_eq!(within.await.unwrap(), 2);
}

/// The attempts after which a transaction was begun again, as events tell them.
#[derive(Clone, Default)]
struct Again(Arc<Mutex<Vec<u64>>>);

impl Subscriber for Again {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "relations"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Attempt(Option<u64>);
        impl Visit for Attempt {
            fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
            fn record_u64(&mut self, field: &Field, value: u64) {
                if field.name() == "transaction.attempt" {
                    self.0 = Some(value);
                }
            }
        }
        let mut attempt = Attempt(None);
        event.record(&mut attempt);
        self.0.lock().unwrap().extend(attempt.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn each_further_attempt_is_an_event() {
    let Some(db) = postgres().await else { return };
    let again = Again::default();
    let _listening = tracing::subscriber::set_default(again.clone());
    // Another test that comes to the event first may note, at any time while it does, that nobody listens.
    for _ in 0..5 {
        tracing::callsite::rebuild_interest_cache();
        db.transaction_with(quick(5), async |tx| losing(&db, 2, tx).await).await.unwrap();
        if !again.0.lock().unwrap().is_empty() {
            break;
        }
    }
    assert_eq!(*again.0.lock().unwrap(), [1, 2]);
}

#[tokio::test]
async fn work_that_always_loses_is_given_up() {
    let Some(db) = postgres().await else { return };
    for retries in [0, 3] {
        let attempts = AtomicU32::new(0);
        let given_up = db.transaction_with(quick(retries), async |tx| {
            attempts.store(tx.attempt(), Ordering::Relaxed);
            losing(&db, 99, tx).await
        });
        let error = given_up.await.unwrap_err();
        assert!(error.is_serialization_failure() && error.is_retryable(), "{error:?}");
        assert_eq!(attempts.into_inner(), retries + 1);
    }
}

#[tokio::test]
async fn work_that_fails_otherwise_is_not_done_again() {
    let Some(db) = postgres().await else { return };
    let attempts = AtomicU32::new(0);
    let failed = db.transaction_with(quick(5), async |tx| {
        attempts.fetch_add(1, Ordering::Relaxed);
        new(1).insert(tx).await
    });
    assert!(failed.await.unwrap_err().is_unique_violation());
    assert_eq!(attempts.into_inner(), 1);
}

/// Two serializable transactions of which each reads what the other writes: one of them loses when
/// it is committed.
#[tokio::test]
async fn a_commit_that_lost_is_done_again() {
    let Some(db) = postgres().await else { return };
    let options = quick(5).isolation(IsolationLevel::Serializable);
    let attempts = AtomicU32::new(0);
    let swap = |from: i64, to: i64| {
        let (db, attempts) = (&db, &attempts);
        async move {
            db.transaction_with(options, async |tx| {
                attempts.fetch_add(1, Ordering::Relaxed);
                let read = Customer::find_by_id(from).one(tx).await?;
                if tx.attempt() == 1 {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                rename(tx, to, &format!("after {}", read.name)).await
            })
            .await
        }
    };
    let (one, other) = tokio::join!(swap(1, 2), swap(2, 1));
    one.unwrap();
    other.unwrap();
    assert_eq!(attempts.load(Ordering::Relaxed), 3);
    let names = Customer::find().order_by(Customer::ID.asc()).all(&db).await.unwrap();
    let names: Vec<_> = names.iter().map(|customer| &*customer.name).collect();
    let serial = [["after after Bob", "after Bob"], ["after Bob", "after Ada"]];
    let either = [["after after Ada", "after Ada"], ["after Bob", "after after Bob"]];
    assert!(serial.iter().chain(&either).any(|one| names == one), "{names:?}");
}

#[tokio::test]
async fn a_commit_that_nobody_answers_is_not_done_again() {
    let Some(url) = support::postgres_url().await else { return };
    let db = connect(&url).await.unwrap();
    cast::create(&db).await;
    let client = support::client(&url).await;
    // It takes a while to commit a customer.
    let slow = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$; \
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON customers \
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()";
    client.batch_execute(slow).await.unwrap();
    let attempts = AtomicU32::new(0);
    let committing = db.transaction(async |tx| {
        attempts.fetch_add(1, Ordering::Relaxed);
        new(1).insert(tx).await
    });
    let killing = soon(async || {
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND query = 'COMMIT' \
                    AND wait_event = 'PgSleep'";
        client.execute(kill, &[]).await.unwrap() > 0
    });
    let (committed, ()) = tokio::join!(committing, killing);
    let error = committed.unwrap_err();
    assert!(error.is_commit_unknown() && !error.is_connection(), "{error:?}");
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("look whether what it wrote is there"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(attempts.into_inner(), 1);
}

#[tokio::test]
async fn a_connection_that_broke_before_the_commit_leaves_no_doubt() {
    let Some(url) = support::postgres_url().await else { return };
    let db = connect(&url).await.unwrap();
    cast::create(&db).await;
    let client = support::client(&url).await;
    let failed = db.transaction(async |tx| {
        new(1).insert(tx).await?;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        client.execute(kill, &[]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok(())
    });
    let error = failed.await.unwrap_err();
    assert!(error.is_connection() && !error.is_commit_unknown(), "{error:?}");
    assert!(ids(&db).await.is_empty());
}

/// PostgreSQL would answer the commit as if all were well.
#[tokio::test]
async fn a_failure_that_nobody_waited_for_is_told_by_the_commit() {
    let Some(db) = postgres().await else { return };
    let committed = db.transaction(async |tx| {
        new(3).insert(tx).await?;
        // It is sent, and its caller does not wait for the answer.
        assert!(new(3).insert(tx).now_or_never().is_none());
        Ok(())
    });
    let error = committed.await.unwrap_err();
    assert!(error.to_string().contains("25P02"), "{error}");
    assert_eq!(ids(&db).await, [1, 2]);
}

#[tokio::test]
async fn an_isolation_is_of_one_transaction() {
    let Some(db) = postgres().await else { return };
    let seen = db.transaction_with(quick(0), async |tx| {
        let before = Customer::find_by_id(1).one(tx).await?.name;
        rename(&db, 1, "changed").await?;
        let after = Customer::find_by_id(1).one(tx).await?.name;
        Ok((before, after))
    });
    assert_eq!(seen.await.unwrap(), ("Ada".to_owned(), "Ada".to_owned()));
    let begun = db.begin_with(quick(0).read_only()).await.unwrap();
    assert!(new(3).insert(&begun).await.unwrap_err().is_read_only());
    drop(begun);
    new(3).insert(&db).await.unwrap();
}
