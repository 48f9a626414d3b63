//! The steps on SQLite, which has statements for few changes: for the others a table is made anew.

use super::ddl::{column_definition, create_index, create_table};
use super::{Facts, rows};
use crate::dialect::Engine;
use crate::schema::migration::change::{Change, Part};
use crate::schema::migration::names::{TableName, list, quoted, text};
use crate::schema::migration::step::{Rebuild, Step};
use crate::schema::migration::types::is_constant;
use crate::schema::shape::{ColumnShape, Numbering, TableShape};

pub(super) fn steps(facts: &Facts<'_>) -> Vec<Step> {
    let mut all: Vec<_> = rows::step(facts).into_iter().collect();
    let mut rebuilt: Vec<TableName> = Vec::new();
    for change in facts.changes {
        let table = change.table().filter(|_| !is_rename(change));
        let needs_it = |table: &TableName| {
            let mut own =
                facts.changes.iter().filter(|other| other.table().as_ref() == Some(table));
            own.any(|change| !is_simple(change))
        };
        match table {
            Some(table) if needs_it(&table) => {
                if !rebuilt.contains(&table) {
                    all.extend(rebuild(facts, &table));
                    rebuilt.push(table);
                }
            }
            _ => all.extend(step_of(change)),
        }
    }
    all
}

fn is_rename(change: &Change) -> bool {
    matches!(change, Change::RenameTable { .. } | Change::RenameColumn { .. })
}

/// Whether SQLite has a statement for it.
fn is_simple(change: &Change) -> bool {
    match change {
        Change::AddColumn { column, .. } => {
            let is_given = column.default.as_deref().is_some_and(is_literal);
            column.generated.is_none() && (is_given || column.nullable && column.default.is_none())
        }
        Change::AddPart { part, .. }
        | Change::DropPart { part, .. }
        | Change::RenamePart { part, .. } => part.is_index(),
        Change::ReplacePart { before, after, .. } => before.is_index() && after.is_index(),
        Change::ChangeColumn { .. } | Change::DropColumn { .. } => false,
        _ => true,
    }
}

/// Whether a default is a constant even to SQLite, to which the time of the day is none.
fn is_literal(default: &str) -> bool {
    let lower = default.to_ascii_lowercase();
    is_constant(default) && !lower.contains("current") && !lower.contains("now") && lower != "null"
}

fn step_of(change: &Change) -> Option<Step> {
    let index = |table: &TableName, part: &Part, name: &str| match part {
        Part::Index(index) => {
            let mut index = index.clone();
            index.name = Some(name.to_owned());
            create_index(table, &index, "")
        }
        _ => String::new(),
    };
    let drop = |part: &Part| format!("DROP INDEX {}", quoted(part.name().unwrap_or_default()));
    let has = |kind: &str, name: &str| {
        format!(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = '{kind}' AND name = {})",
            text(name),
        )
    };
    let has_no = |kind: &str, name: &str| has(kind, name).replacen("EXISTS", "NOT EXISTS", 1);
    let has_column = |table: &TableName, column: &str| {
        format!(
            "SELECT EXISTS (SELECT 1 FROM pragma_table_xinfo({}) WHERE name = {})",
            text(&table.name),
            text(column),
        )
    };
    let (statements, unless) = match change {
        Change::CreateTable(table) => {
            let name = TableName::of(table);
            (create_table(Engine::Sqlite, table, &name), Some(has("table", &table.name)))
        }
        Change::RenameTable { from, to } => {
            let rename = format!("ALTER TABLE {} RENAME TO {}", from.sql(), to.sql());
            (vec![rename], Some(has("table", &to.name)))
        }
        Change::RenameColumn { table, from, to } => {
            let (from, new) = (quoted(from), quoted(to));
            let rename = format!("ALTER TABLE {} RENAME COLUMN {from} TO {new}", table.sql());
            (vec![rename], Some(has_column(table, to)))
        }
        Change::DropTable(table) => {
            let drop = format!("DROP TABLE {}", TableName::of(table).sql());
            (vec![drop], Some(has_no("table", &table.name)))
        }
        Change::AddColumn { table, column } => {
            let definition = column_definition(Engine::Sqlite, column);
            let add = format!("ALTER TABLE {} ADD COLUMN {definition}", table.sql());
            (vec![add], Some(has_column(table, &column.name)))
        }
        Change::AddPart { table, part } => {
            let name = part.name().unwrap_or_default();
            (vec![index(table, part, name)], Some(has("index", name)))
        }
        Change::DropPart { part, .. } => {
            (vec![drop(part)], Some(has_no("index", part.name().unwrap_or_default())))
        }
        Change::RenamePart { table, part, to } => {
            (vec![drop(part), index(table, part, to)], Some(has("index", to)))
        }
        Change::ReplacePart { table, before, after } => {
            let create = index(table, after, after.name().unwrap_or_default());
            (vec![drop(before), create], None)
        }
        _ => return None,
    };
    let step = Step::new(change.to_string(), statements);
    Some(match unless {
        Some(unless) => step.unless(unless),
        None => step,
    })
}

