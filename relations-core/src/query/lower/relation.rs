//! The targets of a source that is known by its id, and of many sources.

use sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, SelectStatement};

use super::place::{all, columns, in_table, named, table};
use super::read::order_by_id;
use super::value::{bare, each_of};
use super::{Lowered, Writer};
use crate::engine::Engine;
use crate::error::Result;
use crate::meta::{EntityDefinition, PropertyDefinition, RelationDefinition};
use crate::query::{Select, SourceById};

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

impl Writer {
    pub(super) fn targets_of_id(
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
}

/// The alias of a source whose targets are asked for by its id; none that the target's table has.
fn alias_of_source(target: &EntityDefinition) -> Alias {
    Alias::new(if target.table == "source" { "its_source" } else { "source" })
}

fn in_source(target: &EntityDefinition, column: &str) -> Expr {
    Expr::col((alias_of_source(target), Alias::new(column)))
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
