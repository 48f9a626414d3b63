//! `#[index(tenant_id, email, …)]` and `#[check("…")]` on the struct.

use darling::FromMeta;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Token};

use super::arguments::{Arguments, item, up_to_comma};
use super::keyword::Keyword;
use super::option::{Flag, Text};
use super::unique::names;
use crate::error::Errors;

/// An index of several properties as it was written.
pub(crate) struct IndexAttrs {
    /// The whole attribute, to underline.
    pub(crate) attribute: Attribute,
    pub(crate) names: Vec<Ident>,
    pub(crate) options: IndexOptions,
}

/// The options after the properties.
#[derive(FromMeta)]
pub(crate) struct IndexOptions {
    pub(crate) name: Option<Text>,
    pub(crate) filter: Option<Text>,
    pub(crate) using: Option<Text>,
    /// The SQL behind the properties.
    pub(crate) expression: Option<Text>,
    pub(crate) unique: Option<Flag>,
}

impl IndexAttrs {
    /// `None` if something was not understood.
    pub(super) fn read(errors: &mut Errors, attribute: &Attribute) -> Option<Self> {
        let keyword = Keyword::Index;
        let (names, arguments) =
            Arguments::after(errors, keyword, (attribute, &attribute.meta), |_, input| {
                names(input, keyword)
            })?;
        let options: IndexOptions = arguments.read(errors, |_| None)?;
        if names.is_empty() && options.expression.is_none() {
            let message = format!("`#[index]` names no property; write `{}`", keyword.example());
            errors.at(attribute, message);
            return None;
        }
        Some(Self { attribute: attribute.clone(), names, options })
    }
}

/// A check as it was written.
pub(crate) struct CheckAttrs {
    /// The whole attribute, to underline.
    pub(crate) attribute: Attribute,
    pub(crate) condition: LitStr,
    pub(crate) options: CheckOptions,
}

/// The option after the condition.
#[derive(FromMeta)]
pub(crate) struct CheckOptions {
    pub(crate) name: Option<Text>,
}

impl CheckAttrs {
    /// `None` if something was not understood.
    pub(super) fn read(errors: &mut Errors, attribute: &Attribute) -> Option<Self> {
        let keyword = Keyword::Check;
        let (condition, arguments) =
            Arguments::after(errors, keyword, (attribute, &attribute.meta), |_, input| {
                condition(input)
            })?;
        let options = arguments.read(errors, |_| None)?;
        let Some(condition) = condition.filter(|condition| !condition.value().trim().is_empty())
        else {
            let message = format!("`#[check]` has no condition; write `{}`", keyword.example());
            errors.at(attribute, message);
            return None;
        };
        if condition.value().contains('\0') {
            errors.at(&condition, "a database takes no NUL character; remove it");
            return None;
        }
        Some(Self { attribute: attribute.clone(), condition, options })
    }
}

/// The condition, which is a string.
fn condition(input: ParseStream) -> syn::Result<Option<LitStr>> {
    if input.peek(LitStr) {
        return item(input, text).map(Some);
    }
    if input.is_empty() || input.peek2(Token![=]) {
        return Ok(None);
    }
    let message = format!("write the condition as text, as in `{}`", Keyword::Check.example());
    Err(syn::Error::new_spanned(up_to_comma(input)?, message))
}

fn text(input: ParseStream) -> syn::Result<LitStr> {
    input.parse()
}
