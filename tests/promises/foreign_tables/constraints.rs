//! Violations of constraints that have other names than ours, or are of other tables than the
//! statement's.

use ::relations::prelude::*;
use ::relations::{Database, Engine, Error, Executor, sql};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Item, key_from = "code", key_to = "shop_code")]
struct Shop {
    #[id]
    id: i64,
    #[unique]
    code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(shop_code, number)]
struct Item {
    #[id]
    id: i64,
    #[belongs_to(Shop, name = "shop", key_to = "code", on_delete = "restrict")]
    shop_code: Option<String>,
    number: i32,
    note: Option<String>,
}

/// An entity of the same table as [`Shop`], to which no relation leads back.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "shops")]
struct Lonely {
    #[id]
    id: i64,
    #[unique]
    code: String,
}

/// The tables as somebody else has made them: no constraint has the name that we would give it, and one
/// has a name that we would give another.
async fn create(db: &Database) {
    for statement in [
        "CREATE TABLE shops (id bigint CONSTRAINT \"the shop\" PRIMARY KEY, code text NOT NULL, \
         CONSTRAINT items_shop_code_fkey UNIQUE (code))",
        "CREATE TABLE items (id bigint CONSTRAINT k_1 PRIMARY KEY, shop_code text, \
         number integer NOT NULL, note text, CONSTRAINT k_2 UNIQUE (shop_code, number), \
         CONSTRAINT shops_code_key FOREIGN KEY (shop_code) REFERENCES shops (code) \
         ON DELETE RESTRICT)",
        "CREATE TABLE audits (item_id bigint NOT NULL CONSTRAINT once UNIQUE, note text NOT NULL, \
         CONSTRAINT \"short note\" CHECK (length(note) < 9))",
    ] {
        sql(statement, ()).execute(db).await.unwrap();
    }
    for (id, code) in [(1, "a, b"), (2, "c) (d")] {
        NewShop { id, code: code.into() }.insert(db).await.unwrap();
    }
    new(10, Some("a, b"), 7).insert(db).await.unwrap();
}

fn new(id: i64, code: Option<&str>, number: i32) -> NewItem {
    NewItem { id, shop_code: code.map(Into::into), number, note: None }
}

/// The entity, relation, key, constraint and table of an error.
fn about(error: &Error) -> [Option<&str>; 5] {
    let relation = error.relation().map(|relation| relation.name);
    [error.entity(), relation, error.key(), error.constraint(), error.table()]
}

/// Runs SQL after each item that is made.
async fn after_item(db: &Database, body: &str) {
    let statements = match db.engine() {
        Engine::Postgres => vec![
            format!(
                "CREATE FUNCTION after_item() RETURNS trigger LANGUAGE plpgsql AS \
                 $body$ BEGIN {body}; RETURN NEW; END $body$"
            ),
            "CREATE TRIGGER after_item AFTER INSERT ON items FOR EACH ROW \
             EXECUTE FUNCTION after_item()"
                .to_owned(),
        ],
        Engine::Sqlite => {
            vec![format!("CREATE TRIGGER after_item AFTER INSERT ON items BEGIN {body}; END")]
        }
    };
    for statement in statements {
        sql(statement, ()).execute(db).await.unwrap();
    }
}

