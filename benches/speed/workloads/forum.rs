//! Sources of a range of ids, with no word of a strategy, on rows that favour nobody.

use relations::NotIncluded;
use relations::prelude::*;
use uuid::Uuid;

use crate::forum::{
    Device, GAP, POSTS_OF_USER, Place, Post, PostAndUser, Reading, ReadingAndDevice,
    ReadingAndPlace, USERS, User, UserAndPosts, UserAndTree, post_with, reading_with, user_with,
};
use crate::hand::forum::{Range, Sql, ToMany, ToOne, Tree, tree};
use crate::report::{THE_RULE, in_thousands};
use crate::server::Server;
use crate::workload::Workload;

/// Ranges of so many of the rows of a table.
fn ranges(count: u32, rows: i64) -> Vec<Range> {
    let count = i64::from(count);
    let starts = (0..7).map(|number| 1 + (number * 15_485_863) % (rows - count + 1));
    starts.map(|first| (first * GAP, (first + count - 1) * GAP)).collect()
}

fn load<T: PartialEq>(
    name: &str,
    count: u32,
    rows: i64,
    title: &str,
) -> Workload<'static, Range, T> {
    let title = format!("{} {title}, by a range", in_thousands(count));
    Workload::new(format!("forum/{name}_{count}"), title, ranges(count, rows)).rows(count)
}

/// The sides of a relation: each strategy of the library beside that by hand.
macro_rules! sides {
    ($workload:expr, $server:expr, $query:expr, $relation:expr, $hand:expr) => {{
        let db = &$server.db;
        let hand = std::rc::Rc::new($hand);
        let [joined, batched, snapshot, pipelined] = std::array::from_fn(|_| hand.clone());
        $workload
            .library("joined", async move |range: Range| {
                $query(range).include($relation.joined()).all(db).await
            })
            .hand("joined", async move |range: Range| joined.joined(range).await)
            .library("batched", async move |range: Range| {
                $query(range).include($relation.batched()).all(db).await
            })
            .hand("batched", async move |range: Range| batched.batched(range).await)
            .hand("batched in a snapshot", async move |range: Range| {
                snapshot.batched_in_snapshot(range).await
            })
            .library("pipelined", async move |range: Range| {
                $query(range).include($relation.pipelined()).all(db).await
            })
            .hand("pipelined", async move |range: Range| pipelined.pipelined(range).await)
            .library(THE_RULE, async move |range: Range| {
                $query(range).include($relation).all(db).await
            })
    }};
}

fn users(range: Range) -> relations::Query<User> {
    User::find().filter(User::ID.between(range.0, range.1)).order_by(User::ID.asc())
}

fn posts(range: Range) -> relations::Query<Post> {
    Post::find().filter(Post::ID.between(range.0, range.1)).order_by(Post::ID.asc())
}

fn readings(range: Range) -> relations::Query<Reading> {
    Reading::find().filter(Reading::ID.between(range.0, range.1)).order_by(Reading::ID.asc())
}

pub(super) fn posts_with_users(
    server: &Server,
    count: u32,
) -> Workload<'_, Range, Vec<PostAndUser>> {
    let hand = ToOne {
        pool: &server.pooled,
        sql: Sql {
            sources: "SELECT id, user_id, title FROM posts WHERE id BETWEEN $1 AND $2 ORDER BY id",
            joined: "SELECT p.id, p.user_id, p.title, u.id, u.name, u.about FROM posts p \
                JOIN users u ON u.id = p.user_id WHERE p.id BETWEEN $1 AND $2 ORDER BY p.id",
            targets: "SELECT id, name, about FROM users \
                WHERE id = ANY((SELECT $1::bigint[])::bigint[])",
            repeated: "SELECT id, name, about FROM users \
                WHERE id = ANY(ARRAY(SELECT user_id FROM posts WHERE id BETWEEN $1 AND $2))",
        },
        key: |post: &Post| post.user_id,
        with: |entity, user: User| post_with(entity, user, NotIncluded),
    };
    let workload = load("posts", count, USERS * POSTS_OF_USER, "posts with their users");
    sides!(workload, server, posts, Post::USER, hand)
}

