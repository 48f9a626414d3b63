//! Decimals are text under a numeric collation. The collation and the functions have the names that
//! SQLite's own shell gives to its decimal extension.

use rusqlite::Connection;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rust_decimal::Decimal;

use crate::driver::sqlite::spelling::stored;
use crate::value::row::Stored;
use crate::value::types::decimal::from_stored;

const NO_DECIMAL: &str = "a column holds a number that `Decimal` does not hold whole";

pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.create_collation("decimal", |left, right| {
        match (left.parse::<Decimal>(), right.parse::<Decimal>()) {
            (Ok(left), Ok(right)) => left.cmp(&right),
            _ => left.cmp(right),
        }
    })?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_aggregate_function("decimal_sum", 1, flags, Fold { average: false })?;
    connection.create_aggregate_function("decimal_avg", 1, flags, Fold { average: true })
}

/// The sum or the average of decimals.
struct Fold {
    average: bool,
}

impl Aggregate<(Decimal, u32), Option<String>> for Fold {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<(Decimal, u32)> {
        Ok((Decimal::ZERO, 0))
    }

    fn step(
        &self,
        context: &mut Context<'_>,
        (sum, count): &mut (Decimal, u32),
    ) -> rusqlite::Result<()> {
        let stored = stored(context.get_raw(0));
        if stored == Stored::Null {
            return Ok(());
        }
        let next = from_stored(stored).ok_or_else(|| failure(NO_DECIMAL.into()))?;
        *sum = sum.checked_add(next).ok_or_else(|| failure("the sum does not fit".into()))?;
        *count += 1;
        Ok(())
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        folded: Option<(Decimal, u32)>,
    ) -> rusqlite::Result<Option<String>> {
        Ok(folded.filter(|(_, count)| *count > 0).map(|(sum, count)| {
            let result = if self.average { sum / Decimal::from(count) } else { sum };
            result.to_string()
        }))
    }
}

fn failure(why: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::UserFunctionError(why)
}
