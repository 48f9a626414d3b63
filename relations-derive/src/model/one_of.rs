//! The meaning of `#[one_of]`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;

use super::relation::of_self;
use super::{Kind, Relation, name};
use crate::attr::{
    Constraint, Disabled, Keys, KindAttrs, KindTargetAttrs, OneOfAttrs, RelationAttrs,
    RelationOptions, SerdeCase,
};
use crate::error::Errors;

/// Several relations of which a row follows one.
pub(crate) struct OneOf {
    pub(crate) name: Ident,
    /// `SUBJECT`
    pub(crate) constant: Ident,
    /// `CommentSubject`, the enum of its targets
    pub(crate) targets: Ident,
    /// `CommentSubjectOneOf`
    pub(crate) marker: Ident,
    /// `Subject`, the parameter of `CommentWith`
    pub(crate) slot: Ident,
    /// Its name when it is serialized.
    pub(crate) member: String,
    pub(crate) arms: Vec<OneOfArm>,
    pub(crate) optional: bool,
    /// The properties that hold the kind and the key, where these say which relation a row follows.
    pub(crate) kind: Option<(Ident, Ident)>,
    /// The tokens to underline.
    pub(crate) attrs: OneOfAttrs,
}

/// One of the relations.
pub(crate) struct OneOfArm {
    /// The relation's name.
    pub(crate) name: Ident,
    /// Its position among the relations of the entity; `None` where there is none of that name.
    pub(crate) at: Option<usize>,
    /// `Post`, the variant
    pub(crate) variant: Ident,
    /// `ToPost`, the parameter of the enum
    pub(crate) row: Ident,
}

impl OneOf {
    /// `None` where it has no name, which is reported.
    pub(crate) fn build(
        errors: &mut Errors,
        entity: &Ident,
        serialized: Option<SerdeCase>,
        relations: &[Relation],
        (position, attrs): (usize, OneOfAttrs),
    ) -> Option<Self> {
        let Some(name) = attrs.options.name.as_ref().map(|name| name.0.clone()) else {
            let message = "name what these relations lead to, as in `name = \"subject\"`";
            errors.at(&attrs.attribute, message);
            return None;
        };
        let arm = |arm: &Ident, at| {
            let variant = name::variant(arm);
            OneOfArm { at, row: name::row(&variant), variant, name: arm.clone() }
        };
        let named = attrs.relations.iter().map(|name| {
            let word = name.unraw();
            arm(name, relations.iter().position(|relation| relation.name.unraw() == word))
        });
        let is_own = |relation: &Relation| {
            relation.attrs.of_kind.as_ref().is_some_and(|kind| kind.one_of == position)
        };
        let made = relations.iter().enumerate().filter(|(_, relation)| is_own(relation));
        let made = made.map(|(at, relation)| arm(&relation.name, Some(at)));
        let arms: Vec<_> = named.chain(made).collect();
        let options = &attrs.options;
        let kind = options.kind.as_ref().zip(options.key.as_ref());
        let kind = kind.map(|(kind, key)| (kind.0.clone(), key.0.clone()));
        Some(Self {
            constant: name::constant(&name),
            targets: name::targets(entity, &name),
            marker: name::one_of(entity, &name),
            slot: name::slot(entity, &name),
            member: name::member(serialized, &name),
            arms,
            optional: options.optional.is_some() || kind.is_some(),
            kind,
            name,
            attrs,
        })
    }

    /// The relations, where each exists.
    pub(crate) fn relations<'e>(&self, relations: &'e [Relation]) -> Option<Vec<&'e Relation>> {
        self.arms.iter().map(|arm| relations.get(arm.at?)).collect()
    }
}

/// The relations that a kind and a key make: one to each target, without a constraint.
pub(super) fn by_kind(entity: &Ident, one_of: &[OneOfAttrs]) -> Vec<RelationAttrs> {
    let all = one_of.iter().enumerate().filter_map(|(at, attrs)| {
        let (kind, key) = (attrs.options.kind.as_ref()?, attrs.options.key.as_ref()?);
        let words: Vec<_> = attrs.targets.iter().map(|to| word(entity, to)).collect();
        let relations = attrs.targets.iter().zip(words.clone()).map(move |(to, word)| {
            let KindTargetAttrs { target, options } = to;
            let of_kind = KindAttrs {
                one_of: at,
                property: kind.0.clone(),
                word,
                words: words.clone(),
                written: options
                    .kind
                    .as_ref()
                    .map_or_else(|| target.to_token_stream(), |word| word.0.to_token_stream()),
            };
            let options = RelationOptions {
                name: options.name.clone(),
                key_from: Some(Keys {
                    option: key.0.to_token_stream(),
                    names: vec![key.0.clone()],
                }),
                key_to: options.key_to.clone(),
                constraint: Some(Constraint::Without),
                // There is one of the key with the kind.
                index: Some(Disabled),
                unscoped: options.unscoped.clone(),
                ..RelationOptions::default()
            };
            RelationAttrs {
                kind: Kind::BelongsTo,
                attribute: attrs.attribute.clone(),
                target: Some(target.clone()),
                options,
                through: None,
                of_kind: Some(of_kind),
            }
        });
        Some(relations.collect::<Vec<_>>())
    });
    all.flatten().collect()
}

/// The word of a target: as written, else the name of its relation.
fn word(entity: &Ident, to: &KindTargetAttrs) -> String {
    let KindTargetAttrs { target, options } = to;
    let target = of_self(target.clone(), entity);
    match (&options.kind, &options.name, target.segments.last()) {
        (Some(word), ..) => word.0.value(),
        (None, Some(name), _) => name.0.unraw().to_string(),
        (None, None, Some(last)) => name::singular(&name::snake(&last.ident)),
        (None, None, None) => String::new(),
    }
}
