//! The tokens of SQL, as each engine's own scanner finds them.

use std::borrow::Cow;
use std::iter::from_fn;

use crate::dialect::Engine;

/// A part of a statement; spaces and comments are left out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token<'sql> {
    /// A keyword, or a name without quotes.
    Word(&'sql str),
    /// A name in quotes, without them.
    Name(Cow<'sql, str>),
    /// A text as the engine reads it, without its quotes and escapes.
    Text(Cow<'sql, str>),
    /// The number of a placeholder.
    Placeholder(usize),
    Sign(char),
}

impl Token<'_> {
    /// Whether it is that keyword, which is given in upper case.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// Whether it is a name, which is given in lower case.
    pub(crate) fn names(&self, engine: Engine, name: &str) -> bool {
        match self {
            Self::Word(word) => word.eq_ignore_ascii_case(name),
            // SQLite takes a text for a name where it expects one.
            Self::Text(text) if engine == Engine::Sqlite => text.eq_ignore_ascii_case(name),
            Self::Name(quoted) if engine == Engine::Sqlite => quoted.eq_ignore_ascii_case(name),
            Self::Name(quoted) => quoted == name,
            _ => false,
        }
    }
}

/// The tokens of a text.
pub(crate) fn tokens(engine: Engine, sql: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = sql;
    from_fn(move || {
        loop {
            let (token, behind) = next(engine, rest)?;
            rest = behind;
            if token.is_some() {
                return token;
            }
        }
    })
}

/// The next token, none for a space or a comment, and what is behind it.
pub(crate) fn next(engine: Engine, sql: &str) -> Option<(Option<Token<'_>>, &str)> {
    let mut characters = sql.chars();
    let first = characters.next()?;
    let behind = characters.as_str();
    let on_postgres = engine == Engine::Postgres;
    let blank = |behind| Some((None, behind));
    let token = |token, behind| Some((Some(token), behind));
    match first {
        _ if is_space(engine, first) => blank(behind),
        '-' if behind.starts_with('-') => blank(after_line(engine, behind)),
        '/' if behind.starts_with('*') => blank(after_comment(engine, behind)),
        '\'' => {
            let (text, behind) = text(engine, behind, false);
            token(Token::Text(text), behind)
        }
        '"' => {
            let (name, behind) = quoted(behind, '"', false);
            token(Token::Name(undoubled(name, "\"\"", "\"")), behind)
        }
        '`' if !on_postgres => {
            let (name, behind) = quoted(behind, '`', false);
            token(Token::Name(undoubled(name, "``", "`")), behind)
        }
        // On PostgreSQL this is an element of an array.
        '[' if !on_postgres => {
            let (name, behind) = behind.split_once(']').unwrap_or((behind, ""));
            token(Token::Name(name.into()), behind)
        }
        '$' => match number(behind) {
            Some((number, behind)) => token(Token::Placeholder(number), behind),
            None if on_postgres => match in_dollars(behind) {
                Some((text, behind)) => token(Token::Text(text.into()), behind),
                None => token(Token::Sign('$'), behind),
            },
            // A placeholder with a name.
            None => token(Token::Sign('$'), behind.trim_start_matches(is_within_word)),
        },
        _ if first.is_ascii_digit() => {
            let digits = |one: char| one.is_ascii_digit() || matches!(one, '.' | '_');
            token(Token::Sign('0'), sql.trim_start_matches(digits))
        }
        _ if is_within_word(first) => {
            let (word, behind) = word(engine, sql);
            token(word, behind)
        }
        _ => token(Token::Sign(first), behind),
    }
}

/// Whether a character separates tokens. No other is a space to the engines, whatever Unicode says of
/// it, but for SQLite's byte order mark.
fn is_space(engine: Engine, one: char) -> bool {
    matches!(one, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
        || one == '\u{feff}' && engine == Engine::Sqlite
}

/// Whether a character can be within a word. To both engines all are that ASCII has not.
fn is_within_word(one: char) -> bool {
    one.is_ascii_alphanumeric() || one == '_' || !one.is_ascii()
}

/// A word; a `$` may be within it. What stands before a quote says how the text is read.
fn word(engine: Engine, sql: &str) -> (Token<'_>, &str) {
    let is_end = |one: char| {
        !is_within_word(one) && one != '$' || one == '\u{feff}' && engine == Engine::Sqlite
    };
    let end = sql.find(is_end).unwrap_or(sql.len());
    let (word, behind) = sql.split_at(end);
    if engine == Engine::Sqlite {
        return (Token::Word(word), behind);
    }
    if let (true, Some(escaped)) = (word.eq_ignore_ascii_case("e"), behind.strip_prefix('\'')) {
        let (plain, behind) = text(engine, escaped, true);
        return (Token::Text(plain), behind);
    }
    if let (true, Some(quote)) = (word.eq_ignore_ascii_case("u"), behind.strip_prefix('&')) {
        if let Some(name) = quote.strip_prefix('"') {
            let (name, behind) = quoted(name, '"', false);
            let (escape, behind) = escape(behind).unwrap_or(('\\', behind));
            let name = unicode(&undoubled(name, "\"\"", "\""), escape);
            return (Token::Name(name.into()), behind);
        }
        if let Some(escaped) = quote.strip_prefix('\'') {
            let (escaped, behind) = text(engine, escaped, false);
            let (escape, behind) = escape(behind).unwrap_or(('\\', behind));
            return (Token::Text(unicode(&escaped, escape).into()), behind);
        }
    }
    (Token::Word(word), behind)
}

/// The number that a text begins with.
fn number(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|one: char| !one.is_ascii_digit()).unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    Some((digits.parse().ok()?, behind))
}

/// The text behind a comment to the end of the line, which PostgreSQL ends at a `\r` as well.
fn after_line(engine: Engine, sql: &str) -> &str {
    let is_end = |one: char| one == '\n' || one == '\r' && engine == Engine::Postgres;
    sql.split_once(is_end).map_or("", |(_, behind)| behind)
}

/// The text behind a comment, which PostgreSQL nests.
fn after_comment(engine: Engine, sql: &str) -> &str {
    let (mut depth, mut rest) = (1, sql.strip_prefix('*').unwrap_or(sql));
    while depth > 0 && !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix("*/") {
            (depth, rest) = (depth - 1, behind);
        } else if let Some(behind) = rest.strip_prefix("/*").filter(|_| engine == Engine::Postgres)
        {
            (depth, rest) = (depth + 1, behind);
        } else {
            let mut characters = rest.chars();
            characters.next();
            rest = characters.as_str();
        }
    }
    rest
}

