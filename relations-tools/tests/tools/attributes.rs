//! Indexes and checks on the struct: created, checked, cured and pulled.

use ::relations::prelude::*;
use ::relations::shape::Drift;
use ::relations::{Engine, Executor, schema};

use crate::migrations::run;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "customers")]
#[has_many(Order)]
pub struct Customer {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
#[index(customer_id, placed)]
#[index(state, name = "open_orders", filter = "state <> 'done'")]
#[index(placed, using = "brin")]
#[check("quantity > 0")]
#[check("quantity < 1000 OR state = 'big'", name = "not_too_many")]
pub struct Order {
    #[id]
    pub id: i64,
    #[belongs_to(Customer)]
    pub customer_id: i64,
    pub placed: i32,
    pub state: String,
    pub quantity: i32,
}

#[test]
fn they_are_created_by_their_names() {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let sql = schema![Order].create_sql(engine).unwrap().join("; ");
        assert!(sql.contains(r#"CONSTRAINT "orders_check" CHECK (quantity > 0)"#), "{sql}");
        assert!(
            sql.contains(r#"CONSTRAINT "not_too_many" CHECK (quantity < 1000 OR state = 'big')"#),
            "{sql}"
        );
        assert!(sql.contains(r#"CREATE INDEX "orders_customer_id_placed_idx" ON "orders" ("customer_id", "placed")"#), "{sql}");
        assert!(
            sql.contains(
                r#"CREATE INDEX "open_orders" ON "orders" ("state") WHERE state <> 'done'"#
            ),
            "{sql}"
        );
        // The foreign key is found by the first of them.
        assert!(!sql.contains(r#""orders_customer_id_idx""#), "{sql}");
        assert_eq!(sql.to_lowercase().contains("using brin"), engine == Engine::Postgres, "{sql}");
    }
}

behaviour! {
    async fn what_is_missing_is_found_and_cured(db) {
        let all = || schema![Customer, Order];
        db.create(all()).await.unwrap();
        let report = db.check(all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
        NewCustomer { id: 70 }.insert(db).await.unwrap();
        let new = |id, quantity| NewOrder { id, customer_id: 70, placed: 1, state: "new".into(), quantity };
        new(1, 5).insert(db).await.unwrap();
        let error = new(2, 0).insert(db).await.unwrap_err();
        assert!(error.is_check_violation(), "{error}");
        assert_eq!(new(3, 5000).insert(db).await.unwrap_err().constraint(), Some("not_too_many"));

        let mut changes = vec![
            (vec!["DROP INDEX open_orders"], Drift::Slow, "`Order.state` is declared with an index"),
            (vec!["DROP INDEX orders_customer_id_placed_idx"], Drift::Slow, "no index begins with it"),
            (vec!["DROP INDEX open_orders", "CREATE INDEX open_orders ON orders (state) WHERE state <> 'new'"], Drift::Slow, "`Order.state` is declared with an index"),
        ];
        if db.engine() == Engine::Postgres {
            changes.extend([
                (vec!["ALTER TABLE orders DROP CONSTRAINT orders_check"], Drift::Broken, "`Order` promises that `quantity > 0` holds for each row"),
                (vec!["ALTER TABLE orders DROP CONSTRAINT not_too_many", "ALTER TABLE orders ADD CONSTRAINT not_too_many CHECK (quantity < 9)"], Drift::Broken, "`not_too_many` is CHECK ((quantity < 9))"),
                (vec!["DROP INDEX orders_placed_idx", "CREATE INDEX orders_placed_idx ON orders (placed)"], Drift::Slow, "there is no index of that method"),
            ]);
        }
        for (change, drift, told) in changes {
            run(db, &change).await;
            let report = db.check(all()).await.unwrap();
            let found: Vec<_> = report.findings().collect();
            assert_eq!(found.len(), 1, "{change:?}: {report}");
            assert_eq!(found[0].drift, drift, "{report}");
            assert!(found[0].message.contains(told), "{report}");
            run(db, report.cure()).await;
            let report = db.check(all()).await.unwrap().strict();
            assert!(report.is_empty(), "{change:?}: {report}");
        }
    }
}

mod tickets {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Value)]
    #[value(rename_all = "snake_case")]
    pub enum Phase {
        New,
        Sent,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "tickets")]
    pub struct Ticket {
        #[id]
        pub id: i64,
        #[column(type = "ticket_phase", default = "'new'")]
        pub phase: Phase,
        #[column(type = "varchar(9)", default = "'new'")]
        pub text: Phase,
    }

    pub mod later {
        use ::relations::prelude::*;

        #[derive(Debug, Clone, PartialEq, Value)]
        #[value(rename_all = "snake_case")]
        pub enum Phase {
            New,
            Paid,
            Sent,
        }

        #[derive(Debug, Clone, PartialEq, Entity)]
        #[entity(table = "tickets")]
        pub struct Ticket {
            #[id]
            pub id: i64,
            #[column(type = "ticket_phase", default = "'new'")]
            pub phase: Phase,
            #[column(type = "varchar(9)", default = "'new'")]
            pub text: Phase,
        }
    }
}

#[tokio::test]
async fn an_enum_type_is_created_and_grows() {
    use crate::migrations::{add, migrations, steps};
    use ::relations::shape::migration::Consents;
    let Some(db) = crate::support::postgres().await else { return };
    let engine = Engine::Postgres;
    db.create(schema![tickets::Ticket]).await.unwrap();
    db.create_if_missing(schema![tickets::Ticket]).await.unwrap();
    let report = db.check(schema![tickets::Ticket]).await.unwrap().strict();
    assert!(report.is_empty(), "{report}");
    let (before, after) = (
        schema![tickets::Ticket].shape(engine).unwrap(),
        schema![tickets::later::Ticket].shape(engine).unwrap(),
    );
    assert_eq!(before.enums.len(), 1);
    assert!(schema![tickets::Ticket].shape(Engine::Sqlite).unwrap().enums.is_empty());
    let mut files = Vec::new();
    add(&mut files, engine, &steps(&before, &after, &Consents::new()));
    assert!(
        files[0].1.contains("ALTER TYPE ticket_phase ADD VALUE 'paid' BEFORE 'sent';"),
        "{}",
        files[0].1
    );
    migrations(&files).apply(&db).await.unwrap();
    let report = db.check(schema![tickets::later::Ticket]).await.unwrap().strict();
    assert!(report.is_empty(), "{report}");
    // A word that is dropped is one that no row has.
    tickets::later::NewTicket { id: 7, phase: Some(tickets::later::Phase::Paid), text: None }
        .insert(&db)
        .await
        .unwrap();
    let consents = Consents::new().drop("word:ticket_phase.paid").rewrite("ticket_phase");
    add(&mut files, engine, &steps(&after, &before, &consents));
    let error = migrations(&files).apply(&db).await.unwrap_err().to_string();
    assert!(error.contains("1 row of `tickets` with a dropped word in `phase`"), "{error}");
    run(&db, ["UPDATE tickets SET phase = 'sent'"]).await;
    migrations(&files).apply(&db).await.unwrap();
    let report = db.check(schema![tickets::Ticket]).await.unwrap().strict();
    assert!(report.is_empty(), "{report}");
}
