//! Relations to one of several entities: `subject`, which is a post or a photo, under the name of its kind.

use axum::response::Response;
use relations::Filter;
use relations::include::WithIncluded;

use crate::answer;
use crate::call::{Call, by_id};
use crate::filter::{
    Criteria, IncludeRequest, Parameters, Parsing, Place, WriteTargets, merged, requests, unknown,
};
use crate::members::Members;
use crate::model::{Model, Served};
use crate::node::{Node, Pointer};
use crate::problem::Problem;
use crate::relation::RelationModel;
use crate::resource::Resource;

/// Relations of which each row follows one.
#[derive(Debug)]
pub(crate) struct OneOf {
    /// Its name in JSON.
    pub(crate) member: String,
    /// The places of its relations among those of the entity.
    arms: Vec<usize>,
}

impl OneOf {
    /// The relations of an entity to one of several, as far as their targets are served.
    pub(crate) fn all<E: Resource>(
        members: &Members<E>,
        relations: &[Box<dyn RelationModel<E>>],
    ) -> Vec<Self> {
        let place = |name: &&str| relations.iter().position(|one| one.definition().name == *name);
        let all = E::DEFINITION.one_of.iter().map(|of| Self {
            member: renamed(of.name, members, relations),
            arms: of.relations.iter().filter_map(place).collect(),
        });
        all.filter(|of| !of.arms.is_empty()).collect()
    }
}

/// A name in the case that serde gives the names of an entity: the one by which most of its names are spelled.
fn renamed<E: Resource>(
    name: &str,
    members: &Members<E>,
    relations: &[Box<dyn RelationModel<E>>],
) -> String {
    let of_properties = members.all.iter().map(|one| (one.property.name, one.name.as_str()));
    let of_relations = relations.iter().map(|one| (one.definition().name, one.member()));
    let names: Vec<(&str, &str)> = of_properties.chain(of_relations).collect();
    let spelled = |case: &Case| names.iter().filter(|(name, member)| case(name) == *member).count();
    // Of equals the last is taken: a name as it is.
    let cases: [Case; 7] = [
        |name| name.replace('_', "-").to_uppercase(),
        |name| name.replace('_', "-"),
        |name| name.to_uppercase(),
        |name| name.replace('_', ""),
        pascal,
        |name| {
            let (first, rest) = name.split_at(name.find('_').unwrap_or(name.len()));
            format!("{first}{}", pascal(rest))
        },
        str::to_owned,
    ];
    cases.iter().max_by_key(|case| spelled(case)).map_or_else(|| name.to_owned(), |case| case(name))
}

type Case = fn(&str) -> String;

