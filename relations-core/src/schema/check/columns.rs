//! Columns: whether they are there, their types, nulls and defaults.

use super::cure::{alter_column, quoted, rebuild};
use super::{Counted, Draft, Drift, Pair, PropertyPair, SchemaComparison, enums, readable};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::quoting::text_literal;
use crate::dialect::Engine;
use crate::error::Result;
use crate::schema::shape::{ColumnShape, Numbering};
use crate::sql::ddl::add_column;
use crate::sql::table::default_of;

pub(super) fn compare(all: &mut SchemaComparison<'_>, pair: Pair<'_>) -> Result<()> {
    for property in pair.entity.properties.iter().copied() {
        let Some(declared) = pair.declared.column(property.column) else { continue };
        let Some(found) = pair.found.column(property.column) else {
            missing(all, pair, property)?;
            continue;
        };
        let column = PropertyPair { property, declared, found };
        type_of(all, pair, column)?;
        if pair.found.is_table() {
            nulls(all, pair, column)?;
            if pair.entity.read_only.is_none() {
                value(all, pair, column)?;
            }
        }
        enums::compare(all, pair, column);
    }
    Ok(())
}

/// `Order.quantity`, in a sentence.
pub(super) fn told(entity: &EntityDefinition, property: &PropertyDefinition) -> String {
    format!("`{}.{}`", entity.name, property.name)
}

/// `orders.quantity`, in a sentence.
pub(super) fn told_column(pair: Pair<'_>, column: &str) -> String {
    format!("`{}.{column}`", pair.found.name)
}

/// The statements that change a column: on SQLite they make the table anew.
fn changed(
    all: &SchemaComparison<'_>,
    pair: Pair<'_>,
    on_postgres: impl IntoIterator<Item = String>,
) -> Result<Vec<String>> {
    match all.engine {
        Engine::Postgres => Ok(on_postgres.into_iter().collect()),
        Engine::Sqlite => rebuild(pair.entity, pair.found),
    }
}

fn missing(
    all: &mut SchemaComparison<'_>,
    pair: Pair<'_>,
    property: &'static PropertyDefinition,
) -> Result<()> {
    let message = format!(
        "{} lives in {}, which the database does not have",
        told(pair.entity, property),
        told_column(pair, property.column),
    );
    let mut draft = Draft::new(Drift::Broken, pair.entity, message).property(property);
    if pair.found.is_table() {
        draft = draft.cure(match all.engine {
            Engine::Postgres => vec![add_column(all.engine, pair.entity, property)?],
            Engine::Sqlite => rebuild(pair.entity, pair.found)?,
        });
    }
    all.add(draft);
    Ok(())
}

fn type_of(all: &mut SchemaComparison<'_>, pair: Pair<'_>, column: PropertyPair<'_>) -> Result<()> {
    let PropertyPair { property, declared, found } = column;
    if readable::is_same(all.engine, declared, found) {
        return Ok(());
    }
    let fits = readable::fits(all.engine, property, found);
    let entity = pair.entity;
    // SQLite has a word for the type of a calculated column, or none, and nobody wrote it.
    let is_calculated = all.engine == Engine::Sqlite && entity.is_view();
    if is_calculated && (fits || found.sql_type.is_empty()) {
        return Ok(());
    }
    let (who, there) = (told(entity, property), told_column(pair, property.column));
    let ours = property.sql_type.filter(|_| all.engine == Engine::Postgres);
    let (ours, theirs) = (ours.unwrap_or(&declared.sql_type), &found.sql_type);
    let message = if fits {
        format!("{who} is declared as `{ours}`, and {there} is `{theirs}`")
    } else {
        format!("{who} is `{ours}`, and {there} is `{theirs}`, which is not read as that")
    };
    let kind = if fits { Drift::Differs } else { Drift::Broken };
    let mut draft = Draft::new(kind, entity, message).property(property);
    if pair.found.is_table() {
        let name = quoted(property.column);
        let mut cure = Vec::new();
        // A default of the old type might not be one of the new.
        let default = found.default.as_ref().filter(|_| found.numbering.is_none());
        if default.is_some() {
            cure.push(alter_column(entity, property.column, "DROP DEFAULT"));
        }
        let change = match found.generated {
            Some(_) => format!("TYPE {ours}"),
            None => format!("TYPE {ours} USING {name}::text::{ours}"),
        };
        cure.push(alter_column(entity, property.column, &change));
        if let (Some(_), Some(default)) = (default, default_of(all.engine, property)) {
            let change = format!("SET DEFAULT {default}");
            cure.push(alter_column(entity, property.column, &change));
        }
        draft = draft.cure(changed(all, pair, cure)?);
    }
    all.add(draft);
    Ok(())
}

fn nulls(all: &mut SchemaComparison<'_>, pair: Pair<'_>, column: PropertyPair<'_>) -> Result<()> {
    let PropertyPair { property, declared, found } = column;
    let (entity, there) = (pair.entity, told_column(pair, property.column));
    if !declared.nullable && found.nullable {
        let who = match property.references {
            Some(relation) if relation.foreign_key.is_some() && !relation.optional => {
                format!("`{}.{}` promises a target", entity.name, relation.name)
            }
            _ => format!("{} is never null", told(entity, property)),
        };
        let message = format!("{who}, and {there} may be null");
        let cure = alter_column(entity, property.column, "SET NOT NULL");
        let draft = Draft::new(Drift::Broken, entity, message)
            .property(property)
            .cure(changed(all, pair, [cure])?)
            .counting(Counted::nulls(entity, property));
        all.add(match property.references {
            Some(relation) => draft.relation(relation),
            None => draft,
        });
    } else if declared.nullable && !found.nullable {
        let message =
            format!("{} may be `None`, and {there} takes no null", told(entity, property));
        let cure = alter_column(entity, property.column, "DROP NOT NULL");
        let cure = changed(all, pair, [cure])?;
        all.add(Draft::new(Drift::Differs, entity, message).property(property).cure(cure));
    }
    Ok(())
}

