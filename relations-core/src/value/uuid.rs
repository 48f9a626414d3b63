//! UUIDs; text in lower case with hyphens where the engine has no type for them.

use uuid::Uuid;

value!(Uuid, Uuid, Uuid, |stored| Uuid::try_parse(stored.text()?).ok());
