//! An import: 50,000 products that are inserted or updated and linked to their tags, and a report of them as JSON
//! for a chart.
//!
//! `cargo run --example import --features sqlite,serde` runs in memory, with nothing installed. With
//! `DATABASE_URL=postgres://…` it runs on PostgreSQL; it creates three tables there and drops them.

use relations::expression::count;
use relations::prelude::*;
use relations::repository::Upserted;
use relations::{Database, Result, Transaction, connect};
use serde_json::json;

const PRODUCTS: i64 = 50_000;
const CHUNK: usize = 5_000;
const TAGS: [&str; 4] = ["black", "green", "herbal", "white"];

#[derive(Debug, Clone, PartialEq, Entity)]
#[has_many(Tag, through(ProductTag))]
struct Product {
    #[id(generated)]
    id: i64,
    /// The key by which a file names it.
    #[unique]
    code: String,
    stock: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Tag {
    #[id(generated)]
    id: i64,
    #[unique]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct ProductTag {
    #[id]
    #[belongs_to(Product, on_delete = "cascade")]
    product_id: i64,
    #[id]
    #[belongs_to(Tag)]
    tag_id: i64,
}

/// A line of the file: a code, the stock that was delivered, and a tag.
struct Line {
    code: String,
    delivered: i64,
    tag: &'static str,
}

#[derive(Debug, Default, PartialEq)]
struct Imported {
    inserted: usize,
    updated: usize,
    linked: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let db = connect(&url).await?;
    let schema = schema![Product, Tag, ProductTag];
    db.create(schema.clone()).await?;
    let run = run(&db).await;
    db.drop(schema).await?;
    run
}

async fn run(db: &Database) -> Result<()> {
    let first: Vec<Line> = (0..PRODUCTS).map(line).collect();
    println!("The first file:  {:?}", import(db, &first).await?);
    // Half of the second file is known already: its stock is added, and its links are there.
    let second: Vec<Line> = (PRODUCTS / 2..PRODUCTS * 3 / 2).map(line).collect();
    println!("The second file: {:?}", import(db, &second).await?);

    let stock = ProductTag::PRODUCT.column(Product::STOCK).sum();
    let rows: Vec<(String, i64, Option<i64>)> = ProductTag::find()
        .group_by(ProductTag::TAG_ID)
        .select((ProductTag::TAG.column(Tag::NAME), count(), stock.clone()))
        .order_by(stock.desc())
        .all(db)
        .await?;
    let labels: Vec<_> = rows.iter().map(|(tag, ..)| tag).collect();
    let products: Vec<_> = rows.iter().map(|(_, products, _)| products).collect();
    let stock: Vec<_> = rows.iter().map(|(.., stock)| stock.unwrap_or(0)).collect();
    println!("{}", json!({ "labels": labels, "products": products, "stock": stock }));
    Ok(())
}

fn line(number: i64) -> Line {
    let place = usize::try_from(number % 7).unwrap_or(0);
    let tag = TAGS.into_iter().cycle().nth(place).unwrap_or_default();
    Line { code: format!("p-{number}"), delivered: number % 10, tag }
}

/// All lines of a file, or none.
async fn import(db: &Database, lines: &[Line]) -> Result<Imported> {
    db.transaction(async |tx| {
        let tags = TAGS.map(|name| NewTag { name: name.to_owned() });
        let tags = NewTag::insert_many(tags, tx).on_conflict(Tag::NAME).do_nothing().await?;
        let tags: Vec<Tag> = tags.into_iter().map(Upserted::into_inner).collect();
        let mut imported = Imported::default();
        for lines in lines.chunks(CHUNK) {
            import_chunk(tx, lines, &tags, &mut imported).await?;
        }
        Ok(imported)
    })
    .await
}

async fn import_chunk(
    tx: &Transaction,
    lines: &[Line],
    tags: &[Tag],
    imported: &mut Imported,
) -> Result<()> {
    let new =
        lines.iter().map(|line| NewProduct { code: line.code.clone(), stock: line.delivered });
    let products = NewProduct::insert_many(new, tx)
        .on_conflict(Product::CODE)
        .set_expr(Product::STOCK, Product::STOCK + Product::STOCK.excluded())
        .await?;
    let inserted = products.iter().filter(|product| product.is_inserted()).count();
    imported.inserted += inserted;
    imported.updated += products.len() - inserted;
    // Products come back in the order of their lines.
    let tagged = products.iter().zip(lines).filter_map(|(product, line)| {
        let tag = tags.iter().find(|tag| tag.name == line.tag)?;
        Some(NewProductTag { product_id: product.id, tag_id: tag.id })
    });
    imported.linked += NewProductTag::insert_many(tagged, tx)
        .on_conflict((ProductTag::PRODUCT_ID, ProductTag::TAG_ID))
        .do_nothing()
        .execute()
        .await?;
    Ok(())
}
