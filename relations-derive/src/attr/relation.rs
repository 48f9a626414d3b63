//! `#[belongs_to(…)]`, `#[has_many(…)]`, `#[has_one(…)]`

use darling::FromMeta;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Meta, Path, Token, token};

use super::arguments::{Arguments, item, up_to_comma};
use super::keyword::{Keyword, Kind, identifier};
use super::option::{Condition, Constraint, Disabled, Flag, Keys, LinkOrder, Name, Nested};
use super::referential_action::ReferentialAction;
use crate::error::Errors;

/// A relation as it was written.
pub(crate) struct RelationAttrs {
    pub(crate) kind: Kind,
    /// The whole attribute, to underline.
    pub(crate) attribute: Attribute,
    /// `None` if an error about it was reported.
    pub(crate) target: Option<Path>,
    pub(crate) options: RelationOptions,
    pub(crate) through: Option<ThroughAttrs>,
    /// The kind beside the key, of a relation that a `one_of` makes.
    pub(crate) of_kind: Option<KindAttrs>,
}

/// The kind of the rows whose key leads to a target.
#[derive(Clone)]
pub(crate) struct KindAttrs {
    /// The position of the `one_of` among those of the entity.
    pub(crate) one_of: usize,
    /// The property that holds the kind.
    pub(crate) property: Ident,
    pub(crate) word: String,
    /// The words of all targets.
    pub(crate) words: Vec<String>,
    /// The word, or the target that it is derived from, to underline.
    pub(crate) written: TokenStream,
}

/// The options after the target.
#[derive(Default, FromMeta)]
pub(crate) struct RelationOptions {
    pub(crate) name: Option<Name>,
    pub(crate) key_from: Option<Keys>,
    pub(crate) key_to: Option<Keys>,
    /// The property of the source that holds the keys of several targets.
    pub(crate) keys_from: Option<Name>,
    /// The property of the target that holds the keys of several sources.
    pub(crate) keys_to: Option<Name>,
    pub(crate) through: Option<Nested>,
    pub(crate) on_delete: Option<ReferentialAction>,
    pub(crate) on_update: Option<ReferentialAction>,
    pub(crate) constraint: Option<Constraint>,
    pub(crate) index: Option<Disabled>,
    pub(crate) deferrable: Option<Flag>,
    pub(crate) initially_deferred: Option<Flag>,
    pub(crate) unscoped: Option<Flag>,
    pub(crate) filter: Option<Condition>,
}

/// `through(EmployeeTerritory, from = "…", to = "…")`
pub(crate) struct ThroughAttrs {
    pub(crate) link: Path,
    pub(crate) ends: Ends,
}

/// The relations of the link that lead to both sides, the links that are meant, and their order.
#[derive(FromMeta)]
pub(crate) struct Ends {
    pub(crate) from: Option<Name>,
    pub(crate) to: Option<Name>,
    pub(crate) filter: Option<Condition>,
    pub(crate) order_by: Option<LinkOrder>,
}

/// The place of an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Field,
    Struct,
}

impl RelationAttrs {
    /// `None` after an error in an option, so that later steps report nothing that follows from it.
    pub(super) fn read(
        errors: &mut Errors,
        kind: Kind,
        place: Place,
        attribute: &Attribute,
    ) -> Option<Self> {
        let keyword = kind.keyword();
        let (target, mut arguments) =
            Arguments::after(errors, keyword, (attribute, &attribute.meta), |errors, input| {
                entity(errors, keyword, attribute, input)
            })?;
        if target.is_none() {
            // A target that comes after the options is one mistake with them.
            arguments.forget_words();
        }
        let holds_keys = arguments.have("keys_from");
        let misplaced = |option: &str| {
            let is_own = holds_keys && option == "index";
            if is_own { None } else { misplaced(kind, place, target.as_ref(), option) }
        };
        let options: RelationOptions = arguments.read(errors, misplaced)?;
        let through = match &options.through {
            Some(Nested(option)) => Some(ThroughAttrs::read(errors, option)?),
            None => None,
        };
        let attribute = attribute.clone();
        Some(Self { kind, attribute, target, options, through, of_kind: None })
    }
}

