//! Changes of rows, and what is told of them.

use ::relations::prelude::*;
use ::relations::{Error, Result};
use rust_decimal::Decimal;

use crate::cast::{self, Customer, Order};

/// A number of each type, and one of each that may be null.
#[derive(Debug, Clone, PartialEq, Entity)]
struct Sum {
    #[id(generated)]
    id: i64,
    small: i16,
    integer: i32,
    large: i64,
    short: f32,
    long: f64,
    #[column(type = "numeric(12, 2)")]
    decimal: Decimal,
    perhaps: Option<i32>,
    exact: Option<Decimal>,
}

/// Money is a type of its own.
#[derive(Debug, Clone, PartialEq, Value)]
struct Cents(i64);

#[derive(Debug, Clone, PartialEq, Entity)]
struct Account {
    #[id]
    id: i64,
    balance: Cents,
    limit: Option<Cents>,
}

/// A person whose id stays while there are pets.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Pet, name = "pets_in_hand")]
struct Owner {
    #[id]
    id: i64,
    pets: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Pet {
    #[id]
    id: i64,
    #[belongs_to(Owner, on_update = "restrict")]
    owner_id: i64,
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn seven() -> NewSum {
    NewSum {
        small: 7,
        integer: 7,
        large: 7,
        short: 7.0,
        long: 7.0,
        decimal: decimal("7.10"),
        perhaps: None,
        exact: Some(decimal("0.1")),
    }
}

/// The error with which the database refused a calculation.
fn refused<T: std::fmt::Debug>(result: Result<T>) -> Error {
    let error = result.unwrap_err();
    assert!(error.to_string().starts_with("the database refused the statement"), "{error}");
    error
}

behaviour! {
    async fn changed_rows_come_back(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let (first, second) = (cast::order(db, &ada, 1).await, cast::order(db, &ada, 2).await);
        let few = Order::find().filter(Order::QUANTITY.lt(2));
        let changed = few.set(Order::QUANTITY, 5).update_returning(db).await.unwrap();
        assert_eq!(changed, [Order { quantity: 5, ..first.clone() }]);
        let none = Order::find_by_id(0).set(Order::QUANTITY, 5).update_returning(db).await.unwrap();
        assert_eq!(none, []);
        let of_ada = Customer::ORDERS.of(&ada).filter(Order::QUANTITY.lt(5));
        let changed = of_ada.set(Order::QUANTITY, 6).update_returning(db).await.unwrap();
        assert_eq!(changed, [Order { quantity: 6, ..second }]);
        let by_name = Order::find().filter(Order::CUSTOMER.column(Customer::NAME).eq("Ada"));
        let changed = by_name.set(Order::PAYER_ID, 1).update_returning(db).await.unwrap();
        assert_eq!(changed.iter().map(|order| order.payer_id).collect::<Vec<_>>(), [Some(1); 2]);
        let error = Order::find().set(Order::QUANTITY, 1).update_returning(db).await.unwrap_err();
        assert!(error.is_invalid_request());
        let error = Order::find_by_id(first.id).set(Order::PAYER_ID, 9).update_returning(db).await;
        assert_eq!(error.unwrap_err().relation().map(|one| one.name), Some("payer"));
    }

    async fn rows_are_changed_by_what_they_are(db) {
        db.create(schema![Sum]).await.unwrap();
        let sum = seven().insert(db).await.unwrap();
        let changed = Sum::find_by_id(sum.id)
            .set_expr(Sum::SMALL, Sum::SMALL * 2)
            .set_expr(Sum::INTEGER, Sum::INTEGER / 2)
            .set_expr(Sum::LARGE, (Sum::LARGE + 1) * (Sum::LARGE - 10))
            .set_expr(Sum::SHORT, Sum::SHORT / 2.0)
            .set_expr(Sum::LONG, Sum::LONG - 0.5)
            .set_expr(Sum::DECIMAL, Sum::DECIMAL * decimal("1.1") + decimal("0.02"))
            .set_expr(Sum::PERHAPS, Sum::INTEGER)
            .set_expr(Sum::EXACT, Sum::EXACT + Sum::DECIMAL)
            .update_returning(db)
            .await
            .unwrap();
        let changed = changed.into_iter().next().unwrap();
        assert_eq!(
            changed,
            Sum {
                small: 14,
                integer: 3,
                large: -24,
                short: 3.5,
                long: 6.5,
                decimal: decimal("7.83"),
                perhaps: Some(7),
                exact: Some(decimal("7.20")),
                ..sum
            },
        );
    }

    async fn a_null_makes_null_what_is_calculated_of_it(db) {
        db.create(schema![Sum]).await.unwrap();
        let sum = seven().insert(db).await.unwrap();
        let row = || Sum::find_by_id(sum.id);
        let doubled = row().set_expr(Sum::PERHAPS, Sum::PERHAPS * 2).update_returning(db).await;
        assert_eq!(doubled.unwrap()[0].perhaps, None);
        let both: Option<i32> = row().select(Sum::INTEGER - Sum::PERHAPS).one(db).await.unwrap();
        assert_eq!(both, None);
        assert!(row().filter((Sum::INTEGER - Sum::PERHAPS).is_null()).exists(db).await.unwrap());
        row().set(Sum::PERHAPS, 2).update(db).await.unwrap();
        let both: Option<i32> = row().select(Sum::INTEGER - Sum::PERHAPS).one(db).await.unwrap();
        assert_eq!(both, Some(5));
        assert!(row().filter((Sum::PERHAPS - Sum::INTEGER).is_not_null()).exists(db).await.unwrap());
    }

    async fn what_is_calculated_is_asked_for(db) {
        db.create(schema![Sum]).await.unwrap();
        for (integer, price) in [(2, "10.5"), (3, "2"), (20, "1.01")] {
            let new = NewSum { integer, decimal: decimal(price), ..seven() };
            new.insert(db).await.unwrap();
        }
        // As decimals, and not as text.
        let tenfold = Sum::DECIMAL * decimal("10");
        let large = Sum::find().filter(tenfold.clone().gt(decimal("11")));
        let found: Vec<_> = large.order_by(tenfold.clone().desc()).select(Sum::INTEGER).all(db).await.unwrap();
        assert_eq!(found, [2, 3]);
        let found = Sum::find().filter(tenfold.gt(Sum::DECIMAL + decimal("17"))).count(db).await;
        assert_eq!(found.unwrap(), 2);
        let pairs = Sum::find().order_by((Sum::INTEGER * -1).asc());
        let pairs = pairs.select((Sum::INTEGER + 1, Sum::SMALL)).all(db).await.unwrap();
        assert_eq!(pairs, [(21, 7), (4, 7), (3, 7)]);
        let mut stream = Sum::find().order_by((Sum::INTEGER * -1).asc()).stream(db).chunk(1);
        let mut streamed = Vec::new();
        while let Some(sum) = stream.try_next().await.unwrap() {
            streamed.push(sum.integer);
        }
        assert_eq!(streamed, [20, 3, 2]);
    }

    async fn what_does_not_fit_is_refused(db) {
        db.create(schema![Sum]).await.unwrap();
        let extremes = NewSum {
            small: i16::MAX,
            integer: i32::MIN,
            large: i64::MAX,
            short: f32::MAX,
            long: f64::MAX,
            ..seven()
        };
        let sum = extremes.insert(db).await.unwrap();
        let row = || Sum::find_by_id(sum.id);
        refused(row().set_expr(Sum::SMALL, Sum::SMALL + 1).update(db).await);
        refused(row().set_expr(Sum::INTEGER, Sum::INTEGER - 1).update(db).await);
        refused(row().set_expr(Sum::LARGE, Sum::LARGE * 2).update(db).await);
        refused(row().set_expr(Sum::SHORT, Sum::SHORT * 2.0).update(db).await);
        refused(row().set_expr(Sum::LONG, Sum::LONG * 2.0).update(db).await);
        for by_zero in [
            row().set_expr(Sum::SMALL, Sum::SMALL / 0),
            row().set_expr(Sum::LONG, Sum::LONG / 0.0),
            row().set_expr(Sum::DECIMAL, Sum::DECIMAL / Decimal::ZERO),
        ] {
            let error = refused(by_zero.update(db).await);
            assert!(error.to_string().contains("division by zero"), "{error}");
        }
        assert_eq!(row().one(db).await.unwrap(), sum);
    }

    async fn a_refused_calculation_names_the_relation(db) {
        db.create(schema![Owner, Pet]).await.unwrap();
        let owner = NewOwner { id: 1, pets: 0 }.insert(db).await.unwrap();
        NewPet { id: 1, owner_id: 1 }.insert(db).await.unwrap();
        let counted = |owner: &Owner| {
            let one = Owner::find_by_id(owner.id).filter(Owner::PETS.lt(100));
            one.set_expr(Owner::PETS, Owner::PETS_IN_HAND.count())
        };
        let moved = counted(&owner).set_expr(Owner::ID, Owner::ID + 8);
        let error = moved.update_returning(db).await.unwrap_err();
        assert_eq!(error.relation().map(|one| (one.source, one.name)), Some(("Pet", "owner")));
        assert_eq!(counted(&owner).update_returning(db).await.unwrap(), [Owner { pets: 1, ..owner }]);
    }

    async fn a_newtype_is_calculated_with_its_like(db) {
        db.create(schema![Account]).await.unwrap();
        let new = NewAccount { id: 1, balance: Cents(500), limit: Some(Cents(-100)) };
        new.insert(db).await.unwrap();
        let enough = Account::find().filter((Account::BALANCE - Cents(600)).ge(Account::LIMIT));
        let drawn = enough.set_expr(Account::BALANCE, Account::BALANCE - Cents(600));
        assert_eq!(drawn.clone().update_returning(db).await.unwrap()[0].balance, Cents(-100));
        assert_eq!(drawn.update(db).await.unwrap(), 0);
    }

    async fn columns_are_set_to_what_is_computed(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        for quantity in [3, 4, 5] {
            cast::order(db, &ada, quantity).await;
        }
        let buys = Customer::find().filter(Customer::ORDERS.max(Order::QUANTITY).is_not_null());
        let numbered = buys.set_expr(Customer::ID, Customer::ORDERS.count());
        assert_eq!(numbered.update_returning(db).await.unwrap(), [Customer { id: 3, ..ada }]);
    }
}
