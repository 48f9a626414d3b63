//! Reads: every kind of statement, by every strategy.

use ::relations::Executor;
use ::relations::driver::Tenant;
use ::relations::prelude::*;

use super::world::{Country, Customer, Folder, Line, OTHER, OWN, Order, OrderTag, Tag, filled};

/// Makes sure that an answer tells nothing of the other tenant.
pub fn own(answer: &impl std::fmt::Debug) {
    let told = format!("{answer:?}");
    assert!(!told.contains("secret"), "{told}");
    assert!(!told.contains("10000"), "{told}");
    assert!(!told.contains("tenant_id: 8"), "{told}");
}

/// Asks everything that a query can.
pub async fn ask(db: &impl Executor) {
    let customers = Customer::find().all(db).await.unwrap();
    assert_eq!(customers.len(), 20);
    own(&customers);
    own(&Country::find().all(db).await.unwrap());
    own(&Order::find()
        .filter(Order::TOTAL.gt(0))
        .order_by(Order::NOTE.asc())
        .limit(7)
        .all(db)
        .await
        .unwrap());
    own(&Order::find().distinct().all(db).await.unwrap());
    for id in 1..=40 {
        let found = Order::find_by_id(id).optional(db).await.unwrap();
        assert_eq!(found.is_some(), id % 2 == 1);
        let found = Customer::find().filter(Customer::ID.eq(id)).first(db).await.unwrap();
        assert_eq!(found.is_some(), id % 2 == 1);
        let of_id = Order::PAYER.of_id(id).optional(db).await;
        assert!(id % 2 == 1 || of_id.is_err());
        own(&of_id);
        let lines = Order::LINES.of_id(id).all(db).await.unwrap();
        own(&lines);
        own(&Order::TAGS.of_id(id).all(db).await.unwrap());
    }
    // Columns of targets, and what is asked of them.
    let far = Order::PAYER.column(Customer::EMAIL);
    own(&Order::find().select((Order::ID, far)).all(db).await.unwrap());
    assert_eq!(Order::find().filter(far.like("secret%")).count(db).await.unwrap(), 0);
    own(&Order::find().order_by(far.asc()).order_by(Order::ID.asc()).all(db).await.unwrap());
    own(&Customer::find().filter(Customer::ORDERS.any(Order::TOTAL.gt(5))).all(db).await.unwrap());
    let rich = Customer::ORDERS.any(Order::TOTAL.gt(1_000_000));
    assert_eq!(Customer::find().filter(rich).count(db).await.unwrap(), 0);
    let lines = Order::LINES.any(Line::PRICE.gt(1_000_000));
    assert_eq!(Order::find().filter(lines).count(db).await.unwrap(), 0);
    let tags = Order::TAGS.any(Tag::NAME.like("secret%"));
    assert_eq!(Order::find().filter(tags).count(db).await.unwrap(), 0);
    own(&Order::find().filter(Order::LINES.none(Line::PRICE.gt(3))).all(db).await.unwrap());
    own(&Order::find().filter(Order::TAGS.none(Tag::NAME.like("x%"))).all(db).await.unwrap());
    own(&Order::find().select((Order::ID, Order::LINES.count())).all(db).await.unwrap());
    own(&Order::find().select((Order::ID, Order::LINES.max(Line::PRICE))).all(db).await.unwrap());
    own(&Order::find().select((Order::ID, Order::TAGS.count())).all(db).await.unwrap());
    own(&Order::find().order_by(Order::LINES.sum(Line::PRICE).asc()).all(db).await.unwrap());
    // Values of all rows.
    assert_eq!(Line::find().count(db).await.unwrap(), 20);
    assert!(Line::find().exists(db).await.unwrap());
    assert!(!Line::find().filter(Line::PRICE.gt(1_000)).exists(db).await.unwrap());
    own(&Line::find().max(db, Line::PRICE).await.unwrap());
    own(&Line::find().sum(db, Line::PRICE).await.unwrap());
    let groups =
        Order::find().group_by(Order::CUSTOMER_ID).select((Order::CUSTOMER_ID, Order::TOTAL.max()));
    own(&groups.all(db).await.unwrap());
    // Trees.
    own(&Folder::CHILDREN.forest().all(db).await.unwrap());
    own(&Folder::CHILDREN.forest().trees(db).await.unwrap());
    for folder in Folder::find().all(db).await.unwrap() {
        own(&Folder::CHILDREN.descendants(&folder).all(db).await.unwrap());
        own(&Folder::PARENT.ancestors(&folder).all(db).await.unwrap());
        own(&Folder::CHILDREN.descendants_of_id(folder.id).all(db).await.unwrap());
    }
    own(&Folder::CHILDREN.descendants_of_id(2).all(db).await.unwrap());
    assert_eq!(OrderTag::find().count(db).await.unwrap(), 20);
}

