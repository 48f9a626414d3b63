//! Values that conditions choose.

use std::fmt;
use std::marker::PhantomData;

use crate::ast::call::Function;
use crate::ast::predicate::Predicate;
use crate::ast::term::Operand;
use crate::column::IntoOperand;
use crate::expression::Expression;
use crate::filter::IntoFilter;
use crate::value::Value;
use crate::value::property::Property;

/// `CASE WHEN`: the value of the first condition that is true.
///
/// ```no_run
/// # use relations::prelude::*;
/// use relations::expression::case;
///
/// # #[derive(Entity)]
/// # struct Order { #[id] id: i64, quantity: i32, note: Option<String> }
/// # async fn run(db: &relations::Database) -> relations::Result<()> {
/// let size = case()
///     .when(Order::QUANTITY.gt(100), "large")
///     .when(Order::QUANTITY.gt(10), "middling")
///     .otherwise("small");
/// let sizes: Vec<(i64, String)> = Order::find().select((Order::ID, size)).all(db).await?;
/// # Ok(())
/// # }
/// ```
///
/// All values have the same type: each is a value, a column or an expression. End it with
/// [`otherwise`](Case::otherwise) or [`or_null`](Case::or_null).
#[doc(alias = "if")]
pub fn case() -> CaseStart {
    CaseStart(())
}

/// The beginning of a [`case`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a case has a value with `when`"]
pub struct CaseStart(());

impl CaseStart {
    /// The value if a condition is true.
    pub fn when<E, V: Value, X: IntoOperand<E, V>>(
        self,
        condition: impl IntoFilter<E>,
        value: X,
    ) -> Case<E, X::Type> {
        let (conditions, values) = (Vec::new(), Vec::new());
        let none = Case::<E, X::Type> { conditions, values, chosen: PhantomData };
        none.with(condition, value.into_operand())
    }
}

/// A [`case`] with a value.
#[must_use = "a case is a value with `otherwise` or `or_null`"]
pub struct Case<E, T> {
    conditions: Vec<Predicate>,
    values: Vec<Operand>,
    chosen: PhantomData<fn() -> (E, T)>,
}

impl<E, T> fmt::Debug for Case<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Case").field(&self.conditions).finish()
    }
}

impl<E, T: Property> Case<E, T> {
    fn with<U>(mut self, condition: impl IntoFilter<E>, value: Operand) -> Case<E, U> {
        self.conditions.push(condition.into_filter().predicate.nested());
        self.values.push(value);
        Case { conditions: self.conditions, values: self.values, chosen: PhantomData }
    }

    /// The value if this condition is true and no earlier one is.
    pub fn when<X: IntoOperand<E, T::Value>>(
        self,
        condition: impl IntoFilter<E>,
        value: X,
    ) -> Case<E, T::Or<X::Type>> {
        self.with(condition, value.into_operand())
    }

    /// The value if no condition is true (`ELSE`).
    pub fn otherwise<X: IntoOperand<E, T::Value>>(
        mut self,
        value: X,
    ) -> Expression<E, T::Or<X::Type>> {
        self.values.push(value.into_operand());
        Expression::call(Function::Case(self.conditions), self.values)
    }

    /// Null if no condition is true.
    pub fn or_null(self) -> Expression<E, Option<T::Value>> {
        Expression::call(Function::Case(self.conditions), self.values)
    }
}
