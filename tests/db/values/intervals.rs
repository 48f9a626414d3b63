//! Intervals and lengths of time, which PostgreSQL alone has as columns.

use std::time::Duration;

use ::relations::expression::{Interval, coalesce, days, hours, months, now, sql_expr};
use ::relations::prelude::*;
use ::relations::{Database, Engine};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::{at, date};
use crate::support;

/// A newtype has the column of its value.
#[derive(Debug, Clone, Copy, PartialEq, Value)]
struct Pause(Duration);

#[derive(Debug, Clone, PartialEq, Entity)]
struct Plan {
    #[id]
    id: i64,
    renewed: Interval,
    length: TimeDelta,
    other: Option<time::Duration>,
    timeout: Duration,
    steps: Vec<Interval>,
    gaps: Vec<Option<TimeDelta>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Shift {
    #[id]
    id: i64,
    on: NaiveDate,
    starts: NaiveDateTime,
    #[column(type = "interval(0)")]
    pause: Pause,
}

fn plan(id: i64) -> Plan {
    Plan {
        id,
        renewed: Interval::new(-14, 3, -1),
        length: TimeDelta::microseconds(-86_400_000_001),
        other: Some(time::Duration::new(1, 1_000)),
        timeout: Duration::from_micros(i64::MAX.unsigned_abs()),
        steps: vec![months(1), days(-2), Interval::new(i32::MIN, i32::MAX, i64::MIN)],
        gaps: vec![None, Some(TimeDelta::zero())],
    }
}

fn new(of: &Plan) -> NewPlan {
    let Plan { id, renewed, length, other, timeout, steps, gaps } = of.clone();
    NewPlan { id, renewed, length, other, timeout, steps, gaps }
}

async fn plans() -> Option<Database> {
    let db = support::postgres().await?;
    db.create(schema![Plan]).await.unwrap();
    Some(db)
}

#[tokio::test]
async fn each_interval_is_read_as_it_was_sent() {
    let Some(db) = &plans().await else { return };
    let one = plan(1);
    assert_eq!(new(&one).insert(db).await.unwrap(), one);
    assert_eq!(Plan::find().one(db).await.unwrap(), one);
    let found = Plan::find()
        .filter(Plan::RENEWED.eq(one.renewed))
        .filter(Plan::LENGTH.is_in([one.length]))
        .filter(Plan::OTHER.eq(time::Duration::new(1, 1_999)))
        .filter(Plan::TIMEOUT.ge(one.timeout))
        .filter(Plan::STEPS.has(days(-2)))
        .filter(Plan::GAPS.eq(&one.gaps));
    assert_eq!(found.all(db).await.unwrap(), [one.clone()]);
    let more = [plan(2), Plan { other: None, steps: Vec::new(), ..plan(3) }];
    let inserted = NewPlan::insert_many(more.iter().map(new), db).await.unwrap();
    assert_eq!(inserted, more);
    let mut changed = Plan { length: TimeDelta::seconds(90), renewed: hours(36), ..one.clone() };
    changed.update(db).await.unwrap();
    assert_eq!(Plan::find_by_id(1).one(db).await.unwrap(), changed);
    let longest: Vec<Option<TimeDelta>> = vec![Plan::find().max(db, Plan::LENGTH).await.unwrap()];
    assert_eq!(longest, [Some(TimeDelta::seconds(90))]);
    let json = serde_json::to_string(&one.renewed).unwrap();
    assert_eq!(json, r#"{"months":-14,"days":3,"microseconds":-1}"#);
    assert_eq!(serde_json::from_str::<Interval>(&json).unwrap(), one.renewed);
    let report = db.check(schema![Plan]).await.unwrap();
    assert!(report.is_empty(), "{report}");
}

/// To PostgreSQL a day is 24 hours and a month 30 days, where two intervals are compared.
#[tokio::test]
async fn intervals_are_compared_as_the_database_does() {
    let Some(db) = &plans().await else { return };
    for (id, renewed) in [(1, months(1)), (2, days(31)), (3, hours(24 * 30))] {
        new(&Plan { renewed, ..plan(id) }).insert(db).await.unwrap();
    }
    let ids = async |filter| {
        let plans = Plan::find().filter(filter).order_by(Plan::ID.asc()).all(db).await.unwrap();
        plans.iter().map(|plan| plan.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Plan::RENEWED.eq(days(30))).await, [1, 3]);
    assert_eq!(ids(Plan::RENEWED.gt(months(1))).await, [2]);
    assert_eq!(ids(Plan::RENEWED.in_range(days(1)..days(31))).await, [1, 3]);
    let twice = sql_expr::<Interval>("plans.renewed * 2", ());
    let twice: Vec<Interval> =
        Plan::find().order_by(Plan::ID.asc()).select(twice).all(db).await.unwrap();
    assert_eq!(twice, [months(2), days(62), hours(24 * 60)]);
}

#[tokio::test]
async fn an_interval_of_months_is_not_a_length_of_time() {
    let Some(db) = &plans().await else { return };
    new(&plan(1)).insert(db).await.unwrap();
    let cases = [
        ("length = '1 month'", "length", "months, which have no fixed length"),
        ("other = '1 year -12 days'", "other", "months, which have no fixed length"),
        ("timeout = '-1 second'", "timeout", "a negative interval"),
        ("gaps = '{1 month}'", "gaps", "months, which have no fixed length"),
    ];
    for (change, column, why) in cases {
        ::relations::sql(format!("UPDATE plans SET {change}"), ()).execute(db).await.unwrap();
        let error = Plan::find().one(db).await.unwrap_err();
        let told = error.to_string();
        assert!(error.is_row_mismatch() && told.contains(column) && told.contains(why), "{told}");
        ::relations::sql("DELETE FROM plans", ()).execute(db).await.unwrap();
        new(&plan(1)).insert(db).await.unwrap();
    }
    ::relations::sql("UPDATE plans SET length = '1 day -1 hour'", ()).execute(db).await.unwrap();
    assert_eq!(Plan::find().one(db).await.unwrap().length, TimeDelta::hours(23));
    let error = new(&Plan { timeout: Duration::MAX, ..plan(2) }).insert(db).await.unwrap_err();
    let told = error.to_string();
    assert!(
        error.is_invalid_request() && told.contains("`Plan.timeout` is a time of more"),
        "{told}"
    );
    // A setting of the session that reads a sign for all that follows changes nothing.
    let session = db.sql_session().await.unwrap();
    ::relations::sql("SET intervalstyle = 'sql_standard'", ()).execute(&session).await.unwrap();
    let one = Plan { renewed: Interval::new(-1, 2, 3), ..plan(3) };
    assert_eq!(new(&one).insert(&session).await.unwrap(), one);
}

behaviour! {
    async fn a_length_of_time_is_added_to_a_date(db) {
        #[derive(Debug, Clone, PartialEq, Entity)]
        struct Visit {
            #[id]
            id: i64,
            on: NaiveDate,
            at: NaiveDateTime,
        }
        db.create(schema![Visit]).await.unwrap();
        NewVisit { id: 7, on: date("2024-02-28"), at: at("2024-02-28T23:30:00") }.insert(db).await.unwrap();
        let later = (
            Visit::ON + TimeDelta::days(2),
            Visit::ON - time::Duration::days(1),
            Visit::AT + Duration::from_hours(1),
            Visit::AT - TimeDelta::milliseconds(500),
        );
        let later: (NaiveDate, NaiveDate, NaiveDateTime, NaiveDateTime) =
            Visit::find().select(later).one(db).await.unwrap();
        let expected = (
            date("2024-03-01"), date("2024-02-27"), at("2024-02-29T00:30:00"), at("2024-02-28T23:29:59.500"),
        );
        assert_eq!(later, expected);
        let past = Visit::find().filter(Visit::AT.lt(now() - TimeDelta::days(365)));
        assert_eq!(past.count(db).await.unwrap(), 1);
        let error = Visit::find().filter((Visit::ON + TimeDelta::hours(25)).eq(date("2024-02-29")));
        let error = error.all(db).await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("with hours"), "{error}");
        let error = Visit::find().select(Visit::AT + Duration::MAX).all(db).await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("out of range"), "{error}");
    }
}

