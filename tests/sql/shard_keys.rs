//! Lists of keys by which rows are distributed over the servers of a cluster: its planner sees them, whatever
//! their type is and whatever statement they stand in.

use std::sync::Arc;

use ::relations::prelude::*;
use ::relations::{Batched, Engine};
use futures_util::future::join;

use crate::support::Recording;

/// Whether a statement compares a column with a parameter alone, or with each of one.
fn is_shown(sql: &str, column: &str, is_one: bool) -> bool {
    let condition = format!("\"{column}\" = ");
    sql.match_indices(&condition).any(|(at, _)| {
        let value = &sql[at + condition.len()..];
        let value = if is_one { Some(value) } else { value.strip_prefix("ANY(") };
        let value = value.map(|value| value.strip_prefix("CAST(").unwrap_or(value));
        let number = value.and_then(|value| value.trim_start_matches('(').strip_prefix('$'));
        number.is_some_and(|number| number.starts_with(|first: char| first.is_ascii_digit()))
    })
}

/// The statements that ask for some keys, each by a name, with the column by which a cluster finds the servers.
type Asked = Vec<(&'static str, &'static str, Vec<String>)>;

fn check(key: &str, count: i64, asked: Asked) {
    for (name, column, statements) in asked {
        let told = format!("{name} of {count} keys of `{key}`: {statements:#?}");
        assert_eq!(statements.len(), 1, "{told}");
        // A page of each and links are joined to the list, also if that has one key.
        let of_one = count == 1 && is_shown(&statements[0], column, true);
        assert!(of_one || is_shown(&statements[0], column, false), "{told}");
    }
}

/// The statements of a call on PostgreSQL.
macro_rules! sent {
    ($db:ident => $run:expr) => {{
        let recording = Recording::new(Engine::Postgres);
        let $db = &recording;
        let _ = $run.await;
        recording.statements()
    }};
}

