//! The shape of a database of SQLite's, out of its pragmas and the texts of its tables.

use std::collections::HashMap;

use super::{
    CheckShape, ColumnShape, ForeignKeyShape, IndexShape, KeyShape, Numbering, Shape, TableKind,
    TableShape, elements, sqlite_text,
};
use crate::definition::relation::Action;
use crate::dialect::Engine;
use crate::driver::executor::Executor;
use crate::error::Result;
use crate::raw_sql::sql;

const TABLES: &str = "SELECT name, type, coalesce(sql, '') FROM sqlite_schema \
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";

const COLUMNS: &str = "SELECT m.name, x.name, coalesce(x.type, ''), x.\"notnull\", x.dflt_value, x.pk, x.hidden \
    FROM sqlite_schema m, pragma_table_xinfo(m.name) x \
    WHERE m.type IN ('table', 'view') ORDER BY m.name, x.cid";

const FOREIGN_KEYS: &str = "SELECT m.name, x.id, x.\"table\", x.\"from\", x.\"to\", x.on_update, x.on_delete \
    FROM sqlite_schema m, pragma_foreign_key_list(m.name) x \
    WHERE m.type = 'table' ORDER BY m.name, x.id, x.seq";

const INDEXES: &str = "SELECT m.name, l.name, l.\"unique\", l.origin, x.name, coalesce(i.sql, '') \
    FROM sqlite_schema m, pragma_index_list(m.name) l, pragma_index_xinfo(l.name) x \
    LEFT JOIN sqlite_schema i ON i.type = 'index' AND i.name = l.name \
    WHERE m.type = 'table' AND x.key = 1 ORDER BY m.name, l.name, x.seqno";

type Column = (String, String, String, i64, Option<String>, i64, i64);
type ForeignKey = (String, i64, String, String, Option<String>, String, String);
type Index = (String, String, i64, String, Option<String>, String);

pub(super) async fn shape(db: &impl Executor) -> Result<Shape> {
    let known: Vec<(String, String, String)> = sql(TABLES, ()).all(db).await?;
    let mut tables: HashMap<String, TableShape> = HashMap::new();
    let mut texts = HashMap::new();
    for (name, kind, text) in known {
        texts.insert(name.clone(), sqlite_text::table(&text));
        tables.insert(name.clone(), empty(name, &kind));
    }
    let mut keys: HashMap<String, Vec<(i64, String)>> = HashMap::new();
    for column in sql(COLUMNS, ()).all::<Column>(db).await? {
        let (of, position) = (column.0.clone(), column.5);
        let Some(table) = tables.get_mut(&of) else { continue };
        if position > 0 {
            keys.entry(of.clone()).or_default().push((position, column.1.clone()));
        }
        let generated = texts.get(&of).and_then(|text| {
            let of_column = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(&column.1);
            text.generated.iter().find(of_column).map(|(_, expression)| expression.clone())
        });
        table.columns.push(self::column(column, generated));
    }
    for (of, mut columns) in keys {
        columns.sort();
        let Some(table) = tables.get_mut(&of) else { continue };
        let columns: Vec<_> = columns.into_iter().map(|(_, name)| name).collect();
        number(table, &columns);
        table.primary_key = Some(KeyShape { name: None, columns });
    }
    foreign_keys(&mut tables, sql(FOREIGN_KEYS, ()).all(db).await?);
    for table in tables.values_mut() {
        let Some(text) = texts.get(&table.name) else { continue };
        for key in &mut table.foreign_keys {
            let is_it = |text: &&sqlite_text::ForeignKeyText| same(&text.columns, &key.columns);
            let Some(text) = text.foreign_keys.iter().find(is_it) else { continue };
            key.name.clone_from(&text.name);
            (key.deferrable, key.deferred) = (text.deferrable, text.deferrable && text.deferred);
        }
        table.checks = text
            .checks
            .iter()
            .map(|(name, check)| CheckShape {
                name: name.clone(),
                definition: format!("CHECK ({check})"),
            })
            .collect();
    }
    indexes(&mut tables, sql(INDEXES, ()).all(db).await?);
    Ok(Shape::new(Engine::Sqlite, tables.into_values().collect(), Vec::new()))
}

