//! Rules for the stored strings of an enum.

use proc_macro2::Ident;
use quote::ToTokens;

use crate::error::Errors;
use crate::model::{Value, ValueKind, Variant};

/// All rules of a value.
pub(crate) fn all(errors: &mut Errors, value: &Value) {
    match &value.kind {
        ValueKind::Newtype { .. } => {}
        ValueKind::Enum { variants } => texts_differ(errors, variants),
        ValueKind::Numbers { variants, repr } => {
            numbers_have_a_column_type(errors, repr);
            numbers_have_no_texts(errors, value, variants);
        }
    }
}

/// A database has integers of 16, 32 and 64 bits.
fn numbers_have_a_column_type(errors: &mut Errors, repr: &Ident) {
    let types = ["i16", "i32", "i64", "u8", "u16", "u32"];
    if !types.iter().any(|one| repr == one) {
        let message = format!("no column holds `{repr}`; write `i16`, `i32` or `i64`");
        errors.at(repr, message);
    }
}

/// Refuses a word for a variant that is stored as a number.
fn numbers_have_no_texts(errors: &mut Errors, value: &Value, variants: &[Variant]) {
    let message = "an enum that is stored as `integer` has no texts; remove this";
    for rename in variants.iter().filter_map(|variant| variant.rename.as_ref()) {
        errors.at(rename, message);
    }
    if let Some(case) = &value.options.rename_all {
        errors.at(&case.literal, message);
    }
}

/// Each variant has a string of its own, by which it is read.
fn texts_differ(errors: &mut Errors, variants: &[Variant]) {
    for (at, variant) in variants.iter().enumerate() {
        let same = |earlier: &&Variant| earlier.text == variant.text;
        if let Some(earlier) = variants.iter().take(at).find(same) {
            let message = format!(
                "`{}` is stored as `{}` already; write another `rename`",
                earlier.ident, variant.text
            );
            let renamed = variant.rename.as_ref().map(ToTokens::to_token_stream);
            errors.at(renamed.unwrap_or_else(|| variant.ident.to_token_stream()), message);
        }
    }
}
