//! The steps on PostgreSQL, which others use meanwhile.

mod columns;
mod distribution;
mod parts;
mod unless;

use super::ddl::{column_definition, create_table};
use super::{Facts, rows};
use crate::dialect::Engine;
use crate::schema::migration::change::{Aspect, Change, Part};
use crate::schema::migration::generated::{calculated_from, of_enum};
use crate::schema::migration::names::{TableName, quoted, text};
use crate::schema::migration::step::Step;
use crate::schema::shape::{ColumnShape, EnumShape};

pub(super) fn steps(facts: &Facts<'_>) -> Vec<Step> {
    let mut all: Vec<_> = rows::step(facts).into_iter().collect();
    let (mut dropped, mut distributed) = (dropped_tables(facts), distribution::step(facts));
    for change in facts.changes {
        match change {
            // Tables that reference each other are dropped, or distributed, by one statement.
            Change::DropTable(_) => all.extend(dropped.take()),
            Change::Distribute { .. } => all.extend(distributed.take()),
            change => all.extend(steps_of(facts, change)),
        }
    }
    all
}

fn steps_of(facts: &Facts<'_>, change: &Change) -> Vec<Step> {
    let done = |unless: String, statements: Vec<String>| {
        vec![Step::new(change.to_string(), statements).unless(unless)]
    };
    match change {
        Change::CreateSchema(name) => {
            let unless = format!("SELECT to_regnamespace({}) IS NOT NULL", text(&quoted(name)));
            done(unless, vec![format!("CREATE SCHEMA {}", quoted(name))])
        }
        Change::CreateEnum(one) => {
            done(unless::has_type(&one.name), vec![create_enum(&one.name, one)])
        }
        Change::AddWord { name, word, before } => {
            let place = before.as_ref().map(|before| format!(" BEFORE {}", text(before)));
            let add =
                format!("ALTER TYPE {name} ADD VALUE {}{}", text(word), place.unwrap_or_default());
            // A word can be used only once the transaction that adds it is committed.
            let step =
                Step::new(change.to_string(), vec![add]).unless(unless::has_word(name, word));
            vec![step.alone()]
        }
        Change::ReplaceEnum { before, after } => replace_enum(facts, change, before, after),
        Change::DropEnum(one) => {
            let unless = format!("SELECT to_regtype({}) IS NULL", text(&one.name));
            done(unless, vec![format!("DROP TYPE {}", one.name)])
        }
        Change::CreateTable(table) => {
            let name = TableName::of(table);
            let unless = format!("SELECT {} IS NOT NULL", name.oid());
            let mut statements = create_table(Engine::Postgres, table, &name);
            if let Some(after) = &table.distribution {
                let distribute = distribution::statement(facts, &name, after);
                statements.insert(1.min(statements.len()), distribute);
            }
            done(unless, statements)
        }
        Change::RenameTable { from, to } => {
            let unless = format!("SELECT {} IS NOT NULL", to.oid());
            let rename = format!("ALTER TABLE {} RENAME TO {}", from.sql(), quoted(&to.name));
            vec![
                Step::new(change.to_string(), vec![rename])
                    .unless(unless)
                    .remark("programs that use the old name fail from here on"),
            ]
        }
        Change::RenameColumn { table, from, to } => {
            let rename = format!(
                "ALTER TABLE {} RENAME COLUMN {} TO {}",
                table.sql(),
                quoted(from),
                quoted(to),
            );
            vec![
                Step::new(change.to_string(), vec![rename])
                    .unless(unless::has_column(table, to, ""))
                    .remark("programs that use the old name fail from here on"),
            ]
        }
        Change::DropTable(_) | Change::Distribute { .. } => Vec::new(),
        Change::AddColumn { table, column } => vec![columns::add(facts, change, table, column)],
        Change::ChangeColumn { table, after, .. } if facts.is_remade(table, &after.name) => {
            Vec::new()
        }
        Change::ChangeColumn { table, before, after, aspect } => match aspect {
            Aspect::Type => columns::change_type(facts, change, table, before, after),
            Aspect::Default => vec![columns::change_default(change, table, after)],
            Aspect::Numbering => vec![columns::change_numbering(change, table, before, after)],
            Aspect::Generated => columns::change_generated(facts, change, table, after),
            Aspect::Null => columns::change_null(facts, change, table, after),
        },
        Change::DropColumn { table, column } => {
            let drop = format!("ALTER TABLE {} DROP COLUMN {}", table.sql(), quoted(&column.name));
            done(unless::not(&unless::has_column(table, &column.name, "")), vec![drop])
        }
        Change::AddPart { table, part } => parts::add(facts, change, table, part),
        Change::ReplacePart { table, before, after } => {
            parts::replace(facts, change, table, before, after)
        }
        Change::RenamePart { table, part, to } => vec![parts::rename(change, table, part, to)],
        Change::DropPart { table, part } => vec![parts::drop(change, table, part)],
    }
}