impl ThroughAttrs {
    fn read(errors: &mut Errors, option: &Meta) -> Option<Self> {
        let keyword = Keyword::Through;
        let (link, arguments) =
            Arguments::after(errors, keyword, (option, option), |errors, input| {
                entity(errors, keyword, option, input)
            })?;
        let link = link?;
        Some(Self { link, ends: arguments.read(errors, |_| None)? })
    }
}

/// The advice about an option that exists, but not here.
fn misplaced(kind: Kind, place: Place, target: Option<&Path>, option: &str) -> Option<String> {
    match option {
        "through" if kind != Kind::HasMany => {
            Some(format!("`{option}` leads to many; write it in a `#[has_many]`"))
        }
        "keys_from" | "keys_to" if kind != Kind::HasMany => {
            Some(format!("`{option}` is a list of keys, and leads to many; write it in a `#[has_many]`"))
        }
        "key_from" if place == Place::Field => Some(format!(
            "`{option}` is the field itself; remove it, or move `#[belongs_to]` to the struct"
        )),
        "filter" if kind == Kind::BelongsTo => Some(
            "a foreign key leads to its target, so it takes no `filter`; write it in a `#[has_many]` or a \
             `#[has_one]`"
                .to_owned(),
        ),
        // The foreign key is on the other side, and so are its options.
        "on_delete" | "on_update" | "constraint" | "index" | "deferrable"
        | "initially_deferred"
            if kind != Kind::BelongsTo =>
        {
            let target = target.and_then(|target| target.segments.last());
            let of = target.map_or_else(String::new, |target| format!(" of `{}`", target.ident));
            Some(format!(
                "`{option}` belongs to the foreign key; move it to the `#[belongs_to]`{of}"
            ))
        }
        _ => None,
    }
}

/// The target or link, which comes first and is a path. The options are read also if it is missing.
pub(super) fn entity(
    errors: &mut Errors,
    keyword: Keyword,
    whole: &impl ToTokens,
    input: ParseStream,
) -> syn::Result<Option<Path>> {
    let role = role(keyword);
    let missing = format!("expected the {role} entity first, as in `{}`", keyword.example());
    if input.is_empty() {
        errors.at(whole, missing);
        return Ok(None);
    }
    if input.peek2(Token![=]) || input.peek2(token::Paren) {
        errors.at(input.fork().parse::<TokenTree>()?, missing);
        return Ok(None);
    }
    item(input, |input| {
        if starts_a_path(input) {
            let path = input.parse();
            let path = path
                .map_err(|error| syn::Error::new(error.span(), "expected the rest of the path"))?;
            Ok(without_generics(errors, role, path))
        } else if input.peek(LitStr) {
            let text: LitStr = input.parse()?;
            let example = as_path(keyword, &text);
            errors.at(text, format!("write the {role} as a path: `{example}`"));
            Ok(None)
        } else {
            errors.at(up_to_comma(input)?, missing);
            Ok(None)
        }
    })
}

/// The role of the entity in the relation, or in the partial.
fn role(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Through => "link",
        Keyword::Partial => "source",
        _ => "target",
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

/// The path that was meant by an entity written as a string.
fn as_path(keyword: Keyword, text: &LitStr) -> String {
    match identifier(&text.value(), text.span()) {
        Some(link) if keyword == Keyword::Through => format!("through({link})"),
        Some(target) => format!("#[{}({target})]", keyword.name()),
        None => keyword.example().to_owned(),
    }
}

fn without_generics(errors: &mut Errors, role: &str, path: Path) -> Option<Path> {
    let mut arguments = path.segments.iter().map(|segment| &segment.arguments);
    let Some(generics) = arguments.find(|arguments| !arguments.is_empty()) else {
        return Some(path);
    };
    errors.at(generics, format!("an entity has no generics; name the {role} alone"));
    None
}
