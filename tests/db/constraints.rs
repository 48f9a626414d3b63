//! A constraint violation is a typed error that says the same on both engines.

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Engine, Error, Executor};

use crate::cast::{self, Customer, Line, NewCustomer, NewLine, NewOrder, NewProduct, Order};
use crate::relations::{Category, NewCategory, NewTown, Region, Town, create_places};

/// A maker's cars go with it, but not while parts of them are kept. Its adverts forget it.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Car)]
#[has_many(Advert)]
#[has_many(Patent)]
pub struct Maker {
    #[id]
    pub id: i64,
    #[unique]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Part)]
pub struct Car {
    #[id]
    pub id: i64,
    #[belongs_to(Maker, on_delete = "cascade", on_update = "cascade")]
    pub maker_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Part {
    #[id]
    pub id: i64,
    #[belongs_to(Car, on_delete = "restrict")]
    pub car_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Advert {
    #[id]
    pub id: i64,
    #[belongs_to(Maker, on_delete = "set null", on_update = "set null")]
    pub maker_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Patent {
    #[id]
    pub id: i64,
    #[belongs_to(Maker, on_update = "restrict", constraint = "who invented it")]
    pub maker_id: i64,
}

/// A stock that is never negative, by a constraint with a name.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Stock {
    #[id]
    pub id: i64,
    #[column(default = "0) CONSTRAINT stock_is_there CHECK (amount >= 0")]
    pub amount: i32,
    pub place: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Invoice, key_from(tenant, user_id), key_to(tenant, user_id))]
pub struct Org {
    #[id]
    pub tenant: i64,
    #[id]
    pub user_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Invoice, key_to = tenant_user_id)]
pub struct Acc {
    #[id]
    pub id: i64,
}

/// Two foreign keys of which the columns make one name, and two unique ones.
#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(Org, name = "org", key_from(tenant, user_id), key_to(tenant, user_id))]
#[unique(a, b_c)]
#[unique(a_b, c)]
pub struct Invoice {
    #[id(generated)]
    pub id: i64,
    pub tenant: i64,
    pub user_id: i64,
    #[belongs_to(Acc, name = "acc")]
    pub tenant_user_id: i64,
    pub a: i32,
    pub b_c: i32,
    pub a_b: i32,
    pub c: i32,
}

/// PostgreSQL cuts the name of its table.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "a_table_whose_name_is_longer_than_the_sixty_three_bytes_that_are_kept")]
pub struct Long {
    #[id]
    pub id: i64,
    #[belongs_to(Long, name = "parent", constraint = "its parent")]
    pub parent_id: Option<i64>,
}

/// The table with an optional place.
mod mistaken {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "stocks")]
    pub struct Stock {
        #[id]
        pub id: i64,
        #[column(name = "place")]
        pub location: Option<String>,
    }
}

/// The entity, relation, key and constraint of an error.
fn about(error: &Error) -> (Option<&str>, Option<String>, Option<&str>, Option<&str>) {
    let relation = error.relation().map(|one| format!("{}.{}", one.source, one.name));
    (error.entity(), relation, error.key(), error.constraint())
}

/// The entity, relation, key and constraint of a foreign key violation.
fn orphan(error: &Error) -> (Option<&str>, Option<String>, Option<&str>, Option<&str>) {
    assert!(error.is_foreign_key_violation(), "{error:?}");
    about(error)
}

fn expected<'a>(
    entity: &'a str,
    relation: &str,
    key: Option<&'a str>,
    constraint: &'a str,
) -> (Option<&'a str>, Option<String>, Option<&'a str>, Option<&'a str>) {
    (Some(entity), Some(relation.to_owned()), key, Some(constraint))
}

async fn makers(db: &::relations::Database) -> Maker {
    db.create(schema![Maker, Car, Part, Advert, Patent]).await.unwrap();
    NewMaker { id: 1, name: "one".into() }.insert(db).await.unwrap()
}

