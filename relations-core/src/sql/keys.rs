//! The keys of sources in a statement: the rows that have one of them.
//!
//! Keys whose equality Rust knows find their sources by themselves. For all others the database says
//! which row has which key ([`joined_keys`](crate::sql::joined_keys)).

use sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, SelectStatement};

use crate::definition::entity::EntityDefinition;
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::definition::relation::RelationDefinition;
use crate::dialect::{Engine, Tenancy};
use crate::error::{Error, Result};
use crate::plan::tree::Planned;
use crate::sql::Writer;
use crate::sql::from_clause::{AliasedTable, all, is_among, named};
use crate::sql::include::{Given, Keys};
use crate::sql::key_columns::{LookupColumns, Origin};
use crate::sql::spelling::{SHOWN, SHOWS, json_array};
use crate::value::parameter::Parameter;

impl RelationDefinition {
    /// Whether the database has to say which target belongs to which source, as a key of the relation
    /// or of its link may be equal where Rust's values are not.
    pub(crate) fn is_numbered(&self) -> bool {
        self.key_array.is_some() || self.has_key_of(|column_type| !column_type.is_equal_in_rust())
    }

    /// Whether SQLite may hold a key of the relation or of its link in several spellings.
    pub(crate) fn has_spellings(&self) -> bool {
        self.has_key_of(ColumnType::has_spellings)
    }

    fn has_key_of(&self, is_meant: fn(ColumnType) -> bool) -> bool {
        let is_meant = |property: &PropertyDefinition| is_meant(property.column_type);
        match &self.through {
            Some(through) => through.key_from(self.key_from).chain(through.key_to()).any(is_meant),
            None => named(self.target.definition(), self.key_to).any(is_meant),
        }
    }
}

impl Keys<'_> {
    /// Whether there is one key alone, which all rows have.
    pub(crate) fn is_one(&self, planned: &Planned) -> bool {
        matches!(self, Self::Given(arrays) if Given::of(planned, arrays) == Given::One)
    }

    /// Whether rows are joined to the keys. One key alone needs no number, unless links could bring a
    /// row twice or the rows are counted off.
    pub(crate) fn are_joined(&self, planned: &Planned) -> bool {
        let may_repeat = planned.relation.through.is_some()
            || planned.relation.key_array.is_some()
            || planned.is_paged();
        planned.numbered && (may_repeat || !self.is_one(planned))
    }
}

impl Writer {
    /// A value that is compared with a property. A text is untyped: it has the type and the collation of
    /// the column that it is a value of, or else of the property. So has one that tells the server of a row,
    /// since a cluster looks for a plain value; both columns have one type then.
    pub(crate) fn key_value(
        &self,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
        parameter: &Parameter,
        origin: Option<Origin>,
    ) -> Result<Expr> {
        self.check_stored(entity, property)?;
        let whole = parameter.check_whole(property);
        let value = whole.and_then(|()| parameter.clone().into_compared()).map_err(|why| {
            Error::invalid_request(format!("`{}.{}` {why}", entity.name, property.name))
                .entity_is(entity)
        })?;
        let is_plain = !self.is_untyped(property) || entity.is_distributed_by(property);
        Ok(match origin.filter(|_| !is_plain) {
            Some(origin) => self.as_of(origin, Expr::val(value), Expr::from),
            None => self.cast_compared(Expr::val(value), property, ""),
        })
    }

    fn is_untyped(&self, property: &PropertyDefinition) -> bool {
        self.engine == Engine::Postgres && property.column_type == ColumnType::Text
    }

    /// Whether a key is one of the sources', where Rust knows which.
    pub(crate) fn among(&self, key: Vec<Expr>, planned: &Planned, keys: Keys<'_>) -> Result<Expr> {
        match keys {
            Keys::Repeated { rows, key_from } => {
                let keys = rows.keys(self.dialect(), key_from)?;
                let by_index = !planned.is_of_many() && planned.key_columns().are_indexed();
                Ok(match (self.engine, key.as_slice()) {
                    (Engine::Postgres, [only]) if by_index => only.clone().eq(any(array_of(keys))),
                    _ => is_among(key.into_iter(), keys),
                })
            }
            Keys::Given(arrays) => {
                self.among_given(key, &planned.key_columns(), arrays, Given::of(planned, arrays))
            }
        }
    }

