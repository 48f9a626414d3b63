//! Nothing is dropped or written anew without its name.

use ::relations::Engine;
use ::relations::shape::migration::Consents;
use ::relations::shape::{CheckShape, Shape};

use super::{column, planned, shape, table};

/// A change that is refused without a consent, with another one, and made with its own.
#[track_caller]
fn needs(
    engine: Engine,
    change: impl Fn(&mut Shape),
    flag: &str,
    consent: fn(Consents, &str) -> Consents,
    name: &str,
) {
    let refused = planned(engine, &change, &Consents::new()).expect_err("it needs consent");
    assert_eq!(refused.missing.len(), 1, "{refused}");
    assert_eq!(refused.missing[0].flags[0], flag, "{refused}");
    let other = consent(Consents::new(), "customers.other");
    let refused = planned(engine, &change, &other).expect_err("it needs another consent");
    assert_eq!((refused.missing.len(), refused.unknown.len()), (1, 1), "{refused}");
    let plan = planned(engine, &change, &consent(Consents::new(), name)).unwrap();
    assert!(!plan.steps.is_empty());
}

fn drop(consents: Consents, name: &str) -> Consents {
    consents.drop(name)
}

fn rewrite(consents: Consents, name: &str) -> Consents {
    consents.rewrite(name)
}

fn fill(consents: Consents, name: &str) -> Consents {
    consents.fill(name, "0")
}

const BOTH: [Engine; 2] = [Engine::Postgres, Engine::Sqlite];

#[test]
fn a_table_is_dropped_by_name() {
    for engine in BOTH {
        let change = |shape: &mut Shape| shape.tables.retain(|table| table.name != "orders");
        needs(engine, change, "`--drop orders`", drop, "orders");
    }
}

#[test]
fn a_column_is_dropped_by_name() {
    for engine in BOTH {
        let change = |shape: &mut Shape| {
            table(shape, "orders").columns.retain(|column| column.name != "note");
        };
        needs(engine, change, "`--drop orders.note`", drop, "orders.note");
    }
}

#[test]
fn a_foreign_key_is_dropped_by_name() {
    for engine in BOTH {
        let change = |shape: &mut Shape| table(shape, "orders").foreign_keys.clear();
        let name = "constraint:orders.orders_customer_id_fkey";
        needs(engine, change, &format!("`--drop {name}`"), drop, name);
    }
}

#[test]
fn a_unique_key_is_dropped_by_name() {
    for engine in BOTH {
        let change = |shape: &mut Shape| {
            table(shape, "customers").indexes.retain(|index| !index.unique);
        };
        let name = "constraint:customers.customers_email_key";
        needs(engine, change, &format!("`--drop {name}`"), drop, name);
    }
}

#[test]
fn a_unique_key_of_more_columns_is_dropped_by_name() {
    for engine in BOTH {
        let change = |shape: &mut Shape| {
            let indexes = &mut table(shape, "orders").indexes;
            let key = indexes.iter_mut().find(|index| index.name.as_deref() == Some("one_number"));
            key.unwrap().columns.push("total".into());
        };
        let name = "constraint:orders.one_number";
        needs(engine, change, &format!("`--drop {name}`"), drop, name);
    }
}

#[test]
fn another_primary_key_drops_the_first_by_name() {
    for engine in BOTH {
        let change = |shape: &mut Shape| {
            let key = table(shape, "customers").primary_key.as_mut().unwrap();
            key.columns = vec!["email".into()];
        };
        let name = "constraint:customers.customers_pkey";
        needs(engine, change, &format!("`--drop {name}`"), drop, name);
    }
}

#[test]
fn an_index_is_dropped_by_name() {
    for engine in BOTH {
        let (mut before, after) = (shape(engine), shape(engine));
        let mut index = before.tables[0].indexes[0].clone();
        index.name = Some("customers_city_idx".into());
        (index.columns, index.unique, index.constraint) = (vec!["city".into()], false, false);
        before.tables[0].indexes.push(index);
        let plan =
            |consents: &Consents| ::relations::shape::migration::plan(&before, &after, consents);
        let refused = plan(&Consents::new()).unwrap_err();
        assert_eq!(refused.missing[0].flags, ["`--drop index:customers.customers_city_idx`"]);
        plan(&Consents::new().drop("index:customers.customers_city_idx")).unwrap();
    }
}

#[test]
fn a_check_is_dropped_by_name() {
    for engine in BOTH {
        let check = serde_json::json!({ "name": "positive", "definition": "CHECK (total > 0)" });
        let (mut before, mut after) = (shape(engine), shape(engine));
        let check: CheckShape = serde_json::from_value(check).unwrap();
        table(&mut before, "orders").checks.push(check.clone());
        let plan = |after: &Shape, consents: &Consents| {
            ::relations::shape::migration::plan(&before, after, consents)
        };
        let refused = plan(&after, &Consents::new()).unwrap_err();
        assert_eq!(refused.missing[0].flags, ["`--drop constraint:orders.positive`"]);
        plan(&after, &Consents::new().drop("constraint:orders.positive")).unwrap();
        // Another condition loses the first one.
        let mut weaker = check;
        weaker.definition = "CHECK (total >= 0)".into();
        table(&mut after, "orders").checks.push(weaker);
        let refused = plan(&after, &Consents::new()).unwrap_err();
        assert_eq!(refused.missing[0].flags, ["`--drop constraint:orders.positive`"]);
    }
}

#[test]
fn an_enum_is_dropped_by_name() {
    let change = |shape: &mut Shape| shape.enums.clear();
    needs(Engine::Postgres, change, "`--drop enum:mood`", drop, "enum:mood");
}

