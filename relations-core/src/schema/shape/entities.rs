//! The shape of entities.

use super::{
    CheckShape, ColumnShape, DistributionShape, EnumShape, ForeignKeyShape, IndexShape, KeyShape,
    Numbering, Shape, TableKind, TableShape,
};
use crate::definition::constraint_names::{NamedConstraint, What, named};
use crate::definition::distribution::Distribution;
use crate::definition::entity::EntityDefinition;
use crate::definition::index::IndexDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::quoting::quoted;
use crate::definition::read_only::ReadOnly;
use crate::definition::relation::RelationDefinition;
use crate::dialect::{Engine, postgres_type};
use crate::schema::Schema;
use crate::schema::shape::elements;
use crate::sql::table::{default_of, sqlite_type};

pub(super) fn shape(engine: Engine, schema: &Schema) -> Shape {
    let tables = schema.entities().map(|entity| table(engine, entity)).collect();
    let mut enums: Vec<EnumShape> = Vec::new();
    let on_postgres = schema.defined().into_iter().filter(|_| engine == Engine::Postgres);
    for property in on_postgres.flat_map(|entity| entity.properties) {
        let Some(name) = property.enumeration() else { continue };
        if !enums.iter().any(|one| one.name == name) {
            let words = property.words.iter().map(|word| (*word).to_owned()).collect();
            enums.push(EnumShape { name: name.to_owned(), words, comment: None });
        }
    }
    Shape::new(engine, tables, enums)
}

fn table(engine: Engine, entity: &'static EntityDefinition) -> TableShape {
    let mut table = TableShape {
        schema: entity.schema.map(str::to_owned),
        on_search_path: entity.schema.is_none(),
        name: entity.table.to_owned(),
        kind: match entity.read_only {
            Some(ReadOnly::View) => TableKind::View,
            Some(ReadOnly::MaterializedView) => TableKind::MaterializedView,
            Some(ReadOnly::Table) | None => TableKind::Table,
        },
        read_only: entity.read_only.is_some(),
        comment: None,
        columns: entity.properties.iter().map(|property| column(engine, property)).collect(),
        primary_key: None,
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        checks: bound(engine, entity).into_iter().chain(exclusive(entity)).collect(),
        distribution: distribution(engine, entity),
    };
    for one in named(entity) {
        let columns = columns_of(entity, &one);
        match one.what {
            What::Id { .. } => table.primary_key = Some(KeyShape { name: Some(one.name), columns }),
            What::ForeignKey(relation) => {
                table.foreign_keys.extend(foreign_key(entity, one.name, relation));
            }
            What::UniqueKey { filter, deferrable, .. } => table.indexes.push(IndexShape {
                unique: true,
                deferrable: !deferrable.is_no(),
                deferred: deferrable.is_deferred(),
                constraint: filter.is_none(),
                filter: filter.map(str::to_owned),
                ..index(one.name, columns)
            }),
            What::Index(None) => table.indexes.push(index(one.name, columns)),
            What::Index(Some(definition)) => {
                let method = definition.method.filter(|_| engine == Engine::Postgres);
                table.indexes.push(IndexShape {
                    has_expressions: definition.expression.is_some(),
                    elements: self::elements(definition, &columns),
                    unique: definition.unique,
                    filter: definition.filter.map(str::to_owned),
                    method: method.unwrap_or("btree").to_owned(),
                    ..index(one.name, columns)
                });
            }
            What::Check(_) | What::Bounds(_) => {
                let check = |condition| CheckShape {
                    name: Some(one.name),
                    definition: format!("CHECK ({condition})"),
                };
                table.checks.extend(one.what.condition().map(check));
            }
        }
    }
    table
}

/// The distribution of the rows on a cluster.
fn distribution(engine: Engine, entity: &EntityDefinition) -> Option<DistributionShape> {
    match entity.distribution {
        _ if engine == Engine::Sqlite => None,
        Distribution::OneServer => None,
        Distribution::Reference => Some(DistributionShape::Reference),
        Distribution::By(_) => {
            entity.distributed_by().map(|by| DistributionShape::By(by.column.to_owned()))
        }
    }
}

