//! The time of a check at start, and of a migration of many entities. `scripts/migrations` prints both of a
//! release build.

use std::time::{Duration, Instant};

use ::relations::__private::{
    EntityDefinition, ForeignKeyDefinition, IndexDefinition, PropertyDefinition,
    RelationDefinition, RelationKind, TargetDefinition,
};
use ::relations::Schema;
use ::relations::definition::ColumnType;

use crate::command::Folder;
use crate::pulled;

/// The bars are for release builds on a machine that does nothing else.
const PATIENCE: u32 = if cfg!(debug_assertions) { 40 } else { 4 };

#[tokio::test]
async fn a_check_beside_an_open_connection_is_quick() {
    let Some(db) = crate::pull::loaded("northwind/northwind.sql").await else { return };
    let schema = pulled::northwind::schema();
    let _ = db.check(schema.clone()).await.unwrap();
    let mut times: Vec<_> = Vec::new();
    for _ in 0..50 {
        let begun = Instant::now();
        let report = db.check(schema.clone()).await.unwrap();
        times.push(begun.elapsed());
        assert!(report.is_empty(), "{report}");
    }
    times.sort();
    let (fastest, median, slowest) = (times[0], times[25], times[49]);
    println!(
        "a check of Northwind, of 50: {median:?} in the middle, from {fastest:?} to {slowest:?}"
    );
    assert!(median <= PATIENCE * Duration::from_millis(5), "{median:?}");
}

fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn name(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn all<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

static TARGET: std::sync::OnceLock<&'static EntityDefinition> = std::sync::OnceLock::new();

/// Entities of twelve properties, each of which belongs to the first one; the second version has another
/// property and another index in each.
fn entities(count: usize, version: usize) -> Schema {
    let id = || leaked(PropertyDefinition::new("id", "id", ColumnType::BigInt).id().generated());
    let target: &'static EntityDefinition =
        leaked(EntityDefinition::new("Target", "targets", all(vec![id()]), &[]));
    TARGET.get_or_init(|| target);
    let known: fn() -> &'static EntityDefinition = || TARGET.get().unwrap();
    let entities = (0..count).map(|number| {
        let entity = name(format!("Entity{number}"));
        let relation: &'static RelationDefinition = leaked(
            RelationDefinition::new(
                RelationKind::BelongsTo,
                "target",
                entity,
                TargetDefinition::new("Target", known),
                &["target_id"],
                &["id"],
            )
            .foreign_key(ForeignKeyDefinition::new())
            .indexed(),
        );
        let key = PropertyDefinition::new("target_id", "target_id", ColumnType::BigInt);
        let mut properties = vec![id(), leaked(key.references(relation))];
        for at in 0..9 + version {
            let property = name(format!("property_{at}"));
            let property = PropertyDefinition::new(property, property, ColumnType::Text).nullable();
            properties.push(leaked(if at == 0 { property.unique() } else { property }));
        }
        let index = IndexDefinition::new(if version == 1 {
            &["property_1", "property_2"]
        } else {
            &["property_2", "property_3"]
        });
        let table = name(format!("entities_{number}"));
        leaked(
            EntityDefinition::new(entity, table, all(properties), all(vec![relation]))
                .indexes(all(vec![leaked(index)])),
        )
    });
    Schema::new([*TARGET.get().unwrap()].into_iter().chain(entities))
}

#[test]
fn a_migration_of_200_entities_is_generated_in_a_moment() {
    let folder = Folder::new("cost");
    let generate = |schema: Schema, name: &str, flags: Vec<String>| {
        let dir = folder.path("migrations");
        let mut arguments: Vec<_> =
            ["schema", "generate", name, "--engine", "postgres", "--dir", &*dir]
                .map(str::to_owned)
                .into();
        arguments.extend(flags);
        let begun = Instant::now();
        let code = relations_tools::run(schema, arguments);
        assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::SUCCESS));
        begun.elapsed()
    };
    let first = generate(entities(200, 1), "first", Vec::new());
    let dropped = (0..200).flat_map(|number| {
        let index = format!("entities_{number}.entities_{number}_property_1_property_2_idx");
        ["--drop".to_owned(), format!("index:{index}")]
    });
    let second = generate(entities(200, 2), "second", dropped.collect());
    println!("200 entities: {first:?} for the first migration, {second:?} for a change of each");
    for took in [first, second] {
        assert!(took <= PATIENCE * Duration::from_secs(1), "{took:?}");
    }
}
