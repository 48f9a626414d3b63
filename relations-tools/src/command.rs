//! The arguments of the command line, and what each command does.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use relations::shape::Shape;
use relations::{Database, Schema};

mod migrations;

use crate::{Dates, Extent, mermaid, pull, svg};

/// Why something could not be done, in a sentence.
pub(crate) type Failure = String;

/// There is nothing to tell.
const NOTHING: u8 = 0;
/// A check has found drift.
const DRIFT: u8 = 1;
/// Something could not be done.
const FAILED: u8 = 2;

const EXAMPLES: &str = "Examples:
  relations pull --url postgres://localhost/shop --output src/entities.rs
  relations diagram --url sqlite:shop.db
  relations diagram --url postgres://localhost/shop --format svg --output shop.svg
  relations diagram --url postgres://localhost/shop --around orders --depth 2";

const PULL_EXAMPLES: &str = "Examples:
  relations pull --url postgres://localhost/shop --output src/entities.rs
  relations pull --url postgres://localhost/shop | diff src/entities.rs -
  relations pull --url sqlite:shop.db --dates time
  relations pull --url sqlite:shop.db --json";

const DIAGRAM_EXAMPLES: &str = "Examples:
  relations diagram --url sqlite:shop.db
  relations diagram --url postgres://localhost/shop --format svg --output shop.svg
  relations diagram --url postgres://localhost/shop --only orders,order_details
  relations diagram --url postgres://localhost/shop --around orders --depth 2

A program with entities draws these, unless a database is named.";

const CHECK_EXAMPLES: &str = "Examples:
  check --url postgres://localhost/shop
  check --url postgres://localhost/shop --strict --json

Exit codes: 0 where the database holds what the entities promise, 1 where there is drift, 2 where it
could not be looked at.";

pub(crate) fn main(
    schema: Option<&Schema>,
    arguments: impl IntoIterator<Item = OsString>,
) -> ExitCode {
    let matches = match command(schema.is_some()).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { FAILED } else { NOTHING });
        }
    };
    match run(schema, &matches) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            let (red, plain) =
                if is_coloured(&io::stderr()) { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
            let _ = writeln!(io::stderr(), "{red}error:{plain} {failure}");
            ExitCode::from(FAILED)
        }
    }
}

