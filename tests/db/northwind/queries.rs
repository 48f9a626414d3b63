//! Questions that one would ask of Northwind, beside the same questions in SQL.

use ::relations::{Entity, Query};
use chrono::NaiveDate;
use tokio_postgres::Row;

use super::entities::*;
use super::{Northwind, shared};

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

async fn rows(northwind: &Northwind, sql: &str) -> Vec<Row> {
    northwind.client.query(sql, &[]).await.unwrap()
}

/// The only column of the rows.
async fn values<T>(northwind: &Northwind, sql: &str) -> Vec<T>
where
    T: for<'row> tokio_postgres::types::FromSql<'row>,
{
    rows(northwind, sql).await.iter().map(|row| row.get(0)).collect()
}

/// A query finds what SQL finds, in that order, and it is not nothing.
async fn assert_finds<E: ByHand>(northwind: &Northwind, query: Query<E>, sql: &str) {
    let rows = rows(northwind, sql).await;
    let right: Vec<_> = rows.iter().map(|row| E::by_hand(row, 0).unwrap()).collect();
    assert_ne!(right, [], "{sql}");
    let count = query.clone().count(&northwind.db).await.unwrap();
    assert_eq!(usize::try_from(count), Ok(right.len()), "{sql}");
    assert!(query.clone().exists(&northwind.db).await.unwrap(), "{sql}");
    assert_eq!(query.all(&northwind.db).await.unwrap(), right, "{sql}");
}

#[tokio::test]
async fn columns_are_compared_with_each_other() {
    let Some(northwind) = shared().await else { return };
    let scarce = Product::UNITS_IN_STOCK
        .lt(Product::REORDER_LEVEL)
        .and(Product::UNITS_ON_ORDER.eq(0))
        .and(Product::DISCONTINUED.eq(0));
    assert_finds(
        &northwind,
        Product::find().filter(scarce).order_by(Product::ID.asc()),
        "SELECT * FROM products WHERE units_in_stock < reorder_level AND units_on_order = 0 \
         AND discontinued = 0 ORDER BY product_id",
    )
    .await;
    assert_finds(
        &northwind,
        Order::find().filter(Order::SHIPPED_ON.gt(Order::REQUIRED_ON)).order_by(Order::ID.asc()),
        "SELECT * FROM orders WHERE shipped_date > required_date ORDER BY order_id",
    )
    .await;
}

#[tokio::test]
async fn values_of_each_type_are_compared() {
    let Some(northwind) = shared().await else { return };
    assert_finds(
        &northwind,
        Product::find().filter(Product::UNIT_PRICE.eq(21.35)).order_by(Product::ID.asc()),
        "SELECT * FROM products WHERE unit_price = 21.35::real ORDER BY product_id",
    )
    .await;
    assert_finds(
        &northwind,
        Order::find()
            .filter(Order::ORDERED_ON.between(date(1997, 5, 1), date(1997, 5, 31)))
            .filter(Order::FREIGHT.ge(100.0))
            .order_by(Order::ID.asc()),
        "SELECT * FROM orders WHERE order_date BETWEEN '1997-05-01' AND '1997-05-31' \
         AND freight >= 100 ORDER BY order_id",
    )
    .await;
    assert_finds(
        &northwind,
        Category::find().filter(Category::PICTURE.eq(Vec::new())).order_by(Category::ID.asc()),
        r"SELECT * FROM categories WHERE picture = '\x' ORDER BY category_id",
    )
    .await;
}

#[tokio::test]
async fn lists_nulls_and_negations_mean_what_they_mean_in_sql() {
    let Some(northwind) = shared().await else { return };
    assert_finds(
        &northwind,
        Customer::find()
            .filter(Customer::COUNTRY.is_in(["France", "México", "Spain"]))
            .order_by(Customer::ID.asc()),
        "SELECT * FROM customers WHERE country IN ('France', 'México', 'Spain') \
         ORDER BY customer_id",
    )
    .await;
    assert_finds(
        &northwind,
        Customer::find().filter(Customer::REGION.not_in(["WA", "OR"])).order_by(Customer::ID.asc()),
        "SELECT * FROM customers WHERE region NOT IN ('WA', 'OR') ORDER BY customer_id",
    )
    .await;
    assert_finds(
        &northwind,
        Customer::find()
            .filter(!(Customer::COUNTRY.eq("USA").or(Customer::FAX.is_null())))
            .filter(Customer::REGION.is_not_null())
            .order_by(Customer::ID.desc()),
        "SELECT * FROM customers WHERE NOT (country = 'USA' OR fax IS NULL) \
         AND region IS NOT NULL ORDER BY customer_id DESC",
    )
    .await;
}

