//! The meaning of an `#[index(…)]` and a `#[check(…)]` on the struct.

use proc_macro2::Ident;
use syn::Attribute;

use crate::attr::{CheckAttrs, IndexAttrs};

/// An index of several properties, of some rows, or with a name or a method.
pub(crate) struct Index {
    pub(crate) names: Vec<Ident>,
    pub(crate) name: Option<String>,
    /// The condition, in SQL, of a partial index.
    pub(crate) filter: Option<String>,
    /// The access method on PostgreSQL.
    pub(crate) method: Option<String>,
    /// The tokens to underline.
    pub(crate) attribute: Attribute,
}

impl Index {
    pub(crate) fn build(attrs: IndexAttrs) -> Self {
        let IndexAttrs { attribute, names, options } = attrs;
        Self {
            names,
            name: options.name.map(|name| name.0.value()),
            filter: options.filter.map(|filter| filter.0.value()),
            method: options.using.map(|method| method.0.value()),
            attribute,
        }
    }
}

/// A condition that holds for each row.
pub(crate) struct Check {
    /// The condition in SQL.
    pub(crate) condition: String,
    pub(crate) name: Option<String>,
    /// The tokens to underline.
    pub(crate) attribute: Attribute,
}

impl Check {
    pub(crate) fn build(attrs: CheckAttrs) -> Self {
        Self {
            condition: attrs.condition.value(),
            name: attrs.options.name.map(|name| name.0.value()),
            attribute: attrs.attribute,
        }
    }
}
