//! The binary: its exit codes, its errors, and the files that it leaves alone.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relations"));
    command.env_remove("DATABASE_URL").args(arguments).output().expect("the binary runs")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder of the test's own, which is removed.
pub struct Folder(std::path::PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("relations-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn path(&self, file: &str) -> String {
        self.0.join(file).to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A file of SQLite's with the films.
async fn films(folder: &Folder) -> String {
    let url = format!("sqlite:{}", folder.path("films.db"));
    let db = relations::connect(&format!("{url}?mode=rwc")).await.unwrap();
    for statement in crate::pull::FILMS {
        relations::sql(*statement, ()).execute(&db).await.unwrap();
    }
    url
}

#[tokio::test]
async fn a_file_that_exists_is_left_as_it_is() {
    let folder = Folder::new("pull");
    let url = films(&folder).await;
    let path = folder.path("entities.rs");
    let first = run(&["pull", "--url", &url, "--output", &path]);
    assert_eq!((first.status.code(), told(&first)), (Some(0), String::new()));
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, include_str!("pulled/films.rs"));

    std::fs::write(&path, "mine").unwrap();
    let second = run(&["pull", "--url", &url, "--output", &path]);
    assert_eq!(second.status.code(), Some(2));
    assert!(told(&second).contains("exists and is left as it is"), "{}", told(&second));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");

    let printed = run(&["pull", "--url", &url]);
    assert_eq!(String::from_utf8_lossy(&printed.stdout), written);
}

#[tokio::test]
async fn errors_say_what_to_type() {
    let folder = Folder::new("errors");
    let url = films(&folder).await;
    for (arguments, code, part) in [
        (&["pull"][..], 2, "write `--url postgres://…` or `--url sqlite:…`, or set DATABASE_URL"),
        (&["pul"], 2, "pull"),
        (&["check", "--url", &url], 2, "`relations_tools::main(schema![…])`"),
        (&["diagram", "--url", &url, "--around", "film"], 2, "there is no table `film`; there are"),
        (&["diagram", "--url", &url, "--format", "png"], 2, "mermaid, svg"),
        (&["pull", "--url", "mysql://here"], 2, "error: "),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(told(&output).contains(part), "{arguments:?}: {}", told(&output));
        // Nobody reads colours in a file.
        assert!(!told(&output).contains('\x1b'), "{arguments:?}: {}", told(&output));
    }
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&help.stdout).contains("relations pull --url postgres://"));
}

#[tokio::test]
async fn a_shape_is_printed_as_json_and_read_again() {
    let folder = Folder::new("json");
    let url = films(&folder).await;
    let output = run(&["pull", "--url", &url, "--json"]);
    let shape: relations::shape::Shape = serde_json::from_slice(&output.stdout).unwrap();
    let db = relations::connect(&url).await.unwrap();
    assert_eq!(shape, db.shape().await.unwrap());
}