/// Entities that are distributed by a property of some type, and the lists of keys that ask for them.
macro_rules! distributed_by {
    ($($name:ident($key:ty $(, $sql_type:literal)?) = $value:expr;)*) => {
        $(
            mod $name {
                use super::*;

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(distributed_by = "key")]
                #[has_many(Child, name = "children", key_to = "parent_key")]
                #[has_many(Tag, name = "tags", through(ParentTag, from = "parent", to = "tag"))]
                pub struct Parent {
                    #[id]
                    $(#[column(type = $sql_type)])?
                    pub key: $key,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(distributed_by = "parent_key")]
                #[has_many(
                    Note,
                    name = "notes",
                    key_from("parent_key", "id"),
                    key_to("parent_key", "child_id")
                )]
                #[has_many(
                    Label,
                    name = "labels",
                    through(ChildLabel, from = "child", to = "label"),
                    key_from("parent_key", "id")
                )]
                pub struct Child {
                    #[id]
                    #[belongs_to(Parent, name = "parent")]
                    $(#[column(type = $sql_type)])?
                    pub parent_key: $key,
                    #[id]
                    pub id: i64,
                    pub size: i32,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(distributed_by = "parent_key")]
                #[belongs_to(
                    Child,
                    name = "child",
                    key_from("child_id", "parent_key"),
                    key_to("id", "parent_key")
                )]
                pub struct Note {
                    #[id]
                    $(#[column(type = $sql_type)])?
                    pub parent_key: $key,
                    #[id]
                    pub id: i64,
                    pub child_id: i64,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(reference)]
                pub struct Tag {
                    #[id]
                    pub id: i64,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(distributed_by = "owner_key")]
                pub struct ParentTag {
                    #[id]
                    #[belongs_to(Parent, name = "parent")]
                    $(#[column(type = $sql_type)])?
                    pub owner_key: $key,
                    #[id]
                    #[belongs_to(Tag, name = "tag")]
                    pub tag_id: i64,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(distributed_by = "parent_key")]
                pub struct Label {
                    #[id]
                    $(#[column(type = $sql_type)])?
                    pub parent_key: $key,
                    #[id]
                    pub id: i64,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(distributed_by = "owner_key")]
                #[belongs_to(
                    Child,
                    name = "child",
                    key_from("owner_key", "child_id"),
                    key_to("parent_key", "id")
                )]
                #[belongs_to(
                    Label,
                    name = "label",
                    key_from("owner_key", "label_id"),
                    key_to("parent_key", "id")
                )]
                pub struct ChildLabel {
                    #[id]
                    $(#[column(type = $sql_type)])?
                    pub owner_key: $key,
                    #[id]
                    pub child_id: i64,
                    #[id]
                    pub label_id: i64,
                }

                #[tokio::test]
                async fn is_shown_to_a_cluster() {
                    let value: fn(i64) -> $key = $value;
                    for count in [1, 2, 150, 1_500] {
                        let keys = || (0..count).map(|at| value(7 + 3 * at));
                        let parents: Vec<_> = keys().map(|key| Parent { key }).collect();
                        let children = (0..).zip(keys());
                        let children: Vec<_> = children
                            .map(|(id, parent_key)| Child { parent_key, id, size: 9 })
                            .collect();
                        let notes = (0..).zip(keys());
                        let notes: Vec<_> = notes
                            .map(|(id, parent_key)| Note { parent_key, id, child_id: id + 50 })
                            .collect();
                        let of_parents = || Parent::preload(parents.clone());
                        let of_children = || Child::preload(children.clone());
                        let mut changed = children.clone();
                        let mut asked = vec![
                            ("children", "parent_key", sent!(db => Parent::CHILDREN.load(db, &parents))),
                            ("parents", "key", sent!(db => Child::PARENT.load(db, &children))),
                            ("included", "parent_key", sent!(db => of_parents().include(Parent::CHILDREN).all(db))),
                            (
                                "included in part",
                                "parent_key",
                                sent!(db => of_parents()
                                    .include(Parent::CHILDREN.filter(Child::SIZE.gt(4)).order_by(Child::SIZE.asc()))
                                    .all(db)),
                            ),
                            (
                                "a page of each",
                                "parent_key",
                                sent!(db => of_parents().include(Parent::CHILDREN.limit(3)).all(db)),
                            ),
                            ("counts", "parent_key", sent!(db => of_parents().include(Parent::CHILDREN.count()).all(db))),
                            ("notes", "parent_key", sent!(db => Child::NOTES.load(db, &children))),
                            ("children of notes", "parent_key", sent!(db => Note::CHILD.load(db, &notes))),
                            (
                                "a page of notes of each",
                                "parent_key",
                                sent!(db => of_children().include(Child::NOTES.limit(3)).all(db)),
                            ),
                            ("counts of notes", "parent_key", sent!(db => of_children().include(Child::NOTES.count()).all(db))),
                            ("linked", "owner_key", sent!(db => Parent::TAGS.load(db, &parents))),
                            (
                                "a page of what is linked to each",
                                "owner_key",
                                sent!(db => of_parents().include(Parent::TAGS.limit(3)).all(db)),
                            ),
                            ("counts of links", "owner_key", sent!(db => of_parents().include(Parent::TAGS.count()).all(db))),
                            ("labels", "owner_key", sent!(db => Child::LABELS.load(db, &children))),
                            (
                                "a page of labels of each",
                                "owner_key",
                                sent!(db => of_children().include(Child::LABELS.limit(3)).all(db)),
                            ),
                            ("changed", "parent_key", sent!(db => Child::update_many(&mut changed, db))),
                            ("asked for", "key", sent!(db => Parent::find().filter(Parent::KEY.is_in(keys())).all(db))),
                        ];
                        if count == 2 {
                            let recording = Arc::new(Recording::new(Engine::Postgres));
                            let db = Batched::new(Arc::clone(&recording));
                            let _ = join(children[0].parent(&db), children[1].parent(&db)).await;
                            let _ = join(parents[0].children(&db), parents[1].children(&db)).await;
                            let _ = join(children[0].notes(&db), children[1].notes(&db)).await;
                            let _ = join(parents[0].tags(&db), parents[1].tags(&db)).await;
                            drop(db);
                            let batched = Arc::into_inner(recording).unwrap().statements();
                            assert_eq!(batched.len(), 4);
                            let columns = ["key", "parent_key", "parent_key", "owner_key"];
                            asked.extend(columns.into_iter().zip(batched).map(|(column, sql)| {
                                ("accessors", column, vec![sql])
                            }));
                        }
                        check(stringify!($name), count, asked);
                    }
                }
            }
        )*
    };
}

distributed_by! {
    short(i16) = |at| i16::try_from(at).unwrap();
    integer(i32) = |at| i32::try_from(at).unwrap();
    large(i64) = |at| at;
    text(String) = |at| format!("key {at}");
    varchar(String, "varchar(20)") = |at| format!("key {at}");
    citext(String, "citext") = |at| format!("key {at}");
    unique(uuid::Uuid) = |at| uuid::Uuid::from_u128(u128::try_from(at).unwrap());
    decimal(rust_decimal::Decimal) = rust_decimal::Decimal::from;
    date(chrono::NaiveDate) = |at| chrono::NaiveDate::default() + chrono::Days::new(u64::try_from(at).unwrap());
    bytes(Vec<u8>) = |at| at.to_be_bytes().to_vec();
}
