//! Columns: added, and changed one aspect at a time.

use super::Facts;
use super::unless::{alter, alter_column, has_column, has_constraint};
use crate::dialect::Engine;
use crate::schema::migration::change::{Change, Part};
use crate::schema::migration::diff::{is_over, parts};
use crate::schema::migration::generated::calculated_from;
use crate::schema::migration::names::{TableName, quoted, text};
use crate::schema::migration::plan::ddl::{column_definition, identity};
use crate::schema::migration::step::Step;
use crate::schema::migration::types::{SqlType, is_constant};
use crate::schema::shape::{ColumnShape, Numbering};

pub(super) fn add(
    facts: &Facts<'_>,
    change: &Change,
    table: &TableName,
    column: &ColumnShape,
) -> Step {
    let filled = facts.consents.filled(table, &column.name).filter(|_| column.default.is_none());
    let definition = match filled {
        // The rows that are there have it from a default that goes again: no row is written.
        Some(value) => column_definition(
            Engine::Postgres,
            &ColumnShape { default: Some(value.to_owned()), ..column.clone() },
        ),
        // Nobody tells the value on the way back.
        None if facts.consents.everything && column.default.is_none() => column_definition(
            Engine::Postgres,
            &ColumnShape { nullable: column.nullable || !is_made(column), ..column.clone() },
        ),
        None => column_definition(Engine::Postgres, column),
    };
    let mut statements = vec![alter(table, &format!("ADD COLUMN {definition}"))];
    if filled.is_some() {
        statements.push(alter_column(table, &column.name, "DROP DEFAULT"));
    }
    let is_made = is_made(column);
    let default = filled.or(column.default.as_deref());
    let is_rewritten = is_made || !default.is_none_or(is_constant);
    let step =
        Step::new(change.to_string(), statements).unless(has_column(table, &column.name, ""));
    if is_rewritten { rewriting(step, table) } else { step }
}

fn is_made(column: &ColumnShape) -> bool {
    column.generated.is_some() || column.numbering.is_some()
}

/// A step that writes all rows anew says so.
fn rewriting(step: Step, table: &TableName) -> Step {
    step.remark(format!(
        "all rows of `{table}` are written anew: nobody reads or writes it meanwhile"
    ))
}

/// Columns that are calculated from one are made anew around the change of its type.
pub(super) fn change_type(
    facts: &Facts<'_>,
    change: &Change,
    table: &TableName,
    before: &ColumnShape,
    after: &ColumnShape,
) -> Vec<Step> {
    let (from, to) = (SqlType::of(&before.sql_type), SqlType::of(&after.sql_type));
    let (name, written) = (quoted(&after.name), &after.sql_type);
    let calculated = calculated_from(facts.before, facts.changes, table, &after.name);
    let drop =
        |column: &&ColumnShape| alter(table, &format!("DROP COLUMN {}", quoted(&column.name)));
    let mut statements: Vec<_> = calculated.iter().map(drop).collect();
    // A default of the old type might not be one of the new.
    let has_default = before.default.is_some() && !from.converts_to(&to);
    if has_default {
        statements.push(alter_column(table, &after.name, "DROP DEFAULT"));
    }
    let convert = if from.converts_to(&to) || after.generated.is_some() {
        format!("TYPE {written}")
    } else {
        format!("TYPE {written} USING {name}::text::{written}")
    };
    statements.push(alter_column(table, &after.name, &convert));
    if let (true, Some(default)) = (has_default, &after.default) {
        statements.push(alter_column(table, &after.name, &format!("SET DEFAULT {default}")));
    }
    let again = calculated.iter().filter_map(|column| {
        facts.table_after(table)?.column(&column.name).filter(|column| column.generated.is_some())
    });
    let again: Vec<_> = again.collect();
    statements.extend(again.iter().map(|column| {
        let definition = column_definition(Engine::Postgres, column);
        alter(table, &format!("ADD COLUMN {definition}"))
    }));
    let is_it = format!(" AND format_type(atttypid, atttypmod) = {}", text(&to.spelled()));
    let step =
        Step::new(change.to_string(), statements).unless(has_column(table, &after.name, &is_it));
    let is_quick = from.widens_to(&to) && again.is_empty();
    let mut steps = vec![if is_quick { step } else { rewriting(step, table) }];
    for column in again {
        steps.extend(lost_with(facts, table, &column.name));
    }
    steps
}

/// Adds the keys, indexes and checks again that go with a column which is made anew, as they were: those
/// that change do so in a later step.
pub(super) fn lost_with(facts: &Facts<'_>, table: &TableName, column: &str) -> Vec<Step> {
    let Some(before) = facts.table_before(table) else { return Vec::new() };
    let lost = parts(before).into_iter().filter(|part| is_over(part, column));
    let lost = lost.filter_map(|part| by_its_new_name(facts, table, part));
    lost.flat_map(|part| {
        let change = Change::AddPart { table: table.clone(), part: part.clone() };
        super::parts::add(facts, &change, table, &part)
    })
    .collect()
}

/// A part by the name that it has got before any column changes; `None` of one that is dropped.
fn by_its_new_name(facts: &Facts<'_>, table: &TableName, part: Part) -> Option<Part> {
    let is_it = |of: &TableName, other: &Part| of == table && *other == part;
    for change in facts.changes {
        match change {
            Change::DropPart { table: of, part: dropped } if is_it(of, dropped) => return None,
            Change::RenamePart { table: of, part: old, to } if is_it(of, old) => {
                return Some(part.named(to));
            }
            _ => {}
        }
    }
    Some(part)
}

