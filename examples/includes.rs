//! Eager loading for a page: orders with their customer and the number of its orders, and with their three
//! most expensive lines and the products; in two statements, as a table and as JSON.
//!
//! `cargo run --example includes --features sqlite,serde` runs in memory, with nothing installed.
//! With `DATABASE_URL=postgres://…` it runs on PostgreSQL; it creates four tables there and drops them.

use std::error::Error;

use relations::driver::{Rows, Statement};
use relations::prelude::*;
use relations::{Database, Executor, NotIncluded, connect};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[has_many(Order)]
struct Customer {
    #[id(generated)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[has_many(Line)]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
struct Line {
    #[id(generated)]
    id: i64,
    #[belongs_to(Order)]
    order_id: i64,
    #[belongs_to(Product)]
    product_id: i64,
    price: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
struct Product {
    #[id(generated)]
    id: i64,
    name: String,
}

/// An order of the page. The type says what is loaded; the order of a line is not, and has no fields.
type Row = OrderWith<CustomerWith<i64>, Vec<LineWith<NotIncluded, Product>>>;

async fn page(db: &impl Executor) -> relations::Result<Vec<Row>> {
    let dearest = Order::LINES.order_by(Line::PRICE.desc()).limit(3);
    Order::find()
        .include(Order::CUSTOMER.include(Customer::ORDERS.count()))
        .include(dearest.include(Line::PRODUCT))
        .order_by(Order::ID.desc())
        .limit(20)
        .all(db)
        .await
}

fn table(page: &[Row]) {
    println!("  {:>5}  {:<8} {:>6}  dearest lines", "order", "customer", "orders");
    for order in page {
        let customer = &order.customer;
        let lines = order.lines.iter().map(|line| format!("{} {}", line.product.name, line.price));
        let lines: Vec<_> = lines.collect();
        let lines = lines.join(", ");
        println!("  {:>5}  {:<8} {:>6}  {lines}", order.id, customer.name, customer.orders);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = connect(&url).await?;
    let schema = schema![Customer, Order, Line, Product];
    db.create(schema.clone()).await?;
    let shown = show(&db).await;
    db.drop(schema).await?;
    shown
}

async fn show(db: &Database) -> Result<(), Box<dyn Error>> {
    fill(db).await?;

    println!("Two statements, however many orders there are\n");
    let page = page(&Shown(db)).await?;

    println!("\nThe page as a table\n");
    table(&page);

    println!("\nThe page as JSON, an order a line\n");
    for order in &page {
        println!("  {}", serde_json::to_string(order)?);
    }
    Ok(())
}

/// Two customers; Ada has two orders, of four lines and of one, and Bob one that is empty.
async fn fill(db: &Database) -> relations::Result<()> {
    let product = async |name: &str| NewProduct { name: name.into() }.insert(db).await;
    let (tea, pot) = (product("Tea").await?, product("Pot").await?);
    let ada = NewCustomer { name: "Ada".into() }.insert(db).await?;
    let bob = NewCustomer { name: "Bob".into() }.insert(db).await?;
    for (customer, lines) in [
        (&ada, &[(&tea, 4)][..]),
        (&bob, &[]),
        (&ada, &[(&tea, 3), (&pot, 19), (&pot, 25), (&tea, 7)]),
    ] {
        let order = NewOrder { customer_id: customer.id }.insert(db).await?;
        for (product, price) in lines {
            let line = NewLine { order_id: order.id, product_id: product.id, price: *price };
            line.insert(db).await?;
        }
    }
    Ok(())
}

/// A database that prints each statement before it runs it. Any type can implement `Executor`.
struct Shown<'db>(&'db Database);

impl Executor for Shown<'_> {
    fn engine(&self) -> relations::Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> relations::Result<Rows> {
        println!("  {}", statement.sql());
        self.0.run(statement).await
    }
}
