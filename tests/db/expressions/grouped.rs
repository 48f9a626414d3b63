//! Groups of rows.

use ::relations::expression::{DateUnit, case, coalesce, count, date_trunc, sql_expr};
use ::relations::{Engine, Executor};

use super::*;

fn turnover()
-> ::relations::expression::Expression<::relations::expression::Groups<Sale>, Option<i64>> {
    (Sale::CENTS * Sale::QUANTITY).sum()
}

#[derive(Debug, PartialEq, FromRow)]
#[allow(clippy::struct_field_names)]
struct Product {
    product: String,
    #[column(name = "turnover")]
    cents: Option<i64>,
    sales: i64,
}

behaviour! {
    async fn groups_have_their_keys_and_aggregates(db) {
        sales(db).await;
        let found: Vec<(String, Option<i64>, i64)> = Sale::find()
            .group_by(Sale::PRODUCT)
            .select((Sale::PRODUCT, turnover(), count()))
            .order_by(turnover().desc())
            .all(db)
            .await
            .unwrap();
        let row = |product: &str, turnover, count| (product.to_owned(), Some(turnover), count);
        let all = [row("coffee", 3_600, 1), row("Ümlaut", 1_025, 1), row("tea", 750, 2)];
        assert_eq!(found, all);
        let query = Sale::find()
            .filter(Sale::QUANTITY.gt(1))
            .group_by(Sale::PRODUCT)
            .having(count().ge(1).and(turnover().gt(700)))
            .select((Sale::PRODUCT, turnover(), count()))
            .order_by(Sale::PRODUCT.asc());
        assert_eq!(query.clone().all(db).await.unwrap(), [all[0].clone(), all[2].clone()]);
        assert_eq!(query.clone().limit(1).offset(1).all(db).await.unwrap(), [all[2].clone()]);
        assert_eq!(query.clone().first(db).await.unwrap(), Some(all[0].clone()));
        assert!(query.clone().one(db).await.unwrap_err().is_not_unique());
        assert_eq!(query.clone().limit(1).optional(db).await.unwrap(), Some(all[0].clone()));
        assert_eq!(query.count(db).await.unwrap(), 2);
        let none = Sale::find().filter(Sale::ID.lt(0)).group_by(Sale::PRODUCT);
        assert_eq!(none.clone().count(db).await.unwrap(), 0);
        let none = none.select(Sale::PRODUCT);
        assert_eq!(none.clone().all(db).await.unwrap(), [""; 0]);
        assert!(none.one(db).await.unwrap_err().is_not_found());
    }

    async fn groups_are_read_as_structs_by_name(db) {
        sales(db).await;
        let query = Sale::find().group_by(Sale::PRODUCT).order_by(Sale::PRODUCT.asc());
        let named = (count().named("sales"), Sale::PRODUCT, turnover().named("turnover"));
        let found = query.clone().select(named).rows_as::<Product>().limit(1).one(db).await;
        let coffee = Product { product: "coffee".into(), cents: Some(3_600), sales: 1 };
        assert_eq!(found.unwrap(), coffee);
        let unnamed = query.clone().select((Sale::PRODUCT, turnover(), count().named("sales")));
        let error = unnamed.rows_as::<Product>().all(db).await.unwrap_err();
        assert!(error.is_invalid_request());
        let said = "no selected value is called `turnover` (`product`, `sales`); name one with \
                    `.named(\"turnover\")`";
        assert!(error.to_string().contains(said), "{error}");
        let twice = (Sale::PRODUCT, count().named("sales"), turnover().named("sales"), turnover().named("turnover"));
        let error = query.select(twice).rows_as::<Product>().all(db).await.unwrap_err();
        assert!(error.to_string().contains("several selected values are called `sales`"), "{error}");
        // Rows too.
        let sold = (Sale::PRODUCT, (Sale::CENTS - Sale::DISCOUNT).named("turnover"), Sale::ID.named("sales"));
        let found = Sale::find().filter(Sale::ID.lt(3)).order_by(Sale::ID.asc()).select(sold);
        let product = |cents, sales| Product { product: "tea".into(), cents, sales };
        let found = found.rows_as::<Product>().all(db).await.unwrap();
        assert_eq!(found, [product(Some(140), 1), product(None, 2)]);
    }

    async fn aggregates_are_of_the_rows_that_their_filters_leave(db) {
        sales(db).await;
        let found = Sale::find()
            .group_by(Sale::SHOP_ID)
            .select((
                Sale::SHOP_ID,
                (count().filter(Sale::OPEN.eq(true)), Sale::DISCOUNT.count(), Sale::PRODUCT.count_distinct()),
                (Sale::PRICE.count_distinct(), Sale::PRICE.sum(), Sale::PRICE.avg().filter(Sale::OPEN.eq(true))),
                (Sale::WEIGHT.sum(), Sale::WEIGHT.avg().filter(Sale::ID.gt(9))),
                (Sale::PLACED_AT.min(), Sale::DAY.max(), Sale::OPEN.min(), Sale::NOTE.max()),
                Sale::QUANTITY.sum().filter(Sale::QUANTITY.gt(1)).filter(Sale::OPEN.eq(false)),
            ))
            .order_by(Sale::SHOP_ID.desc())
            .all(db)
            .await
            .unwrap();
        let (north, south) = (&found[0], &found[1]);
        assert_eq!((north.0, north.1), (2, (2, 2, 2)));
        // 1.50 and 1.5 are one number.
        assert_eq!((north.2.0, north.2.1), (2, Some(decimal("13.25"))));
        assert_eq!(north.2.2.map(|average| average.round_dp(3)), Some(decimal("5.875")));
        assert_eq!(north.3, (Some(3.0), None));
        let at = instant("2024-01-31 23:30:15.75");
        assert_eq!((north.4.0, north.4.1), (Some(at), Some(day("2024-02-29"))));
        assert_eq!((north.4.2, north.5), (Some(false), Some(3)));
        assert_eq!((south.0, south.1, south.5), (1, (1, 1, 1), None));
        assert_eq!(south.4.3, None);
    }

    async fn all_rows_are_one_group(db) {
        sales(db).await;
        let values = || (count(), turnover(), Sale::PRICE.max(), count().filter(Sale::OPEN.eq(false)));
        let all = Sale::find().aggregate(values()).one(db).await.unwrap();
        assert_eq!(all, (4, Some(5_375), Some(decimal("10.25")), 1));
        let none = Sale::find().filter(Sale::ID.lt(0)).aggregate(values()).one(db).await.unwrap();
        assert_eq!(none, (0, None, None, 0));
        let never = Sale::find().filter(Sale::ID.is_in([0_i64; 0])).aggregate(values());
        assert_eq!(never.one(db).await.unwrap(), (0, None, None, 0));
        let half = Sale::find().aggregate((Sale::CENTS.sum() / count(), coalesce(Sale::DISCOUNT.sum(), 0)));
        assert_eq!(half.one(db).await.unwrap(), (Some(556), 35));
    }

    async fn keys_are_columns_and_expressions(db) {
        sales(db).await;
        let month = date_trunc(DateUnit::Month, Sale::PLACED_AT);
        let months = Sale::find()
            .group_by(month.clone())
            .select((month.clone(), count()))
            .order_by(month.asc())
            .all(db)
            .await
            .unwrap();
        let first = |text: &str, count| (instant(&format!("{text} 00:00:00")), count);
        assert_eq!(months, [first("2024-01-01", 1), first("2024-02-01", 2), first("2024-12-01", 1)]);
        // Values are sent with these keys.
        let hundreds = Sale::CENTS / 100;
        let size = case().when(Sale::QUANTITY.gt(2), "many").otherwise("few");
        let query = Sale::find()
            .group_by((hundreds.clone(), size.clone()))
            .having(count().gt(0))
            .select((hundreds.clone() + 1, size.clone(), count()))
            .order_by(hundreds.clone().asc())
            .order_by(size.desc());
        let row = |hundreds, size: &str, count| (hundreds, size.to_owned(), count);
        let expected = [row(2, "many", 1), row(2, "few", 1), row(10, "many", 1), row(11, "few", 1)];
        assert_eq!(query.clone().all(db).await.unwrap(), expected);
        assert_eq!(query.count(db).await.unwrap(), 4);
        let years = Sale::find().group_by((Sale::DAY.year(), Sale::DAY.quarter()));
        let years = years.select((Sale::DAY.year(), Sale::DAY.quarter(), count()));
        let years = years.order_by(Sale::DAY.quarter().asc()).all(db).await.unwrap();
        assert_eq!(years, [(2024, 1, 3), (2024, 4, 1)]);
        // A null is a group, and equal decimals are one.
        let discounts = Sale::find().group_by(Sale::DISCOUNT).select((Sale::DISCOUNT, count()));
        let discounts = discounts.order_by(Sale::DISCOUNT.asc()).all(db).await.unwrap();
        assert_eq!(discounts, [(Some(0), 1), (Some(10), 1), (Some(25), 1), (None, 1)]);
        let prices = Sale::find().group_by(Sale::PRICE).select(count()).order_by(count().desc());
        assert_eq!(prices.all(db).await.unwrap(), [2, 1, 1]);
        let twice = Sale::find().group_by(Sale::PRICE * Sale::QUANTITY).select(count());
        assert_eq!(twice.all(db).await.unwrap().len(), 4);
        let first = Sale::find().group_by(Sale::SHOP_ID).select(Sale::SHOP_ID).first(db).await;
        assert_eq!(first.unwrap(), Some(1));
    }

    async fn related_rows_are_grouped_by_and_follow_from_their_keys(db) {
        sales(db).await;
        let (name, city) = (Sale::SHOP.column(Shop::NAME), Sale::SHOP.column(Shop::CITY));
        let found = Sale::find()
            .group_by(Sale::SHOP_ID)
            .having(turnover().gt(Sale::SHOP.column(Shop::QUOTA)))
            .select((name, city, Sale::SHOP_ID, count()))
            .order_by(name.asc())
            .all(db)
            .await
            .unwrap();
        assert_eq!(found, [("North".to_owned(), Some("Oslo".to_owned()), 2, 3)]);
        let by_city = Sale::find().group_by(city).select((city, count())).order_by(city.asc());
        assert_eq!(by_city.all(db).await.unwrap(), [(Some("Oslo".to_owned()), 3), (None, 1)]);
        // An id determines its row, and what relations to one lead to.
        let by_id = Sale::find().group_by(Sale::ID).select((Sale::PRODUCT, name, count()));
        let by_id = by_id.order_by(Sale::ID.asc()).limit(1).all(db).await.unwrap();
        assert_eq!(by_id, [("tea".to_owned(), "North".to_owned(), 1)]);
        let by_number = Shop::find().group_by(Shop::SALES.count()).select((Shop::SALES.count(), count()));
        let by_number = by_number.order_by(Shop::SALES.count().asc()).all(db).await.unwrap();
        assert_eq!(by_number, [(0, 1), (1, 1), (3, 1)]);
        let sold = Shop::find().group_by(Shop::CODE).select((Shop::CODE, Shop::SALES.count()));
        assert_eq!(sold.order_by(Shop::CODE.asc()).all(db).await.unwrap(), [(1, 1), (2, 3), (3, 0)]);
        let north = Shop::find_by_id(1).one(db).await.unwrap();
        let of = Shop::SALES.of(&north).group_by(Sale::PRODUCT).select((Sale::PRODUCT, count()));
        let of = of.order_by(count().desc()).all(db).await.unwrap();
        assert_eq!(of, [("tea".to_owned(), 2), ("Ümlaut".to_owned(), 1)]);
        let other = Sale::OTHER.column(Shop::NAME);
        let others = Sale::find().group_by(Sale::OTHER_ID).select((other, count()));
        let others = others.order_by(other.asc()).all(db).await.unwrap();
        let row = |name: Option<&str>, count| (name.map(ToOwned::to_owned), count);
        assert_eq!(others, [row(Some("Closed"), 1), row(Some("South"), 1), row(None, 2)]);
    }

    async fn what_has_no_single_value_in_a_group_is_told_before_it_is_sent(db) {
        let error = async |result: ::relations::Result<Vec<i64>>| {
            let error = result.unwrap_err();
            assert!(error.is_invalid_request(), "{error}");
            error.to_string()
        };
        let grouped = || Sale::find().group_by(Sale::PRODUCT);
        let said = error(grouped().select(Sale::CENTS).all(db).await).await;
        assert!(said.contains("`Sale.cents` has no single value in a group; add it to `group_by(…)`"), "{said}");
        let said = error(grouped().select(count()).order_by(Sale::DAY.asc()).all(db).await).await;
        assert!(said.contains("`Sale.day`"), "{said}");
        let said = error(grouped().select(Sale::CENTS + 1).all(db).await).await;
        assert!(said.contains("`Sale.cents`"), "{said}");
        let of_shop = Sale::SHOP.column(Shop::QUOTA);
        let said = error(grouped().select(of_shop).all(db).await).await;
        assert!(said.contains("`Sale.shop.quota`"), "{said}");
        let having = grouped().having(count().gt(Sale::SHOP_ID)).select(count());
        let said = error(having.all(db).await).await;
        assert!(said.contains("`Sale.shop_id`"), "{said}");
        let part = grouped().select(coalesce(Sale::CENTS.sum() + Sale::CENTS, 0));
        let said = error(part.all(db).await).await;
        assert!(said.contains("`Sale.cents`"), "{said}");
        let named = Shop::find().group_by(Shop::CITY).select(Shop::SALES.count()).all(db).await;
        assert!(error(named).await.contains("`Shop.code`"));
        let with_sales = case().when(Shop::SALES.is_present(), 1_i64).otherwise(0);
        let named = Shop::find().group_by(Shop::CITY).select(with_sales).all(db).await;
        assert!(error(named).await.contains("`Shop.code`"));
        let limited = Sale::find().limit(3).group_by(Sale::PRODUCT).select(count()).all(db).await;
        assert!(error(limited).await.contains("write `limit` and `offset` behind `group_by`"));
        let ordered = Sale::find().order_by(Sale::ID.asc()).group_by(Sale::PRODUCT).select(count());
        assert!(error(ordered.all(db).await).await.contains("write `order_by` behind `group_by`"));
        let distinct = Sale::find().distinct().group_by(Sale::PRODUCT).select(count()).all(db).await;
        assert!(error(distinct).await.contains("leave out `distinct`"));
        let filtered = (count() + 1).filter(Sale::OPEN.eq(true));
        let said = error(grouped().select(filtered).all(db).await).await;
        assert!(said.contains("only an aggregate itself has a filter"), "{said}");
    }

    async fn aggregates_of_ones_own_are_sql(db) {
        sales(db).await;
        let product = match db.engine() {
            Engine::Postgres => "string_agg(product, $1 ORDER BY product)",
            Engine::Sqlite => "group_concat(product, $1 ORDER BY product)",
        };
        let all = sql_expr::<String>(product, ("/",));
        let found = Sale::find()
            .group_by(Sale::SHOP_ID)
            .having(all.clone().ne("coffee"))
            .select((Sale::SHOP_ID, all.clone()))
            .order_by(all.desc())
            .all(db)
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 2);
    }
}
