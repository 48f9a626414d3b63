//! Numbers and texts at their edges: alike, or as the guide's table of differences says.

use ::relations::prelude::*;
use ::relations::{Engine, Executor as _, schema};
use rust_decimal::Decimal;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "edges")]
pub struct Edge {
    #[id]
    pub id: i64,
    pub double: f64,
    pub decimal: Decimal,
    pub text: String,
}

fn edge(id: i64, double: f64, decimal: Decimal, text: &str) -> NewEdge {
    NewEdge { id, double, decimal, text: text.to_owned() }
}

behaviour! {
    async fn the_sum_of_both_infinities_is_no_number(db) {
        db.create(schema![Edge]).await.unwrap();
        let both = [f64::INFINITY, f64::NEG_INFINITY].into_iter().zip(1..);
        let rows = both.map(|(double, id)| edge(id, double, Decimal::ONE, ""));
        NewEdge::insert_many(rows, db).await.unwrap();
        let sum = Edge::find().sum(db, Edge::DOUBLE).await.unwrap();
        match db.engine() {
            Engine::Postgres => assert!(sum.unwrap().is_nan()),
            Engine::Sqlite => assert_eq!(sum, None),
        }
        let most = Edge::find().max(db, Edge::DOUBLE).await.unwrap();
        assert_eq!(most, Some(f64::INFINITY));
    }

    async fn a_negative_zero_is_zero(db) {
        db.create(schema![Edge]).await.unwrap();
        edge(1, -0.0, Decimal::ONE, "").insert(db).await.unwrap();
        let found = Edge::find().filter(Edge::DOUBLE.eq(0.0)).one(db).await.unwrap();
        let keeps_the_sign = db.engine() == Engine::Postgres;
        assert_eq!(found.double.is_sign_negative(), keeps_the_sign);
        assert_eq!(Edge::find().filter(Edge::DOUBLE.eq(-0.0)).count(db).await.unwrap(), 1);
    }

    async fn a_decimal_division_has_the_digits_of_its_engine(db) {
        db.create(schema![Edge]).await.unwrap();
        edge(1, 0.0, Decimal::ONE, "").insert(db).await.unwrap();
        let third = Edge::DECIMAL / Decimal::from(3);
        let third: Vec<Decimal> = Edge::find().select(third).all(db).await.unwrap();
        let digits = match db.engine() {
            Engine::Postgres => 20,
            Engine::Sqlite => 28,
        };
        assert_eq!(third[0].to_string(), format!("0.{}", "3".repeat(digits)));
    }

    async fn a_decimal_beyond_the_greatest_is_compared_on_postgres_alone(db) {
        db.create(schema![Edge]).await.unwrap();
        edge(1, 0.0, Decimal::MAX, "").insert(db).await.unwrap();
        let beyond = (Edge::DECIMAL + Decimal::ONE).gt(Decimal::ONE);
        let found = Edge::find().filter(beyond).count(db).await;
        match db.engine() {
            Engine::Postgres => assert_eq!(found.unwrap(), 1),
            Engine::Sqlite => assert!(found.is_err()),
        }
    }

    async fn a_letter_is_one_whatever_its_case(db) {
        db.create(schema![Edge]).await.unwrap();
        for (id, text) in [(1, "İ"), (2, "ß"), (3, "ŉ"), (4, "ij"), (5, "Ǆ"), (6, "ΐ")] {
            edge(id, 0.0, Decimal::ONE, text).insert(db).await.unwrap();
        }
        let one = Edge::find().filter(Edge::TEXT.ilike("_")).order_by(Edge::ID.asc());
        assert_eq!(one.select(Edge::ID).all(db).await.unwrap(), [1, 2, 3, 5, 6]);
        assert_eq!(Edge::find().filter(Edge::TEXT.ilike("İ")).count(db).await.unwrap(), 1);
    }
}