/// Includes everything, by every strategy.
pub async fn include(db: &impl Executor) {
    let all = || Order::find();
    own(&all().include(Order::CUSTOMER.joined()).all(db).await.unwrap());
    own(&all().include(Order::CUSTOMER.batched()).all(db).await.unwrap());
    own(&all().include(Order::CUSTOMER.pipelined()).all(db).await.unwrap());
    own(&all().include(Order::LINES.joined()).all(db).await.unwrap());
    own(&all().include(Order::LINES.batched()).all(db).await.unwrap());
    own(&all().include(Order::LINES.pipelined()).all(db).await.unwrap());
    own(&all().include(Order::TAGS.batched()).all(db).await.unwrap());
    own(&all().include(Order::TAGS.pipelined()).all(db).await.unwrap());
    own(&all().include(Order::TAGS).limit(3).all(db).await.unwrap());
    own(&all().include(Order::LINES.order_by(Line::PRICE.desc()).limit(1)).all(db).await.unwrap());
    own(&all().include(Order::TAGS.order_by(Tag::NAME.asc()).limit(1)).all(db).await.unwrap());
    own(&all().include(Order::LINES.count()).all(db).await.unwrap());
    own(&all().include(Order::TAGS.count()).all(db).await.unwrap());
    own(&all().limit(5).include(Order::LINES.count()).all(db).await.unwrap());
    own(&all()
        .include(Order::LINES.include(Line::ORDER.filter(Order::TOTAL.gt(0))))
        .all(db)
        .await
        .is_ok());
    own(&all().include_required(Order::PAYER).all(db).await.unwrap());
    own(&Customer::find().include(Customer::ORDERS.include(Order::TAGS)).all(db).await.unwrap());
    own(&Tag::find().include(Tag::ORDERS.include(Order::CUSTOMER)).all(db).await.unwrap());
    own(&Customer::find_by_id(7)
        .include(Customer::ORDERS.include(Order::LINES))
        .one(db)
        .await
        .unwrap());
    // A foreign key that leads to a row of the other tenant points to nothing here.
    let dangling = all().include(Order::PAYER).all(db).await.unwrap_err();
    assert!(dangling.is_target_missing(), "{dangling}");
    assert!(dangling.to_string().contains("another tenant"), "{dangling}");
    let orders = all().all(db).await.unwrap();
    own(&Order::LINES.load(db, &orders).await.unwrap());
    own(&Order::TAGS.load(db, &orders).await.unwrap());
    own(&Order::CUSTOMER.load(db, &orders).await.unwrap());
    assert!(Order::PAYER.load(db, &orders).await.unwrap_err().is_target_missing());
    for order in &orders {
        own(&order.customer(db).await.unwrap());
        own(&order.lines(db).await.unwrap());
        own(&order.tags(db).await.unwrap());
        let payer = order.payer(db).await;
        assert_eq!(payer.is_ok(), order.payer_id.unwrap() % 2 == 1, "{payer:?}");
        own(&payer);
    }
}

behaviour! {
    async fn queries_see_their_own_tenant(db) {
        filled(db).await;
        ask(&db.tenant(OWN)).await;
    }

    async fn includes_see_their_own_tenant(db) {
        filled(db).await;
        include(&db.tenant(OWN)).await;
    }

    async fn transactions_and_gathered_lookups_see_their_own_tenant(db) {
        filled(db).await;
        let own = db.tenant(OWN);
        own.transaction(async |tx| {
            ask(tx).await;
            include(tx).await;
            tx.transaction(async |nested| {
                include(nested).await;
                Ok(())
            })
            .await
        })
        .await
        .unwrap();
        let tx = db.begin().await.unwrap();
        ask(&tx.tenant(OWN)).await;
        tx.rollback().await.unwrap();
        include(&db.batched().tenant(OWN)).await;
        include(&own.batched()).await;
        include(&own.batched().cached()).await;
        include(&own.query_stats().batched()).await;
        include(&Tenant::new(db.batched(), OWN)).await;
        include(&db.query_stats().tenant(OWN)).await;
        // Equal lookups of the other tenant are gathered by themselves.
        let (one, other) = (db.batched().tenant(OWN), db.batched().tenant(OTHER));
        let found = tokio::join!(
            Order::find_by_id(1).optional(&one),
            Order::find_by_id(1).optional(&other),
            Order::find_by_id(2).optional(&one),
            Order::find_by_id(3).optional(&one),
        );
        assert!(found.0.unwrap().is_some() && found.1.unwrap().is_none());
        assert!(found.2.unwrap().is_none() && found.3.unwrap().is_some());
    }

    async fn streams_and_pages_see_their_own_tenant(db) {
        use futures_util::TryStreamExt;

        filled(db).await;
        let db = &db.tenant(OWN);
        let streamed: Vec<_> = Order::find().stream(db).try_collect().await.unwrap();
        assert_eq!(streamed.len(), 20);
        own(&streamed);
        let page = Order::find().order_by(Order::TOTAL.desc()).page(6).fetch(db).await.unwrap();
        own(&page.rows);
        let mut after = page.next;
        let mut seen = page.rows.len();
        while let Some(id) = after {
            let next = Order::find().order_by(Order::TOTAL.desc()).page(6).after(id).fetch(db).await.unwrap();
            own(&next.rows);
            seen += next.rows.len();
            after = next.next;
        }
        assert_eq!(seen, 20);
        // A page cannot begin behind a row of the other tenant.
        let hidden = Order::find().order_by(Order::TOTAL.desc()).page(6).after(2).fetch(db).await;
        assert!(hidden.unwrap_err().is_not_found());
    }
}
