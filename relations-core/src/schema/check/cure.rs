//! The statements that cure drift.

use crate::definition::constraint_names::{NamedConstraint, What};
use crate::definition::entity::EntityDefinition;
use crate::definition::quoting::quoted_table;
pub(super) use crate::definition::quoting::{quoted, quoted_list as list};
use crate::dialect::Engine;
use crate::error::Result;
use crate::schema::Schema;
use crate::sql::ddl;

/// The table of an entity, in SQL.
pub(super) fn table_of(entity: &EntityDefinition) -> String {
    quoted_table(entity.schema, entity.table)
}

/// The table of an entity, in a sentence.
pub(super) fn told_table(entity: &EntityDefinition) -> String {
    match entity.schema {
        Some(schema) => format!("`{schema}.{}`", entity.table),
        None => format!("`{}`", entity.table),
    }
}

/// A change of a table of PostgreSQL's.
pub(super) fn alter(entity: &EntityDefinition, change: &str) -> String {
    format!("ALTER TABLE {} {change}", table_of(entity))
}

/// A change of a column of PostgreSQL's.
pub(super) fn alter_column(entity: &EntityDefinition, column: &str, change: &str) -> String {
    alter(entity, &format!("ALTER COLUMN {} {change}", quoted(column)))
}

/// An index of an entity, by its name.
pub(super) fn drop_index(entity: &EntityDefinition, name: &str) -> String {
    let name = match entity.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
        None => quoted(name),
    };
    format!("DROP INDEX {name}")
}

/// The statement that adds a key or an index to a table of PostgreSQL's; on SQLite that of an index.
pub(super) fn add(
    engine: Engine,
    entity: &'static EntityDefinition,
    one: &NamedConstraint,
) -> Option<String> {
    let name = quoted(&one.name);
    let properties = one.properties.iter().filter_map(|name| entity.property(name));
    let columns: Vec<_> = properties.map(|property| property.column.to_owned()).collect();
    let columns = list(&columns);
    match one.what {
        What::Id { .. } => {
            Some(alter(entity, &format!("ADD CONSTRAINT {name} PRIMARY KEY ({columns})")))
        }
        What::UniqueKey { filter: None, deferrable, .. } => {
            let waits = deferrable.sql();
            Some(alter(entity, &format!("ADD CONSTRAINT {name} UNIQUE ({columns}){waits}")))
        }
        What::Check(_) | What::Bounds(_) => {
            let condition = one.what.condition()?;
            Some(alter(entity, &format!("ADD CONSTRAINT {name} CHECK ({condition})")))
        }
        What::UniqueKey { .. } | What::Index(_) => ddl::index(engine, entity, one, false),
        What::ForeignKey(relation) => ddl::add_foreign_key(entity, one, relation),
    }
}

/// The statements that make a table of SQLite's anew as it is declared, with the rows of the columns
/// that both have. SQLite changes hardly anything of a table that is there.
pub(super) fn rebuild(
    entity: &'static EntityDefinition,
    found: &crate::schema::shape::TableShape,
) -> Result<Vec<String>> {
    let created = Schema::new([entity]).create_sql(Engine::Sqlite)?;
    let (old, new) = (quoted(entity.table), quoted(&format!("new_{}", entity.table)));
    let kept = entity.properties.iter().filter(|property| property.generated_as.is_none());
    let kept = kept.filter(|property| found.column(property.column).is_some());
    let kept: Vec<_> = kept.map(|property| property.column.to_owned()).collect();
    let columns = list(&kept);
    let mut statements = vec!["PRAGMA foreign_keys = OFF".to_owned(), "BEGIN".to_owned()];
    let mut created = created.into_iter();
    statements.extend(
        created
            .next()
            .map(|table| table.replacen(&format!("TABLE {old}"), &format!("TABLE {new}"), 1)),
    );
    if !kept.is_empty() {
        statements.push(format!("INSERT INTO {new} ({columns}) SELECT {columns} FROM {old}"));
    }
    statements.push(format!("DROP TABLE {old}"));
    statements.push(format!("ALTER TABLE {new} RENAME TO {old}"));
    statements.extend(created);
    statements.extend(["COMMIT".to_owned(), "PRAGMA foreign_keys = ON".to_owned()]);
    Ok(statements)
}
