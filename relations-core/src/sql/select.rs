//! Rows that are read, and what is made of them.

use std::borrow::Cow;

use sea_query::{
    Alias, Asterisk, DynIden, Expr, ExprTrait, Func, NullOrdering, Order, OrderedStatement,
    SelectStatement,
};

use crate::ast::order::{Nulls, OrderBy};
use crate::ast::select::Select;
use crate::ast::term::{Field, Term};
use crate::dialect::{Dialect, Engine};
use crate::error::{Error, Result};
use crate::sql::from_clause::{AliasedTable, FromClause};
use crate::sql::spelling::as_compared;
use crate::sql::value::Selected;
use crate::sql::{Lowered, MOST_ROWS, Verb, Writer, limit_of, offset_of};

/// The rows of a query, whole.
pub(crate) fn rows(dialect: Dialect, select: &Select, verb: Verb) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    let mut reading = SelectBuilder::of(&writer, select)?;
    reading.select_all();
    reading.verb(select, verb)?;
    writer.write(&reading.read())
}

/// Some columns of a query's rows.
pub(crate) fn projection(
    dialect: Dialect,
    select: &Select,
    terms: &[Term],
    verb: Verb,
) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    distinct_is_ordered_by_itself(select, terms)?;
    let mut reading = SelectBuilder::of(&writer, select)?;
    for term in terms {
        reading.select(term.clone())?;
    }
    match verb {
        Verb::All => reading.page(select, select.limit, false)?,
        Verb::First => {
            // Distinct rows can only be ordered by selected values.
            let by_id = !select.distinct;
            reading.page(select, Some(at_most(select, 1)), by_id)?;
        }
        Verb::One => reading.page(select, Some(at_most(select, 2)), false)?,
    }
    writer.write(&reading.read())
}

/// Distinct rows are ordered by selected values only: each may stand for several rows, which differ in
/// other values.
pub(crate) fn distinct_is_ordered_by_itself(select: &Select, terms: &[Term]) -> Result<()> {
    let selected = |by: &&OrderBy| terms.contains(&by.term);
    match select.orders.iter().find(|by| select.distinct && !selected(by)) {
        Some(by) if matches!(by.term, Term::OfLink(_)) => Err(Error::invalid_request(format!(
            "rows that are `distinct` cannot be ordered by `{:?}` of the link, which may differ for equal \
             rows; leave out `distinct`, or query the link entity",
            by.term,
        ))
        .entity_is(select.entity)),
        Some(by) => Err(Error::invalid_request(format!(
            "rows that differ only in what is selected cannot be ordered by `{:?}`; select it too",
            by.term,
        ))
        .entity_is(select.entity)),
        None => Ok(()),
    }
}

/// A value made of a query's rows, such as their number.
pub(crate) fn aggregate(
    dialect: Dialect,
    select: &Select,
    value: impl FnOnce(Engine, &mut FromClause<'_>) -> Result<Selected>,
) -> Result<Lowered> {
    select.check_unlocked("one value made of all rows locks none of them")?;
    let writer = Writer::new(dialect, select.entity);
    let is_cut = select.limit.is_some() || select.offset.is_some() || select.distinct;
    let select = if is_cut { Cow::Borrowed(select) } else { select.in_any_order() };
    let select = select.as_ref();
    let mut reading = SelectBuilder::of(&writer, select)?;
    if is_cut {
        reading.select_all();
        reading.page(select, select.limit, false)?;
        let places = FromClause::new(&writer, AliasedTable::rows_of(select));
        let mut statement = SelectStatement::new();
        statement.from_subquery(reading.finish(), places.root.name());
        reading = SelectBuilder::new(statement, places);
    }
    let value = value(dialect.engine, &mut reading.places)?;
    reading.columns.push(value);
    writer.write(&reading.read())
}

/// Whether a query has rows.
pub(crate) fn exists(dialect: Dialect, select: &Select) -> Result<Lowered> {
    each_exists(dialect, select, &[])
}

/// Whether a query has rows, and each of some others.
pub(crate) fn each_exists(dialect: Dialect, first: &Select, others: &[&Select]) -> Result<Lowered> {
    let writer = Writer::new(dialect, first.entity);
    let mut statement = SelectStatement::new();
    for select in std::iter::once(&first).chain(others) {
        select.check_unlocked("to ask whether there are rows locks none of them")?;
        // A page begins behind a row in the order that it has.
        let is_page = select.anchor.is_some();
        let select = &*if is_page { Cow::Borrowed(*select) } else { select.in_any_order() };
        let mut rows = SelectBuilder::of(&writer, select)?;
        if select.distinct {
            rows.select_all();
        } else {
            rows.statement.expr(Expr::cust("1"));
        }
        rows.page(select, select.limit, false)?;
        statement.expr(Expr::exists(rows.finish()));
    }
    writer.write(&statement)
}

/// The number of rows.
#[allow(clippy::unnecessary_wraps, reason = "other values can be refused")]
pub(crate) fn count(_: Engine, _: &mut FromClause<'_>) -> Result<Selected> {
    Ok(Selected::new(Func::count(Expr::col(Asterisk)).into(), None))
}

/// A SELECT under way. What it reads from is added at the end, when it is known, and what it selects
/// when it is known for whom.
#[derive(Debug)]
pub(crate) struct SelectBuilder<'writer> {
    pub(crate) statement: SelectStatement,
    pub(crate) places: FromClause<'writer>,
    /// The selected values, in their order.
    pub(crate) columns: Vec<Selected>,
    /// The terms that these are, where orders are to find them.
    selected: Vec<Term>,
    distinct: bool,
    ordered_by_id: bool,
    /// The targets of a joined relation to many, and the orders that were asked for, where the server
    /// orders them.
    pub(crate) ordered_targets: Option<(AliasedTable, Vec<OrderBy>)>,
}

