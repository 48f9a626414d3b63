//! The generated code. Nothing here can fail.
//!
//! Generated code states facts and calls the core. It names only `::core` and the crate's own
//! `__private`, and asks every fact about a type of the user's in one form, `<T as Trait>::…`
//! under the type's own tokens: where the answer is no, rustc finds the same error in the same
//! place each time, and shows it once.

mod all_but;
mod asserts;
mod columns;
mod distribution;
mod entity;
mod fallback;
mod from_row;
mod generated_struct;
mod includes;
mod key_array;
mod new;
mod not_included;
mod one_of;
mod partial;
mod patch;
mod relations;
mod row;
mod through;
mod tokens;
mod value;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use fallback::{
    entity as entity_fallback, from_row as from_row_fallback, value as value_fallback,
};
pub(crate) use from_row::from_row;
pub(crate) use partial::{fallback as partial_fallback, partial};
pub(crate) use value::value;

use crate::model::Entity;

/// All generated items of an entity.
pub(crate) fn entity(entity: &Entity) -> TokenStream {
    let products = [
        columns::constants(entity),
        columns::facts(entity),
        entity::implementation(entity),
        new::row(entity),
        patch::changes(entity),
        all_but::structs(entity),
        relations::accessors(entity),
        relations::markers(entity),
        one_of::all(entity),
        includes::with(entity),
        not_included::fields(entity),
        asserts::keys(entity),
        asserts::one_of(entity),
        asserts::kinds(entity),
        asserts::stamps(entity),
    ];
    quote!(#(#products)*)
}
