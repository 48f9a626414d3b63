//! Writes of entities: inserts, nested writes and upserts, updates, edits and deletes by id.

pub(crate) mod columns;
pub(crate) mod conflict;
pub(crate) mod create;
pub(crate) mod create_many;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod import;
pub(crate) mod insert_many;
pub(crate) mod nested;
pub(crate) mod observed;
pub(crate) mod observed_upsert;
pub(crate) mod observer;
pub(crate) mod refresh;
pub(crate) mod returned;
pub(crate) mod row_order;
pub(crate) mod soft_delete;
pub(crate) mod stored;
pub(crate) mod tenant;
pub(crate) mod update;
pub(crate) mod update_many;
pub(crate) mod upsert;
pub(crate) mod upsert_many;
pub(crate) mod writable;

pub use crate::driver::observers::Observers;
pub use crate::repository::columns::{Columns, KeyColumns};
pub use crate::repository::create::NewEntity;
pub use crate::repository::edit::Edit;
pub use crate::repository::insert_many::InsertMany;
pub use crate::repository::nested::{Insertable, NewWith, OfNew, Under};
pub use crate::repository::observer::Observer;
pub use crate::repository::refresh::MaterializedView;
pub use crate::repository::soft_delete::SoftDelete;
pub use crate::repository::upsert::{OnConflict, Upsert, UpsertInput, Upserted};
pub use crate::repository::writable::Writable;
