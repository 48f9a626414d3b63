//! Typed columns, and what can be asked of them.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;

use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::term::{Field, Operand};
use crate::definition::property::PropertyDefinition;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::order::Ordering;
use crate::relation::path::{Excluded, Own, Path};
use crate::value::codec::Codec;
use crate::value::parameter::Parameter;
use crate::value::property::Property;
use crate::value::row::{Mismatch, Row};
use crate::value::{IntoValue, Value};

/// The column of a property `T` of an entity `E`, or of an entity that is reached through its
/// relations.
///
/// The derive generates one for each property, as a constant of the entity; [`RelationHandle::column`]
/// returns columns of targets, and `P` is the path to them.
///
/// [`RelationHandle::column`]: crate::RelationHandle::column
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, quantity: i32, note: Option<String> }
/// let large = Order::QUANTITY.ge(100).or(Order::NOTE.is_not_null());
/// let page = Order::find().filter(large).order_by(Order::ID.desc()).limit(20);
/// ```
///
/// A value of another type does not compile, and neither does a comparison with a null:
///
/// ```compile_fail
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, quantity: i32, note: Option<String> }
/// Order::NOTE.eq(None::<String>);
/// ```
pub struct Column<E, T, P = Own> {
    definition: &'static PropertyDefinition,
    position: usize,
    codec: Codec<T>,
    entity: PhantomData<fn() -> (E, P)>,
}

impl<E, T, P> Clone for Column<E, T, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T, P> Copy for Column<E, T, P> {}

impl<E, T, P: Path> fmt::Debug for Column<E, T, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = std::iter::successors(P::STEPS, |step| step.then);
        let mut name: String = steps.flat_map(|step| [step.relation.name, "."]).collect();
        name.push_str(self.definition.name);
        formatter.debug_tuple("Column").field(&name).finish()
    }
}

impl<E, T, P> Column<E, T, P> {
    /// The column of a property at its position in the struct.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        position: usize,
        definition: &'static PropertyDefinition,
        codec: Codec<T>,
    ) -> Self {
        Self { definition, position, codec, entity: PhantomData }
    }

    /// The property on its way to the database.
    #[doc(hidden)]
    #[must_use]
    pub fn parameter(self, property: &T) -> Parameter {
        self.codec.parameter(property)
    }

    /// The property itself on its way to the database.
    pub(crate) fn into_parameter(self, property: T) -> Parameter {
        self.codec.into_parameter(property)
    }

    /// The property once more.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn duplicate(self, property: &T) -> T {
        (self.codec.again)(property)
    }
}

impl<E, T, P> Column<E, T, P> {
    /// The definition of the property.
    #[must_use]
    pub const fn definition(self) -> &'static PropertyDefinition {
        self.definition
    }
}

impl<E: Entity, T> Column<E, T> {
    /// The column of the new row in an upsert, where the column itself is that of the existing row. Use
    /// it only in `set_expr` and `filter` of an [`Upsert`](crate::repository::Upsert).
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Product { #[id(generated)] id: i64, #[unique] code: String, stock: i64 }
    /// # async fn run(db: &relations::Database, new: NewProduct) -> relations::Result<()> {
    /// new.on_conflict(Product::CODE)
    ///     .set_expr(Product::STOCK, Product::STOCK + Product::STOCK.excluded())
    ///     .insert(db)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn excluded(self) -> Column<E, T, Excluded> {
        let Self { definition, position, codec, .. } = self;
        Column { definition, position, codec, entity: PhantomData }
    }
}

impl<E, T: Property, P> Column<E, T, P> {
    /// A column of a target, seen from its source.
    pub(crate) const fn through<Target, Of, Rest>(column: Column<Target, Of, Rest>) -> Self {
        Self {
            definition: column.definition,
            position: column.position,
            codec: Codec::NEW,
            entity: PhantomData,
        }
    }
}

impl<E: Entity, T, P: Path> Column<E, T, P> {
    /// The property in a row whose fields hold the entity from the given position on.
    #[doc(hidden)]
    #[inline]
    pub fn read(self, row: &Row<'_>, from: usize) -> Result<T> {
        self.read_at(row, from + self.position)
    }
}

