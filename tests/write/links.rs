//! Links from a source to many targets.

use ::relations::prelude::*;
use ::relations::relation::LinkChanges;

use crate::support::{self, Counting};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Tag, through(ProductTag))]
#[has_many(Label, through(ProductLabel))]
#[has_many(ProductTag, name = "tag_links")]
pub struct Product {
    #[id(generated)]
    pub id: i64,
    #[unique]
    pub code: uuid::Uuid,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Tag {
    #[id]
    pub name: String,
}

/// A link with a column of its own, whose id it is.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "Product Tags")]
pub struct ProductTag {
    #[id]
    #[belongs_to(Product, on_delete = "cascade")]
    pub product_id: i64,
    #[id]
    #[belongs_to(Tag, name = "of_tag")]
    #[column(name = "the tag")]
    pub tag: String,
    #[column(default = "0")]
    pub weight: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Label {
    #[id]
    pub id: uuid::Uuid,
}

/// A link by keys of which a part is its key, so that it has to be looked for.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct ProductLabel {
    #[id(generated)]
    pub id: i64,
    #[belongs_to(Product)]
    pub product_id: i64,
    #[unique]
    #[belongs_to(Label)]
    pub label_id: uuid::Uuid,
}

async fn create(db: &::relations::Database) -> (Product, Product, Vec<Tag>) {
    db.create(schema![Product, Tag, ProductTag, Label, ProductLabel]).await.unwrap();
    let new = [1, 2].map(|code| NewProduct { code: uuid::Uuid::from_u128(code) });
    let products = NewProduct::insert_many(new, db).await.unwrap();
    let new = (0..10).map(|number| NewTag { name: format!("tag {number}") });
    let tags = NewTag::insert_many(new, db).await.unwrap();
    (products[0].clone(), products[1].clone(), tags)
}

async fn labels(db: &::relations::Database, count: u128) -> Vec<Label> {
    let new = (1..=count).map(|id| NewLabel { id: uuid::Uuid::from_u128(id) });
    NewLabel::insert_many(new, db).await.unwrap()
}

fn changes(linked: u64, unlinked: u64) -> (u64, u64) {
    (linked, unlinked)
}

fn told(changes: LinkChanges) -> (u64, u64) {
    (changes.linked, changes.unlinked)
}

behaviour! {
    async fn many_are_linked_and_unlinked_in_a_statement(db) {
        let (tea, milk, tags) = create(db).await;
        let counting = Counting::new(db);
        assert!(Product::TAGS.link(db, &tea, &tags[1]).await.unwrap());
        assert_eq!(Product::TAGS.link_many(&counting, &tea, &tags[..4]).await.unwrap(), 3);
        assert_eq!(Product::TAGS.link_many(&counting, &tea, &tags[..4]).await.unwrap(), 0);
        let twice = [&tags[5], &tags[5], &tags[0]];
        assert_eq!(Product::TAGS.link_many(&counting, &tea, twice).await.unwrap(), 1);
        assert_eq!(Product::TAGS.link_many(&counting, &milk, &tags).await.unwrap(), 10);
        assert_eq!(counting.count(), 4);
        assert_eq!(tea.tags(db).await.unwrap().len(), 5);
        assert_eq!(Product::TAGS.unlink_many(&counting, &tea, &tags[3..]).await.unwrap(), 2);
        assert_eq!(tea.tags(db).await.unwrap(), tags[..3]);
        assert_eq!(Product::TAGS.unlink_all(&counting, &tea).await.unwrap(), 3);
        assert_eq!(Product::TAGS.unlink_all(&counting, &tea).await.unwrap(), 0);
        assert_eq!(counting.count(), 3);
        assert_eq!(milk.tags(db).await.unwrap(), tags);
        assert_eq!(Product::TAGS.link_many(&counting, &tea, []).await.unwrap(), 0);
        assert_eq!(Product::TAGS.unlink_many(&counting, &tea, []).await.unwrap(), 0);
        assert_eq!(counting.count(), 0);
    }

    async fn links_become_exactly_those_that_are_set(db) {
        let (tea, milk, tags) = create(db).await;
        Product::TAGS.link_many(db, &milk, &tags).await.unwrap();
        let new = NewProductTag { product_id: tea.id, tag: "tag 1".into(), weight: Some(7) };
        new.insert(db).await.unwrap();
        let set = async |range: std::ops::Range<usize>| {
            told(Product::TAGS.set(db, &tea, &tags[range]).await.unwrap())
        };
        assert_eq!(set(0..3).await, changes(2, 0));
        assert_eq!(set(0..3).await, changes(0, 0));
        assert_eq!(set(1..5).await, changes(2, 1));
        assert_eq!(tea.tags(db).await.unwrap(), tags[1..5]);
        // A link that stays keeps its columns.
        let kept = ProductTag::find_by_id((tea.id, "tag 1")).one(db).await.unwrap();
        assert_eq!(kept.weight, 7);
        assert_eq!(set(0..0).await, changes(0, 4));
        assert_eq!(milk.tags(db).await.unwrap(), tags);
        let transaction = db.begin().await.unwrap();
        let within = Product::TAGS.set(&transaction, &tea, &tags[..2]).await.unwrap();
        assert_eq!(told(within), changes(2, 0));
        transaction.rollback().await.unwrap();
        assert!(tea.tags(db).await.unwrap().is_empty());
    }

    async fn a_target_is_made_through_the_relation(db) {
        let (tea, _, tags) = create(db).await;
        let tag = Product::TAGS.create(db, &tea, NewTag { name: "new".into() }).await.unwrap();
        assert_eq!(tea.tags(db).await.unwrap(), [tag]);
        let there = NewTag { name: tags[0].name.clone() };
        assert!(Product::TAGS.create(db, &tea, there).await.unwrap_err().is_unique_violation());
        let gone = Product { id: 99, ..tea.clone() };
        let error = Product::TAGS.create(db, &gone, NewTag { name: "other".into() }).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        assert_eq!(Tag::find().count(db).await.unwrap(), 11);
    }

    async fn an_error_half_way_links_nothing(db) {
        let (tea, _, mut tags) = create(db).await;
        tags.push(Tag { name: "gone".into() });
        let error = Product::TAGS.link_many(db, &tea, &tags).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        assert!(tea.tags(db).await.unwrap().is_empty());
        Product::TAGS.link_many(db, &tea, &tags[..2]).await.unwrap();
        let error = Product::TAGS.set(db, &tea, &tags[5..]).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        assert_eq!(tea.tags(db).await.unwrap(), tags[..2]);
    }

    async fn a_link_whose_key_is_a_part_of_them_is_looked_for(db) {
        let (tea, milk, _) = create(db).await;
        let labels = labels(db, 6).await;
        assert_eq!(Product::LABELS.link_many(db, &tea, &labels[..4]).await.unwrap(), 4);
        assert_eq!(Product::LABELS.link_many(db, &tea, &labels[..5]).await.unwrap(), 1);
        // Each label has one product.
        let error = Product::LABELS.link_many(db, &milk, &labels[4..]).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(ProductLabel::find().count(db).await.unwrap(), 5);
        let set = Product::LABELS.set(db, &tea, &labels[3..]).await.unwrap();
        assert_eq!(told(set), changes(1, 3));
        assert_eq!(tea.labels(db).await.unwrap(), labels[3..]);
        assert_eq!(Product::LABELS.unlink_many(db, &tea, &labels).await.unwrap(), 3);
    }

    async fn the_last_of_several_sets_has_the_say(db) {
        let (tea, _, tags) = create(db).await;
        let set = async |at: usize| {
            let wanted = &tags[at..at + 3];
            loop {
                match Product::TAGS.set(db, &tea, wanted).await {
                    Err(error) if error.is_retryable() => {}
                    done => return done.map(drop).unwrap(),
                }
            }
        };
        futures_util::future::join_all((0..7).map(set)).await;
        let left = tea.tags(db).await.unwrap();
        assert!((0..7).any(|at| left == tags[at..at + 3]), "{left:?}");
    }
}

/// Links are as many as one likes.
#[tokio::test]
async fn more_links_than_a_statement_has_parameters() {
    let Some(db) = support::postgres().await else { return };
    let (tea, ..) = create(&db).await;
    let new = (0..40_000).map(|number| NewTag { name: format!("many {number}") });
    let tags = NewTag::insert_many(new, &db).await.unwrap();
    assert_eq!(Product::TAGS.link_many(&db, &tea, &tags).await.unwrap(), 40_000);
    let set = Product::TAGS.set(&db, &tea, &tags[10..]).await.unwrap();
    assert_eq!(told(set), changes(0, 10));
}
