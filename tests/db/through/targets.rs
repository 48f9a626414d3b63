//! Targets that are queried and changed through links.

use super::*;

behaviour! {
    async fn targets_are_changed_and_deleted_through_links(db) {
        let ([ada, bob, _], [_, ayr]) = clubs(db).await;

        let changed = Club::MEMBERS.of(&ayr).set(Person::BADGE, 7).update(db).await.unwrap();
        assert_eq!(changed, 1);
        assert_eq!(Person::find_by_id(1).one(db).await.unwrap().badge, Some(7));
        assert_eq!(Person::CLUBS.of(&ada).delete(db).await.unwrap(), 2);
        assert_eq!(Club::find().count(db).await.unwrap(), 0);
        assert_eq!(bob.clubs(db).await.unwrap(), []);
    }

    async fn targets_are_asked_about(db) {
        let ([ada, bob, cy], [bath, ayr]) = clubs(db).await;
        let people = || Person::find().order_by(Person::ID.asc());

        let found = people().filter(Person::CLUBS.any(Club::TOWN.eq("Bath"))).all(db);
        assert_eq!(found.await.unwrap(), [ada.clone(), bob.clone()]);
        let found = people().filter(Person::CLUBS.none(Club::TOWN.eq("Ayr"))).all(db);
        assert_eq!(found.await.unwrap(), [bob.clone(), cy.clone()]);
        let found = people().filter(Person::CLUBS.all(Club::TOWN.eq("Bath"))).all(db);
        assert_eq!(found.await.unwrap(), [bob.clone(), cy.clone()]);
        let found = people().filter(Person::CLUBS.is_present()).count(db);
        assert_eq!(found.await.unwrap(), 2);
        let counts = Person::find()
            .order_by(Person::CLUBS.count().desc())
            .select((Person::ID, Person::CLUBS.count()))
            .all(db);
        assert_eq!(counts.await.unwrap(), [(1, 2), (2, 1), (3, 0)]);

        let sole = Person::CLUBS.of(&ada).filter(Club::MEMBERS.count().eq(1)).all(db);
        assert_eq!(sole.await.unwrap(), [ayr]);
        let mates = Club::MEMBERS
            .of_id(("Bath", 1))
            .filter(Person::CLUBS.any(Club::MEMBERS.any(Person::ID.eq(2))))
            .all(db);
        assert_eq!(mates.await.unwrap(), [ada, bob]);
        assert!(Club::MEMBERS.of(&bath).filter(Person::ID.eq(cy.id)).one(db).await.is_err());
    }

    async fn a_target_is_counted_once_however_often_it_is_linked(db) {
        let ([ada, bob], [one, _]) = skills(db).await;
        for (badge, skill) in [(2, 2), (2, 2), (2, 1), (1, 2)] {
            certificate(db, Some(badge), Some(skill)).await;
        }
        certificate(db, None, Some(1)).await;
        certificate(db, Some(1), None).await;
        skill(db, 3, None).await;

        let counts = Person::find()
            .order_by(Person::ID.asc())
            .select((Person::ID, Person::SKILLS.count(), Person::SKILLS.sum(Skill::ID)))
            .all(db);
        assert_eq!(counts.await.unwrap(), [(1, 2, Some(3)), (2, 1, Some(1))]);
        let holders = Skill::find()
            .order_by(Skill::ID.asc())
            .select((Skill::ID, Skill::HOLDERS.count()))
            .all(db);
        assert_eq!(holders.await.unwrap(), [(1, 2), (2, 1), (3, 0)]);
        let unheld = Skill::find().filter(!Skill::HOLDERS.is_present()).select(Skill::ID).all(db);
        assert_eq!(unheld.await.unwrap(), [3]);
        let only = Person::find().filter(Person::SKILLS.all(Skill::ID.eq(one.id))).all(db);
        assert_eq!(only.await.unwrap(), [bob]);
        let admired = Person::find().filter(Person::SKILLS.any(Skill::ID.eq(2))).all(db);
        assert_eq!(admired.await.unwrap(), [ada]);
    }

    async fn any_executor_links(db) {
        async fn join(db: &impl Executor, person: &Person, club: &Club) -> bool {
            Person::CLUBS.link(db, person, club).await.unwrap()
        }
        let ([_, _, cy], [bath, _]) = clubs(db).await;
        let task = tokio::spawn({
            let (db, cy, bath) = (db.clone(), cy.clone(), bath.clone());
            async move { join(&db, &cy, &bath).await }
        });
        assert!(task.await.unwrap());
        assert_eq!(cy.clubs(db).await.unwrap(), [bath]);
    }

    async fn targets_come_in_pages(db) {
        create(db).await;
        let ada = person(db, 1, Some(2)).await;
        for id in 1..=4 {
            skill(db, id, Some(10 - id)).await;
            certificate(db, Some(2), Some(10 - id)).await;
            certificate(db, Some(2), Some(10 - id)).await;
        }
        let pages = Person::SKILLS.of(&ada).order_by(Skill::CODE.asc()).page(2);
        let first = pages.clone().fetch(db).await.unwrap();
        let second = pages.after(first.next.unwrap()).fetch(db).await.unwrap();
        let ids = |page: &Page<Skill, i64>| page.rows.iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!((ids(&first), ids(&second), second.next), (vec![4, 3], vec![2, 1], None));
        let mut stream = Person::SKILLS.of_id(1).include(Skill::HOLDERS).stream(db).chunk(3);
        for id in 1..=4 {
            let skill = stream.try_next().await.unwrap().unwrap();
            assert_eq!((skill.id, &skill.holders), (id, &vec![ada.clone()]));
        }
        assert!(stream.try_next().await.unwrap().is_none());
    }
}
