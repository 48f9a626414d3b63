//! Rules for soft delete: the time of a deletion, and keys of rows that are not deleted.

use syn::ext::IdentExt;

use crate::error::Errors;
use crate::model::{Entity, Stamp};

/// A row is not deleted until there is a time.
pub(super) fn a_deletion_is_null_before(errors: &mut Errors, entity: &Entity) {
    let stamped = entity.properties.iter().filter(|one| one.stamp() == Some(Stamp::DeletedAt));
    for property in stamped.filter(|property| !property.nullable && !property.is_id()) {
        let message =
            "`#[deleted_at]` is null until the row is deleted; write the type as an `Option`";
        errors.at(&property.full_type, message);
    }
}

/// Only an entity with soft delete has deleted rows.
pub(super) fn keys_with_deleted_rows_have_some(errors: &mut Errors, entity: &Entity) {
    if entity.deleted_at().is_some() {
        return;
    }
    let of_property = |property: &crate::model::Property| {
        let unique = property.attrs.unique.as_ref()?;
        unique.options.with_deleted.as_ref().map(|flag| flag.0.clone())
    };
    let properties = entity.properties.iter().filter_map(of_property);
    let keys = entity.unique_keys.iter().filter_map(|key| key.with_deleted.clone());
    for word in properties.chain(keys) {
        let message = format!(
            "`{}` has no `#[deleted_at]`, so no row is deleted and kept; remove `with_deleted`",
            entity.ident.unraw(),
        );
        errors.at(word, message);
    }
}

/// The time of the deletion is null in every row that a key holds for.
pub(super) fn keys_leave_out_the_time_of_deletion(errors: &mut Errors, entity: &Entity) {
    let Some(deleted_at) = entity.deleted_at() else { return };
    for key in entity.unique_keys.iter().filter(|key| key.with_deleted.is_none()) {
        for name in key.names.iter().filter(|name| name.unraw() == deleted_at.name) {
            let message = format!(
                "a key holds for the rows that are not deleted, of which `{}` is null; remove it here",
                deleted_at.name,
            );
            errors.at(name, message);
        }
    }
    if let Some(unique) = &deleted_at.attrs.unique {
        let message = "several rows may be deleted at the same time; remove `#[unique]`";
        errors.at(&unique.attribute, message);
    }
}
