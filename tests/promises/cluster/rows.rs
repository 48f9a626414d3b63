//! Few new rows of a cluster, each value of which is a parameter.

use ::relations::prelude::*;
use ::relations::schema;

use super::world::*;
use crate::support::{Counting, postgres};

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(distributed_by = "space")]
pub struct Reading {
    #[id]
    #[tenant]
    #[column(type = "uuid")]
    pub space: String,
    #[id]
    pub id: i64,
    #[column(type = "macaddr")]
    pub host: String,
    #[column(type = "varchar(8)")]
    pub name: String,
    pub note: Option<String>,
    pub bytes: Vec<u8>,
    pub cost: Option<rust_decimal::Decimal>,
    pub body: serde_json::Value,
    #[column(default = "'new'")]
    pub state: String,
}

const SPACE: &str = "6f9619ff-8b86-d011-b42d-00c04fc964ff";

/// The `round` tells rows of several calls apart.
fn reading(round: i64, at: i64) -> NewReading {
    NewReading {
        space: Some(SPACE.into()),
        id: round * 1_000 - at,
        host: format!("08:00:2b:01:02:{:02x}", 200 - at),
        name: format!("n{}", 90 - at),
        note: (at % 3 > 0).then(|| format!("{at}' \"")),
        bytes: at.to_be_bytes().to_vec(),
        cost: (at % 2 > 0).then(|| rust_decimal::Decimal::new(at, 1)),
        body: serde_json::json!({ "at": at }),
        state: (at % 4 > 0).then(|| "old".into()),
    }
}

fn as_given(rows: &[Reading], given: impl IntoIterator<Item = NewReading>) {
    let told = |row: &Reading| {
        let state = (row.state != "new").then(|| row.state.clone());
        NewReading {
            space: Some(row.space.clone()),
            id: row.id,
            host: row.host.clone(),
            name: row.name.clone(),
            note: row.note.clone(),
            bytes: row.bytes.clone(),
            cost: row.cost,
            body: row.body.clone(),
            state,
        }
    };
    let told: Vec<_> = rows.iter().map(|row| format!("{:?}", told(row))).collect();
    assert_eq!(told, given.into_iter().map(|row| format!("{row:?}")).collect::<Vec<_>>());
}

