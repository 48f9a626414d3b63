//! Pages that one would make of Northwind: what is loaded with each row, by every strategy, beside
//! the same rows in SQL.

use std::collections::BTreeMap;
use std::fmt::Debug;

use ::relations::include::Strategy;
use ::relations::include::Strategy::{Batched, Joined, Pipelined};
use ::relations::{Entity, NotIncluded};
use chrono::NaiveDate;
use tokio_postgres::Row;

use super::entities::*;
use super::{Northwind, shared};
use crate::support::Counting;

const TO_ONE: [Strategy; 3] = [Joined, Batched, Pipelined];
const TO_MANY: [Strategy; 2] = [Batched, Pipelined];

/// A relation to one, or a count, to be loaded by a strategy.
macro_rules! by {
    ($strategy:expr, $relation:expr) => {
        match $strategy {
            Joined => $relation.joined(),
            Batched => $relation.batched(),
            Pipelined => $relation.pipelined(),
        }
    };
}

/// A relation to many, to be loaded by a strategy.
macro_rules! many_by {
    ($strategy:expr, $relation:expr) => {
        if $strategy == Pipelined { $relation.pipelined() } else { $relation.batched() }
    };
}

/// The entities that hand-written SQL selects beside each other.
struct Beside<'row> {
    row: &'row Row,
    from: usize,
}

impl Beside<'_> {
    /// The next one; `None` where an outer join found none.
    fn optional<E: ByHand>(&mut self) -> Option<E> {
        let entity = E::by_hand(self.row, self.from);
        self.from += E::DEFINITION.properties.len();
        entity
    }

    /// The next one, which is always there.
    fn one<E: ByHand>(&mut self) -> E {
        self.optional().expect("the SQL selects a row")
    }
}

async fn rows(northwind: &Northwind, sql: &str) -> Vec<Row> {
    northwind.client.query(sql, &[]).await.unwrap()
}