impl<E: Entity, T, P: Path> Column<E, T, P> {
    /// The property in a row that holds only some, at a position.
    #[doc(hidden)]
    pub fn read_made(self, row: &Row<'_>, position: usize) -> Result<T> {
        self.read_at(row, position)
    }
}

impl<E: Entity, T, P: Path> Column<E, T, P> {
    /// The property in a row, at a position.
    #[inline]
    pub(crate) fn read_at(self, row: &Row<'_>, position: usize) -> Result<T> {
        match row.read(position, self.codec.read) {
            Ok(property) => Ok(property),
            Err(mismatch) => Err(self.mismatch(mismatch)),
        }
    }

    #[cold]
    fn mismatch(self, mismatch: Mismatch) -> Error {
        let PropertyDefinition { name, column, .. } = *self.definition;
        Error::row(name, column, &type_name::<T>(), mismatch).entity_is(self.field().entity)
    }

    pub(crate) fn field(self) -> Field {
        let own = Field::of(E::DEFINITION, self.definition);
        let mut field = Field { path: P::STEPS, excluded: P::EXCLUDED, ..own };
        if let Some(last) = field.relations().last() {
            field.entity = last.target.definition();
        }
        field
    }
}

/// The name of a type as one writes it, without the modules it lives in.
pub(crate) fn type_name<T>() -> String {
    let full = std::any::type_name::<T>();
    let mut name = String::with_capacity(full.len());
    for part in full.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_' && c != ':') {
        name.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    name
}

impl<E: Entity, T: Property, P: Path> Column<E, T, P> {
    fn compare(self, comparison: Comparison, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        Filter::compare(self.field(), comparison, other)
    }

    /// Whether the column equals a value, or another column of the entity.
    pub fn eq(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        self.compare(Comparison::Equal, other)
    }

    /// Whether the column differs from a value, or from another column of the entity.
    pub fn ne(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        self.compare(Comparison::NotEqual, other)
    }

    /// Whether the column is greater than a value, or than another column of the entity.
    pub fn gt(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        self.compare(Comparison::Greater, other)
    }

    /// Whether the column is greater than or equal to a value, or another column of the entity.
    pub fn ge(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        self.compare(Comparison::GreaterOrEqual, other)
    }

    /// Whether the column is less than a value, or than another column of the entity.
    pub fn lt(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        self.compare(Comparison::Less, other)
    }

    /// Whether the column is less than or equal to a value, or another column of the entity.
    pub fn le(self, other: impl IntoOperand<E, T::Value>) -> Filter<E> {
        self.compare(Comparison::LessOrEqual, other)
    }

    /// Whether the column is between two values, both included.
    pub fn between(
        self,
        low: impl IntoOperand<E, T::Value>,
        high: impl IntoOperand<E, T::Value>,
    ) -> Filter<E> {
        self.ge(low).and(self.le(high))
    }

    /// Whether the column is one of the values; an empty list matches no row.
    pub fn is_in(self, values: impl IntoIterator<Item = impl IntoValue<T::Value>>) -> Filter<E> {
        Filter::member(self.field().into(), values, false)
    }

    /// Whether the column is none of the values; an empty list matches every row.
    ///
    /// As in SQL, a null matches neither `is_in` nor `not_in`.
    pub fn not_in(self, values: impl IntoIterator<Item = impl IntoValue<T::Value>>) -> Filter<E> {
        Filter::member(self.field().into(), values, true)
    }

    /// Whether the column is in a range: `1..10`, which excludes its end, `1..=10`, `1..` or `..10`; of
    /// dates too.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, placed_on: chrono::NaiveDate }
    /// # let (first, next) = (chrono::NaiveDate::MIN, chrono::NaiveDate::MAX);
    /// let of_may = Order::find().filter(Order::PLACED_ON.in_range(first..next));
    /// ```
    #[doc(alias = "between")]
    pub fn in_range(self, range: impl RangeBounds<T::Value>) -> Filter<E> {
        Filter::within(&self.field().into(), &range)
    }

