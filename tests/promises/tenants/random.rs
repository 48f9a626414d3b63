//! Random queries and changes: a tenant has the answers that it would have alone.
//!
//! The calls of a seed are made by a tenant among others, and then once more in tables that hold the rows of
//! that tenant only, where reads name no tenant. Each answer has to be the same.

use ::futures_util::TryStreamExt;
use ::relations::prelude::*;
use ::relations::{Database, Engine, Executor, Filter, Query, Result, Transactional, sql};

use super::world::{
    Customer, Folder, Line, NewCustomer, NewLine, OTHER, OWN, Order, Tag, of_other, rows_of,
};

/// Numbers that a seed decides.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % limit).unwrap()
    }
}

/// Tables without foreign keys: rows of a tenant that is alone may point to nothing.
async fn fill(db: &Database, tenants: &[i64]) {
    let time = match db.engine() {
        Engine::Postgres => "timestamptz",
        Engine::Sqlite => "text",
    };
    let tables = format!(
        "DROP TABLE IF EXISTS customers; DROP TABLE IF EXISTS orders; DROP TABLE IF EXISTS lines; \
        DROP TABLE IF EXISTS tags; DROP TABLE IF EXISTS order_tags; DROP TABLE IF EXISTS folders; \
        CREATE TABLE customers (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, email text NOT NULL UNIQUE, \
            country_code text NOT NULL); \
        CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, customer_id bigint NOT NULL, \
            payer_id bigint, note text NOT NULL, total bigint); \
        CREATE TABLE lines (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, order_id bigint NOT NULL, \
            product text NOT NULL, price bigint NOT NULL, version bigint NOT NULL DEFAULT 1); \
        CREATE TABLE tags (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, name text NOT NULL, deleted_at {time}); \
        CREATE TABLE order_tags (order_id bigint, tag_id bigint, tenant_id bigint NOT NULL, \
            PRIMARY KEY (order_id, tag_id)); \
        CREATE TABLE folders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, title text NOT NULL, \
            parent_id bigint);"
    );
    sql(tables, ()).execute_script(db).await.unwrap();
    sql(rows_of(tenants), ()).execute_script(db).await.unwrap();
}

fn filter(random: &mut Random) -> Filter<Order> {
    let number = random.below(45);
    let one = match random.below(14) {
        0 => Order::TOTAL.gt(number),
        1 => Order::CUSTOMER_ID.eq(number),
        2 => Order::ID.is_in([number, number + 1, number + 2]),
        3 => Order::NOTE.like(format!("%{}", number % 10)),
        4 => Order::LINES.any(Line::PRICE.gt(number)),
        5 => Order::LINES.none(Line::PRICE.lt(number)),
        6 => Order::TAGS.any(Tag::ID.gt(number)),
        7 => Order::TAGS.none(Tag::ID.lt(number)),
        8 => Order::CUSTOMER.any(Customer::ORDERS.any(Order::TOTAL.gt(number))),
        9 => Order::PAYER.column(Customer::ID).gt(number),
        10 => Order::LINES.count().gt(number % 3),
        11 => Order::PAYER.none(Customer::ID.gt(number)),
        12 => Order::PAYER.is_present(),
        _ => Order::TAGS.is_present(),
    };
    match random.below(5) {
        0 => one.or(filter(random)),
        1 => one.and(filter(random)),
        2 => !one,
        _ => one,
    }
}

fn orders(random: &mut Random) -> Query<Order> {
    let query = Order::find().filter(filter(random));
    let query = match random.below(4) {
        0 => query.order_by(Order::LINES.sum(Line::PRICE).desc()).order_by(Order::ID.asc()),
        1 => {
            query.order_by(Order::CUSTOMER.column(Customer::EMAIL).asc()).order_by(Order::ID.asc())
        }
        _ => query.order_by(Order::ID.desc()),
    };
    match random.below(3) {
        0 => query.limit(random.below(8).unsigned_abs()).offset(random.below(4).unsigned_abs()),
        _ => query,
    }
}

/// An answer, as it is compared. A missing target is told with the tenant where one was named.
fn told(answer: Result<impl std::fmt::Debug>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(error) if error.is_target_missing() => "a target is missing".to_owned(),
        Err(error) => error.to_string(),
    }
}

async fn read(db: &impl Transactional, random: &mut Random) -> String {
    let all = orders(random);
    match random.below(18) {
        0 => told(all.all(db).await),
        1 => told(all.include(Order::CUSTOMER).all(db).await),
        2 => {
            told(all.include(Order::CUSTOMER.joined()).include(Order::LINES.joined()).all(db).await)
        }
        3 => told(
            all.include(Order::CUSTOMER.batched()).include(Order::TAGS.batched()).all(db).await,
        ),
        4 => told(
            all.include(Order::LINES.pipelined()).include(Order::TAGS.pipelined()).all(db).await,
        ),
        5 => told(all.include(Order::PAYER.pipelined()).all(db).await),
        6 => told(all.include_required(Order::PAYER).all(db).await),
        7 => {
            let latest = Order::LINES.order_by(Line::PRICE.desc()).limit(2);
            told(all.include(latest.include(Line::ORDER.include(Order::TAGS))).all(db).await)
        }
        8 => told(all.include(Order::LINES.count()).include(Order::TAGS.count()).all(db).await),
        9 => told(all.include(Order::LINES.limit(1).with_total()).all(db).await),
        10 => told(all.count(db).await),
        11 => {
            let columns =
                (Order::ID, Order::PAYER.column(Customer::EMAIL), Order::LINES.max(Line::PRICE));
            told(all.select(columns).all(db).await)
        }
        12 => {
            let filter = filter(random);
            let groups = Order::find().filter(filter).group_by(Order::CUSTOMER_ID);
            let groups = groups.select((Order::CUSTOMER_ID, Order::TOTAL.sum()));
            told(groups.order_by(Order::CUSTOMER_ID.asc()).all(db).await)
        }
        13 => {
            let page = Order::find().filter(filter(random)).order_by(Order::NOTE.asc());
            let first = page.clone().page(3).fetch(db).await;
            let rows = first.map(|page| page.rows);
            told(rows)
        }
        14 => {
            let stream = Order::find().filter(filter(random)).order_by(Order::ID.asc()).stream(db);
            told(stream.try_collect::<Vec<_>>().await)
        }
        15 => {
            let folder = random.below(44);
            told(Folder::CHILDREN.descendants_of_id(folder).all(db).await)
        }
        16 => {
            let customers = Customer::find().filter(Customer::ID.le(random.below(40)));
            let customers = customers.order_by(Customer::ID.asc());
            told(customers.include(Customer::ORDERS.include(Order::LINES)).all(db).await)
        }
        _ => {
            let found = all.all(db).await.unwrap();
            let lines = told(Order::LINES.load(db, &found).await);
            lines + &told(Order::CUSTOMER.load(db, &found).await)
        }
    }
}

