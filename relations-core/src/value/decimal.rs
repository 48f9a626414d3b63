//! Decimal numbers; text under a numeric collation where the engine has no type for them.

use rust_decimal::Decimal;

use super::builtin::value;

value!(Decimal, Decimal, Decimal, |stored| stored.text()?.parse().ok());
