//! Entities in two versions: each is made by migrations as `create` makes it.

use ::relations::Engine;
use ::relations::Executor;
use ::relations::shape::migration::{Consents, compared};

use super::{add, fresh, migrations, nothing, run, shape, steps};

pub mod one {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "customers")]
    #[has_many(Order)]
    pub struct Customer {
        #[id(generated)]
        pub id: i32,
        #[unique]
        pub email: String,
        #[column(type = "varchar(40)")]
        pub name: String,
        #[index]
        pub city: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "orders")]
    #[unique(customer_id, number, name = "one_number")]
    #[unique(key, filter = "total > 0")]
    #[has_many(Line)]
    pub struct Order {
        #[id(generated)]
        pub id: i64,
        #[belongs_to(Customer, on_delete = "cascade")]
        pub customer_id: i32,
        pub number: i32,
        pub total: i32,
        #[column(default = "'new'")]
        pub state: String,
        pub note: Option<String>,
        pub key: Option<String>,
        #[column(generated = "total * 2")]
        pub twice: i32,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "lines")]
    pub struct Line {
        #[id]
        #[belongs_to(Order)]
        pub order_id: i64,
        #[id]
        pub position: i16,
        pub price: f64,
    }

    pub fn all() -> Schema {
        schema![Customer, Order, Line]
    }

    use ::relations::Schema;
}

pub mod two {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "customers")]
    #[has_many(Invoice)]
    pub struct Customer {
        #[id(generated)]
        pub id: i32,
        #[unique]
        pub email: String,
        pub name: String,
        pub city: Option<String>,
        #[column(default = "false")]
        pub closed: bool,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "invoices")]
    #[unique(customer_id, number, name = "one_number")]
    #[has_many(Line, key_to = "order_id")]
    pub struct Invoice {
        #[id(generated)]
        pub id: i64,
        #[belongs_to(Customer, on_delete = "restrict")]
        pub customer_id: i32,
        #[unique]
        pub number: i32,
        pub total: i64,
        #[index]
        pub state: String,
        pub remark: String,
        #[belongs_to(Product)]
        pub product_id: Option<i64>,
        #[column(generated = "total * 3")]
        pub twice: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "lines")]
    pub struct Line {
        #[id]
        #[belongs_to(Invoice, name = "order")]
        pub order_id: i64,
        #[id]
        pub position: i16,
        pub price: Option<f64>,
        pub weight: i32,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "products")]
    #[has_many(Invoice)]
    pub struct Product {
        #[id(generated)]
        pub id: i64,
        #[unique]
        pub code: String,
        #[index]
        pub kind: i16,
    }

    pub fn all() -> Schema {
        schema![Customer, Invoice, Line, Product]
    }

    pub fn consents() -> ::relations::shape::migration::Consents {
        ::relations::shape::migration::Consents::new()
            .rename("orders", "invoices")
            .rename("orders.note", "remark")
            .drop("invoices.key")
            .drop("index:customers.customers_city_idx")
            .rewrite("invoices.twice")
            .fill("lines.weight", "7")
            .fill("invoices.remark", "'none'")
    }

    use ::relations::Schema;
}

/// A table in three versions.
mod items {
    macro_rules! version {
        ($version:ident, $number:ty $(, $note:ty)?) => {
            pub mod $version {
                use ::relations::prelude::*;

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(table = "items")]
                pub struct Item {
                    #[id(generated)]
                    pub id: i64,
                    pub total: $number,
                    $(pub note: $note,)?
                    #[column(generated = "total * 2")]
                    pub twice: $number,
                }

                pub fn all() -> ::relations::Schema {
                    ::relations::schema![Item]
                }
            }
        };
    }

    version!(before, i32, Option<String>);
    version!(after, i64, String);
    version!(without, i64);

    pub mod plain {
        use ::relations::prelude::*;

        #[derive(Debug, Clone, PartialEq, Entity)]
        #[entity(table = "items")]
        pub struct Item {
            #[id]
            pub id: i64,
            pub total: i64,
            pub note: Option<String>,
            pub twice: i64,
        }

        pub fn all() -> ::relations::Schema {
            ::relations::schema![Item]
        }
    }
}

pub const ROWS: [&str; 3] = [
    "INSERT INTO customers (email, name) VALUES ('ada@x', 'Ada'), ('bo@x', 'Bo')",
    "INSERT INTO orders (customer_id, number, total, note, key) VALUES (1, 10, 5, NULL, 'k'), (2, 20, 6, \
     'hi', NULL)",
    "INSERT INTO lines (order_id, position, price) VALUES (1, 1, 0.5), (2, 1, 1.5)",
];

