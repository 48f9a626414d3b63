use deadpool_postgres::{Manager, Pool};
use tokio_postgres::{NoTls, Row};

#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    pub pk: i64,
    pub name: String,
    pub email: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub id: i64,
    pub customer_id: i64,
    pub quantity: i32,
}

fn customer(row: &Row) -> Customer {
    Customer { pk: row.get(0), name: row.get(1), email: row.get(2) }
}

fn order(row: &Row) -> Order {
    Order { id: row.get(0), customer_id: row.get(1), quantity: row.get(2) }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = Manager::new(std::env::var("DATABASE_URL")?.parse()?, NoTls);
    let db = Pool::builder(manager).build()?.get().await?;
    let insert = db
        .prepare_cached(
            "INSERT INTO customers (name, email) VALUES ($1, $2) RETURNING pk, name, email",
        )
        .await?;
    let ada = customer(&db.query_one(&insert, &[&"Ada", &None::<String>]).await?);
    let insert = db
        .prepare_cached(
            "INSERT INTO orders (customer_id, quantity) VALUES ($1, $2) RETURNING id, customer_id, quantity",
        )
        .await?;
    let id = order(&db.query_one(&insert, &[&ada.pk, &3]).await?).id;
    let find =
        db.prepare_cached("SELECT id, customer_id, quantity FROM orders WHERE id = $1").await?;
    let found = order(&db.query_one(&find, &[&id]).await?);
    let find = db.prepare_cached("SELECT pk, name, email FROM customers WHERE pk = $1").await?;
    let customer = customer(&db.query_one(&find, &[&found.customer_id]).await?);
    let find = db
        .prepare_cached("SELECT id, customer_id, quantity FROM orders WHERE customer_id = $1")
        .await?;
    let orders: Vec<Order> = db.query(&find, &[&ada.pk]).await?.iter().map(order).collect();
    println!("{customer:?} {orders:?}");
    Ok(())
}
