//! The types of queries with includes.

use std::fmt::Debug;

use relations::prelude::*;
use relations::{Database, Executor, NotIncluded, Query};

/// An entity that can do nothing but be one.
#[derive(Entity)]
#[has_many(Line)]
#[has_one(Bill)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
    #[belongs_to(Customer)]
    payer_id: Option<i64>,
    #[belongs_to(Customer, constraint = false)]
    agent_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order, key_to = "customer_id")]
#[has_many(Customer, name = "guests", key_to = "host_id")]
struct Customer {
    #[id]
    id: i64,
    name: String,
    #[belongs_to(Customer)]
    host_id: Option<i64>,
}

/// It has `Debug` and neither `Clone` nor `PartialEq`.
#[derive(Debug, Entity)]
struct Line {
    #[id]
    id: i64,
    #[belongs_to(Order)]
    order_id: i64,
    /// A relation called as what holds the entity would be.
    #[belongs_to(Customer, name = "entity")]
    customer_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Bill {
    #[id]
    #[belongs_to(Order)]
    order_id: i64,
}

fn has_what_its_parts_have<T: Debug + Clone + PartialEq>() {}

fn is_shown<T: Debug>() {}

fn parts() {
    has_what_its_parts_have::<CustomerWith>();
    has_what_its_parts_have::<CustomerWith<Option<Customer>, NotIncluded, Vec<CustomerWith>>>();
    has_what_its_parts_have::<CustomerWith<NotIncluded, i64, i64>>();
    has_what_its_parts_have::<BillWith>();
    is_shown::<LineWith>();
    is_shown::<LineWith<NotIncluded, CustomerWith>>();
}

/// A function takes what has a customer, whatever else it has.
fn name_of<P, A, L, B>(order: &OrderWith<Customer, P, A, L, B>) -> &str {
    let id: i64 = order.id;
    let entity: &Order = order;
    assert_eq!(id, entity.id);
    &order.customer.name
}

fn number_of<C, P, A, B>(order: &OrderWith<C, P, A, Vec<Line>, B>) -> usize {
    order.lines.len()
}

#[allow(clippy::type_complexity)]
async fn types(db: &impl Executor) -> relations::Result<()> {
    let orders: Vec<
        OrderWith<Customer, Option<Customer>, Option<Customer>, Vec<Line>, Option<Bill>>,
    > = Order::find()
        .include(Order::BILL)
        .include(Order::LINES)
        .include(Order::AGENT)
        .include(Order::PAYER)
        .include(Order::CUSTOMER)
        .all(db)
        .await?;
    for order in &orders {
        let _ = (name_of(order), number_of(order));
    }
    let _: Vec<Order> = orders.into_iter().map(OrderWith::into_inner).collect();
    let _: Vec<OrderWith<NotIncluded, Customer, Customer, NotIncluded, Bill>> = Order::find()
        .include_required(Order::PAYER)
        .include_required(Order::AGENT)
        .include_required(Order::BILL)
        .all(db)
        .await?;
    let _: Vec<OrderWith<Option<Customer>, NotIncluded, NotIncluded, i64>> = Order::find()
        .include(Order::CUSTOMER.filter(Customer::NAME.eq("Ada")))
        .include(Order::LINES.count())
        .all(db)
        .await?;
    let _: Vec<OrderWith<Option<CustomerWith<Customer>>>> =
        Order::find().include(Order::CUSTOMER.include_required(Customer::HOST)).all(db).await?;
    // A diamond: two ways to one entity, each with its own.
    let _: Option<
        OrderWith<
            CustomerWith<NotIncluded, Vec<Order>>,
            Option<CustomerWith<NotIncluded, NotIncluded, i64>>,
        >,
    > = Order::find()
        .include(Order::CUSTOMER.include(Customer::ORDERS))
        .include(Order::PAYER.include(Customer::GUESTS.count()))
        .first(db)
        .await?;
    // As deep as one likes, through an entity and itself.
    let hosts = Customer::HOST.include(Customer::HOST.include(Customer::HOST));
    let customer = Customer::find_by_id(1).include(hosts).one(db).await?;
    let _: Option<Option<Option<&str>>> = customer.host.as_ref().map(|host| {
        host.host.as_ref().map(|host| host.host.as_ref().map(|host| host.name.as_str()))
    });
    let line = Line::find_by_id(1).include(Line::ENTITY).one(db).await?;
    let _: &Customer = &line.entity;
    let (line, _order, entity): (Line, NotIncluded, Customer) = line.into_parts();
    let _ = (line.id, entity.name);
    let (_, host, ..) = Customer::find_by_id(1).include(Customer::HOST).one(db).await?.into_parts();
    let _: Option<Customer> = host;
    Ok(())
}

/// A query is a value that functions take and give.
fn with_lines<T>(query: Query<Order, T>) -> Query<Order, T> {
    query.filter(Order::ID.gt(1)).limit(3)
}

async fn values(db: &Database) -> relations::Result<()> {
    let query = with_lines(Order::find().include(Order::LINES)).order_by(Order::ID.desc());
    let _ = query.clone().one(db).await?;
    let _ = query.optional(db).await?.map(|order| order.lines.len());
    let lines = Order::LINES.limit(3).include(Line::ENTITY);
    for _ in 0..2 {
        let _ = Order::find().include(lines.clone()).all(db).await?;
    }
    Ok(())
}

/// A query with includes can be spawned, as its parts can.
fn is_sent(db: Database) -> impl Send {
    async move { Order::find().include(Order::LINES.include(Line::ENTITY)).all(&db).await.is_ok() }
}

/// A place is shown where the entity cannot be.
mod inner {
    use relations::prelude::*;

    #[derive(Entity)]
    pub(super) struct Hidden {
        #[id]
        pub(super) id: i64,
        #[belongs_to(super::Customer)]
        pub(super) customer_id: i64,
    }
}

async fn hidden(db: &Database) -> relations::Result<()> {
    let all = inner::Hidden::find().include(inner::Hidden::CUSTOMER).all(db).await?;
    let _: Vec<&Customer> = all.iter().map(|one| &one.customer).collect();
    Ok(())
}
