//! Cases: each a question or a change, of the library and of the search.

use std::fmt::Debug;

use ::relations::prelude::*;
use ::relations::{Database, Error, Query, Result};
use serde_json::Value;

use super::ask::{Ask, Askable, F, ask, by_id, filter};
use super::oracle::{MISTAKES, Mistake, Oracle, Set};
use super::shapes::{self, Shape, query};
use super::world::{
    BADGE, Badge, DESK, Desk, META, PERSON, Person, Random, Row, SKILL, Skill, TEAM, Team, V,
    World, code, create, new_person,
};

/// The number of cases for each engine in CI.
const CASES: usize = 1_500;

/// The number of cases that share one world.
const OF_A_WORLD: usize = 40;

/// A case.
#[derive(Debug, Clone)]
enum Case {
    Rows(usize, Ask),
    Count(usize, F),
    Pages(usize, Ask, u64),
    Stream(usize, Ask, u64),
    Extremes(usize, F),
    Tree(Box<Shape>),
    Update(F, Set),
    DeleteBadges(F),
    DeletePeople(F),
    Upsert(Row, bool),
    Insert(Vec<Row>),
}

fn person(random: &mut Random, id: i64) -> Row {
    let some = |random: &mut Random, end| random.perhaps(|random| random.small(end));
    let boss = random
        .perhaps(|random| if random.once_in(2) { random.small(10) } else { 20 + random.small(4) });
    vec![
        id.into(),
        V::T(code(if random.once_in(4) { random.small(16) } else { id % 16 })),
        some(random, 3).into(),
        random.small(4).into(),
        V::Null,
        boss.into(),
    ]
}

fn case(random: &mut Random) -> Case {
    let at = *random.pick(&[PERSON, PERSON, PERSON, TEAM, BADGE, DESK, SKILL]);
    match random.below(20) {
        0..=4 => Case::Rows(at, ask(random, at, 3)),
        5 | 6 => Case::Count(at, filter(random, at, 3)),
        7 | 8 => {
            let mut ask = ask(random, at, 2);
            (ask.limit, ask.offset) = (None, None);
            Case::Pages(at, ask, 1 + random.below(3) as u64)
        }
        9 => Case::Stream(at, ask(random, at, 2), 1 + random.below(3) as u64),
        10 => Case::Extremes(at, filter(random, at, 2)),
        11..=15 => Case::Tree(Box::new(shapes::random(random))),
        16 => {
            let set = match random.below(9) {
                0 => Set::Score(random.small(5)),
                1 => Set::Level(random.perhaps(|random| random.small(3))),
                2 => Set::Boss(random.perhaps(|random| random.small(12))),
                3 => Set::ScoreAndMore(random.small(3)),
                4 => Set::LevelOfScores,
                5 => Set::ScoreOfReports,
                6 => Set::LevelOfBadges,
                _ => Set::LevelOfReports,
            };
            Case::Update(filter(random, PERSON, 2), set)
        }
        17 if random.once_in(2) => Case::DeleteBadges(filter(random, BADGE, 2)),
        17 => Case::DeletePeople(filter(random, PERSON, 2)),
        18 => {
            let id = random.small(12);
            let mut row = person(random, id);
            row[1] = V::T(code(random.small(12)));
            Case::Upsert(row, random.once_in(2))
        }
        _ => {
            let ids = (20..20 + 1 + random.small(4)).rev();
            Case::Insert(ids.map(|id| person(random, id)).collect())
        }
    }
}

/// An answer, as the library and the search give it.
fn differ<T: PartialEq + Debug>(library: &T, search: &T) -> Option<String> {
    (library != search).then(|| format!("library: {library:?}\n search: {search:?}"))
}

fn rows<E: Askable>(rows: &[E]) -> Value {
    serde_json::to_value(rows).expect("rows are serialized")
}

