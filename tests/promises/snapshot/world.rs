//! Jobs with owners, items and tags; the same queries of them by each strategy, and changes that
//! somebody else may commit meanwhile.

use ::relations::include::Strategy;
use ::relations::prelude::*;
use ::relations::{Database, Executor, Result};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Job, key_from = "key", key_to = "owner_key")]
pub struct Owner {
    #[id]
    pub id: i64,
    #[unique]
    pub key: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Item)]
#[has_many(Tag, through(Tagging))]
pub struct Job {
    #[id]
    pub id: i64,
    #[belongs_to(Owner, name = "owner", key_to = "key")]
    pub owner_key: i64,
    pub open: bool,
    /// The number of its items, at every moment.
    pub size: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Note)]
pub struct Item {
    #[id]
    pub id: i64,
    #[belongs_to(Job)]
    pub job_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Note {
    #[id]
    pub id: i64,
    #[belongs_to(Item)]
    pub item_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Tag {
    #[id]
    pub id: i64,
    pub word: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(job_id, tag_id)]
pub struct Tagging {
    #[id]
    pub id: i64,
    #[belongs_to(Job)]
    pub job_id: i64,
    #[belongs_to(Tag)]
    pub tag_id: i64,
}

/// Creates the tables.
pub async fn create(db: &Database) {
    db.create(schema![Owner, Job, Item, Note, Tag, Tagging]).await.unwrap();
}

/// Empties the tables, and fills them with three jobs of two owners.
pub async fn fill(db: &Database) {
    db.transaction(async |tx| {
        Note::find().all_rows().delete(tx).await?;
        Tagging::find().all_rows().delete(tx).await?;
        Item::find().all_rows().delete(tx).await?;
        Job::find().all_rows().delete(tx).await?;
        Owner::find().all_rows().delete(tx).await?;
        Tag::find().all_rows().delete(tx).await?;
        for id in [1, 2] {
            NewOwner { id, key: id + 100, name: format!("owner {id}") }.insert(tx).await?;
            NewTag { id: id + 50, word: format!("tag {id}") }.insert(tx).await?;
        }
        for (id, owner) in [(1, 1), (2, 2), (3, 1)] {
            insert(tx, id, owner + 100).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// A job with two items, each of which has a note, and both tags.
async fn insert(tx: &impl Executor, id: i64, owner_key: i64) -> Result<()> {
    NewJob { id, owner_key, open: true, size: 2 }.insert(tx).await?;
    for number in [1, 2] {
        let item = NewItem { id: 10 * id + number, job_id: id }.insert(tx).await?;
        NewNote { id: 1000 + item.id, item_id: item.id }.insert(tx).await?;
        NewTagging { id: 100 * id + number, job_id: id, tag_id: number + 50 }.insert(tx).await?;
    }
    Ok(())
}

/// The concurrent change that is committed meanwhile.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// A job comes, the first in the order of the query, with an owner of its own.
    Insert,
    /// A job matches no longer.
    Update,
    /// A job goes, with its owner and all that it has.
    Delete,
}

pub const CHANGES: [Change; 3] = [Change::Insert, Change::Update, Change::Delete];

impl Change {
    pub async fn commit(self, db: &Database) {
        let change = db.transaction(async |tx| match self {
            Self::Insert => {
                NewOwner { id: 3, key: 103, name: "owner 3".into() }.insert(tx).await?;
                insert(tx, 4, 103).await
            }
            Self::Update => {
                Job::find_by_id(2).set(Job::OPEN, false).update(tx).await?;
                Ok(())
            }
            Self::Delete => {
                let items = [21, 22];
                Note::find().filter(Note::ITEM_ID.is_in(items)).delete(tx).await?;
                Tagging::find().filter(Tagging::JOB_ID.eq(2)).delete(tx).await?;
                Item::find().filter(Item::JOB_ID.eq(2)).delete(tx).await?;
                Job::find_by_id(2).delete(tx).await?;
                Owner::find_by_id(2).delete(tx).await?;
                Ok(())
            }
        });
        change.await.unwrap();
    }
}

pub const STRATEGIES: [Option<Strategy>; 4] =
    [None, Some(Strategy::Joined), Some(Strategy::Batched), Some(Strategy::Pipelined)];

/// A relation by a strategy, which a relation to many cannot be joined by.
macro_rules! by {
    ($strategy:expr, $relation:expr, |$by:ident| $ask:expr) => {{
        match $strategy {
            Some(Strategy::Batched) => {
                let $by = $relation.batched();
                $ask
            }
            Some(Strategy::Pipelined) => {
                let $by = $relation.pipelined();
                $ask
            }
            Some(Strategy::Joined) | None => {
                let $by = $relation;
                $ask
            }
        }
    }};
}

/// Checks a relation to one, and a count.
macro_rules! by_any {
    ($strategy:expr, $relation:expr, |$by:ident| $ask:expr) => {{
        if $strategy == Some(Strategy::Joined) {
            let $by = $relation.joined();
            $ask
        } else {
            by!($strategy, $relation, |$by| $ask)
        }
    }};
}

/// The kinds of trees.
pub const KINDS: [&str; 14] = [
    "to one",
    "to many",
    "through",
    "count",
    "nested",
    "nested up",
    "required",
    "required many",
    "siblings",
    "page",
    "stream",
    "limited",
    "each limited",
    "first",
];

/// Loads a tree of that kind, by a strategy.
pub async fn ask(kind: &str, strategy: Option<Strategy>, db: &impl Executor) -> Result<String> {
    let jobs = || Job::find().filter(Job::OPEN.eq(true)).order_by(Job::ID.desc());
    macro_rules! all {
        ($query:expr) => {
            format!("{:?}", $query.all(db).await?)
        };
    }
    Ok(match kind {
        "to one" => by_any!(strategy, Job::OWNER, |by| all!(jobs().include(by))),
        "to many" => by!(strategy, Job::ITEMS, |by| all!(jobs().include(by))),
        "through" => by!(strategy, Job::TAGS, |by| all!(jobs().include(by))),
        "count" => by_any!(strategy, Job::ITEMS.count(), |by| all!(jobs().include(by))),
        "nested" => by!(strategy, Item::NOTES, |notes| {
            by!(strategy, Job::ITEMS, |by| all!(jobs().include(by.include(notes))))
        }),
        "nested up" => by!(strategy, Owner::JOBS, |others| {
            by_any!(strategy, Job::OWNER, |by| all!(jobs().include(by.include(others))))
        }),
        "required" => by_any!(strategy, Job::OWNER.filter(Owner::NAME.like("owner%")), |by| {
            all!(jobs().include_required(by))
        }),
        "required many" => by_any!(strategy, Job::OWNER, |owner| {
            by!(strategy, Job::ITEMS, |items| all!(jobs().include_required(owner).include(items)))
        }),
        "siblings" => by_any!(strategy, Job::OWNER, |owner| {
            by!(strategy, Job::ITEMS, |items| by!(strategy, Job::TAGS, |tags| {
                all!(jobs().include(owner).include(items).include(tags))
            }))
        }),
        "page" => by!(strategy, Job::ITEMS, |by| {
            format!("{:?}", jobs().include(by).page(2).fetch(db).await?)
        }),
        "stream" => by!(strategy, Job::ITEMS, |by| {
            let mut stream = jobs().include(by).stream(db).chunk(10);
            let mut all = Vec::new();
            while let Some(job) = stream.try_next().await? {
                all.push(job);
            }
            format!("{all:?}")
        }),
        "limited" => by!(strategy, Job::ITEMS, |by| all!(jobs().limit(2).include(by))),
        "each limited" => by!(strategy, Job::ITEMS.limit(1), |by| all!(jobs().include(by))),
        "first" => {
            by!(strategy, Job::ITEMS, |by| format!("{:?}", jobs().include(by).first(db).await?))
        }
        _ => unreachable!("{kind}"),
    })
}
