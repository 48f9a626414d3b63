//! Words of SQL as names of tables and columns.

use ::relations::definition::{ColumnType, EntityDefinition, PropertyDefinition};
use ::relations::prelude::*;
use ::relations::{Engine, Executor, Schema, sql};

/// An entity whose columns are words that one of the engines reserves, and their list.
macro_rules! words {
    ($($field:ident $word:literal,)*) => {
        #[derive(Debug, Clone, PartialEq, Entity)]
        #[entity(table = "select")]
        #[has_many(Words, name = "parts", key_to = "whole_id")]
        pub struct Words {
            #[id]
            #[column(name = "from")]
            pub id: i64,
            #[belongs_to(Words)]
            #[column(name = "order by")]
            pub whole_id: Option<i64>,
            $(#[column(name = $word)] pub $field: Option<i32>,)*
        }

        fn numbered(id: i64, whole_id: Option<i64>) -> NewWords {
            let mut number = 0;
            let mut next = || {
                number += 1;
                Some(number)
            };
            NewWords { id, whole_id, $($field: next(),)* }
        }

        const WORDS: &[&str] = &["from", $($word),*];
    };
}

words! {
    abort_ "abort",
    action_ "action",
    add_ "add",
    after_ "after",
    all_ "all",
    alter_ "alter",
    always_ "always",
    analyse_ "analyse",
    analyze_ "analyze",
    and_ "and",
    any_ "any",
    array_ "array",
    as_ "as",
    asc_ "asc",
    asymmetric_ "asymmetric",
    attach_ "attach",
    authorization_ "authorization",
    autoincrement_ "autoincrement",
    before_ "before",
    begin_ "begin",
    between_ "between",
    binary_ "binary",
    both_ "both",
    by_ "by",
    cascade_ "cascade",
    case_ "case",
    cast_ "cast",
    check_ "check",
    collate_ "collate",
    collation_ "collation",
    column_ "column",
    commit_ "commit",
    concurrently_ "concurrently",
    conflict_ "conflict",
    constraint_ "constraint",
    create_ "create",
    cross_ "cross",
    current_ "current",
    current_catalog_ "current_catalog",
    current_date_ "current_date",
    current_role_ "current_role",
    current_schema_ "current_schema",
    current_time_ "current_time",
    current_timestamp_ "current_timestamp",
    current_user_ "current_user",
    database_ "database",
    default_ "default",
    deferrable_ "deferrable",
    deferred_ "deferred",
    delete_ "delete",
    desc_ "desc",
    detach_ "detach",
    distinct_ "distinct",
    do_ "do",
    drop_ "drop",
    each_ "each",
    else_ "else",
    end_ "end",
    escape_ "escape",
    except_ "except",
    exclude_ "exclude",
    exclusive_ "exclusive",
    exists_ "exists",
    explain_ "explain",
    fail_ "fail",
    false_ "false",
    fetch_ "fetch",
    filter_ "filter",
    first_ "first",
    following_ "following",
    for_ "for",
    foreign_ "foreign",
    freeze_ "freeze",
    full_ "full",
    generated_ "generated",
    glob_ "glob",
    grant_ "grant",
    group_ "group",
    groups_ "groups",
    having_ "having",
    if_ "if",
    ignore_ "ignore",
    ilike_ "ilike",
    immediate_ "immediate",
    in_ "in",
    index_ "index",
    indexed_ "indexed",
    initially_ "initially",
    inner_ "inner",
    insert_ "insert",
    instead_ "instead",
    intersect_ "intersect",
    into_ "into",
    is_ "is",
    isnull_ "isnull",
    join_ "join",
    key_ "key",
    last_ "last",
    lateral_ "lateral",
    leading_ "leading",
    left_ "left",
    like_ "like",
    limit_ "limit",
    localtime_ "localtime",
    localtimestamp_ "localtimestamp",
    match_ "match",
    materialized_ "materialized",
    natural_ "natural",
    no_ "no",
    not_ "not",
    nothing_ "nothing",
    notnull_ "notnull",
    null_ "null",
    nulls_ "nulls",
    of_ "of",
    offset_ "offset",
    on_ "on",
    only_ "only",
    or_ "or",
    order_ "order",
    others_ "others",
    outer_ "outer",
    over_ "over",
    overlaps_ "overlaps",
    partition_ "partition",
    placing_ "placing",
    plan_ "plan",
    pragma_ "pragma",
    preceding_ "preceding",
    primary_ "primary",
    query_ "query",
    raise_ "raise",
    range_ "range",
    recursive_ "recursive",
    references_ "references",
    regexp_ "regexp",
    reindex_ "reindex",
    release_ "release",
    rename_ "rename",
    replace_ "replace",
    restrict_ "restrict",
    returning_ "returning",
    right_ "right",
    rollback_ "rollback",
    row_ "row",
    rows_ "rows",
    savepoint_ "savepoint",
    select_ "select",
    session_user_ "session_user",
    set_ "set",
    similar_ "similar",
    some_ "some",
    symmetric_ "symmetric",
    system_user_ "system_user",
    table_ "table",
    tablesample_ "tablesample",
    temp_ "temp",
    temporary_ "temporary",
    then_ "then",
    ties_ "ties",
    to_ "to",
    trailing_ "trailing",
    transaction_ "transaction",
    trigger_ "trigger",
    true_ "true",
    unbounded_ "unbounded",
    union_ "union",
    unique_ "unique",
    update_ "update",
    user_ "user",
    using_ "using",
    vacuum_ "vacuum",
    values_ "values",
    variadic_ "variadic",
    verbose_ "verbose",
    view_ "view",
    virtual_ "virtual",
    when_ "when",
    where_ "where",
    window_ "window",
    with_ "with",
    without_ "without",
}

/// The definition of a table and a column of that name. A test may leak.
fn definition(word: &str) -> &'static EntityDefinition {
    let word: &'static str = String::leak(word.to_owned());
    let property = PropertyDefinition::new(word, word, ColumnType::BigInt).id();
    let property: &'static PropertyDefinition = Box::leak(Box::new(property));
    let properties = Box::leak(Box::new([property]));
    Box::leak(Box::new(EntityDefinition::new(word, word, properties, &[])))
}

