//! Relations between many and many, which go through a link entity.

use crate::definition::relation::ThroughDefinition;
use crate::dialect::Dialect;
use crate::driver::assigned::Assigned;
use crate::driver::execute::execute;
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::relation::arity::Many;
use crate::relation::observed_links::{have_keys, link_observed, unlink_observed};
use crate::relation::{Relation, RelationHandle};
use crate::repository::observed::{observers, observing};
use crate::repository::tenant::filled;
use crate::sql::cache::Kept;
use crate::sql::change::{Assignment, Returning};
use crate::sql::link;
use crate::sql::operation::Operation;
use crate::value::key::Key;
use crate::value::parameter::Parameter;
use crate::value::type_bounds::{Impossible, Never};

/// A relation that goes through a link: `#[has_many(Territory, through(EmployeeTerritory))]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no join table",
    label = "expected a relation with `through(…)`, as in `#[has_many(Territory, through(EmployeeTerritory))]`",
    note = "elsewhere a foreign key links both: write `insert` or `reparent`, or set that key"
)]
#[doc(alias = "join table")]
#[doc(alias = "many-to-many")]
pub trait Linked: Relation {
    /// Whether a link is made of its keys alone, and whether it is there once.
    #[doc(hidden)]
    type Linking;
}

/// A many-to-many relation through the link entity `L`, also where it has a filter and is only read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no join table",
    label = "expected a relation with `through(…)`, as in `#[has_many(Territory, through(EmployeeTerritory))]`",
    note = "for columns of the target write `filter` and `order_by`"
)]
#[doc(alias = "join table")]
#[doc(alias = "pivot table")]
pub trait ManyToMany<L>: Relation<Arity = Many> {}

/// Facts about a link: whether it holds its keys alone, whether each pair occurs once, whether it is writable.
#[doc(hidden)]
#[derive(Debug)]
pub struct Linking<const ALONE: bool, const ONCE: bool, const WRITTEN: bool>;

/// A link that is made of its keys alone, so that nothing else has to be given.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a link of this relation has more to it than its keys",
    label = "this cannot give what else the link holds",
    note = "insert the link entity itself by its `New…`, or give its other properties a default"
)]
pub trait Alone {}

#[diagnostic::do_not_recommend]
impl<const ONCE: bool, const WRITTEN: bool> Alone for Linking<true, ONCE, WRITTEN> {}

/// A link of which a key has no other parts than its keys, so that it is there once.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "two links of this relation could say the same",
    label = "no key of the link tells whether it is there already",
    note = "make both keys together its id, or a key of it by `#[unique(…)]` on the link entity; or \
            insert the link entity itself by its `New…`"
)]
pub trait Once {}

#[diagnostic::do_not_recommend]
impl<const ALONE: bool, const WRITTEN: bool> Once for Linking<ALONE, true, WRITTEN> {}

/// A link whose rows are writable.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the links of this relation are read-only",
    label = "this writes links, and they are only read",
    note = "the link entity is a view, a materialized view or `#[entity(read_only)]`; write the tables behind it"
)]
pub trait Written {}

#[diagnostic::do_not_recommend]
impl<const ALONE: bool, const ONCE: bool> Written for Linking<ALONE, ONCE, true> {}

/// A relation that goes through a link, as a bound of an implementation: rustc tells it once, and one of an
/// async function at its name, its call and its `await`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this relation has no link that could be made or removed",
    label = "no link entity stands between source and target, or the relation has a filter",
    note = "one is named as in `#[has_many(Territory, through(EmployeeTerritory))]`; elsewhere the key is \
            what links them: set it, as in `order.customer_id = ada.id`, and `update`; where the relation \
            has a `filter`, link by one without"
)]
pub trait Linkable {
    /// Whether a link is made of its keys alone, and whether it is there once.
    type Linking;
}

#[diagnostic::do_not_recommend]
impl<R: Linked> Linkable for RelationHandle<R> {
    type Linking = R::Linking;
}

