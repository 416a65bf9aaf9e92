//! Accepts connections, sets their time limits and ends them. A client that is slow to send a request or to read the
//! answer is disconnected; `connection_limit` caps the number of connections; a stop lets running requests finish.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_service::Service;

use super::connection_limit::{ConnectionLimit, ConnectionSlot};
use super::write_timeout::WriteTimeout;
use crate::error::Result;

/// A client has this long to send the head of each request.
const HEAD: Duration = Duration::from_secs(15);
/// The size limit of a request's head; a longer one is answered 431 or 414. A body goes through the same buffer in
/// parts.
const MOST_HEAD: usize = 64 * 1024;
/// The pause when the system has no free file handles.
const BREATH: Duration = Duration::from_millis(100);
/// How long requests that run at a stop may take to finish.
const FAREWELL: Duration = Duration::from_secs(10);

/// Binds `address`; port 0 picks a free port.
///
/// # Errors
/// The system's error: the port is taken, or the address does not belong to this machine.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Whether this process could listen at `address`. The address is bound for an instant and not listened at, so that a
/// daemon which starts at this moment still gets it.
///
/// # Errors
/// The system's error: another program listens there, or the address does not belong to this machine.
pub fn could_listen(address: SocketAddr) -> std::io::Result<()> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}

/// Serves until told to stop, then lets running requests finish.
///
/// # Errors
/// None; a connection that fails is closed, the others continue.
pub(in crate::api) async fn serve(
    listener: TcpListener,
    limit: ConnectionLimit,
    router: Router,
    mut stop: watch::Receiver<bool>,
) -> Result<()> {
    let ending = GracefulShutdown::new();
    let mut open = JoinSet::new();
    while !*stop.borrow() {
        tokio::select! {
            accepted = listener.accept(), if !limit.is_full() => match accepted {
                Ok((stream, peer)) => if let Some(place) = limit.take(peer.ip()) {
                    open.spawn(converse((stream, peer, place), router.clone(), &ending));
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            },
            Some(_) = open.join_next() => {}
            _ = stop.changed() => {}
        }
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, ending.shutdown()).await.is_err() {
        tracing::warn!(connections = open.len(), "requests under way are cut off");
    }
    Ok(())
}

/// Serves one connection until it is closed.
fn converse(
    (stream, peer, place): (TcpStream, SocketAddr, ConnectionSlot),
    router: Router,
    ending: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(MOST_HEAD);
    let connection = ending.watch(http.serve_connection(TokioIo::new(WriteTimeout::new(stream)), service));
    async move {
        let _place = place;
        // The client disconnected or did not send valid HTTP: not an error of this server.
        if let Err(error) = connection.await {
            tracing::debug!(%peer, %error, "a connection ended early");
        }
    }
}
