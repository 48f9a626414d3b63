//! The meaning of `#[derive(Value)]`.

use proc_macro2::Ident;
use syn::{LitStr, Path, Type};

use super::{krate, name};
use crate::attr::{Case, ValueAttrs, ValueShape};

/// A user's type that is stored in a column.
pub(crate) struct Value {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) kind: ValueKind,
}

#[expect(clippy::large_enum_variant, reason = "a derive makes one of it")]
pub(crate) enum ValueKind {
    /// Stored as its only value.
    Newtype { ty: Type },
    /// Stored as text.
    Enum { variants: Vec<Variant> },
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) text: String,
    /// The string as written, to underline.
    pub(crate) rename: Option<LitStr>,
}

impl Value {
    pub(crate) fn build(attrs: ValueAttrs) -> Self {
        let case = attrs.options.rename_all.map_or(Case::Snake, |written| written.choice);
        let kind = match attrs.shape {
            ValueShape::Newtype(ty) => ValueKind::Newtype { ty },
            ValueShape::Enum(variants) => {
                let variants = variants.into_iter().map(|variant| {
                    let rename = variant.options.rename.map(|rename| rename.0);
                    let renamed = rename.as_ref().map(LitStr::value);
                    Variant {
                        text: renamed.unwrap_or_else(|| name::cased(case, &variant.ident)),
                        ident: variant.ident,
                        rename,
                    }
                });
                ValueKind::Enum { variants: variants.collect() }
            }
        };
        Self { ident: attrs.ident, krate: krate(attrs.options.krate), kind }
    }
}
