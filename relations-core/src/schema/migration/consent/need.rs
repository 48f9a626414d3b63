//! The consent that each kind of change needs.

use crate::dialect::Engine;
use crate::schema::migration::change::{Aspect, Change, Part};
use crate::schema::migration::consent::Consents;
use crate::schema::migration::diff::{is_same_type, target};
use crate::schema::migration::generated::{of_enum, remade_with};
use crate::schema::migration::names::TableName;
use crate::schema::migration::types::{SqlType, is_constant};
use crate::schema::shape::{ColumnShape, EnumShape, IndexShape, Shape, TableShape};

/// One consent that a change needs.
pub(super) struct Need {
    pub(super) message: String,
    pub(super) flags: Vec<String>,
    pub(super) consent: Consent,
}

pub(super) enum Consent {
    /// Any of these names.
    Drop(Vec<String>),
    Rewrite(String),
    Fill(String),
}

/// The consent that a change needs. Each kind of change is named, so that none is taken for harmless
/// because it is new.
pub(super) fn needs(
    before: &Shape,
    changes: &[Change],
    change: &Change,
    given: &Consents,
) -> Vec<Need> {
    let engine = before.engine;
    match change {
        Change::DropTable(gone) => vec![table_dropped(changes, gone)],
        Change::DropColumn { table, column: gone } => {
            vec![column_dropped(engine, changes, table, gone)]
        }
        Change::ChangeColumn { table, before: old, after, aspect: Aspect::Type } => {
            retyped(before, changes, table, old, after)
        }
        Change::ChangeColumn { table, before: old, after, aspect: Aspect::Generated } => {
            let name = column(table, after);
            match (&old.generated, &after.generated) {
                (None, Some(_)) => {
                    let message =
                        format!("the values of `{name}` would be replaced by calculated ones");
                    let flags = vec![format!("`--drop {name}`")];
                    vec![drop(message, vec![name], flags)]
                }
                (Some(_), Some(_)) => {
                    vec![rewrite(
                        &name,
                        format!("all rows would be written anew to calculate `{name}`"),
                    )]
                }
                (_, None) => Vec::new(),
            }
        }
        Change::ChangeColumn { table, before: old, after, aspect: Aspect::Numbering } => {
            counter(&column(table, after), old, after).into_iter().collect()
        }
        Change::Distribute { table, .. } => {
            let message =
                format!("all rows of `{table}` would be moved between the servers of a cluster");
            vec![rewrite(&table.to_string(), message)]
        }
        Change::AddColumn { table, column: new } => {
            added(engine, table, new, given.filled(table, &new.name))
        }
        Change::ReplaceEnum { before: old, after } => enum_replaced(before, changes, old, after),
        Change::DropEnum(one) => {
            let name = format!("enum:{}", one.name);
            let flags = vec![format!("`--drop {name}`")];
            vec![drop(format!("the enum `{}` would be dropped", one.name), vec![name], flags)]
        }
        Change::DropPart { table, part } => vec![dropped(table, part)],
        Change::ReplacePart { table, before: old, after } => {
            weakens(old, after).then(|| dropped(table, old)).into_iter().collect()
        }
        // A rename is a consent by itself. A new part and a column that is not null lose no row: those in
        // their way are told before anything is tried.
        Change::CreateSchema(_)
        | Change::CreateEnum(_)
        | Change::AddWord { .. }
        | Change::CreateTable(_)
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenamePart { .. }
        | Change::AddPart { .. }
        | Change::ChangeColumn { aspect: Aspect::Default | Aspect::Null, .. } => Vec::new(),
    }
}

fn table_dropped(changes: &[Change], gone: &TableShape) -> Need {
    let table = TableName::of(gone);
    let mut flags = vec![format!("`--drop {table}`")];
    // A table that was renamed has most of its columns still.
    let is_like = |new: &TableShape| {
        let shared = gone.columns.iter().filter(|column| new.column(&column.name).is_some());
        shared.count() * 2 >= gone.columns.len()
    };
    let new = changes.iter().filter_map(|other| match other {
        Change::CreateTable(new) if is_like(new) => Some(TableName::of(new)),
        _ => None,
    });
    flags.extend(new.map(|new| format!("`--rename {table}={new}`")));
    let message = format!("the table `{table}` would be dropped with its rows");
    drop(message, vec![table.to_string()], flags)
}

fn column_dropped(
    engine: Engine,
    changes: &[Change],
    table: &TableName,
    gone: &ColumnShape,
) -> Need {
    let name = column(table, gone);
    let mut flags = vec![format!("`--drop {name}`")];
    let new = changes.iter().filter_map(|other| match other {
        Change::AddColumn { table: of, column: new }
            if of == table && is_same_type(engine, &gone.sql_type, &new.sql_type) =>
        {
            Some(new)
        }
        _ => None,
    });
    flags.extend(new.map(|new| format!("`--rename {name}={}`", new.name)));
    let message = format!("the column `{name}` would be dropped with its values");
    drop(message, vec![name], flags)
}

/// A type may need consent for its own column, and for the generated ones that are made anew with it.
fn retyped(
    before: &Shape,
    changes: &[Change],
    table: &TableName,
    old: &ColumnShape,
    after: &ColumnShape,
) -> Vec<Need> {
    let engine = before.engine;
    let name = column(table, after);
    let (from, to) = (&old.sql_type, &after.sql_type);
    let is_quick = engine == Engine::Postgres && SqlType::of(from).widens_to(&SqlType::of(to));
    let own =
        format!("all rows would be written anew to make `{name}` a `{to}`, which was a `{from}`");
    let own = (!is_quick).then(|| rewrite(&name, own));
    let remade = match engine {
        Engine::Postgres => remade_with(before, changes, table, &after.name),
        // The table is made anew as a whole.
        Engine::Sqlite => Vec::new(),
    };
    let remade = remade.into_iter().map(|generated| remade_for(table, generated, &name));
    own.into_iter().chain(remade).collect()
}

