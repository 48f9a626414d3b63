//! A tenant for each request: every route sees and changes the rows of that tenant alone.

pub mod entities;

use relations::Database;
use relations::prelude::*;
use relations_rest::{Api, ById, Filtered, Problem};
use serde_json::{Value, json};

use crate::shop::Tag;
use crate::support::{Answer, send, with};
use entities::{Employee, Invoice, Membership, NewTask, Project, Task, api, filled, rows, tenant};

pub async fn ask(router: &axum::Router, method: &str, uri: &str, body: Option<&str>) -> Answer {
    send(router, method, uri, &[("tenant", "1")], body).await
}

/// The ids of rows of a tenant in a path, by the name of the entity's path.
fn id_of(path: &str, tenant: i64) -> Vec<String> {
    let second = tenant == 2;
    match path {
        "accounts" => vec![tenant.to_string(), "10".to_owned()],
        "invoices" => vec![tenant.to_string(), "11".to_owned()],
        "employees" | "tasks" => vec![if second { "4" } else { "1" }.to_owned()],
        "projects" => vec![if second { "2" } else { "1" }.to_owned()],
        _ => vec!["NO".to_owned()],
    }
}

/// A path of the document with ids of a tenant in it.
fn filled_in(path: &str, source: i64, target: i64) -> String {
    let name = path.split('/').nth(1).unwrap();
    let of = if path.contains("/projects/{target}") { "projects" } else { "employees" };
    let (ids, targets) = (id_of(name, source), id_of(of, target));
    let mut filled = path.replace("{id}", &ids[0]).replace("{target}", &targets[0]);
    for (at, id) in ids.iter().enumerate() {
        filled = filled.replace(&format!("{{id{}}}", at + 1), id);
    }
    filled
}

/// Each operation of the document: its method, its path, and whether it asks for a `where`.
fn operations(db: &Database) -> Vec<(String, String, bool)> {
    let document = api(db).openapi().unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method == "parameters" {
                continue;
            }
            let parameters = operation["parameters"].as_array().unwrap();
            let is_where = |one: &Value| one["name"] == "where" && one["required"] == true;
            let needs_where = parameters.iter().any(is_where);
            all.push((method.to_uppercase(), path.clone(), needs_where));
        }
    }
    all
}

async fn count(tasks: Filtered<Task>) -> Result<String, Problem> {
    Ok(tasks.query().count(tasks.database()).await?.to_string())
}

async fn show(ById(task): ById<Task>) -> String {
    task.text
}

/// Bodies that name rows of another tenant.
const BODIES: [&str; 4] = [
    r#"{"name": "mine", "text": "mine"}"#,
    r#"{"text": "mine", "employee_id": 4}"#,
    r#"{"name": "mine", "manager_id": 4}"#,
    r#"{"id": 77, "account_id": 10, "payer_id": 10, "note": "mine"}"#,
];

