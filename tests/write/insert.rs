//! Many rows at once.

use ::relations::prelude::*;

use crate::cast::{self, Customer, NewCustomer, NewLine, NewOrder, Order};
use crate::support::Counting;

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Ticket {
    #[id(generated)]
    pub number: i64,
}

/// Columns with defaults, nullable and not.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Task {
    #[id(generated)]
    pub id: i64,
    pub title: String,
    #[column(default = "'open'")]
    pub state: String,
    #[column(default = "3")]
    pub weight: Option<i32>,
}

fn customer(number: i64) -> NewCustomer {
    let email = (number % 2 == 0).then(|| format!("{number}@example.com"));
    NewCustomer { id: number, pk: -number, name: format!("customer {number}"), email }
}

behaviour! {
    async fn many_rows_come_back_in_their_order(db) {
        cast::create(db).await;
        let counting = Counting::new(db);
        let new: Vec<_> = (1..=500).rev().map(customer).collect();
        let customers = NewCustomer::insert_many(new.clone(), &counting).await.unwrap();
        assert_eq!(counting.count(), 1);
        assert_eq!(customers.len(), 500);
        for (new, customer) in new.iter().zip(&customers) {
            let NewCustomer { id, pk, name, email } = new.clone();
            assert_eq!(*customer, Customer { id, pk, name, email });
        }
        assert_eq!(Customer::find().count(db).await.unwrap(), 500);
    }

    async fn rows_that_are_not_read_back_are_counted(db) {
        cast::create(db).await;
        let counting = Counting::new(db);
        let inserted = NewCustomer::insert_many((1..=500).map(customer), &counting).execute();
        assert_eq!(inserted.await.unwrap(), 500);
        let [sql] = &counting.statements()[..] else { panic!("one statement") };
        assert!(!sql.contains("RETURNING"), "{sql}");
        let NewCustomer { id, pk, name, email } = customer(500);
        let last = Customer::find_by_id(500).one(db).await.unwrap();
        assert_eq!(last, Customer { id, pk, name, email });
        let again = NewCustomer::insert_many([customer(501), customer(7)], db).execute().await;
        assert!(again.unwrap_err().is_unique_violation());
        assert_eq!(Customer::find().count(db).await.unwrap(), 500, "all rows or none");
        assert_eq!(NewCustomer::insert_many([], &counting).execute().await.unwrap(), 0);
        assert_eq!(counting.count(), 0);
        let ada = Customer::find_by_id(1).one(db).await.unwrap();
        let orders = Customer::ORDERS.insert_many(&counting, &ada, |customer_id| {
            [1, 2].map(|quantity| NewOrder { customer_id, payer_id: None, quantity })
        });
        assert_eq!(orders.execute().await.unwrap(), 2);
        assert_eq!(ada.orders(db).await.unwrap().len(), 2);
    }

    async fn rows_with_some_defaults_are_not_read_back(db) {
        db.create(schema![Task]).await.unwrap();
        let new = [Some("done".to_owned()), None].map(|state| NewTask {
            title: "a".into(),
            weight: state.is_some().then_some(None),
            state,
        });
        assert_eq!(NewTask::insert_many(new, db).execute().await.unwrap(), 2);
        let tasks = Task::find().all(db).await.unwrap();
        let told: Vec<_> = tasks.iter().map(|task| (&*task.state, task.weight)).collect();
        assert_eq!(told, [("done", None), ("open", Some(3))]);
    }

    async fn generated_ids_belong_to_their_rows(db) {
        cast::create(db).await;
        let (ada, bob) = cast::customers(db).await;
        let new = (0..100).map(|number| NewOrder {
            customer_id: if number % 3 == 0 { ada.pk } else { bob.pk },
            payer_id: (number % 2 == 0).then_some(ada.pk),
            quantity: number,
        });
        let orders = NewOrder::insert_many(new, db).await.unwrap();
        assert_eq!(orders.iter().map(|order| order.quantity).collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
        for order in orders {
            assert_eq!(Order::find_by_id(order.id).one(db).await.unwrap(), order);
        }
    }

    async fn no_rows_send_no_statement(db) {
        let counting = Counting::new(db);
        assert_eq!(NewOrder::insert_many([], &counting).await.unwrap(), []);
        assert_eq!(counting.count(), 0);
    }

    async fn a_row_that_is_refused_takes_all_with_it(db) {
        cast::create(db).await;
        let mut new: Vec<_> = (1..=3).map(customer).collect();
        new.push(NewCustomer { id: 4, ..customer(2) });
        let error = NewCustomer::insert_many(new, db).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(error.entity(), Some("Customer"));
        assert_eq!(Customer::find().count(db).await.unwrap(), 0);
        let lines = [NewLine { order_id: 7, number: 1, product_id: "tea".into() }];
        let error = NewLine::insert_many(lines, db).await.unwrap_err();
        assert!(error.is_foreign_key_violation(), "{error}");
    }

    async fn rows_are_part_of_a_transaction(db) {
        cast::create(db).await;
        let transaction = db.begin().await.unwrap();
        NewCustomer::insert_many((1..=3).map(customer), &transaction).await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(Customer::find().count(db).await.unwrap(), 0);
        let transaction = db.begin().await.unwrap();
        NewCustomer::insert_many((1..=3).map(customer), &transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(Customer::find().count(db).await.unwrap(), 3);
    }

    async fn rows_that_give_nothing_are_made_by_the_database(db) {
        db.create(schema![Ticket]).await.unwrap();
        let tickets = NewTicket::insert_many((0..5).map(|_| NewTicket {}), db).await.unwrap();
        let numbers: Vec<_> = tickets.iter().map(|ticket| ticket.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
    }

    async fn each_row_has_its_own_defaults(db) {
        db.create(schema![Task]).await.unwrap();
        let new = |title: &str, state: Option<&str>, weight| {
            NewTask { title: title.into(), state: state.map(Into::into), weight }
        };
        let given = [
            new("a", None, Some(Some(1))),
            new("b", Some("done"), None),
            new("c", None, Some(None)),
            new("d", Some("open"), Some(Some(2))),
        ];
        let tasks = NewTask::insert_many(given, db).await.unwrap();
        let held: Vec<_> =
            tasks.iter().map(|task| (&*task.title, &*task.state, task.weight)).collect();
        let expected = [
            ("a", "open", Some(1)),
            ("b", "done", Some(3)),
            ("c", "open", None),
            ("d", "open", Some(2)),
        ];
        assert_eq!(held, expected);
        let given = [new("e", None, None), new("f", None, None)];
        let tasks = NewTask::insert_many(given, db).await.unwrap();
        assert!(tasks.iter().all(|task| task.state == "open" && task.weight == Some(3)));
    }
}

/// Values that come back in other bytes than they were sent in, and types of the database's own.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Parcel {
    #[id]
    pub id: uuid::Uuid,
    #[column(type = "numeric(10, 4)")]
    pub weight: rust_decimal::Decimal,
    pub contents: Option<serde_json::Value>,
    #[column(type = "char(8)")]
    pub code: String,
    pub sealed: Vec<u8>,
    pub sent: chrono::NaiveDate,
}

/// Arrays, of which PostgreSQL has no arrays.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Tagged {
    #[id(generated)]
    pub id: i64,
    #[column(type = "varchar(20)[]")]
    pub tags: Vec<String>,
    pub sizes: Option<Vec<i32>>,
    #[column(default = "'{1.5}'")]
    pub rates: Vec<f64>,
}

/// Arrays of every type.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Lists {
    #[id(generated)]
    pub id: i64,
    pub moments: Vec<chrono::DateTime<chrono::Utc>>,
    pub days: Vec<time::Date>,
    pub times: Vec<time::Time>,
    pub ids: Vec<uuid::Uuid>,
    pub amounts: Vec<rust_decimal::Decimal>,
    pub documents: Vec<serde_json::Value>,
    pub blobs: Vec<Vec<u8>>,
    pub flags: Vec<bool>,
    pub floats: Vec<f32>,
    pub large: Option<Vec<i64>>,
}

