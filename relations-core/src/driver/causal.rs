//! Causal consistency: reads on a replica see what was written before on the primary.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;

/// A position in the write-ahead log of PostgreSQL: reads after it see everything that was written
/// before it.
///
/// [`Database::causal_token`](crate::Database::causal_token) returns one, and
/// [`Database::causal_session_after`](crate::Database::causal_session_after) reads after it, also in
/// another process. Its text is a `pg_lsn` such as `0/16B3748`, which fits into a cookie or a header.
/// It reveals how much the server has written, and nothing about rows.
///
/// ```
/// use relations::driver::CausalToken;
///
/// let token: CausalToken = "0/16B3748".parse()?;
/// assert_eq!(token.to_string(), "0/16B3748");
/// # Ok::<(), relations::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "LSN")]
#[doc(alias = "read your writes")]
pub struct CausalToken(pub(crate) u64);

impl fmt::Display for CausalToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

/// Fails with an error that [`is_invalid_input`](Error::is_invalid_input), as a token comes from outside.
impl FromStr for CausalToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        position(text)
            .map(Self)
            .ok_or_else(|| Error::invalid_input("invalid causal token; write it as in `0/16B3748`"))
    }
}

/// A position in the log, as PostgreSQL writes it.
pub(crate) fn position(text: &str) -> Option<u64> {
    let part = |digits: &str| {
        let is_number = (1..=8).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if is_number { u64::from_str_radix(digits, 16).ok() } else { None }
    };
    let (high, low) = text.split_once('/')?;
    Some(part(high)? << 32 | part(low)?)
}

/// The position up to which a database handle has written.
#[derive(Debug, Default)]
pub(crate) struct WrittenPosition {
    position: AtomicU64,
    /// The number of writes whose position is not known.
    unknown: AtomicU64,
    /// The number of these up to which the position was asked for since.
    asked: AtomicU64,
    /// The handle that made this session; it sees the writes of all its sessions.
    whole: Option<Arc<WrittenPosition>>,
}

impl WrittenPosition {
    /// That of a session which has to see a position.
    pub(crate) fn session(whole: &Arc<Self>, position: u64) -> Self {
        let whole = Some(Arc::clone(whole));
        Self { position: AtomicU64::new(position), whole, ..Self::default() }
    }

    /// The position that a read has to see, as far as it is known.
    pub(crate) fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// The number of writes of unknown position; `None` where each position is known.
    pub(crate) fn unknown(&self) -> Option<u64> {
        let unknown = self.unknown.load(Ordering::Acquire);
        (unknown > self.asked.load(Ordering::Acquire)).then_some(unknown)
    }

    /// A write came to that position.
    pub(crate) fn note(&self, position: u64) {
        self.position.fetch_max(position, Ordering::AcqRel);
        if let Some(whole) = &self.whole {
            whole.note(position);
        }
    }

    /// Something may have been written, at a position that is not known.
    pub(crate) fn lose(&self) {
        self.unknown.fetch_add(1, Ordering::AcqRel);
        if let Some(whole) = &self.whole {
            whole.lose();
        }
    }

    /// The position was asked for after so many unknown writes.
    pub(crate) fn asked(&self, unknown: u64, position: u64) {
        self.position.fetch_max(position, Ordering::AcqRel);
        self.asked.fetch_max(unknown, Ordering::AcqRel);
    }
}

/// A write under way, of which it is unknown whether it was done until it is said.
pub(crate) struct Writing<'w>(Option<&'w WrittenPosition>);

impl<'w> Writing<'w> {
    pub(crate) fn begin(written: Option<&'w WrittenPosition>) -> Self {
        Self(written)
    }

    /// It is done, up to a position if that is known.
    pub(crate) fn done(mut self, position: Option<u64>) {
        if let Some(written) = self.0.take() {
            match position {
                Some(position) => written.note(position),
                None => written.lose(),
            }
        }
    }

    /// Nothing was written.
    pub(crate) fn refused(mut self) {
        self.0 = None;
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if let Some(written) = self.0 {
            written.lose();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_position_of_postgresql() {
        for text in ["0/0", "0/16B3748", "FFFFFFFF/FFFFFFFF", "16/B374D848"] {
            let token = text.parse::<CausalToken>();
            assert!(token.is_ok_and(|token| token.to_string() == text), "{text}");
        }
        for wrong in
            ["", "/", "1", "0/", "/0", "0/+1", "0/123456789", "0/1/2", " 0/1", "0/g", "0/é"]
        {
            let refused = wrong.parse::<CausalToken>();
            assert!(refused.is_err_and(|error| error.is_invalid_input()), "{wrong}");
        }
    }

    #[test]
    fn a_handle_sees_the_writes_of_its_sessions_and_not_the_other_way_round() {
        let whole = Arc::new(WrittenPosition::default());
        let (one, other) =
            (WrittenPosition::session(&whole, 2), WrittenPosition::session(&whole, 0));
        one.note(7);
        other.lose();
        assert_eq!([one.position(), other.position(), whole.position()], [7, 0, 7]);
        assert_eq!([one.unknown(), other.unknown(), whole.unknown()], [None, Some(1), Some(1)]);
        whole.note(9);
        assert_eq!(one.position(), 7);
    }

    #[test]
    fn a_write_whose_end_is_not_told_is_unknown_until_the_position_is_asked_for() {
        let written = WrittenPosition::default();
        Writing::begin(Some(&written)).done(Some(5));
        Writing::begin(Some(&written)).done(Some(3));
        Writing::begin(Some(&written)).refused();
        assert_eq!((written.position(), written.unknown()), (5, None));
        drop(Writing::begin(Some(&written)));
        let unknown = written.unknown();
        assert_eq!(unknown, Some(1));
        // One more comes while the position is asked for.
        Writing::begin(Some(&written)).done(None);
        written.asked(unknown.unwrap_or_default(), 9);
        assert_eq!((written.position(), written.unknown()), (9, Some(2)));
        written.asked(2, 12);
        assert_eq!((written.position(), written.unknown()), (12, None));
    }
}
