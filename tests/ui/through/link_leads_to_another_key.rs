// A link leads to the key that the relation starts from.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Territory, through(EmployeeTerritory))]
struct Employee {
    #[id]
    id: i16,
    #[unique]
    badge: i16,
}

#[derive(Entity)]
struct Territory {
    #[id]
    code: String,
}

#[derive(Entity)]
struct EmployeeTerritory {
    #[id]
    #[belongs_to(Employee, key_to = "badge")]
    employee_id: i16,
    #[id]
    #[belongs_to(Territory)]
    territory_id: String,
}

fn main() {}
