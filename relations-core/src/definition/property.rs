//! The definition of a property: its column, its type and the values that the database makes.

use crate::definition::deferrable::Deferrable;
use crate::definition::quoting::quoted;
use crate::definition::relation::RelationDefinition;

/// The SQL type of a column, as far as both engines agree on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum ColumnType {
    /// `boolean`; on SQLite an `INTEGER` of 0 or 1.
    Boolean,
    /// A 16-bit integer.
    SmallInt,
    /// A 32-bit integer.
    Integer,
    /// A 64-bit integer.
    BigInt,
    /// A 32-bit float.
    Real,
    /// A 64-bit float.
    Double,
    /// Text of any length.
    Text,
    /// Bytes of any length.
    Bytes,
    /// A calendar date.
    Date,
    /// A time of day, to the microsecond.
    Time,
    /// A date and time without a time zone, to the microsecond.
    Timestamp,
    /// A moment in time, to the microsecond.
    TimestampTz,
    /// A UUID.
    Uuid,
    /// A decimal number of exact digits.
    Decimal,
    /// JSON; `jsonb` on PostgreSQL.
    Json,
    /// Several values of one type; PostgreSQL only.
    Array(&'static ColumnType),
    /// The values between two bounds of one type; PostgreSQL only.
    Range(&'static ColumnType),
    /// A span of months, days and microseconds; PostgreSQL only.
    Interval,
}

impl ColumnType {
    /// A number for each type; arrays of all types have one, and so have ranges.
    pub(crate) const fn number(self) -> usize {
        match self {
            Self::Boolean => 0,
            Self::SmallInt => 1,
            Self::Integer => 2,
            Self::BigInt => 3,
            Self::Real => 4,
            Self::Double => 5,
            Self::Text => 6,
            Self::Bytes => 7,
            Self::Date => 8,
            Self::Time => 9,
            Self::Timestamp => 10,
            Self::TimestampTz => 11,
            Self::Uuid => 12,
            Self::Decimal => 13,
            Self::Json => 14,
            Self::Array(_) => 15,
            Self::Range(_) => 16,
            Self::Interval => 17,
        }
    }

    /// Whether two values of this type are equal in Rust if and only if the database says so.
    ///
    /// A collation, a padded `char`, `citext` or a domain of either decides about texts; `numeric` has
    /// more digits than a decimal, also as the bound of a range; floats have two zeros; JSON has several texts
    /// for a value; a month is 30 days, and a day 24 hours.
    pub(crate) const fn is_equal_in_rust(self) -> bool {
        !matches!(
            self,
            Self::Text
                | Self::Decimal
                | Self::Real
                | Self::Double
                | Self::Json
                | Self::Array(_)
                | Self::Range(_)
                | Self::Interval
        )
    }

    /// The least and the greatest integer that a column holds; `None` of other types.
    pub(crate) const fn integers(self) -> Option<(i64, i64)> {
        match self {
            Self::SmallInt => Some((i16::MIN as i64, i16::MAX as i64)),
            Self::Integer => Some((i32::MIN as i64, i32::MAX as i64)),
            Self::BigInt => Some((i64::MIN, i64::MAX)),
            _ => None,
        }
    }

    pub(crate) const fn is_integer(self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }

    /// Whether Rust sorts values of this type as PostgreSQL does. Texts have a collation.
    pub(crate) const fn is_sorted_in_rust(self) -> bool {
        use ColumnType::{BigInt, Bytes, Date, Integer, SmallInt, Timestamp, TimestampTz, Uuid};
        matches!(self, SmallInt | Integer | BigInt | Bytes | Date | Timestamp | TimestampTz | Uuid)
    }

    /// Whether SQLite may hold a value of this type in several spellings, which it compares as texts.
    pub(crate) const fn has_spellings(self) -> bool {
        use ColumnType::{Date, Json, Time, Timestamp, TimestampTz, Uuid};
        matches!(self, Date | Time | Timestamp | TimestampTz | Uuid | Json)
    }
}

/// Columns that the library sets in each write of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Stamp {
    /// The number of writes of the row, counted from 1.
    #[doc(alias = "optimistic locking")]
    Version,
    /// The time at which the row was inserted, by the clock of the database.
    CreatedAt,
    /// The time of the last write, by the clock of the database.
    UpdatedAt,
    /// The time at which the row was deleted, by the clock of the database; null until then.
    #[doc(alias = "soft delete")]
    DeletedAt,
}

