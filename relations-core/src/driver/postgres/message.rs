//! The parts of PostgreSQL's messages that hold no value of a row.
//!
//! DETAIL, HINT and CONTEXT hold rows, and so do many messages about data. SQLSTATE decides, which is
//! alike in every language that a server speaks.

use tokio_postgres::error::DbError;

use crate::error::told::RedactableMessage;

/// The message, and a sentence without values where it may hold some.
pub(crate) fn told(refusal: &DbError) -> RedactableMessage {
    if is_safe(refusal) {
        return RedactableMessage::safe(refusal.message());
    }
    let whole = match refusal.detail() {
        Some(detail) => format!("{}: {detail}", refusal.message()),
        None => refusal.message().to_owned(),
    };
    RedactableMessage::instead(instead(refusal), whole)
}

/// The server's error as the source of ours: its code, its names, and the message where that
/// holds no value.
pub(crate) fn sentence(refusal: &DbError) -> String {
    let mut sentence =
        format!("{} {}: {}", refusal.severity(), refusal.code().code(), told(refusal).shown(false));
    let names = [
        ("table", refusal.table()),
        ("column", refusal.column()),
        ("type", refusal.datatype()),
        ("constraint", refusal.constraint()),
    ];
    let names = names.iter().filter_map(|(kind, name)| Some(format!("{kind} `{}`", (*name)?)));
    let names: Vec<_> = names.collect();
    if !names.is_empty() {
        sentence = format!("{sentence} ({})", names.join(", "));
    }
    sentence
}

/// Whether a message is made of names and numbers of the schema alone.
fn is_safe(refusal: &DbError) -> bool {
    let code = refusal.code().code();
    // A function of the user's own may raise any code, and says what it likes.
    !is_raised(refusal)
        && match code.get(..2).unwrap_or_default() {
            // The text near a syntax error is SQL, which may hold values.
            "42" => code != "42601" && !is_name_of_value(refusal),
            "22" => matches!(code, "22001" | "22012"),
            "08" | "0A" | "0B" | "23" | "25" | "26" | "28" | "2D" | "3B" | "3D" | "3F" | "40"
            | "44" | "53" | "54" | "55" | "57" | "58" => true,
            _ => false,
        }
}

/// Whether a function in a procedural language raised it.
fn is_raised(refusal: &DbError) -> bool {
    let by = refusal.routine().unwrap_or_default();
    let languages =
        ["exec_stmt_raise", "exec_stmt_assert", "PLy_", "plperl", "do_util_elog", "pltcl"];
    languages.iter().any(|language| by.starts_with(language))
}

/// Whether a value was taken for a name, as `regclass` does.
fn is_name_of_value(refusal: &DbError) -> bool {
    let by = refusal.routine().unwrap_or_default();
    by == "RangeVarGetRelidExtended" || (by.starts_with("reg") && by.ends_with("in"))
}

/// The name of a condition in words, and where it is in the SQL.
fn instead(refusal: &DbError) -> String {
    use tokio_postgres::error::ErrorPosition;

    let code = refusal.code().code();
    let condition = match code {
        "22000" => "a value does not fit",
        "22003" => "a number is out of range",
        "22004" | "22002" => "a null is not allowed",
        "22007" | "22008" => "a text or number is not a date or time, or is out of range",
        "2200G" => "a value is of another type",
        "22011" | "22019" | "22025" | "2200C" | "2200B" => {
            "a pattern or range of a text is invalid"
        }
        "22021" => "a text holds bytes that its encoding does not have",
        "22P02" | "22018" => "a text is not a value of the type that it is read as",
        "22P03" => "a value is not one of its type in binary form",
        "22023" => "an argument is invalid",
        "22026" => "a string has another length than its type",
        "2201B" => "a regular expression is invalid",
        "42601" => "the SQL has a syntax error",
        "P0001" => "a function raised an exception",
        "P0002" => "a function found no row",
        "P0003" => "a function found more than one row",
        "P0004" => "an assertion of a function failed",
        _ if is_raised(refusal) => "a function raised an exception",
        _ => match code.get(..2).unwrap_or_default() {
            "22" => "a value is invalid",
            "42" => "a name is not known",
            "21" => "a subquery brought more than one row",
            "P0" => "a function failed",
            "XX" => "an internal error",
            _ => "the statement failed",
        },
    };
    match refusal.position() {
        Some(ErrorPosition::Original(at)) if code == "42601" => {
            format!("{condition} at character {at}")
        }
        _ => condition.to_owned(),
    }
}
