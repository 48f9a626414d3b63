//! The meaning of the input, with every default filled in. An `Option` here means "there is none".

mod deferrable;
mod from_row;
mod index;
mod name;
mod one_of;
mod partial;
mod property;
mod read_only;
mod relation;
mod text;
mod unique;
mod value;

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Meta, Path, Type, Visibility, parse_quote};

pub(crate) use crate::attr::{
    Action, AllButAttrs, Kind, KindAttrs, KindTargetAttrs, SerdeField, Stamp, StructOptions,
    serde_path,
};
use crate::attr::{EntityAttrs, ModulePath, SerdeCase};
use crate::error::Errors;
pub(crate) use deferrable::Deferrable;
pub(crate) use from_row::{Field, FromRow};
pub(crate) use index::{Check, Index};
pub(crate) use one_of::{OneOf, OneOfArm};
pub(crate) use partial::{Partial, PartialField, PartialInclude};
pub(crate) use property::{Property, PropertyKey, feature_of};
pub(crate) use read_only::{ReadOnly, ReadOnlyKind};
pub(crate) use relation::{
    End, Filter, ForeignKey, KeyArray, KeyTo, Relation, Through, deferrable,
};
pub(crate) use unique::UniqueKey;
pub(crate) use value::{Value, ValueKind, Variant};

/// A struct that maps to a table.
pub(crate) struct Entity {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) krate: Path,
    pub(crate) schema: Option<String>,
    pub(crate) table: String,
    /// The word that says that it has a default scope.
    pub(crate) scoped: Option<Ident>,
    /// Whether it derefs to fields that say what was not included.
    pub(crate) derefs: bool,
    /// Whether all tenants use its rows.
    pub(crate) shared: bool,
    /// The name of the property by which its rows are distributed over the servers of a cluster.
    pub(crate) distributed_by: Option<Ident>,
    /// The word that says that each server of a cluster has all of its rows.
    pub(crate) reference: Option<Ident>,
    /// The words that say that its rows are only read; sound if there is one at most.
    pub(crate) read_only: Vec<ReadOnly>,
    /// The case in which serde writes names.
    pub(crate) serialized: Option<SerdeCase>,
    /// The options of serde's that the generated structs repeat.
    pub(crate) serde: Vec<Meta>,
    /// Options of the struct for a new row.
    pub(crate) new: Option<StructOptions>,
    /// The struct for changes, if there is to be one.
    pub(crate) patch: Option<StructOptions>,
    pub(crate) properties: Vec<Property>,
    /// Skipped fields; filled with `Default` when read.
    pub(crate) skipped: Vec<Ident>,
    /// Types of fields that threads cannot share, as far as tokens show it.
    pub(crate) unshared: Vec<Type>,
    /// The composite and partial unique keys.
    pub(crate) unique_keys: Vec<UniqueKey>,
    /// The indexes that are declared on the struct.
    pub(crate) indexes: Vec<Index>,
    pub(crate) checks: Vec<Check>,
    /// The `belongs_to` relations come first, in the order of the fields.
    pub(crate) relations: Vec<Relation>,
    /// Relations to one of several entities.
    pub(crate) one_of: Vec<OneOf>,
    /// Structs that lack some of its properties.
    pub(crate) all_but: Vec<AllButAttrs>,
}

impl Entity {
    pub(crate) fn build(errors: &mut Errors, attrs: EntityAttrs) -> Self {
        let types = attrs.properties.iter().map(|property| &property.ty);
        let unshared = types.filter_map(property::unshared).cloned().collect();
        let (skipped, properties): (Vec<_>, Vec<_>) =
            attrs.properties.into_iter().partition(|property| property.skip.is_some());
        let options = attrs.options;
        let read_only = ReadOnly::all(&options);
        let mut entity = Self {
            table: options
                .table
                .map_or_else(|| name::plural(&name::snake(&attrs.ident)), |table| table.0.value()),
            schema: options.schema.map(|schema| schema.0.value()),
            derefs: options.deref.unwrap_or(true),
            shared: options.shared.is_some(),
            distributed_by: options.distributed_by.map(|name| name.0),
            reference: options.reference.map(|flag| flag.0),
            scoped: options.scoped.map(|flag| flag.0),
            read_only,
            krate: krate(options.krate),
            ident: attrs.ident,
            vis: attrs.vis,
            serialized: attrs.serialized,
            serde: attrs.serde,
            new: options.new,
            patch: options.patch,
            properties: properties
                .into_iter()
                .map(|attrs| Property::build(attrs, options.rename_all.as_ref()))
                .collect(),
            skipped: skipped.into_iter().map(|property| property.field).collect(),
            unshared,
            unique_keys: attrs.unique_keys.into_iter().map(UniqueKey::build).collect(),
            indexes: attrs.indexes.into_iter().map(Index::build).collect(),
            checks: attrs.checks.into_iter().map(Check::build).collect(),
            relations: Vec::new(),
            one_of: Vec::new(),
            all_but: attrs.all_but,
        };
        let on_fields = entity.properties.iter().filter_map(|property| {
            Index::of_field(&property.ident, property.attrs.index.as_ref()?)
        });
        entity.indexes = on_fields.chain(std::mem::take(&mut entity.indexes)).collect();
        let by_kind = one_of::by_kind(&entity.ident, &attrs.one_of);
        let on_struct = by_kind.into_iter().chain(attrs.relations).collect();
        entity.relations = relation::all(errors, &mut entity, on_struct);
        let of_arrays: Vec<_> = entity
            .relations
            .iter()
            .filter_map(|relation| Index::of_key_array(&entity, relation))
            .collect();
        for index in of_arrays {
            if !index.is_among(&entity.indexes) {
                entity.indexes.push(index);
            }
        }
        let one_of = attrs.one_of.into_iter().enumerate().filter_map(|attrs| {
            OneOf::build(errors, &entity.ident, entity.serialized, &entity.relations, attrs)
        });
        entity.one_of = one_of.collect();
        if entity.read_only().is_none() {
            let of_kinds = entity.one_of.iter().filter_map(Index::of_kind);
            let missing: Vec<_> =
                of_kinds.filter(|index| !index.is_among(&entity.indexes)).collect();
            entity.indexes.extend(missing);
        }
        entity
    }

