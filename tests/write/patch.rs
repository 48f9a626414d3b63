//! Rows and changes that come from outside.

use ::relations::prelude::*;
use ::relations::schema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Names and spellings by serde's attributes.
#[derive(Debug, Clone, PartialEq, Entity, Serialize)]
#[entity(
    new(derive(Deserialize, Default, PartialEq)),
    patch(derive(Deserialize, Serialize, PartialEq))
)]
#[serde(rename_all = "camelCase")]
#[has_many(Remark)]
struct Parcel {
    #[id(generated)]
    id: i64,
    #[serde(rename = "grams", alias = "weight")]
    weight_in_grams: i32,
    delivery_note: Option<String>,
    #[column(default = "1")]
    number_of_labels: i32,
    #[column(default = "'none'")]
    customs_code: Option<String>,
    r#type: String,
    #[serde(skip_deserializing)]
    #[column(default = "0")]
    price: i64,
    #[version]
    version: i64,
}

/// A moment that serde writes as a text.
#[derive(Debug, Clone, PartialEq, Entity, Deserialize)]
#[entity(new(derive(serde::Deserialize)), patch(derive(serde::Deserialize)))]
struct Remark {
    #[id]
    id: i64,
    #[belongs_to(Parcel)]
    parcel_id: i64,
    #[serde(with = "in_words")]
    stars: i64,
    #[serde(deserialize_with = "in_words::deserialize")]
    #[column(default = "0")]
    likes: i64,
}

mod in_words {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer};

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        match String::deserialize(from)?.as_str() {
            "one" => Ok(1),
            "two" => Ok(2),
            other => Err(D::Error::custom(format!("{other} is no number"))),
        }
    }
}

fn parcel() -> NewParcel {
    NewParcel {
        weight_in_grams: 500,
        delivery_note: Some("ring twice".to_owned()),
        r#type: "box".to_owned(),
        ..NewParcel::default()
    }
}

