//! The meaning of `#[derive(Value)]`.

use proc_macro2::Ident;
use syn::{LitStr, Path, Type};

use super::{krate, name};
use crate::attr::{Case, ModulePath, ValueAttrs, ValueOptions, ValueShape};

/// A user's type that is stored in a column.
pub(crate) struct Value {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) kind: ValueKind,
    /// The type of the column on PostgreSQL.
    pub(crate) sql_type: Option<String>,
    /// The tokens to underline.
    pub(crate) options: ValueOptions,
}

#[allow(clippy::large_enum_variant, reason = "one is built for each derive")]
pub(crate) enum ValueKind {
    /// Stored as its only value.
    Newtype { ty: Type },
    /// Stored as text.
    Enum { variants: Vec<Variant> },
    /// Stored as the numbers of its variants, of this type.
    Numbers { variants: Vec<Variant>, repr: Ident },
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) text: String,
    /// The string as written, to underline.
    pub(crate) rename: Option<LitStr>,
}

impl Value {
    pub(crate) fn build(attrs: ValueAttrs) -> Self {
        let case = attrs.options.rename_all.as_ref().map_or(Case::Snake, |written| written.choice);
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
                let variants = variants.collect();
                match &attrs.options.integer {
                    Some(word) => {
                        let otherwise = || Ident::new("i32", word.0.span());
                        ValueKind::Numbers { variants, repr: attrs.repr.unwrap_or_else(otherwise) }
                    }
                    None => ValueKind::Enum { variants },
                }
            }
        };
        Self {
            ident: attrs.ident,
            krate: krate(attrs.options.krate.as_ref().map(|path| ModulePath(path.0.clone()))),
            kind,
            sql_type: attrs.options.sql_type.as_ref().map(|text| text.0.value()),
            options: attrs.options,
        }
    }
}
