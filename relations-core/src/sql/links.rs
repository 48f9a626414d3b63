//! The links that lead to the rows of a statement, where it asks for some of them or orders by them.

use std::sync::Arc;

use sea_query::{
    Alias, DynIden, Expr, ExprTrait, Func, JoinType, OverStatement, SelectStatement, TableRef,
    WindowStatement,
};

use crate::ast::order::OrderBy;
use crate::ast::predicate::Predicate;
use crate::ast::select::Select;
use crate::ast::term::Term;
use crate::definition::entity::EntityDefinition;
use crate::definition::relation::{RelationDefinition, ThroughDefinition};
use crate::error::{Error, Result};
use crate::sql::Writer;
use crate::sql::from_clause::{AliasedTable, FromClause, all, keys_equal};
use crate::sql::link::is_led_to;
use crate::sql::select::{SelectBuilder, order, order_by_id};

/// The number of a link among those from a source to a target, by a name that no column has, and so with
/// the values below.
const NTH: &str = "relations_nth";

/// The links that lead to the rows of a statement.
#[derive(Debug, Default)]
pub(crate) struct LinkRows {
    /// Which ones, where not all do.
    pub(crate) filter: Option<Arc<Predicate>>,
    /// The orders of the rows by values of their links.
    orders: Vec<OrderBy>,
    /// The place of these values.
    values: Option<LinkValues>,
    /// The links that are joined, and the condition.
    joined: Option<(JoinedLinks, Expr)>,
}

/// The place of the values of a row's link.
#[derive(Debug)]
enum LinkValues {
    /// Its table: no two links lead from a source to a row.
    Table(AliasedTable),
    /// The columns of a subquery, one for each order.
    Columns(DynIden),
}

/// Links that are joined to the rows.
#[derive(Debug)]
enum JoinedLinks {
    Table(AliasedTable),
    Rows(Box<SelectStatement>, DynIden),
}

impl LinkRows {
    /// The table of links is joined, one to a row.
    pub(crate) fn are_rows_of(&mut self, link: &AliasedTable) {
        if !self.orders.is_empty() {
            self.values = Some(LinkValues::Table(link.clone()));
        }
    }

    /// The rows come with the values of their links from a subquery; see [`SelectBuilder::tell_links`].
    pub(crate) fn are_columns_of(&mut self, rows: DynIden) {
        self.values = Some(LinkValues::Columns(rows));
    }

    /// Joins the links to a statement, where it is ordered by them.
    pub(crate) fn join_to(&self, writer: &Writer, statement: &mut SelectStatement) {
        match &self.joined {
            Some((JoinedLinks::Table(link), on)) => {
                writer.join(statement, JoinType::InnerJoin, link, on.clone());
            }
            Some((JoinedLinks::Rows(rows, name), on)) => {
                let rows = TableRef::SubQuery(rows.clone(), name.clone());
                statement.join(JoinType::InnerJoin, rows, on.clone());
            }
            None => {}
        }
    }
}

