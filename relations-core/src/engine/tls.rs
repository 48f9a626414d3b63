//! How connections to PostgreSQL are made, and how they are encrypted.

use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use super::postgres::{Cancel, Connections};
use crate::error::{Error, Result};

/// What is asked of encryption, in the words of PostgreSQL's own library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    /// None.
    Disable,
    /// It is used where the server can.
    Prefer,
    /// The server can, whoever it is.
    Require,
    /// The server has a certificate of somebody who is trusted.
    VerifyCa,
    /// The certificate is for the server's own name.
    VerifyFull,
}

/// Whose certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Root {
    /// Those whom the system trusts.
    System,
    /// Those in a file.
    File(PathBuf),
}

/// How a connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Encryption {
    asked: Asked,
    root: Option<Root>,
}

impl Encryption {
    /// Takes what a URL says of encryption out of it, as the driver knows only some of it.
    pub(super) fn take_from(url: &str) -> Result<(String, Self)> {
        let mut asked = None;
        let mut root = None;
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => asked = Some(Asked::of(mode)?),
                Some(("sslrootcert", "system")) => root = Some(Root::System),
                Some(("sslrootcert", path)) => root = Some(Root::File(decoded(path)?.into())),
                _ => rest.push(pair),
            }
        }
        let url = match rest.as_slice() {
            [] => address.to_owned(),
            rest => format!("{address}?{}", rest.join("&")),
        };
        let asked = match (asked, &root) {
            (None, Some(Root::System)) => Asked::VerifyFull,
            (Some(asked), Some(Root::System)) if asked != Asked::VerifyFull => {
                return Err(Error::refused(
                    "`sslrootcert=system` trusts many, so the server's name counts; write \
                     `sslmode=verify-full`",
                ));
            }
            (asked, _) => asked.unwrap_or(Asked::Prefer),
        };
        Ok((url, Self { asked, root }))
    }

    /// The same, trusting the certificates in a file, where one is given.
    pub(super) fn trusting(mut self, file: Option<PathBuf>) -> Self {
        if let Some(file) = file {
            self.root = Some(Root::File(file));
        }
        self
    }

    /// What the server's certificate must be. A file of those who are trusted is there to be asked,
    /// wherever encryption is required.
    #[cfg_attr(not(feature = "tls"), allow(dead_code))]
    fn checked(&self) -> Asked {
        match self.asked {
            Asked::Require if self.root.is_some() => Asked::VerifyCa,
            asked => asked,
        }
    }

    /// What the driver is to negotiate.
    fn negotiated(&self) -> SslMode {
        match self.asked {
            Asked::Disable => SslMode::Disable,
            Asked::Prefer => SslMode::Prefer,
            Asked::Require | Asked::VerifyCa | Asked::VerifyFull => SslMode::Require,
        }
    }
}

impl Asked {
    fn of(mode: &str) -> Result<Self> {
        Ok(match mode {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(Error::refused(
                    "this `sslmode` is not known; write `disable`, `prefer`, `require`, \
                     `verify-ca` or `verify-full`",
                ));
            }
        })
    }
}

/// Text of a URL, in which some characters are written as `%2F`.
fn decoded(text: &str) -> Result<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        let code = digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        bytes.push(code.ok_or_else(not_decoded)?);
    }
    String::from_utf8(bytes).map_err(|_| not_decoded())
}

fn not_decoded() -> Error {
    Error::refused(
        "this is no URL of a PostgreSQL database: a `%` is to be followed by the code of a character",
    )
}

/// What makes connections, and how their statements are cancelled.
pub(super) fn connections(
    mut config: Config,
    encryption: &Encryption,
) -> Result<(Connections, Cancel)> {
    config.ssl_mode(encryption.negotiated());
    if encryption.asked == Asked::Disable {
        return Ok(plain(config));
    }
    #[cfg(feature = "tls")]
    return encrypted(config, encryption);
    #[cfg(not(feature = "tls"))]
    if encryption.asked == Asked::Prefer {
        Ok(plain(config))
    } else {
        Err(Error::refused(
            "encryption is not built in; turn on the feature `tls`, or write `sslmode=prefer`",
        ))
    }
}

fn plain(config: Config) -> (Connections, Cancel) {
    use tokio_postgres::NoTls;

    let cancel: Cancel = Box::new(|token| {
        Box::pin(async move { token.cancel_query(NoTls).await.unwrap_or_default() })
    });
    (Connections::new(config, NoTls), cancel)
}

#[cfg(feature = "tls")]
fn encrypted(config: Config, encryption: &Encryption) -> Result<(Connections, Cancel)> {
    let client = verify::client(encryption)?;
    let tls = tokio_postgres_rustls::MakeRustlsConnect::new(client);
    let again = tls.clone();
    let cancel: Cancel = Box::new(move |token| {
        let tls = again.clone();
        Box::pin(async move { token.cancel_query(tls).await.unwrap_or_default() })
    });
    Ok((Connections::new(config, tls), cancel))
}

