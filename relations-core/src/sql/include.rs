//! Entities with what is included: the rows of a query, and the targets of many sources.

use sea_query::{Asterisk, Expr, ExprTrait, Func, JoinType, SelectStatement};

use crate::ast::select::Select;
use crate::ast::term::Field;
use crate::definition::entity::EntityDefinition;
use crate::definition::kind::KindDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{RelationKind, ThroughDefinition};
use crate::dialect::{Dialect, Engine};
use crate::error::Result;
use crate::plan::strategy::{FEW_KEYS, MANY_SOURCES};
use crate::plan::tree::{KeptSql, OwnOrKept, Planned, RowPlan, WAYS};
use crate::sql::from_clause::{AliasedTable, FromClause, keys_equal};
use crate::sql::keys::key_name;
use crate::sql::place::is_word_of;
use crate::sql::relation::key_if;
use crate::sql::select::{SelectBuilder, distinct_is_ordered_by_itself, order, order_by_id};
use crate::sql::value::Selected;
use crate::sql::{Lowered, Verb, Writer};
use crate::value::parameter::Parameter;

/// A statement that brings entities, as it is asked for.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub(crate) enum EntityStatement<'a> {
    /// The rows of a query that a verb wants, with what is joined to them.
    Of { select: &'a Select, plan: &'a OwnOrKept, verb: Verb },
    /// The targets of many sources with what is joined to them; where a link leads to them, the key
    /// of the source comes last.
    Targets { planned: &'a Planned, keys: Keys<'a> },
    /// The number of targets of many sources, behind the key of each.
    Counts { planned: &'a Planned, keys: Keys<'a> },
}

/// The keys of sources, to find their targets by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keys<'a> {
    /// An array for each part.
    Given(&'a [Parameter]),
    /// The keys of entities that a statement brings, and the positions of their parts in its rows.
    Repeated { rows: &'a EntityStatement<'a>, key_from: KeyPositions<'a> },
}

/// The positions of the parts of a key in a row, and of its kind where rows of other kinds lead elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyPositions<'a> {
    pub(crate) parts: &'a [usize],
    pub(crate) kind: Option<(usize, &'static KindDefinition)>,
}

/// The number of keys, as far as the SQL depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Given {
    One,
    /// [`FEW_KEYS`] at most.
    Few,
    /// [`MANY_SOURCES`] at most.
    Hundreds,
    Many,
    /// So many that fill what lies between the first and the last, all of which is asked for.
    Range,
}

impl Given {
    /// The keys of the sources of a relation.
    ///
    /// Many integers in a row are found in an index three times as fast as one after another, as
    /// measured, and twice as many rows take as long. So a third of what comes may belong to no source,
    /// where each key has one target; where it has many, the number of further rows is not known.
    pub(crate) fn of(planned: &Planned, arrays: &[Parameter]) -> Self {
        let given = Self::keys(arrays);
        let ([keys], Self::Many) = (arrays, given) else { return given };
        let most = match planned.relation.kind {
            RelationKind::BelongsTo => keys.elements() + keys.elements() / 2,
            RelationKind::HasMany | RelationKind::HasOne => keys.elements(),
        };
        // A cluster finds the servers of keys, and not those of a range.
        let fills = keys.span().is_some_and(|span| span <= most);
        if fills && planned.key_columns().distribution().is_none() { Self::Range } else { given }
    }

    pub(crate) fn keys(arrays: &[Parameter]) -> Self {
        match arrays.first().map(Parameter::elements) {
            Some(1) => Self::One,
            Some(keys) if keys > MANY_SOURCES => Self::Many,
            Some(keys) if keys > FEW_KEYS => Self::Hundreds,
            _ => Self::Few,
        }
    }

    /// Whether there are more than a few of them.
    pub(crate) fn exceeds_few(self) -> bool {
        matches!(self, Self::Hundreds | Self::Many | Self::Range)
    }
}

