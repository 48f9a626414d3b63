//! The options of the structs that are generated for an entity.

use darling::{FromMeta, Result};
use syn::parse::Parser;
use syn::{Ident, Meta, MetaList, Path};

use super::arguments::separated;
use super::darling_error::spanned_error;

/// `new(derive(Deserialize))`, `patch`, `patch(derive(Deserialize))`
pub(crate) struct StructOptions {
    pub(crate) option: Ident,
    /// The further traits that it derives.
    pub(crate) derives: Vec<Path>,
}

impl StructOptions {
    /// Whether it derives a trait, whatever the path to it.
    pub(crate) fn derives(&self, name: &str) -> bool {
        let is_named = |path: &Path| path.segments.last().is_some_and(|last| last.ident == name);
        self.derives.iter().any(is_named)
    }
}

/// `derive(Serialize)`
pub(super) struct Derives(pub(super) Vec<Path>);

impl FromMeta for Derives {
    fn from_meta(option: &Meta) -> Result<Self> {
        let paths = match option {
            Meta::List(list) => paths(list)?,
            Meta::Path(_) | Meta::NameValue(_) => Vec::new(),
        };
        if paths.is_empty() {
            let message = "expected what the struct derives, as in `derive(Serialize)`";
            return Err(spanned_error(option, message));
        }
        Ok(Self(paths))
    }
}

/// The traits in the parentheses of a `derive`.
fn paths(derive: &MetaList) -> syn::Result<Vec<Path>> {
    let paths = |input: syn::parse::ParseStream| {
        separated(input, |input| input.call(Path::parse_mod_style))
    };
    paths.parse2(derive.tokens.clone())
}

impl FromMeta for StructOptions {
    fn from_meta(option: &Meta) -> Result<Self> {
        let name = option.path().require_ident()?.clone();
        let example = format!("`{name}(derive(Deserialize))`");
        let expected = |tokens: &dyn quote::ToTokens| {
            spanned_error(tokens, format!("expected what it derives, as in {example}"))
        };
        let derives = match option {
            Meta::Path(_) if name == "patch" => Vec::new(),
            Meta::List(list) => {
                let inner: MetaList =
                    syn::parse2(list.tokens.clone()).map_err(|_| expected(list))?;
                if !inner.path.is_ident("derive") {
                    return Err(expected(&inner));
                }
                let paths = paths(&inner)?;
                if paths.is_empty() {
                    return Err(expected(&inner));
                }
                paths
            }
            Meta::Path(_) | Meta::NameValue(_) => return Err(expected(option)),
        };
        Ok(Self { option: name, derives })
    }
}
