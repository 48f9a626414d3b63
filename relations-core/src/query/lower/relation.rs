//! The targets of a source that is known by its id, and of many sources.

use sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, SelectStatement};

use super::place::{Place, Places, is_among, keys_equal, named};
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
    let writer = Writer::new(engine, select.entity);
    let mut places = Places::new(&writer, Place::table_of(select.entity));
    let source_place = place_of_source(source, select.entity);
    let mut statement = SelectStatement::new();
    statement.exprs(places.root.columns());
    statement.exprs(source_place.named(relation.key_from));
    statement.expr(places.predicate(&select.predicate)?);
    statement.from(source_place.table());
    let joined = keys_equal(&source_place, relation, &places.root);
    statement.left_join(places.root.table(), joined);
    places.join_to(&mut statement);
    for (property, parameter) in source.id().zip(id) {
        let value = writer.parameter(source, property, parameter)?;
        statement.and_where(source_place.column(property).eq(value));
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
    let writer = Writer::new(engine, target);
    let place = Place::table_of(target);
    let key: Vec<_> = named(target, relation.key_to).collect();
    let mut statement = SelectStatement::new();
    statement.exprs(place.columns()).from(place.table());
    for condition in among_keys(engine, &place, &key) {
        statement.and_where(condition);
    }
    if relation.targets_many() {
        order_by_id(&mut statement, &place);
    }
    writer.write(&statement)
}

/// Whether a key is among those of the first parameters.
pub(super) fn among_keys(
    engine: Engine,
    place: &Place,
    key: &[&'static PropertyDefinition],
) -> Vec<Expr> {
    let tuple = || Expr::tuple(key.iter().map(|property| place.column(property)));
    match (engine, key) {
        (Engine::Postgres, [only]) => vec![place.column(only).eq(any_of(1, only))],
        (Engine::Postgres, several) => {
            let arrays = (1..).zip(several).map(|(number, property)| array(number, property));
            let mut keys = SelectStatement::new();
            keys.column(Asterisk)
                .from_function(Func::cust("unnest").args(arrays), Alias::new("key"));
            let mut among = vec![tuple().in_subquery(keys)];
            if let [leading, ..] = several {
                among.push(place.column(leading).eq(any_of(1, leading)));
            }
            among
        }
        (Engine::Sqlite, [only]) => {
            let mut keys = each_of(Expr::cust("?1"));
            keys.column(Alias::new("value"));
            vec![place.column(only).in_subquery(keys)]
        }
        (Engine::Sqlite, several) => {
            let mut keys = each_of(Expr::cust("?1"));
            for part in 0..several.len() {
                let extract = Func::cust("json_extract");
                keys.expr(extract.args([Expr::col("value"), Expr::cust(format!("'$[{part}]'"))]));
            }
            vec![tuple().in_subquery(keys)]
        }
    }
}

impl Places<'_> {
    /// Whether a row is a target of the source with an id.
    pub(super) fn targets_of_id(
        &self,
        relation: &RelationDefinition,
        SourceById { entity: source, id, .. }: &SourceById,
    ) -> Result<Expr> {
        let place = place_of_source(source, self.root.entity);
        let mut keys = SelectStatement::new();
        keys.from(place.table()).exprs(place.named(relation.key_from));
        for (property, parameter) in source.id().zip(id) {
            let value = self.writer.parameter(source, property, parameter)?;
            keys.and_where(place.column(property).eq(value));
        }
        Ok(is_among(self.root.named(relation.key_to), keys))
    }
}

/// The place of a source whose targets are asked for by its id, under no name that the target's
/// table has.
pub(super) fn place_of_source(
    source: &'static EntityDefinition,
    target: &EntityDefinition,
) -> Place {
    Place::aliased(source, if target.table == "source" { "its_source" } else { "source" })
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
