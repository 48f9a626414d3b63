//! Vectors of the extension `pgvector`.

use crate::value::Element;
use crate::value::mismatch::Mismatch;
use crate::value::parameter::Parameter;
use crate::value::types::by::value_by;

/// A vector of the extension `pgvector`: a column of the type `vector` on PostgreSQL, and on SQLite the text
/// that PostgreSQL writes of it, as `[1,0.5]`.
///
/// An index needs the number of dimensions, as in `#[column(type = "vector(3)")]`.
///
/// ```
/// use relations::prelude::*;
/// use relations::value::Vector;
///
/// #[derive(Entity)]
/// struct Document {
///     #[id]
///     id: i64,
///     #[column(type = "vector(2)")]
///     embedding: Vector,
/// }
///
/// let embedding = Vector::from(vec![1.0, 0.5]);
/// assert_eq!(embedding.as_slice(), [1.0, 0.5]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Vector(Vec<f32>);

impl Vector {
    /// The numbers.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The numbers by value.
    #[must_use]
    pub fn into_vec(self) -> Vec<f32> {
        self.0
    }
}

impl From<Vec<f32>> for Vector {
    fn from(numbers: Vec<f32>) -> Self {
        Self(numbers)
    }
}

impl Element for Vector {}

value_by!(
    Vector as String = "vector",
    |vector| {
        if vector.0.iter().any(|number| !number.is_finite()) {
            return Parameter::invalid("has a number that is infinite or `NaN`; a vector has none");
        }
        let numbers: Vec<_> = vector.0.iter().map(ToString::to_string).collect();
        Parameter::owned_text(format!("[{}]", numbers.join(",")))
    },
    |text| {
        let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let numbers = inside.and_then(|numbers| match numbers {
            "" => Some(Vec::new()),
            numbers => numbers.split(',').map(|one| one.trim().parse().ok()).collect(),
        });
        numbers.map(Vector).ok_or_else(|| Mismatch::Value("a text that is not a vector".into()))
    }
);