impl<'writer> SelectBuilder<'writer> {
    pub(crate) fn new(statement: SelectStatement, places: FromClause<'writer>) -> Self {
        let (columns, selected) = (Vec::new(), Vec::new());
        Self {
            statement,
            places,
            columns,
            selected,
            distinct: false,
            ordered_by_id: false,
            ordered_targets: None,
        }
    }

    /// The rows that a query means, of which nothing is selected yet.
    pub(crate) fn of(writer: &'writer Writer, select: &Select) -> Result<Self> {
        let mut places = FromClause::new(writer, AliasedTable::rows_of(select));
        let mut statement = SelectStatement::new();
        writer.from(&mut statement, &places.root);
        places.order_by_links(select);
        for condition in places.conditions(select)? {
            statement.and_where(condition);
        }
        if let Some(anchor) = &select.anchor {
            statement.and_where(places.behind(select, anchor)?);
        }
        if select.distinct {
            statement.distinct();
        }
        places.lock(&mut statement, select)?;
        Ok(Self { distinct: select.distinct, ..Self::new(statement, places) })
    }

    /// Selects a value of each row.
    pub(crate) fn select(&mut self, term: Term) -> Result<()> {
        let value = self.places.selected(&term)?;
        self.columns.push(value);
        self.selected.push(term);
        Ok(())
    }

    /// Selects the columns of the entity, in the order of its definition.
    pub(crate) fn select_all(&mut self) {
        let entity = self.places.root.entity;
        self.columns.extend(self.places.root.columns());
        self.selected.extend(entity.properties.iter().map(|one| Field::of(entity, one).into()));
    }

    /// The whole statement, as a part of another one.
    pub(crate) fn finish(mut self) -> SelectStatement {
        self.make_comparable();
        self.finished(|column| column.value)
    }

    /// Selects what is distinct as a type that can be compared, where its own cannot.
    fn make_comparable(&mut self) {
        if !self.distinct || self.places.writer.engine != Engine::Postgres {
            return;
        }
        for column in &mut self.columns {
            if let Some(name) = column.property.and_then(as_compared) {
                column.value = column.value.clone().cast_as(Alias::new(name));
            }
        }
    }

    /// The whole statement, whose rows are read.
    ///
    /// Distinct rows differ by the types of their columns, and are ordered by selected values only. A
    /// column that is read as text is therefore cast in a statement around, which keeps the order.
    pub(crate) fn read(mut self) -> SelectStatement {
        self.make_comparable();
        let writer = self.places.writer;
        if self.distinct && (0..self.columns.len()).any(|at| self.is_read_as_text(at)) {
            let rows = writer.aliases.named("rows");
            let (columns, places) = (self.select_named(&rows), self.places.at(&self.places.root));
            let mut statement = SelectStatement::new();
            statement.from_subquery(self.finish(), rows);
            self = Self { columns, ..Self::new(statement, places) };
        }
        self.finished(|column| writer.read(column))
    }

    fn finished(mut self, written: impl Fn(Selected) -> Expr) -> SelectStatement {
        for mut column in self.columns {
            match column.name.take() {
                Some(name) => self.statement.expr_as(written(column), name),
                None => self.statement.expr(written(column)),
            };
        }
        self.places.join_to(&mut self.statement);
        self.statement
    }

    /// Selects the columns under the names by which they are known outside: several may have one name.
    pub(crate) fn select_named(&mut self, rows: &DynIden) -> Vec<Selected> {
        let columns = std::mem::take(&mut self.columns).into_iter().enumerate();
        let named = columns.map(|(at, column)| {
            let name = Alias::new(format!("column_{at}"));
            self.statement.expr_as(column.value, name.clone());
            Selected { value: Expr::col((rows.clone(), name)), ..column }
        });
        named.collect()
    }

