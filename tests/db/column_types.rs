//! Columns whose type is none that the derive gives: one of the database's own, or one with a size.

use ::relations::prelude::*;
use ::relations::{Executor, Json, Page};
use rust_decimal::Decimal;

use crate::support;
use crate::values::{Address, address};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
pub enum Mood {
    Happy,
    VerySad,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Face, name = "faces", key_to = "mood")]
pub struct Feeling {
    #[id]
    #[column(type = "mood")]
    pub mood: Mood,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Face {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Feeling, name = "feeling")]
    #[column(type = "mood")]
    pub mood: Mood,
    #[column(type = "mood[]")]
    pub past: Vec<Mood>,
    #[column(type = "varchar(5)")]
    pub short: Option<String>,
    #[column(type = "char(3)")]
    pub fixed: Option<String>,
    #[column(type = "numeric(10,2)")]
    pub price: Option<Decimal>,
    #[column(type = "json")]
    pub plain: Option<serde_json::Value>,
    #[column(type = "jsonb")]
    pub binary: Option<Json<Address>>,
}

fn face(mood: Mood) -> NewFace {
    NewFace { mood, past: vec![], short: None, fixed: None, price: None, plain: None, binary: None }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Mail, name = "mails", key_to = "account")]
pub struct Mailbox {
    #[id]
    #[column(type = "citext")]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Mail {
    #[id]
    pub id: i64,
    #[belongs_to(Mailbox, name = "mailbox")]
    #[column(type = "citext")]
    pub account: String,
}

#[tokio::test]
async fn a_type_of_the_databases_own_is_a_property_and_a_key() {
    let Some(url) = support::postgres_url().await else { return };
    let raw = support::client(&url).await;
    raw.batch_execute("CREATE TYPE mood AS ENUM ('happy', 'very_sad')").await.unwrap();
    let db = &support::connected(&url).await;
    db.create(schema![Feeling, Face]).await.unwrap();
    for mood in [Mood::Happy, Mood::VerySad] {
        NewFeeling { mood }.insert(db).await.unwrap();
    }
    let sad = NewFace { past: vec![Mood::Happy, Mood::VerySad], ..face(Mood::VerySad) };
    let mut sad = sad.insert(db).await.unwrap();
    let happy = face(Mood::Happy).insert(db).await.unwrap();
    let feeling = Feeling { mood: Mood::VerySad };
    assert_eq!(sad.feeling(db).await.unwrap(), feeling);
    let loaded = Face::FEELING.load(db, [&happy, &sad]).await.unwrap();
    assert_eq!(loaded, [Feeling { mood: Mood::Happy }, feeling.clone()]);
    assert_eq!(feeling.faces(db).await.unwrap(), [sad.clone()]);
    assert_eq!(Feeling::FACES.load(db, [&feeling]).await.unwrap(), [[sad.clone()]]);
    assert_eq!(Face::FEELING.of_id(sad.id).one(db).await.unwrap(), feeling);
    let found = |filter| Face::find().filter(filter).one(db);
    assert_eq!(found(Face::MOOD.eq(Mood::VerySad)).await.unwrap(), sad);
    assert_eq!(found(Face::MOOD.is_in([Mood::VerySad])).await.unwrap(), sad);
    assert_eq!(found(Face::MOOD.not_in([Mood::VerySad])).await.unwrap(), happy);
    assert_eq!(found(Face::PAST.eq(vec![Mood::Happy, Mood::VerySad])).await.unwrap(), sad);
    assert_eq!(Face::find().max(db, Face::MOOD).await.unwrap(), Some(Mood::VerySad));
    sad.mood = Mood::Happy;
    sad.past.clear();
    sad.update(db).await.unwrap();
    assert_eq!(Face::find_by_id(sad.id).one(db).await.unwrap(), sad);
    let all = Face::find().all_rows().set(Face::MOOD, Mood::VerySad);
    assert_eq!(all.update(db).await.unwrap(), 2);
}

/// In an order that is not that of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
pub enum Grade {
    Low,
    Middle,
    High,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Pupil, name = "pupils", key_to = "grade")]
