//! Rows that are locked.

use std::time::Duration;

use ::relations::__private::Acquired;
use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::{Database, Engine, Executor, Result, connect};

use crate::cast::{self, Customer, Order};
use crate::support::{self, Counting, Distant};

/// Whether something is still under way after a while.
async fn waits<T>(work: &mut (impl Future<Output = T> + Unpin)) -> bool {
    tokio::time::timeout(Duration::from_millis(100), work).await.is_err()
}

#[tokio::test]
async fn a_locked_row_is_changed_by_nobody_else() {
    let Some(url) = support::postgres_url().await else { return };
    let db = connect(&url).await.unwrap();
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    let order = cast::order(&db, &ada, 1).await;
    let transaction = db.begin().await.unwrap();
    let mut locked = Order::find_by_id(order.id).for_update().one(&transaction).await.unwrap();
    let other = Order::find_by_id(order.id).set_expr(Order::QUANTITY, Order::QUANTITY * 10);
    let mut other = Box::pin(other.update(&db));
    assert!(waits(&mut other).await);
    // A plain read does not wait.
    assert_eq!(Order::find_by_id(order.id).one(&db).await.unwrap(), order);
    locked.quantity = 2;
    locked.update(&transaction).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(other.await.unwrap(), 1);
    assert_eq!(Order::find_by_id(order.id).one(&db).await.unwrap().quantity, 20);
}

#[tokio::test]
async fn what_is_locked_is_left_out_or_told() {
    let Some(url) = support::postgres_url().await else { return };
    let db = connect(&url).await.unwrap();
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    let (first, second) = (cast::order(&db, &ada, 1).await, cast::order(&db, &ada, 2).await);
    let transaction = db.begin().await.unwrap();
    let waiting = || Order::find().order_by(Order::ID.asc()).for_update();
    assert_eq!(waiting().first(&transaction).await.unwrap().unwrap(), first);

    assert_eq!(waiting().skip_locked().first(&db).await.unwrap().unwrap(), second);
    let with_lines = waiting().skip_locked().include(Order::LINES).include(Order::CUSTOMER);
    let left: Vec<_> = with_lines.all(&db).await.unwrap();
    assert_eq!(left.iter().map(|order| order.id).collect::<Vec<_>>(), [second.id]);
    assert_eq!((left[0].lines.len(), &left[0].customer), (0, &ada));
    let of_ada = Customer::ORDERS.of(&ada).for_share().skip_locked();
    assert_eq!(of_ada.select(Order::ID).all(&db).await.unwrap(), [second.id]);
    // The target of a key that is promised may well be locked.
    let row = Order::find_by_id(first.id).for_update().skip_locked().optional(&db).await;
    assert_eq!(row.unwrap(), None);

    let mut stream = waiting().skip_locked().stream(&db).chunk(1);
    assert_eq!(stream.try_next().await.unwrap(), Some(second.clone()));
    assert_eq!(stream.try_next().await.unwrap(), None);
    let page = waiting().skip_locked().page(5).fetch(&db).await.unwrap();
    assert_eq!(page.rows.len(), 1);

    let error = waiting().no_wait().all(&db).await.unwrap_err();
    assert!(error.is_locked() && !error.is_serialization_failure());
    assert_eq!(error.entity(), Some("Order"));
    let told = "another transaction has locked a row of Order; try again when it is done";
    assert_eq!(error.to_string(), told);

    // A transaction in which that happens is rolled back.
    let other = db.begin().await.unwrap();
    assert!(waiting().no_wait().all(&other).await.unwrap_err().is_locked());
    assert!(other.commit().await.is_err());
    transaction.rollback().await.unwrap();
    assert_eq!(waiting().no_wait().all(&db).await.unwrap(), [first, second]);
}

/// A server so far that what is included would be asked for together with its sources.
struct Far<'db>(Counting<'db, Database>);

impl Executor for Far<'_> {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.run(statement).await
    }

    fn acquire(&self) -> impl Acquired {
        Distant(self.0.acquire())
    }
}

#[tokio::test]
async fn what_is_locked_is_not_asked_for_twice() {
    let Some(url) = support::postgres_url().await else { return };
    let db = connect(&url).await.unwrap();
    cast::create(&db).await;
    cast::customers(&db).await;
    let far = Far(Counting::new(&db));
    let customers = || Customer::find().include(Customer::ORDERS);
    customers().all(&far).await.unwrap();
    customers().for_update().all(&far).await.unwrap();
    assert_eq!(far.0.rounds(), [2, 1, 1]);
    let pipelined = Customer::find().include(Customer::ORDERS.pipelined()).for_update();
    let error = pipelined.all(&db).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "what is pipelined would ask once more for the rows, which may be others by then; leave \
         out `for_update` and its kin",
    );
}

#[tokio::test]
async fn what_is_shared_is_shared() {
    let Some(url) = support::postgres_url().await else { return };
    let db = connect(&url).await.unwrap();
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    let order = cast::order(&db, &ada, 1).await;
    let row = || Order::find_by_id(order.id);
    let transaction = db.begin().await.unwrap();
    row().for_share().one(&transaction).await.unwrap();
    assert_eq!(row().for_share().no_wait().one(&db).await.unwrap(), order);
    assert!(row().for_update().no_wait().one(&db).await.unwrap_err().is_locked());
    // Included rows are not locked.
    let ada = || Customer::find_by_id(ada.id).for_update().no_wait();
    row().include(Order::CUSTOMER).for_update().one(&transaction).await.unwrap();
    assert!(ada().one(&db).await.is_ok());
    Order::CUSTOMER.of_id(order.id).for_update().one(&transaction).await.unwrap();
    assert!(ada().one(&db).await.unwrap_err().is_locked());
}

#[tokio::test]
async fn each_job_is_taken_by_one() {
    let Some(url) = support::postgres_url().await else { return };
    let db = connect(&url).await.unwrap();
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    for _ in 0..12 {
        cast::order(&db, &ada, 0).await;
    }
    let workers = (0..4).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            loop {
                let transaction = db.begin().await.unwrap();
                let open = Order::find().filter(Order::QUANTITY.eq(0)).order_by(Order::ID.asc());
                let job = open.for_update().skip_locked().first(&transaction).await.unwrap();
                let Some(mut job) = job else { break };
                job.quantity += 1;
                job.update(&transaction).await.unwrap();
                transaction.commit().await.unwrap();
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let done = Order::find().filter(Order::QUANTITY.eq(1)).count(&db).await.unwrap();
    assert_eq!(done, 12);
}

#[tokio::test]
async fn sqlite_locks_no_rows() {
    let db = support::sqlite().await;
    cast::create(&db).await;
    for error in [
        Order::find().for_update().all(&db).await.unwrap_err(),
        Order::find().for_share().include(Order::CUSTOMER).all(&db).await.unwrap_err(),
        Order::find().for_update().select(Order::ID).all(&db).await.unwrap_err(),
    ] {
        assert!(error.is_invalid_request() && error.to_string().contains("SQLite locks no rows"));
    }
}
