//! Rows that are changed and removed.

use sea_query::{
    Alias, CommonTableExpression, DeleteStatement, DynIden, Expr, ExprTrait, ReturningClause,
    SelectStatement, UpdateStatement,
};

use crate::ast::arithmetic::Operator;
use crate::ast::select::Select;
use crate::ast::term::Term;
use crate::definition::entity::EntityDefinition;
use crate::definition::property::{PropertyDefinition, Stamp};
use crate::definition::soft_delete::SoftDeleteEffects;
use crate::dialect::{Dialect, Engine};
use crate::error::{Error, Result};
use crate::sql::from_clause::{AliasedTable, FromClause, is_among};
use crate::sql::value::{Selected, now};
use crate::sql::{Lowered, Writer};
use crate::value::parameter::Parameter;

/// The new value of one property in an update.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Assignment {
    pub(crate) property: &'static PropertyDefinition,
    pub(crate) parameter: Parameter,
}

/// The changes of an update: first the values, then the calculations.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) expressions: Vec<(&'static PropertyDefinition, Term)>,
    /// Whether all of a row is written, changed or not: then what says the same stays as it is.
    pub(crate) is_whole: bool,
    /// Whether the row is deleted softly, or restored.
    pub(crate) deletion: Option<Deletion>,
}

/// The new value of the time of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// The current time of the database.
    Now,
    /// Null: the row is restored.
    Undone,
}

impl Deletion {
    pub(crate) fn value(self, engine: Engine, property: &PropertyDefinition) -> Expr {
        match self {
            Self::Now => Expr::cust(now(engine, property.column_type)),
            Self::Undone => Expr::cust("NULL"),
        }
    }
}

impl Changes {
    /// A soft delete, or the restoration after one.
    pub(crate) fn of_deletion(deletion: Deletion) -> Self {
        Self { deletion: Some(deletion), ..Self::default() }
    }

    /// Sets a property to a value, whatever it was to become before.
    pub(crate) fn set(&mut self, assignment: Assignment) {
        self.forget(assignment.property);
        self.assignments.push(assignment);
    }

    /// Sets a property to what is calculated, whatever it was to become before.
    pub(crate) fn set_term(&mut self, property: &'static PropertyDefinition, term: Term) {
        self.forget(property);
        self.expressions.push((property, term));
    }

    /// The properties that are set by name.
    pub(crate) fn properties(&self) -> impl Iterator<Item = &'static PropertyDefinition> {
        let calculated = self.expressions.iter().map(|(property, _)| *property);
        self.assignments.iter().map(|one| one.property).chain(calculated)
    }

    /// Whether nothing is changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.assignments.is_empty() && self.expressions.is_empty()
    }

    fn forget(&mut self, property: &PropertyDefinition) {
        self.assignments.retain(|one| !one.property.is(property));
        self.expressions.retain(|(one, _)| !one.is(property));
    }

    /// Whether something is calculated of targets, so that a statement reads other rows than the one
    /// that it writes.
    fn asks_targets(&self) -> bool {
        self.expressions.iter().any(|(_, term)| term.asks_targets())
    }

    /// Refuses to change what tells the server of a row, which stays there.
    fn check_distribution(&self, entity: &'static EntityDefinition) -> Result<()> {
        let Some(by) = entity.distributed_by().filter(|by| self.sets(by)) else { return Ok(()) };
        Err(never_changes(entity, by))
    }

    /// Whether a property is set by name.
    fn sets(&self, property: &PropertyDefinition) -> bool {
        self.assignments.iter().any(|one| one.property.is(property))
            || self.expressions.iter().any(|(one, _)| one.is(property))
    }
}

/// The error of a change of the property that tells the server of a row.
pub(crate) fn never_changes(entity: &'static EntityDefinition, by: &PropertyDefinition) -> Error {
    let (name, by) = (entity.name, by.name);
    Error::invalid_request(format!(
        "`{name}` is distributed by `{by}`, which never changes; delete the row and insert it \
         again",
    ))
    .entity_is(entity)
}

