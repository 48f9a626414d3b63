//! Default names.
//!
//! Crates for English plurals bring a regex engine into every build. Entities are named after few
//! and regular words, so a short list is enough; `table = "…"` and `name = "…"` are there for the
//! rest.

use heck::{ToKebabCase, ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::ext::IdentExt;

use crate::attr::{Case, SerdeCase, identifier};

/// `OrderLine` as `order_line`.
pub(crate) fn snake(ident: &Ident) -> String {
    ident.unraw().to_string().to_snake_case()
}

/// `quantity` as `QUANTITY`, with the span of the field.
pub(crate) fn constant(ident: &Ident) -> Ident {
    let name = ident.unraw().to_string();
    // `_1` loses its underscore to heck.
    identifier(&name.to_shouty_snake_case(), ident.span())
        .or_else(|| identifier(&name.to_uppercase(), ident.span()))
        .unwrap_or_else(|| ident.clone())
}

/// `OrderCustomerRelation` for `customer` of `Order`, with the span of the relation's name.
pub(crate) fn marker(source: &Ident, relation: &Ident) -> Ident {
    let source = source.unraw();
    let name = relation.unraw().to_string().to_upper_camel_case();
    identifier(&format!("{source}{name}Relation"), relation.span()).unwrap_or(source)
}

/// `CommentSubject` for `subject` of `Comment`: the enum of its targets.
pub(crate) fn targets(source: &Ident, one_of: &Ident) -> Ident {
    of_both(source, one_of, "")
}

/// `CommentSubjectOneOf` for `subject` of `Comment`.
pub(crate) fn one_of(source: &Ident, one_of: &Ident) -> Ident {
    of_both(source, one_of, "OneOf")
}

fn of_both(source: &Ident, name: &Ident, end: &str) -> Ident {
    let source = source.unraw();
    let word = name.unraw().to_string().to_upper_camel_case();
    identifier(&format!("{source}{word}{end}"), name.span()).unwrap_or(source)
}

/// `Post` for `post`: the variant of a relation.
pub(crate) fn variant(relation: &Ident) -> Ident {
    let name = relation.unraw().to_string().to_upper_camel_case();
    identifier(&name, relation.span()).unwrap_or_else(|| relation.clone())
}

/// `ToPost` for `Post`: the type parameter of a variant.
pub(crate) fn row(variant: &Ident) -> Ident {
    format_ident!("To{}", variant.unraw(), span = Span::call_site())
}

/// `Customer` for `customer`: the type parameter of a relation. It differs from the entity's name,
/// which is used beside it, and from `Self`.
pub(crate) fn slot(source: &Ident, relation: &Ident) -> Ident {
    let name = relation.unraw().to_string().to_upper_camel_case();
    identifier(&name, relation.span())
        .filter(|slot| slot != source)
        .or_else(|| identifier(&format!("{name}_"), relation.span()))
        .unwrap_or_else(|| relation.clone())
}

/// A relation's name as it is serialized beside properties. A name given by the user is in snake
/// case, which serde takes for lower case too.
pub(crate) fn member(case: Option<SerdeCase>, relation: &Ident) -> String {
    let name = relation.unraw().to_string();
    match case {
        None | Some(SerdeCase::AsWritten) => name,
        Some(SerdeCase::Camel) => name.to_lower_camel_case(),
        Some(SerdeCase::Pascal) => name.to_upper_camel_case(),
        Some(SerdeCase::Kebab) => name.replace('_', "-"),
        Some(SerdeCase::Upper) => name.to_uppercase(),
        Some(SerdeCase::UpperKebab) => name.to_uppercase().replace('_', "-"),
    }
}

/// `order_id`: the default name of a foreign key to `Order`.
pub(crate) fn inverse(source: &Ident, span: Span) -> Ident {
    identifier(&format!("{}_id", snake(source)), span).unwrap_or_else(|| source.clone())
}

/// A variant's name as it is stored.
pub(crate) fn cased(case: Case, ident: &Ident) -> String {
    let name = ident.unraw().to_string();
    match case {
        Case::Snake => name.to_snake_case(),
        Case::Kebab => name.to_kebab_case(),
        Case::Camel => name.to_lower_camel_case(),
        Case::Pascal => name.to_upper_camel_case(),
        Case::ScreamingSnake => name.to_shouty_snake_case(),
        Case::Lower => name.to_lowercase(),
        Case::Upper => name.to_uppercase(),
    }
}

/// Words whose plural equals their singular.
#[rustfmt::skip]
const INVARIANT: &[&str] = &[
    "aircraft", "audio", "data", "deer", "equipment", "feedback", "fish", "furniture", "hardware",
    "information", "media", "metadata", "money", "moose", "music", "news", "police",
    "progress", "rice", "salmon", "series", "sheep", "shrimp", "software", "spacecraft", "species",
    "staff", "stuff", "traffic", "trout", "weather",
];

/// Irregular plurals.
#[rustfmt::skip]
const IRREGULAR: &[(&str, &str)] = &[
    ("alias", "aliases"), ("atlas", "atlases"), ("bias", "biases"), ("cache", "caches"),
    ("calf", "calves"), ("canvas", "canvases"), ("child", "children"), ("cookie", "cookies"),
    ("criterion", "criteria"), ("die", "dice"), ("echo", "echoes"), ("elf", "elves"),
    ("epoch", "epochs"), ("foot", "feet"), ("gas", "gases"), ("goose", "geese"),
    ("half", "halves"), ("hero", "heroes"), ("human", "humans"), ("knife", "knives"),
    ("leaf", "leaves"), ("lens", "lenses"), ("life", "lives"), ("loaf", "loaves"), ("man", "men"),
    ("matrix", "matrices"), ("monarch", "monarchs"), ("mouse", "mice"), ("movie", "movies"),
    ("niche", "niches"), ("ox", "oxen"), ("person", "people"), ("phenomenon", "phenomena"),
    ("potato", "potatoes"), ("quiz", "quizzes"), ("self", "selves"), ("shelf", "shelves"),
    ("stomach", "stomachs"), ("thief", "thieves"), ("tie", "ties"), ("tomato", "tomatoes"),
    ("tooth", "teeth"), ("vertex", "vertices"), ("veto", "vetoes"), ("wife", "wives"),
    ("wolf", "wolves"), ("woman", "women"), ("zombie", "zombies"),
];

/// The endings of plurals, with their singular. The first that fits counts.
#[rustfmt::skip]
const ENDINGS: &[(&str, &str)] = &[
    ("yses", "ysis"), ("theses", "thesis"), ("crises", "crisis"), ("diagnoses", "diagnosis"),
    ("sses", "ss"), ("tuses", "tus"), ("buses", "bus"),
    ("puses", "pus"), ("cuses", "cus"), ("ruses", "rus"), ("nuses", "nus"), ("xes", "x"),
    ("ches", "ch"), ("shes", "sh"), ("zzes", "zz"), ("ies", "y"), ("s", ""),
];

/// `order_lines` for `order_line`; what is plural already stays.
pub(crate) fn plural(name: &str) -> String {
    of_last_word(name, plural_word)
}

/// `order_line` for `order_lines`; what is singular already stays.
pub(crate) fn singular(name: &str) -> String {
    of_last_word(name, singular_word)
}

fn of_last_word(name: &str, form: impl Fn(&str) -> String) -> String {
    match name.rsplit_once('_') {
        Some((first, last)) => format!("{first}_{}", form(last)),
        None => form(name),
    }
}

fn plural_word(word: &str) -> String {
    if INVARIANT.contains(&word) || singular_word(word) != word {
        return word.to_owned();
    }
    if let Some((_, many)) = IRREGULAR.iter().find(|(one, _)| *one == word) {
        return (*many).to_owned();
    }
    if let Some(stem) = word.strip_suffix("sis") {
        return format!("{stem}ses");
    }
    if let Some(stem) = word.strip_suffix('y').filter(|stem| !ends_in_a_vowel(stem)) {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end));
    format!("{word}{}", if hisses { "es" } else { "s" })
}

