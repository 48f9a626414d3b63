//! The shape of a database of PostgreSQL's, out of its catalogs in one statement.
//!
//! `information_schema` would hide what the role may not see. Lists travel as texts with a separator
//! between their parts, which no name contains, so that the statement needs no feature of this crate.
//! Columns of catalogs that only later versions have are read by way of `to_jsonb`.

use std::collections::{BTreeMap, HashMap};

use super::{
    CheckShape, ColumnShape, DistributionShape, EnumShape, ForeignKeyShape, IndexShape, KeyShape,
    Numbering, Shape, TableKind, TableShape, elements,
};
use crate::definition::relation::Action;
use crate::dialect::Engine;
use crate::driver::executor::Executor;
use crate::error::Result;
use crate::raw_sql::sql;

/// Stands between the words of an enum.
const SEPARATOR: char = '\u{1f}';

/// The bases of domains, which may be of other domains.
macro_rules! bases {
    () => {
        "bases AS MATERIALIZED (WITH RECURSIVE b AS (\
         SELECT oid, typbasetype AS base FROM pg_type WHERE typtype = 'd' UNION \
         SELECT b.oid, t.typbasetype FROM b JOIN pg_type t ON t.oid = b.base WHERE t.typtype = 'd') \
         SELECT b.oid, b.base FROM b JOIN pg_type t ON t.oid = b.base WHERE t.typtype <> 'd')"
    };
}

/// The facts of a column `a` of the type `y` with the default `d`.
macro_rules! column_facts {
    () => {
        "ARRAY[format_type(a.atttypid, a.atttypmod), format_type(coalesce(b.base, a.atttypid), NULL), \
         (NOT (a.attnotnull OR y.typnotnull))::text, pg_get_expr(d.adbin, d.adrelid), \
         a.attgenerated::text, a.attidentity::text, col_description(a.attrelid, a.attnum), \
         a.attnum::text]"
    };
}

macro_rules! column_joins {
    () => {
        " JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN bases b ON b.oid = a.atttypid \
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         WHERE a.attnum > 0 AND NOT a.attisdropped"
    };
}

/// Keys and indexes tell their columns by numbers; that costs the planner a tenth of joins for names.
const CATALOG: &str = concat!(
    "WITH ",
    bases!(),
    ", tables AS MATERIALIZED (SELECT c.oid, n.nspname, c.relname, c.relkind \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition \
     AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
     AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass \
     AND e.objid = c.oid AND e.deptype = 'e')) ",
    "SELECT 'table' AS kind, oid::int8 AS of, relname::text AS name, ARRAY[nspname::text, relkind::text, \
     pg_table_is_visible(oid)::text, obj_description(oid, 'pg_class')] AS facts FROM tables \
     UNION ALL SELECT 'column', a.attrelid::int8, a.attname::text, ",
    column_facts!(),
    " FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid",
    column_joins!(),
    " UNION ALL SELECT 'enum', e.oid::int8, format_type(e.oid, NULL), \
     ARRAY[obj_description(e.oid, 'pg_type'), \
     (SELECT string_agg(l.enumlabel, chr(31) ORDER BY l.enumsortorder) FROM pg_enum l \
     WHERE l.enumtypid = e.oid)] FROM pg_type e WHERE e.typtype = 'e' \
     UNION ALL SELECT 'constraint', k.conrelid::int8, k.conname::text, ARRAY[k.contype::text, \
     k.conkey::text, k.confrelid::int8::text, k.confkey::text, k.confdeltype::text, k.confupdtype::text, \
     to_jsonb(k)->>'confdelsetcols', k.convalidated::text, coalesce(to_jsonb(k)->>'conenforced', 'true'), \
     k.condeferrable::text, k.condeferred::text, \
     CASE WHEN k.contype <> 'f' THEN pg_get_constraintdef(k.oid) END, k.confrelid::regclass::text] \
     FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid \
     WHERE k.contype IN ('f', 'c', 'x') AND k.conparentid = 0 \
     UNION ALL SELECT 'index', i.indrelid::int8, c.relname::text, ARRAY[i.indkey::text, \
     i.indnkeyatts::text, CASE WHEN 0 = ANY (i.indkey::int2[]) THEN (SELECT string_agg(\
     pg_get_indexdef(i.indexrelid, at, true), chr(31) ORDER BY at) \
     FROM generate_series(1, i.indnkeyatts) AS at) END, i.indisunique::text, i.indisprimary::text, \
     k.contype::text, (i.indisvalid AND i.indisready)::text, pg_get_expr(i.indpred, i.indrelid), \
     m.amname::text, (NOT i.indimmediate)::text, coalesce(to_jsonb(i)->>'indnullsnotdistinct', 'false'), \
     pg_get_indexdef(i.indexrelid), coalesce(k.condeferred, false)::text] FROM tables t JOIN pg_index i ON i.indrelid = t.oid \
     JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam \
     LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid \
     AND k.contype IN ('p', 'u', 'x') \
     UNION ALL SELECT 'cluster', 0, '', ARRAY[]::text[] WHERE to_regclass('pg_dist_partition') IS NOT NULL",
);

