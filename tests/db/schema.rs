//! Tables, keys and indexes: what is created, and what is left when that fails.

use ::relations::prelude::*;
use ::relations::{Database, Engine, Executor};

use crate::cast::{self, Customer, Line, NewOrder, Order, Product};
use crate::support;

/// Two that reference each other and refuse to let go.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Hand {
    #[id]
    pub id: i64,
    #[belongs_to(Glove, on_delete = "restrict")]
    pub glove_id: Option<i64>,
    #[belongs_to(Hand, name = "other", on_delete = "restrict")]
    pub other_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Glove {
    #[id]
    pub id: i64,
    #[belongs_to(Hand, on_delete = "restrict")]
    pub hand_id: i64,
    #[index]
    pub size: i32,
    #[unique]
    pub label: String,
}

/// A note goes with its hand.
#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Note {
    #[id]
    pub id: i64,
    #[belongs_to(Hand, on_delete = "cascade")]
    pub hand_id: i64,
}

/// The table of `Note`, as somebody sees it who takes numbers for text.
mod mistaken {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "gloves")]
    pub struct Glove {
        #[id]
        pub id: i64,
        pub hand_id: i64,
        pub size: String,
        pub label: String,
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
pub struct Page {
    #[id(generated)]
    pub number: i64,
    #[id]
    pub book: i64,
}

/// Its key and that of `Version` have one name.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "doc")]
#[unique(version_no, filter = "version_no > 0")]
pub struct Doc {
    #[id]
    pub id: i64,
    pub version_no: i32,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "doc_version")]
#[unique(no, filter = "no > 0")]
pub struct Version {
    #[id]
    pub id: i64,
    pub no: i32,
    pub part: i32,
}

/// Tables that were there before, with less or with something else.
mod earlier {
    use ::relations::prelude::*;

    use super::Page;

    /// The table of `Version`, with a key of its name over another column.
    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "doc_version")]
    #[unique(part, name = "doc_version_no_key", filter = "no > 0")]
    pub struct Version {
        #[id]
        pub id: i64,
        pub no: i32,
        pub part: i32,
    }

    /// The table of `Letter`, with one of its keys.
    #[derive(Debug, Clone, PartialEq, Entity)]
    #[belongs_to(Page, name = "sheet", key_from(page, of), key_to(number, book))]
    pub struct Letter {
        #[id]
        pub id: i64,
        pub page: i64,
        pub of: i64,
        pub page_of: i64,
    }
}

/// A letter on a page, and the one that it answers. The columns of both keys make one name.
#[derive(Debug, Clone, PartialEq, Entity)]
#[belongs_to(Page, name = "sheet", key_from(page, of), key_to(number, book))]
#[belongs_to(Letter, name = "answered", key_from(page_of))]
pub struct Letter {
    #[id]
    pub id: i64,
    pub page: i64,
    pub of: i64,
    pub page_of: i64,
}

/// An entity of this table that lists its keys in reverse.
mod reversed {
    use ::relations::prelude::*;

    use super::Page;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[belongs_to(Letter, name = "answered", key_from(page_of))]
    #[belongs_to(Page, name = "sheet", key_from(page, of), key_to(number, book))]
    pub struct Letter {
        #[id]
        pub id: i64,
        pub page: i64,
        pub of: i64,
        pub page_of: i64,
    }
}

/// The schema as SQLite reports it.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "sqlite_schema")]
struct Known {
    #[id]
    name: String,
    r#type: String,
}

async fn hands(db: &Database) {
    NewHand { id: 1, glove_id: None, other_id: None }.insert(db).await.unwrap();
    NewGlove { id: 1, hand_id: 1, size: 7, label: "l".into() }.insert(db).await.unwrap();
    NewHand { id: 2, glove_id: Some(1), other_id: Some(1) }.insert(db).await.unwrap();
    Hand::find_by_id(1).set(Hand::OTHER_ID, Some(2)).update(db).await.unwrap();
}

