//! The arguments in an attribute's parentheses: `Customer, key_to = "pk", key_from("a", "b")`.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Expr, Ident, Lit, MacroDelimiter, Meta, MetaList, MetaNameValue, Path, Token,
    parenthesized, token,
};

use super::darling_error;
use super::keyword::Keyword;
use crate::error::{Errors, with_suggestion};

/// The options of one attribute as they were written.
pub(super) struct Arguments {
    keyword: Keyword,
    items: Vec<Meta>,
}

/// Reads an attribute that consists of options only, with darling.
pub(super) fn options<T: FromMeta>(
    errors: &mut Errors,
    keyword: Keyword,
    attribute: &Attribute,
    misplaced: impl Fn(&str) -> Option<String>,
) -> Option<T> {
    let ((), arguments) =
        Arguments::after(errors, keyword, (attribute, &attribute.meta), |_, _| Ok(()))?;
    arguments.read(errors, misplaced)
}

impl Arguments {
    /// Reads the start of the arguments with `first` and returns the rest. `meta` is the attribute,
    /// and `whole` is underlined if `meta` has no parentheses. `#[name = …]` and broken lists are
    /// errors.
    pub(super) fn after<T>(
        errors: &mut Errors,
        keyword: Keyword,
        (whole, meta): (&impl ToTokens, &Meta),
        first: impl FnOnce(&mut Errors, ParseStream) -> syn::Result<T>,
    ) -> Option<(T, Self)> {
        let example = keyword.example();
        let list = |input: ParseStream| {
            let first = first(errors, input)?;
            let items = separated(input, |input| option(input, example))?;
            Ok((first, Self { keyword, items }))
        };
        let arguments = match meta {
            Meta::Path(_) => list.parse_str(""),
            Meta::List(written) => written.parse_args_with(list),
            Meta::NameValue(_) => {
                let message = format!("expected parentheses, as in `{example}`");
                Err(syn::Error::new_spanned(whole, message))
            }
        };
        arguments.map_err(|error| errors.add(error)).ok()
    }

    /// Whether an option is given.
    pub(super) fn have(&self, option: &str) -> bool {
        self.items.iter().any(|item| item.path().is_ident(option))
    }

    /// Drops the options without a value.
    pub(super) fn forget_words(&mut self) {
        self.items.retain(|item| !matches!(item, Meta::Path(_)));
    }

    /// Reads the options with darling, after a check that each is known and given once. For an
    /// option that exists, but not here, `misplaced` returns what to do with it.
    pub(super) fn read<T: FromMeta>(
        self,
        errors: &mut Errors,
        misplaced: impl Fn(&str) -> Option<String>,
    ) -> Option<T> {
        let known = self.keyword.options().iter().copied();
        let known: Vec<&str> = known.filter(|name| misplaced(name).is_none()).collect();
        let (mut earlier, mut items) = (Vec::new(), self.items);
        let count = items.len();
        items.retain(|item| {
            let Some(name) = item.path().get_ident() else {
                let example = self.keyword.example();
                errors.at(item, format!("expected an option, as in `{example}`"));
                return false;
            };
            let word = name.to_string();
            if let Some(message) = misplaced(&word) {
                errors.at(item, message);
            } else if !known.contains(&word.as_str()) {
                let problem = format!("unknown option `{word}`");
                errors.at(name, with_suggestion(&problem, &word, &known));
            } else if earlier.contains(&word) {
                errors.at(item, format!("`{word}` is already given; remove one"));
            } else {
                earlier.push(word);
                return true;
            }
            false
        });
        let items: Vec<_> = items.into_iter().map(NestedMeta::Meta).collect();
        let options = T::from_list(&items).map_err(|error| darling_error::report(errors, error));
        options.ok().filter(|_| items.len() == count)
    }
}

/// A comma-separated list of items that `parse` reads.
pub(super) fn separated<T>(
    input: ParseStream,
    parse: impl Fn(ParseStream) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        items.push(item(input, &parse)?);
    }
    Ok(items)
}

/// The tokens before the next comma, and that comma.
pub(super) fn item<T>(
    input: ParseStream,
    parse: impl FnOnce(ParseStream) -> syn::Result<T>,
) -> syn::Result<T> {
    if input.peek(Token![,]) {
        return Err(input.error("there is nothing before this `,`; remove it"));
    }
    let item = parse(input)?;
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(input.error("expected a `,` before this"));
    }
    input.parse::<Option<Token![,]>>()?;
    Ok(item)
}

/// `generated`, `name = "orders"` or `key_from("a", "b")`.
fn option(input: ParseStream, example: &str) -> syn::Result<Meta> {
    if input.peek(Ident) && input.peek2(Token![::]) {
        return input.call(Path::parse_mod_style).map(Meta::Path);
    }
    let Ok(name) = input.call(Ident::parse_any) else {
        let message = format!("expected an option, as in `{example}`");
        return Err(syn::Error::new_spanned(up_to_comma(input)?, message));
    };
    let path = Path::from(name);
    if input.peek(Token![=]) {
        let (eq_token, value) = (input.parse()?, value(input)?);
        Ok(Meta::NameValue(MetaNameValue { path, eq_token, value }))
    } else if input.peek(token::Paren) {
        let items;
        let delimiter = MacroDelimiter::Paren(parenthesized!(items in input));
        Ok(Meta::List(MetaList { path, delimiter, tokens: items.parse()? }))
    } else {
        Ok(Meta::Path(path))
    }
}

/// A literal, else everything up to the next comma: `key_to = type` is not an expression, but is a
/// value.
pub(super) fn value(input: ParseStream) -> syn::Result<Expr> {
    if input.peek(Lit) {
        return input.parse().map(Expr::Lit);
    }
    let tokens = up_to_comma(input)?;
    Ok(syn::parse2(tokens.clone()).unwrap_or(Expr::Verbatim(tokens)))
}

pub(super) fn up_to_comma(input: ParseStream) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}
