//! A chain of forty entities, each of which belongs to the next, loaded as a whole: nobody has to
//! raise `recursion_limit`.

use ::relations::prelude::*;

use crate::support::Counting;

macro_rules! entities {
    (($last:ident $new:ident)) => {
        #[derive(Debug, Clone, PartialEq, Entity)]
        pub struct $last {
            #[id]
            pub id: i64,
            pub name: String,
        }
    };
    (($first:ident $new:ident) ($next:ident $_new:ident) $($rest:tt)*) => {
        #[derive(Debug, Clone, PartialEq, Entity)]
        pub struct $first {
            #[id]
            pub id: i64,
            #[belongs_to($next)]
            pub next_id: i64,
        }

        entities! { ($next $_new) $($rest)* }
    };
}

/// Two rows of each: in every other entity each leads to the other's next.
macro_rules! insert {
    ($db:ident; ($last:ident $new:ident)) => {
        for id in [1, 2] {
            $new { id, name: format!("the end {id}") }.insert($db).await.unwrap();
        }
    };
    ($db:ident; ($first:ident $new:ident) $($rest:tt)*) => {
        insert!($db; $($rest)*);
        for id in [1, 2] {
            $new { id, next_id: 3 - id }.insert($db).await.unwrap();
        }
    };
}

/// The relation of the first to the second, with all that comes after it.
macro_rules! relation {
    ($strategy:ident ($first:ident $_new:ident) ($last:ident $__new:ident)) => {
        $first::NEXT.$strategy()
    };
    ($strategy:ident ($first:ident $_new:ident) $($rest:tt)*) => {
        $first::NEXT.$strategy().include(relation!($strategy $($rest)*))
    };
}

/// The last target in the chain of the first row.
macro_rules! end {
    ($row:expr; ($last:ident $_new:ident)) => { $row };
    ($row:expr; ($first:ident $_new:ident) $($rest:tt)*) => { end!($row.next; $($rest)*) };
}

macro_rules! chain {
    ($(($link:ident $new:ident))*) => {
        entities! { $(($link $new))* }

        behaviour! {
            async fn a_chain_of_forty_is_loaded(db) {
                db.create(schema![$($link),*]).await.unwrap();
                insert!(db; $(($link $new))*);
                let counting = Counting::new(db);
                let query = L00::find().order_by(L00::ID.asc());
                let joined = query.clone().include(relation!(joined $(($link $new))*));
                let joined = joined.all(&counting).await.unwrap();
                assert_eq!(counting.rounds(), [1]);
                let batched = query.clone().include(relation!(batched $(($link $new))*));
                assert_eq!(batched.all(&counting).await.unwrap(), joined);
                assert_eq!(counting.rounds(), [1; 40]);
                let pipelined = query.include(relation!(pipelined $(($link $new))*));
                assert_eq!(pipelined.all(&counting).await.unwrap(), joined);
                assert_eq!(counting.rounds(), [40]);
                assert_eq!(end!(joined[0]; $(($link $new))*).name, "the end 2");
                assert_eq!(end!(joined[1]; $(($link $new))*).name, "the end 1");
                assert_eq!(joined[0].clone().into_inner(), L00 { id: 1, next_id: 2 });
                assert!(format!("{joined:?}").contains("the end 1"));
            }
        }
    };
}

chain! {
    (L00 NewL00) (L01 NewL01) (L02 NewL02) (L03 NewL03) (L04 NewL04) (L05 NewL05) (L06 NewL06) (L07 NewL07) (L08 NewL08) (L09 NewL09) (L10 NewL10) (L11 NewL11) (L12 NewL12) (L13 NewL13) (L14 NewL14) (L15 NewL15) (L16 NewL16) (L17 NewL17) (L18 NewL18) (L19 NewL19) (L20 NewL20) (L21 NewL21) (L22 NewL22) (L23 NewL23) (L24 NewL24) (L25 NewL25) (L26 NewL26) (L27 NewL27) (L28 NewL28) (L29 NewL29) (L30 NewL30) (L31 NewL31) (L32 NewL32) (L33 NewL33) (L34 NewL34) (L35 NewL35) (L36 NewL36) (L37 NewL37) (L38 NewL38) (L39 NewL39)
}