impl EntityStatement<'_> {
    fn entity(self) -> &'static EntityDefinition {
        match self {
            Self::Of { select, .. } => select.entity,
            Self::Targets { planned, .. } | Self::Counts { planned, .. } => planned.select.entity,
        }
    }

    /// Which of the [`WAYS`] it is.
    fn way(self) -> usize {
        match self {
            Self::Of { .. } => 0,
            Self::Targets { planned, keys } | Self::Counts { planned, keys } => match keys {
                Keys::Given(arrays) => 1 + Given::of(planned, arrays) as usize,
                Keys::Repeated { rows, .. } => WAYS / 2 + rows.way() % (WAYS / 2),
            },
        }
    }

    /// The cache of the SQL, if the plan is kept.
    pub(crate) fn kept(&self) -> Option<&KeptSql> {
        match self {
            Self::Of { plan: OwnOrKept::Kept(kept), .. } => Some(&kept.sql),
            Self::Of { plan: OwnOrKept::Own(_), .. } => None,
            Self::Targets { planned, .. } | Self::Counts { planned, .. } => {
                planned.sql.as_ref()?.get(self.way())
            }
        }
    }

    /// The statement and its values.
    pub(crate) fn lower(self, dialect: Dialect) -> Result<Lowered> {
        let writer = Writer::new(dialect, self.entity());
        writer.write(&writer.bring(self)?.reading.read())
    }

    /// The keys of rows, whose parts are at these positions.
    pub(crate) fn keys(
        self,
        dialect: Dialect,
        key_from: KeyPositions<'_>,
    ) -> Result<SelectStatement> {
        let writer = Writer::new(dialect, self.entity());
        let Brought { mut reading, is_cut } = writer.bring(self)?;
        if !is_cut {
            // An order matters only where it says which rows are left.
            reading.statement.clear_order_by();
        }
        let columns = std::mem::take(&mut reading.columns);
        let value = |at: usize| columns.get(at).map(|column| column.value.clone());
        for (part, at) in key_from.parts.iter().enumerate() {
            if let Some(key) = value(*at) {
                let key = match key_from.kind.and_then(|(at, kind)| Some((value(at)?, kind))) {
                    Some((found, kind)) => key_if(is_word_of(kind, found), key),
                    None => key,
                };
                reading.statement.expr_as(key, key_name(part));
            }
        }
        let keys = reading.finish();
        writer.check().map(|()| keys)
    }
}

/// The rows of a statement, in columns that are known by their position.
pub(super) struct Brought<'writer> {
    pub(super) reading: SelectBuilder<'writer>,
    /// Whether these are only some of the rows.
    pub(super) is_cut: bool,
}

impl Writer {
    fn bring(&self, rows: EntityStatement<'_>) -> Result<Brought<'_>> {
        match rows {
            EntityStatement::Of { select, plan, verb } => self.tree(select, plan, verb),
            EntityStatement::Targets { planned, keys } => self.targets(planned, keys),
            EntityStatement::Counts { planned, keys } => self.counts(planned, keys),
        }
    }

    fn tree(&self, select: &Select, plan: &RowPlan, verb: Verb) -> Result<Brought<'_>> {
        if plan.is_repeated() {
            select.check_unlocked(
                "what is pipelined would ask once more for the rows, which may be others by then",
            )?;
        }
        let is_cut = select.limit.is_some() || select.offset.is_some() || verb != Verb::All;
        let is_limited = is_cut && !select.is_unique();
        if (is_limited && plan.joined_to_several().is_some())
            || ((is_limited || select.is_paged()) && plan.repeats_source())
        {
            return self.tree_of_limited(select, plan, verb);
        }
        if let (true, Some(columns)) = (select.distinct, select.columns) {
            let terms: Vec<_> =
                columns.iter().map(|one| Field::of(select.entity, one).into()).collect();
            distinct_is_ordered_by_itself(select, &terms)?;
        }
        let mut reading = SelectBuilder::of(self, select)?;
        if select.matches_few() {
            reading.places.look_up();
        }
        reading.columns = reading.places.told(select)?;
        reading.included(plan)?;
        reading.verb(select, verb)?;
        if plan.is_repeated() && is_cut && !select.is_unique() && !select.is_totally_ordered() {
            // Both statements have to bring equal rows, also if the order leaves some equal.
            reading.order_by_id();
        }
        reading.order_targets();
        Ok(Brought { reading, is_cut })
    }

