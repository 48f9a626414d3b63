//! What stands in an attribute's parentheses: `Customer, key_to = "pk", key_from("a", "b")`.

use darling::FromMeta;
use darling::ast::NestedMeta;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Meta, MetaNameValue, Token};

use super::keyword::Keyword;
use super::mistake;
use crate::error::{Errors, with_suggestion};

/// The options of one attribute as they were written.
pub(super) struct Arguments {
    keyword: Keyword,
    items: Vec<NestedMeta>,
}

/// What darling makes of an attribute that is nothing but options.
pub(super) fn options<T: FromMeta>(
    errors: &mut Errors,
    keyword: Keyword,
    attribute: &Attribute,
    misplaced: impl Fn(&str) -> Option<String>,
) -> Option<T> {
    let ((), arguments) = Arguments::after(errors, keyword, attribute, |_, _| Ok(()))?;
    arguments.read(errors, misplaced)
}

impl Arguments {
    /// What follows what `first` reads. `#[name = …]` and broken lists are mistakes.
    pub(super) fn after<T>(
        errors: &mut Errors,
        keyword: Keyword,
        attribute: &Attribute,
        first: impl FnOnce(&mut Errors, ParseStream) -> syn::Result<T>,
    ) -> Option<(T, Self)> {
        let example = keyword.example();
        let list = |input: ParseStream| {
            let first = first(errors, input)?;
            let items = separated(input, &format!("expected an option, as in `{example}`"))?;
            Ok((first, Self { keyword, items }))
        };
        let arguments = match &attribute.meta {
            Meta::Path(_) => list.parse_str(""),
            Meta::List(attribute) => attribute.parse_args_with(list),
            Meta::NameValue(_) => {
                let message = format!("expected parentheses, as in `{example}`");
                Err(syn::Error::new_spanned(attribute, message))
            }
        };
        arguments.map_err(|error| errors.add(error)).ok()
    }

    /// Forgets words without a value.
    pub(super) fn forget_words(&mut self) {
        self.items.retain(|item| !matches!(item, NestedMeta::Meta(Meta::Path(_))));
    }

    /// What darling makes of them, once each is known and given once. `misplaced` tells what to do
    /// with an option that exists, but not here.
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
            let Some(name) = name_of(item) else {
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
        let options = T::from_list(&items).map_err(|error| mistake::report(errors, error));
        options.ok().filter(|_| items.len() == count)
    }
}

fn name_of(item: &NestedMeta) -> Option<&Ident> {
    match item {
        NestedMeta::Meta(meta) => meta.path().get_ident(),
        _ => None,
    }
}

/// All items, with commas between. What is none is told in the words of `expected`.
pub(super) fn separated(input: ParseStream, expected: &str) -> syn::Result<Vec<NestedMeta>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        let parsed = item(input, |input| {
            input.parse().map_err(|error| syn::Error::new(error.span(), expected))
        })?;
        items.push(any_value(parsed));
    }
    Ok(items)
}

/// What stands before the next comma, and that comma.
pub(super) fn item<T>(
    input: ParseStream,
    parse: impl FnOnce(ParseStream) -> syn::Result<T>,
) -> syn::Result<T> {
    if input.peek(Token![,]) {
        return Err(input.error("nothing stands before this `,`; remove it"));
    }
    let item = parse(input)?;
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(input.error("expected a `,` before this"));
    }
    input.parse::<Option<Token![,]>>()?;
    Ok(item)
}

/// A keyword is a value as well, though no expression: `key_to = type`. As darling leaves it, it
/// would never reach an `Option`.
fn any_value(item: NestedMeta) -> NestedMeta {
    match item {
        NestedMeta::NameValueInvalidExpr(pair) => {
            let value = Expr::Verbatim(pair.value);
            let (path, eq_token) = (pair.path, pair.eq_token);
            NestedMeta::Meta(Meta::NameValue(MetaNameValue { path, eq_token, value }))
        }
        other => other,
    }
}
