//! The OpenAPI document.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::shop::{Order, Token, api, filled};
use crate::support::{get, send, sqlite};

/// The references in a document, and whether each leads somewhere.
fn references(document: &Value, value: &Value, all: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(to)) = members.get("$ref") {
                let pointer = to.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{to}");
                all.insert(to.clone());
            }
            members.values().for_each(|value| references(document, value, all));
        }
        Value::Array(values) => {
            // Of lists, those of words alone may hold a null.
            assert!(
                values.iter().any(Value::is_string) || !values.contains(&Value::Null),
                "{values:?}"
            );
            for value in values {
                references(document, value, all);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn the_document_describes_each_route() {
    let db = sqlite().await;
    let router = filled(&db).await;
    let document = get(&router, "/openapi.json").await.is(200).json();
    assert_eq!(document, api(&db).openapi().unwrap());
    assert_eq!(
        (document["openapi"].as_str(), document["info"]["title"].as_str()),
        (Some("3.1.0"), Some("Shop"))
    );
    let mut all = HashSet::new();
    references(&document, &document, &mut all);
    assert!(all.len() > 40, "{}", all.len());
    let mut ids = HashSet::new();
    let paths = document["paths"].as_object().unwrap();
    let (mut operations, mut answered) = (0, 0);
    for (path, item) in paths {
        for (method, operation) in
            item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters")
        {
            operations += 1;
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
                "{operation}"
            );
            // The route is there: it does not answer that the method or the path is not known.
            let uri = path
                .replace("{id1}", "1")
                .replace("{id2}", "1")
                .replace("{target}", "1")
                .replace("{id}", "1");
            let answer = send(&router, &method.to_uppercase(), &uri, &[], Some("{}")).await;
            assert_ne!(answer.status, 405, "{method} {uri}");
            assert!(
                operation["responses"].get(answer.status.to_string()).is_some()
                    || operation["responses"].get("default").is_some(),
                "{method} {uri} {answer:?}"
            );
            answered += usize::from(answer.status != 404 || !answer.text.is_empty());
        }
    }
    assert!(operations > 60, "{operations}");
    assert_eq!(answered, operations);
}

#[tokio::test]
async fn the_schemas_are_those_of_serde() {
    let db = sqlite().await;
    let document = api(&db).openapi().unwrap();
    let schema = |pointer: &str| {
        document.pointer(&format!("/components/schemas/{pointer}")).cloned().unwrap_or_default()
    };
    assert_eq!(schema("Order/properties/status/enum").to_string(), r#"["open","shipped"]"#);
    assert_eq!(schema("Order/properties/note/type").to_string(), r#"["string","null"]"#);
    assert_eq!(schema("Order/properties/version/readOnly"), Value::Bool(true));
    assert_eq!(schema("NewOrder/required").to_string(), r#"["status","quantity"]"#);
    assert_eq!(schema("NewOrder/properties/lines/items/$ref"), "#/components/schemas/NewLine");
    assert!(schema("NewOrder/properties/version").is_null());
    assert!(schema("OrderPatch/properties/id").is_null());
    assert!(schema("OrderWhere/properties/quantity/anyOf/1/properties/like").is_null());
    assert_eq!(schema("OrderWhere/properties/quantity/anyOf/0/oneOf/0/type"), "integer");
    assert_eq!(
        schema("OrderWhere/properties/customer/oneOf/0/$ref"),
        "#/components/schemas/CustomerWhere"
    );
    let text = document.to_string();
    assert!(!text.contains("Token") && !text.contains("tokens") && !text.contains("secret"));
}

#[tokio::test]
async fn rows_with_includes_have_schemas() {
    let db = sqlite().await;
    let api = api(&db);
    let schema = api.row_schema::<Order>("customer,payer,lines.product").unwrap();
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let line = json!({ "allOf": [reference("Line"), {
        "type": "object", "required": ["product"], "properties": { "product": reference("Product") },
    }] });
    assert_eq!(
        schema,
        json!({ "allOf": [reference("Order"), {
        "type": "object",
        "required": ["customer", "lines", "payer"],
        "properties": {
            "customer": reference("Customer"),
            "payer": { "oneOf": [reference("Customer"), { "type": "null" }] },
            "lines": { "type": "array", "items": line },
        },
    }] })
    );
    assert_eq!(api.row_schema::<Order>("").unwrap(), reference("Order"));
    let why = api.row_schema::<Order>("custmer").unwrap_err().to_string();
    assert!(why.contains("did you mean `customer`?"), "{why}");
    let why = api.row_schema::<Token>("").unwrap_err().to_string();
    assert_eq!(why, "`Token` is not served");
}
