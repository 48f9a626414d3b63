//! Links from a source to many targets.

use std::collections::HashSet;

use crate::definition::property::PropertyDefinition;
use crate::definition::relation::ThroughDefinition;
use crate::dialect::{Dialect, Engine, StatementSql};
use crate::driver::assigned::Assigned;
use crate::driver::execute::execute;
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::driver::transaction::Transaction;
use crate::driver::transaction::options::TransactionOptions;
use crate::driver::transaction::retry::Transactional;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::query::Query;
use crate::relation::through::{Alone, Linkable, Once, Written, keys};
use crate::relation::{Relation, RelationHandle};
use crate::repository::create::NewEntity;
use crate::repository::tenant::filled;
use crate::sql::Lowered;
use crate::sql::cache::Kept;
use crate::sql::change::Assignment;
use crate::sql::link;
use crate::sql::operation::Operation;
use crate::sql::spelling::json_array;
use crate::value::Value;
use crate::value::key::Key;
use crate::value::parameter::Parameter;

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
            Some(from) => execute(db, &links.unlinking::<R>(db.dialect(), from, false)?).await,
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
    /// Other rows reference a link ([`Error::is_foreign_key_violation`]).
    #[doc(alias = "detach")]
    pub async fn unlink_all(self, db: &impl Executor, source: &R::Source) -> Result<u64>
    where
        <Self as Linkable>::Linking: Written,
    {
        let Some(through) = &R::DEFINITION.through else { return Ok(0) };
        match from_key::<R>(through, source) {
            Some(from) => execute(db, &unlink_all::<R>(db.dialect(), through, from)?).await,
            None => Ok(0),
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
        ended(transaction, done).await
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
        ended(transaction, done).await
    }
}

