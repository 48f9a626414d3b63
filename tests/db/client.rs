//! A client of the user's own with a statement cache.

use ::relations::driver::Client;
use ::relations::prelude::*;
use ::relations::{Database, Executor};

use crate::support::{client, connected, postgres_url};

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "shelves")]
#[has_many(Item)]
pub struct Shelf {
    #[id(generated)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "items")]
pub struct Item {
    #[id(generated)]
    id: i64,
    #[belongs_to(Shelf)]
    shelf_id: i64,
    #[belongs_to(Shelf, name = "spare")]
    spare_id: Option<i64>,
    title: String,
}

fn item(shelf: &Shelf, title: &str) -> NewItem {
    NewItem { shelf_id: shelf.id, spare_id: Some(1), title: title.into() }
}

/// A database with two shelves, and a client of it.
async fn shelves() -> Option<(Database, Client)> {
    // A pooler in front of the server is not asked.
    let url = postgres_url().await?;
    let db = connected(&url).await;
    db.create(schema![Shelf, Item]).await.unwrap();
    let client = Client::new(client(&url).await);
    for name in ["upper", "lower"] {
        let shelf = NewShelf { name: name.into() }.insert(&client).await.unwrap();
        for title in ["ink", "pen"] {
            item(&shelf, title).insert(&client).await.unwrap();
        }
    }
    Some((db, client))
}

async fn prepared(client: &Client) -> i64 {
    let count = "SELECT count(*) FROM pg_prepared_statements";
    client.get_ref().query_one(count, &[]).await.unwrap().get(0)
}

/// Rows, and then their parents by two statements that are sent together.
async fn tree(db: &impl Executor) -> Vec<ItemWith<Shelf, Option<Shelf>>> {
    let query = Item::find().include(Item::SHELF.batched()).include(Item::SPARE.batched());
    query.order_by(Item::ID.asc()).all(db).await.unwrap()
}

/// A row, its parent, and a tree.
async fn loads(db: &impl Executor) -> (Item, Shelf, Vec<ItemWith<Shelf, Option<Shelf>>>) {
    let item = Item::find_by_id(3).one(db).await.unwrap();
    let shelf = item.shelf(db).await.unwrap();
    (item, shelf, tree(db).await)
}

#[tokio::test]
async fn it_prepares_each_statement_once() {
    let Some((db, client)) = shelves().await else { return };
    assert_eq!(prepared(&client).await, 3);
    let first = loads(&client).await;
    let kept = prepared(&client).await;
    assert!(kept > 3);
    assert_eq!(loads(&client).await, first);
    assert_eq!(loads(&&client).await, first);
    assert_eq!((prepared(&client).await, loads(&db).await), (kept, first));
}

#[tokio::test]
async fn it_prepares_again_what_no_longer_fits() {
    let Some((_, client)) = shelves().await else { return };
    let first = loads(&client).await;
    for changed in [
        "DEALLOCATE ALL",
        "ALTER TABLE shelves ALTER COLUMN name TYPE varchar(20)",
        "ALTER TABLE items ALTER COLUMN title TYPE varchar(20)",
        "DISCARD ALL",
    ] {
        client.get_ref().batch_execute(changed).await.unwrap();
        let shelf = Shelf::find_by_id(first.1.id).one(&client).await.unwrap();
        assert_eq!(shelf, first.1, "{changed}");
        client.get_ref().batch_execute(changed).await.unwrap();
        assert_eq!(loads(&client).await, first, "{changed}");
        client.get_ref().batch_execute(changed).await.unwrap();
        assert_eq!(tree(&client).await, first.2, "{changed}");
        client.get_ref().batch_execute(changed).await.unwrap();
        let item = item(&shelf, "cap").insert(&client).await.unwrap();
        item.delete(&client).await.unwrap();
    }
}

#[tokio::test]
async fn in_a_transaction_of_the_client_the_first_error_is_told() {
    let Some((_, mut client)) = shelves().await else { return };
    let find = || Item::find_by_id(3);
    find().one(&client).await.unwrap();
    client.get_ref().batch_execute("BEGIN; DEALLOCATE ALL").await.unwrap();
    let error = find().one(&client).await.unwrap_err();
    assert!(error.to_string().ends_with("run it again"), "{error}");
    client.get_ref().batch_execute("ROLLBACK").await.unwrap();
    find().one(&client).await.unwrap();

    let transaction = client.get_mut().transaction().await.unwrap();
    find().delete(&transaction).await.unwrap();
    transaction.rollback().await.unwrap();
    find().one(&client).await.unwrap();
    let bare = client.into_inner();
    find().one(&bare).await.unwrap();
}

#[tokio::test]
async fn it_shares_its_connection() {
    let Some((_, client)) = shelves().await else { return };
    let finds = (0..50).map(|number| Item::find_by_id(1 + number % 4).one(&client));
    let items = futures_util::future::try_join_all(finds).await.unwrap();
    assert!((0..).zip(&items).all(|(number, item)| item.id == 1 + number % 4));
    let nowhere = NewItem { shelf_id: 99, ..item(&items[0].shelf(&client).await.unwrap(), "cap") };
    let kept = prepared(&client).await;
    let error = nowhere.insert(&client).await.unwrap_err();
    assert!(error.is_foreign_key_violation(), "{error:?}");
    assert_eq!(prepared(&client).await, kept);
}
