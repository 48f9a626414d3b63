//! Reflection: queries by the metadata of an entity, for layers that learn at run time what is asked for.
//!
//! An HTTP or GraphQL layer walks the relations of an entity with a [`RelationVisitor`], which is given each
//! of them as a type. With a [`PropertyDefinition`] it makes a [`DynamicColumn`], and with a relation a
//! [`DynamicInclude`]. They give a [`Filter`], an [`Ordering`] and rows with what was included, as typed
//! columns and relations do; a value is a [`Parameter`], never a part of the SQL. A program that knows its
//! columns and relations uses those instead: the compiler checks them.

mod column;
mod links;

pub use crate::query::reflect::column::DynamicColumn;
pub use crate::query::reflect::links::{is_linkable, link, unlink};

use std::marker::PhantomData;

pub use crate::ast::predicate::Comparison;
pub use crate::relation::RelationVisitor;
pub use crate::sql::change::Assignment;
pub use crate::value::parameter::Parameter;

use crate::ast::inclusion::Inclusion;
use crate::ast::predicate::Predicate;
use crate::ast::select::Select;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::Result;
use crate::filter::Filter;
use crate::loader::loaded::Loaded;
use crate::loader::named::{NamedRelation, WithIncluded};
use crate::query::Query;
use crate::query::change::Update;
use crate::query::order::Ordering;
use crate::query::page::Pages;
use crate::query::stream::RowChunks;
use crate::relation::{Relation, RelationHandle};
use crate::sql::tree::Direction;
use crate::tree::{Ancestors, Descendants, Hierarchy};
use crate::value::key::Key;

/// Passes the type of each relation of `E` to a visitor, in the order of the definition.
pub fn each_relation<E: Entity>(visitor: &mut impl RelationVisitor<E>) {
    E::each_relation(visitor);
}

/// The values of all properties of an entity, in the order of the definition.
#[must_use]
pub fn parameters<E: Entity>(entity: &E) -> Vec<Parameter> {
    entity.parameters()
}

/// The parts of the key of the targets that a source holds; `None` if a part of it is null.
#[must_use]
pub fn key_of<R: Relation>(source: &R::Source) -> Option<Vec<Parameter>> {
    R::key(source).map(|key| key.to_parameters().into_vec())
}

/// Which targets of a relation are included, and what with them.
#[derive(Debug)]
pub struct DynamicTargets<T> {
    /// The targets that are included; all without one.
    pub filter: Option<Filter<T>>,
    /// Their order for each source; by their id without one.
    pub orders: Vec<Ordering<T>>,
    /// The most targets of each source.
    pub limit: Option<u64>,
    /// The number of targets of each source that are left out at the start.
    pub offset: Option<u64>,
    /// The relations of targets that are included.
    pub includes: Vec<DynamicInclude<T>>,
}

impl<T> Default for DynamicTargets<T> {
    fn default() -> Self {
        let (orders, includes) = (Vec::new(), Vec::new());
        Self { filter: None, orders, limit: None, offset: None, includes }
    }
}

