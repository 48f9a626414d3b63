//! The key in PostgreSQL's DETAIL of a violation: `Key (a, b)=(1, 2) is not present in table "x".`
//!
//! The words around it are in the language of the server. So a key is only read over columns that are
//! known, and only what stands in its brackets.

#![cfg_attr(not(all(feature = "postgres", feature = "sqlite")), allow(dead_code))]

use crate::definition::property::{ColumnType, PropertyDefinition};

/// The values of a key as the server spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyDetail<'a> {
    values: &'a str,
    /// The words behind them.
    rest: &'a str,
    parts: usize,
}

impl KeyDetail<'_> {
    /// Whether a table is named behind the values.
    pub(crate) fn is_followed_by(&self, table: &str) -> bool {
        let is_of_name = |character: char| character.is_alphanumeric() || character == '_';
        self.rest.match_indices(table).any(|(at, _)| {
            let before = self.rest.get(..at).and_then(|text| text.chars().next_back());
            let after = self.rest.get(at + table.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(is_of_name) && !after.is_some_and(is_of_name)
        })
    }

    /// The key in words.
    pub(crate) fn shown(&self, properties: &[&'static PropertyDefinition]) -> String {
        if self.parts == 1 {
            return shown(&[self.values.to_owned()], properties);
        }
        let values: Vec<_> = self.values.split(", ").map(str::to_owned).collect();
        if values.len() != self.parts {
            // A value holds what divides them.
            return format!("({})", self.values);
        }
        shown(&values, properties)
    }
}

/// A key in words, as errors tell keys: texts are in quotes, and several values in brackets.
pub(crate) fn shown(values: &[String], properties: &[&'static PropertyDefinition]) -> String {
    let spelled = |(at, value): (usize, &String)| match properties
        .get(at)
        .map(|property| property.column_type)
    {
        Some(ColumnType::Text) => format!("\"{value}\""),
        Some(
            ColumnType::Uuid
            | ColumnType::Date
            | ColumnType::Time
            | ColumnType::Timestamp
            | ColumnType::TimestampTz,
        ) => format!("'{value}'"),
        Some(ColumnType::Boolean) if value == "t" || value == "1" => "TRUE".to_owned(),
        Some(ColumnType::Boolean) if value == "f" || value == "0" => "FALSE".to_owned(),
        _ => value.clone(),
    };
    let spelled: Vec<_> = values.iter().enumerate().map(spelled).collect();
    match spelled.as_slice() {
        [only] => only.clone(),
        several => format!("({})", several.join(", ")),
    }
}

/// The key over some columns, if it is of these. A table may be named behind it.
pub(crate) fn key_over<'a>(
    detail: &'a str,
    columns: &[String],
    table: Option<&str>,
) -> Option<KeyDetail<'a>> {
    if columns.is_empty() {
        return None;
    }
    let list = detail.get(detail.find('(')? + 1..)?;
    // Names are as they are, or quoted where SQL needs that.
    let plain = list.strip_prefix(&columns.join(", ")).and_then(|rest| rest.strip_prefix(")=("));
    let rest = match plain {
        Some(rest) => rest,
        None => quoted_names(list).filter(|(names, _)| names == columns)?.1,
    };
    // A value may hold brackets, and so may the table's name.
    let words = match table.filter(|table| table.contains(')')) {
        Some(table) => rest.rfind(table)?,
        None => rest.len(),
    };
    let end = rest.get(..words)?.rfind(')')?;
    Some(KeyDetail { values: rest.get(..end)?, rest: rest.get(end + 1..)?, parts: columns.len() })
}

/// The names of a list up to `)=(`, of which some are quoted, and what comes behind.
fn quoted_names(list: &str) -> Option<(Vec<String>, &str)> {
    let (mut names, mut rest) = (Vec::new(), list);
    loop {
        let mut name = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let end = quoted.find('"')?;
                name.push_str(quoted.get(..end)?);
                quoted = quoted.get(end + 1..)?;
                match quoted.strip_prefix('"') {
                    Some(more) => {
                        name.push('"');
                        quoted = more;
                    }
                    None => break,
                }
            }
            rest = quoted;
        } else {
            let end = rest.find([',', ')'])?;
            name.push_str(rest.get(..end)?);
            rest = rest.get(end..)?;
        }
        names.push(name);
        if let Some(values) = rest.strip_prefix(")=(") {
            return Some((names, values));
        }
        rest = rest.strip_prefix(", ")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>(detail: &'a str, columns: &[&str], table: Option<&str>) -> Option<&'a str> {
        let columns: Vec<_> = columns.iter().map(|&column| column.to_owned()).collect();
        key_over(detail, &columns, table).map(|key| key.values)
    }

    #[test]
    fn keys_are_read_in_each_language() {
        for (detail, key) in [
            ("Key (a)=(1) already exists.", "1"),
            ("Schlüssel »(a)=(1)« existiert bereits.", "1"),
            ("La clé « (a)=(1) » existe déjà.", "1"),
            ("键值\"(a)=(1)\" 已经存在", "1"),
            ("キー(a)=(1)はすでに存在します。", "1"),
            ("Ya existe la llave (a)=(x), (y)).", "x), (y)"),
            ("Key (a)=(, ) = ( already exists.", ", "),
            ("Key (a)=() already exists.", ""),
        ] {
            assert_eq!(values(detail, &["a"], None), Some(key), "{detail}");
        }
    }

    #[test]
    fn columns_may_be_quoted_and_tables_have_brackets() {
        let detail = "Key (\"or\"\"der\", \"a, b)\", c)=(1, 2, 3) already exists.";
        assert_eq!(values(detail, &["or\"der", "a, b)", "c"], None), Some("1, 2, 3"));
        let detail = "Key (a, b)=(1, )) is not present in table \"x (y)\".";
        assert_eq!(values(detail, &["a, b"], Some("x (y)")), Some("1, )"));
        assert_eq!(values(detail, &["a", "b"], Some("x (y)")), Some("1, )"));
        assert_eq!(values(detail, &["a"], Some("x (y)")), None);
    }

    #[test]
    fn other_words_are_no_key() {
        for detail in
            ["", "Key is not present in table \"x\".", "Key (b)=(1) already exists.", "(a)="]
        {
            assert_eq!(values(detail, &["a"], None), None, "{detail}");
        }
    }
}
