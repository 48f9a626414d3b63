//! Parts that only the database knows, over columns and of tables that get another name.

use ::relations::shape::migration::{Consents, compared};
use ::relations::{Database, Engine, Executor, Schema};

use super::{add, count, migrations, run, shape, steps};

mod before {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "sites")]
    #[check("length(code) < 9", name = "short_code")]
    pub struct Site {
        #[id]
        pub id: i64,
        #[unique]
        pub code: String,
        pub area: Option<String>,
        #[belongs_to(Site, name = "outer", key_to = "code")]
        pub parent: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "visits")]
    pub struct Visit {
        #[id]
        pub id: i64,
        #[belongs_to(Site, name = "place", key_to = "code")]
        pub site: String,
        pub note: Option<String>,
    }

    pub fn all() -> ::relations::Schema {
        ::relations::schema![Site, Visit]
    }
}

/// Without the constraints, and with columns for which SQLite makes both tables anew.
macro_rules! after {
    ($version:ident, $table:literal, $key:ident) => {
        mod $version {
            use ::relations::prelude::*;

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = $table)]
            pub struct Site {
                #[id]
                pub id: i64,
                pub $key: String,
                pub area: String,
                pub parent: Option<String>,
            }

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = "visits")]
            pub struct Visit {
                #[id]
                pub id: i64,
                pub site: String,
                pub note: String,
            }

            pub fn all() -> ::relations::Schema {
                ::relations::schema![Site, Visit]
            }
        }
    };
}

after!(column, "sites", label);
after!(table, "places", code);
after!(both, "places", label);

/// With the constraints as they are declared before, over columns of new names.
mod declared {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "sites")]
    #[check("length(label) < 9", name = "short_code")]
    pub struct Site {
        #[id]
        pub id: i64,
        #[unique]
        pub label: String,
        pub area: String,
        #[belongs_to(Site, key_to = "label", name = "upper")]
        pub parent: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "visits")]
    pub struct Visit {
        #[id]
        pub id: i64,
        #[belongs_to(Site, key_to = "label", name = "visited")]
        pub place: String,
        pub note: String,
    }

    pub fn all() -> ::relations::Schema {
        ::relations::schema![Site, Visit]
    }
}

/// Two tables, of which one takes the name that the other gives up.
macro_rules! in_turn {
    ($version:ident, $first:literal, $second:literal) => {
        mod $version {
            use ::relations::prelude::*;

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = $first)]
            pub struct First {
                #[id]
                pub id: i64,
                pub of_first: String,
            }

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = $second)]
            pub struct Second {
                #[id]
                pub id: i64,
                pub of_second: String,
            }

            pub fn all() -> ::relations::Schema {
                ::relations::schema![First, Second]
            }
        }
    };
}

in_turn!(in_turn_before, "one", "two");
in_turn!(in_turn_after, "two", "three");

