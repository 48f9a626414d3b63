//! Select statements.

use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;

use crate::ast::inclusion::{Inclusion, Inclusions};
use crate::ast::lock::{Busy, Lock};
use crate::ast::order::OrderBy;
use crate::ast::page::Anchor;
use crate::ast::predicate::Predicate;
use crate::ast::scope::SelectScope;
use crate::ast::term::Term;
use crate::definition::entity::EntityDefinition;
use crate::definition::link_order::LinkOrder;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{RelationDefinition, ThroughDefinition};
use crate::definition::visible::Visible;

/// Some properties of an entity.
pub(crate) type Columns = &'static [&'static PropertyDefinition];

/// A query, before it is written as SQL.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Select {
    pub(crate) entity: &'static EntityDefinition,
    pub(crate) scope: SelectScope,
    /// Which rows are seen: deleted ones or not, in the default scope or not.
    pub(crate) visible: Visible,
    /// The relation that was followed to get here.
    pub(crate) relation: Option<&'static RelationDefinition>,
    pub(crate) predicate: Predicate,
    /// Which links lead to the rows, as a filter of the link's entity, where not all do.
    pub(crate) links: Option<Arc<Predicate>>,
    pub(crate) orders: Vec<OrderBy>,
    /// Whether the orders are those that the followed relation is declared with.
    pub(crate) ordered_by_default: bool,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    /// Whether the orders go from the last row to the first, as of the page before a row.
    pub(crate) backwards: bool,
    /// The row behind which the rows start; the orders then leave no two rows equal.
    pub(crate) anchor: Option<Anchor>,
    /// Whether each row begins with the values it is ordered by that are none of its own columns.
    pub(crate) tells_order: bool,
    pub(crate) distinct: bool,
    /// Whether a change of every row was asked for by name.
    pub(crate) all_rows: bool,
    pub(crate) lock: Lock,
    /// The properties that are loaded of each row, unless all are.
    pub(crate) columns: Option<Columns>,
    /// The relations that are loaded with each row.
    pub(crate) includes: Inclusions,
    /// The line of code that asks.
    pub(crate) caller: Option<&'static Location<'static>>,
}

impl Select {
    pub(crate) fn new(entity: &'static EntityDefinition, scope: SelectScope) -> Self {
        Self {
            entity,
            scope,
            visible: Visible::SCOPED,
            relation: None,
            predicate: Predicate::Always,
            links: None,
            orders: Vec::new(),
            ordered_by_default: false,
            limit: None,
            offset: None,
            backwards: false,
            anchor: None,
            tells_order: false,
            distinct: false,
            all_rows: false,
            lock: Lock::default(),
            columns: None,
            includes: Inclusions::new(),
            caller: None,
        }
    }

    /// The targets of a relation.
    pub(crate) fn targets(relation: &'static RelationDefinition) -> Self {
        let mut targets = Self::new(relation.target.definition(), SelectScope::Table);
        targets.follow(relation);
        targets
    }

    /// Makes the rows targets of a relation: those that it sees, in the order that it declares.
    pub(crate) fn follow(&mut self, relation: &'static RelationDefinition) {
        self.relation = Some(relation);
        self.visible = relation.visible();
        let declared = relation.through.as_ref().and_then(|through| through.order_by);
        if let Some(orders) = declared.and_then(LinkOrder::orders::<Vec<OrderBy>>) {
            self.orders.clone_from(orders);
            self.ordered_by_default = true;
        }
    }

    /// Orders the rows, by what was given before first. A declared order gives way.
    pub(crate) fn order_by(&mut self, order: OrderBy) {
        self.forget_declared_order();
        self.orders.push(order);
    }

    /// Leaves out the order that the followed relation declares.
    pub(crate) fn forget_declared_order(&mut self) {
        if std::mem::take(&mut self.ordered_by_default) {
            self.orders.clear();
        }
    }

