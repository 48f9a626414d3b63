//! The messages of errors.

use std::error::Error as _;
use std::fmt;
use std::panic::Location;

use crate::definition::entity::EntityDefinition;
use crate::error::constraint::{Constraint, Violation};
use crate::error::{Error, FieldContent, Kind, counted};

impl Error {
    /// The words for a target that may belong to another tenant.
    fn of_other_tenant(&self) -> &'static str {
        let target = self.relation().map(|relation| relation.target.definition());
        match target.and_then(EntityDefinition::tenant) {
            Some(_) => ", of another tenant,",
            None => "",
        }
    }

    fn relation_name(&self) -> String {
        match self.0.relation {
            Some(relation) => format!("`{}.{}`", relation.source, relation.name),
            None => "a foreign key".to_owned(),
        }
    }

    /// A relation to one that leads to several.
    fn write_several(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        entity: &str,
        key: Option<&str>,
    ) -> fmt::Result {
        write!(formatter, "{} leads to more than one {entity}", self.relation_name())?;
        if let Some(key) = key {
            write!(formatter, " by the key {key}")?;
        }
        formatter.write_str(
            "; make that key unique in the database, or declare the relation as `has_many`",
        )
    }

    fn entity_name(&self) -> &'static str {
        self.0.entity.map_or("row", |entity| entity.name)
    }

    /// Which promise of the schema a value would break, in words, and the constraint that is to
    /// keep it.
    fn write_violation(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        constraint: &Constraint,
    ) -> fmt::Result {
        // The entity that the error is about, or else the table.
        let (entity, table) = (self.0.entity, constraint.table.as_deref());
        match (constraint.violation, self.key()) {
            (Violation::Unique, key) => {
                match (entity, table) {
                    (Some(entity), _) => write!(formatter, "another {} has ", entity.name)?,
                    (None, Some(table)) => write!(formatter, "another row of `{table}` has ")?,
                    (None, None) => write!(formatter, "another row has ")?,
                }
                match key {
                    Some(key) => write!(formatter, "the key {key} already")?,
                    None => write!(formatter, "this key already")?,
                }
                if constraint.is_deleted {
                    formatter
                        .write_str("; it is deleted, so restore it, or delete it permanently")?;
                }
            }
            (Violation::NotNull, _) => {
                let column = self.property().or(constraint.column.as_deref());
                match (entity.map(|entity| entity.name).or(table), column) {
                    (Some(of), Some(column)) => {
                        write!(formatter, "`{of}.{column}` cannot be null")?;
                    }
                    (of, None) => {
                        let of = of.unwrap_or("a row");
                        write!(formatter, "{of} lacks a value that cannot be null")?;
                    }
                    (None, Some(column)) => write!(formatter, "`{column}` cannot be null")?,
                }
            }
            (Violation::Check, _) => match (entity, table) {
                (Some(entity), _) => {
                    write!(formatter, "a check of {} refuses a value", entity.name)?;
                }
                (None, Some(table)) => write!(formatter, "a check of `{table}` refuses a value")?,
                (None, None) => write!(formatter, "a check refuses a value")?,
            },
            (Violation::ForeignKey, key) => {
                match (self.0.relation, table) {
                    (None, Some(table)) => write!(formatter, "a foreign key of `{table}`")?,
                    _ => write!(formatter, "{}", self.relation_name())?,
                }
                write!(formatter, " would point to nothing")?;
                if let Some(key) = key {
                    write!(formatter, " by the key {key}")?;
                }
            }
            (Violation::Referenced, key) => {
                self.write_referenced(formatter, constraint, key)?;
                return match &constraint.name {
                    Some(name) => write!(formatter, " (`{name}`)"),
                    None => Ok(()),
                };
            }
        }
        match &constraint.name {
            Some(name) => write!(formatter, " (constraint `{name}`)"),
            None => Ok(()),
        }
    }

    /// Which row cannot go or change its key, and what references it.
    fn write_referenced(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        constraint: &Constraint,
        key: Option<&str>,
    ) -> fmt::Result {
        let entity = self.0.relation.map(|relation| relation.target.name);
        let target = match (entity.or(constraint.target_entity), &constraint.target) {
            (Some(entity), _) => entity.to_owned(),
            (None, Some((table, _))) => format!("`{table}`"),
            (None, None) => "a table".to_owned(),
        };
        match (constraint.changes, key) {
            (false, Some(key)) => write!(formatter, "cannot delete {target} {key}: ")?,
            (false, None) => write!(formatter, "cannot delete rows of {target}: ")?,
            (true, Some(key)) => write!(formatter, "cannot change the key {key} of {target}: ")?,
            (true, None) => write!(formatter, "cannot change a key of {target}: ")?,
        }
        let source = match (self.0.entity, &constraint.table) {
            (Some(entity), _) => entity.name.to_owned(),
            (None, Some(table)) => format!("`{table}`"),
            (None, None) => "another table".to_owned(),
        };
        match self.0.referencing_rows {
            Some(1) => write!(formatter, "1 row of {source} references ")?,
            Some(rows) => write!(formatter, "{rows} rows of {source} reference ")?,
            None => write!(formatter, "rows of {source} reference ")?,
        }
        write!(formatter, "{}", if key.is_some() { "it" } else { "them" })
    }

    /// The message about a field that does not fit its property.
    fn write_found(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        column: &str,
        found: &FieldContent,
    ) -> fmt::Result {
        match found {
            FieldContent::Holding(found) => write!(formatter, "column `{column}` holds {found}"),
            FieldContent::Variant(text) if self.0.details => {
                write!(formatter, "column `{column}` holds \"{}\"", text.0)
            }
            FieldContent::Variant(_) => {
                write!(formatter, "column `{column}` holds a text that is none of its variants")
            }
            FieldContent::NoColumn => write!(formatter, "there is no column `{column}`"),
            FieldContent::SeveralColumns => write!(
                formatter,
                "there are several columns `{column}`; give the others another name with \
                 `AS`"
            ),
        }
    }

    /// The message about N+1 queries: the entity, the caller, and what to write instead.
    fn write_not_found(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entity = self.entity_name();
        match (self.0.relation, self.key()) {
            (Some(_), Some(key)) => {
                write!(formatter, "no {entity} by {} with key {key}", self.relation_name())
            }
            (Some(_), None) => write!(formatter, "no {entity} by {}", self.relation_name()),
            (None, Some(key)) => write!(formatter, "no {entity} with key {key}"),
            (None, None) => write!(formatter, "no {entity} matches the query"),
        }
    }

    fn write_repeated(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        times: usize,
        caller: Option<&'static Location<'static>>,
    ) -> fmt::Result {
        let (what, instead) = if self.0.relation.is_some() {
            let what = self.relation_name();
            (what, "include the relation, `load` it for all sources, or ask through `db.batched()`")
        } else {
            let what = format!("`{}`", self.entity_name());
            (what, "ask for all by `is_in`, or concurrently through `db.batched()`")
        };
        write!(formatter, "{what} is looked up for one key at a time, {times} times by now")?;
        if let Some(caller) = caller {
            write!(formatter, ", at {}:{}", caller.file(), caller.line())?;
        }
        write!(formatter, "; {instead}")
    }
}

