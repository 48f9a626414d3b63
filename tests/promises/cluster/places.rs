//! The SQL itself: at each place of a table of a tenant its tenant is compared, so that one server answers.

use ::relations::Executor;
use ::relations::driver::Tenant as OfTenant;
use ::relations::prelude::*;

use super::world::*;
use crate::support::Counting;

/// The tables whose rows are distributed, with the column by which they are.
const TABLES: [(&str, &str); 6] = [
    ("tenants", "id"),
    ("customers", "tenant_id"),
    ("orders", "tenant_id"),
    ("tags", "tenant_id"),
    ("order_tags", "tenant_id"),
    ("folders", "tenant_id"),
];

/// Makes sure that at each place of a table the tenant is compared with one and the same value.
fn of_one_server(sql: &str) {
    for (table, column) in TABLES {
        let mut places = Vec::new();
        for clause in ["FROM", "JOIN", "UPDATE"] {
            let named = format!("{clause} \"{table}\"");
            for (at, _) in sql.match_indices(&named) {
                let rest = &sql[at + named.len()..];
                // Only the type of a column is asked for.
                if rest.starts_with(" WHERE FALSE") {
                    continue;
                }
                let alias = rest.strip_prefix(" AS \"").and_then(|rest| rest.split('"').next());
                places.push(alias.unwrap_or(table).to_owned());
            }
        }
        for place in &places {
            let condition = format!("\"{place}\".\"{column}\" = ");
            let here = sql.match_indices(&condition).map(|(at, _)| {
                let value = &sql[at + condition.len()..];
                let is_end = |one: char| !one.is_ascii_digit();
                let end = value[1..].find(is_end).map_or(value.len(), |end| end + 1);
                value[..end].to_owned()
            });
            let here: Vec<_> = here.filter(|value| value.starts_with(['$', '?'])).collect();
            let times = places.iter().filter(|other| *other == place).count();
            assert!(here.len() >= times, "{place} stands {times} times, compared {here:?}: {sql}");
        }
    }
    // The hint of other executors is not needed.
    assert!(!sql.contains("\"tenant_id\" = ANY($"), "{sql}");
}

async fn read(db: &impl Executor) {
    // Limits each, by a key and through links.
    let customers = || Customer::find().order_by(Customer::ID.asc());
    let few = customers().include(Customer::ORDERS.order_by(Order::TOTAL.desc()).limit(2));
    let few = few.all(db).await.unwrap();
    assert!(few.iter().all(|customer| customer.orders.len() <= 2 && customer.tenant_id == 7));
    Order::find().include(Order::TAGS.order_by(Tag::NAME.asc()).limit(1)).all(db).await.unwrap();
    Tag::find().include(Tag::ORDERS.limit(2).offset(1)).all(db).await.unwrap();
    // Trees.
    assert_eq!(Folder::CHILDREN.forest().all(db).await.unwrap().len(), 4);
    Folder::CHILDREN.forest().trees(db).await.unwrap();
    for folder in Folder::find().all(db).await.unwrap() {
        Folder::CHILDREN.descendants(&folder).all(db).await.unwrap();
        Folder::PARENT.ancestors(&folder).all(db).await.unwrap();
        Folder::CHILDREN.descendants_of_id(folder.id()).all(db).await.unwrap();
        Folder::PARENT.ancestors_of_id(folder.id()).all(db).await.unwrap();
    }
    // Includes, by each strategy.
    customers().include(Customer::ORDERS.joined()).all(db).await.unwrap();
    customers().include(Customer::ORDERS.batched()).all(db).await.unwrap();
    customers().include(Customer::ORDERS.pipelined()).all(db).await.unwrap();
    customers().limit(2).include(Customer::ORDERS.pipelined()).all(db).await.unwrap();
    customers().limit(2).include(Customer::ORDERS.include(Order::TAGS)).all(db).await.unwrap();
    customers().include(Customer::ORDERS.count()).all(db).await.unwrap();
    customers().limit(3).include(Customer::ORDERS.count()).all(db).await.unwrap();
    let orders = || Order::find().order_by(Order::ID.asc());
    orders().include(Order::CUSTOMER.joined()).all(db).await.unwrap();
    orders().include(Order::CUSTOMER.batched()).all(db).await.unwrap();
    orders().include(Order::CUSTOMER.pipelined()).all(db).await.unwrap();
    orders().include(Order::CUSTOMER.include(Customer::TENANT)).all(db).await.unwrap();
    orders().limit(2).include(Order::TAGS.pipelined()).all(db).await.unwrap();
    orders().include(Order::TAGS.batched()).all(db).await.unwrap();
    orders().include(Order::TAGS.count()).all(db).await.unwrap();
    orders().include(Order::COUNTRY.batched()).all(db).await.unwrap();
    orders().include_required(Order::CUSTOMER).all(db).await.unwrap();
    Tenant::find().include(Tenant::CUSTOMERS.include(Customer::ORDERS)).all(db).await.unwrap();
    Customer::find().include(Customer::TENANT.batched()).all(db).await.unwrap();
    // Questions.
    let asked = [
        Customer::ORDERS.any(Order::TOTAL.gt(50)),
        Customer::ORDERS.none(Order::TOTAL.gt(50)),
        Customer::ORDERS.all(Order::TOTAL.gt(5)),
        Customer::ORDERS.count().gt(2),
        Customer::ORDERS.any(Order::TAGS.any(Tag::NAME.like("tag%"))),
    ];
    for asked in asked {
        customers().filter(asked).all(db).await.unwrap();
    }
    let lonely = Order::CUSTOMER.column(Customer::EMAIL).is_null().or(Order::TOTAL.gt(5));
    orders().filter(lonely).all(db).await.unwrap();
    orders().filter((!Order::CUSTOMER.is_present()).or(Order::TOTAL.gt(3))).all(db).await.unwrap();
    orders().select((Order::ID, Order::TAGS.count())).all(db).await.unwrap();
    customers().select((Customer::ID, Customer::ORDERS.sum(Order::TOTAL))).all(db).await.unwrap();
    Customer::find().order_by(Customer::ORDERS.max(Order::TOTAL).desc()).all(db).await.unwrap();
    assert_eq!(Order::find().count(db).await.unwrap(), 12);
    // Accessors, and entities in hand.
    let some = orders().all(db).await.unwrap();
    let customer = some[0].customer(db).await.unwrap().unwrap();
    customer.orders(db).await.unwrap();
    customer.tenant(db).await.unwrap().customers(db).await.unwrap();
    some[0].tags(db).await.unwrap();
    Order::TAGS.load(db, &some).await.unwrap();
    Order::CUSTOMER.load(db, &some).await.unwrap();
    Order::CUSTOMER.of_id((7, 3)).optional(db).await.unwrap();
    Order::TAGS.of_id((7, 3)).all(db).await.unwrap();
    Customer::ORDERS.of_id((7, 3)).filter(Order::TOTAL.gt(3)).all(db).await.unwrap();
}

