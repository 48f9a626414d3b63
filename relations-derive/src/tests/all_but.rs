use super::{assert_each_is_one_mistake, reported};

#[test]
fn mistakes_in_structs_without_some_properties() {
    let on_struct = |attribute: &str| {
        let entity = "struct Note { #[id] id: i64, body: String, r#type: i32, #[skip] seen: bool }";
        reported(&format!("{attribute} {entity}"), crate::entity)
    };
    for right in [
        "#[all_but(Head, body)]",
        "#[all_but(Head, body, r#type,)] #[all_but(Tail, id, derive(PartialEq, serde::Serialize))]",
    ] {
        assert_eq!(on_struct(right), [], "{right}");
    }
    let first = "expected the name of a struct first, as in `#[all_but(DocumentHead, body)]`";
    let left_out = "expected what `Head` leaves out, as in `#[all_but(Head, body)]`";
    #[rustfmt::skip]
    let cases = [
        ("#[all_but]", "#[all_but]", first),
        ("#[all_but(derive(PartialEq))]", "#[all_but(derive(PartialEq))]", first),
        ("#[all_but(Head)]", "Head", left_out),
        ("#[all_but(Head, derive(PartialEq))]", "Head", left_out),
        ("#[all_but(Head, bodi)]", "bodi", "`Note` has no property `bodi`; did you mean `body`?"),
        ("#[all_but(Head, seen)]", "seen", "`seen` is skipped, so it is not a property; remove its `#[skip]` or name another"),
        ("#[all_but(Head, body, body)]", "body", "`body` is already left out; remove one"),
        ("#[all_but(Head, id, body, r#type)]", "Head", "`Head` would hold no property; leave out fewer"),
        ("#[all_but(Note, body)]", "Note", "`Note` is a struct already; choose another name"),
        ("#[all_but(Head, body)] #[all_but(Head, id)]", "Head", "`Head` is a struct already; choose another name"),
        ("#[all_but(NewNote, body)]", "NewNote", "`NewNote` is generated for `Note` already; choose another name"),
        ("#[all_but(NoteColumns, body)]", "NoteColumns", "`NoteColumns` is generated for `Note` already; choose another name"),
        ("#[all_but(Head, body, derive())]", "derive()", "expected what the struct derives, as in `derive(Serialize)`"),
        ("#[all_but(Head, body, derive(Clone))]", "Clone", "`Clone` is derived already; remove it"),
        ("#[all_but(Head, body, name = a)]", "name", "unknown option `name`; write `derive`"),
    ];
    assert_each_is_one_mistake(&cases, on_struct);
}
