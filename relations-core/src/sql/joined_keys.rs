//! Keys with a number each, to which rows are joined: the database says which row has which key.

use sea_query::{
    Alias, Asterisk, CommonTableExpression, DynIden, Expr, ExprTrait, Func, JoinType,
    SelectStatement, WindowStatement, WithClause,
};

use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::ThroughDefinition;
use crate::dialect::Engine;
use crate::error::Result;
use crate::plan::tree::Planned;
use crate::sql::from_clause::{AliasedTable, all, keys_equal};
use crate::sql::include::{Given, Keys};
use crate::sql::key_columns::{LookupColumns, Origin};
use crate::sql::keys::{any, array_of, from_json, key_name};
use crate::sql::select::SelectBuilder;
use crate::sql::spelling::json_array;
use crate::sql::value::{Selected, each_of};
use crate::sql::{Writer, offset_of};

impl Writer {
    /// Keys with a number each, from 1 on.
    fn numbered(&self, columns: &LookupColumns, keys: Keys<'_>) -> Result<SelectStatement> {
        let mut numbered = SelectStatement::new();
        match (keys, self.engine) {
            (Keys::Given(arrays), Engine::Postgres) => {
                let mut once = SelectStatement::new();
                let name = self.aliases.named("arrays");
                for (part, array) in self.arrays(columns, arrays)?.into_iter().enumerate() {
                    let column = Alias::new(format!("array_{part}"));
                    once.expr_as(array, column.clone());
                    let column = Expr::col((name.clone(), column));
                    numbered.expr_as(Func::cust("unnest").arg(column.clone()), key_name(part));
                    if part == 0 {
                        let number = Func::cust("generate_subscripts").arg(column);
                        let number = Expr::from(number.arg(Expr::cust("1")));
                        numbered.expr_as(number.cast_as("bigint"), NUMBER);
                    }
                }
                numbered.from_subquery(once, name);
            }
            (Keys::Given(arrays), Engine::Sqlite) => {
                numbered = each_of(Expr::val(json_array(arrays)?));
                numbered.expr_as(Expr::cust("\"key\" + 1"), NUMBER);
                let parts = json_parts(&columns.properties).zip(&columns.properties);
                for (at, (part, property)) in parts.enumerate() {
                    numbered.expr_as(with_affinity(part, property.column_type), key_name(at));
                }
            }
            (Keys::Repeated { rows, key_from }, engine) => {
                // As different as the keys are to Rust, which finds the sources of each.
                let (sources, once) = (self.aliases.named("sources"), self.aliases.named("once"));
                let mut differing = SelectStatement::new();
                differing.distinct();
                for (part, Origin { property, .. }) in columns.origins.iter().enumerate() {
                    let key = Expr::col((sources.clone(), key_name(part)));
                    differing.expr(key.clone());
                    if property.column_type == ColumnType::Text {
                        let name = Alias::new(format!("written_{part}"));
                        differing.expr_as(as_written(engine, key), name);
                    }
                    numbered.column((once.clone(), key_name(part)));
                }
                let keys = rows.keys(self.dialect(), key_from)?;
                differing.from_subquery(keys, sources);
                let number = Func::cust("row_number");
                numbered.expr_window_as(number, WindowStatement::new(), NUMBER);
                numbered.from_subquery(differing, once);
            }
        }
        Ok(numbered)
    }
}

/// The number of a key.
const NUMBER: &str = "number";

/// Keys that rows are joined to.
pub(crate) struct JoinedKeys {
    /// The columns that hold the parts.
    parts: Vec<Expr>,
    /// Whether an index finds the rows before they are joined.
    by_index: bool,
    /// Whether a cluster is shown the part by which rows are distributed.
    is_shown: bool,
    /// The number of each.
    pub(crate) number: Expr,
    /// The columns that tell which key a row has: its number among those that are given, or the key
    /// itself where the statement finds them.
    pub(crate) marks: Vec<Selected>,
    pub(crate) name: DynIden,
    pub(crate) keys: SelectStatement,
}

