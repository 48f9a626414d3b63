//! Soft delete: the change that marks rows as deleted, and what it does to rows that reference them.

use sea_query::{Alias, CaseStatement, Expr, ExprTrait, SelectStatement, UpdateStatement};

use crate::ast::select::Select;
use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys::Held;
use crate::definition::property::{PropertyDefinition, Stamp};
use crate::definition::relation::Action;
use crate::definition::soft_delete::SoftDeleteEffects;
use crate::definition::visible::Visible;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::sql::change::{Deletion, Returning};
use crate::sql::from_clause::{FromClause, is_among, tuple};
use crate::sql::gone_rows::{Gone, named_query};
use crate::sql::place::AliasedTable;
use crate::sql::table::default_on;
use crate::sql::{Lowered, Writer};

/// The soft delete of the rows of a query and of those that cascade from them, in one statement of PostgreSQL.
/// Nothing is written if another row refuses it.
pub(crate) fn at_once(
    dialect: Dialect,
    select: &Select,
    effects: &SoftDeleteEffects,
    returning: Returning,
) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    let gone = Gone::locked(&writer, effects);
    let (root, conditions) = root_rows(&writer, select)?;
    let mut with = gone.with(Some((&root, conditions)));
    for statement in gone.further_changes(true) {
        with.cte(named_query(&writer.aliases.named("changed"), statement));
    }
    let mut statement = gone.deletion(0, true);
    statement.with_cte(with);
    if let Some(clause) = writer.returned(select.entity, returning) {
        statement.returning(clause);
    }
    writer.write(&statement)
}

/// The statements of SQLite, which writes one table at a time: the first finds the row ids of the root, as
/// one JSON array, which is empty if another row refuses the delete; the others are given that array.
pub(crate) fn in_steps(
    dialect: Dialect,
    select: &Select,
    effects: &SoftDeleteEffects,
    returning: Returning,
) -> Result<Vec<Lowered>> {
    let mut statements = Vec::new();
    let writer = Writer::new(dialect, select.entity);
    let gone = Gone::of(&writer, effects);
    let (root, conditions) = root_rows(&writer, select)?;
    let mut found = SelectStatement::new();
    let rows = Expr::cust("json_group_array(\"row_number\")");
    let refused = gone.refused();
    found.expr(match refused {
        Some(refused) => {
            CaseStatement::new().case(refused, Expr::cust("'[]'")).finally(rows).into()
        }
        None => rows,
    });
    found.from(gone.name(0)).with_cte(gone.with(Some((&root, conditions))));
    statements.push(writer.write(&found)?);
    let steps = Gone::of(&writer, effects).further_changes(false).len() + 1;
    for step in 0..steps {
        let writer = Writer::new(dialect, select.entity);
        let gone = Gone::of(&writer, effects);
        let mut statement = match gone.further_changes(false).into_iter().nth(step) {
            Some(statement) => statement,
            None => gone.deletion(0, false),
        };
        statement.with_cte(gone.with(None));
        if step + 1 == steps
            && let Some(clause) = writer.returned(select.entity, returning)
        {
            statement.returning(clause);
        }
        statements.push(writer.write(&statement)?);
    }
    Ok(statements)
}

/// The number of rows that refuse a soft delete, for each foreign key.
pub(crate) fn refusing(
    dialect: Dialect,
    select: &Select,
    effects: &SoftDeleteEffects,
) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    let gone = Gone::of(&writer, effects);
    let (root, conditions) = root_rows(&writer, select)?;
    let mut counts = SelectStatement::new();
    for key in &effects.refusing {
        let mut counted = gone.referencing(key);
        counted.expr(Expr::cust("count(*)"));
        counts.expr(Expr::from(counted));
    }
    counts.with_cte(gone.with(Some((&root, conditions))));
    writer.write(&counts)
}

/// The table of the root, the rows that the query selects, and the conditions on them.
fn root_rows<'writer>(
    writer: &'writer Writer,
    select: &Select,
) -> Result<(FromClause<'writer>, Vec<Expr>)> {
    let mut places = FromClause::new(writer, AliasedTable::rows_of(select));
    let conditions = places.conditions(select)?;
    Ok((places, conditions))
}

