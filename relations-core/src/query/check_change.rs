//! Rows that a query may change.

use crate::ast::predicate::Predicate;
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{RelationDefinition, RelationKind};
use crate::definition::visible::DeletedRows;
use crate::error::{Error, Result};
use crate::sql::change::{Assignment, Changes};
use crate::value::parameter::Parameter;

/// The properties by which targets belong to a source, and their values if they are known.
pub(crate) struct KeyOfTargets<'a> {
    properties: &'static [&'static str],
    values: Option<&'a [Parameter]>,
    /// The property of the kind that all of them have, and its word.
    kind: Option<(&'static str, Parameter)>,
}

impl KeyOfTargets<'_> {
    /// Whether the values are known.
    pub(super) fn is_known(&self) -> bool {
        self.values.is_some()
    }

    /// Whether the targets are known to hold a value already.
    pub(super) fn holds(&self, one: &Assignment) -> bool {
        self.value(one.property) == Some(&one.parameter)
    }

    fn has(&self, property: &PropertyDefinition) -> bool {
        self.properties.contains(&property.name)
    }

    /// The value of a property, if it is one of these and known.
    fn value(&self, property: &PropertyDefinition) -> Option<&Parameter> {
        match &self.kind {
            Some((kind, word)) if *kind == property.name => Some(word),
            _ => {
                let at = self.properties.iter().position(|name| *name == property.name)?;
                self.values?.get(at)
            }
        }
    }
}

impl Select {
    /// A change takes the rows that a filter means, all of them, and no page.
    pub(crate) fn check_change(&self, verb: &str) -> Result<()> {
        let unbounded =
            matches!(self.scope, SelectScope::Table) && matches!(self.predicate, Predicate::Always);
        let unbounded = unbounded && self.visible.deleted != DeletedRows::Only;
        if unbounded && !self.all_rows {
            return Err(Error::invalid_request(format!(
                "this would {verb} every row of `{}`; narrow it with `.filter(…)`, or ask for it \
                 with `.all_rows()`",
                self.entity.table,
            ))
            .entity_is(self.entity));
        }
        self.check_unlocked(&format!("`{verb}` locks the rows that it changes by itself"))?;
        if self.limit.is_some() || self.offset.is_some() || self.distinct {
            return Err(Error::invalid_request(format!(
                "`{verb}` takes every row that the filter matches; leave out `limit`, `offset` and \
                 `distinct`, or filter by the ids of the rows you mean",
            ))
            .entity_is(self.entity));
        }
        Ok(())
    }

    /// The key by which the rows are the targets of a source, if they hold it.
    pub(super) fn key_of_targets(&self) -> Option<KeyOfTargets<'_>> {
        let holds_key = |one: &&RelationDefinition| {
            one.through.is_none() && one.key_array.is_none() && one.kind != RelationKind::BelongsTo
        };
        let relation = self.followed().filter(holds_key)?;
        let values = match &self.scope {
            SelectScope::Key { key, .. } => Some(key.as_slice()),
            SelectScope::TargetsOfId(_) | SelectScope::Via(_) => None,
            SelectScope::Table
            | SelectScope::Array(_)
            | SelectScope::Linked(_)
            | SelectScope::Nothing => return None,
        };
        let kind = relation.key_kind.map(|kind| (kind.property, Parameter::text(kind.word)));
        Some(KeyOfTargets { properties: relation.held(), values, kind })
    }

    /// The error of targets that would get another source.
    pub(super) fn moved(&self, property: &PropertyDefinition) -> Error {
        let relation = self.followed();
        let (source, name) = relation.map_or(("", ""), |one| (one.source, one.name));
        let error = Error::invalid_request(format!(
            "`{}.{}` says whose row it is, and this would move rows out of `{source}.{name}`; move \
             them with `reparent`, or update them by a query that does not follow the relation",
            self.entity.name, property.name,
        ));
        let error = error.entity_is(self.entity);
        relation.map_or(error.clone(), |relation| error.relation_is(relation))
    }
}

impl Changes {
    /// The property of a key that a row would have another value of.
    pub(super) fn leaves(&self, key: &KeyOfTargets<'_>) -> Option<&'static PropertyDefinition> {
        let is_other = |property: &PropertyDefinition, given: Option<&Parameter>| {
            let value = key.value(property);
            key.has(property) && (value.is_none() || value != given)
        };
        let set = self.assignments.iter();
        let set = set.map(|one| (one.property, Some(&one.parameter)));
        let calculated = self.expressions.iter().map(|(property, _)| (*property, None));
        let mut other =
            set.chain(calculated).filter(|(property, given)| is_other(property, *given));
        other.next().map(|(property, _)| property)
    }
}
