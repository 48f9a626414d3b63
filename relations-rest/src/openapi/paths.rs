//! Paths of an entity and of its relations.

use serde_json::{Map, Value, json};

use super::{Described, DescribedRelation, Document, reference, schemas};
use crate::related::Verb;
use crate::routes::Method;

/// Adds the paths of an entity.
pub(crate) fn add(of: &Described<'_>, document: &mut Document) {
    let (name, operations) = (of.info.name, of.info.operations);
    let path = format!("/{}", of.info.path);
    let id = id_path(of);
    let row = reference(&format!("{name}WithRelations"));
    let mut all = Map::new();
    let mut item = Map::new();
    if operations.read {
        all.insert(
            "get".to_owned(),
            operation(of, "list", list_parameters(of, name), None, list_response(&row)),
        );
        item.insert(
            "get".to_owned(),
            operation(
                of,
                "show",
                row_parameters(name),
                None,
                [response("200", "The row.", &row), unchanged(), problem("404")],
            ),
        );
        let count = reference("Count");
        let exists = json!({
            "type": "object", "properties": { "exists": { "type": "boolean" } }, "required": ["exists"],
        });
        let where_parameters = || vec![json_parameter("where", &format!("{name}Where"))];
        for (verb, schema) in [("count", &count), ("exists", &exists)] {
            let answers = [response("200", "The answer.", schema)];
            let get = operation(of, verb, where_parameters(), None, answers);
            document.paths.insert(format!("{path}/{verb}"), json!({ "get": get }));
        }
        let body = body(&format!("{name}Filter"));
        let query = operation(of, "query", Vec::new(), Some(body), list_response(&row));
        document.paths.insert(format!("{path}/query"), json!({ "post": query }));
    }
    if operations.create {
        let answers = [response("201", "The new row.", &row), problem("409"), problem("422")];
        let create =
            operation(of, "create", Vec::new(), Some(body(&format!("New{name}"))), answers);
        all.insert("post".to_owned(), create);
    }
    add_changes(of, &mut all, &mut item);
    document.paths.insert(path.clone(), Value::Object(all));
    if !item.is_empty() {
        item.insert("parameters".to_owned(), id_parameters(of).into());
        document.paths.insert(format!("{path}{id}"), Value::Object(item));
    }
    add_relations(of, &format!("{path}{id}"), document);
    if operations.read {
        add_one_of(of, &format!("{path}{id}"), document);
    }
}

/// Adds the paths of relations to one of several entities.
fn add_one_of(of: &Described<'_>, row: &str, document: &mut Document) {
    for one in &of.one_of {
        let target = json!({ "oneOf": schemas::kinds(one) });
        let answers = [
            response("200", "The target, under the name of its kind.", &target),
            ("204".to_owned(), json!({ "description": "The row has no target." })),
            problem("404"),
        ];
        let text = json!({ "type": "string" });
        let include = parameter("include", &text, "Relations of a kind to include: `post.author`.");
        let id = format!("show{}{}", of.info.name, capitalized(one.member));
        let get = named(of, &id, vec![include], None, answers);
        let item = json!({ "get": get, "parameters": id_parameters(of) });
        document.paths.insert(format!("{row}/{}", one.member), item);
    }
}

/// Adds what changes rows: all of a `where`, and one.
fn add_changes(of: &Described<'_>, all: &mut Map<String, Value>, item: &mut Map<String, Value>) {
    let (name, operations) = (of.info.name, of.info.operations);
    let meant = || vec![required(json_parameter("where", &format!("{name}Where")))];
    let count = reference("Count");
    if operations.patch {
        let changed = || {
            [
                response(
                    "200",
                    "The changed row, if `Prefer: return=representation` asks for it.",
                    &reference(name),
                ),
                ("204".to_owned(), json!({ "description": "The row is changed." })),
                problem("404"),
                problem("409"),
                problem("412"),
                problem("422"),
            ]
        };
        let change = || Some(body(&format!("{name}Patch")));
        item.insert(
            "patch".to_owned(),
            operation(of, "patch", match_parameters(of), change(), changed()),
        );
        let whole = Some(body(&format!("{name}Replacement")));
        item.insert(
            "put".to_owned(),
            operation(of, "replace", match_parameters(of), whole, changed()),
        );
        let answers = [
            response("200", "The number of changed rows.", &count),
            problem("409"),
            problem("422"),
        ];
        all.insert("patch".to_owned(), operation(of, "patchAll", meant(), change(), answers));
    }
    if operations.delete {
        let answers = [
            response(
                "200",
                "The deleted row, if `Prefer: return=representation` asks for it.",
                &reference(name),
            ),
            ("204".to_owned(), json!({ "description": "The row is deleted." })),
            problem("404"),
            problem("409"),
            problem("412"),
        ];
        item.insert(
            "delete".to_owned(),
            operation(of, "delete", match_parameters(of), None, answers),
        );
        let answers = [
            response("200", "The number of deleted rows.", &count),
            problem("409"),
            problem("422"),
        ];
        all.insert("delete".to_owned(), operation(of, "deleteAll", meant(), None, answers));
    }
}

