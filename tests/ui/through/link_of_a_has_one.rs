// A link leads to many.

use relations::prelude::*;

#[derive(Entity)]
#[has_one(Territory, through(EmployeeTerritory))]
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
    #[id]
    #[belongs_to(Employee)]
    employee_id: i16,
    #[id]
    #[belongs_to(Territory)]
    territory_id: String,
}

fn main() {}
