//! The FROM clause: the table of a query, and those that are joined to it or nested in it.

use std::cell::Cell;
use std::sync::Arc;

use sea_query::{
    Asterisk, CommonTableExpression, DynIden, Expr, ExprTrait, IntoIden, JoinType, SelectStatement,
    TableRef, WithClause,
};

use crate::ast::predicate::Predicate;
use crate::ast::select::Select;
use crate::ast::term::{Field, Term};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{RelationDefinition, ThroughDefinition};
use crate::definition::visible::Visible;
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::sql::key_array::leads_to;
use crate::sql::links::LinkRows;
pub(crate) use crate::sql::place::AliasedTable;
use crate::sql::place::is_of_kind;
use crate::sql::{Writer, offset_of};

/// The FROM clause of one SELECT: a table to start at, and those that relations to one join to it.
#[derive(Debug)]
pub(crate) struct FromClause<'writer> {
    pub(crate) root: AliasedTable,
    joins: Vec<Join>,
    /// The queries that are run once for the whole statement.
    with: Vec<CommonTableExpression>,
    /// The values that are computed once a row, although they are used several times.
    computed: Vec<OnceTable>,
    /// Whether nothing can be joined, as in an update: a column of a target is looked up by a subquery.
    joins_nothing: bool,
    /// Whether there is the new row of an upsert beside the table.
    excluded: bool,
    /// Whether a target is looked up for each row, since the rows are few.
    looks_up: bool,
    /// The links that lead to the rows.
    pub(crate) links: LinkRows,
    /// The position of a row's key in the array of its source, if that holds one.
    pub(crate) position: Option<Expr>,
    pub(crate) writer: &'writer Writer,
}

/// A value that is computed once a row.
#[derive(Debug)]
struct OnceTable {
    term: Term,
    value: Expr,
    name: DynIden,
    /// Whether PostgreSQL is kept from putting the value back into each place.
    is_apart: bool,
}

/// The column of a value that is computed once a row.
const VALUE: &str = "value";

/// A relation to one that was followed from a place.
#[derive(Debug)]
struct Join {
    from: AliasedTable,
    relation: &'static RelationDefinition,
    to: AliasedTable,
    /// The rows that are joined, where they are not the whole table.
    rows: Option<SelectStatement>,
    /// The table within the subquery that looks it up for each row.
    looked_up: Option<AliasedTable>,
}

impl<'writer> FromClause<'writer> {
    pub(crate) fn new(writer: &'writer Writer, root: AliasedTable) -> Self {
        let (joins, with, computed) = (Vec::new(), Vec::new(), Vec::new());
        let (joins_nothing, excluded, looks_up) = (false, false, false);
        let links = LinkRows::default();
        let position = None;
        Self {
            root,
            joins,
            with,
            computed,
            joins_nothing,
            excluded,
            looks_up,
            links,
            position,
            writer,
        }
    }

    /// A table to which nothing can be joined.
    pub(crate) fn joining_nothing(writer: &'writer Writer, root: AliasedTable) -> Self {
        Self { joins_nothing: true, ..Self::new(writer, root) }
    }

    /// The row of an entity that is there, and the new row of an upsert.
    pub(crate) fn of_conflict(writer: &'writer Writer, entity: &'static EntityDefinition) -> Self {
        let root = AliasedTable::table_of(entity).seen(Visible::NOT_DELETED);
        Self { excluded: true, joins_nothing: true, ..Self::new(writer, root) }
    }

    /// Has PostgreSQL look up in an index what is joined from here on, row by row, since the rows are few.
    ///
    /// It does not know that a range holds few rows, and would read whole tables to join them, as for rows
    /// of a table without statistics.
    pub(crate) fn look_up(&mut self) {
        self.looks_up = self.writer.engine == Engine::Postgres;
    }

    /// A FROM clause that starts at another table.
    pub(crate) fn at(&self, place: &AliasedTable) -> Self {
        Self::new(self.writer, place.clone())
    }

    /// The place of a relation's target, which is joined the first time it is asked for.
    pub(crate) fn join(
        &mut self,
        from: &AliasedTable,
        relation: &'static RelationDefinition,
    ) -> AliasedTable {
        let same = |join: &&Join| {
            let names = (join.from.name(), join.relation.name);
            names == (from.name(), relation.name) && join.rows.is_none()
        };
        if let Some(join) = self.joins.iter().find(same) {
            return join.to.clone();
        }
        let to = self.writer.aliases.target_of(relation);
        let looked_up = (self.looks_up && relation.is_target_indexed())
            .then(|| to.beside(self.writer.aliases.named("target")));
        self.joins.push(Join {
            from: from.clone(),
            relation,
            to: to.clone(),
            rows: None,
            looked_up,
        });
        to
    }

