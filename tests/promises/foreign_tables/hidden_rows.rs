//! Targets that row-level security hides.

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database, sql};

#[derive(Debug, Clone, PartialEq, Entity)]
struct Tenant {
    #[id]
    id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Bill {
    #[id]
    id: i64,
    #[belongs_to(Tenant)]
    tenant_id: i64,
}

/// An entity of this table whose target may be hidden.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "bills")]
struct OpenBill {
    #[id]
    id: i64,
    #[belongs_to(Tenant, constraint = false)]
    tenant_id: i64,
}

const HIDDEN: &str = "`Bill.tenant` points to Tenant 9, which is missing or hidden by row-level \
                      security; say `constraint = false` where that may be, which makes an `Option` \
                      of it";

/// The database as a role that sees no tenant but the fifth.
async fn as_role() -> Option<Database> {
    let url = crate::support::postgres_url().await?;
    let db = crate::support::connected(&url).await;
    db.create(schema![Tenant, Bill]).await.unwrap();
    let role = format!("tenant_{}", std::process::id());
    for statement in [
        format!("CREATE ROLE {role} LOGIN"),
        "ALTER TABLE tenants ENABLE ROW LEVEL SECURITY".to_owned(),
        "CREATE POLICY own ON tenants USING (id = 5)".to_owned(),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, bills TO {role}"),
    ] {
        sql(statement, ()).execute(&db).await.unwrap();
    }
    for id in [5, 9] {
        NewTenant { id }.insert(&db).await.unwrap();
        NewBill { id: id + 100, tenant_id: id }.insert(&db).await.unwrap();
    }
    let (_, address) = url.split_once('@').expect("the URL names a role");
    let options = ConnectOptions::new(format!("postgres://{role}@{address}")).pool_size(2);
    Some(options.connect().await.expect("the role may connect"))
}

#[tokio::test]
async fn a_hidden_target_says_what_it_may_be() {
    let Some(db) = as_role().await else { return };
    let bill = Bill::find_by_id(109).one(&db).await.unwrap();
    let mut errors = vec![
        bill.tenant(&db).await.unwrap_err(),
        Bill::TENANT.of_id(109).one(&db).await.unwrap_err(),
        Bill::TENANT.load(&db, &[bill]).await.unwrap_err(),
    ];
    let including = Bill::find().order_by(Bill::ID.asc());
    errors.push(including.clone().include(Bill::TENANT.joined()).all(&db).await.unwrap_err());
    errors.push(including.clone().include(Bill::TENANT.batched()).all(&db).await.unwrap_err());
    errors.push(including.include(Bill::TENANT.pipelined()).all(&db).await.unwrap_err());
    for error in errors {
        assert!(error.is_target_missing(), "{error:?}");
        assert_eq!(error.to_string(), HIDDEN);
        assert_eq!(error.key(), Some("9"));
    }
    // The way out that it names.
    let open = OpenBill::find().order_by(OpenBill::ID.asc());
    let open = open.include(OpenBill::TENANT).all(&db).await.unwrap();
    let tenants: Vec<_> = open.iter().map(|bill| bill.tenant.as_ref().map(|one| one.id)).collect();
    assert_eq!(tenants, [Some(5), None]);
    // A policy that a new row breaks is an error that tells no value of it.
    let error = NewTenant { id: 77 }.insert(&db).await.unwrap_err();
    assert_eq!(error.code(), Some("42501"));
    assert!(error.to_string().contains("row-level security"), "{error}");
}