#[has_many(Level, name = "levels", key_to = "above")]
pub struct Level {
    #[id]
    #[column(type = "grade")]
    pub grade: Grade,
    #[belongs_to(Level, name = "next")]
    #[column(type = "grade")]
    pub above: Option<Grade>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Pupil {
    #[id]
    pub id: i64,
    #[belongs_to(Level, name = "level")]
    #[column(type = "grade")]
    pub grade: Grade,
    #[column(type = "grade[]")]
    pub past: Vec<Grade>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Host {
    #[id]
    pub id: i64,
    #[column(type = "inet")]
    pub address: Option<String>,
    #[column(type = "interval[]")]
    pub pauses: Vec<String>,
}

/// An empty school, and its levels from the highest to the lowest.
async fn school(url: &str) -> Vec<Level> {
    let raw = support::client(url).await;
    raw.batch_execute("CREATE TYPE grade AS ENUM ('low', 'middle', 'high')").await.unwrap();
    support::connected(url).await.create(schema![Level, Pupil]).await.unwrap();
    let levels = [
        NewLevel { grade: Grade::High, above: None },
        NewLevel { grade: Grade::Middle, above: Some(Grade::High) },
        NewLevel { grade: Grade::Low, above: Some(Grade::Middle) },
    ];
    NewLevel::insert_many(levels, &raw).await.unwrap()
}

async fn without_names(url: &str) -> ::relations::Database {
    ::relations::ConnectOptions::new(url).unnamed_statements(true).connect().await.unwrap()
}

/// The number of rows of each client that sends unnamed statements, and has sent none before.
macro_rules! first_thing {
    ($url:expr, $db:ident => $rows:expr) => {{
        async fn counted<T>(
            rows: impl IntoFuture<Output = ::relations::Result<Vec<T>>>,
        ) -> Option<usize> {
            let in_time = tokio::time::timeout(std::time::Duration::from_secs(20), rows);
            in_time.await.ok().map(|rows| rows.unwrap().len())
        }
        let $db = &support::client($url).await;
        let of_client = counted($rows).await;
        let $db = &without_names($url).await;
        [of_client, counted($rows).await]
    }};
}

#[tokio::test]
async fn many_rows_with_a_type_of_the_databases_own_come_unnamed() {
    const MANY: i64 = 20_000;
    let all = [usize::try_from(MANY).ok(); 2];
    let Some(url) = &support::postgres_url().await else { return };
    school(url).await;
    let mut last = 0;
    let mut new = || {
        let ids = last..last + MANY;
        last += MANY;
        ids.map(|id| NewPupil { id, grade: Grade::Middle, past: vec![Grade::Low, Grade::High] })
    };
    assert_eq!(first_thing!(url, db => NewPupil::insert_many(new(), db)), all);
    let pupils = || Pupil::find().filter(Pupil::ID.lt(MANY));
    assert_eq!(first_thing!(url, db => pupils().all(db)), all);
    let ordered = || pupils().order_by(Pupil::GRADE.desc());
    assert_eq!(first_thing!(url, db => ordered().distinct().all(db)), all);
    let columns = (Pupil::GRADE, Pupil::PAST);
    assert_eq!(first_thing!(url, db => pupils().select(columns).all(db)), all);
    let page = || ordered().page(MANY.unsigned_abs());
    let rows = |page: Page<Pupil, i64>| page.rows;
    assert_eq!(first_thing!(url, db => async { page().fetch(db).await.map(rows) }), all);
    let joined = || pupils().include(Pupil::LEVEL.joined());
    assert_eq!(first_thing!(url, db => joined().all(db)), all);
    let targets = || Level::PUPILS.filter(Pupil::ID.lt(MANY));
    for targets in [targets().batched(), targets().pipelined(), targets().limit(1 << 20)] {
        let level = || Level::find_by_id(Grade::Middle).include(targets.clone());
        let targets = first_thing!(url, db => async {
            level().one(db).await.map(|level| level.pupils)
        });
        assert_eq!(targets, all);
    }
    let set = || pupils().set(Pupil::GRADE, Grade::High);
    assert_eq!(first_thing!(url, db => set().update_returning(db)), all);
}

#[tokio::test]
async fn a_type_of_the_databases_own_is_asked_for_by_nobody() {
    let Some(url) = &support::postgres_url().await else { return };
    let levels = &school(url).await;
    of_a_school(&support::client(url).await, levels).await;
    let raw = support::client(url).await;
    raw.batch_execute("DELETE FROM pupils").await.unwrap();
    let db = without_names(url).await;
    of_a_school(&db, levels).await;
    let batched = db.batched();
    let found = [1, 3].map(|id| Pupil::find_by_id(id).one(&batched));
    let found = futures_util::future::try_join_all(found).await.unwrap();
    assert!(found.iter().map(|one| one.grade).eq([Grade::Low, Grade::Middle]));
    assert_eq!(prepared(&db).await, Vec::<String>::new());
}

/// The prepared statements of a connection.
async fn prepared(db: &impl Executor) -> Vec<String> {
    ::relations::sql("SELECT name FROM pg_prepared_statements", ()).all(db).await.unwrap()
}

/// Whatever brings a type of the database's own, it is compared and ordered as what it is, and
/// the driver prepares no statement to ask for it.
async fn of_a_school(db: &impl Executor, levels: &[Level]) {
    let [high, middle, low] = levels else { panic!("there are three levels") };
    let pupil = |id, grade| Pupil { id, grade, past: vec![grade, Grade::Low] };
    let all = [pupil(1, Grade::Low), pupil(2, Grade::High), pupil(3, Grade::Middle)];
    let [ann, ben, cyd] = &all;
    let new = |one: &Pupil| NewPupil { id: one.id, grade: one.grade, past: one.past.clone() };
    assert_eq!(new(ann).insert(db).await.unwrap(), *ann);
    let kept = new(ben).on_conflict(Pupil::ID).do_nothing().insert(db).await.unwrap();
    assert_eq!(kept.into_inner(), *ben);
    let kept = new(ben).on_conflict(Pupil::ID).do_nothing().insert(db).await.unwrap();
    assert_eq!(kept.into_inner(), *ben);
    let kept = new(cyd).on_conflict(Pupil::ID).update(Pupil::PAST).insert(db).await.unwrap();
    assert_eq!(kept.into_inner(), *cyd);

    let falling = || Pupil::find().order_by(Pupil::GRADE.desc());
    let in_order = [ben.clone(), cyd.clone(), ann.clone()];
    assert_eq!(falling().all(db).await.unwrap(), in_order);
    assert_eq!(falling().distinct().all(db).await.unwrap(), in_order);
    let by_level = || Pupil::find().order_by(Pupil::LEVEL.column(Level::GRADE).desc());
    assert_eq!(by_level().distinct().limit(2).all(db).await.unwrap(), in_order[..2]);
    let grades = [Grade::High, Grade::Middle, Grade::Low];
    assert_eq!(falling().select(Pupil::GRADE).all(db).await.unwrap(), grades);
    let distinct = falling().select(Pupil::GRADE).distinct();
    assert_eq!(distinct.all(db).await.unwrap(), grades);
    let second = falling().page(1).after(2).fetch(db).await.unwrap();
    assert_eq!(second.rows, in_order[1..2]);
    let (mut stream, mut streamed) = (by_level().stream(db).chunk(1), Vec::new());
    while let Some(one) = stream.try_next().await.unwrap() {
        streamed.push(one);
    }
    assert_eq!(streamed, in_order);

    assert_eq!(Pupil::find().max(db, Pupil::GRADE).await.unwrap(), Some(Grade::High));
    assert_eq!(Pupil::find().min(db, Pupil::GRADE).await.unwrap(), Some(Grade::Low));
    let last = Pupil::find().order_by(Pupil::ID.desc()).limit(2);
    assert_eq!(last.max(db, Pupil::GRADE).await.unwrap(), Some(Grade::High));
    let greatest = || Level::PUPILS.max(Pupil::GRADE);
    let by_greatest = || Level::find().order_by(greatest().desc()).select(greatest());
    let expected = grades.map(Some);
    assert_eq!(by_greatest().all(db).await.unwrap(), expected);
    assert_eq!(by_greatest().distinct().all(db).await.unwrap(), expected);

    assert_eq!(
        Level::PUPILS.load(db, levels).await.unwrap(),
        [[ben.clone()], [cyd.clone()], [ann.clone()]]
    );
    assert_eq!(Pupil::LEVEL.of_id(3).one(db).await.unwrap(), *middle);
    for pupils in [Level::PUPILS.batched(), Level::PUPILS.pipelined(), Level::PUPILS.limit(1)] {
        let included = Level::find().order_by(Level::GRADE.asc()).include(pupils);
        let included = included.all(db).await.unwrap();
        let grades: Vec<_> = included.iter().map(|one| one.pupils[0].grade).collect();
        assert_eq!(grades, [Grade::Low, Grade::Middle, Grade::High]);
    }
    let counted = Level::find().include(Level::PUPILS.count().batched()).all(db);
    assert!(counted.await.unwrap().iter().all(|one| one.pupils == 1));

    let above = Level::NEXT.ancestors_of_id(Grade::Low).entities(db).await.unwrap();
    assert_eq!(above, [middle.clone(), high.clone()]);
    let forest = Level::LEVELS.forest().trees(db).await.unwrap();
    assert_eq!(forest[0].children[0].children[0].entity, *low);

    let set = Pupil::find_by_id(1).set(Pupil::PAST, vec![Grade::High]);
    assert_eq!(set.update_returning(db).await.unwrap()[0].past, [Grade::High]);
    let gone = Pupil::find_by_id(2).delete_returning(db).await.unwrap();
    assert_eq!(gone, [ben.clone()]);

    assert_eq!(prepared(db).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_has_a_text_is_read_as_it() {
    let Some(url) = &support::postgres_url().await else { return };
    let db = &support::connected(url).await;
    db.create(schema![Host]).await.unwrap();
    let new = |id, address: Option<&str>| NewHost {
        id,
        address: address.map(Into::into),
        pauses: vec!["1 day".into(), "90 minutes".into()],
    };
    let rows = [new(1, Some("10.0.0.9")), new(2, Some("10.0.0.10/8")), new(3, None)];
    let hosts = NewHost::insert_many(rows, db).await.unwrap();
    let addresses = || hosts.iter().map(|host| host.address.as_deref());
    assert!(addresses().eq([Some("10.0.0.9/32"), Some("10.0.0.10/8"), None]));
    assert_eq!(hosts[0].pauses, ["1 day", "01:30:00"]);
    let sorted = Host::find().order_by(Host::ADDRESS.asc());
    let found = sorted.filter(Host::ADDRESS.gt("10.0.0.10/8")).all(db).await.unwrap();
    assert_eq!(found, hosts[..1]);
    assert_eq!(Host::find().filter(Host::ADDRESS.eq("10.0.0.9")).one(db).await.unwrap(), hosts[0]);
}

#[tokio::test]
async fn a_type_with_a_size_refuses_what_is_too_large() {
    let Some(url) = support::postgres_url().await else { return };
    let raw = support::client(&url).await;
    raw.batch_execute("CREATE TYPE mood AS ENUM ('happy', 'very_sad')").await.unwrap();
    let db = &support::connected(&url).await;
    db.create(schema![Feeling, Face]).await.unwrap();
    NewFeeling { mood: Mood::Happy }.insert(db).await.unwrap();
    let price = || Some(Decimal::new(12_345, 2));
    let fits = NewFace {
        short: Some("héllo".into()),
        fixed: Some("a".into()),
        price: price(),
        plain: Some(serde_json::json!({"b": 1, "a": [null]})),
        binary: Some(address("Bern")),
        ..face(Mood::Happy)
    };
    let fits = fits.insert(db).await.unwrap();
    assert_eq!((fits.short.as_deref(), fits.price), (Some("héllo"), price()));
    assert_eq!(fits.plain, Some(serde_json::json!({"b": 1, "a": [null]})));
    assert_eq!(fits.binary, Some(address("Bern")));
    let found = Face::find().filter(Face::SHORT.eq("héllo")).filter(Face::FIXED.eq("a"));
    assert_eq!(found.filter(Face::SHORT.like("hé%")).one(db).await.unwrap(), fits);
    for new in [
        NewFace { short: Some("too long".into()), ..face(Mood::Happy) },
        NewFace { fixed: Some("abcd".into()), ..face(Mood::Happy) },
        NewFace { price: Some(Decimal::new(123_456_789_012, 1)), ..face(Mood::Happy) },
    ] {
        let error = new.insert(db).await.unwrap_err();
        assert_eq!(error.entity(), Some("Face"));
    }
    let long = Face::find().all_rows().set(Face::SHORT, "too long");
    assert!(long.update(db).await.is_err());
    // A text that no row can hold is looked for as it is, not cut to what a row holds.
    let longer = Face::find().filter(Face::SHORT.eq("héllooo"));
    assert_eq!(longer.count(db).await.unwrap(), 0);
}

#[tokio::test]
async fn text_without_case_is_a_key() {
    let Some(url) = support::postgres_url().await else { return };
    let raw = support::client(&url).await;
    if raw.batch_execute("CREATE EXTENSION citext").await.is_err() {
        eprintln!("skipped: this PostgreSQL has no citext");
        return;
    }
    let db = &support::connected(&url).await;
    db.create(schema![Mailbox, Mail]).await.unwrap();
    let mailbox = NewMailbox { name: "Ada".into() }.insert(db).await.unwrap();
    let mail = NewMail { id: 1, account: "Ada".into() }.insert(db).await.unwrap();
    assert_eq!(Mailbox::find_by_id("ADA").one(db).await.unwrap(), mailbox);
    assert_eq!(Mailbox::find().filter(Mailbox::NAME.eq("aDA")).one(db).await.unwrap(), mailbox);
    assert_eq!(Mailbox::find().filter(Mailbox::NAME.is_in(["ada"])).count(db).await.unwrap(), 1);
    assert_eq!(Mailbox::find().filter(Mailbox::NAME.starts_with("a")).count(db).await.unwrap(), 1);
    assert_eq!(mail.mailbox(db).await.unwrap(), mailbox);
    assert_eq!(Mail::MAILBOX.load(db, [&mail]).await.unwrap(), [mailbox.clone()]);
    assert_eq!(mailbox.mails(db).await.unwrap(), [mail]);
}
