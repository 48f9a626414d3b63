//! Suggestions for names that do not exist.

/// Names longer than this are cut where an error shows them; they come from requests.
const LONGEST: usize = 60;

/// The name that was probably meant: the closest one, if it is close enough.
pub(crate) fn closest<'name>(
    given: &str,
    names: impl IntoIterator<Item = &'name str>,
) -> Option<&'name str> {
    let length = given.chars().count();
    if length > LONGEST {
        return None;
    }
    let near = names.into_iter().filter_map(|name| {
        let distance = distance(given, name);
        (distance <= length.max(3) / 3).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// The edit distance of two names: insertions, deletions, replacements and exchanges of neighbours. Case
/// does not count.
fn distance(given: &str, name: &str) -> usize {
    let folded = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (given, name) = (folded(given), folded(name));
    let mut rows: Vec<Vec<usize>> = vec![(0..=name.len()).collect()];
    for (at, letter) in given.iter().enumerate() {
        let mut row = vec![at + 1];
        for (to, other) in name.iter().enumerate() {
            let cell = |back: usize, to: usize| {
                let above = (rows.len()).checked_sub(back).and_then(|row| rows.get(row));
                above.and_then(|row| row.get(to)).copied().unwrap_or(usize::MAX - 1)
            };
            let left = row.last().copied().unwrap_or_default();
            let replaced = cell(1, to) + usize::from(letter != other);
            let mut least = replaced.min(cell(1, to + 1) + 1).min(left + 1);
            let before =
                |list: &[char], at: usize| at.checked_sub(1).and_then(|at| list.get(at).copied());
            let exchanged =
                before(&given, at) == Some(*other) && before(&name, to) == Some(*letter);
            if let (true, Some(to)) = (exchanged, to.checked_sub(1)) {
                least = least.min(cell(2, to) + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or_default()
}

/// A name of a request as an error shows it: cut, and without control characters.
pub(crate) fn shown(name: &str) -> String {
    let mut shown: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// `; did you mean …?`, or the names that there are.
pub(crate) fn suggestion<'name>(
    given: &str,
    names: impl IntoIterator<Item = &'name str> + Clone,
) -> String {
    if let Some(name) = closest(given, names.clone()) {
        return format!("; did you mean `{name}`?");
    }
    let all: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match all.as_slice() {
        [] => "; none is allowed".to_owned(),
        all => format!("; allowed: {}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_suggested() {
        let names = ["customer", "lines", "payer", "id"];
        for (given, meant) in [
            ("custmer", Some("customer")),
            ("Customer", Some("customer")),
            ("cutsomer", Some("customer")),
            ("line", Some("lines")),
            ("payers", Some("payer")),
            ("di", Some("id")),
            ("warehouse", None),
            ("", None),
        ] {
            assert_eq!(closest(given, names), meant, "{given}");
        }
    }

    #[test]
    fn a_name_of_a_request_is_cut_and_escaped() {
        assert_eq!(shown("a\n`b"), r"`a\n`b`");
        assert_eq!(shown(&"x".repeat(100)).chars().count(), LONGEST + 3);
        assert_eq!(closest(&"x".repeat(1_000_000), ["x"]), None);
    }
}
