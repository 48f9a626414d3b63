//! Requests to a relation of one row: `/orders/{id}/customer`, `/customers/{id}/orders`.

use axum::http::StatusCode;
use axum::response::Response;
use relations::query::reflect;
use relations::tree::{AtDepth, Tree};
use relations::{Entity, Filter, Relation};

use crate::answer;
use crate::call::{Call, LIST, ROW, WHERE, by_id};
use crate::filter::{Parameters, Place};
use crate::model::EntityModel;
use crate::node::{Node, Pointer};
use crate::problem::Problem;
use crate::relation::Related;

/// The action of a request on a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Read,
    Count,
    Create,
    Change,
    Remove,
    Link,
    Unlink,
    Ancestors,
    Descendants,
}

/// The row that the relation starts from.
async fn source<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
) -> Result<R::Source, Problem> {
    let id = call.id::<R::Source>()?;
    let found = by_id(model, call, &id)?.optional(&call.db).await?;
    found.ok_or_else(|| Problem::not_found(model.info().name))
}

/// Makes sure that the row that the relation starts from is one that the request may see.
async fn check_source<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
    id: &<R::Source as Entity>::Id,
) -> Result<(), Problem> {
    if by_id(model, call, id)?.exists(&call.db).await? {
        return Ok(());
    }
    Err(Problem::not_found(model.info().name))
}

pub(crate) async fn one<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
) -> Result<Response, Problem> {
    let target = call.served.target::<R::Target>()?;
    let id = call.id::<R::Source>()?;
    let criteria = call.criteria(target, ROW, Place::Row)?;
    if model.scope(&call.parts)?.is_some() {
        Box::pin(check_source::<R>(model, call, &id)).await?;
    }
    let scope = target.scope(&call.parts)?;
    let may_miss = scope.is_some()
        || Related::<R>::hides_targets()
        || Related::<R>::may_be_of_other_tenant(&call.served);
    let query = reflect::targets_of_id::<R>(&id).filter(scope);
    let found = match query.include_dynamic(criteria.includes).optional(&call.db).await {
        // The constraint that promises a target knows of no tenants.
        Err(error) if may_miss && error.is_target_missing() => None,
        found => found?,
    };
    if let Some(row) = found {
        return answer::row(target, &row, &criteria.shape);
    }
    if !Related::<R>::HOLDS_KEY {
        Box::pin(check_source::<R>(model, call, &id)).await?;
    } else if may_miss && R::key(&Box::pin(source::<R>(model, call)).await?).is_some() {
        return Err(Problem::not_found(target.info().name));
    }
    Ok(answer::empty())
}

pub(crate) async fn many<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
) -> Result<Response, Problem> {
    let target = call.served.target::<R::Target>()?;
    let id = call.id::<R::Source>()?;
    let place = if answer::is_export(&call.parts.headers) { Place::Export } else { Place::List };
    let criteria = call.criteria(target, LIST, place)?;
    let is_scoped = model.scope(&call.parts)?.is_some();
    if is_scoped {
        check_source::<R>(model, call, &id).await?;
    }
    let query = reflect::targets_of_id::<R>(&id);
    let listed = answer::list(target, call, query, criteria, true).await?;
    if listed.is_empty && !is_scoped {
        check_source::<R>(model, call, &id).await?;
    }
    Ok(listed.response)
}

pub(crate) async fn count<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
) -> Result<Response, Problem> {
    let target = call.served.target::<R::Target>()?;
    let id = call.id::<R::Source>()?;
    let criteria = call.criteria(target, WHERE, Place::Count)?;
    let scope = target.scope(&call.parts)?;
    let query = reflect::targets_of_id::<R>(&id);
    let rows = query.filter(scope).filter(criteria.filter).count(&call.db).await?;
    if rows == 0 || model.scope(&call.parts)?.is_some() {
        check_source::<R>(model, call, &id).await?;
    }
    Ok(answer::count(rows))
}

