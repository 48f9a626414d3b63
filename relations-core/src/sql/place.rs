//! Tables in a statement, each with the condition of its scope.
//!
//! A table gets into a statement by one of these methods of [`Writer`] and by no other, so that the scope of an
//! entity stands at each place of it: the name of a table is private here.

use std::sync::Arc;

use sea_query::{
    DeleteStatement, DynIden, Expr, ExprTrait, InsertStatement, IntoIden, JoinType,
    SelectStatement, TableRef, UpdateStatement,
};

use crate::ast::predicate::Predicate;
use crate::ast::select::Select;
use crate::ast::term::Term;
use crate::definition::entity::EntityDefinition;
use crate::definition::kind::KindDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::visible::{DeletedRows, Visible};
use crate::dialect::{Engine, SCHEMA, Tenancy};
use crate::error::{Error, Result};
use crate::sql::change::Changes;
use crate::sql::constant::Constant;
use crate::sql::from_clause::{FromClause, named};
use crate::sql::spelling::uuids_of;
use crate::sql::value::Selected;
use crate::sql::{TENANT, Writer};

/// The table of one entity: by its own name, or by an alias if it is joined or nested.
#[derive(Debug, Clone)]
pub(crate) struct AliasedTable {
    pub(crate) entity: &'static EntityDefinition,
    alias: Option<DynIden>,
    /// Which of its rows are seen.
    visible: Visible,
    /// The condition of the links that are meant, where it is the table of some.
    narrowed: Option<Arc<Predicate>>,
}

impl AliasedTable {
    /// The table of an entity, by its own name.
    pub(crate) fn table_of(entity: &'static EntityDefinition) -> Self {
        Self { entity, alias: None, visible: Visible::SCOPED, narrowed: None }
    }

    /// The table of a query, of which it sees some rows.
    pub(crate) fn rows_of(select: &Select) -> Self {
        Self::table_of(select.entity).seen(select.visible)
    }

    /// The table of an entity, by an alias.
    pub(crate) fn aliased(entity: &'static EntityDefinition, alias: impl IntoIden) -> Self {
        let (alias, visible) = (Some(alias.into_iden()), Visible::SCOPED);
        Self { entity, alias, visible, narrowed: None }
    }

    /// The table, of which these rows are seen.
    pub(crate) fn seen(self, visible: Visible) -> Self {
        Self { visible, ..self }
    }

    /// The table, of which only the rows that match a condition are meant.
    pub(crate) fn narrowed(self, narrowed: Option<&Arc<Predicate>>) -> Self {
        Self { narrowed: narrowed.cloned(), ..self }
    }

    /// Another table of the entity, of which the same rows are seen.
    pub(crate) fn beside(&self, alias: impl IntoIden) -> Self {
        Self::aliased(self.entity, alias).seen(self.visible).narrowed(self.narrowed.as_ref())
    }

    /// The name that columns are qualified by.
    pub(crate) fn name(&self) -> DynIden {
        self.alias.clone().unwrap_or_else(|| self.entity.table.into_iden())
    }

    /// The table, as a FROM or a JOIN names it. It is private, so that a table stands in a statement with
    /// its scope only: [`Writer`] has a method for each clause that names one.
    fn table(&self, writer: &Writer) -> TableRef {
        let table = writer.table(self.entity);
        match &self.alias {
            Some(alias) => table.alias(alias.clone()),
            None => table,
        }
    }

    pub(crate) fn column(&self, property: &PropertyDefinition) -> Expr {
        Expr::col((self.name(), property.column))
    }

    /// The columns of the entity, in the order of its definition.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Selected> {
        self.entity.properties.iter().map(|property| self.selected(property))
    }

    /// A column, to be selected.
    pub(crate) fn selected(&self, property: &'static PropertyDefinition) -> Selected {
        Selected::new(self.column(property), Some(property))
    }

    /// The columns of the properties of those names.
    pub(crate) fn named(&self, names: &[&'static str]) -> impl Iterator<Item = Expr> {
        named(self.entity, names).map(|property| self.column(property))
    }

    /// The columns of the id.
    pub(crate) fn id(&self) -> impl Iterator<Item = Expr> {
        self.entity.id().map(|property| self.column(property))
    }
}

/// The table of an entity, in its schema where it has one.
fn table(entity: &EntityDefinition) -> TableRef {
    match entity.schema {
        Some(schema) => (schema, entity.table).into(),
        None => entity.table.into(),
    }
}