behaviour! {
    async fn what_is_there_already_is_an_error_and_nothing_is_made(db) {
        db.create(schema![Customer]).await.unwrap();
        assert!(db.create(schema![Product, Customer]).await.is_err());
        assert!(Product::find().count(db).await.is_err());
        db.create(schema![Product]).await.unwrap();
        assert_eq!(Product::find().count(db).await.unwrap(), 0);
    }

    async fn what_is_missing_is_created(db) {
        let schema = || schema![Customer, Order, Line, Product];
        db.create_if_missing(schema()).await.unwrap();
        let (ada, _) = cast::customers(db).await;
        db.create_if_missing(schema()).await.unwrap();
        db.drop(schema![Line]).await.unwrap();
        db.create_if_missing(schema()).await.unwrap();
        assert_eq!(Customer::find().count(db).await.unwrap(), 2);
        assert_eq!(Line::find().count(db).await.unwrap(), 0);
        // The keys are there once, and hold.
        let error = NewOrder { customer_id: 9, payer_id: None, quantity: 1 }.insert(db).await;
        assert!(error.unwrap_err().is_foreign_key_violation());
        cast::order(db, &ada, 1).await;
    }

    async fn names_that_would_be_equal_are_refused_before_anything_is_made(db) {
        let refused = [
            db.create(schema![Doc, Version]).await.unwrap_err(),
            db.create_if_missing(schema![Doc, Version]).await.unwrap_err(),
        ];
        for error in refused {
            assert!(error.is_invalid_request(), "{error:?}");
            assert_eq!(error.entity(), Some("Version"));
        }
        assert!(Doc::find().count(db).await.is_err());
    }

    async fn an_index_of_another_table_or_column_is_not_taken_for_the_one_that_is_missing(db) {
        let refused = async || {
            let error = db.create_if_missing(schema![Version]).await.unwrap_err();
            assert!(error.to_string().contains("doc_version_no_key"), "{error}");
            // PostgreSQL says so itself, and SQLite does not look.
            assert_eq!(error.is_invalid_request(), db.engine() == Engine::Sqlite);
        };
        db.create(schema![Doc]).await.unwrap();
        refused().await;
        assert!(Version::find().count(db).await.is_err());
        db.drop(schema![Doc]).await.unwrap();

        db.create(schema![earlier::Version]).await.unwrap();
        refused().await;
        db.drop(schema![Version]).await.unwrap();

        db.create_if_missing(schema![Version]).await.unwrap();
        db.create_if_missing(schema![Version]).await.unwrap();
        NewVersion { id: 1, no: 1, part: 1 }.insert(db).await.unwrap();
        let error = NewVersion { id: 2, no: 1, part: 2 }.insert(db).await.unwrap_err();
        assert!(error.is_unique_violation());
    }

    async fn an_index_that_was_made_wider_stays(db) {
        let schema = || schema![Hand, Glove];
        db.create(schema()).await.unwrap();
        for sql in ["DROP INDEX gloves_size_idx", "CREATE INDEX gloves_size_idx ON gloves (size, label)"] {
            ::relations::sql(sql, ()).execute(db).await.unwrap();
        }
        db.create_if_missing(schema()).await.unwrap();
    }

    async fn tables_are_dropped_whatever_holds_them_together(db) {
        let schemas = [|| schema![Hand, Glove], || schema![Glove, Hand]];
        for schema in schemas {
            db.create(schema()).await.unwrap();
            hands(db).await;
            db.drop(schema()).await.unwrap();
            assert!(Hand::find().count(db).await.is_err());
            db.drop(schema()).await.unwrap();
        }
        for schema in [|| schema![Customer, Order], || schema![Order, Customer]] {
            db.create(schema()).await.unwrap();
            let (ada, _) = cast::customers(db).await;
            cast::order(db, &ada, 1).await;
            db.drop(schema()).await.unwrap();
        }
        // Keys are enforced as before.
        db.create(schema![Customer, Order]).await.unwrap();
        let error = NewOrder { customer_id: 9, payer_id: None, quantity: 1 }.insert(db).await;
        assert!(error.unwrap_err().is_foreign_key_violation());
        db.create(schema![]).await.unwrap();
        db.drop(schema![]).await.unwrap();
    }

    async fn a_table_that_others_reference_stays(db) {
        db.create(schema![Hand, Glove, Note]).await.unwrap();
        hands(db).await;
        let note = NewNote { id: 1, hand_id: 1 }.insert(db).await.unwrap();
        assert!(db.drop(schema![Hand, Glove]).await.is_err());
        assert_eq!(Note::find().all(db).await.unwrap(), [note]);
        assert_eq!(Hand::find().count(db).await.unwrap(), 2);
        db.drop(schema![Hand, Glove, Note]).await.unwrap();
    }

    async fn a_value_of_another_type_is_refused(db) {
        db.create(schema![Hand, Glove]).await.unwrap();
        NewHand { id: 1, glove_id: None, other_id: None }.insert(db).await.unwrap();
        let glove = mistaken::NewGlove { id: 1, hand_id: 1, size: "seven".into(), label: String::new() };
        let error = glove.insert(db).await.unwrap_err();
        assert_eq!(error.entity(), Some("Glove"));
        assert_eq!(Glove::find().count(db).await.unwrap(), 0);
    }

    async fn a_part_of_an_id_is_generated_where_that_can_be(db) {
        let created = db.create(schema![Page]).await;
        match db.engine() {
            Engine::Postgres => {
                created.unwrap();
                let page = NewPage { book: 7 }.insert(db).await.unwrap();
                assert_eq!(page, Page { number: 1, book: 7 });
            }
            Engine::Sqlite => {
                let error = created.unwrap_err();
                assert!(error.is_invalid_request());
                assert_eq!(error.entity(), Some("Page"));
            }
        }
    }

    async fn every_connection_enforces_keys(db) {
        cast::create(db).await;
        let orphans = (0..24).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let order = NewOrder { customer_id: 9, payer_id: None, quantity: 1 };
                order.insert(&db).await.unwrap_err().is_foreign_key_violation()
            })
        });
        for refused in orphans.collect::<Vec<_>>() {
            assert!(refused.await.unwrap());
        }
    }
}

