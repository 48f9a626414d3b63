//! Ranges, which PostgreSQL alone has.

use std::ops::Bound;

use ::relations::expression::{now, sql_expr};
use ::relations::prelude::*;
use ::relations::value::Range;
use ::relations::{Database, Engine, Result};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;

use super::{at, date};
use crate::support;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Stay, name = "stays", key_to = "room_number")]
struct Room {
    #[id]
    number: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[index(nights, using = "gist")]
struct Stay {
    #[id(generated)]
    id: i64,
    #[belongs_to(Room, name = "room")]
    room_number: i64,
    nights: Range<NaiveDate>,
    guests: Option<Range<i32>>,
}

/// A newtype has the column of its value.
#[derive(Debug, Clone, PartialEq, Value)]
struct Span(Range<i64>);

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, Entity)]
struct Everything {
    #[id]
    id: i64,
    small: Range<i32>,
    large: Range<i64>,
    exact: Range<Decimal>,
    days: Range<NaiveDate>,
    local: Range<NaiveDateTime>,
    moments: Range<DateTime<Utc>>,
    list: Vec<Range<i32>>,
    gaps: Vec<Option<Range<NaiveDateTime>>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Others {
    #[id]
    id: i64,
    offset: Range<DateTime<FixedOffset>>,
    days: Range<time::Date>,
    local: Range<time::PrimitiveDateTime>,
    moments: Range<time::OffsetDateTime>,
    span: Span,
    #[column(type = "small_numbers")]
    of_domain: Option<Range<i32>>,
}

fn moment(text: &str) -> DateTime<Utc> {
    at(text).and_utc()
}

fn everything(id: i64) -> Everything {
    Everything {
        id,
        small: Range::from(-4..=7),
        large: Range::new(Bound::Excluded(i64::MIN), Bound::Unbounded),
        exact: Range::new(Bound::Excluded(decimal("0.10")), Bound::Included(decimal("12345.6789"))),
        days: Range::from(date("0000-02-29")..=date("9999-12-30")),
        local: Range::from(at("0000-01-01T00:00:00")..=at("2024-02-29T12:30:00.000001")),
        moments: Range::from(moment("1969-12-31T23:59:59.5")..),
        list: vec![Range::empty(), Range::from(1..3), Range::unbounded()],
        gaps: vec![None, Some(Range::from(at("2024-02-29T12:30:00.000001")..))],
    }
}

fn new(of: &Everything) -> NewEverything {
    let Everything { id, small, large, exact, days, local, moments, list, gaps } = of.clone();
    NewEverything { id, small, large, exact, days, local, moments, list, gaps }
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

async fn of_everything(db: &Database) -> Result<Everything> {
    Everything::find().one(db).await
}

#[tokio::test]
async fn each_range_is_read_as_it_was_sent() {
    let Some(db) = &support::postgres().await else { return };
    db.create(schema![Everything]).await.unwrap();
    let one = everything(1);
    assert_eq!(new(&one).insert(db).await.unwrap(), one);
    assert_eq!(of_everything(db).await.unwrap(), one);
    let same = Everything::find()
        .filter(Everything::SMALL.eq(one.small))
        .filter(Everything::LARGE.eq(one.large))
        .filter(Everything::EXACT.eq(one.exact))
        .filter(Everything::DAYS.is_in([one.days, Range::empty()]))
        .filter(Everything::LOCAL.eq(one.local))
        .filter(Everything::MOMENTS.eq(one.moments))
        .filter(Everything::LIST.has(Range::from(1..=2)))
        .filter(Everything::LIST.overlaps([Range::<i32>::empty()]));
    assert_eq!(same.count(db).await.unwrap(), 1);
    let more = [everything(2), Everything { list: Vec::new(), gaps: Vec::new(), ..everything(3) }];
    let inserted = NewEverything::insert_many(more.iter().map(new), db).await;
    assert_eq!(inserted.unwrap(), more);
    let mut changed = one.clone();
    changed.small = Range::empty();
    changed.moments = Range::from(..moment("2024-02-29T00:00:00"));
    changed.update(db).await.unwrap();
    assert_eq!(Everything::find_by_id(1).one(db).await.unwrap(), changed);
    let set = Everything::find_by_id(1).set(Everything::SMALL, one.small);
    assert_eq!(set.update(db).await.unwrap(), 1);
    let upsert = new(&one).on_conflict(Everything::ID).update((Everything::MOMENTS,));
    assert_eq!(upsert.insert(db).await.unwrap().into_inner(), one);
    // What a form of JSON tells is the row again.
    let json = serde_json::to_string(&one).unwrap();
    assert_eq!(serde_json::from_str::<Everything>(&json).unwrap(), one);
}

#[tokio::test]
async fn further_types_have_ranges_too() {
    let Some(db) = &support::postgres().await else { return };
    let session = db.sql_session().await.unwrap();
    let domain = "CREATE DOMAIN small_numbers AS int4range CHECK (upper(VALUE) < 10)";
    ::relations::sql(domain, ()).execute(&session).await.unwrap();
    drop(session);
    db.create(schema![Others]).await.unwrap();
    let new = NewOthers {
        id: 1,
        offset: Range::from(moment("2024-02-29T12:30:00").fixed_offset()..),
        days: Range::from(
            time::macros::date!(2024 - 02 - 29)..=time::macros::date!(2024 - 03 - 01),
        ),
        local: Range::from(..time::macros::datetime!(2024-02-29 12:30:00.000_001)),
        moments: Range::from(time::macros::datetime!(2024-02-29 12:30 +1)..),
        span: Span(Range::from(1..5)),
        of_domain: Some(Range::from(1..5)),
    };
    let one = new.insert(db).await.unwrap();
    assert_eq!(Others::find().one(db).await.unwrap(), one);
    assert_eq!(one.days.to_string(), "[2024-02-29,2024-03-02)");
    let found = Others::find()
        .filter(Others::SPAN.eq(&one.span))
        .filter(Others::OF_DOMAIN.eq(Range::from(1..=4)))
        .filter(Others::OF_DOMAIN.contains(4))
        .filter(Others::OF_DOMAIN.overlaps(4..))
        .filter(Others::MOMENTS.contains(time::macros::datetime!(2024-02-29 12:30 +1)));
    assert_eq!(found.all(db).await.unwrap(), [one]);
    let above = Others::find_by_id(1).set(Others::OF_DOMAIN, Range::from(1..50));
    assert!(above.update(db).await.unwrap_err().to_string().contains("small_numbers"));
    let report = db.check(schema![Others]).await.unwrap();
    assert!(report.is_empty(), "{report}");
}

/// Two rooms with the nights from the 1st to the 5th, from the 5th to the 8th, and none.
async fn house(db: &Database) -> [i64; 3] {
    db.create(schema![Room, Stay]).await.unwrap();
    for number in [10, 20] {
        NewRoom { number }.insert(db).await.unwrap();
    }
    let nights = [
        (20, Range::from(date("2024-05-01")..date("2024-05-05")), Some(Range::from(1..=2))),
        (10, Range::from(date("2024-05-05")..date("2024-05-08")), None),
        (10, Range::empty(), Some(Range::from(4..))),
    ];
    let new = nights.map(|(room_number, nights, guests)| NewStay { room_number, nights, guests });
    let stays = NewStay::insert_many(new, db).await.unwrap();
    [stays[0].id, stays[1].id, stays[2].id]
}

#[tokio::test]
async fn ranges_are_asked_for_by_values_and_ranges() {
    let Some(db) = &support::postgres().await else { return };
    let [first, second, none] = house(db).await;
    let day = |day: &str| date(&format!("2024-05-{day}"));
    let cases = [
        (Stay::NIGHTS.contains(day("04")), vec![first]),
        (Stay::NIGHTS.contains(&day("05")), vec![second]),
        (Stay::NIGHTS.contains(Stay::NIGHTS.lower_bound()), vec![first, second]),
        (Stay::NIGHTS.contains(now()), vec![]),
        (Stay::NIGHTS.contains_range(day("02")..=day("04")), vec![first]),
        (Stay::NIGHTS.contains_range(Range::<NaiveDate>::empty()), vec![first, second, none]),
        (Stay::NIGHTS.is_within(..day("06")), vec![first, none]),
        (Stay::NIGHTS.is_within(Stay::NIGHTS), vec![first, second, none]),
        (Stay::NIGHTS.overlaps(day("04")..day("06")), vec![first, second]),
        (Stay::NIGHTS.overlaps(&Range::from(day("08")..)), vec![]),
        (Stay::NIGHTS.is_adjacent_to(day("08")..), vec![second]),
        (Stay::NIGHTS.is_empty(), vec![none]),
        (!Stay::NIGHTS.is_empty(), vec![first, second]),
        (Stay::GUESTS.contains(2), vec![first]),
        (!Stay::GUESTS.contains(2), vec![none]),
        (Stay::GUESTS.upper_bound().is_null(), vec![second, none]),
        (Stay::GUESTS.upper_bound().eq(3), vec![first]),
        (Stay::GUESTS.is_null(), vec![second]),
        (Stay::NIGHTS.eq(Range::from(day("01")..=day("04"))), vec![first]),
        (Stay::NIGHTS.upper_bound().gt(Stay::NIGHTS.lower_bound()), vec![first, second]),
    ];
    for (filter, expected) in cases {
        let told = format!("{filter:?}");
        let found = Stay::find().filter(filter).order_by(Stay::ID.asc()).all(db).await.unwrap();
        assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), expected, "{told}");
    }
    let bounds = Stay::find().order_by(Stay::NIGHTS.lower_bound().desc()).select((
        Stay::ID,
        Stay::NIGHTS.lower_bound(),
        Stay::NIGHTS.upper_bound(),
    ));
    let bounds: Vec<(i64, Option<NaiveDate>, Option<NaiveDate>)> = bounds.all(db).await.unwrap();
    assert_eq!(bounds.last(), Some(&(first, Some(day("01")), Some(day("05")))));
    assert_eq!(bounds.iter().find(|one| one.0 == none), Some(&(none, None, None)));
    // Through relations, both ways.
    let rooms = Room::find().filter(Room::STAYS.any(Stay::NIGHTS.contains(day("05"))));
    assert_eq!(rooms.one(db).await.unwrap().number, 10);
    let free = Room::find().filter(!Room::STAYS.any(Stay::NIGHTS.overlaps(day("06")..)));
    assert_eq!(free.one(db).await.unwrap().number, 20);
    let stays = Room::find_by_id(10).include(Room::STAYS.filter(Stay::NIGHTS.is_empty()));
    assert_eq!(stays.one(db).await.unwrap().stays[0].id, none);
    let page = Stay::find().order_by(Stay::NIGHTS.asc()).page(1).fetch(db).await.unwrap();
    let next = Stay::find().order_by(Stay::NIGHTS.asc()).page(2).after(page.next.unwrap());
    let next: Vec<_> = next.fetch(db).await.unwrap().rows.iter().map(|one| one.id).collect();
    assert_eq!(next, [first, second]);
}

