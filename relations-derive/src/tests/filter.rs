//! Filters of relations: mistakes in them, and their text.

use super::model::model;
use super::{assert_each_is_one_mistake, mistakes};

#[test]
fn filters_of_relations() {
    let expected = "expected a filter of the target, as in `filter = Order::STATUS.eq(\"open\")`";
    let of_foreign_key = "a foreign key leads to its target, so it takes no `filter`; write it in a \
                          `#[has_many]` or a `#[has_one]`";
    let cases = [
        ("has_many(Order, filter = \"status = 1\")", "\"status = 1\"", expected),
        ("has_many(Order, filter)", "filter", expected),
        ("has_one(Order, filter(Order::A))", "(Order::A)", expected),
        (
            "has_many(Order, filter = Order::A.eq(1), filter = Order::B.eq(1))",
            "filter = Order::B.eq(1)",
            "`filter` is already given; remove one",
        ),
        (
            "belongs_to(Order, key_from = a, filter = Order::A.eq(1))",
            "filter = Order::A.eq(1)",
            of_foreign_key,
        ),
    ];
    assert_each_is_one_mistake(&cases, |attribute| {
        mistakes(&format!("#[{attribute}] struct Customer {{ #[id] id: i64, a: i64 }}"))
    });
}

#[test]
fn the_text_of_a_filter_is_as_written() {
    let written = [
        r#"Order::STATUS.eq("open")"#,
        r#"Order::STATUS.is_in(["open", "late"]).and(!Order::PAID.eq(true))"#,
        "shop::Order::PRICE.gt(-5).or(Order::PRICE.is_null())",
        "(Order::PRICE * Order::QUANTITY + 1).ge(&LIMIT)",
        "Order::PRICE.between(1..=9)",
    ];
    for filter in written {
        let entity = model(&format!(
            "#[has_many(Order, filter = {filter})] struct Customer {{ #[id] id: i64 }}"
        ));
        let text = entity.relations.first().and_then(|one| one.filter.as_ref());
        assert_eq!(text.map(|one| one.text.as_str()), Some(filter));
    }
}
