//! Partials in the place of an included target, and with relations of their own.

use super::*;

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Customer)]
struct Name {
    name: String,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Order)]
struct Quantity {
    quantity: i32,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Product)]
struct Price {
    price: f64,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Line)]
struct Number {
    number: i32,
    #[include]
    product: Price,
}

/// Neither the id nor a key of a relation is a field.
#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Order)]
struct OrderRow {
    quantity: i32,
    #[include]
    customer: Name,
    #[include]
    payer: Option<Name>,
    #[include]
    lines: Vec<Number>,
}

/// A target that is always there leaves out the rows without one.
#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Order)]
struct Paid {
    #[include]
    payer: Name,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Customer)]
struct Busy {
    name: String,
    #[include]
    orders: i64,
}

/// Whole entities, with their relations, in a partial.
#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Order)]
struct Whole {
    #[include]
    customer: Customer,
    #[include]
    lines: Vec<LineWith<NotIncluded, Product>>,
}

/// A promise of a constraint that is not there.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "orders")]
struct Unchecked {
    #[id]
    id: i64,
    #[belongs_to(Customer, key_to = "pk")]
    customer_id: i64,
    #[belongs_to(Customer, name = "payer", key_to = "pk")]
    payer_id: Option<i64>,
    quantity: i32,
}

#[derive(Debug, Clone, PartialEq, Partial)]
#[partial(Unchecked)]
struct UncheckedRow {
    quantity: i32,
    #[include]
    customer: Name,
    #[include]
    payer: Option<Name>,
}

fn name(name: &str) -> Name {
    Name { name: name.into() }
}

fn rows() -> Vec<OrderRow> {
    let line = |number, price| Number { number, product: Price { price } };
    vec![
        OrderRow {
            quantity: 1,
            customer: name("Ada"),
            payer: None,
            lines: vec![line(1, 4.0), line(2, 1.5), line(3, 1.5)],
        },
        OrderRow { quantity: 2, customer: name("Bob"), payer: Some(name("Ada")), lines: vec![] },
        OrderRow { quantity: 3, customer: name("Ada"), payer: None, lines: vec![line(1, 9.0)] },
    ]
}

