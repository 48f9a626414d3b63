//! `#[one_of(post, photo, name = "subject")]`

use darling::FromMeta;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Token, token};

use super::arguments::{Arguments, item};
use super::keyword::Keyword;
use super::option::{Flag, Name};
use crate::error::Errors;

/// Several relations of which a row follows one, as they were written.
pub(crate) struct OneOfAttrs {
    /// The whole attribute, to underline.
    pub(crate) attribute: Attribute,
    /// The names of the relations.
    pub(crate) relations: Vec<Ident>,
    pub(crate) options: OneOfOptions,
}

/// The options after the relations.
#[derive(FromMeta)]
pub(crate) struct OneOfOptions {
    pub(crate) name: Option<Name>,
    /// Whether a row may follow none of them.
    pub(crate) optional: Option<Flag>,
}

impl OneOfAttrs {
    pub(super) fn read(errors: &mut Errors, attribute: &Attribute) -> Option<Self> {
        let (relations, arguments) =
            Arguments::after(errors, Keyword::OneOf, (attribute, &attribute.meta), |_, input| {
                relations(input)
            })?;
        let options = arguments.read(errors, |_| None)?;
        Some(Self { attribute: attribute.clone(), relations, options })
    }
}

/// The words before the options.
fn relations(input: ParseStream) -> syn::Result<Vec<Ident>> {
    let mut relations = Vec::new();
    while input.peek(Ident) && !input.peek2(Token![=]) && !input.peek2(token::Paren) {
        if input.fork().parse::<Ident>().is_ok_and(|word| word == "optional") {
            break;
        }
        relations.push(item(input, Ident::parse)?);
    }
    Ok(relations)
}
