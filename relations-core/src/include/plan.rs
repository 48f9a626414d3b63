//! Which statement brings what, and where in its rows it stands.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use super::{Inclusion, Inclusions, Strategy};
use crate::engine::{Executor, Reads};
use crate::entity::Entity;
use crate::filter::Targets;
use crate::meta::{EntityDefinition, PropertyDefinition, RelationDefinition};
use crate::query::Select;
use crate::query::lower::{FEW_KEYS, WAYS};
use crate::relation::Relation;

/// A relation to one is joined where its sources are this many at most, as measured; a shared
/// target would be sent once a source.
const JOINED_ROWS: u64 = 50;

/// A plan of one query, or one that is kept for all that are alike.
#[derive(Debug)]
pub(crate) enum OwnOrKept {
    Own(Plan),
    Kept(Arc<KeptPlan>),
}

/// A plan for all queries that differ only in their values, and the SQL of their first statement.
#[derive(Debug)]
pub(crate) struct KeptPlan {
    pub(crate) plan: Plan,
    pub(crate) sql: KeptSql,
}

/// The SQL of a statement of a kept plan, when it was written once.
pub(crate) type KeptSql = OnceLock<Arc<str>>;

impl Deref for OwnOrKept {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        match self {
            Self::Own(plan) => plan,
            Self::Kept(kept) => &kept.plan,
        }
    }
}

/// Where in a row an entity stands, and what is included with it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Plan {
    /// The position of the entity's first column.
    pub(crate) from: usize,
    /// Whether the row holds all of it.
    pub(crate) whole: bool,
    /// What is included, by the relation's place among those of the entity.
    pub(crate) slots: SmallVec<[Option<Arc<Planned>>; 4]>,
}

/// A relation that is included, and how.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each says a thing of its own")]
pub(crate) struct Planned {
    pub(crate) relation: &'static RelationDefinition,
    /// The entity that the relation goes from.
    pub(crate) source: &'static EntityDefinition,
    /// Whether the database says which target belongs to which key, by a number of the key.
    pub(crate) numbered: bool,
    pub(crate) select: Box<Select>,
    pub(crate) strategy: Strategy,
    pub(crate) required: bool,
    pub(crate) counted: bool,
    /// How many sources there are at most, where the query shows it.
    pub(crate) sources: Option<u64>,
    /// Whether a source with a key has a target for sure.
    pub(crate) promised: bool,
    /// Where the key of the target stands, by which it finds its sources.
    pub(crate) key: SmallVec<[usize; 1]>,
    pub(crate) target: Plan,
    /// The SQL of the statement that brings the targets, by the ways to ask for them; none where the
    /// plan is not kept.
    pub(crate) sql: Option<Box<[KeptSql; WAYS]>>,
}

/// What is known of the sources beforehand.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each says a thing of its own")]
pub(crate) struct Bound {
    /// How many they are at most.
    pub(crate) rows: Option<u64>,
    /// Whether they are in hand, so that no statement loads them.
    pub(crate) in_hand: bool,
    pub(crate) reach: Reach,
    /// Whether the plan is kept for all queries that differ only in their values.
    pub(crate) kept: bool,
    /// Whether the statement that brings the sources brings the same ones when it is repeated.
    pub(crate) repeatable: bool,
    /// Whether they are targets themselves, found by the keys of their sources.
    pub(crate) are_targets: bool,
}

/// What an executor says of where it sends statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// Whether a round trip costs more than to repeat a query.
    pub(crate) high_latency: bool,
    /// Whether all statements of a tree see one snapshot.
    pub(crate) snapshot: bool,
}

impl Reach {
    pub(crate) fn of(db: &impl Executor) -> Self {
        Self { high_latency: db.is_high_latency(), snapshot: db.has_snapshot() }
    }
}

/// The columns of a statement's rows, as far as they are taken.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    width: usize,
}

impl Layout {
    /// A layout of rows that begin with so many other columns.
    pub(crate) fn behind(columns: usize) -> Self {
        Self { width: columns }
    }

    pub(crate) fn take(&mut self, columns: usize) -> usize {
        let from = self.width;
        self.width += columns;
        from
    }
}

impl Plan {
    /// The plan of an entity with nothing included.
    pub(crate) const BARE: Self = Self { from: 0, whole: true, slots: SmallVec::new_const() };

