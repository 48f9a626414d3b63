#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
pub use relations_core::private as __private;
pub use relations_core::*;
pub use relations_derive::{Entity, FromRow, Value};

/// What most programs use, to be imported whole.
pub mod prelude {
    pub use relations_core::prelude::*;
    pub use relations_derive::{Entity, FromRow, Value};
}

/// The pages of the guide, whose code compiles.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../docs/guide/README.md")]
    mod contents {}
    #[doc = include_str!("../docs/guide/loading.md")]
    mod loading {}
    #[doc = include_str!("../docs/guide/batching.md")]
    mod batching {}
    #[doc = include_str!("../docs/guide/asking.md")]
    mod asking {}
    #[doc = include_str!("../docs/guide/many_to_many.md")]
    mod many_to_many {}
    #[doc = include_str!("../docs/guide/pagination.md")]
    mod pagination {}
    #[doc = include_str!("../docs/guide/trees.md")]
    mod trees {}
    #[doc = include_str!("../docs/guide/writing.md")]
    mod writing {}
    #[doc = include_str!("../docs/guide/transactions.md")]
    mod transactions {}
    #[doc = include_str!("../docs/guide/operations.md")]
    mod operations {}
    #[doc = include_str!("../docs/guide/errors.md")]
    mod errors {}
    #[doc = include_str!("../docs/guide/sql.md")]
    mod sql {}
}