#[diagnostic::do_not_recommend]
impl<R> Linkable for RelationHandle<R>
where
    Never<R>: Impossible,
{
    type Linking = ();
}

/// # Write
///
/// Links between sources and targets: rows of a join table.
impl<R: Relation> RelationHandle<R>
where
    Self: Linkable,
{
    /// Links a source to a target, and returns whether the link is new.
    ///
    /// It inserts only a row of the link entity, whose other properties get their defaults or null.
    /// If one of them has neither, this does not compile; insert such a link by its own `New…`.
    ///
    /// An existing link stays unchanged, even with concurrent calls. So both keys together have to be
    /// the id of the link, or a unique key of it such as `#[unique(employee_id, territory_id)]`;
    /// otherwise this does not compile.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Territory, through(EmployeeTerritory))]
    /// # struct Employee { #[id] id: i16 }
    /// # #[derive(Entity)]
    /// # struct Territory { #[id] id: String }
    /// # #[derive(Entity)]
    /// # struct EmployeeTerritory {
    /// #     #[id] #[belongs_to(Employee)] employee_id: i16,
    /// #     #[id] #[belongs_to(Territory)] territory_id: String,
    /// # }
    /// # async fn run(
    /// #     db: &relations::Database, nancy: Employee, boston: Territory,
    /// # ) -> relations::Result<()> {
    /// assert!(Employee::TERRITORIES.link(db, &nancy, &boston).await?);
    /// assert!(!Employee::TERRITORIES.link(db, &nancy, &boston).await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A key is null ([`Error::is_invalid_request`]), or a constraint rejects the link: source or target
    /// does not exist ([`Error::is_foreign_key_violation`]), or another constraint of the link is violated,
    /// such as [`Error::is_unique_violation`].
    #[doc(alias = "join table")]
    #[doc(alias = "many-to-many")]
    #[doc(alias = "attach")]
    pub async fn link(
        self,
        db: &impl Executor,
        source: &R::Source,
        target: &R::Target,
    ) -> Result<bool>
    where
        <Self as Linkable>::Linking: Alone + Once + Written,
    {
        insert_link::<R>(db, source, target).await
    }

    /// Unlinks a source from a target, and returns whether they were linked.
    ///
    /// It deletes all rows of the link entity that link the two; source and target stay.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # #[has_many(Territory, through(EmployeeTerritory))]
    /// # struct Employee { #[id] id: i16 }
    /// # #[derive(Entity)]
    /// # struct Territory { #[id] id: String }
    /// # #[derive(Entity)]
    /// # struct EmployeeTerritory {
    /// #     #[id] #[belongs_to(Employee)] employee_id: i16,
    /// #     #[id] #[belongs_to(Territory)] territory_id: String,
    /// # }
    /// # async fn run(
    /// #     db: &relations::Database, nancy: Employee, boston: Territory,
    /// # ) -> relations::Result<()> {
    /// let was_linked = Employee::TERRITORIES.unlink(db, &nancy, &boston).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Other rows reference the link ([`Error::is_foreign_key_violation`]).
    #[doc(alias = "detach")]
    pub async fn unlink(
        self,
        db: &impl Executor,
        source: &R::Source,
        target: &R::Target,
    ) -> Result<bool>
    where
        <Self as Linkable>::Linking: Written,
    {
        delete_links::<R>(db, source, target).await
    }
}

