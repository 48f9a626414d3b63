//! The attributes of a field.

use darling::FromMeta;
use proc_macro2::Ident;
use syn::{Attribute, Field, Fields, Type};

use super::arguments;
use super::keyword::{Keyword, Kind, Stamp};
use super::option::{Flag, Text};
use super::relation::{Place, RelationAttrs};
use crate::error::Errors;

/// A field as it was written.
pub(crate) struct PropertyAttrs {
    pub(crate) field: Ident,
    pub(crate) ty: Type,
    pub(crate) id: Option<IdAttrs>,
    pub(crate) unique: Option<UniqueAttr>,
    pub(crate) index: Option<Attribute>,
    pub(crate) skip: Option<Attribute>,
    /// `#[version]`, `#[created_at]`, `#[updated_at]` and `#[deleted_at]`.
    pub(crate) stamps: Vec<(Stamp, Attribute)>,
    pub(crate) tenant: Option<Attribute>,
    pub(crate) column: ColumnAttrs,
    pub(crate) belongs_to: Option<RelationAttrs>,
    /// Whether it was read without an error. Otherwise later steps report nothing that may follow
    /// from the error.
    pub(crate) understood: bool,
}

/// `#[unique]`, `#[unique(with_deleted)]`
pub(crate) struct UniqueAttr {
    pub(crate) attribute: Attribute,
    pub(crate) with_deleted: Option<Ident>,
}

/// The options of a `#[unique]` on a field.
#[derive(Default, FromMeta)]
struct UniqueOptions {
    with_deleted: Option<Flag>,
}

/// `#[id]`, `#[id(generated)]`
#[derive(Default, FromMeta)]
pub(crate) struct IdAttrs {
    pub(crate) generated: Option<Flag>,
}

/// `#[column(name = "…", type = "…", default = "…", generated = "…")]`
#[derive(Default, FromMeta)]
pub(crate) struct ColumnAttrs {
    pub(crate) name: Option<Text>,
    #[darling(rename = "type")]
    pub(crate) sql_type: Option<Text>,
    pub(crate) default: Option<Text>,
    pub(crate) generated: Option<Text>,
}

impl PropertyAttrs {
    pub(crate) fn read_all(errors: &mut Errors, fields: &Fields) -> Vec<Self> {
        fields.iter().filter_map(|field| Self::read(errors, field)).collect()
    }

    fn read(errors: &mut Errors, field: &Field) -> Option<Self> {
        let mut attrs = Self {
            field: field.ident.clone()?,
            ty: field.ty.clone(),
            id: None,
            unique: None,
            index: None,
            skip: None,
            stamps: Vec::new(),
            tenant: None,
            column: ColumnAttrs::default(),
            belongs_to: None,
            understood: true,
        };
        let mut earlier = Vec::new();
        for (keyword, attribute) in Keyword::among(&field.attrs) {
            if earlier.contains(&keyword) {
                let name = keyword.name();
                let instead = if keyword == Keyword::BelongsTo {
                    ", or move it to the struct with `name = \"…\"`, `key_from(…)` for this field and \
                     `key_to(…)`"
                } else {
                    ""
                };
                let message = format!("`#[{name}]` is already on this field; remove one{instead}");
                errors.at(attribute, message);
            } else {
                earlier.push(keyword);
                attrs.read_attribute(errors, keyword, attribute);
            }
        }
        attrs.read_skip_alone(errors, &earlier);
        Some(attrs)
    }

    fn read_attribute(&mut self, errors: &mut Errors, keyword: Keyword, attribute: &Attribute) {
        match keyword {
            // The field is the key, also if the options of `#[id]` are wrong.
            Keyword::Id => self.id = Some(self.options(errors, keyword, attribute)),
            Keyword::Column => self.read_column(errors, attribute),
            Keyword::BelongsTo => {
                self.belongs_to =
                    RelationAttrs::read(errors, Kind::BelongsTo, Place::Field, attribute);
            }
            Keyword::Unique => self.unique = Some(self.unique(errors, attribute)),
            Keyword::Index => self.index = Some(self.word(errors, keyword, attribute)),
            Keyword::Tenant => self.tenant = Some(self.word(errors, keyword, attribute)),
            Keyword::Skip => self.skip = Some(self.word(errors, keyword, attribute)),
            Keyword::Version | Keyword::CreatedAt | Keyword::UpdatedAt | Keyword::DeletedAt => {
                let attribute = self.word(errors, keyword, attribute);
                self.stamps.extend(Stamp::of(keyword).map(|stamp| (stamp, attribute)));
            }
            Keyword::Entity
            | Keyword::HasMany
            | Keyword::HasOne
            | Keyword::Check
            | Keyword::OneOf => {
                let name = keyword.name();
                errors.at(attribute, format!("`#[{name}]` belongs on the struct; move it there"));
            }
            Keyword::Value
            | Keyword::FromRow
            | Keyword::Partial
            | Keyword::Include
            | Keyword::Through => {}
        }
    }

    fn read_column(&mut self, errors: &mut Errors, attribute: &Attribute) {
        self.column = self.options(errors, Keyword::Column, attribute);
        let says_nothing = matches!(
            self.column,
            ColumnAttrs { name: None, sql_type: None, default: None, generated: None }
        );
        if self.understood && says_nothing {
            errors.at(
                attribute,
                "`#[column]` has no options; add `name`, `type`, `default` or `generated`, or remove it",
            );
        }
    }

    /// The options of an attribute, or the default if there is an error in them.
    fn options<T: Default + FromMeta>(
        &mut self,
        errors: &mut Errors,
        keyword: Keyword,
        attribute: &Attribute,
    ) -> T {
        let options = arguments::options(errors, keyword, attribute, |_| None);
        self.understood &= options.is_some();
        options.unwrap_or_default()
    }

    /// Reads `#[unique]`, which has an option.
    fn unique(&mut self, errors: &mut Errors, attribute: &Attribute) -> UniqueAttr {
        let is_option =
            |name: &str| attribute.parse_args::<Ident>().is_ok_and(|written| written == name);
        let with_deleted = if is_option("with_deleted") {
            let options: UniqueOptions = self.options(errors, Keyword::Unique, attribute);
            options.with_deleted.map(|flag| flag.0)
        } else {
            self.word(errors, Keyword::Unique, attribute);
            None
        };
        UniqueAttr { attribute: attribute.clone(), with_deleted }
    }

    /// Reads an attribute without options, such as `#[unique]`, `#[index]` or `#[skip]`.
    fn word(&mut self, errors: &mut Errors, keyword: Keyword, attribute: &Attribute) -> Attribute {
        if attribute.meta.require_path_only().is_err() {
            self.understood = false;
            let name = keyword.name();
            errors.at(attribute, format!("`#[{name}]` takes no options; write `#[{name}]`"));
        }
        attribute.clone()
    }

    /// A skipped field is not a property, so it takes no other attribute.
    fn read_skip_alone(&mut self, errors: &mut Errors, ours: &[Keyword]) {
        if ours.len() > 1
            && let Some(skip) = self.skip.take()
        {
            errors.at(
                skip,
                "a skipped field takes no other attribute; remove `#[skip]` or the others",
            );
        }
    }
}
