//! Values that a column can be set to.

use crate::value::Value;
use crate::value::property::Property;

/// A value that a column of `T` can be set to: a `T`, or a type that stands for one; a nullable column
/// also takes the value without its `Some`.
#[diagnostic::on_unimplemented(
    message = "a column of `{T}` cannot be set to a `{Self}`",
    label = "expected a `{T}`",
    note = "a column that may be null takes `None`, or a value without its `Some`"
)]
pub trait IntoProperty<T: Property> {
    /// The property as the column has it.
    fn into_property(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<V: Value> IntoProperty<V> for V {
    fn into_property(self) -> V {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<V: Value> IntoProperty<V> for &V {
    fn into_property(self) -> V {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl IntoProperty<String> for &str {
    fn into_property(self) -> String {
        self.to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl IntoProperty<Vec<u8>> for &[u8] {
    fn into_property(self) -> Vec<u8> {
        self.to_vec()
    }
}

#[diagnostic::do_not_recommend]
impl<V: Value> IntoProperty<Option<V>> for Option<V> {
    fn into_property(self) -> Option<V> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<V: Value> IntoProperty<Option<V>> for V {
    fn into_property(self) -> Option<V> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<V: Value> IntoProperty<Option<V>> for &V {
    fn into_property(self) -> Option<V> {
        Some(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl IntoProperty<Option<String>> for &str {
    fn into_property(self) -> Option<String> {
        Some(self.to_owned())
    }
}
