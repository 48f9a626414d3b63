//! Typed columns, and what is known of each for the compiler to check.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use crate::model::{Entity, Property, PropertyKey};

/// `Order::QUANTITY`
pub(super) fn constants(entity: &Entity) -> TokenStream {
    let (ident, vis) = (&entity.ident, &entity.vis);
    let constants = entity.properties.iter().enumerate().map(|(at, property)| {
        let Property { constant, name, full_type, .. } = property;
        let krate = &entity.krate;
        let doc = format!(" The column of `{name}`.");
        let definition = definition(entity, property);
        let codec = codec(entity, property);
        quote! {
            #[doc = #doc]
            #vis const #constant: #krate::Column<#ident, #full_type> =
                #krate::Column::new(#at, &#definition, #codec);
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code, private_interfaces)]
        impl #ident { #(#constants)* }
    }
}

/// What is known of a property, as a constant expression.
fn definition(entity: &Entity, property: &Property) -> TokenStream {
    let krate = &entity.krate;
    let Property { name, column, ty, .. } = property;
    let column_type = quote_spanned!(ty.span()=> <#ty as #krate::__private::Codecs>::TYPE);
    let key = match property.key {
        PropertyKey::Id { generated: true } => quote!(.id().generated()),
        PropertyKey::Id { generated: false } => quote!(.id()),
        PropertyKey::Unique | PropertyKey::None => TokenStream::new(),
    };
    let nullable = property.nullable.then(|| quote!(.nullable()));
    let unique = property.unique.then(|| quote!(.unique()));
    let indexed = property.indexed.then(|| quote!(.indexed()));
    let sql_type = property.sql_type.as_ref().map(|sql_type| quote!(.sql_type(#sql_type)));
    let default = property.default.as_ref().map(|default| quote!(.default_to(#default)));
    quote! {
        #krate::__private::PropertyDefinition::new(#name, #column, #column_type)
            #key #nullable #unique #indexed #sql_type #default
    }
}

/// How a field of this type goes to the database and comes back.
fn codec(entity: &Entity, property: &Property) -> TokenStream {
    let krate = &entity.krate;
    let ty = &property.ty;
    if property.nullable {
        quote_spanned!(ty.span()=> <#ty as #krate::__private::Codecs>::NULLABLE)
    } else {
        quote_spanned!(ty.span()=> <#ty as #krate::__private::Codecs>::REQUIRED)
    }
}

/// `OrderColumns`: the facts that the relations of other entities are checked by.
pub(super) fn facts(entity: &Entity) -> TokenStream {
    let vis = &entity.vis;
    let columns = facts_ident(&entity.ident);
    let fields = entity.properties.iter().map(|property| {
        let (name, fact) = (&property.ident, fact(entity, property));
        quote!(pub #name: #fact)
    });
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, missing_debug_implementations, private_interfaces, unreachable_pub)]
        #vis struct #columns { #(#fields),* }
    }
}

/// The name under which rustc tells which properties there are.
pub(super) fn facts_ident(entity: &Ident) -> Ident {
    format_ident!("{}Columns", entity)
}

/// Whether a property alone tells rows apart, as a type.
pub(super) fn fact(entity: &Entity, property: &Property) -> TokenStream {
    let (krate, ident, ty) = (&entity.krate, &entity.ident, &property.ty);
    let sole = property.is_id() && entity.ids().count() == 1;
    if sole || property.unique {
        quote!(#krate::__private::Unique<#ident, #ty>)
    } else {
        quote!(#krate::__private::NotUnique<#ident, #ty>)
    }
}

/// The type of a property, by way of which a type that cannot be one is told once.
pub(super) fn itself(entity: &Entity, ty: &impl ToTokens) -> TokenStream {
    let krate = &entity.krate;
    quote_spanned!(ty.span()=> <#ty as #krate::__private::Codecs>::Itself)
}
