//! The keys of sources in a statement: which rows have one of them, and which one it is.
//!
//! Keys whose equality Rust knows find their sources by themselves. For all others the database says
//! which row has which key: the keys are numbered, and joined to the rows.

use sea_query::{
    Alias, Asterisk, CommonTableExpression, DynIden, Expr, ExprTrait, Func, JoinType,
    SelectStatement, WindowStatement, WithClause,
};

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::{RelationDefinition, ThroughDefinition};
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::plan::tree::Planned;
use crate::sql::Writer;
use crate::sql::from_clause::{AliasedTable, all, is_among, keys_equal, named};
use crate::sql::include::{Given, Keys};
use crate::sql::link::place_of_link;
use crate::sql::select::SelectBuilder;
use crate::sql::spelling::json_array;
use crate::sql::value::{Selected, each_of};
use crate::value::parameter::Parameter;

/// A column that a key is a value of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    entity: &'static EntityDefinition,
    property: &'static PropertyDefinition,
}

impl Origin {
    pub(crate) fn new(
        entity: &'static EntityDefinition,
        property: &'static PropertyDefinition,
    ) -> Self {
        Self { entity, property }
    }

    /// The column of a source or a target that a property of a link is a key of.
    pub(crate) fn of_end(
        through: &ThroughDefinition,
        property: &PropertyDefinition,
    ) -> Option<Self> {
        [through.from(), through.to()].into_iter().find_map(|end| {
            let at = end.key_from.iter().position(|name| *name == property.name)?;
            let entity = end.target.definition();
            Some(Self { entity, property: entity.property(end.key_to.get(at)?)? })
        })
    }

    /// The column of a source that holds the part of a relation's key at a position.
    pub(crate) fn of(
        relation: &'static RelationDefinition,
        entity: &'static EntityDefinition,
        at: usize,
    ) -> Option<Self> {
        let property = entity.property(relation.key_from.get(at)?)?;
        Some(Self { entity, property })
    }
}

/// The columns that the parts of a key are compared with, and those that they are values of.
#[derive(Debug)]
pub(crate) struct KeyColumns {
    /// The target, or the link that leads to it.
    entity: &'static EntityDefinition,
    properties: Vec<&'static PropertyDefinition>,
    origins: Vec<Origin>,
}

impl KeyColumns {
    pub(crate) fn new(
        entity: &'static EntityDefinition,
        properties: Vec<&'static PropertyDefinition>,
        source: &'static EntityDefinition,
        key_from: &'static [&'static str],
    ) -> Self {
        let origins = named(source, key_from).map(|property| Origin { entity: source, property });
        Self { entity, properties, origins: origins.collect() }
    }

    /// Whether the definition says that an index finds rows by the key.
    fn are_indexed(&self) -> bool {
        self.entity.is_indexed(&self.properties)
    }

    /// The columns of a place that hold the key.
    fn of(&self, place: &AliasedTable) -> Vec<Expr> {
        self.properties.iter().map(|property| place.column(property)).collect()
    }
}

impl Planned {
    pub(crate) fn key_columns(&self) -> KeyColumns {
        let (entity, properties) = self.relation.key_properties();
        KeyColumns::new(entity, properties, self.source, self.relation.key_from)
    }
}

impl RelationDefinition {
    /// Whether the database has to say which target belongs to which source, as a key of the relation
    /// or of its link may be equal where Rust's values are not.
    pub(crate) fn is_numbered(&self) -> bool {
        self.has_key_of(|column_type| !column_type.is_equal_in_rust())
    }

    /// Whether SQLite may hold a key of the relation or of its link in several spellings.
    pub(crate) fn has_spellings(&self) -> bool {
        self.has_key_of(ColumnType::has_spellings)
    }

    fn has_key_of(&self, is_meant: fn(ColumnType) -> bool) -> bool {
        let is_meant = |property: &PropertyDefinition| is_meant(property.column_type);
        match &self.through {
            Some(through) => through.key_from(self.key_from).chain(through.key_to()).any(is_meant),
            None => named(self.target.definition(), self.key_to).any(is_meant),
        }
    }
}