/// The table of an entity in a statement that defines it, which is about no rows.
pub(crate) fn defined_table(entity: &EntityDefinition) -> TableRef {
    table(entity)
}

impl Writer {
    /// The table of an entity: in its schema, or in the one that is chosen at run time.
    fn table(&self, entity: &EntityDefinition) -> TableRef {
        match entity.schema {
            None if self.in_schema => (SCHEMA, entity.table).into(),
            _ => table(entity),
        }
    }

    /// Reads no rows of a place, for the types of its columns alone.
    pub(crate) fn read_none(&self, statement: &mut SelectStatement, place: &AliasedTable) {
        statement.from(place.table(self)).and_where(Expr::cust("FALSE"));
    }

    /// Reads rows of a place.
    pub(crate) fn from(&self, statement: &mut SelectStatement, place: &AliasedTable) {
        statement.from(place.table(self));
        if let Some(scope) = self.scope(place) {
            statement.and_where(scope);
        }
    }

    /// Joins rows of a place.
    pub(crate) fn join(
        &self,
        statement: &mut SelectStatement,
        kind: JoinType,
        place: &AliasedTable,
        on: Expr,
    ) {
        let on = match self.scope(place) {
            Some(scope) => on.and(scope),
            None => on,
        };
        statement.join(kind, place.table(self), on);
    }

    /// Changes rows of a place.
    pub(crate) fn update(&self, statement: &mut UpdateStatement, place: &AliasedTable) {
        statement.table(place.table(self));
        if let Some(scope) = self.scope(place) {
            statement.and_where(scope);
        }
    }

    /// Removes rows of a place.
    pub(crate) fn delete_from(&self, statement: &mut DeleteStatement, place: &AliasedTable) {
        statement.from_table(place.table(self));
        if let Some(scope) = self.scope(place) {
            statement.and_where(scope);
        }
    }

    /// Makes new rows of an entity. The tenant is one of their values, which the caller has filled in.
    pub(crate) fn insert_into(
        &self,
        statement: &mut InsertStatement,
        entity: &'static EntityDefinition,
    ) {
        let _ = self.tenant_of(entity);
        statement.into_table(self.table(entity));
    }

    /// The condition of the rows of a place that the statement may see; `None` where these are all.
    pub(crate) fn scope(&self, place: &AliasedTable) -> Option<Expr> {
        let tenant = match self.tenant_of(place.entity) {
            Ok(tenant) => tenant.map(|tenant| self.is_of_tenant(place, tenant)),
            // The statement is not sent.
            Err(Refused) => return Some(Expr::cust("FALSE")),
        };
        let not_deleted = is_seen(place, place.visible.deleted);
        let (in_scope, matches) = (self.in_default_scope(place), self.matches_filter(place));
        let own = not_deleted.into_iter().chain(in_scope).chain(matches);
        let own = own.chain(is_of_kind(place, place.visible.kind)).chain(self.is_meant(place));
        tenant.into_iter().chain(own).reduce(ExprTrait::and)
    }

    /// Whether a row is one of the tenant's.
    fn is_of_tenant(&self, place: &AliasedTable, tenant: &'static PropertyDefinition) -> Expr {
        let (column, value) = (place.column(tenant), Expr::custom_keyword(TENANT));
        match (self.engine, tenant.column_type) {
            (Engine::Sqlite, ColumnType::Uuid) => column.is_in(uuids_of(TENANT)),
            _ => column.eq(self.cast_compared(value, tenant, "")),
        }
    }

    /// Whether a row is in the default scope of its entity.
    fn in_default_scope(&self, place: &AliasedTable) -> Option<Expr> {
        let scope = place.entity.default_scope.filter(|_| place.visible.scoped)?;
        let condition = scope.condition::<Predicate>()?;
        self.checked(place, self.constant(place, condition, Constant::DefaultScope))
    }

    /// Whether a row matches the filter of the relation that leads to the place.
    fn matches_filter(&self, place: &AliasedTable) -> Option<Expr> {
        let filter = place.visible.filter?;
        let condition = filter.condition::<Predicate>()?;
        self.checked(place, self.constant(place, condition, Constant::Filter(filter)))
    }

