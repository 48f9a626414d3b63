//! How many targets a source has, and what they are put into.

/// How many targets a source has.
pub trait Arity: Send + Sync + 'static {
    /// What targets are put into.
    type Of<T: Send>: Send;

    /// One target or none; `None` where a source cannot be without.
    #[doc(hidden)]
    fn one<T: Send>(target: Option<T>) -> Option<Self::Of<T>>;

    /// All targets; `None` where a source cannot be without.
    #[doc(hidden)]
    fn all<T: Send>(targets: Vec<T>) -> Option<Self::Of<T>>;

    /// Adds a target to those found.
    #[doc(hidden)]
    fn add<T: Send>(targets: &mut Option<Self::Of<T>>, target: T);

    /// Whether no target was found.
    #[doc(hidden)]
    fn is_none<T: Send>(targets: &Option<Self::Of<T>>) -> bool;
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

    fn one<T: Send>(target: Option<T>) -> Option<T> {
        target
    }

    fn all<T: Send>(targets: Vec<T>) -> Option<T> {
        targets.into_iter().next()
    }

    fn add<T: Send>(targets: &mut Option<T>, target: T) {
        *targets = Some(target);
    }

    fn is_none<T: Send>(targets: &Option<T>) -> bool {
        targets.is_none()
    }
}

impl Arity for Optional {
    type Of<T: Send> = Option<T>;

    fn one<T: Send>(target: Option<T>) -> Option<Option<T>> {
        Some(target)
    }

    fn all<T: Send>(targets: Vec<T>) -> Option<Option<T>> {
        Some(targets.into_iter().next())
    }

    fn add<T: Send>(targets: &mut Option<Option<T>>, target: T) {
        *targets = Some(Some(target));
    }

    fn is_none<T: Send>(targets: &Option<Option<T>>) -> bool {
        targets.as_ref().is_none_or(Option::is_none)
    }
}

impl Arity for Many {
    type Of<T: Send> = Vec<T>;

    fn one<T: Send>(target: Option<T>) -> Option<Vec<T>> {
        Some(target.into_iter().collect())
    }

    fn all<T: Send>(targets: Vec<T>) -> Option<Vec<T>> {
        Some(targets)
    }

    fn add<T: Send>(targets: &mut Option<Vec<T>>, target: T) {
        targets.get_or_insert_default().push(target);
    }

    fn is_none<T: Send>(targets: &Option<Vec<T>>) -> bool {
        targets.as_ref().is_none_or(Vec::is_empty)
    }
}
