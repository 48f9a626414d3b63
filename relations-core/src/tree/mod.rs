//! Trees: hierarchies of an entity whose rows reference each other, as in an adjacency list.

pub(crate) mod nested;

pub use crate::tree::nested::{Children, Tree};

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use crate::ast::predicate::Predicate;
use crate::ast::scope::SelectScope;
use crate::ast::select::Select;
use crate::dialect::Dialect;
use crate::driver::execute::fetch;
use crate::driver::executor::Executor;
use crate::driver::statement::Statement;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::filter::IntoFilter;
use crate::query::execute::keyed;
use crate::query::identified::Identified;
use crate::relation::{Relation, RelationHandle};
use crate::sql::cache::Kept;
use crate::sql::operation::Operation;
use crate::sql::tree;
use crate::sql::tree::{Direction, Start, TreeWalk};
use crate::value::Value;
use crate::value::key::{IntoKey, Key, Parts};
use crate::value::parameter::Parameter;
use crate::value::row::Row;

/// The ancestors of an entity; see [`RelationHandle::ancestors`].
#[derive(Debug, Clone, Copy)]
pub struct Ancestors;

/// The descendants of an entity; see [`RelationHandle::descendants`].
#[derive(Debug, Clone, Copy)]
pub struct Descendants;

/// The one entity that a relation makes a tree of: its source, which is its target too.
///
/// A relation through a link makes none, since a row may have many parents by it:
///
/// ```compile_fail
/// # use relations::prelude::*;
/// # #[derive(Entity)]
/// # #[has_many(Person, name = "friends", through(Friendship, from = "one", to = "other"))]
/// # struct Person { #[id] id: i64 }
/// # #[derive(Entity)]
/// # struct Friendship {
/// #     #[id] #[belongs_to(Person, name = "one")] one_id: i64,
/// #     #[id] #[belongs_to(Person, name = "other")] other_id: i64,
/// # }
/// let all = Person::FRIENDS.descendants(&Person { id: 7 });
/// ```
#[diagnostic::on_unimplemented(
    message = "a relation from `{Source}` to `{Self}` makes no tree",
    label = "this asks for a relation of an entity with itself",
    note = "a tree is of one entity, whose rows point to each other, as in \
            `#[belongs_to(Category, name = \"parent\")] parent_id: Option<i64>`"
)]
pub trait SameEntity<Source> {}

#[diagnostic::do_not_recommend]
impl<E> SameEntity<E> for E {}

/// # Tree
///
/// Trees by a relation of an entity with itself, in which the child is the row that holds the
/// foreign key. `Category::PARENT` and `Category::CHILDREN` give the same results.
impl<R: Relation> RelationHandle<R> {
    /// A recursive query of the ancestors of an entity: its parent, the parent of the parent, and
    /// so on, in one statement.
    ///
    /// Even in a cycle the entity itself is not among its ancestors, and each ancestor is returned
    /// once. If the key to the parent is null, no statement is sent.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Category {
    /// #     #[id] id: i64,
    /// #     title: String,
    /// #     #[belongs_to(Category, name = "parent")] parent_id: Option<i64>,
    /// # }
    /// # async fn run(db: &relations::Database, category: Category) -> relations::Result<()> {
    /// let mut path = Category::PARENT.ancestors(&category).entities(db).await?;
    /// path.reverse();
    /// let titles: Vec<&str> = path.iter().map(|category| category.title.as_str()).collect();
    /// println!("{} > {}", titles.join(" > "), category.title);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "recursive")]
    #[doc(alias = "hierarchy")]
    #[doc(alias = "adjacency list")]
    pub fn ancestors(self, entity: &R::Source) -> Hierarchy<R::Source, Ancestors>
    where
        R::Source: Identified,
        R::Target: SameEntity<R::Source>,
    {
        Hierarchy::of::<R>(Direction::Up, entity)
    }

