//! Includes by name, as a request asks for them.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;

use crate::ast::inclusion::{Inclusion, Inclusions};
use crate::definition::entity::EntityDefinition;
use crate::definition::suggestion::{shown, suggestion};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::include::IntoInclusion;
use crate::include::builder::Including;
use crate::include::preload::Preload;
use crate::loader::attach::Members;
use crate::loader::named::{NamedRelation, WithIncluded};
use crate::query::Query;
use crate::relation::arity::Uncounted;
use crate::relation::{LinkedTargets, Relation, RelationHandle};
use crate::relation_aggregate::Count;
use crate::value::type_bounds::{Impossible, Never};

/// The relations of `E` that a request may include by name.
///
/// It is an allow-list: each relation is included with the filter, order, limit and strategy given
/// here. A name is that of the relation; `lines.product` is a relation of a target.
///
/// ```
/// # use relations::prelude::*;
/// # use relations::include::NamedIncludes;
/// # use serde::Serialize;
/// # #[derive(Debug, Serialize, Entity)]
/// # struct Customer { #[id(generated)] id: i64, name: String }
/// # #[derive(Debug, Serialize, Entity)] #[has_many(Line)]
/// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
/// # #[derive(Debug, Serialize, Entity)]
/// # struct Line { #[id] id: i64, #[belongs_to(Order)] order_id: i64, #[belongs_to(Product)] product_id: i64 }
/// # #[derive(Debug, Serialize, Entity)]
/// # struct Product { #[id] id: i64 }
/// let allowed = NamedIncludes::<Order>::new()
///     .allow(Order::CUSTOMER)
///     .allow_nested(Order::LINES.limit(100), NamedIncludes::new().allow(Line::PRODUCT));
///
/// let orders = Order::find().include_named(&allowed, "customer,lines.product").unwrap();
/// let error = Order::find().include_named(&allowed, "custmer").unwrap_err();
/// assert!(error.is_invalid_input());
/// assert_eq!(
///     error.to_string(),
///     "`Order` has no relation `custmer` that may be included; did you mean `customer`?",
/// );
/// ```
#[must_use = "names are chosen from it by `include_named`"]
pub struct NamedIncludes<E> {
    allowed: Vec<Allowed>,
    entity: PhantomData<fn() -> E>,
}

/// A relation that may be included, and what of its targets.
#[derive(Debug, Clone)]
struct Allowed {
    inclusion: Inclusion,
    nested: Vec<Allowed>,
}

impl<E> Clone for NamedIncludes<E> {
    fn clone(&self) -> Self {
        Self { allowed: self.allowed.clone(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for NamedIncludes<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names();
        formatter.debug_tuple("NamedIncludes").field(&names).finish()
    }
}

impl<E> Default for NamedIncludes<E> {
    fn default() -> Self {
        Self { allowed: Vec::new(), entity: PhantomData }
    }
}

/// A relation of `E` that may be included by name: as it is, filtered, ordered or limited; or a count.
/// Its target is `Serialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be included in `{E}` by name",
    label = "expected a relation of `{E}` without includes of its own or a total, whose target is `Serialize`",
    note = "allow relations of the target with `.allow_nested(…)`, and derive `Serialize` for the target; \
            `.count()` in place of the relation has the number of targets"
)]
pub trait Nameable<E> {
    /// The relation.
    type Relation: Relation;

    #[doc(hidden)]
    fn into_named(self) -> Inclusion;
}

macro_rules! nameable {
    ($([$($parameter:tt)*] $relation:ty;)*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<R, $($parameter)*> Nameable<R::Source> for $relation
            where
                R: Relation<Source: Entity<With: Members>, Target: Serialize>,
            {
                type Relation = R;

                fn into_named(self) -> Inclusion {
                    let named = NamedRelation::<R::Source>::of::<R>();
                    let mut inclusion = Inclusion::of::<R>();
                    self.each_inclusion(|one| inclusion = one);
                    Inclusion { named: Some(named), ..inclusion }
                }
            }

            // With one implementation alone, rustc would tell of the relation's source and target instead.
            #[diagnostic::do_not_recommend]
            impl<Owner, R: Relation, $($parameter)*> Nameable<Owner> for $relation
            where
                Never<(Owner, R)>: Impossible,
            {
                type Relation = R;

                fn into_named(self) -> Inclusion {
                    <Never<(Owner, R)>>::never()
                }
            }
        )*
    };
}

nameable! {
    [] RelationHandle<R>;
    [A: Uncounted] Including<R, <R as Relation>::Target, A>;
    [] Count<R>;
    [O] LinkedTargets<R, O>;
}

impl<E: Entity> NamedIncludes<E> {
    /// An empty allow-list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows a relation, without relations of its targets. An earlier relation of this name is
    /// replaced.
    pub fn allow(self, relation: impl Nameable<E>) -> Self {
        self.put(Allowed { inclusion: relation.into_named(), nested: Vec::new() })
    }

