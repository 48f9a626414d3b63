//! The rows that are gone after a soft delete, each kind as a common table expression.

use sea_query::{
    Alias, CommonTableExpression, DynIden, Expr, ExprTrait, Func, LockType, SelectStatement,
    SubQueryStatement, WithClause,
};

use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::soft_delete::{GoneRows, SoftDeleteEffects};
use crate::definition::visible::Visible;
use crate::dialect::Engine;
use crate::sql::Writer;
use crate::sql::from_clause::{FromClause, all, is_among, named, tuple};
use crate::sql::place::AliasedTable;

/// The rows that are gone after a soft delete, each kind as a common table expression.
pub(super) struct Gone<'a> {
    pub(super) writer: &'a Writer,
    pub(super) effects: &'a SoftDeleteEffects,
    names: Vec<DynIden>,
    /// Whether the rows are locked as they are found. A statement of PostgreSQL that waits for another
    /// transaction compares a row anew with the conditions of the clause that waits, and with no others.
    locks: bool,
}

impl<'a> Gone<'a> {
    pub(super) fn of(writer: &'a Writer, effects: &'a SoftDeleteEffects) -> Self {
        let names = effects.gone.iter().map(|_| writer.aliases.named("gone")).collect();
        Self { writer, effects, names, locks: false }
    }

    /// The rows, which are locked as they are found.
    pub(super) fn locked(writer: &'a Writer, effects: &'a SoftDeleteEffects) -> Self {
        Self { locks: true, ..Self::of(writer, effects) }
    }

    pub(super) fn name(&self, at: usize) -> DynIden {
        self.names.get(at).cloned().unwrap_or_else(|| Alias::new("gone").into())
    }

    /// A table of an entity, of which the rows are seen that are not deleted.
    pub(super) fn table_of(&self, entity: &'static EntityDefinition, name: &str) -> AliasedTable {
        let alias = self.writer.aliases.named(name);
        AliasedTable::aliased(entity, alias).seen(Visible::NOT_DELETED)
    }

    /// The properties that are known of a kind of gone rows: the id, and keys by which others belong to it.
    fn known(&self, gone: &GoneRows) -> Vec<&'static PropertyDefinition> {
        let keys = self.effects.refusing.iter().chain(&self.effects.set);
        let keys = keys.map(|(_, relation)| *relation);
        let with = self.effects.gone.iter();
        let with = with.flat_map(|one| one.with.iter().map(|(_, relation)| *relation));
        let itself = gone.to_itself.iter().copied();
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

