// The links of the documentation come first, so that they win over those that a forge follows.
#![doc = concat!(include_str!("links.md"), include_str!("../README.md"))]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
pub use relations_core::codegen as __private;
pub use relations_core::*;
// Named, so that without its feature rustc says which one it is behind.
#[cfg(feature = "json")]
pub use relations_core::Json;
pub use relations_derive::{Entity, FromRow, Partial, Value};

/// Names that most programs use, to be imported whole.
pub mod prelude {
    pub use relations_core::prelude::*;
    pub use relations_derive::{Entity, FromRow, Partial, Value};
}

// The code of these pages is compiled by `tests/guide`, which needs no set-up in each block.
#[cfg(all(doc, not(doctest)))]
macro_rules! pages {
    ($($page:ident = $file:literal,)*) => {
        $(
            #[doc = concat!(include_str!("links.md"), include_str!($file))]
            pub mod $page {}
        )*
    };
}

#[cfg(all(doc, not(doctest)))]
#[doc = concat!(include_str!("links.md"), include_str!("../docs/guide/README.md"))]
pub mod guide {
    pages! {
        asking = "../docs/guide/asking.md",
        batching = "../docs/guide/batching.md",
        checking = "../docs/guide/checking.md",
        choosing = "../docs/guide/choosing.md",
        dynamic_queries = "../docs/guide/dynamic_queries.md",
        engines = "../docs/guide/engines.md",
        errors = "../docs/guide/errors.md",
        expressions = "../docs/guide/expressions.md",
        existing_database = "../docs/guide/existing_database.md",
        faults = "../docs/faults.md",
        loading = "../docs/guide/loading.md",
        many_to_many = "../docs/guide/many_to_many.md",
        migrations = "../docs/guide/migrations.md",
        operations = "../docs/guide/operations.md",
        pagination = "../docs/guide/pagination.md",
        performance = "../docs/performance.md",
        polymorphic = "../docs/guide/polymorphic.md",
        rest = "../docs/guide/rest.md",
        scaling = "../docs/guide/scaling.md",
        security = "../docs/guide/security.md",
        soft_delete = "../docs/guide/soft_delete.md",
        sql = "../docs/guide/sql.md",
        tables_in_use = "../docs/guide/tables_in_use.md",
        tenants = "../docs/guide/tenants.md",
        testing = "../docs/guide/testing.md",
        transactions = "../docs/guide/transactions.md",
        trees = "../docs/guide/trees.md",
        values = "../docs/guide/values.md",
        views = "../docs/guide/views.md",
        web_service = "../docs/guide/web_service.md",
        writing = "../docs/guide/writing.md",
    }

    #[doc = concat!("# The shop of the guide\n\n```rust\n", include_str!("../docs/guide/shop.rs"), "```\n")]
    pub mod shop {}
}
