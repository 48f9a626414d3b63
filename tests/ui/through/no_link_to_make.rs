// Only what goes through a link is linked.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Report)]
struct Employee {
    #[id]
    id: i16,
}

#[derive(Entity)]
struct Report {
    #[id]
    id: i16,
    #[belongs_to(Employee)]
    employee_id: i16,
}

fn hire(
    db: &relations::Database,
    employee: &Employee,
    report: &Report,
) {
    let _ = Employee::REPORTS.unlink(db, employee, report);
}

fn main() {}
