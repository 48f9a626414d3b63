//! Types that are stored as values of another type.

use std::net::IpAddr;

use crate::definition::property::ColumnType;
use crate::value::mismatch::Mismatch;
use crate::value::parameter::Parameter;
use crate::value::row::Cell;
use crate::value::{Element, Value};

/// Makes a type a value that is stored as another one.
macro_rules! value_by {
    ($type:ty as $stored:ty $(= $sql_type:literal)? $(: $bounds:expr)?, $to_parameter:expr, $read:expr) => {
        impl $crate::value::Value for $type {
            const TYPE: $crate::definition::property::ColumnType =
                <$stored as $crate::value::Value>::TYPE;
            $(const SQL_TYPE: Option<&'static str> = Some($sql_type);)?
            $(const BOUNDS: Option<(i64, i64)> = Some($bounds);)?

            fn to_parameter(&self) -> $crate::value::parameter::Parameter {
                let to_parameter: fn(&$type) -> $crate::value::parameter::Parameter = $to_parameter;
                to_parameter(self)
            }

            fn read(
                cell: $crate::value::row::Cell<'_>,
            ) -> Result<Self, $crate::value::mismatch::Mismatch> {
                let read: fn($stored) -> Result<$type, $crate::value::mismatch::Mismatch> = $read;
                read(<$stored as $crate::value::Value>::read(cell)?)
            }
        }

        #[diagnostic::do_not_recommend]
        impl $crate::raw_sql::from_row::FromRow for $type {
            fn from_row(row: &$crate::value::row::Row<'_>) -> $crate::error::Result<Self> {
                $crate::raw_sql::from_row::read_value(row, 0)
            }
        }
    };
}

pub(crate) use value_by;

/// Integers without a sign, stored as the next wider ones with a sign.
macro_rules! unsigned {
    ($($type:ident as $stored:ident up to $most:expr;)*) => {
        $(
            value_by!(
                $type as $stored: (0, $most),
                |value| match $stored::try_from(*value) {
                    Ok(value) => Value::into_parameter(value),
                    Err(_) => Parameter::invalid(
                        "is above 9223372036854775807, the highest number that a database's integer \
                         holds; make the property a `Decimal`",
                    ),
                },
                |stored| $type::try_from(stored).map_err(|_| {
                    let why = concat!("which `", stringify!($type), "` does not hold");
                    Mismatch::Value(format!("{stored}, {why}").into())
                })
            );
        )*
    };
}

unsigned! {
    u8 as i16 up to 255;
    u16 as i32 up to 65_535;
    u32 as i64 up to 4_294_967_295;
    u64 as i64 up to i64::MAX;
}

impl Element for u16 {}
impl Element for u32 {}
impl Element for u64 {}
impl Element for Box<str> {}
impl Element for IpAddr {}

value_by!(Box<str> as String, |text| Parameter::text(text), |text| Ok(text.into_boxed_str()));

value_by!(
    IpAddr as String = "inet",
    |address| Parameter::owned_text(address.to_string()),
    |text| read_address(&text)
);

/// An address of one host; PostgreSQL writes `10.0.0.1/32` where it casts.
fn read_address(text: &str) -> Result<IpAddr, Mismatch> {
    let (address, bits) = text.split_once('/').unwrap_or((text, ""));
    let host = |address: &IpAddr| match bits {
        "" => true,
        "32" => address.is_ipv4(),
        "128" => address.is_ipv6(),
        _ => false,
    };
    address.parse().ok().filter(host).ok_or_else(|| {
        Mismatch::Value(
            "a network or a text, and not the address of one host; make the property a `String` with \
             `#[column(type = \"inet\")]`"
                .into(),
        )
    })
}

/// Bytes of a known number.
impl<const N: usize> Value for [u8; N] {
    const TYPE: ColumnType = <Vec<u8> as Value>::TYPE;

    fn to_parameter(&self) -> Parameter {
        Value::into_parameter(self.to_vec())
    }

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let bytes = <Vec<u8> as Value>::read(cell)?;
        Self::try_from(bytes).map_err(|bytes| {
            let why = format!("{} bytes, which `[u8; {N}]` does not hold", bytes.len());
            Mismatch::Value(why.into())
        })
    }
}

impl<const N: usize> Element for [u8; N] {}
