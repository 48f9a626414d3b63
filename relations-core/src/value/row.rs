//! Rows of a result, and the cells that properties are read from.

use std::fmt;
use std::ops::Bound;

use sea_query::Value as SqlValue;
#[cfg(feature = "postgres")]
use tokio_postgres::types::FromSql as FromWire;

use crate::error::Result;
use crate::value::column_position::ColumnPosition;
pub(crate) use crate::value::mismatch::Mismatch;
use crate::value::parameter::Parameter;
pub(crate) use crate::value::stored::Stored;
#[cfg(feature = "postgres")]
use crate::value::types::range::wire::{self, RangeBytes};
#[cfg(any(feature = "chrono", feature = "time", feature = "rust_decimal", feature = "json"))]
use crate::value::wire::InRange;
use crate::value::wire::Wide;
#[cfg(feature = "postgres")]
use crate::value::wire::base;

/// A row of a result, read by position.
pub struct Row<'row>(pub(crate) RowOf<'row>);

pub(crate) enum RowOf<'row> {
    #[cfg(feature = "postgres")]
    Postgres(&'row tokio_postgres::Row),
    #[cfg(feature = "sqlite")]
    Sqlite {
        cells: &'row [rusqlite::types::Value],
        /// The names of the columns, where they were asked for.
        names: &'row [String],
    },
    /// Some columns of a row, in an order of their own.
    Arranged(&'row Row<'row>, &'row [ColumnPosition]),
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Row").finish_non_exhaustive()
    }
}

impl<'row> Row<'row> {
    /// The field at a position, counted from zero.
    ///
    /// # Errors
    ///
    /// The row has no field there.
    #[inline]
    pub fn cell(&self, position: usize) -> Result<Cell<'row>, Mismatch> {
        match self.0 {
            #[cfg(feature = "postgres")]
            RowOf::Postgres(row) if position < row.len() => {
                Ok(Cell(CellContent::Field(row, position)))
            }
            #[cfg(feature = "postgres")]
            RowOf::Postgres(_) => Err(Mismatch::Absent),
            #[cfg(feature = "sqlite")]
            RowOf::Sqlite { cells, .. } => cells
                .get(position)
                .map(|value| Cell(CellContent::Stored(value.into())))
                .ok_or(Mismatch::Absent),
            RowOf::Arranged(row, places) => {
                places.get(position).ok_or(Mismatch::Absent).and_then(|place| place.cell(row))
            }
        }
    }

    /// The value of the field at a position. A cell that may be of one engine or the other is copied before it
    /// is read, so that of PostgreSQL is made and read by itself.
    #[inline]
    pub(crate) fn read<T>(
        &self,
        position: usize,
        read: impl FnOnce(Cell<'row>) -> Result<T, Mismatch> + Copy,
    ) -> Result<T, Mismatch> {
        #[cfg(feature = "postgres")]
        if let RowOf::Postgres(row) = self.0
            && position < row.len()
        {
            return read(Cell(CellContent::Field(row, position)));
        }
        self.read_elsewhere(position, read)
    }

    #[cfg_attr(feature = "postgres", inline(never))]
    fn read_elsewhere<T>(
        &self,
        position: usize,
        read: impl FnOnce(Cell<'row>) -> Result<T, Mismatch>,
    ) -> Result<T, Mismatch> {
        self.cell(position).and_then(read)
    }

    /// Whether the field at a position is null.
    #[inline]
    pub(crate) fn is_null(&self, position: usize) -> Result<bool, Mismatch> {
        self.read(position, |cell| Ok(cell.is_null()))
    }

    /// The number of fields.
    pub(crate) fn len(&self) -> usize {
        match self.0 {
            #[cfg(feature = "postgres")]
            RowOf::Postgres(row) => row.len(),
            #[cfg(feature = "sqlite")]
            RowOf::Sqlite { cells, .. } => cells.len(),
            RowOf::Arranged(_, places) => places.len(),
        }
    }

    /// The name by which the engine knows a column: PostgreSQL cuts one to 63 bytes of whole
    /// characters.
    pub(crate) fn called<'name>(&self, name: &'name str) -> &'name str {
        match self.0 {
            #[cfg(feature = "postgres")]
            RowOf::Postgres(_) => {
                const MOST: usize = 63;
                let end = (0..=MOST.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
                name.get(..end.unwrap_or_default()).unwrap_or(name)
            }
            _ => name,
        }
    }

    /// The name of the column at a position, of a statement that is in SQL of the user's own.
    pub(crate) fn name(&self, position: usize) -> Option<&'row str> {
        match self.0 {
            #[cfg(feature = "postgres")]
            RowOf::Postgres(row) => row.columns().get(position).map(tokio_postgres::Column::name),
            #[cfg(feature = "sqlite")]
            RowOf::Sqlite { names, .. } => names.get(position).map(String::as_str),
            RowOf::Arranged(row, places) => match places.get(position)? {
                ColumnPosition::At(at) => row.name(*at),
                ColumnPosition::Nowhere | ColumnPosition::Doubtful => None,
            },
        }
    }
}

