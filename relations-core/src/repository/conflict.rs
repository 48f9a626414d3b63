//! The meaning of a conflict: the key, and the change of a row that is there.

use crate::ast::predicate::Predicate;
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::unique_key::UniqueKeyDefinition;
use crate::dialect::Dialect;
use crate::driver::executor::Executor;
use crate::driver::tenant::TenantRows;
use crate::error::constraint::{Constraint, Violation};
use crate::error::{Error, Kind, Result};
use crate::sql;
use crate::sql::change::Changes;

/// When a row is there already, and what becomes of it.
#[derive(Debug, Clone)]
pub(crate) struct Conflict {
    pub(crate) key: Vec<&'static PropertyDefinition>,
    /// The properties that an existing row takes over.
    pub(crate) update: Vec<&'static PropertyDefinition>,
    /// Further changes of an existing row.
    pub(crate) changes: Changes,
    /// The condition under which an existing row is changed.
    pub(crate) condition: Predicate,
}

impl Conflict {
    pub(crate) fn new(
        key: Vec<&'static PropertyDefinition>,
        update: Vec<&'static PropertyDefinition>,
    ) -> Self {
        Self { key, update, changes: Changes::default(), condition: Predicate::Always }
    }

    /// Whether an existing row is changed.
    pub(crate) fn updates(&self) -> bool {
        !self.update.is_empty() || !self.changes.is_empty()
    }

