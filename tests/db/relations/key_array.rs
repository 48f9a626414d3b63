//! Relations by an array of keys, which only PostgreSQL has.

use ::relations::prelude::*;
use ::relations::query::Scope;
use ::relations::{Database, Filter};

use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
#[has_many(Label, keys_from = "label_codes", key_to = "code")]
#[has_many(Post, name = "related", keys_from = "related_ids")]
#[has_many(Comment)]
struct Post {
    #[id]
    id: i64,
    title: String,
    label_codes: Vec<i64>,
    related_ids: Option<Vec<i64>>,
}

/// Its key is not its id.
#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
#[has_many(Post, keys_to = "label_codes", key_from = "code")]
#[has_many(Post, name = "titled", keys_to = "label_codes", key_from = "code", filter = Post::TITLE.ne("b"))]
#[has_many(Hint)]
struct Label {
    #[id]
    id: i64,
    #[unique]
    code: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
struct Hint {
    #[id]
    id: i64,
    #[belongs_to(Label)]
    label_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity, serde::Serialize)]
struct Comment {
    #[id]
    id: i64,
    #[belongs_to(Post)]
    post_id: i64,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Post)]
struct Head {
    title: String,
    #[include]
    labels: Vec<Name>,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Label)]
struct Name {
    name: String,
}

/// Texts as keys, and rows that are hidden in three ways.
#[derive(Debug, Clone, PartialEq, Entity)]
#[allow(clippy::duplicated_attributes, reason = "two relations have one key")]
#[has_many(Tag, keys_from = "words", key_to = "word", index = false)]
#[has_many(Tag, name = "all_tags", keys_from = "words", key_to = "word", unscoped)]
struct Page {
    #[id]
    id: i64,
    #[tenant]
    tenant: i64,
    words: Vec<String>,
    #[deleted_at]
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(scoped)]
#[has_many(Page, keys_to = "words", key_from = "word")]
struct Tag {
    #[id]
    id: i64,
    #[tenant]
    tenant: i64,
    #[unique]
    word: String,
    public: bool,
}

impl Scope for Tag {
    fn filter() -> Filter<Self> {
        Self::PUBLIC.eq(true)
    }
}

async fn world() -> Option<Database> {
    let db = crate::support::postgres().await?;
    db.create(schema![Post, Label, Hint, Comment]).await.unwrap();
    for (id, code, name) in [(1, 30, "red"), (2, 20, "green"), (3, 10, "blue")] {
        NewLabel { id, code, name: name.into() }.insert(&db).await.unwrap();
    }
    // The key 99 has no row, and 30 is there twice.
    let post = |id, title: &str, codes: &[i64], related: Option<&[i64]>| NewPost {
        id,
        title: title.into(),
        label_codes: codes.to_vec(),
        related_ids: related.map(<[i64]>::to_vec),
    };
    for post in [
        post(1, "a", &[30, 99, 10, 30], Some(&[3, 1])),
        post(2, "b", &[10, 30], None),
        post(3, "c", &[], Some(&[])),
        post(4, "d", &[99], Some(&[4])),
    ] {
        post.insert(&db).await.unwrap();
    }
    for (id, label_id) in [(7, 1), (8, 3), (9, 3)] {
        NewHint { id, label_id }.insert(&db).await.unwrap();
    }
    NewComment { id: 5, post_id: 2 }.insert(&db).await.unwrap();
    Some(db)
}

fn names(labels: &[Label]) -> Vec<&str> {
    labels.iter().map(|label| label.name.as_str()).collect()
}

fn titles(posts: &[Post]) -> String {
    posts.iter().map(|post| post.title.as_str()).collect()
}

async fn posts(db: &Database) -> Vec<Post> {
    Post::find().order_by(Post::ID.asc()).all(db).await.unwrap()
}