    /// A query of the ancestors of the entity with an id; see [`ancestors`](Self::ancestors). An
    /// entity that does not exist has no ancestors.
    pub fn ancestors_of_id(
        self,
        id: impl IntoKey<<R::Source as Entity>::Id>,
    ) -> Hierarchy<R::Source, Ancestors>
    where
        R::Source: Identified,
        R::Target: SameEntity<R::Source>,
    {
        Hierarchy::of_id::<R>(Direction::Up, &id.into_key())
    }

    /// A recursive query of the descendants of an entity: its children, their children, and so on,
    /// in one statement.
    ///
    /// Even in a cycle the entity itself is not among its descendants, and each descendant is
    /// returned once.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Category {
    /// #     #[id] id: i64,
    /// #     title: String,
    /// #     #[belongs_to(Category, name = "parent")] parent_id: Option<i64>,
    /// # }
    /// # async fn run(db: &relations::Database, category: Category) -> relations::Result<()> {
    /// for below in Category::PARENT.descendants(&category).max_depth(2).all(db).await? {
    ///     println!("{} is {} below", below.title, below.depth);
    /// }
    /// for tree in Category::PARENT.descendants(&category).trees(db).await? {
    ///     println!("{} has {} children", tree.title, tree.children.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "recursive")]
    #[doc(alias = "hierarchy")]
    #[doc(alias = "adjacency list")]
    pub fn descendants(self, entity: &R::Source) -> Hierarchy<R::Source, Descendants>
    where
        R::Source: Identified,
        R::Target: SameEntity<R::Source>,
    {
        Hierarchy::of::<R>(Direction::Down, entity)
    }

    /// A query of the descendants of the entity with an id; see [`descendants`](Self::descendants).
    /// An entity that does not exist has no descendants.
    pub fn descendants_of_id(
        self,
        id: impl IntoKey<<R::Source as Entity>::Id>,
    ) -> Hierarchy<R::Source, Descendants>
    where
        R::Source: Identified,
        R::Target: SameEntity<R::Source>,
    {
        Hierarchy::of_id::<R>(Direction::Down, &id.into_key())
    }

    /// A query of all trees: every row without a parent, at depth 0, with its descendants.
    ///
    /// A row has no parent if its key is null or has no target. Rows in a cycle have no root, and
    /// are not returned.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Category {
    /// #     #[id] id: i64,
    /// #     title: String,
    /// #     #[belongs_to(Category, name = "parent")] parent_id: Option<i64>,
    /// # }
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// for tree in Category::PARENT.forest().trees(db).await? {
    ///     for (depth, category) in tree.walk() {
    ///         println!("{}{}", "  ".repeat(depth), category.title);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn forest(self) -> Hierarchy<R::Source, Descendants>
    where
        R::Source: Identified,
        R::Target: SameEntity<R::Source>,
    {
        let (key, id) = (Vec::new(), Parts::new());
        Hierarchy::new::<R>(Direction::Down, Start::Roots, key, id)
    }
}

/// A query of the ancestors or descendants of an entity, which runs when a verb such as `all` is
/// awaited.
///
/// It is one statement, whatever the number and depth of the rows, and always ends, even in a
/// cycle.
#[must_use = "a query does nothing until one of its verbs is awaited"]
#[doc(alias = "recursive")]
#[doc(alias = "recursive cte")]
#[doc(alias = "adjacency list")]
pub struct Hierarchy<E, Rows> {
    select: Select,
    walk: TreeWalk,
    rows: PhantomData<fn() -> (E, Rows)>,
}

impl<E, Rows> Clone for Hierarchy<E, Rows> {
    fn clone(&self) -> Self {
        Self { select: self.select.clone(), walk: self.walk.clone(), rows: PhantomData }
    }
}

impl<E, Rows> fmt::Debug for Hierarchy<E, Rows> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Hierarchy").field(&self.walk).field(&self.select.predicate).finish()
    }
}

