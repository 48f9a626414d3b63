//! The elements of an index, as SQL has them between its brackets.

use crate::schema::check::columns::is_same_text;

/// The elements of an index out of its `CREATE INDEX`; none where they are these columns alone.
pub(in crate::schema) fn of_index(create_index: &str, columns: &[String]) -> Vec<String> {
    let Some(list) = bracketed(create_index) else { return Vec::new() };
    let elements = divided(list);
    let is_plain = elements.len() == columns.len()
        && elements.iter().zip(columns).all(|(element, column)| {
            name(element).is_some_and(|name| name.eq_ignore_ascii_case(column))
        });
    if is_plain { Vec::new() } else { elements }
}

/// The parts of a list, which commas divide that are in no brackets and in no quotes.
pub(in crate::schema) fn divided(list: &str) -> Vec<String> {
    let (mut all, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, sign) in signs(list) {
        match sign {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                all.extend(list.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    all.extend(list.get(start..));
    all.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// Whether both are the same elements.
pub(in crate::schema) fn are_same(one: &[String], other: &[String]) -> bool {
    let bare = |element: &String| name(element).unwrap_or_else(|| element.clone());
    let is_same = |(one, other): (&String, &String)| is_same_text(&bare(one), &bare(other));
    one.len() == other.len() && one.iter().zip(other).all(is_same)
}

/// The column that an element is; `None` of an expression, and of a column with more about it.
pub(in crate::schema) fn name(element: &str) -> Option<String> {
    let between = |open: char, close: char| element.strip_prefix(open)?.strip_suffix(close);
    let inside = between('"', '"').or_else(|| between('`', '`')).or_else(|| between('[', ']'));
    match inside {
        Some(inside) if inside.replace("\"\"", "").contains(['"', '`', ']']) => None,
        Some(inside) => Some(inside.replace("\"\"", "\"")),
        None => {
            let is_word = |one: char| one.is_alphanumeric() || one == '_' || one == '$';
            (!element.is_empty() && element.chars().all(is_word)).then(|| element.to_owned())
        }
    }
}

/// The text between the first bracket that is in no quotes, and the one that closes it.
fn bracketed(sql: &str) -> Option<&str> {
    let (mut start, mut depth) = (None, 0_i32);
    for (at, sign) in signs(sql) {
        match sign {
            '(' => {
                start = start.or(Some(at + 1));
                depth += 1;
            }
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return sql.get(start?..at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The characters that are in no quotes, with their places.
fn signs(sql: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    sql.char_indices().filter(move |(_, character)| match quote {
        Some(open) => {
            if *character == open {
                quote = None;
            }
            false
        }
        None if matches!(character, '\'' | '"' | '`') => {
            quote = Some(*character);
            false
        }
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_in_the_text_of_an_index() {
        for (sql, columns, elements) in [
            ("CREATE INDEX i ON public.t USING btree (a, \"b c\")", vec!["a", "b c"], vec![]),
            (
                "CREATE INDEX i ON \"t (\" USING btree (a DESC, lower((b)::text)) WHERE (a > 1)",
                vec!["a", "lower"],
                vec!["a DESC", "lower((b)::text)"],
            ),
            (
                "CREATE INDEX i ON t (coalesce(a, ', ('), \"x\"\"\")",
                vec!["(expression)", "x\""],
                vec!["coalesce(a, ', (')", "\"x\"\"\""],
            ),
            ("CREATE INDEX i ON t (a gin_trgm_ops)", vec!["a"], vec!["a gin_trgm_ops"]),
        ] {
            let columns: Vec<_> = columns.into_iter().map(str::to_owned).collect();
            assert_eq!(of_index(sql, &columns), elements, "{sql}");
        }
        let list = |parts: &[&str]| parts.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        assert!(are_same(&list(&["\"a\"", "lower(b)"]), &list(&["a", "lower(b)"])));
        assert!(!are_same(&list(&["a DESC"]), &list(&["a"])));
    }
}
