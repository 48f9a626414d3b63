//! Statements about rows that are distributed over the servers of a cluster.

use ::relations::definition::Distribution;
use ::relations::prelude::*;
use ::relations::{Engine, schema};

use crate::support::sends;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "id")]
#[has_many(Account, name = "accounts", key_to = "tenant")]
pub struct Tenant {
    #[id(generated)]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(reference, table = "Currencies", schema = "money")]
pub struct Currency {
    #[id]
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "tenant")]
#[has_many(
    Invoice,
    name = "invoices",
    key_from("region", "tenant", "id"),
    key_to("region", "tenant_id", "account_id")
)]
pub struct Account {
    #[id]
    pub region: i32,
    #[id]
    #[belongs_to(Tenant, name = "owner")]
    #[column(name = "tenant_id")]
    pub tenant: i64,
    #[id]
    pub id: i64,
    #[updated_at]
    pub changed_at: chrono::NaiveDateTime,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = tenant_id)]
#[belongs_to(
    Account,
    name = "account",
    key_from("region", "tenant_id", "account_id"),
    key_to("region", "tenant", "id")
)]
pub struct Invoice {
    #[id]
    pub tenant_id: i64,
    #[id]
    pub id: i64,
    pub region: i32,
    pub account_id: i64,
    #[belongs_to(Currency, name = "currency")]
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = tenant)]
pub struct Device {
    #[id]
    pub tenant: i64,
    #[id]
    #[column(type = "citext")]
    pub serial: String,
    #[column(type = "\"mood\"")]
    pub mood: String,
    pub tags: Vec<String>,
    #[column(default = "'off'")]
    pub state: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = tenant)]
pub struct Sensor {
    #[id]
    pub tenant: i64,
    #[id]
    pub id: i64,
    #[column(default = "'new'")]
    pub note: Option<String>,
}

fn device(tenant: i64, state: Option<&str>) -> NewDevice {
    let (serial, mood, tags) = ("a".into(), "sad".into(), vec!["x".into()]);
    NewDevice { tenant, serial, mood, tags, state: state.map(Into::into) }
}

fn accounts(count: i64) -> Vec<Account> {
    let changed_at = chrono::NaiveDateTime::default();
    (1..=count).map(|id| Account { region: 1, tenant: 6 + id, id, changed_at }).collect()
}

fn new_account() -> NewAccount {
    NewAccount { region: 1, tenant: 7, id: 1 }
}

