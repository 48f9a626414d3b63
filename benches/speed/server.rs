//! A server, and both ways to ask it.

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use relations::{ConnectOptions, Database};
use tokio_postgres::{Client, NoTls};

use crate::Result;
use crate::data::{self, ORDERS, Order};
use crate::forum;
use crate::hand::{FIND_ORDER, Held, Pooled};

/// Makes a database on a server, hands its address to a function, and drops it again.
pub(crate) async fn with_database(
    server: &str,
    work: impl AsyncFnOnce(&str) -> Result<()>,
) -> Result<()> {
    const DATABASE: &str = "relations_speed";
    let admin = client(server).await?;
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {DATABASE}")).await?;
    admin.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
    let (host, _) = server.rsplit_once('/').ok_or("the address names no database")?;
    let url = format!("{host}/{DATABASE}");
    let worked = async {
        data::fill(&client(&url).await?).await?;
        forum::fill(&client(&url).await?).await?;
        work(&url).await
    };
    let worked = worked.await;
    admin.batch_execute(&format!("DROP DATABASE {DATABASE} WITH (FORCE)")).await?;
    worked
}

pub(crate) async fn client(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// A pool whose connections are checked no more than the library's are.
pub(crate) fn pool(url: &str, size: usize) -> Result<Pool> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(url.parse()?, NoTls, config);
    Ok(Pool::builder(manager).max_size(size).build()?)
}

/// A server, by the library and by hand. *pooled* takes a connection from a pool and a prepared
/// statement from that connection's cache, for each call. *held* has one client in hand: the library
/// finds its statements there by their text, and by hand they are in hand as well. *bare* is a client in
/// hand that keeps no statements.
pub(crate) struct Server {
    /// Its place, in words.
    pub(crate) place: &'static str,
    /// The number of connections in the pool of each side.
    pub(crate) connections: usize,
    /// The library's side, pooled.
    pub(crate) db: Database,
    /// The library's side, held: a client with a statement cache.
    pub(crate) client: relations::driver::Client,
    /// A client without one.
    pub(crate) bare: Client,
    pub(crate) pooled: Pooled,
    pub(crate) held: Held,
    /// Orders that calls are about, spread over the table.
    pub(crate) orders: Vec<Order>,
}

impl Server {
    pub(crate) async fn at(url: &str, connections: usize) -> Result<Self> {
        let held = Held::of(client(url).await?);
        Ok(Self {
            place: "near",
            connections,
            db: ConnectOptions::new(url).pool_size(connections).connect().await?,
            client: relations::driver::Client::new(client(url).await?),
            bare: client(url).await?,
            pooled: Pooled::of(pool(url, connections)?),
            orders: sample(&held).await?,
            held,
        })
    }

    /// Puts this server far away, behind a relay.
    pub(crate) fn high_latency(self) -> Self {
        Self { place: "1 ms away", ..self }
    }

    pub(crate) fn is_high_latency(&self) -> bool {
        self.place != "near"
    }
}

async fn sample(held: &Held) -> Result<Vec<Order>> {
    const SAMPLE: i64 = 200;
    let find = held.prepare(FIND_ORDER).await?;
    let mut orders = Vec::new();
    for number in 0..SAMPLE {
        let id = 1 + number * 15_485_863 % ORDERS;
        orders.push(held.one(&find, &[&id]).await?);
    }
    Ok(orders)
}
