//! Entities as they are written: insert one or many, update, edit and delete by id.

pub(crate) mod create;
pub(crate) mod create_many;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod nested;
pub(crate) mod returned;
pub(crate) mod stored;
pub(crate) mod update;
pub(crate) mod upsert;
