//! Entities with what is included: the rows of a query, and the targets of many sources.

use sea_query::{
    Alias, Asterisk, DynIden, Expr, ExprTrait, Func, JoinType, Order, OverStatement,
    SelectStatement, WindowStatement,
};

use super::place::{Place, Places, all, is_among, named};
use super::read::{Reading, order, order_by_id};
use super::value::each_of;
use super::{Lowered, Verb, Writer};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::include::{Plan, Planned};
use crate::meta::{EntityDefinition, PropertyDefinition, RelationDefinition};
use crate::query::Select;
use crate::value::Parameter;

/// The keys of sources, to find their targets by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keys<'a> {
    /// An array for each part.
    Given(&'a [Parameter]),
    /// Those of entities in rows that a statement brings, whose columns start at a position.
    Repeated(&'a Repeatable, &'static EntityDefinition, usize),
}

/// The rows of a statement, to be asked for once more inside of another.
#[derive(Debug)]
pub(crate) struct Repeatable {
    /// The rows, of which nothing is selected yet.
    rows: SelectStatement,
    /// The columns, by their position.
    columns: Vec<Expr>,
}

impl Repeatable {
    /// The keys by which a relation leads on from entities whose columns start at a position.
    fn keys(
        &self,
        source: &EntityDefinition,
        from: usize,
        relation: &RelationDefinition,
    ) -> SelectStatement {
        let mut keys = self.rows.clone();
        let position = |name: &&str| source.properties.iter().position(|one| one.name == *name);
        let positions = relation.key_from.iter().filter_map(position);
        for (part, at) in positions.enumerate() {
            if let Some(column) = self.columns.get(from + at) {
                keys.expr_as(column.clone(), key_name(part));
            }
        }
        keys
    }
}

/// The rows of a query with what is joined to them.
pub(crate) fn tree(
    engine: Engine,
    select: &Select,
    plan: &Plan,
    verb: Verb,
) -> Result<(Lowered, Option<Repeatable>)> {
    let writer = Writer::new(engine, select.entity);
    let mut reading = Reading::of(&writer, select)?;
    let columns = reading.included(plan)?;
    reading.verb(select, verb)?;
    if plan.is_repeated() && (select.limit.is_some() || select.offset.is_some()) {
        // The same rows have to come again, whichever rows are equal in the order asked for.
        reading.order_by_id();
    }
    Ok(finish(&writer, reading, columns, plan))
}

/// The targets of many sources with what is joined to them.
pub(crate) fn targets(
    engine: Engine,
    planned: &Planned,
    keys: Keys<'_>,
) -> Result<(Lowered, Option<Repeatable>)> {
    let Planned { relation, select, target: plan, .. } = planned;
    let writer = Writer::new(engine, select.entity);
    let mut reading = Reading::of(&writer, select)?;
    let pages = select.limit.is_some() || select.offset.is_some();
    let mut columns = reading.included(plan)?;
    let key: Vec<_> = reading.places.root.named(relation.key_to).collect();
    if !pages {
        let among = writer.among(key, planned, keys)?;
        reading.statement.and_where(among);
        if relation.targets_many() {
            reading.order(select)?;
            reading.order_by_id();
        }
        return Ok(finish(&writer, reading, columns, plan));
    }
    let rows = writer.aliases.named("rows");
    // The columns of a page are known by their positions: several may have one name.
    let name = |at: usize| Alias::new(format!("column_{at}"));
    for (at, column) in columns.iter_mut().enumerate() {
        reading.statement.expr_as(column.clone(), name(at));
        *column = Expr::col((rows.clone(), name(at)));
    }
    let outer = match engine {
        Engine::Postgres => writer.page_of_each(reading, planned, keys, key, rows)?,
        Engine::Sqlite => writer.numbered(reading, planned, keys, key, rows)?,
    };
    let places = Places::new(&writer, Place::table_of(select.entity));
    Ok(finish(&writer, Reading::new(outer, places), columns, plan))
}

/// The number of targets of many sources: the key of each, then the number.
pub(crate) fn counts(engine: Engine, planned: &Planned, keys: Keys<'_>) -> Result<Lowered> {
    let Planned { relation, select, .. } = planned;
    let writer = Writer::new(engine, select.entity);
    let mut reading = Reading::of(&writer, select)?;
    let key: Vec<_> = reading.places.root.named(relation.key_to).collect();
    reading.statement.exprs(key.clone()).expr(Func::count(Expr::col(Asterisk)));
    reading.statement.add_group_by(key.clone());
    let among = writer.among(key, planned, keys)?;
    reading.statement.and_where(among);
    Ok(writer.write(&reading.finish()))
}

