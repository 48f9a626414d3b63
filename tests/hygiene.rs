//! Derived code stands wherever the user's does: without a prelude, beside types and modules named
//! as those of `std`, in macros, and with this crate under another name.

#![no_implicit_prelude]
#![allow(missing_docs, unreachable_pub, dead_code, non_camel_case_types)]
#![allow(missing_debug_implementations)]

/// Hides the names of the prelude, and more that generated code might use.
mod shadows {
    pub struct Option;
    pub struct Result;
    pub struct Vec;
    pub struct Box;
    pub struct String;
    pub struct PhantomData;
    pub struct Column;
    pub struct Query;
    pub struct Filter;
    pub struct Error;
    pub struct Row;
    pub struct Parameter;
    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub struct bool;
    pub struct str;
    pub struct usize;
    pub struct u64;
    pub struct i64;
    pub trait Entity {}
    pub trait NewEntity {}
    pub trait Value {}
    pub trait Relation {}
    pub trait FromRow {}
    pub trait Executor {}
    pub trait Send {}
    pub trait Sync {}
    pub trait Clone {}
    pub trait Copy {}
    pub trait Debug {}
    pub trait Default {}
    pub trait From {}
    pub trait Into {}
    pub trait Future {}
    pub trait Fn {}
    pub trait Iterator {}
    pub trait PartialEq {}
    pub trait Deref {}
    pub trait DerefMut {}
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod relations {}
    pub fn drop() {}

    macro_rules! shadow {
        ($($name:ident)*) => {
            $(
                #[allow(unused_macros)]
                macro_rules! $name {
                    () => {
                        compile_error!("not this one")
                    };
                }
            )*
        };
    }
    shadow!(vec panic unreachable matches format);
}

/// Every name of the prelude means something else.
mod shadowed {
    #[allow(unused_imports)]
    use crate::shadows::*;

    type Text = ::std::string::String;
    type Number = ::core::primitive::i64;
    type Maybe<T> = ::core::option::Option<T>;

    #[derive(
        ::core::fmt::Debug,
        ::core::clone::Clone,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash,
        ::relations::Value,
    )]
    pub struct Code(pub Text);

    #[derive(
        ::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq, ::relations::Value,
    )]
    pub enum Status {
        Open,
        None,
        Some,
    }

    #[derive(::relations::FromRow)]
    pub struct Found {
        pub code: Code,
        #[column(name = "s")]
        pub status: ::core::option::Option<Status>,
        #[skip]
        pub cache: Maybe<Text>,
    }

    #[derive(::relations::Entity)]
    #[has_many(Order)]
    #[has_one(Address)]
    #[has_many(Place, name = "known", through(Visit, from = customer, to = place))]
    pub struct Customer {
        #[id(generated)]
        pub id: ::core::primitive::i64,
        #[unique]
        pub code: Code,
        pub note: ::core::option::Option<Text>,
        #[skip]
        pub cache: Maybe<Text>,
    }

    #[derive(::relations::Entity)]
    #[belongs_to(Place, key_from(row, number), key_to(row, number))]
    pub struct Order {
        #[id(generated)]
        pub id: ::core::primitive::i64,
        #[belongs_to(Customer)]
        pub customer_id: Number,
        #[belongs_to(Customer, key_to = "code", name = "coded", constraint = false)]
        pub code: ::core::option::Option<Code>,
        pub status: Status,
        pub row: ::core::option::Option<Text>,
        pub number: ::core::primitive::i32,
        #[column(default = "1")]
        pub amount: ::core::primitive::i32,
        #[version]
        pub version: Number,
    }

    #[derive(::relations::Entity)]
    pub struct Address {
        #[id]
        pub id: ::core::primitive::i64,
        #[unique]
        #[belongs_to(Customer)]
        pub customer_id: ::core::primitive::i64,
    }

    #[derive(::relations::Entity)]
    #[has_many(Order, key_from(row, number), key_to(row, number))]
    #[has_many(Customer, through(Visit))]
    pub struct Place {
        #[id]
        pub row: Text,
        #[id]
        pub number: ::core::primitive::i32,
    }

    #[derive(::relations::Entity)]
    #[belongs_to(Place, key_from(row, number), key_to(row, number))]
    pub struct Visit {
        #[id]
        #[belongs_to(Customer)]
        pub customer_id: Number,
        #[id]
        pub row: Text,
        #[id]
        pub number: ::core::primitive::i32,
    }
}

/// The crate under another name.
mod renamed {
    pub mod database {
        pub use ::relations as orm;
    }

    use database::orm::{Entity, Value};

    #[derive(::core::fmt::Debug, ::core::clone::Clone, Value)]
    #[value(crate = "database::orm")]
    pub struct Name(pub ::std::string::String);

    #[derive(::core::fmt::Debug, ::core::clone::Clone, Value)]
    #[value(crate = "crate::renamed::database::orm", rename_all = "kebab-case")]
    pub enum Status {
        InDelivery,
    }

    #[derive(Entity)]
    #[entity(crate = "self::database::orm")]
    #[has_many(Order)]
    pub struct Customer {
        #[id(generated)]
        pub id: ::core::primitive::i64,
        pub name: Name,
    }

