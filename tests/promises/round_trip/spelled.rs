//! Values of SQLite's that were written in another spelling are found, changed and deleted by what
//! was read, or reading them is an error.

use ::relations::prelude::*;
use ::relations::{Database, Result};

async fn run(db: &Database, sql: &str) {
    ::relations::sql(sql, ()).execute(db).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The value and its storage class, as SQLite writes them.
async fn stored(db: &Database, id: i64) -> (String, String) {
    let sql = "SELECT typeof(value), quote(value) FROM holders WHERE id = $1";
    ::relations::sql(sql, (id,)).one(db).await.unwrap()
}

/// For each type of a column and each value that is stored there: either no row is read, or by what
/// was read the row is found, left as it is, changed and deleted.
macro_rules! spelled {
    ($($name:ident: $type:ty, $columns:expr, $read:expr, $refused:expr;)*) => {
        $(
            mod $name {
                use super::*;

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[entity(table = "holders")]
                pub struct Holder {
                    #[id]
                    pub id: i64,
                    pub value: $type,
                    pub note: String,
                }

                /// A table whose values are its key.
                #[derive(Debug, Clone, Entity)]
                #[entity(table = "holders")]
                pub struct Raw {
                    #[id]
                    pub id: i64,
                    pub note: String,
                }

                #[tokio::test]
                async fn is_found_by_what_was_read() {
                    let db = crate::support::sqlite().await;
                    for column in $columns {
                        for value in $read {
                            run(&db, "DROP TABLE IF EXISTS holders").await;
                            run(&db, &format!(
                                "CREATE TABLE holders (id INTEGER PRIMARY KEY, value {column}, note TEXT)"
                            )).await;
                            run(&db, &format!("INSERT INTO holders VALUES (7, {value}, 'a')")).await;
                            let told = format!("{value} in `{column}`");
                            let mut holder = Holder::find_by_id(7).one(&db).await
                                .unwrap_or_else(|error| panic!("{told}: {error}"));
                            finds(&db, &holder, &told).await.unwrap();
                            let before = stored(&db, 7).await;
                            holder.note = "b".into();
                            holder.update(&db).await.unwrap();
                            assert_eq!(stored(&db, 7).await, before, "{told}");
                            let mut edit = holder.clone().edit();
                            edit.note = "c".into();
                            edit.update(&db).await.unwrap();
                            assert_eq!(stored(&db, 7).await, before, "{told}");
                            let set = Holder::find().filter(Holder::VALUE.eq(&holder.value));
                            assert_eq!(set.set(Holder::NOTE, "d").update(&db).await.unwrap(), 1, "{told}");
                            let gone = Holder::find().filter(Holder::VALUE.eq(&holder.value));
                            assert_eq!(gone.delete(&db).await.unwrap(), 1, "{told}");
                        }
                    }
                }

                async fn finds(db: &Database, holder: &Holder, told: &str) -> Result<()> {
                    let value = || holder.value.clone();
                    let yes = [
                        Holder::VALUE.eq(value()),
                        Holder::VALUE.ge(value()),
                        Holder::VALUE.le(value()),
                        Holder::VALUE.is_in([value()]),
                        Holder::VALUE.eq(value()).and(Holder::ID.eq(7)).and(Holder::VALUE.eq(value())),
                    ];
                    for (number, filter) in yes.into_iter().enumerate() {
                        let found = Holder::find().filter(filter).all(db).await?;
                        assert_eq!(found, [holder.clone()], "{told}, filter {number}");
                    }
                    let no = [
                        Holder::VALUE.ne(value()),
                        Holder::VALUE.gt(value()),
                        Holder::VALUE.lt(value()),
                        !Holder::VALUE.eq(value()),
                        !Holder::VALUE.is_in([value()]),
                    ];
                    for (number, filter) in no.into_iter().enumerate() {
                        assert_eq!(Holder::find().filter(filter).count(db).await?, 0, "{told}, not {number}");
                    }
                    Ok(())
                }

                #[tokio::test]
                async fn is_refused_where_it_would_not_be_found() {
                    let db = crate::support::sqlite().await;
                    let refused: Vec<&str> = $refused;
                    for value in refused {
                        run(&db, "DROP TABLE IF EXISTS holders").await;
                        run(&db, "CREATE TABLE holders (id INTEGER PRIMARY KEY, value, note TEXT)").await;
                        run(&db, &format!("INSERT INTO holders VALUES (7, {value}, 'a')")).await;
                        let error = Holder::find_by_id(7).one(&db).await.unwrap_err();
                        assert!(error.is_row_mismatch(), "{value}: {error}");
                        assert!(error.to_string().contains("make the property"), "{value}: {error}");
                    }
                }
            }
        )*
    };
}

const TYPED: [&str; 3] = ["DATETIME", "TEXT", ""];
const MOMENTS: [&str; 12] = [
    "'2024-02-29 23:30:00'",
    "'2024-02-29T23:30:00'",
    "'2024-02-29T23:30:00Z'",
    "'2024-02-29 23:30'",
    "'2024-02-29T23:30:00.5'",
    "'2024-02-29T23:30:00.500000Z'",
    "'2024-02-29T23:30:00.1234567Z'",
    "'2024-02-29 23:30:00.123456789'",
    "'2024-02-29'",
    "datetime('2024-02-29 23:30:00')",
    "'0000-01-01T00:00'",
    "'9999-12-31 23:59:59.999999+00:00'",
];
const NO_MOMENTS: [&str; 7] = [
    "'yesterday'",
    "1709249400",
    "2460370.5",
    "'2024-02-30'",
    "''",
    "'2024-02-29 24:00:00'",
    "'2024-2-29'",
];
const UUIDS: [&str; 6] = [
    "'0123abcd-89ab-cdef-0123-456789abcdef'",
    "'0123ABCD-89AB-CDEF-0123-456789ABCDEF'",
    "'0123abcd89abcdef0123456789abcdef'",
    "'0123ABCD89ABCDEF0123456789ABCDEF'",
    "x'0123abcd89abcdef0123456789abcdef'",
    "'00000000-0000-0000-0000-000000000000'",
];

spelled! {
    timestamps: chrono::NaiveDateTime, TYPED, MOMENTS,
        [&NO_MOMENTS[..], &["'2024-02-29T23:30:00+01:00'"]].concat();
    other_timestamps: time::PrimitiveDateTime, TYPED, MOMENTS,
        [&NO_MOMENTS[..], &["'2024-02-29T23:30:00+01:00'"]].concat();
    moments: chrono::DateTime<chrono::Utc>, TYPED,
        [&MOMENTS[..], &["'2024-02-29T23:30:00+01:00'", "'2024-03-01 05:00:00 -1130'", "'2024-01-01T00:10+14'"]].concat(),
        NO_MOMENTS.to_vec();
    other_moments: time::OffsetDateTime, TYPED,
        [&MOMENTS[..], &["'2024-02-29T23:30:00+01:00'", "'2024-01-01T00:10+14'"]].concat(),
        NO_MOMENTS.to_vec();
    dates: chrono::NaiveDate, ["DATE", "TEXT", ""],
        ["'2024-02-29'", "'2024-02-29 00:00:00'", "'2024-02-29T00:00:00.000'", "date('now')"],
        vec!["'2024-02-29 01:00:00'", "19782", "'29.02.2024'", "'2024-02-29T00:00:00Z'"];
    times: chrono::NaiveTime, ["TIME", "TEXT", ""],
        ["'07:30'", "'07:30:00'", "'07:30:00.5'", "time('now')", "'00:00'"],
        vec!["'24:00'", "'7:30'", "450", "'07:30:00Z'"];
    uuids: uuid::Uuid, ["TEXT", "", "BLOB", "CHAR(36)"], UUIDS,
        vec!["'0123Abcd-89ab-cdef-0123-456789abcdef'", "x'01'", "'{0123abcd-89ab-cdef-0123-456789abcdef}'"];
    decimals: rust_decimal::Decimal, ["NUMERIC(10,2)", "DECIMAL", "REAL", "INTEGER", "TEXT"],
        ["2", "2.5", "'2.50'", "0.1", "-7", "'12345.678'", "0", "1e15", "9007199254740993", "123456789.123"],
        vec!["'007'", "'1e3'", "'abc'", "'0.12345678901234567890123456789012345'"];
    floats: f64, ["NUMERIC", "REAL", "INTEGER", "DOUBLE"],
        ["2", "2.5", "0.1", "1e300", "9007199254740991", "9e999", "-0.0"], vec!["9007199254740993"];
    short_floats: f32, ["NUMERIC", "REAL"], ["2", "2.5", "16777216"], vec!["0.1", "16777217"];
    integers: i64, ["NUMERIC", "REAL", "INTEGER"], ["2", "2.0", "-7", "9007199254740991"], vec![];
    booleans: bool, ["BOOLEAN", "REAL", "INTEGER", ""], ["0", "1", "true"], vec![];
    texts: String, ["STRING", "VARCHAR(10)", "NUMERIC", "TEXT"],
        ["'12'", "12", "'2.5'", "2.5", "'abc'", "1e20", "'1e20'", "''", "-0.25"], vec![];
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "people")]
#[has_many(Pet)]
struct Person {
    #[id]
    id: uuid::Uuid,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "pets")]