behaviour! {
    async fn columns_tell_a_key_and_not_the_name(db) {
        create(db).await;
        let pair = Some("(\"a, b\", 7)");
        let taken = |key, name| [Some("Item"), None, key, Some(name), Some("items")];
        assert_eq!(about(&new(10, None, 1).insert(db).await.unwrap_err()), taken(Some("10"), "k_1"));
        let twice = new(11, Some("c) (d"), 7);
        twice.insert(db).await.unwrap();
        let error = new(12, Some("c) (d"), 7).insert(db).await.unwrap_err();
        assert_eq!(about(&error), taken(Some("(\"c) (d\", 7)"), "k_2"));
        assert_eq!(
            error.to_string(),
            "another Item has the key (\"c) (d\", 7) already (constraint `k_2`)"
        );
        // A value that holds what divides values is told whole.
        let error = new(13, Some("a, b"), 7).insert(db).await.unwrap_err();
        let whole = if db.engine() == Engine::Postgres { Some("(a, b, 7)") } else { pair };
        assert_eq!(about(&error), taken(whole, "k_2"));

        let code = NewShop { id: 3, code: "a, b".into() }.insert(db).await.unwrap_err();
        let name = Some("items_shop_code_fkey");
        assert!(code.is_unique_violation());
        assert_eq!(about(&code), [Some("Shop"), None, Some("\"a, b\""), name, Some("shops")]);
    }

    async fn a_foreign_key_is_found_by_its_columns(db) {
        create(db).await;
        let orphan = |key| {
            [Some("Item"), Some("shop"), Some(key), Some("shops_code_key"), Some("items")]
        };
        let error = new(11, Some("no, (x)=(1)"), 1).insert(db).await.unwrap_err();
        assert!(error.is_foreign_key_violation());
        assert_eq!(about(&error), orphan("\"no, (x)=(1)\""));
        let mut item = Item::find_by_id(10).one(db).await.unwrap();
        item.shop_code = Some("x".into());
        assert_eq!(about(&item.update(db).await.unwrap_err()), orphan("\"x\""));
        let all = Item::find().all_rows().set(Item::SHOP_CODE, Some("y".to_owned()));
        assert_eq!(about(&all.update(db).await.unwrap_err()), orphan("\"y\""));
        // In a transaction nothing can be asked any more.
        let tx = db.begin().await.unwrap();
        let error = new(11, Some("z"), 1).insert(&tx).await.unwrap_err();
        assert_eq!(about(&error), orphan("\"z\""));
        tx.rollback().await.unwrap();
    }

    async fn a_referenced_row_tells_its_key_and_by_whom(db) {
        create(db).await;
        new(11, Some("a, b"), 8).insert(db).await.unwrap();
        let key = Some("\"a, b\"");
        let held = [Some("Item"), Some("shop"), key, Some("shops_code_key"), Some("items")];
        let shop = Shop::find_by_id(1).one(db).await.unwrap();
        let error = shop.clone().delete(db).await.unwrap_err();
        let by_id = [Some("Item"), Some("shop"), Some("1"), Some("shops_code_key"), Some("items")];
        assert_eq!((about(&error), error.referencing_rows()), (by_id, Some(2)));
        assert_eq!(
            error.to_string(),
            "cannot delete Shop 1: 2 rows of Item reference it (`shops_code_key`)"
        );
        // The key that it has, and not the one that it would get.
        let mut edit = shop.edit();
        edit.code = "new".into();
        let error = edit.save(db).await.unwrap_err();
        assert_eq!((about(&error), error.referencing_rows()), (held, Some(2)));
        assert_eq!(
            error.to_string(),
            "cannot change the key \"a, b\" of Shop: 2 rows of Item reference it (`shops_code_key`)"
        );
        let error =
            Shop::find_by_id(1).set(Shop::CODE, "new").update(db).await.unwrap_err();
        assert_eq!((about(&error), error.referencing_rows()), (held, Some(2)));
        let error = Shop::find().all_rows().delete(db).await.unwrap_err();
        assert_eq!((error.key(), error.referencing_rows()), (None, Some(2)));
        assert_eq!(
            error.to_string(),
            "cannot delete rows of Shop: 2 rows of Item reference them (`shops_code_key`)"
        );
    }

    async fn a_table_without_an_entity_is_named(db) {
        create(db).await;
        let held = [None, None, Some("\"a, b\""), Some("shops_code_key"), Some("items")];
        let lonely = Lonely::find_by_id(1).one(db).await.unwrap();
        let error = lonely.clone().delete(db).await.unwrap_err();
        assert!(error.is_foreign_key_violation());
        let by_id = [None, None, Some("1"), Some("shops_code_key"), Some("items")];
        assert_eq!((about(&error), error.referencing_rows()), (by_id, Some(1)));
        assert_eq!(
            error.to_string(),
            "cannot delete Lonely 1: 1 row of `items` references it (`shops_code_key`)"
        );
        let mut edit = lonely.edit();
        edit.code = "new".into();
        let error = edit.save(db).await.unwrap_err();
        assert_eq!((about(&error), error.referencing_rows()), (held, Some(1)));
    }

    async fn a_trigger_in_another_table_is_told_as_that_table(db) {
        create(db).await;
        after_item(db, "INSERT INTO audits (item_id, note) VALUES (NEW.number, NEW.note)").await;
        let note = |number, note: Option<&str>| NewItem {
            note: note.map(Into::into),
            ..new(100 + i64::from(number), None, number)
        };
        note(1, Some("one")).insert(db).await.unwrap();
        let error = NewItem { id: 200, ..note(1, Some("two")) }.insert(db).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error:?}");
        assert_eq!((error.entity(), error.constraint()), (None, Some("once")));
        assert_eq!((error.table(), error.property()), (Some("audits"), None));
        assert!(error.to_string().starts_with("another row of `audits` has "), "{error}");

        let error = note(2, None).insert(db).await.unwrap_err();
        assert!(error.is_not_null_violation(), "{error:?}");
        assert_eq!((error.entity(), error.property()), (None, None));
        assert_eq!(error.to_string(), "`audits.note` cannot be null");

        let error = note(3, Some("far too long")).insert(db).await.unwrap_err();
        assert!(error.is_check_violation(), "{error:?}");
        let told = (error.entity(), error.table(), error.constraint());
        assert_eq!(told, (None, Some("audits"), Some("short note")));
    }

    async fn a_null_of_a_cascade_is_told_as_of_its_table(db) {
        create(db).await;
        let stock = "CREATE TABLE stock (id bigint PRIMARY KEY, shop_code varchar(20) NOT NULL \
                     CONSTRAINT stock_of_a_shop REFERENCES shops (code) \
                     ON DELETE SET NULL ON UPDATE SET NULL)";
        sql(stock, ()).execute(db).await.unwrap();
        let free = NewShop { id: 7, code: "free".into() }.insert(db).await.unwrap();
        sql("INSERT INTO stock VALUES (70, 'free')", ()).execute(db).await.unwrap();
        let mut edit = free.clone().edit();
        edit.code = "new".into();
        for error in [free.clone().delete(db).await.unwrap_err(), edit.save(db).await.unwrap_err()] {
            assert!(error.is_not_null_violation(), "{error:?}");
            assert_eq!((error.entity(), error.property()), (None, None), "{error:?}");
            assert_eq!(error.to_string(), "`stock.shop_code` cannot be null");
        }
        assert_eq!(Shop::find_by_id(7).one(db).await.unwrap(), free);
    }

    async fn a_trigger_in_a_known_table_is_told_as_its_entity(db) {
        create(db).await;
        after_item(db, "INSERT INTO shops (id, code) VALUES (NEW.number, 'made')").await;
        let error = new(11, None, 1).insert(db).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error:?}");
        assert_eq!((error.entity(), error.table()), (Some("Shop"), Some("shops")));
        // A row of the same table that was not given.
        new(12, None, 50).insert(db).await.unwrap();
        let error = new(13, None, 51).insert(db).await.unwrap_err();
        assert_eq!((error.entity(), error.constraint()), (Some("Shop"), Some("items_shop_code_fkey")));
        assert_ne!(error.key(), Some("13"));
    }

    async fn the_row_that_failed_of_many_tells_its_key(db) {
        create(db).await;
        let rows = [new(20, None, 1), new(21, Some("nowhere"), 2), new(22, None, 3)];
        let error = NewItem::insert_many(rows, db).await.unwrap_err();
        assert_eq!((error.relation().map(|one| one.name), error.key()), (Some("shop"), Some("\"nowhere\"")));
        let rows = [new(30, None, 1), new(10, None, 2), new(32, None, 3)];
        let error = NewItem::insert_many(rows, db).await.unwrap_err();
        assert_eq!((error.entity(), error.key()), (Some("Item"), Some("10")));

        let below = NewShop { id: 5, code: "five".into() }
            .with(Shop::ITEMS, |code| [new(40, Some(&code), 1), new(10, Some(&code), 2)]);
        let error = below.insert(db).await.unwrap_err();
        assert_eq!((error.entity(), error.key()), (Some("Item"), Some("10")));

        let upsert = new(50, Some("nowhere"), 1).on_conflict(Item::ID).update((Item::NUMBER,));
        let error = upsert.insert(db).await.unwrap_err();
        assert_eq!((error.relation().map(|one| one.name), error.key()), (Some("shop"), Some("\"nowhere\"")));
        let upsert = NewShop { id: 9, code: "a, b".into() }.on_conflict(Shop::ID).do_nothing();
        assert_eq!(upsert.insert(db).await.unwrap_err().key(), Some("\"a, b\""));
        let error = Shop::find().all_rows().set(Shop::CODE, "same").update(db).await.unwrap_err();
        assert!(error.key().is_some(), "{error}");
    }
}

