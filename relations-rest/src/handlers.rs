//! Handlers of an entity: lists, single rows, new rows, changes.

use axum::http::StatusCode;
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::response::Response;
use relations::Filter;
use relations::query::reflect;

use crate::answer;
use crate::call::{Call, LIST, ROW, WHERE, by_id};
use crate::change::{differing, holds, names};
use crate::filter::{Parameters, Place};
use crate::model::{EntityModel, Model};
use crate::node::Pointer;
use crate::problem::Problem;
use crate::related::created;
use crate::resource::Resource;

pub(crate) async fn list<E: Resource>(model: &Model<E>, call: &Call) -> Result<Response, Problem> {
    let place = if answer::is_export(&call.parts.headers) { Place::Export } else { Place::List };
    let criteria = call.criteria::<E>(model, LIST, place)?;
    Ok(answer::list(model, call, E::find(), criteria, true).await?.response)
}

pub(crate) async fn query<E: Resource>(model: &Model<E>, call: &Call) -> Result<Response, Problem> {
    let most = call.served.limits.filter_bytes;
    if call.body.len() > most {
        let detail = format!("a filter has {most} bytes at most");
        return Err(Problem::new(413, "FILTER_TOO_LONG", detail).expected(most));
    }
    Parameters::read(&call.parts.uri, &[], most)?;
    let place = if answer::is_export(&call.parts.headers) { Place::Export } else { Place::List };
    let criteria = call.read::<E>(model, &call.json()?, place)?;
    Ok(answer::list(model, call, E::find(), criteria, false).await?.response)
}

pub(crate) async fn count<E: Resource>(model: &Model<E>, call: &Call) -> Result<Response, Problem> {
    let criteria = call.criteria::<E>(model, WHERE, Place::Count)?;
    let scope = EntityModel::scope(model, &call.parts)?;
    let rows = E::find().filter(scope).filter(criteria.filter).count(&call.db).await?;
    Ok(answer::count(rows))
}

pub(crate) async fn exists<E: Resource>(
    model: &Model<E>,
    call: &Call,
) -> Result<Response, Problem> {
    let criteria = call.criteria::<E>(model, WHERE, Place::Count)?;
    let scope = EntityModel::scope(model, &call.parts)?;
    let exists = E::find().filter(scope).filter(criteria.filter).exists(&call.db).await?;
    Ok(answer::json(StatusCode::OK, format!("{{\"exists\":{exists}}}")))
}

pub(crate) async fn show<E: Resource>(model: &Model<E>, call: &Call) -> Result<Response, Problem> {
    let id = call.id::<E>()?;
    let criteria = call.criteria::<E>(model, ROW, Place::Row)?;
    let query = by_id::<E>(model, call, &id)?.filter(criteria.filter);
    let row = query.include_dynamic(criteria.includes).optional(&call.db).await?;
    let row = row.ok_or_else(|| Problem::not_found(model.info.name))?;
    let response = answer::row::<E>(model, &row, &criteria.shape)?;
    if let (Some(tag), Some(known)) = (response.headers().get(ETAG), call.header(&IF_NONE_MATCH))
        && (known == "*" || tags(known).any(|one| tag == one))
    {
        let mut unchanged = answer::empty();
        *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
        unchanged.headers_mut().insert(ETAG, tag.clone());
        return Ok(unchanged);
    }
    Ok(response)
}

pub(crate) async fn create<E: Resource>(
    model: &Model<E>,
    call: &Call,
) -> Result<Response, Problem> {
    Parameters::read(&call.parts.uri, &[], call.served.limits.filter_bytes)?;
    let (node, at) = (call.json()?, Pointer::default());
    let body = model.body(&node, &at)?;
    let row = if model.is_checked(call, &body)? {
        let tx = call.db.begin().await?;
        let row = model.insert_nested(call, &tx, &node, Vec::new(), at).await?;
        tx.commit().await?;
        row
    } else {
        model.insert_plain(call, &call.db, &body, &[], &at).await?
    };
    created::<E>(model, call, row, &node).await
}

pub(crate) async fn patch<E: Resource>(model: &Model<E>, call: &Call) -> Result<Response, Problem> {
    change(model, call, false).await
}

pub(crate) async fn put<E: Resource>(model: &Model<E>, call: &Call) -> Result<Response, Problem> {
    change(model, call, true).await
}

/// The versions in an `If-Match` or `If-None-Match`, in their quotes.
fn tags(header: &str) -> impl Iterator<Item = &str> {
    header.split(',').map(|tag| tag.trim().trim_start_matches("W/"))
}

