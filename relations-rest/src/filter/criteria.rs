//! A whole filter: `where`, `order`, `fields`, `limit`, `offset`, `after`, `before`, `include`.

use std::fmt;

use relations::include::WithIncluded;
use relations::query::reflect::{DynamicColumn, DynamicInclude};
use relations::{Entity, Filter, Ordering};

use crate::filter::{Parsing, Place, requests, unknown};
use crate::model::Model;
use crate::node::{Node, Pointer};
use crate::problem::Problem;
use crate::resource::Resource;

/// A filter that was parsed and checked.
#[derive(Debug)]
pub(crate) struct Criteria<E: Entity> {
    pub(crate) filter: Filter<E>,
    /// Whether there is a `where` at all.
    pub(crate) has_where: bool,
    pub(crate) orders: Vec<Ordering<E>>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) after: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) includes: Vec<DynamicInclude<E>>,
    pub(crate) shape: Shape<E>,
    /// The number of rows that are read for each row of the list, itself included.
    pub(crate) rows_each: u64,
}

/// Writes the targets of a row as JSON.
pub(crate) type WriteTargets<E> =
    Box<dyn Fn(&WithIncluded<E>, &mut Vec<u8>) -> Result<(), Problem> + Send + Sync>;

/// The place of a relation, and what writes its targets.
type WrittenRelation<E> = (usize, WriteTargets<E>);

/// Which members and relations of a row are written.
pub(crate) struct Shape<E> {
    /// The places of the members; all of them without a list.
    pub(crate) fields: Option<Vec<String>>,
    /// The places of the relations, in their order.
    pub(crate) relations: Vec<WrittenRelation<E>>,
    /// The places of relations to one of several entities, each with those of its kinds.
    pub(crate) one_of: Vec<(usize, Vec<WrittenRelation<E>>)>,
}

impl<E> Default for Shape<E> {
    fn default() -> Self {
        Self { fields: None, relations: Vec::new(), one_of: Vec::new() }
    }
}

impl<E> fmt::Debug for Shape<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shape").field("fields", &self.fields).finish_non_exhaustive()
    }
}

impl<E> Shape<E> {
    /// Whether a row is written with related ones.
    pub(crate) fn has_relations(&self) -> bool {
        !self.relations.is_empty() || !self.one_of.is_empty()
    }

    /// The relations that are included, by their places.
    fn places(&self) -> impl Iterator<Item = usize> {
        let of_kinds = self.one_of.iter().flat_map(|(_, kinds)| kinds);
        self.relations.iter().chain(of_kinds).map(|(place, _)| *place)
    }
}

impl Place {
    /// The members of a filter there.
    fn members(self) -> &'static [&'static str] {
        match self {
            Self::List => &[
                "where", "order", "fields", "limit", "offset", "skip", "after", "before", "include",
            ],
            // An export begins with the first row, or behind a number of rows.
            Self::Export | Self::Many => {
                &["where", "order", "fields", "limit", "offset", "skip", "include"]
            }
            Self::One => &["where", "fields", "include"],
            Self::Row => &["fields", "include"],
            Self::Count => &["where"],
        }
    }
}