struct Pet {
    #[id]
    id: i64,
    #[belongs_to(Person)]
    person_id: uuid::Uuid,
    name: String,
}

/// Keys are followed in whichever spelling a file keeps them.
#[tokio::test]
async fn keys_lead_to_their_rows_in_each_spelling() {
    for (number, spelling) in UUIDS.into_iter().enumerate() {
        let db = crate::support::sqlite().await;
        run(&db, "CREATE TABLE people (id PRIMARY KEY, name TEXT NOT NULL)").await;
        run(
            &db,
            "CREATE TABLE pets (id INTEGER PRIMARY KEY, person_id REFERENCES people, name TEXT)",
        )
        .await;
        run(&db, &format!("INSERT INTO people VALUES ({spelling}, 'Ada')")).await;
        run(&db, "INSERT INTO people VALUES ('ffffffff-ffff-ffff-ffff-ffffffffffff', 'Eve')").await;
        for id in [11, 12] {
            run(&db, &format!("INSERT INTO pets VALUES ({id}, {spelling}, 'Rex')")).await;
        }
        let pet = Pet::find_by_id(11).one(&db).await.unwrap();
        let mut person = pet.person(&db).await.unwrap();
        assert_eq!((person.name.as_str(), person.id), ("Ada", pet.person_id), "{spelling}");
        assert_eq!(Person::find_by_id(person.id).one(&db).await.unwrap(), person);
        assert_eq!(person.pets(&db).await.unwrap().len(), 2, "{spelling}");
        assert_eq!(Person::PETS.of_id(person.id).all(&db).await.unwrap().len(), 2);
        assert_eq!(Pet::PERSON.of_id(12).one(&db).await.unwrap(), person);
        let joined = Pet::find().include(Pet::PERSON.joined()).all(&db).await.unwrap();
        let batched = Pet::find().include(Pet::PERSON.batched()).all(&db).await.unwrap();
        assert_eq!(joined, batched, "{spelling}");
        assert_eq!(batched[1].person, person, "{spelling}");
        let people = Person::find().include(Person::PETS).order_by(Person::NAME.asc());
        let people = people.all(&db).await.unwrap();
        assert_eq!((people[0].pets.len(), people[1].pets.len()), (2, 0), "{spelling}");
        let page = Person::find().page(1).fetch(&db).await.unwrap();
        let rest = Person::find().page(5).after(page.next.unwrap()).fetch(&db).await.unwrap();
        assert_eq!(rest.rows.len(), 1, "{spelling}");
        assert_ne!(rest.rows[0], page.rows[0], "{spelling}");
        person.name = format!("Ada {number}");
        person.update(&db).await.unwrap();
        let mut pet = pet;
        pet.name = "Max".into();
        pet.update(&db).await.unwrap();
        Pet::find().filter(Pet::PERSON_ID.eq(person.id)).delete(&db).await.unwrap();
        person.delete(&db).await.unwrap();
        assert_eq!(Person::find().count(&db).await.unwrap(), 1, "{spelling}");
    }
}

