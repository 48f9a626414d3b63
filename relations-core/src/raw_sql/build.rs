//! SQL with a number of values that is known at run time.

use std::sync::Arc;

use crate::dialect::Engine;
use crate::error::{Error, Result};
use crate::raw_sql::scan::token::{Token, tokens};
use crate::raw_sql::{IntoParameter, Sql};
use crate::value::parameter::Parameter;

/// SQL as it was given, or as it is put together.
#[derive(Clone)]
pub(crate) enum SqlText {
    Given(Arc<str>),
    Built(String),
}

impl SqlText {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Given(sql) => sql,
            Self::Built(sql) => sql,
        }
    }

    pub(crate) fn into_shared(self) -> Arc<str> {
        match self {
            Self::Given(sql) => sql,
            Self::Built(sql) => sql.into(),
        }
    }

    /// Puts SQL behind it.
    fn push(&mut self, more: &str) {
        match self {
            Self::Given(sql) => *self = Self::Built(format!("{sql}{more}")),
            Self::Built(sql) => sql.push_str(more),
        }
    }

    /// Makes sure that each value that was bound has its placeholder: one within a text or a comment has
    /// none.
    pub(crate) fn check(&self, engine: Engine, values: usize) -> Result<()> {
        let Self::Built(sql) = self else { return Ok(()) };
        let mut used = vec![false; values];
        for token in tokens(engine, sql) {
            if let Token::Placeholder(number) = token
                && let Some(used) = number.checked_sub(1).and_then(|at| used.get_mut(at))
            {
                *used = true;
            }
        }
        match used.iter().position(|used| !used) {
            Some(unused) => Err(Error::invalid_request(format!(
                "the placeholder of value {} stands within a text, a name in quotes or a comment; close \
                 it before `push_bind`",
                unused + 1,
            ))),
            None => Ok(()),
        }
    }
}

/// # Build
///
/// SQL whose parts and values are known at run time.
impl Sql {
    /// Appends SQL of your own.
    ///
    /// ```no_run
    /// # use relations::prelude::*;
    /// # #[derive(Entity)]
    /// # struct Order { #[id] id: i64, quantity: i32 }
    /// # async fn run(db: &relations::Database, newest: bool, least: Option<i32>) -> relations::Result<()> {
    /// let mut query = relations::sql("SELECT * FROM orders WHERE open", ());
    /// if let Some(least) = least {
    ///     query = query.push(" AND quantity >= ").push_bind(least);
    /// }
    /// query = query.push(" AND customer_id IN (").push_list([7_i64, 9, 11]).push(")");
    /// query = query.push(if newest { " ORDER BY id DESC" } else { " ORDER BY id" });
    /// let orders: Vec<Order> = query.all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It becomes part of the statement as it is, so never pass user input: values go through
    /// [`push_bind`](Self::push_bind).
    pub fn push(mut self, sql: impl AsRef<str>) -> Self {
        self.text.push(sql.as_ref());
        self
    }

    /// Appends a placeholder, and adds its value.
    #[doc(alias = "bind")]
    pub fn push_bind(mut self, value: impl IntoParameter) -> Self {
        self.bind(value.into_placeholder());
        self
    }

    /// Appends comma-separated placeholders, as for `IN (…)`, and adds their values. An empty list is a
    /// null, which equals nothing.
    pub fn push_list(mut self, values: impl IntoIterator<Item = impl IntoParameter>) -> Self {
        let mut is_first = true;
        for value in values {
            if !is_first {
                self.text.push(",");
            }
            is_first = false;
            self.bind(value.into_placeholder());
        }
        if is_first {
            self.text.push(" NULL ");
        }
        self
    }

    fn bind(&mut self, parameter: Parameter) {
        self.parameters.push(parameter);
        // Spaces keep it from what stands beside it, as the digits of another number.
        self.text.push(&format!(" ${} ", self.parameters.len()));
    }
}
