// A link is made of its keys alone only where a key of it says that it is there once.

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
    #[id(generated)]
    id: i64,
    #[belongs_to(Employee)]
    employee_id: i16,
    #[belongs_to(Territory)]
    territory_id: String,
}

fn hire(
    db: &relations::Database,
    employee: &Employee,
    territory: &Territory,
) {
    let _ = Employee::TERRITORIES.link(db, employee, territory);
}

fn main() {}
