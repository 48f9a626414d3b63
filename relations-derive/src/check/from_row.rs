//! Rules for types that are read from rows.

use quote::ToTokens;
use syn::LitStr;

use crate::error::Errors;
use crate::model::{Field, FromRow};

/// All rules of a type that is read from rows.
pub(crate) fn all(errors: &mut Errors, from_row: &FromRow) {
    columns_differ(errors, from_row);
    arrays_are_flat(errors, from_row);
}

/// One column is read into one field: a row has one column of each name.
fn columns_differ(errors: &mut Errors, from_row: &FromRow) {
    for (at, field) in from_row.fields.iter().enumerate() {
        let same = |earlier: &&Field| earlier.column == field.column;
        if let Some(earlier) = from_row.fields.iter().take(at).find(same) {
            let message = format!(
                "the column `{}` is read into `{}` already; name another",
                field.column, earlier.name
            );
            let written = field.written.as_ref().or(earlier.written.as_ref());
            let place =
                written.map_or_else(|| field.ident.to_token_stream(), LitStr::to_token_stream);
            errors.at(place, message);
        }
    }
}

/// A column holds one array.
fn arrays_are_flat(errors: &mut Errors, from_row: &FromRow) {
    for field in from_row.fields.iter().filter(|field| field.is_array_of_arrays()) {
        let message = "an array of arrays cannot be read; write one `Vec`, or a `Json` of this";
        errors.at(&field.full_type, message);
    }
}
