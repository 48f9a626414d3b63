//! Each query is compared with a plain search in memory.

mod aggregates;
mod changes;
mod filters;
mod results;

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
}
