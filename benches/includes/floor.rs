//! The same work by hand: the best that tokio-postgres can do, by each strategy.

use std::collections::HashMap;
use std::pin::pin;

use deadpool_postgres::{Client, Pool};
use futures_util::TryStreamExt;
use futures_util::future::{Either, select, try_join};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::harness::{self, Result};
use crate::{
    CountedCustomer, Customer, CustomerAndOrders, CustomerWith, Line, LineAndOrder, LineWith,
    NotIncluded, Order, OrderAndCustomer, OrderWith,
};

/// Takes a connection of a pool, and a prepared statement from its cache, for each call.
pub(crate) struct Floor(Pool);

fn customer(row: &Row, from: usize) -> Result<Customer> {
    Ok(Customer {
        pk: row.try_get(from)?,
        name: row.try_get(from + 1)?,
        email: row.try_get(from + 2)?,
    })
}

fn order(row: &Row, from: usize) -> Result<Order> {
    Ok(Order {
        id: row.try_get(from)?,
        customer_id: row.try_get(from + 1)?,
        quantity: row.try_get(from + 2)?,
    })
}

fn line(row: &Row) -> Result<Line> {
    Ok(Line {
        id: row.try_get(0)?,
        order_id: row.try_get(1)?,
        product_id: row.try_get(2)?,
        price: row.try_get(3)?,
    })
}

fn with_customer(entity: Order, customer: Customer) -> OrderAndCustomer {
    OrderWith { entity, customer, lines: NotIncluded }
}

fn with_order(entity: Line, order: OrderAndCustomer) -> LineAndOrder {
    LineWith { entity, order, product: NotIncluded }
}

/// Hands each row of a statement to a function, as it comes.
async fn each(
    client: &Client,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
    mut each: impl FnMut(Row) -> Result<()>,
) -> Result<()> {
    let statement = client.prepare_cached(sql).await?;
    let mut rows = pin!(client.query_raw(&statement, parameters.iter().copied()).await?);
    while let Some(row) = rows.try_next().await? {
        each(row)?;
    }
    Ok(())
}

/// The rows of a statement by the key in their first column.
async fn by_key(
    client: &Client,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
    expected: usize,
) -> Result<HashMap<i64, Row>> {
    let mut found = HashMap::with_capacity(expected);
    each(client, sql, parameters, |row| {
        found.insert(row.try_get(0)?, row);
        Ok(())
    })
    .await?;
    Ok(found)
}

