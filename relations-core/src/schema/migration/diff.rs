//! The changes that make one shape out of another.

use super::change::{Aspect, Change, Part};
use super::names::TableName;
use super::types::SqlType;
use crate::dialect::Engine;
use crate::schema::check::columns::is_same_text;
use crate::schema::shape::elements;
use crate::schema::shape::{
    CheckShape, ColumnShape, EnumShape, ForeignKeyShape, IndexShape, KeyShape, Shape, TableShape,
};

/// The changes from the shape `before` to the shape `after`, in the order in which they can be applied.
/// Views, comments and the order of columns are ignored.
///
/// ```
/// # use relations::prelude::*;
/// # use relations::{Engine, schema};
/// # use relations::shape::migration::diff;
/// mod before {
///     # use relations::prelude::*;
///     #[derive(Entity)]
///     pub struct Order { #[id] id: i64 }
/// }
///
/// #[derive(Entity)]
/// struct Order { #[id] id: i64, note: Option<String> }
///
/// let before = schema![before::Order].shape(Engine::Postgres)?;
/// let changes = diff(&before, &schema![Order].shape(Engine::Postgres)?);
/// assert_eq!(changes[0].to_string(), "adds the column `orders.note`");
/// # Ok::<(), relations::Error>(())
/// ```
#[must_use]
pub fn diff(before: &Shape, after: &Shape) -> Vec<Change> {
    let mut all = Diff { engine: after.engine, changes: Vec::new() };
    all.enums(before, after);
    all.tables(before, after);
    all.changes.sort_by_key(Change::rank);
    all.changes
}

/// Whether migrations define a table.
fn is_ours(table: &TableShape) -> bool {
    table.is_table() && !table.read_only
}

struct Diff {
    engine: Engine,
    changes: Vec<Change>,
}

impl Diff {
    fn enums(&mut self, before: &Shape, after: &Shape) {
        for one in &after.enums {
            match before.enumeration(&one.name) {
                None => self.changes.push(Change::CreateEnum(one.clone())),
                Some(known) => self.words(known, one),
            }
        }
        // Read-only tables are left as they are, and so are the types of their columns.
        let is_read = |one: &EnumShape| {
            let read = after.tables.iter().filter(|table| table.read_only);
            let mut columns = read.flat_map(|table| &table.columns);
            columns.any(|column| column.sql_type.trim_end_matches("[]") == one.name)
        };
        let is_gone = |one: &&EnumShape| after.enumeration(&one.name).is_none() && !is_read(one);
        let gone = before.enums.iter().filter(is_gone);
        self.changes.extend(gone.map(|one| Change::DropEnum(one.clone())));
    }

    fn words(&mut self, before: &EnumShape, after: &EnumShape) {
        let kept = after.words.iter().filter(|word| before.words.contains(word));
        if !kept.eq(before.words.iter()) {
            let (before, after) = (before.clone(), after.clone());
            self.changes.push(Change::ReplaceEnum { before, after });
            return;
        }
        for (at, word) in after.words.iter().enumerate() {
            if !before.words.contains(word) {
                let behind = after.words.iter().skip(at + 1);
                let before = behind.clone().find(|word| before.words.contains(word)).cloned();
                let (name, word) = (after.name.clone(), word.clone());
                self.changes.push(Change::AddWord { name, word, before });
            }
        }
    }

