//! Relations by an array of keys: the key of a target is in the array of a source, or the other way round.
//!
//! A target is one of a source once, at the first place of its key, however often the array has it.

use sea_query::{
    Alias, BinOper, CommonTableExpression, Expr, ExprTrait, Func, SelectStatement, WithClause,
};

use crate::ast::predicate::{ArrayOperator, Predicate};
use crate::ast::term::Field;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::{KeyArray, RelationDefinition};
use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::plan::tree::Planned;
use crate::sql::Writer;
use crate::sql::from_clause::{AliasedTable, FromClause, named};
use crate::sql::include::{Keys, SourceKeys};
use crate::sql::key_columns::Origin;
use crate::sql::keys::{any, array_of, key_name};
use crate::sql::select::SelectBuilder;
use crate::sql::value::Selected;
use crate::value::parameter::Parameter;

const NUMBER: &str = "number";
const POSITION: &str = "position";

/// Whether the key of a source leads to the key of a target. Each form is one that an index of the target serves.
pub(crate) fn leads_to(relation: &RelationDefinition, from: Expr, to: Expr) -> Expr {
    match relation.key_array {
        None => to.eq(from),
        Some(KeyArray::Source) => to.eq(any(from)),
        Some(KeyArray::Target) => holds(to, from),
    }
}

/// Whether an array holds a key. A GIN index finds it by this operator, and not by `ANY`.
fn holds(array: Expr, key: Expr) -> Expr {
    // The builder finds no placeholder within brackets.
    let key = Expr::cust_with_exprs("$1 $2 $3", [Expr::cust("ARRAY["), key, Expr::cust("]")]);
    array.binary(BinOper::Custom("@>"), key)
}

fn position_in(array: Expr, key: Expr) -> Expr {
    Func::cust("array_position").args([array, key]).into()
}

impl Writer {
    /// Makes sure that the engine has arrays, if the relation is by one.
    pub(crate) fn check_key_array(&self, relation: &RelationDefinition) -> Result<()> {
        if relation.key_array.is_none() || self.engine == Engine::Postgres {
            return Ok(());
        }
        Err(Error::invalid_request(format!(
            "`{}.{}` is a relation by an array of keys, and SQLite has no arrays; make it a relation through a \
             link entity",
            relation.source, relation.name,
        ))
        .entity_is(relation.target.definition()))
    }
}

impl FromClause<'_> {
    /// Whether a row is a target of the source with a key, one of which is an array.
    pub(crate) fn targets_of_key(
        &mut self,
        relation: &RelationDefinition,
        key: &[Parameter],
    ) -> Result<Expr> {
        self.writer.check_key_array(relation)?;
        let held = named(self.root.entity, relation.key_to).next();
        let (Some(held), [key]) = (held, key) else { return self.predicate(&Predicate::Never) };
        if let ColumnType::Array(element) = held.column_type {
            let elements = Parameter::array(*element, vec![key.clone()]);
            let term = Field::of(self.root.entity, held).into();
            let operator = ArrayOperator::Contains;
            return self.predicate(&Predicate::Array { term, operator, elements });
        }
        let array = self.writer.array(held, None, key)?;
        let column = self.root.column(held);
        self.position = Some(position_in(array.clone(), column.clone()));
        Ok(column.eq(any(array)))
    }

    /// Whether a row is a target of the sources that a statement finds, of which it is yet to select the key.
    pub(crate) fn targets_of_keys(
        &mut self,
        relation: &RelationDefinition,
        source: &AliasedTable,
        mut sources: SelectStatement,
        is_one: bool,
    ) -> Result<Expr> {
        self.writer.check_key_array(relation)?;
        let (key, held) = (source.named(relation.key_from), self.root.named(relation.key_to));
        let Some((key, held)) = key.zip(held).next() else {
            return self.predicate(&Predicate::Never);
        };
        if relation.key_array == Some(KeyArray::Target) {
            sources.expr(key);
            return Ok(held.binary(BinOper::Custom("&&"), array_of(sources)));
        }
        sources.expr(Func::cust("unnest").arg(key));
        let array = array_of(sources);
        if is_one {
            self.position = Some(position_in(array.clone(), held.clone()));
        }
        Ok(held.eq(any(array)))
    }
}

