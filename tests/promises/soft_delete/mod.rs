//! Soft delete and default scopes: rows that are hidden are never seen, and never written.

mod actions;
mod concurrent;
mod keys;
mod on_delete;
mod one_of;
mod scopes;
mod seen;
mod tenants;
mod verbs;
mod world;