/// Adds the paths of the relations of an entity, behind that of a row.
fn add_relations(of: &Described<'_>, row: &str, document: &mut Document) {
    for relation in &of.relations {
        for (suffix, verbs) in &relation.routes {
            let mut item = Map::new();
            for (method, verb) in verbs {
                item.insert(
                    method_name(*method).to_owned(),
                    of_relation(of, relation, suffix, *verb),
                );
            }
            let mut parameters = id_parameters(of);
            parameters.extend(target_parameters(relation, suffix));
            item.insert("parameters".to_owned(), parameters.into());
            document.paths.insert(format!("{row}{suffix}"), Value::Object(item));
        }
    }
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

fn id_path(of: &Described<'_>) -> String {
    crate::rows::id_segments(of.id.len(), "id")
}

fn path_parameters(schemas: &[Value], name: &str) -> Vec<Value> {
    let several = schemas.len() > 1;
    let each = schemas.iter().enumerate().map(|(at, schema)| {
        let name = if several { format!("{name}{}", at + 1) } else { name.to_owned() };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    each.collect()
}

fn id_parameters(of: &Described<'_>) -> Vec<Value> {
    let parts: Vec<Value> =
        of.id.iter().map(|member| schemas::column(member.property.column_type)).collect();
    path_parameters(&parts, "id")
}

fn target_parameters(relation: &DescribedRelation, suffix: &str) -> Vec<Value> {
    if suffix.contains('{') { path_parameters(&relation.target_id, "target") } else { Vec::new() }
}

/// A parameter that is JSON.
fn json_parameter(name: &str, schema: &str) -> Value {
    json!({
        "name": name, "in": "query", "required": false,
        "content": { "application/json": { "schema": reference(schema) } },
    })
}

fn required(mut parameter: Value) -> Value {
    if let Value::Object(members) = &mut parameter {
        members.insert("required".to_owned(), true.into());
    }
    parameter
}

fn parameter(name: &str, schema: &Value, description: &str) -> Value {
    json!({
        "name": name, "in": "query", "required": false, "schema": schema, "description": description,
    })
}

fn row_parameters(name: &str) -> Vec<Value> {
    let text = json!({ "type": "string" });
    vec![
        json_parameter("filter", &format!("{name}Filter")),
        parameter("include", &text, "Relations to include: `customer,lines.product`."),
        parameter("fields", &text, "Properties to answer: `id,name`."),
    ]
}

fn list_parameters(of: &Described<'_>, name: &str) -> Vec<Value> {
    let text = json!({ "type": "string" });
    let limit = json!({
        "type": "integer", "minimum": 1, "maximum": of.info.max_limit, "default": of.info.default_limit,
    });
    let rows = json!({ "type": "integer", "minimum": 0 });
    let mut all = row_parameters(name);
    all.extend([
        json_parameter("where", &format!("{name}Where")),
        parameter("order", &text, "The order: `name DESC,id`."),
        parameter("limit", &limit, "The most rows to answer."),
        parameter("offset", &rows, "The number of rows to leave out."),
        parameter(
            "after",
            &text,
            "The cursor of the row that the list goes on after, from a link.",
        ),
        parameter("before", &text, "The cursor of the row that the list ends before, from a link."),
    ]);
    all
}

fn match_parameters(of: &Described<'_>) -> Vec<Value> {
    let text = json!({ "type": "string" });
    let mut all =
        vec![json!({ "name": "Prefer", "in": "header", "required": false, "schema": text })];
    if of.has_version {
        all.push(json!({ "name": "If-Match", "in": "header", "required": false, "schema": text }));
    }
    all
}

fn body(schema: &str) -> Value {
    json!({
        "required": true, "content": { "application/json": { "schema": reference(schema) } },
    })
}

type Answered = (String, Value);

fn response(status: &str, description: &str, schema: &Value) -> Answered {
    let content = json!({ "application/json": { "schema": schema } });
    (status.to_owned(), json!({ "description": description, "content": content }))
}

fn list_response(row: &Value) -> [Answered; 2] {
    let list = json!({
        "description": "The rows.",
        "headers": { "Link": { "schema": { "type": "string" } } },
        "content": {
            "application/json": { "schema": { "type": "array", "items": row } },
            crate::answer::NDJSON: { "schema": { "type": "string" } },
        },
    });
    [("200".to_owned(), list), problem("410")]
}

fn unchanged() -> Answered {
    ("304".to_owned(), json!({ "description": "The row has the version of `If-None-Match`." }))
}

fn problem(status: &str) -> Answered {
    let content = json!({ "application/problem+json": { "schema": reference("Problem") } });
    (status.to_owned(), json!({ "description": "A problem.", "content": content }))
}

fn operation(
    of: &Described<'_>,
    verb: &str,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: impl IntoIterator<Item = Answered>,
) -> Value {
    let id = format!("{verb}{}", of.info.name);
    named(of, &id, parameters, body, answers)
}

fn named(
    of: &Described<'_>,
    id: &str,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: impl IntoIterator<Item = Answered>,
) -> Value {
    let mut responses: Map<String, Value> = answers.into_iter().collect();
    responses.extend([problem("400"), problem("default")]);
    let mut operation = Map::new();
    operation.insert("operationId".to_owned(), id.into());
    operation.insert("tags".to_owned(), json!([of.info.name]));
    operation.insert("parameters".to_owned(), parameters.into());
    operation.insert("responses".to_owned(), responses.into());
    if let Some(body) = body {
        operation.insert("requestBody".to_owned(), body);
    }
    operation.into()
}

fn of_relation(
    of: &Described<'_>,
    relation: &DescribedRelation,
    suffix: &str,
    verb: Verb,
) -> Value {
    let target = relation.target;
    let row = reference(&format!("{target}WithRelations"));
    let count = reference("Count");
    let place: String = suffix.split(['/', '{', '}']).map(capitalized).collect();
    let id = |verb: &str| format!("{verb}{}{place}", of.info.name);
    let meant = || vec![json_parameter("where", &format!("{target}Where"))];
    let empty = || ("204".to_owned(), json!({ "description": "There is nothing to answer." }));
    match verb {
        Verb::Read if relation.many => {
            let [list, gone] = list_response(&row);
            named(of, &id("list"), list_parameters(of, target), None, [list, gone, problem("404")])
        }
        Verb::Read => {
            let answers = [response("200", "The row.", &row), empty(), problem("404")];
            named(of, &id("show"), row_parameters(target), None, answers)
        }
        Verb::Count => {
            let answers = [response("200", "The number of rows.", &count), problem("404")];
            named(of, &id("get"), meant(), None, answers)
        }
        Verb::Create => {
            // The key is that of the path, so it need not be in the body.
            let body = json!({
                "required": true,
                "content": { "application/json": { "schema": { "type": "object" } } },
            });
            let answers = [
                response("201", "The new row.", &row),
                problem("404"),
                problem("409"),
                problem("422"),
            ];
            named(of, &id("create"), Vec::new(), Some(body), answers)
        }
        Verb::Change | Verb::Remove => {
            let meant = meant().into_iter().map(required).collect();
            let (word, body) = match verb {
                Verb::Change => ("patch", Some(body(&format!("{target}Patch")))),
                _ => ("delete", None),
            };
            let answers = [
                response("200", "The number of rows.", &count),
                problem("404"),
                problem("409"),
                problem("422"),
            ];
            named(of, &id(word), meant, body, answers)
        }
        Verb::Link => named(of, &id("link"), Vec::new(), None, [empty(), problem("404")]),
        Verb::Unlink => named(of, &id("unlink"), Vec::new(), None, [empty(), problem("404")]),
        Verb::Ancestors | Verb::Descendants => {
            let rows = json!({ "type": "integer", "minimum": 0 });
            let mut parameters = vec![parameter("depth", &rows, "The most levels.")];
            if verb == Verb::Descendants {
                let nested = json!({ "type": "boolean" });
                parameters.push(parameter(
                    "nested",
                    &nested,
                    "Whether rows come in their parents.",
                ));
            }
            let rows = json!({ "type": "array", "items": reference(of.info.name) });
            let answers = [response("200", "The rows of the tree.", &rows), problem("404")];
            named(of, &id("list"), parameters, None, answers)
        }
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
