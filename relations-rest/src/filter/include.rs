//! `include`: names, or objects with a scope.

use crate::filter::unknown;
use crate::node::{Node, Pointer};
use crate::problem::Problem;

/// A relation that is to be included.
#[derive(Debug)]
pub(crate) struct IncludeRequest {
    pub(crate) relation: String,
    /// The filter of its targets: an object.
    pub(crate) scope: Node,
    pub(crate) scope_at: Pointer,
    /// Whether rows without a target are left out.
    pub(crate) is_required: bool,
    /// Whether targets are counted.
    pub(crate) is_counted: bool,
    pub(crate) at: Pointer,
    /// Whether it was given as a name alone, to which names behind dots may be added.
    is_name: bool,
}

impl IncludeRequest {
    /// A relation as it is.
    pub(crate) fn of(relation: &str, at: &Pointer) -> Self {
        Self {
            relation: relation.to_owned(),
            scope: Node::Object(Vec::new()),
            scope_at: at.clone(),
            is_required: false,
            is_counted: false,
            at: at.clone(),
            is_name: false,
        }
    }
}

const MEMBERS: [&str; 4] = ["relation", "scope", "required", "count"];

/// The relations that an `include` asks for: `"customer"`, `"lines.product"`, `{"relation": "lines"}`, or an array
/// of such.
pub(crate) fn requests(node: &Node, at: &Pointer) -> Result<Vec<IncludeRequest>, Problem> {
    let mut all: Vec<IncludeRequest> = Vec::new();
    match node {
        Node::Array(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                add(&mut all, node, &at.at(index))?;
            }
        }
        node => add(&mut all, node, at)?,
    }
    Ok(all)
}

/// The relations of a list of names: `customer,lines.product`.
pub(crate) fn named_in(list: &str) -> Result<Vec<IncludeRequest>, Problem> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names = names.map(|name| Node::Text(name.to_owned())).collect();
    requests(&Node::Array(names), &Pointer::default())
}

impl IncludeRequest {
    /// The includes of its targets.
    pub(crate) fn nested(&self) -> Result<Vec<Self>, Problem> {
        match &self.scope {
            Node::Object(members) => match members.iter().find(|(name, _)| name == "include") {
                Some((_, node)) => requests(node, &self.scope_at),
                None => Ok(Vec::new()),
            },
            _ => Ok(Vec::new()),
        }
    }
}

fn add(all: &mut Vec<IncludeRequest>, node: &Node, at: &Pointer) -> Result<(), Problem> {
    let request = match node {
        Node::Text(text) => named(text, at),
        Node::Object(members) => described(members, at)?,
        other => return Err(other.unexpected("the name of a relation, or an object", at)),
    };
    let Some(earlier) = all.iter_mut().find(|one| one.relation == request.relation) else {
        all.push(request);
        return Ok(());
    };
    // `lines.product` and `lines.order` are one include of `lines`.
    match (&mut earlier.scope, request.scope) {
        (Node::Object(earlier_members), Node::Object(more))
            if earlier.is_name && request.is_name =>
        {
            match (earlier_members.first_mut(), more.into_iter().next()) {
                (Some((_, Node::Array(names))), Some((_, Node::Array(more)))) => names.extend(more),
                (None, Some(more)) => earlier_members.push(more),
                _ => {}
            }
            Ok(())
        }
        _ => {
            let name = relations::query::reflect::shown(&earlier.relation);
            let detail =
                format!("{name} is included twice; include it once, with all that is needed");
            Err(Problem::bad_request("DUPLICATE_RELATION", detail).pointer(at))
        }
    }
}

fn named(text: &str, at: &Pointer) -> IncludeRequest {
    let (relation, rest) = match text.split_once('.') {
        Some((relation, rest)) => (relation, Some(rest)),
        None => (text, None),
    };
    let nested =
        rest.map(|rest| ("include".to_owned(), Node::Array(vec![Node::Text(rest.to_owned())])));
    let scope = Node::Object(nested.into_iter().collect());
    IncludeRequest { scope, is_name: true, ..IncludeRequest::of(relation.trim(), at) }
}

fn described(members: &[(String, Node)], at: &Pointer) -> Result<IncludeRequest, Problem> {
    let mut relation = None;
    let mut request = IncludeRequest::of("", at);
    for (name, value) in members {
        let at = at.member(name);
        match name.as_str() {
            "relation" => relation = Some(value.text(&at)?.to_owned()),
            "scope" => {
                value.object(&at)?;
                (request.scope, request.scope_at) = (value.clone(), at);
            }
            "required" => request.is_required = value.bool(&at)?,
            "count" => request.is_counted = value.bool(&at)?,
            _ => {
                return Err(unknown(
                    "UNKNOWN_MEMBER",
                    "member of an include",
                    name,
                    MEMBERS.into_iter(),
                    &at,
                ));
            }
        }
    }
    request.relation = relation.ok_or_else(|| {
        Problem::bad_request("MISSING_MEMBER", "an include names its `relation`").pointer(at)
    })?;
    Ok(request)
}
