//! The words that attributes are made of.

use proc_macro2::{Ident, Span};
use syn::Attribute;

/// An attribute of ours, or an option that is written as one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    Entity,
    HasMany,
    HasOne,
    BelongsTo,
    Id,
    Unique,
    Index,
    Check,
    Column,
    Skip,
    Version,
    CreatedAt,
    UpdatedAt,
    Tenant,
    DeletedAt,
    Value,
    FromRow,
    Partial,
    Include,
    OneOf,
    AllBut,
    /// An option of `has_many`.
    Through,
    /// An entity in a `one_of`.
    KindTarget,
}

impl Keyword {
    const ALL: [Self; 21] = [
        Self::Entity,
        Self::HasMany,
        Self::HasOne,
        Self::BelongsTo,
        Self::Id,
        Self::Unique,
        Self::Index,
        Self::Check,
        Self::Column,
        Self::Skip,
        Self::Version,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::Tenant,
        Self::DeletedAt,
        Self::Value,
        Self::FromRow,
        Self::Partial,
        Self::Include,
        Self::OneOf,
        Self::AllBut,
    ];

    /// The keyword of an attribute, if it is one of ours.
    pub(crate) fn of(attribute: &Attribute) -> Option<Self> {
        Self::ALL.into_iter().find(|keyword| attribute.path().is_ident(keyword.name()))
    }

    /// The attributes of ours among those of an item.
    pub(crate) fn among(attributes: &[Attribute]) -> impl Iterator<Item = (Self, &Attribute)> {
        attributes.iter().filter_map(|attribute| Some((Self::of(attribute)?, attribute)))
    }

    pub(crate) fn name(self) -> &'static str {
        self.words().0
    }

    /// The attribute as it is usually written, to show in an error.
    pub(crate) fn example(self) -> &'static str {
        self.words().1
    }

    /// The options in its parentheses, in the order in which to suggest them.
    pub(crate) fn options(self) -> &'static [&'static str] {
        self.words().2
    }

    fn words(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Entity => ("entity", "#[entity(table = \"…\")]", ENTITY),
            Self::HasMany => ("has_many", "#[has_many(Order)]", RELATION),
            Self::HasOne => ("has_one", "#[has_one(Address)]", RELATION),
            Self::BelongsTo => ("belongs_to", "#[belongs_to(Customer)]", RELATION),
            Self::Id => ("id", "#[id(generated)]", &["generated", "name"]),
            Self::Unique => ("unique", "#[unique(tenant_id, email)]", UNIQUE),
            Self::Index => ("index", "#[index(tenant_id, email)]", INDEX),
            Self::Check => ("check", "#[check(\"quantity > 0\")]", &["name"]),
            Self::Column => {
                ("column", "#[column(name = \"…\")]", &["name", "type", "default", "generated"])
            }
            Self::Skip => ("skip", "#[skip]", &[]),
            Self::Version => ("version", "#[version]", &[]),
            Self::CreatedAt => ("created_at", "#[created_at]", &[]),
            Self::UpdatedAt => ("updated_at", "#[updated_at]", &[]),
            Self::Tenant => ("tenant", "#[tenant]", &[]),
            Self::DeletedAt => ("deleted_at", "#[deleted_at]", &[]),
            Self::Through => {
                let options = &["from", "to", "filter", "order_by"];
                ("through", "through(EmployeeTerritory)", options)
            }
            Self::Value => (
                "value",
                "#[value(rename = \"…\")]",
                &["crate", "rename_all", "rename", "type", "integer"],
            ),
            Self::FromRow => ("from_row", "#[from_row(crate = \"…\")]", &["crate"]),
            Self::Partial => ("partial", "#[partial(Customer)]", &["crate"]),
            Self::OneOf => {
                let options = &["name", "optional", "kind", "key"];
                ("one_of", "#[one_of(post, photo, name = \"subject\")]", options)
            }
            Self::KindTarget => {
                let options = &["kind", "name", "key_to", "unscoped"];
                ("one_of", "Post(kind = \"article\")", options)
            }
            Self::AllBut => ("all_but", "#[all_but(DocumentHead, body)]", &["derive"]),
            Self::Include => ("include", "#[include]", &[]),
        }
    }
}

