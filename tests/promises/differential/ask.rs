//! The questions: as the in-memory search knows them, and as the public API says them.

use ::relations::prelude::*;
use ::relations::query::Pages;
use ::relations::relation::Path;
use ::relations::value::Property;
use ::relations::{Column, Filter, Ordering};

use super::world::{Badge, Desk, META, Person, Random, Skill, Table, Team, V, code};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// A filter.
#[derive(Debug, Clone)]
pub enum F {
    Compare(usize, Op, V),
    Against(usize, Op),
    In(usize, Vec<i64>, bool),
    Null(usize, bool),
    And(Box<F>, Box<F>),
    Or(Box<F>, Box<F>),
    Not(Box<F>),
    Any(usize, Box<F>),
    None(usize, Box<F>),
    All(usize, Box<F>),
    Present(usize),
    Count(usize, Box<F>, Op, i64),
    Max(usize, Op, i64),
    Grade(usize, Op, i64),
}

/// The order of rows.
#[derive(Debug, Clone)]
pub struct O {
    pub by: By,
    pub descending: bool,
    /// Whether nulls come first, where that is said.
    pub nulls_first: Option<bool>,
}

#[derive(Debug, Clone)]
pub enum By {
    Column(usize),
    Grade(usize),
    Count(usize),
    Max(usize),
}

/// The way in which a relation is loaded.
#[derive(Debug, Clone, Copy)]
pub enum How {
    Joined,
    Batched,
    Pipelined,
}

/// A query of the rows of an entity.
#[derive(Debug, Clone)]
pub struct Ask {
    pub filter: F,
    pub orders: Vec<O>,
    pub limit: Option<u64>,
    pub offset: Option<u64>,
    pub how: How,
}

fn op(random: &mut Random) -> Op {
    *random.pick(&[Op::Eq, Op::Ne, Op::Gt, Op::Ge, Op::Lt, Op::Le])
}

pub fn filter(random: &mut Random, at: usize, depth: usize) -> F {
    let meta = &META[at];
    let deeper = |random: &mut Random, at| Box::new(filter(random, at, depth.saturating_sub(1)));
    let many: Vec<_> = (0..meta.relations.len()).filter(|one| meta.relations[*one].many).collect();
    let one: Vec<_> = (0..meta.relations.len()).filter(|one| !meta.relations[*one].many).collect();
    let kinds = if depth == 0 { 5 } else { 16 };
    match random.below(kinds) {
        0 => F::Compare(*random.pick(meta.numbers), op(random), V::I(random.small(4))),
        1 if !meta.texts.is_empty() => {
            F::Compare(*random.pick(meta.texts), op(random), V::T(code(random.small(5))))
        }
        2 => F::Against(*random.pick(meta.numbers), op(random)),
        3 => {
            let values = (0..random.below(4)).map(|_| random.small(5)).collect();
            F::In(*random.pick(meta.numbers), values, random.once_in(2))
        }
        1 | 4 => F::Null(*random.pick(meta.nullable), random.once_in(2)),
        5 | 6 => F::And(deeper(random, at), deeper(random, at)),
        7 | 8 => F::Or(deeper(random, at), deeper(random, at)),
        9 | 10 => F::Not(deeper(random, at)),
        11 if !many.is_empty() => {
            let relation = *random.pick(&many);
            let target = meta.relations[relation].target;
            F::Count(relation, deeper(random, target), op(random), random.small(3))
        }
        12 if !many.is_empty() => F::Max(*random.pick(&many), op(random), random.small(3)),
        13 if !one.is_empty() => F::Grade(*random.pick(&one), op(random), random.small(3)),
        kind => {
            let relation = random.below(meta.relations.len());
            let target = meta.relations[relation].target;
            match kind % 4 {
                0 => F::Any(relation, deeper(random, target)),
                1 => F::None(relation, deeper(random, target)),
                2 => F::All(relation, deeper(random, target)),
                _ if random.once_in(2) => F::Present(relation),
                _ => F::All(relation, deeper(random, target)),
            }
        }
    }
}

pub fn orders(random: &mut Random, at: usize) -> Vec<O> {
    let meta = &META[at];
    let order = |random: &mut Random| {
        let relation = random.below(meta.relations.len());
        let by = match (random.below(6), meta.relations[relation].many) {
            (0, true) => By::Count(relation),
            (1, true) => By::Max(relation),
            (0 | 1, false) => By::Grade(relation),
            _ => By::Column(random.below(meta.columns.len())),
        };
        let nulls_first = if random.once_in(3) { Some(random.once_in(2)) } else { None };
        O { by, descending: random.once_in(2), nulls_first }
    };
    (0..random.below(4)).map(|_| order(random)).collect()
}

