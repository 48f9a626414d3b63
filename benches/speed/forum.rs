//! Rows that favour nobody: keys with gaps, foreign keys in no order, keys that are texts and UUIDs, a
//! foreign key without an index, and tables that were never analyzed.

use relations::NotIncluded;
use relations::prelude::*;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::Result;

pub(crate) const USERS: i64 = 10_000;
/// The ids of users are this far from each other, and those of posts.
pub(crate) const GAP: i64 = 7;
pub(crate) const POSTS_OF_USER: i64 = 10;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "users")]
#[has_many(Post)]
pub(crate) struct User {
    #[id]
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) about: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "posts")]
#[has_many(Comment)]
pub(crate) struct Post {
    #[id]
    pub(crate) id: i64,
    #[belongs_to(User)]
    pub(crate) user_id: i64,
    pub(crate) title: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "comments")]
pub(crate) struct Comment {
    #[id]
    pub(crate) id: i64,
    #[belongs_to(Post, index = false)]
    pub(crate) post_id: i64,
    pub(crate) text: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "places")]
pub(crate) struct Place {
    #[id]
    pub(crate) code: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "devices")]
pub(crate) struct Device {
    #[id]
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "readings")]
pub(crate) struct Reading {
    #[id]
    pub(crate) id: i64,
    #[belongs_to(Place, name = "place")]
    pub(crate) place_code: String,
    #[belongs_to(Device)]
    pub(crate) device_id: Uuid,
}

pub(crate) type UserAndPosts = UserWith<Vec<Post>>;
pub(crate) type UserAndTree = UserWith<Vec<PostWith<NotIncluded, Vec<Comment>>>>;
pub(crate) type PostAndUser = PostWith<User>;
pub(crate) type ReadingAndPlace = ReadingWith<Place>;
pub(crate) type ReadingAndDevice = ReadingWith<NotIncluded, Device>;

pub(crate) fn user_with<Posts>(entity: User, posts: Posts) -> UserWith<Posts> {
    UserWith { entity, posts }
}

pub(crate) fn post_with<Author, Comments>(
    entity: Post,
    user: Author,
    comments: Comments,
) -> PostWith<Author, Comments> {
    PostWith { entity, user, comments }
}

pub(crate) fn reading_with<Where, By>(
    entity: Reading,
    place: Where,
    device: By,
) -> ReadingWith<Where, By> {
    ReadingWith { entity, place, device }
}

/// Makes the tables and their rows, and never analyzes them.
pub(crate) async fn fill(client: &Client) -> Result<()> {
    let posts = USERS * POSTS_OF_USER;
    let unanalyzed = "WITH (autovacuum_enabled = false)";
    client
        .batch_execute(&format!(
            "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, about text) {unanalyzed};
             CREATE TABLE posts (
                 id bigint PRIMARY KEY,
                 user_id bigint NOT NULL REFERENCES users (id),
                 title text NOT NULL
             ) {unanalyzed};
             CREATE TABLE comments (
                 id bigint PRIMARY KEY,
                 post_id bigint NOT NULL REFERENCES posts (id),
                 text text NOT NULL
             ) {unanalyzed};
             CREATE TABLE places (code text PRIMARY KEY, name text NOT NULL) {unanalyzed};
             CREATE TABLE devices (id uuid PRIMARY KEY, name text NOT NULL) {unanalyzed};
             CREATE TABLE readings (
                 id bigint PRIMARY KEY,
                 place_code text NOT NULL REFERENCES places (code),
                 device_id uuid NOT NULL REFERENCES devices (id)
             ) {unanalyzed};
             INSERT INTO users SELECT n * {GAP}, 'User ' || n, 'About user ' || n
                 FROM generate_series(1, {USERS}) n;
             INSERT INTO posts SELECT n * {GAP}, (1 + n * 7919 % {USERS}) * {GAP}, 'Post ' || n
                 FROM generate_series(1, {posts}) n;
             INSERT INTO comments
                 SELECT n, (1 + n * 7919 % {posts}) * {GAP}, 'Comment ' || n
                 FROM generate_series(1, {posts}) n;
             INSERT INTO places SELECT md5(n::text), 'Place ' || n FROM generate_series(1, 1000) n;
             INSERT INTO devices SELECT md5(n::text)::uuid, 'Device ' || n
                 FROM generate_series(1, 1000) n;
             INSERT INTO readings
                 SELECT n * {GAP}, md5((1 + n * 389 % 1000)::text), md5((1 + n * 709 % 1000)::text)::uuid
                 FROM generate_series(1, 10000) n;
             CREATE INDEX ON posts (user_id);
             CREATE INDEX ON readings (place_code);
             CREATE INDEX ON readings (device_id);"
        ))
        .await?;
    Ok(())
}
