//! `#[partial(Customer)]` on a struct that holds some properties of an entity.

use darling::FromMeta;
use proc_macro2::Ident;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Meta, Path, Type};

use super::arguments::Arguments;
use super::keyword::Keyword;
use super::option::ModulePath;
use super::relation::entity;
use crate::error::Errors;

/// A struct as it was written.
pub(crate) struct PartialAttrs {
    pub(crate) ident: Ident,
    /// The entity; none where it is missing, which is a mistake.
    pub(crate) entity: Option<Path>,
    pub(crate) options: PartialOptions,
    pub(crate) fields: Vec<PartialFieldAttrs>,
}

/// A field as it was written.
pub(crate) struct PartialFieldAttrs {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// Whether it holds a relation.
    pub(crate) include: bool,
}

/// `#[partial(Customer, crate = "…")]`
#[derive(Default, FromMeta)]
pub(crate) struct PartialOptions {
    #[darling(rename = "crate")]
    pub(crate) krate: Option<ModulePath>,
}

impl PartialAttrs {
    /// Reads the struct and its fields.
    pub(crate) fn read(errors: &mut Errors, input: &DeriveInput) -> Self {
        if !input.generics.params.is_empty() {
            errors.at(&input.generics, "a partial has no generics; give each field a type");
        } else if let Some(clause) = &input.generics.where_clause {
            errors.at(clause, "a partial has no `where`; remove it");
        }
        let fields = named_fields(errors, input).into_iter().flatten();
        let fields = fields.filter_map(|field| read_field(errors, field)).collect();
        let (entity, options) = read_attributes(errors, input);
        Self { ident: input.ident.clone(), entity, options, fields }
    }
}

fn read_attributes(errors: &mut Errors, input: &DeriveInput) -> (Option<Path>, PartialOptions) {
    let mut found = None;
    for (keyword, attribute) in Keyword::among(&input.attrs) {
        match keyword {
            Keyword::Partial if found.is_some() => {
                errors.at(attribute, "`#[partial]` is already on this struct; remove one");
            }
            Keyword::Partial => found = Some(read_partial(errors, attribute)),
            _ => {}
        }
    }
    if found.is_none() {
        let message = "name the entity whose properties these are, as in `#[partial(Customer)]`";
        errors.at(&input.ident, message);
    }
    found.unwrap_or_default()
}

/// The entity comes first; options follow it.
fn read_partial(errors: &mut Errors, attribute: &Attribute) -> (Option<Path>, PartialOptions) {
    let keyword = Keyword::Partial;
    let read = Arguments::after(errors, keyword, (attribute, &attribute.meta), |errors, input| {
        entity(errors, keyword, attribute, input)
    });
    let Some((entity, mut arguments)) = read else { return Default::default() };
    if entity.is_none() {
        // An entity that comes after the options is one mistake with them.
        arguments.forget_words();
    }
    (entity, arguments.read(errors, |_| None).unwrap_or_default())
}

fn named_fields<'a>(errors: &mut Errors, input: &'a DeriveInput) -> Option<&'a Fields> {
    let ident = &input.ident;
    let form = format!("write `struct {ident} {{ … }}`");
    match &input.data {
        Data::Enum(data) => errors.at(data.enum_token, format!("a partial is a struct; {form}")),
        Data::Union(data) => errors.at(data.union_token, format!("a partial is a struct; {form}")),
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) => {
                let message = "properties are found by the names of fields; name them, or select a \
                               tuple of columns, which derives nothing";
                errors.at(fields, message);
            }
            fields if fields.is_empty() => {
                errors.at(ident, format!("`{ident}` has no fields; add one for each property"));
            }
            fields => return Some(fields),
        },
    }
    None
}

fn read_field(errors: &mut Errors, field: &Field) -> Option<PartialFieldAttrs> {
    let mut include = false;
    for (keyword, attribute) in Keyword::among(&field.attrs) {
        match keyword {
            Keyword::Partial => {
                errors.at(attribute, "`#[partial]` belongs on the struct; move it there");
            }
            Keyword::Include if include => {
                errors.at(attribute, "`#[include]` is already on this field; remove one");
            }
            Keyword::Include => {
                include = true;
                if !matches!(attribute.meta, Meta::Path(_)) {
                    let message =
                        "`#[include]` has no options; the relation is that of the field's name";
                    errors.at(attribute, message);
                }
            }
            _ => {}
        }
    }
    Some(PartialFieldAttrs { ident: field.ident.clone()?, ty: field.ty.clone(), include })
}
