//! What a constraint refuses is a typed error that says the same on both engines.