#[tokio::test]
async fn accents_and_quotes_are_text_like_any_other() {
    let Some(northwind) = shared().await else { return };
    for (filter, condition) in [
        (Customer::CITY.eq("México D.F."), "city = 'México D.F.'"),
        (Customer::CONTACT_NAME.like("Mar_a%"), "contact_name LIKE 'Mar_a%'"),
        (Customer::CONTACT_NAME.contains("é"), "contact_name LIKE '%é%'"),
        (Customer::COMPANY_NAME.ends_with("köp"), "company_name LIKE '%köp'"),
        (Customer::COMPANY_NAME.starts_with("B'"), "company_name LIKE 'B''%'"),
        (Customer::ADDRESS.ilike("%STRA_E%"), "address ILIKE '%STRA_E%'"),
        (Customer::COMPANY_NAME.ilike("%ANT%"), "company_name ILIKE '%ANT%'"),
    ] {
        assert_finds(
            &northwind,
            Customer::find().filter(filter).order_by(Customer::ID.asc()),
            &format!("SELECT * FROM customers WHERE {condition} ORDER BY customer_id"),
        )
        .await;
    }
    // Text that a user types is not a pattern.
    for typed in ["%", "_", r"\", "100%", "Mar_a"] {
        let found = Customer::find().filter(Customer::CONTACT_NAME.contains(typed));
        assert!(!found.exists(&northwind.db).await.unwrap(), "{typed}");
    }
}

#[tokio::test]
async fn nulls_go_where_the_order_says() {
    let Some(northwind) = shared().await else { return };
    for (order, sql) in [
        (Order::SHIPPED_ON.asc(), "shipped_date"),
        (Order::SHIPPED_ON.desc(), "shipped_date DESC"),
        (Order::SHIPPED_ON.asc().nulls_first(), "shipped_date NULLS FIRST"),
        (Order::SHIPPED_ON.desc().nulls_last(), "shipped_date DESC NULLS LAST"),
    ] {
        for (limit, offset) in [(50, 0), (40, 800)] {
            assert_finds(
                &northwind,
                Order::find()
                    .order_by(order.clone())
                    .order_by(Order::ID.desc())
                    .limit(limit)
                    .offset(offset)
                    .filter(Order::ID.gt(0)),
                &format!(
                    "SELECT * FROM orders ORDER BY {sql}, order_id DESC \
                     LIMIT {limit} OFFSET {offset}"
                ),
            )
            .await;
        }
    }
}

#[tokio::test]
async fn columns_are_selected_as_tuples() {
    let Some(northwind) = shared().await else { return };
    let found = Order::find()
        .filter(Order::EMPLOYEE_ID.eq(5))
        .order_by(Order::ID.asc())
        .select((Order::ID, Order::SHIP_REGION, Order::SHIPPED_ON, Order::FREIGHT))
        .all(&northwind.db)
        .await
        .unwrap();
    let sql = "SELECT order_id, ship_region, shipped_date, freight FROM orders \
         WHERE employee_id = 5 ORDER BY order_id";
    let rows = rows(&northwind, sql).await;
    let right: Vec<_> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    assert_ne!(right, []);
    assert_eq!(found, right);

    let countries = Customer::find()
        .order_by(Customer::COUNTRY.asc())
        .select(Customer::COUNTRY)
        .distinct()
        .all(&northwind.db)
        .await
        .unwrap();
    let sql = "SELECT DISTINCT country FROM customers ORDER BY country";
    assert_eq!(countries, values::<Option<String>>(&northwind, sql).await);
}