    fn targets(&self, planned: &Planned, keys: Keys<'_>) -> Result<Brought<'_>> {
        let Planned { relation, select, target: plan, .. } = planned;
        let mut reading = SelectBuilder::of(self, select)?;
        reading.included(plan)?;
        if !planned.is_paged() {
            let key = reading.of_sources(planned, keys)?.marks;
            if relation.through.is_some() || keys.are_joined(planned) {
                reading.columns.extend(key);
            }
            if relation.targets_many() {
                reading.order(select)?;
                if !planned.sorted_here {
                    reading.order_by_id();
                }
            }
            return Ok(Brought { reading, is_cut: false });
        }
        let (rows, columns) = match self.engine {
            Engine::Postgres if planned.is_paged_by_key() => reading.page_of_each(planned, keys)?,
            Engine::Postgres | Engine::Sqlite => reading.numbered(planned, keys)?,
        };
        let places = FromClause::new(self, AliasedTable::rows_of(select));
        let mut reading = SelectBuilder::new(rows, places);
        reading.columns = columns;
        Ok(Brought { reading, is_cut: false })
    }

    fn counts(&self, planned: &Planned, keys: Keys<'_>) -> Result<Brought<'_>> {
        let mut reading = SelectBuilder::of(self, &planned.select)?;
        let SourceKeys { marks, number } = reading.of_sources(planned, keys)?;
        reading.columns = marks;
        let key: Vec<_> = reading.columns.iter().map(|part| part.value.clone()).collect();
        reading.statement.add_group_by(key.into_iter().chain(number));
        reading.columns.push(Selected::new(Func::count(Expr::col(Asterisk)).into(), None));
        Ok(Brought { reading, is_cut: false })
    }
}

impl SelectBuilder<'_> {
    /// Adds the columns of the queried entity and of what is joined to it; rows that lack what is
    /// required are left out.
    pub(super) fn included(&mut self, plan: &RowPlan) -> Result<()> {
        let root = self.places.root.clone();
        self.include(&root, plan, true)
    }

    fn include(&mut self, place: &AliasedTable, plan: &RowPlan, required: bool) -> Result<()> {
        match &plan.columns {
            Some(columns) => {
                let properties = columns.iter().filter_map(|at| place.entity.properties.get(*at));
                self.columns.extend(properties.map(|property| place.selected(property)));
            }
            None => self.columns.extend(place.columns()),
        }
        for planned in plan.slots.iter().flatten() {
            let required = required && planned.required;
            if planned.is_joined() && planned.counted {
                let number = self.places.count(place, planned)?;
                self.columns.push(Selected::new(number, None));
            } else if planned.is_joined() {
                let target = self.places.join_included(place, planned)?;
                if planned.relation.targets_many() && !planned.sorted_here {
                    self.ordered_targets = Some((target.clone(), planned.select.orders.clone()));
                }
                if required {
                    for key in target.named(planned.relation.key_to) {
                        self.statement.and_where(key.is_not_null());
                    }
                }
                self.include(&target, &planned.target, required)?;
            } else if required {
                let present = self.places.present(place, planned)?;
                self.statement.and_where(present);
            }
        }
        Ok(())
    }
}

impl SelectBuilder<'_> {
    /// Orders the targets of a joined relation to many, where the server has to; behind their sources.
    pub(super) fn order_targets(&mut self) {
        let Some((targets, orders)) = self.ordered_targets.take() else { return };
        self.order_by_id();
        for by in &orders {
            if let Some(property) = by.property() {
                let value = targets.column(property);
                order(self.places.writer.engine, &mut self.statement, value, by);
            }
        }
        order_by_id(&mut self.statement, &targets);
    }
}

impl FromClause<'_> {
    /// The place of an included target. What narrows it narrows the join, not the rows.
    fn join_included(&mut self, from: &AliasedTable, planned: &Planned) -> Result<AliasedTable> {
        if planned.select.is_plain() && planned.select.sees_as_usual() {
            return Ok(self.join(from, planned.relation));
        }
        let mut targets = SelectBuilder::of(self.writer, &planned.select)?;
        targets.columns.extend(targets.places.root.columns());
        Ok(self.join_rows(from, planned.relation, targets.finish()))
    }

    /// Whether a row has a target, with what is required of it in turn.
    pub(super) fn present(&self, from: &AliasedTable, planned: &Planned) -> Result<Expr> {
        let mut targets = self.at(from).targets(&planned.targets(), false)?;
        for nested in planned.target.slots.iter().flatten().filter(|nested| nested.required) {
            let present = targets.places.present(&targets.places.root, nested)?;
            targets.statement.and_where(present);
        }
        targets.statement.expr(Expr::cust("1"));
        Ok(Expr::exists(targets.finish()))
    }

    /// The number of targets of a row.
    fn count(&self, from: &AliasedTable, planned: &Planned) -> Result<Expr> {
        let mut targets = self.at(from).targets(&planned.targets(), true)?;
        targets.statement.expr(Func::count(Expr::col(Asterisk)));
        Ok(targets.finish().into())
    }
}

