//! Rules for the pages themselves.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Whether two statements are the same but for the space between their words.
pub(crate) fn same_sql(built: &str, told: &str) {
    let words = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(built), words(told));
}

/// The pages of `folders` and their texts without code, line by line.
fn pages(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut pages = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(Path::new(ROOT).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "md") {
                let page = fs::read_to_string(&path).unwrap();
                pages.push((path, page));
            }
        }
    }
    pages
}

fn without_code(page: &str) -> String {
    let mut is_code = false;
    let mut text = String::new();
    for line in page.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The links that a page defines, as `[name]: target`.
fn definitions(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| line.strip_prefix('[')?.split_once("]: "))
        .map(|(name, target)| (name, target.trim()))
        .collect()
}

/// A line that rustdoc hides is shown by a forge.
#[test]
fn blocks_hide_no_lines() {
    for (path, page) in pages(&["docs/guide"]) {
        let mut is_code = false;
        for (at, line) in page.lines().enumerate() {
            if line.starts_with("```") {
                is_code = !is_code && line.starts_with("```rust");
            }
            let is_hidden = is_code && (line == "#" || line.starts_with("# "));
            let place = format!("{}:{}", path.display(), at + 1);
            assert!(
                !is_hidden,
                "{place} hides `{line}`; CONTRIBUTING.md says what a block is given"
            );
        }
    }
}

/// On a forge a link leads to a file.
#[test]
fn links_lead_to_files() {
    for (path, page) in pages(&[".", "docs", "docs/guide", "docs/decisions"]) {
        let text = without_code(&page);
        let inline =
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(to, _)| to);
        for target in inline.chain(definitions(&text).into_iter().map(|(_, target)| target)) {
            let file = target.split('#').next().unwrap_or_default();
            let leads = file.is_empty()
                || target.starts_with("https://")
                || path.parent().is_some_and(|folder| folder.join(file).exists());
            assert!(leads, "{} links to `{target}`, which is not there", path.display());
        }
    }
}

/// On docs.rs a link leads to a module: `src/links.md` knows it by the same name.
#[test]
fn links_are_known_to_rustdoc() {
    let links = fs::read_to_string(Path::new(ROOT).join("src/links.md")).unwrap();
    let known: Vec<&str> = definitions(&links).into_iter().map(|(name, _)| name).collect();
    let mut shown = pages(&["docs/guide"]);
    let readme = Path::new(ROOT).join("README.md");
    let text = fs::read_to_string(&readme).unwrap();
    shown.push((readme, text));
    for (path, page) in shown {
        let text = without_code(&page);
        let inline = text.split("](").skip(1).find(|to| !to.starts_with(['#', 'h']));
        assert!(
            inline.is_none(),
            "{} links inline to `{}`",
            path.display(),
            inline.unwrap_or_default()
        );
        let defined: Vec<&str> = definitions(&text).into_iter().map(|(name, _)| name).collect();
        for name in
            text.split("][").skip(1).filter_map(|rest| rest.split_once(']')).map(|(name, _)| name)
        {
            assert!(defined.contains(&name), "{} does not define `[{name}]`", path.display());
            assert!(known.contains(&name), "src/links.md lacks `[{name}]` of {}", path.display());
        }
    }
}

/// Every file that a page names exists, or has become a folder.
#[test]
fn named_files_are_there() {
    let mut files = Vec::new();
    for folder in [
        "relations-core/src",
        "relations-derive/src",
        "relations-rest/src",
        "relations-tools",
        "benches",
        "src",
        "tests",
        "docs",
    ] {
        collect(&Path::new(ROOT).join(folder), &mut files);
    }
    for (path, page) in pages(&[".", "docs", "docs/decisions"]) {
        let text = without_code(&page);
        for named in
            text.split('`').filter(|word| word.ends_with(".rs") && !word.contains([' ', '<']))
        {
            let folder = format!("{}/mod.rs", named.trim_end_matches(".rs"));
            let is_there = |file: &PathBuf| file.ends_with(named) || file.ends_with(&folder);
            assert!(files.iter().any(is_there), "{} names `{named}`", path.display());
        }
    }
}

/// The files of a folder and of those in it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
