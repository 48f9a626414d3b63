//! Relations to one of several entities by a kind and a key, without a constraint.

use crate::ast::predicate::{Comparison, Predicate};
use crate::ast::term::{Field, Operand};
use crate::definition::property::{ColumnType, PropertyDefinition};
use crate::entity::Entity;
use crate::filter::Filter;
use crate::query::{Query, Update};
use crate::relation::one_of::{Arm, OneOf, OneOfHandle};
use crate::relation::{Place, Relation, RelationHandle};
use crate::repository::writable::Writable;
use crate::sql::change::Assignment;
use crate::value::parameter::Parameter;

/// A relation to one of several entities by a kind and a key: `#[one_of(…, kind = "…", key = "…")]`.
#[diagnostic::on_unimplemented(
    message = "the relations of `{Self}` have a foreign key each",
    label = "this is not a relation by a kind and a key",
    note = "set the foreign keys, as in `.set(Comment::POST_ID, 3).set(Comment::PHOTO_ID, None)`"
)]
pub trait OneOfByKind: OneOf {
    /// The key of a target, as the variant of its kind: `CommentSubject::Post(3)`; or an `Option` of it.
    type Key: Send;

    /// The kind and the key, as a row is given them.
    #[doc(hidden)]
    fn assignments(key: Self::Key) -> [Option<Assignment>; 2];
}

impl<A: OneOf> OneOfHandle<A> {
    /// Whether a row follows one of the relations: its kind is that, or that foreign key is there. Of a kind and
    /// a key the target may be missing; [`is_present`](RelationHandle::is_present) of the relation asks for it.
    ///
    /// ```
    /// # use relations::prelude::*;
    /// # #[derive(Entity)] struct Post { #[id] id: i64 }
    /// # #[derive(Entity)] struct Photo { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # #[one_of(Post, Photo, name = "subject", kind = "subject_type", key = "subject_id")]
    /// # struct Comment { #[id] id: i64, subject_type: String, subject_id: i64 }
    /// let on_posts = Comment::find().filter(Comment::SUBJECT.is(Comment::POST));
    /// ```
    pub fn is<R>(self, _: RelationHandle<R>) -> Filter<A::Source>
    where
        R: Relation<Source = <A as Place>::Source>,
        A::Targets: Arm<R>,
    {
        let source = R::Source::DEFINITION;
        let kind = R::DEFINITION.kind_of_source();
        if let Some((kind, property)) =
            kind.and_then(|kind| Some((kind, source.property(kind.property)?)))
        {
            let found = Operand::Term(Field::of(source, property).into());
            let word = Operand::Parameter(Parameter::text(kind.word));
            return Filter::new(Predicate::Compare(found, Comparison::Equal, word));
        }
        let key = R::DEFINITION.key_from.iter().filter_map(|name| source.property(name));
        Filter::all(key.map(|part| {
            let term = Field::of(source, part).into();
            Filter::new(Predicate::Null { term, negated: true })
        }))
    }
}

impl<E: Writable> Query<E> {
    /// Sets the kind and the key of a relation in every row at once, when [`update`](Update::update) is awaited.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)] struct Post { #[id] id: i64 }
    /// # #[derive(Entity)] struct Photo { #[id] id: i64 }
    /// # #[derive(Entity)]
    /// # #[one_of(Post, Photo, name = "subject", kind = "subject_type", key = "subject_id")]
    /// # struct Comment { #[id] id: i64, subject_type: String, subject_id: i64 }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let changed =
    ///     Comment::find_by_id(7).set_one_of(Comment::SUBJECT, CommentSubject::Photo(3)).update(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_one_of<A>(self, one_of: OneOfHandle<A>, key: A::Key) -> Update<E>
    where
        A: OneOfByKind + Place<Source = E>,
    {
        Update::of(self).set_one_of(one_of, key)
    }
}

impl<E: Entity> Update<E> {
    /// Sets the kind and the key of a relation as well; see [`Query::set_one_of`].
    pub fn set_one_of<A>(mut self, _: OneOfHandle<A>, key: A::Key) -> Self
    where
        A: OneOfByKind + Place<Source = E>,
    {
        for one in A::assignments(key).into_iter().flatten() {
            self.changes_mut().set(one);
        }
        self
    }
}

/// A kind to be written; `None` is null. Generated code calls it.
#[doc(hidden)]
#[must_use]
pub fn kind_assignment(
    property: &'static PropertyDefinition,
    word: Option<&str>,
) -> Option<Assignment> {
    let parameter = word.map_or_else(|| Parameter::null(ColumnType::Text), Parameter::text);
    Some(Assignment { property, parameter })
}
