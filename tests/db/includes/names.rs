//! Names that statements give to what they read, which may be those of tables.

use ::relations::prelude::*;

use crate::support;

/// A tree whose table is called as a statement may call something, and its columns and relations.
macro_rules! called {
    ($($module:ident: $table:literal;)*) => {
        $(
            mod $module {
                use ::relations::prelude::*;
                use ::relations::Database;

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(table = $table)]
                #[has_many(Row, name = "keys", key_to = "value")]
                #[has_many(Row, name = "linked", through(Row, from = "rows", to = "sources"))]
                #[allow(clippy::duplicated_attributes)]
                pub struct Row {
                    #[id]
                    pub key_0: i64,
                    #[belongs_to(Row, name = "rows")]
                    pub value: Option<i64>,
                    #[belongs_to(Row, name = "sources")]
                    pub column_0: Option<i64>,
                    pub number: i64,
                    pub each: i64,
                }

                pub async fn is_read(db: &Database) {
                    db.create(schema![Row]).await.unwrap();
                    for (key_0, value, column_0) in
                        [(1, None, None), (2, Some(1), Some(1)), (3, Some(1), Some(2)), (4, Some(2), None)]
                    {
                        let new = NewRow { key_0, value, column_0, number: -key_0, each: 0 };
                        new.insert(db).await.unwrap();
                    }
                    let up = Row::ROWS.filter(Row::ROWS.column(Row::NUMBER).is_null());
                    for keys in [Row::KEYS.batched(), Row::KEYS.pipelined()] {
                        for rows in [up.clone().joined(), up.clone().batched(), up.clone().pipelined()] {
                            let page = keys.clone().order_by(Row::NUMBER.asc()).limit(1).include(rows.clone());
                            let deep = Row::KEYS.pipelined().limit(2).offset(0).include(page);
                            let found = Row::find()
                                .include(deep)
                                .include(rows.clone())
                                .include(Row::LINKED.pipelined().limit(9).include(rows))
                                .order_by(Row::KEY_0.asc())
                                .limit(3)
                                .all(db).await.unwrap();
                            let keys: Vec<Vec<i64>> = found.iter().map(|row| {
                                row.keys.iter().map(|key| key.key_0 * 10 + key.keys.len() as i64).collect()
                            }).collect();
                            assert_eq!(keys, [vec![21, 30], vec![40], vec![]], $table);
                            let up: Vec<_> = found.iter().map(|row| row.rows.as_ref().map(|row| row.key_0)).collect();
                            assert_eq!(up, [None, Some(1), Some(1)], $table);
                            let linked: Vec<Vec<i64>> = found.iter().map(|row| {
                                row.linked.iter().map(|row| row.key_0 * 10 + i64::from(row.rows.is_some())).collect()
                            }).collect();
                            assert_eq!(linked, [vec![10, 21], vec![], vec![]], $table);
                            assert_eq!(found[0].keys[0].keys[0].rows, None, $table);
                        }
                    }
                }
            }
        )*

        behaviour! {
            async fn a_table_may_be_called_as_anything_in_a_statement(db) {
                $($module::is_read(db).await;)*
            }
        }
    };
}

called! {
    rows_1: "rows_1";
    rows_2: "rows_2";
    keys_1: "keys_1";
    keys_2: "keys_2";
    link_1: "link_1";
    value: "value";
    each: "each";
    number: "number";
}

mod shop {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(schema = "My \"Shop", table = "Shelf")]
    #[has_many(Item, name = "items", key_to = "shelf_id")]
    pub struct Shelf {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(schema = "My \"Shop", table = "Shelf items")]
    pub struct Item {
        #[id]
        pub id: i64,
        #[belongs_to(Shelf)]
        pub shelf_id: i64,
    }
}

