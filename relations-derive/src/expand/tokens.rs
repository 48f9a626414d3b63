//! Tokens that show up where an error should.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Tokens of ours in the place of `span`.
///
/// rustc underlines a path from its first token to its last. Were one of them elsewhere, it would
/// give up and underline the derive, and say the same error once more.
pub(super) fn at(span: Span, tokens: impl ToTokens) -> TokenStream {
    let moved = tokens.to_token_stream().into_iter().map(|mut token| {
        let place = match &token {
            // This one is found by its span, so that only its place may change.
            TokenTree::Ident(ident) if ident == "$crate" => span.resolved_at(ident.span()),
            _ => span,
        };
        token.set_span(place);
        token
    });
    moved.collect()
}

/// A variable of ours in the place of `span`. It is the same one wherever it stands, which a name
/// with the user's own span is not: their tokens may come out of a macro.
pub(super) fn variable(span: Span, name: &str) -> Ident {
    Ident::new(name, span.resolved_at(Span::call_site()))
}
