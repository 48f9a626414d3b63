//! UUIDs; text in lower case with hyphens where the engine has no type for them.

use uuid::Uuid;

use super::builtin::value;

value!(Uuid, Uuid, Uuid, |stored| Uuid::try_parse(stored.text()?).ok());