behaviour! {
    async fn a_patch_changes_what_it_names(db) {
        db.create(schema![Parcel, Remark]).await.unwrap();
        let first = parcel().insert(db).await.unwrap();
        let other = parcel().insert(db).await.unwrap();

        let patch = ParcelPatch { delivery_note: Some(None), ..ParcelPatch::default() };
        let changed = Parcel::find_by_id(first.id).patch(patch).update_returning(db).await.unwrap();
        let expected =
            Parcel { delivery_note: None, version: first.version + 1, ..first.clone() };
        assert_eq!(changed, [expected.clone()]);
        assert_eq!(Parcel::find_by_id(other.id).one(db).await.unwrap(), other);

        let patch = ParcelPatch { weight_in_grams: Some(700), ..ParcelPatch::default() };
        let count = Parcel::find()
            .filter(Parcel::WEIGHT_IN_GRAMS.eq(500))
            .set(Parcel::TYPE, "bag")
            .patch(patch)
            .update(db)
            .await
            .unwrap();
        assert_eq!(count, 2);
        let kept = Parcel::find_by_id(first.id).one(db).await.unwrap();
        assert_eq!((kept.weight_in_grams, kept.r#type.as_str()), (700, "bag"));
        assert_eq!(kept.delivery_note, None);
    }

    async fn the_last_value_of_a_property_counts(db) {
        db.create(schema![Parcel, Remark]).await.unwrap();
        let first = parcel().insert(db).await.unwrap();
        let patch = |grams| ParcelPatch { weight_in_grams: Some(grams), ..ParcelPatch::default() };
        let changed = Parcel::find_by_id(first.id).patch(patch(1)).set(Parcel::WEIGHT_IN_GRAMS, 2);
        assert_eq!(changed.update_returning(db).await.unwrap()[0].weight_in_grams, 2);
        let changed = Parcel::find_by_id(first.id).set(Parcel::WEIGHT_IN_GRAMS, 3).patch(patch(4));
        assert_eq!(changed.update_returning(db).await.unwrap()[0].weight_in_grams, 4);
    }

    async fn an_empty_patch_reads_the_rows(db) {
        db.create(schema![Parcel, Remark]).await.unwrap();
        let first = parcel().insert(db).await.unwrap();
        let patch = ParcelPatch::default();
        assert!(patch.is_empty());

        let query = || Parcel::find_by_id(first.id).patch(ParcelPatch::default());
        assert_eq!(query().update_returning(db).await.unwrap(), [first.clone()]);
        assert_eq!(query().update(db).await.unwrap(), 1);
        let nobody = Parcel::find_by_id(first.id + 100).patch(ParcelPatch::default());
        assert_eq!(nobody.update(db).await.unwrap(), 0);
        assert_eq!(Parcel::find_by_id(first.id).one(db).await.unwrap(), first);
        let all = Parcel::find().patch(ParcelPatch::default()).update(db).await.unwrap_err();
        assert!(all.is_invalid_request(), "{all}");
    }

    async fn a_patch_is_applied_to_an_entity(db) {
        db.create(schema![Parcel, Remark]).await.unwrap();
        let mut first = parcel().insert(db).await.unwrap().edit();
        ParcelPatch { weight_in_grams: Some(1), ..ParcelPatch::default() }.apply(&mut first);
        let changed: Vec<_> = first.changed().map(|property| property.name).collect();
        assert_eq!(changed, ["weight_in_grams"]);
        first.save(db).await.unwrap();
        let kept = Parcel::find_by_id(first.id).one(db).await.unwrap();
        assert_eq!(kept, first.into_inner());
    }

    async fn a_patch_leaves_targets_in_their_relation(db) {
        db.create(schema![Parcel, Remark]).await.unwrap();
        let (one, two) = (parcel().insert(db).await.unwrap(), parcel().insert(db).await.unwrap());
        let remark = NewRemark { id: 1, parcel_id: one.id, stars: 1, likes: None };
        remark.insert(db).await.unwrap();
        let patch = RemarkPatch { parcel_id: Some(two.id), ..RemarkPatch::default() };
        let moved = Parcel::REMARKS.of(&one).patch(patch.clone()).update(db).await.unwrap_err();
        assert!(moved.is_invalid_request(), "{moved}");
        let stays = RemarkPatch { stars: Some(2), ..RemarkPatch::default() };
        assert_eq!(Parcel::REMARKS.of(&one).patch(stays).update(db).await.unwrap(), 1);
        assert_eq!(Remark::find_by_id(1).patch(patch).update(db).await.unwrap(), 1);
    }

    async fn a_new_row_is_read_from_json(db) {
        db.create(schema![Parcel, Remark]).await.unwrap();
        let body = json!({ "grams": 20, "deliveryNote": null, "type": "letter" });
        let new: NewParcel = serde_json::from_value(body).unwrap();
        let parcel = new.insert(db).await.unwrap();
        assert_eq!((parcel.weight_in_grams, parcel.number_of_labels), (20, 1));
        assert_eq!(parcel.customs_code.as_deref(), Some("none"));

        let body = json!({ "weight": 20, "type": "letter", "customsCode": null });
        let new: NewParcel = serde_json::from_value(body).unwrap();
        assert_eq!(new.customs_code, Some(None));
        assert_eq!(new.insert(db).await.unwrap().customs_code, None);
    }
}

#[test]
fn absent_and_null_differ() {
    let patch = |body| serde_json::from_value::<ParcelPatch>(body);
    assert_eq!(patch(json!({})).unwrap(), ParcelPatch::default());
    let note = ParcelPatch { delivery_note: Some(None), ..ParcelPatch::default() };
    assert_eq!(patch(json!({ "deliveryNote": null })).unwrap(), note);
    assert_eq!(serde_json::to_value(&note).unwrap(), json!({ "deliveryNote": null }));
    let text = Some(Some("ring".to_owned()));
    assert_eq!(patch(json!({ "deliveryNote": "ring" })).unwrap().delivery_note, text);

    let error = patch(json!({ "grams": null })).unwrap_err().to_string();
    assert!(error.contains("null"), "{error}");
    for unknown in ["id", "version", "weightInGrams", "nonsense"] {
        let error = patch(json!({ unknown: 1 })).unwrap_err().to_string();
        assert!(error.contains("unknown field"), "{unknown}: {error}");
    }
}

#[test]
fn what_serde_does_not_read_is_not_read() {
    let error = serde_json::from_value::<ParcelPatch>(json!({ "price": 1 }));
    assert!(error.unwrap_err().to_string().contains("unknown field"));
    let new = json!({ "grams": 1, "type": "box", "price": 1 });
    assert!(serde_json::from_value::<NewParcel>(new).is_err());
}

#[test]
fn a_property_is_read_by_its_own_function() {
    let body = json!({ "id": 1, "parcel_id": 1, "stars": "one", "likes": "two" });
    let new: NewRemark = serde_json::from_value(body).unwrap();
    assert_eq!((new.stars, new.likes), (1, Some(2)));
    let body = json!({ "id": 1, "parcel_id": 1, "stars": "one" });
    assert_eq!(serde_json::from_value::<NewRemark>(body).unwrap().likes, None);
    let patch: RemarkPatch = serde_json::from_value(json!({ "stars": "two" })).unwrap();
    assert_eq!((patch.stars, patch.likes), (Some(2), None));
    assert!(serde_json::from_value::<RemarkPatch>(json!({ "stars": "ten" })).is_err());
}
