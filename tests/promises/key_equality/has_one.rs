//! A relation to one that the database does not keep to one says so, in every strategy.

use ::futures_util::TryStreamExt;
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
            "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob'), (3, 'Cy')",
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
        // A limit counts customers, and cuts off no address.
        says_so(all().limit(1).include(Customer::ADDRESS.joined()).all(db).await, "limit 1, joined");
        says_so(all().limit(1).include(Customer::ADDRESS.joined()).one(db).await, "limit 1, one");
        let by_name = || all().order_by(Customer::NAME.asc()).include(Customer::ADDRESS.joined());
        says_so(by_name().first(db).await, "first by name");
        says_so(by_name().page(1).fetch(db).await, "a page of one");
        says_so(by_name().stream(db).chunk(1).try_collect::<Vec<_>>().await, "a stream by ones");
        let second = by_name().limit(1).offset(1).all(db).await.unwrap();
        assert_eq!(second.iter().map(|one| one.id).collect::<Vec<_>>(), [2], "an offset");
        let required = all().order_by(Customer::NAME.asc()).limit(2).offset(1);
        let required = required.include_required(Customer::ADDRESS.joined()).all(db).await.unwrap();
        assert_eq!(required.iter().map(|one| one.id).collect::<Vec<_>>(), [2], "required");
        let ada = by_id().one(db).await.unwrap();
        says_so(ada.address(db).await, "the accessor");
        says_so(Customer::ADDRESS.load(db, [&ada]).await, "load");
        says_so(Customer::preload([ada]).include(Customer::ADDRESS).all(db).await, "preload");
        let bob = Customer::find_by_id(2).include(Customer::ADDRESS.joined()).one(db).await.unwrap();
        assert_eq!(bob.address.as_ref().map(|address| address.id), Some(12));
    }
}

mod shops {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "shops")]
    #[has_many(Customer, name = "customers")]
    pub struct Shop {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "customers")]
    #[has_one(Address)]
    pub struct Customer {
        #[id]
        pub id: i64,
        #[belongs_to(Shop)]
        pub shop_id: i64,
        #[belongs_to(Kind, key_to = "code", name = "kind", constraint = false)]
        pub kind_code: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "addresses")]
    pub struct Address {
        #[id]
        pub id: i64,
        #[unique]
        #[belongs_to(Customer)]
        pub customer_id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "kinds")]
    pub struct Kind {
        #[id]
        pub id: i64,
        #[unique]
        pub code: String,
    }
}

behaviour! {
    async fn targets_do_not_repeat_by_what_is_included_with_them(db) {
        use shops::{Customer, Shop};

        for sql in [
            "CREATE TABLE shops (id bigint PRIMARY KEY)",
            "CREATE TABLE customers (id bigint PRIMARY KEY, shop_id bigint NOT NULL, kind_code text)",
            "CREATE TABLE addresses (id bigint PRIMARY KEY, customer_id bigint NOT NULL)",
            "CREATE TABLE kinds (id bigint PRIMARY KEY, code text NOT NULL)",
            "INSERT INTO shops VALUES (5), (6)",
            "INSERT INTO customers VALUES (1, 5, 'a'), (2, 5, NULL), (3, 6, 'b')",
            "INSERT INTO addresses VALUES (10, 1), (11, 1), (12, 2)",
            "INSERT INTO kinds VALUES (20, 'a'), (21, 'a'), (22, 'b')",
        ] {
            relations::sql(sql, ()).execute(db).await.unwrap();
        }
        macro_rules! told {
            ($($customers:expr),*) => {$(
                let customers = $customers.include(Customer::ADDRESS.joined());
                says_so(Shop::find().include(customers).all(db).await, stringify!($customers));
                let customers = $customers.include(Customer::ADDRESS);
                says_so(Shop::find().limit(2).include(customers).all(db).await, stringify!($customers));
                let customers = $customers.include(Customer::KIND.joined());
                let error = Shop::find().include(customers).all(db).await.unwrap_err();
                assert!(error.is_not_unique(), "{error}");
                assert!(error.to_string().starts_with("`Customer.kind` leads to"), "{error}");
            )*};
        }
        told!(
            Shop::CUSTOMERS.batched(),
            Shop::CUSTOMERS.pipelined(),
            Shop::CUSTOMERS.limit(1),
            Shop::CUSTOMERS.limit(1).pipelined(),
            Shop::CUSTOMERS.limit(2).order_by(Customer::ID.desc())
        );
        let shop = Shop::find_by_id(5).one(db).await.unwrap();
        let customers = || Shop::CUSTOMERS.of(&shop).include(Customer::ADDRESS.joined());
        says_so(customers().limit(1).all(db).await, "the customers of one shop");
        let all = Shop::preload([shop.clone()]);
        says_so(all.include(Shop::CUSTOMERS.include(Customer::ADDRESS.joined())).all(db).await, "loaded");
    }

    async fn a_belongs_to_whose_key_is_not_unique_is_told_by_its_name(db) {
        use shops::Customer;

        for sql in [
            "CREATE TABLE customers (id bigint PRIMARY KEY, shop_id bigint NOT NULL, kind_code text)",
            "CREATE TABLE kinds (id bigint PRIMARY KEY, code text NOT NULL)",
            "INSERT INTO customers VALUES (1, 5, 'a'), (2, 5, NULL), (3, 6, 'b')",
            "INSERT INTO kinds VALUES (20, 'a'), (21, 'a'), (22, 'b')",
        ] {
            relations::sql(sql, ()).execute(db).await.unwrap();
        }
        let told = |error: Option<::relations::Error>, what: &str| {
            let error = error.unwrap_or_else(|| panic!("{what} says nothing"));
            assert!(error.is_not_unique(), "{what}: {error}");
            assert!(error.to_string().starts_with("`Customer.kind` leads to more"), "{what}: {error}");
        };
        let all = || Customer::find().order_by(Customer::ID.asc());
        told(all().include(Customer::KIND.joined()).all(db).await.err(), "joined");
        told(all().include(Customer::KIND.batched()).all(db).await.err(), "batched");
        told(all().include(Customer::KIND.pipelined()).all(db).await.err(), "pipelined");
        told(all().limit(1).include(Customer::KIND.joined()).all(db).await.err(), "a limit");
        told(all().include(Customer::KIND).first(db).await.err(), "first");
        told(all().include(Customer::KIND).page(1).fetch(db).await.err(), "a page");
        told(Customer::find_by_id(1).include(Customer::KIND).one(db).await.err(), "one");
        let rest = all().offset(1).include(Customer::KIND.joined()).all(db).await.unwrap();
        let rest: Vec<_> = rest.iter().map(|one| one.kind.as_ref().map(|kind| kind.id)).collect();
        assert_eq!(rest, [None, Some(22)]);
    }
}
