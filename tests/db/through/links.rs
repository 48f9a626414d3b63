//! Links that are made and removed.

use super::*;

behaviour! {
    async fn what_is_linked_stays_as_it_is(db) {
        let ([ada, ..], [bath, _]) = clubs(db).await;
        let changed = Membership::find()
            .filter(Membership::PERSON_ID.eq(1))
            .set(Membership::NOTE, "chair")
            .update(db);
        assert_eq!(changed.await.unwrap(), 2);
        let counting = &Counting::new(db);

        assert!(!Person::CLUBS.link(counting, &ada, &bath).await.unwrap());
        assert_eq!(counting.count(), 1);
        assert!(!Club::MEMBERS.link(db, &bath, &ada).await.unwrap());
        let memberships = ada.memberships(db).await.unwrap();
        assert_eq!(memberships.len(), 2);
        assert!(memberships.iter().all(|one| one.note.as_deref() == Some("chair")));
    }

    async fn a_unique_key_that_is_not_the_id_links_once(db) {
        let ([ada, bob], [one, two]) = skills(db).await;
        let counting = &Counting::new(db);

        assert!(Person::LICENSED.link(counting, &ada, &one).await.unwrap());
        assert!(!Person::LICENSED.link(counting, &ada, &one).await.unwrap());
        assert_eq!(counting.count(), 2, "one statement each");
        assert!(Skill::LICENSEES.link(db, &two, &ada).await.unwrap());
        assert!(Person::LICENSED.link(db, &bob, &one).await.unwrap());
        assert_eq!(Licence::find().count(db).await.unwrap(), 3);
        assert_eq!(ada.licensed(db).await.unwrap(), [one, two]);
    }

    async fn a_link_leaves_the_rest_to_its_defaults(db) {
        let ([_, bob, _], [_, ayr]) = clubs(db).await;

        assert!(Person::CLUBS.link(db, &bob, &ayr).await.unwrap());
        let link = Membership::find_by_id((2, "Ayr", 1)).one(db).await.unwrap();
        assert_eq!((link.note, link.level), (None, 1));
    }

    async fn links_go_and_both_sides_stay(db) {
        let ([ada, bob, cy], [bath, ayr]) = clubs(db).await;
        let counting = &Counting::new(db);

        assert!(Person::CLUBS.unlink(counting, &ada, &bath).await.unwrap());
        assert!(!Person::CLUBS.unlink(counting, &ada, &bath).await.unwrap());
        assert!(!Club::MEMBERS.unlink(counting, &ayr, &cy).await.unwrap());
        assert_eq!(counting.count(), 3, "one statement each");
        assert_eq!(ada.clubs(db).await.unwrap(), [ayr]);
        assert_eq!(bath.members(db).await.unwrap(), [bob]);
        assert_eq!(Person::find().count(db).await.unwrap(), 3);
        assert_eq!(Club::find().count(db).await.unwrap(), 2);
    }

    async fn all_links_that_say_the_same_go(db) {
        let ([ada, bob], [one, two]) = skills(db).await;
        for (badge, skill) in [(2, 2), (2, 2), (2, 1), (1, 2)] {
            certificate(db, Some(badge), Some(skill)).await;
        }

        assert!(Person::SKILLS.unlink(db, &ada, &one).await.unwrap());
        assert_eq!(ada.skills(db).await.unwrap(), [two]);
        assert_eq!(bob.skills(db).await.unwrap(), [one]);
    }

    async fn links_belong_to_their_transaction(db) {
        let ([ada, bob, _], [bath, ayr]) = clubs(db).await;

        let transaction = db.begin().await.unwrap();
        assert!(Person::CLUBS.link(&transaction, &bob, &ayr).await.unwrap());
        assert!(Person::CLUBS.unlink(&transaction, &ada, &ayr).await.unwrap());
        assert_eq!(ayr.members(&transaction).await.unwrap(), [bob.clone()]);
        transaction.rollback().await.unwrap();
        assert_eq!(ayr.members(db).await.unwrap(), [ada.clone()]);

        let transaction = db.begin().await.unwrap();
        assert!(Person::CLUBS.link(&transaction, &bob, &ayr).await.unwrap());
        assert!(!Person::CLUBS.link(&transaction, &bob, &bath).await.unwrap());
        transaction.commit().await.unwrap();
        assert_eq!(ayr.members(db).await.unwrap(), [ada, bob]);
    }

    async fn a_link_to_what_is_gone_is_refused(db) {
        let ([ada, ..], [bath, _]) = clubs(db).await;
        let nowhere = Club { town: "Nowhere".into(), number: 7 };
        let nobody = Person { id: 9, ..ada.clone() };

        let refused = Person::CLUBS.link(db, &ada, &nowhere).await.unwrap_err();
        assert!(refused.is_foreign_key_violation());
        assert_eq!(refused.relation().map(|relation| relation.name), Some("club"));
        assert_eq!(refused.entity(), Some("Membership"));
        assert_eq!(refused.key(), Some("(7, \"Nowhere\")"));
        let refused = Person::CLUBS.link(db, &nobody, &bath).await.unwrap_err();
        assert_eq!(refused.relation().map(|relation| relation.name), Some("person"));
        assert_eq!(refused.key(), Some("9"));
        let refused = Person::LICENSED
            .link(db, &Person { badge: Some(7), ..nobody }, &skill(db, 1, Some(2)).await)
            .await
            .unwrap_err();
        assert!(refused.is_foreign_key_violation());
        assert_eq!(refused.relation().map(|relation| relation.name), Some("person"));
    }

    /// The link is reached from no other side of the person's than through it.
    async fn who_is_linked_stays(db) {
        create(db).await;
        let ada = person(db, 1, Some(2)).await;
        let sailing = skill(db, 1, Some(3)).await;
        certificate(db, Some(2), Some(3)).await;

        let refused = ada.delete(db).await.unwrap_err();
        assert!(refused.is_foreign_key_violation());
        assert_eq!(refused.entity(), Some("Certificate"));
        assert_eq!(refused.relation().map(|relation| relation.name), Some("person"));
        Person::SKILLS.unlink(db, &ada, &sailing).await.unwrap();
        ada.delete(db).await.unwrap();
    }
}