    /// Allows a relation, and relations of its targets as `relation.nested`. An earlier relation of
    /// this name is replaced.
    pub fn allow_nested<I: Nameable<E>>(
        self,
        relation: I,
        nested: NamedIncludes<<I::Relation as Relation>::Target>,
    ) -> Self {
        self.put(Allowed { inclusion: relation.into_named(), nested: nested.allowed })
    }

    fn put(mut self, allowed: Allowed) -> Self {
        let name = allowed.inclusion.relation.name;
        self.allowed.retain(|one| one.inclusion.relation.name != name);
        self.allowed.push(allowed);
        self
    }
}

impl<E> NamedIncludes<E> {
    /// The allowed names, with a dot before those of nested relations.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        fn names(allowed: &[Allowed], path: &str, all: &mut Vec<String>) {
            for Allowed { inclusion, nested } in allowed {
                let name = format!("{path}{}", inclusion.relation.name);
                let path = format!("{name}.");
                all.push(name);
                names(nested, &path, all);
            }
        }
        let mut all = Vec::new();
        names(&self.allowed, "", &mut all);
        all
    }
}

impl<E: Entity> NamedIncludes<E> {
    /// The relations of these names, which commas separate.
    fn chosen(&self, names: &str) -> Result<Inclusions> {
        let mut chosen = Inclusions::new();
        if names.trim().is_empty() {
            return Ok(chosen);
        }
        for path in names.split(',') {
            choose(&self.allowed, &mut chosen, E::DEFINITION, path.trim())?;
        }
        Ok(chosen)
    }
}

/// Includes the relation at the start of a path, and that of its targets which the rest of it names.
fn choose(
    allowed: &[Allowed],
    chosen: &mut Inclusions,
    source: &'static EntityDefinition,
    path: &str,
) -> Result<()> {
    let (name, rest) = match path.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let Some(found) = allowed.iter().find(|one| one.inclusion.relation.name == name) else {
        let names = allowed.iter().map(|one| one.inclusion.relation.name);
        let (source, name, meant) = (source.name, shown(name), suggestion(name, names));
        let why = format!("`{source}` has no relation {name} that may be included{meant}");
        return Err(Error::invalid_input(why));
    };
    let at = chosen.iter().position(|one| one.relation.name == name).unwrap_or_else(|| {
        chosen.push(found.inclusion.clone());
        chosen.len() - 1
    });
    match (rest, chosen.get_mut(at)) {
        (Some(rest), Some(inclusion)) => {
            let target = inclusion.relation.target.definition();
            choose(&found.nested, &mut inclusion.select().includes, target, rest)
        }
        _ => Ok(()),
    }
}

impl<E: Entity> Query<E> {
    /// Includes the relations that a request names, such as `customer,lines.product`, if they are
    /// allowed. An empty text includes nothing.
    ///
    /// Each row is the entity with the included targets, and has the JSON of the typed row.
    /// Statements, strategies and the snapshot are those of typed includes.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # use relations::include::NamedIncludes;
    /// # use serde::Serialize;
    /// # #[derive(Debug, Serialize, Entity)]
    /// # struct Customer { #[id(generated)] id: i64, name: String }
    /// # #[derive(Debug, Serialize, Entity)]
    /// # struct Order { #[id(generated)] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> relations::Result<()> {
    /// # let db = relations::connect("sqlite::memory:").await?;
    /// # db.create(schema![Customer, Order]).await?;
    /// # let ada = NewCustomer { name: "Ada".into() }.insert(&db).await?;
    /// # NewOrder { customer_id: ada.id }.insert(&db).await?;
    /// let allowed = NamedIncludes::<Order>::new().allow(Order::CUSTOMER);
    /// let order = Order::find().include_named(&allowed, "customer")?.one(&db).await?;
    /// assert_eq!(order.customer_id, ada.id);
    /// assert_eq!(
    ///     serde_json::to_string(&order).unwrap(),
    ///     r#"{"id":1,"customer_id":1,"customer":{"id":1,"name":"Ada"}}"#,
    /// );
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A name is not allowed ([`Error::is_invalid_input`](crate::Error::is_invalid_input)).
    pub fn include_named(
        mut self,
        allowed: &NamedIncludes<E>,
        names: &str,
    ) -> Result<Query<E, WithIncluded<E>>> {
        self.select.includes = allowed.chosen(names)?;
        self.select.distinct = false;
        Ok(self.loaded_as())
    }
}

impl<E: Entity> Preload<E> {
    /// Includes the relations that a request names; see [`Query::include_named`].
    ///
    /// # Errors
    ///
    /// A name is not allowed ([`Error::is_invalid_input`](crate::Error::is_invalid_input)).
    pub fn include_named(
        mut self,
        allowed: &NamedIncludes<E>,
        names: &str,
    ) -> Result<Preload<E, WithIncluded<E>>> {
        self.includes = allowed.chosen(names)?;
        Ok(self.loaded_as())
    }
}
