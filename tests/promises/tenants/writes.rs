//! Writes: every kind of change, and the rows of the other tenant stay as they are.

use ::relations::prelude::*;
use ::relations::{Executor, Transactional};

use super::reads::own;
use super::world::{
    Customer, Folder, Line, NewCustomer, NewFolder, NewLine, NewOrder, NewTag, OTHER, OWN, Order,
    OrderTag, Tag, filled, of_other,
};

fn line(id: i64, order_id: i64) -> NewLine {
    NewLine { id, tenant_id: None, order_id, product: format!("own{id}"), price: 5 }
}

fn customer(id: i64, email: &str) -> NewCustomer {
    NewCustomer { id, tenant_id: None, email: email.to_owned(), country_code: "NL".to_owned() }
}

/// Inserts, and what comes back.
async fn insert(db: &impl Transactional) {
    let inserted = line(101, 1).insert(db).await.unwrap();
    assert_eq!(inserted.tenant_id, OWN);
    let given = NewLine { tenant_id: Some(OWN), ..line(102, 1) }.insert(db).await.unwrap();
    assert_eq!(given.tenant_id, OWN);
    let mixed = [line(103, 1), NewLine { tenant_id: Some(OWN), ..line(104, 1) }, line(105, 3)];
    own(&NewLine::insert_many(mixed, db).await.unwrap());
    assert_eq!(NewLine::insert_many([line(106, 1), line(107, 1)], db).execute().await.unwrap(), 2);
    let error = NewLine { tenant_id: Some(OTHER), ..line(108, 1) }.insert(db).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let mixed = [line(108, 1), NewLine { tenant_id: Some(OTHER), ..line(109, 1) }];
    assert!(NewLine::insert_many(mixed, db).await.unwrap_err().is_invalid_request());
    let order = Order::find_by_id(1).one(db).await.unwrap();
    own(&Order::LINES.insert(db, &order, |id| line(110, id)).await.unwrap());
    own(&Order::LINES.insert_many(db, &order, |id| [line(111, id), line(112, id)]).await.unwrap());
    let nested = customer(150, "own150")
        .with(Customer::ORDERS, |customer_id| {
            [NewOrder {
                id: 150,
                tenant_id: None,
                customer_id,
                payer_id: None,
                note: "own150".to_owned(),
                total: None,
            }
            .with(Order::LINES, |order_id| [line(150, order_id), line(151, order_id)])]
        })
        .insert(db)
        .await
        .unwrap();
    own(&nested);
    let folders = [
        NewFolder { id: 160, tenant_id: None, title: "own160".to_owned(), parent_id: Some(161) },
        NewFolder { id: 161, tenant_id: None, title: "own161".to_owned(), parent_id: None },
    ];
    own(&NewFolder::insert_many(folders, db).await.unwrap());
}