pub(super) fn change_default(change: &Change, table: &TableName, after: &ColumnShape) -> Step {
    let to = match &after.default {
        Some(default) => format!("SET DEFAULT {default}"),
        None => "DROP DEFAULT".to_owned(),
    };
    let step = Step::new(change.to_string(), vec![alter_column(table, &after.name, &to)]);
    match after.default {
        // To set it twice is to set it.
        Some(_) => step,
        None => step.unless(has_column(table, &after.name, " AND NOT atthasdef")),
    }
}

pub(super) fn change_numbering(
    change: &Change,
    table: &TableName,
    before: &ColumnShape,
    after: &ColumnShape,
) -> Step {
    let column = &after.name;
    if let (Some(from), Some(to)) = (before.numbering, after.numbering)
        && [from, to].iter().all(|one| one.is_identity())
    {
        // The counter goes on.
        let set = identity(to).trim_end_matches(" AS IDENTITY").trim_start();
        let set = alter_column(table, column, &format!("SET {set}"));
        let letter = if to == Numbering::AlwaysIdentity { 'a' } else { 'd' };
        let unless = has_column(table, column, &format!(" AND attidentity = '{letter}'"));
        return Step::new(change.to_string(), vec![set]).unless(unless);
    }
    let mut statements = Vec::new();
    match before.numbering {
        Some(Numbering::Identity | Numbering::AlwaysIdentity) => {
            statements.push(alter_column(table, column, "DROP IDENTITY"));
        }
        Some(Numbering::Sequence) => statements.push(alter_column(table, column, "DROP DEFAULT")),
        // An identity has no other default.
        Some(Numbering::RowNumber) | None if before.default.is_some() => {
            statements.push(alter_column(table, column, "DROP DEFAULT"));
        }
        Some(Numbering::RowNumber) | None => {}
    }
    let Some(numbering) = after.numbering else {
        let unless = has_column(table, column, " AND attidentity = '' AND NOT atthasdef");
        return Step::new(change.to_string(), statements).unless(unless);
    };
    if before.nullable {
        // An identity is never null.
        statements.push(alter_column(table, column, "SET NOT NULL"));
    }
    statements.push(alter_column(table, column, &format!("ADD{}", identity(numbering))));
    let name = quoted(column);
    statements.push(format!(
        "SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({name}), 0) + 1, false) FROM {}",
        text(&table.sql()),
        text(column),
        table.sql(),
    ));
    Step::new(change.to_string(), statements).unless(has_column(
        table,
        column,
        " AND attidentity <> ''",
    ))
}

/// A generated column is made anew, and one that is calculated no longer keeps its values.
pub(super) fn change_generated(
    facts: &Facts<'_>,
    change: &Change,
    table: &TableName,
    after: &ColumnShape,
) -> Vec<Step> {
    let column = &after.name;
    if after.generated.is_none() {
        let drop = alter_column(table, column, "DROP EXPRESSION");
        let unless = has_column(table, column, " AND attgenerated = ''");
        return vec![Step::new(change.to_string(), vec![drop]).unless(unless)];
    }
    let definition = column_definition(Engine::Postgres, after);
    let statements = vec![
        alter(table, &format!("DROP COLUMN {}", quoted(column))),
        alter(table, &format!("ADD COLUMN {definition}")),
    ];
    let mut steps = vec![rewriting(Step::new(change.to_string(), statements), table)];
    steps.extend(lost_with(facts, table, column));
    steps
}

/// A check that is validated first spares `SET NOT NULL` the look at all rows under its lock.
pub(super) fn change_null(
    facts: &Facts<'_>,
    change: &Change,
    table: &TableName,
    after: &ColumnShape,
) -> Vec<Step> {
    let column = &after.name;
    if after.nullable {
        let drop = alter_column(table, column, "DROP NOT NULL");
        return vec![Step::new(change.to_string(), vec![drop]).unless(has_column(
            table,
            column,
            " AND NOT attnotnull",
        ))];
    }
    let mut steps = Vec::new();
    let name = quoted(column);
    if let Some(value) = facts.consents.filled(table, column) {
        let sql = table.sql();
        let fill = format!("UPDATE {sql} SET {name} = {value} WHERE {name} IS NULL");
        steps.push(
            Step::new(format!("fills `{table}.{column}` where it is null"), vec![fill])
                .unless(format!("SELECT NOT EXISTS (SELECT FROM {sql} WHERE {name} IS NULL)")),
        );
    }
    let check = not_null_name(table, column);
    let told = format!("`{table}.{column}` is not null");
    let is_done = has_column(table, column, " AND attnotnull");
    let or = |query: String| format!("{query} OR {}", is_done.trim_start_matches("SELECT "));
    let quoted_check = quoted(&check);
    steps.push(
        Step::new(
            format!("checks in new rows that {told}"),
            vec![alter(
                table,
                &format!("ADD CONSTRAINT {quoted_check} CHECK ({name} IS NOT NULL) NOT VALID"),
            )],
        )
        .unless(or(has_constraint(table, &check, ""))),
    );
    steps.push(
        Step::new(
            format!("checks in all rows that {told}"),
            vec![alter(table, &format!("VALIDATE CONSTRAINT {quoted_check}"))],
        )
        .unless(or(has_constraint(table, &check, " AND convalidated"))),
    );
    let no_check = super::unless::not(&has_constraint(table, &check, ""));
    steps.push(
        Step::new(
            change.to_string(),
            vec![
                alter_column(table, column, "SET NOT NULL"),
                alter(table, &format!("DROP CONSTRAINT IF EXISTS {quoted_check}")),
            ],
        )
        .unless(format!("{is_done} AND {}", no_check.trim_start_matches("SELECT "))),
    );
    steps
}

fn not_null_name(table: &TableName, column: &str) -> String {
    let name = format!("{}_{column}", table.name);
    format!("{}_not_null", crate::definition::constraint_names::cut_to(&name, "_not_null".len()))
}
