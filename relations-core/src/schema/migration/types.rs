//! Types of PostgreSQL as texts: spellings of one type, and which changes keep the rows as they are.

/// A type without its spelling: `varchar(40)` is `character varying` with the argument 40.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlType {
    base: String,
    arguments: Vec<String>,
    /// `[]` of an array, as often as it is written.
    brackets: String,
}

impl SqlType {
    pub(super) fn of(written: &str) -> Self {
        let mut rest = written.trim();
        let mut brackets = String::new();
        while let Some(element) = rest.strip_suffix("[]") {
            rest = element.trim_end();
            brackets.push_str("[]");
        }
        // A quoted name is of a type of the user's own.
        if rest.contains('"') {
            return Self { base: rest.to_owned(), arguments: Vec::new(), brackets };
        }
        let (head, arguments, tail) = match rest.split_once('(') {
            Some((head, behind)) => {
                let (inside, tail) = behind.split_once(')').unwrap_or((behind, ""));
                let arguments = inside.split(',').map(|one| one.trim().to_owned()).collect();
                (head, arguments, tail)
            }
            None => (rest, Vec::new(), ""),
        };
        let words = head.split_whitespace().chain(tail.split_whitespace());
        let base = words.collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        let mut one = Self { base: full_name(&base).to_owned(), arguments, brackets };
        if matches!(&*one.base, "character" | "bit") && one.arguments.is_empty() {
            one.arguments = vec!["1".to_owned()];
        }
        if one.base == "numeric" && one.arguments.len() == 1 {
            one.arguments.push("0".to_owned());
        }
        one
    }

    /// The type as PostgreSQL spells it.
    pub(super) fn spelled(&self) -> String {
        let arguments = match &*self.arguments {
            [] => String::new(),
            arguments => format!("({})", arguments.join(",")),
        };
        let spelled = match self.base.split_once(" with") {
            // The precision stands within the name of the type.
            Some((head, tail)) if !arguments.is_empty() => format!("{head}{arguments} with{tail}"),
            _ => format!("{}{arguments}", self.base),
        };
        format!("{spelled}{}", self.brackets)
    }

    fn argument(&self, at: usize) -> Option<u32> {
        self.arguments.get(at)?.parse().ok()
    }

    /// Whether rows stay as they are on disk when a column of this type becomes one of the other, and
    /// every value keeps its meaning.
    pub(super) fn widens_to(&self, other: &Self) -> bool {
        let grows = |at: usize| match (self.argument(at), other.argument(at)) {
            (_, None) => other.arguments.is_empty(),
            (Some(before), Some(after)) => before <= after,
            (None, Some(_)) => false,
        };
        if self.brackets != other.brackets {
            return false;
        }
        match (&*self.base, &*other.base) {
            (before, after) if before == after && self.arguments == other.arguments => true,
            ("character varying" | "text", "text")
            | ("character varying", "character varying")
            | ("bit varying", "bit varying") => grows(0),
            ("text", "character varying") => other.arguments.is_empty(),
            ("numeric", "numeric") => {
                other.arguments.is_empty()
                    || grows(0)
                        && self.argument(1) == other.argument(1)
                        && !self.arguments.is_empty()
            }
            (before, after) if before == after && has_precision(before) => {
                // No precision is the highest one.
                self.argument(0).unwrap_or(6) <= other.argument(0).unwrap_or(6)
            }
            ("cidr", "inet") => true,
            _ => false,
        }
    }

    /// Whether both are kinds of text, or both numbers, so that PostgreSQL converts by itself.
    pub(super) fn converts_to(&self, other: &Self) -> bool {
        let family = |name: &str| match name {
            "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => 1,
            "text" | "character varying" | "character" => 2,
            "date" | "timestamp without time zone" | "timestamp with time zone" => 3,
            _ => 0,
        };
        self.base == other.base
            || family(&self.base) != 0 && family(&self.base) == family(&other.base)
    }
}

