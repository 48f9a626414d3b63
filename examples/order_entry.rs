//! Writing through relations: upserts, nested writes, optimistic locking, and deletes that a foreign key
//! rejects.
//!
//! `cargo run --example order_entry --features sqlite` runs in memory, with nothing installed. With
//! `DATABASE_URL=postgres://…` it runs on PostgreSQL; it creates four tables there and drops them.

use relations::prelude::*;
use relations::{Database, Result, connect};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order)]
struct Customer {
    #[id(generated)]
    id: i64,
    name: String,
    #[unique]
    email: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Line)]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer, on_delete = "restrict")]
    customer_id: i64,
    note: Option<String>,
    #[version]
    version: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Line {
    #[id]
    #[belongs_to(Order, on_delete = "cascade")]
    order_id: i64,
    #[id]
    number: i32,
    #[belongs_to(Product, key_to = "code")]
    product_id: String,
    quantity: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Product {
    #[id(generated)]
    id: i64,
    #[unique]
    code: String,
    price: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = connect(&url).await?;
    let schema = schema![Customer, Order, Line, Product];
    db.create(schema.clone()).await?;
    let entered = enter(&db).await;
    db.drop(schema).await?;
    entered
}

async fn enter(db: &Database) -> Result<()> {
    step("Upsert: new products of the price list are inserted, existing ones updated");
    for (code, price) in [("tea", 4), ("milk", 2), ("tea", 5)] {
        let product = NewProduct { code: code.into(), price };
        let kept = product.on_conflict(Product::CODE).update((Product::PRICE,)).insert(db).await?;
        let what = if kept.is_inserted() { "new" } else { "updated" };
        println!("  {what}: {} at {}", kept.code, kept.price);
    }

    step("Nested writes: an order with its lines and a new customer, in one transaction");
    let ada = NewCustomer { name: "Ada".into(), email: "ada@example.org".into() };
    let order: OrderWith<Customer, Vec<Line>> = Order::CUSTOMER
        .new_with_target(ada, |ada| {
            NewOrder { customer_id: ada.id, note: None }.with(Order::LINES, |order_id| {
                [(1, "tea", 2), (2, "milk", 1)].map(|(number, code, quantity)| NewLine {
                    order_id,
                    number,
                    product_id: code.into(),
                    quantity,
                })
            })
        })
        .insert(db)
        .await?;
    println!("  order {} of {} has {} lines", order.id, order.customer.name, order.lines.len());

    step("A rejected nested write leaves nothing behind");
    let bob = NewCustomer { name: "Bob".into(), email: "bob@example.org".into() };
    let refused = bob.with(Customer::ORDERS, |customer_id| {
        [NewOrder { customer_id, note: None }.with(Order::LINES, |order_id| {
            [NewLine { order_id, number: 1, product_id: "coffee".into(), quantity: 1 }]
        })]
    });
    if let Err(error) = refused.insert(db).await {
        println!("  {error}");
    }
    println!("  customers: {}", Customer::find().count(db).await?);

    step("Optimistic locking: two people change the order, and the second gets an error");
    let (mut hers, mut his) = (order.clone().into_inner().edit(), order.into_inner().edit());
    hers.note = Some("ring twice".into());
    hers.save(db).await?;
    his.note = Some("leave it at the door".into());
    if let Err(error) = his.save(db).await {
        println!("  {error}");
    }
    let order = hers.into_inner();

    step("Insert a line through the relation, and double all quantities");
    Order::LINES
        .insert(db, &order, |order_id| NewLine {
            order_id,
            number: 3,
            product_id: "milk".into(),
            quantity: 1,
        })
        .await?;
    let doubled = Order::LINES.of(&order).set_expr(Line::QUANTITY, Line::QUANTITY * 2);
    for line in doubled.update_returning(db).await? {
        println!("  {}: {}", line.product_id, line.quantity);
    }

    step("A customer with orders cannot be deleted, and the error says why");
    let customer = order.customer(db).await?;
    if let Err(error) = customer.delete(db).await {
        println!("  {error}");
    }

    step("Deleting the order deletes its lines");
    order.delete(db).await?;
    println!("  lines: {}", Line::find().count(db).await?);
    customer.delete(db).await
}

fn step(title: &str) {
    println!("\n{title}");
}
