//! Relations that declare an order by their links.

use super::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Song, through(Entry, order_by = Entry::PLACE.asc()))]
#[has_many(
    Song,
    name = "wishes",
    through(Wish, filter = Wish::OPEN.eq(true), order_by = (Wish::RANK.desc(), Wish::OPEN.asc()))
)]
pub struct List {
    #[id]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(List, through(Entry))]
pub struct Song {
    #[id]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Entry {
    #[id]
    #[belongs_to(List)]
    pub list_id: i64,
    #[id]
    #[belongs_to(Song)]
    pub song_id: i64,
    #[column(default = "0")]
    pub place: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Wish {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(List)]
    pub list_id: i64,
    #[belongs_to(Song)]
    pub song_id: i64,
    pub rank: i32,
    pub open: bool,
}

async fn lists(db: &Database) -> Vec<List> {
    db.create(schema![List, Song, Entry, Wish]).await.unwrap();
    let mut lists = Vec::new();
    for id in [1, 2] {
        lists.push(NewList { id, name: "x".into() }.insert(db).await.unwrap());
    }
    for (id, name) in [(1, "a"), (2, "b"), (3, "c")] {
        NewSong { id, name: name.into() }.insert(db).await.unwrap();
    }
    for (list_id, song_id, place) in [(1, 1, 3), (1, 2, 1), (1, 3, 2), (2, 3, 7), (2, 1, 8)] {
        NewEntry { list_id, song_id, place: Some(place) }.insert(db).await.unwrap();
    }
    for (list_id, song_id, rank, open) in
        [(1, 1, 1, true), (1, 2, 3, true), (1, 1, 5, false), (1, 3, 2, true), (1, 2, 0, true)]
    {
        NewWish { list_id, song_id, rank, open }.insert(db).await.unwrap();
    }
    lists
}

fn ids(songs: &[Song]) -> Vec<i64> {
    songs.iter().map(|song| song.id).collect()
}

behaviour! {
    async fn a_declared_order_holds_wherever_the_relation_is_read(db) {
        let lists = lists(db).await;
        let one = &lists[0];

        assert_eq!(ids(&one.songs(db).await.unwrap()), [2, 3, 1]);
        assert_eq!(ids(&one.wishes(db).await.unwrap()), [2, 3, 1]);
        assert_eq!(ids(&one.songs(&db.batched()).await.unwrap()), [2, 3, 1]);
        assert_eq!(ids(&List::SONGS.of(one).all(db).await.unwrap()), [2, 3, 1]);
        assert_eq!(ids(&List::SONGS.of_id(2).all(db).await.unwrap()), [3, 1]);
        assert_eq!(List::SONGS.of(one).first(db).await.unwrap().map(|song| song.id), Some(2));
        let all = List::SONGS.load(db, &lists).await.unwrap();
        assert_eq!(all.iter().map(|songs| ids(songs)).collect::<Vec<_>>(), [&[2, 3, 1][..], &[3, 1]]);
        let page = List::SONGS.of(one).page(2).fetch(db).await.unwrap();
        assert_eq!(ids(&page.rows), [2, 3]);
        let page = List::SONGS.of(one).page(2).after(3).fetch(db).await.unwrap();
        assert_eq!(ids(&page.rows), [1]);

        let lists = || List::find().order_by(List::ID.asc());
        for _ in 0..2 {
            // The second time by the statement that was kept.
            for found in [
                lists().include(List::SONGS).include(List::WISHES).all(db).await.unwrap(),
                lists()
                    .include(List::SONGS.pipelined())
                    .include(List::WISHES.limit(3))
                    .all(db)
                    .await
                    .unwrap(),
                lists().select_as::<ListWith<Vec<Song>, Vec<Song>>>().all(db).await.unwrap(),
            ] {
                assert_eq!(ids(&found[0].songs), [2, 3, 1]);
                assert_eq!(ids(&found[0].wishes), [2, 3, 1]);
                assert_eq!(ids(&found[1].songs), [3, 1]);
            }
            let found = lists().include(List::SONGS.limit(1)).all(db).await.unwrap();
            assert_eq!(ids(&found[0].songs), [2]);
            let nested = Song::find().filter(Song::ID.eq(2)).include(Song::LISTS.include(List::SONGS));
            assert_eq!(ids(&nested.one(db).await.unwrap().lists[0].songs), [2, 3, 1]);
        }
    }

    async fn an_order_of_the_query_takes_the_place_of_the_declared_one(db) {
        let lists = lists(db).await;
        let one = &lists[0];

        let down = List::SONGS.of(one).order_by(Song::NAME.desc()).all(db).await.unwrap();
        assert_eq!(ids(&down), [3, 2, 1]);
        let down = List::SONGS.order_by_link(Entry::PLACE.desc());
        assert_eq!(ids(&down.clone().of(one).all(db).await.unwrap()), [1, 3, 2]);
        let found = List::find().include(down).order_by(List::ID.asc()).all(db).await.unwrap();
        assert_eq!(ids(&found[0].songs), [1, 3, 2]);
        let found = List::find().include(List::SONGS.order_by(Song::ID.asc())).order_by(List::ID.asc());
        assert_eq!(ids(&found.all(db).await.unwrap()[0].songs), [1, 2, 3]);
        let late = List::SONGS.filter_link(Entry::PLACE.gt(1)).of(one).all(db).await.unwrap();
        assert_eq!(ids(&late), [3, 1]);
    }

    async fn a_declared_order_is_none_of_numbers_and_groups(db) {
        let lists = lists(db).await;
        let one = &lists[0];

        assert_eq!(List::WISHES.of(one).count(db).await.unwrap(), 3);
        assert!(List::WISHES.of(one).exists(db).await.unwrap());
        assert_eq!(List::SONGS.of(one).limit(2).count(db).await.unwrap(), 2);
        let found = List::find().order_by(List::ID.asc());
        let found = found.include(List::SONGS.count()).include(List::WISHES.count().batched());
        let found: Vec<_> =
            found.all(db).await.unwrap().iter().map(|list| (list.songs, list.wishes)).collect();
        assert_eq!(found, [(3, 3), (2, 0)]);
        let total = List::find().order_by(List::ID.asc()).include(List::WISHES.limit(1).with_total());
        let total = total.all(db).await.unwrap();
        assert_eq!((ids(&total[0].wishes.rows), total[0].wishes.total), (vec![2], 3));
        let mut names = List::SONGS.of(one).distinct().select(Song::NAME).all(db).await.unwrap();
        let again = List::SONGS.of(one).select(Song::NAME).distinct().all(db).await.unwrap();
        assert_eq!(again.len(), names.len());
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c"]);
        assert!(List::SONGS.link(db, &lists[1], &Song { id: 2, name: "b".into() }).await.unwrap());
        assert_eq!(ids(&lists[1].songs(db).await.unwrap()), [2, 3, 1]);
    }
}

#[test]
fn a_declared_order_is_told_by_the_metadata() {
    let through = List::WISHES.definition().through.as_ref().unwrap();
    let text = "(Wish::RANK.desc(), Wish::OPEN.asc())";
    assert_eq!(through.order_by.map(::relations::definition::LinkOrder::text), Some(text));
    let definition = ::serde_json::to_value(List::WISHES.definition()).unwrap();
    assert_eq!(definition["through"]["order_by"], text);
    let plain = ::serde_json::to_value(Song::LISTS.definition()).unwrap();
    assert!(plain["through"].get("order_by").is_none());
}
