//! The names of structs, fields and relations, as a person would choose them.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Words of Rust that are not names.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self",
    "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Names that a module of entities uses for something else.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "Clone", "Copy", "Date", "DateTime", "Debug", "Decimal", "Entity", "Eq", "Err", "FromRow", "Hash",
    "Interval", "NaiveDate", "NaiveDateTime", "NaiveTime", "NewEntity", "None", "OffsetDateTime", "Ok", "Option",
    "PartialEq", "PrimitiveDateTime", "Range", "Result", "Schema", "Self", "Some", "String", "Time", "Utc",
    "Uuid", "Value", "Vec",
];

/// Methods of an entity, which no relation may be named after.
const METHODS: &[&str] = &[
    "again",
    "delete",
    "duplicate",
    "edit",
    "find",
    "find_by_id",
    "id",
    "preload",
    "read",
    "update",
];

/// Nouns whose plural does not end in `s`, or that are singular and do.
#[rustfmt::skip]
const IRREGULAR: &[(&str, &str)] = &[
    ("address", "addresses"), ("alias", "aliases"), ("analysis", "analyses"), ("basis", "bases"),
    ("bus", "buses"), ("child", "children"), ("crisis", "crises"), ("datum", "data"), ("foot", "feet"),
    ("gas", "gases"), ("hero", "heroes"), ("index", "indexes"), ("lens", "lenses"), ("man", "men"),
    ("matrix", "matrices"), ("movie", "movies"), ("news", "news"), ("person", "people"),
    ("series", "series"), ("species", "species"), ("staff", "staff"), ("status", "statuses"),
    ("tooth", "teeth"), ("vertex", "vertices"), ("virus", "viruses"), ("woman", "women"),
];

/// The struct of a table: `OrderDetail` for `order_details`.
pub(super) fn of_struct(table: &str) -> String {
    let name = identifier(&singular(&table.to_snake_case())).to_upper_camel_case();
    if TAKEN.contains(&name.as_str()) { format!("{name}Row") } else { name }
}

/// The field of a column: `type_` for `type`, `zip_code` for `zip code`.
pub(super) fn of_field(column: &str) -> String {
    identifier(&column.to_snake_case())
}

/// The variant of a word of an enum: `Pg13` for `PG-13`.
pub(super) fn of_variant(word: &str) -> String {
    let name = identifier(word).trim_end_matches('_').to_upper_camel_case();
    let name = if name.is_empty() { "Empty".to_owned() } else { name };
    if name == "Self" { "Self_".to_owned() } else { name }
}

/// A name for a relation that is free among those that are taken; it is taken then.
pub(super) fn free(taken: &mut BTreeSet<String>, candidates: &[String]) -> String {
    let is_free = |taken: &BTreeSet<String>, name: &str| {
        !taken.contains(name) && !METHODS.contains(&name) && !KEYWORDS.contains(&name)
    };
    let found = candidates.iter().find(|name| is_free(taken, name)).cloned();
    let found = found.unwrap_or_else(|| {
        let last = candidates.last().map_or("relation", String::as_str);
        let mut number = 2;
        while !is_free(taken, &format!("{last}_{number}")) {
            number += 1;
        }
        format!("{last}_{number}")
    });
    taken.insert(found.clone());
    found
}

/// A text as an identifier: other characters become underscores.
fn identifier(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|character| if character.is_alphanumeric() { character } else { '_' })
        .collect();
    let name = name.trim_matches('_').to_owned();
    let name = if name.is_empty() { "column".to_owned() } else { name };
    if name.starts_with(|first: char| first.is_numeric()) {
        format!("n{name}")
    } else if KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

/// `order_details` for `order_detail`.
pub(super) fn plural(name: &str) -> String {
    last_word(name, |word| {
        if let Some((_, many)) = IRREGULAR.iter().find(|(one, _)| *one == word) {
            return (*many).to_owned();
        }
        let stem = word.strip_suffix('y');
        match stem.filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
            Some(stem) => format!("{stem}ies"),
            None if ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end)) => {
                format!("{word}es")
            }
            None => format!("{word}s"),
        }
    })
}

/// `order_detail` for `order_details`.
pub(super) fn singular(name: &str) -> String {
    last_word(name, |word| {
        if let Some((one, _)) = IRREGULAR.iter().find(|(one, many)| [*one, *many].contains(&word)) {
            return (*one).to_owned();
        }
        if ["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
            return word.to_owned();
        }
        for (many, one) in
            [("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", "")]
        {
            if let Some(stem) = word.strip_suffix(many).filter(|stem| !stem.is_empty()) {
                return format!("{stem}{one}");
            }
        }
        word.to_owned()
    })
}

fn last_word(name: &str, form: impl Fn(&str) -> String) -> String {
    match name.rsplit_once('_') {
        Some((first, last)) if !last.is_empty() => format!("{first}_{}", form(last)),
        _ => form(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_a_person_chooses() {
        for (table, name) in [
            ("categories", "Category"),
            ("order_details", "OrderDetail"),
            ("address", "Address"),
            ("staff", "Staff"),
            ("us_states", "UsState"),
            ("region", "Region"),
            ("Orders", "Order"),
            ("options", "OptionRow"),
            ("2024_sales", "N2024Sale"),
            ("types", "Type"),
            ("boxes", "Box"),
            ("people", "Person"),
        ] {
            assert_eq!(of_struct(table), name, "{table}");
        }
        for (column, name) in [
            ("type", "type_"),
            ("zip code", "zip_code"),
            ("CustomerID", "customer_id"),
            ("1st", "n1st"),
            ("größe", "größe"),
            ("%", "column"),
            ("self", "self_"),
        ] {
            assert_eq!(of_field(column), name, "{column}");
        }
        for (word, name) in
            [("PG-13", "Pg13"), ("G", "G"), ("", "Column"), ("in delivery", "InDelivery")]
        {
            assert_eq!(of_variant(word), name, "{word}");
        }
        assert_eq!(plural("order_detail"), "order_details");
        assert_eq!(plural("category"), "categories");
    }

    #[test]
    fn a_name_that_is_taken_is_given_once() {
        let mut taken = BTreeSet::from(["city".to_owned()]);
        let names = ["city".to_owned(), "city_of".to_owned()];
        let given: Vec<_> = (0..3).map(|_| free(&mut taken, &names)).collect();
        assert_eq!(given, ["city_of", "city_of_2", "city_of_3"]);
    }
}
