//! Filters and sort orders by name, as a request gives them.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::order::OrderBy;
use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::term::{Field, Operand};
use crate::column::{Column, escape};
use crate::definition::suggestion::{shown, suggestion};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::query::Query;
use crate::query::order::{IntoOrdering, Ordering};
use crate::relation::path::Path;
use crate::value::parameter::Parameter;
use crate::value::parse;
use crate::value::property::Property;

/// The columns of `E` that a request may filter and sort by, with their names.
///
/// It is an allow-list: other columns, such as a password, cannot be used. The name of a column is that
/// of its property, or a path through relations such as `customer.name`. A value is parsed by the type
/// of the property and sent as a parameter; no text of a request becomes part of the SQL.
///
/// ```
/// # use relations::prelude::*;
/// # use relations::query::NamedColumns;
/// # #[derive(Entity)] #[has_many(Order)]
/// # struct Customer { #[id] id: i64, name: String }
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, quantity: i32, open: bool, #[belongs_to(Customer)] customer_id: i64 }
/// let columns = NamedColumns::<Order>::new()
///     .allow((Order::ID, Order::QUANTITY, Order::OPEN))
///     .allow(Order::CUSTOMER.column(Customer::NAME));
///
/// // ?quantity[gt]=5&open=true&sort=-quantity,customer.name
/// let orders = Order::find()
///     .filter_named(&columns, "quantity[gt]", "5").unwrap()
///     .filter_named(&columns, "open", "true").unwrap()
///     .order_by_named(&columns, "-quantity,customer.name").unwrap();
///
/// let error = Order::find().filter_named(&columns, "quantty", "5").unwrap_err();
/// assert!(error.is_invalid_input());
/// assert_eq!(error.to_string(), "`Order` has no column `quantty` that is allowed; did you mean `quantity`?");
/// let error = Order::find().filter_named(&columns, "quantity", "many").unwrap_err();
/// assert_eq!(error.to_string(), "`quantity` takes a whole number, and was given something else");
/// ```
///
/// | operator | of | value |
/// |---|---|---|
/// | none or `eq`, `ne`, `gt`, `ge`, `lt`, `le` | every column | one value |
/// | `in`, `not_in` | every column | values with commas between them |
/// | `is_null` | a column that may be null | `true` or `false` |
/// | `contains`, `starts_with`, `ends_with`, `like`, `ilike` | a `String` | a text or a pattern |
#[must_use = "filters and orders are chosen from it by name"]
pub struct NamedColumns<E> {
    columns: Vec<NamedColumn>,
    entity: PhantomData<fn() -> E>,
}

#[derive(Clone)]
struct NamedColumn {
    name: String,
    order: OrderBy,
    filtered: Option<Filtered>,
}

/// The type of a column, for its filters.
#[derive(Clone, Copy)]
struct Filtered {
    field: Field,
    parse: fn(&str) -> Option<Parameter>,
    described: fn() -> &'static str,
    is_text: bool,
}

impl<E> Clone for NamedColumns<E> {
    fn clone(&self) -> Self {
        Self { columns: self.columns.clone(), entity: PhantomData }
    }
}

