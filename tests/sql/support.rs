//! An executor that keeps the SQL of what it is given, and the entities that the SQL is about.

use std::sync::Mutex;

use ::relations::__private::{Acquired, Capabilities, EachRow, EachRowOfAll, RoundEnd, RoundTrip};
use ::relations::driver::{Rows, Statement};
use ::relations::prelude::*;
use ::relations::{Engine, Executor, Result};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Order, key_from = "pk")]
pub struct Customer {
    #[id(generated)]
    pub id: i64,
    #[unique]
    pub pk: i64,
    #[column(name = "Full Name", type = "varchar(40)")]
    pub name: String,
    #[column(default = "'open'")]
    pub state: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Line)]
pub struct Order {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Customer, key_to = "pk", on_delete = "restrict", on_update = "cascade")]
    pub customer_id: i64,
    #[belongs_to(Customer, name = "payer", constraint = "who pays")]
    pub payer_id: Option<i64>,
    #[index]
    pub quantity: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Part, key_from("order_id", "number"), key_to("order_id", "line"))]
pub struct Line {
    #[id]
    #[belongs_to(Order, on_delete = "cascade")]
    pub order_id: i64,
    #[id]
    pub number: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(Line, name = "of_line", key_from("order_id", "line"), key_to("order_id", "number"))]
pub struct Part {
    #[id]
    pub code: String,
    pub order_id: Option<i64>,
    pub line: Option<i32>,
    #[column(name = "type")]
    pub kind: Option<String>,
}

/// Every column type that there is.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "everything")]
pub struct Everything {
    #[id]
    pub id: uuid::Uuid,
    pub boolean: bool,
    pub small: i16,
    pub integer: i32,
    pub large: i64,
    pub short: f32,
    pub long: f64,
    pub text: String,
    pub bytes: Vec<u8>,
    pub date: chrono::NaiveDate,
    pub time: time::Time,
    pub timestamp: chrono::NaiveDateTime,
    #[column(default = "now()")]
    pub moment: time::OffsetDateTime,
    pub decimal: Option<rust_decimal::Decimal>,
    pub json: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(schema = "shop", table = "Tags")]
pub struct Tag {
    #[id]
    pub name: String,
    pub aliases: Vec<String>,
}

/// An executor that keeps statements and never answers.
#[derive(Debug)]
pub struct Recording {
    engine: Engine,
    statements: Mutex<Vec<String>>,
}

impl Recording {
    pub fn new(engine: Engine) -> Self {
        Self { engine, statements: Mutex::default() }
    }

    pub fn statements(self) -> Vec<String> {
        self.statements.into_inner().unwrap()
    }

    async fn record<T>(&self, statements: &[Statement]) -> Result<T> {
        let sql = statements.iter().map(|statement| statement.sql().to_owned());
        self.statements.lock().unwrap().extend(sql);
        Err(::relations::connect("nowhere").await.unwrap_err())
    }
}

impl Executor for Recording {
    fn engine(&self) -> Engine {
        self.engine
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.record(std::slice::from_ref(statement)).await
    }

    fn acquire(&self) -> impl Acquired {
        Recorded(self)
    }
}

/// A call whose statements are kept.
struct Recorded<'db>(&'db Recording);

impl Acquired for Recorded<'_> {
    fn capabilities(&self) -> Capabilities {
        Capabilities { snapshot: true, ..Capabilities::default() }
    }

    async fn fetch(&mut self, statement: &Statement, _: EachRow<'_>) -> Result<u64> {
        self.0.record(std::slice::from_ref(statement)).await
    }

    async fn round(&mut self, round: RoundTrip<'_>, _: EachRowOfAll<'_>) -> Result<RoundEnd> {
        self.0.record(round.statements).await
    }
}

/// The SQL of a piece of code, on PostgreSQL and on SQLite.
macro_rules! sql {
    ($db:ident => $run:expr) => {{
        let mut sent = Vec::new();
        for engine in [::relations::Engine::Postgres, ::relations::Engine::Sqlite] {
            let recording = crate::support::Recording::new(engine);
            let $db = &recording;
            let _ = $run.await;
            sent.extend(recording.statements());
        }
        sent
    }};
}

/// Whether each piece of code sends these statements, on PostgreSQL and on SQLite.
macro_rules! sends {
    ($($name:ident: $db:ident => $run:expr => $expected:expr;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let expected: &[&str] = &$expected;
                assert_eq!(crate::support::sql!($db => $run), expected);
            }
        )*
    };
}

pub(crate) use {sends, sql};
