//! The list in an attribute's parentheses: `Customer, key_to = "pk", key_from("a", "b")`.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Lit, LitBool, LitStr, Meta, Path, PathSegment, Token};

use super::argument::{Argument, literal_or_rest, separated};
use super::keyword::{Keyword, identifier};
use crate::error::{Errors, did_you_mean, one_of};

/// The properties that `key_from` or `key_to` names.
#[derive(Clone)]
pub(crate) struct Keys {
    /// The whole option, to underline.
    pub(crate) option: TokenStream,
    pub(crate) names: Vec<Ident>,
}

/// The options of one attribute. Each is taken by its name; what is left at the end is unknown.
pub(crate) struct Options<'a> {
    errors: &'a mut Errors,
    keyword: Keyword,
    attribute: &'a Attribute,
    arguments: Vec<Argument>,
    known: Vec<&'static str>,
    understood: bool,
}

impl<'a> Options<'a> {
    /// The options of `#[name]` or `#[name(…)]`; `#[name = …]` and broken lists are mistakes.
    pub(crate) fn of(
        errors: &'a mut Errors,
        keyword: Keyword,
        attribute: &'a Attribute,
    ) -> Option<Self> {
        let arguments = match &attribute.meta {
            Meta::Path(_) => Ok(Vec::new()),
            Meta::List(list) => {
                let arguments = |input: ParseStream| separated(input, Argument::parse);
                list.parse_args_with(arguments)
            }
            Meta::NameValue(_) => {
                let message = format!("expected parentheses, as in `{}`", keyword.example());
                Err(syn::Error::new_spanned(attribute, message))
            }
        };
        let arguments = arguments.map_err(|error| errors.add(error)).ok()?;
        let known = Vec::new();
        Some(Self { errors, keyword, attribute, arguments, known, understood: true })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.arguments.is_empty()
    }

    /// The target, which comes first and is a path. Its absence hides nothing else, so the other
    /// options stay understood.
    pub(crate) fn target(&mut self) -> Option<Path> {
        let mut arguments = std::mem::take(&mut self.arguments).into_iter();
        let first = arguments.next();
        self.arguments = arguments.collect();
        match first {
            Some(Argument::Path(path)) => return self.without_generics(path),
            Some(Argument::Other(other)) => match syn::parse2::<LitStr>(other.clone()) {
                Ok(text) => self.target_is_text(&text),
                Err(_) => self.target_is_missing(other),
            },
            Some(option) => {
                self.target_is_missing(option.name());
                // A target that comes too late is the same mistake.
                self.arguments.retain(|argument| !matches!(argument, Argument::Path(_)));
                self.arguments.insert(0, option);
            }
            None => self.target_is_missing(self.attribute),
        }
        None
    }

    fn target_is_missing(&mut self, place: impl ToTokens) {
        let example = self.keyword.example();
        let message = format!("expected the target entity first, as in `{example}`");
        self.errors.at(place, message);
    }

    fn target_is_text(&mut self, text: &LitStr) {
        let example = match identifier(&text.value(), text.span()) {
            Some(target) => format!("#[{}({target})]", self.keyword.name()),
            None => self.keyword.example().to_owned(),
        };
        let message = format!("write the target as a path: `{example}`");
        self.errors.at(text, message);
    }

    fn without_generics(&mut self, path: Path) -> Option<Path> {
        let mut arguments = path.segments.iter().map(|segment| &segment.arguments);
        let Some(generics) = arguments.find(|arguments| !arguments.is_empty()) else {
            return Some(path);
        };
        self.errors.at(generics, "an entity has no generics; name the target alone");
        None
    }

