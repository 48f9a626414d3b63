//! The members of an entity's JSON: which property each of them is, and what a request may do with it.

use std::marker::PhantomData;

use relations::definition::{ColumnType, PropertyDefinition, Stamp};
use relations::query::reflect::{self, Parameter};
use serde_json::{Map, Value};

use crate::resource::Resource;
use crate::sample::{self, ATTEMPTS, Given, Sample};

/// A property of an entity, as requests see it.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Member {
    /// Its name in JSON.
    pub(crate) name: String,
    pub(crate) property: &'static PropertyDefinition,
    /// Its place among the properties.
    pub(crate) position: usize,
    /// Its place among what the entity is read from.
    input: Option<usize>,
    /// Whether answers have it.
    pub(crate) is_shown: bool,
    /// Whether answers have it in each row, also if it is null.
    pub(crate) is_always_shown: bool,
    /// Whether a request may set it at all.
    pub(crate) is_writable: bool,
    /// Whether a request may set it only in a new row.
    pub(crate) is_write_once: bool,
    /// Whether a new row may leave it out.
    pub(crate) is_optional: bool,
    /// Its JSON in a sample; null if answers do not have it.
    pub(crate) example: Value,
    /// The words of an enum.
    pub(crate) words: &'static [&'static str],
}

/// The options of members.
#[derive(Debug, Default, Clone)]
pub(crate) struct MemberRules {
    pub(crate) hidden: Vec<&'static str>,
    pub(crate) read_only: Vec<&'static str>,
    pub(crate) write_once: Vec<&'static str>,
    /// Values in JSON for types that take only some.
    pub(crate) examples: Vec<(&'static str, Value)>,
}

/// The value of a member that is not given.
#[derive(Debug, Clone)]
enum StandIn {
    Sample(Sample),
    Example(Value),
}

impl StandIn {
    fn given(&self) -> Given<'_> {
        match self {
            Self::Sample(sample) => Given::Sample(*sample),
            Self::Example(value) => Given::Value(value),
        }
    }
}

/// A value that a member does not take.
#[derive(Debug)]
pub(crate) struct Unfit {
    /// The member, if it is known which one it is.
    pub(crate) member: Option<String>,
    pub(crate) reason: String,
}

/// The members of an entity.
#[derive(Debug)]
pub(crate) struct Members<E> {
    pub(crate) all: Vec<Member>,
    inputs: Vec<(&'static str, StandIn)>,
    /// Whether an answer is made of all that serde writes.
    pub(crate) is_whole: bool,
    entity: PhantomData<fn() -> E>,
}

impl<E: Resource> Members<E> {
    /// Finds out which member is which property, by making entities that differ in one of them.
    pub(crate) fn new(rules: &MemberRules) -> Result<Self, String> {
        let mut inputs = stand_ins::<E>(rules)?;
        let entity = entity_of::<E>(&given(&inputs, None)).map_err(|(why, _)| {
            format!("`{}` cannot be read from JSON: {why}", E::DEFINITION.name)
        })?;
        let (parameters, shown) = (reflect::parameters(&entity), members(&entity)?);
        let properties = E::DEFINITION.properties;
        let mut places: Vec<(Option<usize>, Option<String>)> = vec![(None, None); properties.len()];
        for at in 0..inputs.len() {
            let Some(entity) = other::<E>(&mut inputs, at) else { continue };
            let changed = reflect::parameters(&entity);
            let (name, _) = inputs.get(at).map_or(("", None), |(name, one)| (*name, Some(one)));
            let by_name = || properties.iter().position(|one| one.name == name);
            let differs = (0..properties.len()).find(|at| parameters.get(*at) != changed.get(*at));
            if let Some(place) = differs.or_else(by_name).and_then(|at| places.get_mut(at)) {
                let now = members(&entity)?;
                let differs = shown.iter().find(|(name, value)| now.get(*name) != Some(value));
                let same = || shown.contains_key(name).then(|| name.to_owned());
                *place = (Some(at), differs.map(|(name, _)| name.clone()).or_else(same));
            }
        }
        // Members that serde writes and does not read.
        for (place, property) in places.iter_mut().zip(properties) {
            if place.0.is_none() && shown.contains_key(property.name) {
                place.1 = Some(property.name.to_owned());
            }
        }
        let mut of = Self { all: Vec::new(), inputs, is_whole: true, entity: PhantomData };
        for (position, (property, (input, output))) in properties.iter().zip(places).enumerate() {
            let hidden = rules.hidden.contains(&property.name);
            of.is_whole &= !hidden;
            let input_name = input.and_then(|at| of.inputs.get(at)).map(|(name, _)| *name);
            let Some(name) = output.as_deref().or(input_name) else { continue };
            let is_made =
                property.generated || property.generated_as.is_some() || property.stamp.is_some();
            let is_writable =
                input.is_some() && !is_made && !rules.read_only.contains(&property.name);
            let is_optional = property.nullable
                || property.default.is_some()
                || input.is_some_and(|at| of.has_default(at));
            let is_shown = output.is_some() && !hidden;
            let in_each = !property.nullable || input.is_some_and(|at| of.shows_null(at, name));
            of.all.push(Member {
                name: name.to_owned(),
                property,
                position,
                input,
                is_shown,
                is_always_shown: is_shown && in_each,
                is_writable,
                is_write_once: property.id || rules.write_once.contains(&property.name),
                is_optional,
                example: shown.get(name).cloned().unwrap_or_default(),
                words: input.map_or(&[], |at| sample::words::<E>(&given(&of.inputs, None), at)),
            });
        }
        Ok(of)
    }

