//! Entities as they are written: insert one or many, update, edit and delete by id.

mod create;
mod create_many;
mod delete;
mod edit;
mod nested;
mod stored;
mod update;
mod upsert;

pub use create::NewEntity;
pub(crate) use create::NewRow;
pub(crate) use create_many::NewRows;
pub(crate) use delete::delete;
pub use edit::Edit;
pub use nested::{Insertable, NewWith, OfNew, Under};
pub(crate) use update::update;
pub use upsert::{Columns, OnConflict, Upsert, Upserted};
