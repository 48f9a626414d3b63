//! SQL from the cache against SQL that is written anew, for random queries that share one cache.

use sea_query::Value as SqlValue;

use crate::ast::inclusion::{Inclusion, Inclusions, Strategy};
use crate::ast::list::List;
use crate::ast::lock::{Busy, Lock, Strength};
use crate::ast::order::{Nulls, OrderBy};
use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::ast::term::{Field, Operand, PathStep, Term};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::{RelationDefinition, RelationKind, TargetDefinition};
use crate::dialect::{Dialect, Engine};
use crate::plan::tree::{Reach, RowPlan};
use crate::sql::Verb;
use crate::sql::cache::SqlCache;
use crate::sql::include::{EntityStatement, KeyPositions, Keys};
use crate::sql::select::rows;
use crate::value::key::read_key;
use crate::value::parameter::Parameter;

static ENTITY: EntityDefinition = EntityDefinition::new(
    "Part",
    "parts",
    &[&ID, &PARENT_ID, &QUANTITY, &NAME, &CODE, &NOTE],
    &[&PARENT, &CHILDREN],
);
static ID: PropertyDefinition = PropertyDefinition::new("id", "id", ColumnType::BigInt).id();
static PARENT_ID: PropertyDefinition =
    PropertyDefinition::new("parent_id", "parent_id", ColumnType::BigInt).nullable();
static QUANTITY: PropertyDefinition =
    PropertyDefinition::new("quantity", "quantity", ColumnType::Integer).nullable();
static NAME: PropertyDefinition = PropertyDefinition::new("name", "name", ColumnType::Text);
static CODE: PropertyDefinition =
    PropertyDefinition::new("code", "code", ColumnType::Text).sql_type("citext");
static NOTE: PropertyDefinition =
    PropertyDefinition::new("note", "note", ColumnType::Text).sql_type("xml");
static PARENT: RelationDefinition = RelationDefinition::new(
    RelationKind::BelongsTo,
    "parent",
    "Part",
    TargetDefinition::new("Part", || &ENTITY),
    &["parent_id"],
    &["id"],
)
.optional();
static CHILDREN: RelationDefinition = RelationDefinition::new(
    RelationKind::HasMany,
    "children",
    "Part",
    TargetDefinition::new("Part", || &ENTITY),
    &["id"],
    &["parent_id"],
);
static TO_PARENT: PathStep = PathStep { relation: &PARENT, then: None };

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let at = usize::try_from(self.below(all.len() as u64)).unwrap();
        all[at]
    }

    fn field(&mut self) -> Field {
        let property = self.one_of(ENTITY.properties);
        let path = self.one_in(5).then_some(&TO_PARENT);
        Field { path, ..Field::of(&ENTITY, property) }
    }

    fn value(&mut self, property: &PropertyDefinition) -> Parameter {
        let number = self.below(9);
        match property.column_type {
            ColumnType::Text => Parameter::from_sql(SqlValue::from(format!("it's {number}"))),
            ColumnType::Integer => {
                Parameter::from_sql(SqlValue::from(i32::try_from(number).unwrap()))
            }
            _ => Parameter::from_sql(SqlValue::from(i64::try_from(number).unwrap())),
        }
    }

    fn predicate(&mut self, depth: u64) -> Predicate {
        let compared = [Comparison::Equal, Comparison::NotEqual, Comparison::Less];
        let field = self.field();
        match self.below(if depth == 0 { 5 } else { 9 }) {
            0 => Predicate::Always,
            1 => {
                let value = Operand::Parameter(self.value(field.property));
                let left = Operand::Term(Term::Field(field));
                let comparison = self.one_of(&compared);
                match self.below(4) {
                    0 => Predicate::Compare(value, comparison, left),
                    1 => {
                        let right = Operand::Term(Term::Field(self.field()));
                        Predicate::Compare(left, comparison, right)
                    }
                    2 => {
                        let right = Operand::Parameter(self.value(field.property));
                        Predicate::Compare(value, comparison, right)
                    }
                    _ => Predicate::Compare(left, comparison, value),
                }
            }
            2 => {
                let values = self.one_of(&[0, 1, 3, 100, 101]);
                let values = (0..values).map(|_| self.value(field.property)).collect();
                Predicate::In { term: field.into(), values, negated: self.one_in(2) }
            }
            3 => {
                let field = Field::of(&ENTITY, self.one_of(&[&NAME, &CODE]));
                let nul = if self.one_in(20) { "\0" } else { "" };
                let pattern = format!("A{}%{nul}", self.below(9));
                Predicate::Like { term: field.into(), pattern, fold_case: self.one_in(2) }
            }
            4 => Predicate::Null { term: field.into(), negated: self.one_in(2) },
            kind @ (5 | 6) => {
                let mut list = List::of(self.predicate(depth - 1));
                for _ in 0..self.below(11) {
                    list = list.and_then(List::of(self.predicate(depth - 1)));
                }
                if kind == 5 { Predicate::All(list) } else { Predicate::Any(list) }
            }
            7 => Predicate::Not(Box::new(self.predicate(depth - 1))),
            _ => Predicate::Untrue(Box::new(self.predicate(depth - 1))),
        }
    }

    fn select(&mut self) -> Select {
        let scope = if self.one_in(3) {
            let properties = self.one_of(&[&["id"][..], &["name"], &["code", "quantity"]]);
            let named = properties.iter().filter_map(|name| ENTITY.property(name));
            let key = named.map(|property| self.value(property)).collect();
            SelectScope::Key { properties, key, read_key: read_key::<i64>, source: None }
        } else {
            SelectScope::Table
        };
        let mut select = Select::new(&ENTITY, scope);
        select.predicate = self.predicate(3);
        for _ in 0..self.below(3) {
            select.orders.push(OrderBy {
                term: self.field().into(),
                descending: self.one_in(2),
                nulls: self.one_of(&[Nulls::Greatest, Nulls::First, Nulls::Last]),
                read: None,
            });
        }
        select.limit = self.one_of(&[None, None, Some(0), Some(7), Some(1_000), Some(1_001)]);
        select.offset = self.one_of(&[None, None, None, Some(0), Some(3)]);
        select.distinct = self.one_in(6);
        if self.one_in(6) {
            let strength = Some(self.one_of(&[Strength::Update, Strength::Share]));
            select.lock =
                Lock { strength, busy: self.one_of(&[Busy::Wait, Busy::Skip, Busy::Fail]) };
        }
        select
    }

    fn includes(&mut self, depth: u64) -> Inclusions {
        let mut includes = Inclusions::new();
        for relation in [&PARENT, &CHILDREN] {
            if self.one_in(2) {
                continue;
            }
            let mut inclusion = Inclusion {
                relation,
                select: None,
                strategy: self.one_of(&[None, Some(Strategy::Batched), Some(Strategy::Pipelined)]),
                required: self.one_in(4) && relation.name == "parent",
                counted: self.one_in(4) && relation.name == "children",
                total: false,
                named: None,
            };
            if self.one_in(2) && !inclusion.counted {
                let nested = if depth == 0 { Inclusions::new() } else { self.includes(depth - 1) };
                let select = inclusion.select();
                select.includes = nested;
                if relation.name == "children" {
                    select.limit = self.one_of(&[None, Some(2), Some(3)]);
                } else if self.one_in(3) {
                    select.predicate = self.predicate(1);
                }
            }
            includes.push(inclusion);
        }
        includes
    }

    fn keys(&mut self) -> Parameter {
        let (keys, step) = (self.one_of(&[1, 2, 100, 101, 1_001]), self.one_of(&[1, 3]));
        let keys = (0..keys).map(|key| Parameter::from_sql(SqlValue::from(key * step)));
        Parameter::array(ColumnType::BigInt, keys.collect())
    }
}

