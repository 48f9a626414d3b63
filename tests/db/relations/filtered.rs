//! Relations with a filter: every way to the targets finds the matching ones alone.

use std::collections::BTreeMap;

use ::chrono::{DateTime, Utc};
use ::relations::include::Strategy;
use ::relations::prelude::*;
use ::relations::{Database, sql};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Deal, key_from = "pk", key_to = "trader_pk")]
#[has_many(
    Deal,
    name = "open_deals",
    key_from = "pk",
    key_to = "trader_pk",
    filter = Deal::STATUS.eq("it's open").and(Deal::AMOUNT.ge(5))
)]
#[has_many(
    Deal,
    name = "deals_of_ada",
    key_from = "pk",
    key_to = "trader_pk",
    filter = Deal::TRADER.column(Trader::NAME).eq("Ada")
)]
#[has_one(
    Deal,
    name = "main_deal",
    key_from = "pk",
    key_to = "trader_pk",
    filter = Deal::IS_MAIN.eq(true)
)]
#[has_many(Label, through(TraderLabel))]
#[has_many(Label, name = "short_labels", through(TraderLabel), filter = Label::NAME.ne("long"))]
#[has_many(
    Label,
    name = "heavy_labels",
    through(TraderLabel, filter = TraderLabel::WEIGHT.gt(1))
)]
#[has_many(
    Label,
    name = "heavy_short_labels",
    through(TraderLabel, filter = TraderLabel::WEIGHT.gt(1)),
    filter = Label::NAME.ne("long")
)]
pub struct Trader {
    #[id(generated)]
    pub id: i64,
    #[unique]
    pub pk: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[unique(trader_pk, filter = "is_main")]
pub struct Deal {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Trader, name = "trader", key_to = "pk")]
    pub trader_pk: i64,
    pub status: String,
    pub amount: i32,
    pub is_main: bool,
    #[deleted_at]
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Trader, through(TraderLabel))]
pub struct Label {
    #[id]
    pub code: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct TraderLabel {
    #[id]
    #[belongs_to(Trader)]
    pub trader_id: i64,
    #[id]
    #[belongs_to(Label, name = "label")]
    pub label_code: i64,
    #[column(default = "1")]
    pub weight: i32,
}

const OPEN: &str = "it's open";

/// Ada has each kind of deal, also a deleted one; Bob a closed one; Cy none.
pub async fn create(db: &Database) -> Vec<Trader> {
    db.create(schema![Trader, Deal, Label, TraderLabel]).await.unwrap();
    let mut traders = Vec::new();
    for (pk, name) in [(700, "Ada"), (500, "Bob"), (600, "Cy")] {
        traders.push(NewTrader { pk, name: name.into() }.insert(db).await.unwrap());
    }
    let deals = [
        (700, OPEN, 9, false),
        (700, OPEN, 3, false),
        (700, "closed", 9, true),
        (700, OPEN, 7, false),
        (500, "closed", 8, false),
        (700, OPEN, 5, false),
    ];
    for (trader_pk, status, amount, is_main) in deals {
        let deal = NewDeal { trader_pk, status: status.into(), amount, is_main };
        deal.insert(db).await.unwrap();
    }
    Deal::find_by_id(6).delete(db).await.unwrap();
    for (code, name) in [(10, "long"), (20, "new"), (30, "old")] {
        let label = NewLabel { code, name: name.into() }.insert(db).await.unwrap();
        let weight = if code == 20 { None } else { Some(i32::try_from(code).unwrap()) };
        let link = NewTraderLabel { trader_id: traders[0].id, label_code: label.code, weight };
        link.insert(db).await.unwrap();
    }
    let long = Label::find_by_id(10).one(db).await.unwrap();
    Trader::LABELS.link(db, &traders[1], &long).await.unwrap();
    traders
}

/// The keys of targets, by the key of the trader, as SQL tells them.
async fn by_hand(db: &Database, query: &str) -> BTreeMap<i64, Vec<i64>> {
    let mut found = BTreeMap::from([(700, Vec::new()), (500, Vec::new()), (600, Vec::new())]);
    for (pk, target) in sql(query, ()).all::<(i64, i64)>(db).await.unwrap() {
        found.get_mut(&pk).unwrap().push(target);
    }
    found
}

async fn open_by_hand(db: &Database) -> BTreeMap<i64, Vec<i64>> {
    by_hand(
        db,
        "SELECT trader_pk, id FROM deals WHERE status = 'it''s open' AND amount >= 5 \
         AND deleted_at IS NULL ORDER BY id",
    )
    .await
}

fn ids(deals: &[Deal]) -> Vec<i64> {
    deals.iter().map(|deal| deal.id).collect()
}

fn codes(labels: &[Label]) -> Vec<i64> {
    labels.iter().map(|label| label.code).collect()
}

/// The targets of each source, by its key.
fn by_trader<T>(rows: &[T], of: impl Fn(&T) -> (i64, Vec<i64>)) -> BTreeMap<i64, Vec<i64>> {
    rows.iter().map(of).collect()
}

behaviour! {
    async fn a_source_is_followed_to_targets_that_match(db) {
        let traders = create(db).await;
        let expected = open_by_hand(db).await;
        assert_eq!(expected[&700], [1, 4]);
        for trader in &traders {
            let open = &expected[&trader.pk];
            assert_eq!(ids(&trader.open_deals(db).await.unwrap()), *open);
            assert_eq!(ids(&Trader::OPEN_DEALS.of(trader).all(db).await.unwrap()), *open);
            assert_eq!(ids(&Trader::OPEN_DEALS.of_id(trader.id).all(db).await.unwrap()), *open);
            let number = Trader::OPEN_DEALS.of(trader).count(db).await.unwrap();
            assert_eq!(number, open.len() as i64);
            let exists = Trader::OPEN_DEALS.of(trader).exists(db).await.unwrap();
            assert_eq!(exists, !open.is_empty());
            // The default scope goes, the filter stays.
            let all = Trader::OPEN_DEALS.of(trader).unscoped().order_by(Deal::ID.asc()).all(db);
            let with_deleted = if trader.pk == 700 { vec![1, 4, 6] } else { Vec::new() };
            assert_eq!(ids(&all.await.unwrap()), with_deleted);
        }
        let loaded = Trader::OPEN_DEALS.load(db, &traders).await.unwrap();
        for (trader, deals) in traders.iter().zip(loaded) {
            assert_eq!(ids(&deals), expected[&trader.pk]);
        }
    }

    async fn it_is_told_from_the_relation_without_a_filter(db) {
        let traders = create(db).await;
        let ada = &traders[0];
        // In this order and in the other, so that neither finds what was kept for the other.
        for _ in 0..2 {
            assert_eq!(ids(&ada.open_deals(db).await.unwrap()), [1, 4]);
            assert_eq!(ids(&ada.deals(db).await.unwrap()), [1, 2, 3, 4]);
            assert_eq!(ids(&ada.deals_of_ada(db).await.unwrap()), [1, 2, 3, 4]);
        }
        let batched = db.batched();
        let (open, all, of_bob, of_ada, main, labels, short) = tokio::join!(
            ada.open_deals(&batched),
            ada.deals(&batched),
            traders[1].open_deals(&batched),
            ada.deals_of_ada(&batched),
            ada.main_deal(&batched),
            ada.labels(&batched),
            ada.short_labels(&batched),
        );
        assert_eq!(ids(&open.unwrap()), [1, 4]);
        assert_eq!(ids(&all.unwrap()), [1, 2, 3, 4]);
        assert_eq!(ids(&of_bob.unwrap()), [0_i64; 0]);
        assert_eq!(ids(&of_ada.unwrap()), [1, 2, 3, 4]);
        assert_eq!(main.unwrap().map(|deal| deal.id), Some(3));
        assert_eq!(codes(&labels.unwrap()), [10, 20, 30]);
        assert_eq!(codes(&short.unwrap()), [20, 30]);
        let cached = db.batched().cached();
        assert_eq!(ids(&ada.deals(&cached).await.unwrap()), [1, 2, 3, 4]);
        assert_eq!(ids(&ada.open_deals(&cached).await.unwrap()), [1, 4]);
        assert_eq!(ids(&ada.deals(&cached).await.unwrap()), [1, 2, 3, 4]);
    }

    async fn each_strategy_includes_targets_that_match(db) {
        create(db).await;
        let expected = open_by_hand(db).await;
        let first = expected.iter().map(|(pk, all)| (*pk, all.iter().copied().take(1).collect()));
        let first: BTreeMap<i64, Vec<i64>> = first.collect();
        let all = by_hand(
            db,
            "SELECT trader_pk, id FROM deals WHERE deleted_at IS NULL ORDER BY id",
        )
        .await;
        for strategy in [Strategy::Joined, Strategy::Batched, Strategy::Pipelined] {
            let (open, deals, main, limited, count) = match strategy {
                Strategy::Joined => (
                    Trader::OPEN_DEALS.joined(),
                    Trader::DEALS.joined(),
                    Trader::MAIN_DEAL.joined(),
                    Trader::OPEN_DEALS.limit(1).joined(),
                    Trader::OPEN_DEALS.count().joined(),
                ),
                Strategy::Batched => (
                    Trader::OPEN_DEALS.batched(),
                    Trader::DEALS.batched(),
                    Trader::MAIN_DEAL.batched(),
                    Trader::OPEN_DEALS.limit(1).batched(),
                    Trader::OPEN_DEALS.count().batched(),
                ),
                Strategy::Pipelined => (
                    Trader::OPEN_DEALS.pipelined(),
                    Trader::DEALS.pipelined(),
                    Trader::MAIN_DEAL.pipelined(),
                    Trader::OPEN_DEALS.limit(1).pipelined(),
                    Trader::OPEN_DEALS.count().pipelined(),
                ),
            };
            let rows = Trader::find().include(open.clone()).include(deals).include(main).all(db);
            let rows = rows.await.unwrap();
            let found = by_trader(&rows, |one| (one.pk, ids(&one.open_deals)));
            assert_eq!(found, expected, "{strategy}");
            assert_eq!(by_trader(&rows, |one| (one.pk, ids(&one.deals))), all, "{strategy}");
            let main = rows.iter().map(|one| one.main_deal.as_ref().map(|deal| deal.id));
            assert_eq!(main.collect::<Vec<_>>(), [Some(3), None, None], "{strategy}");

            let rows = Trader::find().include(limited).all(db).await.unwrap();
            let found = by_trader(&rows, |one| (one.pk, ids(&one.open_deals)));
            assert_eq!(found, first, "{strategy}");

            let rows = Trader::find().include(count).all(db).await.unwrap();
            for row in rows {
                assert_eq!(row.open_deals, expected[&row.pk].len() as i64, "{strategy}");
            }

            let none = Trader::find().include(open.filter(Deal::AMOUNT.gt(7))).all(db).await;
            let found = by_trader(&none.unwrap(), |one| (one.pk, ids(&one.open_deals)));
            assert_eq!((&found[&700][..], &found[&500][..]), (&[1][..], &[][..]), "{strategy}");

            // Below what is included.
            let trader = match strategy {
                Strategy::Joined => Deal::TRADER.include(Trader::OPEN_DEALS.joined()),
                Strategy::Batched => Deal::TRADER.include(Trader::OPEN_DEALS.batched()),
                Strategy::Pipelined => Deal::TRADER.include(Trader::OPEN_DEALS.pipelined()),
            };
            let deals = Deal::find().include(trader).order_by(Deal::ID.asc()).all(db).await.unwrap();
            let below: Vec<_> = deals.iter().map(|one| ids(&one.trader.open_deals)).collect();
            assert_eq!(below, [vec![1, 4], vec![1, 4], vec![1, 4], vec![1, 4], vec![]], "{strategy}");
        }
        let required = Trader::find().include_required(Trader::MAIN_DEAL).all(db).await.unwrap();
        assert_eq!(required.iter().map(|one| one.main_deal.id).collect::<Vec<_>>(), [3]);
        let named = Trader::find().all(db).await.unwrap();
        let named = Trader::preload(named).include(Trader::OPEN_DEALS).all(db).await.unwrap();
        assert_eq!(by_trader(&named, |one| (one.pk, ids(&one.open_deals))), expected);
    }

    async fn questions_are_about_targets_that_match(db) {
        create(db).await;
        let asked = async |filter: ::relations::Filter<Trader>| -> Vec<String> {
            let names = Trader::find().filter(filter).order_by(Trader::ID.asc());
            names.select(Trader::NAME).all(db).await.unwrap()
        };
        assert_eq!(asked(Trader::OPEN_DEALS.is_present()).await, ["Ada"]);
        assert_eq!(asked(!Trader::OPEN_DEALS.is_present()).await, ["Bob", "Cy"]);
        assert_eq!(asked(Trader::OPEN_DEALS.any(Deal::AMOUNT.eq(3))).await, [""; 0]);
        assert_eq!(asked(Trader::DEALS.any(Deal::AMOUNT.eq(3))).await, ["Ada"]);
        assert_eq!(asked(Trader::OPEN_DEALS.none(Deal::AMOUNT.gt(8))).await, ["Bob", "Cy"]);
        assert_eq!(asked(Trader::OPEN_DEALS.all(Deal::STATUS.eq(OPEN))).await, ["Ada", "Bob", "Cy"]);
        assert_eq!(asked(Trader::OPEN_DEALS.count().eq(2)).await, ["Ada"]);
        assert_eq!(asked(Trader::OPEN_DEALS.sum(Deal::AMOUNT).eq(16_i64)).await, ["Ada"]);
        assert_eq!(asked(Trader::SHORT_LABELS.count().eq(2)).await, ["Ada"]);
        assert_eq!(asked(Trader::LABELS.is_present()).await, ["Ada", "Bob"]);
        assert_eq!(asked(Trader::SHORT_LABELS.is_present()).await, ["Ada"]);
        assert_eq!(asked(Trader::MAIN_DEAL.column(Deal::STATUS).eq("closed")).await, ["Ada"]);
        assert_eq!(asked(Trader::MAIN_DEAL.column(Deal::STATUS).is_null()).await, ["Bob", "Cy"]);
        let counted: Vec<(String, i64)> = Trader::find()
            .order_by(Trader::OPEN_DEALS.count().desc())
            .order_by(Trader::ID.asc())
            .select((Trader::NAME, Trader::OPEN_DEALS.count()))
            .all(db)
            .await
            .unwrap();
        assert_eq!(counted, [("Ada".into(), 2), ("Bob".into(), 0), ("Cy".into(), 0)]);
    }

    async fn many_to_many_leads_to_targets_that_match(db) {
        let traders = create(db).await;
        let expected = by_hand(
            db,
            "SELECT traders.pk, labels.code FROM traders \
             JOIN trader_labels ON trader_id = traders.id JOIN labels ON label_code = code \
             WHERE labels.name <> 'long' ORDER BY code",
        )
        .await;
        for trader in &traders {
            let short = &expected[&trader.pk];
            assert_eq!(codes(&trader.short_labels(db).await.unwrap()), *short);
            assert_eq!(codes(&Trader::SHORT_LABELS.of_id(trader.id).all(db).await.unwrap()), *short);
        }
        let loaded = Trader::SHORT_LABELS.load(db, &traders).await.unwrap();
        assert_eq!(loaded.iter().map(|one| codes(one)).collect::<Vec<_>>(), [vec![20, 30], vec![], vec![]]);
        for (short, all, count) in [
            (Trader::SHORT_LABELS.joined(), Trader::LABELS.joined(), Trader::SHORT_LABELS.count().joined()),
            (Trader::SHORT_LABELS.batched(), Trader::LABELS.batched(), Trader::SHORT_LABELS.count().batched()),
            (
                Trader::SHORT_LABELS.pipelined(),
                Trader::LABELS.pipelined(),
                Trader::SHORT_LABELS.count().pipelined(),
            ),
        ] {
            let rows = Trader::find().include(short).include(all).all(db).await.unwrap();
            assert_eq!(by_trader(&rows, |one| (one.pk, codes(&one.short_labels))), expected);
            assert_eq!(rows[1].labels.len(), 1);
            let rows = Trader::find().include(count).order_by(Trader::ID.asc()).all(db).await.unwrap();
            assert_eq!(rows.iter().map(|one| one.short_labels).collect::<Vec<_>>(), [2, 0, 0]);
        }
    }

    async fn many_to_many_goes_through_links_that_match(db) {
        let traders = create(db).await;
        let query = |condition: &str| format!(
            "SELECT traders.pk, labels.code FROM traders \
             JOIN trader_labels ON trader_id = traders.id JOIN labels ON label_code = code \
             WHERE {condition} ORDER BY code",
        );
        let heavy = by_hand(db, &query("weight > 1")).await;
        let short = by_hand(db, &query("weight > 1 AND labels.name <> 'long'")).await;
        assert_eq!((&heavy[&700][..], &heavy[&500][..]), (&[10, 30][..], &[][..]));
        for trader in &traders {
            let (heavy, short) = (&heavy[&trader.pk], &short[&trader.pk]);
            assert_eq!(codes(&trader.heavy_labels(db).await.unwrap()), *heavy);
            assert_eq!(codes(&trader.heavy_short_labels(db).await.unwrap()), *short);
            let of_id = Trader::HEAVY_LABELS.of_id(trader.id);
            assert_eq!(codes(&of_id.all(db).await.unwrap()), *heavy);
            let number = Trader::HEAVY_LABELS.of(trader).count(db).await.unwrap();
            assert_eq!(number, heavy.len() as i64);
        }
        let loaded = Trader::HEAVY_LABELS.load(db, &traders).await.unwrap();
        assert_eq!(loaded.iter().map(|one| codes(one)).collect::<Vec<_>>(), [vec![10, 30], vec![], vec![]]);
        let batched = db.batched();
        let (all, some, of_bob) = tokio::join!(
            traders[0].labels(&batched),
            traders[0].heavy_labels(&batched),
            traders[1].heavy_labels(&batched),
        );
        assert_eq!((all.unwrap().len(), some.unwrap().len(), of_bob.unwrap().len()), (3, 2, 0));
        for (include, paged, count) in [
            (
                Trader::HEAVY_LABELS.joined(),
                Trader::HEAVY_LABELS.limit(1).joined(),
                Trader::HEAVY_LABELS.count().joined(),
            ),
            (
                Trader::HEAVY_LABELS.batched(),
                Trader::HEAVY_LABELS.limit(1).batched(),
                Trader::HEAVY_LABELS.count().batched(),
            ),
            (
                Trader::HEAVY_LABELS.pipelined(),
                Trader::HEAVY_LABELS.limit(1).pipelined(),
                Trader::HEAVY_LABELS.count().pipelined(),
            ),
        ] {
            let rows = Trader::find().include(include).include(Trader::LABELS).all(db).await.unwrap();
            assert_eq!(by_trader(&rows, |one| (one.pk, codes(&one.heavy_labels))), heavy);
            assert_eq!(rows.iter().map(|one| one.labels.len()).sum::<usize>(), 4);
            let rows = Trader::find().include(paged).all(db).await.unwrap();
            let rows = by_trader(&rows, |one| (one.pk, codes(&one.heavy_labels)));
            assert_eq!((&rows[&700][..], &rows[&500][..]), (&[10][..], &[][..]));
            let rows = Trader::find().include(count).order_by(Trader::ID.asc()).all(db).await.unwrap();
            assert_eq!(rows.iter().map(|one| one.heavy_labels).collect::<Vec<_>>(), [2, 0, 0]);
        }
        let asked = |filter| Trader::find().filter(filter).order_by(Trader::ID.asc()).select(Trader::NAME);
        let any = asked(Trader::HEAVY_LABELS.any(Label::CODE.eq(20)));
        assert_eq!(any.all(db).await.unwrap(), [""; 0]);
        let two = asked(Trader::HEAVY_LABELS.count().eq(2));
        assert_eq!(two.all(db).await.unwrap(), ["Ada"]);
        let chain = Label::TRADERS.then(Trader::HEAVY_LABELS);
        let long = Label::find_by_id(20).one(db).await.unwrap();
        assert_eq!(codes(&chain.of(&long).all(db).await.unwrap()), [10, 30]);
    }

    async fn changes_are_of_targets_that_match(db) {
        let traders = create(db).await;
        let ada = &traders[0];
        let changed = Trader::OPEN_DEALS.of(ada).set(Deal::AMOUNT, 6).update(db).await.unwrap();
        assert_eq!(changed, 2);
        let amounts: Vec<i32> =
            Deal::find().order_by(Deal::ID.asc()).select(Deal::AMOUNT).all(db).await.unwrap();
        assert_eq!(amounts, [6, 3, 9, 6, 8]);
        // A change may take rows out of the relation.
        let open = Trader::OPEN_DEALS.of(ada).filter(Deal::ID.eq(4));
        assert_eq!(open.set(Deal::STATUS, "closed").update(db).await.unwrap(), 1);
        assert_eq!(ids(&ada.open_deals(db).await.unwrap()), [1]);
        assert_eq!(Trader::OPEN_DEALS.of(ada).delete(db).await.unwrap(), 1);
        assert_eq!(ids(&ada.deals(db).await.unwrap()), [2, 3, 4]);
        let kept = Trader::OPEN_DEALS.of(ada).with_deleted().delete_permanently(db).await.unwrap();
        assert_eq!(kept, 2);
        assert_eq!(Deal::find().with_deleted().count(db).await.unwrap(), 4);
    }
}