/// Makes a table anew with the rows of the old one, as SQLite documents it.
fn rebuild(facts: &Facts<'_>, table: &TableName) -> Option<Step> {
    let before = facts.before.table(None, &table.name)?;
    let after = facts.after.table(None, &table.name)?;
    let new = TableName::new(None, &format!("new_{}", table.name));
    let mut created = create_table(Engine::Sqlite, after, &new).into_iter();
    let mut statements: Vec<_> = created.next().into_iter().collect();
    statements.extend(copy(facts, table, before, after, &new));
    if after.columns.iter().any(|column| column.numbering == Some(Numbering::RowNumber)) {
        statements.extend(keep_sequence(&table.name, &new.name));
    }
    statements.push(format!("DROP TABLE {}", table.sql()));
    statements.push(format!("ALTER TABLE {} RENAME TO {}", new.sql(), table.sql()));
    let indexes = after.indexes.iter().filter(|index| !index.constraint);
    statements.extend(indexes.map(|index| create_index(table, index, "")));
    let changes = facts.changes.iter().filter(|change| change.table().as_ref() == Some(table));
    let mut told: Vec<_> =
        changes.filter(|change| !is_rename(change)).map(Change::to_string).collect();
    told.dedup();
    let columns = before.columns.iter().map(|column| column.name.clone()).collect();
    Some(Step {
        comments: told,
        rebuild: Some(Rebuild {
            table: table.name.clone(),
            columns,
            indexes: known_indexes(before),
        }),
        statements,
        ..Step::default()
    })
}

/// The indexes of a table that are known.
fn known_indexes(before: &TableShape) -> Vec<String> {
    let indexes = before.indexes.iter().filter(|index| !index.constraint);
    indexes.filter_map(|index| index.name.clone()).collect()
}

fn copy(
    facts: &Facts<'_>,
    table: &TableName,
    before: &TableShape,
    after: &TableShape,
    new: &TableName,
) -> Option<String> {
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for column in after.columns.iter().filter(|column| column.generated.is_none()) {
        let filled = facts.consents.filled(table, &column.name);
        let Some(value) = value(before.column(&column.name), column, filled) else { continue };
        columns.push(column.name.clone());
        values.push(value);
    }
    let has_rows = !columns.is_empty();
    has_rows.then(|| {
        let (new, old) = (new.sql(), table.sql());
        format!("INSERT INTO {new} ({}) SELECT {} FROM {old}", list(&columns), values.join(", "))
    })
}

/// The value of a column in a row that is copied; `None` where its default is taken. A value that is not
/// of the new type is refused by the table, which is strict.
fn value(
    before: Option<&ColumnShape>,
    after: &ColumnShape,
    filled: Option<&str>,
) -> Option<String> {
    let name = quoted(&after.name);
    match (before, filled) {
        (Some(_), Some(filled)) => Some(format!("coalesce({name}, {filled})")),
        (Some(_), None) => Some(name),
        (None, Some(filled)) => Some(filled.to_owned()),
        (None, None) => None,
    }
}

/// Numbers of rows that were deleted are not given again.
fn keep_sequence(old: &str, new: &str) -> [String; 2] {
    let (old, new) = (text(old), text(new));
    [
        format!(
            "DELETE FROM sqlite_sequence WHERE name = {new} AND EXISTS (SELECT 1 FROM sqlite_sequence \
             WHERE name = {old})"
        ),
        format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {new}, seq FROM sqlite_sequence WHERE name \
             = {old}"
        ),
    ]
}
