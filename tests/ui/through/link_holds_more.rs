// What a link holds beside its keys has a default where it is made by them alone.

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
