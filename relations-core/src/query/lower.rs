//! Puts a typed query into the SQL of an engine: the one place where statements are written.

use sea_query::extension::postgres::PgExpr;
use sea_query::{
    Alias, Asterisk, DeleteStatement, Expr, ExprTrait, Func, InsertStatement, LikeExpr,
    NullOrdering, Order, PostgresQueryBuilder, QueryStatementWriter, ReturningClause,
    SelectStatement, SqliteQueryBuilder, TableRef, UpdateStatement, Value as SqlValue,
};

use super::{Nulls, OrderBy, Scope, Select, SourceById};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::filter::{Comparison, Field, Operand, Predicate};
use crate::meta::{EntityDefinition, PropertyDefinition, RelationDefinition};
use crate::value::Parameter;

/// The SQL of a statement, and the values for its placeholders.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<SqlValue>,
}

/// How many rows are wanted of those that a query means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verb {
    /// All of them.
    All,
    /// The first one.
    First,
    /// The only one, and one more to see that it is.
    One,
}

/// What one property becomes in an update.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Assignment {
    pub(crate) property: &'static PropertyDefinition,
    pub(crate) parameter: Parameter,
}

/// The alias of a source whose targets are asked for by its id; none that the target's table has.
fn alias_of_source(target: &EntityDefinition) -> Alias {
    Alias::new(if target.table == "source" { "its_source" } else { "source" })
}

/// The rows of a query, whole.
pub(crate) fn rows(engine: Engine, select: &Select, verb: Verb) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut statement = writer.select(select)?;
    statement.exprs(columns(select.entity));
    match verb {
        Verb::All => writer.page(&mut statement, select, select.limit, select.targets_many()),
        // The only row is the first one too.
        Verb::First | Verb::One if select.is_unique() => {
            writer.page(&mut statement, select, select.limit, false);
        }
        Verb::First => writer.page(&mut statement, select, Some(at_most(select, 1)), true),
        Verb::One => writer.page(&mut statement, select, Some(at_most(select, 2)), false),
    }
    Ok(writer.write(&statement))
}

/// Some columns of a query's rows.
pub(crate) fn projection(
    engine: Engine,
    select: &Select,
    fields: &[Field],
    verb: Verb,
) -> Result<Lowered> {
    let writer = Writer { engine };
    distinct_is_ordered_by_itself(select, fields)?;
    let mut statement = writer.select(select)?;
    statement.exprs(fields.iter().map(|field| column(*field)));
    match verb {
        Verb::All => writer.page(&mut statement, select, select.limit, false),
        Verb::First => {
            // What is distinct can only be ordered by what is selected.
            let by_id = !select.distinct;
            writer.page(&mut statement, select, Some(at_most(select, 1)), by_id);
        }
        Verb::One => writer.page(&mut statement, select, Some(at_most(select, 2)), false),
    }
    Ok(writer.write(&statement))
}

/// What is distinct has no order by anything else, of which each row may stand for several.
fn distinct_is_ordered_by_itself(select: &Select, fields: &[Field]) -> Result<()> {
    let selected =
        |by: &&OrderBy| fields.iter().any(|one| one.property.name == by.field.property.name);
    match select.orders.iter().find(|by| select.distinct && !selected(by)) {
        Some(by) => Err(Error::refused(format!(
            "rows that differ only in what is selected cannot be ordered by `{:?}`; select it too",
            by.field,
        ))
        .entity_is(select.entity)),
        None => Ok(()),
    }
}

/// A value made of a query's rows, such as their number.
pub(crate) fn aggregate(
    engine: Engine,
    select: &Select,
    value: impl FnOnce(Engine) -> Expr,
) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut statement = if select.limit.is_none() && select.offset.is_none() && !select.distinct {
        writer.select(select)?
    } else {
        let mut rows = writer.select(select)?;
        rows.exprs(columns(select.entity));
        writer.page(&mut rows, select, select.limit, false);
        let mut statement = SelectStatement::new();
        statement.from_subquery(rows, Alias::new(select.entity.table));
        statement
    };
    statement.expr(value(engine));
    Ok(writer.write(&statement))
}

/// Whether a query has rows.
pub(crate) fn exists(engine: Engine, select: &Select) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut rows = writer.select(select)?;
    if select.distinct {
        rows.exprs(columns(select.entity));
    } else {
        rows.expr(Expr::cust("1"));
    }
    writer.page(&mut rows, select, select.limit, false);
    let mut statement = SelectStatement::new();
    statement.expr(Expr::exists(rows));
    Ok(writer.write(&statement))
}