    /// A string that names something in the database.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<LitStr> {
        let text = self.string(name)?;
        self.not_empty(name, text)
    }

    /// A string of any length.
    pub(crate) fn string(&mut self, name: &'static str) -> Option<LitStr> {
        let rest = self.take(name)?.rest();
        match syn::parse2::<LitStr>(rest.clone()) {
            Ok(text) => self.without_nul(text),
            Err(_) => self.wrong(rest, format!("expected a string, as in `{name} = \"…\"`")),
        }
    }

    /// A name for something in the database, or `false`: `constraint = false`.
    pub(crate) fn text_or_false(&mut self, name: &'static str) -> Option<Result<LitStr, LitBool>> {
        let rest = self.take(name)?.rest();
        match syn::parse2::<Lit>(rest.clone()) {
            Ok(Lit::Bool(no)) if !no.value => Some(Err(no)),
            Ok(Lit::Str(text)) => {
                let text = self.not_empty(name, text)?;
                self.without_nul(text).map(Ok)
            }
            _ => self.wrong(rest, format!("expected a name or `false`, as in `{name} = false`")),
        }
    }

    /// What is there to be refused: `index = false`.
    pub(crate) fn refusal(&mut self, name: &'static str) -> Option<LitBool> {
        let rest = self.take(name)?.rest();
        match syn::parse2::<LitBool>(rest.clone()) {
            Ok(no) if !no.value => Some(no),
            _ => self.wrong(rest, format!("expected `{name} = false`, or nothing to have it")),
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<(LitStr, T)> {
        let rest = self.take(name)?.rest();
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let Ok(text) = syn::parse2::<LitStr>(rest.clone()) else {
            return self.wrong(rest, format!("expected a string: {}", one_of(&words)));
        };
        let written = text.value();
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == written) {
            return Some((text, *choice));
        }
        let problem = format!("`{written}` is no `{name}`");
        self.wrong(text, with_suggestion(&problem, &written, &words))
    }

    /// A word alone: `generated`.
    pub(crate) fn flag(&mut self, name: &'static str) -> Option<Ident> {
        match self.take(name)? {
            Argument::Path(path) => path.get_ident().cloned(),
            other => self.wrong(other, format!("`{name}` takes no value; write `{name}` alone")),
        }
    }

    /// A string or a bare word that becomes an identifier: `name = "orders"`.
    pub(crate) fn identifier(&mut self, name: &'static str) -> Option<Ident> {
        let argument = self.take(name)?;
        match &argument {
            Argument::Value { .. } => self.word(name, argument.rest()),
            _ => self.wrong(argument.rest(), format!("expected a name, as in `{name} = \"…\"`")),
        }
    }

    /// `key_to = "a"`, `key_to = a`, `key_to("a", "b")`.
    pub(crate) fn keys(&mut self, name: &'static str) -> Option<Keys> {
        let argument = self.take(name)?;
        let option = argument.to_token_stream();
        let items = match &argument {
            Argument::List { items, .. } => {
                let items_of = |input: ParseStream| separated(input, literal_or_rest);
                items_of.parse2(items.stream())
            }
            Argument::Value { .. } => Ok(vec![argument.rest()]),
            Argument::Path(_) | Argument::Other(_) => Ok(Vec::new()),
        };
        match items {
            Ok(items) if items.is_empty() => {
                self.wrong(option, format!("`{name}` names no property; write `{name} = \"…\"`"))
            }
            Ok(items) => {
                let names = items.into_iter().map(|item| self.word(name, item));
                // All of them first, so that each wrong one is reported.
                let names: Vec<Option<Ident>> = names.collect();
                let names = names.into_iter().collect::<Option<_>>()?;
                Some(Keys { option, names })
            }
            Err(error) => self.broken(error),
        }
    }

    /// A path, as a string or bare: `crate = "my::relations"`.
    pub(crate) fn path(&mut self, name: &'static str) -> Option<Path> {
        let argument = self.take(name)?;
        let rest = argument.rest();
        let path = match (&argument, syn::parse2::<LitStr>(rest.clone())) {
            (Argument::Value { .. }, Ok(text)) => path_in(&text),
            (Argument::Value { .. }, Err(_)) => Path::parse_mod_style.parse2(rest.clone()).ok(),
            _ => None,
        };
        match path {
            Some(path) => Some(path),
            None => self.wrong(rest, format!("expected a path, as in `{name} = \"::relations\"`")),
        }
    }

    /// An option that exists, but not here.
    pub(crate) fn misplaced(&mut self, name: &str, message: &str) {
        for argument in self.remove(name) {
            self.wrong::<()>(argument, message);
        }
    }

    /// Whether all was understood; what nobody took is unknown.
    pub(crate) fn finish(mut self) -> bool {
        for argument in std::mem::take(&mut self.arguments) {
            let message = match argument.name() {
                Some(name) => {
                    let problem = format!("unknown option `{name}`");
                    with_suggestion(&problem, &name.to_string(), &self.known)
                }
                None => format!("expected an option, as in `{}`", self.keyword.example()),
            };
            self.wrong::<()>(
                argument.name().map_or(quote!(#argument), |name| quote!(#name)),
                message,
            );
        }
        self.understood
    }

    /// Takes an option out of the list; a second one of the name is a mistake.
    fn take(&mut self, name: &'static str) -> Option<Argument> {
        self.known.push(name);
        let mut found = self.remove(name).into_iter();
        let first = found.next();
        for again in found {
            self.wrong::<()>(again, format!("`{name}` is already given; remove one"));
        }
        first
    }

    fn remove(&mut self, name: &str) -> Vec<Argument> {
        let is_named = |argument: &mut Argument| argument.name().is_some_and(|word| word == name);
        self.arguments.extract_if(.., is_named).collect()
    }

    /// An identifier out of a string or a bare word.
    fn word(&mut self, name: &str, value: TokenStream) -> Option<Ident> {
        let (text, span) = if let Ok(text) = syn::parse2::<LitStr>(value.clone()) {
            (text.value(), text.span())
        } else if let Ok(word) = Ident::parse_any.parse2(value.clone()) {
            (word.to_string(), word.span())
        } else {
            return self.wrong(value, format!("expected a name, as in `{name} = \"…\"`"));
        };
        match identifier(&text, span) {
            Some(word) => Some(word),
            None if text.is_empty() => self.wrong(value, empty(name)),
            None => self.wrong(
                value,
                format!("`{text}` is no identifier; write a name such as `customer`"),
            ),
        }
    }

    fn not_empty(&mut self, name: &str, text: LitStr) -> Option<LitStr> {
        if text.value().is_empty() {
            return self.wrong(text, empty(name));
        }
        Some(text)
    }

    fn without_nul(&mut self, text: LitStr) -> Option<LitStr> {
        if text.value().contains('\0') {
            return self.wrong(text, "a database takes no NUL character; remove it");
        }
        Some(text)
    }

    fn wrong<T>(&mut self, tokens: impl ToTokens, message: impl Display) -> Option<T> {
        self.understood = false;
        self.errors.at(tokens, message);
        None
    }

    fn broken<T>(&mut self, error: syn::Error) -> Option<T> {
        self.understood = false;
        self.errors.add(error);
        None
    }
}

/// The problem, and the word that was meant or else all that could be.
fn with_suggestion(problem: &str, written: &str, known: &[&str]) -> String {
    match did_you_mean(written, known.iter().copied()) {
        Some(word) => format!("{problem}; did you mean `{word}`?"),
        None => format!("{problem}; write {}", one_of(known)),
    }
}

fn empty(name: &str) -> String {
    format!("`{name}` is empty; write what it should be, or leave it out")
}

/// The path that a string spells, each part with the span of the string.
fn path_in(text: &LitStr) -> Option<Path> {
    let written = text.value();
    let (leading_colon, parts) = match written.strip_prefix("::") {
        Some(parts) => (Some(Token![::](text.span())), parts),
        None => (None, written.as_str()),
    };
    let segment = |part| match part {
        "crate" | "self" | "super" => Some(Ident::new(part, text.span())),
        _ => identifier(part, text.span()),
    };
    let segments = parts.split("::").map(|part| segment(part).map(PathSegment::from));
    Some(Path { leading_colon, segments: segments.collect::<Option<_>>()? })
}
