//! `ON CONFLICT`: the change of a row that is there already.

use sea_query::{Alias, CaseStatement, Expr, ExprTrait, OnConflict};

use crate::ast::predicate::Predicate;
use crate::definition::distribution::Distribution;
use crate::definition::entity::EntityDefinition;
use crate::definition::property::{PropertyDefinition, Stamp};
use crate::dialect::{Dialect, Tenancy};
use crate::error::Result;
use crate::sql::Writer;
use crate::sql::change::Changes;
use crate::sql::from_clause::{AliasedTable, FromClause, all};

/// The key by which rows conflict, and the change of a row that is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConflictClause<'a> {
    pub(crate) entity: &'static EntityDefinition,
    /// The properties of the key.
    pub(crate) key: &'a [&'static PropertyDefinition],
    /// The condition in SQL of the rows that the key holds for; none where it holds for all.
    pub(crate) key_filter: Option<&'static str>,
    /// The properties that an existing row takes over from the new one.
    pub(crate) update: &'a [&'static PropertyDefinition],
    /// Further changes of an existing row.
    pub(crate) changes: &'a Changes,
    /// The condition under which an existing row is changed.
    pub(crate) condition: &'a Predicate,
    pub(crate) dialect: Dialect,
}

/// The way by which PostgreSQL tells new rows from those that were there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum NewRowTest {
    /// It is not told.
    Not,
    /// By a setting that is set when a row is made or changed, which costs as much as to write the row.
    Setting,
    /// By a system column, which tables have, but neither partitioned ones nor views.
    Xmax,
}

impl NewRowTest {
    /// Whether the row is new.
    pub(super) fn is_new(self) -> &'static str {
        match self {
            Self::Not => "TRUE",
            Self::Setting => "(current_setting('relations.upsert') = 'inserted')",
            Self::Xmax => "(xmax = 0)",
        }
    }

    /// Whether the row is new, under a name.
    pub(super) fn is_new_as(self, name: &str) -> String {
        format!("{} AS \"{name}\"", self.is_new())
    }

    /// The first value of a new row.
    pub(super) fn first(self, value: Expr) -> Expr {
        if self == Self::Setting { marking(INSERTED, value) } else { value }
    }
}

/// Tells that a row is about to be made, in a setting that is forgotten with the transaction.
const INSERTED: &str = "set_config('relations.upsert', 'inserted', TRUE) IS NOT NULL";

/// Tells that one that is there is changed instead.
const UPDATED: &str = "set_config('relations.upsert', 'updated', TRUE) IS NOT NULL";

/// A value, and what is told when it is computed.
fn marking(told: &'static str, value: Expr) -> Expr {
    CaseStatement::new().case(Expr::cust(told), value).into()
}

impl ConflictClause<'_> {
    /// Whether a cluster writes the rows, on whose servers no setting tells anything and no time is asked for.
    fn is_distributed(&self) -> bool {
        self.entity.distribution != Distribution::OneServer
    }

    /// The way by which one new row is told.
    pub(crate) fn told(&self) -> NewRowTest {
        if self.is_distributed() { NewRowTest::Xmax } else { NewRowTest::Setting }
    }

    /// Whether a row that is there is changed.
    pub(crate) fn updates(&self) -> bool {
        !self.update.is_empty() || !self.changes.is_empty()
    }

    /// Whether a row may stay as it is, so that it has to be looked for.
    pub(crate) fn may_leave(&self) -> bool {
        !self.updates() || !matches!(self.condition, Predicate::Always) || self.may_hide()
    }

    /// Whether the row that is there may be one of another tenant or a deleted one, which is neither changed
    /// nor found.
    pub(crate) fn may_hide(&self) -> bool {
        self.may_be_deleted() || self.may_be_of_other()
    }

    /// Whether the row that is there may be a deleted one.
    pub(crate) fn may_be_deleted(&self) -> bool {
        self.key_filter.is_none() && self.entity.deleted_at().is_some()
    }

    /// Whether the row that is there may be one of another tenant.
    pub(crate) fn may_be_of_other(&self) -> bool {
        let tenant = self.entity.tenant();
        matches!(self.dialect.tenancy, Tenancy::Of(_))
            && tenant.is_some_and(|one| !self.is_key(one))
    }

    pub(super) fn is_key(&self, property: &PropertyDefinition) -> bool {
        self.key.iter().any(|key| key.is(property))
    }

    /// The clause that leaves a row that is there as it is.
    pub(super) fn nothing(&self) -> OnConflict {
        let mut clause = self.target();
        clause.do_nothing();
        clause
    }

    /// The clause that changes a row that is there, and tells that it does.
    pub(super) fn clause(&self, writer: &Writer, told: NewRowTest) -> Result<OnConflict> {
        if !self.updates() {
            return Ok(self.nothing());
        }
        let (Self { entity, update, changes, condition, .. }, mut set) = (*self, Vec::new());
        for property in update {
            set.push((*property, Expr::col((Alias::new("excluded"), property.column))));
        }
        for one in &changes.assignments {
            set.push((one.property, writer.parameter(entity, one.property, &one.parameter)?));
        }
        let mut places = FromClause::of_conflict(writer, entity);
        for (property, term) in &changes.expressions {
            set.push((*property, writer.cast_calculated(places.term(term)?, property)));
        }
        let mut conditions = places.filter(condition)?;
        conditions.extend(writer.scope(&places.root));
        writer.check_calculated(entity, changes);
        for property in entity.stamps() {
            let is_set = set.iter().any(|(one, _)| one.is(property));
            let value = match property.stamp {
                // The new row has the time of its default.
                Some(Stamp::UpdatedAt) if self.is_distributed() => {
                    Some(Expr::col((Alias::new("excluded"), property.column)))
                }
                _ => places.stamped(property),
            };
            if let Some(value) = value.filter(|_| !is_set) {
                set.push((property, value));
            }
        }
        let mut clause = self.target();
        if told == NewRowTest::Setting
            && let Some((_, value)) = set.first_mut()
        {
            *value = marking(UPDATED, value.clone());
        }
        for (property, value) in set {
            clause.value(Alias::new(property.column), value);
        }
        if !conditions.is_empty() {
            clause.action_and_where(all(conditions.into_iter()));
        }
        Ok(clause)
    }

    fn target(&self) -> OnConflict {
        let mut clause = OnConflict::columns(self.key.iter().map(|one| Alias::new(one.column)));
        if let Some(filter) = self.key_filter {
            clause.target_and_where(Expr::cust(filter));
        }
        clause
    }

    /// The condition that a row is one of those that the key holds for.
    pub(super) fn held(&self) -> Option<Expr> {
        self.key_filter.map(Expr::cust)
    }

    /// Pairs of columns of two tables that hold the key.
    pub(super) fn same_key(&self, one: &AliasedTable, other: &AliasedTable) -> Expr {
        all(self.key.iter().map(|key| one.column(key).eq(other.column(key))))
    }
}