    /// Loads a relation with each row.
    pub(crate) fn include(&mut self, inclusion: Inclusion) {
        // Whole rows differ by their id, with or without what is loaded with them.
        self.distinct = false;
        // An inclusion is large, and most queries have few.
        self.includes.reserve_exact(1);
        self.includes.push(inclusion);
    }

    /// Whether it is known without asking that there are no rows.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.scope, SelectScope::Nothing)
            || matches!(self.predicate, Predicate::Never)
            || matches!(self.links.as_deref(), Some(Predicate::Never))
    }

    /// Whether one key says which rows.
    pub(crate) fn is_by_key(&self) -> bool {
        matches!(
            self.scope,
            SelectScope::Key { .. }
                | SelectScope::Array(_)
                | SelectScope::Linked(_)
                | SelectScope::TargetsOfId(_)
                | SelectScope::Via(_)
        )
    }

    /// Whether nothing but the scope says which rows and in which order.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.predicate, Predicate::Always)
            && self.links.is_none()
            && self.orders.is_empty()
            && self.limit.is_none()
            && self.offset.is_none()
            && self.anchor.is_none()
            && !self.tells_order
            && !self.distinct
            && self.lock.busy != Busy::Skip
    }

    /// Whether only some of the rows are taken, by their number.
    pub(crate) fn is_paged(&self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    /// Whether rows that the scope means may be left out.
    pub(crate) fn is_narrowed(&self) -> bool {
        !self.is_plain() || self.includes.iter().any(|one| one.required)
    }

    /// Whether the scope alone leaves one row at most: it is an id, or a key that a relation to one
    /// leads to.
    pub(crate) fn is_unique(&self) -> bool {
        matches!(self.scope, SelectScope::Key { .. }) && !self.targets_many()
    }

    /// The query as it is where a part of its statement has already found its rows: in its order, and
    /// with nothing that leaves out rows or locks them.
    pub(crate) fn of_given_rows(&self) -> Self {
        Self {
            scope: SelectScope::Table,
            predicate: Predicate::Always,
            links: None,
            limit: None,
            offset: None,
            anchor: None,
            lock: Lock::default(),
            includes: Inclusions::default(),
            ..self.clone()
        }
    }

    /// The relation that was followed, and the link that it goes through.
    pub(crate) fn through(
        &self,
    ) -> Option<(&'static RelationDefinition, &'static ThroughDefinition)> {
        self.relation.and_then(|relation| Some((relation, relation.through.as_ref()?)))
    }

    /// The orders by values of the links that lead to the rows.
    pub(crate) fn link_orders(&self) -> impl Iterator<Item = &OrderBy> {
        self.orders.iter().filter(|by| matches!(by.term, Term::OfLink(_)))
    }

    /// The query without its orders by links, where the order of its rows makes no difference.
    pub(crate) fn in_any_order(&self) -> Cow<'_, Self> {
        if self.link_orders().next().is_none() {
            return Cow::Borrowed(self);
        }
        let mut unordered = self.clone();
        unordered.orders.retain(|by| !matches!(by.term, Term::OfLink(_)));
        Cow::Owned(unordered)
    }

    /// Whether the rows are seen that the followed relation sees, or every query.
    pub(crate) fn sees_as_usual(&self) -> bool {
        self.visible == self.relation.map_or(Visible::SCOPED, RelationDefinition::visible)
    }

    /// Whether a constraint promises that a key of the relation has a target among these rows.
    pub(crate) fn promises_target(&self) -> bool {
        let has_constraint = self.relation.is_some_and(|one| one.foreign_key.is_some());
        has_constraint && !self.visible.hides(self.entity)
    }

    /// Whether the rows are the targets of a relation to many, or of several relations, which come by
    /// their id.
    pub(crate) fn targets_many(&self) -> bool {
        matches!(self.scope, SelectScope::Via(_))
            || self.relation.is_some_and(RelationDefinition::targets_many)
    }

    /// The relation that was followed last to get here.
    pub(crate) fn followed(&self) -> Option<&'static RelationDefinition> {
        match &self.scope {
            SelectScope::Via(via) => Some(via.relation),
            _ => self.relation,
        }
    }
}
