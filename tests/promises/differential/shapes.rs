//! Trees of includes: as the public API says them, and as the search knows them.

use ::relations::include::Loaded;
use ::relations::prelude::*;
use ::relations::{Database, Query, Result};
use serde::Serialize;
use serde_json::Value;

use super::ask::{Ask, Askable, How, ask};
use super::oracle::Inc;
use super::world::{
    BADGE, Badge, DESK, Desk, META, PERSON, Person, Random, SKILL, Skill, TEAM, Team,
};

/// A tree of includes of an entity.
#[derive(Debug, Clone)]
pub struct Shape {
    pub number: usize,
    pub at: usize,
    pub ask: Ask,
    pub includes: Vec<Inc>,
}

/// The number of shapes.
const SHAPES: usize = 13;

fn include(random: &mut Random, at: usize, relation: usize, nested: Vec<Inc>) -> Inc {
    let target = META[at].relations[relation].target;
    Inc { relation, ask: ask(random, target, 1), counted: false, nested }
}

pub fn random(random: &mut Random) -> Shape {
    let number = random.below(SHAPES);
    let mut of = |at, relation, nested| include(random, at, relation, nested);
    let (at, includes) = match number {
        0 => (PERSON, vec![of(PERSON, 0, vec![])]),
        1 => {
            let team = of(PERSON, 0, vec![]);
            (PERSON, vec![of(PERSON, 1, vec![team])])
        }
        2 => (PERSON, vec![of(PERSON, 2, vec![])]),
        3 => {
            let badges = of(PERSON, 3, vec![]);
            (PERSON, vec![of(PERSON, 2, vec![badges])])
        }
        4 => {
            let people = of(SKILL, 0, vec![]);
            (PERSON, vec![of(PERSON, 5, vec![people])])
        }
        5 => {
            let near = of(DESK, 1, vec![]);
            (PERSON, vec![of(PERSON, 4, vec![near])])
        }
        6 => {
            let reports = Inc { counted: true, ..of(PERSON, 2, vec![]) };
            (PERSON, vec![of(PERSON, 0, vec![]), reports])
        }
        7 => {
            let all = [0, 1, 3, 5].map(|relation| of(PERSON, relation, vec![]));
            (PERSON, all.to_vec())
        }
        8 => {
            let skills = of(PERSON, 5, vec![]);
            (TEAM, vec![of(TEAM, 0, vec![skills])])
        }
        9 => (DESK, vec![of(DESK, 1, vec![]), of(DESK, 2, vec![])]),
        10 => {
            let badges = of(PERSON, 3, vec![]);
            (DESK, vec![of(DESK, 0, vec![badges])])
        }
        11 => {
            let team = of(PERSON, 0, vec![]);
            (BADGE, vec![of(BADGE, 0, vec![team])])
        }
        _ => {
            let boss = of(PERSON, 1, vec![]);
            (SKILL, vec![of(SKILL, 0, vec![boss])])
        }
    };
    let ask = ask(random, at, 2);
    Shape { number, at, ask, includes }
}

/// A relation to one, loaded as it is asked.
macro_rules! one {
    ($relation:expr, $include:expr) => {
        match $include.ask.how {
            How::Joined => $relation.joined(),
            How::Batched => $relation.batched(),
            How::Pipelined => $relation.pipelined(),
        }
    };
}

/// A relation to many, narrowed as it is asked.
macro_rules! many {
    ($relation:expr, $target:ident, $include:expr) => {{
        let ask = &$include.ask;
        let mut relation = $relation.filter(<$target>::filter(&ask.filter));
        for order in &ask.orders {
            relation = relation.order_by(<$target>::ordering(order));
        }
        if let Some(limit) = ask.limit {
            relation = relation.limit(limit);
        }
        if let Some(offset) = ask.offset {
            relation = relation.offset(offset);
        }
        match ask.how {
            How::Joined => relation,
            How::Batched => relation.batched(),
            How::Pipelined => relation.pipelined(),
        }
    }};
}

/// A query as it is asked.
pub fn query<E: Askable>(ask: &Ask) -> Query<E> {
    let mut query = E::find().filter(E::filter(&ask.filter));
    for order in &ask.orders {
        query = query.order_by(E::ordering(order));
    }
    if let Some(limit) = ask.limit {
        query = query.limit(limit);
    }
    if let Some(offset) = ask.offset {
        query = query.offset(offset);
    }
    query
}

async fn all<E: Entity, T: Loaded<Entity = E> + Serialize>(
    query: Query<E, T>,
    db: &Database,
) -> Result<Value> {
    Ok(serde_json::to_value(query.all(db).await?).expect("rows are serialized"))
}

impl Shape {
    /// The trees that the library loads.
    pub async fn load(&self, db: &Database) -> Result<Value> {
        let include = &self.includes;
        let first = &include[0];
        let people = || query::<Person>(&self.ask);
        match self.number {
            0 => all(people().include(one!(Person::TEAM, first)), db).await,
            1 => {
                let boss = one!(Person::BOSS, first).include(one!(Person::TEAM, first.nested[0]));
                all(people().include(boss), db).await
            }
            2 => all(people().include(many!(Person::REPORTS, Person, first)), db).await,
            3 => {
                let badges = many!(Person::BADGES, Badge, first.nested[0]);
                all(people().include(many!(Person::REPORTS, Person, first).include(badges)), db)
                    .await
            }
            4 => {
                let others = many!(Skill::PEOPLE, Person, first.nested[0]);
                all(people().include(many!(Person::SKILLS, Skill, first).include(others)), db).await
            }
            5 => {
                let near = one!(Desk::NEAR, first.nested[0]);
                all(people().include(one!(Person::DESK, first).include(near)), db).await
            }
            6 => {
                let reports =
                    Person::REPORTS.count().filter(Person::filter(&include[1].ask.filter));
                all(people().include(one!(Person::TEAM, first)).include(reports), db).await
            }
            7 => {
                let query = people()
                    .include(one!(Person::TEAM, first))
                    .include(one!(Person::BOSS, include[1]))
                    .include(many!(Person::BADGES, Badge, include[2]))
                    .include(many!(Person::SKILLS, Skill, include[3]));
                all(query, db).await
            }
            8 => {
                let skills = many!(Person::SKILLS, Skill, first.nested[0]);
                let people = many!(Team::PEOPLE, Person, first).include(skills);
                all(query::<Team>(&self.ask).include(people), db).await
            }
            9 => {
                let around = many!(Desk::AROUND, Desk, include[1]);
                let near = one!(Desk::NEAR, first);
                all(query::<Desk>(&self.ask).include(near).include(around), db).await
            }
            10 => {
                let badges = many!(Person::BADGES, Badge, first.nested[0]);
                let person = one!(Desk::PERSON, first).include(badges);
                all(query::<Desk>(&self.ask).include(person), db).await
            }
            11 => {
                let team = one!(Person::TEAM, first.nested[0]);
                let holder = one!(Badge::HOLDER, first).include(team);
                all(query::<Badge>(&self.ask).include(holder), db).await
            }
            _ => {
                let boss = one!(Person::BOSS, first.nested[0]);
                let people = many!(Skill::PEOPLE, Person, first).include(boss);
                all(query::<Skill>(&self.ask).include(people), db).await
            }
        }
    }
}
