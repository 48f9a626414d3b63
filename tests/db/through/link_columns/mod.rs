//! Targets in an order of the join table, and by its columns.

mod asked;
mod declared;

use ::futures_util::TryStreamExt as _;
use ::relations::Relation;
use ::relations::include::WithTotal;
use ::relations::query::CursorKey;
use ::relations::relation::{LinkedTargets, Many};

use super::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(shared)]
#[allow(clippy::duplicated_attributes, reason = "it takes one target for one attribute")]
#[has_many(Tag, through(Tagging), key_from = "code")]
#[has_many(Tag, name = "placed", through(Tagging, filter = Tagging::POSITION.is_not_null()), key_from = "code")]
#[has_many(Tag, name = "played", through(Play))]
#[has_many(Word, through(Wording))]
#[has_many(Tag, name = "shelved", through(Shelving))]
pub struct Track {
    #[id]
    pub id: i64,
    #[unique]
    pub code: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(shared)]
#[has_many(Note)]
pub struct Tag {
    #[id]
    pub id: i64,
    #[unique]
    pub key: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Note {
    #[id]
    pub id: i64,
    #[belongs_to(Tag)]
    pub tag_id: i64,
}

/// Two of a track and a tag cannot be, and deleted ones are left out.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Tagging {
    #[id]
    #[belongs_to(Track, key_to = "code", name = "track")]
    pub track_code: i64,
    #[id]
    #[belongs_to(Tag, key_to = "key", name = "tag")]
    pub tag_key: i64,
    pub position: Option<i32>,
    pub main: bool,
    #[belongs_to(Listener)]
    pub by_id: Option<i64>,
    #[deleted_at]
    pub deleted_at: Option<::chrono::DateTime<::chrono::Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Listener {
    #[id]
    pub id: i64,
    pub rank: i32,
}

/// There may be many of a track and a tag.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Play {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Track)]
    pub track_id: i64,
    #[belongs_to(Tag)]
    pub tag_id: i64,
    pub at: i32,
    pub loud: bool,
}

/// Keys that the database may take for equal where Rust does not.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Word {
    #[id]
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Wording {
    #[id]
    #[belongs_to(Track)]
    pub track_id: i64,
    #[id]
    #[belongs_to(Word)]
    pub word_id: String,
    pub place: i32,
}

/// A link of tenants between what they share.
#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(tenant_id, track_id, tag_id)]
pub struct Shelving {
    #[id(generated)]
    pub id: i64,
    #[tenant]
    pub tenant_id: i64,
    #[belongs_to(Track)]
    pub track_id: i64,
    #[belongs_to(Tag)]
    pub tag_id: i64,
    pub place: i32,
}

/// The tags of the first track are 2 and 4 at one place, then 1, and 3 nowhere; those of the second 3 and 1.
async fn tracks(db: &Database) -> Vec<Track> {
    db.create(schema![Track, Tag, Note, Listener, Tagging, Play, Word, Wording, Shelving])
        .await
        .unwrap();
    let mut tracks = Vec::new();
    for (id, code) in [(1, 20), (2, 10), (3, 30)] {
        tracks.push(NewTrack { id, code }.insert(db).await.unwrap());
    }
    for (id, key, name) in [(1, 30, "a"), (2, 10, "b"), (3, 20, "c"), (4, 40, "d")] {
        NewTag { id, key, name: name.into() }.insert(db).await.unwrap();
        NewNote { id: 10 + id, tag_id: id }.insert(db).await.unwrap();
        NewNote { id: 20 + id, tag_id: id }.insert(db).await.unwrap();
    }
    for (id, rank) in [(1, 9), (2, 8)] {
        NewListener { id, rank }.insert(db).await.unwrap();
    }
    for (track_code, tag_key, position, main, by_id) in [
        (20, 30, Some(3), true, Some(1)),
        (20, 10, Some(1), false, None),
        (20, 20, None, true, Some(2)),
        (20, 40, Some(1), true, None),
        (10, 20, Some(2), true, None),
        (10, 30, Some(5), false, None),
    ] {
        let tagging = NewTagging { track_code, tag_key, position, main, by_id };
        tagging.insert(db).await.unwrap();
    }
    tracks
}

