//! Predicates side by side.

use std::collections::VecDeque;
use std::fmt;

use crate::ast::predicate::Predicate;
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::value::parameter::check_values;

/// Predicates side by side, and how deep they are.
#[derive(Clone, PartialEq)]
pub(crate) struct List {
    predicates: VecDeque<Predicate>,
    /// The depth of the deepest of them.
    deepest: usize,
    /// The number of their values.
    values: usize,
}

impl List {
    /// So many conditions in a row are joined one after another, `a AND b AND c`, and so one in the
    /// other; more are joined in halves, which takes as many levels as halves have halves.
    pub(crate) const CHAIN: usize = 8;

    /// More conditions are not written side by side.
    const MOST: usize = 65_535;

    /// A list of one.
    pub(crate) fn of(predicate: Predicate) -> Self {
        let predicate = predicate.nested();
        let deepest = predicate.depth();
        Self { deepest, values: predicate.values_sent(), predicates: [predicate].into() }
    }

    /// This list and another one behind it. The shorter one moves, so that a list can grow at
    /// either end.
    pub(crate) fn and_then(self, behind: Self) -> Self {
        let deepest = self.deepest.max(behind.deepest);
        let values = self.values + behind.values;
        let (mut before, mut behind) = (self.predicates, behind.predicates);
        let predicates = if before.len() >= behind.len() {
            before.append(&mut behind);
            before
        } else {
            before.into_iter().rev().for_each(|predicate| behind.push_front(predicate));
            behind
        };
        Self { predicates, deepest, values }
    }

    /// Makes sure that an engine takes so many conditions and values in one statement.
    pub(crate) fn check(&self, engine: Engine) -> Result<()> {
        check_values(engine, self.values)?;
        if self.len() > Self::MOST {
            return Err(Error::invalid_request(format!(
                "a filter has {} conditions side by side, and {} are written at most; ask for a list of \
                 values with `.is_in(…)`, or ask several times",
                self.len(),
                Self::MOST,
            )));
        }
        Ok(())
    }

    /// The depth of their conjunction or disjunction.
    pub(crate) fn depth(&self) -> usize {
        let chains = self.predicates.len().div_ceil(Self::CHAIN);
        let halves = chains.checked_next_power_of_two().map_or(usize::BITS, usize::ilog2);
        let chain = self.predicates.len().min(Self::CHAIN).saturating_sub(1);
        self.deepest + chain + halves as usize
    }

    /// The number of their values.
    pub(crate) fn values(&self) -> usize {
        self.values
    }

    pub(crate) fn len(&self) -> usize {
        self.predicates.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Predicate> {
        self.predicates.iter()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.predicates.fmt(formatter)
    }
}
