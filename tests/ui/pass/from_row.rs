//! Types that rows of raw SQL are read as.

use relations::prelude::*;
use relations::{Database, Result, sql};

#[derive(Debug, Clone, PartialEq, Value)]
struct Email(String);

#[derive(Debug, FromRow)]
struct Found {
    r#type: i64,
    email: Option<Email>,
    #[column(name = "select")]
    chosen: Vec<u8>,
    #[skip]
    pub(crate) cache: std::collections::BTreeMap<String, i64>,
}

#[derive(FromRow)]
struct Nothing {
    #[skip]
    cache: (),
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
}

/// The bounds of generic code.
async fn all<T: FromRow>(db: &Database, text: &'static str) -> Result<Vec<T>> {
    sql(text, ()).all(db).await
}

async fn run(db: &Database) -> Result<()> {
    let text = "SELECT 1";
    let _: Vec<Order> = all(db, text).await?;
    let _: Vec<Found> = all(db, text).await?;
    let _: Vec<Nothing> = all(db, text).await?;
    let _: Vec<Email> = all(db, text).await?;
    let _: Vec<Option<Email>> = all(db, text).await?;
    let _: Vec<(Email, Option<i64>, Vec<i64>)> = all(db, text).await?;
    let name = String::from("Ada");
    let later = async move { sql(text, (&name, Some("x"), None::<i64>)).all::<Order>(db).await };
    is_send(&later);
    drop(later.await?);
    let orders = sql(text, [1, 2]).all::<Order>(db).await?;
    sql(String::from("DELETE"), (orders.is_empty(),)).execute(db).await?;
    Ok(())
}

fn is_send(_: &impl Send) {}
