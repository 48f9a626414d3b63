//! The order in which links lead to targets.

use std::any::Any;
use std::fmt;

/// The order in which a many-to-many relation leads to its targets, by their links: as a function and as its
/// source text.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[has_many(Tag, through(Tagging, order_by = Tagging::POSITION.asc()))]
/// struct Track {
///     #[id]
///     id: i64,
/// }
/// # #[derive(Entity)]
/// # struct Tag { #[id] id: i64 }
/// # #[derive(Entity)]
/// # struct Tagging {
/// #     #[id] #[belongs_to(Track)] track_id: i64,
/// #     #[id] #[belongs_to(Tag)] tag_id: i64,
/// #     position: i32,
/// # }
///
/// let through = Track::TAGS.definition().through.as_ref().unwrap();
/// assert_eq!(through.order_by.unwrap().text(), "Tagging::POSITION.asc()");
/// ```
#[derive(Clone, Copy)]
pub struct LinkOrder {
    orders: fn() -> &'static (dyn Any + Send + Sync),
    text: &'static str,
}

impl LinkOrder {
    /// The order that function gives. Its type is one of a later tier.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(text: &'static str, orders: fn() -> &'static (dyn Any + Send + Sync)) -> Self {
        Self { orders, text }
    }

    /// The order as it is written in Rust.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.text
    }

    /// The orders, if they are of that type.
    pub(crate) fn orders<O: 'static>(self) -> Option<&'static O> {
        (self.orders)().downcast_ref()
    }
}

impl fmt::Debug for LinkOrder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text)
    }
}