behaviour! {
    async fn a_second_version_is_what_create_makes(db) {
        let engine = db.engine();
        let one = one::all().shape(engine).unwrap();
        let two = two::all().shape(engine).unwrap();
        let mut files = Vec::new();
        add(&mut files, engine, &steps(&nothing(engine), &one, &Consents::new()));
        let applied = migrations(&files).apply(db).await.unwrap();
        assert_eq!(applied.files, ["0001_change"]);
        let created = fresh(db).await;
        created.create(one::all()).await.unwrap();
        assert_eq!(shape(db).await, shape(&created).await);
        assert!(db.check(one::all()).await.unwrap().strict().is_empty());

        run(db, ROWS).await;
        let mut consents = two::consents();
        if engine == Engine::Postgres {
            consents = consents.rewrite("invoices.total");
        }
        add(&mut files, engine, &steps(&one, &two, &consents));
        let applied = migrations(&files).apply(db).await.unwrap_or_else(|error| panic!("{error}\n{}", files[1].1));
        assert_eq!(applied.files, ["0002_change"]);
        let report = db.check(two::all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
        let created = fresh(db).await;
        created.create(two::all()).await.unwrap();
        assert_eq!(shape(db).await, shape(&created).await);

        let rows: Vec<(i64, i64, String, i64)> =
            ::relations::sql("SELECT id, CAST(number AS bigint), remark, twice FROM invoices ORDER BY id", ())
                .all(db).await.unwrap();
        assert_eq!(rows, [(1, 10, "none".to_owned(), 15), (2, 20, "hi".to_owned(), 18)]);
        let weights: Vec<(i64, i64)> =
            ::relations::sql("SELECT order_id, CAST(weight AS bigint) FROM lines ORDER BY 1", ()).all(db).await.unwrap();
        assert_eq!(weights, [(1, 7), (2, 7)]);

        let again = migrations(&files).apply(db).await.unwrap();
        assert_eq!((again.files.len(), again.steps), (0, 0));
        assert!(migrations(&files).status(db).await.unwrap().is_up_to_date());
    }

    async fn nothing_is_generated_from_a_database_that_was_created(db) {
        let engine = db.engine();
        db.create(two::all()).await.unwrap();
        let (found, declared) = compared(db, &two::all(), &Consents::new()).await.unwrap();
        let plan = ::relations::shape::migration::plan(&found, &declared, &Consents::new()).unwrap();
        assert!(plan.steps.is_empty(), "{:?}", plan.changes);
        assert_eq!(engine, found.engine);
    }

    async fn a_database_that_lacks_something_is_mended(db) {
        db.create(two::all()).await.unwrap();
        let engine = db.engine();
        run(db, ["DROP INDEX products_kind_idx", "CREATE TABLE others (id integer)"]).await;
        if engine == Engine::Postgres {
            run(db, [
                "ALTER TABLE lines DROP CONSTRAINT lines_order_id_fkey",
                "ALTER TABLE invoices RENAME CONSTRAINT invoices_product_id_fkey TO other",
                "ALTER TABLE products ADD extra text, ALTER code DROP NOT NULL",
                "ALTER TABLE customers ALTER name TYPE varchar(20), ALTER closed SET DEFAULT true",
            ]).await;
        }
        let (found, declared) = compared(db, &two::all(), &Consents::new()).await.unwrap();
        let mut files = Vec::new();
        add(&mut files, engine, &steps(&found, &declared, &Consents::new()));
        assert!(!files[0].1.contains("others") && !files[0].1.contains("extra"), "{}", files[0].1);
        migrations(&files).apply(db).await.unwrap();
        let report = db.check(two::all()).await.unwrap();
        assert!(report.is_empty(), "{report}");
        let (found, declared) = compared(db, &two::all(), &Consents::new()).await.unwrap();
        assert_eq!(steps(&found, &declared, &Consents::new()), []);
    }

    async fn a_part_that_only_the_database_knows_stays(db) {
        let engine = db.engine();
        for statement in items::before::all().create_sql(engine).unwrap() {
            let named = r#""note" TEXT"#;
            // SQLite adds no check to a table that is there.
            let statement = match engine {
                Engine::Sqlite => {
                    assert!(!statement.starts_with("CREATE TABLE") || statement.contains(named), "{statement}");
                    statement.replacen(named, r#""note" TEXT CONSTRAINT mine CHECK (total < 1000)"#, 1)
                }
                Engine::Postgres => statement,
            };
            run(db, [statement]).await;
        }
        if engine == Engine::Postgres {
            run(db, ["ALTER TABLE items ADD CONSTRAINT mine CHECK (twice < 2000)"]).await;
        }
        run(db, ["CREATE INDEX by_twice ON items (twice, note)", "INSERT INTO items (total, note) VALUES (7, 'n')"]).await;
        let mut consents = Consents::new().fill("items.note", "''");
        if engine == Engine::Postgres {
            consents = consents.rewrite("items.total").rewrite("items.twice");
        }
        let (found, declared) = compared(db, &items::after::all(), &consents).await.unwrap();
        let mut files = Vec::new();
        add(&mut files, engine, &steps(&found, &declared, &consents));
        migrations(&files).apply(db).await.unwrap_or_else(|error| panic!("{error}\n{}", files[0].1));
        let text = || files[0].1.clone();
        let is_kept = shape(db).await;
        let items = is_kept.table(None, "items").unwrap();
        assert!(items.checks.iter().any(|check| check.name.as_deref() == Some("mine")), "{}", text());
        assert!(items.indexes.iter().any(|index| index.name.as_deref() == Some("by_twice")), "{}", text());
        assert!(!items.column("note").unwrap().nullable);
        assert!(db.check(items::after::all()).await.unwrap().is_empty());

        // It goes by its name, where it is of other columns as well.
        let consents = Consents::new().drop("items.note");
        let (found, declared) = compared(db, &items::without::all(), &consents).await.unwrap();
        let refused = ::relations::shape::migration::plan(&found, &declared, &consents).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the index `by_twice` of `items` would be dropped; add `--drop index:items.by_twice`\n"
        );
    }

    async fn a_column_that_is_calculated_and_counted_no_longer_keeps_its_values(db) {
        let engine = db.engine();
        let before = items::before::all().shape(engine).unwrap();
        let after = items::plain::all().shape(engine).unwrap();
        let mut files = Vec::new();
        add(&mut files, engine, &steps(&nothing(engine), &before, &Consents::new()));
        migrations(&files).apply(db).await.unwrap();
        run(db, ["INSERT INTO items (total) VALUES (7), (8)", "DELETE FROM items WHERE total = 8"]).await;
        let mut consents = Consents::new().drop("counter:items.id");
        if engine == Engine::Postgres {
            consents = consents.rewrite("items.total").rewrite("items.twice");
        }
        add(&mut files, engine, &steps(&before, &after, &consents));
        migrations(&files).apply(db).await.unwrap_or_else(|error| panic!("{error}\n{}", files[1].1));
        assert!(db.check(items::plain::all()).await.unwrap().strict().is_empty());
        let rows: Vec<(i64, i64, i64)> =
            ::relations::sql("SELECT id, total, twice FROM items", ()).all(db).await.unwrap();
        assert_eq!(rows, [(1, 7, 14)]);
        // And back: it is counted up again, behind the numbers that are there.
        let consents = Consents::everything();
        add(&mut files, engine, &steps(&after, &before, &consents));
        migrations(&files).apply(db).await.unwrap_or_else(|error| panic!("{error}\n{}", files[2].1));
        assert!(db.check(items::before::all()).await.unwrap().strict().is_empty());
        run(db, ["INSERT INTO items (total) VALUES (9)"]).await;
        let rows: Vec<(i64, i64, i64)> =
            ::relations::sql("SELECT id, CAST(total AS bigint), CAST(twice AS bigint) FROM items ORDER BY id", ())
                .all(db).await.unwrap();
        assert_eq!(rows, [(1, 7, 14), (2, 9, 18)]);
    }

    async fn a_database_that_is_there_has_a_baseline(db) {
        let engine = db.engine();
        let one = one::all().shape(engine).unwrap();
        let mut files = Vec::new();
        add(&mut files, engine, &steps(&nothing(engine), &one, &Consents::new()));
        let all = migrations(&files);
        let refused = all.baseline(db, one::all()).await.unwrap_err();
        assert!(refused.to_string().contains("is not what the migrations would make of it"), "{refused}");
        db.create(one::all()).await.unwrap();
        all.baseline(db, one::all()).await.unwrap();
        assert!(all.status(db).await.unwrap().is_up_to_date());
        assert_eq!(all.apply(db).await.unwrap().steps, 0);
        let refused = all.baseline(db, one::all()).await.unwrap_err();
        assert!(refused.to_string().contains("is applied to this database already"), "{refused}");
    }
}
