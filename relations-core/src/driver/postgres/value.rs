//! Values on their way to PostgreSQL.

use std::error::Error as StdError;
use std::fmt;

use bytes::BytesMut;
use sea_query::{ArrayType, Value as SqlValue};
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

use crate::value::row::Raw;
use crate::value::untyped::text_of_untyped;

/// A value as the driver sends it.
#[derive(Clone, Copy)]
pub(crate) struct WireValue<'value>(pub(crate) &'value SqlValue);

/// The driver logs what it sends by way of `Debug`; a log must not tell values.
impl fmt::Debug for WireValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

impl ToSql for WireValue<'_> {
    fn to_sql(
        &self,
        sql_type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self.0 {
            SqlValue::Bool(value) => value.to_sql(sql_type, out),
            SqlValue::SmallInt(value) => value.to_sql(sql_type, out),
            SqlValue::Int(value) => value.to_sql(sql_type, out),
            SqlValue::BigInt(value) => value.to_sql(sql_type, out),
            // `sea_query` counts rows of a page without a sign.
            SqlValue::BigUnsigned(value) => {
                value.map(i64::try_from).transpose()?.to_sql(sql_type, out)
            }
            SqlValue::Float(value) => value.to_sql(sql_type, out),
            SqlValue::Double(value) => value.to_sql(sql_type, out),
            SqlValue::String(value) => value.to_sql(sql_type, out),
            SqlValue::Bytes(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "chrono")]
            SqlValue::ChronoDate(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "chrono")]
            SqlValue::ChronoTime(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "chrono")]
            SqlValue::ChronoDateTime(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "chrono")]
            SqlValue::ChronoDateTimeUtc(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "time")]
            SqlValue::TimeDate(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "time")]
            SqlValue::TimeTime(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "time")]
            SqlValue::TimeDateTime(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "time")]
            SqlValue::TimeDateTimeWithTimeZone(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "uuid")]
            SqlValue::Uuid(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "rust_decimal")]
            SqlValue::Decimal(value) => value.to_sql(sql_type, out),
            #[cfg(feature = "json")]
            SqlValue::Json(value) => value.as_deref().to_sql(sql_type, out),
            SqlValue::Array(_, None) => Ok(IsNull::Yes),
            SqlValue::Array(ArrayType::Char, _) => {
                if let Some(text) = text_of_untyped(self.0) {
                    out.extend_from_slice(text.as_bytes());
                }
                Ok(IsNull::No)
            }
            SqlValue::Array(_, Some(values)) => {
                values.iter().map(WireValue).collect::<Vec<_>>().to_sql(sql_type, out)
            }
            other => {
                Err(format!("a raw condition holds a value that cannot be sent: {other:?}").into())
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    /// The input function of a type that is inferred reads text, whatever the type is.
    fn encode_format(&self, _: &Type) -> Format {
        match self.0 {
            SqlValue::Array(ArrayType::Char, _) => Format::Text,
            _ => Format::Binary,
        }
    }

    to_sql_checked!();
}

/// Whether a field is, byte for byte, what a value is sent as.
pub(crate) fn is_as_sent(row: &tokio_postgres::Row, position: usize, value: &SqlValue) -> bool {
    let (Some(column), Ok(field)) = (row.columns().get(position), row.try_get(position)) else {
        return false;
    };
    let field: Option<Raw<'_>> = field;
    match (field, value) {
        // The most frequent types are compared as bytes.
        (Some(Raw(field)), SqlValue::String(Some(text))) => field == text.as_bytes(),
        (Some(Raw(field)), SqlValue::BigInt(Some(value))) => field == value.to_be_bytes(),
        (Some(Raw(field)), SqlValue::Int(Some(value))) => field == value.to_be_bytes(),
        (field, value) => {
            let mut sent = BytesMut::new();
            match (WireValue(value).to_sql(column.type_(), &mut sent), field) {
                (Ok(IsNull::Yes), None) => true,
                (Ok(IsNull::No), Some(Raw(field))) => field == sent,
                _ => false,
            }
        }
    }
}

/// The type of a value, which goes along so that the server need not guess.
pub(crate) fn type_of(value: &SqlValue) -> Type {
    match value {
        SqlValue::Array(element, _) => array_type_of(element),
        SqlValue::Bool(_) => Type::BOOL,
        SqlValue::SmallInt(_) => Type::INT2,
        SqlValue::Int(_) => Type::INT4,
        SqlValue::BigInt(_) | SqlValue::BigUnsigned(_) => Type::INT8,
        SqlValue::Float(_) => Type::FLOAT4,
        SqlValue::Double(_) => Type::FLOAT8,
        SqlValue::Bytes(_) => Type::BYTEA,
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDate(_) => Type::DATE,
        #[cfg(feature = "chrono")]
        SqlValue::ChronoTime(_) => Type::TIME,
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTime(_) => Type::TIMESTAMP,
        #[cfg(feature = "chrono")]
        SqlValue::ChronoDateTimeUtc(_) => Type::TIMESTAMPTZ,
        #[cfg(feature = "time")]
        SqlValue::TimeDate(_) => Type::DATE,
        #[cfg(feature = "time")]
        SqlValue::TimeTime(_) => Type::TIME,
        #[cfg(feature = "time")]
        SqlValue::TimeDateTime(_) => Type::TIMESTAMP,
        #[cfg(feature = "time")]
        SqlValue::TimeDateTimeWithTimeZone(_) => Type::TIMESTAMPTZ,
        #[cfg(feature = "uuid")]
        SqlValue::Uuid(_) => Type::UUID,
        #[cfg(feature = "rust_decimal")]
        SqlValue::Decimal(_) => Type::NUMERIC,
        #[cfg(feature = "json")]
        SqlValue::Json(_) => Type::JSONB,
        _ => Type::TEXT,
    }
}

fn array_type_of(element: &ArrayType) -> Type {
    match element {
        // The server infers it.
        ArrayType::Char => Type::UNKNOWN,
        ArrayType::Bool => Type::BOOL_ARRAY,
        ArrayType::SmallInt => Type::INT2_ARRAY,
        ArrayType::Int => Type::INT4_ARRAY,
        ArrayType::BigInt => Type::INT8_ARRAY,
        ArrayType::Float => Type::FLOAT4_ARRAY,
        ArrayType::Double => Type::FLOAT8_ARRAY,
        ArrayType::Bytes => Type::BYTEA_ARRAY,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoDate => Type::DATE_ARRAY,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoTime => Type::TIME_ARRAY,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoDateTime => Type::TIMESTAMP_ARRAY,
        #[cfg(feature = "chrono")]
        ArrayType::ChronoDateTimeUtc => Type::TIMESTAMPTZ_ARRAY,
        #[cfg(feature = "time")]
        ArrayType::TimeDate => Type::DATE_ARRAY,
        #[cfg(feature = "time")]
        ArrayType::TimeTime => Type::TIME_ARRAY,
        #[cfg(feature = "time")]
        ArrayType::TimeDateTime => Type::TIMESTAMP_ARRAY,
        #[cfg(feature = "time")]
        ArrayType::TimeDateTimeWithTimeZone => Type::TIMESTAMPTZ_ARRAY,
        #[cfg(feature = "uuid")]
        ArrayType::Uuid => Type::UUID_ARRAY,
        #[cfg(feature = "rust_decimal")]
        ArrayType::Decimal => Type::NUMERIC_ARRAY,
        #[cfg(feature = "json")]
        ArrayType::Json => Type::JSONB_ARRAY,
        _ => Type::TEXT_ARRAY,
    }
}
