//! JSON.

use super::*;

behaviour! {
    async fn json_comes_back(db) {
        use serde_json::json;
        db.create(schema![Document]).await.unwrap();
        let samples = [
            json!(null), json!(true), json!(1), json!(-1.5), json!(1e300), json!(u64::MAX),
            json!("\"é\u{1f980}\n"), json!([]), json!({}), json!({"a": [1, {"b": null}], "": ""}),
        ];
        for (id, json) in (0..).zip(samples) {
            let maybe = (id % 2 == 0).then(|| json.clone());
            let new = NewDocument {
                id, json: json.clone(), maybe, address: address("Bern"),
                second: (id % 2 == 0).then(|| address("Basel")), list: Json(vec![1, 2]),
            };
            let document = new.insert(db).await.unwrap();
            assert_eq!((&document.json, &document.address), (&json, &address("Bern")));
            assert_eq!(Document::find_by_id(id).one(db).await.unwrap(), document);
            let same = Document::find().filter(Document::JSON.eq(json));
            assert_eq!(same.one(db).await.unwrap(), document);
        }
        let bern = Document::find().filter(Document::ADDRESS.eq(address("Bern")));
        assert_eq!(bern.count(db).await.unwrap(), 10);
    }

    async fn what_json_has_no_words_for_is_refused(db) {
        db.create(schema![Grid]).await.unwrap();
        let cells = || Json(Unwritable::from([((1, 2), 3)]));
        let errors = [
            NewGrid { id: 1, cells: cells() }.insert(db).await.unwrap_err(),
            Grid { id: 1, cells: cells() }.update(db).await.unwrap_err(),
            Grid::find().all_rows().set(Grid::CELLS, cells()).update(db).await.unwrap_err(),
            Grid::find().filter(Grid::CELLS.eq(cells())).all(db).await.unwrap_err(),
            Grid::find().filter(Grid::CELLS.is_in([cells()])).all(db).await.unwrap_err(),
        ];
        for error in errors {
            assert!(error.is_invalid_request(), "{error}");
            assert_eq!(error.entity(), Some("Grid"));
            assert!(error.to_string().starts_with("`Grid.cells` cannot be written as JSON"), "{error}");
        }
    }

    async fn json_of_another_shape_does_not_fit(db) {
        mod other {
            use ::relations::Json;
            use ::relations::prelude::*;

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = "documents")]
            pub struct Misread {
                #[id]
                pub id: i64,
                pub list: Json<String>,
            }
        }
        db.create(schema![Document]).await.unwrap();
        let new = NewDocument {
            id: 1, json: serde_json::json!(1), maybe: None, address: address("Bern"), second: None,
            list: Json(vec![1]),
        };
        new.insert(db).await.unwrap();
        let error = other::Misread::find().one(db).await.unwrap_err();
        assert!(error.is_row_mismatch());
        assert_eq!((error.entity(), error.property()), (Some("Misread"), Some("list")));
        assert!(std::error::Error::source(&error).is_some());
    }
}
