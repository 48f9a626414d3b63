//! The commands that write and apply migrations.

mod arguments;
mod progress;

use std::io::{self, Write};

use clap::ArgMatches;
use relations::shape::migration::{
    ApplyOptions, Consents, FileStatus, Migration, Mode, Plan, State, Status, Step, compared, plan,
};
use relations::{Engine, Schema};
use serde_json::json;

pub(super) use self::arguments::commands;
use self::progress::{clear_line, show};
use super::{DRIFT, Failure, NOTHING, connect, print};
use crate::migrations::{Folder, Snapshot, name_of};

/// The entities, which only a program of the user's has.
fn entities<'a>(schema: Option<&'a Schema>, command: &str) -> Result<&'a Schema, Failure> {
    schema.ok_or_else(|| {
        format!(
            "`{command}` needs the entities; write a binary of your own, whose `main` calls \
             `relations_tools::main(schema![…])`"
        )
    })
}

fn folder(matches: &ArgMatches) -> Folder {
    Folder::new(matches.get_one::<String>("dir").map_or("migrations", String::as_str))
}

pub(super) async fn generate(schema: Option<&Schema>, matches: &ArgMatches) -> Result<u8, Failure> {
    let schema = entities(schema, "generate")?;
    let folder = folder(matches);
    let snapshot = folder.snapshot()?;
    let engine = engine_of(matches, snapshot.as_ref())?;
    let name = matches.get_one::<String>("name").map(String::as_str);
    if matches.get_flag("empty") {
        let (file, text) = folder.next(engine, name.unwrap_or("by_hand"), &[])?;
        let text = text + "\n-- step: transaction\n";
        return write(&folder, matches, &file, &text, None, None);
    }
    let unlisted: Vec<_> = schema.unlisted().map(|entity| entity.name).collect();
    if !unlisted.is_empty() {
        return Err(format!(
            "relations lead to `{}`, which the schema does not list; add it to `schema![…]`",
            unlisted.join("`, `"),
        ));
    }
    let is_first = snapshot.is_none() && folder.texts()?.is_empty();
    let before = match snapshot {
        Some(snapshot) => snapshot,
        None => Snapshot::empty(engine)?,
    };
    let consents = consents(matches, &before)?;
    let after = Snapshot::of(schema, engine)?;
    let shapes = match matches.get_one::<String>("from") {
        Some(url) => {
            let db = relations::connect(url).await.map_err(|error| error.to_string())?;
            compared(&db, schema, &consents).await.map_err(|error| error.to_string())?
        }
        None => (before.shape, after.shape.clone()),
    };
    let planned = match plan(&shapes.0, &shapes.1, &consents) {
        Ok(planned) => planned,
        Err(refusal) => {
            if matches.get_flag("json") {
                let missing = refusal.missing.iter();
                let missing =
                    missing.map(|one| json!({ "message": one.message, "flags": one.flags }));
                let missing: Vec<_> = missing.collect();
                print_json(&json!({ "missing": missing, "unknown": refusal.unknown }))?;
            } else {
                let _ = write!(io::stderr(), "{refusal}");
            }
            return Ok(DRIFT);
        }
    };
    if planned.steps.is_empty() {
        if !is_first && !matches.get_flag("dry-run") {
            folder.write_snapshot(&after)?;
        }
        return tell(matches, &json!({ "file": null, "changes": [] }), "nothing has changed\n");
    }
    let name = name.map_or_else(|| name_of(&planned.changes, is_first), str::to_owned);
    let (file, text) = folder.next(engine, &name, &planned.steps)?;
    if matches.get_flag("back") && !matches.get_flag("dry-run") {
        let back = plan(&shapes.1, &shapes.0, &Consents::everything());
        let back = back.map_err(|refusal| refusal.to_string())?;
        folder.write_back(engine, &file, &back.steps)?;
    }
    write(&folder, matches, &file, &text, Some(&after), Some(&planned))
}

fn engine_of(matches: &ArgMatches, snapshot: Option<&Snapshot>) -> Result<Engine, Failure> {
    let asked = matches.get_one::<String>("engine").map(|engine| match engine.as_str() {
        "sqlite" => Engine::Sqlite,
        _ => Engine::Postgres,
    });
    let of_url = |url: String| {
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        (url.starts_with("sqlite:") || url.starts_with("postgres")).then_some(engine)
    };
    let known = snapshot.map(|snapshot| snapshot.shape.engine);
    match (asked, known) {
        (Some(asked), Some(known)) if asked != known => Err(
            "the migrations of this folder are for another engine; name a folder for each with `--dir`"
                .to_owned(),
        ),
        (asked, known) => asked
            .or(known)
            .or_else(|| of_url(matches.get_one::<String>("from")?.clone()))
            .or_else(|| of_url(std::env::var("DATABASE_URL").ok()?))
            .ok_or_else(|| {
                "the first migration needs to know the engine; add `--engine postgres` or `--engine \
                 sqlite`"
                    .to_owned()
            }),
    }
}

