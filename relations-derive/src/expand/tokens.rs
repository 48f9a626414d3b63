//! Spans of generated tokens, which decide where an error is shown.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;
use syn::spanned::Spanned;

/// Gives generated tokens the span of the user's.
///
/// rustc underlines a path from its first token to its last. If one of them had another span, it
/// would underline the derive instead, and repeat the error.
pub(super) fn respan(span: Span, tokens: impl ToTokens) -> TokenStream {
    let moved = tokens.to_token_stream().into_iter().map(|mut token| {
        let place = match &token {
            // `$crate` is resolved by its span, so only its location may change.
            TokenTree::Ident(ident) if ident == "$crate" => span.resolved_at(ident.span()),
            _ => span,
        };
        token.set_span(place);
        token
    });
    moved.collect()
}

/// A generated variable with the location of `span`. All of its uses resolve to one variable, also
/// if the user's tokens come out of a macro.
pub(super) fn variable(span: Span, name: &str) -> Ident {
    Ident::new(name, span.resolved_at(Span::call_site()))
}

/// The span of the last word of a type.
pub(super) fn last_span(ty: &Type) -> Span {
    ty.to_token_stream().into_iter().last().map_or_else(|| ty.span(), |token| token.span())
}
