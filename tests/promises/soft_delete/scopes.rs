//! Default scopes: the rows of an entity that every query means.

use ::chrono::{DateTime, Utc};
use ::relations::prelude::*;
use ::relations::query::Scope;
use ::relations::{Database, Filter};

use super::world::mark;
use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Article)]
struct Author {
    #[id(generated)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(scoped)]
#[has_many(Comment)]
struct Article {
    #[id(generated)]
    id: i64,
    #[belongs_to(Author)]
    author_id: i64,
    title: String,
    published: bool,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

impl Scope for Article {
    fn filter() -> Filter<Self> {
        Self::PUBLISHED.eq(true).and(Self::TITLE.ne("it's \"secret\""))
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(scoped)]
struct Comment {
    #[id(generated)]
    id: i64,
    #[belongs_to(Article)]
    article_id: i64,
    text: String,
}

/// Of articles that are seen.
impl Scope for Comment {
    fn filter() -> Filter<Self> {
        Self::ARTICLE.is_present()
    }
}

/// Its scope asks for sheep, whose scope asks for herds.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(scoped)]
#[has_many(Sheep)]
struct Herd {
    #[id]
    id: i64,
}

impl Scope for Herd {
    fn filter() -> Filter<Self> {
        Self::SHEEP.is_present()
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(scoped, table = "sheep")]
struct Sheep {
    #[id]
    id: i64,
    #[belongs_to(Herd)]
    herd_id: i64,
}

impl Scope for Sheep {
    fn filter() -> Filter<Self> {
        Self::HERD.is_present()
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(scoped)]
struct Page {
    #[id]
    id: i64,
}

impl Scope for Page {
    fn filter() -> Filter<Self> {
        Filter::raw("id > 0", ())
    }
}

async fn world(db: &Database) -> (Author, Vec<Article>) {
    db.create(schema![Author, Article, Comment]).await.unwrap();
    let author = NewAuthor { name: "Ada".to_owned() }.insert(db).await.unwrap();
    let mut articles = Vec::new();
    for (title, published) in
        [("seen", true), ("draft", false), ("it's \"secret\"", true), ("gone", true)]
    {
        let new = NewArticle { author_id: author.id, title: title.to_owned(), published };
        let article = new.insert(db).await.unwrap();
        NewComment { article_id: article.id, text: title.to_owned() }.insert(db).await.unwrap();
        articles.push(article);
    }
    mark(db, "articles", "deleted_at", "id", articles[3].id).await;
    (author, articles)
}

fn titles(articles: &[Article]) -> Vec<&str> {
    articles.iter().map(|article| &*article.title).collect()
}

behaviour! {
    async fn a_default_scope_stands_everywhere(db) {
        let (author, articles) = world(db).await;
        let all = Article::find().order_by(Article::ID.asc());
        assert_eq!(titles(&all.clone().all(db).await.unwrap()), ["seen"]);
        assert_eq!(all.clone().with_deleted().count(db).await.unwrap(), 2);
        assert_eq!(titles(&all.clone().only_deleted().all(db).await.unwrap()), ["gone"]);
        assert_eq!(all.clone().unscoped().count(db).await.unwrap(), 4);
        assert_eq!(all.unscoped().only_deleted().count(db).await.unwrap(), 1);
        assert_eq!(Article::find_by_id(articles[1].id).optional(db).await.unwrap(), None);
        assert_eq!(titles(&author.articles(db).await.unwrap()), ["seen"]);
        for articles in [Author::ARTICLES.joined(), Author::ARTICLES.batched(), Author::ARTICLES.pipelined()] {
            let authors: Vec<AuthorWith<Vec<Article>>> = Author::find().include(articles).all(db).await.unwrap();
            assert_eq!(titles(&authors[0].articles), ["seen"]);
        }
        let authors: Vec<AuthorWith<Vec<Article>>> =
            Author::find().include(Author::ARTICLES.unscoped()).all(db).await.unwrap();
        assert_eq!(authors[0].articles.len(), 4);
        assert!(!Author::find().filter(Author::ARTICLES.any(Article::TITLE.eq("draft"))).exists(db).await.unwrap());
        let comments = Comment::find().include(Comment::ARTICLE).all(db).await.unwrap();
        assert_eq!(comments.len(), 1);
        assert_eq!(comments[0].article.as_ref().map(|one| &*one.title), Some("seen"));
        let comments = Comment::find().unscoped().include(Comment::ARTICLE.unscoped()).all(db).await.unwrap();
        assert_eq!(comments.len(), 4);
        let _: Vec<&Article> = comments.iter().map(|one| &one.article).collect();
        let title = Comment::ARTICLE.column(Article::TITLE);
        let titles: Vec<Option<String>> = Comment::find().unscoped().select(title).all(db).await.unwrap();
        assert_eq!(titles.iter().flatten().collect::<Vec<_>>(), ["seen"]);
    }

    async fn a_write_of_an_entity_finds_its_row_outside_of_the_scope(db) {
        let (_, mut articles) = world(db).await;
        Comment::find().unscoped().all_rows().delete(db).await.unwrap();
        articles[0].published = false;
        articles[0].update(db).await.unwrap();
        "unseen".clone_into(&mut articles[0].title);
        articles[0].update(db).await.unwrap();
        articles[0].published = true;
        articles[0].update(db).await.unwrap();
        assert_eq!(titles(&Article::find().all(db).await.unwrap()), ["unseen"]);
        articles[1].delete(db).await.unwrap();
        assert_eq!(Article::find().unscoped().only_deleted().count(db).await.unwrap(), 2);
        let changed = Article::find().all_rows().set(Article::TITLE, "new").update(db).await.unwrap();
        assert_eq!(changed, 1);
        assert_eq!(Article::find().all_rows().delete(db).await.unwrap(), 1);
        assert_eq!(Article::find().unscoped().filter(Article::TITLE.eq("new")).count(db).await.unwrap(), 1);
    }

    async fn its_values_stand_in_the_statement(db) {
        let (author, _) = world(db).await;
        let counting = Counting::new(db);
        author.articles(&counting).await.unwrap();
        author.articles(&counting).await.unwrap();
        let statements = counting.statements();
        assert_eq!(statements[0], statements[1]);
        assert!(statements[0].contains("secret"), "{}", statements[0]);
    }

    async fn a_scope_that_cannot_be_written_is_refused(db) {
        let own = "the default scope of `Page` contains raw SQL";
        for error in [
            Page::find().all(db).await.unwrap_err(),
            Page::find().all_rows().delete(db).await.unwrap_err(),
        ] {
            assert!(error.is_invalid_request() && error.to_string().contains(own), "{error}");
            assert_eq!(error.entity(), Some("Page"));
        }
        let error = Herd::find().all(db).await.unwrap_err();
        let told = error.to_string();
        assert!(error.is_invalid_request() && told.contains("asks for itself"), "{told}");
        assert!(told.contains("declare the relation `unscoped`"), "{told}");
        let other = Sheep::find().count(db).await.unwrap_err();
        assert!(other.is_invalid_request() && other.to_string().contains("asks for itself"), "{other}");
    }
}
