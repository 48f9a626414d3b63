//! Traces of statements, which show no values.

use super::*;

/// The fields of each event.
#[derive(Debug, Clone, Default)]
struct Recorded(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

impl Subscriber for Recorded {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "relations"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Fields(BTreeMap<String, String>);
        impl Visit for Fields {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                self.0.insert(field.name().to_owned(), format!("{value:?}"));
            }
            fn record_str(&mut self, field: &Field, value: &str) {
                self.0.insert(field.name().to_owned(), value.to_owned());
            }
        }
        let mut fields = Fields(BTreeMap::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn each_statement_is_one_event_that_tells_no_value() {
    for options in small(1).await {
        let recorded = Recorded::default();
        let _listening = tracing::subscriber::set_default(recorded.clone());
        let events = || std::mem::take(&mut *recorded.0.lock().unwrap());
        let db = options.wait_timeout(Duration::from_secs(5)).connect().await.unwrap();
        cast::create(&db).await;
        // Another test may have come to the first event just now, and noted that nobody listens.
        tracing::callsite::rebuild_interest_cache();
        let (ada, _) = cast::customers(&db).await;
        let order = cast::order(&db, &ada, 1).await;
        assert!(events().len() > 2);

        order.customer(&db).await.unwrap();
        let mut told = events();
        assert_eq!(told.len(), 1);
        let event = told.remove(0);
        let system = if db.engine() == Engine::Postgres { "postgresql" } else { "sqlite" };
        let said = |name: &str| event.get(name).map(String::as_str);
        assert_eq!(said("db.system.name"), Some(system));
        assert_eq!(said("db.operation.name"), Some("SELECT"));
        assert_eq!(said("db.collection.name"), Some("customers"));
        assert_eq!((said("entity"), said("relation")), (Some("Customer"), Some("customer")));
        assert_eq!(said("db.response.returned_rows"), Some("1"));
        assert!(said("db.query.text").unwrap().starts_with("SELECT \"customers\".\"id\""));
        assert!(said("db.client.operation.duration").unwrap().parse::<f64>().unwrap() < 10.0);
        assert_eq!(said("error.type"), None);

        // So are the statements that begin and end the snapshot of a tree.
        Order::find().include(Order::CUSTOMER.batched()).all(&db).await.unwrap();
        let told = events();
        let operations = told.iter().map(|event| event["db.operation.name"].as_str());
        assert_eq!(operations.collect::<Vec<_>>(), ["BEGIN", "SELECT", "SELECT", "COMMIT"]);
        Order::find().include(Order::CUSTOMER.joined()).all(&db).await.unwrap();
        assert_eq!(events().len(), 1);

        // Concurrent calls are one statement.
        let batched = db.batched();
        let found = Customer::find_by_id;
        let both = futures_util::future::join(found(1).one(&batched), found(2).one(&batched));
        assert_ne!(both.await.0.unwrap(), Customer::find_by_id(2).one(&db).await.unwrap());
        let told = events();
        let rows = told.iter().map(|event| event["db.response.returned_rows"].as_str());
        assert_eq!(rows.collect::<Vec<_>>(), ["2", "1"]);

        let secret = "the secret of the secrets";
        let new = |id| NewCustomer { id, pk: id, name: secret.into(), email: Some(secret.into()) };
        new(7).insert(&db).await.unwrap();
        assert!(new(8).insert(&db).await.is_err());
        let named = || Customer::find().filter(Customer::NAME.eq(secret));
        assert_eq!(named().count(&db).await.unwrap(), 1);
        let like =
            named().filter(Customer::NAME.like(secret)).filter(Customer::EMAIL.is_in([secret]));
        assert_eq!(like.set(Customer::NAME, secret).update(&db).await.unwrap(), 1);
        assert_eq!(named().delete(&db).await.unwrap(), 1);
        let told = events();
        assert_eq!(told.len(), 5);
        assert!(told[1]["error.type"] == "unique_violation");
        assert_eq!(told[1].get("db.response.returned_rows"), None);
        for (event, rows) in told.iter().zip(["1", "", "1", "1", "1"]) {
            assert!(!format!("{event:?}").contains("secret"), "{event:?}");
            let said = event.get("db.response.returned_rows");
            assert_eq!(said.map_or("", String::as_str), rows);
        }

        db.begin().await.unwrap().commit().await.unwrap();
        let told: Vec<_> = events()
            .into_iter()
            .map(|event| {
                (event["db.operation.name"].clone(), event["db.response.returned_rows"].clone())
            })
            .collect();
        let told: Vec<_> = told.iter().map(|(name, rows)| (&**name, &**rows)).collect();
        assert_eq!(told, [("BEGIN", "0"), ("COMMIT", "0")]);

        insert_a_tree(&db).await;
        let told = events();
        let told: Vec<_> = told
            .iter()
            .map(|event| {
                let table = event.get("db.collection.name").map_or("", String::as_str);
                (&*event["db.operation.name"], table)
            })
            .collect();
        let each_kind = ["products", "customers", "orders", "lines"].map(|table| ("INSERT", table));
        let [product, customer, orders, lines] = each_kind;
        assert_eq!(told, [product, ("BEGIN", ""), customer, orders, lines, ("COMMIT", "")]);
    }
}

/// A customer with three orders, each of which has two lines.
async fn insert_a_tree(db: &Database) {
    let tea = NewProduct { code: "tea".into(), price: 5.0 }.insert(db).await.unwrap();
    let eve = NewCustomer { id: 11, pk: 12, name: "Eve".into(), email: None };
    let eve = eve.with(Customer::ORDERS, |customer_id| {
        [1, 2, 3].map(|quantity| {
            let order = NewOrder { customer_id, payer_id: None, quantity };
            order.with(Order::LINES, |order_id| {
                [1, 2].map(|number| NewLine { order_id, number, product_id: tea.code.clone() })
            })
        })
    });
    eve.insert(db).await.unwrap();
}

/// An executor that keeps how its statements look in a log.
#[derive(Debug, Default)]
struct Logging(Mutex<Vec<String>>);

impl Executor for Logging {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, statement: &Statement) -> Result<Rows> {
        self.0.lock().unwrap().push(format!("{statement:?}"));
        connect("nowhere").await.map(|_| unreachable!())
    }
}

#[tokio::test]
async fn nothing_shows_its_values_by_accident() {
    use ::relations::value::Parameter;
    let secret = "secret";
    let number = 424_242;
    let filter = Customer::NAME
        .eq(secret)
        .or(Customer::NAME.like(secret))
        .or(Customer::EMAIL.ilike(secret))
        .or(Customer::EMAIL.contains(secret))
        .or(Customer::NAME.is_in([secret]))
        .and(!Customer::NAME.between(secret, secret))
        .and(Filter::raw("name = $1", (secret,)));
    let update = Customer::find().filter(filter.clone()).set(Customer::EMAIL, secret);
    let log = Logging::default();
    let _ = update.clone().update(&log).await;
    let _ = Customer::find_by_id(number).one(&log).await;
    let _ = Customer::find().filter(filter.clone()).filter(Customer::ID.eq(number)).all(&log).await;
    let shown = [
        format!("{:?}", Parameter::text(secret)),
        format!("{filter:?}"),
        format!("{update:?}"),
        format!("{:?}", Customer::find().filter(filter)),
        format!("{:?}", Customer::find_by_id(number)),
        format!("{:?}", Order::CUSTOMER.of_id(number)),
        log.0.into_inner().unwrap().join("\n"),
    ];
    for shown in shown {
        assert!(!shown.contains(secret) && !shown.contains("424242"), "{shown}");
    }
}
