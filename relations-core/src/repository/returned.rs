//! The rows that a write of an entity brings back.

use std::sync::Arc;

use crate::driver::returned::Returned;
use crate::entity::Entity;

impl Returned {
    /// Rows of an entity, however many.
    pub(crate) fn rows<E: Entity>() -> Self {
        Self::read_by(|row| E::read(row, 0).map(drop))
    }

    /// The values that the database gives a changed entity.
    pub(crate) fn refreshing<E: Entity>(entity: &E) -> Self {
        let was = entity.duplicate();
        Self::read_into(Arc::new(move |row| was.duplicate().take_made(row)))
    }
}
