//! Relations that are loaded with the rows of a query.

use std::any::Any;
use std::fmt;

use smallvec::SmallVec;

use crate::ast::select::Select;
use crate::definition::relation::RelationDefinition;

/// The strategy by which the targets of a relation are loaded. All give the same results, and the
/// number of statements never depends on the number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// In the statement that loads the sources.
    ///
    /// For a relation to many a source is returned once for each target, so only one such relation of a
    /// query is joined. It is [batched](Self::Batched) instead if it is a further one, is below a batched
    /// relation, uses a join table, has a limit, or is ordered by more than columns of the target, and in
    /// a query that locks, a page or a stream.
    Joined,
    /// By one further statement for all sources, with their keys, each sent once.
    Batched,
    /// By one further statement that repeats the query of the sources and is sent together with it. It
    /// is [batched](Self::Batched) instead if the repeated query may return other rows: without one
    /// snapshot for all statements, as in a transaction below repeatable read, and with SQL of your own
    /// ([`Filter::raw`](crate::Filter::raw)).
    Pipelined,
}

/// One relation to follow, and which of its targets.
#[doc(hidden)]
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each says a thing of its own")]
pub struct Inclusion {
    pub(crate) relation: &'static RelationDefinition,
    /// The filter, order and page of the targets, and what is included with them in turn; `None` for
    /// all of them, by themselves.
    pub(crate) select: Option<Box<Select>>,
    /// The strategy that was asked for by name.
    pub(crate) strategy: Option<Strategy>,
    /// Whether sources without a target are left out.
    pub(crate) required: bool,
    /// Whether targets are counted rather than loaded.
    pub(crate) counted: bool,
    /// Whether the number of all targets that the filter matches is loaded beside them.
    pub(crate) total: bool,
    /// The reader for a row whose type does not name the relation; see `loader::named`.
    pub(crate) named: Option<&'static (dyn Any + Send + Sync)>,
}

/// The relations that a query includes; often one.
pub(crate) type Inclusions = SmallVec<[Inclusion; 1]>;

impl Inclusion {
    /// The number of the targets that are included, without their page.
    pub(crate) fn total_of(
        relation: &'static RelationDefinition,
        select: &Select,
        strategy: Strategy,
    ) -> Self {
        let (predicate, visible) = (select.predicate.clone(), select.visible);
        let links = select.links.clone();
        let mut targets = Select { visible, predicate, links, ..Select::targets(relation) };
        targets.forget_declared_order();
        Self {
            relation,
            select: Some(Box::new(targets)),
            strategy: Some(strategy),
            required: false,
            counted: true,
            total: false,
            named: None,
        }
    }

    /// The targets, to say which ones.
    pub(crate) fn select(&mut self) -> &mut Select {
        self.select.get_or_insert_with(|| Box::new(Select::targets(self.relation)))
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Joined => "joined",
            Self::Batched => "batched",
            Self::Pipelined => "pipelined",
        })
    }
}
