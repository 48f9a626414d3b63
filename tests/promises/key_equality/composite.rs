//! Keys of several properties: of a unique key, of texts, and of as many parts as there may be.

use ::relations::prelude::*;

/// The usual pattern of tenants: a foreign key that cannot lead into another one's rows.
mod tenants {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "invoices")]
    #[unique("tenant_id", number)]
    #[has_many(
        Payment,
        name = "payments",
        key_from("number", "tenant_id"),
        key_to("invoice_number", "tenant_id")
    )]
    pub struct Invoice {
        #[id(generated)]
        pub id: i64,
        pub tenant_id: i64,
        pub number: i32,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "payments")]
    #[belongs_to(
        Invoice,
        name = "invoice",
        key_from("invoice_number", "tenant_id"),
        key_to("number", "tenant_id"),
        on_delete = "cascade"
    )]
    pub struct Payment {
        #[id(generated)]
        pub id: i64,
        pub tenant_id: i64,
        pub invoice_number: i32,
    }
}

behaviour! {
    async fn a_unique_key_of_several_properties_is_referenced(db) {
        use tenants::*;

        db.create(schema![Payment, Invoice]).await.unwrap();
        let invoice = |tenant_id, number| NewInvoice { tenant_id, number };
        let invoices = [invoice(7, 1), invoice(7, 2), invoice(8, 1)];
        let invoices = NewInvoice::insert_many(invoices, db).await.unwrap();
        let payment = |tenant_id, invoice_number| NewPayment { tenant_id, invoice_number };
        let payments = [payment(7, 1), payment(8, 1), payment(7, 1)];
        let payments = NewPayment::insert_many(payments, db).await.unwrap();
        let another = payment(8, 2).insert(db).await.unwrap_err();
        assert!(another.is_foreign_key_violation(), "{another}");

        let expected = [invoices[0].id, invoices[2].id, invoices[0].id];
        for strategy in 0..3 {
            let query = Payment::find().order_by(Payment::ID.asc());
            let all = match strategy {
                0 => query.include(Payment::INVOICE.joined()),
                1 => query.include(Payment::INVOICE.batched()),
                _ => query.include(Payment::INVOICE.pipelined()),
            };
            let all = all.all(db).await.unwrap();
            assert_eq!(all.iter().map(|one| one.invoice.id).collect::<Vec<_>>(), expected);
            let query = Invoice::find().order_by(Invoice::ID.asc());
            let all = match strategy {
                0 => query.include(Invoice::PAYMENTS),
                1 => query.include(Invoice::PAYMENTS.batched()),
                _ => query.include(Invoice::PAYMENTS.pipelined()),
            };
            let all = all.all(db).await.unwrap();
            assert_eq!(all.iter().map(|one| one.payments.len()).collect::<Vec<_>>(), [2, 0, 1]);
        }
        assert_eq!(payments[1].invoice(db).await.unwrap(), invoices[2]);
        assert_eq!(invoices[0].payments(db).await.unwrap().len(), 2);
        let loaded = Payment::INVOICE.load(db, &payments).await.unwrap();
        assert_eq!(loaded.iter().map(|one| one.id).collect::<Vec<_>>(), expected);
        invoices[0].delete(db).await.unwrap();
        assert_eq!(Payment::find().count(db).await.unwrap(), 1);
    }
}

/// A key of an integer and a text.
mod mixed {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "articles")]
    #[has_many(
        Price,
        name = "prices",
        key_from("shop_id", "code"),
        key_to("shop_id", "article_code")
    )]
    pub struct Article {
        #[id]
        pub shop_id: i64,
        #[id]
        pub code: String,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "prices")]
    #[belongs_to(
        Article,
        name = "article",
        key_from("shop_id", "article_code"),
        key_to("shop_id", "code"),
        constraint = false
    )]
    pub struct Price {
        #[id]
        pub id: i64,
        pub shop_id: i64,
        pub article_code: Option<String>,
    }
}

