//! A database that is there, as the shape before a change.

use super::change::{Change, Part};
use super::consent::Consents;
use super::diff::{is_over, is_same_definition};
use super::names::TableName;
use super::rename::{renamed, take_back};
use crate::dialect::Engine;
use crate::driver::pool::Database;
use crate::error::Result;
use crate::schema::Schema;
use crate::schema::check::{self, columns::is_same_text, readable};
use crate::schema::shape::{ColumnShape, ForeignKeyShape, IndexShape, Shape, TableShape, elements};

/// The shape of a database and that of entities, as [`plan()`](super::plan()) compares them: things that
/// only the database has are left out unless consent names them, and equal expressions are spelled alike.
///
/// # Errors
///
/// The database cannot be reached or read; or the engine does not support the schema
/// ([`Error::is_invalid_request`](crate::Error::is_invalid_request)).
pub async fn compared(
    db: &Database,
    schema: &Schema,
    consents: &Consents,
) -> Result<(Shape, Shape)> {
    use crate::driver::executor::Executor;
    let engine = db.engine();
    let mut declared = schema.shape(engine)?;
    let found = db.shape().await?;
    check::spelled_alike(db, schema, &mut declared, &found).await?;
    let found = with_names_of_entities(&found, &declared);
    // Parts are compared by the new names. The plan reports a rename that is not possible.
    let (found, renames) =
        renamed(&found, &declared, &consents.renames).unwrap_or((found, Vec::new()));
    let (mut found, unknown) = aligned(&found, &declared, consents, &renames);
    for (name, part) in unknown {
        let is_it = |table: &&mut TableShape| TableName::of(table) == name;
        if let Some(table) = declared.tables.iter_mut().find(is_it) {
            add(table, part);
        }
    }
    take_back(&mut found, &renames);
    Ok((found, declared))
}

/// The tables of a database. One of the search path needs no schema, and entities without one write none.
fn with_names_of_entities(found: &Shape, declared: &Shape) -> Shape {
    let is_written = |schema: Option<&str>, name: &str| declared.table(schema, name).is_some();
    let mut all = found.clone();
    all.tables.retain(TableShape::is_table);
    for table in &mut all.tables {
        if table.on_search_path && !is_written(table.schema.as_deref(), &table.name) {
            table.schema = None;
        }
        for key in &mut table.foreign_keys {
            let target = found.table(key.target_schema.as_deref(), &key.target_table);
            let on_path = target.is_some_and(|target| target.on_search_path);
            if on_path && !is_written(key.target_schema.as_deref(), &key.target_table) {
                key.target_schema = None;
            }
        }
    }
    all
}

/// The shape of the database, and the parts that only the database knows: they are on both sides, so that
/// they stay where their table or a column is made anew.
fn aligned(
    found: &Shape,
    declared: &Shape,
    consents: &Consents,
    renames: &[Change],
) -> (Shape, Vec<(TableName, Part)>) {
    let mut all = Shape {
        engine: found.engine,
        tables: Vec::new(),
        enums: Vec::new(),
        is_cluster: found.is_cluster,
    };
    let mut unknown = Vec::new();
    for table in &found.tables {
        let (mut table, name) = (table.clone(), TableName::of(table));
        let old_name = renames.iter().find_map(|change| match change {
            Change::RenameTable { from, to } if *to == name => Some(from),
            _ => None,
        });
        let names = [name.to_string(), old_name.unwrap_or(&name).to_string()];
        let consents = OfTable { consents, names };
        match declared.table(table.schema.as_deref(), &table.name) {
            Some(ours) => {
                if !found.is_cluster || ours.distribution.is_none() {
                    table.distribution.clone_from(&ours.distribution);
                }
                let mut parts = Vec::new();
                let mut known = known(found.engine, table, ours, &consents, &mut parts);
                for part in parts {
                    match known_sides(found.engine, &part, &known, ours, &consents) {
                        KnownSides::Both => unknown.push((name.clone(), part.clone())),
                        KnownSides::Before => {}
                        KnownSides::Nowhere => continue,
                    }
                    add(&mut known, part);
                }
                all.tables.push(known);
            }
            None if consents.names_table() => all.tables.push(table),
            None => {}
        }
    }
    let is_known = |name: &str| {
        declared.enumeration(name).is_some() || consents.drops.contains(&format!("enum:{name}"))
    };
    all.enums = found.enums.iter().filter(|one| is_known(&one.name)).cloned().collect();
    (all, unknown)
}

