//! A page of the targets of each source.

use sea_query::{
    Alias, Expr, ExprTrait, Func, JoinType, Order, OverStatement, SelectStatement, WindowStatement,
};

use crate::error::Result;
use crate::plan::tree::Planned;
use crate::sql::from_clause::{AliasedTable, all};
use crate::sql::include::{Given, Keys, SourceKeys};
use crate::sql::keys::{PLANNED_ANEW, key_name};
use crate::sql::select::{SelectBuilder, order, order_by_id};
use crate::sql::value::Selected;

impl SelectBuilder<'_> {
    /// A page of the targets of each source: for each key a query of its own, in one statement.
    ///
    /// The rows of each key come in the order of its page: what joins them goes from key to key.
    pub(super) fn page_of_each(
        mut self,
        planned: &Planned,
        keys: Keys<'_>,
    ) -> Result<(SelectStatement, Vec<Selected>)> {
        let Planned { relation, select, .. } = planned;
        let writer = self.places.writer;
        let parts = 0..relation.key_from.len();
        let columns = planned.key_columns();
        let joined = planned.numbered.then(|| self.numbered_keys(&columns, Some(planned), keys));
        let joined = joined.transpose()?;
        let given = match &joined {
            Some(joined) => joined.name.clone(),
            None => writer.aliases.named("keys"),
        };
        let rows = writer.aliases.named("rows");
        let key: Vec<_> =
            parts.clone().map(|part| Expr::col((given.clone(), key_name(part)))).collect();
        let is_given = matches!(keys, Keys::Given(_));
        let pairs = |place: &AliasedTable| {
            let held = columns.of(place);
            let shown = writer.shown(&held, &columns).filter(|_| is_given);
            let pairs = held.into_iter().zip(key.clone());
            all(pairs.map(|(column, part)| column.eq(part)).chain(shown))
        };
        let root = self.places.root.clone();
        let is_target = match &relation.through {
            Some(through) => {
                let link = self.places.meant_link(through);
                let is_meant = pairs(&link);
                self.places.led_to(relation, through, &link, is_meant)?
            }
            None => Some(pairs(&root)),
        };
        if let Some(is_target) = is_target {
            self.statement.and_where(is_target);
        }
        let mut selected = self.select_named(&rows);
        self.order(select)?;
        self.order_by_id();
        self.cut(select, select.limit);
        let marks = joined.as_ref().map(|joined| joined.marks.clone());
        let keys = match (joined, keys) {
            (Some(joined), _) => joined.keys,
            (None, Keys::Given(arrays)) => {
                let mut keys = SelectStatement::new();
                for (part, array) in writer.arrays(&columns, arrays)?.into_iter().enumerate() {
                    keys.expr_as(Func::cust("unnest").arg(array), key_name(part));
                }
                if Given::keys(arrays).exceeds_few() {
                    keys.and_where(Expr::cust(PLANNED_ANEW).not());
                }
                keys
            }
            (None, Keys::Repeated { rows, key_from }) => {
                // Each key once, in no order: that of the rows repeated is theirs.
                let (mut once, name) = (SelectStatement::new(), writer.aliases.named("sources"));
                once.distinct().columns(parts.map(|part| (name.clone(), key_name(part))));
                once.from_subquery(rows.keys(writer.dialect(), key_from)?, name);
                once
            }
        };
        let mut statement = SelectStatement::new();
        statement.from_subquery(keys, given);
        statement.join_lateral(JoinType::InnerJoin, self.finish(), rows, Expr::cust("TRUE"));
        if let Some(marks) = marks {
            selected.extend(marks);
        } else if relation.through.is_some() {
            let key = planned.key_properties().into_iter().zip(key);
            selected.extend(key.map(|(property, part)| Selected::new(part, Some(property))));
        }
        Ok((statement, selected))
    }

    /// A page of the targets of each source, by the number of each row among those of its source.
    pub(super) fn numbered(
        mut self,
        planned: &Planned,
        keys: Keys<'_>,
    ) -> Result<(SelectStatement, Vec<Selected>)> {
        let Planned { relation, select, .. } = planned;
        let writer = self.places.writer;
        let SourceKeys { marks, number: of_key } = self.of_sources(planned, keys)?;
        // A key in another spelling is of the same source.
        let said = |mark: &Selected| match mark.property {
            Some(property) => writer.said(mark.value.clone(), property.column_type),
            None => mark.value.clone(),
        };
        let key = of_key.map_or_else(|| marks.iter().map(said).collect(), |number| vec![number]);
        if relation.through.is_some() || keys.are_joined(planned) {
            self.columns.extend(marks);
        }
        let rows = writer.aliases.named("rows");
        let columns = self.select_named(&rows);
        let mut window = WindowStatement::new();
        for part in key {
            window.add_partition_by(part);
        }
        for by in &select.orders {
            let value = self.places.term(&by.term)?;
            order(writer.engine, &mut window, value, by);
        }
        if let Some(position) = self.places.position.clone() {
            window.order_by_expr(position, Order::Asc);
        }
        order_by_id(&mut window, &self.places.root);
        let number = Alias::new("number");
        self.statement.expr_window_as(Func::cust("row_number"), window, number.clone());
        let number = Expr::col((rows.clone(), number));
        let mut statement = SelectStatement::new();
        statement.from_subquery(self.finish(), rows);
        let (offset, most) = (select.offset.unwrap_or_default(), i64::MAX.unsigned_abs());
        statement.and_where(number.clone().gt(constant(std::cmp::min(offset, most))));
        if let Some(limit) = select.limit {
            let last = std::cmp::min(offset.saturating_add(limit), most);
            statement.and_where(number.clone().lte(constant(last)));
        }
        statement.order_by_expr(number, Order::Asc);
        Ok((statement, columns))
    }
}

fn constant(number: u64) -> Expr {
    Expr::cust(number.to_string())
}