/// Changes of rows by queries, by ids and by entities.
async fn change(db: &impl Transactional) {
    assert_eq!(Line::find().all_rows().set(Line::PRICE, 6).update(db).await.unwrap(), 20);
    assert_eq!(Line::find_by_id(2).set(Line::PRICE, 7).update(db).await.unwrap(), 0);
    let secret = Order::PAYER.column(Customer::EMAIL).like("secret%");
    assert_eq!(
        Order::find().filter(secret.clone()).set(Order::TOTAL, 1).update(db).await.unwrap(),
        0
    );
    assert_eq!(Order::find().filter(secret).delete(db).await.unwrap(), 0);
    let expensive = Order::LINES.max(Line::PRICE);
    Order::find().all_rows().set_expr(Order::TOTAL, expensive).update(db).await.unwrap();
    own(&Order::find().all(db).await.unwrap());
    own(&Line::find_by_id(3).set(Line::PRICE, 7).update_returning(db).await.unwrap());
    let error = Line::find_by_id(3).set(Line::TENANT_ID, OTHER).update(db).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let error = Line::find_by_id(3)
        .set_expr(Line::TENANT_ID, Line::TENANT_ID + 1)
        .update(db)
        .await
        .unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let mut own_line = Line::find_by_id(3).one(db).await.unwrap();
    own_line.price = 8;
    own_line.update(db).await.unwrap();
    own_line.tenant_id = OTHER;
    assert!(own_line.update(db).await.unwrap_err().is_invalid_request());
    own_line.tenant_id = OWN;
    let mut edit = own_line.clone().edit();
    edit.price = 9;
    edit.save(db).await.unwrap();
    edit.tenant_id = OTHER;
    assert!(edit.save(db).await.unwrap_err().is_invalid_request());
    // An entity of the other tenant, as one may have it in hand.
    let stolen = Line { id: 2, version: 1, ..own_line.clone() };
    assert!(stolen.clone().update(db).await.unwrap_err().is_not_found());
    assert!(stolen.clone().delete(db).await.unwrap_err().is_not_found());
    let mut edit = stolen.clone().edit();
    edit.price = 9;
    assert!(edit.save(db).await.unwrap_err().is_not_found());
    let mut lines = vec![Line::find_by_id(5).one(db).await.unwrap(), stolen];
    assert!(Line::update_many(&mut lines, db).await.unwrap_err().is_not_found());
    lines.pop();
    Line::update_many(&mut lines, db).await.unwrap();
    assert_eq!(Line::find_by_id(4).delete(db).await.unwrap(), 0);
    Line::find_by_id(7).one(db).await.unwrap().delete(db).await.unwrap();
    own(&Line::find_by_id(9).delete_returning(db).await.unwrap());
    let customer = Customer::find_by_id(3).one(db).await.unwrap();
    let all = Order::find().all_rows();
    assert_eq!(Customer::ORDERS.reparent(db, all, &customer).await.unwrap(), 20);
}

/// Rows that may be there already.
async fn upsert(db: &impl Transactional) {
    let there =
        customer(201, "own1").on_conflict(Customer::EMAIL).update((Customer::COUNTRY_CODE,));
    assert!(!there.insert(db).await.unwrap().is_inserted());
    let new =
        customer(202, "own202").on_conflict(Customer::EMAIL).do_nothing().insert(db).await.unwrap();
    assert!(new.is_inserted());
    // The key of a row of the other tenant.
    let hidden = || customer(203, "secret2").on_conflict(Customer::EMAIL);
    let error = hidden().update((Customer::COUNTRY_CODE,)).insert(db).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let error = hidden().do_nothing().insert(db).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let error = hidden().set(Customer::COUNTRY_CODE, "DE").insert(db).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let error = hidden().set(Customer::TENANT_ID, OTHER).insert(db).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let many = || NewCustomer::insert_many([customer(204, "own3"), customer(205, "secret4")], db);
    let conflict = many().on_conflict(Customer::EMAIL).update((Customer::COUNTRY_CODE,));
    let error = conflict.await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let conflict = many().on_conflict(Customer::EMAIL).update((Customer::COUNTRY_CODE,));
    let error = conflict.execute().await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let error = many().on_conflict(Customer::EMAIL).do_nothing().await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let many = NewCustomer::insert_many([customer(206, "own3"), customer(207, "own207")], db);
    own(&many.on_conflict(Customer::EMAIL).update((Customer::COUNTRY_CODE,)).await.unwrap());
    let error = customer(2, "own208").insert(db).await.unwrap_err();
    assert!(error.is_unique_violation(), "{error}");
    own(&error);
}

/// Links between many and many.
async fn link(db: &impl Transactional) {
    let order = Order::find_by_id(5).one(db).await.unwrap();
    let tags = Tag::find().limit(5).order_by(Tag::ID.asc()).all(db).await.unwrap();
    assert!(Order::TAGS.link(db, &order, &tags[0]).await.unwrap());
    assert!(!Order::TAGS.link(db, &order, &tags[0]).await.unwrap());
    assert!(Order::TAGS.unlink(db, &order, &tags[0]).await.unwrap());
    // One of them is linked already.
    assert_eq!(Order::TAGS.link_many(db, &order, &tags).await.unwrap(), 4);
    assert_eq!(Order::TAGS.unlink_many(db, &order, &tags[..2]).await.unwrap(), 2);
    let changes = Order::TAGS.set(db, &order, &tags[1..3]).await.unwrap();
    assert_eq!(changes.linked, 1);
    let new = NewTag { id: 300, tenant_id: None, name: "own300".to_owned() };
    own(&Order::TAGS.create(db, &order, new).await.unwrap());
    assert_eq!(Order::TAGS.unlink_all(db, &order).await.unwrap(), 3);
    // A source of the other tenant has no links here.
    let stolen = Order { id: 4, ..order };
    assert_eq!(Order::TAGS.unlink_all(db, &stolen).await.unwrap(), 0);
    own(&OrderTag::find().all(db).await.unwrap());
    own(&Folder::find().all(db).await.unwrap());
}

