//! The meaning of an `#[index(…)]` and a `#[check(…)]`.

use proc_macro2::Ident;
use syn::Attribute;
use syn::ext::IdentExt;

use super::{Entity, KeyArray, OneOf, Relation};
use crate::attr::{CheckAttrs, IndexAttr, IndexAttrs, Text};

/// An index of several properties, of an expression, of some rows, or with a name or a method.
pub(crate) struct Index {
    pub(crate) names: Vec<Ident>,
    /// The SQL behind the properties.
    pub(crate) expression: Option<String>,
    /// The word that keeps two rows from having the same values.
    pub(crate) unique: Option<Ident>,
    pub(crate) name: Option<String>,
    /// The condition, in SQL, of a partial index.
    pub(crate) filter: Option<String>,
    /// The access method on PostgreSQL.
    pub(crate) method: Option<String>,
    /// The tokens to underline.
    pub(crate) attribute: Attribute,
}

impl Index {
    pub(crate) fn build(attrs: IndexAttrs) -> Self {
        let IndexAttrs { attribute, names, options } = attrs;
        Self {
            names,
            expression: options.expression.map(|expression| expression.0.value()),
            unique: options.unique.map(|flag| flag.0),
            name: options.name.map(|name| name.0.value()),
            filter: options.filter.map(|filter| filter.0.value()),
            method: options.using.map(|method| method.0.value()),
            attribute,
        }
    }

    /// That of a key of one of several entities, and of its kind. The key comes first: it tells most rows apart,
    /// and other relations find it too.
    pub(crate) fn of_kind(one_of: &OneOf) -> Option<Self> {
        let (kind, key) = one_of.kind.clone().filter(|(kind, key)| kind.unraw() != key.unraw())?;
        Some(Self {
            names: vec![key, kind],
            expression: None,
            unique: None,
            name: None,
            filter: None,
            method: None,
            attribute: one_of.attrs.attribute.clone(),
        })
    }

    /// That of an array of keys, which finds the rows that hold one. A read-only table has the indexes that others
    /// made.
    pub(crate) fn of_key_array(entity: &Entity, relation: &Relation) -> Option<Self> {
        let is_wanted = relation.key_array == Some(KeyArray::Source)
            && relation.attrs.options.index.is_none()
            && entity.read_only().is_none();
        let array = relation.key_from.first().filter(|_| is_wanted)?;
        Some(Self {
            names: vec![entity.property(array)?.ident.clone()],
            expression: None,
            unique: None,
            name: None,
            filter: None,
            method: Some("gin".to_owned()),
            attribute: relation.attrs.attribute.clone(),
        })
    }

    /// Whether there is an index of these properties, in this order or in another.
    pub(crate) fn is_among(&self, others: &[Self]) -> bool {
        let holds = |other: &Self| self.names.iter().all(|name| other.names.contains(name));
        let same = |other: &&Self| other.names.len() == self.names.len() && other.filter.is_none();
        others.iter().filter(same).any(holds)
    }

    /// That of an `#[index]` with options on a field; `None` where the word stands alone.
    pub(crate) fn of_field(field: &Ident, attr: &IndexAttr) -> Option<Self> {
        let options = attr.options.as_ref()?;
        let text = |written: &Option<Text>| written.as_ref().map(|text| text.0.value());
        Some(Self {
            names: vec![field.clone()],
            expression: None,
            unique: None,
            name: text(&options.name),
            filter: text(&options.filter),
            method: text(&options.using),
            attribute: attr.attribute.clone(),
        })
    }
}

/// A condition that holds for each row.
pub(crate) struct Check {
    /// The condition in SQL.
    pub(crate) condition: String,
    pub(crate) name: Option<String>,
    /// The tokens to underline.
    pub(crate) attribute: Attribute,
}

impl Check {
    pub(crate) fn build(attrs: CheckAttrs) -> Self {
        Self {
            condition: attrs.condition.value(),
            name: attrs.options.name.map(|name| name.0.value()),
            attribute: attrs.attribute,
        }
    }
}
