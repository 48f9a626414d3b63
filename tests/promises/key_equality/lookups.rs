//! Rows that are looked up by a key of the user's own: ids, filters, links, trees and changes; and the
//! indexes that they are found by.

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database};

use super::kinds::text;
use crate::support;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "words")]
#[has_many(Word, name = "narrower", key_to = "broader_word")]
struct Word {
    #[id]
    word: String,
    meaning: i32,
    #[belongs_to(Word, name = "broader", constraint = false)]
    broader_word: Option<String>,
}

/// A database whose texts are equal in any case, and the same behind unnamed statements.
async fn alike() -> Option<[Database; 2]> {
    let url = support::postgres_url().await?;
    let db = relations::connect(&url).await.unwrap();
    let unnamed = ConnectOptions::new(url).unnamed_statements(true).connect().await.unwrap();
    for sql in [
        "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        "CREATE TABLE words (word varchar(20) COLLATE alike PRIMARY KEY, meaning int NOT NULL, \
         broader_word varchar(20) COLLATE alike)",
        "INSERT INTO words VALUES ('Animal', 1, NULL), ('Dog', 2, 'animal'), ('Poodle', 3, 'DOG')",
    ] {
        relations::sql(sql, ()).execute(&db).await.unwrap();
    }
    Some([db, unnamed])
}

async fn nocase() -> Database {
    let db = support::sqlite().await;
    for sql in [
        "CREATE TABLE words (word text COLLATE NOCASE PRIMARY KEY NOT NULL, meaning int NOT NULL, \
         broader_word text COLLATE NOCASE)",
        "INSERT INTO words VALUES ('Animal', 1, NULL), ('Dog', 2, 'animal'), ('Poodle', 3, 'DOG')",
    ] {
        relations::sql(sql, ()).execute(&db).await.unwrap();
    }
    db
}

async fn words_are_found_in_any_case(db: &Database) {
    assert_eq!(Word::find_by_id("dOG").one(db).await.unwrap().meaning, 2);
    let found = Word::find().filter(Word::WORD.eq("ANIMAL")).one(db).await.unwrap();
    assert_eq!(found.meaning, 1);
    let found = Word::find().filter(Word::WORD.is_in(["ANIMAL", "poodle"]));
    assert_eq!(found.count(db).await.unwrap(), 2);
    let found = Word::find().filter(Word::WORD.not_in(["ANIMAL", "poodle"]));
    assert_eq!(found.one(db).await.unwrap().meaning, 2);
    let above = Word::BROADER.ancestors_of_id("POODLE").entities(db).await.unwrap();
    assert_eq!(above.iter().map(|word| word.meaning).collect::<Vec<_>>(), [2, 1]);
    let animal = Word::find_by_id("animal").one(db).await.unwrap();
    let below = Word::BROADER.descendants(&animal).trees(db).await.unwrap();
    let walked =
        below.iter().flat_map(|tree| tree.walk()).map(|(depth, word)| (depth, word.meaning));
    assert_eq!(walked.collect::<Vec<_>>(), [(0, 2), (1, 3)]);
    let forest = Word::NARROWER.forest().trees(db).await.unwrap();
    assert_eq!(forest.iter().flat_map(|tree| tree.walk()).count(), 3);
    let in_hand =
        Word { word: "POODLE".to_owned(), meaning: 4, broader_word: Some("doG".to_owned()) };
    let mut changed = in_hand.clone();
    changed.update(db).await.unwrap();
    assert_eq!(Word::find_by_id("Poodle").one(db).await.unwrap().meaning, 4);
    let broader = Word::BROADER.of_id("poodle").one(db).await.unwrap();
    assert_eq!(broader.word, "Dog");
    in_hand.delete(db).await.unwrap();
    assert_eq!(Word::find().count(db).await.unwrap(), 2);
    let batched = db.batched();
    let found = ::futures_util::future::join_all(
        ["dog", "DOG", "Dog", "cat", "ANIMAL"].map(|id| Word::find_by_id(id).optional(&batched)),
    )
    .await;
    let found: Vec<_> = found.into_iter().map(|one| one.unwrap().map(|one| one.meaning)).collect();
    assert_eq!(found, [Some(2), Some(2), Some(2), None, Some(1)]);
}

