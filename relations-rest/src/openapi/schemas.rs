//! Schemas of an entity: its rows, new rows, changes, conditions and filters.

use relations::definition::ColumnType;
use serde_json::{Map, Value, json};

use super::{Described, DescribedOneOf, Document, reference};
use crate::members::Member;

/// The schemas of an entity: `Order`, `OrderWithRelations`, `NewOrder`, `OrderPatch`, `OrderReplacement`,
/// `OrderWhere`, `OrderFilter`, `OrderInclude`.
pub(crate) fn add(of: &Described<'_>, document: &mut Document) {
    let name = of.info.name;
    let schemas = [
        (name.to_owned(), row(of)),
        (format!("{name}WithRelations"), with_relations(of)),
        (format!("New{name}"), new(of)),
        (format!("{name}Patch"), patch(of)),
        (format!("{name}Replacement"), replacement(of)),
        (format!("{name}Where"), condition(of)),
        (format!("{name}Filter"), filter(of)),
        (format!("{name}Include"), include(of)),
    ];
    document.schemas.extend(schemas);
}

/// The schema of the values of a column type, as text in a path.
pub(crate) fn column(column_type: ColumnType) -> Value {
    match column_type {
        ColumnType::Boolean => json!({ "type": "boolean" }),
        ColumnType::SmallInt | ColumnType::Integer => {
            json!({ "type": "integer", "format": "int32" })
        }
        ColumnType::BigInt => json!({ "type": "integer", "format": "int64" }),
        ColumnType::Uuid => json!({ "type": "string", "format": "uuid" }),
        ColumnType::Date => json!({ "type": "string", "format": "date" }),
        _ => json!({ "type": "string" }),
    }
}

/// The schema of the values of a member: what its JSON is in a sample.
pub(crate) fn value(member: &Member) -> Value {
    let column_type = member.property.column_type;
    if !member.words.is_empty() {
        return json!({ "type": "string", "enum": member.words });
    }
    let format = |format: &str| json!({ "type": "string", "format": format });
    match &member.example {
        _ if column_type == ColumnType::Json => json!({}),
        Value::String(_) => match column_type {
            ColumnType::Date => format("date"),
            ColumnType::TimestampTz => format("date-time"),
            ColumnType::Uuid => format("uuid"),
            ColumnType::Decimal => format("decimal"),
            _ => json!({ "type": "string" }),
        },
        Value::Bool(_) => json!({ "type": "boolean" }),
        Value::Number(number) if number.is_f64() => json!({ "type": "number" }),
        Value::Number(_) => match column_type {
            ColumnType::SmallInt => json!({
                "type": "integer", "format": "int32", "minimum": i16::MIN, "maximum": i16::MAX,
            }),
            ColumnType::Integer => json!({
                "type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX,
            }),
            ColumnType::Real | ColumnType::Double => json!({ "type": "number" }),
            _ => json!({ "type": "integer", "format": "int64" }),
        },
        Value::Array(_) => json!({ "type": "array" }),
        Value::Object(_) => json!({ "type": "object" }),
        Value::Null => column(column_type),
    }
}

/// The schema of a member, which may be null where the property may.
fn property(member: &Member) -> Value {
    let mut schema = value(member);
    if !member.property.nullable {
        return schema;
    }
    if let Some(kind) = schema.get("type").cloned() {
        let words = schema.get("enum").and_then(Value::as_array).cloned();
        if let (Some(mut words), Value::Object(schema)) = (words, &mut schema) {
            words.push(Value::Null);
            schema.insert("enum".to_owned(), Value::Array(words));
        }
        if let Value::Object(schema) = &mut schema {
            schema.insert("type".to_owned(), json!([kind, "null"]));
        }
    }
    schema
}

fn properties<'a>(members: impl Iterator<Item = &'a Member>) -> Map<String, Value> {
    members.map(|member| (member.name.clone(), property(member))).collect()
}

/// The properties of a row in an answer.
fn shown(of: &Described<'_>) -> Map<String, Value> {
    let shown = || of.members.iter().filter(|member| member.is_shown);
    let mut all = properties(shown());
    for member in shown().filter(|member| !member.is_writable) {
        if let Some(Value::Object(schema)) = all.get_mut(&member.name) {
            schema.insert("readOnly".to_owned(), true.into());
        }
    }
    all
}

fn row(of: &Described<'_>) -> Value {
    let required = of.members.iter().filter(|member| member.is_always_shown);
    let required: Vec<&str> = required.map(|member| member.name.as_str()).collect();
    json!({
        "type": "object", "properties": shown(of), "required": required, "x-entity": entity(of),
    })
}

