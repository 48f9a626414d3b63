use super::{assert_each_is_one_mistake, reported};

fn mistakes(source: &str) -> Vec<(String, String)> {
    reported(source, crate::from_row)
}

#[test]
fn what_is_right_is_no_mistake() {
    let right = [
        "struct A { a: i64 }",
        "struct A { a: Option<a::B>, r#type: Vec<Vec<u8>>, #[skip] c: C }",
        "struct A { #[skip] a: i64 }",
        r#"#[from_row(crate = "my::relations")] struct A { #[column(name = "b")] a: i64, #[column(name = "a")] b: i64 }"#,
        "#[from_row()] struct A { #[serde(skip)] a: i64 }",
    ];
    for source in right {
        assert_eq!(mistakes(source), [], "{source}");
    }
}

#[test]
fn mistakes_in_what_is_read_from_rows() {
    let form = "write `struct A { … }`";
    #[rustfmt::skip]
    let cases: Vec<(&str, &str, String)> = vec![
        ("enum A { B }", "enum", format!("a row is not read as an `enum`; {form}")),
        ("union A { a: i64 }", "union", format!("a row is not read as a `union`; {form}")),
        ("struct A(i64);", "(i64)", "columns are found by the names of fields; name them, or read a tuple, which derives nothing".into()),
        ("struct A;", "A", "`A` has no fields; add one for each column".into()),
        ("struct A<T> { a: T }", "<T>", "a type that is read from rows has no generics; give each field a type".into()),
        ("struct A where i64: Copy { a: i64 }", "where i64: Copy", "a type that is read from rows has no `where`; remove it".into()),
        ("struct A { #[id] a: i64 }", "A", "an entity is read from rows already; leave out `FromRow`".into()),
        ("struct A { #[column(name = \"b\")] a: i64, b: i64 }", "\"b\"", "the column `b` is read into `a` already; name another".into()),
        ("struct A { a: Vec<Vec<i64>> }", "Vec<Vec<i64>>", "an array of arrays cannot be read; write one `Vec`, or a `Json` of this".into()),
        ("struct A { #[column(type = \"text\")] a: i64 }", "type = \"text\"", "`type` is for entities; `FromRow` takes a column's `name` only".into()),
        ("struct A { #[column] a: i64 }", "#[column]", "`#[column]` has no options; add `name`, or remove it".into()),
        ("struct A { #[column(name = \"\")] a: i64 }", "\"\"", "`name` is empty; write what it should be, or leave it out".into()),
        ("struct A { #[column(name = \"b\")] #[column(name = \"c\")] a: i64 }", "#[column(name = \"c\")]", "`#[column]` is already on this field; remove one".into()),
        ("struct A { #[skip(all)] a: i64 }", "#[skip(all)]", "`#[skip]` takes no options; write `#[skip]`".into()),
        ("struct A { #[skip] #[column(name = \"b\")] a: i64 }", "a", "a skipped field has no column; remove one of both".into()),
        ("struct A { #[from_row()] a: i64 }", "#[from_row()]", "`#[from_row]` belongs on the struct; move it there".into()),
        ("#[skip] struct A { a: i64 }", "#[skip]", "`#[skip]` belongs on a field; move it there".into()),
        ("#[from_row()] #[from_row()] struct A { a: i64 }", "#[from_row()]", "`#[from_row]` is already on this struct; remove one".into()),
        ("#[from_row(krate = \"x\")] struct A { a: i64 }", "krate", "unknown option `krate`; did you mean `crate`?".into()),
    ];
    let cases: Vec<_> =
        cases.iter().map(|(source, at, message)| (*source, *at, message.as_str())).collect();
    assert_each_is_one_mistake(&cases, mistakes);
}
