//! A server on the loopback address that speaks PostgreSQL's protocol as far as it likes.
//!
//! It lets anybody in and answers each statement by one row with the number 1, but for one reply that a
//! test puts in the place of another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A moment at which a server says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A client has connected, and has not asked yet.
    Connected,
    /// It asks for encryption.
    Encryption,
    /// It has said who it is.
    Login,
    /// It is let in, and is told of settings.
    Settings,
    /// It is told how to cancel.
    Key,
    /// It is told that the server is ready.
    Ready,
    /// It sends a message of this kind.
    Asked(u8),
}

/// A reply in the place of the right one.
#[derive(Clone)]
pub enum Reply {
    /// These bytes, and then as if nothing had been.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing more though the connection stays.
    Silence(Vec<u8>),
    /// These bytes, and the connection is closed.
    Close(Vec<u8>),
    /// These bytes again and again, until the client goes.
    Endless(Vec<u8>),
    /// One of these bytes now and then, again and again.
    Drip(Vec<u8>),
    /// Each of these after a message of the client's, the first at once.
    Turns(Vec<Vec<u8>>),
    /// A type of another one, which nobody knows either, without end.
    Types(Made),
}

/// A type that is made of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// The columns that tell of types are of unknown types themselves.
    Unknown,
    Domain,
    Array,
    Range,
    Composite,
    /// An enum, which ends.
    Enum,
}

/// A fake server.
pub struct FakeServer {
    port: u16,
    received: Arc<Mutex<Vec<u8>>>,
}

impl FakeServer {
    /// A server that is right but for these moments.
    pub async fn start(wrong: Vec<(Moment, Reply)>) -> Self {
        Self::start_after(0, wrong).await
    }

    /// A server that is right to so many connections, and then but for these moments.
    pub async fn start_after(right: usize, wrong: Vec<(Moment, Reply)>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::<Mutex<Vec<u8>>>::default();
        let log = Arc::clone(&received);
        tokio::spawn(async move {
            let mut connections = 0;
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let wrong = if connections < right { Vec::new() } else { wrong.clone() };
                connections += 1;
                let log = Arc::clone(&log);
                tokio::spawn(async move {
                    let mut session = Session { stream, wrong, log, types: Types::default() };
                    // A client that goes is not an error of the server.
                    let _ = session.serve().await;
                });
            }
        });
        Self { port, received }
    }

    /// Its address, for a user with a password.
    pub fn url(&self, parameters: &str) -> String {
        format!("postgres://bob:{PASSWORD}@127.0.0.1:{}/shop{parameters}", self.port)
    }

    /// Its host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Whether a text has come in clear.
    pub fn has_heard(&self, text: &str) -> bool {
        let received = self.received.lock().unwrap();
        received.windows(text.len()).any(|bytes| bytes == text.as_bytes())
    }
}

/// The password of all who connect to a fake server.
pub const PASSWORD: &str = "hunter2";

/// A message of that kind.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    message.extend(body);
    message
}

/// A message about a login.
pub fn login(method: u32, rest: &[u8]) -> Vec<u8> {
    message(b'R', &[&method.to_be_bytes(), rest].concat())
}

/// A message that claims to be that long.
pub fn claimed(kind: u8, length: i32, body: &[u8]) -> Vec<u8> {
    [&[kind], length.to_be_bytes().as_slice(), body].concat()
}

/// Columns by their names and types.
pub fn columns(columns: &[(&str, u32)]) -> Vec<u8> {
    let mut body = u16::try_from(columns.len()).unwrap().to_be_bytes().to_vec();
    for (name, oid) in columns {
        body.extend(name.as_bytes());
        body.extend([0, 0, 0, 0, 0, 0, 0]);
        body.extend(oid.to_be_bytes());
        body.extend([0, 4, 0xff, 0xff, 0xff, 0xff, 0, 1]);
    }
    message(b'T', &body)
}

/// A row of fields, of which some are null.
pub fn row(fields: &[Option<&[u8]>]) -> Vec<u8> {
    let mut body = u16::try_from(fields.len()).unwrap().to_be_bytes().to_vec();
    for field in fields {
        match field {
            Some(field) => {
                body.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
                body.extend(*field);
            }
            None => body.extend((-1_i32).to_be_bytes()),
        }
    }
    message(b'D', &body)
}

