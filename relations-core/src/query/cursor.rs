//! Signed cursors: places in a query that a client carries, and cannot make up.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ast::predicate::Predicate;
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::ast::term::{Field, Term};
use crate::driver::executor::Executor;
use crate::driver::tenant::TenantRows;
use crate::entity::Entity;
use crate::error::{Error, Kind, Result};
use crate::loader::loaded::Loaded;
use crate::query::cursor_bytes::{bytes_in, bytes_of, parts, put, text_of};
use crate::query::page::{At, Page, Pages};
use crate::sql::{Verb, select};
use crate::value::key::{Key, Parts};
use crate::value::parameter::Parameter;

/// The fewest bytes of a secret.
const SECRET: usize = 32;

/// The bytes of a signature.
const SIGNATURE: usize = 32;

/// The prefix of everything that is signed, so that a secret which signs other things too is safe.
const DOMAIN: &[u8] = b"relations cursor 1";

/// The secret key that signs cursors; see [`Pages::signed`].
///
/// Its `Debug` does not show it.
#[derive(Clone)]
pub struct CursorKey(Arc<Hmac<Sha256>>);

impl CursorKey {
    /// A key from a secret of at least 32 random bytes, which no client knows. All processes that
    /// serve a list share it; with a new key, old cursors are invalid.
    ///
    /// # Errors
    ///
    /// The secret is shorter ([`Error::is_invalid_request`]).
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self> {
        let secret = secret.as_ref();
        if secret.len() < SECRET {
            return Err(Error::invalid_request(format!(
                "the secret of a cursor has {} bytes; give {SECRET} random ones at least",
                secret.len(),
            )));
        }
        let key = Hmac::new_from_slice(secret);
        key.map(|key| Self(Arc::new(key))).map_err(|why| Error::invalid_request(why.to_string()))
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CursorKey").finish_non_exhaustive()
    }
}

/// A signed position in the order of a query, which a client receives and sends back; see
/// [`Pages::signed`].
///
/// It consists of letters, digits, `-` and `_`, so it needs no encoding in a URL. It is signed, not
/// encrypted: the id of a row can be read from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Cursor(String);

impl Cursor {
    /// The cursor as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for Cursor {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
    }
}

/// A page with signed cursors instead of ids; see [`Pages::signed`].
#[must_use = "a page is taken when `fetch` is awaited"]
pub struct SignedPages<E: Entity, T = E> {
    pages: Pages<E, T>,
    key: CursorKey,
    at: At<String>,
    context: Vec<u8>,
    binds_filter: bool,
}

impl<E: Entity, T> fmt::Debug for SignedPages<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SignedPages").field("pages", &self.pages).finish_non_exhaustive()
    }
}

impl<E: Entity, T: Loaded<Entity = E>> Pages<E, T> {
    /// Uses signed, opaque cursors instead of ids, for pages that go to clients.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32, tenant: i64 }
    /// use relations::Page;
    /// use relations::query::{Cursor, CursorKey};
    ///
    /// # async fn run(db: &relations::Database, secret: &[u8], user: &str) -> relations::Result<()> {
    /// let key = CursorKey::new(secret)?;
    /// let orders = Order::find().filter(Order::TENANT.eq(7)).order_by(Order::QUANTITY.desc());
    /// let pages = orders.page(20).signed(&key).context(user);
    /// let first: Page<Order, Cursor> = pages.clone().fetch(db).await?;
    /// if let Some(next) = &first.next {
    ///     let second = pages.after(next).fetch(db).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A cursor is signed with HMAC-SHA256, and is valid for the same entity, order and filter with
    /// the same values, the same [context](SignedPages::context) and the same kind of database. With
    /// any other cursor or key, [`fetch`](SignedPages::fetch) fails before anything is sent. So a
    /// client can neither find the position of a row that it was not shown, nor use a cursor of one
    /// list in another.
    ///
    /// An earlier [`after`](Pages::after) is discarded.
    #[doc(alias = "cursor")]
    #[doc(alias = "keyset")]
    #[doc(alias = "pagination")]
    pub fn signed(self, key: &CursorKey) -> SignedPages<E, T> {
        let (key, context) = (key.clone(), Vec::new());
        SignedPages { pages: self, key, at: At::Start, context, binds_filter: true }
    }
}

impl<E: Entity, T> Clone for SignedPages<E, T> {
    fn clone(&self) -> Self {
        Self {
            pages: self.pages.clone(),
            key: self.key.clone(),
            at: self.at.clone(),
            context: self.context.clone(),
            binds_filter: self.binds_filter,
        }
    }
}

impl<E: Entity, T: Loaded<Entity = E>> SignedPages<E, T> {
    /// Takes the page after a cursor: [`Page::next`] of the page before it. The later of `after`
    /// and `before` counts.
    pub fn after(mut self, cursor: impl AsRef<str>) -> Self {
        self.at = At::After(cursor.as_ref().to_owned());
        self
    }

