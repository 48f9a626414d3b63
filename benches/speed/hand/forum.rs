//! Sources of a range of ids with the targets of one relation, by hand and by each strategy.

use std::collections::HashMap;
use std::hash::Hash;

use deadpool_postgres::Client;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSqlOwned, ToSql};

use super::{FromRow, Pooled, Values, all, rows};
use crate::Result;
use crate::forum::{Comment, Device, Place, Post, Reading, User};

/// The first and the last id.
pub(crate) type Range = (i64, i64);

from_row! {
    User { id = 0, name = 1, about = 2 }
    Post { id = 0, user_id = 1, title = 2 }
    Comment { id = 0, post_id = 1, text = 2 }
    Place { code = 0, name = 1 }
    Device { id = 0, name = 1 }
    Reading { id = 0, place_code = 1, device_id = 2 }
}

pub(crate) trait KeyOfRow: ToSql + FromSqlOwned + Sync + Eq + Hash + Ord + Clone {}

impl<K: ToSql + FromSqlOwned + Sync + Eq + Hash + Ord + Clone> KeyOfRow for K {}

/// The SQL of one relation: of the sources, of both together, of the targets by their keys, and of the
/// targets by the query of the sources. Both tables have three and any number of columns.
#[derive(Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) sources: &'static str,
    pub(crate) joined: &'static str,
    pub(crate) targets: &'static str,
    pub(crate) repeated: &'static str,
}

const WIDTH: usize = 3;

/// A relation to one.
pub(crate) struct ToOne<'a, S, T, K, W> {
    pub(crate) pool: &'a Pooled,
    pub(crate) sql: Sql,
    pub(crate) key: fn(&S) -> K,
    pub(crate) with: fn(S, T) -> W,
}

/// A relation to many, whose target holds the key in its second column.
pub(crate) struct ToMany<'a, S, T, W> {
    pub(crate) pool: &'a Pooled,
    pub(crate) sql: Sql,
    pub(crate) key: fn(&S) -> i64,
    pub(crate) with: fn(S, Vec<T>) -> W,
}

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Sources and then rows of their targets, in one snapshot.
async fn in_snapshot<S: FromRow>(
    client: &Client,
    sql: Sql,
    (first, last): Range,
    targets: impl AsyncFnOnce(&[S]) -> Result<Vec<Row>>,
) -> Result<(Vec<S>, Vec<Row>)> {
    let begin = async { Ok(client.batch_execute(BEGIN).await?) };
    let ends: Values = &[&first, &last];
    let ((), sources) = tokio::try_join!(begin, all(client, sql.sources, ends))?;
    let commit = async { Ok(client.batch_execute("COMMIT").await?) };
    let (rows, ()) = tokio::try_join!(targets(&sources), commit)?;
    Ok((sources, rows))
}

