//! Decimal numbers; text under a numeric collation where the engine has no type for them.

use rust_decimal::Decimal;

value!(Decimal, Decimal, Decimal, |stored| stored.text()?.parse().ok());
