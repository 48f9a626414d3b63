//! A piece of work that the library does, and hand-written code beside it.

use std::error::Error;

use futures_util::future::LocalBoxFuture;

use crate::Result;

/// A call that one side makes with what it is given.
pub(crate) trait Call<G, T> {
    fn call(&self, given: G) -> LocalBoxFuture<'_, Result<T>>;
}

impl<G, T, E, F> Call<G, T> for F
where
    G: 'static,
    E: Into<Box<dyn Error>>,
    F: AsyncFn(G) -> std::result::Result<T, E>,
{
    fn call(&self, given: G) -> LocalBoxFuture<'_, Result<T>> {
        Box::pin(async move { self(given).await.map_err(Into::into) })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Library,
    Hand,
}

/// One way to do the work.
pub(crate) struct Side<'a, G, T> {
    pub(crate) by: By,
    pub(crate) title: &'static str,
    pub(crate) call: Box<dyn Call<G, T> + 'a>,
}

/// A piece of work, and all the ways to do it, which give equal values.
///
/// A side of the library is compared with the hand-written side of the same title. If there is none
/// it is compared with the fastest, whatever its title.
pub(crate) struct Workload<'a, G, T> {
    /// The name on the command line: its group and its own name, as in `calls/find_by_id`.
    pub(crate) name: String,
    pub(crate) title: String,
    /// The number of rows of one call, by which allocations and bytes are divided.
    pub(crate) rows: u32,
    /// Whether what this process does tells only of the sides, and not of the relay as well.
    pub(crate) countable: bool,
    /// The arguments of the calls of each side, one after the other, over and over.
    pub(crate) given: Vec<G>,
    pub(crate) sides: Vec<Side<'a, G, T>>,
}

impl<'a, G: Clone, T: PartialEq> Workload<'a, G, T> {
    pub(crate) fn new(name: impl Into<String>, title: impl Into<String>, given: Vec<G>) -> Self {
        let (name, title) = (name.into(), title.into());
        Self { name, title, rows: 1, countable: true, given, sides: Vec::new() }
    }

    pub(crate) fn rows(mut self, rows: u32) -> Self {
        self.rows = rows;
        self
    }

    pub(crate) fn countable(mut self, countable: bool) -> Self {
        self.countable = countable;
        self
    }

    pub(crate) fn library<E: Into<Box<dyn Error>> + 'a>(
        self,
        title: &'static str,
        call: impl AsyncFn(G) -> std::result::Result<T, E> + 'a,
    ) -> Self
    where
        G: 'static,
    {
        self.side(By::Library, title, call)
    }

    pub(crate) fn hand<E: Into<Box<dyn Error>> + 'a>(
        self,
        title: &'static str,
        call: impl AsyncFn(G) -> std::result::Result<T, E> + 'a,
    ) -> Self
    where
        G: 'static,
    {
        self.side(By::Hand, title, call)
    }

    fn side(mut self, by: By, title: &'static str, call: impl Call<G, T> + 'a) -> Self {
        self.sides.push(Side { by, title, call: Box::new(call) });
        self
    }

    /// Makes sure that all sides give equal values, whatever they are given.
    pub(crate) async fn agrees(&self) -> Result<()> {
        for given in &self.given {
            let mut sides = self.sides.iter();
            let Some(first) = sides.next() else { continue };
            let expected = first.call.call(given.clone()).await?;
            for Side { by, title, call } in sides {
                if call.call(given.clone()).await? != expected {
                    let (name, other) = (&self.name, first.title);
                    return Err(format!("{name}: {title} by {by:?} differs from {other}").into());
                }
            }
        }
        Ok(())
    }
}
