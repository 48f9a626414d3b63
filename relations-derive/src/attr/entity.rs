//! `#[entity(…)]` and the other attributes of the struct.

use darling::FromMeta;
use proc_macro2::Ident;
use syn::{Attribute, Data, DeriveInput, Fields, Meta, Visibility};

use super::all_but::AllButAttrs;
use super::arguments;
use super::generated_struct::StructOptions;
use super::index::{CheckAttrs, IndexAttrs};
use super::keyword::{Case, Keyword, Kind};
use super::one_of::OneOfAttrs;
use super::option::{Choice, Flag, ModulePath, Name, Text};
use super::property::PropertyAttrs;
use super::relation::{Place, RelationAttrs};
use super::serde;
use super::serde::SerdeCase;
use super::unique::UniqueAttrs;
use crate::error::Errors;

/// An entity as it was written.
pub(crate) struct EntityAttrs {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) options: EntityOptions,
    /// The value of `#[serde(rename_all = "…")]`.
    pub(crate) serialized: Option<SerdeCase>,
    /// The options of serde's that the generated structs repeat.
    pub(crate) serde: Vec<Meta>,
    pub(crate) unique_keys: Vec<UniqueAttrs>,
    pub(crate) indexes: Vec<IndexAttrs>,
    pub(crate) checks: Vec<CheckAttrs>,
    pub(crate) relations: Vec<RelationAttrs>,
    pub(crate) one_of: Vec<OneOfAttrs>,
    pub(crate) all_but: Vec<AllButAttrs>,
    pub(crate) properties: Vec<PropertyAttrs>,
}

/// `#[entity(table = "…", schema = "…", rename_all = "…", crate = "…", deref = false, scoped, shared,
/// distributed_by = "…", reference, view, materialized_view, read_only, new(derive(…)), patch(derive(…)))]`
#[derive(Default, FromMeta)]
pub(crate) struct EntityOptions {
    pub(crate) table: Option<Text>,
    pub(crate) schema: Option<Text>,
    /// The case of the columns.
    pub(crate) rename_all: Option<Choice<Case>>,
    #[darling(rename = "crate")]
    pub(crate) krate: Option<ModulePath>,
    /// Whether the entity derefs to hints about its relations.
    pub(crate) deref: Option<bool>,
    /// Whether all tenants use its rows.
    pub(crate) shared: Option<Flag>,
    /// Whether it has a default scope.
    pub(crate) scoped: Option<Flag>,
    /// The property by which its rows are distributed over the servers of a cluster.
    pub(crate) distributed_by: Option<Name>,
    /// Whether each server of a cluster has all of its rows.
    pub(crate) reference: Option<Flag>,
    /// Whether its rows are those of a view.
    pub(crate) view: Option<Flag>,
    /// Whether its rows are those of a materialized view.
    pub(crate) materialized_view: Option<Flag>,
    /// Whether its rows are those of a table that is only read.
    pub(crate) read_only: Option<Flag>,
    /// Options of the struct for a new row.
    pub(crate) new: Option<StructOptions>,
    /// The struct for changes, if there is to be one.
    pub(crate) patch: Option<StructOptions>,
}

impl EntityAttrs {
    /// Reads the struct and its fields. An item other than a struct with named fields has no
    /// properties and no relations here, so that it gets no further errors.
    pub(crate) fn read(errors: &mut Errors, input: &DeriveInput) -> Self {
        let mut attrs = Self {
            ident: input.ident.clone(),
            vis: input.vis.clone(),
            options: EntityOptions::default(),
            serialized: SerdeCase::among(&input.attrs),
            serde: serde::repeated(&input.attrs),
            unique_keys: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            relations: Vec::new(),
            one_of: Vec::new(),
            all_but: Vec::new(),
            properties: Vec::new(),
        };
        attrs.read_struct(errors, &input.attrs);
        no_generics(errors, input);
        if let Some(fields) = named_fields(errors, input) {
            attrs.properties = PropertyAttrs::read_all(errors, fields);
        } else {
            attrs.relations.clear();
            attrs.one_of.clear();
            attrs.all_but.clear();
            attrs.unique_keys.clear();
            attrs.indexes.clear();
        }
        attrs
    }

    fn read_struct(&mut self, errors: &mut Errors, attributes: &[Attribute]) {
        let mut is_named = false;
        for (keyword, attribute) in Keyword::among(attributes) {
            let relation = |errors: &mut Errors, kind| {
                RelationAttrs::read(errors, kind, Place::Struct, attribute)
            };
            match keyword {
                Keyword::Entity if is_named => {
                    errors.at(attribute, "`#[entity]` is already on this struct; remove one");
                }
                Keyword::Entity => {
                    is_named = true;
                    let options = arguments::options(errors, keyword, attribute, |_| None);
                    self.options = options.unwrap_or_default();
                }
                Keyword::HasMany => self.relations.extend(relation(errors, Kind::HasMany)),
                Keyword::HasOne => self.relations.extend(relation(errors, Kind::HasOne)),
                Keyword::OneOf => self.one_of.extend(OneOfAttrs::read(errors, attribute)),
                Keyword::AllBut => self.all_but.extend(AllButAttrs::read(errors, attribute)),
                Keyword::BelongsTo => self.relations.extend(relation(errors, Kind::BelongsTo)),
                Keyword::Unique if attribute.meta.require_path_only().is_err() => {
                    self.unique_keys.extend(UniqueAttrs::read(errors, attribute));
                }
                Keyword::Index if attribute.meta.require_path_only().is_err() => {
                    self.indexes.extend(IndexAttrs::read(errors, attribute));
                }
                Keyword::Check => self.checks.extend(CheckAttrs::read(errors, attribute)),
                Keyword::Id
                | Keyword::Unique
                | Keyword::Index
                | Keyword::Column
                | Keyword::Skip
                | Keyword::Version
                | Keyword::CreatedAt
                | Keyword::UpdatedAt
                | Keyword::DeletedAt
                | Keyword::Tenant => {
                    let name = keyword.name();
                    errors.at(attribute, format!("`#[{name}]` belongs on a field; move it there"));
                }
                Keyword::Value
                | Keyword::FromRow
                | Keyword::Partial
                | Keyword::Include
                | Keyword::Through
                | Keyword::KindTarget => {}
            }
        }
    }
}

/// Columns have one type each, so an entity has no parameters.
fn no_generics(errors: &mut Errors, input: &DeriveInput) {
    let generics = &input.generics;
    if !generics.params.is_empty() {
        errors.at(generics, "an entity has no generics; give each property one type");
    } else if let Some(clause) = &generics.where_clause {
        errors.at(clause, "an entity has no `where`; remove it");
    }
}

/// The fields, if the item is a struct with named fields.
fn named_fields<'a>(errors: &mut Errors, input: &'a DeriveInput) -> Option<&'a Fields> {
    let ident = &input.ident;
    let form = format!("write `struct {ident} {{ … }}`");
    match &input.data {
        Data::Enum(data) => {
            errors.at(data.enum_token, format!("an entity is not an `enum`; {form}"));
        }
        Data::Union(data) => {
            errors.at(data.union_token, format!("an entity is not a `union`; {form}"));
        }
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) => {
                errors.at(fields, format!("the fields of an entity have names; {form}"));
            }
            fields if fields.is_empty() => {
                errors.at(
                    ident,
                    format!("`{ident}` has no fields; add one and mark it with `#[id]`"),
                );
            }
            fields => return Some(fields),
        },
    }
    None
}