behaviour! {
    async fn few_rows_come_back_as_they_were_given(db) {
        db.create(schema![Reading]).await.unwrap();
        for (round, rows) in [(1, 1_i64), (2, 2), (3, 50), (4, 51)] {
            let given = |part| (1..=rows).map(move |at| reading(round * 10_i64 + part, at));
            let counting = Counting::new(db);
            as_given(&NewReading::insert_many(given(1), &counting).await.unwrap(), given(1));
            assert_eq!(counting.statements().len(), 1);
            let own = db.tenant(SPACE.to_owned());
            let unnamed = given(2).map(|row| NewReading { space: None, ..row });
            as_given(&NewReading::insert_many(unnamed, &own).await.unwrap(), given(2));
            let inserted = NewReading::insert_many(given(3), db).execute().await.unwrap();
            assert_eq!(inserted, u64::try_from(rows).unwrap());
            // Rows of another tenant are refused.
            let other = db.tenant("6f9619ff-8b86-d011-b42d-00c04fc964fe".to_owned());
            let refused = NewReading::insert_many(given(4), &other).await.unwrap_err();
            assert!(refused.is_invalid_request(), "{refused}");
        }
        assert_eq!(Reading::find().count(db).await.unwrap(), 3 * 104);
    }

    async fn few_rows_are_changed_or_made(db) {
        filled(db).await;
        let new = |id, email: &str| NewCustomer { tenant_id: Some(7), id, email: email.into() };
        let key = (Customer::TENANT_ID, Customer::ID);
        let many = || [new(9, "9"), new(2, "b"), new(8, "8"), new(1, "a")];
        let kept = NewCustomer::insert_many(many(), db).on_conflict(key).update(Customer::EMAIL).await.unwrap();
        let told: Vec<_> = kept.iter().map(|row| (row.id, row.email.as_str(), row.is_inserted())).collect();
        assert_eq!(told, [(9, "9", true), (2, "b", false), (8, "8", true), (1, "a", false)]);
        // A condition has values behind those of the rows.
        let again = many().map(|row| NewCustomer { email: format!("{}!", row.email), ..row });
        let changed = NewCustomer::insert_many(again.clone(), db)
            .on_conflict(key)
            .update(Customer::EMAIL)
            .filter(Customer::ID.gt(2).and(Customer::EMAIL.eq("8")))
            .execute();
        assert_eq!(changed.await.unwrap(), 1);
        let own = db.tenant(7_i64);
        let unnamed = again.map(|row| NewCustomer { tenant_id: None, ..row });
        let changed = NewCustomer::insert_many(unnamed, &own)
            .on_conflict(key)
            .update(Customer::EMAIL)
            .filter(Customer::ID.lt(9))
            .execute();
        assert_eq!(changed.await.unwrap(), 3);
        let emails = Customer::find().filter(Customer::ID.is_in([1, 2, 8, 9])).order_by(Customer::ID.asc());
        let emails: Vec<_> = emails.all(&own).await.unwrap().into_iter().map(|row| row.email).collect();
        assert_eq!(emails, ["a!", "b!", "8!", "9"]);
        let left = NewCustomer::insert_many(many(), db).on_conflict(key).do_nothing();
        assert_eq!(left.execute().await.unwrap(), 0);
    }

    async fn rows_of_a_tree_are_written_row_by_row(db) {
        filled(db).await;
        let new = NewCustomer { tenant_id: Some(7), id: 60, email: "new".into() };
        let order = |id| move |(tenant_id, customer_id)| NewOrder {
            tenant_id: Some(tenant_id),
            id,
            customer_id: Some(customer_id),
            total: id * 2,
            country_code: "at".into(),
        };
        let made = new.with(Customer::ORDERS, |key| [73, 71, 72].map(|id| order(id)(key)));
        let made = made.insert(db).await.unwrap();
        assert_eq!(made.orders.iter().map(|order| order.id).collect::<Vec<_>>(), [73, 71, 72]);
        assert_eq!(Order::find().filter(Order::CUSTOMER_ID.eq(60)).count(db).await.unwrap(), 3);
    }

    async fn lists_of_keys_find_what_they_did(db) {
        filled(db).await;
        let orders = Order::find().order_by(Order::TENANT_ID.asc()).order_by(Order::ID.asc()).all(db).await.unwrap();
        let customers = Order::CUSTOMER.load(db, &orders).await.unwrap();
        for (order, customer) in orders.iter().zip(&customers) {
            assert_eq!(customer.as_ref().map(|one| (one.tenant_id, one.id)), order.customer_id.map(|id| (order.tenant_id, id)));
        }
        let tags = Order::TAGS.load(db, &orders).await.unwrap();
        assert!(tags.iter().zip(&orders).all(|(tags, order)| tags.len() == 1 && tags[0].tenant_id == order.tenant_id));
        let mut changed = orders.clone();
        for order in &mut changed {
            order.total += 7;
        }
        Order::update_many(&mut changed, db).await.unwrap();
        let total: i64 = Order::find().all(db).await.unwrap().iter().map(|order| order.total).sum();
        assert_eq!(total, orders.iter().map(|order| order.total + 7).sum::<i64>());
    }
}

#[tokio::test]
async fn few_rows_are_parameters_and_many_are_arrays() {
    let Some(db) = postgres().await else { return };
    db.create(schema![Reading]).await.unwrap();
    for rows in [50_i64, 51] {
        let counting = Counting::new(&db);
        NewReading::insert_many((1..=rows).map(|at| reading(1 + rows, at)), &counting)
            .await
            .unwrap();
        let sql = counting.statements().pop().unwrap();
        assert_eq!(sql.contains("unnest"), rows == 51, "{sql}");
        assert_eq!(sql.contains(&format!("${}", 50 * 9)), rows == 50, "{sql}");
    }
}