impl Keys<'_> {
    /// Whether there is one key alone, which all rows have.
    pub(crate) fn is_one(&self, planned: &Planned) -> bool {
        matches!(self, Self::Given(arrays) if Given::of(planned, arrays) == Given::One)
    }

    /// Whether rows are joined to the keys. One key alone needs no number, unless links could bring a
    /// row twice or the rows are counted off.
    pub(crate) fn are_joined(&self, planned: &Planned) -> bool {
        let may_repeat = planned.relation.through.is_some() || planned.is_paged();
        planned.numbered && (may_repeat || !self.is_one(planned))
    }
}

impl Writer {
    /// A value that is compared with a property. A text is untyped: it has the type and the collation of
    /// the column that it is a value of, or else of the property.
    pub(crate) fn key_value(
        &self,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
        parameter: &Parameter,
        origin: Option<Origin>,
    ) -> Result<Expr> {
        let whole = parameter.check_whole(property);
        let value = whole.and_then(|()| parameter.clone().into_compared()).map_err(|why| {
            Error::invalid_request(format!("`{}.{}` {why}", entity.name, property.name))
                .entity_is(entity)
        })?;
        Ok(match origin.filter(|_| self.is_untyped(property)) {
            Some(origin) => as_of(origin, Expr::val(value), Expr::from),
            None => self.cast_compared(Expr::val(value), property, ""),
        })
    }

    fn is_untyped(&self, property: &PropertyDefinition) -> bool {
        self.engine == Engine::Postgres && property.column_type == ColumnType::Text
    }

    /// Whether a key is one of the sources', where Rust knows which.
    pub(crate) fn among(&self, key: Vec<Expr>, planned: &Planned, keys: Keys<'_>) -> Result<Expr> {
        match keys {
            Keys::Repeated { rows, source, from } => {
                let keys = rows.keys(self.engine, planned.relation, source, from)?;
                let by_index = !planned.is_of_many() && planned.key_columns().are_indexed();
                Ok(match (self.engine, key.as_slice()) {
                    (Engine::Postgres, [only]) if by_index => only.clone().eq(any(array_of(keys))),
                    _ => is_among(key.into_iter(), keys),
                })
            }
            Keys::Given(arrays) => {
                self.among_given(key, &planned.key_columns(), arrays, Given::of(planned, arrays))
            }
        }
    }

    /// Whether a key is one of those that are given, for properties of an entity or of its links.
    ///
    /// A key of one property is one array, or a range. A key of several is rows of an array for each
    /// property on PostgreSQL, which hashes them.
    pub(crate) fn among_given(
        &self,
        key: Vec<Expr>,
        columns: &KeyColumns,
        arrays: &[Parameter],
        given: Given,
    ) -> Result<Expr> {
        let KeyColumns { entity, properties, origins } = columns;
        if given == Given::One {
            let parts = properties.iter().zip(origins).zip(arrays).zip(key);
            let equal = parts.map(|(((property, origin), array), column)| {
                self.equals_key(column, entity, property, &array.only(), Some(*origin))
            });
            return Ok(all(equal.collect::<Result<Vec<_>>>()?.into_iter()));
        }
        if let (Given::Range, [only], [property], [array]) =
            (given, key.as_slice(), properties.as_slice(), arrays)
            && let Some((first, last)) = array.ends()
        {
            let end = |end| self.parameter(entity, property, &end);
            return Ok(only.clone().between(end(first)?, end(last)?));
        }
        match (self.engine, key.as_slice(), self.arrays(columns, arrays)?.as_slice()) {
            (Engine::Postgres, [only], [array]) => Ok(match given {
                Given::Few if columns.are_indexed() => only.clone().eq(any(hidden(array.clone()))),
                _ => only.clone().eq(any(array.clone())).or(Expr::cust(PLANNED_ANEW)),
            }),
            (Engine::Postgres, [_, ..], _) => {
                Ok(is_among(key.into_iter(), self.rows_of(columns, arrays)?))
            }
            _ => {
                let types: Vec<_> = properties.iter().map(|one| one.column_type).collect();
                Ok(self.is_one_of(key, &types, Expr::val(json_array(arrays)?), false))
            }
        }
    }

