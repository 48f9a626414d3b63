//! The meaning of a relation.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::{Path, PathSegment};

use super::{Action, Deferrable, Entity, Kind, Property, name, text};
use crate::attr::{
    Condition, Constraint, Name, ReferentialAction, RelationAttrs, RelationOptions, ThroughAttrs,
    identifier,
};
use crate::error::Errors;

/// A named way from a source entity to a target entity.
pub(crate) struct Relation {
    pub(crate) kind: Kind,
    pub(crate) name: Ident,
    /// `CUSTOMER`
    pub(crate) constant: Ident,
    /// `OrderCustomerRelation`
    pub(crate) marker: Ident,
    /// `Customer`, the parameter of `OrderWith`
    pub(crate) slot: Ident,
    /// The name of the included relation when it is serialized.
    pub(crate) member: String,
    pub(crate) target: Path,
    /// Fields of the source.
    pub(crate) key_from: Vec<Ident>,
    pub(crate) key_to: KeyTo,
    /// The side that holds several keys in an array.
    pub(crate) key_array: Option<KeyArray>,
    /// The link of a many-to-many relation.
    pub(crate) through: Option<Through>,
    /// Whether there may be no target.
    pub(crate) optional: bool,
    /// The constraint of a `belongs_to`, unless it is turned off.
    pub(crate) foreign_key: Option<ForeignKey>,
    /// Whether the foreign key needs an index of its own.
    pub(crate) indexed: bool,
    /// Whether it sees all rows of its target.
    pub(crate) unscoped: bool,
    /// The condition that narrows the targets.
    pub(crate) filter: Option<Filter>,
    /// The tokens to underline.
    pub(crate) attrs: RelationAttrs,
}

/// The side of a relation whose rows hold several keys of the other side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyArray {
    Source,
    Target,
}

impl KeyArray {
    fn of(options: &RelationOptions) -> Option<Self> {
        match (&options.keys_from, &options.keys_to) {
            (Some(_), _) => Some(Self::Source),
            (None, Some(_)) => Some(Self::Target),
            (None, None) => None,
        }
    }
}

/// The key that a relation leads to.
pub(crate) enum KeyTo {
    /// The target's id, which only the target knows.
    Id,
    /// Properties that the user named.
    Named(Vec<Ident>),
    /// The foreign key that a `has_many` or `has_one` expects, `<source>_id`.
    Inverse(Vec<Ident>),
    /// The key that the link leads to, which only the link knows.
    Linked,
}

impl KeyTo {
    /// The properties of the target, as far as they are known.
    pub(crate) fn names(&self) -> &[Ident] {
        match self {
            Self::Id | Self::Linked => &[],
            Self::Named(names) | Self::Inverse(names) => names,
        }
    }
}

/// The link of a many-to-many relation, and its relations to both sides.
pub(crate) struct Through {
    pub(crate) link: Path,
    /// The relation that leads to the source.
    pub(crate) from: End,
    /// The relation that leads to the target.
    pub(crate) to: End,
    /// The condition that narrows the links.
    pub(crate) filter: Option<Filter>,
    /// The order of the targets by their links: the expression, and as it is written by hand.
    pub(crate) order_by: Option<(TokenStream, String)>,
}

/// The relation of a link that leads to a side.
pub(crate) enum End {
    /// The only such relation.
    Only,
    /// The relation of that name.
    Named(Ident),
}

/// The condition of a relation, which is an expression of the user.
pub(crate) struct Filter {
    pub(crate) condition: TokenStream,
    /// The condition as it is written by hand.
    pub(crate) text: String,
}

impl Filter {
    fn build(written: &Condition) -> Self {
        Self { condition: written.0.clone(), text: text::of(&written.0) }
    }
}

/// The constraint in the database.
pub(crate) struct ForeignKey {
    pub(crate) name: Option<String>,
    pub(crate) on_delete: Action,
    pub(crate) on_update: Action,
    /// The properties that `set null` sets; empty for the whole key.
    pub(crate) set_null: Vec<Ident>,
    pub(crate) deferrable: Option<Deferrable>,
}

/// The relations of all fields, then those of the struct, each group in the order as written.
pub(crate) fn all(
    errors: &mut Errors,
    entity: &mut Entity,
    on_struct: Vec<RelationAttrs>,
) -> Vec<Relation> {
    let on_fields: Vec<_> = entity
        .properties
        .iter_mut()
        .filter_map(|property| {
            Some((Some(property.ident.clone()), property.attrs.belongs_to.take()?))
        })
        .collect();
    let (belonging, having): (Vec<_>, Vec<_>) =
        on_struct.into_iter().partition(|relation| relation.kind == Kind::BelongsTo);
    let on_struct = belonging.into_iter().chain(having).map(|relation| (None, relation));
    on_fields
        .into_iter()
        .chain(on_struct)
        .filter_map(|(field, attrs)| Relation::build(errors, entity, field, attrs))
        .collect()
}

