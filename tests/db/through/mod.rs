//! From many to many, through a link.
//!
//! Keys that are not ids are other rows' ids, so that a relation which compares the wrong one shows.

mod link_columns;
mod links;
mod targets;

use ::relations::prelude::*;
use ::relations::{Database, Executor, Page};

use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Club, through(Membership))]
#[has_many(Membership)]
#[has_many(Skill, through(Certificate), key_from = "badge")]
#[has_many(Skill, name = "licensed", through(Licence), key_from = "badge")]
#[has_many(Person, name = "friends", through(Friendship, from = "one", to = "other"))]
#[has_many(Person, name = "admirers", through(Friendship, from = "other", to = "one"))]
#[has_many(Person, name = "co_parents", through(Person, from = "mother", to = "father"))]
#[allow(clippy::duplicated_attributes)]
pub struct Person {
    #[id]
    pub id: i64,
    #[unique]
    pub badge: Option<i64>,
    #[belongs_to(Person)]
    pub mother_id: Option<i64>,
    #[belongs_to(Person)]
    pub father_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Person, name = "members", through(Membership))]
pub struct Club {
    #[id]
    pub town: String,
    #[id]
    pub number: i32,
}

/// One of each person in each club, with more to it than that.
#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(Club, key_from(club_number, club_town), key_to(number, town), on_delete = "cascade")]
pub struct Membership {
    #[id]
    #[belongs_to(Person)]
    pub person_id: i64,
    #[id]
    pub club_town: String,
    #[id]
    pub club_number: i32,
    pub note: Option<String>,
    #[column(default = "1")]
    pub level: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Person, name = "holders", key_from = "code", through(Certificate))]
#[has_many(Person, name = "licensees", key_from = "code", through(Licence))]
#[allow(clippy::duplicated_attributes)]
pub struct Skill {
    #[id]
    pub id: i64,
    #[unique]
    pub code: Option<i64>,
}

/// Links unique keys, some of which are null, and may say the same several times.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Certificate {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Person, key_to = "badge", name = "person")]
    pub badge: Option<i64>,
    #[belongs_to(Skill, key_to = "code", name = "skill")]
    pub skill_code: Option<i64>,
}

/// Links the same keys, and says each once.
#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(skill_code, badge)]
pub struct Licence {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Person, key_to = "badge", name = "person")]
    pub badge: Option<i64>,
    #[belongs_to(Skill, key_to = "code", name = "skill")]
    pub skill_code: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Friendship {
    #[id]
    #[belongs_to(Person)]
    pub one_id: i64,
    #[id]
    #[belongs_to(Person)]
    pub other_id: i64,
}

async fn create(db: &Database) {
    db.create(schema![Person, Club, Membership, Skill, Certificate, Licence, Friendship])
        .await
        .unwrap();
}

async fn person(db: &Database, id: i64, badge: Option<i64>) -> Person {
    NewPerson { id, badge, mother_id: None, father_id: None }.insert(db).await.unwrap()
}

async fn club(db: &Database, town: &str, number: i32) -> Club {
    NewClub { town: town.into(), number }.insert(db).await.unwrap()
}

async fn skill(db: &Database, id: i64, code: Option<i64>) -> Skill {
    NewSkill { id, code }.insert(db).await.unwrap()
}

async fn certificate(db: &Database, badge: Option<i64>, skill: Option<i64>) -> Certificate {
    NewCertificate { badge, skill_code: skill }.insert(db).await.unwrap()
}

/// Ada is in both clubs, Bob in one, Cy in none.
async fn clubs(db: &Database) -> ([Person; 3], [Club; 2]) {
    create(db).await;
    let people =
        [person(db, 1, Some(2)).await, person(db, 2, Some(1)).await, person(db, 3, None).await];
    let clubs = [club(db, "Bath", 1).await, club(db, "Ayr", 1).await];
    for (person, club) in
        [(&people[0], &clubs[0]), (&people[0], &clubs[1]), (&people[1], &clubs[0])]
    {
        assert!(Person::CLUBS.link(db, person, club).await.unwrap());
    }
    (people, clubs)
}

