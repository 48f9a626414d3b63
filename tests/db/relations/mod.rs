//! Following a relation from one source to its targets.

mod chain;
mod composite_keys;
mod filtered;
mod key_array;
mod kind_columns;
mod kinds;
mod one_of;

use ::relations::prelude::*;

use crate::cast::{self, Customer, Line, NewLine, NewOrder, NewProduct, Order};
use crate::support::Counting;

/// Relations that no constraint holds, over the tables of relations that promise one: a way to
/// make a key dangle on every engine.
pub mod loose {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "owners")]
    pub struct Owner {
        #[id]
        pub id: i64,
        #[unique]
        pub code: String,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "pets")]
    pub struct Pet {
        #[id]
        pub id: i64,
        #[belongs_to(Owner, constraint = false)]
        pub owner_id: i64,
        #[belongs_to(Owner, name = "sitter", key_to = "code", constraint = false)]
        pub sitter_code: Option<String>,
    }

    /// An owner 1, and pets whose keys point to it, to nothing, and nowhere.
    pub async fn create(db: &::relations::Database) {
        db.create(schema![Owner, Pet]).await.unwrap();
        NewOwner { id: 1, code: "a".into() }.insert(db).await.unwrap();
        for (id, owner_id, sitter) in [(1, 1, Some("a")), (2, 7, Some("z")), (3, 1, None)] {
            NewPet { id, owner_id, sitter_code: sitter.map(Into::into) }.insert(db).await.unwrap();
        }
    }
}

/// Entities of these tables that trust the constraints.
pub mod promised {
    use ::relations::prelude::*;

    use super::loose::Owner;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "pets")]
    pub struct Pet {
        #[id]
        pub id: i64,
        #[belongs_to(Owner)]
        pub owner_id: i64,
        #[belongs_to(Owner, name = "sitter", key_to = "code")]
        pub sitter_code: Option<String>,
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Category, name = "children", key_to = "parent_id")]
pub struct Category {
    #[id]
    pub id: i64,
    #[belongs_to(Category, name = "parent")]
    pub parent_id: Option<i64>,
}

/// A team has a captain and a player has a team: each names the other.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Player)]
pub struct Team {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Player, name = "captain", on_delete = "set null")]
    pub captain_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Player {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Team, on_delete = "cascade")]
    pub team_id: i64,
}

/// A country's key is one text, which may be empty; a region's is two parts, a town's three.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Region)]
pub struct Country {
    #[id]
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Town, key_from("country_id", "number"), key_to("country", "region"))]
pub struct Region {
    #[id]
    #[belongs_to(Country)]
    pub country_id: String,
    #[id]
    pub number: i32,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(
    Region,
    name = "region_of",
    key_from("country", "region"),
    key_to("country_id", "number")
)]
pub struct Town {
    #[id]
    pub country: String,
    #[id]
    pub region: i32,
    #[id]
    pub number: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(
    Town,
    name = "town",
    key_from("country", "region", "town_number"),
    key_to("country", "region", "number")
)]
#[belongs_to(
    Region,
    name = "region_only",
    key_from("country", "region"),
    key_to("country_id", "number")
)]
pub struct Letter {
    #[id]
    pub id: i64,
    pub country: Option<String>,
    pub region: Option<i32>,
    pub town_number: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_one(Passport)]
