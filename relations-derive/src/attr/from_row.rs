//! `#[from_row(…)]` on a struct that is read from rows, and the attributes of its fields.

use darling::FromMeta;
use proc_macro2::Ident;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Type};

use super::arguments;
use super::keyword::Keyword;
use super::option::{ModulePath, Text};
use crate::error::Errors;

/// A struct as it was written.
pub(crate) struct FromRowAttrs {
    pub(crate) ident: Ident,
    pub(crate) options: FromRowOptions,
    pub(crate) fields: Vec<FieldAttrs>,
    /// Whether it is an entity as well, which implements `FromRow` already.
    pub(crate) is_entity: bool,
}

/// `#[from_row(crate = "…")]`
#[derive(Default, FromMeta)]
pub(crate) struct FromRowOptions {
    #[darling(rename = "crate")]
    pub(crate) krate: Option<ModulePath>,
}

/// A field as it was written.
pub(crate) struct FieldAttrs {
    pub(crate) field: Ident,
    pub(crate) ty: Type,
    pub(crate) column: FieldOptions,
    pub(crate) skip: bool,
}

/// `#[column(name = "…")]`
#[derive(Default, FromMeta)]
pub(crate) struct FieldOptions {
    pub(crate) name: Option<Text>,
}

impl FromRowAttrs {
    /// Reads the struct and its fields. An item other than a struct with named fields has no fields
    /// here, so that it gets no further errors.
    pub(crate) fn read(errors: &mut Errors, input: &DeriveInput) -> Self {
        if !input.generics.params.is_empty() {
            errors.at(
                &input.generics,
                "a type that is read from rows has no generics; give each field a type",
            );
        } else if let Some(clause) = &input.generics.where_clause {
            errors.at(clause, "a type that is read from rows has no `where`; remove it");
        }
        let fields = named_fields(errors, input);
        let is_entity = fields.is_some_and(is_entity);
        if is_entity {
            errors.at(&input.ident, "an entity is read from rows already; leave out `FromRow`");
        }
        let fields = fields.into_iter().flatten().filter(|_| !is_entity);
        let fields = fields.filter_map(|field| FieldAttrs::read(errors, field)).collect();
        let options = struct_options(errors, &input.attrs);
        Self { ident: input.ident.clone(), options, fields, is_entity }
    }
}

fn struct_options(errors: &mut Errors, attributes: &[Attribute]) -> FromRowOptions {
    let mut options = None;
    for (keyword, attribute) in Keyword::among(attributes) {
        match keyword {
            Keyword::FromRow if options.is_some() => {
                errors.at(attribute, "`#[from_row]` is already on this struct; remove one");
            }
            Keyword::FromRow => {
                let read = arguments::options(errors, keyword, attribute, |_| None);
                options = Some(read.unwrap_or_default());
            }
            Keyword::Column | Keyword::Skip => {
                let name = keyword.name();
                errors.at(attribute, format!("`#[{name}]` belongs on a field; move it there"));
            }
            _ => {}
        }
    }
    options.unwrap_or_default()
}

/// Only an entity has an id.
fn is_entity(fields: &Fields) -> bool {
    let mut all = fields.iter().flat_map(|field| Keyword::among(&field.attrs));
    all.any(|(keyword, _)| keyword == Keyword::Id)
}

fn named_fields<'a>(errors: &mut Errors, input: &'a DeriveInput) -> Option<&'a Fields> {
    let ident = &input.ident;
    let form = format!("write `struct {ident} {{ … }}`");
    match &input.data {
        Data::Enum(data) => {
            errors.at(data.enum_token, format!("a row is not read as an `enum`; {form}"));
        }
        Data::Union(data) => {
            errors.at(data.union_token, format!("a row is not read as a `union`; {form}"));
        }
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) => {
                let message = "columns are found by the names of fields; name them, or read a \
                               tuple, which derives nothing";
                errors.at(fields, message);
            }
            fields if fields.is_empty() => {
                errors.at(ident, format!("`{ident}` has no fields; add one for each column"));
            }
            fields => return Some(fields),
        },
    }
    None
}

impl FieldAttrs {
    fn read(errors: &mut Errors, field: &Field) -> Option<Self> {
        let mut attrs = Self {
            field: field.ident.clone()?,
            ty: field.ty.clone(),
            column: FieldOptions::default(),
            skip: false,
        };
        let mut earlier = Vec::new();
        for (keyword, attribute) in Keyword::among(&field.attrs) {
            let name = keyword.name();
            if earlier.contains(&keyword) {
                errors.at(attribute, format!("`#[{name}]` is already on this field; remove one"));
                continue;
            }
            match keyword {
                Keyword::Column => attrs.read_column(errors, attribute),
                Keyword::Skip => attrs.read_skip(errors, attribute),
                Keyword::FromRow => {
                    errors.at(attribute, "`#[from_row]` belongs on the struct; move it there");
                }
                // Other attributes belong to other derives.
                _ => continue,
            }
            earlier.push(keyword);
        }
        if earlier.contains(&Keyword::Column) && earlier.contains(&Keyword::Skip) {
            errors.at(&field.ident, "a skipped field has no column; remove one of both");
        }
        Some(attrs)
    }

    fn read_column(&mut self, errors: &mut Errors, attribute: &Attribute) {
        let options =
            arguments::options(errors, Keyword::Column, attribute, |option| match option {
                "name" => None,
                _ => Some(format!(
                    "`{option}` is for entities; `FromRow` takes a column's `name` only"
                )),
            });
        if options.as_ref().is_some_and(|options: &FieldOptions| options.name.is_none()) {
            errors.at(attribute, "`#[column]` has no options; add `name`, or remove it");
        }
        self.column = options.unwrap_or_default();
    }

    fn read_skip(&mut self, errors: &mut Errors, attribute: &Attribute) {
        if attribute.meta.require_path_only().is_err() {
            errors.at(attribute, "`#[skip]` takes no options; write `#[skip]`");
        }
        self.skip = true;
    }
}