#[tokio::test]
async fn a_range_that_rust_or_the_database_does_not_hold_is_told() {
    let Some(db) = &support::postgres().await else { return };
    db.create(schema![Everything]).await.unwrap();
    new(&everything(1)).insert(db).await.unwrap();
    let changes = [
        ("days = '[2024-02-29,infinity)'", "daterange"),
        ("moments = '[-infinity,2024-02-29)'", "tstzrange"),
        ("exact = '[1,1e50)'", "numrange"),
    ];
    for (change, name) in changes {
        let sql = format!("UPDATE everythings SET {change}");
        ::relations::sql(sql, ()).execute(db).await.unwrap();
        let error = of_everything(db).await.unwrap_err();
        let told = error.to_string();
        assert!(error.is_row_mismatch() && told.contains(name), "{told}");
        ::relations::sql("DELETE FROM everythings", ()).execute(db).await.unwrap();
        new(&everything(1)).insert(db).await.unwrap();
    }
    let (start, end) = (7, 4);
    let refused = [
        (Range::from(start..end), "lower bound is above its upper one"),
        (Range::from(1..=i32::MAX), "leave the end open"),
    ];
    for (small, why) in refused {
        let errors = [
            new(&Everything { small, ..everything(2) }).insert(db).await.unwrap_err(),
            Everything::find_by_id(1).set(Everything::SMALL, small).update(db).await.unwrap_err(),
            Everything::find().filter(Everything::SMALL.overlaps(small)).all(db).await.unwrap_err(),
            Everything::find().filter(Everything::SMALL.eq(small)).all(db).await.unwrap_err(),
        ];
        for error in errors {
            let told = error.to_string();
            assert!(error.is_invalid_request(), "{told}");
            assert!(told.contains("`Everything.small` is a range") && told.contains(why), "{told}");
        }
    }
}