/// A text or a name, in which a quote is written twice, and what is behind it.
fn quoted(sql: &str, quote: char, has_escapes: bool) -> (&str, &str) {
    let mut characters = sql.char_indices();
    while let Some((at, one)) = characters.next() {
        if has_escapes && one == '\\' {
            characters.next();
        } else if one == quote {
            let behind = sql.get(at + 1..).unwrap_or_default();
            if !behind.starts_with(quote) {
                return (sql.get(..at).unwrap_or_default(), behind);
            }
            characters.next();
        }
    }
    (sql, "")
}

/// A text of which the opening quote is read, and what is behind it. On PostgreSQL it goes on where
/// another text begins on a later line, which is read in the same way.
fn text(engine: Engine, sql: &str, has_escapes: bool) -> (Cow<'_, str>, &str) {
    let read = |text| if has_escapes { unescaped(text) } else { undoubled(text, "''", "'") };
    let (first, mut behind) = quoted(sql, '\'', has_escapes);
    let mut plain = read(first);
    while let Some(more) = continued(behind).filter(|_| engine == Engine::Postgres) {
        let (text, rest) = quoted(more, '\'', has_escapes);
        plain.to_mut().push_str(&read(text));
        behind = rest;
    }
    (plain, behind)
}

/// A text without its escapes.
fn unescaped(text: &str) -> Cow<'_, str> {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['\\', '\'']) {
        let (before, behind) = rest.split_at(at);
        plain.push_str(before);
        let mut characters = behind.chars();
        let is_quote = characters.next() == Some('\'');
        let behind = characters.as_str();
        let Some(kind) = characters.next() else {
            return plain.into();
        };
        let (one, behind) = match kind {
            _ if is_quote => ('\'', characters.as_str()),
            'b' | 'f' | 'n' | 'r' | 't' => (' ', characters.as_str()),
            'x' => code(characters.as_str(), 2, 16).unwrap_or((kind, characters.as_str())),
            'u' => code(characters.as_str(), 4, 16).unwrap_or((kind, characters.as_str())),
            'U' => code(characters.as_str(), 8, 16).unwrap_or((kind, characters.as_str())),
            '0'..='7' => code(behind, 3, 8).unwrap_or((kind, characters.as_str())),
            other => (other, characters.as_str()),
        };
        plain.push(one);
        rest = behind;
    }
    plain.push_str(rest);
    plain.into()
}

