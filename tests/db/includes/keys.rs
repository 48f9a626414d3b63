//! Keys of each type, by which targets find their sources.

use ::relations::prelude::*;

/// Targets by a key of one type, and by one of that and another part; the sources of each.
macro_rules! keys {
    ($($name:ident: $type:ty = $one:expr, $other:expr;)*) => {
        $(
            mod $name {
                use ::relations::Database;
                use ::relations::prelude::*;

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[has_many(Source, key_to = "target_id")]
                pub struct Target {
                    #[id]
                    pub id: $type,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                pub struct Source {
                    #[id]
                    pub id: i64,
                    #[belongs_to(Target, name = "target")]
                    pub target_id: Option<$type>,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[has_many(Part, key_from("number", "id"), key_to("number", "pair"))]
                pub struct Pair {
                    #[id]
                    pub number: i32,
                    #[id]
                    pub id: $type,
                }

                #[derive(Debug, Clone, PartialEq, Entity)]
                #[belongs_to(Pair, name = "of_pair", key_from("number", "pair"), key_to("number", "id"))]
                pub struct Part {
                    #[id]
                    pub id: i64,
                    pub number: i32,
                    pub pair: $type,
                }

                pub async fn are_found(db: &Database) {
                    db.create(schema![Target, Source, Pair, Part]).await.unwrap();
                    for (id, key) in [(0, $one), (10, $other)] {
                        let key: $type = key;
                        NewTarget { id: key.clone() }.insert(db).await.unwrap();
                        NewPair { number: 7, id: key.clone() }.insert(db).await.unwrap();
                        for id in id..id + 3 {
                            NewSource { id, target_id: Some(key.clone()) }.insert(db).await.unwrap();
                            NewPart { id, number: 7, pair: key.clone() }.insert(db).await.unwrap();
                        }
                    }
                    NewSource { id: 99, target_id: None }.insert(db).await.unwrap();
                    let relations = [Target::SOURCES.batched(), Target::SOURCES.pipelined()];
                    let pages = relations.clone().map(|sources| sources.limit(1).offset(1));
                    for (sources, many) in relations.into_iter().zip([3, 3]).chain(pages.into_iter().zip([1, 1])) {
                        let found = Target::find().include(sources.include(Source::TARGET.batched()));
                        for target in found.all(db).await.unwrap() {
                            assert_eq!(target.sources.len(), many);
                            let expected = Some(Target { id: target.id.clone() });
                            assert!(target.sources.iter().all(|source| source.target == expected));
                        }
                    }
                    let relations = [Pair::PARTS.batched(), Pair::PARTS.pipelined()];
                    let pages = relations.clone().map(|parts| parts.limit(1).offset(1));
                    for (parts, many) in relations.into_iter().zip([3, 3]).chain(pages.into_iter().zip([1, 1])) {
                        let found = Pair::find().include(parts.include(Part::OF_PAIR.batched()));
                        for pair in found.all(db).await.unwrap() {
                            assert_eq!(pair.parts.len(), many);
                            assert!(pair.parts.iter().all(|part| part.of_pair.id == pair.id));
                        }
                    }
                }
            }
        )*

        mod targets {
            behaviour! {
                $(
                    async fn $name(db) {
                        super::super::$name::are_found(db).await;
                    }
                )*
            }
        }
    };
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
pub struct Code(pub String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Value)]
pub enum Status {
    Open,
    InDelivery,
}

keys! {
    booleans: bool = true, false;
    integers: i32 = i32::MAX, -1;
    texts: String = String::new(), "it's {\"a\", \\b}".into();
    dates: chrono::NaiveDate = "2024-02-29".parse().unwrap(), "0044-03-15".parse().unwrap();
    moments: chrono::DateTime<chrono::Utc> = "2024-02-29T12:00:00.000001Z".parse().unwrap(), "1969-12-31T23:59:59Z".parse().unwrap();
    identifiers: uuid::Uuid = uuid::Uuid::from_u128(1), uuid::Uuid::max();
    decimals: rust_decimal::Decimal = "1.50".parse().unwrap(), "-79228162514264337593543950335".parse().unwrap();
    newtypes: super::Code = super::Code("a".into()), super::Code("A".into());
    enums: super::Status = super::Status::Open, super::Status::InDelivery;
}
