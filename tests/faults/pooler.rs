//! A pooler on the loopback address, in transaction mode: each transaction gets another connection to the server.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::fake_server::{login, message, ready};

/// The number of connections to the server.
const CONNECTIONS: usize = 3;

/// A pooler in front of a server.
pub struct Pooler {
    pub url: String,
}

/// The connections to the server, and the names that prepared statements have there.
struct Shared {
    connections: Vec<Arc<Mutex<ServerConnection>>>,
    next: AtomicUsize,
    names: Mutex<HashMap<Vec<u8>, Vec<u8>>>,
    tracks: bool,
}

/// A connection to the server.
struct ServerConnection {
    stream: BufStream<TcpStream>,
    /// The messages that tell its settings.
    settings: Vec<u8>,
    prepared: HashSet<Vec<u8>>,
}

impl Pooler {
    /// Starts a pooler. It keeps track of prepared statements, as `PgBouncer` 1.21 does with
    /// `max_prepared_statements`: they have names of its own, and are prepared again on a connection that lacks
    /// them. Or it leaves them alone, as older ones do.
    pub async fn start(url: &str, tracks: bool) -> Self {
        let (before, after) = url.split_once("@127.0.0.1:").expect("the server is a private one");
        let (port, database) = after.split_once('/').unwrap();
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let server = ServerConnection::to(port.parse().unwrap()).await.unwrap();
            connections.push(Arc::new(Mutex::new(server)));
        }
        let (next, names) = (AtomicUsize::new(0), Mutex::default());
        let shared = Arc::new(Shared { connections, next, names, tracks });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let client =
                    Client { stream: BufStream::new(client), names: HashMap::new(), held: None };
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { client.serve(&shared).await });
            }
        });
        Self { url: format!("{before}@127.0.0.1:{port}/{database}?sslmode=disable") }
    }
}

impl ServerConnection {
    async fn to(port: u16) -> Result<Self> {
        let mut stream = BufStream::new(TcpStream::connect(("127.0.0.1", port)).await?);
        let start = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0";
        stream.write_all(&message(0, start)[1..]).await?;
        stream.flush().await?;
        let mut settings = Vec::new();
        loop {
            match read(&mut stream).await? {
                (b'S', body) => settings.extend(message(b'S', &body)),
                (b'Z', _) => break,
                _ => {}
            }
        }
        Ok(Self { stream, settings, prepared: HashSet::new() })
    }
}

/// A connection of a client.
struct Client {
    stream: BufStream<TcpStream>,
    /// The names of its statements, with the text that each is prepared from.
    names: HashMap<Vec<u8>, Vec<u8>>,
    /// The server's connection, until a transaction ends.
    held: Option<OwnedMutexGuard<ServerConnection>>,
}

/// The answers about statements that the client waits for, and those that only the pooler does.
#[derive(Default)]
struct Awaited {
    parsed: VecDeque<bool>,
    closed: VecDeque<bool>,
}

impl Client {
    async fn serve(mut self, shared: &Shared) -> Result<()> {
        let length = self.stream.read_u32().await?;
        let mut start = vec![0; length as usize - 4];
        self.stream.read_exact(&mut start).await?;
        let settings = shared.connections[0].lock().await.settings.clone();
        for part in [login(0, &[]), settings, message(b'K', &[0; 8]), ready()] {
            self.stream.write_all(&part).await?;
        }
        self.stream.flush().await?;
        loop {
            // All that the server answers together.
            let mut asked = Vec::new();
            while !matches!(asked.last(), Some((b'S' | b'Q', _))) {
                asked.push(read(&mut self.stream).await?);
                if matches!(asked.last(), Some((b'X', _))) {
                    return Ok(());
                }
            }
            self.answer(shared, asked).await?;
        }
    }

