//! Types of PostgreSQL's, as `#[column(type = "…")]` names them.
//!
//! A cast to a domain over `varchar(3)` or `bit(8)` truncates, where the input of the domain refuses. So a
//! text for a type that is none of the usual texts is sent without a type: the database reads it as what
//! the cast names. Few types truncate in their input as well; for these, the length is checked here.

use sea_query::Value as SqlValue;

use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::value::parameter::Parameter;

impl Parameter {
    /// The value as it is written to the column of a property.
    pub(crate) fn into_written(self, property: &PropertyDefinition) -> Result<SqlValue, String> {
        if property.sql_type.is_none() {
            return self.into_sql();
        }
        self.check_whole(property)?;
        if !matches!(property.column_type, ColumnType::Array(_)) && has_own_input(property) {
            self.into_compared()
        } else {
            self.into_sql()
        }
    }

    /// Makes sure that the type of a column does not drop a part of the value, or of one of an array.
    pub(crate) fn check_whole(&self, property: &PropertyDefinition) -> Result<(), String> {
        let Some(sql_type) = property.sql_type else { return Ok(()) };
        match self.texts().into_iter().find_map(|text| dropped(sql_type, text)) {
            Some(why) => Err(why.to_owned()),
            None => Ok(()),
        }
    }
}

/// Whether the database reads the texts of a property by the input of a type that is none of the usual
/// texts.
pub(crate) fn has_own_input(property: &PropertyDefinition) -> bool {
    match property.column_type {
        ColumnType::Range(_)
        | ColumnType::Interval
        | ColumnType::Array(ColumnType::Range(_) | ColumnType::Interval) => true,
        ColumnType::Text | ColumnType::Array(ColumnType::Text) => {
            property.sql_type.is_some_and(|sql_type| !is_text(sql_type))
        }
        _ => false,
    }
}

/// The type to which a value is cast for a comparison. A number or a time is compared as what it is, since
/// a cast may round it to one that another row has.
pub(crate) fn compared_as(property: &PropertyDefinition) -> Option<&'static str> {
    let sql_type = property.sql_type?;
    let is_cast = match property.column_type {
        ColumnType::Text
        | ColumnType::Array(_)
        | ColumnType::Json
        | ColumnType::Range(_)
        | ColumnType::Interval => true,
        _ => is_one_of(&base_name(sql_type), &["oid", "xid", "cid", "money"]),
    };
    is_cast.then_some(sql_type)
}

/// Why a type keeps only a part of a text, if it does.
fn dropped(sql_type: &str, text: &str) -> Option<&'static str> {
    const NAME: usize = 63;
    if text.len() <= 1 {
        return None;
    }
    match base_name(sql_type).as_str() {
        "name" if text.len() > NAME => Some(
            "is a text of more than 63 bytes, of which `name` drops the rest; make the column `text`",
        ),
        "\"char\"" if !text.starts_with('\\') => Some(
            "is a text of more than one byte, of which `\"char\"` drops the rest; make the column `text`",
        ),
        "date" if text.contains(':') => Some(
            "is a text with a time of the day, which `date` drops; make the column `timestamp`",
        ),
        _ => None,
    }
}

/// A type as a value is cast to it: without its length or precision, to which a cast would cut a text
/// or round a number, where an assignment refuses it or rounds as the column says. Of some types the
/// bare name means a length of one, or some fields of an interval.
pub(crate) fn bare(sql_type: &str) -> String {
    let (name, array) = split(sql_type);
    let name = match base(&name) {
        Base::FixedText => "bpchar".to_owned(),
        Base::FixedBits => "\"bit\"".to_owned(),
        Base::Interval => "interval".to_owned(),
        Base::Other => name,
    };
    name + &array
}

/// A type of PostgreSQL's by its own name in lower case, without modifiers and brackets; the name as
/// it was given where it is none of those that have several.
pub(crate) fn base_name(sql_type: &str) -> String {
    let (name, _) = split(sql_type);
    let name = name.to_ascii_lowercase();
    name.strip_prefix("pg_catalog.").map(ToOwned::to_owned).unwrap_or(name)
}

