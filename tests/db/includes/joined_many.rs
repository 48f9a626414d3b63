//! A relation to many that is joined to its sources: equal to one that is batched, by one statement.

use ::relations::prelude::*;
use ::relations::{Database, Engine, Executor, NotIncluded, Query};

use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "authors")]
#[has_many(Book)]
#[has_many(Prize, key_from = "code", key_to = "author_code")]
#[has_one(Portrait)]
pub struct Author {
    #[id]
    id: i64,
    #[unique]
    code: String,
    name: String,
    #[belongs_to(Author, name = "teacher")]
    teacher_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "books")]
#[has_many(Chapter)]
pub struct Book {
    #[id]
    id: i64,
    #[belongs_to(Author)]
    author_id: i64,
    #[belongs_to(Author, name = "editor")]
    editor_id: Option<i64>,
    rank: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "chapters")]
pub struct Chapter {
    #[id]
    #[belongs_to(Book)]
    book_id: i64,
    #[id]
    number: i32,
}

/// By a text, whose id is a text as well.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "prizes")]
pub struct Prize {
    #[id]
    title: String,
    #[belongs_to(Author, name = "author", key_to = "code")]
    author_code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "portraits")]
pub struct Portrait {
    #[id]
    id: i64,
    #[unique]
    #[belongs_to(Author)]
    author_id: i64,
}

/// Four authors: with three books, none, one, and two; the ids go down as the rows come.
async fn library(db: &Database) {
    db.create(schema![Author, Book, Chapter, Prize, Portrait]).await.unwrap();
    for (id, code, teacher_id) in
        [(40, "d", None), (30, "c", Some(40)), (20, "b", Some(40)), (10, "a", Some(20))]
    {
        let (code, name) = (code.to_owned(), format!("author {id}"));
        NewAuthor { id, code, name, teacher_id }.insert(db).await.unwrap();
    }
    for (id, author_id, editor_id, rank) in [
        (9, 10, None, 1),
        (8, 40, Some(10), 2),
        (7, 10, Some(40), 1),
        (6, 30, None, 3),
        (5, 10, Some(10), 0),
        (4, 40, None, 2),
    ] {
        NewBook { id, author_id, editor_id, rank }.insert(db).await.unwrap();
    }
    for (book_id, number) in [(9, 2), (9, 1), (8, 1), (6, 3), (6, 1)] {
        NewChapter { book_id, number }.insert(db).await.unwrap();
    }
    for (title, author) in [("z", "a"), ("B", "a"), ("b", "d"), ("a", "a")] {
        NewPrize { title: title.into(), author_code: author.into() }.insert(db).await.unwrap();
    }
    for (id, author_id) in [(1, 40), (2, 10)] {
        NewPortrait { id, author_id }.insert(db).await.unwrap();
    }
}

/// Compares what a query loads with a joined and with a batched relation, and the number of statements.
macro_rules! equal {
    ($db:expr, $query:expr, $relation:expr, [$joined:expr, $batched:expr]) => {{
        let counting = Counting::new($db);
        let joined = $query.include($relation.joined()).all(&counting).await.unwrap();
        let statements = counting.statements();
        assert_eq!(statements.len(), $joined, "{statements:#?}");
        let batched = $query.include($relation.batched()).all(&counting).await.unwrap();
        assert_eq!(counting.count(), $batched);
        assert_eq!(joined, batched);
        joined
    }};
}

fn authors() -> Query<Author> {
    Author::find().order_by(Author::ID.asc())
}

/// The ids of the books of each author.
fn books(found: &[AuthorWith<NotIncluded, Vec<Book>>]) -> Vec<Vec<i64>> {
    let ids =
        |of: &AuthorWith<NotIncluded, Vec<Book>>| of.books.iter().map(|book| book.id).collect();
    found.iter().map(ids).collect()
}

