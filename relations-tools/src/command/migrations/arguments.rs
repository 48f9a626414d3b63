//! The arguments of the commands that write and apply migrations.

use clap::{Arg, ArgAction, Command};

use crate::command::flag;

const GENERATE_EXAMPLES: &str = "Examples:
  schema generate --engine postgres
  schema generate order_notes --rename orders.note=remark
  schema generate --drop orders.note --allow rewrite:orders.total
  schema generate --fill orders.state=\"'new'\"
  schema generate --from postgres://localhost/shop --dry-run
  schema generate --empty copy_totals

Nothing is dropped, renamed or written anew unless it is named here: a table (`--drop orders`), a column
(`--drop orders.note`), a constraint (`--drop constraint:orders.orders_total_check`), an index
(`--drop index:orders.orders_city_idx`), an enum (`--drop enum:state`), a word of one
(`--drop word:state.sent`) or the counter of a column (`--drop counter:orders.id`).

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

pub(in crate::command) fn commands(url: &Arg, has_entities: bool) -> [Command; 5] {
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
             schema accept 20261129T1410_orders_note --dry-run\n  \
             schema accept 20261129T1410_orders_note --offline",
        )
        .arg(Arg::new("file").value_name("FILE").required(true).help("The migration"))
        .arg(url.clone())
        .arg(dir)
        .arg(flag("dry-run", "Tells the files that would be written, and writes nothing"))
        .arg(flag("offline", "Only names the changed file in the header of the next one"))
        .arg(json);
    let hidden = |command: Command| if has_entities { command } else { command.hide(true) };
    [hidden(generate), apply, status, hidden(baseline), accept]
}
