//! Types of PostgreSQL that would drop a part of a value, where a cast or their input truncates.

use ::relations::prelude::*;
use ::relations::{ConnectOptions, Database};
use rust_decimal::Decimal;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "things")]
struct Thing {
    #[id]
    id: i64,
    #[column(type = "code")]
    code: String,
    #[column(type = "code[]")]
    codes: Vec<String>,
    #[column(type = "mask")]
    mask: String,
    #[column(type = "padded")]
    padded: Option<String>,
    #[column(type = "name")]
    name: String,
    #[column(type = "\"char\"")]
    sign: String,
    #[column(type = "date")]
    day: String,
    #[column(type = "price")]
    price: Decimal,
    #[column(type = "integer")]
    whole: f64,
    #[column(type = "moment")]
    at: chrono::NaiveDateTime,
    long: String,
}

fn new(id: i64) -> NewThing {
    NewThing {
        id,
        code: "abc".into(),
        codes: vec!["abc".into(), "d".into()],
        mask: "1010".into(),
        padded: Some("ab".into()),
        name: "n".repeat(63),
        sign: "x".into(),
        day: "2024-01-31".into(),
        price: Decimal::new(15, 1),
        whole: 1.0,
        at: "2024-01-31T12:00:00".parse().unwrap(),
        long: "abcdef".into(),
    }
}

/// A database with such types, by prepared statements and by unnamed ones.
async fn databases() -> Option<[Database; 2]> {
    let url = crate::support::postgres_url().await?;
    let db = ::relations::connect(&url).await.unwrap();
    for sql in [
        "CREATE DOMAIN code AS varchar(3)",
        "CREATE DOMAIN mask AS bit(4)",
        "CREATE DOMAIN padded AS char(4)",
        "CREATE DOMAIN price AS numeric(5, 1)",
        "CREATE DOMAIN moment AS timestamp(0)",
    ] {
        ::relations::sql(sql, ()).execute(&db).await.unwrap();
    }
    db.create(schema![Thing]).await.unwrap();
    let unnamed = ConnectOptions::new(url).unnamed_statements(true).connect().await.unwrap();
    Some([db, unnamed])
}

#[tokio::test]
async fn what_does_not_fit_a_domain_is_refused_by_every_write() {
    let Some(databases) = databases().await else { return };
    for (db, id) in databases.iter().zip([1, 2]) {
        let thing = new(id).insert(db).await.unwrap();
        let found = [
            Thing::CODE.eq("abc"),
            Thing::CODES.eq(thing.codes.clone()),
            Thing::MASK.eq("1010"),
            Thing::PADDED.eq("ab"),
            Thing::NAME.eq(&thing.name),
            Thing::SIGN.eq("x"),
            Thing::DAY.eq("2024-01-31"),
            Thing::PRICE.eq(thing.price),
            Thing::WHOLE.eq(1.0),
            Thing::AT.eq(thing.at),
        ];
        for (number, filter) in found.into_iter().enumerate() {
            let one = Thing::find().filter(filter.and(Thing::ID.eq(id))).one(db).await;
            assert_eq!(one.unwrap(), thing, "filter {number}");
        }
        let long = |change: fn(&mut NewThing)| {
            let mut new = new(9);
            change(&mut new);
            new
        };
        for (number, new) in [
            long(|one| one.code = "abcd".into()),
            long(|one| one.codes = vec!["d".into(), "abcd".into()]),
            long(|one| one.mask = "10101".into()),
            long(|one| one.mask = "1".into()),
            long(|one| one.padded = Some("abcde".into())),
            long(|one| one.name = "n".repeat(64)),
            long(|one| one.sign = "xy".into()),
            long(|one| one.day = "2024-01-31 12:34".into()),
        ]
        .into_iter()
        .enumerate()
        {
            let what = format!("value {number}");
            assert!(new.clone().insert(db).await.is_err(), "{what}");
            assert!(NewThing::insert_many([new.clone()], db).await.is_err(), "{what}");
            let upsert = new.clone().on_conflict(Thing::ID);
            assert!(upsert.do_nothing().insert(db).await.is_err(), "{what}");
            let mut changed = Thing {
                code: new.code,
                codes: new.codes,
                mask: new.mask,
                padded: new.padded,
                name: new.name,
                sign: new.sign,
                day: new.day,
                ..thing.clone()
            };
            assert!(changed.update(db).await.is_err(), "{what}");
        }
        let by_id = || Thing::find().filter(Thing::ID.eq(id));
        assert!(by_id().set(Thing::CODE, "abcd").update(db).await.is_err());
        let copied = by_id().set_expr(Thing::CODE, Thing::LONG).update(db).await;
        assert!(copied.is_err(), "{id} {copied:?} {:?}", by_id().all(db).await);
        let mut edit = thing.clone().edit();
        edit.code = "abcd".into();
        assert!(edit.update(db).await.is_err());
        assert_eq!(by_id().all(db).await.unwrap(), [thing]);
        let set = by_id().set(Thing::LONG, "abc").update(db).await.unwrap();
        assert_eq!(by_id().set_expr(Thing::CODE, Thing::LONG).update(db).await.unwrap(), set);
    }
}

/// A value finds no row that holds only a part of it.
#[tokio::test]
async fn what_does_not_fit_finds_no_row() {
    let Some([db, unnamed]) = databases().await else { return };
    let rows = NewThing::insert_many([new(1), NewThing { whole: 2.0, ..new(2) }], &db).await;
    assert_eq!(rows.unwrap().len(), 2);
    for db in [&db, &unnamed] {
        for (number, filter) in [
            Thing::CODE.eq("abcd"),
            Thing::CODE.is_in(["abcd", "zzzz"]),
            Thing::CODES.eq(vec!["abcd".to_owned(), "d".to_owned()]),
            Thing::MASK.eq("10101"),
            Thing::MASK.eq("101"),
            Thing::NAME.eq("n".repeat(64)),
            Thing::NAME.is_in(["n".repeat(64)]),
            Thing::SIGN.eq("xy"),
            Thing::DAY.eq("2024-01-31 12:34"),
            Thing::PRICE.eq(Decimal::new(154, 2)),
            Thing::PRICE.is_in([Decimal::new(154, 2)]),
            Thing::WHOLE.eq(1.4),
            Thing::WHOLE.is_in([1.4, 1.6]),
            Thing::AT.eq("2024-01-31T12:00:00.4".parse::<chrono::NaiveDateTime>().unwrap()),
        ]
        .into_iter()
        .enumerate()
        {
            let found = Thing::find().filter(filter).all(db).await.unwrap_or_default();
            assert_eq!(found, [], "filter {number}");
        }
    }
}