/// The character of a code, of so many digits at most, and what is behind it.
fn code(text: &str, most: usize, radix: u32) -> Option<(char, &str)> {
    let digits = text.chars().take(most).take_while(|one| one.is_digit(radix)).count();
    let (digits, behind) = text.split_at_checked(digits)?;
    Some((char::from_u32(u32::from_str_radix(digits, radix).ok()?)?, behind))
}

/// The rest of a text that is continued behind the end of a line.
fn continued(behind: &str) -> Option<&str> {
    let (mut rest, mut has_ended) = (behind, false);
    loop {
        let mut characters = rest.chars();
        match characters.next()? {
            '\'' if has_ended => return Some(characters.as_str()),
            one @ ('\n' | '\r') => {
                has_ended |= matches!(one, '\n' | '\r');
                rest = characters.as_str();
            }
            ' ' | '\t' | '\x0b' | '\x0c' => rest = characters.as_str(),
            '-' if characters.as_str().starts_with('-') => {
                let end = rest.find(['\n', '\r'])?;
                rest = rest.get(end..)?;
            }
            _ => return None,
        }
    }
}

/// A text in dollars, `$$…$$` or `$tag$…$tag$`, and what is behind it. It is not one where no tag ends.
fn in_dollars(sql: &str) -> Option<(&str, &str)> {
    let (tag, text) = sql.split_once('$')?;
    if !tag.chars().all(is_within_word) || tag.starts_with(|one: char| one.is_ascii_digit()) {
        return None;
    }
    Some(text.split_once(&format!("${tag}$")).unwrap_or((text, "")))
}

fn undoubled<'sql>(name: &'sql str, doubled: &str, one: &str) -> Cow<'sql, str> {
    if name.contains(doubled) { name.replace(doubled, one).into() } else { name.into() }
}

/// The character that `UESCAPE` says to begin the escapes before it, and what is behind it.
fn escape(behind: &str) -> Option<(char, &str)> {
    let (word, behind) = visible(behind)?;
    let (text, behind) = visible(behind)?;
    match text {
        Token::Text(text) if word.is("UESCAPE") => Some((text.chars().next()?, behind)),
        _ => None,
    }
}

/// The next token that is not a space or a comment, and what is behind it.
fn visible(mut sql: &str) -> Option<(Token<'_>, &str)> {
    loop {
        match next(Engine::Postgres, sql)? {
            (Some(token), behind) => return Some((token, behind)),
            (None, behind) => sql = behind,
        }
    }
}

/// A name or a text with Unicode escapes, `\0061` or `\+000061`.
fn unicode(name: &str, escape: char) -> String {
    let (mut plain, mut rest) = (String::new(), name);
    while let Some((before, behind)) = rest.split_once(escape) {
        plain.push_str(before);
        let (digits, length) = match behind.strip_prefix('+') {
            Some(digits) => (digits, 6),
            None => (behind, 4),
        };
        let code = digits.get(..length).and_then(|code| u32::from_str_radix(code, 16).ok());
        if let Some(one) = code.and_then(char::from_u32) {
            plain.push(one);
            rest = digits.get(length..).unwrap_or_default();
        } else {
            plain.push(escape);
            rest = behind.strip_prefix(escape).unwrap_or(behind);
        }
    }
    plain.push_str(rest);
    plain
}
