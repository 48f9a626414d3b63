//! Tables that a cluster distributes otherwise than their entities say.

use super::cure::told_table;
use super::{Draft, Drift, Pair, SchemaComparison};
use crate::definition::constraint_names::cut;
use crate::definition::quoting::{quoted_table, text_literal};
use crate::schema::shape::DistributionShape;
use crate::sql::distribution::call;

/// Compares the distribution of a table with that of its entity, if the database is a cluster and the entity says
/// one.
pub(super) fn compare(all: &mut SchemaComparison<'_>, pair: Pair<'_>) {
    let Some(declared) = pair.declared.distribution.as_ref().filter(|_| all.found.is_cluster)
    else {
        return;
    };
    let is_same = |found: &DistributionShape| match (found, declared) {
        (DistributionShape::By(one), DistributionShape::By(other)) => one == cut(other),
        (one, other) => one == other,
    };
    let found = pair.found.distribution.as_ref();
    if found.is_some_and(is_same) {
        return;
    }
    let table = told_table(pair.entity);
    let message = match found {
        None => format!(
            "`{}` is {declared}, and one server has all rows of the table {table}",
            pair.entity.name,
        ),
        Some(found) => {
            format!("`{}` is {declared}, and the table {table} is {found}", pair.entity.name)
        }
    };
    let name = quoted_table(pair.entity.schema, pair.entity.table);
    let undone = found.map(|_| format!("SELECT undistribute_table({})", text_literal(&name)));
    let column = match declared {
        DistributionShape::By(column) => Some(column.as_str()),
        DistributionShape::Reference => None,
    };
    let done = format!("SELECT {}", call(&name, column, None));
    all.add(
        Draft::new(Drift::Differs, pair.entity, message).cure(undone.into_iter().chain([done])),
    );
}