/// Two people whose badges are each other's ids, and skills whose codes are each other's.
async fn skills(db: &Database) -> ([Person; 2], [Skill; 2]) {
    create(db).await;
    let people = [person(db, 1, Some(2)).await, person(db, 2, Some(1)).await];
    (people, [skill(db, 1, Some(2)).await, skill(db, 2, Some(1)).await])
}

behaviour! {
    async fn targets_come_from_both_sides_by_their_id(db) {
        let ([ada, bob, cy], [bath, ayr]) = clubs(db).await;

        assert_eq!(ada.clubs(db).await.unwrap(), [ayr.clone(), bath.clone()]);
        assert_eq!(bob.clubs(db).await.unwrap(), [bath.clone()]);
        assert_eq!(cy.clubs(db).await.unwrap(), []);
        assert_eq!(bath.members(db).await.unwrap(), [ada.clone(), bob]);
        assert_eq!(ayr.members(db).await.unwrap(), [ada]);
    }

    async fn targets_are_queried_further(db) {
        let ([ada, bob, _], [bath, ayr]) = clubs(db).await;
        let clubs = || Person::CLUBS.of(&ada);

        let found = clubs().order_by(Club::TOWN.desc()).limit(1).all(db).await.unwrap();
        assert_eq!(found, [bath.clone()]);
        assert_eq!(clubs().filter(Club::TOWN.eq("Ayr")).one(db).await.unwrap(), ayr);
        assert_eq!(clubs().first(db).await.unwrap(), Some(ayr.clone()));
        assert_eq!(clubs().count(db).await.unwrap(), 2);
        assert!(clubs().exists(db).await.unwrap());
        assert!(clubs().one(db).await.unwrap_err().is_not_unique());
        let none = Person::CLUBS.of_id(3).one(db).await.unwrap_err();
        assert!(none.is_not_found());
        assert_eq!(none.to_string(), "no Club by `Person.clubs` with key 3");

        assert_eq!(Person::CLUBS.of_id(2).all(db).await.unwrap(), [bath.clone()]);
        assert_eq!(Person::CLUBS.of_id(9).all(db).await.unwrap(), []);
        let members = Club::MEMBERS.of_id(("Bath", 1)).all(db).await.unwrap();
        assert_eq!(members, [ada.clone(), bob.clone()]);
        let members = Club::MEMBERS.of(&bath).order_by(Person::ID.desc()).all(db).await.unwrap();
        assert_eq!(members, [bob, ada]);
    }

    async fn many_are_loaded_in_one_statement(db) {
        let ([ada, bob, cy], [bath, ayr]) = clubs(db).await;
        let counting = &Counting::new(db);

        let loaded = Person::CLUBS.load(counting, [&cy, &bob, &ada, &bob]).await.unwrap();
        let (few, all) = (vec![bath.clone()], vec![ayr.clone(), bath.clone()]);
        assert_eq!(loaded, [vec![], few.clone(), all, few]);
        assert_eq!(counting.count(), 1);

        let loaded = Club::MEMBERS.load(counting, [&ayr, &bath]).await.unwrap();
        assert_eq!(loaded, [vec![ada.clone()], vec![ada, bob]]);
        assert_eq!(counting.count(), 1);
        assert_eq!(Person::CLUBS.load(counting, []).await.unwrap(), Vec::<Vec<Club>>::new());
        assert_eq!(counting.count(), 0);
    }

    async fn the_links_keys_lead_rather_than_ids(db) {
        let ([ada, bob], [one, two]) = skills(db).await;
        certificate(db, Some(2), Some(1)).await;

        assert_eq!(ada.skills(db).await.unwrap(), [two.clone()], "badge 2 is Ada's, code 1 is of 2");
        assert_eq!(bob.skills(db).await.unwrap(), []);
        assert_eq!(two.holders(db).await.unwrap(), [ada.clone()]);
        assert_eq!(one.holders(db).await.unwrap(), []);
        assert_eq!(Person::SKILLS.of_id(1).all(db).await.unwrap(), [two.clone()]);
        assert_eq!(Person::SKILLS.of_id(2).all(db).await.unwrap(), []);
        let loaded = Person::SKILLS.load(db, [&bob, &ada]).await.unwrap();
        assert_eq!(loaded, [vec![], vec![two]]);
    }

    async fn a_target_comes_once_however_often_it_is_linked(db) {
        let ([ada, bob], [one, two]) = skills(db).await;
        for (badge, skill) in [(2, 2), (2, 1), (2, 2), (1, 2), (2, 2)] {
            certificate(db, Some(badge), Some(skill)).await;
        }
        let both = vec![one.clone(), two.clone()];

        assert_eq!(ada.skills(db).await.unwrap(), both);
        assert_eq!(Person::SKILLS.of(&ada).count(db).await.unwrap(), 2);
        assert_eq!(Person::SKILLS.of_id(1).all(db).await.unwrap(), both);
        let loaded = Person::SKILLS.load(db, [&ada, &bob, &ada]).await.unwrap();
        assert_eq!(loaded, [both.clone(), vec![one.clone()], both]);
        assert_eq!(one.holders(db).await.unwrap(), [ada, bob]);
    }

    async fn a_null_links_nothing(db) {
        create(db).await;
        let (ada, cy) = (person(db, 1, Some(1)).await, person(db, 2, None).await);
        let (sailing, secret) = (skill(db, 1, Some(1)).await, skill(db, 2, None).await);
        for (badge, skill) in [(None, None), (None, Some(1)), (Some(1), None)] {
            certificate(db, badge, skill).await;
        }
        let counting = &Counting::new(db);

        assert_eq!(cy.skills(counting).await.unwrap(), []);
        assert_eq!(secret.holders(counting).await.unwrap(), []);
        assert_eq!(Person::SKILLS.load(counting, [&cy]).await.unwrap(), [vec![]]);
        assert_eq!(counting.count(), 0, "a null key is known to lead nowhere");
        assert_eq!(ada.skills(db).await.unwrap(), []);
        assert_eq!(sailing.holders(db).await.unwrap(), []);
        assert_eq!(Person::SKILLS.of_id(2).all(db).await.unwrap(), []);
        let loaded = Person::SKILLS.load(db, [&ada, &cy]).await.unwrap();
        assert_eq!(loaded, [vec![], vec![]]);

        let refused = Person::LICENSED.link(counting, &cy, &sailing).await.unwrap_err();
        assert!(refused.is_invalid_request());
        assert_eq!(
            refused.to_string(),
            "`Person.badge` is null, so that nothing can link by it"
        );
        let refused = Person::LICENSED.link(counting, &ada, &secret).await.unwrap_err();
        assert_eq!(refused.to_string(), "`Skill.code` is null, so that nothing can link by it");
        assert!(!Person::SKILLS.unlink(counting, &cy, &sailing).await.unwrap());
        assert!(!Person::SKILLS.unlink(counting, &ada, &secret).await.unwrap());
        assert_eq!(counting.count(), 0);
        assert_eq!(Certificate::find().count(db).await.unwrap(), 3);
    }

    async fn an_entity_is_linked_to_itself(db) {
        create(db).await;
        let ada = person(db, 1, None).await;
        let bob = person(db, 2, None).await;
        let cy = person(db, 3, None).await;
        for (one, other) in [(&ada, &bob), (&ada, &cy), (&cy, &ada), (&cy, &cy)] {
            assert!(Person::FRIENDS.link(db, one, other).await.unwrap());
        }

        assert_eq!(ada.friends(db).await.unwrap(), [bob.clone(), cy.clone()]);
        assert_eq!(ada.admirers(db).await.unwrap(), [cy.clone()]);
        assert_eq!(bob.friends(db).await.unwrap(), []);
        assert_eq!(bob.admirers(db).await.unwrap(), [ada.clone()]);
        let people = [ada.clone(), bob.clone(), cy.clone()];
        let loaded = Person::FRIENDS.load(db, &people).await.unwrap();
        assert_eq!(loaded, [vec![bob.clone(), cy.clone()], vec![], vec![ada.clone(), cy]]);
        assert!(!Person::ADMIRERS.link(db, &bob, &ada).await.unwrap(), "the other way round");
        assert!(Person::ADMIRERS.unlink(db, &bob, &ada).await.unwrap());
        assert_eq!(Person::FRIENDS.of(&ada).count(db).await.unwrap(), 1);
    }

    async fn an_entity_is_a_link_between_its_own(db) {
        create(db).await;
        let (eve, adam) = (person(db, 1, None).await, person(db, 2, None).await);
        for id in [3, 4] {
            let child = NewPerson { id, badge: None, mother_id: Some(1), father_id: Some(2) };
            child.insert(db).await.unwrap();
        }

        assert_eq!(eve.co_parents(db).await.unwrap(), [adam.clone()]);
        assert_eq!(adam.co_parents(db).await.unwrap(), []);
        let loaded = Person::CO_PARENTS.load(db, [&eve, &adam]).await.unwrap();
        assert_eq!(loaded, [vec![adam], vec![]]);
    }
}