pub(crate) async fn create<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
) -> Result<Response, Problem> {
    let target = call.served.target::<R::Target>()?;
    let node = call.json()?;
    let id = call.id::<R::Source>()?;
    let tx = call.db.begin().await?;
    let source = by_id(model, call, &id)?.optional(&tx).await?;
    let source = source.ok_or_else(|| Problem::not_found(model.info().name))?;
    let held = if Related::<R>::IS_HELD { Related::<R>::held(&source)? } else { Vec::new() };
    let row = target.insert(call, &tx, &node, held, Pointer::default()).await?;
    if !Related::<R>::IS_HELD {
        reflect::link::<R>(&tx, &source, &row).await?;
    }
    tx.commit().await?;
    created(target, call, row, &node).await
}

/// The answer with a new row, and with what was inserted with it.
pub(crate) async fn created<E: Entity>(
    model: &dyn EntityModel<E>,
    call: &Call,
    row: E,
    node: &Node,
) -> Result<Response, Problem> {
    use axum::http::HeaderValue;
    use axum::http::header::{ETAG, LOCATION};

    let (location, tag) = (answer::id_path::<E>(&reflect::id_of(&row)), answer::tag(&row));
    let (includes, shape) = model.inserted(&call.served, &[node])?;
    let mut response = if call.prefers("return=minimal") {
        answer::json(StatusCode::CREATED, Vec::new())
    } else if includes.is_empty() {
        let mut body = Vec::with_capacity(256);
        model.write_entity(&row, &mut body)?;
        answer::json(StatusCode::CREATED, body)
    } else {
        let query = reflect::by_id::<E>(&reflect::id_of(&row)).include_dynamic(includes);
        let row = query.one(&call.db).await?;
        let mut body = Vec::with_capacity(256);
        model.write(&row, &shape, &mut body)?;
        answer::json(StatusCode::CREATED, body)
    };
    let location = location.map(|id| format!("{}/{}/{id}", call.mounted_at(), model.info().path));
    if let Some(location) = location.and_then(|one| HeaderValue::from_str(&one).ok()) {
        response.headers_mut().insert(LOCATION, location);
    }
    if let Some(tag) = tag {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

/// Changes or deletes the targets of a row that a `where` matches.
pub(crate) async fn change<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
    verb: Verb,
) -> Result<Response, Problem> {
    let target = call.served.target::<R::Target>()?;
    let criteria = call.criteria(target, WHERE, Place::Count)?;
    where_required(criteria.has_where)?;
    let source = source::<R>(model, call).await?;
    let Some(held) = Related::<R>::holding(&source) else { return Ok(answer::count(0)) };
    let rows = match verb {
        Verb::Change => target.change(call, criteria.filter, Some(held)).await?,
        _ => target.remove(call, criteria.filter.and(held)).await?,
    };
    Ok(answer::count(rows))
}

/// Refuses a change of rows that no condition narrows.
pub(crate) fn where_required(has_where: bool) -> Result<(), Problem> {
    if has_where {
        return Ok(());
    }
    let detail = "say which rows are meant with `where`, which has to have a condition";
    Err(Problem::bad_request("WHERE_REQUIRED", detail))
}

pub(crate) async fn link<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
    verb: Verb,
) -> Result<Response, Problem> {
    let target = call.served.target::<R::Target>()?;
    let id = call.second_id::<R::Source, R::Target>()?;
    let source = source::<R>(model, call).await?;
    let found = by_id(target, call, &id)?.optional(&call.db).await?;
    let found = found.ok_or_else(|| Problem::not_found(target.info().name))?;
    if verb == Verb::Link {
        reflect::link::<R>(&call.db, &source, &found).await?;
    } else if !reflect::unlink::<R>(&call.db, &source, &found).await? {
        let detail = format!("the {} is not linked", target.info().name);
        return Err(Problem::new(404, "NOT_LINKED", detail));
    }
    Ok(answer::empty())
}

/// The greatest depth that a request asks for, and whether it asks for nested rows.
fn tree_parameters(call: &Call, known: &[&str]) -> Result<(Option<usize>, bool), Problem> {
    let parameters = Parameters::read(&call.parts.uri, known, call.served.limits.filter_bytes)?;
    let wrong = |name: &str, expected: &str| {
        let detail = format!("`{name}` is {expected}");
        Problem::bad_request("WRONG_TYPE", detail).pointer(Pointer::default().member(name))
    };
    let depth = parameters
        .get("depth")
        .map(|text| text.parse::<usize>().map_err(|_| wrong("depth", "a whole number, 0 or more")));
    let nested = match parameters.get("nested") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(wrong("nested", "true or false")),
    };
    Ok((depth.transpose()?, nested))
}

