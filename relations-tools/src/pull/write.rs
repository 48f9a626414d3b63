//! Writes a plan as Rust, laid out as rustfmt does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use relations::definition::Action;
use relations::shape::{EnumShape, IndexShape};

use super::names;
use super::plan::{BelongsTo, Field, Inverse, Kind, Plan, Struct, deferrable};

/// The longest line.
const WIDTH: usize = 100;

pub(super) fn module(plan: &Plan<'_>) -> String {
    let mut text = String::from(
        "//! The tables of a database, written by `relations pull`. It is yours to change.\n\n\
         // A word that several attributes need is no mistake.\n\
         #![allow(clippy::duplicated_attributes)]\n\n",
    );
    text.push_str(&imports(plan));
    let listed: Vec<_> =
        plan.structs.iter().filter(|one| !one.id.is_empty()).map(|one| &*one.name).collect();
    text.push_str("/// All entities of this module.\npub fn schema() -> Schema {\n");
    text.push_str(&call(4, "schema![", &listed, "]"));
    text.push_str("}\n");
    for (name, one) in &plan.enums {
        enumeration(&mut text, name, one);
    }
    for one in &plan.structs {
        structure(&mut text, plan, one);
    }
    text
}

fn imports(plan: &Plan<'_>) -> String {
    let mut modules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    modules.entry("relations").or_default().insert("Schema");
    for field in plan.structs.iter().flat_map(|one| &one.fields) {
        let name = field.rust.name.trim_start_matches("Vec<").trim_end_matches('>');
        for name in name.split('<') {
            let module = if name == "Range" { Some("relations::value") } else { field.rust.import };
            if let Some(module) = module {
                modules.entry(module).or_default().insert(name);
            }
        }
    }
    let mut lines: Vec<_> = modules
        .into_iter()
        .map(|(module, names)| match &*names.into_iter().collect::<Vec<_>>() {
            [only] => format!("use {module}::{only};\n"),
            several => format!("use {module}::{{{}}};\n", several.join(", ")),
        })
        .collect();
    lines.push("use relations::prelude::*;\n".to_owned());
    lines.sort();
    lines.concat() + "\n"
}

fn enumeration(text: &mut String, name: &str, one: &EnumShape) {
    text.push('\n');
    let comment = one.comment.clone();
    docs(text, 0, &comment.unwrap_or_else(|| format!("The enum `{}`.", one.name)));
    text.push_str("#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]\n");
    let _ = writeln!(text, "pub enum {name} {{");
    let mut taken = BTreeSet::new();
    for word in &one.words {
        let mut variant = names::of_variant(word);
        while !taken.insert(variant.clone()) {
            variant.push('_');
        }
        let _ = writeln!(text, "    #[value(rename = {})]\n    {variant},", literal(word));
    }
    text.push_str("}\n");
}

fn structure(text: &mut String, plan: &Plan<'_>, one: &Struct<'_>) {
    text.push('\n');
    let kind = if one.table.is_table() { "A row of" } else { "A row of the view" };
    let comment = one.table.comment.clone();
    docs(text, 0, &comment.unwrap_or_else(|| format!("{kind} `{}`.", one.table.name)));
    if one.id.is_empty() && one.table.is_table() {
        docs(text, 0, "");
        docs(
            text,
            0,
            "It has no key that tells rows apart, so it is only read, by `relations::sql`.",
        );
    }
    for comment in &one.comments {
        for line in comment.lines() {
            let _ = writeln!(text, "// {line}");
        }
    }
    if one.id.is_empty() {
        text.push_str("#[derive(Debug, Clone, PartialEq, FromRow)]\n");
    } else {
        text.push_str("#[derive(Debug, Clone, PartialEq, Entity)]\n");
        let schema = one.table.schema.as_ref().filter(|_| !one.table.on_search_path);
        let mut options = vec![format!("table = {}", literal(&one.table.name))];
        options.extend(schema.map(|schema| format!("schema = {}", literal(schema))));
        attribute(text, 0, "entity", &options);
        for index in &one.unique {
            unique(text, one, index);
        }
        for index in &one.indexes {
            self::index(text, one, index);
        }
        for (name, condition) in &one.checks {
            check(text, one, *name, condition);
        }
        for relation in one.belongs_to.iter().filter(|relation| relation.fields.len() > 1) {
            belongs_to(text, plan, relation, 0);
        }
        for inverse in &one.inverses {
            self::inverse(text, inverse, one);
        }
    }
    let _ = writeln!(text, "pub struct {} {{", one.name);
    for field in &one.fields {
        self::field(text, plan, one, field);
    }
    text.push_str("}\n");
}

