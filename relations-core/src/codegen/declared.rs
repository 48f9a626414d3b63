//! Values that an entity declares by a function, and that are made once.

use std::any::Any;
use std::sync::OnceLock;

/// The condition of a default scope or of a relation's filter, or the orders of links, once they are made.
#[derive(Debug)]
pub struct DeclaredCell(OnceLock<Box<dyn Any + Send + Sync>>);

impl DeclaredCell {
    /// Nothing yet.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The value, made now if it never was.
    pub(super) fn get<T: Send + Sync + 'static>(
        &'static self,
        make: impl FnOnce() -> T,
    ) -> &'static (dyn Any + Send + Sync) {
        &**self.0.get_or_init(|| Box::new(make()))
    }
}
