//! Trees: what is above an entity and below it, in one statement.

mod keys;

use std::collections::BTreeMap;

use ::relations::prelude::*;
use ::relations::tree::{AtDepth, Children, Tree};
use ::relations::{Database, Filter};

use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, Entity)]
#[has_many(Category, name = "children", key_to = "parent_id")]
pub struct Category {
    #[id]
    pub id: i64,
    pub title: String,
    #[belongs_to(Category, name = "parent", constraint = false)]
    pub parent_id: Option<i64>,
}

/// A tree by codes. The ids overlap with them, so that a walk which compares the wrong one shows.
#[derive(Debug, Clone, PartialEq, Eq, Entity)]
#[has_many(Place, name = "parts", key_from = "code", key_to = "region_code")]
pub struct Place {
    #[id]
    pub id: i64,
    #[unique]
    pub code: Option<i64>,
    #[belongs_to(Place, name = "region", key_to = "code")]
    pub region_code: Option<i64>,
}

/// A tree by keys of two parts, in a table and columns whose names a careless statement would give
/// to others.
#[derive(Debug, Clone, PartialEq, Eq, Entity)]
#[entity(table = "walk")]
#[belongs_to(
    Folder,
    name = "within",
    key_from("parent_name", "parent_depth"),
    key_to("name", "depth")
)]
#[has_many(
    Folder,
    name = "folders",
    key_from("name", "depth"),
    key_to("parent_name", "parent_depth")
)]
pub struct Folder {
    #[id]
    pub name: String,
    #[id]
    pub depth: i32,
    pub parent_name: Option<String>,
    pub parent_depth: Option<i32>,
}

/// A line: each follows one at most.
#[derive(Debug, Clone, PartialEq, Entity)]
#[has_one(Step, name = "next", key_to = "before_id")]
pub struct Step {
    #[id]
    pub id: uuid::Uuid,
    pub price: rust_decimal::Decimal,
    #[unique]
    #[belongs_to(Step, name = "before")]
    pub before_id: Option<uuid::Uuid>,
}