/// A partition's constraints are told as the table's.
#[tokio::test]
async fn a_partition_is_told_as_its_table() {
    let Some(db) = crate::support::postgres().await else { return };
    for statement in [
        "CREATE TABLE shops (id bigint PRIMARY KEY, code text NOT NULL) PARTITION BY RANGE (id)",
        "CREATE TABLE shops_1 PARTITION OF shops FOR VALUES FROM (1) TO (100)",
    ] {
        sql(statement, ()).execute(&db).await.unwrap();
    }
    let new = || NewShop { id: 1, code: "a".into() };
    new().insert(&db).await.unwrap();
    let error = new().insert(&db).await.unwrap_err();
    assert_eq!((error.entity(), error.key()), (Some("Shop"), Some("1")));
    assert_eq!(error.table(), Some("shops"));
}

/// The server does not report values that a role may not read, and the catalog is asked.
#[tokio::test]
async fn a_key_that_may_not_be_read_is_left_out() {
    let Some(db) = crate::support::postgres().await else { return };
    create(&db).await;
    let role = format!("writer_{}", std::process::id());
    for statement in [
        format!("CREATE ROLE {role}"),
        format!("GRANT INSERT ON items TO {role}"),
        format!("GRANT SELECT (id) ON items TO {role}"),
    ] {
        sql(statement, ()).execute(&db).await.unwrap();
    }
    let tx = db.begin().await.unwrap();
    sql(format!("SET LOCAL ROLE {role}"), ()).execute(&tx).await.unwrap();
    let insert = "INSERT INTO items (id, shop_code, number) VALUES (99, 'nowhere', 1)";
    let error = sql(insert, ()).execute(&tx).await.unwrap_err();
    assert!(error.is_foreign_key_violation());
    assert_eq!((error.key(), error.constraint()), (None, Some("shops_code_key")));
    assert!(!format!("{error} {error:?}").contains("nowhere"));
    tx.rollback().await.unwrap();
    sql(format!("DROP OWNED BY {role}"), ()).execute(&db).await.unwrap();
    sql(format!("DROP ROLE {role}"), ()).execute(&db).await.unwrap();
}
