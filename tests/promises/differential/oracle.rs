//! A search through all rows, with SQL's logic of three values.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::ask::{Ask, By, F, O, Op};
use super::world::{META, Rel, Row, V, World};

/// A mistake that the search makes, to see that it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// `NOT` of unknown is true.
    NotUnknownIsTrue,
    /// A null equals a null.
    NullsAreEqual,
    /// Nulls count as least.
    NullsAreLeast,
    /// The offset of an include is passed over.
    OffsetIsIgnored,
    /// Nothing holds for all of none.
    AllOfNoneIsFalse,
    /// An update reads what it has written.
    UpdateSeesItself,
    /// A target comes once a link.
    LinksRepeat,
}

pub const MISTAKES: [Mistake; 7] = [
    Mistake::NotUnknownIsTrue,
    Mistake::NullsAreEqual,
    Mistake::NullsAreLeast,
    Mistake::OffsetIsIgnored,
    Mistake::AllOfNoneIsFalse,
    Mistake::UpdateSeesItself,
    Mistake::LinksRepeat,
];

/// The included relations.
#[derive(Debug, Clone)]
pub struct Inc {
    pub relation: usize,
    pub ask: Ask,
    pub counted: bool,
    pub nested: Vec<Inc>,
}

#[derive(Debug, Clone, Copy)]
pub struct Oracle<'a> {
    pub world: &'a World,
    pub mistake: Option<Mistake>,
}

type Truth = Option<bool>;

