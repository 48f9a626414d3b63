//! The tenant as a setting of PostgreSQL: policies of row-level security show each statement the rows of its
//! tenant, raw SQL too, and nothing of it is left on a connection.

use ::futures_util::TryStreamExt;
use ::futures_util::future::join_all;
use ::relations::driver::{Rows, Statement, Tenant};
use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, Engine, Error, Executor, Filter, Result, sql};

use super::world::{
    Country, Customer, Folder, Line, NewLine, OTHER, OWN, Order, OrderTag, Tag, Untold, filled,
    of_other,
};
use crate::support;

const TABLES: [&str; 6] = ["customers", "orders", "lines", "tags", "order_tags", "folders"];

/// The database as its owner, its URL, and a pool of one connection as a role that the policies hold for.
async fn guarded() -> Option<(Database, String, ConnectOptions)> {
    let url = support::postgres_url().await?;
    let owner = support::connected(&url).await;
    filled(&owner).await;
    let name: String = sql("SELECT current_database()::text", ()).one(&owner).await.unwrap();
    let role = format!("guarded_{name}");
    let mut script = format!(
        "CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};"
    );
    for table in TABLES {
        script += &format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; CREATE POLICY tenant ON {table} \
             USING (tenant_id = nullif(current_setting('app.tenant', true), '')::bigint);"
        );
    }
    sql(script, ()).execute_script(&owner).await.unwrap();
    let (_, address) = url.split_once('@').expect("the URL names a role");
    let options = ConnectOptions::new(format!("postgres://{role}@{address}")).pool_size(1);
    Some((owner, url.clone(), options.tenant_setting("app.tenant")))
}

/// The tenants whose orders raw SQL sees.
async fn seen(db: &impl Executor) -> Vec<i64> {
    let sql = sql("SELECT DISTINCT tenant_id FROM orders ORDER BY 1", ()).unscoped();
    sql.all(db).await.unwrap()
}

fn line(id: i64) -> NewLine {
    NewLine { id, tenant_id: None, order_id: 1, product: "tea".to_owned(), price: 5 }
}

#[tokio::test]
async fn the_server_knows_the_tenant_of_each_statement() {
    let Some((owner, _, options)) = guarded().await else { return };
    let others = of_other(&owner).await;
    for unnamed in [false, true] {
        let db = options.clone().unnamed_statements(unnamed).connect().await.unwrap();
        let own = db.tenant(OWN);
        // The library adds no condition to raw SQL: the policies alone filter it.
        assert_eq!(seen(&own).await, [OWN]);
        assert_eq!(seen(&db.tenant(OTHER)).await, [OTHER]);
        assert!(seen(&db).await.is_empty());
        assert_eq!(Order::find().all(&own).await.unwrap().len(), 20);
        assert_eq!(Order::find_by_id(1).one(&own).await.unwrap().id, 1);
        assert!(Order::find_by_id(2).optional(&own).await.unwrap().is_none());
        let expected = Order::find().order_by(Order::ID.asc());
        let expected = expected.include(Order::LINES).include(Order::TAGS);
        let by_owner = expected.clone().all(&owner.tenant(OWN)).await.unwrap();
        assert_eq!(expected.all(&own).await.unwrap(), by_owner);
        let strategies = Order::find().order_by(Order::ID.asc());
        let joined = strategies.clone().include(Order::LINES.joined()).all(&own).await.unwrap();
        let batched = strategies.clone().include(Order::LINES.batched()).all(&own).await.unwrap();
        let pipelined = strategies.include(Order::LINES.pipelined()).all(&own).await.unwrap();
        assert_eq!((&joined, &joined), (&batched, &pipelined));
        let none = Order::find().filter(Order::ID.eq(2)).include(Order::LINES.batched());
        assert_eq!(none.all(&own).await.unwrap(), []);
        let streamed: Vec<_> = Order::find().stream(&own).chunk(3).try_collect().await.unwrap();
        assert_eq!(streamed.len(), 20);
        assert_eq!(Order::find().page(3).fetch(&own).await.unwrap().rows.len(), 3);
        assert_eq!(
            Order::find()
                .limit(1)
                .for_update()
                .include(Order::LINES)
                .all(&own)
                .await
                .unwrap()
                .len(),
            1
        );
        let batched = own.batched();
        let found = join_all([1, 3, 2].map(|id| Order::find_by_id(id).optional(&batched))).await;
        let found: Vec<_> = found.into_iter().map(|one| one.unwrap().is_some()).collect();
        assert_eq!(found, [true, true, false]);
        // Shared tables too, which are not guarded.
        assert_eq!(Country::find().count(&own).await.unwrap(), 2);

        let written = line(101).insert(&own).await.unwrap();
        assert_eq!(written.tenant_id, OWN);
        let many = NewLine::insert_many([line(102), line(103)], &own).await.unwrap();
        assert_eq!(many.len(), 2);
        assert_eq!(written.clone().delete(&own).await.unwrap(), ());
        for one in many {
            one.delete(&own).await.unwrap();
        }
        let changed = sql("UPDATE orders SET note = note", ()).unscoped().execute(&own).await;
        assert_eq!(changed.unwrap(), 20);
        // A row that fails leaves the connection as it was.
        assert!(line(1).insert(&own).await.unwrap_err().is_unique_violation());
        let foreign = NewLine { order_id: 4711, ..line(104) }.insert(&own).await.unwrap_err();
        assert!(foreign.is_foreign_key_violation(), "{foreign}");
        assert!(
            Order::find().filter(Filter::raw("1 / (id - id) = 1", ())).all(&own).await.is_err()
        );
        assert!(seen(&db).await.is_empty());
        assert_eq!(of_other(&owner).await, others);
    }
}

