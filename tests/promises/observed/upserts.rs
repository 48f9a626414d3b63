//! Upserts: new rows are inserted ones, and rows that are there are changed ones.

use ::relations::prelude::*;
use ::relations::repository::Upserted;

use super::world::*;

fn new(name: &str, members: i64) -> NewClub {
    NewClub { name: name.into(), members }
}

behaviour! {
    async fn upserts_of_one_row_are_seen(db) {
        let db = &observed(db).await;
        let upsert = |members| new("chess", members).on_conflict(Club::NAME).update((Club::MEMBERS,));
        let club = upsert(1).insert(db).await.unwrap();
        assert!(club.is_inserted());
        let again = upsert(2).insert(db).await.unwrap();
        assert!(matches!(&again, Upserted::Existing(again) if again.id == club.id && again.members == 2));
        let kept = new("chess", 3).on_conflict(Club::NAME).do_nothing().insert(db).await.unwrap();
        assert_eq!(*kept, *again);
        let added = Club::MEMBERS + Club::MEMBERS.excluded();
        new("chess", 5)
            .on_conflict(Club::NAME)
            .set_expr(Club::MEMBERS, added)
            .insert(db)
            .await
            .unwrap();
        let few = Club::MEMBERS.lt(3);
        new("chess", 9)
            .on_conflict(Club::NAME)
            .update((Club::MEMBERS,))
            .filter(few)
            .insert(db)
            .await
            .unwrap();
        assert_eq!(
            events(db).await,
            ["Club +: chess 1", "Club *: chess 1 -> chess 2", "Club *: chess 2 -> chess 7"]
        );
    }

    async fn upserts_of_many_rows_are_seen(db) {
        let db = &observed(db).await;
        let first = NewClub::insert_many([new("a", 1), new("b", 1)], db).await.unwrap();
        events(db).await;
        let rows = [new("c", 3), new("b", 3), new("d", 3), new("a", 3)];
        let upserted = NewClub::insert_many(rows, db)
            .on_conflict(Club::NAME)
            .update((Club::MEMBERS,))
            .await
            .unwrap();
        let told: Vec<_> = upserted.iter().map(|club| (club.told(), club.is_inserted())).collect();
        let expected = [("c 3", true), ("b 3", false), ("d 3", true), ("a 3", false)];
        assert_eq!(told, expected.map(|(club, is_new)| (club.to_owned(), is_new)));
        assert_eq!(upserted[1].id, first[1].id);
        assert_eq!(events(db).await, ["Club +: c 3, d 3", "Club *: a 1 -> a 3, b 1 -> b 3"]);

        let upsert = |rows: Vec<NewClub>| NewClub::insert_many(rows, db).on_conflict(Club::NAME);
        let rows = || vec![new("a", 4), new("e", 4)];
        assert_eq!(upsert(rows()).update((Club::MEMBERS,)).execute().await.unwrap(), 2);
        assert_eq!(upsert(rows()).do_nothing().execute().await.unwrap(), 0);
        let more = Club::MEMBERS.lt(Club::MEMBERS.excluded());
        let rows = vec![new("a", 5), new("e", 3)];
        let written = upsert(rows).update((Club::MEMBERS,)).filter(more).execute().await.unwrap();
        assert_eq!(written, 1);
        assert_eq!(events(db).await, ["Club +: e 4", "Club *: a 3 -> a 4", "Club *: a 4 -> a 5"]);

        let twice = vec![new("z", 1), new("z", 2)];
        let error = upsert(twice.clone()).update((Club::MEMBERS,)).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        let found = upsert(twice).do_nothing().await.unwrap();
        assert_eq!(found.iter().map(Upserted::is_inserted).collect::<Vec<_>>(), [true, false]);
        assert_eq!(events(db).await, ["Club +: z 1"]);
    }
}