    /// Keys as rows of their parts, on PostgreSQL.
    fn rows_of(&self, columns: &KeyColumns, arrays: &[Parameter]) -> Result<SelectStatement> {
        let mut rows = SelectStatement::new();
        let arrays = self.arrays(columns, arrays)?.into_iter().map(subquery);
        let unnest = Func::cust("unnest").args(arrays);
        rows.column(Asterisk).from_function(unnest, Alias::new("key"));
        Ok(rows)
    }

    /// The arrays of the parts of keys.
    pub(crate) fn arrays(&self, columns: &KeyColumns, arrays: &[Parameter]) -> Result<Vec<Expr>> {
        let parts = columns.properties.iter().zip(&columns.origins).zip(arrays);
        parts.map(|((property, origin), array)| self.array(property, *origin, array)).collect()
    }

    /// An array of keys, cast where the driver does not know the type, such as an enum; of texts, as
    /// values of their column.
    fn array(
        &self,
        property: &PropertyDefinition,
        origin: Origin,
        array: &Parameter,
    ) -> Result<Expr> {
        let refused = |why| Error::invalid_request(format!("`{}` {why}", property.name));
        let array = Expr::val(array.clone().into_compared_array().map_err(refused)?);
        if self.is_untyped(property) {
            let all = |column| Func::cust("array_agg").arg(column).into();
            return Ok(as_of(origin, array, all));
        }
        Ok(self.cast_compared(array, property, "[]"))
    }

