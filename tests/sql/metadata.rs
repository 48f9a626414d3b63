//! The facts about entities before anything runs, by name and as records.

use ::relations::definition::Stamp;
use ::relations::prelude::*;
use serde_json::json;

#[derive(Entity)]
#[has_many(Order)]
struct Customer {
    #[id]
    id: i64,
    #[unique]
    email: String,
}

#[derive(Entity)]
struct Order {
    #[id(generated)]
    id: i64,
    #[belongs_to(Customer, name = "buyer", key_to = "email", on_delete = "cascade")]
    buyer_email: Option<String>,
    #[belongs_to(Customer)]
    customer_id: i64,
}

#[test]
fn an_entity_is_found_by_name_and_tells_its_keys() {
    let schema = schema![Customer, Order];
    let customer = schema.entity("Customer").unwrap();
    let keys: Vec<Vec<_>> =
        customer.keys().map(|key| key.iter().map(|property| property.name).collect()).collect();
    assert_eq!(keys, [["id"], ["email"]]);
    assert!(schema.entity("Nobody").is_none());
    let target = Order::DEFINITION.relation("buyer").unwrap().target.definition();
    assert_eq!(target.name, customer.name);
}

#[test]
fn an_entity_tells_what_the_database_makes() {
    #[derive(Entity)]
    struct Page {
        #[id]
        id: i64,
        #[updated_at]
        changed: chrono::NaiveDateTime,
        #[version]
        version: i16,
    }

    assert_eq!(Page::DEFINITION.version().map(|version| version.name), Some("version"));
    assert_eq!(Page::CHANGED.definition().stamp, Some(Stamp::UpdatedAt));
    assert_eq!(Page::ID.definition().stamp, None);
    let record = serde_json::to_value(Page::VERSION.definition()).unwrap();
    assert_eq!((&record["stamp"], &record["default"]), (&json!("Version"), &json!(null)));
    assert!(Order::DEFINITION.version().is_none());
}

#[test]
fn a_relation_is_a_record() {
    let record = serde_json::to_value(Order::DEFINITION.relation("buyer")).unwrap();
    let foreign_key =
        json!({ "name": null, "on_delete": "Cascade", "on_update": "NoAction", "set_null": [] });
    let expected = json!({
        "kind": "BelongsTo", "name": "buyer", "source": "Order", "target": "Customer",
        "key_from": ["buyer_email"], "key_to": ["email"], "through": null, "targets_many": false,
        "optional": true, "foreign_key": foreign_key, "indexed": true,
    });
    assert_eq!(record, expected);
    let orders = serde_json::to_value(Customer::DEFINITION.relation("orders")).unwrap();
    assert_eq!((&orders["kind"], &orders["targets_many"]), (&json!("HasMany"), &json!(true)));
}

#[test]
fn a_foreign_key_names_the_relation_it_is_of() {
    let references = Order::BUYER_EMAIL.definition().references.unwrap();
    assert_eq!((references.name, references.target.name), ("buyer", "Customer"));
    assert!(Order::ID.definition().references.is_none());
}

#[derive(Entity)]
#[unique(city, street)]
#[unique("street", name = "one_street", filter = "city = ''")]
struct Address {
    #[id]
    id: i64,
    city: String,
    street: String,
}

#[test]
fn a_key_of_several_properties_is_one_of_all_rows() {
    let keys: Vec<Vec<_>> = Address::DEFINITION
        .keys()
        .map(|key| key.iter().map(|property| property.name).collect())
        .collect();
    assert_eq!(keys, [vec!["id"], vec!["city", "street"]]);
    let record = serde_json::to_value(Address::DEFINITION).unwrap();
    let expected = json!([
        { "properties": ["city", "street"], "name": null, "filter": null },
        { "properties": ["street"], "name": "one_street", "filter": "city = ''" },
    ]);
    assert_eq!(record["unique_keys"], expected);
}

#[derive(Entity)]
#[has_many(Tag, through(NoteTag), key_from = "id")]
struct Note {
    #[id]
    id: i64,
}

#[derive(Entity)]
struct Tag {
    #[id]
    id: i64,
    #[unique]
    word: String,
}

#[derive(Entity)]
struct NoteTag {
    #[id]
    #[belongs_to(Note)]
    note_id: i64,
    #[id]
    #[belongs_to(Tag, key_to = "word")]
    tag_id: String,
}

#[test]
fn a_link_is_a_part_of_the_relation_that_goes_through_it() {
    let tags = Note::DEFINITION.relation("tags").unwrap();
    assert_eq!((tags.key_from, tags.key_to), (&["id"][..], &["word"][..]));
    let through = tags.through.as_ref().unwrap();
    assert_eq!(through.link.definition().name, "NoteTag");
    assert_eq!(through.from().key_from, ["note_id"]);
    assert_eq!(through.to().key_from, ["tag_id"]);
    let record = serde_json::to_value(tags).unwrap();
    let expected = json!({ "link": "NoteTag", "from": "note", "to": "tag" });
    assert_eq!((&record["through"], &record["targets_many"]), (&expected, &json!(true)));
}
