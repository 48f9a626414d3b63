//! The columns of a kind and a key, in any order.

use ::relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
struct Post {
    #[id]
    id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Photo {
    #[id]
    id: i64,
    #[unique]
    code: i64,
}

/// Its kind and its key are apart, and the key is first.
#[derive(Debug, Clone, PartialEq, Entity)]
#[one_of(Post, Photo(key_to = "code"), name = "owner", kind = "kind", key = "owner_id")]
struct Attachment {
    #[id]
    id: i64,
    owner_id: i64,
    path: String,
    kind: String,
}

behaviour! {
    async fn each_value_is_in_its_column_however_it_was_inserted(db) {
        db.create(schema![Post, Photo, Attachment]).await.unwrap();
        let new = |id, owner| NewAttachment { id, owner, path: "post".into() };
        let row = |id, owner_id, kind: &str| {
            Attachment { id, owner_id, path: "post".into(), kind: kind.into() }
        };
        let one = new(1, AttachmentOwner::Post(7)).insert(db).await.unwrap();
        assert_eq!(one, row(1, 7, "post"));
        // Rows with all of their values have the same columns as new ones.
        let two = row(2, 8, "photo");
        assert_eq!(Attachment::import([two.clone()], db).await.unwrap(), 1);
        let both = [new(3, AttachmentOwner::Photo(9)), new(4, AttachmentOwner::Post(9))];
        let both = NewAttachment::insert_many(both, db).await.unwrap();
        assert_eq!(both, [row(3, 9, "photo"), row(4, 9, "post")]);
        let found = Attachment::find().order_by(Attachment::ID.asc()).all(db).await.unwrap();
        assert_eq!(found, [vec![one, two], both].concat());
    }
}