/// A date, and what is added to it in each row.
#[derive(Debug, Clone, PartialEq, Entity)]
struct Loan {
    #[id]
    id: i64,
    day: NaiveDate,
    at: NaiveDateTime,
    moment: DateTime<Utc>,
    ended: Option<NaiveDate>,
    due_in: Interval,
    grace: Option<TimeDelta>,
    wait: Duration,
}

async fn loans(db: &Database) {
    let new = |id, grace| NewLoan {
        id,
        day: date("2024-01-31"),
        at: at("2024-01-31T23:30:00"),
        moment: at("2024-03-30T12:00:00").and_utc(),
        ended: None,
        due_in: months(1),
        grace,
        wait: Duration::from_secs(90),
    };
    new(7, None).insert(db).await.unwrap();
    new(8, Some(TimeDelta::hours(36))).insert(db).await.unwrap();
}

#[tokio::test]
async fn a_date_is_later_by_the_interval_of_its_row() {
    let Some(db) = &support::postgres().await else { return };
    db.create(schema![Loan]).await.unwrap();
    loans(db).await;
    // The clock changes on the last day of March there, and a day of UTC has 24 hours.
    let session = db.sql_session().await.unwrap();
    ::relations::sql("SET timezone = 'Europe/Berlin'", ()).execute(&session).await.unwrap();
    let loans = || Loan::find().order_by(Loan::ID.asc());
    let shifted = (
        Loan::DAY + Loan::DUE_IN,
        Loan::AT - Loan::WAIT,
        Loan::MOMENT + Loan::DUE_IN - Loan::WAIT,
        Loan::DAY + Loan::GRACE,
        Loan::ENDED - Loan::DUE_IN,
        Loan::AT + coalesce(Loan::GRACE, TimeDelta::days(1)),
        Loan::DAY + sql_expr::<Interval>("loans.due_in * 2", ()),
    );
    type Shifted = (
        NaiveDate,
        NaiveDateTime,
        DateTime<Utc>,
        Option<NaiveDate>,
        Option<NaiveDate>,
        NaiveDateTime,
        NaiveDate,
    );
    let of = |grace, coalesced| -> Shifted {
        (
            date("2024-02-29"),
            at("2024-01-31T23:28:30"),
            at("2024-04-30T11:58:30").and_utc(),
            grace,
            None,
            at(coalesced),
            date("2024-03-31"),
        )
    };
    let all: Vec<Shifted> = loans().select(shifted).all(&session).await.unwrap();
    assert_eq!(
        all,
        [of(None, "2024-02-01T23:30:00"), of(Some(date("2024-02-01")), "2024-02-02T11:30:00"),],
    );
    let due = loans().filter((Loan::DAY + Loan::DUE_IN).lt(now())).filter(Loan::GRACE.is_null());
    assert_eq!(due.count(db).await.unwrap(), 1);
    let renewed = Loan::find_by_id(8).set_expr(Loan::DAY, Loan::DAY + Loan::DUE_IN + days(1));
    assert_eq!(renewed.update(db).await.unwrap(), 1);
    assert_eq!(Loan::find_by_id(8).one(db).await.unwrap().day, date("2024-03-01"));
}