/// Of the first track tag 1 is played at 5 and at 1, tag 2 at 3, and tag 3 at 3 twice.
async fn plays(db: &Database) -> Vec<Track> {
    let tracks = tracks(db).await;
    for (track_id, tag_id, at, loud) in [
        (1, 1, 5, true),
        (1, 3, 3, false),
        (1, 3, 3, true),
        (1, 2, 3, true),
        (1, 1, 1, false),
        (2, 2, 4, true),
        (2, 1, 2, false),
        (2, 2, 1, true),
    ] {
        NewPlay { track_id, tag_id, at, loud }.insert(db).await.unwrap();
    }
    tracks
}

fn ids(tags: &[Tag]) -> Vec<i64> {
    tags.iter().map(|tag| tag.id).collect()
}

/// The targets of the three tracks, by everything that follows a relation from one source or many.
async fn follow<R, O>(
    db: &Database,
    tracks: &[Track],
    targets: LinkedTargets<R, O>,
    expected: [&[i64]; 3],
) where
    R: Relation<Source = Track, Target = Tag, Arity = Many>,
{
    let is_ordered = !format!("{targets:?}").ends_with("[])");
    for (track, expected) in tracks.iter().zip(expected) {
        let query = || targets.clone().of(track);
        assert_eq!(ids(&query().all(db).await.unwrap()), expected, "{targets:?}");
        assert_eq!(ids(&targets.clone().of_id(track.id).all(db).await.unwrap()), expected);
        assert_eq!(query().first(db).await.unwrap().map(|tag| tag.id), expected.first().copied());
        assert_eq!(query().count(db).await.unwrap(), expected.len() as i64);
        assert_eq!(query().exists(db).await.unwrap(), !expected.is_empty());
        let cut = query().offset(1).limit(2).all(db).await.unwrap();
        let few: Vec<_> = expected.iter().skip(1).take(2).copied().collect();
        assert_eq!(ids(&cut), few);
        let mut selected = query().select(Tag::ID).all(db).await.unwrap();
        if !is_ordered {
            // Some columns come as the database finds them.
            selected.sort_unstable();
        }
        assert_eq!(selected, expected);
        // A relation to many is joined after the limit, which keeps the order.
        let noted = query().include(Tag::NOTES.joined()).limit(2).all(db).await.unwrap();
        assert!(noted.iter().all(|tag| tag.notes.len() == 2));
        let first: Vec<_> = expected.iter().take(2).copied().collect();
        assert_eq!(noted.iter().map(|tag| tag.id).collect::<Vec<_>>(), first);
        let noted = query().include(Tag::NOTES.pipelined()).limit(2).all(db).await.unwrap();
        assert_eq!(noted.iter().map(|tag| tag.id).collect::<Vec<_>>(), first);

        for chunk in [1, 2, 9] {
            let stream = query().stream(db).chunk(chunk);
            let found: Vec<_> = stream.map_ok(|tag| tag.id).try_collect().await.unwrap();
            assert_eq!(found, expected, "{targets:?}");
        }
        let key = CursorKey::new([7; 32]).unwrap();
        for any_filter in [false, true] {
            let pages = || {
                let pages = query().page(1).signed(&key);
                if any_filter { pages.any_filter() } else { pages }
            };
            let mut found = Vec::new();
            let mut page = pages().fetch(db).await.unwrap();
            loop {
                found.extend(ids(&page.rows));
                let Some(next) = page.next else { break };
                page = pages().after(next).fetch(db).await.unwrap();
                let back = pages().before(page.previous.as_ref().unwrap()).fetch(db).await.unwrap();
                assert_eq!(ids(&back.rows), found[found.len() - 1..]);
            }
            assert_eq!(found, expected);
        }
    }
    let all = targets.clone().load(db, tracks).await.unwrap();
    assert_eq!(all.iter().map(|tags| ids(tags)).collect::<Vec<_>>(), expected);
    let one = targets.load(db, &tracks[..1]).await.unwrap();
    assert_eq!(ids(&one[0]), expected[0]);
}