    /// Whether a column is read as another type than it is compared and ordered as.
    fn is_read_as_text(&self, at: usize) -> bool {
        let text = |column| self.places.writer.text_of(column);
        self.columns.get(at).and_then(text).is_some()
    }

    /// Orders and cuts the rows of a query to what a verb wants of them.
    pub(crate) fn verb(&mut self, select: &Select, verb: Verb) -> Result<()> {
        match verb {
            Verb::All => self.page(select, select.limit, select.targets_many()),
            // The only row is the first one too.
            Verb::First | Verb::One if select.is_unique() => self.page(select, select.limit, false),
            Verb::First => {
                // Distinct rows can only be ordered by selected values.
                let by_id = !select.distinct || select.columns.is_none();
                self.page(select, Some(at_most(select, 1)), by_id)
            }
            Verb::One => self.page(select, Some(at_most(select, 2)), false),
        }
    }

    /// Orders and cuts the rows of a query; by the id where nothing else is asked and it must be.
    pub(crate) fn page(
        &mut self,
        select: &Select,
        limit: Option<u64>,
        ordered: bool,
    ) -> Result<()> {
        self.order(select)?;
        // Links may be equal in what they are ordered by.
        let by_links = select.link_orders().next().is_some() && !select.is_totally_ordered();
        if by_links || (ordered && select.orders.is_empty()) {
            self.order_by_id();
        }
        self.cut(select, limit);
        Ok(())
    }

    /// Orders the rows as it was asked for.
    pub(crate) fn order(&mut self, select: &Select) -> Result<()> {
        for by in &select.orders {
            let value = self.ordered_by(&by.term)?;
            order(self.places.writer.engine, &mut self.statement, value, by);
        }
        Ok(())
    }

    /// Orders the rows by their id, after what was asked for; once is enough. An array of their keys says first
    /// in which order they come.
    pub(crate) fn order_by_id(&mut self) {
        if !self.ordered_by_id {
            if let Some(position) = self.places.position.clone().filter(|_| !self.distinct) {
                self.statement.order_by_expr(position, Order::Asc);
            }
            order_by_id(&mut self.statement, &self.places.root);
        }
        self.ordered_by_id = true;
    }

    /// Takes some of the rows.
    pub(crate) fn cut(&mut self, select: &Select, limit: Option<u64>) {
        if let Some(limit) = limit {
            self.statement.limit(limit_of(limit));
        } else if select.offset.is_some() && self.places.writer.engine == Engine::Sqlite {
            // SQLite knows an offset only behind a limit.
            self.statement.limit(limit_of(MOST_ROWS));
        }
        if let Some(offset) = select.offset {
            self.statement.offset(offset_of(offset));
        }
    }

    /// The expression that rows are ordered by.
    ///
    /// Distinct rows are ordered by selected values, and computed values need not be computed twice.
    /// Both are named by their number, because no engine knows that two expressions with parameters
    /// are equal. Of a value that is read as text the number would mean the text,
    /// which may sort otherwise; so that is computed twice, unless a statement around reads it.
    fn ordered_by(&mut self, term: &Term) -> Result<Expr> {
        let computed = !matches!(term, Term::Field(_));
        let own = matches!(term, Term::Field(field) if field.path.is_none());
        let at = match self.selected.iter().position(|selected| selected == term) {
            Some(at) if (computed && !self.is_read_as_text(at)) || (self.distinct && !own) => at,
            None if self.distinct && !own => {
                // Whole rows that are equal have equal targets, so this tells no more apart.
                let name = Some(self.places.writer.aliases.number("order"));
                let value = self.places.selected(term)?;
                self.columns.push(Selected { name, ..value });
                self.selected.push(term.clone());
                self.selected.len() - 1
            }
            _ => return self.places.term(term),
        };
        Ok(Expr::cust((at + 1).to_string()))
    }
}

fn at_most(select: &Select, rows: u64) -> u64 {
    select.limit.map_or(rows, |limit| std::cmp::min(limit, rows))
}

pub(crate) fn order_by_id(statement: &mut impl OrderedStatement, place: &AliasedTable) {
    for column in place.id() {
        statement.order_by_expr(column, Order::Asc);
    }
}

/// Orders by a value. Nulls count as greatest on PostgreSQL and as least on SQLite, so SQLite is
/// told.
pub(crate) fn order(
    engine: Engine,
    statement: &mut impl OrderedStatement,
    value: Expr,
    by: &OrderBy,
) {
    let order = if by.descending { Order::Desc } else { Order::Asc };
    let told = engine == Engine::Sqlite && by.term.is_nullable();
    let nulls = match by.nulls {
        Nulls::Greatest if !told => None,
        _ if by.nulls_come_first() => Some(NullOrdering::First),
        _ => Some(NullOrdering::Last),
    };
    match nulls {
        Some(nulls) => statement.order_by_expr_with_nulls(value, order, nulls),
        None => statement.order_by_expr(value, order),
    };
}
