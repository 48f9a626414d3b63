//! Keys, indexes and checks: added, replaced, renamed and dropped.

use super::unless::{alter, has_constraint, has_index, is_there, new_name, no_index, not};
use super::{Facts, distribution, is_only_invalid};
use crate::definition::deferrable::Deferrable;
use crate::definition::relation::Action;
use crate::schema::migration::change::{Change, Part};
use crate::schema::migration::names::{TableName, quoted};
use crate::schema::migration::plan::ddl::{constraint, create_index, deferrable};
use crate::schema::migration::step::Step;
use crate::schema::shape::{ForeignKeyShape, IndexShape};

pub(super) fn add(facts: &Facts<'_>, change: &Change, table: &TableName, part: &Part) -> Vec<Step> {
    let name = part.name().unwrap_or_default();
    let is_new = facts.is_new(table);
    match part {
        _ if is_new => {
            let statement = match part {
                Part::Index(index) if !index.constraint => create_index(table, index, ""),
                _ => alter(table, &format!("ADD {}", constraint(part))),
            };
            let unless = has_constraint(table, name, "");
            vec![Step::new(change.to_string(), vec![statement]).unless(unless)]
        }
        Part::Index(index) if !index.constraint => vec![build(change.to_string(), table, index)],
        Part::Index(index) => unique(change, table, index),
        Part::PrimaryKey(key) => {
            let index = index_of(name, &key.columns);
            primary_key(change, table, &index, None)
        }
        Part::ForeignKey(_) | Part::Check(_) => not_valid(change, table, part, None),
    }
}

/// An index is built while others write. One that was not built to its end is dropped first.
fn build(comment: String, table: &TableName, index: &IndexShape) -> Step {
    let name = index.name.as_deref().unwrap_or_default();
    let statements = vec![
        format!("DROP INDEX CONCURRENTLY IF EXISTS {}", table.beside(name)),
        create_index(table, index, "CONCURRENTLY "),
    ];
    Step::new(comment, statements).unless(has_index(table, name)).alone()
}

/// A unique index of that name.
fn index_of(name: &str, columns: &[String]) -> IndexShape {
    IndexShape {
        name: Some(name.to_owned()),
        columns: columns.to_vec(),
        has_expressions: false,
        elements: Vec::new(),
        unique: true,
        constraint: false,
        valid: true,
        filter: None,
        method: "btree".to_owned(),
        deferrable: false,
        deferred: false,
        nulls_equal: false,
        definition: None,
    }
}

/// A unique constraint takes an index that is built before, which has its name.
fn unique(change: &Change, table: &TableName, index: &IndexShape) -> Vec<Step> {
    let name = index.name.as_deref().unwrap_or_default();
    let wait = deferrable(index.deferrable, index.deferred);
    let add = format!("ADD CONSTRAINT {0} UNIQUE USING INDEX {0}{wait}", quoted(name));
    vec![
        build(format!("builds the index of the unique key `{name}` of `{table}`"), table, index),
        Step::new(change.to_string(), vec![alter(table, &add)])
            .unless(has_constraint(table, name, "")),
    ]
}