impl SelectBuilder<'_> {
    /// Takes only the targets of sources with those keys, each once a source.
    ///
    /// Keys come one by one, each with the number of its source: an array of arrays would have to be of one length.
    pub(super) fn of_key_arrays(
        &mut self,
        planned: &Planned,
        keys: Keys<'_>,
    ) -> Result<SourceKeys> {
        let (relation, writer) = (planned.relation, self.places.writer);
        writer.check_key_array(relation)?;
        let target = self.places.root.entity;
        let held = named(target, relation.key_to).next();
        let key = named(planned.source, relation.key_from).next();
        let (Some(held), Some(key), Keys::Given([elements, numbers])) = (held, key, keys) else {
            return Err(Error::invalid_request(format!(
                "`{}.{}` is a relation by an array of keys, which is loaded by a statement of its own",
                relation.source, relation.name,
            ))
            .entity_is(target));
        };
        let is_of_source = relation.key_array == Some(KeyArray::Source);
        let (property, origin) = if is_of_source {
            (held, Origin::new(target, held))
        } else {
            (key, Origin::new(planned.source, key))
        };
        let once = writer.key_rows(property, origin, elements, numbers)?;
        // No table has this name.
        let name = writer.aliases.named("relations_keys");
        let mut cte = CommonTableExpression::new();
        cte.table_name(name.clone()).query(once).materialized(true);
        let mut with = WithClause::new();
        with.cte(cte);
        self.statement.with_cte(with);
        let (column, sent) =
            (self.places.root.column(held), Expr::col((name.clone(), key_name(0))));
        let is_target = if is_of_source { column.eq(sent) } else { holds(column, sent) };
        self.statement.inner_join(name.clone(), is_target);
        let number = Expr::col((name.clone(), NUMBER));
        self.places.position = is_of_source.then(|| Expr::col((name, POSITION)));
        Ok(SourceKeys { marks: vec![Selected::new(number.clone(), None)], number: Some(number) })
    }
}

impl Writer {
    /// Keys with the number of their source and the first of their positions, each once a source by the equality
    /// of the column that they are values of.
    fn key_rows(
        &self,
        property: &PropertyDefinition,
        origin: Origin,
        elements: &Parameter,
        numbers: &Parameter,
    ) -> Result<SelectStatement> {
        let refused = |why| Error::invalid_request(format!("`{}` {why}", property.name));
        let (sent, arrays) = (self.aliases.named("arrays"), ["keys", "numbers"].map(Alias::new));
        let mut values = SelectStatement::new();
        let [keys, sources] = arrays.clone();
        values.expr_as(self.array(property, Some(origin), elements)?, keys);
        let numbers = numbers.clone().into_sql().map_err(refused)?;
        values.expr_as(Expr::val(numbers), sources);
        let [keys, sources] = arrays.map(|array| Expr::col((sent.clone(), array)));
        let mut each = SelectStatement::new();
        let position = Func::cust("generate_subscripts").args([keys.clone(), Expr::cust("1")]);
        each.expr_as(Func::cust("unnest").arg(keys), key_name(0));
        each.expr_as(Func::cust("unnest").arg(sources), NUMBER);
        each.expr_as(position, POSITION);
        each.from_subquery(values, sent);
        let name = self.aliases.named("each");
        let column = |column: Alias| Expr::col((name.clone(), column));
        let (key, number) = (column(key_name(0)), column(Alias::new(NUMBER)));
        let first = Func::min(column(Alias::new(POSITION)));
        let mut once = SelectStatement::new();
        once.expr(key.clone()).expr(number.clone()).expr_as(first, POSITION);
        once.from_subquery(each, name).add_group_by([key, number]);
        Ok(once)
    }
}
