//! Conditions on columns that hold several values.

use crate::ast::predicate::{ArrayOperator, Predicate};
use crate::ast::term::Term;
use crate::column::Column;
use crate::entity::Entity;
use crate::filter::Filter;
use crate::relation::path::Path;
use crate::value::parameter::Parameter;
use crate::value::property::Property;
use crate::value::{IntoValue, Value};

/// A comparison of a column with some elements.
pub(crate) fn compared<E, V: Value>(
    term: Term,
    operator: ArrayOperator,
    elements: impl IntoIterator<Item = impl IntoValue<V>>,
) -> Filter<E> {
    let elements = elements.into_iter().map(|one| Value::to_parameter(&one.into_value())).collect();
    let elements = Parameter::array(V::TYPE, elements);
    Filter::new(Predicate::Array { term, operator, elements })
}

/// # Arrays
///
/// Filters of array columns (`Vec`, only on PostgreSQL), besides [`overlaps`](Self::overlaps). A `gin` index
/// serves them.
impl<E: Entity, V: Value, T: Property<Value = Vec<V>>, P: Path> Column<E, T, P>
where
    Vec<V>: Value,
{
    /// Whether the array contains this value.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Post { #[id] id: i64, labels: Vec<String> }
    /// let posts = Post::find().filter(Post::LABELS.has("rust"));
    /// ```
    #[doc(alias = "any")]
    pub fn has(self, element: impl IntoValue<V>) -> Filter<E> {
        compared(self.field().into(), ArrayOperator::Contains, [element])
    }

    /// Whether the array contains all of these values; always true without values.
    #[doc(alias = "contains")]
    #[doc(alias = "@>")]
    pub fn has_all(self, elements: impl IntoIterator<Item = impl IntoValue<V>>) -> Filter<E> {
        compared(self.field().into(), ArrayOperator::Contains, elements)
    }

    /// Whether each of the elements is one of these values.
    #[doc(alias = "<@")]
    pub fn is_subset_of(self, elements: impl IntoIterator<Item = impl IntoValue<V>>) -> Filter<E> {
        compared(self.field().into(), ArrayOperator::IsContained, elements)
    }
}
