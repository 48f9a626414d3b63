//! An acknowledged write is in the database; a failed call left nothing there.
