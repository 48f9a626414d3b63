//! Foreign keys of other actions: defaults that are set, several keys of one entity, and cycles.

use ::chrono::{DateTime, Utc};
use ::relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Job, name = "jobs", key_to = "owner_id")]
#[has_many(Job, name = "checks", key_to = "checker_id")]
#[has_many(Badge)]
struct Person {
    #[id]
    id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

/// Goes with its owner, and stays without its checker.
#[derive(Debug, Clone, PartialEq, Entity)]
struct Job {
    #[id]
    id: i64,
    #[belongs_to(Person, name = "owner", on_delete = "cascade")]
    owner_id: i64,
    #[belongs_to(Person, name = "checker", on_delete = "set null")]
    checker_id: Option<i64>,
    #[version]
    version: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

/// Goes back to the first person.
#[derive(Debug, Clone, PartialEq, Entity)]
struct Badge {
    #[id]
    id: i64,
    #[column(default = "1")]
    #[belongs_to(Person, on_delete = "set default")]
    person_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Egg)]
struct Hen {
    #[id]
    id: i64,
    #[belongs_to(Egg, on_delete = "cascade")]
    egg_id: Option<i64>,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Hen)]
struct Egg {
    #[id]
    id: i64,
    #[belongs_to(Hen, on_delete = "cascade")]
    hen_id: Option<i64>,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

behaviour! {
    async fn a_foreign_key_is_set_to_its_default(db) {
        db.create(schema![Person, Job, Badge]).await.unwrap();
        for id in [1, 20, 30] {
            NewPerson { id }.insert(db).await.unwrap();
        }
        for (id, person_id) in [(2, 20), (3, 30)] {
            NewBadge { id, person_id: Some(person_id) }.insert(db).await.unwrap();
        }
        assert_eq!(Person::find_by_id(20).delete(db).await.unwrap(), 1);
        let badges = Badge::find().order_by(Badge::ID.asc()).select(Badge::PERSON_ID).all(db).await;
        assert_eq!(badges.unwrap(), [1, 30]);
    }

    async fn each_foreign_key_of_an_entity_has_its_action(db) {
        db.create(schema![Person, Job, Badge]).await.unwrap();
        for id in [1, 20, 30] {
            NewPerson { id }.insert(db).await.unwrap();
        }
        for (id, owner_id, checker_id) in [(5, 20, 30), (6, 30, 20), (7, 20, 20), (8, 30, 30)] {
            NewJob { id, owner_id, checker_id: Some(checker_id) }.insert(db).await.unwrap();
        }
        Person::find_by_id(20).one(db).await.unwrap().delete(db).await.unwrap();
        let jobs = Job::find().with_deleted().order_by(Job::ID.asc()).all(db).await.unwrap();
        let found = jobs.iter().map(|job| (job.id, job.checker_id, job.version, job.deleted_at.is_some()));
        // A job that goes with its owner keeps its checker.
        assert_eq!(found.collect::<Vec<_>>(), [
            (5, Some(30), 2, true),
            (6, None, 2, false),
            (7, Some(20), 2, true),
            (8, Some(30), 1, false),
        ]);
    }

    async fn entities_that_cascade_to_each_other_are_refused(db) {
        let told = "cascade to each other in a cycle, which a soft delete cannot follow";
        for error in [
            Hen::find_by_id(1).delete(db).await.unwrap_err(),
            Hen::find().all_rows().delete_returning(db).await.unwrap_err(),
            Hen { id: 1, egg_id: None, deleted_at: None }.delete(db).await.unwrap_err(),
        ] {
            assert!(error.is_invalid_request() && error.to_string().contains(told), "{error}");
            assert_eq!(error.entity(), Some("Hen"));
        }
    }
}