/// The columns that a changing statement returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Returning {
    Nothing,
    /// The properties that the database makes with each change, if there are any.
    Made,
    /// All of them, whole.
    Rows,
}

/// A change of every row that a query means.
pub(crate) fn update(
    dialect: Dialect,
    select: &Select,
    changes: &Changes,
    returning: Returning,
) -> Result<Lowered> {
    changes.check_distribution(select.entity)?;
    let (writer, engine) = (Writer::new(dialect, select.entity), dialect.engine);
    let mut places = FromClause::new(&writer, AliasedTable::rows_of(select));
    let mut statement = UpdateStatement::new();
    writer.update(&mut statement, &places.root);
    for one in &changes.assignments {
        let mut value = writer.parameter(select.entity, one.property, &one.parameter)?;
        if changes.is_whole {
            value = writer.kept(Expr::col(one.property.column), one.property, value);
        }
        statement.value(Alias::new(one.property.column), value);
    }
    writer.check_calculated(select.entity, changes);
    let calculated = engine == Engine::Sqlite && changes.asks_targets();
    let mut first = calculated.then(|| First::of(&writer, &places));
    for (property, term) in &changes.expressions {
        let mut value = places.term_alone(term)?;
        if let Some(first) = &mut first {
            value = first.calculates(value);
        }
        statement.value(Alias::new(property.column), writer.cast_calculated(value, property));
    }
    for property in select.entity.stamps().filter(|property| !changes.sets(property)) {
        let value = match (property.stamp, changes.deletion) {
            (Some(Stamp::DeletedAt), Some(deletion)) => Some(deletion.value(engine, property)),
            _ => places.stamped(property),
        };
        if let Some(value) = value {
            statement.value(Alias::new(property.column), value);
        }
    }
    let conditions = rows_to_change(&mut places, select)?;
    match first {
        Some(first) => first.before(&mut statement, conditions, &places.root),
        None => conditions.into_iter().for_each(|condition| {
            statement.and_where(condition);
        }),
    }
    if let Some(clause) = writer.returned(select.entity, returning) {
        statement.returning(clause);
    }
    writer.write(&statement)
}

/// Values that SQLite calculates for all rows before it writes the first one.
///
/// It would otherwise calculate and write row by row, and a subquery of a later row would read what
/// the statement has written already. PostgreSQL reads the rows as they were.
struct First<'writer> {
    writer: &'writer Writer,
    name: DynIden,
    /// The id and the values of each row that is changed.
    rows: SelectStatement,
}

impl<'writer> First<'writer> {
    fn of(writer: &'writer Writer, places: &FromClause<'_>) -> Self {
        let mut rows = SelectStatement::new();
        for (number, id) in (1..).zip(places.root.id()) {
            rows.expr_as(id, Alias::new(format!("id_{number}")));
        }
        writer.from(&mut rows, &places.root);
        Self { writer, name: writer.aliases.named("calculated"), rows }
    }

    /// Calculates a value first, and gives the column that then holds it.
    fn calculates(&mut self, value: Expr) -> Expr {
        let column = self.writer.aliases.number("value");
        self.rows.expr_as(value, Alias::new(column.as_str()));
        Expr::col((self.name.clone(), Alias::new(column)))
    }

    /// Has the values calculated before rows are written, of those that the conditions mean.
    fn before(
        mut self,
        statement: &mut UpdateStatement,
        conditions: Vec<Expr>,
        root: &AliasedTable,
    ) {
        for condition in conditions {
            self.rows.and_where(condition);
        }
        let mut rows = CommonTableExpression::new();
        rows.query(self.rows).table_name(self.name.clone()).materialized(true);
        statement.with_cte(rows).from(self.name.clone());
        for (number, id) in (1..).zip(root.id()) {
            let calculated = Expr::col((self.name.clone(), Alias::new(format!("id_{number}"))));
            statement.and_where(id.eq(calculated));
        }
    }
}