#[tokio::test]
async fn a_transaction_keeps_its_tenant() {
    let Some((_, _, options)) = guarded().await else { return };
    let db = options.connect().await.unwrap();
    db.tenant(OWN)
        .transaction(async |tx| {
            assert_eq!(seen(tx).await, [OWN]);
            assert_eq!(Order::find().count(tx).await?, 20);
            assert_eq!(Order::find().count(&tx.tenant(OWN)).await?, 20);
            let within = tx.transaction(async |tx| {
                assert_eq!(seen(tx).await, [OWN]);
                line(101).insert(tx).await?;
                Err::<(), _>(Error::other("no more"))
            });
            assert!(within.await.is_err());
            assert_eq!(seen(tx).await, [OWN]);
            Ok(())
        })
        .await
        .unwrap();
    assert!(seen(&db).await.is_empty());
    // Dropped, and rolled back.
    drop(db.tenant(OWN).begin().await.unwrap());
    assert!(seen(&db).await.is_empty());
    // A transaction that was begun without the tenant.
    db.transaction(async |tx| {
        assert!(seen(tx).await.is_empty());
        let own = tx.tenant(OWN);
        let says = "begin it with `db.tenant(…).transaction(…)`";
        for refused in [
            Order::find().count(&own).await.map(drop),
            Order::find().include(Order::LINES).all(&own).await.map(drop),
            own.transaction(async |tx| Order::find().count(tx).await).await.map(drop),
        ] {
            let error = refused.unwrap_err();
            assert!(error.is_invalid_request() && error.to_string().contains(says), "{error}");
        }
        assert!(seen(tx).await.is_empty());
        Ok(())
    })
    .await
    .unwrap();
    let session = db.sql_session().await.unwrap();
    let error = Order::find().all(&Tenant::new(&session, OWN)).await.unwrap_err();
    assert!(error.to_string().contains("the session is of no tenant"), "{error}");
}

/// An executor that forwards statements alone.
struct Around(Database);

impl Executor for Around {
    fn engine(&self) -> Engine {
        self.0.engine()
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.run(statement).await
    }
}

#[tokio::test]
async fn an_executor_around_the_pool_has_the_tenant_too() {
    let Some((_, _, options)) = guarded().await else { return };
    let around = Around(options.connect().await.unwrap());
    let own = Tenant::new(&around, OWN);
    assert_eq!(seen(&own).await, [OWN]);
    assert_eq!(Order::find().include(Order::LINES).all(&own).await.unwrap().len(), 20);
    assert_eq!(line(101).insert(&own).await.unwrap().tenant_id, OWN);
    assert!(seen(&around).await.is_empty());
}

/// Callers of several tenants share connections, and some of them stop waiting.
#[tokio::test]
async fn no_tenant_sees_what_another_left() {
    let Some((_, _, options)) = guarded().await else { return };
    let db = options.pool_size(2).connect().await.unwrap();
    let call = async |number: u64| {
        let tenant = if number.is_multiple_of(2) { OWN } else { OTHER };
        let of_tenant = db.tenant(tenant);
        let work = async {
            let found = Customer::find().include(Customer::ORDERS).all(&of_tenant).await.unwrap();
            assert!(found.iter().all(|one| one.tenant_id == tenant));
            assert_eq!(seen(&of_tenant).await, [tenant]);
        };
        let _ =
            tokio::time::timeout(std::time::Duration::from_micros(number * 37 % 3000), work).await;
    };
    join_all((0..200).map(call)).await;
    assert_eq!(seen(&db.tenant(OWN)).await, [OWN]);
    assert!(seen(&db).await.is_empty());
}