behaviour! {
    async fn it_finds_what_is_batched(db) {
        library(db).await;
        let found = equal!(db, authors(), Author::BOOKS, [1, 2]);
        assert_eq!(books(&found), [vec![5, 7, 9], vec![], vec![6], vec![4, 8]]);
        let found = equal!(db, Author::find().order_by(Author::ID.desc()), Author::BOOKS, [1, 2]);
        assert_eq!(books(&found), [vec![4, 8], vec![6], vec![], vec![5, 7, 9]]);
        let page = || Author::find().order_by(Author::NAME.desc()).limit(2).offset(1);
        let found = equal!(db, page(), Author::BOOKS, [1, 2]);
        assert_eq!(books(&found), [vec![6], vec![]]);
        let ordered = || Author::BOOKS.order_by(Book::RANK.desc());
        let found = equal!(db, authors(), ordered(), [1, 2]);
        assert_eq!(books(&found), [vec![7, 9, 5], vec![], vec![6], vec![4, 8]]);
        equal!(db, authors(), ordered().order_by(Book::ID.desc()), [1, 2]);
        equal!(db, authors(), ordered().filter(Book::RANK.gt(0)), [1, 2]);
        equal!(db, Author::find().limit(3).order_by(Author::ID.asc()), ordered(), [1, 2]);
        equal!(db, authors(), Author::BOOKS.filter(Book::RANK.gt(1)), [1, 2]);
        equal!(db, authors(), Author::PRIZES, [1, 2]);
        equal!(db, authors(), Author::PRIZES.order_by(Prize::TITLE.desc()), [1, 2]);
        equal!(db, authors().filter(Author::ID.lt(0)), Author::BOOKS, [1, 1]);
        equal!(db, authors().filter(Author::BOOKS.is_present()), Author::BOOKS, [1, 2]);
        // Few rows by a range, which look their targets up on PostgreSQL.
        let few = || authors().filter(Author::ID.between(1, 90));
        equal!(db, few(), Author::BOOKS, [1, 2]);
        equal!(db, few().limit(2), ordered(), [1, 2]);
        equal!(db, few().filter(Author::TEACHER.column(Author::ID).eq(40)), Author::PRIZES, [1, 2]);
        let teacher = || Author::TEACHER.include(Author::TEACHER.joined());
        equal!(db, few(), teacher().include(Author::BOOKS.joined()), [1, 3]);
        equal!(db, authors().filter(Author::TEACHER.column(Author::ID).eq(40)), Author::BOOKS, [1, 2]);
        equal!(db, Author::find().order_by(Author::TEACHER.column(Author::NAME).asc()).order_by(Author::ID.asc()), Author::BOOKS, [1, 2]);
        let teacher = authors().filter(Author::ID.eq(40)).one(db).await.unwrap();
        let editor = Book::find_by_id(8).include(Book::EDITOR).one(db).await.unwrap();
        assert_eq!((teacher.id, editor.editor.unwrap().id), (40, 10));
    }

    async fn what_is_below_and_above_it_is_loaded(db) {
        library(db).await;
        let editor = || Author::BOOKS.include(Book::EDITOR.joined());
        equal!(db, authors(), editor(), [1, 2]);
        equal!(db, authors(), Author::BOOKS.include(Book::EDITOR.batched()), [2, 3]);
        equal!(db, authors(), Author::BOOKS.include_required(Book::EDITOR.joined()), [1, 2]);
        equal!(db, authors(), Author::BOOKS.include_required(Book::EDITOR.batched()), [2, 3]);
        let chapters = || Author::BOOKS.include(Book::CHAPTERS.batched());
        equal!(db, authors(), chapters(), [2, 3]);
        let both = || editor().include(Book::CHAPTERS.order_by(Chapter::NUMBER.desc()).batched());
        equal!(db, authors().limit(2), both(), [2, 3]);
        // Below relations to one, by a target that several sources share.
        let chapter = || Chapter::find().order_by(Chapter::BOOK_ID.asc()).order_by(Chapter::NUMBER.asc());
        for strategy in [true, false] {
            let prizes = Author::PRIZES;
            let prizes = if strategy { prizes.joined() } else { prizes.batched() };
            let author = Book::AUTHOR.joined().include(prizes);
            let counting = Counting::new(db);
            let found = chapter().include(Chapter::BOOK.joined().include(author)).all(&counting).await.unwrap();
            assert_eq!(counting.count(), if strategy { 1 } else { 2 });
            let titles: Vec<Vec<_>> = found
                .iter()
                .map(|one| one.book.author.prizes.iter().map(|prize| prize.title.as_str()).collect())
                .collect();
            let of_10 = &titles[4];
            assert_eq!(of_10.len(), 3);
            assert_eq!(titles, [vec![], vec![], vec!["b"], of_10.clone(), of_10.clone()]);
        }
    }

    async fn one_of_several_is_joined(db) {
        library(db).await;
        let counting = Counting::new(db);
        let query = authors().include(Author::BOOKS.joined()).include(Author::PRIZES.joined());
        let joined = query.all(&counting).await.unwrap();
        assert_eq!(counting.count(), 2);
        let query = authors().include(Author::BOOKS.batched()).include(Author::PRIZES.batched());
        assert_eq!(query.all(db).await.unwrap(), joined);

        // The one that the query names; a count, and a relation that is told by a source that comes twice.
        let query = authors().limit(3).include(Author::BOOKS).include(Author::PRIZES.joined());
        assert_eq!(query.all(&counting).await.unwrap().len(), 3);
        let [first, _] = <[String; 2]>::try_from(counting.statements()).unwrap();
        assert!(first.contains("prizes") && !first.contains("books"), "{first}");
        let query = authors().limit(3).include(Author::BOOKS.count()).include(Author::PRIZES.joined());
        let found = query.all(&counting).await.unwrap();
        let counts: Vec<_> = found.iter().map(|of| (of.books, of.prizes.len())).collect();
        assert_eq!(counts, [(3, 3), (0, 0), (1, 0)]);
        let query = authors().include(Author::BOOKS.joined()).include(Author::PORTRAIT.joined());
        let found = query.all(db).await.unwrap();
        let ids: Vec<_> = found.iter().map(|of| (of.books.len(), of.portrait.as_ref().map(|it| it.id))).collect();
        assert_eq!(ids, [(3, Some(2)), (0, None), (1, None), (2, Some(1))]);
        let query = authors().include(Author::BOOKS.pipelined()).include(Author::PRIZES.joined());
        let found = query.all(db).await.unwrap();
        assert_eq!(found.iter().map(|of| of.books.len()).collect::<Vec<_>>(), [3, 0, 1, 2]);
    }

    async fn the_rule_joins_few_sources(db) {
        library(db).await;
        let counting = Counting::new(db);
        for (query, statements) in [
            (Author::find().limit(2), 1),
            (Author::find_by_id(10), 1),
            (Author::find().filter(Author::ID.between(10, 29)), 1),
            (Author::find().filter(Author::ID.between(10, 50)), 2),
            (Author::find().filter(Author::ID.is_in([10, 20])), 1),
            (Author::find().filter(Author::CODE.eq("a")), 1),
            (Author::find(), 2),
            (Author::find().limit(1_000), 2),
        ] {
            let query = query.include(Author::BOOKS).order_by(Author::ID.asc());
            let found = query.all(&counting).await.unwrap();
            assert_eq!(counting.count(), statements);
            assert_eq!(books(&found[..1]), [[5, 7, 9]]);
        }
        // Each source has a page, or the query a lock.
        let page = Author::BOOKS.order_by(Book::RANK.desc()).limit(1).joined();
        let found = Author::find_by_id(10).include(page).all(&counting).await.unwrap();
        assert_eq!((counting.count(), books(&found)), (2, vec![vec![7]]));
    }

    async fn every_verb_counts_sources(db) {
        library(db).await;
        let query = authors().include(Author::BOOKS.joined());
        let first = query.clone().first(db).await.unwrap().unwrap();
        assert_eq!(books(&[first]), [[5, 7, 9]]);
        assert!(query.clone().one(db).await.unwrap_err().is_not_unique());
        let of = |id| Author::find_by_id(id).include(Author::BOOKS.joined());
        assert_eq!(books(&[of(10).one(db).await.unwrap()]), [[5, 7, 9]]);
        assert_eq!(books(&[of(10).limit(1).one(db).await.unwrap()]), [[5, 7, 9]]);
        assert_eq!(books(&[of(20).first(db).await.unwrap().unwrap()]), [[0_i64; 0]]);
        assert!(of(5).optional(db).await.unwrap().is_none());
        assert!(of(5).one(db).await.unwrap_err().is_not_found());

        let page = query.clone().page(2).fetch(db).await.unwrap();
        assert_eq!((books(&page.rows), page.next), (vec![vec![5, 7, 9], vec![]], Some(20)));
        let page = query.clone().page(2).after(20).fetch(db).await.unwrap();
        assert_eq!((books(&page.rows), page.next), (vec![vec![6], vec![4, 8]], None));
        let mut streamed = query.clone().stream(db).chunk(2);
        let mut found = Vec::new();
        while let Some(author) = streamed.try_next().await.unwrap() {
            found.push(author);
        }
        assert_eq!(found, query.clone().all(db).await.unwrap());
        let transaction = db.begin().await.unwrap();
        assert_eq!(query.clone().all(&transaction).await.unwrap(), found);
        if db.engine() == Engine::Postgres {
            assert_eq!(query.for_update().all(&transaction).await.unwrap(), found);
        }
        transaction.rollback().await.unwrap();
        let editor = Book::EDITOR.joined().include(Author::BOOKS.joined());
        let books_of = Book::find().order_by(Book::ID.asc()).include(editor).all(db).await.unwrap();
        let numbers: Vec<_> =
            books_of.iter().map(|book| book.editor.as_ref().map(|of| of.books.len())).collect();
        assert_eq!(numbers, [None, Some(3), None, Some(2), Some(3), None]);
    }
}
