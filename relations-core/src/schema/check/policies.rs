//! Policies of row-level security that do not hold the tenant, where the pool names a setting for it.

use super::cure::{alter, quoted, table_of, told_table};
use super::{Draft, Drift};
use crate::definition::entity::EntityDefinition;
use crate::definition::quoting::text_literal;
use crate::driver::pool::Database;
use crate::error::Result;
use crate::raw_sql::sql;
use crate::schema::Schema;
use crate::schema::shape::Shape;

/// Asks whether row-level security of a table is on, for the policies that show rows to every role, and for
/// those that mention a setting. Policies for some roles are left out, such as that of an operator who sees all tenants.
const POLICIES: &str = "SELECT c.relrowsecurity, \
    ARRAY(SELECT p.polname::text FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive \
        AND p.polcmd <> 'a' AND p.polroles = '{0}' ORDER BY 1), \
    ARRAY(SELECT p.polname::text FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive \
        AND p.polcmd <> 'a' AND position('current_setting(''' || $2 || '''' IN \
            coalesce(pg_catalog.pg_get_expr(p.polqual, c.oid), '')) > 0 ORDER BY 1) \
    FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1)";

/// Compares the policies of tables whose rows have a tenant.
pub(super) async fn compare(
    db: &Database,
    schema: &Schema,
    found: &Shape,
    findings: &mut Vec<Draft>,
) -> Result<()> {
    let Some(setting) = db.tenant_setting() else { return Ok(()) };
    for entity in schema.entities() {
        let Some(property) = entity.tenant() else { continue };
        let Some(table) = found.table(entity.schema, entity.table).filter(|table| table.is_table())
        else {
            continue;
        };
        let Some(column) = table.column(property.column) else { continue };
        let asked = sql(POLICIES, (table_of(entity), setting));
        let told: Option<(bool, Vec<String>, Vec<String>)> = asked.optional(db).await?;
        let Some((is_on, all, by_tenant)) = told else { continue };
        let policy = format!(
            "CREATE POLICY {} ON {} USING ({} = CAST(nullif(current_setting({}, true), '') AS {}))",
            quoted("tenant"),
            table_of(entity),
            quoted(&column.name),
            text_literal(setting),
            column.sql_type,
        );
        let new_policy = by_tenant.is_empty().then_some(policy);
        let before = findings.len();
        if !is_on {
            let message = "shows its rows to each tenant, as its row-level security is off";
            let on = alter(entity, "ENABLE ROW LEVEL SECURITY");
            findings
                .push(finding(entity, setting, message).cure(new_policy.into_iter().chain([on])));
        } else if by_tenant.is_empty() && all.is_empty() {
            let message = "has no policy, and so shows no row";
            findings.push(finding(entity, setting, message).cure(new_policy));
        } else {
            for name in all.iter().filter(|name| !by_tenant.contains(name)) {
                let message =
                    format!("shows rows by the policy `{name}`, which does not mention it");
                let dropped = format!("DROP POLICY {} ON {}", quoted(name), table_of(entity));
                let cure = new_policy.clone().into_iter().chain([dropped]);
                findings.push(finding(entity, setting, &message).cure(cure));
            }
        }
        if entity.read_only.is_some() {
            // The table is changed by those who define it.
            findings.iter_mut().skip(before).for_each(|draft| draft.finding.cure.clear());
        }
    }
    Ok(())
}

fn finding(entity: &'static EntityDefinition, setting: &str, message: &str) -> Draft {
    let message = format!(
        "the setting `{setting}` holds the tenant of `{}`, and the table {} {message}",
        entity.name,
        told_table(entity),
    );
    Draft::new(Drift::Broken, entity, message)
}
