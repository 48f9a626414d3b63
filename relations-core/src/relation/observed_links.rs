//! Links whose entity is observed: they are deleted as rows of a query are.

use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::ast::term::{Field, Operand};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::driver::executor::Executor;
use crate::driver::observers::Observers;
use crate::driver::statement::Statement;
use crate::error::{Error, Result};
use crate::repository::observed::insert_observed;
use crate::sql::change::Assignment;
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// Inserts links by a statement that returns those that are new, and tells how many.
pub(super) async fn link_observed(
    db: &impl Executor,
    observers: &Observers,
    link: &'static EntityDefinition,
    statement: &Statement,
) -> Result<u64> {
    let Some(observer) = observers.of(link).next() else { return Err(unobserved(link)) };
    let mut unread = |_: &Row<'_>| Ok(());
    Box::pin(insert_observed(db, observers, statement, observer.rows(), &mut unread)).await
}

/// Deletes the links that a condition means, and tells how many there were.
pub(super) async fn unlink_observed(
    db: &impl Executor,
    observers: &Observers,
    link: &'static EntityDefinition,
    links: Predicate,
) -> Result<u64> {
    let Some(observer) = observers.of(link).next() else { return Err(unobserved(link)) };
    let mut select = Select::new(link, SelectScope::Table);
    select.predicate = links;
    let none = || observer.rows();
    if link.deleted_at().is_none() {
        return Box::pin(select.deleted_permanently(db, &none)).await;
    }
    Box::pin(select.delete_softly(db, &none, None, &mut |_| Ok(()))).await
}

/// Whether links have these keys.
pub(super) fn have_keys(link: &'static EntityDefinition, keys: &[Assignment]) -> Predicate {
    let equal = |Assignment { property, parameter }: &Assignment| {
        let value = Operand::Parameter(parameter.clone());
        let column = Operand::Term(Field::of(link, property).into());
        Predicate::Compare(column, Comparison::Equal, value)
    };
    keys.iter().map(equal).fold(Predicate::Always, Predicate::and)
}

/// Whether links have one of these keys, by the values of each of its properties.
pub(super) fn have_one_of(
    link: &'static EntityDefinition,
    columns: &[(&'static PropertyDefinition, &Vec<Parameter>)],
) -> Predicate {
    if let [(property, values)] = columns {
        let (term, values) = (Field::of(link, property).into(), (*values).clone());
        return Predicate::In { term, values, negated: false };
    }
    let rows = columns.first().map_or(0, |(_, values)| values.len());
    let key = |at: usize| {
        let part = |(property, values): &(&'static PropertyDefinition, &Vec<Parameter>)| {
            Some(Assignment { property, parameter: values.get(at)?.clone() })
        };
        have_keys(link, &columns.iter().filter_map(part).collect::<Vec<_>>())
    };
    (0..rows).map(key).fold(Predicate::Never, Predicate::or)
}

/// The error of links that take observed rows with them.
fn unobserved(link: &'static EntityDefinition) -> Error {
    let name = link.name;
    Error::invalid_request(format!(
        "rows of an observed entity reference `{name}` and go with it; delete links by a query, as in \
         `{name}::find().filter(…).delete(db)`, or observe `{name}` as well",
    ))
    .entity_is(link)
}