#[tokio::test]
async fn targets_come_in_the_order_of_the_array_each_once() {
    let Some(db) = &world().await else { return };
    let posts = posts(db).await;
    let counting = Counting::new(db);
    assert_eq!(names(&posts[0].labels(&counting).await.unwrap()), ["red", "blue"]);
    assert_eq!(names(&posts[1].labels(&counting).await.unwrap()), ["blue", "red"]);
    assert_eq!(counting.count(), 2);
    assert_eq!(posts[2].labels(&counting).await.unwrap(), []);
    assert_eq!(posts[1].related(&counting).await.unwrap(), []);
    assert_eq!(counting.count(), 0, "no key, no statement");
    assert_eq!(posts[3].labels(db).await.unwrap(), []);
    assert_eq!(titles(&posts[0].related(db).await.unwrap()), "ca");

    let of = || Post::LABELS.of(&posts[0]);
    assert_eq!(of().count(db).await.unwrap(), 2);
    assert!(of().exists(db).await.unwrap());
    assert_eq!(of().first(db).await.unwrap().unwrap().name, "red");
    assert_eq!(names(&of().limit(1).all(db).await.unwrap()), ["red"]);
    assert_eq!(names(&of().offset(1).all(db).await.unwrap()), ["blue"]);
    assert_eq!(names(&of().order_by(Label::NAME.asc()).all(db).await.unwrap()), ["blue", "red"]);
    assert_eq!(names(&of().filter(Label::CODE.lt(20)).all(db).await.unwrap()), ["blue"]);
    assert_eq!(of().distinct().all(db).await.unwrap().len(), 2);
    assert_eq!(of().sum(db, Label::CODE).await.unwrap(), Some(40));
    assert_eq!(
        of().order_by(Label::CODE.desc()).select(Label::CODE).all(db).await.unwrap(),
        [30, 10]
    );
    assert_eq!(of().include(Label::HINTS).all(db).await.unwrap()[1].hints.len(), 2);

    // Pages and streams go by id.
    let page = Post::LABELS.of(&posts[1]).page(5).fetch(db).await.unwrap();
    assert_eq!(names(&page.rows), ["red", "blue"]);
    let mut stream = Post::LABELS.of(&posts[1]).stream(db);
    assert_eq!(stream.try_next().await.unwrap().unwrap().name, "red");

    assert_eq!(names(&Post::LABELS.of_id(2).all(db).await.unwrap()), ["blue", "red"]);
    assert_eq!(Post::LABELS.of_id(77).all(db).await.unwrap(), []);
    let loaded = Post::LABELS.load(&counting, &posts).await.unwrap();
    assert_eq!(counting.count(), 1);
    let loaded: Vec<_> = loaded.iter().map(|labels| names(labels)).collect();
    assert_eq!(loaded, [vec!["red", "blue"], vec!["blue", "red"], vec![], vec![]]);
    assert_eq!(Post::LABELS.load(&counting, &posts[2..3]).await.unwrap(), [vec![]]);
    assert_eq!(counting.count(), 0);
    let batched = db.batched();
    let (one, other) = tokio::join!(posts[0].labels(&batched), posts[1].labels(&batched));
    assert_eq!((one.unwrap().len(), other.unwrap().len()), (2, 2));
}

