//! Includes that a request names.

use ::relations::include::{Included, NamedIncludes, WithIncluded};
use futures_util::TryStreamExt;
use serde_json::to_string;

use super::agreement::*;
use super::serialized::{Guest, House, Room, hotel};
use super::{Counting, Database};
use ::relations::prelude::*;

/// Three people, two studios, and four films with what belongs to them; keys are not ids, and some point
/// to nothing where no constraint forbids it.
async fn films(db: &Database) {
    db.create(schema![Person, Studio, Film, Scene, Prize]).await.unwrap();
    for (id, code, rank, mentor_id) in
        [(1, "c", Some(3), None), (2, "b", None, Some(1)), (3, "a", Some(1), Some(77))]
    {
        NewPerson { id, code: code.into(), rank, mentor_id }.insert(db).await.unwrap();
    }
    for (country, number, owner_id) in [("no", 1, Some(2)), ("no", 2, None)] {
        let studio = NewStudio { country: country.into(), number, rank: None, owner_id };
        studio.insert(db).await.unwrap();
    }
    for (id, director_id, writer, studio, prequel_id) in [
        (1, 3, Some("b"), Some(("no", 2)), None),
        (2, 2, None, None, Some(1)),
        (3, 3, Some("z"), Some(("no", 1)), Some(1)),
        (4, 1, Some("c"), Some(("no", 2)), None),
    ] {
        let new = NewFilm {
            id,
            rank: Some(5),
            director_id,
            writer_code: writer.map(Into::into),
            studio_country: studio.map(|(country, _)| country.to_owned()),
            studio_number: studio.map(|(_, number)| number),
            prequel_id,
        };
        new.insert(db).await.unwrap();
    }
    for (film_id, number, actor_id) in [(1, 1, 3), (1, 2, 1), (3, 1, 3), (3, 2, 88)] {
        NewScene { film_id, number, rank: None, actor_id }.insert(db).await.unwrap();
    }
    NewPrize { number: 9, rank: None, film_id: 3 }.insert(db).await.unwrap();
}

/// The JSON of named includes is that of the typed ones, with as many statements in as many rounds.
macro_rules! agree {
    ($db:ident, $entity:ident by $id:ident: $($names:literal of $allowed:expr => [$($typed:expr),*];)*) => {
        $(
            let allowed = $allowed;
            for limit in [2, 50, 1_000] {
                let counting = Counting::new($db);
                let query = || $entity::find().order_by($entity::$id.asc()).limit(limit);
                let typed = query()$(.include($typed))*;
                let typed = to_string(&typed.all(&counting).await.unwrap()).unwrap();
                let (statements, rounds) = (counting.statements(), counting.rounds());
                let named = query().include_named(&allowed, $names).unwrap();
                // Also when the plan of either was kept before.
                for _ in 0..2 {
                    let rows: Vec<WithIncluded<$entity>> = named.clone().all(&counting).await.unwrap();
                    assert_eq!(to_string(&rows).unwrap(), typed);
                    assert_eq!(to_string(&rows.clone()).unwrap(), typed);
                    assert_eq!((counting.statements(), counting.rounds()), (statements.clone(), rounds.clone()));
                }
                let chunks = named.stream(&counting).chunk(2).try_collect::<Vec<_>>().await.unwrap();
                assert_eq!(to_string(&chunks).unwrap(), typed);
            }
        )*
    };
}

fn of_films() -> NamedIncludes<Film> {
    let scenes = NamedIncludes::new().allow(Scene::ACTOR);
    let studio = NamedIncludes::new().allow(Studio::OWNER).allow(Studio::FILMS.count());
    let person = NamedIncludes::new().allow(Person::MENTOR).allow_nested(
        Person::DIRECTED,
        NamedIncludes::new().allow_nested(Film::STUDIO, studio.clone()),
    );
    NamedIncludes::new()
        .allow(Film::PRIZE)
        .allow_nested(Film::SCENES, scenes)
        .allow_nested(Film::STUDIO, studio)
        .allow_nested(Film::DIRECTOR, person.clone())
        .allow_nested(Film::WRITER, person)
        .allow(Film::SEQUELS)
        .allow(Film::CAST)
}