/// The columns of rows that tell whose targets they are.
pub(super) struct SourceKeys {
    /// The key itself, or its number.
    pub(super) marks: Vec<Selected>,
    /// The number of the key, where there is one: keys may be equal and be of several sources.
    pub(super) number: Option<Expr>,
}

impl SelectBuilder<'_> {
    /// Takes only the targets of sources with those keys.
    pub(super) fn of_sources(&mut self, planned: &Planned, keys: Keys<'_>) -> Result<SourceKeys> {
        let writer = self.places.writer;
        if planned.relation.key_array.is_some() {
            return self.of_key_arrays(planned, keys);
        }
        if keys.are_joined(planned) {
            let (columns, joined) = self.keys_to_join(planned, keys)?;
            let key =
                SourceKeys { marks: joined.marks.clone(), number: Some(joined.number.clone()) };
            let by_id = planned.is_sorted_by_id();
            self.join_keys(planned.relation.through.as_ref(), &columns, joined, by_id)?;
            return Ok(key);
        }
        let properties = planned.key_properties();
        let among = |key| writer.among(key, planned, keys);
        if let Some(through) = &planned.relation.through {
            let by_id = planned.is_sorted_by_id();
            let marks = self.led_to_by(through, &properties, by_id, among)?;
            return Ok(SourceKeys { marks, number: None });
        }
        let root = &self.places.root;
        self.statement.and_where(among(properties.iter().map(|one| root.column(one)).collect())?);
        let marks = properties.into_iter().map(|one| root.selected(one)).collect();
        Ok(SourceKeys { marks, number: None })
    }

    /// Takes only what links lead to whose key is among some, and which may be ordered by its id alone;
    /// the columns that hold the key.
    ///
    /// Links that say the same count once. Where the rows are sorted by their ids anyway, PostgreSQL
    /// leaves out the next of one id and key while it does so; to tell links apart first costs more.
    pub(crate) fn led_to_by(
        &mut self,
        through: &ThroughDefinition,
        properties: &[&'static PropertyDefinition],
        by_id: bool,
        among: impl FnOnce(Vec<Expr>) -> Result<Expr>,
    ) -> Result<Vec<Selected>> {
        let (writer, link) = (self.places.writer, self.places.meant_link(through));
        let key: Vec<_> = properties.iter().map(|one| link.column(one)).collect();
        let among = among(key.clone())?;
        let leads_to = keys_equal(&link, through.to(), &self.places.root);
        let while_sorted = by_id && self.places.writer.engine == Engine::Postgres;
        if through.is_unique() || while_sorted {
            writer.join(&mut self.statement, JoinType::InnerJoin, &link, leads_to);
            self.statement.and_where(among);
            self.places.links.are_rows_of(&link);
            if !through.is_unique() {
                let root = &self.places.root;
                let id = root.entity.id().map(|one| (root.name(), one.column));
                let key = properties.iter().map(|one| (link.name(), one.column));
                self.statement.distinct_on(id.chain(key));
            }
        } else {
            let ends = through.key_to().filter(|end| !properties.iter().any(|one| one.is(end)));
            let mut links = SelectStatement::new();
            let ends = ends.map(|end| link.column(end));
            let each: Vec<_> = key.into_iter().chain(ends).collect();
            links.exprs(each.clone());
            writer.from(&mut links, &link);
            links.and_where(among);
            let is_first = self.places.first_links(&mut links, &link, each, link.name())?;
            let leads_to = is_first.into_iter().fold(leads_to, ExprTrait::and);
            self.statement.join_subquery(JoinType::InnerJoin, links, link.name(), leads_to);
        }
        Ok(properties.iter().map(|one| link.selected(one)).collect())
    }
}