const QUERIES: u64 = 4_000;

/// Compares both, where either may be an error.
macro_rules! assert_same {
    ($cached:expr, $anew:expr, $of:expr) => {
        match ($cached, $anew) {
            (Ok((sql, values)), Ok(anew)) => {
                assert_eq!(sql.text, anew.sql.text, "{:?}", $of);
                assert_eq!(values.as_slice(), anew.parameters, "{:?}", $of);
            }
            (Err(cached), Err(anew)) => assert_eq!(cached.to_string(), anew.to_string()),
            (cached, anew) => panic!("{cached:?} or {anew:?} of {:?}", $of),
        }
    };
}

#[test]
fn cached_sql_is_the_sql_that_is_written() {
    static CACHE: SqlCache = SqlCache::new();
    for seed in 0..QUERIES {
        let mut random = Random(seed);
        let select = random.select();
        let verb = random.one_of(&[Verb::All, Verb::First, Verb::One]);
        for engine in [Engine::Postgres, Engine::Sqlite] {
            let dialect = Dialect::from(engine);
            for _ in 0..2 {
                assert_same!(
                    select.sql(dialect, verb, &CACHE),
                    rows(dialect, &select, verb),
                    select
                );
            }
        }
    }
}

#[test]
fn cached_sql_of_included_relations_is_the_sql_that_is_written() {
    static CACHE: SqlCache = SqlCache::new();
    for seed in 0..QUERIES {
        let mut random = Random(seed);
        let (select, includes) = (random.select(), random.includes(1));
        let verb = random.one_of(&[Verb::All, Verb::First, Verb::One]);
        let (high_latency, snapshot) = (random.one_in(2), random.one_in(2));
        let keys = [random.keys()];
        for engine in [Engine::Postgres, Engine::Sqlite] {
            let dialect = Dialect::from(engine);
            let reach = Reach { high_latency, snapshot, spellings: engine == Engine::Sqlite };
            let plan = select.plan(dialect, verb, reach, includes.clone(), false, &CACHE);
            let root = EntityStatement::Of { select: &select, plan: &plan, verb };
            assert_same!(root.sql(dialect, &CACHE), root.lower(dialect), select);
            below(dialect, &CACHE, &plan, root, &keys);
        }
    }
}

/// Compares the statements of what is included with rows, by keys that are given and by those that a
/// statement finds.
fn below(
    dialect: Dialect,
    cache: &SqlCache,
    plan: &RowPlan,
    parents: EntityStatement<'_>,
    arrays: &[Parameter],
) {
    let further = plan.slots.iter().flatten().filter(|one| one.strategy != Strategy::Joined);
    for planned in further {
        let repeated = Keys::Repeated {
            rows: &parents,
            key_from: KeyPositions { parts: &[plan.from], kind: None },
        };
        let ways = match planned.strategy {
            Strategy::Pipelined => vec![Keys::Given(arrays), repeated],
            Strategy::Joined | Strategy::Batched => vec![Keys::Given(arrays)],
        };
        for keys in ways {
            if planned.counted {
                let rows = EntityStatement::Counts { planned, keys };
                assert_same!(rows.sql(dialect, cache), rows.lower(dialect), planned);
            } else {
                let rows = EntityStatement::Targets { planned, keys };
                assert_same!(rows.sql(dialect, cache), rows.lower(dialect), planned);
                below(dialect, cache, &planned.target, rows, arrays);
            }
        }
    }
}