/// Commits a transaction whose work is done, and rolls back one whose work has failed.
async fn ended<T>(transaction: Transaction, done: Result<T>) -> Result<T> {
    match done {
        Ok(done) => transaction.commit().await.map(|()| done),
        Err(error) => {
            // Should it fail, the connection is closed, which rolls back as well.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// The meaning of a source or target without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unkeyed {
    Refused,
    PassedOver,
}

/// Links from one source, each once.
struct Links {
    through: &'static ThroughDefinition,
    properties: Vec<&'static PropertyDefinition>,
    /// The values of the properties in each link.
    values: Vec<Vec<Parameter>>,
    count: usize,
}

impl Links {
    fn of<'a, R: Relation>(
        through: &'static ThroughDefinition,
        source: &R::Source,
        targets: impl IntoIterator<Item = &'a R::Target>,
        unkeyed: Unkeyed,
    ) -> Result<Self> {
        let mut links = Self { through, properties: Vec::new(), values: Vec::new(), count: 0 };
        let mut met = HashSet::new();
        for target in targets {
            let keys = match keys::<R>(through, source, target) {
                Ok(keys) => keys,
                Err(_) if unkeyed == Unkeyed::PassedOver => continue,
                Err(why) => {
                    let error = Error::invalid_request(why).entity_is(through.link.definition());
                    return Err(error.relation_is(R::DEFINITION));
                }
            };
            let told: Vec<_> = keys.iter().map(|key| key.parameter.canonical()).collect();
            if !met.insert(told) {
                continue;
            }
            if links.count == 0 {
                links.properties = keys.iter().map(|key| key.property).collect();
                links.values = keys.iter().map(|_| Vec::new()).collect();
            }
            for (values, key) in links.values.iter_mut().zip(keys) {
                values.push(key.parameter);
            }
            links.count += 1;
        }
        Ok(links)
    }

    /// Makes these the only links of the source.
    async fn replace<R: Relation>(
        &self,
        db: &Transaction,
        source: &R::Source,
        from: Option<Vec<Assignment>>,
    ) -> Result<LinkChanges> {
        if db.engine() == Engine::Postgres {
            Query::<R::Source>::by_id(&source.row_id()).locked().optional(db).await?;
        }
        let unlinked = match from {
            Some(from) => execute(db, &self.unlinking::<R>(db.dialect(), from, true)?).await?,
            None => 0,
        };
        let linked = self.link::<R>(db).await?;
        Ok(LinkChanges { linked, unlinked })
    }

    async fn link<R: Relation>(&self, db: &impl Executor) -> Result<u64> {
        if self.count == 0 {
            return Ok(0);
        }
        let (dialect, through) = (db.dialect(), self.through);
        let engine = dialect.engine;
        let keys = &self.properties;
        let tenant =
            filled(db, through.link.definition(), |tenant| keys.iter().any(|key| key.is(tenant)))?;
        let sql = sql::<R>(dialect, Kept::LinkMany(R::DEFINITION.name), || match engine {
            Engine::Postgres => {
                let given: Vec<_> =
                    keys.iter().copied().chain(tenant.iter().map(|one| one.property)).collect();
                link::link_many(dialect, through, keys, &given)
            }
            Engine::Sqlite => {
                let first = self.first();
                let given: Vec<_> = first.iter().chain(&tenant).cloned().collect();
                link::link(dialect, through, &first, &given)
            }
        })?;
        // SQLite looks for a link as well whose keys are not its key.
        let repeats = engine == Engine::Sqlite && !through.is_key_of_link();
        execute(db, &self.statement::<R>(sql, tenant, repeats)?).await
    }

    /// The statement that removes these links, or all others of the source.
    fn unlinking<R: Relation>(
        &self,
        dialect: Dialect,
        from: Vec<Assignment>,
        others: bool,
    ) -> Result<Statement> {
        let is_from = |one: &PropertyDefinition| from.iter().any(|key| key.property.is(one));
        let to = || {
            let all = self.properties.iter().zip(&self.values);
            all.filter(|(property, _)| !is_from(property))
        };
        let properties: Vec<_> = to().map(|(property, _)| *property).collect();
        // Without links there are only others. If the key of the source is all that a link holds, then
        // there is one at most, which is among these.
        if properties.is_empty() {
            return unlink_all::<R>(dialect, self.through, from);
        }
        let kept = Kept::UnlinkSome { relation: R::DEFINITION.name, others };
        let sql = sql::<R>(dialect, kept, || {
            link::unlink_some(dialect, self.through, &from, &properties, others)
        })?;
        let arrays: Vec<_> = to()
            .map(|(property, values)| Parameter::array(property.column_type, values.clone()))
            .collect();
        let link = self.through.link.definition();
        let mut statement = Assigned::new(link).compared(from)?.statement(Operation::Delete, sql);
        if dialect.engine == Engine::Sqlite {
            let json = json_array(&arrays).map_err(|error| error.entity_is(link))?;
            let json = Value::to_parameter(&json).into_sql();
            statement.parameters.push(json.map_err(Error::invalid_request)?);
        } else {
            let is_one = arrays.len() == 1;
            for array in arrays {
                let value = if is_one { array.into_compared_array() } else { array.into_sql() };
                statement.parameters.push(value.map_err(Error::invalid_request)?);
            }
        }
        Ok(statement.about(link, Some(R::DEFINITION)))
    }

    /// The keys of the first link.
    fn first(&self) -> Vec<Assignment> {
        let keys = self.properties.iter().zip(&self.values);
        let key = keys.filter_map(|(property, values)| {
            Some(Assignment { property, parameter: values.first()?.clone() })
        });
        key.collect()
    }

    /// The statement that makes all links, of which each value may be sent twice.
    fn statement<R: Relation>(
        &self,
        sql: StatementSql,
        tenant: Option<Assignment>,
        repeats: bool,
    ) -> Result<Statement> {
        let link = self.through.link.definition();
        let array = |(property, values): (&&'static PropertyDefinition, &Vec<Parameter>)| {
            (*property, Parameter::array(property.column_type, values.clone()))
        };
        let all = || self.properties.iter().zip(&self.values).map(array);
        let mut assigned = self.properties.clone();
        let tenant = tenant.map(|Assignment { property, parameter }| {
            assigned.push(property);
            (property, Parameter::array(property.column_type, vec![parameter; self.count]))
        });
        let parameters = all().chain(tenant).chain(all().filter(|_| repeats)).collect();
        let statement = Statement::inserting(link, sql, self.count, assigned, parameters)?;
        Ok(statement.about(link, Some(R::DEFINITION)))
    }
}

/// The key of a source in its links; none if it is null.
fn from_key<R: Relation>(
    through: &ThroughDefinition,
    source: &R::Source,
) -> Option<Vec<Assignment>> {
    let key = R::key(source)?.to_parameters();
    let properties = through.key_from(R::DEFINITION.key_from).zip(key);
    Some(properties.map(|(property, parameter)| Assignment { property, parameter }).collect())
}

/// The statement that removes all links of a source.
fn unlink_all<R: Relation>(
    dialect: Dialect,
    through: &ThroughDefinition,
    from: Vec<Assignment>,
) -> Result<Statement> {
    let link = through.link.definition();
    let sql = R::Source::sql_cache().sql(dialect, Kept::UnlinkAll(R::DEFINITION.name), || {
        link::unlink(dialect, through, &from).map(|lowered| lowered.sql)
    })?;
    let statement = Assigned::new(link).compared(from)?.statement(Operation::Delete, sql);
    Ok(statement.about(link, Some(R::DEFINITION)))
}

/// The SQL of a kind, which is kept with the source.
fn sql<R: Relation>(
    dialect: Dialect,
    kept: Kept,
    write: impl FnOnce() -> Result<Lowered>,
) -> Result<StatementSql> {
    R::Source::sql_cache().sql(dialect, kept, || write().map(|lowered| lowered.sql))
}
