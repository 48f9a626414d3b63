//! Rows that stand in the way of a change, which are counted before anything is tried.

use super::Facts;
use crate::schema::migration::change::{Aspect, Change, Part};
use crate::schema::migration::diff::target;
use crate::schema::migration::generated::of_enum;
use crate::schema::migration::names::{TableName, list, quoted, text};
use crate::schema::migration::step::Step;
use crate::schema::shape::{ForeignKeyShape, IndexShape};

/// The step that counts them; `None` where no change minds the rows.
pub(super) fn step(facts: &Facts<'_>) -> Option<Step> {
    let refuse: Vec<_> =
        facts.changes.iter().flat_map(|change| in_the_way(facts, change)).collect();
    let step = Step::new("looks for rows that stand in the way", Vec::new());
    (!refuse.is_empty()).then_some(Step { refuse, ..step })
}

fn in_the_way(facts: &Facts<'_>, change: &Change) -> Vec<(String, String)> {
    let one = match change {
        Change::AddPart { table, part } | Change::ReplacePart { table, after: part, .. }
            if !facts.is_new(table) =>
        {
            match part {
                Part::ForeignKey(key) => orphans(facts, table, key),
                Part::Index(index) if index.unique && !index.has_expressions => {
                    duplicates(facts, table, index)
                }
                Part::PrimaryKey(key) => shared(facts, table, &key.columns, None),
                _ => None,
            }
        }
        Change::ChangeColumn { table, after, aspect: Aspect::Null, .. } if !after.nullable => {
            nulls(facts, table, &after.name)
        }
        Change::ReplaceEnum { before, after } => {
            let lost: Vec<_> =
                before.words.iter().filter(|word| !after.words.contains(word)).collect();
            let lost: Vec<_> = lost.into_iter().map(|word| text(word)).collect();
            return of_enum(facts.before, &before.name)
                .filter(|_| !lost.is_empty())
                .filter_map(|(table, column)| {
                    let name = TableName::of(table);
                    // One that goes may hold any word.
                    facts.table_after(&name)?.column(&column.name)?;
                    let is_list = column.sql_type != before.name;
                    let column =
                        facts.old_columns(&name, std::slice::from_ref(&column.name))?.pop()?;
                    let name = facts.old_table(&name);
                    let (value, lost) = (quoted(&column), lost.join(", "));
                    let holds_one = if is_list {
                        format!("{value}::text[] && ARRAY[{lost}]")
                    } else {
                        format!("{value}::text IN ({lost})")
                    };
                    let query = format!("SELECT count(*) FROM {} WHERE {holds_one}", name.sql());
                    Some((format!("of `{name}` with a dropped word in `{column}`"), query))
                })
                .collect();
        }
        _ => None,
    };
    one.into_iter().collect()
}

fn orphans(
    facts: &Facts<'_>,
    table: &TableName,
    key: &ForeignKeyShape,
) -> Option<(String, String)> {
    let goal = target(key);
    let from = facts.old_columns(table, &key.columns)?;
    // Nothing leads to rows of a table that is not there yet, except nulls.
    let (source, given) =
        (facts.old_table(table), |column: &String| format!("s.{} IS NOT NULL", quoted(column)));
    let given: Vec<_> = from.iter().map(given).collect();
    let told = |goal: &TableName| {
        format!("of `{source}` without a row of `{goal}` for ({})", from.join(", "))
    };
    let old_columns = facts.old_columns(&goal, &key.target_columns);
    let Some(to) = old_columns.filter(|_| !facts.is_new(&goal)) else {
        let query =
            format!("SELECT count(*) FROM {} AS s WHERE {}", source.sql(), given.join(" AND "));
        return facts.is_new(&goal).then(|| (told(&goal), query));
    };
    let goal = facts.old_table(&goal);
    let equal: Vec<_> = (from.iter().zip(&to))
        .map(|(from, to)| format!("t.{} = s.{}", quoted(to), quoted(from)))
        .collect();
    let query = format!(
        "SELECT count(*) FROM {} AS s WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS t WHERE {})",
        source.sql(),
        given.join(" AND "),
        goal.sql(),
        equal.join(" AND "),
    );
    Some((told(&goal), query))
}

fn duplicates(
    facts: &Facts<'_>,
    table: &TableName,
    index: &IndexShape,
) -> Option<(String, String)> {
    // A condition may name a column that is not there yet.
    let filter = index.filter.as_deref();
    let is_settled = !facts.changes.iter().any(|change| match change {
        Change::AddColumn { table: of, .. } | Change::RenameColumn { table: of, .. } => of == table,
        _ => false,
    });
    if filter.is_some() && !is_settled {
        return None;
    }
    shared(facts, table, &index.columns, filter)
}

fn shared(
    facts: &Facts<'_>,
    table: &TableName,
    columns: &[String],
    filter: Option<&str>,
) -> Option<(String, String)> {
    let columns = facts.old_columns(table, columns)?;
    let table = facts.old_table(table);
    let given = columns.iter().map(|column| format!("{} IS NOT NULL", quoted(column)));
    let given: Vec<_> = given.chain(filter.map(|filter| format!("({filter})"))).collect();
    let query = format!(
        "SELECT coalesce(CAST(sum(times) AS bigint), 0) FROM (SELECT count(*) AS times FROM {} WHERE {} GROUP BY {} \
         HAVING count(*) > 1) AS shared",
        table.sql(),
        given.join(" AND "),
        list(&columns),
    );
    Some((format!("of `{table}` that share ({}) with another", columns.join(", ")), query))
}

fn nulls(facts: &Facts<'_>, table: &TableName, column: &str) -> Option<(String, String)> {
    if facts.consents.filled(table, column).is_some() {
        return None;
    }
    let column = facts.old_columns(table, &[column.to_owned()])?.pop()?;
    let table = facts.old_table(table);
    let query = format!("SELECT count(*) FROM {} WHERE {} IS NULL", table.sql(), quoted(&column));
    Some((format!("of `{table}` with a null in `{column}`"), query))
}
