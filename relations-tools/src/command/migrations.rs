//! The commands that write and apply migrations.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};
use relations::shape::migration::{
    ApplyOptions, Consents, FileStatus, Migration, Mode, Plan, Progress, State, Status, Step,
    compared, plan,
};
use relations::{Engine, Schema};
use serde_json::json;

use super::{DRIFT, Failure, NOTHING, connect, flag, print};
use crate::migrations::{Folder, Snapshot, name_of};

const GENERATE_EXAMPLES: &str = "Examples:
  schema generate --engine postgres
  schema generate order_notes --rename orders.note=remark
  schema generate --drop orders.note --allow rewrite:orders.total
  schema generate --fill orders.state=\"'new'\"
  schema generate --from postgres://localhost/shop --dry-run
  schema generate --empty copy_totals

Nothing is dropped, renamed or written anew unless it is named here: a table (`--drop orders`), a column
(`--drop orders.note`), a constraint (`--drop constraint:orders.orders_total_check`), an index
(`--drop index:orders.orders_city_idx`), an enum (`--drop enum:state`) or a word of one
(`--drop word:state.sent`).

Exit codes: 0 where a file was written or nothing is to be changed, 1 where consent is missing, 2 where
something could not be done.";

const APPLY_EXAMPLES: &str = "Examples:
  schema apply --url postgres://localhost/shop
  schema apply --url sqlite:shop.db --to 20261129T1410
  schema apply --url postgres://localhost/shop --dry-run

Exit codes: 0 where all is applied, 2 where it is not.";

const STATUS_EXAMPLES: &str = "Examples:
  schema status --url postgres://localhost/shop
  schema status --url postgres://localhost/shop --json

Exit codes: 0 where everything is applied as it is written, 1 where it is not, 2 where it could not be
looked at.";

pub(super) fn commands(url: &Arg, has_entities: bool) -> [Command; 5] {
    let dir = Arg::new("dir")
        .long("dir")
        .value_name("FOLDER")
        .default_value("migrations")
        .help("The folder of the migrations");
    let json = flag("json", "Prints the result as JSON");
    let many = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).action(ArgAction::Append).help(help)
    };
    let generate = Command::new("generate")
        .about("Writes a migration from the last snapshot of the entities to the entities")
        .after_help(GENERATE_EXAMPLES)
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .help("A name for the file; without it, by the changes"),
        )
        .arg(dir.clone())
        .arg(
            Arg::new("engine")
                .long("engine")
                .value_parser(["postgres", "sqlite"])
                .help("The engine of the first migration; later ones are of the same"),
        )
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("URL")
                .help("Compares with a database instead of the snapshot"),
        )
        .arg(many("drop", "NAME", "Lets a table, a column or the like be dropped"))
        .arg(many("rename", "OLD=NEW", "Renames a table or a column"))
        .arg(many("allow", "rewrite:COLUMN", "Lets all rows be written anew for a column"))
        .arg(many("fill", "COLUMN=SQL", "Gives a value to rows that would have none"))
        .arg(flag("empty", "Writes a file without steps, for SQL of your own"))
        .arg(flag(
            "back",
            "Writes the way back beside it, into the folder `back`, to be run by hand",
        ))
        .arg(flag("dry-run", "Prints the file and writes nothing"))
        .arg(json.clone());
    let apply = Command::new("apply")
        .about("Applies the migrations that are not applied yet")
        .after_help(APPLY_EXAMPLES)
        .arg(url.clone())
        .arg(dir.clone())
        .arg(Arg::new("to").long("to").value_name("NAME").help("The last migration to be applied"))
        .arg(flag("dry-run", "Prints the steps that would be run, and runs none"))
        .arg(json.clone());
    let status = Command::new("status")
        .about("Compares the migrations with those that are applied")
        .after_help(STATUS_EXAMPLES)
        .arg(url.clone())
        .arg(dir.clone())
        .arg(json.clone());
    let baseline = Command::new("baseline")
        .about(
            "Takes all migrations for applied to a database that holds what the entities promise",
        )
        .after_help("Example:\n  schema baseline --url postgres://localhost/shop")
        .arg(url.clone())
        .arg(dir.clone())
        .arg(flag("dry-run", "Checks the database and writes nothing"))
        .arg(json.clone());
    let accept = Command::new("accept")
        .about("Takes a migration that has changed for what was applied")
        .after_help(
            "Examples:\n  schema accept 20261129T1410_orders_note --url postgres://localhost/shop\n  \
             schema accept 20261129T1410_orders_note --offline",
        )
        .arg(Arg::new("file").value_name("FILE").required(true).help("The migration"))
        .arg(url.clone())
        .arg(dir)
        .arg(flag("offline", "Only names the changed file in the header of the next one"))
        .arg(json);
    let hidden = |command: Command| if has_entities { command } else { command.hide(true) };
    [hidden(generate), apply, status, hidden(baseline), accept]
}

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
    let mut lines: String = changes.iter().map(|change| format!("  {change}\n")).collect();
    lines.insert_str(0, &format!("wrote {}\n", path.display()));
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
    let mut options = ApplyOptions::new().progress(|progress| show(progress));
    if let Some(to) = to {
        options = options.to(to);
    }
    let applied = migrations
        .apply_with(&db, &options)
        .await
        .map_err(|error| clear_line(error.to_string()))?;
    let mut text: String = applied.files.iter().map(|file| format!("applied {file}\n")).collect();
    for ahead in &applied.ahead {
        text.push_str(&format!("the database is ahead: {ahead} is not among the files\n"));
    }
    if applied.files.is_empty() {
        text.push_str("everything is applied\n");
    }
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
        text.push_str(&format!("-- {}.sql\n", file.name));
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
    let linked = folder.link()?;
    folder.write_module()?;
    let mut text: String =
        linked.iter().map(|file| format!("wrote the header of {file}\n")).collect();
    if !matches.get_flag("offline") {
        let db = connect(matches).await?;
        let migrations = folder.migrations()?;
        migrations.accept(&db, file).await.map_err(|error| error.to_string())?;
        text.push_str(&format!("{file} is taken as it is\n"));
    } else if !folder.texts()?.iter().any(|(name, _)| name == file) {
        return Err(format!("no migration is named `{file}`"));
    }
    tell(matches, &json!({ "file": file, "linked": linked }), &text)
}

