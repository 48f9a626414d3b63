//! Further types of properties: what is sent is read again, also as a key.

use std::net::{IpAddr, Ipv4Addr};

use ::relations::prelude::*;
use ::relations::{Database, Engine, Executor};
use chrono::{DateTime, FixedOffset, TimeZone};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
#[value(integer)]
#[repr(i16)]
enum Level {
    Low = -1,
    Middle,
    High = 500,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
#[value(type = "mood", rename_all = "UPPERCASE")]
enum Mood {
    Happy,
    Sad,
}

/// A newtype has the column of its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
struct Host(IpAddr);

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(rename_all = "camelCase")]
#[has_many(Child, name = "by_host", key_from = "host", key_to = "host_key")]
struct Everything {
    #[id]
    tiny: u8,
    short_one: u16,
    long_one: u32,
    huge: u64,
    absent: Option<u32>,
    #[column(name = "the text")]
    boxed: Box<str>,
    #[unique]
    host: Host,
    digest: [u8; 4],
    level: Level,
    moment: DateTime<FixedOffset>,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Child {
    #[id]
    id: u64,
    #[belongs_to(Everything)]
    everything_id: u8,
    #[belongs_to(Everything, name = "host", key_to = "host")]
    host_key: Option<Host>,
}

/// Keys of each type, one row of each.
macro_rules! keys {
    ($($module:ident: $type:ty = [$($key:expr),+ $(,)?];)*) => {
        $(
            mod $module {
                use super::*;

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(table = "targets")]
                #[has_many(Source)]
                struct Target {
                    #[id]
                    key: $type,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(table = "sources")]
                struct Source {
                    #[id(generated)]
                    id: i32,
                    #[belongs_to(Target)]
                    target_id: Option<$type>,
                }

                behaviour! {
                    async fn a_key_finds_its_rows(db) {
                        if db.engine() == Engine::Postgres {
                            let sql = "CREATE TYPE mood AS ENUM ('HAPPY', 'SAD')";
                            relations::sql(sql, ()).execute(db).await.unwrap();
                        }
                        db.create(schema![Target, Source]).await.unwrap();
                        let keys: Vec<$type> = vec![$($key),+];
                        for key in &keys {
                            let target = NewTarget { key: key.clone() }.insert(db).await.unwrap();
                            assert_eq!(target.key, *key);
                            NewSource { target_id: Some(key.clone()) }.insert(db).await.unwrap();
                        }
                        NewSource { target_id: None }.insert(db).await.unwrap();
                        for key in &keys {
                            let found = Target::find_by_id(key.clone()).one(db).await.unwrap();
                            assert_eq!(found.key, *key);
                            let filtered = Target::find().filter(Target::KEY.eq(key.clone()));
                            assert_eq!(filtered.one(db).await.unwrap(), found);
                            let sources = found.sources(db).await.unwrap();
                            assert_eq!(sources.len(), 1);
                            assert_eq!(sources[0].target(db).await.unwrap(), Some(found));
                        }
                        let expected: Vec<_> = keys.iter().cloned().map(Some).chain([None]).collect();
                        for target in [Source::TARGET.joined(), Source::TARGET.batched(), Source::TARGET.pipelined()] {
                            let rows = Source::find().order_by(Source::ID.asc()).include(target).all(db).await.unwrap();
                            let found: Vec<_> = rows.into_iter().map(|row| row.into_parts().1.map(|one| one.key)).collect();
                            assert_eq!(found, expected);
                        }
                        for sources in [Target::SOURCES.batched(), Target::SOURCES.pipelined()] {
                            let rows = Target::find().include(sources).all(db).await.unwrap();
                            assert!(rows.iter().all(|row| row.sources.len() == 1));
                        }
                    }
                }
            }
        )*
    };
}

keys! {
    of_u8: u8 = [0, 1, 255];
    of_u16: u16 = [0, 65535];
    of_u32: u32 = [0, 4_294_967_295];
    of_u64: u64 = [0, 9_223_372_036_854_775_807];
    of_boxed: Box<str> = ["".into(), "é".into()];
    of_address: IpAddr = ["10.0.0.1".parse().unwrap(), "::1".parse().unwrap(), "::ffff:10.0.0.1".parse().unwrap()];
    of_bytes: [u8; 2] = [[0, 0], [255, 1]];
    of_level: Level = [Level::Low, Level::Middle, Level::High];
    of_mood: Mood = [Mood::Sad, Mood::Happy];
    of_moment: DateTime<FixedOffset> = [
        FixedOffset::east_opt(7200).unwrap().with_ymd_and_hms(2024, 2, 29, 1, 0, 0).unwrap(),
        FixedOffset::west_opt(3600).unwrap().with_ymd_and_hms(1969, 1, 1, 0, 0, 1).unwrap(),
    ];
}

