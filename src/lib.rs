#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
pub use relations_core::private as __private;
pub use relations_core::*;
pub use relations_derive::{Entity, Value};

/// What most programs use, to be imported whole.
pub mod prelude {
    pub use relations_core::prelude::*;
    pub use relations_derive::{Entity, Value};
}
