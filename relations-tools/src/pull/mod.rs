//! An existing database as a module of annotated structs.

mod names;
mod plan;
mod types;
mod write;

use relations::shape::Shape;

/// Which crate dates and times are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Dates {
    /// The types of `chrono`.
    #[default]
    Chrono,
    /// The types of `time`.
    Time,
}

/// The module of entities for the tables of a database, with relations both ways.
///
/// A schema of the same shape gives the same text. Views are structs that derive `FromRow`, enums of
/// the database enums that derive `Value`. What an attribute cannot say stands as a comment at its
/// place.
///
/// ```no_run
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let module = relations_tools::pull(&db.shape().await?, relations_tools::Dates::Chrono);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn pull(shape: &Shape, dates: Dates) -> String {
    write::module(&plan::Plan::new(shape, dates))
}
