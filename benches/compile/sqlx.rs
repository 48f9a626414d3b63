use sqlx::PgPool;

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Customer {
    pub pk: i64,
    pub name: String,
    pub email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Order {
    pub id: i64,
    pub customer_id: i64,
    pub quantity: i32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let insert = "INSERT INTO customers (name, email) VALUES ($1, $2) RETURNING pk, name, email";
    let ada: Customer =
        sqlx::query_as(insert).bind("Ada").bind(None::<String>).fetch_one(&db).await?;
    let insert = "INSERT INTO orders (customer_id, quantity) VALUES ($1, $2) \
                  RETURNING id, customer_id, quantity";
    let order: Order = sqlx::query_as(insert).bind(ada.pk).bind(3).fetch_one(&db).await?;
    let find = "SELECT id, customer_id, quantity FROM orders WHERE id = $1";
    let order: Order = sqlx::query_as(find).bind(order.id).fetch_one(&db).await?;
    let find = "SELECT pk, name, email FROM customers WHERE pk = $1";
    let customer: Customer = sqlx::query_as(find).bind(order.customer_id).fetch_one(&db).await?;
    let find = "SELECT id, customer_id, quantity FROM orders WHERE customer_id = $1";
    let orders: Vec<Order> = sqlx::query_as(find).bind(ada.pk).fetch_all(&db).await?;
    println!("{customer:?} {orders:?}");
    Ok(())
}