/// Text that the database changes when it comes.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Note {
    #[id(generated)]
    pub id: i64,
    pub text: String,
}

behaviour! {
    async fn values_that_come_back_in_other_bytes_are_told(db) {
        db.create(schema![Parcel]).await.unwrap();
        let new = |number: u8| NewParcel {
            id: uuid::Uuid::from_bytes([number; 16]),
            weight: rust_decimal::Decimal::new(i64::from(number), 1),
            contents: (number != 2).then(|| serde_json::json!({ "b": number, "a": [1, 2] })),
            code: "12345678".into(),
            sealed: vec![number, 0, 255],
            sent: chrono::NaiveDate::from_ymd_opt(2020, 2, number.into()).unwrap(),
        };
        let parcels = NewParcel::insert_many((1..20).rev().map(new), db).await.unwrap();
        for (number, parcel) in (1..20).rev().zip(parcels) {
            let NewParcel { id, weight, contents, code, sealed, sent } = new(number);
            assert_eq!(parcel, Parcel { id, weight, contents, code, sealed, sent });
        }
    }
}

/// An empty database of PostgreSQL with its URL; none where there is no server.
async fn postgres() -> Option<(::relations::Database, tokio_postgres::Client)> {
    let url = crate::support::postgres_url().await?;
    let db = ::relations::connect(&url).await.unwrap();
    Some((db, crate::support::client(&url).await))
}

