//! Entities in other modules, of any visibility, with private fields.

mod customers {
    use relations::prelude::*;

    #[derive(Debug, Entity)]
    #[has_many(super::orders::Order)]
    pub(crate) struct Customer {
        #[id(generated)]
        id: i64,
        name: String,
    }

    impl Customer {
        pub(crate) fn name(&self) -> &str {
            &self.name
        }
    }
}

mod orders {
    use relations::prelude::*;

    use super::customers;

    #[derive(Debug, Entity)]
    #[has_many(self::lines::Line)]
    pub(super) struct Order {
        #[id]
        pub(super) id: i64,
        #[belongs_to(customers::Customer)]
        customer_id: i64,
        #[belongs_to(crate::pass::across_modules::customers::Customer, name = "payer")]
        payer_id: Option<i64>,
    }

    mod lines {
        use relations::prelude::*;

        #[derive(Debug, Entity)]
        pub(in crate::pass) struct Line {
            #[id]
            id: i64,
            #[belongs_to(super::Order)]
            order_id: i64,
        }
    }
}

mod private {
    use relations::prelude::*;

    #[derive(Debug, Entity)]
    #[has_one(Detail)]
    struct Master {
        #[id]
        id: i64,
    }

    #[derive(Debug, Entity)]
    struct Detail {
        #[id]
        #[belongs_to(Master)]
        master_id: i64,
    }
}

pub mod public {
    use relations::prelude::*;

    #[derive(Debug, Entity)]
    #[has_many(hidden::Part)]
    pub struct Whole {
        #[id]
        pub id: i64,
    }

    pub mod hidden {
        use relations::prelude::*;

        #[derive(Debug, Entity)]
        pub struct Part {
            #[id]
            pub id: i64,
            #[belongs_to(super::Whole)]
            pub whole_id: i64,
        }
    }
}

async fn name_of_the_customer(db: &relations::Database) -> relations::Result<String> {
    use relations::prelude::*;

    let order = orders::Order::find_by_id(7).one(db).await?;
    assert_eq!(order.id, 7);
    Ok(order.customer(db).await?.name().to_owned())
}

mod less_visible {
    use relations::prelude::*;

    #[derive(Debug, Entity)]
    pub(crate) struct Order {
        #[id]
        pub(crate) id: i64,
        #[belongs_to(Customer)]
        customer_id: i64,
    }

    #[derive(Debug, Entity)]
    #[has_many(Order)]
    struct Customer {
        #[id]
        id: i64,
    }
}