#[tokio::test]
async fn tables_may_be_in_a_schema() {
    use shop::{Item, NewItem, NewShelf, Shelf};
    let Some(url) = support::postgres_url().await else { return };
    let raw = support::client(&url).await;
    raw.batch_execute("CREATE SCHEMA \"My \"\"Shop\"").await.unwrap();
    let db = &support::connected(&url).await;
    db.create(schema![Shelf, Item]).await.unwrap();
    for id in [1, 2] {
        NewShelf { id }.insert(db).await.unwrap();
        NewItem { id: id + 5, shelf_id: id }.insert(db).await.unwrap();
        NewItem { id, shelf_id: id }.insert(db).await.unwrap();
    }
    for items in [Shelf::ITEMS.batched(), Shelf::ITEMS.pipelined()] {
        for shelf in [Item::SHELF.joined(), Item::SHELF.batched(), Item::SHELF.pipelined()] {
            for items in [items.clone(), items.clone().limit(1)] {
                let found =
                    Shelf::find().order_by(Shelf::ID.asc()).include(items.include(shelf.clone()));
                let found = found.all(db).await.unwrap();
                assert_eq!(found[1].items[0].id, 2);
                assert_eq!(found[1].items[0].shelf, Shelf { id: 2 });
            }
        }
    }
}

mod moods {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
    pub enum Mood {
        Happy,
        VerySad,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[has_many(Face, name = "faces", key_from("mood", "depth"), key_to("mood", "depth"))]
    #[has_many(Mask, name = "masks", key_from = "only", key_to = "mood")]
    pub struct Feeling {
        #[id]
        #[column(type = "mood")]
        pub mood: Mood,
        #[id]
        pub depth: i16,
        #[unique]
        #[column(type = "mood")]
        pub only: Mood,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[belongs_to(Feeling, name = "feeling", key_from("mood", "depth"), key_to("mood", "depth"))]
    pub struct Face {
        #[id]
        pub id: i64,
        #[column(type = "mood")]
        pub mood: Mood,
        pub depth: i16,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    pub struct Mask {
        #[id]
        pub id: i64,
        #[belongs_to(Feeling, name = "feeling", key_to = "only")]
        #[column(type = "mood")]
        pub mood: Option<Mood>,
    }
}

#[tokio::test]
async fn keys_of_a_type_of_the_databases_own_find_their_targets() {
    use moods::{Face, Feeling, Mask, Mood, NewFace, NewFeeling, NewMask};
    let Some(url) = support::postgres_url().await else { return };
    let raw = support::client(&url).await;
    raw.batch_execute("CREATE TYPE mood AS ENUM ('happy', 'very_sad')").await.unwrap();
    let db = &support::connected(&url).await;
    db.create(schema![Feeling, Face, Mask]).await.unwrap();
    for (id, mood) in [(0, Mood::VerySad), (10, Mood::Happy)] {
        NewFeeling { mood, depth: 1, only: mood }.insert(db).await.unwrap();
        for id in [id, id + 1, id + 2] {
            NewFace { id, mood, depth: 1 }.insert(db).await.unwrap();
            NewMask { id, mood: Some(mood) }.insert(db).await.unwrap();
        }
    }
    NewMask { id: 99, mood: None }.insert(db).await.unwrap();
    for faces in [Feeling::FACES.batched(), Feeling::FACES.pipelined()] {
        for masks in [Feeling::MASKS.batched(), Feeling::MASKS.pipelined()] {
            let query = Feeling::find()
                .include(faces.clone().limit(2).include(Face::FEELING.batched()))
                .include(masks.clone().offset(1).include(Mask::FEELING.batched()))
                .order_by(Feeling::MOOD.desc());
            let found = query.all(db).await.unwrap();
            let ids: Vec<_> = found.iter().map(|one| (one.faces[1].id, one.masks[0].id)).collect();
            assert_eq!(ids, [(1, 1), (11, 11)]);
            assert_eq!(found[1].faces[0].feeling.mood, Mood::Happy);
            assert_eq!(found[1].masks[0].feeling.as_ref().unwrap().mood, Mood::Happy);
        }
        let bare = Feeling::find().include(faces).include(Feeling::MASKS).all(db).await.unwrap();
        assert!(bare.iter().all(|one| (one.faces.len(), one.masks.len()) == (3, 3)));
    }
    let feelings = Feeling::find().all(db).await.unwrap();
    let found =
        Feeling::load_into(feelings).include(Feeling::MASKS.limit(1)).all(db).await.unwrap();
    assert!(found.iter().all(|one| one.masks.len() == 1));
}
