//! Relations to one of several entities whose rows are hidden.

use ::chrono::{DateTime, Utc};
use ::relations::prelude::*;
use ::relations::query::Scope;
use ::relations::{Database, Filter};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Note)]
struct Post {
    #[id]
    id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(scoped)]
struct Photo {
    #[id]
    id: i64,
    published: bool,
}

impl Scope for Photo {
    fn filter() -> Filter<Self> {
        Self::PUBLISHED.eq(true)
    }
}

/// Each row has its target, deleted or not.
#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(post, photo, name = "subject")]
struct Comment {
    #[id]
    id: i64,
    #[belongs_to(Post, unscoped)]
    post_id: Option<i64>,
    #[belongs_to(Photo, unscoped)]
    photo_id: Option<i64>,
}

/// A row may be without a target that is seen.
#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(post, photo, name = "about", optional)]
struct Note {
    #[id]
    id: i64,
    #[belongs_to(Post, on_delete = "set null")]
    post_id: Option<i64>,
    #[belongs_to(Photo)]
    photo_id: Option<i64>,
}

/// Of two posts and two photos the second is hidden.
async fn world(db: &Database) {
    db.create(schema![Post, Photo, Comment, Note]).await.unwrap();
    for id in [10, 20] {
        NewPost { id }.insert(db).await.unwrap();
        NewPhoto { id: id + 1, published: id == 10 }.insert(db).await.unwrap();
    }
    let keys = [(Some(10), None), (Some(20), None), (None, Some(11)), (None, Some(21))];
    for (id, (post_id, photo_id)) in (1..).zip(keys) {
        NewComment { id, post_id, photo_id }.insert(db).await.unwrap();
        NewNote { id, post_id, photo_id }.insert(db).await.unwrap();
    }
    super::world::mark(db, "posts", "deleted_at", "id", 20).await;
}

behaviour! {
    async fn a_target_that_is_hidden_is_followed_unscoped(db) {
        world(db).await;
        let ids = |subjects: &[CommentSubject]| -> Vec<i64> {
            let id = |one: &CommentSubject| match one {
                CommentSubject::Post(post) => post.id,
                CommentSubject::Photo(photo) => photo.id,
            };
            subjects.iter().map(id).collect()
        };
        let comments = Comment::find().order_by(Comment::ID.asc()).all(db).await.unwrap();
        let mut subjects = Vec::new();
        for comment in &comments {
            subjects.push(comment.subject(db).await.unwrap());
        }
        assert_eq!(ids(&subjects), [10, 20, 11, 21]);
        assert!(matches!(&subjects[1], CommentSubject::Post(post) if post.deleted_at.is_some()));
        assert_eq!(Comment::SUBJECT.load(db, &comments).await.unwrap(), subjects);
        for how in [Comment::SUBJECT.joined(), Comment::SUBJECT.batched(), Comment::SUBJECT.pipelined()] {
            let found: Vec<CommentWith<CommentSubject>> =
                Comment::find().order_by(Comment::ID.asc()).include(how).all(db).await.unwrap();
            let found: Vec<_> = found.into_iter().map(|one| one.subject).collect();
            assert_eq!(found, subjects);
        }
    }

    async fn a_target_that_is_hidden_is_none_of_an_optional_relation(db) {
        world(db).await;
        let id = |one: &Option<NoteAbout>| match one {
            Some(NoteAbout::Post(post)) => post.id,
            Some(NoteAbout::Photo(photo)) => photo.id,
            None => 0,
        };
        let notes = Note::find().order_by(Note::ID.asc()).all(db).await.unwrap();
        let about: Vec<_> = Note::ABOUT.load(db, &notes).await.unwrap();
        assert_eq!(about.iter().map(id).collect::<Vec<_>>(), [10, 0, 11, 0]);
        assert_eq!(notes[1].about(db).await.unwrap(), None);
        for how in [Note::ABOUT.joined(), Note::ABOUT.batched(), Note::ABOUT.pipelined()] {
            let found = Note::find().order_by(Note::ID.asc()).include(how).all(db).await.unwrap();
            assert_eq!(found.into_iter().map(|one| one.about).collect::<Vec<_>>(), about);
        }
    }
}