    /// Whether serde has a default for a member that is left out.
    fn has_default(&self, at: usize) -> bool {
        let mut given = given(&self.inputs, None);
        if let Some((_, one)) = given.get_mut(at) {
            *one = Given::Nothing;
        }
        entity_of::<E>(&given).is_ok()
    }

    /// Whether serde writes a member that is null.
    fn shows_null(&self, at: usize, name: &str) -> bool {
        let null = Value::Null;
        let mut given = given(&self.inputs, None);
        if let Some((_, one)) = given.get_mut(at) {
            *one = Given::Value(&null);
        }
        let shown = entity_of::<E>(&given).ok().and_then(|entity| members(&entity).ok());
        shown.is_some_and(|members| members.contains_key(name))
    }

    /// The member that requests may ask about.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Member> + Clone {
        self.all.iter().filter(|member| member.is_shown)
    }

    /// The member of a name in JSON.
    pub(crate) fn named(&self, name: &str) -> Option<&Member> {
        self.all.iter().find(|member| member.name == name)
    }

    /// The member of a property.
    pub(crate) fn of(&self, property: &str) -> Option<&Member> {
        self.all.iter().find(|member| member.property.name == property)
    }

    /// The value of one member on its way to the database.
    pub(crate) fn value(&self, member: &Member, value: &Value) -> Result<Parameter, Unfit> {
        let unfit = || Unfit {
            member: Some(member.name.clone()),
            reason: format!("expected {}", described(member.property.column_type)),
        };
        if member.input.is_none() {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            return reflect::parse(member.property.column_type, &text).ok_or_else(unfit);
        }
        let entity = self.entity(&[(member, value)], |_| true)?;
        let parameter = reflect::parameters(&entity).into_iter().nth(member.position);
        parameter.ok_or_else(unfit)
    }

    /// An entity of what is given, with samples for the rest if `sampled` says so.
    pub(crate) fn entity(
        &self,
        values: &[(&Member, &Value)],
        sampled: impl Fn(&Member) -> bool,
    ) -> Result<E, Unfit> {
        let mut given = given(&self.inputs, None);
        for member in self.all.iter().filter(|member| !sampled(member)) {
            if let Some((_, one)) = member.input.and_then(|at| given.get_mut(at)) {
                *one = Given::Nothing;
            }
        }
        for (member, value) in values {
            if let Some((_, one)) = member.input.and_then(|at| given.get_mut(at)) {
                *one = Given::Value(value);
            }
        }
        entity_of::<E>(&given).map_err(|(error, at)| {
            let member = self.all.iter().find(|member| at.is_some() && member.input == at);
            let mut reason = error.to_string();
            reason.truncate(reason.char_indices().nth(200).map_or(reason.len(), |(at, _)| at));
            Unfit { member: member.map(|member| member.name.clone()), reason }
        })
    }
}