behaviour! {
    async fn a_partial_is_included_by_every_strategy(db) {
        shop(db).await;
        let query = || Order::find().order_by(Order::ID.asc());
        let expected = ["Ada", "Bob", "Ada"].map(name);
        for customer in [
            Order::CUSTOMER.select_as::<Name>(),
            Order::CUSTOMER.joined().select_as(),
            Order::CUSTOMER.batched().select_as(),
            Order::CUSTOMER.pipelined().select_as(),
        ] {
            let orders: Vec<OrderWith<Name>> = query().include(customer.clone()).all(db).await.unwrap();
            let names: Vec<_> = orders.iter().map(|order| order.customer.clone()).collect();
            assert_eq!(names, expected);
            let preloaded = Order::preload(query().all(db).await.unwrap()).include(customer);
            assert_eq!(preloaded.all(db).await.unwrap(), orders);
        }
        for payer in [
            Order::PAYER.select_as::<Name>(),
            Order::PAYER.joined().select_as(),
            Order::PAYER.batched().select_as(),
            Order::PAYER.pipelined().select_as(),
        ] {
            let orders = query().include(payer).all(db).await.unwrap();
            let payers: Vec<_> = orders.iter().map(|order| order.payer.clone()).collect();
            assert_eq!(payers, [None, Some(name("Ada")), None]);
        }
        for orders in [Customer::ORDERS.batched(), Customer::ORDERS.pipelined()] {
            let largest = orders.order_by(Order::QUANTITY.desc());
            let limited = largest.clone().limit(1).select_as::<Quantity>();
            let customers = Customer::find().order_by(Customer::ID.asc());
            let all = customers.clone().include(largest.select_as::<Quantity>()).all(db).await.unwrap();
            let quantities = |customer: &CustomerWith<Vec<Quantity>>| {
                customer.orders.iter().map(|order| order.quantity).collect::<Vec<_>>()
            };
            assert_eq!(all.iter().map(quantities).collect::<Vec<_>>(), [vec![3, 1], vec![2]]);
            let first = customers.include(limited).all(db).await.unwrap();
            assert_eq!(first.iter().map(quantities).collect::<Vec<_>>(), [[3], [2]]);
        }
    }

    async fn only_columns_of_fields_and_keys_are_selected(db) {
        shop(db).await;
        let counting = Counting::new(db);
        let query = Order::find().limit(5).include(Order::CUSTOMER.select_as::<Name>());
        query.all(&counting).await.unwrap();
        let joined = counting.statements().concat();
        assert!(joined.contains("\"name\"") && !joined.contains("email"), "{joined}");
        let rows = Order::find().select_as::<Quantity>().all(&counting).await.unwrap();
        assert_eq!(rows.len(), 3);
        let sql = counting.statements().concat();
        assert!(!sql.contains("customer_id") && !sql.contains("\"id\""), "{sql}");
    }

    async fn a_partial_has_relations_of_its_own(db) {
        let (ada, ..) = shop(db).await;
        let query = || Order::find().order_by(Order::ID.asc()).select_as::<OrderRow>();
        assert_eq!(query().all(db).await.unwrap(), rows());
        // Bounded, so that relations to one are joined.
        assert_eq!(query().limit(3).all(db).await.unwrap(), rows());
        assert_eq!(query().first(db).await.unwrap(), rows().into_iter().next());
        let second = Order::find_by_id(2).select_as::<OrderRow>().one(db).await.unwrap();
        assert_eq!(second, rows()[1]);
        let mut stream = query().stream(db).chunk(2);
        let mut streamed = Vec::new();
        while let Some(row) = stream.try_next().await.unwrap() {
            streamed.push(row);
        }
        assert_eq!(streamed, rows());
        let page = query().page(2).fetch(db).await.unwrap();
        assert_eq!((page.rows, page.next), (rows()[..2].to_vec(), Some(2)));
        // As targets, with what they include in turn.
        let customers = Customer::find().order_by(Customer::ID.asc());
        for orders in [Customer::ORDERS.batched(), Customer::ORDERS.pipelined()] {
            let customers = customers.clone().include(orders.select_as::<OrderRow>());
            let customers = customers.all(db).await.unwrap();
            assert_eq!(customers[0].orders, [rows()[0].clone(), rows()[2].clone()]);
            assert_eq!(customers[1].orders, [rows()[1].clone()]);
        }
        let of_ada = Customer::ORDERS.of(&ada).select_as::<OrderRow>().all(db).await.unwrap();
        assert_eq!(of_ada, [rows()[0].clone(), rows()[2].clone()]);
        let paid = Order::find().select_as::<Paid>().all(db).await.unwrap();
        assert_eq!(paid, [Paid { payer: name("Ada") }]);
        let busy = customers.select_as::<Busy>().all(db).await.unwrap();
        let busy: Vec<_> = busy.into_iter().map(|one| (one.name, one.orders)).collect();
        assert_eq!(busy, [("Ada".to_owned(), 2), ("Bob".to_owned(), 1)]);
        let whole = Order::find_by_id(3).select_as::<Whole>().one(db).await.unwrap();
        assert_eq!((&*whole.customer.name, whole.lines[0].product.price), ("Ada", 9.0));
    }

    async fn a_row_type_says_what_is_included(db) {
        shop(db).await;
        type Page = OrderWith<Customer, Option<Name>, Vec<LineWith<NotIncluded, Price>>>;
        let typed = Order::find()
            .order_by(Order::ID.asc())
            .include(Order::CUSTOMER)
            .include(Order::PAYER.select_as::<Name>())
            .include(Order::LINES.include(Line::PRODUCT.select_as::<Price>()));
        let shaped = Order::find().order_by(Order::ID.asc()).select_as::<Page>();
        assert_eq!(shaped.all(db).await.unwrap(), typed.all(db).await.unwrap());
        // A target in the place of an `Option` leaves out the rows without one; a number counts.
        let paid = Order::find().select_as::<OrderWith<NotIncluded, Customer>>().all(db).await.unwrap();
        assert_eq!((paid.len(), &*paid[0].payer.name), (1, "Ada"));
        let counted = Customer::find().order_by(Customer::ID.asc()).select_as::<CustomerWith<i64>>();
        let counted: Vec<_> = counted.all(db).await.unwrap().iter().map(|one| one.orders).collect();
        assert_eq!(counted, [2, 1]);
    }

    async fn a_broken_promise_of_a_partial_is_an_error(db) {
        db.create(schema![Customer]).await.unwrap();
        relations::sql("CREATE TABLE orders (id BIGINT PRIMARY KEY, customer_id BIGINT, payer_id BIGINT, quantity INTEGER)", ())
            .execute(db).await.unwrap();
        NewCustomer { id: 1, pk: 2, name: "Ada".into(), email: None }.insert(db).await.unwrap();
        relations::sql("INSERT INTO orders VALUES (1, 2, NULL, 5)", ()).execute(db).await.unwrap();
        let query = || Unchecked::find().order_by(Unchecked::ID.asc()).select_as::<UncheckedRow>();
        let expected = UncheckedRow { quantity: 5, customer: name("Ada"), payer: None };
        assert_eq!(query().all(db).await.unwrap(), [expected.clone()]);
        assert_eq!(query().limit(1).all(db).await.unwrap(), [expected]);
        relations::sql("UPDATE orders SET payer_id = 9", ()).execute(db).await.unwrap();
        for limit in [1, 1000] {
            let error = query().limit(limit).all(db).await.unwrap_err();
            assert!(error.is_target_missing(), "{error}");
            assert!(error.to_string().contains('9'), "{error}");
        }
    }
}

