//! The names in serde's own attribute, which included relations follow.

use syn::{Attribute, LitStr};

/// The case in which serde writes the names of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SerdeCase {
    AsWritten,
    Camel,
    Pascal,
    Kebab,
    Upper,
    UpperKebab,
}

impl SerdeCase {
    /// The value of `#[serde(rename_all = "…")]` or of `#[serde(rename_all(serialize = "…"))]`.
    /// serde itself reports mistakes in it.
    pub(super) fn among(attributes: &[Attribute]) -> Option<Self> {
        let mut case = None;
        for attribute in attributes.iter().filter(|one| one.path().is_ident("serde")) {
            let _ = attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename_all") && meta.input.peek(syn::Token![=]) {
                    case = Self::named(&meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("rename_all") {
                    meta.parse_nested_meta(|side| {
                        let name: LitStr = side.value()?.parse()?;
                        if side.path.is_ident("serialize") {
                            case = Self::named(&name.value());
                        }
                        Ok(())
                    })?;
                } else if meta.input.peek(syn::Token![=]) {
                    meta.value()?.parse::<syn::Expr>()?;
                } else if meta.input.peek(syn::token::Paren) {
                    let inner;
                    syn::parenthesized!(inner in meta.input);
                    inner.parse::<proc_macro2::TokenStream>()?;
                }
                Ok(())
            });
        }
        case
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "lowercase" | "snake_case" => Some(Self::AsWritten),
            "camelCase" => Some(Self::Camel),
            "PascalCase" => Some(Self::Pascal),
            "kebab-case" => Some(Self::Kebab),
            "UPPERCASE" | "SCREAMING_SNAKE_CASE" => Some(Self::Upper),
            "SCREAMING-KEBAB-CASE" => Some(Self::UpperKebab),
            _ => None,
        }
    }
}
