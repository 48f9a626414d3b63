//! Parts of dates and times, units and intervals.

use ::relations::expression::{
    DateUnit, date_trunc, days, hours, minutes, months, now, seconds, weeks, years,
};

use super::*;
use crate::support;

/// A day that the database gives.
#[derive(Debug, Entity)]
struct Visit {
    #[id(generated)]
    id: i64,
    #[column(default = "now()")]
    day: NaiveDate,
}

async fn of<S>(db: &Database, selection: S) -> Vec<S::Output>
where
    S: ::relations::query::Selection<Sale> + Send + Sync,
{
    Sale::find().order_by(Sale::ID.asc()).select(selection).all(db).await.unwrap()
}

/// All sales get days near the current one, by the database's clock.
async fn todays(db: &Database) {
    sales(db).await;
    let all = [1, 2, 3, 4];
    let none = [0_i64; 0];
    for (given, earlier) in [(now(), now() - days(1)), (now() + months(1), now() + days(3))] {
        let before = Utc::now().date_naive();
        Sale::find().all_rows().set_expr(Sale::DAY, given.clone()).update(db).await.unwrap();
        assert_eq!(ids(db, Sale::DAY.eq(given.clone())).await, all);
        assert_eq!(ids(db, Sale::DAY.lt(given.clone())).await, none);
        assert_eq!(ids(db, Sale::DAY.gt(earlier)).await, all);
        assert_eq!(ids(db, Sale::DAY.lt(given + days(1))).await, all);
        let stored = of(db, Sale::DAY).await;
        assert_eq!(ids(db, Sale::DAY.eq(stored[0])).await, all);
        assert!(stored[0] >= before, "{stored:?} is before {before}");
    }
    Sale::find().all_rows().set_expr(Sale::DAY, now()).update(db).await.unwrap();
    assert!(of(db, Sale::DAY).await[0] <= Utc::now().date_naive());
}

/// At every moment one of the zones has another day than UTC.
#[tokio::test]
async fn a_current_day_is_one_in_utc_on_postgres() {
    for zone in ["Etc/GMT-14", "Etc/GMT+12"] {
        let Some(url) = support::postgres_url().await else { return };
        let (_, name) = url.rsplit_once('/').unwrap();
        let set = format!("ALTER DATABASE {name} SET timezone TO '{zone}'");
        support::client(&url).await.batch_execute(&set).await.unwrap();
        todays(&support::connected(&url).await).await;
    }
}

#[tokio::test]
async fn a_current_day_is_one_in_utc_on_sqlite() {
    todays(&support::sqlite().await).await;
}

