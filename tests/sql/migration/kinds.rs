//! Every kind of change, and the consent that it needs.

use std::collections::BTreeSet;

use ::relations::Engine::{self, Postgres, Sqlite};
use ::relations::definition::Action;
use ::relations::shape::migration::{Consents, Plan, Refusal, plan};
use ::relations::shape::{
    CheckShape, ColumnShape, DistributionShape, ForeignKeyShape, IndexShape, Numbering, Shape,
};
use serde_json::json;

use super::{column, shape, table};

/// A change of a shape.
type Change = fn(&mut Shape, Engine);

/// A change: its engines, what each shape differs by from that of the entities, and the consent to it.
struct Case {
    told: &'static str,
    engines: &'static [Engine],
    before: Change,
    after: Change,
    flags: &'static [&'static str],
}

const BOTH: &[Engine] = &[Postgres, Sqlite];
const ON_POSTGRES: &[Engine] = &[Postgres];
const ON_SQLITE: &[Engine] = &[Sqlite];

fn as_it_is(_: &mut Shape, _: Engine) {}

fn text(name: &str, engine: Engine) -> ColumnShape {
    let sql_type = if engine == Postgres { "text" } else { "TEXT" };
    serde_json::from_value(json!({
        "name": name, "sql_type": sql_type, "base_type": sql_type, "nullable": true, "default": null,
        "generated": null, "numbering": null, "comment": null,
    }))
    .unwrap()
}

fn index(name: &str, columns: &[&str], unique: bool) -> IndexShape {
    serde_json::from_value(json!({
        "name": name, "columns": columns, "has_expressions": false, "unique": unique,
        "constraint": unique, "valid": true, "filter": null, "method": "btree", "deferrable": false,
        "nulls_equal": false, "definition": null,
    }))
    .unwrap()
}

fn check(name: &str, definition: &str) -> CheckShape {
    serde_json::from_value(json!({ "name": name, "definition": definition })).unwrap()
}

fn add_column(shape: &mut Shape, of: &str, column: ColumnShape) {
    table(shape, of).columns.push(column);
}

fn drop_column(shape: &mut Shape, of: &str, name: &str) {
    table(shape, of).columns.retain(|column| column.name != name);
}

fn add_index(shape: &mut Shape, index: IndexShape) {
    table(shape, "orders").indexes.push(index);
}

fn index_of<'a>(shape: &'a mut Shape, name: &str) -> &'a mut IndexShape {
    let indexes = &mut table(shape, "orders").indexes;
    indexes.iter_mut().find(|index| index.name.as_deref() == Some(name)).unwrap()
}

fn key(shape: &mut Shape) -> &mut ForeignKeyShape {
    &mut table(shape, "orders").foreign_keys[0]
}

/// An index of the orders that finds them by their state.
fn by_state(shape: &mut Shape, _: Engine) {
    add_index(shape, index("by_state", &["state"], false));
}

/// An index of some of the orders.
fn filtered(shape: &mut Shape, name: &str, of: &str, filter: &str) {
    add_index(shape, index(name, &[of], false));
    index_of(shape, name).filter = Some(filter.to_owned());
}

/// A column that is calculated from the name of a customer.
fn shout(shape: &mut Shape, engine: Engine) {
    let mut shout = text("shout", engine);
    shout.generated = Some("upper(name)".into());
    add_column(shape, "customers", shout);
}

/// A column of an enum, and one that is calculated from it.
fn is_glad(shape: &mut Shape, engine: Engine) {
    let (mut mood, mut is_glad) = (text("mood", engine), text("is_glad", engine));
    mood.sql_type = "mood".into();
    is_glad.sql_type = "boolean".into();
    is_glad.generated = Some("mood = 'glad'".into());
    add_column(shape, "orders", mood);
    add_column(shape, "orders", is_glad);
}

fn name_is_a_text(shape: &mut Shape) {
    column(shape, "customers.name").sql_type = "text".into();
}

fn lines(shape: &mut Shape) {
    let mut lines = table(shape, "customers").clone();
    lines.name = "lines".into();
    lines.columns.truncate(1);
    lines.indexes.clear();
    lines.primary_key.as_mut().unwrap().name = Some("lines_pkey".into());
    shape.tables.push(lines);
}

macro_rules! cases {
    ($($told:literal $engines:ident: $before:expr => $after:expr; $flags:expr;)*) => {
        &[$(Case { told: $told, engines: $engines, before: $before, after: $after, flags: &$flags },)*]
    };
}

