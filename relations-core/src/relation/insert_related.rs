//! Writing through a relation whose targets hold its key.

use std::future::Future;

use crate::definition::relation::RelationDefinition;
use crate::driver::executor::Executor;
use crate::driver::tenant::TenantRows;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::query::Query;
use crate::relation::{Relation, RelationHandle};
use crate::repository::create::{NewEntity, NewRow};
use crate::repository::create_many::NewRows;
use crate::repository::insert_many::InsertMany;
use crate::repository::writable::Writable;
use crate::sql::change::Assignment;
use crate::value::key::{Key, Parts};
use crate::value::parameter::Parameter;
use crate::value::type_bounds::{Impossible, Never};

/// A relation whose targets hold its key: a has many that goes through no link, or a has one.
#[diagnostic::on_unimplemented(
    message = "no target can be inserted through `{Self}`",
    label = "this relation is not a has many or has one by a key of the target, or it has a filter",
    note = "where the source holds the key, give it there, as in `customer_id: ada.id`; where a link \
            does, use `link` and `unlink`; where an array does, set it; where the relation has a `filter`, \
            insert by one without"
)]
pub trait HeldByTarget: Relation {}

/// A relation whose targets hold its key, so that one which is not is told once: the type of the new
/// rows then names no relation, and nothing more is said of it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "no target can be inserted through `{Self}`",
    label = "this relation is not a has many or has one by a key of the target, or it has a filter",
    note = "where the source holds the key, give it there, as in `customer_id: ada.id`; where a link \
            does, use `link` and `unlink`; where an array does, set it; where the relation has a `filter`, \
            insert by one without"
)]
pub trait AsHeldByTarget: Sized {
    /// The relation itself.
    type Itself;
}

#[diagnostic::do_not_recommend]
impl<R: HeldByTarget> AsHeldByTarget for R {
    type Itself = R;
}

#[diagnostic::do_not_recommend]
impl<R> AsHeldByTarget for R
where
    Never<R>: Impossible,
{
    type Itself = R;
}

/// A relation of `E`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation of `{E}`",
    label = "expected a relation of `{E}`"
)]
pub trait RelationOf<E> {}

#[diagnostic::do_not_recommend]
impl<R: Relation> RelationOf<R::Source> for R {}

#[diagnostic::do_not_recommend]
impl<E, R: Relation> RelationOf<E> for R where Never<(E, R)>: Impossible {}

/// # Write
///
/// Targets that hold the key of their source.
impl<R: Relation> RelationHandle<R> {
    /// Inserts a target of a source. The function gets the source's key, and returns the new target
    /// with it.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database, ada: Customer) -> relations::Result<()> {
    /// let order: Order = Customer::ORDERS
    ///     .insert(db, &ada, |customer_id| NewOrder { id: 7, customer_id, quantity: 3 })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The source's key is null, or the new target has another key ([`Error::is_invalid_request`]); or a
    /// constraint rejects the row, such as a second target of a has-one relation
    /// ([`Error::is_unique_violation`]).
    pub fn insert<N: NewEntity<Entity = R::Target>>(
        self,
        db: &impl Executor,
        source: &R::Source,
        target: impl FnOnce(R::Key) -> N,
    ) -> impl Future<Output = Result<R::Target>> + Send
    where
        R: HeldByTarget,
    {
        let given = HeldKey::of::<R>(source)
            .and_then(|(key, held)| held.checked(target(key), db.tenancy()));
        async move {
            let mut row = NewRow::new();
            for one in given? {
                row.push(one);
            }
            row.insert(db).await
        }
    }