fn singular_word(word: &str) -> String {
    let irregular = IRREGULAR.iter().find(|(one, many)| [*one, *many].contains(&word));
    if let Some((one, _)) = irregular {
        return (*one).to_owned();
    }
    let is_one = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    if is_one || INVARIANT.contains(&word) {
        return word.to_owned();
    }
    ENDINGS
        .iter()
        .find_map(|(many, one)| Some(format!("{}{one}", word.strip_suffix(many)?)))
        .filter(|one| !one.is_empty())
        .unwrap_or_else(|| word.to_owned())
}

fn ends_in_a_vowel(stem: &str) -> bool {
    stem.ends_with(['a', 'e', 'i', 'o', 'u'])
}

#[cfg(test)]
mod tests {
    use super::{plural, singular};

    #[test]
    fn one_and_many() {
        #[rustfmt::skip]
        let words = [
            ("address", "addresses"), ("alias", "aliases"), ("analysis", "analyses"),
            ("batch", "batches"), ("box", "boxes"), ("bus", "buses"), ("category", "categories"),
            ("child", "children"), ("class", "classes"), ("company", "companies"),
            ("customer", "customers"), ("day", "days"), ("employee", "employees"),
            ("hero", "heroes"), ("house", "houses"), ("invoice", "invoices"), ("key", "keys"),
            ("leaf", "leaves"), ("license", "licenses"), ("movie", "movies"), ("order", "orders"),
            ("order_line", "order_lines"), ("person", "people"), ("photo", "photos"),
            ("purchase", "purchases"), ("quiz", "quizzes"), ("series", "series"),
            ("setting", "settings"), ("sheep", "sheep"), ("status", "statuses"),
            ("team_child", "team_children"), ("territory", "territories"), ("virus", "viruses"),
            ("wish", "wishes"), ("database", "databases"), ("case", "cases"), ("phase", "phases"),
            ("cause", "causes"), ("process", "processes"), ("access", "accesses"),
            ("campus", "campuses"), ("size", "sizes"), ("response", "responses"),
            ("expense", "expenses"), ("course", "courses"), ("use", "uses"), ("cache", "caches"),
            ("virus", "viruses"), ("warehouse", "warehouses"), ("nurse", "nurses"),
            ("release", "releases"), ("a", "as"), ("x", "xes"), ("tax", "taxes"), ("gas", "gases"),
            ("bonus", "bonuses"),
        ];
        for (one, many) in words {
            assert_eq!((plural(one), plural(many)), (many.into(), many.into()), "many {one}");
            assert_eq!((singular(many), singular(one)), (one.into(), one.into()), "one of {many}");
        }
    }
}
