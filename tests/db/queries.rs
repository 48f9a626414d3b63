//! Each query is compared with a plain search in memory.

use std::cmp::Ordering;
use std::sync::Mutex;

use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::{Database, Engine, Executor, Filter, Result};
use rust_decimal::Decimal;

use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Thing {
    #[id]
    pub id: i64,
    pub small: i32,
    pub large: Option<i32>,
    pub name: String,
    pub note: Option<String>,
    pub done: bool,
}

const NAMES: [&str; 10] =
    ["Ada", "ada", "50%", "50", "a_b", "aXb", r"a\b", "Élan", "élan", "\u{1f980} 'q' \"d\""];

/// Things of every kind: nulls, letters beyond ASCII, and what patterns have a meaning for.
fn things() -> Vec<Thing> {
    let thing = |(id, name): (i64, &&str)| Thing {
        id,
        small: id as i32 % 4,
        large: (id % 3 != 0).then_some(id as i32 % 5),
        name: (*name).to_owned(),
        note: (id % 2 == 0).then(|| name.to_uppercase()),
        done: id % 2 == 1,
    };
    (0..).zip(&NAMES).map(thing).collect()
}

async fn create(db: &Database) {
    db.create(schema![Thing]).await.unwrap();
    for Thing { id, small, large, name, note, done } in things() {
        NewThing { id, small, large, name, note, done }.insert(db).await.unwrap();
    }
}

/// SQL's three answers: yes, no and null.
type Answer = Option<bool>;

fn and(left: Answer, right: Answer) -> Answer {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(left: Answer, right: Answer) -> Answer {
    and(left.map(|answer| !answer), right.map(|answer| !answer)).map(|answer| !answer)
}

/// A filter beside what it says of a thing.
type Case = (Filter<Thing>, Box<dyn Fn(&Thing) -> Answer + Send + Sync>);

fn case(filter: Filter<Thing>, answer: impl Fn(&Thing) -> Answer + Send + Sync + 'static) -> Case {
    (filter, Box::new(answer))
}

/// Whether a text matches a pattern, by trying every way.
fn like(text: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| like(&text[at..], rest.as_str()))
        }
        Some(first) => {
            let wanted = if first == '\\' { rest.next() } else { Some(first) };
            let mut text = text.chars();
            text.next().is_some_and(|found| {
                (first == '_' || Some(found) == wanted) && like(text.as_str(), rest.as_str())
            })
        }
    }
}

