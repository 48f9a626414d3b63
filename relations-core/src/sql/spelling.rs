//! Comparisons with values that a column may hold in more than one spelling.
//!
//! SQLite stores times, UUIDs and JSON as whatever was written. A comparison is of what the stored
//! value says, beside a condition that an index answers and that all spellings of the value meet.
//! PostgreSQL has types for all of them, and none that compares `json`, `xml` or points.

use sea_query::{Alias, Expr, ExprTrait, Func, SelectStatement};

use crate::ast::predicate::Comparison;
use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::dialect::Engine;
use crate::error::Result;
use crate::sql::Writer;
use crate::sql::from_clause::tuple;
use crate::sql::key_columns::Origin;
use crate::sql::keys::from_json;
use crate::sql::value::each_of;
use crate::value::parameter::Parameter;
use crate::value::sql_type::base_name;

/// SQLite's function that gives a value as this crate writes it.
pub(crate) const VALUE: &str = "relations_value";

/// The one that gives what a column holds, unless it is to hold another value.
pub(crate) const KEPT: &str = "relations_kept";

/// The ones that give the texts between which all spellings of a time are.
pub(crate) const LOW: &str = "relations_low";

pub(crate) const HIGH: &str = "relations_high";

/// The value that the statement was given last, once more.
pub(crate) const AGAIN: &str = "\u{1}";

/// Stands before a value that is given again later, as [`SHOWN`].
pub(crate) const SHOWS: &str = "\u{5}";

/// The value behind [`SHOWS`], once more.
pub(crate) const SHOWN: &str = "\u{6}";

/// The word for a type whose values have several spellings on SQLite.
fn word(column_type: ColumnType) -> Option<&'static str> {
    Some(match column_type {
        ColumnType::Date => "'date'",
        ColumnType::Time => "'time'",
        ColumnType::Timestamp => "'timestamp'",
        ColumnType::TimestampTz => "'timestamptz'",
        ColumnType::Uuid => "'uuid'",
        ColumnType::Json => "'json'",
        ColumnType::Decimal => "'decimal'",
        _ => return None,
    })
}

fn call(function: &'static str, word: &'static str, value: Expr) -> Expr {
    Func::cust(function).args([Expr::cust(word), value]).into()
}

/// Types of PostgreSQL that have no `=`, or one that compares areas or lengths.
const UNCOMPARED: [&str; 10] =
    ["json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "jsonpath"];

impl Writer {
    /// Whether the column of a property holds a value.
    pub(crate) fn equals(
        &self,
        column: Expr,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
        parameter: &Parameter,
    ) -> Result<Expr> {
        self.equals_key(column, entity, property, parameter, None)
    }

    /// Whether the column of a property holds a value, which may be one of another column.
    pub(crate) fn equals_key(
        &self,
        column: Expr,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
        parameter: &Parameter,
        origin: Option<Origin>,
    ) -> Result<Expr> {
        let value = self.key_value(entity, property, parameter, origin)?;
        Ok(self.compared(column, property, Comparison::Equal, value))
    }

    /// A comparison of the column of a property with a value that is given.
    pub(crate) fn compared(
        &self,
        column: Expr,
        property: &PropertyDefinition,
        comparison: Comparison,
        value: Expr,
    ) -> Expr {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};

        if self.engine == Engine::Postgres {
            return match as_compared(property) {
                Some(name) => plain(
                    column.cast_as(Alias::new(name)),
                    comparison,
                    value.cast_as(Alias::new(name)),
                ),
                None => plain(column, comparison, value),
            };
        }
        let Some(word) = word(property.column_type) else {
            return plain(column, comparison, value);
        };
        let again = || Expr::cust(AGAIN);
        match (property.column_type, comparison) {
            (ColumnType::Decimal, _) => {
                plain(column, comparison, Expr::cust_with_exprs("? COLLATE decimal", [value]))
            }
            (ColumnType::Uuid, Equal) => column.is_in(uuids(value)),
            (ColumnType::Uuid, NotEqual) => column.is_not_in(uuids(value)),
            (ColumnType::Uuid | ColumnType::Json, _) | (_, NotEqual) => {
                plain(call(VALUE, word, column), comparison, value)
            }
            (_, comparison) => {
                let said = plain(call(VALUE, word, column.clone()), comparison, again());
                match comparison {
                    Greater | GreaterOrEqual => column.gte(call(LOW, word, value)).and(said),
                    Less | LessOrEqual => column.lte(call(HIGH, word, value)).and(said),
                    Equal | NotEqual => column
                        .clone()
                        .gte(call(LOW, word, value))
                        .and(column.lte(call(HIGH, word, again())))
                        .and(said),
                }
            }
        }
    }

    /// Whether the column of a property holds a part of a key that is given, which stands in a column as
    /// this crate writes it.
    pub(crate) fn equals_part(&self, column: Expr, column_type: ColumnType, part: Expr) -> Expr {
        match word(column_type).filter(|_| self.engine == Engine::Sqlite) {
            Some(word) if column_type.has_spellings() => {
                call(VALUE, word, column).eq(call(VALUE, word, part))
            }
            _ => column.eq(part),
        }
    }

    /// A value that is calculated or read elsewhere, as it is compared with a value that is given.
    pub(crate) fn said(&self, value: Expr, column_type: ColumnType) -> Expr {
        match word(column_type) {
            Some(word) if self.engine == Engine::Sqlite && column_type != ColumnType::Decimal => {
                call(VALUE, word, value)
            }
            _ => value,
        }
    }

    /// Whether columns of properties hold one of the keys of a JSON array, on SQLite.
    pub(crate) fn is_one_of(
        &self,
        columns: impl IntoIterator<Item = Expr>,
        column_types: &[ColumnType],
        json: Expr,
        negated: bool,
    ) -> Expr {
        let columns = columns.into_iter().zip(column_types);
        let columns = columns.map(|(column, column_type)| match column_type {
            ColumnType::Uuid => column,
            column_type => self.said(column, *column_type),
        });
        let (key, keys) = (tuple(columns.collect()), keys_spelled(column_types, json));
        if negated { key.not_in_subquery(keys) } else { key.in_subquery(keys) }
    }

    /// The new value of a property when a whole row is written: on SQLite the stored value, if it is
    /// equal.
    pub(crate) fn kept(&self, column: Expr, property: &PropertyDefinition, value: Expr) -> Expr {
        match word(property.column_type) {
            Some(word) if self.engine == Engine::Sqlite => {
                Func::cust(KEPT).args([Expr::cust(word), column, value]).into()
            }
            _ => value,
        }
    }
}

