//! Which statement brings what, and where in its rows it stands.

use std::any::Any;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use crate::ast::inclusion::{Inclusion, Inclusions, Strategy};
use crate::ast::predicate::Targets;
use crate::ast::select::{Columns, Select};
use crate::definition::entity::EntityDefinition;
use crate::definition::kind::KindDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{KeyArray, RelationDefinition};
use crate::dialect::StatementSql;
use crate::plan::layout::{Layout, RowsOfSource};
use crate::plan::source::PlannedSource;
use crate::plan::strategy::{Bound, MANY_SOURCES, Wanted, strategy_of};

/// The ways to ask for what one plan brings that make different SQL: as a query of its own, by each
/// kind of given keys, and by the keys of what is asked for in each of these ways.
pub(crate) const WAYS: usize = 12;

/// A plan of one query, or one that is kept for all that are alike.
#[derive(Debug)]
pub(crate) enum OwnOrKept {
    Own(RowPlan),
    Kept(Arc<KeptPlan>),
}

/// A plan for all queries that differ only in their values, and the SQL of their first statement.
#[derive(Debug)]
pub(crate) struct KeptPlan {
    pub(crate) plan: RowPlan,
    pub(crate) sql: KeptSql,
}

/// The SQL of a statement of a kept plan, when it was written once.
pub(crate) type KeptSql = OnceLock<StatementSql>;

impl Deref for OwnOrKept {
    type Target = RowPlan;

    fn deref(&self) -> &RowPlan {
        match self {
            Self::Own(plan) => plan,
            Self::Kept(kept) => &kept.plan,
        }
    }
}

/// The position of an entity in a row, and the relations included with it.
#[doc(hidden)]
#[derive(Debug)]
pub struct RowPlan {
    /// The position of the entity's first column.
    pub(crate) from: usize,
    /// The properties that the row holds, by their position in the entity, where it holds only some: those of
    /// a partial in the order of its fields, then the keys of relations.
    pub(crate) columns: Option<Box<[usize]>>,
    /// Whether the row holds all of it.
    pub(crate) whole: bool,
    /// The included relations, by their position among those of the entity.
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
    /// Whether a declared index finds the targets, or the links to them, by the key of a source.
    pub(crate) indexed: bool,
    /// Whether the targets of each source are sorted by their id when they have come.
    pub(crate) sorted_here: bool,
    pub(crate) select: Box<Select>,
    pub(crate) strategy: Strategy,
    pub(crate) required: bool,
    pub(crate) counted: bool,
    /// The number of all targets of each source, which a statement of its own loads beside them.
    pub(crate) total: Option<Arc<Planned>>,
    /// The reader for a row whose type does not name the relation.
    #[cfg_attr(not(feature = "serde"), allow(dead_code))]
    pub(crate) named: Option<&'static (dyn Any + Send + Sync)>,
    /// The greatest number of sources, if the query shows it.
    pub(crate) sources: Option<u64>,
    /// Whether a source with a key has a target for sure.
    pub(crate) promised: bool,
    /// The positions of the key in the row of a source.
    pub(crate) key_from: SmallVec<[usize; 1]>,
    /// The position of the kind in the row of a source, where sources of other kinds lead elsewhere.
    pub(crate) kind_from: Option<(usize, &'static KindDefinition)>,
    /// The positions of the target's key, by which it finds its sources.
    pub(crate) key: SmallVec<[usize; 1]>,
    pub(crate) target: RowPlan,
    /// The SQL of the statement that brings the targets, by the ways to ask for them; none where the
    /// plan is not kept.
    pub(crate) sql: Option<Box<[KeptSql; WAYS]>>,
}

/// Facts about the server of an executor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// Whether a round trip costs more than to repeat a query.
    pub(crate) high_latency: bool,
    /// Whether all statements of a tree see one snapshot.
    pub(crate) snapshot: bool,
    /// Whether the database may hold equal keys in several spellings, which a join does not find.
    pub(crate) spellings: bool,
}

impl RowPlan {
    /// The plan of an entity with nothing included.
    pub(crate) const BARE: Self =
        Self { from: 0, columns: None, whole: true, slots: SmallVec::new_const() };

    /// The plan of an entity in the rows of one statement: its columns come first, then those of
    /// what is joined to it, in the order of its relations.
    pub(crate) fn new(
        entity: &'static EntityDefinition,
        includes: Inclusions,
        bound: Bound,
        layout: &mut Layout,
    ) -> Self {
        if includes.is_empty() {
            return Self { from: layout.take(entity.properties.len()), ..Self::BARE };
        }
        let from = layout.take(entity.properties.len());
        Self::with_slots(entity, (from, None), includes, bound, layout)
    }

