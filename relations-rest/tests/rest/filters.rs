//! `where` and `order`: what matches, against what one sees in the data.

use axum::Router;

use crate::shop::filled;
use crate::support::{filtered, list};

async fn ids(router: &Router, path: &str, condition: &str) -> Vec<i64> {
    let answer = list(router, path, condition).await;
    assert_eq!(answer.status, 200, "{condition} {answer:?}");
    answer.ids()
}

behaviour! {
    async fn conditions_on_properties(db) {
        let router = filled(db).await;
        let table: [(&str, &[i64]); 26] = [
            (r"{}", &[1, 2, 3]),
            (r#"{"quantity": 7}"#, &[2]),
            (r#"{"quantity": {"eq": 7}}"#, &[2]),
            (r#"{"quantity": {"neq": 7}}"#, &[1, 3]),
            (r#"{"quantity": {"gt": 3}}"#, &[2, 3]),
            (r#"{"quantity": {"gte": 3, "lt": 9}}"#, &[1, 2]),
            (r#"{"quantity": {"lte": 3}}"#, &[1]),
            (r#"{"quantity": {"inq": [3, 9]}}"#, &[1, 3]),
            (r#"{"quantity": {"inq": []}}"#, &[]),
            (r#"{"quantity": {"nin": [3, 9]}}"#, &[2]),
            (r#"{"quantity": {"between": [4, 9]}}"#, &[2, 3]),
            (r#"{"note": null}"#, &[2, 3]),
            (r#"{"note": {"neq": null}}"#, &[1]),
            (r#"{"note": {"exists": true}}"#, &[1]),
            (r#"{"note": {"exists": false}}"#, &[2, 3]),
            (r#"{"note": {"like": "g%"}}"#, &[1]),
            (r#"{"note": {"ilike": "G_FT"}}"#, &[1]),
            (r#"{"note": {"nlike": "g%"}}"#, &[]),
            (r#"{"note": {"nilike": "X%"}}"#, &[1]),
            (r#"{"status": "open"}"#, &[1, 3]),
            (r#"{"status": {"inq": ["shipped"]}}"#, &[2]),
            (r#"{"and": [{"status": "open"}, {"quantity": {"gt": 5}}]}"#, &[3]),
            (r#"{"or": [{"status": "shipped"}, {"quantity": {"gt": 8}}]}"#, &[2, 3]),
            (r#"{"or": []}"#, &[]),
            (r#"{"not": {"status": "open"}}"#, &[2]),
            (r#"{"status": "open", "quantity": 3}"#, &[1]),
        ];
        for (condition, expected) in table {
            assert_eq!(ids(&router, "/orders", condition).await, expected, "{condition}");
        }
        let hostile = r#"{"name": "'; DROP TABLE customers; --"}"#;
        assert_eq!(ids(&router, "/customers", hostile).await, [0; 0]);
        assert_eq!(ids(&router, "/customers", "{}").await, [1, 2, 3]);
    }

    async fn conditions_on_relations(db) {
        let router = filled(db).await;
        let orders: [(&str, &[i64]); 12] = [
            (r#"{"customer": {"country": "NO"}}"#, &[1, 2]),
            (r#"{"customer": {"name": "Bob"}, "quantity": 9}"#, &[3]),
            (r#"{"not": {"customer": {"country": "NO"}}}"#, &[3]),
            (r#"{"payer": null}"#, &[2, 3]),
            (r#"{"payer": {}}"#, &[1]),
            (r#"{"payer": {"name": "Bob"}}"#, &[1]),
            (r#"{"lines": {"any": {"price": {"gt": 1000}}}}"#, &[1]),
            (r#"{"lines": {"none": {"price": {"gt": 1000}}}}"#, &[2, 3]),
            (r#"{"lines": {"all": {"price": {"lt": 1000}}}}"#, &[2, 3]),
            (r#"{"lines": {"count": 2}}"#, &[1]),
            (r#"{"lines": {"count": {"gte": 1, "lt": 2}}}"#, &[3]),
            (r#"{"lines": {"any": {"product": {"name": "Green tea"}}, "count": {"gt": 1}}}"#, &[1]),
        ];
        for (condition, expected) in orders {
            assert_eq!(ids(&router, "/orders", condition).await, expected, "{condition}");
        }
        let customers: [(&str, &[i64]); 5] = [
            (r#"{"orders": {"any": {}}}"#, &[1, 2]),
            (r#"{"orders": {"none": {}}}"#, &[3]),
            (r#"{"profile": {"bio": {"like": "count%"}}}"#, &[1]),
            (r#"{"profile": null}"#, &[2, 3]),
            (r#"{"paid": {"any": {"customer": {"name": "Ada"}}}}"#, &[2]),
        ];
        for (condition, expected) in customers {
            assert_eq!(ids(&router, "/customers", condition).await, expected, "{condition}");
        }
        assert_eq!(ids(&router, "/products", r#"{"tags": {"any": {"word": "hot"}}}"#).await, [1]);
        let above = r#"{"parent": {"parent": {"title": "All"}}}"#;
        assert_eq!(ids(&router, "/categories", above).await, [3]);
    }

    async fn orders_by_properties_and_relations(db) {
        let router = filled(db).await;
        let table: [(&str, &[i64]); 8] = [
            (r#""quantity DESC""#, &[3, 2, 1]),
            (r#"["quantity desc"]"#, &[3, 2, 1]),
            (r#"["status ASC", "id DESC"]"#, &[3, 1, 2]),
            (r#"["-quantity"]"#, &[3, 2, 1]),
            (r#"["customer.name DESC", "id"]"#, &[3, 1, 2]),
            (r#"["lines.count DESC", "id"]"#, &[1, 3, 2]),
            (r#"["payer.name", "id"]"#, &[1, 2, 3]),
            (r#"["payer.name DESC", "id"]"#, &[2, 3, 1]),
        ];
        for (order, expected) in table {
            let filter = format!(r#"{{"order": {order}}}"#);
            assert_eq!(filtered(&router, "/orders", &filter).await.is(200).ids(), expected, "{order}");
        }
    }
}