impl<E: Resource> Model<E> {
    pub(crate) fn read_criteria(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
        place: Place,
    ) -> Result<Criteria<E>, Problem> {
        let mut criteria = Criteria {
            filter: Filter::always(),
            has_where: false,
            orders: Vec::new(),
            limit: None,
            offset: None,
            after: None,
            before: None,
            includes: Vec::new(),
            shape: Shape::default(),
            rows_each: 1,
        };
        let mut include = None;
        for (name, value) in node.object(at)? {
            let at = at.member(name);
            let members = place.members();
            if !members.contains(&name.as_str()) {
                return Err(unknown(
                    "UNKNOWN_MEMBER",
                    "member of a filter",
                    name,
                    members.iter().copied(),
                    &at,
                ));
            }
            match name.as_str() {
                "where" => {
                    criteria.filter = self.read_condition(parsing, value, &at)?;
                    criteria.has_where = relations::query::reflect::is_narrowing(&criteria.filter);
                }
                "order" => criteria.orders = self.orders(parsing, value, &at)?,
                "fields" => {
                    let fields = self.fields(value, &at)?;
                    if fields.is_empty() {
                        let detail = "name a property, or leave `fields` out";
                        return Err(Problem::bad_request("NO_FIELDS", detail).pointer(at));
                    }
                    criteria.shape.fields = Some(fields);
                }
                "limit" => criteria.limit = Some(self.limit(value, place, &at)?),
                "offset" | "skip" if criteria.offset.is_some() => {
                    let detail = "`offset` and `skip` are one; give one of them";
                    return Err(Problem::bad_request("DUPLICATE_MEMBER", detail).pointer(at));
                }
                "offset" | "skip" => criteria.offset = Some(offset(value, &at)?),
                "after" => criteria.after = Some(value.text(&at)?.to_owned()),
                "before" => criteria.before = Some(value.text(&at)?.to_owned()),
                _ => include = Some((value, at)),
            }
        }
        check_place(&criteria, at)?;
        let limit = match place {
            Place::List => {
                let limit = criteria.limit.unwrap_or(self.info.default_limit);
                criteria.limit = Some(limit);
                limit
            }
            Place::Many => {
                let limits = &parsing.served.limits;
                let limit = criteria.limit.unwrap_or(limits.included_rows.min(self.info.max_limit));
                criteria.limit = Some(limit);
                limit
            }
            Place::Export | Place::Row | Place::One | Place::Count => 1,
        };
        parsing.rows(limit, at, |parsing| {
            let before = parsing.rows_read();
            if let Some((include, at)) = include {
                self.includes(parsing, &mut criteria, include, &at)?;
            }
            criteria.rows_each = 1 + (parsing.rows_read() - before);
            Ok(())
        })?;
        Ok(criteria)
    }

    fn includes(
        &self,
        parsing: &mut Parsing<'_>,
        criteria: &mut Criteria<E>,
        node: &Node,
        at: &Pointer,
    ) -> Result<(), Problem> {
        for request in requests(node, at)? {
            let readable = self.readable(parsing.served);
            let one_ofs = self.one_ofs(parsing.served);
            if let Some(of) = one_ofs.clone().find(|(_, of)| of.member == request.relation) {
                self.include_one_of(parsing, criteria, of, &request)?;
                check_places(&criteria.shape, &request.at)?;
                continue;
            }
            let found = readable.clone().find(|(_, one)| one.member() == request.relation);
            let Some((place, relation)) = found else {
                let what = format!("relation of {}", E::DEFINITION.name);
                let names = readable.map(|(_, relation)| relation.member());
                let names = names.chain(one_ofs.map(|(_, of)| of.member.as_str()));
                return Err(unknown(
                    "UNKNOWN_RELATION",
                    &what,
                    &request.relation,
                    names,
                    &request.at,
                ));
            };
            let included =
                parsing.follow(&request.at, |parsing| relation.include(parsing, &request))?;
            if let Some(condition) = included.condition {
                let filter = std::mem::replace(&mut criteria.filter, Filter::always());
                criteria.filter = filter.and(condition);
            }
            criteria.includes.push(included.include);
            criteria.shape.relations.push((place, included.write));
            check_places(&criteria.shape, &request.at)?;
        }
        criteria.shape.relations.sort_by_key(|(place, _)| *place);
        Ok(())
    }

    /// `"name DESC"`, or several of them.
    fn orders(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
    ) -> Result<Vec<Ordering<E>>, Problem> {
        match node {
            Node::Text(text) => Ok(vec![self.order(parsing, text, at)?]),
            Node::Array(all) => {
                let each = all.iter().enumerate().map(|(index, one)| {
                    let at = at.at(index);
                    self.order(parsing, one.text(&at)?, &at)
                });
                each.collect()
            }
            other => Err(other.unexpected("a text as `name DESC`, or an array of such", at)),
        }
    }

    fn order(
        &self,
        parsing: &mut Parsing<'_>,
        text: &str,
        at: &Pointer,
    ) -> Result<Ordering<E>, Problem> {
        let mut words = text.split_whitespace();
        let (name, direction) = (words.next().unwrap_or_default(), words.next());
        let (name, descending) = match (name.strip_prefix('-'), direction) {
            (Some(name), None) => (name, true),
            (None, None) => (name, false),
            (None, Some(word)) if word.eq_ignore_ascii_case("asc") => (name, false),
            (None, Some(word)) if word.eq_ignore_ascii_case("desc") => (name, true),
            _ => {
                let detail = "an order is a name, with `ASC` or `DESC` behind it or not";
                return Err(Problem::bad_request("INVALID_ORDER", detail).pointer(at));
            }
        };
        if words.next().is_some() {
            let detail = "an order is a name, with `ASC` or `DESC` behind it or not";
            return Err(Problem::bad_request("INVALID_ORDER", detail).pointer(at));
        }
        parsing.condition(at)?;
        let path: Vec<&str> = name.split('.').collect();
        Ok(self.read_column(parsing, &path, at)?.order(descending))
    }

