//! Follows a relation from many sources at once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{Arity, Relation, Targets, missing};
use crate::engine::{Engine, Executor, Operation, Statement, fetch_each, json_array};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::meta::{EntityDefinition, PropertyDefinition};
use crate::private::Kept;
use crate::query::lower;
use crate::query::verb;
use crate::value::{Key, Parameter};

/// The sources that have one key, as a list through [`Sources::next`].
struct Sources<K> {
    /// The last source of each key.
    last: HashMap<K, usize>,
    /// For each source the one before it that has the same key.
    next: Vec<Option<usize>>,
}

impl<K: Key> Sources<K> {
    fn by_key(keys: impl Iterator<Item = Option<K>>) -> Self {
        let mut sources = Self { last: HashMap::new(), next: Vec::new() };
        for (at, key) in keys.enumerate() {
            let before = key.and_then(|key| match sources.last.entry(key) {
                Entry::Occupied(mut entry) => Some(entry.insert(at)),
                Entry::Vacant(entry) => {
                    entry.insert(at);
                    None
                }
            });
            sources.next.push(before);
        }
        sources
    }

    /// The sources of a key.
    fn of(&self, key: &K) -> impl Iterator<Item = usize> {
        std::iter::successors(self.last.get(key).copied(), |at| {
            self.next.get(*at).copied().flatten()
        })
    }

    /// The keys, each once, as an array for each part.
    fn arrays(&self) -> Vec<Parameter> {
        let mut parts: Vec<Vec<Parameter>> = K::TYPES.iter().map(|_| Vec::new()).collect();
        for key in self.last.keys() {
            for (part, parameter) in parts.iter_mut().zip(key.to_parameters()) {
                part.push(parameter);
            }
        }
        K::TYPES.iter().zip(parts).map(|(of, values)| Parameter::array(*of, values)).collect()
    }
}

/// The targets of each source, in the order of the sources, in one statement.
pub(super) async fn load<R: Relation>(
    db: &impl Executor,
    sources: Vec<&R::Source>,
) -> Result<Vec<Targets<R>>> {
    let by_key = Sources::by_key(sources.iter().map(|source| R::key(source)));
    let mut targets: Vec<_> = sources.iter().map(|_| R::Arity::one(None)).collect();
    if !by_key.last.is_empty() {
        let statement = statement::<R>(db.engine(), &by_key.arrays())?;
        let (holder, parts) = key_of_sources::<R>();
        fetch_each(db, &statement, |row| {
            let key = verb::key::<R::Key>(row, holder, &parts)?;
            for at in by_key.of(&key) {
                // Sources that share a target each read it for themselves: it need not be `Clone`.
                if let Some(targets) = targets.get_mut(at) {
                    R::Arity::add(targets, R::Target::read(row, 0)?);
                }
            }
            Ok(())
        })
        .await?;
    }
    let promised = R::DEFINITION.foreign_key.is_some();
    let found = sources.into_iter().zip(targets).map(|(source, targets)| {
        let broken = promised && R::Arity::is_none(&targets) && R::key(source).is_some();
        targets.filter(|_| !broken).ok_or_else(|| missing::<R>(source))
    });
    found.collect()
}

/// The entity that holds the key of a source, and where a row has its properties: a target, or the
/// link behind it.
fn key_of_sources<R: Relation>()
-> (&'static EntityDefinition, Vec<(usize, &'static PropertyDefinition)>) {
    let (target, definition) = (R::Target::DEFINITION, R::DEFINITION);
    if let Some(through) = &definition.through {
        let parts = (target.properties.len()..).zip(through.key_from(definition.key_from));
        return (through.link.definition(), parts.collect());
    }
    let part = |name: &&str| {
        let mut properties = target.properties.iter().copied().enumerate();
        properties.find(|(_, property)| property.name == *name)
    };
    (target, definition.key_to.iter().filter_map(part).collect())
}

/// The statement that asks for the targets of all keys; its SQL never changes.
fn statement<R: Relation>(engine: Engine, arrays: &[Parameter]) -> Result<Statement> {
    let (target, definition) = (R::Target::DEFINITION, R::DEFINITION);
    let sql = R::Source::sql_cache().sql(engine, Kept::Targets(definition.name), || {
        let lowered = match &definition.through {
            Some(through) => lower::linked_targets_of_keys(engine, target, definition, through),
            None => lower::targets_of_keys(engine, target, definition),
        };
        Ok(lowered.sql)
    })?;
    let parameters = match engine {
        Engine::Postgres => {
            let arrays = arrays.iter().map(|array| array.clone().into_sql());
            arrays.collect::<Result<_, _>>().map_err(Error::refused)?
        }
        Engine::Sqlite => vec![json_array(arrays)?.into()],
    };
    Ok(Statement::new(Operation::Select, sql, parameters).about(target, Some(definition)))
}
