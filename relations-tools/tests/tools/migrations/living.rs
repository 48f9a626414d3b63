//! Migrations of a PostgreSQL that is in use, and runners that are killed or meet each other.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ::relations::shape::migration::{ApplyOptions, Consents, Progress};
use ::relations::{Database, Engine};

use super::evolve::{EVOLUTIONS, column, evolved, rows};
use super::versions::one;
use super::{add, count, fresh, migrations, nothing, run, shape, steps, table};
use crate::command::Folder;
use crate::support;

/// The repetitions of a test with chance in it: `scripts/migrations` sets more.
fn times(few: usize) -> usize {
    std::env::var("RELATIONS_MIGRATIONS_TIMES")
        .ok()
        .and_then(|times| times.parse().ok())
        .unwrap_or(few)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runners_one_waits_and_does_nothing() {
    for _ in 0..times(2) {
        let Some(url) = support::postgres_url().await else { return };
        let engine = Engine::Postgres;
        let before = one::all().shape(engine).unwrap();
        let mut files = Vec::new();
        add(&mut files, engine, &steps(&nothing(engine), &before, &Consents::new()));
        let mut after = before.clone();
        for evolution in EVOLUTIONS.iter().take(10) {
            let next = evolved(&after, evolution);
            add(
                &mut files,
                engine,
                &steps(&after, &next, &(evolution.consents)(Consents::new(), engine)),
            );
            after = next;
        }
        let (one, other) = (support::connected(&url).await, support::connected(&url).await);
        let all = migrations(&files);
        let (first, second) = tokio::join!(all.apply(&one), all.apply(&other));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.files.len() + second.files.len(), files.len());
        assert!(first.steps == 0 || second.steps == 0, "{first:?} {second:?}");
        assert_eq!(count(&one, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await, 0);
    }
    let behind =
        if std::env::var_os("RELATIONS_TEST_POOLER").is_some() { ", behind a pooler" } else { "" };
    println!(
        "{} times two runners at once{behind}: one applied, and the other did nothing",
        times(2)
    );
}

#[tokio::test]
async fn a_step_without_a_lock_is_retried() {
    let Some(db) = support::postgres().await else { return };
    let engine = Engine::Postgres;
    let before = one::all().shape(engine).unwrap();
    db.create(one::all()).await.unwrap();
    let after = evolved(&before, &EVOLUTIONS[0]);
    let mut files = Vec::new();
    add(&mut files, engine, &steps(&before, &after, &Consents::new()));
    let retries = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&retries);
    let options =
        ApplyOptions::new().lock_timeout(Duration::from_millis(100)).progress(move |progress| {
            if let Progress::Retry { .. } = progress {
                seen.fetch_add(1, Ordering::SeqCst);
            }
        });
    // A reader that does not end is told.
    let reader = db.begin().await.unwrap();
    ::relations::sql("SELECT count(*) FROM orders", ()).one::<i64>(&reader).await.unwrap();
    let error = migrations(&files)
        .apply_with(&db, &options.clone().retries(1))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("got no lock in time, 2 times"), "{error}");
    assert_eq!(retries.swap(0, Ordering::SeqCst), 1);
    // One that ends is waited for.
    let all = migrations(&files);
    let (applied, ()) = tokio::join!(all.apply_with(&db, &options), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        reader.rollback().await.unwrap();
    });
    assert_eq!(applied.unwrap().steps, 1);
    assert!(retries.load(Ordering::SeqCst) >= 1);
}

#[tokio::test]
async fn an_index_that_was_not_built_to_its_end_is_built_again() {
    let Some(db) = support::postgres().await else { return };
    let engine = Engine::Postgres;
    let before = one::all().shape(engine).unwrap();
    db.create(one::all()).await.unwrap();
    let after = evolved(&before, &EVOLUTIONS[7]);
    run(&db, [
        "CREATE INDEX orders_state_idx ON orders (state)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_state_idx'::regclass",
    ])
    .await;
    let mut files = Vec::new();
    add(&mut files, engine, &steps(&before, &after, &Consents::new()));
    migrations(&files).apply(&db).await.unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM pg_index WHERE indexrelid = 'orders_state_idx'::regclass AND indisvalid").await, 1);
}

