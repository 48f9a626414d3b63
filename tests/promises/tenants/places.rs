//! The SQL itself: at each place of a table stands the condition of its tenant.

use ::relations::driver::Tenant;

use crate::support::Counting;

use super::reads::{ask, include};
use super::world::{OWN, filled};

/// The tables whose rows belong to tenants.
const TABLES: [&str; 6] = ["customers", "orders", "lines", "tags", "order_tags", "folders"];

/// The names by which tables of tenants stand in a statement.
fn places(sql: &str) -> Vec<String> {
    let mut places = Vec::new();
    for table in TABLES {
        for clause in ["FROM", "JOIN", "UPDATE"] {
            let named = format!("{clause} \"{table}\"");
            for (at, _) in sql.match_indices(&named) {
                let rest = &sql[at + named.len()..];
                // Only the type of a column is asked for.
                if rest.starts_with(" WHERE FALSE") {
                    continue;
                }
                let alias = rest.strip_prefix(" AS \"").and_then(|rest| rest.split('"').next());
                places.push(alias.unwrap_or(table).to_owned());
            }
        }
    }
    places
}

/// Makes sure that at each place of a table its tenant is compared with one and the same value.
pub fn scoped(sql: &str) {
    let mut places = places(sql);
    let mut values = Vec::new();
    for place in &places {
        let condition = format!("\"{place}\".\"tenant_id\" = ");
        let here = sql.match_indices(&condition).map(|(at, _)| {
            let value = &sql[at + condition.len()..];
            let end = value[1..]
                .find(|one: char| !one.is_ascii_digit())
                .map_or(value.len(), |end| end + 1);
            value[..end].to_owned()
        });
        let here: Vec<_> = here.filter(|value| value.starts_with(['$', '?'])).collect();
        let times = places.iter().filter(|other| *other == place).count();
        assert!(
            here.len() >= times,
            "{place} stands {times} times, and is compared {here:?}: {sql}"
        );
        values.extend(here);
    }
    values.dedup();
    assert!(values.len() <= 1, "{values:?}: {sql}");
    places.dedup();
}

behaviour! {
    async fn each_place_of_a_table_has_its_condition(db) {
        filled(db).await;
        let counting = Counting::new(db);
        let own = Tenant::new(&counting, OWN);
        ask(&own).await;
        include(&own).await;
        let statements = counting.statements();
        assert!(statements.len() > 100);
        for sql in statements {
            scoped(&sql);
        }
    }
}
