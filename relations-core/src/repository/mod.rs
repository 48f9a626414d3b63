//! Writes of entities: inserts, nested writes and upserts, updates, edits and deletes by id.

pub(crate) mod create;
pub(crate) mod create_many;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod insert_many;
pub(crate) mod nested;
pub(crate) mod returned;
pub(crate) mod stored;
pub(crate) mod update;
pub(crate) mod upsert;

pub use crate::repository::create::NewEntity;
pub use crate::repository::edit::Edit;
pub use crate::repository::insert_many::InsertMany;
pub use crate::repository::nested::{Insertable, NewWith, OfNew, Under};
pub use crate::repository::upsert::{Columns, OnConflict, Upsert, Upserted};