/// The target of the source with an id, whether or not each is there: the target's columns, then
/// the source's foreign key, then whether the query's filter matches.
pub(crate) fn target_of_id(
    engine: Engine,
    select: &Select,
    relation: &RelationDefinition,
    source: &SourceById,
) -> Result<Lowered> {
    let SourceById { entity: source, id, .. } = source;
    let writer = Writer { engine };
    let target = select.entity;
    let mut statement = SelectStatement::new();
    statement.exprs(columns(target));
    statement
        .exprs(named(source, relation.key_from).map(|property| in_source(target, property.column)));
    statement.expr(writer.predicate(&select.predicate)?);
    statement.from(table(source).alias(alias_of_source(target)));
    let pairs = named(source, relation.key_from).zip(named(target, relation.key_to));
    let joined =
        pairs.map(|(from, to)| in_table(target, to.column).eq(in_source(target, from.column)));
    statement.left_join(table(target), all(joined));
    for (property, parameter) in source.id().zip(id) {
        let value = writer.parameter(source, property, parameter)?;
        statement.and_where(in_source(target, property.column).eq(value));
    }
    Ok(writer.write(&statement))
}

/// The targets of many sources: their columns, for an array of keys.
///
/// A key of one property is one array. A key of several is an array each on PostgreSQL, and
/// beside it the leading one alone, which leads a sharded database to the shards that matter.
pub(crate) fn targets_of_keys(
    engine: Engine,
    target: &'static EntityDefinition,
    relation: &RelationDefinition,
) -> Lowered {
    let writer = Writer { engine };
    let key: Vec<_> = named(target, relation.key_to).collect();
    let tuple = Expr::tuple(key.iter().map(|property| in_table(target, property.column)));
    let mut statement = SelectStatement::new();
    statement.exprs(columns(target)).from(table(target));
    match (engine, key.as_slice()) {
        (Engine::Postgres, [only]) => {
            statement.and_where(in_table(target, only.column).eq(any_of(1, only)));
        }
        (Engine::Postgres, several) => {
            let arrays = (1..).zip(several).map(|(number, property)| array(number, property));
            let mut keys = SelectStatement::new();
            keys.column(Asterisk)
                .from_function(Func::cust("unnest").args(arrays), Alias::new("key"));
            statement.and_where(tuple.in_subquery(keys));
            if let [leading, ..] = several {
                statement.and_where(in_table(target, leading.column).eq(any_of(1, leading)));
            }
        }
        (Engine::Sqlite, [only]) => {
            let mut keys = each_of(Expr::cust("?1"));
            keys.column(Alias::new("value"));
            statement.and_where(in_table(target, only.column).in_subquery(keys));
        }
        (Engine::Sqlite, several) => {
            let mut keys = each_of(Expr::cust("?1"));
            for part in 0..several.len() {
                let extract = Func::cust("json_extract");
                keys.expr(extract.args([Expr::col("value"), Expr::cust(format!("'$[{part}]'"))]));
            }
            statement.and_where(tuple.in_subquery(keys));
        }
    }
    if relation.targets_many() {
        order_by_id(&mut statement, target);
    }
    writer.write(&statement)
}

/// One new row of the given properties, which comes back whole.
pub(crate) fn insert(
    engine: Engine,
    entity: &'static EntityDefinition,
    assignments: &[Assignment],
) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut statement = InsertStatement::new();
    statement.into_table(table(entity));
    if assignments.is_empty() {
        statement.or_default_values();
    } else {
        statement.columns(assignments.iter().map(|one| Alias::new(one.property.column)));
        let values: Result<Vec<_>> = assignments
            .iter()
            .map(|one| writer.parameter(entity, one.property, &one.parameter))
            .collect();
        statement.values(values?).map_err(|error| Error::refused(error.to_string()))?;
    }
    statement.returning(returning(entity));
    Ok(writer.write(&statement))
}

/// A change of every row that a query means.
pub(crate) fn update(
    engine: Engine,
    select: &Select,
    assignments: &[Assignment],
) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut statement = UpdateStatement::new();
    statement.table(table(select.entity));
    for one in assignments {
        let value = writer.parameter(select.entity, one.property, &one.parameter)?;
        statement.value(Alias::new(one.property.column), value);
    }
    for condition in writer.conditions(select)? {
        statement.and_where(condition);
    }
    Ok(writer.write(&statement))
}