/// The results of SQL, each row read by a function.
async fn right<T>(northwind: &Northwind, sql: &str, read: impl Fn(&mut Beside<'_>) -> T) -> Vec<T> {
    let rows = rows(northwind, sql).await;
    rows.iter().map(|row| read(&mut Beside { row, from: 0 })).collect()
}

/// Targets by what they belong to.
fn by_source<K: Ord, T>(targets: Vec<(K, T)>) -> BTreeMap<K, Vec<T>> {
    let mut of: BTreeMap<K, Vec<T>> = BTreeMap::new();
    for (source, target) in targets {
        of.entry(source).or_default().push(target);
    }
    of
}

/// Every found row is right. A failure shows the first wrong row, not all of them.
fn assert_same<T: PartialEq + Debug>(found: &[T], right: &[T], about: impl Debug) {
    for (found, right) in found.iter().zip(right) {
        assert_eq!(found, right, "{about:?}");
    }
    assert_eq!(found.len(), right.len(), "{about:?}");
}

// --- Orders with all that is to be known of them --------------------------------------------------

type OrderPage = OrderWith<
    Option<Customer>,
    Option<EmployeeWith<NotIncluded, Option<Employee>>>,
    Option<Shipper>,
    NotIncluded,
    Vec<OrderDetailWith<NotIncluded, ProductWith<Option<Supplier>, Option<Category>>>>,
>;

/// An order, its customer, who took it and whom they report to, its shipper, and its details.
type WholeOrder = (
    Order,
    Option<Customer>,
    Option<(Employee, Option<Employee>)>,
    Option<Shipper>,
    Vec<WholeDetail>,
);
type WholeDetail = (OrderDetail, Product, Option<Supplier>, Option<Category>);

fn whole_order(order: &OrderPage) -> WholeOrder {
    let details = order.details.iter().map(|detail| {
        let product = &detail.product;
        let (supplier, category) = (product.supplier.clone(), product.category.clone());
        (OrderDetail::clone(detail), Product::clone(product), supplier, category)
    });
    (
        Order::clone(order),
        order.customer.clone(),
        order.employee.as_ref().map(|one| (Employee::clone(one), one.manager.clone())),
        order.shipper.clone(),
        details.collect(),
    )
}

async fn whole_orders(northwind: &Northwind) -> Vec<WholeOrder> {
    let details = right(
        northwind,
        "SELECT order_details.*, products.*, suppliers.*, categories.* FROM order_details \
         JOIN products USING (product_id) LEFT JOIN suppliers USING (supplier_id) \
         LEFT JOIN categories USING (category_id) ORDER BY order_id, products.product_id",
        |row| {
            let detail: OrderDetail = row.one();
            (detail.order_id, (detail, row.one(), row.optional(), row.optional()))
        },
    )
    .await;
    assert_eq!(details.len(), 2155);
    let details = by_source(details);
    let orders = right(
        northwind,
        "SELECT orders.*, customers.*, employees.*, managers.*, shippers.* FROM orders \
         LEFT JOIN customers USING (customer_id) LEFT JOIN employees USING (employee_id) \
         LEFT JOIN employees managers ON managers.employee_id = employees.reports_to \
         LEFT JOIN shippers ON shipper_id = ship_via ORDER BY order_id",
        |row| {
            let (order, customer): (Order, _) = (row.one(), row.optional());
            let (employee, manager) = (row.optional(), row.optional());
            let details = details.get(&order.id).cloned().unwrap_or_default();
            (order, customer, employee.map(|one| (one, manager)), row.optional(), details)
        },
    )
    .await;
    assert_eq!(orders.len(), 830);
    orders
}

#[tokio::test]
async fn orders_come_with_all_that_is_to_be_known_of_them() {
    let Some(northwind) = shared().await else { return };
    let right = whole_orders(&northwind).await;
    let db = &Counting::new(&northwind.db);
    for one in TO_ONE {
        for many in TO_MANY {
            let manager = by!(one, Employee::MANAGER);
            let product = Order::DETAILS.include(by!(
                one,
                OrderDetail::PRODUCT
                    .include(by!(one, Product::SUPPLIER))
                    .include(by!(one, Product::CATEGORY))
            ));
            let found: Vec<OrderPage> = Order::find()
                .include(by!(one, Order::CUSTOMER))
                .include(by!(one, Order::EMPLOYEE.include(manager)))
                .include(by!(one, Order::SHIPPER))
                .include(many_by!(many, product))
                .order_by(Order::ID.asc())
                .all(db)
                .await
                .unwrap();
            let found: Vec<_> = found.iter().map(whole_order).collect();
            assert_same(&found, &right, (one, many));
            // Customers, employees, managers, shippers, products, suppliers and categories are
            // further ones.
            assert_eq!(db.count(), if one == Joined { 2 } else { 9 }, "{one}, {many}");
        }
    }
}

#[tokio::test]
async fn a_page_of_orders_is_a_page_of_all_orders() {
    let Some(northwind) = shared().await else { return };
    let right = whole_orders(&northwind).await;
    let db = &Counting::new(&northwind.db);
    let query = Order::find()
        .include(Order::CUSTOMER)
        .include(Order::EMPLOYEE.include(Employee::MANAGER))
        .include(Order::SHIPPER)
        .order_by(Order::ID.asc());
    let product = OrderDetail::PRODUCT.include(Product::SUPPLIER).include(Product::CATEGORY);
    for (size, statements) in [(20, 5), (500, 9)] {
        for many in TO_MANY {
            let details = many_by!(many, Order::DETAILS.include(product.clone()));
            let mut pages = Vec::new();
            for offset in (0..830).step_by(size as usize) {
                let page = query.clone().include(details.clone()).limit(size).offset(offset);
                let found: Vec<OrderPage> = page.all(db).await.unwrap();
                pages.extend(found.iter().map(whole_order));
                // A small page is joined; how many details it has is not known.
                assert_eq!(db.count(), statements, "{size} by {many}");
            }
            assert_same(&pages, &right, (size, many));
        }
    }
}

#[tokio::test]
async fn orders_are_sorted_by_the_country_of_their_customer() {
    let Some(northwind) = shared().await else { return };
    let sql = "SELECT orders.*, customers.* FROM orders LEFT JOIN customers USING (customer_id) \
         ORDER BY customers.country, orders.order_id DESC";
    let right: Vec<(Order, Option<Customer>)> =
        right(&northwind, sql, |row| (row.one(), row.optional())).await;
    assert_eq!(right.len(), 830);
    let db = &Counting::new(&northwind.db);
    for strategy in TO_ONE {
        let found = Order::find()
            .order_by(Order::CUSTOMER.column(Customer::COUNTRY).asc())
            .order_by(Order::ID.desc())
            .include(by!(strategy, Order::CUSTOMER))
            .all(db)
            .await
            .unwrap();
        let found: Vec<_> =
            found.iter().map(|order| (Order::clone(order), order.customer.clone())).collect();
        assert_same(&found, &right, strategy);
        let statements = db.statements();
        assert_eq!(statements.len(), if strategy == Joined { 1 } else { 2 }, "{strategy}");
        let joins = statements[0].matches("JOIN").count();
        assert_eq!(joins, 1, "to sort by a customer and to load it is one join");
    }
}

// --- Employees, customers and products ------------------------------------------------------------

#[tokio::test]
async fn employees_come_with_reports_and_territories() {
    let Some(northwind) = shared().await else { return };
    let reports = right(
        &northwind,
        "SELECT * FROM employees WHERE reports_to IS NOT NULL ORDER BY employee_id",
        |row| {
            let report: Employee = row.one();
            (report.reports_to.unwrap(), report)
        },
    )
    .await;
    let territories = right(
        &northwind,
        "SELECT employee_territories.*, territories.*, region.* FROM employee_territories \
         JOIN territories USING (territory_id) JOIN region USING (region_id) \
         ORDER BY employee_id, territories.territory_id",
        |row| {
            let link: EmployeeTerritory = row.one();
            (link.employee_id, (row.one::<Territory>(), row.one::<Region>()))
        },
    )
    .await;
    assert_eq!((reports.len(), territories.len()), (8, 49));
    let (reports, territories) = (by_source(reports), by_source(territories));
    let right = right(&northwind, "SELECT * FROM employees ORDER BY employee_id", |row| {
        let employee: Employee = row.one();
        let reports = reports.get(&employee.id).cloned().unwrap_or_default();
        let territories = territories.get(&employee.id).cloned().unwrap_or_default();
        (employee, reports, territories)
    })
    .await;
    assert_eq!(right.len(), 9);

    let db = &Counting::new(&northwind.db);
    for one in TO_ONE {
        for many in TO_MANY {
            let territories = Employee::TERRITORIES.include(by!(one, Territory::REGION));
            let found = Employee::find()
                .include(many_by!(many, Employee::REPORTS))
                .include(many_by!(many, territories))
                .order_by(Employee::ID.asc())
                .all(db)
                .await
                .unwrap();
            let found = found.into_iter().map(|employee| {
                let territories = employee.territories.iter();
                let territories =
                    territories.map(|one| (Territory::clone(one), one.region.clone()));
                (Employee::clone(&employee), employee.reports.clone(), territories.collect())
            });
            assert_same(&found.collect::<Vec<_>>(), &right, (one, many));
            assert_eq!(db.count(), if one == Joined { 3 } else { 4 }, "{one}, {many}");
        }
    }
}

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

#[tokio::test]
async fn orders_in_hand_come_with_all_that_is_to_be_known_of_them() {
    let Some(northwind) = shared().await else { return };
    let right = whole_orders(&northwind).await;
    let transaction = northwind.db.begin().await.unwrap();
    let db = &Counting::new(&transaction);
    for one in TO_ONE {
        let manager = by!(one, Employee::MANAGER);
        let product = OrderDetail::PRODUCT
            .include(by!(one, Product::SUPPLIER))
            .include(by!(one, Product::CATEGORY));
        let orders = right.iter().map(|whole| whole.0.clone());
        let found: Vec<OrderPage> = Order::preload(orders)
            .include(by!(one, Order::CUSTOMER))
            .include(by!(one, Order::EMPLOYEE.include(manager)))
            .include(by!(one, Order::SHIPPER))
            .include(Order::DETAILS.include(by!(one, product)))
            .all(db)
            .await
            .unwrap();
        let found: Vec<_> = found.iter().map(whole_order).collect();
        assert_same(&found, &right, one);
        // The targets of the orders themselves cannot be joined to them.
        assert_eq!(db.count(), if one == Joined { 4 } else { 8 }, "{one}");
    }
}

/// A statement that is prepared already goes ahead of one that is not, and its many rows with it.
#[tokio::test]
async fn statements_that_overtake_each_other_are_answered() {
    let Some(northwind) = shared().await else { return };
    let transaction = northwind.db.begin().await.unwrap();
    let details = || Order::find().include(Order::DETAILS);
    assert_eq!(details().all(&transaction).await.unwrap().len(), 830);
    let found = details().include(Order::CUSTOMER.batched()).all(&transaction).await.unwrap();
    assert_eq!(found.iter().map(|order| order.details.len()).sum::<usize>(), 2155);
    assert!(found.iter().all(|order| order.customer.is_some()));
}