/// An error with these fields.
pub fn error(fields: &[(u8, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, text) in fields {
        body.push(*field);
        body.extend(text.as_bytes());
        body.push(0);
    }
    body.push(0);
    message(b'E', &body)
}

/// That the server is ready for queries.
pub fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

/// A connection of a client to a fake server.
struct Session {
    stream: TcpStream,
    wrong: Vec<(Moment, Reply)>,
    log: Arc<Mutex<Vec<u8>>>,
    types: Types,
}

impl Session {
    async fn serve(&mut self) -> std::io::Result<()> {
        self.say(Moment::Connected, Vec::new()).await?;
        let mut begun = self.begin().await?;
        // The code of the question whether the server encrypts.
        if begun == [4, 210, 22, 47] {
            self.say(Moment::Encryption, vec![b'N']).await?;
            begun = self.begin().await?;
        }
        // The code of a request to cancel.
        if begun.starts_with(&[4, 210, 22, 46]) {
            return Ok(());
        }
        assert!(begun.starts_with(&[0, 3]), "a client says who it is: {begun:?}");
        self.say(Moment::Login, login(0, &[])).await?;
        self.say(Moment::Settings, message(b'S', b"server_version\x0015.0\0")).await?;
        self.say(Moment::Key, message(b'K', &[0, 0, 0, 1, 0, 0, 0, 2])).await?;
        self.say(Moment::Ready, ready()).await?;
        loop {
            let (kind, body) = self.message().await?;
            let right = match kind {
                b'X' => return Ok(()),
                _ => self.types.reply(kind, &body, self.made()),
            };
            self.say(Moment::Asked(kind), right).await?;
        }
    }

    fn made(&self) -> Option<Made> {
        self.wrong.iter().find_map(|(_, reply)| match reply {
            Reply::Types(made) => Some(*made),
            _ => None,
        })
    }

    /// The beginning of a connection, without its length.
    async fn begin(&mut self) -> std::io::Result<Vec<u8>> {
        let length = self.stream.read_u32().await? as usize;
        self.body(length.saturating_sub(4).min(100_000)).await
    }

    async fn message(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let kind = self.stream.read_u8().await?;
        let length = self.stream.read_u32().await? as usize;
        Ok((kind, self.body(length.saturating_sub(4)).await?))
    }

    async fn body(&mut self, length: usize) -> std::io::Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        self.log.lock().unwrap().extend(&body);
        Ok(body)
    }

    /// Says what is right at a moment, or something else.
    async fn say(&mut self, moment: Moment, right: Vec<u8>) -> std::io::Result<()> {
        let wrong = self.wrong.iter().find(|(at, _)| *at == moment).map(|(_, reply)| reply);
        match wrong.cloned() {
            None | Some(Reply::Types(_)) => self.stream.write_all(&right).await?,
            Some(Reply::Bytes(bytes)) => self.stream.write_all(&bytes).await?,
            Some(Reply::Silence(bytes)) => {
                self.stream.write_all(&bytes).await?;
                self.listen().await?;
            }
            Some(Reply::Close(bytes)) => {
                self.stream.write_all(&bytes).await?;
                self.stream.shutdown().await?;
                return Err(std::io::ErrorKind::ConnectionAborted.into());
            }
            Some(Reply::Endless(bytes)) => {
                let many = bytes.repeat((1 << 16) / bytes.len().max(1) + 1);
                loop {
                    self.stream.write_all(&many).await?;
                }
            }
            Some(Reply::Drip(bytes)) => loop {
                for byte in &bytes {
                    self.stream.write_all(&[*byte]).await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            Some(Reply::Turns(turns)) => {
                for (number, turn) in turns.iter().enumerate() {
                    if number > 0 {
                        self.message().await?;
                    }
                    self.stream.write_all(turn).await?;
                }
            }
        }
        Ok(())
    }

    /// Reads without a word until the client goes.
    async fn listen(&mut self) -> std::io::Result<()> {
        let mut heard = [0; 1024];
        loop {
            let length = self.stream.read(&mut heard).await?;
            if length == 0 {
                return Err(std::io::ErrorKind::ConnectionAborted.into());
            }
            self.log.lock().unwrap().extend(&heard[..length]);
        }
    }
}

/// Statements that were prepared, and types that were told of.
#[derive(Default)]
struct Types {
    statements: HashMap<Vec<u8>, Asking>,
    now: Vec<u8>,
    number: u32,
}

/// Subject of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Number,
    Type,
    Fields,
    Labels,
}

/// The type of a number.
const INT4: u32 = 23;

impl Types {
    fn unknown(&mut self) -> u32 {
        self.number += 1;
        100_000 + self.number
    }

    /// The right reply to a message.
    fn reply(&mut self, kind: u8, body: &[u8], made: Option<Made>) -> Vec<u8> {
        let mut texts = body.split(|byte| *byte == 0);
        match kind {
            b'P' => {
                let name = texts.next().unwrap_or_default().to_vec();
                let sql = String::from_utf8_lossy(texts.next().unwrap_or_default()).into_owned();
                let asking = if sql.contains("FROM pg_catalog.pg_type") {
                    Asking::Type
                } else if sql.contains("pg_attribute") {
                    Asking::Fields
                } else if sql.contains("pg_enum") {
                    Asking::Labels
                } else {
                    Asking::Number
                };
                self.now.clone_from(&name);
                self.statements.insert(name, asking);
                message(b'1', &[])
            }
            // A portal is described by the statement that it is of.
            b'D' if body.first() == Some(&b'P') => self.described(made),
            b'D' => {
                self.now = body
                    .get(1..)
                    .unwrap_or_default()
                    .split(|byte| *byte == 0)
                    .next()
                    .unwrap()
                    .to_vec();
                let parameters = match self.statements.get(&self.now) {
                    Some(Asking::Number) | None => message(b't', &[0, 0]),
                    _ => message(b't', &[0, 1, 0, 0, 0, 26]),
                };
                [parameters, self.described(made)].concat()
            }
            b'B' => {
                texts.next();
                self.now = texts.next().unwrap_or_default().to_vec();
                message(b'2', &[])
            }
            b'E' => [self.rows(made), message(b'C', b"SELECT 1\0")].concat(),
            b'C' => message(b'3', &[]),
            b'S' => ready(),
            b'Q' if body == [0] => [message(b'I', &[]), ready()].concat(),
            b'Q' => [message(b'C', b"DONE\0"), ready()].concat(),
            _ => Vec::new(),
        }
    }

    fn described(&mut self, made: Option<Made>) -> Vec<u8> {
        let asking = self.statements.get(&self.now).copied().unwrap_or(Asking::Number);
        match (asking, made) {
            (Asking::Number, None) => columns(&[("n", INT4)]),
            (Asking::Number, Some(_)) | (_, Some(Made::Unknown)) => {
                columns(&[("n", self.unknown())])
            }
            (Asking::Type, _) => columns(&[
                ("typname", 19),
                ("typtype", 18),
                ("typelem", 26),
                ("rngsubtype", 26),
                ("typbasetype", 26),
                ("nspname", 19),
                ("typrelid", 26),
            ]),
            (Asking::Fields, _) => columns(&[("attname", 19), ("atttypid", 26)]),
            (Asking::Labels, _) => columns(&[("enumlabel", 19)]),
        }
    }

    fn rows(&mut self, made: Option<Made>) -> Vec<u8> {
        let (none, next) = ([0; 4], self.unknown().to_be_bytes());
        let asking = self.statements.get(&self.now).copied().unwrap_or(Asking::Number);
        let one_if = |is: bool| -> &[u8] { if is { &next } else { &none } };
        match asking {
            Asking::Number => row(&[Some(&[0, 0, 0, 1])]),
            Asking::Type => row(&[
                Some(b"made"),
                Some(if made == Some(Made::Enum) { b"e" } else { b"b" }),
                Some(one_if(made == Some(Made::Array))),
                (made == Some(Made::Range)).then_some(next.as_slice()),
                Some(one_if(made == Some(Made::Domain))),
                Some(b"public"),
                Some(one_if(made == Some(Made::Composite))),
            ]),
            Asking::Fields => row(&[Some(b"field"), Some(&next)]),
            Asking::Labels => row(&[Some(b"label")]),
        }
    }
}
