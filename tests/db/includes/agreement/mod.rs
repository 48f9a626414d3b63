//! Whatever the strategies, what a query loads is what a search through all rows finds.
//!
//! Rows, and what is asked of them, are generated: null keys, dangling keys where no constraint
//! forbids them, shared targets, sources without targets, and trees of includes whose every
//! relation has a strategy, a filter, an order and a page of its own.

use std::cmp::Ordering;
use std::collections::HashMap;

use ::relations::definition::{RelationDefinition, RelationKind};
use ::relations::expression::Count;
use ::relations::include::{Including, Loaded, Strategy};
use ::relations::prelude::*;
use ::relations::relation::{Arity, Pageable};
use ::relations::{Column, Database, Executor, Query, Relation};
use proptest::prelude::{Strategy as Generator, any};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::Serialize;
use serde_json::Value;

/// The number of cases for each engine.
const CASES: u32 = 100;

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[entity(table = "people")]
#[has_many(Film, name = "directed", key_to = "director_id")]
#[has_many(Film, name = "written", key_from = "code", key_to = "writer_code")]
#[has_many(Film, name = "played", through(Scene))]
#[has_many(Person, name = "pupils", key_to = "mentor_id")]
#[allow(clippy::duplicated_attributes)]
pub struct Person {
    #[id]
    pub id: i64,
    #[unique]
    pub code: String,
    pub rank: Option<i32>,
    #[belongs_to(Person, constraint = false)]
    pub mentor_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[has_many(Film, key_from("country", "number"), key_to("studio_country", "studio_number"))]
pub struct Studio {
    #[id]
    pub country: String,
    #[id]
    pub number: i32,
    pub rank: Option<i32>,
    #[belongs_to(Person)]
    pub owner_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[belongs_to(
    Studio,
    name = "studio",
    key_from("studio_country", "studio_number"),
    key_to("country", "number")
)]
#[has_many(Scene)]
#[has_many(Film, name = "sequels", key_to = "prequel_id")]
#[has_many(Person, name = "cast", through(Scene))]
#[has_one(Prize)]
pub struct Film {
    #[id]
    pub id: i64,
    pub rank: Option<i32>,
    #[belongs_to(Person)]
    pub director_id: i64,
    #[belongs_to(Person, name = "writer", key_to = "code", constraint = false)]
    pub writer_code: Option<String>,
    pub studio_country: Option<String>,
    pub studio_number: Option<i32>,
    #[belongs_to(Film)]
    pub prequel_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
pub struct Scene {
    #[id]
    #[belongs_to(Film)]
    pub film_id: i64,
    #[id]
    pub number: i32,
    pub rank: Option<i32>,
    #[belongs_to(Person, constraint = false)]
    pub actor_id: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
pub struct Prize {
    #[id]
    pub number: i64,
    pub rank: Option<i32>,
    #[unique]
    #[belongs_to(Film)]
    pub film_id: i64,
}

/// An entity that can be filtered and ordered by its rank, of which several have the same.
trait Ranked: Entity {
    const RANK: Column<Self, Option<i32>>;

