//! Values of groups of rows.

use relations::expression::count;
use relations::prelude::*;

use crate::Result;
use crate::data::Order;
use crate::hand::GROUP_ORDERS;
use crate::server::Server;
use crate::workload::Workload;

/// A customer, the quantity of its orders, and their number.
pub(crate) type Sold = (i64, Option<i64>, i64);

/// The 20 customers of the greatest quantity among so many orders.
pub(super) async fn group_by(server: &Server, orders: i64) -> Result<Workload<'_, i64, Vec<Sold>>> {
    let Server { db, client, pooled, held, .. } = server;
    let group = held.prepare(GROUP_ORDERS).await?;
    let title = format!("{orders} orders grouped by customer, the greatest 20");
    Ok(Workload::new(format!("reports/group_by_{orders}"), title, vec![orders])
        .library("pooled", async move |last: i64| query(last).all(db).await)
        .hand("pooled", async move |last: i64| pooled.all(GROUP_ORDERS, &[&last]).await)
        .library("held", async move |last: i64| query(last).all(client).await)
        .hand("held", async move |last: i64| held.all(&group, &[&last]).await))
}

type Values = (
    relations::Column<Order, i64>,
    relations::expression::Expression<relations::expression::Groups<Order>, Option<i64>>,
    relations::expression::Expression<relations::expression::Groups<Order>, i64>,
);

fn query(last: i64) -> relations::query::GroupedQuery<Order, Values> {
    Order::find()
        .filter(Order::ID.le(last))
        .group_by(Order::CUSTOMER_ID)
        .select((Order::CUSTOMER_ID, Order::QUANTITY.sum(), count()))
        .order_by(Order::QUANTITY.sum().desc())
        .order_by(Order::CUSTOMER_ID.asc())
        .limit(20)
}
