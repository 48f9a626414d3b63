//! Numbers that a column holds and their type does not: the database refuses them.

use ::relations::prelude::*;
use ::relations::shape::Drift;
use ::relations::{ConnectOptions, Database, Engine, Executor};

use crate::support;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
struct Pieces(u32);

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "stock")]
struct Stock {
    #[id(generated)]
    id: i64,
    tiny: u8,
    #[column(name = "user")]
    short_one: u16,
    pieces: Pieces,
    huge: u64,
    absent: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Counted {
    #[id]
    id: i64,
    counts: Vec<u32>,
    optional: Option<Vec<Option<u16>>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Count {
    #[id]
    id: i64,
    pieces: u64,
}

/// The table as an earlier version has created it.
mod earlier {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "stock")]
    pub struct Stock {
        #[id(generated)]
        pub id: i64,
        pub tiny: i16,
        #[column(name = "user")]
        pub short_one: i32,
        pub pieces: i64,
        pub huge: i64,
        pub absent: Option<i64>,
    }
}

fn stock() -> NewStock {
    NewStock { tiny: 255, short_one: 65_535, pieces: Pieces(u32::MAX), huge: 0, absent: None }
}

/// Runs statements on a connection of their own.
async fn run(db: &Database, statements: impl IntoIterator<Item = impl AsRef<str>>) {
    let session = db.sql_session().await.unwrap();
    for statement in statements {
        relations::sql(statement.as_ref(), ()).execute(&session).await.unwrap();
    }
}

behaviour! {
    async fn a_number_below_zero_is_refused(db) {
        db.create(schema![Stock]).await.unwrap();
        let one = stock().insert(db).await.unwrap();
        let less = Stock::find_by_id(one.id).set_expr(Stock::HUGE, Stock::HUGE - 1);
        let error = less.update(db).await.unwrap_err();
        assert!(error.is_check_violation(), "{error}");
        let more = Stock::find_by_id(one.id).set_expr(Stock::PIECES, Stock::PIECES + Pieces(1));
        let error = more.update(db).await.unwrap_err();
        assert!(error.is_check_violation(), "{error}");
        for change in ["tiny = 256", "\"user\" = -1", "pieces = -1", "absent = 4294967296"] {
            let sql = format!("UPDATE stock SET {change}");
            let error = relations::sql(sql, ()).execute(db).await.unwrap_err();
            assert!(error.is_check_violation(), "{change}: {error}");
        }
        assert_eq!(Stock::find().one(db).await.unwrap(), one);
    }

    async fn a_table_with_its_checks_has_no_drift(db) {
        db.create(schema![Stock]).await.unwrap();
        let report = db.check(schema![Stock]).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
    }

    async fn a_table_without_its_checks_differs_and_is_not_broken(db) {
        db.create(schema![earlier::Stock]).await.unwrap();
        run(db, ["INSERT INTO stock (tiny, \"user\", pieces, huge) VALUES (1, 2, -3, 4)"]).await;
        let report = db.check(schema![Stock]).await.unwrap();
        assert!(!report.is_broken(), "{report}");
        let told: Vec<_> = report.of(Drift::Differs).map(|one| (one.property.unwrap(), one.rows)).collect();
        assert_eq!(
            told,
            [
                ("tiny", Some(0)),
                ("short_one", Some(0)),
                ("pieces", Some(1)),
                ("huge", Some(0)),
                ("absent", Some(0)),
            ],
        );
        let message = &report.of(Drift::Differs).nth(3).unwrap().message;
        assert_eq!(
            message,
            "the type of `Stock.huge` promises `\"huge\" >= 0` in each row, and the database does not hold it: \
             there is no such constraint",
        );
        run(db, ["DELETE FROM stock"]).await;
        stock().insert(db).await.unwrap();
        run(db, report.cure()).await;
        let report = db.check(schema![Stock]).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
        assert_eq!(Stock::find().one(db).await.unwrap().pieces, Pieces(u32::MAX));
    }

    async fn another_check_of_that_name_is_told(db) {
        let named = "CREATE TABLE counts (id bigint PRIMARY KEY, pieces bigint NOT NULL, \
                     CONSTRAINT counts_pieces_bounds_check CHECK (pieces > 5))";
        let named = if db.engine() == Engine::Sqlite { format!("{} STRICT", named.replace("bigint", "INTEGER")) } else { named.to_owned() };
        run(db, [named]).await;
        let report = db.check(schema![Count]).await.unwrap();
        let differs = report.of(Drift::Differs).next().unwrap();
        assert!(differs.message.contains("`counts_pieces_bounds_check` is CHECK"), "{report}");
    }
}

#[tokio::test]
async fn an_element_below_zero_is_refused() {
    let Some(db) = crate::support::postgres().await else { return };
    db.create(schema![Counted]).await.unwrap();
    let new = NewCounted { id: 1, counts: vec![0, u32::MAX], optional: Some(vec![None, Some(9)]) };
    new.insert(&db).await.unwrap();
    for change in ["counts = '{1,-1}'", "counts = '{4294967296}'", "optional = '{NULL,65536}'"] {
        let error = relations::sql(format!("UPDATE counteds SET {change}"), ()).execute(&db).await;
        assert!(error.unwrap_err().is_check_violation(), "{change}");
    }
}

#[tokio::test]
async fn the_spelling_of_the_database_is_known() {
    let Some(url) = support::postgres_url().await else { return };
    let db = support::connected(&url).await;
    db.create(schema![Stock, Counted]).await.unwrap();
    let (_, name) = url.rsplit_once('/').unwrap();
    run(&db, [format!("ALTER DATABASE {name} SET default_transaction_read_only = on")]).await;
    let reader = ConnectOptions::new(&url).connect().await.unwrap();
    // No temporary table can be asked.
    let report = reader.check(schema![Stock, Counted]).await.unwrap().strict();
    assert!(report.is_empty(), "{report}");
}
