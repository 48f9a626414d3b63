// Links of a view are only read.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Territory, through(Assignment))]
struct Employee {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Territory {
    #[id]
    code: String,
}

#[derive(Entity)]
#[entity(view)]
struct Assignment {
    #[id]
    #[belongs_to(Employee)]
    employee_id: i64,
    #[id]
    #[belongs_to(Territory)]
    territory_id: String,
}

fn fire(db: &relations::Database, employee: &Employee, territory: &Territory) {
    let _ = Employee::TERRITORIES.unlink(db, employee, territory);
}

fn main() {}