behaviour! {
    async fn rows_have_the_json_of_typed_rows(db) {
        films(db).await;
        agree! { db, Film by ID:
            "" of of_films() => [];
            "prize" of of_films() => [Film::PRIZE];
            "studio" of of_films() => [Film::STUDIO];
            "cast, scenes" of of_films() => [Film::SCENES, Film::CAST];
            "writer,director" of of_films() => [Film::DIRECTOR, Film::WRITER];
            "scenes.actor" of of_films() => [Film::SCENES.include(Scene::ACTOR)];
            "scenes,scenes.actor,scenes" of of_films() => [Film::SCENES.include(Scene::ACTOR)];
            "studio.films,studio.owner" of of_films() =>
                [Film::STUDIO.include(Studio::OWNER).include(Studio::FILMS.count())];
            "director.directed.studio.owner,sequels,director.mentor" of of_films() => [
                Film::SEQUELS,
                Film::DIRECTOR.include(Person::MENTOR).include(
                    Person::DIRECTED.include(Film::STUDIO.include(Studio::OWNER)))
            ];
        }
    }

    async fn filters_orders_limits_and_strategies_are_those_that_are_allowed(db) {
        films(db).await;
        let only = |relation| NamedIncludes::<Film>::new().allow(relation);
        agree! { db, Film by ID:
            "director" of only(Film::DIRECTOR.joined()) => [Film::DIRECTOR.joined()];
            "director" of only(Film::DIRECTOR.batched()) => [Film::DIRECTOR.batched()];
            "director" of only(Film::DIRECTOR.pipelined()) => [Film::DIRECTOR.pipelined()];
        }
        let ranked = || Film::DIRECTOR.filter(Person::RANK.gt(1));
        let studio = || Film::STUDIO.joined();
        let scenes = || Film::SCENES.order_by(Scene::NUMBER.desc()).limit(1).pipelined();
        let actors = || NamedIncludes::new().allow(Scene::ACTOR.filter(Person::RANK.gt(2)));
        agree! { db, Film by ID:
            "director" of NamedIncludes::new().allow(ranked().batched()) => [ranked().batched()];
            "director" of NamedIncludes::new().allow(ranked().joined()) => [ranked().joined()];
            "studio" of NamedIncludes::new().allow(studio()) => [studio()];
            "scenes" of NamedIncludes::new().allow(scenes()) => [scenes()];
            "scenes.actor" of NamedIncludes::new().allow_nested(scenes(), actors()) =>
                [scenes().include(Scene::ACTOR.filter(Person::RANK.gt(2)))];
            "cast" of NamedIncludes::new().allow(Film::CAST.count().filter(Person::RANK.gt(2))) =>
                [Film::CAST.count().filter(Person::RANK.gt(2))];
        }
    }

    async fn members_are_renamed_as_serde_says(db) {
        hotel(db).await;
        let guests = NamedIncludes::new().allow(Guest::THE_ROOM);
        let rooms = NamedIncludes::new().allow_nested(Room::LAST_GUESTS, guests);
        let houses = NamedIncludes::new().allow_nested(House::ALL_ROOMS, rooms);
        let guests = Room::LAST_GUESTS.include(Guest::THE_ROOM);
        agree! { db, House by ID:
            "all_rooms" of houses.clone() => [House::ALL_ROOMS];
            "all_rooms.last_guests.the_room" of houses.clone() =>
                [House::ALL_ROOMS.include(guests.clone())];
        }
    }

    async fn rows_tell_what_was_included(db) {
        films(db).await;
        let films = Film::find().order_by(Film::ID.asc());
        let films = films.include_named(&of_films(), "scenes.actor,studio.films,prize").unwrap();
        let films = films.all(db).await.unwrap();
        let first = &films[0];
        // It derefs to the entity.
        assert_eq!(first.director_id, 3);
        let Some(Included::Many(scenes)) = first.included(Film::SCENES) else { panic!("{first:?}") };
        let Some(Included::One(Some(actor))) = scenes[1].included(Scene::ACTOR) else { panic!() };
        assert_eq!((scenes[1].number, actor.code.as_str()), (2, "c"));
        let Some(Included::One(Some(studio))) = first.included(Film::STUDIO) else { panic!() };
        assert!(matches!(studio.included(Studio::FILMS), Some(Included::Count(2))));
        assert!(matches!(first.included(Film::PRIZE), Some(Included::One(None))));
        assert!(first.included(Film::CAST).is_none());
        assert!(studio.included(Studio::OWNER).is_none());
        let hand = Film::find().order_by(Film::ID.asc()).all(db).await.unwrap();
        let hand = Film::preload(hand).include_named(&of_films(), "scenes.actor,studio.films,prize");
        let hand = hand.unwrap().all(db).await.unwrap();
        assert_eq!(to_string(&hand).unwrap(), to_string(&films).unwrap());
    }

    async fn a_tree_is_of_the_targets_of_a_relation_too(db) {
        films(db).await;
        let person = Person::find_by_id(3).one(db).await.unwrap();
        let directed = Person::DIRECTED.of(&person).include_named(&of_films(), "studio").unwrap();
        let typed = Person::DIRECTED.of(&person).include(Film::STUDIO).all(db).await.unwrap();
        assert_eq!(to_string(&directed.all(db).await.unwrap()).unwrap(), to_string(&typed).unwrap());
    }
}

#[test]
fn names_that_are_not_allowed_are_refused() {
    for (names, why) in [
        (
            "directr",
            "`Film` has no relation `directr` that may be included; did you mean `director`?",
        ),
        (
            "scenes.actr",
            "`Scene` has no relation `actr` that may be included; did you mean `actor`?",
        ),
        ("scenes.film", "`Scene` has no relation `film` that may be included; allowed: `actor`"),
        ("prize.film", "`Prize` has no relation `film` that may be included; none is allowed"),
        (
            "studio.films.director",
            "`Film` has no relation `director` that may be included; none is allowed",
        ),
        (
            "prequel",
            "`Film` has no relation `prequel` that may be included; allowed: `prize`, `scenes`",
        ),
        (
            "studio,",
            "`Film` has no relation `` that may be included; allowed: `prize`, `scenes`, \
            `studio`, `director`, `writer`, `sequels`, `cast`",
        ),
    ] {
        let error = Film::find().include_named(&of_films(), names).unwrap_err();
        assert!(error.is_invalid_input() && !error.is_invalid_request(), "{error:?}");
        assert!(error.to_string().starts_with(why), "{names}: {error}");
    }
    for hostile in ["scenes..actor", ".", "studio\";DROP TABLE films", "studio.owner.", "Scenes"] {
        assert!(Film::find().include_named(&of_films(), hostile).unwrap_err().is_invalid_input());
    }
    let long = "director.".repeat(100_000);
    let error = Film::find().include_named(&of_films(), &long).unwrap_err();
    assert!(error.to_string().len() < 200, "{error}");
}

#[test]
fn the_names_that_are_allowed_are_told() {
    let names = NamedIncludes::<Scene>::new()
        .allow(Scene::FILM)
        .allow_nested(Scene::ACTOR, NamedIncludes::new().allow(Person::MENTOR))
        .allow_nested(Scene::FILM, NamedIncludes::new().allow(Film::PRIZE))
        .names();
    assert_eq!(names, ["actor", "actor.mentor", "film", "film.prize"]);
}
