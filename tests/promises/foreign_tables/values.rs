//! Columns of other types than the properties', which these hold whole.

use ::relations::prelude::*;
use ::relations::{Database, Executor};
use rust_decimal::Decimal;

async fn run(db: &Database, sql: &str) {
    ::relations::sql(sql, ()).execute(db).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "wide")]
#[has_many(Part)]
struct Wide {
    #[id]
    id: i64,
    small: i32,
    small_or_none: Option<i64>,
    integer: i64,
    float: f64,
    of_integer: f64,
    price: Decimal,
    varying: String,
    fixed: String,
    name: String,
    folded: Option<String>,
    domain: String,
    number: i64,
    list: Vec<i64>,
    list_of_domain: Vec<i64>,
    texts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "parts")]
struct Part {
    #[id]
    id: i64,
    #[belongs_to(Wide)]
    wide_id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "wide")]
struct Narrow {
    #[id]
    id: i16,
}

async fn wide() -> Option<Database> {
    let db = crate::support::postgres().await?;
    run(&db, "CREATE EXTENSION citext").await;
    run(&db, "CREATE DOMAIN label AS varchar(20)").await;
    run(&db, "CREATE DOMAIN tiny AS smallint CHECK (VALUE > 0)").await;
    run(
        &db,
        "CREATE TABLE wide (id int PRIMARY KEY, small smallint NOT NULL, small_or_none smallint, \
         integer int NOT NULL, float real NOT NULL, of_integer int NOT NULL, price bigint NOT NULL, \
         varying varchar(20), fixed char(4), name name, folded citext, domain label, number tiny, \
         list int[], list_of_domain tiny[], texts name[])",
    )
    .await;
    run(&db, "CREATE TABLE parts (id smallint PRIMARY KEY, wide_id int NOT NULL REFERENCES wide)")
        .await;
    Some(db)
}

fn new(id: i64) -> NewWide {
    NewWide {
        id,
        small: -7,
        small_or_none: Some(3),
        integer: 70_000,
        float: 0.5,
        of_integer: 12.0,
        price: Decimal::from(99),
        varying: "var".into(),
        fixed: "ab".into(),
        name: "name".into(),
        folded: Some("Folded".into()),
        domain: "label".into(),
        number: 5,
        list: vec![1, 2],
        list_of_domain: vec![3, 4],
        texts: vec!["a".into()],
    }
}

#[tokio::test]
async fn wider_properties_read_write_and_find() {
    let Some(db) = wide().await else { return };
    let mut row = new(1).insert(&db).await.unwrap();
    assert_eq!((row.small, row.integer, row.float, row.fixed.as_str()), (-7, 70_000, 0.5, "ab"));
    NewWide::insert_many(vec![new(2), new(3)], &db).await.unwrap();
    let by_id = || Wide::ID.eq(1);
    let found = [
        Wide::SMALL.eq(-7),
        Wide::SMALL_OR_NONE.eq(3),
        Wide::INTEGER.eq(70_000).and(Wide::INTEGER.lt(i64::MAX)),
        Wide::INTEGER.is_in([70_000, i64::MAX]),
        Wide::FLOAT.eq(0.5),
        Wide::OF_INTEGER.eq(12.0),
        Wide::PRICE.eq(row.price),
        Wide::VARYING.eq("var"),
        Wide::FIXED.eq(&row.fixed),
        Wide::NAME.eq("name"),
        Wide::FOLDED.eq("Folded"),
        Wide::DOMAIN.eq("label"),
        Wide::NUMBER.eq(5),
        Wide::ID.is_in([1, 1 << 40]),
    ];
    for (number, filter) in found.into_iter().enumerate() {
        let rows = Wide::find().filter(filter.and(by_id())).all(&db).await.unwrap();
        assert_eq!(rows, [row.clone()], "filter {number}");
    }
    row.update(&db).await.unwrap();
    assert_eq!(Wide::find_by_id(1).one(&db).await.unwrap(), row);
    let ids: Vec<_> = vec![NewPart { id: 11, wide_id: 1 }, NewPart { id: 12, wide_id: 1 }];
    NewPart::insert_many(ids, &db).await.unwrap();
    for strategy in [Wide::PARTS.batched(), Wide::PARTS.pipelined()] {
        let all = Wide::find().include(strategy).order_by(Wide::ID.asc()).all(&db).await.unwrap();
        assert_eq!(all[0].parts.len(), 2);
    }
    let parts = Part::find().include(Part::WIDE.batched()).all(&db).await.unwrap();
    assert_eq!(parts[0].wide.id, 1);
    let batched = db.batched();
    let (one, other) =
        tokio::join!(Wide::find_by_id(1).one(&batched), Wide::find_by_id(2).one(&batched));
    assert_eq!((one.unwrap().id, other.unwrap().id), (1, 2));
    let raw: Vec<Wide> =
        ::relations::sql("SELECT * FROM wide WHERE id = 1", ()).all(&db).await.unwrap();
    assert_eq!(raw, [row]);
}

