// Rows that are only read are not observed.

use relations::prelude::*;
use relations::repository::{Observer, Observers};

#[derive(Entity)]
#[entity(view)]
struct Turnover {
    #[id]
    customer_id: i64,
}

struct Audit;

impl Observer<Turnover> for Audit {}

fn main() {
    drop(Observers::new().on::<Turnover>(Audit));
}
