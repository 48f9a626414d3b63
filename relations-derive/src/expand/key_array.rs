//! Relations by an array of keys.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::asserts::{panic, property};
use super::columns;
use super::relations::trait_fact;
use super::tokens::respan;
use crate::model::{Entity, KeyArray, Property, Relation};

/// The elements of the array are of the type of the other side's key, which is a key there if it is the target's.
pub(super) fn check(entity: &Entity, relation: &Relation, of: KeyArray) -> TokenStream {
    let key = relation.key_from.first().and_then(|name| entity.property(name));
    match (of, key) {
        (KeyArray::Source, Some(array)) => of_source(entity, relation, array),
        (KeyArray::Target, Some(key)) => of_target(entity, relation, key),
        // A property that does not exist is reported.
        (_, None) => TokenStream::new(),
    }
}

fn of_source(entity: &Entity, relation: &Relation, array: &Property) -> TokenStream {
    let (target, ty) = (&relation.target, &array.ty);
    let (columns, key) = if let Some(name) = relation.key_to.names().first() {
        let krate = respan(name.span(), &entity.krate);
        let (columns, property) = property(entity, relation, name);
        (columns, quote_spanned!(name.span()=> #krate::__private::key(#property)))
    } else {
        let krate = respan(target.span(), &entity.krate);
        let id = trait_fact(entity, relation, "ID_KEY");
        let key = quote_spanned!(target.span()=> #krate::__private::key(&#id));
        (TokenStream::new(), key)
    };
    let keys = columns::trait_fact(&entity.krate, ty, "SOURCE");
    let column_type = columns::trait_fact(&entity.krate, ty, "TYPE");
    let name = array.ident.unraw();
    let bytes = panic(
        ty.span(),
        &format!("`{name}` is stored as bytes, and not as a list; make its elements an `i16`"),
    );
    let krate = respan(ty.span(), &entity.krate);
    quote_spanned! {ty.span()=>
        #columns
        #krate::__private::references_each(#key, #keys);
        if #krate::__private::is_bytes(#column_type) { #bytes }
    }
}

fn of_target(entity: &Entity, relation: &Relation, key: &Property) -> TokenStream {
    let Some(array) = relation.key_to.names().first() else { return TokenStream::new() };
    let (columns, property) = property(entity, relation, array);
    let key = columns::trait_fact(&entity.krate, &key.ty, "SOURCE");
    let krate = respan(array.span(), &entity.krate);
    quote_spanned! {array.span()=>
        #columns
        #krate::__private::references_each(#key, #krate::__private::key_part(#property));
    }
}
