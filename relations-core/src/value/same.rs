//! Values that are the same on their way to the database, bit for bit.

use sea_query::Value as SqlValue;

use crate::value::parameter::Parameter;

impl Parameter {
    /// Whether both are written as one value. A `NaN` is what it was, though it equals nothing;
    /// `0.0` and `-0.0`, and `1.5` and `1.50`, are two values that are equal.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Ok(left), Ok(right)) => is_same(left, right),
            (Err(left), Err(right)) => left == right,
            _ => false,
        }
    }
}

fn is_same(left: &SqlValue, right: &SqlValue) -> bool {
    match (left, right) {
        (SqlValue::Float(Some(left)), SqlValue::Float(Some(right))) => {
            left.to_bits() == right.to_bits()
        }
        (SqlValue::Double(Some(left)), SqlValue::Double(Some(right))) => {
            left.to_bits() == right.to_bits()
        }
        #[cfg(feature = "rust_decimal")]
        (SqlValue::Decimal(Some(left)), SqlValue::Decimal(Some(right))) => {
            left == right && left.scale() == right.scale()
        }
        // Numbers within are told apart by how they are written.
        #[cfg(feature = "json")]
        (SqlValue::Json(Some(left)), SqlValue::Json(Some(right))) => {
            left == right && left.to_string() == right.to_string()
        }
        (SqlValue::Array(_, Some(left)), SqlValue::Array(_, Some(right))) => {
            left.len() == right.len()
                && left.iter().zip(right.iter()).all(|(left, right)| is_same(left, right))
        }
        (left, right) => left == right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn floats_are_told_apart_by_their_bits() {
        let parameter = |value: f64| Value::to_parameter(&value);
        assert!(parameter(f64::NAN).is_same(&parameter(f64::NAN)));
        assert!(!parameter(0.0).is_same(&parameter(-0.0)));
        assert!(
            !parameter(1.0)
                .is_same(&Parameter::null(crate::definition::property::ColumnType::Double))
        );
        let array = |values: Vec<f32>| Value::to_parameter(&values);
        assert!(array(vec![f32::NAN, 1.0]).is_same(&array(vec![f32::NAN, 1.0])));
        assert!(!array(vec![0.0]).is_same(&array(vec![-0.0])));
        assert!(!array(vec![]).is_same(&array(vec![0.0])));
    }

    #[cfg(feature = "rust_decimal")]
    #[test]
    fn decimals_are_told_apart_by_their_digits() {
        let parameter = |text: &str| {
            Value::to_parameter(&text.parse::<rust_decimal::Decimal>().unwrap_or_default())
        };
        assert!(parameter("1.5").is_same(&parameter("1.5")));
        assert!(!parameter("1.5").is_same(&parameter("1.50")));
    }
}