/// The path, the id and the relations of an entity, for clients that follow them.
fn entity(of: &Described<'_>) -> Value {
    let relations = of.relations.iter().filter(|one| one.is_readable).map(|relation| {
        let keys = relation.keys.iter().filter_map(|key| {
            of.members.iter().find(|member| member.property.name == *key && member.is_shown)
        });
        let keys: Vec<&str> = keys.map(|member| member.name.as_str()).collect();
        json!({
            "name": relation.member, "target": relation.target, "many": relation.many, "keys": keys,
        })
    });
    let relations: Vec<Value> = relations.collect();
    let id: Vec<&str> = of.id.iter().map(|member| member.name.as_str()).collect();
    let shown = of.members.iter().filter(|member| member.is_shown);
    let properties: Vec<&str> = shown.map(|member| member.name.as_str()).collect();
    json!({
        "path": of.info.path,
        "read": of.info.operations.read,
        "id": id,
        "properties": properties,
        "relations": relations,
    })
}

fn with_relations(of: &Described<'_>) -> Value {
    let relations: Map<String, Value> = of
        .relations
        .iter()
        .filter(|relation| relation.is_readable)
        .map(|relation| {
            let target = reference(&format!("{}WithRelations", relation.target));
            let schema = if relation.many {
                let count = json!({ "type": "integer", "format": "int64" });
                json!({ "oneOf": [{ "type": "array", "items": target }, count] })
            } else {
                json!({ "oneOf": [target, { "type": "null" }] })
            };
            (relation.member.to_owned(), schema)
        })
        .collect();
    let one_of = of.one_of.iter().map(|one| (one.member.to_owned(), one_of(kinds(one))));
    // `fields` leaves out any of them, and a relation is there if it is included.
    let all: Map<String, Value> = shown(of).into_iter().chain(relations).chain(one_of).collect();
    json!({ "type": "object", "properties": all })
}

/// The target of a relation to one of several entities: an object with one member, which is its kind.
pub(crate) fn kinds(of: &DescribedOneOf<'_>) -> Vec<Value> {
    let each = of.kinds.iter();
    each.map(|(name, target)| kind(name, &reference(&format!("{target}WithRelations")))).collect()
}

/// A target under the name of its kind.
pub(crate) fn kind(name: &str, target: &Value) -> Value {
    json!({
        "type": "object", "properties": { name: target }, "required": [name],
        "additionalProperties": false,
    })
}

/// One of several kinds, or none.
pub(crate) fn one_of(mut kinds: Vec<Value>) -> Value {
    kinds.push(json!({ "type": "null" }));
    json!({ "oneOf": kinds })
}

fn new(of: &Described<'_>) -> Value {
    let writable = || of.members.iter().filter(|member| member.is_writable);
    let mut all = properties(writable());
    let mut nested_keys = Vec::new();
    for relation in of.relations.iter().filter(|relation| relation.is_creatable) {
        let target = reference(&format!("New{}", relation.target));
        nested_keys.extend(&relation.keys);
        let schema =
            if relation.many { json!({ "type": "array", "items": target }) } else { target };
        all.insert(relation.member.to_owned(), schema);
    }
    // A member that a nested row or the path gives is not required.
    let required = writable()
        .filter(|member| !member.is_optional && !nested_keys.contains(&member.property.name));
    let required: Vec<&str> = required.map(|member| member.name.as_str()).collect();
    json!({
        "type": "object", "properties": all, "required": required, "additionalProperties": false,
    })
}

fn patch(of: &Described<'_>) -> Value {
    let members = of.members.iter().filter(|member| member.is_writable && !member.is_write_once);
    json!({ "type": "object", "properties": properties(members), "additionalProperties": false })
}

/// A whole row, as a `PUT` takes it: what cannot be set may be sent back as it is.
fn replacement(of: &Described<'_>) -> Value {
    let settable = |member: &&Member| member.is_writable && !member.is_write_once;
    let required = of.members.iter().filter(settable).filter(|member| !member.property.nullable);
    let required: Vec<&str> = required.map(|member| member.name.as_str()).collect();
    let taken = of.members.iter().filter(|member| member.is_read());
    json!({
        "type": "object", "properties": properties(taken), "required": required,
        "additionalProperties": false,
    })
}

