//! Rules for entities whose rows are only read.

use quote::format_ident;

use crate::attr::Constraint;
use crate::error::Errors;
use crate::model::{Entity, Kind};

/// A read-only entity is one of a view, a materialized view and a table.
pub(super) fn rows_are_of_one_kind(errors: &mut Errors, entity: &Entity) {
    let [first, again @ ..] = entity.read_only.as_slice() else { return };
    for other in again {
        let message =
            format!("this is `{}` already, whose rows are only read; remove one", first.word);
        errors.at(&other.word, message);
    }
}

/// A read-only entity has no structs for inserts and updates.
pub(super) fn nothing_is_written(errors: &mut Errors, entity: &Entity) {
    let Some(read_only) = entity.read_only() else { return };
    let ident = &entity.ident;
    let structs = [
        (&entity.new, format_ident!("New{}", ident)),
        (&entity.patch, format_ident!("{}Patch", ident)),
    ];
    for (options, name) in structs {
        if let Some(options) = options {
            let message = format!(
                "`{}` is only read, so there is no `{name}`; remove this or `{}`",
                ident, read_only.word,
            );
            errors.at(&options.option, message);
        }
    }
}

/// The columns of a view are defined by its query.
pub(super) fn a_view_defines_nothing(errors: &mut Errors, entity: &Entity) {
    if !entity.is_view() {
        return;
    }
    for property in &entity.properties {
        let generated = property.attrs.id.as_ref().and_then(|id| id.generated.as_ref());
        if let Some(word) = generated {
            errors.at(&word.0, "a view generates no ids; write `#[id]`");
        }
        let column = &property.attrs.column;
        for text in [&column.default, &column.generated].into_iter().flatten() {
            errors.at(&text.0, "the query of a view makes this value; remove this");
        }
    }
    for index in &entity.indexes {
        errors.at(&index.attribute, "the indexes of a view are made where it is; remove this");
    }
    let alone = entity.properties.iter().filter_map(|property| property.attrs.index.as_ref());
    for index in alone.filter(|index| index.options.is_none()) {
        errors.at(&index.attribute, "the indexes of a view are made where it is; remove this");
    }
    for check in &entity.checks {
        errors.at(&check.attribute, "a view has no checks; remove this");
    }
}

/// No engine has a foreign key from a view.
pub(super) fn a_view_has_no_constraint(errors: &mut Errors, entity: &Entity) {
    let belonging = entity.relations.iter().filter(|relation| relation.kind == Kind::BelongsTo);
    for relation in belonging.filter(|_| entity.is_view()) {
        if let Some(Constraint::Named(name)) = &relation.attrs.options.constraint {
            errors.at(name, "a view has no foreign keys; remove `constraint`");
        }
    }
}

/// A relation to many begins at the id, unless it names another key.
pub(super) fn relations_begin_at_a_key(errors: &mut Errors, entity: &Entity) {
    if entity.read_only().is_none() || entity.ids().next().is_some() {
        return;
    }
    for relation in entity.relations.iter().filter(|relation| relation.key_from.is_empty()) {
        let message = format!(
            "`{}` has no id, at which a relation begins; name the property with `key_from = \"…\"`, or mark it \
             `#[id]`",
            entity.ident,
        );
        errors.at(&relation.target, message);
    }
}
