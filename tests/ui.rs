//! Code that must not compile gets one error that says why and what to write instead; other code
//! compiles.

#![allow(missing_docs, unreachable_pub, dead_code)]
#![allow(clippy::unwrap_used, clippy::panic)]
// A type says what is loaded.
#![allow(clippy::type_complexity)]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "ui/pass/mod.rs"]
mod pass;

/// Several mistakes in one build.
const MANY: &str = "many";

/// Errors that rustc repeats: of an async function at its argument, at the call and at the `await`,
/// of an unknown name at each place that uses it, and of a trait that several generated impls need.
const REPEATED: &str = "repeated";

#[test]
fn mistakes_are_told() {
    let cases = trybuild::TestCases::new();
    for theme in themes() {
        cases.compile_fail(theme.join("*.rs"));
    }
}

#[test]
fn each_mistake_is_one_error() {
    for theme in themes().filter(|theme| !theme.ends_with(MANY)) {
        for case in files(&theme, "rs") {
            let mut errors = errors(&case);
            if theme.ends_with(REPEATED) {
                errors.dedup();
            }
            assert_eq!(errors.len(), 1, "{} says {errors:#?}", case.display());
        }
    }
}

#[test]
fn each_case_opens_with_its_rule() {
    for case in themes().flat_map(|theme| files(&theme, "rs")) {
        let text = fs::read_to_string(&case).unwrap();
        let rule = text.lines().next().unwrap_or_default();
        let is_a_sentence = rule.starts_with("// ") && rule.ends_with('.');
        assert!(is_a_sentence, "{} opens with `{rule}`", case.display());
    }
}

/// A mistake stands in the user's own words, never in the derive's name alone.
#[test]
fn no_error_is_under_the_derive() {
    for case in themes().flat_map(|theme| files(&theme, "rs")) {
        let told = told(&case);
        let mut in_error = false;
        let mut lines = told.lines().peekable();
        while let Some(line) = lines.next() {
            // A help line may well point at a derive.
            in_error &= !["help:", "note:"].iter().any(|start| line.starts_with(start));
            in_error |= line.starts_with("error");
            let is_marked = lines.peek().is_some_and(|marks| marks.contains('^'));
            let is_derive = in_error && is_marked && line.contains("#[derive(");
            assert!(!is_derive, "{} says\n{told}", case.display());
        }
    }
}

/// The folders of mistakes.
fn themes() -> impl Iterator<Item = PathBuf> {
    let folders = fs::read_dir("tests/ui").unwrap().map(|entry| entry.unwrap().path());
    folders.filter(|path| path.is_dir() && !path.ends_with("pass"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// The compiler's messages about a case.
fn told(case: &Path) -> String {
    fs::read_to_string(case.with_extension("stderr"))
        .unwrap_or_else(|_| panic!("{} has no .stderr; see CONTRIBUTING.md", case.display()))
}

/// The sentences of its errors.
fn errors(case: &Path) -> Vec<String> {
    told(case).lines().filter(|line| line.starts_with("error")).map(ToOwned::to_owned).collect()
}