#[tokio::test]
async fn a_text_stays_one_value() {
    let Some((_, _, options)) = guarded().await else { return };
    let db = options.connect().await.unwrap();
    for tenant in ["7", "it's", r"\", r"\'; SET ROLE x; --", "ü", ""] {
        let told: String = sql("SELECT current_setting('app.tenant')", ())
            .unscoped()
            .one(&db.tenant(tenant))
            .await
            .unwrap();
        assert_eq!(told, tenant);
    }
    let uuid = uuid::Uuid::from_u128(7);
    let told: String = sql("SELECT current_setting('app.tenant')", ())
        .unscoped()
        .one(&db.tenant(uuid))
        .await
        .unwrap();
    assert_eq!(told, uuid.to_string());
    for error in
        [seen_by(&db.tenant("a\0b")).await, seen_by(&db.tenant(rust_decimal::Decimal::ONE)).await]
    {
        assert!(error.is_invalid_request(), "{error}");
    }
}

async fn seen_by(db: &impl Executor) -> Error {
    sql("SELECT 1", ()).unscoped().one::<i32>(db).await.unwrap_err()
}

#[tokio::test]
async fn policies_that_do_not_mention_the_tenant_are_told() {
    let Some((owner, url, _)) = guarded().await else { return };
    let options = ConnectOptions::new(url).tenant_setting("app.tenant");
    let db = options.connect().await.unwrap();
    let schema = || schema![Country, Customer, Order, Line, Tag, OrderTag, Folder, Untold];
    let report = db.check(schema()).await.unwrap();
    assert!(report.is_empty(), "{report}");
    for (change, says) in [
        ("ALTER TABLE orders DISABLE ROW LEVEL SECURITY", "as its row-level security is off"),
        ("DROP POLICY tenant ON lines", "has no policy, and so shows no row"),
        (
            "CREATE POLICY every ON folders USING (true)",
            "by the policy `every`, which does not mention it",
        ),
        (
            "DROP POLICY tenant ON tags; ALTER TABLE tags DISABLE ROW LEVEL SECURITY",
            "the setting `app.tenant` holds the tenant of `Tag`, and the table `tags` shows its rows",
        ),
    ] {
        sql(change, ()).execute_script(&owner).await.unwrap();
        let report = db.check(schema()).await.unwrap();
        assert!(report.is_broken() && report.to_string().contains(says), "{report}");
        // Without a setting nothing is asked for.
        assert!(owner.check(schema()).await.unwrap().is_empty());
        for statement in report.cure() {
            sql(statement, ()).execute(&owner).await.unwrap();
        }
        let report = db.check(schema()).await.unwrap();
        assert!(report.is_empty(), "{report}");
    }
    // Policies for new rows, and those of one role, show no rows to others.
    let name: String = sql("SELECT current_database()::text", ()).one(&owner).await.unwrap();
    let script = format!(
        "CREATE POLICY new_rows ON tags FOR INSERT WITH CHECK (true); \
         CREATE POLICY of_one_role ON tags TO guarded_{name} USING (true);"
    );
    sql(script, ()).execute_script(&owner).await.unwrap();
    let report = db.check(schema()).await.unwrap();
    assert!(report.is_empty(), "{report}");
}

/// A word of SQL may be a part of the name.
#[tokio::test]
async fn a_setting_has_any_word_in_its_name() {
    let Some(url) = support::postgres_url().await else { return };
    for name in ["app.user", "app.order", "select.table"] {
        let db = ConnectOptions::new(&url).tenant_setting(name).connect().await.unwrap();
        let told: String = sql("SELECT current_setting($1)", (name,))
            .unscoped()
            .one(&db.tenant(OWN))
            .await
            .unwrap();
        assert_eq!(told, OWN.to_string());
    }
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_refused() {
    let says = |refused: Result<Database>, says: &str| {
        let error = refused.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains(says), "{error}");
    };
    let sqlite = ConnectOptions::new("sqlite::memory:").tenant_setting("app.tenant");
    says(sqlite.connect().await, "no row-level security");
    let Some((_, _, options)) = guarded().await else { return };
    for name in ["tenant", "app.Tenant", "app.x = 1; --"] {
        says(options.clone().tenant_setting(name).connect().await, "as in `app.tenant`");
    }
}
