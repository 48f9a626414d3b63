//! Soft delete: rows that are marked as deleted, and restored.

use crate::ast::select::Select;
use crate::definition::foreign_keys::Held;
use crate::definition::soft_delete::SoftDeleteEffects;
use crate::definition::visible::{DeletedRows, Visible};
use crate::dialect::{Dialect, Engine, Tenancy};
use crate::driver::acquired::EachRow;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::driver::one_connection::one_connection;
use crate::driver::returned::Returned;
use crate::driver::statement::{Otherwise, Statement};
use crate::entity::Entity;
use crate::error::constraint::{Constraint, Violation};
use crate::error::{Error, Kind, Result};
use crate::query::execute::value_at;
use crate::repository::observed::{ChangeKind, ChangeStatement, NoRows, RowChange, change_rows};
use crate::repository::observer::ObservedEntities;
use crate::repository::stored::StoredRow;
use crate::repository::update;
use crate::repository::upsert::ATTEMPTS;
use crate::sql::change;
use crate::sql::change::{Changes, Deletion, Returning};
use crate::sql::operation::Operation;
use crate::sql::soft_delete;
use crate::value::key::Key;

/// An entity with soft delete; `#[deleted_at]` implements it.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` are not deleted softly",
    label = "`{Self}` has no `#[deleted_at]`",
    note = "add a field to `{Self}`, as `#[deleted_at] deleted_at: Option<DateTime<Utc>>`; without one \
            `delete` removes the row"
)]
#[doc(alias = "soft delete")]
pub trait SoftDelete: Entity {}

/// Whether a statement is refused by rows that reference others, and by how many.
struct RefusingRows {
    key: Held,
    rows: u64,
}

impl Select {
    /// These rows as a soft delete means them: those that are deleted already stay as they are.
    ///
    /// # Errors
    ///
    /// Only deleted rows are meant.
    pub(crate) fn into_soft_delete(mut self) -> Result<Self> {
        if self.visible.deleted == DeletedRows::Only {
            return Err(Error::invalid_request(
                "these rows are deleted already; remove them with `delete_permanently`, or \
                 leave out `only_deleted`",
            )
            .entity_is(self.entity));
        }
        self.visible = self.visible.with(DeletedRows::LeftOut);
        Ok(self)
    }

    /// The soft delete of these rows, each of which is handed to a function if it comes back.
    pub(crate) async fn delete_softly(
        &self,
        db: &impl Executor,
        none: NoRows<'_>,
        returned: Option<Returned>,
        each: EachRow<'_>,
    ) -> Result<u64> {
        let Some(effects) = SoftDeleteEffects::of(self.entity) else {
            return Err(Error::invalid_request(format!(
                "`{}` and other entities cascade to each other in a cycle, which a soft delete cannot \
                 follow; make one of these foreign keys `restrict` or `set null`",
                self.entity.name,
            ))
            .entity_is(self.entity));
        };
        Self::check_tenants(db, &effects)?;
        let returning = if returned.is_some() { Returning::Rows } else { Returning::Nothing };
        let dialect = db.dialect();
        let statement = |rows: &Self| {
            let statement = rows.soft_deletion(dialect, &effects, returning)?;
            Ok(Statement { returned: returned.clone(), ..statement })
        };
        let (kind, statement) = (ChangeKind::SoftDelete(&effects), ChangeStatement::Of(&statement));
        let change = RowChange { select: self, kind, statement, none };
        for _ in 0..ATTEMPTS {
            let deleted = change_rows(db, change, &mut *each).await?;
            if deleted > 0 || effects.refusing.is_empty() {
                return Ok(deleted);
            }
            match self.refusing(db, &effects).await? {
                Some(refusal) => return Err(Self::refused_softly(&refusal)),
                // A row that refused it may have gone meanwhile.
                None if self.is_there(db).await? => {}
                None => return Ok(0),
            }
        }
        Err(Error::new(Kind::Serialization).entity_is(self.entity))
    }

    /// Refuses the soft delete of rows that are shared among tenants on an executor of one of them, which
    /// does not see the rows of others that reference these.
    fn check_tenants(db: &impl Executor, effects: &SoftDeleteEffects) -> Result<()> {
        if !matches!(db.dialect().tenancy, Tenancy::Of(_)) {
            return Ok(());
        }
        let mut referenced = effects.keys().filter_map(|(source, relation)| {
            let target = relation.target.definition();
            (source.tenant().is_some() && target.tenant().is_none()).then_some(target)
        });
        match referenced.next() {
            Some(target) => Err(Error::invalid_request(format!(
                "rows of other tenants may reference `{}`; delete it on an executor of all tenants",
                target.name,
            ))
            .entity_is(target)),
            None => Ok(()),
        }
    }

    fn soft_deletion(
        &self,
        dialect: Dialect,
        effects: &SoftDeleteEffects,
        returning: Returning,
    ) -> Result<Statement> {
        if effects.is_plain() {
            let changes = Changes::of_deletion(Deletion::Now);
            let lowered = change::update(dialect, self, &changes, returning)?;
            return Ok(self.statement(Operation::Delete, lowered));
        }
        if dialect.engine == Engine::Postgres {
            let lowered = soft_delete::at_once(dialect, self, effects, returning)?;
            return Ok(self.statement(Operation::Delete, lowered));
        }
        let mut steps = soft_delete::in_steps(dialect, self, effects, returning)?.into_iter();
        let Some(first) = steps.next() else {
            return Err(Error::invalid_request("there is nothing to delete"));
        };
        let further = steps.map(|lowered| lowered.sql).collect();
        let statement = self.statement(Operation::Delete, first);
        Ok(statement.or_else(Some(Otherwise::Steps(further))))
    }