/// The removal of every row that a query means.
pub(crate) fn delete(engine: Engine, select: &Select) -> Result<Lowered> {
    let writer = Writer { engine };
    let mut statement = DeleteStatement::new();
    statement.from_table(table(select.entity));
    for condition in writer.conditions(select)? {
        statement.and_where(condition);
    }
    Ok(writer.write(&statement))
}

fn at_most(select: &Select, rows: u64) -> u64 {
    select.limit.map_or(rows, |limit| std::cmp::min(limit, rows))
}

/// The table of an entity, in its schema where it has one.
pub(crate) fn table(entity: &EntityDefinition) -> TableRef {
    match entity.schema {
        Some(schema) => (Alias::new(schema), Alias::new(entity.table)).into(),
        None => Alias::new(entity.table).into(),
    }
}

fn in_table(entity: &EntityDefinition, column: &str) -> Expr {
    Expr::col((Alias::new(entity.table), Alias::new(column)))
}

fn in_source(target: &EntityDefinition, column: &str) -> Expr {
    Expr::col((alias_of_source(target), Alias::new(column)))
}

pub(crate) fn column(field: Field) -> Expr {
    in_table(field.entity, field.property.column)
}

/// The columns of an entity, in the order of its definition.
fn columns(entity: &'static EntityDefinition) -> impl Iterator<Item = Expr> {
    entity.properties.iter().map(|property| in_table(entity, property.column))
}

fn returning(entity: &EntityDefinition) -> ReturningClause {
    let columns = entity.properties.iter().map(|property| Alias::new(property.column));
    sea_query::Returning::new().columns(columns)
}

/// The properties of those names.
fn named(
    entity: &'static EntityDefinition,
    names: &[&'static str],
) -> impl Iterator<Item = &'static PropertyDefinition> {
    names.iter().filter_map(|name| entity.property(name))
}

fn all(conditions: impl Iterator<Item = Expr>) -> Expr {
    conditions.reduce(ExprTrait::and).unwrap_or_else(|| Expr::cust("TRUE"))
}

fn order_by_id(statement: &mut SelectStatement, entity: &'static EntityDefinition) {
    for property in entity.id() {
        statement.order_by_expr(in_table(entity, property.column), Order::Asc);
    }
}

/// The array of keys that is the parameter of that number, cast where the driver does not know the
/// type, such as an enum.
fn array(number: usize, property: &PropertyDefinition) -> Expr {
    let array = Expr::cust(format!("${number}"));
    match property.sql_type {
        Some(sql_type) => array.cast_as(Alias::new(bare(sql_type) + "[]")),
        None => array,
    }
}

fn any_of(number: usize, property: &PropertyDefinition) -> sea_query::FunctionCall {
    Func::cust("ANY").arg(array(number, property))
}

/// The elements of a JSON array, as rows of which nothing is selected yet.
fn each_of(json: Expr) -> SelectStatement {
    let mut each = SelectStatement::new();
    each.from_function(Func::cust("json_each").arg(json), Alias::new("each"));
    each
}

