//! Names, indexes of expressions, and the checks of relations to one of several entities: created, checked,
//! cured and migrated.

use ::relations::prelude::*;
use ::relations::shape::Drift;
use ::relations::shape::migration::{Consents, compared};
use ::relations::{Engine, Executor, Schema, schema};

use crate::migrations::{add, fresh, migrations, run, shape, steps};

mod before {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "members")]
    #[has_many(Note)]
    pub struct Member {
        #[id(generated)]
        pub id: i64,
        #[unique]
        pub email: String,
        #[unique]
        pub number: i32,
        #[index]
        pub city: String,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "notes")]
    pub struct Note {
        #[id]
        pub id: i64,
        #[belongs_to(Member)]
        pub member_id: i64,
        pub title: String,
    }
}

mod after {
    use ::chrono::{DateTime, Utc};
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "members")]
    #[index(city, expression = "lower(email)", unique)]
    #[index(expression = "number DESC, (number * 2)", name = "by_number")]
    #[has_many(Note)]
    pub struct Member {
        #[id(generated, name = "pk_members")]
        pub id: i64,
        #[unique(name = "one_email")]
        pub email: String,
        #[unique]
        pub number: i32,
        #[index(name = "by_city")]
        pub city: String,
        #[deleted_at]
        pub deleted_at: Option<DateTime<Utc>>,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "notes")]
    pub struct Note {
        #[id]
        pub id: i64,
        #[belongs_to(Member, initially_deferred, unscoped)]
        #[index(name = "notes_of_member")]
        pub member_id: i64,
        pub title: String,
    }
}

fn all() -> Schema {
    schema![after::Member, after::Note]
}

#[test]
fn they_are_created_by_their_names() {
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let sql = all().create_sql(engine).unwrap().join("; ");
        for part in [
            r#"CREATE UNIQUE INDEX "members_city_lower_idx" ON "members" ("city", lower(email))"#,
            r#"CREATE INDEX "by_number" ON "members" (number DESC, (number * 2))"#,
            r#"CREATE INDEX "by_city" ON "members" ("city")"#,
            r#"CREATE INDEX "notes_of_member" ON "notes" ("member_id")"#,
            r#"CREATE UNIQUE INDEX "one_email" ON "members" ("email") WHERE deleted_at IS NULL"#,
            r#"CONSTRAINT "pk_members" PRIMARY KEY"#,
        ] {
            assert!(sql.contains(part), "{part} in {sql}");
        }
        // The named ones stand in for those of the usual names.
        for part in [r#""members_city_idx""#, r#""notes_member_id_idx""#] {
            assert!(!sql.contains(part), "{part} in {sql}");
        }
        let missing = all().create_if_missing_sql(engine).unwrap().join("; ");
        assert!(missing.contains("lower(email)"), "{missing}");
    }
}

