//! The forms of an option. The error of each says what it expects.

use darling::{FromMeta, Result};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, Lit, LitBool, LitStr, Meta, Path};

use super::arguments::{separated, value};
use super::darling_error::spanned_error;
use super::keyword::{Words, identifier};
use crate::error::{one_of, with_suggestion};

/// A string that names something in the database: `table = "orders"`.
pub(crate) struct Text(pub(crate) LitStr);

impl FromMeta for Text {
    fn from_meta(option: &Meta) -> Result<Self> {
        let Spelling(text) = Spelling::from_meta(option)?;
        not_empty(option, text).map(Self)
    }
}

/// A string of any length: `rename = ""`.
pub(crate) struct Spelling(pub(crate) LitStr);

impl FromMeta for Spelling {
    fn from_meta(option: &Meta) -> Result<Self> {
        let text = LitStr::from_meta(option).map_err(|_| {
            spanned_error(
                rest(option),
                format!("expected a string, as in `{} = \"…\"`", name(option)),
            )
        });
        without_nul(text?).map(Self)
    }
}

/// One of a few words: `on_delete = "cascade"`.
pub(crate) struct Choice<T> {
    pub(crate) literal: LitStr,
    pub(crate) choice: T,
}

impl<T: Words> FromMeta for Choice<T> {
    fn from_meta(option: &Meta) -> Result<Self> {
        let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
        let literal = LitStr::from_meta(option).map_err(|_| {
            spanned_error(rest(option), format!("expected a string: {}", one_of(&words)))
        })?;
        let written = literal.value();
        if let Some((_, choice)) = T::WORDS.iter().find(|(word, _)| *word == written) {
            return Ok(Self { literal, choice: *choice });
        }
        let problem = format!("unknown `{}` {} `{written}`", name(option), T::NOUN);
        Err(spanned_error(literal, with_suggestion(&problem, &written, &words)))
    }
}

/// A name for something in the database, or none at all: `constraint = false`.
pub(crate) enum Constraint {
    Named(LitStr),
    Without,
}

impl FromMeta for Constraint {
    fn from_meta(option: &Meta) -> Result<Self> {
        match Lit::from_meta(option) {
            Ok(Lit::Bool(no)) if !no.value => Ok(Self::Without),
            Ok(Lit::Str(text)) => not_empty(option, without_nul(text)?).map(Self::Named),
            _ => Err(spanned_error(
                rest(option),
                "expected a name or `false`, as in `constraint = false`",
            )),
        }
    }
}

/// An option that can only be turned off: `index = false`.
pub(crate) struct Disabled;

impl FromMeta for Disabled {
    fn from_meta(option: &Meta) -> Result<Self> {
        match LitBool::from_meta(option) {
            Ok(no) if !no.value => Ok(Self),
            _ => {
                let message =
                    format!("expected `{} = false`; leave it out to have it", name(option));
                Err(spanned_error(rest(option), message))
            }
        }
    }
}

/// An option without a value: `generated`.
#[derive(Clone)]
pub(crate) struct Flag(pub(crate) Ident);

impl FromMeta for Flag {
    fn from_meta(option: &Meta) -> Result<Self> {
        let name = name(option);
        option.require_path_only().and_then(Path::require_ident).cloned().map(Self).map_err(|_| {
            spanned_error(option, format!("`{name}` takes no value; write `{name}` alone"))
        })
    }
}

/// A string or a bare word that becomes an identifier: `name = "orders"`.
#[derive(Clone)]
pub(crate) struct Name(pub(crate) Ident);

impl FromMeta for Name {
    fn from_meta(option: &Meta) -> Result<Self> {
        match option {
            Meta::NameValue(pair) => word(option, &pair.value).map(Self),
            Meta::List(_) | Meta::Path(_) => {
                Err(spanned_error(rest(option), expected_name(option)))
            }
        }
    }
}

/// An option that has options of its own, not yet read.
pub(crate) struct Nested(pub(crate) Meta);

impl FromMeta for Nested {
    fn from_meta(option: &Meta) -> Result<Self> {
        Ok(Self(option.clone()))
    }
}

/// The properties that a key is made of: `key_to = "a"`, `key_to = a`, `key_to("a", "b")`.
#[derive(Clone)]
pub(crate) struct Keys {
    /// The whole option, to underline.
    pub(crate) option: TokenStream,
    pub(crate) names: Vec<Ident>,
}

