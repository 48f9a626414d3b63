//! Batches whose callers are on several threads.

use super::*;

/// Leaves a batch open in a runtime that ends.
fn ends_with_a_batch_open(batched: &Batched, order: &Order) {
    let worker = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for _ in 0..3 {
        let (batched, order) = (batched.clone(), order.clone());
        worker.spawn(async move { order.customer(&batched).await });
    }
    worker.block_on(tokio::task::yield_now());
}

#[tokio::test]
async fn a_runtime_that_ends_takes_only_its_own_callers_with_it() {
    let db = crate::support::sqlite().await;
    let order = orders(&db, 1, 1).await.remove(0);
    for batched in [db.batched(), db.batched().window(Duration::from_millis(5))] {
        for _ in 0..10 {
            // A runtime does not end within another one.
            std::thread::scope(|scope| {
                scope.spawn(|| ends_with_a_batch_open(&batched, &order)).join()
            })
            .unwrap();
            for _ in 0..2 {
                let customer =
                    tokio::time::timeout(Duration::from_secs(10), order.customer(&batched));
                let customer = customer.await.expect("each call is answered").unwrap();
                assert_eq!(customer.pk, order.customer_id);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_meet_and_nobody_is_left_behind() {
    let db = crate::support::sqlite().await;
    let orders = orders(&db, 40, 5).await;
    let stats = db.query_stats();
    let batched = stats.batched().max_keys(16);
    for _ in 0..20 {
        let tasks = orders.iter().cloned().map(|order| {
            let batched = batched.clone();
            tokio::spawn(async move {
                let customer = order.customer(&batched).await.unwrap();
                assert_eq!(customer.pk, order.customer_id);
                assert_eq!(customer.orders(&batched).await.unwrap().len(), 5);
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    }
    assert!(stats.statements() < 20 * 2 * orders.len() / 2, "{}", stats.statements());
}

/// The batch runs on the thread of one caller, and the other callers are on other threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_joined_meets_beside_other_threads() {
    let db = crate::support::sqlite().await;
    let orders = orders(&db, 100, 1).await;
    let stats = db.query_stats();
    let batched = stats.batched();
    for round in 1..=20 {
        all_of(orders.iter().map(|order| order.customer(&batched))).await;
        assert_eq!(stats.statements(), round);
    }
}

/// Numbers that come again with their seed.
struct Dice(u64);

impl Dice {
    /// A number below another.
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// A call, by the number of an order.
async fn ask(db: &impl Executor, orders: &[Order], what: u64, order: usize) -> Result<String> {
    let order = &orders[order];
    Ok(match what {
        0 => format!("{:?}", order.customer(db).await?),
        1 => format!("{:?}", order.payer(db).await?),
        2 => format!("{:?}", order.customer(db).await?.orders(db).await?),
        3 => format!("{:?}", Order::find_by_id(order.id).optional(db).await?),
        4 => format!("{:?}", Order::find_by_id(-order.id).optional(db).await?),
        _ => format!("{:?}", sold(order.id).customer(db).await.map_err(|error| error.to_string())),
    })
}

async fn yields(times: u64) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

behaviour! {
    /// Callers come when they like, some are dropped, and all others are told what they would have
    /// been told alone.
    async fn a_thousand_interleavings_tell_what_each_would_have_been_told(db) {
        let orders = orders(db, 4, 2).await;
        let mut naive = Vec::new();
        for what in 0..6 {
            for order in 0..orders.len() {
                naive.push(ask(db, &orders, what, order).await.unwrap());
            }
        }
        let stats = db.query_stats();
        let (mut dice, mut asked) = (Dice(0x5eed), 0);
        let begun = Instant::now();
        for _ in 0..1_000 {
            let mut batched = stats.batched().max_keys(1 + dice.roll(6) as usize);
            if dice.roll(3) == 0 {
                batched = batched.cached();
            }
            let callers = (0..=dice.roll(8)).map(|_| {
                let (what, order) = (dice.roll(6), dice.roll(8) as usize);
                let (late, gone) = (dice.roll(4), dice.roll(3).eq(&0).then(|| dice.roll(6)));
                asked += 1;
                (what, order, late, gone)
            });
            let calls = callers.collect::<Vec<_>>().into_iter().map(|(what, order, late, gone)| {
                let (batched, orders, naive) = (&batched, &orders, &naive);
                async move {
                    yields(late).await;
                    let call = pin!(ask(batched, orders, what, order));
                    let told = match gone {
                        Some(gone) => match futures_util::future::select(call, pin!(yields(gone))).await {
                            futures_util::future::Either::Left((told, _)) => told,
                            futures_util::future::Either::Right(_) => return,
                        },
                        None => call.await,
                    };
                    assert_eq!(told.unwrap(), naive[what as usize * orders.len() + order]);
                }
            });
            tokio::time::timeout(Duration::from_secs(10), join_all(calls)).await.expect("each call is answered");
        }
        assert!(stats.statements() < asked);
        assert!(begun.elapsed() < Duration::from_mins(1));
    }
}
