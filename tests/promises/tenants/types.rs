//! Tenants of each type: a text, a UUID, a small integer, and newtypes.

use ::relations::prelude::*;
use ::relations::{Value, schema};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
pub struct Slug(String);

macro_rules! tenant_of {
    ($name:ident, $ty:ty, $table:literal, $one:expr, $other:expr) => {
        mod $name {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Entity)]
            #[entity(table = $table)]
            pub struct Note {
                #[id(generated)]
                pub id: i64,
                #[tenant]
                pub owner: $ty,
                pub text: String,
            }

            pub async fn work(db: &::relations::Database) {
                db.create(schema![Note]).await.unwrap();
                let (one, other) = (db.tenant($one), db.tenant($other));
                let new = |text: &str| NewNote { owner: None, text: text.to_owned() };
                let mut note = new("mine").insert(&one).await.unwrap();
                NewNote::insert_many([new("a"), new("b")], &other).await.unwrap();
                assert_eq!(Note::find().count(&one).await.unwrap(), 1);
                assert_eq!(Note::find().count(&other).await.unwrap(), 2);
                assert!(Note::find_by_id(note.id).optional(&other).await.unwrap().is_none());
                note.text = "changed".to_owned();
                note.update(&one).await.unwrap();
                let error = note.update(&other).await.unwrap_err();
                assert!(error.is_invalid_request(), "{error}");
                let given = NewNote { owner: Some(note.owner.clone()), text: "more".to_owned() };
                given.clone().insert(&one).await.unwrap();
                assert!(given.insert(&other).await.unwrap_err().is_invalid_request());
                assert_eq!(Note::find().all_rows().delete(&other).await.unwrap(), 2);
                assert_eq!(Note::find().count(db).await.unwrap(), 2);
            }
        }
    };
}

tenant_of!(of_text, String, "text_notes", "seven", "eight");
tenant_of!(of_slug, Slug, "slug_notes", Slug("seven".into()), Slug("eight".into()));
tenant_of!(of_small, i16, "small_notes", 7_i16, 8_i16);
tenant_of!(of_uuid, Uuid, "uuid_notes", Uuid::from_u128(0xA7), Uuid::from_u128(0xA8));

behaviour! {
    async fn tenants_are_texts_uuids_and_newtypes(db) {
        of_text::work(db).await;
        of_slug::work(db).await;
        of_small::work(db).await;
        of_uuid::work(db).await;
    }
}
