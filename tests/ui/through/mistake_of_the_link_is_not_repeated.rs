// A mistake in a link is reported there.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Territory, through(EmployeeTerritory))]
struct Employee {
    #[id]
    id: i16,
}

#[derive(Entity)]
struct Territory {
    #[id]
    code: String,
}

#[derive(Entity)]
struct EmployeeTerritory {
    #[belongs_to(Employee)]
    employee_id: i16,
    #[belongs_to(Territory)]
    territory_id: String,
}

fn main() {}