#[tokio::test]
async fn included_targets_cost_one_statement() {
    let Some(db) = &world().await else { return };
    let counting = Counting::new(db);
    let query = || Post::find().order_by(Post::ID.asc());
    for labels in [Post::LABELS.joined(), Post::LABELS.batched(), Post::LABELS.pipelined()] {
        let posts = query().include(labels).all(&counting).await.unwrap();
        assert_eq!(counting.count(), 2);
        let labels: Vec<_> = posts.iter().map(|post| names(&post.labels)).collect();
        assert_eq!(labels, [vec!["red", "blue"], vec!["blue", "red"], vec![], vec![]]);
    }
    let hinted = query().include(Post::LABELS.include(Label::HINTS)).all(&counting).await.unwrap();
    assert_eq!(counting.count(), 3);
    let hints: Vec<_> = hinted[1].labels.iter().map(|label| label.hints.len()).collect();
    assert_eq!(hints, [2, 1]);
    // Below another relation, and below itself.
    let below = Comment::find().include(Comment::POST.include(Post::LABELS)).all(db).await.unwrap();
    assert_eq!(names(&below[0].post.labels), ["blue", "red"]);
    let nested = query().include(Post::RELATED.include(Post::RELATED)).all(db).await.unwrap();
    let related: Vec<_> = nested[0].related.iter().map(|post| titles(&post.related)).collect();
    assert_eq!(related, ["", "ca"]);

    let ordered = query().include(Post::LABELS.order_by(Label::NAME.asc())).all(db).await.unwrap();
    assert_eq!(names(&ordered[0].labels), ["blue", "red"]);
    let first = query().include(Post::LABELS.limit(1)).all(&counting).await.unwrap();
    assert_eq!(counting.count(), 2);
    assert_eq!((names(&first[0].labels), names(&first[1].labels)), (vec!["red"], vec!["blue"]));
    let second = query().include(Post::LABELS.offset(1)).all(db).await.unwrap();
    assert_eq!((names(&second[0].labels), names(&second[1].labels)), (vec!["blue"], vec!["red"]));
    let some = query().include(Post::LABELS.filter(Label::CODE.gt(10))).all(db).await.unwrap();
    assert_eq!((names(&some[0].labels), names(&some[1].labels)), (vec!["red"], vec!["red"]));
    let one = Post::find_by_id(1).include(Post::LABELS).one(db).await.unwrap();
    assert_eq!(names(&one.labels), ["red", "blue"]);

    let counted = query().include(Post::LABELS.count()).all(&counting).await.unwrap();
    assert_eq!(counting.count(), 2);
    assert_eq!(counted.iter().map(|post| post.labels).collect::<Vec<_>>(), [2, 2, 0, 0]);
    let heads = query().select_as::<Head>().all(db).await.unwrap();
    assert_eq!(heads[1].labels, ["blue", "red"].map(|name| Name { name: name.into() }));
    assert_eq!((heads[2].title.as_str(), heads[2].labels.len()), ("c", 0));
    let preloaded =
        Post::preload(posts(db).await).include(Post::LABELS).all(&counting).await.unwrap();
    assert_eq!((names(&preloaded[0].labels), counting.count()), (vec!["red", "blue"], 1));
    let json = serde_json::to_value(&preloaded[1]).unwrap();
    assert_eq!(json["labels"][0]["name"], "blue");
}

#[tokio::test]
async fn the_inverse_leads_to_the_rows_whose_array_holds_the_key() {
    let Some(db) = &world().await else { return };
    let labels = Label::find().order_by(Label::ID.asc()).all(db).await.unwrap();
    let counting = Counting::new(db);
    assert_eq!(titles(&labels[0].posts(&counting).await.unwrap()), "ab");
    assert_eq!(labels[1].posts(&counting).await.unwrap(), []);
    assert_eq!(counting.count(), 2);
    assert_eq!(titles(&labels[0].titled(db).await.unwrap()), "a");
    assert_eq!(titles(&Label::POSTS.of_id(3).all(db).await.unwrap()), "ab");
    assert_eq!(Label::POSTS.of_id(77).count(db).await.unwrap(), 0);
    let down = Label::POSTS.of(&labels[2]).order_by(Post::ID.desc()).all(db).await.unwrap();
    assert_eq!(titles(&down), "ba");
    let loaded = Label::POSTS.load(&counting, &labels).await.unwrap();
    assert_eq!(counting.count(), 1);
    assert_eq!(loaded.iter().map(|posts| titles(posts)).collect::<Vec<_>>(), ["ab", "", "ab"]);
    for posts in [Label::POSTS.joined(), Label::POSTS.batched(), Label::POSTS.pipelined()] {
        let rows =
            Label::find().order_by(Label::ID.asc()).include(posts).all(&counting).await.unwrap();
        assert_eq!(counting.count(), 2);
        assert_eq!(rows.iter().map(|row| titles(&row.posts)).collect::<Vec<_>>(), ["ab", "", "ab"]);
    }
    let last = Label::POSTS.order_by(Post::ID.desc()).limit(1).include(Post::LABELS);
    let rows = Label::find().order_by(Label::ID.asc()).include(last).all(&counting).await.unwrap();
    assert_eq!(counting.count(), 3);
    assert_eq!((rows[0].posts.len(), names(&rows[0].posts[0].labels)), (1, vec!["blue", "red"]));
    let counted = Label::find()
        .order_by(Label::ID.asc())
        .include(Label::POSTS.count())
        .all(db)
        .await
        .unwrap();
    assert_eq!(counted.iter().map(|row| row.posts).collect::<Vec<_>>(), [2, 0, 2]);
    let one = Label::find_by_id(1).include(Label::TITLED).one(db).await.unwrap();
    assert_eq!(titles(&one.titled), "a");
}