/// Inserts the row that links a source to a target; `false` where it is there, or nothing links them.
pub(crate) async fn insert_link<R: Relation>(
    db: &impl Executor,
    source: &R::Source,
    target: &R::Target,
) -> Result<bool> {
    let Some(through) = &R::DEFINITION.through else {
        return Ok(false);
    };
    let link = through.link.definition();
    let keys = keys::<R>(through, source, target)
        .map_err(|why| Error::invalid_request(why).entity_is(link).relation_is(R::DEFINITION))?;
    let mut given = keys.clone();
    given.extend(filled(db, link, |tenant| keys.iter().any(|key| key.property.is(tenant)))?);
    let kept = Kept::Link(R::DEFINITION.name);
    let dialect = db.dialect();
    let write = |returning| {
        link::link(dialect, through, &keys, &given, returning).map(|lowered| lowered.sql)
    };
    let observers = observing(db, link);
    let sql = match observers {
        None => R::Source::sql_cache().sql(dialect, kept, || write(Returning::Nothing))?,
        Some(_) => write(Returning::Rows)?,
    };
    let mut values = Assigned::of(link, given)?;
    if !through.is_key_of_link() {
        // They are looked for as well.
        values = values.compared(keys)?;
    }
    let statement = values.statement(Operation::Insert, sql).about(link, Some(R::DEFINITION));
    let linked = match observers {
        None => execute(db, &statement).await?,
        Some(observers) => link_observed(db, observers, link, &statement).await?,
    };
    Ok(linked > 0)
}

/// Deletes the rows that link a source to a target; `false` where there are none.
pub(crate) async fn delete_links<R: Relation>(
    db: &impl Executor,
    source: &R::Source,
    target: &R::Target,
) -> Result<bool> {
    let Some(through) = &R::DEFINITION.through else {
        return Ok(false);
    };
    // A source or target without a key has no link.
    let Ok(keys) = keys::<R>(through, source, target) else {
        return Ok(false);
    };
    let link = through.link.definition();
    if let Some(observers) = observers(db, link) {
        return Ok(unlink_observed(db, observers, link, have_keys(link, &keys)).await? > 0);
    }
    let statement = unlinking::<R>(db.dialect(), through, &keys)?;
    Ok(execute(db, &statement).await? > 0)
}

fn unlinking<R: Relation>(
    dialect: Dialect,
    through: &ThroughDefinition,
    keys: &[Assignment],
) -> Result<Statement> {
    let link = through.link.definition();
    let sql = R::Source::sql_cache().sql(dialect, Kept::Unlink(R::DEFINITION.name), || {
        link::unlink(dialect, through, keys).map(|lowered| lowered.sql)
    })?;
    let statement = Assigned::new(link).compared(keys.to_vec())?.statement(Operation::Delete, sql);
    Ok(statement.about(link, Some(R::DEFINITION)))
}

/// The keys of source and target in their link, or the reason why there can be none. The keys may
/// share a property, as of a tenant that both belong to; it is given once.
pub(super) fn keys<R: Relation>(
    through: &ThroughDefinition,
    source: &R::Source,
    target: &R::Target,
) -> Result<Vec<Assignment>, String> {
    let relation = R::DEFINITION;
    let (source_name, target_definition) = (relation.source, R::Target::DEFINITION);
    let null = |entity: &str, key: &[&str]| {
        format!("`{entity}.{}` is null, so that nothing can link by it", key.join("`, `"))
    };
    let from = R::key(source).ok_or_else(|| null(source_name, relation.key_from))?;
    let properties: Vec<Parameter> = target.parameters();
    let to = relation.key_to.iter().filter_map(|name| {
        let at = target_definition.properties.iter().position(|one| one.name == *name)?;
        properties.get(at).cloned()
    });
    let to: Vec<_> = to.collect();
    if to.iter().any(Parameter::is_null) {
        return Err(null(target_definition.name, relation.key_to));
    }
    let mut keys: Vec<Assignment> = Vec::new();
    let from = through.key_from(relation.key_from).zip(from.to_parameters());
    for (property, parameter) in from.chain(through.key_to().zip(to)) {
        match keys.iter().find(|one| one.property.name == property.name) {
            Some(earlier) if earlier.parameter == parameter => {}
            Some(_) => {
                return Err(format!(
                    "`{}.{}` links only what shares it, which this `{source_name}` and this `{}` \
                     do not",
                    through.link.name, property.name, target_definition.name,
                ));
            }
            None => keys.push(Assignment { property, parameter }),
        }
    }
    Ok(keys)
}
