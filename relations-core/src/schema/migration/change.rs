//! Changes between two shapes.

use std::fmt;

use super::names::TableName;
use crate::schema::shape::{
    CheckShape, ColumnShape, DistributionShape, EnumShape, ForeignKeyShape, IndexShape, KeyShape,
    TableShape,
};

/// A change between two shapes; [`diff()`](super::diff()) returns them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "there are few, and they are moved once")]
pub enum Change {
    /// A new schema.
    CreateSchema(String),
    /// A new enum type.
    CreateEnum(EnumShape),
    /// A further word of an enum type.
    AddWord {
        /// The type, as PostgreSQL spells it.
        name: String,
        /// The word.
        word: String,
        /// The word that comes behind it; `None` at the end.
        before: Option<String>,
    },
    /// An enum type that loses a word, or has its words in another order.
    ReplaceEnum {
        /// The type as it was.
        before: EnumShape,
        /// The type as it is to be.
        after: EnumShape,
    },
    /// An enum type that is no longer used.
    DropEnum(EnumShape),
    /// A new table, with its keys and indexes.
    CreateTable(TableShape),
    /// Another name of a table.
    RenameTable {
        /// The old name.
        from: TableName,
        /// The new name.
        to: TableName,
    },
    /// A table that is dropped with its rows.
    DropTable(TableShape),
    /// Another distribution of the rows of a table over the servers of a cluster.
    Distribute {
        /// The table.
        table: TableName,
        /// The distribution as it was; `None` where one server has all rows.
        before: Option<DistributionShape>,
        /// The distribution as it is to be.
        after: Option<DistributionShape>,
    },
    /// A new column.
    AddColumn {
        /// Its table.
        table: TableName,
        /// The column.
        column: ColumnShape,
    },
    /// Another name of a column.
    RenameColumn {
        /// Its table.
        table: TableName,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A column of another type, default or the like.
    ChangeColumn {
        /// Its table.
        table: TableName,
        /// The column as it was.
        before: ColumnShape,
        /// The column as it is to be.
        after: ColumnShape,
        /// The aspect of it that changes.
        aspect: Aspect,
    },
    /// A column that is dropped with its values.
    DropColumn {
        /// Its table.
        table: TableName,
        /// The column.
        column: ColumnShape,
    },
    /// A new key, index or check.
    AddPart {
        /// Its table.
        table: TableName,
        /// The new part.
        part: Part,
    },
    /// A key, index or check of another definition.
    ReplacePart {
        /// Its table.
        table: TableName,
        /// The part as it was.
        before: Part,
        /// The part as it is to be.
        after: Part,
    },
    /// Another name of a key, an index or a check.
    RenamePart {
        /// Its table.
        table: TableName,
        /// The part, with its old name.
        part: Part,
        /// The new name.
        to: String,
    },
    /// A key, an index or a check that is dropped.
    DropPart {
        /// Its table.
        table: TableName,
        /// The dropped part.
        part: Part,
    },
}

/// An aspect of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Aspect {
    /// Its type.
    Type,
    /// Whether it may be null.
    Null,
    /// Its default.
    Default,
    /// The expression of a generated column.
    Generated,
    /// Whether the database numbers it (identity or sequence).
    Numbering,
}

/// A key, an index or a check of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The primary key.
    PrimaryKey(KeyShape),
    /// A foreign key.
    ForeignKey(ForeignKeyShape),
    /// An index, or a unique constraint with its index.
    Index(IndexShape),
    /// A check.
    Check(CheckShape),
}

impl Part {
    /// Its name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::PrimaryKey(key) => key.name.as_deref(),
            Self::ForeignKey(key) => key.name.as_deref(),
            Self::Index(index) => index.name.as_deref(),
            Self::Check(check) => check.name.as_deref(),
        }
    }

    /// The part by another name.
    pub(super) fn named(mut self, to: &str) -> Self {
        let name = match &mut self {
            Self::PrimaryKey(key) => &mut key.name,
            Self::ForeignKey(key) => &mut key.name,
            Self::Index(index) => &mut index.name,
            Self::Check(check) => &mut check.name,
        };
        *name = Some(to.to_owned());
        self
    }

    /// Whether it is an index that is not of a constraint.
    pub(super) fn is_index(&self) -> bool {
        matches!(self, Self::Index(index) if !index.constraint)
    }

    /// The kind in a sentence.
    fn kind(&self) -> &'static str {
        match self {
            Self::PrimaryKey(_) => "primary key",
            Self::ForeignKey(_) => "foreign key",
            Self::Index(index) if index.constraint => "unique key",
            Self::Index(index) if index.unique => "unique index",
            Self::Index(_) => "index",
            Self::Check(_) => "check",
        }
    }

    /// The part in a sentence.
    pub(super) fn told(&self) -> String {
        match self.name() {
            Some(name) => format!("{} `{name}`", self.kind()),
            None => self.kind().to_owned(),
        }
    }
}

impl Change {
    /// The table that it changes; `None` of schemas and enum types.
    #[must_use]
    pub fn table(&self) -> Option<TableName> {
        match self {
            Self::CreateSchema(_)
            | Self::CreateEnum(_)
            | Self::AddWord { .. }
            | Self::ReplaceEnum { .. }
            | Self::DropEnum(_) => None,
            Self::CreateTable(table) | Self::DropTable(table) => Some(TableName::of(table)),
            Self::RenameTable { to, .. } => Some(to.clone()),
            Self::AddColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::ChangeColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::AddPart { table, .. }
            | Self::ReplacePart { table, .. }
            | Self::RenamePart { table, .. }
            | Self::DropPart { table, .. }
            | Self::Distribute { table, .. } => Some(table.clone()),
        }
    }

