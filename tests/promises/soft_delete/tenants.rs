//! Soft delete on an executor of one tenant: it changes, and is refused by, rows of that tenant alone.

use ::chrono::{DateTime, Utc};
use ::relations::Database;
use ::relations::prelude::*;

const OWN: i64 = 7;
const OTHER: i64 = 8;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(shared)]
#[has_many(Town)]
struct Country {
    #[id]
    id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

/// Cascades from a shared entity, and is referenced by rows of tenants.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(shared)]
#[has_many(Customer)]
struct Town {
    #[id]
    id: i64,
    #[belongs_to(Country, on_delete = "cascade")]
    country_id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

/// Shared, and referenced by shared rows alone.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(shared)]
#[has_many(Shade)]
struct Colour {
    #[id]
    id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(shared)]
struct Shade {
    #[id]
    id: i64,
    #[belongs_to(Colour, on_delete = "cascade")]
    colour_id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order)]
#[has_many(Bill)]
#[has_many(Remark)]
#[has_many(Membership)]
#[has_many(Club, through(Membership))]
struct Customer {
    #[id]
    id: i64,
    #[tenant]
    tenant_id: i64,
    #[unique]
    email: String,
    #[belongs_to(Town, on_delete = "set null")]
    town_id: Option<i64>,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Order {
    #[id]
    id: i64,
    #[tenant]
    tenant_id: i64,
    #[belongs_to(Customer, on_delete = "cascade")]
    customer_id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Bill {
    #[id]
    id: i64,
    #[tenant]
    tenant_id: i64,
    #[belongs_to(Customer, on_delete = "restrict")]
    customer_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Remark {
    #[id]
    id: i64,
    #[tenant]
    tenant_id: i64,
    #[belongs_to(Customer, on_delete = "set null")]
    customer_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Membership)]
struct Club {
    #[id]
    id: i64,
    #[tenant]
    tenant_id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Membership {
    #[id(generated)]
    id: i64,
    #[tenant]
    tenant_id: i64,
    #[belongs_to(Customer, on_delete = "cascade")]
    customer_id: i64,
    #[belongs_to(Club, on_delete = "cascade")]
    club_id: i64,
    #[deleted_at]
    deleted_at: Option<DateTime<Utc>>,
}

/// Two customers of this tenant (10, 11) and one of another (20). Rows of both tenants reference each of
/// them, as foreign keys of one column allow: their ids are the customer's, a hundred more for the other
/// tenant.
async fn world(db: &Database) {
    let schema =
        schema![Country, Town, Colour, Shade, Customer, Order, Bill, Remark, Club, Membership];
    db.create(schema).await.unwrap();
    NewCountry { id: 1 }.insert(db).await.unwrap();
    NewTown { id: 1, country_id: 1 }.insert(db).await.unwrap();
    NewColour { id: 1 }.insert(db).await.unwrap();
    NewShade { id: 1, colour_id: 1 }.insert(db).await.unwrap();
    for (id, tenant_id) in [(10, OWN), (11, OWN), (20, OTHER)] {
        let email = format!("{id}@example.org");
        let new = NewCustomer { id, tenant_id: Some(tenant_id), email, town_id: Some(1) };
        new.insert(db).await.unwrap();
    }
    for (id, tenant_id) in [(30, OWN), (40, OTHER)] {
        NewClub { id, tenant_id: Some(tenant_id) }.insert(db).await.unwrap();
    }
    for customer_id in [10, 11, 20] {
        for (more, tenant_id) in [(0, Some(OWN)), (100, Some(OTHER))] {
            let id = customer_id + more;
            NewOrder { id, tenant_id, customer_id }.insert(db).await.unwrap();
            NewRemark { id, tenant_id, customer_id: Some(customer_id) }.insert(db).await.unwrap();
            for club_id in [30, 40] {
                NewMembership { tenant_id, customer_id, club_id }.insert(db).await.unwrap();
            }
        }
        let id = customer_id + 100;
        NewBill { id, tenant_id: Some(OTHER), customer_id }.insert(db).await.unwrap();
    }
}

/// All rows of the other tenant, deleted or not.
async fn others(db: &Database) -> String {
    let other = &db.tenant(OTHER);
    let customers = Customer::find().with_deleted().order_by(Customer::ID.asc()).all(other).await;
    let orders = Order::find().with_deleted().order_by(Order::ID.asc()).all(other).await;
    let bills = Bill::find().order_by(Bill::ID.asc()).all(other).await;
    let remarks = Remark::find().order_by(Remark::ID.asc()).all(other).await;
    let links = Membership::find().with_deleted().order_by(Membership::ID.asc()).all(other).await;
    let found =
        (customers.unwrap(), orders.unwrap(), bills.unwrap(), remarks.unwrap(), links.unwrap());
    assert_eq!((found.1.len(), found.2.len(), found.3.len(), found.4.len()), (3, 3, 3, 6));
    format!("{found:?}")
}

behaviour! {
    async fn a_soft_delete_of_a_tenant_changes_its_rows_alone(db) {
        world(db).await;
        let before = others(db).await;
        let own = &db.tenant(OWN);
        // The bills of the other tenant do not refuse it.
        Customer::find_by_id(10).one(own).await.unwrap().delete(own).await.unwrap();
        assert_eq!(others(db).await, before);
        let deleted = Order::find().only_deleted().select(Order::ID).all(db).await.unwrap();
        assert_eq!(deleted, [10]);
        let unset = Remark::find().filter(Remark::CUSTOMER_ID.is_null());
        assert_eq!(unset.select(Remark::ID).all(db).await.unwrap(), [10]);
        assert_eq!(Membership::find().only_deleted().count(db).await.unwrap(), 2);
        // The customer of the other tenant is not there.
        assert_eq!(Customer::find_by_id(20).delete(own).await.unwrap(), 0);
        let other = Customer::find_by_id(20).one(db).await.unwrap();
        assert!(other.delete(own).await.unwrap_err().is_not_found());
        assert_eq!(Customer::find().all_rows().delete(own).await.unwrap(), 1);
        assert_eq!(others(db).await, before);
        assert_eq!(Customer::find().all_rows().restore(own).await.unwrap(), 2);
        assert_eq!(others(db).await, before);
    }

    async fn a_row_of_the_tenant_refuses_it(db) {
        world(db).await;
        let before = others(db).await;
        let own = &db.tenant(OWN);
        NewBill { id: 10, tenant_id: None, customer_id: 10 }.insert(own).await.unwrap();
        let customer = Customer::find_by_id(10).one(own).await.unwrap();
        let refused = customer.delete(own).await.unwrap_err();
        assert!(refused.is_foreign_key_violation(), "{refused}");
        // One of the two bills is the tenant's.
        assert_eq!((refused.entity(), refused.referencing_rows()), (Some("Bill"), Some(1)));
        assert_eq!(Order::find().only_deleted().count(db).await.unwrap(), 0);
        let all = customer.delete(db).await.unwrap_err();
        assert_eq!(all.referencing_rows(), Some(2));
        assert_eq!(others(db).await, before);
    }

    async fn a_tenant_unlinks_its_own_links(db) {
        world(db).await;
        let before = others(db).await;
        let own = &db.tenant(OWN);
        let customer = Customer::find_by_id(10).one(own).await.unwrap();
        let club = Club::find_by_id(30).one(own).await.unwrap();
        assert!(Customer::CLUBS.unlink(own, &customer, &club).await.unwrap());
        assert!(!Customer::CLUBS.unlink(own, &customer, &club).await.unwrap());
        assert_eq!(Membership::find().only_deleted().count(db).await.unwrap(), 1);
        Customer::CLUBS.unlink_all(own, &customer).await.unwrap();
        assert_eq!(others(db).await, before);
    }

    async fn an_upsert_of_a_tenant_leaves_other_rows_alone(db) {
        world(db).await;
        let own = &db.tenant(OWN);
        let new = |id: i64, email: &str| {
            NewCustomer { id, tenant_id: None, email: email.to_owned(), town_id: None }
        };
        let before = others(db).await;
        let upsert = new(50, "20@example.org").on_conflict(Customer::EMAIL).update((Customer::TOWN_ID,));
        let refused = upsert.insert(own).await.unwrap_err();
        assert!(refused.is_invalid_request(), "{refused:?}");
        assert_eq!(others(db).await, before);
        Bill::find().filter(Bill::CUSTOMER_ID.eq(20)).delete(db).await.unwrap();
        NewBill { id: 120, tenant_id: Some(OTHER), customer_id: 11 }.insert(db).await.unwrap();
        Customer::find_by_id(20).delete(&db.tenant(OTHER)).await.unwrap();
        let before = others(db).await;
        // The key of a deleted row is free for any tenant.
        let upsert = new(50, "20@example.org").on_conflict(Customer::EMAIL).update((Customer::TOWN_ID,));
        assert!(upsert.insert(own).await.unwrap().is_inserted());
        assert_eq!(others(db).await, before);
    }

    async fn a_shared_row_that_others_may_reference_is_refused(db) {
        world(db).await;
        let own = &db.tenant(OWN);
        let town = Town::find_by_id(1).one(own).await.unwrap();
        let error = town.delete(own).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert_eq!(error.entity(), Some("Town"));
        let told = error.to_string();
        assert!(told.contains("rows of other tenants may reference `Town`"), "{told}");
        assert!(Town::find().all_rows().delete(own).await.unwrap_err().is_invalid_request());
        assert!(Town::find().all_rows().delete_returning(own).await.unwrap_err().is_invalid_request());
        // A town cascades from its country.
        let country = Country::find_by_id(1).one(own).await.unwrap();
        assert_eq!(country.delete(own).await.unwrap_err().entity(), Some("Town"));
        assert_eq!(Town::find().count(db).await.unwrap(), 1);
        // Its references are shared as well.
        Colour::find_by_id(1).one(own).await.unwrap().delete(own).await.unwrap();
        assert_eq!(Shade::find().count(db).await.unwrap(), 0);
        country.delete(db).await.unwrap();
        assert_eq!(Customer::find().filter(Customer::TOWN_ID.is_null()).count(db).await.unwrap(), 3);
    }
}
