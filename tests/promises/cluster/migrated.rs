//! Tables that are there, and become distributed by a migration.

use ::relations::prelude::*;
use ::relations::shape::Drift;
use ::relations::shape::migration::{Consents, Step, plan};
use ::relations::{Database, Engine, Schema, schema, sql};

use super::world::{Country, Customer, NewCountry, Order, Tenant, as_cluster, fill, shop};
use crate::support::postgres;

/// The shop as one server has it, where an order belongs to its customer by another rule.
mod before {
    use ::relations::prelude::*;

    #[derive(Debug, Entity)]
    #[entity(distributed_by = "tenant_id")]
    #[belongs_to(
        super::Customer,
        name = "customer",
        key_from("customer_id", "tenant_id"),
        key_to("id", "tenant_id"),
        on_delete = "cascade"
    )]
    pub struct Order {
        #[id]
        pub tenant_id: i64,
        #[id]
        pub id: i64,
        pub customer_id: Option<i64>,
        pub total: i64,
        #[belongs_to(super::Country, name = "country")]
        pub country_code: String,
    }
}

/// A table of one server and a column that go with the migration that distributes the rest.
mod gone {
    use ::relations::prelude::*;

    #[derive(Debug, Entity)]
    pub struct Memo {
        #[id]
        pub id: i64,
        #[belongs_to(super::Country, name = "country")]
        pub country_code: String,
    }

    #[derive(Debug, Entity)]
    #[entity(distributed_by = "tenant_id")]
    pub struct Folder {
        #[id]
        pub tenant_id: i64,
        #[id]
        pub id: i64,
        #[belongs_to(super::Country, name = "country", index = false)]
        pub country_code: Option<String>,
        #[belongs_to(super::Country, name = "origin", index = false)]
        pub origin_code: Option<String>,
    }
}

mod left {
    use ::relations::prelude::*;

    #[derive(Debug, Entity)]
    #[entity(distributed_by = "tenant_id")]
    pub struct Folder {
        #[id]
        pub tenant_id: i64,
        #[id]
        pub id: i64,
        #[belongs_to(super::Country, name = "origin", index = false)]
        pub origin_code: Option<String>,
    }
}

/// Has the cluster refuse a table that a foreign key ties to one of one server.
const REFUSING: &str = "
    CREATE FUNCTION refuse_keys() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM pg_constraint WHERE contype = 'f'
            AND NEW.logicalrelid IN (conrelid, confrelid)
            AND 2 > (SELECT count(DISTINCT logicalrelid) FROM pg_dist_partition
                WHERE logicalrelid IN (conrelid, confrelid)))
        THEN RAISE EXCEPTION 'a foreign key of % is to a table of one server', NEW.logicalrelid; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER refuse_keys BEFORE INSERT ON pg_dist_partition
        FOR EACH ROW EXECUTE FUNCTION refuse_keys();
    CREATE FUNCTION undistribute_table(table_name regclass) RETURNS void LANGUAGE sql AS $$
        DELETE FROM pg_dist_partition WHERE logicalrelid = table_name
    $$";