fn comparisons() -> Vec<Case> {
    let small = |compare: fn(i32, i32) -> bool| move |one: &Thing| Some(compare(one.small, 2));
    let large =
        |compare: fn(i32, i32) -> bool| move |one: &Thing| one.large.map(|large| compare(large, 2));
    let both = |compare: fn(i32, i32) -> bool| {
        move |one: &Thing| one.large.map(|large| compare(one.small, large))
    };
    vec![
        case(Thing::SMALL.eq(2), small(|left, right| left == right)),
        case(Thing::SMALL.ne(2), small(|left, right| left != right)),
        case(Thing::SMALL.gt(2), small(|left, right| left > right)),
        case(Thing::SMALL.ge(2), small(|left, right| left >= right)),
        case(Thing::SMALL.lt(2), small(|left, right| left < right)),
        case(Thing::SMALL.le(2), small(|left, right| left <= right)),
        case(Thing::LARGE.eq(2), large(|left, right| left == right)),
        case(Thing::LARGE.ne(2), large(|left, right| left != right)),
        case(Thing::LARGE.gt(2), large(|left, right| left > right)),
        case(Thing::LARGE.le(2), large(|left, right| left <= right)),
        case(Thing::SMALL.eq(Thing::LARGE), both(|left, right| left == right)),
        case(Thing::SMALL.lt(Thing::LARGE), both(|left, right| left < right)),
        case(Thing::LARGE.le(Thing::SMALL), both(|left, right| right <= left)),
        case(Thing::SMALL.between(1, 2), |one| Some((1..=2).contains(&one.small))),
        case(Thing::SMALL.between(2, 1), |_| Some(false)),
        case(Thing::SMALL.between(1, Thing::LARGE), |one| {
            and(Some(one.small >= 1), one.large.map(|large| one.small <= large))
        }),
        case(Thing::LARGE.is_null(), |one| Some(one.large.is_none())),
        case(Thing::LARGE.is_not_null(), |one| Some(one.large.is_some())),
        case(Thing::DONE.eq(true), |one| Some(one.done)),
        case(Thing::DONE.ne(true), |one| Some(!one.done)),
        case(Thing::SMALL.is_in([1, 3, 3]), |one| Some([1, 3].contains(&one.small))),
        case(Thing::SMALL.not_in([1, 3]), |one| Some(![1, 3].contains(&one.small))),
        case(Thing::LARGE.is_in([1, 2]), |one| one.large.map(|large| [1, 2].contains(&large))),
        case(Thing::LARGE.not_in([1, 2]), |one| one.large.map(|large| ![1, 2].contains(&large))),
        case(Thing::LARGE.is_in(Vec::<i32>::new()), |_| Some(false)),
        case(Thing::LARGE.not_in(Vec::<i32>::new()), |_| Some(true)),
        case(Thing::DONE.is_in([true]), |one| Some(one.done)),
        case(Thing::NAME.is_in(NAMES), |_| Some(true)),
        case(Thing::NAME.is_in(["a_b", "\"", "50%"]), |one| {
            Some(["a_b", "50%"].contains(&&*one.name))
        }),
        case(Thing::NAME.eq(r"a\b"), |one| Some(one.name == r"a\b")),
        case(Thing::NAME.gt("a"), |one| Some(*one.name > *"a")),
        case(Thing::NOTE.eq(Thing::NAME), |one| one.note.as_ref().map(|note| *note == one.name)),
    ]
}

fn patterns() -> Vec<Case> {
    let mut cases = Vec::new();
    let of = [
        "%", "", "a%", "%a", "_da", "50%", r"50\%", "a_b", r"a\_b", r"a\\b", "%l_n", "É%", "%'q'%",
    ];
    for pattern in of {
        cases.push(case(Thing::NAME.like(pattern), move |one| Some(like(&one.name, pattern))));
        cases.push(case(Thing::NOTE.like(pattern), move |one| {
            one.note.as_ref().map(|note| like(note, pattern))
        }));
        if pattern.is_ascii() {
            cases.push(case(Thing::NAME.ilike(pattern), move |one| {
                Some(like(&one.name.to_ascii_lowercase(), &pattern.to_ascii_lowercase()))
            }));
        }
    }
    for text in ["", "a", "A", "50%", "_", r"\", "%", "b", "an", "'", "\u{1f980}"] {
        cases
            .push(case(Thing::NAME.starts_with(text), move |one| Some(one.name.starts_with(text))));
        cases.push(case(Thing::NAME.ends_with(text), move |one| Some(one.name.ends_with(text))));
        cases.push(case(Thing::NAME.contains(text), move |one| Some(one.name.contains(text))));
        cases.push(case(Thing::NOTE.contains(text), move |one| {
            one.note.as_ref().map(|note| note.contains(text))
        }));
    }
    cases
}

async fn ids(db: &Database, filter: Filter<Thing>) -> Vec<i64> {
    let things = Thing::find().filter(filter).order_by(Thing::ID.asc());
    things.select(Thing::ID).all(db).await.unwrap()
}

fn matching(answer: impl Fn(&Thing) -> Answer) -> Vec<i64> {
    let things = things();
    things.iter().filter(|thing| answer(thing) == Some(true)).map(|thing| thing.id).collect()
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Number {
    #[id]
    pub id: i64,
    pub i16: i16,
    pub i32: i32,
    pub i64: i64,
    pub f32: f32,
    pub f64: f64,
    pub decimal: Decimal,
    pub maybe: Option<i32>,
    pub maybe_decimal: Option<Decimal>,
}

fn number(id: i64, value: i16) -> NewNumber {
    NewNumber {
        id,
        i16: value,
        i32: value.into(),
        i64: value.into(),
        f32: f32::from(value) + 0.5,
        f64: f64::from(value) + 0.5,
        decimal: Decimal::new(i64::from(value) * 100 + 25, 2),
        maybe: (value != 2).then_some(value.into()),
        maybe_decimal: None,
    }
}

/// An entity that is nothing but its id.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Tag {
    #[id]
    pub name: String,
}

