//! The explorer: who may look at it, and from where it takes what.

use crate::shop::{api, filled};
use crate::support::{get, send, sqlite};

#[tokio::test]
async fn the_page_is_for_this_machine_and_takes_nothing_from_elsewhere() {
    let db = sqlite().await;
    let _ = filled(&db).await;
    let router = api(&db).explorer().router().unwrap();
    for host in ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"] {
        let page = send(&router, "GET", "/explorer", &[("host", host)], None).await.is(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(
            page.header("content-security-policy")
                .starts_with("default-src 'none'; script-src 'self'")
        );
        assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
        assert!(!page.text.contains("style=") && !page.text.contains("onclick"));
    }
    for host in ["shop.example", "127.0.0.1.example", "localhost.example:3000", ""] {
        let headers = [("host", host)];
        for uri in ["/explorer", "/explorer/page.js", "/explorer/page.css"] {
            assert_eq!(
                send(&router, "GET", uri, &headers, None).await.is(404).code(),
                "NOT_FOUND",
                "{host}"
            );
        }
    }
    assert_eq!(get(&router, "/explorer").await.status, 404);
    let script =
        send(&router, "GET", "/explorer/page.js", &[("host", "localhost")], None).await.is(200);
    assert!(!script.text.contains("innerHTML") && !script.text.contains("eval("));
    let public = api(&db).public_explorer().router().unwrap();
    assert_eq!(
        send(&public, "GET", "/explorer", &[("host", "shop.example")], None).await.status,
        200
    );
    assert_eq!(
        send(&api(&db).router().unwrap(), "GET", "/explorer", &[("host", "localhost")], None)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn statements_are_told_where_the_api_allows_it() {
    let db = sqlite().await;
    let _ = filled(&db).await;
    let local = [("host", "localhost")];
    let uri = "/orders?include=lines&where=%7B%22note%22:%22gift%22%7D";
    let told = async |router: &axum::Router, headers: &[(&str, &str)]| {
        let answer = send(router, "GET", uri, headers, None).await.is(200);
        percent_decoded(answer.header("x-statements"))
    };
    let router = api(&db).explorer().show_statements().router().unwrap();
    // Another test may come to the event first, and note that nobody listens; each request looks anew.
    told(&router, &local).await;
    let statements = told(&router, &local).await;
    assert!(statements.contains("FROM \\\"orders\\\""), "{statements}");
    assert!(statements.contains("FROM \\\"lines\\\""), "{statements}");
    assert!(!statements.contains("gift"), "{statements}");
    assert_eq!(told(&router, &[("host", "shop.example")]).await, "");
    // An error tells them too; a request that sends none says so.
    let missing = send(&router, "GET", "/orders/77", &local, None).await.is(404);
    assert!(percent_decoded(missing.header("x-statements")).contains("orders"));
    let refused = send(&router, "GET", "/orders?nope=1", &local, None).await.is(400);
    assert_eq!(percent_decoded(refused.header("x-statements")), "[]");
    for router in
        [api(&db).explorer().router().unwrap(), api(&db).show_statements().router().unwrap()]
    {
        assert_eq!(told(&router, &local).await, "");
    }
}

fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}
