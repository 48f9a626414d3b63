//! Input that nobody should write.

use ::relations::prelude::*;
use ::relations::{Database, Engine, Error, Executor, Filter, Json, sql};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Node, name = "children", key_to = "parent_id")]
pub struct Node {
    #[id]
    pub id: i64,
    #[belongs_to(Node, name = "parent")]
    pub parent_id: Option<i64>,
    pub text: String,
}

/// Everything that can be text.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Note {
    #[id]
    pub name: String,
    pub code: Code,
    pub text: Option<String>,
    pub more: Json<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
pub struct Code(String);

/// Names that would end their quotes, or be taken for something else.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "o'r\"d`e]r;s -- $1 ? WHERE /*")]
pub struct Quoted {
    #[id(generated)]
    #[column(name = "\"")]
    pub id: i64,
    #[unique]
    #[column(name = "a\" = 1; DROP TABLE \"x'")]
    pub first: i32,
    #[column(name = "🦀 ' \\ %_?$2:b@c")]
    pub second: Option<String>,
    #[index]
    #[belongs_to(Quoted, name = "parent")]
    #[column(name = "parent WHERE \"id\" = ?")]
    pub parent_id: Option<i64>,
}

async fn node(db: &Database, id: i64, text: &str) -> Node {
    NewNode { id, parent_id: None, text: text.into() }.insert(db).await.unwrap()
}

fn assert_refused<T>(answer: Result<T, Error>, says: &str) {
    let error = answer.err().expect(says);
    assert!(error.is_invalid_request(), "{error}");
    assert_eq!(error.to_string(), says);
}

const NUL: &str =
    "holds a NUL character, which a database's text cannot; take it out, or store bytes";