fn both(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn not(truth: Truth) -> Truth {
    truth.map(|truth| !truth)
}

impl Oracle<'_> {
    fn makes(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    fn compare(&self, left: &V, op: Op, right: &V) -> Truth {
        if *left == V::Null || *right == V::Null {
            let equal = self.makes(Mistake::NullsAreEqual) && op == Op::Eq && left == right;
            return equal.then_some(true);
        }
        let order = left.cmp(right);
        Some(match op {
            Op::Eq => order == Ordering::Equal,
            Op::Ne => order != Ordering::Equal,
            Op::Gt => order == Ordering::Greater,
            Op::Ge => order != Ordering::Less,
            Op::Lt => order == Ordering::Less,
            Op::Le => order != Ordering::Greater,
        })
    }

    /// The targets of a row.
    pub fn targets(&self, at: usize, relation: usize, row: &Row) -> Vec<&Row> {
        let rel: &Rel = &META[at].relations[relation];
        let rows = self.world.tables[rel.target].iter();
        let same = |target: &Row| {
            rel.from
                .iter()
                .zip(rel.to)
                .all(|(from, to)| row[*from] != V::Null && row[*from] == target[*to])
        };
        let Some((source, to)) = rel.through else {
            return rows.filter(|target| same(target)).collect();
        };
        let links = |target: &Row| {
            let links = self.world.links.iter();
            links.filter(|link| link[source] == row[0] && link[to] == target[0]).count()
        };
        let times = |target: &Row| {
            let links = links(target);
            if self.makes(Mistake::LinksRepeat) { links } else { links.min(1) }
        };
        rows.flat_map(|target| std::iter::repeat_n(target, times(target))).collect()
    }

    fn max(&self, at: usize, relation: usize, row: &Row, column: Option<usize>) -> V {
        let target = META[at].relations[relation].target;
        let column = column.unwrap_or(META[target].grade);
        let targets = self.targets(at, relation, row);
        targets.iter().map(|row| row[column].clone()).max().unwrap_or(V::Null)
    }

    fn grade(&self, at: usize, relation: usize, row: &Row) -> V {
        let target = META[at].relations[relation].target;
        let targets = self.targets(at, relation, row);
        targets.first().map_or(V::Null, |row| row[META[target].grade].clone())
    }

    /// Whether a filter holds for a row.
    pub fn holds(&self, at: usize, filter: &F, row: &Row) -> Truth {
        let target = |relation: usize| META[at].relations[relation].target;
        let each = |relation: usize, inner: &F| {
            let targets = self.targets(at, relation, row).into_iter();
            targets.map(|row| self.holds(target(relation), inner, row)).collect::<Vec<_>>()
        };
        match filter {
            F::Compare(column, op, value) => self.compare(&row[*column], *op, value),
            F::Against(column, op) => self.compare(&row[*column], *op, &row[META[at].against]),
            F::In(column, values, negated) => {
                let equal = |value: &i64| self.compare(&row[*column], Op::Eq, &V::I(*value));
                let any = not(values.iter().map(|value| not(equal(value))).fold(Some(true), both));
                if *negated { not(any) } else { any }
            }
            F::Null(column, negated) => Some((row[*column] == V::Null) != *negated),
            F::And(left, right) => both(self.holds(at, left, row), self.holds(at, right, row)),
            F::Or(left, right) => {
                not(both(not(self.holds(at, left, row)), not(self.holds(at, right, row))))
            }
            F::Not(inner) => match self.holds(at, inner, row) {
                None if self.makes(Mistake::NotUnknownIsTrue) => Some(true),
                truth => not(truth),
            },
            F::Any(relation, inner) => Some(each(*relation, inner).contains(&Some(true))),
            F::None(relation, inner) => Some(!each(*relation, inner).contains(&Some(true))),
            F::All(relation, inner) => {
                let each = each(*relation, inner);
                let none = each.is_empty() && self.makes(Mistake::AllOfNoneIsFalse);
                Some(!none && each.iter().all(|truth| *truth == Some(true)))
            }
            F::Present(relation) => Some(!self.targets(at, *relation, row).is_empty()),
            F::Count(relation, inner, op, number) => {
                let each = each(*relation, inner);
                let count = each.iter().filter(|truth| **truth == Some(true)).count();
                self.compare(&V::I(count as i64), *op, &V::I(*number))
            }
            F::Max(relation, op, number) => {
                self.compare(&self.max(at, *relation, row, None), *op, &V::I(*number))
            }
            F::Grade(relation, op, number) => {
                self.compare(&self.grade(at, *relation, row), *op, &V::I(*number))
            }
        }
    }

    fn ordered_by(&self, at: usize, order: &O, row: &Row) -> V {
        match order.by {
            By::Column(column) => row[column].clone(),
            By::Grade(relation) => self.grade(at, relation, row),
            By::Count(relation) => V::I(self.targets(at, relation, row).len() as i64),
            By::Max(relation) => self.max(at, relation, row, None),
        }
    }

    fn order(&self, at: usize, orders: &[O], one: &Row, other: &Row) -> Ordering {
        let by = |order: &O| {
            let (one, other) = (self.ordered_by(at, order, one), self.ordered_by(at, order, other));
            let least = self.makes(Mistake::NullsAreLeast);
            // Unless told otherwise nulls count as greatest.
            let first = order.nulls_first.unwrap_or(order.descending != least);
            match (one == V::Null, other == V::Null) {
                (true, true) => Ordering::Equal,
                (true, false) if first => Ordering::Less,
                (true, false) => Ordering::Greater,
                (false, true) if first => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) if order.descending => other.cmp(&one),
                (false, false) => one.cmp(&other),
            }
        };
        orders.iter().map(by).find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
    }

    fn chosen<'a>(&self, at: usize, rows: Vec<&'a Row>, ask: &Ask, included: bool) -> Vec<&'a Row> {
        let holds = |row: &&Row| self.holds(at, &ask.filter, row) == Some(true);
        let mut rows: Vec<_> = rows.into_iter().filter(holds).collect();
        rows.sort_by(|one, other| self.order(at, &ask.orders, one, other));
        let mut offset = ask.offset.unwrap_or_default() as usize;
        if included && self.makes(Mistake::OffsetIsIgnored) {
            offset = 0;
        }
        let limit = ask.limit.map_or(usize::MAX, |limit| limit as usize);
        rows.into_iter().skip(offset).take(limit).collect()
    }

    /// The rows that are asked for.
    pub fn found(&self, at: usize, ask: &Ask) -> Vec<&Row> {
        self.chosen(at, self.world.tables[at].iter().collect(), ask, false)
    }

    /// A row with what is included.
    pub fn tree(&self, at: usize, row: &Row, includes: &[Inc]) -> Value {
        let meta = &META[at];
        let mut tree: Map<String, Value> = meta
            .columns
            .iter()
            .zip(row)
            .map(|(name, value)| ((*name).to_owned(), value.json()))
            .collect();
        for Inc { relation, ask, counted, nested } in includes {
            let rel = &meta.relations[*relation];
            let targets = self.targets(at, *relation, row);
            let value = if *counted {
                let holds = |row: &&&Row| self.holds(rel.target, &ask.filter, row) == Some(true);
                targets.iter().filter(holds).count().into()
            } else if rel.many {
                let chosen = self.chosen(rel.target, targets, ask, true);
                chosen.into_iter().map(|row| self.tree(rel.target, row, nested)).collect()
            } else {
                let target = targets.first();
                target.map_or(Value::Null, |row| self.tree(rel.target, row, nested))
            };
            tree.insert(rel.name.to_owned(), value);
        }
        Value::Object(tree)
    }
}

