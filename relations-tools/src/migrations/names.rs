//! The name of a file, by its changes.

use relations::shape::migration::{Change, TableName};

/// The longest name that is made of changes.
const LONGEST: usize = 40;

/// A name for changes, of letters, digits and `_`: `orders_note` for a new column.
pub(crate) fn name_of(changes: &[Change], is_first: bool) -> String {
    if is_first {
        return "first".to_owned();
    }
    let mut names: Vec<String> = Vec::new();
    for change in changes {
        let name = plain(&name_of_one(change));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let whole = names.join("_");
    let tables: Vec<_> =
        changes.iter().filter_map(Change::table).map(|table| plain(&table.name)).collect();
    let mut tables: Vec<_> = tables;
    tables.sort();
    tables.dedup();
    let shorter = tables.join("_");
    match () {
        () if whole.len() <= LONGEST && !whole.is_empty() => whole,
        () if shorter.len() <= LONGEST && !shorter.is_empty() => shorter,
        () => format!("{}_changes", changes.len()),
    }
}

fn name_of_one(change: &Change) -> String {
    let of = |table: &TableName, name: &str| format!("{}_{name}", table.name);
    match change {
        Change::CreateSchema(name) => name.clone(),
        Change::CreateEnum(one) | Change::DropEnum(one) => one.name.clone(),
        Change::AddWord { name, word, .. } => format!("{name}_{word}"),
        Change::ReplaceEnum { after, .. } => after.name.clone(),
        Change::CreateTable(table) => table.name.clone(),
        Change::DropTable(table) => format!("drop_{}", table.name),
        Change::RenameTable { to, .. } => format!("rename_{}", to.name),
        Change::AddColumn { table, column } => of(table, &column.name),
        Change::DropColumn { table, column } => format!("drop_{}", of(table, &column.name)),
        Change::RenameColumn { table, to, .. } => of(table, to),
        Change::ChangeColumn { table, after, .. } => of(table, &after.name),
        Change::AddPart { table, part } | Change::DropPart { table, part } => {
            part.name().map_or_else(|| table.name.clone(), str::to_owned)
        }
        Change::ReplacePart { table, after, .. } => {
            after.name().map_or_else(|| table.name.clone(), str::to_owned)
        }
        Change::RenamePart { to, .. } => to.clone(),
        _ => "change".to_owned(),
    }
}

/// A name of small letters, digits and `_`.
pub(crate) fn plain(name: &str) -> String {
    let letters = name
        .chars()
        .map(|one| if one.is_ascii_alphanumeric() { one.to_ascii_lowercase() } else { '_' });
    letters
        .collect::<String>()
        .split('_')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}