    /// Its place where a column of its table gets another type: an index with a condition, or a
    /// calculated column, would be in the way of that.
    pub(super) fn rank_beside_a_type(&self) -> u8 {
        match self {
            Self::DropPart { .. } => 5,
            other => other.rank(),
        }
    }

    /// Its place among others, so that each finds what it needs and nothing is in its way.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::RenameTable { .. } => 0,
            Self::RenameColumn { .. } => 1,
            Self::CreateSchema(_) => 2,
            Self::CreateEnum(_) | Self::AddWord { .. } => 3,
            Self::RenamePart { .. } => 4,
            Self::DropPart { part: Part::ForeignKey(_) | Part::Check(_), .. } => 5,
            Self::CreateTable(_) => 6,
            // A generated column would be in the way of another type, before it is plain or before it
            // is there.
            Self::ChangeColumn { aspect: Aspect::Generated, after, .. }
                if after.generated.is_none() =>
            {
                6
            }
            Self::AddColumn { column, .. } if column.generated.is_some() => 10,
            Self::AddColumn { .. } => 7,
            Self::ReplaceEnum { .. } => 8,
            Self::ChangeColumn { aspect: Aspect::Type, .. } => 9,
            Self::ChangeColumn { aspect: Aspect::Generated, .. } => 10,
            Self::ChangeColumn { aspect: Aspect::Null, .. } => 12,
            Self::ChangeColumn { .. } => 11,
            Self::AddPart { part: Part::PrimaryKey(_) | Part::Index(_), .. }
            | Self::ReplacePart { after: Part::PrimaryKey(_) | Part::Index(_), .. } => 13,
            Self::AddPart { part: Part::Check(_), .. }
            | Self::ReplacePart { after: Part::Check(_), .. } => 14,
            Self::Distribute { .. } => 15,
            Self::AddPart { part: Part::ForeignKey(_), .. }
            | Self::ReplacePart { after: Part::ForeignKey(_), .. } => 16,
            Self::DropPart { .. } => 17,
            Self::DropColumn { .. } => 18,
            Self::DropTable(_) => 19,
            Self::DropEnum(_) => 20,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateSchema(name) => write!(formatter, "creates the schema `{name}`"),
            Self::CreateEnum(one) => write!(formatter, "creates the enum `{}`", one.name),
            Self::AddWord { name, word, .. } => {
                write!(formatter, "adds the word `{word}` to the enum `{name}`")
            }
            Self::ReplaceEnum { before, .. } => {
                write!(formatter, "makes the enum `{}` anew", before.name)
            }
            Self::DropEnum(one) => write!(formatter, "drops the enum `{}`", one.name),
            Self::CreateTable(table) => {
                write!(formatter, "creates the table `{}`", TableName::of(table))
            }
            Self::RenameTable { from, to } => {
                write!(formatter, "renames the table `{from}` to `{to}`")
            }
            Self::DropTable(table) => {
                write!(formatter, "drops the table `{}`", TableName::of(table))
            }
            Self::Distribute { table, after, .. } => match after {
                Some(after) => write!(formatter, "makes the table `{table}` {after}"),
                None => write!(formatter, "distributes the table `{table}` no longer"),
            },
            Self::AddColumn { table, column } => {
                write!(formatter, "adds the column `{table}.{}`", column.name)
            }
            Self::RenameColumn { table, from, to } => {
                write!(formatter, "renames the column `{table}.{from}` to `{to}`")
            }
            Self::ChangeColumn { table, before, after, aspect } => {
                let column = format!("`{table}.{}`", after.name);
                match aspect {
                    Aspect::Type => write!(
                        formatter,
                        "changes the type of {column} from `{}` to `{}`",
                        before.sql_type, after.sql_type,
                    ),
                    Aspect::Null if after.nullable => {
                        write!(formatter, "lets {column} be null")
                    }
                    Aspect::Null => write!(formatter, "lets {column} be null no longer"),
                    Aspect::Default => match &after.default {
                        Some(default) => {
                            write!(formatter, "sets the default of {column} to `{default}`")
                        }
                        None => write!(formatter, "removes the default of {column}"),
                    },
                    Aspect::Generated => match &after.generated {
                        Some(expression) => {
                            write!(formatter, "has {column} calculated by `{expression}`")
                        }
                        None => write!(formatter, "has {column} calculated no longer"),
                    },
                    Aspect::Numbering => match after.numbering {
                        Some(_) => write!(formatter, "has {column} counted up by the database"),
                        None => write!(formatter, "has {column} counted up no longer"),
                    },
                }
            }
            Self::DropColumn { table, column } => {
                write!(formatter, "drops the column `{table}.{}`", column.name)
            }
            Self::AddPart { table, part } => {
                write!(formatter, "adds the {} to `{table}`", part.told())
            }
            Self::ReplacePart { table, after, .. } => {
                write!(formatter, "makes the {} of `{table}` anew", after.told())
            }
            Self::RenamePart { table, part, to } => {
                write!(formatter, "renames the {} of `{table}` to `{to}`", part.told())
            }
            Self::DropPart { table, part } => {
                write!(formatter, "drops the {} of `{table}`", part.told())
            }
        }
    }
}