async fn run(db: &Database, steps: &[Step]) {
    for step in steps {
        let tx = db.begin().await.unwrap();
        let is_done = match &step.unless {
            Some(unless) => sql(unless.as_str(), ()).one(&tx).await.unwrap(),
            None => false,
        };
        for statement in step.statements.iter().filter(|_| !is_done) {
            sql(statement.as_str(), ()).execute(&tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

/// The foreign keys, as the catalog has them.
async fn keys(db: &Database) -> Vec<String> {
    let keys = "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || \
                convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1";
    sql(keys, ()).all(db).await.unwrap()
}

fn without_distribution(schema: &Schema) -> ::relations::shape::Shape {
    let mut shape = schema.shape(Engine::Postgres).unwrap();
    for table in &mut shape.tables {
        table.distribution = None;
    }
    shape
}

fn consents() -> Consents {
    let moved = ["tenants", "countries", "customers", "orders", "tags", "order_tags", "folders"];
    moved.into_iter().fold(Consents::new(), Consents::rewrite)
}

#[tokio::test]
async fn foreign_keys_are_dropped_and_made_again() {
    let Some(db) = postgres().await else { return };
    db.create(shop()).await.unwrap();
    NewCountry { code: "at".into() }.insert(&db).await.unwrap();
    fill(&db.tenant(7_i64)).await;
    let as_they_were = keys(&db).await;
    assert_eq!(as_they_were.len(), 7, "{as_they_were:#?}");
    let (one, all) = (without_distribution(&shop()), shop().shape(Engine::Postgres).unwrap());
    let planned = plan(&one, &all, &consents()).unwrap();
    assert_eq!(planned.steps.len(), 1);

    // Plain PostgreSQL is left as it is.
    run(&db, &planned.steps).await;
    assert_eq!(keys(&db).await, as_they_were);

    as_cluster(&db).await;
    sql(REFUSING, ()).execute_script(&db).await.unwrap();
    let alone =
        sql("SELECT create_distributed_table('orders', 'tenant_id')", ()).execute(&db).await;
    assert_eq!(alone.unwrap_err().code(), Some("P0001"));
    run(&db, &planned.steps).await;
    assert_eq!(keys(&db).await, as_they_were);
    let calls: Vec<(String, i64, Option<String>)> =
        sql("SELECT call, keys, mode FROM calls ORDER BY id", ()).all(&db).await.unwrap();
    assert_eq!(calls.len(), 7);
    assert!(
        calls.iter().all(|(_, keys, mode)| *keys == 0 && mode.as_deref() == Some("sequential"))
    );
    assert!(db.check(shop()).await.unwrap().is_empty());

    let undone = plan(&all, &one, &consents()).unwrap();
    run(&db, &undone.steps).await;
    assert_eq!(keys(&db).await, as_they_were);
    assert_eq!(sql("SELECT count(*) FROM pg_dist_partition", ()).one::<i64>(&db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_foreign_key_that_a_migration_makes_anew_is_made_once() {
    for is_cluster in [true, false] {
        let Some(db) = postgres().await else { return };
        let old = || schema![Tenant, Country, Customer, before::Order];
        let new = || schema![Tenant, Country, Customer, Order];
        db.create(old()).await.unwrap();
        if is_cluster {
            as_cluster(&db).await;
            sql(REFUSING, ()).execute_script(&db).await.unwrap();
        }
        let after = new().shape(Engine::Postgres).unwrap();
        let moved = ["tenants", "countries", "customers", "orders"];
        let consents = moved.into_iter().fold(Consents::new(), Consents::rewrite);
        let planned = plan(&without_distribution(&old()), &after, &consents).unwrap();
        run(&db, &planned.steps).await;
        let report = db.check(new()).await.unwrap();
        assert!(report.findings().all(|one| one.drift == Drift::Unsure), "{report}");
        let made = keys(&db).await;
        db.drop(new()).await.unwrap();
        db.create(new()).await.unwrap();
        assert_eq!(made, keys(&db).await);
    }
}

#[tokio::test]
async fn a_foreign_key_that_goes_is_not_made_again() {
    let Some(db) = postgres().await else { return };
    let old = schema![Country, gone::Memo, gone::Folder];
    db.create(schema![Country, gone::Memo, gone::Folder]).await.unwrap();
    as_cluster(&db).await;
    sql(REFUSING, ()).execute_script(&db).await.unwrap();
    let after = schema![Country, left::Folder].shape(Engine::Postgres).unwrap();
    let planned = plan(&without_distribution(&old), &after, &Consents::everything()).unwrap();
    let distributes = |step: &Step| step.statements.iter().any(|one| one.contains("$distribute$"));
    let at = planned.steps.iter().position(distributes).unwrap();
    let (first, rest) = planned.steps.split_at(at + 1);
    assert!(!rest.is_empty());
    run(&db, first).await;
    let left = keys(&db).await;
    assert_eq!(left.len(), 1, "{left:#?}");
    assert!(left[0].contains("origin_code"), "{left:#?}");
    run(&db, rest).await;
    assert_eq!(keys(&db).await, left);
    // It can be run once more from its start.
    run(&db, &planned.steps[at..=at]).await;
    assert_eq!(keys(&db).await, left);
}
