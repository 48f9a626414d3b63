// The target of another module is named by its path.

use relations::prelude::*;

mod customers {
    use relations::prelude::*;

    #[derive(Entity)]
    pub struct Customer {
        #[id]
        pub id: i64,
    }
}

#[derive(Entity)]
struct Order {
    #[id]
    id: i64,
    #[belongs_to(Customer)]
    customer_id: i64,
}

fn main() {}
