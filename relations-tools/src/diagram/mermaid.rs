//! Mermaid's `erDiagram`.

use std::fmt::Write as _;

use relations::shape::Shape;

use super::{Extent, is_foreign, is_optional, is_primary, is_sole, tables};

/// The tables of a shape and their foreign keys as an `erDiagram` of Mermaid.
///
/// ```
/// use relations::prelude::*;
/// use relations::{Engine, schema};
/// use relations_tools::{Extent, mermaid};
///
/// #[derive(Entity)]
/// struct Customer {
///     #[id]
///     id: i64,
/// }
///
/// let shape = schema![Customer].shape(Engine::Postgres)?;
/// let text = mermaid(&shape, &Extent::Whole);
/// assert_eq!(text, "erDiagram\n    customers {\n        bigint id PK\n    }\n");
/// # Ok::<(), relations::Error>(())
/// ```
#[must_use]
pub fn mermaid(shape: &Shape, extent: &Extent) -> String {
    let tables = tables(shape, extent);
    let mut text = String::from("erDiagram\n");
    for table in &tables {
        let _ = writeln!(text, "    {} {{", entity(&table.name));
        for column in &table.columns {
            let keys: Vec<_> =
                [(is_primary(table, &column.name), "PK"), (is_foreign(table, &column.name), "FK")]
                    .into_iter()
                    .filter_map(|(is, word)| is.then_some(word))
                    .collect();
            let line =
                format!("{} {} {}", word(&column.sql_type), word(&column.name), keys.join(", "));
            let _ = writeln!(text, "        {}", line.trim_end());
        }
        text.push_str("    }\n");
    }
    for table in &tables {
        for key in &table.foreign_keys {
            if !tables.iter().any(|target| target.name == key.target_table) {
                continue;
            }
            let many = if is_sole(table, key) { "o|" } else { "o{" };
            let one = if is_optional(table, key) { "|o" } else { "||" };
            let _ = writeln!(
                text,
                "    {} {one}--{many} {} : \"{}\"",
                entity(&key.target_table),
                entity(&table.name),
                key.columns.join(", ").replace('"', "'"),
            );
        }
    }
    text
}

/// The name of an entity, which may be quoted.
fn entity(name: &str) -> String {
    let is_plain = name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "'")) }
}

/// A type or a column, which is a word of letters, digits and brackets to Mermaid.
fn word(text: &str) -> String {
    let of_word = |one: char| one.is_alphanumeric() || "_-()[]".contains(one);
    let word: String =
        text.replace(", ", "-").chars().map(|one| if of_word(one) { one } else { '_' }).collect();
    if word.starts_with(|first: char| first.is_alphabetic()) { word } else { format!("n{word}") }
}