/// The rows of a tenant are linked within the tenant.
mod shared {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[has_many(Tag, through(Tagging), key_from(tenant, number))]
    pub struct Note {
        #[id]
        pub tenant: i32,
        #[id]
        pub number: i32,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    pub struct Tag {
        #[id]
        pub tenant: i32,
        #[id]
        pub word: String,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[belongs_to(Note, key_from(note_number, tenant), key_to(number, tenant))]
    #[belongs_to(Tag, key_from(tenant, tag_word), key_to(tenant, word))]
    #[unique(tenant, note_number, tag_word)]
    #[allow(clippy::duplicated_attributes)]
    pub struct Tagging {
        #[id(generated)]
        pub id: i64,
        pub tenant: i32,
        pub note_number: i32,
        pub tag_word: String,
    }

    behaviour! {
        async fn keys_may_share_a_property(db) {
            db.create(schema![Note, Tag, Tagging]).await.unwrap();
            let (mut notes, mut tags) = (Vec::new(), Vec::new());
            for tenant in [1, 2] {
                let tag = NewTag { tenant, word: "red".into() };
                notes.push(NewNote { tenant, number: 1 }.insert(db).await.unwrap());
                tags.push(tag.insert(db).await.unwrap());
            }

            assert!(Note::TAGS.link(db, &notes[0], &tags[0]).await.unwrap());
            assert!(!Note::TAGS.link(db, &notes[0], &tags[0]).await.unwrap());
            let refused = Note::TAGS.link(db, &notes[0], &tags[1]).await.unwrap_err();
            assert!(refused.is_invalid_request());
            assert_eq!(
                refused.to_string(),
                "`Tagging.tenant` links only what shares it, which this `Note` and this `Tag` do not"
            );
            assert!(!Note::TAGS.unlink(db, &notes[0], &tags[1]).await.unwrap());

            assert_eq!(notes[0].tags(db).await.unwrap(), [tags[0].clone()]);
            let loaded = Note::TAGS.load(db, &notes).await.unwrap();
            assert_eq!(loaded, [vec![tags[0].clone()], vec![]]);
            assert!(Note::TAGS.unlink(db, &notes[0], &tags[0]).await.unwrap());
            assert_eq!(notes[0].tags(db).await.unwrap(), []);
        }
    }
}

behaviour! {
    async fn accessors_through_links_meet_in_one_statement(db) {
        let (people, _) = clubs(db).await;
        let stats = db.query_stats();
        let batched = stats.batched();
        let found = futures_util::future::join_all(people.iter().map(|one| one.clubs(&batched))).await;
        let found: Vec<_> = found.into_iter().map(::relations::Result::unwrap).collect();
        assert_eq!(found, Person::CLUBS.load(db, &people).await.unwrap());
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(stats.statements(), 1);
    }

    /// Links that may repeat each other, and say the same several times.
    async fn accessors_through_links_that_repeat_meet_as_well(db) {
        create(db).await;
        let people = [person(db, 1, Some(2)).await, person(db, 2, Some(1)).await, person(db, 3, None).await];
        for (id, code) in [(1, 7), (2, 8)] {
            skill(db, id, Some(code)).await;
        }
        for (badge, code) in [(1, 7), (2, 7), (2, 7), (2, 8)] {
            certificate(db, Some(badge), Some(code)).await;
        }
        let stats = db.query_stats();
        let batched = stats.batched();
        let found = futures_util::future::join_all(people.iter().map(|one| one.skills(&batched))).await;
        let found: Vec<_> = found.into_iter().map(::relations::Result::unwrap).collect();
        assert_eq!(found, Person::SKILLS.load(db, &people).await.unwrap());
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(stats.statements(), 1);
    }
}
