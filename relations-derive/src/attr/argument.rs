//! What stands between two commas of an attribute.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Lit, Path, Token, token};

/// One argument, before anyone asks what it means.
pub(super) enum Argument {
    /// `Customer`, `generated`
    Path(Path),
    /// `name = "orders"`
    Value { name: Ident, equals: Token![=], value: TokenStream },
    /// `key_from("a", "b")`
    List { name: Ident, items: Group },
    /// `"orders"`, `5`: nothing that we know.
    Other(TokenStream),
}

impl Argument {
    pub(super) fn name(&self) -> Option<&Ident> {
        match self {
            Self::Path(path) => path.get_ident(),
            Self::Value { name, .. } | Self::List { name, .. } => Some(name),
            Self::Other(_) => None,
        }
    }

    /// The part to change when the name is right and the rest is not.
    pub(super) fn rest(&self) -> TokenStream {
        match self {
            Self::Value { value, .. } if !value.is_empty() => value.clone(),
            Self::List { items, .. } => items.to_token_stream(),
            _ => self.to_token_stream(),
        }
    }

    /// Never fails on a token that it doesn't know: what is unknown gets a better sentence later.
    pub(super) fn parse(input: ParseStream) -> syn::Result<Self> {
        let named = input.peek(Ident::peek_any);
        if named && input.peek2(Token![=]) {
            let name = input.call(Ident::parse_any)?;
            let equals = input.parse()?;
            let value = literal_or_rest(input)?;
            Ok(Self::Value { name, equals, value })
        } else if named && input.peek2(token::Paren) {
            let name = input.call(Ident::parse_any)?;
            let items = input.parse()?;
            Ok(Self::List { name, items })
        } else if starts_a_path(input) {
            let path = input.parse().map(Self::Path);
            path.map_err(|error| syn::Error::new(error.span(), "expected the rest of the path"))
        } else {
            literal_or_rest(input).map(Self::Other)
        }
    }
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Path(path) => quote!(#path),
            Self::Value { name, equals, value } => quote!(#name #equals #value),
            Self::List { name, items } => quote!(#name #items),
            Self::Other(other) => quote!(#other),
        });
    }
}

/// Whether a path comes next, which `type`, `true` and `_` are not.
fn starts_a_path(input: ParseStream) -> bool {
    let has_keyword = input.peek(Token![crate])
        || input.peek(Token![self])
        || input.peek(Token![super])
        || input.peek(Token![Self]);
    has_keyword || input.peek(Token![::]) || input.peek(Ident)
}

/// One literal, else everything up to the next comma.
pub(super) fn literal_or_rest(input: ParseStream) -> syn::Result<TokenStream> {
    if input.peek(Lit) {
        return input.parse::<Lit>().map(|literal| quote!(#literal));
    }
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

/// All that `item` reads, with commas between.
pub(super) fn separated<T>(
    input: ParseStream,
    item: impl Fn(ParseStream) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![,]) {
            return Err(input.error("nothing stands before this `,`; remove it"));
        }
        items.push(item(input)?);
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error("expected a `,` before this"));
        }
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(items)
}
