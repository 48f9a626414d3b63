//! The model of a `#[derive(Partial)]`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Path, Type};

use super::{krate, name, property};
use crate::attr::{PartialAttrs, PartialFieldAttrs};

/// A struct that holds some properties of an entity.
pub(crate) struct Partial {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    /// None where it is missing, which is a mistake.
    pub(crate) entity: Option<Path>,
    pub(crate) fields: Vec<PartialField>,
    /// The fields that hold relations.
    pub(crate) includes: Vec<PartialInclude>,
}

/// A field that holds the relation of its name.
pub(crate) struct PartialInclude {
    pub(crate) ident: Ident,
    /// The field's name, never raw.
    pub(crate) name: String,
    /// The constant of the relation.
    pub(crate) constant: Ident,
    pub(crate) ty: Type,
}

/// A field that holds the property of its name.
pub(crate) struct PartialField {
    pub(crate) ident: Ident,
    /// The field's name, never raw.
    pub(crate) name: String,
    /// The type without its `Option`.
    pub(crate) ty: Type,
    pub(crate) nullable: bool,
}

impl Partial {
    pub(crate) fn build(attrs: PartialAttrs) -> Self {
        let (includes, fields): (Vec<_>, Vec<_>) =
            attrs.fields.into_iter().partition(|field| field.include);
        let includes =
            includes.into_iter().map(|PartialFieldAttrs { ident, ty, .. }| PartialInclude {
                name: ident.unraw().to_string(),
                constant: name::constant(&ident),
                ident,
                ty,
            });
        let fields = fields.into_iter().map(|PartialFieldAttrs { ident, ty, .. }| {
            let optional = property::inside("Option", &ty).cloned();
            PartialField {
                name: ident.unraw().to_string(),
                nullable: optional.is_some(),
                ty: optional.unwrap_or(ty),
                ident,
            }
        });
        Self {
            ident: attrs.ident,
            krate: krate(attrs.options.krate),
            entity: attrs.entity,
            fields: fields.collect(),
            includes: includes.collect(),
        }
    }
}
