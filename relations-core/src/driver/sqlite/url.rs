//! URLs of SQLite, by the rules of SQLite's own URIs.

use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// A database that a URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// The URI that each connection opens.
    pub(crate) uri: String,
    /// Whether it is in memory, so that it is there as long as a connection is.
    pub(crate) in_memory: bool,
}

/// The parameters of a URL.
#[derive(Debug, Default)]
struct Parameters {
    mode: Option<String>,
    cache: Option<String>,
    immutable: Option<String>,
}

impl Location {
    /// Reads what follows `sqlite:` in a URL.
    pub(crate) fn parse(rest: &str) -> Result<Self> {
        static IN_MEMORY: AtomicUsize = AtomicUsize::new(0);

        if rest.contains('#') {
            return Err(Error::invalid_request(
                "a URL of SQLite has no fragment; write `%23` for a `#` in the name of a file",
            ));
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = match path.strip_prefix("file:") {
            Some(path) => without_authority(path)?,
            None => path.strip_prefix("//").unwrap_or(path),
        };
        let path = decoded(path)?;
        let parameters = Parameters::parse(query)?;
        if parameters.is_in_memory(&path)? {
            let name = if parameters.cache.as_deref() == Some("shared") {
                format!("shared-{path}")
            } else {
                // A name of its own in the process, which the connections of one pool share.
                IN_MEMORY.fetch_add(1, Ordering::Relaxed).to_string()
            };
            let uri = format!("file:/relations-{}?vfs=memdb", encoded(&name));
            return Ok(Self { uri, in_memory: true });
        }
        if path.is_empty() {
            return Err(Error::invalid_request(
                "a URL of SQLite names a file, as in `sqlite:orders.db`, or is `sqlite::memory:`",
            ));
        }
        if path.starts_with(':') || is_nearly_memory(&path) {
            return Err(Error::invalid_request(format!(
                "`{path}` is not the name of a file; write `sqlite::memory:` for a database in \
                 memory, or `sqlite:./{path}` for a file of that name",
            )));
        }
        // Without an authority a second slash would begin one.
        let authority = if path.starts_with('/') { "//" } else { "" };
        let uri = format!("file:{authority}{}{}", encoded(&path), parameters.query());
        Ok(Self { uri, in_memory: false })
    }
}

impl Parameters {
    fn parse(query: &str) -> Result<Self> {
        let mut parameters = Self::default();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            let (place, allowed): (_, &[&str]) = match &*name {
                "mode" => (&mut parameters.mode, &["ro", "rw", "rwc", "memory"]),
                "cache" => (&mut parameters.cache, &["shared", "private"]),
                "immutable" => (
                    &mut parameters.immutable,
                    &["1", "0", "true", "false", "yes", "no", "on", "off"],
                ),
                _ => {
                    return Err(Error::invalid_request(format!(
                        "`{name}` is not a parameter of a URL of SQLite; there are `mode`, `cache` \
                         and `immutable`",
                    )));
                }
            };
            if !allowed.contains(&&*value) {
                let allowed = allowed.join("`, `");
                return Err(Error::invalid_request(format!(
                    "`{name}` of a URL of SQLite cannot be `{value}`; it is one of `{allowed}`",
                )));
            }
            if place.replace(value).is_some() {
                let why = format!("a URL of SQLite has `{name}` twice; leave one out");
                return Err(Error::invalid_request(why));
            }
        }
        Ok(parameters)
    }

    /// Whether a database is in memory.
    fn is_in_memory(&self, path: &str) -> Result<bool> {
        let is_named = path == ":memory:";
        match self.mode.as_deref() {
            Some("memory") => {}
            _ if !is_named => return Ok(false),
            None | Some("rwc") => {}
            Some(mode) => {
                return Err(Error::invalid_request(format!(
                    "a new database in memory is empty, so `mode={mode}` finds nothing there; \
                     leave it out",
                )));
            }
        }
        if self.immutable.as_deref().is_some_and(is_true) {
            return Err(Error::invalid_request(
                "a database in memory is not immutable; leave out `immutable`",
            ));
        }
        Ok(true)
    }

    /// The query of a file's URI.
    fn query(&self) -> String {
        let mut query = String::new();
        let all = [("mode", &self.mode), ("cache", &self.cache), ("immutable", &self.immutable)];
        for (name, value) in all {
            if let Some(value) = value {
                let mark = if query.is_empty() { '?' } else { '&' };
                // Writing to a `String` does not fail.
                let _ = write!(query, "{mark}{name}={value}");
            }
        }
        query
    }
}

fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true" | "yes" | "on")
}

/// Whether a path is `:memory:` in all but a slash, a colon or a letter's case, as other libraries write
/// it: nobody means a file of that name.
fn is_nearly_memory(path: &str) -> bool {
    let name = path.trim_start_matches('/').trim();
    name.contains(':') && name.trim_matches(':').eq_ignore_ascii_case("memory")
}

/// The path behind `file:`, which may have an authority that names this computer.
fn without_authority(path: &str) -> Result<&str> {
    let Some(rest) = path.strip_prefix("//") else { return Ok(path) };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if matches!(authority, "" | "localhost") {
        return Ok(path);
    }
    Err(Error::invalid_request(format!(
        "a file of SQLite is on this computer, and `{authority}` would be another one; write \
         `sqlite:file:{authority}{path}` for a path that begins so",
    )))
}

