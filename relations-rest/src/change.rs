//! Changes of rows, by the members of a body.

use relations::definition::RelationDefinition;
use relations::query::reflect::{self, Assignment, Comparison, DynamicColumn, Parameter};
use relations::{Entity, Filter};
use serde_json::Value;

use crate::call::{Call, WHERE};
use crate::filter::Place;
use crate::members::{Member, is_version};
use crate::model::{EntityModel, Model};
use crate::node::{Node, Pointer};
use crate::problem::Problem;
use crate::related::where_required;
use crate::resource::Resource;
use crate::write::read_only;

/// A change of a row: what it sets, and what a client says that the row has already.
pub(crate) struct Change<'m> {
    pub(crate) sets: Vec<Assignment>,
    pub(crate) pinned: Vec<(&'m Member, Parameter)>,
    /// The version that the row has to be of.
    pub(crate) version: Option<Parameter>,
}

impl<E: Resource> Model<E> {
    /// The changes that a body makes to a row; with `whole`, all that it does not give becomes null.
    pub(crate) fn change_of(&self, node: &Node, whole: bool) -> Result<Change<'_>, Problem> {
        let at = Pointer::default();
        let body = self.body(node, &at)?;
        if let Some((relation, _, at)) = body.nested.first() {
            let detail = format!(
                "related rows are changed by a path of their own, under `{}`",
                relation.member(),
            );
            return Err(Problem::unprocessable("NESTED_CHANGE", detail).pointer(at));
        }
        let mut values = body.values;
        if whole {
            let settable = |one: &&Member| one.is_writable && !one.is_write_once;
            for member in self.members.all.iter().filter(settable) {
                if values.iter().any(|(one, _)| one.position == member.position) {
                    continue;
                }
                if !member.property.nullable {
                    let detail = format!("a whole {} has `{}`", self.info.name, member.name);
                    let at = at.member(&member.name);
                    return Err(Problem::unprocessable("MISSING_PROPERTY", detail).pointer(at));
                }
                values.push((member, Value::Null));
            }
        }
        // A client may send back a member that it cannot set, with its value unchanged. If serde does not read
        // the member, it cannot be compared.
        if let Some((member, _)) = values.iter().find(|(member, _)| !member.is_read()) {
            return Err(read_only(member, &at));
        }
        let entity = self.entity(&values, |_| true, &at)?;
        let parameters = reflect::parameters(&entity);
        let mut change = Change { sets: Vec::new(), pinned: Vec::new(), version: None };
        for (member, _) in values {
            let value = parameters.get(member.position).cloned().ok_or_else(Problem::internal)?;
            if is_version(member.property) {
                change.version = Some(value);
            } else if member.is_writable && !member.is_write_once {
                change.sets.push(reflect::assign(member.property, value));
            } else {
                change.pinned.push((member, value));
            }
        }
        Ok(change)
    }

    /// Makes sure that a row has what a client says of properties that it cannot set.
    pub(crate) fn check_pinned(row: &E, change: &Change<'_>) -> Result<(), Problem> {
        let stored = reflect::parameters(row);
        for (member, value) in &change.pinned {
            if stored.get(member.position) != Some(value) {
                return Err(read_only(member, &Pointer::default()));
            }
        }
        Ok(())
    }

    /// The rows whose version is one.
    pub(crate) fn of_version(version: Parameter) -> Option<Filter<E>> {
        let property = E::DEFINITION.version()?;
        Some(DynamicColumn::of(property).compare(Comparison::Equal, version))
    }

    pub(crate) async fn change_rows(
        &self,
        call: &Call,
        filter: Filter<E>,
        within: Option<Filter<E>>,
    ) -> Result<u64, Problem> {
        if !self.info.operations.patch {
            let detail = format!("{} rows cannot be changed", self.info.name);
            return Err(Problem::new(403, "NOT_ALLOWED", detail));
        }
        let change = self.change_of(&call.json()?, false)?;
        if let Some((member, _)) = change.pinned.first() {
            return Err(read_only(member, &Pointer::default()));
        }
        if change.version.is_some() {
            let detail = "several rows are of several versions; leave the version out";
            return Err(Problem::unprocessable("READ_ONLY", detail));
        }
        if change.sets.is_empty() {
            let detail = "the body changes nothing; give a property";
            return Err(Problem::unprocessable("NOTHING_TO_CHANGE", detail));
        }
        let scope = EntityModel::scope(self, &call.parts)?;
        let tx = call.db.begin().await?;
        let rows = E::find().filter(filter).filter(within).filter(scope);
        let written: Vec<&str> = names(&change.sets);
        let rows = rows.set_dynamic(change.sets).update_returning(&tx).await?;
        let changed = rows.len() as u64;
        check_count(call, changed)?;
        self.check(call, &tx, &rows, |one| holds(one, &written)).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Whether properties are keys of relations to rows of which a request may see some only.
    pub(crate) fn writes_checked(&self, call: &Call, names: &[&str]) -> Result<bool, Problem> {
        for relation in &self.relations {
            if holds(relation.definition(), names) && relation.is_checked(call)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) async fn remove_rows(&self, call: &Call, filter: Filter<E>) -> Result<u64, Problem> {
        if !self.info.operations.delete {
            let detail = format!("{} rows cannot be deleted", self.info.name);
            return Err(Problem::new(403, "NOT_ALLOWED", detail));
        }
        let scope = EntityModel::scope(self, &call.parts)?;
        let tx = call.db.begin().await?;
        let removed = E::find().filter(filter).filter(scope).delete_dynamic(&tx).await?;
        check_count(call, removed)?;
        tx.commit().await?;
        Ok(removed)
    }

    /// The filter of a request that changes several rows.
    pub(crate) fn meant(&self, call: &Call) -> Result<Filter<E>, Problem> {
        let criteria = call.criteria::<E>(self, WHERE, Place::Count)?;
        where_required(criteria.has_where)?;
        Ok(criteria.filter)
    }
}

/// The properties that are set.
pub(crate) fn names(sets: &[Assignment]) -> Vec<&'static str> {
    sets.iter().map(|one| reflect::property_of(one).name).collect()
}

/// Whether the key of a relation, or the kind of it, has one of these properties.
pub(crate) fn holds(relation: &RelationDefinition, names: &[&str]) -> bool {
    let kind = relation.key_kind.map(|kind| kind.property);
    relation.key_from.iter().copied().chain(kind).any(|name| names.contains(&name))
}

/// The properties that differ between two states of a row.
pub(crate) fn differing<E: Entity>(before: &E, after: &E) -> Vec<&'static str> {
    let values = reflect::parameters(before).into_iter().zip(reflect::parameters(after));
    let properties = E::DEFINITION.properties.iter().zip(values);
    properties.filter(|(_, (before, after))| before != after).map(|(one, _)| one.name).collect()
}

fn check_count(call: &Call, rows: u64) -> Result<(), Problem> {
    let most = call.served.limits.changed_rows;
    if rows <= most {
        return Ok(());
    }
    let detail = format!("this would change {rows} rows, of {most} at most; nothing was changed");
    Err(Problem::unprocessable("TOO_MANY_ROWS", detail).expected(most))
}