/// The bytes of a field as they came.
#[cfg(feature = "postgres")]
pub(crate) struct Raw<'row>(pub(crate) &'row [u8]);

#[cfg(feature = "postgres")]
impl<'row> tokio_postgres::types::FromSql<'row> for Raw<'row> {
    fn from_sql(
        _: &tokio_postgres::types::Type,
        raw: &'row [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &tokio_postgres::types::Type) -> bool {
        true
    }
}

/// One field of a row.
#[derive(Clone, Copy)]
pub struct Cell<'row>(CellContent<'row>);

/// The lower and the upper bound of a range.
pub(crate) type CellBounds<'row> = (Bound<Cell<'row>>, Bound<Cell<'row>>);

#[derive(Clone, Copy)]
enum CellContent<'row> {
    /// A field of a row, which the driver reads at once.
    #[cfg(feature = "postgres")]
    Field(&'row tokio_postgres::Row, usize),
    /// An element of an array.
    #[cfg(feature = "postgres")]
    Wire(&'row tokio_postgres::types::Type, Option<&'row [u8]>),
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
    Stored(Stored<'row>),
}

/// The types that PostgreSQL's driver can read: all types, as the driver is not built in.
#[cfg(not(feature = "postgres"))]
pub(crate) trait FromWire<'row> {}

#[cfg(not(feature = "postgres"))]
impl<T> FromWire<'_> for T {}

impl<'row> Cell<'row> {
    /// A field that holds a value as an engine without types would store it.
    pub(crate) fn stored(stored: Stored<'row>) -> Self {
        Self(CellContent::Stored(stored))
    }

    /// Whether the field is null.
    #[must_use]
    #[inline]
    pub fn is_null(&self) -> bool {
        match self.0 {
            #[cfg(feature = "postgres")]
            CellContent::Field(row, position) => {
                matches!(row.try_get::<_, Option<Raw<'row>>>(position), Ok(None))
            }
            #[cfg(feature = "postgres")]
            CellContent::Wire(_, raw) => raw.is_none(),
            CellContent::Stored(stored) => stored == Stored::Null,
        }
    }

    /// The text of the field, as enums are stored.
    ///
    /// # Errors
    ///
    /// The field is null or no text.
    pub fn text(self) -> Result<&'row str, Mismatch> {
        match self.taken_out().0 {
            #[cfg(feature = "postgres")]
            CellContent::Wire(wire_type, Some(raw)) if is_text(wire_type) => {
                std::str::from_utf8(raw).map_err(Mismatch::other)
            }
            CellContent::Stored(Stored::Text(text)) => Ok(text),
            _ => Err(self.mismatch()),
        }
    }

    /// The bytes of a field with their type, for repeated reads.
    #[inline]
    pub(crate) fn taken_out(self) -> Self {
        match self.0 {
            #[cfg(feature = "postgres")]
            CellContent::Field(row, position) => {
                let raw: Option<Raw<'row>> = row.try_get(position).ok().flatten();
                let wire_type = row.columns().get(position).map(tokio_postgres::Column::type_);
                let wire_type = wire_type.unwrap_or(&tokio_postgres::types::Type::UNKNOWN);
                Self(CellContent::Wire(wire_type, raw.map(|raw| raw.0)))
            }
            _ => self,
        }
    }

    /// The value in the field: as the driver reads it, from what is stored, or from a type of
    /// PostgreSQL's of which it holds every value.
    #[inline]
    pub(crate) fn decode<T: FromWire<'row> + 'static>(
        self,
        from_stored: impl FnOnce(Stored<'row>) -> Option<T>,
        widen: impl FnOnce(Wide<'row>) -> Option<T>,
    ) -> Result<T, Mismatch> {
        #[cfg(feature = "postgres")]
        if let CellContent::Field(row, position) = self.0 {
            return match row.try_get(position) {
                Ok(value) => Ok(value),
                Err(error) => self.widened(error, widen),
            };
        }
        self.decode_elsewhere(from_stored, widen)
    }

    /// The value of a type of which the driver would read more than it holds.
    #[cfg(any(feature = "chrono", feature = "time", feature = "rust_decimal", feature = "json"))]
    #[inline]
    pub(crate) fn decode_checked<T>(
        self,
        from_stored: impl FnOnce(Stored<'row>) -> Option<T>,
        widen: impl FnOnce(Wide<'row>) -> Option<T>,
    ) -> Result<T, Mismatch>
    where
        InRange<T>: FromWire<'row> + 'static,
    {
        let from_stored = |stored| from_stored(stored).map(InRange);
        let value = self.decode(from_stored, |wide| widen(wide).map(InRange))?;
        Ok(value.0)
    }

    /// The text, without the blanks with which PostgreSQL fills up a `char(n)`: to it they mean
    /// nothing, and beside a text of another type they would.
    #[inline]
    pub(crate) fn decode_text(
        self,
        from_stored: impl FnOnce(Stored<'row>) -> Option<String>,
        widen: impl FnOnce(Wide<'row>) -> Option<String>,
    ) -> Result<String, Mismatch> {
        let text = self.decode(from_stored, widen)?;
        if text.ends_with(' ') { Ok(self.unfilled(text)) } else { Ok(text) }
    }

    #[cold]
    fn unfilled(self, #[allow(unused_mut)] mut text: String) -> String {
        #[cfg(feature = "postgres")]
        if let CellContent::Wire(&tokio_postgres::types::Type::BPCHAR, _) = self.taken_out().0 {
            text.truncate(text.trim_end_matches(' ').len());
        }
        text
    }

    /// The value of what is no field of the driver's. It is apart, so that what is can be read in line.
    #[inline(never)]
    fn decode_elsewhere<T: FromWire<'row> + 'static>(
        self,
        from_stored: impl FnOnce(Stored<'row>) -> Option<T>,
        #[cfg_attr(not(feature = "postgres"), allow(unused_variables))] widen: impl FnOnce(
            Wide<'row>,
        )
            -> Option<T>,
    ) -> Result<T, Mismatch> {
        match self.0 {
            #[cfg(feature = "postgres")]
            CellContent::Wire(wire_type, Some(raw)) if T::accepts(wire_type) => {
                T::from_sql(wire_type, raw).map_err(Mismatch::Other)
            }
            #[cfg(feature = "postgres")]
            CellContent::Wire(wire_type, Some(raw)) => {
                Wide::of(wire_type, raw).and_then(widen).ok_or_else(|| self.mismatch())
            }
            CellContent::Stored(stored) => from_stored(stored).ok_or_else(|| self.mismatch()),
            #[cfg(feature = "postgres")]
            CellContent::Field(..) | CellContent::Wire(..) => Err(self.mismatch()),
        }
    }

    /// Whether the engine stores whatever it is given, whichever type its column has.
    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.0, CellContent::Stored(_))
    }

    /// The elements of an array.
    pub(crate) fn elements(
        self,
    ) -> Result<impl Iterator<Item = Result<Cell<'row>, Mismatch>>, Mismatch> {
        #[cfg(feature = "postgres")]
        if let CellContent::Wire(wire_type, Some(raw)) = self.taken_out().0
            && let tokio_postgres::types::Kind::Array(element) = wire_type.kind()
        {
            use tokio_postgres::types::FromSql;
            let element = base(element);
            let elements =
                Vec::<Option<Raw<'row>>>::from_sql(wire_type, raw).map_err(Mismatch::Other)?;
            return Ok(elements
                .into_iter()
                .map(move |raw| Ok(Cell(CellContent::Wire(element, raw.map(|raw| raw.0))))));
        }
        #[cfg(feature = "postgres")]
        return Err(self.mismatch());
        #[cfg(not(feature = "postgres"))]
        Err::<std::iter::Empty<_>, _>(self.mismatch())
    }

    /// The bytes that PostgreSQL sends of a value of the type of that name.
    #[cfg_attr(not(feature = "postgres"), allow(unused_variables))]
    pub(crate) fn sent(self, name: &str) -> Result<&'row [u8], Mismatch> {
        #[cfg(feature = "postgres")]
        if let CellContent::Wire(wire_type, Some(raw)) = self.taken_out().0
            && wire_type.name() == name
        {
            return Ok(raw);
        }
        Err(self.mismatch())
    }

    /// The bounds of a range of the type of that name; `None` of the empty one.
    #[cfg_attr(not(feature = "postgres"), allow(unused_variables))]
    pub(crate) fn range(self, name: &str) -> Result<Option<CellBounds<'row>>, Mismatch> {
        #[cfg(feature = "postgres")]
        if let CellContent::Wire(wire_type, Some(raw)) = self.taken_out().0
            && wire_type.name() == name
            && let tokio_postgres::types::Kind::Range(element) = wire_type.kind()
            && let Some(range) = wire::range(raw)
        {
            let cell = |raw| Self(CellContent::Wire(element, Some(raw)));
            return Ok(match range {
                RangeBytes::Empty => None,
                RangeBytes::Between(lower, upper) => Some((lower.map(cell), upper.map(cell))),
            });
        }
        Err(self.mismatch())
    }

    /// The value in the field as the engine stores it, on its way back; `None` where the engine has a
    /// type for each column, which what is read keeps.
    pub(crate) fn to_stored_parameter(self) -> Option<Parameter> {
        match self.0 {
            CellContent::Stored(stored) => Some(Parameter::from_sql(match stored {
                Stored::Null => SqlValue::BigInt(None),
                Stored::Integer(integer) => SqlValue::BigInt(Some(integer)),
                Stored::Real(real) => SqlValue::Double(Some(real)),
                Stored::Text(text) => SqlValue::String(Some(text.to_owned())),
                Stored::Bytes(bytes) => SqlValue::Bytes(Some(bytes.to_vec())),
            })),
            #[cfg(feature = "postgres")]
            CellContent::Field(..) | CellContent::Wire(..) => None,
        }
    }

    /// The value of a field that the driver did not read, or why it did not.
    #[cfg(feature = "postgres")]
    #[cold]
    fn widened<T: FromWire<'row>>(
        self,
        error: tokio_postgres::Error,
        widen: impl FnOnce(Wide<'row>) -> Option<T>,
    ) -> Result<T, Mismatch> {
        match (self.taken_out().0, error.into_source()) {
            (CellContent::Wire(wire_type, Some(_)), Some(why)) if T::accepts(wire_type) => {
                Err(Mismatch::Other(why))
            }
            (CellContent::Wire(wire_type, Some(raw)), _) => {
                Wide::of(wire_type, raw).and_then(widen).ok_or_else(|| self.mismatch())
            }
            _ => Err(self.mismatch()),
        }
    }

    /// Why the field cannot be what it should: it is null, or of another type.
    #[cold]
    fn mismatch(self) -> Mismatch {
        match self.taken_out().0 {
            _ if self.is_null() => Mismatch::Null,
            #[cfg(feature = "postgres")]
            CellContent::Field(..) => Mismatch::Absent,
            #[cfg(feature = "postgres")]
            CellContent::Wire(wire_type, _) => Mismatch::Type(wire_type.name().to_owned().into()),
            CellContent::Stored(stored) => Mismatch::Type(stored.type_name().into()),
        }
    }
}

/// The types whose binary form is their text; enums and `citext` among them.
#[cfg(feature = "postgres")]
fn is_text(wire_type: &tokio_postgres::types::Type) -> bool {
    use tokio_postgres::types::{FromSql, Kind};
    <&str as FromSql<'_>>::accepts(wire_type) || matches!(wire_type.kind(), Kind::Enum(_))
}

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Cell").finish_non_exhaustive()
    }
}
