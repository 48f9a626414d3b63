//! `#[one_of(post, photo, name = "subject")]`

use darling::FromMeta;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, MacroDelimiter, Meta, MetaList, Path, Token, parenthesized, token};

use super::arguments::{Arguments, item};
use super::keyword::Keyword;
use super::option::{Flag, Keys, Name, Text};
use crate::error::Errors;

/// Several relations of which a row follows one, as they were written.
pub(crate) struct OneOfAttrs {
    /// The whole attribute, to underline.
    pub(crate) attribute: Attribute,
    /// The names of the relations.
    pub(crate) relations: Vec<Ident>,
    /// The entities that a kind and a key lead to.
    pub(crate) targets: Vec<KindTargetAttrs>,
    pub(crate) options: OneOfOptions,
}

/// The options after the relations.
#[derive(FromMeta)]
pub(crate) struct OneOfOptions {
    pub(crate) name: Option<Name>,
    /// Whether a row may follow none of them.
    pub(crate) optional: Option<Flag>,
    /// The property that holds the kind of the target.
    pub(crate) kind: Option<Name>,
    /// The property that holds the key of the target.
    pub(crate) key: Option<Name>,
}

/// `Post(kind = "article", name = "…", key_to = "…", unscoped)`
pub(crate) struct KindTargetAttrs {
    pub(crate) target: Path,
    pub(crate) options: KindTargetOptions,
}

/// The options of an entity that a kind and a key lead to.
#[derive(Default, FromMeta)]
pub(crate) struct KindTargetOptions {
    /// The word in the rows that lead to it.
    pub(crate) kind: Option<Text>,
    pub(crate) name: Option<Name>,
    pub(crate) key_to: Option<Keys>,
    pub(crate) unscoped: Option<Flag>,
}

impl OneOfAttrs {
    pub(super) fn read(errors: &mut Errors, attribute: &Attribute) -> Option<Self> {
        let (items, arguments) =
            Arguments::after(errors, Keyword::OneOf, (attribute, &attribute.meta), |_, input| {
                items(input)
            })?;
        let options: OneOfOptions = arguments.read(errors, |_| None)?;
        let (mut relations, mut targets) = (Vec::new(), Vec::new());
        let attribute = attribute.clone();
        match (&options.kind, &options.key) {
            (Some(kind), None) => {
                errors.at(&kind.0, "a kind stands beside a key; add `key = \"subject_id\"`");
                return None;
            }
            (None, Some(key)) => {
                errors.at(
                    &key.0,
                    "a key of several entities has a kind; add `kind = \"subject_type\"`",
                );
                return None;
            }
            (Some(_), Some(_)) => {
                for item in items {
                    targets.push(KindTargetAttrs::read(errors, item)?);
                }
            }
            (None, None) => {
                for Item { path, options } in items {
                    let Some(name) = path.get_ident().filter(|_| options.is_none()) else {
                        let message = "name a relation, such as `post`; entities stand here with `kind = \"…\"` and \
                                       `key = \"…\"`";
                        errors.at(
                            options.map_or(path.to_token_stream(), |one| one.to_token_stream()),
                            message,
                        );
                        return None;
                    };
                    relations.push(name.clone());
                }
            }
        }
        Some(Self { attribute, relations, targets, options })
    }
}

impl KindTargetAttrs {
    fn read(errors: &mut Errors, Item { path, options }: Item) -> Option<Self> {
        let options = match &options {
            Some(written) => {
                let ((), arguments) =
                    Arguments::after(errors, Keyword::KindTarget, (written, written), |_, _| {
                        Ok(())
                    })?;
                arguments.read(errors, |_| None)?
            }
            None => KindTargetOptions::default(),
        };
        Some(Self { target: path, options })
    }
}

/// A word or a path before the options, and what stands in parentheses behind it.
struct Item {
    path: Path,
    options: Option<Meta>,
}

/// The entities or relations before the options.
fn items(input: ParseStream) -> syn::Result<Vec<Item>> {
    let mut items = Vec::new();
    while starts_an_item(input) {
        items.push(item(input, |input| {
            let path = input.call(Path::parse_mod_style)?;
            let options = input.peek(token::Paren).then(|| {
                let tokens;
                let delimiter = MacroDelimiter::Paren(parenthesized!(tokens in input));
                Ok::<_, syn::Error>(Meta::List(MetaList {
                    path: path.clone(),
                    delimiter,
                    tokens: tokens.parse()?,
                }))
            });
            Ok(Item { options: options.transpose()?, path })
        })?);
    }
    Ok(items)
}

fn starts_an_item(input: ParseStream) -> bool {
    let is_option = || {
        let word = input.fork().parse::<Ident>();
        word.is_ok_and(|word| Keyword::OneOf.options().iter().any(|option| word == option))
    };
    let starts_a_path = input.peek(Token![crate])
        || input.peek(Token![self])
        || input.peek(Token![Self])
        || input.peek(Token![super])
        || input.peek(Token![::])
        || input.peek(Ident);
    starts_a_path && !input.peek2(Token![=]) && !is_option()
}
