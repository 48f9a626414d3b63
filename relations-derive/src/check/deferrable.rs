//! Rules for keys that a transaction may break until its end.

use crate::error::Errors;
use crate::model::Entity;

/// A key of some rows is an index, which the database checks with each row.
pub(super) fn deferrable_keys_hold_for_all_rows(errors: &mut Errors, entity: &Entity) {
    let deletes = entity.deleted_at().is_some();
    let partial =
        "a key of some rows is an index, which is not deferrable; remove this or `filter`";
    let not_deleted = "a key of the rows that are not deleted is an index, which is not deferrable; remove \
                       this or add `with_deleted`";
    for key in &entity.unique_keys {
        let Some(deferrable) = &key.deferrable else { continue };
        if key.filter.is_some() {
            errors.at(&deferrable.word, partial);
        } else if deletes && key.with_deleted.is_none() {
            errors.at(&deferrable.word, not_deleted);
        }
    }
    for property in entity.properties.iter().filter(|property| deletes && !property.with_deleted) {
        if let Some(deferrable) = &property.deferrable {
            errors.at(&deferrable.word, not_deleted);
        }
    }
}
