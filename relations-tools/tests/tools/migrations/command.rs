//! The command line of a program with entities: its exit codes, its files, its JSON.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::versions::{one, two};
use super::{count, run};
use crate::command::Folder;

/// Runs `relations apply` and kills it when a step begins.
pub fn killed(folder: &Folder, url: &str, step: usize) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_relations"))
        .args(["apply", "--url", url, "--dir", &folder.path("")])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let begins = format!(": step {step} of ");
    for line in lines.map_while(Result::ok) {
        if line.contains(&begins) {
            break;
        }
    }
    // SIGKILL.
    let _ = child.kill();
    child.wait().unwrap();
}

/// The output of a command, and its exit code.
pub struct Printed {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// The entities whose command line a child is.
const VERSION: &str = "RELATIONS_TOOLS_VERSION";
const ARGUMENTS: &str = "RELATIONS_TOOLS_ARGUMENTS";
const MARK: &str = "-- the command line:\n";

/// Not a test of its own: the command line of a program with entities, which other tests run.
#[test]
fn child() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
    let arguments: Vec<String> = serde_json::from_str(&arguments).unwrap();
    let schema = if std::env::var(VERSION).unwrap() == "1" { one::all() } else { two::all() };
    print!("{MARK}");
    std::io::Write::flush(&mut std::io::stdout()).unwrap();
    let code = relations_tools::run(schema, [vec!["schema".to_owned()], arguments].concat());
    let code = [0_u8, 1, 2].into_iter().find(|one| std::process::ExitCode::from(*one) == code);
    std::process::exit(code.map_or(3, i32::from));
}