fn once(keys: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut keys: Vec<i64> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Puts each order to its customer.
struct Attach {
    customers: Vec<CustomerAndOrders>,
    places: HashMap<i64, usize>,
}

impl Attach {
    fn to(customers: Vec<CustomerAndOrders>) -> Self {
        let places = customers.iter().enumerate().map(|(at, one)| (one.pk, at)).collect();
        Self { customers, places }
    }

    fn order(&mut self, order: Order) {
        let place = self.places.get(&order.customer_id);
        if let Some(customer) = place.and_then(|at| self.customers.get_mut(*at)) {
            customer.orders.push(order);
        }
    }
}

const ORDER: &str = "SELECT id, customer_id, quantity FROM orders WHERE id = $1";
const ORDER_JOINED: &str = "SELECT o.id, o.customer_id, o.quantity, c.pk, c.name, c.email \
    FROM orders o JOIN customers c ON c.pk = o.customer_id WHERE o.id = $1";
const CUSTOMER: &str = "SELECT pk, name, email FROM customers WHERE pk = $1";
const CUSTOMER_OF_ORDER: &str = "SELECT pk, name, email FROM customers \
    WHERE pk = (SELECT customer_id FROM orders WHERE id = $1)";

const ORDERS: &str = "SELECT id, customer_id, quantity FROM orders ORDER BY id LIMIT {count}";
const ORDERS_JOINED: &str = "SELECT o.id, o.customer_id, o.quantity, c.pk, c.name, c.email \
    FROM orders o JOIN customers c ON c.pk = o.customer_id ORDER BY o.id LIMIT {count}";
// The array is hidden from the planner, which would otherwise plan anew for each array of less than
// some hundred keys.
const CUSTOMERS_AMONG: &str = "SELECT pk, name, email FROM customers \
    WHERE pk = ANY((SELECT $1::bigint[])::bigint[])";
const CUSTOMERS_OF_ORDERS: &str = "SELECT pk, name, email FROM customers \
    WHERE pk = {any}(SELECT customer_id FROM orders ORDER BY id LIMIT {count}){end}";

const LINES: &str = "SELECT id, order_id, product_id, price FROM lines ORDER BY id LIMIT {count}";
const LINES_JOINED: &str = "SELECT l.id, l.order_id, l.product_id, l.price, \
    o.id, o.customer_id, o.quantity, c.pk, c.name, c.email FROM lines l \
    JOIN orders o ON o.id = l.order_id JOIN customers c ON c.pk = o.customer_id \
    ORDER BY l.id LIMIT {count}";
const ORDERS_AMONG: &str = "SELECT id, customer_id, quantity FROM orders \
    WHERE id = ANY((SELECT $1::bigint[])::bigint[])";
const ORDERS_OF_LINES: &str = "SELECT id, customer_id, quantity FROM orders \
    WHERE id = {any}(SELECT order_id FROM lines ORDER BY id LIMIT {count}){end}";
const CUSTOMERS_OF_LINES: &str = "SELECT pk, name, email FROM customers WHERE pk = {any}(\
    SELECT customer_id FROM orders WHERE id = {any}(\
    SELECT order_id FROM lines ORDER BY id LIMIT {count}){end}){end}";

const CUSTOMERS: &str = "SELECT pk, name, email FROM customers ORDER BY pk LIMIT {count}";
const ORDERS_OF: &str = "SELECT id, customer_id, quantity FROM orders \
    WHERE customer_id = ANY($1) ORDER BY id";
const ORDERS_OF_CUSTOMERS: &str = "SELECT id, customer_id, quantity FROM orders \
    WHERE customer_id = {any}(SELECT pk FROM customers ORDER BY pk LIMIT {count}){end} ORDER BY id";
const LARGEST_OF: &str = "SELECT o.id, o.customer_id, o.quantity FROM unnest($1::bigint[]) key \
    CROSS JOIN LATERAL (SELECT id, customer_id, quantity FROM orders WHERE customer_id = key \
    ORDER BY quantity DESC, id LIMIT 3) o";
const LARGEST_OF_CUSTOMERS: &str = "SELECT o.id, o.customer_id, o.quantity \
    FROM (SELECT pk FROM customers ORDER BY pk LIMIT {count}) key \
    CROSS JOIN LATERAL (SELECT id, customer_id, quantity FROM orders WHERE customer_id = key.pk \
    ORDER BY quantity DESC, id LIMIT 3) o";

const COUNTED: &str = "SELECT pk, name, email, \
    (SELECT count(*) FROM orders WHERE customer_id = pk) FROM customers ORDER BY pk LIMIT {count}";
const COUNTS_OF: &str = "SELECT customer_id, count(*) FROM orders \
    WHERE customer_id = ANY($1) GROUP BY customer_id";
const COUNTS_OF_CUSTOMERS: &str = "SELECT customer_id, count(*) FROM orders WHERE customer_id = \
    {any}(SELECT pk FROM customers ORDER BY pk LIMIT {count}){end} GROUP BY customer_id";

/// How a query is repeated inside of another.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Repeated {
    /// As a set to join: the server guesses how large it is, and may read whole tables for it.
    Set,
    /// As an array: each of its keys is looked up in the index, as if the array had been sent.
    Array,
}

impl Repeated {
    /// What is faster for so many keys, as measured.
    fn best(count: u32) -> Self {
        if count <= 1_000 { Self::Array } else { Self::Set }
    }
}

/// The SQL of a case. Limits are written down in it: the server plans a statement once if it has no
/// parameters, and each time anew if how much a limit saves depends on one.
fn sql(pattern: &str, count: u32, repeated: Repeated) -> &'static str {
    let (any, end) = match repeated {
        Repeated::Set => ("ANY", ""),
        Repeated::Array => ("ANY(ARRAY", ")"),
    };
    let sql = pattern.replace("{count}", &count.to_string());
    sql.replace("{any}", any).replace("{end}", end).leak()
}

