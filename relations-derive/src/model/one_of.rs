//! The meaning of `#[one_of]`.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use super::{Relation, name};
use crate::attr::{OneOfAttrs, SerdeCase};
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
        attrs: OneOfAttrs,
    ) -> Option<Self> {
        let Some(name) = attrs.options.name.as_ref().map(|name| name.0.clone()) else {
            let message = "name what these relations lead to, as in `name = \"subject\"`";
            errors.at(&attrs.attribute, message);
            return None;
        };
        let arms = attrs.relations.iter().map(|arm| {
            let word = arm.unraw();
            let variant = name::variant(arm);
            OneOfArm {
                at: relations.iter().position(|relation| relation.name.unraw() == word),
                row: name::row(&variant),
                variant,
                name: arm.clone(),
            }
        });
        Some(Self {
            constant: name::constant(&name),
            targets: name::targets(entity, &name),
            marker: name::one_of(entity, &name),
            slot: name::slot(entity, &name),
            member: name::member(serialized, &name),
            arms: arms.collect(),
            optional: attrs.options.optional.is_some(),
            name,
            attrs,
        })
    }

    /// The relations, where each exists.
    pub(crate) fn relations<'e>(&self, relations: &'e [Relation]) -> Option<Vec<&'e Relation>> {
        self.arms.iter().map(|arm| relations.get(arm.at?)).collect()
    }
}