fn command(has_entities: bool) -> Command {
    let url = Arg::new("url")
        .long("url")
        .value_name("URL")
        .help("The database: postgres://… or sqlite:…; without it, the variable DATABASE_URL");
    let output = Arg::new("output")
        .long("output")
        .short('o')
        .value_name("FILE")
        .help("A new file to write to; one that exists is left as it is");
    let check = Command::new("check")
        .about("Compares a database with the entities: schema drift")
        .after_help(CHECK_EXAMPLES)
        .arg(url.clone())
        .arg(flag("strict", "Also tells what the database has and the code does not"))
        .arg(flag("json", "Prints the report as JSON"));
    let pull = Command::new("pull")
        .about("Writes a module of entities for the tables of a database")
        .after_help(PULL_EXAMPLES)
        .arg(url.clone())
        .arg(output.clone())
        .arg(
            Arg::new("dates")
                .long("dates")
                .value_parser(["chrono", "time"])
                .default_value("chrono")
                .help("The crate of dates and times"),
        )
        .arg(flag("json", "Prints the shape of the database as JSON instead"));
    let source = if has_entities { "the entities, or of a database" } else { "a database" };
    let diagram = Command::new("diagram")
        .about(format!("Draws the tables of {source}"))
        .after_help(DIAGRAM_EXAMPLES)
        .arg(url.clone())
        .arg(output)
        .arg(
            Arg::new("format")
                .long("format")
                .value_parser(["mermaid", "svg"])
                .default_value("mermaid")
                .help("The kind of text"),
        )
        .arg(
            Arg::new("only")
                .long("only")
                .value_name("TABLES")
                .value_delimiter(',')
                .help("These tables alone"),
        )
        .arg(
            Arg::new("around")
                .long("around")
                .value_name("TABLE")
                .conflicts_with("only")
                .help("A table and those that foreign keys lead to and from"),
        )
        .arg(
            Arg::new("depth")
                .long("depth")
                .value_name("NUMBER")
                .value_parser(clap::value_parser!(u16))
                .default_value("1")
                .help("How many foreign keys to follow from there"),
        );
    let command = Command::new(if has_entities { "schema" } else { "relations" })
        .about("Schema drift, migrations, entities from a database, and diagrams")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true);
    let check = if has_entities { check } else { check.hide(true) };
    let command = command
        .subcommands([check])
        .subcommands(migrations::commands(&url, has_entities))
        .subcommands([pull, diagram, completions()]);
    if has_entities { command } else { command.after_help(EXAMPLES) }
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn run(schema: Option<&Schema>, matches: &ArgMatches) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        match matches.subcommand() {
            Some(("check", matches)) => check(schema, matches).await,
            Some(("generate", matches)) => migrations::generate(schema, matches).await,
            Some(("apply", matches)) => migrations::apply(matches).await,
            Some(("status", matches)) => migrations::status(matches).await,
            Some(("baseline", matches)) => migrations::baseline(schema, matches).await,
            Some(("accept", matches)) => migrations::accept(matches).await,
            Some(("completions", matches)) => complete(schema.is_some(), matches),
            Some(("pull", matches)) => write_entities(matches).await,
            Some(("diagram", matches)) => draw(schema, matches).await,
            _ => Err("expected a command; `--help` lists them".to_owned()),
        }
    })
}

async fn check(schema: Option<&Schema>, matches: &ArgMatches) -> Result<u8, Failure> {
    let Some(schema) = schema else {
        return Err("`check` needs the entities; write a binary of your own, whose `main` calls \
                    `relations_tools::main(schema![…])`"
            .to_owned());
    };
    let db = connect(matches).await?;
    let report = db.check(schema.clone()).await.map_err(|error| error.to_string())?;
    let report = if matches.get_flag("strict") { report.strict() } else { report };
    let text = if matches.get_flag("json") {
        let findings: Vec<_> = report.findings().collect();
        serde_json::to_string_pretty(&findings).map_err(|error| error.to_string())? + "\n"
    } else {
        coloured(&report.to_string())
    };
    print(&text)?;
    Ok(if report.is_empty() { NOTHING } else { DRIFT })
}

/// Whether a stream is a terminal on which nobody has turned colours off by `NO_COLOR`.
fn is_coloured(stream: &impl IsTerminal) -> bool {
    let is_off = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !is_off
}

/// A report with its headings in colour, on a terminal.
fn coloured(report: &str) -> String {
    if !is_coloured(&io::stdout()) {
        return report.to_owned();
    }
    let line = |line: &str| match line {
        "broken" => format!("\x1b[1;31m{line}\x1b[0m\n"),
        "slow" | "differs" => format!("\x1b[1;33m{line}\x1b[0m\n"),
        _ if !line.starts_with(' ') => format!("\x1b[1m{line}\x1b[0m\n"),
        _ if line.starts_with("    ") => format!("\x1b[36m{line}\x1b[0m\n"),
        _ => format!("{line}\n"),
    };
    report.lines().map(line).collect()
}

fn completions() -> Command {
    Command::new("completions")
        .about("Prints the completions of a shell")
        .after_help("Example:\n  relations completions bash > /etc/bash_completion.d/relations")
        .arg(
            Arg::new("shell")
                .required(true)
                .value_parser(["bash", "elvish", "fish", "powershell", "zsh"])
                .help("The shell"),
        )
}