/// The checks that a row follows one of several relations.
fn exclusive(entity: &'static EntityDefinition) -> impl Iterator<Item = CheckShape> {
    entity.one_of.iter().map(move |one_of| {
        let (name, condition) = one_of.check(entity);
        CheckShape { name: Some(name), definition: format!("CHECK ({condition})") }
    })
}

/// The check that bounds a key which SQLite counts up, where its type is a short one.
fn bound(engine: Engine, entity: &'static EntityDefinition) -> Option<CheckShape> {
    let id = entity.id().find(|id| id.generated).filter(|_| engine == Engine::Sqlite)?;
    let bound = crate::sql::ddl::highest_number(id)?;
    Some(CheckShape { name: None, definition: format!("CHECK {bound}") })
}

fn index(name: String, columns: Vec<String>) -> IndexShape {
    IndexShape {
        name: Some(name),
        columns,
        has_expressions: false,
        elements: Vec::new(),
        unique: false,
        constraint: false,
        valid: true,
        filter: None,
        method: "btree".to_owned(),
        deferrable: false,
        deferred: false,
        nulls_equal: false,
        definition: None,
    }
}

/// The elements of an index of an expression; none of one of properties alone.
fn elements(definition: &IndexDefinition, columns: &[String]) -> Vec<String> {
    let Some(expression) = definition.expression else { return Vec::new() };
    let columns = columns.iter().map(|column| quoted(column));
    columns.chain(elements::divided(expression)).collect()
}

fn columns_of(entity: &EntityDefinition, one: &NamedConstraint) -> Vec<String> {
    let properties = one.properties.iter().filter_map(|name| entity.property(name));
    properties.map(|property| property.column.to_owned()).collect()
}

fn foreign_key(
    entity: &EntityDefinition,
    name: String,
    relation: &RelationDefinition,
) -> Option<ForeignKeyShape> {
    let definition = relation.foreign_key?;
    let target = relation.target.definition();
    let columns = |of: &EntityDefinition, names: &[&str]| {
        let properties = names.iter().filter_map(|name| of.property(name));
        properties.map(|property| property.column.to_owned()).collect()
    };
    Some(ForeignKeyShape {
        name: Some(name),
        columns: columns(entity, relation.key_from),
        target_schema: target.schema.map(str::to_owned),
        target_table: target.table.to_owned(),
        target_columns: columns(target, relation.key_to),
        on_delete: definition.on_delete,
        on_update: definition.on_update,
        set_null: columns(entity, definition.set_null),
        validated: true,
        enforced: true,
        deferrable: !definition.deferrable.is_no(),
        deferred: definition.deferrable.is_deferred(),
    })
}

fn column(engine: Engine, property: &PropertyDefinition) -> ColumnShape {
    let own = match engine {
        Engine::Postgres => spelled(postgres_type(property.column_type)),
        Engine::Sqlite => sqlite_type(property.column_type).unwrap_or_default().to_owned(),
    };
    let sql_type = match (engine, property.sql_type) {
        (Engine::Postgres, Some(written)) => written.to_owned(),
        _ => own.clone(),
    };
    let numbering = property.generated.then_some(match engine {
        Engine::Postgres => Numbering::Identity,
        Engine::Sqlite => Numbering::RowNumber,
    });
    ColumnShape {
        name: property.column.to_owned(),
        sql_type,
        base_type: own,
        nullable: property.nullable,
        default: default_of(engine, property).map(str::to_owned),
        generated: property.generated_as.map(str::to_owned),
        numbering,
        comment: None,
    }
}

/// A type of ours as PostgreSQL tells it.
fn spelled(own: String) -> String {
    let (own, brackets) = match own.strip_suffix("[]") {
        Some(element) => (element.to_owned(), "[]"),
        None => (own, ""),
    };
    let told = match &*own {
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        "time" => "time without time zone",
        other => other,
    };
    format!("{told}{brackets}")
}