/// The maker of the value of a column: the program, a default, or the database in each row.
fn value(all: &mut SchemaComparison<'_>, pair: Pair<'_>, column: PropertyPair<'_>) -> Result<()> {
    let PropertyPair { property, declared, found } = column;
    if property.generated {
        numbered(all, pair, column)
    } else if let Some(expression) = &declared.generated {
        generated(all, pair, column, expression)
    } else if found.generated.is_some() || found.numbering == Some(Numbering::AlwaysIdentity) {
        let (who, there) = (told(pair.entity, property), told_column(pair, property.column));
        let message =
            format!("{who} is written, and {there} takes no value: the database makes it");
        let change = if found.generated.is_some() { "DROP EXPRESSION" } else { "DROP IDENTITY" };
        let mut cure = vec![alter_column(pair.entity, property.column, change)];
        if let Some(default) = default_of(all.engine, property) {
            let change = format!("SET DEFAULT {default}");
            cure.push(alter_column(pair.entity, property.column, &change));
        }
        let cure = changed(all, pair, cure)?;
        all.add(Draft::new(Drift::Broken, pair.entity, message).property(property).cure(cure));
        Ok(())
    } else {
        default(all, pair, column)
    }
}

/// A column that the database counts up.
fn numbered(
    all: &mut SchemaComparison<'_>,
    pair: Pair<'_>,
    column: PropertyPair<'_>,
) -> Result<()> {
    let PropertyPair { property, found, .. } = column;
    if found.numbering.is_some() || found.default.is_some() {
        return Ok(());
    }
    let (who, there) = (told(pair.entity, property), told_column(pair, property.column));
    let message = format!("{who} is generated, and nothing counts {there} up, so inserts fail");
    let mut cure = vec![
        // An identity is never null.
        alter_column(pair.entity, property.column, "SET NOT NULL"),
        alter_column(pair.entity, property.column, "ADD GENERATED BY DEFAULT AS IDENTITY"),
    ];
    let column = quoted(property.column);
    cure.push(format!(
        "SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({column}), 0) + 1, false) FROM {}",
        text_literal(&super::cure::table_of(pair.entity)),
        text_literal(property.column),
        super::cure::table_of(pair.entity),
    ));
    let cure = changed(all, pair, cure)?;
    all.add(Draft::new(Drift::Broken, pair.entity, message).property(property).cure(cure));
    Ok(())
}

fn generated(
    all: &mut SchemaComparison<'_>,
    pair: Pair<'_>,
    column: PropertyPair<'_>,
    settled: &str,
) -> Result<()> {
    let PropertyPair { property, found, .. } = column;
    let (who, there) = (told(pair.entity, property), told_column(pair, property.column));
    let ours = property.generated_as.unwrap_or(settled);
    let (drift, message) = match &found.generated {
        Some(theirs) if is_same_text(theirs, settled) => return Ok(()),
        Some(theirs) => {
            (Drift::Differs, format!("{who} is calculated by `{ours}`, and {there} by `{theirs}`"))
        }
        None => (
            Drift::Broken,
            format!(
                "{who} is calculated by the database as `{ours}`, and {there} is not calculated"
            ),
        ),
    };
    let cure = [
        super::cure::alter(pair.entity, &format!("DROP COLUMN {}", quoted(property.column))),
        add_column(all.engine, pair.entity, property)?,
    ];
    let cure = changed(all, pair, cure)?;
    all.add(Draft::new(drift, pair.entity, message).property(property).cure(cure));
    Ok(())
}

fn default(all: &mut SchemaComparison<'_>, pair: Pair<'_>, column: PropertyPair<'_>) -> Result<()> {
    let PropertyPair { property, declared, found } = column;
    let Some(settled) = &declared.default else { return Ok(()) };
    let (who, there) = (told(pair.entity, property), told_column(pair, property.column));
    let ours = default_of(all.engine, property).unwrap_or(settled);
    let (drift, message) = match &found.default {
        Some(theirs) if is_same_text(theirs, settled) => return Ok(()),
        // A stamp takes any time and any first number that the database gives.
        Some(_) if property.stamp.is_some() => return Ok(()),
        Some(theirs) => {
            (Drift::Differs, format!("{who} has the default `{ours}`, and {there} `{theirs}`"))
        }
        None if found.nullable => {
            (Drift::Differs, format!("{who} has the default `{ours}`, and {there} has none"))
        }
        None => (
            Drift::Broken,
            format!("{who} has the default `{ours}`, and {there} has none, so inserts fail"),
        ),
    };
    let cure = alter_column(pair.entity, property.column, &format!("SET DEFAULT {ours}"));
    let cure = changed(all, pair, [cure])?;
    all.add(Draft::new(drift, pair.entity, message).property(property).cure(cure));
    Ok(())
}

/// Whether two expressions are one: as texts without their spaces, and where both are the time of the
/// transaction.
pub(in crate::schema) fn is_same_text(one: &str, other: &str) -> bool {
    let words = |text: &str| {
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let bare = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
        let bare = bare.filter(|bare| !bare.contains(['(', ')'])).map(str::to_owned);
        let text = bare.unwrap_or(text);
        if text.eq_ignore_ascii_case("current_timestamp") { "now()".to_owned() } else { text }
    };
    one == other || words(one) == words(other)
}

/// Whether an insert that says nothing of the column fails.
pub(super) fn needs_value(column: &ColumnShape) -> bool {
    !column.nullable
        && column.default.is_none()
        && column.generated.is_none()
        && column.numbering.is_none()
}