/// A text without its percent-encoding. As to SQLite, a `%` before anything but two hexadecimal digits
/// is itself.
fn decoded(text: &str) -> Result<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let code = match behind {
            [high, low, ..] if *first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        let (byte, length) = code.map_or((*first, 0), |(high, low)| (high * 16 + low, 2));
        bytes.push(byte);
        rest = behind.get(length..).unwrap_or_default();
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(Error::invalid_request(
            "a URL of SQLite holds text in UTF-8 without a NUL character",
        )),
    }
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A text in which nothing has a meaning to a URI but its slashes.
fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn file(rest: &str) -> String {
        let location = Location::parse(rest).unwrap();
        assert!(!location.in_memory, "{rest}");
        location.uri
    }

    #[test]
    fn files_are_named_as_sqlite_names_them() {
        for (url, uri) in [
            ("orders.db", "file:orders.db"),
            ("//orders.db", "file:orders.db"),
            ("./a/orders.db", "file:./a/orders.db"),
            ("../orders.db", "file:../orders.db"),
            ("/srv/orders.db", "file:///srv/orders.db"),
            ("///srv/orders.db", "file:///srv/orders.db"),
            ("file:orders.db", "file:orders.db"),
            ("file:/srv/orders.db", "file:///srv/orders.db"),
            ("file:///srv/orders.db", "file:///srv/orders.db"),
            ("file://localhost/srv/orders.db", "file:///srv/orders.db"),
            ("with%20space.db", "file:with space.db"),
            ("what%3F.db", "file:what%3f.db"),
            ("50%25.db", "file:50%25.db"),
            ("50%.db", "file:50%25.db"),
            ("a%23b.db", "file:a%23b.db"),
            ("%C3%A4.db", "file:ä.db"),
            ("./:memory:", "file:./:memory:"),
            ("orders.db?mode=ro", "file:orders.db?mode=ro"),
            ("orders.db?m%6Fde=r%6F", "file:orders.db?mode=ro"),
            ("orders.db?", "file:orders.db"),
            ("orders.db?mode=rw&", "file:orders.db?mode=rw"),
            ("orders.db?immutable=1&mode=ro", "file:orders.db?mode=ro&immutable=1"),
            ("orders.db?cache=private&mode=rwc", "file:orders.db?mode=rwc&cache=private"),
        ] {
            assert_eq!(file(url), uri, "{url}");
        }
    }

    #[test]
    fn databases_in_memory_are_told_from_files() {
        let mut seen = std::collections::HashSet::new();
        for url in [
            ":memory:",
            "//:memory:",
            "file::memory:",
            "%3Amemory%3a",
            ":memory:?mode=memory",
            ":memory:?mode=rwc",
            ":memory:?cache=private",
            "orders?mode=memory",
            "file:orders?mode=memory",
            "?mode=memory",
        ] {
            let location = Location::parse(url).unwrap();
            assert!(location.in_memory, "{url}");
            assert!(seen.insert(location.uri), "{url} is shared with another pool");
        }
    }

    #[test]
    fn a_shared_database_in_memory_has_its_name() {
        let shared = |url| Location::parse(url).unwrap().uri;
        assert_eq!(shared("file:a?mode=memory&cache=shared"), shared("a?cache=shared&mode=memory"));
        assert_ne!(
            shared("file:a?mode=memory&cache=shared"),
            shared("file:b?mode=memory&cache=shared")
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (url, why) in [
            ("", "names a file"),
            ("//", "names a file"),
            ("file:", "names a file"),
            ("?mode=ro", "names a file"),
            (":MEMORY:", "write `sqlite::memory:`"),
            (":Memory:?mode=ro", "write `sqlite::memory:`"),
            (":memory", "write `sqlite::memory:`"),
            ("memory:", "write `sqlite::memory:`"),
            ("///:memory:", "write `sqlite::memory:`"),
            ("//memory:", "write `sqlite::memory:`"),
            ("/:memory:", "write `sqlite::memory:`"),
            ("file:///:memory:", "write `sqlite::memory:`"),
            (" :memory:", "write `sqlite::memory:`"),
            (":memory:?x=1", "`x` is not a parameter"),
            (":memory:?mode=ro", "leave it out"),
            (":memory:?immutable=1", "not immutable"),
            ("orders.db?Mode=ro", "`Mode` is not a parameter"),
            ("orders.db?mode=RO", "one of `ro`"),
            ("orders.db?mode", "cannot be ``"),
            ("orders.db?mode=ro&mode=rw", "twice"),
            ("orders.db?cache=maybe", "one of `shared`"),
            ("orders.db?immutable=maybe", "one of `1`"),
            ("orders.db?vfs=unix-none", "`vfs` is not a parameter"),
            ("orders.db?nolock=1", "`nolock` is not a parameter"),
            ("orders.db#x", "%23"),
            ("a%00b.db", "NUL"),
            ("%FF.db", "UTF-8"),
            ("file://elsewhere/orders.db", "`elsewhere`"),
        ] {
            let error = Location::parse(url).unwrap_err();
            assert!(error.is_invalid_request(), "{url}: {error}");
            assert!(error.to_string().contains(why), "{url}: {error}");
        }
    }
}