behaviour! {
    async fn the_current_day_is_a_default(db) {
        db.create(schema![Visit]).await.unwrap();
        let visit = NewVisit { day: None }.insert(db).await.unwrap();
        assert_eq!(Visit::find().filter(Visit::DAY.eq(visit.day)).count(db).await.unwrap(), 1);
        assert_eq!(visit.id, 1);
    }

    async fn dates_and_times_have_parts(db) {
        sales(db).await;
        let at = Sale::PLACED_AT;
        assert_eq!(of(db, (at.year(), at.month(), at.day())).await[0], (2024, 1, 31));
        assert_eq!(of(db, (at.hour(), at.minute(), at.second())).await[0], (23, 30, 15));
        assert_eq!(of(db, Sale::DAY.quarter()).await, [1, 1, 1, 4]);
        assert_eq!(of(db, Sale::DAY.week()).await, [5, 5, 9, 1]);
        assert_eq!(of(db, Sale::LOCAL.day_of_year()).await, [31, 32, 60, 365]);
        assert_eq!(of(db, Sale::LOCAL.day_of_week()).await, [3, 4, 4, 1]);
        assert_eq!(of(db, Sale::CLOCK.hour()).await, [Some(23), None, Some(12), Some(6)]);
        assert_eq!(ids(db, Sale::DAY.month().eq(2)).await, [2, 3]);
        assert_eq!(ids(db, Sale::PLACED_AT.hour().is_in([0, 12])).await, [2, 3]);
    }

    async fn dates_and_times_are_cut_to_units(db) {
        sales(db).await;
        let cut = async |unit| of(db, date_trunc(unit, Sale::PLACED_AT)).await[0];
        let local_cut = async |unit| of(db, date_trunc(unit, Sale::LOCAL)).await[0];
        let day_cut = async |unit| of(db, date_trunc(unit, Sale::DAY)).await[3];
        let units = [
            (DateUnit::Year, "2024-01-01 00:00:00", "2024-01-01"),
            (DateUnit::Quarter, "2024-01-01 00:00:00", "2024-10-01"),
            (DateUnit::Month, "2024-01-01 00:00:00", "2024-12-01"),
            (DateUnit::Week, "2024-01-29 00:00:00", "2024-12-30"),
            (DateUnit::Day, "2024-01-31 00:00:00", "2024-12-30"),
            (DateUnit::Hour, "2024-01-31 23:00:00", "2024-12-30"),
            (DateUnit::Minute, "2024-01-31 23:30:00", "2024-12-30"),
            (DateUnit::Second, "2024-01-31 23:30:15", "2024-12-30"),
        ];
        for (unit, expected, of_day) in units {
            assert_eq!(cut(unit).await, instant(expected), "{unit:?}");
            assert_eq!(local_cut(unit).await, local(expected), "{unit:?}");
            assert_eq!(day_cut(unit).await, day(of_day), "{unit:?}");
        }
        let month = date_trunc(DateUnit::Month, Sale::PLACED_AT);
        assert_eq!(ids(db, month.clone().eq(instant("2024-02-01 00:00:00"))).await, [2, 3]);
        assert_eq!(ids(db, month.eq(Sale::PLACED_AT)).await, [0_i64; 0]);
    }

    async fn intervals_are_added_and_subtracted(db) {
        sales(db).await;
        let later: Vec<DateTime<Utc>> = of(db, Sale::PLACED_AT + months(1)).await;
        assert_eq!(later[0], instant("2024-02-29 23:30:15.75"));
        assert_eq!(of(db, Sale::LOCAL - years(1)).await[2], local("2023-02-28 12:00:00.5"));
        let next: Vec<NaiveDate> = of(db, Sale::DAY + days(1)).await;
        assert_eq!(next[2], day("2024-03-01"));
        assert_eq!(of(db, Sale::DAY - weeks(5)).await[1], day("2023-12-28"));
        let longer = Sale::LOCAL + hours(1) + minutes(30) - seconds(15);
        assert_eq!(of(db, longer).await[0], local("2024-02-01 01:00:00.75"));
        assert_eq!(ids(db, (Sale::PLACED_AT + days(30)).gt(instant("2024-03-10 00:00:00"))).await, [3, 4]);
        let old: Vec<i64> = ids(db, Sale::PLACED_AT.lt(now() - days(7))).await;
        assert_eq!(old, [1, 2, 3, 4]);
        assert_eq!(ids(db, Sale::DAY.gt(now())).await, [0_i64; 0]);
        assert_eq!(ids(db, Sale::LOCAL.gt(now() - years(1000))).await, [1, 2, 3, 4]);
        let error = Sale::find().select(Sale::DAY + hours(1)).all(db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(error.to_string().contains("hours, which a date does not have"), "{error}");
        Sale::find().all_rows().set_expr(Sale::DAY, Sale::DAY + days(2)).update(db).await.unwrap();
        assert_eq!(of(db, Sale::DAY).await[3], day("2025-01-01"));
    }

    async fn ranges_of_dates_leave_out_their_end(db) {
        sales(db).await;
        let february = day("2024-02-01")..day("2024-03-01");
        assert_eq!(ids(db, Sale::DAY.in_range(february)).await, [2, 3]);
        assert_eq!(ids(db, Sale::DAY.in_range(day("2024-01-31")..=day("2024-02-01"))).await, [1, 2]);
        assert_eq!(ids(db, Sale::PLACED_AT.in_range(instant("2024-02-29 12:00:00.5")..)).await, [3, 4]);
        assert_eq!(ids(db, Sale::PLACED_AT.in_range(..instant("2024-02-29 12:00:00.5"))).await, [1, 2]);
        assert_eq!(ids(db, Sale::DAY.in_range(..)).await, [1, 2, 3, 4]);
        assert_eq!(ids(db, date_trunc(DateUnit::Year, Sale::LOCAL).in_range(local("2024-01-01 00:00:00")..)).await, [1, 2, 3, 4]);
    }
}
