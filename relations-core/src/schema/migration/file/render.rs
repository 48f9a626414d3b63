//! The text of a file.

use super::{Predecessor, normalized};
use crate::dialect::Engine;
use crate::schema::migration::names::{list, quoted};
use crate::schema::migration::step::{Mode, Step};

/// The first line of each file.
pub(super) const TITLE: &str = "-- A migration of relations; see `migrate --help`.";

/// The text of a file with these steps, which comes behind another one or is the first.
#[must_use]
pub fn render(engine: Engine, after: Option<&Predecessor>, steps: &[Step]) -> String {
    let engine = match engine {
        Engine::Postgres => "postgres",
        Engine::Sqlite => "sqlite",
    };
    let after = match after {
        Some(before) => format!("{} sha256:{}", before.name, before.checksum),
        None => "nothing".to_owned(),
    };
    let mut text = format!("{TITLE}\n-- engine: {engine}\n-- after: {after}\n");
    for step in steps {
        text.push('\n');
        text.push_str(&step_text(step));
    }
    normalized(&text)
}

fn step_text(step: &Step) -> String {
    let mode = match step.mode {
        Mode::Transaction => "transaction",
        Mode::Alone => "alone",
    };
    let mut lines = vec![format!("-- step: {mode}")];
    let directive = |name: &str, text: &str| format!("-- {name}: {}", text.replace('\n', " "));
    lines.extend(step.comments.iter().map(|comment| format!("-- {}", comment.replace('\n', " "))));
    lines.extend(
        step.refuse.iter().map(|(told, query)| directive("refuse", &format!("{told}: {query}"))),
    );
    lines.extend(step.rebuild.iter().map(|rebuild| {
        let (table, columns) = (quoted(&rebuild.table), list(&rebuild.columns));
        let indexes = list(&rebuild.indexes);
        directive("rebuild", format!("{table} ({columns}) {indexes}").trim_end())
    }));
    lines.extend(step.unless.iter().map(|query| directive("unless", query)));
    lines.extend(step.statements.iter().map(|statement| format!("{statement};")));
    lines.join("\n") + "\n"
}
