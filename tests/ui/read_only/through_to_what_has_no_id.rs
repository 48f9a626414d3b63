// Rows that several links lead to are told apart by their id.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Day, through(Shift))]
struct Employee {
    #[id]
    id: i64,
}

#[derive(Entity)]
#[entity(view)]
struct Day {
    #[unique]
    day: String,
}

#[derive(Entity)]
struct Shift {
    #[id]
    #[belongs_to(Employee)]
    employee_id: i64,
    #[id]
    #[belongs_to(Day, name = "day", key_to = "day", constraint = false)]
    on_day: String,
}

fn main() {}