    /// Whether a key is one of those that are given, for properties of an entity or of its links.
    ///
    /// A key of one property is one array, or a range. A key of several is rows of an array for each
    /// property on PostgreSQL, which hashes them. A cluster is shown the part by which rows are distributed, so
    /// that it asks only the servers that may have some of them.
    pub(crate) fn among_given(
        &self,
        key: Vec<Expr>,
        columns: &LookupColumns,
        arrays: &[Parameter],
        given: Given,
    ) -> Result<Expr> {
        let LookupColumns { entity, properties, origins } = columns;
        if given == Given::One {
            let parts = properties.iter().zip(origins).zip(arrays).zip(key);
            let equal = parts.map(|(((property, origin), array), column)| {
                self.equals_key(column, entity, property, &array.only(), Some(*origin))
            });
            return Ok(all(equal.collect::<Result<Vec<_>>>()?.into_iter()));
        }
        if let (Given::Range, [only], [property], [array]) =
            (given, key.as_slice(), properties.as_slice(), arrays)
            && let Some((first, last)) = array.ends()
        {
            let end = |end| self.parameter(entity, property, &end);
            return Ok(only.clone().between(end(first)?, end(last)?));
        }
        if let (Engine::Postgres, [only], [property], [array], Some(_)) =
            (self.engine, key.as_slice(), properties.as_slice(), arrays, columns.distribution())
        {
            return Ok(only.clone().eq(any(self.array(property, None, array)?)));
        }
        match (self.engine, key.as_slice(), self.arrays(columns, arrays)?.as_slice()) {
            (Engine::Postgres, [only], [array]) => Ok(match given {
                Given::Few if columns.are_indexed() => only.clone().eq(any(hidden(array.clone()))),
                Given::Few | Given::Hundreds if columns.are_unique_integers() => {
                    only.clone().eq(any(hidden(array.clone())))
                }
                _ => only.clone().eq(any(array.clone())).or(Expr::cust(PLANNED_ANEW)),
            }),
            (Engine::Postgres, [_, ..], _) => {
                let shown = self.shown(&key, columns);
                let among = is_among(key.into_iter(), self.rows_of(columns, arrays)?);
                Ok(match shown {
                    Some(shown) => among.and(shown),
                    None => among,
                })
            }
            _ => {
                let types: Vec<_> = properties.iter().map(|one| one.column_type).collect();
                Ok(self.is_one_of(key, &types, Expr::val(json_array(arrays)?), false))
            }
        }
    }

    /// Whether the part of a key by which rows are distributed is one of those that are given, in an array that
    /// the statement was given before; `None` if a condition says more, or no cluster is asked.
    pub(crate) fn shown(&self, key: &[Expr], columns: &LookupColumns) -> Option<Expr> {
        let at = self.shown_part(columns)?;
        let (column, property) = (key.get(at)?, columns.properties.get(at)?);
        let array = Expr::cust(SHOWN);
        let array = if self.is_untyped(property) {
            array
        } else {
            self.cast_compared(array, property, "[]")
        };
        Some(column.clone().eq(any(array)))
    }

    /// The position of the part of a key that a cluster is shown.
    pub(crate) fn shown_part(&self, columns: &LookupColumns) -> Option<usize> {
        let shown = |property: &&_| self.shows(columns.entity, property);
        columns.properties.iter().position(shown)
    }

    /// Whether a cluster is shown a list of values of a property: it tells the servers of rows, and no condition
    /// says more.
    pub(crate) fn shows(
        &self,
        entity: &'static EntityDefinition,
        property: &PropertyDefinition,
    ) -> bool {
        let is_tenant = property.tenant && matches!(self.tenancy, Tenancy::Of(_));
        self.engine == Engine::Postgres && !is_tenant && entity.is_distributed_by(property)
    }

    /// Keys as rows of their parts, on PostgreSQL.
    fn rows_of(&self, columns: &LookupColumns, arrays: &[Parameter]) -> Result<SelectStatement> {
        let mut rows = SelectStatement::new();
        let arrays = self.arrays(columns, arrays)?.into_iter().map(subquery);
        let unnest = Func::cust("unnest").args(arrays);
        rows.column(Asterisk).from_function(unnest, Alias::new("key"));
        Ok(rows)
    }

