//! Filters of queries.

use super::*;

behaviour! {
    async fn each_filter_matches_what_it_says(db) {
        create(db).await;
        for (filter, answer) in comparisons().into_iter().chain(patterns()) {
            let said = format!("{filter:?}");
            let not = !filter.clone();
            assert_eq!(ids(db, filter).await, matching(&answer), "{said}");
            let negated = matching(|thing| answer(thing).map(|answer| !answer));
            assert_eq!(ids(db, not).await, negated, "not {said}");
        }
    }

    async fn filters_join_in_any_combination(db) {
        create(db).await;
        let cases = || comparisons().into_iter().step_by(3);
        for (left, left_says) in cases() {
            for (right, right_says) in cases() {
                let said = format!("{left:?} {right:?}");
                let both = left.clone().and(right.clone());
                let both_say = |one: &Thing| and(left_says(one), right_says(one));
                assert_eq!(ids(db, both.clone()).await, matching(both_say), "and: {said}");
                let either = left.clone().or(right.clone());
                let either_says = |one: &Thing| or(left_says(one), right_says(one));
                assert_eq!(ids(db, either.clone()).await, matching(either_says), "or: {said}");
                let nested = (!both).and(either.or(!right));
                let nested_says = |one: &Thing| {
                    let (left, right) = (left_says(one), right_says(one));
                    let not = |answer: Answer| answer.map(|answer| !answer);
                    and(not(and(left, right)), or(or(left, right), not(right)))
                };
                assert_eq!(ids(db, nested).await, matching(nested_says), "nested: {said}");
            }
        }
    }

    async fn filters_one_after_the_other_must_all_match(db) {
        create(db).await;
        let things = Thing::find()
            .filter(Thing::SMALL.gt(0).or(Thing::ID.eq(0)))
            .filter(Thing::DONE.eq(true).or(Thing::ID.eq(0)))
            .order_by(Thing::ID.asc());
        let found = things.select(Thing::ID).all(db).await.unwrap();
        assert_eq!(found, [0, 1, 3, 5, 7, 9]);
    }

    async fn a_raw_condition_is_taken_as_a_whole(db) {
        create(db).await;
        let even = Filter::raw("id % $1 = 0", (2_i64,));
        assert_eq!(ids(db, even.clone()).await, [0, 2, 4, 6, 8]);
        assert_eq!(ids(db, !even).await, [1, 3, 5, 7, 9]);
        for custom in [
            Filter::raw("id = 1 OR id = 2", ()),
            Filter::raw("id = $2 OR id = $1", (1_i64, 2_i64)),
            Filter::raw("(id=$1)OR id=$2", [1_i64, 2]),
            Filter::raw("id = 1 OR id = 2 -- the first two", ()),
            Filter::raw("id = $1 -- not $7\n OR id = $2 /* not $8 */", vec![1_i64, 2]),
        ] {
            assert_eq!(ids(db, custom.clone()).await, [1, 2]);
            assert_eq!(ids(db, custom.clone().and(Thing::ID.gt(1))).await, [2]);
            assert_eq!(ids(db, Thing::ID.gt(1).and(custom.clone())).await, [2]);
            let twice = Thing::find().filter(Thing::ID.gt(1)).filter(custom.clone());
            assert_eq!(twice.count(db).await.unwrap(), 1);
            assert_eq!(ids(db, !custom).await, [0, 3, 4, 5, 6, 7, 8, 9]);
        }
    }

    async fn the_values_of_a_raw_condition_are_sent_apart(db) {
        create(db).await;
        let name = |name: &str| Filter::raw("lower(name) = $1", (name.to_lowercase(),));
        assert_eq!(ids(db, name("Ada")).await, ids(db, Thing::NAME.ilike("ada")).await);
        assert!(ids(db, name("' OR 1 = 1 --")).await.is_empty());
        // A placeholder may be repeated, stand beside others, and be of an option.
        let both = Filter::raw("id = $1 AND $2 = 'x' AND $1 >= 0", (3_i64, "x"));
        assert_eq!(ids(db, both.and(Thing::ID.gt(2))).await, [3]);
        let none = Filter::raw("id = $1 OR id = 4", (None::<i64>,));
        assert_eq!(ids(db, none).await, [4]);
        // No placeholder is within a text, a name or a comment; a question mark there is none either.
        let quoted = Filter::raw("'$2?' <> $1 AND \"id\" = 5 /* $3 ? */", ("?",));
        assert_eq!(ids(db, Thing::ID.lt(9).and(quoted)).await, [5]);
    }

    async fn a_raw_condition_with_wrong_placeholders_is_not_sent(db) {
        create(db).await;
        let other = |sqlite: &'static str| match db.engine() {
            Engine::Postgres => "$name",
            Engine::Sqlite => sqlite,
        };
        for filter in [
            Filter::raw("id = $1", ()),
            Filter::raw("id = $1", (1_i64, 2_i64)),
            Filter::raw("id = 1", (1_i64,)),
            Filter::raw("id = $2", (1_i64,)),
            Filter::raw("id = $2", (1_i64, 2_i64)),
            Filter::raw("id = $1 OR id = $3", (1_i64, 2_i64, 3_i64)),
            Filter::raw("id = $0", (1_i64,)),
            Filter::raw("id = '$1'", (1_i64,)),
            Filter::raw("id = $99999999999999999999", (1_i64,)),
            Filter::raw(format!("id = $1 OR id = {}", other("?")), (1_i64,)),
            Filter::raw(format!("id = {}", other(":id")), ()),
            Filter::raw(format!("id = {}", other("?1")), ()),
            Filter::raw("", ()),
            Filter::raw("  -- nothing", ()),
            Filter::raw("id = 1; DELETE FROM things", ()),
            Filter::raw("id = 1) OR (1 = 1", ()),
            Filter::raw("id IN (1, 2", ()),
            Filter::raw("name = 'Ada", ()),
            Filter::raw("\"id = 1", ()),
            Filter::raw("id = 1 /* one", ()),
            Filter::raw("name = 'a\0'", ()),
            Filter::raw("name = $1", ("a\0",)),
        ] {
            for filter in [filter.clone(), !filter.clone(), Thing::ID.gt(1).or(filter)] {
                let counting = Counting::new(db);
                let error = Thing::find().filter(filter.clone()).all(&counting).await.unwrap_err();
                assert!(error.is_invalid_request(), "{filter:?}: {error}");
                let error = Thing::find().filter(filter).delete(&counting).await.unwrap_err();
                assert!(error.is_invalid_request(), "{error}");
                assert_eq!(counting.count(), 0);
            }
        }
        assert_eq!(Thing::find().count(db).await.unwrap(), 10);
    }

    async fn a_raw_condition_leaves_the_session_as_it_was(db) {
        create(db).await;
        if db.engine() == Engine::Sqlite {
            return;
        }
        for refused in ["set_config('x.y', 'z', false) = 'z'", "pg_try_advisory_lock(id)"] {
            let error = Thing::find().filter(Filter::raw(refused, ())).all(db).await.unwrap_err();
            assert!(error.is_invalid_request(), "{error}");
        }
        let locked = Filter::raw("pg_try_advisory_xact_lock($1)", (7_i64,));
        assert_eq!(Thing::find().filter(locked).count(db).await.unwrap(), 10);
        // Operators with a question mark or an at sign are operators here.
        let json = Filter::raw("'{\"a\": 1}'::jsonb ? $1 AND ARRAY[id] @> ARRAY[$2]", ("a", 3_i64));
        assert_eq!(ids(db, json).await, [3]);
    }

    async fn like_heeds_case_and_ilike_does_not(db) {
        create(db).await;
        assert_eq!(ids(db, Thing::NAME.like("ada")).await, [1]);
        assert_eq!(ids(db, Thing::NAME.ilike("ADA")).await, [0, 1]);
        assert_eq!(ids(db, Thing::NAME.ilike(r"A\_B")).await, [4]);
        // Beyond ASCII SQLite folds every letter; PostgreSQL those of the database's locale, of
        // which the plain C has none.
        let folded = ids(db, Thing::NAME.ilike("éLAN")).await;
        match db.engine() {
            Engine::Sqlite => assert_eq!(folded, [7, 8]),
            Engine::Postgres => assert!(folded == [8] || folded == [7, 8], "{folded:?}"),
        }
    }

    async fn a_list_may_be_long(db) {
        create(db).await;
        let counting = Counting::new(db);
        let long = || (-50_000..50_000_i64).filter(|id| *id != 3);
        let things = Thing::find().filter(Thing::ID.is_in(long()));
        assert_eq!(things.count(&counting).await.unwrap(), 9);
        let things = Thing::find().filter(Thing::ID.not_in(long()));
        assert_eq!(things.one(&counting).await.unwrap().id, 3);
        assert_eq!(counting.count(), 2);
    }

    async fn what_nothing_can_match_sends_no_statement(db) {
        create(db).await;
        let counting = Counting::new(db);
        let none = || Thing::find().filter(Thing::ID.is_in(Vec::<i64>::new()));
        assert_eq!(none().all(&counting).await.unwrap(), []);
        assert_eq!(none().count(&counting).await.unwrap(), 0);
        assert!(!none().exists(&counting).await.unwrap());
        assert_eq!(none().sum(&counting, Thing::SMALL).await.unwrap(), None);
        assert_eq!(none().delete(&counting).await.unwrap(), 0);
        assert!(none().one(&counting).await.unwrap_err().is_not_found());
        assert_eq!(counting.count(), 0);
    }
}
