//! All workloads, in the order in which they are told.

mod building;
mod calls;
mod concurrent;
mod driver;
mod forum;
mod loads;
pub(crate) mod reports;
mod tenants;
mod trees;
mod writes;

use std::time::Duration;

use crate::far::relay;
use crate::server::Server;
use crate::{Bench, Result};

/// The delay of each direction to the far server.
const ONE_WAY: Duration = Duration::from_micros(500);

pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let url = bench.url.clone();
    let near = &Server::at(&url, 1).await?;
    bench.run(calls::find_by_id(near).await?).await?;
    bench.run(calls::accessor(near).await?).await?;
    bench.run(calls::of_id(near).await?).await?;
    bench.run(calls::accessors_in_turn(near).await?).await?;
    bench.run(concurrent::on_one_connection(near).await?).await?;
    bench.run(concurrent::batched(near).await?).await?;
    bench.run(concurrent::beside_one_statement(near)).await?;
    bench.run(concurrent::on_a_pool(&Server::at(&url, 4).await?)).await?;
    bench.run(writes::insert(near).await?).await?;
    bench.run(writes::insert_many(near).await?).await?;
    bench.run(writes::update(near).await?).await?;
    bench.run(writes::update_many(near).await?).await?;
    bench.run(writes::upsert_many(near).await?).await?;
    bench.run(building::dynamic()?).await?;
    bench.run(reports::group_by(near, 100).await?).await?;
    bench.run(reports::group_by(near, 10_000).await?).await?;
    bench.run(tenants::by_id(near).await?).await?;
    bench.run(tenants::rows(near).await?).await?;
    bench.run(tenants::with_lines(near).await?).await?;
    let with_setting = &tenants::with_setting(&url).await?;
    bench.run(tenants::by_id_with_setting(near, with_setting).await?).await?;
    bench.run(tenants::rows_with_setting(near, with_setting).await?).await?;
    loads(bench, "loads", near).await?;
    for count in [1, 10, 100, 1_000, 10_000] {
        bench.run(forum::posts_with_users(near, count)).await?;
    }
    for count in [1, 10, 100, 1_000] {
        bench.run(forum::users_with_posts(near, count)).await?;
    }
    for count in [10, 1_000] {
        bench.run(forum::readings_with_places(near, count)).await?;
        bench.run(forum::readings_with_devices(near, count)).await?;
    }
    bench.run(forum::users_with_trees(near, 100)).await?;
    if bench.asks_for("driver") {
        bench.run(driver::find_by_id(near, &url).await?).await?;
        bench.run(driver::with_lines(near, &url).await?).await?;
    }
    if bench.counts() {
        return Ok(()); // The relay's instructions would be counted as well.
    }
    let far = &Server::at(&relay(&url, ONE_WAY)?, 1).await?.high_latency();
    loads(bench, "far", far).await
}

async fn loads(bench: &mut Bench, group: &str, server: &Server) -> Result<()> {
    bench.run(loads::order_by_id(group, server)).await?;
    for count in [1, 10, 100, 1_000, 10_000] {
        bench.run(loads::orders(group, server, count)).await?;
    }
    bench.run(loads::lines(group, server, 1_000)).await?;
    bench.run(loads::categories(group, server, 100)).await?;
    bench.run(loads::customers(group, server, 100)).await?;
    bench.run(loads::largest_orders(group, server, 100)).await?;
    bench.run(loads::products(group, server, 100)).await?;
    bench.run(loads::counts(group, server, 100)).await?;
    bench.run(trees::beside_its_sources(group, server)).await
}
