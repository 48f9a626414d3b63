//! A relation to one that the database does not keep to one says so, in every strategy.

use ::relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customers")]
#[has_one(Address)]
struct Customer {
    #[id]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "addresses")]
struct Address {
    #[id]
    id: i64,
    #[unique]
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn says_so<T>(loaded: ::relations::Result<T>, what: &str) {
    let Err(error) = loaded else { panic!("{what} says nothing") };
    assert!(error.is_not_unique(), "{what}: {error}");
    let text = error.to_string();
    assert!(
        text.starts_with("`Customer.address` leads to more than one Address"),
        "{what}: {text}"
    );
}

behaviour! {
    async fn a_has_one_that_is_not_unique_is_told_by_its_name(db) {
        for sql in [
            "CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL)",
            "CREATE TABLE addresses (id bigint PRIMARY KEY, customer_id bigint NOT NULL)",
            "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob')",
            "INSERT INTO addresses VALUES (10, 1), (11, 1), (12, 2)",
        ] {
            relations::sql(sql, ()).execute(db).await.unwrap();
        }
        let by_id = || Customer::find_by_id(1);
        says_so(by_id().include(Customer::ADDRESS).one(db).await, "one");
        says_so(by_id().include(Customer::ADDRESS.joined()).optional(db).await, "optional, joined");
        says_so(by_id().include(Customer::ADDRESS.joined()).first(db).await, "first, joined");
        says_so(by_id().include(Customer::ADDRESS.batched()).one(db).await, "one, batched");
        says_so(by_id().include(Customer::ADDRESS.pipelined()).one(db).await, "one, pipelined");
        let all = Customer::find;
        says_so(all().include(Customer::ADDRESS.joined()).all(db).await, "all, joined");
        says_so(all().include(Customer::ADDRESS.batched()).all(db).await, "all, batched");
        says_so(all().include(Customer::ADDRESS.pipelined()).all(db).await, "all, pipelined");
        says_so(all().limit(20).include(Customer::ADDRESS).all(db).await, "a limit");
        says_so(all().include(Customer::ADDRESS).page(20).fetch(db).await, "a page");
        says_so(all().include_required(Customer::ADDRESS.joined()).all(db).await, "required");
        let ada = by_id().one(db).await.unwrap();
        says_so(ada.address(db).await, "the accessor");
        says_so(Customer::ADDRESS.load(db, [&ada]).await, "load");
        says_so(Customer::preload([ada]).include(Customer::ADDRESS).all(db).await, "preload");
        let bob = Customer::find_by_id(2).include(Customer::ADDRESS.joined()).one(db).await.unwrap();
        assert_eq!(bob.address.as_ref().map(|address| address.id), Some(12));
    }
}
