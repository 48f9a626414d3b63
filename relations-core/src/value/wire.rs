//! PostgreSQL values that the driver would not read, or would read with a loss.

use std::borrow::Cow;

#[cfg(all(feature = "postgres", feature = "rust_decimal"))]
pub(crate) use postgres::Numeric;
#[cfg(feature = "postgres")]
pub(crate) use postgres::base;

/// A value that is read as its own type says only if nothing of it is lost.
#[cfg(any(feature = "chrono", feature = "time", feature = "rust_decimal", feature = "json"))]
pub(crate) struct InRange<T>(pub(crate) T);

/// A value of a type that another one holds whole.
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
pub(crate) enum Wide<'row> {
    Small(i16),
    Integer(i32),
    Oid(u32),
    #[cfg_attr(not(feature = "rust_decimal"), allow(dead_code))]
    Long(i64),
    Float(f32),
    Text(Cow<'row, str>),
}

/// The reason why a value is not read, for the author of the property.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) &'static str);

impl std::fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Unfit {}

#[cfg(feature = "postgres")]
mod postgres {
    use std::fmt::Write;
    use tokio_postgres::types::{Kind, Type};
    #[cfg(any(
        feature = "chrono",
        feature = "time",
        feature = "rust_decimal",
        feature = "json"
    ))]
    use {std::error::Error as StdError, tokio_postgres::types::FromSql};

    use super::{Cow, Wide};

    #[cfg(any(feature = "chrono", feature = "time", feature = "rust_decimal", feature = "json"))]
    type Read<T> = Result<T, Box<dyn StdError + Send + Sync>>;

    impl<'row> Wide<'row> {
        /// The value in the bytes of a field; `None` for a type that no wider one holds.
        pub(crate) fn of(wire_type: &Type, raw: &'row [u8]) -> Option<Self> {
            Some(match *wire_type {
                Type::INT2 => Self::Small(i16::from_be_bytes(raw.try_into().ok()?)),
                Type::INT4 => Self::Integer(i32::from_be_bytes(raw.try_into().ok()?)),
                Type::INT8 => Self::Long(i64::from_be_bytes(raw.try_into().ok()?)),
                Type::OID => Self::Oid(u32::from_be_bytes(raw.try_into().ok()?)),
                Type::FLOAT4 => Self::Float(f32::from_be_bytes(raw.try_into().ok()?)),
                _ => Self::Text(text(wire_type, raw)?),
            })
        }
    }

    /// A type without the domains around it.
    pub(crate) fn base(mut wire_type: &Type) -> &Type {
        while let Kind::Domain(of) = wire_type.kind() {
            wire_type = of;
        }
        wire_type
    }

    /// The text that PostgreSQL writes of a value, of the types whose text depends on nothing else.
    fn text<'row>(wire_type: &Type, raw: &'row [u8]) -> Option<Cow<'row, str>> {
        let utf8 = |raw: &'row [u8]| std::str::from_utf8(raw).ok().map(Cow::Borrowed);
        match *wire_type {
            Type::XML | Type::JSON => utf8(raw),
            Type::JSONB => utf8(raw.strip_prefix(&[1])?),
            Type::INET | Type::CIDR => address(raw).map(Cow::Owned),
            Type::MACADDR | Type::MACADDR8 => Some(hexadecimal(raw, |at| at > 0, ":")),
            Type::UUID if raw.len() == 16 => {
                Some(hexadecimal(raw, |at| matches!(at, 4 | 6 | 8 | 10), "-"))
            }
            Type::BIT | Type::VARBIT => bits(raw).map(Cow::Owned),
            Type::NUMERIC => Numeric::read(raw).map(|number| Cow::Owned(number.text())),
            _ if matches!(wire_type.kind(), Kind::Enum(_)) => utf8(raw),
            _ => None,
        }
    }

    fn hexadecimal(raw: &[u8], is_behind: fn(usize) -> bool, separator: &str) -> Cow<'static, str> {
        let mut text = String::with_capacity(raw.len() * 3);
        for (at, byte) in raw.iter().enumerate() {
            if is_behind(at) {
                text.push_str(separator);
            }
            let _ = write!(text, "{byte:02x}");
        }
        Cow::Owned(text)
    }

    /// A host or a network, with its mask as in a cast to text: its family, the bits of the mask, whether
    /// it is a network, its length.
    fn address(raw: &[u8]) -> Option<String> {
        let [_, mask, _, _, rest @ ..] = raw else { return None };
        let text = match rest.len() {
            4 => std::net::Ipv4Addr::from(<[u8; 4]>::try_from(rest).ok()?).to_string(),
            16 => ipv6(<[u8; 16]>::try_from(rest).ok()?),
            _ => return None,
        };
        Some(format!("{text}/{mask}"))
    }

    /// PostgreSQL writes the last part of an address that is compatible with IPv4 as one.
    fn ipv6(bytes: [u8; 16]) -> String {
        let [.., a, b, c, d] = bytes;
        let starts_with_zeros = bytes.iter().take(12).all(|byte| *byte == 0);
        if starts_with_zeros && (a, b) != (0, 0) {
            return format!("::{a}.{b}.{c}.{d}");
        }
        std::net::Ipv6Addr::from(bytes).to_string()
    }

    fn bits(raw: &[u8]) -> Option<String> {
        let (length, bytes) = raw.split_first_chunk::<4>()?;
        let length = usize::try_from(i32::from_be_bytes(*length)).ok()?;
        let all = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
        Some(all.take(length).map(|bit| if bit == 1 { '1' } else { '0' }).collect())
    }

    /// A decimal number of any length, as PostgreSQL sends it: groups of four digits.
    pub(crate) struct Numeric {
        groups: Vec<u16>,
        /// Of which power of 10,000 the first group is.
        weight: i16,
        sign: u16,
        /// The number of digits behind the point.
        pub(crate) scale: u16,
    }

    const NEGATIVE: u16 = 0x4000;

    impl Numeric {
        pub(crate) fn read(raw: &[u8]) -> Option<Self> {
            let mut words = raw.chunks_exact(2).map(|word| match word {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            let count = usize::from(words.next()?);
            let weight = words.next()?.cast_signed();
            let (sign, scale) = (words.next()?, words.next()?);
            let groups: Vec<_> = words.collect();
            (groups.len() == count).then_some(Self { groups, weight, sign, scale })
        }

        pub(crate) fn is_negative(&self) -> bool {
            self.sign == NEGATIVE
        }

        /// The digits as one number, and by which power of ten it is to be multiplied. `None` where
        /// they are too many, and of what is not a number or infinite.
        #[cfg(feature = "rust_decimal")]
        pub(crate) fn digits(&self) -> Option<(u128, i32)> {
            if !matches!(self.sign, 0 | NEGATIVE) {
                return None;
            }
            let mut groups = self.groups.iter();
            let digits = groups.try_fold(0_u128, |digits, group| {
                digits.checked_mul(10_000)?.checked_add(u128::from(*group))
            })?;
            let last = i32::from(self.weight) + 1 - i32::try_from(self.groups.len()).ok()?;
            Some((digits, last * 4))
        }

        fn text(&self) -> String {
            match self.sign {
                0 | NEGATIVE => {}
                0xD000 => return "Infinity".to_owned(),
                0xF000 => return "-Infinity".to_owned(),
                _ => return "NaN".to_owned(),
            }
            let weight = i32::from(self.weight);
            let group = |power: i32| {
                let at = usize::try_from(weight - power).ok();
                at.and_then(|at| self.groups.get(at)).copied().unwrap_or_default()
            };
            let digits = |powers: &mut dyn Iterator<Item = i32>| {
                powers.fold(String::new(), |mut digits, power| {
                    let _ = write!(digits, "{:04}", group(power));
                    digits
                })
            };
            let whole = digits(&mut (0..=weight).rev());
            let whole = whole.trim_start_matches('0');
            let mut text = String::new();
            if self.is_negative() {
                text.push('-');
            }
            text.push_str(if whole.is_empty() { "0" } else { whole });
            if self.scale > 0 {
                let powers = 1..=i32::from(self.scale.div_ceil(4));
                let behind = digits(&mut powers.map(|power| -power));
                text.push('.');
                text.extend(behind.chars().take(usize::from(self.scale)));
            }
            text
        }
    }

    /// A time of the day is read unless it is its end, which only PostgreSQL tells from its start.
    #[cfg(any(feature = "chrono", feature = "time"))]
    macro_rules! time_of_day {
        ($time:ty) => {
            impl<'row> FromSql<'row> for super::InRange<$time> {
                fn from_sql(wire_type: &Type, raw: &'row [u8]) -> Read<Self> {
                    const END: i64 = 24 * 60 * 60 * 1_000_000;
                    if raw == END.to_be_bytes() {
                        let why = super::Unfit(
                            "the time 24:00:00, which its Rust type would take for 00:00:00; make \
                             the property a `String` with `#[column(type = \"time\")]`",
                        );
                        return Err(why.into());
                    }
                    <$time>::from_sql(wire_type, raw).map(Self)
                }

                fn accepts(wire_type: &Type) -> bool {
                    <$time as FromSql<'_>>::accepts(wire_type)
                }
            }
        };
    }

    #[cfg(feature = "chrono")]
    time_of_day!(chrono::NaiveTime);
    #[cfg(feature = "time")]
    time_of_day!(time::Time);

    #[cfg(feature = "rust_decimal")]
    impl<'row> FromSql<'row> for super::InRange<rust_decimal::Decimal> {
        fn from_sql(_: &Type, raw: &'row [u8]) -> Read<Self> {
            let number = Numeric::read(raw).ok_or("a number is cut off")?;
            let decimal = crate::value::types::decimal::exact(&number);
            Ok(Self(decimal.ok_or(super::Unfit(crate::value::types::decimal::TOO_LONG))?))
        }

        fn accepts(wire_type: &Type) -> bool {
            *wire_type == Type::NUMERIC
        }
    }

    #[cfg(feature = "json")]
    impl<'row> FromSql<'row> for super::InRange<serde_json::Value> {
        fn from_sql(wire_type: &Type, raw: &'row [u8]) -> Read<Self> {
            let text = if *wire_type == Type::JSONB {
                raw.strip_prefix(&[1]).ok_or("another version of `jsonb`")?
            } else {
                raw
            };
            crate::value::types::json::exact(std::str::from_utf8(text)?).map(Self)
        }

        fn accepts(wire_type: &Type) -> bool {
            <serde_json::Value as FromSql<'_>>::accepts(wire_type)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn addresses_are_written_as_postgres_does() {
            assert_eq!(address(&[2, 32, 0, 4, 10, 0, 0, 1]).as_deref(), Some("10.0.0.1/32"));
            assert_eq!(address(&[2, 8, 1, 4, 10, 0, 0, 0]).as_deref(), Some("10.0.0.0/8"));
            let mut six = [0; 20];
            six[..4].copy_from_slice(&[3, 128, 0, 16]);
            six[19] = 1;
            assert_eq!(address(&six).as_deref(), Some("::1/128"));
            assert_eq!(address(&[3, 128]), None);
        }

        #[test]
        fn bits_are_as_many_as_are_told() {
            assert_eq!(
                bits(&[0, 0, 0, 10, 0b1010_0000, 0b0100_0000]).as_deref(),
                Some("1010000001")
            );
            assert_eq!(bits(&[0, 0, 0, 0]).as_deref(), Some(""));
        }
    }
}
