//! Look-ups by a key, which can be made for many keys at once.

use crate::ast::scope::{SelectScope, SourceByKey};
use crate::ast::select::Select;
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{RelationDefinition, RelationKind, ThroughDefinition};
use crate::definition::visible::Visible;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::sql::cache::{Caches, SqlCache};
use crate::sql::include::{Given, Keys};
use crate::sql::key_columns::LookupColumns;
use crate::sql::select::SelectBuilder;
use crate::sql::{Lowered, Verb, Writer};
use crate::value::Value;
use crate::value::key::{Parts, ReadKey};
use crate::value::parameter::Parameter;
use crate::value::row::{Mismatch, Row};

/// The lookup of a statement whose parameters are one key, so that an executor can look up many keys
/// instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchKey {
    pub(crate) entity: &'static EntityDefinition,
    pub(crate) relation: Option<&'static RelationDefinition>,
    /// The entity that the key is from, and its properties that hold it there.
    source: (&'static EntityDefinition, &'static [&'static str]),
    /// Which relation the SQL is for, where it speaks of its source.
    pub(crate) origin: Option<usize>,
    /// The properties that hold the key; none where links do.
    pub(crate) properties: &'static [&'static str],
    read_key: ReadKey,
    /// Which rows are seen.
    pub(crate) visible: Visible,
    /// The cache of the SQL: that of the entity, or of the source of links.
    pub(crate) sql: &'static SqlCache,
}

impl BatchKey {
    /// The lookup of a query that has nothing but a key, and all of whose rows the verb wants.
    pub(crate) fn of(select: &Select, caches: Caches, verb: Verb) -> Option<Self> {
        let Select { relation, visible, .. } = *select;
        let wants_all = verb != Verb::First || select.is_unique();
        if !(wants_all && select.is_plain() && select.lock.is_none()) {
            return None;
        }
        let (properties, read_key, sql) = match &select.scope {
            SelectScope::Key { properties, read_key, .. } => {
                (*properties, *read_key, caches.entity)
            }
            SelectScope::Linked(SourceByKey { read_key, .. }) if select.sees_as_usual() => {
                (&[][..], *read_key, caches.source?)
            }
            SelectScope::Table
            | SelectScope::Array(_)
            | SelectScope::Linked(_)
            | SelectScope::TargetsOfId(_)
            | SelectScope::Via(_)
            | SelectScope::Nothing => return None,
        };
        let source = match (&select.scope, relation) {
            (SelectScope::Key { source: Some(source), .. }, Some(relation)) => {
                (*source, relation.key_from)
            }
            (_, Some(relation)) if let Some(through) = &relation.through => {
                (through.from().target.definition(), relation.key_from)
            }
            _ => (select.entity, properties),
        };
        let origin = select.origin();
        let entity = select.entity;
        Some(Self { entity, relation, source, origin, properties, read_key, visible, sql })
    }

    /// Whether both look up the same by the same, one on behalf of the same relation as the other.
    /// Definitions have no address of their own to compare; what they keep has.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let relation = |look_up: &Self| look_up.relation.map(|one| (one.source, one.name));
        std::ptr::eq(self.sql, other.sql)
            && self.properties == other.properties
            && self.visible == other.visible
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

    /// The entity whose properties hold the key: the one that is looked up, or the link to it.
    fn holder(&self) -> &'static EntityDefinition {
        self.through().map_or(self.entity, |(_, through)| through.link.definition())
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

    /// The positions of the key in a row of the statement for many keys: that of links comes last.
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
}

/// The number of a key that a row holds at a position, counted from zero.
pub(crate) fn number_in(row: &Row<'_>, position: usize) -> Result<usize, Mismatch> {
    let number = row.read(position, <i64 as Value>::read)?;
    // They are counted from 1; what is less is that of no key.
    Ok(usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).unwrap_or(usize::MAX))
}

/// The rows by several keys, of which there is an array a part. The number of the key comes last in
/// each row where keys are numbered, and the key where links lead to the rows.
pub(crate) fn look_up(
    dialect: Dialect,
    look_up: &BatchKey,
    arrays: &[Parameter],
) -> Result<Lowered> {
    let writer = Writer::new(dialect, look_up.entity);
    let mut select = Select::new(look_up.entity, SelectScope::Table);
    select.visible = look_up.visible;
    let mut reading = SelectBuilder::of(&writer, &select)?;
    reading.select_all();
    let properties = look_up.key();
    let given = Given::keys(arrays);
    let (source, key_from) = look_up.source();
    let columns = LookupColumns::new(look_up.holder(), properties.clone(), source, key_from);
    let among = |key| writer.among_given(key, &columns, arrays, given);
    if look_up.is_numbered() {
        let joined = reading.numbered_keys(&columns, None, Keys::Given(arrays))?;
        reading.columns.extend(joined.marks.clone());
        let through = look_up.through().map(|(_, through)| through);
        reading.join_keys(through, &columns, joined, look_up.is_ordered())?;
    } else if let Some((_, through)) = look_up.through() {
        let key = reading.led_to_by(through, &properties, look_up.is_ordered(), among)?;
        reading.columns.extend(key);
    } else {
        let root = &reading.places.root;
        let key = properties.iter().map(|one| root.column(one)).collect();
        reading.statement.and_where(among(key)?);
    }
    if look_up.is_ordered() {
        reading.order_by_id();
    }
    writer.write(&reading.read())
}