    async fn answer(&mut self, shared: &Shared, asked: Vec<(u8, Vec<u8>)>) -> Result<()> {
        let mut server = if let Some(server) = self.held.take() {
            server
        } else {
            let next = shared.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS;
            Arc::clone(&shared.connections[next]).lock_owned().await
        };
        let mut awaited = Awaited::default();
        let mut sent = Vec::new();
        for (kind, body) in asked {
            if shared.tracks {
                self.rename(shared, &mut server, &mut awaited, kind, &body, &mut sent).await;
            } else {
                sent.extend(message(kind, &body));
            }
        }
        server.stream.write_all(&sent).await?;
        server.stream.flush().await?;
        loop {
            let (kind, body) = read(&mut server.stream).await?;
            let is_own = match kind {
                b'1' => awaited.parsed.pop_front() == Some(false),
                b'3' => awaited.closed.pop_front() == Some(false),
                // Nobody knows which statements were prepared before it.
                b'E' => {
                    server.prepared.clear();
                    false
                }
                _ => false,
            };
            if !is_own {
                self.stream.write_all(&message(kind, &body)).await?;
            }
            if kind == b'Z' {
                self.stream.flush().await?;
                if body != b"I" {
                    self.held = Some(server);
                }
                return Ok(());
            }
        }
    }

    /// Writes a message of the client with the server's name of its statement, which is prepared if it is not.
    async fn rename(
        &mut self,
        shared: &Shared,
        server: &mut ServerConnection,
        awaited: &mut Awaited,
        kind: u8,
        body: &[u8],
        sent: &mut Vec<u8>,
    ) {
        let (before, after) = match kind {
            b'B' => split(body),
            b'D' | b'C' if body[0] == b'S' => (&body[..0], &body[1..]),
            _ => (&body[..0], body),
        };
        let (name, rest) = match kind {
            b'P' | b'B' => split(after),
            b'D' | b'C' if body[0] == b'S' => split(after),
            _ => (&body[..0], body),
        };
        if name.is_empty() {
            if kind == b'P' {
                awaited.parsed.push_back(true);
            }
            if kind == b'C' {
                awaited.closed.push_back(true);
            }
            sent.extend(message(kind, body));
            return;
        }
        if kind == b'C' {
            // Others may use it.
            self.names.remove(name);
            awaited.closed.push_back(true);
            sent.extend(message(b'C', b"Snone\0"));
            return;
        }
        if kind == b'P' {
            self.names.insert(name.to_vec(), rest.to_vec());
        }
        let Some(text) = self.names.get(name) else {
            sent.extend(message(kind, body));
            return;
        };
        let own = {
            let mut names = shared.names.lock().await;
            let number = names.len();
            let own = names.entry(text.clone());
            own.or_insert_with(|| format!("pooler_{number}").into_bytes()).clone()
        };
        if server.prepared.insert(own.clone()) || kind == b'P' {
            awaited.closed.push_back(false);
            sent.extend(message(b'C', &[b"S", own.as_slice(), b"\0"].concat()));
            awaited.parsed.push_back(kind == b'P');
            sent.extend(message(b'P', &[own.as_slice(), b"\0", text].concat()));
        }
        match kind {
            b'B' => sent.extend(message(kind, &[before, b"\0", &own, b"\0", rest].concat())),
            b'D' => sent.extend(message(kind, &[b"S", own.as_slice(), b"\0"].concat())),
            _ => {}
        }
    }
}

/// A text that ends with a zero, and what comes behind it.
fn split(body: &[u8]) -> (&[u8], &[u8]) {
    let end = body.iter().position(|byte| *byte == 0).unwrap();
    (&body[..end], &body[end + 1..])
}

async fn read(from: &mut BufStream<TcpStream>) -> Result<(u8, Vec<u8>)> {
    let (kind, length) = (from.read_u8().await?, from.read_u32().await?);
    let mut body = vec![0; length as usize - 4];
    from.read_exact(&mut body).await?;
    Ok((kind, body))
}