async fn write(db: &impl Transactional, random: &mut Random, number: i64) -> String {
    let (id, amount) = (10_000 + number, random.below(45));
    match random.below(12) {
        0 => {
            let changed = orders(random).limit(1_000).offset(0).set(Order::TOTAL, amount);
            told(changed.update(db).await)
        }
        1 => {
            let most = Order::LINES.max(Line::PRICE);
            told(Order::find().filter(filter(random)).set_expr(Order::TOTAL, most).update(db).await)
        }
        2 => {
            told(Order::find().filter(filter(random)).filter(Order::ID.eq(amount)).delete(db).await)
        }
        3 => told(Line::find().filter(Line::ORDER_ID.eq(amount)).delete(db).await),
        4 => {
            let product = format!("own{id}");
            let line =
                NewLine { id, tenant_id: Some(OWN), order_id: amount, product, price: amount };
            told(line.insert(db).await)
        }
        5 => {
            let (email, country_code) = (format!("own{amount}"), "DE".to_owned());
            let customer = NewCustomer { id, tenant_id: Some(OWN), email, country_code };
            let upsert = customer.on_conflict(Customer::EMAIL).update((Customer::COUNTRY_CODE,));
            told(upsert.insert(db).await)
        }
        6 => {
            let moved = Order::find().filter(filter(random));
            match Customer::find_by_id(amount).optional(db).await.unwrap() {
                Some(customer) => told(Customer::ORDERS.reparent(db, moved, &customer).await),
                None => "no customer".to_owned(),
            }
        }
        // Rows that are deleted softly are hidden wherever the tenant's are seen.
        7 => told(Tag::find().filter(Tag::ID.eq(amount)).delete(db).await),
        8 => told(Tag::find().only_deleted().filter(Tag::ID.le(amount)).restore(db).await),
        9 | 10 => {
            let order = orders(random).first(db).await.unwrap();
            let tags = Tag::find().filter(Tag::ID.le(amount)).order_by(Tag::ID.asc()).limit(3);
            let tags = tags.all(db).await.unwrap();
            match order {
                Some(order) if amount % 2 == 0 => told(Order::TAGS.set(db, &order, &tags).await),
                Some(order) => told(Order::TAGS.link_many(db, &order, &tags).await),
                None => "no order".to_owned(),
            }
        }
        _ => {
            let lines =
                Line::find().filter(Line::PRICE.lt(amount)).order_by(Line::ID.asc()).limit(4);
            let mut lines = lines.all(db).await.unwrap();
            for line in &mut lines {
                line.price += 1;
            }
            told(Line::update_many(&mut lines, db).await) + &format!("{lines:?}")
        }
    }
}

/// Makes the calls of a seed, and gives the answers. A write names the tenant, since links need one.
async fn answers(
    db: &impl Transactional,
    tenant: &impl Transactional,
    seed: u64,
    calls: i64,
) -> Vec<String> {
    let mut random = Random(seed);
    let mut answers = Vec::new();
    for number in 0..calls {
        answers.push(match random.below(5) {
            0 => write(tenant, &mut random, number).await,
            _ => read(db, &mut random).await,
        });
    }
    answers
}

const CALLS: i64 = 100;

behaviour! {
    async fn a_tenant_has_the_answers_that_it_would_have_alone(db) {
        let from_environment = |name| std::env::var(name).ok().and_then(|value| value.parse().ok());
        let calls: u64 = from_environment("RELATIONS_TENANT_CALLS").unwrap_or(400);
        let first: u64 = from_environment("RELATIONS_TENANT_SEED").unwrap_or(1);
        let own = db.tenant(OWN);
        for seed in first..first + calls.div_ceil(CALLS.unsigned_abs()) {
            fill(db, &[OWN, OTHER]).await;
            let before = of_other(db).await;
            let among_others = answers(&own, &own, seed, CALLS).await;
            assert_eq!(of_other(db).await, before, "RELATIONS_TENANT_SEED={seed}");
            fill(db, &[OWN]).await;
            let alone = answers(db, &own, seed, CALLS).await;
            for (number, (among_others, alone)) in among_others.iter().zip(&alone).enumerate() {
                assert_eq!(among_others, alone, "RELATIONS_TENANT_SEED={seed}, call {number}");
            }
        }
    }
}
