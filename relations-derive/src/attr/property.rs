//! What stands on a field.

use proc_macro2::Ident;
use syn::{Attribute, Field, Fields, LitStr, Type};

use super::keyword::Keyword;
use super::option::Options;
use super::relation::RelationAttrs;
use crate::error::Errors;

/// A field as it was written.
pub(crate) struct PropertyAttrs {
    pub(crate) field: Ident,
    pub(crate) ty: Type,
    pub(crate) id: Option<IdAttrs>,
    pub(crate) unique: Option<Attribute>,
    pub(crate) index: Option<Attribute>,
    pub(crate) skip: Option<Attribute>,
    pub(crate) column: ColumnAttrs,
    pub(crate) belongs_to: Option<RelationAttrs>,
    /// Whether all of it made sense. Where not, later steps say nothing that might follow from it.
    pub(crate) understood: bool,
}

/// `#[id]`, `#[id(generated)]`
pub(crate) struct IdAttrs {
    pub(crate) generated: Option<Ident>,
}

/// `#[column(name = "…", type = "…", default = "…")]`
#[derive(Default)]
pub(crate) struct ColumnAttrs {
    pub(crate) name: Option<LitStr>,
    pub(crate) sql_type: Option<LitStr>,
    pub(crate) default: Option<LitStr>,
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
            column: ColumnAttrs::default(),
            belongs_to: None,
            understood: true,
        };
        let mut earlier = Vec::new();
        for (keyword, attribute) in Keyword::among(&field.attrs) {
            if earlier.contains(&keyword) {
                let name = keyword.name();
                errors.at(attribute, format!("`#[{name}]` is already on this field; remove one"));
            } else {
                earlier.push(keyword);
                attrs.understood &= attrs.read_attribute(errors, keyword, attribute);
            }
        }
        attrs.read_skip_alone(errors, &earlier);
        Some(attrs)
    }

    /// Whether the attribute was understood.
    fn read_attribute(
        &mut self,
        errors: &mut Errors,
        keyword: Keyword,
        attribute: &Attribute,
    ) -> bool {
        match keyword {
            Keyword::Id => self.read_id(errors, attribute),
            Keyword::Column => self.read_column(errors, attribute),
            Keyword::BelongsTo => {
                self.belongs_to = RelationAttrs::on_field(errors, attribute);
                true
            }
            Keyword::Unique => {
                self.unique = Some(attribute.clone());
                is_alone(errors, keyword, attribute)
            }
            Keyword::Index => {
                self.index = Some(attribute.clone());
                is_alone(errors, keyword, attribute)
            }
            Keyword::Skip => {
                self.skip = Some(attribute.clone());
                is_alone(errors, keyword, attribute)
            }
            Keyword::Entity | Keyword::HasMany | Keyword::HasOne => {
                let name = keyword.name();
                errors.at(attribute, format!("`#[{name}]` belongs on the struct; move it there"));
                true
            }
            Keyword::Value => true,
        }
    }

    /// However it is written, the field was meant to be the key.
    fn read_id(&mut self, errors: &mut Errors, attribute: &Attribute) -> bool {
        let id = self.id.insert(IdAttrs { generated: None });
        let Some(mut options) = Options::of(errors, Keyword::Id, attribute) else {
            return false;
        };
        id.generated = options.flag("generated");
        options.finish()
    }

    fn read_column(&mut self, errors: &mut Errors, attribute: &Attribute) -> bool {
        let Some(mut options) = Options::of(errors, Keyword::Column, attribute) else {
            return false;
        };
        if options.is_empty() {
            errors.at(
                attribute,
                "`#[column]` says nothing; add `name`, `type` or `default`, or remove it",
            );
            return false;
        }
        self.column.name = options.text("name");
        self.column.sql_type = options.text("type");
        self.column.default = options.text("default");
        options.finish()
    }

    /// A skipped field is no property, so nothing else can be said of it.
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

/// `#[unique]`, `#[index]` and `#[skip]` are said in one word.
fn is_alone(errors: &mut Errors, keyword: Keyword, attribute: &Attribute) -> bool {
    let alone = attribute.meta.require_path_only().is_ok();
    if !alone {
        let name = keyword.name();
        errors.at(attribute, format!("`#[{name}]` takes no options; write `#[{name}]`"));
    }
    alone
}
