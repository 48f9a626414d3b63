//! The order that a many-to-many relation declares by its links.

use std::any::Any;

use crate::ast::order::OrderBy;
use crate::codegen::declared::DeclaredCell;
use crate::query::order::Ordering;

/// The orders of a relation by its links.
#[must_use]
pub fn link_order_of<L>(
    cell: &'static DeclaredCell,
    orders: fn() -> Vec<Ordering<L>>,
) -> &'static (dyn Any + Send + Sync) {
    cell.get(|| -> Vec<OrderBy> { orders().into_iter().map(|order| order.by.of_links()).collect() })
}

/// The orders that are declared of links of an entity.
pub fn link_order<L, O: LinkOrders<L>>(orders: O) -> Vec<Ordering<L>> {
    orders.into_orderings()
}

/// An order of the links `L`, or several in a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not order links of `{L}`",
    label = "expected an order by a column of `{L}`, as in `{L}::ID.asc()`, or several in a tuple"
)]
pub trait LinkOrders<L> {
    /// The orders, the first of which decides first.
    fn into_orderings(self) -> Vec<Ordering<L>>;
}

#[diagnostic::do_not_recommend]
impl<L> LinkOrders<L> for Ordering<L> {
    fn into_orderings(self) -> Vec<Self> {
        vec![self]
    }
}

macro_rules! tuples {
    ($(($($order:ident $type:ty),+))+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<L> LinkOrders<L> for ($($type,)+) {
                fn into_orderings(self) -> Vec<Ordering<L>> {
                    let ($($order,)+) = self;
                    vec![$($order),+]
                }
            }
        )+
    };
}

tuples! {
    (a Ordering<L>)
    (a Ordering<L>, b Ordering<L>)
    (a Ordering<L>, b Ordering<L>, c Ordering<L>)
    (a Ordering<L>, b Ordering<L>, c Ordering<L>, d Ordering<L>)
}