    /// The order of the ids.
    fn by_id<T>(query: Query<Self, T>) -> Query<Self, T>;
}

macro_rules! ranked {
    ($($entity:ident by $($id:ident)+;)*) => {
        $(
            impl Ranked for $entity {
                const RANK: Column<Self, Option<i32>> = $entity::RANK;

                fn by_id<T>(query: Query<Self, T>) -> Query<Self, T> {
                    query$(.order_by($entity::$id.asc()))+
                }
            }
        )*
    };
}

ranked! {
    Person by ID;
    Studio by COUNTRY NUMBER;
    Film by ID;
    Scene by FILM_ID NUMBER;
    Prize by NUMBER;
}

/// A query of the rows of one entity.
#[derive(Debug, Clone)]
struct Ask {
    strategy: Option<Strategy>,
    least_rank: Option<i32>,
    descending: Option<bool>,
    limit: Option<u64>,
    offset: Option<u64>,
}

fn maybe<T: std::fmt::Debug + Clone>(
    of: impl Generator<Value = T>,
) -> impl Generator<Value = Option<T>> {
    proptest::option::weighted(0.35, of)
}

fn asks() -> impl Generator<Value = Vec<Ask>> {
    let strategy = proptest::option::weighted(
        0.9,
        proptest::sample::select(vec![Strategy::Batched, Strategy::Joined, Strategy::Pipelined]),
    );
    let ask = (strategy, maybe(0..3), maybe(any::<bool>()), maybe(0..4_u64), maybe(0..3_u64));
    let ask = ask.prop_map(|(strategy, least_rank, descending, limit, offset)| Ask {
        strategy,
        least_rank,
        descending,
        limit,
        offset,
    });
    proptest::collection::vec(ask, 16)
}

/// The rows of one case.
#[derive(Debug, Clone)]
struct World {
    people: Vec<Person>,
    studios: Vec<Studio>,
    films: Vec<Film>,
    scenes: Vec<Scene>,
    prizes: Vec<Prize>,
}

fn rank() -> impl Generator<Value = Option<i32>> {
    proptest::option::of(0..3)
}

/// The one of these that a number leads to, however large it is.
fn among<T>(of: &[T], number: usize) -> Option<&T> {
    number.checked_rem(of.len()).and_then(|at| of.get(at))
}

fn code(number: usize) -> String {
    // The empty text is a key like any other, and zero is.
    "o".repeat(number)
}

fn worlds() -> impl Generator<Value = World> {
    use proptest::collection::vec;
    use proptest::option::of;

    let people = vec((rank(), of(0..8_i64)), 0..6);
    let studios = vec((0..2_usize, rank(), of(0..9_usize)), 0..4);
    let film = (rank(), 0..9_usize, of(0..8_usize), of((0..9_usize, 0..5)), of(0..9_usize));
    let scenes = vec((0..9_usize, rank(), 0..8_i64), 0..12);
    let prizes = vec((any::<bool>(), rank()), 6);
    (people, studios, vec(film, 0..7), scenes, prizes).prop_map(world)
}

type Numbers = (
    Vec<(Option<i32>, Option<i64>)>,
    Vec<(usize, Option<i32>, Option<usize>)>,
    Vec<(Option<i32>, usize, Option<usize>, Option<(usize, i32)>, Option<usize>)>,
    Vec<(usize, Option<i32>, i64)>,
    Vec<(bool, Option<i32>)>,
);

/// The rows that numbers stand for: those that a constraint holds lead somewhere.
fn world((people, studios, films, scenes, prizes): Numbers) -> World {
    let people: Vec<_> = (0..)
        .zip(people)
        .map(|(id, (rank, mentor_id))| Person {
            id,
            code: code(usize::try_from(id).unwrap()),
            rank,
            mentor_id,
        })
        .collect();
    let studios: Vec<_> = (0..)
        .zip(studios)
        .map(|(number, (country, rank, owner))| Studio {
            country: code(country),
            number,
            rank,
            owner_id: owner.and_then(|owner| among(&people, owner)).map(|owner| owner.id),
        })
        .collect();
    let mut made: Vec<Film> = Vec::new();
    for (id, (rank, director, writer, studio, prequel)) in (0..).zip(films) {
        let Some(director) = among(&people, director) else { continue };
        let at = studio.and_then(|(at, part)| among(&studios, at).map(|studio| (studio, part)));
        made.push(Film {
            id,
            rank,
            director_id: director.id,
            writer_code: writer.map(code),
            // A part of a key may be null.
            studio_country: at.filter(|at| at.1 != 0).map(|at| at.0.country.clone()),
            studio_number: at.filter(|at| at.1 != 1).map(|at| at.0.number),
            prequel_id: prequel.and_then(|prequel| among(&made, prequel)).map(|film| film.id),
        });
    }
    let films = made;
    let scenes = (0..).zip(scenes).filter_map(|(number, (film, rank, actor_id))| {
        Some(Scene { film_id: among(&films, film)?.id, number, rank, actor_id })
    });
    let prizes = (0..).zip(prizes).filter_map(|(at, (won, rank))| {
        let film = films.get(at).filter(|_| won)?;
        Some(Prize { number: 10 - film.id, rank, film_id: film.id })
    });
    World { scenes: scenes.collect(), prizes: prizes.collect(), people, studios, films }
}

impl World {
    async fn insert(&self, db: &impl Executor) -> ::relations::Result<()> {
        for Person { id, code, rank, mentor_id } in self.people.clone() {
            NewPerson { id, code, rank, mentor_id }.insert(db).await?;
        }
        for Studio { country, number, rank, owner_id } in self.studios.clone() {
            NewStudio { country, number, rank, owner_id }.insert(db).await?;
        }
        for film in self.films.clone() {
            let Film { id, rank, director_id, writer_code, prequel_id, .. } = film;
            let Film { studio_country, studio_number, .. } = film;
            let new = NewFilm {
                id,
                rank,
                director_id,
                writer_code,
                studio_country,
                studio_number,
                prequel_id,
            };
            new.insert(db).await?;
        }
        for Scene { film_id, number, rank, actor_id } in self.scenes.clone() {
            NewScene { film_id, number, rank, actor_id }.insert(db).await?;
        }
        for Prize { number, rank, film_id } in self.prizes.clone() {
            NewPrize { number, rank, film_id }.insert(db).await?;
        }
        Ok(())
    }

