//! Rows nested in each other.
//!
//! A tree may be as deep as there are rows. What is done to all of it goes along a list of its
//! own, so that no depth is too much for the stack.

use std::collections::HashMap;
use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::entity::Entity;

/// An entity with its descendants, nested.
///
/// With the feature `serde` it is serialized as the entity's members and `children` beside them, so
/// rename a property that is serialized as `children`, by `#[serde(rename = "…")]`.
///
/// It derefs to the entity. Dropping, cloning, comparing and [`walk`](Self::walk)ing it work at any
/// depth; `Debug` and `Serialize` are recursive.
///
/// ```
/// # use relations::prelude::*;
/// # use relations::tree::Tree;
/// # #[derive(Entity)]
/// # struct Category {
/// #     #[id] id: i64,
/// #     title: String,
/// #     #[belongs_to(Category, name = "parent")] parent_id: Option<i64>,
/// # }
/// fn print(tree: &Tree<Category>) {
///     for (depth, category) in tree.walk() {
///         println!("{}{}", "  ".repeat(depth), category.title);
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tree<E> {
    /// The entity.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub entity: E,
    /// Its children, each with its own.
    pub children: Children<E>,
}

impl<E> Tree<E> {
    /// Iterates over the tree and the trees below it, each before its children, with their depth
    /// below this one.
    pub fn walk(&self) -> impl Iterator<Item = (usize, &Self)> {
        walk(vec![(0, self)])
    }
}

impl<E> Deref for Tree<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.entity
    }
}

impl<E> DerefMut for Tree<E> {
    fn deref_mut(&mut self) -> &mut E {
        &mut self.entity
    }
}

/// The trees below an entity: a `Vec` of them, which may be nested to any depth.
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Children<E>(Vec<Tree<E>>);

impl<E> Children<E> {
    /// The trees below, each before its children.
    fn walk(&self) -> impl Iterator<Item = &Tree<E>> {
        walk(self.iter().rev().map(|tree| (0, tree)).collect()).map(|(_, tree)| tree)
    }
}

/// Trees and what is below them, each before its children, from a list that ends with the first.
fn walk<E>(mut ahead: Vec<(usize, &Tree<E>)>) -> impl Iterator<Item = (usize, &Tree<E>)> {
    std::iter::from_fn(move || {
        let (depth, tree) = ahead.pop()?;
        ahead.extend(tree.children.iter().rev().map(|child| (depth + 1, child)));
        Some((depth, tree))
    })
}

impl<E> Drop for Children<E> {
    fn drop(&mut self) {
        let mut trees = std::mem::take(&mut self.0);
        while let Some(mut tree) = trees.pop() {
            trees.append(&mut tree.children.0);
        }
    }
}

impl<E: Clone> Clone for Children<E> {
    fn clone(&self) -> Self {
        let walked: Vec<_> = self.walk().collect();
        // The way back meets the children of a tree just before it, the first of them last.
        let mut clones: Vec<Tree<E>> = Vec::new();
        for tree in walked.into_iter().rev() {
            let children = tree.children.iter().filter_map(|_| clones.pop()).collect();
            clones.push(Tree { entity: tree.entity.clone(), children });
        }
        clones.reverse();
        Self(clones)
    }
}

impl<E: PartialEq> PartialEq for Children<E> {
    fn eq(&self, other: &Self) -> bool {
        // Each before its children, the entities and the number of their children are the tree.
        self.len() == other.len()
            && self.walk().zip(other.walk()).all(|(one, other)| {
                one.children.len() == other.children.len() && one.entity == other.entity
            })
    }
}

impl<E: Eq> Eq for Children<E> {}

impl<E: fmt::Debug> fmt::Debug for Children<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<E> Default for Children<E> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<E> Deref for Children<E> {
    type Target = Vec<Tree<E>>;

    fn deref(&self) -> &Vec<Tree<E>> {
        &self.0
    }
}

impl<E> DerefMut for Children<E> {
    fn deref_mut(&mut self) -> &mut Vec<Tree<E>> {
        &mut self.0
    }
}

impl<E> From<Vec<Tree<E>>> for Children<E> {
    fn from(trees: Vec<Tree<E>>) -> Self {
        Self(trees)
    }
}

impl<E> From<Children<E>> for Vec<Tree<E>> {
    fn from(mut children: Children<E>) -> Self {
        std::mem::take(&mut children.0)
    }
}

impl<E> FromIterator<Tree<E>> for Children<E> {
    fn from_iter<I: IntoIterator<Item = Tree<E>>>(trees: I) -> Self {
        Self(trees.into_iter().collect())
    }
}

impl<E> IntoIterator for Children<E> {
    type Item = Tree<E>;
    type IntoIter = std::vec::IntoIter<Tree<E>>;

    fn into_iter(self) -> Self::IntoIter {
        Vec::from(self).into_iter()
    }
}

impl<'children, E> IntoIterator for &'children Children<E> {
    type Item = &'children Tree<E>;
    type IntoIter = std::slice::Iter<'children, Tree<E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// A row on its way into a tree.
pub(crate) struct FoundRow<E: Entity> {
    pub(crate) entity: E,
    pub(crate) depth: usize,
    /// The id of the parent; of no meaning at the top.
    pub(crate) parent: E::Id,
}

/// Puts rows into each other, which come parents first; those at the top are at that depth. A row
/// whose parent is not among them is left out.
pub(crate) fn nest<E: Entity>(mut rows: Vec<FoundRow<E>>, top: usize) -> Vec<Tree<E>> {
    let places: HashMap<E::Id, usize> =
        rows.iter().enumerate().map(|(at, row)| (row.entity.row_id(), at)).collect();
    let mut children: Vec<Vec<Tree<E>>> = rows.iter().map(|_| Vec::new()).collect();
    let mut trees = Vec::new();
    // From the end all children of a row are found before it, the last of them first.
    while let (Some(FoundRow { entity, depth, parent }), Some(mut below)) =
        (rows.pop(), children.pop())
    {
        below.reverse();
        let tree = Tree { entity, children: below.into() };
        if depth == top {
            trees.push(tree);
        } else if let Some(siblings) = places.get(&parent).and_then(|at| children.get_mut(*at)) {
            siblings.push(tree);
        }
    }
    trees.reverse();
    trees
}