impl Relation {
    /// `None` if the name, the source's key or the target is missing, which is reported.
    fn build(
        errors: &mut Errors,
        entity: &Entity,
        field: Option<Ident>,
        attrs: RelationAttrs,
    ) -> Option<Self> {
        let target = attrs.target.clone().map(|target| of_self(target, &entity.ident));
        let last = target
            .as_ref()
            .and_then(|target| target.segments.last())
            .map(|last| last.ident.clone());
        let name = relation_name(errors, &attrs, field.as_ref(), last.as_ref());
        let key_from = key_from(errors, &attrs, entity, field, last.as_ref());
        let (name, key_from, target) = (name?, key_from?, target?);
        let span = last.map_or_else(Span::call_site, |last| last.span());
        let sources: Vec<Option<&Property>> =
            key_from.iter().map(|key| entity.property(key)).collect();
        Some(Self {
            kind: attrs.kind,
            constant: name::constant(&name),
            marker: name::marker(&entity.ident, &name),
            slot: name::slot(&entity.ident, &name),
            member: name::member(entity.serialized, &name),
            key_to: key_to(&attrs, &entity.ident, span),
            key_array: KeyArray::of(&attrs.options),
            through: attrs.through.as_ref().map(|attrs| Through::build(attrs, &entity.ident)),
            optional: optional(&attrs, entity, &sources),
            foreign_key: foreign_key(&attrs, entity, &key_from),
            indexed: indexed(&attrs, entity, &sources),
            unscoped: attrs.options.unscoped.is_some(),
            filter: attrs.options.filter.as_ref().map(Filter::build),
            name,
            target,
            key_from,
            attrs,
        })
    }
}

impl Relation {
    /// Whether a filter narrows the targets, or the links to them.
    pub(crate) fn is_filtered(&self) -> bool {
        let of_links = self.through.as_ref().and_then(|through| through.filter.as_ref());
        self.filter.as_ref().or(of_links).is_some()
    }
}

impl Through {
    fn build(attrs: &ThroughAttrs, source: &Ident) -> Self {
        let end = |name: &Option<Name>| {
            name.as_ref().map_or(End::Only, |name| End::Named(name.0.clone()))
        };
        Self {
            link: of_self(attrs.link.clone(), source),
            from: end(&attrs.ends.from),
            to: end(&attrs.ends.to),
            filter: attrs.ends.filter.as_ref().map(Filter::build),
            order_by: attrs.ends.order_by.as_ref().map(|one| (one.0.clone(), text::of(&one.0))),
        }
    }
}

/// `Self` would mean something else in the generated code.
pub(super) fn of_self(path: Path, entity: &Ident) -> Path {
    match path.get_ident() {
        Some(word) if word == "Self" => {
            let mut entity = entity.clone();
            entity.set_span(word.span());
            PathSegment::from(entity).into()
        }
        _ => path,
    }
}

/// As written; else the field without `_id`, or the target.
fn relation_name(
    errors: &mut Errors,
    attrs: &RelationAttrs,
    field: Option<&Ident>,
    target: Option<&Ident>,
) -> Option<Ident> {
    if let Some(name) = &attrs.options.name {
        return Some(name.0.clone());
    }
    let (model, name, hint) = if let Some(field) = field {
        let written = field.unraw().to_string();
        let stem = written.strip_suffix("_id").map(str::to_owned);
        let hint = if stem.is_some() { "" } else { ", which does not end in `_id`" };
        (field, stem, hint)
    } else {
        let target = target?;
        let word = name::snake(target);
        let name =
            if attrs.kind == Kind::HasMany { name::plural(&word) } else { name::singular(&word) };
        (target, Some(name), "")
    };
    let ident = name.and_then(|name| identifier(&name, model.span()));
    if ident.is_none() {
        let message =
            format!("cannot name this relation after `{model}`{hint}; add `name = \"…\"`");
        errors.at(&attrs.attribute, message);
    }
    ident
}

