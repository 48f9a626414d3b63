//! DataLoader: a tree of resolvers, as in a GraphQL server. Each has one entity and loads its relations;
//! all resolvers of a level share one statement.
//!
//! `cargo run --example resolvers --features sqlite` runs in memory, with nothing installed. With
//! `DATABASE_URL=postgres://…` it runs on PostgreSQL; it creates its tables there and drops them.

use std::error::Error;

use futures_util::future::try_join_all;
use relations::prelude::*;
use relations::{Database, Executor, Result, connect};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Post)]
struct Author {
    #[id(generated)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Comment)]
struct Post {
    #[id(generated)]
    id: i64,
    #[belongs_to(Author)]
    author_id: i64,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Comment {
    #[id(generated)]
    id: i64,
    #[belongs_to(Post)]
    post_id: i64,
    #[belongs_to(Author)]
    author_id: i64,
    text: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = connect(&url).await?;
    let tables = || schema![Author, Post, Comment];
    db.create(tables()).await?;
    let shown = show(&db).await;
    db.drop(tables()).await?;
    shown
}

/// `{ posts { title, author { name }, comments { text, author { name } } } }`
async fn show(db: &Database) -> Result<(), Box<dyn Error>> {
    write(db).await?;
    for request in ["each by itself", "batched"] {
        // One counter for each request.
        let stats = db.query_stats();
        let posts = Post::find().order_by(Post::ID.asc()).all(&stats).await?;
        let resolved = if request == "batched" {
            let batched = stats.batched();
            try_join_all(posts.iter().map(|post| resolve_post(&batched, post))).await?
        } else {
            try_join_all(posts.iter().map(|post| resolve_post(&stats, post))).await?
        };
        println!("{request}: {} statements", stats.statements());
        for counted in stats.counts() {
            println!("  {counted}");
        }
        println!("{}", resolved.join("\n"));
    }
    Ok(())
}

async fn resolve_post(db: &impl Executor, post: &Post) -> Result<String> {
    let (author, comments) = tokio::try_join!(post.author(db), post.comments(db))?;
    let comments = comments.iter().map(|comment| resolve_comment(db, comment));
    let comments = try_join_all(comments).await?;
    Ok(format!("{} by {}: {}", post.title, author.name, comments.join(", ")))
}

async fn resolve_comment(db: &impl Executor, comment: &Comment) -> Result<String> {
    let author = comment.author(db).await?;
    Ok(format!("\"{}\" ({})", comment.text, author.name))
}

/// Three authors; each has written one post, and a comment on every post.
async fn write(db: &Database) -> Result<()> {
    let new = ["Ada", "Bob", "Cy"].map(|name| NewAuthor { name: name.into() });
    let authors = NewAuthor::insert_many(new, db).await?;
    let new = authors.iter().map(|author| NewPost {
        author_id: author.id,
        title: format!("What {} has seen", author.name),
    });
    let posts = NewPost::insert_many(new, db).await?;
    let new = posts.iter().flat_map(|post| {
        authors.iter().map(|author| NewComment {
            post_id: post.id,
            author_id: author.id,
            text: if author.id == post.author_id { "thanks" } else { "well" }.to_owned(),
        })
    });
    NewComment::insert_many(new, db).await.map(drop)
}
