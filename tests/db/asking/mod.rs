//! Asking through relations: columns of targets, whether there are some, and what is made of them.

mod aggregates;

use ::relations::Database;
use ::relations::prelude::*;
use rust_decimal::Decimal;

use crate::cast::{
    self, Customer, Line, NewCustomer, NewLine, NewOrder, NewProduct, Order, Product,
};
use crate::relations::{loose, promised};

/// Leads to itself, both ways.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Category, name = "children", key_to = "parent_id")]
pub struct Category {
    #[id]
    pub id: i64,
    pub title: String,
    pub price: Option<Decimal>,
    #[belongs_to(Category, name = "parent")]
    pub parent_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "shelves")]
#[has_many(Book, key_from("room", "number"), key_to("room", "shelf"))]
pub struct Shelf {
    #[id]
    pub room: i64,
    #[id]
    pub number: i32,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(Shelf, name = "stands_on", key_from("room", "shelf"), key_to("room", "number"))]
pub struct Book {
    #[id]
    pub id: i64,
    pub room: Option<i64>,
    pub shelf: Option<i32>,
    pub pages: Option<i32>,
}

/// A root with two children, of which the first has a child of its own; and a root that is a leaf.
async fn categories(db: &Database) {
    db.create(schema![Category]).await.unwrap();
    let rows = [
        (1, "root", Some("9"), None),
        (2, "branch", Some("10.50"), Some(1)),
        (3, "leaf", None, Some(1)),
        (4, "twig", Some("9.5"), Some(2)),
        (5, "stone", None, None),
    ];
    for (id, title, price, parent_id) in rows {
        let price = price.map(|price| price.parse().unwrap());
        NewCategory { id, title: title.into(), price, parent_id }.insert(db).await.unwrap();
    }
}

/// Two shelves of one room and one of another, with three books; two more stand nowhere.
async fn shelves(db: &Database) {
    db.create(schema![Shelf, Book]).await.unwrap();
    for (room, number, label) in [(1, 1, "a"), (1, 2, "b"), (2, 1, "c")] {
        NewShelf { room, number, label: label.into() }.insert(db).await.unwrap();
    }
    let rows = [
        (1, Some(1), Some(1), Some(10)),
        (2, Some(1), Some(1), None),
        (3, Some(2), Some(1), Some(30)),
        (4, Some(1), None, Some(40)),
        (5, None, None, Some(50)),
    ];
    for (id, room, shelf, pages) in rows {
        NewBook { id, room, shelf, pages }.insert(db).await.unwrap();
    }
}

/// Ada's orders of 1 and 2, the second of which Bob pays, and Bob's order of 3, which Ada pays.
async fn orders(db: &Database) -> (Customer, Customer, [i64; 3]) {
    cast::create(db).await;
    let (ada, bob) = cast::customers(db).await;
    let mut ids = Vec::new();
    for (customer, payer, quantity) in
        [(&ada, None, 1), (&ada, Some(&bob), 2), (&bob, Some(&ada), 3)]
    {
        let payer_id = payer.map(|payer| payer.pk);
        let order = NewOrder { customer_id: customer.pk, payer_id, quantity };
        ids.push(order.insert(db).await.unwrap().id);
    }
    let ids = ids.try_into().unwrap();
    (ada, bob, ids)
}

/// A customer without orders.
async fn cyd(db: &Database) -> Customer {
    let cyd = NewCustomer { id: 3, pk: 3, name: "Cyd".into(), email: None };
    cyd.insert(db).await.unwrap()
}

