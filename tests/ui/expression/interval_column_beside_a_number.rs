// A column of intervals is added to dates.

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
    drop(Loan::find().select(Loan::AMOUNT + Loan::DUE_IN));
}