    fn tables(&mut self, before: &Shape, after: &Shape) {
        let find = |shape: &'_ Shape, table: &TableShape| {
            let found = shape.table(table.schema.as_deref(), &table.name);
            found.filter(|one| is_ours(one)).cloned()
        };
        let tables = |shape: &'_ Shape| {
            let tables = shape.tables.iter().filter(|table| is_ours(table));
            tables.cloned().collect::<Vec<_>>()
        };
        let new = tables(after).into_iter().filter(|table| find(before, table).is_none());
        self.new_tables(before, new.collect());
        for after in &tables(after) {
            if let Some(before) = find(before, after) {
                self.table(&before, after);
            }
        }
        let is_gone = |table: &TableShape| {
            let left = after.table(table.schema.as_deref(), &table.name);
            left.is_none_or(|left| !left.read_only && !left.is_table())
        };
        let gone = tables(before).into_iter().filter(|table| is_gone(table));
        self.changes.extend(gone.map(Change::DropTable));
    }

    /// New tables, each behind those that its foreign keys lead to. Keys that lead in a circle, or to
    /// what is not there before, come later by themselves.
    fn new_tables(&mut self, before: &Shape, mut new: Vec<TableShape>) {
        let mut schemas: Vec<_> = new.iter().filter_map(|table| table.schema.clone()).collect();
        schemas.sort();
        schemas.dedup();
        let is_known =
            |schema: &String| before.tables.iter().any(|one| one.schema.as_ref() == Some(schema));
        schemas.retain(|schema| !is_known(schema));
        self.changes.extend(schemas.into_iter().map(Change::CreateSchema));
        let mut placed: Vec<TableName> = Vec::new();
        while !new.is_empty() {
            let waits = |table: &TableShape, new: &[TableShape]| {
                let mut keys = table.foreign_keys.iter().map(target);
                keys.any(|target| {
                    target != TableName::of(table)
                        && new.iter().any(|other| TableName::of(other) == target)
                })
            };
            let at = new.iter().position(|table| !waits(table, &new)).unwrap_or_default();
            let mut table = new.remove(at);
            let name = TableName::of(&table);
            placed.push(name.clone());
            if self.engine == Engine::Postgres {
                // A cluster distributes a table before it has foreign keys.
                let can = |key: &ForeignKeyShape| {
                    table.distribution.is_none()
                        && (placed.contains(&target(key)) || has_key(before, key))
                };
                let (inside, later): (Vec<_>, Vec<_>) =
                    table.foreign_keys.into_iter().partition(can);
                table.foreign_keys = inside;
                self.changes.extend(later.into_iter().map(|key| Change::AddPart {
                    table: name.clone(),
                    part: Part::ForeignKey(key),
                }));
            }
            self.changes.push(Change::CreateTable(table));
        }
    }

    fn table(&mut self, before: &TableShape, after: &TableShape) {
        let table = TableName::of(after);
        for column in &after.columns {
            match before.column(&column.name) {
                None => {
                    let (table, column) = (table.clone(), column.clone());
                    self.changes.push(Change::AddColumn { table, column });
                }
                Some(known) => self.column(&table, known, column),
            }
        }
        if before.distribution != after.distribution {
            let (before, after) = (before.distribution.clone(), after.distribution.clone());
            self.changes.push(Change::Distribute { table: table.clone(), before, after });
        }
        let gone = before.columns.iter().filter(|column| after.column(&column.name).is_none());
        let gone: Vec<_> = gone.cloned().collect();
        self.parts(&table, before, after, &gone);
        self.changes.extend(
            gone.into_iter().map(|column| Change::DropColumn { table: table.clone(), column }),
        );
    }

    fn column(&mut self, table: &TableName, before: &ColumnShape, after: &ColumnShape) {
        let mut change = |aspect| {
            self.changes.push(Change::ChangeColumn {
                table: table.clone(),
                before: before.clone(),
                after: after.clone(),
                aspect,
            });
        };
        let is_other = |one: &Option<String>, other: &Option<String>| match (one, other) {
            (Some(one), Some(other)) => !is_same_text(one, other),
            (None, None) => false,
            _ => true,
        };
        if is_other(&before.generated, &after.generated) {
            change(Aspect::Generated);
            // Except where it becomes a plain one, the column is made anew with everything else.
            if after.generated.is_some() {
                return;
            }
        }
        if !is_same_type(self.engine, &before.sql_type, &after.sql_type) {
            change(Aspect::Type);
        }
        if before.numbering != after.numbering {
            change(Aspect::Numbering);
        }
        if is_other(&before.default, &after.default) {
            change(Aspect::Default);
        }
        if before.nullable != after.nullable {
            change(Aspect::Null);
        }
    }

    fn parts(
        &mut self,
        table: &TableName,
        before: &TableShape,
        after: &TableShape,
        gone: &[ColumnShape],
    ) {
        let columns = &before.columns;
        let (mut before, mut after) = (parts(before), parts(after));
        // One name, one part.
        let by_name = |one: &Part, other: &Part| {
            one.name().is_some() && one.name() == other.name() && is_same_kind(one, other)
        };
        // Parts of one definition are one part, whatever their names.
        let alike = |one: &Part, other: &Part| is_same_definition(one, other);
        let same_purpose = |one: &Part, other: &Part| is_same_purpose(one, other);
        let pairs = (pairs(&mut before, &mut after, by_name).into_iter())
            .chain(pairs(&mut before, &mut after, alike))
            .chain(pairs(&mut before, &mut after, same_purpose))
            .collect::<Vec<_>>();
        for (before, after) in pairs {
            let is_same = is_same_definition(&before, &after);
            match after.name() {
                Some(to) if is_same && before.name().is_some_and(|from| from != to) => {
                    let (table, to) = (table.clone(), to.to_owned());
                    self.changes.push(Change::RenamePart { table, part: before, to });
                }
                _ if is_same => {}
                _ => {
                    let table = table.clone();
                    self.changes.push(Change::ReplacePart { table, before, after });
                }
            }
        }
        for part in before {
            if !goes_with(&part, gone, columns) {
                self.changes.push(Change::DropPart { table: table.clone(), part });
            }
        }
        let added = after.into_iter();
        self.changes.extend(added.map(|part| Change::AddPart { table: table.clone(), part }));
    }
}

/// The table that a foreign key leads to.
pub(super) fn target(key: &ForeignKeyShape) -> TableName {
    TableName::new(key.target_schema.as_deref(), &key.target_table)
}