fn empty(name: String, kind: &str) -> TableShape {
    TableShape {
        schema: None,
        on_search_path: true,
        name,
        kind: if kind == "view" { TableKind::View } else { TableKind::Table },
        comment: None,
        columns: Vec::new(),
        primary_key: None,
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
        read_only: false,
        distribution: None,
    }
}

fn column(column: Column, generated: Option<String>) -> ColumnShape {
    let (_, name, sql_type, not_null, default, _, hidden) = column;
    let base_type = sql_type.split('(').next().unwrap_or_default().trim().to_ascii_uppercase();
    ColumnShape {
        name,
        nullable: not_null == 0,
        sql_type,
        base_type,
        default,
        generated: generated.filter(|_| matches!(hidden, 2 | 3)),
        numbering: None,
        comment: None,
    }
}

/// A sole key of the type `INTEGER` is the number of its row.
fn number(table: &mut TableShape, key: &[String]) {
    if let [only] = key
        && let Some(column) = table.columns.iter_mut().find(|column| column.name == *only)
        && column.sql_type.eq_ignore_ascii_case("INTEGER")
    {
        column.numbering = Some(Numbering::RowNumber);
        column.nullable = false;
    }
}

fn foreign_keys(tables: &mut HashMap<String, TableShape>, rows: Vec<ForeignKey>) {
    let primary: HashMap<String, Vec<String>> = tables
        .values()
        .filter_map(|table| {
            let key = table.primary_key.as_ref()?;
            Some((table.name.to_ascii_lowercase(), key.columns.clone()))
        })
        .collect();
    let mut last = None;
    for (of, id, target, from, to, on_update, on_delete) in rows {
        let Some(table) = tables.get_mut(&of) else { continue };
        if last != Some((of.clone(), id)) {
            table.foreign_keys.push(ForeignKeyShape {
                name: None,
                columns: Vec::new(),
                target_schema: None,
                target_table: target.clone(),
                target_columns: Vec::new(),
                on_delete: action(&on_delete),
                on_update: action(&on_update),
                set_null: Vec::new(),
                validated: true,
                enforced: true,
                deferrable: false,
                deferred: false,
            });
        }
        last = Some((of, id));
        if let Some(key) = table.foreign_keys.last_mut() {
            // Without columns it references the primary key.
            let own = primary.get(&target.to_ascii_lowercase());
            let own = own.and_then(|own| own.get(key.columns.len()).cloned());
            key.target_columns.extend(to.or(own));
            key.columns.push(from);
        }
    }
}

fn indexes(tables: &mut HashMap<String, TableShape>, rows: Vec<Index>) {
    let mut last = None;
    for (of, name, unique, origin, column, text) in rows {
        let Some(table) = tables.get_mut(&of) else { continue };
        if origin == "pk" {
            continue;
        }
        if last != Some((of.clone(), name.clone())) {
            table.indexes.push(IndexShape {
                name: (origin == "c").then(|| name.clone()),
                columns: Vec::new(),
                has_expressions: false,
                elements: Vec::new(),
                unique: unique == 1,
                constraint: origin == "u",
                valid: true,
                filter: sqlite_text::condition(&text),
                method: "btree".to_owned(),
                deferrable: false,
                deferred: false,
                nulls_equal: false,
                definition: Some(text).filter(|text| !text.is_empty()),
            });
        }
        last = Some((of, name));
        if let Some(index) = table.indexes.last_mut() {
            index.has_expressions |= column.is_none();
            index.columns.push(column.unwrap_or_else(|| "(expression)".to_owned()));
        }
    }
    for index in tables.values_mut().flat_map(|table| &mut table.indexes) {
        let text = index.definition.as_deref().unwrap_or_default();
        index.elements = elements::of_index(text, &index.columns);
    }
}

fn same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.eq_ignore_ascii_case(b))
}

fn action(words: &str) -> Action {
    match words {
        "RESTRICT" => Action::Restrict,
        "CASCADE" => Action::Cascade,
        "SET NULL" => Action::SetNull,
        "SET DEFAULT" => Action::SetDefault,
        _ => Action::NoAction,
    }
}
