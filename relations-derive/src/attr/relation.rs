//! `#[belongs_to(…)]`, `#[has_many(…)]`, `#[has_one(…)]`

use proc_macro2::Ident;
use syn::{Attribute, LitBool, LitStr, Path};

use super::keyword::{Action, Kind};
use super::option::{Keys, Options};
use crate::error::Errors;

/// A relation as it was written.
pub(crate) struct RelationAttrs {
    pub(crate) kind: Kind,
    /// The whole attribute, to underline.
    pub(crate) attribute: Attribute,
    /// Missing only where that was reported.
    pub(crate) target: Option<Path>,
    pub(crate) name: Option<Ident>,
    pub(crate) key_from: Option<Keys>,
    pub(crate) key_to: Option<Keys>,
    pub(crate) on_delete: Option<(LitStr, Action)>,
    pub(crate) on_update: Option<(LitStr, Action)>,
    pub(crate) constraint: Option<ConstraintAttr>,
    pub(crate) index: Option<LitBool>,
}

/// `constraint = "orders_customer"`, `constraint = false`
pub(crate) enum ConstraintAttr {
    Named(LitStr),
    Without,
}

impl RelationAttrs {
    /// A `#[belongs_to]` on the field that holds the key.
    pub(crate) fn on_field(errors: &mut Errors, attribute: &Attribute) -> Option<Self> {
        let options = Options::of(errors, Kind::BelongsTo.keyword(), attribute)?;
        Self::read(options, Kind::BelongsTo, attribute, |options| {
            options.misplaced(
                "key_from",
                "`key_from` is the field itself; remove it, or move `#[belongs_to]` to the struct",
            );
            None
        })
    }

    /// A relation on the struct.
    pub(crate) fn on_struct(
        errors: &mut Errors,
        kind: Kind,
        attribute: &Attribute,
    ) -> Option<Self> {
        let options = Options::of(errors, kind.keyword(), attribute)?;
        Self::read(options, kind, attribute, |options| options.keys("key_from"))
    }

    /// `None` where an option was not understood: what follows from it would be said twice.
    fn read(
        mut options: Options<'_>,
        kind: Kind,
        attribute: &Attribute,
        key_from: impl FnOnce(&mut Options<'_>) -> Option<Keys>,
    ) -> Option<Self> {
        let target = options.target();
        let mut attrs = Self {
            kind,
            attribute: attribute.clone(),
            target,
            name: options.identifier("name"),
            key_from: key_from(&mut options),
            key_to: options.keys("key_to"),
            on_delete: None,
            on_update: None,
            constraint: None,
            index: None,
        };
        match kind {
            Kind::BelongsTo => attrs.read_foreign_key(&mut options),
            Kind::HasMany | Kind::HasOne => attrs.refuse_foreign_key(&mut options),
        }
        options.misplaced(
            "through",
            "`through` is not supported yet; relate both sides to the link entity",
        );
        options.finish().then_some(attrs)
    }

    fn read_foreign_key(&mut self, options: &mut Options<'_>) {
        self.on_delete = options.choice("on_delete", &Action::WORDS);
        self.on_update = options.choice("on_update", &Action::WORDS);
        self.constraint = options.text_or_false("constraint").map(|constraint| match constraint {
            Ok(name) => ConstraintAttr::Named(name),
            Err(_) => ConstraintAttr::Without,
        });
        self.index = options.refusal("index");
    }

    /// The foreign key is the other side's, and so is what is said of it.
    fn refuse_foreign_key(&self, options: &mut Options<'_>) {
        let target = self.target.as_ref().and_then(|target| target.segments.last());
        let place = target.map_or_else(String::new, |target| format!(" of `{}`", target.ident));
        for name in ["on_delete", "on_update", "constraint", "index"] {
            options.misplaced(
                name,
                &format!(
                    "`{name}` belongs to the foreign key; move it to the `#[belongs_to]`{place}"
                ),
            );
        }
    }
}
