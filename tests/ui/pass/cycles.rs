//! Entities that name themselves, each other, or one target several times.

use relations::prelude::*;

#[derive(Debug, Entity)]
#[has_many(Category, name = "children", key_to = "parent_id")]
#[has_one(Self, name = "shadow", key_to = "shadowed_id")]
struct Category {
    #[id(generated)]
    id: i64,
    #[belongs_to(Self, name = "parent")]
    parent_id: Option<i64>,
    #[unique]
    #[belongs_to(Category, name = "shadowed", on_delete = "set null")]
    shadowed_id: Option<i64>,
}

#[derive(Debug, Entity)]
#[has_many(Employee)]
struct Department {
    #[id]
    id: i64,
    #[belongs_to(Employee, name = "head")]
    head_id: Option<i64>,
}

#[derive(Debug, Entity)]
#[has_many(Department, name = "headed", key_to = "head_id")]
struct Employee {
    #[id]
    id: i64,
    #[belongs_to(Department)]
    department_id: i64,
    #[belongs_to(Department, name = "former")]
    former_id: Option<i64>,
    #[belongs_to(Department, name = "next", constraint = false)]
    next_id: i64,
}

async fn heads(db: &relations::Database, employee: &Employee) -> relations::Result<()> {
    let department: Department = employee.department(db).await?;
    let former: Option<Department> = employee.former(db).await?;
    let next: Option<Department> = employee.next(db).await?;
    let head: Option<Employee> = department.head(db).await?;
    let headed: Vec<Department> = employee.headed(db).await?;
    drop((former, next, head, headed));
    Ok(())
}