/// A default that SQLite spells in its own way is found by what came back.
#[tokio::test]
async fn defaults_are_found_by_what_came_back() {
    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "notes")]
    struct Note {
        #[id(generated)]
        id: i64,
        #[column(default = "(datetime('now'))")]
        at: chrono::NaiveDateTime,
        #[column(default = "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))")]
        moment: chrono::DateTime<chrono::Utc>,
        #[column(default = "(date('now'))")]
        day: chrono::NaiveDate,
        #[column(default = "(upper('0123abcd-89ab-cdef-0123-456789abcdef'))")]
        code: uuid::Uuid,
        #[column(default = "'{\"a\":  1}'")]
        facts: serde_json::Value,
        #[column(default = "1.50")]
        price: rust_decimal::Decimal,
    }

    let db = crate::support::sqlite().await;
    db.create(schema![Note]).await.unwrap();
    let new = NewNote { at: None, moment: None, day: None, code: None, facts: None, price: None };
    let mut note = new.insert(&db).await.unwrap();
    let found = [
        Note::AT.eq(note.at),
        Note::MOMENT.eq(note.moment),
        Note::DAY.eq(note.day),
        Note::CODE.eq(note.code),
        Note::FACTS.eq(note.facts.clone()),
        Note::PRICE.eq(note.price),
        Note::AT.is_in([note.at]).and(Note::FACTS.is_in([note.facts.clone()])),
    ];
    for filter in found {
        assert_eq!(Note::find().filter(filter).one(&db).await.unwrap(), note);
    }
    note.update(&db).await.unwrap();
    note.delete(&db).await.unwrap();
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "slots")]
#[has_many(Booking, key_from("room", "at"), key_to("room", "slot_at"))]
struct Slot {
    #[id]
    room: uuid::Uuid,
    #[id]
    at: chrono::NaiveDateTime,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "bookings")]