/// The targets of the three tracks, by every way to include them.
macro_rules! include {
    ($db:ident, $tracks:expr, $field:ident, $targets:expr, $expected:expr) => {{
        let expected: [&[i64]; 3] = $expected;
        let targets = || $targets;
        let tracks = || Track::find().order_by(Track::ID.asc());
        let found = [
            tracks().include(targets()).all($db).await.unwrap(),
            tracks().include(targets().batched()).all($db).await.unwrap(),
            tracks().include(targets().pipelined()).all($db).await.unwrap(),
            tracks().limit(3).include(targets().pipelined()).all($db).await.unwrap(),
            Track::preload($tracks.clone()).include(targets()).all($db).await.unwrap(),
        ];
        for found in found {
            let found: Vec<_> = found.iter().map(|track| ids(&track.$field)).collect();
            assert_eq!(found, expected);
        }
        let pages = [
            tracks().include(targets().offset(1).limit(2)).all($db).await.unwrap(),
            tracks().include(targets().offset(1).limit(2).pipelined()).all($db).await.unwrap(),
        ];
        for found in pages {
            let found: Vec<_> = found.iter().map(|track| ids(&track.$field)).collect();
            let few = expected.map(|all| all.iter().skip(1).take(2).copied().collect::<Vec<_>>());
            assert_eq!(found, few);
        }
        let totals = [
            tracks().include(targets().limit(1).with_total()).all($db).await.unwrap(),
            tracks().include(targets().limit(1).with_total().pipelined()).all($db).await.unwrap(),
        ];
        for found in totals {
            for (track, all) in found.iter().zip(expected) {
                let WithTotal { rows, total, .. } = &track.$field;
                assert_eq!(ids(rows), all.iter().take(1).copied().collect::<Vec<_>>());
                assert_eq!(*total, all.len() as i64);
            }
        }
    }};
}

