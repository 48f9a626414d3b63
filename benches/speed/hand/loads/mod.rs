//! Loads by hand, by each strategy: what is asked for in one statement, batched and pipelined.

mod to_many;

use std::collections::HashMap;

use deadpool_postgres::Client;
use tokio_postgres::Row;

pub(crate) use to_many::{Counts, Customers, Products};

use super::{FIND_CUSTOMER, FIND_ORDER, FromRow, Pooled, Values, all, by_key, once, one, rows};
use crate::Result;
use crate::data::{
    Category, CategoryAndParents, Customer, Line, LineAndOrder, Order, OrderAndCustomer,
    category_with, line_with, order_with,
};

const ORDER_JOINED: &str = "SELECT o.id, o.customer_id, o.quantity, c.pk, c.name, c.email \
    FROM orders o JOIN customers c ON c.pk = o.customer_id WHERE o.id = $1";
pub(crate) const CUSTOMER_OF_ORDER: &str = "SELECT pk, name, email FROM customers \
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

const CATEGORIES: &str = "SELECT id, title, parent_id FROM categories ORDER BY id LIMIT {count}";
const CATEGORIES_JOINED: &str = "SELECT c.id, c.title, c.parent_id, p.id, p.title, p.parent_id, \
    g.id, g.title, g.parent_id FROM categories c LEFT JOIN categories p ON p.id = c.parent_id \
    LEFT JOIN categories g ON g.id = p.parent_id ORDER BY c.id LIMIT {count}";
const CATEGORIES_AMONG: &str = "SELECT id, title, parent_id FROM categories \
    WHERE id = ANY((SELECT $1::bigint[])::bigint[])";
const PARENTS: &str = "SELECT id, title, parent_id FROM categories \
    WHERE id = {any}(SELECT parent_id FROM categories ORDER BY id LIMIT {count}){end}";
const GRANDPARENTS: &str = "SELECT id, title, parent_id FROM categories WHERE id = {any}(\
    SELECT parent_id FROM categories WHERE id = {any}(\
    SELECT parent_id FROM categories ORDER BY id LIMIT {count}){end}){end}";

const PRODUCTS_OF: &str = "SELECT DISTINCT l.order_id, p.id, p.title FROM lines l \
    JOIN products p ON p.id = l.product_id WHERE l.order_id = ANY($1) ORDER BY p.id";
const PRODUCTS_OF_ORDERS: &str = "SELECT DISTINCT l.order_id, p.id, p.title FROM lines l \
    JOIN products p ON p.id = l.product_id WHERE l.order_id = \
    {any}(SELECT id FROM orders ORDER BY id LIMIT {count}){end} ORDER BY p.id";

/// The way in which one query contains another.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Repeated {
    /// As a set to join: the server guesses how large it is, and may read whole tables for it.
    Set,
    /// As an array: each of its keys is looked up in the index, as if the array had been sent.
    Array,
}

impl Repeated {
    /// The faster of the two for so many keys, as measured.
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

impl Pooled {
    pub(crate) async fn order_joined(&self, id: i64) -> Result<OrderAndCustomer> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(ORDER_JOINED).await?;
        let row = client.query_one(&statement, &[&id]).await?;
        Ok(order_with(Order::read(&row, 0)?, Customer::read(&row, 3)?))
    }

    pub(crate) async fn order_batched(&self, id: i64) -> Result<OrderAndCustomer> {
        let client = self.connection().await?;
        let order: Order = one(&client, FIND_ORDER, &[&id]).await?;
        let customer = one(&client, FIND_CUSTOMER, &[&order.customer_id]).await?;
        Ok(order_with(order, customer))
    }

    pub(crate) async fn order_pipelined(&self, id: i64) -> Result<OrderAndCustomer> {
        let client = self.connection().await?;
        let key: Values = &[&id];
        let (order, customer) =
            tokio::try_join!(one(&client, FIND_ORDER, key), one(&client, CUSTOMER_OF_ORDER, key))?;
        Ok(order_with(order, customer))
    }

    /// The customer of each order, in one statement.
    pub(crate) async fn customers_of(&self, orders: &[Order]) -> Result<Vec<Customer>> {
        let keys = once(orders.iter().map(|order| order.customer_id));
        let customers = by_key(&self.connection().await?, CUSTOMERS_AMONG, &[&keys]).await?;
        let customer = |order: &Order| customers.get(&order.customer_id);
        let read = |order| Customer::read(customer(order).ok_or("no customer")?, 0);
        orders.iter().map(read).collect()
    }

