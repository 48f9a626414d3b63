//! Decimal numbers; text under a numeric collation where the engine has no type for them.

use rust_decimal::Decimal;

use crate::value::Element;
use crate::value::row::Stored;
use crate::value::wire::Wide;

value!(
    Decimal,
    Decimal,
    Decimal,
    from_stored,
    read = decode_checked,
    widen = |wide| match wide {
        Wide::Small(integer) => Some(integer.into()),
        Wide::Integer(integer) => Some(integer.into()),
        Wide::Long(integer) => Some(integer.into()),
        _ => None,
    }
);

impl Element for Decimal {}

/// Why a number is not read.
pub(crate) const TOO_LONG: &str = "a number that `Decimal` does not hold whole, which has 28 digits and no infinity; make the \
     property a `String` with `#[column(type = \"numeric\")]`";

/// A number as SQLite stores it: a text that is written as this crate writes it, which finds it
/// again; or a number, of which a float is the shortest text that it alone is read from.
pub(crate) fn from_stored(stored: Stored<'_>) -> Option<Decimal> {
    match stored {
        Stored::Integer(integer) => Some(integer.into()),
        Stored::Real(real) if real.is_finite() => Decimal::from_str_exact(&real.to_string()).ok(),
        Stored::Text(text) => text.parse().ok().filter(|read: &Decimal| read.to_string() == text),
        Stored::Null | Stored::Real(_) | Stored::Bytes(_) => None,
    }
}

/// The number, with the digits behind the point that are shown of it as far as they fit. `None`
/// where a digit other than zero would be lost.
#[cfg(feature = "postgres")]
pub(crate) fn exact(number: &crate::value::wire::Numeric) -> Option<Decimal> {
    const MOST: u128 = 0xFFFF_FFFF_FFFF_FFFF_FFFF_FFFF;
    let (mut digits, exponent) = number.digits()?;
    if digits == 0 {
        return Some(Decimal::new(0, u32::from(number.scale).min(Decimal::MAX_SCALE)));
    }
    if exponent > 0 {
        digits = digits.checked_mul(10_u128.checked_pow(exponent.unsigned_abs())?)?;
    }
    let mut scale = exponent.min(0).unsigned_abs();
    let shown = u32::from(number.scale).min(Decimal::MAX_SCALE);
    while scale > 0 && (scale > shown || digits > MOST) && digits.is_multiple_of(10) {
        digits /= 10;
        scale -= 1;
    }
    while scale < shown && digits.checked_mul(10).is_some_and(|digits| digits <= MOST) {
        digits *= 10;
        scale += 1;
    }
    if digits > MOST || scale > Decimal::MAX_SCALE {
        return None;
    }
    let mut decimal = Decimal::try_from_i128_with_scale(digits.cast_signed(), scale).ok()?;
    decimal.set_sign_negative(number.is_negative());
    Some(decimal)
}
