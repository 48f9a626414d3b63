//! Every mistake in one entity, reported together.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The errors found so far. One `Errors` goes through all steps and is read once, at the end.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Whether none was reported.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds an error that underlines all of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error of syn's.
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(earlier) => earlier.combine(error),
            none => *none = Some(error),
        }
    }

    /// All errors together, if there are any, with the stub that is generated instead.
    pub(crate) fn finish(self, stub: impl FnOnce() -> TokenStream) -> Result<(), Rejected> {
        match self.0 {
            Some(errors) => Err(Rejected { errors, stub: stub() }),
            None => Ok(()),
        }
    }
}

/// The errors of an item, with the stub that is generated instead of its code.
pub(crate) struct Rejected {
    pub(crate) errors: syn::Error,
    stub: TokenStream,
}

impl Rejected {
    pub(crate) fn into_tokens(self) -> TokenStream {
        let mut tokens = self.errors.into_compile_error();
        tokens.extend(self.stub);
        tokens
    }
}

/// The known word that is most similar to `written`.
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

/// The problem, with the most similar known word or else all of them.
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
