//! Certificates of servers, and how they are verified.

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

use crate::driver::encryption::Encryption;
use crate::driver::url::{Asked, Root};
use crate::error::{Error, Result};

/// The encryption of a client, and its demands on the server.
pub(crate) fn client(encryption: &Encryption) -> Result<ClientConfig> {
    // Named, since a program may have several providers and no default.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::invalid_request("no version of TLS is known").because(error))?;
    let asked = encryption.asked;
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
    let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| Error::invalid_request("no certificate is trusted").because(error))?;
    let somebody = Verifier { chain: Some(chain), provider };
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(somebody))
        .with_no_client_auth())
}

fn in_file(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let unread = || {
        Error::invalid_request(format!(
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
    let error = Error::invalid_request(
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
    /// The authorities that must have signed its certificate; `None` where any may.
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
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
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
