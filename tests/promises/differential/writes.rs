//! Changes that read what they write, and rows that refer to each other.

use ::relations::prelude::*;
use ::relations::{Database, Result, schema};

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Node, name = "children", key_to = "parent_id")]
#[has_many(Node, name = "fans", key_from = "code", key_to = "idol")]
pub struct Node {
    #[id]
    pub id: i64,
    #[unique]
    pub code: String,
    pub rank: Option<i64>,
    pub weight: i64,
    #[belongs_to(Node, name = "parent")]
    pub parent_id: Option<i64>,
    #[belongs_to(
        Node,
        name = "of_idol",
        key_to = "code",
        on_update = "cascade",
        on_delete = "set null"
    )]
    pub idol: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Seat, name = "behind", key_from("row", "number"), key_to("front_row", "front_number"))]
#[belongs_to(Seat, name = "front", key_from("front_row", "front_number"), key_to("row", "number"))]
pub struct Seat {
    #[id]
    pub row: i32,
    #[id]
    pub number: i32,
    pub price: i64,
    pub front_row: Option<i32>,
    pub front_number: Option<i32>,
    #[version]
    pub version: i64,
}

fn node(id: i64, parent_id: Option<i64>) -> NewNode {
    NewNode {
        id,
        code: format!("n{id}"),
        rank: Some(id),
        weight: 10 * id,
        parent_id,
        idol: parent_id.map(|parent| format!("n{parent}")),
    }
}

/// A chain in which each node is the child of the next.
async fn chain(db: &Database, length: i64) -> Result<()> {
    db.create(schema![Node, Seat]).await?;
    let nodes = (1..=length).rev().map(|id| node(id, (id < length).then_some(id + 1)));
    NewNode::insert_many(nodes, db).await.map(drop)
}

async fn ranks(db: &Database) -> Vec<Option<i64>> {
    Node::find().order_by(Node::ID.asc()).select(Node::RANK).all(db).await.unwrap()
}

