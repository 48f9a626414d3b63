//! Definitions of relations to one of several entities.

use crate::definition::constraint_names::check_name;
use crate::definition::entity::EntityDefinition;
use crate::definition::quoting::{quoted, text_literal};
use crate::definition::relation::RelationDefinition;

/// Several relations of an entity of which a row follows one: an exclusive arc of foreign keys, or a kind and an
/// id without a constraint.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)] struct Post { #[id] id: i64 }
/// # #[derive(Entity)] struct Photo { #[id] id: i64 }
/// #[derive(Entity)]
/// #[one_of(post, photo, name = "subject")]
/// struct Comment {
///     #[id]
///     id: i64,
///     #[belongs_to(Post)]
///     post_id: Option<i64>,
///     #[belongs_to(Photo)]
///     photo_id: Option<i64>,
/// }
///
/// let subject = Comment::DEFINITION.one_of[0];
/// assert_eq!((subject.name, subject.relations), ("subject", &["post", "photo"][..]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct OneOfDefinition {
    /// The name, which the accessor has too.
    pub name: &'static str,
    /// The relations, by their names.
    pub relations: &'static [&'static str],
    /// Whether a row may follow none of them.
    pub optional: bool,
    /// The property that holds the kind, where that says which relation a row follows, by one key for all;
    /// each relation has [its word](crate::definition::KindDefinition). No constraint promises a target.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub kind: Option<&'static str>,
    /// The property that holds the key, beside a kind.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key: Option<&'static str>,
}

impl OneOfDefinition {
    /// Relations of which each row follows one.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, relations: &'static [&'static str]) -> Self {
        Self { name, relations, optional: false, kind: None, key: None }
    }

    /// Lets rows follow none.
    #[doc(hidden)]
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Leads by a kind and a key, which promise no target.
    #[doc(hidden)]
    #[must_use]
    pub const fn by_kind(mut self, kind: &'static str, key: &'static str) -> Self {
        self.optional = true;
        self.kind = Some(kind);
        self.key = Some(key);
        self
    }

    /// The name of the CHECK constraint, and its condition.
    pub(crate) fn check(&self, entity: &EntityDefinition) -> (String, String) {
        let condition = self.known_kind(entity).unwrap_or_else(|| self.one_key(entity));
        (check_name(entity, self.name), condition)
    }

    /// The condition that a kind is a known one, and is there if the key is.
    fn known_kind(&self, entity: &EntityDefinition) -> Option<String> {
        let (kind, key) = (entity.property(self.kind?)?, entity.property(self.key?)?);
        let words = entity.relation(self.relations.first()?)?.key_kind?.words;
        let words: Vec<_> = words.iter().map(|word| text_literal(word)).collect();
        let column = quoted(kind.column);
        let known = format!("{column} IN ({})", words.join(", "));
        Some(if kind.nullable {
            let key = quoted(key.column);
            // A null in a comparison would pass.
            format!(
                "({column} IS NULL AND {key} IS NULL) OR ({column} IS NOT NULL AND {known} AND {key} IS NOT NULL)"
            )
        } else {
            known
        })
    }

    /// The condition that one key is there, or one at most.
    ///
    /// No engine has another form for it that both understand and that needs no function.
    fn one_key(&self, entity: &EntityDefinition) -> String {
        let has_key = |relation: &RelationDefinition| {
            let columns = relation.key_from.iter().filter_map(|name| entity.property(name));
            let columns = columns.map(|one| format!("{} IS NULL", quoted(one.column)));
            format!("CASE WHEN {} THEN 0 ELSE 1 END", columns.collect::<Vec<_>>().join(" OR "))
        };
        let relations = self.relations.iter().filter_map(|name| entity.relation(name));
        let keys: Vec<_> = relations.map(has_key).collect();
        let compared = if self.optional { "<=" } else { "=" };
        format!("{} {compared} 1", keys.join(" + "))
    }
}
