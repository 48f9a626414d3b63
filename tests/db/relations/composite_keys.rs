//! Composite keys, and keys that look empty.

use super::*;

behaviour! {
    async fn composite_keys_lead_to_their_target(db) {
        create_places(db).await;
        let written = letter(1, (Some("ch"), Some(1), Some(5))).insert(db).await.unwrap();
        let town = Town { country: "ch".into(), region: 1, number: 5 };
        let region = Region { country_id: "ch".into(), number: 1, name: "ch1".into() };
        assert_eq!(written.town(db).await.unwrap(), Some(town.clone()));
        assert_eq!(written.region_only(db).await.unwrap(), Some(region.clone()));
        assert_eq!(town.region_of(db).await.unwrap(), region);
        assert_eq!(region.towns(db).await.unwrap(), [town.clone()]);
        assert_eq!(Letter::TOWN.of_id(1).one(db).await.unwrap(), town);
        assert_eq!(Town::REGION_OF.of_id(("ch", 1, 5)).one(db).await.unwrap(), region);
        assert_eq!(Region::TOWNS.of_id(("ch", 1)).all(db).await.unwrap(), [town]);
    }

    async fn a_composite_key_with_a_null_part_has_no_target(db) {
        create_places(db).await;
        let keys = [
            (None, Some(1), Some(5)),
            (Some("ch"), None, Some(5)),
            (Some("ch"), Some(1), None),
            (None, None, None),
        ];
        for (id, key) in (1..).zip(keys) {
            let written = letter(id, key).insert(db).await.unwrap();
            let counting = Counting::new(db);
            assert_eq!(written.town(&counting).await.unwrap(), None);
            assert_eq!(Letter::TOWN.load(&counting, [&written]).await.unwrap(), [None]);
            assert_eq!(counting.count(), 0);
            assert_eq!(Letter::TOWN.of_id(id).optional(db).await.unwrap(), None);
        }
        // Two of its three parts are a key of their own.
        let written = Letter::find_by_id(3).one(db).await.unwrap();
        assert_eq!(written.region_only(db).await.unwrap().unwrap().name, "ch1");
    }

    async fn zero_and_the_empty_string_are_keys_like_any_other(db) {
        create_places(db).await;
        let written = letter(0, (Some(""), Some(0), Some(5))).insert(db).await.unwrap();
        let empty = Country { code: String::new() };
        let region = Region { country_id: String::new(), number: 0, name: "0".into() };
        assert_eq!(written.region_only(db).await.unwrap(), Some(region.clone()));
        assert_eq!(region.country(db).await.unwrap(), empty);
        assert_eq!(Letter::REGION_ONLY.of_id(0).one(db).await.unwrap(), region);
        assert_eq!(Region::COUNTRY.load(db, [&region]).await.unwrap(), [empty.clone()]);
        assert_eq!(empty.regions(db).await.unwrap().len(), 2);
        assert_eq!(Country::find_by_id("").one(db).await.unwrap(), empty);
    }
}
