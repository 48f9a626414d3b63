//! Tables that a cluster distributes, in files that plain PostgreSQL runs as well.

use super::parts::is_made_anew;
use crate::schema::migration::change::{Change, Part};
use crate::schema::migration::diff::target;
use crate::schema::migration::names::{TableName, text};
use crate::schema::migration::plan::Facts;
use crate::schema::migration::step::Step;
use crate::schema::shape::{DistributionShape, ForeignKeyShape, TableShape};
use crate::sql::distribution::{IS_CLUSTER, SEQUENTIAL, call};

/// The statement that distributes a new table if the server distributes tables.
pub(super) fn statement(facts: &Facts<'_>, table: &TableName, after: &DistributionShape) -> String {
    let call = format!("PERFORM {}; ", distributed(facts, table, after));
    format!(
        "DO $distribute$ BEGIN IF {} THEN {SEQUENTIAL}; {call}END IF; END $distribute$",
        IS_CLUSTER.trim_start_matches("SELECT "),
    )
}

/// The step that distributes tables otherwise, if there are some. A cluster refuses a table with a foreign key
/// from or to one that is not distributed likewise, so all of these are dropped before, and made again behind it,
/// except those that a later step makes anew or drops.
pub(super) fn step(facts: &Facts<'_>) -> Option<Step> {
    let moved = facts.changes.iter().filter_map(|change| match change {
        Change::Distribute { table, before, after } => {
            Some((change, table, before.as_ref(), after.as_ref()))
        }
        _ => None,
    });
    let moved: Vec<_> = moved.collect();
    let tables: Vec<_> = moved.iter().map(|(_, table, ..)| text(&table.sql())).collect();
    let calls = moved.iter().flat_map(|(_, table, before, after)| {
        let undone = before.map(|_| format!("undistribute_table({})", text(&table.sql())));
        undone.into_iter().chain(after.map(|after| distributed(facts, table, after)))
    });
    let calls = calls.map(|call| format!("PERFORM {call}; ")).collect::<Vec<_>>().concat();
    let anew = facts.changes.iter().filter_map(|change| match change {
        Change::ReplacePart {
            table,
            before: Part::ForeignKey(before),
            after: Part::ForeignKey(after),
        } if is_made_anew(before, after) => {
            let (table, name) = (text(&table.sql()), text(before.name.as_deref()?));
            Some(format!("WHEN conrelid = {table}::regclass AND conname = {name} THEN NULL "))
        }
        // A table or a column that a later step drops takes its keys along.
        Change::DropTable(table) => {
            let table = text(&TableName::of(table).sql());
            Some(format!("WHEN conrelid = to_regclass({table}) THEN NULL "))
        }
        Change::DropColumn { table, column } => {
            let (table, column) = (text(&table.sql()), text(&column.name));
            Some(format!(
                "WHEN conrelid = to_regclass({table}) AND (SELECT attnum FROM pg_attribute WHERE attrelid = \
                 conrelid AND attname = {column}) = ANY(conkey) THEN NULL "
            ))
        }
        _ => None,
    });
    let anew: String = anew.collect();
    let definition = "pg_get_constraintdef(oid)";
    let definition = match anew.as_str() {
        "" => definition.to_owned(),
        anew => format!("CASE {anew}ELSE {definition} END"),
    };
    let statement = format!(
        "DO $distribute$ DECLARE tables regclass[]; names name[]; definitions text[]; BEGIN IF {} THEN \
         {SEQUENTIAL}; SELECT array_agg(conrelid::regclass), array_agg(conname), \
         array_agg({definition}) INTO tables, names, definitions FROM pg_constraint WHERE contype = 'f' \
         AND conparentid = 0 AND ARRAY[conrelid, confrelid] && ARRAY[{}]::regclass[]::oid[]; \
         FOR key IN 1 .. coalesce(array_length(names, 1), 0) LOOP EXECUTE format('ALTER TABLE %s DROP \
         CONSTRAINT %I', tables[key], names[key]); END LOOP; {calls}FOR key IN 1 .. \
         coalesce(array_length(names, 1), 0) LOOP IF definitions[key] IS NOT NULL THEN EXECUTE \
         format('ALTER TABLE %s ADD CONSTRAINT %I %s', tables[key], names[key], definitions[key]); END \
         IF; END LOOP; END IF; END $distribute$",
        IS_CLUSTER.trim_start_matches("SELECT "),
        tables.join(", "),
    );
    let (first, rest) = moved.split_first()?;
    let step = Step::new(first.0.to_string(), vec![statement]);
    let step = rest.iter().fold(step, |step, (change, ..)| step.remark(change.to_string()));
    Some(step.remark(
        "on a cluster only; their rows are moved, and their foreign keys are dropped and made again: nobody \
         writes them meanwhile",
    ))
}

/// Whether a change distributes the table of a foreign key otherwise, or its target, so that the key may be dropped
/// by then.
pub(super) fn may_drop(facts: &Facts<'_>, table: &TableName, key: &ForeignKeyShape) -> bool {
    facts.changes.iter().any(|change| match change {
        Change::Distribute { table: moved, .. } => moved == table || *moved == target(key),
        _ => false,
    })
}

/// The call that distributes a table.
fn distributed(facts: &Facts<'_>, table: &TableName, after: &DistributionShape) -> String {
    match after {
        DistributionShape::Reference => call(&table.sql(), None, None),
        DistributionShape::By(column) => {
            let beside = beside(facts, table, column).map(|beside| beside.sql());
            call(&table.sql(), Some(column), beside.as_deref())
        }
    }
}

/// The table that a foreign key leads to from the column by which rows are distributed, if it is distributed by
/// then: the rows are on the same servers.
fn beside(facts: &Facts<'_>, table: &TableName, by: &str) -> Option<TableName> {
    let is_by = |one: &TableShape, column: &String| {
        one.distribution == Some(DistributionShape::By(column.clone()))
    };
    let keys = facts.table_after(table)?.foreign_keys.iter().filter(|key| {
        let mut pairs = key.columns.iter().zip(&key.target_columns);
        let other = facts.table_after(&target(key));
        target(key) != *table
            && other.is_some_and(|other| pairs.any(|(one, to)| one == by && is_by(other, to)))
    });
    let mut keys = keys.map(target);
    keys.find(|target| {
        let at =
            |table: &TableName| facts.changes.iter().position(|change| distributes(change, table));
        // One that does not change is distributed already.
        match (at(target), at(table)) {
            (Some(target), Some(this)) => target < this,
            _ => true,
        }
    })
}

/// Whether a change distributes a table.
fn distributes(change: &Change, table: &TableName) -> bool {
    match change {
        Change::CreateTable(new) => TableName::of(new) == *table,
        Change::Distribute { table: of, .. } => of == table,
        _ => false,
    }
}