    /// Whether a row is one of the links that are meant. Nothing can be joined to it here.
    fn is_meant(&self, place: &AliasedTable) -> Option<Expr> {
        let condition = place.narrowed.as_deref()?;
        let condition = FromClause::joining_nothing(self, place.clone()).predicate(condition);
        self.checked(place, condition.map(Some))
    }

    /// A condition, whose error makes the statement fail.
    fn checked(&self, place: &AliasedTable, condition: Result<Option<Expr>>) -> Option<Expr> {
        match condition {
            Ok(condition) => condition,
            Err(error) => {
                self.refused.borrow_mut().get_or_insert(error.entity_is(place.entity));
                Some(Expr::cust("FALSE"))
            }
        }
    }

    /// Refuses a tenant that is calculated: the rows of a tenant stay its own.
    pub(crate) fn check_calculated(&self, entity: &'static EntityDefinition, changes: &Changes) {
        let is_tenant = |(property, _): &&(&'static PropertyDefinition, Term)| property.tenant;
        if self.is_scoped(entity)
            && let Some((property, _)) = changes.expressions.iter().find(is_tenant)
        {
            let (name, property) = (entity.name, property.name);
            let why = format!(
                "`{name}.{property}` is the tenant of a row, which `set_expr` cannot change on an \
                 executor of one tenant; leave it out",
            );
            let error = Error::invalid_request(why).entity_is(entity);
            self.refused.borrow_mut().get_or_insert(error);
        }
    }

    /// Whether rows of an entity that are there may be hidden from the statement.
    pub(crate) fn is_scoped(&self, entity: &'static EntityDefinition) -> bool {
        matches!(self.tenancy, Tenancy::Of(_)) && entity.tenant().is_some()
    }

    /// The property of an entity that is compared with the tenant. An entity that cannot stand in the
    /// statement makes it fail.
    fn tenant_of(
        &self,
        entity: &'static EntityDefinition,
    ) -> Result<Option<&'static PropertyDefinition>, Refused> {
        let name = entity.name;
        let why = match (self.tenancy, entity.tenant()) {
            (Tenancy::Open | Tenancy::Exempt, _) | (Tenancy::Required, None) => return Ok(None),
            (Tenancy::Of(_), None) if entity.shared => return Ok(None),
            (Tenancy::Of(given), Some(tenant)) if tenant.column_type == given => {
                return Ok(Some(tenant));
            }
            (Tenancy::Required, Some(tenant)) => format!(
                "`{name}` belongs to tenants by `{}`, and this database requires one; use \
                 `db.tenant(…)`",
                tenant.name
            ),
            (Tenancy::Nested, _) => "a tenant was named within another one; name it once, on the \
                                     database"
                .to_owned(),
            (Tenancy::Of(_), None) => format!(
                "`{name}` has no tenant, so its rows are those of all; add `#[tenant]` to a property \
                 of it, or `#[entity(shared)]` if all tenants may use them",
            ),
            (Tenancy::Of(given), Some(tenant)) => format!(
                "the tenant `{name}.{}` is {:?}, and `tenant(…)` was given {given:?}; give a value of \
                 the property's type",
                tenant.name, tenant.column_type
            ),
        };
        let error = Error::invalid_request(why).entity_is(entity);
        self.refused.borrow_mut().get_or_insert(error);
        Err(Refused)
    }
}

/// Whether a row has the kind that makes its key lead along a relation; `None` if each has.
pub(crate) fn is_of_kind(place: &AliasedTable, kind: Option<&KindDefinition>) -> Option<Expr> {
    let kind = kind?;
    Some(is_word_of(kind, place.column(place.entity.property(kind.property)?)))
}

/// Whether a value is the word of a kind, which is a constant: it is a part of the entity's definition.
pub(crate) fn is_word_of(kind: &KindDefinition, value: Expr) -> Expr {
    value.eq(Expr::Constant(kind.word.into()))
}

/// The condition on `#[deleted_at]`; `None` if there is none.
fn is_seen(place: &AliasedTable, deleted: DeletedRows) -> Option<Expr> {
    let deleted_at = place.column(place.entity.deleted_at()?);
    match deleted {
        DeletedRows::LeftOut => Some(deleted_at.is_null()),
        DeletedRows::Seen => None,
        DeletedRows::Only => Some(deleted_at.is_not_null()),
    }
}

/// An entity cannot stand in a statement; its writer knows why.
struct Refused;
