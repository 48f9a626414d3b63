//! Relations to one of several entities by a kind and a key, without a constraint.

use ::relations::include::Maybe;
use ::relations::prelude::*;
use ::relations::query::Scope;
use ::relations::{Database, Filter, NotIncluded};

use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
struct User {
    #[id]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
#[has_many(Comment, key_to = "subject_id")]
struct Post {
    #[id]
    id: i64,
    #[belongs_to(User, name = "author")]
    author_id: i64,
    title: String,
}

/// Its key is not its id.
#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
#[has_many(Comment, key_from = "code", key_to = "subject_id")]
struct Photo {
    #[id]
    id: i64,
    #[unique]
    code: i64,
}

#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
#[has_many(Comment, key_to = "subject_id", name = "replies")]
#[entity(new(derive(serde::Deserialize)))]
#[one_of(
    Post(kind = "article"),
    Photo(key_to = "code"),
    Self(kind = "it's"),
    name = "subject",
    kind = "subject_type",
    key = "subject_id"
)]
struct Comment {
    #[id(generated)]
    id: i64,
    text: String,
    subject_type: String,
    subject_id: i64,
    #[belongs_to(User, name = "author")]
    author_id: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Value)]
enum Topic {
    #[value(rename = "text")]
    Text,
    User,
    Unused,
}

/// Its kind is an enum, its key a text, and both may be null; a row that is deleted is not seen.
#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(
    Page(kind = "text", key_to = "name"),
    Member(kind = "user", key_to = "name"),
    name = "about",
    kind = "topic",
    key = "name"
)]
struct Note {
    #[id]
    id: i64,
    topic: Option<Topic>,
    name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(scoped)]
#[has_one(Badge, key_from = "name", key_to = "name")]
struct Page {
    #[id]
    id: i64,
    #[unique]
    name: String,
    public: bool,
}

impl Scope for Page {
    fn filter() -> Filter<Self> {
        Self::PUBLIC.eq(true)
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Note, key_from = "name", key_to = "name")]
#[has_one(Badge, key_from = "name", key_to = "name")]
struct Member {
    #[id]
    id: i64,
    #[unique(with_deleted)]
    name: String,
    #[deleted_at]
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// One of each kind and key.
#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(topic, name)]
#[one_of(
    Page(kind = "text", key_to = "name"),
    Member(kind = "user", key_to = "name"),
    name = "holder",
    kind = "topic",
    key = "name"
)]
struct Badge {
    #[id]
    id: i64,
    topic: Topic,
    name: String,
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
    subject: Option<CommentSubject<Title, Photo, Comment>>,
}

async fn world(db: &Database) -> (Post, Photo, Vec<Comment>) {
    db.create(schema![User, Post, Photo, Comment, Note, Page, Member, Badge]).await.unwrap();
    for (id, name) in [(1, "Ada"), (7, "Bob")] {
        NewUser { id, name: name.into() }.insert(db).await.unwrap();
    }
    // The keys are equal, and the ids are not the keys.
    let post = NewPost { id: 3, author_id: 7, title: "Pens".into() }.insert(db).await.unwrap();
    NewPost { id: 1, author_id: 1, title: "Ink".into() }.insert(db).await.unwrap();
    let photo = NewPhoto { id: 8, code: 3 }.insert(db).await.unwrap();
    NewPhoto { id: 3, code: 4 }.insert(db).await.unwrap();
    let mut comments = Vec::new();
    for (text, subject) in [
        ("a", CommentSubject::Post(3)),
        ("b", CommentSubject::Photo(3)),
        ("c", CommentSubject::Post(3)),
        ("d", CommentSubject::Comment(1)),
        ("e", CommentSubject::Photo(99)),
    ] {
        let new = NewComment { text: text.into(), subject, author_id: 1 };
        comments.push(new.insert(db).await.unwrap());
    }
    (post, photo, comments)
}

fn subjects(post: &Post, photo: &Photo, comments: &[Comment]) -> [Option<CommentSubject>; 5] {
    let (post, photo) = (CommentSubject::Post(post.clone()), CommentSubject::Photo(photo.clone()));
    let comment = CommentSubject::Comment(comments[0].clone());
    [Some(post.clone()), Some(photo), Some(post), Some(comment), None]
}

