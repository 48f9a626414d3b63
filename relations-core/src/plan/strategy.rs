//! The choice of a loading strategy.

use crate::ast::inclusion::Strategy;
use crate::definition::relation::RelationDefinition;
use crate::plan::tree::Reach;

/// Up to this many keys are looked up in an index by a plan that is kept. More are planned for, since a
/// kept plan compares each row with each key where the index is missing.
pub(crate) const FEW_KEYS: usize = 100;

/// More sources than this are many: contiguous keys are a range, and a repeated query is joined as a
/// set.
pub(crate) const MANY_SOURCES: usize = 1_000;

/// A relation to one is joined where its sources are this many at most, as measured; a shared
/// target would be sent once a source.
pub(crate) const JOINED_ROWS: u64 = 50;

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

/// The strategy that was asked for where it can be had, or the one that suits what is known.
///
/// A relation to one is joined where the query is bounded to [`JOINED_ROWS`], and batched where it
/// is not; so is a count. A relation to many is batched. Where the server is far, what would be
/// batched is pipelined. For sources in hand there is only one further statement.
///
/// A pipelined statement repeats that of the sources, so it is batched if that may bring other rows.
///
/// A relation whose key is not unique in the database would bring its source once for each target. Rows
/// of a query tell that by their ids; targets belong to sources and may be limited for each, so such a
/// relation of theirs is not joined.
///
/// SQLite compares the spellings of two UUIDs or times, so a relation by such a key is batched there: a key
/// that is given finds each spelling.
pub(crate) fn strategy_of(
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
        _ if bound.reach.spellings && relation.has_spellings() => Strategy::Batched,
        Some(Strategy::Joined) if may_repeat => Strategy::Batched,
        Some(Strategy::Pipelined) if !bound.repeatable => Strategy::Batched,
        Some(asked) => asked,
        None if can_join && few => Strategy::Joined,
        None if bound.reach.high_latency && bound.repeatable => Strategy::Pipelined,
        None => Strategy::Batched,
    }
}
