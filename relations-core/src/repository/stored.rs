//! The row of an entity, which its id names.

use smallvec::SmallVec;

use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::ast::term::{Field, Operand, Term};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::{PropertyDefinition, Stamp};
use crate::definition::visible::Visible;
use crate::driver::assigned::Assigned;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::constraint::Violation;
use crate::error::{Error, Kind, Result};
use crate::sql::change::Assignment;
use crate::sql::operation::Operation;
use crate::sql::{Verb, select};
use crate::value::Value;
use crate::value::key::Parts;
use crate::value::parameter::Parameter;
use crate::value::row::{Cell, Mismatch};

/// The row of an entity as it was when it was read: with its id, and of its version where it has
/// one.
pub(crate) struct StoredRow {
    entity: &'static EntityDefinition,
    id: SmallVec<[Assignment; 1]>,
    version: Option<Assignment>,
    visible: Visible,
}

/// An entity as an update takes it apart: the row with its id, and what else is written.
pub(crate) fn taken_apart<E: Entity>(entity: &E) -> Result<(StoredRow, Assigned)> {
    let definition = E::DEFINITION;
    let mut row = StoredRow {
        entity: definition,
        id: SmallVec::new(),
        version: None,
        visible: Visible::NOT_DELETED,
    };
    let (mut written, mut unsendable) = (Assigned::new(definition), None);
    let mut properties = definition.properties.iter();
    entity.each_parameter(&mut |parameter| {
        let Some(property) = properties.next() else { return };
        let assignment = Assignment { property, parameter };
        match property.stamp {
            _ if property.id => row.id.push(assignment),
            None if property.generated_as.is_some() => {}
            None => unsendable = unsendable.take().or(written.push(assignment).err()),
            Some(Stamp::Version) => row.version = Some(assignment),
            Some(Stamp::CreatedAt | Stamp::UpdatedAt | Stamp::DeletedAt) => {}
        }
    });
    unsendable.map_or(Ok((row, written)), Err)
}

impl StoredRow {
    /// The row of an entity that has these values.
    pub(crate) fn of(entity: &'static EntityDefinition, values: &[Parameter]) -> Self {
        let all = || entity.properties.iter().copied().zip(values);
        let value =
            |(property, value): (_, &Parameter)| Assignment { property, parameter: value.clone() };
        let counted = entity.version();
        let is_version =
            |property: &PropertyDefinition| counted.is_some_and(|one| one.is(property));
        Self {
            entity,
            id: all().filter(|(property, _)| property.id).map(value).collect(),
            version: all().find(|(property, _)| is_version(property)).map(value),
            visible: Visible::NOT_DELETED,
        }
    }

    /// The row with an id, of an entity without versions.
    pub(crate) fn by_key(entity: &'static EntityDefinition, key: Parts) -> Self {
        let part = |(property, parameter)| Assignment { property, parameter };
        let id = entity.id().zip(key).map(part).collect();
        Self { entity, id, version: None, visible: Visible::NOT_DELETED }
    }

    /// The row, if it is one that is seen.
    pub(crate) fn seen(self, visible: Visible) -> Self {
        Self { visible, ..self }
    }

    pub(crate) fn key(&self) -> Vec<Parameter> {
        self.id.iter().map(|part| part.parameter.clone()).collect()
    }

    /// The row with the id, whatever its version is.
    pub(crate) fn by_id(&self) -> Select {
        self.with(self.id.iter())
    }

    /// The row with the id, if it is of the version.
    pub(crate) fn select(&self) -> Select {
        self.with(self.id.iter().chain(&self.version))
    }