fn pascal(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

impl<E: Resource> Model<E> {
    /// The relations of which each row follows one, as far as a request may read their targets.
    pub(crate) fn arms<'m>(
        &'m self,
        served: &'m Served,
        of: &'m OneOf,
    ) -> impl Iterator<Item = (usize, &'m dyn RelationModel<E>)> + Clone {
        self.readable(served).filter(|(place, _)| of.arms.contains(place))
    }

    /// The relations to one of several that lead to a target which a request may read, with their places.
    pub(crate) fn one_ofs<'m>(
        &'m self,
        served: &'m Served,
    ) -> impl Iterator<Item = (usize, &'m OneOf)> + Clone {
        let all = self.one_of.iter().enumerate();
        all.filter(|(_, of)| self.arms(served, of).next().is_some())
    }

    /// Makes sure that includes name kinds.
    pub(crate) fn check_kinds(
        &self,
        served: &Served,
        of: &OneOf,
        given: &[IncludeRequest],
    ) -> Result<(), Problem> {
        let names = self.arms(served, of).map(|(_, relation)| relation.member());
        let is_unknown = |one: &&IncludeRequest| !names.clone().any(|name| name == one.relation);
        let Some(one) = given.iter().find(is_unknown) else { return Ok(()) };
        let what = format!("kind of `{}`", of.member);
        Err(unknown("UNKNOWN_RELATION", &what, &one.relation, names, &one.at))
    }

    /// Includes the target of each row, whichever it is. Its scope has an `include` alone, which names kinds.
    pub(crate) fn include_one_of(
        &self,
        parsing: &mut Parsing<'_>,
        criteria: &mut Criteria<E>,
        (place, of): (usize, &OneOf),
        request: &IncludeRequest,
    ) -> Result<(), Problem> {
        if request.is_counted {
            let detail = "a relation to one is not counted; ask whether it is null with `where`";
            return Err(Problem::bad_request("INVALID_INCLUDE", detail).pointer(&request.at));
        }
        let mut given = Vec::new();
        for (name, value) in request.scope.object(&request.scope_at)? {
            let at = request.scope_at.member(name);
            if name != "include" {
                let what = format!("member of a scope of `{}`", of.member);
                return Err(unknown("UNKNOWN_MEMBER", &what, name, ["include"].into_iter(), &at));
            }
            given = requests(value, &at)?;
        }
        let served = parsing.served;
        self.check_kinds(served, of, &given)?;
        let mut kinds = Vec::new();
        let mut exists = Vec::new();
        for (at, relation) in self.arms(served, of) {
            let given = given.iter().find(|one| one.relation == relation.member());
            if let Some(one) = given.filter(|one| one.is_required || one.is_counted) {
                let detail = "a kind takes a `scope` alone";
                return Err(Problem::bad_request("INVALID_INCLUDE", detail).pointer(&one.at));
            }
            let plain = IncludeRequest::of(relation.member(), &request.at);
            let one = given.unwrap_or(&plain);
            let included = parsing.follow(&one.at, |parsing| relation.include(parsing, one))?;
            criteria.includes.push(included.include);
            kinds.push((at, included.write));
            if request.is_required {
                let any = Node::Object(Vec::new());
                exists.push(relation.condition(parsing, &any, &request.at)?);
            }
        }
        if request.is_required {
            let filter = std::mem::replace(&mut criteria.filter, Filter::always());
            criteria.filter = filter.and(Filter::any(exists));
        }
        criteria.shape.one_of.push((place, kinds));
        Ok(())
    }

    /// Reads a condition on the target: `{"post": {…}}`, or null for a row without one.
    pub(crate) fn one_of_condition(
        &self,
        parsing: &mut Parsing<'_>,
        of: &OneOf,
        node: &Node,
        at: &Pointer,
    ) -> Result<Filter<E>, Problem> {
        let arms = self.arms(parsing.served, of);
        if matches!(node, Node::Null) {
            let missing = arms.map(|(_, relation)| {
                parsing.follow(at, |parsing| relation.condition(parsing, node, at))
            });
            return Ok(Filter::all(missing.collect::<Result<Vec<_>, _>>()?));
        }
        let mut filter = Filter::always();
        for (name, value) in node.object(at)? {
            let at = at.member(name);
            let Some((_, relation)) = arms.clone().find(|(_, one)| one.member() == name) else {
                let names = arms.map(|(_, relation)| relation.member());
                let what = format!("kind of `{}`", of.member);
                return Err(unknown("UNKNOWN_RELATION", &what, name, names, &at));
            };
            let one = parsing.follow(&at, |parsing| relation.condition(parsing, value, &at))?;
            filter = filter.and(one);
        }
        Ok(filter)
    }

    /// Writes the target of a row as JSON, under the name of its kind; null if there is none.
    pub(crate) fn write_one_of(
        &self,
        row: &WithIncluded<E>,
        kinds: &[(usize, WriteTargets<E>)],
        json: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        let mut arms =
            kinds.iter().filter_map(|(at, write)| Some((self.relations.get(*at)?, write)));
        let Some((relation, write)) = arms.find(|(relation, _)| relation.has_target(row)) else {
            json.extend_from_slice(b"null");
            return Ok(());
        };
        json.extend_from_slice(b"{\"");
        json.extend_from_slice(relation.member().as_bytes());
        json.extend_from_slice(b"\":");
        write(row, json)?;
        json.push(b'}');
        Ok(())
    }
}

/// Answers the target of the row whose id is in the path, under the name of its kind.
pub(crate) async fn show<E: Resource>(
    model: &Model<E>,
    call: &Call,
    place: usize,
) -> Result<Response, Problem> {
    let id = call.id::<E>()?;
    let of = model.one_of.get(place).ok_or_else(Problem::internal)?;
    let most = call.served.limits.filter_bytes;
    let scope = merged(&Parameters::read(&call.parts.uri, &["include"], most)?, most)?;
    let mut request = IncludeRequest::of(&of.member, &Pointer::default());
    request.scope = scope;
    let mut parsing = Parsing::new(&call.served, &call.parts);
    let mut criteria = model.read_criteria(
        &mut parsing,
        &Node::Object(Vec::new()),
        &Pointer::default(),
        Place::Row,
    )?;
    model.include_one_of(&mut parsing, &mut criteria, (place, of), &request)?;
    let query = by_id::<E>(model, call, &id)?.include_dynamic(criteria.includes);
    let row = query.optional(&call.db).await?.ok_or_else(|| Problem::not_found(model.info.name))?;
    let kinds = criteria.shape.one_of.first().map(|(_, kinds)| kinds.as_slice());
    let mut body = Vec::with_capacity(256);
    model.write_one_of(&row, kinds.unwrap_or_default(), &mut body)?;
    if body != b"null" {
        return Ok(answer::json(axum::http::StatusCode::OK, body));
    }
    // A row that a constraint promises and that cannot be seen is not the same as none.
    let is_hidden = |relation: &dyn RelationModel<E>| {
        relation.definition().foreign_key.is_some() && relation.has_key(&row)
    };
    if model.arms(&call.served, of).any(|(_, relation)| is_hidden(relation)) {
        return Err(Problem::not_found(&of.member));
    }
    Ok(answer::empty())
}
