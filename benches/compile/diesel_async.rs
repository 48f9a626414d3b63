use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

diesel::table! { customers (pk) { pk -> BigInt, name -> Text, email -> Nullable<Text>, } }
diesel::table! { orders (id) { id -> BigInt, customer_id -> BigInt, quantity -> Integer, } }
diesel::joinable!(orders -> customers (customer_id));
diesel::allow_tables_to_appear_in_same_query!(customers, orders);

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Identifiable)]
#[diesel(table_name = customers, primary_key(pk), check_for_backend(diesel::pg::Pg))]
pub struct Customer {
    pub pk: i64,
    pub name: String,
    pub email: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = customers)]
pub struct NewCustomer {
    pub name: String,
    pub email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = orders, belongs_to(Customer), check_for_backend(diesel::pg::Pg))]
pub struct Order {
    pub id: i64,
    pub customer_id: i64,
    pub quantity: i32,
}

#[derive(Insertable)]
#[diesel(table_name = orders)]
pub struct NewOrder {
    pub customer_id: i64,
    pub quantity: i32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = &mut AsyncPgConnection::establish(&std::env::var("DATABASE_URL")?).await?;
    let ada: Customer = diesel::insert_into(customers::table)
        .values(NewCustomer { name: "Ada".into(), email: None })
        .returning(Customer::as_returning())
        .get_result(db)
        .await?;
    let order: Order = diesel::insert_into(orders::table)
        .values(NewOrder { customer_id: ada.pk, quantity: 3 })
        .returning(Order::as_returning())
        .get_result(db)
        .await?;
    let order = orders::table.find(order.id).select(Order::as_select()).first(db).await?;
    let customer =
        customers::table.find(order.customer_id).select(Customer::as_select()).first(db).await?;
    let orders = Order::belonging_to(&ada).select(Order::as_select()).load(db).await?;
    println!("{customer:?} {orders:?}");
    Ok(())
}
