//! Fields for the relations of an entity, whose type says that they were not included.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};

use super::includes::places;
use crate::model::Entity;

/// A struct that the entity derefs to, with a field for each relation.
///
/// rustc looks for a field through `Deref` before it says that there is a method of that name. So
/// `order.customer.name` finds this field, and is told to include it, where rustc would advise to call the
/// accessor: a query for each row.
pub(super) fn fields(entity: &Entity) -> TokenStream {
    let Entity { krate, ident: of, .. } = entity;
    let places = places(entity);
    if places.is_empty() || !entity.derefs {
        return TokenStream::new();
    }
    let fields = format_ident!("{of}NotIncluded");
    let names: Vec<_> = places.iter().map(|place| place.name).collect();
    // An implementation of the user's own is told under the name of the entity.
    let place = Span::call_site().located_at(of.span());
    quote_spanned! {place=>
        const _: () = {
            #[allow(dead_code, missing_debug_implementations, missing_docs, unreachable_pub)]
            pub struct #fields {
                #(pub #names: #krate::NotIncluded),*
            }

            #[automatically_derived]
            impl ::core::ops::Deref for #of {
                type Target = #fields;

                fn deref(&self) -> &#fields {
                    &#fields { #(#names: #krate::NotIncluded),* }
                }
            }
        };
    }
}
