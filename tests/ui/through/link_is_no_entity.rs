// A link is an entity.

use relations::prelude::*;

struct EmployeeTerritory {
    employee_id: i16,
    territory_id: String,
}

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

fn main() {}