impl Floor {
    pub(crate) fn of(url: &str) -> Result<Self> {
        Ok(Self(harness::pool(url)?))
    }

    pub(crate) async fn order_joined(&self, id: i64) -> Result<OrderAndCustomer> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(ORDER_JOINED).await?;
        let row = client.query_one(&statement, &[&id]).await?;
        Ok(with_customer(order(&row, 0)?, customer(&row, 3)?))
    }

    pub(crate) async fn order_batched(&self, id: i64) -> Result<OrderAndCustomer> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(ORDER).await?;
        let order = order(&client.query_one(&statement, &[&id]).await?, 0)?;
        let statement = client.prepare_cached(CUSTOMER).await?;
        let row = client.query_one(&statement, &[&order.customer_id]).await?;
        Ok(with_customer(order, customer(&row, 0)?))
    }

    pub(crate) async fn order_pipelined(&self, id: i64) -> Result<OrderAndCustomer> {
        let client = self.0.get().await?;
        let one = client.prepare_cached(ORDER).await?;
        let other = client.prepare_cached(CUSTOMER_OF_ORDER).await?;
        let key: &[&(dyn ToSql + Sync)] = &[&id];
        let (one, other) =
            try_join(client.query_one(&one, key), client.query_one(&other, key)).await?;
        Ok(with_customer(order(&one, 0)?, customer(&other, 0)?))
    }

    pub(crate) fn orders(&self, count: u32) -> Orders<'_> {
        self.orders_repeated(count, Repeated::best(count))
    }

    pub(crate) fn orders_repeated(&self, count: u32, repeated: Repeated) -> Orders<'_> {
        Orders {
            pool: &self.0,
            sources: sql(ORDERS, count, repeated),
            joined: sql(ORDERS_JOINED, count, repeated),
            targets: sql(CUSTOMERS_OF_ORDERS, count, repeated),
        }
    }

    pub(crate) fn lines(&self, count: u32) -> Lines<'_> {
        self.lines_repeated(count, Repeated::best(count))
    }

    pub(crate) fn lines_repeated(&self, count: u32, repeated: Repeated) -> Lines<'_> {
        Lines {
            pool: &self.0,
            sources: sql(LINES, count, repeated),
            joined: sql(LINES_JOINED, count, repeated),
            orders: sql(ORDERS_OF_LINES, count, repeated),
            customers: sql(CUSTOMERS_OF_LINES, count, repeated),
        }
    }

    pub(crate) fn customers(&self, count: u32) -> Customers<'_> {
        self.customers_repeated(count, Repeated::best(count))
    }

    pub(crate) fn customers_repeated(&self, count: u32, repeated: Repeated) -> Customers<'_> {
        Customers {
            pool: &self.0,
            sources: sql(CUSTOMERS, count, repeated),
            targets_of: ORDERS_OF,
            targets: sql(ORDERS_OF_CUSTOMERS, count, repeated),
        }
    }

    pub(crate) fn counts(&self, count: u32) -> Counts<'_> {
        Counts {
            pool: &self.0,
            sources: sql(CUSTOMERS, count, Repeated::best(count)),
            joined: sql(COUNTED, count, Repeated::best(count)),
            targets: sql(COUNTS_OF_CUSTOMERS, count, Repeated::best(count)),
        }
    }

    /// Customers with their three largest orders.
    pub(crate) fn largest_orders(&self, count: u32) -> Customers<'_> {
        Customers {
            targets_of: LARGEST_OF,
            targets: sql(LARGEST_OF_CUSTOMERS, count, Repeated::Set),
            ..self.customers(count)
        }
    }
}

/// Customers with the number of their orders.
#[derive(Clone, Copy)]
pub(crate) struct Counts<'a> {
    pool: &'a Pool,
    sources: &'static str,
    joined: &'static str,
    targets: &'static str,
}

