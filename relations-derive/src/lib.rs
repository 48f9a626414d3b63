//! The derive macros of `relations`.
//!
//! They run in four steps, one folder each: `attr` reads the input, `model` fills in the defaults,
//! `check` finds the errors, `expand` writes the code.

mod attr;
mod check;
mod error;
mod expand;
mod model;

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]
mod tests;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::attr::{EntityAttrs, FromRowAttrs, PartialAttrs, ValueAttrs};
use crate::error::{Errors, Rejected};
use crate::model::{Entity, FromRow, Partial, Value};

#[doc = include_str!("docs/entity.md")]
#[proc_macro_derive(
    Entity,
    attributes(
        entity, has_many, has_one, belongs_to, one_of, all_but, id, unique, index, check, column,
        skip, version, created_at, updated_at, deleted_at, tenant
    )
)]
pub fn derive_entity(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    entity(&input).unwrap_or_else(Rejected::into_tokens).into()
}

#[doc = include_str!("docs/value.md")]
#[proc_macro_derive(Value, attributes(value))]
pub fn derive_value(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    value(&input).unwrap_or_else(Rejected::into_tokens).into()
}

#[doc = include_str!("docs/from_row.md")]
#[proc_macro_derive(FromRow, attributes(from_row, column, skip))]
pub fn derive_from_row(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    from_row(&input).unwrap_or_else(Rejected::into_tokens).into()
}

#[doc = include_str!("docs/partial.md")]
#[proc_macro_derive(Partial, attributes(partial, include))]
pub fn derive_partial(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    partial(&input).unwrap_or_else(Rejected::into_tokens).into()
}

fn entity(input: &DeriveInput) -> Result<TokenStream, Rejected> {
    let mut errors = Errors::default();
    let attrs = EntityAttrs::read(&mut errors, input);
    let mut entity = Entity::build(&mut errors, attrs);
    check::all(&mut errors, &entity);
    errors.finish(|| {
        check::keep_what_can_stand(&mut entity);
        expand::entity_fallback(input, &entity)
    })?;
    Ok(expand::entity(&entity))
}

fn value(input: &DeriveInput) -> Result<TokenStream, Rejected> {
    let mut errors = Errors::default();
    let attrs = ValueAttrs::read(&mut errors, input);
    let value = Value::build(attrs);
    check::value(&mut errors, &value);
    errors.finish(|| expand::value_fallback(input, &value))?;
    Ok(expand::value(&value))
}

fn from_row(input: &DeriveInput) -> Result<TokenStream, Rejected> {
    let mut errors = Errors::default();
    let attrs = FromRowAttrs::read(&mut errors, input);
    let from_row = FromRow::build(attrs);
    check::from_row(&mut errors, &from_row);
    errors.finish(|| expand::from_row_fallback(input, &from_row))?;
    Ok(expand::from_row(&from_row))
}

fn partial(input: &DeriveInput) -> Result<TokenStream, Rejected> {
    let mut errors = Errors::default();
    let attrs = PartialAttrs::read(&mut errors, input);
    let partial = Partial::build(attrs);
    errors.finish(|| expand::partial_fallback(input, &partial))?;
    Ok(expand::partial(&partial))
}