#[test]
fn a_word_is_dropped_by_name() {
    let change = |shape: &mut Shape| {
        shape.enums[0].words.pop();
    };
    let refused = planned(Engine::Postgres, change, &Consents::new()).unwrap_err();
    let flags: Vec<_> = refused.missing.iter().map(|missing| missing.flags[0].as_str()).collect();
    assert_eq!(flags, ["`--drop word:mood.glad`", "`--allow rewrite:mood`"]);
    let consents = Consents::new().drop("word:mood.glad").rewrite("mood");
    planned(Engine::Postgres, change, &consents).unwrap();
}

#[test]
fn a_table_is_written_anew_by_the_name_of_its_column() {
    for engine in BOTH {
        let change = move |shape: &mut Shape| {
            let to = if engine == Engine::Postgres { "bigint" } else { "TEXT" };
            column(shape, "orders.number").sql_type = to.into();
        };
        needs(engine, change, "`--allow rewrite:orders.number`", rewrite, "orders.number");
    }
    let narrow =
        |shape: &mut Shape| column(shape, "customers.name").sql_type = "varchar(20)".into();
    let name = "customers.name";
    needs(Engine::Postgres, narrow, "`--allow rewrite:customers.name`", rewrite, name);
    let calculated = |shape: &mut Shape| {
        column(shape, "orders.twice").generated = Some("total * 3".into());
    };
    let name = "orders.twice";
    needs(Engine::Postgres, calculated, "`--allow rewrite:orders.twice`", rewrite, name);
    let volatile = |shape: &mut Shape| {
        let mut new = column(shape, "orders.state").clone();
        (new.name, new.default) = ("token".into(), Some("gen_random_uuid()::text".into()));
        table(shape, "orders").columns.push(new);
    };
    let name = "orders.token";
    needs(Engine::Postgres, volatile, "`--allow rewrite:orders.token`", rewrite, name);
}

#[test]
fn values_that_would_be_calculated_are_dropped_by_name() {
    for engine in BOTH {
        let change = |shape: &mut Shape| {
            let column = column(shape, "orders.state");
            (column.generated, column.default) = (Some("'new'".into()), None);
        };
        needs(engine, change, "`--drop orders.state`", drop, "orders.state");
    }
}

#[test]
fn a_new_column_that_is_not_null_asks_for_a_value() {
    for engine in BOTH {
        let change = |shape: &mut Shape| {
            let mut new = column(shape, "orders.total").clone();
            new.name = "weight".into();
            table(shape, "orders").columns.push(new);
        };
        let flag = "`--fill orders.weight=VALUE` with an SQL expression";
        needs(engine, change, flag, fill, "orders.weight");
    }
}

#[test]
fn a_value_that_each_row_gets_by_itself_is_a_rewrite() {
    let change = |shape: &mut Shape| {
        let mut new = column(shape, "orders.note").clone();
        (new.name, new.nullable) = ("token".into(), false);
        table(shape, "orders").columns.push(new);
    };
    let filled = |value| Consents::new().fill("orders.token", value);
    for engine in BOTH {
        planned(engine, change, &filled("'none'")).unwrap();
    }
    let random = "gen_random_uuid()::text";
    let refused = planned(Engine::Postgres, change, &filled(random)).expect_err("it is a rewrite");
    assert_eq!(refused.missing[0].flags, ["`--allow rewrite:orders.token`"], "{refused}");
    planned(Engine::Postgres, change, &filled(random).rewrite("orders.token")).unwrap();
}

#[test]
fn what_loses_nothing_needs_no_consent() {
    for engine in BOTH {
        for (at, change) in [
            |shape: &mut Shape| column(shape, "orders.number").nullable = true,
            |shape: &mut Shape| column(shape, "orders.note").nullable = false,
            |shape: &mut Shape| column(shape, "orders.state").default = None,
            |shape: &mut Shape| column(shape, "orders.twice").generated = None,
            |shape: &mut Shape| {
                table(shape, "orders").foreign_keys[0].on_delete = shape_of_restrict();
            },
            |shape: &mut Shape| {
                let mut new = column(shape, "orders.note").clone();
                new.name = "remark".into();
                table(shape, "orders").columns.push(new);
            },
        ]
        .into_iter()
        .enumerate()
        {
            let plan = planned(engine, change, &Consents::new());
            assert!(plan.as_ref().is_ok_and(|plan| !plan.steps.is_empty()), "{at}: {plan:?}");
        }
    }
    let wider = |shape: &mut Shape| column(shape, "customers.name").sql_type = "text".into();
    assert_eq!(planned(Engine::Postgres, wider, &Consents::new()).unwrap().steps.len(), 1);
}

fn shape_of_restrict() -> ::relations::definition::Action {
    ::relations::definition::Action::Restrict
}

#[test]
fn a_rename_has_to_be_one() {
    let refused = |from: &str, to: &str| {
        let change = |shape: &mut Shape| column(shape, "orders.note").name = "remark".into();
        planned(Engine::Postgres, change, &Consents::new().rename(from, to))
            .unwrap_err()
            .to_string()
    };
    assert!(refused("orders.nothing", "remark").contains("names no table and no column"));
    assert!(refused("orders.note", "total").contains("which is there already"));
    assert!(refused("orders.note", "comment").contains("which is no column of `orders`"));
    let change = |shape: &mut Shape| column(shape, "orders.note").name = "remark".into();
    let message = planned(Engine::Postgres, change, &Consents::new()).unwrap_err().to_string();
    assert_eq!(
        message,
        "the column `orders.note` would be dropped with its values; add `--drop orders.note` or \
         `--rename orders.note=remark`\n"
    );
}