const CASES: &[Case] = cases![
    "a new schema" ON_POSTGRES: as_it_is => |shape, _| {
        lines(shape);
        table(shape, "lines").schema = Some("stock".into());
    }; [];
    "a new table" BOTH: as_it_is => |shape, _| lines(shape); [];
    "a dropped table" BOTH: |shape, _| lines(shape) => as_it_is; ["`--drop lines`"];

    "a new column" BOTH: as_it_is => |shape, engine| add_column(shape, "orders", text("remark", engine)); [];
    "a new column with a constant" BOTH: as_it_is => |shape, engine| {
        add_column(shape, "orders", text("remark", engine));
        column(shape, "orders.remark").nullable = false;
        column(shape, "orders.remark").default = Some("'none'".into());
    }; [];
    "a new column that is not null" BOTH: as_it_is => |shape, engine| {
        add_column(shape, "orders", text("remark", engine));
        column(shape, "orders.remark").nullable = false;
    }; ["`--fill orders.remark=VALUE` with an SQL expression"];
    "a new column with another value in each row" ON_POSTGRES: as_it_is => |shape, engine| {
        add_column(shape, "orders", text("token", engine));
        column(shape, "orders.token").default = Some("gen_random_uuid()::text".into());
    }; ["`--allow rewrite:orders.token`"];
    "a new identity" ON_POSTGRES: as_it_is => |shape, engine| {
        add_column(shape, "orders", text("place", engine));
        column(shape, "orders.place").sql_type = "bigint".into();
        column(shape, "orders.place").numbering = Some(Numbering::Identity);
    }; ["`--allow rewrite:orders.place`"];
    "a new generated column" ON_POSTGRES: as_it_is => shout; ["`--allow rewrite:customers.shout`"];
    "a new generated column, calculated as rows are copied" ON_SQLITE: as_it_is => shout; [];
    "a dropped column" BOTH: as_it_is => |shape, _| drop_column(shape, "orders", "note"); ["`--drop orders.note`"];
    "a dropped column with an index of its own" BOTH:
        |shape, _| add_index(shape, index("by_note", &["note"], false)) =>
        |shape, _| drop_column(shape, "orders", "note"); ["`--drop orders.note`"];
    "a dropped column with a check of its own" BOTH:
        |shape, _| table(shape, "orders").checks.push(check("long", "CHECK (length(note) > 1)")) =>
        |shape, _| drop_column(shape, "orders", "note"); ["`--drop orders.note`"];
    "a dropped column of a key over others" BOTH: as_it_is => |shape, _| {
        drop_column(shape, "orders", "number");
        table(shape, "orders").indexes.retain(|index| index.name.as_deref() != Some("one_number"));
    }; ["`--drop constraint:orders.one_number`", "`--drop orders.number`"];
    "a dropped column of a check over others" BOTH:
        |shape, _| table(shape, "orders").checks.push(check("differ", "CHECK (note <> state)")) =>
        |shape, _| drop_column(shape, "orders", "note");
        ["`--drop constraint:orders.differ`", "`--drop orders.note`"];
    "a dropped column of the condition of an index" BOTH: |shape, _| {
        filtered(shape, "open", "state", "note IS NULL");
    } => |shape, _| drop_column(shape, "orders", "note"); ["`--drop index:orders.open`", "`--drop orders.note`"];

    "a wider type" ON_POSTGRES: as_it_is => |shape, _| name_is_a_text(shape); [];
    "a narrower type" ON_POSTGRES: as_it_is =>
        |shape, _| column(shape, "customers.name").sql_type = "varchar(20)".into();
        ["`--allow rewrite:customers.name`"];
    "a larger type" ON_POSTGRES: as_it_is =>
        |shape, _| column(shape, "orders.number").sql_type = "bigint".into(); ["`--allow rewrite:orders.number`"];
    "another type" ON_SQLITE: as_it_is => |shape, _| column(shape, "orders.number").sql_type = "TEXT".into();
        ["`--allow rewrite:orders.number`"];
    "a wider type below a generated column" ON_POSTGRES: shout => |shape, engine| {
        shout(shape, engine);
        name_is_a_text(shape);
    };
        ["`--allow rewrite:customers.shout`"];
    "a larger type below a generated column" ON_POSTGRES: as_it_is =>
        |shape, _| column(shape, "orders.total").sql_type = "bigint".into();
        ["`--allow rewrite:orders.total`", "`--allow rewrite:orders.twice`"];
    "a larger type of both" ON_POSTGRES: as_it_is => |shape, _| {
        column(shape, "orders.total").sql_type = "bigint".into();
        column(shape, "orders.twice").sql_type = "bigint".into();
    }; ["`--allow rewrite:orders.total`", "`--allow rewrite:orders.twice`"];
    "a wider type below a generated column that is dropped" ON_POSTGRES: shout => |shape, _| name_is_a_text(shape);
        ["`--drop customers.shout`"];
    "a wider type below a generated column that becomes a plain one" ON_POSTGRES: shout => |shape, engine| {
        shout(shape, engine);
        name_is_a_text(shape);
        column(shape, "customers.shout").generated = None;
    }; [];
    "null" BOTH: as_it_is => |shape, _| column(shape, "orders.number").nullable = true; [];
    "not null" BOTH: as_it_is => |shape, _| column(shape, "orders.note").nullable = false; [];
    "a default" BOTH: as_it_is => |shape, _| column(shape, "orders.note").default = Some("'none'".into()); [];
    "no default" BOTH: as_it_is => |shape, _| column(shape, "orders.state").default = None; [];
    "another expression" BOTH: as_it_is =>
        |shape, _| column(shape, "orders.twice").generated = Some("total * 3".into());
        ["`--allow rewrite:orders.twice`"];
    "an expression for a plain column" BOTH: as_it_is =>
        |shape, _| column(shape, "orders.note").generated = Some("'none'".into()); ["`--drop orders.note`"];
    "an expression no longer" BOTH: as_it_is => |shape, _| column(shape, "orders.twice").generated = None; [];
    "counted up no longer" BOTH: as_it_is => |shape, _| column(shape, "orders.id").numbering = None;
        ["`--drop counter:orders.id`"];
    "counted up by an identity instead of a sequence" ON_POSTGRES:
        |shape, _| column(shape, "orders.id").numbering = Some(Numbering::Sequence) => as_it_is;
        ["`--drop counter:orders.id`"];
    "counted up always" ON_POSTGRES: as_it_is =>
        |shape, _| column(shape, "orders.id").numbering = Some(Numbering::AlwaysIdentity); [];
    "counted up" BOTH: |shape, _| column(shape, "orders.id").numbering = None => as_it_is; [];

    "distributed" ON_POSTGRES: as_it_is =>
        |shape, _| table(shape, "orders").distribution = Some(DistributionShape::By("customer_id".into()));
        ["`--allow rewrite:orders`"];
    "distributed otherwise" ON_POSTGRES:
        |shape, _| table(shape, "orders").distribution = Some(DistributionShape::By("customer_id".into())) =>
        |shape, _| table(shape, "orders").distribution = Some(DistributionShape::Reference);
        ["`--allow rewrite:orders`"];
    "distributed no longer" ON_POSTGRES:
        |shape, _| table(shape, "orders").distribution = Some(DistributionShape::Reference) => as_it_is;
        ["`--allow rewrite:orders`"];

    "a new enum" ON_POSTGRES: |shape, _| shape.enums.clear() => as_it_is; [];
    "a new word" ON_POSTGRES: as_it_is => |shape, _| shape.enums[0].words.insert(1, "so-so".into()); [];
    "a dropped word" ON_POSTGRES: as_it_is => |shape, _| drop(shape.enums[0].words.pop());
        ["`--drop word:mood.glad`", "`--allow rewrite:mood`"];
    "a dropped word below a generated column" ON_POSTGRES: is_glad => |shape, engine| {
        is_glad(shape, engine);
        drop(shape.enums[0].words.pop());
    }; ["`--drop word:mood.glad`", "`--allow rewrite:mood`", "`--allow rewrite:orders.is_glad`"];
    "words in another order" ON_POSTGRES: as_it_is => |shape, _| shape.enums[0].words.reverse();
        ["`--allow rewrite:mood`"];
    "a dropped enum" ON_POSTGRES: as_it_is => |shape, _| shape.enums.clear(); ["`--drop enum:mood`"];

    "a new foreign key" BOTH: |shape, _| table(shape, "orders").foreign_keys.clear() => as_it_is; [];
    "a new unique key" BOTH: as_it_is => |shape, _| add_index(shape, index("one_note", &["note"], true)); [];
    "a new index" BOTH: as_it_is => by_state; [];
    "a new check" BOTH: as_it_is =>
        |shape, _| table(shape, "orders").checks.push(check("positive", "CHECK (total > 0)")); [];
    "a new primary key" BOTH: |shape, engine| {
        table(shape, "orders").primary_key = None;
        // SQLite counts up no column that is not the key.
        if engine == Sqlite {
            column(shape, "orders.id").numbering = None;
        }
    } => as_it_is; [];

    "another action" BOTH: as_it_is => |shape, _| key(shape).on_delete = Action::Restrict; [];
    "another time of the check" BOTH: as_it_is => |shape, _| key(shape).deferrable = true; [];
    "a foreign key to another column" BOTH: as_it_is =>
        |shape, _| key(shape).target_columns = vec!["email".into()];
        ["`--drop constraint:orders.orders_customer_id_fkey`"];
    "a foreign key to another table" BOTH: |shape, _| lines(shape) => |shape, _| {
        lines(shape);
        key(shape).target_table = "lines".into();
    }; ["`--drop constraint:orders.orders_customer_id_fkey`"];
    "a foreign key from another column" BOTH: as_it_is => |shape, _| key(shape).columns = vec!["number".into()];
        ["`--drop constraint:orders.orders_customer_id_fkey`"];
    "a foreign key under another name" BOTH: as_it_is => |shape, _| key(shape).name = Some("who".into()); [];
    "a dropped foreign key" BOTH: as_it_is => |shape, _| table(shape, "orders").foreign_keys.clear();
        ["`--drop constraint:orders.orders_customer_id_fkey`"];

    "a unique key of fewer columns" BOTH: as_it_is => |shape, _| {
        index_of(shape, "one_number").columns.pop();
    }; [];
    "a unique key of more columns" BOTH: as_it_is =>
        |shape, _| index_of(shape, "one_number").columns.push("note".into());
        ["`--drop constraint:orders.one_number`"];
    "a unique key of fewer rows" BOTH: as_it_is => |shape, _| {
        let index = index_of(shape, "one_number");
        (index.constraint, index.filter) = (false, Some("total > 0".into()));
    }; ["`--drop constraint:orders.one_number`"];
    "a unique key under which two nulls differ" ON_POSTGRES:
        |shape, _| index_of(shape, "one_number").nulls_equal = true => as_it_is;
        ["`--drop constraint:orders.one_number`"];
    "a unique key under which two nulls are equal" ON_POSTGRES: as_it_is =>
        |shape, _| index_of(shape, "one_number").nulls_equal = true; [];
    "a unique key that is an index alone" BOTH: as_it_is => |shape, _| {
        let index = index_of(shape, "one_number");
        (index.constraint, index.unique) = (false, false);
    }; ["`--drop constraint:orders.one_number`"];
    "a dropped unique key" BOTH: as_it_is =>
        |shape, _| table(shape, "orders").indexes.retain(|index| index.name.as_deref() != Some("one_number"));
        ["`--drop constraint:orders.one_number`"];

    "an index of more columns" BOTH: by_state => |shape, engine| {
        by_state(shape, engine);
        index_of(shape, "by_state").columns.push("number".into());
    }; [];
    "an index of other columns" BOTH: by_state =>
        |shape, _| add_index(shape, index("by_state", &["number", "state"], false)); ["`--drop index:orders.by_state`"];
    "an index of fewer rows" BOTH: by_state => |shape, _| {
        filtered(shape, "by_state", "state", "total > 0");
    }; ["`--drop index:orders.by_state`"];
    "an index of a narrower condition" BOTH: |shape, _| {
        filtered(shape, "by_state", "state", "total > 0");
    } => |shape, _| {
        filtered(shape, "by_state", "state", "total > 100");
    }; ["`--drop index:orders.by_state`"];
    "an index of all rows" BOTH: |shape, _| {
        filtered(shape, "by_state", "state", "total > 0");
    } => by_state; [];
    "an index of another method" ON_POSTGRES: by_state => |shape, _| {
        by_state(shape, Postgres);
        index_of(shape, "by_state").method = "brin".into();
    }; ["`--drop index:orders.by_state`"];
    "an index that was not built to its end" ON_POSTGRES:
        |shape, engine| {
        by_state(shape, engine);
        index_of(shape, "by_state").valid = false;
    } => by_state; [];
    "an index that is unique" BOTH: by_state => |shape, engine| {
        by_state(shape, engine);
        index_of(shape, "by_state").unique = true;
    }; [];
    "a dropped index" BOTH: by_state => as_it_is; ["`--drop index:orders.by_state`"];

    "another condition of a check" BOTH:
        |shape, _| table(shape, "orders").checks.push(check("positive", "CHECK (total > 0)")) =>
        |shape, _| table(shape, "orders").checks.push(check("positive", "CHECK (total >= 0)"));
        ["`--drop constraint:orders.positive`"];
    "a dropped check" BOTH:
        |shape, _| table(shape, "orders").checks.push(check("positive", "CHECK (total > 0)")) => as_it_is;
        ["`--drop constraint:orders.positive`"];
    "another primary key" BOTH: as_it_is => |shape, _| {
        table(shape, "orders").primary_key.as_mut().unwrap().columns = vec!["number".into()];
        column(shape, "orders.id").numbering = None;
    }; ["`--drop counter:orders.id`", "`--drop constraint:orders.orders_pkey`"];
];