impl SelectBuilder<'_> {
    /// The keys of sources, which are to be joined to rows.
    pub(crate) fn keys_to_join(
        &self,
        planned: &Planned,
        keys: Keys<'_>,
    ) -> Result<(LookupColumns, JoinedKeys)> {
        let columns = planned.key_columns();
        let joined = self.numbered_keys(&columns, Some(planned), keys)?;
        Ok((columns, joined))
    }

    /// Keys that are compared with some columns, and are to be joined to rows.
    pub(crate) fn numbered_keys(
        &self,
        columns: &LookupColumns,
        planned: Option<&Planned>,
        keys: Keys<'_>,
    ) -> Result<JoinedKeys> {
        let writer = self.places.writer;
        // No table has this name.
        let name = writer.aliases.named("relations_keys");
        let part = |part| Expr::col((name.clone(), key_name(part)));
        let parts: Vec<_> = (0..columns.properties.len()).map(part).collect();
        let number = Expr::col((name.clone(), NUMBER));
        let marks = match keys {
            Keys::Given(_) => vec![Selected::new(number.clone(), None)],
            Keys::Repeated { .. } => {
                let origins = columns.origins.iter().map(|origin| origin.property);
                let marks = parts.iter().cloned().zip(origins);
                marks.map(|(part, property)| Selected::new(part, Some(property))).collect()
            }
        };
        let of_many =
            matches!(keys, Keys::Repeated { .. }) && planned.is_some_and(Planned::is_of_many);
        // The server takes given keys for a thousand, and reads a small table rather than its index.
        let are_hashed = columns.are_unique()
            && matches!(keys, Keys::Given(arrays) if Given::keys(arrays).exceeds_few());
        let is_shown = matches!(keys, Keys::Given(_)) && writer.shown_part(columns).is_some();
        let by_index = !of_many && !are_hashed && !is_shown && columns.are_indexed();
        let keys = writer.numbered(columns, keys)?;
        Ok(JoinedKeys { parts, by_index, is_shown, number, marks, name, keys })
    }

    /// Takes only the rows that have one of some keys, each once a key.
    ///
    /// PostgreSQL finds the rows first by an index that is declared, and then joins to them: a join by
    /// itself would be planned for an unknown number of keys. SQLite goes from key to key.
    ///
    /// However many links lead from a key to a row, it has it once. Where rows are sorted by their ids
    /// anyway, PostgreSQL leaves out the next of one id and key while it does so.
    pub(crate) fn join_keys(
        &mut self,
        through: Option<&ThroughDefinition>,
        columns: &LookupColumns,
        joined: JoinedKeys,
        by_id: bool,
    ) -> Result<()> {
        let writer = self.places.writer;
        let JoinedKeys { parts, by_index, is_shown, number, name, keys, .. } = joined;
        let mut cte = CommonTableExpression::new();
        cte.table_name(name.clone()).query(keys).materialized(true);
        let mut with = WithClause::new();
        with.cte(cte);
        self.statement.with_cte(with);
        let root = self.places.root.clone();
        let equal = |place: &AliasedTable| {
            let held = columns.of(place);
            let shown = writer.shown(&held, columns).filter(|_| is_shown);
            let held = held.into_iter().zip(&columns.properties).zip(parts);
            let equal = held.map(|((column, property), part)| {
                writer.equals_part(column, property.column_type, part)
            });
            all(equal.chain(shown))
        };
        let Some(through) = through else {
            if let Some(rows) = writer.rows_with(&root, columns, &name).filter(|_| by_index) {
                self.statement.from_clear().from_subquery(rows, root.name());
            }
            self.statement.inner_join(name, equal(&root));
            return Ok(());
        };
        let link = self.places.meant_link(through);
        let links = writer.rows_with(&link, columns, &name).filter(|_| by_index);
        let join_links = |statement: &mut SelectStatement, condition: Expr| match links {
            Some(rows) => {
                statement.join_subquery(JoinType::InnerJoin, rows, link.name(), condition);
            }
            None => {
                writer.join(statement, JoinType::InnerJoin, &link, condition);
            }
        };
        if by_id && writer.engine == Engine::Postgres {
            join_links(&mut self.statement, keys_equal(&link, through.to(), &root));
            self.statement.inner_join(name.clone(), equal(&link));
            let id = root.entity.id().map(|one| (root.name(), one.column));
            self.statement.distinct_on(id.chain([(name, NUMBER)]));
            return Ok(());
        }
        let led_to = root.beside(writer.aliases.named("led_to"));
        let mut led = SelectStatement::new();
        led.expr_as(number.clone(), NUMBER).from(name.clone());
        join_links(&mut led, equal(&link));
        let is_led_to = keys_equal(&link, through.to(), &led_to);
        writer.join(&mut led, JoinType::InnerJoin, &led_to, is_led_to);
        let ways = writer.aliases.named("ways");
        let id_name = |at: usize| Alias::new(format!("id_{at}"));
        for (at, id) in led_to.id().enumerate() {
            led.expr_as(id, id_name(at));
        }
        let ids = root.id().enumerate();
        let is_led_to = all(ids.map(|(at, id)| id.eq(Expr::col((ways.clone(), id_name(at))))));
        let each = std::iter::once(number.clone()).chain(led_to.id()).collect();
        let is_first = self.places.first_links(&mut led, &link, each, ways.clone())?;
        let is_led_to = is_first.into_iter().fold(is_led_to, ExprTrait::and);
        self.statement.join_subquery(JoinType::InnerJoin, led, ways.clone(), is_led_to);
        self.statement.inner_join(name, number.eq(Expr::col((ways, NUMBER))));
        Ok(())
    }
}