fn consents(matches: &ArgMatches, before: &Snapshot) -> Result<Consents, Failure> {
    let all = |name: &str| matches.get_many::<String>(name).unwrap_or_default();
    let pair = |flag: &str, text: &str| {
        let pair = text.split_once('=').map(|(from, to)| (from.to_owned(), to.to_owned()));
        pair.filter(|(from, to)| !from.is_empty() && !to.is_empty())
            .ok_or_else(|| format!("`--{flag} {text}` has no `=`; write `--{flag} orders.note=…`"))
    };
    let mut consents = Consents::new();
    for name in all("drop") {
        // A table may be named by its entity.
        consents = consents.drop(before.table_of(name));
    }
    for text in all("rename") {
        let (from, to) = pair("rename", text)?;
        consents = consents.rename(before.table_of(&from), to);
    }
    for text in all("fill") {
        let (column, value) = pair("fill", text)?;
        consents = consents.fill(column, value);
    }
    for text in all("allow") {
        let column = text.strip_prefix("rewrite:").ok_or_else(|| {
            format!("`--allow {text}` allows nothing; write `--allow rewrite:orders.total`")
        })?;
        consents = consents.rewrite(column);
    }
    Ok(consents)
}

fn write(
    folder: &Folder,
    matches: &ArgMatches,
    file: &str,
    text: &str,
    snapshot: Option<&Snapshot>,
    planned: Option<&Plan>,
) -> Result<u8, Failure> {
    let changes: Vec<_> =
        planned.iter().flat_map(|plan| &plan.changes).map(ToString::to_string).collect();
    let name = format!("{file}.sql");
    if matches.get_flag("dry-run") {
        let told = json!({ "file": name, "changes": changes, "sql": text, "written": false });
        return tell(matches, &told, &format!("-- {name}\n{text}"));
    }
    let path = folder.add(file, text)?;
    if let Some(snapshot) = snapshot {
        folder.write_snapshot(snapshot)?;
    }
    let told = changes.iter().map(|change| format!("  {change}"));
    let lines = lines([format!("wrote {}", path.display())].into_iter().chain(told));
    tell(matches, &json!({ "file": name, "changes": changes, "written": true }), &lines)
}

pub(super) async fn apply(matches: &ArgMatches) -> Result<u8, Failure> {
    let migrations = folder(matches).migrations()?;
    let db = connect(matches).await?;
    let to = matches.get_one::<String>("to");
    if matches.get_flag("dry-run") {
        let status = migrations.status(&db).await.map_err(|error| error.to_string())?;
        let files = migrations.files().map_err(|error| error.to_string())?;
        return dry_run(matches, &status, &files, to.map(String::as_str));
    }
    let mut options = ApplyOptions::new().progress(show);
    if let Some(to) = to {
        options = options.to(to);
    }
    let applied = migrations
        .apply_with(&db, &options)
        .await
        .map_err(|error| clear_line(error.to_string()))?;
    let mut told: Vec<_> = applied.files.iter().map(|file| format!("applied {file}")).collect();
    let ahead = applied.ahead.iter();
    told.extend(ahead.map(|file| format!("the database is ahead: {file} is not among the files")));
    if applied.files.is_empty() {
        told.push("everything is applied".to_owned());
    }
    let text = lines(told);
    let told = json!({ "files": applied.files, "steps": applied.steps, "ahead": applied.ahead });
    clear_line(String::new());
    tell(matches, &told, &text)
}

fn dry_run(
    matches: &ArgMatches,
    status: &Status,
    files: &[Migration],
    to: Option<&str>,
) -> Result<u8, Failure> {
    let (mut text, mut told) = (String::new(), Vec::new());
    for file in files {
        let is_behind = to.is_some_and(|to| &*file.name > to && !file.name.starts_with(to));
        let state = status.files.iter().find(|one| one.name == file.name).map(|one| &one.state);
        let done = match state {
            Some(State::Pending) => 0,
            Some(State::Begun { done, .. }) => *done,
            Some(State::Changed { .. }) => return Err(line_of(&file.name, state)),
            _ => continue,
        };
        if is_behind {
            continue;
        }
        text.push_str("-- ");
        text.push_str(&file.name);
        text.push_str(".sql\n");
        for step in file.steps.iter().skip(done) {
            text.push_str(&step.text);
            text.push('\n');
        }
        let steps: Vec<_> =
            file.steps.iter().skip(done).map(|step| step_json(&step.step)).collect();
        told.push(json!({ "file": file.name, "steps": steps }));
    }
    if told.is_empty() {
        text.push_str("everything is applied\n");
    }
    tell(matches, &json!({ "files": told }), &text)
}

fn step_json(step: &Step) -> serde_json::Value {
    let mode = match step.mode {
        Mode::Alone => "alone",
        _ => "transaction",
    };
    json!({ "step": mode, "comments": step.comments, "statements": step.statements })
}