pub(super) fn users_with_posts(
    server: &Server,
    count: u32,
) -> Workload<'_, Range, Vec<UserAndPosts>> {
    let hand = ToMany {
        pool: &server.pooled,
        sql: Sql {
            sources: "SELECT id, name, about FROM users WHERE id BETWEEN $1 AND $2 ORDER BY id",
            joined: "SELECT u.id, u.name, u.about, p.id, p.user_id, p.title FROM users u \
                LEFT JOIN posts p ON p.user_id = u.id WHERE u.id BETWEEN $1 AND $2 \
                ORDER BY u.id, p.id",
            targets: "SELECT id, user_id, title FROM posts WHERE user_id = ANY($1) ORDER BY id",
            repeated: "SELECT id, user_id, title FROM posts WHERE user_id = \
                ANY(ARRAY(SELECT id FROM users WHERE id BETWEEN $1 AND $2)) ORDER BY id",
        },
        key: |user: &User| user.id,
        with: |entity, posts: Vec<Post>| user_with(entity, posts),
    };
    let workload = load("users", count, USERS, "users with their ten posts each");
    sides!(workload, server, users, User::POSTS, hand)
}

pub(super) fn readings_with_places(
    server: &Server,
    count: u32,
) -> Workload<'_, Range, Vec<ReadingAndPlace>> {
    let hand = ToOne {
        pool: &server.pooled,
        sql: Sql {
            sources: "SELECT id, place_code, device_id FROM readings \
                WHERE id BETWEEN $1 AND $2 ORDER BY id",
            joined: "SELECT r.id, r.place_code, r.device_id, p.code, p.name FROM readings r \
                JOIN places p ON p.code = r.place_code WHERE r.id BETWEEN $1 AND $2 ORDER BY r.id",
            targets: "SELECT code, name FROM places WHERE code = ANY((SELECT $1::text[])::text[])",
            repeated: "SELECT code, name FROM places WHERE code = \
                ANY(ARRAY(SELECT place_code FROM readings WHERE id BETWEEN $1 AND $2))",
        },
        key: |reading: &Reading| reading.place_code.clone(),
        with: |entity, place: Place| reading_with(entity, place, NotIncluded),
    };
    let workload = load("places", count, USERS, "readings with their places, by texts");
    sides!(workload, server, readings, Reading::PLACE, hand)
}

pub(super) fn readings_with_devices(
    server: &Server,
    count: u32,
) -> Workload<'_, Range, Vec<ReadingAndDevice>> {
    let hand = ToOne {
        pool: &server.pooled,
        sql: Sql {
            sources: "SELECT id, place_code, device_id FROM readings \
                WHERE id BETWEEN $1 AND $2 ORDER BY id",
            joined: "SELECT r.id, r.place_code, r.device_id, d.id, d.name FROM readings r \
                JOIN devices d ON d.id = r.device_id WHERE r.id BETWEEN $1 AND $2 ORDER BY r.id",
            targets: "SELECT id, name FROM devices WHERE id = ANY((SELECT $1::uuid[])::uuid[])",
            repeated: "SELECT id, name FROM devices WHERE id = \
                ANY(ARRAY(SELECT device_id FROM readings WHERE id BETWEEN $1 AND $2))",
        },
        key: |reading: &Reading| -> Uuid { reading.device_id },
        with: |entity, device: Device| reading_with(entity, NotIncluded, device),
    };
    let workload = load("devices", count, USERS, "readings with their devices, by UUIDs");
    sides!(workload, server, readings, Reading::DEVICE, hand)
}

/// The key of the comments has no index.
pub(super) fn users_with_trees(
    server: &Server,
    count: u32,
) -> Workload<'_, Range, Vec<UserAndTree>> {
    let Server { db, pooled, .. } = server;
    let with = |entity, posts: Tree| {
        let posts = posts.into_iter();
        let posts = posts.map(|(entity, comments)| post_with(entity, NotIncluded, comments));
        user_with(entity, posts.collect())
    };
    load("trees", count, USERS, "users with posts and comments, whose key has no index")
        .library(THE_RULE, async move |range| {
            users(range).include(User::POSTS.include(Post::COMMENTS)).all(db).await
        })
        .hand("batched", async move |range| tree(pooled, range, with).await)
}