/// Selects the columns of a statement, and keeps what may be repeated of it.
fn finish(
    writer: &Writer,
    reading: Reading<'_>,
    columns: Vec<Expr>,
    plan: &Plan,
) -> (Lowered, Option<Repeatable>) {
    let mut statement = reading.finish();
    let rows = plan.is_repeated().then(|| statement.clone());
    statement.exprs(columns.iter().cloned());
    (writer.write(&statement), rows.map(|rows| Repeatable { rows, columns }))
}

impl Reading<'_> {
    /// The columns of the queried entity and of what is joined to it; rows that lack what is
    /// required are left out.
    fn included(&mut self, plan: &Plan) -> Result<Vec<Expr>> {
        let (mut columns, root) = (Vec::new(), self.places.root.clone());
        self.include(&root, plan, true, &mut columns)?;
        Ok(columns)
    }

    fn include(
        &mut self,
        place: &Place,
        plan: &Plan,
        required: bool,
        columns: &mut Vec<Expr>,
    ) -> Result<()> {
        columns.extend(place.columns());
        for planned in plan.slots.iter().flatten() {
            let required = required && planned.required;
            if planned.is_joined() && planned.counted {
                columns.push(self.places.count(place, planned)?);
            } else if planned.is_joined() {
                let target = self.places.join_included(place, planned)?;
                if required {
                    for key in target.named(planned.relation.key_to) {
                        self.statement.and_where(key.is_not_null());
                    }
                }
                self.include(&target, &planned.target, required, columns)?;
            } else if required {
                let present = self.places.present(place, planned)?;
                self.statement.and_where(present);
            }
        }
        Ok(())
    }
}

impl Places<'_> {
    /// The place of an included target. What narrows it narrows the join, not the rows.
    fn join_included(&mut self, from: &Place, planned: &Planned) -> Result<Place> {
        if planned.select.is_plain() {
            return Ok(self.join(from, planned.relation));
        }
        let mut targets = Reading::of(self.writer, &planned.select)?;
        let columns: Vec<_> = targets.places.root.columns().collect();
        targets.statement.exprs(columns);
        Ok(self.join_rows(from, planned.relation, targets.finish()))
    }

    /// Whether a row has a target, with what is required of it in turn.
    fn present(&self, from: &Place, planned: &Planned) -> Result<Expr> {
        let mut targets = self.at(from).targets(&planned.targets())?;
        for nested in planned.target.slots.iter().flatten().filter(|nested| nested.required) {
            let present = targets.places.present(&targets.places.root, nested)?;
            targets.statement.and_where(present);
        }
        targets.statement.expr(Expr::cust("1"));
        Ok(Expr::exists(targets.finish()))
    }

    /// How many targets a row has.
    fn count(&self, from: &Place, planned: &Planned) -> Result<Expr> {
        let mut targets = self.at(from).targets(&planned.targets())?;
        targets.statement.expr(Func::count(Expr::col(Asterisk)));
        Ok(targets.finish().into())
    }
}

impl Writer {
    /// Whether a key is one of the sources'.
    ///
    /// A key of one property is one array. A key of several is an array each on PostgreSQL, and
    /// beside it the leading one alone, which leads a sharded database to the shards that matter.
    fn among(&self, key: Vec<Expr>, planned: &Planned, keys: Keys<'_>) -> Result<Expr> {
        let Planned { relation, select, .. } = planned;
        let arrays = match keys {
            Keys::Repeated(rows, source, from) => {
                return Ok(is_among(key.into_iter(), rows.keys(source, from, relation)));
            }
            Keys::Given(arrays) => arrays,
        };
        let mut parts = named(select.entity, relation.key_to).zip(arrays);
        match (self.engine, parts.next(), arrays.len()) {
            (Engine::Postgres, Some((property, array)), 1) => {
                let array = self.array(property, array)?;
                Ok(all(key.into_iter().map(|only| only.eq(any(array.clone())))))
            }
            (Engine::Postgres, Some((property, array)), _) => {
                let leading = key
                    .first()
                    .cloned()
                    .map(|leading| Ok::<_, Error>(leading.eq(any(self.array(property, array)?))));
                let among = is_among(key.into_iter(), self.rows_of(planned, arrays)?);
                Ok(match leading.transpose()? {
                    Some(leading) => among.and(leading),
                    None => among,
                })
            }
            _ => Ok(is_among(key.into_iter(), self.rows_of(planned, arrays)?)),
        }
    }

