// The inverse finds its kind by the name of its entity.
use relations::prelude::*;

#[derive(Entity)]
struct Photo {
    #[id]
    id: i64,
}

mod blog {
    use relations::prelude::*;

    #[derive(Entity)]
    pub(super) struct Photo {
        #[id]
        id: i64,
    }
}

#[derive(Entity)]
#[one_of(Photo, blog::Photo(name = "blog_photo"), name = "subject", kind = "subject_type", key = "subject_id")]
struct Comment {
    #[id]
    id: i64,
    subject_type: String,
    subject_id: i64,
}

fn main() {}
