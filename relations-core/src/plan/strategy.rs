//! The choice of a loading strategy.

use crate::ast::inclusion::Strategy;
use crate::ast::select::Select;
use crate::definition::relation::RelationDefinition;
use crate::plan::layout::Layout;
use crate::plan::row_bound::is_at_most;
use crate::plan::tree::Reach;

/// Up to this many keys are looked up in an index by a plan that is kept, and up to [`MANY_SOURCES`]
/// integers in that of an id or a unique property. More are planned for, since a kept plan compares each row
/// with each key where it does not use the index.
pub(crate) const FEW_KEYS: usize = 100;

/// More sources than this are many: contiguous keys are a range, and a repeated query is joined as a
/// set.
pub(crate) const MANY_SOURCES: usize = 1_000;

/// A relation to one is joined where its sources are this many at most, as measured: a shared target would
/// be sent once a source.
const JOINED_TO_ONE: u64 = 100;

/// The bound where targets have includes in turn: more columns are repeated.
const JOINED_TREES: u64 = 50;

/// A bound of a relation to many, where a source is sent once for each target.
const JOINED_TO_MANY: u64 = 20;

/// A query for this many rows at most is one for few.
pub(crate) const FEW_ROWS: u64 = JOINED_TO_ONE;

/// Facts about the sources that are known before the statement is sent.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each says a thing of its own")]
pub(crate) struct Bound {
    /// The greatest number of them.
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

/// A relation that is included, as far as its strategy depends on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) relation: &'static RelationDefinition,
    /// The filter, order and page of the targets; `None` for all of them.
    pub(crate) select: Option<&'a Select>,
    pub(crate) counted: bool,
    /// The strategy that the query names.
    pub(crate) strategy: Option<Strategy>,
}

impl Wanted<'_> {
    /// The greatest number of sources with which it is joined.
    fn most_joined(self) -> u64 {
        if self.counted {
            JOINED_TO_ONE
        } else if self.relation.targets_many() {
            JOINED_TO_MANY
        } else if self.select.is_some_and(|select| !select.includes.is_empty()) {
            JOINED_TREES
        } else {
            JOINED_TO_ONE
        }
    }

    /// Whether the targets of a source can come in its rows. Those of a relation to many cannot where a
    /// join table leads to them, where each source has a page of them, or where they are ordered by more
    /// than their own columns.
    fn is_joinable(self) -> bool {
        if self.counted || !self.relation.targets_many() {
            return true;
        }
        let by_columns = |select: &Select| {
            !select.is_paged() && select.orders.iter().all(|by| by.property().is_some())
        };
        self.relation.through.is_none() && self.select.is_none_or(by_columns)
    }
}

/// The strategy that the query names where it can be had, or the one that suits what is known.
///
/// A relation to one is joined where the query is bounded to [`JOINED_TO_ONE`], and batched where it
/// is not; so is a count, and the first relation to many if the server is near, by bounds of their own. Where
/// the server is far, what would be batched is pipelined. For sources in hand there is only one further
/// statement.
///
/// A pipelined statement repeats that of the sources, so it is batched if that may bring other rows.
///
/// A relation whose key is not unique in the database would bring its source once for each target. Rows
/// of a query tell that by their ids; targets belong to sources and may be limited for each, so such a
/// relation of theirs is not joined. Nor is it beside a relation to many, which repeats its sources.
///
/// A relation by an array of keys is batched: each key leads to its target by an index, and a source is sent once.
///
/// SQLite compares the spellings of two UUIDs or times, so a relation by such a key is batched there: a key
/// that is given finds each spelling.
pub(crate) fn strategy_of(wanted: Wanted<'_>, bound: Bound, layout: &Layout) -> Strategy {
    let Wanted { relation, counted, strategy, .. } = wanted;
    let is_many = relation.targets_many() && !counted;
    let is_named = strategy == Some(Strategy::Joined);
    let may_repeat = relation.may_lead_to_several() && !counted;
    let one_row_each = !layout.repeats_sources();
    let can_join = wanted.is_joinable()
        && match wanted {
            _ if is_many => layout.joins_many(is_named),
            _ if may_repeat => one_row_each && !bound.are_targets,
            _ => one_row_each || !counted || is_named,
        };
    let can_repeat = bound.repeatable && one_row_each;
    let are_few = is_at_most(bound.rows, wanted.most_joined());
    match strategy {
        _ if bound.in_hand || relation.key_array.is_some() => Strategy::Batched,
        _ if bound.reach.spellings && relation.has_spellings() => Strategy::Batched,
        Some(Strategy::Joined) if !can_join => Strategy::Batched,
        Some(Strategy::Pipelined) if !can_repeat => Strategy::Batched,
        Some(named) => named,
        None if can_join && are_few && !(is_many && bound.reach.high_latency) => Strategy::Joined,
        None if bound.reach.high_latency && can_repeat => Strategy::Pipelined,
        None => Strategy::Batched,
    }
}
