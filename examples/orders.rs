//! Customers place orders, categories make a tree: a walk through relations.
//!
//! `cargo run --example orders --features sqlite` runs in memory, with nothing installed. With
//! `DATABASE_URL=postgres://…` it runs on PostgreSQL; it creates three tables there and drops them.

use relations::driver::{Rows, Statement};
use relations::prelude::*;
use relations::{Database, Executor, Result, connect};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order, name = "orders", key_to = "customer_id")]
struct Customer {
    #[id(generated)]
    pk: i64,
    name: String,
    #[unique]
    email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer, key_to = "pk", on_delete = "restrict")]
    customer_id: i64,
    quantity: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Category, name = "children", key_to = "parent_id")]
struct Category {
    #[id(generated)]
    id: i64,
    title: String,
    #[belongs_to(Category, name = "parent")]
    parent_id: Option<i64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = connect(&url).await?;
    let schema = schema![Customer, Order, Category];

    step("Create the tables, with real FOREIGN KEY constraints");
    for sql in schema.create_sql(db.engine())? {
        println!("  {sql}");
    }
    db.create(schema.clone()).await?;

    let walked = walk(&Shown(&db)).await;
    db.drop(schema).await?;
    walked
}

async fn walk(db: &Shown<'_>) -> Result<()> {
    step("Insert; values that the database generates are returned");
    let ada = NewCustomer { name: "Ada".into(), email: Some("ada@example.org".into()) };
    let ada = ada.insert(db).await?;
    let bob = NewCustomer { name: "Bob".into(), email: None }.insert(db).await?;
    let order = NewOrder { customer_id: ada.pk, quantity: 3 }.insert(db).await?;
    NewOrder { customer_id: ada.pk, quantity: 250 }.insert(db).await?;
    NewOrder { customer_id: bob.pk, quantity: 1 }.insert(db).await?;
    println!("  => {order:?}");

    step("Follow a relation: from an order to its customer, and back to all orders");
    let customer: Customer = order.customer(db).await?;
    println!("  => {} ordered", customer.name);
    let orders: Vec<Order> = ada.orders(db).await?;
    println!("  => {} has {} orders", ada.name, orders.len());

    step("By the order's id: one statement, without loading the order");
    let customer = Order::CUSTOMER.of_id(order.id).one(db).await?;
    println!("  => {}", customer.name);

    step("A relation is a query that can be filtered and sorted");
    let large = Customer::ORDERS.of(&ada).filter(Order::QUANTITY.gt(100)).all(db).await?;
    println!("  => {large:?}");

    step("Orders with their customers in one statement; without the include this does not compile");
    let orders: Vec<OrderWith<Customer>> = Order::find()
        .filter(Order::CUSTOMER.column(Customer::EMAIL).is_not_null())
        .include(Order::CUSTOMER)
        .order_by(Order::QUANTITY.desc())
        .limit(10)
        .all(db)
        .await?;
    for order in &orders {
        println!("  => {:>3} for {}", order.quantity, order.customer.name);
    }

    step("Customers with all their orders: two statements, however many customers there are");
    let customers: Vec<CustomerWith<Vec<Order>>> =
        Customer::find().include(Customer::ORDERS).order_by(Customer::NAME.asc()).all(db).await?;
    for customer in &customers {
        println!("  => orders of {}: {}", customer.name, customer.orders.len());
    }

    step("A relation of an entity to itself makes a tree; up and down");
    let category = async |title: &str, parent: Option<&Category>| {
        let parent_id = parent.map(|parent| parent.id);
        NewCategory { title: title.into(), parent_id }.insert(db).await
    };
    let drinks = category("Drinks", None).await?;
    let tea = category("Tea", Some(&drinks)).await?;
    category("Coffee", Some(&drinks)).await?;
    let up: Option<Category> = tea.parent(db).await?;
    println!("  => above {}: {:?}", tea.title, up.map(|parent| parent.title));
    for below in Category::PARENT.descendants(&drinks).all(db).await? {
        println!("  => {} below {}: {}", below.depth, drinks.title, below.title);
    }

    step("The root has no parent: a null key sends no statement");
    println!("  => above {}: {:?}", drinks.title, drinks.parent(db).await?);

    step("An order without a customer violates the foreign key");
    if let Err(error) = (NewOrder { customer_id: 4711, quantity: 1 }).insert(db).await {
        println!("  => {error}");
        println!("     is_foreign_key_violation: {}", error.is_foreign_key_violation());
        println!("     key: {:?}, constraint: {:?}", error.key(), error.constraint());
    }

    step("So does deleting a customer with orders");
    if let Err(error) = ada.delete(db).await {
        println!("  => {error}");
    }
    Ok(())
}

fn step(what: &str) {
    println!("\n{what}");
}

/// A database that prints each statement before it runs it. Any type can implement `Executor`.
struct Shown<'db>(&'db Database);

impl Executor for Shown<'_> {
    fn engine(&self) -> relations::Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        println!("  {}", statement.sql());
        self.0.run(statement).await
    }
}