    /// Inserts targets of a source, in one statement. The function gets the source's key, and
    /// returns the new targets with it.
    ///
    /// They are returned in their order, as by [`NewEntity::insert_many`];
    /// [`execute`](InsertMany::execute) returns only their number.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database, ada: Customer) -> relations::Result<()> {
    /// let orders: Vec<Order> = Customer::ORDERS
    ///     .insert_many(db, &ada, |customer_id| {
    ///         [1, 2, 3].map(|quantity| NewOrder { customer_id, quantity })
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`insert`](Self::insert); then nothing is inserted.
    pub fn insert_many<'db, N, I, D>(
        self,
        db: &'db D,
        source: &R::Source,
        targets: impl FnOnce(R::Key) -> I,
    ) -> InsertMany<'db, R::Target, D>
    where
        R: HeldByTarget,
        N: NewEntity<Entity = R::Target>,
        I: IntoIterator<Item = N>,
        D: Executor,
    {
        let rows = HeldKey::of::<R>(source).and_then(|(key, held)| {
            let mut rows = NewRows::new();
            for target in targets(key) {
                rows.push_row(held.checked(target, db.tenancy())?);
            }
            Ok(rows)
        });
        InsertMany::new(rows, db)
    }

    /// Moves the targets of a query to another source, by setting their foreign keys, and returns
    /// their number.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Order)]
    /// # struct Customer { #[id] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database, ada: Customer, bob: Customer) -> relations::Result<()> {
    /// let large = Customer::ORDERS.of(&ada).filter(Order::QUANTITY.gt(100));
    /// let moved = Customer::ORDERS.reparent(db, large, &bob).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The source's key is null, or the query has neither a filter nor [`all_rows`](Query::all_rows)
    /// ([`Error::is_invalid_request`]); or a constraint rejects it, such as a second target of a has-one
    /// relation ([`Error::is_unique_violation`]).
    pub async fn reparent(
        self,
        db: &impl Executor,
        targets: Query<R::Target>,
        source: &R::Source,
    ) -> Result<u64>
    where
        R: HeldByTarget,
        R::Target: Writable,
    {
        let (_, held) = HeldKey::of::<R>(source)?;
        let property = |name: &&str| R::Target::DEFINITION.property(name);
        let properties = held.properties.iter().filter_map(property);
        let assignments = properties
            .zip(held.parts)
            .map(|(property, parameter)| Assignment { property, parameter })
            .collect();
        targets.reparent(assignments)?.update(db).await
    }
}

/// The key that targets are to hold.
fn key_of<R: Relation>(source: &R::Source) -> Result<R::Key> {
    R::key(source).ok_or_else(|| {
        let key = R::DEFINITION.key_from.join("`, `");
        let source = R::Source::DEFINITION;
        let why = format!("`{}.{key}` is null, so that nothing can hold it as a key", source.name);
        Error::invalid_request(why).entity_is(source).relation_is(R::DEFINITION)
    })
}

/// A key that a new row has to hold.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct HeldKey {
    pub(crate) properties: &'static [&'static str],
    pub(crate) parts: Parts,
}

impl HeldKey {
    /// The key of a source, and that new targets have to hold it.
    pub(crate) fn of<R: Relation>(source: &R::Source) -> Result<(R::Key, Self)> {
        let key = key_of::<R>(source)?;
        let held = Self::by(R::DEFINITION, R::DEFINITION.key_to, key.to_parameters());
        Ok((key, held))
    }

    /// A key in some properties, and its kind where it has one.
    pub(crate) fn by(
        relation: &'static RelationDefinition,
        key: &'static [&'static str],
        mut parts: Parts,
    ) -> Self {
        let properties = match relation.key_kind {
            Some(kind) => {
                parts.push(Parameter::text(kind.word));
                kind.both
            }
            None => key,
        };
        Self { properties, parts }
    }

    /// The values of a new row, if it holds the key.
    fn checked<N: NewEntity>(
        &self,
        new: N,
        tenant: TenantRows<'_>,
    ) -> Result<Vec<Option<Assignment>>> {
        let given = new.assignments();
        self.check::<N::Entity>(&given, tenant)?;
        Ok(given)
    }

    /// Whether what a new row is given holds the key.
    pub(crate) fn check<E: Entity>(
        &self,
        given: &[Option<Assignment>],
        tenant: TenantRows<'_>,
    ) -> Result<()> {
        let holds = |(name, part): (&&str, &Parameter)| {
            let given = given.iter().flatten().find(|one| one.property.name == *name);
            // A tenant that is not given is that of the executor.
            let is_filled = || {
                E::DEFINITION.property(name).is_some_and(|one| one.tenant)
                    && match tenant {
                        TenantRows::Of(tenant) => tenant.check_own(E::DEFINITION, part).is_ok(),
                        // The tenant of the row is missing, which is told by itself.
                        TenantRows::All | TenantRows::Tenantless | TenantRows::Nested => true,
                    }
            };
            given.map_or_else(is_filled, |given| given.parameter == *part)
        };
        if self.properties.iter().zip(&self.parts).all(holds) {
            return Ok(());
        }
        let why = format!(
            "a new {} holds another key than that of what it is inserted under; give `{}` what the \
             function is given",
            E::NAME,
            self.properties.join("`, `"),
        );
        Err(Error::invalid_request(why).entity_is(E::DEFINITION))
    }
}