/// Whether the target of a key is there, and unique.
fn has_key(shape: &Shape, key: &ForeignKeyShape) -> bool {
    let Some(target) = shape.table(key.target_schema.as_deref(), &key.target_table) else {
        return false;
    };
    let is_it = |columns: &[String]| {
        columns.len() == key.target_columns.len()
            && columns.iter().all(|column| key.target_columns.contains(column))
    };
    target.primary_key.as_ref().is_some_and(|key| is_it(&key.columns))
        || target
            .indexes
            .iter()
            .any(|one| one.unique && one.filter.is_none() && is_it(&one.columns))
}

/// Takes the pairs of two lists that a condition finds.
fn pairs(
    before: &mut Vec<Part>,
    after: &mut Vec<Part>,
    is_pair: impl Fn(&Part, &Part) -> bool,
) -> Vec<(Part, Part)> {
    let mut found = Vec::new();
    let mut rest = Vec::new();
    for one in before.drain(..) {
        match after.iter().position(|other| is_pair(&one, other)) {
            Some(at) => found.push((one, after.remove(at))),
            None => rest.push(one),
        }
    }
    *before = rest;
    found
}

/// The keys, indexes and checks of a table.
pub(super) fn parts(table: &TableShape) -> Vec<Part> {
    let key = table.primary_key.iter().cloned().map(Part::PrimaryKey);
    let checks = table.checks.iter().cloned().map(Part::Check);
    let indexes = table.indexes.iter().cloned().map(Part::Index);
    let foreign_keys = table.foreign_keys.iter().cloned().map(Part::ForeignKey);
    key.chain(indexes).chain(checks).chain(foreign_keys).collect()
}

fn is_same_kind(one: &Part, other: &Part) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// Whether both are one but for their names.
pub(super) fn is_same_definition(one: &Part, other: &Part) -> bool {
    match (one, other) {
        (Part::PrimaryKey(one), Part::PrimaryKey(other)) => one.columns == other.columns,
        (Part::ForeignKey(one), Part::ForeignKey(other)) => {
            let bare = |key: &ForeignKeyShape| ForeignKeyShape {
                name: None,
                deferred: key.deferrable && key.deferred,
                ..key.clone()
            };
            bare(one) == bare(other)
        }
        (Part::Index(one), Part::Index(other)) => {
            let filters = match (&one.filter, &other.filter) {
                (Some(one), Some(other)) => is_same_text(one, other),
                (one, other) => one == other,
            };
            let bare = |index: &IndexShape| IndexShape {
                name: None,
                definition: None,
                filter: None,
                // An expression is spelled in its element.
                columns: if index.elements.is_empty() { index.columns.clone() } else { Vec::new() },
                elements: Vec::new(),
                has_expressions: false,
                ..index.clone()
            };
            filters
                && elements::are_same(&one.elements, &other.elements)
                && bare(one) == bare(other)
        }
        (Part::Check(one), Part::Check(other)) => is_same_text(&one.definition, &other.definition),
        _ => false,
    }
}

/// Whether one takes the place of the other though it differs: the primary key, and a foreign key of the
/// same columns to the same target.
fn is_same_purpose(one: &Part, other: &Part) -> bool {
    match (one, other) {
        (Part::PrimaryKey(_), Part::PrimaryKey(_)) => true,
        (Part::ForeignKey(one), Part::ForeignKey(other)) => {
            one.columns == other.columns
                && target(one) == target(other)
                && one.target_columns == other.target_columns
        }
        _ => false,
    }
}

/// Whether a part goes with dropped columns, since it is about nothing else; a condition of an index
/// does not count.
fn goes_with(part: &Part, gone: &[ColumnShape], columns: &[ColumnShape]) -> bool {
    let mut part = part.clone();
    if let Part::Index(index) = &mut part {
        index.filter = None;
    }
    let is_gone = |column: &ColumnShape| gone.iter().any(|one| one.name == column.name);
    let mut over = columns.iter().filter(|column| is_over(&part, &column.name)).peekable();
    over.peek().is_some() && over.all(is_gone)
}

/// Whether the database drops a part with a column.
pub(super) fn is_over(part: &Part, column: &str) -> bool {
    let has = |columns: &[String]| columns.iter().any(|one| one == column);
    match part {
        Part::PrimaryKey(KeyShape { columns, .. }) => has(columns),
        Part::ForeignKey(key) => has(&key.columns),
        Part::Index(index) => {
            has(&index.columns)
                || index.has_expressions && index.columns.iter().any(|one| names(one, column))
                || index.elements.iter().any(|one| names(one, column))
                || index.filter.as_ref().is_some_and(|filter| names(filter, column))
        }
        Part::Check(CheckShape { definition, .. }) => names(definition, column),
    }
}

/// Whether an expression has a name among its words.
pub(super) fn names(expression: &str, name: &str) -> bool {
    let is_within = |character: char| character.is_alphanumeric() || "_$".contains(character);
    expression.split(|character| !is_within(character)).any(|word| word.eq_ignore_ascii_case(name))
}

/// Whether both spell one type.
pub(super) fn is_same_type(engine: Engine, one: &str, other: &str) -> bool {
    match engine {
        Engine::Postgres => SqlType::of(one) == SqlType::of(other),
        Engine::Sqlite => one.eq_ignore_ascii_case(other),
    }
}
