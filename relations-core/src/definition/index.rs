//! Definitions of indexes and checks on the struct.

/// An index by `#[index(…)]` on the struct, or by one with options on a field.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[index(customer_id, placed_on, filter = "closed = false")]
/// struct Order {
///     #[id]
///     id: i64,
///     customer_id: i64,
///     placed_on: i32,
///     closed: bool,
/// }
///
/// let index = Order::DEFINITION.indexes[0];
/// assert_eq!(index.properties, ["customer_id", "placed_on"]);
/// assert_eq!(index.filter, Some("closed = false"));
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IndexDefinition {
    /// The properties by their names, in the order of the index.
    pub properties: &'static [&'static str],
    /// The SQL behind the properties, such as `lower(email)`; `None` if there are only properties.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub expression: Option<&'static str>,
    /// Whether no two rows have the same values of it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub unique: bool,
    /// The name, if one is given.
    pub name: Option<&'static str>,
    /// The condition in SQL of the rows that are in it; `None` if all are.
    pub filter: Option<&'static str>,
    /// The access method on PostgreSQL, such as `gin`; `None` for a B-tree.
    pub method: Option<&'static str>,
}

impl IndexDefinition {
    /// A B-tree of all rows.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(properties: &'static [&'static str]) -> Self {
        Self { properties, expression: None, unique: false, name: None, filter: None, method: None }
    }

    /// Sets the SQL behind the properties.
    #[doc(hidden)]
    #[must_use]
    pub const fn expression(mut self, expression: &'static str) -> Self {
        self.expression = Some(expression);
        self
    }

    /// Keeps two rows from having the same values of it.
    #[doc(hidden)]
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Sets the name.
    #[doc(hidden)]
    #[must_use]
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Limits the index to the rows for which a condition holds.
    #[doc(hidden)]
    #[must_use]
    pub const fn filter(mut self, filter: &'static str) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Sets the access method on PostgreSQL.
    #[doc(hidden)]
    #[must_use]
    pub const fn method(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }

    /// Whether rows are found by its first properties, whatever they are.
    pub(crate) fn is_plain(&self) -> bool {
        self.filter.is_none() && self.method.is_none_or(|method| method == "btree")
    }

    /// Whether an index of its properties alone does as well.
    pub(crate) fn is_of_properties(&self) -> bool {
        self.is_plain() && self.expression.is_none()
    }

    /// The word by which PostgreSQL names an index of its expression: a function, or `expr`.
    pub(crate) fn word(&self) -> Option<&'static str> {
        let (name, _) = self.expression?.split_once('(').unwrap_or_default();
        let is_word = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_';
        Some(if !name.is_empty() && name.chars().all(is_word) { name } else { "expr" })
    }
}

/// A check by `#[check("…")]` on the struct: a condition in SQL that holds for each row.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CheckDefinition {
    /// The condition.
    pub condition: &'static str,
    /// The name of the constraint, if one is given.
    pub name: Option<&'static str>,
}

impl CheckDefinition {
    /// A check without a name.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(condition: &'static str) -> Self {
        Self { condition, name: None }
    }

    /// Sets the name of the constraint.
    #[doc(hidden)]
    #[must_use]
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }
}
