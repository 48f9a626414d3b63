//! The tables of a database, written by `relations pull`. It is yours to change.

// A word that several attributes need is no mistake.
#![allow(clippy::duplicated_attributes)]

use chrono::{DateTime, NaiveDate, Utc};
use relations::Schema;
use relations::prelude::*;
use relations::value::{Interval, Range};

/// All entities of this module.
pub fn schema() -> Schema {
    schema![Author, Book]
}

/// A row of `authors`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "authors")]
#[index(expression = "name text_pattern_ops", name = "ix_begins", filter = "(born IS NOT NULL)")]
#[index(expression = "born DESC NULLS LAST, id", name = "ix_youngest")]
#[index(expression = "lower(email)", unique, name = "ux_lower")]
#[has_many(Author, name = "authors_by_favourite", key_to = "favourite_id")]
#[has_many(Book, name = "books")]
pub struct Author {
    #[id(name = "pk_authors")]
    pub id: i64,
    #[unique(name = "uq_email")]
    pub email: String,
    #[index(name = "ix_name")]
    pub name: String,
    pub born: Option<NaiveDate>,
    #[unique(name = "one_place", initially_deferred)]
    pub place: i32,
    #[index(name = "ix_favourite")]
    #[belongs_to(Author, constraint = "likes", initially_deferred)]
    pub favourite_id: Option<i64>,
    pub pages: Range<i32>,
    #[column(type = "interval(3)")]
    pub pause: Option<Interval>,
    pub pauses: Vec<Interval>,
}

/// A row of `books`.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "books")]
#[unique("author_id", "title", name = "one_title", deferrable)]
#[unique("isbn", name = "ux_isbn", filter = "(deleted_at IS NULL)")]
#[index("isbn", name = "ix_hash", using = "hash")]
#[index("shelf", expression = "((price * quantity)), lower(title) DESC", name = "ix_value")]
pub struct Book {
    #[id(name = "pk_books")]
    pub shelf: i32,
    #[id]
    pub number: i32,
    #[belongs_to(Author, constraint = "written_by", deferrable)]
    pub author_id: i64,
    pub isbn: String,
    pub title: String,
    pub price: i32,
    pub quantity: i32,
    pub deleted_at: Option<DateTime<Utc>>,
    pub sold: Option<Range<NaiveDate>>,
    pub lent: Vec<Range<DateTime<Utc>>>,
}
