//! Pages by an id or a cursor that comes back from a client.

use ::relations::prelude::*;
use ::relations::query::{Cursor, CursorKey};
use ::relations::{Database, Filter, Page, Query, schema};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Reply)]
pub struct Message {
    #[id]
    pub id: i64,
    pub tenant: i64,
    pub rank: i64,
    pub score: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Reply {
    #[id]
    pub id: i64,
    #[belongs_to(Message)]
    pub message_id: Option<i64>,
    pub weight: Option<i64>,
    pub votes: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Place {
    #[id]
    pub town: String,
    #[id]
    pub number: i32,
    pub size: i64,
}

async fn messages(db: &Database) {
    db.create(schema![Message, Reply, Place]).await.unwrap();
    let all = (1..=20).map(|id| NewMessage {
        id: id * 10,
        tenant: id % 2,
        rank: (id * 7) % 5,
        score: (id % 3 > 0).then_some(id % 4),
    });
    NewMessage::insert_many(all, db).await.unwrap();
    let replies = (1..=30).map(|id| NewReply {
        id,
        message_id: Some((id % 15 + 1) * 10),
        weight: (id % 4 > 0).then_some(id % 5),
        votes: (id % 5 > 0).then_some(id % 3),
    });
    NewReply::insert_many(replies, db).await.unwrap();
}

fn of_tenant(tenant: i64) -> Query<Message> {
    Message::find().filter(Message::TENANT.eq(tenant)).order_by(Message::RANK.asc())
}

fn key() -> CursorKey {
    CursorKey::new([7; 32]).unwrap()
}

behaviour! {
    async fn a_row_that_the_filter_hides_is_no_anchor(db) {
        messages(db).await;
        // 20 is of tenant 0, 999 is of nobody: to tenant 1 both are the same.
        for hidden in [20, 999] {
            for query in [
                of_tenant(1),
                of_tenant(1).order_by(Message::SCORE.desc()),
                Message::find().filter(Message::TENANT.eq(1)).order_by(Message::REPLIES.count().desc()),
                Message::find()
                    .filter(Filter::raw("messages.tenant = 1", ()))
                    .order_by(Message::RANK.asc()),
                Message::find()
                    .filter(Filter::raw("tenant = $1", (1,)))
                    .order_by(Message::SCORE.asc()),
            ] {
                let error = query.clone().page(5).after(hidden).fetch(db).await.unwrap_err();
                assert!(error.is_not_found(), "{error}");
                assert_eq!(error.to_string(), format!("no Message with key {hidden}"));
                let error = query.page(5).before(hidden).fetch(db).await.unwrap_err();
                assert!(error.is_not_found(), "{error}");
            }
        }
        let shown = of_tenant(1).page(5).after(10).fetch(db).await.unwrap();
        assert!(!shown.rows.is_empty());
    }

    async fn pages_by_several_computed_values_walk_all_rows_both_ways(db) {
        messages(db).await;
        let query = Message::find()
            .filter(Message::ID.gt(10))
            .order_by(Message::REPLIES.sum(Reply::WEIGHT).desc())
            .order_by(Message::REPLIES.max(Reply::VOTES).asc().nulls_first())
            .order_by(Message::REPLIES.count().asc())
            .order_by(Message::SCORE.asc());
        let all: Vec<_> = query.clone().all(db).await.unwrap().iter().map(|one| one.id).collect();
        // The id comes last, in the direction of the last order.
        let whole = query.clone().page(100).fetch(db).await.unwrap();
        let whole: Vec<_> = whole.rows.iter().map(|one| one.id).collect();
        assert_eq!(all.len(), 19);
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = query.clone().page(3);
            let page = match after { Some(id) => page.after(id), None => page };
            let page = page.fetch(db).await.unwrap();
            seen.extend(page.rows.iter().map(|one| one.id));
            after = page.next;
            if after.is_none() { break }
        }
        assert_eq!(seen, whole);
        let (mut back, mut before) = (Vec::new(), whole[18]);
        loop {
            let page = query.clone().page(4).before(before).fetch(db).await.unwrap();
            back.splice(0..0, page.rows.iter().map(|one| one.id));
            match page.previous { Some(id) => before = id, None => break }
        }
        assert_eq!(back, whole[..18]);
    }

    async fn signed_cursors_lead_through_all_pages(db) {
        messages(db).await;
        let pages = of_tenant(0).page(3).signed(&key()).context("ada");
        let expected = of_tenant(0).page(100).fetch(db).await.unwrap().rows;
        let mut seen = Vec::new();
        let mut page: Page<Message, Cursor> = pages.clone().fetch(db).await.unwrap();
        loop {
            seen.append(&mut page.rows);
            let Some(next) = page.next else { break };
            page = pages.clone().after(&next).fetch(db).await.unwrap();
            let back = pages.clone().before(page.previous.as_ref().unwrap()).fetch(db).await.unwrap();
            assert_eq!(back.rows, seen[seen.len() - 3..]);
        }
        assert_eq!(seen, expected);
    }

    async fn a_cursor_of_another_list_key_or_context_is_invalid(db) {
        messages(db).await;
        let pages = of_tenant(0).page(3).signed(&key()).context("ada");
        let next = pages.clone().fetch(db).await.unwrap().next.unwrap();
        let other = CursorKey::new([8; 32]).unwrap();
        let invalid = [
            of_tenant(1).page(3).signed(&key()).context("ada"),
            of_tenant(0).page(3).signed(&other).context("ada"),
            of_tenant(0).page(3).signed(&key()).context("bob"),
            of_tenant(0).page(3).signed(&key()),
            of_tenant(0).order_by(Message::SCORE.asc()).page(3).signed(&key()).context("ada"),
            of_tenant(0).page(3).signed(&key()).context("ada").any_filter(),
            Message::find().filter(Message::TENANT.eq(0)).page(3).signed(&key()).context("ada"),
        ];
        for pages in invalid {
            let error = pages.after(&next).fetch(db).await.unwrap_err();
            assert!(error.is_invalid_cursor(), "{error}");
        }
        let error = Place::find().page(3).signed(&key()).context("ada").after(&next).fetch(db).await;
        assert!(error.unwrap_err().is_invalid_cursor());
        // Another size is the same list.
        of_tenant(0).page(7).signed(&key()).context("ada").after(&next).fetch(db).await.unwrap();
    }

    async fn a_cursor_that_was_changed_or_made_up_is_invalid(db) {
        messages(db).await;
        let pages = of_tenant(0).page(3).signed(&key());
        let next = pages.clone().fetch(db).await.unwrap().next.unwrap().to_string();
        let mut strange = vec![String::new(), "20".into(), "é".into(), "A".repeat(10_000), format!("{next}A"), format!("{next}=")];
        for at in 0..next.len() {
            strange.push(next[..at].to_owned());
            for other in ["A", "_", "9"] {
                let mut changed = next.clone();
                changed.replace_range(at..=at, other);
                if changed != next {
                    strange.push(changed);
                }
            }
        }
        for cursor in strange {
            let error = pages.clone().after(&cursor).fetch(db).await.unwrap_err();
            assert!(error.is_invalid_cursor(), "{cursor}: {error}");
        }
        pages.after(&next).fetch(db).await.unwrap();
    }

    async fn a_cursor_of_any_filter_goes_on_where_the_filter_moves(db) {
        messages(db).await;
        let pages = |least: i64| {
            let query = Message::find().filter(Message::ID.gt(least)).order_by(Message::RANK.asc());
            query.page(3).signed(&key()).any_filter()
        };
        let next = pages(20).fetch(db).await.unwrap().next.unwrap();
        assert_eq!(pages(30).after(&next).fetch(db).await.unwrap().rows.len(), 3);
        let error = pages(190).after(&next).fetch(db).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
    }

    async fn ids_of_several_parts_stand_in_cursors(db) {
        messages(db).await;
        let places = (1..=9).map(|number| NewPlace { town: format!("t'{}", number % 2), number, size: 1 });
        NewPlace::insert_many(places, db).await.unwrap();
        let pages = Place::find().order_by(Place::SIZE.desc()).page(4).signed(&key());
        let first = pages.clone().fetch(db).await.unwrap();
        let second = pages.after(first.next.unwrap()).fetch(db).await.unwrap();
        assert_eq!((first.rows.len(), second.rows.len()), (4, 4));
        assert!(first.rows.iter().all(|row| !second.rows.contains(row)));
    }
}

#[test]
fn a_short_secret_is_refused() {
    assert!(CursorKey::new([7; 31]).unwrap_err().is_invalid_request());
    assert_eq!(format!("{:?}", key()), "CursorKey { .. }");
}
