//! Parts of dates and times, units and intervals.

use ::relations::expression::{
    DateUnit, date_trunc, days, hours, minutes, months, now, seconds, weeks, years,
};

use super::*;

async fn of<S>(db: &Database, selection: S) -> Vec<S::Output>
where
    S: ::relations::query::Selection<Sale> + Send + Sync,
{
    Sale::find().order_by(Sale::ID.asc()).select(selection).all(db).await.unwrap()
}

behaviour! {
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