pub fn schema(version: &str, folder: &Folder, arguments: &[&str]) -> Printed {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "migrations::command::child", "--nocapture"])
        .env(VERSION, version)
        .env(ARGUMENTS, serde_json::to_string(arguments).unwrap())
        .env_remove("DATABASE_URL")
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, out) = out.split_once(MARK).expect("the child ran");
    Printed {
        code: output.status.code().unwrap(),
        out: out.to_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

pub fn json(printed: &Printed) -> Value {
    serde_json::from_str(&printed.out).unwrap_or_else(|error| panic!("{error}: {}", printed.out))
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "each command meets what the one before it left")]
async fn from_an_empty_folder_to_a_second_version() {
    let folder = Folder::new("project");
    let url = format!("sqlite:{}", folder.path("shop.db"));
    let db = relations::connect(&format!("{url}?mode=rwc")).await.unwrap();
    let one = |arguments: &[&str]| schema("1", &folder, arguments);
    let two = |arguments: &[&str]| schema("2", &folder, arguments);

    let first = one(&["generate"]);
    assert_eq!(first.code, 2);
    assert!(first.err.contains("add `--engine postgres` or `--engine sqlite`"), "{}", first.err);
    let dry = one(&["generate", "--engine", "sqlite", "--dry-run"]);
    assert_eq!(dry.code, 0);
    assert!(dry.out.contains("CREATE TABLE \"customers\""), "{}", dry.out);
    assert!(!std::path::Path::new(&folder.path("migrations")).exists());
    let text = |printed: &Printed| printed.out.split_once('\n').unwrap().1.to_owned();
    assert_eq!(text(&one(&["generate", "--engine", "sqlite", "--dry-run"])), text(&dry));
    let first = one(&["generate", "--engine", "sqlite"]);
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    assert!(first.out.contains("_first.sql\n  creates the table `customers`\n"), "{}", first.out);
    let again = one(&["generate"]);
    assert_eq!((again.code, again.out.as_str()), (0, "nothing has changed\n"));

    let status = one(&["status", "--url", &url]);
    assert_eq!(status.code, 1);
    assert!(status.out.starts_with("pending  "), "{}", status.out);
    let status = json(&one(&["status", "--url", &url, "--json"]));
    assert_eq!(status["up_to_date"], false, "{status}");
    assert_eq!(status["files"][0]["state"], "pending", "{status}");
    let check = one(&["check", "--url", &url, "--json"]);
    assert_eq!(check.code, 1);
    assert_eq!(json(&check)[0]["drift"], "broken");
    assert_eq!(json(&check)[0]["table"], "customers");
    let dry = one(&["apply", "--url", &url, "--dry-run"]);
    assert!(dry.code == 0 && dry.out.contains("CREATE TABLE"), "{}", dry.out);
    assert_eq!(count(&db, "SELECT count(*) FROM sqlite_schema").await, 0);
    let applied = one(&["apply", "--url", &url, "--json"]);
    assert_eq!((applied.code, json(&applied)["steps"].as_u64()), (0, Some(3)), "{}", applied.err);
    let status = one(&["status", "--url", &url, "--json"]);
    assert_eq!(status.code, 0);
    assert_eq!(json(&status)["files"][0]["state"], "applied", "{}", status.out);
    let check = one(&["check", "--url", &url, "--json", "--strict"]);
    assert_eq!((check.code, check.out.as_str()), (0, "[]\n"));

    let refused = two(&["generate"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("add `--drop orders` or `--rename orders=invoices`"),
        "{}",
        refused.err
    );
    let refused = two(&["generate", "--json"]);
    assert_eq!(refused.code, 1);
    assert!(json(&refused)["missing"][0]["flags"].is_array(), "{}", refused.out);
    let consents = [
        // A table may be named by the entity that it was of.
        "--rename",
        "Order=invoices",
        "--rename",
        "orders.note=remark",
        "--drop",
        "invoices.key",
        "--drop",
        "index:customers.customers_city_idx",
        "--allow",
        "rewrite:invoices.twice",
        "--fill",
        "lines.weight=7",
        "--fill",
        "invoices.remark='none'",
    ];
    let second = two(&[&["generate", "--back"], &consents[..]].concat());
    assert_eq!(second.code, 0, "{}", second.err);
    assert!(second.out.contains("renames the table `orders` to `invoices`"), "{}", second.out);
    let module = std::fs::read_to_string(folder.path("migrations/mod.rs")).unwrap();
    assert_eq!(module.matches("include_str!").count(), 2);
    assert_eq!(std::fs::read_dir(folder.path("migrations/back")).unwrap().count(), 1);

    run(&db, super::versions::ROWS).await;
    let applied = two(&["apply", "--url", &url]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    let check = two(&["check", "--url", &url, "--strict"]);
    assert_eq!(check.code, 0, "{}", check.out);
    assert_eq!(count(&db, "SELECT count(*) FROM invoices WHERE remark = 'none'").await, 1);

    // SQL by hand, in the middle of all.
    let empty = two(&["generate", "--empty", "Copy Totals", "--json"]);
    let file = json(&empty)["file"].as_str().unwrap().to_owned();
    assert!(file.ends_with("_copy_totals.sql"), "{file}");
    let path = folder.path(&format!("migrations/{file}"));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.clone() + "UPDATE invoices SET total = total + 1;\n").unwrap();
    assert_eq!(two(&["apply", "--url", &url]).code, 0);
    std::fs::write(&path, text + "UPDATE invoices SET total = total + 2;\n").unwrap();
    let changed = two(&["status", "--url", &url]);
    assert_eq!(changed.code, 1);
    assert!(
        changed.out.contains("was `UPDATE invoices SET total = total + 1;`"),
        "{}",
        changed.out
    );
    let refused = two(&["apply", "--url", &url]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.err.contains(&format!("accept {}", file.trim_end_matches(".sql"))),
        "{}",
        refused.err
    );
    let state = json(&two(&["status", "--url", &url, "--json"]));
    let at = state["files"].as_array().unwrap().len() - 1;
    assert_eq!(state["files"][at]["is"], "UPDATE invoices SET total = total + 2;", "{state}");
    let dry = two(&["accept", &file, "--url", &url, "--dry-run"]);
    let name = file.trim_end_matches(".sql");
    assert_eq!(
        (dry.code, dry.out),
        (0, format!("{name} would be taken as it is\n")),
        "{}",
        dry.err
    );
    assert_eq!(two(&["status", "--url", &url]).code, 1, "a dry run writes nothing");
    assert_eq!(two(&["accept", "nothing", "--url", &url, "--dry-run"]).code, 2);
    let accepted = two(&["accept", &file, "--url", &url, "--json"]);
    assert_eq!(accepted.code, 0, "{}", accepted.err);
    let told = json(&accepted);
    assert_eq!((&told["file"], &told["written"]), (&Value::from(name), &Value::from(true)));
    assert_eq!(two(&["status", "--url", &url]).code, 0);
    assert_eq!(two(&["accept", "nothing", "--url", &url]).code, 2);
}

#[tokio::test]
async fn a_database_that_is_there_is_taken_as_it_is() {
    let folder = Folder::new("baseline");
    let url = format!("sqlite:{}", folder.path("shop.db"));
    let db = relations::connect(&format!("{url}?mode=rwc")).await.unwrap();
    let one = |arguments: &[&str]| schema("1", &folder, arguments);
    assert_eq!(one(&["generate", "--engine", "sqlite"]).code, 0);
    let drift = one(&["baseline", "--url", &url]);
    assert!(drift.code == 1 && drift.out.contains("broken"), "{}", drift.out);
    let drift = json(&one(&["baseline", "--url", &url, "--json"]));
    assert_eq!(drift["findings"][0]["drift"], "broken", "{drift}");
    db.create(one::all()).await.unwrap();
    assert_eq!(one(&["baseline", "--url", &url, "--dry-run"]).code, 0);
    assert_eq!(one(&["status", "--url", &url]).code, 1);
    let taken = one(&["baseline", "--url", &url, "--json"]);
    assert_eq!((taken.code, json(&taken)["files"].as_u64()), (0, Some(1)), "{}", taken.out);
    assert_eq!(one(&["status", "--url", &url]).code, 0);
    // A database that lacks an index is the other side of a comparison.
    run(&db, ["DROP INDEX customers_city_idx"]).await;
    let from = one(&["generate", "--from", &url, "--dry-run", "--json"]);
    assert_eq!(from.code, 0, "{}", from.err);
    assert_eq!(json(&from)["changes"][0], "adds the index `customers_city_idx` to `customers`");
}

#[test]
fn a_diagram_of_the_entities_needs_no_database() {
    let folder = Folder::new("diagram");
    let drawn = schema("1", &folder, &["diagram"]);
    assert_eq!((drawn.code, drawn.err.as_str()), (0, ""));
    assert!(drawn.out.starts_with("erDiagram\n    customers {\n"), "{}", drawn.out);
    assert!(drawn.out.contains("customers ||--o{ orders : \"customer_id\""), "{}", drawn.out);
    let some = schema(
        "1",
        &folder,
        &["diagram", "--only", "lines", "--format", "svg", "--output", "it.svg"],
    );
    assert_eq!((some.code, some.out.as_str()), (0, ""), "{}", some.err);
    let svg = std::fs::read_to_string(folder.path("it.svg")).unwrap();
    assert!(
        svg.starts_with("<svg ")
            && svg.contains(">lines</text>")
            && !svg.contains(">orders</text>")
    );
}

#[test]
fn the_same_change_is_the_same_file() {
    let files = |name: &str| {
        let folder = Folder::new(name);
        for (version, arguments) in [
            ("1", &["generate", "--engine", "postgres", "first"][..]),
            (
                "2",
                &[
                    "generate",
                    "second",
                    "--rename",
                    "orders=invoices",
                    "--rename",
                    "orders.note=remark",
                    "--drop",
                    "invoices.key",
                    "--drop",
                    "index:customers.customers_city_idx",
                    "--allow",
                    "rewrite:invoices.twice",
                    "--allow",
                    "rewrite:invoices.total",
                    "--fill",
                    "lines.weight=7",
                    "--fill",
                    "invoices.remark=''",
                ],
            ),
        ] {
            let printed = schema(version, &folder, arguments);
            assert_eq!(printed.code, 0, "{}", printed.err);
        }
        let entries = std::fs::read_dir(folder.path("migrations")).unwrap();
        let mut texts: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_none_or(|extension| extension != "rs"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            // The header names the time of the file before.
            .map(|text| {
                text.lines()
                    .filter(|line| !line.starts_with("-- after:"))
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .collect();
        texts.sort();
        texts
    };
    let (one, other) = (files("same"), files("again"));
    assert_eq!(one.len(), 3);
    assert_eq!(one, other);
}

#[test]
fn completions_and_help() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish"] {
        let printed = schema("1", &folder, &["completions", shell]);
        assert!(printed.code == 0 && printed.out.contains("generate"), "{}", printed.out);
    }
    for command in [
        "generate",
        "apply",
        "status",
        "baseline",
        "accept",
        "check",
        "pull",
        "diagram",
        "completions",
    ] {
        let help = schema("1", &folder, &[command, "--help"]);
        assert_eq!(help.code, 0);
        assert!(help.out.contains("Example"), "{}", help.out);
    }
    for wrong in [
        &["generate", "--engine", "sqlite", "--rename", "a"][..],
        &["generate", "--engine", "sqlite", "--allow", "orders.total"],
        &["apply"],
        &["apply", "--url", "sqlite:nowhere/at/all.db"],
    ] {
        let printed = schema("1", &folder, wrong);
        assert_eq!(printed.code, 2, "{wrong:?}: {}", printed.err);
        assert!(printed.err.starts_with("error: "), "{wrong:?}: {}", printed.err);
    }
}
