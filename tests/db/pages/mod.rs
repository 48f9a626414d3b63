//! Pages and streams: a query's rows some at a time.

mod streams;

use ::relations::prelude::*;
use ::relations::{Database, Ordering, Page, Query};
use futures_util::TryStreamExt;
use rust_decimal::Decimal;

use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Note)]
pub struct Author {
    #[id]
    pub id: i64,
    pub name: String,
    pub city: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Value)]
pub enum State {
    Draft,
    Open,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Remark)]
pub struct Note {
    #[id]
    pub id: i64,
    #[belongs_to(Author)]
    pub author_id: i64,
    #[belongs_to(Author, name = "reviewer")]
    pub reviewer_id: Option<i64>,
    pub rank: i32,
    pub grade: Option<i32>,
    pub title: Option<String>,
    pub price: Decimal,
    pub state: State,
    pub written: chrono::NaiveDateTime,
    pub weight: f64,
    pub open: bool,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Remark {
    #[id]
    #[belongs_to(Note)]
    pub note_id: i64,
    #[id]
    pub number: i32,
    pub stars: Option<i32>,
}

/// An entity of this table that takes each note to have a grade.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "notes")]
pub struct Graded {
    #[id]
    pub id: i64,
    pub grade: i32,
}

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }
}

/// Notes with many ties and nulls, and remarks on some of them.
async fn notes(db: &Database, count: i64) {
    db.create(schema![Author, Note, Remark]).await.unwrap();
    let mut chance = Chance(7);
    for (id, city) in [(1, None), (2, Some("Rome")), (3, Some("Oslo")), (4, Some("Rome"))] {
        let name = ["Ada", "Bob", "Ada", "Cid"][id as usize - 1].to_owned();
        NewAuthor { id, name, city: city.map(Into::into) }.insert(db).await.unwrap();
    }
    for at in 0..count {
        // The ids go neither up nor down with anything else.
        let id = (at * 7919) % 100_003;
        let new = NewNote {
            id,
            author_id: 1 + chance.below(4) as i64,
            reviewer_id: chance.maybe(|chance| 1 + chance.below(4) as i64),
            rank: chance.below(5) as i32 - 2,
            grade: chance.maybe(|chance| chance.below(4) as i32),
            title: chance.maybe(|chance| ["a", "B", "ä", "", "b"][chance.below(5) as usize].into()),
            price: Decimal::new(chance.below(30) as i64 - 9, chance.below(2) as u32),
            state: [State::Draft, State::Open, State::Closed][chance.below(3) as usize].clone(),
            written: chrono::DateTime::from_timestamp(chance.below(5) as i64 * 1_000_000, 5000)
                .unwrap()
                .naive_utc(),
            weight: f64::from(chance.below(7) as u32) / 3.0,
            open: chance.below(2) == 0,
        };
        new.insert(db).await.unwrap();
        for number in 0..chance.below(4) as i32 {
            let stars = chance.maybe(|chance| chance.below(3) as i32);
            NewRemark { note_id: id, number, stars }.insert(db).await.unwrap();
        }
    }
}