fn complete(has_entities: bool, matches: &ArgMatches) -> Result<u8, Failure> {
    use clap_complete::Shell;
    let shell = match matches.get_one::<String>("shell").map(String::as_str) {
        Some("elvish") => Shell::Elvish,
        Some("fish") => Shell::Fish,
        Some("powershell") => Shell::PowerShell,
        Some("zsh") => Shell::Zsh,
        _ => Shell::Bash,
    };
    let mut text = Vec::new();
    // A program of the user's is completed by its own name.
    let own = std::env::args_os().next();
    let own =
        own.as_deref().map(Path::new).and_then(Path::file_stem).and_then(|name| name.to_str());
    let name = own.unwrap_or("relations").to_owned();
    clap_complete::generate(shell, &mut command(has_entities), name, &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(NOTHING)
}

async fn write_entities(matches: &ArgMatches) -> Result<u8, Failure> {
    let shape = connect(matches).await?.shape().await.map_err(|error| error.to_string())?;
    let text = if matches.get_flag("json") {
        serde_json::to_string_pretty(&shape).map_err(|error| error.to_string())? + "\n"
    } else {
        let dates = match matches.get_one::<String>("dates").map(String::as_str) {
            Some("time") => Dates::Time,
            _ => Dates::Chrono,
        };
        pull(&shape, dates)
    };
    output(matches, &text)
}

async fn draw(schema: Option<&Schema>, matches: &ArgMatches) -> Result<u8, Failure> {
    let is_asked = matches.get_one::<String>("url").is_some();
    let shape: Shape = match schema.filter(|_| !is_asked) {
        Some(schema) => {
            schema.shape(relations::Engine::Postgres).map_err(|error| error.to_string())?
        }
        None => connect(matches).await?.shape().await.map_err(|error| error.to_string())?,
    };
    let extent = extent(&shape, matches)?;
    let text = match matches.get_one::<String>("format").map(String::as_str) {
        Some("svg") => svg(&shape, &extent),
        _ => mermaid(&shape, &extent),
    };
    output(matches, &text)
}

fn extent(shape: &Shape, matches: &ArgMatches) -> Result<Extent, Failure> {
    let known = |name: &String| {
        let is_there = shape.tables.iter().any(|table| table.name == *name);
        let tables = || {
            let names: Vec<_> = shape.tables.iter().map(|table| table.name.as_str()).collect();
            names.join(", ")
        };
        if is_there {
            Ok(name.clone())
        } else {
            Err(format!("there is no table `{name}`; there are {}", tables()))
        }
    };
    if let Some(only) = matches.get_many::<String>("only") {
        return only.map(known).collect::<Result<_, _>>().map(Extent::Only);
    }
    match matches.get_one::<String>("around") {
        Some(table) => {
            let depth = matches.get_one::<u16>("depth").copied().unwrap_or(1);
            Ok(Extent::Around(known(table)?, depth))
        }
        None => Ok(Extent::Whole),
    }
}

async fn connect(matches: &ArgMatches) -> Result<Database, Failure> {
    let given = matches.get_one::<String>("url").cloned();
    let url = given.or_else(|| std::env::var("DATABASE_URL").ok()).ok_or_else(|| {
        "no database is named; write `--url postgres://…` or `--url sqlite:…`, or set DATABASE_URL"
            .to_owned()
    })?;
    relations::connect(&url).await.map_err(|error| error.to_string())
}

/// Writes to a new file, or prints where none is named.
fn output(matches: &ArgMatches, text: &str) -> Result<u8, Failure> {
    match matches.get_one::<String>("output") {
        Some(path) => write_new(Path::new(path), text)?,
        None => print(text)?,
    }
    Ok(NOTHING)
}

/// Somebody may have changed a file that exists.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let told = path.display();
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => format!(
            "`{told}` exists and is left as it is; name another file, or print without `--output` and \
             compare"
        ),
        _ => format!("`{told}` cannot be written: {error}"),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| format!("`{told}` cannot be written: {error}"))
}

fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        // A reader such as `head` has had enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| error.to_string()),
    }
}