/// Categories of these ids and parents.
async fn categories(db: &Database, rows: &[(i64, Option<i64>)]) {
    db.create(schema![Category]).await.unwrap();
    let transaction = db.begin().await.unwrap();
    for (id, parent_id) in rows {
        let new = NewCategory { id: *id, title: format!("category {id}"), parent_id: *parent_id };
        new.insert(&transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn category(db: &Database, id: i64) -> Category {
    Category::find_by_id(id).one(db).await.unwrap()
}

/// 1 has 2 and 3; 2 has 4 and 5, which has 6; 7 stands by itself.
const BRANCHING: [(i64, Option<i64>); 7] =
    [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(2)), (6, Some(5)), (7, None)];

/// The ids and depths of what is above.
async fn above(db: &Database, id: i64) -> Vec<(i64, usize)> {
    let in_hand = Category::PARENT.ancestors(&category(db, id).await).all(db).await.unwrap();
    let by_id = Category::PARENT.ancestors_of_id(id).all(db).await.unwrap();
    assert_eq!(in_hand, by_id);
    let other_name = Category::CHILDREN.ancestors_of_id(id).all(db).await.unwrap();
    assert_eq!(in_hand, other_name);
    ids(&in_hand)
}

/// The ids and depths of what is below.
async fn below(db: &Database, id: i64) -> Vec<(i64, usize)> {
    let start = category(db, id).await;
    let in_hand = Category::PARENT.descendants(&start).all(db).await.unwrap();
    let by_id = Category::PARENT.descendants_of_id(id).all(db).await.unwrap();
    assert_eq!(in_hand, by_id);
    let other_name = Category::CHILDREN.descendants(&start).all(db).await.unwrap();
    assert_eq!(in_hand, other_name);
    ids(&in_hand)
}

fn ids(rows: &[AtDepth<Category>]) -> Vec<(i64, usize)> {
    rows.iter().map(|row| (row.id, row.depth)).collect()
}

/// The ids in trees, each before those below it, and how deep they are.
fn nested<'trees>(trees: impl IntoIterator<Item = &'trees Tree<Category>>) -> Vec<(i64, usize)> {
    let walk = trees.into_iter().flat_map(Tree::walk);
    walk.map(|(depth, tree)| (tree.id, depth)).collect()
}

/// Numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// The ancestors of a row, by following one parent at a time.
fn naively_above(parents: &BTreeMap<i64, Option<i64>>, start: i64) -> Vec<(i64, usize)> {
    let mut above: Vec<(i64, usize)> = Vec::new();
    let mut at = start;
    while let Some(Some(parent)) = parents.get(&at).copied() {
        let met = parent == start || above.iter().any(|(id, _)| *id == parent);
        if met || !parents.contains_key(&parent) {
            break;
        }
        above.push((parent, above.len() + 1));
        at = parent;
    }
    above
}

/// The descendants of a row: every row that has it as an ancestor.
fn naively_below(parents: &BTreeMap<i64, Option<i64>>, start: i64) -> Vec<(i64, usize)> {
    let depth = |id: i64| {
        let above = naively_above(parents, id);
        above.into_iter().find(|(above, _)| *above == start).map(|(_, depth)| (id, depth))
    };
    let mut below: Vec<_> = parents.keys().filter_map(|id| depth(*id)).collect();
    below.sort_by_key(|(id, depth)| (*depth, *id));
    below
}

#[test]
fn a_row_of_a_tree_is_written_as_its_entity_and_more() {
    let category = |id| Category { id, title: "x".into(), parent_id: None };
    let row = AtDepth { entity: category(1), depth: 2 };
    assert_eq!(
        serde_json::to_string(&row).unwrap(),
        r#"{"id":1,"title":"x","parent_id":null,"depth":2}"#,
    );
    let child = Tree { entity: category(2), children: Children::default() };
    let tree = Tree { entity: category(1), children: vec![child].into() };
    assert_eq!(
        serde_json::to_string(&tree).unwrap(),
        concat!(
            r#"{"id":1,"title":"x","parent_id":null,"children":["#,
            r#"{"id":2,"title":"x","parent_id":null,"children":[]}]}"#,
        ),
    );
}

behaviour! {
    async fn a_branching_tree_comes_nearest_first(db) {
        categories(db, &BRANCHING).await;
        assert_eq!(above(db, 6).await, [(5, 1), (2, 2), (1, 3)]);
        assert_eq!(above(db, 1).await, []);
        assert_eq!(below(db, 1).await, [(2, 1), (3, 1), (4, 2), (5, 2), (6, 3)]);
        assert_eq!(below(db, 2).await, [(4, 1), (5, 1), (6, 2)]);
        assert_eq!(below(db, 7).await, []);
        let entities = Category::PARENT.ancestors_of_id(4).entities(db).await.unwrap();
        assert_eq!(entities, [category(db, 2).await, category(db, 1).await]);
    }

    async fn each_walk_is_one_statement(db) {
        categories(db, &BRANCHING).await;
        let six = category(db, 6).await;
        let one = category(db, 1).await;
        let counting = Counting::new(db);
        Category::PARENT.ancestors(&six).all(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        Category::PARENT.descendants(&one).trees(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        Category::PARENT.forest().trees(&counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        assert_eq!(Category::PARENT.ancestors(&one).all(&counting).await.unwrap(), []);
        assert_eq!(Category::PARENT.descendants(&one).max_depth(0).all(&counting).await.unwrap(), []);
        assert_eq!(counting.count(), 0);
    }

    async fn an_id_of_nothing_has_nothing_around_it(db) {
        categories(db, &BRANCHING).await;
        assert_eq!(Category::PARENT.ancestors_of_id(99).all(db).await.unwrap(), []);
        assert_eq!(Category::PARENT.descendants_of_id(99).trees(db).await.unwrap(), []);
    }

    async fn an_entity_in_hand_leads_on_by_the_key_it_has_now(db) {
        categories(db, &BRANCHING).await;
        let mut seven = category(db, 7).await;
        seven.parent_id = Some(4);
        let above = Category::PARENT.ancestors(&seven).all(db).await.unwrap();
        assert_eq!(ids(&above), [(4, 1), (2, 2), (1, 3)]);
    }

    async fn rows_that_lead_around_come_once(db) {
        // A circle of one, of two and of three, with a tail into the last one.
        let rows = [
            (1, Some(1)), (2, Some(3)), (3, Some(2)), (4, Some(5)), (5, Some(6)), (6, Some(4)),
            (7, Some(4)), (8, Some(7)), (9, Some(8)),
        ];
        categories(db, &rows).await;
        assert_eq!((above(db, 1).await, below(db, 1).await), (vec![], vec![]));
        assert_eq!((above(db, 2).await, below(db, 2).await), (vec![(3, 1)], vec![(3, 1)]));
        assert_eq!(above(db, 4).await, [(5, 1), (6, 2)]);
        assert_eq!(below(db, 4).await, [(6, 1), (7, 1), (5, 2), (8, 2), (9, 3)]);
        assert_eq!(above(db, 9).await, [(8, 1), (7, 2), (4, 3), (5, 4), (6, 5)]);
        let filtered = Category::PARENT.ancestors_of_id(9).filter(Category::ID.lt(6));
        assert_eq!(ids(&filtered.all(db).await.unwrap()), [(4, 3), (5, 4)]);
        // No row of a circle is without a parent.
        assert_eq!(Category::PARENT.forest().all(db).await.unwrap(), []);
    }

    async fn a_key_that_points_to_nothing_ends_the_way(db) {
        categories(db, &[(1, Some(99)), (2, Some(1))]).await;
        assert_eq!(above(db, 1).await, []);
        assert_eq!(above(db, 2).await, [(1, 1)]);
        assert_eq!(below(db, 1).await, [(2, 1)]);
        let forest = Category::PARENT.forest().trees(db).await.unwrap();
        assert_eq!(nested(&forest), [(1, 0), (2, 1)]);
    }

    async fn a_walk_goes_no_further_than_asked(db) {
        categories(db, &BRANCHING).await;
        let one = category(db, 1).await;
        let children = Category::PARENT.descendants(&one).max_depth(1).all(db).await.unwrap();
        assert_eq!(ids(&children), [(2, 1), (3, 1)]);
        let two = Category::PARENT.descendants_of_id(1).max_depth(2).all(db).await.unwrap();
        assert_eq!(ids(&two), [(2, 1), (3, 1), (4, 2), (5, 2)]);
        let parents = Category::PARENT.ancestors_of_id(6).max_depth(2).all(db).await.unwrap();
        assert_eq!(ids(&parents), [(5, 1), (2, 2)]);
        let all = Category::PARENT.ancestors_of_id(6).max_depth(usize::MAX).all(db).await.unwrap();
        assert_eq!(all.len(), 3);
        let roots = Category::PARENT.forest().max_depth(0).all(db).await.unwrap();
        assert_eq!(ids(&roots), [(1, 0), (7, 0)]);
    }

    async fn a_filter_says_what_comes_and_not_where_to_go(db) {
        categories(db, &BRANCHING).await;
        let last = || Category::TITLE.eq("category 6");
        let below = Category::PARENT.descendants_of_id(1);
        assert_eq!(ids(&below.clone().filter(last()).all(db).await.unwrap()), [(6, 3)]);
        // In a tree it has no place without its parent.
        assert_eq!(below.clone().filter(last()).trees(db).await.unwrap(), []);
        let trees = below.filter(!Category::ID.eq(5)).trees(db).await.unwrap();
        assert_eq!(nested(&trees), [(2, 0), (4, 1), (3, 0)]);
        // A raw condition finds its column though every row of the walk has it.
        let raw = Filter::raw("id = $1", (2,));
        let above = Category::PARENT.ancestors_of_id(6).filter(raw).all(db).await.unwrap();
        assert_eq!(ids(&above), [(2, 2)]);
        let none = Category::PARENT.forest().filter(Category::ID.is_in(Vec::<i64>::new()));
        let counting = Counting::new(db);
        assert_eq!(none.all(&counting).await.unwrap(), []);
        assert_eq!(counting.count(), 0);
    }

    async fn a_nested_tree_holds_what_the_list_does(db) {
        categories(db, &BRANCHING).await;
        let one = category(db, 1).await;
        let trees = Category::PARENT.descendants(&one).trees(db).await.unwrap();
        assert_eq!(nested(&trees), [(2, 0), (4, 1), (5, 1), (6, 2), (3, 0)]);
        let forest = Category::PARENT.forest().trees(db).await.unwrap();
        let everything = [(1, 0), (2, 1), (4, 2), (5, 2), (6, 3), (3, 1), (7, 0)];
        assert_eq!(nested(&forest), everything);
        let list = Category::PARENT.forest().all(db).await.unwrap();
        let mut walked = nested(&forest);
        walked.sort_by_key(|(id, depth)| (*depth, *id));
        assert_eq!(ids(&list), walked);
        // A tree that is built and flattened gives the rows that it was built from.
        let [Tree { entity, children }, seven] = <[_; 2]>::try_from(forest).unwrap();
        assert_eq!((entity, children.to_vec()), (one, trees));
        assert_eq!((seven.title.as_str(), seven.children.len()), ("category 7", 0));
    }

    async fn a_line_is_a_tree_too(db) {
        db.create(schema![Step]).await.unwrap();
        let id = |number| uuid::Uuid::from_u128(number);
        let price = |number| rust_decimal::Decimal::from(number);
        let mut before_id = None;
        for number in [3, 1, 2] {
            let new = NewStep { id: id(number), price: price(number * 5), before_id };
            before_id = Some(new.insert(db).await.unwrap().id);
        }
        let last = Step::find_by_id(id(2)).one(db).await.unwrap();
        let numbers = |steps: Vec<Step>| steps.into_iter().map(|step| step.id.as_u128()).collect::<Vec<_>>();
        assert_eq!(numbers(Step::BEFORE.ancestors(&last).entities(db).await.unwrap()), [1, 3]);
        assert_eq!(numbers(Step::NEXT.descendants_of_id(id(3)).entities(db).await.unwrap()), [1, 2]);
        // A column of the walk compares as it does in the table: 15 is more than 5.
        let dear = Step::NEXT.forest().filter(Step::PRICE.gt(price(7)));
        assert_eq!(numbers(dear.entities(db).await.unwrap()), [3, 2]);
    }

    async fn a_walk_may_run_on_another_thread(db) {
        categories(db, &BRANCHING).await;
        let (db, one) = (db.clone(), category(db, 1).await);
        let walk = async move { Category::PARENT.descendants(&one).trees(&db).await };
        assert_eq!(tokio::spawn(walk).await.unwrap().unwrap().len(), 2);
    }

    async fn a_walk_sees_the_rows_of_its_transaction(db) {
        categories(db, &BRANCHING).await;
        let transaction = db.begin().await.unwrap();
        let new = NewCategory { id: 8, title: "new".into(), parent_id: Some(6) };
        let new = new.insert(&transaction).await.unwrap();
        let above = Category::PARENT.ancestors(&new).all(&transaction).await.unwrap();
        assert_eq!(ids(&above), [(6, 1), (5, 2), (2, 3), (1, 4)]);
        assert_eq!(Category::PARENT.descendants_of_id(6).all(&transaction).await.unwrap().len(), 1);
        transaction.rollback().await.unwrap();
    }

    async fn ten_thousand_levels_are_not_too_many(db) {
        let rows: Vec<_> = (1..=10_001).map(|id| (id, (id > 1).then_some(id - 1))).collect();
        categories(db, &rows).await;
        let counting = Counting::new(db);
        let above = Category::PARENT.ancestors_of_id(10_001).all(&counting).await.unwrap();
        assert_eq!(above.len(), 10_000);
        assert!(above.iter().all(|row| row.id == 10_001 - row.depth as i64));
        let trees = Category::PARENT.descendants_of_id(1).trees(&counting).await.unwrap();
        assert_eq!(counting.count(), 2);
        let [tree] = <[_; 1]>::try_from(trees).unwrap();
        assert_eq!(tree.walk().map(|(depth, _)| depth).max(), Some(9_999));
        let mut other = tree.clone();
        assert!(tree == other);
        other.children.clear();
        assert!(tree != other);
        // A way into a large circle ends as well.
        let mut last = category(db, 5_000).await;
        last.parent_id = Some(10_001);
        last.update(db).await.unwrap();
        let around = Category::PARENT.ancestors_of_id(10_000).all(db).await.unwrap();
        assert_eq!(around.len(), 10_001 - 5_000);
    }

    async fn random_trees_are_walked_as_one_parent_at_a_time(db) {
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
        // Keys to earlier rows make trees, one in fifty to any row a circle now and then; some
        // are null and some point to nothing.
        let rows: Vec<(i64, Option<i64>)> = (1..=5_000_usize)
            .map(|id| {
                let parent = match numbers.below(50) {
                    0 => None,
                    1 => Some(9_000),
                    2 => Some(1 + numbers.below(5_000)),
                    _ if id > 1 => Some(std::cmp::max(1, id.saturating_sub(1 + numbers.below(40)))),
                    _ => None,
                };
                (id as i64, parent.map(|parent| parent as i64))
            })
            .collect();
        categories(db, &rows).await;
        let parents: BTreeMap<_, _> = rows.into_iter().collect();
        for _ in 0..25 {
            let start = 1 + numbers.below(5_000) as i64;
            assert_eq!(above(db, start).await, naively_above(&parents, start), "above {start}");
        }
        for start in [1, 2, 3, 1_000, 2_000, 4_000, 1 + numbers.below(5_000) as i64] {
            let below = below(db, start).await;
            assert_eq!(below, naively_below(&parents, start), "below {start}");
            let trees = Category::PARENT.descendants_of_id(start).trees(db).await.unwrap();
            let mut walked: Vec<_> =
                nested(&trees).into_iter().map(|(id, depth)| (id, depth + 1)).collect();
            walked.sort_by_key(|(id, depth)| (*depth, *id));
            assert_eq!(walked, below, "nested below {start}");
        }
        // A forest is what leads to a row without a parent.
        let mut standing: Vec<(i64, usize)> = parents
            .keys()
            .filter_map(|id| {
                let above = naively_above(&parents, *id);
                let root = above.last().map_or(*id, |(id, _)| *id);
                let parent = parents[&root].filter(|parent| parents.contains_key(parent));
                parent.is_none().then_some((*id, above.len()))
            })
            .collect();
        standing.sort_by_key(|(id, depth)| (*depth, *id));
        assert!(standing.len() > 100);
        assert_eq!(ids(&Category::PARENT.forest().all(db).await.unwrap()), standing);
    }
}
