use super::{assert_each_is_one_mistake, reported};

fn mistakes(source: &str) -> Vec<(String, String)> {
    reported(source, crate::partial)
}

#[test]
fn what_is_right_is_no_mistake() {
    let right = [
        "#[partial(A)] struct B { a: i64 }",
        "#[partial(a::A)] pub struct B { a: Option<a::C>, r#type: String }",
        r#"#[partial(A, crate = "my::relations")] struct B { #[serde(skip)] a: i64 }"#,
    ];
    for source in right {
        assert_eq!(mistakes(source), [], "{source}");
    }
}

#[test]
fn mistakes_in_partials() {
    let form = "write `struct A { … }`";
    let name = "name the entity whose properties these are, as in `#[partial(Customer)]`";
    #[rustfmt::skip]
    let cases: Vec<(&str, &str, String)> = vec![
        ("#[partial(E)] enum A { B }", "enum", format!("a partial is a struct; {form}")),
        ("#[partial(E)] union A { a: i64 }", "union", format!("a partial is a struct; {form}")),
        ("#[partial(E)] struct A(i64);", "(i64)", "properties are found by the names of fields; name them, or select a tuple of columns, which derives nothing".into()),
        ("#[partial(E)] struct A;", "A", "`A` has no fields; add one for each property".into()),
        ("#[partial(E)] struct A<T> { a: T }", "<T>", "a partial has no generics; give each field a type".into()),
        ("#[partial(E)] struct A where i64: Copy { a: i64 }", "where i64: Copy", "a partial has no `where`; remove it".into()),
        ("struct A { a: i64 }", "A", name.into()),
        ("#[partial(E)] #[partial(F)] struct A { a: i64 }", "#[partial(F)]", "`#[partial]` is already on this struct; remove one".into()),
        ("#[partial(E)] struct A { #[partial(E)] a: i64 }", "#[partial(E)]", "`#[partial]` belongs on the struct; move it there".into()),
        ("#[partial(E, krate = \"x\")] struct A { a: i64 }", "krate", "unknown option `krate`; did you mean `crate`?".into()),
    ];
    let cases: Vec<_> =
        cases.iter().map(|(source, at, message)| (*source, *at, message.as_str())).collect();
    assert_each_is_one_mistake(&cases, mistakes);
}