#[tokio::test]
async fn on_sqlite_a_date_takes_no_column_of_intervals() {
    let db = &support::sqlite().await;
    let error = Loan::find().select(Loan::DAY + Loan::DUE_IN).all(db).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(error.to_string().contains("SQLite has no intervals"), "{error}");
    assert!(error.to_string().contains("`days(7)`"), "{error}");
}

#[tokio::test]
async fn an_interval_is_kept_to_the_digits_of_its_column() {
    let Some(db) = &support::postgres().await else { return };
    db.create(schema![Shift]).await.unwrap();
    let pause = Pause(Duration::from_millis(90_400));
    let new = NewShift { id: 1, on: date("2024-02-29"), starts: at("2024-02-29T06:00:00"), pause };
    let one = new.insert(db).await.unwrap();
    assert_eq!(one.pause, Pause(Duration::from_secs(90)));
    assert_eq!(Shift::find().filter(Shift::PAUSE.eq(one.pause)).one(db).await.unwrap(), one);
    let report = db.check(schema![Shift]).await.unwrap();
    assert!(report.is_empty(), "{report}");
}

#[tokio::test]
async fn on_sqlite_an_interval_is_an_error_before_anything_is_sent() {
    let db = &support::sqlite().await;
    let errors = [
        db.create(schema![Plan]).await.unwrap_err(),
        new(&plan(1)).insert(db).await.map(|_| ()).unwrap_err(),
        Plan::find()
            .filter(Plan::LENGTH.eq(TimeDelta::zero()))
            .all(db)
            .await
            .map(|_| ())
            .unwrap_err(),
        Plan::find_by_id(1).set(Plan::RENEWED, days(1)).update(db).await.map(|_| ()).unwrap_err(),
    ];
    for error in errors {
        let told = error.to_string();
        assert!(error.is_invalid_request() && told.contains("SQLite has no intervals"), "{told}");
    }
    let created = schema![Plan].create_sql(Engine::Postgres).unwrap();
    assert!(
        created[0].contains(r#""length" interval NOT NULL, "other" interval NULL"#),
        "{created:?}"
    );
}
