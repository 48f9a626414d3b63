//! Look-ups on a pool whose connections are all lent.

use crate::driver::coalesce::Batched;
use crate::driver::statement::Statement;

/// The way of one call to a database around a crowd: instead of waiting for a connection of its own, a look-up
/// joins others that wait, and one statement asks for all of them.
pub(crate) struct Crowded<'db> {
    batched: Option<&'db Batched>,
    /// Whether the next statement of the call is gathered, which is decided once: its trace is that of the
    /// statement that is sent.
    gathers: bool,
}

impl<'db> From<Option<&'db Batched>> for Crowded<'db> {
    fn from(batched: Option<&'db Batched>) -> Self {
        Self { batched, gathers: false }
    }
}

impl<'db> Crowded<'db> {
    /// Gathers a statement where it can be, for a call that would wait.
    pub(crate) fn gathers(&mut self, statement: &Statement) -> bool {
        self.gathers = self.batched.is_some_and(|batched| batched.look_up(statement).is_some());
        self.gathers
    }

    /// The executor for the statement of the call, if it is gathered.
    pub(crate) fn gathering(&mut self) -> Option<&'db Batched> {
        self.batched.filter(|_| std::mem::take(&mut self.gathers))
    }
}
