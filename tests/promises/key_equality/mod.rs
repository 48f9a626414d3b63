//! Two keys are equal when the database says so, in every strategy.
