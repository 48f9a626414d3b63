//! The id of an entity that has none.

use crate::definition::property::ColumnType;
use crate::value::key::{IntoKey, Key};
use crate::value::parameter::Parameter;
use crate::value::row::{Cell, Mismatch};

/// The [`Id`](crate::Entity::Id) of an entity without an `#[id]`, such as a view. It is empty, so
/// it identifies no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct NoId;

impl NoId {
    /// The id of every row without one. A query by it would find all rows, so none may be built.
    #[doc(hidden)]
    pub const NONE: Self = Self;
}

impl Key for NoId {
    const TYPES: &'static [ColumnType] = &[];

    fn each_parameter(&self, _: impl FnMut(Parameter)) {}

    fn read_key<'row>(_: impl FnMut() -> Result<Cell<'row>, Mismatch>) -> Result<Self, Mismatch> {
        Ok(Self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoKey<Self> for NoId {
    fn into_key(self) -> Self {
        self
    }
}