fn primary_key(
    change: &Change,
    table: &TableName,
    index: &IndexShape,
    dropped: Option<&str>,
) -> Vec<Step> {
    let name = index.name.as_deref().unwrap_or_default();
    // The index of the old key has the name until both are exchanged.
    let built = IndexShape { name: Some(new_name(name)), ..index.clone() };
    let built_name = new_name(name);
    let drop = dropped.map(|old| alter(table, &format!("DROP CONSTRAINT {}", quoted(old))));
    let (key, new) = (quoted(name), quoted(&built_name));
    let add = alter(table, &format!("ADD CONSTRAINT {key} PRIMARY KEY USING INDEX {new}"));
    let columns = index.columns.iter().map(|column| {
        format!(
            "(SELECT attnum FROM pg_attribute WHERE attrelid = conrelid AND attname = {})",
            crate::schema::migration::names::text(column),
        )
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let is_done = has_constraint(table, name, &format!(" AND conkey = ARRAY[{columns}]"));
    let is_built =
        format!("{} OR {}", has_index(table, &built_name), is_done.trim_start_matches("SELECT "));
    vec![
        build(format!("builds the index of the primary key of `{table}`"), table, &built)
            .unless(is_built),
        Step::new(change.to_string(), drop.into_iter().chain([add]).collect()).unless(is_done),
    ]
}

/// A constraint that is first kept by new rows alone, and then looked for in all; in place of another one that a
/// statement drops.
fn not_valid(
    change: &Change,
    table: &TableName,
    part: &Part,
    replaced: Option<(&Part, String)>,
) -> Vec<Step> {
    let is_added = |part: &Part| {
        let same = match part {
            Part::ForeignKey(key) => actions(key),
            _ => String::new(),
        };
        has_constraint(table, part.name().unwrap_or_default(), &same)
    };
    let (added, add) =
        (is_added(part), alter(table, &format!("ADD {} NOT VALID", constraint(part))));
    // The query may not tell it from the one that it replaces.
    let is_told = replaced.as_ref().is_none_or(|(before, _)| is_added(before) != added);
    let statements = replaced.map(|(_, drop)| drop).into_iter().chain([add]).collect();
    let step = Step::new(format!("{change}, for new rows"), statements);
    vec![if is_told { step.unless(added) } else { step }, validate(table, part)]
}

fn validate(table: &TableName, part: &Part) -> Step {
    let name = part.name().unwrap_or_default();
    let validate = alter(table, &format!("VALIDATE CONSTRAINT {}", quoted(name)));
    Step::new(format!("validates the {} of `{table}` for all rows", part.told()), vec![validate])
        .unless(has_constraint(table, name, " AND convalidated"))
}

/// The actions of a foreign key, as the catalogs know them.
fn actions(key: &ForeignKeyShape) -> String {
    let letter = |action| match action {
        Action::NoAction => 'a',
        Action::Restrict => 'r',
        Action::Cascade => 'c',
        Action::SetNull => 'n',
        Action::SetDefault => 'd',
    };
    format!(
        " AND confdeltype = '{}' AND confupdtype = '{}'{}{}",
        letter(key.on_delete),
        letter(key.on_update),
        if key.deferrable { " AND condeferrable" } else { " AND NOT condeferrable" },
        if key.deferrable && key.deferred { " AND condeferred" } else { "" },
    )
}

pub(super) fn replace(
    facts: &Facts<'_>,
    change: &Change,
    table: &TableName,
    before: &Part,
    after: &Part,
) -> Vec<Step> {
    let old = before.name().unwrap_or_default();
    let may_lack =
        matches!(before, Part::ForeignKey(key) if distribution::may_drop(facts, table, key));
    let if_exists = if may_lack { "IF EXISTS " } else { "" };
    let drop = || alter(table, &format!("DROP CONSTRAINT {if_exists}{}", quoted(old)));
    match (before, after) {
        _ if is_only_invalid(before, after) => {
            let mut steps = Vec::new();
            if before.name() != after.name() {
                steps.push(rename(change, table, before, after.name().unwrap_or_default()));
            }
            steps.push(validate(table, after));
            steps
        }
        (Part::ForeignKey(before), Part::ForeignKey(after)) if is_deferral(before, after) => {
            vec![defer(change, table, after)]
        }
        (_, Part::ForeignKey(_) | Part::Check(_)) => {
            not_valid(change, table, after, Some((before, drop())))
        }
        (_, Part::PrimaryKey(key)) => {
            let index = index_of(after.name().unwrap_or_default(), &key.columns);
            primary_key(change, table, &index, Some(old))
        }
        (_, Part::Index(index)) => replace_index(change, table, before, index),
    }
}

/// Whether a foreign key is dropped and made again as another one.
pub(super) fn is_made_anew(before: &ForeignKeyShape, after: &ForeignKeyShape) -> bool {
    let parts = [before, after].map(|key| Part::ForeignKey(key.clone()));
    let [one, other] = &parts;
    !is_only_invalid(one, other) && !is_deferral(before, after)
}

/// Whether a foreign key is only to be checked at another time.
fn is_deferral(before: &ForeignKeyShape, after: &ForeignKeyShape) -> bool {
    let (deferrable, deferred) = (after.deferrable, after.deferred);
    before.validated && ForeignKeyShape { deferrable, deferred, ..before.clone() } == *after
}

/// Says when a foreign key is checked, without a look at the rows.
fn defer(change: &Change, table: &TableName, key: &ForeignKeyShape) -> Step {
    let name = key.name.as_deref().unwrap_or_default();
    let when = Deferrable::of(key.deferrable, key.deferred).told();
    let alter = alter(table, &format!("ALTER CONSTRAINT {} {when}", quoted(name)));
    let when = format!(
        " AND condeferrable = {} AND condeferred = {}",
        key.deferrable,
        key.deferrable && key.deferred,
    );
    Step::new(change.to_string(), vec![alter]).unless(has_constraint(table, name, &when))
}

/// The new index is built beside the old one and takes its name, so that there is always one of both.
fn replace_index(
    change: &Change,
    table: &TableName,
    before: &Part,
    after: &IndexShape,
) -> Vec<Step> {
    let name = after.name.as_deref().unwrap_or_default();
    let new = new_name(name);
    let built = IndexShape { name: Some(new.clone()), ..after.clone() };
    let mut steps = vec![build(format!("{change}: builds it"), table, &built)];
    let old = before.name().unwrap_or_default();
    if before.is_index() {
        steps.push(
            Step::new(
                format!("{change}: drops the old one"),
                vec![format!("DROP INDEX CONCURRENTLY IF EXISTS {}", table.beside(old))],
            )
            .alone()
            .unless(no_index(table, old)),
        );
    }
    let rename = format!("ALTER INDEX {} RENAME TO {}", table.beside(&new), quoted(name));
    let mut exchange = Vec::new();
    if !before.is_index() {
        exchange.push(alter(table, &format!("DROP CONSTRAINT {}", quoted(old))));
    }
    if after.constraint {
        let wait = deferrable(after.deferrable, after.deferred);
        let (name, new) = (quoted(name), quoted(&new));
        let add = format!("ADD CONSTRAINT {name} UNIQUE USING INDEX {new}{wait}");
        exchange.push(alter(table, &add));
    } else {
        exchange.push(rename);
    }
    let step = Step::new(format!("{change}: puts the new one in its place"), exchange);
    steps.push(step.unless(no_index(table, &new)));
    steps
}

pub(super) fn rename(change: &Change, table: &TableName, part: &Part, to: &str) -> Step {
    let from = part.name().unwrap_or_default();
    let (statement, unless) = if part.is_index() {
        let rename = format!("ALTER INDEX {} RENAME TO {}", table.beside(from), quoted(to));
        (rename, is_there(table, to))
    } else {
        let rename = format!("RENAME CONSTRAINT {} TO {}", quoted(from), quoted(to));
        (alter(table, &rename), has_constraint(table, to, ""))
    };
    Step::new(change.to_string(), vec![statement]).unless(unless)
}

pub(super) fn drop(change: &Change, table: &TableName, part: &Part) -> Step {
    let name = part.name().unwrap_or_default();
    if part.is_index() {
        let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {}", table.beside(name));
        return Step::new(change.to_string(), vec![drop]).alone().unless(no_index(table, name));
    }
    let drop = alter(table, &format!("DROP CONSTRAINT {}", quoted(name)));
    Step::new(change.to_string(), vec![drop]).unless(not(&has_constraint(table, name, "")))
}
