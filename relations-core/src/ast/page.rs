//! The row that a page starts behind.

use crate::value::key::Parts;
use crate::value::parameter::Parameter;

/// A row in the order of a query, behind which others start.
#[derive(Debug, Clone)]
pub(crate) enum Anchor {
    /// The row with this id, whose values the database looks up.
    Row(Parts),
    /// A row with these values, one an order.
    Values(Vec<Parameter>),
}
