//! Diagrams of tables and their foreign keys.

mod layout;
mod mermaid;
mod svg;

use std::collections::BTreeSet;

use relations::shape::{ForeignKeyShape, Shape, TableShape};

pub use mermaid::mermaid;
pub use svg::svg;

/// The tables that a diagram shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Extent {
    /// All tables.
    #[default]
    Whole,
    /// These tables alone, by their names.
    Only(Vec<String>),
    /// A table, and those that so many foreign keys lead to or from.
    Around(String, u16),
}

/// The tables of an extent, in the order of the shape, without views.
fn tables<'a>(shape: &'a Shape, extent: &Extent) -> Vec<&'a TableShape> {
    let all: Vec<_> = shape.tables.iter().filter(|table| table.is_table()).collect();
    let names: BTreeSet<&str> = match extent {
        Extent::Whole => return all,
        Extent::Only(names) => names.iter().map(String::as_str).collect(),
        Extent::Around(name, depth) => {
            let mut names = BTreeSet::from([name.as_str()]);
            for _ in 0..*depth {
                let mut next = names.clone();
                for table in &all {
                    for key in &table.foreign_keys {
                        let target = key.target_table.as_str();
                        if names.contains(target) {
                            next.insert(&table.name);
                        }
                        if names.contains(table.name.as_str()) {
                            next.insert(target);
                        }
                    }
                }
                names = next;
            }
            names
        }
    };
    all.into_iter().filter(|table| names.contains(table.name.as_str())).collect()
}

/// Whether a row may be without a target.
fn is_optional(table: &TableShape, key: &ForeignKeyShape) -> bool {
    key.columns.iter().any(|name| table.column(name).is_none_or(|column| column.nullable))
}

/// Whether a target has one row at most that references it.
fn is_sole(table: &TableShape, key: &ForeignKeyShape) -> bool {
    let same = |columns: &[String]| {
        columns.len() == key.columns.len() && columns.iter().all(|one| key.columns.contains(one))
    };
    table.primary_key.as_ref().is_some_and(|primary| same(&primary.columns))
        || table
            .indexes
            .iter()
            .any(|index| index.unique && index.filter.is_none() && same(&index.columns))
}

fn is_primary(table: &TableShape, column: &str) -> bool {
    table.primary_key.as_ref().is_some_and(|key| key.columns.iter().any(|one| one == column))
}

fn is_foreign(table: &TableShape, column: &str) -> bool {
    table.foreign_keys.iter().any(|key| key.columns.iter().any(|one| one == column))
}