pub(crate) fn plain(left: Expr, comparison: Comparison, right: Expr) -> Expr {
    match comparison {
        Comparison::Equal => left.eq(right),
        Comparison::NotEqual => left.ne(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterOrEqual => left.gte(right),
        Comparison::Less => left.lt(right),
        Comparison::LessOrEqual => left.lte(right),
    }
}

/// The type that a column is compared as on PostgreSQL, where its own has no comparison.
pub(crate) fn as_compared(property: &PropertyDefinition) -> Option<&'static str> {
    let name = base_name(property.sql_type?);
    match property.column_type {
        ColumnType::Json if name == "json" => Some("jsonb"),
        ColumnType::Text if UNCOMPARED.contains(&name.as_str()) => Some("text"),
        _ => None,
    }
}

/// The spellings of a UUID that are read.
fn uuids(uuid: Expr) -> [Expr; 5] {
    let [_, rest @ ..] = uuids_of(AGAIN);
    let [first, second, third, fourth] = rest;
    [uuid, first, second, third, fourth]
}

/// The spellings of the UUID that a mark stands for.
pub(crate) fn uuids_of(mark: &str) -> [Expr; 5] {
    [
        Expr::cust(mark.to_owned()),
        Expr::cust(format!("upper({mark})")),
        Expr::cust(format!("replace({mark}, '-', '')")),
        Expr::cust(format!("upper(replace({mark}, '-', ''))")),
        Expr::cust(format!("unhex({mark}, '-')")),
    ]
}

/// The keys of a JSON array, whose parts are of these types, in each spelling that is read.
fn keys_spelled(column_types: &[ColumnType], json: Expr) -> SelectStatement {
    let mut keys = each_of(json);
    let is_spelled = column_types.contains(&ColumnType::Uuid);
    let held = if is_spelled { "\"each\".\"value\"" } else { "\"value\"" };
    for (part, column_type) in column_types.iter().enumerate() {
        let value = match column_types {
            [_] => held.to_owned(),
            _ => format!("json_extract({held}, '$[{part}]')"),
        };
        if *column_type != ColumnType::Uuid {
            keys.expr(from_json(Expr::cust(value), *column_type));
            continue;
        }
        let number = part + 1;
        keys.expr(Expr::cust(format!(
            "CASE \"spelling_{number}\".\"value\" WHEN 0 THEN {value} WHEN 1 THEN upper({value}) \
             WHEN 2 THEN replace({value}, '-', '') WHEN 3 THEN upper(replace({value}, '-', '')) \
             ELSE unhex({value}, '-') END",
        )));
        let spellings = Func::cust("json_each").arg(Expr::cust("'[0,1,2,3,4]'"));
        keys.from_function(spellings, Alias::new(format!("spelling_{number}")));
    }
    keys
}

/// Several values as a JSON array; several arrays as one of their tuples. An engine without arrays
/// is sent lists of keys in this way, as one parameter.
pub(crate) fn json_array(arrays: &[Parameter]) -> Result<String> {
    #[cfg(feature = "sqlite")]
    return crate::value::sqlite_encode::json_array(arrays);
    #[cfg(not(feature = "sqlite"))]
    {
        let _ = arrays;
        Err(crate::error::Error::invalid_request(
            "SQLite is not built in; turn on the feature `sqlite`",
        ))
    }
}
