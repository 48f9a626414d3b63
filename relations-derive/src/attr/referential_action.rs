//! The actions of a foreign key when its target is deleted or gets another key.

use darling::{FromMeta, Result};
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{LitStr, Meta};

use super::darling_error::spanned_error;
use super::keyword::{Action, identifier};
use super::option::Choice;

/// An action, with the properties of `set null(a, b)`.
pub(crate) struct ReferentialAction {
    pub(crate) literal: LitStr,
    pub(crate) choice: Action,
    /// `None` for the whole key.
    pub(crate) only: Option<Vec<Ident>>,
}

impl FromMeta for ReferentialAction {
    fn from_meta(option: &Meta) -> Result<Self> {
        let list = LitStr::from_meta(option).ok().and_then(|literal| {
            let text = literal.value();
            let list = text.trim_end().strip_prefix("set null")?.trim_start();
            let list = list.strip_prefix('(')?.strip_suffix(')')?.to_owned();
            Some((literal, list))
        });
        let Some((literal, list)) = list else {
            let Choice { literal, choice } = Choice::from_meta(option)?;
            return Ok(Self { literal, choice, only: None });
        };
        if option.path().to_token_stream().to_string() == "on_update" {
            let message = "`on_update` sets the whole key to null; write `set null` alone";
            return Err(spanned_error(literal, message));
        }
        let names = list.split(',').map(str::trim);
        let names: Option<Vec<_>> = names.map(|name| identifier(name, literal.span())).collect();
        if names.is_none() {
            let message = "expected properties of the key, as in `set null(customer_id)`";
            return Err(spanned_error(literal, message));
        }
        Ok(Self { literal, choice: Action::SetNull, only: names })
    }
}