    /// The rows that refuse the soft delete, of the first foreign key of which there are some.
    async fn refusing(
        &self,
        db: &impl Executor,
        effects: &SoftDeleteEffects,
    ) -> Result<Option<RefusingRows>> {
        let lowered = soft_delete::refusing(db.dialect(), self, effects)?;
        let statement = self.statement(Operation::Select, lowered);
        let (table, keys) = (self.entity.table, &effects.refusing);
        let counts = fetch(db, &statement, |row| {
            (0..keys.len()).map(|at| value_at::<i64>(row, at, table)).collect::<Result<Vec<_>>>()
        });
        let counts = counts.await?.into_iter().next().unwrap_or_default();
        let mut found = keys.iter().zip(counts).filter(|(_, rows)| *rows > 0);
        Ok(found.next().map(|(key, rows)| RefusingRows { key: *key, rows: rows.unsigned_abs() }))
    }

    async fn is_there(&self, db: &impl Executor) -> Result<bool> {
        let lowered = crate::sql::select::exists(db.dialect(), self)?;
        let statement = self.statement(Operation::Select, lowered);
        let there = fetch(db, &statement, |row| value_at::<bool>(row, 0, self.entity.table));
        Ok(there.await?.contains(&true))
    }

    /// The error of a delete that other rows refuse, as the database would tell it of a row that is removed.
    fn refused_softly(RefusingRows { key: (source, relation), rows }: &RefusingRows) -> Error {
        let target = relation.target.definition();
        let columns = |names: &[&'static str], of: &'static crate::definition::EntityDefinition| {
            let properties = names.iter().filter_map(|name| of.property(name));
            properties.map(|property| property.column.to_owned()).collect::<Vec<_>>()
        };
        let constraint = Constraint {
            name: crate::definition::constraint_names::foreign_key_name(source, relation),
            schema: source.schema.map(str::to_owned),
            table: Some(source.table.to_owned()),
            columns: columns(relation.key_from, source),
            target: Some((target.table.to_owned(), columns(relation.key_to, target))),
            target_entity: Some(target.name),
            referencing: Some(*rows),
            is_certain: true,
            is_looked_up: true,
            ..Constraint::new(Violation::Referenced)
        };
        Error::new(Kind::Constraint(Box::new(constraint)))
            .entity_is(source)
            .relation_is(relation)
            .referencing_rows_are(*rows)
    }

    /// Restores the rows of these that are deleted, and tells how many there were.
    pub(crate) async fn restored(mut self, db: &impl Executor, none: NoRows<'_>) -> Result<u64> {
        self.check_change("restore")?;
        if self.is_empty() {
            return Ok(0);
        }
        self.visible = self.visible.with(DeletedRows::Only);
        let changes = Changes::of_deletion(Deletion::Undone);
        let dialect = db.dialect();
        let statement = |rows: &Self| {
            let lowered = change::update(dialect, rows, &changes, Returning::Nothing)?;
            Ok(rows.statement(Operation::Update, lowered))
        };
        let (kind, statement) = (ChangeKind::Update, ChangeStatement::Of(&statement));
        let change = RowChange { select: &self, kind, statement, none };
        let restored = change_rows(&one_connection(db), change, &mut |_| Ok(())).await;
        restored.map_err(Error::of_several)
    }
}

/// Marks the row with the id of an entity as deleted.
pub(crate) async fn delete<E: Entity>(row: &StoredRow, db: &impl Executor) -> Result<()> {
    let select = row.select().into_soft_delete()?;
    let db = &one_connection(db);
    match select.delete_softly(db, &ObservedEntities::<E>::none, None, &mut |_| Ok(())).await {
        Ok(0) => Err(Box::pin(row.absence(db)).await),
        Ok(_) => Ok(()),
        Err(error) => Err(row.about(error)),
    }
}

/// Restores the row with the id of an entity, and takes back what the database makes of it.
pub(crate) async fn restore<E: SoftDelete>(entity: &mut E, db: &impl Executor) -> Result<()> {
    let row =
        StoredRow::by_key(E::DEFINITION, entity.row_id().to_parameters()).seen(Visible::DELETED);
    let changes = Changes::of_deletion(Deletion::Undone);
    let select = row.select();
    let lowered = change::update(db.dialect(), &select, &changes, Returning::Made)?;
    update::write(entity, select.statement(Operation::Update, lowered), &row, db).await
}

/// Removes the row with the id of an entity, deleted or not.
pub(crate) async fn delete_permanently<E: SoftDelete>(
    entity: &E,
    db: &impl Executor,
) -> Result<()> {
    let row = StoredRow::by_key(E::DEFINITION, entity.row_id().to_parameters()).seen(Visible::ALL);
    let select = row.select();
    let lowered = change::delete(db.dialect(), &select, Returning::Nothing)?;
    let db = &one_connection(db);
    let statement = select.statement(Operation::Delete, lowered);
    let (kind, statement) = (ChangeKind::Delete, ChangeStatement::ByIds(&statement));
    let change = RowChange { select: &select, kind, statement, none: &ObservedEntities::<E>::none };
    match change_rows(db, change, &mut |_| Ok(())).await {
        Ok(0) => Err(row.gone()),
        Ok(_) => Ok(()),
        Err(error) => Err(row.by_id().refusal(db, row.about(error)).await),
    }
}
