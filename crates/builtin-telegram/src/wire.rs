//! The TCP side of the server: a listener whose connections can be cut, so that the answer to a call that took effect
//! can be a reset or half a body. Used by `server`.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

const WHOLE: u8 = 0;
const RESET: u8 = 1;
const HALF: u8 = 2;
const DEAD: u8 = 3;

/// Accepts connections that carry [`Scissors`].
pub(super) struct Gateway(pub(super) TcpListener);

/// A connection that can be cut.
pub(super) struct Line {
    stream: TcpStream,
    cut: Scissors,
}

/// Lets the handler of a request cut its connection.
#[derive(Clone)]
pub(super) struct Scissors(Arc<AtomicU8>);

impl Scissors {
    /// Makes the next write fail: the client sees a reset instead of an answer.
    pub(super) fn reset(&self) {
        self.0.store(RESET, Ordering::SeqCst);
    }

    /// Cuts the next answer: the client gets its head and half of its body, then the end of the stream.
    pub(super) fn halve(&self) {
        self.0.store(HALF, Ordering::SeqCst);
    }
}

impl Listener for Gateway {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, peer)) => {
                    // If Nagle's algorithm cannot be disabled, answers only come later.
                    let _ = stream.set_nodelay(true);
                    return (Line { stream, cut: Scissors(Arc::new(AtomicU8::new(WHOLE))) }, peer);
                }
                // The process is out of file descriptors, or a handshake was aborted: both are temporary.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Gateway>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, Gateway>) -> Self {
        stream.io().cut.clone()
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.cut.0.load(Ordering::SeqCst) {
            WHOLE => Pin::new(&mut self.stream).poll_write(cx, buf),
            HALF => {
                let part = buf.get(..half_of(buf)).unwrap_or(buf);
                let written = Pin::new(&mut self.stream).poll_write(cx, part);
                if written.is_ready() {
                    self.cut.0.store(DEAD, Ordering::SeqCst);
                }
                written
            }
            RESET => {
                // With zero linger the kernel sends RST on close, as a crashed proxy would.
                let _ = self.stream.set_zero_linger();
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            _ => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The length of the whole head and half of the body of an answer. Both are in one buffer, because this connection does
/// not support vectored writes.
fn half_of(buf: &[u8]) -> usize {
    let head = buf.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
    head + (buf.len() - head) / 2
}
