//! Links from a source to many targets.

use crate::driver::execute::execute;
use crate::driver::executor::Executor;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::Transactional;
use crate::error::Result;
use crate::relation::link_rows::{Links, Unkeyed, from_key, unlink_all};
use crate::relation::observed_links::{have_keys, unlink_observed};
use crate::relation::through::{Alone, Linkable, Once, Written};
use crate::relation::{Relation, RelationHandle};
use crate::repository::create::NewEntity;
use crate::repository::observed::observers;

/// The numbers of links that [`set`](RelationHandle::set) added and removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LinkChanges {
    /// The number of new links.
    pub linked: u64,
    /// The number of links that were removed.
    pub unlinked: u64,
}

/// # Write
///
/// Links from a source to several targets.
impl<R: Relation> RelationHandle<R>
where
    Self: Linkable,
{
    /// Links a source to many targets in one statement, and returns how many were not linked before.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Tag, through(ProductTag))]
    /// # struct Product { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Tag { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct ProductTag { #[id] #[belongs_to(Product)] product_id: i64, #[id] #[belongs_to(Tag)] tag_id: i64 }
    /// # async fn run(db: &relations::Database, tea: Product, tags: Vec<Tag>) -> relations::Result<()> {
    /// let new: u64 = Product::TAGS.link_many(db, &tea, &tags).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Existing links stay unchanged, as with [`link`](Self::link). Without targets no statement is
    /// sent.
    ///
    /// # Errors
    ///
    /// The errors of [`link`](Self::link); then no link is added.
    #[doc(alias = "attach")]
    pub async fn link_many<'a>(
        self,
        db: &impl Executor,
        source: &R::Source,
        targets: impl IntoIterator<Item = &'a R::Target>,
    ) -> Result<u64>
    where
        <Self as Linkable>::Linking: Alone + Once + Written,
    {
        let Some(through) = &R::DEFINITION.through else { return Ok(0) };
        let links = Links::of::<R>(through, source, targets, Unkeyed::Refused)?;
        links.link::<R>(db).await
    }

    /// Unlinks a source from many targets in one statement, and returns how many links were removed.
    ///
    /// Targets that are not linked are ignored. Without targets no statement is sent.
    ///
    /// # Errors
    ///
    /// The errors of [`unlink`](Self::unlink); then no link is removed.
    #[doc(alias = "detach")]
    pub async fn unlink_many<'a>(
        self,
        db: &impl Executor,
        source: &R::Source,
        targets: impl IntoIterator<Item = &'a R::Target>,
    ) -> Result<u64>
    where
        <Self as Linkable>::Linking: Written,
    {
        let Some(through) = &R::DEFINITION.through else { return Ok(0) };
        // A source or a target without a key has no link.
        let links = Links::of::<R>(through, source, targets, Unkeyed::PassedOver)?;
        match from_key::<R>(through, source).filter(|_| links.count > 0) {
            Some(from) => links.unlink::<R>(db, from, false).await,
            None => Ok(0),
        }
    }

    /// Unlinks a source from all its targets, and returns how many links were removed. The targets stay.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Tag, through(ProductTag))]
    /// # struct Product { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Tag { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct ProductTag { #[id] #[belongs_to(Product)] product_id: i64, #[id] #[belongs_to(Tag)] tag_id: i64 }
    /// # async fn run(db: &relations::Database, tea: Product) -> relations::Result<()> {
    /// let unlinked: u64 = Product::TAGS.unlink_all(db, &tea).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Other rows reference a link ([`is_foreign_key_violation`](crate::Error::is_foreign_key_violation)).
    #[doc(alias = "detach")]
    pub async fn unlink_all(self, db: &impl Executor, source: &R::Source) -> Result<u64>
    where
        <Self as Linkable>::Linking: Written,
    {
        let Some(through) = &R::DEFINITION.through else { return Ok(0) };
        let Some(from) = from_key::<R>(through, source) else { return Ok(0) };
        let link = through.link.definition();
        match observers(db, link) {
            None => execute(db, &unlink_all::<R>(db.dialect(), through, from)?).await,
            Some(observers) => unlink_observed(db, observers, link, have_keys(link, &from)).await,
        }
    }

    /// Replaces the links of a source by links to exactly these targets: others are removed, missing
    /// ones are added, and the rest keep their own columns.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Tag, through(ProductTag))]
    /// # struct Product { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Tag { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct ProductTag { #[id] #[belongs_to(Product)] product_id: i64, #[id] #[belongs_to(Tag)] tag_id: i64 }
    /// # async fn run(db: &relations::Database, tea: Product, tags: Vec<Tag>) -> relations::Result<()> {
    /// let changes = Product::TAGS.set(db, &tea, &tags).await?;
    /// println!("{} new, {} gone", changes.linked, changes.unlinked);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It takes two statements in a transaction, whatever the number of targets. On PostgreSQL the row of
    /// the source is locked first, so the last of several concurrent calls decides, never a mixture of
    /// them.
    ///
    /// # Errors
    ///
    /// The errors of [`link`](Self::link) and [`unlink`](Self::unlink); then nothing is changed.
    #[doc(alias = "sync")]
    #[doc(alias = "replace")]
    pub async fn set<'a>(
        self,
        db: &impl Transactional,
        source: &R::Source,
        targets: impl IntoIterator<Item = &'a R::Target>,
    ) -> Result<LinkChanges>
    where
        <Self as Linkable>::Linking: Alone + Once + Written,
    {
        let Some(through) = &R::DEFINITION.through else { return Ok(LinkChanges::default()) };
        let links = Links::of::<R>(through, source, targets, Unkeyed::Refused)?;
        let from = from_key::<R>(through, source);
        let transaction = db.open(&TransactionOptions::new(), 1).await?;
        let done = links.replace::<R>(&transaction, source, from).await;
        transaction.end_with(done).await
    }

    /// Inserts a target and links a source to it: both, or neither.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Tag, through(ProductTag))]
    /// # struct Product { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Tag { #[id(generated)] id: i64, name: String }
    /// # #[derive(Entity)]
    /// # struct ProductTag { #[id] #[belongs_to(Product)] product_id: i64, #[id] #[belongs_to(Tag)] tag_id: i64 }
    /// # async fn run(db: &relations::Database, tea: Product) -> relations::Result<()> {
    /// let organic: Tag = Product::TAGS.create(db, &tea, NewTag { name: "organic".into() }).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`insert`](NewEntity::insert) of the target, and of [`link`](Self::link).
    pub async fn create<N: NewEntity<Entity = R::Target>>(
        self,
        db: &impl Transactional,
        source: &R::Source,
        target: N,
    ) -> Result<R::Target>
    where
        <Self as Linkable>::Linking: Alone + Once + Written,
    {
        let transaction = db.open(&TransactionOptions::new(), 1).await?;
        let done = match target.insert(&transaction).await {
            Ok(target) => self.link(&transaction, source, &target).await.map(|_| target),
            Err(error) => Err(error),
        };
        transaction.end_with(done).await
    }
}
