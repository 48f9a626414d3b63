//! Every way to follow a relation from every row leads to the rows that hand-written SQL finds.

use std::collections::BTreeMap;

use ::relations::relation::{Arity, Many, Optional, Required, Targets};
use ::relations::{Database, Entity, Relation, RelationHandle, Result};

use super::Northwind;
use super::entities::{ByHand, IdByHand};
use crate::support::Counting;

/// At most one target.
pub trait ToOne: Arity {
    fn option<T: Send>(target: Self::Of<T>) -> Option<T>;
}

impl ToOne for Required {
    fn option<T: Send>(target: T) -> Option<T> {
        Some(target)
    }
}

impl ToOne for Optional {
    fn option<T: Send>(target: Option<T>) -> Option<T> {
        target
    }
}

/// Any number of targets.
pub trait ToAny: Arity {
    fn list<T: Send>(targets: Self::Of<T>) -> Vec<T>;
}

impl<A: ToOne> ToAny for A {
    fn list<T: Send>(target: A::Of<T>) -> Vec<T> {
        A::option(target).into_iter().collect()
    }
}

impl ToAny for Many {
    fn list<T: Send>(targets: Vec<T>) -> Vec<T> {
        targets
    }
}

/// Every source, by its id.
pub async fn all<E: ByHand<Id: IdByHand>>(db: &Database) -> Vec<E> {
    let mut entities = E::find().all(db).await.unwrap();
    entities.sort_by_key(Entity::id);
    entities
}

