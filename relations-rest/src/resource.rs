//! Resources: entities that can be served, and what of each is.

use std::fmt;
use std::sync::Arc;

use axum::http::request::Parts;
use relations::definition::PropertyDefinition;
use relations::query::Identified;
use relations::query::reflect::Parameter;
use relations::relation::Path;
use relations::repository::Writable;
use relations::value::Property;
use relations::{Column, Filter, Relation, RelationHandle};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::members::MemberRules;
use crate::problem::Problem;

/// An entity that can be served: one that has an id, and that serde writes and reads.
///
/// One that is only read, as a view is, takes [`read`](Serving::read) and no writes.
///
/// Its JSON is what serde says. What a client may see and write follows from serde's attributes too:
/// `#[serde(skip)]` hides a property, `#[serde(skip_serializing)]` makes it write-only, and
/// `#[serde(skip_deserializing)]` read-only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be served",
    label = "an entity is served if it is `Serialize` and `Deserialize`, and has an id",
    note = "write `#[derive(Serialize, Deserialize, Entity)]`, and mark its id with `#[id]`"
)]
pub trait Resource: Identified + Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<E: Identified + Serialize + DeserializeOwned> Resource for E {}

/// The operations that an entity is served with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Operations {
    pub(crate) read: bool,
    pub(crate) create: bool,
    pub(crate) patch: bool,
    pub(crate) delete: bool,
    pub(crate) link: bool,
}

pub(crate) type Scope<E> = Arc<dyn Fn(&Parts) -> Result<Filter<E>, Problem> + Send + Sync>;
pub(crate) type Fill = Arc<dyn Fn(&Parts) -> Result<Parameter, Problem> + Send + Sync>;

/// The options by which an entity is served; [`Api::serve`](crate::Api::serve) hands one to a closure.
///
/// Nothing is allowed at first: `it.read()` allows what reads, `it.all()` everything.
#[must_use = "return it from the closure"]
pub struct Serving<E> {
    pub(crate) operations: Operations,
    pub(crate) path: Option<String>,
    pub(crate) rules: MemberRules,
    pub(crate) hidden_relations: Vec<&'static str>,
    pub(crate) scope: Option<Scope<E>>,
    pub(crate) fills: Vec<(&'static PropertyDefinition, Fill)>,
    pub(crate) default_limit: Option<u64>,
    pub(crate) max_limit: Option<u64>,
    pub(crate) indexed_only: bool,
}

impl<E> fmt::Debug for Serving<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut this = formatter.debug_struct("Serving");
        this.field("operations", &self.operations).field("path", &self.path).finish_non_exhaustive()
    }
}

impl<E: Resource> Serving<E> {
    pub(crate) fn new() -> Self {
        Self {
            operations: Operations::default(),
            path: None,
            rules: MemberRules::default(),
            hidden_relations: Vec::new(),
            scope: None,
            fills: Vec::new(),
            default_limit: None,
            max_limit: None,
            indexed_only: false,
        }
    }

    /// Allows everything: [`read`](Self::read), [`create`](Self::create), [`patch`](Self::patch),
    /// [`delete`](Self::delete) and [`link`](Self::link).
    pub fn all(self) -> Self
    where
        E: Writable,
    {
        self.read().create().patch().delete().link()
    }

    /// Allows `GET`: rows, single rows, counts, and the relations to entities that are served as well.
    pub fn read(mut self) -> Self {
        self.operations.read = true;
        self
    }

    /// Allows `POST`: new rows, with nested new rows of entities that can be created too.
    pub fn create(mut self) -> Self
    where
        E: Writable,
    {
        self.operations.create = true;
        self
    }

    /// Allows `PATCH` and `PUT`, of a row and of all rows that a `where` matches.
    pub fn patch(mut self) -> Self
    where
        E: Writable,
    {
        self.operations.patch = true;
        self
    }

    /// Allows `DELETE`, of a row and of all rows that a `where` matches.
    pub fn delete(mut self) -> Self
    where
        E: Writable,
    {
        self.operations.delete = true;
        self
    }

    /// Allows `PUT` and `DELETE` of links by its relations through a join table.
    pub fn link(mut self) -> Self {
        self.operations.link = true;
        self
    }

    /// Serves the entity under another path than the name of its table: `orders` for `/orders`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into().trim_matches('/').to_owned());
        self
    }

    /// Leaves only the rows that a filter matches, which is made for each request: for a tenant, or without
    /// soft-deleted rows. It holds for every read, change, include and question of a filter, also of those
    /// that come here by a relation; a new or changed row has to match it as well.
    ///
    /// An error refuses the request.
    pub fn scope(
        mut self,
        scope: impl Fn(&Parts) -> Result<Filter<E>, Problem> + Send + Sync + 'static,
    ) -> Self {
        self.scope = Some(Arc::new(scope));
        self
    }

    /// Sets a property of each new row to a value of the request, such as its tenant; clients cannot set it.
    pub fn fill<T: Property>(
        mut self,
        column: Column<E, T>,
        value: impl Fn(&Parts) -> Result<T, Problem> + Send + Sync + 'static,
    ) -> Self {
        let fill = move |parts: &Parts| Ok(value(parts)?.into_nullable_parameter());
        self.rules.read_only.push(column.definition().name);
        self.fills.push((column.definition(), Arc::new(fill)));
        self
    }

    /// Hides a property: it is not in answers, and no filter, order or list of fields knows it. It can still be
    /// written; add [`read_only`](Self::read_only) where it must not be.
    pub fn hidden<T: Property, P: Path>(mut self, column: Column<E, T, P>) -> Self {
        self.rules.hidden.push(column.definition().name);
        self
    }

    /// Refuses a property in what a client writes.
    pub fn read_only<T: Property, P: Path>(mut self, column: Column<E, T, P>) -> Self {
        self.rules.read_only.push(column.definition().name);
        self
    }

    /// Takes a property in new rows only. Ids are always so.
    pub fn write_once<T: Property, P: Path>(mut self, column: Column<E, T, P>) -> Self {
        self.rules.write_once.push(column.definition().name);
        self
    }

    /// Hides a relation: it has no routes, and cannot be included or asked about.
    pub fn hidden_relation<R: Relation<Source = E>>(mut self, relation: RelationHandle<R>) -> Self {
        self.hidden_relations.push(relation.definition().name);
        self
    }

    /// Gives a value that a property takes, for a type that takes few texts, such as one of e-mail addresses.
    /// [`Api::router`](crate::Api::router) says where it is needed.
    pub fn example<T: Property, P: Path>(
        mut self,
        column: Column<E, T, P>,
        example: impl Serialize,
    ) -> Self {
        let example = serde_json::to_value(example).unwrap_or_default();
        self.rules.examples.push((column.definition().name, example));
        self
    }

    /// Answers this many rows unless a request says otherwise.
    pub fn default_limit(mut self, rows: u64) -> Self {
        self.default_limit = Some(rows);
        self
    }

    /// Answers this many rows at most.
    pub fn max_limit(mut self, rows: u64) -> Self {
        self.max_limit = Some(rows);
        self
    }

    /// Takes only properties with an index in `where` and `order`: keys, `#[unique]`, `#[index]`, and foreign
    /// keys.
    pub fn indexed_only(mut self) -> Self {
        self.indexed_only = true;
        self
    }
}