/// The order of the ids, in one direction.
pub fn by_id(at: usize, descending: bool) -> impl Iterator<Item = O> {
    META[at].id.iter().map(move |id| O { by: By::Column(*id), descending, nulls_first: None })
}

pub fn ask(random: &mut Random, at: usize, depth: usize) -> Ask {
    let mut orders = orders(random, at);
    orders.extend(by_id(at, random.once_in(2)));
    Ask {
        filter: filter(random, at, depth),
        orders,
        limit: if random.once_in(3) { Some(random.small(4) as u64) } else { None },
        offset: if random.once_in(4) { Some(random.small(3) as u64) } else { None },
        how: *random.pick(&[How::Joined, How::Batched, How::Pipelined]),
    }
}

/// An entity whose filters and orders can be said.
pub trait Askable: Table {
    fn filter(filter: &F) -> Filter<Self>;
    fn ordering(order: &O) -> Ordering<Self>;
    fn after(pages: Pages<Self>, id: Self::Id) -> Pages<Self>;
}

fn number<E: Entity, T: Property<Value = i64>, P: Path>(
    column: Column<E, T, P>,
    op: Op,
    value: i64,
) -> Filter<E> {
    match op {
        Op::Eq => column.eq(value),
        Op::Ne => column.ne(value),
        Op::Gt => column.gt(value),
        Op::Ge => column.ge(value),
        Op::Lt => column.lt(value),
        Op::Le => column.le(value),
    }
}

fn text<E: Entity, T: Property<Value = String>>(
    column: Column<E, T>,
    op: Op,
    value: &str,
) -> Filter<E> {
    match op {
        Op::Eq => column.eq(value),
        Op::Ne => column.ne(value),
        Op::Gt => column.gt(value),
        Op::Ge => column.ge(value),
        Op::Lt => column.lt(value),
        Op::Le => column.le(value),
    }
}

fn against<E: Entity, T: Property<Value = i64>, U: Property<Value = i64>>(
    column: Column<E, T>,
    op: Op,
    other: Column<E, U>,
) -> Filter<E> {
    match op {
        Op::Eq => column.eq(other),
        Op::Ne => column.ne(other),
        Op::Gt => column.gt(other),
        Op::Ge => column.ge(other),
        Op::Lt => column.lt(other),
        Op::Le => column.le(other),
    }
}

/// Says what an operator compares with a value.
macro_rules! compared {
    ($value:expr, $op:expr, $other:expr) => {
        match $op {
            Op::Eq => $value.eq($other),
            Op::Ne => $value.ne($other),
            Op::Gt => $value.gt($other),
            Op::Ge => $value.ge($other),
            Op::Lt => $value.lt($other),
            Op::Le => $value.le($other),
        }
    };
}

