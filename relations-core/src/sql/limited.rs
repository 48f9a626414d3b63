//! Limited queries with joined targets, of which a source may have several.

use sea_query::Asterisk;

use crate::ast::select::Select;
use crate::error::Result;
use crate::plan::row_bound::are_few;
use crate::plan::tree::RowPlan;
use crate::sql::include::Brought;
use crate::sql::select::SelectBuilder;
use crate::sql::{Verb, Writer};

impl Writer {
    /// The rows of a limited query, with what is joined to them.
    ///
    /// The key of a has-one may not be unique in the database, and a relation to many has many targets.
    /// They are joined after the limit, which would count a source once for each of them otherwise, and
    /// could hide all but one.
    pub(super) fn tree_of_limited(
        &self,
        select: &Select,
        plan: &RowPlan,
        verb: Verb,
    ) -> Result<Brought<'_>> {
        // Whole rows differ by their id.
        let limited = Select { distinct: false, ..select.clone() };
        let mut sources = SelectBuilder::of(self, &limited)?;
        sources.require(plan)?;
        sources.verb(&limited, verb)?;
        if plan.is_repeated() && !select.is_totally_ordered() {
            sources.order_by_id();
        }
        let root = sources.places.root.clone();
        sources.statement.column((root.name(), Asterisk));
        sources.tell_links()?;

        let outer = select.of_given_rows();
        let mut reading = SelectBuilder::of(self, &outer)?;
        reading.places.links.are_columns_of(root.name());
        if plan.repeats_source() && are_few(select.limit) {
            reading.places.look_up();
        }
        reading.columns = reading.places.told(&outer)?;
        reading.included(plan)?;
        // The rows of a chain are targets as well, which the outer query cannot tell any more.
        reading.page(&outer, None, select.targets_many())?;
        reading.order_targets();
        reading.statement.from_clear().from_subquery(sources.finish(), root.name());
        Ok(Brought { reading, is_cut: false })
    }
}

impl SelectBuilder<'_> {
    /// Leaves out rows that lack what is required, and joins nothing to the others.
    fn require(&mut self, plan: &RowPlan) -> Result<()> {
        let root = self.places.root.clone();
        for planned in plan.slots.iter().flatten().filter(|one| one.required) {
            let present = self.places.present(&root, planned)?;
            self.statement.and_where(present);
        }
        Ok(())
    }
}