impl Gone<'_> {
    /// Whether a row belongs to a gone one.
    fn belongs_to_gone(&self, place: &AliasedTable, (_, relation): &Held) -> Expr {
        let target = relation.target.definition();
        let gone = self.effects.gone.iter().enumerate();
        let gone = gone.filter(|(_, gone)| gone.entity.is(target));
        let belongs = gone.map(|(at, _)| {
            is_among(place.named(relation.key_from), self.keys(at, relation.key_to))
        });
        belongs.reduce(ExprTrait::or).unwrap_or_else(|| Expr::cust("FALSE"))
    }

    /// Whether a row is none of those that are gone.
    fn is_left(&self, place: &AliasedTable) -> Option<Expr> {
        let gone = self.effects.gone.iter().enumerate();
        let gone = gone.filter(|(_, gone)| gone.entity.is(place.entity));
        let left = gone.map(|(at, _)| tuple(place.id().collect()).not_in_subquery(self.ids(at)));
        left.reduce(ExprTrait::and)
    }

    /// The rows that reference gone ones by a foreign key, and stay.
    fn referencing(&self, key: &Held) -> SelectStatement {
        let place = self.table_of(key.0, "source");
        let mut rows = SelectStatement::new();
        self.writer.from(&mut rows, &place);
        rows.and_where(self.belongs_to_gone(&place, key));
        if let Some(left) = self.is_left(&place) {
            rows.and_where(left);
        }
        rows
    }

    /// Whether a row refuses the delete.
    fn refused(&self) -> Option<Expr> {
        let refusing = self.effects.refusing.iter().map(|key| {
            let mut rows = self.referencing(key);
            rows.expr(Expr::cust("1"));
            Expr::exists(rows)
        });
        refusing.reduce(ExprTrait::or)
    }

    /// The changes of other rows than the root: foreign keys that are set, and rows that cascade, the last
    /// ones first.
    fn further_changes(&self, is_checked: bool) -> Vec<UpdateStatement> {
        let mut entities: Vec<&'static EntityDefinition> = Vec::new();
        for (source, _) in &self.effects.set {
            if !entities.iter().any(|one| one.is(source)) {
                entities.push(source);
            }
        }
        let set = entities.into_iter().map(|entity| self.setting(entity, is_checked));
        let gone = (1..self.effects.gone.len()).rev().map(|at| self.deletion(at, is_checked));
        set.chain(gone).collect()
    }

    /// The soft delete of a kind of gone rows.
    fn deletion(&self, at: usize, is_checked: bool) -> UpdateStatement {
        let mut statement = UpdateStatement::new();
        let Some(gone) = self.effects.gone.get(at) else { return statement };
        let place = AliasedTable::table_of(gone.entity).seen(Visible::NOT_DELETED);
        self.writer.update(&mut statement, &place);
        self.stamp(&mut statement, &place, Some(Deletion::Now));
        statement.and_where(is_among(place.id(), self.ids(at)));
        self.unless_refused(&mut statement, is_checked);
        statement
    }

    /// The change of rows whose foreign keys are set.
    fn setting(&self, entity: &'static EntityDefinition, is_checked: bool) -> UpdateStatement {
        let mut statement = UpdateStatement::new();
        let place = AliasedTable::table_of(entity).seen(Visible::NOT_DELETED);
        self.writer.update(&mut statement, &place);
        let keys: Vec<_> = self.effects.set.iter().filter(|(one, _)| one.is(entity)).collect();
        for property in entity.properties.iter().copied() {
            let sets = keys.iter().filter(|key| sets(key, property));
            let conditions = sets.map(|key| (self.belongs_to_gone(&place, key), key.1));
            let value = conditions.fold(None, |before: Option<Expr>, (condition, relation)| {
                let otherwise = before.unwrap_or_else(|| place.column(property));
                let value =
                    self.value_of_set(relation.foreign_key.map(|key| key.on_delete), property);
                Some(CaseStatement::new().case(condition, value).finally(otherwise).into())
            });
            if let Some(value) = value {
                statement.value(Alias::new(property.column), value);
            }
        }
        self.stamp(&mut statement, &place, None);
        let any = keys.iter().map(|key| self.belongs_to_gone(&place, key));
        statement.and_where(any.reduce(ExprTrait::or).unwrap_or_else(|| Expr::cust("FALSE")));
        if let Some(left) = self.is_left(&place) {
            statement.and_where(left);
        }
        self.unless_refused(&mut statement, is_checked);
        statement
    }

    fn value_of_set(&self, action: Option<Action>, property: &PropertyDefinition) -> Expr {
        let default = property.default.filter(|_| action == Some(Action::SetDefault));
        match default {
            Some(default) => {
                Expr::cust(default_on(self.writer.engine, property.column_type, default))
            }
            None => Expr::cust("NULL"),
        }
    }

    /// Sets what each change of a row sets by itself, and the time of the deletion.
    fn stamp(
        &self,
        statement: &mut UpdateStatement,
        place: &AliasedTable,
        deletion: Option<Deletion>,
    ) {
        let places = FromClause::new(self.writer, place.clone());
        for property in place.entity.stamps() {
            let value = match (property.stamp, deletion) {
                (Some(Stamp::DeletedAt), Some(deletion)) => {
                    Some(deletion.value(self.writer.engine, property))
                }
                _ => places.stamped(property),
            };
            if let Some(value) = value {
                statement.value(Alias::new(property.column), value);
            }
        }
    }

    fn unless_refused(&self, statement: &mut UpdateStatement, is_checked: bool) {
        if let Some(refused) = self.refused().filter(|_| is_checked) {
            statement.and_where(refused.not());
        }
    }
}

/// Whether a foreign key sets a property where its target is gone.
fn sets((_, relation): &Held, property: &PropertyDefinition) -> bool {
    let Some(key) = relation.foreign_key else { return false };
    let some = key.on_delete == Action::SetNull && !key.set_null.is_empty();
    let names = if some { key.set_null } else { relation.key_from };
    names.contains(&property.name)
}
