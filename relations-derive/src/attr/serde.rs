//! The names in serde's own attribute, which included relations follow.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprPath, Lit, LitStr, Meta, Path, Token};

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

/// The options of serde's on a property, for the generated structs that repeat it.
#[derive(Default)]
pub(crate) struct SerdeField {
    /// `rename` and `alias`.
    pub(crate) names: Vec<Meta>,
    /// `with`, `deserialize_with` and `serialize_with`.
    pub(crate) codec: Vec<Meta>,
    /// `skip` or `skip_deserializing`.
    pub(crate) unread: Option<Meta>,
}

impl SerdeField {
    pub(super) fn among(attributes: &[Attribute]) -> Self {
        let mut field = Self::default();
        for option in options(attributes) {
            let is = |name: &str| option.path().is_ident(name);
            if is("rename") || is("alias") {
                field.names.push(option);
            } else if is("with") || is("deserialize_with") || is("serialize_with") {
                field.codec.push(option);
            } else if is("skip") || is("skip_deserializing") {
                field.unread = Some(option);
            }
        }
        field
    }

    /// The function that reads the property, if it is not its type's own.
    pub(crate) fn deserialize(&self) -> Option<Path> {
        self.codec.iter().find_map(|option| {
            let mut path = path(option)?;
            if option.path().is_ident("with") {
                path.segments.push(syn::parse_quote!(deserialize));
            }
            (!option.path().is_ident("serialize_with")).then_some(path)
        })
    }

    /// The option by which another function than the type's own writes the property.
    pub(crate) fn serialize(&self) -> Option<&Meta> {
        self.codec.iter().find(|option| !option.path().is_ident("deserialize_with"))
    }
}

/// The options of the struct that the generated structs repeat: `rename_all` and `crate`.
pub(super) fn repeated(attributes: &[Attribute]) -> Vec<Meta> {
    let is_repeated =
        |option: &Meta| option.path().is_ident("rename_all") || option.path().is_ident("crate");
    options(attributes).filter(is_repeated).collect()
}

/// The options in serde's attributes, which itself reports mistakes in them.
fn options(attributes: &[Attribute]) -> impl Iterator<Item = Meta> {
    let of_serde = attributes.iter().filter(|one| one.path().is_ident("serde"));
    of_serde.flat_map(|attribute| {
        attribute
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .unwrap_or_default()
    })
}

/// The path that is the value of an option, as a string: `with = "module"`.
pub(crate) fn path(option: &Meta) -> Option<Path> {
    let Meta::NameValue(pair) = option else { return None };
    let Expr::Lit(literal) = &pair.value else { return None };
    let Lit::Str(text) = &literal.lit else { return None };
    text.parse::<ExprPath>().ok().map(|expression| expression.path)
}
