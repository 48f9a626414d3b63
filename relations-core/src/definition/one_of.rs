//! Definitions of relations to one of several entities.

use crate::definition::constraint_names::check_name;
use crate::definition::entity::EntityDefinition;
use crate::definition::quoting::quoted;
use crate::definition::relation::RelationDefinition;

/// Several relations of an entity of which a row follows one: an exclusive arc of foreign keys.
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
}

impl OneOfDefinition {
    /// Relations of which each row follows one.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, relations: &'static [&'static str]) -> Self {
        Self { name, relations, optional: false }
    }

    /// Lets rows follow none.
    #[doc(hidden)]
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The name of the CHECK constraint, and its condition: that one key is there, or one at most.
    ///
    /// No engine has another form for it that both understand and that needs no function.
    pub(crate) fn check(&self, entity: &EntityDefinition) -> (String, String) {
        let has_key = |relation: &RelationDefinition| {
            let columns = relation.key_from.iter().filter_map(|name| entity.property(name));
            let columns = columns.map(|one| format!("{} IS NULL", quoted(one.column)));
            format!("CASE WHEN {} THEN 0 ELSE 1 END", columns.collect::<Vec<_>>().join(" OR "))
        };
        let relations = self.relations.iter().filter_map(|name| entity.relation(name));
        let keys: Vec<_> = relations.map(has_key).collect();
        let compared = if self.optional { "<=" } else { "=" };
        (check_name(entity, self.name), format!("{} {compared} 1", keys.join(" + ")))
    }
}
