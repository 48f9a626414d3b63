//! A project from an empty folder to its second migration, on SQLite.
//!
//! `cargo run -p relations-tools --example migrations` runs in a temporary folder. A project of yours has
//! one version of its entities, and types these commands instead: `cargo run --bin schema -- generate`.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use relations::Schema;
use relations::prelude::*;

/// The entities of the first day.
mod first {
    use relations::prelude::*;

    #[derive(Entity)]
    #[has_many(Order)]
    pub(crate) struct Customer {
        #[id(generated)]
        pub(crate) id: i64,
        #[unique]
        pub(crate) email: String,
    }

    #[derive(Entity)]
    pub(crate) struct Order {
        #[id(generated)]
        pub(crate) id: i64,
        #[belongs_to(Customer)]
        pub(crate) customer_id: i64,
        pub(crate) note: Option<String>,
    }
}

/// The project a week later: a column is renamed, a table and a column are new.
mod second {
    use relations::prelude::*;

    #[derive(Entity)]
    #[has_many(Order)]
    pub(crate) struct Customer {
        #[id(generated)]
        pub(crate) id: i64,
        #[unique]
        pub(crate) email: String,
    }

    #[derive(Debug, Entity)]
    pub(crate) struct Order {
        #[id(generated)]
        pub(crate) id: i64,
        #[belongs_to(Customer)]
        pub(crate) customer_id: i64,
        pub(crate) remark: Option<String>,
        #[belongs_to(Product)]
        pub(crate) product_id: Option<i64>,
    }

    #[derive(Entity)]
    #[has_many(Order)]
    pub(crate) struct Product {
        #[id(generated)]
        pub(crate) id: i64,
        #[index]
        pub(crate) name: String,
    }
}

/// Runs `schema …`, the binary that a project has for its entities.
fn schema(entities: Schema, arguments: &[&str]) -> Result<(), String> {
    println!("$ schema {}", arguments.join(" "));
    let code = relations_tools::run(entities, [&["schema"], arguments].concat());
    println!();
    if code == ExitCode::SUCCESS {
        Ok(())
    } else {
        Err(format!("`schema {}` failed", arguments.join(" ")))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("relations-example-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = project(&folder);
    std::fs::remove_dir_all(&folder)?;
    done
}

fn project(folder: &Path) -> Result<(), Box<dyn Error>> {
    let dir = folder.join("migrations").to_string_lossy().into_owned();
    let url = format!("sqlite:{}?mode=rwc", folder.join("shop.db").display());
    let (dir, url) = (["--dir", &*dir], ["--url", &*url]);
    let first = || schema![first::Customer, first::Order];
    let second = || schema![second::Customer, second::Order, second::Product];

    schema(first(), &[&["generate", "--engine", "sqlite"][..], &dir].concat())?;
    schema(first(), &[&["apply"][..], &dir, &url].concat())?;
    rows(url[1])?;

    // A column would be dropped, and only a person knows that it is the new one.
    assert!(schema(second(), &[&["generate"][..], &dir].concat()).is_err());
    schema(second(), &[&["generate", "--rename", "orders.note=remark"][..], &dir].concat())?;
    schema(second(), &[&["apply"][..], &dir, &url].concat())?;
    schema(second(), &[&["status"][..], &dir, &url].concat())?;
    schema(second(), &["check", "--url", url[1]])?;
    orders(url[1])
}

#[tokio::main(flavor = "current_thread")]
async fn rows(url: &str) -> Result<(), Box<dyn Error>> {
    let db = relations::connect(url).await?;
    let ada = first::NewCustomer { email: "ada@example.com".into() }.insert(&db).await?;
    first::NewOrder { customer_id: ada.id, note: Some("by Friday".into()) }.insert(&db).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn orders(url: &str) -> Result<(), Box<dyn Error>> {
    let db = relations::connect(url).await?;
    for order in second::Order::find().all(&db).await? {
        println!("{order:?}");
        assert_eq!(order.remark.as_deref(), Some("by Friday"));
    }
    Ok(())
}