impl FromClause<'_> {
    /// Orders rows by the values of their links that a query orders by; before its conditions are written.
    ///
    /// The first of several links to a row is the first one forwards, also where the rows come backwards.
    pub(crate) fn order_by_links(&mut self, select: &Select) {
        for by in select.link_orders() {
            let mut by = by.clone();
            if select.backwards {
                by.reverse();
            }
            self.links.orders.push(by);
        }
    }

    /// The links that are meant, under no name that the target's table has.
    pub(crate) fn meant_link(&self, through: &ThroughDefinition) -> AliasedTable {
        let link = place_of_link(through, self.root.entity);
        link.narrowed(self.links.filter.as_ref())
    }

    /// Takes only the rows that links lead to from one source: the condition of such a row.
    ///
    /// Joins the links that rows are ordered by; of several that lead to a row the first.
    pub(crate) fn led_to(
        &mut self,
        relation: &RelationDefinition,
        through: &ThroughDefinition,
        link: &AliasedTable,
        is_meant: Expr,
    ) -> Result<Option<Expr>> {
        if self.links.orders.is_empty() {
            return Ok(Some(is_led_to(self.writer, &self.root, through, link, is_meant)));
        }
        if through.is_unique() && !relation.is_numbered() {
            let leads_to = keys_equal(link, through.to(), &self.root);
            self.links.joined = Some((JoinedLinks::Table(link.clone()), leads_to));
            self.links.are_rows_of(link);
            return Ok(Some(is_meant));
        }
        // Several links may lead to a row, also where their keys are equal to the database alone.
        let led_to = self.root.beside(self.writer.aliases.named("led_to"));
        let mut rows = SelectStatement::new();
        let id_name = |at: usize| Alias::new(format!("id_{at}"));
        for (at, id) in led_to.id().enumerate() {
            rows.expr_as(id, id_name(at));
        }
        self.writer.from(&mut rows, link);
        let leads_to = keys_equal(link, through.to(), &led_to);
        self.writer.join(&mut rows, JoinType::InnerJoin, &led_to, leads_to);
        rows.and_where(is_meant);
        let ways = self.writer.aliases.named("ways");
        let is_first = self.first_links(&mut rows, link, led_to.id().collect(), ways.clone())?;
        let ids = self.root.id().enumerate();
        let is_led_to = all(ids.map(|(at, id)| id.eq(Expr::col((ways.clone(), id_name(at))))));
        let on = is_first.into_iter().fold(is_led_to, ExprTrait::and);
        self.links.joined = Some((JoinedLinks::Rows(Box::new(rows), ways), on));
        Ok(None)
    }

    /// Has a subquery of links, by that name, hold each way once: by distinct rows, or, where rows are ordered
    /// by their links, by the condition that a link is the first of its way.
    pub(crate) fn first_links(
        &mut self,
        rows: &mut SelectStatement,
        link: &AliasedTable,
        way: Vec<Expr>,
        name: DynIden,
    ) -> Result<Option<Expr>> {
        if self.links.orders.is_empty() {
            rows.distinct();
            return Ok(None);
        }
        let mut places = self.at(link);
        let mut window = WindowStatement::new();
        for part in way {
            window.add_partition_by(part);
        }
        for (at, by) in self.links.orders.iter().enumerate() {
            let value = match &by.term {
                Term::OfLink(term) => places.term(term)?,
                other => places.term(other)?,
            };
            order(self.writer.engine, &mut window, value.clone(), by);
            rows.expr_as(value, order_name(at));
        }
        // Links that are equal in all of this come in one order each time.
        order_by_id(&mut window, link);
        rows.expr_window_as(Func::cust("row_number"), window, NTH);
        places.join_to(rows);
        self.links.are_columns_of(name.clone());
        Ok(Some(Expr::col((name, NTH)).eq(Expr::cust("1"))))
    }

    /// The value of a row's link; `whole` is the term of the row.
    pub(crate) fn of_link(&mut self, whole: &Term, term: &Term) -> Result<Expr> {
        match &self.links.values {
            Some(LinkValues::Table(link)) => {
                let root = std::mem::replace(&mut self.root, link.clone());
                let value = self.term(term);
                self.root = root;
                value
            }
            Some(LinkValues::Columns(rows)) => {
                let at = self.links.orders.iter().position(|by| by.term == *whole);
                Ok(Expr::col((rows.clone(), order_name(at.unwrap_or_default()))))
            }
            None => Err(Error::invalid_request(format!(
                "`{term:?}` is a column of a link, which this statement does not read; order by it the \
                 rows of `of`, `of_id`, `load` or an include",
            ))
            .entity_is(self.root.entity)),
        }
    }
}

impl SelectBuilder<'_> {
    /// Selects the values of links that rows are ordered by, for a statement around this one.
    pub(crate) fn tell_links(&mut self) -> Result<()> {
        for at in 0..self.places.links.orders.len() {
            let Some(by) = self.places.links.orders.get(at).cloned() else { continue };
            let value = self.places.term(&by.term)?;
            self.statement.expr_as(value, order_name(at));
        }
        Ok(())
    }
}

/// The name of the value of a link that rows are ordered by.
fn order_name(at: usize) -> Alias {
    Alias::new(format!("relations_order_{at}"))
}

/// The place of a link, under no name that the target's table has.
fn place_of_link(through: &ThroughDefinition, target: &EntityDefinition) -> AliasedTable {
    let alias = if target.table.eq_ignore_ascii_case("link") { "its_link" } else { "link" };
    AliasedTable::aliased(through.link.definition(), alias).seen(through.visible())
}
