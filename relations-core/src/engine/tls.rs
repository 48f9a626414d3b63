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
    let (tls, _) =
        tokio_postgres_rustls::MakeRustlsConnect::with_native_certs().map_err(|errors| {
            let error = Error::refused("the certificates that the system trusts cannot be read");
            match errors.into_iter().next() {
                Some(first) => error.because(first),
                None => error,
            }
        })?;
    Ok(Manager::from_config(postgres, tls, config()))
}