/// The tables that Citus distributes, by their columns. Tables of one server that it knows are left out.
const DISTRIBUTED: &str = "SELECT p.logicalrelid::oid::int8, CASE WHEN f.facts->>'partmethod' <> 'n' THEN \
                           coalesce(a.attname::text, f.facts->>'partkey') END \
                           FROM pg_dist_partition p CROSS JOIN LATERAL (SELECT to_jsonb(p) AS facts) f \
                           LEFT JOIN pg_attribute a ON a.attrelid = p.logicalrelid::oid AND a.attnum = \
                           substring(f.facts->>'partkey' FROM ':varattno ([0-9]+)')::int2 \
                           WHERE NOT (f.facts->>'partmethod' = 'n' AND \
                           coalesce(f.facts->>'repmodel', 't') <> 't')";

const COLUMNS: &str = concat!(
    "WITH ",
    bases!(),
    " SELECT a.attname::text, ",
    column_facts!(),
    " FROM pg_attribute a",
    column_joins!(),
    " AND a.attrelid = to_regclass($1)"
);

/// A row of the catalogs: a kind, the table it is of, a name, and facts in an order of their own.
type Fact = (String, i64, String, Facts);

/// Facts by their positions, of which some may be null.
type Facts = Vec<Option<String>>;

pub(super) async fn shape(db: &impl Executor) -> Result<Shape> {
    let facts: Vec<Fact> = sql(CATALOG, ()).all(db).await?;
    let mut tables: HashMap<i64, TableShape> = HashMap::new();
    let mut columns: HashMap<i64, BTreeMap<i64, ColumnShape>> = HashMap::new();
    let (mut enums, mut is_cluster) = (Vec::new(), false);
    for (kind, of, name, facts) in &facts {
        match &**kind {
            "table" => {
                tables.insert(*of, table(name, facts));
            }
            "column" => {
                let number = text(facts, 7).parse().unwrap_or_default();
                columns.entry(*of).or_default().insert(number, column(name, facts));
            }
            "enum" => enums.push(EnumShape {
                name: name.clone(),
                comment: get(facts, 0),
                words: list(facts, 1),
            }),
            "cluster" => is_cluster = true,
            _ => {}
        }
    }
    let names = Names(&columns);
    let targets: HashMap<i64, (Option<String>, String)> = tables
        .iter()
        .map(|(oid, table)| (*oid, (table.schema.clone(), table.name.clone())))
        .collect();
    for (kind, of, name, facts) in &facts {
        let Some(table) = tables.get_mut(of) else { continue };
        match &**kind {
            "constraint" if text(facts, 0) == "f" => {
                let mut key = foreign_key(name, *of, facts, &names);
                if let Some((schema, target)) = targets.get(&number(facts, 2)) {
                    (key.target_schema, key.target_table) = (schema.clone(), target.clone());
                }
                table.foreign_keys.push(key);
            }
            "constraint" => table
                .checks
                .push(CheckShape { name: Some(name.clone()), definition: text(facts, 11) }),
            "index" if is(facts, 4) => {
                let columns = names.of(*of, &text(facts, 0));
                table.primary_key = Some(KeyShape { name: Some(name.clone()), columns });
            }
            // That of an exclusion constraint is told with it.
            "index" if text(facts, 5) != "x" => table.indexes.push(index(name, *of, facts, &names)),
            _ => {}
        }
    }
    for (oid, columns) in columns {
        if let Some(table) = tables.get_mut(&oid) {
            table.columns = columns.into_values().collect();
        }
    }
    if is_cluster {
        let distributed: Vec<(i64, Option<String>)> = sql(DISTRIBUTED, ()).all(db).await?;
        for (oid, column) in distributed {
            if let Some(table) = tables.get_mut(&oid) {
                let by = column.map(DistributionShape::By);
                table.distribution = Some(by.unwrap_or(DistributionShape::Reference));
            }
        }
    }
    let shape = Shape::new(Engine::Postgres, tables.into_values().collect(), enums);
    Ok(Shape { is_cluster, ..shape })
}

/// The names of columns by the numbers of their tables and their own.
struct Names<'a>(&'a HashMap<i64, BTreeMap<i64, ColumnShape>>);

impl Names<'_> {
    /// The names of a list of numbers, as catalogs spell one. A number without a column is left out.
    fn of(&self, table: i64, numbers: &str) -> Vec<String> {
        let Some(columns) = self.0.get(&table) else { return Vec::new() };
        let numbers = numbers.split(|character: char| !character.is_ascii_digit());
        let numbers = numbers.filter_map(|number| number.parse().ok());
        numbers.filter_map(|number: i64| Some(columns.get(&number)?.name.clone())).collect()
    }
}

/// The columns of one table, as its name is written in SQL.
pub(in crate::schema) async fn columns(
    db: &impl Executor,
    table: &str,
) -> Result<Vec<ColumnShape>> {
    let facts: Vec<(String, Facts)> = sql(COLUMNS, (table,)).all(db).await?;
    Ok(facts.iter().map(|(name, facts)| column(name, facts)).collect())
}

