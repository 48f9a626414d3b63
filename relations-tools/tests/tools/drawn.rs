//! Diagrams: the same each time, of all tables or some.

use relations_tools::{Extent, mermaid, svg};

#[tokio::test]
async fn diagrams_show_tables_and_their_keys() {
    let db = relations::connect("sqlite::memory:").await.unwrap();
    for statement in crate::pull::FILMS {
        relations::sql(*statement, ()).execute(&db).await.unwrap();
    }
    let shape = db.shape().await.unwrap();
    let only = Extent::Only(vec!["film_actors".to_owned(), "actors".to_owned()]);
    assert_eq!(
        mermaid(&shape, &only),
        "erDiagram
    actors {
        INTEGER id PK
        TEXT name
        TEXT country
    }
    film_actors {
        INTEGER film_id PK, FK
        INTEGER actor_id PK, FK
    }
    actors ||--o{ film_actors : \"actor_id\"
"
    );
    let around = |depth| mermaid(&shape, &Extent::Around("posters".to_owned(), depth));
    assert!(around(1).contains("films {") && !around(1).contains("actors {"));
    assert!(around(3).contains("actors {") && !around(3).contains("log {"));
    let drawn = svg(&shape, &Extent::Whole);
    assert_eq!(drawn, svg(&shape, &Extent::Whole));
    assert_eq!(drawn.matches("<g transform").count(), 6);
    assert_eq!(drawn.matches("<path class=\"edge\"").count(), 4, "an edge a key");
}

#[tokio::test]
async fn no_two_tables_of_pagila_overlap() {
    for dump in ["northwind/northwind.sql", "pagila/pagila-schema.sql"] {
        let Some(db) = crate::pull::loaded(dump).await else { return };
        let drawn = svg(&db.shape().await.unwrap(), &Extent::Whole);
        let boxes: Vec<[f64; 4]> =
            drawn.split("<g transform=\"translate(").skip(1).map(of_box).collect();
        assert!(boxes.len() > 13);
        for (at, one) in boxes.iter().enumerate() {
            for other in &boxes[at + 1..] {
                let apart =
                    |a: usize| one[a] + one[a + 2] < other[a] || other[a] + other[a + 2] < one[a];
                assert!(apart(0) || apart(1), "{one:?} {other:?}");
            }
        }
    }
}

/// The place and the size of a table.
fn of_box(text: &str) -> [f64; 4] {
    let number = |text: &str| -> f64 { text.parse().unwrap() };
    let (place, rest) = text.split_once(')').unwrap();
    let (x, y) = place.split_once(' ').unwrap();
    let after = |word: &str| {
        let (_, rest) = rest.split_once(word).unwrap();
        number(rest.split_once('"').unwrap().0)
    };
    [number(x), number(y), after("width=\""), after("height=\"")]
}

/// `RELATIONS_PULL=write` draws the pictures again, which are then to be looked at.
#[test]
fn the_pictures_are_drawn_from_the_entities() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
    for (name, schema) in [
        ("northwind", crate::pulled::northwind::schema()),
        ("pagila", crate::pulled::pagila::schema()),
    ] {
        let drawn = svg(&schema.shape(relations::Engine::Postgres).unwrap(), &Extent::Whole);
        let path = format!("{docs}/{name}.svg");
        if std::env::var_os("RELATIONS_PULL").is_some_and(|told| told == "write") {
            std::fs::write(&path, &drawn).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == drawn,
            "{path} is not drawn now; see the top of pull.rs"
        );
    }
}
