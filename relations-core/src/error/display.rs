//! What an error says.

use std::fmt;
use std::panic::Location;

use super::{Error, Found, Kind, Violation, counted};

impl Error {
    fn relation_name(&self) -> String {
        match self.0.relation {
            Some(relation) => format!("`{}.{}`", relation.source, relation.name),
            None => "a foreign key".to_owned(),
        }
    }

    fn entity_name(&self) -> &'static str {
        self.0.entity.map_or("row", |entity| entity.name)
    }

    /// Which promise of the schema a value would break, in words.
    fn write_violation(
        &self,
        formatter: &mut fmt::Formatter<'_>,
        violation: Violation,
    ) -> fmt::Result {
        let entity = self.entity_name();
        match (violation, self.0.relation, self.property(), self.key()) {
            (Violation::Unique, _, _, Some(key)) => {
                write!(formatter, "another {entity} has the key {key} already")
            }
            (Violation::Unique, _, _, None) => {
                write!(formatter, "another {entity} has this key already")
            }
            (Violation::NotNull, _, Some(property), _) => {
                write!(formatter, "`{entity}.{property}` cannot be null")
            }
            (Violation::NotNull, _, None, _) => {
                let entity = self.0.entity.map_or("a row", |entity| entity.name);
                write!(formatter, "{entity} lacks a value that cannot be null")
            }
            (Violation::Check, ..) => {
                let entity = self.0.entity.map_or("the table", |entity| entity.name);
                write!(formatter, "a check of {entity} refuses a value")
            }
            (Violation::ForeignKey, _, _, Some(key)) => {
                write!(
                    formatter,
                    "{} would point to nothing by the key {key}",
                    self.relation_name()
                )
            }
            (Violation::ForeignKey, _, _, None) => {
                write!(formatter, "{} would point to nothing", self.relation_name())
            }
            (Violation::Referenced, Some(relation), _, Some(key)) => {
                let target = relation.target.name;
                let name = self.relation_name();
                write!(formatter, "{name} still points to the {target} with the key {key}")?;
                self.write_orphans(formatter, " from")
            }
            (Violation::Referenced, ..) => {
                write!(formatter, "{} still points to a row that would go", self.relation_name())?;
                self.write_orphans(formatter, ", from")
            }
        }
    }

    fn write_orphans(&self, formatter: &mut fmt::Formatter<'_>, from: &str) -> fmt::Result {
        match self.0.orphans {
            Some(1) => write!(formatter, "{from} 1 row"),
            Some(orphans) => write!(formatter, "{from} {orphans} rows"),
            None => Ok(()),
        }
    }

    /// What is looked up too often, from where, and what to write instead.
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

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entity = self.entity_name();
        let key = self.key();
        match &self.0.kind {
            Kind::NotFound => match (self.0.relation, key) {
                (Some(_), Some(key)) => {
                    write!(formatter, "no {entity} by {} with key {key}", self.relation_name())
                }
                (Some(_), None) => write!(formatter, "no {entity} by {}", self.relation_name()),
                (None, Some(key)) => write!(formatter, "no {entity} with key {key}"),
                (None, None) => write!(formatter, "no {entity} matches the query"),
            },
            #[cfg(feature = "signed-cursors")]
            Kind::InvalidCursor => {
                formatter.write_str("the cursor is not one of this list; start at the first page")
            }
            Kind::NotUnique if self.0.relation.is_some_and(|one| !one.targets_many()) => {
                write!(formatter, "{} leads to more than one {entity}", self.relation_name())?;
                if let Some(key) = key {
                    write!(formatter, " by the key {key}")?;
                }
                formatter.write_str(
                    "; make that key unique in the database, or declare the relation as has many",
                )
            }
            Kind::NotUnique => {
                write!(
                    formatter,
                    "more than one {entity} matches a query for one; ask with `.first` or `.all`"
                )
            }
            Kind::TargetMissing => write!(
                formatter,
                "{} points to a missing {entity} with key {}",
                self.relation_name(),
                key.unwrap_or("null"),
            ),
            Kind::Stale { ours, theirs } => write!(
                formatter,
                "{entity} with key {} was written by another: it is version {theirs} by now, and \
                 not {ours}; read it again",
                key.unwrap_or("unknown"),
            ),
            Kind::Constraint { violation, constraint, .. } => {
                self.write_violation(formatter, *violation)?;
                if let Some(constraint) = constraint {
                    write!(formatter, " (constraint `{constraint}`)")?;
                }
                Ok(())
            }
            Kind::Row { of, property, column, expected, found } => {
                write!(formatter, "`{}.{property}` is {expected}, but ", of.unwrap_or(entity))?;
                match found {
                    Found::Holding(found) => write!(formatter, "column `{column}` holds {found}"),
                    Found::NoColumn => write!(formatter, "there is no column `{column}`"),
                    Found::SeveralColumns => write!(
                        formatter,
                        "there are several columns `{column}`; give the others another name with \
                         `AS`"
                    ),
                }
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
            Kind::ReadOnly => write!(
                formatter,
                "nothing can be written here; write in a transaction that is not read only, to a \
                 server that is no replica",
            ),
            Kind::Repeated { times, caller } => self.write_repeated(formatter, *times, *caller),
            Kind::Refused(why) => write!(formatter, "{why}"),
            Kind::Database { code: Some(code), message } => {
                write!(formatter, "the database refused the statement: {message} ({code})")
            }
            Kind::Database { code: None, message } => {
                write!(formatter, "the database refused the statement: {message}")
            }
        }
    }
}