impl<E> Default for NamedColumns<E> {
    fn default() -> Self {
        Self { columns: Vec::new(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for NamedColumns<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("NamedColumns").field(&self.names().collect::<Vec<_>>()).finish()
    }
}

/// Columns that can be allowed by name: one column of `E`, or a tuple of up to twelve.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be allowed by name in queries of `{E}`",
    label = "expected a column of `{E}`, or a tuple of its columns"
)]
pub trait ColumnNames<E> {
    #[doc(hidden)]
    fn allow(self, columns: NamedColumns<E>) -> NamedColumns<E>;
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T: Property, P: Path> ColumnNames<E> for Column<E, T, P> {
    fn allow(self, columns: NamedColumns<E>) -> NamedColumns<E> {
        let field = self.field();
        let way = field.relations().map(|relation| relation.name);
        let name = way.chain([field.property.name]).collect::<Vec<_>>().join(".");
        columns.allow_as(name, self)
    }
}

macro_rules! columns {
    ($($column:ident $at:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<Owner: Entity, $($column: ColumnNames<Owner>),+> ColumnNames<Owner> for ($($column,)+) {
            fn allow(self, columns: NamedColumns<Owner>) -> NamedColumns<Owner> {
                $(let columns = self.$at.allow(columns);)+
                columns
            }
        }
    };
}

columns!(A 0);
columns!(A 0, B 1);
columns!(A 0, B 1, C 2);
columns!(A 0, B 1, C 2, D 3);
columns!(A 0, B 1, C 2, D 3, E 4);
columns!(A 0, B 1, C 2, D 3, E 4, F 5);
columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

impl<E: Entity> NamedColumns<E> {
    /// An empty allow-list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows a column or a tuple of columns, each under its own name.
    pub fn allow(self, columns: impl ColumnNames<E>) -> Self {
        columns.allow(self)
    }

    /// Allows a column under another name. An earlier column of this name is replaced.
    pub fn allow_as<T: Property, P: Path>(
        self,
        name: impl Into<String>,
        column: Column<E, T, P>,
    ) -> Self {
        let filtered = Filtered {
            field: column.field(),
            parse: parse::parse::<T::Value>,
            described: parse::described::<T::Value>,
            is_text: parse::is_text::<T::Value>(),
        };
        self.put(NamedColumn {
            name: name.into(),
            order: column.asc().by,
            filtered: Some(filtered),
        })
    }

    /// Allows a sort order under a name, such as `Customer::ORDERS.count().asc()`; a minus before the
    /// name in a request reverses it. An earlier column of this name is replaced.
    pub fn allow_order(self, name: impl Into<String>, order: impl IntoOrdering<E>) -> Self {
        let order = order.into_ordering().by;
        self.put(NamedColumn { name: name.into(), order, filtered: None })
    }

    fn put(mut self, column: NamedColumn) -> Self {
        self.columns.retain(|one| one.name != column.name);
        self.columns.push(column);
        self
    }

    fn column(&self, name: &str) -> Result<&NamedColumn> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let (entity, meant) = (E::NAME, suggestion(name, self.names()));
            refused(format!("`{entity}` has no column {} that is allowed{meant}", shown(name)))
        })
    }

    /// The sort orders of a comma-separated list of names; a minus before a name reverses it. An empty
    /// text is no order.
    ///
    /// # Errors
    ///
    /// A name is not allowed, or appears twice ([`Error::is_invalid_input`]).
    pub fn orders(&self, names: &str) -> Result<Vec<Ordering<E>>> {
        if names.trim().is_empty() {
            return Ok(Vec::new());
        }
        let (mut orders, mut seen) = (Vec::new(), Vec::new());
        for name in names.split(',').map(str::trim) {
            let (name, reversed) = match name.strip_prefix('-') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let NamedColumn { order, name, .. } = self.column(name)?;
            if seen.contains(&name) {
                return Err(refused(format!("`{name}` sorts twice; name it once")));
            }
            seen.push(name);
            let mut order = order.clone();
            if reversed {
                order.reverse();
            }
            orders.push(Ordering::of(order));
        }
        Ok(orders)
    }

    /// The filter for a name, an operator and a value; see [`NamedColumns`] for the operators.
    ///
    /// # Errors
    ///
    /// The name or the operator is unknown, or the value is not one of the property's type
    /// ([`Error::is_invalid_input`]).
    pub fn filter(&self, name: &str, operator: &str, value: &str) -> Result<Filter<E>> {
        let column = self.column(name)?;
        let Some(filtered) = column.filtered else {
            return Err(refused(format!("`{}` can be sorted by, not filtered", column.name)));
        };
        filtered.predicate(&column.name, operator, value).map(Filter::new)
    }
}

impl<E> NamedColumns<E> {
    /// The allowed names.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.columns.iter().map(|column| column.name.as_str())
    }
}

