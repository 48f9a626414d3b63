//! Encryption of connections to PostgreSQL, as their URL and options ask for it.

use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, SslNegotiation};

use crate::driver::postgres::connection_pool::Cancel;
use crate::driver::postgres::negotiation::Negotiation;
#[cfg(feature = "tls")]
use crate::driver::postgres::negotiation::Request;
use crate::driver::postgres::servers::{Choice, Connections};
use crate::driver::url::{Asked, Root, Url};
use crate::error::{Error, Result};

/// Encryption of a connection. Modes that need a root certificate have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encryption {
    pub(crate) asked: Asked,
    pub(crate) root: Option<Root>,
    /// Whether the handshake begins at once, without a question whether the server can.
    direct: bool,
}

impl Asked {
    /// The mode that the driver has read.
    fn of_driver(mode: SslMode) -> Self {
        match mode {
            SslMode::Disable => Self::Disable,
            SslMode::Prefer => Self::Prefer,
            // A mode that is not known here is not to be taken for less.
            _ => Self::Require,
        }
    }
}

impl Encryption {
    /// Encryption by a URL, and by the file of certificates that an option names beside it. It is
    /// never less than the driver has found in the URL.
    pub(crate) fn new(url: &Url, file: Option<PathBuf>) -> Result<Self> {
        let found = Asked::of_driver(url.config.get_ssl_mode());
        let said = url.sslmode.map(|said| said.max(found));
        let by_url = match (said, &url.root) {
            (None, Some(Root::System)) => Some(Asked::VerifyFull),
            (Some(asked), Some(Root::System)) if asked != Asked::VerifyFull => {
                return Err(Error::invalid_request(
                    "`sslrootcert=system` trusts many authorities, so the name of the server has \
                     to be verified; write \
                     `sslmode=verify-full`",
                ));
            }
            (said, _) => said,
        };
        let root = file.map(Root::File).or_else(|| url.root.clone());
        let asked = match (by_url, &root) {
            (Some(Asked::Disable), Some(Root::File(_))) => {
                return Err(Error::invalid_request(
                    "a root certificate is given and `sslmode=disable` asks for no encryption; \
                     remove one of them",
                ));
            }
            (Some(Asked::VerifyCa), None) => {
                return Err(Error::invalid_request(
                    "`sslmode=verify-ca` without a root certificate would trust any server with a \
                     certificate of any authority; name the one to trust with `sslrootcert=…`, or \
                     write `sslmode=verify-full`",
                ));
            }
            // A file of authorities is there to be asked.
            (asked, Some(Root::File(_))) => {
                asked.map_or(Asked::VerifyCa, |it| it.max(Asked::VerifyCa))
            }
            (asked, _) => asked.unwrap_or(found),
        };
        let direct = url.config.get_ssl_negotiation() == SslNegotiation::Direct;
        if direct && asked < Asked::Require {
            return Err(Error::invalid_request(
                "`sslnegotiation=direct` encrypts always; write `sslmode=require`, `verify-ca` or \
                 `verify-full` beside it",
            ));
        }
        Ok(Self { asked, root, direct })
    }

    /// Makes connections to the servers of a URL in this way, and requests to cancel their statements.
    pub(crate) fn connections(
        &self,
        mut servers: Vec<Config>,
        choice: Choice,
    ) -> Result<(Connections, Cancel)> {
        for server in &mut servers {
            if is_local(server) {
                if self.asked >= Asked::Require {
                    return Err(Error::invalid_request(
                        "the socket of a server on this machine is not encrypted; write \
                         `sslmode=prefer` and no root certificate, or name a host",
                    ));
                }
                server.ssl_mode(SslMode::Disable).ssl_negotiation(SslNegotiation::Postgres);
            } else {
                // The driver leaves all of it to `Negotiation`.
                server.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
            }
        }
        let negotiation = self.negotiation()?;
        let again = negotiation.clone();
        let cancel: Cancel = Box::new(move |token| {
            let negotiation = again.clone();
            Box::pin(async move { token.cancel_query(negotiation).await.is_ok() })
        });
        Ok((Connections::new(servers, negotiation, choice), cancel))
    }