fn unique(text: &mut String, one: &Struct<'_>, index: &IndexShape) {
    let fields = one.fields_of(&index.columns);
    let mut options: Vec<_> = fields.iter().map(|field| literal(field)).collect();
    let usual = format!("{}_{}_key", one.table.name, index.columns.join("_"));
    let name = index.name.as_ref().filter(|name| **name != usual);
    options.extend(name.map(|name| format!("name = {}", literal(name))));
    options.extend(index.filter.as_ref().map(|filter| format!("filter = {}", literal(filter))));
    options.extend(deferrable(index.deferrable, index.deferred).map(str::to_owned));
    attribute(text, 0, "unique", &options);
}

/// `#[unique]` or `#[index]` on a field, with a name where it is not the usual one.
fn key(text: &mut String, one: &Struct<'_>, word: &str, index: &IndexShape) {
    let kind = if index.unique { "key" } else { "idx" };
    let usual = format!("{}_{}_{kind}", one.table.name, index.columns.join("_"));
    let name = index.name.as_ref().filter(|name| **name != usual);
    let mut options: Vec<_> =
        name.map(|name| format!("name = {}", literal(name))).into_iter().collect();
    options.extend(deferrable(index.deferrable, index.deferred).map(str::to_owned));
    if options.is_empty() {
        let _ = writeln!(text, "    #[{word}]");
    } else {
        attribute(text, 4, word, &options);
    }
}

/// The properties that an index begins with, and the SQL of all behind them.
fn elements(one: &Struct<'_>, index: &IndexShape) -> (Vec<String>, Option<String>) {
    if index.elements.is_empty() {
        return (one.fields_of(&index.columns), None);
    }
    let field = |element: &String| {
        let bare = element.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let field = one.fields.iter().find(|field| field.column.name == bare.unwrap_or(element))?;
        Some(field.name.clone())
    };
    let fields: Vec<_> = index.elements.iter().map_while(field).collect();
    let rest = index.elements.get(fields.len()..).unwrap_or_default().join(", ");
    (fields, Some(rest))
}

fn index(text: &mut String, one: &Struct<'_>, index: &IndexShape) {
    let (fields, expression) = elements(one, index);
    let mut options: Vec<_> = fields.iter().map(|field| literal(field)).collect();
    options.extend(expression.as_ref().map(|sql| format!("expression = {}", literal(sql))));
    if index.unique {
        options.push("unique".to_owned());
    }
    let usual = format!("{}_{}_idx", one.table.name, index.columns.join("_"));
    let name = index.name.as_ref().filter(|name| expression.is_some() || **name != usual);
    options.extend(name.map(|name| format!("name = {}", literal(name))));
    options.extend(index.filter.as_ref().map(|filter| format!("filter = {}", literal(filter))));
    let method = Some(&index.method).filter(|method| *method != "btree");
    options.extend(method.map(|method| format!("using = {}", literal(method))));
    attribute(text, 0, "index", &options);
}

fn check(text: &mut String, one: &Struct<'_>, name: Option<&str>, condition: &str) {
    let mut options = vec![literal(condition)];
    let usual = format!("{}_check", one.table.name);
    let name = name.filter(|name| *name != usual);
    options.extend(name.map(|name| format!("name = {}", literal(name))));
    attribute(text, 0, "check", &options);
}

fn inverse(text: &mut String, inverse: &Inverse, of: &Struct<'_>) {
    let mut options = vec![inverse.target.clone(), format!("name = {}", literal(&inverse.name))];
    let word = match &inverse.kind {
        Kind::Through { link, from, to } => {
            let (from, to) = (literal(from), literal(to));
            options.push(format!("through({link}, from = {from}, to = {to})"));
            "has_many"
        }
        Kind::Held { one, key_to, key_from } => {
            options.extend(key_from.as_ref().map(|fields| keys("key_from", fields)));
            let usual = format!("{}_id", heck::ToSnakeCase::to_snake_case(&*of.name));
            if *key_to != [usual] {
                options.push(keys("key_to", key_to));
            }
            if *one { "has_one" } else { "has_many" }
        }
    };
    attribute(text, 0, word, &options);
}

