//! Filters and sort orders that a request names.

use ::relations::Database;
use ::relations::prelude::*;
use ::relations::query::NamedColumns;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Parcel)]
struct Sender {
    #[id]
    id: i64,
    name: String,
    country: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Value)]
enum State {
    Packed,
    #[value(rename = "on its way")]
    Sent,
}

#[derive(Debug, Clone, PartialEq, Value)]
struct Grams(i32);

#[derive(Debug, Clone, PartialEq, Entity)]
struct Parcel {
    #[id]
    id: i64,
    #[belongs_to(Sender)]
    sender_id: i64,
    #[belongs_to(Sender, name = "agent")]
    agent_id: Option<i64>,
    note: Option<String>,
    state: State,
    weight: Grams,
    fragile: bool,
    price: Decimal,
    code: Uuid,
    at: DateTime<Utc>,
    secret: String,
}

fn of_parcels() -> NamedColumns<Parcel> {
    NamedColumns::new()
        .allow((Parcel::ID, Parcel::NOTE, Parcel::STATE, Parcel::WEIGHT, Parcel::FRAGILE))
        .allow((Parcel::PRICE, Parcel::CODE, Parcel::AT))
        .allow(Parcel::SENDER.column(Sender::NAME))
        .allow_as("agent", Parcel::AGENT.column(Sender::NAME))
}

fn code(id: i64) -> Uuid {
    Uuid::from_u128(0xABCD_0000 + u128::try_from(id).unwrap())
}

async fn parcels(db: &Database) {
    db.create(schema![Sender, Parcel]).await.unwrap();
    for (id, name, country) in [(10, "Ada", Some("NO")), (11, "Bob", None)] {
        NewSender { id, name: name.into(), country: country.map(Into::into) }
            .insert(db)
            .await
            .unwrap();
    }
    for (id, sender_id, agent_id, note, state, weight) in [
        (1, 10, None, Some("50%_off"), State::Packed, 500),
        (2, 11, Some(10), Some("it's \"here\", now"), State::Sent, 20),
        (3, 10, Some(11), None, State::Sent, 500),
    ] {
        let new = NewParcel {
            id,
            sender_id,
            agent_id,
            note: note.map(Into::into),
            state,
            weight: Grams(weight),
            fragile: id == 2,
            price: Decimal::new(id * 150, 2),
            code: code(id),
            at: format!("2026-11-0{id}T12:00:00Z").parse().unwrap(),
            secret: "x".into(),
        };
        new.insert(db).await.unwrap();
    }
}

async fn ids(db: &Database, parameters: &[(&str, &str)], sort: &str) -> Vec<i64> {
    let columns = of_parcels();
    let query = Parcel::find().order_by_named(&columns, sort).unwrap();
    let query = parameters
        .iter()
        .fold(query, |query, (key, value)| query.filter_named(&columns, key, value).unwrap());
    query.order_by(Parcel::ID.asc()).all(db).await.unwrap().iter().map(|parcel| parcel.id).collect()
}

