use super::{assert_each_is_one_mistake, mistakes};

/// A field beside an id.
fn field(field: &str) -> Vec<(String, String)> {
    mistakes(&format!("struct Order {{ #[id] id: i64, {field} }}"))
}

/// Attributes over an entity with one id and three more properties.
fn on_struct(attributes: &str) -> Vec<(String, String)> {
    mistakes(&format!(
        "{attributes} struct Order {{ #[id] id: i64, row: i32, seat: i32, note: Option<i32> }}"
    ))
}

/// Attributes over an entity with two ids.
fn on_composite(attributes: &str) -> Vec<(String, String)> {
    mistakes(&format!("{attributes} struct Order {{ #[id] row: i32, #[id] seat: i32 }}"))
}

#[test]
fn what_is_right_is_no_mistake() {
    #[rustfmt::skip]
    let right = [
        r#"#[entity(table = "t", schema = "s", crate = "my::relations")] struct A { #[id] id: i64 }"#,
        "#[entity(crate = crate::relations,)] struct A { #[id()] id: i64 }",
        "struct A { #[id(generated)] id: Id<i64>::i64, #[skip] b: B }",
        "struct A { #[id] #[unique] a: i64, #[id(generated)] b: i32, #[serde(skip)] c: C }",
        "struct A { #[id] id: i64, #[belongs_to(Self, name = parent)] parent_id: Option<i64> }",
        "struct A { #[id] id: i64, #[belongs_to(crate::B, key_to = type)] r#type_id: i64 }",
        r#"struct A { #[id] id: i64, #[belongs_to(B, on_delete = "set null")] b_id: Option<i64> }"#,
        r#"struct A { #[id] id: i64, #[column(default = "1")] #[belongs_to(B, on_delete = "set default")] b_id: i64 }"#,
        r#"#[belongs_to(C, key_from("a", b), key_to(x, "y"), on_delete = "set null(b)")] struct A { #[id] a: i64, b: Option<i64> }"#,
        r#"#[has_many(B, key_to("a", "b"))] struct A { #[id] a: i64, #[id] b: i64 }"#,
        r#"#[unique(a, "b")] #[unique(r#type, a, name = "x", filter = "a > 1",)] struct A { #[id] id: i64, a: i64, b: i64, r#type: i64 }"#,
        r#"#[unique(a, filter = "b")] #[unique(type, id)] struct A { #[id] id: i64, a: i64, r#type: i64 }"#,
        r#"#[index(a, "b")] #[index(r#type, name = "x", filter = "a > 1", using = "gin",)] struct A { #[id] id: i64, a: i64, b: i64, r#type: i64 }"#,
        r#"#[check("a > 0")] #[check("b > 0", name = "x")] struct A { #[id] id: i64, a: i64, b: i64 }"#,
        "#[has_many(B)] #[has_many(B, name = bees)] struct A { #[id] id: i64 }",
        "#[has_many(B, through(C))] struct A { #[id] a: i64, #[id] b: i64 }",
        r#"#[has_many(B, through(x::C, from = a, to = "b",), key_from(a, b))] struct A { #[id] id: i64, a: i64, b: i64 }"#,
    ];
    for source in right {
        assert_eq!(mistakes(source), [], "{source}");
    }
}

#[test]
fn shapes() {
    #[rustfmt::skip]
    let cases = [
        ("enum Order { A }", "enum", "an entity is not an `enum`; write `struct Order { … }`"),
        ("union Order { a: i64 }", "union", "an entity is not a `union`; write `struct Order { … }`"),
        ("struct Order(i64);", "(i64)", "the fields of an entity have names; write `struct Order { … }`"),
        ("struct Order;", "Order", "`Order` has no fields; add one and mark it with `#[id]`"),
        ("#[has_many(B)] struct Order {}", "Order", "`Order` has no fields; add one and mark it with `#[id]`"),
        ("struct Order { id: i64 }", "Order", "`Order` has no key; mark a field with `#[id]`"),
        ("struct Order { #[skip] id: i64 }", "Order", "`Order` has no key; mark a field with `#[id]`"),
        ("struct Order<T, 'a> { #[id] id: i64 }", "<T, 'a>", "an entity has no generics; give each property one type"),
        ("struct Order where A: B { #[id] id: i64 }", "where A: B", "an entity has no `where`; remove it"),
    ];
    assert_each_is_one_mistake(&cases, mistakes);
}

