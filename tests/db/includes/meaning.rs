//! The meaning of an include, for each strategy.

use ::relations::Database;
use ::relations::prelude::*;

use super::shop;
use crate::cast::*;
use crate::relations::Category;
use crate::support::Counting;

/// Rooms and their guests, without constraints: a way to make a key dangle on every engine.
mod loose {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[has_many(Room)]
    pub struct House {
        #[id]
        pub id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    pub struct Room {
        #[id]
        pub id: i64,
        #[belongs_to(House, constraint = false)]
        pub house_id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    pub struct Guest {
        #[id]
        pub id: i64,
        #[belongs_to(Room, constraint = false)]
        pub room_id: Option<i64>,
    }
}

/// Entities of these tables that trust the constraints.
mod promised {
    use ::relations::prelude::*;

    use super::loose::House;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[has_many(Guest)]
    pub struct Room {
        #[id]
        pub id: i64,
        #[belongs_to(House)]
        pub house_id: i64,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    pub struct Guest {
        #[id]
        pub id: i64,
        #[belongs_to(Room)]
        pub room_id: Option<i64>,
    }
}

/// One house with a room, one room without a house; guests of either, of none, and of a room that
/// is not there.
async fn hotel(db: &Database) {
    use loose::{Guest, House, NewGuest, NewHouse, NewRoom, Room};

    db.create(schema![House, Room, Guest]).await.unwrap();
    NewHouse { id: 1 }.insert(db).await.unwrap();
    for (id, house_id) in [(1, 1), (2, 9)] {
        NewRoom { id, house_id }.insert(db).await.unwrap();
    }
    for (id, room_id) in [(1, Some(1)), (2, Some(2)), (3, Some(8)), (4, None)] {
        NewGuest { id, room_id }.insert(db).await.unwrap();
    }
}

/// Whether an error says that a promised target is not there.
fn is_missing<T: std::fmt::Debug>(found: ::relations::Result<T>, told: &str) {
    let error = found.unwrap_err();
    assert!(error.is_target_missing(), "{error:?}");
    assert_eq!(error.to_string(), told);
}

const NO_HOUSE: &str = "`Room.house` points to House 9, which is missing or hidden by row-level \
    security; say `constraint = false` where that may be, which makes an `Option` of it";
const NO_ROOM: &str = "`Guest.room` points to Room 8, which is missing or hidden by row-level \
    security; say `constraint = false` where that may be, which makes an `Option` of it";

/// A relation to one by each strategy, and by the one that suits best.
macro_rules! each_way {
    ($relation:expr, |$way:ident| $body:expr) => {{
        let $way = || $relation;
        $body;
        let $way = || $relation.joined();
        $body;
        let $way = || $relation.batched();
        $body;
        let $way = || $relation.pipelined();
        $body;
    }};
}

/// A relation to many by each strategy.
macro_rules! each_way_to_many {
    ($relation:expr, |$way:ident| $body:expr) => {{
        let $way = || $relation;
        $body;
        let $way = || $relation.batched();
        $body;
        let $way = || $relation.pipelined();
        $body;
    }};
}

behaviour! {
    async fn a_dangling_key_is_a_typed_error(db) {
        use promised::{Guest, Room};
        hotel(db).await;
        each_way!(Room::HOUSE, |house| {
            is_missing(Room::find().include(house()).all(db).await, NO_HOUSE);
        });
        each_way!(Guest::ROOM, |room| {
            is_missing(Guest::find().include(room()).all(db).await, NO_ROOM);
            let one = Guest::find_by_id(3);
            is_missing(one.include(room()).one(db).await, NO_ROOM);
        });
        each_way!(Room::HOUSE, |house| {
            each_way!(Guest::ROOM.include(house()), |room| {
                let guests = Guest::find().filter(Guest::ID.eq(2)).include(room());
                is_missing(guests.all(db).await, NO_HOUSE);
            });
        });
        let rooms = Room::find().all(db).await.unwrap();
        is_missing(Room::preload(rooms).include(Room::HOUSE).all(db).await, NO_HOUSE);
        each_way!(Guest::ROOM, |room| each_way_to_many!(Room::GUESTS.include(room()), |guests| {
            // Rows with dangling keys are not reached from here.
            let rooms = Room::find().include(guests()).all(db).await.unwrap();
            assert_eq!(rooms.iter().map(|room| room.guests.len()).collect::<Vec<_>>(), [1, 1]);
        }));
    }

    async fn a_dangling_key_without_a_constraint_is_none(db) {
        use loose::{Guest, House, Room};
        hotel(db).await;
        each_way!(Guest::ROOM.include(Room::HOUSE), |room| {
            let guests = Guest::find().order_by(Guest::ID.asc()).include(room()).all(db).await.unwrap();
            let houses: Vec<Option<Option<House>>> =
                guests.into_iter().map(|guest| guest.room.map(|room| room.house)).collect();
            assert_eq!(houses, [Some(Some(House { id: 1 })), Some(None), None, None]);
        });
    }

    async fn a_filter_leaves_out_the_target_and_not_the_row(db) {
        use promised::{Guest, Room};
        hotel(db).await;
        each_way!(Guest::ROOM.filter(Room::ID.gt(1)), |room| {
            let guests = Guest::find().order_by(Guest::ID.asc()).include(room()).all(db).await.unwrap();
            let rooms: Vec<_> =
                guests.into_iter().map(|guest| guest.room.map(|room| room.id)).collect();
            assert_eq!(rooms, [None, Some(2), None, None]);
        });
    }

    async fn what_is_required_is_there(db) {
        use promised::{Guest, Room};
        hotel(db).await;
        each_way!(Guest::ROOM, |room| {
            let guests = Guest::find().order_by(Guest::ID.desc()).include_required(room()).limit(1);
            let guests: Vec<promised::GuestWith<Room>> = guests.all(db).await.unwrap();
            assert_eq!(guests.iter().map(|guest| guest.room.id).collect::<Vec<_>>(), [2]);
        });
        each_way!(Room::HOUSE, |house| {
            each_way!(Guest::ROOM.include_required(house()), |room| {
                let required = Guest::find().include_required(room()).all(db).await.unwrap();
                assert_eq!(required.iter().map(|guest| guest.room.house.id).collect::<Vec<_>>(), [1]);
                let included = Guest::find().order_by(Guest::ID.asc()).include(room());
                let included = included.all(db).await.unwrap();
                let rooms: Vec<_> = included.iter().map(|guest| guest.room.is_some()).collect();
                assert_eq!(rooms, [true, false, false, false]);
            });
        });
        let guests = Guest::find().all(db).await.unwrap();
        let guests = Guest::preload(guests).include_required(Guest::ROOM).all(db).await.unwrap();
        assert_eq!(guests.iter().map(|guest| guest.id).collect::<Vec<_>>(), [1, 2]);
    }

    async fn verbs_mean_the_same_with_includes(db) {
        use promised::{Guest, Room};
        hotel(db).await;
        each_way!(Guest::ROOM, |room| {
            let of = |filter| Guest::find().filter(filter).include(room());
            assert_eq!(of(Guest::ID.eq(1)).one(db).await.unwrap().id, 1);
            assert!(of(Guest::ID.eq(7)).one(db).await.unwrap_err().is_not_found());
            assert!(of(Guest::ID.eq(7)).optional(db).await.unwrap().is_none());
            assert!(of(Guest::ID.eq(7)).first(db).await.unwrap().is_none());
            let two = || Guest::ID.le(2);
            assert!(of(two()).one(db).await.unwrap_err().is_not_unique());
            assert!(of(two()).optional(db).await.unwrap_err().is_not_unique());
            assert_eq!(of(two()).first(db).await.unwrap().unwrap().id, 1);
            assert_eq!(of(two()).limit(1).one(db).await.unwrap().room.as_ref().unwrap().id, 1);
            assert_eq!(Guest::find_by_id(2).include(room()).one(db).await.unwrap().id, 2);
            assert!(Guest::find_by_id(7).include(room()).one(db).await.unwrap_err().is_not_found());
        });
        // A row that lacks what is required is not a row of the query's.
        each_way!(Guest::ROOM, |room| {
            let all = || Guest::find().filter(Guest::ID.ge(2)).include_required(room());
            assert_eq!(all().one(db).await.unwrap().room, Room { id: 2, house_id: 9 });
            assert_eq!(Guest::find().filter(Guest::ID.gt(2)).include_required(room()).optional(db).await.unwrap(), None);
        });
    }

    async fn a_relation_in_hand_is_followed_with_includes(db) {
        use promised::{Guest, Room};
        hotel(db).await;
        let guests = Guest::find().order_by(Guest::ID.asc()).all(db).await.unwrap();
        each_way!(Room::HOUSE, |house| {
            let of = |at: usize| Guest::ROOM.of(&guests[at]).include(house());
            assert_eq!(of(0).one(db).await.unwrap().house.id, 1);
            assert_eq!(of(0).all(db).await.unwrap().len(), 1);
            is_missing(of(1).one(db).await, NO_HOUSE);
            is_missing(of(1).optional(db).await, NO_HOUSE);
            is_missing(of(2).one(db).await, NO_ROOM);
            is_missing(of(2).optional(db).await, NO_ROOM);
            assert!(of(2).all(db).await.unwrap().is_empty());
            let counting = Counting::new(db);
            assert!(of(3).optional(&counting).await.unwrap().is_none());
            assert!(of(3).one(&counting).await.unwrap_err().is_not_found());
            assert!(of(3).all(&counting).await.unwrap().is_empty());
            assert_eq!(counting.count(), 0);

            let of_id = |id: i64| Guest::ROOM.of_id(id).include(house());
            assert_eq!(of_id(1).one(db).await.unwrap().house.id, 1);
            assert_eq!(of_id(1).all(db).await.unwrap().len(), 1);
            is_missing(of_id(2).one(db).await, NO_HOUSE);
            is_missing(of_id(3).one(db).await, NO_ROOM);
            is_missing(of_id(3).optional(db).await, NO_ROOM);
            assert!(of_id(4).optional(db).await.unwrap().is_none());
            assert_eq!(of_id(4).one(db).await.unwrap_err().entity(), Some("Room"));
            assert!(of_id(7).one(db).await.unwrap_err().is_not_found());
            assert_eq!(of_id(7).one(db).await.unwrap_err().entity(), Some("Guest"));
            assert_eq!(of_id(7).optional(db).await.unwrap_err().entity(), Some("Guest"));
        });
        each_way_to_many!(Room::GUESTS, |others| {
            let rooms = Guest::ROOM.of_id(2).include(others()).all(db).await.unwrap();
            assert_eq!(rooms[0].guests, [guests[1].clone()]);
        });
    }

    async fn what_is_required_of_a_target_may_leave_it_out(db) {
        use promised::{Guest, Room};
        hotel(db).await;
        let homeless = Guest::find_by_id(2).one(db).await.unwrap();
        each_way!(Room::HOUSE, |house| {
            for room in [Guest::ROOM.of(&homeless), Guest::ROOM.of_id(2)] {
                assert_eq!(room.clone().include_required(house()).optional(db).await.unwrap(), None);
                assert!(room.include_required(house()).one(db).await.unwrap_err().is_not_found());
            }
        });
    }

    async fn a_transaction_sees_its_own_rows(db) {
        let (ada, _, orders) = shop(db).await;
        let transaction = db.begin().await.unwrap();
        order_in(&transaction, &ada, 9).await;
        each_way!(Order::CUSTOMER, |customer| {
            let found = Order::find().order_by(Order::ID.desc()).include(customer());
            let found = found.include(Order::LINES).all(&transaction).await.unwrap();
            assert_eq!(found.len(), orders.len() + 1);
            assert_eq!(found[0].customer, ada);
        });
        each_way_to_many!(Customer::ORDERS, |orders| {
            let ada = Customer::find_by_id(ada.id).include(orders()).one(&transaction).await.unwrap();
            assert_eq!(ada.orders.len(), 3);
        });
        transaction.rollback().await.unwrap();
        assert_eq!(ada.orders(db).await.unwrap().len(), 2);
    }

    async fn a_cycle_in_the_data_goes_as_deep_as_the_type(db) {
        db.create(schema![Category]).await.unwrap();
        for id in [1, 2, 3] {
            crate::relations::NewCategory { id, parent_id: None }.insert(db).await.unwrap();
        }
        for (id, parent) in [(1, 2), (2, 1), (3, 3)] {
            let one = Category::find().filter(Category::ID.eq(id));
            one.set(Category::PARENT_ID, parent).update(db).await.unwrap();
        }
        each_way!(Category::PARENT, |first| each_way!(Category::PARENT.include(first()), |second| {
            each_way!(Category::PARENT.include(second()), |third| {
                let found = Category::find().order_by(Category::ID.asc()).include(third());
                let ids: Vec<Vec<_>> = found.all(db).await.unwrap().into_iter().map(|one| {
                    let parent = one.parent.as_ref().unwrap();
                    let grand = parent.parent.as_ref().unwrap();
                    vec![one.id, parent.id, grand.id, grand.parent.as_ref().unwrap().id]
                }).collect();
                assert_eq!(ids, [[1, 2, 1, 2], [2, 1, 2, 1], [3, 3, 3, 3]]);
            });
        }));
        each_way_to_many!(Category::CHILDREN, |first| {
            each_way_to_many!(Category::CHILDREN.include(first()), |second| {
                let one = Category::find_by_id(3).include(second()).one(db).await.unwrap();
                assert_eq!(one.children[0].children[0].id, 3);
            });
        });
    }

    async fn what_is_asked_through_relations_goes_with_includes(db) {
        let (ada, bob, orders) = shop(db).await;
        each_way!(Order::CUSTOMER, |customer| {
            let name = Order::CUSTOMER.column(Customer::NAME);
            let found = Order::find()
                .filter(name.eq("Ada"))
                .order_by(name.asc())
                .order_by(Order::LINES.count().asc())
                .include(customer())
                .include(Order::LINES.pipelined())
                .limit(1);
            let found = found.all(db).await.unwrap();
            assert_eq!((found[0].id, &found[0].customer), (orders[2].id, &ada));
            assert_eq!(found[0].lines.len(), 1);
        });
        each_way!(Line::PRODUCT, |product| {
            let price = Line::PRODUCT.column(Product::PRICE);
            let cheap = Order::LINES.filter(price.lt(9.0)).order_by(price.asc()).limit(2);
            each_way_to_many!(cheap.clone().include(product()), |lines| {
                let found = Order::find().order_by(Order::ID.asc()).include(lines());
                let numbers: Vec<Vec<_>> = found.all(db).await.unwrap().iter()
                    .map(|order| order.lines.iter().map(|line| line.number).collect())
                    .collect();
                assert_eq!(numbers, [vec![2, 3], vec![], vec![]]);
            });
        });
        let busiest = Customer::ORDERS.count();
        each_way_to_many!(Customer::ORDERS.order_by(Order::LINES.count().desc()), |orders| {
            let found = Customer::find().filter(busiest.clone().ge(1)).order_by(busiest.clone().asc());
            let found = found.include(orders()).all(db).await.unwrap();
            assert_eq!(found.iter().map(|one| one.pk).collect::<Vec<_>>(), [bob.pk, ada.pk]);
            assert_eq!(found[1].orders.iter().map(|one| one.quantity).collect::<Vec<_>>(), [1, 3]);
        });
    }

    async fn whole_rows_are_distinct_with_what_is_included(db) {
        let (_, _, orders) = shop(db).await;
        each_way!(Order::CUSTOMER, |customer| each_way_to_many!(Order::LINES, |lines| {
            let found = Order::find()
                .distinct()
                .order_by(Order::CUSTOMER.column(Customer::NAME).desc())
                .order_by(Order::ID.desc())
                .include(customer())
                .include(lines())
                .limit(2)
                .all(db).await.unwrap();
            let ids: Vec<_> = found.iter().map(|order| (order.id, order.lines.len())).collect();
            assert_eq!(ids, [(orders[1].id, 0), (orders[2].id, 1)]);
            assert_eq!(found[0].customer.name, "Bob");
        }));
    }

    async fn a_page_may_be_empty_or_have_no_end(db) {
        let (_, _, orders) = shop(db).await;
        let pages = [
            (Order::LINES.limit(0), 0),
            (Order::LINES.limit(u64::MAX), 3),
            (Order::LINES.offset(0), 3),
            (Order::LINES.offset(2), 1),
            (Order::LINES.offset(u64::MAX), 0),
            (Order::LINES.limit(u64::MAX).offset(u64::MAX), 0),
            (Order::LINES.limit(1).offset(2), 1),
            (Order::LINES.limit(1).offset(3), 0),
        ];
        for (page, count) in pages {
            each_way_to_many!(page.clone(), |lines| {
                let found = Order::find_by_id(orders[0].id).include(lines()).one(db).await.unwrap();
                assert_eq!(found.lines.len(), count);
            });
        }
    }

    async fn rows_that_are_equal_in_their_order_keep_their_targets(db) {
        let (ada, _, _) = shop(db).await;
        for _ in 0..50 {
            order(db, &ada, 7).await;
        }
        each_way!(Order::CUSTOMER, |customer| {
            let found = Order::find().order_by(Order::QUANTITY.desc()).include(customer());
            let found = found.include(Order::LINES.pipelined());
            assert_eq!(found.clone().first(db).await.unwrap().unwrap().customer, ada);
            assert_eq!(found.limit(20).all(db).await.unwrap().len(), 20);
        });
    }
}
