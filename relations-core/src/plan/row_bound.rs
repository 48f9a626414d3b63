//! The greatest number of rows that a query can bring, as far as the query shows it.
//!
//! It only chooses how rows are loaded. Every strategy gives the same rows, whatever the bound.

use smallvec::SmallVec;

use crate::ast::list::List;
use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::ast::term::{Operand, Term};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::unique_key::UniqueKeyDefinition;
use crate::definition::visible::{DeletedRows, Visible};
use crate::plan::strategy::FEW_ROWS;

/// The values that conditions leave to a property.
struct Remaining {
    property: &'static PropertyDefinition,
    /// The greatest number of them, by equality and by lists.
    count: Option<u64>,
    /// The least and the greatest integer.
    least: Option<i64>,
    greatest: Option<i64>,
}

impl Remaining {
    fn count(&self) -> Option<u64> {
        let span = match (self.least, self.greatest) {
            (Some(least), Some(greatest)) if greatest < least => Some(0),
            (Some(least), Some(greatest)) => Some(greatest.abs_diff(least).saturating_add(1)),
            _ => None,
        };
        self.count.into_iter().chain(span).min()
    }
}

/// Conditions that all hold for a row.
struct Conjunction {
    entity: &'static EntityDefinition,
    /// Which of its rows are seen.
    visible: Visible,
    remaining: SmallVec<[Remaining; 2]>,
    /// The number of rows by conditions that say more than the values of a property.
    rows: Option<u64>,
}

impl Conjunction {
    fn new(entity: &'static EntityDefinition, visible: Visible) -> Self {
        Self { entity, visible, remaining: SmallVec::new(), rows: None }
    }

    /// Narrows the values of a property.
    fn narrow(&mut self, property: &'static PropertyDefinition, by: impl FnOnce(&mut Remaining)) {
        if let Some(known) = self.remaining.iter_mut().find(|one| one.property.is(property)) {
            return by(known);
        }
        let mut new = Remaining { property, count: None, least: None, greatest: None };
        by(&mut new);
        self.remaining.push(new);
    }

    /// A property has one of so many values.
    fn one_of(&mut self, property: &'static PropertyDefinition, values: u64) {
        self.narrow(property, |it| it.count = it.count.into_iter().chain([values]).min());
    }

    fn add(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::All(list) => list.iter().for_each(|one| self.add(one)),
            Predicate::Compare(left, comparison, right) => match (own(left), own(right)) {
                (Some(property), None) => self.compare(property, *comparison, right),
                (None, Some(property)) => self.compare(property, comparison.reversed(), left),
                _ => {}
            },
            Predicate::In { term: Term::Field(field), values, negated: false }
                if field.path.is_none() =>
            {
                self.one_of(field.property, count(values.len()));
            }
            Predicate::Any(list) => {
                let rows = any(list, self.entity, self.visible);
                self.rows = self.rows.into_iter().chain(rows).min();
            }
            Predicate::Never => self.rows = Some(0),
            _ => {}
        }
    }

    fn compare(
        &mut self,
        property: &'static PropertyDefinition,
        comparison: Comparison,
        with: &Operand,
    ) {
        let Operand::Parameter(value) = with else { return };
        let least = |least: i64| move |it: &mut Remaining| it.least = it.least.max(Some(least));
        let greatest = |greatest: i64| {
            move |it: &mut Remaining| {
                it.greatest = Some(it.greatest.map_or(greatest, |known| known.min(greatest)));
            }
        };
        match (comparison, value.integer()) {
            (Comparison::Equal, _) => self.one_of(property, 1),
            (Comparison::GreaterOrEqual, Some(value)) => self.narrow(property, least(value)),
            (Comparison::Greater, Some(value)) => {
                self.narrow(property, least(value.saturating_add(1)));
            }
            (Comparison::LessOrEqual, Some(value)) => self.narrow(property, greatest(value)),
            (Comparison::Less, Some(value)) => {
                self.narrow(property, greatest(value.saturating_sub(1)));
            }
            _ => {}
        }
    }

    /// The number of rows, by each key of which all parts are narrowed.
    fn rows(&self) -> Option<u64> {
        if self.remaining.is_empty() {
            return self.rows;
        }
        let entity = self.entity;
        let by_id = entity.has_id().then(|| self.rows_by(entity.id())).flatten();
        let unique =
            entity.properties.iter().copied().filter(|property| property.is_unique_at_once());
        let by_property = unique.filter_map(|property| self.rows_by([property].into_iter()));
        let no_deleted = self.visible.deleted == DeletedRows::LeftOut;
        let holds =
            |key: &&&UniqueKeyDefinition| key.holds_at_once() || key.not_deleted && no_deleted;
        let whole = entity.unique_keys.iter().filter(holds);
        let by_several = whole.filter_map(|key| {
            let parts = key.properties.iter().filter_map(|name| entity.property(name));
            self.rows_by(parts)
        });
        self.rows.into_iter().chain(by_id).chain(by_property).chain(by_several).min()
    }

    /// The number of values that are left to a key.
    fn rows_by(&self, mut key: impl Iterator<Item = &'static PropertyDefinition>) -> Option<u64> {
        key.try_fold(1, |rows: u64, part| {
            let known = self.remaining.iter().find(|one| one.property.is(part))?;
            Some(rows.saturating_mul(known.count()?))
        })
    }
}