#[tokio::test]
async fn sqlite_has_the_keys_and_indexes() {
    let db = support::sqlite().await;
    db.create(schema![Hand, Glove, Customer, Order]).await.unwrap();
    let known = Known::find().filter(Known::TYPE.eq("index")).order_by(Known::NAME.asc());
    let indexes = known.select(Known::NAME).all(&db).await.unwrap();
    assert_eq!(
        indexes,
        [
            "gloves_hand_id_idx",
            "gloves_size_idx",
            "hands_glove_id_idx",
            "hands_other_id_idx",
            "orders_customer_id_idx",
            "orders_payer_id_idx",
            // Indexes of unique columns are made by SQLite itself.
            "sqlite_autoindex_customers_1",
            "sqlite_autoindex_customers_2",
            "sqlite_autoindex_gloves_1",
        ]
    );
}

#[tokio::test]
async fn postgres_has_the_keys_and_indexes() {
    let Some(url) = support::postgres_url().await else { return };
    let db = support::connected(&url).await;
    let client = support::client(&url).await;
    db.create(schema![Hand, Glove, Customer, Order, Line, Product]).await.unwrap();
    let texts = async |sql: &str| -> Vec<String> {
        let rows = client.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    // PostgreSQL 18 also counts what cannot be null.
    let keys = "SELECT conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint \
                WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY conname";
    assert_eq!(
        texts(keys).await,
        [
            "customers_email_key: UNIQUE (email)",
            "customers_pk_key: UNIQUE (pk)",
            "customers_pkey: PRIMARY KEY (id)",
            "gloves_hand_id_fkey: FOREIGN KEY (hand_id) REFERENCES hands(id) ON DELETE RESTRICT",
            "gloves_label_key: UNIQUE (label)",
            "gloves_pkey: PRIMARY KEY (id)",
            "hands_glove_id_fkey: FOREIGN KEY (glove_id) REFERENCES gloves(id) ON DELETE RESTRICT",
            "hands_other_id_fkey: FOREIGN KEY (other_id) REFERENCES hands(id) ON DELETE RESTRICT",
            "hands_pkey: PRIMARY KEY (id)",
            "lines_order_id_fkey: FOREIGN KEY (order_id) REFERENCES orders(id) ON DELETE CASCADE",
            "lines_pkey: PRIMARY KEY (order_id, number)",
            "lines_product_id_fkey: FOREIGN KEY (product_id) REFERENCES products(code)",
            "orders_customer_id_fkey: FOREIGN KEY (customer_id) REFERENCES customers(pk) ON DELETE RESTRICT",
            "orders_payer_id_fkey: FOREIGN KEY (payer_id) REFERENCES customers(pk)",
            "orders_pkey: PRIMARY KEY (id)",
            "products_code_key: UNIQUE (code)",
            "products_pkey: PRIMARY KEY (id)",
        ]
    );
    let indexes = "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' \
                   AND indexname LIKE '%idx' ORDER BY indexname";
    assert_eq!(
        texts(indexes).await,
        [
            "gloves_hand_id_idx",
            "gloves_size_idx",
            "hands_glove_id_idx",
            "hands_other_id_idx",
            // The id of a line begins with its order, which needs no other index.
            "lines_product_id_idx",
            "orders_customer_id_idx",
            "orders_payer_id_idx",
        ]
    );
}

#[tokio::test]
async fn postgres_is_given_the_key_that_was_left_out() {
    let Some(db) = support::postgres().await else { return };
    db.create(schema![Page, earlier::Letter]).await.unwrap();
    // Of the two it would be the second that is there, by the name of the first.
    let error = db.create_if_missing(schema![Page, reversed::Letter]).await.unwrap_err();
    assert!(error.to_string().contains("letters_page_of_fkey"), "{error}");

    db.create_if_missing(schema![Page, Letter]).await.unwrap();
    NewPage { book: 1 }.insert(&db).await.unwrap();
    let orphan = NewLetter { id: 1, page: 1, of: 1, page_of: 9 }.insert(&db).await.unwrap_err();
    assert_eq!(orphan.relation().map(|one| one.name), Some("answered"));
    assert_eq!(orphan.constraint(), Some("letters_page_of_fkey1"));
}
