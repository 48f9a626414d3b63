// A link belongs to the source.

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
    #[id]
    employee_id: i16,
    #[id]
    #[belongs_to(Territory)]
    territory_id: String,
}

fn main() {}