    pub(crate) fn orders(&self, count: u32) -> Orders<'_> {
        self.orders_repeated(count, Repeated::best(count))
    }

    pub(crate) fn orders_repeated(&self, count: u32, repeated: Repeated) -> Orders<'_> {
        Orders {
            pool: self,
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
            pool: self,
            sources: sql(LINES, count, repeated),
            joined: sql(LINES_JOINED, count, repeated),
            orders: sql(ORDERS_OF_LINES, count, repeated),
            customers: sql(CUSTOMERS_OF_LINES, count, repeated),
        }
    }

    pub(crate) fn categories(&self, count: u32) -> Categories<'_> {
        let repeated = Repeated::best(count);
        Categories {
            pool: self,
            sources: sql(CATEGORIES, count, repeated),
            joined: sql(CATEGORIES_JOINED, count, repeated),
            parents: sql(PARENTS, count, repeated),
            grandparents: sql(GRANDPARENTS, count, repeated),
        }
    }

    pub(crate) fn customers(&self, count: u32) -> Customers<'_> {
        self.customers_repeated(count, Repeated::best(count))
    }

    pub(crate) fn customers_repeated(&self, count: u32, repeated: Repeated) -> Customers<'_> {
        Customers {
            pool: self,
            sources: sql(CUSTOMERS, count, repeated),
            targets_of: ORDERS_OF,
            targets: sql(ORDERS_OF_CUSTOMERS, count, repeated),
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

    pub(crate) fn products(&self, count: u32) -> Products<'_> {
        let repeated = Repeated::best(count);
        Products {
            pool: self,
            sources: sql(ORDERS, count, repeated),
            targets: sql(PRODUCTS_OF_ORDERS, count, repeated),
        }
    }

    pub(crate) fn counts(&self, count: u32) -> Counts<'_> {
        let repeated = Repeated::best(count);
        Counts {
            pool: self,
            sources: sql(CUSTOMERS, count, repeated),
            joined: sql(COUNTED, count, repeated),
            targets: sql(COUNTS_OF_CUSTOMERS, count, repeated),
        }
    }
}

/// Orders with their customers.
#[derive(Clone, Copy)]
pub(crate) struct Orders<'a> {
    pool: &'a Pooled,
    sources: &'static str,
    joined: &'static str,
    targets: &'static str,
}

impl Orders<'_> {
    /// The orders by themselves.
    pub(crate) async fn alone(&self) -> Result<Vec<Order>> {
        all(&self.pool.connection().await?, self.sources, &[]).await
    }

    pub(crate) async fn joined(&self) -> Result<Vec<OrderAndCustomer>> {
        let client = self.pool.connection().await?;
        let rows = rows(&client, self.joined, &[]).await?;
        let read = |row| Ok(order_with(Order::read(row, 0)?, Customer::read(row, 3)?));
        rows.iter().map(read).collect()
    }

    pub(crate) async fn batched(&self) -> Result<Vec<OrderAndCustomer>> {
        let client = self.pool.connection().await?;
        let orders: Vec<Order> = all(&client, self.sources, &[]).await?;
        let keys = once(orders.iter().map(|order| order.customer_id));
        let customers = by_key(&client, CUSTOMERS_AMONG, &[&keys]).await?;
        with_customers(orders, &customers)
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<OrderAndCustomer>> {
        let client = self.pool.connection().await?;
        let (orders, customers) =
            tokio::try_join!(all(&client, self.sources, &[]), by_key(&client, self.targets, &[]),)?;
        with_customers(orders, &customers)
    }
}

fn with_customers(
    orders: Vec<Order>,
    customers: &HashMap<i64, Row>,
) -> Result<Vec<OrderAndCustomer>> {
    let whole = orders.into_iter().map(|order| {
        let customer = customers.get(&order.customer_id).ok_or("an order without its customer")?;
        Ok(order_with(order, Customer::read(customer, 0)?))
    });
    whole.collect()
}

/// Lines with their orders and those orders' customers.
#[derive(Clone, Copy)]
pub(crate) struct Lines<'a> {
    pool: &'a Pooled,
    sources: &'static str,
    joined: &'static str,
    orders: &'static str,
    customers: &'static str,
}

