//! Entities that are changed and saved.

use ::relations::prelude::*;
use chrono::{DateTime, NaiveDateTime, Utc};

use crate::cast::{self, Customer, Line, Order};
use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity)]
struct Page {
    #[id(generated)]
    id: i64,
    title: String,
    #[column(name = "Number of the version")]
    #[version]
    version: i16,
    #[skip]
    draft: Option<String>,
}

/// Stamps of the other crate and the other type, before what is given.
#[derive(Debug, Clone, PartialEq, Entity)]
struct Post {
    #[created_at]
    made: NaiveDateTime,
    #[updated_at]
    changed: time::OffsetDateTime,
    #[id]
    id: String,
    body: Option<String>,
    #[version]
    version: i64,
}

/// Nothing but an id and what the database makes.
#[derive(Debug, Clone, PartialEq, Entity)]
struct Visit {
    #[id]
    id: i64,
    #[created_at]
    at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Beat {
    #[id]
    id: i64,
    #[version]
    number: i32,
    #[updated_at]
    at: DateTime<Utc>,
}

async fn page(db: &::relations::Database) -> Page {
    NewPage { title: "One".into() }.insert(db).await.unwrap()
}

/// Lets the clocks of both engines go on, the coarser of which counts milliseconds.
async fn a_moment() {
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
}

behaviour! {
    async fn only_what_was_changed_is_written(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let order = cast::order(db, &ada, 3).await;
        let mut edited = order.clone().edit();
        edited.quantity = 5;
        assert_eq!(edited.changed().map(|one| one.name).collect::<Vec<_>>(), ["quantity"]);
        // A concurrent update of another column stays.
        Order::find_by_id(order.id).set(Order::CUSTOMER_ID, bob.pk).update(db).await.unwrap();
        let counting = Counting::new(db);
        edited.save(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        let written = Order { quantity: 5, customer_id: bob.pk, ..order.clone() };
        assert_eq!(Order::find_by_id(order.id).one(db).await.unwrap(), written);
        assert_eq!(edited.changed().count(), 0);
        edited.save(&counting).await.unwrap();
        assert_eq!(counting.count(), 0);
        assert_eq!(edited.into_inner(), Order { quantity: 5, ..order });
    }

    async fn an_id_may_be_edited(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let order = cast::order(db, &ada, 3).await;
        cast::NewProduct { code: "tea".into(), price: 1.0 }.insert(db).await.unwrap();
        let line = cast::NewLine { order_id: order.id, number: 1, product_id: "tea".into() };
        let mut line = line.insert(db).await.unwrap().edit();
        line.number = 2;
        line.save(db).await.unwrap();
        line.number = 3;
        line.save(db).await.unwrap();
        assert_eq!(Line::find().all(db).await.unwrap(), [line.into_inner()]);
    }

    async fn what_could_not_be_saved_can_be_saved_again(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let mut order = cast::order(db, &ada, 3).await.edit();
        order.customer_id = 9;
        order.quantity = 4;
        let error = order.save(db).await.unwrap_err();
        assert_eq!(error.relation().map(|one| one.name), Some("customer"));
        assert_eq!((order.customer_id, order.quantity), (9, 4));
        order.customer_id = bob.pk;
        order.save(db).await.unwrap();
        let order = order.into_inner();
        assert_eq!(Order::find_by_id(order.id).one(db).await.unwrap(), order);

        let mut gone = order.clone().edit();
        order.delete(db).await.unwrap();
        gone.save(db).await.unwrap();
        gone.quantity = 5;
        let error = gone.save(db).await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.to_string(), format!("no Order with key {}", order.id));
    }

    async fn what_is_loaded_is_edited_and_written(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        cast::order(db, &ada, 3).await;
        let mut order = Order::find().include(Order::CUSTOMER).one(db).await.unwrap();
        order.quantity = 4;
        order.update(db).await.unwrap();
        let mut order = order.into_inner().edit();
        order.quantity += 1;
        order.save(db).await.unwrap();
        assert_eq!(Order::find().one(db).await.unwrap().quantity, 5);
    }

    async fn a_stale_entity_writes_nothing(db) {
        db.create(schema![Page]).await.unwrap();
        let mut page = page(db).await;
        assert_eq!(page.version, 1);
        let (mut same, mut edited) = (page.clone(), page.clone().edit());
        page.draft = Some("kept".into());
        page.title = "Two".into();
        page.update(db).await.unwrap();
        assert_eq!((page.version, page.draft.as_deref()), (2, Some("kept")));

        same.title = "Three".into();
        edited.title = "Four".into();
        let stale = [same.update(db).await, edited.save(db).await, same.delete(db).await];
        for error in stale.map(Result::unwrap_err) {
            assert!(error.is_stale() && !error.is_not_found());
            assert_eq!(error.versions(), Some((1, 2)));
            assert_eq!((error.entity(), error.key()), (Some("Page"), Some("1")));
            assert_eq!(
                error.to_string(),
                "Page with key 1 was written by another: it is version 2 by now, and not 1; \
                 read it again",
            );
        }
        page.draft = None;
        assert_eq!(Page::find_by_id(page.id).one(db).await.unwrap(), page);

        // The version that is written over is the one that was read, whatever is done to it.
        let mut edited = page.clone().edit();
        edited.version = 1;
        edited.title = "Five".into();
        edited.save(db).await.unwrap();
        assert_eq!(edited.version, 3);
        edited.title = "Six".into();
        edited.save(db).await.unwrap();
        assert_eq!(edited.version, 4);

        let page = edited.into_inner();
        page.delete(db).await.unwrap();
        let mut again = page.clone();
        for error in [again.update(db).await.unwrap_err(), page.delete(db).await.unwrap_err()] {
            assert!(error.is_not_found() && !error.is_stale());
            assert_eq!(error.versions(), None);
        }
    }

    async fn an_edit_is_written_whole_as_well(db) {
        db.create(schema![Page, Beat]).await.unwrap();
        let mut page = page(db).await.edit();
        Page::find().all_rows().set(Page::TITLE, "Else").set(Page::VERSION, 1).update(db).await.unwrap();
        page.update(db).await.unwrap();
        assert_eq!((page.title.as_str(), page.version), ("One", 2));
        page.title = "Two".into();
        page.save(db).await.unwrap();
        let other = page.id + 1;
        page.id = other;
        page.update(db).await.unwrap();
        let page = page.into_inner();
        assert_eq!((page.id, page.version), (other, 4));
        assert_eq!(Page::find().one(db).await.unwrap(), page);
        let mut beat = NewBeat { id: 1 }.insert(db).await.unwrap().edit();
        let was = beat.at;
        a_moment().await;
        beat.update(db).await.unwrap();
        assert!(beat.at > was);
        beat.id = 2;
        beat.save(db).await.unwrap();
        assert_eq!(Beat::find_by_id(2).one(db).await.unwrap(), beat.into_inner());
    }

    async fn one_of_two_writers_wins(db) {
        db.create(schema![Page]).await.unwrap();
        let page = page(db).await;
        let (mut one, mut other) = (page.clone(), page);
        let (one, other) = tokio::join!(one.update(db), other.update(db));
        assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
        assert!(one.and(other).unwrap_err().is_stale());
    }

    async fn other_changes_count_as_well(db) {
        db.create(schema![Page]).await.unwrap();
        let page = page(db).await;
        let changed = Page::find_by_id(page.id).set(Page::TITLE, "Two").update_returning(db).await;
        assert_eq!(changed.unwrap()[0].version, 2);
        let named = Page::find_by_id(page.id).set_expr(Page::VERSION, Page::VERSION + 10);
        assert_eq!(named.update_returning(db).await.unwrap()[0].version, 12);
    }

    async fn a_version_that_is_used_up_is_refused(db) {
        db.create(schema![Page]).await.unwrap();
        let page = page(db).await;
        Page::find_by_id(page.id).set(Page::VERSION, i16::MAX).update(db).await.unwrap();
        let mut last = Page::find_by_id(page.id).one(db).await.unwrap();
        let error = last.update(db).await.unwrap_err();
        assert!(error.to_string().contains("out of range"), "{error}");
        assert_eq!(Page::find_by_id(page.id).one(db).await.unwrap(), last);
    }

    async fn the_database_tells_the_time(db) {
        db.create(schema![Post]).await.unwrap();
        let before = Utc::now().naive_utc() - chrono::TimeDelta::seconds(60);
        let new = NewPost { id: "a".into(), body: None };
        let mut post = new.insert(db).await.unwrap();
        assert!(post.made > before && post.made < before + chrono::TimeDelta::seconds(120));
        let made = post.made;
        let first = post.changed;
        assert_eq!(first.unix_timestamp(), made.and_utc().timestamp());
        a_moment().await;
        post.body = Some("b".into());
        post.made = NaiveDateTime::default();
        post.update(db).await.unwrap();
        assert_eq!((post.made, post.version), (made, 2));
        assert!(post.changed > first);
        assert_eq!(Post::find_by_id("a").one(db).await.unwrap(), post);

        a_moment().await;
        let mut edited = post.clone().edit();
        edited.made = NaiveDateTime::default();
        assert_eq!(edited.changed().count(), 0);
        edited.body = None;
        edited.save(db).await.unwrap();
        assert_eq!(edited.made, made);
        assert!(edited.changed > post.changed);
        assert_eq!(Post::find_by_id("a").one(db).await.unwrap(), *edited);

        a_moment().await;
        let set = Post::find().all_rows().set(Post::BODY, "c").update_returning(db).await.unwrap();
        assert_eq!((set[0].made, set[0].version), (made, 4));
        assert!(set[0].changed > edited.changed);
        let between = Post::find().filter(Post::MADE.eq(made).and(Post::CHANGED.gt(first)));
        assert_eq!(between.count(db).await.unwrap(), 1);
    }

    async fn an_entity_may_be_nothing_but_what_the_database_makes(db) {
        db.create(schema![Visit, Beat]).await.unwrap();
        let mut visit = NewVisit { id: 1 }.insert(db).await.unwrap();
        let was = visit.clone();
        visit.update(db).await.unwrap();
        assert_eq!(visit, was);
        let mut beat = NewBeat { id: 1 }.insert(db).await.unwrap();
        let was = beat.at;
        a_moment().await;
        beat.update(db).await.unwrap();
        assert!(beat.at > was);
        visit.delete(db).await.unwrap();
        assert!(visit.update(db).await.unwrap_err().is_not_found());
    }

    async fn edits_take_part_in_transactions(db) {
        db.create(schema![Page]).await.unwrap();
        let mut page = page(db).await.edit();
        let transaction = db.begin().await.unwrap();
        page.title = "Two".into();
        page.save(&transaction).await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(Page::find().one(db).await.unwrap().version, 1);
    }
}

/// A running edit can be handed to a task.
#[test]
fn an_edit_is_sent_and_shown() {
    fn is_sent(_: impl Send) {}
    let customer = Customer { id: 1, pk: 2, name: "Ada".into(), email: None };
    let mut edit = customer.edit();
    assert!(format!("{edit:?}").starts_with("Edit(Customer {"));
    is_sent(async move {
        let db = ::relations::connect("sqlite::memory:").await?;
        edit.save(&db).await
    });
}
