//! An id that the database made is never made again, and always one that its property holds.

use ::relations::Executor;
use ::relations::prelude::*;

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "tickets")]
struct Ticket {
    #[id(generated)]
    id: i64,
    note: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "badges")]
struct Badge {
    #[id(generated)]
    id: i16,
    note: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "tokens")]
struct Token {
    #[id(generated)]
    #[column(name = "the \"id\"")]
    id: i32,
    note: Option<String>,
}

behaviour! {
    async fn the_id_of_a_deleted_row_is_not_given_out_again(db) {
        db.create(schema![Ticket]).await.unwrap();
        let new = |note: &str| NewTicket { note: note.into() };
        new("a").insert(db).await.unwrap();
        let last = new("b").insert(db).await.unwrap();
        last.delete(db).await.unwrap();
        assert_eq!(new("c").insert(db).await.unwrap().id, 3);
        Ticket::find().all_rows().delete(db).await.unwrap();
        let more = vec![new("d"), new("e")];
        let ids: Vec<_> =
            NewTicket::insert_many(more, db).await.unwrap().iter().map(|ticket| ticket.id).collect();
        assert_eq!(ids, [4, 5]);
        db.create_if_missing(schema![Ticket]).await.unwrap();
        assert_eq!(new("f").insert(db).await.unwrap().id, 6);
    }

    async fn an_id_that_its_property_does_not_hold_is_not_made(db) {
        db.create(schema![Badge, Token]).await.unwrap();
        let max = i16::MAX;
        let raise = match db.engine() {
            ::relations::Engine::Postgres => format!("SELECT setval('badges_id_seq', {max})"),
            ::relations::Engine::Sqlite => {
                format!("INSERT INTO badges (id, note) VALUES ({max}, 'last')")
            }
        };
        ::relations::sql(raise.as_str(), ()).execute(db).await.unwrap();
        let before = Badge::find().count(db).await.unwrap();
        assert!(NewBadge { note: "one more".into() }.insert(db).await.is_err());
        assert_eq!(Badge::find().count(db).await.unwrap(), before);
        Badge::find().all(db).await.unwrap();
        let many = vec![NewToken { note: None }, NewToken { note: Some("b".into()) }];
        assert_eq!(NewToken::insert_many(many, db).await.unwrap().len(), 2);
    }
}
