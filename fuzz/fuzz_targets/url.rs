//! URLs of PostgreSQL, read by us and by the driver: we never ask for less encryption than it reads, and
//! nothing else differs.

#![no_main]
#![allow(dead_code)]

use libfuzzer_sys::fuzz_target;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

#[path = "../../relations-core/src/driver/url.rs"]
mod url;

use url::{Asked, Url};

/// Errors as far as that file needs them.
mod error {
    use std::borrow::Cow;

    pub struct Error(Cow<'static, str>);

    pub type Result<T> = std::result::Result<T, Error>;

    impl Error {
        pub fn invalid_request(why: impl Into<Cow<'static, str>>) -> Self {
            Self(why.into())
        }

        pub fn because<T>(self, _: T) -> Self {
            self
        }
    }
}

fuzz_target!(|text: &str| {
    let text = format!("postgres://{text}");
    let Ok(ours) = Url::read(&text) else { return };
    let servers = ours.servers().map(|servers| servers.len()).unwrap_or_default();
    assert!(servers <= ours.config.get_hosts().len().max(ours.config.get_hostaddrs().len()));
    let Ok(drivers) = text.parse::<Config>() else {
        // Only where it says what the driver does not know.
        assert!(ours.root.is_some() || ours.sslmode > Some(Asked::Require), "{text}");
        return;
    };
    assert_eq!(ours.config, drivers, "{text}");
    let drivers = match drivers.get_ssl_mode() {
        SslMode::Disable => Asked::Disable,
        SslMode::Prefer => Asked::Prefer,
        _ => Asked::Require,
    };
    assert!(ours.sslmode.is_none_or(|mode| mode >= drivers), "{text}");
});
