//! The rows by hand: one statement for each level.

use std::collections::HashMap;

use tokio_postgres::{Client, Row, Statement};

use crate::Result;

/// A row with its parent.
#[derive(Clone)]
struct Node {
    id: i64,
    #[allow(dead_code, reason = "a row is read whole")]
    title: String,
    parent_id: Option<i64>,
    parent: Option<Box<Node>>,
}

impl Node {
    fn read(row: &Row) -> Self {
        Self { id: row.get(0), title: row.get(1), parent_id: row.get(2), parent: None }
    }

    fn sum(&self) -> i64 {
        self.id + self.parent.as_ref().map_or(0, |parent| parent.sum())
    }
}

pub(crate) struct Hand {
    client: Client,
    first: Statement,
    by_ids: Statement,
}

impl Hand {
    pub(crate) async fn of(client: Client) -> Result<Self> {
        let columns = "SELECT id, title, parent_id FROM steps WHERE id";
        let first = client.prepare(&format!("{columns} <= $1 ORDER BY id")).await?;
        let by_ids = client.prepare(&format!("{columns} = ANY($1)")).await?;
        Ok(Self { client, first, by_ids })
    }

    pub(crate) async fn load(&self, rows: i64, levels: usize) -> Result<i64> {
        let first = self.client.query(&self.first, &[&(rows * 3)]).await?;
        let mut all = vec![first.iter().map(Node::read).collect::<Vec<_>>()];
        while all.len() < levels {
            let mut keys: Vec<i64> =
                all.last().into_iter().flatten().filter_map(|node| node.parent_id).collect();
            keys.sort_unstable();
            keys.dedup();
            let parents = self.client.query(&self.by_ids, &[&keys]).await?;
            all.push(parents.iter().map(Node::read).collect());
        }
        let mut above: HashMap<i64, Node> = HashMap::new();
        while let Some(mut level) = all.pop() {
            for node in &mut level {
                let parent = node.parent_id.and_then(|id| above.get(&id));
                node.parent = parent.cloned().map(Box::new);
            }
            if all.is_empty() {
                return Ok(level.iter().map(Node::sum).sum());
            }
            above = level.into_iter().map(|node| (node.id, node)).collect();
        }
        Ok(0)
    }
}
