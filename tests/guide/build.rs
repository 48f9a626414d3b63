//! Turns the pages of the guide into Rust.
//!
//! - A block that defines items opens a module, and the rest of the page is inside it: what a page has
//!   defined is in scope from there on, and may be defined anew.
//! - A block of statements is the body of an `async fn` that returns a `relations::Result`. It is given
//!   `db`, and what the last `<!-- given name: Type, … -->` before it says.
//! - A block that makes `let sql` and is followed by a block of SQL is a test that compares both.
//! - A block that must not compile is a documentation test.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const GUIDE: &str = "../../docs/guide";
const OLD_SHOP: &str = r#"mod shop { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide/shop.rs")); } use shop::*;"#;

fn main() {
    println!("cargo::rerun-if-changed={GUIDE}");
    let mut pages: Vec<PathBuf> =
        fs::read_dir(GUIDE).expect(GUIDE).map(|entry| entry.expect(GUIDE).path()).collect();
    pages.sort();
    let (mut modules, mut refused) = (String::new(), String::new());
    for page in pages.iter().filter(|path| path.extension().is_some_and(|kind| kind == "md")) {
        translate(page, &mut modules, &mut refused);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("OUT_DIR"));
    fs::write(out.join("pages.rs"), modules).expect("pages.rs");
    fs::write(out.join("refused.md"), refused).expect("refused.md");
}

/// A fenced block: its language, its text, and the line that it begins at.
struct Block<'page> {
    language: &'page str,
    text: Vec<&'page str>,
    line: usize,
    given: &'page str,
}

fn translate(path: &Path, modules: &mut String, refused: &mut String) {
    let page = fs::read_to_string(path).expect("a page of the guide");
    let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
    let blocks = blocks(&page);
    let _ = writeln!(modules, "#[allow(warnings, clippy::all, clippy::pedantic)]\nmod {name} {{");
    modules.push_str("use crate::shop::*;\nuse relations::prelude::*;\n");
    let mut open = 1;
    for (at, block) in
        blocks.iter().enumerate().filter(|(_, block)| block.language.starts_with("rust"))
    {
        let line = block.line;
        let _ = writeln!(modules, "// docs/guide/{name}.md:{line}");
        let text = block.text.join("\n");
        let (given, comma) = (block.given, if block.given.is_empty() { "" } else { "," });
        let arguments = format!("db: relations::Database{comma} {given}");
        if block.language.contains("compile_fail") {
            let _ = writeln!(
                refused,
                "```{}\nuse guide::shop::*;\nuse relations::prelude::*;\nasync fn refused({arguments}) -> \
                 relations::Result<()> {{\n{text}\nOk(())\n}}\n```\n",
                block.language
            );
        } else if block.text.iter().any(|line| is_hidden(line)) {
            let text: Vec<&str> = block
                .text
                .iter()
                .map(|line| if is_hidden(line) { line[1..].trim() } else { line })
                .collect();
            // Such a block brings all that it needs; a check tells of its lines.
            let text = text.join("\n").replace(OLD_SHOP, "use crate::shop::*;");
            let _ = writeln!(modules, "mod line_{line} {{\n{text}\n}}");
        } else if defines(&block.text) {
            let _ = writeln!(modules, "mod line_{line} {{\nuse super::*;\n{text}");
            open += 1;
        } else if let (true, Some(sql)) = (text.contains("let sql ="), following_sql(&blocks, at)) {
            let _ = writeln!(
                modules,
                "#[test]\nfn line_{line}() -> relations::Result<()> {{\n{text}\ncrate::checks::same_sql(&sql, \
                 {sql:?});\nOk(())\n}}"
            );
        } else {
            let _ = writeln!(
                modules,
                "async fn line_{line}({arguments}) -> relations::Result<()> {{\n{text}\nOk(())\n}}"
            );
        }
    }
    modules.push_str(&"}\n".repeat(open));
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut given) = (Vec::new(), "");
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(names) = line.strip_prefix("<!-- given") {
            given = names.trim_end_matches("-->").trim();
        } else if let Some(language) = line.strip_prefix("```") {
            let text =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            blocks.push(Block { language, text, line: at + 1, given });
        }
    }
    blocks
}

fn is_hidden(line: &str) -> bool {
    line == "#" || line.starts_with("# ")
}

/// Whether a block defines items, by the first line that says so.
fn defines(text: &[&str]) -> bool {
    const ITEMS: [&str; 11] = [
        "#[",
        "pub ",
        "struct ",
        "enum ",
        "fn ",
        "async fn ",
        "impl",
        "mod ",
        "type ",
        "trait ",
        "const ",
    ];
    let first = text.iter().find(|line| {
        !(line.is_empty()
            || line.starts_with("use ")
            || line.starts_with("//")
            || line.starts_with([' ', '}']))
    });
    first.is_none_or(|line| ITEMS.iter().any(|item| line.starts_with(item)))
}

fn following_sql(blocks: &[Block<'_>], at: usize) -> Option<String> {
    blocks.get(at + 1).filter(|block| block.language == "sql").map(|block| block.text.join("\n"))
}