behaviour! {
    async fn no_route_shows_or_changes_rows_of_another_tenant(db) {
        let router = filled(db).await;
        let before = rows(db, 2).await;
        let operations = operations(db);
        assert!(operations.len() > 60, "{}", operations.len());
        for (method, path, needs_where) in &operations {
            for (source, target) in [(2, 1), (1, 2), (2, 2), (1, 1)] {
                let mut uri = filled_in(path, source, target);
                if *needs_where {
                    uri = with(&uri, "where", r#"{"tenant_id": {"gt": 0}}"#);
                }
                let bodies = if method == "GET" { &BODIES[..1] } else { &BODIES[..] };
                for body in bodies {
                    let is_query = path.ends_with("/query");
                    let body = if is_query { "{}" } else { *body };
                    let body = (method != "GET" && method != "DELETE").then_some(body);
                    let answer = ask(&router, method, &uri, body).await;
                    assert!(answer.status < 500, "{method} {uri} {answer:?}");
                    assert!(!answer.text.contains("of 2"), "{method} {uri} {answer:?}");
                    assert!(!answer.text.contains("\"tenant_id\":2"), "{method} {uri} {answer:?}");
                    // A row of another tenant is not there.
                    let names_source = source == 2 && path.contains("{id") && !path.starts_with("/countries");
                    let names_target = target == 2 && path.contains("{target");
                    if names_source || names_target {
                        let refused = [400, 404, 422].contains(&answer.status);
                        assert!(refused, "{method} {uri} {answer:?}");
                    }
                }
            }
        }
        assert_eq!(rows(db, 2).await, before);
    }

    async fn a_tenant_reads_its_own_rows_by_every_route(db) {
        let router = filled(db).await;
        let get = async |uri: &str| ask(&router, "GET", uri, None).await.is(200);
        let texts = |answer: &Answer| answer.text.matches("of 1").count();
        assert_eq!(send(&router, "GET", "/tasks", &[], None).await.is(401).code(), "NO_TENANT");
        for (uri, found) in [
            ("/accounts?include=invoices,country,paid", 2 + 2 + 2), ("/accounts/1/10/invoices", 1),
            ("/accounts/1/10/paid", 2), ("/invoices/1/11/account", 1), ("/invoices?include=account,payer", 6),
            ("/employees?include=reports,manager,tasks,projects", 3 + 2 + 2 + 3 + 2), ("/employees/1/reports", 2),
            ("/employees/2/ancestors", 1), ("/employees/1/descendants?nested=true", 2), ("/employees/2/projects", 1),
            ("/projects/1/employees?include=tasks", 4), ("/tasks?include=employee.manager", 8), ("/tasks/1/employee", 1),
        ] {
            assert_eq!(texts(&get(uri).await), found, "{uri}");
        }
        for (uri, count) in [
            ("/accounts/count", 2), ("/tasks/count", 3), ("/employees/1/reports/count", 2), ("/projects/1/employees/count", 2),
        ] {
            assert_eq!(get(uri).await.json(), json!({ "count": count }), "{uri}");
        }
        let answer = send(&router, "GET", "/tasks?include=employee", &[("tenant", "1"), ("accept", "application/x-ndjson")], None).await;
        assert_eq!((answer.text.lines().count(), texts(&answer), answer.text.matches("of 2").count()), (3, 6, 0));
        for (path, condition, found) in [
            ("/employees", r#"{"tasks": {"count": {"gt": 0}}}"#, 3), ("/employees", r#"{"projects": {"none": {}}}"#, 1),
            ("/projects", r#"{"employees": {"count": 2}}"#, 1), ("/tasks", r#"{"employee": {"manager": null}}"#, 1),
            ("/tasks", r#"{"employee": {"manager": {"tasks": {"any": {"text": "of 2"}}}}}"#, 0), ("/tasks", r#"{"tenant_id": 2}"#, 0),
            ("/tasks", r#"{"or": [{"tenant_id": 2}, {"employee": {"tenant_id": 2}}]}"#, 0),
        ] {
            assert_eq!(get(&with(path, "where", condition)).await.json().as_array().unwrap().len(), found, "{condition}");
        }
        // A cursor of another tenant's row leads nowhere.
        let stranger = ask(&router, "GET", "/employees?order=name&after=5", None).await;
        assert_eq!(stranger.is(410).code(), "CURSOR_GONE");
    }

    async fn new_rows_belong_to_the_tenant(db) {
        let router = filled(db).await;
        let post = async |uri: &str, body: &str| ask(&router, "POST", uri, Some(body)).await;
        let new = post("/employees", r#"{"name": "new", "tasks": [{"text": "a"}], "manager": {"name": "boss"}}"#).await.is(201).json();
        assert_eq!((&new["tenant_id"], &new["tasks"][0]["tenant_id"], &new["manager"]["tenant_id"]), (&json!(1), &json!(1), &json!(1)));
        // Two parents of one new row share a part of their keys: the tenant.
        let invoice = r#"{"id": 90, "note": "n", "account": {"id": 91, "name": "a"}, "payer": {"id": 92, "name": "b"}}"#;
        let new = post("/invoices", invoice).await.is(201).json();
        assert_eq!((&new["account"]["id"], &new["payer"]["id"], &new["tenant_id"]), (&json!(91), &json!(92), &json!(1)));
        let invoice = r#"{"id": 93, "note": "n", "payer": {"id": 94, "name": "b"}}"#;
        let new = post("/accounts/1/10/invoices", invoice).await.is(201).json();
        assert_eq!((&new["account_id"], &new["payer_id"]), (&json!(10), &json!(94)));
        let refused = post("/accounts/1/10/invoices", r#"{"id": 95, "payer_id": 10, "note": "n", "account": {"id": 96, "name": "b"}}"#).await;
        assert_eq!((refused.is(422).code(), Invoice::find().count(&db.tenant(1_i64)).await.unwrap()), ("KEY_MISMATCH".into(), 4));
        for body in [r#"{"name": "x", "tenant_id": 2}"#, r#"{"name": "x", "tasks": [{"text": "a", "tenant_id": 2}]}"#] {
            assert_eq!(post("/employees", body).await.is(422).code(), "READ_ONLY", "{body}");
        }
        let moved = ask(&router, "PATCH", "/employees/1", Some(r#"{"tenant_id": 2}"#)).await;
        assert_eq!(moved.is(422).code(), "READ_ONLY");
        ask(&router, "PUT", "/employees/1", Some(r#"{"id": 1, "tenant_id": 1, "name": "N", "manager_id": null}"#)).await.is(204);
    }

    async fn a_reference_to_another_tenants_row_is_one_to_no_row(db) {
        let router = filled(db).await;
        let before = rows(db, 1).await;
        for (method, uri, body) in [
            ("POST", "/tasks".to_owned(), r#"{"text": "t", "employee_id": 4}"#),
            ("PATCH", "/tasks/1".to_owned(), r#"{"employee_id": 4}"#),
            ("PUT", "/tasks/1".to_owned(), r#"{"text": "t", "employee_id": 4}"#),
            ("PATCH", with("/tasks", "where", r#"{"id": 1}"#), r#"{"employee_id": 4}"#),
            ("PATCH", with("/employees/2/tasks", "where", r#"{"id": 1}"#), r#"{"employee_id": 4}"#),
            ("POST", "/employees".to_owned(), r#"{"name": "n", "manager_id": 4}"#),
            ("POST", "/employees".to_owned(), r#"{"name": "n", "reports": [{"name": "m", "reports": [], "manager": {"name": "o", "manager_id": 4}}]}"#),
            ("POST", "/employees/1/reports".to_owned(), r#"{"name": "n", "tasks": [{"text": "t", "employee_id": 4}]}"#),
        ] {
            let answer = ask(&router, method, &uri, Some(body)).await;
            let code = answer.is(422).code();
            assert!(["TARGET_NOT_FOUND", "KEY_MISMATCH"].contains(&code.as_str()), "{method} {uri} {body} {code}");
        }
        assert_eq!(rows(db, 1).await, before);
        // Such a row, as another program has made it: its target is not there.
        let stray = NewTask { tenant_id: Some(1), employee_id: 4, text: "stray".into() }.insert(db).await.unwrap();
        let get = async |uri: &str| ask(&router, "GET", uri, None).await;
        assert_eq!(get(&format!("/tasks/{}/employee", stray.id)).await.is(404).code(), "NOT_FOUND");
        let listed = get("/tasks?include=employee&order=-id&limit=1").await.is(200).json();
        assert_eq!((&listed[0]["text"], &listed[0]["employee"]), (&json!("stray"), &json!(null)));
        assert_eq!(get(&format!("/tasks/{}?include=employee.manager", stray.id)).await.is(200).json()["employee"], json!(null));
        let required = r#"{"include": [{"relation": "employee", "required": true}]}"#;
        assert_eq!(get(&with("/tasks", "filter", required)).await.is(200).ids(), [1, 2, 3]);
        assert_eq!(get(&with("/tasks", "where", r#"{"employee": null}"#)).await.is(200).ids(), [stray.id]);
        // It can be changed all the same.
        ask(&router, "PATCH", &format!("/tasks/{}", stray.id), Some(r#"{"text": "odd"}"#)).await.is(204);
    }

    async fn links_and_deletes_are_of_the_tenant(db) {
        let router = filled(db).await;
        let theirs = rows(db, 2).await;
        let send = async |method: &str, uri: &str| ask(&router, method, uri, None).await;
        assert_eq!(send("PUT", "/employees/1/projects/1").await.status, 204);
        assert_eq!(Membership::find().count(&db.tenant(1_i64)).await.unwrap(), 3);
        for uri in ["/employees/1/projects/2", "/employees/4/projects/1", "/employees/4/projects/2", "/projects/2/employees/4"] {
            assert_eq!(send("PUT", uri).await.is(404).code(), "NOT_FOUND", "{uri}");
            assert_eq!(send("DELETE", uri).await.is(404).code(), "NOT_FOUND", "{uri}");
        }
        assert_eq!(send("DELETE", "/employees/1/projects/1").await.status, 204);
        assert_eq!(send("DELETE", "/employees/1/projects/1").await.is(404).code(), "NOT_LINKED");
        // A soft delete.
        assert_eq!(send("DELETE", "/tasks/1").await.status, 204);
        assert_eq!(send("DELETE", "/tasks/1").await.is(404).code(), "NOT_FOUND");
        assert_eq!(send("DELETE", &with("/tasks", "where", r#"{"id": {"gt": 0}}"#)).await.is(200).text, r#"{"count":2}"#);
        assert_eq!(Task::find().only_deleted().count(&db.tenant(1_i64)).await.unwrap(), 3);
        assert_eq!(send("DELETE", &with("/employees/4/tasks", "where", r#"{"id": {"gt": 0}}"#)).await.is(404).code(), "NOT_FOUND");
        assert_eq!(rows(db, 2).await, theirs);
    }

    async fn handlers_of_ones_own_see_the_tenant(db) {
        let _ = filled(db).await;
        let app = axum::Router::new().route("/tally", axum::routing::get(count)).route("/text/{id}", axum::routing::get(show));
        let app = app.with_state(api(db).filters().unwrap());
        assert_eq!(ask(&app, "GET", "/tally", None).await.is(200).text, "3");
        assert_eq!(ask(&app, "GET", "/text/1", None).await.is(200).text, "of 1");
        assert_eq!(ask(&app, "GET", "/text/4", None).await.is(404).code(), "NOT_FOUND");
        assert_eq!(send(&app, "GET", "/text/1", &[], None).await.is(401).code(), "NO_TENANT");
    }
}

#[tokio::test]
async fn an_api_of_tenants_serves_entities_of_tenants() {
    let db = crate::support::sqlite().await;
    let setup = |api: Api| api.tenant(tenant).router::<()>().map(drop).unwrap_err().to_string();
    let why = setup(Api::new(&db).serve::<Tag>(|it| it.all()));
    assert!(why.contains("`Tag` has neither a `#[tenant]` nor `#[entity(shared)]`"), "{why}");
    // The link of a relation is an entity too, as far as the relation is served.
    let api = Api::new(&db).serve::<Employee>(|it| it.all()).serve::<Project>(|it| it.all());
    assert!(api.tenant(tenant).router::<()>().is_ok());
    let wrong = Api::new(&db).serve::<Task>(|it| it.all()).tenant(|_| Ok(1_i32));
    let why = wrong.router::<()>().map(drop).unwrap_err().to_string();
    assert!(
        why.contains("the tenant `Task.tenant_id` is BigInt, and `tenant` gives Integer"),
        "{why}"
    );
}