    /// The plan of some properties of an entity, and of a key that the row has to hold as well.
    pub(crate) fn of_columns(
        entity: &'static EntityDefinition,
        columns: Columns,
        key: &[&'static str],
        includes: Inclusions,
        bound: Bound,
        layout: &mut Layout,
    ) -> Self {
        let keys = includes.iter().flat_map(|one| one.relation.leading());
        let own = columns.iter().map(|one| one.name);
        let mut positions = Vec::with_capacity(columns.len() + key.len());
        for (at, name) in own.chain(key.iter().copied()).chain(keys).enumerate() {
            let position = entity.properties.iter().position(|one| one.name == name);
            // Fields of a partial keep their place, though two were of one property.
            positions.extend(position.filter(|one| at < columns.len() || !positions.contains(one)));
        }
        let from = layout.take(positions.len());
        let columns = Some(positions.into_boxed_slice());
        Self::with_slots(entity, (from, columns), includes, bound, layout)
    }

    fn with_slots(
        entity: &'static EntityDefinition,
        (from, columns): (usize, Option<Box<[usize]>>),
        mut includes: Inclusions,
        bound: Bound,
        layout: &mut Layout,
    ) -> Self {
        let mut plan = Self { from, columns, ..Self::BARE };
        let mut slots = SmallVec::<[_; 4]>::with_capacity(entity.relations.len());
        for relation in entity.relations {
            let at = includes.iter().position(|one| one.relation.name == relation.name);
            slots.push(at.map(|at| {
                let inclusion = includes.swap_remove(at);
                let source = plan.source(entity, inclusion.relation);
                Arc::new(Planned::new(inclusion, source, bound, layout))
            }));
        }
        plan.whole = slots
            .iter()
            .flatten()
            .all(|one| one.is_joined() && !one.repeats_source() && one.target.whole);
        plan.slots = slots;
        plan
    }

    /// The positions of properties in a row.
    pub(super) fn positions(
        &self,
        entity: &EntityDefinition,
        names: &[&str],
    ) -> SmallVec<[usize; 1]> {
        let position = |name: &&str| {
            let at = entity.properties.iter().position(|one| one.name == *name)?;
            match &self.columns {
                Some(columns) => columns.iter().position(|one| *one == at),
                None => Some(at),
            }
        };
        names.iter().filter_map(position).map(|at| self.from + at).collect()
    }

    /// The position of a field of a partial, by its number there and by that of its property in the entity:
    /// a row may hold the whole entity all the same.
    #[must_use]
    pub fn field(&self, field: usize, property: usize) -> usize {
        self.from + if self.columns.is_some() { field } else { property }
    }

    /// The plan of the targets of a relation.
    fn of_targets(
        select: &Select,
        includes: Inclusions,
        bound: Bound,
        layout: &mut Layout,
    ) -> Self {
        let Some(columns) = select.columns else {
            return Self::new(select.entity, includes, bound, layout);
        };
        let key = select.relation.map_or(&[][..], |relation| relation.key_to);
        Self::of_columns(select.entity, columns, key, includes, bound, layout)
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

    /// Whether a source comes in a row for each target of a joined relation to many.
    pub(crate) fn repeats_source(&self) -> bool {
        self.slots.iter().flatten().any(|one| one.repeats_source())
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

impl Planned {
    pub(crate) fn new(
        inclusion: Inclusion,
        source: PlannedSource,
        bound: Bound,
        layout: &mut Layout,
    ) -> Self {
        let Inclusion { relation, select, strategy, required, counted, total, named } = inclusion;
        let mut select = select.unwrap_or_else(|| Box::new(Select::targets(relation)));
        if counted {
            select.forget_declared_order();
        }
        let wanted = Wanted { relation, select: Some(&select), counted, strategy };
        let strategy = strategy_of(wanted, bound, layout);
        match strategy {
            Strategy::Joined if counted => layout.count(),
            Strategy::Joined => layout.join(relation),
            Strategy::Batched => {}
            Strategy::Pipelined => layout.repeat(),
        }
        let narrowed = select.is_narrowed();
        let total = total.then(|| {
            // A source may come in several rows, each of which would be counted.
            let strategy = match strategy {
                Strategy::Joined => Strategy::Batched,
                strategy => strategy,
            };
            let counted = Inclusion::total_of(relation, &select, strategy);
            Arc::new(Self::new(counted, source.clone(), bound, layout))
        });
        let includes = std::mem::take(&mut select.includes);
        let entity = relation.target.definition();
        let (numbered, indexed) = (relation.is_numbered(), relation.is_target_indexed());
        let sorted_here = !counted && is_sorted_here(relation, &select);
        let (target, key) = if strategy == Strategy::Joined {
            let width = usize::from(counted);
            let target = if counted {
                RowPlan { from: layout.take(width), ..RowPlan::BARE }
            } else {
                RowPlan::of_targets(&select, includes, bound, layout)
            };
            let key = target.positions(entity, relation.key_to);
            (target, key)
        } else if counted {
            // The key comes first, then the count.
            let keys = relation.key_from.len();
            (RowPlan { from: keys, ..RowPlan::BARE }, (0..keys).collect())
        } else {
            let rows = rows_below(relation, &select, bound);
            // A statement that is given keys does not repeat the one that brought them.
            let repeatable = if strategy == Strategy::Pipelined {
                bound.repeatable
            } else {
                bound.reach.snapshot
            };
            let bound = Bound { rows, in_hand: false, are_targets: true, ..bound };
            let repeatable = repeatable
                && entity.has_id()
                && !select.is_unknown()
                && !any_unknown(&includes, bound);
            let bound = Bound { repeatable, ..bound };
            let mut own = Layout::default();
            let target = RowPlan::of_targets(&select, includes, bound, &mut own);
            let key = if relation.through.is_some() || numbered {
                let from = own.take(relation.key_from.len());
                (from..from + relation.key_from.len()).collect()
            } else {
                target.positions(entity, relation.key_to)
            };
            (target, key)
        };
        let promised = select.promises_target() && !narrowed;
        let sources = bound.rows;
        let sql = bound.kept.then(Box::default);
        let PlannedSource { entity: source, key_from, kind_from } = source;
        Self {
            relation,
            source,
            numbered,
            indexed,
            sorted_here,
            select,
            strategy,
            required,
            counted,
            total,
            named,
            sources,
            promised,
            key_from,
            kind_from,
            key,
            target,
            sql,
        }
    }

    /// The properties that hold the key of a source: of the target, or of the link that leads to it.
    pub(crate) fn key_properties(&self) -> Vec<&'static PropertyDefinition> {
        self.relation.key_properties().1
    }

    /// Which targets are meant, as a condition asks for them.
    pub(crate) fn targets(&self) -> Targets {
        let Select { predicate, links, visible, .. } = &*self.select;
        Targets::new(self.relation, predicate.clone()).seen(*visible).linked_by(links.clone())
    }

    /// Whether the query shows that there are many sources.
    pub(crate) fn is_of_many(&self) -> bool {
        self.sources.is_some_and(|sources| sources > MANY_SOURCES as u64)
    }

    /// Whether each source has only some of its targets.
    pub(crate) fn is_paged(&self) -> bool {
        self.select.is_paged()
    }

    /// Whether a source comes in a row for each target, by this relation or one of its targets.
    pub(crate) fn repeats_source(&self) -> bool {
        self.is_joined()
            && !self.counted
            && (self.relation.targets_many() || self.target.repeats_source())
    }

    /// Whether rows come in the order of their ids alone.
    pub(crate) fn is_sorted_by_id(&self) -> bool {
        self.select.orders.is_empty() && !self.counted && !self.is_paged()
    }

    /// Whether a page of each source is read by a subquery for each key on PostgreSQL, which can stop
    /// early in an index; without one it would read the table once for each key.
    pub(crate) fn is_paged_by_key(&self) -> bool {
        self.is_paged() && self.indexed
    }

    pub(crate) fn is_joined(&self) -> bool {
        self.strategy == Strategy::Joined
    }
}

/// Whether the statement of the sources holds SQL of the user's own for one of these relations: where
/// it is joined, or says which sources are left out.
pub(crate) fn any_unknown(includes: &[Inclusion], bound: Bound) -> bool {
    // Whether a relation to many is joined depends on the others; it is taken for joined here.
    let layout = Layout::behind(0, RowsOfSource::Any { by_name: false });
    includes.iter().any(|one| {
        let Some(select) = &one.select else { return false };
        let Inclusion { relation, counted, strategy, .. } = *one;
        let wanted = Wanted { relation, select: Some(select), counted, strategy };
        let joined = !counted && strategy_of(wanted, bound, &layout) == Strategy::Joined;
        (joined || one.required) && (select.is_unknown() || any_unknown(&select.includes, bound))
    })
}

/// Whether targets come by their id in an order that Rust knows, which costs less here than on the server.
/// A target to which several links lead is left out while the server sorts.
fn is_sorted_here(relation: &RelationDefinition, select: &Select) -> bool {
    let links_differ = relation
        .through
        .as_ref()
        .is_none_or(|through| through.is_unique() && !relation.is_numbered());
    // Some columns may not hold the id.
    relation.targets_many()
        && relation.key_array != Some(KeyArray::Source)
        && select.columns.is_none()
        && select.orders.is_empty()
        && !select.is_paged()
        && links_differ
        && select.entity.id_is(|part| part.column_type.is_sorted_in_rust())
}

/// The greatest number of targets.
fn rows_below(relation: &RelationDefinition, select: &Select, above: Bound) -> Option<u64> {
    let each = if relation.targets_many() {
        let is_by_key = relation.through.is_none() && relation.key_array.is_none();
        let fixed = if is_by_key { relation.key_to } else { &[] };
        select.limit.into_iter().chain(select.most_with(fixed)).min()?
    } else {
        1
    };
    let of_all = above.rows.and_then(|sources| sources.checked_mul(each));
    of_all.into_iter().chain(select.most_matching()).min()
}
