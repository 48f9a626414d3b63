// `to` names a relation of the link, and not its property.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Territory, through(EmployeeTerritory, to = territory_id))]
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
