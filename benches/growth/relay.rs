//! A relay before the server that counts bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;

pub(crate) struct Relay {
    /// The address of the server behind it.
    pub(crate) url: String,
    bytes: Arc<AtomicU64>,
}

impl Relay {
    /// The bytes of both directions so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

pub(crate) async fn counting(url: &str) -> Result<Relay> {
    let config: tokio_postgres::Config = url.parse()?;
    let port = config.get_ports().first().copied().ok_or("the address names no port")?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let own = listener.local_addr()?.port();
    let bytes = Arc::new(AtomicU64::new(0));
    let relay = Relay { url: url.replace(&format!(":{port}/"), &format!(":{own}/")), bytes };
    let bytes = Arc::clone(&relay.bytes);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { break };
            let ((from_client, to_client), (from_server, to_server)) =
                (client.into_split(), server.into_split());
            tokio::spawn(hand_on(from_client, to_server, Arc::clone(&bytes)));
            tokio::spawn(hand_on(from_server, to_client, Arc::clone(&bytes)));
        }
    });
    Ok(relay)
}

/// Hands on what comes from one side to the other, until one of them closes.
async fn hand_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    bytes: Arc<AtomicU64>,
) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        bytes.fetch_add(length as u64, Ordering::Relaxed);
        let Some(read) = buffer.get(..length) else { break };
        if to.write_all(read).await.is_err() {
            break;
        }
    }
}
