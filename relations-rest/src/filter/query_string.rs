//! The query string: `filter` as JSON, and its members by themselves.

use axum::extract::Query;
use axum::http::Uri;

use crate::filter::unknown;
use crate::node::{Node, Pointer};
use crate::problem::Problem;

/// The parameters of a query string, each of which is given once.
#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query string with no other parameters than these.
    pub(crate) fn read(uri: &Uri, known: &[&str], most: usize) -> Result<Self, Problem> {
        if uri.query().is_some_and(|query| query.len() > most.saturating_mul(3)) {
            return Err(too_long(most));
        }
        let invalid =
            || Problem::bad_request("INVALID_QUERY", "the query string is not URL-encoded UTF-8");
        let Query(all): Query<Vec<(String, String)>> =
            Query::try_from_uri(uri).map_err(|_| invalid())?;
        for (at, (name, _)) in all.iter().enumerate() {
            if all.iter().take(at).any(|(earlier, _)| earlier == name) {
                let detail = format!(
                    "the parameter {} is given twice",
                    relations::query::reflect::shown(name)
                );
                return Err(Problem::bad_request("DUPLICATE_PARAMETER", detail));
            }
            if name.contains('[') {
                let detail = "give a filter as JSON: `?filter={\"where\": …}`; names with brackets are not read";
                return Err(Problem::bad_request("UNKNOWN_PARAMETER", detail));
            }
            if !known.contains(&name.as_str()) {
                let names = known.iter().copied();
                return Err(unknown(
                    "UNKNOWN_PARAMETER",
                    "parameter",
                    name,
                    names,
                    &Pointer::default(),
                ));
            }
        }
        Ok(Self(all))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }
}

fn too_long(most: usize) -> Problem {
    let detail = format!("a filter has {most} bytes at most; send a long one by `POST …/query`");
    Problem::new(414, "FILTER_TOO_LONG", detail).expected(most)
}

/// The filter of a query string, in which members beside `filter` are its own.
pub(crate) fn merged(parameters: &Parameters, most: usize) -> Result<Node, Problem> {
    let json = |text: &str, what: &str| {
        if text.len() > most {
            return Err(too_long(most));
        }
        Node::parse(text.as_bytes(), what)
    };
    let mut members = match parameters.get("filter") {
        None => Vec::new(),
        Some(text) => match json(text, "filter")? {
            Node::Object(members) => members,
            other => return Err(other.unexpected("an object", &Pointer::default())),
        },
    };
    for (name, text) in &parameters.0 {
        let list = || {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            Node::Array(names.map(|name| Node::Text(name.to_owned())).collect())
        };
        let node = match name.as_str() {
            "where" => json(text, "where")?,
            "order" | "include" | "fields" => list(),
            "limit" | "offset" | "skip" => match text.parse::<u64>() {
                Ok(rows) => Node::Number(rows.into()),
                Err(_) => Node::Text(text.clone()),
            },
            // A place of the query string takes the place of that in the filter, as links do.
            "after" | "before" => {
                members.retain(|(one, _)| !matches!(one.as_str(), "after" | "before"));
                Node::Text(text.clone())
            }
            _ => continue,
        };
        if members.iter().any(|(one, _)| one == name) {
            let detail = format!("`{name}` is in the filter and beside it; give it once");
            return Err(Problem::bad_request("DUPLICATE_PARAMETER", detail));
        }
        members.push((name.clone(), node));
    }
    let node = Node::Object(members);
    // Values of the query string may hold what JSON was checked for.
    node.checked()
}