behaviour! {
    async fn a_column_of_the_target_filters_orders_and_is_selected(db) {
        let (_, _, [first, second, third]) = orders(db).await;
        let name = Order::CUSTOMER.column(Customer::NAME);
        let found = Order::find()
            .filter(name.like("A%"))
            .order_by(Order::QUANTITY.desc())
            .select((Order::ID, name))
            .all(db)
            .await
            .unwrap();
        assert_eq!(found, [(second, "Ada".to_owned()), (first, "Ada".to_owned())]);
        let found = Order::find().order_by(name.desc()).order_by(Order::ID.asc()).all(db);
        let ids: Vec<_> = found.await.unwrap().into_iter().map(|order| order.id).collect();
        assert_eq!(ids, [third, first, second]);
    }

    async fn a_column_of_an_optional_target_may_be_null(db) {
        let (_, _, [first, second, third]) = orders(db).await;
        let payer = Order::PAYER.column(Customer::NAME);
        let found = Order::find().order_by(payer.asc()).select((Order::ID, payer)).all(db);
        let expected = [(third, Some("Ada".to_owned())), (second, Some("Bob".to_owned())), (first, None)];
        assert_eq!(found.await.unwrap(), expected);
        let found = Order::find().filter(payer.is_null()).one(db).await.unwrap();
        assert_eq!(found.id, first);
        // A null differs from nothing, as in SQL.
        let found = Order::find().filter(payer.ne("Bob")).one(db).await.unwrap();
        assert_eq!(found.id, third);
    }

    async fn two_relations_to_one_target_are_told_apart(db) {
        let (.., [_, second, third]) = orders(db).await;
        let (customer, payer) = (Order::CUSTOMER.column(Customer::NAME), Order::PAYER.column(Customer::NAME));
        let found = Order::find().filter(payer.gt(customer)).one(db).await.unwrap();
        assert_eq!(found.id, second);
        let found = Order::find().filter(customer.eq("Bob").and(payer.eq("Ada"))).one(db);
        assert_eq!(found.await.unwrap().id, third);
    }

    async fn relations_follow_each_other(db) {
        let (.., [first, second, _]) = orders(db).await;
        NewProduct { code: "x".into(), price: 2.5 }.insert(db).await.unwrap();
        for (order_id, number) in [(first, 1), (second, 1)] {
            NewLine { order_id, number, product_id: "x".into() }.insert(db).await.unwrap();
        }
        let customer = Line::ORDER.column(Order::CUSTOMER.column(Customer::NAME));
        let payer = Line::ORDER.column(Order::PAYER.column(Customer::NAME));
        let price = Line::PRODUCT.column(Product::PRICE);
        let found: Vec<(i64, String, Option<String>, f64)> = Line::find()
            .order_by(payer.desc().nulls_last())
            .select((Line::ORDER_ID, customer, payer, price))
            .all(db)
            .await
            .unwrap();
        let ada = || "Ada".to_owned();
        assert_eq!(found, [(second, ada(), Some("Bob".to_owned()), 2.5), (first, ada(), None, 2.5)]);
    }

    async fn a_relation_to_itself_is_followed(db) {
        categories(db).await;
        let parent = Category::PARENT.column(Category::TITLE);
        let grandparent = Category::PARENT.column(Category::PARENT.column(Category::TITLE));
        let found = Category::find()
            .filter(Category::PARENT_ID.is_not_null())
            .order_by(Category::ID.asc())
            .select((Category::TITLE, parent, grandparent))
            .all(db)
            .await
            .unwrap();
        let row = |title: &str, parent: &str, grandparent: Option<&str>| {
            (title.to_owned(), Some(parent.to_owned()), grandparent.map(ToOwned::to_owned))
        };
        let expected = [
            row("branch", "root", None),
            row("leaf", "root", None),
            row("twig", "branch", Some("root")),
        ];
        assert_eq!(found, expected);
        let roots = Category::find().filter(parent.is_null()).count(db).await.unwrap();
        assert_eq!(roots, 2);
    }

    async fn a_dangling_key_leads_to_a_null(db) {
        loose::create(db).await;
        let code = loose::Pet::OWNER.column(loose::Owner::CODE);
        let found = loose::Pet::find().order_by(loose::Pet::ID.asc()).select(code).all(db);
        let a = || Some("a".to_owned());
        assert_eq!(found.await.unwrap(), [a(), None, a()]);
        // A constraint promises a target here, so a null is an error.
        let code = promised::Pet::OWNER.column(loose::Owner::CODE);
        let error = promised::Pet::find().select(code).all(db).await.unwrap_err();
        let told = "`Owner.code` is String, but column `code` holds null";
        assert_eq!(error.to_string(), told);
    }

    async fn columns_of_targets_serve_every_verb(db) {
        let (_, bob, [first, ..]) = orders(db).await;
        let name = Order::CUSTOMER.column(Customer::NAME);
        let adas = || Order::find().filter(name.eq("Ada"));
        assert_eq!(adas().count(db).await.unwrap(), 2);
        assert_eq!(adas().limit(1).count(db).await.unwrap(), 1);
        assert!(adas().exists(db).await.unwrap());
        assert!(!Order::find().filter(name.eq("Cyd")).exists(db).await.unwrap());
        let least = Order::find().min(db, name).await.unwrap();
        assert_eq!(least.as_deref(), Some("Ada"));
        let payers = Order::find().sum(db, Order::PAYER.column(Customer::PK)).await.unwrap();
        assert_eq!(payers, Some(3));
        // Of the page, not of all.
        let page = || Order::find().order_by(Order::ID.asc()).limit(2);
        assert_eq!(page().max(db, name).await.unwrap().as_deref(), Some("Ada"));
        assert_eq!(Order::find().order_by(name.asc()).order_by(Order::ID.asc()).first(db).await.unwrap().unwrap().id, first);
        assert_eq!(Order::find().filter(name.eq("Bob")).one(db).await.unwrap().customer_id, bob.pk);
        let names = Order::find().order_by(name.desc()).select(name).distinct().all(db);
        assert_eq!(names.await.unwrap(), ["Bob", "Ada"]);
        let orders = Order::find().order_by(name.desc()).order_by(Order::ID.asc()).distinct();
        let customers: Vec<_> = orders.clone().all(db).await.unwrap().iter().map(|one| one.customer_id).collect();
        assert_eq!(customers, [1, 2, 2]);
        assert_eq!(orders.clone().limit(2).count(db).await.unwrap(), 2);
        assert_eq!(orders.limit(2).sum(db, Order::QUANTITY).await.unwrap(), Some(4));
        let by_another = Order::find().order_by(Order::PAYER.column(Customer::NAME).asc());
        let error = by_another.select(name).distinct().all(db).await.unwrap_err();
        assert!(error.is_invalid_request());
        assert!(error.to_string().contains("`Order.payer.name`"), "{error}");
    }

    async fn changes_go_by_columns_of_targets(db) {
        let (.., [_, _, third]) = orders(db).await;
        let name = Order::CUSTOMER.column(Customer::NAME);
        let changed = Order::find().filter(name.eq("Bob")).set(Order::QUANTITY, 9).update(db).await;
        assert_eq!(changed.unwrap(), 1);
        assert_eq!(Order::find_by_id(third).one(db).await.unwrap().quantity, 9);
        assert_eq!(Order::find().filter(name.eq("Ada")).delete(db).await.unwrap(), 2);
        assert_eq!(Order::find().all(db).await.unwrap().len(), 1);
    }

    async fn changes_by_a_composite_id_go_by_columns_of_targets(db) {
        let (.., [first, second, _]) = orders(db).await;
        NewProduct { code: "x".into(), price: 2.5 }.insert(db).await.unwrap();
        for (order_id, number) in [(first, 1), (first, 2), (second, 1)] {
            NewLine { order_id, number, product_id: "x".into() }.insert(db).await.unwrap();
        }
        let small = Line::find().filter(Line::ORDER.column(Order::QUANTITY).eq(1));
        assert_eq!(small.delete(db).await.unwrap(), 2);
        assert_eq!(Line::find().one(db).await.unwrap().order_id, second);
    }

    async fn targets_of_a_source_are_asked_too(db) {
        let (ada, _, [first, second, third]) = orders(db).await;
        let payer = Order::PAYER.column(Customer::NAME);
        let found = Customer::ORDERS.of(&ada).filter(payer.eq("Bob")).all(db).await.unwrap();
        assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [second]);
        let found = Customer::ORDERS.of_id(ada.id).filter(payer.is_null()).all(db).await.unwrap();
        assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [first]);
        let large = || Customer::ORDERS.any(Order::QUANTITY.gt(2));
        assert!(Order::CUSTOMER.of_id(third).filter(large()).optional(db).await.unwrap().is_some());
        assert!(Order::CUSTOMER.of_id(first).filter(large()).optional(db).await.unwrap().is_none());
        let changed = Customer::ORDERS.of_id(ada.id).filter(payer.eq("Bob")).set(Order::QUANTITY, 7);
        assert_eq!(changed.update(db).await.unwrap(), 1);
    }

    async fn the_target_of_an_id_is_asked_through_relations(db) {
        categories(db).await;
        let parent = Category::PARENT.column(Category::TITLE);
        let found = Category::PARENT.of_id(4).filter(parent.eq("root")).optional(db).await.unwrap();
        assert_eq!(found.unwrap().title, "branch");
        let found = Category::PARENT.of_id(2).filter(parent.eq("root")).optional(db).await.unwrap();
        assert_eq!(found, None);
    }

    async fn any_none_and_all_ask_about_targets(db) {
        orders(db).await;
        cyd(db).await;
        let names = async |filter: ::relations::Filter<Customer>| {
            let query = Customer::find().filter(filter).order_by(Customer::NAME.asc());
            query.select(Customer::NAME).all(db).await.unwrap()
        };
        assert_eq!(names(Customer::ORDERS.any(Order::QUANTITY.gt(1))).await, ["Ada", "Bob"]);
        assert_eq!(names(Customer::ORDERS.any(Order::QUANTITY.eq(1))).await, ["Ada"]);
        assert_eq!(names(Customer::ORDERS.none(Order::QUANTITY.eq(1))).await, ["Bob", "Cyd"]);
        assert_eq!(names(!Customer::ORDERS.none(Order::QUANTITY.eq(1))).await, ["Ada"]);
        assert_eq!(names(Customer::ORDERS.all(Order::QUANTITY.le(2))).await, ["Ada", "Cyd"]);
        assert_eq!(names(!Customer::ORDERS.all(Order::QUANTITY.le(2))).await, ["Bob"]);
        // The answer for a payer that is null is no answer, which no filter matches.
        assert_eq!(names(Customer::ORDERS.all(Order::PAYER_ID.gt(0))).await, ["Bob", "Cyd"]);
        assert_eq!(names(Customer::ORDERS.none(Order::PAYER_ID.le(0))).await, ["Ada", "Bob", "Cyd"]);
        assert_eq!(names(Customer::ORDERS.is_present()).await, ["Ada", "Bob"]);
        assert_eq!(names(!Customer::ORDERS.is_present()).await, ["Cyd"]);
        assert_eq!(names(Customer::ORDERS.any(Order::ID.is_in([0_i64; 0]))).await, [""; 0]);
    }

    async fn questions_about_targets_nest(db) {
        let (.., [first, second, third]) = orders(db).await;
        cyd(db).await;
        NewProduct { code: "x".into(), price: 2.5 }.insert(db).await.unwrap();
        NewLine { order_id: second, number: 1, product_id: "x".into() }.insert(db).await.unwrap();
        let with_lines = Customer::ORDERS.any(Order::LINES.any(Line::PRODUCT.column(Product::PRICE).gt(2.0)));
        let found = Customer::find().filter(with_lines.clone()).one(db).await.unwrap();
        assert_eq!(found.name, "Ada");
        // From an order to its customer, and back to all orders of that customer.
        let found = Order::find()
            .filter(Order::CUSTOMER.any(with_lines))
            .order_by(Order::ID.asc())
            .select(Order::ID)
            .all(db);
        assert_eq!(found.await.unwrap(), [first, second]);
        let paid_by_namesake = Customer::ORDERS.any(Order::PAYER.column(Customer::NAME).eq("Ada"));
        let found = Customer::find().filter(paid_by_namesake).one(db).await.unwrap();
        assert_eq!(found.name, "Bob");
        let none = Order::CUSTOMER.none(Customer::NAME.eq("Ada"));
        assert_eq!(Order::find().filter(none).one(db).await.unwrap().id, third);
    }

    async fn a_relation_to_itself_is_asked_both_ways(db) {
        categories(db).await;
        let titles = async |filter: ::relations::Filter<Category>| {
            let query = Category::find().filter(filter).order_by(Category::ID.asc());
            query.select(Category::TITLE).all(db).await.unwrap()
        };
        let has_children = || Category::CHILDREN.is_present();
        assert_eq!(titles(has_children()).await, ["root", "branch"]);
        assert_eq!(titles(Category::CHILDREN.any(has_children())).await, ["root"]);
        assert_eq!(titles(Category::PARENT.any(has_children())).await, ["branch", "leaf", "twig"]);
        assert_eq!(titles(Category::PARENT.any(Category::PARENT.is_present())).await, ["twig"]);
        assert_eq!(titles(!Category::PARENT.is_present()).await, ["root", "stone"]);
        assert_eq!(titles(Category::CHILDREN.count().ge(2)).await, ["root"]);
        let grandparent = Category::PARENT.column(Category::PARENT.column(Category::TITLE));
        assert_eq!(titles(Category::CHILDREN.any(grandparent.eq("root"))).await, ["branch"]);
    }

    async fn a_target_is_present_where_it_is_there(db) {
        loose::create(db).await;
        let ids = async |filter: ::relations::Filter<loose::Pet>| {
            let query = loose::Pet::find().filter(filter).order_by(loose::Pet::ID.asc());
            query.select(loose::Pet::ID).all(db).await.unwrap()
        };
        assert_eq!(ids(loose::Pet::OWNER.is_present()).await, [1, 3]);
        assert_eq!(ids(loose::Pet::SITTER.is_present()).await, [1]);
        assert_eq!(ids(loose::Pet::SITTER.none(loose::Owner::ID.eq(1))).await, [2, 3]);
        // A target that a constraint guarantees is not looked up.
        let trusted = promised::Pet::find().filter(promised::Pet::SITTER.is_present()).count(db);
        assert_eq!(trusted.await.unwrap(), 2);
        let trusted = promised::Pet::find().filter(promised::Pet::OWNER.is_present()).count(db);
        assert_eq!(trusted.await.unwrap(), 3);
    }

    async fn composite_keys_are_compared_whole(db) {
        shelves(db).await;
        let label = Book::STANDS_ON.column(Shelf::LABEL);
        let some = |label: &str| Some(label.to_owned());
        let found = Book::find().order_by(Book::ID.asc()).select(label).all(db).await.unwrap();
        assert_eq!(found, [some("a"), some("a"), some("c"), None, None]);
        let present = Book::find().filter(Book::STANDS_ON.is_present()).count(db).await.unwrap();
        assert_eq!(present, 3);
        let labels = async |filter: ::relations::Filter<Shelf>| {
            let query = Shelf::find().filter(filter).order_by(Shelf::LABEL.asc());
            query.select(Shelf::LABEL).all(db).await.unwrap()
        };
        assert_eq!(labels(Shelf::BOOKS.any(Book::PAGES.gt(20))).await, ["c"]);
        assert_eq!(labels(Shelf::BOOKS.all(Book::PAGES.gt(0))).await, ["b", "c"]);
        let found: Vec<(String, i64, Option<i64>, Option<f64>)> = Shelf::find()
            .order_by(Shelf::BOOKS.count().desc())
            .order_by(Shelf::LABEL.asc())
            .select((Shelf::LABEL, Shelf::BOOKS.count(), Shelf::BOOKS.sum(Book::PAGES), Shelf::BOOKS.avg(Book::PAGES)))
            .all(db)
            .await
            .unwrap();
        let expected = [
            ("a".to_owned(), 2, Some(10), Some(10.0)),
            ("c".to_owned(), 1, Some(30), Some(30.0)),
            ("b".to_owned(), 0, None, None),
        ];
        assert_eq!(found, expected);
        assert_eq!(Shelf::find().filter(Shelf::BOOKS.count().eq(0)).delete(db).await.unwrap(), 1);
        let empty = Shelf::find().filter(Shelf::BOOKS.all(Book::PAGES.is_not_null()));
        assert_eq!(empty.one(db).await.unwrap().label, "c");
    }
}
