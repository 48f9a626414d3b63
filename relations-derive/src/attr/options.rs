//! The options of an attribute as a struct: its fields are their names, and the fields' types are
//! the forms of their values.

use syn::Meta;

/// The form of an option: the value of `name = …`, `name(…)` or `name` alone.
pub(super) trait Form: Sized {
    fn read(option: &Meta) -> syn::Result<Self>;
}

/// The options of one attribute, each of which may be left out.
pub(super) trait Options: Default {
    /// The names, in the order in which to suggest them.
    const NAMES: &'static [&'static str];

    /// Reads the option of a known name into its field.
    fn set(&mut self, name: &str, option: &Meta) -> syn::Result<()>;
}

/// Defines a struct of options. A field whose option has the name of a keyword says
/// `field as "keyword"`.
macro_rules! options {
    (
        $(#[$attribute:meta])*
        pub(crate) struct $Struct:ident {
            $($field:ident $(as $name:literal)?: $Form:ty,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Default)]
        pub(crate) struct $Struct {
            $(pub(crate) $field: Option<$Form>,)*
        }

        impl $crate::attr::options::Options for $Struct {
            const NAMES: &'static [&'static str] =
                &[$($crate::attr::options::name!($field $($name)?)),*];

            fn set(&mut self, name: &str, option: &syn::Meta) -> syn::Result<()> {
                $(if name == $crate::attr::options::name!($field $($name)?) {
                    self.$field = Some($crate::attr::options::Form::read(option)?);
                })*
                Ok(())
            }
        }
    };
}

/// The name of an option: as given, else that of its field.
macro_rules! name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

pub(super) use {name, options};
