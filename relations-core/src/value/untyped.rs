//! Texts without a type of their own: the database infers it from the column that they are compared
//! with, as it does for a quoted literal.
//!
//! A parameter that is told to be `text` makes PostgreSQL compare a `citext` column as text, without
//! its index. An untyped one is a `citext` beside it, and takes on its column's collation.

use sea_query::{ArrayType, Value as SqlValue};

/// The text without a type; any other value as it is.
///
/// `sea_query` has no variant for it. No property becomes an array of `Char`, so one of a single text
/// stands for it.
pub(crate) fn untyped(value: SqlValue) -> SqlValue {
    match value {
        SqlValue::String(Some(_)) => SqlValue::Array(ArrayType::Char, Some(Box::new(vec![value]))),
        SqlValue::String(None) => SqlValue::Array(ArrayType::Char, None),
        other => other,
    }
}

/// An array of texts as an untyped literal of PostgreSQL, `{"a","b"}`; any other value as it is.
pub(crate) fn untyped_array(value: SqlValue) -> SqlValue {
    match value {
        SqlValue::Array(ArrayType::String, Some(values)) => {
            untyped(SqlValue::String(Some(array_literal(&values))))
        }
        other => other,
    }
}

/// The value, which has its type if it is a text.
pub(crate) fn typed(value: &SqlValue) -> &SqlValue {
    match value {
        SqlValue::Array(ArrayType::Char, Some(values)) => values.first().unwrap_or(value),
        other => other,
    }
}

/// The text of a value without a type; `None` where it is null or another value.
pub(crate) fn text_of_untyped(value: &SqlValue) -> Option<&String> {
    match value {
        SqlValue::Array(ArrayType::Char, Some(values)) => match values.as_slice() {
            [SqlValue::String(text)] => text.as_ref(),
            _ => None,
        },
        _ => None,
    }
}

fn array_literal(values: &[SqlValue]) -> String {
    let mut literal = String::from("{");
    for value in values {
        if literal.len() > 1 {
            literal.push(',');
        }
        let SqlValue::String(Some(text)) = value else {
            literal.push_str("NULL");
            continue;
        };
        literal.push('"');
        for character in text.chars() {
            if matches!(character, '"' | '\\') {
                literal.push('\\');
            }
            literal.push(character);
        }
        literal.push('"');
    }
    literal.push('}');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_in_an_array() {
        let texts = ["a", "", "NULL", "x,y", "\"", "\\", "{ }"];
        let mut texts: Vec<SqlValue> = texts.into_iter().map(SqlValue::from).collect();
        texts.push(SqlValue::String(None));
        let literal = untyped_array(SqlValue::Array(ArrayType::String, Some(Box::new(texts))));
        let expected = r#"{"a","","NULL","x,y","\"","\\","{ }",NULL}"#.to_owned();
        assert_eq!(text_of_untyped(&literal), Some(&expected));
        assert_eq!(text_of_untyped(&SqlValue::from(1)), None);
    }
}