impl<E: Entity, Rows> Hierarchy<E, Rows> {
    fn new<R: Relation<Source = E>>(
        direction: Direction,
        start: Start,
        key: Vec<Parameter>,
        id: Parts,
    ) -> Self {
        const {
            assert!(
                R::DEFINITION.through.is_none(),
                "a relation that goes through a link makes no tree: a row may have many parents"
            );
            assert!(
                R::DEFINITION.key_array.is_none(),
                "a relation by an array of keys makes no tree: a row may have many parents"
            );
            assert!(
                R::DEFINITION.filter.is_none(),
                "a relation with a filter makes no tree, as it leaves out rows on the way: walk by one \
                 without, and filter the walk"
            );
            assert!(
                R::DEFINITION.key_kind.is_none(),
                "a relation by a kind and an id makes no tree, as rows of other kinds lead elsewhere"
            );
        }
        Self::unchecked::<R>(direction, start, key, id)
    }

    /// The rows around the entity with an id, by a relation that is checked at run time: `None` where it is
    /// not of one entity, goes through a link, or has a filter.
    #[cfg(feature = "serde")]
    pub(crate) fn reflected<R: Relation<Source = E>>(
        direction: Direction,
        id: &E::Id,
    ) -> Option<Self> {
        let makes_tree = R::DEFINITION.through.is_none()
            && R::DEFINITION.key_array.is_none()
            && R::DEFINITION.filter.is_none()
            && R::DEFINITION.key_kind.is_none()
            && R::Target::DEFINITION.is(R::Source::DEFINITION);
        let start = || Self::unchecked::<R>(direction, Start::Id, Vec::new(), id.to_parameters());
        makes_tree.then(start)
    }

    fn unchecked<R: Relation<Source = E>>(
        direction: Direction,
        start: Start,
        key: Vec<Parameter>,
        id: Parts,
    ) -> Self {
        let relation = R::DEFINITION;
        let mut select = Select::new(E::DEFINITION, SelectScope::Table);
        select.relation = Some(relation);
        select.visible = relation.visible();
        let walk = TreeWalk { relation, direction, start, key, id, max_depth: None };
        Self { select, walk, rows: PhantomData }
    }

    /// The rows around an entity in hand, found by its current key.
    fn of<R: Relation<Source = E>>(direction: Direction, entity: &E) -> Self {
        let id = entity.row_id().to_parameters();
        let mut hierarchy = Self::new::<R>(direction, Start::Entity, Vec::new(), id);
        let properties = entity.parameters();
        for name in hierarchy.walk.step().0 {
            let at = E::DEFINITION.properties.iter().position(|property| property.name == *name);
            hierarchy.walk.key.extend(at.and_then(|at| properties.get(at)).cloned());
        }
        if hierarchy.walk.key.iter().any(Parameter::is_null) {
            hierarchy.select.scope = SelectScope::Nothing;
        }
        hierarchy
    }

    fn of_id<R: Relation<Source = E>>(direction: Direction, id: &E::Id) -> Self {
        Self::new::<R>(direction, Start::Id, Vec::new(), id.to_parameters())
    }

    /// Limits the depth: 1 is the parent or the children.
    pub fn max_depth(mut self, depth: usize) -> Self {
        if depth == 0 && self.walk.start != Start::Roots {
            self.select.scope = SelectScope::Nothing;
        }
        self.walk.max_depth = Some(i64::try_from(depth).unwrap_or(i64::MAX));
        self
    }

    /// Keeps only the rows that also match a filter.
    ///
    /// It selects the rows to return, not the path: rows beyond one that is left out are still
    /// returned, except in nested [trees](Hierarchy::trees), which cannot hold them.
    pub fn filter(mut self, filter: impl IntoFilter<E>) -> Self {
        self.select.predicate = self.select.predicate.and(filter.into_filter().predicate);
        self
    }

