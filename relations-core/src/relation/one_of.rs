//! Relations to one of several entities: an exclusive arc of foreign keys.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use crate::ast::inclusion::{Inclusion, Strategy};
use crate::driver::executor::Executor;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::include::IntoInclusion;
use crate::loader::rounds;
use crate::relation::arity::Optional;
use crate::relation::{Place, Relation};
use crate::value::mismatch::Mismatch;
use crate::value::type_bounds::{Impossible, Never};

/// A polymorphic relation as a type; `#[one_of(post, photo, name = "subject")]` generates one.
pub trait OneOf: Place {
    /// The target of a source: an enum with a variant for each relation, or an `Option` of it where a row
    /// may follow none.
    type Targets: Send;

    /// The name, which its accessor has too.
    const NAME: &'static str;

    /// Hands each relation, with all of its targets, to a function.
    #[doc(hidden)]
    fn each_inclusion(each: &mut dyn FnMut(Inclusion));

    /// The targets of some sources, in their order.
    #[doc(hidden)]
    fn load(
        db: &impl Executor,
        sources: Vec<&Self::Source>,
    ) -> impl Future<Output = Result<Vec<Self::Targets>>> + Send;
}

/// A type of targets of which one arm may be of another type: `CommentSubject<PostWith<User>>`.
#[diagnostic::on_unimplemented(
    message = "this relation is not one of those that `{Self}` holds",
    label = "expected a relation that the `#[one_of]` names"
)]
pub trait Arm<R> {
    /// The type with that in the place of the arm's target.
    type With<T: Send>: Send;
}

impl<R, S: Arm<R>> Arm<R> for Option<S> {
    type With<T: Send> = Option<S::With<T>>;
}

/// A polymorphic relation as a value: `Comment::SUBJECT`.
///
/// ```
/// # use relations::prelude::*;
/// # #[derive(Debug, PartialEq, Entity)] struct User { #[id(generated)] id: i64, name: String }
/// #[derive(Debug, PartialEq, Entity)]
/// #[has_many(Comment)]
/// struct Post {
///     #[id(generated)]
///     id: i64,
///     #[belongs_to(User, name = "author")]
///     author_id: i64,
/// }
///
/// #[derive(Debug, PartialEq, Entity)]
/// #[has_many(Comment)]
/// struct Photo {
///     #[id(generated)]
///     id: i64,
/// }
///
/// #[derive(Debug, PartialEq, Entity)]
/// #[one_of(post, photo, name = "subject")]
/// struct Comment {
///     #[id(generated)]
///     id: i64,
///     #[belongs_to(Post)]
///     post_id: Option<i64>,
///     #[belongs_to(Photo)]
///     photo_id: Option<i64>,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> relations::Result<()> {
/// # let db = relations::connect("sqlite::memory:").await?;
/// # db.create(schema![User, Post, Photo, Comment]).await?;
/// # let ada = NewUser { name: "Ada".into() }.insert(&db).await?;
/// # let post = NewPost { author_id: ada.id }.insert(&db).await?;
/// # let photo = NewPhoto {}.insert(&db).await?;
/// # NewComment { post_id: Some(post.id), photo_id: None }.insert(&db).await?;
/// # let comment = NewComment { post_id: None, photo_id: Some(photo.id) }.insert(&db).await?;
///
/// let subject: CommentSubject = comment.subject(&db).await?;
/// assert_eq!(subject, CommentSubject::Photo(photo));
///
/// let comments: Vec<CommentWith<CommentSubject<PostWith<User>>>> = Comment::find()
///     .order_by(Comment::ID.asc())
///     .include(Comment::SUBJECT.with(Comment::POST.include(Post::AUTHOR)))
///     .all(&db)
///     .await?;
/// match &comments[0].subject {
///     CommentSubject::Post(post) => assert_eq!(post.author.name, "Ada"),
///     CommentSubject::Photo(_) => unreachable!(),
/// }
/// # Ok(())
/// # }
/// ```
///
/// It has a real foreign key for each kind of target, and a CHECK constraint requires exactly one of them in
/// each row.
#[doc(alias = "polymorphic")]
#[doc(alias = "exclusive arc")]
pub struct OneOfHandle<A>(PhantomData<fn() -> A>);

