//! Ranges as PostgreSQL sends them: flags, and each bound that there is behind its length.

use std::ops::Bound;

const EMPTY: u8 = 0x01;
const LOWER_INCLUDED: u8 = 0x02;
const UPPER_INCLUDED: u8 = 0x04;
const LOWER_OPEN: u8 = 0x08;
const UPPER_OPEN: u8 = 0x10;

/// A range in the bytes that its bounds are sent as.
#[derive(Debug, PartialEq)]
pub(crate) enum RangeBytes<'row> {
    Empty,
    Between(Bound<&'row [u8]>, Bound<&'row [u8]>),
}

/// The range that bytes are; `None` of other bytes.
pub(crate) fn range(raw: &[u8]) -> Option<RangeBytes<'_>> {
    let (flags, mut rest) = raw.split_first()?;
    if flags & EMPTY != 0 {
        return Some(RangeBytes::Empty);
    }
    let mut bound = |open: u8, included: u8| {
        if flags & open != 0 {
            return Some(Bound::Unbounded);
        }
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(i32::from_be_bytes(*length)).ok()?;
        let (value, behind) = behind.split_at_checked(length)?;
        rest = behind;
        let of = if flags & included != 0 { Bound::Included } else { Bound::Excluded };
        Some(of(value))
    };
    let lower = bound(LOWER_OPEN, LOWER_INCLUDED)?;
    let upper = bound(UPPER_OPEN, UPPER_INCLUDED)?;
    rest.is_empty().then_some(RangeBytes::Between(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_the_flags() {
        let between = |lower, upper| Some(RangeBytes::Between(lower, upper));
        assert_eq!(range(&[1]), Some(RangeBytes::Empty));
        assert_eq!(range(&[0x18]), between(Bound::Unbounded, Bound::Unbounded));
        let raw = [0x02, 0, 0, 0, 1, 4, 0, 0, 0, 2, 8, 9];
        let (four, eight): (&[u8], &[u8]) = (&[4], &[8, 9]);
        assert_eq!(range(&raw), between(Bound::Included(four), Bound::Excluded(eight)));
        assert_eq!(range(&[0x0C, 0, 0, 0, 1, 4]), between(Bound::Unbounded, Bound::Included(four)));
        for other in [&[][..], &[0], &[0x02, 0, 0, 0, 9, 1], &[0x18, 0]] {
            assert_eq!(range(other), None, "{other:?}");
        }
    }
}