#[tokio::test]
async fn orphans_are_counted_before_anything_is_tried() {
    let Some(db) = support::postgres().await else { return };
    let engine = Engine::Postgres;
    db.create(one::all()).await.unwrap();
    rows(&db).await;
    let before = {
        let mut before = one::all().shape(engine).unwrap();
        table(&mut before, "orders").columns.push(column(engine, "payer_id", "integer", true));
        before
    };
    run(
        &db,
        ["ALTER TABLE orders ADD payer_id integer", "UPDATE orders SET payer_id = 77 WHERE id = 1"],
    )
    .await;
    let mut after = before.clone();
    let mut key = table(&mut after, "orders").foreign_keys[0].clone();
    (key.name, key.columns) = (Some("payer".into()), vec!["payer_id".into()]);
    table(&mut after, "orders").foreign_keys.push(key);
    table(&mut after, "orders").columns.push(column(engine, "later", "text", true));
    let mut files = Vec::new();
    add(&mut files, engine, &steps(&before, &after, &Consents::new()));
    let error = migrations(&files).apply(&db).await.unwrap_err().to_string();
    assert!(
        error.contains("1 row of `orders` without a row of `customers` for (payer_id)"),
        "{error}"
    );
    assert_eq!(count(&db, "SELECT count(*) FROM pg_attribute WHERE attname = 'later'").await, 0);
    run(&db, ["UPDATE orders SET payer_id = 2 WHERE id = 1"]).await;
    migrations(&files).apply(&db).await.unwrap();
    assert_eq!(
        count(&db, "SELECT count(*) FROM pg_constraint WHERE conname = 'payer' AND convalidated")
            .await,
        1
    );
}

