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

mod customers;
mod products;
