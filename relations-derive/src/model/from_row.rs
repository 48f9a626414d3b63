//! The meaning of `#[derive(FromRow)]`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{LitStr, Path, Type};

use super::{krate, property};
use crate::attr::{FieldAttrs, FromRowAttrs};

/// A struct that is read from rows.
pub(crate) struct FromRow {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) fields: Vec<Field>,
    /// Fields that have no column; filled with `Default` when read.
    pub(crate) skipped: Vec<Ident>,
    /// Whether it is an entity as well, which implements `FromRow` already.
    pub(crate) is_entity: bool,
}

/// A field that is read from a column.
pub(crate) struct Field {
    /// The field; may be raw, as in `r#type`.
    pub(crate) ident: Ident,
    /// The field's name, never raw.
    pub(crate) name: String,
    pub(crate) column: String,
    /// The column as written, to underline.
    pub(crate) written: Option<LitStr>,
    /// The type without its `Option`.
    pub(crate) ty: Type,
    pub(crate) full_type: Type,
    pub(crate) nullable: bool,
}

impl FromRow {
    pub(crate) fn build(attrs: FromRowAttrs) -> Self {
        let (skipped, read): (Vec<_>, Vec<_>) =
            attrs.fields.into_iter().partition(|field| field.skip);
        Self {
            ident: attrs.ident,
            krate: krate(attrs.options.krate),
            fields: read.into_iter().map(Field::build).collect(),
            skipped: skipped.into_iter().map(|field| field.field).collect(),
            is_entity: attrs.is_entity,
        }
    }
}

impl Field {
    fn build(attrs: FieldAttrs) -> Self {
        let name = attrs.field.unraw().to_string();
        let written = attrs.column.name.map(|name| name.0);
        let optional = property::inside("Option", &attrs.ty);
        Self {
            column: written.as_ref().map_or_else(|| name.clone(), LitStr::value),
            written,
            ty: optional.cloned().unwrap_or_else(|| attrs.ty.clone()),
            nullable: optional.is_some(),
            full_type: attrs.ty,
            ident: attrs.field,
            name,
        }
    }

    /// Whether it is an array of arrays, as far as tokens show it.
    pub(crate) fn is_array_of_arrays(&self) -> bool {
        property::is_array_of_arrays(&self.ty)
    }
}
