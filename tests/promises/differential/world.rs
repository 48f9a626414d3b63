//! Rows, as entities and as the search knows them.

use ::relations::prelude::*;
use ::relations::{Column, Database, Result, schema};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[entity(table = "staff")]
#[has_many(Person, name = "reports", key_to = "boss_id")]
#[has_many(Badge, name = "badges", key_from = "code", key_to = "owner")]
#[has_one(Desk)]
#[has_many(Skill, name = "skills", through(Link))]
pub struct Person {
    #[id]
    pub id: i64,
    #[unique]
    pub code: String,
    pub level: Option<i64>,
    pub score: i64,
    #[belongs_to(Team)]
    pub team_id: Option<i64>,
    #[belongs_to(Person, name = "boss")]
    pub boss_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[has_many(Person, name = "people")]
pub struct Team {
    #[id]
    pub id: i64,
    pub title: String,
    pub rating: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
pub struct Badge {
    #[id]
    pub id: i64,
    #[belongs_to(Person, name = "holder", key_to = "code")]
    pub owner: Option<String>,
    pub points: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[belongs_to(Desk, name = "near", key_from("near_room", "near_number"), key_to("room", "number"))]
#[has_many(Desk, name = "around", key_from("room", "number"), key_to("near_room", "near_number"))]
pub struct Desk {
    #[id]
    pub room: i64,
    #[id]
    pub number: i64,
    #[unique]
    #[belongs_to(Person)]
    pub person_id: Option<i64>,
    pub near_room: Option<i64>,
    pub near_number: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[has_many(Person, name = "people", through(Link))]
pub struct Skill {
    #[id]
    pub id: i64,
    pub name: String,
    pub rank: Option<i64>,
}

/// Two links may say the same.
#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
pub struct Link {
    #[id]
    pub id: i64,
    #[belongs_to(Person)]
    pub person_id: i64,
    #[belongs_to(Skill)]
    pub skill_id: i64,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum V {
    Null,
    I(i64),
    T(String),
}

impl From<i64> for V {
    fn from(value: i64) -> Self {
        Self::I(value)
    }
}

impl From<&str> for V {
    fn from(value: &str) -> Self {
        Self::T(value.to_owned())
    }
}

impl<T: Into<V>> From<Option<T>> for V {
    fn from(value: Option<T>) -> Self {
        value.map_or(V::Null, Into::into)
    }
}

impl V {
    pub fn json(&self) -> serde_json::Value {
        match self {
            V::Null => serde_json::Value::Null,
            V::I(value) => (*value).into(),
            V::T(value) => value.as_str().into(),
        }
    }
}

pub type Row = Vec<V>;

/// An entity as the search knows it.
pub struct Meta {
    pub columns: &'static [&'static str],
    /// Columns of integers, of texts, and those that may be null.
    pub numbers: &'static [usize],
    pub texts: &'static [usize],
    pub nullable: &'static [usize],
    /// An integer that may be null, of which there are few.
    pub grade: usize,
    /// An integer that others are compared with.
    pub against: usize,
    pub id: &'static [usize],
    pub relations: &'static [Rel],
}

pub struct Rel {
    pub name: &'static str,
    pub many: bool,
    pub target: usize,
    pub from: &'static [usize],
    pub to: &'static [usize],
    /// The columns of the link that hold the keys of source and target.
    pub through: Option<(usize, usize)>,
}

const fn rel(
    name: &'static str,
    many: bool,
    target: usize,
    from: &'static [usize],
    to: &'static [usize],
) -> Rel {
    Rel { name, many, target, from, to, through: None }
}

pub const PERSON: usize = 0;
pub const TEAM: usize = 1;
pub const BADGE: usize = 2;
pub const DESK: usize = 3;
pub const SKILL: usize = 4;

pub static META: [Meta; 5] = [
    Meta {
        columns: &["id", "code", "level", "score", "team_id", "boss_id"],
        numbers: &[0, 2, 3, 4, 5],
        texts: &[1],
        nullable: &[2, 4, 5],
        grade: 2,
        against: 2,
        id: &[0],
        relations: &[
            rel("team", false, TEAM, &[4], &[0]),
            rel("boss", false, PERSON, &[5], &[0]),
            rel("reports", true, PERSON, &[0], &[5]),
            rel("badges", true, BADGE, &[1], &[1]),
            rel("desk", false, DESK, &[0], &[2]),
            Rel { through: Some((1, 2)), ..rel("skills", true, SKILL, &[0], &[0]) },
        ],
    },
    Meta {
        columns: &["id", "title", "rating"],
        numbers: &[0, 2],
        texts: &[1],
        nullable: &[2],
        grade: 2,
        against: 0,
        id: &[0],
        relations: &[rel("people", true, PERSON, &[0], &[4])],
    },
    Meta {
        columns: &["id", "owner", "points"],
        numbers: &[0, 2],
        texts: &[1],
        nullable: &[1, 2],
        grade: 2,
        against: 0,
        id: &[0],
        relations: &[rel("holder", false, PERSON, &[1], &[1])],
    },
    Meta {
        columns: &["room", "number", "person_id", "near_room", "near_number"],
        numbers: &[0, 1, 2, 3, 4],
        texts: &[],
        nullable: &[2, 3, 4],
        grade: 2,
        against: 4,
        id: &[0, 1],
        relations: &[
            rel("person", false, PERSON, &[2], &[0]),
            rel("near", false, DESK, &[3, 4], &[0, 1]),
            rel("around", true, DESK, &[0, 1], &[3, 4]),
        ],
    },
    Meta {
        columns: &["id", "name", "rank"],
        numbers: &[0, 2],
        texts: &[1],
        nullable: &[2],
        grade: 2,
        against: 0,
        id: &[0],
        relations: &[Rel { through: Some((2, 1)), ..rel("people", true, PERSON, &[0], &[0]) }],
    },
];

/// An entity of the world.
pub trait Table: Entity + Serialize {
    const AT: usize;
    const GRADE: Column<Self, Option<i64>>;
}

macro_rules! table {
    ($($entity:ident at $at:ident by $grade:ident;)*) => {
        $(
            impl Table for $entity {
                const AT: usize = $at;
                const GRADE: Column<Self, Option<i64>> = $entity::$grade;
            }
        )*
    };
}

table! {
    Person at PERSON by LEVEL;
    Team at TEAM by RATING;
    Badge at BADGE by POINTS;
    Desk at DESK by PERSON_ID;
    Skill at SKILL by RANK;
}

/// Numbers that a seed decides.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut next = self.0;
        next = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        next = (next ^ (next >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        next ^ (next >> 31)
    }

    /// A number below another.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn small(&mut self, end: i64) -> i64 {
        self.below(end as usize) as i64
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub fn perhaps<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (!self.once_in(3)).then(|| value(self))
    }
}

/// All rows.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    pub tables: [Vec<Row>; 5],
    pub links: Vec<Row>,
}

pub fn code(number: i64) -> String {
    // The empty text is a key like any other.
    "abcdefghijklmnop".chars().take(number as usize).collect()
}

impl World {
    pub fn random(random: &mut Random) -> Self {
        let people = random.small(9);
        let teams = random.small(4);
        let skills = random.small(4);
        let among = |random: &mut Random, end: i64| {
            if end == 0 { None } else { random.perhaps(|random| random.small(end)) }
        };
        let person: Vec<Row> = (0..people)
            .map(|id| {
                let level = random.perhaps(|random| random.small(3));
                let (team, boss) = (among(random, teams), among(random, people));
                let score = random.small(4);
                vec![
                    id.into(),
                    V::T(code(id)),
                    level.into(),
                    score.into(),
                    team.into(),
                    boss.into(),
                ]
            })
            .collect();
        let named = |random: &mut Random, id: i64| -> Row {
            let name = code(random.small(3));
            vec![id.into(), V::T(name), random.perhaps(|random| random.small(3)).into()]
        };
        let team = (0..teams).map(|id| named(random, id)).collect();
        let skill = (0..skills).map(|id| named(random, id)).collect();
        let badges = random.small(8);
        let badge = (0..badges)
            .map(|id| {
                let owner = among(random, people).map(code);
                let points = random.perhaps(|random| random.small(3));
                vec![id.into(), owner.map_or(V::Null, V::T), points.into()]
            })
            .collect();
        let mut desk: Vec<Row> = Vec::new();
        let keys: Vec<(i64, i64)> =
            (0..6).map(|at| (at / 3, at % 3)).filter(|_| !random.once_in(2)).collect();
        for key in &keys {
            let person = among(random, people).map_or(V::Null, V::I);
            let taken = person != V::Null && desk.iter().any(|desk| desk[2] == person);
            let near = random.perhaps(|random| *random.pick(&keys));
            // A part of a key may be null.
            let part = random.below(6);
            desk.push(vec![
                key.0.into(),
                key.1.into(),
                if taken { V::Null } else { person },
                near.filter(|_| part != 0).map(|near| near.0).into(),
                near.filter(|_| part != 1).map(|near| near.1).into(),
            ]);
        }
        let mut links = Vec::new();
        if people > 0 && skills > 0 {
            for id in 0..random.small(12) {
                links.push(vec![
                    id.into(),
                    random.small(people).into(),
                    random.small(skills).into(),
                ]);
            }
        }
        Self { tables: [person, team, badge, desk, skill], links }
    }

