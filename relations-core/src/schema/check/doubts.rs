//! Texts that differ and may still say one thing, such as `varchar(40)` and `character varying(40)`.
//!
//! PostgreSQL decides: it is given our spelling in temporary tables, in a transaction that is rolled
//! back, and its catalogs tell how it reads that. Only what differs as a text is asked.

use super::{Draft, Drift};
use crate::definition::entity::EntityDefinition;
use crate::dialect::Engine;
use crate::driver::executor::Executor;
use crate::driver::pool::Database;
use crate::error::Result;
use crate::schema::Schema;
use crate::schema::shape::Shape;

/// Replaces what is declared by the database's own spelling of it; the findings are of what cannot be
/// compared.
#[cfg_attr(not(feature = "postgres"), allow(clippy::unused_async))]
pub(super) async fn settle(
    db: &Database,
    schema: &Schema,
    declared: &mut Shape,
    found: &Shape,
) -> Result<Vec<Draft>> {
    #[cfg(not(feature = "postgres"))]
    let _ = (schema, declared, found);
    match db.engine() {
        #[cfg(feature = "postgres")]
        Engine::Postgres => {
            postgres::bounds_as_found(schema, declared, found);
            let doubts = postgres::doubts(schema, declared, found);
            postgres::settle(db, declared, doubts).await
        }
        _ => Ok(Vec::new()),
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use super::{Database, Draft, Drift, EntityDefinition, Executor, Result, Schema, Shape};
    use crate::definition::constraint_names::{What, named};
    use crate::driver::execute::execute;
    use crate::driver::statement::Statement;
    use crate::driver::transaction::Transaction;
    use crate::error::Error;
    use crate::schema::check::columns::is_same_text;
    use crate::schema::check::cure::{quoted, table_of};
    use crate::schema::shape::postgres::{checked, columns, condition, index_elements};
    use crate::schema::shape::{CheckShape, IndexShape, TableShape, elements};
    use crate::sql::operation::Operation;
    use crate::value::parameter::Values;

    /// A text to be read by the database.
    pub(super) struct Doubt {
        entity: &'static EntityDefinition,
        of: Of,
    }

    enum Of {
        /// The type and the default of a column.
        Column(String),
        /// The expression of a generated column.
        Generated(String),
        /// The condition of an index, by its name.
        Filter(String),
        /// The elements of an index, by its name.
        Elements(String),
        /// A check, by its name.
        Check(String),
    }

    /// Takes the database's spelling of the bounds of numbers, which is known: it adds brackets and the type of
    /// a large number, and leaves out quotes.
    pub(super) fn bounds_as_found(schema: &Schema, declared: &mut Shape, found: &Shape) {
        let words = |definition: &str| {
            let bare: String = definition.chars().filter(|one| !"()'\"".contains(*one)).collect();
            let bare = bare.replace("::bigint", "");
            bare.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        for entity in schema.entities() {
            let theirs = found.table(entity.schema, entity.table);
            let (Some(ours), Some(theirs)) = (table(declared, entity), theirs) else { continue };
            for check in ours.checks.iter_mut().filter(|check| is_of_bounds(entity, check)) {
                let ours = words(&check.definition);
                let is_it = |theirs: &&CheckShape| words(&theirs.definition) == ours;
                if let Some(theirs) = theirs.checks.iter().find(is_it) {
                    check.definition.clone_from(&theirs.definition);
                }
            }
        }
    }

    /// Whether a check keeps a number within the bounds of its type.
    fn is_of_bounds(entity: &EntityDefinition, check: &CheckShape) -> bool {
        let mut all = named(entity).into_iter().filter(|one| matches!(one.what, What::Bounds(_)));
        check.name.as_ref().is_some_and(|name| all.any(|one| one.name == *name))
    }

    /// The texts of a schema that differ from those of the database.
    pub(super) fn doubts(schema: &Schema, declared: &Shape, found: &Shape) -> Vec<Doubt> {
        let mut all = Vec::new();
        for entity in schema.entities() {
            let ours = declared.table(entity.schema, entity.table);
            let theirs = found.table(entity.schema, entity.table);
            let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
            for ours in &ours.columns {
                let Some(theirs) = theirs.column(&ours.name) else { continue };
                let differ = |ours: &Option<String>, theirs: &Option<String>| matches!((ours, theirs), (Some(a), Some(b)) if !is_same_text(a, b));
                if ours.sql_type != theirs.sql_type || differ(&ours.default, &theirs.default) {
                    all.push(Doubt { entity, of: Of::Column(ours.name.clone()) });
                }
                if differ(&ours.generated, &theirs.generated) {
                    all.push(Doubt { entity, of: Of::Generated(ours.name.clone()) });
                }
            }
            for index in ours.indexes.iter().filter(|index| index.filter.is_some()) {
                let is_there = theirs.indexes.iter().any(|other| other.filter == index.filter);
                if let (false, Some(name)) = (is_there, &index.name) {
                    all.push(Doubt { entity, of: Of::Filter(name.clone()) });
                }
            }
            for index in ours.indexes.iter().filter(|index| !index.elements.is_empty()) {
                let is_it =
                    |other: &IndexShape| elements::are_same(&other.elements, &index.elements);
                if let (false, Some(name)) = (theirs.indexes.iter().any(is_it), &index.name) {
                    all.push(Doubt { entity, of: Of::Elements(name.clone()) });
                }
            }
            for check in &ours.checks {
                let is_it = |other: &CheckShape| is_same_text(&other.definition, &check.definition);
                let is_settled = theirs.checks.iter().any(is_it) || is_of_bounds(entity, check);
                if let (false, Some(name)) = (is_settled, &check.name) {
                    all.push(Doubt { entity, of: Of::Check(name.clone()) });
                }
            }
        }
        all
    }

    pub(super) async fn settle(
        db: &Database,
        declared: &mut Shape,
        doubts: Vec<Doubt>,
    ) -> Result<Vec<Draft>> {
        let mut unsure = Vec::new();
        if doubts.is_empty() || all(db, declared, &doubts).await.is_ok() {
            return Ok(unsure);
        }
        // One of them is no SQL to this database, or it makes no tables. Each is asked by itself.
        for doubt in doubts {
            match all(db, declared, std::slice::from_ref(&doubt)).await {
                Ok(()) => {}
                Err(error) if error.is_connection() => return Err(error),
                Err(error) => unsure.push(doubt.unsure(&error)),
            }
        }
        Ok(unsure)
    }

    /// Asks of several in one transaction, which is rolled back.
    async fn all(db: &Database, declared: &mut Shape, doubts: &[Doubt]) -> Result<()> {
        let transaction = db.begin().await?;
        let read = ask(&transaction, declared, doubts).await;
        let over = transaction.rollback().await;
        read.and(over)
    }

    async fn ask(db: &Transaction, declared: &mut Shape, doubts: &[Doubt]) -> Result<()> {
        plain_columns(db, declared, doubts).await?;
        for (at, doubt) in doubts.iter().enumerate() {
            doubt.among_its_columns(db, declared, at).await?;
        }
        Ok(())
    }

    /// Types and defaults, which need no other columns: all in one table.
    async fn plain_columns(db: &Transaction, declared: &mut Shape, doubts: &[Doubt]) -> Result<()> {
        let mut definitions = Vec::new();
        for (at, doubt) in doubts.iter().enumerate() {
            let Of::Column(name) = &doubt.of else { continue };
            if let Some(column) = column(declared, doubt.entity, name) {
                let default = column.default.as_ref();
                let default = default.map(|default| format!(" DEFAULT {default}"));
                let default = default.unwrap_or_default();
                definitions.push(format!("c{at} {}{default}", column.sql_type));
            }
        }
        if definitions.is_empty() {
            return Ok(());
        }
        define(db, format!("CREATE TEMPORARY TABLE relations_check ({})", definitions.join(", ")))
            .await?;
        for read in columns(db, "pg_temp.relations_check").await? {
            let at = read.name.strip_prefix('c').and_then(|at| at.parse::<usize>().ok());
            let Some(doubt) = at.and_then(|at| doubts.get(at)) else { continue };
            let Of::Column(name) = &doubt.of else { continue };
            if let Some(column) = column(declared, doubt.entity, name) {
                column.sql_type = read.sql_type;
                column.default = read.default;
            }
        }
        Ok(())
    }

    fn column<'a>(
        declared: &'a mut Shape,
        entity: &EntityDefinition,
        name: &str,
    ) -> Option<&'a mut crate::schema::shape::ColumnShape> {
        table(declared, entity)?.columns.iter_mut().find(|column| column.name == name)
    }

    fn table<'a>(declared: &'a mut Shape, entity: &EntityDefinition) -> Option<&'a mut TableShape> {
        declared
            .tables
            .iter_mut()
            .find(|table| table.name == entity.table && table.schema.as_deref() == entity.schema)
    }

    fn index<'a>(
        declared: &'a mut Shape,
        entity: &EntityDefinition,
        name: &String,
    ) -> Option<&'a mut IndexShape> {
        let mut indexes = table(declared, entity)?.indexes.iter_mut();
        indexes.find(|one| one.name.as_ref() == Some(name))
    }

    impl Doubt {
        /// Expressions of other columns are read in a copy of the table.
        async fn among_its_columns(
            &self,
            db: &Transaction,
            declared: &mut Shape,
            at: usize,
        ) -> Result<()> {
            let copy = format!("relations_check_{at}");
            let like = format!("CREATE TEMPORARY TABLE {copy} (LIKE {})", table_of(self.entity));
            match &self.of {
                Of::Column(_) => {}
                Of::Generated(name) => {
                    let Some(column) = column(declared, self.entity, name) else { return Ok(()) };
                    let expression = column.generated.clone().unwrap_or_default();
                    define(db, like).await?;
                    let add = format!(
                        "ALTER TABLE {copy} DROP COLUMN {}, ADD COLUMN relations_check {} \
                         GENERATED ALWAYS AS ({expression}) STORED",
                        quoted(name),
                        column.sql_type,
                    );
                    define(db, add).await?;
                    let read = columns(db, &format!("pg_temp.{copy}")).await?;
                    let read = read.into_iter().find(|column| column.name == "relations_check");
                    column.generated = read.and_then(|read| read.generated);
                }
                Of::Elements(name) => {
                    let Some(index) = index(declared, self.entity, name) else { return Ok(()) };
                    define(db, like).await?;
                    let (method, elements) = (&index.method, index.elements.join(", "));
                    let name = format!("{copy}_index");
                    define(
                        db,
                        format!("CREATE INDEX {name} ON {copy} USING {method} ({elements})"),
                    )
                    .await?;
                    index.elements = index_elements(db, &format!("pg_temp.{name}")).await?;
                }
                Of::Filter(name) => {
                    let Some(index) = index(declared, self.entity, name) else { return Ok(()) };
                    let filter = index.filter.clone().unwrap_or_default();
                    define(db, like).await?;
                    let name = format!("{copy}_index");
                    define(db, format!("CREATE INDEX {name} ON {copy} ((1)) WHERE {filter}"))
                        .await?;
                    index.filter = condition(db, &format!("pg_temp.{name}")).await?;
                }
                Of::Check(name) => {
                    let Some(table) = table(declared, self.entity) else { return Ok(()) };
                    let check = table.checks.iter_mut().find(|one| one.name.as_ref() == Some(name));
                    let Some(check) = check else { return Ok(()) };
                    define(db, like).await?;
                    let add = format!(
                        "ALTER TABLE {copy} ADD CONSTRAINT relations_check {}",
                        check.definition,
                    );
                    define(db, add).await?;
                    if let Some(read) = checked(db, &format!("pg_temp.{copy}")).await? {
                        check.definition = read;
                    }
                }
            }
            Ok(())
        }

        fn unsure(&self, error: &Error) -> Draft {
            let entity = self.entity;
            let (Of::Column(name)
            | Of::Generated(name)
            | Of::Filter(name)
            | Of::Elements(name)
            | Of::Check(name)) = &self.of;
            let property = entity.properties.iter().find(|property| property.column == name);
            let who = property.map_or_else(
                || format!("`{name}` of `{}`", entity.name),
                |property| format!("`{}.{}`", entity.name, property.name),
            );
            let message = format!(
                "{who} was compared as a text, because the database does not read what is declared: \
                 {error}"
            );
            let draft = Draft::new(Drift::Unsure, entity, message);
            match property {
                Some(property) => draft.property(property),
                None => draft,
            }
        }
    }

    async fn define(db: &impl Executor, sql: String) -> Result<()> {
        let statement = Statement::new(
            Operation::Define,
            crate::dialect::StatementSql::exempt(sql),
            Values::new(),
        );
        execute(db, &statement).await.map(drop)
    }
}
