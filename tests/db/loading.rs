//! Following a relation from many sources at once.

use crate::cast::{self, Customer, NewCustomer, NewOrder, Order};
use crate::relations::{
    Category, Country, Letter, NewCategory, NewCountry, NewRegion, Region, Town, create_places,
    letter, loose, promised,
};
use crate::support::Counting;

use ::relations::prelude::*;

behaviour! {
    async fn many_sources_load_in_one_statement_and_keep_their_order(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let orders = [
            cast::order(db, &bob, 1).await,
            cast::order(db, &ada, 2).await,
            cast::order(db, &bob, 3).await,
        ];
        let counting = Counting::new(db);
        let customers: Vec<Customer> = Order::CUSTOMER.load(&counting, &orders).await.unwrap();
        assert_eq!(customers, [bob.clone(), ada, bob]);
        assert_eq!(counting.count(), 1);
    }

    async fn nulls_among_the_keys_have_no_target(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let mut orders = Vec::new();
        for payer_id in [None, Some(ada.pk), None, Some(bob.pk), Some(ada.pk)] {
            let order = NewOrder { customer_id: ada.pk, payer_id, quantity: 1 };
            orders.push(order.insert(db).await.unwrap());
        }
        let counting = Counting::new(db);
        let payers = Order::PAYER.load(&counting, &orders).await.unwrap();
        assert_eq!(payers, [None, Some(ada.clone()), None, Some(bob), Some(ada)]);
        assert_eq!(counting.count(), 1);
    }

    async fn no_keys_send_no_statement(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let order = cast::order(db, &ada, 1).await;
        let counting = Counting::new(db);
        assert_eq!(Order::CUSTOMER.load(&counting, []).await.unwrap(), []);
        assert_eq!(Customer::ORDERS.load(&counting, []).await.unwrap(), Vec::<Vec<Order>>::new());
        assert_eq!(Order::PAYER.load(&counting, [&order, &order]).await.unwrap(), [None, None]);
        assert_eq!(counting.count(), 0);
    }

    async fn a_source_without_targets_has_an_empty_vec(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let order = cast::order(db, &bob, 1).await;
        let counting = Counting::new(db);
        let orders = Customer::ORDERS.load(&counting, [&ada, &bob, &ada]).await.unwrap();
        assert_eq!(orders, [vec![], vec![order], vec![]]);
        assert_eq!(counting.count(), 1);
    }

    async fn sources_that_are_given_twice_each_have_all_their_targets(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let orders = vec![cast::order(db, &ada, 1).await, cast::order(db, &ada, 2).await];
        let loaded = Customer::ORDERS.load(db, [&ada, &ada]).await.unwrap();
        assert_eq!(loaded, [orders.clone(), orders]);
    }

    async fn composite_keys_load_in_one_statement(db) {
        create_places(db).await;
        let mut letters = Vec::new();
        let keys = [
            (Some("ch"), Some(1), Some(5)),
            (Some(""), Some(0), Some(5)),
            (Some("ch"), Some(0), None),
            (None, Some(1), Some(5)),
            (Some("ch"), Some(1), Some(5)),
        ];
        for (id, key) in (1..).zip(keys) {
            letters.push(letter(id, key).insert(db).await.unwrap());
        }
        let counting = Counting::new(db);
        let towns = Letter::TOWN.load(&counting, &letters).await.unwrap();
        let town = |country: &str, region| Town { country: country.into(), region, number: 5 };
        let (one, other) = (Some(town("ch", 1)), Some(town("", 0)));
        assert_eq!(towns, [one.clone(), other, None, None, one]);
        assert_eq!(counting.count(), 1);

        let regions = Letter::REGION_ONLY.load(&counting, &letters).await.unwrap();
        let names: Vec<_> = regions.iter().map(|one| one.as_ref().map(|one| &*one.name)).collect();
        assert_eq!(names, [Some("ch1"), Some("0"), Some("ch0"), None, Some("ch1")]);
        assert_eq!(counting.count(), 1);

        let all = Region::find().order_by(Region::NAME.desc()).all(db).await.unwrap();
        let towns = Region::TOWNS.load(&counting, &all).await.unwrap();
        assert_eq!(towns, [[town("ch", 1)], [town("ch", 0)], [town("", 1)], [town("", 0)]]);
        let countries = Country::find().order_by(Country::CODE.asc()).all(db).await.unwrap();
        let names: Vec<Vec<_>> = Country::REGIONS
            .load(db, &countries)
            .await
            .unwrap()
            .into_iter()
            .map(|regions| regions.into_iter().map(|region| region.name).collect())
            .collect();
        assert_eq!(names, [["0", "1"], ["ch0", "ch1"]]);
    }

    async fn text_keys_load_whatever_they_hold(db) {
        db.create(schema![Country, Region]).await.unwrap();
        let codes = ["\"", "\\", "'", "a,b", "{}", "[1]", "NULL", "null", "é", "\u{1f980}", "\n\t\u{1}", " "];
        let mut regions = Vec::new();
        for code in codes {
            NewCountry { code: code.into() }.insert(db).await.unwrap();
            let region = NewRegion { country_id: code.into(), number: 1, name: String::new() };
            regions.push(region.insert(db).await.unwrap());
        }
        let countries = Region::COUNTRY.load(db, &regions).await.unwrap();
        assert_eq!(countries.iter().map(|one| &*one.code).collect::<Vec<_>>(), codes);
        let back = Country::REGIONS.load(db, &countries).await.unwrap();
        assert_eq!(back.into_iter().flatten().collect::<Vec<_>>(), regions);
    }

    async fn one_dangling_key_among_many_is_the_error(db) {
        loose::create(db).await;
        let pets = promised::Pet::find().all(db).await.unwrap();
        let error = promised::Pet::OWNER.load(db, &pets).await.unwrap_err();
        assert!(error.is_target_missing());
        assert_eq!(error.key(), Some("7"));
    }

    async fn a_hundred_thousand_keys_are_one_statement(db) {
        const MANY: i64 = 100_000;
        cast::create(db).await;
        let customer = NewCustomer { id: 1, pk: 50_000, name: "Ada".into(), email: None };
        let ada = customer.insert(db).await.unwrap();
        // In hand is in hand: who has an order need not have asked the database for it. Keys that left
        // nothing out would be sent as a range.
        let orders: Vec<_> = (0..MANY)
            .map(|id| Order { id, customer_id: ada.pk, payer_id: Some(id * 2), quantity: 1 })
            .collect();
        let counting = Counting::new(db);
        let error = Order::PAYER.load(&counting, &orders).await.unwrap_err();
        assert!(error.is_target_missing());
        assert_eq!(error.key(), Some("0"));
        let sent = counting.statements();
        assert!(matches!(sent.as_slice(), [only] if !only.contains("BETWEEN")), "{sent:?}");

        let sources: Vec<_> = (0..MANY)
            .map(|id| Customer { id, pk: id * 2, name: String::new(), email: None })
            .collect();
        let order = cast::order(db, &ada, 1).await;
        let orders = Customer::ORDERS.load(&counting, &sources).await.unwrap();
        assert_eq!(orders.len(), sources.len());
        assert_eq!(orders[25_000], [order]);
        assert_eq!(orders.iter().map(Vec::len).sum::<usize>(), 1);
        let sent = counting.statements();
        assert!(matches!(sent.as_slice(), [only] if !only.contains("BETWEEN")), "{sent:?}");
    }

    async fn one_target_serves_any_number_of_sources(db) {
        db.create(schema![Category]).await.unwrap();
        let root = NewCategory { id: 0, parent_id: None }.insert(db).await.unwrap();
        let sources: Vec<_> = (1..=10_000).map(|id| Category { id, parent_id: Some(0) }).collect();
        let parents = Category::PARENT.load(db, &sources).await.unwrap();
        assert_eq!(parents.len(), sources.len());
        assert!(parents.iter().all(|parent| *parent == Some(root.clone())));
    }
}