behaviour! {
    async fn values_are_read_by_the_type_of_the_property(db) {
        parcels(db).await;
        let upper = code(2).to_string().to_uppercase();
        for (key, value, expected) in [
            ("id", "2", &[2][..]),
            ("id[ne]", "2", &[1, 3]),
            ("id[in]", "1,3,9", &[1, 3]),
            ("id[not_in]", "1,3", &[2]),
            ("note", "50%_off", &[1]),
            ("note", "it's \"here\", now", &[2]),
            ("note", "' OR 1=1 --", &[]),
            ("note[contains]", "%_", &[1]),
            ("note[contains]", "'", &[2]),
            ("note[starts_with]", "it", &[2]),
            ("note[ends_with]", "off", &[1]),
            ("note[like]", "50_\\_%", &[1]),
            ("note[ilike]", "IT%", &[2]),
            ("note[is_null]", "true", &[3]),
            ("note[is_null]", "false", &[1, 2]),
            ("state", "on its way", &[2, 3]),
            ("state[in]", "packed,on its way", &[1, 2, 3]),
            ("weight[ge]", "500", &[1, 3]),
            ("weight[lt]", "500", &[2]),
            ("fragile", "true", &[2]),
            ("price", "3.0", &[2]),
            ("price[gt]", "1.5", &[2, 3]),
            ("code", upper.as_str(), &[2]),
            ("at[le]", "2026-11-02T14:00:00+02:00", &[1, 2]),
            ("at[gt]", "2026-11-02T12:00:00Z", &[3]),
            ("sender.name", "Ada", &[1, 3]),
            ("agent", "Ada", &[2]),
            ("agent[is_null]", "true", &[1]),
        ] {
            assert_eq!(ids(db, &[(key, value)], "").await, expected, "{key}={value}");
        }
        let both = [("weight", "500"), ("note[is_null]", "false")];
        assert_eq!(ids(db, &both, "").await, [1]);
    }

    async fn rows_come_in_the_order_that_is_named(db) {
        parcels(db).await;
        for (sort, expected) in [
            ("", [1, 2, 3]),
            ("-id", [3, 2, 1]),
            ("weight", [2, 1, 3]),
            ("-weight,-id", [3, 1, 2]),
            ("sender.name, -id", [3, 1, 2]),
            ("agent", [2, 3, 1]),
            ("-agent", [1, 3, 2]),
            ("fragile,-at", [3, 1, 2]),
        ] {
            assert_eq!(ids(db, &[], sort).await, expected, "{sort}");
        }
    }

    async fn an_order_of_its_own_has_a_name_and_a_reverse(db) {
        parcels(db).await;
        let columns = NamedColumns::<Sender>::new()
            .allow(Sender::ID)
            .allow_order("parcels", Sender::PARCELS.count().asc())
            .allow_order("country", Sender::COUNTRY.asc().nulls_first());
        for (sort, expected) in
            [("parcels", [11, 10]), ("-parcels", [10, 11]), ("country", [11, 10]), ("-country", [10, 11])]
        {
            let senders = Sender::find().order_by_named(&columns, sort).unwrap();
            let ids: Vec<_> = senders.all(db).await.unwrap().iter().map(|one| one.id).collect();
            assert_eq!(ids, expected, "{sort}");
        }
        let error = columns.filter("parcels", "eq", "2").unwrap_err();
        assert_eq!(error.to_string(), "`parcels` can be sorted by, not filtered");
    }

    async fn pages_continue_in_an_order_that_is_named(db) {
        parcels(db).await;
        for (sort, order) in [
            ("-weight", Parcel::WEIGHT.desc()),
            ("agent", Parcel::AGENT.column(Sender::NAME).asc()),
            ("-note", Parcel::NOTE.desc()),
            ("price", Parcel::PRICE.asc()),
        ] {
            let named = Parcel::find().order_by_named(&of_parcels(), sort).unwrap();
            let named: Vec<_> = named.stream(db).chunk(1).try_collect().await.unwrap();
            let typed = Parcel::find().order_by(order).stream(db).chunk(1);
            assert_eq!(named, typed.try_collect::<Vec<_>>().await.unwrap(), "{sort}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_sent() {
    for (key, value, why) in [
        ("wieght", "1", "`Parcel` has no column `wieght` that is allowed; did you mean `weight`?"),
        (
            "secret",
            "x",
            "`Parcel` has no column `secret` that is allowed; allowed: `id`, `note`, `state`, `weight`, \
             `fragile`, `price`, `code`, `at`, `sender.name`, `agent`",
        ),
        (
            "sender.nam",
            "x",
            "`Parcel` has no column `sender.nam` that is allowed; did you mean `sender.name`?",
        ),
        ("weight[gte]", "1", "`weight` has no operator `gte`; did you mean `gt`?"),
        (
            "weight[contains]",
            "1",
            "`weight` has no operator `contains`; allowed: `eq`, `ne`, `gt`, `ge`, `lt`, `le`, `in`, `not_in`",
        ),
        ("state[like]", "p%", "`state` has no operator `like`; allowed: `eq`"),
        ("id[is_null]", "true", "`id` has no operator `is_null`"),
        ("weight", "heavy", "`weight` takes a whole number, and was given something else"),
        ("weight", "99999999999", "`weight` takes a whole number, and was given something else"),
        ("id[in]", "1,,2", "`id` takes a whole number, and was given something else"),
        ("state", "Lost", "`state` takes one of its own values, and was given something else"),
        ("fragile", "1", "`fragile` takes `true` or `false`, and was given something else"),
        ("note[is_null]", "yes", "`note[is_null]` takes `true` or `false`"),
        (
            "note",
            "a\0b",
            "`note` takes a text without NUL characters, and was given something else",
        ),
        (
            "note[contains]",
            "\0",
            "`note` takes a text without NUL characters, and was given something else",
        ),
        ("price", "1,5", "`price` takes a number, and was given something else"),
        ("code", "abc", "`code` takes a UUID, and was given something else"),
        (
            "at",
            "yesterday",
            "`at` takes a date and a time, as in `2026-11-29T23:59:00Z`, and was given something else",
        ),
    ] {
        let error = Parcel::find().filter_named(&of_parcels(), key, value).unwrap_err();
        assert!(error.is_invalid_input(), "{key}: {error:?}");
        let told = error.to_string();
        assert!(told.starts_with(why) && !told.contains("heavy"), "{key}={value}: {told}");
    }
    for key in ["weight[", "weight]", "weight[gt", "[gt]", "", "id\"; DROP TABLE parcels; --"] {
        assert!(of_parcels().filter(key, "eq", "1").unwrap_err().is_invalid_input(), "{key}");
        let query = Parcel::find().filter_named(&of_parcels(), key, "1");
        assert!(query.unwrap_err().is_invalid_input(), "{key}");
    }
    for (sort, why) in [
        ("-wight", "`Parcel` has no column `wight` that is allowed; did you mean `weight`?"),
        ("id,-id", "`id` sorts twice; name it once"),
        ("id,", "`Parcel` has no column `` that is allowed"),
        ("--id", "`Parcel` has no column `-id` that is allowed; did you mean `id`?"),
        ("id DESC", "`Parcel` has no column `id DESC` that is allowed"),
    ] {
        let error = Parcel::find().order_by_named(&of_parcels(), sort).unwrap_err();
        assert!(error.is_invalid_input());
        assert!(error.to_string().starts_with(why), "{sort}: {error}");
    }
}

#[test]
fn no_value_becomes_text_of_the_statement() {
    let query =
        Parcel::find().filter_named(&of_parcels(), "note[contains]", "x') OR 1=1 --").unwrap();
    for engine in [::relations::Engine::Postgres, ::relations::Engine::Sqlite] {
        let sql = query.to_sql(engine).unwrap();
        assert!(!sql.contains("1=1"), "{sql}");
    }
}
