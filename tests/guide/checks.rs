//! What the pages themselves have to hold.

use std::fs;

/// Whether two statements are the same but for the space between their words.
pub(crate) fn same_sql(built: &str, told: &str) {
    let words = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(built), words(told));
}

/// A line that rustdoc hides is shown by a forge.
#[test]
fn blocks_hide_no_lines() {
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide")).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        let mut is_code = false;
        for (at, line) in page.lines().enumerate() {
            if line.starts_with("```") {
                is_code = !is_code && line.starts_with("```rust");
            }
            let is_hidden = is_code && (line == "#" || line.starts_with("# "));
            assert!(
                !is_hidden,
                "{}:{} hides `{line}`; see tests/guide/build.rs",
                path.display(),
                at + 1
            );
        }
    }
}
