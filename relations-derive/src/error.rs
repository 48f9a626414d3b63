//! Every mistake in one entity, reported together.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The mistakes found so far. One of these walks through all steps and is asked once, at the end.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Notes a mistake and underlines all of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Notes a mistake that syn found.
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(earlier) => earlier.combine(error),
            none => *none = Some(error),
        }
    }

    /// All mistakes together, if there are any, with what stands in for the code.
    pub(crate) fn finish(self, stand_in: impl FnOnce() -> TokenStream) -> Result<(), Refused> {
        match self.0 {
            Some(mistakes) => Err(Refused { mistakes, stand_in: stand_in() }),
            None => Ok(()),
        }
    }
}

/// Mistakes, and what stands in for the code that they prevent.
pub(crate) struct Refused {
    pub(crate) mistakes: syn::Error,
    stand_in: TokenStream,
}

impl Refused {
    pub(crate) fn into_tokens(self) -> TokenStream {
        let mut tokens = self.mistakes.into_compile_error();
        tokens.extend(self.stand_in);
        tokens
    }
}

/// The known word that `written` was probably meant to be.
pub(crate) fn did_you_mean<'known>(
    written: &str,
    known: impl IntoIterator<Item = &'known str>,
) -> Option<&'known str> {
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(written, word), word))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, word)| word)
}

/// The problem, and the word that was meant or else all that could be.
pub(crate) fn with_suggestion(problem: &str, written: &str, known: &[&str]) -> String {
    match did_you_mean(written, known.iter().copied()) {
        Some(word) => format!("{problem}; did you mean `{word}`?"),
        None => format!("{problem}; write {}", one_of(known)),
    }
}

/// `` `a` ``, `` `a` or `b` ``, `` `a`, `b` or `c` ``.
pub(crate) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
