//! Limits on what one request may cost.

use std::time::Duration;

/// Limits on what one request may cost; [`Api::limits`](crate::Api::limits) sets them.
///
/// ```
/// use relations_rest::Limits;
///
/// let mut limits = Limits::default();
/// limits.max_rows = 500;
/// limits.depth = 3;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Rows of a list that asks for no limit: 100.
    pub default_rows: u64,
    /// Rows of a list at most: 1,000.
    pub max_rows: u64,
    /// Targets of each row by a relation to many that is included without a limit: 100.
    pub included_rows: u64,
    /// The product of the limits of a list and of what it includes, summed over the includes: 50,000.
    pub total_rows: u64,
    /// Bytes of a filter: 16 KiB.
    pub filter_bytes: usize,
    /// Relations in each other, in an include, a `where` or an order: 4.
    pub depth: usize,
    /// Relations in a request altogether: 10.
    pub relations: usize,
    /// Conditions in a request altogether: 100.
    pub conditions: usize,
    /// `and`, `or` and `not` in each other: 16.
    pub nesting: usize,
    /// Bytes of a body: 1 MiB.
    pub body_bytes: usize,
    /// New rows of one request, nested ones included: 1,000.
    pub new_rows: usize,
    /// Rows that one `PATCH` or `DELETE` with a `where` may change: 1,000.
    pub changed_rows: u64,
    /// Rows of a tree, above or below: 10,000.
    pub tree_rows: usize,
    /// The time a request may take; a streamed export, until its first row: 30 seconds.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            default_rows: 100,
            max_rows: 1_000,
            included_rows: 100,
            total_rows: 50_000,
            filter_bytes: 16 << 10,
            depth: 4,
            relations: 10,
            conditions: 100,
            nesting: 16,
            body_bytes: 1 << 20,
            new_rows: 1_000,
            changed_rows: 1_000,
            tree_rows: 10_000,
            timeout: Duration::from_secs(30),
        }
    }
}
