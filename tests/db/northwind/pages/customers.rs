//! Pages of customers.

use super::*;

#[tokio::test]
async fn customers_come_with_the_number_of_their_orders() {
    let Some(northwind) = shared().await else { return };
    let sql = "SELECT customers.*, \
         (SELECT count(*) FROM orders WHERE orders.customer_id = customers.customer_id) \
         FROM customers ORDER BY customer_id";
    let right: Vec<(Customer, i64)> = right(&northwind, sql, |beside| {
        let customer = beside.one();
        (customer, beside.row.get(beside.from))
    })
    .await;
    assert_eq!(right.len(), 91);
    let db = &Counting::new(&northwind.db);
    for strategy in TO_ONE {
        let found = Customer::find()
            .include(by!(strategy, Customer::ORDERS.count()))
            .order_by(Customer::ID.asc())
            .all(db)
            .await
            .unwrap();
        let found: Vec<_> =
            found.iter().map(|customer| (Customer::clone(customer), customer.orders)).collect();
        assert_same(&found, &right, strategy);
        assert_eq!(db.count(), if strategy == Joined { 1 } else { 2 }, "{strategy}");
    }
}

#[tokio::test]
async fn customers_are_listed_by_how_much_and_how_lately_they_ordered() {
    let Some(northwind) = shared().await else { return };
    let sql = "SELECT company_name, count(order_id), max(order_date), sum(freight::float8) \
         FROM customers LEFT JOIN orders USING (customer_id) GROUP BY customer_id \
         ORDER BY count(order_id) DESC, max(order_date) DESC, customer_id";
    let rows = rows(&northwind, sql).await;
    let right: Vec<(String, i64, Option<NaiveDate>, Option<f64>)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    assert_eq!(right.len(), 91);

    let (count, last) = (Customer::ORDERS.count(), Customer::ORDERS.max(Order::ORDERED_ON));
    let db = &Counting::new(&northwind.db);
    let found = Customer::find()
        .order_by(count.clone().desc())
        .order_by(last.clone().desc())
        .order_by(Customer::ID.asc())
        .select((Customer::COMPANY_NAME, count, last, Customer::ORDERS.sum(Order::FREIGHT)))
        .all(db)
        .await
        .unwrap();
    assert_eq!(db.count(), 1);
    for (found, right) in found.iter().zip(&right) {
        assert_eq!((&found.0, found.1, found.2), (&right.0, right.1, right.2));
        // Floats add up to a little more or less in another order.
        let (freight, right) = (found.3.unwrap_or_default(), right.3.unwrap_or_default());
        assert!((freight - right).abs() < 1e-6, "{freight} is not {right} for {}", found.0);
    }
    assert_eq!(found.len(), right.len());
}

#[tokio::test]
async fn customers_come_with_their_three_dearest_orders_to_ship() {
    let Some(northwind) = shared().await else { return };
    let orders = right(
        &northwind,
        "SELECT orders.*, shippers.* FROM (SELECT *, row_number() OVER \
         (PARTITION BY customer_id ORDER BY freight DESC, order_id) AS place FROM orders) ranked \
         JOIN orders USING (order_id) LEFT JOIN shippers ON shipper_id = orders.ship_via \
         WHERE place <= 3 ORDER BY ranked.customer_id, place",
        |row| {
            let order: Order = row.one();
            (order.customer_id.clone(), (order, row.optional::<Shipper>()))
        },
    )
    .await;
    assert!(orders.len() > 250);
    let orders = by_source(orders);
    let right = right(&northwind, "SELECT * FROM customers ORDER BY customer_id", |row| {
        let customer: Customer = row.one();
        let orders = orders.get(&Some(customer.id.clone())).cloned().unwrap_or_default();
        (customer, orders)
    })
    .await;

    let db = &Counting::new(&northwind.db);
    for one in TO_ONE {
        for many in TO_MANY {
            let dearest = Customer::ORDERS.order_by(Order::FREIGHT.desc()).limit(3);
            let dearest = dearest.include(by!(one, Order::SHIPPER));
            let found = Customer::find()
                .include(many_by!(many, dearest))
                .order_by(Customer::ID.asc())
                .all(db)
                .await
                .unwrap();
            let found = found.into_iter().map(|customer| {
                let orders = customer.orders.iter();
                let orders = orders.map(|one| (Order::clone(one), one.shipper.clone()));
                (Customer::clone(&customer), orders.collect())
            });
            assert_same(&found.collect::<Vec<_>>(), &right, (one, many));
            assert_eq!(db.count(), if one == Joined { 2 } else { 3 }, "{one}, {many}");
        }
    }
}

#[tokio::test]
async fn customers_without_orders_are_found() {
    let Some(northwind) = shared().await else { return };
    let sql = "SELECT * FROM customers WHERE NOT EXISTS \
         (SELECT FROM orders WHERE orders.customer_id = customers.customer_id) \
         ORDER BY customer_id";
    let rows = rows(&northwind, sql).await;
    let right: Vec<_> = rows.iter().filter_map(|row| Customer::by_hand(row, 0)).collect();
    assert_eq!(right.len(), 2);
    let db = &Counting::new(&northwind.db);
    for filter in [
        !Customer::ORDERS.is_present(),
        Customer::ORDERS.none(Order::ID.gt(0)),
        Customer::ORDERS.count().eq(0),
        Customer::ORDERS.max(Order::ID).is_null(),
    ] {
        let found = Customer::find().filter(filter.clone()).order_by(Customer::ID.asc());
        assert_eq!(found.all(db).await.unwrap(), right, "{filter:?}");
        assert_eq!(db.count(), 1);
    }
}