    #[derive(Entity)]
    #[entity(crate = "crate::renamed::database::orm", table = "renamed_orders")]
    pub struct Order {
        #[id(generated)]
        pub id: ::core::primitive::i64,
        #[belongs_to(Customer, key_to = "id")]
        pub customer_id: ::core::primitive::i64,
        pub status: Status,
    }
}

/// Entities that a macro makes, of its own words and of those it is given.
mod made {
    macro_rules! pair {
        ($one:ident, $many:ident { $id:ident: $of:ty, $key:ident }, $relation:ident, $back:literal) => {
            #[derive(::relations::Entity)]
            #[has_many($many, name = $back, key_to = $key)]
            pub struct $one {
                #[id(generated)]
                pub $id: $of,
                pub title: ::std::string::String,
            }

            #[derive(::relations::Entity)]
            pub struct $many {
                #[id(generated)]
                pub id: ::core::primitive::i64,
                #[belongs_to($one, name = $relation, key_to = $id)]
                pub $key: ::core::option::Option<$of>,
                #[belongs_to($one)]
                pub other_id: $of,
                #[belongs_to(Fixed, key_to = "id")]
                fixed_id: ::core::primitive::i64,
            }

            #[derive(::relations::Entity)]
            #[has_many($many, key_to = "fixed_id")]
            pub struct Fixed {
                #[id]
                id: ::core::primitive::i64,
            }

            #[derive(::relations::Entity)]
            #[belongs_to(Composite, key_from(row, number), key_to(row, number), name = "next")]
            #[has_one(Composite, key_from(row, number), key_to(row, number), name = "same")]
            pub struct Composite {
                #[id]
                row: $of,
                #[id]
                number: ::core::primitive::i32,
            }

            #[derive(::core::fmt::Debug, ::core::clone::Clone, ::relations::Value)]
            pub struct Wrapped($of);
        };
    }

    pair!(Shelf, Book { number: ::core::primitive::i64, shelf_number }, shelf, "books");
}

/// Entities that a macro makes with the crate where the macro has it, as a facade's would.
mod facade {
    macro_rules! named {
        ($name:ident) => {
            #[derive(::relations::Entity)]
            #[entity(crate = $crate::renamed::database::orm)]
            pub struct $name {
                #[id]
                pub id: ::core::primitive::i64,
                #[belongs_to($name, name = "parent")]
                pub parent_id: ::core::option::Option<::core::primitive::i64>,
            }
        };
    }

    named!(Node);
}

/// It does not only compile.
#[test]
fn shadowed_renamed_and_made_entities_run() {
    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build();
    let answer = runtime.map(|runtime| runtime.block_on(run()));
    ::core::assert!(::core::matches!(
        answer,
        ::core::result::Result::Ok(::core::result::Result::Ok(()))
    ));
}

async fn run() -> ::core::result::Result<(), ::relations::Error> {
    use ::core::assert_eq;
    use ::core::convert::Into;
    use ::relations::{Entity, NewEntity, schema};

    let db = ::relations::connect("sqlite::memory:").await?;

    {
        use renamed::{Customer, Name, NewCustomer, NewOrder, Order, Status};
        db.create(schema![Customer, Order]).await?;
        let ada = NewCustomer { name: Name("Ada".into()) }.insert(&db).await?;
        let order =
            NewOrder { customer_id: ada.id, status: Status::InDelivery }.insert(&db).await?;
        assert_eq!(order.customer(&db).await?.name.0, "Ada");
        assert_eq!(ada.orders(&db).await?.len(), 1);
    }

    db.drop(schema![renamed::Customer, renamed::Order]).await?;
    {
        use shadowed::{Address, Code, Customer, NewCustomer, NewOrder, NewPlace};
        use shadowed::{Order, Place, Status};
        db.create(schema![Customer, Order, Address, Place]).await?;
        let code = Code("ada".into());
        let ada = NewCustomer {
            code: ::core::clone::Clone::clone(&code),
            note: ::core::option::Option::None,
        };
        let ada = ada.insert(&db).await?;
        let place = NewPlace { row: "a".into(), number: 7 }.insert(&db).await?;
        let order = NewOrder {
            customer_id: ada.id,
            code: ::core::option::Option::Some(code),
            status: Status::None,
            row: ::core::option::Option::Some("a".into()),
            number: 7,
            amount: ::core::option::Option::None,
        };
        let order = order.insert(&db).await?;
        assert_eq!(order.amount, 1);
        assert_eq!(order.customer(&db).await?.id, ada.id);
        assert_eq!(order.coded(&db).await?.map(|coded| coded.id), ::core::option::Option::Some(1));
        assert_eq!(
            order.place(&db).await?.map(|place| place.number),
            ::core::option::Option::Some(7)
        );
        assert_eq!(place.orders(&db).await?.len(), 1);
        assert_eq!(Order::find_by_id(order.id).one(&db).await?.status, Status::None);
    }

    {
        use made::{Book, Fixed, NewBook, NewShelf, Shelf};
        db.create(schema![Shelf, Book, Fixed]).await?;
        let shelf = NewShelf { title: "Rust".into() }.insert(&db).await?;
        let found = Shelf::BOOKS.of(&shelf).count(&db).await?;
        assert_eq!(found, 0);
        let _ = |book: Book, new: NewBook| (book.shelf_number, new.other_id);
    }
    ::core::result::Result::Ok(())
}
