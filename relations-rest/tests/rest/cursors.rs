//! Links to pages by signed cursors.

use axum::Router;
use relations::query::CursorKey;

use crate::shop::{api, filled};
use crate::support::{Answer, get};
use crate::tenants;

fn key(secret: u8) -> CursorKey {
    CursorKey::new([secret; 32]).unwrap()
}

/// The address of a link.
fn link(answer: &Answer, relation: &str) -> Option<String> {
    let links = answer.header("link").split(", ");
    let found = links.filter_map(|one| one.strip_suffix(&format!(">; rel=\"{relation}\"")));
    found.map(|one| one.trim_start_matches('<').to_owned()).next()
}

/// The value of a parameter of an address.
fn cursor(uri: &str) -> &str {
    uri.split_once("after=").unwrap().1
}

behaviour! {
    async fn links_carry_signed_cursors(db) {
        let _ = filled(db).await;
        let router: Router = api(db).signed_cursors(key(1)).router().unwrap();
        let first = get(&router, "/orders?order=-quantity&limit=1").await.is(200);
        assert_eq!((first.ids(), link(&first, "prev")), (vec![3], None));
        let next = link(&first, "next").unwrap();
        assert!(cursor(&next).len() > 40, "{next}");
        let second = get(&router, &next).await.is(200);
        assert_eq!(second.ids(), [2]);
        let third = get(&router, &link(&second, "next").unwrap()).await.is(200);
        assert_eq!((third.ids(), link(&third, "next")), (vec![1], None));
        assert_eq!(get(&router, &link(&third, "prev").unwrap()).await.is(200).ids(), [2]);
        // Relations have pages too.
        let first = get(&router, "/customers/1/orders?limit=1&include=lines").await.is(200);
        let second = get(&router, &link(&first, "next").unwrap()).await.is(200);
        assert_eq!((first.ids(), second.ids()), (vec![1], vec![2]));
    }

    async fn a_cursor_holds_for_its_list_alone(db) {
        let _ = filled(db).await;
        let router: Router = api(db).signed_cursors(key(1)).router().unwrap();
        let next = link(&get(&router, "/orders?limit=1").await, "next").unwrap();
        let cursor = cursor(&next);
        get(&router, &format!("/orders?limit=2&after={cursor}")).await.is(200);
        let flipped = format!("{}A", &cursor[..cursor.len() - 1]);
        for uri in [
            format!("/orders?order=-id&after={cursor}"), format!("/orders?where={{\"quantity\":3}}&after={cursor}").replace('"', "%22"),
            format!("/customers?after={cursor}"), format!("/customers/1/orders?after={cursor}"), "/orders?after=1".to_owned(),
            "/orders?before=1".to_owned(), "/orders?after=".to_owned(), format!("/orders?after={flipped}B"),
        ] {
            let answer = get(&router, &uri).await;
            assert_eq!(answer.is(400).code(), "INVALID_CURSOR", "{uri}");
        }
        let other: Router = api(db).signed_cursors(key(2)).router().unwrap();
        assert_eq!(get(&other, &next).await.is(400).code(), "INVALID_CURSOR");
    }

    async fn a_cursor_holds_for_its_tenant_alone(db) {
        let _ = tenants::entities::filled(db).await;
        let router: Router = tenants::entities::api(db).signed_cursors(key(1)).router().unwrap();
        let first = tenants::ask(&router, "GET", "/tasks?limit=1", None).await.is(200);
        let next = link(&first, "next").unwrap();
        assert_eq!(tenants::ask(&router, "GET", &next, None).await.is(200).ids(), [2]);
        let stranger = crate::support::send(&router, "GET", &next, &[("tenant", "2")], None).await;
        assert_eq!(stranger.is(400).code(), "INVALID_CURSOR");
    }
}