/// A generated column that is made anew because another column gets another type.
fn remade_for(table: &TableName, generated: &ColumnShape, other: &str) -> Need {
    let name = column(table, generated);
    let message = format!(
        "`{name}` would be dropped and calculated for all rows anew, as `{other}` gets another type"
    );
    rewrite(&name, message)
}

fn enum_replaced(
    before: &Shape,
    changes: &[Change],
    old: &EnumShape,
    after: &EnumShape,
) -> Vec<Need> {
    let lost: Vec<_> = old.words.iter().filter(|word| !after.words.contains(word)).collect();
    let enumeration = &old.name;
    let mut all: Vec<_> = (lost.iter())
        .map(|word| {
            let name = format!("word:{enumeration}.{word}");
            let flags = vec![format!("`--drop {name}`")];
            let message = format!("the word `{word}` of the enum `{enumeration}` would be dropped");
            drop(message, vec![name], flags)
        })
        .collect();
    all.push(rewrite(
        enumeration,
        format!("all rows with the enum `{enumeration}` would be written anew"),
    ));
    for (of, one) in of_enum(before, enumeration) {
        let table = TableName::of(of);
        let remade = remade_with(before, changes, &table, &one.name);
        let other = column(&table, one);
        all.extend(remade.into_iter().map(|generated| remade_for(&table, generated, &other)));
    }
    all
}

/// A column with its table.
fn column(table: &TableName, column: &ColumnShape) -> String {
    format!("{table}.{}", column.name)
}

fn added(engine: Engine, table: &TableName, new: &ColumnShape, filled: Option<&str>) -> Vec<Need> {
    let name = format!("{table}.{}", new.name);
    let mut all = Vec::new();
    let is_made = new.default.is_some() || new.generated.is_some() || new.numbering.is_some();
    if !new.nullable && !is_made {
        all.push(Need {
            message: format!(
                "`{name}` is never null and has no default, and there may be rows already that need a \
                 value"
            ),
            flags: vec![format!("`--fill {name}=VALUE` with an SQL expression")],
            consent: Consent::Fill(name.clone()),
        });
    }
    // The value that fills a column is its default for a moment.
    let is_quick = new.default.as_deref().or(filled).is_none_or(is_constant);
    let is_rewritten = new.generated.is_some() || new.numbering.is_some() || !is_quick;
    if engine == Engine::Postgres && is_rewritten {
        let message = format!("all rows would be written anew to give each its `{name}`");
        all.push(rewrite(&name, message));
    }
    all
}

/// Whether a guarantee is lost where one part replaces another.
fn weakens(before: &Part, after: &Part) -> bool {
    match (before, after) {
        (Part::PrimaryKey(before), Part::PrimaryKey(after)) => before.columns != after.columns,
        (Part::ForeignKey(before), Part::ForeignKey(after)) => {
            before.columns != after.columns
                || target(before) != target(after)
                || before.target_columns != after.target_columns
                || before.validated && !after.validated
                || before.enforced && !after.enforced
        }
        (Part::Index(before), Part::Index(after)) => loses(before, after),
        // Another condition, or a part of another kind.
        _ => true,
    }
}

/// Whether an index does not do all that the one before it did.
fn loses(before: &IndexShape, after: &IndexShape) -> bool {
    let has_all_rows = after.filter.is_none() || after.filter == before.filter;
    let is_as_found = after.elements == before.elements && after.method == before.method;
    let is_as_unique = !before.unique
        || after.unique
            && (after.nulls_equal || !before.nulls_equal)
            && before.valid
            && after.columns.iter().all(|column| before.columns.contains(column));
    // An index of more columns finds rows by the first ones as well.
    let is_as_long = before.unique || after.columns.starts_with(&before.columns);
    !(has_all_rows && is_as_found && is_as_unique && is_as_long)
}

/// The counter that is dropped where a column is counted up no longer, or by another kind of counter.
fn counter(name: &str, before: &ColumnShape, after: &ColumnShape) -> Option<Need> {
    let is_dropped = match (before.numbering?, after.numbering) {
        (from, Some(to)) => !(from.is_identity() && to.is_identity()),
        (_, None) => true,
    };
    let message = format!(
        "the counter of `{name}` would be dropped, so that numbers of deleted rows might be given again"
    );
    let name = format!("counter:{name}");
    let flags = vec![format!("`--drop {name}`")];
    is_dropped.then(|| drop(message, vec![name], flags))
}

fn dropped(table: &TableName, part: &Part) -> Need {
    let kind = if part.is_index() { "index" } else { "constraint" };
    let name = format!("{kind}:{table}.{}", part.name().unwrap_or_default());
    let flags = vec![format!("`--drop {name}`")];
    drop(format!("the {} of `{table}` would be dropped", part.told()), vec![name], flags)
}

fn drop(message: String, names: Vec<String>, flags: Vec<String>) -> Need {
    Need { message, flags, consent: Consent::Drop(names) }
}

fn rewrite(name: &str, message: String) -> Need {
    let flags = vec![format!("`--allow rewrite:{name}`")];
    Need { message, flags, consent: Consent::Rewrite(name.to_owned()) }
}
