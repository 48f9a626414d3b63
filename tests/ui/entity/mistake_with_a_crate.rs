// An entity with a mistake is found where `crate` says.

use relations::prelude::*;

mod database {
    pub use relations as orm;
}

#[derive(Entity)]
#[entity(crate = "database::orm")]
struct Order {
    #[id]
    id: Option<i64>,
}

async fn run(db: &relations::Database) -> relations::Result<()> {
    drop(Order::find().all(db).await?);
    Ok(())
}

fn main() {}