fn belongs_to(text: &mut String, plan: &Plan<'_>, relation: &BelongsTo, indent: usize) {
    let Some(target) = plan.structs.get(relation.target) else { return };
    let mut options = vec![target.name.clone()];
    let usual = match &*relation.fields {
        [only] => only.strip_suffix("_id").map(str::to_owned),
        _ => Some(heck::ToSnakeCase::to_snake_case(&*target.name)),
    };
    if usual.as_ref() != Some(&relation.name) || relation.fields.len() > 1 {
        options.push(format!("name = {}", literal(&relation.name)));
    }
    if relation.fields.len() > 1 {
        options.push(keys("key_from", &relation.fields));
        options.push(keys("key_to", &relation.target_fields));
    } else if !relation.targets_id {
        options.push(keys("key_to", &relation.target_fields));
    }
    let actions = [("on_delete", relation.on_delete), ("on_update", relation.on_update)];
    for (word, action) in actions {
        let spelled = match action {
            Action::NoAction => continue,
            Action::Restrict => "restrict".to_owned(),
            Action::Cascade => "cascade".to_owned(),
            Action::SetNull if word == "on_delete" && !relation.set_null.is_empty() => {
                format!("set null({})", relation.set_null.join(", "))
            }
            Action::SetNull => "set null".to_owned(),
            Action::SetDefault => "set default".to_owned(),
        };
        if relation.holds {
            options.push(format!("{word} = {}", literal(&spelled)));
        }
    }
    if !relation.holds {
        options.push("constraint = false".to_owned());
    } else if let Some(name) = &relation.constraint {
        options.push(format!("constraint = {}", literal(name)));
    }
    if !relation.indexed {
        options.push("index = false".to_owned());
    }
    if relation.holds {
        options.extend(relation.deferrable.map(str::to_owned));
    }
    attribute(text, indent, "belongs_to", &options);
}

fn field(text: &mut String, plan: &Plan<'_>, one: &Struct<'_>, field: &Field<'_>) {
    let column = field.column;
    if let Some(comment) = &column.comment {
        docs(text, 4, comment);
    }
    let mut options = Vec::new();
    if column.name != field.name {
        options.push(format!("name = {}", literal(&column.name)));
    }
    let is_entity = !one.id.is_empty();
    if is_entity {
        if one.id.contains(&column.name) {
            let generated = field.generated.then(|| "generated".to_owned());
            let is_first = one.id.first() == Some(&column.name);
            let name = one.id_name.filter(|_| is_first);
            let name = name.map(|name| format!("name = {}", literal(name)));
            match &*generated.into_iter().chain(name).collect::<Vec<_>>() {
                [] => text.push_str("    #[id]\n"),
                options => attribute(text, 4, "id", options),
            }
        }
        if let Some(index) = field.unique {
            key(text, one, "unique", index);
        }
        if let Some(index) = field.indexed {
            key(text, one, "index", index);
        }
        let own = |relation: &&BelongsTo| *relation.fields == [field.name.clone()];
        if let Some(relation) = one.belongs_to.iter().find(own) {
            belongs_to(text, plan, relation, 4);
        }
        options.extend(field.rust.sql.as_ref().map(|sql| format!("type = {}", literal(sql))));
        let default = column.default.as_ref().filter(|_| !field.generated);
        options.extend(default.map(|default| format!("default = {}", literal(default))));
        let generated = column.generated.as_ref();
        options.extend(generated.map(|made| format!("generated = {}", literal(made))));
    }
    if !options.is_empty() {
        attribute(text, 4, "column", &options);
    }
    let name = &field.rust.name;
    let may_be_null = column.nullable || !one.table.is_table();
    let name = if may_be_null { format!("Option<{name}>") } else { name.clone() };
    let _ = writeln!(text, "    pub {}: {name},", field.name);
}

/// `key_to = "a"`, or `key_to("a", "b")`.
fn keys(word: &str, fields: &[String]) -> String {
    let names: Vec<_> = fields.iter().map(|field| literal(field)).collect();
    match &*names {
        [only] => format!("{word} = {only}"),
        several => format!("{word}({})", several.join(", ")),
    }
}

fn attribute(text: &mut String, indent: usize, name: &str, options: &[String]) {
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    text.push_str(&call(indent, &format!("#[{name}("), &options, ")]"));
}

/// A list on one line, or on a line each where it would be too long.
fn call(indent: usize, open: &str, items: &[&str], close: &str) -> String {
    let blank = " ".repeat(indent);
    let line = format!("{blank}{open}{}{close}\n", items.join(", "));
    if line.chars().count() <= WIDTH + 1 {
        return line;
    }
    // A macro keeps a comma behind its last item, an attribute has none.
    let last = if open.starts_with('#') { "" } else { "," };
    format!(
        "{blank}{open}\n{blank}    {}{last}\n{blank}{close}\n",
        items.join(&format!(",\n{blank}    "))
    )
}

fn docs(text: &mut String, indent: usize, comment: &str) {
    let blank = " ".repeat(indent);
    if comment.is_empty() {
        let _ = writeln!(text, "{blank}///");
    }
    for line in comment.lines() {
        let _ = writeln!(text, "{}", format!("{blank}/// {}", line.trim_end()).trim_end());
    }
}

/// A text between quotes, as Rust reads it.
fn literal(text: &str) -> String {
    format!("{text:?}")
}