const DEMOTED: &str = "nothing was written, because the server became read-only, though \
                       `target_session_attrs` needs one that writes; its connection was closed, so \
                       retry";

/// The message about a prepared statement that a server connection does not know, or knows of another
/// client.
fn write_pooled(formatter: &mut fmt::Formatter<'_>, lost: bool) -> fmt::Result {
    write!(
        formatter,
        "the server connection {} a prepared statement of this name, as behind a pooler that gives each \
         transaction another one; connect with `unnamed_statements`, or let the pooler keep track of \
         statements (pgbouncer 1.21 and newer: `max_prepared_statements`){}",
        if lost { "does not have" } else { "already has" },
        if lost { "; without a pooler, run it again" } else { "" },
    )
}

const INVALID_CURSOR: &str = "the cursor does not belong to this list; start at the first page";

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entity = self.entity_name();
        let key = self.key();
        match &self.0.kind {
            Kind::NotFound => self.write_not_found(formatter),
            Kind::InvalidCursor => formatter.write_str(INVALID_CURSOR),
            Kind::NotUnique if self.0.relation.is_some_and(|one| !one.targets_many()) => {
                self.write_several(formatter, entity, key)
            }
            Kind::NotUnique => {
                write!(
                    formatter,
                    "more than one {entity} matches a query for one; ask with `.first` or `.all`"
                )
            }
            Kind::TargetMissing => write!(
                formatter,
                "{} points to {entity} {}, which is missing{} or hidden by row-level security; say \
                 `constraint = false` where that may be, which makes an `Option` of it",
                self.relation_name(),
                key.unwrap_or("null"),
                self.of_other_tenant(),
            ),
            Kind::Stale { ours, theirs } => write!(
                formatter,
                "{entity} with key {} was written by another: it is version {theirs} by now, and \
                 not {ours}; read it again",
                key.unwrap_or("unknown"),
            ),
            Kind::Constraint(constraint) => self.write_violation(formatter, constraint),
            Kind::Row { of, property, column, expected, found } => {
                write!(formatter, "`{}.{property}` is {expected}, but ", of.unwrap_or(entity))?;
                self.write_found(formatter, column, found)
            }
            Kind::LeftOut { rows, given } => write!(
                formatter,
                "{rows} of {given} new rows of {entity} did not come back; a trigger or a rule of \
                 the table leaves them out",
            ),
            Kind::Columns { wanted, found } => write!(
                formatter,
                "a row has {} and is read as {}; select as many, or \
                 read a struct that derives `FromRow`, which finds its columns by name",
                counted(*found, "column"),
                counted(*wanted, "value"),
            ),
            Kind::Connection(what) => write!(formatter, "{what}"),
            Kind::PoolTimeout => write!(
                formatter,
                "no connection was free in time; use a larger pool or a longer time-out, and let \
                 go of open transactions",
            ),
            Kind::Locked => write!(
                formatter,
                "another transaction has locked a row of {entity}; try again when it is done",
            ),
            Kind::Busy => write!(
                formatter,
                "another connection kept the database locked until the time-out; end its transaction \
                 sooner, or allow a longer `wait_timeout`",
            ),
            Kind::Serialization => {
                write!(formatter, "the transaction lost against another one; run it again")
            }
            Kind::PlanChanged => {
                write!(formatter, "a table was changed under a prepared statement; run it again")
            }
            Kind::CommitUnknown => write!(
                formatter,
                "the connection broke while the transaction was committed; look whether what it \
                 wrote is there before you run it again",
            ),
            Kind::Timeout => write!(
                formatter,
                "the statement took too long and was stopped; ask for less, or allow it more time",
            ),
            Kind::ReplicaBehind => formatter.write_str("a replica did not catch up in time"),
            Kind::Demoted => formatter.write_str(DEMOTED),
            Kind::Pooled { lost } => write_pooled(formatter, *lost),
            Kind::ReadOnly => write!(
                formatter,
                "nothing can be written here; write in a transaction that is not read only, to a \
                 server that is no replica",
            ),
            Kind::Repeated { times, caller } => self.write_repeated(formatter, *times, *caller),
            Kind::Other => match self.source() {
                Some(source) => write!(formatter, "{source}"),
                None => formatter.write_str("an error of the program"),
            },
            Kind::InvalidRequest(why) | Kind::InvalidInput(why) => write!(formatter, "{why}"),
            Kind::Database { code, message } => {
                let message = message.shown(self.0.details);
                write!(formatter, "the database refused the statement: {message}")?;
                match code {
                    Some(code) => write!(formatter, " ({code})"),
                    None => Ok(()),
                }
            }
        }
    }
}