behaviour! {
    async fn what_is_missing_is_found_and_cured(db) {
        db.create(all()).await.unwrap();
        db.create_if_missing(all()).await.unwrap();
        let report = db.check(all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
        let new = |number: i32, email: &str| after::NewMember { email: email.into(), number, city: "Rome".into() };
        new(1, "ada@x").insert(db).await.unwrap();
        let error = new(2, "ADA@x").insert(db).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(error.constraint(), Some("members_city_lower_idx"), "{error}");
        assert_eq!(error.entity(), Some("Member"), "{error}");
        let mut changes = vec![
            (vec!["DROP INDEX by_number"], Drift::Slow, "`Member` is declared with an index on `number DESC, (number * 2)`"),
            (vec!["DROP INDEX by_number", "CREATE INDEX by_number ON members (number, (number * 2))"], Drift::Slow, "there is no such index for these rows"),
            (vec!["DROP INDEX members_city_lower_idx"], Drift::Broken, "`Member` promises that no two rows share `\"city\", lower(email)`"),
            (vec!["DROP INDEX members_city_lower_idx", "CREATE INDEX members_city_lower_idx ON members (city, lower(email))"], Drift::Broken, "there is no such index for these rows"),
            (vec!["DROP INDEX by_city", "CREATE INDEX other ON members (city)"], Drift::Differs, "an index of `Member` is named `by_city`, and is `other`"),
            (vec!["DROP INDEX notes_of_member"], Drift::Slow, "`Note.member` is slow to follow back from `Member`"),
            (vec!["DROP INDEX one_email"], Drift::Broken, "`Member.email` is unique where `deleted_at IS NULL`"),
        ];
        if db.engine() == Engine::Postgres {
            changes.extend([
                (vec!["ALTER TABLE members RENAME CONSTRAINT pk_members TO other"], Drift::Differs, "the primary key of `Member` is named `pk_members`, and is `other`"),
                (vec!["ALTER INDEX one_email RENAME TO other"], Drift::Differs, "a unique key of `Member` is named `one_email`, and is `other`"),
                (vec!["UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_number'::regclass"], Drift::Slow, "its index is invalid"),
            ]);
        }
        for (change, drift, told) in changes {
            run(db, &change).await;
            let report = db.check(all()).await.unwrap();
            let found: Vec<_> = report.findings().collect();
            assert_eq!(found.len(), 1, "{change:?}: {report}");
            assert_eq!(found[0].drift, drift, "{report}");
            assert!(found[0].message.contains(told), "{change:?}: {report}");
            run(db, report.cure()).await;
            let report = db.check(all()).await.unwrap().strict();
            assert!(report.is_empty(), "{change:?}: {report}");
        }
    }

    async fn a_table_gets_them_by_a_migration(db) {
        let engine = db.engine();
        let first = || schema![before::Member, before::Note];
        db.create(first()).await.unwrap();
        run(db, ["INSERT INTO members (email, number, city) VALUES ('a@x', 1, 'Rome'), ('b@x', 2, 'Oslo')",
            "INSERT INTO notes (id, member_id, title) VALUES (7, 1, 'one')"]).await;
        let (one, two) = (first().shape(engine).unwrap(), all().shape(engine).unwrap());
        // The keys of all rows become keys of those that are not deleted.
        let refused = ::relations::shape::migration::plan(&one, &two, &Consents::new()).unwrap_err();
        assert!(refused.to_string().contains("`--drop constraint:members.members_number_key`"), "{refused}");
        let consents = || Consents::new()
            .drop("constraint:members.members_number_key")
            .drop("constraint:members.members_email_key");
        let mut files = Vec::new();
        add(&mut files, engine, &steps(&one, &two, &consents()));
        migrations(&files).apply(db).await.unwrap_or_else(|error| panic!("{error}\n{}", files[0].1));
        let report = db.check(all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}\n{}", files[0].1);
        let scratch = fresh(db).await;
        scratch.create(all()).await.unwrap();
        assert_eq!(shape(db).await, shape(&scratch).await, "{}", files[0].1);
        assert_eq!(after::Member::find().count(db).await.unwrap(), 2);
        if engine == Engine::Postgres {
            assert!(files[0].1.contains(r#"CREATE UNIQUE INDEX CONCURRENTLY "members_city_lower_idx""#), "{}", files[0].1);
            assert!(files[0].1.contains(r#"ALTER CONSTRAINT "notes_member_id_fkey" DEFERRABLE INITIALLY DEFERRED"#), "{}", files[0].1);
        }
        // Nothing is left to do, from the snapshot or from the database, and back again all of it.
        assert!(steps(&two, &two, &Consents::new()).is_empty());
        let (found, declared) = compared(db, &all(), &Consents::new()).await.unwrap();
        assert!(steps(&found, &declared, &Consents::new()).is_empty());
        add(&mut files, engine, &steps(&two, &one, &Consents::everything()));
        migrations(&files).apply(db).await.unwrap_or_else(|error| panic!("{error}\n{}", files[1].1));
        let report = db.check(first()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}\n{}", files[1].1);
    }
}

mod exclusive {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "posts")]
    #[has_many(Comment)]
    pub struct Post {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "photos")]
    #[has_many(Comment)]
    pub struct Photo {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "comments")]
    #[one_of(post, photo, name = "subject")]
    pub struct Comment {
        #[id]
        pub id: i64,
        #[belongs_to(Post)]
        pub post_id: Option<i64>,
        #[belongs_to(Photo)]
        pub photo_id: Option<i64>,
    }
}

behaviour! {
    async fn the_check_of_an_exclusive_arc_is_found_missing(db) {
        let all = || schema![exclusive::Post, exclusive::Photo, exclusive::Comment];
        db.create(all()).await.unwrap();
        let report = db.check(all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
        match db.engine() {
            Engine::Postgres => run(db, ["ALTER TABLE comments DROP CONSTRAINT comments_subject_check"]).await,
            Engine::Sqlite => run(db, [
                "DROP TABLE comments",
                "CREATE TABLE comments (id INTEGER NOT NULL, post_id INTEGER, photo_id INTEGER, \
                 CONSTRAINT comments_pkey PRIMARY KEY (id), \
                 CONSTRAINT comments_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id), \
                 CONSTRAINT comments_photo_id_fkey FOREIGN KEY (photo_id) REFERENCES photos (id)) STRICT",
                "CREATE INDEX comments_post_id_idx ON comments (post_id)",
                "CREATE INDEX comments_photo_id_idx ON comments (photo_id)",
            ]).await,
        }
        run(db, ["INSERT INTO comments (id) VALUES (1)"]).await;
        let report = db.check(all()).await.unwrap();
        let found: Vec<_> = report.findings().collect();
        assert_eq!(found.len(), 1, "{report}");
        assert_eq!(found[0].drift, Drift::Broken, "{report}");
        assert!(found[0].message.contains("`Comment.subject` promises one of `post`, `photo` in each row, and the database does not hold it: there is no such constraint; there is 1 row of `comments` for which it does not hold"), "{report}");
        run(db, ["DELETE FROM comments"]).await;
        run(db, db.check(all()).await.unwrap().cure()).await;
        let report = db.check(all()).await.unwrap().strict();
        assert!(report.is_empty(), "{report}");
    }
}
