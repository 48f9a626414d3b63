//! The orders of targets that a type tells.

/// Targets by their id: the order of a [`LinkedTargets`](crate::relation::LinkedTargets) that has no other.
#[derive(Debug, Clone, Copy)]
pub enum ById {}

/// Targets by columns of their links: the order of a [`LinkedTargets`](crate::relation::LinkedTargets) after
/// [`order_by_link`](crate::relation::LinkedTargets::order_by_link).
#[derive(Debug, Clone, Copy)]
pub enum ByLink {}

/// The order of a [`LinkedTargets`](crate::relation::LinkedTargets) that has none of links: of what has no
/// order at all, as a number has none.
#[diagnostic::on_unimplemented(
    message = "a number, or a yes or no, has no order of links",
    label = "this is not asked of targets in an order of their links",
    note = "leave out `order_by_link` here; `filter_link` may stay"
)]
pub trait NoOrder {}

#[diagnostic::do_not_recommend]
impl NoOrder for ById {}
