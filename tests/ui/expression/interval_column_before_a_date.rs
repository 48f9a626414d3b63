// The date comes first.

use relations::prelude::*;
use relations::value::Interval;

#[derive(Entity)]
struct Loan {
    #[id]
    id: i64,
    amount: i64,
    day: chrono::NaiveDate,
    due_in: Interval,
}

fn main() {
    drop(Loan::find().select(Loan::DUE_IN + Loan::DAY));
}
