//! Rules for the id of an entity, and for its unique and indexed columns.

use crate::attr::IndexAttr;
use crate::error::Errors;
use crate::model::{Entity, Property, PropertyKey};

/// Without a key an entity could be neither found nor referenced.
pub(super) fn entity_has_a_key(errors: &mut Errors, entity: &Entity) {
    let is_a_struct = !entity.properties.is_empty() || !entity.skipped.is_empty();
    if is_a_struct && entity.ids().next().is_none() && entity.read_only().is_none() {
        let ident = &entity.ident;
        errors.at(ident, format!("`{ident}` has no key; mark a field with `#[id]`"));
    }
}

/// A database refuses a primary key that may be null.
pub(super) fn key_is_not_null(errors: &mut Errors, entity: &Entity) {
    for id in entity.ids().filter(|id| id.nullable) {
        errors.at(&id.full_type, "an `#[id]` is never null; write the type without `Option`");
    }
}

/// A database counts one key up, not several.
pub(super) fn one_key_is_generated(errors: &mut Errors, entity: &Entity) {
    let mut generated = entity.ids().filter(|id| is_generated(id));
    let Some(first) = generated.next() else {
        return;
    };
    for again in generated {
        let message = format!("`{}` is generated already; remove `generated` from one", first.name);
        errors.at(generated_word(again), message);
    }
}

/// A default would never be used.
pub(super) fn generated_key_has_no_default(errors: &mut Errors, entity: &Entity) {
    for id in entity.ids().filter(|id| is_generated(id) && id.default.is_some()) {
        errors.at(generated_word(id), "`generated` and `default` both make this value; remove one");
    }
}

/// A generated key is an integer.
pub(super) fn generated_key_is_an_integer(errors: &mut Errors, entity: &Entity) {
    let counted = |id: &Property| {
        id.type_name()
            .is_some_and(|name| ["i16", "i32", "i64"].iter().any(|integer| name == integer))
    };
    for id in entity.ids().filter(|id| id.attrs.understood && is_generated(id)) {
        // A key that may be null, or has a default, is wrong for that reason already.
        if !counted(id) && !id.nullable && id.default.is_none() {
            let message = "the database generates integers only; write `i64`, or a `default` instead of `generated`";
            errors.at(&id.full_type, message);
        }
    }
}

/// The most parts of a key. It is a tuple, and Rust compares and hashes those of twelve at most.
pub(crate) const MOST_PARTS: usize = 12;

/// Keys are tuples, which Rust compares up to a length.
pub(super) fn key_has_few_parts(errors: &mut Errors, entity: &Entity) {
    if let Some(excess) = entity.ids().nth(MOST_PARTS) {
        let message = format!(
            "a key has {MOST_PARTS} parts at most; make it a generated `#[id]`, and these `#[unique(…)]`"
        );
        errors.at(&excess.ident, message);
    }
}

/// The one id of an entity is unique by being the id; a part of a composite id is not.
pub(super) fn unique_says_something(errors: &mut Errors, entity: &Entity) {
    if let Some(unique) = sole_id(entity).and_then(|id| id.attrs.unique.as_ref()) {
        errors.at(&unique.attribute, "an `#[id]` is unique already; remove `#[unique]`");
    }
}

/// A unique column has an index already.
pub(super) fn index_says_something(errors: &mut Errors, entity: &Entity) {
    let sole_id = sole_id(entity).map(|id| &id.name);
    for property in &entity.properties {
        let Some(index) = property.attrs.index.as_ref().filter(|index| is_plain(index)) else {
            continue;
        };
        let index = &index.attribute;
        if Some(&property.name) == sole_id {
            errors.at(index, "an `#[id]` is indexed already; remove `#[index]`");
        } else if entity.is_unique_in_all(property) {
            errors.at(index, "`#[unique]` makes an index already; remove `#[index]`");
        }
    }
}

/// Whether it is a B-tree of all rows, whatever its name.
fn is_plain(index: &IndexAttr) -> bool {
    index.options.as_ref().is_none_or(|options| {
        let method = options.using.as_ref().map(|method| method.0.value());
        options.filter.is_none() && method.is_none_or(|method| method == "btree")
    })
}

/// The primary key has one name.
pub(super) fn id_has_one_name(errors: &mut Errors, entity: &Entity) {
    let named = entity.ids().filter_map(|id| id.attrs.id.as_ref()?.name.as_ref());
    for again in named.skip(1) {
        errors.at(&again.0, "the id has a name already; remove one");
    }
}

fn sole_id(entity: &Entity) -> Option<&Property> {
    let mut ids = entity.ids();
    ids.next().filter(|_| ids.next().is_none())
}

fn is_generated(property: &Property) -> bool {
    property.key == PropertyKey::Id { generated: true }
}

fn generated_word(property: &Property) -> Option<&proc_macro2::Ident> {
    property.attrs.id.as_ref().and_then(|id| id.generated.as_ref()).map(|word| &word.0)
}
