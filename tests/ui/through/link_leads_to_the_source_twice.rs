// Of several relations to the source one is named.

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
    #[belongs_to(Employee)]
    employee_id: i16,
    #[belongs_to(Employee)]
    deputy_id: Option<i16>,
    #[id]
    #[belongs_to(Territory)]
    territory_id: String,
}

fn main() {}
