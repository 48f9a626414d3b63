//! Messages of a server before login, in the pieces that a socket may bring them.
//!
//! The first byte says how long a piece is. However the bytes are cut, the answer is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../relations-core/src/driver/postgres/startup.rs"]
mod startup;

/// Reads bytes in pieces: whether the server is ready, or is refused.
fn read(bytes: &[u8], piece: usize) -> Option<bool> {
    let mut startup = startup::Startup::default();
    for piece in bytes.chunks(piece) {
        if startup.read(piece).ok()? {
            return Some(true);
        }
    }
    Some(false)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    assert_eq!(read(bytes, usize::from(*first).max(1)), read(bytes, 1));
});