/// The rows that `If-Match` takes: every one without it.
fn matched<E: Resource>(call: &Call) -> Result<Option<Filter<E>>, Problem> {
    let Some(header) = call.header(&IF_MATCH).filter(|header| header.trim() != "*") else {
        return Ok(None);
    };
    let Some(version) = E::DEFINITION.version() else {
        let detail =
            format!("{} has no version, so `If-Match` takes `*` alone", E::DEFINITION.name);
        return Err(Problem::new(412, "STALE", detail));
    };
    let versions = header.split(',').filter_map(|tag| {
        let tag = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
        Model::<E>::of_version(reflect::parse(version.column_type, tag)?)
    });
    Ok(Some(Filter::any(versions)))
}

/// Why a row was not changed: it is not there, or of another version.
async fn absence<E: Resource>(model: &Model<E>, call: &Call, id: &E::Id) -> Problem {
    match by_id::<E>(model, call, id) {
        Ok(query) => match query.exists(&call.db).await {
            Ok(true) => {
                let detail = format!("this {} has changed since it was read", model.info.name);
                Problem::new(412, "STALE", detail)
            }
            Ok(false) => Problem::not_found(model.info.name),
            Err(error) => error.into(),
        },
        Err(problem) => problem,
    }
}

async fn change<E: Resource>(
    model: &Model<E>,
    call: &Call,
    whole: bool,
) -> Result<Response, Problem> {
    Parameters::read(&call.parts.uri, &[], call.served.limits.filter_bytes)?;
    let id = call.id::<E>()?;
    let matched = matched::<E>(call)?;
    let mut change = model.change_of(&call.json()?, whole)?;
    let version = change.version.take().and_then(Model::<E>::of_version);
    let query = by_id::<E>(model, call, &id)?.filter(matched).filter(version);
    let is_checked = model.scope.is_some() || model.writes_checked(call, &names(&change.sets))?;
    let row = if change.sets.is_empty() || !change.pinned.is_empty() || is_checked {
        let tx = call.db.begin().await?;
        let mut row = query.clone().optional(&tx).await?;
        if let Some(stored) = &row {
            Model::check_pinned(stored, &change)?;
        }
        if let Some(stored) = row.take_if(|_| !change.sets.is_empty()) {
            row = query.set_dynamic(change.sets).update_returning(&tx).await?.pop();
            if let Some(row) = &row {
                let moved = differing(&stored, row);
                let is_moved = |relation: &_| holds(relation, &moved);
                model.check(call, &tx, std::slice::from_ref(row), is_moved).await?;
            }
        }
        tx.commit().await?;
        row
    } else {
        query.set_dynamic(change.sets).update_returning(&call.db).await?.pop()
    };
    match row {
        Some(row) => represented(model, call, &row),
        None => Err(absence(model, call, &id).await),
    }
}

/// The answer to a change: the row, if the client asks for it.
fn represented<E: Resource>(model: &Model<E>, call: &Call, row: &E) -> Result<Response, Problem> {
    let mut response = if call.prefers("return=representation") {
        let mut body = Vec::with_capacity(256);
        model.write_entity(row, &mut body)?;
        answer::json(StatusCode::OK, body)
    } else {
        answer::empty()
    };
    if let Some(tag) = answer::tag(row) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

pub(crate) async fn delete<E: Resource>(
    model: &Model<E>,
    call: &Call,
) -> Result<Response, Problem> {
    Parameters::read(&call.parts.uri, &[], call.served.limits.filter_bytes)?;
    let id = call.id::<E>()?;
    let query = by_id::<E>(model, call, &id)?.filter(matched::<E>(call)?);
    if call.prefers("return=representation") {
        return match query.delete_returning_dynamic(&call.db).await?.pop() {
            Some(row) => {
                let mut body = Vec::with_capacity(256);
                model.write_entity(&row, &mut body)?;
                Ok(answer::json(StatusCode::OK, body))
            }
            None => Err(absence(model, call, &id).await),
        };
    }
    match query.delete_dynamic(&call.db).await? {
        0 => Err(absence(model, call, &id).await),
        _ => Ok(answer::empty()),
    }
}

pub(crate) async fn patch_all<E: Resource>(
    model: &Model<E>,
    call: &Call,
) -> Result<Response, Problem> {
    let filter = model.meant(call)?;
    Ok(answer::count(model.change_rows(call, filter, None).await?))
}

pub(crate) async fn delete_all<E: Resource>(
    model: &Model<E>,
    call: &Call,
) -> Result<Response, Problem> {
    let filter = model.meant(call)?;
    Ok(answer::count(model.remove_rows(call, filter).await?))
}
