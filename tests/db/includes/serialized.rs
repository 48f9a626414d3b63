//! Included relations as JSON: members beside the entity's own.

use ::relations::prelude::*;
use serde::Serialize;
use serde_json::{json, to_value};

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[serde(rename_all = "camelCase")]
#[has_many(Room, name = "all_rooms")]
pub struct House {
    #[id]
    pub id: i64,
    pub street_name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
#[has_many(Guest, name = "last_guests")]
pub struct Room {
    #[id]
    pub id: i64,
    #[belongs_to(House, name = "its_house")]
    pub house_id: i64,
}

/// Without `rename_all` relations are called as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
pub struct Guest {
    #[id]
    pub id: i64,
    #[serde(skip)]
    #[belongs_to(Room, name = "the_room")]
    pub room_id: Option<i64>,
}

/// A house with a room, in which somebody is; another guest is nowhere.
pub async fn hotel(db: &::relations::Database) {
    db.create(schema![House, Room, Guest]).await.unwrap();
    NewHouse { id: 1, street_name: "Elm".into() }.insert(db).await.unwrap();
    NewRoom { id: 2, house_id: 1 }.insert(db).await.unwrap();
    NewRoom { id: 3, house_id: 1 }.insert(db).await.unwrap();
    NewGuest { id: 4, room_id: Some(2) }.insert(db).await.unwrap();
    NewGuest { id: 5, room_id: None }.insert(db).await.unwrap();
}

behaviour! {
    async fn relations_are_members_beside_the_entitys_own(db) {
        hotel(db).await;
        let rooms = Room::LAST_GUESTS.include(Guest::THE_ROOM);
        let found = House::find().include(House::ALL_ROOMS.include(rooms.batched()));
        let guest = json!({"id": 4, "the_room": {"ID": 2, "HOUSE-ID": 1}});
        assert_eq!(to_value(found.all(db).await.unwrap()).unwrap(), json!([{
            "id": 1,
            "streetName": "Elm",
            "allRooms": [
                {"ID": 2, "HOUSE-ID": 1, "LAST-GUESTS": [guest]},
                {"ID": 3, "HOUSE-ID": 1, "LAST-GUESTS": []},
            ],
        }]));
    }

    async fn what_was_not_included_is_absent_and_what_is_missing_is_null(db) {
        hotel(db).await;
        let guests = Guest::find().order_by(Guest::ID.desc()).include(Guest::THE_ROOM);
        assert_eq!(to_value(guests.all(db).await.unwrap()).unwrap(), json!([
            {"id": 5, "the_room": null},
            {"id": 4, "the_room": {"ID": 2, "HOUSE-ID": 1}},
        ]));
        let room = Room::find_by_id(3).include(Room::ITS_HOUSE).one(db).await.unwrap();
        let house = json!({"id": 1, "streetName": "Elm"});
        assert_eq!(to_value(room).unwrap(), json!({"ID": 3, "HOUSE-ID": 1, "ITS-HOUSE": house}));
    }

    async fn a_count_is_a_number(db) {
        hotel(db).await;
        let houses = House::find().include(House::ALL_ROOMS.count());
        let house = json!({"id": 1, "streetName": "Elm", "allRooms": 2});
        assert_eq!(to_value(houses.all(db).await.unwrap()).unwrap(), json!([house]));
        let rooms = Room::find().order_by(Room::ID.desc()).include(Room::LAST_GUESTS.count().batched());
        assert_eq!(to_value(rooms.all(db).await.unwrap()).unwrap(), json!([
            {"ID": 3, "HOUSE-ID": 1, "LAST-GUESTS": 0},
            {"ID": 2, "HOUSE-ID": 1, "LAST-GUESTS": 1},
        ]));
    }
}