#[tokio::test]
async fn raw_sql_reads_and_sends_ranges() {
    let Some(db) = &support::postgres().await else { return };
    let told = "SELECT CAST($1 AS int8range) * int8range(5, 10), '{}'::int4range[]";
    let (range, list): (Range<i64>, Vec<Range<i32>>) =
        ::relations::sql(told, (Range::from(1_i64..7),)).one(db).await.unwrap();
    assert_eq!((range, list), (Range::from(5..7), Vec::new()));
    let alone: Range<i32> = ::relations::sql("SELECT int4range(1, 3)", ()).one(db).await.unwrap();
    assert_eq!(alone, Range::from(1..3));
    let other = ::relations::sql("SELECT int8range(1, 3)", ()).one::<Range<i32>>(db).await;
    let error = other.unwrap_err();
    assert!(error.is_row_mismatch() && error.to_string().contains("int8range"), "{error}");
    db.create(schema![Everything]).await.unwrap();
    new(&everything(1)).insert(db).await.unwrap();
    let longer = sql_expr::<Range<i32>>("everythings.small + int4range(8, 10)", ());
    let small: Vec<Range<i32>> = Everything::find().select(longer).all(db).await.unwrap();
    assert_eq!(small, [Range::from(-4..10)]);
}

#[tokio::test]
async fn the_check_tells_a_range_of_another_type() {
    let Some(db) = &support::postgres().await else { return };
    db.create(schema![Room, Stay, Everything]).await.unwrap();
    let report = db.check(schema![Room, Stay, Everything]).await.unwrap();
    assert!(report.is_empty(), "{report}");
    let other = "ALTER TABLE stays ALTER COLUMN guests TYPE int8range USING NULL";
    ::relations::sql(other, ()).execute(db).await.unwrap();
    let report = db.check(schema![Room, Stay, Everything]).await.unwrap().to_string();
    assert!(
        report.contains("`Stay.guests` is `int4range`, and `stays.guests` is `int8range`"),
        "{report}"
    );
}