/// As written; else the field, or the entity's id in the place of the target.
fn key_from(
    errors: &mut Errors,
    attrs: &RelationAttrs,
    entity: &Entity,
    field: Option<Ident>,
    target: Option<&Ident>,
) -> Option<Vec<Ident>> {
    if let Some(keys) = &attrs.options.keys_from {
        return Some(vec![keys.0.clone()]);
    }
    match (&attrs.options.key_from, field) {
        (Some(keys), _) => Some(keys.names.clone()),
        (None, Some(field)) => Some(vec![field]),
        (None, None) if attrs.kind == Kind::BelongsTo => {
            let message =
                "expected the properties that hold the key, as in `key_from(\"…\", \"…\")`";
            errors.at(&attrs.attribute, message);
            None
        }
        (None, None) => Some(entity.ids().map(|id| respanned(&id.ident, target)).collect()),
    }
}

fn respanned(ident: &Ident, place: Option<&Ident>) -> Ident {
    let mut ident = ident.clone();
    if let Some(place) = place {
        ident.set_span(place.span());
    }
    ident
}

/// The key of the link; else as written; else the target's id, or the name of the other side's
/// foreign key.
fn key_to(attrs: &RelationAttrs, source: &Ident, target: Span) -> KeyTo {
    match (&attrs.options.key_to, attrs.kind) {
        _ if attrs.through.is_some() => KeyTo::Linked,
        _ if let Some(keys) = &attrs.options.keys_to => KeyTo::Named(vec![keys.0.clone()]),
        (None, _) if attrs.options.keys_from.is_some() => KeyTo::Id,
        (Some(keys), _) => KeyTo::Named(keys.names.clone()),
        (None, Kind::BelongsTo) => KeyTo::Id,
        (None, Kind::HasMany | Kind::HasOne) => KeyTo::Inverse(vec![name::inverse(source, target)]),
    }
}

/// Whether the type is `Option`, which follows the guarantees of the database.
fn optional(attrs: &RelationAttrs, entity: &Entity, sources: &[Option<&Property>]) -> bool {
    match attrs.kind {
        Kind::HasMany => false,
        Kind::HasOne => true,
        Kind::BelongsTo => {
            let nullable = sources.iter().flatten().any(|property| property.nullable);
            let without = matches!(attrs.options.constraint, Some(Constraint::Without));
            nullable || without || entity.is_view()
        }
    }
}

/// The properties of a key that are set to null, unless all of them are.
fn set_null(options: &RelationOptions, key_from: &[Ident]) -> Vec<Ident> {
    let only = options.on_delete.as_ref().and_then(|written| written.only.clone());
    let is_whole = |only: &Vec<Ident>| key_from.iter().all(|part| only.contains(part));
    only.filter(|only| !is_whole(only)).unwrap_or_default()
}

/// Whether a transaction may break the key until its end.
pub(crate) fn deferrable(options: &RelationOptions) -> Option<Deferrable> {
    Deferrable::of(options.deferrable.as_ref(), options.initially_deferred.as_ref())
}

/// That of a `belongs_to`, unless it is to have none; a view has none.
fn foreign_key(attrs: &RelationAttrs, entity: &Entity, key_from: &[Ident]) -> Option<ForeignKey> {
    let name = match &attrs.options.constraint {
        _ if entity.is_view() => return None,
        Some(Constraint::Without) => return None,
        Some(Constraint::Named(name)) => Some(name.value()),
        None => None,
    };
    let action = |written: &Option<ReferentialAction>| {
        written.as_ref().map_or(Action::NoAction, |written| written.choice)
    };
    (attrs.kind == Kind::BelongsTo).then(|| ForeignKey {
        name,
        on_delete: action(&attrs.options.on_delete),
        on_update: action(&attrs.options.on_update),
        set_null: set_null(&attrs.options, key_from),
        deferrable: deferrable(&attrs.options),
    })
}

/// A foreign key gets an index unless that is turned off or there is one already: that of a key
/// which begins with these properties, or that of the sole property.
fn indexed(attrs: &RelationAttrs, entity: &Entity, sources: &[Option<&Property>]) -> bool {
    let leads_the_key = {
        let mut ids = entity.ids().map(|id| &id.name);
        sources.iter().all(|source| source.map(|source| &source.name) == ids.next())
    };
    let has_its_own =
        matches!(sources, [Some(sole)] if sole.indexed || entity.is_unique_in_all(sole));
    // A read-only table has the indexes that others made.
    let wanted = attrs.kind == Kind::BelongsTo
        && attrs.options.index.is_none()
        && entity.read_only().is_none();
    wanted && !leads_the_key && !has_its_own
}