pub struct Person {
    #[id]
    pub id: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Passport {
    #[id]
    pub number: String,
    #[unique]
    #[belongs_to(Person)]
    pub person_id: i64,
}

pub fn letter(id: i64, town: (Option<&str>, Option<i32>, Option<i64>)) -> NewLetter {
    NewLetter { id, country: town.0.map(Into::into), region: town.1, town_number: town.2 }
}

pub async fn create_places(db: &::relations::Database) {
    db.create(schema![Letter, Town, Region, Country]).await.unwrap();
    for code in ["", "ch"] {
        NewCountry { code: code.into() }.insert(db).await.unwrap();
        for number in [0, 1] {
            let name = format!("{code}{number}");
            let region = NewRegion { country_id: code.into(), number, name };
            region.insert(db).await.unwrap();
            let town = NewTown { country: code.into(), region: number, number: 5 };
            town.insert(db).await.unwrap();
        }
    }
}

behaviour! {
    async fn a_required_target_is_the_entity(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let order = cast::order(db, &ada, 3).await;
        assert_eq!(order.customer(db).await.unwrap(), ada);
        assert_eq!(ada.orders(db).await.unwrap(), [order]);
        assert_eq!(bob.orders(db).await.unwrap(), []);
    }

    async fn an_optional_target_is_the_entity_or_none(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let paid = NewOrder { customer_id: ada.pk, payer_id: Some(bob.pk), quantity: 1 };
        let paid = paid.insert(db).await.unwrap();
        assert_eq!(paid.payer(db).await.unwrap(), Some(bob.clone()));
        assert_eq!(Order::PAYER.of(&paid).one(db).await.unwrap(), bob);
    }

    async fn a_null_key_sends_no_statement(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let order = cast::order(db, &ada, 3).await;
        let counting = Counting::new(db);
        assert_eq!(order.payer(&counting).await.unwrap(), None);
        let payer = || Order::PAYER.of(&order);
        assert_eq!(payer().all(&counting).await.unwrap(), []);
        assert_eq!(payer().first(&counting).await.unwrap(), None);
        assert_eq!(payer().optional(&counting).await.unwrap(), None);
        assert_eq!(payer().count(&counting).await.unwrap(), 0);
        assert!(!payer().exists(&counting).await.unwrap());
        assert_eq!(payer().delete(&counting).await.unwrap(), 0);
        assert_eq!(payer().set(Customer::NAME, "Eve").update(&counting).await.unwrap(), 0);
        assert_eq!(payer().select(Customer::ID).all(&counting).await.unwrap(), Vec::<i64>::new());
        assert_eq!(payer().max(&counting, Customer::ID).await.unwrap(), None);
        assert!(payer().one(&counting).await.unwrap_err().is_not_found());
        assert_eq!(counting.count(), 0);
    }

    async fn a_dangling_key_is_a_typed_error(db) {
        use promised::Pet;
        loose::create(db).await;
        let pet = Pet::find_by_id(2).one(db).await.unwrap();
        let owner = [
            pet.owner(db).await.unwrap_err(),
            Pet::OWNER.of(&pet).one(db).await.unwrap_err(),
            Pet::OWNER.of(&pet).optional(db).await.unwrap_err(),
            Pet::OWNER.of_id(2).one(db).await.unwrap_err(),
            Pet::OWNER.of_id(2).optional(db).await.unwrap_err(),
            Pet::OWNER.load(db, [&pet]).await.unwrap_err(),
        ];
        for error in owner {
            assert!(error.is_target_missing(), "{error}");
            assert!(!error.is_not_found());
            assert_eq!(error.entity(), Some("Owner"));
            assert_eq!(error.relation().map(|relation| relation.name), Some("owner"));
            assert_eq!(error.key(), Some("7"));
            assert_eq!(error.to_string(), "`Pet.owner` points to Owner 7, which is missing or hidden by row-level \
    security; say `constraint = false` where that may be, which makes an `Option` of it");
        }
        let sitter = [
            pet.sitter(db).await.unwrap_err(),
            Pet::SITTER.of(&pet).optional(db).await.unwrap_err(),
            Pet::SITTER.of_id(2).optional(db).await.unwrap_err(),
            Pet::SITTER.load(db, [&pet]).await.unwrap_err(),
        ];
        for error in sitter {
            assert!(error.is_target_missing(), "{error}");
            assert_eq!(error.key(), Some("\"z\""));
        }
    }

    async fn a_filter_may_leave_a_promised_target_out(db) {
        use promised::Pet;
        loose::create(db).await;
        let pet = Pet::find_by_id(1).one(db).await.unwrap();
        let other = || Pet::OWNER.of(&pet).filter(loose::Owner::CODE.ne("a"));
        assert_eq!(other().optional(db).await.unwrap(), None);
        let error = other().one(db).await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.relation().map(|relation| relation.name), Some("owner"));
        assert_eq!(error.to_string(), "no Owner by `Pet.owner` with key 1");
    }

    async fn without_a_constraint_a_target_may_be_missing(db) {
        use loose::{Owner, Pet};
        loose::create(db).await;
        let pets = Pet::find().order_by(Pet::ID.asc()).all(db).await.unwrap();
        let owner = Owner { id: 1, code: "a".into() };
        let owners = [Some(owner.clone()), None, Some(owner.clone())];
        let sitters = [Some(owner), None, None];
        assert_eq!(Pet::OWNER.load(db, &pets).await.unwrap(), owners);
        assert_eq!(Pet::SITTER.load(db, &pets).await.unwrap(), sitters);
        for ((pet, owner), sitter) in pets.iter().zip(owners).zip(sitters) {
            assert_eq!(pet.owner(db).await.unwrap(), owner);
            assert_eq!(pet.sitter(db).await.unwrap(), sitter);
            assert_eq!(Pet::OWNER.of(pet).optional(db).await.unwrap(), owner);
            assert_eq!(Pet::OWNER.of_id(pet.id).optional(db).await.unwrap(), owner);
            assert_eq!(Pet::SITTER.of_id(pet.id).optional(db).await.unwrap(), sitter);
        }
        assert!(Pet::OWNER.of_id(2).one(db).await.unwrap_err().is_not_found());
    }

