//! What is known of an entity before anything runs: its properties, keys and relations.
//!
//! The derive writes these as constants; DDL and the queries read them, as may routes, diagrams
//! and checks, for which the feature `serde` makes them `Serialize`.

mod relation;

pub use relation::{
    Action, ForeignKeyDefinition, RelationDefinition, RelationKind, TargetDefinition,
    ThroughDefinition,
};

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
}

impl ColumnType {
    /// Whether two values of this type are equal in Rust if and only if the database says so.
    ///
    /// A collation, a padded `char`, `citext` or a domain of either decides about texts; `numeric` has
    /// more digits than a decimal; floats have two zeros; JSON has several texts for a value.
    pub(crate) const fn is_equal_in_rust(self) -> bool {
        !matches!(
            self,
            Self::Text | Self::Decimal | Self::Real | Self::Double | Self::Json | Self::Array(_)
        )
    }
}

/// What a property tells of its row, which is written with each change and never given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Stamp {
    /// How often the row was written, counted from 1.
    Version,
    /// When the row was made, by the clock of the database.
    CreatedAt,
    /// When the row was last written, by the clock of the database.
    UpdatedAt,
}

/// What the derive knows of an entity.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// struct Customer {
///     #[id(generated)]
///     pk: i64,
///     name: String,
/// }
///
/// assert_eq!(Customer::DEFINITION.table, "customers");
/// assert_eq!(Customer::DEFINITION.id().map(|id| id.name).collect::<Vec<_>>(), ["pk"]);
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct EntityDefinition {
    /// The name of the struct.
    pub name: &'static str,
    /// The schema of the table, where one is given.
    pub schema: Option<&'static str>,
    /// The table.
    pub table: &'static str,
    /// The properties, in the order of the struct's fields.
    pub properties: &'static [&'static PropertyDefinition],
    /// The relations, in the order they are written.
    pub relations: &'static [&'static RelationDefinition],
    /// The unique keys of several properties, or of some rows only.
    pub unique_keys: &'static [&'static UniqueKeyDefinition],
}

impl EntityDefinition {
    /// The definition of an entity in a table of the default schema.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        table: &'static str,
        properties: &'static [&'static PropertyDefinition],
        relations: &'static [&'static RelationDefinition],
    ) -> Self {
        Self { name, schema: None, table, properties, relations, unique_keys: &[] }
    }

    /// The same entity in a schema.
    #[doc(hidden)]
    #[must_use]
    pub const fn schema(mut self, schema: &'static str) -> Self {
        self.schema = Some(schema);
        self
    }

    /// The same entity with unique keys of several properties, or of some rows only.
    #[doc(hidden)]
    #[must_use]
    pub const fn unique_keys(mut self, keys: &'static [&'static UniqueKeyDefinition]) -> Self {
        self.unique_keys = keys;
        self
    }

    /// Whether both are of one entity. Constants have no address of their own to compare.
    pub(crate) fn is(&self, other: &Self) -> bool {
        (self.name, self.schema, self.table) == (other.name, other.schema, other.table)
    }

    /// The properties that make up the id, in the order of the struct's fields.
    pub fn id(&self) -> impl Iterator<Item = &'static PropertyDefinition> + Clone + use<> {
        self.properties.iter().copied().filter(|property| property.id)
    }

    /// The keys that tell all rows apart: the id, then each unique property by itself, then those
    /// of several properties.
    pub fn keys(&self) -> impl Iterator<Item = Vec<&'static PropertyDefinition>> + use<> {
        let properties = self.properties;
        let unique = properties.iter().filter(|property| property.unique);
        let whole = self.unique_keys.iter().filter(|key| key.filter.is_none());
        let several = whole.map(move |key| {
            let named = |name: &&str| properties.iter().copied().find(|one| one.name == *name);
            key.properties.iter().filter_map(named).collect()
        });
        std::iter::once(self.id().collect())
            .chain(unique.map(|property| vec![*property]))
            .chain(several)
    }

    /// The properties that are written with each change, in the order of the struct's fields.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = &'static PropertyDefinition> + use<> {
        self.properties.iter().copied().filter(|property| property.stamp.is_some())
    }

    /// The properties that a change of a row makes by itself, in the order of the struct's fields.
    pub(crate) fn made(&self) -> impl Iterator<Item = &'static PropertyDefinition> + use<> {
        self.properties.iter().copied().filter(|property| property.is_made())
    }

    /// The property that counts how often a row was written, if there is one.
    #[must_use]
    pub fn version(&self) -> Option<&'static PropertyDefinition> {
        self.stamps().find(|property| property.stamp == Some(Stamp::Version))
    }

    /// The property of that name, if there is one.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'static PropertyDefinition> {
        self.properties.iter().copied().find(|property| property.name == name)
    }

    /// The relation of that name, if there is one.
    #[must_use]
    pub fn relation(&self, name: &str) -> Option<&'static RelationDefinition> {
        self.relations.iter().copied().find(|relation| relation.name == name)
    }

    /// The relations of which this entity holds the foreign key.
    pub fn belongs_to(&self) -> impl Iterator<Item = &'static RelationDefinition> + use<> {
        self.relations.iter().copied().filter(|relation| relation.kind == RelationKind::BelongsTo)
    }
}

