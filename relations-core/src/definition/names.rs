//! Lists of names, compared in constants.

/// Whether two lists hold the same pairs, in any order.
pub(crate) const fn same_pairs(pairs: (&[&str], &[&str]), others: (&[&str], &[&str])) -> bool {
    let (mut left, mut right) = pairs;
    if left.len() != others.0.len() {
        return false;
    }
    while let ([one, left_rest @ ..], [other, right_rest @ ..]) = (left, right) {
        if !has_pair(others, one, other) {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    true
}

pub(crate) const fn has_pair(
    (mut left, mut right): (&[&str], &[&str]),
    one: &str,
    other: &str,
) -> bool {
    while let ([first, left_rest @ ..], [second, right_rest @ ..]) = (left, right) {
        if same(first, one) && same(second, other) {
            return true;
        }
        (left, right) = (left_rest, right_rest);
    }
    false
}

pub(crate) const fn has(mut names: &[&str], name: &str) -> bool {
    while let [first, rest @ ..] = names {
        if same(first, name) {
            return true;
        }
        names = rest;
    }
    false
}

pub(crate) const fn has_all(names: &[&str], mut sought: &[&str]) -> bool {
    while let [first, rest @ ..] = sought {
        if !has(names, first) {
            return false;
        }
        sought = rest;
    }
    true
}

/// Whether two names are one; `==` is not for constants yet.
pub(crate) const fn same(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let ([one, left_rest @ ..], [other, right_rest @ ..]) = (left, right) {
        if *one != *other {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.len() == right.len()
}
