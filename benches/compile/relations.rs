use relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customers")]
#[has_many(Order, name = "orders")]
pub struct Customer {
    #[id(generated)]
    pub pk: i64,
    pub name: String,
    #[unique]
    pub email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, key_to = "pk")]
    pub customer_id: i64,
    pub quantity: i32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = relations::connect(&std::env::var("DATABASE_URL")?).await?;
    let ada = NewCustomer { name: "Ada".into(), email: None }.insert(&db).await?;
    let order = NewOrder { customer_id: ada.pk, quantity: 3 }.insert(&db).await?;
    let order = Order::find_by_id(order.id).one(&db).await?;
    println!("{:?} {:?}", order.customer(&db).await?, ada.orders(&db).await?);
    Ok(())
}
