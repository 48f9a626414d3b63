//! Links of an observed link entity.

use ::relations::prelude::*;

use super::world::*;

behaviour! {
    async fn links_are_seen(db) {
        let db = &observed(db).await;
        customer(db, "bob").await;
        let ada = customer(db, "ada").await;
        let pk = ada.pk;
        let new = |name: &str| NewClub { name: name.into(), members: 1 };
        let clubs = NewClub::insert_many(["x", "y", "z"].map(new), db).await.unwrap();
        let of = |at: usize| format!("{pk} in {}", clubs[at].id);
        events(db).await;

        assert!(Customer::CLUBS.link(db, &ada, &clubs[0]).await.unwrap());
        assert!(!Customer::CLUBS.link(db, &ada, &clubs[0]).await.unwrap());
        assert_eq!(Customer::CLUBS.link_many(db, &ada, &clubs[..2]).await.unwrap(), 1);
        assert!(Customer::CLUBS.unlink(db, &ada, &clubs[0]).await.unwrap());
        assert!(!Customer::CLUBS.unlink(db, &ada, &clubs[0]).await.unwrap());
        assert_eq!(
            events(db).await,
            [
                format!("Membership +: {}", of(0)),
                format!("Membership +: {}", of(1)),
                format!("Membership -: {}", of(0)),
            ]
        );

        let changes = Customer::CLUBS.set(db, &ada, [&clubs[0], &clubs[2]]).await.unwrap();
        assert_eq!((changes.linked, changes.unlinked), (2, 1));
        assert_eq!(Customer::CLUBS.unlink_many(db, &ada, &clubs[1..]).await.unwrap(), 1);
        assert_eq!(Customer::CLUBS.unlink_all(db, &ada).await.unwrap(), 1);
        let w = Customer::CLUBS.create(db, &ada, new("w")).await.unwrap();
        assert_eq!(
            events(db).await,
            [
                format!("Membership -: {}", of(1)),
                format!("Membership +: {}, {}", of(0), of(2)),
                format!("Membership -: {}", of(2)),
                format!("Membership -: {}", of(0)),
                "Club +: w 1".to_owned(),
                format!("Membership +: {pk} in {}", w.id),
            ]
        );
        assert_eq!(ada.clubs(db).await.unwrap(), [w]);
    }
}
