//! Pages of products.

use super::*;

#[tokio::test]
async fn products_come_with_their_supplier() {
    let Some(northwind) = shared().await else { return };
    let sql = "SELECT products.*, suppliers.* FROM products \
         LEFT JOIN suppliers USING (supplier_id) ORDER BY product_id";
    let optional: Vec<(Product, Option<Supplier>)> =
        right(&northwind, sql, |row| (row.one(), row.optional())).await;
    assert_eq!(optional.len(), 77);
    let sql = "SELECT products.*, suppliers.* FROM products \
         JOIN suppliers USING (supplier_id) WHERE suppliers.country = 'USA' ORDER BY product_id";
    let american: Vec<(Product, Supplier)> =
        right(&northwind, sql, |row| (row.one(), row.one())).await;
    assert!(!american.is_empty());

    let db = &Counting::new(&northwind.db);
    for strategy in TO_ONE {
        let statements = if strategy == Joined { 1 } else { 2 };
        let products = Product::find().order_by(Product::ID.asc());
        let found = products.clone().include(by!(strategy, Product::SUPPLIER)).all(db);
        let found = found.await.unwrap().into_iter();
        let found = found.map(|one| (Product::clone(&one), one.supplier.clone()));
        assert_same(&found.collect::<Vec<_>>(), &optional, strategy);
        assert_eq!(db.count(), statements, "{strategy}");

        let supplier = Product::SUPPLIER.filter(Supplier::COUNTRY.eq("USA"));
        let found = products.include_required(by!(strategy, supplier)).all(db);
        let found = found.await.unwrap().into_iter();
        let found = found.map(|one| (Product::clone(&one), one.supplier.clone()));
        assert_same(&found.collect::<Vec<_>>(), &american, strategy);
        assert_eq!(db.count(), statements, "{strategy}, required");
    }
}

// --- Targets that are narrowed, and entities in hand ----------------------------------------------

#[tokio::test]
async fn targets_are_narrowed_and_ordered_by_what_they_lead_to() {
    let Some(northwind) = shared().await else { return };
    let details = right(
        &northwind,
        "SELECT picked.* FROM orders JOIN LATERAL (SELECT order_details.* FROM order_details \
         JOIN products USING (product_id) JOIN categories USING (category_id) \
         WHERE order_details.order_id = orders.order_id AND category_name <> 'Beverages' \
         ORDER BY product_name DESC LIMIT 2 OFFSET 1) picked ON true",
        |row| {
            let detail: OrderDetail = row.one();
            (detail.order_id, detail)
        },
    )
    .await;
    assert!(details.len() > 500);
    let details = by_source(details);
    let sql = "SELECT orders.*, employees.* FROM orders LEFT JOIN employees \
         ON employees.employee_id = orders.employee_id AND EXISTS (SELECT FROM employees managers \
         WHERE managers.employee_id = employees.reports_to AND managers.last_name = 'Buchanan') \
         ORDER BY order_id";
    let right = right(&northwind, sql, |row| {
        let order: Order = row.one();
        let details = details.get(&order.id).cloned().unwrap_or_default();
        (order, row.optional::<Employee>(), details)
    })
    .await;

    let db = &Counting::new(&northwind.db);
    for one in TO_ONE {
        for many in TO_MANY {
            let manager = Employee::MANAGER.column(Employee::LAST_NAME);
            let product = OrderDetail::PRODUCT.column(Product::NAME);
            let category = OrderDetail::PRODUCT.column(Product::CATEGORY.column(Category::NAME));
            let details = Order::DETAILS.filter(category.ne("Beverages")).order_by(product.desc());
            let found = Order::find()
                .include(by!(one, Order::EMPLOYEE.filter(manager.eq("Buchanan"))))
                .include(many_by!(many, details.offset(1).limit(2)))
                .order_by(Order::ID.asc())
                .all(db)
                .await
                .unwrap();
            let found = found
                .iter()
                .map(|order| (Order::clone(order), order.employee.clone(), order.details.clone()));
            assert_same(&found.collect::<Vec<_>>(), &right, (one, many));
            assert_eq!(db.count(), if one == Joined { 2 } else { 3 }, "{one}, {many}");
        }
    }
}

#[tokio::test]
async fn numbers_are_of_targets_that_a_question_matches() {
    let Some(northwind) = shared().await else { return };
    let sql = "SELECT employees.*, (SELECT count(*) FROM employee_territories \
         JOIN territories USING (territory_id) JOIN region USING (region_id) \
         WHERE employee_id = employees.employee_id AND region_description = 'Eastern'), \
         (SELECT count(*) FROM orders WHERE orders.employee_id = employees.employee_id \
         AND EXISTS (SELECT FROM order_details WHERE order_details.order_id = orders.order_id \
         AND discount > 0.2::real)) FROM employees ORDER BY employee_id";
    let right: Vec<(Employee, i64, i64)> =
        right(&northwind, sql, |row| (row.one(), row.row.get(row.from), row.row.get(row.from + 1)))
            .await;
    let db = &Counting::new(&northwind.db);
    for strategy in TO_ONE {
        let region = Territory::REGION.column(Region::DESCRIPTION);
        let eastern = Employee::TERRITORIES.count().filter(region.eq("Eastern"));
        let discounted = Order::DETAILS.any(OrderDetail::DISCOUNT.gt(0.2));
        let found = Employee::find()
            .include(by!(strategy, eastern))
            .include(by!(strategy, Employee::ORDERS.count().filter(discounted)))
            .order_by(Employee::ID.asc())
            .all(db)
            .await
            .unwrap();
        let found: Vec<_> =
            found.iter().map(|one| (Employee::clone(one), one.territories, one.orders)).collect();
        assert_same(&found, &right, strategy);
        assert_eq!(db.count(), if strategy == Joined { 1 } else { 3 }, "{strategy}");
    }
}
