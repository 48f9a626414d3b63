//! Relations of served entities: conditions, includes, nested writes.

mod model;

pub(crate) use model::{IncludedRelation, RelationModel};

use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::Arc;

use relations::definition::{PropertyDefinition, RelationDefinition, RelationKind};
use relations::include::{Included, WithIncluded};
use relations::query::reflect::{
    self, Assignment, Comparison, DynamicColumn, DynamicInclude, DynamicTargets,
};
use relations::value::Parameter;
use relations::{Entity, Filter, Relation, RelationHandle, Transaction};
use serde_json::Value;

use crate::call::Call;
use crate::filter::{IncludeRequest, Parsing, Place, Shape, WriteTargets, unknown};
use crate::model::{Answer, Doing, EntityModel, Served};
use crate::node::{Node, Pointer};
use crate::problem::Problem;
use crate::related::{self, Verb};

/// The model of a relation, which its type tells all of.
pub(crate) struct Related<R> {
    pub(crate) member: &'static str,
    pub(crate) relation: PhantomData<fn() -> R>,
}

/// The targets that a request may see, of those that a filter matches.
pub(crate) fn visible<E: Entity>(
    model: &dyn EntityModel<E>,
    parsing: &Parsing<'_>,
) -> Result<Filter<E>, Problem> {
    Ok(model.scope(parsing.parts)?.unwrap_or_else(Filter::always))
}

/// The answer to what is asked of a relation of another kind, to which no route leads.
fn refused<'a, T: Send + 'a>() -> Doing<'a, T> {
    Box::pin(std::future::ready(Err(Problem::internal())))
}

impl<R: Relation> Related<R> {
    fn handle_of() -> RelationHandle<R> {
        RelationHandle::RELATION
    }

    // These are constants, so that no code is generated for what a relation of another kind does.

    const TARGETS_MANY: bool = R::DEFINITION.targets_many();

    /// Whether the source holds the key.
    pub(crate) const HOLDS_KEY: bool = matches!(R::DEFINITION.kind, RelationKind::BelongsTo);

    const IS_THROUGH: bool = R::DEFINITION.through.is_some();

    /// Whether the rows that a request changes hold the key of the relation.
    pub(crate) const IS_HELD: bool = !Self::HOLDS_KEY && !Self::IS_THROUGH;

    const IS_TREE: bool = R::DEFINITION.makes_tree();

    /// Whether queries leave out rows of the target: deleted ones, or those outside of a default scope.
    pub(crate) fn hides_targets() -> bool {
        !R::DEFINITION.unscoped && R::Target::DEFINITION.hides_rows()
    }

    /// Whether a foreign key may reference a row of another tenant than the one that a request is of.
    pub(crate) fn may_be_of_other_tenant(served: &Served) -> bool {
        let tenant = R::Target::DEFINITION.tenant().filter(|_| served.tenant.is_some());
        tenant.is_some_and(|tenant| !R::DEFINITION.key_to.contains(&tenant.name))
    }

    /// A condition that each target meets, where a missing one is none rather than an error.
    fn found() -> Filter<R::Target> {
        let id = R::Target::DEFINITION.id();
        Filter::all(id.map(|property| DynamicColumn::<R::Target>::of(property).is_null(true)))
    }

    /// The values that a target has to hold to belong to a source.
    pub(crate) fn held(source: &R::Source) -> Result<Vec<Assignment>, Problem> {
        let key = reflect::key_of::<R>(source).ok_or_else(|| {
            let detail =
                format!("the key of `{}` is null, so nothing can hold it", R::DEFINITION.name);
            Problem::new(409, "NULL_KEY", detail)
        })?;
        let held = Self::holding_pairs(key);
        Ok(held.map(|(property, value)| reflect::assign(property, value)).collect())
    }

    /// The properties in which a target holds a key, and the kind of it if it has one, with their values.
    fn holding_pairs(
        key: impl IntoIterator<Item = Parameter>,
    ) -> impl Iterator<Item = (&'static PropertyDefinition, Parameter)> {
        let property = |name: &&str| R::Target::DEFINITION.property(name);
        let kind = R::DEFINITION.key_kind.and_then(|kind| {
            Some((R::Target::DEFINITION.property(kind.property)?, Parameter::text(kind.word)))
        });
        R::DEFINITION.key_to.iter().filter_map(property).zip(key).chain(kind)
    }