sends! {
    targets_of_few: db => Account::INVOICES.load(db, &accounts(2)) => [
        r#"SELECT "invoices"."tenant_id", "invoices"."id", "invoices"."region", "invoices"."account_id", "invoices"."code" FROM "invoices" WHERE ("invoices"."region", "invoices"."tenant_id", "invoices"."account_id") IN (SELECT * FROM unnest((SELECT $1), (SELECT $2), (SELECT $3)) AS "key") AND "invoices"."tenant_id" = ANY($2)"#,
        r#"SELECT "invoices"."tenant_id", "invoices"."id", "invoices"."region", "invoices"."account_id", "invoices"."code" FROM "invoices" WHERE ("invoices"."region", "invoices"."tenant_id", "invoices"."account_id") IN (SELECT json_extract("value", '$[0]'), json_extract("value", '$[1]'), json_extract("value", '$[2]') FROM json_each(?) AS "each")"#,
    ];
    targets_of_one: db => Account::INVOICES.load(db, &accounts(1)) => [
        r#"SELECT "invoices"."tenant_id", "invoices"."id", "invoices"."region", "invoices"."account_id", "invoices"."code" FROM "invoices" WHERE "invoices"."region" = $1 AND "invoices"."tenant_id" = $2 AND "invoices"."account_id" = $3"#,
        r#"SELECT "invoices"."tenant_id", "invoices"."id", "invoices"."region", "invoices"."account_id", "invoices"."code" FROM "invoices" WHERE "invoices"."region" = ? AND "invoices"."tenant_id" = ? AND "invoices"."account_id" = ?"#,
    ];
    tenants_of_few: db => Account::OWNER.load(db, &accounts(2)) => [
        r#"SELECT "tenants"."id" FROM "tenants" WHERE "tenants"."id" = ANY($1)"#,
        r#"SELECT "tenants"."id" FROM "tenants" WHERE "tenants"."id" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    tenants_of_very_many_in_a_row: db => Account::OWNER.load(db, &accounts(3_000)) => [
        r#"SELECT "tenants"."id" FROM "tenants" WHERE "tenants"."id" = ANY($1)"#,
        r#"SELECT "tenants"."id" FROM "tenants" WHERE "tenants"."id" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    upserted: db => new_account()
        .on_conflict((Account::REGION, Account::TENANT, Account::ID))
        .update(Account::REGION)
        .insert(db) => [
        r#"INSERT INTO "accounts" ("region", "tenant_id", "id") VALUES ($1, $2, $3) ON CONFLICT ("region", "tenant_id", "id") DO UPDATE SET "region" = "excluded"."region", "changed_at" = "excluded"."changed_at" RETURNING "region", "tenant_id", "id", "changed_at", (xmax = 0)"#,
        r#"INSERT INTO "accounts" ("region", "tenant_id", "id") VALUES (?, ?, ?) ON CONFLICT ("region", "tenant_id", "id") DO NOTHING RETURNING "region", "tenant_id", "id", "changed_at", TRUE"#,
    ];
    few_inserted: db => NewAccount::insert_many([new_account(), NewAccount { id: 2, ..new_account() }], db) => [
        r#"INSERT INTO "accounts" ("region", "tenant_id", "id") VALUES ($1, $2, $3), ($4, $5, $6) RETURNING "region", "tenant_id", "id", "changed_at""#,
        r#"INSERT INTO "accounts" ("region", "tenant_id", "id") SELECT ?, ?, ? RETURNING "region", "tenant_id", "id", "changed_at""#,
    ];
    few_inserted_with_values_of_all_kinds: db => NewDevice::insert_many(
        [device(1, Some("on")), device(2, None)],
        db,
    )
    .execute() => [
        r#"INSERT INTO "devices" ("tenant", "serial", "mood", "tags", "state") VALUES ($1, CAST($2 AS citext), CAST($3 AS "mood"), CAST($4 AS text[]), COALESCE($5, 'off')), ($6, CAST($7 AS citext), CAST($8 AS "mood"), CAST($9 AS text[]), COALESCE($10, 'off'))"#,
    ];
    few_inserted_of_which_some_are_null: db => NewSensor::insert_many(
        [NewSensor { tenant: 7, id: 1, note: Some(Some("a".into())) }, NewSensor { tenant: 7, id: 2, note: None }],
        db,
    )
    .execute() => [
        r#"INSERT INTO "sensors" ("tenant", "id", "note") SELECT "given"."value_1", "given"."value_2", (CASE WHEN ("given"."is_given_3") THEN "given"."value_3" ELSE 'new' END) FROM (SELECT unnest($1) AS "value_1", unnest($2) AS "value_2", unnest($3) AS "value_3", unnest($4) AS "is_given_3") AS "given""#,
        r#"INSERT INTO "sensors" ("tenant", "id", "note") SELECT "given"."value_1", "given"."value_2", (CASE WHEN ("given"."is_given_3") THEN "given"."value_3" ELSE 'new' END) FROM (SELECT ? AS "value_1", ? AS "value_2", ? AS "value_3", ? AS "is_given_3") AS "given""#,
    ];
    few_upserted: db => NewAccount::insert_many([new_account(), NewAccount { id: 2, ..new_account() }], db)
        .on_conflict((Account::REGION, Account::TENANT, Account::ID))
        .update(Account::REGION) => [
        r#"INSERT INTO "accounts" ("region", "tenant_id", "id") VALUES ($1, $2, $3), ($4, $5, $6) ON CONFLICT ("region", "tenant_id", "id") DO UPDATE SET "region" = "excluded"."region", "changed_at" = "excluded"."changed_at" RETURNING "region", "tenant_id", "id", "changed_at", (xmax = 0)"#,
        r#"INSERT INTO "accounts" ("region", "tenant_id", "id") SELECT "given"."value_1", "given"."value_2", "given"."value_3" FROM (SELECT ? AS "value_1", ? AS "value_2", ? AS "value_3") AS "given" WHERE TRUE ON CONFLICT ("region", "tenant_id", "id") DO NOTHING RETURNING "region", "tenant_id", "id", "changed_at", TRUE"#,
    ];
    few_of_a_reference_table: db => NewCurrency::insert_many([NewCurrency { code: "EUR".into() }], db).execute() => [
        r#"INSERT INTO "money"."Currencies" ("code") VALUES ($1)"#,
        r#"INSERT INTO "money"."Currencies" ("code") SELECT ?"#,
    ];
    upserted_or_left: db => new_account()
        .on_conflict((Account::REGION, Account::TENANT, Account::ID))
        .update(Account::REGION)
        .filter(Account::REGION.gt(0))
        .insert(db) => [
        r#"WITH "inserted_1" AS (INSERT INTO "accounts" ("region", "tenant_id", "id") VALUES ($1, $2, $3) ON CONFLICT ("region", "tenant_id", "id") DO UPDATE SET "region" = "excluded"."region", "changed_at" = "excluded"."changed_at" WHERE "accounts"."region" > $4 RETURNING "region", "tenant_id", "id", "changed_at", (xmax = 0) AS "is_new_2") SELECT "region", "tenant_id", "id", "changed_at", "is_new_2" FROM "inserted_1" UNION ALL (SELECT "accounts"."region", "accounts"."tenant_id", "accounts"."id", "accounts"."changed_at", FALSE FROM "accounts" WHERE "accounts"."region" = $5 AND "accounts"."tenant_id" = $6 AND "accounts"."id" = $7 AND (NOT EXISTS(SELECT 1 FROM "inserted_1")))"#,
        r#"INSERT INTO "accounts" ("region", "tenant_id", "id") VALUES (?, ?, ?) ON CONFLICT ("region", "tenant_id", "id") DO NOTHING RETURNING "region", "tenant_id", "id", "changed_at", TRUE"#,
    ];
}

/// Many rows are arrays, of which there is one text.
#[tokio::test]
async fn many_rows_are_sent_as_arrays() {
    for (rows, written) in [(1, 1), (2, 2), (50, 50), (51, 1), (9_000, 1)] {
        let is_by_row = i64::try_from(written).is_ok_and(|written| written == rows);
        let new = (1..=rows).map(|id| NewAccount { id, ..new_account() });
        let sent = crate::support::sql!(db => NewAccount::insert_many(new.clone(), db).execute());
        assert_eq!(sent[0].matches("), (").count() + 1, written);
        assert_eq!(sent[0].contains("unnest"), !is_by_row);
        let kept = crate::support::sql!(db => NewAccount::insert_many(new.clone(), db)
            .on_conflict((Account::REGION, Account::TENANT, Account::ID))
            .do_nothing()
            .execute());
        assert_eq!(kept[0].contains("unnest"), !is_by_row, "{}", kept[0]);
        // Rows that may stay as they are, are looked for.
        let found = crate::support::sql!(db => NewAccount::insert_many(new.clone(), db)
            .on_conflict((Account::REGION, Account::TENANT, Account::ID))
            .do_nothing());
        assert!(found[0].contains("unnest"), "{}", found[0]);
    }
}

#[test]
fn a_definition_tells_the_distribution() {
    assert_eq!(Account::DEFINITION.distribution, Distribution::By("tenant"));
    assert_eq!(Account::DEFINITION.distributed_by().unwrap().column, "tenant_id");
    assert_eq!(Currency::DEFINITION.distribution, Distribution::Reference);
    assert_eq!(Currency::DEFINITION.distributed_by().map(|by| by.name), None);
    let told = serde_json::to_value(Account::DEFINITION).unwrap();
    assert_eq!(told["distribution"], serde_json::json!({ "by": "tenant" }));
    let told = serde_json::to_value(crate::support::Order::DEFINITION).unwrap();
    assert!(told.get("distribution").is_none());
}

#[test]
fn tables_are_distributed_behind_all_tables() {
    let schema = || schema![Invoice, Currency, Tenant, Account];
    let plain = schema().create_sql(Engine::Postgres).unwrap();
    let sqlite = schema![Tenant].distributed().create_sql(Engine::Sqlite).unwrap();
    assert_eq!(sqlite, schema![Tenant].create_sql(Engine::Sqlite).unwrap());
    let distributed = schema().distributed().create_sql(Engine::Postgres).unwrap();
    let added: Vec<_> = distributed.iter().filter(|one| !plain.contains(one)).collect();
    assert_eq!(
        added,
        [
            "SET LOCAL citus.multi_shard_modify_mode = 'sequential'",
            "SELECT create_distributed_table('invoices', 'tenant_id')",
            "SELECT create_reference_table('money.\"Currencies\"')",
            "SELECT create_distributed_table('tenants', 'id', colocate_with => 'invoices')",
            "SELECT create_distributed_table('accounts', 'tenant_id', colocate_with => 'invoices')",
        ]
    );
    assert_eq!(distributed[0], *added[0]);
    let at = |start: &str| distributed.iter().position(|one| one.starts_with(start)).unwrap();
    let last_table = distributed.iter().rposition(|one| one.starts_with("CREATE TABLE")).unwrap();
    assert!(last_table < at("SELECT create_distributed_table"));
    assert!(at("SELECT create_distributed_table('accounts'") < at("ALTER TABLE"));
    assert!(at("SELECT create_distributed_table('accounts'") < at("CREATE INDEX"));
}

#[test]
fn a_schema_without_distributed_tables_is_the_same() {
    let schema = || schema![crate::support::Customer, crate::support::Order];
    let plain = schema().create_sql(Engine::Postgres).unwrap();
    assert_eq!(schema().distributed().create_sql(Engine::Postgres).unwrap(), plain);
}

/// A file of a migration runs on a cluster and on plain PostgreSQL.
#[test]
fn migrations_distribute_tables_on_a_cluster() {
    use ::relations::shape::migration::{Consents, plan};

    let shape = |schema: ::relations::Schema| schema.shape(Engine::Postgres).unwrap();
    let (before, after) = (shape(schema![]), shape(schema![Currency, Tenant, Account, Invoice]));
    let planned = plan(&before, &after, &Consents::new()).unwrap();
    let statements: Vec<_> = planned.steps.iter().flat_map(|step| &step.statements).collect();
    let at = |part: &str| statements.iter().position(|one| one.contains(part)).unwrap();
    let is_cluster = "DO $distribute$ BEGIN IF EXISTS (SELECT FROM pg_proc WHERE proname = \
                      'create_distributed_table' AND pg_function_is_visible(oid)) THEN SET LOCAL \
                      citus.multi_shard_modify_mode = 'sequential'; PERFORM ";
    let end = "; END IF; END $distribute$";
    let distributed: Vec<_> = statements.iter().filter(|one| one.starts_with(is_cluster)).collect();
    let calls = [
        r#"create_distributed_table('"tenants"', 'id')"#,
        r#"create_reference_table('"money"."Currencies"')"#,
        r#"create_distributed_table('"accounts"', 'tenant_id', colocate_with => '"tenants"')"#,
        r#"create_distributed_table('"invoices"', 'tenant_id', colocate_with => '"accounts"')"#,
    ];
    assert_eq!(distributed.len(), calls.len(), "{statements:#?}");
    for call in calls {
        assert!(at(&format!("{is_cluster}{call}{end}")) < at("FOREIGN KEY"), "{statements:#?}");
    }
    assert!(at("create_distributed_table('\"accounts\"'") < at("CREATE INDEX"));

    let mut plain = after.clone();
    plain.tables.iter_mut().for_each(|table| table.distribution = None);
    let refused = plan(&plain, &after, &Consents::new()).unwrap_err();
    assert!(
        refused.to_string().starts_with(
            "all rows of `accounts` would be moved between the servers of a cluster; add `--allow \
             rewrite:accounts`\n"
        ),
        "{refused}"
    );
    let moved = ["accounts", "invoices", "tenants", "money.Currencies"];
    let consents = moved.into_iter().fold(Consents::new(), Consents::rewrite);
    let changed = plan(&plain, &after, &consents).unwrap();
    let told: Vec<_> = changed.changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "makes the table `accounts` distributed by `tenant_id`",
            "makes the table `invoices` distributed by `tenant_id`",
            "makes the table `tenants` distributed by `id`",
            "makes the table `money.Currencies` a reference table",
        ]
    );
    let undone = plan(&after, &plain, &consents).unwrap();
    assert!(
        undone.steps.iter().all(|step| step.statements[0].contains("PERFORM undistribute_table("))
    );
}