behaviour! {
    async fn a_nul_in_text_is_refused_by_the_name_of_its_property(db) {
        db.create(schema![Note]).await.unwrap();
        let note = NewNote {
            name: "a".into(), code: Code("b".into()), text: None, more: Json(vec![]),
        };
        let stored = note.clone().insert(db).await.unwrap();
        let nul = || "a\0b".to_owned();

        let name = NewNote { name: nul(), ..note.clone() };
        assert_refused(name.insert(db).await, &format!("`Note.name` {NUL}"));
        let code = NewNote { code: Code(nul()), ..note.clone() };
        assert_refused(code.insert(db).await, &format!("`Note.code` {NUL}"));
        let text = NewNote { text: Some(nul()), ..note.clone() };
        assert_refused(text.insert(db).await, &format!("`Note.text` {NUL}"));
        let more = NewNote { more: Json(vec![nul()]), ..note };
        assert_refused(more.insert(db).await, &format!("`Note.more` {NUL}"));

        let mut changed = Note { text: Some(nul()), ..stored.clone() };
        assert_refused(changed.update(db).await, &format!("`Note.text` {NUL}"));
        let set = Note::find_by_id("a").set(Note::TEXT, nul());
        assert_refused(set.update(db).await, &format!("`Note.text` {NUL}"));

        assert_refused(Note::find_by_id(nul()).one(db).await, &format!("`Note.name` {NUL}"));
        Note::find_by_id("a").one(db).await.unwrap();
        assert_refused(Note::find_by_id(nul()).one(db).await, &format!("`Note.name` {NUL}"));
        let gone = Note { name: nul(), ..stored };
        assert_refused(gone.delete(db).await, &format!("`Note.name` {NUL}"));

        for filter in [Note::TEXT.eq(nul()), Note::TEXT.is_in(["a", "\0"]), Note::TEXT.gt("\0")] {
            let found = Note::find().filter(filter).all(db).await;
            let says = found.expect_err("a NUL").to_string();
            let named = says.starts_with("`Note.text` ") || says.starts_with("`note.text` ");
            assert!(named && says.ends_with(NUL), "{says}");
        }
        for filter in [Note::TEXT.contains("\0"), Note::TEXT.like("%\0"), Note::TEXT.ilike("\0")] {
            let found = Note::find().filter(filter).all(db).await;
            assert_refused(found, &format!("`Note.text` is asked for a text that {NUL}"));
        }
        assert_refused(sql("SELECT $1", ("\0",)).execute(db).await, &format!("`$1` {NUL}"));
        assert_refused(sql("SELECT '\0'", ()).execute(db).await, &format!("the SQL {NUL}"));
        assert_eq!(Note::find().count(db).await.unwrap(), 1);
    }

    async fn names_are_quoted_whatever_they_are(db) {
        db.create(schema![Quoted]).await.unwrap();
        db.create_if_missing(schema![Quoted]).await.unwrap();
        let new = |first, parent_id| NewQuoted { first, second: Some("'\"\\`$1?%_".into()), parent_id };
        let one = new(1, None).insert(db).await.unwrap();
        let mut two = new(2, Some(one.id)).insert(db).await.unwrap();
        two.second = None;
        two.update(db).await.unwrap();
        let found = Quoted::find()
            .filter(Quoted::PARENT.column(Quoted::SECOND).contains("$1?%_"))
            .include(Quoted::PARENT)
            .order_by(Quoted::SECOND.desc())
            .one(db)
            .await
            .unwrap();
        assert_eq!((&*found, &found.parent), (&two, &Some(one.clone())));
        let same = new(1, None).insert(db).await.unwrap_err();
        assert_eq!((same.is_unique_violation(), same.key()), (true, Some("1")));
        let nobody = new(3, Some(7)).insert(db).await.unwrap_err();
        assert!(nobody.is_foreign_key_violation());
        assert_eq!(nobody.relation().map(|relation| relation.name), Some("parent"));
        let held = one.delete(db).await.unwrap_err();
        assert!(held.is_foreign_key_violation());
        assert_eq!(held.relation().map(|relation| relation.name), Some("parent"));
        assert_eq!(Quoted::find().filter(Quoted::FIRST.eq(2)).delete(db).await.unwrap(), 1);
        one.delete(db).await.unwrap();
        db.drop(schema![Quoted]).await.unwrap();
    }

    async fn values_are_never_sql(db) {
        db.create(schema![Node]).await.unwrap();
        let texts = [
            "'; DROP TABLE nodes; --", "\" OR 1 = 1", "\\", "\\'", "$1", "?", "%", "_", "*/", "🦀👩‍👩‍👧",
            "\u{202e}abc", "\u{feff}", "\u{10ffff}", "e\u{301}", "\r\n\t\u{7f}\u{1}", "",
        ];
        for (id, text) in (0..).zip(texts) {
            assert_eq!(node(db, id, text).await.text, text);
            let filter = Node::TEXT.eq(text).and(Node::TEXT.is_in([text])).and(Node::TEXT.starts_with(text));
            assert_eq!(Node::find().filter(filter).one(db).await.unwrap().id, id, "{text:?}");
            let raw = sql("SELECT id FROM nodes WHERE text = $1", (text,));
            assert_eq!(raw.one::<i64>(db).await.unwrap(), id);
        }
        let found = Node::find().filter(Node::TEXT.is_in(texts)).count(db).await.unwrap();
        assert_eq!(usize::try_from(found), Ok(texts.len()));
    }

    async fn large_values_come_back(db) {
        db.create(schema![Node]).await.unwrap();
        let text = "é🦀 ".repeat(8 << 20);
        assert!(text.len() > 50 << 20);
        let large = node(db, 1, &text).await;
        assert!(large.text == text);
        let found = Node::find().filter(Node::TEXT.eq(&text)).one(db).await.unwrap();
        assert!(found.text == text);
    }

    /// A million, or as many as `RELATIONS_TEST_KEYS` says: ten million take some gigabytes.
    async fn a_million_keys_are_one_array(db) {
        let keys = std::env::var("RELATIONS_TEST_KEYS").ok();
        let keys: i64 = keys.map_or(1_000_000, |keys| keys.parse().unwrap());
        db.create(schema![Node]).await.unwrap();
        node(db, 5, "").await;
        node(db, keys + 5, "").await;
        let found = Node::find().filter(Node::ID.is_in(0..keys)).all(db).await.unwrap();
        assert_eq!(found.iter().map(|node| node.id).collect::<Vec<_>>(), [5]);
        let others = Node::find().filter(Node::ID.not_in(0..keys));
        assert_eq!(others.count(db).await.unwrap(), 1);
    }

    async fn deep_filters_are_answered_or_refused(db) {
        db.create(schema![Node]).await.unwrap();
        node(db, 1, "").await;
        for (nest, levels) in NESTS {
            Node::find().filter(nested(nest, levels)).count(db).await.expect("an answer");
            let deep = nested(nest, 10_000);
            let _ = format!("{:?} {:?}", deep, deep.clone());
            let answer = Node::find().filter(deep).all(db).await;
            assert_refused(answer, "a filter has more than 200 conditions in each other; put them \
                side by side, as `a.or(b).or(c)`, or ask for a list of values with `.is_in(…)`");
        }
    }

    async fn wide_filters_are_answered(db) {
        db.create(schema![Node]).await.unwrap();
        node(db, 7, "").await;
        node(db, 10_000, "").await;
        let is = |id: i64| Node::ID.eq(id);
        let from_left = (0..10_000).map(is).reduce(Filter::or).unwrap();
        assert_eq!(Node::find().filter(from_left).count(db).await.unwrap(), 1);
        let from_right = (0..10_000).map(is).reduce(|all, one| one.or(all)).unwrap();
        assert_eq!(Node::find().filter(!from_right).count(db).await.unwrap(), 1);
        let all = (0..10_000).map(|id| Node::ID.ne(id)).reduce(Filter::and).unwrap();
        assert_eq!(Node::find().filter(all).count(db).await.unwrap(), 1);
        let narrowed = (0..10_000).fold(Node::find(), |query, id| query.filter(Node::ID.ne(id)));
        assert_eq!(narrowed.count(db).await.unwrap(), 1);
    }

    async fn too_many_values_are_refused(db) {
        db.create(schema![Node]).await.unwrap();
        let filter = (0..70_000).map(|id: i64| Node::ID.eq(id)).reduce(Filter::or).unwrap();
        let error = Node::find().filter(filter).all(db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(error.to_string().starts_with("the statement has 70000 values, and "), "{error}");
        let list = vec![1_i64; 70_000];
        let text = (1..=70_000).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
        let error = sql(format!("SELECT 1 WHERE 1 IN ({text})"), list).execute(db).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        // Whatever was refused, the next one is answered.
        assert_eq!(Node::find().count(db).await.unwrap(), 0);
    }
}

/// One filter around another.
type Nest = fn(Filter<Node>, i64) -> Filter<Node>;

/// Constructs that nest, with the depth that is still answered.
const NESTS: [(Nest, i64); 6] = [
    (|inner, level| inner.and(Node::ID.ne(level)).or(Node::ID.eq(level)), 90),
    (|inner, level| Node::ID.ne(level).and(Node::ID.eq(level).or(inner)), 90),
    (|inner, level| !inner.and(Node::ID.ne(level)), 90),
    (|inner, _| Node::CHILDREN.any(inner), 15),
    // PostgreSQL plans each of these twice for the one around it.
    (|inner, _| Node::CHILDREN.all(inner), 5),
    (|inner, level| Node::CHILDREN.count().filter(inner).gt(level), 15),
];

fn nested(nest: Nest, levels: i64) -> Filter<Node> {
    (0..levels).fold(Node::ID.eq(0), nest)
}

/// One engine after the other, as it takes two gigabytes.
#[tokio::test]
async fn a_gigabyte_is_refused_before_it_is_sent() {
    let mut databases = vec![crate::support::sqlite().await];
    databases.extend(crate::support::postgres().await);
    for db in databases {
        db.create(schema![Node]).await.unwrap();
        let (id, text) = (1, "a".repeat(1_000_000_001));
        let name = if db.engine() == Engine::Postgres { "PostgreSQL" } else { "SQLite" };
        let says = format!(
            "the statement holds 1000000001 bytes, and {name} takes 1000000000 at most; write less \
             at once, or keep so much in files",
        );
        assert_refused(NewNode { id, parent_id: None, text }.insert(&db).await, &says);
        assert_eq!(Node::find().count(&db).await.unwrap(), 0);
    }
}

/// The most memory that this process has had so far, in kilobytes; nothing where that is not known.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// A filter of a million conditions.
fn million(condition: fn(i64) -> Filter<Node>) -> Filter<Node> {
    (0..1_000_001).map(condition).reduce(Filter::or).unwrap()
}

/// In a process of its own, since memory is that of the process.
#[tokio::test]
async fn a_million_conditions_are_refused_before_they_are_written() {
    const ALONE: &str = "RELATIONS_MILLION";
    const NAME: &str = "hostile::a_million_conditions_are_refused_before_they_are_written";
    if std::env::var_os(ALONE).is_none() {
        let mut process = std::process::Command::new(std::env::current_exe().unwrap());
        process.args(["--exact", NAME, "--nocapture"]).env(ALONE, "1");
        let output = process.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let failed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}{failed}");
        return;
    }
    let mut databases = vec![crate::support::sqlite().await];
    databases.extend(crate::support::postgres().await);
    for db in &databases {
        db.create(schema![Node]).await.unwrap();
        node(db, 7, "").await;
    }
    // One copy of a million conditions takes 86 MB; to write them takes a gigabyte and ten seconds.
    macro_rules! refused {
        ($name:expr, $query:expr, $verb:ident($($argument:expr),*)) => {
            let query = $query;
            let _ = std::fs::write("/proc/self/clear_refs", "5");
            let before = peak();
            let asked = query.$verb($($argument),*).await.map(drop);
            let memory = peak().saturating_sub(before);
            let error = asked.unwrap_err();
            assert!(error.is_invalid_request(), "{}: {error}", $name);
            assert!(memory < 128 * 1024, "{}: {memory} kB", $name);
        };
    }
    type Condition = fn(i64) -> Filter<Node>;
    let conditions: [(&str, Condition); 2] =
        [("equal", |id| Node::ID.eq(id)), ("null", |_| Node::PARENT_ID.is_null())];
    for (name, condition) in conditions {
        let filter = million(condition);
        let within = Node::CHILDREN.any(filter.clone());
        for db in &databases {
            let query = || Node::find().filter(filter.clone());
            refused!(name, query(), all(db));
            refused!(name, query(), count(db));
            refused!(name, query(), exists(db));
            refused!(name, query().page(3), fetch(db));
            refused!(name, query().set(Node::TEXT, "a"), update(db));
            refused!(name, query(), delete(db));
            refused!(name, Node::find().filter(within.clone()), count(db));
            refused!(name, Node::find().include(Node::CHILDREN.filter(filter.clone())), all(db));
            let counted = || Node::CHILDREN.count().filter(filter.clone());
            refused!(name, Node::find().order_by(counted().asc()), all(db));
            refused!(name, Node::find().filter(counted().gt(1)), all(db));
            refused!(name, Node::find().select((Node::ID, counted())), all(db));
        }
    }
}
