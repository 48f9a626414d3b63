//! New rows with what is related to them.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use crate::driver::executor::Executor;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::Transactional;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::include::{Filled, Free, Include};
use crate::loader::loaded::Loaded;
use crate::relation::arity::Arity;
use crate::relation::insert_related::{HeldByTarget, HeldKey};
use crate::relation::{Relation, RelationHandle};
use crate::repository::create::NewEntity;
use crate::repository::create_many::NewRows;
use crate::value::key::Parts;

/// A value that can be inserted: a new entity, alone or with related ones.
pub trait Insertable: Sized + Send {
    /// The entity that it becomes.
    type Entity: Entity;

    /// The entity with what was inserted with it.
    type Inserted: Loaded<Entity = Self::Entity>;

    /// Inserts all of them, in a statement for each kind of entity, and gives them back in their
    /// order.
    #[doc(hidden)]
    fn insert_all(
        all: Vec<Under<Self>>,
        db: &impl Executor,
    ) -> impl Future<Output = Result<Vec<Self::Inserted>>> + Send;
}

/// Something new, and the keys that it has to hold of what it is inserted under.
#[doc(hidden)]
#[derive(Debug)]
pub struct Under<N> {
    new: N,
    keys: Vec<HeldKey>,
}

#[diagnostic::do_not_recommend]
impl<N: NewEntity> Insertable for N {
    type Entity = N::Entity;
    type Inserted = N::Entity;

    async fn insert_all(all: Vec<Under<Self>>, db: &impl Executor) -> Result<Vec<N::Entity>> {
        let mut rows = NewRows::new();
        for Under { new, keys } in all {
            let given = new.assignments();
            keys.iter().try_for_each(|key| key.check::<N::Entity>(&given, db.tenancy()))?;
            rows.push_row(given);
        }
        rows.insert(db).await
    }
}

/// A new entity with the targets of a relation, which hold its key; see [`NewEntity::with`].
#[must_use = "nothing is inserted until `insert` is awaited"]
#[doc(alias = "nested write")]
#[doc(alias = "nested writes")]
pub struct NewWith<N, R, F> {
    new: N,
    targets: F,
    relation: PhantomData<fn() -> R>,
}

impl<N: fmt::Debug, R: Relation, F> fmt::Debug for NewWith<N, R, F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut this = formatter.debug_struct("NewWith");
        this.field("new", &self.new).field("relation", &RelationHandle::<R>::RELATION);
        this.finish_non_exhaustive()
    }
}

/// A new entity with the new target of a relation, whose key it holds; see [`RelationHandle::new_with_target`].
#[must_use = "nothing is inserted until `insert` is awaited"]
pub struct OfNew<R, T, F, N> {
    target: T,
    source: F,
    relation: PhantomData<fn() -> (R, N)>,
}

impl<R: Relation, T: fmt::Debug, F, N> fmt::Debug for OfNew<R, T, F, N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut this = formatter.debug_struct("OfNew");
        this.field("target", &self.target).field("relation", &RelationHandle::<R>::RELATION);
        this.finish_non_exhaustive()
    }
}

/// # Write
///
/// A source together with its target.
impl<R: Relation> RelationHandle<R> {
    /// Nested writes: a new source with a new target, whose key it holds. The function gets the
    /// inserted target, and returns the source with its key.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id(generated)] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let order: OrderWith<Customer> = Order::CUSTOMER
    ///     .new_with_target(NewCustomer { name: "Ada".to_owned() }, |ada| NewOrder { customer_id: ada.id })
    ///     .insert(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "nested write")]
    pub fn new_with_target<T, F, N>(self, target: T, source: F) -> OfNew<R, T, F, N>
    where
        T: Insertable<Entity = R::Target>,
        F: FnOnce(&T::Inserted) -> N + Send,
        N: Insertable<Entity = R::Source>,
    {
        OfNew { target, source, relation: PhantomData }
    }
}

impl<N: Insertable, R, F> NewWith<N, R, F> {
    pub(crate) fn new(new: N, targets: F) -> Self {
        Self { new, targets, relation: PhantomData }
    }
}

/// Runs with both kinds of what is inserted together.
macro_rules! verbs {
    () => {
        /// Adds the new targets of another relation; see [`NewEntity::with`].
        pub fn with<Other, G, J>(
            self,
            _: RelationHandle<Other>,
            targets: G,
        ) -> NewWith<Self, Other, G>
        where
            Self: Insertable<Inserted: Loaded<With: Include<Other, Slot: Free>>>,
            Other: HeldByTarget,
            G: FnOnce(Other::Key) -> J + Send,
            J: IntoIterator<Item: Insertable<Entity = Other::Target>>,
        {
            NewWith::new(self, targets)
        }

        /// Inserts all rows or none, in a transaction, with one statement for each kind of entity,
        /// however many rows there are. Referenced rows are inserted first.
        ///
        /// # Errors
        ///
        /// A new entity has another key than the entity that it belongs to, or that key is null
        /// ([`Error::is_invalid_request`]); or a constraint rejects a row.
        pub async fn insert(self, db: &impl Transactional) -> Result<<Self as Insertable>::Inserted>
        where
            Self: Insertable,
        {
            let mut inserted = Self::insert_many([self], db).await?;
            inserted.pop().ok_or_else(|| Error::invalid_request("there is nothing to insert"))
        }

        /// Inserts several, like [`insert`](Self::insert), with one statement in all for each kind of
        /// entity.
        ///
        /// # Errors
        ///
        /// The errors of [`insert`](Self::insert); then nothing is inserted.
        pub async fn insert_many(
            all: impl IntoIterator<Item = Self>,
            db: &impl Transactional,
        ) -> Result<Vec<<Self as Insertable>::Inserted>>
        where
            Self: Insertable,
        {
            let all = all.into_iter().map(|new| Under { new, keys: Vec::new() }).collect();
            let transaction = db.open(&TransactionOptions::new(), 1).await?;
            let inserted = Self::insert_all(all, &transaction).await;
            transaction.end_with(inserted).await
        }
    };
}