#[tokio::test]
async fn words_are_found_in_any_case_on_postgres() {
    let Some([db, _]) = alike().await else { return };
    words_are_found_in_any_case(&db).await;
}

#[tokio::test]
async fn words_are_found_in_any_case_by_unnamed_statements() {
    let Some([_, db]) = alike().await else { return };
    words_are_found_in_any_case(&db).await;
}

#[tokio::test]
async fn words_are_found_in_any_case_on_sqlite() {
    words_are_found_in_any_case(&nocase().await).await;
}

/// Integers on one side of a link and texts on the other: rows are numbered for keys in any order.
mod clubs {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "people")]
    #[has_many(Club, name = "clubs", through(Member))]
    pub struct Person {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "clubs")]
    #[has_many(Person, name = "people", through(Member))]
    pub struct Club {
        #[id]
        pub name: String,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "members")]
    pub struct Member {
        #[id]
        #[belongs_to(Person)]
        pub person_id: i64,
        #[id]
        #[belongs_to(Club, name = "club")]
        pub club_name: String,
    }
}

behaviour! {
    async fn keys_of_integers_are_numbered_where_links_hold_texts(db) {
        use clubs::*;

        db.create(schema![Person, Club, Member]).await.unwrap();
        let people = [30, 10, 20].map(|id| Person { id });
        for person in &people {
            NewPerson { id: person.id }.insert(db).await.unwrap();
            let name = format!("of {}", person.id);
            let club = NewClub { name }.insert(db).await.unwrap();
            assert!(Person::CLUBS.link(db, person, &club).await.unwrap());
            assert!(!Person::CLUBS.link(db, person, &club).await.unwrap());
        }
        let names = |all: Vec<Vec<Club>>| -> Vec<_> {
            all.into_iter().flatten().map(|club| club.name).collect()
        };
        let expected = ["of 30", "of 10", "of 20"];
        assert_eq!(names(Person::CLUBS.load(db, &people).await.unwrap()), expected);
        let batched = db.batched();
        let met = ::futures_util::future::join_all(people.iter().map(|one| one.clubs(&batched))).await;
        assert_eq!(names(met.into_iter().map(relations::Result::unwrap).collect()), expected);
        for strategy in 0..2 {
            let query = Person::find().order_by(Person::ID.desc());
            let all = match strategy {
                0 => query.include(Person::CLUBS.batched()),
                _ => query.include(Person::CLUBS.pipelined()),
            };
            let all = all.all(db).await.unwrap();
            let clubs = all.into_iter().map(|one| one.clubs).collect();
            assert_eq!(names(clubs), ["of 30", "of 20", "of 10"]);
        }
        let club = Club::find_by_id("of 10").one(db).await.unwrap();
        assert!(Person::CLUBS.unlink(db, &people[1], &club).await.unwrap());
        assert_eq!(people[1].clubs(db).await.unwrap(), []);
    }
}

/// Up to a hundred, up to a thousand and more keys are written in three ways.
#[tokio::test]
async fn any_number_of_texts_is_found_in_any_case() {
    let Some(url) = support::postgres_url().await else { return };
    let db = relations::connect(&url).await.unwrap();
    relations::sql(
        "CREATE EXTENSION citext; \
         CREATE TABLE parents (id bigint PRIMARY KEY, key citext NOT NULL UNIQUE); \
         CREATE TABLE children (id bigint PRIMARY KEY, parent_key citext); \
         INSERT INTO parents SELECT i + 5, 'key ' || i FROM generate_series(1, 1500) i; \
         INSERT INTO children SELECT i, 'KEY ' || i FROM generate_series(1, 1500) i",
        (),
    )
    .execute_script(&db)
    .await
    .unwrap();
    for number in [2, 100, 101, 1_000, 1_001, 1_500_usize] {
        let children = text::Child::find().order_by(text::Child::ID.asc());
        let children = children.limit(number as u64).all(&db).await.unwrap();
        let expected: Vec<_> = (6..).take(number).collect::<Vec<i64>>();
        let parents = text::Child::PARENT.load(&db, &children).await.unwrap();
        let ids = |parents: Vec<Option<text::Parent>>| -> Vec<_> {
            parents.into_iter().map(|parent| parent.unwrap().id).collect()
        };
        assert_eq!(ids(parents), expected, "{number} loaded");
        let batched = db.batched();
        let each = children.iter().map(|child| child.parent(&batched));
        let parents = ::futures_util::future::join_all(each).await;
        let parents = parents.into_iter().map(relations::Result::unwrap).collect();
        assert_eq!(ids(parents), expected, "{number} batched");
    }
}