    /// Sorts by this column in ascending order.
    pub fn asc(self) -> Ordering<E> {
        Ordering::by::<T>(self.field(), false)
    }

    /// Sorts by this column in descending order.
    pub fn desc(self) -> Ordering<E> {
        Ordering::by::<T>(self.field(), true)
    }
}

impl<E: Entity, V: Value, P: Path> Column<E, Option<V>, P> {
    /// Whether the column is null.
    pub fn is_null(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.field().into(), negated: false })
    }

    /// Whether the column has a value.
    pub fn is_not_null(self) -> Filter<E> {
        Filter::new(Predicate::Null { term: self.field().into(), negated: true })
    }
}

/// A property whose column holds text: a `String`, or an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "a column of `{Self}` holds no text",
    label = "patterns match text only"
)]
pub trait Text: Property<Value = String> {}

#[diagnostic::do_not_recommend]
impl<T: Property<Value = String>> Text for T {}

impl<E: Entity, T: Text, P: Path> Column<E, T, P> {
    fn matches(self, pattern: String, fold_case: bool) -> Filter<E> {
        Filter::new(Predicate::Like { term: self.field().into(), pattern, fold_case })
    }

    /// Whether the text matches a pattern, in which `%` stands for any text, `_` for one character,
    /// and `\` escapes the next character. Case-sensitive.
    pub fn like(self, pattern: impl Into<String>) -> Filter<E> {
        self.matches(pattern.into(), false)
    }

    /// Like [`like`](Self::like), but case-insensitive.
    pub fn ilike(self, pattern: impl Into<String>) -> Filter<E> {
        self.matches(pattern.into(), true)
    }

    /// Whether the text starts with another, taken literally.
    pub fn starts_with(self, start: impl AsRef<str>) -> Filter<E> {
        self.like(escape(start.as_ref()) + "%")
    }

    /// Whether the text ends with another, taken literally.
    pub fn ends_with(self, end: impl AsRef<str>) -> Filter<E> {
        self.like(format!("%{}", escape(end.as_ref())))
    }
}

/// A text as a pattern that matches only itself.
pub(crate) fn escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// An operand to compare with a column of `V`: a value, or another column of the same entity.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be compared with a column of `{V}`",
    label = "expected a `{V}`, or a column of `{E}` that holds one",
    note = "a null is asked for with `.is_null()` and `.is_not_null()`"
)]
pub trait IntoOperand<E, V: Value> {
    /// The type of the operand, which says whether it may be null.
    type Type: Property<Value = V>;

    /// The operand.
    #[doc(hidden)]
    fn into_operand(self) -> Operand;
}

#[diagnostic::do_not_recommend]
impl<E, V: Value> IntoOperand<E, V> for V {
    type Type = V;

    fn into_operand(self) -> Operand {
        Operand::Parameter(Value::to_parameter(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<E, V: Value> IntoOperand<E, V> for &V {
    type Type = V;

    fn into_operand(self) -> Operand {
        Operand::Parameter(Value::to_parameter(self))
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoOperand<E, String> for &str {
    type Type = String;

    fn into_operand(self) -> Operand {
        Operand::Parameter(Parameter::text(self))
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoOperand<E, Vec<u8>> for &[u8] {
    type Type = Vec<u8>;

    fn into_operand(self) -> Operand {
        Operand::Parameter(Value::to_parameter(&self.to_vec()))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, P: Path> IntoOperand<E, T::Value> for Column<E, T, P> {
    type Type = T;

    fn into_operand(self) -> Operand {
        self.field().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_without_its_modules() {
        assert_eq!(type_name::<Option<String>>(), "Option<String>");
        assert_eq!(
            type_name::<Vec<std::collections::HashMap<i64, bool>>>(),
            "Vec<HashMap<i64, bool>>"
        );
    }

    #[test]
    fn text_is_escaped_into_a_pattern_of_itself() {
        assert_eq!(escape(r"50%_\"), r"50\%\_\\");
    }
}
