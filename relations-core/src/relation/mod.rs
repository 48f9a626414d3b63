//! Relations: named ways from a source entity to its targets.

pub(crate) mod arity;
pub(crate) mod asking;
pub(crate) mod by_kind;
pub(crate) mod chain;
pub(crate) mod insert_related;
pub(crate) mod link_order;
mod link_rows;
pub(crate) mod linked_targets;
pub(crate) mod links;
mod observed_links;
pub(crate) mod one_of;
pub(crate) mod path;
pub(crate) mod through;

pub use crate::relation::arity::{
    AllRows, Arity, InScope, Many, ManyWithTotal, NotDeleted, Optional, Pageable, Requirable,
    Required, Visibility,
};
pub use crate::relation::asking::ToMany;
pub use crate::relation::by_kind::OneOfByKind;
pub use crate::relation::chain::{RelationChain, RelationPath};
pub use crate::relation::insert_related::{HeldByTarget, HeldKey, RelationOf};
pub use crate::relation::link_order::{ById, ByLink, NoOrder};
pub use crate::relation::linked_targets::LinkedTargets;
pub use crate::relation::links::LinkChanges;
pub use crate::relation::one_of::{Arm, NotOptional, OneOf, OneOfHandle, OneOfIncluding};
pub use crate::relation::path::{DistributedBy, Excluded, Generated, Own, Path, Through, ToOne};
pub use crate::relation::through::{Linked, ManyToMany};

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;

use crate::ast::scope::{SelectScope, SourceById, SourceByKey};
use crate::definition::relation::{RelationDefinition, RelationKind};
use crate::dialect::Dialect;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::Result;
use crate::loader::{promise, rounds};
use crate::query::Query;
use crate::query::execute::only;
use crate::sql::Verb;
use crate::value::key::{IntoKey, Key, Parts, read_key};
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// A relation as a type; the derive generates one for each relation of an entity.
pub trait Relation: Send + Sync + 'static {
    /// The entity that the relation starts from.
    type Source: Entity;
    /// The entity that the relation leads to.
    type Target: Entity;
    /// The key that source and target share.
    type Key: Key;
    /// The number of targets that a source can have.
    type Arity: Arity;
    /// The number of targets that a source can have if all rows of the target are seen.
    type Unscoped: Arity;

    /// The definition of the relation.
    const DEFINITION: &'static RelationDefinition;

    /// The key of the targets that a source holds; `None` if a part of it is null.
    fn key(source: &Self::Source) -> Option<Self::Key>;

    /// The kind of the key that a source has, of a relation by a kind and an id.
    #[doc(hidden)]
    fn key_kind(_source: &Self::Source) -> Option<Parameter> {
        None
    }
}

/// A visitor of the relations of `E`, each by its type; see [`reflect`](crate::query::reflect).
pub trait RelationVisitor<E: Entity> {
    /// Takes the next relation, and its name in JSON, which `#[serde(rename_all = "…")]` of the entity may
    /// have changed.
    fn relation<R: Relation<Source = E>>(&mut self, member: &'static str);
}

/// A place of an entity with its relations, such as `OrderWith`: a relation, or one of several.
pub trait Place: Send + Sync + 'static {
    /// The entity that has the place.
    type Source: Entity;
}

#[diagnostic::do_not_recommend]
impl<R: Relation> Place for R {
    type Source = R::Source;
}

/// The targets of a source: a target, an `Option` of one, or a `Vec` of them.
pub type Targets<R> = <<R as Relation>::Arity as Arity>::Of<<R as Relation>::Target>;