    /// Keys as rows of their parts.
    fn rows_of(&self, planned: &Planned, arrays: &[Parameter]) -> Result<SelectStatement> {
        let mut rows = SelectStatement::new();
        match (self.engine, arrays) {
            (Engine::Postgres, _) => {
                let arrays = self.arrays(planned, arrays)?;
                let unnest = Func::cust("unnest").args(arrays);
                rows.column(Asterisk).from_function(unnest, Alias::new("key"));
            }
            (Engine::Sqlite, [_]) => {
                rows = each_of(Expr::val(crate::engine::json_array(arrays)?));
                rows.column(Alias::new("value"));
            }
            (Engine::Sqlite, several) => {
                rows = each_of(Expr::val(crate::engine::json_array(arrays)?));
                for part in 0..several.len() {
                    let path = Expr::cust(format!("'$[{part}]'"));
                    rows.expr(Func::cust("json_extract").args([Expr::col("value"), path]));
                }
            }
        }
        Ok(rows)
    }

    /// The arrays of the parts of keys.
    fn arrays(&self, planned: &Planned, arrays: &[Parameter]) -> Result<Vec<Expr>> {
        let properties = named(planned.select.entity, planned.relation.key_to);
        properties.zip(arrays).map(|(property, array)| self.array(property, array)).collect()
    }

    /// An array of keys, cast where the driver does not know the type, such as an enum.
    fn array(&self, property: &PropertyDefinition, array: &Parameter) -> Result<Expr> {
        let array = Expr::val(array.clone().into_sql().map_err(Error::refused)?);
        Ok(self.cast(array, property, "[]"))
    }

    /// A page of the targets of each source: for each key a query of its own, in one statement.
    ///
    /// The rows of each key come in the order of its page: what joins them goes from key to key.
    fn page_of_each(
        &self,
        mut page: Reading<'_>,
        planned: &Planned,
        keys: Keys<'_>,
        key: Vec<Expr>,
        rows: DynIden,
    ) -> Result<SelectStatement> {
        let Planned { relation, select, .. } = planned;
        let given = self.aliases.named("keys");
        for (at, part) in key.into_iter().enumerate() {
            page.statement.and_where(part.eq(Expr::col((given.clone(), key_name(at)))));
        }
        page.order(select)?;
        page.order_by_id();
        page.cut(select, select.limit);
        let keys = match keys {
            Keys::Given(arrays) => {
                let mut keys = SelectStatement::new();
                for (part, array) in self.arrays(planned, arrays)?.into_iter().enumerate() {
                    keys.expr_as(Func::cust("unnest").arg(array), key_name(part));
                }
                keys
            }
            Keys::Repeated(repeated, source, from) => {
                let keys = repeated.keys(source, from, relation);
                // Each key once; the rows repeated may be in an order, which is theirs.
                let mut once = SelectStatement::new();
                let name = self.aliases.named("sources");
                for at in 0..relation.key_from.len() {
                    once.column((name.clone(), key_name(at)));
                }
                once.distinct().from_subquery(keys, name);
                once
            }
        };
        let mut statement = SelectStatement::new();
        statement.from_subquery(keys, given);
        let always = Expr::cust("TRUE");
        statement.join_lateral(JoinType::InnerJoin, page.finish(), rows, always);
        Ok(statement)
    }

    /// A page of the targets of each source, by the number of each row among those of its source.
    fn numbered(
        &self,
        mut targets: Reading<'_>,
        planned: &Planned,
        keys: Keys<'_>,
        key: Vec<Expr>,
        rows: DynIden,
    ) -> Result<SelectStatement> {
        let Planned { select, .. } = planned;
        let among = self.among(key.clone(), planned, keys)?;
        targets.statement.and_where(among);
        let mut window = WindowStatement::new();
        for part in key {
            window.add_partition_by(part);
        }
        for by in &select.orders {
            let value = targets.places.term(&by.term)?;
            order(self.engine, &mut window, value, by);
        }
        order_by_id(&mut window, &targets.places.root);
        let number = Alias::new("number");
        targets.statement.expr_window_as(Func::cust("row_number"), window, number.clone());
        let number = Expr::col((rows.clone(), number));
        let mut statement = SelectStatement::new();
        statement.from_subquery(targets.finish(), rows);
        let (offset, most) = (select.offset.unwrap_or_default(), i64::MAX.unsigned_abs());
        statement.and_where(number.clone().gt(std::cmp::min(offset, most)));
        if let Some(limit) = select.limit {
            let last = std::cmp::min(offset.saturating_add(limit), most);
            statement.and_where(number.clone().lte(last));
        }
        statement.order_by_expr(number, Order::Asc);
        Ok(statement)
    }
}

fn key_name(part: usize) -> Alias {
    Alias::new(format!("key_{part}"))
}

fn any(array: Expr) -> sea_query::FunctionCall {
    Func::cust("ANY").arg(array)
}
