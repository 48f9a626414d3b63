//! A thread of comments on posts, on photos and on other comments: a relation to one of several entities.
//!
//! `cargo run --example comments --features sqlite` runs in memory, with nothing installed. With
//! `DATABASE_URL=postgres://…` it runs on PostgreSQL; it creates three tables there and drops them.

use relations::prelude::*;
use relations::{Database, Result, connect};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Comment)]
struct Post {
    #[id(generated)]
    id: i64,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Comment)]
struct Photo {
    #[id(generated)]
    id: i64,
    path: String,
}

/// It belongs to exactly one: a foreign key for each kind, and a CHECK that one of them is there.
#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(post, photo, reply_to, name = "subject")]
#[has_many(Comment, name = "replies", key_to = "reply_to_id")]
struct Comment {
    #[id(generated)]
    id: i64,
    text: String,
    #[belongs_to(Post, on_delete = "cascade")]
    post_id: Option<i64>,
    #[belongs_to(Photo, on_delete = "cascade")]
    photo_id: Option<i64>,
    #[belongs_to(Comment, name = "reply_to", on_delete = "cascade")]
    reply_to_id: Option<i64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = connect(&url).await?;
    let schema = schema![Post, Photo, Comment];
    db.create(schema.clone()).await?;
    let run = run(&db).await;
    db.drop(schema).await?;
    run
}

fn comment(text: &str) -> NewComment {
    NewComment { text: text.to_owned(), post_id: None, photo_id: None, reply_to_id: None }
}

async fn run(db: &Database) -> Result<()> {
    let post = NewPost { title: "Tea".into() }.insert(db).await?;
    let photo = NewPhoto { path: "leaves.jpg".into() }.insert(db).await?;
    let first = NewComment { post_id: Some(post.id), ..comment("How long?") }.insert(db).await?;
    let reply = NewComment { reply_to_id: Some(first.id), ..comment("Three minutes.") };
    let reply = reply.insert(db).await?;
    NewComment { reply_to_id: Some(reply.id), ..comment("Thanks!") }.insert(db).await?;
    NewComment { photo_id: Some(photo.id), ..comment("Nice light.") }.insert(db).await?;

    println!("Every comment with its subject, in one query:");
    let comments = Comment::find().include(Comment::SUBJECT).order_by(Comment::ID.asc());
    for comment in comments.all(db).await? {
        let subject = match &comment.subject {
            CommentSubject::Post(post) => format!("the post {:?}", post.title),
            CommentSubject::Photo(photo) => format!("the photo {}", photo.path),
            CommentSubject::ReplyTo(other) => format!("the comment {:?}", other.text),
        };
        println!("  {:?} is on {subject}", comment.text);
    }

    println!("The thread below the first comment of the post:");
    for tree in Comment::REPLIES.descendants(&first).trees(db).await? {
        for (depth, reply) in tree.walk() {
            println!("  {}{:?}", "  ".repeat(depth), reply.text);
        }
    }

    println!(
        "On photos: {}",
        Comment::find().filter(Comment::SUBJECT.is(Comment::PHOTO)).count(db).await?
    );
    match comment("On nothing").insert(db).await {
        Err(error) if error.is_check_violation() => println!("On nothing: refused by the database"),
        other => println!("On nothing: {other:?}"),
    }
    Ok(())
}
