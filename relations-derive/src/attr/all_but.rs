//! `#[all_but(DocumentHead, body, scan, derive(Serialize))]`

use darling::FromMeta;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Token, token};

use super::arguments::{Arguments, item};
use super::generated_struct::{Derives, StructOptions};
use super::keyword::Keyword;
use crate::error::Errors;

/// A struct that lacks some properties, as it was written.
pub(crate) struct AllButAttrs {
    /// The name of the struct.
    pub(crate) ident: Ident,
    /// The properties that it lacks.
    pub(crate) left_out: Vec<Ident>,
    pub(crate) options: Option<StructOptions>,
}

/// The options after the properties.
#[derive(FromMeta)]
struct AllButOptions {
    derive: Option<Derives>,
}

impl AllButAttrs {
    pub(super) fn read(errors: &mut Errors, attribute: &Attribute) -> Option<Self> {
        let keyword = Keyword::AllBut;
        let (words, arguments) =
            Arguments::after(errors, keyword, (attribute, &attribute.meta), |_, input| {
                words(input)
            })?;
        let options: AllButOptions = arguments.read(errors, |_| None)?;
        let mut words = words.into_iter();
        let Some(ident) = words.next() else {
            let example = keyword.example();
            errors.at(attribute, format!("expected the name of a struct first, as in `{example}`"));
            return None;
        };
        let left_out: Vec<_> = words.collect();
        if left_out.is_empty() {
            let message =
                format!("expected what `{ident}` leaves out, as in `#[all_but({ident}, body)]`");
            errors.at(&ident, message);
            return None;
        }
        let options = options.derive.map(|derives| StructOptions {
            option: Ident::new("all_but", ident.span()),
            derives: derives.0,
        });
        Some(Self { ident, left_out, options })
    }
}

/// The words before the options.
fn words(input: ParseStream) -> syn::Result<Vec<Ident>> {
    let mut words = Vec::new();
    while input.peek(Ident) && !input.peek2(Token![=]) && !input.peek2(token::Paren) {
        words.push(item(input, Ident::parse)?);
    }
    Ok(words)
}
