//! Parts that only the database knows, over columns and of tables that get another name.

use ::relations::shape::migration::{Consents, compared};
use ::relations::{Database, Executor, Schema};

use super::{add, migrations, run, shape, steps};

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

behaviour! {
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

    for wrong in [
        format!("INSERT INTO {table} (id, {key}, area) VALUES (3, 'a', '')"),
        format!("INSERT INTO {table} (id, {key}, area) VALUES (3, 'much too long', '')"),
        format!("INSERT INTO {table} (id, {key}, area, parent) VALUES (3, 'c', '', 'none')"),
        "INSERT INTO visits (id, site, note) VALUES (8, 'none', '')".to_owned(),
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