    /// The column that names with dots between them lead to.
    pub(crate) fn read_column(
        &self,
        parsing: &mut Parsing<'_>,
        path: &[&str],
        at: &Pointer,
    ) -> Result<DynamicColumn<E>, Problem> {
        let Some((name, rest)) = path.split_first() else { return Err(Problem::internal()) };
        if rest.is_empty() {
            return Ok(DynamicColumn::of(self.asked(parsing.served, name, at)?.property));
        }
        let readable = self.readable(parsing.served);
        let Some((_, relation)) = readable.clone().find(|(_, one)| one.member() == *name) else {
            let what = format!("relation of {}", E::DEFINITION.name);
            let names = readable.map(|(_, relation)| relation.member());
            return Err(unknown("UNKNOWN_RELATION", &what, name, names, at));
        };
        parsing.follow(at, |parsing| relation.column(parsing, rest, at))
    }

    /// `["id", "name"]`, or `{"id": true}`, or `{"note": false}`.
    fn fields(&self, node: &Node, at: &Pointer) -> Result<Vec<String>, Problem> {
        let known = |name: &str, at: &Pointer| {
            let names = self.members.shown().map(|member| member.name.as_str());
            if names.clone().any(|one| one == name) {
                return Ok(name.to_owned());
            }
            let what = format!("property of {}", E::DEFINITION.name);
            Err(unknown("UNKNOWN_PROPERTY", &what, name, names, at))
        };
        match node {
            Node::Array(all) => {
                let each = all.iter().enumerate().map(|(index, one)| {
                    let at = at.at(index);
                    known(one.text(&at)?, &at)
                });
                each.collect()
            }
            Node::Object(members) => {
                let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
                for (name, value) in members {
                    let at = at.member(name);
                    let list = if value.bool(&at)? { &mut wanted } else { &mut unwanted };
                    list.push(known(name, &at)?);
                }
                if wanted.is_empty() {
                    wanted = self.members.shown().map(|member| member.name.clone()).collect();
                }
                wanted.retain(|name| !unwanted.contains(name));
                Ok(wanted)
            }
            other => Err(other.unexpected("an array of names, or an object of booleans", at)),
        }
    }

    fn limit(&self, node: &Node, place: Place, at: &Pointer) -> Result<u64, Problem> {
        let most = if place == Place::Export { u64::MAX } else { self.info.max_limit };
        match node.rows(at)? {
            0 => {
                let detail = "a limit is 1 or more";
                Err(Problem::bad_request("INVALID_LIMIT", detail).pointer(at))
            }
            rows if rows > most => {
                let detail =
                    format!("{most} rows are answered at most; ask for the next ones by `after`");
                Err(Problem::bad_request("INVALID_LIMIT", detail).pointer(at).expected(most))
            }
            rows => Ok(rows),
        }
    }
}

/// A relation is included once, by itself or as a kind of a relation to one of several entities.
fn check_places<E>(shape: &Shape<E>, at: &Pointer) -> Result<(), Problem> {
    let places: Vec<usize> = shape.places().collect();
    if places.iter().enumerate().all(|(at, place)| !places.iter().take(at).any(|one| one == place))
    {
        return Ok(());
    }
    let detail = "a relation is included twice, by itself and as a kind of another";
    Err(Problem::bad_request("DUPLICATE_RELATION", detail).pointer(at))
}

/// A number of rows that are left out.
fn offset(node: &Node, at: &Pointer) -> Result<u64, Problem> {
    let rows = node.rows(at)?;
    if i64::try_from(rows).is_err() {
        return Err(node.unexpected("a number of rows", at));
    }
    Ok(rows)
}

/// A list starts at a row or at a number of rows.
fn check_place<E: Entity>(criteria: &Criteria<E>, at: &Pointer) -> Result<(), Problem> {
    let given = [criteria.offset.is_some(), criteria.after.is_some(), criteria.before.is_some()];
    if given.into_iter().filter(|one| *one).count() > 1 {
        let detail = "give one of `after`, `before` and `offset`";
        return Err(Problem::bad_request("SEVERAL_PLACES", detail).pointer(at));
    }
    Ok(())
}
