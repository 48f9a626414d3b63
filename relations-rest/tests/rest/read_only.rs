//! Entities that are only read have no routes that write.

use relations::prelude::*;
use relations::{schema, sql};
use relations_rest::Api;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{delete, get, patch, post};

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[has_one(CustomerTotal, name = "total")]
struct Customer {
    #[id(generated)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Entity)]
#[entity(view)]
struct CustomerTotal {
    #[id]
    #[belongs_to(Customer)]
    customer_id: i64,
    letters: i64,
}

behaviour! {
    async fn a_view_is_served_by_reads_alone(db) {
        db.create(schema![Customer, CustomerTotal]).await.unwrap();
        let view = "CREATE VIEW customer_totals AS SELECT id AS customer_id, CAST(length(name) AS bigint) AS letters \
                    FROM customers";
        sql(view, ()).execute(db).await.unwrap();
        NewCustomer { name: "Ada".into() }.insert(db).await.unwrap();
        let api = Api::new(db)
            .serve::<Customer>(|it| it.all())
            .serve::<CustomerTotal>(|it| it.read())
            .router()
            .unwrap();
        let row = json!({ "customer_id": 1, "letters": 3 });
        assert_eq!(get(&api, "/customer_totals").await.is(200).json(), json!([row]));
        assert_eq!(get(&api, "/customer_totals/1").await.is(200).json(), row);
        assert_eq!(get(&api, "/customers/1/total").await.is(200).json(), row);
        let of_total = get(&api, "/customer_totals/1/customer").await.is(200).json();
        assert_eq!(of_total["name"], "Ada");
        post(&api, "/customer_totals", &row.to_string()).await.is(405);
        patch(&api, "/customer_totals/1", "{\"letters\": 4}").await.is(405);
        delete(&api, "/customer_totals/1").await.is(405);
    }
}
