//! Tables that are created and distributed, and a check of those that are not.

use ::relations::shape::{DistributionShape, Drift};
use ::relations::{Database, schema, sql};

use super::world::{Country, Customer, Order, OrderTag, Tag, Tenant, as_cluster, shop};
use crate::support::postgres;

/// The calls to the cluster, each with the foreign keys that its table had, and the mode.
async fn calls(db: &Database) -> Vec<(String, i64, Option<String>)> {
    sql("SELECT call, keys, mode FROM calls ORDER BY id", ()).all(db).await.unwrap()
}

fn sequential(call: &str) -> (String, i64, Option<String>) {
    (call.to_owned(), 0, Some("sequential".to_owned()))
}

#[tokio::test]
async fn tables_are_distributed_before_they_have_keys() {
    let Some(db) = postgres().await else { return };
    as_cluster(&db).await;
    db.create(shop()).await.unwrap();
    let expected = [
        "tenants by id beside default",
        "countries everywhere",
        "customers by tenant_id beside tenants",
        "orders by tenant_id beside tenants",
        "tags by tenant_id beside tenants",
        "order_tags by tenant_id beside tenants",
        "folders by tenant_id beside tenants",
    ];
    assert_eq!(calls(&db).await, expected.map(sequential));
    let report = db.check(shop()).await.unwrap();
    assert!(report.is_empty(), "{report}");
    let mode: Option<String> =
        sql("SELECT current_setting('citus.multi_shard_modify_mode', true)", ())
            .one(&db)
            .await
            .unwrap();
    assert_ne!(mode.as_deref(), Some("sequential"));
}

#[tokio::test]
async fn what_is_missing_is_distributed_once() {
    let Some(db) = postgres().await else { return };
    as_cluster(&db).await;
    db.create(schema![Country, Tenant]).await.unwrap();
    db.create_if_missing(shop()).await.unwrap();
    assert_eq!(calls(&db).await.len(), 7);
    db.create_if_missing(shop()).await.unwrap();
    assert_eq!(calls(&db).await.len(), 7);
}

#[tokio::test]
async fn a_table_is_beside_a_target_that_is_there() {
    let Some(db) = postgres().await else { return };
    as_cluster(&db).await;
    db.create(schema![Country, Tenant]).await.unwrap();
    db.create(schema![Customer]).await.unwrap();
    let last = calls(&db).await.pop().unwrap();
    assert_eq!(last, sequential("customers by tenant_id beside tenants"));
}

#[tokio::test]
async fn tables_of_one_server_are_found_by_a_check() {
    let Some(db) = postgres().await else { return };
    db.create(shop()).await.unwrap();
    assert!(db.check(shop()).await.unwrap().is_empty());
    as_cluster(&db).await;
    let report = db.check(shop()).await.unwrap();
    let found: Vec<_> = report.findings().filter(|one| one.drift == Drift::Differs).collect();
    assert_eq!(found.len(), 7, "{report}");
    let of = |entity| found.iter().find(|one| one.entity == Some(entity)).unwrap();
    assert_eq!(
        of("Order").message,
        "`Order` is distributed by `tenant_id`, and one server has all rows of the table `orders`",
    );
    assert_eq!(of("Order").cure, [r#"SELECT create_distributed_table('"orders"', 'tenant_id')"#]);
    assert_eq!(of("Country").cure, [r#"SELECT create_reference_table('"countries"')"#]);
    for finding in found {
        for cure in &finding.cure {
            sql(cure.as_str(), ()).execute(&db).await.unwrap();
        }
    }
    assert!(db.check(shop()).await.unwrap().is_empty());
}

#[tokio::test]
async fn another_column_is_found_by_a_check() {
    let Some(db) = postgres().await else { return };
    as_cluster(&db).await;
    db.create(shop()).await.unwrap();
    let other = "UPDATE pg_dist_partition SET partkey = replace(partkey, 'varattno 1', 'varattno 2') \
                 WHERE logicalrelid = 'orders'::regclass";
    sql(other, ()).execute(&db).await.unwrap();
    let local = "UPDATE pg_dist_partition SET repmodel = 's' WHERE partmethod = 'n'";
    sql(local, ()).execute(&db).await.unwrap();
    let report = db.check(shop()).await.unwrap();
    let told: Vec<_> = report.findings().map(|one| one.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "`Country` is a reference table, and one server has all rows of the table `countries`",
            "`Order` is distributed by `tenant_id`, and the table `orders` is distributed by `id`",
        ]
    );
    let shape = db.shape().await.unwrap();
    assert!(shape.is_cluster);
    let by = shape.table(None, "orders").unwrap().distribution.clone();
    assert_eq!(by, Some(DistributionShape::By("id".to_owned())));
}

#[tokio::test]
async fn missing_tables_are_cured_by_distributed_ones() {
    let Some(db) = postgres().await else { return };
    as_cluster(&db).await;
    db.create(schema![Tenant, Country, Customer]).await.unwrap();
    let report = db.check(shop()).await.unwrap();
    let tx = db.begin().await.unwrap();
    for cure in report.findings().flat_map(|one| &one.cure) {
        sql(cure.as_str(), ()).execute(&tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    let report = db.check(shop()).await.unwrap();
    assert!(report.is_empty(), "{report}");
    assert_eq!(calls(&db).await.len(), 7);
}

behaviour! {
    async fn the_attributes_change_nothing_elsewhere(db) {
        db.create(shop()).await.unwrap();
        db.create_if_missing(shop()).await.unwrap();
        let report = db.check(schema![Tenant, Country, Customer, Order, Tag, OrderTag]).await.unwrap();
        assert!(!report.findings().any(|one| one.drift < Drift::Unsure), "{report}");
        assert!(!db.shape().await.unwrap().is_cluster);
        db.drop(shop()).await.unwrap();
    }
}
