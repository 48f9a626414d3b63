//! Checks of numbers that a column holds and their type does not.

use ::relations::definition::PropertyDefinition;
use ::relations::prelude::*;
use ::relations::shape::migration::{Consents, plan};
use ::relations::value::{Cell, Mismatch, Parameter};
use ::relations::{Engine, Schema};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Value)]
struct ShelfId(u32);

/// A number that has bounds of its own.
#[derive(Debug, Clone, PartialEq)]
struct Percent(i16);

impl Value for Percent {
    const TYPE: ::relations::definition::ColumnType = <i16 as Value>::TYPE;
    const BOUNDS: Option<(i64, i64)> = Some((0, 100));

    fn to_parameter(&self) -> Parameter {
        self.0.to_parameter()
    }

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        i16::read(cell).map(Self)
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[check("tiny > 0", name = "tiny_is_there")]
struct Stock {
    #[id]
    id: ShelfId,
    tiny: u8,
    #[column(name = "the \"short\"")]
    short_one: Option<u16>,
    huge: u64,
    filled: Percent,
    /// Its type is named, so that its bounds are those of the type.
    #[column(type = "bigint")]
    other: u32,
    plain: i64,
}

#[derive(Debug, Clone, PartialEq, Entity)]
struct Counted {
    #[id]
    id: i64,
    counts: Vec<u32>,
    shorts: Option<Vec<Option<u16>>>,
    huge: Vec<u64>,
}

/// Others define its table.
#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(read_only)]
struct Reading {
    #[id]
    id: u32,
}

fn checks(schema: &Schema, engine: Engine) -> Vec<String> {
    let tables = schema.create_sql(engine).unwrap();
    let checks = tables.iter().flat_map(|sql| sql.split(", CONSTRAINT ").skip(1));
    checks
        .filter(|one| one.contains(" CHECK "))
        .map(|one| one.trim_end_matches(" STRICT").to_owned())
        .collect()
}

#[test]
fn a_table_keeps_the_numbers_of_the_types() {
    let expected = [
        r#""tiny_is_there" CHECK (tiny > 0)"#,
        r#""stocks_id_bounds_check" CHECK ("id" >= 0 AND "id" <= 4294967295)"#,
        r#""stocks_tiny_bounds_check" CHECK ("tiny" >= 0 AND "tiny" <= 255)"#,
        r#""stocks_the "short"_bounds_check" CHECK ("the ""short""" >= 0 AND "the ""short""" <= 65535)"#,
        r#""stocks_huge_bounds_check" CHECK ("huge" >= 0)"#,
        r#""stocks_filled_bounds_check" CHECK ("filled" >= 0 AND "filled" <= 100) )"#,
    ];
    let expected = expected.map(|one| one.replace("\"short\"_", "\"\"short\"\"_"));
    for engine in [Engine::Postgres, Engine::Sqlite] {
        assert_eq!(checks(&schema![Stock], engine), expected, "{engine:?}");
    }
}

#[test]
fn an_array_keeps_them_in_each_element() {
    assert_eq!(
        checks(&schema![Counted], Engine::Postgres),
        [
            r#""counteds_counts_bounds_check" CHECK (0 <= ALL ("counts") AND 4294967295 >= ALL ("counts"))"#,
            r#""counteds_shorts_bounds_check" CHECK (0 <= ALL ("shorts") AND 65535 >= ALL ("shorts"))"#,
            r#""counteds_huge_bounds_check" CHECK (0 <= ALL ("huge")) )"#,
        ],
    );
}

#[test]
fn bounds_are_a_fact_of_the_property() {
    let of = |one: &&PropertyDefinition| (one.name, one.bounds);
    assert_eq!(
        Stock::DEFINITION.properties.iter().map(of).collect::<Vec<_>>(),
        [
            ("id", Some((0, 4_294_967_295))),
            ("tiny", Some((0, 255))),
            ("short_one", Some((0, 65_535))),
            ("huge", Some((0, i64::MAX))),
            ("filled", Some((0, 100))),
            ("other", None),
            ("plain", None),
        ],
    );
}

#[test]
fn a_table_of_others_has_no_such_check() {
    let shape = schema![Reading].shape(Engine::Postgres).unwrap();
    assert!(shape.tables[0].checks.is_empty());
}

/// The table as an earlier version has created it.
mod earlier {
    use ::relations::prelude::*;

    #[derive(Debug, Clone, PartialEq, Entity)]
    #[entity(table = "counts")]
    pub struct Count {
        #[id]
        pub id: i64,
        pub pieces: i64,
    }
}

#[derive(Debug, Clone, PartialEq, Entity)]
#[entity(table = "counts")]
struct Count {
    #[id]
    id: i64,
    pieces: u32,
}

#[test]
fn a_migration_adds_it_as_every_check() {
    let shapes = |engine| {
        let before = schema![earlier::Count].shape(engine).unwrap();
        (before, schema![Count].shape(engine).unwrap())
    };
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let (before, after) = shapes(engine);
        let plan = plan(&before, &after, &Consents::new()).unwrap();
        let told: Vec<_> = plan.changes.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["adds the check `counts_pieces_bounds_check` to `counts`"], "{engine:?}");
    }
    let (before, after) = shapes(Engine::Postgres);
    let steps = plan(&before, &after, &Consents::new()).unwrap().steps;
    let statements: Vec<_> = steps.iter().flat_map(|step| &step.statements).collect();
    assert_eq!(
        statements,
        [
            r#"ALTER TABLE "counts" ADD CONSTRAINT "counts_pieces_bounds_check" CHECK ("pieces" >= 0 AND "pieces" <= 4294967295) NOT VALID"#,
            r#"ALTER TABLE "counts" VALIDATE CONSTRAINT "counts_pieces_bounds_check""#,
        ],
    );
}
