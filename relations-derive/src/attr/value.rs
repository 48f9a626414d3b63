//! `#[value(…)]` on a newtype or an enum, and on the variants of an enum.

use proc_macro2::Ident;
use syn::{Attribute, Data, DataEnum, DeriveInput, Fields, LitStr, Path, Type, Variant};

use super::keyword::{Case, Keyword};
use super::option::Options;
use crate::error::Errors;

/// A value as it was written.
pub(crate) struct ValueAttrs {
    pub(crate) ident: Ident,
    pub(crate) krate: Option<Path>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) shape: ValueShape,
}

#[expect(clippy::large_enum_variant, reason = "a derive makes one of it")]
pub(crate) enum ValueShape {
    Newtype(Type),
    Enum(Vec<VariantAttrs>),
}

/// A variant as it was written.
pub(crate) struct VariantAttrs {
    pub(crate) ident: Ident,
    pub(crate) rename: Option<LitStr>,
}

impl ValueAttrs {
    /// What has no shape of a value has no variants here: nothing more is to be said about it.
    pub(crate) fn read(errors: &mut Errors, input: &DeriveInput) -> Self {
        if !input.generics.params.is_empty() {
            errors.at(&input.generics, "a value has no generics; write the type that it holds");
        }
        let shape = ValueShape::read(errors, input);
        let mut attrs = Self { ident: input.ident.clone(), krate: None, rename_all: None, shape };
        if let Some(attribute) = sole_attribute(errors, &input.attrs) {
            attrs.read_options(errors, attribute);
        }
        attrs
    }

    fn read_options(&mut self, errors: &mut Errors, attribute: &Attribute) {
        let Some(mut options) = Options::of(errors, Keyword::Value, attribute) else {
            return;
        };
        self.krate = options.path("crate");
        match self.shape {
            ValueShape::Enum(_) => {
                self.rename_all = options.choice("rename_all", &Case::WORDS).map(|(_, case)| case);
                options.misplaced(
                    "rename",
                    "`rename` belongs on a variant; write `rename_all` for all of them",
                );
            }
            ValueShape::Newtype(_) => {
                for name in ["rename_all", "rename"] {
                    options.misplaced(
                        name,
                        &format!("`{name}` is for enums; a newtype is stored as what it holds"),
                    );
                }
            }
        }
        options.finish();
    }
}

impl ValueShape {
    fn read(errors: &mut Errors, input: &DeriveInput) -> Self {
        let ident = &input.ident;
        let form = format!("write `struct {ident}(…);` around one field");
        match &input.data {
            Data::Enum(data) => return Self::Enum(variants(errors, ident, data)),
            Data::Union(data) => {
                errors.at(data.union_token, format!("a value is no `union`; {form}"));
            }
            Data::Struct(data) => match (&data.fields, data.fields.iter().next()) {
                (Fields::Unnamed(fields), Some(field)) if fields.unnamed.len() == 1 => {
                    for attribute in value_attributes(&field.attrs) {
                        errors.at(attribute, "`#[value]` belongs on the struct; move it there");
                    }
                    return Self::Newtype(field.ty.clone());
                }
                (Fields::Unit, _) => errors.at(ident, format!("`{ident}` holds nothing; {form}")),
                (fields, _) => {
                    errors.at(fields, format!("a value holds one field without a name; {form}"))
                }
            },
        }
        Self::Enum(Vec::new())
    }
}

fn variants(errors: &mut Errors, ident: &Ident, data: &DataEnum) -> Vec<VariantAttrs> {
    if data.variants.is_empty() {
        errors.at(ident, format!("`{ident}` has no values; add a variant"));
    }
    data.variants.iter().map(|variant| VariantAttrs::read(errors, variant)).collect()
}

impl VariantAttrs {
    fn read(errors: &mut Errors, variant: &Variant) -> Self {
        if !variant.fields.is_empty() {
            errors.at(&variant.fields, "a variant is stored as its name; remove what it holds");
        }
        let attribute = sole_attribute(errors, &variant.attrs);
        let rename = attribute.and_then(|attribute| {
            let mut options = Options::of(errors, Keyword::Value, attribute)?;
            let rename = options.string("rename");
            options.misplaced(
                "rename_all",
                "`rename_all` belongs on the enum; write `rename` for one variant",
            );
            options.misplaced("crate", "`crate` belongs on the enum; move it there");
            options.finish();
            rename
        });
        Self { ident: variant.ident.clone(), rename }
    }
}

fn value_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    Keyword::among(attributes)
        .filter(|(keyword, _)| *keyword == Keyword::Value)
        .map(|(_, attribute)| attribute)
}

/// The first `#[value]`; a second is a mistake.
fn sole_attribute<'a>(errors: &mut Errors, attributes: &'a [Attribute]) -> Option<&'a Attribute> {
    let mut attributes = value_attributes(attributes);
    let first = attributes.next();
    for again in attributes {
        errors.at(again, "`#[value]` is already here; put the options into one");
    }
    first
}