    /// The row that has some values.
    fn with<'a>(&self, values: impl Iterator<Item = &'a Assignment>) -> Select {
        let equal = |Assignment { property, parameter }: &Assignment| {
            let field = Field::of(self.entity, property);
            let value = Operand::Parameter(parameter.clone());
            Predicate::Compare(field.into(), Comparison::Equal, value)
        };
        let mut select = Select::new(self.entity, SelectScope::Table);
        select.visible = self.visible;
        select.predicate = values.map(equal).fold(Predicate::Always, Predicate::and);
        select
    }

    /// The values that [`select`](Self::select) compares with, in its order.
    pub(crate) fn found_by(&self) -> impl Iterator<Item = Assignment> {
        self.id.iter().chain(&self.version).cloned()
    }

    /// Whether the row is there.
    pub(crate) async fn exists(&self, db: &impl Executor) -> Result<bool> {
        self.is_there(&self.by_id(), db).await
    }

    /// Whether the row is there, and of the version.
    pub(crate) async fn exists_as_read(&self, db: &impl Executor) -> Result<bool> {
        self.is_there(&self.select(), db).await
    }

    async fn is_there(&self, select: &Select, db: &impl Executor) -> Result<bool> {
        let lowered = select::exists(db.dialect(), select)?;
        let statement = select.statement(Operation::Select, lowered);
        let there = fetch(db, &statement, |row| {
            crate::query::execute::value::<bool>(row, self.entity.table)
        });
        Ok(there.await?.contains(&true))
    }

    /// An error about this row.
    pub(crate) fn about(&self, error: Error) -> Error {
        let Some(constraint) = error.refusing() else {
            return error.entity_is(self.entity).key_is(&self.key());
        };
        // A violation tells its own key, and may be of another table.
        match constraint.violation {
            Violation::NotNull | Violation::Check if error.is_about(self.entity) => {
                error.key_is(&self.key())
            }
            Violation::Referenced if !constraint.changes => self.is_referenced(error),
            _ => error,
        }
    }

    /// The refusal of a delete, which is of this row, or of one that would go with it.
    fn is_referenced(&self, error: Error) -> Error {
        let told = error.key().map(str::to_owned);
        let relation = error.relation();
        let error = error.key_reads(None);
        let is_target = match relation {
            Some(relation) => relation.target.definition().is(self.entity),
            None => error.refusing().is_some_and(|one| one.target_entity.is_some()),
        };
        if !is_target {
            return error;
        }
        let error = error.key_is(&self.key());
        let by_id = relation.is_some_and(|relation| {
            self.entity.id().map(|id| id.name).eq(relation.key_to.iter().copied())
        });
        // The key of another row of this entity, which would go with this one.
        let is_of_other = by_id && told.is_some() && told.as_deref() != error.key();
        if is_of_other { error.key_reads(None) } else { error }
    }

    /// The row is not there.
    pub(crate) fn gone(&self) -> Error {
        self.about(Error::new(Kind::NotFound))
    }

    /// Why the row was not found: it is gone, or of another version.
    pub(crate) async fn absence(&self, db: &impl Executor) -> Error {
        let Some(Assignment { property, parameter }) = &self.version else {
            return self.gone();
        };
        let theirs = match self.version_now(property, db).await {
            Ok(Some(theirs)) => theirs,
            Ok(None) => return self.gone(),
            Err(error) => return error,
        };
        match parameter.integer() {
            Some(ours) => self.about(Error::new(Kind::Stale { ours, theirs })),
            None => self.gone(),
        }
    }

    /// The version that the row has by now.
    async fn version_now(
        &self,
        property: &'static PropertyDefinition,
        db: &impl Executor,
    ) -> Result<Option<i64>> {
        let select = self.by_id();
        let version = [Term::Field(Field::of(self.entity, property))];
        let lowered = select::projection(db.dialect(), &select, &version, Verb::All)?;
        let statement = select.statement(Operation::Select, lowered);
        let versions = fetch(db, &statement, |row| {
            row.cell(0).and_then(integer).map_err(|mismatch| {
                Error::row(property.name, property.column, "an integer", mismatch)
                    .entity_is(self.entity)
            })
        });
        Ok(versions.await?.into_iter().next())
    }
}

/// The integer in a cell, of whatever width.
fn integer(cell: Cell<'_>) -> Result<i64, Mismatch> {
    <i64 as Value>::read(cell)
        .or_else(|_| <i32 as Value>::read(cell).map(i64::from))
        .or_else(|_| <i16 as Value>::read(cell).map(i64::from))
}
