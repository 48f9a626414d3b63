//! Unique keys that are checked with the commit, which only PostgreSQL has.

use ::relations::prelude::*;
use ::relations::{Engine, Schema};

#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(album, name, name = "one_name_an_album", deferrable)]
struct Track {
    #[id]
    id: i64,
    #[unique(name = "one_place", initially_deferred)]
    position: i32,
    album: i32,
    name: String,
}

fn all() -> Schema {
    schema![Track]
}

fn track(id: i64, position: i32) -> NewTrack {
    NewTrack { id, position, album: 1, name: format!("track {id}") }
}

#[test]
fn the_words_stand_in_the_constraint() {
    let sql = all().create_sql(Engine::Postgres).unwrap().join("; ");
    for part in [
        r#"CONSTRAINT "one_place" UNIQUE ("position") DEFERRABLE INITIALLY DEFERRED"#,
        r#"CONSTRAINT "one_name_an_album" UNIQUE ("album", "name") DEFERRABLE )"#,
    ] {
        assert!(sql.contains(part), "{sql}");
    }
    let error = all().create_sql(Engine::Sqlite).unwrap_err();
    assert!(error.is_invalid_request());
    assert_eq!(
        error.to_string(),
        "SQLite has no deferrable unique keys, and that of `position` of `Track` is one; leave out \
         `deferrable`, or use PostgreSQL"
    );
    assert!(all().shape(Engine::Sqlite).is_err());
}

#[tokio::test]
async fn two_rows_change_places() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(all()).await.unwrap();
    NewTrack::insert_many([track(70, 1), track(80, 2)], &db).await.unwrap();
    db.transaction(async |tx| {
        Track::find_by_id(70).set(Track::POSITION, 2).update(tx).await?;
        // Meanwhile two rows have it, and the query tells so.
        assert_eq!(Track::find().filter(Track::POSITION.eq(2)).all(tx).await?.len(), 2);
        Track::find_by_id(80).set(Track::POSITION, 1).update(tx).await
    })
    .await
    .unwrap();
    let places = Track::find().order_by(Track::ID.asc()).select(Track::POSITION).all(&db).await;
    assert_eq!(places.unwrap(), [2, 1]);
}

#[tokio::test]
async fn a_commit_that_shares_a_value_names_the_key() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(all()).await.unwrap();
    track(70, 1).insert(&db).await.unwrap();
    let in_transaction = db.transaction(async |tx| track(80, 1).insert(tx).await).await;
    for error in [in_transaction.unwrap_err(), track(80, 1).insert(&db).await.unwrap_err()] {
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(error.entity(), Some("Track"), "{error}");
        assert_eq!(error.constraint(), Some("one_place"));
        assert!(error.to_string().contains('1'), "{error}");
    }
    assert_eq!(Track::find().count(&db).await.unwrap(), 1);
}

#[tokio::test]
async fn an_upsert_by_such_a_key_is_refused_before_it_is_sent() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(all()).await.unwrap();
    let by_one = track(70, 1).on_conflict(Track::POSITION).update(Track::NAME).insert(&db).await;
    let by_two = track(70, 1)
        .on_conflict((Track::ALBUM, Track::NAME))
        .update(Track::POSITION)
        .insert(&db)
        .await;
    for (error, key) in
        [(by_one.unwrap_err(), "`position`"), (by_two.unwrap_err(), "`album`, `name`")]
    {
        assert!(error.is_invalid_request(), "{error}");
        assert_eq!(
            error.to_string(),
            format!(
                "the key of `Track` that is made of {key} is deferrable, and PostgreSQL finds no \
                 conflict by one; name another key, or leave out `deferrable`"
            )
        );
    }
    track(70, 1).on_conflict(Track::ID).update(Track::NAME).insert(&db).await.unwrap();
}

#[tokio::test]
async fn drift_of_the_time_is_found_and_cured() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(all()).await.unwrap();
    let report = db.check(all()).await.unwrap().strict();
    assert!(report.is_empty(), "{report}");
    for (change, told) in [
        (
            "ALTER TABLE tracks DROP CONSTRAINT one_place, ADD CONSTRAINT one_place UNIQUE (position)",
            "the unique key of `Track.position` is declared DEFERRABLE INITIALLY DEFERRED, and that of the \
             database is NOT DEFERRABLE",
        ),
        (
            "ALTER TABLE tracks DROP CONSTRAINT one_name_an_album, ADD CONSTRAINT one_name_an_album \
             UNIQUE (album, name) DEFERRABLE INITIALLY DEFERRED",
            "the unique key of `Track.album`, `Track.name` is declared DEFERRABLE INITIALLY IMMEDIATE",
        ),
        (
            "ALTER TABLE tracks RENAME CONSTRAINT one_place TO other",
            "is named `one_place`, and is `other`",
        ),
    ] {
        ::relations::sql(change, ()).execute(&db).await.unwrap();
        let report = db.check(all()).await.unwrap();
        assert!(report.to_string().contains(told), "{report}");
        for cure in report.cure() {
            ::relations::sql(cure.as_str(), ()).execute(&db).await.unwrap();
        }
        let report = db.check(all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
    }
}