const ENTITY: &[&str] = &[
    "table",
    "schema",
    "rename_all",
    "crate",
    "deref",
    "scoped",
    "shared",
    "distributed_by",
    "reference",
    "view",
    "materialized_view",
    "read_only",
    "new",
    "patch",
];

const UNIQUE: &[&str] = &["name", "filter", "with_deleted", "deferrable", "initially_deferred"];

const INDEX: &[&str] = &["name", "filter", "using", "expression", "unique"];

const RELATION: &[&str] = &[
    "name",
    "key_from",
    "key_to",
    "keys_from",
    "keys_to",
    "through",
    "on_delete",
    "on_update",
    "constraint",
    "index",
    "deferrable",
    "initially_deferred",
    "unscoped",
    "filter",
];

/// The kind of a relation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    BelongsTo,
    HasMany,
    HasOne,
}

impl Kind {
    pub(crate) fn keyword(self) -> Keyword {
        match self {
            Self::BelongsTo => Keyword::BelongsTo,
            Self::HasMany => Keyword::HasMany,
            Self::HasOne => Keyword::HasOne,
        }
    }
}

/// The role of a property that every update of its row sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stamp {
    Version,
    CreatedAt,
    UpdatedAt,
    DeletedAt,
}

impl Stamp {
    pub(super) fn of(keyword: Keyword) -> Option<Self> {
        match keyword {
            Keyword::Version => Some(Self::Version),
            Keyword::CreatedAt => Some(Self::CreatedAt),
            Keyword::UpdatedAt => Some(Self::UpdatedAt),
            Keyword::DeletedAt => Some(Self::DeletedAt),
            _ => None,
        }
    }

    /// The name of its attribute.
    pub(crate) fn name(self) -> &'static str {
        let keyword = match self {
            Self::Version => Keyword::Version,
            Self::CreatedAt => Keyword::CreatedAt,
            Self::UpdatedAt => Keyword::UpdatedAt,
            Self::DeletedAt => Keyword::DeletedAt,
        };
        keyword.name()
    }
}

/// An option whose value is one of a few words.
pub(super) trait Words: Copy + 'static {
    /// The noun for one of them in an error.
    const NOUN: &'static str;
    const WORDS: &'static [(&'static str, Self)];
}

/// The effect on the source when the target is deleted, or its key updated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::enum_variant_names, reason = "`NO ACTION` is what SQL calls it")]
pub(crate) enum Action {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Words for Action {
    const NOUN: &'static str = "action";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("no action", Self::NoAction),
        ("restrict", Self::Restrict),
        ("cascade", Self::Cascade),
        ("set null", Self::SetNull),
        ("set default", Self::SetDefault),
    ];
}

/// The spelling of an enum's variants, or of an entity's columns, in the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    Snake,
    Kebab,
    Camel,
    Pascal,
    ScreamingSnake,
    Lower,
    Upper,
}

impl Words for Case {
    const NOUN: &'static str = "case";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("snake_case", Self::Snake),
        ("kebab-case", Self::Kebab),
        ("camelCase", Self::Camel),
        ("PascalCase", Self::Pascal),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
    ];
}

/// A string as an identifier, raw if it is a keyword: `type` becomes `r#type`. `None` if it cannot
/// be an identifier: `my key`, `1x`, `self`.
///
/// The string is checked first, because `Ident::new` and the compiler's lexer panic on a wrong one.
pub(crate) fn identifier(text: &str, span: Span) -> Option<Ident> {
    let text = text.strip_prefix("r#").unwrap_or(text);
    let mut letters = text.chars();
    let start = letters.next()?;
    let well_formed = (start == '_' || unicode_ident::is_xid_start(start))
        && letters.all(unicode_ident::is_xid_continue);
    match text {
        _ if !well_formed => None,
        "_" | "self" | "Self" | "super" | "crate" => None,
        _ if syn::parse_str::<Ident>(text).is_err() => Some(Ident::new_raw(text, span)),
        _ => Some(Ident::new(text, span)),
    }
}
