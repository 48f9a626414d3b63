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

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Page)]
pub struct Book {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(rename_all = "camelCase")]
#[all_but(PageHead, body_text, scan, derive(PartialEq, ::serde::Serialize))]
#[all_but(Sheet, r#type, book_id, title)]
pub struct Page {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Book)]
    pub book_id: i64,
    pub title: Option<String>,
    pub body_text: String,
    pub scan: Vec<u8>,
    pub r#type: i32,
    #[column(generated = "id + 1")]
    pub next: Option<i64>,
    #[skip]
    pub seen: bool,
}

behaviour! {
    async fn a_struct_with_all_but_large_columns_leaves_these_out(db) {
        db.create(schema![Book, Page]).await.unwrap();
        let book = NewBook { id: 7 }.insert(db).await.unwrap();
        let page = NewPage { book_id: 7, title: Some("a".into()), body_text: "long".into(), scan: vec![1, 2], r#type: 3 };
        let page = page.insert(db).await.unwrap();
        let head = PageHead { id: 1, book_id: 7, title: Some("a".into()), r#type: 3, next: Some(2) };

        let counting = Counting::new(db);
        let heads = Page::find().filter(Page::BODY_TEXT.eq("long")).select_as::<PageHead>();
        assert_eq!(heads.all(&counting).await.unwrap(), [head.clone()]);
        let sql = counting.statements().concat();
        let (selected, _) = sql.split_once(" FROM ").unwrap();
        assert!(!selected.contains("bodyText") && !selected.contains("scan"), "{sql}");
        let books = Book::find().include(Book::PAGES.select_as::<PageHead>()).all(db).await.unwrap();
        assert_eq!(books[0].pages, [head.clone()]);
        let of_book = Book::PAGES.of(&book).select_as::<PageHead>().first(db).await.unwrap();
        assert_eq!(of_book, Some(head.clone()));
        let json = ::serde_json::to_value(&head).unwrap();
        assert_eq!(json, ::serde_json::json!({ "id": 1, "book_id": 7, "title": "a", "type": 3, "next": 2 }));

        let sheet = Page::find_by_id(1).select_as::<Sheet>().one(db).await.unwrap();
        assert_eq!((sheet.id, sheet.body_text.as_str(), sheet.scan), (1, "long", vec![1, 2]));
        let body = Page::find_by_id(head.id).select(Page::BODY_TEXT).one(db).await.unwrap();
        assert_eq!((body, page.seen), ("long".to_owned(), false));
    }
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