/// The sides of the comparison that have a part which only the database knows.
enum KnownSides {
    /// It stays.
    Both,
    /// It is dropped, by its name or with all of its columns.
    Before,
    /// It is not touched, or the runner makes it again.
    Nowhere,
}

fn known_sides(
    engine: Engine,
    part: &Part,
    known: &TableShape,
    ours: &TableShape,
    consents: &OfTable<'_>,
) -> KnownSides {
    let is_dropped = |column: &ColumnShape| {
        ours.column(&column.name).is_none() && consents.drops_column(&column.name)
    };
    let mut over = known.columns.iter().filter(|column| is_over(part, &column.name)).peekable();
    if over.peek().is_none() {
        return KnownSides::Nowhere;
    }
    if over.clone().any(is_dropped) {
        return KnownSides::Before;
    }
    let is_made_again = match part {
        Part::Index(index) => engine == Engine::Sqlite && !index.constraint,
        Part::Check(check) => !check.definition.starts_with("CHECK"),
        Part::PrimaryKey(_) | Part::ForeignKey(_) => false,
    };
    let is_kept = !is_made_again && over.all(|column| ours.column(&column.name).is_some());
    if is_kept { KnownSides::Both } else { KnownSides::Nowhere }
}

fn add(table: &mut TableShape, part: Part) {
    match part {
        Part::PrimaryKey(key) => table.primary_key = Some(key),
        Part::ForeignKey(key) => table.foreign_keys.push(key),
        Part::Index(index) => table.indexes.push(index),
        Part::Check(check) => table.checks.push(check),
    }
}

/// Removes the items from a list that do not satisfy a condition, and returns them.
fn take<T>(list: &mut Vec<T>, stays: impl Fn(&T) -> bool) -> Vec<T> {
    list.extract_if(.., |one| !stays(one)).collect()
}

/// The consents to changes of a table, by its new name and its old one: to one by the old name the plan says
/// the new one.
struct OfTable<'a> {
    consents: &'a Consents,
    names: [String; 2],
}

impl OfTable<'_> {
    fn drops_column(&self, column: &str) -> bool {
        self.names.iter().any(|name| self.consents.drops.contains(&format!("{name}.{column}")))
    }

    /// Whether the table is to go, or to get another name that no entity has.
    fn names_table(&self) -> bool {
        let is_it = |name: &String| self.names.contains(name);
        self.consents.drops.iter().any(is_it)
            || self.consents.renames.iter().any(|(from, _)| is_it(from))
    }

    /// Whether a column is to get another name that the entity does not have.
    fn renames_column(&self, column: &str) -> bool {
        let is_it = |from: &String| {
            from.rsplit_once('.').is_some_and(|(table, of)| {
                of == column && self.names.iter().any(|name| name == table)
            })
        };
        self.consents.renames.iter().any(|(from, _)| is_it(from))
    }

    fn drops_part(&self, kind: &str, part: &str) -> bool {
        let drops = &self.consents.drops;
        self.names.iter().any(|name| drops.contains(&format!("{kind}:{name}.{part}")))
    }
}