/// A relation as a value: `Order::CUSTOMER`, `Customer::ORDERS`.
///
/// ```no_run
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # #[has_many(Order)]
/// # struct Customer { #[id] id: i64, name: String }
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
/// # async fn run(db: &relations::Database, ada: Customer) -> relations::Result<()> {
/// let large = Customer::ORDERS.of(&ada).filter(Order::QUANTITY.gt(100)).all(db).await?;
/// let customer = Order::CUSTOMER.of_id(7).one(db).await?;
///
/// let orders = Order::find().limit(100).all(db).await?;
/// let customers: Vec<Customer> = Order::CUSTOMER.load(db, &orders).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Follow
///
/// [`of`](Self::of) and [`of_id`](Self::of_id) are queries of the targets of one source;
/// [`load`](Self::load) reads the targets of many sources in one statement; [`then`](Self::then)
/// chains relations. An accessor, `order.customer(db)`, follows the relation from one entity.
///
/// # Ask
///
/// Filters of sources by their targets: [`any`](Self::any), [`none`](Self::none), [`all`](Self::all),
/// [`is_present`](Self::is_present); and a [`column`](Self::column) of the target for filters, orders
/// and selections.
///
/// # Aggregate
///
/// Aggregates of the targets of each source: [`count`](Self::count), [`sum`](Self::sum),
/// [`min`](Self::min), [`max`](Self::max), [`avg`](Self::avg).
///
/// # Include
///
/// The relation itself is an include, `Order::find().include(Order::CUSTOMER)`. These methods are its
/// options: nested [`include`](Self::include) and [`include_required`](Self::include_required);
/// [`filter`](Self::filter), [`order_by`](Self::order_by), [`limit`](Self::limit) and
/// [`offset`](Self::offset) for each source; and the strategies [`joined`](Self::joined),
/// [`batched`](Self::batched) and [`pipelined`](Self::pipelined).
///
/// # Columns of a join table
///
/// [`filter_link`](Self::filter_link) and [`order_by_link`](Self::order_by_link) come first, then any of the
/// above: `Track::TAGS.order_by_link(Tagging::POSITION.asc()).of(&track)`.
///
/// # Write
///
/// Related rows: [`insert`](Self::insert), [`insert_many`](Self::insert_many),
/// [`new_with_target`](Self::new_with_target), [`reparent`](Self::reparent). Rows of a join table:
/// [`link`](Self::link), [`unlink`](Self::unlink), [`link_many`](Self::link_many),
/// [`unlink_many`](Self::unlink_many), [`unlink_all`](Self::unlink_all), [`set`](Self::set) and
/// [`create`](Self::create).
///
/// # Tree
///
/// For a relation of an entity with itself: [`ancestors`](Self::ancestors),
/// [`ancestors_of_id`](Self::ancestors_of_id), [`descendants`](Self::descendants),
/// [`descendants_of_id`](Self::descendants_of_id), [`forest`](Self::forest).
#[doc(alias = "association")]
#[doc(alias = "relationship")]
#[doc(alias = "lazy loading")]
pub struct RelationHandle<R>(PhantomData<fn() -> R>);

impl<R> RelationHandle<R> {
    /// The relation, which the derive makes a constant.
    #[doc(hidden)]
    pub const RELATION: Self = Self(PhantomData);
}

impl<R> Clone for RelationHandle<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for RelationHandle<R> {}

impl<R: Relation> fmt::Debug for RelationHandle<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RelationDefinition { source, name, .. } = R::DEFINITION;
        write!(formatter, "{source}.{name}")
    }
}

