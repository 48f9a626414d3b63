//! Typed columns, with the facts about each that the compiler checks.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path, Type};

use super::tokens::{last_span, respan};
use crate::check::MOST_PARTS;
use crate::model::{Entity, Kind, Property, PropertyKey, Relation, Stamp, feature_of};

/// `Order::QUANTITY`
pub(super) fn constants(entity: &Entity) -> TokenStream {
    let (ident, vis) = (&entity.ident, &entity.vis);
    let constants = entity.properties.iter().enumerate().map(|(index, property)| {
        let Property { constant, name, full_type, .. } = property;
        let krate = &entity.krate;
        let doc = format!(" The column of `{name}`.");
        let definition = definition(entity, property);
        let codec = codec(entity, property);
        // Neither is set.
        let path = if property.generated_as.is_some() {
            Some(quote!(, #krate::__private::Generated))
        } else if entity.is_distributed_by(property) {
            Some(quote!(, #krate::__private::DistributedBy))
        } else {
            None
        };
        quote! {
            #[doc = #doc]
            #vis const #constant: #krate::Column<#ident, #full_type #path> =
                #krate::Column::new(#index, &#definition, #codec);
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code, private_interfaces)]
        impl #ident { #(#constants)* }
    }
}

/// The facts about a property, as a constant expression.
fn definition(entity: &Entity, property: &Property) -> TokenStream {
    let krate = &entity.krate;
    let Property { name, column, .. } = property;
    let column_type = trait_fact(krate, &property.ty, "TYPE");
    let key = match property.key {
        PropertyKey::Id { generated: true } => quote!(.id().generated()),
        PropertyKey::Id { generated: false } => quote!(.id()),
        PropertyKey::Unique | PropertyKey::None => TokenStream::new(),
    };
    let nullable = property.nullable.then(|| quote!(.nullable()));
    let unique = entity.is_unique_in_all(property).then(|| {
        let name = property.unique_name.as_ref().map(|name| quote!(.unique_name(#name)));
        let deferrable = property.deferrable.as_ref().map(|one| {
            if one.initially_deferred {
                quote!(.unique_initially_deferred())
            } else {
                quote!(.unique_deferrable())
            }
        });
        quote!(.unique() #name #deferrable)
    });
    let indexed = property.indexed.then(|| quote!(.indexed()));
    // It may be an enum, whose words a check compares, have a type of its own on PostgreSQL, or hold fewer
    // numbers than its column.
    let words = || trait_fact(krate, &property.ty, "WORDS");
    let sql_type = match &property.sql_type {
        Some(sql_type) => {
            let words = words();
            Some(quote!(.sql_type(#sql_type).words(#words)))
        }
        None if property.is_plain() => None,
        None => {
            let fact = |name| trait_fact(krate, &property.ty, name);
            let (sql_type, words, bounds) = (fact("SQL_TYPE"), words(), fact("BOUNDS"));
            Some(quote!(.of_value(#sql_type, #words, #bounds)))
        }
    };
    let default = property.default.as_ref().map(|default| quote!(.default_to(#default)));
    let generated_as =
        property.generated_as.as_ref().map(|expression| quote!(.generated_as(#expression)));
    let stamp = property.stamp().map(|stamp| {
        let stamp = match stamp {
            Stamp::Version => quote!(Version),
            Stamp::CreatedAt => quote!(CreatedAt),
            Stamp::UpdatedAt => quote!(UpdatedAt),
            Stamp::DeletedAt => quote!(DeletedAt),
        };
        quote!(.stamp(#krate::__private::Stamp::#stamp))
    });
    let tenant = property.is_tenant().then(|| quote!(.tenant()));
    let references = relation_of(entity, property).map(
        |Relation { marker, target, .. }| {
            quote!(.references(<#marker<#target> as #krate::Relation>::DEFINITION))
        },
    );
    quote! {
        #krate::__private::PropertyDefinition::new(#name, #column, #column_type)
            #key #nullable #unique #indexed #sql_type #default #generated_as #stamp #tenant #references
    }
}

/// The relation whose foreign key a property is, or is a part of. A key of several entities is not one.
fn relation_of<'entity>(entity: &'entity Entity, property: &Property) -> Option<&'entity Relation> {
    entity.relations.iter().find(|relation| {
        relation.kind == Kind::BelongsTo
            && relation.attrs.of_kind.is_none()
            && relation.key_from.contains(&property.ident)
    })
}

/// The codec of a field's type: the way to the database and back.
fn codec(entity: &Entity, property: &Property) -> TokenStream {
    let codec = if property.nullable { "NULLABLE" } else { "REQUIRED" };
    trait_fact(&entity.krate, &property.ty, codec)
}

/// `OrderColumns`: the facts by which relations of other entities are checked.
pub(super) fn facts(entity: &Entity) -> TokenStream {
    struct_of_facts(entity, |property| fact(entity, property))
}

/// The facts of an entity with errors: every property may be a key.
pub(super) fn lenient_facts(entity: &Entity) -> TokenStream {
    let Entity { krate, ident, .. } = entity;
    struct_of_facts(entity, |Property { ty, .. }| quote!(#krate::__private::Unique<#ident, #ty>))
}

fn struct_of_facts(entity: &Entity, fact: impl Fn(&Property) -> TokenStream) -> TokenStream {
    let vis = &entity.vis;
    let columns = facts_ident(&entity.ident);
    let fields = entity.properties.iter().map(|property| {
        let (name, fact) = (&property.ident, fact(property));
        quote!(pub #name: #fact)
    });
    quote! {
        #[doc(hidden)]
        #[allow(
            dead_code,
            missing_debug_implementations,
            private_interfaces,
            unreachable_pub,
            clippy::struct_field_names
        )]
        #vis struct #columns { #(#fields),* }
    }
}

/// The name that rustc shows when it lists the properties.
pub(super) fn facts_ident(entity: &Ident) -> Ident {
    format_ident!("{}Columns", entity)
}

/// Whether a property alone is a unique key, as a type.
pub(super) fn fact(entity: &Entity, property: &Property) -> TokenStream {
    let (krate, ident, ty) = (&entity.krate, &entity.ident, &property.ty);
    let sole = property.is_id() && entity.ids().count() == 1;
    if sole || entity.is_unique_in_all(property) {
        quote!(#krate::__private::Unique<#ident, #ty>)
    } else if property.unique {
        quote!(#krate::__private::UniqueNotDeleted<#ident, #ty>)
    } else {
        quote!(#krate::__private::NotUnique<#ident, #ty>)
    }
}

/// A fact about the type of a property, `<Type as AsProperty>::FACT`.
pub(super) fn trait_fact(krate: &Path, ty: &Type, fact: &str) -> TokenStream {
    // From the first word of the type to its last, so that rustc underlines all of it wherever it asks.
    let (krate, fact) = (respan(ty.span(), krate), Ident::new(fact, last_span(ty)));
    // So that a feature which is not turned on is named.
    if let Some(feature) = feature_of(ty) {
        let feature = Ident::new(feature, ty.span());
        return quote_spanned!(ty.span()=> <#ty as #krate::__private::#feature::AsProperty>::#fact);
    }
    quote_spanned!(ty.span()=> <#ty as #krate::__private::AsProperty>::#fact)
}

/// The type and the expression of a key; `part` gives a reference to each part.
pub(super) fn key_of(
    entity: &Entity,
    parts: &[&Property],
    part: impl Fn(&Property) -> TokenStream,
) -> (TokenStream, TokenStream) {
    let of = |property: &&Property| {
        let ty = &property.ty;
        let (krate, itself) =
            (respan(ty.span(), &entity.krate), trait_fact(&entity.krate, ty, "Itself"));
        let fact = Ident::new("Itself", last_span(ty));
        quote_spanned!(ty.span()=> <#itself as #krate::__private::AsKey>::#fact)
    };
    let value = |property: &&Property| {
        let part = part(property);
        quote_spanned!(property.ty.span()=> ::core::clone::Clone::clone(#part))
    };
    let types: Vec<_> = parts.iter().map(of).collect();
    let values: Vec<_> = parts.iter().map(value).collect();
    match (types.as_slice(), values.as_slice()) {
        ([of], [value]) => (of.clone(), value.clone()),
        _ if parts.is_empty() && entity.read_only().is_some() => {
            let krate = &entity.krate;
            let none = quote!(#krate::value::NoId);
            (none.clone(), quote!(#none::NONE))
        }
        // Only an entity with errors has such a key.
        _ if parts.is_empty() || parts.len() > MOST_PARTS => {
            (quote!(::core::primitive::i64), quote!(0))
        }
        _ => {
            let span = unproven_span(parts);
            (quote_spanned!(span=> (#(#types,)*)), quote_spanned!(span=> (#(#values,)*)))
        }
    }
}

/// The span of a function that has a key in its signature: the first part whose type may turn out
/// not to be a key. rustc underlines the whole of a wrong signature; at this span it has reported
/// the error already.
pub(super) fn unproven_span(parts: &[&Property]) -> Span {
    let certain = |property: &&&Property| {
        let known = ["bool", "i16", "i32", "i64", "String"];
        property.type_name().is_some_and(|name| known.iter().any(|known| name == known))
    };
    let doubted = parts.iter().find(|property| !certain(property)).or_else(|| parts.first());
    doubted.map_or_else(Span::call_site, |property| property.ty.span())
}