    /// The properties that an existing row may get other values of.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &'static PropertyDefinition> {
        self.update.iter().copied().chain(self.changes.properties())
    }

    /// Whether the key and the columns alone say what its SQL is.
    pub(crate) fn is_plain(&self) -> bool {
        self.changes.is_empty() && matches!(self.condition, Predicate::Always)
    }

    /// The properties of the key and those that are taken over, a bit each; none where there are too
    /// many to tell.
    pub(crate) fn sets(&self, entity: &EntityDefinition) -> Option<[u64; 2]> {
        let is_told = entity.properties.len() <= 64 && self.is_plain();
        is_told.then(|| [&self.key, &self.update].map(|one| set(entity, one.iter().copied())))
    }

    /// The conflict as SQL is written of it.
    pub(crate) fn lowered(
        &self,
        entity: &'static EntityDefinition,
        dialect: Dialect,
    ) -> Result<sql::conflict::ConflictClause<'_>> {
        let Self { key, update, changes, condition } = self;
        let key_filter = filter_of_key(entity, key)?;
        if !matches!(condition, Predicate::Always) && update.is_empty() && changes.is_empty() {
            return Err(Error::invalid_request(
                "a filter says which rows are updated, and nothing is; add `update`, `set` or \
                 `set_expr`, or leave it out",
            )
            .entity_is(entity));
        }
        Ok(sql::conflict::ConflictClause {
            entity,
            key,
            key_filter,
            update,
            changes,
            condition,
            dialect,
        })
    }

    /// A row that is there stays one of its tenant.
    pub(crate) fn check_tenant(
        &self,
        entity: &'static EntityDefinition,
        db: &impl Executor,
    ) -> Result<()> {
        let tenant = self.changes.assignments.iter().find(|one| one.property.tenant);
        match (tenant, db.tenancy()) {
            (Some(tenant), TenantRows::Of(value)) => value.check_own(entity, &tenant.parameter),
            _ => Ok(()),
        }
    }

    /// The error of a row that is there, and is deleted or belongs to another tenant.
    pub(crate) fn hidden(&self, entity: &'static EntityDefinition, dialect: Dialect) -> Error {
        let lowered = self.lowered(entity, dialect);
        if lowered.is_ok_and(|conflict| !conflict.may_be_of_other()) {
            let columns = self.key.iter().map(|one| one.column.to_owned()).collect();
            let constraint = Constraint {
                table: Some(entity.table.to_owned()),
                schema: entity.schema.map(str::to_owned),
                columns,
                is_deleted: true,
                is_looked_up: true,
                ..Constraint::new(Violation::Unique)
            };
            return Error::new(Kind::Constraint(Box::new(constraint))).entity_is(entity);
        }
        let deleted = if entity.deleted_at().is_some() { "is deleted or " } else { "" };
        let key: Vec<_> = self.key.iter().map(|one| format!("`{}`", one.name)).collect();
        Error::invalid_request(format!(
            "a row with the same {} {deleted}belongs to another tenant; make the tenant a part of that key",
            key.join(", "),
        ))
        .entity_is(entity)
    }

    /// A conflict is found by what is given, and updates a row to what is given.
    pub(crate) fn check(
        &self,
        entity: &'static EntityDefinition,
        is_found_by: impl Fn(&'static PropertyDefinition) -> bool,
        is_given: impl Fn(&'static PropertyDefinition) -> bool,
    ) -> Result<()> {
        let name = entity.name;
        let why = if let Some(key) = self.key.iter().find(|key| !is_found_by(key)) {
            format!(
                "a conflict is found by what is given, and `{name}.{}` is left to the database; \
                 give it, or name another key",
                key.name,
            )
        } else if let Some(made) =
            self.update.iter().find(|one| !is_given(one) && one.default.is_none())
        {
            format!(
                "`{name}.{}` is made by the database, so there is nothing new to update it to; \
                 leave it out of `update`",
                made.name,
            )
        } else {
            return Ok(());
        };
        Err(Error::invalid_request(why).entity_is(entity))
    }
}

/// Properties of an entity, a bit each.
pub(crate) fn set(
    entity: &EntityDefinition,
    properties: impl Iterator<Item = &'static PropertyDefinition>,
) -> u64 {
    properties.fold(0, |set, one| set | position(entity, one).map_or(0, |at| 1 << at))
}

/// Which of the entity's properties it is, if there are not too many to tell by a bit each.
fn position(entity: &EntityDefinition, property: &PropertyDefinition) -> Option<u32> {
    let at = entity.properties.iter().position(|one| one.is(property))?;
    u32::try_from(at).ok().filter(|at| *at < 64)
}

/// The condition of the key that these properties are; none where it holds for all rows.
fn filter_of_key(
    entity: &'static EntityDefinition,
    properties: &[&'static PropertyDefinition],
) -> Result<Option<&'static str>> {
    let is_key = |key: &[&'static PropertyDefinition]| {
        key.len() == properties.len()
            && key.iter().all(|part| properties.iter().any(|one| one.is(part)))
    };
    if entity.keys().any(|key| is_key(&key)) {
        return Ok(None);
    }
    let is_made = |key: &&&'static UniqueKeyDefinition| {
        let parts: Vec<_> =
            key.properties.iter().filter_map(|name| entity.property(name)).collect();
        is_key(&parts)
    };
    let mut partial = entity.unique_keys.iter().filter(is_made);
    let names: Vec<_> = properties.iter().map(|one| format!("`{}`", one.name)).collect();
    let (name, names) = (entity.name, names.join(", "));
    let is_deferrable = matches!(properties, [only] if only.unique)
        || partial.clone().any(|key| !key.deferrable.is_no());
    let why = match (partial.next(), partial.next()) {
        _ if is_deferrable => format!(
            "the key of `{name}` that is made of {names} is deferrable, and PostgreSQL finds no conflict by \
             one; name another key, or leave out `deferrable`",
        ),
        (Some(only), None) => return Ok(only.filter),
        (Some(_), Some(_)) => format!(
            "several keys of `{name}` are made of {names}, each of some rows; write this statement in \
             SQL, which can tell which one is meant",
        ),
        (None, _) => format!(
            "no key of `{name}` is made of {names}; mark the property `#[unique]`, or several with \
             `#[unique(…)]` on the struct",
        ),
    };
    Err(Error::invalid_request(why).entity_is(entity))
}
