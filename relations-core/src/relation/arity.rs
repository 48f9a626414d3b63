//! Arities: the number of targets of a source, and the type that holds them.

use crate::loader::total::WithTotal;

/// The number of targets that a source can have.
pub trait Arity: Send + Sync + 'static {
    /// The type that holds the targets.
    type Of<T: Send>: Send;

    /// The arity after a filter.
    type Filtered: Arity;

    /// One target or none; `None` where a source cannot be without.
    #[doc(hidden)]
    fn one<T: Send>(target: Option<T>) -> Option<Self::Of<T>>;

    /// All targets; `None` where a source cannot be without.
    #[doc(hidden)]
    fn all<T: Send>(targets: Vec<T>) -> Option<Self::Of<T>>;
}

/// One target, always.
#[derive(Debug, Clone, Copy)]
pub struct Required;

/// One target or none.
#[derive(Debug, Clone, Copy)]
pub struct Optional;

/// Any number of targets.
#[derive(Debug, Clone, Copy)]
pub struct Many;

impl Arity for Required {
    type Of<T: Send> = T;
    type Filtered = Optional;

    fn one<T: Send>(target: Option<T>) -> Option<T> {
        target
    }

    fn all<T: Send>(targets: Vec<T>) -> Option<T> {
        targets.into_iter().next()
    }
}

impl Arity for Optional {
    type Of<T: Send> = Option<T>;
    type Filtered = Self;

    fn one<T: Send>(target: Option<T>) -> Option<Option<T>> {
        Some(target)
    }

    fn all<T: Send>(targets: Vec<T>) -> Option<Option<T>> {
        Some(targets.into_iter().next())
    }
}

impl Arity for Many {
    type Of<T: Send> = Vec<T>;
    type Filtered = Self;

    fn one<T: Send>(target: Option<T>) -> Option<Vec<T>> {
        Some(target.into_iter().collect())
    }

    fn all<T: Send>(targets: Vec<T>) -> Option<Vec<T>> {
        Some(targets)
    }
}

/// Any number of targets, and their number before a limit; see
/// [`with_total`](crate::RelationHandle::with_total).
#[derive(Debug, Clone, Copy)]
pub struct ManyWithTotal;

impl Arity for ManyWithTotal {
    type Of<T: Send> = WithTotal<T>;
    type Filtered = Self;

    fn one<T: Send>(target: Option<T>) -> Option<WithTotal<T>> {
        Self::all(target.into_iter().collect())
    }

    fn all<T: Send>(rows: Vec<T>) -> Option<WithTotal<T>> {
        let total = i64::try_from(rows.len()).ok()?;
        Some(WithTotal { rows, total })
    }
}

/// An [`Arity`] of targets without their number, which an include by name can hold.
#[cfg(feature = "serde")]
#[doc(hidden)]
pub trait Uncounted: Arity {}

#[cfg(feature = "serde")]
#[diagnostic::do_not_recommend]
impl Uncounted for Required {}

#[cfg(feature = "serde")]
#[diagnostic::do_not_recommend]
impl Uncounted for Optional {}

#[cfg(feature = "serde")]
#[diagnostic::do_not_recommend]
impl Uncounted for Many {}

/// Which rows of an entity queries see: [`AllRows`], those [not deleted](NotDeleted), or those of a
/// [default scope](InScope). A relation to an entity that hides rows may have no target, although its
/// foreign key guarantees one.
pub trait Visibility: Send + Sync + 'static {
    /// The arity of a relation to the rows that queries see.
    type Seen<A: Arity>: Arity;

    /// The arity of a relation that sees deleted rows as well.
    type WithDeleted<A: Arity>: Arity;

    /// Whether queries leave out some rows.
    const HIDES: bool;
}

/// The [`Visibility`] of an entity of which queries see all rows.
#[derive(Debug, Clone, Copy)]
pub struct AllRows;

/// The [`Visibility`] of an entity with `#[deleted_at]`.
#[derive(Debug, Clone, Copy)]
pub struct NotDeleted;

/// The [`Visibility`] of an entity with a default scope, with or without `#[deleted_at]`.
#[derive(Debug, Clone, Copy)]
pub struct InScope;

impl Visibility for AllRows {
    type Seen<A: Arity> = A;
    type WithDeleted<A: Arity> = A;

    const HIDES: bool = false;
}

impl Visibility for NotDeleted {
    type Seen<A: Arity> = A::Filtered;
    type WithDeleted<A: Arity> = A;

    const HIDES: bool = true;
}

impl Visibility for InScope {
    type Seen<A: Arity> = A::Filtered;
    type WithDeleted<A: Arity> = A::Filtered;

    const HIDES: bool = true;
}

/// An [`Arity`] of one target at most, without which a source can be left out.
#[diagnostic::on_unimplemented(
    message = "a relation to many cannot be required",
    label = "this relation has any number of targets",
    note = "include it, and leave out what has no targets by a filter, as in \
            `Customer::ORDERS.is_present()`"
)]
pub trait Requirable: Arity {}

#[diagnostic::do_not_recommend]
impl Requirable for Required {}

#[diagnostic::do_not_recommend]
impl Requirable for Optional {}

/// An [`Arity`] of many targets, which have an order and can be taken by the page.
#[diagnostic::on_unimplemented(
    message = "a relation to one has no order and no page",
    label = "this relation has one target at most",
    note = "order the query itself by a column of the target, as in \
            `Order::find().order_by(Order::CUSTOMER.column(Customer::NAME).asc())`"
)]
pub trait Pageable: Arity {}

#[diagnostic::do_not_recommend]
impl Pageable for Many {}

#[diagnostic::do_not_recommend]
impl Pageable for ManyWithTotal {}
