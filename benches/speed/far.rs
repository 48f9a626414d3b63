//! A server that is far away: a relay that hands on each byte only after a while.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

/// The address of a server behind a relay that delays each direction. Bytes keep their order, and
/// as many may be under way as are sent: the relay delays, it does not throttle.
///
/// It runs on threads of its own, as the timers of the benchmark's runtime know no half milliseconds.
pub(crate) fn relay(url: &str, one_way: Duration) -> Result<String> {
    let config: tokio_postgres::Config = url.parse()?;
    let port = config.get_ports().first().copied().ok_or("the address names no port")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let own = listener.local_addr()?.port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let connected = client.and_then(|client| {
                let server = TcpStream::connect(("127.0.0.1", port))?;
                hand_on(client.try_clone()?, server.try_clone()?, one_way)?;
                hand_on(server, client, one_way)
            });
            if let Err(error) = connected {
                eprintln!("the relay lost a connection: {error}");
            }
        }
    });
    Ok(url.replace(&format!(":{port}/"), &format!(":{own}/")))
}

/// Hands on what comes from one side to the other.
fn hand_on(mut from: TcpStream, to: TcpStream, one_way: Duration) -> std::io::Result<()> {
    to.set_nodelay(true)?;
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    let bytes = buffer.iter().copied().take(length).collect::<Vec<u8>>();
                    if sender.send((Instant::now() + one_way, bytes)).is_err() {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
    });
    thread::spawn(move || write_when_due(&receiver, to));
    Ok(())
}

fn write_when_due(chunks: &Receiver<(Instant, Vec<u8>)>, mut to: TcpStream) {
    for (due, bytes) in chunks {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            break;
        }
    }
    // The other side has closed already, or will not read what it is told.
    let _ = to.shutdown(Shutdown::Write);
}
