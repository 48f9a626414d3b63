//! Rows by many keys at once, for whoever asks for each by one.

use super::keys::KeyColumns;
use super::select::SelectBuilder;
use super::{Given, Keys, Lowered, Writer};
use crate::engine::Engine;
use crate::error::Result;
use crate::query::{BatchKey, Scope, Select};
use crate::value::Parameter;

/// The rows by several keys, of which there is an array a part. The number of the key comes last in
/// each row where keys are numbered, and the key where links lead to the rows.
pub(crate) fn look_up(engine: Engine, look_up: &BatchKey, arrays: &[Parameter]) -> Result<Lowered> {
    let writer = Writer::new(engine, look_up.entity);
    let mut reading = SelectBuilder::of(&writer, &Select::new(look_up.entity, Scope::Table))?;
    reading.select_all();
    let properties = look_up.key();
    let given = Given::keys(arrays);
    let (source, key_from) = look_up.source();
    let columns = KeyColumns::new(look_up.entity, properties.clone(), source, key_from);
    let among = |key| writer.among_given(key, &columns, arrays, given);
    if look_up.is_numbered() {
        let joined = reading.numbered_keys(&columns, None, Keys::Given(arrays))?;
        reading.columns.extend(joined.marks.clone());
        let through = look_up.through().map(|(_, through)| through);
        reading.join_keys(through, &columns, joined, look_up.is_ordered());
    } else if let Some((_, through)) = look_up.through() {
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