    /// The plan of an entity in the rows of one statement: its columns come first, then those of
    /// what is joined to it, in the order of its relations.
    pub(crate) fn new(
        entity: &'static EntityDefinition,
        mut includes: Inclusions,
        bound: Bound,
        layout: &mut Layout,
    ) -> Self {
        if includes.is_empty() {
            return Self { from: layout.take(entity.properties.len()), ..Self::BARE };
        }
        let from = layout.take(entity.properties.len());
        let mut slots = SmallVec::<[_; 4]>::with_capacity(entity.relations.len());
        for relation in entity.relations {
            let at = includes.iter().position(|one| one.relation.name == relation.name);
            slots.push(at.map(|at| {
                let inclusion = includes.swap_remove(at);
                Arc::new(Planned::new(inclusion, entity, bound, layout))
            }));
        }
        let whole = slots.iter().flatten().all(|one| one.is_joined() && one.target.whole);
        Self { from, whole, slots }
    }

    /// The position of the entity's first column.
    #[must_use]
    pub fn from(&self) -> usize {
        self.from
    }

    pub(crate) fn slot(&self, at: usize) -> Option<&Arc<Planned>> {
        self.slots.get(at).and_then(Option::as_ref)
    }

    /// A relation to one target that is joined, by a key that only the database can know to be unique:
    /// were it not, each source would come once for each of its targets.
    pub(crate) fn joined_to_several(&self) -> Option<&'static RelationDefinition> {
        let mut joined = self.slots.iter().flatten().filter(|one| one.is_joined() && !one.counted);
        joined.find_map(|one| match one.relation {
            relation if relation.may_lead_to_several() => Some(relation),
            _ => one.target.joined_to_several(),
        })
    }

    /// Whether further statements repeat the query of these rows, which then must be the same.
    pub(crate) fn is_repeated(&self) -> bool {
        self.slots.iter().flatten().any(|one| match one.strategy {
            Strategy::Joined => one.target.is_repeated(),
            Strategy::Batched => false,
            Strategy::Pipelined => true,
        })
    }
}

impl Plan {
    /// Whether what is included is unknown in part, as SQL of the user's own is.
    pub(super) fn is_unknown(&self) -> bool {
        let mut planned = self.slots.iter().flatten();
        planned.any(|one| one.select.is_unknown() || one.target.is_unknown())
    }
}

impl OwnOrKept {
    /// What the statements of a query do that is planned so.
    pub(crate) fn reads(&self, select: &Select) -> Reads {
        match self {
            _ if select.lock.strength.is_some() => Reads::Locking,
            Self::Own(plan) if select.is_unknown() || plan.is_unknown() => Reads::Unknown,
            // Only what is known is kept.
            Self::Own(_) | Self::Kept(_) => Reads::Only,
        }
    }
}

impl Planned {
    fn new(
        inclusion: Inclusion,
        source: &'static EntityDefinition,
        bound: Bound,
        layout: &mut Layout,
    ) -> Self {
        let Inclusion { relation, select, strategy, required, counted } = inclusion;
        let mut select = select.unwrap_or_else(|| Box::new(Select::targets(relation)));
        let strategy = strategy_of(relation, counted, strategy, bound);
        let narrowed = select.is_narrowed();
        let includes = std::mem::take(&mut select.includes);
        let entity = relation.target.definition();
        let numbered = relation.is_numbered();
        let (target, key) = if strategy == Strategy::Joined {
            let width = usize::from(counted);
            let target = if counted {
                Plan { from: layout.take(width), ..Plan::BARE }
            } else {
                Plan::new(entity, includes, bound, layout)
            };
            let key = positions(entity, relation, target.from);
            (target, key)
        } else if counted {
            // The key comes first, then the count.
            let keys = relation.key_from.len();
            (Plan { from: keys, ..Plan::BARE }, (0..keys).collect())
        } else {
            let rows = rows_below(relation, &select, bound);
            // Where keys are given, nothing of what brought them is repeated.
            let repeatable = if strategy == Strategy::Pipelined {
                bound.repeatable
            } else {
                bound.reach.snapshot
            };
            let bound = Bound { rows, in_hand: false, are_targets: true, ..bound };
            let repeatable = repeatable && !select.is_unknown() && !any_unknown(&includes, bound);
            let bound = Bound { repeatable, ..bound };
            let mut own = Layout::default();
            let target = Plan::new(entity, includes, bound, &mut own);
            let key = if relation.through.is_some() || numbered {
                let from = own.take(relation.key_from.len());
                (from..from + relation.key_from.len()).collect()
            } else {
                positions(entity, relation, target.from)
            };
            (target, key)
        };
        let promised = relation.foreign_key.is_some() && !narrowed;
        let sources = bound.rows;
        let sql = bound.kept.then(Box::default);
        Self {
            relation,
            source,
            numbered,
            select,
            strategy,
            required,
            counted,
            sources,
            promised,
            key,
            target,
            sql,
        }
    }