macro_rules! askable {
    (
        $entity:ident against $against:ident;
        numbers $($number_at:literal $number:ident),*;
        texts $($text_at:literal $text:ident),*;
        nullable $($null_at:literal $null:ident),*;
        one $($one_at:literal $one:ident $one_target:ident),*;
        many $($many_at:literal $many:ident $many_target:ident),*;
    ) => {
        impl Askable for $entity {
            fn filter(asked: &F) -> Filter<Self> {
                match asked {
                    F::Compare(at, op, V::I(value)) => match at {
                        $($number_at => number($entity::$number, *op, *value),)*
                        other => panic!("{other} is no number"),
                    },
                    F::Compare(at, op, V::T(value)) => {
                        let _ = (op, value);
                        match at {
                            $($text_at => text($entity::$text, *op, value),)*
                            other => panic!("{other} is no text"),
                        }
                    }
                    F::Compare(_, _, V::Null) => panic!("nothing is compared with a null"),
                    F::Against(at, op) => match at {
                        $($number_at => against($entity::$number, *op, $entity::$against),)*
                        other => panic!("{other} is no number"),
                    },
                    F::In(at, values, negated) => match at {
                        $($number_at if *negated => $entity::$number.not_in(values.iter().copied()),)*
                        $($number_at => $entity::$number.is_in(values.iter().copied()),)*
                        other => panic!("{other} is no number"),
                    },
                    F::Null(at, negated) => match at {
                        $($null_at if *negated => $entity::$null.is_not_null(),)*
                        $($null_at => $entity::$null.is_null(),)*
                        other => panic!("{other} is never null"),
                    },
                    F::And(left, right) => Self::filter(left).and(Self::filter(right)),
                    F::Or(left, right) => Self::filter(left).or(Self::filter(right)),
                    F::Not(inner) => !Self::filter(inner),
                    F::Any(at, inner) => match at {
                        $($one_at => $entity::$one.any(<$one_target>::filter(inner)),)*
                        $($many_at => $entity::$many.any(<$many_target>::filter(inner)),)*
                        other => panic!("{other} is no relation"),
                    },
                    F::None(at, inner) => match at {
                        $($one_at => $entity::$one.none(<$one_target>::filter(inner)),)*
                        $($many_at => $entity::$many.none(<$many_target>::filter(inner)),)*
                        other => panic!("{other} is no relation"),
                    },
                    F::All(at, inner) => match at {
                        $($one_at => $entity::$one.all(<$one_target>::filter(inner)),)*
                        $($many_at => $entity::$many.all(<$many_target>::filter(inner)),)*
                        other => panic!("{other} is no relation"),
                    },
                    F::Present(at) => match at {
                        $($one_at => $entity::$one.is_present(),)*
                        $($many_at => $entity::$many.is_present(),)*
                        other => panic!("{other} is no relation"),
                    },
                    F::Count(at, inner, op, number) => {
                        let _ = (inner, op, number);
                        match at {
                            $($many_at => {
                                let count = $entity::$many.count().filter(<$many_target>::filter(inner));
                                compared!(count, op, *number)
                            })*
                            other => panic!("{other} is no relation to many"),
                        }
                    }
                    F::Max(at, op, number) => {
                        let _ = (op, number);
                        match at {
                            $($many_at => {
                                let most = $entity::$many.max(<$many_target as Table>::GRADE);
                                compared!(most, op, *number)
                            })*
                            other => panic!("{other} is no relation to many"),
                        }
                    }
                    F::Grade(at, op, value) => {
                        let _ = (op, value);
                        match at {
                            $($one_at => {
                                number($entity::$one.column(<$one_target as Table>::GRADE), *op, *value)
                            })*
                            other => panic!("{other} is no relation to one"),
                        }
                    }
                }
            }

            fn after(pages: Pages<Self>, id: Self::Id) -> Pages<Self> {
                pages.after(id)
            }

            fn ordering(order: &O) -> Ordering<Self> {
                let by: fn(bool) -> Ordering<Self> = match order.by {
                    By::Column(at) => match at {
                        $($number_at => {
                            |down| if down { $entity::$number.desc() } else { $entity::$number.asc() }
                        })*
                        $($text_at => {
                            |down| if down { $entity::$text.desc() } else { $entity::$text.asc() }
                        })*
                        other => panic!("{other} is no column"),
                    },
                    By::Grade(at) => match at {
                        $($one_at => |down| {
                            let grade = $entity::$one.column(<$one_target as Table>::GRADE);
                            if down { grade.desc() } else { grade.asc() }
                        },)*
                        other => panic!("{other} is no relation to one"),
                    },
                    By::Count(at) => match at {
                        $($many_at => |down| {
                            let count = $entity::$many.count();
                            if down { count.desc() } else { count.asc() }
                        },)*
                        other => panic!("{other} is no relation to many"),
                    },
                    By::Max(at) => match at {
                        $($many_at => |down| {
                            let most = $entity::$many.max(<$many_target as Table>::GRADE);
                            if down { most.desc() } else { most.asc() }
                        },)*
                        other => panic!("{other} is no relation to many"),
                    },
                };
                match order.nulls_first {
                    None => by(order.descending),
                    Some(true) => by(order.descending).nulls_first(),
                    Some(false) => by(order.descending).nulls_last(),
                }
            }
        }
    };
}

askable! {
    Person against LEVEL;
    numbers 0 ID, 2 LEVEL, 3 SCORE, 4 TEAM_ID, 5 BOSS_ID;
    texts 1 CODE;
    nullable 2 LEVEL, 4 TEAM_ID, 5 BOSS_ID;
    one 0 TEAM Team, 1 BOSS Person, 4 DESK Desk;
    many 2 REPORTS Person, 3 BADGES Badge, 5 SKILLS Skill;
}

askable! {
    Team against ID;
    numbers 0 ID, 2 RATING;
    texts 1 TITLE;
    nullable 2 RATING;
    one;
    many 0 PEOPLE Person;
}

askable! {
    Badge against ID;
    numbers 0 ID, 2 POINTS;
    texts 1 OWNER;
    nullable 1 OWNER, 2 POINTS;
    one 0 HOLDER Person;
    many;
}

askable! {
    Desk against NEAR_NUMBER;
    numbers 0 ROOM, 1 NUMBER, 2 PERSON_ID, 3 NEAR_ROOM, 4 NEAR_NUMBER;
    texts;
    nullable 2 PERSON_ID, 3 NEAR_ROOM, 4 NEAR_NUMBER;
    one 0 PERSON Person, 1 NEAR Desk;
    many 2 AROUND Desk;
}

askable! {
    Skill against ID;
    numbers 0 ID, 2 RANK;
    texts 1 NAME;
    nullable 2 RANK;
    one;
    many 0 PEOPLE Person;
}
