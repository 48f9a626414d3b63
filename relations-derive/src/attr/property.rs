//! The attributes of a field.

use darling::FromMeta;
use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Attribute, Field, Fields, Type};

use super::arguments;
use super::keyword::{Keyword, Kind, Stamp};
use super::option::{Flag, Text};
use super::relation::{Place, RelationAttrs};
use super::serde::SerdeField;
use crate::error::Errors;

/// A field as it was written.
pub(crate) struct PropertyAttrs {
    pub(crate) field: Ident,
    pub(crate) ty: Type,
    pub(crate) id: Option<IdAttrs>,
    pub(crate) unique: Option<UniqueAttr>,
    pub(crate) index: Option<IndexAttr>,
    pub(crate) skip: Option<Attribute>,
    /// `#[version]`, `#[created_at]`, `#[updated_at]` and `#[deleted_at]`.
    pub(crate) stamps: Vec<(Stamp, Attribute)>,
    pub(crate) tenant: Option<Attribute>,
    pub(crate) column: ColumnAttrs,
    pub(crate) belongs_to: Option<RelationAttrs>,
    pub(crate) serde: SerdeField,
    /// Whether it was read without an error. Otherwise later steps report nothing that may follow
    /// from the error.
    pub(crate) understood: bool,
}

/// `#[unique]`, `#[unique(name = "…", with_deleted, deferrable, initially_deferred)]`
pub(crate) struct UniqueAttr {
    pub(crate) attribute: Attribute,
    pub(crate) options: UniqueAttrOptions,
}

/// The options of a `#[unique]` on a field.
#[derive(Default, FromMeta)]
pub(crate) struct UniqueAttrOptions {
    pub(crate) name: Option<Text>,
    pub(crate) with_deleted: Option<Flag>,
    pub(crate) deferrable: Option<Flag>,
    pub(crate) initially_deferred: Option<Flag>,
}

/// `#[index]`, `#[index(name = "…", filter = "…", using = "…")]`
pub(crate) struct IndexAttr {
    pub(crate) attribute: Attribute,
    /// `None` where the word stands alone.
    pub(crate) options: Option<IndexAttrOptions>,
}

/// The options of an `#[index]` on a field.
#[derive(Default, FromMeta)]
pub(crate) struct IndexAttrOptions {
    pub(crate) name: Option<Text>,
    pub(crate) filter: Option<Text>,
    pub(crate) using: Option<Text>,
}

/// `#[id]`, `#[id(generated, name = "…")]`
#[derive(Default, FromMeta)]
pub(crate) struct IdAttrs {
    pub(crate) generated: Option<Flag>,
    pub(crate) name: Option<Text>,
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
            serde: SerdeField::among(&field.attrs),
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
            Keyword::Index => self.index = Some(self.index(errors, attribute)),
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
            | Keyword::OneOf
            | Keyword::AllBut => {
                let name = keyword.name();
                errors.at(attribute, format!("`#[{name}]` belongs on the struct; move it there"));
            }
            Keyword::Value
            | Keyword::FromRow
            | Keyword::Partial
            | Keyword::Include
            | Keyword::Through
            | Keyword::KindTarget => {}
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

    /// Reads `#[unique]` and its options.
    fn unique(&mut self, errors: &mut Errors, attribute: &Attribute) -> UniqueAttr {
        let field = self.field.unraw();
        let on_struct = |option: &str| {
            (option == "filter").then(|| {
                format!(
                    "a key of some rows stands on the struct; write `#[unique({field}, filter = \"…\")]` \
                     there"
                )
            })
        };
        let options = arguments::options(errors, Keyword::Unique, attribute, on_struct);
        self.understood &= options.is_some();
        UniqueAttr { attribute: attribute.clone(), options: options.unwrap_or_default() }
    }

    /// Reads `#[index]` and its options.
    fn index(&mut self, errors: &mut Errors, attribute: &Attribute) -> IndexAttr {
        let alone = attribute.meta.require_path_only().is_ok();
        let on_struct = |option: &str| {
            match option {
            "expression" => Some(
                "an index of an expression stands on the struct; write `#[index(expression = \"…\")]` \
                 there"
                    .to_owned(),
            ),
            "unique" => Some("a unique index of a property is a key; write `#[unique]`".to_owned()),
            _ => None,
        }
        };
        let options = arguments::options(errors, Keyword::Index, attribute, on_struct);
        self.understood &= options.is_some();
        IndexAttr { attribute: attribute.clone(), options: options.filter(|_| !alone) }
    }

    /// Reads an attribute without options, such as `#[version]` or `#[skip]`.
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
