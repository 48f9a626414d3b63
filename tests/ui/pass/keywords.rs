//! Names that are words of Rust.

use relations::prelude::*;

#[derive(Debug, Entity)]
#[has_many(r#Match, name = "r#move")]
#[allow(non_camel_case_types)]
struct r#Type {
    #[id]
    r#type: i64,
    r#fn: String,
}

#[derive(Debug, Entity)]
struct r#Match {
    #[id]
    id: i64,
    #[belongs_to(Type, key_to = "type", name = "loop")]
    type_id: i64,
    #[belongs_to(r#Type, key_to = r#type, name = r#ref)]
    r#struct: i64,
    r#where: Option<bool>,
}

async fn run(db: &relations::Database, one: &Type, other: &Match) -> relations::Result<()> {
    drop((one.r#move(db).await?, other.r#loop(db).await?, other.r#ref(db).await?));
    let filter = Match::WHERE.eq(true).and(Match::STRUCT.gt(1));
    drop(Match::find().filter(filter).all(db).await?);
    NewMatch { id: 1, type_id: 2, r#struct: 3, r#where: None }.insert(db).await?;
    Ok(())
}