behaviour! {
    async fn a_composite_key_with_a_text_has_the_databases_equality(db) {
        use mixed::*;

        let (extra, text) = match ::relations::Executor::engine(db) {
            ::relations::Engine::Postgres => (
                "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level2', \
                 deterministic = false)",
                "text COLLATE alike",
            ),
            _ => ("CREATE TABLE unused (id bigint)", "text COLLATE NOCASE"),
        };
        for sql in [
            extra.to_owned(),
            format!("CREATE TABLE articles (shop_id bigint, code {text}, PRIMARY KEY (shop_id, code))"),
            format!("CREATE TABLE prices (id bigint PRIMARY KEY, shop_id bigint NOT NULL, \
                     article_code {text})"),
            "INSERT INTO articles VALUES (1, 'Ab'), (2, 'ab'), (2, 'c')".to_owned(),
            "INSERT INTO prices VALUES (10, 1, 'aB'), (11, 1, 'AB'), (12, 2, 'AB'), (13, 2, 'C'), \
             (14, 3, 'c'), (15, 2, NULL)".to_owned(),
        ] {
            relations::sql(sql, ()).execute(db).await.unwrap();
        }
        let expected =
            [Some((1, "Ab")), Some((1, "Ab")), Some((2, "ab")), Some((2, "c")), None, None];
        let expected = expected.map(|one| one.map(|(id, code)| (id, code.to_owned())));
        for strategy in 0..3 {
            let query = Price::find().order_by(Price::ID.asc());
            let all = match strategy {
                0 => query.include(Price::ARTICLE.joined()),
                1 => query.include(Price::ARTICLE.batched()),
                _ => query.include(Price::ARTICLE.pipelined()),
            };
            let all = all.all(db).await.unwrap();
            let found = all.into_iter().map(|one| one.article.map(|one| (one.shop_id, one.code)));
            assert_eq!(found.collect::<Vec<_>>(), expected, "strategy {strategy}");
            let query = Article::find().order_by(Article::SHOP_ID.asc());
            let numbers = match strategy {
                0 => query.include(Article::PRICES.count().joined()),
                1 => query.include(Article::PRICES.count().batched()),
                _ => query.include(Article::PRICES.count().pipelined()),
            };
            let mut numbers = numbers.all(db).await.unwrap();
            numbers.sort_by_key(|one| (one.shop_id, one.code.to_lowercase()));
            assert_eq!(numbers.iter().map(|one| one.prices).collect::<Vec<_>>(), [2, 1, 1]);
            let query = Article::find().order_by(Article::SHOP_ID.asc());
            let pages = match strategy {
                0 => query.include(Article::PRICES.limit(1)),
                1 => query.include(Article::PRICES.limit(1).batched()),
                _ => query.include(Article::PRICES.limit(1).pipelined()),
            };
            let mut pages = pages.all(db).await.unwrap();
            pages.sort_by_key(|one| (one.shop_id, one.code.to_lowercase()));
            let first: Vec<Vec<_>> =
                pages.iter().map(|one| one.prices.iter().map(|one| one.id).collect()).collect();
            assert_eq!(first, [[10], [12], [13]]);
        }
        let batched = db.batched();
        let (one, other) = ::futures_util::future::join(
            Article::find_by_id((1, "AB")).one(&batched),
            Article::find_by_id((1, "ab")).one(&batched),
        )
        .await;
        assert_eq!((one.unwrap().code, other.unwrap().code), ("Ab".to_owned(), "Ab".to_owned()));
    }
}

/// A key of as many parts as there may be.
mod long {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "cells")]
    #[rustfmt::skip]
    pub struct Cell {
        #[id] pub a: i64, #[id] pub b: i32, #[id] pub c: i16, #[id] pub d: i64,
        #[id] pub e: i64, #[id] pub f: i64, #[id] pub g: i64, #[id] pub h: i64,
        #[id] pub i: i64, #[id] pub j: i64, #[id] pub k: i64, #[id] pub l: String,
    }

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "notes")]
    #[belongs_to(
        Cell,
        name = "cell",
        key_from("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"),
        key_to("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l")
    )]
    #[rustfmt::skip]
    pub struct Note {
        #[id] pub id: i64,
        pub a: i64, pub b: i32, pub c: i16, pub d: i64, pub e: i64, pub f: i64,
        pub g: i64, pub h: i64, pub i: i64, pub j: i64, pub k: i64, pub l: String,
    }
}

behaviour! {
    async fn a_key_has_twelve_parts(db) {
        use long::*;

        db.create(schema![Cell, Note]).await.unwrap();
        let cell = |a: i64| NewCell {
            a, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, k: 11, l: "z".to_owned(),
        };
        let cells = NewCell::insert_many([cell(1), cell(2)], db).await.unwrap();
        let note = |id, a| NewNote {
            id, a, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, k: 11, l: "z".to_owned(),
        };
        NewNote::insert_many([note(5, 2), note(6, 1), note(7, 2)], db).await.unwrap();
        for strategy in 0..3 {
            let query = Note::find().order_by(Note::ID.asc());
            let all = match strategy {
                0 => query.include(Note::CELL.joined()),
                1 => query.include(Note::CELL.batched()),
                _ => query.include(Note::CELL.pipelined()),
            };
            let all = all.all(db).await.unwrap();
            assert_eq!(all.iter().map(|one| one.cell.a).collect::<Vec<_>>(), [2, 1, 2]);
        }
        let found = Cell::find_by_id((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, "z")).one(db).await;
        assert_eq!(found.unwrap(), cells[0]);
    }
}
