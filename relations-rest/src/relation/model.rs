//! The relations of a served entity, whose targets are known by no type.

use std::any::TypeId;

use relations::definition::RelationDefinition;
use relations::include::WithIncluded;
use relations::query::reflect::{Assignment, DynamicColumn, DynamicInclude};
use relations::{Entity, Filter, Transaction};
use serde_json::Value;

use crate::call::Call;
use crate::filter::{IncludeRequest, Parsing, WriteTargets};
use crate::model::{Answer, Doing, EntityModel, Served};
use crate::node::{Node, Pointer};
use crate::problem::Problem;
use crate::related;

/// An include that was read.
pub(crate) struct IncludedRelation<E> {
    pub(crate) include: DynamicInclude<E>,
    pub(crate) write: WriteTargets<E>,
    /// The condition that rows of the source must match.
    pub(crate) condition: Option<Filter<E>>,
}

/// A relation of a served entity to another.
pub(crate) trait RelationModel<E: Entity>: Send + Sync {
    fn definition(&self) -> &'static RelationDefinition;

    /// Its name in JSON.
    fn member(&self) -> &'static str;

    fn target(&self) -> TypeId;

    /// Reads a condition on the targets.
    fn condition(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
    ) -> Result<Filter<E>, Problem>;

    /// The column of the target, or the number of targets, that the rest of a path says.
    fn column(
        &self,
        parsing: &mut Parsing<'_>,
        path: &[&str],
        at: &Pointer,
    ) -> Result<DynamicColumn<E>, Problem>;

    /// Reads an include.
    fn include(
        &self,
        parsing: &mut Parsing<'_>,
        request: &IncludeRequest,
    ) -> Result<IncludedRelation<E>, Problem>;

    /// The include that shows what nested members have inserted.
    fn inserted(
        &self,
        served: &Served,
        nodes: &[&Node],
    ) -> Result<(DynamicInclude<E>, WriteTargets<E>), Problem>;

    /// Whether a row came with a target, of a relation to one.
    fn has_target(&self, row: &WithIncluded<E>) -> bool;

    /// Whether a row has the key of a target.
    fn has_key(&self, row: &E) -> bool;

    /// The schema of a target, with what it includes.
    fn target_schema(&self, served: &Served, request: &IncludeRequest) -> Result<Value, Problem>;

    /// Inserts the target of a new row, which is to hold its key. Of the key some parts may be set.
    fn insert_parent<'a>(
        &'a self,
        call: &'a Call,
        tx: &'a Transaction,
        node: &'a Node,
        set: &'a [Assignment],
        at: Pointer,
    ) -> Doing<'a, Vec<Assignment>>;

    /// Inserts targets that hold the key of a source, or are linked to it.
    fn insert_targets<'a>(
        &'a self,
        call: &'a Call,
        tx: &'a Transaction,
        source: &'a E,
        node: &'a Node,
        at: Pointer,
    ) -> Doing<'a, ()>;

    /// Whether a row may only reference targets that the request may see.
    fn is_checked(&self, call: &Call) -> Result<bool, Problem>;

    /// Makes sure that the request may see the targets that rows reference. Rows with one key are checked
    /// once.
    fn check_targets<'a>(
        &'a self,
        call: &'a Call,
        tx: &'a Transaction,
        sources: &'a [E],
    ) -> Doing<'a, ()>;

    /// Handles a request to the relation of one row.
    fn handle<'a>(
        &'a self,
        model: &'a dyn EntityModel<E>,
        call: &'a Call,
        verb: related::Verb,
    ) -> Answer<'a>;
}