/// A type without its parentheses, and its brackets. Quoted text is a name.
fn split(sql_type: &str) -> (String, String) {
    let (mut name, mut array) = (String::new(), String::new());
    let (mut quoted, mut depth) = (false, 0_usize);
    for character in sql_type.chars() {
        match character {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth = depth.saturating_sub(1);
                continue;
            }
            _ => {}
        }
        match character {
            _ if depth > 0 => {}
            '[' | ']' if !quoted => array.push(character),
            '0'..='9' if !quoted && array.ends_with('[') => {}
            space if space.is_whitespace() && !quoted => {
                if !name.is_empty() && !name.ends_with(' ') && array.is_empty() {
                    name.push(' ');
                }
            }
            other => name.push(other),
        }
    }
    (name.trim_end().to_owned(), array)
}

enum Base {
    FixedText,
    FixedBits,
    Interval,
    Other,
}

fn base(name: &str) -> Base {
    let first = name.split(' ').next().unwrap_or_default();
    if is_one_of(name, &FIXED) {
        Base::FixedText
    } else if name.eq_ignore_ascii_case("bit") {
        Base::FixedBits
    } else if first.eq_ignore_ascii_case("interval") {
        Base::Interval
    } else {
        Base::Other
    }
}

/// Whether a type is one of those that the driver reads into a property without a text.
pub(crate) fn is_known(sql_type: &str) -> bool {
    const KNOWN: [&str; 36] = [
        "bool",
        "boolean",
        "int2",
        "smallint",
        "int4",
        "int",
        "integer",
        "int8",
        "bigint",
        "real",
        "float4",
        "float8",
        "float",
        "double precision",
        "bytea",
        "date",
        "time",
        "timestamp",
        "timestamptz",
        "uuid",
        "numeric",
        "decimal",
        "dec",
        "json",
        "jsonb",
        "oid",
        "time without time zone",
        "timestamp without time zone",
        "timestamp with time zone",
        "int4range",
        "int8range",
        "numrange",
        "daterange",
        "tsrange",
        "tstzrange",
        "interval",
    ];
    is_one_of(&base_name(sql_type), &KNOWN)
}

/// The texts of a fixed length; of a varying one, where that is said behind them.
const FIXED: [&str; 5] = ["char", "character", "nchar", "national char", "national character"];

/// Whether a type is one of PostgreSQL's texts, or an array of them.
pub(crate) fn is_text(sql_type: &str) -> bool {
    if is_one_of(sql_type, &["text", "varchar"]) {
        return true;
    }
    let name = base_name(sql_type);
    let fixed = is_one_of(&name, &FIXED);
    let varying = name.strip_suffix(" varying").is_some_and(|of| is_one_of(of, &FIXED));
    fixed || varying || is_one_of(&name, &["text", "varchar", "bpchar", "name"])
}

fn is_one_of(sql_type: &str, names: &[&str]) -> bool {
    names.iter().any(|name| sql_type.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::{bare, is_text};

    #[test]
    fn a_cast_neither_cuts_nor_rounds() {
        let casts = [
            ("bit(8)", "\"bit\""),
            ("BIT (8) []", "\"bit\"[]"),
            ("bit varying(8)", "bit varying"),
            ("char", "bpchar"),
            ("char(5)[3]", "bpchar[]"),
            ("\"char\"", "\"char\""),
            ("national  character varying(5)", "national character varying"),
            ("numeric(10, 2)", "numeric"),
            ("varchar(3)[][]", "varchar[][]"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("interval day to second(3)", "interval"),
            ("interval(3)[]", "interval[]"),
            ("\"my (odd) type\"(3)", "\"my (odd) type\""),
            ("\"My Schema\".\"T[1]\"[]", "\"My Schema\".\"T[1]\"[]"),
            ("public.geometry(Point, 4326)", "public.geometry"),
            ("mood", "mood"),
        ];
        for (declared, cast) in casts {
            assert_eq!(bare(declared), cast, "{declared}");
        }
    }

    #[test]
    fn texts_are_told_from_other_types() {
        let texts =
            ["text", "VARCHAR(5)", "varchar (5)[]", "char(3)", "character varying(5)", "name"];
        let texts = texts.into_iter().chain(["National Char Varying", "bpchar", "text[]", "nchar"]);
        assert_eq!(texts.filter(|one| !is_text(one)).count(), 0);
        let others = ["mood", "mood[]", "citext", "inet", "bit varying(3)", "xml", "\"text type\""];
        assert_eq!(others.into_iter().filter(|one| is_text(one)).count(), 0);
    }
}
