//! A program with one connection. No call waits for a second one while it holds the first.

use std::sync::Arc;
use std::time::Duration;

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Error, Result, Transaction};

use crate::server::Server;
use crate::tally::{Tally, tried};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Book)]
#[has_many(Topic, name = "children", key_to = "parent_id")]
struct Topic {
    #[id(generated)]
    id: i64,
    #[belongs_to(Topic, name = "parent")]
    parent_id: Option<i64>,
    #[unique]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Author, name = "authors", through(Authorship))]
struct Book {
    #[id(generated)]
    id: i64,
    #[belongs_to(Topic, on_delete = "restrict")]
    topic_id: i64,
    pages: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Author {
    #[id(generated)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Authorship {
    #[id]
    #[belongs_to(Book, on_delete = "cascade")]
    book_id: i64,
    #[id]
    #[belongs_to(Author)]
    author_id: i64,
}

/// The time that one call may take. A pool gives up sooner, so a call that waits for itself is an
/// error that says so.
const LIMIT: Duration = Duration::from_secs(10);

/// All that a program may do, under a name of its own.
async fn program(db: &Database, name: &str) -> Result<()> {
    let new = |parent_id, name: String| NewTopic { parent_id, name };
    let root = new(None, name.to_owned()).insert(db).await?;
    let leaf = new(Some(root.id), format!("{name}, more closely")).insert(db).await?;
    let book = NewBook { topic_id: leaf.id, pages: 100 }.insert(db).await?;
    let author = NewAuthor { name: name.to_owned() }.insert(db).await?;
    assert!(Book::AUTHORS.link(db, &book, &author).await?);
    assert!(!Book::AUTHORS.link(db, &book, &author).await?);

    assert_eq!(book.topic(db).await?, leaf);
    let whole = Topic::find_by_id(leaf.id);
    let whole = whole.include(Topic::BOOKS.include(Book::AUTHORS)).include(Topic::PARENT).one(db);
    assert_eq!(whole.await?.books[0].authors, [author]);
    let repeated = Topic::find_by_id(leaf.id).include(Topic::BOOKS.pipelined()).one(db).await?;
    assert_eq!(repeated.books.len(), 1);
    assert_eq!(Topic::CHILDREN.descendants(&root).trees(db).await?.len(), 1);
    let mut stream = Book::find().filter(Book::TOPIC_ID.eq(leaf.id)).stream(db).chunk(1);
    while let Some(book) = stream.try_next().await? {
        assert_eq!(book.topic(db).await?, leaf);
    }
    Book::find().page(1).fetch(db).await?;

    // An error is explained, which may ask the database.
    let refused = leaf.clone().delete(db).await.unwrap_err();
    assert!(refused.is_foreign_key_violation(), "{refused:?}");
    let refused = NewBook { topic_id: -1, pages: 1 }.insert(db).await.unwrap_err();
    assert!(refused.is_foreign_key_violation(), "{refused:?}");
    let refused = new(None, name.to_owned()).insert(db).await.unwrap_err();
    assert!(refused.is_unique_violation(), "{refused:?}");

    let work = async |transaction: &Transaction| {
        Book::find_by_id(book.id).set(Book::PAGES, 200).update(transaction).await?;
        let within = async |transaction: &Transaction| -> Result<()> {
            Book::find_by_id(book.id).set(Book::PAGES, 300).update(transaction).await?;
            new(None, name.to_owned()).insert(transaction).await.map(drop)
        };
        let refused: Result<(), Error> = transaction.transaction(within).await;
        assert!(refused.unwrap_err().is_unique_violation());
        let book = Book::find_by_id(book.id).include(Book::AUTHORS).one(transaction).await?;
        Ok(book.pages)
    };
    assert_eq!(db.transaction(work).await?, 200);
    // A transaction that is dropped, and the next caller.
    let dropped = db.begin().await?;
    Book::find_by_id(book.id).set(Book::PAGES, 400).update(&dropped).await?;
    drop(dropped);
    assert_eq!(Book::find_by_id(book.id).one(db).await?.pages, 200);
    book.delete(db).await
}

/// One does it, and then eight at once, by the same connection.
async fn programs(url: &str, tally: Arc<Tally>) {
    let options = ConnectOptions::new(url).pool_size(1).wait_timeout(Duration::from_secs(8));
    let db = options.connect().await.unwrap();
    db.create_if_missing(schema![Topic, Book, Author, Authorship]).await.unwrap();
    tally.within(LIMIT, "a program", program(&db, "alone")).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let (db, tally) = (db.clone(), Arc::clone(&tally));
            tokio::spawn(async move {
                let name = format!("one of eight, {task}");
                tally.within(LIMIT, "a program beside others", program(&db, &name)).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    db.drop(schema![Topic, Book, Author, Authorship]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    tried(40, async |tally| programs("sqlite::memory:", tally).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    tried(40, async |tally| {
        let Some(server) = Server::start().await else { return };
        programs(&server.url, tally).await;
    })
    .await;
}
