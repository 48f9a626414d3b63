// The link states which keys its relations lead to.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Territory, through(EmployeeTerritory), key_to = "code")]
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