/// A relation of `E` that is included in a query at run time.
///
/// Orders, limits and offsets are for relations to many, and `required` for those to one.
#[derive(Debug)]
#[must_use = "an include does nothing until a query takes it"]
pub struct DynamicInclude<E> {
    inclusion: Inclusion,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> DynamicInclude<E> {
    /// Includes targets of a relation.
    pub fn targets<R: Relation<Source = E>>(targets: DynamicTargets<R::Target>) -> Self {
        let mut inclusion = named::<R>();
        let DynamicTargets { filter, orders, limit, offset, includes } = targets;
        if filter.is_some()
            || !orders.is_empty()
            || limit.or(offset).is_some()
            || !includes.is_empty()
        {
            let select: &mut Select = inclusion.select();
            if let Some(filter) = filter {
                select.narrow(filter);
            }
            for order in orders {
                select.order_by(order.by);
            }
            (select.limit, select.offset) = (limit, offset);
            select.includes = includes.into_iter().map(|include| include.inclusion).collect();
        }
        Self { inclusion, entity: PhantomData }
    }

    /// Includes the number of targets that a filter matches.
    pub fn count<R: Relation<Source = E>>(filter: Option<Filter<R::Target>>) -> Self {
        let mut inclusion = Inclusion { counted: true, ..named::<R>() };
        if let Some(filter) = filter {
            inclusion.select().narrow(filter);
        }
        Self { inclusion, entity: PhantomData }
    }

    /// Leaves out sources without a target.
    pub fn required(mut self) -> Self {
        self.inclusion.required = true;
        self
    }
}

fn named<R: Relation>() -> Inclusion {
    let named = NamedRelation::<R::Source>::opaque::<R>();
    Inclusion { named: Some(named), ..Inclusion::of::<R>() }
}

/// The query of the entity with an id, of any entity.
#[track_caller]
pub fn by_id<E: Entity>(id: &E::Id) -> Query<E> {
    Query::by_id(id)
}

/// The rows of a query a page at a time, of any entity; see [`Query::page`].
pub fn page<E: Entity, T: Loaded<Entity = E>>(query: Query<E, T>, size: u64) -> Pages<E, T> {
    query.pages(size)
}

/// The rows of a query in chunks, of any entity. A layer that writes rows takes them from there as they come,
/// without those before and behind them; [`Query::stream`] holds a chunk of them.
///
/// Rows are ordered, and a chunk begins, as those of a stream do.
pub fn chunks<E: Entity, T: Loaded<Entity = E>, D: Executor>(
    query: Query<E, T>,
    db: D,
) -> RowChunks<E, T, D> {
    query.chunks(db)
}

/// The id of an entity, of any entity.
pub fn id_of<E: Entity>(entity: &E) -> E::Id {
    entity.row_id()
}

/// The targets of the source with an id, of any source.
#[track_caller]
pub fn targets_of_id<R: Relation>(id: &<R::Source as Entity>::Id) -> Query<R::Target> {
    RelationHandle::<R>::targets_of_id(id)
}

impl<E: Entity> Query<E> {
    /// Deletes the rows of an entity that is known at run time to be writable.
    ///
    /// # Errors
    ///
    /// The errors of [`delete`](Query::delete).
    pub async fn delete_dynamic(self, db: &impl Executor) -> Result<u64> {
        self.deleted(db).await
    }

    /// Deletes the rows, as [`delete_dynamic`](Self::delete_dynamic) does, and returns them.
    ///
    /// # Errors
    ///
    /// The errors of [`delete_returning`](Query::delete_returning).
    pub async fn delete_returning_dynamic(self, db: &impl Executor) -> Result<Vec<E>> {
        self.deleted_rows(db).await
    }
}

impl<E: Entity> Query<E> {
    /// Includes relations that are known at run time, in the place of any others. Each relation may be
    /// included once.
    ///
    /// [`WithIncluded::included`] gives the targets of each row; its own `Serialize` does not know them.
    pub fn include_dynamic(
        mut self,
        includes: impl IntoIterator<Item = DynamicInclude<E>>,
    ) -> Query<E, WithIncluded<E>> {
        self.select.includes = includes.into_iter().map(|include| include.inclusion).collect();
        self.select.distinct = false;
        self.loaded_as()
    }