/// The value of a column of people after a change.
#[derive(Debug, Clone)]
pub enum Set {
    Score(i64),
    Level(Option<i64>),
    Boss(Option<i64>),
    ScoreAndMore(i64),
    LevelOfReports,
    LevelOfScores,
    ScoreOfReports,
    LevelOfBadges,
}

impl Oracle<'_> {
    /// The people after an update.
    pub fn updated(&self, filter: &F, set: &Set) -> World {
        let mut world = self.world.clone();
        for number in 0..world.tables[0].len() {
            let row = &self.world.tables[0][number];
            if self.holds(0, filter, row) != Some(true) {
                continue;
            }
            let written = world.clone();
            let world_read =
                if self.makes(Mistake::UpdateSeesItself) { &written } else { self.world };
            let read = Oracle { world: world_read, ..*self };
            let (column, value) = match set {
                Set::Score(value) => (3, V::I(*value)),
                Set::Level(value) => (2, (*value).into()),
                Set::Boss(value) => (5, (*value).into()),
                Set::ScoreAndMore(more) => match row[3] {
                    V::I(score) => (3, V::I(score + more)),
                    _ => continue,
                },
                Set::LevelOfReports => (2, read.max(0, 2, row, None)),
                Set::LevelOfScores => (2, read.max(0, 2, row, Some(3))),
                Set::ScoreOfReports => (3, V::I(read.targets(0, 2, row).len() as i64)),
                Set::LevelOfBadges => (2, read.max(0, 3, row, None)),
            };
            world.tables[0][number][column] = value;
        }
        world
    }
}

impl World {
    /// Whether each key leads somewhere, and each that is unique stands once.
    pub fn is_whole(&self) -> bool {
        let oracle = Oracle { world: self, mistake: None };
        let leads = |at: usize, row: &Row| {
            META[at].relations.iter().enumerate().all(|(number, rel)| {
                let holds_key = !rel.many && rel.name != "desk";
                !holds_key
                    || rel.from.iter().any(|column| row[*column] == V::Null)
                    || !oracle.targets(at, number, row).is_empty()
            })
        };
        let all = (0..5).all(|at| self.tables[at].iter().all(|row| leads(at, row)));
        let links = self.links.iter().all(|link| {
            self.tables[0].iter().any(|row| row[0] == link[1])
                && self.tables[4].iter().any(|row| row[0] == link[2])
        });
        let once = |column: usize| {
            let rows = &self.tables[0];
            rows.iter()
                .all(|row| rows.iter().filter(|other| other[column] == row[column]).count() == 1)
        };
        all && links && once(0) && once(1)
    }
}