impl<A> OneOfHandle<A> {
    /// The relations, which the derive makes a constant.
    #[doc(hidden)]
    pub const ONE_OF: Self = Self(PhantomData);
}

impl<A> Clone for OneOfHandle<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for OneOfHandle<A> {}

impl<A: OneOf> fmt::Debug for OneOfHandle<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", <A as Place>::Source::NAME, A::NAME)
    }
}

impl<A: OneOf> OneOfHandle<A> {
    /// The targets of many sources, in the order of the sources, by one statement for each kind of target.
    ///
    /// # Errors
    ///
    /// A source has none of the keys, or several ([`Error::is_row_mismatch`]); or a key has no target,
    /// although a constraint guarantees one ([`Error::is_target_missing`]).
    pub async fn load<'a>(
        self,
        db: &impl Executor,
        sources: impl IntoIterator<Item = &'a A::Source>,
    ) -> Result<Vec<A::Targets>> {
        A::load(db, sources.into_iter().collect()).await
    }

    /// Sets the include of one kind of target, as in
    /// `Comment::SUBJECT.with(Comment::POST.include(Post::AUTHOR))`.
    pub fn with<I>(self, arm: I) -> OneOfIncluding<A, WithArm<A, I, A::Targets>>
    where
        I: IntoInclusion<A::Source>,
        A::Targets: Arm<I::Relation>,
    {
        OneOfIncluding::<A, A::Targets>::all().with(arm)
    }

    /// Includes the target as an `Option`: `None` if a filter of [`with`](Self::with) leaves it out.
    pub fn optional(self) -> OneOfIncluding<A, Option<A::Targets>>
    where
        A::Targets: NotOptional,
    {
        OneOfIncluding::all()
    }

    /// Includes the targets by the statement that loads the sources; see [`Strategy::Joined`].
    pub fn joined(self) -> OneOfIncluding<A, A::Targets> {
        OneOfIncluding::all().by(Strategy::Joined)
    }

    /// Includes the targets by a statement for each relation that is sent the keys; see
    /// [`Strategy::Batched`].
    pub fn batched(self) -> OneOfIncluding<A, A::Targets> {
        OneOfIncluding::all().by(Strategy::Batched)
    }

    /// Includes the targets by a statement for each relation that is sent together with that of the sources;
    /// see [`Strategy::Pipelined`].
    pub fn pipelined(self) -> OneOfIncluding<A, A::Targets> {
        OneOfIncluding::all().by(Strategy::Pipelined)
    }
}

/// The type of the targets `S` with another type for one arm.
type WithArm<A, I, S> = <S as Arm<<I as IntoInclusion<<A as Place>::Source>>::Relation>>::With<
    <I as IntoInclusion<<A as Place>::Source>>::Required,
>;

/// An include of a polymorphic relation: `S` is the type of the target.
#[must_use = "a relation is followed by the query that includes it"]
pub struct OneOfIncluding<A, S> {
    inclusions: Vec<Inclusion>,
    one_of: PhantomData<fn() -> (A, S)>,
}

impl<A, S> Clone for OneOfIncluding<A, S> {
    fn clone(&self) -> Self {
        Self { inclusions: self.inclusions.clone(), one_of: PhantomData }
    }
}

impl<A, S> fmt::Debug for OneOfIncluding<A, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("OneOfIncluding").field(&self.inclusions).finish()
    }
}

impl<A: OneOf, S> OneOfIncluding<A, S> {
    fn all() -> Self {
        let mut inclusions = Vec::new();
        A::each_inclusion(&mut |inclusion| inclusions.push(inclusion));
        Self { inclusions, one_of: PhantomData }
    }

    fn by(mut self, strategy: Strategy) -> Self {
        for inclusion in &mut self.inclusions {
            inclusion.strategy = Some(strategy);
        }
        self
    }