/// The definition of a property.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct PropertyDefinition {
    /// The name of the field.
    pub name: &'static str,
    /// The name of the column.
    pub column: &'static str,
    /// The type of the column.
    pub column_type: ColumnType,
    /// The column's type as PostgreSQL spells it, where `#[column(type = "…")]` gives one. A column that is a
    /// text in Rust and of another type there is read as the text that it is cast to.
    pub sql_type: Option<&'static str>,
    /// Whether the column may be null, as an `Option` may be `None`.
    pub nullable: bool,
    /// Whether the property is the id or a part of it.
    pub id: bool,
    /// Whether the database generates the value.
    pub generated: bool,
    /// Whether the value is unique.
    pub unique: bool,
    /// The name of the unique constraint, if one is given.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub unique_name: Option<&'static str>,
    /// When the unique constraint is checked.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Deferrable::is_no"))]
    pub unique_deferrable: Deferrable,
    /// Whether `#[index]` declares an index on the column.
    pub indexed: bool,
    /// The SQL expression of the default.
    pub default: Option<&'static str>,
    /// The SQL expression of a generated column, which is never written.
    pub generated_as: Option<&'static str>,
    /// The stamp that each write of a row sets here.
    pub stamp: Option<Stamp>,
    /// Whether the property holds the tenant that a row belongs to.
    #[doc(alias = "multi-tenancy")]
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub tenant: bool,
    /// The relation whose foreign key this is, or is a part of.
    pub references: Option<&'static RelationDefinition>,
    /// The words of an enum, as they are stored; none of any other type.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "<[_]>::is_empty"))]
    pub words: &'static [&'static str],
    /// The least and the greatest number, if the type holds fewer than the column does, as a `u32` in a
    /// `bigint`; those of each element of an array. A CHECK keeps other numbers out.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub bounds: Option<(i64, i64)>,
}

impl PropertyDefinition {
    /// Whether the database makes the value with each change of the row, so that it is never given.
    pub(crate) fn is_made(&self) -> bool {
        self.stamp.is_some() || self.generated_as.is_some()
    }

    /// The condition that keeps the column within the bounds of its type, on both engines; `None` if it has
    /// none but those of the column.
    pub(crate) fn within_bounds(&self) -> Option<String> {
        let (least, greatest) = self.bounds?;
        let (of, is_array) = match self.column_type {
            ColumnType::Array(of) => (*of, true),
            of => (of, false),
        };
        let (column, held) = (quoted(self.column), of.integers());
        let term = |bound: i64, operator: &str, mirrored: &str| {
            if is_array {
                format!("{bound} {mirrored} ALL ({column})")
            } else {
                format!("{column} {operator} {bound}")
            }
        };
        let lower = held.is_none_or(|(lowest, _)| least > lowest).then(|| term(least, ">=", "<="));
        let is_below = held.is_none_or(|(_, highest)| greatest < highest);
        let terms: Vec<_> =
            lower.into_iter().chain(is_below.then(|| term(greatest, "<=", ">="))).collect();
        (!terms.is_empty()).then(|| terms.join(" AND "))
    }

