//! Rules for relations by an array of keys.

use crate::error::Errors;
use crate::model::{Entity, KeyArray};

/// The array is the key of its side, and leads to the other side by itself.
pub(super) fn arrays_are_the_only_key(errors: &mut Errors, entity: &Entity) {
    for relation in entity.relations.iter().filter(|relation| relation.key_array.is_some()) {
        let options = &relation.attrs.options;
        if let Some(through) = &options.through {
            errors
                .at(&through.0, "an array leads to its targets without a link; remove one of both");
        }
        if let (Some(_), Some(to)) = (&options.keys_from, &options.keys_to) {
            let message = "`keys_from` says already which side holds the keys; remove one of both";
            errors.at(&to.0, message);
        }
        let twice = match relation.key_array {
            Some(KeyArray::Source) => options.key_from.as_ref().map(|key| (key, "keys_from")),
            _ => options.key_to.as_ref().map(|key| (key, "keys_to")),
        };
        if let Some((key, by)) = twice {
            errors.at(
                &key.option,
                format!("`{by}` is the key of this side already; remove one of both"),
            );
        }
    }
}

/// An element of an array is a key of one property.
pub(super) fn elements_are_keys_of_one_property(errors: &mut Errors, entity: &Entity) {
    for relation in &entity.relations {
        let options = &relation.attrs.options;
        match (relation.key_array, &options.key_to, &options.key_from) {
            (Some(KeyArray::Source), Some(keys), _) | (Some(KeyArray::Target), _, Some(keys))
                if keys.names.len() > 1 =>
            {
                errors.at(&keys.option, "an array holds keys of one property; name one");
            }
            (Some(KeyArray::Target), _, None) if relation.key_from.len() > 1 => {
                let message = format!(
                    "the key of `{}` is composite, and an array holds keys of one property; name it with \
                     `key_from = \"…\"`",
                    entity.ident,
                );
                errors.at(&relation.attrs.attribute, message);
            }
            _ => {}
        }
    }
}