async fn pages<E>(ask: &Ask, size: u64, db: &Database) -> Result<Vec<E>>
where
    E: Askable + ::relations::query::Identified + ::relations::include::Loaded<Entity = E>,
{
    let query: Query<E> = query(ask);
    let mut all = Vec::new();
    let mut after: Option<E::Id> = None;
    loop {
        let page = query.clone().page(size);
        let page = match after {
            Some(id) => E::after(page, id),
            None => page,
        };
        let page = page.fetch(db).await?;
        all.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// The difference in an answer about an entity.
async fn ask_of<E>(case: &Case, oracle: Oracle<'_>, db: &Database) -> Result<Option<String>>
where
    E: Askable + ::relations::query::Identified + ::relations::include::Loaded<Entity = E>,
{
    let at = E::AT;
    let tree = |found: Vec<&Row>| -> Value {
        found.into_iter().map(|row| oracle.tree(at, row, &[])).collect()
    };
    Ok(match case {
        Case::Rows(_, ask) => {
            differ(&rows(&query::<E>(ask).all(db).await?), &tree(oracle.found(at, ask)))
        }
        Case::Pages(_, ask, size) => {
            differ(&rows(&pages::<E>(ask, *size, db).await?), &tree(oracle.found(at, ask)))
        }
        Case::Stream(_, ask, chunk) => {
            let mut stream = query::<E>(ask).stream(db).chunk(*chunk);
            let mut all = Vec::new();
            while let Some(row) = stream.try_next().await? {
                all.push(row);
            }
            differ(&rows(&all), &tree(oracle.found(at, ask)))
        }
        Case::Count(_, filter) => {
            let found = oracle.world.tables[at].iter();
            let found =
                found.filter(|row| oracle.holds(at, filter, row) == Some(true)).count() as i64;
            let query = || E::find().filter(E::filter(filter));
            let library = (query().count(db).await?, query().exists(db).await?);
            differ(&library, &(found, found > 0))
        }
        Case::Extremes(_, filter) => {
            let found = oracle.world.tables[at].iter();
            let found = found.filter(|row| oracle.holds(at, filter, row) == Some(true));
            let grades = found.map(|row| &row[META[at].grade]).filter(|grade| **grade != V::Null);
            let query = || E::find().filter(E::filter(filter));
            let least: V = query().min(db, E::GRADE).await?.into();
            let most: V = query().max(db, E::GRADE).await?.into();
            let null = &V::Null;
            let search = (grades.clone().min().unwrap_or(null), grades.max().unwrap_or(null));
            differ(&(&least, &most), &search)
        }
        other => panic!("{other:?} is no question about one entity"),
    })
}

/// The result of a change: the search's world, or an error of both.
async fn changed(
    done: Result<u64>,
    next: World,
    oracle: Oracle<'_>,
    db: &Database,
) -> Result<(World, Option<String>)> {
    let whole = next.is_whole();
    let refused = |error: &Error| error.is_foreign_key_violation() || error.is_unique_violation();
    let expected = match done {
        Err(error) if !refused(&error) => return Err(error),
        Err(_) if !whole => oracle.world.clone(),
        Err(error) => return Ok((next, Some(format!("library: {error}\n search: done")))),
        Ok(_) if !whole => {
            let told = "library: done\n search: a constraint refuses it".to_owned();
            return Ok((oracle.world.clone(), Some(told)));
        }
        Ok(_) => next,
    };
    let by_key = Oracle { world: &expected, mistake: None };
    let all = |at: usize| Ask {
        filter: F::Not(Box::new(F::Compare(0, super::ask::Op::Lt, V::I(i64::MIN)))),
        orders: by_id(at, false).collect(),
        limit: None,
        offset: None,
        how: super::ask::How::Batched,
    };
    let tree = |at: usize| -> Value {
        by_key.found(at, &all(at)).into_iter().map(|row| by_key.tree(at, row, &[])).collect()
    };
    let people = rows(&query::<Person>(&all(PERSON)).all(db).await?);
    let badges = rows(&query::<Badge>(&all(BADGE)).all(db).await?);
    let difference = differ(&people, &tree(PERSON)).or_else(|| differ(&badges, &tree(BADGE)));
    Ok((expected, difference))
}

/// The difference in a case, and the world after it.
async fn run(case: &Case, oracle: Oracle<'_>, db: &Database) -> Result<(World, Option<String>)> {
    let same = |difference| (oracle.world.clone(), difference);
    let holds = |at: usize, filter: &F, row: &Row| oracle.holds(at, filter, row) == Some(true);
    let mut next = oracle.world.clone();
    match case {
        Case::Rows(at, _)
        | Case::Count(at, _)
        | Case::Pages(at, ..)
        | Case::Stream(at, ..)
        | Case::Extremes(at, _) => Ok(same(match *at {
            PERSON => ask_of::<Person>(case, oracle, db).await?,
            TEAM => ask_of::<Team>(case, oracle, db).await?,
            BADGE => ask_of::<Badge>(case, oracle, db).await?,
            DESK => ask_of::<Desk>(case, oracle, db).await?,
            _ => ask_of::<Skill>(case, oracle, db).await?,
        })),
        Case::Tree(shape) => {
            let found = oracle.found(shape.at, &shape.ask);
            let search: Value =
                found.into_iter().map(|row| oracle.tree(shape.at, row, &shape.includes)).collect();
            Ok(same(differ(&shape.load(db).await?, &search)))
        }
        Case::Update(filter, set) => {
            let people = Person::find().filter(Person::filter(filter)).all_rows();
            let update = match set {
                Set::Score(score) => people.set(Person::SCORE, *score),
                Set::Level(level) => people.set(Person::LEVEL, *level),
                Set::Boss(boss) => people.set(Person::BOSS_ID, *boss),
                Set::ScoreAndMore(more) => people.set_expr(Person::SCORE, Person::SCORE + *more),
                Set::LevelOfReports => {
                    people.set_expr(Person::LEVEL, Person::REPORTS.max(Person::LEVEL))
                }
                Set::LevelOfScores => {
                    people.set_expr(Person::LEVEL, Person::REPORTS.max(Person::SCORE))
                }
                Set::ScoreOfReports => people.set_expr(Person::SCORE, Person::REPORTS.count()),
                Set::LevelOfBadges => {
                    people.set_expr(Person::LEVEL, Person::BADGES.max(Badge::POINTS))
                }
            };
            changed(update.update(db).await, oracle.updated(filter, set), oracle, db).await
        }
        Case::DeleteBadges(filter) => {
            next.tables[BADGE].retain(|row| !holds(BADGE, filter, row));
            let done = Badge::find().filter(Badge::filter(filter)).all_rows().delete(db).await;
            changed(done, next, oracle, db).await
        }
        Case::DeletePeople(filter) => {
            next.tables[PERSON].retain(|row| !holds(PERSON, filter, row));
            let done = Person::find().filter(Person::filter(filter)).all_rows().delete(db).await;
            changed(done, next, oracle, db).await
        }
        Case::Upsert(row, update) => {
            let there = next.tables[PERSON].iter_mut().find(|other| other[1] == row[1]);
            match there {
                Some(there) if *update => {
                    (there[2], there[3]) = (row[2].clone(), row[3].clone());
                }
                Some(_) => {}
                None => next.tables[PERSON].push(row.clone()),
            }
            let upsert = new_person(row).on_conflict(Person::CODE);
            let done = if *update {
                upsert.update((Person::LEVEL, Person::SCORE)).insert(db).await
            } else {
                upsert.do_nothing().insert(db).await
            };
            changed(done.map(|_| 1), next, oracle, db).await
        }
        Case::Insert(rows) => {
            next.tables[PERSON].extend(rows.iter().cloned());
            let done = NewEntity::insert_many(rows.iter().map(new_person), db).await;
            changed(done.map(|_| 1), next, oracle, db).await
        }
    }
}

/// The first difference among so many cases, with the seed of its world.
async fn difference(
    db: &Database,
    seed: u64,
    cases: usize,
    mistake: Option<Mistake>,
) -> Option<String> {
    let mut asked = 0;
    for seed in seed.. {
        let mut random = Random::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut world = World::random(&mut random);
        world.store(db).await.expect("a world is stored");
        for number in 0..OF_A_WORLD {
            if asked == cases {
                return None;
            }
            asked += 1;
            let case = case(&mut random);
            let told = |what: String| {
                format!("seed {seed}, case {number}: {case:#?}\n{what}\nin {world:?}")
            };
            match run(&case, Oracle { world: &world, mistake }, db).await {
                Ok((next, None)) => world = next,
                Ok((_, Some(difference))) => return Some(told(difference)),
                Err(error) => return Some(told(format!("library: {error}"))),
            }
        }
    }
    None
}

fn told(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

behaviour! {
    async fn queries_and_changes_give_what_a_plain_search_does(db) {
        create(db).await;
        let seed = told("RELATIONS_DIFFERENTIAL_SEED").unwrap_or(1);
        let cases = told("RELATIONS_DIFFERENTIAL_CASES").map_or(CASES, |cases| cases as usize);
        let found = difference(db, seed, cases, None).await;
        assert!(found.is_none(), "{}", found.unwrap_or_default());
        println!("{:?}: {cases} cases from seed {seed}, 0 differences", ::relations::Executor::engine(db));
    }
}

#[tokio::test]
async fn each_mistake_of_the_search_is_found() {
    let db = crate::support::sqlite().await;
    create(&db).await;
    for mistake in MISTAKES {
        let found = difference(&db, 1, CASES, Some(mistake)).await;
        assert!(found.is_some(), "{mistake:?} is not found in {CASES} cases");
    }
}
