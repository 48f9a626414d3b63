//! However many keys there are, and whether or not an index finds them, the same rows are found.

use std::collections::HashMap;

use ::relations::Database;
use ::relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Visit, name = "visits", key_from = "code", key_to = "guest_code")]
#[has_many(Visit, name = "hostings", key_from = "code", key_to = "host_code")]
#[has_many(Letter, name = "letters", key_from = "name", key_to = "sender")]
#[has_many(Letter, name = "mail", key_from = "name", key_to = "receiver")]
#[has_many(Room, name = "rooms", key_from = "code", through(Visit, from = "guest", to = "room"))]
#[allow(clippy::duplicated_attributes)]
pub struct Guest {
    #[id]
    pub id: i64,
    #[unique]
    pub code: i64,
    #[unique]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Visit, key_from("house", "number"), key_to("house", "room_number"))]
pub struct Room {
    #[id]
    pub house: i32,
    #[id]
    pub number: i32,
}

/// A guest may be in one room several times.
#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(
    Room,
    name = "room",
    key_from("house", "room_number"),
    key_to("house", "number"),
    index = false
)]
pub struct Visit {
    #[id]
    pub id: i64,
    #[belongs_to(Guest, key_to = "code", name = "guest", index = false)]
    pub guest_code: i64,
    #[belongs_to(Guest, key_to = "code", name = "host")]
    pub host_code: i64,
    pub house: i32,
    pub room_number: i32,
    pub rank: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Letter {
    #[id]
    pub id: i64,
    #[belongs_to(Guest, key_to = "name", name = "from", index = false)]
    pub sender: String,
    #[belongs_to(Guest, key_to = "name", name = "to")]
    pub receiver: String,
}

/// As many guests as that, whose keys have gaps between them; each second one has two visits.
async fn house(db: &Database, guests: i64) -> (Vec<Guest>, Vec<Visit>) {
    db.create(schema![Guest, Room, Visit, Letter]).await.unwrap();
    let guest = |id| NewGuest { id, code: id * 3 + 7, name: format!("Guest {id}") };
    let guests = NewGuest::insert_many((0..guests).map(guest), db).await.unwrap();
    let rooms = (0..7).map(|number| NewRoom { house: 1, number });
    NewRoom::insert_many(rooms, db).await.unwrap();
    let pairs = guests.iter().zip(guests.iter().rev()).step_by(2);
    let twice = pairs.flat_map(|pair| [pair, pair]).zip(0..);
    let visit = |((guest, host), id): ((&Guest, &Guest), i64)| NewVisit {
        id,
        guest_code: guest.code,
        host_code: host.code,
        house: 1,
        room_number: i32::try_from(id / 2 % 7).unwrap(),
        rank: i32::try_from(id * 5 % 11).unwrap(),
    };
    let letter = |((guest, host), id): ((&Guest, &Guest), i64)| NewLetter {
        id,
        sender: guest.name.clone(),
        receiver: host.name.clone(),
    };
    NewLetter::insert_many(twice.clone().map(letter), db).await.unwrap();
    let visits = NewVisit::insert_many(twice.map(visit), db).await.unwrap();
    (guests, visits)
}

/// The ids of visits by a key, in the order that a page has them.
fn by(visits: &[Visit], key: impl Fn(&Visit) -> i64) -> HashMap<i64, Vec<i64>> {
    let mut all = visits.to_vec();
    all.sort_by_key(|one| (one.rank, one.id));
    let mut by = HashMap::<i64, Vec<i64>>::new();
    for one in all {
        by.entry(key(&one)).or_default().push(one.id);
    }
    by
}

fn ids(visits: &[Visit]) -> Vec<i64> {
    visits.iter().map(|one| one.id).collect()
}

async fn finds_all(db: &Database, number: i64) {
    let (guests, visits) = house(db, number).await;
    let (guested, hosted) = (by(&visits, |one| one.guest_code), by(&visits, |one| one.host_code));
    let of = |all: &HashMap<i64, Vec<i64>>, code| all.get(&code).cloned().unwrap_or_default();

    let all = Guest::preload(guests.clone())
        .include(Guest::VISITS.order_by(Visit::RANK.asc()))
        .include(Guest::HOSTINGS.order_by(Visit::RANK.asc()))
        .include(Guest::LETTERS)
        .include(Guest::MAIL)
        .include(Guest::ROOMS);
    for guest in all.all(db).await.unwrap() {
        assert_eq!(ids(&guest.visits), of(&guested, guest.code));
        assert_eq!(ids(&guest.hostings), of(&hosted, guest.code));
        assert_eq!(guest.letters.len(), of(&guested, guest.code).len());
        assert!(guest.letters.iter().all(|one| one.sender == guest.name));
        assert_eq!(guest.mail.len(), of(&hosted, guest.code).len());
        assert!(guest.mail.iter().all(|one| one.receiver == guest.name));
        assert_eq!(guest.rooms.len(), of(&guested, guest.code).len() / 2);
    }

    for pipelined in [false, true] {
        let first = Guest::VISITS.order_by(Visit::RANK.asc()).limit(1);
        let last = Guest::HOSTINGS.order_by(Visit::RANK.asc()).limit(5).offset(1);
        let (letter, room) = (Guest::LETTERS.limit(1), Guest::ROOMS.limit(2));
        let (first, last, letter, room) = if pipelined {
            (first.pipelined(), last.pipelined(), letter.pipelined(), room.pipelined())
        } else {
            (first.batched(), last.batched(), letter.batched(), room.batched())
        };
        let pages = Guest::find().order_by(Guest::ID.asc());
        let pages = pages.include(first).include(last).include(letter).include(room);
        for guest in pages.all(db).await.unwrap() {
            let (guested, hosted) = (of(&guested, guest.code), of(&hosted, guest.code));
            assert_eq!(ids(&guest.visits), guested.get(..1).unwrap_or_default());
            assert_eq!(ids(&guest.hostings), hosted.get(1..).unwrap_or_default());
            assert_eq!(guest.letters.len(), guested.len() / 2);
            assert_eq!(guest.rooms.len(), guested.len() / 2);
        }
    }

    let counts = Guest::preload(guests.clone())
        .include(Guest::VISITS.count())
        .include(Guest::HOSTINGS.count())
        .include(Guest::LETTERS.count());
    for guest in counts.all(db).await.unwrap() {
        let guested = i64::try_from(of(&guested, guest.code).len()).unwrap();
        assert_eq!((guest.visits, guest.letters), (guested, guested));
        assert_eq!(guest.hostings, i64::try_from(of(&hosted, guest.code).len()).unwrap());
    }

    let rooms = Visit::ROOM.load(db, &visits).await.unwrap();
    for (visit, room) in visits.iter().zip(rooms) {
        assert_eq!((visit.house, visit.room_number), (room.house, room.number));
    }

    let codes: Vec<_> = guests.iter().map(|one| one.code).collect();
    let among = Visit::find().filter(Visit::GUEST_CODE.is_in(codes.clone()));
    assert_eq!(among.count(db).await.unwrap(), i64::try_from(visits.len()).unwrap());
    let others = Visit::find().filter(Visit::GUEST_CODE.not_in(codes[1..].to_vec()));
    assert_eq!(ids(&others.all(db).await.unwrap()).len(), of(&guested, codes[0]).len());
}

behaviour! {
    async fn two_keys(db) {
        finds_all(db, 2).await;
    }

    async fn a_hundred_keys(db) {
        finds_all(db, 100).await;
    }

    async fn a_hundred_and_one_keys(db) {
        finds_all(db, 101).await;
    }

    async fn more_than_a_thousand_keys(db) {
        finds_all(db, 1_001).await;
    }
}