/// # Follow
///
/// Queries of the targets, from one source or many.
impl<R: Relation> RelationHandle<R> {
    /// The definition of the relation.
    #[must_use]
    pub fn definition(self) -> &'static RelationDefinition {
        R::DEFINITION
    }

    /// A query of the targets of a source.
    ///
    /// If the key of the source is null, or an array of no keys, there are no targets, and the query sends no statement.
    #[track_caller]
    pub fn of(self, source: &R::Source) -> Query<R::Target> {
        let scope = match R::key(source) {
            Some(key) => Self::scope(key.to_parameters()),
            None => SelectScope::Nothing,
        };
        Query::following::<R>(scope)
    }

    /// A query of the targets of the source with an id, in one statement.
    ///
    /// If the source holds the foreign key, `one` and `optional` distinguish why there is no target: the
    /// source does not exist ([`is_not_found`](crate::Error::is_not_found), about the source), its key
    /// is null (`None`, or [`is_not_found`](crate::Error::is_not_found) about the target), or the key
    /// has no target ([`is_target_missing`](crate::Error::is_target_missing), if a constraint guarantees
    /// one).
    #[track_caller]
    pub fn of_id(self, id: impl IntoKey<<R::Source as Entity>::Id>) -> Query<R::Target> {
        Self::targets_of_id(&id.into_key())
    }

    /// The targets of the source with an id, which is known to have one.
    #[track_caller]
    pub(crate) fn targets_of_id(id: &<R::Source as Entity>::Id) -> Query<R::Target> {
        let definition = R::DEFINITION;
        let source = R::Source::DEFINITION;
        let key = id.to_parameters();
        // If targets or links hold the id as their key, the source has nothing to add. A source that
        // holds the key itself has to be there, though its id be the key.
        let ids = source.id().map(|property| property.name);
        let scope = if definition.kind != RelationKind::BelongsTo
            && ids.eq(definition.key_from.iter().copied())
        {
            Self::scope(key)
        } else {
            SelectScope::TargetsOfId(SourceById {
                entity: source,
                id: key,
                read_key: read_key::<R::Key>,
            })
        };
        Query::following::<R>(scope)
    }

    /// The targets of the source with a key.
    fn scope(key: Parts) -> SelectScope {
        let read_key = read_key::<R::Key>;
        if key.iter().any(Parameter::is_empty_array) && R::DEFINITION.key_array.is_some() {
            SelectScope::Nothing
        } else if R::DEFINITION.key_array.is_some() {
            SelectScope::Array(SourceByKey { key, read_key })
        } else if R::DEFINITION.through.is_some() {
            SelectScope::Linked(SourceByKey { key, read_key })
        } else {
            let source = Some(R::Source::DEFINITION);
            SelectScope::Key { properties: R::DEFINITION.key_to, key, read_key, source }
        }
    }

    /// The targets of many sources, in the order of the sources and in one statement. If all keys are
    /// null, no statement is sent.
    ///
    /// # Errors
    ///
    /// A key has no target, although a constraint guarantees one
    /// ([`Error::is_target_missing`](crate::Error::is_target_missing)).
    #[doc(alias = "dataloader")]
    #[doc(alias = "n+1")]
    #[doc(alias = "eager loading")]
    pub async fn load<'a>(
        self,
        db: &impl Executor,
        sources: impl IntoIterator<Item = &'a R::Source>,
    ) -> Result<Vec<Targets<R>>> {
        rounds::targets::<R>(db, sources.into_iter().collect()).await
    }
}

/// Follows a relation from a source to its targets; accessors call it.
///
/// The type parameters name every part of the result type. `T` has no bound that only entities
/// meet, so that a target that is not an entity is reported once, elsewhere.
#[doc(hidden)]
#[track_caller]
pub fn follow<R, T, A>(
    source: &R::Source,
    db: &impl Executor,
) -> impl Future<Output = Result<A::Of<T>>> + Send
where
    R: Relation<Target = T, Arity = A>,
    T: Send,
    A: Arity,
{
    targets::<R>(source, db, Location::caller())
}

async fn targets<R: Relation>(
    source: &R::Source,
    db: &impl Executor,
    caller: &'static Location<'static>,
) -> Result<Targets<R>> {
    let statement = sought::<R>(source, db.dialect(), caller)?;
    let read = |row: &Row<'_>| R::Target::read(row, 0);
    if R::DEFINITION.targets_many() {
        let all = match statement {
            Some(statement) => fetch(db, &statement, read).await?,
            None => Vec::new(),
        };
        return promise::all::<R>(all, source);
    }
    let one = match statement {
        Some(statement) => {
            let error = |kind| promise::error::<R>(kind, source);
            only(db, &statement, |row| read(row).map(Some), error).await?
        }
        None => None,
    };
    promise::one::<R>(one, R::DEFINITION.promises_target(), source)
}

/// The statement for the targets of a source; `None` if its key is null. A function of its own, so that
/// the future that awaits the result does not hold the query.
fn sought<R: Relation>(
    source: &R::Source,
    dialect: Dialect,
    caller: &'static Location<'static>,
) -> Result<Option<Statement>> {
    let mut query = RelationHandle::<R>::RELATION.of(source);
    if query.select.is_empty() {
        return Ok(None);
    }
    query.select.caller = Some(caller);
    let verb = if R::DEFINITION.targets_many() { Verb::All } else { Verb::One };
    query.select.rows(dialect, query.caches(), verb).map(Some)
}