/// What a server's certificate must be.
#[cfg(feature = "tls")]
mod verify {
    use std::path::Path;
    use std::sync::Arc;

    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{
        CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    };

    use super::{Asked, Encryption, Root};
    use crate::error::{Error, Result};

    /// How a client encrypts, and what it asks of the server.
    pub(super) fn client(encryption: &Encryption) -> Result<ClientConfig> {
        // Named, since a program may have several providers and no default.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::refused("no version of TLS is known").because(error))?;
        let asked = encryption.checked();
        if asked <= Asked::Require {
            let anybody = Verifier { chain: None, provider };
            return Ok(builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(anybody))
                .with_no_client_auth());
        }
        let roots = match &encryption.root {
            Some(Root::File(path)) => in_file(path)?,
            Some(Root::System) | None => of_system()?,
        };
        if asked == Asked::VerifyFull {
            return Ok(builder.with_root_certificates(roots).with_no_client_auth());
        }
        let chain =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| Error::refused("no certificate is trusted").because(error))?;
        let somebody = Verifier { chain: Some(chain), provider };
        Ok(builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(somebody))
            .with_no_client_auth())
    }

    fn in_file(path: &Path) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        let unread = || {
            Error::refused(format!(
                "the root certificate cannot be read from {}; name a file in PEM format",
                path.display(),
            ))
        };
        let certificates =
            CertificateDer::pem_file_iter(path).map_err(|error| unread().because(error))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unread().because(error))?;
            roots.add(certificate).map_err(|error| unread().because(error))?;
        }
        if roots.is_empty() { Err(unread()) } else { Ok(roots) }
    }

    fn of_system() -> Result<RootCertStore> {
        let loaded = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(loaded.certs);
        if !roots.is_empty() {
            return Ok(roots);
        }
        let error = Error::refused(
            "the system trusts no certificates; name those to trust with `sslrootcert=…`",
        );
        Err(match loaded.errors.into_iter().next() {
            Some(first) => error.because(first),
            None => error,
        })
    }

    /// Accepts a server whatever its name.
    #[derive(Debug)]
    struct Verifier {
        /// Who must have signed its certificate; none where anybody may.
        chain: Option<Arc<WebPkiServerVerifier>>,
        provider: Arc<CryptoProvider>,
    }

    impl ServerCertVerifier for Verifier {
        fn verify_server_cert(
            &self,
            end_entity: &CertificateDer<'_>,
            intermediates: &[CertificateDer<'_>],
            server_name: &ServerName<'_>,
            ocsp_response: &[u8],
            now: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            use CertificateError::{NotValidForName, NotValidForNameContext};
            use rustls::Error::InvalidCertificate;

            let Some(chain) = &self.chain else {
                return Ok(ServerCertVerified::assertion());
            };
            // The name is looked at last, when all else is well.
            match chain.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            ) {
                Err(InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                    Ok(ServerCertVerified::assertion())
                }
                verified => verified,
            }
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let known = &self.provider.signature_verification_algorithms;
            verify_tls12_signature(message, certificate, signature, known)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let known = &self.provider.signature_verification_algorithms;
            verify_tls13_signature(message, certificate, signature, known)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.provider.signature_verification_algorithms.supported_schemes()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> (String, Encryption) {
        Encryption::take_from(url).unwrap_or_else(|error| unreachable!("{error}"))
    }

    #[test]
    fn takes_out_of_a_url_what_it_says_of_encryption() {
        let all = "postgres://a@b/c?application_name=d&sslmode=verify-ca&sslrootcert=%2Fe%20f.pem";
        let root = Some(Root::File("/e f.pem".into()));
        let expected = Encryption { asked: Asked::VerifyCa, root };
        assert_eq!(read(all), ("postgres://a@b/c?application_name=d".to_owned(), expected));
        let nothing = Encryption { asked: Asked::Prefer, root: None };
        assert_eq!(read("postgres://a@b/c"), ("postgres://a@b/c".to_owned(), nothing.clone()));
        assert_eq!(read("postgres://a@b/c?sslmode=prefer").1, nothing);
        let system = Encryption { asked: Asked::VerifyFull, root: Some(Root::System) };
        assert_eq!(read("postgres://a@b/c?sslrootcert=system").1, system);
        for wrong in ["sslmode=sometimes", "sslrootcert=%2", "sslmode=require&sslrootcert=system"] {
            let refused = Encryption::take_from(&format!("postgres://a@b/c?{wrong}"));
            assert!(refused.is_err_and(|error| error.is_refused()), "{wrong}");
        }
    }

    #[test]
    fn a_root_certificate_is_asked_wherever_encryption_is_required() {
        let checked = |mode: &str| {
            let encryption = read(&format!("postgres://a@b/c?sslmode={mode}")).1;
            (encryption.checked(), encryption.trusting(Some("/a.pem".into())).checked())
        };
        assert_eq!(checked("prefer"), (Asked::Prefer, Asked::Prefer));
        assert_eq!(checked("require"), (Asked::Require, Asked::VerifyCa));
        assert_eq!(checked("verify-full"), (Asked::VerifyFull, Asked::VerifyFull));
    }
}
