//! SQL by hand.

use ::relations::prelude::*;
use ::relations::{Error, sql};

use crate::cast::{self, Customer, Order};

#[derive(Debug, PartialEq, FromRow)]
struct Busy {
    name: String,
    orders: i64,
    #[column(name = "largest")]
    most: Option<i32>,
    #[skip]
    notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Value)]
struct Name(String);

#[derive(Debug, Clone, PartialEq, Value)]
enum Size {
    Small,
    Large,
}

const BUSY: &str = "SELECT max(orders.quantity) AS largest, customers.email, customers.name, \
                    count(orders.id) AS orders \
                    FROM customers LEFT JOIN orders ON orders.customer_id = customers.pk \
                    GROUP BY customers.id, customers.email, customers.name \
                    ORDER BY customers.id";

async fn error_of<T: FromRow + std::fmt::Debug>(db: &::relations::Database, text: &str) -> Error {
    sql(text.to_owned(), ()).all::<T>(db).await.expect_err(text)
}

behaviour! {
    async fn entities_are_read_by_name_in_any_order_and_with_others_beside(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let columns = "SELECT name, 7 AS other, email, pk, id FROM customers ORDER BY id";
        let all: Vec<Customer> = sql(columns, ()).all(db).await.unwrap();
        assert_eq!(all, [ada.clone(), bob.clone()]);
        let star = sql("SELECT * FROM customers WHERE id = $1", (1_i64,));
        assert_eq!(star.one::<Customer>(db).await.unwrap(), ada);
        let none = sql("SELECT * FROM customers WHERE name = $1", ("Eve",));
        assert_eq!(none.all::<Customer>(db).await.unwrap(), []);
    }

    async fn structs_are_read_by_name(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        cast::order(db, &ada, 3).await;
        cast::order(db, &ada, 5).await;
        let busy: Vec<Busy> = sql(BUSY, ()).all(db).await.unwrap();
        let new = |name: &str, orders, most| Busy { name: name.into(), orders, most, notes: vec![] };
        assert_eq!(busy, [new("Ada", 2, Some(5)), new("Bob", 0, None)]);
    }

    async fn tuples_and_values_are_read_by_position(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        cast::order(db, &ada, 3).await;
        let pairs: Vec<(String, i64)> =
            sql("SELECT name, pk FROM customers ORDER BY pk", ()).all(db).await.unwrap();
        assert_eq!(pairs, [("Bob".into(), 1), ("Ada".into(), 2)]);
        let same: Vec<(i64, i64)> =
            sql("SELECT id AS a, id AS a FROM customers ORDER BY id", ()).all(db).await.unwrap();
        assert_eq!(same, [(1, 1), (2, 2)]);
        let count: i64 = sql("SELECT count(*) FROM orders", ()).one(db).await.unwrap();
        assert_eq!(count, 1);
        let (count,): (i64,) = sql("SELECT count(*) FROM orders", ()).one(db).await.unwrap();
        assert_eq!(count, 1);
        let none: Option<i32> =
            sql("SELECT max(quantity) FROM orders WHERE id = 0", ()).one(db).await.unwrap();
        assert_eq!(none, None);
        let name: Name = sql("SELECT name FROM customers WHERE id = 1", ()).one(db).await.unwrap();
        assert_eq!(name, Name("Ada".into()));
        let sizes: Vec<Size> = sql(
            "SELECT CASE WHEN quantity < $1 THEN 'small' ELSE 'large' END FROM orders",
            (10,),
        )
        .all(db)
        .await
        .unwrap();
        assert_eq!(sizes, [Size::Small]);
        let twelve: (i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32, i32) =
            sql("SELECT 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11", ()).one(db).await.unwrap();
        assert_eq!((twelve.0, twelve.11), (0, 11));
    }

    async fn placeholders_are_numbered_and_may_be_repeated(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let in_turn = "SELECT * FROM customers WHERE name = $2 AND id = $1 AND $2 = name";
        let found: Customer = sql(in_turn, (2_i64, "Bob")).one(db).await.unwrap();
        assert_eq!(found, bob);
        let quoted = "SELECT '$2' AS a, \"id\" AS b -- $3\n FROM customers WHERE id = /* $4 */ $1";
        let found: (String, i64) = sql(quoted, (1_i64,)).one(db).await.unwrap();
        assert_eq!(found, ("$2".into(), 1));
        let list = sql("SELECT * FROM customers WHERE id IN ($1, $2) ORDER BY id", vec![2_i64, 1]);
        assert_eq!(list.clone().all::<Customer>(db).await.unwrap(), [ada.clone(), bob]);
        let keys = [1_i64, 7];
        let slice = sql("SELECT * FROM customers WHERE id IN ($1, $2)", keys.as_slice());
        assert_eq!(slice.one::<Customer>(db).await.unwrap(), ada);
        let values = "'; DROP TABLE customers; --";
        let name: Option<String> = sql("SELECT name FROM customers WHERE name = $1", (values,))
            .optional(db)
            .await
            .unwrap();
        assert_eq!(name, None);
    }

    async fn nulls_and_types_of_your_own_are_values(db) {
        cast::create(db).await;
        let insert = "INSERT INTO customers (id, pk, name, email) VALUES ($1, $2, $3, $4)";
        let name = Name("Eve".into());
        let rows = sql(insert, (1_i64, 1_i64, name, None::<&str>)).execute(db).await.unwrap();
        assert_eq!(rows, 1);
        let name = "Fay".to_owned();
        sql(insert, (2_i64, 2_i64, &name, Some("f@x".to_owned()))).execute(db).await.unwrap();
        let emails: Vec<Option<String>> =
            sql("SELECT email FROM customers ORDER BY id", ()).all(db).await.unwrap();
        assert_eq!(emails, [None, Some("f@x".into())]);
    }

    async fn verbs_tell_how_many_rows_there_are(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let all = "SELECT * FROM customers ORDER BY id";
        assert_eq!(sql(all, ()).first::<Customer>(db).await.unwrap(), Some(ada));
        let none = "SELECT * FROM customers WHERE id = 0";
        assert_eq!(sql(none, ()).first::<Customer>(db).await.unwrap(), None);
        assert_eq!(sql(none, ()).optional::<Customer>(db).await.unwrap(), None);
        let error = sql(none, ()).one::<Customer>(db).await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.to_string(), "no Customer matches the query");
        let error = sql("SELECT 1 WHERE 1 = 2", ()).one::<i32>(db).await.unwrap_err();
        assert_eq!(error.to_string(), "no row matches the query");
        let error = sql(all, ()).optional::<Customer>(db).await.unwrap_err();
        assert!(error.is_not_unique(), "{error}");
        let mut ids = Vec::new();
        let read = sql("SELECT id FROM customers ORDER BY id", ())
            .each(db, |id: i64| {
                ids.push(id);
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!((ids, read), (vec![1, 2], 2));
    }

    async fn execute_tells_how_many_rows_were_changed(db) {
        cast::create(db).await;
        cast::customers(db).await;
        let changed = sql("UPDATE customers SET name = $1", ("Eve",)).execute(db).await.unwrap();
        assert_eq!(changed, 2);
        let defined = sql("CREATE TABLE notes (id bigint PRIMARY KEY)", ());
        assert_eq!(defined.execute(db).await.unwrap(), 0);
        assert_eq!(sql("SELECT * FROM customers", ()).execute(db).await.unwrap(), 2);
        let deleted = sql("DELETE FROM customers WHERE id = $1", (1_i64,));
        assert_eq!(deleted.execute(db).await.unwrap(), 1);
        let returning = sql("DELETE FROM customers RETURNING name", ());
        assert_eq!(returning.all::<String>(db).await.unwrap(), ["Eve"]);
    }

    async fn a_transaction_takes_it_as_any_statement(db) {
        cast::create(db).await;
        cast::customers(db).await;
        let transaction = db.begin().await.unwrap();
        sql("DELETE FROM customers", ()).execute(&transaction).await.unwrap();
        let left = "SELECT count(*) FROM customers";
        assert_eq!(sql(left, ()).one::<i64>(&transaction).await.unwrap(), 0);
        transaction.rollback().await.unwrap();
        assert_eq!(sql(left, ()).one::<i64>(db).await.unwrap(), 2);
    }

    async fn rows_that_do_not_fit_name_property_and_column(db) {
        cast::create(db).await;
        cast::customers(db).await;
        let is_postgres = ::relations::Executor::engine(db) == ::relations::Engine::Postgres;

        let error = error_of::<Customer>(db, "SELECT id, pk, email FROM customers").await;
        assert!(error.is_row_mismatch());
        assert_eq!((error.entity(), error.property()), (Some("Customer"), Some("name")));
        let says = "`Customer.name` is String, but there is no column `name`";
        assert_eq!(error.to_string(), says);

        let both = "SELECT * FROM customers JOIN customers AS others ON customers.id = others.id";
        let error = error_of::<Customer>(db, both).await;
        let says = "`Customer.id` is i64, but there are several columns `id`; give the others \
                    another name with `AS`";
        assert_eq!(error.to_string(), says);

        let text = "SELECT 'Ada' AS name, 'many' AS orders, NULL AS largest";
        let error = error_of::<Busy>(db, text).await;
        assert!(error.is_row_mismatch());
        assert_eq!((error.entity(), error.property()), (None, Some("orders")));
        let says = "`Busy.orders` is i64, but column `orders` holds text";
        assert_eq!(error.to_string(), says);

        let error = error_of::<Busy>(db, "SELECT email AS name, pk AS orders FROM customers").await;
        let says = "`Busy.name` is String, but column `name` holds null";
        assert_eq!(error.to_string(), says);
        let missing = "SELECT name, pk AS orders, name AS most FROM customers";
        let says = "`Busy.most` is Option<i32>, but there is no column `largest`";
        assert_eq!(error_of::<Busy>(db, missing).await.to_string(), says);

        let error = error_of::<(i64, bool)>(db, "SELECT id, name AS title FROM customers").await;
        let says = "`row.1` is bool, but column `title` holds text";
        assert_eq!((error.to_string().as_str(), error.property()), (says, Some("1")));
        let error = error_of::<i64>(db, "SELECT email FROM customers").await;
        assert_eq!(error.to_string(), "`row.0` is i64, but column `email` holds null");

        let error = error_of::<(i64, i64)>(db, "SELECT id FROM customers").await;
        assert!(error.is_row_mismatch());
        let says = "a row has 1 column and is read as 2 values; select as many, or read a struct \
                    that derives `FromRow`, which finds its columns by name";
        assert_eq!(error.to_string(), says);
        assert!(error_of::<i64>(db, "SELECT id, pk FROM customers").await.is_row_mismatch());

        if is_postgres {
            let error = error_of::<i32>(db, "SELECT pk FROM customers").await;
            assert_eq!(error.to_string(), "`row.0` is i32, but column `pk` holds int8");
        }
    }

    async fn what_is_wrong_is_told_before_anything_is_sent(db) {
        cast::create(db).await;
        let refused = [
            (sql("SELECT $1, $3", (1, 2)),
             "the SQL asks for 3 values and is given 2; number placeholders from `$1` on, and give \
              one value for each number"),
            (sql("SELECT $1", ()),
             "the SQL asks for 1 value and is given 0; number placeholders from `$1` on, and give \
              one value for each number"),
            (sql("SELECT '$1'", (1,)),
             "the SQL asks for 0 values and is given 1; number placeholders from `$1` on, and give \
              one value for each number"),
            (sql("DELETE FROM orders; DELETE FROM lines", ()),
             "there is more than one statement; run each by itself, in a transaction if they \
              belong together"),
            (sql("", ()), "there is no statement in the SQL; write one"),
            (sql(" ; -- later", ()), "there is no statement in the SQL; write one"),
            (sql("  commit", ()),
             "`COMMIT` would leave a transaction open, end one or change it, behind the back of its \
              connection; begin a transaction with `db.begin()` or `db.transaction_with(…)`, and let \
              it end itself"),
        ];
        for (statement, says) in refused {
            let error = statement.execute(db).await.unwrap_err();
            assert!(error.is_invalid_request(), "{error}");
            assert_eq!(error.to_string(), says);
        }
        let error = sql("SELECT 1 FROM nothing_there", ()).execute(db).await.unwrap_err();
        assert!(!error.is_invalid_request());
        assert!(error.to_string().starts_with("the database refused the statement"), "{error}");
    }

    async fn constraints_refuse_as_everywhere(db) {
        cast::create(db).await;
        cast::customers(db).await;
        let insert = "INSERT INTO customers (id, pk, name) VALUES ($1, $2, $3) RETURNING *";
        let same = sql(insert, (3_i64, 1_i64, "Eve")).all::<Customer>(db).await.unwrap_err();
        assert!(same.is_unique_violation());
        assert_eq!(same.entity(), Some("Customer"));
        assert_eq!(same.constraint(), Some("customers_pk_key"));
        let null = sql(insert, (3_i64, 3_i64, None::<&str>)).all::<Customer>(db).await.unwrap_err();
        assert!(null.is_not_null_violation());
        assert_eq!(null.to_string(), "`Customer.name` cannot be null");
        let order = "INSERT INTO orders (customer_id, quantity) VALUES ($1, $2) RETURNING *";
        let nobody = sql(order, (7_i64, 1)).all::<Order>(db).await.unwrap_err();
        assert!(nobody.is_foreign_key_violation());
        assert_eq!(nobody.relation().map(|relation| relation.name), Some("customer"));
        let untold = sql(order, (7_i64, 1)).execute(db).await.unwrap_err();
        assert!(untold.is_foreign_key_violation());
    }
}

/// To SQLite they would be placeholders as well, whose numbers nobody has counted.
#[tokio::test]
async fn other_placeholders_are_refused_on_sqlite() {
    let db = crate::support::sqlite().await;
    for placeholder in ["?", "?1", ":name", "@name", "$name"] {
        let statement = sql(format!("SELECT {placeholder}"), ());
        let error = statement.execute(&db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{placeholder}: {error}");
        assert!(error.to_string().contains("write `$1` for the first value"), "{error}");
    }
}

/// A cached prepared statement is prepared again once the table has another column.
#[tokio::test]
async fn a_star_sees_a_new_column_on_sqlite() {
    let db = crate::support::sqlite().await;
    sql("CREATE TABLE notes (id integer PRIMARY KEY)", ()).execute(&db).await.unwrap();
    sql("INSERT INTO notes VALUES (1)", ()).execute(&db).await.unwrap();
    let all = "SELECT * FROM notes";
    assert_eq!(sql(all, ()).one::<i64>(&db).await.unwrap(), 1);
    sql("ALTER TABLE notes ADD COLUMN text text", ()).execute(&db).await.unwrap();
    let (id, text): (i64, Option<String>) = sql(all, ()).one(&db).await.unwrap();
    assert_eq!((id, text), (1, None));
}

/// A trigger holds statements of its own.
#[tokio::test]
async fn a_trigger_is_one_statement() {
    let db = crate::support::sqlite().await;
    sql("CREATE TABLE notes (id integer PRIMARY KEY)", ()).execute(&db).await.unwrap();
    let trigger = "CREATE TRIGGER twice AFTER INSERT ON notes WHEN new.id < 10 BEGIN \
                   INSERT INTO notes VALUES (new.id + 10); DELETE FROM notes WHERE id = 0; END";
    sql(trigger, ()).execute(&db).await.unwrap();
    let inserted = sql("INSERT INTO notes VALUES ($1)", [1_i64]).execute(&db).await.unwrap();
    assert_eq!(inserted, 1);
    let ids: Vec<i64> = sql("SELECT id FROM notes ORDER BY id", ()).all(&db).await.unwrap();
    assert_eq!(ids, [1, 11]);
}

/// On PostgreSQL one value may be an array.
#[tokio::test]
async fn an_array_is_one_value_on_postgres() {
    let Some(db) = crate::support::postgres().await else { return };
    cast::create(&db).await;
    let (ada, _) = cast::customers(&db).await;
    let among = sql("SELECT * FROM customers WHERE id = ANY($1)", (vec![1_i64, 5],));
    assert_eq!(among.all::<Customer>(&db).await.unwrap(), [ada]);
    let names: Vec<String> =
        sql("SELECT array_agg(name ORDER BY id) FROM customers", ()).one(&db).await.unwrap();
    assert_eq!(names, ["Ada", "Bob"]);
}

/// A client of the driver's own runs it as well.
#[tokio::test]
async fn a_client_runs_it() {
    let Some(url) = crate::support::postgres_url().await else { return };
    let client = crate::support::client(&url).await;
    let sum: i64 = sql("SELECT $1 + $2 + $1", (1_i64, 2_i64)).one(&client).await.unwrap();
    assert_eq!(sum, 4);
}

#[test]
fn debug_shows_no_value() {
    let shown = format!("{:?}", sql("SELECT $1", ("secret",)));
    assert_eq!(shown, "Sql { sql: \"SELECT $1\", .. }");
}
