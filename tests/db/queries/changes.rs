//! Updates and deletes by queries.

use super::*;

behaviour! {
    async fn a_change_of_every_row_is_asked_for_by_name(db) {
        create(db).await;
        let counting = Counting::new(db);
        for error in [
            Thing::find().delete(&counting).await.unwrap_err(),
            Thing::find().filter(Thing::ID.not_in(Vec::<i64>::new())).delete(&counting).await.unwrap_err(),
            Thing::find().set(Thing::SMALL, 1).update(&counting).await.unwrap_err(),
        ] {
            assert!(error.is_invalid_request(), "{error}");
            assert_eq!(error.entity(), Some("Thing"));
        }
        let some = || Thing::find().filter(Thing::ID.lt(5));
        for error in [
            some().limit(1).delete(&counting).await.unwrap_err(),
            some().offset(1).delete(&counting).await.unwrap_err(),
            some().limit(1).set(Thing::SMALL, 1).update(&counting).await.unwrap_err(),
            Thing::find().all_rows().distinct().delete(&counting).await.unwrap_err(),
        ] {
            assert!(error.is_invalid_request(), "{error}");
        }
        assert_eq!(counting.count(), 0);
        let all = Thing::find().all_rows();
        assert_eq!(all.clone().set(Thing::SMALL, 7).update(db).await.unwrap(), 10);
        assert_eq!(all.delete(db).await.unwrap(), 10);
    }

    async fn a_change_takes_the_rows_that_match(db) {
        create(db).await;
        let odd = || Thing::find().filter(Thing::DONE.eq(true));
        let changed = odd()
            .set(Thing::LARGE, None::<i32>)
            .set(Thing::NOTE, "n")
            .set(Thing::NAME, "x")
            .set(Thing::NAME, "y")
            .update(db)
            .await
            .unwrap();
        assert_eq!(changed, 5);
        let mut expected = things();
        for thing in expected.iter_mut().filter(|thing| thing.done) {
            (thing.large, thing.note, thing.name) = (None, Some("n".into()), "y".into());
        }
        let ordered = || Thing::find().order_by(Thing::ID.asc());
        assert_eq!(ordered().all(db).await.unwrap(), expected);
        assert_eq!(odd().delete(db).await.unwrap(), 5);
        expected.retain(|thing| !thing.done);
        assert_eq!(ordered().all(db).await.unwrap(), expected);
        assert_eq!(odd().delete(db).await.unwrap(), 0);
        assert_eq!(odd().set(Thing::SMALL, 1).update(db).await.unwrap(), 0);
    }

    async fn an_entity_writes_and_deletes_its_own_row(db) {
        create(db).await;
        let mut thing = Thing::find_by_id(3).one(db).await.unwrap();
        thing.name = "new".into();
        thing.large = None;
        thing.note = Some(String::new());
        thing.update(db).await.unwrap();
        assert_eq!(Thing::find_by_id(3).one(db).await.unwrap(), thing);
        assert_eq!(Thing::find().filter(Thing::NAME.eq("new")).count(db).await.unwrap(), 1);
        thing.delete(db).await.unwrap();
        for error in [thing.update(db).await.unwrap_err(), thing.delete(db).await.unwrap_err()] {
            assert!(error.is_not_found());
            assert_eq!((error.entity(), error.key()), (Some("Thing"), Some("3")));
        }
        assert_eq!(Thing::find().count(db).await.unwrap(), 9);
    }

    async fn an_entity_may_be_nothing_but_its_id(db) {
        db.create(schema![Tag, Ticket]).await.unwrap();
        let mut tag = NewTag { name: "red".into() }.insert(db).await.unwrap();
        tag.update(db).await.unwrap();
        assert_eq!(Tag::find_by_id("red").one(db).await.unwrap(), tag);
        tag.delete(db).await.unwrap();
        assert!(tag.update(db).await.unwrap_err().is_not_found());
        assert!(tag.delete(db).await.unwrap_err().is_not_found());
        let first = NewTicket {}.insert(db).await.unwrap();
        let second = NewTicket {}.insert(db).await.unwrap();
        assert_eq!((first.number, second.number), (1, 2));
    }
}
