//! Filters of requests, read into queries. No text of a request becomes SQL: names are looked up, and values
//! are parameters.

mod condition;
mod criteria;
mod include;
mod query_string;

pub(crate) use condition::of_count;
pub(crate) use criteria::{Criteria, Shape, WriteTargets};
pub(crate) use include::{IncludeRequest, named_in, requests};
pub(crate) use query_string::{Parameters, merged};

use axum::http::request::Parts;

use crate::model::Served;
use crate::node::Pointer;
use crate::problem::Problem;

/// The place of a filter in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Of a list.
    List,
    /// Of an export, which has no limit of its own.
    Export,
    /// Of a single row, which has no `where`, order or limit.
    Row,
    /// Of an include of a relation to many.
    Many,
    /// Of an include of a relation to one.
    One,
    /// Of a count: `where` alone.
    Count,
}

/// The cost of a request as far as it was read, to keep it within limits.
#[derive(Debug)]
pub(crate) struct Parsing<'a> {
    pub(crate) served: &'a Served,
    pub(crate) parts: &'a Parts,
    depth: usize,
    nesting: usize,
    relations: usize,
    conditions: usize,
    /// The number of rows that each of the next level may be of.
    sources: u64,
    /// The number of rows altogether.
    rows: u64,
}

impl<'a> Parsing<'a> {
    pub(crate) fn new(served: &'a Served, parts: &'a Parts) -> Self {
        let (depth, nesting, relations, conditions, sources, rows) = (0, 0, 0, 0, 1, 0);
        Self { served, parts, depth, nesting, relations, conditions, sources, rows }
    }

    /// Counts a condition.
    pub(crate) fn condition(&mut self, at: &Pointer) -> Result<(), Problem> {
        self.conditions += 1;
        let most = self.served.limits.conditions;
        if self.conditions <= most { Ok(()) } else { Err(costly("conditions", most, at)) }
    }

    /// Reads what stands behind a relation.
    pub(crate) fn follow<T>(
        &mut self,
        at: &Pointer,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let limits = &self.served.limits;
        self.relations += 1;
        if self.relations > limits.relations {
            return Err(costly("relations", limits.relations, at));
        }
        if self.depth >= limits.depth {
            return Err(costly("relations in each other", limits.depth, at));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads what stands in an `and`, `or` or `not`.
    pub(crate) fn nest<T>(
        &mut self,
        at: &Pointer,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let most = self.served.limits.nesting;
        if self.nesting >= most {
            return Err(costly("conditions in each other", most, at));
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    /// Reads what is included in so many rows of each source.
    pub(crate) fn rows<T>(
        &mut self,
        rows: u64,
        at: &Pointer,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let (sources, most) = (self.sources, self.served.limits.total_rows);
        self.sources = sources.saturating_mul(rows);
        self.rows = self.rows.saturating_add(self.sources);
        if self.rows > most {
            let detail = format!(
                "the limits of the list and of its includes allow for {} rows, of {most} at most; \
                 ask for fewer with `limit`",
                self.rows,
            );
            return Err(Problem::bad_request("TOO_COSTLY", detail).pointer(at).expected(most));
        }
        let result = read(self);
        self.sources = sources;
        result
    }

    /// The number of rows that are read for each row of the list.
    pub(crate) fn rows_read(&self) -> u64 {
        self.rows
    }
}

fn costly(what: &str, most: usize, at: &Pointer) -> Problem {
    let detail = format!("a request has {most} {what} at most");
    Problem::bad_request("TOO_COSTLY", detail).pointer(at).expected(most)
}

/// The problem of a name that is not there.
pub(crate) fn unknown<'n>(
    code: &'static str,
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'n str> + Clone,
    at: &Pointer,
) -> Problem {
    let shown = relations::query::reflect::shown(name);
    let meant = relations::query::reflect::closest(name, names.clone());
    let detail = match meant {
        Some(meant) => format!("there is no {what} {shown}; did you mean `{meant}`?"),
        None => format!("there is no {what} {shown}"),
    };
    let names: Vec<&str> = names.collect();
    let problem = Problem::bad_request(code, detail).pointer(at).expected(names);
    match meant {
        Some(meant) => problem.with("suggestion", meant),
        None => problem,
    }
}
