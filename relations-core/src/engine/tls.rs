//! How a connection to PostgreSQL is encrypted.

use deadpool_postgres::{Manager, ManagerConfig, RecyclingMethod};

use crate::error::Result;

fn config() -> ManagerConfig {
    ManagerConfig { recycling_method: RecyclingMethod::Fast }
}

/// Makes connections without encryption; a URL that requires it is refused by the driver.
#[cfg(not(feature = "tls"))]
#[allow(clippy::unnecessary_wraps)]
pub(super) fn manager(postgres: tokio_postgres::Config) -> Result<Manager> {
    Ok(Manager::from_config(postgres, tokio_postgres::NoTls, config()))
}

/// Makes connections as the URL's `sslmode` says. An encrypted one trusts what the system trusts.
#[cfg(feature = "tls")]
pub(super) fn manager(postgres: tokio_postgres::Config) -> Result<Manager> {
    use crate::error::Error;

    if postgres.get_ssl_mode() == tokio_postgres::config::SslMode::Disable {
        return Ok(Manager::from_config(postgres, tokio_postgres::NoTls, config()));
    }
    let loaded = rustls_native_certs::load_native_certs();
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(loaded.certs);
    if roots.is_empty() {
        let error = Error::refused(
            "the system trusts no certificates; install some, or turn encryption off with \
             `?sslmode=disable`",
        );
        return Err(match loaded.errors.into_iter().next() {
            Some(first) => error.because(first),
            None => error,
        });
    }
    // Named, since a program may have several providers and no default.
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::refused("no version of TLS is known").because(error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tls = tokio_postgres_rustls::MakeRustlsConnect::new(client);
    Ok(Manager::from_config(postgres, tls, config()))
}
