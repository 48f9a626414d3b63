//! Entities in the body of a function.

async fn run(db: &relations::Database) -> relations::Result<()> {
    use relations::prelude::*;

    #[derive(Debug, Entity)]
    #[has_many(Order)]
    struct Customer {
        #[id(generated)]
        id: i64,
    }

    #[derive(Debug, Entity)]
    struct Order {
        #[id(generated)]
        id: i64,
        #[belongs_to(Customer)]
        customer_id: i64,
    }

    let ada = NewCustomer {}.insert(db).await?;
    let order = NewOrder { customer_id: ada.id }.insert(db).await?;
    assert_eq!(ada.orders(db).await?.len(), 1);
    assert_eq!(order.customer(db).await?.id, ada.id);
    Ok(())
}