#[tokio::test]
async fn on_sqlite_a_range_is_an_error_before_anything_is_sent() {
    let db = &support::sqlite().await;
    let ours = "make each of its bounds a property";
    let error = db.create(schema![Room, Stay]).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(error.to_string().contains("SQLite has no ranges, which `Stay.nights` is"), "{error}");
    let created = schema![Room, Stay].create_sql(Engine::Postgres).unwrap();
    assert!(
        created[1].contains("\"nights\" daterange NOT NULL, \"guests\" int4range NULL"),
        "{created:?}"
    );
    assert!(
        created.iter().any(|sql| sql.ends_with(r#"ON "stays" USING gist ("nights")"#)),
        "{created:?}"
    );
    let nights = Range::from(date("2024-05-01")..);
    let new = NewStay { room_number: 7, nights, guests: None };
    let set = Stay::find_by_id(1).set(Stay::NIGHTS, nights);
    let errors = [
        new.insert(db).await.map(|_| 0).unwrap_err(),
        set.update(db).await.map(|_| 0).unwrap_err(),
        Stay::find().filter(Stay::NIGHTS.eq(nights)).count(db).await.unwrap_err(),
        Stay::find().filter(Stay::NIGHTS.is_in([nights])).count(db).await.unwrap_err(),
        Stay::find().filter(Stay::NIGHTS.contains(date("2024-05-01"))).count(db).await.unwrap_err(),
        Stay::find().filter(Stay::NIGHTS.overlaps(nights)).count(db).await.unwrap_err(),
        Stay::find()
            .order_by(Stay::NIGHTS.lower_bound().asc())
            .all(db)
            .await
            .map(|_| 0)
            .unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_invalid_request() && error.to_string().contains(ours), "{error}");
    }
}

/// A range is a key like any other, of rows and of relations.
#[tokio::test]
async fn a_range_can_be_a_key() {
    #[derive(Debug, Clone, PartialEq, Entity)]
    #[has_many(Reading, name = "readings", key_to = "class_range")]
    struct Class {
        #[id]
        range: Range<Decimal>,
        name: String,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    struct Reading {
        #[id]
        id: i64,
        #[belongs_to(Class, name = "class")]
        class_range: Option<Range<Decimal>>,
    }

    let Some(db) = &support::postgres().await else { return };
    db.create(schema![Class, Reading]).await.unwrap();
    let (low, high) = (Range::from(..decimal("1.5")), Range::from(decimal("1.5")..));
    let classes = [(low, "low"), (high, "high")];
    let classes = classes.map(|(range, name)| NewClass { range, name: name.to_owned() });
    let mut classes = NewClass::insert_many(classes, db).await.unwrap();
    // The database takes both for one key, and tells it by as many digits as it was given.
    let longer = Range::from(decimal("1.500")..);
    let readings = [(7, Some(low)), (8, Some(longer)), (9, None), (10, Some(high))];
    let readings = readings.map(|(id, class_range)| NewReading { id, class_range });
    let readings = NewReading::insert_many(readings, db).await.unwrap();
    let name = async |id| {
        let class = Reading::CLASS.of_id(id).optional(db).await.unwrap();
        class.map(|class| class.name)
    };
    assert_eq!(name(8).await.as_deref(), Some("high"));
    assert_eq!(name(9).await, None);
    for relation in [Reading::CLASS.joined(), Reading::CLASS.batched()] {
        let found = Reading::find().include(relation).order_by(Reading::ID.asc()).all(db).await;
        let names = found.unwrap().into_iter().map(|one| one.class.map(|class| class.name));
        let names: Vec<_> = names.map(Option::unwrap_or_default).collect();
        assert_eq!(names, ["low", "high", "", "high"]);
    }
    let found = Class::find().include(Class::READINGS).order_by(Class::NAME.asc());
    let counts: Vec<_> =
        found.all(db).await.unwrap().iter().map(|class| class.readings.len()).collect();
    assert_eq!(counts, [2, 1]);
    assert_eq!(readings[3].class(db).await.unwrap().unwrap().name, "high");
    for class in &mut classes {
        class.name.push('!');
    }
    Class::update_many(&mut classes, db).await.unwrap();
    assert_eq!(Class::find_by_id(longer).one(db).await.unwrap().name, "high!");
}
