//! Relations with a filter, and chained relations, as SQL.

use ::relations::prelude::*;

use crate::support::sends;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Parcel)]
#[has_many(Parcel, name = "late_parcels", filter = Parcel::STATE.eq("it's late"))]
#[has_many(Town, through(Route))]
#[has_many(
    Town,
    name = "near_towns",
    through(Route, filter = Route::MILES.lt(9)),
    filter = Town::NAME.ne("x")
)]
pub struct Depot {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Parcel {
    #[id]
    pub id: i64,
    #[belongs_to(Depot)]
    pub depot_id: i64,
    #[belongs_to(Town)]
    pub town_id: i64,
    pub state: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Town {
    #[id]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Route {
    #[id]
    #[belongs_to(Depot)]
    pub depot_id: i64,
    #[id]
    #[belongs_to(Town)]
    pub town_id: i64,
    pub miles: i32,
}

const OSLO: Depot = Depot { id: 7 };

sends! {
    targets: db => OSLO.late_parcels(db) => [
        r#"SELECT "parcels"."id", "parcels"."depot_id", "parcels"."town_id", "parcels"."state" FROM "parcels" WHERE (("parcels"."state" = E'it\'s late')) AND "parcels"."depot_id" = $1 ORDER BY "parcels"."id" ASC"#,
        r#"SELECT "parcels"."id", "parcels"."depot_id", "parcels"."town_id", "parcels"."state" FROM "parcels" WHERE (("parcels"."state" = 'it''s late')) AND "parcels"."depot_id" = ? ORDER BY "parcels"."id" ASC"#,
    ];
    all_targets: db => OSLO.parcels(db) => [
        r#"SELECT "parcels"."id", "parcels"."depot_id", "parcels"."town_id", "parcels"."state" FROM "parcels" WHERE "parcels"."depot_id" = $1 ORDER BY "parcels"."id" ASC"#,
        r#"SELECT "parcels"."id", "parcels"."depot_id", "parcels"."town_id", "parcels"."state" FROM "parcels" WHERE "parcels"."depot_id" = ? ORDER BY "parcels"."id" ASC"#,
    ];
    included: db => Depot::find().include(Depot::LATE_PARCELS.joined()).all(db) => [
        r#"SELECT "depots"."id", "late_parcels_1"."id", "late_parcels_1"."depot_id", "late_parcels_1"."town_id", "late_parcels_1"."state" FROM "depots" LEFT JOIN "parcels" AS "late_parcels_1" ON "late_parcels_1"."depot_id" = "depots"."id" AND (("late_parcels_1"."state" = E'it\'s late'))"#,
        r#"SELECT "depots"."id", "late_parcels_1"."id", "late_parcels_1"."depot_id", "late_parcels_1"."town_id", "late_parcels_1"."state" FROM "depots" LEFT JOIN "parcels" AS "late_parcels_1" ON "late_parcels_1"."depot_id" = "depots"."id" AND (("late_parcels_1"."state" = 'it''s late'))"#,
    ];
    counted: db => Depot::find().include(Depot::LATE_PARCELS.count().joined()).all(db) => [
        r#"SELECT "depots"."id", (SELECT COUNT(*) FROM "parcels" AS "late_parcels_1" WHERE (("late_parcels_1"."state" = E'it\'s late')) AND "late_parcels_1"."depot_id" = "depots"."id") FROM "depots""#,
        r#"SELECT "depots"."id", (SELECT COUNT(*) FROM "parcels" AS "late_parcels_1" WHERE (("late_parcels_1"."state" = 'it''s late')) AND "late_parcels_1"."depot_id" = "depots"."id") FROM "depots""#,
    ];
    asked: db => Depot::find().filter(Depot::LATE_PARCELS.any(Parcel::ID.gt(3))).all(db) => [
        r#"SELECT "depots"."id" FROM "depots" WHERE EXISTS(SELECT 1 FROM "parcels" AS "late_parcels_1" WHERE (("late_parcels_1"."state" = E'it\'s late')) AND "late_parcels_1"."depot_id" = "depots"."id" AND "late_parcels_1"."id" > $1)"#,
        r#"SELECT "depots"."id" FROM "depots" WHERE EXISTS(SELECT 1 FROM "parcels" AS "late_parcels_1" WHERE (("late_parcels_1"."state" = 'it''s late')) AND "late_parcels_1"."depot_id" = "depots"."id" AND "late_parcels_1"."id" > ?)"#,
    ];
    through: db => OSLO.near_towns(db) => [
        r#"SELECT "towns"."id", "towns"."name" FROM "towns" WHERE (("towns"."name" <> 'x')) AND "towns"."id" IN (SELECT "link"."town_id" FROM "routes" AS "link" WHERE (("link"."miles" < 9)) AND "link"."depot_id" = $1) ORDER BY "towns"."id" ASC"#,
        r#"SELECT "towns"."id", "towns"."name" FROM "towns" WHERE (("towns"."name" <> 'x')) AND "towns"."id" IN (SELECT "link"."town_id" FROM "routes" AS "link" WHERE (("link"."miles" < 9)) AND "link"."depot_id" = ?) ORDER BY "towns"."id" ASC"#,
    ];
    loaded_through: db => Depot::NEAR_TOWNS.load(db, &[OSLO, Depot { id: 8 }]) => [
        r#"SELECT "towns"."id", "towns"."name", "link"."depot_id" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" AND (("link"."miles" < 9)) WHERE (("towns"."name" <> 'x')) AND "link"."depot_id" = ANY(COALESCE((SELECT $1)))"#,
        r#"SELECT "towns"."id", "towns"."name", "link"."depot_id" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" AND (("link"."miles" < 9)) WHERE (("towns"."name" <> 'x')) AND "link"."depot_id" IN (SELECT "value" FROM json_each(?) AS "each")"#,
    ];
    in_an_order_of_links: db => Depot::TOWNS.order_by_link(Route::MILES.desc()).of(&OSLO).limit(3).all(db) => [
        r#"SELECT "towns"."id", "towns"."name" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" WHERE "link"."depot_id" = $1 ORDER BY "link"."miles" DESC, "towns"."id" ASC LIMIT 3"#,
        r#"SELECT "towns"."id", "towns"."name" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" WHERE "link"."depot_id" = ? ORDER BY "link"."miles" DESC, "towns"."id" ASC LIMIT 3"#,
    ];
    in_an_order_of_some_links: db => Depot::NEAR_TOWNS.filter_link(Route::MILES.ne(5)).order_by_link(Route::MILES.desc()).of_id(7).page(2).after(3).fetch(db) => [
        r#"WITH "anchor_1" AS  MATERIALIZED (SELECT "link"."miles" AS "value_1", "towns"."id" AS "value_2" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" AND ((("link"."miles" < 9)) AND "link"."miles" <> $1) WHERE (("towns"."name" <> 'x')) AND "towns"."id" = $2 AND "link"."depot_id" = $3) SELECT "towns"."id", "towns"."name" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" AND ((("link"."miles" < 9)) AND "link"."miles" <> $4) WHERE (("towns"."name" <> 'x')) AND "link"."depot_id" = $5 AND ("link"."miles" <= (SELECT "anchor_1"."value_1" FROM "anchor_1") AND ("link"."miles" < (SELECT "anchor_1"."value_1" FROM "anchor_1") OR "towns"."id" > (SELECT "anchor_1"."value_2" FROM "anchor_1"))) ORDER BY "link"."miles" DESC, "towns"."id" ASC LIMIT 3"#,
        r#"WITH "anchor_1" AS  MATERIALIZED (SELECT "link"."miles" AS "value_1", "towns"."id" AS "value_2" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" AND ((("link"."miles" < 9)) AND "link"."miles" <> ?) WHERE (("towns"."name" <> 'x')) AND "towns"."id" = ? AND "link"."depot_id" = ?) SELECT "towns"."id", "towns"."name" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" AND ((("link"."miles" < 9)) AND "link"."miles" <> ?) WHERE (("towns"."name" <> 'x')) AND "link"."depot_id" = ? AND ("link"."miles" <= (SELECT "anchor_1"."value_1" FROM "anchor_1") AND ("link"."miles" < (SELECT "anchor_1"."value_1" FROM "anchor_1") OR "towns"."id" > (SELECT "anchor_1"."value_2" FROM "anchor_1"))) ORDER BY "link"."miles" DESC, "towns"."id" ASC LIMIT 3"#,
    ];
    for_each_in_an_order_of_links: db => Depot::TOWNS.order_by_link(Route::MILES.desc()).load(db, &[OSLO, Depot { id: 8 }]) => [
        r#"SELECT "towns"."id", "towns"."name", "link"."depot_id" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" WHERE "link"."depot_id" = ANY(COALESCE((SELECT $1))) ORDER BY "link"."miles" DESC, "towns"."id" ASC"#,
        r#"SELECT "towns"."id", "towns"."name", "link"."depot_id" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" WHERE "link"."depot_id" IN (SELECT "value" FROM json_each(?) AS "each") ORDER BY "link"."miles" DESC, "towns"."id" ASC"#,
    ];
    some_for_each_in_an_order_of_links: db => Depot::preload([OSLO]).include(Depot::TOWNS.filter_link(Route::MILES.gt(1)).order_by_link(Route::MILES.desc()).limit(2)).all(db) => [
        r#"SELECT "rows_2"."column_0", "rows_2"."column_1", "keys_1"."key_0" FROM (SELECT unnest($1) AS "key_0") AS "keys_1" INNER JOIN LATERAL (SELECT "towns"."id" AS "column_0", "towns"."name" AS "column_1" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" AND "link"."miles" > $2 WHERE "link"."depot_id" = "keys_1"."key_0" ORDER BY "link"."miles" DESC, "towns"."id" ASC LIMIT 2) AS "rows_2" ON TRUE"#,
        r#"SELECT "rows_1"."column_0", "rows_1"."column_1", "rows_1"."column_2" FROM (SELECT "towns"."id" AS "column_0", "towns"."name" AS "column_1", "link"."depot_id" AS "column_2", row_number() OVER ( PARTITION BY "link"."depot_id" ORDER BY "link"."miles" DESC, "towns"."id" ASC ) AS "number" FROM "towns" INNER JOIN "routes" AS "link" ON "towns"."id" = "link"."town_id" AND "link"."miles" > ? WHERE "link"."depot_id" = ?) AS "rows_1" WHERE "rows_1"."number" > (0) AND "rows_1"."number" <= (2) ORDER BY "rows_1"."number" ASC"#,
    ];
    counted_through: db => Depot::find().filter(Depot::NEAR_TOWNS.count().gt(1)).all(db) => [
        r#"SELECT "depots"."id" FROM "depots" WHERE (SELECT COUNT(*) FROM "towns" AS "near_towns_1" INNER JOIN "routes" AS "link_2" ON "near_towns_1"."id" = "link_2"."town_id" AND (("link_2"."miles" < 9)) WHERE (("near_towns_1"."name" <> 'x')) AND "link_2"."depot_id" = "depots"."id") > $1"#,
        r#"SELECT "depots"."id" FROM "depots" WHERE (SELECT COUNT(*) FROM "towns" AS "near_towns_1" INNER JOIN "routes" AS "link_2" ON "near_towns_1"."id" = "link_2"."town_id" AND (("link_2"."miles" < 9)) WHERE (("near_towns_1"."name" <> 'x')) AND "link_2"."depot_id" = "depots"."id") > ?"#,
    ];
    deleted: db => Depot::LATE_PARCELS.of(&OSLO).delete(db) => [
        r#"DELETE FROM "parcels" WHERE (("parcels"."state" = E'it\'s late')) AND "parcels"."depot_id" = $1"#,
        r#"DELETE FROM "parcels" WHERE (("parcels"."state" = 'it''s late')) AND "parcels"."depot_id" = ?"#,
    ];
    one_after_the_other: db => Depot::LATE_PARCELS.then(Parcel::TOWN).of(&OSLO).all(db) => [
        r#"SELECT "towns"."id", "towns"."name" FROM "towns" WHERE "towns"."id" IN (SELECT "source_1"."town_id" FROM "parcels" AS "source_1" WHERE (("source_1"."state" = E'it\'s late')) AND "source_1"."depot_id" = $1) ORDER BY "towns"."id" ASC"#,
        r#"SELECT "towns"."id", "towns"."name" FROM "towns" WHERE "towns"."id" IN (SELECT "source_1"."town_id" FROM "parcels" AS "source_1" WHERE (("source_1"."state" = 'it''s late')) AND "source_1"."depot_id" = ?) ORDER BY "towns"."id" ASC"#,
    ];
    one_after_the_other_by_id: db => Parcel::DEPOT.then(Depot::NEAR_TOWNS).of_id(3).count(db) => [
        r#"SELECT COUNT(*) FROM "towns" WHERE (("towns"."name" <> 'x')) AND "towns"."id" IN (SELECT "link_2"."town_id" FROM "routes" AS "link_2" WHERE (("link_2"."miles" < 9)) AND "link_2"."depot_id" IN (SELECT "source_1"."id" FROM "depots" AS "source_1" WHERE "source_1"."id" IN (SELECT "source"."depot_id" FROM "parcels" AS "source" WHERE "source"."id" = $1)))"#,
        r#"SELECT COUNT(*) FROM "towns" WHERE (("towns"."name" <> 'x')) AND "towns"."id" IN (SELECT "link_2"."town_id" FROM "routes" AS "link_2" WHERE (("link_2"."miles" < 9)) AND "link_2"."depot_id" IN (SELECT "source_1"."id" FROM "depots" AS "source_1" WHERE "source_1"."id" IN (SELECT "source"."depot_id" FROM "parcels" AS "source" WHERE "source"."id" = ?)))"#,
    ];
    asked_behind: db => Depot::find()
        .filter(Depot::PARCELS.then(Parcel::TOWN).none(Town::NAME.eq("y")))
        .all(db) => [
        r#"SELECT "depots"."id" FROM "depots" WHERE NOT EXISTS(SELECT 1 FROM "parcels" AS "parcels_1" WHERE "parcels_1"."depot_id" = "depots"."id" AND EXISTS(SELECT 1 FROM "towns" AS "town_2" WHERE "town_2"."id" = "parcels_1"."town_id" AND "town_2"."name" = $1))"#,
        r#"SELECT "depots"."id" FROM "depots" WHERE NOT EXISTS(SELECT 1 FROM "parcels" AS "parcels_1" WHERE "parcels_1"."depot_id" = "depots"."id" AND EXISTS(SELECT 1 FROM "towns" AS "town_2" WHERE "town_2"."id" = "parcels_1"."town_id" AND "town_2"."name" = ?))"#,
    ];
}

#[test]
fn a_filter_is_told_by_the_metadata() {
    let late = Depot::LATE_PARCELS.definition();
    let text = "Parcel::STATE.eq(\"it's late\")";
    assert_eq!(late.filter.map(relations::definition::RelationFilter::text), Some(text));
    assert_eq!(serde_json::to_value(late).unwrap()["filter"], text);
    let all = serde_json::to_value(Depot::PARCELS.definition()).unwrap();
    assert!(all.get("filter").is_none() && !Depot::PARCELS.definition().is_filtered());
    let near = serde_json::to_value(Depot::NEAR_TOWNS.definition()).unwrap();
    assert_eq!(near["through"]["filter"], "Route::MILES.lt(9)");
    assert!(late.is_filtered() && Depot::NEAR_TOWNS.definition().is_filtered());
}