/// Does some work for a tenant, and makes sure that the other tenant has what it had.
macro_rules! unharmed {
    ($db:ident, $work:ident) => {{
        filled($db).await;
        let before = of_other($db).await;
        $work(&$db.tenant(OWN)).await;
        assert_eq!(of_other($db).await, before);
    }};
}

behaviour! {
    async fn inserted_rows_are_the_tenants(db) {
        unharmed!(db, insert);
    }

    async fn rows_of_others_are_not_changed(db) {
        unharmed!(db, change);
    }

    async fn rows_of_others_are_not_upserted(db) {
        unharmed!(db, upsert);
    }

    async fn links_are_the_tenants(db) {
        unharmed!(db, link);
    }

    /// SQL is kept for the properties that are given, by the caller or by the executor.
    async fn a_tenant_is_written_alike_whether_given_or_filled_in(db) {
        filled(db).await;
        let own = &db.tenant(OWN);
        for (id, tenant_id) in [(300, None), (400, Some(OWN)), (500, None), (600, Some(OWN))] {
            let expected = |number: i64| Customer {
                id: id + number,
                tenant_id: OWN,
                email: format!("own{}", id + number),
                country_code: "NL".to_owned(),
            };
            let new = |number: i64| {
                let Customer { id, email, .. } = expected(number);
                NewCustomer { tenant_id, ..customer(id, &email) }
            };
            assert_eq!(new(1).insert(own).await.unwrap(), expected(1));
            let many = NewCustomer::insert_many([new(2), new(3)], own).await.unwrap();
            assert_eq!(many, [expected(2), expected(3)]);
            for _ in 0..2 {
                let one = new(4).on_conflict(Customer::EMAIL).update((Customer::COUNTRY_CODE,));
                assert_eq!(one.insert(own).await.unwrap().into_inner(), expected(4));
                let one = new(5).on_conflict(Customer::EMAIL).do_nothing().insert(own).await;
                assert_eq!(one.unwrap().into_inner(), expected(5));
                let many = NewCustomer::insert_many([new(6), new(7)], own);
                let many = many.on_conflict(Customer::EMAIL).update((Customer::COUNTRY_CODE,));
                let many = many.await.unwrap().into_iter().map(::relations::repository::Upserted::into_inner);
                assert_eq!(many.collect::<Vec<_>>(), [expected(6), expected(7)]);
            }
        }
    }

    async fn a_transaction_writes_for_its_tenant(db) {
        filled(db).await;
        let before = of_other(db).await;
        let own = db.tenant(OWN);
        let done = own.transaction(async |tx| {
            let inserted = line(101, 1).insert(tx).await?;
            assert_eq!(inserted.tenant_id, OWN);
            assert_eq!(Line::find().all_rows().delete(tx).await?, 21);
            tx.transaction(async |nested| {
                assert_eq!(line(102, 1).insert(nested).await?.tenant_id, OWN);
                Ok(())
            })
            .await
        });
        done.await.unwrap();
        assert_eq!(of_other(db).await, before);
    }

    async fn locks_are_of_the_tenants_rows(db) {
        if db.engine() == ::relations::Engine::Sqlite {
            return;
        }
        filled(db).await;
        let other = db.tenant(OTHER);
        let tx = other.begin().await.unwrap();
        assert_eq!(Order::find().for_update().all(&tx).await.unwrap().len(), 20);
        let own = db.tenant(OWN);
        let done = own.transaction(async |tx| {
            let rows = Order::find().for_update().no_wait().all(tx).await?;
            assert_eq!(rows.len(), 20);
            Ok(())
        });
        done.await.unwrap();
        tx.rollback().await.unwrap();
    }
}
