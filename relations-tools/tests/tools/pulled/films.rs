//! The tables of a database, written by `relations pull`. It is yours to change.

// A word that several attributes need is no mistake.
#![allow(clippy::duplicated_attributes)]

use chrono::{NaiveDate, NaiveDateTime};
use relations::Schema;
use relations::prelude::*;

/// All entities of this module.
pub fn schema() -> Schema {
    schema![Actor, FilmActor, Film, OddName, Poster]
}

/// A row of `actors`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "actors")]
#[unique("name", "country")]
#[has_many(FilmActor, name = "film_actors")]
#[has_many(Film, name = "films", through(FilmActor, from = "actor", to = "film"))]
pub struct Actor {
    #[id(generated)]
    pub id: i64,
    pub name: String,
    pub country: Option<String>,
}

/// A row of `film_actors`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "film_actors")]
pub struct FilmActor {
    #[id]
    #[belongs_to(Film, on_delete = "cascade", constraint = "to_film")]
    pub film_id: i64,
    #[id]
    #[belongs_to(Actor, index = false)]
    pub actor_id: i64,
}

/// A row of `films`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "films")]
#[unique("title", "released", name = "one_feature", filter = "\"type\" = 'feature'")]
#[index(expression = "lower(title), [released]", unique, name = "films_lower")]
#[index(expression = "released DESC, minutes", name = "films_newest")]
#[check("minutes > 0")]
#[has_many(FilmActor, name = "film_actors")]
#[has_many(Film, name = "films_by_previous", key_to = "previous")]
#[has_one(Poster, name = "poster")]
#[has_many(Actor, name = "actors", through(FilmActor, from = "film", to = "actor"))]
pub struct Film {
    #[id(generated)]
    pub id: i64,
    #[index(name = "films_title")]
    pub title: String,
    #[column(name = "type", default = "'feature'")]
    pub type_: String,
    pub minutes: Option<i64>,
    pub released: Option<NaiveDate>,
    #[column(generated = "minutes * 60")]
    pub seconds: Option<i64>,
    #[belongs_to(
        Film,
        name = "previous_film",
        on_delete = "set null",
        index = false,
        initially_deferred
    )]
    pub previous: Option<i64>,
}

/// A row of `log`.
///
/// It has no key that tells rows apart, so it is only read, by `relations::sql`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Log {
    pub at: Option<NaiveDateTime>,
    pub line: Option<String>,
}

/// A row of the view `long_films`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct LongFilm {
    pub id: Option<i64>,
    pub title: Option<String>,
}

/// A row of `odd names`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "odd names")]
pub struct OddName {
    #[id]
    #[column(name = "the key")]
    pub the_key: String,
    #[column(name = "1st")]
    pub n1st: Option<i64>,
    #[column(name = "self")]
    pub self_: Option<String>,
}

/// A row of `posters`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "posters")]
pub struct Poster {
    #[id]
    #[belongs_to(Film)]
    pub film_id: i64,
    pub image: Vec<u8>,
}
