//! The order that a many-to-many relation declares by its links.

use std::any::Any;
use std::sync::OnceLock;

use crate::ast::order::OrderBy;
use crate::query::order::Ordering;

/// The orders of a relation, when they were made once.
#[derive(Debug)]
pub struct OrderCell(OnceLock<Vec<OrderBy>>);

impl OrderCell {
    /// Nothing yet.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }
}

/// The orders of a relation by its links.
#[must_use]
pub fn link_order_of<L>(
    cell: &'static OrderCell,
    orders: fn() -> Vec<Ordering<L>>,
) -> &'static (dyn Any + Send + Sync) {
    let of_links = || orders().into_iter().map(|order| order.by.of_links()).collect();
    cell.0.get_or_init(of_links)
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