    /// The targets that hold the key of a source.
    pub(crate) fn holding(source: &R::Source) -> Option<Filter<R::Target>> {
        let key = reflect::key_of::<R>(source)?;
        let parts = Self::holding_pairs(key).map(|(property, value)| {
            DynamicColumn::<R::Target>::of(property).compare(Comparison::Equal, value)
        });
        Some(Filter::all(parts))
    }

    /// Writes targets of a shape. Their model is looked up here, once for all rows of a request.
    fn writer(
        served: &Served,
        shape: Shape<R::Target>,
    ) -> Result<WriteTargets<R::Source>, Problem> {
        let target = Arc::clone(served.model::<R::Target>().ok_or_else(Problem::internal)?);
        Ok(Box::new(move |row, json| {
            match row.included(Self::handle_of()).ok_or_else(Problem::internal)? {
                Included::Count(rows) => json.extend_from_slice(rows.to_string().as_bytes()),
                Included::One(None) => json.extend_from_slice(b"null"),
                Included::One(Some(row)) => target.write(row, &shape, json)?,
                Included::Many(rows) => {
                    json.push(b'[');
                    for (at, row) in rows.iter().enumerate() {
                        if at > 0 {
                            json.push(b',');
                        }
                        target.write(row, &shape, json)?;
                    }
                    json.push(b']');
                }
            }
            Ok(())
        }))
    }

    fn many_condition(
        parsing: &mut Parsing<'_>,
        target: &dyn EntityModel<R::Target>,
        node: &Node,
        at: &Pointer,
    ) -> Result<Filter<R::Source>, Problem> {
        let relation = Self::handle_of();
        let mut filter = Filter::always();
        for (name, value) in node.object(at)? {
            let at = at.member(name);
            let scope = visible(target, parsing)?;
            let next = match name.as_str() {
                "any" => relation.any(target.condition(parsing, value, &at)?.and(scope)),
                "none" => relation.none(target.condition(parsing, value, &at)?.and(scope)),
                "all" => {
                    let unmatched = reflect::is_untrue(target.condition(parsing, value, &at)?);
                    relation.none(unmatched.and(scope))
                }
                "count" => {
                    let count = DynamicColumn::count::<R>(scope);
                    crate::filter::of_count(parsing, &count, value, &at)?
                }
                _ => {
                    let names = ["any", "none", "all", "count"].into_iter();
                    let what = "question about a relation to many";
                    return Err(unknown("UNKNOWN_OPERATOR", what, name, names, &at));
                }
            };
            parsing.condition(&at)?;
            filter = filter.and(next);
        }
        Ok(filter)
    }
}

