//! The meaning of a `#[unique(…)]` on the struct.

use proc_macro2::Ident;
use syn::Attribute;

use super::Deferrable;
use crate::attr::UniqueAttrs;

/// A unique key of several properties, or of some rows.
pub(crate) struct UniqueKey {
    pub(crate) names: Vec<Ident>,
    /// The name of the constraint, if one is given.
    pub(crate) name: Option<String>,
    /// The condition, in SQL, of a partial unique key.
    pub(crate) filter: Option<String>,
    /// Whether it holds for deleted rows as well.
    pub(crate) with_deleted: Option<Ident>,
    pub(crate) deferrable: Option<Deferrable>,
    /// The tokens to underline.
    pub(crate) attribute: Attribute,
}

impl UniqueKey {
    pub(crate) fn build(attrs: UniqueAttrs) -> Self {
        let UniqueAttrs { attribute, names, options } = attrs;
        Self {
            names,
            name: options.name.map(|name| name.0.value()),
            filter: options.filter.map(|filter| filter.0.value()),
            with_deleted: options.with_deleted.map(|flag| flag.0),
            deferrable: Deferrable::of(
                options.deferrable.as_ref(),
                options.initially_deferred.as_ref(),
            ),
            attribute,
        }
    }

    /// Whether it has the given properties, in any order.
    pub(crate) fn is_made_as(&self, other: &Self) -> bool {
        self.names.len() == other.names.len()
            && self.names.iter().all(|name| other.names.contains(name))
    }
}