impl Writer {
    /// The rows of a place that have one of the joined keys, found by an index; `None` where the engine
    /// or a key of several parts finds them as well by the join.
    ///
    /// Should the index be missing, each row is looked up in a hash of the keys, and only the rows that
    /// have one are compared with the array.
    fn rows_with(
        &self,
        place: &AliasedTable,
        columns: &LookupColumns,
        keys: &DynIden,
    ) -> Option<SelectStatement> {
        let ([property], Engine::Postgres) = (columns.properties.as_slice(), self.engine) else {
            return None;
        };
        let mut values = SelectStatement::new();
        values.expr(Expr::col((keys.clone(), key_name(0)))).from(keys.clone());
        let mut rows = SelectStatement::new();
        rows.column((place.name(), Asterisk));
        self.from(&mut rows, place);
        let hashed = place.column(property).in_subquery(values.clone());
        rows.and_where(hashed.is(Expr::custom_keyword("TRUE")));
        rows.and_where(place.column(property).eq(any(array_of(values))));
        // It keeps the planner from making one join of all this.
        rows.offset(offset_of(0));
        Some(rows)
    }
}

/// A text by its characters alone, whatever its collation takes for equal.
fn as_written(engine: Engine, key: Expr) -> Expr {
    match engine {
        Engine::Postgres => Expr::cust_with_exprs("CAST($1 AS text) COLLATE \"C\"", [key]),
        Engine::Sqlite => Expr::cust_with_exprs("CAST(? AS text) COLLATE BINARY", [key]),
    }
}

/// The parts of each key in the rows of `json_each`.
fn json_parts<'a>(
    properties: &'a [&'static PropertyDefinition],
) -> impl Iterator<Item = Expr> + use<'a> {
    properties.iter().enumerate().map(|(at, property)| {
        let value = if properties.len() == 1 {
            Expr::col("value")
        } else {
            let path = Expr::cust(format!("'$[{at}]'"));
            Func::cust("json_extract").args([Expr::col("value"), path]).into()
        };
        from_json(value, property.column_type)
    })
}

/// A value with the affinity of its column, by which SQLite can look it up in an index of its own.
fn with_affinity(value: Expr, column_type: ColumnType) -> Expr {
    let affinity = match column_type {
        ColumnType::Boolean | ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => {
            "integer"
        }
        ColumnType::Real | ColumnType::Double => "real",
        ColumnType::Bytes => return value,
        _ => "text",
    };
    value.cast_as(Alias::new(affinity))
}