fn planned(case: &Case, engine: Engine, consents: &Consents) -> Result<Plan, Refusal> {
    let (mut before, mut after) = (shape(engine), shape(engine));
    (case.before)(&mut before, engine);
    (case.after)(&mut after, engine);
    plan(&before, &after, consents)
}

/// The consent that a flag of the command line gives.
fn given(consents: Consents, flag: &str) -> Consents {
    let flag = flag.split('`').nth(1).unwrap();
    match flag.split_once(' ').unwrap() {
        ("--drop", name) => consents.drop(name),
        ("--allow", name) => consents.rewrite(name.strip_prefix("rewrite:").unwrap()),
        ("--fill", name) => consents.fill(name.split('=').next().unwrap(), "'none'"),
        _ => panic!("{flag}"),
    }
}

/// The name of a kind of change.
fn kind(change: &::relations::shape::migration::Change) -> String {
    let told = format!("{change:?}");
    told.split(|one: char| !one.is_alphanumeric()).next().unwrap().to_owned()
}

#[test]
fn each_kind_of_change_asks_for_what_it_loses() {
    let mut kinds = BTreeSet::new();
    for case in CASES {
        for &engine in case.engines {
            let told = format!("{} on {engine:?}", case.told);
            let all = case.flags.iter().fold(Consents::new(), |all, flag| given(all, flag));
            match planned(case, engine, &Consents::new()) {
                Ok(_) => assert!(case.flags.is_empty(), "{told} asks for nothing"),
                Err(refused) => {
                    let flags: Vec<_> =
                        refused.missing.iter().map(|one| one.flags[0].as_str()).collect();
                    assert_eq!(flags, case.flags, "{told}: {refused}");
                    // Each of them is needed.
                    for left in 0..case.flags.len() {
                        let some = case.flags.iter().enumerate().filter(|(at, _)| *at != left);
                        let some = some.fold(Consents::new(), |all, (_, flag)| given(all, flag));
                        let refused = planned(case, engine, &some).unwrap_err();
                        assert_eq!(refused.missing.len(), 1, "{told}: {refused}");
                    }
                }
            }
            let plan = planned(case, engine, &all).unwrap_or_else(|no| panic!("{told}: {no}"));
            assert!(!plan.steps.is_empty() && !plan.changes.is_empty(), "{told}");
            if case.flags.is_empty() && engine == Postgres {
                let mut statements = plan.steps.iter().flat_map(|step| &step.statements);
                let is_drop = |statement: &&String| {
                    ["DROP COLUMN", "DROP TABLE", "DROP TYPE", "DROP IDENTITY", "undistribute"]
                        .iter()
                        .any(|words| statement.contains(words))
                };
                assert_eq!(statements.find(is_drop), None, "{told}");
            }
            kinds.extend(plan.changes.iter().map(kind));
        }
    }
    // A rename is a consent by itself.
    let change = |shape: &mut Shape| {
        column(shape, "orders.note").name = "remark".into();
        table(shape, "orders").name = "invoices".into();
    };
    let consents = Consents::new().rename("orders.note", "remark").rename("orders", "invoices");
    let renamed = super::planned(Postgres, change, &consents).unwrap();
    kinds.extend(renamed.changes.iter().map(kind));
    let all = [
        "AddColumn",
        "AddPart",
        "AddWord",
        "ChangeColumn",
        "CreateEnum",
        "CreateSchema",
        "CreateTable",
        "Distribute",
        "DropColumn",
        "DropEnum",
        "DropPart",
        "DropTable",
        "RenameColumn",
        "RenamePart",
        "RenameTable",
        "ReplaceEnum",
        "ReplacePart",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
}
