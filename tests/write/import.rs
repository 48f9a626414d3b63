//! Rows that are inserted as they are.

use ::relations::prelude::*;
use ::relations::schema;
use chrono::{DateTime, TimeZone, Utc};

/// Everything that a database makes of a new row by itself.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Note, name = "replies", key_to = "reply_to")]
struct Note {
    #[id(generated)]
    id: i32,
    #[belongs_to(Note, name = "answered", key_to = "id")]
    reply_to: Option<i32>,
    text: String,
    #[column(default = "3")]
    priority: i32,
    #[column(generated = "priority * 2")]
    twice: i32,
    #[version]
    version: i64,
    #[created_at]
    created_at: DateTime<Utc>,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "odd \"names\"")]
struct Odd {
    #[id(generated)]
    #[column(name = "the \"id\"")]
    id: i64,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Tag {
    #[id]
    name: String,
}

fn note(id: i32) -> Note {
    Note {
        id,
        reply_to: None,
        text: format!("note {id}"),
        priority: 5,
        twice: 10,
        version: 7,
        created_at: Utc.with_ymd_and_hms(2001, 2, 3, 4, 5, 6).unwrap(),
        deleted_at: None,
    }
}

async fn all(db: &::relations::Database) -> Vec<Note> {
    Note::find().with_deleted().order_by(Note::ID.asc()).all(db).await.unwrap()
}

behaviour! {
    async fn rows_are_as_they_were(db) {
        db.create(schema![Note]).await.unwrap();
        let deleted_at = Some(Utc.with_ymd_and_hms(2002, 2, 3, 4, 5, 6).unwrap());
        let kept = [
            Note { reply_to: Some(40), ..note(7) },
            Note { deleted_at, ..note(9) },
            Note { version: 1, priority: 0, twice: 0, ..note(40) },
        ];
        assert_eq!(Note::import(kept.clone(), db).await.unwrap(), 3);
        assert_eq!(all(db).await, kept);
        assert_eq!(Note::import([], db).await.unwrap(), 0);
    }

    async fn ids_go_on_after_the_highest(db) {
        db.create(schema![Note]).await.unwrap();
        let new = || NewNote { reply_to: None, text: "new".to_owned(), priority: None };
        assert_eq!(new().insert(db).await.unwrap().id, 1);
        Note::import([note(50), note(20)], db).await.unwrap();
        assert_eq!(new().insert(db).await.unwrap().id, 51);
        // Rows behind the sequence do not move it back.
        Note::import([note(10)], db).await.unwrap();
        Note::import([note(-4)], db).await.unwrap();
        assert_eq!(new().insert(db).await.unwrap().id, 52);
        let ids: Vec<_> = all(db).await.into_iter().map(|note| note.id).collect();
        assert_eq!(ids, [-4, 1, 10, 20, 50, 51, 52]);
    }

    async fn all_are_imported_or_none(db) {
        db.create(schema![Note]).await.unwrap();
        Note::import([note(3)], db).await.unwrap();
        let error = Note::import([note(8), note(3)], db).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        let error = Note::import([Note { reply_to: Some(99), ..note(8) }], db).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        assert_eq!(all(db).await, [note(3)]);
    }

    async fn an_import_ends_with_its_transaction(db) {
        db.create(schema![Note]).await.unwrap();
        let tx = db.begin().await.unwrap();
        Note::import([note(30)], &tx).await.unwrap();
        assert_eq!(Note::find().count(&tx).await.unwrap(), 1);
        tx.rollback().await.unwrap();
        assert_eq!(all(db).await, []);
        Note::import([note(30)], db).await.unwrap();
        assert_eq!(all(db).await, [note(30)]);
    }

    async fn new_rows_and_imported_ones_have_statements_of_their_own(db) {
        db.create(schema![Note, Odd, Tag]).await.unwrap();
        let new = |text: &str| NewOdd { text: text.to_owned() };
        for round in 1..4 {
            NewOdd::insert_many([new("a"), new("b")], db).await.unwrap();
            let row = Odd { id: round * 10, text: "given".to_owned() };
            assert_eq!(Odd::import([row.clone()], db).await.unwrap(), 1);
            assert_eq!(Odd::find_by_id(row.id).one(db).await.unwrap(), row);
        }
        let ids: Vec<_> = Odd::find().all(db).await.unwrap().into_iter().map(|odd| odd.id).collect();
        assert_eq!(ids, [1, 2, 10, 11, 12, 20, 21, 22, 30]);
        let tags = ["a", "b"].map(|name| Tag { name: name.to_owned() });
        assert_eq!(Tag::import(tags, db).await.unwrap(), 2);
    }
}

/// Sessions that insert while others import get ids that nobody has.
#[tokio::test]
async fn ids_stay_unique_while_rows_are_imported() {
    let Some(db) = crate::support::postgres().await else { return };
    let db = &db;
    db.create(schema![Odd]).await.unwrap();
    let insert = async {
        for _ in 0..200 {
            NewOdd { text: "new".to_owned() }.insert(db).await.unwrap();
        }
    };
    let import = async {
        for _ in 0..50 {
            let highest = Odd::find().order_by(Odd::ID.desc()).first(db).await.unwrap();
            // Soon after the highest, where the ids of the others are about to be.
            let row = Odd { id: highest.map_or(0, |row| row.id) + 3, text: "given".to_owned() };
            if let Err(error) = Odd::import([row], db).await {
                assert!(error.is_unique_violation(), "{error}");
            }
        }
    };
    tokio::join!(insert, import);
    assert!(Odd::find().count(db).await.unwrap() > 200);
}

#[tokio::test]
async fn the_sequence_of_a_schema_goes_on() {
    let Some(db) = crate::support::postgres().await else { return };
    ::relations::sql("CREATE SCHEMA \"t 7\"", ()).execute(&db).await.unwrap();
    let own = db.in_schema("t 7");
    own.create(schema![Odd]).await.unwrap();
    db.create(schema![Odd]).await.unwrap();
    let row = |id| Odd { id, text: "given".to_owned() };
    Odd::import([row(40)], &own).await.unwrap();
    let new = || NewOdd { text: "new".to_owned() };
    assert_eq!(new().insert(&own).await.unwrap().id, 41);
    assert_eq!(new().insert(&db).await.unwrap().id, 1);
    assert_eq!(Odd::find_by_id(40).one(&own).await.unwrap(), row(40));
}
