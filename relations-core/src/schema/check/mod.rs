//! Schema drift: what entities promise, compared with what a database holds.

mod checks;
pub(in crate::schema) mod columns;
mod cure;
mod distribution;
mod doubts;
mod enums;
mod foreign_keys;
mod indexes;
mod keys;
mod policies;
pub(in crate::schema) mod readable;
pub(crate) mod report;
mod rows;
mod unknown;

use self::report::{Drift, Finding, Report};

use self::rows::Counted;
use super::shape::{ColumnShape, Shape, TableKind, TableShape};
use crate::definition::entity::EntityDefinition;
use crate::definition::property::PropertyDefinition;
use crate::definition::read_only::ReadOnly;
use crate::definition::relation::RelationDefinition;
use crate::dialect::Engine;
use crate::driver::executor::Executor;
use crate::driver::pool::Database;
use crate::error::Result;
use crate::schema::Schema;

impl Database {
    /// Compares the database with entities (schema drift). It only reads.
    ///
    /// The [`Report`] lists the differences by relation, property and key, with the statements that
    /// fix them. Names of constraints and indexes count only if an attribute gives them, as existing
    /// databases have other names.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # use relations::schema;
    /// # #[derive(Entity)]
    /// # struct Customer { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let report = db.check(schema![Customer, Order]).await?;
    /// assert!(report.is_empty(), "{report}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It takes one statement on PostgreSQL if the database spells everything as the entities do.
    /// Otherwise the entities' spelling is declared in a temporary table, in a transaction that is
    /// rolled back, so that `varchar(40)` and `character varying(40)` are one type; if no temporary
    /// table can be created, as on a standby, the finding is [unsure](Drift::Unsure). Rows are counted
    /// only if a guarantee or a check is missing. If
    /// [a setting holds the tenant](crate::ConnectOptions::tenant_setting), policies of row-level
    /// security that do not mention it are reported.
    ///
    /// # Errors
    ///
    /// The database cannot be reached or read; or the engine does not support the schema
    /// ([`Error::is_invalid_request`](crate::Error::is_invalid_request)).
    #[doc(alias = "drift")]
    #[doc(alias = "validate")]
    pub async fn check(&self, schema: Schema) -> Result<Report> {
        let engine = self.engine();
        let mut declared = schema.shape(engine)?;
        let found = self.shape().await?;
        let doubts = doubts::settle(self, &schema, &mut declared, &found).await?;
        let mut all =
            SchemaComparison { engine, schema: &schema, found: &found, findings: Vec::new() };
        all.unlisted();
        all.missing_tables()?;
        for entity in schema.entities() {
            let declared = declared.table(entity.schema, entity.table);
            let found = found.table(entity.schema, entity.table);
            if let (Some(declared), Some(found)) = (declared, found) {
                all.table(Pair { entity, declared, found })?;
            }
        }
        unknown::tables(&mut all);
        all.findings.extend(doubts);
        policies::compare(self, &schema, &found, &mut all.findings).await?;
        rows::count(self, &mut all.findings).await;
        Ok(Report::new(all.findings))
    }
}

/// Spells what is declared as the database does, where that says one thing.
#[cfg(feature = "migrations")]
pub(in crate::schema) async fn spelled_alike(
    db: &Database,
    schema: &Schema,
    declared: &mut Shape,
    found: &Shape,
) -> Result<()> {
    doubts::settle(db, schema, declared, found).await.map(drop)
}

/// Everything that is compared, and what was found out so far.
struct SchemaComparison<'a> {
    engine: Engine,
    schema: &'a Schema,
    found: &'a Shape,
    findings: Vec<Draft>,
}

/// A finding, and the rows that are to be counted for it.
struct Draft {
    finding: Finding,
    count: Option<Counted>,
}

/// The table of an entity, as it is declared and as it was found.
#[derive(Clone, Copy)]
struct Pair<'a> {
    entity: &'static EntityDefinition,
    declared: &'a TableShape,
    found: &'a TableShape,
}

/// A property, and its column as it is declared and as it was found.
#[derive(Clone, Copy)]
struct PropertyPair<'a> {
    property: &'static PropertyDefinition,
    declared: &'a ColumnShape,
    found: &'a ColumnShape,
}

