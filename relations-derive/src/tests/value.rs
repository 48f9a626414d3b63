use syn::DeriveInput;

use super::{assert_each_is_one_mistake, reported};
use crate::attr::ValueAttrs;
use crate::error::Errors;
use crate::model::{Value, ValueKind};

fn mistakes(source: &str) -> Vec<(String, String)> {
    reported(source, crate::value)
}

/// The stored strings of an enum of `NewOrder` and `Done`.
fn texts(attribute: &str) -> Vec<String> {
    let source =
        format!("{attribute} enum Status {{ NewOrder, #[value(rename = \"over\")] Done }}");
    let input: DeriveInput = syn::parse_str(&source).expect("an enum");
    let value = Value::build(ValueAttrs::read(&mut Errors::default(), &input));
    match value.kind {
        ValueKind::Enum { variants } => variants.into_iter().map(|variant| variant.text).collect(),
        ValueKind::Newtype { .. } | ValueKind::Numbers { .. } => Vec::new(),
    }
}

#[test]
fn variants_are_stored_in_the_case_asked_for() {
    assert_eq!(texts(""), ["new_order", "over"]);
    #[rustfmt::skip]
    let cases = [
        ("snake_case", "new_order"),
        ("kebab-case", "new-order"),
        ("camelCase", "newOrder"),
        ("PascalCase", "NewOrder"),
        ("SCREAMING_SNAKE_CASE", "NEW_ORDER"),
        ("lowercase", "neworder"),
        ("UPPERCASE", "NEWORDER"),
    ];
    for (case, text) in cases {
        assert_eq!(texts(&format!("#[value(rename_all = \"{case}\")]")), [text, "over"]);
    }
}

#[test]
fn mistakes_in_values() {
    let newtype = "write `struct A(…);` around one field";
    #[rustfmt::skip]
    let cases: Vec<(&str, &str, String)> = vec![
        ("union A { a: i64 }", "union", format!("a value is not a `union`; {newtype}")),
        ("struct A;", "A", format!("`A` holds nothing; {newtype}")),
        ("struct A(i64, i64);", "(i64, i64)", format!("a value holds one field without a name; {newtype}")),
        ("struct A { a: i64 }", "{ a: i64 }", format!("a value holds one field without a name; {newtype}")),
        ("struct A<T>(T);", "<T>", "a value has no generics; write the type that it holds".into()),
        ("enum A {}", "A", "`A` has no values; add a variant".into()),
        ("enum A { B(i64) }", "(i64)", "a variant is stored as its name; remove its fields".into()),
        ("enum A { B, #[value(rename = \"b\")] C }", "\"b\"", "`B` is stored as `b` already; write another `rename`".into()),
        ("enum A { #[value(rename = \"c\")] B, C }", "C", "`B` is stored as `c` already; write another `rename`".into()),
        ("enum A { #[value(rename = 1)] B }", "1", "expected a string, as in `rename = \"…\"`".into()),
        ("#[value(rename = \"x\")] enum A { B }", "rename = \"x\"", "`rename` belongs on a variant; write `rename_all` for all of them".into()),
        ("#[value(rename = \"x\")] struct A(i64);", "rename = \"x\"", "`rename` is for enums; a newtype is stored as its value".into()),
        ("#[value(rename_all = \"snakecase\")] enum A { B }", "\"snakecase\"", "unknown `rename_all` case `snakecase`; did you mean `snake_case`?".into()),
        ("#[value(crat = \"x\")] enum A { B }", "crat", "unknown option `crat`; did you mean `crate`?".into()),
        ("#[value(integer)] struct A(i64);", "integer", "`integer` is for enums; a newtype is stored as its value".into()),
        ("#[value(integer)] #[repr(u64)] enum A { B }", "u64", "no column holds `u64`; write `i16`, `i32` or `i64`".into()),
        ("#[value(integer)] enum A { #[value(rename = \"x\")] B }", "\"x\"", "an enum that is stored as `integer` has no texts; remove this".into()),
        ("#[value()] #[value()] enum A { B }", "#[value()]", "`#[value]` is already here; put the options into one".into()),
        ("struct A(#[value()] i64);", "#[value()]", "`#[value]` belongs on the struct; move it there".into()),
    ];
    let cases: Vec<_> =
        cases.iter().map(|(source, at, message)| (*source, *at, message.as_str())).collect();
    assert_each_is_one_mistake(&cases, mistakes);
}
