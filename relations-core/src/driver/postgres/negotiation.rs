//! The beginning of a connection: whether it is encrypted, and how much a server may say before it
//! has let the client in.
//!
//! The driver is told that the handshake begins at once, and then leaves the socket to a
//! [`Negotiation`], encrypted or not.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};

use crate::driver::postgres::startup::Startup;

/// Asks a server whether it encrypts: a message of eight bytes, with the code of the question.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Question to the server about encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "tls"), allow(dead_code))]
pub(crate) enum Request {
    /// Encryption where the server can.
    Prefer,
    /// Encryption, or no connection.
    Require,
    /// Encryption without a question.
    Direct,
}

/// Agrees with a server on encryption, before anything else is sent to it.
#[derive(Clone)]
pub(crate) struct Negotiation {
    /// `None` without encryption.
    encrypted: Option<(Request, Tls)>,
}

#[cfg(feature = "tls")]
type Tls = tokio_postgres_rustls::MakeRustlsConnect;

#[cfg(feature = "tls")]
type Encrypted = <Tls as MakeTlsConnect<Socket>>::Stream;

#[cfg(not(feature = "tls"))]
type Tls = tokio_postgres::NoTls;

#[cfg(not(feature = "tls"))]
type Encrypted = tokio_postgres::tls::NoTlsStream;

impl Negotiation {
    /// Without encryption, which is not asked for either.
    pub(crate) fn plain() -> Self {
        Self { encrypted: None }
    }

    #[cfg(feature = "tls")]
    pub(crate) fn encrypted(request: Request, client: rustls::ClientConfig) -> Self {
        Self { encrypted: Some((request, Tls::new(client))) }
    }
}

impl MakeTlsConnect<Socket> for Negotiation {
    type Stream = ServerStream;
    type TlsConnect = Negotiating;
    type Error = Infallible;

    fn make_tls_connect(&mut self, host: &str) -> Result<Negotiating, Infallible> {
        Ok(Negotiating { negotiation: self.clone(), host: host.to_owned() })
    }
}

/// A negotiation with one server.
pub(crate) struct Negotiating {
    negotiation: Negotiation,
    host: String,
}

impl TlsConnect<Socket> for Negotiating {
    type Stream = ServerStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<ServerStream>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(self.begin(socket))
    }
}

impl Negotiating {
    async fn begin(self, mut socket: Socket) -> io::Result<ServerStream> {
        let transport = match self.negotiation.encrypted {
            None => Transport::Plain(socket),
            Some((request, tls)) => {
                if request == Request::Direct || can_encrypt(&mut socket, request).await? {
                    Transport::Encrypted(Box::new(handshake(tls, &self.host, socket).await?))
                } else {
                    Transport::Plain(socket)
                }
            }
        };
        Ok(ServerStream { transport, startup: Some(Box::default()), reads: 0 })
    }
}

/// Asks the server whether it encrypts. It reads one byte, so that what is sent behind it unencrypted
/// is part of the handshake and breaks it.
async fn can_encrypt(socket: &mut Socket, request: Request) -> io::Result<bool> {
    socket.write_all(&SSL_REQUEST).await?;
    socket.flush().await?;
    match socket.read_u8().await? {
        b'S' => Ok(true),
        b'N' if request == Request::Prefer => Ok(false),
        b'N' => Err(io::Error::other("the server does not encrypt, and `sslmode` asks for it")),
        _ => Err(io::Error::other(
            "the server does not say whether it encrypts; is it a PostgreSQL server?",
        )),
    }
}

#[cfg(feature = "tls")]
async fn handshake(mut tls: Tls, host: &str, socket: Socket) -> io::Result<Encrypted> {
    let Ok(tls) = MakeTlsConnect::<Socket>::make_tls_connect(&mut tls, host);
    tls.connect(socket).await
}

#[cfg(not(feature = "tls"))]
#[allow(clippy::unused_async)]
async fn handshake(_: Tls, _: &str, _: Socket) -> io::Result<Encrypted> {
    Err(io::Error::other("encryption is not built in"))
}

/// A socket, encrypted or not.
enum Transport {
    Plain(Socket),
    Encrypted(Box<Encrypted>),
}

/// A connection to a server. Until the server is ready for queries its messages are bounded.
pub(crate) struct ServerStream {
    transport: Transport,
    /// `None` once the server is ready.
    startup: Option<Box<Startup>>,
    /// The number of reads since there was nothing to read.
    reads: u8,
}

/// The number of reads after which a connection yields, however fast the server sends. Tokio counts them
/// within a task only, and a destructor polls a connection outside of one.
const READS: u8 = 64;

impl TlsStream for ServerStream {
    fn channel_binding(&self) -> ChannelBinding {
        match &self.transport {
            Transport::Plain(_) => ChannelBinding::none(),
            Transport::Encrypted(stream) => stream.channel_binding(),
        }
    }
}

impl AsyncRead for ServerStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.reads == READS {
            self.reads = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let read = match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_read(context, buffer),
            Transport::Encrypted(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
        };
        self.reads = if read.is_pending() { 0 } else { self.reads + 1 };
        ready!(read)?;
        if let Some(startup) = &mut self.startup
            && startup.read(buffer.filled().get(before..).unwrap_or_default())?
        {
            self.startup = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ServerStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            Transport::Encrypted(stream) => Pin::new(stream.as_mut()).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_flush(context),
            Transport::Encrypted(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            Transport::Encrypted(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }
}
