//! New rows, of the members of a body.

use std::marker::PhantomData;

use relations::definition::{PropertyDefinition, RelationDefinition, RelationKind};
use relations::query::reflect::{self, Assignment};
use relations::{Entity, Executor, NewEntity, Transaction};
use serde_json::Value;

use crate::call::Call;
use crate::filter::unknown;
use crate::members::Member;
use crate::model::{EntityModel, Model};
use crate::node::{Node, Pointer};
use crate::problem::Problem;
use crate::relation::RelationModel;
use crate::resource::Resource;

/// The values of a new row.
struct NewRow<E> {
    assignments: Vec<Option<Assignment>>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> NewEntity for NewRow<E> {
    type Entity = E;

    fn each_assignment(self, each: &mut dyn FnMut(Option<Assignment>)) {
        self.assignments.into_iter().for_each(each);
    }
}

/// The members of a body: properties, and relations with nested rows.
pub(crate) struct Body<'m, 'n, E: Entity> {
    pub(crate) values: Vec<(&'m Member, Value)>,
    pub(crate) nested: Vec<(&'m dyn RelationModel<E>, &'n Node, Pointer)>,
}

impl<E: Resource> Model<E> {
    /// The members of a body by what they are.
    pub(crate) fn body<'n>(
        &self,
        node: &'n Node,
        at: &Pointer,
    ) -> Result<Body<'_, 'n, E>, Problem> {
        let mut body = Body { values: Vec::new(), nested: Vec::new() };
        for (name, value) in node.object(at)? {
            let at = at.member(name);
            if let Some(member) = self.members.named(name) {
                body.values.push((member, value.to_value()));
            } else if let Some(relation) = self.relations.iter().find(|one| one.member() == name) {
                if relation.definition().is_only_read() {
                    let detail = match relation.definition().key_array {
                        Some(_) => format!(
                            "`{name}` is a relation by an array of keys, which is only read; give the array"
                        ),
                        None => format!(
                            "`{name}` is a relation with a filter, which is only read; give new rows in one \
                             without"
                        ),
                    };
                    return Err(Problem::unprocessable("READ_ONLY", detail).pointer(&at));
                }
                body.nested.push((&**relation, value, at));
            } else {
                let members = self.members.all.iter().filter(|one| one.is_shown || one.is_writable);
                let names = members.map(|member| member.name.as_str());
                let what = format!("property of {}", E::DEFINITION.name);
                return Err(as_written(&unknown("UNKNOWN_PROPERTY", &what, name, names, &at)));
            }
        }
        Ok(body)
    }

    /// Whether a new row has to be looked at again before it is committed.
    pub(crate) fn is_checked(&self, call: &Call, body: &Body<'_, '_, E>) -> Result<bool, Problem> {
        let mut checked = self.scope.is_some() || !body.nested.is_empty();
        for relation in &self.relations {
            checked = checked || relation.is_checked(call)?;
        }
        Ok(checked)
    }

    /// Inserts a row without nested ones.
    pub(crate) async fn insert_plain(
        &self,
        call: &Call,
        db: &impl Executor,
        body: &Body<'_, '_, E>,
        preset: &[Assignment],
        at: &Pointer,
    ) -> Result<E, Problem> {
        let assignments = self.new_row(call, body, preset, at)?;
        Ok(NewRow { assignments, entity: PhantomData }.insert(db).await?)
    }

    /// Inserts a row with nested ones: what it references first, then itself, then what holds its key.
    pub(crate) async fn insert_nested(
        &self,
        call: &Call,
        tx: &Transaction,
        node: &Node,
        mut preset: Vec<Assignment>,
        at: Pointer,
    ) -> Result<E, Problem> {
        if !self.info.operations.create {
            let detail = format!("{} rows cannot be inserted", self.info.name);
            return Err(Problem::new(403, "NOT_ALLOWED", detail).pointer(at));
        }
        let body = self.body(node, &at)?;
        let mut targets = Vec::new();
        for (relation, node, at) in &body.nested {
            let definition = relation.definition();
            if definition.kind != RelationKind::BelongsTo {
                targets.push((*relation, *node, at.clone()));
                continue;
            }
            let held = |name: &str| preset.iter().any(|one| reflect::property_of(one).name == name);
            if definition.key_from.iter().all(|name| held(name)) {
                let detail = format!("`{}` is the row of the path", relation.member());
                return Err(Problem::unprocessable("KEY_MISMATCH", detail).pointer(at));
            }
            // A part of the key may be held already: a tenant, which several keys share.
            let key = relation.insert_parent(call, tx, node, &preset, at.clone()).await?;
            let new = |one: &Assignment| !held(reflect::property_of(one).name);
            let new: Vec<Assignment> = key.into_iter().filter(new).collect();
            preset.extend(new);
        }
        let row = self.insert_plain(call, tx, &body, &preset, &at).await?;
        for (relation, node, at) in targets {
            relation.insert_targets(call, tx, &row, node, at).await?;
        }
        self.check(call, tx, std::slice::from_ref(&row), |_| true).await?;
        Ok(row)
    }