#[belongs_to(Slot, key_from("room", "slot_at"), key_to("room", "at"))]
struct Booking {
    #[id]
    id: i64,
    room: uuid::Uuid,
    slot_at: chrono::NaiveDateTime,
}

/// Keys of several parts, times among them, lead to their rows by each strategy.
#[tokio::test]
async fn keys_of_several_parts_lead_to_their_rows() {
    let db = crate::support::sqlite().await;
    run(&db, "CREATE TABLE slots (room, at, name TEXT, PRIMARY KEY (room, at))").await;
    run(&db, "CREATE TABLE bookings (id INTEGER PRIMARY KEY, room, slot_at, FOREIGN KEY (room, slot_at) REFERENCES slots)").await;
    let times = [
        "'2024-02-01'",
        "'2024-02-02T10:00Z'",
        "'2024-02-03 10:00:00.5'",
        "datetime('2024-02-04')",
        "'2024-02-05T00:00'",
    ];
    for (id, (room, at)) in (11..).zip(UUIDS[..5].iter().zip(times)) {
        run(&db, &format!("INSERT INTO slots VALUES ({room}, {at}, 'slot {id}')")).await;
        run(&db, &format!("INSERT INTO bookings VALUES ({id}, {room}, {at})")).await;
    }
    for booking in Booking::find().all(&db).await.unwrap() {
        assert_eq!(booking.slot(&db).await.unwrap().name, format!("slot {}", booking.id));
    }
    let ordered = || Booking::find().order_by(Booking::ID.asc());
    let joined = ordered().include(Booking::SLOT.joined()).all(&db).await.unwrap();
    let batched = ordered().include(Booking::SLOT.batched()).all(&db).await.unwrap();
    assert_eq!(joined, batched);
    assert!(batched.iter().all(|one| one.slot.name == format!("slot {}", one.id)));
    let slots = Slot::find().include(Slot::BOOKINGS.batched()).all(&db).await.unwrap();
    assert!(slots.iter().all(|slot| slot.bookings.len() == 1));
    let loaded = Booking::SLOT.load(&db, &ordered().all(&db).await.unwrap()).await.unwrap();
    assert_eq!(loaded.len(), 5);
}
