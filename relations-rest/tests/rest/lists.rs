//! Lists, single rows, includes, pages, exports. The bytes are those of the typed rows.

use relations::prelude::*;
use relations::query::reflect;
use relations_rest::Limits;

use crate::shop::{Customer, Line, Order, Product, filled};
use crate::support::{filtered, get, send};

fn json<T: serde::Serialize>(rows: &T) -> String {
    serde_json::to_string(rows).unwrap()
}

behaviour! {
    async fn answers_are_the_json_of_typed_rows(db) {
        let router = filled(db).await;
        let orders = Order::find().order_by(Order::ID.asc()).all(db).await.unwrap();
        let answer = get(&router, "/orders").await.is(200);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.text, json(&orders));

        let order = Order::find_by_id(1).one(db).await.unwrap();
        assert_eq!(get(&router, "/orders/1").await.is(200).text, json(&order));

        let typed = Order::find()
            .include(Order::CUSTOMER)
            .include(Order::PAYER)
            .include(Order::LINES.include(Line::PRODUCT))
            .order_by(Order::ID.asc())
            .all(db)
            .await
            .unwrap();
        let flat = get(&router, "/orders?include=lines.product,payer,customer").await.is(200);
        assert_eq!(flat.text, json(&typed));
        let body = r#"{"include": ["customer", {"relation": "payer"},
            {"relation": "lines", "scope": {"include": [{"relation": "product"}]}}]}"#;
        assert_eq!(filtered(&router, "/orders", body).await.is(200).text, json(&typed));
        let posted = send(&router, "POST", "/orders/query", &[], Some(body)).await.is(200);
        assert_eq!(posted.text, json(&typed));

        let one = Order::find_by_id(3).include(Order::LINES).one(db).await.unwrap();
        assert_eq!(get(&router, "/orders/3?include=lines").await.is(200).text, json(&one));
        let counted = Customer::find()
            .include(Customer::ORDERS.count())
            .order_by(Customer::ID.asc())
            .all(db)
            .await
            .unwrap();
        let body = r#"{"include": [{"relation": "orders", "count": true}]}"#;
        assert_eq!(filtered(&router, "/customers", body).await.is(200).text, json(&counted));
        let linked = Product::find().include(Product::TAGS).order_by(Product::ID.asc());
        let linked = linked.all(db).await.unwrap();
        assert_eq!(get(&router, "/products?include=tags").await.is(200).text, json(&linked));
    }

    async fn includes_take_scopes_of_their_own(db) {
        let router = filled(db).await;
        let body = r#"{"include": [{"relation": "lines", "scope":
            {"where": {"price": {"gt": 420}}, "order": ["price DESC"], "limit": 1, "fields": ["price"]}}]}"#;
        let orders = filtered(&router, "/orders", body).await.is(200);
        let lines = orders.all("lines");
        assert_eq!(lines[0].to_string(), r#"[{"price":1200}]"#);
        assert_eq!(lines[2].to_string(), "[]");

        // Only rows with a target.
        let body = r#"{"include": [{"relation": "payer", "required": true}]}"#;
        assert_eq!(filtered(&router, "/orders", body).await.is(200).ids(), [1]);
        let body = r#"{"include": [{"relation": "orders", "required": true,
            "scope": {"where": {"status": "shipped"}}}]}"#;
        assert_eq!(filtered(&router, "/customers", body).await.is(200).ids(), [1]);
        let body = r#"{"include": [{"relation": "payer", "scope": {"where": {"country": "NO"}}}]}"#;
        assert!(filtered(&router, "/orders", body).await.is(200).all("payer").iter().all(|one| one.is_null()));
    }

    async fn fields_are_picked_in_the_order_of_the_entity(db) {
        let router = filled(db).await;
        let text = get(&router, "/orders?fields=status,id&limit=1").await.is(200).text;
        assert_eq!(text, r#"[{"id":1,"status":"open"}]"#);
        let text = filtered(&router, "/orders/2", r#"{"fields": {"version": false, "note": false}}"#).await;
        assert_eq!(text.is(200).text, r#"{"id":2,"customer_id":1,"payer_id":null,"status":"shipped","quantity":7}"#);
        let text = get(&router, "/orders/2?fields=id&include=customer").await.is(200).text;
        assert!(text.starts_with(r#"{"id":2,"customer":{"id":1,"#), "{text}");
    }

    async fn pages_are_linked_by_keyset(db) {
        let router = filled(db).await;
        let first = get(&router, "/orders?order=quantity%20DESC&limit=1&include=customer").await.is(200);
        assert_eq!(first.ids(), [3]);
        let link = first.header("link").to_owned();
        assert!(link.contains("rel=\"next\"") && !link.contains("prev"), "{link}");
        let uri = |link: &str, relation: &str| {
            let part = link.split(", ").find(|part| part.ends_with(&format!("rel=\"{relation}\""))).unwrap();
            part[1..part.find('>').unwrap()].to_owned()
        };
        let second = get(&router, &uri(&link, "next")).await.is(200);
        assert_eq!(second.ids(), [2]);
        assert!(second.text.contains("\"customer\":{"));
        let third = get(&router, &uri(second.header("link"), "next")).await.is(200);
        assert_eq!(third.ids(), [1]);
        assert!(!third.header("link").contains("next"));
        let back = get(&router, &uri(third.header("link"), "prev")).await.is(200);
        assert_eq!(back.ids(), [2]);

        // A composite id, and an order by a related column.
        let first = get(&router, "/lines?limit=2&order=product.name").await.is(200);
        let second = get(&router, &uri(first.header("link"), "next")).await.is(200);
        assert_eq!([first.all("price").len(), second.all("price").len()], [2, 1]);
        assert_eq!(get(&router, "/orders?after=99&order=quantity").await.is(410).code(), "CURSOR_GONE");
        assert_eq!(get(&router, "/orders?after=x").await.is(400).code(), "INVALID_CURSOR");
        assert_eq!(get(&router, "/orders?offset=1&limit=1").await.is(200).ids(), [2]);
        assert_eq!(get(&router, "/orders?offset=1&after=1").await.is(400).code(), "SEVERAL_PLACES");
    }

    async fn exports_come_line_by_line(db) {
        let router = filled(db).await;
        let accept = [("accept", "application/x-ndjson")];
        for uri in ["/orders?include=customer", "/orders?include=customer&order=customer.name,lines.count"] {
            let answer = send(&router, "GET", uri, &accept, None).await.is(200);
            assert_eq!(answer.header("content-type"), "application/x-ndjson");
            assert_eq!(answer.text.lines().count(), 3, "{}", answer.text);
            assert!(answer.text.lines().all(|line| line.contains("\"customer\":{")));
        }
        let some = send(&router, "GET", "/orders?limit=2", &accept, None).await.is(200);
        assert_eq!(some.text.lines().count(), 2);
        let none = send(&router, "GET", "/customers/3/orders", &accept, None).await.is(200);
        assert_eq!(none.text, "");
        assert_eq!(send(&router, "GET", "/customers/9/orders", &accept, None).await.status, 404);
    }

    async fn an_export_of_several_pieces_has_each_row_once(db) {
        let whole = filled(db).await;
        let mut limits = Limits::default();
        limits.total_rows = 2;
        let pieces: axum::Router = crate::shop::api(db).limits(limits).router().unwrap();
        let accept = [("accept", "application/x-ndjson")];
        for uri in ["/orders", "/orders?order=-quantity", "/orders?offset=1", "/orders?limit=2", "/orders?include=customer"] {
            let one = send(&whole, "GET", uri, &accept, None).await.is(200).text;
            assert_eq!(send(&pieces, "GET", uri, &accept, None).await.is(200).text, one, "{uri}");
        }
        for (rows, chunk) in [(3, 1), (3, 2), (3, 3), (3, 4), (2, 1)] {
            let query = Order::find().order_by(Order::QUANTITY.desc());
            let query = if rows == 3 { query } else { query.limit(rows) };
            let all = query.clone().all(db).await.unwrap();
            let mut stream = query.clone().stream(db).chunk(chunk);
            let mut chunks = reflect::chunks(query, db);
            let (mut streamed, mut taken) = (Vec::new(), Vec::new());
            while let Some(order) = stream.try_next().await.unwrap() {
                streamed.push(order);
            }
            while chunks.next(chunk, &mut |order| taken.push(order)).await.unwrap() {}
            assert!(!chunks.next(chunk, &mut |order| taken.push(order)).await.unwrap());
            assert_eq!([json(&streamed), json(&taken)], [json(&all), json(&all)]);
        }
    }

    async fn counts_and_questions(db) {
        let router = filled(db).await;
        assert_eq!(get(&router, "/orders/count").await.is(200).text, r#"{"count":3}"#);
        assert_eq!(get(&router, "/orders/exists").await.is(200).text, r#"{"exists":true}"#);
        let uri = crate::support::with("/orders/count", "where", r#"{"quantity": {"gt": 5}}"#);
        assert_eq!(get(&router, &uri).await.is(200).text, r#"{"count":2}"#);
        let uri = crate::support::with("/orders/exists", "where", r#"{"quantity": 100}"#);
        assert_eq!(get(&router, &uri).await.is(200).text, r#"{"exists":false}"#);
    }

    async fn a_version_is_an_etag(db) {
        let router = filled(db).await;
        let answer = get(&router, "/orders/1").await.is(200);
        assert_eq!(answer.header("etag"), "\"1\"");
        let known = [("if-none-match", "\"1\"")];
        let unchanged = send(&router, "GET", "/orders/1", &known, None).await.is(304);
        assert_eq!(unchanged.text, "");
        assert_eq!(get(&router, "/customers/1").await.header("etag"), "");
        assert_eq!(get(&router, "/orders/1?include=lines").await.header("etag"), "");
    }

    async fn composite_and_text_ids(db) {
        let router = filled(db).await;
        assert_eq!(get(&router, "/lines/1/2").await.is(200).json()["price"], 1200);
        assert_eq!(get(&router, "/lines/1/2/product").await.is(200).json()["name"], "Cup");
        assert_eq!(get(&router, "/lines/1/3").await.is(404).code(), "NOT_FOUND");
        assert_eq!(get(&router, "/tags/hot/products").await.is(200).ids(), [1]);
        for uri in ["/orders/x", "/orders/99999999999999999999", "/orders/1.0", "/orders/%00"] {
            assert_eq!(get(&router, uri).await.status, 404, "{uri}");
        }
    }
}