/// The removal of every row that a query means.
pub(crate) fn delete(dialect: Dialect, select: &Select, returning: Returning) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    let mut places = FromClause::new(&writer, AliasedTable::rows_of(select));
    let mut statement = DeleteStatement::new();
    writer.delete_from(&mut statement, &places.root);
    for condition in rows_to_change(&mut places, select)? {
        statement.and_where(condition);
    }
    if let Some(clause) = writer.returned(select.entity, returning) {
        statement.returning(clause);
    }
    writer.write(&statement)
}

impl Writer {
    /// The removal of rows of a place, whose conditions lead to no other table: softly where its entity is
    /// deleted so.
    ///
    /// # Errors
    ///
    /// Rows of others belong to them, of which a delete by a query knows what to do.
    pub(crate) fn removal(&self, place: &AliasedTable, conditions: Vec<Expr>) -> Result<Lowered> {
        let entity = place.entity;
        if entity.deleted_at().is_none() {
            let mut statement = DeleteStatement::new();
            self.delete_from(&mut statement, place);
            for condition in conditions {
                statement.and_where(condition);
            }
            return self.write(&statement);
        }
        if !SoftDeleteEffects::of(entity).is_some_and(|effects| effects.is_plain()) {
            return Err(Error::invalid_request(format!(
                "other rows reference `{0}`, so a deleted link may change them too; delete links by a \
                 query, as in `{0}::find().filter(…).delete(db)`",
                entity.name,
            ))
            .entity_is(entity));
        }
        let mut statement = UpdateStatement::new();
        self.update(&mut statement, place);
        let places = FromClause::new(self, place.clone());
        for property in entity.stamps() {
            let value = match property.stamp {
                Some(Stamp::DeletedAt) => Some(Deletion::Now.value(self.engine, property)),
                _ => places.stamped(property),
            };
            if let Some(value) = value {
                statement.value(Alias::new(property.column), value);
            }
        }
        for condition in conditions {
            statement.and_where(condition);
        }
        self.write(&statement)
    }
}

impl FromClause<'_> {
    /// The new value of a stamped property that a change does not name; `None` for the times of
    /// creation and of the deletion.
    pub(crate) fn stamped(&self, property: &PropertyDefinition) -> Option<Expr> {
        match property.stamp? {
            Stamp::Version => {
                let operands = (self.root.column(property), Expr::custom_keyword("1"));
                Some(self.writer.calculation(operands, Operator::Add, property.column_type))
            }
            Stamp::UpdatedAt => Some(Expr::cust(now(self.writer.engine, property.column_type))),
            Stamp::CreatedAt | Stamp::DeletedAt => None,
        }
    }
}

/// Which rows are changed: those that the query means, or those with their ids where other tables
/// have to be joined to tell, which a change has no place for.
fn rows_to_change(places: &mut FromClause<'_>, select: &Select) -> Result<Vec<Expr>> {
    let conditions = places.conditions(select)?;
    if !places.has_joins() {
        return Ok(conditions);
    }
    let mut ids = SelectStatement::new();
    ids.exprs(places.root.id());
    places.writer.from(&mut ids, &places.root);
    places.join_to(&mut ids);
    for condition in conditions {
        ids.and_where(condition);
    }
    Ok(vec![is_among(places.root.id(), ids)])
}

impl Writer {
    /// The clause that asks for what comes back.
    pub(crate) fn returned(
        &self,
        entity: &'static EntityDefinition,
        returning: Returning,
    ) -> Option<ReturningClause> {
        let properties: Vec<_> = match returning {
            Returning::Nothing => Vec::new(),
            Returning::Made => entity.made().collect(),
            Returning::Rows => entity.properties.to_vec(),
        };
        let columns = properties.iter().map(|property| self.read(Selected::column(property)));
        (!properties.is_empty()).then(|| sea_query::Returning::new().exprs(columns))
    }
}
