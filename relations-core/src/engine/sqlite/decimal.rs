//! Decimals are text under a numeric collation. The collation and the functions have the names that
//! SQLite's own shell gives to its decimal extension.

use rusqlite::Connection;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rust_decimal::Decimal;

pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
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
        let Some(text) = context.get::<Option<String>>(0)? else {
            return Ok(());
        };
        let next = text.parse().map_err(|error| failure(Box::new(error)))?;
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
