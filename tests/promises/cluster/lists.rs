//! Lists of keys of each kind of type by which rows are distributed, on real servers.

use ::relations::prelude::*;
use ::relations::schema;

macro_rules! lists {
    ($($name:ident($key:ty $(, $sql_type:literal)?) = $value:expr;)*) => {
        $(
            mod $name {
                use super::*;

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(distributed_by = "code")]
                #[has_many(Book, name = "books", key_to = "shelf_code")]
                pub struct Shelf {
                    #[id]
                    $(#[column(type = $sql_type)])?
                    pub code: $key,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(distributed_by = "shelf_code")]
                #[has_many(
                    Topic,
                    name = "topics",
                    through(BookTopic, from = "book", to = "topic"),
                    key_from("shelf_code", "id")
                )]
                pub struct Book {
                    #[id]
                    #[belongs_to(Shelf, name = "shelf")]
                    $(#[column(type = $sql_type)])?
                    pub shelf_code: $key,
                    #[id]
                    pub id: i64,
                    pub pages: i32,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(reference)]
                pub struct Topic {
                    #[id]
                    pub id: i64,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(distributed_by = "shelf_code")]
                #[belongs_to(
                    Book,
                    name = "book",
                    key_from("shelf_code", "book_id"),
                    key_to("shelf_code", "id")
                )]
                pub struct BookTopic {
                    #[id]
                    $(#[column(type = $sql_type)])?
                    pub shelf_code: $key,
                    #[id]
                    pub book_id: i64,
                    #[id]
                    #[belongs_to(Topic, name = "topic")]
                    pub topic_id: i64,
                }

                behaviour! {
                    async fn lists_find_the_rows_of_their_keys(db) {
                        let value: fn(i64) -> $key = $value;
                        db.create(schema![Shelf, Book, Topic, BookTopic]).await.unwrap();
                        let shelves = (0..150).map(|at| NewShelf { code: value(at) });
                        NewShelf::insert_many(shelves, db).await.unwrap();
                        let books = (0..450).map(|at| NewBook { shelf_code: value(at / 3), id: 500 + at % 3, pages: 7 });
                        let mut books = NewBook::insert_many(books, db).await.unwrap();
                        NewTopic::insert_many((70..73).map(|id| NewTopic { id }), db).await.unwrap();
                        for (book, id) in books.iter().zip((70..73).cycle()) {
                            if id > 70 {
                                let new = NewBookTopic { shelf_code: book.shelf_code.clone(), book_id: book.id, topic_id: id };
                                new.insert(db).await.unwrap();
                            }
                        }
                        for count in [1, 2, 120] {
                            let shelves: Vec<_> = (0..count).map(|at| Shelf { code: value(at) }).collect();
                            let all = Shelf::preload(shelves.clone());
                            for shelf in all.include(Shelf::BOOKS.include(Book::TOPICS)).all(db).await.unwrap() {
                                assert_eq!(shelf.books.len(), 3);
                                for book in &shelf.books {
                                    assert_eq!(book.shelf_code, shelf.code);
                                    let topics: Vec<_> = book.topics.iter().map(|topic| topic.id).collect();
                                    assert_eq!(topics, match book.id { 500 => vec![], 501 => vec![71], _ => vec![72] });
                                }
                            }
                            let few = Shelf::preload(shelves.clone()).include(Shelf::BOOKS.limit(2).include(Book::TOPICS.limit(1)));
                            assert!(few.all(db).await.unwrap().iter().all(|shelf| shelf.books.len() == 2));
                            let counted = Shelf::preload(shelves.clone()).include(Shelf::BOOKS.count());
                            assert!(counted.all(db).await.unwrap().iter().all(|shelf| shelf.books == 3));
                            let some = &books[..usize::try_from(count).unwrap() * 3];
                            let found = Book::SHELF.load(db, some).await.unwrap();
                            assert!(found.iter().zip(some).all(|(shelf, book)| shelf.code == book.shelf_code));
                            let listed = Book::find().filter(Book::SHELF_CODE.is_in((0..count).map(value)));
                            assert_eq!(listed.count(db).await.unwrap(), count * 3);
                        }
                        for book in &mut books {
                            book.pages += 2;
                        }
                        Book::update_many(&mut books, db).await.unwrap();
                        assert_eq!(Book::find().filter(Book::PAGES.eq(9)).count(db).await.unwrap(), 450);
                    }
                }
            }
        )*
    };
}

lists! {
    numbers(i64) = |at| 9_000 - at;
    texts(String) = |at| format!("shelf '{at}' \"\\");
    short_texts(String, "varchar(9)") = |at| format!("s{at}");
    own_texts(String, "macaddr") = |at| format!("08:00:2b:01:02:{at:02x}");
    decimals(rust_decimal::Decimal) = |at| rust_decimal::Decimal::new(at * 10 + 5, 1);
    dates(chrono::NaiveDate) = |at| chrono::NaiveDate::default() + chrono::Days::new(u64::try_from(at).unwrap());
}