impl Counts<'_> {
    pub(crate) async fn joined(&self) -> Result<Vec<CountedCustomer>> {
        let client = self.pool.get().await?;
        let mut counted = Vec::new();
        each(&client, self.joined, &[], |row| {
            counted.push(CustomerWith { entity: customer(&row, 0)?, orders: row.try_get(3)? });
            Ok(())
        })
        .await?;
        Ok(counted)
    }

    pub(crate) async fn batched(&self) -> Result<Vec<CountedCustomer>> {
        let client = self.pool.get().await?;
        let customers = customers(&client, self.sources).await?;
        let keys: Vec<i64> = customers.iter().map(|customer| customer.pk).collect();
        let counts = counts(&client, COUNTS_OF, &[&keys], keys.len()).await?;
        Ok(counted(customers, &counts))
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<CountedCustomer>> {
        let client = self.pool.get().await?;
        let (customers, counts) = tokio::try_join!(
            customers(&client, self.sources),
            counts(&client, self.targets, &[], 0),
        )?;
        Ok(counted(customers, &counts))
    }
}

/// Orders with their customers.
#[derive(Clone, Copy)]
pub(crate) struct Orders<'a> {
    pool: &'a Pool,
    sources: &'static str,
    joined: &'static str,
    targets: &'static str,
}

impl Orders<'_> {
    pub(crate) async fn joined(&self) -> Result<Vec<OrderAndCustomer>> {
        let client = self.pool.get().await?;
        let mut orders = Vec::new();
        each(&client, self.joined, &[], |row| {
            orders.push(with_customer(order(&row, 0)?, customer(&row, 3)?));
            Ok(())
        })
        .await?;
        Ok(orders)
    }

    pub(crate) async fn batched(&self) -> Result<Vec<OrderAndCustomer>> {
        let client = self.pool.get().await?;
        let orders = orders(&client, self.sources).await?;
        let keys = once(orders.iter().map(|order| order.customer_id));
        let customers = by_key(&client, CUSTOMERS_AMONG, &[&keys], keys.len()).await?;
        orders_with(orders, &customers)
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<OrderAndCustomer>> {
        let client = self.pool.get().await?;
        let (orders, customers) = tokio::try_join!(
            orders(&client, self.sources),
            by_key(&client, self.targets, &[], 0),
        )?;
        orders_with(orders, &customers)
    }
}

/// Lines with their orders and those orders' customers.
#[derive(Clone, Copy)]
pub(crate) struct Lines<'a> {
    pool: &'a Pool,
    sources: &'static str,
    joined: &'static str,
    orders: &'static str,
    customers: &'static str,
}

impl Lines<'_> {
    pub(crate) async fn joined(&self) -> Result<Vec<LineAndOrder>> {
        let client = self.pool.get().await?;
        let mut lines = Vec::new();
        each(&client, self.joined, &[], |row| {
            let order = with_customer(order(&row, 4)?, customer(&row, 7)?);
            lines.push(with_order(line(&row)?, order));
            Ok(())
        })
        .await?;
        Ok(lines)
    }

    pub(crate) async fn batched(&self) -> Result<Vec<LineAndOrder>> {
        let client = self.pool.get().await?;
        let lines = lines(&client, self.sources).await?;
        let keys = once(lines.iter().map(|line| line.order_id));
        let orders = orders_by_key(&client, ORDERS_AMONG, &[&keys], keys.len()).await?;
        let keys = once(orders.values().map(|order| order.customer_id));
        let customers = by_key(&client, CUSTOMERS_AMONG, &[&keys], keys.len()).await?;
        lines_with(lines, &orders, &customers)
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<LineAndOrder>> {
        let client = self.pool.get().await?;
        let (lines, orders, customers) = tokio::try_join!(
            lines(&client, self.sources),
            orders_by_key(&client, self.orders, &[], 0),
            by_key(&client, self.customers, &[], 0),
        )?;
        lines_with(lines, &orders, &customers)
    }
}

/// Customers with orders of theirs.
#[derive(Clone, Copy)]
pub(crate) struct Customers<'a> {
    pool: &'a Pool,
    sources: &'static str,
    targets_of: &'static str,
    targets: &'static str,
}

