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
    let found = Feeling::preload(feelings).include(Feeling::MASKS.limit(1)).all(db).await.unwrap();
    assert!(found.iter().all(|one| one.masks.len() == 1));
}

/// Entities whose properties and relations are called as generated code may call something.
macro_rules! words {
    ($($word:ident: $key:ident, $constant:ident;)*) => {
        #[allow(non_snake_case, reason = "the key of `self_` is `self__id`")]
        mod words {
            use ::relations::prelude::*;

            #[derive(Debug, Clone, PartialEq, Entity)]
            pub struct Inner {
                #[id]
                pub id: i64,
                $(#[belongs_to(Inner)] pub $key: Option<i64>,)*
            }

            #[derive(Debug, Clone, Default, PartialEq, Entity)]
            pub struct Word {
                #[id(generated)]
                pub id: i64,
                $(pub $word: i64,)*
                #[skip]
                pub the_the_entity: i64,
                #[belongs_to(Inner, name = "the_the_the_entity")]
                pub one_id: Option<i64>,
            }
        }

        behaviour! {
            async fn relations_may_be_called_as_anything_in_generated_code(db) {
                use words::{Inner, NewInner};
                db.create(schema![Inner]).await.unwrap();
                let first = NewInner { id: 1, $($key: None),* }.insert(db).await.unwrap();
                let second = NewInner { id: 2, $($key: Some(1)),* }.insert(db).await.unwrap();
                let query = Inner::find_by_id(2)$(.include(Inner::$constant.batched()))*;
                let found = query.one(db).await.unwrap();
                $(
                    assert_eq!(found.$word.as_ref(), Some(&first));
                    assert_eq!(second.$word(db).await.unwrap().as_ref(), Some(&first));
                )*
                assert_eq!(found.clone(), found);
                assert_eq!(found.into_inner(), second);
            }

            async fn properties_may_be_called_as_anything_in_generated_code(db) {
                use words::{Inner, NewInner, NewWord, Word};
                db.create(schema![Inner, Word]).await.unwrap();
                let inner = NewInner { id: 1, $($key: None),* }.insert(db).await.unwrap();
                let new = NewWord { one_id: Some(1), $($word: stringify!($word).len() as i64),* };
                let mut word = new.insert(db).await.unwrap();
                word.row += 1;
                word.update(db).await.unwrap();
                let found = Word::find().include(Word::THE_THE_THE_ENTITY).one(db).await.unwrap();
                $(assert_eq!(found.$word, word.$word);)*
                assert_eq!(found.the_the_the_entity, Some(inner));
                assert_eq!((found.row, found.the_the_entity), (4, 0));
                assert_eq!(found.into_inner(), word);
            }
        }
    };
}

words! {
    inner: inner_id, INNER;
    filled: filled_id, FILLED;
    entity: entity_id, ENTITY;
    the_entity: the_entity_id, THE_ENTITY;
    row: row_id, ROW;
    plan: plan_id, PLAN;
    from: from_id, FROM;
    slots: slots_id, SLOTS;
    slot_0: slot_0_id, SLOT_0;
    with: with_id, WITH;
    branches: branches_id, BRANCHES;
    each: each_id, EACH;
    itself: itself_id, ITSELF;
    self_: self__id, SELF;
    of: of_id, OF;
    db: db_id, DB;
    key: key_id, KEY;
    source: source_id, SOURCE;
    left: left_id, LEFT;
    right: right_id, RIGHT;
    name: name_id, NAME;
    definition: definition_id, DEFINITION;
    columns: columns_id, COLUMNS;
}

/// Entities that are called as the type parameters beside them may be.
mod parameters {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[allow(clippy::struct_field_names)]
    pub struct With {
        #[id]
        pub id: i64,
        #[belongs_to(With)]
        pub with_id: Option<i64>,
        #[belongs_to(WithFilled)]
        pub other_id: Option<i64>,
        #[belongs_to(Filled)]
        pub filled_id: Option<i64>,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[has_many(With, key_to = "other_id")]
    pub struct WithFilled {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[has_many(With)]
    pub struct Filled {
        #[id]
        pub id: i64,
    }
}

behaviour! {
    async fn entities_may_be_called_as_type_parameters(db) {
        use parameters::{Filled, NewFilled, NewWith, NewWithFilled, With, WithFilled};
        db.create(schema![With, WithFilled, Filled]).await.unwrap();
        NewFilled { id: 5 }.insert(db).await.unwrap();
        NewWithFilled { id: 7 }.insert(db).await.unwrap();
        let new = NewWith { id: 1, with_id: Some(1), other_id: Some(7), filled_id: Some(5) };
        new.insert(db).await.unwrap();
        let query = With::find().include(With::WITH).include(With::OTHER).include(With::FILLED);
        let with = query.one(db).await.unwrap();
        assert_eq!(with.with.as_ref().map(|with| with.id), Some(1));
        assert_eq!((&with.other, &with.filled), (&Some(WithFilled { id: 7 }), &Some(Filled { id: 5 })));
    }
}