    /// The arrays of the parts of keys.
    pub(crate) fn arrays(
        &self,
        columns: &LookupColumns,
        arrays: &[Parameter],
    ) -> Result<Vec<Expr>> {
        let shown = self.shown_part(columns);
        let parts = columns.properties.iter().zip(&columns.origins).zip(arrays).enumerate();
        let array = |(at, ((property, origin), array)): (usize, ((&&_, &Origin), _))| {
            let array = self.array(property, Some(*origin), array)?;
            let is_shown = shown == Some(at);
            Ok(if is_shown { shows(array) } else { array })
        };
        parts.map(array).collect()
    }

    /// An array of keys, cast where the driver does not know the type, such as an enum; of texts, as
    /// values of the column that they are from, or else of the one that they are compared with.
    pub(super) fn array(
        &self,
        property: &PropertyDefinition,
        origin: Option<Origin>,
        array: &Parameter,
    ) -> Result<Expr> {
        if matches!(property.column_type, ColumnType::Array(_)) {
            return Err(Error::invalid_request(format!(
                "`{}` is a list, and PostgreSQL has no list of several such keys; include the relation \
                 with `.joined()`, or follow it from one row at a time",
                property.name,
            )));
        }
        let refused = |why| Error::invalid_request(format!("`{}` {why}", property.name));
        let array = Expr::val(array.clone().into_compared_array().map_err(refused)?);
        Ok(match origin.filter(|_| self.is_untyped(property)) {
            Some(origin) => {
                let all = |column| Func::cust("array_agg").arg(column).into();
                self.as_of(origin, array, all)
            }
            None => self.cast_compared(array, property, "[]"),
        })
    }

    /// A value as one of a column: with its type and its collation, which the database infers. Nothing is
    /// read of its table.
    fn as_of(&self, origin: Origin, value: Expr, made: impl FnOnce(Expr) -> Expr) -> Expr {
        let place = AliasedTable::table_of(origin.entity);
        let mut nothing = SelectStatement::new();
        nothing.expr(made(place.column(origin.property)));
        self.read_none(&mut nothing, &place);
        Func::coalesce([Expr::from(nothing), value]).into()
    }
}

/// A value as it is stored, from how JSON has it.
pub(crate) fn from_json(value: Expr, column_type: ColumnType) -> Expr {
    match column_type {
        ColumnType::Bytes => Func::cust("unhex").arg(value).into(),
        _ => value,
    }
}

pub(crate) fn key_name(part: usize) -> Alias {
    Alias::new(format!("key_{part}"))
}

/// An array in a query of its own: how many keys it holds is hidden from the planner, which would
/// take a few hundred of those it sees as worth a plan of their own at each call. `COALESCE` makes a
/// value of the query, which `ANY` would otherwise take for rows of arrays.
fn hidden(array: Expr) -> Expr {
    Func::coalesce([subquery(array)]).into()
}

/// A value that is written again as [`SHOWN`].
pub(super) fn shows(value: Expr) -> Expr {
    Expr::cust_with_exprs(format!("{SHOWS}$1"), [value])
}

/// A value in a query of its own, which the planner does not look into.
fn subquery(value: Expr) -> Expr {
    let mut query = SelectStatement::new();
    query.expr(value);
    query.into()
}

/// Makes PostgreSQL plan a prepared statement for the values of each call, where it stands behind an
/// array: `… = ANY($1) OR …`, which is then a constant that PostgreSQL can hash and count.
///
/// The array is not null, so the condition goes from a plan for known values, and is never evaluated.
/// In a plan for any values it stays, and costs so much that PostgreSQL never prefers that plan.
pub(crate) const PLANNED_ANEW: &str =
    "\u{1} IS NULL AND (SELECT count(*) FROM generate_series(1, 1000000000000)) = 0";

/// Keys as an array, which is made before it is looked up: the planner would guess wildly how many
/// they are.
pub(super) fn array_of(keys: SelectStatement) -> Expr {
    Func::cust("ARRAY").arg(Expr::from(keys)).into()
}

pub(super) fn any(array: Expr) -> sea_query::FunctionCall {
    Func::cust("ANY").arg(array)
}
