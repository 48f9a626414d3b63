// The further properties of a link have defaults if `link` makes it from its keys alone.

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
    #[id]
    #[belongs_to(Territory)]
    territory_id: String,
    since: i32,
}

fn hire(
    db: &relations::Database,
    employee: &Employee,
    territory: &Territory,
) {
    let _ = Employee::TERRITORIES.link(db, employee, territory);
}

fn main() {}