fn refused(why: String) -> Error {
    Error::invalid_input(why)
}

const COMPARISONS: [(&str, Comparison); 6] = [
    ("eq", Comparison::Equal),
    ("ne", Comparison::NotEqual),
    ("gt", Comparison::Greater),
    ("ge", Comparison::GreaterOrEqual),
    ("lt", Comparison::Less),
    ("le", Comparison::LessOrEqual),
];

const PATTERNS: [&str; 5] = ["contains", "starts_with", "ends_with", "like", "ilike"];

impl Filtered {
    fn operators(self) -> impl Iterator<Item = &'static str> + Clone {
        let patterns = PATTERNS.into_iter().filter(move |_| self.is_text);
        let null = Some("is_null").filter(|_| self.field.is_nullable());
        let comparisons = COMPARISONS.into_iter().map(|(name, _)| name);
        comparisons.chain(["in", "not_in"]).chain(null).chain(patterns)
    }

    fn value(self, name: &str, value: &str) -> Result<Parameter> {
        (self.parse)(value).ok_or_else(|| {
            let described = (self.described)();
            refused(format!("`{name}` takes {described}, and was given something else"))
        })
    }

    fn predicate(self, name: &str, operator: &str, value: &str) -> Result<Predicate> {
        if !self.operators().any(|known| known == operator) {
            let (operator, meant) = (shown(operator), suggestion(operator, self.operators()));
            return Err(refused(format!("`{name}` has no operator {operator}{meant}")));
        }
        let field = self.field;
        if let Some((_, comparison)) = COMPARISONS.iter().find(|(known, _)| *known == operator) {
            let value = Operand::Parameter(self.value(name, value)?);
            return Ok(Predicate::Compare(field.into(), *comparison, value));
        }
        let pattern = |pattern: String, fold_case| {
            // A pattern has the same letters as a value.
            self.value(name, value)?;
            Ok(Predicate::Like { term: field.into(), pattern, fold_case })
        };
        match operator {
            "in" | "not_in" => {
                let values = value.split(',').map(|value| self.value(name, value));
                let (values, negated) = (values.collect::<Result<_>>()?, operator == "not_in");
                Ok(Predicate::In { term: field.into(), values, negated })
            }
            "is_null" => match value {
                "true" | "false" => {
                    Ok(Predicate::Null { term: field.into(), negated: value == "false" })
                }
                _ => Err(refused(format!("`{name}[is_null]` takes `true` or `false`"))),
            },
            "contains" => pattern(format!("%{}%", escape(value)), false),
            "starts_with" => pattern(format!("{}%", escape(value)), false),
            "ends_with" => pattern(format!("%{}", escape(value)), false),
            operator => pattern(value.to_owned(), operator == "ilike"),
        }
    }
}

impl<E: Entity, T> Query<E, T> {
    /// Keeps only the rows that also match a parameter of a request: `quantity` or `quantity[gt]`,
    /// and its value. See [`NamedColumns`] for the operators.
    ///
    /// # Errors
    ///
    /// The name or the operator is unknown, or the value is not one of the property's type
    /// ([`Error::is_invalid_input`]).
    pub fn filter_named(self, columns: &NamedColumns<E>, key: &str, value: &str) -> Result<Self> {
        let (name, operator) = match key.strip_suffix(']').and_then(|key| key.split_once('[')) {
            Some((name, operator)) => (name, operator),
            None => (key, "eq"),
        };
        Ok(self.filter(columns.filter(name, operator, value)?))
    }

    /// Sorts the rows by a comma-separated list of names, after earlier orders; a minus before a
    /// name reverses it.
    ///
    /// # Errors
    ///
    /// A name is not allowed, or appears twice ([`Error::is_invalid_input`]).
    pub fn order_by_named(self, columns: &NamedColumns<E>, names: &str) -> Result<Self> {
        Ok(columns.orders(names)?.into_iter().fold(self, Query::order_by))
    }
}