#[test]
fn struct_attributes() {
    let example = "expected an option, as in `#[entity(table = \"…\")]`";
    let empty = "`table` is empty; write what it should be, or leave it out";
    let path = "expected a path, as in `crate = \"::relations\"`";
    #[rustfmt::skip]
    let cases = [
        (r#"#[entity("x")]"#, r#""x""#, example),
        (r#"#[entity = "x"]"#, r#"#[entity = "x"]"#, "expected parentheses, as in `#[entity(table = \"…\")]`"),
        (r#"#[entity(tabel = "x")]"#, "tabel", "unknown option `tabel`; did you mean `table`?"),
        ("#[entity(x = 1)]", "x", "unknown option `x`; write `table`, `schema`, `rename_all`, `crate`, `deref`, `scoped`, `shared`, `distributed_by`, `reference`, \
                 `view`, `materialized_view`, `read_only`, `new` or `patch`"),
        ("#[entity(table = 5)]", "5", "expected a string, as in `table = \"…\"`"),
        ("#[entity(table)]", "table", "expected a string, as in `table = \"…\"`"),
        ("#[entity(table = )]", "table =", "expected a string, as in `table = \"…\"`"),
        (r#"#[entity(table("x"))]"#, r#"("x")"#, "expected a string, as in `table = \"…\"`"),
        (r#"#[entity(table = "")]"#, r#""""#, empty),
        (r#"#[entity(table = "a\0")]"#, r#""a\0""#, "a database takes no NUL character; remove it"),
        (r#"#[entity(table = "a" schema = "b")]"#, "schema", "expected a `,` before this"),
        (r#"#[entity(table = "a", table = "b")]"#, r#"table = "b""#, "`table` is already given; remove one"),
        (r#"#[entity(table = "a")] #[entity()]"#, "#[entity()]", "`#[entity]` is already on this struct; remove one"),
        (r#"#[entity(crate = "a b")]"#, r#""a b""#, path),
        (r#"#[entity(crate = "")]"#, r#""""#, path),
        ("#[entity(crate = 5)]", "5", path),
        ("#[id]", "#[id]", "`#[id]` belongs on a field; move it there"),
        ("#[unique]", "#[unique]", "`#[unique]` belongs on a field; move it there"),
    ];
    assert_each_is_one_mistake(&cases, on_struct);
}

#[test]
fn indexes_and_checks() {
    let again = "there is such an index already; remove one";
    #[rustfmt::skip]
    let cases = [
        ("#[index]", "#[index]", "`#[index]` belongs on a field; move it there"),
        ("#[index()]", "#[index()]", "`#[index]` names no property; write `#[index(tenant_id, email)]`"),
        ("#[index(row, 5)]", "5", "expected a property, as in `#[index(tenant_id, email)]`"),
        ("#[index(row, saet)]", "saet", "`Order` has no property `saet`; did you mean `seat`?"),
        ("#[index(row, seat, row)]", "row", "`row` is already in this index; remove one"),
        ("#[index(row)]", "#[index(row)]", "an index of one property stands on it; write `#[index]` on `row`"),
        (r#"#[index(row, seat, usign = "gin")]"#, "usign", "unknown option `usign`; did you mean `using`?"),
        (r#"#[index(row, seat)] #[index(row, seat, name = "a")]"#, r#"#[index(row, seat, name = "a")]"#, again),
        ("#[check]", "#[check]", "`#[check]` has no condition; write `#[check(\"quantity > 0\")]`"),
        (r#"#[check("")]"#, r#"#[check("")]"#, "`#[check]` has no condition; write `#[check(\"quantity > 0\")]`"),
        (r#"#[check("a", nmae = "b")]"#, "nmae", "unknown option `nmae`; did you mean `name`?"),
        (r#"#[check("a")] #[check("a", name = "b")]"#, r#"#[check("a", name = "b")]"#, "there is such a check already; remove one"),
        (r#"#[check("a", name = "b")] #[check("c", name = "b")]"#, r#"#[check("c", name = "b")]"#, "another check has this name already; write another"),
    ];
    assert_each_is_one_mistake(&cases, on_struct);
}

#[test]
fn unique_keys() {
    let expected = "expected a property, as in `#[unique(tenant_id, email)]`";
    let again = "another key has this name already; add `name = \"…\"` to one";
    #[rustfmt::skip]
    let cases = [
        ("#[unique = row]", "#[unique = row]", "expected parentheses, as in `#[unique(tenant_id, email)]`"),
        ("#[unique()]", "#[unique()]", "`#[unique]` names no property; write `#[unique(tenant_id, email)]`"),
        (r#"#[unique(filter = "x")]"#, r#"#[unique(filter = "x")]"#, "`#[unique]` names no property; write `#[unique(tenant_id, email)]`"),
        ("#[unique(row, 5)]", "5", expected),
        ("#[unique(row, a::b)]", "a::b", expected),
        (r#"#[unique(row, "a b")]"#, r#""a b""#, expected),
        ("#[unique(row seat)]", "row seat", expected),
        (r#"#[unique(row, filter = "x", seat)]"#, "seat", "unknown option `seat`; write `name`, `filter`, `with_deleted`, `deferrable` or `initially_deferred`"),
        (r#"#[unique(row, seat, fliter = "x")]"#, "fliter", "unknown option `fliter`; did you mean `filter`?"),
        (r#"#[unique(row, seat, name = "")]"#, r#""""#, "`name` is empty; write what it should be, or leave it out"),
        ("#[unique(row, saet)]", "saet", "`Order` has no property `saet`; did you mean `seat`?"),
        ("#[unique(row, seat, row)]", "row", "`row` is already in this key; remove one"),
        ("#[unique(row)]", "#[unique(row)]", "a key of one property stands on it; write `#[unique]` on `row`"),
        ("#[unique(row, seat)] #[unique(seat, row)]", "#[unique(seat, row)]", "these are unique already; remove one"),
        (r#"#[unique(row, seat, filter = "a")] #[unique(row, seat, filter = "b")]"#, r#"#[unique(row, seat, filter = "b")]"#, again),
        (r#"#[unique(row, seat, name = "a")] #[unique(id, seat, name = "a")]"#, r#"#[unique(id, seat, name = "a")]"#, again),
    ];
    assert_each_is_one_mistake(&cases, on_struct);
    let id = "the id is unique already; remove this `#[unique]`";
    assert_each_is_one_mistake(
        &[("#[unique(seat, row)]", "#[unique(seat, row)]", id)],
        on_composite,
    );
}

#[test]
fn field_attributes() {
    let skip = "a skipped field takes no other attribute; remove `#[skip]` or the others";
    #[rustfmt::skip]
    let cases = [
        ("#[unique(true)] a: A", "true", "unknown option `true`; write `name`, `with_deleted`, `deferrable` or `initially_deferred`"),
        ("#[index = 1] a: A", "#[index = 1]", "expected parentheses, as in `#[index(tenant_id, email)]`"),
        ("#[skip(x)] a: A", "#[skip(x)]", "`#[skip]` takes no options; write `#[skip]`"),
        ("#[index] #[index] a: A", "#[index]", "`#[index]` is already on this field; remove one"),
        ("#[column] a: A", "#[column]", "`#[column]` has no options; add `name`, `type`, `default` or `generated`, or remove it"),
        ("#[column()] a: A", "#[column()]", "`#[column]` has no options; add `name`, `type`, `default` or `generated`, or remove it"),
        (r#"#[column(nam = "x")] a: A"#, "nam", "unknown option `nam`; did you mean `name`?"),
        (r#"#[column(name = "")] a: A"#, r#""""#, "`name` is empty; write what it should be, or leave it out"),
        (r#"#[column(name = "id")] a: A"#, r#""id""#, "the column `id` already holds `id`; name another"),
        (r#"#[column(name = "a")] b: A, a: A"#, r#""a""#, "the column `a` already holds `b`; name another"),
        ("foo: A, FOO: A", "FOO", "`FOO` and `foo` would both be the constant `FOO`; rename one"),
        ("#[skip] #[column(name = \"x\")] a: A", "#[skip]", skip),
        ("#[skip] #[belongs_to(B)] b_id: A", "#[skip]", skip),
        ("#[unique] #[index] a: A", "#[index]", "`#[unique]` makes an index already; remove `#[index]`"),
        ("#[has_many(B)] a: A", "#[has_many(B)]", "`#[has_many]` belongs on the struct; move it there"),
    ];
    assert_each_is_one_mistake(&cases, field);
}

#[test]
fn generated_columns() {
    let by = |word: &str| format!("`generated` and `{word}` both make this value; remove one");
    let id = "an `#[id]` cannot be calculated of other columns; remove `generated` here, or write \
              `#[id(generated)]` for a number that the database counts up";
    let key = "a generated column cannot hold a foreign key; give the key a field of its own";
    #[rustfmt::skip]
    let cases = [
        (r#"#[column(generated = "")] a: A"#, r#""""#, "`generated` is empty; write what it should be, or leave it out".to_owned()),
        ("#[column(generated)] a: A", "generated", "expected a string, as in `generated = \"…\"`".to_owned()),
        (r#"#[id] #[column(generated = "b")] a: A"#, r#""b""#, id.to_owned()),
        (r#"#[column(generated = "b", default = "c")] a: A"#, r#""c""#, by("default")),
        (r#"#[column(generated = "b")] #[version] a: A"#, "#[version]", by("#[version]")),
        (r#"#[column(generated = "b")] #[updated_at] a: A"#, "#[updated_at]", by("#[updated_at]")),
        (r#"#[column(generated = "b")] #[created_at] a: A"#, "#[created_at]", by("#[created_at]")),
        (r#"#[column(generated = "b")] #[belongs_to(B)] b_id: A"#, r#""b""#, key.to_owned()),
    ];
    let cases: Vec<_> = cases.iter().map(|(a, b, c)| (*a, *b, c.as_str())).collect();
    assert_each_is_one_mistake(&cases, field);
}

#[test]
fn stamps() {
    let id = "an `#[id]` cannot be `#[version]`; give that a field of its own";
    let key = "a foreign key cannot be `#[version]`; give that a field of its own";
    #[rustfmt::skip]
    let cases = [
        ("#[version(1)] a: i32", "#[version(1)]", "`#[version]` takes no options; write `#[version]`"),
        ("#[created_at] #[created_at] a: A", "#[created_at]", "`#[created_at]` is already on this field; remove one"),
        ("#[created_at] #[updated_at] a: A", "#[updated_at]", "this field is `#[created_at]` already; remove one"),
        ("#[version] a: i32, #[version] b: i32", "#[version]", "`a` is `#[version]` already; remove one"),
        ("#[updated_at] a: A, #[updated_at] b: A", "#[updated_at]", "`a` is `#[updated_at]` already; remove one"),
        ("#[id] #[version] a: i32", "#[version]", id),
        ("#[belongs_to(A)] #[version] a_id: i32", "#[version]", key),
        ("#[version] a: Option<i32>", "Option<i32>", "`#[version]` is never null; write the type without `Option`"),
        (r#"#[version] #[column(default = "1")] a: i32"#, r#""1""#, "`#[version]` makes this value; remove `default`"),
        ("#[skip] #[version] a: i32", "#[skip]", "a skipped field takes no other attribute; remove `#[skip]` or the others"),
    ];
    assert_each_is_one_mistake(&cases, field);
    let on_struct = mistakes("#[version] struct Order { #[id] id: i64 }");
    let belongs = "`#[version]` belongs on a field; move it there".to_owned();
    assert_eq!(on_struct, [("#[version]".to_owned(), belongs)]);
}

#[test]
fn keys() {
    let integer =
        "the database generates integers only; write `i64`, or a `default` instead of `generated`";
    #[rustfmt::skip]
    let cases = [
        ("#[id = 1] a: i64", "#[id = 1]", "expected parentheses, as in `#[id(generated)]`"),
        (r#"#[id("x")] a: i64"#, r#""x""#, "expected an option, as in `#[id(generated)]`"),
        ("#[id(genrated)] a: i64", "genrated", "unknown option `genrated`; did you mean `generated`?"),
        ("#[id(auto)] a: i64", "auto", "unknown option `auto`; write `generated` or `name`"),
        ("#[id(generated = true)] a: i64", "generated = true", "`generated` takes no value; write `generated` alone"),
        ("#[id] #[id] a: i64", "#[id]", "`#[id]` is already on this field; remove one"),
        ("#[id] a: Option<i64>", "Option<i64>", "an `#[id]` is never null; write the type without `Option`"),
        ("#[id(generated)] a: Option<String>", "Option<String>", "an `#[id]` is never null; write the type without `Option`"),
        ("#[id(generated)] a: String", "String", integer),
        ("#[id(generated)] a: (i64, i64)", "(i64, i64)", integer),
        ("#[id(generated)] a: i64, #[id(generated)] b: i64", "generated", "`a` is generated already; remove `generated` from one"),
        (r#"#[id(generated)] #[column(default = "1")] a: Uuid"#, "generated", "`generated` and `default` both make this value; remove one"),
        ("#[id] #[unique] a: i64", "#[unique]", "an `#[id]` is unique already; remove `#[unique]`"),
        ("#[id] #[index] a: i64", "#[index]", "an `#[id]` is indexed already; remove `#[index]`"),
    ];
    assert_each_is_one_mistake(&cases, |fields| mistakes(&format!("struct Order {{ {fields} }}")));
}

#[test]
fn broken_lists() {
    let path = "expected the rest of the path";
    #[rustfmt::skip]
    let cases = [
        ("#[belongs_to(B::)] b_id: i64", ")", path),
        ("#[column(type)] a: A", "type", "expected a string, as in `type = \"…\"`"),
        ("#[id(_)] a: A", "_", "unknown option `_`; write `generated` or `name`"),
        ("#[belongs_to(B, key_to)] b_id: i64", "key_to", "`key_to` names no property; write `key_to = \"…\"`"),
        ("#[belongs_to(B,, C)] b_id: i64", ",", "there is nothing before this `,`; remove it"),
        ("#[belongs_to(type)] b_id: i64", "type", "expected the target entity first, as in `#[belongs_to(Customer)]`"),
    ];
    assert_each_is_one_mistake(&cases, |fields| {
        mistakes(&format!("struct Order {{ #[id] id: i64, {fields} }}"))
    });
}

#[test]
fn targets() {
    let missing = "expected the target entity first, as in `#[belongs_to(Customer)]`";
    let generics = "an entity has no generics; name the target alone";
    #[rustfmt::skip]
    let cases = [
        ("#[belongs_to] b_id: i64", "#[belongs_to]", missing),
        ("#[belongs_to()] b_id: i64", "#[belongs_to()]", missing),
        (r#"#[belongs_to = "B"] b_id: i64"#, r#"#[belongs_to = "B"]"#, "expected parentheses, as in `#[belongs_to(Customer)]`"),
        (r#"#[belongs_to(key_to = "pk")] b_id: i64"#, "key_to", missing),
        (r#"#[belongs_to(name = "x", B)] b_id: i64"#, "name", missing),
        ("#[belongs_to(5)] b_id: i64", "5", missing),
        ("#[belongs_to(&B)] b_id: i64", "&B", missing),
        (r#"#[belongs_to("B")] b_id: i64"#, r#""B""#, "write the target as a path: `#[belongs_to(B)]`"),
        (r#"#[belongs_to("B b")] b_id: i64"#, r#""B b""#, "write the target as a path: `#[belongs_to(Customer)]`"),
        ("#[belongs_to(B<X, Y>)] b_id: i64", "<X, Y>", generics),
        ("#[belongs_to(B, C)] b_id: i64", "C", "unknown option `C`; write `name`, `key_to`, `on_delete`, `on_update`, `constraint`, `index`, `deferrable`, `initially_deferred` or `unscoped`"),
        ("#[belongs_to(B, c::C)] b_id: i64", "c::C", "expected an option, as in `#[belongs_to(Customer)]`"),
    ];
    assert_each_is_one_mistake(&cases, field);
}

#[test]
fn relation_options() {
    let constraint = "expected a name or `false`, as in `constraint = false`";
    let index = "expected `index = false`; leave it out to have it";
    let actions = "unknown `on_delete` action `vanish`; write `no action`, `restrict`, `cascade`, `set null` or `set default`";
    #[rustfmt::skip]
    let cases = [
        ("name = 5", "5", "expected a name, as in `name = \"…\"`"),
        ("name = \"my key\"", "\"my key\"", "`my key` is not an identifier; write a name such as `customer`"),
        ("name = \"\"", "\"\"", "`name` is empty; write what it should be, or leave it out"),
        ("name = \"1x\"", "\"1x\"", "`1x` is not an identifier; write a name such as `customer`"),
        ("name = self", "self", "`self` is not an identifier; write a name such as `customer`"),
        ("nmae = \"x\"", "nmae", "unknown option `nmae`; did you mean `name`?"),
        ("name = \"x\", name = \"y\"", "name = \"y\"", "`name` is already given; remove one"),
        ("constraint = 3", "3", constraint),
        ("constraint = true", "true", constraint),
        ("constraint = \"\"", "\"\"", "`constraint` is empty; write what it should be, or leave it out"),
        ("index = \"no\"", "\"no\"", index),
        ("index = true", "true", index),
        ("index = (a b)", "(a b)", index),
        ("key_from = \"x\"", "key_from = \"x\"", "`key_from` is the field itself; remove it, or move `#[belongs_to]` to the struct"),
        ("key_to(&x)", "&x", "expected a name, as in `key_to = \"…\"`"),
        ("key_to = 5", "5", "expected a name, as in `key_to = \"…\"`"),
        ("key_to()", "key_to()", "`key_to` names no property; write `key_to = \"…\"`"),
        ("key_to(\"a\" \"b\")", "\"b\"", "expected a `,` before this"),
        ("key_to(\"a\", \"b\")", "key_to(\"a\", \"b\")", "`key_to` has 2 properties, the field has 1 property; give both as many"),
        ("on_delete = cascade", "cascade", "expected a string: `no action`, `restrict`, `cascade`, `set null` or `set default`"),
        ("on_delete = \"casacde\"", "\"casacde\"", "unknown `on_delete` action `casacde`; did you mean `cascade`?"),
        ("on_delete = \"vanish\"", "\"vanish\"", actions),
        ("on_delete = \"set null\"", "\"set null\"", "`owner` can't be null; make it an `Option`, or choose another action"),
        ("on_update = \"set default\"", "\"set default\"", "`owner` has no default to set; add `#[column(default = \"…\")]` to it"),
        ("constraint = false, on_delete = \"cascade\"", "\"cascade\"", "only a foreign key constraint has actions; remove this or `constraint = false`"),
        ("through(Link)", "through(Link)", "`through` leads to many; write it in a `#[has_many]`"),
    ];
    assert_each_is_one_mistake(&cases, |options| {
        let name = if options.contains("name") || options.contains("nmae") {
            ""
        } else {
            "name = person,"
        };
        field(&format!("#[belongs_to(Person, {name} {options})] owner: i64"))
    });
}

#[test]
fn relation_names() {
    #[rustfmt::skip]
    let cases = [
        ("#[belongs_to(B)] owner: i64", "#[belongs_to(B)]", "cannot name this relation after `owner`, which does not end in `_id`; add `name = \"…\"`"),
        ("#[belongs_to(B)] self_id: i64", "#[belongs_to(B)]", "cannot name this relation after `self_id`; add `name = \"…\"`"),
        ("#[belongs_to(B)] super_id: i64", "#[belongs_to(B)]", "cannot name this relation after `super_id`; add `name = \"…\"`"),
        ("#[belongs_to(B)] b_id: i64, #[belongs_to(B, name = \"b\")] c_id: i64", "\"b\"", "`b` is already a relation; add `name = \"…\"` to one"),
        ("#[belongs_to(B)] a_b_id: i64, #[belongs_to(B, name = a__b)] c_id: i64", "a__b", "`a__b` and `a_b` are too alike; choose another `name = \"…\"`"),
        ("#[belongs_to(B, name = b_id)] b_id: i64", "b_id", "`b_id` is a property already; choose another `name = \"…\"`"),
        ("#[belongs_to(B, name = b__id)] b_id: i64", "b__id", "`b__id` and `b_id` would both be the constant `B_ID`; choose another `name = \"…\"`"),
        ("#[belongs_to(B)] update_id: i64", "update_id", "every entity has `update` already; choose another `name = \"…\"`"),
        ("#[belongs_to(B, name = id)] b_id: i64", "id", "every entity has `id` already; choose another `name = \"…\"`"),
    ];
    assert_each_is_one_mistake(&cases, field);
}

#[test]
fn relations_on_the_struct() {
    let refused = "`on_delete` belongs to the foreign key; move it to the `#[belongs_to]` of `B`";
    #[rustfmt::skip]
    let cases = [
        ("#[has_many(B, on_delete = \"cascade\")]", "on_delete = \"cascade\"", refused),
        ("#[has_many(\"B\")]", "\"B\"", "write the target as a path: `#[has_many(B)]`"),
        ("#[has_one]", "#[has_one]", "expected the target entity first, as in `#[has_one(Address)]`"),
        ("#[has_one(B, through(Link))]", "through(Link)", "`through` leads to many; write it in a `#[has_many]`"),
        ("#[has_many(B)] #[has_many(B)]", "B", "`bs` is already a relation; add `name = \"…\"` to one"),
        ("#[has_one(Row)]", "Row", "`row` is a property already; choose another `name = \"…\"`"),
        ("#[has_one(Crate)]", "#[has_one(Crate)]", "cannot name this relation after `Crate`; add `name = \"…\"`"),
        ("#[has_many(B, key_from = \"raw\")]", "\"raw\"", "`Order` has no property `raw`; did you mean `row`?"),
        ("#[has_many(B, key_from = \"x\")]", "\"x\"", "`Order` has no property `x`; name one of its fields"),
        ("#[has_many(B, key_from(row, row), key_to(a, b))]", "row", "`row` is already in `key_from`; remove one"),
        ("#[has_many(B, key_from(row, seat))]", "key_from(row, seat)", "a composite key needs its other side; add `key_to(\"…\", \"…\")`"),
        ("#[has_many(B, key_to(a, b))]", "key_to(a, b)", "`key_to` has 2 properties, the key of `Order` has 1 property; give both as many"),
        ("#[belongs_to(B)]", "#[belongs_to(B)]", "expected the properties that hold the key, as in `key_from(\"…\", \"…\")`"),
        ("#[belongs_to(B, key_from())]", "key_from()", "`key_from` names no property; write `key_from = \"…\"`"),
        ("#[belongs_to(B, key_from(row, seat), key_to = \"a\")]", "key_to = \"a\"", "`key_to` has 1 property, `key_from` has 2 properties; give both as many"),
        ("#[belongs_to(B, key_from(row, seat), key_to(a, b), on_delete = \"set null\")]", "\"set null\"", "no part of the key can be null; make one an `Option`, or choose another action"),
        ("#[belongs_to(B, key_from(row, note), key_to(a, b), on_delete = \"set null\")]", "\"set null\"", "`row` can't be null; set the others alone with `set null(note)`, or make it an `Option`"),
        ("#[belongs_to(B, key_from(row, note), key_to(a, b), on_update = \"set null\")]", "\"set null\"", "`row` can't be null; make it an `Option`, or choose another action"),
        ("#[belongs_to(B, key_from(row, note), key_to(a, b), on_update = \"set null(note)\")]", "\"set null(note)\"", "`on_update` sets the whole key to null; write `set null` alone"),
        ("#[belongs_to(B, key_from(row, note), key_to(a, b), on_delete = \"set null(row)\")]", "\"set null(row)\"", "`row` can't be null; make it an `Option`, or leave it out"),
        ("#[belongs_to(B, key_from(row, note), key_to(a, b), on_delete = \"set null(seat)\")]", "\"set null(seat)\"", "`seat` is not a part of the key; name some of `row`, `note`"),
        ("#[belongs_to(B, key_from(row, note), key_to(a, b), on_delete = \"set null()\")]", "\"set null()\"", "expected properties of the key, as in `set null(customer_id)`"),
        ("#[belongs_to(B, key_from(row, saet), key_to(a, b), on_delete = \"set null\")]", "saet", "`Order` has no property `saet`; did you mean `seat`?"),
    ];
    assert_each_is_one_mistake(&cases, on_struct);
}

#[test]
fn links() {
    let example = "expected the link entity first, as in `through(EmployeeTerritory)`";
    #[rustfmt::skip]
    let cases = [
        ("through", "through", example),
        ("through()", "through()", example),
        ("through(from = a, Link)", "from", example),
        ("through(5)", "5", example),
        ("through = Link", "through = Link", "expected parentheses, as in `through(EmployeeTerritory)`"),
        ("through(\"Link\")", "\"Link\"", "write the link as a path: `through(Link)`"),
        ("through(Link<i64>)", "<i64>", "an entity has no generics; name the link alone"),
        ("through(Link from = a)", "from", "expected a `,` before this"),
        ("through(Link, a)", "a", "unknown option `a`; write `from`, `to`, `filter` or `order_by`"),
        ("through(Link, order_by = \"position\")", "\"position\"", "expected an order of the link, as in `order_by = Tagging::POSITION.asc()`"),
        ("through(Link, order_by)", "order_by", "expected an order of the link, as in `order_by = Tagging::POSITION.asc()`"),
        ("through(Link, form = a)", "form", "unknown option `form`; did you mean `from`?"),
        ("through(Link, from = a, from = b)", "from = b", "`from` is already given; remove one"),
        ("through(Link, from = 5)", "5", "expected a name, as in `from = \"…\"`"),
        ("through(Link, to = \"\")", "\"\"", "`to` is empty; write what it should be, or leave it out"),
        ("through(Link, to(a))", "(a)", "expected a name, as in `to = \"…\"`"),
        ("through(Link, from = a, to = \"a\")", "\"a\"", "`a` is `from` already; name the other relation"),
        ("through(Link), through(Link)", "through(Link)", "`through` is already given; remove one"),
        ("through(Link), key_to = \"a\"", "key_to = \"a\"", "the link knows which key it leads to; remove `key_to`"),
        ("through(Link), key_to(a, b)", "key_to(a, b)", "the link knows which key it leads to; remove `key_to`"),
        ("through(Link), key_from = \"raw\"", "\"raw\"", "`Order` has no property `raw`; did you mean `row`?"),
        ("trough(Link)", "trough", "unknown option `trough`; did you mean `through`?"),
    ];
    assert_each_is_one_mistake(&cases, |options| on_struct(&format!("#[has_many(B, {options})]")));
}

#[test]
fn composite_keys_are_named() {
    #[rustfmt::skip]
    let cases = [
        ("#[has_many(B)]", "#[has_many(B)]", "the key of `Order` is composite; name the keys with `key_from(…)` and `key_to(…)`"),
        ("#[has_one(B, key_to = \"x\")]", "key_to = \"x\"", "`key_to` has 1 property, the key of `Order` has 2 properties; give both as many"),
    ];
    assert_each_is_one_mistake(&cases, on_composite);
}

#[test]
fn a_skipped_field_is_no_source() {
    let source =
        "#[has_many(B, key_from = code)] struct Order { #[id] id: i64, #[skip] code: i64 }";
    let message =
        "`code` is skipped, so it is not a property; remove its `#[skip]` or name another";
    assert_eq!(mistakes(source), [("code".to_owned(), message.to_owned())]);
}

#[test]
fn what_was_not_understood_is_reported_once() {
    #[rustfmt::skip]
    let once = [
        "struct A { #[id] id: i64, #[belongs_to(B, nmae = \"b\")] owner: i64 }",
        "struct A { #[id] id: i64, #[column(defualt = \"1\")] #[belongs_to(B, on_delete = \"set default\")] b_id: i64 }",
        "struct A { #[id(auto)] id: String }",
        "#[has_many(B, key_from(1, \"a\"), key_to(\"x\"))] struct A { #[id] a: i64 }",
        "enum A { #[id] B }",
        "struct A { #[id] key: i64, #[belongs_to(B)] _id: i64 }",
    ];
    for source in once {
        assert_eq!(mistakes(source).len(), 1, "{source}: {:?}", mistakes(source));
    }
}

#[test]
fn all_mistakes_are_reported_together() {
    let found = mistakes(
        r#"#[entity(tabel = "x")]
        #[has_many("Line")]
        struct Order {
            #[belongs_to(key_to = "pk")] owner: i64,
            #[column(name = "owner")] #[unique(yes)] other: i64,
        }"#,
    );
    let underlined: Vec<&str> = found.iter().map(|(underlined, _)| underlined.as_str()).collect();
    let owner = r#"#[belongs_to(key_to = "pk")]"#;
    assert_eq!(underlined, ["tabel", "\"Line\"", "key_to", "yes", owner, "Order", "\"owner\""]);
}