    /// Sets the include of one kind of target; see [`OneOfHandle::with`].
    pub fn with<I>(mut self, arm: I) -> OneOfIncluding<A, WithArm<A, I, S>>
    where
        I: IntoInclusion<A::Source>,
        S: Arm<I::Relation>,
    {
        arm.each_inclusion(|arm| {
            for inclusion in &mut self.inclusions {
                if inclusion.relation.name == arm.relation.name {
                    let strategy = arm.strategy.or(inclusion.strategy);
                    *inclusion = Inclusion { strategy, ..arm.clone() };
                }
            }
        });
        OneOfIncluding { inclusions: self.inclusions, one_of: PhantomData }
    }
}

impl<A: OneOf, S: NotOptional> OneOfIncluding<A, S> {
    /// Includes the target as an `Option`: `None` if a filter of [`with`](Self::with) leaves it out.
    pub fn optional(self) -> OneOfIncluding<A, Option<S>> {
        OneOfIncluding { inclusions: self.inclusions, one_of: PhantomData }
    }
}

/// A type of targets that is not an `Option` already.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this is optional already",
    label = "a row may follow none of these relations"
)]
pub trait NotOptional {}

#[diagnostic::do_not_recommend]
impl<A: OneOf> IntoInclusion<<A as Place>::Source> for OneOfHandle<A> {
    type Relation = A;
    type Targets = A::Targets;
    type Required = A::Targets;

    fn each_inclusion(self, mut each: impl FnMut(Inclusion)) {
        A::each_inclusion(&mut each);
    }
}

#[diagnostic::do_not_recommend]
impl<E, A: OneOf> IntoInclusion<E> for OneOfHandle<A>
where
    Never<(E, A)>: Impossible,
{
    type Relation = A;
    type Targets = A::Targets;
    type Required = A::Targets;

    fn each_inclusion(self, _: impl FnMut(Inclusion)) {
        <Never<(E, A)>>::never::<()>();
    }
}

#[diagnostic::do_not_recommend]
impl<A: OneOf, S: Send> IntoInclusion<<A as Place>::Source> for OneOfIncluding<A, S> {
    type Relation = A;
    type Targets = S;
    type Required = S;

    fn each_inclusion(self, each: impl FnMut(Inclusion)) {
        self.inclusions.into_iter().for_each(each);
    }
}

#[diagnostic::do_not_recommend]
impl<E, A: OneOf, S: Send> IntoInclusion<E> for OneOfIncluding<A, S>
where
    Never<(E, A)>: Impossible,
{
    type Relation = A;
    type Targets = S;
    type Required = S;

    fn each_inclusion(self, _: impl FnMut(Inclusion)) {
        <Never<(E, A)>>::never::<()>();
    }
}

/// Follows one of several relations from a source; accessors call it.
#[doc(hidden)]
pub async fn follow_one_of<A: OneOf>(source: &A::Source, db: &impl Executor) -> Result<A::Targets> {
    let mut targets = A::load(db, vec![source]).await?;
    targets.pop().ok_or_else(|| mismatch::<A>("none of them"))
}

/// The targets of sources by one of several relations.
#[doc(hidden)]
pub async fn load_arm<R: Relation<Arity = Optional>>(
    db: &impl Executor,
    sources: &[&R::Source],
) -> Result<std::vec::IntoIter<Option<R::Target>>> {
    let targets = rounds::targets::<R>(db, sources.to_vec()).await?;
    Ok(targets.into_iter())
}

/// The target of the relation that a source follows.
///
/// # Errors
///
/// There are several.
#[doc(hidden)]
pub fn only_arm<A: OneOf, S, const N: usize>(found: [Option<S>; N]) -> Result<Option<S>> {
    let mut found = found.into_iter().flatten();
    let only = found.next();
    if found.next().is_some() { Err(mismatch::<A>("several of them")) } else { Ok(only) }
}

/// The target of the relation that a source follows.
///
/// # Errors
///
/// There is none.
#[doc(hidden)]
pub fn required_arm<A: OneOf, S>(found: Option<S>) -> Result<S> {
    found.ok_or_else(|| {
        mismatch::<A>(
            "none of them; where a filter leaves out targets, include them with `.optional()`",
        )
    })
}

#[cold]
fn mismatch<A: OneOf>(found: &'static str) -> Error {
    let why = Mismatch::Value(found.into());
    Error::row(A::NAME, A::NAME, "the target of one relation", why)
        .entity_is(<A as Place>::Source::DEFINITION)
}
