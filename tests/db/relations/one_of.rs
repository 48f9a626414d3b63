//! Relations to one of several entities.

use ::relations::include::Maybe;
use ::relations::prelude::*;
use ::relations::{Database, NotIncluded};

use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
struct User {
    #[id]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
#[has_many(Comment)]
struct Post {
    #[id]
    id: i64,
    #[belongs_to(User, name = "author")]
    author_id: i64,
    title: String,
}

/// Its key is a text, and is not its id.
#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
#[has_many(Comment, key_from = "code", key_to = "photo_code")]
struct Photo {
    #[id]
    id: i64,
    #[unique]
    code: String,
}

#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
#[one_of(post, photo, name = "subject")]
struct Comment {
    #[id(generated)]
    id: i64,
    text: String,
    #[belongs_to(Post, on_delete = "cascade")]
    post_id: Option<i64>,
    #[belongs_to(User, name = "author")]
    author_id: i64,
    #[belongs_to(Photo, name = "photo", key_to = "code")]
    photo_code: Option<String>,
}

/// A row may follow none.
#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(post, user, name = "about", optional)]
struct Note {
    #[id]
    id: i64,
    #[belongs_to(Post)]
    post_id: Option<i64>,
    #[belongs_to(User)]
    user_id: Option<i64>,
}

/// The table of comments without its constraints.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "loose")]
#[one_of(post, photo, name = "subject")]
struct Loose {
    #[id]
    id: i64,
    #[belongs_to(Post)]
    post_id: Option<i64>,
    #[belongs_to(Photo, name = "photo", key_to = "code")]
    photo_code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Post)]
struct Title {
    title: String,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Comment)]
struct Shown {
    text: String,
    #[include]
    subject: CommentSubject<Title, Photo>,
}

async fn world(db: &Database) -> (Post, Photo, Vec<Comment>) {
    db.create(schema![User, Post, Photo, Comment, Note]).await.unwrap();
    for (id, name) in [(1, "Ada"), (7, "Bob")] {
        NewUser { id, name: name.into() }.insert(db).await.unwrap();
    }
    let post = NewPost { id: 3, author_id: 7, title: "Pens".into() }.insert(db).await.unwrap();
    let photo = NewPhoto { id: 3, code: "p".into() }.insert(db).await.unwrap();
    NewPhoto { id: 4, code: "q".into() }.insert(db).await.unwrap();
    let mut comments = Vec::new();
    for (text, post_id, photo_code) in
        [("a", Some(3), None), ("b", None, Some("p")), ("c", Some(3), None), ("d", None, Some("p"))]
    {
        let photo_code = photo_code.map(str::to_owned);
        let new = NewComment { text: text.into(), post_id, author_id: 1, photo_code };
        comments.push(new.insert(db).await.unwrap());
    }
    (post, photo, comments)
}