behaviour! {
    async fn an_update_reads_its_targets_as_they_were(db) {
        chain(db, 4).await.unwrap();
        let changed = Node::find().all_rows().set_expr(Node::RANK, Node::CHILDREN.max(Node::RANK));
        assert_eq!(changed.update(db).await.unwrap(), 4);
        assert_eq!(ranks(db).await, [None, Some(1), Some(2), Some(3)]);
    }

    async fn what_is_calculated_beside_targets_reads_them_as_they_were(db) {
        chain(db, 4).await.unwrap();
        let changed = Node::find()
            .filter(Node::ID.gt(1))
            .set_expr(Node::WEIGHT, Node::WEIGHT + 1)
            .set_expr(Node::RANK, Node::CHILDREN.max(Node::WEIGHT))
            .update_returning(db);
        let mut changed = changed.await.unwrap();
        changed.sort_by_key(|node| node.id);
        let seen: Vec<_> = changed.iter().map(|one| (one.weight, one.rank)).collect();
        assert_eq!(seen, [(21, Some(10)), (31, Some(20)), (41, Some(30))]);
    }

    async fn targets_that_a_cascade_changes_are_read_as_they_were(db) {
        chain(db, 3).await.unwrap();
        // Were `code` written first, its fans would follow it by the key.
        let changed = Node::find()
            .filter(Node::ID.is_in([2, 3]))
            .set_expr(Node::RANK, Node::FANS.count())
            .set_expr(Node::WEIGHT, Node::CHILDREN.count());
        assert_eq!(changed.update(db).await.unwrap(), 2);
        assert_eq!(ranks(db).await, [Some(1), Some(1), Some(1)]);
        let moved = Node::find_by_id(2).set(Node::CODE, "moved");
        let moved = moved.set_expr(Node::RANK, Node::FANS.sum(Node::WEIGHT)).update(db).await;
        assert_eq!(moved.unwrap(), 1);
        assert_eq!(ranks(db).await, [Some(1), Some(10), Some(1)]);
        let fan = Node::find_by_id(1).one(db).await.unwrap();
        assert_eq!(fan.idol.as_deref(), Some("moved"));
    }

    async fn a_composite_id_and_a_version_go_with_what_is_calculated_first(db) {
        db.create(schema![Seat]).await.unwrap();
        let seats = (1..=3).map(|row| NewSeat {
            row,
            number: row + 10,
            price: i64::from(row),
            front_row: (row < 3).then_some(row + 1),
            front_number: (row < 3).then_some(row + 11),
        });
        NewSeat::insert_many(seats, db).await.unwrap();
        let filter = Seat::BEHIND.any(Seat::PRICE.gt(0));
        let changed = Seat::find().filter(filter);
        let changed = changed.set_expr(Seat::PRICE, Seat::BEHIND.count());
        assert_eq!(changed.update(db).await.unwrap(), 2);
        let seats = Seat::find().order_by(Seat::ROW.asc()).all(db).await.unwrap();
        let seen: Vec<_> = seats.iter().map(|one| (one.price, one.version)).collect();
        assert_eq!(seen, [(1, 1), (1, 2), (1, 2)]);
    }

    async fn a_filter_of_an_update_or_delete_reads_rows_as_they_were(db) {
        chain(db, 5).await.unwrap();
        // Each row matches by its child, which the statement changes too.
        let with_child = Node::CHILDREN.any(Node::WEIGHT.gt(0));
        let changed = Node::find().filter(with_child.clone()).set(Node::WEIGHT, 0).update(db).await;
        assert_eq!(changed.unwrap(), 4);
        let parent = Node::PARENT.column(Node::WEIGHT).eq(0);
        let changed = Node::find().filter(parent).set(Node::WEIGHT, 7).update(db).await;
        assert_eq!(changed.unwrap(), 4);
        Node::find().all_rows().set(Node::PARENT_ID, None).set(Node::IDOL, "n5").update(db).await.unwrap();
        Node::find_by_id(5).set(Node::IDOL, None).update(db).await.unwrap();
        let of_fans = Node::OF_IDOL.column(Node::WEIGHT).is_not_null().or(Node::FANS.any(Node::ID.gt(0)));
        assert_eq!(Node::find().filter(of_fans).delete(db).await.unwrap(), 5);
    }

    async fn many_new_rows_may_refer_to_later_ones(db) {
        db.create(schema![Node]).await.unwrap();
        let nodes = [node(1, Some(2)), node(2, Some(3)), node(3, Some(1)), node(4, Some(4))];
        let inserted = NewNode::insert_many(nodes, db).await.unwrap();
        let seen: Vec<_> = inserted.iter().map(|one| (one.id, one.parent_id)).collect();
        assert_eq!(seen, [(1, Some(2)), (2, Some(3)), (3, Some(1)), (4, Some(4))]);
        assert_eq!(Node::find().count(db).await.unwrap(), 4);
        let nodes = [node(10, Some(11)), node(11, Some(1))];
        db.transaction(async |tx| NewNode::insert_many(nodes.clone(), tx).await).await.unwrap();
        assert_eq!(Node::find().count(db).await.unwrap(), 6);
    }

    async fn a_row_without_a_target_is_refused_by_its_own_call(db) {
        db.create(schema![Node]).await.unwrap();
        let refused = NewNode::insert_many([node(1, Some(2)), node(2, Some(9))], db).await;
        let error = refused.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
        assert_eq!(error.relation().map(|relation| relation.name), Some("parent"));
        let transaction = db.begin().await.unwrap();
        NewNode::insert_many([node(5, Some(6)), node(6, None)], &transaction).await.unwrap();
        let inner = transaction.transaction(async |tx| {
            NewNode::insert_many([node(1, Some(2)), node(2, Some(9))], tx).await
        });
        assert!(inner.await.unwrap_err().is_foreign_key_violation());
        transaction.commit().await.unwrap();
        assert_eq!(Node::find().count(db).await.unwrap(), 2);
        // Keys are looked at at once again.
        let transaction = db.begin().await.unwrap();
        let inner = transaction.transaction(async |tx| node(1, Some(99)).insert(tx).await).await;
        assert!(inner.unwrap_err().is_foreign_key_violation());
        transaction.commit().await.unwrap();
    }

    async fn nested_rows_may_refer_to_later_ones_of_their_kind(db) {
        db.create(schema![Node]).await.unwrap();
        let children = |parent: i64| {
            let mut first = node(21, Some(parent));
            first.idol = Some("n22".to_owned());
            [first, node(22, Some(parent))]
        };
        let tree = node(20, None).with(Node::CHILDREN, children).insert(db).await.unwrap();
        assert_eq!(tree.children.iter().map(|one| one.id).collect::<Vec<_>>(), [21, 22]);
    }
}