    /// Makes sure that rows are ones that the request may see, and reference only such by the relations whose
    /// keys were written.
    pub(crate) async fn check(
        &self,
        call: &Call,
        tx: &Transaction,
        rows: &[E],
        is_written: impl Fn(&RelationDefinition) -> bool,
    ) -> Result<(), Problem> {
        if let Some(scope) = EntityModel::scope(self, &call.parts)? {
            for row in rows {
                if !reflect::by_id::<E>(&reflect::id_of(row))
                    .filter(scope.clone())
                    .exists(tx)
                    .await?
                {
                    let detail = format!("this {} would be out of your reach", self.info.name);
                    return Err(Problem::unprocessable("OUT_OF_SCOPE", detail));
                }
            }
        }
        for relation in &self.relations {
            if is_written(relation.definition()) && relation.is_checked(call)? {
                relation.check_targets(call, tx, rows).await?;
            }
        }
        Ok(())
    }

    /// The values of a new row, in the order of its properties.
    fn new_row(
        &self,
        call: &Call,
        body: &Body<'_, '_, E>,
        preset: &[Assignment],
        at: &Pointer,
    ) -> Result<Vec<Option<Assignment>>, Problem> {
        call.new_row(at)?;
        let is_preset = |property: &PropertyDefinition| {
            preset.iter().find(|one| reflect::property_of(one).name == property.name)
        };
        let is_filled = |name: &str| self.fills.iter().find(|(of, _)| *of == name);
        // The executor gives it.
        let is_of_executor = |property: &PropertyDefinition| property.tenant && self.has_tenants;
        for (member, _) in &body.values {
            if is_preset(member.property).is_none() && !member.is_writable {
                return Err(read_only(member, at));
            }
        }
        let is_given =
            |member: &Member| body.values.iter().any(|(one, _)| one.position == member.position);
        for member in &self.members.all {
            let property = member.property;
            if is_inserted(property)
                && !member.is_optional
                && !is_given(member)
                && is_preset(property).is_none()
                && is_filled(property.name).is_none()
                && !is_of_executor(property)
            {
                let detail = format!("a new {} has to have `{}`", self.info.name, member.name);
                let at = at.member(&member.name);
                return Err(Problem::unprocessable("MISSING_PROPERTY", detail).pointer(at));
            }
        }
        let sampled = |member: &Member| {
            !member.is_optional
                || member.property.default.is_some()
                || !is_inserted(member.property)
        };
        let row = self.entity(&body.values, sampled, at)?;
        let mut parameters = reflect::parameters(&row).into_iter();
        let mut assignments = Vec::new();
        for property in E::DEFINITION.properties.iter().copied() {
            let value = parameters.next().ok_or_else(Problem::internal)?;
            if !is_inserted(property) {
                continue;
            }
            let given = body.values.iter().any(|(one, _)| one.property.name == property.name);
            let value = if let Some(held) = is_preset(property) {
                if given && reflect::value_of(held) != &value {
                    let name =
                        self.members.of(property.name).map_or(property.name, |one| &one.name);
                    let detail = format!("`{name}` is another key than that of the path");
                    return Err(
                        Problem::unprocessable("KEY_MISMATCH", detail).pointer(at.member(name))
                    );
                }
                Some(reflect::value_of(held).clone())
            } else if let Some((_, fill)) = is_filled(property.name) {
                Some(fill(&call.parts)?)
            } else if !given && (property.default.is_some() || is_of_executor(property)) {
                None
            } else {
                Some(value)
            };
            assignments.push(value.map(|value| reflect::assign(property, value)));
        }
        Ok(assignments)
    }

    pub(crate) fn entity(
        &self,
        values: &[(&Member, Value)],
        sampled: impl Fn(&Member) -> bool,
        at: &Pointer,
    ) -> Result<E, Problem> {
        let values: Vec<_> = values.iter().map(|(member, value)| (*member, value)).collect();
        self.members.entity(&values, sampled).map_err(|unfit| {
            let at = unfit.member.as_deref().map_or_else(|| at.clone(), |name| at.member(name));
            let name = unfit.member.unwrap_or_default();
            let expected = self.members.named(&name).map(|member| member.property.column_type);
            let expected = expected.map(crate::members::described);
            let detail = format!("`{name}` does not take this value: {}", unfit.reason);
            let problem = Problem::unprocessable("WRONG_TYPE", detail).pointer(at);
            expected.map_or(problem.clone(), |expected| problem.expected(expected))
        })
    }
}

/// The problem of a property that a client cannot set.
pub(crate) fn read_only(member: &Member, at: &Pointer) -> Problem {
    let detail = if member.is_writable {
        format!("`{}` is set in new rows only", member.name)
    } else {
        format!("`{}` is read-only", member.name)
    };
    Problem::unprocessable("READ_ONLY", detail).pointer(at.member(&member.name))
}

/// A problem of a filter, as one of a body.
fn as_written(problem: &Problem) -> Problem {
    let code = problem.code();
    let mut written = Problem::unprocessable(code, problem.detail().to_owned());
    if let Value::Object(members) = problem.to_json() {
        for (name, value) in members {
            if !matches!(name.as_str(), "type" | "title" | "status" | "code" | "detail") {
                written = written.with(&name, value);
            }
        }
    }
    written
}

/// Whether an insert takes the property from the request, not from the database.
pub(crate) fn is_inserted(property: &PropertyDefinition) -> bool {
    !property.generated && property.generated_as.is_none() && property.stamp.is_none()
}