impl FromMeta for Keys {
    fn from_meta(option: &Meta) -> Result<Self> {
        let names = match option {
            Meta::NameValue(pair) => vec![word(option, &pair.value)],
            Meta::List(list) => {
                let items = |input: ParseStream| separated(input, value);
                let items = items.parse2(list.tokens.clone())?;
                items.iter().map(|item| word(option, item)).collect()
            }
            Meta::Path(_) => Vec::new(),
        };
        if names.is_empty() {
            let name = name(option);
            let message = format!("`{name}` names no property; write `{name} = \"…\"`");
            return Err(spanned_error(option, message));
        }
        // Every wrong name is reported.
        let mut mistakes = darling::Error::accumulator();
        let names = names.into_iter().filter_map(|name| mistakes.handle(name)).collect();
        mistakes.finish_with(Self { option: option.to_token_stream(), names })
    }
}

/// A filter of an entity in Rust: `filter = Order::STATUS.eq("open")`.
pub(crate) struct Condition(pub(crate) TokenStream);

impl FromMeta for Condition {
    fn from_meta(option: &Meta) -> Result<Self> {
        let filter = match option {
            Meta::NameValue(pair) if !matches!(pair.value, Expr::Lit(_)) => {
                pair.value.to_token_stream()
            }
            _ => TokenStream::new(),
        };
        if filter.is_empty() {
            let example = format!("{} = Order::STATUS.eq(\"open\")", name(option));
            let message = format!("expected a filter of the target, as in `{example}`");
            return Err(spanned_error(rest(option), message));
        }
        Ok(Self(filter))
    }
}

/// An order of a link: `order_by = Tagging::POSITION.asc()`.
pub(crate) struct LinkOrder(pub(crate) TokenStream);

impl FromMeta for LinkOrder {
    fn from_meta(option: &Meta) -> Result<Self> {
        let order = match option {
            Meta::NameValue(pair) if !matches!(pair.value, Expr::Lit(_)) => {
                pair.value.to_token_stream()
            }
            _ => TokenStream::new(),
        };
        if order.is_empty() {
            let name = name(option);
            let message =
                format!("expected an order of the link, as in `{name} = Tagging::POSITION.asc()`");
            return Err(spanned_error(rest(option), message));
        }
        Ok(Self(order))
    }
}

/// A path, as a string or bare: `crate = "my::relations"`.
pub(crate) struct ModulePath(pub(crate) Path);

impl FromMeta for ModulePath {
    fn from_meta(option: &Meta) -> Result<Self> {
        match Path::from_meta(option) {
            Ok(path) if path.segments.iter().all(|part| part.arguments.is_none()) => Ok(Self(path)),
            _ => {
                let name = name(option);
                let message = format!("expected a path, as in `{name} = \"::relations\"`");
                Err(spanned_error(rest(option), message))
            }
        }
    }
}

/// The name of an option.
fn name(option: &Meta) -> String {
    option.path().to_token_stream().to_string()
}

/// The tokens after the name of an option, which its error underlines.
fn rest(option: &Meta) -> TokenStream {
    let rest: TokenStream = match option {
        Meta::NameValue(pair) => pair.value.to_token_stream(),
        Meta::List(_) | Meta::Path(_) => option.to_token_stream().into_iter().skip(1).collect(),
    };
    if rest.is_empty() { option.to_token_stream() } else { rest }
}

/// An identifier from a string or a bare word.
fn word(option: &Meta, written: impl ToTokens) -> Result<Ident> {
    let written = written.to_token_stream();
    let (text, span) = if let Ok(text) = syn::parse2::<LitStr>(written.clone()) {
        (text.value(), text.span())
    } else if let Ok(word) = Ident::parse_any.parse2(written.clone()) {
        (word.to_string(), word.span())
    } else {
        return Err(spanned_error(written, expected_name(option)));
    };
    identifier(&text, span).ok_or_else(|| match text.as_str() {
        "" => empty(option, written),
        _ => spanned_error(
            written,
            format!("`{text}` is not an identifier; write a name such as `customer`"),
        ),
    })
}

fn expected_name(option: &Meta) -> String {
    format!("expected a name, as in `{} = \"…\"`", name(option))
}

fn not_empty(option: &Meta, text: LitStr) -> Result<LitStr> {
    if text.value().is_empty() { Err(empty(option, text)) } else { Ok(text) }
}

fn empty(option: &Meta, text: impl ToTokens) -> darling::Error {
    let name = name(option);
    spanned_error(text, format!("`{name}` is empty; write what it should be, or leave it out"))
}

fn without_nul(text: LitStr) -> Result<LitStr> {
    if text.value().contains('\0') {
        return Err(spanned_error(text, "a database takes no NUL character; remove it"));
    }
    Ok(text)
}