    async fn relations_to_one_target_are_told_apart_by_name(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let order = NewOrder { customer_id: ada.pk, payer_id: Some(bob.pk), quantity: 1 };
        let order = order.insert(db).await.unwrap();
        assert_eq!(order.customer(db).await.unwrap(), ada);
        assert_eq!(order.payer(db).await.unwrap(), Some(bob.clone()));
        assert_eq!(Order::CUSTOMER.load(db, [&order]).await.unwrap(), [ada]);
        assert_eq!(Order::PAYER.load(db, [&order]).await.unwrap(), [Some(bob)]);
    }

    async fn an_entity_belongs_to_its_own_kind(db) {
        db.create(schema![Category]).await.unwrap();
        let mut tree = Vec::new();
        for (id, parent_id) in [(0, None), (1, Some(0)), (2, Some(0)), (3, Some(2))] {
            tree.push(NewCategory { id, parent_id }.insert(db).await.unwrap());
        }
        let [root, one, two, leaf] = &tree[..] else { unreachable!() };
        assert_eq!(leaf.parent(db).await.unwrap().as_ref(), Some(two));
        assert_eq!(root.parent(db).await.unwrap(), None);
        assert_eq!(root.children(db).await.unwrap(), [one.clone(), two.clone()]);
        assert_eq!(Category::PARENT.of_id(3).one(db).await.unwrap(), *two);
        assert_eq!(Category::CHILDREN.of_id(2).all(db).await.unwrap(), [leaf.clone()]);
        let parents = Category::PARENT.load(db, &tree).await.unwrap();
        let root = Some(root.clone());
        assert_eq!(parents, [None, root.clone(), root, Some(two.clone())]);
    }

    async fn entities_may_name_each_other(db) {
        db.create(schema![Team, Player]).await.unwrap();
        let mut team = NewTeam { captain_id: None }.insert(db).await.unwrap();
        let player = NewPlayer { team_id: team.id }.insert(db).await.unwrap();
        team.captain_id = Some(player.id);
        team.update(db).await.unwrap();
        assert_eq!(team.captain(db).await.unwrap(), Some(player.clone()));
        assert_eq!(player.team(db).await.unwrap(), team);
        player.delete(db).await.unwrap();
        let team = Team::find_by_id(team.id).one(db).await.unwrap();
        assert_eq!(team.captain_id, None);
    }

    async fn a_source_has_one_target_or_none(db) {
        db.create(schema![Person, Passport]).await.unwrap();
        let one = NewPerson { id: 1 }.insert(db).await.unwrap();
        let two = NewPerson { id: 2 }.insert(db).await.unwrap();
        let passport = NewPassport { number: "x".into(), person_id: 1 }.insert(db).await.unwrap();
        assert_eq!(one.passport(db).await.unwrap(), Some(passport.clone()));
        assert_eq!(two.passport(db).await.unwrap(), None);
        let found = Person::PASSPORT.load(db, [&two, &one]).await.unwrap();
        assert_eq!(found, [None, Some(passport.clone())]);
        assert_eq!(Person::PASSPORT.of_id(1).one(db).await.unwrap(), passport);
        assert_eq!(Person::PASSPORT.of_id(2).optional(db).await.unwrap(), None);
        assert!(Person::PASSPORT.of(&two).one(db).await.unwrap_err().is_not_found());
    }

    async fn several_targets_where_one_is_promised_are_told(db) {
        db.create(schema![Person]).await.unwrap();
        let table = "CREATE TABLE passports (number text PRIMARY KEY, person_id bigint NOT NULL)";
        ::relations::sql(table, ()).execute(db).await.unwrap();
        let one = NewPerson { id: 1 }.insert(db).await.unwrap();
        for number in ["x", "y"] {
            NewPassport { number: number.into(), person_id: 1 }.insert(db).await.unwrap();
        }
        let errors = [
            one.passport(db).await.unwrap_err(),
            Person::PASSPORT.load(db, [&one]).await.unwrap_err(),
            Person::find().include(Person::PASSPORT).all(db).await.unwrap_err(),
            Person::find().include(Person::PASSPORT.pipelined()).all(db).await.unwrap_err(),
            Person::find().include(Person::PASSPORT.include(Passport::PERSON)).all(db).await.unwrap_err(),
        ];
        for error in errors {
            assert!(error.is_not_unique(), "{error}");
            assert_eq!(error.relation().map(|one| one.name), Some("passport"), "{error}");
        }
    }

