//! The same work by hand: the best that tokio-postgres can do, by each strategy.

use std::collections::HashMap;
use std::pin::pin;

use deadpool_postgres::{Client, Pool};
use futures_util::future::try_join;
use futures_util::TryStreamExt;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::harness::{self, Result};
use crate::{
    Customer, CustomerAndOrders, CustomerWith, Line, LineAndOrder, LineWith, NotIncluded, Order,
    OrderAndCustomer, OrderWith,
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

const ORDERS: &str = "SELECT id, customer_id, quantity FROM orders ORDER BY id LIMIT $1";
const ORDERS_JOINED: &str = "SELECT o.id, o.customer_id, o.quantity, c.pk, c.name, c.email \
    FROM orders o JOIN customers c ON c.pk = o.customer_id ORDER BY o.id LIMIT $1";
const CUSTOMERS_AMONG: &str = "SELECT pk, name, email FROM customers WHERE pk = ANY($1)";
const CUSTOMERS_OF_ORDERS: &str = "SELECT pk, name, email FROM customers \
    WHERE pk IN (SELECT customer_id FROM orders ORDER BY id LIMIT $1)";

const LINES: &str = "SELECT id, order_id, product_id, price FROM lines ORDER BY id LIMIT $1";
const LINES_JOINED: &str = "SELECT l.id, l.order_id, l.product_id, l.price, \
    o.id, o.customer_id, o.quantity, c.pk, c.name, c.email FROM lines l \
    JOIN orders o ON o.id = l.order_id JOIN customers c ON c.pk = o.customer_id \
    ORDER BY l.id LIMIT $1";
const ORDERS_AMONG: &str = "SELECT id, customer_id, quantity FROM orders WHERE id = ANY($1)";
const ORDERS_OF_LINES: &str = "SELECT id, customer_id, quantity FROM orders \
    WHERE id IN (SELECT order_id FROM lines ORDER BY id LIMIT $1)";
const CUSTOMERS_OF_LINES: &str = "SELECT pk, name, email FROM customers WHERE pk IN (\
    SELECT customer_id FROM orders WHERE id IN (\
    SELECT order_id FROM lines ORDER BY id LIMIT $1))";

const CUSTOMERS: &str = "SELECT pk, name, email FROM customers ORDER BY pk LIMIT $1";
const ORDERS_OF: &str = "SELECT id, customer_id, quantity FROM orders \
    WHERE customer_id = ANY($1) ORDER BY id";
const ORDERS_OF_CUSTOMERS: &str = "SELECT id, customer_id, quantity FROM orders \
    WHERE customer_id IN (SELECT pk FROM customers ORDER BY pk LIMIT $1) ORDER BY id";
const LARGEST_OF: &str = "SELECT o.id, o.customer_id, o.quantity FROM unnest($1::bigint[]) key \
    CROSS JOIN LATERAL (SELECT id, customer_id, quantity FROM orders WHERE customer_id = key \
    ORDER BY quantity DESC, id LIMIT 3) o";
const LARGEST_OF_CUSTOMERS: &str = "SELECT o.id, o.customer_id, o.quantity \
    FROM (SELECT pk FROM customers ORDER BY pk LIMIT $1) key \
    CROSS JOIN LATERAL (SELECT id, customer_id, quantity FROM orders WHERE customer_id = key.pk \
    ORDER BY quantity DESC, id LIMIT 3) o";

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

    pub(crate) async fn orders_joined(&self, count: u32) -> Result<Vec<OrderAndCustomer>> {
        let client = self.0.get().await?;
        let mut orders = Vec::new();
        each(&client, ORDERS_JOINED, &[&i64::from(count)], |row| {
            orders.push(with_customer(order(&row, 0)?, customer(&row, 3)?));
            Ok(())
        })
        .await?;
        Ok(orders)
    }

    pub(crate) async fn orders_batched(&self, count: u32) -> Result<Vec<OrderAndCustomer>> {
        let client = self.0.get().await?;
        let orders = orders(&client, ORDERS, &[&i64::from(count)]).await?;
        let keys = once(orders.iter().map(|order| order.customer_id));
        let customers = by_key(&client, CUSTOMERS_AMONG, &[&keys], keys.len()).await?;
        orders_with(orders, &customers)
    }

    pub(crate) async fn orders_pipelined(&self, count: u32) -> Result<Vec<OrderAndCustomer>> {
        let client = self.0.get().await?;
        let limit: &[&(dyn ToSql + Sync)] = &[&i64::from(count)];
        let (orders, customers) = tokio::try_join!(
            orders(&client, ORDERS, limit),
            by_key(&client, CUSTOMERS_OF_ORDERS, limit, 0),
        )?;
        orders_with(orders, &customers)
    }

    pub(crate) async fn lines_joined(&self, count: u32) -> Result<Vec<LineAndOrder>> {
        let client = self.0.get().await?;
        let mut lines = Vec::new();
        each(&client, LINES_JOINED, &[&i64::from(count)], |row| {
            let order = with_customer(order(&row, 4)?, customer(&row, 7)?);
            lines.push(with_order(line(&row)?, order));
            Ok(())
        })
        .await?;
        Ok(lines)
    }

    pub(crate) async fn lines_batched(&self, count: u32) -> Result<Vec<LineAndOrder>> {
        let client = self.0.get().await?;
        let lines = lines(&client, &[&i64::from(count)]).await?;
        let keys = once(lines.iter().map(|line| line.order_id));
        let mut orders = HashMap::with_capacity(keys.len());
        each(&client, ORDERS_AMONG, &[&keys], |row| {
            let order = order(&row, 0)?;
            orders.insert(order.id, order);
            Ok(())
        })
        .await?;
        let keys = once(orders.values().map(|order| order.customer_id));
        let customers = by_key(&client, CUSTOMERS_AMONG, &[&keys], keys.len()).await?;
        lines_with(lines, &orders, &customers)
    }

    pub(crate) async fn lines_pipelined(&self, count: u32) -> Result<Vec<LineAndOrder>> {
        let client = self.0.get().await?;
        let limit: &[&(dyn ToSql + Sync)] = &[&i64::from(count)];
        let mut orders = HashMap::new();
        let read_orders = each(&client, ORDERS_OF_LINES, limit, |row| {
            let order = order(&row, 0)?;
            orders.insert(order.id, order);
            Ok(())
        });
        let (lines, (), customers) = tokio::try_join!(
            lines(&client, limit),
            read_orders,
            by_key(&client, CUSTOMERS_OF_LINES, limit, 0),
        )?;
        lines_with(lines, &orders, &customers)
    }

    pub(crate) async fn customers_batched(&self, count: u32) -> Result<Vec<CustomerAndOrders>> {
        self.orders_of_customers_batched(count, ORDERS_OF).await
    }

    pub(crate) async fn customers_pipelined(&self, count: u32) -> Result<Vec<CustomerAndOrders>> {
        self.orders_of_customers_pipelined(count, ORDERS_OF_CUSTOMERS).await
    }

    pub(crate) async fn largest_batched(&self, count: u32) -> Result<Vec<CustomerAndOrders>> {
        self.orders_of_customers_batched(count, LARGEST_OF).await
    }

    pub(crate) async fn largest_pipelined(&self, count: u32) -> Result<Vec<CustomerAndOrders>> {
        self.orders_of_customers_pipelined(count, LARGEST_OF_CUSTOMERS).await
    }

    async fn orders_of_customers_batched(
        &self,
        count: u32,
        orders: &str,
    ) -> Result<Vec<CustomerAndOrders>> {
        let client = self.0.get().await?;
        let customers = customers(&client, count).await?;
        let keys: Vec<i64> = customers.iter().map(|customer| customer.pk).collect();
        let mut attach = Attach::to(customers);
        each(&client, orders, &[&keys], |row| {
            attach.order(order(&row, 0)?);
            Ok(())
        })
        .await?;
        Ok(attach.customers)
    }

    async fn orders_of_customers_pipelined(
        &self,
        count: u32,
        orders: &str,
    ) -> Result<Vec<CustomerAndOrders>> {
        let client = self.0.get().await?;
        let both = try_join(client.prepare_cached(CUSTOMERS), client.prepare_cached(orders));
        let (customers, orders) = both.await?;
        let limit: &[&(dyn ToSql + Sync)] = &[&i64::from(count)];
        let (customers, orders) = try_join(
            client.query_raw(&customers, limit.iter().copied()),
            client.query_raw(&orders, limit.iter().copied()),
        )
        .await?;
        let mut whole = Vec::new();
        let mut rows = pin!(customers);
        while let Some(row) = rows.try_next().await? {
            whole.push(CustomerWith { entity: customer(&row, 0)?, orders: Vec::new() });
        }
        let mut attach = Attach::to(whole);
        let mut rows = pin!(orders);
        while let Some(row) = rows.try_next().await? {
            attach.order(order(&row, 0)?);
        }
        Ok(attach.customers)
    }
}

async fn customers(client: &Client, count: u32) -> Result<Vec<CustomerAndOrders>> {
    let mut customers = Vec::new();
    each(client, CUSTOMERS, &[&i64::from(count)], |row| {
        customers.push(CustomerWith { entity: customer(&row, 0)?, orders: Vec::new() });
        Ok(())
    })
    .await?;
    Ok(customers)
}

async fn orders(
    client: &Client,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Order>> {
    let mut orders = Vec::new();
    each(client, sql, parameters, |row| {
        orders.push(order(&row, 0)?);
        Ok(())
    })
    .await?;
    Ok(orders)
}

async fn lines(client: &Client, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    each(client, LINES, parameters, |row| {
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
