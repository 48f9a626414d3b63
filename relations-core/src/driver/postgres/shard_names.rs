//! Violations on a shard of Citus, which come without the names of the table and the constraint.
//!
//! The message holds them, with the number of the shard behind each: `orders_customer_id_fkey_102669`.
//! They are told by their places between the quotes, as the words around them differ by language.

use crate::error::constraint::{Constraint, Violation};
use crate::error::told::Hidden;

/// The least number of digits in the number of a shard, which begin at 102008.
const DIGITS: usize = 6;

/// The constraint with the names that the message holds, if it is of a shard and names nothing itself.
pub(crate) fn named(mut constraint: Constraint, message: &str) -> Constraint {
    if constraint.name.is_some() || constraint.table.is_some() {
        return constraint;
    }
    let quoted: Vec<&str> = message.split('"').skip(1).step_by(2).collect();
    let name = |at: usize| quoted.get(at).map(|name| whole(name).unwrap_or(name).to_owned());
    if !quoted.iter().any(|name| whole(name).is_some()) {
        return constraint;
    }
    match (constraint.violation, quoted.len()) {
        (Violation::Unique, 1) => constraint.name = name(0),
        (Violation::NotNull, 2) => {
            (constraint.column, constraint.table) = (name(0), name(1));
        }
        (Violation::Check | Violation::ForeignKey, 2) => {
            (constraint.table, constraint.name) = (name(0), name(1));
            constraint.is_certain = constraint.violation == Violation::ForeignKey;
        }
        // The row of the first table is referenced by rows of the last one.
        (Violation::ForeignKey | Violation::Referenced, 3) => {
            (constraint.name, constraint.table) = (name(1), name(2));
            (constraint.violation, constraint.is_certain) = (Violation::Referenced, true);
        }
        _ => return constraint,
    }
    constraint.detail = constraint.detail.map(|Hidden(detail)| Hidden(without_shard(&detail)));
    constraint
}

/// The name of the table or constraint that a shard's is of.
fn whole(name: &str) -> Option<&str> {
    let (whole, number) = name.rsplit_once('_')?;
    let is_shard = number.len() >= DIGITS && number.bytes().all(|digit| digit.is_ascii_digit());
    (is_shard && !whole.is_empty()).then_some(whole)
}

/// A detail whose last name is without the number of a shard. Values of the key stand before it.
fn without_shard(detail: &str) -> String {
    let replaced = || {
        let (before, behind) = detail.rsplit_once('"')?;
        let (before, name) = before.rsplit_once('"')?;
        Some(format!("{before}\"{}\"{behind}", whole(name)?))
    };
    replaced().unwrap_or_else(|| detail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(violation: Violation, message: &str, detail: &str) -> Constraint {
        let detail = Some(Hidden(detail.to_owned()));
        named(Constraint { detail, ..Constraint::new(violation) }, message)
    }

    fn names(constraint: &Constraint) -> [Option<&str>; 3] {
        [constraint.name.as_deref(), constraint.table.as_deref(), constraint.column.as_deref()]
    }

    #[test]
    fn names_are_those_of_the_whole_table() {
        let deleted = read(
            Violation::ForeignKey,
            "update or delete on table \"customers_102008\" violates foreign key constraint \
             \"orders_customer_id_fkey_102669\" on table \"orders_102669\"",
            "Key (id)=(a_200000\") is still referenced from table \"orders_102669\".",
        );
        assert_eq!(names(&deleted), [Some("orders_customer_id_fkey"), Some("orders"), None]);
        assert_eq!((deleted.violation, deleted.is_certain), (Violation::Referenced, true));
        let detail = deleted.detail.map(|detail| detail.0).unwrap_or_default();
        assert_eq!(detail, "Key (id)=(a_200000\") is still referenced from table \"orders\".");

        let inserted = read(
            Violation::ForeignKey,
            "insert or update on table \"orders_102669\" violates foreign key constraint \
             \"orders_customer_id_fkey_102669\"",
            "Key (customer_id)=(7) is not present in table \"customers_102008\".",
        );
        assert_eq!(names(&inserted), [Some("orders_customer_id_fkey"), Some("orders"), None]);
        assert_eq!(inserted.violation, Violation::ForeignKey);
        for (violation, message, expected) in [
            (
                Violation::Unique,
                "duplicate key value violates unique constraint \"a_key_102008\"",
                [Some("a_key"), None, None],
            ),
            (
                Violation::NotNull,
                "null value in column \"name\" of relation \"a_102008\" violates not-null constraint",
                [None, Some("a"), Some("name")],
            ),
            (
                Violation::Check,
                "new row for relation \"a_102008\" violates check constraint \"a_check\"",
                [Some("a_check"), Some("a"), None],
            ),
            // No shard is named.
            (Violation::Unique, "duplicate key \"a_2024\"", [None; 3]),
            (Violation::Unique, "no names", [None; 3]),
        ] {
            assert_eq!(names(&read(violation, message, "")), expected, "{message}");
        }
    }
}
