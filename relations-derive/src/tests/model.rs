use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::DeriveInput;

use crate::attr::EntityAttrs;
use crate::error::Errors;
use crate::model::{Entity, KeyTo, PropertyKey, Relation};

pub(super) fn model(source: &str) -> Entity {
    let input: DeriveInput = syn::parse_str(source).expect(source);
    let mut errors = Errors::default();
    let attrs = EntityAttrs::read(&mut errors, &input);
    let entity = Entity::build(&mut errors, attrs);
    errors.finish(TokenStream::new).map_err(|rejected| rejected.errors).expect(source);
    entity
}

fn relation(attributes: &str, field: &str) -> Relation {
    let source = format!(
        "{attributes} struct OrderLine {{ #[id] id: i64, row: i32, seat: Option<i32>, {field} }}"
    );
    model(&source).relations.remove(0)
}

fn words(idents: &[Ident]) -> Vec<String> {
    idents.iter().map(Ident::to_string).collect()
}

#[test]
fn an_entity_without_words() {
    let entity = model("struct OrderLine { #[id] id: i64, #[skip] cache: Cache }");
    assert_eq!(entity.table, "order_lines");
    assert_eq!(entity.schema, None);
    assert_eq!(entity.krate.to_token_stream().to_string(), ":: relations");
    assert_eq!(words(&entity.skipped), ["cache"]);
}

#[test]
fn an_entity_with_words() {
    let entity = model(
        r#"#[entity(table = "t", schema = "s", crate = "crate::x")] struct A { #[id] id: i64 }"#,
    );
    assert_eq!((entity.table.as_str(), entity.schema.as_deref()), ("t", Some("s")));
    assert_eq!(entity.krate.to_token_stream().to_string(), "crate :: x");
}

#[test]
fn a_raw_property_has_a_plain_name() {
    let entity = model("struct A { #[id(generated)] r#type: std::option::Option<i64>, _1: i32 }");
    let [property, odd] = entity.properties.as_slice() else { panic!("two properties") };
    assert_eq!(property.ident, "r#type");
    assert_eq!((property.name.as_str(), property.column.as_str()), ("type", "type"));
    assert_eq!(property.constant, "TYPE");
    assert_eq!(property.ty.to_token_stream().to_string(), "i64");
    assert!(property.nullable);
    assert_eq!(property.key, PropertyKey::Id { generated: true });
    assert_eq!(odd.constant, "_1");
}

#[test]
fn a_property_with_words() {
    let entity =
        model(r#"struct A { #[unique] #[column(name = "n", type = "t", default = "d")] a: A }"#);
    let property = entity.properties.first().expect("a property");
    assert_eq!(property.key, PropertyKey::Unique);
    assert_eq!(property.column, "n");
    assert_eq!(property.sql_type.as_deref(), Some("t"));
    assert_eq!(property.default.as_deref(), Some("d"));
}

#[test]
fn a_field_that_belongs_to_another() {
    let relation = relation("", "#[belongs_to(crate::Customer)] customer_id: i64");
    assert_eq!(relation.name, "customer");
    assert_eq!(relation.constant, "CUSTOMER");
    assert_eq!(relation.marker, "OrderLineCustomerRelation");
    assert_eq!(words(&relation.key_from), ["customer_id"]);
    assert!(matches!(relation.key_to, KeyTo::Id));
    assert!(relation.foreign_key.is_some() && relation.indexed && !relation.optional);
}

#[test]
fn a_target_may_be_missing() {
    assert!(relation("", "#[belongs_to(B)] b_id: Option<i64>").optional);
    let without = relation("", "#[belongs_to(B, constraint = false)] b_id: i64");
    assert!(without.optional && without.foreign_key.is_none());
    assert!(relation("#[belongs_to(B, key_from(row, seat))]", "").optional);
}

#[test]
fn an_index_is_made_where_there_is_none() {
    assert!(!relation("", "#[belongs_to(B, index = false)] b_id: i64").indexed);
    assert!(!relation("", "#[belongs_to(B)] #[unique] b_id: i64").indexed);
    assert!(!relation("", "#[belongs_to(B)] #[index] b_id: i64").indexed);
    assert!(!relation("#[belongs_to(B, key_from = id)]", "").indexed);
    assert!(relation("#[belongs_to(B, key_from(row, id))]", "").indexed);
}

#[test]
fn the_other_side() {
    let many = relation("#[has_many(shop::Category)]", "");
    assert_eq!(many.name, "categories");
    assert_eq!(words(&many.key_from), ["id"]);
    assert!(matches!(&many.key_to, KeyTo::Inverse(keys) if words(keys) == ["order_line_id"]));
    assert!(many.foreign_key.is_none() && !many.optional && !many.indexed);

    let one = relation("#[has_one(Address, key_from = row, key_to = type)]", "");
    assert_eq!(one.name, "address");
    assert_eq!(words(&one.key_from), ["row"]);
    assert!(matches!(&one.key_to, KeyTo::Named(keys) if words(keys) == ["r#type"]));
    assert!(one.optional);
}

#[test]
fn relations_that_belong_come_first() {
    let entity = model(
        "#[has_many(Line)] #[belongs_to(B, key_from = a)] struct Order { #[id] a: i64, #[belongs_to(C)] c_id: i64 }",
    );
    let names: Vec<String> =
        entity.relations.iter().map(|relation| relation.name.to_string()).collect();
    assert_eq!(names, ["c", "b", "lines"]);
}

#[test]
fn a_keyword_becomes_a_raw_name() {
    assert_eq!(relation("", "#[belongs_to(Type)] type_id: i64").name, "r#type");
    assert_eq!(relation("#[has_one(Type)]", "").constant, "TYPE");
}

#[test]
fn self_is_the_entity() {
    let relation = relation("", "#[belongs_to(Self)] parent_id: Option<i64>");
    assert_eq!(relation.target.to_token_stream().to_string(), "OrderLine");
}