/// The plan of a statement, with no value known.
async fn plan(client: &tokio_postgres::Client, number: usize, sql: &str) -> String {
    let name = format!("statement_{number}");
    client.batch_execute(&format!("PREPARE {name} AS {sql}")).await.unwrap();
    let values = if sql.contains("$2") { "NULL, NULL" } else { "NULL" };
    let plan = client.simple_query(&format!("EXPLAIN EXECUTE {name}({values})")).await.unwrap();
    let line = |message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
        _ => None,
    };
    plan.into_iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

/// Whatever type and collation the column has, its index finds the rows.
async fn texts_are_found_by_the_index_of(column: &str, extra: &str) {
    let Some(url) = support::postgres_url().await else { return };
    let db = relations::connect(&url).await.unwrap();
    let client = support::client(&url).await;
    client
        .batch_execute(&format!(
            "{extra}; \
             CREATE TABLE parents (id bigint PRIMARY KEY, key {column} NOT NULL UNIQUE); \
             CREATE TABLE children (id bigint PRIMARY KEY, parent_key {column}); \
             CREATE INDEX children_by_parent ON children (parent_key); \
             CREATE TABLE tags (id bigint PRIMARY KEY, key {column} NOT NULL UNIQUE); \
             CREATE TABLE links (id bigint PRIMARY KEY, parent_key {column} NOT NULL, \
             tag_key {column} NOT NULL); \
             CREATE INDEX links_by_parent ON links (parent_key); \
             INSERT INTO parents SELECT i, 'KEY ' || i FROM generate_series(1, 20000) i; \
             INSERT INTO tags SELECT i, 'KEY ' || i FROM generate_series(1, 20000) i; \
             INSERT INTO children SELECT i, 'KEY ' || i % 5000 FROM generate_series(1, 20000) i; \
             INSERT INTO links SELECT i, 'KEY ' || i % 5000, 'KEY ' || i FROM generate_series(1, 20000) i; \
             ANALYZE; SET plan_cache_mode = force_generic_plan",
        ))
        .await
        .unwrap();
    let counting = support::Counting::new(&db);
    let parents = text::Parent::find().limit(60).all(&db).await.unwrap();
    let children = text::Child::find().limit(60).all(&db).await.unwrap();
    text::Parent::CHILDREN.load(&counting, &parents).await.unwrap();
    text::Child::PARENT.load(&counting, &children).await.unwrap();
    text::Parent::TAGS.load(&counting, &parents).await.unwrap();
    text::Parent::CHILDREN.load(&counting, &parents[..1]).await.unwrap();
    children[0].parent(&counting).await.unwrap();
    parents[0].children(&counting).await.unwrap();
    parents[0].tags(&counting).await.unwrap();
    text::Parent::find().filter(text::Parent::KEY.eq("KEY 7")).one(&counting).await.unwrap();
    text::Parent::find()
        .filter(text::Parent::KEY.is_in(["KEY 7", "x"]))
        .one(&counting)
        .await
        .unwrap();
    for (number, sql) in counting.statements().iter().enumerate() {
        let plan = plan(&client, number, sql).await;
        assert!(!plan.contains("Seq Scan"), "{sql}\n{plan}");
        assert!(plan.contains("Index"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn citext_is_found_by_its_index() {
    texts_are_found_by_the_index_of("citext", "CREATE EXTENSION citext").await;
}

#[tokio::test]
async fn padded_texts_are_found_by_their_index() {
    texts_are_found_by_the_index_of("char(10)", "").await;
    texts_are_found_by_the_index_of("varchar(20)", "").await;
}

#[tokio::test]
async fn texts_of_a_collation_are_found_by_their_index() {
    let alike = "CREATE COLLATION alike \
                 (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";
    texts_are_found_by_the_index_of("text COLLATE alike", alike).await;
}
