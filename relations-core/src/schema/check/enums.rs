//! Enums: whether the database and the code know the same words.

use super::cure::{alter, alter_column, quoted};
use super::{Draft, Drift, Pair, PropertyPair, SchemaComparison};
use crate::definition::quoting::text_literal as text;
use crate::schema::shape::EnumShape;

pub(super) fn compare(all: &mut SchemaComparison<'_>, pair: Pair<'_>, column: PropertyPair<'_>) {
    let PropertyPair { property, found, .. } = column;
    let Some(known) = all.found.enumeration(&found.base_type) else { return };
    if property.words.is_empty() {
        return;
    }
    let who = format!("`{}.{}`", pair.entity.name, property.name);
    let unread = known.words.iter().filter(|word| !property.words.contains(&word.as_str()));
    let unread: Vec<_> = unread.map(|word| format!("`{word}`")).collect();
    let unwritten =
        property.words.iter().filter(|word| !known.words.iter().any(|one| one == *word));
    let unwritten: Vec<_> = unwritten.map(|word| format!("`{word}`")).collect();
    let message = match (&*unread, &*unwritten) {
        ([], []) => return,
        ([], unwritten) => format!(
            "{who} may be {}, which the enum `{}` does not have",
            unwritten.join(", "),
            known.name,
        ),
        (unread, []) => format!(
            "{who} does not read the word {}, which the enum `{}` has; add a variant",
            unread.join(", "),
            known.name,
        ),
        (unread, unwritten) => format!(
            "{who} may be {}, which the enum `{}` does not have, and does not read its word {}",
            unwritten.join(", "),
            known.name,
            unread.join(", "),
        ),
    };
    let cure = if unread.is_empty() {
        let added =
            property.words.iter().filter(|word| !known.words.iter().any(|one| one == *word));
        added.map(|word| format!("ALTER TYPE {} ADD VALUE {}", known.name, text(word))).collect()
    } else {
        replaced(all, known, property.words)
    };
    let draft = Draft::new(Drift::Broken, pair.entity, message);
    all.add(draft.property(property).cure(cure));
}

/// The statements that make an enum anew, as PostgreSQL drops no word of one. A row that holds one of
/// the others makes them fail.
fn replaced(all: &SchemaComparison<'_>, known: &EnumShape, words: &[&str]) -> Vec<String> {
    let bare = known.name.rsplit('.').next().unwrap_or(&known.name).trim_matches('"');
    let before = quoted(&format!("{bare}_before"));
    let words: Vec<_> = words.iter().map(|word| text(word)).collect();
    let mut cure = vec![
        format!("ALTER TYPE {} RENAME TO {before}", known.name),
        format!("CREATE TYPE {} AS ENUM ({})", known.name, words.join(", ")),
    ];
    for entity in all.schema.entities() {
        let Some(table) = all.found.table(entity.schema, entity.table) else { continue };
        let columns = table.columns.iter().filter(|column| column.base_type == known.name);
        for column in columns.filter(|_| table.is_table()) {
            let change = |change: &str| alter_column(entity, &column.name, change);
            let default = column.default.as_deref();
            cure.extend(default.map(|_| change("DROP DEFAULT")));
            let (name, of) = (quoted(&column.name), &known.name);
            cure.push(alter(
                entity,
                &format!("ALTER COLUMN {name} TYPE {of} USING {name}::text::{of}"),
            ));
            let default = default.map(|default| default.replace(&*format!("::{bare}_before"), ""));
            cure.extend(default.map(|default| change(&format!("SET DEFAULT {default}"))));
        }
    }
    let schema = known.name.rsplit_once('.').map(|(schema, _)| format!("{schema}."));
    cure.push(format!("DROP TYPE {}{before}", schema.unwrap_or_default()));
    cure
}