    /// Keys with a number each, from 1 on.
    fn numbered(
        &self,
        columns: &KeyColumns,
        planned: Option<&Planned>,
        keys: Keys<'_>,
    ) -> Result<SelectStatement> {
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
            (Keys::Repeated { rows, source, from }, engine) => {
                let Some(planned) = planned else { return Ok(numbered) };
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
                let keys = rows.keys(engine, planned.relation, source, from)?;
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
    ) -> Result<(KeyColumns, JoinedKeys)> {
        let columns = planned.key_columns();
        let joined = self.numbered_keys(&columns, Some(planned), keys)?;
        Ok((columns, joined))
    }

    /// Keys that are compared with some columns, and are to be joined to rows.
    pub(crate) fn numbered_keys(
        &self,
        columns: &KeyColumns,
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
        let by_index = !of_many && columns.are_indexed();
        let keys = writer.numbered(columns, planned, keys)?;
        Ok(JoinedKeys { parts, by_index, number, marks, name, keys })
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
        columns: &KeyColumns,
        joined: JoinedKeys,
        by_id: bool,
    ) {
        let writer = self.places.writer;
        let JoinedKeys { parts, by_index, number, name, keys, .. } = joined;
        let mut cte = CommonTableExpression::new();
        cte.table_name(name.clone()).query(keys).materialized(true);
        let mut with = WithClause::new();
        with.cte(cte);
        self.statement.with_cte(with);
        let root = self.places.root.clone();
        let equal = |place: &AliasedTable| {
            let held = columns.of(place).into_iter().zip(&columns.properties).zip(parts);
            all(held.map(|((column, property), part)| {
                writer.equals_part(column, property.column_type, part)
            }))
        };
        let Some(through) = through else {
            if let Some(rows) = writer.rows_with(&root, columns, &name).filter(|_| by_index) {
                self.statement.from_clear().from_subquery(rows, root.name());
            }
            self.statement.inner_join(name, equal(&root));
            return;
        };
        let link = place_of_link(through, root.entity);
        let links = writer.rows_with(&link, columns, &name).filter(|_| by_index);
        let join_links = |statement: &mut SelectStatement, condition: Expr| match links {
            Some(rows) => {
                statement.join_subquery(JoinType::InnerJoin, rows, link.name(), condition);
            }
            None => {
                statement.inner_join(link.table(), condition);
            }
        };
        if by_id && writer.engine == Engine::Postgres {
            join_links(&mut self.statement, keys_equal(&link, through.to(), &root));
            self.statement.inner_join(name.clone(), equal(&link));
            let id = root.entity.id().map(|one| (root.name(), one.column));
            self.statement.distinct_on(id.chain([(name, NUMBER)]));
            return;
        }
        let led_to = AliasedTable::aliased(root.entity, writer.aliases.named("led_to"));
        let mut led = SelectStatement::new();
        led.distinct().expr_as(number.clone(), NUMBER).from(name.clone());
        join_links(&mut led, equal(&link));
        led.inner_join(led_to.table(), keys_equal(&link, through.to(), &led_to));
        let ways = writer.aliases.named("ways");
        let id_name = |at: usize| Alias::new(format!("id_{at}"));
        for (at, id) in led_to.id().enumerate() {
            led.expr_as(id, id_name(at));
        }
        let ids = root.id().enumerate();
        let is_led_to = all(ids.map(|(at, id)| id.eq(Expr::col((ways.clone(), id_name(at))))));
        self.statement.join_subquery(JoinType::InnerJoin, led, ways.clone(), is_led_to);
        self.statement.inner_join(name, number.eq(Expr::col((ways, NUMBER))));
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
        columns: &KeyColumns,
        keys: &DynIden,
    ) -> Option<SelectStatement> {
        let ([property], Engine::Postgres) = (columns.properties.as_slice(), self.engine) else {
            return None;
        };
        let mut values = SelectStatement::new();
        values.expr(Expr::col((keys.clone(), key_name(0)))).from(keys.clone());
        let mut rows = SelectStatement::new();
        rows.column((place.name(), Asterisk)).from(place.table());
        let hashed = place.column(property).in_subquery(values.clone());
        rows.and_where(hashed.is(Expr::custom_keyword("TRUE")));
        rows.and_where(place.column(property).eq(any(array_of(values))));
        // It keeps the planner from making one join of all this.
        rows.offset(0);
        Some(rows)
    }
}

/// A value as one of a column: with its type and its collation, which the database infers. Nothing is
/// read of its table.
fn as_of(origin: Origin, value: Expr, made: impl FnOnce(Expr) -> Expr) -> Expr {
    let place = AliasedTable::table_of(origin.entity);
    let mut nothing = SelectStatement::new();
    nothing.expr(made(place.column(origin.property))).from(place.table());
    nothing.and_where(Expr::cust("FALSE"));
    Func::coalesce([Expr::from(nothing), value]).into()
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

/// A value as it is stored, from how JSON has it.
pub(crate) fn from_json(value: Expr, column_type: ColumnType) -> Expr {
    match column_type {
        ColumnType::Bytes => Func::cust("unhex").arg(value).into(),
        _ => value,
    }
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

pub(crate) fn key_name(part: usize) -> Alias {
    Alias::new(format!("key_{part}"))
}

/// An array in a query of its own: how many keys it holds is hidden from the planner, which would
/// take a few hundred of those it sees as worth a plan of their own at each call. `COALESCE` makes a
/// value of the query, which `ANY` would otherwise take for rows of arrays.
fn hidden(array: Expr) -> Expr {
    Func::coalesce([subquery(array)]).into()
}

/// A value in a query of its own, which the planner does not look into.
fn subquery(value: Expr) -> Expr {
    let mut query = SelectStatement::new();
    query.expr(value);
    query.into()
}

/// Makes PostgreSQL plan a prepared statement for the values of each call, where it stands behind an
/// array: `… = ANY($1) OR …`, which is then a constant that PostgreSQL can hash and count.
///
/// The array is not null, so the condition goes from a plan for known values, and is never evaluated.
/// In a plan for any values it stays, and costs so much that PostgreSQL never prefers that plan.
pub(crate) const PLANNED_ANEW: &str =
    "\u{1} IS NULL AND (SELECT count(*) FROM generate_series(1, 1000000000000)) = 0";

/// Keys as an array, which is made before it is looked up: the planner would guess wildly how many
/// they are.
fn array_of(keys: SelectStatement) -> Expr {
    Func::cust("ARRAY").arg(Expr::from(keys)).into()
}

fn any(array: Expr) -> sea_query::FunctionCall {
    Func::cust("ANY").arg(array)
}
