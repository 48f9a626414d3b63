//! Composite ids, and the foreign keys to them.

use relations::prelude::*;

#[derive(Debug, Entity)]
#[has_many(Ticket, key_from("row", "number"), key_to("seat_row", "seat_number"))]
#[has_one(Plate, key_from(row, number), key_to(row, number))]
#[has_one(Cushion, key_from("row", "number"), key_to("seat_row", "seat_number"))]
struct Seat {
    #[id]
    row: String,
    #[id]
    number: i32,
    #[unique]
    code: String,
}

#[derive(Debug, Entity)]
#[allow(clippy::duplicated_attributes, reason = "it takes one target for one attribute")]
#[belongs_to(
    Seat,
    key_from("seat_row", "seat_number"),
    key_to("row", "number"),
    on_delete = "cascade"
)]
#[belongs_to(Seat, name = "other", key_from(other_row, seat_number), key_to(row, number))]
struct Ticket {
    #[id]
    id: i64,
    seat_row: String,
    seat_number: i32,
    other_row: Option<String>,
    #[belongs_to(Seat, name = "coded", key_to = "code")]
    code: String,
}

#[derive(Debug, Entity)]
#[belongs_to(Seat, key_from(number, row), key_to(number, row))]
struct Plate {
    #[id]
    row: String,
    #[id]
    number: i32,
}

/// One for a seat, by a key of several properties.
#[derive(Debug, Entity)]
#[belongs_to(Seat, key_from(seat_row, seat_number), key_to(row, number))]
#[unique(seat_number, seat_row)]
struct Cushion {
    #[id]
    id: i64,
    seat_row: String,
    seat_number: i32,
}

#[derive(Debug, Entity)]
struct Quartet {
    #[id]
    a: i64,
    #[id]
    b: String,
    #[id]
    c: bool,
    #[id]
    d: i16,
}

fn seats() -> [relations::Query<Seat>; 2] {
    let row = "a".to_owned();
    [Seat::find_by_id(("a", 7)), Seat::find_by_id((&row, &7))]
}

fn quartet() -> relations::Query<Quartet> {
    Quartet::find_by_id((1, "b", true, 4))
}

async fn seats_of(
    db: &relations::Database,
    ticket: &Ticket,
) -> relations::Result<(Seat, Option<Seat>)> {
    Ok((ticket.seat(db).await?, ticket.other(db).await?))
}
