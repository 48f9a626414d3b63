//! `#[unique(tenant_id, email, …)]` on the struct.

use darling::FromMeta;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Token};

use super::arguments::{Arguments, item, value};
use super::keyword::{Keyword, identifier};
use super::option::{Flag, Text};
use crate::error::Errors;

/// A key of several properties as it was written.
pub(crate) struct UniqueAttrs {
    /// The whole attribute, to underline.
    pub(crate) attribute: Attribute,
    pub(crate) names: Vec<Ident>,
    pub(crate) options: UniqueOptions,
}

/// The options after the properties.
#[derive(FromMeta)]
pub(crate) struct UniqueOptions {
    pub(crate) name: Option<Text>,
    pub(crate) filter: Option<Text>,
    pub(crate) with_deleted: Option<Flag>,
    pub(crate) deferrable: Option<Flag>,
    pub(crate) initially_deferred: Option<Flag>,
}

impl UniqueAttrs {
    /// `None` where something was not understood: what follows from it would be said twice.
    pub(super) fn read(errors: &mut Errors, attribute: &Attribute) -> Option<Self> {
        let keyword = Keyword::Unique;
        let (names, arguments) =
            Arguments::after(errors, keyword, (attribute, &attribute.meta), |_, input| {
                names(input, keyword)
            })?;
        let options = arguments.read(errors, |_| None)?;
        if names.is_empty() {
            let message = format!("`#[unique]` names no property; write `{}`", keyword.example());
            errors.at(attribute, message);
            return None;
        }
        Some(Self { attribute: attribute.clone(), names, options })
    }
}

/// The properties, up to the first option.
pub(super) fn names(input: ParseStream, keyword: Keyword) -> syn::Result<Vec<Ident>> {
    let mut names = Vec::new();
    while !input.is_empty() && !input.peek2(Token![=]) && !is_flag(input, keyword) {
        names.push(item(input, |input| name(input, keyword))?);
    }
    Ok(names)
}

/// Whether an option without a value comes next. A property of that name is written as a string.
fn is_flag(input: ParseStream, keyword: Keyword) -> bool {
    let flags: &[&str] = match keyword {
        Keyword::Unique => &["with_deleted", "deferrable", "initially_deferred"],
        Keyword::Index => &["unique"],
        _ => &[],
    };
    let word = input.fork().call(Ident::parse_any);
    word.is_ok_and(|word| flags.iter().any(|flag| word == flag))
}

/// A property, as a string or a bare word.
fn name(input: ParseStream, keyword: Keyword) -> syn::Result<Ident> {
    let written = value(input)?.into_token_stream();
    let found = if let Ok(text) = syn::parse2::<LitStr>(written.clone()) {
        identifier(&text.value(), text.span())
    } else {
        let word = Ident::parse_any.parse2(written.clone()).ok();
        word.and_then(|word| identifier(&word.to_string(), word.span()))
    };
    found.ok_or_else(|| {
        let message = format!("expected a property, as in `{}`", keyword.example());
        syn::Error::new_spanned(written, message)
    })
}
