//! Soft delete: the change that marks rows as deleted, and what it does to rows that reference them.

use sea_query::{
    Alias, CaseStatement, CommonTableExpression, DynIden, Expr, ExprTrait, Func, SelectStatement,
    UpdateStatement, WithClause,
};

use crate::ast::select::Select;
use crate::definition::entity::EntityDefinition;
use crate::definition::foreign_keys::Held;
use crate::definition::property::{PropertyDefinition, Stamp};
use crate::definition::relation::Action;
use crate::definition::soft_delete::{GoneRows, SoftDelete};
use crate::definition::visible::Visible;
use crate::dialect::{Dialect, Engine};
use crate::error::Result;
use crate::sql::change::Returning;
use crate::sql::from_clause::{FromClause, all, is_among, named, tuple};
use crate::sql::place::AliasedTable;
use crate::sql::table::default_on;
use crate::sql::value::now;
use crate::sql::{Lowered, Writer};

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

/// The soft delete of the rows of a query and of those that go with them, in one statement of PostgreSQL.
/// Nothing is written if another row refuses it.
pub(crate) fn at_once(
    dialect: Dialect,
    select: &Select,
    effects: &SoftDelete,
    returning: Returning,
) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    let gone = Gone::of(&writer, effects);
    let (root, conditions) = meant(&writer, select)?;
    let mut with = gone.with(Some((&root, conditions)));
    let mut name = (1..).map(|number| Alias::new(format!("changed_{number}")));
    for statement in gone.further_changes(true) {
        let mut change = CommonTableExpression::new();
        change.query(statement).table_name(name.next().unwrap_or_else(|| Alias::new("changed")));
        with.cte(change);
    }
    let mut statement = gone.deletion(0, true);
    statement.with_cte(with);
    if let Some(clause) = writer.returned(select.entity, returning) {
        statement.returning(clause);
    }
    writer.write(&statement)
}

/// The statements of SQLite, which writes one table at a time: the first finds the rows that are meant, as one
/// JSON array, which is empty if another row refuses the delete; the others are given that array.
pub(crate) fn in_steps(
    dialect: Dialect,
    select: &Select,
    effects: &SoftDelete,
    returning: Returning,
) -> Result<Vec<Lowered>> {
    let mut statements = Vec::new();
    let writer = Writer::new(dialect, select.entity);
    let gone = Gone::of(&writer, effects);
    let (root, conditions) = meant(&writer, select)?;
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
pub(crate) fn refusing(dialect: Dialect, select: &Select, effects: &SoftDelete) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    let gone = Gone::of(&writer, effects);
    let (root, conditions) = meant(&writer, select)?;
    let mut counts = SelectStatement::new();
    for key in &effects.refusing {
        let mut counted = gone.referencing(key);
        counted.expr(Expr::cust("count(*)"));
        counts.expr(Expr::from(counted));
    }
    counts.with_cte(gone.with(Some((&root, conditions))));
    writer.write(&counts)
}

/// The table of the rows that are meant, and the conditions on them.
fn meant<'writer>(
    writer: &'writer Writer,
    select: &Select,
) -> Result<(FromClause<'writer>, Vec<Expr>)> {
    let root = AliasedTable::table_of(select.entity).seen(select.visible);
    let mut places = FromClause::new(writer, root);
    let conditions = places.conditions(select)?;
    Ok((places, conditions))
}

/// The rows that are gone after a soft delete, each kind as a common table expression.
struct Gone<'a> {
    writer: &'a Writer,
    effects: &'a SoftDelete,
    names: Vec<DynIden>,
}

impl<'a> Gone<'a> {
    fn of(writer: &'a Writer, effects: &'a SoftDelete) -> Self {
        let names = effects.gone.iter().map(|_| writer.aliases.named("gone")).collect();
        Self { writer, effects, names }
    }

    fn name(&self, at: usize) -> DynIden {
        self.names.get(at).cloned().unwrap_or_else(|| Alias::new("gone").into())
    }

