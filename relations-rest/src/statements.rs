//! The statements that a request ran, in a header of its answer, for the explorer to show.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::answer::encoded;

/// The header: a JSON array of SQL, percent-encoded.
const HEADER: HeaderName = HeaderName::from_static("x-statements");

/// The most bytes of the header. Servers and clients refuse larger ones.
const MOST: usize = 6_000;

/// A subscriber that takes note of statements as the library tells of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Adds the header to an answer; statements that do not fit into it are counted.
    pub(crate) fn tell(&self, response: &mut Response) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut shown, mut length) = (Vec::new(), 0);
        for sql in &*all {
            length += encoded(sql).len() + 10;
            if length > MOST {
                let left = all.len() - shown.len();
                shown.push(format!("… and {left} more"));
                break;
            }
            shown.push(sql.clone());
        }
        let json = serde_json::Value::from(shown).to_string();
        if let Ok(value) = HeaderValue::from_str(&encoded(&json)) {
            response.headers_mut().insert(HEADER, value);
        }
    }
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Whether anything listens is asked by what is neither a span nor an event.
        !metadata.is_span() && metadata.target() == "relations"
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Sql(self));
    }

    // There are no spans: none is enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Takes the SQL from the fields of an event.
struct Sql<'a>(&'a Statements);

impl Visit for Sql<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "db.query.text" {
            let Statements(all) = self.0;
            all.lock().unwrap_or_else(PoisonError::into_inner).push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
