//! `#[value(…)]` on a newtype or an enum, and on the variants of an enum.

use darling::FromMeta;
use proc_macro2::Ident;
use syn::{Attribute, Data, DataEnum, DeriveInput, Fields, Type, Variant};

use super::arguments;
use super::keyword::{Case, Keyword};
use super::option::{Choice, Flag, ModulePath, Spelling, Text};
use crate::error::Errors;

/// A value as it was written.
pub(crate) struct ValueAttrs {
    pub(crate) ident: Ident,
    pub(crate) options: ValueOptions,
    pub(crate) shape: ValueShape,
    /// The word in `#[repr(…)]`.
    pub(crate) repr: Option<Ident>,
}

/// `#[value(crate = "…", rename_all = "…", type = "…", integer)]`
#[derive(Default, FromMeta)]
pub(crate) struct ValueOptions {
    #[darling(rename = "crate")]
    pub(crate) krate: Option<ModulePath>,
    pub(crate) rename_all: Option<Choice<Case>>,
    /// The type of the column on PostgreSQL.
    #[darling(rename = "type")]
    pub(crate) sql_type: Option<Text>,
    /// Whether an enum is stored as the numbers of its variants.
    pub(crate) integer: Option<Flag>,
}

#[expect(clippy::large_enum_variant, reason = "a derive makes one of it")]
pub(crate) enum ValueShape {
    Newtype(Type),
    Enum(Vec<VariantAttrs>),
}

/// A variant as it was written.
pub(crate) struct VariantAttrs {
    pub(crate) ident: Ident,
    pub(crate) options: VariantOptions,
}

/// `#[value(rename = "…")]`
#[derive(Default, FromMeta)]
pub(crate) struct VariantOptions {
    pub(crate) rename: Option<Spelling>,
}

impl ValueAttrs {
    /// An item without the shape of a value has no variants here, so that it gets no further
    /// errors.
    pub(crate) fn read(errors: &mut Errors, input: &DeriveInput) -> Self {
        if !input.generics.params.is_empty() {
            errors.at(&input.generics, "a value has no generics; write the type that it holds");
        }
        let shape = ValueShape::read(errors, input);
        let is_enum = matches!(shape, ValueShape::Enum(_));
        let options = options(errors, &input.attrs, |option| match option {
            "rename" if is_enum => {
                Some(format!("`{option}` belongs on a variant; write `rename_all` for all of them"))
            }
            "rename" | "rename_all" | "integer" if !is_enum => {
                Some(format!("`{option}` is for enums; a newtype is stored as its value"))
            }
            _ => None,
        });
        Self { ident: input.ident.clone(), options, shape, repr: repr(&input.attrs) }
    }
}

/// The type of an enum's numbers, as rustc is told.
fn repr(attributes: &[Attribute]) -> Option<Ident> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("repr"))?;
    attribute.parse_args().ok()
}

impl ValueShape {
    fn read(errors: &mut Errors, input: &DeriveInput) -> Self {
        let ident = &input.ident;
        let form = format!("write `struct {ident}(…);` around one field");
        match &input.data {
            Data::Enum(data) => return Self::Enum(variants(errors, ident, data)),
            Data::Union(data) => {
                errors.at(data.union_token, format!("a value is not a `union`; {form}"));
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
                    errors.at(fields, format!("a value holds one field without a name; {form}"));
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
            errors.at(&variant.fields, "a variant is stored as its name; remove its fields");
        }
        let options = options(errors, &variant.attrs, |option| match option {
            "rename_all" => {
                Some(format!("`{option}` belongs on the enum; write `rename` for one variant"))
            }
            "crate" | "type" | "integer" => {
                Some(format!("`{option}` belongs on the enum; move it there"))
            }
            _ => None,
        });
        Self { ident: variant.ident.clone(), options }
    }
}

fn options<T: Default + FromMeta>(
    errors: &mut Errors,
    attributes: &[Attribute],
    misplaced: impl Fn(&str) -> Option<String>,
) -> T {
    sole_attribute(errors, attributes)
        .and_then(|attribute| arguments::options(errors, Keyword::Value, attribute, misplaced))
        .unwrap_or_default()
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