/// Orders of each kind, and whether the last one goes down.
fn orders() -> Vec<(Vec<Ordering<Note>>, bool)> {
    let author = Note::AUTHOR.column(Author::NAME);
    let city = Note::REVIEWER.column(Author::CITY);
    let stars = Note::REMARKS.max(Remark::STARS);
    vec![
        (vec![], false),
        (vec![Note::ID.desc()], true),
        (vec![Note::ID.asc(), Note::RANK.asc()], false),
        (vec![Note::RANK.asc()], false),
        (vec![Note::RANK.desc()], true),
        (vec![Note::RANK.desc(), Note::ID.asc()], false),
        (vec![Note::RANK.asc(), Note::OPEN.desc(), Note::PRICE.desc(), Note::STATE.asc()], false),
        (vec![Note::PRICE.asc(), Note::WRITTEN.asc()], false),
        (vec![Note::WRITTEN.desc(), Note::WEIGHT.desc()], true),
        (vec![Note::GRADE.asc()], false),
        (vec![Note::GRADE.desc()], true),
        (vec![Note::GRADE.asc().nulls_first()], false),
        (vec![Note::GRADE.desc().nulls_last()], true),
        (vec![Note::TITLE.desc(), Note::GRADE.asc(), Note::REVIEWER_ID.desc().nulls_last()], true),
        (vec![Note::RANK.asc(), Note::TITLE.asc().nulls_first(), Note::WEIGHT.asc()], false),
        (vec![author.asc()], false),
        (vec![author.desc(), Note::GRADE.desc(), author.asc()], false),
        (vec![city.asc(), Note::RANK.asc()], false),
        (vec![city.desc()], true),
        (vec![Note::REMARKS.count().desc()], true),
        (vec![stars.clone().asc(), Note::RANK.desc()], true),
        (vec![stars.desc().nulls_last()], true),
    ]
}

fn ordered(orders: Vec<Ordering<Note>>) -> Query<Note> {
    orders.into_iter().fold(Note::find(), Query::order_by)
}

/// All rows, those that are equal by their id.
async fn whole(db: &Database, orders: Vec<Ordering<Note>>, down: bool) -> Vec<i64> {
    let by_id = if down { Note::ID.desc() } else { Note::ID.asc() };
    let all = ordered(orders).order_by(by_id).all(db).await.unwrap();
    all.into_iter().map(|note| note.id).collect()
}

fn ids(page: &Page<Note, i64>) -> Vec<i64> {
    page.rows.iter().map(|note| note.id).collect()
}