    /// Takes the page before a cursor: [`Page::previous`] of the page after it.
    pub fn before(mut self, cursor: impl AsRef<str>) -> Self {
        self.at = At::Before(cursor.as_ref().to_owned());
        self
    }

    /// Binds cursors to a context, such as the user or the tenant that they are for.
    pub fn context(mut self, context: impl AsRef<[u8]>) -> Self {
        self.context = context.as_ref().to_vec();
        self
    }

    /// Leaves the filter out of the signature, for example a filter by the current time. The row of
    /// a cursor still has to match the filter of the query.
    pub fn any_filter(mut self) -> Self {
        self.binds_filter = false;
        self
    }

    /// The page, with cursors instead of ids; it is empty if there are no rows.
    ///
    /// # Errors
    ///
    /// The cursor was not issued for this query, context and key ([`Error::is_invalid_cursor`]); the id is of
    /// a type that a cursor cannot hold, such as an array ([`Error::is_invalid_request`]); or an error of
    /// [`Pages::fetch`], such as [`Error::is_not_found`] if the row was deleted or no longer matches the
    /// filter.
    pub async fn fetch(self, db: &impl Executor) -> Result<Page<T, Cursor>> {
        let Self { pages, key, at, context, binds_filter } = self;
        let signer = Signer { key, list: list(db, &pages, &context, binds_filter)? };
        let at = match at {
            At::Start => At::Start,
            At::After(cursor) => At::After(signer.id::<E>(&cursor)?),
            At::Before(cursor) => At::Before(signer.id::<E>(&cursor)?),
        };
        let Page { rows, next, previous } = pages.fetch_at(db, at).await?;
        let sign = |id: Option<E::Id>| id.map(|id| signer.cursor::<E>(&id)).transpose();
        Ok(Page { rows, next: sign(next)?, previous: sign(previous)? })
    }
}

/// The identity of a list: the SQL of its ids with its values, and the context.
fn list<E: Entity, T>(
    db: &impl Executor,
    pages: &Pages<E, T>,
    context: &[u8],
    binds_filter: bool,
) -> Result<Vec<u8>> {
    let mut select = Select { anchor: None, ..pages.select().clone() };
    select.order_totally();
    let mut list = Vec::new();
    if !binds_filter {
        (select.scope, select.predicate) = (SelectScope::Table, Predicate::Always);
        select.links = None;
        if select.link_orders().next().is_some() {
            // Without its scope a query reads no links.
            put(&mut list, format!("{:?}", select.orders).as_bytes());
            select.orders.retain(|by| !matches!(by.term, Term::OfLink(_)));
        }
    }
    let id = |property| Field::of(E::DEFINITION, property).into();
    let ids: Vec<_> = E::DEFINITION.id().map(id).collect();
    let lowered = select::projection(db.dialect(), &select, &ids, Verb::All)?;
    put(&mut list, context);
    put(&mut list, lowered.sql.text.as_bytes());
    if let TenantRows::Of(tenant) = db.tenancy() {
        put(&mut list, tenant.parameter.canonical().as_bytes());
    }
    if let Some(schema) = db.schema() {
        put(&mut list, schema.name().as_bytes());
    }
    for value in lowered.parameters {
        put(&mut list, Parameter::from_sql(value).canonical().as_bytes());
    }
    Ok(list)
}

/// Signs and checks the cursors of a list.
struct Signer {
    key: CursorKey,
    list: Vec<u8>,
}

impl Signer {
    fn signature(&self, id: &[u8]) -> Hmac<Sha256> {
        let mut signature = Hmac::clone(&self.key.0);
        signature.update(DOMAIN);
        signature.update(&(id.len() as u64).to_be_bytes());
        signature.update(id);
        signature.update(&self.list);
        signature
    }

    fn cursor<E: Entity>(&self, id: &E::Id) -> Result<Cursor> {
        let mut bytes = Vec::new();
        for part in id.to_parameters() {
            let part = bytes_of(part).ok_or_else(|| {
                let why = "an id of this type cannot stand in a cursor; page by `after(id)`";
                Error::invalid_request(why).entity_is(E::DEFINITION)
            })?;
            put(&mut bytes, &part);
        }
        let signature = self.signature(&bytes).finalize().into_bytes();
        bytes.extend(signature);
        Ok(Cursor(text_of(&bytes)))
    }

    fn id<E: Entity>(&self, cursor: &str) -> Result<Parts> {
        let invalid = || Error::new(Kind::InvalidCursor).entity_is(E::DEFINITION);
        let bytes = bytes_in(cursor).ok_or_else(invalid)?;
        let length = bytes.len().checked_sub(SIGNATURE).ok_or_else(invalid)?;
        let (id, signature) = bytes.split_at_checked(length).ok_or_else(invalid)?;
        // It takes the same time wherever the first difference is.
        self.signature(id).verify_slice(signature).map_err(|_| invalid())?;
        let parts = parts(id).ok_or_else(invalid)?;
        if parts.len() == E::ID_PROPERTIES.len() { Ok(parts) } else { Err(invalid()) }
    }
}
