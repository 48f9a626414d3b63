//! Numbers and lists at their edges.

use super::*;

behaviour! {
    async fn a_zero_below_zero_is_a_zero(db) {
        use floats::{Holder, NewHolder};
        db.create(schema![Holder]).await.unwrap();
        let holder = NewHolder { id: 1, value: -0.0, maybe: None }.insert(db).await.unwrap();
        assert_eq!(holder.value, 0.0);
        // SQLite keeps whole floats as integers, which have no such zero.
        let kept = Holder::find().one(db).await.unwrap().value.is_sign_negative();
        assert_eq!(kept, db.engine() == Engine::Postgres);
    }

    async fn nan_is_kept_or_refused(db) {
        use floats::{Holder, NewHolder};
        db.create(schema![Holder]).await.unwrap();
        let inserted = NewHolder { id: 1, value: f64::NAN, maybe: Some(f64::NAN) }.insert(db).await;
        match db.engine() {
            Engine::Postgres => assert!(inserted.unwrap().value.is_nan()),
            Engine::Sqlite => {
                let error = inserted.unwrap_err();
                assert!(error.is_invalid_request());
                assert_eq!(error.entity(), Some("Holder"));
                assert_eq!(error.to_string(), "`Holder.value`: SQLite cannot store NaN");
            }
        }
    }

    async fn a_decimal_keeps_its_digits(db) {
        use numbers::{Holder, NewHolder};
        db.create(schema![Holder]).await.unwrap();
        for (id, text) in (0..).zip(["1.10", "-0.500", "79228162514264337593543950335", "0"]) {
            let value = text.parse().unwrap();
            let holder = NewHolder { id, value, maybe: None }.insert(db).await.unwrap();
            assert_eq!(holder.value.to_string(), text);
        }
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        let found = |filter| async move {
            Holder::find().filter(filter).order_by(Holder::ID.asc()).select(Holder::ID).all(db).await.unwrap()
        };
        assert_eq!(found(Holder::VALUE.eq(decimal("1.1"))).await, [0]);
        assert_eq!(found(Holder::VALUE.gt(decimal("1"))).await, [0, 2]);
        assert_eq!(found(Holder::VALUE.is_in([decimal("1.1"), decimal("-0.5")])).await, [0, 1]);
        assert_eq!(found(Holder::VALUE.between(decimal("-1"), decimal("10"))).await, [0, 1, 3]);
        let distinct = Holder::find().select(Holder::MAYBE).distinct().all(db).await.unwrap();
        assert_eq!(distinct, [None]);
    }

    async fn a_list_may_hold_any_value(db) {
        use texts::{Holder, NewHolder};
        db.create(schema![Holder]).await.unwrap();
        let odd = ["\u{1}\u{1f}", "\"", "\\", "\u{7f}", "\u{2028}", "a\"b\\c\n", "NULL"];
        for (id, value) in (0..).zip(odd) {
            NewHolder { id, value: value.into(), maybe: None }.insert(db).await.unwrap();
        }
        for value in odd {
            let found = Holder::find().filter(Holder::VALUE.is_in([value])).one(db).await.unwrap();
            assert_eq!(found.value, value);
        }
    }

    async fn floats_and_bytes_in_a_list(db) {
        db.create(schema![floats::Holder]).await.unwrap();
        for (id, value) in [(1, 0.1), (2, 5e-324), (3, f64::MAX), (4, f64::INFINITY), (5, 1e15 + 0.3)] {
            floats::NewHolder { id, value, maybe: None }.insert(db).await.unwrap();
            let found = floats::Holder::find().filter(floats::Holder::VALUE.is_in([value]));
            assert_eq!(found.one(db).await.unwrap().id, id);
        }
        let least = floats::Holder::find().filter(floats::Holder::VALUE.is_in([f64::NEG_INFINITY]));
        assert_eq!(least.count(db).await.unwrap(), 0);
        db.drop(schema![floats::Holder]).await.unwrap();
        db.create(schema![bytes::Holder]).await.unwrap();
        let of_bytes = bytes::Holder::find().filter(bytes::Holder::VALUE.is_in([vec![0_u8]]));
        let bytes = of_bytes.count(db).await;
        assert_eq!(bytes.unwrap(), 0);
    }

    async fn what_no_engine_or_one_cannot_keep_is_an_error(db) {
        db.create(schema![dates::Holder]).await.unwrap();
        for (id, text) in [(1, "-0001-12-31"), (2, "+10000-01-01")] {
            let value = date(text);
            let inserted = dates::NewHolder { id, value, maybe: None }.insert(db).await;
            match db.engine() {
                Engine::Postgres => assert_eq!(inserted.unwrap().value, value),
                Engine::Sqlite => {
                    let error = inserted.unwrap_err();
                    assert!(error.is_invalid_request());
                    assert_eq!(error.entity(), Some("Holder"));
                    assert!(error.to_string().starts_with("`Holder.value`: SQLite stores only years"));
                }
            }
        }
        let value = chrono::NaiveDate::MIN;
        let error = dates::NewHolder { id: 3, value, maybe: None }.insert(db).await.unwrap_err();
        assert_eq!(error.entity(), Some("Holder"));
    }
}
