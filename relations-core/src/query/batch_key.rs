//! Look-ups by a key, which can be made for many keys at once.

use super::lower::{self, Given, Verb};
use super::{Scope, Select, SourceByKey};
use crate::engine::{Engine, Operation, Statement};
use crate::error::{Error, Result};
use crate::meta::{
    EntityDefinition, PropertyDefinition, RelationDefinition, RelationKind, ThroughDefinition,
};
use crate::private::{Kept, SqlCache};
use crate::row::{Mismatch, Row};
use crate::value::{Parameter, Parts, ReadKey, Value};

/// What a statement looks up by the one key that its parameters are, so that an executor can look
/// up many keys in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchKey {
    pub(crate) entity: &'static EntityDefinition,
    relation: Option<&'static RelationDefinition>,
    /// The entity that the key is from, and its properties that hold it there.
    source: (&'static EntityDefinition, &'static [&'static str]),
    /// Which relation the SQL is for, where it speaks of its source.
    origin: Option<usize>,
    /// The properties that hold the key; none where links do.
    properties: &'static [&'static str],
    read_key: ReadKey,
    /// Where the SQL is kept: with the entity, or with the source of links.
    sql: &'static SqlCache,
}

impl BatchKey {
    /// What a query looks up that says nothing but a key, and all of whose rows the verb wants.
    pub(super) fn of(select: &Select, entity: &'static SqlCache, verb: Verb) -> Option<Self> {
        let Select { relation, .. } = *select;
        let wants_all = verb != Verb::First || select.is_unique();
        if !(wants_all && select.is_plain() && select.lock.is_none()) {
            return None;
        }
        let (properties, read_key, sql) = match &select.scope {
            Scope::Key { properties, read_key, .. } => (*properties, *read_key, entity),
            Scope::Linked(SourceByKey { read_key, sql, .. }) => (&[][..], *read_key, *sql),
            Scope::Table | Scope::TargetsOfId(_) | Scope::Nothing => return None,
        };
        let source = match (&select.scope, relation) {
            (Scope::Key { source: Some(source), .. }, Some(relation)) => {
                (*source, relation.key_from)
            }
            (_, Some(relation)) if let Some(through) = &relation.through => {
                (through.from().target.definition(), relation.key_from)
            }
            _ => (select.entity, properties),
        };
        let origin = select.origin();
        Some(Self { entity: select.entity, relation, source, origin, properties, read_key, sql })
    }

    /// Whether both look up the same by the same, one on behalf of the same relation as the other.
    /// Definitions have no address of their own to compare; what they keep has.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let relation = |look_up: &Self| look_up.relation.map(|one| (one.source, one.name));
        std::ptr::eq(self.sql, other.sql)
            && self.properties == other.properties
            && relation(self) == relation(other)
    }

    /// The links that lead to the rows.
    pub(crate) fn through(
        &self,
    ) -> Option<(&'static RelationDefinition, &'static ThroughDefinition)> {
        let relation = self.relation.filter(|_| self.properties.is_empty())?;
        Some((relation, relation.through.as_ref()?))
    }

    /// Whether the rows of a key come in the order of their ids.
    pub(crate) fn is_ordered(&self) -> bool {
        self.relation.is_some_and(|relation| relation.kind == RelationKind::HasMany)
    }

    /// The properties that hold the key: of the entity, or of the links that lead to it.
    pub(crate) fn key(&self) -> Vec<&'static PropertyDefinition> {
        match self.through() {
            Some((relation, through)) => through.key_from(relation.key_from).collect(),
            None => self.properties.iter().filter_map(|name| self.entity.property(name)).collect(),
        }
    }

    /// The entity that the key is from, and its properties that hold it there.
    pub(crate) fn source(&self) -> (&'static EntityDefinition, &'static [&'static str]) {
        self.source
    }

    /// Whether the database says which row has which key, by a number of the key.
    pub(crate) fn is_numbered(&self) -> bool {
        match self.through() {
            Some((relation, _)) => relation.is_numbered(),
            None => self.key().iter().any(|one| !one.column_type.is_equal_in_rust()),
        }
    }

    /// The number of a row's key, counted from zero; it comes last in the row.
    pub(crate) fn number_in(&self, row: &Row<'_>) -> Result<usize> {
        number_in(row, self.entity.properties.len()).map_err(|why| {
            Error::row("key", "number", "the number of a key", why).entity_is(self.entity)
        })
    }

    /// Where in a row of the statement for many keys its key stands: that of links comes last.
    pub(crate) fn positions(&self) -> Vec<usize> {
        let columns = self.entity.properties;
        if self.through().is_some() {
            return (columns.len()..).take(self.key().len()).collect();
        }
        let position = |name: &&str| columns.iter().position(|one| one.name == *name);
        self.properties.iter().filter_map(position).collect()
    }

    /// The key of a row, which stands at those positions.
    pub(crate) fn key_of(&self, row: &Row<'_>, positions: &[usize]) -> Result<Parts> {
        (self.read_key)(row, positions).map_err(|why| {
            let name = self.properties.first().copied().unwrap_or("key");
            Error::row(name, name, "a key", why).entity_is(self.entity)
        })
    }

    /// The statement that looks up several keys, of which there is an array a part.
    pub(crate) fn statement(&self, engine: Engine, arrays: &[Parameter]) -> Result<Statement> {
        let many = Given::keys(arrays) == Given::Many;
        let kept = if let Some((relation, _)) = self.through() {
            Kept::LinkedToMany { relation: relation.name, many }
        } else {
            let Self { properties, origin, .. } = *self;
            Kept::ByManyKeys { properties, ordered: self.is_ordered(), many, origin }
        };
        let write = || lower::look_up(engine, self, arrays);
        let sql = self.sql.sql(engine, kept, || write().map(|lowered| lowered.sql))?;
        let parameters = match lower::values_of(engine, arrays, !self.is_numbered()) {
            Some(parameters) => parameters,
            // Whoever writes the SQL knows what cannot be sent.
            None => write()?.parameters.into(),
        };
        let statement = Statement::new(Operation::Select, sql, parameters);
        Ok(statement.about(self.entity, self.relation))
    }
}

/// The number of a key that a row holds at a position, counted from zero.
pub(crate) fn number_in(row: &Row<'_>, position: usize) -> Result<usize, Mismatch> {
    let number = <i64 as Value>::read(row.cell(position)?)?;
    // They are counted from 1; what is less is that of no key.
    Ok(usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).unwrap_or(usize::MAX))
}
