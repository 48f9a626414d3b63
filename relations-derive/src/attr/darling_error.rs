//! Mistakes on their way through darling.

use std::fmt::Display;

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote};

use crate::error::Errors;

/// A mistake under all of `tokens`.
///
/// darling's error has one span, and a stable compiler joins none. So another error follows, under
/// the last token and without words, which [`report`] takes as the end of the first.
pub(super) fn spanned_error(tokens: impl ToTokens, message: impl Display) -> darling::Error {
    let mut tokens = tokens.to_token_stream().into_iter();
    let (first, last) = (tokens.next(), tokens.last());
    let error = darling::Error::custom(message).with_span(&first);
    match last {
        Some(last) => {
            darling::Error::multiple(vec![error, darling::Error::custom("").with_span(&last)])
        }
        None => error,
    }
}

/// Notes each mistake that darling brings.
pub(super) fn report(errors: &mut Errors, brought: darling::Error) {
    let mut brought = syn::Error::from(brought).into_iter().peekable();
    while let Some(error) = brought.next() {
        let first = at(error.span());
        let last = brought.next_if(|next| next.to_string().is_empty()).map(|last| at(last.span()));
        errors.at(quote!(#first #last), error);
    }
}

/// A token to underline.
fn at(span: Span) -> Ident {
    Ident::new("_", span)
}