    /// All kinds of gone rows. The root is found by conditions, or by its row ids if there are none.
    pub(super) fn with(&self, root: Option<(&FromClause<'_>, Vec<Expr>)>) -> WithClause {
        let (mut with, mut root) = (WithClause::new(), Some(root));
        with.recursive(self.effects.gone.iter().any(|one| !one.to_itself.is_empty()));
        for (at, gone) in self.effects.gone.iter().enumerate() {
            let known = self.known(gone);
            let rows = match root.take() {
                Some(Some((places, conditions))) => self.root_by_filter(places, conditions, &known),
                Some(None) => self.root_by_rowid(gone, &known),
                None if self.locks && !gone.to_itself.is_empty() => {
                    self.locked_tree(&mut with, gone, &known, &self.name(at))
                }
                None => self.cascaded(gone, &known, &self.name(at), None),
            };
            with.cte(named_query(&self.name(at), rows));
        }
        with
    }

    /// The rows of the root, by the conditions of the query.
    fn root_by_filter(
        &self,
        places: &FromClause<'_>,
        conditions: Vec<Expr>,
        known: &[&'static PropertyDefinition],
    ) -> SelectStatement {
        let mut rows = columns_of(&places.root, known);
        if self.writer.engine == Engine::Sqlite {
            let number = Expr::col((places.root.name(), Alias::new("_rowid_")));
            rows.expr_as(number, Alias::new("row_number"));
        }
        self.writer.from(&mut rows, &places.root);
        places.join_to(&mut rows);
        for condition in conditions {
            rows.and_where(condition);
        }
        self.lock(&mut rows, &places.root);
        rows
    }

    /// Locks rows as their change will, which leaves alone those that insert references to them.
    fn lock(&self, rows: &mut SelectStatement, place: &AliasedTable) {
        if self.locks {
            rows.lock_with_tables(LockType::NoKeyUpdate, [place.name()]);
        }
    }

    /// The rows of the root on SQLite, by a JSON array of their row ids.
    fn root_by_rowid(
        &self,
        gone: &GoneRows,
        known: &[&'static PropertyDefinition],
    ) -> SelectStatement {
        let place = self.table_of(gone.entity, "row");
        let mut rows = columns_of(&place, known);
        self.writer.from(&mut rows, &place);
        let mut numbers = SelectStatement::new();
        numbers.expr(Expr::cust("\"value\""));
        numbers.from_function(Func::cust("json_each").arg(Expr::val("")), Alias::new("given"));
        rows.and_where(Expr::col((place.name(), Alias::new("_rowid_"))).in_subquery(numbers));
        rows
    }

    /// The rows that cascade from rows of their own kind. PostgreSQL locks no rows of a recursive query, so
    /// the rows that it finds are locked after that, and those that still cascade then are gone.
    fn locked_tree(
        &self,
        with: &mut WithClause,
        gone: &GoneRows,
        known: &[&'static PropertyDefinition],
        name: &DynIden,
    ) -> SelectStatement {
        let aliases = &self.writer.aliases;
        let (found, locked) = (aliases.named("found"), aliases.named("locked"));
        with.cte(named_query(&found, self.cascaded(gone, known, &found, None)));
        let place = self.table_of(gone.entity, "row");
        let mut properties = known.to_vec();
        let relations = gone.with.iter().map(|(_, relation)| relation).chain(&gone.to_itself);
        for property in relations.flat_map(|relation| named(gone.entity, relation.key_from)) {
            if !properties.iter().any(|one| one.is(property)) {
                properties.push(property);
            }
        }
        let mut rows = columns_of(&place, &properties);
        self.writer.from(&mut rows, &place);
        let mut ids = SelectStatement::new();
        ids.columns(gone.entity.id().map(|id| (found.clone(), Alias::new(id.column)))).from(found);
        rows.and_where(is_among(place.id(), ids));
        self.lock(&mut rows, &place);
        with.cte(named_query(&locked, rows));
        self.cascaded(gone, known, name, Some(&locked))
    }

    /// The rows that cascade from others, by the name of this query: rows of the table, or of another query.
    fn cascaded(
        &self,
        gone: &GoneRows,
        known: &[&'static PropertyDefinition],
        name: &DynIden,
        of: Option<&DynIden>,
    ) -> SelectStatement {
        let place = self.table_of(gone.entity, "row");
        let select = |place: &AliasedTable| {
            let mut rows = columns_of(place, known);
            match of {
                Some(query) => drop(rows.from_as(query.clone(), place.name())),
                None => self.writer.from(&mut rows, place),
            }
            rows
        };
        let mut rows = select(&place);
        let cascades = gone.with.iter().map(|(with, relation)| {
            is_among(place.named(relation.key_from), self.keys(*with, relation.key_to))
        });
        rows.and_where(cascades.reduce(ExprTrait::or).unwrap_or_else(|| Expr::cust("FALSE")));
        let is_of_root = self.effects.gone.first().is_some_and(|root| root.entity.is(gone.entity));
        let apart_from_root = |rows: &mut SelectStatement, place: &AliasedTable| {
            if is_of_root {
                rows.and_where(tuple(place.id().collect()).not_in_subquery(self.ids(0)));
            }
        };
        apart_from_root(&mut rows, &place);
        if gone.to_itself.is_empty() {
            self.lock(&mut rows, &place);
            return rows;
        }
        let next = self.table_of(gone.entity, "row");
        let before = AliasedTable::aliased(gone.entity, self.writer.aliases.named("before"));
        let mut further = select(&next);
        further.join_as(
            sea_query::JoinType::InnerJoin,
            name.clone(),
            before.name(),
            gone.to_itself
                .iter()
                .map(|relation| {
                    let pairs = next.named(relation.key_from).zip(before.named(relation.key_to));
                    all(pairs.map(|(from, to)| from.eq(to)))
                })
                .reduce(ExprTrait::or)
                .unwrap_or_else(|| Expr::cust("FALSE")),
        );
        apart_from_root(&mut further, &next);
        rows.union(sea_query::UnionType::Distinct, further);
        rows
    }

    /// A key of a kind of gone rows.
    pub(super) fn keys(&self, at: usize, names: &[&'static str]) -> SelectStatement {
        let mut keys = SelectStatement::new();
        let entity = self.effects.gone.get(at).map(|gone| gone.entity);
        let properties = entity.into_iter().flat_map(|entity| named(entity, names));
        for property in properties {
            keys.column((self.name(at), Alias::new(property.column)));
        }
        keys.from(self.name(at));
        keys
    }

    /// The ids of a kind of gone rows.
    pub(super) fn ids(&self, at: usize) -> SelectStatement {
        let entity = self.effects.gone.get(at).map(|gone| gone.entity);
        let names = entity.into_iter().flat_map(|entity| entity.id().map(|id| id.name));
        self.keys(at, &names.collect::<Vec<_>>())
    }
}

/// A query of columns of a table, by their names.
fn columns_of(place: &AliasedTable, properties: &[&'static PropertyDefinition]) -> SelectStatement {
    let mut rows = SelectStatement::new();
    for property in properties {
        rows.expr_as(place.column(property), Alias::new(property.column));
    }
    rows
}

/// A query by a name.
pub(super) fn named_query(
    name: &DynIden,
    query: impl Into<SubQueryStatement>,
) -> CommonTableExpression {
    let mut expression = CommonTableExpression::new();
    expression.query(query).table_name(name.clone());
    expression
}