behaviour! {
    async fn each_is_a_column(db) {
        db.create(schema![Words]).await.unwrap();
        let whole = numbered(1, None).insert(db).await.unwrap();
        let mut part = numbered(2, Some(1)).insert(db).await.unwrap();
        part.where_ = None;
        part.update(db).await.unwrap();
        let filter = Words::SELECT.eq(part.select_.unwrap()).and(Words::WHERE.is_null());
        let found = Words::find()
            .filter(filter.and(Words::WHOLE.column(Words::WHERE).is_not_null()))
            .order_by(Words::ORDER.asc())
            .include(Words::WHOLE)
            .one(db)
            .await
            .unwrap();
        assert_eq!((&*found, &found.whole), (&part, &Some(whole)));
        let set = Words::find_by_id(2).set(Words::SET, 0).update(db).await.unwrap();
        assert_eq!(set, 1);
        let by_name: Words = sql("SELECT * FROM \"select\" WHERE \"set\" = $1", (0,)).one(db).await.unwrap();
        assert_eq!(by_name, Words { set_: Some(0), ..part });
    }

    async fn each_is_a_table(db) {
        let mut words: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
        if db.engine() == Engine::Postgres {
            let all = "SELECT word, catcode IN ('R', 'T') FROM pg_get_keywords()";
            let all: Vec<(String, bool)> = sql(all, ()).all(db).await.unwrap();
            let unknown = all.iter().filter(|(word, reserved)| *reserved && !words.contains(word));
            assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&(String, bool)>::new());
            words = all.into_iter().map(|(word, _)| word).collect();
        }
        let tables = || Schema::new(words.iter().map(|word| definition(word)));
        db.create(tables()).await.unwrap();
        for word in &words {
            let counted = sql(format!("SELECT count(\"{word}\") FROM \"{word}\""), ());
            assert_eq!(counted.one::<i64>(db).await.unwrap(), 0, "{word}");
        }
        db.drop(tables()).await.unwrap();
    }
}