/// The property of the entity itself that is compared.
fn own(operand: &Operand) -> Option<&'static PropertyDefinition> {
    match operand {
        Operand::Term(Term::Field(field)) if field.path.is_none() => Some(field.property),
        Operand::Term(_) | Operand::Parameter(_) => None,
    }
}

/// The number of rows for which one of some conditions holds.
fn any(list: &List, entity: &'static EntityDefinition, visible: Visible) -> Option<u64> {
    list.iter().try_fold(0, |rows: u64, one| {
        let mut alone = Conjunction::new(entity, visible);
        alone.add(one);
        Some(rows.saturating_add(alone.rows()?))
    })
}

fn count(values: usize) -> u64 {
    u64::try_from(values).unwrap_or(u64::MAX)
}

/// The next number of 1, 2, 5, 10, 20, 50 and so on. Plans are cached by the bound, so there are few.
fn rounded_up(rows: u64) -> Option<u64> {
    let mut power: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = power.checked_mul(factor)?;
            if step >= rows {
                return Some(step);
            }
        }
        power = power.checked_mul(10)?;
    }
}

/// Whether rows are as few as are joined.
pub(crate) fn are_few(rows: Option<u64>) -> bool {
    is_at_most(rows, FEW_ROWS)
}

/// Whether rows are so many at most. A page asks for one row more than it has.
pub(crate) fn is_at_most(rows: Option<u64>, most: u64) -> bool {
    rows.is_some_and(|rows| rows <= most + 1)
}

impl Select {
    /// Whether conditions show that rows are as few as are joined. PostgreSQL knows it of one key, and of a
    /// limit, but not of a range.
    pub(crate) fn matches_few(&self) -> bool {
        !self.is_unique() && are_few(self.most_matching())
    }

    /// The greatest number of rows for which its conditions hold: by a key, by values of a key, or by a
    /// range of one whose ends are integers. It is rounded up.
    pub(crate) fn most_matching(&self) -> Option<u64> {
        match self.scope {
            SelectScope::Key { properties, .. } => self.most_with(properties),
            SelectScope::Table
            | SelectScope::Array(_)
            | SelectScope::Linked(_)
            | SelectScope::TargetsOfId(_)
            | SelectScope::Via(_)
            | SelectScope::Nothing => self.most_with(&[]),
        }
    }

    /// The greatest number of rows for which its conditions hold, where each of these properties has one
    /// value.
    pub(crate) fn most_with(&self, fixed: &[&'static str]) -> Option<u64> {
        if matches!(self.predicate, Predicate::Always) && fixed.is_empty() {
            return None;
        }
        let mut all = Conjunction::new(self.entity, self.visible);
        for property in fixed.iter().filter_map(|name| self.entity.property(name)) {
            all.one_of(property, 1);
        }
        all.add(&self.predicate);
        all.rows().and_then(rounded_up)
    }
}
