//! Keys that a file of SQLite spells in one way for a source and in another for its target.

use ::futures_util::future::join_all;
use ::relations::prelude::*;
use ::relations::{Database, sql};

/// Authors, books that each has one of, reviews of a book by its author and a day, and links to topics.
mod library {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "authors")]
    #[has_many(Book, name = "books")]
    #[has_many(Topic, name = "topics", through(Interest, from = "author", to = "topic"))]
    pub struct Author {
        #[id]
        pub id: uuid::Uuid,
        pub name: String,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "books")]
    #[has_many(
        Sale,
        name = "sales",
        key_from("code", "author_id", "day"),
        key_to("code", "author_id", "day")
    )]
    pub struct Book {
        #[id]
        pub code: String,
        #[id]
        #[belongs_to(Author, constraint = false)]
        pub author_id: uuid::Uuid,
        #[id]
        pub day: chrono::NaiveDateTime,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "sales")]
    #[belongs_to(
        Book,
        name = "book",
        key_from("code", "author_id", "day"),
        key_to("code", "author_id", "day"),
        constraint = false
    )]
    pub struct Sale {
        #[id]
        pub id: i64,
        pub code: String,
        pub author_id: uuid::Uuid,
        pub day: chrono::NaiveDateTime,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "topics")]
    pub struct Topic {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "interests")]
    pub struct Interest {
        #[id]
        #[belongs_to(Author, constraint = false)]
        pub author_id: uuid::Uuid,
        #[id]
        #[belongs_to(Topic)]
        pub topic_id: i64,
    }
}

use library::{Author, Book, Sale};

const ADA: [&str; 5] = [
    "'0123abcd-89ab-cdef-0123-456789abcdef'",
    "'0123ABCD-89AB-CDEF-0123-456789ABCDEF'",
    "'0123abcd89abcdef0123456789abcdef'",
    "'0123ABCD89ABCDEF0123456789ABCDEF'",
    "x'0123abcd89abcdef0123456789abcdef'",
];
const DAYS: [&str; 4] = [
    "'2024-02-29 12:00'",
    "'2024-02-29T12:00:00'",
    "'2024-02-29 12:00:00.000Z'",
    "'2024-02-29 12:00:00.000000'",
];

