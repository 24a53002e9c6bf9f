//! TLS to database servers: certificates are always verified.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::ConnectError;
use super::Tls;

/// A client that trusts the given authorities, or those of the system.
pub(super) fn client_config(tls: &Tls) -> Result<ClientConfig, ConnectError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectError::Unreachable(error.to_string()))?;
    Ok(builder.with_root_certificates(authorities(tls)?).with_no_client_auth())
}

fn authorities(tls: &Tls) -> Result<RootCertStore, ConnectError> {
    let mut store = RootCertStore::empty();
    match &tls.authorities {
        Some(file) => {
            let failed = |error: &dyn std::fmt::Display| {
                ConnectError::Unreachable(format!("sslrootcert {}: {error}", file.display()))
            };
            for certificate in CertificateDer::pem_file_iter(file).map_err(|error| failed(&error))? {
                let certificate = certificate.map_err(|error| failed(&error))?;
                store.add(certificate).map_err(|error| failed(&error))?;
            }
        }
        None => drop(store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    Ok(store)
}
