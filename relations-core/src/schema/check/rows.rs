//! Rows that stand in the way of a cure, counted only where something is broken.

use std::fmt::Write as _;

use super::Draft;
use super::cure::{list, quoted, table_of};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::driver::pool::Database;
use crate::error::counted;
use crate::raw_sql::sql;

/// The number of keys of orphans that are shown.
const SHOWN: usize = 3;

/// Rows to be counted, and the sentence that tells how many there are.
pub(super) struct Counted {
    count: String,
    /// The statement that shows some keys.
    shown: Option<String>,
    /// The words between the number and the keys.
    told: String,
}

impl Counted {
    /// Rows with a null where there is to be none.
    pub(super) fn nulls(entity: &EntityDefinition, property: &PropertyDefinition) -> Self {
        let (table, column) = (table_of(entity), quoted(property.column));
        Self {
            count: format!("SELECT count(*) FROM {table} WHERE {column} IS NULL"),
            shown: None,
            told: format!("of `{}` with a null there", entity.table),
        }
    }

    /// Rows for which a condition does not hold.
    pub(super) fn unchecked(entity: &EntityDefinition, condition: &str) -> Self {
        let table = table_of(entity);
        Self {
            count: format!("SELECT count(*) FROM {table} WHERE NOT ({condition})"),
            shown: None,
            told: format!("of `{}` for which it does not hold", entity.table),
        }
    }

    /// Rows that share their values with another.
    pub(super) fn duplicates(
        entity: &EntityDefinition,
        columns: &[String],
        filter: Option<&str>,
    ) -> Self {
        let given = columns.iter().map(|column| format!("{} IS NOT NULL", quoted(column)));
        let given: Vec<_> = given.chain(filter.map(|filter| format!("({filter})"))).collect();
        let (table, columns) = (table_of(entity), list(columns));
        Self {
            count: format!(
                "SELECT coalesce(CAST(sum(times) AS bigint), 0) FROM (SELECT count(*) AS times FROM \
                 {table} WHERE {} GROUP BY {columns} HAVING count(*) > 1) AS shared",
                given.join(" AND "),
            ),
            shown: None,
            told: format!("of `{}` that share their values", entity.table),
        }
    }

    /// Rows whose target does not exist.
    pub(super) fn orphans(
        source: &EntityDefinition,
        target: &EntityDefinition,
        from: &[String],
        to: &[String],
    ) -> Self {
        let given = from.iter().map(|from| format!("s.{} IS NOT NULL", quoted(from)));
        let equal: Vec<_> = (from.iter().zip(to))
            .map(|(from, to)| format!("t.{} = s.{}", quoted(to), quoted(from)))
            .collect();
        let orphan = format!(
            "FROM {} AS s WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS t WHERE {})",
            table_of(source),
            given.collect::<Vec<_>>().join(" AND "),
            table_of(target),
            equal.join(" AND "),
        );
        let parts: Vec<_> =
            from.iter().map(|from| format!("CAST(s.{} AS text)", quoted(from))).collect();
        let key = parts.join(" || ', ' || ");
        Self {
            count: format!("SELECT count(*) {orphan}"),
            shown: Some(format!("SELECT DISTINCT {key} {orphan} ORDER BY 1 LIMIT {SHOWN}")),
            told: format!("of `{}` without a target", source.table),
        }
    }
}

/// Counts the rows of all findings. What cannot be counted is left out, as a column may be missing.
pub(super) async fn count(db: &Database, findings: &mut [Draft]) {
    for draft in findings {
        let Some(Counted { count, shown, told }) = &draft.count else { continue };
        let Ok(rows) = sql(count.as_str(), ()).one::<i64>(db).await else { continue };
        draft.finding.rows = Some(rows);
        if rows == 0 {
            continue;
        }
        let number = counted(usize::try_from(rows).unwrap_or_default(), "row");
        let are = if rows == 1 { "is" } else { "are" };
        let _ = write!(draft.finding.message, "; there {are} {number} {told}");
        if let Some(shown) = shown
            && let Ok(keys) = sql(shown.as_str(), ()).all::<String>(db).await
        {
            let _ = write!(draft.finding.message, ", the first by the key {}", keys.join("; "));
        }
    }
}