impl<S: FromRow, T: FromRow, K: KeyOfRow, W> ToOne<'_, S, T, K, W> {
    fn keys(&self, sources: &[S]) -> Vec<K> {
        let mut keys: Vec<K> = sources.iter().map(self.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn whole(&self, sources: Vec<S>, targets: &[Row]) -> Result<Vec<W>> {
        let by_key = targets.iter().map(|row| Ok((row.try_get(0)?, row)));
        let by_key: HashMap<K, &Row> = by_key.collect::<Result<_>>()?;
        let whole = sources.into_iter().map(|source| {
            let row = by_key.get(&(self.key)(&source)).ok_or("a source without its target")?;
            Ok((self.with)(source, T::read(row, 0)?))
        });
        whole.collect()
    }

    pub(crate) async fn joined(&self, (first, last): Range) -> Result<Vec<W>> {
        let client = self.pool.connection().await?;
        let rows = rows(&client, self.sql.joined, &[&first, &last]).await?;
        rows.iter().map(|row| Ok((self.with)(S::read(row, 0)?, T::read(row, WIDTH)?))).collect()
    }

    pub(crate) async fn batched(&self, (first, last): Range) -> Result<Vec<W>> {
        let client = self.pool.connection().await?;
        let sources = all(&client, self.sql.sources, &[&first, &last]).await?;
        let targets = rows(&client, self.sql.targets, &[&self.keys(&sources)]).await?;
        self.whole(sources, &targets)
    }

    pub(crate) async fn batched_in_snapshot(&self, range: Range) -> Result<Vec<W>> {
        let client = self.pool.connection().await?;
        let targets =
            async |sources: &[S]| rows(&client, self.sql.targets, &[&self.keys(sources)]).await;
        let (sources, targets) = in_snapshot(&client, self.sql, range, targets).await?;
        self.whole(sources, &targets)
    }

    pub(crate) async fn pipelined(&self, (first, last): Range) -> Result<Vec<W>> {
        let client = self.pool.connection().await?;
        let ends: Values = &[&first, &last];
        let (sources, targets) = tokio::try_join!(
            all(&client, self.sql.sources, ends),
            rows(&client, self.sql.repeated, ends),
        )?;
        self.whole(sources, &targets)
    }
}

impl<S: FromRow, T: FromRow, W> ToMany<'_, S, T, W> {
    fn keys(&self, sources: &[S]) -> Vec<i64> {
        sources.iter().map(self.key).collect()
    }

    fn whole(&self, sources: Vec<S>, rows: &[Row]) -> Result<Vec<W>> {
        let mut targets: HashMap<i64, Vec<T>> = HashMap::with_capacity(sources.len());
        for row in rows {
            targets.entry(row.try_get(1)?).or_default().push(T::read(row, 0)?);
        }
        let whole = sources.into_iter().map(|source| {
            let targets = targets.remove(&(self.key)(&source)).unwrap_or_default();
            (self.with)(source, targets)
        });
        Ok(whole.collect())
    }

    pub(crate) async fn joined(&self, (first, last): Range) -> Result<Vec<W>> {
        let client = self.pool.connection().await?;
        let rows = rows(&client, self.sql.joined, &[&first, &last]).await?;
        let mut whole: Vec<W> = Vec::new();
        let mut current: Option<(i64, S, Vec<T>)> = None;
        for row in &rows {
            let id: i64 = row.try_get(0)?;
            if current.as_ref().is_none_or(|(known, ..)| *known != id) {
                let next = (id, S::read(row, 0)?, Vec::new());
                if let Some((_, source, targets)) = current.replace(next) {
                    whole.push((self.with)(source, targets));
                }
            }
            let key: Option<i64> = row.try_get(WIDTH)?;
            if let (Some(_), Some((.., targets))) = (key, &mut current) {
                targets.push(T::read(row, WIDTH)?);
            }
        }
        whole.extend(current.map(|(_, source, targets)| (self.with)(source, targets)));
        Ok(whole)
    }

    pub(crate) async fn batched(&self, (first, last): Range) -> Result<Vec<W>> {
        let client = self.pool.connection().await?;
        let sources = all(&client, self.sql.sources, &[&first, &last]).await?;
        let targets = rows(&client, self.sql.targets, &[&self.keys(&sources)]).await?;
        self.whole(sources, &targets)
    }

    pub(crate) async fn batched_in_snapshot(&self, range: Range) -> Result<Vec<W>> {
        let client = self.pool.connection().await?;
        let targets =
            async |sources: &[S]| rows(&client, self.sql.targets, &[&self.keys(sources)]).await;
        let (sources, targets) = in_snapshot(&client, self.sql, range, targets).await?;
        self.whole(sources, &targets)
    }

    pub(crate) async fn pipelined(&self, (first, last): Range) -> Result<Vec<W>> {
        let client = self.pool.connection().await?;
        let ends: Values = &[&first, &last];
        let (sources, targets) = tokio::try_join!(
            all(&client, self.sql.sources, ends),
            rows(&client, self.sql.repeated, ends),
        )?;
        self.whole(sources, &targets)
    }
}

pub(crate) type Tree = Vec<(Post, Vec<Comment>)>;

/// Users with their posts and the comments of these, whose key has no index.
pub(crate) async fn tree<W>(
    pool: &Pooled,
    (first, last): Range,
    with: fn(User, Tree) -> W,
) -> Result<Vec<W>> {
    const USERS: &str = "SELECT id, name, about FROM users WHERE id BETWEEN $1 AND $2 ORDER BY id";
    const POSTS: &str = "SELECT id, user_id, title FROM posts WHERE user_id = ANY($1) ORDER BY id";
    const COMMENTS: &str = "SELECT id, post_id, text FROM comments \
        WHERE post_id IN (SELECT unnest($1::bigint[])) ORDER BY id";
    let client = pool.connection().await?;
    let users: Vec<User> = all(&client, USERS, &[&first, &last]).await?;
    let keys: Vec<i64> = users.iter().map(|user| user.id).collect();
    let posts: Vec<Post> = all(&client, POSTS, &[&keys]).await?;
    let keys: Vec<i64> = posts.iter().map(|post| post.id).collect();
    let mut comments: HashMap<i64, Vec<Comment>> = HashMap::new();
    for comment in all::<Comment>(&client, COMMENTS, &[&keys]).await? {
        comments.entry(comment.post_id).or_default().push(comment);
    }
    let mut posts_of: HashMap<i64, Tree> = HashMap::new();
    for post in posts {
        let comments = comments.remove(&post.id).unwrap_or_default();
        posts_of.entry(post.user_id).or_default().push((post, comments));
    }
    let whole = users.into_iter().map(|user| {
        let posts = posts_of.remove(&user.id).unwrap_or_default();
        with(user, posts)
    });
    Ok(whole.collect())
}