    /// The place of some targets of a relation, which a statement selects.
    pub(crate) fn join_rows(
        &mut self,
        from: &AliasedTable,
        relation: &'static RelationDefinition,
        rows: SelectStatement,
    ) -> AliasedTable {
        let to = self.writer.aliases.target_of(relation);
        let (from, rows) = (from.clone(), Some(rows));
        self.joins.push(Join { from, relation, to: to.clone(), rows, looked_up: None });
        to
    }

    /// The column of a field, with joins along the way to it.
    pub(crate) fn field(&mut self, field: Field) -> Expr {
        if field.excluded {
            return Expr::col(("excluded", field.property.column));
        }
        if self.joins_nothing {
            return self.looked_up(field);
        }
        let mut place = self.root.clone();
        for relation in field.relations() {
            place = self.join(&place, relation);
        }
        place.column(field.property)
    }

    /// The value of a term in each row, where nothing can be joined to the table.
    pub(crate) fn term_alone(&self, term: &Term) -> Result<Expr> {
        let mut alone = Self { joins_nothing: true, ..self.at(&self.root) };
        alone.term(term)
    }

    /// The column of a field, which a subquery looks up where it is one of a target.
    fn looked_up(&self, field: Field) -> Expr {
        let mut relations = field.relations();
        let Some(first) = relations.next() else { return self.root.column(field.property) };
        let mut places = self.at(&self.writer.aliases.target_of(first));
        let target = places.root.clone();
        let last = relations.fold(target.clone(), |place, relation| places.join(&place, relation));
        let mut statement = SelectStatement::new();
        statement.expr(last.column(field.property));
        self.writer.from(&mut statement, &target);
        statement.and_where(keys_equal(&self.root, first, &target));
        places.join_to(&mut statement);
        statement.into()
    }

    /// The column of a field, which is not of the new row of an upsert where there is none.
    pub(crate) fn checked_field(&mut self, field: Field) -> Result<Expr> {
        if field.excluded && !self.excluded {
            return Err(Error::invalid_request(format!(
                "`{field:?}` is a column of the new row of an upsert; use it in `set_expr` and \
                 `filter` of `on_conflict` only",
            ))
            .entity_is(field.entity));
        }
        Ok(self.field(field))
    }

    /// Whether anything was joined.
    pub(crate) fn has_joins(&self) -> bool {
        !self.joins.is_empty()
    }

    /// Has the statement look something up once.
    pub(crate) fn with(&mut self, once: CommonTableExpression) {
        self.with.push(once);
    }

    /// Has PostgreSQL compute once a row what rows are ordered by, where it stands in several places.
    ///
    /// It would run the subquery of each place for each row, and count the cost of all of them, which
    /// may be so much that it compiles the statement first. SQLite has no such join.
    pub(crate) fn compute_once(&mut self, select: &Select) -> Result<()> {
        if self.writer.engine != Engine::Postgres {
            return Ok(());
        }
        for by in select.orders.iter().filter(|by| matches!(by.term, Term::RelationAggregate(_))) {
            let value = self.term(&by.term)?;
            let name = self.writer.aliases.named("computed");
            let term = by.term.clone();
            self.computed.push(OnceTable { term, value, name, is_apart: true });
        }
        Ok(())
    }

    /// Has PostgreSQL know a value by a name wherever it stands.
    pub(crate) fn compute(&mut self, term: &Term) -> Result<()> {
        let value = self.term(term)?;
        let name = self.writer.aliases.named("computed");
        self.computed.push(OnceTable { term: term.clone(), value, name, is_apart: false });
        Ok(())
    }

    /// The column of a value that is computed once a row.
    pub(crate) fn computed_once(&self, term: &Term) -> Option<Expr> {
        let once = self.computed.iter().find(|once| once.term == *term)?;
        Some(Expr::col((once.name.clone(), VALUE)))
    }