fn everything() -> NewEverything {
    NewEverything {
        tiny: 255,
        short_one: 65535,
        long_one: u32::MAX,
        huge: i64::MAX.unsigned_abs(),
        absent: None,
        boxed: "box".into(),
        host: Host(Ipv4Addr::LOCALHOST.into()),
        digest: [0, 1, 254, 255],
        level: Level::High,
        moment: FixedOffset::east_opt(3600).unwrap().timestamp_opt(0, 0).unwrap(),
        bytes: vec![1],
    }
}

/// Creates the table of `Everything` without the checks of its numbers.
async fn create_without_bounds(db: &Database) {
    for sql in schema![Everything].create_sql(db.engine()).unwrap() {
        let (first, rest) = sql.split_once(", CONSTRAINT ").unwrap_or((&sql, ""));
        let mut kept = first.to_owned();
        for one in rest.split(", CONSTRAINT ") {
            match one.split_once(" CHECK (") {
                Some((name, check)) if name.ends_with("_bounds_check\"") => {
                    kept += check.split_once(')').unwrap().1;
                }
                _ if rest.is_empty() => {}
                _ => {
                    kept.push_str(", CONSTRAINT ");
                    kept.push_str(one);
                }
            }
        }
        relations::sql(&*kept, ()).execute(db).await.unwrap();
    }
}

behaviour! {
    async fn each_value_is_read_as_it_was_sent(db) {
        db.create(schema![Everything, Child]).await.unwrap();
        let one = everything().insert(db).await.unwrap();
        assert_eq!(Everything::find().one(db).await.unwrap(), one);
        assert_eq!((one.huge, one.absent, one.level), (i64::MAX.unsigned_abs(), None, Level::High));
        assert_eq!(&*one.boxed, "box");
        let above = NewEverything { tiny: 1, huge: u64::MAX, ..everything() };
        let error = above.insert(db).await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("Decimal"), "{error}");
        let columns: Vec<_> = Everything::DEFINITION.properties.iter().map(|one| one.column).collect();
        assert_eq!(columns[..5], ["tiny", "shortOne", "longOne", "huge", "absent"]);
        assert_eq!(columns[5], "the text");
        let types: Vec<_> = Everything::DEFINITION.properties.iter().filter_map(|one| one.sql_type).collect();
        assert_eq!(types, ["inet"]);
        let child = NewChild { id: 7, everything_id: 255, host_key: Some(one.host.clone()) };
        let child = child.insert(db).await.unwrap();
        assert_eq!(one.by_host(db).await.unwrap(), [child]);
    }

    async fn a_value_of_another_range_is_told(db) {
        create_without_bounds(db).await;
        everything().insert(db).await.unwrap();
        let mut cases = vec![
            ("\"shortOne\" = -1", "shortOne", "u16"),
            ("\"longOne\" = 4294967296", "longOne", "u32"),
            ("huge = -5", "huge", "u64"),
            ("level = 2", "level", "no variant"),
            ("digest = 'abc'", "digest", "3 bytes"),
        ];
        if db.engine() == Engine::Postgres {
            cases.push(("host = '10.0.0.0/8'", "host", "network"));
        } else {
            cases[4].0 = "digest = x'616263'";
        }
        for (change, column, why) in cases {
            let sql = format!("UPDATE everythings SET {change}");
            relations::sql(sql, ()).execute(db).await.unwrap();
            let error = Everything::find().one(db).await.unwrap_err();
            assert!(error.is_row_mismatch(), "{error}");
            let told = error.to_string();
            assert!(told.contains(column) && told.contains(why), "{told}");
            relations::sql("DELETE FROM everythings", ()).execute(db).await.unwrap();
            everything().insert(db).await.unwrap();
        }
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Arrays {
    #[id]
    id: i64,
    hosts: Vec<IpAddr>,
    #[column(type = "mood[]")]
    moods: Vec<Option<Mood>>,
    counts: Vec<u32>,
    levels: Vec<Level>,
    digests: Vec<[u8; 2]>,
    optional: Option<Vec<Option<u16>>>,
}

#[tokio::test]
async fn arrays_of_further_types() {
    let Some(db) = crate::support::postgres().await else { return };
    let sql = "CREATE TYPE mood AS ENUM ('HAPPY', 'SAD')";
    relations::sql(sql, ()).execute(&db).await.unwrap();
    db.create(schema![Arrays]).await.unwrap();
    let new = NewArrays {
        id: 1,
        hosts: vec!["10.0.0.1".parse().unwrap(), "::1".parse().unwrap()],
        moods: vec![Some(Mood::Sad), None],
        counts: vec![0, u32::MAX],
        levels: vec![Level::Low],
        digests: vec![[1, 2], [3, 4]],
        optional: Some(vec![None, Some(9)]),
    };
    let one = new.insert(&db).await.unwrap();
    assert_eq!(Arrays::find().one(&db).await.unwrap(), one);
    assert_eq!((one.counts, one.optional), (vec![0, u32::MAX], Some(vec![None, Some(9)])));
}