impl Lines<'_> {
    pub(crate) async fn joined(&self) -> Result<Vec<LineAndOrder>> {
        let client = self.pool.connection().await?;
        let rows = rows(&client, self.joined, &[]).await?;
        let read = |row| {
            let order = order_with(Order::read(row, 4)?, Customer::read(row, 7)?);
            Ok(line_with(Line::read(row, 0)?, order))
        };
        rows.iter().map(read).collect()
    }

    pub(crate) async fn batched(&self) -> Result<Vec<LineAndOrder>> {
        let client = self.pool.connection().await?;
        let lines: Vec<Line> = all(&client, self.sources, &[]).await?;
        let keys = once(lines.iter().map(|line| line.order_id));
        let orders = orders_by_id(&client, ORDERS_AMONG, &[&keys]).await?;
        let keys = once(orders.values().map(|order| order.customer_id));
        let customers = by_key(&client, CUSTOMERS_AMONG, &[&keys]).await?;
        with_orders(lines, &orders, &customers)
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<LineAndOrder>> {
        let client = self.pool.connection().await?;
        let (lines, orders, customers) = tokio::try_join!(
            all(&client, self.sources, &[]),
            orders_by_id(&client, self.orders, &[]),
            by_key(&client, self.customers, &[]),
        )?;
        with_orders(lines, &orders, &customers)
    }
}

async fn orders_by_id(
    client: &Client,
    sql: &str,
    values: Values<'_>,
) -> Result<HashMap<i64, Order>> {
    let orders: Vec<Order> = all(client, sql, values).await?;
    Ok(orders.into_iter().map(|order| (order.id, order)).collect())
}

fn with_orders(
    lines: Vec<Line>,
    orders: &HashMap<i64, Order>,
    customers: &HashMap<i64, Row>,
) -> Result<Vec<LineAndOrder>> {
    let whole = lines.into_iter().map(|line| {
        let order = orders.get(&line.order_id).ok_or("a line without its order")?;
        let customer = customers.get(&order.customer_id).ok_or("an order without its customer")?;
        Ok(line_with(line, order_with(order.clone(), Customer::read(customer, 0)?)))
    });
    whole.collect()
}

/// Categories with their parents and the parents of these.
#[derive(Clone, Copy)]
pub(crate) struct Categories<'a> {
    pool: &'a Pooled,
    sources: &'static str,
    joined: &'static str,
    parents: &'static str,
    grandparents: &'static str,
}

impl Categories<'_> {
    pub(crate) async fn joined(&self) -> Result<Vec<CategoryAndParents>> {
        let client = self.pool.connection().await?;
        let rows = rows(&client, self.joined, &[]).await?;
        let read = |row: &Row| {
            let category = Category::read(row, 0)?;
            let parent = category.parent_id.map(|_| Category::read(row, 3)).transpose()?;
            let above = parent.as_ref().and_then(|parent| parent.parent_id);
            let grandparent = above.map(|_| Category::read(row, 6)).transpose()?;
            Ok(with_parents(category, parent, grandparent))
        };
        rows.iter().map(read).collect()
    }

    pub(crate) async fn batched(&self) -> Result<Vec<CategoryAndParents>> {
        let client = self.pool.connection().await?;
        let categories: Vec<Category> = all(&client, self.sources, &[]).await?;
        let keys = once(categories.iter().filter_map(|category| category.parent_id));
        let parents = by_key(&client, CATEGORIES_AMONG, &[&keys]).await?;
        let above = parents.values().filter_map(|row| row.try_get(2).ok().flatten());
        let keys = once(above);
        let grandparents = by_key(&client, CATEGORIES_AMONG, &[&keys]).await?;
        with_all_parents(categories, &parents, &grandparents)
    }

    pub(crate) async fn pipelined(&self) -> Result<Vec<CategoryAndParents>> {
        let client = self.pool.connection().await?;
        let (categories, parents, grandparents) = tokio::try_join!(
            all(&client, self.sources, &[]),
            by_key(&client, self.parents, &[]),
            by_key(&client, self.grandparents, &[]),
        )?;
        with_all_parents(categories, &parents, &grandparents)
    }
}

fn with_parents(
    category: Category,
    parent: Option<Category>,
    grandparent: Option<Category>,
) -> CategoryAndParents {
    category_with(category, parent.map(|parent| category_with(parent, grandparent)))
}

fn with_all_parents(
    categories: Vec<Category>,
    parents: &HashMap<i64, Row>,
    grandparents: &HashMap<i64, Row>,
) -> Result<Vec<CategoryAndParents>> {
    let whole = categories.into_iter().map(|category| {
        let parent = parent_of(&category, parents)?;
        let grandparent = parent.as_ref().map(|parent| parent_of(parent, grandparents));
        let grandparent = grandparent.transpose()?.flatten();
        Ok(with_parents(category, parent, grandparent))
    });
    whole.collect()
}

fn parent_of(category: &Category, parents: &HashMap<i64, Row>) -> Result<Option<Category>> {
    let Some(parent) = category.parent_id else {
        return Ok(None);
    };
    let row = parents.get(&parent).ok_or("a category without its parent")?;
    Category::read(row, 0).map(Some)
}
