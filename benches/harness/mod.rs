//! What the benchmarks share: a database of their own, connections to it, and quartiles.

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::{Client, NoTls};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Makes a database on the server of `RELATIONS_TEST_POSTGRES`, hands its address to a function,
/// and drops it again.
pub(crate) async fn beside_a_server(
    bench: &str,
    measure: impl AsyncFnOnce(&str) -> Result<()>,
) -> Result<()> {
    let Ok(server) = std::env::var("RELATIONS_TEST_POSTGRES") else {
        println!("run this as `scripts/postgres run cargo bench --bench {bench}`");
        return Ok(());
    };
    let database = format!("relations_{bench}");
    let admin = client(&server).await?;
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {database}")).await?;
    admin.batch_execute(&format!("CREATE DATABASE {database}")).await?;
    let (host, _) = server.rsplit_once('/').ok_or("the address names no database")?;
    let measured = measure(&format!("{host}/{database}")).await;
    admin.batch_execute(&format!("DROP DATABASE {database} WITH (FORCE)")).await?;
    measured
}

pub(crate) async fn client(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// A pool of one connection, checked no more than the library's is.
pub(crate) fn pool(url: &str) -> Result<Pool> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(url.parse()?, NoTls, config);
    Ok(Pool::builder(manager).max_size(1).build()?)
}

/// The lower quartile, the median and the upper quartile.
pub(crate) fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values.get(values.len() * quarter / 4).copied().unwrap_or(f64::NAN))
}