fn known(
    engine: Engine,
    mut table: TableShape,
    ours: &TableShape,
    consents: &OfTable<'_>,
    unknown: &mut Vec<Part>,
) -> TableShape {
    table.columns.retain(|column| {
        ours.column(&column.name).is_some()
            || consents.drops_column(&column.name)
            || consents.renames_column(&column.name)
    });
    for column in &mut table.columns {
        if let Some(ours) = ours.column(&column.name) {
            spelled(engine, column, ours);
        }
    }
    let is_dropped = |kind: &str, part: Option<&String>| {
        part.is_some_and(|part| consents.drops_part(kind, part))
    };
    if let (Some(key), Some(ours)) = (&mut table.primary_key, &ours.primary_key) {
        if engine == Engine::Sqlite {
            key.name.clone_from(&ours.name);
        }
        if is_same_set(&key.columns, &ours.columns) {
            key.columns.clone_from(&ours.columns);
        }
    }
    for key in &mut table.foreign_keys {
        let Some(ours) = ours.foreign_keys.iter().find(|ours| is_same_key(key, ours)) else {
            continue;
        };
        key.columns.clone_from(&ours.columns);
        key.target_columns.clone_from(&ours.target_columns);
        key.set_null.clone_from(&ours.set_null);
        if engine == Engine::Sqlite {
            key.name.clone_from(&ours.name);
        }
    }
    let foreign_keys = take(&mut table.foreign_keys, |key| {
        ours.foreign_keys.iter().any(|ours| ours.columns == key.columns)
            || is_dropped("constraint", key.name.as_ref())
    });
    unknown.extend(foreign_keys.into_iter().map(Part::ForeignKey));
    for index in &mut table.indexes {
        if let Some(ours) = ours.indexes.iter().find(|ours| is_same_index(index, ours)) {
            let valid = index.valid;
            // SQLite names the index of a constraint itself.
            let is_named = engine == Engine::Postgres || !index.constraint;
            let name = index.name.clone().filter(|_| is_named);
            *index = IndexShape { valid, name: name.or_else(|| ours.name.clone()), ..ours.clone() };
        }
    }
    let by_name = |index: &IndexShape| ours.indexes.iter().any(|ours| ours.name == index.name);
    let by_definition = |index: &IndexShape| {
        let part = Part::Index(IndexShape { valid: true, ..index.clone() });
        ours.indexes.iter().any(|ours| is_same_definition(&part, &Part::Index(ours.clone())))
    };
    let serving = table.clone();
    let indexes = take(&mut table.indexes, |index| {
        let kind = if index.constraint { "constraint" } else { "index" };
        by_name(index) || by_definition(index) || is_dropped(kind, index.name.as_ref())
    });
    unknown.extend(indexes.into_iter().map(Part::Index));
    // An index of more columns does as well.
    let is_plain =
        |ours: &&IndexShape| !ours.unique && ours.filter.is_none() && ours.elements.is_empty();
    for ours in ours.indexes.iter().filter(is_plain) {
        let is_there = table.indexes.iter().any(|index| index.columns == ours.columns);
        if !is_there && serves(&serving, &ours.columns) {
            table.indexes.push(ours.clone());
        }
    }
    let checks = take(&mut table.checks, |check| {
        let is_ours = ours.checks.iter().any(|ours| {
            ours.name == check.name || is_same_text(&ours.definition, &check.definition)
        });
        is_ours || is_dropped("constraint", check.name.as_ref())
    });
    unknown.extend(checks.into_iter().map(Part::Check));
    table
}

/// Spells a column as it is declared, where that says one thing.
fn spelled(engine: Engine, column: &mut ColumnShape, ours: &ColumnShape) {
    if readable::is_same(engine, ours, column) {
        column.sql_type.clone_from(&ours.sql_type);
    }
    let counts = column.numbering.is_some() && ours.numbering.is_some();
    if counts || engine == Engine::Sqlite && ours.numbering.is_none() {
        column.numbering = ours.numbering;
    }
    if counts || ours.default.is_none() {
        column.default = None;
    }
    if engine == Engine::Sqlite && column.numbering.is_some() {
        column.nullable = ours.nullable;
    }
}

fn is_same_set(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|column| other.contains(column))
}

fn is_same_key(one: &ForeignKeyShape, other: &ForeignKeyShape) -> bool {
    let pairs = |key: &ForeignKeyShape| {
        let pairs = key.columns.iter().cloned().zip(key.target_columns.iter().cloned());
        let mut pairs: Vec<_> = pairs.collect();
        pairs.sort();
        pairs
    };
    one.target_table == other.target_table && pairs(one) == pairs(other)
}

/// Whether both are one index; a unique one may have its columns in another order, and be a constraint or
/// not.
fn is_same_index(one: &IndexShape, other: &IndexShape) -> bool {
    let filters = match (&one.filter, &other.filter) {
        (Some(one), Some(other)) => is_same_text(one, other),
        (None, None) => true,
        _ => false,
    };
    let columns = if !other.elements.is_empty() {
        elements::are_same(&one.elements, &other.elements)
    } else if one.unique {
        is_same_set(&one.columns, &other.columns)
    } else {
        one.columns == other.columns
    };
    let is_plain = !one.nulls_equal && (!one.has_expressions || !other.elements.is_empty());
    let same_time = one.deferrable == other.deferrable && one.deferred == other.deferred;
    filters
        && columns
        && is_plain
        && same_time
        && one.unique == other.unique
        && one.method == other.method
}

/// Whether an index, or that of a key, begins with these columns.
fn serves(table: &TableShape, columns: &[String]) -> bool {
    let begins = |indexed: &[String]| {
        indexed.get(..columns.len()).is_some_and(|first| is_same_set(first, columns))
    };
    table.primary_key.as_ref().is_some_and(|key| begins(&key.columns))
        || table.indexes.iter().any(|index| {
            index.valid
                && index.filter.is_none()
                && matches!(&*index.method, "btree")
                && begins(&index.columns)
        })
}