#[tokio::test]
async fn arrays_are_inserted_with_their_rows() {
    let Some((db, _)) = postgres().await else { return };
    db.create(schema![Tagged]).await.unwrap();
    let new = |tags: &[&str], sizes: Option<&[i32]>, rates: Option<Vec<f64>>| NewTagged {
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        sizes: sizes.map(<[i32]>::to_vec),
        rates,
    };
    let given = [
        new(&["a", "b, {c}"], Some(&[1, 2, 3]), None),
        new(&[], None, Some(vec![])),
        new(&["\"d\""], Some(&[]), Some(vec![2.5, f64::INFINITY])),
        new(&["NULL", ""], Some(&[4]), None),
    ];
    let rows = Tagged::find();
    let inserted = NewTagged::insert_many(given.clone(), &db).await.unwrap();
    for (new, row) in given.iter().zip(&inserted) {
        assert_eq!((&row.tags, &row.sizes), (&new.tags, &new.sizes));
        assert_eq!(row.rates, new.rates.clone().unwrap_or_else(|| vec![1.5]));
    }
    assert_eq!(rows.order_by(Tagged::ID.asc()).all(&db).await.unwrap(), inserted);
    let others = NewLists {
        moments: vec![chrono::DateTime::from_timestamp(1, 500_000_000).unwrap()],
        days: vec![time::macros::date!(2020 - 02 - 29), time::macros::date!(0001 - 01 - 01)],
        times: vec![time::macros::time!(1:02:03.000004)],
        ids: vec![uuid::Uuid::from_bytes([7; 16])],
        amounts: vec![rust_decimal::Decimal::new(-1230, 3)],
        documents: vec![serde_json::json!({ "a\"b\\": [null, 1.5, "{}"] })],
        blobs: vec![vec![0, 255, 34, 92], vec![]],
        flags: vec![true, false],
        floats: vec![f32::MIN_POSITIVE, f32::NEG_INFINITY, 0.1],
        large: Some(vec![i64::MIN, i64::MAX]),
    };
    db.create(schema![Lists]).await.unwrap();
    let lists = NewLists::insert_many(vec![others.clone(); 3], &db).await.unwrap();
    let alone = others.clone().insert(&db).await.unwrap();
    for list in lists {
        assert_eq!(Lists { id: alone.id, ..list }, alone);
    }
    // Years of other eras, and what is shorter than a microsecond, are sent as by a row alone.
    let at = |seconds, nanoseconds| chrono::DateTime::from_timestamp(seconds, nanoseconds).unwrap();
    let moments = vec![
        chrono::DateTime::<chrono::Utc>::MAX_UTC,
        at(1_800_000_000, 999_999_999),
        at(0, 1),
        at(-100_000_000_000, 999_999_999),
    ];
    let days = vec![time::macros::date!(-0043 - 03 - 15), time::macros::date!(0000 - 01 - 01)];
    let times = vec![time::macros::time!(23:59:59.999_999_999)];
    let others = NewLists { moments, days, times, ..others };
    let lists = NewLists::insert_many(vec![others.clone(); 2], &db).await.unwrap();
    let alone = others.insert(&db).await.unwrap();
    for list in lists {
        assert_eq!(Lists { id: alone.id, ..list }, alone);
    }
    let too_long = new(&["a text that is longer than twenty"], None, None);
    NewTagged::insert_many([too_long], &db).await.unwrap_err();
}

