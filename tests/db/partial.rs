//! Some properties of an entity, as structs.

use ::relations::prelude::*;

use crate::cast::{Customer, Order, create, customers, order};
use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Customer)]
struct CustomerName {
    name: String,
    pk: i64,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Customer)]
struct CustomerMail {
    email: Option<String>,
}

#[derive(Debug, PartialEq, Partial)]
#[partial(crate::cast::Order)]
struct Quantity {
    quantity: i32,
}

#[derive(Debug, PartialEq, Eq, Hash, Clone, Value)]
struct Weight(i64);

#[derive(Debug, Entity)]
#[has_many(Crate, name = "inside", key_to = "type_id")]
struct Crate {
    #[id]
    id: i64,
    #[column(name = "the type")]
    r#type: Weight,
    #[column(generated = "id * 2")]
    twice: Option<i64>,
    #[belongs_to(Crate, name = "outside")]
    type_id: Option<i64>,
    photo: Vec<u8>,
}

#[derive(Debug, PartialEq, Partial)]
#[partial(Crate)]
struct Label {
    twice: Option<i64>,
    r#type: Weight,
}

behaviour! {
    async fn only_the_columns_of_the_fields_are_selected(db) {
        create(db).await;
        customers(db).await;
        let counting = Counting::new(db);
        let names = Customer::find().filter(Customer::ID.gt(0)).order_by(Customer::ID.desc());
        let names: Vec<CustomerName> = names.select_as::<CustomerName>().all(&counting).await.unwrap();
        // The target's key is not its id.
        assert_eq!(names, [
            CustomerName { name: "Bob".into(), pk: 1 },
            CustomerName { name: "Ada".into(), pk: 2 },
        ]);
        let sql = counting.statements().remove(0);
        assert!(sql.starts_with(r#"SELECT "customers"."name", "customers"."pk" FROM"#)
            || sql.starts_with(r#"SELECT "name", "pk" FROM"#), "{sql}");
    }

    async fn every_verb_of_a_projection_takes_it(db) {
        create(db).await;
        let (ada, _) = customers(db).await;
        for quantity in [3, 3, 5] {
            order(db, &ada, quantity).await;
        }
        let query = || Order::find().order_by(Order::QUANTITY.asc()).select_as::<Quantity>();
        assert_eq!(query().distinct().all(db).await.unwrap(), [3, 5].map(|quantity| Quantity { quantity }));
        assert_eq!(query().first(db).await.unwrap(), Some(Quantity { quantity: 3 }));
        let five = Order::find().filter(Order::QUANTITY.eq(5)).select_as::<Quantity>();
        assert_eq!(five.one(db).await.unwrap(), Quantity { quantity: 5 });
        let six = || Order::find().filter(Order::QUANTITY.eq(6)).select_as::<Quantity>();
        assert_eq!(six().optional(db).await.unwrap(), None);
        assert!(six().one(db).await.unwrap_err().is_not_found());
        assert!(query().one(db).await.unwrap_err().is_not_unique());
        let of = Customer::ORDERS.of(&ada).limit(2).select_as::<Quantity>().all(db).await.unwrap();
        assert_eq!(of.len(), 2);
        let mail = Order::CUSTOMER.of_id(1).select_as::<CustomerMail>().one(db).await.unwrap();
        assert_eq!(mail, CustomerMail { email: None });
    }

    async fn a_property_has_its_own_column_and_type(db) {
        db.create(schema![Crate]).await.unwrap();
        NewCrate { id: 4, r#type: Weight(9), type_id: None, photo: vec![0; 10] }.insert(db).await.unwrap();
        let label = Crate::find_by_id(4).select_as::<Label>().one(db).await.unwrap();
        assert_eq!(label, Label { twice: Some(8), r#type: Weight(9) });
    }
}
