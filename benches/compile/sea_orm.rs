use sea_orm::{ActiveModelTrait, ActiveValue::Set, Database, EntityTrait, ModelTrait};

mod customer {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "customers")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub pk: i64,
        pub name: String,
        #[sea_orm(unique)]
        pub email: Option<String>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::order::Entity")]
        Order,
    }

    impl RelationHandle<super::order::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Order.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod order {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub customer_id: i64,
        pub quantity: i32,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::customer::Entity",
            from = "Column::CustomerId",
            to = "super::customer::Column::Pk"
        )]
        Customer,
    }

    impl RelationHandle<super::customer::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Customer.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = Database::connect(std::env::var("DATABASE_URL")?).await?;
    let ada = customer::ActiveModel { name: Set("Ada".into()), ..Default::default() };
    let ada = ada.insert(&db).await?;
    let order =
        order::ActiveModel { customer_id: Set(ada.pk), quantity: Set(3), ..Default::default() };
    let order = order.insert(&db).await?;
    let order = order::Entity::find_by_id(order.id).one(&db).await?.ok_or("no order")?;
    let customer = order.find_related(customer::Entity).one(&db).await?;
    let orders = ada.find_related(order::Entity).all(&db).await?;
    println!("{customer:?} {orders:?}");
    Ok(())
}