behaviour! {
    async fn targets_come_in_an_order_of_their_links(db) {
        let tracks = tracks(db).await;

        // Links that are equal in it are told apart by the ids of their targets.
        let up = || Track::TAGS.order_by_link(Tagging::POSITION.asc());
        let expected: [&[i64]; 3] = [&[2, 4, 1, 3], &[3, 1], &[]];
        follow(db, &tracks, up(), expected).await;
        include!(db, tracks, tags, up(), expected);

        let last = || Track::TAGS.order_by_link(Tagging::POSITION.desc().nulls_last());
        let down = || last().order_by_link(Tagging::MAIN.asc());
        let expected: [&[i64]; 3] = [&[1, 2, 4, 3], &[1, 3], &[]];
        follow(db, &tracks, down(), expected).await;
        include!(db, tracks, tags, down(), expected);

        // Several orders, of which one leads on from the link.
        let rank = || Tagging::BY.column(Listener::RANK).asc();
        let ranked = || Track::TAGS.order_by_link(rank()).order_by_link(Tagging::MAIN.desc());
        let expected: [&[i64]; 3] = [&[3, 1, 4, 2], &[3, 1], &[]];
        follow(db, &tracks, ranked(), expected).await;
        include!(db, tracks, tags, ranked(), expected);

        // An order of the targets stands where it is said.
        let both = || Track::TAGS.order_by_link(Tagging::MAIN.asc()).order_by(Tag::NAME.desc());
        include!(db, tracks, tags, both(), [&[2, 4, 3, 1], &[1, 3], &[]]);
        let notes = || Tag::NOTES.count().desc();
        let other = || Track::TAGS.order_by(notes()).order_by_link(Tagging::POSITION.asc());
        include!(db, tracks, tags, other(), [&[2, 4, 1, 3], &[3, 1], &[]]);
        let found = up().of(&tracks[0]).order_by(Tag::NAME.desc()).all(db).await.unwrap();
        assert_eq!(ids(&found), [4, 2, 1, 3]);
    }

    async fn targets_are_narrowed_by_their_links(db) {
        let tracks = tracks(db).await;

        let main = || Track::TAGS.filter_link(Tagging::MAIN.eq(true));
        let expected: [&[i64]; 3] = [&[1, 3, 4], &[3], &[]];
        follow(db, &tracks, main(), expected).await;
        include!(db, tracks, tags, main(), expected);
        let ordered = || main().order_by_link(Tagging::POSITION.asc());
        let expected: [&[i64]; 3] = [&[4, 1, 3], &[3], &[]];
        follow(db, &tracks, ordered(), expected).await;
        include!(db, tracks, tags, ordered(), expected);

        // What a link leads to, and a further filter.
        let by = || main().filter_link(Tagging::BY.column(Listener::RANK).gt(8));
        follow(db, &tracks, by(), [&[1], &[], &[]]).await;
        include!(db, tracks, tags, by().filter(Tag::NAME.ne("x")), [&[1], &[], &[]]);
        include!(db, tracks, tags, by().filter(Tag::NAME.ne("a")), [&[], &[], &[]]);

        // A filter that the relation has by itself holds as well.
        let placed = || Track::PLACED.filter_link(Tagging::MAIN.eq(true)).order_by_link(Tagging::POSITION.asc());
        let expected: [&[i64]; 3] = [&[4, 1], &[3], &[]];
        follow(db, &tracks, placed(), expected).await;
        include!(db, tracks, placed, placed(), expected);

        let none: [i32; 0] = [];
        let none = Track::TAGS.filter_link(Tagging::POSITION.is_in(none));
        follow(db, &tracks, none, [&[], &[], &[]]).await;
    }

    async fn a_deleted_link_leads_nowhere(db) {
        let tracks = tracks(db).await;
        Tagging::find().filter(Tagging::TAG_KEY.eq(10)).delete(db).await.unwrap();

        let up = || Track::TAGS.order_by_link(Tagging::POSITION.asc());
        let expected: [&[i64]; 3] = [&[4, 1, 3], &[3, 1], &[]];
        follow(db, &tracks, up(), expected).await;
        include!(db, tracks, tags, up(), expected);
        let unnamed = Track::TAGS.filter_link(Tagging::MAIN.eq(false)).count();
        let found = Track::find().order_by(Track::ID.asc()).select(unnamed).all(db).await.unwrap();
        assert_eq!(found, [0, 1, 0]);
    }

    async fn a_target_of_several_links_comes_where_the_first_of_them_is(db) {
        let tracks = plays(db).await;

        let up = || Track::PLAYED.order_by_link(Play::AT.asc());
        let expected: [&[i64]; 3] = [&[1, 2, 3], &[2, 1], &[]];
        follow(db, &tracks, up(), expected).await;
        include!(db, tracks, played, up(), expected);
        let down = || Track::PLAYED.order_by_link(Play::AT.desc());
        let expected: [&[i64]; 3] = [&[1, 2, 3], &[2, 1], &[]];
        follow(db, &tracks, down(), expected).await;
        include!(db, tracks, played, down(), expected);
        let late = || up().filter_link(Play::AT.gt(1));
        let expected: [&[i64]; 3] = [&[2, 3, 1], &[1, 2], &[]];
        follow(db, &tracks, late(), expected).await;
        include!(db, tracks, played, late(), expected);
        let loud = || Track::PLAYED.filter_link(Play::LOUD.eq(true));
        let expected: [&[i64]; 3] = [&[1, 2, 3], &[2], &[]];
        follow(db, &tracks, loud(), expected).await;
        include!(db, tracks, played, loud(), expected);
        let quiet_first = || Track::PLAYED.order_by_link(Play::LOUD.asc()).filter_link(Play::AT.eq(3));
        let expected: [&[i64]; 3] = [&[3, 2], &[], &[]];
        follow(db, &tracks, quiet_first(), expected).await;
        include!(db, tracks, played, quiet_first(), expected);
        let sums = Track::find()
            .order_by(Track::ID.asc())
            .select((loud().count(), loud().sum(Tag::ID), Track::PLAYED.count()))
            .all(db);
        assert_eq!(sums.await.unwrap(), [(3, Some(6), 3), (1, Some(2), 2), (0, None, 0)]);
    }

    async fn text_keys_come_in_an_order_of_their_links(db) {
        let tracks = tracks(db).await;
        for (text, place) in [("x", 2), ("y", 1), ("z", 3)] {
            NewWord { text: text.into() }.insert(db).await.unwrap();
            NewWording { track_id: 1, word_id: text.into(), place }.insert(db).await.unwrap();
            NewWording { track_id: 2, word_id: text.into(), place: -place }.insert(db).await.unwrap();
        }
        let words = || Track::WORDS.order_by_link(Wording::PLACE.asc());
        let texts = |words: &[Word]| words.iter().map(|word| word.text.as_str()).collect::<String>();

        assert_eq!(texts(&words().of(&tracks[0]).all(db).await.unwrap()), "yxz");
        let all = words().load(db, &tracks).await.unwrap();
        assert_eq!(all.iter().map(|words| texts(words)).collect::<Vec<_>>(), ["yxz", "zxy", ""]);
        let some = || words().filter_link(Wording::PLACE.ne(1));
        for found in [
            Track::find().order_by(Track::ID.asc()).include(some()).all(db).await.unwrap(),
            Track::find().order_by(Track::ID.asc()).include(some().limit(2)).all(db).await.unwrap(),
            Track::find().order_by(Track::ID.asc()).include(some().limit(2).pipelined()).all(db).await.unwrap(),
        ] {
            let found: Vec<_> = found.iter().map(|track| texts(&track.words)[..2.min(track.words.len())].to_owned()).collect();
            assert_eq!(found, ["xz", "zx", ""]);
        }
    }
}