behaviour! {
    async fn an_orphan_is_refused_on_insert_and_on_update(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let mut order = cast::order(db, &ada, 1).await;

        let customer = expected("Order", "Order.customer", Some("9"), "orders_customer_id_fkey");
        let new = NewOrder { customer_id: 9, payer_id: None, quantity: 1 };
        let error = new.insert(db).await.unwrap_err();
        assert_eq!(orphan(&error), customer);
        assert_eq!(
            error.to_string(),
            "`Order.customer` would point to nothing by the key 9 (constraint `orders_customer_id_fkey`)"
        );
        let all = Order::find().all_rows().set(Order::CUSTOMER_ID, 9);
        assert_eq!(orphan(&all.update(db).await.unwrap_err()), customer);
        order.customer_id = 9;
        assert_eq!(orphan(&order.update(db).await.unwrap_err()), customer);

        let payer = expected("Order", "Order.payer", Some("8"), "orders_payer_id_fkey");
        let new = NewOrder { customer_id: ada.pk, payer_id: Some(8), quantity: 1 };
        assert_eq!(orphan(&new.insert(db).await.unwrap_err()), payer);
        order.customer_id = ada.pk;
        order.payer_id = Some(8);
        assert_eq!(orphan(&order.update(db).await.unwrap_err()), payer);
        let found = Order::find().one(db).await.unwrap();
        assert_eq!((found.customer_id, found.payer_id), (ada.pk, None));
    }

    async fn a_referenced_target_stays(db) {
        cast::create(db).await;
        let (mut ada, bob) = cast::customers(db).await;
        cast::order(db, &ada, 1).await;

        let by = |key| expected("Order", "Order.customer", key, "orders_customer_id_fkey");
        assert_eq!(orphan(&ada.delete(db).await.unwrap_err()), by(Some("1")));
        let one = Customer::find_by_id(1).delete(db).await.unwrap_err();
        assert_eq!(orphan(&one), by(None));
        let all = Customer::find().filter(Customer::NAME.ne("x")).delete(db).await.unwrap_err();
        assert_eq!(orphan(&all), by(None));
        let every = Customer::find().all_rows().delete(db).await.unwrap_err();
        assert_eq!(orphan(&every), by(None));

        // Its key stays as well.
        let moved = Customer::find_by_id(1).set(Customer::PK, 77).update(db).await.unwrap_err();
        assert_eq!(orphan(&moved), by(Some("2")));
        ada.pk = 77;
        assert_eq!(orphan(&ada.update(db).await.unwrap_err()), by(Some("2")));
        bob.delete(db).await.unwrap();
        assert_eq!(Customer::find().count(db).await.unwrap(), 1);
    }

    async fn a_target_that_goes_together_with_its_source_may_go(db) {
        db.create(schema![Category]).await.unwrap();
        for (id, parent_id) in [(1, None), (2, Some(1)), (3, Some(2))] {
            NewCategory { id, parent_id }.insert(db).await.unwrap();
        }
        let error = Category::find_by_id(2).delete(db).await.unwrap_err();
        let by = expected("Category", "Category.parent", None, "categories_parent_id_fkey");
        assert_eq!(orphan(&error), by);
        let error = NewCategory { id: 4, parent_id: Some(9) }.insert(db).await.unwrap_err();
        let by = expected("Category", "Category.parent", Some("9"), "categories_parent_id_fkey");
        assert_eq!(orphan(&error), by);
        NewCategory { id: 5, parent_id: Some(5) }.insert(db).await.unwrap();
        assert_eq!(Category::find().all_rows().delete(db).await.unwrap(), 4);
    }

    async fn a_composite_orphan_names_its_whole_key(db) {
        create_places(db).await;
        let by = |key| expected("Town", "Town.region_of", key, "towns_country_region_fkey");
        let new = NewTown { country: "ch".into(), region: 7, number: 1 };
        assert_eq!(orphan(&new.insert(db).await.unwrap_err()), by(Some("(\"ch\", 7)")));
        let error = Town::find_by_id(("ch", 1, 5)).set(Town::REGION, 9).update(db).await.unwrap_err();
        assert_eq!(orphan(&error), by(Some("(\"ch\", 9)")));
        let error = Region::find_by_id(("ch", 1)).one(db).await.unwrap().delete(db).await;
        assert_eq!(orphan(&error.unwrap_err()), by(Some("(\"ch\", 1)")));
    }

    async fn on_delete_does_what_it_says(db) {
        let maker = makers(db).await;
        NewCar { id: 2, maker_id: 1 }.insert(db).await.unwrap();
        let part = NewPart { id: 3, car_id: 2 }.insert(db).await.unwrap();
        NewAdvert { id: 4, maker_id: Some(1) }.insert(db).await.unwrap();

        // The car would go with its maker, were there not the part.
        let by = expected("Part", "Part.car", None, "parts_car_id_fkey");
        assert_eq!(orphan(&maker.delete(db).await.unwrap_err()), by);
        part.delete(db).await.unwrap();

        let patent = NewPatent { id: 5, maker_id: 1 }.insert(db).await.unwrap();
        let by = |key| expected("Patent", "Patent.maker", key, "who invented it");
        assert_eq!(orphan(&maker.delete(db).await.unwrap_err()), by(Some("1")));
        // The key that is referenced, and not the one that it would become.
        let error = Maker::find_by_id(1).set(Maker::ID, 9).update(db).await.unwrap_err();
        assert_eq!(orphan(&error), by(Some("1")));
        patent.delete(db).await.unwrap();

        maker.delete(db).await.unwrap();
        assert_eq!(Car::find().count(db).await.unwrap(), 0);
        let adverts = Advert::find().all(db).await.unwrap();
        assert_eq!(adverts, [Advert { id: 4, maker_id: None }]);
    }

    async fn on_update_does_what_it_says(db) {
        makers(db).await;
        NewCar { id: 2, maker_id: 1 }.insert(db).await.unwrap();
        NewAdvert { id: 4, maker_id: Some(1) }.insert(db).await.unwrap();
        assert_eq!(Maker::find_by_id(1).set(Maker::ID, 9).update(db).await.unwrap(), 1);
        assert_eq!(Car::find().one(db).await.unwrap(), Car { id: 2, maker_id: 9 });
        assert_eq!(Advert::find().one(db).await.unwrap(), Advert { id: 4, maker_id: None });
    }

    async fn a_named_constraint_is_told_by_its_name(db) {
        makers(db).await;
        let error = NewPatent { id: 1, maker_id: 8 }.insert(db).await.unwrap_err();
        let by = expected("Patent", "Patent.maker", Some("8"), "who invented it");
        assert_eq!(orphan(&error), by);
    }

    async fn keys_whose_columns_make_one_name_are_told_apart(db) {
        for again in [false, true] {
            let schema = || schema![Org, Acc, Invoice];
            if again {
                db.drop(schema()).await.unwrap();
                db.create_if_missing(schema()).await.unwrap();
            } else {
                db.create(schema()).await.unwrap();
            }
            db.create_if_missing(schema()).await.unwrap();
            let org = NewOrg { tenant: 1, user_id: 1 }.insert(db).await.unwrap();
            let acc = NewAcc { id: 1 }.insert(db).await.unwrap();
            let new = |user_id, tenant_user_id, a, c| {
                NewInvoice { tenant: 1, user_id, tenant_user_id, a, b_c: 1, a_b: 1, c }
            };
            new(1, 1, 1, 1).insert(db).await.unwrap();

            let by = |key| expected("Invoice", "Invoice.org", key, "invoices_tenant_user_id_fkey1");
            let error = new(9, 1, 2, 2).insert(db).await.unwrap_err();
            assert_eq!(orphan(&error), by(Some("(1, 9)")));
            assert_eq!(orphan(&org.delete(db).await.unwrap_err()), by(Some("(1, 1)")));
            let by = |key| expected("Invoice", "Invoice.acc", key, "invoices_tenant_user_id_fkey");
            let error = new(1, 9, 2, 2).insert(db).await.unwrap_err();
            assert_eq!(orphan(&error), by(Some("9")));
            assert_eq!(orphan(&acc.delete(db).await.unwrap_err()), by(Some("1")));

            let unique = |key, name| (Some("Invoice"), None, Some(key), Some(name));
            let error = new(1, 1, 1, 2).insert(db).await.unwrap_err();
            assert_eq!(about(&error), unique("(1, 1)", "invoices_a_b_c_key"));
            Invoice::find().all_rows().set(Invoice::A_B, 7).update(db).await.unwrap();
            let error = NewInvoice { a_b: 7, ..new(1, 1, 2, 1) }.insert(db).await.unwrap_err();
            assert_eq!(about(&error), unique("(7, 1)", "invoices_a_b_c_key1"));
        }
    }

    async fn a_key_of_a_table_whose_name_is_cut_is_told(db) {
        db.create_if_missing(schema![Long]).await.unwrap();
        db.create_if_missing(schema![Long]).await.unwrap();
        let error = NewLong { id: 1, parent_id: Some(9) }.insert(db).await.unwrap_err();
        assert_eq!(orphan(&error), expected("Long", "Long.parent", Some("9"), "its parent"));
    }

    async fn a_key_of_another_row_is_refused(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let new = |id, pk| NewCustomer { id, pk, name: "Eve".into(), email: None };
        let mut errors = vec![
            (new(1, 9).insert(db).await.unwrap_err(), "1", "customers_pkey"),
            (new(9, 2).insert(db).await.unwrap_err(), "2", "customers_pk_key"),
            (
                Customer { pk: bob.pk, ..ada.clone() }.update(db).await.unwrap_err(),
                "1",
                "customers_pk_key",
            ),
            (
                Customer::find_by_id(1).set(Customer::ID, 2).update(db).await.unwrap_err(),
                "2",
                "customers_pkey",
            ),
        ];
        Customer::find_by_id(2).set(Customer::EMAIL, "b@x").update(db).await.unwrap();
        let email = NewCustomer { email: Some("b@x".into()), ..new(3, 3) };
        errors.push((email.insert(db).await.unwrap_err(), "\"b@x\"", "customers_email_key"));
        for (error, key, constraint) in errors {
            assert!(error.is_unique_violation(), "{error:?}");
            assert_eq!(about(&error), (Some("Customer"), None, Some(key), Some(constraint)));
            assert_eq!(
                error.to_string(),
                format!("another Customer has the key {key} already (constraint `{constraint}`)")
            );
        }
        // Nulls are no keys, and so never the same.
        new(4, 4).insert(db).await.unwrap();
    }

    async fn a_composite_id_of_another_row_is_refused(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let order = cast::order(db, &ada, 1).await;
        NewProduct { code: "x".into(), price: 1.0 }.insert(db).await.unwrap();
        let line = |number| NewLine { order_id: order.id, number, product_id: "x".into() };
        line(1).insert(db).await.unwrap();
        line(2).insert(db).await.unwrap();
        let error = line(1).insert(db).await.unwrap_err();
        assert!(error.is_unique_violation());
        let key = format!("({}, 1)", order.id);
        assert_eq!(about(&error), (Some("Line"), None, Some(&*key), Some("lines_pkey")));
        let second = Line::find_by_id((order.id, 2)).set(Line::NUMBER, 1);
        let error = second.update(db).await.unwrap_err();
        // SQLite tells no values, and the statement but a part of them.
        let told = (db.engine() == Engine::Postgres).then_some(&*key);
        assert_eq!(about(&error), (Some("Line"), None, told, Some("lines_pkey")));
        order.delete(db).await.unwrap();
        assert_eq!(Line::find().count(db).await.unwrap(), 0);
    }

    async fn a_null_is_refused_where_there_can_be_none(db) {
        db.create(schema![Stock]).await.unwrap();
        let mistaken = mistaken::NewStock { id: 1, location: None };
        let inserted = mistaken.insert(db).await.unwrap_err();
        NewStock { id: 1, amount: None, place: "x".into() }.insert(db).await.unwrap();
        let updated = mistaken::Stock { id: 1, location: None }.update(db).await.unwrap_err();
        let all = mistaken::Stock::find().all_rows();
        let set = all.set(mistaken::Stock::LOCATION, None::<String>).update(db).await.unwrap_err();
        for error in [inserted, updated, set] {
            assert!(error.is_not_null_violation(), "{error:?}");
            assert_eq!((error.entity(), error.property()), (Some("Stock"), Some("location")));
            assert_eq!(error.to_string(), "`Stock.location` cannot be null");
        }
    }

    async fn a_check_refuses_a_value(db) {
        db.create(schema![Stock]).await.unwrap();
        let stock = NewStock { id: 1, amount: Some(1), place: "x".into() };
        let mut stock = stock.insert(db).await.unwrap();
        stock.amount = -1;
        let new = NewStock { id: 2, amount: Some(-1), place: "x".into() };
        let errors = [
            new.insert(db).await.unwrap_err(),
            stock.update(db).await.unwrap_err(),
            Stock::find_by_id(1).set(Stock::AMOUNT, -1).update(db).await.unwrap_err(),
        ];
        for error in errors {
            assert!(error.is_check_violation(), "{error:?}");
            assert_eq!((error.entity(), error.constraint()), (Some("Stock"), Some("stock_is_there")));
            assert_eq!(
                error.to_string(),
                "a check of Stock refuses a value (constraint `stock_is_there`)"
            );
        }
    }

    async fn rows_that_dangled_before_are_not_blamed(db) {
        use crate::relations::{loose, promised};
        loose::create(db).await;
        // Nothing holds this table, so nothing refuses; the next table has a key that does.
        db.create(schema![Maker, Patent]).await.unwrap();
        promised::NewPet { id: 9, owner_id: 99, sitter_code: None }.insert(db).await.unwrap();
        let error = NewPatent { id: 1, maker_id: 3 }.insert(db).await.unwrap_err();
        assert_eq!(error.relation().map(|one| one.name), Some("maker"));
    }
}

/// Finding out which constraint it was leaves nothing behind.
#[tokio::test]
async fn a_refused_statement_leaves_a_transaction_of_sqlite_as_it_was() {
    let db = ConnectOptions::new("sqlite::memory:").pool_size(1).connect().await.unwrap();
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    let orphan = || NewOrder { customer_id: 9, payer_id: None, quantity: 1 };
    let refused = |error: Error| assert!(error.is_foreign_key_violation(), "{error:?}");
    refused(orphan().insert(&db).await.unwrap_err());
    refused(orphan().insert(&db).await.unwrap_err());

    let transaction = db.begin().await.unwrap();
    cast::order_in(&transaction, &ada, 1).await;
    refused(orphan().insert(&transaction).await.unwrap_err());
    // Were the check put off from now on, this would be found out by the commit.
    refused(orphan().insert(&transaction).await.unwrap_err());
    refused(ada.delete(&transaction).await.unwrap_err());
    refused(ada.delete(&transaction).await.unwrap_err());
    cast::order_in(&transaction, &ada, 2).await;
    transaction.commit().await.unwrap();
    assert_eq!(Order::find().count(&db).await.unwrap(), 2);
    assert_eq!(db.begin().await.unwrap().engine(), Engine::Sqlite);
}
