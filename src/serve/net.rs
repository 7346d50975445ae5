//! Connections: how many there may be, how long one may take to say what it wants, and how they are encrypted.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::http::Peer;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// How many connections there are at the same time: fewer than the files that most systems let a program open. Whoever comes then waits.
const MOST: usize = 800;

/// How many of them may come from one computer, other than this one. Whoever comes then is turned away.
const FROM_ONE: usize = 100;

/// How long the beginning of a request, and the agreement on a key, may take. A connection on which nothing is asked ends after it, too.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long answers that have begun may take when the program is to end.
const LAST: Duration = Duration::from_secs(30);

/// A certificate with its key.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Reads a certificate, with those that vouch for it, and its private key: two files in PEM.
    ///
    /// # Errors
    /// When they cannot be read, or do not belong together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Tls, Diagnostics> {
        let wrong = |path: &Path, why: &dyn std::fmt::Display| {
            let message = format!("{} cannot be used to encrypt connections: {why}", path.display());
            let help = "give a certificate in PEM (with those that vouch for it) as `--tls-cert`, and its private key in PEM as `--tls-key`";
            Diagnostics::from(Diagnostic::new(&codes::NO_CERTIFICATE, message).help(help))
        };
        let read = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let certificates = read.map_err(|error| wrong(certificate, &error))?;
        if certificates.is_empty() {
            return Err(wrong(certificate, &"there is no certificate in it"));
        }
        let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
        let builder = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        // Every browser that is still cared for knows it.
        let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]);
        let config = builder.and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, secret));
        let mut config = config.map_err(|error| wrong(certificate, &error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Answers what comes in until it is asked to end; what has begun then is answered, if that does not take too long.
pub(super) async fn run(
    router: Router,
    listener: TcpListener,
    tls: Option<Tls>,
    end: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let open = Arc::new(GracefulShutdown::new());
    let accepting = tokio::spawn(accept(router, listener, tls, open.clone()));
    end.await;
    accepting.abort();
    let _ = accepting.await;
    // INVARIANT: who accepted is gone, and nobody else has it.
    if let Some(open) = Arc::into_inner(open) {
        let _ = tokio::time::timeout(LAST, open.shutdown()).await;
    }
    Ok(())
}

async fn accept(router: Router, listener: tokio::net::TcpListener, tls: Option<Tls>, open: Arc<GracefulShutdown>) {
    let (room, guests) = (Arc::new(Semaphore::new(MOST)), Guests::default());
    loop {
        // INVARIANT: nobody closes it.
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let (stream, peer) = match listener.accept().await {
            Ok((stream, peer)) => (stream, peer.ip().to_canonical()),
            Err(_) => {
                // Where no more files can be opened, some will be closed soon.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(guest) = guests.enter(peer) else { continue };
        let (router, tls, watcher) = (router.clone(), tls.clone(), open.watcher());
        tokio::spawn(async move {
            let _held = (place, guest);
            // Small answers are sent at once, and not held back to be joined with others.
            let _ = stream.set_nodelay(true);
            match tls {
                None => talk(stream, router, peer, watcher).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, encrypted(&tls, stream)).await {
                        talk(stream, router, peer, watcher).await;
                    }
                }
            }
        });
    }
}

/// The stream, encrypted. Whoever speaks plain HTTP is told so.
async fn encrypted(tls: &Tls, stream: TcpStream) -> io::Result<tokio_rustls::server::TlsStream<TcpStream>> {
    /// What an encrypted connection begins with.
    const HANDSHAKE: u8 = 0x16;
    const PLAIN: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 64\r\nConnection: close\r\n\r\nConnections here are encrypted: the address begins with https://";
    let mut first = [0];
    if stream.peek(&mut first).await? > 0 && first != [HANDSHAKE] {
        stream.writable().await?;
        let _ = stream.try_write(PLAIN);
        return Err(io::ErrorKind::InvalidData.into());
    }
    tls.0.accept(stream).await
}

/// Answers the requests of a connection.
async fn talk<S>(stream: S, router: Router, peer: IpAddr, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let answer = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        answer.call(request)
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    // Whoever breaks off is gone: there is nobody to tell.
    let _ = watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await;
}

/// How many connections come from which computer.
#[derive(Clone, Debug, Default)]
struct Guests(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection that is counted as long as this is there.
struct Guest(Guests, IpAddr);

impl Guests {
    /// Counts one more, if there may be.
    fn enter(&self, peer: IpAddr) -> Option<Guest> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(peer).or_default();
        if *count >= FROM_ONE && !peer.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Guest(self.clone(), peer))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut all = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_computer_does_not_take_every_connection() {
        let all = Guests::default();
        let other: IpAddr = "192.0.2.7".parse().expect("an address");
        let mut guests: Vec<Guest> = (0..FROM_ONE).map_while(|_| all.enter(other)).collect();
        assert_eq!(guests.len(), FROM_ONE);
        assert!(all.enter(other).is_none());
        assert!(all.enter("192.0.2.8".parse().expect("an address")).is_some());
        guests.pop();
        assert!(all.enter(other).is_some());
        drop(guests);
        assert!(all.0.lock().expect("a lock").is_empty());
        let here: IpAddr = "127.0.0.1".parse().expect("an address");
        assert_eq!((0..2 * FROM_ONE).map_while(|_| all.enter(here)).collect::<Vec<_>>().len(), 2 * FROM_ONE);
    }
}