pub(super) async fn status(matches: &ArgMatches) -> Result<u8, Failure> {
    let migrations = folder(matches).migrations()?;
    let db = connect(matches).await?;
    let status = migrations.status(&db).await.map_err(|error| error.to_string())?;
    let text: String =
        status.files.iter().map(|file| line_of(&file.name, Some(&file.state)) + "\n").collect();
    let files: Vec<_> = status.files.iter().map(state_json).collect();
    let text = if text.is_empty() { "there are no migrations\n".to_owned() } else { text };
    tell(matches, &json!({ "files": files, "up_to_date": status.is_up_to_date() }), &text)?;
    Ok(if status.is_up_to_date() { NOTHING } else { DRIFT })
}

fn line_of(name: &str, state: Option<&State>) -> String {
    match state {
        Some(State::Applied) => format!("applied  {name}"),
        Some(State::Begun { done, steps }) => format!("begun    {name}: {done} of {steps} steps"),
        Some(State::Changed { line, was, is }) => format!(
            "changed  {name}: line {line} was `{was}` when it was applied, and is `{is}`; undo the \
             change, or say `accept {name}`"
        ),
        Some(State::Unknown) => {
            format!("unknown  {name}: it is applied and is not among the files")
        }
        _ => format!("pending  {name}"),
    }
}

fn state_json(file: &FileStatus) -> serde_json::Value {
    match &file.state {
        State::Applied => json!({ "file": file.name, "state": "applied" }),
        State::Begun { done, steps } => {
            json!({ "file": file.name, "state": "begun", "done": done, "steps": steps })
        }
        State::Changed { line, was, is } => {
            json!({ "file": file.name, "state": "changed", "line": line, "was": was, "is": is })
        }
        State::Unknown => json!({ "file": file.name, "state": "unknown" }),
        _ => json!({ "file": file.name, "state": "pending" }),
    }
}

pub(super) async fn baseline(schema: Option<&Schema>, matches: &ArgMatches) -> Result<u8, Failure> {
    let schema = entities(schema, "baseline")?;
    let migrations = folder(matches).migrations()?;
    let db = connect(matches).await?;
    let report = db.check(schema.clone()).await.map_err(|error| error.to_string())?;
    if !report.is_empty() {
        let findings: Vec<_> = report.findings().collect();
        let told = serde_json::to_value(&findings).map_err(|error| error.to_string())?;
        tell(matches, &json!({ "findings": told }), &report.to_string())?;
        return Ok(DRIFT);
    }
    let count = migrations.files().map_err(|error| error.to_string())?.len();
    if !matches.get_flag("dry-run") {
        migrations.baseline(&db, schema.clone()).await.map_err(|error| error.to_string())?;
    }
    let text = format!("{count} migrations are taken for applied\n");
    tell(matches, &json!({ "files": count }), &text)
}

pub(super) async fn accept(matches: &ArgMatches) -> Result<u8, Failure> {
    let folder = folder(matches);
    let file = matches.get_one::<String>("file").map_or("", String::as_str);
    let file = file.rsplit('/').next().unwrap_or(file);
    let file = file.strip_suffix(".sql").unwrap_or(file);
    let is_dry = matches.get_flag("dry-run");
    let is_offline = matches.get_flag("offline");
    if is_offline && !folder.texts()?.iter().any(|(name, _)| name == file) {
        return Err(format!("no migration is named `{file}`"));
    }
    let linked = folder.link(is_dry)?;
    let wrote = if is_dry { "would write" } else { "wrote" };
    let mut told: Vec<_> =
        linked.iter().map(|file| format!("{wrote} the header of {file}")).collect();
    if !is_dry {
        folder.write_module()?;
    }
    if !is_offline {
        let db = connect(matches).await?;
        let migrations = folder.migrations()?;
        if is_dry {
            let status = migrations.status(&db).await.map_err(|error| error.to_string())?;
            if !status.files.iter().any(|one| one.name == file) {
                return Err(format!("no migration is named `{file}`"));
            }
            told.push(format!("{file} would be taken as it is"));
        } else {
            migrations.accept(&db, file).await.map_err(|error| error.to_string())?;
            told.push(format!("{file} is taken as it is"));
        }
    }
    let json = json!({ "file": file, "linked": linked, "written": !is_dry });
    tell(matches, &json, &lines(told))
}

/// Texts, a line each.
fn lines(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().fold(String::new(), |all, text| all + &text + "\n")
}

/// Prints the result, as JSON or as text.
fn tell(matches: &ArgMatches, json: &serde_json::Value, text: &str) -> Result<u8, Failure> {
    if matches.get_flag("json") {
        print_json(json)?;
    } else {
        print(text)?;
    }
    Ok(NOTHING)
}

fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    print(&(text + "\n"))
}