/// Prints the result, as JSON or as text.
fn tell(matches: &ArgMatches, json: &serde_json::Value, text: &str) -> Result<u8, Failure> {
    if matches.get_flag("json") {
        print_json(json)?
    } else {
        print(text)?
    }
    Ok(NOTHING)
}

fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    print(&(text + "\n"))
}

/// Shows the progress beside the result: on a terminal in one line that changes, elsewhere a line a step.
fn show(progress: &Progress<'_>) {
    let mut out = io::stderr();
    let is_terminal = out.is_terminal();
    let line = match progress {
        Progress::Waiting => "another runner applies migrations; waiting for it".to_owned(),
        Progress::Step { file, number, steps, comments } => {
            let comment = comments.first().map(|comment| format!(": {comment}"));
            format!("{file}: step {number} of {steps}{}", comment.unwrap_or_default())
        }
        Progress::Working { elapsed, phase, done } => {
            if !is_terminal {
                return;
            }
            let part = done.map(|done| format!(" {:.0} %", done * 100.0)).unwrap_or_default();
            let phase = phase.map(|phase| format!(", {phase}{part}")).unwrap_or_default();
            format!("  {}{phase}", told(*elapsed))
        }
        Progress::Retry { retry, pause, error } => {
            format!("  retry {retry} in {}: {error}", told(*pause))
        }
        _ => return,
    };
    let is_short_lived = matches!(progress, Progress::Working { .. });
    let _ = match (is_terminal, is_short_lived) {
        (true, true) => write!(out, "\r\x1b[K{line}"),
        (true, false) => writeln!(out, "\r\x1b[K{line}"),
        (false, _) => writeln!(out, "{line}"),
    };
    let _ = out.flush();
}

/// Clears the line that changes.
fn clear_line(message: String) -> String {
    let mut out = io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K");
    }
    message
}

fn told(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}
