//! Why a value cannot be read, in words that say what to write.

use crate::definition::property::ColumnType;
use crate::value::row::{Cell, Mismatch};
use crate::value::wire::Unfit;

/// A mismatch with what may be done about it.
#[cold]
pub(crate) fn explained(why: Mismatch, column_type: ColumnType, cell: Cell<'_>) -> Mismatch {
    match why {
        Mismatch::Type(found) if cell.is_stored() => {
            match of_stored(&found, column_type) {
                Some(reason) => Mismatch::Value(format!("{found}, {reason}").into()),
                None => Mismatch::Type(found),
            }
        }
        Mismatch::Type(found) if column_type == ColumnType::Text => Mismatch::Value(
            format!(
                "{found}, which is not a text; name its type, as in \
                 `#[column(type = \"{found}\")]`, or select it as `…::text`"
            )
            .into(),
        ),
        Mismatch::Other(error) => match error.downcast_ref::<Unfit>() {
            Some(Unfit(reason)) => Mismatch::Value((*reason).into()),
            None if is_day(column_type) => Mismatch::Value(
                format!(
                    "a time that is infinite or too far away for its Rust type; make the property a \
                     `String` with `#[column(type = \"{}\")]`",
                    crate::dialect::postgres_type(column_type),
                )
                .into(),
            ),
            None => Mismatch::Other(error),
        },
        other => other,
    }
}

fn is_day(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Date | ColumnType::Timestamp | ColumnType::TimestampTz)
}

/// Why what SQLite stores is not a value of a type.
fn of_stored(found: &str, column_type: ColumnType) -> Option<&'static str> {
    Some(match (column_type, found) {
        (ColumnType::Time, "text") => {
            "which is not a time of the day as `12:30:00.5`; make the property a `String`"
        }
        (column_type, "text") if is_day(column_type) => {
            "which is not a date or a time as `2024-02-29`, `2024-02-29 12:30:00.5` or, where there \
             is a zone, `2024-02-29T12:30:00+01:00`; make the property a `String`"
        }
        (column_type, "integer" | "real")
            if is_day(column_type) || column_type == ColumnType::Time =>
        {
            "which is not a time by itself, since it may count days, seconds or less; make the \
             property an `i64` or an `f64`"
        }
        (ColumnType::Uuid, "text" | "blob") => {
            "which is not a UUID of 16 bytes or of 32 digits in one case; make the property a \
             `String` or a `Vec<u8>`"
        }
        (ColumnType::Decimal, "text" | "real") => {
            "which is not a number that `Decimal` holds whole and writes alike; make the property a \
             `String` or an `f64`"
        }
        (ColumnType::Real, "real" | "integer") => {
            "which `f32` does not hold whole; make the property an `f64`"
        }
        (ColumnType::Double, "integer") => {
            "which `f64` does not hold whole; make the property an `i64`"
        }
        (ColumnType::Json, "text") => {
            "which is not JSON, or has a number of more digits than are kept; make the property a \
             `String`"
        }
        _ => return None,
    })
}