    /// The statement, which is written once and kept where nothing narrows it.
    fn statement(&self, dialect: Dialect) -> Result<Statement> {
        let Self { select, walk, .. } = self;
        let write = || tree::walk(dialect, select, walk);
        if !matches!(select.predicate, Predicate::Always) || walk.max_depth.is_some() {
            return Ok(select.reading_statement(write()?));
        }
        let kept = Kept::Walk(walk.relation.name, walk.direction, walk.start);
        let sql = E::sql_cache().sql(dialect, kept, || write().map(|lowered| lowered.sql))?;
        let statement = keyed(Operation::Select, sql, &walk.parameters(), write)?;
        let may = select.lock.strength.is_none();
        Ok(statement.about(select.entity, select.relation).on_replica_if(may))
    }

    async fn fetch<T: Send>(
        &self,
        db: &impl Executor,
        read: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        if self.select.is_empty() {
            return Ok(Vec::new());
        }
        fetch(db, &self.statement(db.dialect())?, read).await
    }

    /// All rows with their depth, sorted by depth, then by id.
    ///
    /// # Errors
    ///
    /// The database cannot be reached or rejects the statement, or a row does not fit the entity.
    pub async fn all(self, db: &impl Executor) -> Result<Vec<AtDepth<E>>> {
        let read =
            |row: &Row<'_>| Ok(AtDepth { entity: E::read(row, 0)?, depth: depth::<E>(row)? });
        let mut rows = self.fetch(db, read).await?;
        if self.walk.direction == Direction::Up {
            // A walk up into a circle meets some rows again before it knows.
            let mut met = HashSet::new();
            rows.retain(|row| met.insert(row.entity.row_id()));
        }
        Ok(rows)
    }

    /// All rows, in the order of [`all`](Self::all), without their depth.
    pub async fn entities(self, db: &impl Executor) -> Result<Vec<E>> {
        Ok(self.all(db).await?.into_iter().map(|row| row.entity).collect())
    }
}

impl<E: Entity> Hierarchy<E, Descendants> {
    /// The rows as nested trees: the children of the entity, or in a [forest](RelationHandle::forest) the
    /// rows without a parent, each with its descendants. Siblings are sorted by their id.
    ///
    /// A row that a filter leaves out is left out with its descendants.
    pub async fn trees(self, db: &impl Executor) -> Result<Vec<Tree<E>>> {
        let read = |row: &Row<'_>| {
            let (depth, parent) = (depth::<E>(row)?, parent::<E>(row)?);
            Ok(nested::FoundRow { entity: E::read(row, 0)?, depth, parent })
        };
        let top = match self.walk.start {
            Start::Entity | Start::Id => 1,
            Start::Roots => 0,
        };
        Ok(nested::nest(self.fetch(db, read).await?, top))
    }
}

/// An entity with its depth: 1 for a parent or a child, 0 for a root of a
/// [forest](RelationHandle::forest).
///
/// With the feature `serde` it is serialized as the entity's members and `depth` beside them, so
/// rename a property that is serialized as `depth`, by `#[serde(rename = "…")]`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AtDepth<E> {
    /// The entity.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub entity: E,
    /// The number of steps to it.
    pub depth: usize,
}

impl<E> Deref for AtDepth<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.entity
    }
}

impl<E> DerefMut for AtDepth<E> {
    fn deref_mut(&mut self) -> &mut E {
        &mut self.entity
    }
}

/// The depth of a row, behind the entity.
fn depth<E: Entity>(row: &Row<'_>) -> Result<usize> {
    let depth = row.cell(E::DEFINITION.properties.len()).and_then(<i64 as Value>::read);
    let depth = depth.map_err(|why| Error::row("depth", "depth", "i64", why))?;
    Ok(usize::try_from(depth).unwrap_or_default())
}

/// The id of a row's parent, behind the depth.
fn parent<E: Entity>(row: &Row<'_>) -> Result<E::Id> {
    let mut positions = E::DEFINITION.properties.len() + 1..;
    let parent = E::Id::read_key(|| row.cell(positions.next().unwrap_or(usize::MAX)));
    parent.map_err(|why| Error::row("parent", "parent", "an id", why))
}