    /// A table of an entity, of which the rows are seen that are not deleted.
    fn table_of(&self, entity: &'static EntityDefinition, name: &str) -> AliasedTable {
        let alias = self.writer.aliases.named(name);
        AliasedTable::aliased(entity, alias).seen(Visible::NOT_DELETED)
    }

    /// The properties that are known of a kind of gone rows: the id, and keys by which others belong to it.
    fn known(&self, gone: &GoneRows) -> Vec<&'static PropertyDefinition> {
        let keys = self.effects.refusing.iter().chain(&self.effects.set);
        let keys = keys.map(|(_, relation)| *relation);
        let with = self.effects.gone.iter();
        let with = with.flat_map(|one| one.with.iter().map(|(_, relation)| *relation));
        let itself = gone.among_themselves.iter().copied();
        let to = keys.chain(with).chain(itself);
        let to = to.filter(|relation| relation.target.definition().is(gone.entity));
        let mut known: Vec<_> = gone.entity.id().collect();
        for property in to.flat_map(|relation| named(gone.entity, relation.key_to)) {
            if !known.iter().any(|one| one.is(property)) {
                known.push(property);
            }
        }
        known
    }

    /// All kinds of gone rows. The first are found by conditions, or by the numbers of rows that are given.
    fn with(&self, meant: Option<(&FromClause<'_>, Vec<Expr>)>) -> WithClause {
        let (mut with, mut meant) = (WithClause::new(), Some(meant));
        with.recursive(self.effects.gone.iter().any(|one| !one.among_themselves.is_empty()));
        for (at, gone) in self.effects.gone.iter().enumerate() {
            let known = self.known(gone);
            let rows = match meant.take() {
                Some(Some((places, conditions))) => self.found(places, conditions, &known),
                Some(None) => self.given(gone, &known),
                None => self.following(at, gone, &known),
            };
            let mut expression = CommonTableExpression::new();
            expression.query(rows).table_name(self.name(at));
            with.cte(expression);
        }
        with
    }

    /// The rows that are meant.
    fn found(
        &self,
        places: &FromClause<'_>,
        conditions: Vec<Expr>,
        known: &[&'static PropertyDefinition],
    ) -> SelectStatement {
        let mut rows = SelectStatement::new();
        for property in known {
            rows.expr_as(places.root.column(property), Alias::new(property.column));
        }
        if self.writer.engine == Engine::Sqlite {
            let number = Expr::col((places.root.name(), Alias::new("_rowid_")));
            rows.expr_as(number, Alias::new("row_number"));
        }
        self.writer.from(&mut rows, &places.root);
        places.join_to(&mut rows);
        for condition in conditions {
            rows.and_where(condition);
        }
        rows
    }

    /// The rows that are meant, by their numbers.
    fn given(&self, gone: &GoneRows, known: &[&'static PropertyDefinition]) -> SelectStatement {
        let place = self.table_of(gone.entity, "row");
        let mut rows = SelectStatement::new();
        for property in known {
            rows.expr_as(place.column(property), Alias::new(property.column));
        }
        self.writer.from(&mut rows, &place);
        let mut numbers = SelectStatement::new();
        numbers.expr(Expr::cust("\"value\""));
        numbers.from_function(Func::cust("json_each").arg(Expr::val("")), Alias::new("given"));
        rows.and_where(Expr::col((place.name(), Alias::new("_rowid_"))).in_subquery(numbers));
        rows
    }

    /// The rows that go with others.
    fn following(
        &self,
        at: usize,
        gone: &GoneRows,
        known: &[&'static PropertyDefinition],
    ) -> SelectStatement {
        let place = self.table_of(gone.entity, "row");
        let select = |place: &AliasedTable| {
            let mut rows = SelectStatement::new();
            for property in known {
                rows.expr_as(place.column(property), Alias::new(property.column));
            }
            self.writer.from(&mut rows, place);
            rows
        };
        let mut rows = select(&place);
        let goes = gone.with.iter().map(|(with, relation)| {
            is_among(place.named(relation.key_from), self.keys(*with, gone_key(relation)))
        });
        rows.and_where(goes.reduce(ExprTrait::or).unwrap_or_else(|| Expr::cust("FALSE")));
        if let Some(first) = self.effects.gone.first().filter(|first| first.entity.is(gone.entity))
            && at > 0
        {
            let id: Vec<_> = first.entity.id().map(|id| id.name).collect();
            rows.and_where(tuple(place.id().collect()).not_in_subquery(self.keys(0, &id)));
        }
        if gone.among_themselves.is_empty() {
            return rows;
        }
        let next = self.table_of(gone.entity, "row");
        let before = AliasedTable::aliased(gone.entity, self.writer.aliases.named("before"));
        let mut further = select(&next);
        further.join_as(
            sea_query::JoinType::InnerJoin,
            self.name(at),
            before.name(),
            gone.among_themselves
                .iter()
                .map(|relation| {
                    let pairs = next.named(relation.key_from).zip(before.named(relation.key_to));
                    all(pairs.map(|(from, to)| from.eq(to)))
                })
                .reduce(ExprTrait::or)
                .unwrap_or_else(|| Expr::cust("FALSE")),
        );
        if at > 0 && self.effects.gone.first().is_some_and(|first| first.entity.is(gone.entity)) {
            let id: Vec<_> = gone.entity.id().map(|id| id.name).collect();
            further.and_where(tuple(next.id().collect()).not_in_subquery(self.keys(0, &id)));
        }
        rows.union(sea_query::UnionType::Distinct, further);
        rows
    }

    /// A key of a kind of gone rows.
    fn keys(&self, at: usize, names: &[&'static str]) -> SelectStatement {
        let mut keys = SelectStatement::new();
        let entity = self.effects.gone.get(at).map(|gone| gone.entity);
        let properties = entity.into_iter().flat_map(|entity| named(entity, names));
        for property in properties {
            keys.column((self.name(at), Alias::new(property.column)));
        }
        keys.from(self.name(at));
        keys
    }

    /// Whether a row belongs to a gone one.
    fn belongs_to_gone(&self, place: &AliasedTable, (_, relation): &Held) -> Expr {
        let target = relation.target.definition();
        let gone = self.effects.gone.iter().enumerate();
        let gone = gone.filter(|(_, gone)| gone.entity.is(target));
        let belongs = gone.map(|(at, _)| {
            is_among(place.named(relation.key_from), self.keys(at, gone_key(relation)))
        });
        belongs.reduce(ExprTrait::or).unwrap_or_else(|| Expr::cust("FALSE"))
    }

    /// Whether a row is none of those that are gone.
    fn is_left(&self, place: &AliasedTable) -> Option<Expr> {
        let gone = self.effects.gone.iter().enumerate();
        let gone = gone.filter(|(_, gone)| gone.entity.is(place.entity));
        let id: Vec<_> = place.entity.id().map(|id| id.name).collect();
        let left =
            gone.map(|(at, _)| tuple(place.id().collect()).not_in_subquery(self.keys(at, &id)));
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

    /// The changes of other rows than those that are meant: foreign keys that are set, and rows that go with
    /// others, the last ones first.
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
        let id: Vec<_> = gone.entity.id().map(|id| id.name).collect();
        statement.and_where(is_among(place.id(), self.keys(at, &id)));
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

/// The properties of gone rows that a relation leads to.
fn gone_key(relation: &crate::definition::relation::RelationDefinition) -> &'static [&'static str] {
    relation.key_to
}

/// Whether a foreign key sets a property where its target is gone.
fn sets((_, relation): &Held, property: &PropertyDefinition) -> bool {
    let Some(key) = relation.foreign_key else { return false };
    let some = key.on_delete == Action::SetNull && !key.set_null.is_empty();
    let names = if some { key.set_null } else { relation.key_from };
    names.contains(&property.name)
}
