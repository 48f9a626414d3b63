// A link between one entity and itself belongs to it twice.

use relations::prelude::*;

#[derive(Entity)]
#[has_many(Employee, name = "friends", through(Friendship))]
struct Employee {
    #[id]
    id: i16,
}

#[derive(Entity)]
struct Friendship {
    #[id]
    #[belongs_to(Employee)]
    one_id: i16,
    #[id]
    other_id: i16,
}

fn main() {}