async fn write(db: &impl Executor) {
    let mut order = Order::find_by_id((7, 3)).one(db).await.unwrap();
    order.total = 31;
    order.update(db).await.unwrap();
    Order::find()
        .filter(Order::CUSTOMER.column(Customer::EMAIL).like("1%"))
        .set(Order::TOTAL, 1)
        .update(db)
        .await
        .unwrap();
    Order::find().all_rows().set_expr(Order::TOTAL, Order::TAGS.count()).update(db).await.unwrap();
    let mut orders = Order::find().all(db).await.unwrap();
    Order::update_many(&mut orders, db).await.unwrap();
    let new = NewCustomer { tenant_id: None, id: 1, email: "new@example.com".into() };
    let kept = new.on_conflict((Customer::TENANT_ID, Customer::ID)).update(Customer::EMAIL);
    assert!(!kept.insert(db).await.unwrap().is_inserted());
    let (ada, bob) = (Customer::find_by_id((7, 1)), Customer::find_by_id((7, 2)));
    let (ada, bob) = (ada.one(db).await.unwrap(), bob.one(db).await.unwrap());
    Customer::ORDERS.reparent(db, Customer::ORDERS.of(&ada), &bob).await.unwrap();
    let tags = Tag::find().all(db).await.unwrap();
    Order::TAGS.link(db, &order, &tags[1]).await.unwrap();
    Order::TAGS.link_many(db, &order, &tags).await.unwrap();
    Order::TAGS.unlink_many(db, &order, &tags[..2]).await.unwrap();
    Order::TAGS.unlink_all(db, &order).await.unwrap();
    Order::find().filter(Order::TAGS.none(Tag::NAME.like("%"))).delete(db).await.unwrap();
    OrderTag::find().all_rows().delete(db).await.unwrap();
    order.delete(db).await.unwrap_err();
}

behaviour! {
    async fn each_place_has_the_tenant(db) {
        filled(db).await;
        let counting = Counting::new(db);
        let own = OfTenant::new(&counting, 7_i64);
        read(&own).await;
        write(&own).await;
        let statements = counting.statements();
        assert!(statements.len() > 80, "{}", statements.len());
        for sql in &statements {
            of_one_server(sql);
        }
        assert_eq!(Order::find().count(&db.tenant(8_i64)).await.unwrap(), 12);
    }
}