behaviour! {
    async fn constraints_that_stay_declared_are_there_once(db) {
        db.create(before::all()).await.unwrap();
        let mut consents = Consents::new()
            .rename("sites.code", "label")
            .rename("visits.site", "place")
            .fill("sites.area", "'none'");
        if db.engine() == Engine::Postgres {
            run(db, ["ALTER TABLE sites ALTER code SET DEFAULT 'x'"]).await;
            // PostgreSQL spells a condition over a column that is there only.
            consents = consents.drop("constraint:sites.short_code");
        }
        stay(db, declared::all(), "sites", "label", consents).await;
        let after = shape(db).await;
        let (sites, visits) = (after.table(None, "sites").unwrap(), after.table(None, "visits").unwrap());
        let unique = sites.indexes.iter().filter(|index| index.unique);
        assert_eq!(unique.count(), 1, "{:?}", sites.indexes);
        assert_eq!((sites.checks.len(), sites.foreign_keys.len(), visits.foreign_keys.len()), (1, 1, 1));
        if db.engine() == Engine::Postgres {
            assert!(sites.column("label").unwrap().default.is_some(), "the database's own default stays");
        }
        assert!(db.check(declared::all()).await.unwrap().is_empty());
    }

    async fn tables_are_renamed_in_turn(db) {
        db.create(in_turn_before::all()).await.unwrap();
        run(db, ["INSERT INTO one VALUES (1, 'first')", "INSERT INTO two VALUES (2, 'second')"]).await;
        let consents = Consents::new().rename("two", "three").rename("one", "two");
        let (found, declared) = compared(db, &in_turn_after::all(), &consents).await.unwrap();
        let mut files = Vec::new();
        add(&mut files, db.engine(), &steps(&found, &declared, &consents));
        migrations(&files).apply(db).await.unwrap_or_else(|error| panic!("{error}\n{}", files[0].1));
        assert_eq!(count(db, "SELECT count(*) FROM two WHERE of_first = 'first'").await, 1);
        assert_eq!(count(db, "SELECT count(*) FROM three WHERE of_second = 'second'").await, 1);
        assert!(db.check(in_turn_after::all()).await.unwrap().is_empty());
    }

    async fn constraints_over_a_renamed_column_stay(db) {
        db.create(before::all()).await.unwrap();
        let consents = Consents::new().rename("sites.code", "label").fill("sites.area", "'none'");
        stay(db, column::all(), "sites", "label", consents).await;
    }

    async fn constraints_of_a_renamed_table_stay(db) {
        db.create(before::all()).await.unwrap();
        let consents = Consents::new().rename("sites", "places").fill("places.area", "'none'");
        stay(db, table::all(), "places", "code", consents).await;
    }

    async fn constraints_stay_where_a_table_and_its_column_are_renamed(db) {
        db.create(before::all()).await.unwrap();
        run(db, ["ALTER TABLE sites ADD extra text"]).await;
        let consents = Consents::new()
            .rename("sites", "places")
            .rename("sites.code", "label")
            .fill("places.area", "'none'")
            .drop("places.extra");
        stay(db, both::all(), "places", "label", consents).await;
        let after = shape(db).await;
        assert!(after.table(None, "places").unwrap().column("extra").is_none());
    }
}

/// The constraints of `before` are there after a change, by new names, though no entity declares them.
async fn stay(db: &Database, after: Schema, table: &str, key: &str, consents: Consents) {
    run(
        db,
        [
            "INSERT INTO sites (id, code, parent) VALUES (1, 'a', NULL), (2, 'b', 'a')",
            "INSERT INTO visits (id, site) VALUES (7, 'b')",
        ],
    )
    .await;
    let consents = consents.fill("visits.note", "''");
    let (found, declared) = compared(db, &after, &consents).await.unwrap();
    let mut files = Vec::new();
    add(&mut files, db.engine(), &steps(&found, &declared, &consents));
    let applied = migrations(&files).apply(db).await;
    applied.unwrap_or_else(|error| panic!("{error}\n{}", files[0].1));

    let visits = after.shape(db.engine()).unwrap();
    let is_renamed = visits.table(None, "visits").unwrap().column("place").is_some();
    let visited = if is_renamed { "place" } else { "site" };
    for wrong in [
        format!("INSERT INTO {table} (id, {key}, area) VALUES (3, 'a', '')"),
        format!("INSERT INTO {table} (id, {key}, area) VALUES (3, 'much too long', '')"),
        format!("INSERT INTO {table} (id, {key}, area, parent) VALUES (3, 'c', '', 'none')"),
        format!("INSERT INTO visits (id, {visited}, note) VALUES (8, 'none', '')"),
    ] {
        let session = db.sql_session().await.unwrap();
        let refused = ::relations::sql(wrong.as_str(), ()).execute(&session).await;
        let error = refused.expect_err(&format!("{wrong}\n{}", files[0].1));
        let is_constraint = error.is_unique_violation()
            || error.is_check_violation()
            || error.is_foreign_key_violation();
        assert!(is_constraint, "{error}");
    }
    let consents = Consents::new();
    let (found, declared) = compared(db, &after, &consents).await.unwrap();
    assert_eq!(steps(&found, &declared, &consents), []);
}