/// Properties of which no two rows have the same values, by `#[unique(…)]` on the struct.
///
/// ```
/// # use relations::prelude::*;
/// #[derive(Entity)]
/// #[unique(tenant_id, email, filter = "deleted = false")]
/// struct Customer {
///     #[id]
///     id: i64,
///     tenant_id: i64,
///     email: String,
///     deleted: bool,
/// }
///
/// let key = Customer::DEFINITION.unique_keys[0];
/// assert_eq!(key.properties, ["tenant_id", "email"]);
/// assert_eq!(key.filter, Some("deleted = false"));
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct UniqueKeyDefinition {
    /// The properties by their names, in the order of the key.
    pub properties: &'static [&'static str],
    /// The name of the constraint, where one is given.
    pub name: Option<&'static str>,
    /// The condition in SQL of the rows that the key holds for; `None` where it holds for all.
    pub filter: Option<&'static str>,
}

impl UniqueKeyDefinition {
    /// A key of all rows.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(properties: &'static [&'static str]) -> Self {
        Self { properties, name: None, filter: None }
    }

    /// The same key, whose constraint has that name.
    #[doc(hidden)]
    #[must_use]
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// The same key of the rows of which a condition holds.
    #[doc(hidden)]
    #[must_use]
    pub const fn filter(mut self, filter: &'static str) -> Self {
        self.filter = Some(filter);
        self
    }
}

/// What the derive knows of one property.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct PropertyDefinition {
    /// The name of the field.
    pub name: &'static str,
    /// The column it lives in.
    pub column: &'static str,
    /// The type of the column.
    pub column_type: ColumnType,
    /// The column's type as PostgreSQL spells it, where `#[column(type = "…")]` gives one. What is a
    /// text in Rust and of another type there is read as the text that it is cast to.
    pub sql_type: Option<&'static str>,
    /// Whether the column may be null, as an `Option` may be `None`.
    pub nullable: bool,
    /// Whether the property is the id or a part of it.
    pub id: bool,
    /// Whether the database makes the value.
    pub generated: bool,
    /// Whether no two rows have the same value.
    pub unique: bool,
    /// Whether an index on the column is asked for by `#[index]`.
    pub indexed: bool,
    /// The SQL expression that stands in for a value not given.
    pub default: Option<&'static str>,
    /// The SQL expression by which the database calculates a generated column, which is read and
    /// never written.
    pub generated_as: Option<&'static str>,
    /// What each change of a row writes here by itself.
    pub stamp: Option<Stamp>,
    /// The relation whose foreign key this is, or is a part of.
    pub references: Option<&'static RelationDefinition>,
}

impl PropertyDefinition {
    /// Whether the database makes the value with each change of the row, so that it is never given.
    pub(crate) fn is_made(&self) -> bool {
        self.stamp.is_some() || self.generated_as.is_some()
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
            indexed: false,
            default: None,
            generated_as: None,
            stamp: None,
            references: None,
        }
    }

    /// The same property, spelled so on PostgreSQL.
    #[doc(hidden)]
    #[must_use]
    pub const fn sql_type(mut self, sql_type: &'static str) -> Self {
        self.sql_type = Some(sql_type);
        self
    }

    /// The same property, which may be null.
    #[doc(hidden)]
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The same property as the id or a part of it.
    #[doc(hidden)]
    #[must_use]
    pub const fn id(mut self) -> Self {
        self.id = true;
        self
    }

    /// The same property, made by the database.
    #[doc(hidden)]
    #[must_use]
    pub const fn generated(mut self) -> Self {
        self.generated = true;
        self
    }

    /// The same property, unique.
    #[doc(hidden)]
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// The same property with an index.
    #[doc(hidden)]
    #[must_use]
    pub const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    /// The same property as the foreign key of a relation.
    #[doc(hidden)]
    #[must_use]
    pub const fn references(mut self, relation: &'static RelationDefinition) -> Self {
        self.references = Some(relation);
        self
    }

    /// The same property as what each change writes.
    #[doc(hidden)]
    #[must_use]
    pub const fn stamp(mut self, stamp: Stamp) -> Self {
        self.stamp = Some(stamp);
        self
    }

    /// The same property as a generated column.
    #[doc(hidden)]
    #[must_use]
    pub const fn generated_as(mut self, expression: &'static str) -> Self {
        self.generated_as = Some(expression);
        self
    }

    /// The same property with a default.
    #[doc(hidden)]
    #[must_use]
    pub const fn default_to(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}