async fn run(db: &Database, text: String) {
    sql(text.as_str(), ()).execute(db).await.unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// Ada has two books and a topic, Bob one; no two keys that are equal are spelled alike.
async fn filled(at: usize) -> Database {
    let db = crate::support::sqlite().await;
    let (ada, day) = (|more: usize| ADA[(at + more) % 5], |more: usize| DAYS[(at + more) % 4]);
    for text in [
        "CREATE TABLE authors (id PRIMARY KEY, name TEXT NOT NULL)".to_owned(),
        "CREATE TABLE books (code TEXT COLLATE NOCASE, author_id, day, \
         PRIMARY KEY (code, author_id, day))"
            .to_owned(),
        "CREATE TABLE sales (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE, author_id, day)"
            .to_owned(),
        "CREATE TABLE topics (id INTEGER PRIMARY KEY)".to_owned(),
        "CREATE TABLE interests (author_id, topic_id, PRIMARY KEY (author_id, topic_id))"
            .to_owned(),
        format!("INSERT INTO authors VALUES ({}, 'Ada'), ('{}', 'Bob')", ada(0), uuid::Uuid::nil()),
        format!(
            "INSERT INTO books VALUES ('a', {}, {}), ('b', {}, {}), ('a', '{}', {})",
            ada(1),
            day(0),
            ada(2),
            day(1),
            uuid::Uuid::nil(),
            day(0)
        ),
        format!(
            "INSERT INTO sales VALUES (31, 'A', {}, {}), (32, 'a', {}, {}), (33, 'x', {}, {})",
            ada(3),
            day(1),
            ada(4),
            day(2),
            ada(1),
            day(0)
        ),
        "INSERT INTO topics VALUES (41), (42)".to_owned(),
        format!("INSERT INTO interests VALUES ({}, 42)", ada(3)),
    ] {
        run(&db, text).await;
    }
    db
}

#[tokio::test]
async fn sources_find_their_targets_in_another_spelling() {
    for at in 0..5 {
        let db = filled(at).await;
        let ordered = || Book::find().order_by(Book::CODE.asc());
        let names = |books: Vec<Option<Author>>| {
            let mut names: Vec<_> = books.into_iter().map(|one| one.map(|one| one.name)).collect();
            names.sort();
            names
        };
        let expected = ["Ada", "Ada", "Bob"].map(|name| Some(name.to_owned()));
        for query in [
            ordered().include(Book::AUTHOR.joined()),
            ordered().include(Book::AUTHOR.batched()),
            ordered().include(Book::AUTHOR.pipelined()),
            ordered().include(Book::AUTHOR).limit(20),
        ] {
            let books = query.all(&db).await.unwrap();
            assert_eq!(names(books.into_iter().map(|one| one.author).collect()), expected, "{at}");
        }
        let books = ordered().all(&db).await.unwrap();
        assert_eq!(names(Book::AUTHOR.load(&db, &books).await.unwrap()), expected, "{at}");
        let batched = db.batched();
        let one_by_one = join_all(books.iter().map(|one| one.author(&batched))).await;
        assert_eq!(names(one_by_one.into_iter().map(Result::unwrap).collect()), expected, "{at}");

        // Ada's book has two sales, and Bob's, which is called the same, has none.
        macro_rules! sales {
            ($($relation:expr, |$one:ident| $number:expr, $expected:expr;)*) => {$(
                let all = Book::find().filter(Book::CODE.eq("a")).include($relation);
                let mut all: Vec<_> =
                    all.all(&db).await.unwrap().iter().map(|$one| $number).collect();
                all.sort_unstable();
                assert_eq!(all, $expected, "{at}: {}", stringify!($relation));
            )*};
        }
        sales! {
            Book::SALES.count().joined(), |one| one.sales, [0, 2];
            Book::SALES.count().batched(), |one| one.sales, [0, 2];
            Book::SALES.count().pipelined(), |one| one.sales, [0, 2];
            Book::SALES, |one| one.sales.len(), [0, 2];
            Book::SALES.pipelined(), |one| one.sales.len(), [0, 2];
            Book::SALES.limit(1), |one| one.sales.len(), [0, 1];
            Book::SALES.limit(5), |one| one.sales.len(), [0, 2];
        }
        let sales = Sale::find().order_by(Sale::ID.asc());
        let sales = sales.include(Sale::BOOK.joined()).all(&db).await.unwrap();
        let found: Vec<_> = sales.iter().map(|one| one.book.is_some()).collect();
        assert_eq!(found, [true, true, false], "{at}");
        for (sale, book) in
            sales.iter().zip(Sale::BOOK.load(&db, sales.iter().map(|one| &**one)).await.unwrap())
        {
            assert_eq!(sale.book(&db).await.unwrap(), book, "{at}");
            assert_eq!(sale.book.as_ref(), book.as_ref(), "{at}");
        }

        // To Ada's books, of which the keys are spelled in two ways, and her topic.
        macro_rules! of_authors {
            ($($relation:expr, |$one:ident| $number:expr, $expected:expr;)*) => {$(
                let all = Author::find().order_by(Author::NAME.asc()).include($relation);
                let all = all.all(&db).await.unwrap();
                let all: Vec<_> = all.iter().map(|$one| $number).collect();
                assert_eq!(all, $expected, "{at}: {}", stringify!($relation));
            )*};
        }
        of_authors! {
            Author::BOOKS, |one| one.books.len(), [2, 1];
            Author::BOOKS.pipelined(), |one| one.books.len(), [2, 1];
            Author::BOOKS.limit(1), |one| one.books.len(), [1, 1];
            Author::BOOKS.count().joined(), |one| one.books, [2, 1];
            Author::BOOKS.count().batched(), |one| one.books, [2, 1];
            Author::TOPICS, |one| one.topics.len(), [1, 0];
            Author::TOPICS.limit(1), |one| one.topics.len(), [1, 0];
            Author::TOPICS.count(), |one| one.topics, [1, 0];
        }
        let authors = Author::find().order_by(Author::NAME.asc()).all(&db).await.unwrap();
        assert_eq!(authors[0].books(&db).await.unwrap().len(), 2, "{at}");
        assert_eq!(authors[0].topics(&db).await.unwrap().len(), 1, "{at}");
        let loaded = Author::BOOKS.load(&db, &authors).await.unwrap();
        assert_eq!(loaded.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1], "{at}");
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "devices")]
struct Device {
    #[id]
    id: i64,
    #[unique]
    serial: uuid::Uuid,
    #[unique]
    made: chrono::NaiveDateTime,
    name: String,
}

/// An upsert finds the row that is there in whichever spelling, and leaves that as it is.
#[tokio::test]
async fn an_upsert_finds_its_row_in_another_spelling() {
    for serial in ADA {
        for made in DAYS {
            let db = crate::support::sqlite().await;
            let text = "CREATE TABLE devices (id INTEGER PRIMARY KEY, serial UNIQUE, made UNIQUE, name TEXT)";
            run(&db, text.to_owned()).await;
            run(&db, format!("INSERT INTO devices VALUES (7, {serial}, {made}, 'old')")).await;
            let device = Device::find_by_id(7).one(&db).await.unwrap();
            let new = |name: &str| NewDevice {
                id: 9,
                serial: device.serial,
                made: device.made,
                name: name.to_owned(),
            };
            let told = |upserted: ::relations::repository::Upserted<Device>| match upserted {
                ::relations::repository::Upserted::Existing(one) => (one.id, one.name),
                other => panic!("{serial} {made}: {other:?}"),
            };
            let by_serial = new("a").on_conflict(Device::SERIAL).update((Device::NAME,));
            assert_eq!(told(by_serial.insert(&db).await.unwrap()), (7, "a".to_owned()));
            let by_day = new("b").on_conflict(Device::MADE).update((Device::NAME,));
            assert_eq!(told(by_day.insert(&db).await.unwrap()), (7, "b".to_owned()));
            let kept = new("c").on_conflict(Device::SERIAL).do_nothing();
            assert_eq!(told(kept.insert(&db).await.unwrap()), (7, "b".to_owned()));
            let held =
                format!("SELECT count(*) FROM devices WHERE serial = {serial} AND made = {made}");
            let held: i64 = sql(held.as_str(), ()).one(&db).await.unwrap();
            assert_eq!(held, 1, "{serial} {made}");
            let other = NewDevice {
                serial: uuid::Uuid::nil(),
                made: chrono::NaiveDateTime::default(),
                ..new("d")
            };
            let made = other.on_conflict(Device::SERIAL).do_nothing().insert(&db).await.unwrap();
            assert!(
                matches!(made, ::relations::repository::Upserted::Inserted(one) if one.id == 9)
            );
        }
    }
}