    /// The properties that are the key, in the order of the fields.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(|property| property.is_id())
    }

    /// Whether its rows are only read, and of what.
    pub(crate) fn read_only(&self) -> Option<&ReadOnly> {
        self.read_only.first()
    }

    /// Whether it is a view, materialized or not.
    pub(crate) fn is_view(&self) -> bool {
        self.read_only().is_some_and(ReadOnly::is_view)
    }

    /// The property by which its rows are distributed, if they are and it is there.
    pub(crate) fn distribution(&self) -> Option<&Property> {
        self.distributed_by.as_ref().and_then(|name| self.property(name))
    }

    /// Whether its rows are distributed by a property.
    pub(crate) fn is_distributed_by(&self, property: &Property) -> bool {
        self.distributed_by.as_ref().is_some_and(|name| name.unraw() == property.name)
    }

    /// The name of the primary key, where one is given.
    pub(crate) fn id_name(&self) -> Option<String> {
        self.ids().find_map(|id| Some(id.attrs.id.as_ref()?.name.as_ref()?.0.value()))
    }

    /// The property that tells when a row was deleted.
    pub(crate) fn deleted_at(&self) -> Option<&Property> {
        self.properties.iter().find(|property| property.stamp() == Some(Stamp::DeletedAt))
    }

    /// The condition, in SQL, of the rows that are not deleted, of an entity with soft delete.
    pub(crate) fn not_deleted(&self) -> Option<String> {
        let column = &self.deleted_at()?.column;
        let is_plain = column.chars().all(|one| matches!(one, 'a'..='z' | '0'..='9' | '_'));
        let starts = column.starts_with(|one: char| !one.is_ascii_digit());
        Some(if is_plain && starts {
            format!("{column} IS NULL")
        } else {
            format!("\"{}\" IS NULL", column.replace('"', "\"\""))
        })
    }

    /// The properties that a new row is given: the others are made by the database.
    pub(crate) fn given(&self) -> impl Iterator<Item = &Property> {
        let is_made = |property: &Property| {
            property.is_refreshed() || property.key == (PropertyKey::Id { generated: true })
        };
        self.properties.iter().filter(move |property| !is_made(property))
    }

    /// The properties that a patch may change: neither keys nor the tenant, nor what the database makes, nor the
    /// column by which rows are distributed.
    pub(crate) fn patched(&self) -> impl Iterator<Item = &Property> {
        let is_kept =
            |one: &Property| one.is_id() || one.is_tenant() || self.is_distributed_by(one);
        self.properties.iter().filter(move |one| !(is_kept(one) || one.is_refreshed()))
    }

    /// The properties that a struct without some of them has.
    pub(crate) fn without(&self, left_out: &[Ident]) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(|one| !left_out.iter().any(|name| name.unraw() == one.name))
    }

    /// Whether a property alone is a key of all rows, deleted ones as well.
    pub(crate) fn is_unique_in_all(&self, property: &Property) -> bool {
        property.unique && (property.with_deleted || self.deleted_at().is_none())
    }

    /// The property of that name, raw or not.
    pub(crate) fn property(&self, ident: &Ident) -> Option<&Property> {
        let name = ident.unraw();
        self.properties.iter().find(|property| name == property.name)
    }
}

fn krate(path: Option<ModulePath>) -> Path {
    path.map_or_else(|| parse_quote!(::relations), |ModulePath(path)| path)
}
