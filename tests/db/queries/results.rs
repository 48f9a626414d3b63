//! The rows and columns of a query: orders, limits, `one` and `first`.

use super::*;

behaviour! {
    async fn rows_come_in_the_order_asked_for_with_nulls_as_the_greatest(db) {
        create(db).await;
        let up = |left: &Thing, right: &Thing| match (left.large, right.large) {
            (None, None) => Ordering::Equal,
            (None, _) => Ordering::Greater,
            (_, None) => Ordering::Less,
            (left, right) => left.cmp(&right),
        };
        let sorted = |by: &dyn Fn(&Thing, &Thing) -> Ordering| {
            let mut things = things();
            things.sort_by(|left, right| by(left, right).then(right.id.cmp(&left.id)));
            things
        };
        let nulls_first = |left: &Thing, right: &Thing| left.large.cmp(&right.large);
        let asked = [
            (Thing::LARGE.asc(), sorted(&up)),
            (Thing::LARGE.desc(), sorted(&|left, right| up(right, left))),
            (Thing::LARGE.asc().nulls_first(), sorted(&nulls_first)),
            (Thing::LARGE.asc().nulls_last(), sorted(&up)),
            (Thing::LARGE.desc().nulls_last(), sorted(&|left, right| nulls_first(right, left))),
            (Thing::LARGE.desc().nulls_first(), sorted(&|left, right| up(right, left))),
            (Thing::NAME.asc(), sorted(&|left, right| left.name.cmp(&right.name))),
            (Thing::DONE.desc(), sorted(&|left, right| right.done.cmp(&left.done))),
        ];
        for (order, expected) in asked {
            let found = Thing::find().order_by(order.clone()).order_by(Thing::ID.desc()).all(db).await;
            assert_eq!(found.unwrap(), expected, "{order:?}");
        }
    }

    async fn a_page_is_a_part_of_the_rows(db) {
        create(db).await;
        let page = |limit: Option<u64>, offset: Option<u64>| async move {
            let mut things = Thing::find().order_by(Thing::ID.asc());
            if let Some(limit) = limit {
                things = things.limit(limit);
            }
            if let Some(offset) = offset {
                things = things.offset(offset);
            }
            let ids: Vec<_> = things.clone().all(db).await.unwrap().iter().map(|one| one.id).collect();
            assert_eq!(things.clone().count(db).await.unwrap(), ids.len() as i64);
            assert_eq!(things.clone().exists(db).await.unwrap(), !ids.is_empty());
            assert_eq!(things.first(db).await.unwrap().map(|one| one.id), ids.first().copied());
            ids
        };
        assert_eq!(page(Some(3), None).await, [0, 1, 2]);
        assert_eq!(page(Some(3), Some(8)).await, [8, 9]);
        assert_eq!(page(None, Some(7)).await, [7, 8, 9]);
        assert_eq!(page(Some(0), None).await, Vec::<i64>::new());
        assert_eq!(page(None, Some(100)).await, Vec::<i64>::new());
        assert_eq!(page(Some(u64::MAX), Some(9)).await, [9]);
        assert_eq!(page(None, Some(u64::MAX)).await, Vec::<i64>::new());
    }

    async fn some_columns_are_typed_tuples(db) {
        create(db).await;
        let things = || Thing::find().order_by(Thing::ID.asc()).filter(Thing::ID.lt(3));
        let pairs = things().select((Thing::ID, Thing::LARGE)).all(db).await.unwrap();
        assert_eq!(pairs, [(0, None), (1, Some(1)), (2, Some(2))]);
        let all = (Thing::ID, Thing::SMALL, Thing::LARGE, Thing::NAME, Thing::NOTE, Thing::DONE);
        let first = things().select(all).first(db).await.unwrap().unwrap();
        assert_eq!(first, (0, 0, None, "Ada".into(), Some("ADA".into()), false));
        assert_eq!(things().select((Thing::NAME,)).first(db).await.unwrap(), Some(("Ada".into(),)));
        assert_eq!(things().select(Thing::NAME).all(db).await.unwrap(), ["Ada", "ada", "50%"]);
        let one = things().filter(Thing::ID.eq(1)).select(Thing::NAME);
        assert_eq!(one.one(db).await.unwrap(), "ada");
        assert!(things().select(Thing::ID).one(db).await.unwrap_err().is_not_unique());
        let none = || Thing::find_by_id(99).select(Thing::ID);
        assert_eq!(none().optional(db).await.unwrap(), None);
        assert_eq!(none().first(db).await.unwrap(), None);
        assert!(none().one(db).await.unwrap_err().is_not_found());
    }

    async fn distinct_leaves_out_what_is_the_same(db) {
        create(db).await;
        let small = Thing::find().order_by(Thing::SMALL.desc()).select(Thing::SMALL).distinct();
        assert_eq!(small.all(db).await.unwrap(), [3, 2, 1, 0]);
        let page = Thing::find().order_by(Thing::SMALL.asc()).limit(2).offset(1);
        assert_eq!(page.select(Thing::SMALL).distinct().all(db).await.unwrap(), [1, 2]);
        let large = Thing::find().order_by(Thing::LARGE.asc()).select(Thing::LARGE).distinct();
        assert_eq!(
            large.all(db).await.unwrap(),
            [Some(0), Some(1), Some(2), Some(3), Some(4), None]
        );
        let first = Thing::find().order_by(Thing::SMALL.desc()).select(Thing::SMALL).distinct();
        assert_eq!(first.first(db).await.unwrap(), Some(3));
        let any = Thing::find().filter(Thing::SMALL.eq(2)).select(Thing::SMALL).distinct();
        assert_eq!(any.one(db).await.unwrap(), 2);
        // Rows differ by their id, so nothing of them is left out.
        let rows = || Thing::find().distinct();
        assert_eq!(rows().count(db).await.unwrap(), 10);
        assert_eq!(rows().order_by(Thing::ID.asc()).all(db).await.unwrap(), things());
        assert!(rows().offset(9).exists(db).await.unwrap());
        assert!(rows().order_by(Thing::NAME.asc()).offset(9).exists(db).await.unwrap());
        assert!(!rows().offset(10).exists(db).await.unwrap());
    }

    async fn what_is_distinct_is_ordered_by_what_is_selected(db) {
        create(db).await;
        let by_id = Thing::find().order_by(Thing::ID.asc()).select(Thing::SMALL).distinct();
        let error = by_id.all(db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert_eq!(error.entity(), Some("Thing"));
    }

    async fn counts_and_existence(db) {
        create(db).await;
        assert_eq!(Thing::find().count(db).await.unwrap(), 10);
        let some = || Thing::find().filter(Thing::SMALL.eq(1));
        assert_eq!(some().count(db).await.unwrap(), 3);
        assert_eq!(some().limit(2).count(db).await.unwrap(), 2);
        assert_eq!(some().order_by(Thing::NAME.asc()).count(db).await.unwrap(), 3);
        assert!(some().exists(db).await.unwrap());
        assert!(!Thing::find().filter(Thing::SMALL.eq(9)).exists(db).await.unwrap());
        assert!(Thing::find_by_id(3).exists(db).await.unwrap());
        assert_eq!(Thing::find_by_id(99).count(db).await.unwrap(), 0);
    }

    async fn the_first_is_by_id_or_by_the_order_asked_for(db) {
        db.create(schema![Thing, Seat]).await.unwrap();
        for id in [5, 3, 4] {
            let things = things();
            let Thing { small, large, name, note, done, .. } = things[id as usize].clone();
            NewThing { id, small, large, name, note, done }.insert(db).await.unwrap();
        }
        let id = |thing: Option<Thing>| thing.map(|thing| thing.id);
        assert_eq!(id(Thing::find().first(db).await.unwrap()), Some(3));
        let down = Thing::find().order_by(Thing::ID.desc());
        assert_eq!(id(down.first(db).await.unwrap()), Some(5));
        assert_eq!(id(Thing::find().offset(1).first(db).await.unwrap()), Some(4));
        assert_eq!(Thing::find().select(Thing::ID).first(db).await.unwrap(), Some(3));
        for (row, number) in [("b", 1), ("a", 2), ("a", 1)] {
            NewSeat { row: row.into(), number, taken: false }.insert(db).await.unwrap();
        }
        let seat = Seat::find().first(db).await.unwrap().unwrap();
        assert_eq!(seat.id(), ("a".to_owned(), 1));
    }

    async fn one_is_the_only_one(db) {
        create(db).await;
        let several = Thing::find().filter(Thing::SMALL.eq(1));
        let error = several.clone().one(db).await.unwrap_err();
        assert!(error.is_not_unique() && !error.is_not_found());
        assert_eq!(error.entity(), Some("Thing"));
        assert!(several.clone().optional(db).await.unwrap_err().is_not_unique());
        assert_eq!(several.limit(1).one(db).await.unwrap().small, 1);
        let none = Thing::find().filter(Thing::SMALL.eq(9));
        assert_eq!(none.clone().optional(db).await.unwrap(), None);
        let error = none.one(db).await.unwrap_err();
        assert_eq!(error.to_string(), "no Thing matches the query");
        assert_eq!(Thing::find().filter(Thing::ID.eq(4)).one(db).await.unwrap(), things()[4]);
    }

    async fn an_entity_is_found_by_its_id(db) {
        create(db).await;
        let counting = Counting::new(db);
        let by = |id: i64| Thing::find_by_id(id);
        // The cached SQL of one verb is not used for another, whichever runs first.
        assert_eq!(by(4).first(&counting).await.unwrap().as_ref(), things().get(4));
        assert_eq!(by(4).one(&counting).await.unwrap(), things()[4]);
        assert_eq!(by(4).all(&counting).await.unwrap(), things()[4..5]);
        assert_eq!(by(4).first(&counting).await.unwrap().as_ref(), things().get(4));
        assert_eq!(by(4).optional(&counting).await.unwrap().as_ref(), things().get(4));
        assert_eq!(by(99).optional(&counting).await.unwrap(), None);
        assert_eq!(counting.count(), 6);
        let error = by(99).one(db).await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.to_string(), "no Thing with key 99");
        assert_eq!(by(4).filter(Thing::SMALL.eq(0)).one(db).await.unwrap(), things()[4]);
        assert_eq!(by(4).filter(Thing::SMALL.eq(1)).optional(db).await.unwrap(), None);
        assert_eq!(by(4).offset(1).all(db).await.unwrap(), []);
    }

    async fn an_entity_is_found_by_its_composite_id(db) {
        db.create(schema![Seat]).await.unwrap();
        let seat = |row: &str, number| NewSeat { row: row.into(), number, taken: false };
        let first = seat("a", 1).insert(db).await.unwrap();
        let second = seat("a", 2).insert(db).await.unwrap();
        assert_eq!(Seat::find_by_id(("a", 1)).first(db).await.unwrap(), Some(first.clone()));
        assert_eq!(Seat::find_by_id(("a", 2)).one(db).await.unwrap(), second);
        let text = "a".to_owned();
        assert_eq!(Seat::find_by_id((&text, 1)).one(db).await.unwrap(), first);
        let error = Seat::find_by_id(("b", 1)).one(db).await.unwrap_err();
        assert_eq!(error.to_string(), "no Seat with key (\"b\", 1)");
        let mut taken = Seat { taken: true, ..first };
        taken.update(db).await.unwrap();
        assert_eq!(Seat::find().filter(Seat::TAKEN.eq(true)).one(db).await.unwrap(), taken);
        taken.delete(db).await.unwrap();
        assert_eq!(Seat::find().all(db).await.unwrap(), [second]);
    }
}
