//! A soft delete that waits for another transaction deletes the rows that are its own after that.
//!
//! SQLite has one writer at a time, so there the statement begins after the other transaction.
#![allow(clippy::large_futures, reason = "a test makes one call after another")]

use std::future::Future;
use std::time::Duration;

use ::chrono::{DateTime, Utc};
use ::relations::prelude::*;
use ::relations::{Database, Result};
use tokio::time::sleep;

use crate::support;

/// Its soft delete changes tasks and notes.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Task)]
#[has_many(Note)]
#[has_many(Fee)]
struct Project {
    #[id]
    id: i64,
    state: String,
    #[version]
    version: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Step)]
struct Task {
    #[id]
    id: i64,
    #[belongs_to(Project, on_delete = "cascade")]
    project_id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Step {
    #[id]
    id: i64,
    #[belongs_to(Task, on_delete = "cascade")]
    task_id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Note {
    #[id]
    id: i64,
    #[belongs_to(Project, on_delete = "set null")]
    project_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Fee {
    #[id]
    id: i64,
    #[belongs_to(Project, on_delete = "restrict")]
    project_id: i64,
}

/// Goes with the node above it.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Node, name = "children", key_to = "parent_id")]
struct Node {
    #[id]
    id: i64,
    #[belongs_to(Node, name = "parent", on_delete = "cascade")]
    parent_id: Option<i64>,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

/// Projects 10 and 20, with a task and its step each.
async fn world() -> Option<Database> {
    let db = support::postgres().await?;
    db.create(schema![Project, Task, Step, Note, Fee]).await.unwrap();
    for id in [10, 20] {
        NewProject { id, state: "open".to_owned() }.insert(&db).await.unwrap();
        NewTask { id: id + 1, project_id: id }.insert(&db).await.unwrap();
        NewStep { id: id + 2, task_id: id + 1 }.insert(&db).await.unwrap();
        NewNote { id: id + 3, project_id: Some(id) }.insert(&db).await.unwrap();
    }
    Some(db)
}

/// The outcome of a soft delete that waits for a transaction with this change.
async fn after<T>(
    db: &Database,
    change: impl AsyncFnOnce(&relations::Transaction),
    delete: impl Future<Output = Result<T>>,
) -> Result<T> {
    let tx = db.begin().await.unwrap();
    change(&tx).await;
    let commit = async {
        while waiting(db).await == 0 {
            sleep(Duration::from_millis(5)).await;
        }
        tx.commit().await.unwrap();
    };
    let both = async { tokio::join!(delete, commit).0 };
    tokio::time::timeout(Duration::from_secs(30), both).await.expect("the delete waits")
}

/// The number of statements of this database that wait for a lock.
async fn waiting(db: &Database) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    relations::sql(sql, ()).one(db).await.unwrap()
}

/// The ids of the rows that are not deleted, and the notes without a project.
async fn left(db: &Database) -> (Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>) {
    let projects = Project::find().order_by(Project::ID.asc()).select(Project::ID).all(db).await;
    let tasks = Task::find().order_by(Task::ID.asc()).select(Task::ID).all(db).await;
    let steps = Step::find().order_by(Step::ID.asc()).select(Step::ID).all(db).await;
    let notes = Note::find().filter(Note::PROJECT_ID.is_null()).select(Note::ID).all(db).await;
    (projects.unwrap(), tasks.unwrap(), steps.unwrap(), notes.unwrap())
}

#[tokio::test]
async fn a_delete_of_an_entity_that_has_changed_is_stale() {
    let Some(db) = world().await else { return };
    let project = Project::find_by_id(10).one(&db).await.unwrap();
    let mut other = project.clone();
    let change = async |tx: &relations::Transaction| other.update(tx).await.unwrap();
    let error = after(&db, change, project.delete(&db)).await.unwrap_err();
    assert!(error.is_stale(), "{error}");
    assert_eq!(left(&db).await, (vec![10, 20], vec![11, 21], vec![12, 22], vec![]));
    other.delete(&db).await.unwrap();
    assert_eq!(left(&db).await, (vec![20], vec![21], vec![22], vec![13]));
}

#[tokio::test]
async fn a_row_that_leaves_the_filter_is_not_deleted() {
    let Some(db) = world().await else { return };
    let closed = async |tx: &relations::Transaction| {
        let ten = Project::find_by_id(10).set(Project::STATE, "closed").update(tx).await;
        assert_eq!(ten.unwrap(), 1);
    };
    let open = Project::find().filter(Project::STATE.eq("open"));
    assert_eq!(after(&db, closed, open.delete(&db)).await.unwrap(), 1);
    assert_eq!(left(&db).await, (vec![10], vec![11], vec![12], vec![23]));
    let closed = async |tx: &relations::Transaction| {
        Project::find_by_id(10).set(Project::STATE, "open").update(tx).await.unwrap();
    };
    let closing = Project::find().filter(Project::STATE.eq("closed"));
    assert_eq!(after(&db, closed, closing.delete_returning(&db)).await.unwrap(), []);
    assert_eq!(left(&db).await, (vec![10], vec![11], vec![12], vec![23]));
}

#[tokio::test]
async fn a_row_that_another_has_deleted_is_deleted_once() {
    let Some(db) = world().await else { return };
    let first = async |tx: &relations::Transaction| {
        assert_eq!(Project::find_by_id(10).delete(tx).await.unwrap(), 1);
    };
    assert_eq!(after(&db, first, Project::find_by_id(10).delete(&db)).await.unwrap(), 0);
    assert_eq!(left(&db).await, (vec![20], vec![21], vec![22], vec![13]));
}

#[tokio::test]
async fn a_row_that_has_moved_away_stays_with_its_own() {
    let Some(db) = world().await else { return };
    let moved = async |tx: &relations::Transaction| {
        let task = Task::find_by_id(11).set(Task::PROJECT_ID, 20).update(tx).await;
        let note = Note::find_by_id(13).set(Note::PROJECT_ID, Some(20)).update(tx).await;
        assert_eq!((task.unwrap(), note.unwrap()), (1, 1));
    };
    assert_eq!(after(&db, moved, Project::find_by_id(10).delete(&db)).await.unwrap(), 1);
    assert_eq!(left(&db).await, (vec![20], vec![11, 21], vec![12, 22], vec![]));
}

#[tokio::test]
async fn a_part_of_a_tree_that_has_moved_away_stays_whole() {
    let Some(db) = support::postgres().await else { return };
    db.create(schema![Node]).await.unwrap();
    // 10 > 11 > 12 > 13, 10 > 14 > 15, and 20.
    let nodes = [
        (10, None),
        (11, Some(10)),
        (12, Some(11)),
        (13, Some(12)),
        (14, Some(10)),
        (15, Some(14)),
    ];
    for (id, parent_id) in nodes.into_iter().chain([(20, None)]) {
        NewNode { id, parent_id }.insert(&db).await.unwrap();
    }
    let moved = async |tx: &relations::Transaction| {
        let moved = Node::find_by_id(12).set(Node::PARENT_ID, Some(20)).update(tx).await;
        assert_eq!(moved.unwrap(), 1);
    };
    assert_eq!(after(&db, moved, Node::find_by_id(10).delete(&db)).await.unwrap(), 1);
    let left = || Node::find().order_by(Node::ID.asc()).select(Node::ID).all(&db);
    assert_eq!(left().await.unwrap(), [12, 13, 20]);
    assert_eq!(Node::find_by_id(20).delete(&db).await.unwrap(), 1);
    assert_eq!(left().await.unwrap(), [] as [i64; 0]);
}
