//! Messages of a server before it is ready for queries.

use std::io;

/// The longest message of a server that has not let the client in: names of methods, salts, settings
/// and errors are short.
const LONGEST: usize = 64 * 1024;

/// All that a server may say until it is ready.
const MOST: usize = 1024 * 1024;

/// The kind of the message by which a server is ready for queries.
const READY: u8 = b'Z';

/// Bytes of a message before its body: its kind, and its length, which counts itself.
const HEADER: usize = 5;

/// Reads how long messages are, and refuses those that only fill memory.
#[derive(Debug, Default)]
pub(crate) struct Startup {
    /// The part of a header that has come.
    header: Vec<u8>,
    /// The part of a body that has not come.
    body: usize,
    /// The length of all messages that have begun.
    length: usize,
}

impl Startup {
    /// Reads the next bytes of a server. `true` where it is ready for queries.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) -> io::Result<bool> {
        loop {
            let body = self.body.min(bytes.len());
            self.body -= body;
            let missing = HEADER - self.header.len();
            let rest = bytes.get(body..).unwrap_or_default();
            if self.body > 0 || rest.is_empty() {
                return Ok(false);
            }
            let (header, rest) = rest.split_at(missing.min(rest.len()));
            self.header.extend_from_slice(header);
            bytes = rest;
            let [kind, length @ ..] = self.header.as_slice() else { return Ok(false) };
            let Ok(length) = <[u8; 4]>::try_from(length) else { return Ok(false) };
            let length = usize::try_from(i32::from_be_bytes(length)).unwrap_or_default();
            // The length counts itself.
            let Some(body) = length.checked_sub(HEADER - 1).filter(|_| length <= LONGEST) else {
                return Err(io::Error::other(format!(
                    "the server sent a message of {length} bytes before it let the client in; is it \
                     a PostgreSQL server?",
                )));
            };
            self.length += length;
            if self.length > MOST {
                return Err(io::Error::other(
                    "the server goes on with messages and does not let the client in",
                ));
            }
            if *kind == READY {
                return Ok(true);
            }
            self.body = body;
            self.header.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, length: i32, body: usize) -> Vec<u8> {
        let mut message = vec![kind];
        message.extend(length.to_be_bytes());
        message.resize(HEADER + body, 7);
        message
    }

    #[test]
    fn messages_are_counted_however_they_come() {
        let mut said = message(b'R', 8, 4);
        said.extend(message(b'S', 204, 200));
        said.extend(message(READY, 5, 1));
        for step in 1..=said.len() {
            let mut startup = Startup::default();
            let ready: Vec<bool> =
                said.chunks(step).map(|bytes| startup.read(bytes).unwrap_or_default()).collect();
            assert!(ready.contains(&true), "in steps of {step}");
        }
    }

    #[test]
    fn a_message_that_only_fills_memory_is_refused() {
        for length in [i32::MIN, -1, 0, 3, 65_537, i32::MAX] {
            assert!(Startup::default().read(&message(b'R', length, 0)).is_err(), "{length}");
        }
        let mut startup = Startup::default();
        let longest = message(b'N', 65_536, 65_532);
        let counted = (0..100).take_while(|_| startup.read(&longest).is_ok()).count();
        assert_eq!(counted, 16);
    }
}
