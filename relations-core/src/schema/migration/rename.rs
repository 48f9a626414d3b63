//! Renames, which only a person can tell from a drop and a new one.

use super::change::Change;
use super::names::TableName;
use crate::schema::shape::{Shape, TableShape};

/// A shape after renames that are asked for, and the changes. `orders=invoices` renames a table,
/// `orders.note=remark` a column. What cannot be renamed is told in a sentence.
pub(super) fn renamed(
    before: &Shape,
    after: &Shape,
    renames: &[(String, String)],
) -> Result<(Shape, Vec<Change>), Vec<String>> {
    let (mut shape, mut changes, mut wrong) = (before.clone(), Vec::new(), Vec::new());
    // Tables come first, so that a column is named by the new name of its table or by the old one.
    for (from, to) in renames {
        if let Some(table) = table_named(&shape, from).cloned() {
            let to = to.rsplit('.').next().unwrap_or(to);
            let is_there = |shape: &Shape| shape.table(table.schema.as_deref(), to).is_some();
            if is_there(&shape) {
                wrong.push(format!("`{from}` cannot be renamed to `{to}`, which is there already"));
            } else if is_there(after) {
                rename_table(&mut shape, &table, to);
                let (from, to) =
                    (TableName::of(&table), TableName::new(table.schema.as_deref(), to));
                changes.push(Change::RenameTable { from, to });
            } else {
                wrong.push(format!("`{from}` is to become `{to}`, which is no table of an entity"));
            }
        }
    }
    let old_names: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            Change::RenameTable { from, to } => Some((from.to_string(), to.to_string())),
            _ => None,
        })
        .collect();
    for (from, to) in renames {
        if table_named(before, from).is_some() {
            continue;
        }
        let of_column = from.rsplit_once('.').and_then(|(table, column)| {
            let table =
                old_names.iter().find(|(old, _)| old == table).map_or(table, |(_, new)| new);
            Some((table_named(&shape, table)?.clone(), column))
        });
        let Some((table, column)) = of_column.filter(|(table, one)| has_column(table, one)) else {
            wrong.push(format!("`--rename {from}={to}` names no table and no column of before"));
            continue;
        };
        let to = to.rsplit('.').next().unwrap_or(to);
        let becomes = after.table(table.schema.as_deref(), &table.name);
        if has_column(&table, to) {
            wrong.push(format!("`{from}` cannot be renamed to `{to}`, which is there already"));
        } else if becomes.is_some_and(|table| has_column(table, to)) {
            rename_column(&mut shape, &table, column, to);
            changes.push(Change::RenameColumn {
                table: TableName::of(&table),
                from: column.to_owned(),
                to: to.to_owned(),
            });
        } else {
            wrong.push(format!(
                "`{from}` is to become `{to}`, which is no column of `{}`",
                table.name
            ));
        }
    }
    if wrong.is_empty() { Ok((shape, changes)) } else { Err(wrong) }
}

/// Gives everything its old name again.
pub(super) fn take_back(shape: &mut Shape, renames: &[Change]) {
    for change in renames.iter().rev() {
        match change {
            Change::RenameTable { from, to } => {
                if let Some(table) = table_named(shape, &to.to_string()).cloned() {
                    rename_table(shape, &table, &from.name);
                }
            }
            Change::RenameColumn { table, from, to } => {
                if let Some(table) = table_named(shape, &table.to_string()).cloned() {
                    rename_column(shape, &table, to, from);
                }
            }
            _ => {}
        }
    }
}

/// The table of that name, with its schema or without.
fn table_named<'a>(shape: &'a Shape, name: &str) -> Option<&'a TableShape> {
    shape.tables.iter().find(|table| TableName::of(table).to_string() == name)
}

fn has_column(table: &TableShape, name: &str) -> bool {
    table.columns.iter().any(|column| column.name == name)
}

fn is(table: &TableShape, other: &TableShape) -> bool {
    table.schema == other.schema && table.name == other.name
}

fn rename_table(shape: &mut Shape, table: &TableShape, to: &str) {
    for one in &mut shape.tables {
        for key in &mut one.foreign_keys {
            if key.target_table == table.name && key.target_schema == table.schema {
                to.clone_into(&mut key.target_table);
            }
        }
        if is(one, table) {
            to.clone_into(&mut one.name);
        }
    }
}

fn rename_column(shape: &mut Shape, table: &TableShape, from: &str, to: &str) {
    let rename = |columns: &mut Vec<String>| {
        for column in columns.iter_mut().filter(|column| *column == from) {
            to.clone_into(column);
        }
    };
    let rewrite = |text: &mut String| *text = replaced(text, from, to);
    for one in &mut shape.tables {
        let is_own = is(one, table);
        for key in &mut one.foreign_keys {
            if is_own {
                rename(&mut key.columns);
                rename(&mut key.set_null);
            }
            if key.target_table == table.name && key.target_schema == table.schema {
                rename(&mut key.target_columns);
            }
        }
        if !is_own {
            continue;
        }
        for column in &mut one.columns {
            if column.name == from {
                to.clone_into(&mut column.name);
            }
            if let Some(expression) = &mut column.generated {
                rewrite(expression);
            }
        }
        if let Some(key) = &mut one.primary_key {
            rename(&mut key.columns);
        }
        for index in &mut one.indexes {
            rename(&mut index.columns);
            if index.has_expressions {
                index.columns.iter_mut().for_each(rewrite);
            }
            index.elements.iter_mut().for_each(rewrite);
            if let Some(filter) = &mut index.filter {
                rewrite(filter);
            }
        }
        for check in &mut one.checks {
            rewrite(&mut check.definition);
        }
    }
}

/// An expression in which a name is replaced, outside of texts.
fn replaced(expression: &str, from: &str, to: &str) -> String {
    let mut result = String::new();
    for (at, part) in expression.split('\'').enumerate() {
        if at > 0 {
            result.push('\'');
        }
        if at % 2 == 1 {
            result.push_str(part);
            continue;
        }
        let mut word = String::new();
        let end = |word: &mut String, result: &mut String| {
            result.push_str(if word.eq_ignore_ascii_case(from) { to } else { word.as_str() });
            word.clear();
        };
        for character in part.chars() {
            if character.is_alphanumeric() || "_$".contains(character) {
                word.push(character);
            } else {
                end(&mut word, &mut result);
                result.push(character);
            }
        }
        end(&mut word, &mut result);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_the_name_is_replaced() {
        assert_eq!(
            replaced("note IS NOT NULL AND notes <> 'note' AND \"note\" > 1", "note", "remark"),
            "remark IS NOT NULL AND notes <> 'note' AND \"remark\" > 1"
        );
    }
}
