//! Upserts of rows that are observed.
//!
//! Rows are inserted unless they are there, those that are there are locked, and then they are changed: so it
//! is known what each of them was.

use std::collections::{HashMap, HashSet};

use crate::ast::predicate::Predicate;
use crate::driver::executor::Executor;
use crate::driver::observers::{ObservedRows, Observers};
use crate::driver::transaction::Transaction;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::repository::conflict::Conflict;
use crate::repository::create_many::NewRows;
use crate::repository::observed::{WrittenRows, by_ids, key, locked, told};
use crate::repository::observer::ObservedEntities;
use crate::repository::upsert::Upserted;
use crate::repository::upsert_many::upsert_rows;

/// Upserts rows and shows them to their observers; returns them in their order, and how many were written.
pub(crate) async fn upsert_observed<E: Entity>(
    conflict: &Conflict,
    rows: &NewRows<E>,
    observers: &Observers,
    db: &impl Executor,
) -> Result<(Vec<Upserted<E>>, u64)> {
    let under_way = observers.within(E::DEFINITION)?;
    let tx = Box::pin(db.open_observed()).await?.observed_by(None);
    let written = upserted(conflict, rows, &tx).await;
    told(under_way, E::DEFINITION, tx, written).await
}

async fn upserted<E: Entity>(
    conflict: &Conflict,
    rows: &NewRows<E>,
    tx: &Transaction,
) -> Result<((Vec<Upserted<E>>, u64), WrittenRows)> {
    let entity = E::DEFINITION;
    let lost = || Error::new(Kind::Serialization).entity_is(entity);
    let all: Vec<_> = (0..rows.len()).collect();
    let finds = Conflict::new(conflict.key.clone(), Vec::new());
    let mut upserted = upsert_rows(&finds, rows.only(&all), tx).await?;
    let new = upserted.iter().filter(|row| row.is_inserted());
    let new: Vec<E> = new.map(|row| row.duplicate()).collect();
    let mut count = new.len();
    let mut written = WrittenRows::default();
    let there =
        all.into_iter().filter(|at| upserted.get(*at).is_some_and(|one| !one.is_inserted()));
    let there: Vec<usize> = there.collect();
    if !there.is_empty() && conflict.updates() {
        let inserted: HashSet<_> = new.iter().map(Entity::row_id).collect();
        let found: Vec<_> = there.iter().filter_map(|at| upserted.get(*at)).collect();
        // Two rows of this call have one key.
        if found.iter().any(|row| inserted.contains(&row.row_id())) {
            return Err(Error::given_twice(entity, None));
        }
        let found: Vec<_> = found.into_iter().map(|row| row.parameters()).collect();
        let before = locked(tx, &by_ids(entity, &found), &ObservedEntities::<E>::none).await?;
        let places: HashMap<_, _> = before
            .parameters()
            .into_iter()
            .enumerate()
            .map(|(at, row)| (key(entity, &row), (at, row)))
            .collect();
        let (mut order, mut after) = (Vec::new(), Vec::new());
        let changed = upsert_rows(conflict, rows.only(&there), tx).await?;
        for ((at, row), was) in there.into_iter().zip(changed).zip(&found) {
            // Another transaction deleted the row, or gave its key to another one, before it was locked.
            let values = row.parameters();
            let place = places.get(&key(entity, &values)).filter(|_| !row.is_inserted());
            let (place, held) =
                place.filter(|_| key(entity, was) == key(entity, &values)).ok_or_else(lost)?;
            let is_same = || values.iter().zip(held).all(|(one, other)| one.is_same(other));
            if matches!(conflict.condition, Predicate::Always) || !is_same() {
                order.push(*place);
                after.push(row.duplicate());
            }
            if let Some(upserted) = upserted.get_mut(at) {
                *upserted = row;
            }
        }
        count += after.len();
        let (before, given) = (before.only(&order), after.len());
        if before.len() != given {
            return Err(lost());
        }
        let after: Box<dyn ObservedRows> = Box::new(ObservedEntities(after));
        written.updated = Some([before, after]);
    }
    written.inserted = Some(Box::new(ObservedEntities(new)));
    Ok(((upserted, u64::try_from(count).unwrap_or(u64::MAX)), written))
}
