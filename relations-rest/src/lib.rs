//! A REST API from the metadata of entities: routes, filters, includes and writes, on axum.
//!
//! Declare a relation, and `GET /orders/{id}/customer` is there. [`Api`] serves entities that are also
//! `Serialize` and `Deserialize`; the JSON of answers is that of the typed rows.

mod answer;
mod api;
mod call;
mod change;
mod explorer;
mod extract;
mod filter;
mod handlers;
mod limits;
mod members;
mod model;
mod node;
mod one_of;
mod openapi;
mod pick;
mod problem;
mod related;
mod relation;
mod resource;
mod routes;
mod rows;
mod sample;
mod statements;
mod write;

pub use crate::api::{Api, SetupError};
pub use crate::extract::{ById, Filtered, FilteredRows, Filters};
pub use crate::limits::Limits;
pub use crate::problem::Problem;
pub use crate::resource::{Resource, Serving};
