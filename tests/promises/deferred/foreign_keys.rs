//! Foreign keys that are checked with the commit.

use ::relations::Executor;
use ::relations::prelude::*;
use ::relations::{Engine, Error, Schema};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Player)]
#[has_many(Fan)]
struct Team {
    #[id]
    id: i64,
    #[belongs_to(Player, key_to = "number", initially_deferred)]
    captain_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Team, key_from = "number", key_to = "captain_id")]
struct Player {
    #[id(generated)]
    id: i64,
    #[unique]
    number: i64,
    #[belongs_to(Team)]
    team_id: i64,
}

/// Deferrable, and checked with each statement unless a transaction says otherwise.
#[derive(Debug, Clone, PartialEq, Entity)]
struct Fan {
    #[id(generated)]
    id: i64,
    #[belongs_to(Team, deferrable, constraint = "fans_team")]
    team_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Song {
    #[id(generated)]
    id: i64,
    #[belongs_to(Song, name = "next", initially_deferred)]
    next_id: Option<i64>,
    #[unique]
    title: String,
}

fn all() -> Schema {
    schema![Team, Player, Fan, Song]
}

#[test]
fn the_words_stand_in_the_constraint() {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let sql = all().create_sql(engine).unwrap().join("; ");
        assert!(
            sql.contains(r#"FOREIGN KEY ("captain_id") REFERENCES "players" ("number") DEFERRABLE INITIALLY DEFERRED"#),
            "{sql}"
        );
        assert!(
            sql.contains(r#"FOREIGN KEY ("team_id") REFERENCES "teams" ("id") DEFERRABLE"#),
            "{sql}"
        );
        let again = all().create_if_missing_sql(engine).unwrap().join("; ");
        assert!(again.contains("DEFERRABLE INITIALLY DEFERRED"), "{again}");
    }
}

/// The error names the relation and the key, whichever statement the database refuses.
#[track_caller]
fn names_captain(error: &Error, key: &str) {
    assert!(error.is_foreign_key_violation(), "{error}");
    assert_eq!(error.entity(), Some("Team"), "{error}");
    assert_eq!(error.relation().map(|relation| relation.name), Some("captain"), "{error}");
    assert!(error.to_string().contains(key), "{error}");
}

behaviour! {
    async fn a_circle_is_inserted_in_one_transaction(db) {
        db.create(all()).await.unwrap();
        db.transaction(async |tx| {
            let team = NewTeam { id: 7, captain_id: 10 }.insert(tx).await?;
            // Until its end the captain is missing, and a query says so.
            let error = team.captain(tx).await.unwrap_err();
            assert!(error.is_target_missing(), "{error}");
            let error = Team::find().include(Team::CAPTAIN).all(tx).await.unwrap_err();
            assert!(error.is_target_missing(), "{error}");
            let with = Team::find().filter(Team::CAPTAIN.is_present()).count(tx).await?;
            assert_eq!(with, 0);
            NewPlayer { number: 10, team_id: 7 }.insert(tx).await?;
            assert_eq!(team.captain(tx).await?.number, 10);
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(Team::find().count(db).await.unwrap(), 1);
        let report = db.check(all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
    }

    async fn a_commit_without_the_target_names_the_relation(db) {
        db.create(all()).await.unwrap();
        let tried = db.transaction(async |tx| NewTeam { id: 7, captain_id: 99 }.insert(tx).await).await;
        names_captain(&tried.unwrap_err(), "99");
        // Now by hand, with other rows and entities written around it.
        let transaction = db.begin().await.unwrap();
        NewSong { next_id: None, title: "one".into() }.insert(&transaction).await.unwrap();
        NewTeam { id: 8, captain_id: 98 }.insert(&transaction).await.unwrap();
        names_captain(&transaction.commit().await.unwrap_err(), "98");
        // The inner transaction ends well, the outer one does not.
        let tried = db.transaction(async |tx| {
            tx.transaction(async |tx| NewTeam { id: 9, captain_id: 97 }.insert(tx).await).await
        }).await;
        names_captain(&tried.unwrap_err(), "97");
        assert_eq!(Team::find().count(db).await.unwrap(), 0);
        assert_eq!(Song::find().count(db).await.unwrap(), 0);
    }

    async fn a_statement_by_itself_ends_with_its_check(db) {
        db.create(all()).await.unwrap();
        names_captain(&NewTeam { id: 7, captain_id: 99 }.insert(db).await.unwrap_err(), "99");
        let many = [NewTeam { id: 7, captain_id: 96 }, NewTeam { id: 8, captain_id: 96 }];
        names_captain(&NewTeam::insert_many(many, db).await.unwrap_err(), "96");
        // Of a generated key, which is read from the answer.
        let error = NewSong { next_id: Some(77), title: "one".into() }.insert(db).await.unwrap_err();
        assert_eq!(error.relation().map(|relation| relation.name), Some("next"), "{error}");
        assert_eq!(Team::find().count(db).await.unwrap(), 0);
        assert_eq!(Song::find().count(db).await.unwrap(), 0);
        // Rows that belong to others, in one call.
        let last = NewSong { next_id: None, title: "last".into() }.insert(db).await.unwrap();
        let songs = [
            NewSong { next_id: Some(last.id), title: "a".into() },
            NewSong { next_id: None, title: "b".into() },
        ];
        assert_eq!(NewSong::insert_many(songs, db).await.unwrap().len(), 2);
    }

    async fn a_target_that_goes_is_told_with_the_commit(db) {
        db.create(all()).await.unwrap();
        db.transaction(async |tx| {
            NewTeam { id: 7, captain_id: 10 }.insert(tx).await?;
            NewTeam { id: 8, captain_id: 11 }.insert(tx).await?;
            NewPlayer { number: 10, team_id: 8 }.insert(tx).await?;
            NewPlayer { number: 11, team_id: 8 }.insert(tx).await
        })
        .await
        .unwrap();
        let tried = db.transaction(async |tx| Player::find().filter(Player::NUMBER.eq(10)).delete(tx).await).await;
        let error = tried.unwrap_err();
        assert_eq!(error.relation().map(|relation| relation.name), Some("captain"), "{error}");
        assert_eq!(Player::find().count(db).await.unwrap(), 2);
        // Another row takes its place in time.
        db.transaction(async |tx| {
            Player::find().filter(Player::NUMBER.eq(10)).delete(tx).await?;
            NewPlayer { number: 10, team_id: 7 }.insert(tx).await
        })
        .await
        .unwrap();
    }

    async fn a_deferrable_key_waits_where_it_is_told_to(db) {
        db.create(all()).await.unwrap();
        let tried = db.transaction(async |tx| {
            let error = NewFan { team_id: 9 }.insert(tx).await.unwrap_err();
            assert_eq!(error.relation().map(|relation| relation.name), Some("team"), "{error}");
            Err::<(), _>(error)
        }).await;
        assert!(tried.unwrap_err().is_foreign_key_violation());
        let defer = match db.engine() {
            Engine::Postgres => "SET CONSTRAINTS fans_team DEFERRED",
            Engine::Sqlite => "PRAGMA defer_foreign_keys = ON",
        };
        let tried = db.transaction(async |tx| {
            ::relations::sql(defer, ()).execute(tx).await?;
            NewFan { team_id: 9 }.insert(tx).await
        }).await;
        let error = tried.unwrap_err();
        assert_eq!(error.entity(), Some("Fan"), "{error}");
        assert_eq!(error.relation().map(|relation| relation.name), Some("team"), "{error}");
        assert_eq!(error.constraint(), Some("fans_team"));
        assert_eq!(Fan::find().count(db).await.unwrap(), 0);
    }

    async fn drift_of_the_time_is_found_and_cured(db) {
        db.create(all()).await.unwrap();
        if db.engine() == Engine::Postgres {
            for (change, told) in [
                ("ALTER TABLE teams ALTER CONSTRAINT teams_captain_id_fkey NOT DEFERRABLE", "`Team.captain` is declared DEFERRABLE INITIALLY DEFERRED, and its foreign key `teams_captain_id_fkey` is NOT DEFERRABLE"),
                ("ALTER TABLE teams ALTER CONSTRAINT teams_captain_id_fkey DEFERRABLE INITIALLY IMMEDIATE", "is DEFERRABLE INITIALLY IMMEDIATE"),
                ("ALTER TABLE fans ALTER CONSTRAINT fans_team DEFERRABLE INITIALLY DEFERRED", "`Fan.team` is declared DEFERRABLE INITIALLY IMMEDIATE"),
            ] {
                ::relations::sql(change, ()).execute(db).await.unwrap();
                let report = db.check(all()).await.unwrap();
                assert!(report.to_string().contains(told), "{report}");
                for cure in report.cure() {
                    ::relations::sql(cure.as_str(), ()).execute(db).await.unwrap();
                }
                let report = db.check(all()).await.unwrap().strict();
                assert!(report.is_empty(), "{report}");
            }
        } else {
            let session = db.sql_session().await.unwrap();
            for statement in [
                "DROP TABLE fans",
                "CREATE TABLE fans (id INTEGER NOT NULL CONSTRAINT fans_pkey PRIMARY KEY AUTOINCREMENT, team_id INTEGER NOT NULL, \
                 CONSTRAINT fans_team FOREIGN KEY (team_id) REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED) STRICT",
                "CREATE INDEX fans_team_id_idx ON fans (team_id)",
            ] {
                ::relations::sql(statement, ()).execute(&session).await.unwrap();
            }
            let report = db.check(all()).await.unwrap();
            assert!(report.to_string().contains("`Fan.team` is declared DEFERRABLE INITIALLY IMMEDIATE, and its foreign key `fans_team` is DEFERRABLE INITIALLY DEFERRED"), "{report}");
            for cure in report.cure() {
                ::relations::sql(cure.as_str(), ()).execute(&session).await.unwrap();
            }
            let report = db.check(all()).await.unwrap().strict();
            assert!(report.is_empty(), "{report}");
        }
    }
}