    /// Sets columns that are known at run time, when [`update`](Update::update) is awaited.
    pub fn set_dynamic(self, assignments: Vec<Assignment>) -> Update<E> {
        self.assign(assignments)
    }
}

/// The value of a built-in type that a text says: `7`, `true`, `2026-11-29`; `None` if it says none, or if values
/// of the type cannot be given as text.
#[must_use]
pub fn parse(column_type: ColumnType, text: &str) -> Option<Parameter> {
    use crate::value::parse::parse;
    match column_type {
        ColumnType::Boolean => parse::<bool>(text),
        ColumnType::SmallInt => parse::<i16>(text),
        ColumnType::Integer => parse::<i32>(text),
        ColumnType::BigInt => parse::<i64>(text),
        ColumnType::Real => parse::<f32>(text),
        ColumnType::Double => parse::<f64>(text),
        ColumnType::Text => parse::<String>(text),
        #[cfg(feature = "chrono")]
        ColumnType::Date => parse::<chrono::NaiveDate>(text),
        #[cfg(feature = "chrono")]
        ColumnType::Time => parse::<chrono::NaiveTime>(text),
        #[cfg(feature = "chrono")]
        ColumnType::Timestamp => parse::<chrono::NaiveDateTime>(text),
        #[cfg(feature = "chrono")]
        ColumnType::TimestampTz => parse::<chrono::DateTime<chrono::Utc>>(text),
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::Date => parse::<time::Date>(text),
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::Time => parse::<time::Time>(text),
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::Timestamp => parse::<time::PrimitiveDateTime>(text),
        #[cfg(all(feature = "time", not(feature = "chrono")))]
        ColumnType::TimestampTz => parse::<time::OffsetDateTime>(text),
        #[cfg(feature = "uuid")]
        ColumnType::Uuid => parse::<uuid::Uuid>(text),
        #[cfg(feature = "rust_decimal")]
        ColumnType::Decimal => parse::<rust_decimal::Decimal>(text),
        _ => None,
    }
}

/// The key whose parts some texts say, as the segments of a path do; `None` if they do not say one.
#[must_use]
pub fn parse_key<K: Key>(texts: &[&str]) -> Option<K> {
    crate::value::parse::parse_key(texts)
}

/// The parts of a key as texts that [`parse_key`] reads; `None` if a part cannot be given as text.
#[must_use]
pub fn key_texts<K: Key>(key: &K) -> Option<Vec<String>> {
    key.to_parameters().iter().map(crate::value::parse::text_of).collect()
}

/// The number of writes of a row, if a `#[version]` counts them.
#[must_use]
pub fn version<E: Entity>(entity: &E) -> Option<i64> {
    let version = E::DEFINITION.version()?;
    let mut values = E::DEFINITION.properties.iter().zip(entity.parameters());
    values.find(|(property, _)| property.name == version.name)?.1.integer()
}

/// Whether a filter has a condition at all, rather than to match every row.
#[must_use]
pub fn is_narrowing<E>(filter: &Filter<E>) -> bool {
    !matches!(filter.predicate, Predicate::Always)
}

/// Whether a filter does not match, where null counts as no match.
pub fn is_untrue<E: Entity>(filter: Filter<E>) -> Filter<E> {
    Filter::new(filter.predicate.untrue())
}

/// The name that was probably meant, if one of them is close enough.
#[must_use]
pub fn closest<'name>(
    given: &str,
    names: impl IntoIterator<Item = &'name str>,
) -> Option<&'name str> {
    crate::definition::suggestion::closest(given, names)
}

/// The name of a request as an error may show it: in backticks, cut, and without control characters.
#[must_use]
pub fn shown(name: &str) -> String {
    crate::definition::suggestion::shown(name)
}

/// Sets a property to a value, in a new row or in an update.
#[must_use]
pub fn assign(property: &'static PropertyDefinition, value: Parameter) -> Assignment {
    Assignment { property, parameter: value }
}

/// The ancestors of the entity with an id, by a relation of it with itself; `None` by any other relation.
#[must_use]
pub fn ancestors<R: Relation>(
    id: &<R::Source as Entity>::Id,
) -> Option<Hierarchy<R::Source, Ancestors>> {
    Hierarchy::reflected::<R>(Direction::Up, id)
}

/// The descendants of the entity with an id, by a relation of it with itself; `None` by any other relation.
#[must_use]
pub fn descendants<R: Relation>(
    id: &<R::Source as Entity>::Id,
) -> Option<Hierarchy<R::Source, Descendants>> {
    Hierarchy::reflected::<R>(Direction::Down, id)
}

/// The property that an assignment sets.
#[must_use]
pub fn property_of(assignment: &Assignment) -> &'static PropertyDefinition {
    assignment.property
}

/// The value that an assignment sets its property to.
#[must_use]
pub fn value_of(assignment: &Assignment) -> &Parameter {
    &assignment.parameter
}
