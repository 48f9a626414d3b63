//! Rules for the stored strings of an enum.

use quote::ToTokens;

use crate::error::Errors;
use crate::model::{Value, ValueKind, Variant};

/// All rules of a value.
pub(crate) fn all(errors: &mut Errors, value: &Value) {
    if let ValueKind::Enum { variants } = &value.kind {
        texts_differ(errors, variants);
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
