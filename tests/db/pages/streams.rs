//! Streams.

use super::*;

behaviour! {
    async fn streams_are_the_whole_list(db) {
        notes(db, 210).await;
        for (orders, down) in orders() {
            let expected = whole(db, orders.clone(), down).await;
            for chunk in [7, 64, 210, 1000] {
                let stream = ordered(orders.clone()).stream(db).chunk(chunk);
                let found: Vec<i64> =
                    stream.map_ok(|note| note.id).try_collect().await.unwrap();
                assert_eq!(found, expected, "{orders:?}");
            }
            let cut = ordered(orders).offset(5).limit(20).stream(db).chunk(8);
            let found: Vec<i64> = cut.map_ok(|note| note.id).try_collect().await.unwrap();
            assert_eq!(found, expected[5..25]);
        }
    }

    async fn rows_of_a_stream_may_change_and_go(db) {
        notes(db, 60).await;
        Remark::find().all_rows().delete(db).await.unwrap();
        for (orders, down) in orders() {
            let expected = whole(db, orders.clone(), down).await;
            let mut stream = ordered(orders.clone()).stream(db).chunk(7);
            let mut found = Vec::new();
            while let Some(note) = stream.try_next().await.unwrap() {
                note.delete(db).await.unwrap();
                found.push(note);
            }
            assert_eq!(found.iter().map(|note| note.id).collect::<Vec<_>>(), expected, "{orders:?}");
            for Note { id, author_id, reviewer_id, rank, grade, title, price, state, written, weight, open } in found {
                let again = NewNote { id, author_id, reviewer_id, rank, grade, title, price, state, written, weight, open };
                again.insert(db).await.unwrap();
            }
        }
    }
}

behaviour! {
    async fn a_stream_asks_for_a_chunk_when_it_needs_one(db) {
        notes(db, 30).await;
        let counting = Counting::new(db);
        let mut stream = Note::find().include(Note::REMARKS).stream(&counting).chunk(10);
        assert_eq!(counting.count(), 0);
        for _ in 0..10 {
            stream.try_next().await.unwrap();
        }
        assert_eq!(counting.count(), 2);
        stream.try_next().await.unwrap();
        assert_eq!(counting.count(), 2);
        drop(stream);
        // A limit is known to be reached; the end is found by a chunk that is not full.
        let cut: Vec<_> = Note::find().limit(20).stream(&counting).chunk(10).try_collect().await.unwrap();
        assert_eq!((cut.len(), counting.count()), (20, 2));
        let all: Vec<_> = Note::find().stream(&counting).chunk(20).try_collect().await.unwrap();
        assert_eq!((all.len(), counting.count()), (30, 2));
        let none: Vec<_> = Note::find().limit(0).stream(&counting).try_collect().await.unwrap();
        assert_eq!((none.len(), counting.count()), (0, 0));
    }

    async fn a_stream_runs_in_a_transaction(db) {
        notes(db, 20).await;
        let transaction = db.begin().await.unwrap();
        Note::find().filter(Note::OPEN.eq(true)).set(Note::RANK, 9).update(&transaction).await.unwrap();
        let mut stream = Note::find().filter(Note::RANK.eq(9)).stream(&transaction).chunk(3);
        let mut found = 0;
        while let Some(note) = stream.try_next().await.unwrap() {
            assert!(note.open);
            found += 1;
        }
        drop(stream);
        transaction.rollback().await.unwrap();
        assert_eq!(Note::find().filter(Note::OPEN.eq(true)).count(db).await.unwrap(), found);
        assert_eq!(Note::find().filter(Note::RANK.eq(9)).count(db).await.unwrap(), 0);
    }

    async fn a_stream_ends_with_an_error(db) {
        notes(db, 20).await;
        let whole = Note::find().order_by(Note::ID.asc()).all(db).await.unwrap();
        let graded = whole.iter().take_while(|note| note.grade.is_some()).count();
        let mut stream = Graded::find().stream(db).chunk(1);
        for _ in 0..graded {
            assert!(stream.try_next().await.unwrap().is_some());
        }
        assert!(stream.try_next().await.unwrap_err().is_row_mismatch());
        assert!(stream.try_next().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_stream_can_take_its_database_along() {
    fn lives_on<T: Send + 'static>(stream: T) -> T {
        stream
    }

    let db = crate::support::sqlite().await;
    notes(&db, 3).await;
    let stream = lives_on(Note::find().stream(db.clone()));
    drop(db);
    let found: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!(found.len(), 3);
}