    /// A relation that is followed from sources in hand.
    pub(crate) fn of_sources_in_hand<R: Relation>() -> Arc<Self> {
        let reach = Reach { high_latency: false, snapshot: false };
        let bound = Bound {
            rows: None,
            in_hand: true,
            reach,
            kept: false,
            repeatable: false,
            are_targets: false,
        };
        let inclusion = Inclusion::of::<R>();
        Arc::new(Self::new(inclusion, R::Source::DEFINITION, bound, &mut Layout::default()))
    }

    /// The properties that hold the key of a source: of the target, or of the link that leads to it.
    pub(crate) fn key_properties(&self) -> Vec<&'static PropertyDefinition> {
        let RelationDefinition { key_from, key_to, through, .. } = self.relation;
        match through {
            Some(through) => through.key_from(key_from).collect(),
            None => key_to.iter().filter_map(|name| self.select.entity.property(name)).collect(),
        }
    }

    /// Which targets are meant, as a condition asks for them.
    pub(crate) fn targets(&self) -> Targets {
        Targets::new(self.relation, self.select.predicate.clone())
    }

    /// Whether the query shows that there are many sources.
    pub(crate) fn is_of_many(&self) -> bool {
        self.sources.is_some_and(|sources| sources > FEW_KEYS as u64)
    }

    /// Whether each source has only some of its targets.
    pub(crate) fn is_paged(&self) -> bool {
        self.select.limit.is_some() || self.select.offset.is_some()
    }

    pub(crate) fn is_joined(&self) -> bool {
        self.strategy == Strategy::Joined
    }
}

/// The strategy that was asked for where it can be had, or the one that suits what is known.
///
/// A relation to one is joined where the query is bounded to [`JOINED_ROWS`], and batched where it
/// is not; so is a count. A relation to many is batched. Where the server is far, what would be
/// batched is pipelined. For sources in hand there is only one further statement.
///
/// What is pipelined repeats the statement of the sources, so it is batched where that may bring others.
///
/// A relation whose key is not unique in the database would bring its source once for each target. Rows
/// of a query tell that by their ids; targets belong to sources and may be limited for each, so such a
/// relation of theirs is not joined.
fn strategy_of(
    relation: &RelationDefinition,
    counted: bool,
    asked: Option<Strategy>,
    bound: Bound,
) -> Strategy {
    let may_repeat = bound.are_targets && !counted && relation.may_lead_to_several();
    let can_join = (counted || !relation.targets_many()) && !may_repeat;
    let few = bound.rows.is_some_and(|rows| rows <= JOINED_ROWS);
    match asked {
        _ if bound.in_hand => Strategy::Batched,
        Some(Strategy::Joined) if may_repeat => Strategy::Batched,
        Some(Strategy::Pipelined) if !bound.repeatable => Strategy::Batched,
        Some(asked) => asked,
        None if can_join && few => Strategy::Joined,
        None if bound.reach.high_latency && bound.repeatable => Strategy::Pipelined,
        None => Strategy::Batched,
    }
}

/// Whether the statement of the sources holds SQL of the user's own for one of these relations: where
/// it is joined, or says which sources are left out.
pub(crate) fn any_unknown(includes: &[Inclusion], bound: Bound) -> bool {
    includes.iter().any(|one| {
        let Some(select) = &one.select else { return false };
        let joined = !one.counted
            && strategy_of(one.relation, one.counted, one.strategy, bound) == Strategy::Joined;
        (joined || one.required) && (select.is_unknown() || any_unknown(&select.includes, bound))
    })
}

/// How many targets there are at most.
fn rows_below(relation: &RelationDefinition, select: &Select, above: Bound) -> Option<u64> {
    let each = if relation.targets_many() { select.limit? } else { 1 };
    above.rows?.checked_mul(each)
}

/// Where the key of a target stands whose columns start at a position.
fn positions(
    entity: &EntityDefinition,
    relation: &RelationDefinition,
    from: usize,
) -> SmallVec<[usize; 1]> {
    let position = |name: &&str| entity.properties.iter().position(|one| one.name == *name);
    relation.key_to.iter().filter_map(position).map(|at| from + at).collect()
}
