//! Relations that a query includes only under a condition.

use crate::error::Result;
use crate::loader::branch::{Branch, Receiver, Sources};
use crate::loader::rounds::Round;
use crate::loader::slot::Slot;
use crate::plan::tree::RowPlan;
use crate::relation::Place;
use crate::value::row::Row;

/// A relation that was included or not, as the query decided at run time; see
/// [`Query::include_if`](crate::Query::include_if).
///
/// `T` is the type that the relation has when it is included: a target, an `Option` of one, a `Vec`, or
/// the `i64` of a count. With the feature `serde`, a relation that was not included has no member.
///
/// ```
/// use relations::include::Maybe;
///
/// let orders = Maybe::Included(vec!["pen", "ink"]);
/// assert_eq!(orders.as_option().map(Vec::len), Some(2));
/// assert!(!Maybe::<i64>::NotIncluded.is_included());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Maybe<T> {
    /// The relation was loaded.
    Included(T),
    /// The relation was not loaded. It may have targets.
    #[default]
    NotIncluded,
}

impl<T> Maybe<T> {
    /// Whether the relation was loaded.
    #[must_use]
    pub const fn is_included(&self) -> bool {
        matches!(self, Self::Included(_))
    }

    /// The loaded relation; `None` where it was not included.
    #[must_use]
    pub const fn as_option(&self) -> Option<&T> {
        match self {
            Self::Included(loaded) => Some(loaded),
            Self::NotIncluded => None,
        }
    }

    /// The loaded relation by value; `None` where it was not included.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Included(loaded) => Some(loaded),
            Self::NotIncluded => None,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<R: Place, S: Slot<R>> Slot<R> for Maybe<S> {
    type Branch = Option<S::Branch>;

    fn branch(plan: &RowPlan, at: usize) -> Self::Branch {
        plan.slot(at).map(|_| S::branch(plan, at))
    }

    fn duplicate(&self) -> Self {
        match self {
            Self::Included(loaded) => Self::Included(loaded.duplicate()),
            Self::NotIncluded => Self::NotIncluded,
        }
    }

    fn read(
        row: &Row<'_>,
        plan: &RowPlan,
        at: usize,
        source: Option<&R::Source>,
    ) -> Result<Option<Self>> {
        if plan.slot(at).is_none() {
            return Ok(Some(Self::NotIncluded));
        }
        Ok(S::read(row, plan, at, source)?.map(Self::Included))
    }

    fn take(branch: &mut Self::Branch, source: Option<&R::Source>) -> Result<Option<Self>> {
        match branch {
            Some(branch) => Ok(S::take(branch, source)?.map(Self::Included)),
            None => Ok(Some(Self::NotIncluded)),
        }
    }
}

/// The branches of several relations in one place.
macro_rules! branches {
    ($($branch:ident $at:tt),+) => {
        impl<Source, $($branch: Branch<Source>),+> Branch<Source> for ($($branch,)+) {
            fn gather(&mut self, source: Option<&Source>, row: Option<&Row<'_>>) -> Result<()> {
                $(self.$at.gather(source, row)?;)+
                Ok(())
            }

            fn repeat(&mut self, source: usize, row: &Row<'_>) -> Result<()> {
                $(self.$at.repeat(source, row)?;)+
                Ok(())
            }

            fn send(&mut self, round: &mut Round, sources: Sources<'_>) -> Result<()> {
                $(self.$at.send(round, sources)?;)+
                Ok(())
            }

            fn receiver(&mut self) -> Option<&mut dyn Receiver> {
                $(if let Some(receiver) = self.$at.receiver() { return Some(receiver); })+
                None
            }

            fn is_sent(&mut self) -> bool {
                $(self.$at.is_sent())&&+
            }
        }
    };
}

branches!(A 0, B 1);
branches!(A 0, B 1, C 2);
branches!(A 0, B 1, C 2, D 3);
branches!(A 0, B 1, C 2, D 3, E 4);
branches!(A 0, B 1, C 2, D 3, E 4, F 5);
branches!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
branches!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

impl<E, B: Branch<E>> Branch<E> for Option<B> {
    fn gather(&mut self, source: Option<&E>, row: Option<&Row<'_>>) -> Result<()> {
        self.as_mut().map_or(Ok(()), |branch| branch.gather(source, row))
    }

    fn repeat(&mut self, source: usize, row: &Row<'_>) -> Result<()> {
        self.as_mut().map_or(Ok(()), |branch| branch.repeat(source, row))
    }

    fn send(&mut self, round: &mut Round, sources: Sources<'_>) -> Result<()> {
        self.as_mut().map_or(Ok(()), |branch| branch.send(round, sources))
    }

    fn receiver(&mut self) -> Option<&mut dyn Receiver> {
        self.as_mut().and_then(Branch::receiver)
    }

    fn is_sent(&mut self) -> bool {
        self.as_mut().is_none_or(Branch::is_sent)
    }
}