    /// The enum type of PostgreSQL that the column is of; `None` of any other type, and where the words
    /// are kept as a text.
    pub(crate) fn enumeration(&self) -> Option<&'static str> {
        const TEXTS: [&str; 8] =
            ["text", "varchar", "char", "character", "bpchar", "citext", "name", "json"];
        let written = self.sql_type.filter(|_| !self.words.is_empty())?.trim();
        let name = written.trim_end_matches("[]").trim_end();
        let word = name.split(['(', ' ']).next().unwrap_or_default().to_ascii_lowercase();
        (!TEXTS.contains(&&*word)).then_some(name)
    }

    /// Whether no two rows have the same value at any time, within a transaction as well.
    pub(crate) const fn is_unique_at_once(&self) -> bool {
        self.unique && self.unique_deferrable.is_no()
    }

    /// Whether both are one property of one entity.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.name == other.name
    }

    /// A property of that type, neither null nor a key.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, column: &'static str, column_type: ColumnType) -> Self {
        Self {
            name,
            column,
            column_type,
            sql_type: None,
            nullable: false,
            id: false,
            generated: false,
            unique: false,
            unique_name: None,
            unique_deferrable: Deferrable::No,
            indexed: false,
            default: None,
            generated_as: None,
            stamp: None,
            tenant: false,
            references: None,
            words: &[],
            bounds: None,
        }
    }

    /// Sets the type's spelling on PostgreSQL.
    #[doc(hidden)]
    #[must_use]
    pub const fn sql_type(mut self, sql_type: &'static str) -> Self {
        self.sql_type = Some(sql_type);
        self
    }

    /// The column's own type on PostgreSQL, if it has one, the words of an enum, and the bounds of a number.
    #[doc(hidden)]
    #[must_use]
    pub const fn of_value(
        mut self,
        sql_type: Option<&'static str>,
        words: &'static [&'static str],
        bounds: Option<(i64, i64)>,
    ) -> Self {
        self.sql_type = sql_type;
        self.words = words;
        self.bounds = bounds;
        self
    }

    /// This property, as one of an enum of these words.
    #[doc(hidden)]
    #[must_use]
    pub const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    /// Makes the property nullable.
    #[doc(hidden)]
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Makes the property the id or a part of it.
    #[doc(hidden)]
    #[must_use]
    pub const fn id(mut self) -> Self {
        self.id = true;
        self
    }

    /// Lets the database generate the property.
    #[doc(hidden)]
    #[must_use]
    pub const fn generated(mut self) -> Self {
        self.generated = true;
        self
    }

    /// Makes the property unique.
    #[doc(hidden)]
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Sets the name of the unique constraint.
    #[doc(hidden)]
    #[must_use]
    pub const fn unique_name(mut self, name: &'static str) -> Self {
        self.unique_name = Some(name);
        self
    }

    /// Lets a transaction defer the check of the unique constraint to its end.
    #[doc(hidden)]
    #[must_use]
    pub const fn unique_deferrable(mut self) -> Self {
        self.unique_deferrable = Deferrable::InitiallyImmediate;
        self
    }

    /// Defers the check of the unique constraint to the end of the transaction.
    #[doc(hidden)]
    #[must_use]
    pub const fn unique_initially_deferred(mut self) -> Self {
        self.unique_deferrable = Deferrable::InitiallyDeferred;
        self
    }

    /// Adds an index.
    #[doc(hidden)]
    #[must_use]
    pub const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    /// Makes the property the foreign key of a relation.
    #[doc(hidden)]
    #[must_use]
    pub const fn references(mut self, relation: &'static RelationDefinition) -> Self {
        self.references = Some(relation);
        self
    }

    /// Makes the property a stamp, set by each write.
    #[doc(hidden)]
    #[must_use]
    pub const fn stamp(mut self, stamp: Stamp) -> Self {
        self.stamp = Some(stamp);
        self
    }

    /// Makes the property the tenant of a row.
    #[doc(hidden)]
    #[must_use]
    pub const fn tenant(mut self) -> Self {
        self.tenant = true;
        self
    }

    /// Makes the property a generated column.
    #[doc(hidden)]
    #[must_use]
    pub const fn generated_as(mut self, expression: &'static str) -> Self {
        self.generated_as = Some(expression);
        self
    }

    /// Sets the default.
    #[doc(hidden)]
    #[must_use]
    pub const fn default_to(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}