#[tokio::test]
async fn sources_are_asked_by_their_targets() {
    let Some(db) = &world().await else { return };
    let found = |filter: Filter<Post>| async move {
        let found = Post::find().filter(filter).order_by(Post::ID.asc()).all(db).await.unwrap();
        titles(&found)
    };
    assert_eq!(found(Post::LABELS.any(Label::NAME.eq("red"))).await, "ab");
    assert_eq!(found(Post::LABELS.none(Label::NAME.eq("red"))).await, "cd");
    assert_eq!(found(Post::LABELS.all(Label::CODE.gt(5))).await, "abcd");
    assert_eq!(found(Post::LABELS.is_present()).await, "ab");
    assert_eq!(found(Post::LABELS.count().eq(2)).await, "ab");
    assert_eq!(found(Post::RELATED.any(Post::LABELS.is_present())).await, "a");
    let sums = Post::find().order_by(Post::ID.asc()).select(Post::LABELS.sum(Label::CODE));
    assert_eq!(sums.all(db).await.unwrap(), [Some(40), Some(40), None, None]);
    let counts = Label::find().order_by(Label::ID.asc()).select(Label::POSTS.count());
    assert_eq!(counts.all(db).await.unwrap(), [2, 0, 2]);
    let used =
        Label::find().filter(Label::POSTS.any(Post::TITLE.eq("b"))).order_by(Label::ID.asc());
    assert_eq!(names(&used.all(db).await.unwrap()), ["red", "blue"]);
    let by_number = Post::find().order_by(Post::LABELS.count().desc()).order_by(Post::ID.desc());
    assert_eq!(titles(&by_number.all(db).await.unwrap()), "badc");
    // Behind a relation, both ways.
    let post = &posts(db).await[1];
    let hints = Post::LABELS.then(Label::HINTS).of(post).all(db).await.unwrap();
    assert_eq!(hints.iter().map(|hint| hint.id).collect::<Vec<_>>(), [7, 8, 9]);
    let labels = Comment::POST.then(Post::LABELS).of_id(5).all(db).await.unwrap();
    assert_eq!(names(&labels), ["red", "blue"], "by their id");
    let comments = Label::POSTS.then(Post::COMMENTS).of_id(1).all(db).await.unwrap();
    assert_eq!(comments.len(), 1);
}

#[tokio::test]
async fn arrays_are_written_as_any_property() {
    let Some(db) = &world().await else { return };
    let mut post = Post::find_by_id(2).one(db).await.unwrap();
    post.label_codes.insert(0, 20);
    post.update(db).await.unwrap();
    let post = Post::find_by_id(2).one(db).await.unwrap();
    assert_eq!(names(&post.labels(db).await.unwrap()), ["green", "blue", "red"]);
    let of = Post::LABELS.of(&post);
    assert_eq!(of.filter(Label::ID.eq(2)).set(Label::NAME, "lime").update(db).await.unwrap(), 1);
    let set = Label::POSTS.of_id(2).set(Post::TITLE, "e").update(db).await.unwrap();
    assert_eq!((set, Label::find_by_id(2).one(db).await.unwrap().name.as_str()), (1, "lime"));
    assert_eq!(Post::LABELS.of(&post).filter(Label::ID.eq(2)).delete(db).await.unwrap(), 1);
    assert_eq!(names(&post.labels(db).await.unwrap()), ["blue", "red"]);
}

