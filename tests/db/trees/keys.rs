//! Trees by keys other than the id.

use super::*;

behaviour! {
    async fn a_tree_follows_keys_that_are_not_the_id(db) {
        db.create(schema![Place]).await.unwrap();
        let rows = [(2, Some(1), None), (3, Some(2), Some(1)), (1, Some(3), Some(2)), (4, None, Some(3))];
        let mut places = Vec::new();
        for (id, code, region_code) in rows {
            places.push(NewPlace { id, code, region_code }.insert(db).await.unwrap());
        }
        let [top, middle, low, last] = <[Place; 4]>::try_from(places).unwrap();
        assert_eq!(
            Place::REGION.ancestors(&last).entities(db).await.unwrap(),
            [low.clone(), middle.clone(), top.clone()],
        );
        // The last has no code, and still is below others.
        let below = [middle.clone(), low.clone(), last.clone()];
        assert_eq!(Place::REGION.descendants(&top).entities(db).await.unwrap(), below);
        assert_eq!(Place::PARTS.descendants_of_id(2).entities(db).await.unwrap(), below);
        assert_eq!(Place::PARTS.ancestors(&low).entities(db).await.unwrap(), [middle, top]);
        assert_eq!(Place::REGION.descendants(&last).entities(db).await.unwrap(), []);
        assert_eq!(Place::REGION.descendants_of_id(last.id).entities(db).await.unwrap(), []);
        let trees = Place::REGION.forest().trees(db).await.unwrap();
        let depths: Vec<_> = trees[0].walk().map(|(depth, place)| (place.id, depth)).collect();
        assert_eq!(depths, [(2, 0), (3, 1), (1, 2), (4, 3)]);
    }

    async fn a_tree_follows_keys_of_two_parts(db) {
        db.create(schema![Folder]).await.unwrap();
        let new = |name: &str, depth, parent: Option<(&str, i32)>| NewFolder {
            name: name.into(),
            depth,
            parent_name: parent.map(|(name, _)| name.into()),
            parent_depth: parent.map(|(_, depth)| depth),
        };
        let top = new("a", 1, None).insert(db).await.unwrap();
        let middle = new("a", 2, Some(("a", 1))).insert(db).await.unwrap();
        let other = new("b", 1, Some(("a", 1))).insert(db).await.unwrap();
        let mut low = new("b", 2, Some(("a", 2))).insert(db).await.unwrap();
        let above = Folder::WITHIN.ancestors(&low).entities(db).await.unwrap();
        assert_eq!(above, [middle.clone(), top.clone()]);
        let below = Folder::WITHIN.descendants(&top).entities(db).await.unwrap();
        assert_eq!(below, [middle.clone(), other.clone(), low.clone()]);
        assert_eq!(Folder::FOLDERS.descendants_of_id(("a", 2)).entities(db).await.unwrap(), [low.clone()]);
        let filtered = Folder::WITHIN.descendants(&top).filter(Folder::DEPTH.eq(2));
        assert_eq!(filtered.entities(db).await.unwrap(), [middle.clone(), low.clone()]);
        let forest = Folder::WITHIN.forest().trees(db).await.unwrap();
        assert_eq!(forest[0].children[0].children[0].entity, low);
        // Half a key is none.
        low.parent_depth = None;
        low.update(db).await.unwrap();
        assert_eq!(Folder::WITHIN.ancestors(&low).entities(db).await.unwrap(), []);
        assert_eq!(Folder::WITHIN.ancestors_of_id(("b", 2)).entities(db).await.unwrap(), []);
        assert_eq!(Folder::WITHIN.forest().trees(db).await.unwrap().len(), 2);
        // A circle that the start is not on, by keys of two parts.
        let mut top = top;
        (top.parent_name, top.parent_depth) = (Some("a".into()), Some(2));
        top.update(db).await.unwrap();
        assert_eq!(Folder::WITHIN.ancestors(&other).entities(db).await.unwrap(), [top, middle]);
    }
}
