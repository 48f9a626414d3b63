#[derive(Debug, Clone, toasty::Model)]
#[table = "customers"]
pub struct Customer {
    #[key]
    #[auto]
    pub pk: i64,
    pub name: String,
    #[unique]
    pub email: Option<String>,
    #[has_many]
    pub orders: toasty::Deferred<Vec<Order>>,
}

#[derive(Debug, Clone, toasty::Model)]
#[table = "orders"]
pub struct Order {
    #[key]
    #[auto]
    pub id: i64,
    #[index]
    pub customer_id: i64,
    #[belongs_to(key = customer_id, references = pk)]
    pub customer: toasty::Deferred<Customer>,
    pub quantity: i32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let models = toasty::models!(Customer, Order);
    let url = std::env::var("DATABASE_URL")?;
    let db = &mut toasty::Db::builder().models(models).connect(&url).await?;
    let ada = Customer::create().name("Ada").exec(db).await?;
    let order = Order::create().customer_id(ada.pk).quantity(3).exec(db).await?;
    let order = Order::get_by_id(db, &order.id).await?;
    println!("{:?} {:?}", order.customer().exec(db).await?, ada.orders().exec(db).await?);
    Ok(())
}