/// The condition of an index, as PostgreSQL tells it; `None` where there is no such index.
pub(in crate::schema) async fn condition(
    db: &impl Executor,
    index: &str,
) -> Result<Option<String>> {
    let text =
        "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = to_regclass($1)";
    let condition: Option<Option<String>> = sql(text, (index,)).first(db).await?;
    Ok(condition.flatten())
}

/// The elements of an index, as PostgreSQL tells them; none where there is no such index.
pub(in crate::schema) async fn index_elements(
    db: &impl Executor,
    index: &str,
) -> Result<Vec<String>> {
    let text = "SELECT pg_get_indexdef(to_regclass($1))";
    let definition: Option<Option<String>> = sql(text, (index,)).first(db).await?;
    let definition = definition.flatten().unwrap_or_default();
    Ok(elements::of_index(&definition, &[]))
}

/// The definition of the check `relations_check`, as PostgreSQL tells it; `None` if there is none.
pub(in crate::schema) async fn checked(db: &impl Executor, table: &str) -> Result<Option<String>> {
    let text = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass($1) AND \
                conname = 'relations_check'";
    sql(text, (table,)).first(db).await
}

fn table(name: &str, facts: &Facts) -> TableShape {
    TableShape {
        schema: Some(text(facts, 0)),
        on_search_path: is(facts, 2),
        name: name.to_owned(),
        kind: match &*text(facts, 1) {
            "p" => TableKind::Partitioned,
            "f" => TableKind::Foreign,
            "v" => TableKind::View,
            "m" => TableKind::MaterializedView,
            _ => TableKind::Table,
        },
        comment: get(facts, 3),
        columns: Vec::new(),
        primary_key: None,
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
        read_only: false,
        distribution: None,
    }
}

fn column(name: &str, facts: &Facts) -> ColumnShape {
    let expression = get(facts, 3);
    let is_generated = !text(facts, 4).is_empty();
    let takes_number = expression.as_ref().is_some_and(|default| default.starts_with("nextval("));
    ColumnShape {
        name: name.to_owned(),
        sql_type: text(facts, 0),
        base_type: text(facts, 1),
        nullable: is(facts, 2),
        numbering: match &*text(facts, 5) {
            "a" => Some(Numbering::AlwaysIdentity),
            "d" => Some(Numbering::Identity),
            _ if takes_number && !is_generated => Some(Numbering::Sequence),
            _ => None,
        },
        default: expression.clone().filter(|_| !is_generated),
        generated: expression.filter(|_| is_generated),
        comment: get(facts, 6),
    }
}

fn foreign_key(name: &str, of: i64, facts: &Facts, names: &Names<'_>) -> ForeignKeyShape {
    ForeignKeyShape {
        name: Some(name.to_owned()),
        columns: names.of(of, &text(facts, 1)),
        target_schema: None,
        target_table: text(facts, 12),
        target_columns: names.of(number(facts, 2), &text(facts, 3)),
        on_delete: action(&text(facts, 4)),
        on_update: action(&text(facts, 5)),
        set_null: names.of(of, &text(facts, 6)),
        validated: is(facts, 7),
        enforced: is(facts, 8),
        deferrable: is(facts, 9),
        deferred: is(facts, 10),
    }
}

fn action(letter: &str) -> Action {
    match letter {
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull,
        "d" => Action::SetDefault,
        _ => Action::NoAction,
    }
}

fn index(name: &str, of: i64, facts: &Facts, names: &Names<'_>) -> IndexShape {
    let has_expressions = get(facts, 2).is_some();
    let mut columns = if has_expressions { list(facts, 2) } else { names.of(of, &text(facts, 0)) };
    // Columns that are only included (`INCLUDE`) come last.
    columns.truncate(usize::try_from(number(facts, 1)).unwrap_or_default());
    IndexShape {
        name: Some(name.to_owned()),
        elements: elements::of_index(&text(facts, 11), &columns),
        columns,
        has_expressions,
        unique: is(facts, 3),
        constraint: text(facts, 5) == "u",
        valid: is(facts, 6),
        filter: get(facts, 7),
        method: text(facts, 8),
        deferrable: is(facts, 9),
        deferred: is(facts, 12),
        nulls_equal: is(facts, 10),
        definition: get(facts, 11),
    }
}

fn number(facts: &Facts, at: usize) -> i64 {
    text(facts, at).parse().unwrap_or_default()
}

fn get(facts: &Facts, at: usize) -> Option<String> {
    facts.get(at).cloned().flatten()
}

fn text(facts: &Facts, at: usize) -> String {
    get(facts, at).unwrap_or_default()
}

fn is(facts: &Facts, at: usize) -> bool {
    text(facts, at) == "true"
}

fn list(facts: &Facts, at: usize) -> Vec<String> {
    get(facts, at)
        .map(|list| list.split(SEPARATOR).map(str::to_owned).collect())
        .unwrap_or_default()
}
