//! The generated code, one golden file a capability. To write the files anew: `INSTA_UPDATE=always
//! cargo test -p relations-derive`.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::error::Rejected;

type Derived = Result<TokenStream, Rejected>;

fn expanded(source: &str, derive: impl Fn(&DeriveInput) -> Derived) -> String {
    let input = syn::parse_str(source).expect(source);
    let tokens = derive(&input).unwrap_or_else(Rejected::into_tokens);
    prettyplease::unparse(&syn::parse2(tokens).expect(source))
}

/// The input, with its expansion.
fn page(source: &str, derive: impl Fn(&DeriveInput) -> Derived) -> String {
    let written = prettyplease::unparse(&syn::parse_str(source).expect(source));
    format!("{written}\n// becomes\n\n{}", expanded(source, derive))
}

/// Each capability is a test, named as its golden file is.
macro_rules! golden {
    ($($name:ident, $derive:expr, $source:literal;)*) => {$(
        #[test]
        fn $name() {
            insta::with_settings!({
                snapshot_path => "../snapshots",
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, {
                insta::assert_snapshot!(stringify!($name), page($source, $derive));
            });
        }
    )*};
}

golden! {
    plain_entity, crate::entity, "pub struct Product { #[id] pub id: i64, title: Option<String> }";
    generated_id, crate::entity, "struct Product { #[id(generated)] id: i64 }";
    column_words, crate::entity, r#"struct Product {
        #[id] id: i64,
        #[column(name = "label", type = "varchar(40)")] title: String,
        #[column(default = "1")] stock: i32,
        #[unique] code: String,
        #[index] shelf: i16,
        #[skip] cache: Vec<u8>,
    }"#;
    entity_words, crate::entity,
        r#"#[entity(table = "goods", schema = "shop", rename_all = "camelCase", crate = "crate::relations")]
        struct Product { #[id] product_id: i64 }"#;
    patches, crate::entity,
        r#"#[entity(new(derive(Default)), patch(derive(serde::Deserialize)))]
        #[serde(rename_all = "camelCase")]
        struct Item {
            #[id(generated)] id: i64,
            #[serde(rename = "heading")] title: String,
            #[serde(with = "texts")] note: Option<String>,
            #[serde(skip_deserializing)] #[column(default = "0")] price: i64,
        }"#;
    unique_keys, crate::entity,
        r#"#[unique(tenant, number)]
        #[unique("type", name = "one_type", filter = "number > 0")]
        struct Item { #[id] id: i64, tenant: i64, number: i32, r#type: String }"#;
    raw_identifiers, crate::entity,
        "struct Item { #[id] r#type: i64, #[belongs_to(Match)] match_id: i64 }";
    stamps, crate::entity, r"struct Order {
        #[id] id: i64,
        note: String,
        #[created_at] made: DateTime<Utc>,
        #[updated_at] changed: DateTime<Utc>,
        #[version] version: i32,
    }";
    composite_id, crate::entity, "struct Seat { #[id] row: i32, #[id] number: i32 }";

    belongs_to, crate::entity,
        r#"pub struct Order {
            #[id] pub id: i64,
            #[belongs_to(Customer, on_delete = "cascade", on_update = "restrict")]
            pub customer_id: i64,
        }"#;
    belongs_to_optional, crate::entity,
        "struct Order { #[id] id: i64, #[belongs_to(Customer)] customer_id: Option<i64> }";
    belongs_to_unique_property, crate::entity,
        r#"struct Order {
            #[id] id: i64,
            #[belongs_to(Customer, key_to = "email", name = "customer")] customer_email: String,
        }"#;
    belongs_to_without_constraint, crate::entity,
        "struct Order {
            #[id] id: i64,
            #[belongs_to(Customer, constraint = false, index = false)] customer_id: i64,
        }";
    belongs_to_with_named_constraint, crate::entity,
        r#"struct Order {
            #[id] id: i64,
            #[belongs_to(Customer, constraint = "orders_customer")] customer_id: i64,
        }"#;
    belongs_to_composite, crate::entity,
        r#"#[belongs_to(Seat, key_from("row", "number"), key_to("row", "number"))]
        struct Ticket { #[id] id: i64, row: i32, number: Option<i32> }"#;
    belongs_to_itself, crate::entity,
        r#"#[has_many(Category, name = "children", key_to = "parent_id")]
        struct Category {
            #[id] id: i64,
            #[belongs_to(Self, name = "parent")] parent_id: Option<i64>,
        }"#;
    belongs_to_one_target_twice, crate::entity,
        r#"struct Order {
            #[id] id: i64,
            #[belongs_to(Customer)] customer_id: i64,
            #[belongs_to(Customer, name = "payer")] payer_id: Option<i64>,
        }"#;
    has_many, crate::entity, "#[has_many(Order)] pub struct Customer { #[id] pub id: i64 }";
    has_many_composite, crate::entity,
        r#"#[has_many(Ticket, key_to("row", "number"))]
        struct Seat { #[id] row: i32, #[id] number: i32 }"#;
    has_many_with_filter, crate::entity,
        r#"#[has_many(Order, name = "open_orders", filter = Order::STATUS.eq("open"))]
        #[has_many(
            Label,
            through(Link, filter = Link::WEIGHT.gt(1)),
            filter = Label::NAME.ne("old")
        )]
        pub struct Customer { #[id] pub id: i64 }"#;
    has_one, crate::entity,
        r#"#[has_one(Address, key_from = "code", key_to = "customer_code")]
        struct Customer { #[id] id: i64, #[unique] code: String }"#;

    has_many_through, crate::entity,
        r#"#[has_many(Territory, through(EmployeeTerritory))]
        #[has_many(Self, name = "friends", through(Friendship, from = "one", to = other))]
        pub struct Employee { #[id] pub id: i16 }"#;

    value_newtype, crate::value, "pub struct Email(String);";
    value_enum, crate::value,
        r#"enum Status { Open, #[value(rename = "sent")] InDelivery, Closed }"#;

    value_numbers, crate::value,
        r#"#[value(integer, type = "level")] #[repr(i16)] enum Level { Low = 1, High = 5 }"#;

    one_of, crate::entity,
        r#"#[one_of(post, photo, name = "subject")]
        pub struct Comment {
            #[id] pub id: i64,
            #[belongs_to(Post)] pub post_id: Option<i64>,
            #[belongs_to(Photo, name = "photo", key_to = "code")] pub photo_code: Option<String>,
        }"#;

    one_of_by_kind, crate::entity,
        r#"#[one_of(Post, shop::Photo(kind = "picture", name = "image", key_to = "code"), name = "subject", kind = "topic", key = "subject_id")]
        pub struct Comment {
            #[id] pub id: i64,
            pub topic: Option<Topic>,
            pub subject_id: Option<i64>,
        }"#;

    all_but, crate::entity,
        "#[all_but(DocumentHead, body, r#type, derive(PartialEq))]
        pub struct Document { #[id] pub id: i64, title: String, body: String, r#type: Option<String> }";

    partial_with_relations, crate::partial,
        r"#[partial(Order)]
        struct OrderRow { note: Option<String>, #[include] customer: CustomerName }";
    partial, crate::partial,
        r"#[partial(shop::Customer)]
        struct CustomerName { pk: i64, r#type: Option<String> }";
    from_row, crate::from_row,
        r#"pub struct Busy {
            pub name: String,
            #[column(name = "count")] orders: Option<i64>,
            #[skip] notes: Vec<String>,
        }"#;

    fallback, crate::entity, "pub struct Order { id: i64, r#type: String }";
}

/// The compile time of an entity grows with the code that is generated for it.
#[test]
fn a_page_of_entities_expands_to_few_lines() {
    let customer = expanded(
        r#"#[entity(table = "customers")]
        #[has_many(Order, name = "orders")]
        pub struct Customer {
            #[id(generated)]
            pub pk: i64,
            pub name: String,
            #[unique]
            pub email: Option<String>,
        }"#,
        crate::entity,
    );
    let order = expanded(
        r#"#[has_many(Line, name = "lines")]
        pub struct Order {
            #[id(generated)]
            pub id: i64,
            #[belongs_to(Customer, key_to = "pk", on_delete = "restrict")]
            pub customer_id: i64,
            pub quantity: i32,
        }"#,
        crate::entity,
    );
    let (customer, order) = (customer.lines().count(), order.lines().count());
    println!("{} lines: Customer {customer}, Order {order}", customer + order);
    assert!(customer + order < 1_000);
}
