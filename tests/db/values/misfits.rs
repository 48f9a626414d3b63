//! Rows that do not fit, defaults, and names.

use super::*;

behaviour! {
    async fn a_row_that_does_not_fit_is_told_in_full(db) {
        db.create(schema![written::Reading]).await.unwrap();
        let unknown = written::NewReading { id: 1, text: Some("Open".into()), number: Some(1) };
        unknown.insert(db).await.unwrap();
        written::NewReading { id: 2, text: None, number: None }.insert(db).await.unwrap();

        let unknown = read::Reading::find_by_id(1).one(db).await.unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "`Reading.status` is Status, but column `Status Of It` holds a text that is none of \
             its variants"
        );
        let null = read::Reading::find_by_id(2).one(db).await.unwrap_err();
        assert_eq!(
            null.to_string(),
            "`Reading.status` is Status, but column `Status Of It` holds null"
        );
        let selected = read::Reading::find_by_id(2).select(read::Reading::STATUS);
        let selected = selected.one(db).await.unwrap_err();
        for error in [&unknown, &null, &selected] {
            assert!(error.is_row_mismatch());
            assert_eq!((error.entity(), error.property()), (Some("Reading"), Some("status")));
        }
        let wrong = read::Other::find_by_id(1).one(db).await;
        if db.engine() == Engine::Postgres {
            let wrong = wrong.unwrap_err();
            assert!(wrong.is_row_mismatch());
            assert_eq!(
                wrong.to_string(),
                "`Other.text` is Option<String>, but column `number` holds int8, which is not a \
                 text; name its type, as in `#[column(type = \"int8\")]`, or select it as `…::text`"
            );
        } else {
            // SQLite tells digits from a number only where the column is one of texts.
            assert_eq!(wrong.unwrap().text.as_deref(), Some("1"));
        }
        assert_eq!(read::Other::find_by_id(2).one(db).await.unwrap().text, None);
    }

    async fn a_default_stands_in_for_what_is_left_out(db) {
        db.create(schema![Draft]).await.unwrap();
        let before = chrono::Utc::now() - chrono::Duration::seconds(5);
        let none = NewDraft { amount: None, note: None, made_at: None, seen_at: None, local: None, day: None };
        let left = none.clone().insert(db).await.unwrap();
        assert_eq!((left.amount, left.note.as_deref(), &left.cache), (5, Some("none yet"), &None));
        assert!(left.made_at > before && left.made_at < before + chrono::Duration::seconds(60));
        assert!(left.seen_at.unix_timestamp() >= before.timestamp());
        assert_eq!(left.day, left.local.date());
        // Values that the database wrote are found and sorted like values that a program writes.
        let by_value = Draft::find().filter(Draft::MADE_AT.eq(left.made_at));
        assert_eq!(by_value.count(db).await.unwrap(), 1);

        let set = NewDraft { amount: Some(0), note: Some(None), ..none };
        let mut set = set.insert(db).await.unwrap();
        assert_eq!((set.amount, &set.note), (0, &None));
        set.cache = Some("not written".into());
        set.note = Some("x".into());
        set.update(db).await.unwrap();
        let read = Draft::find_by_id(set.id).one(db).await.unwrap();
        assert_eq!((read.note.as_deref(), read.cache), (Some("x"), None));
    }

    async fn names_may_be_anything(db) {
        db.create(schema![Weird]).await.unwrap();
        db.create_if_missing(schema![Weird]).await.unwrap();
        let root = NewWeird { r#type: None, r#match: "x".into() }.insert(db).await.unwrap();
        let child = NewWeird { r#type: Some(root.id), r#match: "y".into() };
        let mut child = child.insert(db).await.unwrap();
        assert_eq!(child.parent(db).await.unwrap(), Some(root.clone()));
        assert_eq!(Weird::PARENT.load(db, [&child]).await.unwrap(), [Some(root.clone())]);
        assert_eq!(Weird::PARENT.of_id(child.id).one(db).await.unwrap(), root);
        assert_eq!(root.children(db).await.unwrap(), [child.clone()]);
        let page = Weird::find().filter(Weird::MATCH.eq("y").and(Weird::TYPE.eq(root.id)));
        assert_eq!(page.order_by(Weird::MATCH.desc()).limit(1).one(db).await.unwrap(), child);
        let error = NewWeird { r#type: Some(99), r#match: "z".into() }.insert(db).await.unwrap_err();
        assert_eq!(error.relation().map(|one| one.name), Some("parent"));
        assert_eq!((error.constraint(), error.key()), (Some("the \"parent\" it's"), Some("99")));
        let error = root.delete(db).await.unwrap_err();
        assert_eq!(error.constraint(), Some("the \"parent\" it's"));
        let error = NewWeird { r#type: None, r#match: "x".into() }.insert(db).await.unwrap_err();
        assert!(error.is_unique_violation());
        assert_eq!(error.constraint(), Some("sel\"ect Group_Na'me? $1_key"));
        assert_eq!(error.key(), Some("\"x\""));
        child.r#match = "w".into();
        child.update(db).await.unwrap();
        child.delete(db).await.unwrap();
        db.drop(schema![Weird]).await.unwrap();
    }

    async fn a_schema_is_created_where_there_are_schemas(db) {
        let created = db.create(schema![Item]).await;
        if db.engine() == Engine::Sqlite {
            let error = created.unwrap_err();
            assert!(error.is_invalid_request());
            assert_eq!(error.entity(), Some("Item"));
            return;
        }
        created.unwrap();
        db.create_if_missing(schema![Item]).await.unwrap();
        let whole = NewItem { whole_id: None }.insert(db).await.unwrap();
        let mut part = NewItem { whole_id: Some(whole.id) }.insert(db).await.unwrap();
        assert_eq!(part.whole(db).await.unwrap(), Some(whole.clone()));
        assert_eq!(Item::WHOLE.of_id(part.id).one(db).await.unwrap(), whole);
        assert_eq!(Item::PARTS.load(db, [&whole]).await.unwrap(), [[part.clone()]]);
        assert_eq!(Item::PARTS.of_id(whole.id).filter(Item::ID.gt(0)).count(db).await.unwrap(), 1);
        assert_eq!(Item::find().order_by(Item::ID.desc()).limit(1).sum(db, Item::ID).await.unwrap(), Some(2));
        let error = NewItem { whole_id: Some(9) }.insert(db).await.unwrap_err();
        assert_eq!(error.relation().map(|one| one.name), Some("whole"));
        part.update(db).await.unwrap();
        part.delete(db).await.unwrap();
        db.drop(schema![Item]).await.unwrap();
        assert!(Item::find().count(db).await.is_err());
    }

    async fn an_array_is_refused_where_there_are_none(db) {
        let created = db.create(schema![Listed]).await;
        match db.engine() {
            Engine::Postgres => created.unwrap(),
            Engine::Sqlite => {
                let error = created.unwrap_err();
                assert!(error.is_invalid_request());
                assert_eq!(error.entity(), Some("Listed"));
                assert!(error.to_string().contains("`Listed.numbers`"), "{error}");
            }
        }
    }
}
