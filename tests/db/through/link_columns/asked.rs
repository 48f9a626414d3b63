//! Questions, numbers and changes by the columns of a join table, and the links that are left out.

use super::*;

behaviour! {
    async fn sources_are_asked_about_some_links(db) {
        tracks(db).await;
        let main = || Track::TAGS.filter_link(Tagging::MAIN.eq(true));
        let found = |filter| async move {
            let tracks = Track::find().filter(filter).order_by(Track::ID.asc());
            tracks.select(Track::ID).all(db).await.unwrap()
        };

        assert_eq!(found(Track::TAGS.any(Tag::NAME.eq("b"))).await, [1]);
        assert_eq!(found(main().any(Tag::NAME.eq("b"))).await, [] as [i64; 0]);
        assert_eq!(found(main().none(Tag::NAME.eq("a"))).await, [2, 3]);
        assert_eq!(found(main().all(Tag::NAME.eq("c"))).await, [2, 3]);
        assert_eq!(found(main().is_present()).await, [1, 2]);
        assert_eq!(found(!main().filter_link(Tagging::POSITION.is_null()).is_present()).await, [2, 3]);
        assert_eq!(found(main().count().gt(1)).await, [1]);
        assert_eq!(found(main().max(Tag::ID).eq(3)).await, [2]);
        assert_eq!(found(main().min(Tag::ID).eq(1).or(main().avg(Tag::ID).eq(3.0))).await, [1, 2]);

        for strategy in 0..3 {
            let count = match strategy {
                0 => main().count().joined(),
                1 => Track::TAGS.count().filter_link(Tagging::MAIN.eq(true)).batched(),
                _ => main().count().pipelined(),
            };
            let counted = Track::find().order_by(count.clone().desc()).include(count).all(db).await.unwrap();
            let counted: Vec<_> = counted.iter().map(|track| (track.id, track.tags)).collect();
            assert_eq!(counted, [(1, 3), (2, 1), (3, 0)]);
        }
        // A condition within a condition.
        let deep = Tag::find().filter(Tag::ID.eq(1)).count(db).await.unwrap();
        assert_eq!(deep, 1);
        let nested = Track::find().include(main().filter(Tag::NOTES.any(Note::ID.lt(13)))).order_by(Track::ID.asc());
        let nested = nested.all(db).await.unwrap();
        assert_eq!(ids(&nested[0].tags), [1]);
    }

    async fn targets_of_some_links_are_changed(db) {
        let tracks = tracks(db).await;
        let main = || Track::TAGS.filter_link(Tagging::MAIN.eq(true));

        let changed = main().of(&tracks[0]).set(Tag::NAME, "main").update(db).await.unwrap();
        assert_eq!(changed, 3);
        // An order says nothing about a change.
        let up = main().order_by_link(Tagging::POSITION.asc()).of(&tracks[1]);
        assert_eq!(up.set(Tag::NAME, "other").update(db).await.unwrap(), 1);
        let names = Tag::find().order_by(Tag::ID.asc()).select(Tag::NAME).all(db).await.unwrap();
        assert_eq!(names, ["main", "b", "other", "main"]);
    }

    async fn rows_that_are_distinct_have_no_order_of_links(db) {
        let tracks = tracks(db).await;
        let names = Track::TAGS.order_by_link(Tagging::POSITION.asc()).of(&tracks[0]);
        let error = names.distinct().select(Tag::NAME).all(db).await.unwrap_err();
        assert!(error.is_invalid_request());
        let told = "cannot be ordered by `Tagging.position` of the link";
        assert!(error.to_string().contains(told), "{error}");
    }

    async fn links_of_other_tenants_lead_nowhere(db) {
        let tracks = tracks(db).await;
        for (tenant_id, track_id, tag_id, place) in
            [(7, 1, 1, 2), (7, 1, 2, 1), (8, 1, 3, 0), (8, 1, 1, 0), (7, 2, 4, 4)]
        {
            NewShelving { tenant_id: Some(tenant_id), track_id, tag_id, place }.insert(db).await.unwrap();
        }
        let db = &db.tenant(7_i64);
        let all = Track::SHELVED.order_by_link(Shelving::PLACE.asc());
        assert_eq!(ids(&all.clone().of(&tracks[0]).all(db).await.unwrap()), [2, 1]);
        let found = all.clone().load(db, &tracks).await.unwrap();
        let found: Vec<_> = found.iter().map(|tags| ids(tags)).collect();
        assert_eq!(found, [&[2, 1][..], &[4], &[]]);
        let low = Track::SHELVED.filter_link(Shelving::PLACE.lt(2));
        let found = Track::find().filter(low.is_present()).select(Track::ID).all(db).await.unwrap();
        assert_eq!(found, [1]);
    }
}
