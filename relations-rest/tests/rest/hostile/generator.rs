//! A generator of hostile filters, each with a mistake in it. The benchmark measures the same ones.

/// A generator of numbers, the same in each run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % most
    }

    pub(crate) fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all.get(self.below(all.len())).copied().unwrap_or_default()
    }
}

pub(crate) const NAMES: [&str; 22] = [
    "id",
    "quantity",
    "status",
    "note",
    "customer",
    "lines",
    "payer",
    "tokens",
    "__proto__",
    "constructor",
    "where",
    "and",
    "or",
    "not",
    "quantity; DROP TABLE orders",
    "QUANTITY",
    "quantіty",
    "\u{202e}di",
    "",
    "id\\u0000",
    "customer.name",
    "version",
];
const OPERATORS: [&str; 20] = [
    "eq", "neq", "gt", "gte", "lt", "lte", "inq", "nin", "between", "like", "ilike", "exists",
    "regexp", "$gt", "any", "none", "all", "count", "EQ", "",
];
const VALUES: [&str; 16] = [
    "null",
    "true",
    "1",
    "-1",
    "1.5",
    "1e400",
    "9223372036854775808",
    "123456789012345678901234567890",
    "\"x\"",
    "\"' OR 1=1 --\"",
    "\"\\u0000\"",
    "[]",
    "[1,[2]]",
    "{}",
    "{\"a\":1,\"a\":2}",
    "\"\\ud800\"",
];

pub(crate) fn value(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 1 } else { 4 }) {
        0 => random.of(&VALUES).to_owned(),
        1 => format!("{{\"{}\": {}}}", random.of(&OPERATORS), value(random, depth - 1)),
        2 => format!("{{\"{}\": {}}}", random.of(&NAMES), value(random, depth - 1)),
        _ => {
            let all: Vec<String> = (0..random.below(4)).map(|_| value(random, depth - 1)).collect();
            format!("[{}]", all.join(","))
        }
    }
}

/// A filter with a mistake in it.
pub(crate) fn filter(random: &mut Random) -> String {
    let bad = [
        "{\"where\": {\"nope\": 1}}",
        "{\"limit\": -1}",
        "{\"limit\": 1e9}",
        "{\"order\": [\"id; DROP\"]}",
        "{",
        "{\"fields\": [\"secret\"]}",
        "{\"include\": [\"tokens\"]}",
        "{\"where\": {\"quantity\": {\"regexp\": \"a\"}}}",
    ];
    match random.below(4) {
        0 => random.of(&bad).to_owned(),
        1 => format!(
            "{{\"where\": {{\"{}\": {}, \"nope\": 1}}}}",
            random.of(&NAMES),
            value(random, 6)
        ),
        2 => format!(
            "{{\"include\": [{}, \"nope\"], \"{}\": 1}}",
            value(random, 4),
            random.of(&NAMES)
        ),
        _ => format!(
            "{{\"order\": [\"{} {}\", \"nope\"]}}",
            random.of(&NAMES),
            random.of(&OPERATORS)
        ),
    }
}