behaviour! {
    async fn a_row_leads_to_one_of_several(db) {
        let (post, photo, comments) = world(db).await;
        let subject: CommentSubject = comments[0].subject(db).await.unwrap();
        assert_eq!(subject, CommentSubject::Post(post.clone()));
        assert_eq!(comments[1].subject(db).await.unwrap(), CommentSubject::Photo(photo.clone()));
        let counting = Counting::new(db);
        let subjects = Comment::SUBJECT.load(&counting, &comments).await.unwrap();
        let (one, other) = (CommentSubject::Post(post.clone()), CommentSubject::Photo(photo.clone()));
        assert_eq!(subjects, [one.clone(), other.clone(), one, other]);
        assert_eq!(counting.count(), 2);
        assert_eq!(Comment::SUBJECT.load(&counting, &comments[..1]).await.unwrap().len(), 1);
        assert_eq!(counting.count(), 1);
        // Each relation by itself, and its inverse.
        assert_eq!(comments[0].post(db).await.unwrap(), Some(post.clone()));
        assert_eq!(comments[1].post(db).await.unwrap(), None);
        assert_eq!(post.comments(db).await.unwrap(), [comments[0].clone(), comments[2].clone()]);
        assert_eq!(photo.comments(db).await.unwrap(), [comments[1].clone(), comments[3].clone()]);
        let of_posts = Comment::find().filter(Comment::POST.is_present()).count(db).await.unwrap();
        let titled = Comment::POST.column(Post::TITLE).eq("Pens").or(Comment::PHOTO.any(Photo::ID.eq(4)));
        assert_eq!((of_posts, Comment::find().filter(titled).count(db).await.unwrap()), (2, 2));
    }

    async fn the_target_is_included_by_every_strategy(db) {
        let (post, photo, comments) = world(db).await;
        let (one, other) = (CommentSubject::Post(post.clone()), CommentSubject::Photo(photo.clone()));
        let expected = [one.clone(), other.clone(), one, other];
        let query = || Comment::find().order_by(Comment::ID.asc());
        let rows: Vec<CommentWith<NotIncluded, CommentSubject>> =
            query().include(Comment::SUBJECT).all(db).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.subject.clone()).collect::<Vec<_>>(), expected);
        assert_eq!(rows.iter().map(|row| (**row).clone()).collect::<Vec<_>>(), comments);
        for subject in [
            Comment::SUBJECT.joined(),
            Comment::SUBJECT.batched(),
            Comment::SUBJECT.pipelined(),
            Comment::SUBJECT.batched().with(Comment::PHOTO.joined()),
        ] {
            assert_eq!(query().include(subject.clone()).all(db).await.unwrap(), rows);
            assert_eq!(query().limit(9).include(subject.clone()).all(db).await.unwrap(), rows);
            let beside = query().include(Comment::AUTHOR).include(subject.clone()).all(db).await.unwrap();
            assert!(beside.iter().zip(&rows).all(|(one, row)| one.subject == row.subject && one.author.name == "Ada"));
            let preloaded = Comment::preload(comments.clone()).include(subject.clone());
            assert_eq!(preloaded.all(db).await.unwrap(), rows);
            // Below a relation, where sources are targets.
            let posts = Post::find().include(Post::COMMENTS.include(subject)).all(db).await.unwrap();
            assert_eq!(posts[0].comments, [rows[0].clone(), rows[2].clone()]);
        }
        let counting = Counting::new(db);
        query().include(Comment::SUBJECT.batched()).all(&counting).await.unwrap();
        assert_eq!(counting.count(), 3);
        let stated = query().select_as::<CommentWith<NotIncluded, CommentSubject>>();
        assert_eq!(stated.all(db).await.unwrap(), rows);
        let maybe: Vec<CommentWith<NotIncluded, Maybe<CommentSubject>>> =
            query().include_if(false, Comment::SUBJECT).all(db).await.unwrap();
        assert!(maybe.iter().all(|one| !one.subject.is_included()));
        let maybe = query().include_if(true, Comment::SUBJECT).all(db).await.unwrap();
        assert_eq!(maybe[1].subject.as_option(), Some(&rows[1].subject));
    }

    async fn an_arm_has_includes_of_its_own(db) {
        world(db).await;
        let author = || Comment::POST.include(Post::AUTHOR);
        for arm in [author(), author().batched(), author().pipelined(), author().joined()] {
            let comments: Vec<CommentWith<NotIncluded, CommentSubject<PostWith<User>>>> = Comment::find()
                .order_by(Comment::ID.asc())
                .include(Comment::SUBJECT.with(arm))
                .all(db)
                .await
                .unwrap();
            let names: Vec<_> = comments.iter().map(|comment| match &comment.subject {
                CommentSubject::Post(post) => post.author.name.as_str(),
                CommentSubject::Photo(photo) => photo.code.as_str(),
            }).collect();
            assert_eq!(names, ["Bob", "p", "Bob", "p"]);
        }
        type Row = CommentWith<User, CommentSubject<PostWith<User>>>;
        let row = Comment::find_by_id(1).select_as::<Row>().one(db).await.unwrap();
        assert_eq!(serde_json::to_value(&row).unwrap(), serde_json::json!({
            "id": 1, "text": "a", "post_id": 3, "author_id": 1, "photo_code": null,
            "author": { "id": 1, "name": "Ada" },
            "subject": { "post": {
                "id": 3, "author_id": 7, "title": "Pens", "author": { "id": 7, "name": "Bob" },
            } },
        }));
        let shown = Comment::find().order_by(Comment::ID.asc()).select_as::<Shown>().all(db).await.unwrap();
        assert_eq!(shown[0], Shown { text: "a".into(), subject: CommentSubject::Post(Title { title: "Pens".into() }) });
        assert!(matches!(&shown[1].subject, CommentSubject::Photo(photo) if photo.id == 3));
    }

    async fn a_filter_makes_the_target_optional(db) {
        world(db).await;
        let none = || Comment::POST.filter(Post::TITLE.eq("Ink"));
        let query = || Comment::find().order_by(Comment::ID.asc());
        for strategy in [Comment::SUBJECT.joined(), Comment::SUBJECT.batched(), Comment::SUBJECT.pipelined()] {
            let optional = strategy.clone().with(none()).optional();
            let rows: Vec<CommentWith<NotIncluded, Option<CommentSubject>>> =
                query().include(optional).all(db).await.unwrap();
            let there: Vec<_> = rows.iter().map(|row| row.subject.is_some()).collect();
            assert_eq!(there, [false, true, false, true]);
            let error = query().include(strategy.with(none())).all(db).await.unwrap_err();
            assert!(error.is_row_mismatch() && error.to_string().contains(".optional()"), "{error}");
        }
    }

    async fn the_database_holds_one_key_in_each_row(db) {
        world(db).await;
        let new = |post_id, photo_code: Option<&str>| NewComment {
            text: "e".into(), post_id, author_id: 1, photo_code: photo_code.map(str::to_owned),
        };
        for refused in [new(None, None), new(Some(3), Some("p"))] {
            let error = refused.insert(db).await.unwrap_err();
            assert!(error.is_check_violation(), "{error}");
            assert_eq!(error.entity(), Some("Comment"));
        }
        assert!(new(Some(4), None).insert(db).await.unwrap_err().is_foreign_key_violation());
        NewNote { id: 1, post_id: None, user_id: None }.insert(db).await.unwrap();
        let both = NewNote { id: 2, post_id: Some(3), user_id: Some(1) };
        assert!(both.insert(db).await.unwrap_err().is_check_violation());
        NewNote { id: 3, post_id: None, user_id: Some(7) }.insert(db).await.unwrap();
        let notes = Note::find().order_by(Note::ID.asc()).include(Note::ABOUT).all(db).await.unwrap();
        let bob = NoteAbout::User(User { id: 7, name: "Bob".into() });
        let about: Vec<_> = notes.iter().map(|note| note.about.clone()).collect();
        assert_eq!(about, [None, Some(bob.clone())]);
        assert_eq!(notes[1].entity_about(db).await, Some(bob));
        assert_eq!(notes[0].entity_about(db).await, None);
    }

    async fn a_row_that_breaks_the_rule_is_an_error(db) {
        world(db).await;
        let sql = "CREATE TABLE loose (id BIGINT PRIMARY KEY, post_id BIGINT, photo_code TEXT)";
        relations::sql(sql, ()).execute(db).await.unwrap();
        let cases = [
            ("NULL, NULL", "none of them"),
            ("3, 'p'", "several of them"),
        ];
        for (keys, why) in cases {
            relations::sql("DELETE FROM loose", ()).execute(db).await.unwrap();
            relations::sql(format!("INSERT INTO loose VALUES (1, {keys})"), ()).execute(db).await.unwrap();
            let loose = Loose::find().one(db).await.unwrap();
            let errors = [
                loose.subject(db).await.unwrap_err(),
                Loose::find().include(Loose::SUBJECT).all(db).await.unwrap_err(),
                Loose::find().limit(2).include(Loose::SUBJECT.joined()).all(db).await.unwrap_err(),
            ];
            for error in errors {
                assert!(error.is_row_mismatch(), "{error}");
                let told = error.to_string();
                assert!(told.contains(why) && told.contains("subject"), "{told}");
            }
        }
        relations::sql("UPDATE loose SET post_id = 99, photo_code = NULL", ()).execute(db).await.unwrap();
        let error = Loose::find().include(Loose::SUBJECT).all(db).await.unwrap_err();
        assert!(error.is_target_missing(), "{error}");
    }
}

impl<S> NoteWith<S> {
    /// The accessor of the entity, beside the place of the same name.
    async fn entity_about(&self, db: &Database) -> Option<NoteAbout> {
        let note: &Note = self;
        note.about(db).await.unwrap()
    }
}