fn condition(of: &Described<'_>) -> Value {
    let itself = reference(&format!("{}Where", of.info.name));
    let list = json!({ "type": "array", "items": itself });
    let mut all = Map::new();
    for (name, schema) in [("and", list.clone()), ("or", list), ("not", itself)] {
        all.insert(name.to_owned(), schema);
    }
    for member in of.members.iter().filter(|member| member.is_shown) {
        let one = value(member);
        let nullable = json!({ "oneOf": [one, { "type": "null" }] });
        let several = json!({ "type": "array", "items": one });
        let pair = json!({ "type": "array", "items": one, "minItems": 2, "maxItems": 2 });
        let mut operators = Map::new();
        for name in ["eq", "neq"] {
            operators.insert(name.to_owned(), nullable.clone());
        }
        for name in ["gt", "gte", "lt", "lte"] {
            operators.insert(name.to_owned(), one.clone());
        }
        for name in ["inq", "nin"] {
            operators.insert(name.to_owned(), several.clone());
        }
        operators.insert("between".to_owned(), pair);
        operators.insert("exists".to_owned(), json!({ "type": "boolean" }));
        if member.property.column_type == ColumnType::Text {
            for name in ["like", "nlike", "ilike", "nilike"] {
                operators.insert(name.to_owned(), json!({ "type": "string" }));
            }
        }
        let operators = json!({
            "type": "object", "properties": operators, "additionalProperties": false,
        });
        all.insert(member.name.clone(), json!({ "anyOf": [nullable, operators] }));
    }
    for relation in of.relations.iter().filter(|relation| relation.is_readable) {
        let target = reference(&format!("{}Where", relation.target));
        let schema = if relation.many {
            let number = json!({ "type": "integer", "minimum": 0 });
            let numbers: Map<String, Value> = ["eq", "neq", "gt", "gte", "lt", "lte"]
                .into_iter()
                .map(|name| (name.to_owned(), number.clone()))
                .collect();
            let numbers = json!({
                "type": "object", "properties": numbers, "additionalProperties": false,
            });
            json!({
                "type": "object",
                "properties": {
                    "any": target, "none": target, "all": target,
                    "count": { "anyOf": [number, numbers] },
                },
                "additionalProperties": false,
            })
        } else {
            json!({ "oneOf": [target, { "type": "null" }] })
        };
        all.insert(relation.member.to_owned(), schema);
    }
    for one in &of.one_of {
        let kinds = one.kinds.iter();
        let kinds: Map<String, Value> = kinds
            .map(|(kind, target)| ((*kind).to_owned(), reference(&format!("{target}Where"))))
            .collect();
        let kinds = json!({
            "type": "object", "properties": kinds, "additionalProperties": false,
        });
        all.insert(one.member.to_owned(), json!({ "oneOf": [kinds, { "type": "null" }] }));
    }
    json!({ "type": "object", "properties": all, "additionalProperties": false })
}

fn include(of: &Described<'_>) -> Value {
    let mut choices: Vec<Value> = Vec::new();
    let readable = || of.relations.iter().filter(|relation| relation.is_readable);
    let names = readable().map(|relation| relation.member);
    let names: Vec<&str> = names.chain(of.one_of.iter().map(|one| one.member)).collect();
    if !names.is_empty() {
        choices.push(
            json!({ "type": "string", "description": format!("one of {}", names.join(", ")) }),
        );
    }
    for relation in readable() {
        choices.push(json!({
            "type": "object",
            "properties": {
                "relation": { "const": relation.member },
                "scope": reference(&format!("{}Filter", relation.target)),
                "required": { "type": "boolean" },
                "count": { "type": "boolean" },
            },
            "required": ["relation"],
            "additionalProperties": false,
        }));
    }
    for one in &of.one_of {
        let kinds = one.kinds.iter().map(|(kind, target)| {
            json!({
                "type": "object",
                "properties": {
                    "relation": { "const": kind }, "scope": reference(&format!("{target}Filter")),
                },
                "required": ["relation"],
                "additionalProperties": false,
            })
        });
        let names: Vec<&str> = one.kinds.iter().map(|(kind, _)| *kind).collect();
        let text =
            json!({ "type": "string", "description": format!("one of {}", names.join(", ")) });
        let kinds: Vec<Value> = kinds.chain([text]).collect();
        choices.push(json!({
            "type": "object",
            "properties": {
                "relation": { "const": one.member },
                "scope": {
                    "type": "object",
                    "properties": { "include": { "type": "array", "items": { "anyOf": kinds } } },
                    "additionalProperties": false,
                },
                "required": { "type": "boolean" },
            },
            "required": ["relation"],
            "additionalProperties": false,
        }));
    }
    if choices.is_empty() { json!({ "not": {} }) } else { json!({ "anyOf": choices }) }
}

fn filter(of: &Described<'_>) -> Value {
    let name = of.info.name;
    let shown = of.members.iter().filter(|member| member.is_shown);
    let names: Vec<&str> = shown.map(|member| member.name.as_str()).collect();
    let rows = json!({ "type": "integer", "minimum": 0 });
    json!({
        "type": "object",
        "properties": {
            "where": reference(&format!("{name}Where")),
            "order": { "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] },
            "fields": { "type": "array", "items": { "type": "string", "enum": names } },
            "limit": { "type": "integer", "minimum": 1, "maximum": of.info.max_limit, "default": of.info.default_limit },
            "offset": rows,
            "skip": rows,
            "after": { "type": "string" },
            "before": { "type": "string" },
            "include": { "type": "array", "items": reference(&format!("{name}Include")) },
        },
        "additionalProperties": false,
    })
}

pub(crate) fn problem() -> Value {
    json!({
        "type": "object",
        "description": "An error, as RFC 9457 has it.",
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": { "type": "string" },
            "detail": { "type": "string" },
            "pointer": { "type": "string", "description": "The place in the filter or in the body." },
            "expected": {},
            "suggestion": { "type": "string" },
        },
        "required": ["type", "title", "status", "code", "detail"],
    })
}

pub(crate) fn count() -> Value {
    json!({
        "type": "object",
        "properties": { "count": { "type": "integer", "format": "int64" } },
        "required": ["count"],
    })
}