pub(crate) async fn ancestors<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
) -> Result<Response, Problem> {
    let id = call.id::<R::Source>()?;
    let (depth, _) = tree_parameters(call, &["depth"])?;
    let scope: Option<Filter<R::Source>> = model.scope(&call.parts)?;
    let is_scoped = scope.is_some();
    let ancestors = reflect::ancestors::<R>(&id).ok_or_else(Problem::internal)?.filter(scope);
    let ancestors = match depth {
        Some(depth) => ancestors.max_depth(depth),
        None => ancestors,
    };
    if is_scoped {
        check_source::<R>(model, call, &id).await?;
    }
    let rows = ancestors.all(&call.db).await?;
    if rows.is_empty() && !is_scoped {
        check_source::<R>(model, call, &id).await?;
    }
    flat(model, call, &rows)
}

pub(crate) async fn descendants<R: Relation>(
    model: &dyn EntityModel<R::Source>,
    call: &Call,
) -> Result<Response, Problem> {
    let id = call.id::<R::Source>()?;
    let (depth, nested) = tree_parameters(call, &["depth", "nested"])?;
    let scope: Option<Filter<R::Source>> = model.scope(&call.parts)?;
    let below = reflect::descendants::<R>(&id).ok_or_else(Problem::internal)?.filter(scope);
    let below = match depth {
        Some(depth) => below.max_depth(depth),
        None => below,
    };
    check_source::<R>(model, call, &id).await?;
    if !nested {
        return flat(model, call, &below.all(&call.db).await?);
    }
    let trees = below.trees(&call.db).await?;
    check_size(call, trees.iter().map(|tree| tree.walk().count()).sum())?;
    let mut body = vec![b'['];
    for (at, tree) in trees.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        write_tree(model, tree, &mut body)?;
    }
    body.push(b']');
    Ok(answer::json(StatusCode::OK, body))
}

fn check_size(call: &Call, rows: usize) -> Result<(), Problem> {
    let most = call.served.limits.tree_rows;
    if rows <= most {
        return Ok(());
    }
    let detail = format!("the tree has more than {most} rows; ask for fewer levels with `depth`");
    Err(Problem::bad_request("TOO_COSTLY", detail).expected(most))
}

/// Rows of a tree, each with its depth.
fn flat<E: Entity>(
    model: &dyn EntityModel<E>,
    call: &Call,
    rows: &[AtDepth<E>],
) -> Result<Response, Problem> {
    check_size(call, rows.len())?;
    let mut body = vec![b'['];
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        open(model, &row.entity, &mut body)?;
        body.extend_from_slice(format!("\"depth\":{}}}", row.depth).as_bytes());
    }
    body.push(b']');
    Ok(answer::json(StatusCode::OK, body))
}

/// Writes an entity, to which another member is added.
fn open<E: Entity>(
    model: &dyn EntityModel<E>,
    entity: &E,
    body: &mut Vec<u8>,
) -> Result<(), Problem> {
    model.write_entity(entity, body)?;
    body.pop();
    if body.last() != Some(&b'{') {
        body.push(b',');
    }
    Ok(())
}

/// Writes a tree of any depth, without a call for each level.
fn write_tree<E: Entity>(
    model: &dyn EntityModel<E>,
    tree: &Tree<E>,
    body: &mut Vec<u8>,
) -> Result<(), Problem> {
    let mut opened = 0_usize;
    for (depth, tree) in tree.walk() {
        while opened > depth {
            body.extend_from_slice(b"]}");
            opened -= 1;
        }
        if body.last() == Some(&b'}') {
            body.push(b',');
        }
        open(model, &tree.entity, body)?;
        body.extend_from_slice(b"\"children\":[");
        opened += 1;
    }
    (0..opened).for_each(|_| body.extend_from_slice(b"]}"));
    Ok(())
}