#[tokio::test]
async fn rows_in_another_order_are_put_in_that_of_the_input() {
    let Some((db, client)) = postgres().await else { return };
    let setup =
        "CREATE TABLE kept (id bigint GENERATED BY DEFAULT AS IDENTITY, text text NOT NULL);
        CREATE VIEW notes AS SELECT id, text FROM kept;
        CREATE RULE backwards AS ON INSERT TO notes DO INSTEAD
            INSERT INTO kept (text) SELECT new.text ORDER BY new.text DESC RETURNING id, text";
    client.batch_execute(setup).await.unwrap();
    let texts = ["b", "d", "a", "c", "d"];
    let notes = NewNote::insert_many(texts.map(|text| NewNote { text: text.into() }), &db);
    let notes = notes.await.unwrap();
    assert_eq!(notes.iter().map(|note| &*note.text).collect::<Vec<_>>(), texts);
    assert_eq!(notes.iter().map(|note| note.id).collect::<Vec<_>>(), [4, 1, 5, 3, 2]);
    for note in notes {
        assert_eq!(Note::find_by_id(note.id).one(&db).await.unwrap(), note);
    }
}

#[tokio::test]
async fn rows_that_the_database_changes_keep_the_order_of_its_answer() {
    let Some((db, client)) = postgres().await else { return };
    db.create(schema![Note]).await.unwrap();
    let setup = "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.text := upper(NEW.text); RETURN NEW; END $$;
        CREATE TRIGGER shout BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION shout()";
    client.batch_execute(setup).await.unwrap();
    let notes = ["b", "a", "C"].map(|text| NewNote { text: text.into() });
    let notes = NewNote::insert_many(notes, &db).await.unwrap();
    assert_eq!(notes.iter().map(|note| &*note.text).collect::<Vec<_>>(), ["B", "A", "C"]);
}

#[tokio::test]
async fn rows_that_the_database_leaves_out_are_told() {
    let Some((db, client)) = postgres().await else { return };
    db.create(schema![Note]).await.unwrap();
    let setup = "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF NEW.text = '' THEN RETURN NULL; END IF; RETURN NEW; END $$;
        CREATE TRIGGER skip BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION skip()";
    client.batch_execute(setup).await.unwrap();
    let new = |text: &str| NewNote { text: text.into() };
    let error = NewNote::insert_many([new("a"), new(""), new("b")], &db).await.unwrap_err();
    assert!(error.is_row_suppressed(), "{error}");
    let text = "1 of 3 new rows of Note did not come back; a trigger or a rule of the table leaves \
                them out";
    assert_eq!(error.to_string(), text);
    assert!(new("").insert(&db).await.unwrap_err().is_row_suppressed());
    assert_eq!(Note::find().count(&db).await.unwrap(), 0, "all rows or none");
    let counted = NewNote::insert_many([new("a"), new(""), new("b")], &db).execute().await;
    assert_eq!(counted.unwrap(), 2);
    client.batch_execute("DELETE FROM notes").await.unwrap();
    assert_eq!(Note::find().count(&db).await.unwrap(), 0, "all rows or none");
}