#[tokio::test]
async fn a_column_becomes_one_value() {
    let Some(northwind) = shared().await else { return };
    let db = &northwind.db;
    let sql = "SELECT min(order_date), max(shipped_date), min(ship_country), max(freight) \
         FROM orders WHERE ship_via = 2";
    let right = &rows(&northwind, sql).await[0];
    let shipped = || Order::find().filter(Order::SHIP_VIA.eq(2));
    assert_eq!(shipped().min(db, Order::ORDERED_ON).await.unwrap(), right.get(0));
    assert_eq!(shipped().max(db, Order::SHIPPED_ON).await.unwrap(), right.get(1));
    assert_eq!(shipped().min(db, Order::SHIP_COUNTRY).await.unwrap(), right.get(2));
    assert_eq!(shipped().max(db, Order::FREIGHT).await.unwrap(), right.get(3));

    let sql = "SELECT sum(quantity), avg(quantity)::float8, avg(unit_price) FROM order_details";
    let right = &rows(&northwind, sql).await[0];
    let details = OrderDetail::find;
    assert_eq!(details().sum(db, OrderDetail::QUANTITY).await.unwrap(), right.get(0));
    assert_eq!(details().avg(db, OrderDetail::QUANTITY).await.unwrap(), right.get(1));
    assert_eq!(details().avg(db, OrderDetail::UNIT_PRICE).await.unwrap(), right.get(2));

    let nothing = Order::find().filter(Order::ID.lt(0));
    assert_eq!(nothing.clone().max(db, Order::FREIGHT).await.unwrap(), None);
    assert_eq!(nothing.sum(db, Order::EMPLOYEE_ID).await.unwrap(), None);
}

/// The sum of floats is an `f64`, and as exact as one.
#[tokio::test]
async fn floats_are_summed_as_doubles() {
    let Some(northwind) = shared().await else { return };
    let sum = Order::find().sum(&northwind.db, Order::FREIGHT).await.unwrap();
    let freights = values::<f32>(&northwind, "SELECT freight FROM orders").await;
    let right: f64 = freights.into_iter().map(f64::from).sum();
    assert!((sum.unwrap() - right).abs() < 1e-6, "{sum:?} is not {right}");
}

#[tokio::test]
async fn what_a_relation_leads_to_is_narrowed_and_ordered() {
    let Some(northwind) = shared().await else { return };
    assert_finds(
        &northwind,
        Customer::ORDERS
            .of_id("SAVEA")
            .filter(Order::FREIGHT.gt(200.0))
            .order_by(Order::FREIGHT.desc())
            .limit(5),
        "SELECT orders.* FROM orders JOIN customers USING (customer_id) \
         WHERE customer_id = 'SAVEA' AND freight > 200 ORDER BY freight DESC LIMIT 5",
    )
    .await;
    let vinet = Order::CUSTOMER.of_id(10248_i16);
    let spanish = vinet.clone().filter(Customer::COUNTRY.eq("Spain"));
    assert_eq!(spanish.optional(&northwind.db).await.unwrap(), None);
    let french = vinet.filter(Customer::COUNTRY.eq("France")).one(&northwind.db).await.unwrap();
    assert_eq!(french.id, "VINET");

    let sql = "SELECT sum(quantity) FROM order_details WHERE product_id = 59";
    let sold = Product::DETAILS.of_id(59_i16).sum(&northwind.db, OrderDetail::QUANTITY).await;
    assert_eq!(values::<Option<i64>>(&northwind, sql).await, [sold.unwrap()]);
}

#[tokio::test]
async fn an_id_that_is_not_there_is_told_from_a_target_that_is_not() {
    let Some(northwind) = shared().await else { return };
    let error = Order::CUSTOMER.of_id(1_i16).optional(&northwind.db).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.entity(), Some("Order"));
    assert_eq!(error.to_string(), "no Order with key 1");

    let error = Employee::MANAGER.of_id(2_i16).one(&northwind.db).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.entity(), Some("Employee"));
    assert_eq!(error.relation().map(|relation| relation.name), Some("manager"));

    let error = OrderDetail::find_by_id((10248_i16, 1_i16)).one(&northwind.db).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.key(), Some("(10248, 1)"));
}