#[tokio::test]
async fn what_does_not_fit_is_an_error_and_narrower_properties_are_refused() {
    let Some(db) = wide().await else { return };
    let far = NewWide { integer: i64::MAX, ..new(1) };
    assert!(far.clone().insert(&db).await.is_err());
    assert!(NewWide::insert_many(vec![new(2), far], &db).await.is_err());
    assert_eq!(Wide::find().count(&db).await.unwrap(), 0);
    new(3).insert(&db).await.unwrap();
    assert!(Narrow::find().one(&db).await.unwrap_err().is_row_mismatch());
    assert!(Wide::find_by_id(3 << 40).optional(&db).await.unwrap().is_none());
}

/// PostgreSQL cuts the name of this column to 63 bytes.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "hosts")]
struct Host {
    #[id(generated)]
    id: i64,
    #[column(type = "inet")]
    address: String,
    #[column(type = "cidr")]
    network: Option<String>,
    #[column(type = "macaddr")]
    mac: Option<String>,
    #[column(type = "uuid")]
    code: Option<String>,
    #[column(type = "numeric")]
    size: Option<String>,
    #[column(type = "bit(5)")]
    mask: Option<String>,
    #[column(type = "jsonb")]
    facts: Option<String>,
    #[column(type = "xml")]
    page: Option<String>,
    #[column(type = "mood")]
    mood: Option<String>,
    #[column(name = "a_name_that_is_longer_than_any_that_postgres_keeps_whole_in_its_catalogs_é")]
    long: i32,
    #[column(name = "sixty_two_bytes_and_then_a_letter_of_two_bytes_which_is_left_oué")]
    cut: i32,
}

#[tokio::test]
async fn rows_of_raw_sql_are_entities_whatever_their_columns_are() {
    let Some(db) = crate::support::postgres().await else { return };
    run(&db, "CREATE TYPE mood AS ENUM ('fine')").await;
    db.create(schema![Host]).await.unwrap();
    for (address, size, mask) in [
        ("10.0.0.1", "1234567890123456789012345678901234567890.50", "10110"),
        ("10.0.0.0/8", "-0.00010", "00000"),
        ("::1", "NaN", "11111"),
        ("2001:db8::ff00:42:8329/64", "0", "10000"),
        ("::ffff:10.1.2.3", "10000", "01000"),
        ("::10.1.2.3", "Infinity", "00001"),
        ("fe80::1:0:0:1", "100000000.00000001", "00001"),
    ] {
        let new = NewHost {
            address: address.into(),
            network: Some("10.1.0.0/16".into()),
            mac: Some("08:00:2b:01:02:03".into()),
            code: Some("0123abcd-89ab-cdef-0123-456789abcdef".into()),
            size: Some(size.into()),
            mask: Some(mask.into()),
            facts: Some("{\"a\": 1}".into()),
            page: Some("<a/>".into()),
            mood: Some("fine".into()),
            long: 1,
            cut: 2,
        };
        let host = new.insert(&db).await.unwrap();
        let sql = "SELECT * FROM hosts WHERE id = $1";
        assert_eq!(::relations::sql(sql, (host.id,)).one::<Host>(&db).await.unwrap(), host);
        let found = Host::find().filter(Host::ADDRESS.eq(address).and(Host::MASK.eq(mask)));
        assert_eq!(found.one(&db).await.unwrap(), host);
    }
    run(&db, "ALTER TABLE hosts ALTER address TYPE interval USING '1 day'").await;
    let error = ::relations::sql("SELECT * FROM hosts", ()).all::<Host>(&db).await.unwrap_err();
    assert!(error.is_row_mismatch());
    assert!(error.to_string().contains("::text"), "{error}");
}

#[tokio::test]
async fn numbers_of_sqlite_are_read_as_what_they_are() {
    let db = crate::support::sqlite().await;
    run(&db, "CREATE TABLE items (id INTEGER PRIMARY KEY, price NUMERIC(10,2), code string)").await;
    run(&db, "INSERT INTO items VALUES (1, 2, '0012'), (2, 2.5, 'a'), (3, 5, '7')").await;
    let sum = |of: &str| format!("SELECT coalesce(sum(price), 0) FROM items WHERE {of}");
    let floats = async |of: &str| ::relations::sql(sum(of), ()).one::<f64>(&db).await.unwrap();
    assert_eq!((floats("true").await, floats("false").await), (9.5, 0.0));
    let exact = ::relations::sql(sum("true"), ()).one::<Decimal>(&db).await.unwrap();
    assert_eq!(exact.to_string(), "9.5");

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "items")]
    struct Item {
        #[id]
        id: i64,
        price: Decimal,
        code: String,
    }

    let all = Item::find().order_by(Item::PRICE.desc()).all(&db).await.unwrap();
    let told: Vec<_> =
        all.iter().map(|item| (item.price.to_string(), item.code.as_str())).collect();
    assert_eq!(told, [("5".into(), "7"), ("2.5".into(), "a"), ("2".into(), "12")]);
    assert_eq!(Item::find().sum(&db, Item::PRICE).await.unwrap(), Some(Decimal::new(95, 1)));
    let more = Item::find().filter(Item::PRICE.gt(Decimal::from(2))).count(&db).await.unwrap();
    assert_eq!(more, 2);
    let raised = Item::find().all_rows().set_expr(Item::PRICE, Item::PRICE + Decimal::ONE);
    assert_eq!(raised.update(&db).await.unwrap(), 3);
    assert_eq!(Item::find_by_id(2).one(&db).await.unwrap().price, Decimal::new(35, 1));
    assert_eq!(db.engine(), ::relations::Engine::Sqlite);
}