    fn rows(&self) -> Rows {
        fn json<E: Entity + Serialize>(of: &[E]) -> (&'static str, Vec<Value>) {
            (E::DEFINITION.name, of.iter().map(|row| serde_json::to_value(row).unwrap()).collect())
        }
        Rows(HashMap::from([
            json(&self.people),
            json(&self.studios),
            json(&self.films),
            json(&self.scenes),
            json(&self.prizes),
        ]))
    }
}

/// A query of one relation, as the in-memory search knows it.
struct Asked {
    relation: &'static RelationDefinition,
    required: bool,
    counted: bool,
    ask: Ask,
    nested: Vec<Asked>,
}

/// All rows, by the name of their entity.
struct Rows(HashMap<&'static str, Vec<Value>>);

impl Rows {
    /// The rows of an entity that are asked for, with what is included.
    fn found(
        &self,
        entity: &::relations::definition::EntityDefinition,
        ask: &Ask,
        nested: &[Asked],
    ) -> Vec<Value> {
        self.chosen(entity, self.0[entity.name].clone(), ask, nested)
    }

    fn chosen(
        &self,
        entity: &::relations::definition::EntityDefinition,
        rows: Vec<Value>,
        ask: &Ask,
        nested: &[Asked],
    ) -> Vec<Value> {
        let least = |row: &Value| match ask.least_rank {
            Some(least) => row["rank"].as_i64().is_some_and(|rank| rank >= i64::from(least)),
            None => true,
        };
        let mut rows: Vec<_> =
            rows.into_iter().filter(least).filter_map(|row| self.with(row, nested)).collect();
        rows.sort_by(|one, other| {
            let by_rank = match ask.descending {
                Some(true) => compare(&other["rank"], &one["rank"]),
                Some(false) => compare(&one["rank"], &other["rank"]),
                None => Ordering::Equal,
            };
            entity.id().fold(by_rank, |order, id| {
                order.then_with(|| compare(&one[id.name], &other[id.name]))
            })
        });
        let offset = usize::try_from(ask.offset.unwrap_or_default()).unwrap();
        let limit = ask.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
        rows.into_iter().skip(offset).take(limit).collect()
    }

    /// A row with what is included; none where it lacks what is required.
    fn with(&self, mut row: Value, nested: &[Asked]) -> Option<Value> {
        for asked in nested {
            let targets = self.targets(&row, asked);
            let found = if asked.counted {
                Value::from(targets.len())
            } else if asked.relation.targets_many() {
                Value::Array(targets)
            } else {
                assert!(targets.len() < 2, "a relation to one leads to {targets:?}");
                targets.into_iter().next().unwrap_or_default()
            };
            if found.is_null() && asked.required {
                return None;
            }
            row[asked.relation.name] = found;
        }
        Some(row)
    }

    fn targets(&self, source: &Value, asked: &Asked) -> Vec<Value> {
        let Asked { relation, ask, nested, .. } = asked;
        let target = relation.target.definition();
        let rows = self.0[target.name].iter();
        let linked = |row: &&Value| match &relation.through {
            None => pairs(source, relation.key_from, row, relation.key_to),
            Some(through) => self.0[through.link.name].iter().any(|link| {
                let (from, to) = (through.from(), through.to());
                pairs(link, from.key_from, source, from.key_to)
                    && pairs(link, to.key_from, row, to.key_to)
            }),
        };
        let rows = rows.filter(linked).cloned().collect();
        let page = if relation.targets_many() && !asked.counted {
            ask.clone()
        } else {
            Ask { limit: None, offset: None, descending: None, ..ask.clone() }
        };
        // A guaranteed target is not filtered, as that would change the type.
        let sure = relation.kind == RelationKind::BelongsTo && !relation.optional;
        let page = if sure { Ask { least_rank: None, ..page } } else { page };
        self.chosen(target, rows, &page, nested)
    }
}

/// Whether two keys are equal, and no part of them is null.
fn pairs(one: &Value, names: &[&str], other: &Value, others: &[&str]) -> bool {
    names.iter().zip(others).all(|(name, of)| !one[name].is_null() && one[name] == other[of])
}

/// A null is greatest.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (one, other) => one.as_i64().cmp(&other.as_i64()),
    }
}

mod comparison;