behaviour! {
    async fn pages_forward_and_back_are_the_whole_list(db) {
        notes(db, 210).await;
        for (orders, down) in orders() {
            let expected = whole(db, orders.clone(), down).await;
            assert_eq!(expected.len(), 210);
            for size in [7, 11, 210, 300] {
                let pages = ordered(orders.clone()).page(size);
                let mut page = pages.clone().fetch(db).await.unwrap();
                assert_eq!(page.previous, None);
                let mut forward = Vec::new();
                loop {
                    forward.extend(ids(&page));
                    let Some(last) = page.next else { break };
                    assert_eq!((page.rows.len() as u64, ids(&page).last()), (size, Some(&last)));
                    page = pages.clone().after(last).fetch(db).await.unwrap();
                    assert_eq!(page.previous, ids(&page).first().copied());
                }
                assert_eq!(forward, expected, "{orders:?}");
                let mut backward = vec![*expected.last().unwrap()];
                let mut first = backward.first().copied();
                while let Some(id) = first {
                    page = pages.clone().before(id).fetch(db).await.unwrap();
                    assert_eq!(page.next, ids(&page).last().copied());
                    first = page.previous;
                    backward.splice(0..0, ids(&page));
                }
                assert_eq!(backward, expected, "{orders:?}");
            }
        }
    }

    async fn a_composite_id_is_compared_whole(db) {
        notes(db, 40).await;
        let expected = Remark::find().order_by(Remark::NOTE_ID.asc()).order_by(Remark::NUMBER.asc()).all(db).await.unwrap();
        let mut found = Vec::new();
        let pages = Remark::find().page(5);
        let mut page = pages.clone().fetch(db).await.unwrap();
        loop {
            found.extend(page.rows);
            let Some((note_id, number)) = page.next else { break };
            page = pages.clone().after((note_id, number)).fetch(db).await.unwrap();
        }
        assert_eq!(found, expected);
        for (orders, by_id_alone) in [
            (vec![Remark::NUMBER.desc()], true),
            (vec![Remark::NUMBER.desc(), Remark::STARS.asc()], false),
            (vec![Remark::STARS.asc(), Remark::NOTE_ID.desc()], false),
        ] {
            let query = orders.into_iter().fold(Remark::find(), Query::order_by);
            let streamed: Vec<_> = query.clone().stream(db).chunk(4).try_collect().await.unwrap();
            let mut found = Vec::new();
            let mut page = query.clone().page(3).fetch(db).await.unwrap();
            loop {
                found.extend(page.rows);
                let Some(last) = page.next else { break };
                page = query.clone().page(3).after(last).fetch(db).await.unwrap();
            }
            assert_eq!(found, streamed);
            assert_eq!(found.len(), expected.len());
            match query.page(3).after((-1, 1)).fetch(db).await {
                Ok(page) => assert!(by_id_alone && page.rows.len() == 3),
                Err(error) => assert!(!by_id_alone && error.is_not_found()),
            }
        }
    }

    async fn includes_come_with_each_page(db) {
        notes(db, 50).await;
        let all = Note::find()
            .include(Note::AUTHOR)
            .include(Note::REMARKS)
            .order_by(Note::RANK.asc())
            .order_by(Note::ID.asc())
            .all(db).await.unwrap();
        for author in [Note::AUTHOR.joined(), Note::AUTHOR.batched(), Note::AUTHOR.pipelined()] {
            for remarks in [Note::REMARKS.batched(), Note::REMARKS.pipelined()] {
                let query = Note::find()
                    .include(author.clone())
                    .include(remarks)
                    .order_by(Note::RANK.asc());
                let streamed: Vec<_> =
                    query.clone().stream(db).chunk(20).try_collect().await.unwrap();
                assert_eq!(streamed, all);
                let second = query.clone().page(10).after(all[9].id).fetch(db).await.unwrap();
                assert_eq!(second.rows, all[10..20]);
                assert_eq!((second.next, second.previous), (Some(all[19].id), Some(all[10].id)));
                let back = query.page(10).before(all[15].id).fetch(db).await.unwrap();
                assert_eq!(back.rows, all[5..15]);
                assert_eq!((back.next, back.previous), (Some(all[14].id), Some(all[5].id)));
            }
        }
    }

    async fn includes_come_beside_what_the_order_tells(db) {
        notes(db, 50).await;
        let query = Note::find()
            .include_required(Note::REVIEWER.joined())
            .include(Note::REMARKS)
            .order_by(Note::AUTHOR.column(Author::NAME).desc())
            .order_by(Note::REMARKS.count().asc());
        let all = query.clone().order_by(Note::ID.asc()).all(db).await.unwrap();
        let streamed: Vec<_> = query.clone().stream(db).chunk(6).try_collect().await.unwrap();
        assert_eq!(streamed, all);
        let pipelined: Vec<_> = query
            .include(Note::AUTHOR.pipelined())
            .stream(db)
            .chunk(6)
            .map_ok(|note| (note.id, note.author.id == note.author_id))
            .try_collect().await.unwrap();
        assert_eq!(pipelined, all.iter().map(|note| (note.id, true)).collect::<Vec<_>>());
    }

    async fn an_empty_table_has_one_empty_page(db) {
        notes(db, 0).await;
        let page = Note::find().page(3).fetch(db).await.unwrap();
        assert_eq!(page, Page { rows: vec![], next: None, previous: None });
        assert_eq!(Note::find().stream(db).try_next().await.unwrap(), None);
    }

    async fn nothing_comes_behind_the_last_row(db) {
        notes(db, 6).await;
        let query = Note::find().order_by(Note::GRADE.asc());
        let all = query.clone().page(6).fetch(db).await.unwrap();
        assert_eq!((all.rows.len(), all.next, all.previous), (6, None, None));
        let behind = query.clone().page(6).after(all.rows[5].id).fetch(db).await.unwrap();
        assert_eq!(behind, Page { rows: vec![], next: None, previous: None });
        let before = query.page(6).before(all.rows[0].id).fetch(db).await.unwrap();
        assert_eq!(before, Page { rows: vec![], next: None, previous: None });
    }

    async fn a_row_that_is_gone_is_told(db) {
        notes(db, 30).await;
        for (orders, _) in orders().into_iter().skip(3) {
            for page in [
                ordered(orders.clone()).page(3).after(-7),
                ordered(orders.clone()).page(3).before(-7),
            ] {
                let error = page.fetch(db).await.unwrap_err();
                assert!(error.is_not_found(), "{orders:?}: {error}");
                assert_eq!(error.to_string(), "no Note with key -7");
            }
        }
        // By the id alone there is nothing to look up.
        let page = Note::find().page(3).after(-7).fetch(db).await.unwrap();
        assert_eq!(page.rows.len(), 3);
    }

    async fn a_row_that_the_filter_leaves_out_is_no_anchor(db) {
        notes(db, 40).await;
        let open = Note::find().filter(Note::OPEN.eq(true)).first(db).await.unwrap().unwrap().id;
        let shut = Note::find().filter(Note::OPEN.eq(false)).order_by(Note::GRADE.desc());
        let error = shut.clone().page(100).after(open).fetch(db).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!(error.to_string(), format!("no Note with key {open}"));
        // By the id alone nothing is looked up, so nothing is told.
        let shut = Note::find().filter(Note::OPEN.eq(false));
        let expected = shut.clone().filter(Note::ID.gt(open)).count(db).await.unwrap();
        let page = shut.page(100).after(open).fetch(db).await.unwrap();
        assert_eq!(page.rows.len() as i64, expected);
    }

    async fn pages_follow_a_relation(db) {
        notes(db, 40).await;
        let ada = Author::find_by_id(1).one(db).await.unwrap();
        let all = ada.notes(db).await.unwrap();
        let page = Author::NOTES.of(&ada).page(2).after(all[1].id).fetch(db).await.unwrap();
        assert_eq!(page.rows, all[2..4]);
        let of_id: Vec<_> = Author::NOTES.of_id(1).stream(db).chunk(3).try_collect().await.unwrap();
        assert_eq!(of_id, all);
    }

    async fn a_page_costs_one_statement(db) {
        notes(db, 30).await;
        let counting = Counting::new(db);
        let query = Note::find().order_by(Note::GRADE.asc());
        let first = query.clone().page(5).fetch(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        query.clone().page(5).after(first.next.unwrap()).fetch(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        query.clone().include(Note::REMARKS).page(5).after(first.next.unwrap()).fetch(&counting).await.unwrap();
        assert_eq!(counting.count(), 2);
        query.page(5).after(-7).fetch(&counting).await.unwrap_err();
        assert_eq!(counting.count(), 2);
        Note::find().filter(Note::ID.is_in(Vec::<i64>::new())).page(5).after(7).fetch(&counting).await.unwrap();
        assert_eq!(counting.count(), 0);
    }

    async fn what_no_page_can_have_is_refused(db) {
        notes(db, 3).await;
        let counting = Counting::new(db);
        for query in [Note::find().limit(1), Note::find().offset(1), Note::find().distinct()] {
            let error = query.page(3).fetch(&counting).await.unwrap_err();
            assert!(error.is_invalid_request());
            assert_eq!(
                error.to_string(),
                "a page has a size and a place of its own; leave out `limit`, `offset` and `distinct`",
            );
        }
        let error = Note::find().page(0).fetch(&counting).await.unwrap_err();
        assert_eq!(error.to_string(), "a page of no rows leads nowhere; ask for one row at least");
        let error = Note::find().stream(&counting).chunk(0).try_next().await.unwrap_err();
        assert_eq!(error.to_string(), "a chunk of no rows leads nowhere; ask for one row at least");
        let error = Note::find().distinct().stream(&counting).try_next().await.unwrap_err();
        assert_eq!(error.to_string(), "the rows of a stream differ by their ids; leave out `distinct`");
        assert_eq!(counting.count(), 0);
    }
}

#[test]
fn a_page_is_serialized() {
    let page = Page { rows: vec!["a"], next: Some(7), previous: None };
    let json = serde_json::json!({ "rows": ["a"], "next": 7, "previous": null });
    assert_eq!(serde_json::to_value(page).unwrap(), json);
}