    /// Puts these rows in place of those that are there.
    pub async fn store(&self, db: &Database) -> Result<()> {
        let integer = |value: &V| match value {
            V::I(value) => Some(*value),
            _ => None,
        };
        let text = |value: &V| match value {
            V::T(value) => Some(value.clone()),
            _ => None,
        };
        let sure = |value: &V| integer(value).unwrap();
        let [person, team, badge, desk, skill] = &self.tables;
        db.transaction(async |tx| {
            Link::find().all_rows().delete(tx).await?;
            Badge::find().all_rows().delete(tx).await?;
            Desk::find().all_rows().delete(tx).await?;
            Person::find().all_rows().delete(tx).await?;
            Skill::find().all_rows().delete(tx).await?;
            Team::find().all_rows().delete(tx).await?;
            let teams = team.iter().map(|row| NewTeam {
                id: sure(&row[0]),
                title: text(&row[1]).unwrap(),
                rating: integer(&row[2]),
            });
            NewTeam::insert_many(teams, tx).await?;
            NewPerson::insert_many(person.iter().map(new_person), tx).await?;
            let skills = skill.iter().map(|row| NewSkill {
                id: sure(&row[0]),
                name: text(&row[1]).unwrap(),
                rank: integer(&row[2]),
            });
            NewSkill::insert_many(skills, tx).await?;
            let badges = badge.iter().map(|row| NewBadge {
                id: sure(&row[0]),
                owner: text(&row[1]),
                points: integer(&row[2]),
            });
            NewBadge::insert_many(badges, tx).await?;
            let desks = desk.iter().map(|row| NewDesk {
                room: sure(&row[0]),
                number: sure(&row[1]),
                person_id: integer(&row[2]),
                near_room: integer(&row[3]),
                near_number: integer(&row[4]),
            });
            NewDesk::insert_many(desks, tx).await?;
            let links = self.links.iter().map(|row| NewLink {
                id: sure(&row[0]),
                person_id: sure(&row[1]),
                skill_id: sure(&row[2]),
            });
            NewLink::insert_many(links, tx).await.map(drop)
        })
        .await
    }
}

pub fn new_person(row: &Row) -> NewPerson {
    let integer = |value: &V| match value {
        V::I(value) => Some(*value),
        _ => None,
    };
    let V::T(code) = row[1].clone() else { panic!("a code is a text") };
    NewPerson {
        id: integer(&row[0]).unwrap(),
        code,
        level: integer(&row[2]),
        score: integer(&row[3]).unwrap(),
        team_id: integer(&row[4]),
        boss_id: integer(&row[5]),
    }
}

pub async fn create(db: &Database) {
    db.create(schema![Person, Team, Badge, Desk, Skill, Link]).await.unwrap();
}