behaviour! {
    async fn targets_come_with_their_number(db) {
        use ::relations::include::WithTotal;

        shop(db).await;
        let query = || Customer::find().order_by(Customer::ID.asc());
        let of = |customers: &[CustomerWith<WithTotal<Order>>]| {
            let of = |one: &CustomerWith<WithTotal<Order>>| {
                let quantities: Vec<_> = one.orders.rows.iter().map(|order| order.quantity).collect();
                (quantities, one.orders.total)
            };
            customers.iter().map(of).collect::<Vec<_>>()
        };
        for orders in [Customer::ORDERS.batched(), Customer::ORDERS.pipelined()] {
            let latest = orders.order_by(Order::ID.desc()).with_total();
            let all = query().include(latest.clone()).all(db).await.unwrap();
            assert_eq!(of(&all), [(vec![3, 1], 2), (vec![2], 1)]);
            let first = latest.clone().limit(1);
            let paged = query().include(first.clone()).all(db).await.unwrap();
            assert_eq!(of(&paged), [(vec![3], 2), (vec![2], 1)]);
            let behind = query().include(first.clone().offset(1)).all(db).await.unwrap();
            assert_eq!(of(&behind), [(vec![1], 2), (vec![], 1)]);
            let filtered = query().include(first.clone().filter(Order::QUANTITY.lt(3)));
            assert_eq!(of(&filtered.all(db).await.unwrap()), [(vec![1], 1), (vec![2], 1)]);
            let none = query().include(latest.filter(Order::QUANTITY.gt(3))).limit(2);
            assert_eq!(of(&none.all(db).await.unwrap()), [(vec![], 0), (vec![], 0)]);
            let preloaded = Customer::preload(query().all(db).await.unwrap()).include(first);
            assert_eq!(of(&preloaded.all(db).await.unwrap()), of(&paged));
        }
        // With includes of their own, and below a relation.
        let lines = Customer::ORDERS.limit(1).with_total().include(Order::LINES.limit(1).with_total());
        let nested = query().include(lines).all(db).await.unwrap();
        assert_eq!((nested[0].orders.total, nested[0].orders.rows[0].lines.total), (2, 3));
        assert_eq!(nested[0].orders.rows[0].lines.rows.len(), 1);
        let stated = query().select_as::<CustomerWith<WithTotal<Order>>>().all(db).await.unwrap();
        assert_eq!(of(&stated), [(vec![1, 3], 2), (vec![2], 1)]);
        let counting = Counting::new(db);
        query().include(Customer::ORDERS.batched().limit(1).with_total()).all(&counting).await.unwrap();
        assert_eq!(counting.count(), 3);
    }
}
