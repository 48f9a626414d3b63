//! Definitions of keys that lead to one of several entities, as a property beside says.

/// The kind of the rows that lead to one entity, of a relation by a kind and an id.
///
/// Such a relation has no foreign key: the target of a row may be missing.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # #[has_many(Comment, key_to = "subject_id")]
/// # struct Post { #[id] id: i64 }
/// # #[derive(Entity)] struct Photo { #[id] id: i64 }
/// #[derive(Entity)]
/// #[one_of(Post, Photo, name = "subject", kind = "subject_type", key = "subject_id")]
/// struct Comment {
///     #[id]
///     id: i64,
///     subject_type: String,
///     subject_id: i64,
/// }
///
/// let kind = Comment::POST.definition().key_kind.unwrap();
/// assert_eq!((kind.property, kind.key, kind.word), ("subject_type", "subject_id", "post"));
/// assert_eq!(kind.words, ["post", "photo"]);
///
/// // The inverse leads to the rows of that kind.
/// assert_eq!(Post::COMMENTS.definition().key_kind, Some(kind));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct KindDefinition {
    /// The property that holds the kind.
    pub property: &'static str,
    /// The property that holds the key of the target.
    pub key: &'static str,
    /// The word in the rows that lead to the target.
    pub word: &'static str,
    /// The words of all targets.
    pub words: &'static [&'static str],
    /// Both properties: the key, and the kind.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) both: &'static [&'static str],
}

impl KindDefinition {
    /// The kind of the rows that hold a word beside the key.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        both: &'static [&'static str; 2],
        word: &'static str,
        words: &'static [&'static str],
    ) -> Self {
        let [key, property] = *both;
        Self { property, key, word, words, both }
    }

    /// Numbers that identify the kind among those of an entity in a fingerprint.
    pub(crate) fn words_of(self) -> [usize; 2] {
        [self.word.as_ptr().addr(), self.word.len()]
    }
}
