//! Each mistake is reported once, under the word to change.

mod all_but;
mod entity;
mod expand;
mod filter;
mod from_row;
mod model;
mod nonsense;
mod partial;
mod value;

use syn::DeriveInput;

use crate::error::Rejected;

/// The underlined text and the message of each mistake in an entity.
fn mistakes(source: &str) -> Vec<(String, String)> {
    reported(source, crate::entity)
}

fn reported<T>(
    source: &str,
    derive: impl Fn(&DeriveInput) -> Result<T, Rejected>,
) -> Vec<(String, String)> {
    let input = syn::parse_str(source).expect(source);
    let errors = derive(&input).err().map(|rejected| rejected.errors).into_iter().flatten();
    errors
        .map(|error| (error.span().source_text().unwrap_or_default(), error.to_string()))
        .collect()
}

/// Fails with all that differ rather than with the first.
fn assert_each_is_one_mistake(
    cases: &[(&str, &str, &str)],
    mistakes: impl Fn(&str) -> Vec<(String, String)>,
) {
    let mut wrong = Vec::new();
    for (source, underlined, message) in cases {
        let expected = vec![((*underlined).to_owned(), (*message).to_owned())];
        let found = mistakes(source);
        if found != expected {
            wrong.push(format!("{source}\n  expected {expected:?}\n  found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
