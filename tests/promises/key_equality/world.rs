//! Parents, children, tags and links whose keys are of one type, beside what SQL by hand says of them.

/// A module of entities whose keys are of a type, in columns that are declared where a type is given,
/// and `agree`, which compares every way from one to the other with SQL that is written by hand.
macro_rules! world {
    ($name:ident, $key:ty $(, parent: $parent:literal, child: $child:literal)?) => {
        pub mod $name {
            use ::relations::prelude::*;
            use ::relations::{Database, Executor};

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = "children")]
            pub struct Child {
                #[id]
                pub id: i64,
                #[belongs_to(Parent, key_to = "key", name = "parent", constraint = false)]
                $(#[column(type = $child)])?
                pub parent_key: Option<$key>,
            }

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = "parents")]
            #[has_many(Child, name = "children", key_from = "key", key_to = "parent_key")]
            #[has_many(Tag, name = "tags", key_from = "key", through(Link, from = "parent", to = "tag"))]
            pub struct Parent {
                #[id]
                pub id: i64,
                #[unique]
                $(#[column(type = $parent)])?
                pub key: $key,
            }

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = "tags")]
            pub struct Tag {
                #[id]
                pub id: i64,
                #[unique]
                $(#[column(type = $parent)])?
                pub key: $key,
            }

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = "links")]
            pub struct Link {
                #[id]
                pub id: i64,
                #[belongs_to(Parent, key_to = "key", name = "parent", constraint = false)]
                $(#[column(type = $child)])?
                pub parent_key: $key,
                #[belongs_to(Tag, key_to = "key", name = "tag", constraint = false)]
                $(#[column(type = $child)])?
                pub tag_key: $key,
            }

            /// The ids that a statement pairs with those of its first column.
            async fn pairs(db: &Database, sql: &str) -> Vec<(i64, i64)> {
                ::relations::sql(sql, ()).all(db).await.unwrap()
            }

            fn of(pairs: &[(i64, i64)], id: i64) -> Vec<i64> {
                pairs.iter().filter(|pair| pair.0 == id).map(|pair| pair.1).collect()
            }

            pub async fn agree(db: &Database) {
                agree_by(db, db).await;
            }

            /// Every way of loading gives the rows that the database finds by SQL.
            pub async fn agree_by<E: Executor>(db: &Database, ex: &E) {
                let to_parent = pairs(
                    db,
                    "SELECT c.id, p.id FROM children c, parents p \
                     WHERE p.key = c.parent_key ORDER BY 1, 2",
                )
                .await;
                let to_children = pairs(
                    db,
                    "SELECT p.id, c.id FROM children c, parents p \
                     WHERE c.parent_key = p.key ORDER BY 1, 2",
                )
                .await;
                let to_tags = pairs(
                    db,
                    "SELECT DISTINCT p.id, t.id FROM parents p, links l, tags t \
                     WHERE l.parent_key = p.key AND t.key = l.tag_key ORDER BY 1, 2",
                )
                .await;
                let parents = Parent::find().order_by(Parent::ID.asc()).all(ex).await.unwrap();
                let children = Child::find().order_by(Child::ID.asc()).all(ex).await.unwrap();

                // To the parent.
                let expected: Vec<_> = children.iter().map(|one| of(&to_parent, one.id)).collect();
                macro_rules! parents {
                    ($loaded:expr, $what:expr) => {
                        let found: Vec<Vec<i64>> = $loaded;
                        assert_eq!(found, expected, "the parents by {}", $what);
                    };
                }
                macro_rules! included {
                    ($relation:expr, $what:expr) => {
                        let all = Child::find().order_by(Child::ID.asc()).include($relation);
                        let all = all.all(ex).await.unwrap();
                        let ids = all.iter().map(|one| one.parent.iter().map(|p| p.id).collect());
                        parents!(ids.collect(), $what);
                    };
                }
                included!(Child::PARENT.joined(), "a join");
                included!(Child::PARENT.batched(), "a batch");
                included!(Child::PARENT.pipelined(), "a pipeline");
                included!(Child::PARENT, "the rule");
                let loaded = Child::PARENT.load(ex, &children).await.unwrap();
                parents!(loaded.iter().map(|p| p.iter().map(|p| p.id).collect()).collect(), "load");
                let into = Child::preload(children.clone()).include(Child::PARENT).all(ex).await;
                let into = into.unwrap();
                parents!(
                    into.iter().map(|c| c.parent.iter().map(|p| p.id).collect()).collect(),
                    "preload"
                );
                let mut one_by_one = Vec::new();
                let mut one_loaded = Vec::new();
                for child in &children {
                    let parent = child.parent(ex).await.unwrap();
                    one_by_one.push(parent.iter().map(|parent| parent.id).collect());
                    let parent = Child::PARENT.load(ex, [child]).await.unwrap();
                    one_loaded.push(parent.iter().flatten().map(|parent| parent.id).collect());
                }
                parents!(one_by_one, "the accessor");
                parents!(one_loaded, "load of one");
                let present = Child::find().filter(Child::PARENT.is_present());
                let mut present: Vec<_> =
                    present.all(ex).await.unwrap().iter().map(|child| child.id).collect();
                present.sort_unstable();
                let mut there: Vec<_> = to_parent.iter().map(|pair| pair.0).collect();
                there.dedup();
                assert_eq!(present, there, "what has a parent");

                // By the keys in hand.
                let keys = parents.iter().map(|one| one.key.clone());
                let found = Parent::find().filter(Parent::KEY.is_in(keys)).order_by(Parent::ID.asc());
                let found: Vec<_> = found.all(ex).await.unwrap().iter().map(|one| one.id).collect();
                let all: Vec<_> = parents.iter().map(|one| one.id).collect();
                assert_eq!(found, all, "those whose key is in a list");

                // To the children, the tags, and their numbers.
                let ids = |all: &[Vec<i64>], what: &str, pairs: &[(i64, i64)]| {
                    let expected: Vec<_> = parents.iter().map(|one| of(pairs, one.id)).collect();
                    assert_eq!(all, expected, "{what}");
                };
                macro_rules! many {
                    ($relation:expr, $member:ident, $what:expr, $pairs:expr) => {
                        let all = Parent::find().order_by(Parent::ID.asc()).include($relation);
                        let all = all.all(ex).await.unwrap();
                        let all = all.iter().map(|one| one.$member.iter().map(|c| c.id).collect());
                        ids(&all.collect::<Vec<Vec<i64>>>(), $what, $pairs);
                    };
                }
                many!(Parent::CHILDREN.batched(), children, "children by a batch", &to_children);
                many!(Parent::CHILDREN.pipelined(), children, "children by a pipeline", &to_children);
                many!(Parent::TAGS.batched(), tags, "tags by a batch", &to_tags);
                many!(Parent::TAGS.pipelined(), tags, "tags by a pipeline", &to_tags);
                let first = |pairs: &[(i64, i64)]| {
                    let mut first = pairs.to_vec();
                    first.dedup_by_key(|pair| pair.0);
                    first
                };
                let (first_child, first_tag) = (first(&to_children), first(&to_tags));
                many!(Parent::CHILDREN.limit(1).batched(), children, "a page by a batch", &first_child);
                many!(
                    Parent::CHILDREN.limit(1).pipelined(),
                    children,
                    "a page by a pipeline",
                    &first_child
                );
                many!(Parent::TAGS.limit(1).batched(), tags, "a page of tags by a batch", &first_tag);
                many!(
                    Parent::TAGS.limit(1).pipelined(),
                    tags,
                    "a page of tags by a pipeline",
                    &first_tag
                );
                many!(
                    Parent::CHILDREN.filter(Child::ID.gt(0)).batched(),
                    children,
                    "filtered children",
                    &to_children
                );
                let loaded = Parent::CHILDREN.load(ex, &parents).await.unwrap();
                let loaded = loaded.iter().map(|all| all.iter().map(|one| one.id).collect());
                ids(&loaded.collect::<Vec<_>>(), "children by load", &to_children);
                let loaded = Parent::TAGS.load(ex, &parents).await.unwrap();
                let loaded = loaded.iter().map(|all| all.iter().map(|one| one.id).collect());
                ids(&loaded.collect::<Vec<_>>(), "tags by load", &to_tags);
                let (mut children_of, mut tags_of, mut one_loaded) = (vec![], vec![], vec![]);
                for parent in &parents {
                    let all = parent.children(ex).await.unwrap();
                    children_of.push(all.iter().map(|one| one.id).collect());
                    let all = parent.tags(ex).await.unwrap();
                    tags_of.push(all.iter().map(|one| one.id).collect());
                    let all = Parent::TAGS.load(ex, [parent]).await.unwrap();
                    one_loaded.push(all.iter().flatten().map(|one| one.id).collect());
                }
                ids(&children_of, "children by the accessor", &to_children);
                ids(&tags_of, "tags by the accessor", &to_tags);
                ids(&one_loaded, "tags of one by load", &to_tags);

                let number = |pairs: &[(i64, i64)]| {
                    let number = |one: &Parent| of(pairs, one.id).len() as i64;
                    parents.iter().map(number).collect::<Vec<_>>()
                };
                macro_rules! counted {
                    ($relation:expr, $member:ident, $what:expr, $pairs:expr) => {
                        let all = Parent::find().order_by(Parent::ID.asc()).include($relation);
                        let all = all.all(ex).await.unwrap();
                        let all: Vec<i64> = all.iter().map(|one| one.$member).collect();
                        assert_eq!(all, number($pairs), "the number of {}", $what);
                    };
                }
                counted!(Parent::CHILDREN.count().joined(), children, "children, joined", &to_children);
                counted!(Parent::CHILDREN.count().batched(), children, "children, batched", &to_children);
                counted!(
                    Parent::CHILDREN.count().pipelined(),
                    children,
                    "children, pipelined",
                    &to_children
                );
                counted!(Parent::TAGS.count().joined(), tags, "tags, joined", &to_tags);
                counted!(Parent::TAGS.count().batched(), tags, "tags, batched", &to_tags);
                counted!(Parent::TAGS.count().pipelined(), tags, "tags, pipelined", &to_tags);
                let one = Parent::preload(parents.iter().take(1).cloned());
                let one = one.include(Parent::CHILDREN.count()).include(Parent::TAGS.count());
                for one in one.all(ex).await.unwrap() {
                    let (children, tags) = (of(&to_children, one.id), of(&to_tags, one.id));
                    assert_eq!((one.children, one.tags), (children.len() as i64, tags.len() as i64));
                }
                for (any, pairs, what) in [
                    (Parent::CHILDREN.any(Child::ID.gt(0)), &to_children, "children"),
                    (Parent::TAGS.any(Tag::ID.gt(0)), &to_tags, "tags"),
                ] {
                    let all = Parent::find().filter(any).order_by(Parent::ID.asc()).all(ex).await;
                    let mut expected: Vec<_> = pairs.iter().map(|pair| pair.0).collect();
                    expected.dedup();
                    let all: Vec<_> = all.unwrap().iter().map(|one| one.id).collect();
                    assert_eq!(all, expected, "those with any {what}");
                }
                for (none, pairs, what) in [
                    (Parent::CHILDREN.none(Child::ID.gt(0)), &to_children, "children"),
                    (Parent::TAGS.none(Tag::ID.gt(0)), &to_tags, "tags"),
                ] {
                    let all = Parent::find().filter(none).order_by(Parent::ID.asc()).all(ex).await;
                    let without = |one: &&Parent| of(pairs, one.id).is_empty();
                    let expected: Vec<_> =
                        parents.iter().filter(without).map(|one| one.id).collect();
                    let all: Vec<_> = all.unwrap().iter().map(|one| one.id).collect();
                    assert_eq!(all, expected, "those without {what}");
                }

                // A tree: from each child to its parent, and on to all that have it.
                for strategy in 0..4 {
                    let query = Child::find().order_by(Child::ID.asc());
                    let all = match strategy {
                        0 => query.include(Child::PARENT.joined().include(Parent::CHILDREN.batched())),
                        1 => query.include(Child::PARENT.batched().include(Parent::CHILDREN.batched())),
                        2 => {
                            query.include(Child::PARENT.pipelined().include(Parent::CHILDREN.pipelined()))
                        }
                        _ => query.include(Child::PARENT.batched().include(Parent::CHILDREN.pipelined())),
                    };
                    for child in all.all(ex).await.unwrap() {
                        let siblings: Vec<Vec<i64>> = child
                            .parent
                            .iter()
                            .map(|one| one.children.iter().map(|child| child.id).collect())
                            .collect();
                        let expected: Vec<_> = of(&to_parent, child.id)
                            .into_iter()
                            .map(|parent| of(&to_children, parent))
                            .collect();
                        assert_eq!(siblings, expected, "the tree {strategy} of child {}", child.id);
                    }
                }
            }

            /// Callers that look up at the same time.
            pub async fn agree_at_once(db: &Database) {
                use ::futures_util::future::join_all;

                let parents = Parent::find().order_by(Parent::ID.asc()).all(db).await.unwrap();
                let children = Child::find().order_by(Child::ID.asc()).all(db).await.unwrap();
                for cached in [false, true] {
                    let batched = if cached { db.batched().cached() } else { db.batched() };
                    for _ in 0..2 {
                        let found = join_all(children.iter().map(|one| one.parent(&batched))).await;
                        for (child, found) in children.iter().zip(found) {
                            assert_eq!(found.unwrap(), child.parent(db).await.unwrap());
                        }
                        let found = join_all(parents.iter().map(|one| one.children(&batched))).await;
                        for (parent, found) in parents.iter().zip(found) {
                            assert_eq!(found.unwrap(), parent.children(db).await.unwrap());
                        }
                        let found = join_all(parents.iter().map(|one| one.tags(&batched))).await;
                        for (parent, found) in parents.iter().zip(found) {
                            assert_eq!(found.unwrap(), parent.tags(db).await.unwrap());
                        }
                    }
                }
            }
        }
    };
}