/// A runner of its own process is killed at each step in turn; the next one ends where it would have.
#[tokio::test]
async fn a_runner_that_is_killed_goes_on() {
    let engine = Engine::Postgres;
    let before = one::all().shape(engine).unwrap();
    let mut files = Vec::new();
    add(&mut files, engine, &steps(&nothing(engine), &before, &Consents::new()));
    // One file of many steps: an index, a unique key, a foreign key, a column that is not null.
    let mut after = before.clone();
    for at in [0, 1, 5, 7, 8, 11, 12, 17] {
        after = evolved(&after, &EVOLUTIONS[at]);
    }
    let consents = Consents::new().fill("orders.note", "''");
    add(&mut files, engine, &steps(&before, &after, &consents));
    let steps = migrations(&files).files().unwrap()[1].steps.len();
    assert!(steps >= 10, "{}", files[1].1);
    let Some(scratch) = support::postgres().await else { return };
    migrations(&files).apply(&scratch).await.unwrap();
    let expected = shape(&scratch).await;
    let folder = Folder::new("killed");
    for (name, text) in &files {
        std::fs::write(folder.path(&format!("{name}.sql")), text).unwrap();
    }
    // In the short form each third step.
    let each = if std::env::var_os("RELATIONS_MIGRATIONS_TIMES").is_some() { 1 } else { 4 };
    let mut killed = 0;
    for at in (1..=steps).step_by(each) {
        let Some(url) = support::postgres_url().await else { return };
        let db = support::connected(&url).await;
        migrations(&files[..1]).apply(&db).await.unwrap();
        run(&db, [
            "INSERT INTO customers (email, name) SELECT n || '@x', 'x' FROM generate_series(1, 2000) n",
            "INSERT INTO orders (customer_id, number, total) SELECT n, n, n FROM generate_series(1, 2000) n",
        ])
        .await;
        super::command::killed(&folder, &url, at);
        let all = migrations(&files);
        all.apply(&db).await.unwrap_or_else(|error| panic!("killed at {at}: {error}"));
        assert_eq!(shape(&db).await, expected, "killed at {at}");
        assert_eq!(count(&db, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await, 0);
        assert_eq!(all.apply(&db).await.unwrap().steps, 0);
        killed += 1;
    }
    println!(
        "{killed} times a runner was killed, at each of {steps} steps: the second run ended in the same schema"
    );
}

/// Writers and readers go on while thirty changes are made; the longest time of each is kept.
#[tokio::test(flavor = "multi_thread")]
async fn readers_and_writers_go_on() {
    let Some(url) = support::postgres_url().await else { return };
    let engine = Engine::Postgres;
    let db = support::connected(&url).await;
    let mut before = one::all().shape(engine).unwrap();
    db.create(one::all()).await.unwrap();
    let many =
        if std::env::var_os("RELATIONS_MIGRATIONS_TIMES").is_some() { 100_000 } else { 1000 };
    run(&db, [
        format!("INSERT INTO customers (email, name) SELECT n || '@x', 'x' FROM generate_series(1, {many}) n"),
        format!("INSERT INTO orders (customer_id, number, total) SELECT n, n, n FROM generate_series(1, {many}) n"),
    ])
    .await;
    let over = Arc::new(AtomicBool::new(false));
    let longest = Arc::new(Mutex::new((Duration::ZERO, String::new())));
    let users: Vec<_> = [
        "SELECT count(*) FROM orders WHERE id = 7",
        "UPDATE customers SET name = name || '' WHERE id = 7",
        "UPDATE orders SET state = state WHERE id = 7",
    ]
    .into_iter()
    .map(|query| {
        let (url, over, longest) = (url.clone(), Arc::clone(&over), Arc::clone(&longest));
        tokio::spawn(async move {
            let db = support::connected(&url).await;
            let mut done = 0;
            while !over.load(Ordering::SeqCst) {
                let begun = Instant::now();
                ::relations::sql(query, ())
                    .execute(&db)
                    .await
                    .unwrap_or_else(|error| panic!("{query}: {error}"));
                let took = begun.elapsed();
                {
                    let mut longest = longest.lock().unwrap();
                    if took > longest.0 {
                        *longest = (took, query.to_owned());
                    }
                }
                done += 1;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            done
        })
    })
    .collect();
    let mut files = Vec::new();
    for evolution in EVOLUTIONS {
        let after = evolved(&before, evolution);
        let planned = steps(&before, &after, &(evolution.consents)(Consents::new(), engine));
        if !planned.is_empty() {
            add(&mut files, engine, &planned);
            migrations(&files)
                .apply(&db)
                .await
                .unwrap_or_else(|error| panic!("{error}\n{}", files.last().unwrap().1));
        }
        before = after;
    }
    // `scripts/migrations` has them linted.
    if let Some(folder) = std::env::var_os("RELATIONS_MIGRATIONS_FILES") {
        for (name, text) in &files {
            let path = std::path::Path::new(&folder).join(format!("{name}.sql"));
            std::fs::write(path, text).unwrap();
        }
    }
    over.store(true, Ordering::SeqCst);
    for user in users {
        assert!(user.await.unwrap() > 10);
    }
    let (longest, query) = longest.lock().unwrap().clone();
    println!("{} files; the longest statement beside them took {longest:?}: {query}", files.len());
    // The lock time-out, and its own time on a busy machine.
    assert!(longest < Duration::from_secs(4), "{longest:?}: {query}");
    let scratch = fresh(&db).await;
    let mut whole = Vec::new();
    add(&mut whole, engine, &steps(&nothing(engine), &before, &Consents::new()));
    migrations(&whole).apply(&scratch).await.unwrap();
    assert_eq!(shape(&db).await, shape(&scratch).await);
}

/// The longest time that a statement beside a new foreign key takes; `scripts/migrations` asks for a
/// million rows.
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_key_on_many_rows_locks_for_a_moment() {
    let Some(url) = support::postgres_url().await else { return };
    let engine = Engine::Postgres;
    let db = support::connected(&url).await;
    let after = one::all().shape(engine).unwrap();
    let mut before = after.clone();
    table(&mut before, "orders").foreign_keys.clear();
    let mut files = Vec::new();
    add(&mut files, engine, &steps(&nothing(engine), &before, &Consents::new()));
    migrations(&files).apply(&db).await.unwrap();
    let is_long = std::env::var_os("RELATIONS_MIGRATIONS_TIMES").is_some();
    let many = if is_long { 1_000_000 } else { 5000 };
    run(&db, [
        format!("INSERT INTO customers (email, name) SELECT n || '@x', 'x' FROM generate_series(1, {many}) n"),
        format!("INSERT INTO orders (customer_id, number, total) SELECT n, n, n FROM generate_series(1, {many}) n"),
    ])
    .await;
    add(&mut files, engine, &steps(&before, &after, &Consents::new()));
    let watch = watch_locks(&url).await;
    let begun = Instant::now();
    migrations(&files).apply(&db).await.unwrap();
    let took = begun.elapsed();
    let held = watch.await;
    println!(
        "a foreign key on {many} rows: {took:?}; a lock that blocks was held for at most {held:?}"
    );
    if is_long {
        assert!(held <= Duration::from_millis(100), "{held:?}");
    }
}

/// Looks each few milliseconds for locks that keep readers or writers of the tables out, until it is
/// awaited; tells the longest time that one was there.
async fn watch_locks(url: &str) -> impl Future<Output = Duration> + use<> {
    let db: Database = support::connected(url).await;
    let over = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&over);
    let task = tokio::spawn(async move {
        // A lock that one look finds was there since the last look that found none, at most.
        let (mut longest, mut free) = (Duration::ZERO, Instant::now());
        while !seen.load(Ordering::SeqCst) {
            let query = "SELECT count(*) FROM pg_locks WHERE relation IN ('orders'::regclass, 'customers'::regclass) \
                         AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') AND granted";
            let looked = Instant::now();
            if count(&db, query).await > 0 {
                longest = longest.max(free.elapsed());
            } else {
                free = looked;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        longest
    });
    async move {
        over.store(true, Ordering::SeqCst);
        task.await.unwrap()
    }
}