/// Follows a relation to one target, in every way and from every source. `sql` selects the id of
/// each source and beside it the columns of its target, or nulls.
pub async fn belongs_to<R, A>(
    northwind: &Northwind,
    relation: RelationHandle<R>,
    accessor: A,
    sql: &str,
) -> usize
where
    R: Relation<Arity: ToOne, Source: ByHand<Id: IdByHand>, Target: ByHand>,
    A: AsyncFn(&R::Source, &Counting<'_, Database>) -> Result<Targets<R>>,
{
    let db = &Counting::new(&northwind.db);
    let rows = northwind.client.query(sql, &[]).await.unwrap();
    let right: BTreeMap<_, _> = rows
        .iter()
        .map(|row| {
            let id = <R::Source as Entity>::Id::by_hand(row);
            (id, R::Target::by_hand(row, <R::Source as Entity>::Id::PARTS))
        })
        .collect();
    assert_eq!(right.len(), rows.len(), "{relation:?}: the SQL has each source once");

    let sources = all::<R::Source>(&northwind.db).await;
    assert!(sources.iter().map(Entity::id).eq(right.keys().cloned()), "{relation:?}: the sources");
    for (source, right) in sources.iter().zip(right.values()) {
        let about = format!("{relation:?} of {:?}", source.id());
        let keyed = usize::from(R::key(source).is_some());

        let found = R::Arity::option(accessor(source, db).await.unwrap());
        assert_eq!(&found, right, "{about}, by the accessor");
        assert_eq!(db.count(), keyed, "{about}, by the accessor: a null key needs no statement");

        assert_eq!(&relation.of(source).optional(db).await.unwrap(), right, "{about}, by `of`");
        assert_eq!(db.count(), keyed, "{about}, by `of`");

        assert_eq!(
            &relation.of_id(source.id()).optional(db).await.unwrap(),
            right,
            "{about}, by id"
        );
        assert_eq!(db.count(), 1, "{about}, by id");

        match (relation.of_id(source.id()).one(db).await, right) {
            (Ok(found), Some(right)) => assert_eq!(&found, right, "{about}, one by id"),
            (Err(error), None) => {
                assert!(error.is_not_found(), "{about}, one by id: {error}");
                assert_eq!(error.entity(), Some(R::Target::DEFINITION.name));
            }
            (found, right) => panic!("{about}, one by id: {found:?} is not {right:?}"),
        }
        assert_eq!(db.count(), 1, "{about}, one by id");
    }

    let any_key = sources.iter().any(|source| R::key(source).is_some());
    let loaded = relation.load(db, &sources).await.unwrap();
    assert_eq!(db.count(), usize::from(any_key), "{relation:?} of all in one statement");
    let loaded: Vec<_> = loaded.into_iter().map(R::Arity::option).collect();
    assert!(loaded.iter().eq(right.values()), "{relation:?} of all");

    let loaded = relation.load(db, sources.iter().rev()).await.unwrap();
    let loaded: Vec<_> = loaded.into_iter().map(R::Arity::option).collect();
    assert!(loaded.iter().eq(right.values().rev()), "{relation:?} of all, last first");
    sources.len()
}

/// Follows a relation to many targets, in every way and from every source, and its inverse back,
/// which leads to many as well where a link is between them.
/// `sql` selects the id of a source and beside it the columns of one of its targets, by the
/// targets' id.
pub async fn has_many<R, I, A>(
    northwind: &Northwind,
    relation: RelationHandle<R>,
    inverse: RelationHandle<I>,
    accessor: A,
    sql: &str,
) -> usize
where
    R: Relation<Arity = Many, Source: ByHand<Id: IdByHand>, Target: ByHand<Id: IdByHand>>,
    I: Relation<Arity: ToAny, Source = R::Target, Target = R::Source>,
    A: AsyncFn(&R::Source, &Counting<'_, Database>) -> Result<Targets<R>>,
{
    let db = &Counting::new(&northwind.db);
    let sources = all::<R::Source>(&northwind.db).await;
    let table = R::Source::DEFINITION.table;
    let rows = northwind.client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await;
    assert_eq!(usize::try_from(rows.unwrap().get::<_, i64>(0)), Ok(sources.len()), "{table}");

    let mut right: BTreeMap<_, Vec<_>> =
        sources.iter().map(|source| (source.id(), Vec::new())).collect();
    for row in northwind.client.query(sql, &[]).await.unwrap() {
        let target = R::Target::by_hand(&row, <R::Source as Entity>::Id::PARTS);
        let source = right.get_mut(&<R::Source as Entity>::Id::by_hand(&row));
        source.expect("the SQL selects sources").push(target.expect("the SQL selects targets"));
    }

    for (source, right) in sources.iter().zip(right.values()) {
        let about = format!("{relation:?} of {:?}", source.id());
        assert_eq!(&accessor(source, db).await.unwrap(), right, "{about}, by the accessor");
        assert_eq!(db.count(), 1, "{about}, by the accessor");
        assert_eq!(&relation.of(source).all(db).await.unwrap(), right, "{about}, by `of`");
        assert_eq!(db.count(), 1, "{about}, by `of`");
        assert_eq!(&relation.of_id(source.id()).all(db).await.unwrap(), right, "{about}, by id");
        assert_eq!(db.count(), 1, "{about}, by id");
        let count = relation.of(source).count(db).await.unwrap();
        assert_eq!(usize::try_from(count), Ok(right.len()), "{about}, counted");
        assert_eq!(db.count(), 1, "{about}, counted");
    }

    let loaded = relation.load(db, &sources).await.unwrap();
    let any = usize::from(!sources.is_empty());
    assert_eq!(db.count(), any, "{relation:?} of all in one statement");
    assert!(loaded.iter().eq(right.values()), "{relation:?} of all");
    let loaded = relation.load(db, sources.iter().rev()).await.unwrap();
    assert!(loaded.iter().eq(right.values().rev()), "{relation:?} of all, last first");

    // The inverse leads back: what it finds of the targets, by source, is the same again.
    let mut back: BTreeMap<_, Vec<_>> =
        sources.iter().map(|source| (source.id(), Vec::new())).collect();
    let targets = all::<R::Target>(&northwind.db).await;
    let owners = inverse.load(db, &targets).await.unwrap();
    for (target, owners) in targets.into_iter().zip(owners) {
        for owner in I::Arity::list(owners) {
            back.entry(owner.id()).or_default().push(target.clone());
        }
    }
    assert!(back == right, "{relation:?} and its inverse {inverse:?}");
    sources.len()
}