    #[cfg(feature = "tls")]
    fn negotiation(&self) -> Result<Negotiation> {
        let request = match (self.asked, self.direct) {
            (Asked::Disable, _) => return Ok(Negotiation::plain()),
            (Asked::Prefer, _) => Request::Prefer,
            (_, false) => Request::Require,
            (_, true) => Request::Direct,
        };
        Ok(Negotiation::encrypted(request, self.client()?))
    }

    #[cfg(feature = "tls")]
    fn client(&self) -> Result<rustls::ClientConfig> {
        let mut client = crate::driver::tls::client(self)?;
        if self.direct {
            // Without a question of PostgreSQL's the handshake says which protocol follows.
            client.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        Ok(client)
    }

    #[cfg(not(feature = "tls"))]
    fn negotiation(&self) -> Result<Negotiation> {
        if self.asked <= Asked::Prefer {
            return Ok(Negotiation::plain());
        }
        Err(Error::invalid_request(
            "encryption is not built in; turn on the feature `tls`, or write `sslmode=prefer` without \
             a root certificate",
        ))
    }
}

/// Requests to cancel statements on connections that somebody else has made, encrypted as their `sslmode`
/// asks. It is not known whom they trust, so the server is anybody.
#[cfg(feature = "deadpool-postgres")]
pub(crate) fn cancel_of_given() -> Cancel {
    Box::new(|token| {
        #[cfg(not(feature = "tls"))]
        return Box::pin(async move { token.cancel_query(tokio_postgres::NoTls).await.is_ok() });
        #[cfg(feature = "tls")]
        Box::pin(async move {
            let anybody = Encryption { asked: Asked::Require, root: None, direct: true };
            let Ok(client) = anybody.client() else { return false };
            let tls = tokio_postgres_rustls::MakeRustlsConnect::new(client);
            token.cancel_query(tls).await.is_ok()
        })
    })
}

/// Whether a server is reached by a socket of this machine's file system.
fn is_local(server: &Config) -> bool {
    !server.get_hosts().iter().all(|host| matches!(host, Host::Tcp(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mode that is meant by the parameters of a URL and by an option.
    fn meant(parameters: &str, file: Option<&str>) -> Option<Asked> {
        let url = Url::read(&format!("postgres://a@b/c?{parameters}"));
        let encryption = url.and_then(|url| Encryption::new(&url, file.map(PathBuf::from)));
        encryption.ok().map(|encryption| encryption.asked)
    }

    #[test]
    fn a_root_certificate_is_always_asked() {
        use Asked::{Disable, Prefer, Require, VerifyCa, VerifyFull};

        let modes = [
            "",
            "sslmode=disable",
            "sslmode=prefer",
            "sslmode=require",
            "sslmode=verify-ca",
            "sslmode=verify-full",
        ];
        let with = |more: &str, file| {
            modes.map(|mode| {
                meant(
                    &[mode, more].join(if mode.is_empty() || more.is_empty() { "" } else { "&" }),
                    file,
                )
            })
        };
        let (ca, full) = (Some(VerifyCa), Some(VerifyFull));
        assert_eq!(
            with("", None),
            [Some(Prefer), Some(Disable), Some(Prefer), Some(Require), None, full]
        );
        let verified = [ca, None, ca, ca, ca, full];
        assert_eq!(with("sslrootcert=/a.pem", None), verified);
        assert_eq!(with("", Some("/a.pem")), verified);
        assert_eq!(with("sslrootcert=/b.pem", Some("/a.pem")), verified);
        assert_eq!(with("sslrootcert=system", None), [full, None, None, None, None, full]);
        // An option says whom to trust, and not that a name no longer counts.
        assert_eq!(
            with("sslrootcert=system", Some("/a.pem")),
            [full, None, None, None, None, full]
        );
        assert_eq!(
            with("sslnegotiation=direct", None),
            [None, None, None, Some(Require), None, full]
        );
    }
}