impl<R: Relation> RelationModel<R::Source> for Related<R> {
    fn definition(&self) -> &'static RelationDefinition {
        R::DEFINITION
    }

    fn member(&self) -> &'static str {
        self.member
    }

    fn target(&self) -> TypeId {
        TypeId::of::<R::Target>()
    }

    fn condition(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
    ) -> Result<Filter<R::Source>, Problem> {
        let target = parsing.served.target::<R::Target>()?;
        if Self::TARGETS_MANY {
            return Self::many_condition(parsing, target, node, at);
        }
        let scope = visible(target, parsing)?;
        parsing.condition(at)?;
        if matches!(node, Node::Null) {
            return Ok(Self::handle_of().none(scope));
        }
        let filter = target.condition(parsing, node, at)?;
        Ok(Self::handle_of().any(filter.and(scope)))
    }

    fn column(
        &self,
        parsing: &mut Parsing<'_>,
        path: &[&str],
        at: &Pointer,
    ) -> Result<DynamicColumn<R::Source>, Problem> {
        let target = parsing.served.target::<R::Target>()?;
        let scope = target.scope(parsing.parts)?;
        if Self::TARGETS_MANY {
            if path == ["count"] {
                return Ok(DynamicColumn::count::<R>(scope.unwrap_or_else(Filter::always)));
            }
            let (what, names) = ("value of a relation to many", ["count"].into_iter());
            return Err(unknown("UNKNOWN_PROPERTY", what, &path.join("."), names, at));
        }
        let column = target.column(parsing, path, at)?;
        DynamicColumn::of_target::<R>(&column, scope).ok_or_else(|| {
            let detail = format!("rows cannot be ordered by `{}`", path.join("."));
            Problem::bad_request("INVALID_ORDER", detail).pointer(at)
        })
    }

    fn include(
        &self,
        parsing: &mut Parsing<'_>,
        request: &IncludeRequest,
    ) -> Result<IncludedRelation<R::Source>, Problem> {
        let target = parsing.served.target::<R::Target>()?;
        let many = Self::TARGETS_MANY;
        let scope = target.scope(parsing.parts)?;
        if request.is_counted {
            if !Self::TARGETS_MANY {
                let detail =
                    "a relation to one is not counted; ask whether it is null with `where`";
                return Err(Problem::bad_request("INVALID_INCLUDE", detail).pointer(&request.at));
            }
            let place = Place::Count;
            let counted = target.criteria(parsing, &request.scope, &request.scope_at, place)?;
            let filter =
                scope.map_or(counted.filter.clone(), |scope| counted.filter.clone().and(scope));
            let condition = request.is_required.then(|| Self::handle_of().any(filter.clone()));
            let include = DynamicInclude::count::<R>(Some(filter));
            let write = Self::writer(parsing.served, Shape::default())?;
            return Ok(IncludedRelation { include, write, condition });
        }
        let place = if many { Place::Many } else { Place::One };
        let criteria = target.criteria(parsing, &request.scope, &request.scope_at, place)?;
        let has_filter = criteria.has_where || scope.is_some() || !many;
        let filter =
            scope.map_or(criteria.filter.clone(), |scope| criteria.filter.clone().and(scope));
        let filter = if !many && Self::may_be_of_other_tenant(parsing.served) {
            filter.and(Self::found())
        } else {
            filter
        };
        let condition =
            (request.is_required && many).then(|| Self::handle_of().any(filter.clone()));
        let include = DynamicInclude::targets::<R>(DynamicTargets {
            filter: has_filter.then_some(filter),
            orders: criteria.orders,
            limit: criteria.limit.filter(|_| many),
            offset: criteria.offset.filter(|_| many),
            includes: criteria.includes,
        });
        let include = if request.is_required && !many { include.required() } else { include };
        let write = Self::writer(parsing.served, criteria.shape)?;
        Ok(IncludedRelation { include, write, condition })
    }

    fn inserted(
        &self,
        served: &Served,
        nodes: &[&Node],
    ) -> Result<(DynamicInclude<R::Source>, WriteTargets<R::Source>), Problem> {
        let mut rows: Vec<&Node> = Vec::new();
        for node in nodes {
            match node {
                Node::Array(all) => rows.extend(all),
                node => rows.push(node),
            }
        }
        let (includes, shape) = served.target::<R::Target>()?.inserted(served, &rows)?;
        let targets = DynamicTargets { includes, ..DynamicTargets::default() };
        Ok((DynamicInclude::targets::<R>(targets), Self::writer(served, shape)?))
    }

    fn has_target(&self, row: &WithIncluded<R::Source>) -> bool {
        matches!(row.included(Self::handle_of()), Some(Included::One(Some(_))))
    }

    fn has_key(&self, row: &R::Source) -> bool {
        R::key(row).is_some()
    }

    fn target_schema(&self, served: &Served, request: &IncludeRequest) -> Result<Value, Problem> {
        served.target::<R::Target>()?.row_schema(served, &request.nested()?)
    }

    fn insert_parent<'a>(
        &'a self,
        call: &'a Call,
        tx: &'a Transaction,
        node: &'a Node,
        set: &'a [Assignment],
        at: Pointer,
    ) -> Doing<'a, Vec<Assignment>> {
        if !Self::HOLDS_KEY {
            return refused();
        }
        Box::pin(async move {
            let target = call.served.target::<R::Target>()?;
            let held = R::DEFINITION.key_from.iter().zip(R::DEFINITION.key_to);
            let held = held.filter_map(|(from, to)| {
                let set = set.iter().find(|one| reflect::property_of(one).name == *from)?;
                let property = R::Target::DEFINITION.property(to)?;
                Some(reflect::assign(property, reflect::value_of(set).clone()))
            });
            let target = target.insert(call, tx, node, held.collect(), at).await?;
            let values = reflect::parameters(&target);
            let pairs = R::DEFINITION.key_from.iter().zip(R::DEFINITION.key_to);
            let key = pairs.filter_map(|(from, to)| {
                let mut properties = R::Target::DEFINITION.properties.iter();
                let at = properties.position(|property| property.name == *to)?;
                let property = R::Source::DEFINITION.property(from)?;
                Some(reflect::assign(property, values.get(at)?.clone()))
            });
            let kind = R::DEFINITION.key_kind.and_then(|kind| {
                let property = R::Source::DEFINITION.property(kind.property)?;
                Some(reflect::assign(property, Parameter::text(kind.word)))
            });
            Ok(key.chain(kind).collect())
        })
    }

    fn insert_targets<'a>(
        &'a self,
        call: &'a Call,
        tx: &'a Transaction,
        source: &'a R::Source,
        node: &'a Node,
        at: Pointer,
    ) -> Doing<'a, ()> {
        if Self::HOLDS_KEY {
            return refused();
        }
        Box::pin(async move {
            let target = call.served.target::<R::Target>()?;
            let held = if Self::IS_HELD { Self::held(source)? } else { Vec::new() };
            let rows: Vec<(&Node, Pointer)> = if Self::TARGETS_MANY {
                let all = node.array(&at)?.iter().enumerate();
                all.map(|(index, node)| (node, at.at(index))).collect()
            } else {
                vec![(node, at)]
            };
            for (node, at) in rows {
                let row = target.insert(call, tx, node, held.clone(), at).await?;
                if !Self::IS_HELD {
                    reflect::link::<R>(tx, source, &row).await?;
                }
            }
            Ok(())
        })
    }

    fn is_checked(&self, call: &Call) -> Result<bool, Problem> {
        if !Self::HOLDS_KEY {
            return Ok(false);
        }
        let is_scoped = call.served.target::<R::Target>()?.scope(&call.parts)?.is_some();
        Ok(is_scoped || Self::hides_targets() || Self::may_be_of_other_tenant(&call.served))
    }

    fn check_targets<'a>(
        &'a self,
        call: &'a Call,
        tx: &'a Transaction,
        sources: &'a [R::Source],
    ) -> Doing<'a, ()> {
        if !Self::HOLDS_KEY {
            return refused();
        }
        Box::pin(async move {
            let scope = call.served.target::<R::Target>()?.scope(&call.parts)?;
            let mut found = Vec::new();
            for source in sources {
                let Some(key) = reflect::key_of::<R>(source) else { continue };
                if found.contains(&key) {
                    continue;
                }
                if !Self::handle_of().of(source).filter(scope.clone()).exists(tx).await? {
                    let (name, entity) = (R::DEFINITION.name, R::Source::DEFINITION.name);
                    let detail = format!("the `{name}` of this {entity} does not exist");
                    let problem = Problem::unprocessable("TARGET_NOT_FOUND", detail);
                    return Err(problem.with("relation", name).with("entity", entity));
                }
                found.push(key);
            }
            Ok(())
        })
    }

    fn handle<'a>(
        &'a self,
        model: &'a dyn EntityModel<R::Source>,
        call: &'a Call,
        verb: Verb,
    ) -> Answer<'a> {
        match verb {
            Verb::Read => {
                if Self::TARGETS_MANY {
                    Box::pin(related::many::<R>(model, call))
                } else {
                    Box::pin(related::one::<R>(model, call))
                }
            }
            Verb::Count if Self::TARGETS_MANY => Box::pin(related::count::<R>(model, call)),
            Verb::Create if !Self::HOLDS_KEY => Box::pin(related::create::<R>(model, call)),
            Verb::Change | Verb::Remove if Self::TARGETS_MANY && !Self::IS_THROUGH => {
                Box::pin(related::change::<R>(model, call, verb))
            }
            Verb::Link | Verb::Unlink if Self::IS_THROUGH => {
                Box::pin(related::link::<R>(model, call, verb))
            }
            Verb::Ancestors if Self::IS_TREE => Box::pin(related::ancestors::<R>(model, call)),
            Verb::Descendants if Self::IS_TREE => Box::pin(related::descendants::<R>(model, call)),
            _ => refused(),
        }
    }
}