    /// Joins to a statement what was asked for, where it is there: the rows stay those of the
    /// place to start at.
    pub(crate) fn join_to(&self, statement: &mut SelectStatement) {
        if !self.with.is_empty() {
            let mut with = WithClause::new();
            for once in &self.with {
                with.cte(once.clone());
            }
            statement.with_cte(with);
        }
        self.links.join_to(self.writer, statement);
        for Join { from, relation, to, rows, looked_up } in &self.joins {
            if let Some(place) = looked_up {
                let mut target = SelectStatement::new();
                target.column((place.name(), Asterisk));
                self.writer.from(&mut target, place);
                // Without an offset PostgreSQL would join the table as it likes.
                target.and_where(keys_equal(from, relation, place)).offset(offset_of(0));
                let always = Expr::cust("TRUE");
                statement.join_lateral(JoinType::LeftJoin, target, to.name(), always);
                continue;
            }
            let on = keys_equal(from, relation, to);
            match rows {
                Some(rows) => {
                    let rows = TableRef::SubQuery(rows.clone().into(), to.name());
                    statement.join(JoinType::LeftJoin, rows, on);
                }
                None => self.writer.join(statement, JoinType::LeftJoin, to, on),
            }
        }
        for OnceTable { value, name, is_apart, .. } in &self.computed {
            let mut row = SelectStatement::new();
            row.expr_as(value.clone(), VALUE);
            if *is_apart {
                // Without an offset PostgreSQL would put the value back into each place.
                row.offset(offset_of(0));
            }
            let always = Expr::cust("TRUE");
            statement.join_lateral(JoinType::InnerJoin, row, name.clone(), always);
        }
    }
}

/// Names for places, of which no two in a statement are equal.
#[derive(Debug)]
pub(crate) struct Aliases {
    /// The table that the statement is about, which keeps its own name.
    table: &'static str,
    /// The number of names that were given.
    count: Cell<usize>,
}

impl Aliases {
    pub(crate) fn beside(entity: &'static EntityDefinition) -> Self {
        Self { table: entity.table, count: Cell::new(0) }
    }

    /// A new place for the target of a relation, named after it: `customer_1`.
    pub(crate) fn target_of(&self, relation: &'static RelationDefinition) -> AliasedTable {
        // PostgreSQL cuts a name off after 63 bytes.
        let name = relation.name.get(..relation.name.floor_char_boundary(40));
        let name = self.named(name.unwrap_or_default());
        AliasedTable::aliased(relation.target.definition(), name).seen(relation.visible())
    }

    /// A new place for a link between many and many: `link_1`.
    pub(crate) fn link_of(
        &self,
        through: &ThroughDefinition,
        links: Option<&Arc<Predicate>>,
    ) -> AliasedTable {
        let link = AliasedTable::aliased(through.link.definition(), self.named("link"));
        link.seen(through.visible()).narrowed(links)
    }

    /// A new name.
    pub(crate) fn named(&self, name: &str) -> DynIden {
        let mut alias = self.number(name);
        // SQLite takes names for equal that differ in case.
        if alias.eq_ignore_ascii_case(self.table) {
            alias = self.number(name);
        }
        alias.into_iden()
    }

    /// A name of its own for what is called that.
    pub(crate) fn number(&self, name: &str) -> String {
        self.count.set(self.count.get() + 1);
        format!("{name}_{}", self.count.get())
    }
}

/// The properties of those names.
pub(crate) fn named(
    entity: &'static EntityDefinition,
    names: &[&'static str],
) -> impl Iterator<Item = &'static PropertyDefinition> {
    names.iter().filter_map(|name| entity.property(name))
}

/// Whether a target is one of a source by a relation: all pairs of its keys are equal, and the source is of
/// the kind that leads there.
pub(crate) fn keys_equal(
    source: &AliasedTable,
    relation: &RelationDefinition,
    target: &AliasedTable,
) -> Expr {
    let pairs = source.named(relation.key_from).zip(target.named(relation.key_to));
    let pairs = pairs.map(|(from, to)| leads_to(relation, from, to));
    let kind = is_of_kind(source, relation.kind_of_source());
    all(pairs.chain(kind))
}

pub(crate) fn all(conditions: impl Iterator<Item = Expr>) -> Expr {
    conditions.reduce(ExprTrait::and).unwrap_or_else(|| Expr::cust("TRUE"))
}

/// Whether a key is among those that a statement selects.
pub(crate) fn is_among(key: impl Iterator<Item = Expr>, keys: SelectStatement) -> Expr {
    tuple(key.collect()).in_subquery(keys)
}

/// Several values as one.
pub(crate) fn tuple(values: Vec<Expr>) -> Expr {
    match <[Expr; 1]>::try_from(values) {
        Ok([only]) => only,
        Err(several) => Expr::tuple(several),
    }
}