/// A type without its length or precision: a cast to `varchar(5)` would cut a text off, where an
/// assignment refuses it. One to `char` would as well, which is a `char(1)`.
fn bare(sql_type: &str) -> String {
    let name = match (sql_type.find('('), sql_type.find(')')) {
        (Some(open), Some(close)) if open < close => {
            let (before, after) = (sql_type.get(..open), sql_type.get(close + 1..));
            format!("{}{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => sql_type.to_owned(),
    };
    let (of, brackets) = name.split_at(name.find('[').unwrap_or(name.len()));
    let fixed = ["char", "character", "nchar", "national char", "national character"];
    if fixed.iter().any(|fixed| of.trim().eq_ignore_ascii_case(fixed)) {
        format!("bpchar{brackets}")
    } else {
        name
    }
}

/// Writes statements for one engine.
#[derive(Clone, Copy)]
struct Writer {
    engine: Engine,
}

impl Writer {
    fn write(self, statement: &impl QueryStatementWriter) -> Lowered {
        let (sql, values) = match self.engine {
            Engine::Postgres => statement.build(PostgresQueryBuilder),
            Engine::Sqlite => statement.build(SqliteQueryBuilder),
        };
        Lowered { sql, parameters: values.0 }
    }

    /// The rows that a query means, of which nothing is selected yet.
    fn select(self, select: &Select) -> Result<SelectStatement> {
        let mut statement = SelectStatement::new();
        statement.from(table(select.entity));
        for condition in self.conditions(select)? {
            statement.and_where(condition);
        }
        if select.distinct {
            statement.distinct();
        }
        Ok(statement)
    }

    /// Orders and cuts the rows of a query; by the id where nothing else is asked and it must be.
    fn page(
        self,
        statement: &mut SelectStatement,
        select: &Select,
        limit: Option<u64>,
        ordered: bool,
    ) {
        for order in &select.orders {
            self.order(statement, order);
        }
        if ordered && select.orders.is_empty() {
            order_by_id(statement, select.entity);
        }
        // No table has more rows than the engines can count to.
        let most = i64::MAX.unsigned_abs();
        if let Some(limit) = limit {
            statement.limit(std::cmp::min(limit, most));
        } else if select.offset.is_some() && self.engine == Engine::Sqlite {
            // SQLite knows an offset only behind a limit.
            statement.limit(most);
        }
        if let Some(offset) = select.offset {
            statement.offset(std::cmp::min(offset, most));
        }
    }

    /// Nulls count as greatest on PostgreSQL and as least on SQLite, so SQLite is told.
    fn order(self, statement: &mut SelectStatement, by: &OrderBy) {
        let column = column(by.field);
        let order = if by.descending { Order::Desc } else { Order::Asc };
        let told = self.engine == Engine::Sqlite && by.field.property.nullable;
        let nulls = match (by.nulls, by.descending) {
            (Nulls::Greatest, _) if !told => None,
            (Nulls::First, _) | (Nulls::Greatest, true) => Some(NullOrdering::First),
            (Nulls::Last, _) | (Nulls::Greatest, false) => Some(NullOrdering::Last),
        };
        match nulls {
            Some(nulls) => statement.order_by_expr_with_nulls(column, order, nulls),
            None => statement.order_by_expr(column, order),
        };
    }

    /// Which rows a query means.
    fn conditions(self, select: &Select) -> Result<Vec<Expr>> {
        let entity = select.entity;
        let mut conditions = Vec::new();
        match &select.scope {
            Scope::Table => {}
            Scope::Key { properties, key } => {
                for (property, parameter) in named(entity, properties).zip(key) {
                    let value = self.parameter(entity, property, parameter)?;
                    conditions.push(in_table(entity, property.column).eq(value));
                }
            }
            Scope::TargetsOfId(source) => {
                if let Some(relation) = select.relation {
                    conditions.push(self.targets_of_id(entity, relation, source)?);
                }
            }
            Scope::Nothing => conditions.push(self.predicate(&Predicate::Never)?),
        }
        match &select.predicate {
            Predicate::Always => {}
            Predicate::All(all) => {
                for predicate in all {
                    conditions.push(self.predicate(predicate)?);
                }
            }
            predicate => conditions.push(self.predicate(predicate)?),
        }
        Ok(conditions)
    }

    fn targets_of_id(
        self,
        entity: &'static EntityDefinition,
        relation: &RelationDefinition,
        SourceById { entity: source, id, .. }: &SourceById,
    ) -> Result<Expr> {
        let mut keys = SelectStatement::new();
        keys.from(table(source).alias(alias_of_source(entity)));
        keys.exprs(
            named(source, relation.key_from).map(|property| in_source(entity, property.column)),
        );
        for (property, parameter) in source.id().zip(id) {
            let value = self.parameter(source, property, parameter)?;
            keys.and_where(in_source(entity, property.column).eq(value));
        }
        let key: Vec<_> = named(entity, relation.key_to)
            .map(|property| in_table(entity, property.column))
            .collect();
        Ok(match <[Expr; 1]>::try_from(key) {
            Ok([only]) => only.in_subquery(keys),
            Err(several) => Expr::tuple(several).in_subquery(keys),
        })
    }

    /// A value for a property, cast where its column has a type of its own.
    fn parameter(
        self,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
        parameter: &Parameter,
    ) -> Result<Expr> {
        let value = parameter.clone().into_sql().map_err(|why| {
            Error::refused(format!("`{}.{}` {why}", entity.name, property.name)).entity_is(entity)
        })?;
        Ok(self.cast(Expr::val(value), property, ""))
    }

    fn cast(self, value: Expr, property: &PropertyDefinition, suffix: &str) -> Expr {
        match property.sql_type {
            Some(sql_type) if self.engine == Engine::Postgres => {
                value.cast_as(Alias::new(bare(sql_type) + suffix))
            }
            _ => value,
        }
    }

    fn operand(self, operand: &Operand, beside: &Operand) -> Result<Expr> {
        match (operand, beside) {
            (Operand::Field(field), _) => Ok(column(*field)),
            (Operand::Parameter(parameter), Operand::Field(field)) => {
                self.parameter(field.entity, field.property, parameter)
            }
            (Operand::Parameter(parameter), Operand::Parameter(_)) => {
                parameter.clone().into_sql().map(Expr::val).map_err(Error::refused)
            }
        }
    }

    fn predicate(self, predicate: &Predicate) -> Result<Expr> {
        Ok(match predicate {
            Predicate::Always => Expr::cust("TRUE"),
            Predicate::Never => Expr::cust("FALSE"),
            Predicate::Compare(left, comparison, right) => {
                let (left, right) = (self.operand(left, right)?, self.operand(right, left)?);
                match comparison {
                    Comparison::Equal => left.eq(right),
                    Comparison::NotEqual => left.ne(right),
                    Comparison::Greater => left.gt(right),
                    Comparison::GreaterOrEqual => left.gte(right),
                    Comparison::Less => left.lt(right),
                    Comparison::LessOrEqual => left.lte(right),
                }
            }
            Predicate::In { field, values, negated } => self.member(*field, values, *negated)?,
            Predicate::Like { field, pattern, fold_case } => {
                self.like(column(*field), pattern, *fold_case)
            }
            Predicate::Null { field, negated: false } => column(*field).is_null(),
            Predicate::Null { field, negated: true } => column(*field).is_not_null(),
            Predicate::All(all) => self.join(all, ExprTrait::and)?,
            Predicate::Any(any) => self.join(any, ExprTrait::or)?,
            Predicate::Not(inner) => self.predicate(inner)?.not(),
            Predicate::Raw(condition) => (**condition).clone(),
        })
    }

    fn join(self, predicates: &[Predicate], join: fn(Expr, Expr) -> Expr) -> Result<Expr> {
        let mut joined: Option<Expr> = None;
        for predicate in predicates {
            let next = self.predicate(predicate)?;
            joined = Some(match joined {
                Some(before) => join(before, next),
                None => next,
            });
        }
        Ok(joined.unwrap_or_else(|| Expr::cust("TRUE")))
    }

    /// Whether a column is one of the values, which go as one array however many they are.
    fn member(self, field: Field, values: &[Parameter], negated: bool) -> Result<Expr> {
        let column = column(field);
        let array = Parameter::array(field.property.column_type, values.to_vec());
        let refused = |why| Error::refused(format!("`{field:?}` {why}")).entity_is(field.entity);
        let sql = array.clone().into_sql().map_err(refused)?;
        Ok(match self.engine {
            Engine::Postgres => {
                let array = self.cast(Expr::val(sql), field.property, "[]");
                if negated {
                    column.ne(Func::cust("ALL").arg(array))
                } else {
                    column.eq(Func::cust("ANY").arg(array))
                }
            }
            Engine::Sqlite => {
                let json = crate::engine::json_array(std::slice::from_ref(&array))
                    .map_err(|error| error.entity_is(field.entity))?;
                let mut keys = each_of(Expr::val(json));
                keys.column(Alias::new("value"));
                if negated { column.not_in_subquery(keys) } else { column.in_subquery(keys) }
            }
        })
    }

    fn like(self, column: Expr, pattern: &str, fold_case: bool) -> Expr {
        match (self.engine, fold_case) {
            // Unless told otherwise PostgreSQL escapes by a backslash, and SQLite by nothing.
            (Engine::Postgres, false) => column.like(pattern),
            (Engine::Postgres, true) => column.ilike(pattern),
            (Engine::Sqlite, false) => column.like(LikeExpr::new(pattern).escape('\\')),
            (Engine::Sqlite, true) => Expr::from(Func::cust(FOLD_CASE).arg(column))
                .like(LikeExpr::new(folded(pattern)).escape('\\')),
        }
    }
}

/// The function by which SQLite folds the case of any letter; its own knows only ASCII.
pub(crate) const FOLD_CASE: &str = "relations_fold_case";

/// A text with its case folded, each letter by itself: what a letter becomes must not depend on
/// those beside it, which a pattern may lack.
pub(crate) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The number of rows.
pub(crate) fn count(_: Engine) -> Expr {
    Func::count(Expr::col(Asterisk)).into()
}