behaviour! {
    async fn a_kind_and_a_key_lead_to_one_of_several(db) {
        let (post, photo, comments) = world(db).await;
        assert_eq!((&*comments[0].subject_type, comments[0].subject_id), ("article", 3));
        assert_eq!((&*comments[1].subject_type, &*comments[3].subject_type), ("photo", "it's"));
        let expected = subjects(&post, &photo, &comments);
        for (comment, expected) in comments.iter().zip(&expected) {
            let subject: Option<CommentSubject> = comment.subject(db).await.unwrap();
            assert_eq!(subject, *expected);
        }
        let counting = Counting::new(db);
        assert_eq!(Comment::SUBJECT.load(&counting, &comments).await.unwrap(), expected);
        assert_eq!(counting.count(), 3);
        assert_eq!(Comment::SUBJECT.load(&counting, &comments[..1]).await.unwrap(), expected[..1]);
        assert_eq!(counting.count(), 1);
        // Each relation by itself: from a row, from its id, from many and from a query.
        assert_eq!(comments[0].post(db).await.unwrap(), Some(post.clone()));
        assert_eq!(comments[1].post(db).await.unwrap(), None);
        assert_eq!(comments[4].photo(db).await.unwrap(), None);
        assert_eq!(Comment::PHOTO.of_id(2).optional(db).await.unwrap(), Some(photo.clone()));
        assert_eq!(Comment::PHOTO.of_id(1).optional(db).await.unwrap(), None);
        assert_eq!(Comment::PHOTO.of_id(1).all(db).await.unwrap(), []);
        assert_eq!(Comment::POST.of_id(2).count(db).await.unwrap(), 0);
        let posts = Comment::POST.load(db, &comments).await.unwrap();
        assert_eq!(posts.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true, false, false]);
        let batched = db.batched();
        let (one, other) = tokio::join!(comments[0].subject(&batched), comments[1].subject(&batched));
        assert_eq!([one.unwrap(), other.unwrap()], expected[..2]);
    }

    async fn the_inverse_leads_to_rows_of_its_kind(db) {
        let (post, photo, comments) = world(db).await;
        assert_eq!(post.comments(db).await.unwrap(), [comments[0].clone(), comments[2].clone()]);
        assert_eq!(photo.comments(db).await.unwrap(), [comments[1].clone()]);
        assert_eq!(comments[0].replies(db).await.unwrap(), [comments[3].clone()]);
        let batched = db.batched();
        let (one, other) = tokio::join!(post.comments(&batched), photo.comments(&batched));
        assert_eq!((one.unwrap().len(), other.unwrap().len()), (2, 1));
        let photos = Photo::COMMENTS.load(db, [&photo, &photo]).await.unwrap();
        assert_eq!(photos.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
        for comments in [Photo::COMMENTS.batched(), Photo::COMMENTS.pipelined(), Photo::COMMENTS.joined()] {
            let photos = Photo::find().order_by(Photo::CODE.asc()).include(comments).all(db).await.unwrap();
            assert_eq!(photos.iter().map(|one| one.comments.len()).collect::<Vec<_>>(), [1, 0]);
        }
        let counts = Post::find().order_by(Post::ID.asc()).select((Post::ID, Post::COMMENTS.count()));
        assert_eq!(counts.all(db).await.unwrap(), [(1, 0), (3, 2)]);
        let commented = Photo::find().filter(Photo::COMMENTS.any(Comment::TEXT.eq("a")));
        assert_eq!(commented.count(db).await.unwrap(), 0);
        let of_post = Post::COMMENTS.of_id(3).order_by(Comment::ID.desc()).first(db).await.unwrap();
        assert_eq!(of_post, Some(comments[2].clone()));
        // Behind a relation, both ways.
        let authors = Post::COMMENTS.then(Comment::AUTHOR).of(&post).all(db).await.unwrap();
        assert_eq!(authors.len(), 1);
        let writers = Comment::POST.then(Post::AUTHOR).of_id(1).all(db).await.unwrap();
        assert_eq!(writers[0].name, "Bob");
        assert_eq!(Comment::POST.then(Post::AUTHOR).of_id(2).count(db).await.unwrap(), 0);
    }

    async fn the_target_by_kind_is_included_by_every_strategy(db) {
        let (post, photo, comments) = world(db).await;
        let expected = subjects(&post, &photo, &comments);
        let query = || Comment::find().order_by(Comment::ID.asc());
        let rows: Vec<CommentWith<NotIncluded, NotIncluded, Option<CommentSubject>>> =
            query().include(Comment::SUBJECT).all(db).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.subject.clone()).collect::<Vec<_>>(), expected);
        for subject in [
            Comment::SUBJECT.joined(),
            Comment::SUBJECT.batched(),
            Comment::SUBJECT.pipelined(),
            Comment::SUBJECT.batched().with(Comment::PHOTO.joined()),
            Comment::SUBJECT.pipelined().with(Comment::PHOTO.joined()),
        ] {
            assert_eq!(query().include(subject.clone()).all(db).await.unwrap(), rows);
            assert_eq!(query().limit(9).include(subject.clone()).all(db).await.unwrap(), rows);
            assert_eq!(query().limit(2).include(subject.clone()).all(db).await.unwrap(), rows[..2]);
            let beside = query().include(Comment::AUTHOR).include(subject.clone()).all(db).await.unwrap();
            assert!(beside.iter().zip(&rows).all(|(one, row)| one.subject == row.subject && one.author.name == "Ada"));
            let preloaded = Comment::preload(comments.clone()).include(subject.clone());
            assert_eq!(preloaded.all(db).await.unwrap(), rows);
            // Below a relation, where sources are targets.
            let photos = Photo::find().include(Photo::COMMENTS.include(subject)).all(db).await.unwrap();
            let comments: Vec<_> = photos.into_iter().flat_map(|one| one.comments).collect();
            assert_eq!(comments, rows[1..2]);
        }
        let counting = Counting::new(db);
        query().include(Comment::SUBJECT.batched()).all(&counting).await.unwrap();
        assert_eq!(counting.count(), 4);
        let stated = query().select_as::<CommentWith<NotIncluded, NotIncluded, Option<CommentSubject>>>();
        assert_eq!(stated.all(db).await.unwrap(), rows);
        let maybe: Vec<CommentWith<NotIncluded, NotIncluded, Maybe<Option<CommentSubject>>>> =
            query().include_if(true, Comment::SUBJECT).all(db).await.unwrap();
        assert_eq!(maybe[1].subject.as_option(), Some(&rows[1].subject));
    }

    async fn a_kind_has_includes_of_its_own(db) {
        let (_, photo, _) = world(db).await;
        let author = || Comment::POST.include(Post::AUTHOR);
        type Row = CommentWith<NotIncluded, NotIncluded, Option<CommentSubject<PostWith<User>, Photo, Comment>>>;
        for arm in [author(), author().batched(), author().pipelined(), author().joined()] {
            let comments: Vec<Row> = Comment::find()
                .order_by(Comment::ID.asc())
                .include(Comment::SUBJECT.with(arm))
                .all(db)
                .await
                .unwrap();
            let names: Vec<_> = comments.iter().map(|comment| match &comment.subject {
                Some(CommentSubject::Post(post)) => post.author.name.as_str(),
                Some(CommentSubject::Photo(_)) => "photo",
                Some(CommentSubject::Comment(comment)) => comment.text.as_str(),
                None => "gone",
            }).collect();
            assert_eq!(names, ["Bob", "photo", "Bob", "a", "gone"]);
        }
        let row = Comment::find_by_id(2).select_as::<Row>().one(db).await.unwrap();
        assert_eq!(serde_json::to_value(&row).unwrap(), serde_json::json!({
            "id": 2, "text": "b", "subject_type": "photo", "subject_id": 3, "author_id": 1,
            "subject": { "photo": { "id": photo.id, "code": 3 } },
        }));
        // A part of the entity, which is read without its kind.
        let shown = Comment::find().order_by(Comment::ID.asc()).select_as::<Shown>().all(db).await.unwrap();
        assert_eq!(shown[0].subject, Some(CommentSubject::Post(Title { title: "Pens".into() })));
        assert_eq!(shown[1].subject, Some(CommentSubject::Photo(photo)));
        assert_eq!(shown[4].subject, None);
    }

    async fn rows_are_found_by_their_kind(db) {
        world(db).await;
        let texts = |filter| async move {
            let found = Comment::find().filter(filter).order_by(Comment::ID.asc()).all(db).await.unwrap();
            found.into_iter().map(|one| one.text).collect::<String>()
        };
        assert_eq!(texts(Comment::SUBJECT.is(Comment::POST)).await, "ac");
        assert_eq!(texts(Comment::SUBJECT.is(Comment::PHOTO)).await, "be");
        assert_eq!(texts(Comment::PHOTO.is_present()).await, "b");
        assert_eq!(texts(Comment::POST.any(Post::TITLE.eq("Pens"))).await, "ac");
        assert_eq!(texts(Comment::POST.column(Post::TITLE).eq("Pens")).await, "ac");
        assert_eq!(texts(Comment::PHOTO.column(Photo::CODE).eq(3)).await, "b");
        assert_eq!(texts(Comment::COMMENT.column(Comment::TEXT).eq("a")).await, "d");
        let titles = Comment::find().order_by(Comment::ID.asc()).select((Comment::ID, Comment::POST.column(Post::TITLE)));
        let titles = titles.all(db).await.unwrap();
        assert_eq!(titles[..2], [(1, Some("Pens".to_owned())), (2, None)]);
    }

    async fn kind_and_key_are_written_at_once(db) {
        let (post, photo, comments) = world(db).await;
        let moved = Comment::find_by_id(1).set_one_of(Comment::SUBJECT, CommentSubject::Photo(3));
        assert_eq!(moved.update(db).await.unwrap(), 1);
        assert_eq!(photo.comments(db).await.unwrap().len(), 2);
        let back = Post::COMMENTS.reparent(db, Comment::find_by_id(1), &post).await.unwrap();
        assert_eq!((back, Comment::find_by_id(1).one(db).await.unwrap()), (1, comments[0].clone()));
        // Of the same kind they stay; of another one they would leave.
        let again = Post::COMMENTS.of(&post).set(Comment::SUBJECT_TYPE, "article");
        assert_eq!(again.update(db).await.unwrap(), 2);
        let leaving = Post::COMMENTS.of(&post).set(Comment::SUBJECT_TYPE, "photo");
        assert!(leaving.update(db).await.unwrap_err().is_invalid_request());
        let of_id = Post::COMMENTS.of_id(3).set_one_of(Comment::SUBJECT, CommentSubject::Post(4));
        assert!(of_id.update(db).await.unwrap_err().is_invalid_request());
        let inserted = Post::COMMENTS
            .insert(db, &post, |id| NewComment { text: "f".into(), subject: CommentSubject::Post(id), author_id: 1 })
            .await
            .unwrap();
        assert_eq!(inserted.subject_type, "article");
        let other = |id| NewComment { text: "g".into(), subject: CommentSubject::Photo(id), author_id: 1 };
        let error = Post::COMMENTS.insert(db, &post, other).await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("subject_type"), "{error}");
        let error = Post::COMMENTS.of(&post).set(Comment::SUBJECT_TYPE, "photo").update(db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        let new = |id| NewComment { text: "h".into(), subject: CommentSubject::Post(id), author_id: 1 };
        let given = NewComment::insert_many([new(3), new(1)], db).await.unwrap();
        assert_eq!(given.iter().map(|one| one.subject_id).collect::<Vec<_>>(), [3, 1]);
        let json = r#"{ "text": "i", "subject": { "photo": 3 }, "author_id": 1 }"#;
        let read: NewComment = serde_json::from_str(json).unwrap();
        assert_eq!(read.insert(db).await.unwrap().subject_type, "photo");
        for wrong in [r#"{ "video": 3 }"#, r#"{ "post": 1, "photo": 3 }"#, "{}", r#"{ "post": "x" }"#] {
            let json = format!(r#"{{ "text": "i", "subject": {wrong}, "author_id": 1 }}"#);
            assert!(serde_json::from_str::<NewComment>(&json).is_err(), "{wrong}");
        }
    }

    async fn a_deleted_target_leaves_rows_that_lead_to_nothing(db) {
        let (post, _, comments) = world(db).await;
        post.delete(db).await.unwrap();
        assert_eq!(comments[0].subject(db).await.unwrap(), None);
        let rows = Comment::find().order_by(Comment::ID.asc()).include(Comment::SUBJECT).all(db).await.unwrap();
        assert_eq!((rows.len(), rows[0].subject.clone()), (5, None));
        assert!(!rows.iter().all(|row| row.subject.is_none()));
    }

    async fn a_kind_may_be_null_and_a_target_hidden(db) {
        world(db).await;
        let page = NewPage { id: 5, name: "x".into(), public: false }.insert(db).await.unwrap();
        let open = NewPage { id: 6, name: "y".into(), public: true }.insert(db).await.unwrap();
        let member = NewMember { id: 6, name: "x".into() }.insert(db).await.unwrap();
        for (id, about) in [
            (1, None),
            (2, Some(NoteAbout::Page("x".to_owned()))),
            (3, Some(NoteAbout::Page("y".to_owned()))),
            (4, Some(NoteAbout::Member("x".to_owned()))),
        ] {
            NewNote { id, about }.insert(db).await.unwrap();
        }
        let notes = Note::find().order_by(Note::ID.asc());
        let all = notes.clone().all(db).await.unwrap();
        assert_eq!((all[0].topic, all[3].topic), (None, Some(Topic::User)));
        let expected = [None, None, Some(NoteAbout::Page(open)), Some(NoteAbout::Member(member.clone()))];
        for about in [Note::ABOUT.joined(), Note::ABOUT.batched(), Note::ABOUT.pipelined()] {
            let rows = notes.clone().include(about).all(db).await.unwrap();
            assert_eq!(rows.iter().map(|row| row.about.clone()).collect::<Vec<_>>(), expected);
        }
        assert_eq!(Note::ABOUT.load(db, &all).await.unwrap(), expected);
        assert_eq!(member.notes(db).await.unwrap(), [all[3].clone()]);
        Note::find_by_id(4).set_one_of(Note::ABOUT, None).update(db).await.unwrap();
        assert_eq!(member.notes(db).await.unwrap(), []);
        member.clone().delete(db).await.unwrap();
        Note::find_by_id(4).set_one_of(Note::ABOUT, Some(NoteAbout::Member("x".into()))).update(db).await.unwrap();
        assert_eq!(Note::find_by_id(4).one(db).await.unwrap().about(db).await.unwrap(), None);
        for holder in [BadgeHolder::Page("x".to_owned()), BadgeHolder::Member("x".to_owned())] {
            let id = i64::from(matches!(holder, BadgeHolder::Member(_)));
            NewBadge { id, holder }.insert(db).await.unwrap();
        }
        assert_eq!(page.badge(db).await.unwrap().map(|badge| badge.id), Some(0));
        assert_eq!(member.badge(db).await.unwrap().map(|badge| badge.topic), Some(Topic::User));
        // The database holds the rules: both or neither, and a known kind.
        for values in ["7, 'text', NULL", "7, NULL, 'x'", "7, 'unused', 'x'"] {
            let sql = format!("INSERT INTO notes (id, topic, name) VALUES ({values})");
            let error = relations::sql(sql, ()).execute(db).await.unwrap_err();
            assert!(error.is_check_violation(), "{error}");
        }
        let _ = Topic::Unused;
    }

    async fn an_unknown_kind_is_an_error(db) {
        for table in ["CREATE TABLE posts (id BIGINT PRIMARY KEY, author_id BIGINT NOT NULL, title TEXT NOT NULL)",
            "CREATE TABLE photos (id BIGINT PRIMARY KEY, code BIGINT NOT NULL)",
            "CREATE TABLE comments (id BIGINT PRIMARY KEY, text TEXT NOT NULL, subject_type TEXT NOT NULL, \
             subject_id BIGINT NOT NULL, author_id BIGINT NOT NULL)",
            "INSERT INTO comments VALUES (1, 'a', 'video', 3, 1)"] {
            relations::sql(table, ()).execute(db).await.unwrap();
        }
        let comment = Comment::find().one(db).await.unwrap();
        let mut errors = vec![
            comment.subject(db).await.unwrap_err(),
            Comment::SUBJECT.load(db, [&comment]).await.unwrap_err(),
            Comment::find().select_as::<Shown>().all(db).await.unwrap_err(),
        ];
        for subject in [Comment::SUBJECT.joined(), Comment::SUBJECT.batched(), Comment::SUBJECT.pipelined()] {
            errors.push(Comment::find().include(subject).all(db).await.unwrap_err());
        }
        for error in errors {
            let text = error.to_string();
            assert!(error.is_row_mismatch() && text.contains("one of `article`, `photo`, `it's`"), "{text}");
            assert_eq!(error.entity(), Some("Comment"));
        }

    }

    async fn the_schema_of_a_kind_holds_what_is_declared(db) {
        world(db).await;
        let found = db.check(schema![User, Post, Photo, Comment, Note, Page, Member, Badge]).await.unwrap();
        assert!(found.is_empty(), "{found:?}");
    }
}