#[tokio::test]
async fn hidden_rows_stay_hidden() {
    let Some(db) = &crate::support::postgres().await else { return };
    db.create(schema![Page, Tag]).await.unwrap();
    for (id, tenant, word, public) in [(1, 7, "x", true), (2, 7, "y", false), (3, 8, "z", true)] {
        NewTag { id, tenant: Some(tenant), word: word.into(), public }.insert(db).await.unwrap();
    }
    for (id, tenant) in [(11, 7), (12, 8), (13, 7)] {
        let words = ["z", "y", "x"].map(Into::into).to_vec();
        NewPage { id, tenant: Some(tenant), words }.insert(db).await.unwrap();
    }
    Page::find_by_id(13).delete(db).await.unwrap();
    let page = Page::find_by_id(11).one(db).await.unwrap();
    let words = |tags: &[Tag]| tags.iter().map(|tag| tag.word.as_str()).collect::<String>();
    assert_eq!(words(&page.tags(db).await.unwrap()), "zx");
    assert_eq!(words(&page.all_tags(db).await.unwrap()), "zyx");
    let db = &db.tenant(7_i64);
    assert_eq!(words(&page.tags(db).await.unwrap()), "x");
    assert_eq!(words(&Page::TAGS.of_id(11).all(db).await.unwrap()), "x");
    assert_eq!(Page::TAGS.of_id(12).count(db).await.unwrap(), 0);
    assert_eq!(words(&Page::find().include(Page::TAGS).all(db).await.unwrap()[0].tags), "x");
    assert_eq!(
        words(&Page::find().include(Page::ALL_TAGS).all(db).await.unwrap()[0].all_tags),
        "yx"
    );
    assert_eq!(Page::find().filter(Page::TAGS.any(Tag::WORD.eq("z"))).count(db).await.unwrap(), 0);
    let tag = Tag::find_by_id(1).one(db).await.unwrap();
    assert_eq!(tag.pages(db).await.unwrap(), [page.clone()]);
    assert_eq!(Tag::find().include(Tag::PAGES).all(db).await.unwrap()[0].pages, [page.clone()]);
    assert_eq!(Tag::PAGES.of_id(1).all(db).await.unwrap(), [page]);
    assert_eq!(Tag::find().select(Tag::PAGES.count()).all(db).await.unwrap(), [1]);
}

#[tokio::test]
async fn an_index_finds_the_rows_that_hold_a_key() {
    let Some(db) = &world().await else { return };
    let check = db.check(schema![Post, Label, Hint, Comment]).await.unwrap();
    assert!(check.is_empty(), "{check:?}");
    let indexes = "SELECT indexdef FROM pg_indexes WHERE tablename = $1 AND indexdef LIKE '%USING gin%' ORDER BY 1";
    let found = ::relations::sql(indexes, ("posts",)).all::<(String,)>(db).await;
    let found = found.unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    let indexes = "SET LOCAL enable_seqscan = off";
    let transaction = db.begin().await.unwrap();
    ::relations::sql(indexes, ()).execute(&transaction).await.unwrap();
    let plan = "EXPLAIN SELECT id FROM posts WHERE label_codes @> ARRAY[10::bigint]";
    let plan = ::relations::sql(plan, ()).all::<(String,)>(&transaction).await.unwrap();
    assert!(plan.iter().any(|(line,)| line.contains("label_codes_idx")), "{plan:?}");
}

#[tokio::test]
async fn sqlite_has_no_arrays() {
    let db = &crate::support::sqlite().await;
    let error = db.create(schema![Post, Label, Hint, Comment]).await.unwrap_err();
    assert!(error.to_string().contains("Post.label_codes"), "{error}");
    let label = Label { id: 1, code: 30, name: "red".into() };
    let post = Post { id: 1, title: "a".into(), label_codes: vec![30], related_ids: None };
    let errors = [
        post.labels(db).await.unwrap_err(),
        label.posts(db).await.map(drop).unwrap_err(),
        Post::LABELS.of_id(1).count(db).await.map(drop).unwrap_err(),
        Post::LABELS.load(db, [&post]).await.map(drop).unwrap_err(),
        Label::find().filter(Label::POSTS.is_present()).count(db).await.map(drop).unwrap_err(),
        Comment::POST.then(Post::LABELS).of_id(5).count(db).await.map(drop).unwrap_err(),
    ];
    for error in errors {
        let told = error.to_string();
        assert!(
            told.contains("is a relation by an array of keys, and SQLite has no arrays"),
            "{told}"
        );
    }
}
