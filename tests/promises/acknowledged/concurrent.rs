//! Calls beside others: reads beside an open transaction, links and upserts that meet.

use std::time::{Duration, Instant};

use ::relations::prelude::*;
use ::relations::repository::Upserted;
use ::relations::{ConnectOptions, Database, Engine, Executor, sql};
use futures_util::future::join_all;

use crate::support;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Tag, through(Tagging))]
struct Note {
    #[id]
    id: i64,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Tag {
    #[id]
    id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(tag_id, note_id)]
struct Tagging {
    #[id(generated)]
    id: i64,
    #[belongs_to(Note)]
    note_id: i64,
    #[belongs_to(Tag)]
    tag_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "members")]
struct Member {
    #[id]
    tenant: i64,
    #[id]
    email: String,
    visits: i32,
}

fn member(email: &str, visits: i32) -> NewMember {
    NewMember { tenant: 1, email: email.to_owned(), visits }
}

async fn run(db: &Database, text: &str) {
    sql(text, ()).execute(db).await.unwrap_or_else(|error| panic!("{text}: {error}"));
}

async fn upserts_are_told_apart(db: &impl Executor) {
    for visits in 0..3 {
        for email in ["ada", "bob"] {
            let upsert = member(email, visits).on_conflict((Member::TENANT, Member::EMAIL));
            let kept = upsert.update((Member::VISITS,)).insert(db).await.unwrap();
            assert_eq!(kept.is_inserted(), visits == 0, "{email} {visits}");
            assert_eq!(kept.into_inner(), Member { tenant: 1, email: email.to_owned(), visits });
        }
    }
}

behaviour! {
    async fn links_that_meet_are_made_once(db) {
        db.create(schema![Note, Tag, Tagging]).await.unwrap();
        let note = NewNote { id: 7, text: "a".to_owned() }.insert(db).await.unwrap();
        let tags = NewTag::insert_many((1..=10).map(|id| NewTag { id }), db).await.unwrap();
        for tag in &tags {
            let linked = join_all((0..8).map(|_| Note::TAGS.link(db, &note, tag))).await;
            let new = linked.into_iter().filter(|linked| *linked.as_ref().unwrap()).count();
            assert_eq!(new, 1);
        }
        assert_eq!(Tagging::find().count(db).await.unwrap(), 10);
    }

    async fn upserts_that_meet_insert_once(db) {
        db.create(schema![Member]).await.unwrap();
        let upsert = |visits| {
            let new = member("ada", visits).on_conflict((Member::TENANT, Member::EMAIL));
            new.update((Member::VISITS,)).insert(db)
        };
        let kept = join_all((0..8).map(upsert)).await;
        let new = kept.into_iter().filter(|kept| kept.as_ref().unwrap().is_inserted()).count();
        assert_eq!(new, 1);
        run(db, "DELETE FROM members").await;
        upserts_are_told_apart(db).await;
    }

    async fn a_read_beside_an_open_transaction_sees_what_is_committed_or_says_why_not(db) {
        db.create(schema![Note]).await.unwrap();
        let transaction = db.begin().await.unwrap();
        NewNote { id: 1, text: "a".to_owned() }.insert(&transaction).await.unwrap();
        if db.engine() == Engine::Postgres {
            assert_eq!(Note::find().count(db).await.unwrap(), 0);
        }
        let reading = async {
            let begun = Instant::now();
            let counted = Note::find().count(db).await.unwrap();
            (counted, begun.elapsed())
        };
        let committing = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            transaction.commit().await.unwrap();
        };
        let ((counted, waited), ()) = futures_util::future::join(reading, committing).await;
        assert!(counted <= 1 && waited < Duration::from_secs(2), "{counted} after {waited:?}");
        assert_eq!(Note::find().count(db).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_lock_in_memory_that_lasts_is_a_timeout() {
    let options = ConnectOptions::new("sqlite::memory:").wait_timeout(Duration::from_millis(150));
    let db = options.connect().await.unwrap();
    db.create(schema![Note]).await.unwrap();
    let transaction = db.begin().await.unwrap();
    NewNote { id: 1, text: "a".to_owned() }.insert(&transaction).await.unwrap();
    // Some of them are the first of a new connection.
    for error in join_all((0..6).map(|_| Note::find().count(&db))).await {
        let error = error.unwrap_err();
        assert!(error.is_timeout() && error.is_retryable(), "{error:?}");
        let text = error.to_string();
        assert!(text.starts_with("another connection kept the database locked"), "{text}");
    }
    transaction.commit().await.unwrap();
    assert_eq!(Note::find().count(&db).await.unwrap(), 1);
}

/// Neither has an `xmax` to tell the two apart.
#[tokio::test]
async fn partitioned_tables_and_views_take_upserts() {
    let Some(db) = support::postgres().await else { return };
    let columns = "(tenant bigint, email text, visits integer, PRIMARY KEY (tenant, email))";
    run(&db, &format!("CREATE TABLE members {columns} PARTITION BY LIST (tenant)")).await;
    run(&db, "CREATE TABLE members_1 PARTITION OF members FOR VALUES IN (1)").await;
    upserts_are_told_apart(&db).await;
    run(&db, "DROP TABLE members").await;

    run(&db, &format!("CREATE TABLE all_members {columns}")).await;
    run(&db, "CREATE VIEW members AS SELECT * FROM all_members").await;
    upserts_are_told_apart(&db).await;
    run(&db, "DELETE FROM members").await;
    db.transaction(async |tx| {
        upserts_are_told_apart(tx).await;
        let kept = member("cyd", 1).on_conflict((Member::TENANT, Member::EMAIL));
        let kept: Upserted<Member> = kept.update((Member::VISITS,)).insert(tx).await?;
        assert!(kept.is_inserted());
        Ok(())
    })
    .await
    .unwrap();
}
