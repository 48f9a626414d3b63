//! The code of the guide, compiled.
//!
//! `build.rs` turns each page of `docs/guide` into a module and each of its blocks into a function, so
//! that a block needs no set-up of its own, which a forge would show.

#[path = "../../docs/guide/shop.rs"]
pub mod shop;

#[cfg(test)]
mod pages {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}

#[cfg(test)]
mod checks;

#[cfg(doctest)]
#[doc = include_str!(concat!(env!("OUT_DIR"), "/refused.md"))]
mod refused {}