impl Customers<'_> {
    pub(crate) async fn batched(&self) -> Result<Vec<CustomerAndOrders>> {
        let client = self.pool.get().await?;
        let mut customers = Vec::new();
        each(&client, self.sources, &[], |row| {
            customers.push(CustomerWith { entity: customer(&row, 0)?, orders: Vec::new() });
            Ok(())
        })
        .await?;
        let keys: Vec<i64> = customers.iter().map(|customer| customer.pk).collect();
        let mut attach = Attach::to(customers);
        each(&client, self.targets_of, &[&keys], |row| {
            attach.order(order(&row, 0)?);
            Ok(())
        })
        .await?;
        Ok(attach.customers)
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<CustomerAndOrders>> {
        let client = self.pool.get().await?;
        let customers = client.prepare_cached(self.sources).await?;
        let orders = client.prepare_cached(self.targets).await?;
        let nothing: [&(dyn ToSql + Sync); 0] = [];
        let customers = pin!(client.query_raw(&customers, nothing));
        let orders = pin!(client.query_raw(&orders, nothing));
        // Both are sent now, and answered one after the other: the second has nothing to say before
        // all of the first is read.
        let Either::Left((customers, orders)) = select(customers, orders).await else {
            return Err("the second statement was answered first".into());
        };
        let customers = customers?;
        let mut whole = Vec::new();
        let mut rows = pin!(customers);
        while let Some(row) = rows.try_next().await? {
            whole.push(CustomerWith { entity: customer(&row, 0)?, orders: Vec::new() });
        }
        let mut attach = Attach::to(whole);
        let mut rows = pin!(orders.await?);
        while let Some(row) = rows.try_next().await? {
            attach.order(order(&row, 0)?);
        }
        Ok(attach.customers)
    }
}

async fn orders(client: &Client, sql: &str) -> Result<Vec<Order>> {
    let mut orders = Vec::new();
    each(client, sql, &[], |row| {
        orders.push(order(&row, 0)?);
        Ok(())
    })
    .await?;
    Ok(orders)
}

async fn orders_by_key(
    client: &Client,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
    expected: usize,
) -> Result<HashMap<i64, Order>> {
    let mut orders = HashMap::with_capacity(expected);
    each(client, sql, parameters, |row| {
        let order = order(&row, 0)?;
        orders.insert(order.id, order);
        Ok(())
    })
    .await?;
    Ok(orders)
}

async fn customers(client: &Client, sql: &str) -> Result<Vec<Customer>> {
    let mut customers = Vec::new();
    each(client, sql, &[], |row| {
        customers.push(customer(&row, 0)?);
        Ok(())
    })
    .await?;
    Ok(customers)
}

async fn counts(
    client: &Client,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
    expected: usize,
) -> Result<HashMap<i64, i64>> {
    let mut counts = HashMap::with_capacity(expected);
    each(client, sql, parameters, |row| {
        counts.insert(row.try_get(0)?, row.try_get(1)?);
        Ok(())
    })
    .await?;
    Ok(counts)
}

fn counted(customers: Vec<Customer>, counts: &HashMap<i64, i64>) -> Vec<CountedCustomer> {
    let whole = customers.into_iter().map(|entity| {
        let orders = counts.get(&entity.pk).copied().unwrap_or_default();
        CustomerWith { entity, orders }
    });
    whole.collect()
}

async fn lines(client: &Client, sql: &str) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    each(client, sql, &[], |row| {
        lines.push(line(&row)?);
        Ok(())
    })
    .await?;
    Ok(lines)
}

fn orders_with(orders: Vec<Order>, customers: &HashMap<i64, Row>) -> Result<Vec<OrderAndCustomer>> {
    let whole = orders.into_iter().map(|order| {
        let row = customers.get(&order.customer_id).ok_or("an order without its customer")?;
        Ok(with_customer(order, customer(row, 0)?))
    });
    whole.collect()
}

fn lines_with(
    lines: Vec<Line>,
    orders: &HashMap<i64, Order>,
    customers: &HashMap<i64, Row>,
) -> Result<Vec<LineAndOrder>> {
    let whole = lines.into_iter().map(|line| {
        let order = orders.get(&line.order_id).ok_or("a line without its order")?;
        let row = customers.get(&order.customer_id).ok_or("an order without its customer")?;
        Ok(with_order(line, with_customer(order.clone(), customer(row, 0)?)))
    });
    whole.collect()
}
