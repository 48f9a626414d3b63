//! How many targets a source has, and what they are put into.

/// How many targets a source has.
pub trait Arity: Send + Sync + 'static {
    /// What targets are put into.
    type Of<T: Send>: Send;

    /// How many are left where some are filtered out.
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