fn has_precision(base: &str) -> bool {
    base.starts_with("timestamp") || base.starts_with("time ") || base == "interval"
}

/// The name that PostgreSQL tells for a type of several names.
fn full_name(base: &str) -> &str {
    match base {
        "varchar" | "char varying" => "character varying",
        "char" | "bpchar" => "character",
        "int" | "int4" | "integer" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "float4" => "real",
        "float8" | "float" => "double precision",
        "decimal" => "numeric",
        "bool" => "boolean",
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        "timetz" => "time with time zone",
        "time" => "time without time zone",
        "varbit" => "bit varying",
        other => other,
    }
}

/// Whether an expression is evaluated once when a column is added, so that no row is written: a
/// constant, or the time of the transaction.
pub(super) fn is_constant(expression: &str) -> bool {
    let bare = expression.trim().to_ascii_lowercase();
    let bare = bare.split("::").next().unwrap_or_default().trim();
    let is_time =
        ["now()", "current_timestamp", "current_date", "localtimestamp", "transaction_timestamp()"]
            .contains(&bare);
    let is_number =
        bare.trim_start_matches(['-', '+', '(']).trim_end_matches(')').parse::<f64>().is_ok();
    let is_text = bare.starts_with('\'')
        && bare.ends_with('\'')
        && bare.len() > 1
        && bare
            .get(1..bare.len() - 1)
            .is_some_and(|inside| !inside.replace("''", "").contains('\''));
    is_time || is_number || is_text || ["true", "false", "null"].contains(&bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_type_are_one() {
        for (one, other) in [
            ("varchar(40)", "character varying(40)"),
            ("VARCHAR ( 40 )", "character varying(40)"),
            ("int", "integer"),
            ("decimal(10, 2)", "numeric(10,2)"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("timestamptz", "timestamp with time zone"),
            ("int8[]", "bigint[]"),
            ("char", "character(1)"),
            ("\"Mood\"", "\"Mood\""),
        ] {
            assert_eq!(SqlType::of(one).spelled(), other);
            assert_eq!(SqlType::of(one), SqlType::of(other));
        }
    }

    #[test]
    fn what_grows_keeps_its_rows() {
        for (before, after, widens) in [
            ("varchar(40)", "varchar(41)", true),
            ("varchar(40)", "varchar(39)", false),
            ("varchar(40)", "varchar", true),
            ("varchar", "varchar(40)", false),
            ("varchar(40)", "text", true),
            ("text", "varchar", true),
            ("text", "varchar(9)", false),
            ("char(3)", "text", false),
            ("int", "bigint", false),
            ("bigint", "int", false),
            ("numeric(10,2)", "numeric(12,2)", true),
            ("numeric(10,2)", "numeric(12,3)", false),
            ("numeric(10,2)", "numeric", true),
            ("numeric", "numeric(10,2)", false),
            ("numeric(10)", "numeric(12)", true),
            ("timestamp(3)", "timestamp(6)", true),
            ("timestamp(3)", "timestamp", true),
            ("timestamp", "timestamp(3)", false),
            ("timestamp", "timestamptz", false),
            ("text", "text[]", false),
            ("text", "jsonb", false),
            ("varchar(4)[]", "varchar(5)[]", true),
        ] {
            assert_eq!(
                SqlType::of(before).widens_to(&SqlType::of(after)),
                widens,
                "{before} to {after}"
            );
        }
    }

    #[test]
    fn a_default_that_is_calculated_for_each_row_is_no_constant() {
        for constant in [
            "7",
            "-1.5",
            "'a''b'",
            "now()",
            "true",
            "'x'::mood",
            "current_timestamp",
            "NULL",
            "1e3",
        ] {
            assert!(is_constant(constant), "{constant}");
        }
        for each in [
            "gen_random_uuid()",
            "random()",
            "clock_timestamp()",
            "nextval('s')",
            "'a' || 'b'",
            "1 + x",
        ] {
            assert!(!is_constant(each), "{each}");
        }
    }
}
