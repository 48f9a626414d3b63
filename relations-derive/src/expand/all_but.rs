//! `DocumentHead`: a document without its large columns.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::generated_struct::GeneratedStruct;
use crate::model::{AllButAttrs, Entity, Property};

pub(super) fn structs(entity: &Entity) -> TokenStream {
    entity.all_but.iter().map(|all_but| partial(entity, all_but)).collect()
}

/// A partial of the entity, whose own derive makes the rest.
fn partial(entity: &Entity, all_but: &AllButAttrs) -> TokenStream {
    let Entity { krate, ident, vis, .. } = entity;
    let AllButAttrs { ident: name, left_out, options } = all_but;
    let lacks: Vec<_> = left_out.iter().map(|one| format!("`{}`", one.unraw())).collect();
    let doc = format!(
        " The properties of [`{ident}`] but {}, which a query leaves out.",
        lacks.join(", ")
    );
    let generated = GeneratedStruct::of(entity, name, options.as_ref());
    let fields = entity.without(left_out).map(|property| {
        let Property { ident: field, name, full_type, .. } = property;
        let (doc, serde) = (format!(" The property `{name}`."), generated.field(property, false));
        quote!(#[doc = #doc] #serde #vis #field: #full_type)
    });
    let (derives, options) = (generated.derives(), generated.options());
    quote! {
        #[doc = #doc]
        #[allow(dead_code, private_interfaces, clippy::struct_field_names)]
        #[derive(::core::fmt::Debug, ::core::clone::Clone, #krate::Partial #derives)]
        #[partial(#ident, crate = #krate)]
        #options
        #vis struct #name { #(#fields),* }
    }
}
