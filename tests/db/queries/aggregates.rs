//! Aggregates of all rows.

use super::*;

behaviour! {
    async fn numbers_have_a_least_a_greatest_a_sum_and_an_average(db) {
        db.create(schema![Number]).await.unwrap();
        for (id, value) in (1..).zip([1, 2, 9, 10]) {
            number(id, value).insert(db).await.unwrap();
        }
        let all = Number::find;
        macro_rules! check {
            ($column:ident: $least:expr, $greatest:expr, $sum:expr, $average:expr) => {
                assert_eq!(all().min(db, Number::$column).await.unwrap(), Some($least));
                assert_eq!(all().max(db, Number::$column).await.unwrap(), Some($greatest));
                assert_eq!(all().sum(db, Number::$column).await.unwrap(), Some($sum));
                assert_eq!(all().avg(db, Number::$column).await.unwrap(), Some($average));
            };
        }
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        check!(I16: 1, 10, 22, 5.5);
        check!(I32: 1, 10, 22, 5.5);
        check!(I64: 1, 10, 22, 5.5);
        check!(F32: 1.5, 10.5, 24.0, 6.0);
        check!(F64: 1.5, 10.5, 24.0, 6.0);
        check!(DECIMAL: decimal("1.25"), decimal("10.25"), decimal("23.00"), decimal("5.75"));
        check!(MAYBE: 1, 10, 20, 20.0 / 3.0);
        assert_eq!(all().sum(db, Number::MAYBE_DECIMAL).await.unwrap(), None);
        assert_eq!(all().avg(db, Number::MAYBE_DECIMAL).await.unwrap(), None);
        assert_eq!(all().max(db, Number::MAYBE_DECIMAL).await.unwrap(), None);
        let page = all().order_by(Number::ID.asc()).limit(2);
        assert_eq!(page.clone().sum(db, Number::I32).await.unwrap(), Some(3));
        assert_eq!(page.clone().avg(db, Number::DECIMAL).await.unwrap(), Some(decimal("1.75")));
        assert_eq!(page.max(db, Number::DECIMAL).await.unwrap(), Some(decimal("2.25")));
        let none = || all().filter(Number::ID.gt(99));
        assert_eq!(none().min(db, Number::I32).await.unwrap(), None);
        assert_eq!(none().sum(db, Number::I64).await.unwrap(), None);
        assert_eq!(none().avg(db, Number::DECIMAL).await.unwrap(), None);
    }

    async fn a_sum_that_does_not_fit_is_an_error(db) {
        db.create(schema![Number]).await.unwrap();
        for id in [1, 2] {
            let full = NewNumber {
                i64: i64::MAX,
                i32: i32::MAX,
                i16: i16::MAX,
                decimal: Decimal::MAX,
                f32: 16_777_216.0,
                ..number(id, 1)
            };
            full.insert(db).await.unwrap();
        }
        NewNumber { f32: 1.0, i64: 0, decimal: Decimal::ZERO, ..number(3, 0) }
            .insert(db)
            .await
            .unwrap();
        let all = Number::find;
        let error = all().sum(db, Number::I64).await.unwrap_err();
        assert_eq!(error.entity(), Some("Number"));
        assert!(all().sum(db, Number::DECIMAL).await.is_err());
        let integers = i64::from(i32::MAX) * 2;
        assert_eq!(all().sum(db, Number::I32).await.unwrap(), Some(integers));
        assert_eq!(all().sum(db, Number::I16).await.unwrap(), Some(i64::from(i16::MAX) * 2));
        // A sum of short floats is as exact as one of long ones.
        assert_eq!(all().sum(db, Number::F32).await.unwrap(), Some(33_554_433.0));
    }

    async fn other_values_have_a_least_and_a_greatest(db) {
        create(db).await;
        assert_eq!(Thing::find().min(db, Thing::NOTE).await.unwrap().as_deref(), Some("50%"));
        assert_eq!(Thing::find().max(db, Thing::ID).await.unwrap(), Some(9));
        db.create(schema![Mark]).await.unwrap();
        assert_eq!(Mark::find().max(db, Mark::FLAG).await.unwrap(), None);
        for (id, bytes) in [(1, vec![0, 255]), (2, vec![1]), (3, vec![0])] {
            let mark = NewMark { id, flag: id == 1, bytes, uuid: uuid::Uuid::from_u128(id as u128) };
            mark.insert(db).await.unwrap();
        }
        assert_eq!(Mark::find().min(db, Mark::FLAG).await.unwrap(), Some(false));
        assert_eq!(Mark::find().max(db, Mark::FLAG).await.unwrap(), Some(true));
        assert_eq!(Mark::find().min(db, Mark::BYTES).await.unwrap(), Some(vec![0]));
        assert_eq!(Mark::find().max(db, Mark::BYTES).await.unwrap(), Some(vec![1]));
        let max = Mark::find().max(db, Mark::UUID).await.unwrap();
        assert_eq!(max, Some(uuid::Uuid::from_u128(3)));
    }
}
