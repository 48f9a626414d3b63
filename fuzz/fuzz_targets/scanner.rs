//! SQL of a user's own, as it is looked at before it is sent, on both engines.

#![no_main]

use futures_util::FutureExt;
use libfuzzer_sys::fuzz_target;
use relations_core::{Engine, Executor, Result, sql};
use relations_core::driver::{Rows, Statement};

/// A database that never answers, so that only what comes before it is run.
struct Silent(Engine);

impl Executor for Silent {
    fn engine(&self) -> Engine {
        self.0
    }

    async fn run(&self, _: &Statement) -> Result<Rows> {
        std::future::pending().await
    }
}

fuzz_target!(|text: &str| {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let sent = sql(text, ()).execute(&Silent(engine)).now_or_never();
        if let Some(refused) = sent {
            let error = refused.expect_err("nothing answers");
            assert!(error.is_invalid_request() && !error.to_string().is_empty());
        }
    }
});