impl SchemaComparison<'_> {
    fn table(&mut self, pair: Pair<'_>) -> Result<()> {
        let before = self.findings.len();
        self.kind(pair);
        columns::compare(self, pair)?;
        if pair.found.is_table() {
            keys::compare(self, pair)?;
            foreign_keys::compare(self, pair)?;
            indexes::compare(self, pair)?;
            checks::compare(self, pair)?;
            distribution::compare(self, pair);
        }
        unknown::in_table(self, pair)?;
        if pair.entity.read_only.is_some() {
            // The table is changed by those who define it.
            for draft in self.findings.iter_mut().skip(before) {
                draft.finding.cure.clear();
            }
        }
        Ok(())
    }

    /// Checks that a read-only entity is of the kind that it says: a table, a view or a materialized view.
    fn kind(&mut self, pair: Pair<'_>) {
        let Some(declared) = pair.entity.read_only else { return };
        let found = match pair.found.kind {
            TableKind::View => ReadOnly::View,
            TableKind::MaterializedView => ReadOnly::MaterializedView,
            TableKind::Table | TableKind::Partitioned | TableKind::Foreign => ReadOnly::Table,
        };
        if found != declared {
            let message = format!(
                "`{}` is declared as a {}, and `{}` is a {}; write `#[entity({})]`",
                pair.entity.name,
                declared.noun(),
                pair.found.name,
                found.noun(),
                found.word(),
            );
            self.add(Draft::new(Drift::Differs, pair.entity, message));
        }
    }

    /// Entities that relations lead to, and that nobody listed.
    fn unlisted(&mut self) {
        for entity in self.schema.unlisted() {
            let name = entity.name;
            let message = format!(
                "`{name}` was not checked: relations lead to it, and the schema does not list it; add \
                 it to `schema![…]`"
            );
            self.add(Draft::new(Drift::Unsure, entity, message));
        }
    }

    /// Tables that the database lacks. Foreign keys come after all tables, so that these may name each
    /// other.
    fn missing_tables(&mut self) -> Result<()> {
        let found = self.found;
        let is_missing =
            |entity: &&'static EntityDefinition| found.table(entity.schema, entity.table).is_none();
        let (missing, read): (Vec<_>, Vec<_>) =
            self.schema.entities().filter(is_missing).partition(|one| one.read_only.is_none());
        for (entity, kind) in read.into_iter().filter_map(|one| Some((one, one.read_only?))) {
            let message = format!(
                "`{}` is the {} {}, which the database does not have",
                entity.name,
                kind.noun(),
                cure::told_table(entity),
            );
            self.add(Draft::new(Drift::Broken, entity, message));
        }
        let new = Schema::new(missing.iter().copied());
        let is_distributed = found.is_cluster && new.distributes();
        let new = if is_distributed { new.distributed() } else { new };
        let mut cure = new.create_sql(self.engine)?.into_iter();
        let before = crate::sql::ddl::schemas(self.engine, &missing)?.len();
        let schemas: Vec<_> = cure.by_ref().take(before + usize::from(is_distributed)).collect();
        for (at, entity) in missing.iter().copied().enumerate() {
            let mut own: Vec<_> = if at == 0 { schemas.clone() } else { Vec::new() };
            own.extend(cure.next());
            if at + 1 == missing.len() {
                own.extend(cure.by_ref());
            }
            let message = format!(
                "`{}` lives in the table {}, which the database does not have",
                entity.name,
                cure::told_table(entity),
            );
            self.add(Draft::new(Drift::Broken, entity, message).cure(own));
        }
        Ok(())
    }

    fn add(&mut self, draft: Draft) {
        self.findings.push(draft);
    }
}

impl Draft {
    fn new(drift: Drift, entity: &'static EntityDefinition, message: String) -> Self {
        Self { finding: Finding::new(drift, Some(entity), entity.table, message), count: None }
    }

    /// The statements after which there is nothing to find.
    fn cure(mut self, cure: impl IntoIterator<Item = String>) -> Self {
        self.finding.cure = cure.into_iter().collect();
        self
    }

    fn relation(mut self, relation: &'static RelationDefinition) -> Self {
        self.finding.relation = Some(relation.name);
        self
    }

    fn property(mut self, property: &'static PropertyDefinition) -> Self {
        self.finding.property = Some(property.name);
        self
    }

    fn counting(mut self, rows: Counted) -> Self {
        self.count = Some(rows);
        self
    }
}
