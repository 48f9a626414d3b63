//! Rows by many keys at once, for whoever asks for each by one.

use super::read::Reading;
use super::{Given, Lowered, Writer};
use crate::engine::Engine;
use crate::error::Result;
use crate::query::{LookUp, Scope, Select};
use crate::value::Parameter;

/// The rows by several keys, of which there is an array a part. Where links lead to them, the key
/// comes last in each row.
pub(crate) fn look_up(engine: Engine, look_up: &LookUp, arrays: &[Parameter]) -> Result<Lowered> {
    let writer = Writer::new(engine, look_up.entity);
    let mut reading = Reading::of(&writer, &Select::new(look_up.entity, Scope::Table))?;
    reading.select_all();
    let properties = look_up.key();
    let given = Given::keys(arrays);
    let among = |key| writer.among_given(key, look_up.entity, &properties, arrays, given);
    if let Some((_, through)) = look_up.through() {
        let key = reading.led_to_by(through, &properties, look_up.is_ordered(), among)?;
        reading.columns.extend(key);
    } else {
        let root = &reading.places.root;
        let key = properties.iter().map(|one| root.column(one)).collect();
        reading.statement.and_where(among(key)?);
    }
    if look_up.is_ordered() {
        reading.order_by_id();
    }
    Ok(writer.write(&reading.read()))
}