/// An entity of which the database makes everything.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Ticket {
    #[id(generated)]
    pub number: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Seat {
    #[id]
    pub row: String,
    #[id]
    pub number: i16,
    pub taken: bool,
}

/// Values of types that PostgreSQL has no least or greatest of.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Mark {
    #[id]
    pub id: i64,
    pub flag: bool,
    pub bytes: Vec<u8>,
    pub uuid: uuid::Uuid,
}

/// An executor that keeps each statement, and so where its SQL stands.
struct Standing<'db>(&'db Database, Mutex<Vec<Statement>>);

impl Standing<'_> {
    fn places(self) -> Vec<usize> {
        let statements = self.1.into_inner().unwrap();
        statements.iter().map(|statement| statement.sql().as_ptr().addr()).collect()
    }
}

impl Executor for Standing<'_> {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.1.lock().unwrap().push(statement.clone());
        self.0.run(statement).await
    }
}

behaviour! {
    async fn what_is_very_long_is_not_kept(db) {
        create(db).await;
        let standing = Standing(db, Mutex::default());
        let any = (0..1_000).map(|id| Thing::ID.eq(id)).reduce(Filter::or).unwrap();
        for _ in 0..2 {
            let found = Thing::find().filter(any.clone()).all(&standing).await.unwrap();
            assert_eq!(found.len(), things().len());
        }
        let standing = standing.places();
        assert_ne!(standing[0], standing[1]);
    }

    async fn queries_that_differ_in_their_values_are_written_once(db) {
        create(db).await;
        let standing = Standing(db, Mutex::default());
        for (small, names, pattern) in [(2, vec!["Ada", "50%"], "A%"), (1, vec!["ada"], "%0%")] {
            let query = Thing::find()
                .filter(Thing::SMALL.lt(small).or(Thing::NAME.is_in(names.clone())))
                .filter(!Thing::NOTE.like(pattern))
                .filter(Thing::LARGE.is_not_null())
                .order_by(Thing::ID.desc())
                .limit(3);
            let meant = |one: &Thing| {
                (one.small < small || names.contains(&&*one.name))
                    && one.note.as_ref().is_some_and(|note| !like(note, pattern))
                    && one.large.is_some()
            };
            let expected: Vec<_> = things().into_iter().rev().filter(meant).take(3).collect();
            assert_eq!(query.clone().all(&standing).await.unwrap(), expected);
            // Neither another order nor another comparison is the same.
            query.clone().order_by(Thing::NAME.asc()).all(&standing).await.unwrap();
            query.filter(Thing::SMALL.le(small)).all(&standing).await.unwrap();
        }
        let standing = standing.places();
        assert_eq!(standing[..3], standing[3..]);
        assert!(standing[0] != standing[1] && standing[0] != standing[2] && standing[1] != standing[2]);
    }

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

    async fn numbers_have_a_least_a_greatest_a_sum_and_an_average(db) {
        db.create(schema![Number]).await.unwrap();
        for (id, value) in (1..).zip([1, 2, 9, 10]) {
            number(id, value).insert(db).await.unwrap();
        }
        let all = Number::find;
        macro_rules! check {
            ($column:ident: $least:expr, $greatest:expr, $sum:expr, $average:expr) => {
                assert_eq!(all().min(db, Number::$column).await.unwrap(), Some($least));
                assert_eq!(all().max(db, Number::$column).await.unwrap(), Some($greatest));
                assert_eq!(all().sum(db, Number::$column).await.unwrap(), Some($sum));
                assert_eq!(all().avg(db, Number::$column).await.unwrap(), Some($average));
            };
        }
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        check!(I16: 1, 10, 22, 5.5);
        check!(I32: 1, 10, 22, 5.5);
        check!(I64: 1, 10, 22, 5.5);
        check!(F32: 1.5, 10.5, 24.0, 6.0);
        check!(F64: 1.5, 10.5, 24.0, 6.0);
        check!(DECIMAL: decimal("1.25"), decimal("10.25"), decimal("23.00"), decimal("5.75"));
        check!(MAYBE: 1, 10, 20, 20.0 / 3.0);
        assert_eq!(all().sum(db, Number::MAYBE_DECIMAL).await.unwrap(), None);
        assert_eq!(all().avg(db, Number::MAYBE_DECIMAL).await.unwrap(), None);
        assert_eq!(all().max(db, Number::MAYBE_DECIMAL).await.unwrap(), None);
        let page = all().order_by(Number::ID.asc()).limit(2);
        assert_eq!(page.clone().sum(db, Number::I32).await.unwrap(), Some(3));
        assert_eq!(page.clone().avg(db, Number::DECIMAL).await.unwrap(), Some(decimal("1.75")));
        assert_eq!(page.max(db, Number::DECIMAL).await.unwrap(), Some(decimal("2.25")));
        let none = || all().filter(Number::ID.gt(99));
        assert_eq!(none().min(db, Number::I32).await.unwrap(), None);
        assert_eq!(none().sum(db, Number::I64).await.unwrap(), None);
        assert_eq!(none().avg(db, Number::DECIMAL).await.unwrap(), None);
    }

    async fn a_sum_that_does_not_fit_is_an_error(db) {
        db.create(schema![Number]).await.unwrap();
        for id in [1, 2] {
            let full = NewNumber {
                i64: i64::MAX,
                i32: i32::MAX,
                i16: i16::MAX,
                decimal: Decimal::MAX,
                f32: 16_777_216.0,
                ..number(id, 1)
            };
            full.insert(db).await.unwrap();
        }
        NewNumber { f32: 1.0, i64: 0, decimal: Decimal::ZERO, ..number(3, 0) }
            .insert(db)
            .await
            .unwrap();
        let all = Number::find;
        let error = all().sum(db, Number::I64).await.unwrap_err();
        assert_eq!(error.entity(), Some("Number"));
        assert!(all().sum(db, Number::DECIMAL).await.is_err());
        let integers = i64::from(i32::MAX) * 2;
        assert_eq!(all().sum(db, Number::I32).await.unwrap(), Some(integers));
        assert_eq!(all().sum(db, Number::I16).await.unwrap(), Some(i64::from(i16::MAX) * 2));
        // A sum of short floats is as exact as one of long ones.
        assert_eq!(all().sum(db, Number::F32).await.unwrap(), Some(33_554_433.0));
    }

    async fn other_values_have_a_least_and_a_greatest(db) {
        create(db).await;
        assert_eq!(Thing::find().min(db, Thing::NOTE).await.unwrap().as_deref(), Some("50%"));
        assert_eq!(Thing::find().max(db, Thing::ID).await.unwrap(), Some(9));
        db.create(schema![Mark]).await.unwrap();
        assert_eq!(Mark::find().max(db, Mark::FLAG).await.unwrap(), None);
        for (id, bytes) in [(1, vec![0, 255]), (2, vec![1]), (3, vec![0])] {
            let mark = NewMark { id, flag: id == 1, bytes, uuid: uuid::Uuid::from_u128(id as u128) };
            mark.insert(db).await.unwrap();
        }
        assert_eq!(Mark::find().min(db, Mark::FLAG).await.unwrap(), Some(false));
        assert_eq!(Mark::find().max(db, Mark::FLAG).await.unwrap(), Some(true));
        assert_eq!(Mark::find().min(db, Mark::BYTES).await.unwrap(), Some(vec![0]));
        assert_eq!(Mark::find().max(db, Mark::BYTES).await.unwrap(), Some(vec![1]));
        let max = Mark::find().max(db, Mark::UUID).await.unwrap();
        assert_eq!(max, Some(uuid::Uuid::from_u128(3)));
    }

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
