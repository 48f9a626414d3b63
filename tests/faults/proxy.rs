//! A proxy on the loopback address, which holds a message of a client to its server, so that a test
//! decides what becomes of it.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};

/// The further way of a message that was held back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Then {
    /// It goes on as if nothing had been.
    Pass,
    /// The connection breaks, and the server never gets it.
    Break,
    /// The server gets it; what it answers is lost with the connection.
    LoseAnswer,
    /// The server gets it, and its answer never comes, though the connection stays.
    Silence,
}

/// A client's message: its kind and its content.
type Asked = dyn Fn(u8, &[u8]) -> bool + Send;

/// A message that is waited for, and whom to tell.
struct Trap {
    asked: Box<Asked>,
    caught: oneshot::Sender<oneshot::Sender<Then>>,
}

/// A proxy in front of a server.
pub struct Proxy {
    pub url: String,
    trap: Arc<Mutex<Option<Trap>>>,
}

impl Proxy {
    pub async fn start(url: &str) -> Self {
        let (before, after) = url.split_once("@127.0.0.1:").expect("the server is a private one");
        let (port, database) = after.split_once('/').unwrap();
        let server: u16 = port.parse().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let trap = Arc::default();
        let proxy = Self {
            url: format!("{before}@127.0.0.1:{port}/{database}?sslmode=disable"),
            trap: Arc::clone(&trap),
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
                    tokio::spawn(carry(client, server, Arc::clone(&trap)));
                }
            }
        });
        proxy
    }

    /// Waits for the next message of that kind that contains those bytes, and holds it until it is
    /// told what becomes of it.
    pub fn hold(
        &self,
        kind: u8,
        bytes: &'static [u8],
    ) -> impl Future<Output = oneshot::Sender<Then>> + use<> {
        let asked = move |of: u8, message: &[u8]| {
            of == kind
                && (bytes.is_empty() || message.windows(bytes.len()).any(|part| part == bytes))
        };
        let (caught, waiting) = oneshot::channel();
        *self.trap.lock().unwrap() = Some(Trap { asked: Box::new(asked), caught });
        async move { waiting.await.expect("the proxy is there") }
    }
}

/// The part of a server's answer that the client does not get.
#[derive(Default)]
struct Mute {
    muted: Mutex<bool>,
    answered: Notify,
}

/// Carries a connection, until one side closes it or the proxy breaks it.
async fn carry(client: TcpStream, server: TcpStream, trap: Arc<Mutex<Option<Trap>>>) {
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mute = Mute::default();
    // Whichever ends first, the other is dropped, and both connections are closed.
    tokio::select! {
        _ = carry_answers(from_server, to_client, &mute) => {}
        _ = carry_messages(from_client, to_server, &trap, &mute) => {}
    }
}

async fn carry_answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mute: &Mute,
) -> std::io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        if *mute.muted.lock().unwrap() {
            mute.answered.notify_one();
        } else {
            to.write_all(&bytes[..read]).await?;
        }
    }
}

async fn carry_messages(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    trap: &Mutex<Option<Trap>>,
    mute: &Mute,
) -> std::io::Result<()> {
    // The first message has no kind.
    let first = message(&mut from, Vec::new()).await?;
    to.write_all(&first).await?;
    loop {
        let kind = from.read_u8().await?;
        let message = message(&mut from, vec![kind]).await?;
        let caught = {
            let mut trap = trap.lock().unwrap();
            trap.take_if(|trap| (trap.asked)(kind, &message))
        };
        let then = match caught {
            None => Then::Pass,
            Some(trap) => {
                let (decide, decided) = oneshot::channel();
                let _ = trap.caught.send(decide);
                decided.await.unwrap_or(Then::Pass)
            }
        };
        if then == Then::Break {
            return Ok(());
        }
        *mute.muted.lock().unwrap() |= then != Then::Pass;
        to.write_all(&message).await?;
        if then == Then::LoseAnswer {
            mute.answered.notified().await;
            return Ok(());
        }
    }
}

/// The rest of a message, after what was read of it: its length, which counts itself, and what is in it.
async fn message(from: &mut OwnedReadHalf, mut read: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let length = from.read_u32().await?;
    read.extend(length.to_be_bytes());
    let begun = read.len();
    read.resize(begun + length as usize - 4, 0);
    from.read_exact(&mut read[begun..]).await?;
    Ok(read)
}