impl<N, R, F> NewWith<N, R, F> {
    verbs!();
}

impl<R, T, F, N> OfNew<R, T, F, N> {
    verbs!();
}

impl<N, R, F, I> Insertable for NewWith<N, R, F>
where
    N: Insertable<Entity = R::Source>,
    R: HeldByTarget,
    F: FnOnce(R::Key) -> I + Send,
    I: IntoIterator<Item: Insertable<Entity = R::Target>>,
    <N::Inserted as Loaded>::With: Include<R, Slot: Free>,
    Filled<N::Inserted, R, <R::Arity as Arity>::Of<<I::Item as Insertable>::Inserted>>:
        Loaded<Entity = N::Entity>,
{
    type Entity = N::Entity;
    type Inserted =
        Filled<N::Inserted, R, <R::Arity as Arity>::Of<<I::Item as Insertable>::Inserted>>;

    async fn insert_all(all: Vec<Under<Self>>, db: &impl Executor) -> Result<Vec<Self::Inserted>> {
        let all = all
            .into_iter()
            .map(|Under { new: Self { new, targets, .. }, keys }| (Under { new, keys }, targets));
        let (new, targets): (Vec<_>, Vec<_>) = all.unzip();
        let sources = N::insert_all(new, db).await?;
        let (mut all, mut counts) = (Vec::new(), Vec::with_capacity(sources.len()));
        for (source, targets) in sources.iter().zip(targets) {
            let (key, held) = HeldKey::of::<R>(whole(source)?)?;
            let before = all.len();
            all.extend(targets(key).into_iter().map(|new| Under { new, keys: vec![held.clone()] }));
            counts.push(all.len() - before);
        }
        let mut targets = <I::Item as Insertable>::insert_all(all, db).await?.into_iter();
        let inserted = sources.into_iter().zip(counts).map(|(source, count)| {
            let targets = R::Arity::all(targets.by_ref().take(count).collect());
            let targets = targets.ok_or_else(|| Error::invalid_request("a target is missing"))?;
            Ok(source.with().put(targets))
        });
        inserted.collect()
    }
}

/// The entity of an inserted row, which is always whole.
fn whole<T: Loaded>(inserted: &T) -> Result<&T::Entity> {
    inserted.entity().ok_or_else(|| Error::invalid_request("only a part of the entity was read"))
}

impl<R, T, F, N> Insertable for OfNew<R, T, F, N>
where
    R: Relation,
    T: Insertable<Entity = R::Target>,
    F: FnOnce(&T::Inserted) -> N + Send,
    N: Insertable<Entity = R::Source>,
    <N::Inserted as Loaded>::With: Include<R, Slot: Free>,
    Filled<N::Inserted, R, <R::Arity as Arity>::Of<T::Inserted>>: Loaded<Entity = N::Entity>,
{
    type Entity = N::Entity;
    type Inserted = Filled<N::Inserted, R, <R::Arity as Arity>::Of<T::Inserted>>;

    async fn insert_all(all: Vec<Under<Self>>, db: &impl Executor) -> Result<Vec<Self::Inserted>> {
        let all = all.into_iter().map(|Under { new: Self { target, source, .. }, keys }| {
            (Under { new: target, keys: Vec::new() }, (source, keys))
        });
        let (new, sources): (Vec<_>, Vec<_>) = all.unzip();
        let targets = T::insert_all(new, db).await?;
        let sources = targets.iter().zip(sources).map(|(target, (source, mut keys))| {
            let parts = parts(whole(target)?, R::DEFINITION.key_to);
            keys.push(HeldKey::by(R::DEFINITION, R::DEFINITION.key_from, parts));
            Ok(Under { new: source(target), keys })
        });
        let sources = N::insert_all(sources.collect::<Result<_>>()?, db).await?;
        let inserted = sources.into_iter().zip(targets).map(|(source, target)| {
            let target = R::Arity::one(Some(target));
            let target = target.ok_or_else(|| Error::invalid_request("a target is missing"))?;
            Ok(source.with().put(target))
        });
        inserted.collect()
    }
}

/// The values of some properties of an entity.
fn parts<E: Entity>(entity: &E, names: &[&str]) -> Parts {
    let all = entity.parameters();
    let part = |name: &&str| {
        let at = E::DEFINITION.properties.iter().position(|one| one.name == *name)?;
        all.get(at).cloned()
    };
    names.iter().filter_map(part).collect()
}
