//! Migrations: generated from entities, applied once, and equal to what `create` makes.

mod command;
mod crashed;
mod evolve;
mod files;
mod living;
mod on_postgres;
mod on_sqlite;
mod renamed;
mod versions;

use ::relations::shape::migration::{
    Consents, Migrations, Predecessor, Step, checksum, plan, render,
};
use ::relations::shape::{Shape, TableShape};
use ::relations::{Database, Engine, Executor, Schema};

/// A file behind others.
pub fn add(files: &mut Vec<(String, String)>, engine: Engine, steps: &[Step]) -> String {
    let name = format!("{:04}_change", files.len() + 1);
    let before = files.last().map(|(name, text)| Predecessor::new(name, checksum(text)));
    let text = render(engine, before.as_ref(), steps);
    files.push((name.clone(), text));
    name
}

pub fn migrations(files: &[(String, String)]) -> Migrations {
    Migrations::read(files.iter().cloned())
}

/// The shape of a database, whose columns were added in any order.
pub async fn shape(db: &Database) -> Shape {
    let mut shape = db.shape().await.unwrap();
    for table in &mut shape.tables {
        table.columns.sort_by(|one, other| one.name.cmp(&other.name));
        for index in &mut table.indexes {
            index.definition = index.definition.take().map(|text| text.replace('"', ""));
        }
    }
    shape
}

/// An empty database of the same engine.
pub async fn fresh(db: &Database) -> Database {
    match db.engine() {
        Engine::Postgres => crate::support::postgres().await.unwrap(),
        Engine::Sqlite => crate::support::sqlite().await,
    }
}

pub fn nothing(engine: Engine) -> Shape {
    Schema::new([]).shape(engine).unwrap()
}

pub async fn run(db: &Database, statements: impl IntoIterator<Item = impl AsRef<str>>) {
    let session = db.sql_session().await.unwrap();
    for statement in statements {
        let statement = statement.as_ref();
        let ran = ::relations::sql(statement, ()).execute(&session).await;
        ran.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

pub async fn count(db: &Database, query: &str) -> i64 {
    ::relations::sql(query, ()).one(db).await.unwrap()
}

pub fn table<'a>(shape: &'a mut Shape, name: &str) -> &'a mut TableShape {
    shape.tables.iter_mut().find(|table| table.name == name).unwrap()
}

/// The steps between two shapes.
pub fn steps(before: &Shape, after: &Shape, consents: &Consents) -> Vec<Step> {
    plan(before, after, consents).unwrap_or_else(|refusal| panic!("{refusal}")).steps
}