    async fn many_targets_can_be_narrowed_ordered_counted_changed_and_deleted(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let orders = [
            cast::order(db, &ada, 1).await,
            cast::order(db, &ada, 2).await,
            cast::order(db, &ada, 3).await,
        ];
        let bobs = cast::order(db, &bob, 9).await;
        let of = || Customer::ORDERS.of(&ada);
        assert_eq!(of().filter(Order::QUANTITY.gt(1)).all(db).await.unwrap(), orders[1..]);
        let down = of().order_by(Order::QUANTITY.desc()).all(db).await.unwrap();
        assert_eq!(down.iter().map(|order| order.quantity).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(of().first(db).await.unwrap().as_ref(), Some(&orders[0]));
        assert_eq!(of().limit(1).offset(1).all(db).await.unwrap(), orders[1..2]);
        assert!(of().one(db).await.unwrap_err().is_not_unique());
        assert_eq!(of().count(db).await.unwrap(), 3);
        assert!(of().exists(db).await.unwrap());
        assert_eq!(of().sum(db, Order::QUANTITY).await.unwrap(), Some(6));
        assert_eq!(of().select(Order::QUANTITY).all(db).await.unwrap().len(), 3);
        assert_eq!(of().set(Order::QUANTITY, 5).update(db).await.unwrap(), 3);
        assert_eq!(of().filter(Order::ID.eq(orders[0].id)).delete(db).await.unwrap(), 1);
        assert_eq!(of().delete(db).await.unwrap(), 2);
        assert_eq!(Order::find().all(db).await.unwrap(), [bobs]);
    }

    async fn targets_come_by_their_id(db) {
        cast::create(db).await;
        let (ada, _) = cast::customers(db).await;
        let order = cast::order(db, &ada, 1).await;
        for code in ["x", "y"] {
            let product = NewProduct { code: code.into(), price: 1.0 };
            product.insert(db).await.unwrap();
        }
        for number in [3, 1, 2] {
            let line = NewLine { order_id: order.id, number, product_id: "x".into() };
            line.insert(db).await.unwrap();
        }
        let numbers = |lines: Vec<Line>| lines.iter().map(|line| line.number).collect::<Vec<_>>();
        assert_eq!(numbers(order.lines(db).await.unwrap()), [1, 2, 3]);
        assert_eq!(numbers(Order::LINES.of_id(order.id).all(db).await.unwrap()), [1, 2, 3]);
        assert_eq!(numbers(Order::LINES.load(db, [&order]).await.unwrap().remove(0)), [1, 2, 3]);
        let product = order.lines(db).await.unwrap()[0].product(db).await.unwrap();
        assert_eq!(numbers(product.lines(db).await.unwrap()), [1, 2, 3]);
    }

    async fn a_transaction_sees_its_own_rows_and_takes_them_back_when_dropped(db) {
        cast::create(db).await;
        let transaction = db.begin().await.unwrap();
        let customer = cast::NewCustomer { id: 1, pk: 2, name: "Ada".into(), email: None };
        let ada = customer.insert(&transaction).await.unwrap();
        let order = NewOrder { customer_id: 2, payer_id: None, quantity: 1 };
        let order = order.insert(&transaction).await.unwrap();
        assert_eq!(order.customer(&transaction).await.unwrap(), ada);
        assert_eq!(ada.orders(&transaction).await.unwrap(), [order.clone()]);
        assert_eq!(Order::CUSTOMER.of_id(order.id).one(&transaction).await.unwrap(), ada);
        assert_eq!(Order::CUSTOMER.load(&transaction, [&order]).await.unwrap(), [ada]);
        drop(transaction);
        assert_eq!(Customer::find().count(db).await.unwrap(), 0);
    }

    async fn a_committed_transaction_holds(db) {
        cast::create(db).await;
        let transaction = db.begin().await.unwrap();
        let customer = cast::NewCustomer { id: 1, pk: 2, name: "Ada".into(), email: None };
        let ada = customer.insert(&transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(Customer::find().all(db).await.unwrap(), [ada.clone()]);
        let transaction = db.begin().await.unwrap();
        ada.delete(&transaction).await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(Customer::find().all(db).await.unwrap(), [ada]);
    }
}