/// The members that an entity is read from, with what stands in for each.
fn stand_ins<E: Resource>(rules: &MemberRules) -> Result<Vec<(&'static str, StandIn)>, String> {
    let properties = E::DEFINITION.properties;
    let mut names = sample::names::<E>().to_vec();
    if names.is_empty() {
        names = properties.iter().map(|property| property.name).collect();
    }
    let folded = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let mut inputs: Vec<(&'static str, StandIn)> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let same = |one: &&&PropertyDefinition| folded(one.name) == folded(name);
        // A name of its own stands where its field does.
        let in_place = (names.len() == properties.len()).then(|| properties.get(at)).flatten();
        let property = properties.iter().find(same).or(in_place);
        let example =
            rules.examples.iter().find(|(of, _)| property.is_some_and(|one| one.name == *of));
        let column_type = Some(property.map_or(ColumnType::Text, |one| one.column_type));
        inputs.push((
            name,
            match example {
                Some((_, value)) => StandIn::Example(value.clone()),
                None => StandIn::Sample(Sample { column_type, number: 1, attempt: 0 }),
            },
        ));
    }
    // Types with rules of their own are tried with other texts; an alias is left to its name.
    loop {
        let Err((error, at)) = entity_of::<E>(&given(&inputs, None)) else { return Ok(inputs) };
        let why = error.to_string();
        let Some(at) = at else { return Err(format!("`{}`: {why}", E::DEFINITION.name)) };
        if why.starts_with("duplicate field") {
            inputs.remove(at);
            continue;
        }
        match inputs.get_mut(at) {
            Some((_, StandIn::Sample(sample))) if sample.attempt + 1 < ATTEMPTS => {
                sample.attempt += 1;
            }
            other => {
                let name = other.map_or("", |(name, _)| *name);
                return Err(format!(
                    "no value is known that `{name}` of `{}` takes ({why}); give one with \
                     `.example(…)`",
                    E::DEFINITION.name,
                ));
            }
        }
    }
}

/// An entity that differs in one member.
fn other<E: Resource>(inputs: &mut [(&'static str, StandIn)], at: usize) -> Option<E> {
    let first = match inputs.get(at) {
        Some((_, StandIn::Sample(sample))) => sample.attempt,
        _ => return entity_of(&given(inputs, None)).ok(),
    };
    (first..ATTEMPTS).find_map(|attempt| {
        let other = Sample { number: 2, attempt, ..sample_at(inputs, at)? };
        entity_of(&given(inputs, Some((at, other)))).ok()
    })
}

fn sample_at(inputs: &[(&'static str, StandIn)], at: usize) -> Option<Sample> {
    match inputs.get(at) {
        Some((_, StandIn::Sample(sample))) => Some(*sample),
        _ => None,
    }
}

fn given<'a>(
    inputs: &'a [(&'static str, StandIn)],
    other: Option<(usize, Sample)>,
) -> Vec<(&'static str, Given<'a>)> {
    let mut all: Vec<_> = inputs.iter().map(|(name, one)| (*name, one.given())).collect();
    if let Some((at, sample)) = other
        && let Some((_, one)) = all.get_mut(at)
    {
        *one = Given::Sample(sample);
    }
    all
}

fn entity_of<E: Resource>(
    given: &[(&'static str, Given<'_>)],
) -> Result<E, (serde_json::Error, Option<usize>)> {
    sample::entity(given)
}

fn members<E: Resource>(entity: &E) -> Result<Map<String, Value>, String> {
    match serde_json::to_value(entity) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(format!("`{}` is not serialized as an object", E::DEFINITION.name)),
        Err(why) => Err(format!("`{}` cannot be serialized: {why}", E::DEFINITION.name)),
    }
}

/// The values of a type, in words.
pub(crate) fn described(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Boolean => "true or false",
        ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => "a whole number",
        ColumnType::Real | ColumnType::Double => "a number",
        ColumnType::Decimal => "a decimal number",
        ColumnType::Text => "a text",
        ColumnType::Date => "a date, as in 2026-11-29",
        ColumnType::Time => "a time, as in 23:59:00",
        ColumnType::Timestamp => "a date and a time, as in 2026-11-29T23:59:00",
        ColumnType::TimestampTz => "a date and a time, as in 2026-11-29T23:59:00Z",
        ColumnType::Uuid => "a UUID",
        ColumnType::Json => "JSON",
        ColumnType::Bytes => "bytes",
        ColumnType::Array(_) => "an array",
        ColumnType::Range(_) => "a range",
        ColumnType::Interval => "an interval",
    }
}

/// Whether a property counts the writes of its row.
pub(crate) fn is_version(property: &PropertyDefinition) -> bool {
    property.stamp == Some(Stamp::Version)
}

impl Member {
    /// Whether the entity is read from it.
    pub(crate) fn is_read(&self) -> bool {
        self.input.is_some()
    }
}

impl<E: Resource> Members<E> {
    /// The names of the members that answers do not have, though serde writes them.
    pub(crate) fn hidden(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter(|member| !member.is_shown).map(|member| member.name.as_str())
    }
}
