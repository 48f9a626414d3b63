//! Columns that the database calculates: read, never written, and fresh after each change.

use ::relations::prelude::*;
use ::relations::repository::Upserted;
use ::relations::{Database, Engine, Executor, sql};

#[derive(Debug, Clone, PartialEq, Entity)]
struct Position {
    #[id]
    id: i64,
    price: i64,
    quantity: i64,
    #[unique]
    code: Option<String>,
    #[column(generated = "price * quantity")]
    total: i64,
    #[column(name = "upper_code", generated = "upper(code)")]
    upper: Option<String>,
    #[version]
    version: i32,
}

fn new(id: i64, price: i64, quantity: i64) -> NewPosition {
    NewPosition { id, price, quantity, code: None }
}

async fn works(db: &Database) {
    let mut position = new(7, 3, 4).insert(db).await.unwrap();
    assert_eq!((position.total, position.upper.as_deref(), position.version), (12, None, 1));
    assert_eq!(Position::find_by_id(7).one(db).await.unwrap(), position);

    // The entity's own values are not written, and are fresh afterwards.
    (position.price, position.total, position.upper) = (5, 99, Some("x".into()));
    position.update(db).await.unwrap();
    assert_eq!((position.total, position.upper.clone(), position.version), (20, None, 2));

    let mut edit = position.edit();
    edit.total = 1;
    assert_eq!(edit.changed().count(), 0);
    edit.save(db).await.unwrap();
    edit.quantity = 10;
    edit.code = Some("ab".into());
    edit.save(db).await.unwrap();
    assert_eq!((edit.total, edit.upper.as_deref(), edit.version), (50, Some("AB"), 3));
    edit.update(db).await.unwrap();
    let position = edit.into_inner();
    assert_eq!(Position::find_by_id(7).one(db).await.unwrap(), position);

    let many = NewPosition::insert_many([new(8, 1, 1), new(9, 2, 2)], db).await.unwrap();
    assert_eq!(many.iter().map(|one| one.total).collect::<Vec<_>>(), [1, 4]);

    let again = NewPosition { code: Some("cd".into()), ..new(8, 6, 7) };
    let kept = again.on_conflict(Position::ID).update((Position::PRICE, Position::QUANTITY));
    match kept.insert(db).await.unwrap() {
        Upserted::Existing(row) => assert_eq!((row.total, row.upper), (42, None)),
        other => panic!("{other:?}"),
    }

    // It is a column like any other to read.
    let least = Position::find().filter(Position::TOTAL.lt(50)).order_by(Position::TOTAL.desc());
    let totals: Vec<i64> = least.select(Position::TOTAL).all(db).await.unwrap();
    assert_eq!(totals, [42, 4]);
    let sum: Option<i64> = Position::find().max(db, Position::TOTAL).await.unwrap();
    assert_eq!(sum, Some(50));
    let changed = Position::find_by_id(9)
        .set_expr(Position::PRICE, Position::TOTAL + Position::PRICE)
        .update_returning(db)
        .await
        .unwrap();
    assert_eq!((changed[0].price, changed[0].total), (6, 12));
}

behaviour! {
    async fn a_generated_column_is_read_and_fresh(db) {
        db.create(schema![Position]).await.unwrap();
        works(db).await;
    }

    async fn a_generated_column_that_was_made_elsewhere_works(db) {
        let (integer, text) = match db.engine() {
            Engine::Postgres => ("bigint", "text"),
            Engine::Sqlite => ("INTEGER", "TEXT"),
        };
        // Only SQLite knows columns that are not stored, before PostgreSQL 18.
        let upper = if db.engine() == Engine::Sqlite { "VIRTUAL" } else { "STORED" };
        let table = format!(
            "CREATE TABLE positions (upper_code {text} GENERATED ALWAYS AS (upper(code)) {upper}, \
             total {integer} GENERATED ALWAYS AS (price * quantity) STORED, id {integer} PRIMARY KEY, \
             price {integer} NOT NULL, quantity {integer} NOT NULL, code {text} UNIQUE, \
             version {integer} NOT NULL DEFAULT 1)"
        );
        let table = table.replace("version bigint", "version integer");
        sql(table, ()).execute(db).await.unwrap();
        works(db).await;
    }
}

#[test]
fn a_definition_tells_the_expression() {
    let generated = |name| Position::DEFINITION.property(name).unwrap().generated_as;
    assert_eq!(generated("total"), Some("price * quantity"));
    assert_eq!(generated("price"), None);
    let sql = |engine| schema![Position].create_sql(engine).unwrap()[0].clone();
    let total = r#""total" bigint NOT NULL GENERATED ALWAYS AS (price * quantity) STORED"#;
    assert!(sql(Engine::Postgres).contains(total), "{}", sql(Engine::Postgres));
    let total = r#""total" INTEGER NOT NULL GENERATED ALWAYS AS (price * quantity) STORED"#;
    assert!(sql(Engine::Sqlite).contains(total), "{}", sql(Engine::Sqlite));
}
