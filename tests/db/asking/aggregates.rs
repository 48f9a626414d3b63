//! Aggregates of targets.

use super::*;

behaviour! {
    async fn values_made_of_targets_are_compared_ordered_by_and_selected(db) {
        orders(db).await;
        cyd(db).await;
        let (sum, least) = (Customer::ORDERS.sum(Order::QUANTITY), Customer::ORDERS.min(Order::QUANTITY));
        let found = Customer::find()
            .order_by(sum.clone().desc())
            .order_by(least.clone().asc())
            .select((
                Customer::NAME,
                (Customer::ORDERS.count(), sum.clone()),
                least.clone(),
                Customer::ORDERS.max(Order::PAYER.column(Customer::NAME)),
            ))
            .all(db)
            .await
            .unwrap();
        let row = |name: &str, count, sum, least, payer: Option<&str>| {
            (name.to_owned(), (count, sum), least, payer.map(ToOwned::to_owned))
        };
        let expected = [
            row("Cyd", 0, None, None, None),
            row("Ada", 2, Some(3), Some(1), Some("Bob")),
            row("Bob", 1, Some(3), Some(3), Some("Ada")),
        ];
        assert_eq!(found, expected);
        let names = async |filter: ::relations::Filter<Customer>| {
            let query = Customer::find().filter(filter).order_by(Customer::NAME.asc());
            query.select(Customer::NAME).all(db).await.unwrap()
        };
        let count = Customer::ORDERS.count();
        assert_eq!(names(count.clone().eq(1)).await, ["Bob"]);
        assert_eq!(names(count.clone().ne(1)).await, ["Ada", "Cyd"]);
        assert_eq!(names(count.clone().between(1, 2)).await, ["Ada", "Bob"]);
        assert_eq!(names(count.clone().lt(sum.clone())).await, ["Ada", "Bob"]);
        assert_eq!(names(sum.clone().le(count.clone())).await, [""; 0]);
        assert_eq!(names(count.clone().eq(Customer::PK)).await, ["Ada", "Bob"]);
        assert_eq!(names(Customer::PK.gt(count)).await, ["Cyd"]);
        assert_eq!(names(sum.clone().is_null()).await, ["Cyd"]);
        assert_eq!(names(sum.is_not_null()).await, ["Ada", "Bob"]);
        assert_eq!(names(least.gt(1)).await, ["Bob"]);
        assert_eq!(names(Customer::ORDERS.avg(Order::QUANTITY).eq(1.5)).await, ["Ada"]);
        let deleted = Customer::find().filter(Customer::ORDERS.count().eq(0)).delete(db).await;
        assert_eq!(deleted.unwrap(), 1);
    }

    async fn nulls_of_values_made_of_targets_come_where_they_are_told_to(db) {
        orders(db).await;
        cyd(db).await;
        let names = async |order: ::relations::Ordering<Customer>| {
            let query = Customer::find().order_by(order).order_by(Customer::NAME.asc());
            query.select(Customer::NAME).all(db).await.unwrap()
        };
        let greatest = Customer::ORDERS.max(Order::QUANTITY);
        assert_eq!(names(greatest.clone().asc()).await, ["Ada", "Bob", "Cyd"]);
        assert_eq!(names(greatest.clone().desc()).await, ["Cyd", "Bob", "Ada"]);
        assert_eq!(names(greatest.clone().asc().nulls_first()).await, ["Cyd", "Ada", "Bob"]);
        assert_eq!(names(greatest.desc().nulls_last()).await, ["Bob", "Ada", "Cyd"]);
        assert_eq!(names(Customer::ORDERS.count().asc()).await, ["Cyd", "Bob", "Ada"]);
    }

    async fn decimals_made_of_targets_are_numbers(db) {
        categories(db).await;
        let (sum, greatest) = (Category::CHILDREN.sum(Category::PRICE), Category::CHILDREN.max(Category::PRICE));
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        // As texts, "10.50" would come before "9.5" and "9".
        let ids = async |filter: ::relations::Filter<Category>| {
            let query = Category::find().filter(filter).order_by(Category::ID.asc());
            query.select(Category::ID).all(db).await.unwrap()
        };
        assert_eq!(ids(sum.clone().gt(decimal("9.9"))).await, [1]);
        assert_eq!(ids(sum.clone().eq(decimal("10.5"))).await, [1]);
        assert_eq!(ids(sum.clone().lt(Category::PRICE)).await, [2]);
        assert_eq!(ids(greatest.clone().between(decimal("9"), decimal("9.50"))).await, [2]);
        let average = Category::CHILDREN.avg(Category::PRICE);
        let found = Category::find()
            .filter(Category::CHILDREN.is_present())
            .order_by(greatest.desc())
            .select((Category::ID, sum.clone(), average))
            .distinct()
            .all(db)
            .await;
        // A distinct query is ordered by selected columns only.
        assert!(found.unwrap_err().is_invalid_request());
        let found = Category::find()
            .filter(sum.clone().is_not_null())
            .order_by(sum.clone().asc())
            .select((Category::ID, sum))
            .distinct()
            .all(db)
            .await
            .unwrap();
        assert_eq!(found, [(2, Some(decimal("9.5"))), (1, Some(decimal("10.5")))]);
    }
}