fn create_enum(name: &str, one: &EnumShape) -> String {
    let words: Vec<_> = one.words.iter().map(|word| text(word)).collect();
    format!("CREATE TYPE {name} AS ENUM ({})", words.join(", "))
}

/// PostgreSQL drops no word of an enum, so that it is made anew, and every column of it.
fn replace_enum(
    facts: &Facts<'_>,
    change: &Change,
    before: &EnumShape,
    after: &EnumShape,
) -> Vec<Step> {
    let bare = before.name.rsplit('.').next().unwrap_or(&before.name).trim_matches('"');
    let old = quoted(&format!("{bare}_before"));
    let schema = before.name.rsplit_once('.').map(|(schema, _)| format!("{schema}."));
    let mut statements = vec![
        format!("ALTER TYPE {} RENAME TO {old}", before.name),
        create_enum(&after.name, after),
    ];
    let columns: Vec<_> = of_enum(facts.before, &before.name).collect();
    let mut calculated: Vec<(TableName, &ColumnShape)> = Vec::new();
    for (table, column) in &columns {
        let table = TableName::of(table);
        let all = calculated_from(facts.before, facts.changes, &table, &column.name);
        calculated.extend(all.into_iter().map(|one| (table.clone(), one)));
    }
    calculated.sort_by_key(|(table, column)| (table.clone(), column.name.clone()));
    calculated.dedup();
    statements.extend(calculated.iter().map(|(table, column)| {
        unless::alter(table, &format!("DROP COLUMN {}", quoted(&column.name)))
    }));
    for (table, column) in columns {
        let name = TableName::of(table);
        let is_dropped = calculated.iter().any(|(of, one)| *of == name && **one == *column);
        let stays = facts.table_after(&name).and_then(|table| table.column(&column.name));
        if is_dropped {
            continue;
        }
        let brackets = column.sql_type.strip_prefix(before.name.as_str()).unwrap_or_default();
        let changed = |change: &str| unless::alter_column(&name, &column.name, change);
        if column.default.is_some() {
            statements.push(changed("DROP DEFAULT"));
        }
        let (value, to) = (quoted(&column.name), &after.name);
        // One that is dropped by a later step is not to keep the old type, and may hold any word of it.
        let Some(stays) = stays else {
            let convert = format!("TYPE text{brackets} USING {value}::text{brackets}");
            statements.push(changed(&convert));
            continue;
        };
        let convert = format!("TYPE {to}{brackets} USING {value}::text{brackets}::{to}{brackets}");
        statements.push(changed(&convert));
        if let Some(default) = &stays.default {
            statements.push(changed(&format!("SET DEFAULT {default}")));
        }
    }
    let again = |(table, column): &(TableName, &ColumnShape)| {
        let column = facts.table_after(table)?.column(&column.name)?;
        let definition = column_definition(Engine::Postgres, column);
        Some(unless::alter(table, &format!("ADD COLUMN {definition}")))
    };
    statements.extend(calculated.iter().filter_map(again));
    statements.push(format!("DROP TYPE {}{old}", schema.unwrap_or_default()));
    let step = Step::new(change.to_string(), statements)
        .unless(unless::has_words(&after.name, &after.words))
        .remark("all rows of its columns are written anew: nobody reads or writes them meanwhile");
    let lost = calculated.iter().filter(|one| again(one).is_some());
    let lost = lost.flat_map(|(table, column)| columns::lost_with(facts, table, &column.name));
    [step].into_iter().chain(lost).collect()
}

fn dropped_tables(facts: &Facts<'_>) -> Option<Step> {
    let tables = facts.changes.iter().filter_map(|change| match change {
        Change::DropTable(table) => Some(TableName::of(table)),
        _ => None,
    });
    let tables: Vec<_> = tables.collect();
    let (first, rest) = tables.split_first()?;
    let sql: Vec<_> = tables.iter().map(TableName::sql).collect();
    let told: Vec<_> = tables.iter().map(|table| format!("`{table}`")).collect();
    let (word, told) = (if rest.is_empty() { "table" } else { "tables" }, told.join(", "));
    let gone: Vec<_> = rest.iter().map(|table| format!(" AND {} IS NULL", table.oid())).collect();
    let step = Step::new(
        format!("drops the {word} {told}"),
        vec![format!("DROP TABLE {}", sql.join(", "))],
    );
    Some(step.unless(format!("SELECT {} IS NULL{}", first.oid(), gone.concat())))
}

/// Whether a part is only to be validated.
fn is_only_invalid(before: &Part, after: &Part) -> bool {
    match (before, after) {
        (Part::ForeignKey(before), Part::ForeignKey(after)) => {
            let mut validated = before.clone();
            validated.validated = true;
            validated.name.clone_from(&after.name);
            !before.validated && validated == *after
        }
        _ => false,
    }
}
