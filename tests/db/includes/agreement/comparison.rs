//! Each tree of includes, compared with the in-memory search.

use super::*;

/// A relation to a target that a constraint promises.
fn sure<R: Relation, T: Loaded<Entity = R::Target>, A: Arity>(
    relation: Including<R, T, A>,
    ask: &Ask,
) -> Including<R, T, A> {
    match ask.strategy {
        Some(Strategy::Joined) => relation.joined(),
        Some(Strategy::Batched) => relation.batched(),
        Some(Strategy::Pipelined) => relation.pipelined(),
        None => relation,
    }
}

/// A relation to a target that may be missing.
fn one<R, T, A>(relation: Including<R, T, A>, ask: &Ask) -> Including<R, T, A>
where
    R: Relation<Target: Ranked>,
    T: Loaded<Entity = R::Target>,
    A: Arity<Filtered = A>,
{
    match ask.least_rank {
        Some(least) => sure(relation.filter(R::Target::RANK.ge(least)), ask),
        None => sure(relation, ask),
    }
}

fn many<R, T, A>(mut relation: Including<R, T, A>, ask: &Ask) -> Including<R, T, A>
where
    R: Relation<Target: Ranked>,
    T: Loaded<Entity = R::Target>,
    A: Pageable + Arity<Filtered = A>,
{
    if let Some(least) = ask.least_rank {
        relation = relation.filter(R::Target::RANK.ge(least));
    }
    match ask.descending {
        Some(true) => relation = relation.order_by(R::Target::RANK.desc()),
        Some(false) => relation = relation.order_by(R::Target::RANK.asc()),
        None => {}
    }
    if let Some(limit) = ask.limit {
        relation = relation.limit(limit);
    }
    if let Some(offset) = ask.offset {
        relation = relation.offset(offset);
    }
    match ask.strategy {
        Some(Strategy::Joined) => relation.joined(),
        Some(Strategy::Batched) => relation.batched(),
        Some(Strategy::Pipelined) => relation.pipelined(),
        None => relation,
    }
}

/// The number of targets.
fn number<R: Relation<Target: Ranked>>(mut count: Count<R>, ask: &Ask) -> Count<R> {
    if let Some(least) = ask.least_rank {
        count = count.filter(R::Target::RANK.ge(least));
    }
    match ask.strategy {
        Some(Strategy::Joined) => count.joined(),
        Some(Strategy::Batched) => count.batched(),
        Some(Strategy::Pipelined) => count.pipelined(),
        None => count,
    }
}

/// A query with a tree of includes, each of which takes the next of what is asked.
macro_rules! tree {
    ($query:expr, $asks:ident;) => { $query };
    ($query:expr, $asks:ident; include number $entity:ident.$relation:ident [] $($rest:tt)*) => {
        tree!(
            $query.include(number($entity::$relation.count(), $asks.next().unwrap())),
            $asks;
            $($rest)*
        )
    };
    (
        $query:expr, $asks:ident;
        $verb:ident $kind:ident $entity:ident.$relation:ident [$($nested:tt)*] $($rest:tt)*
    ) => {
        tree!(
            $query.$verb({
                let ask = $asks.next().unwrap();
                // Its strategy is asked for by name first, as a relation alone has no type of an
                // include; `None` then leaves what was asked for.
                tree!($kind($entity::$relation.batched(), ask), $asks; $($nested)*)
            }),
            $asks;
            $($rest)*
        )
    };
}

/// Converts the tree for the in-memory search.
macro_rules! asked {
    ($asks:ident; $($verb:ident $kind:ident $entity:ident.$relation:ident [$($nested:tt)*])*) => {
        vec![$({
            let ask = $asks.next().unwrap().clone();
            Asked {
                relation: $entity::$relation.definition(),
                required: stringify!($verb) == "include_required",
                counted: stringify!($kind) == "number",
                ask,
                nested: asked!($asks; $($nested)*),
            }
        }),*]
    };
}

/// Runs a tree and compares what it loads with what a search finds.
macro_rules! agree {
    ($db:ident, $rows:ident, $asks:ident: $root:ident [$($tree:tt)*]) => {{
        let (root, nested) = $asks.split_first().unwrap();
        let mut asks = nested.iter();
        let query = tree!(of::<$root>(root), asks; $($tree)*);
        let mut asks = nested.iter();
        let nested: Vec<Asked> = asked!(asks; $($tree)*);
        let expected = $rows.found($root::DEFINITION, root, &nested);
        compare_all($db, query, expected).await.map_err(|told| {
            format!("{} of {}\n{told}", stringify!($($tree)*), stringify!($root))
        })?;
    }};
}

fn of<E: Ranked>(ask: &Ask) -> Query<E> {
    let mut query = E::find();
    if let Some(least) = ask.least_rank {
        query = query.filter(E::RANK.ge(least));
    }
    match ask.descending {
        Some(true) => query = query.order_by(E::RANK.desc()),
        Some(false) => query = query.order_by(E::RANK.asc()),
        None => {}
    }
    query = E::by_id(query);
    if let Some(limit) = ask.limit {
        query = query.limit(limit);
    }
    if let Some(offset) = ask.offset {
        query = query.offset(offset);
    }
    query
}

/// Whether every verb finds what is expected.
async fn compare_all<E: Entity, T: Loaded<Entity = E> + Serialize>(
    db: &impl Executor,
    query: Query<E, T>,
    expected: Vec<Value>,
) -> Result<(), String> {
    let said = |error: ::relations::Error| format!("{error:?}");
    let all = json(&query.clone().all(db).await.map_err(said)?);
    if all != Value::Array(expected.clone()) {
        return Err(format!("expected {:#}\nfound {all:#}", Value::Array(expected)));
    }
    let first = json(&query.clone().first(db).await.map_err(said)?);
    if first != expected.first().cloned().unwrap_or_default() {
        return Err(format!("expected the first of {expected:#?}\nfound {first:#}"));
    }
    match (query.optional(db).await, expected.as_slice()) {
        (Ok(None), []) => Ok(()),
        (Ok(Some(only)), [one]) if json(&only) == *one => Ok(()),
        (Err(error), [_, _, ..]) if error.is_not_unique() => Ok(()),
        (found, _) => Err(format!(
            "expected the only one of {expected:#?}\nfound {:?}",
            found.map(|it| json(&it))
        )),
    }
}

fn json(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap()
}

async fn check(db: &Database, world: &World, asks: &[Ask]) -> Result<(), String> {
    let transaction = db.begin().await.unwrap();
    let (db, rows) = (&transaction, world.rows());
    world.insert(db).await.unwrap();
    agree!(db, rows, asks: Film [
        include sure Film.DIRECTOR [include one Person.MENTOR [include one Person.MENTOR []]]
        include one Film.WRITER [include many Person.DIRECTED []]
        include many Film.SCENES [include one Scene.ACTOR [include one Person.MENTOR []]]
    ]);
    agree!(db, rows, asks: Person [
        include many Person.DIRECTED [
            include one Film.STUDIO [include one Studio.OWNER []]
            include one Film.PRIZE []
        ]
        include many Person.WRITTEN [
            include sure Film.DIRECTOR [include many Person.PUPILS []]
        ]
        include many Person.PUPILS [include many Person.PUPILS [include one Person.MENTOR []]]
    ]);
    agree!(db, rows, asks: Scene [
        include_required one Scene.ACTOR [include_required one Person.MENTOR []]
        include sure Scene.FILM [
            include one Film.PREQUEL [include many Film.SEQUELS []]
            include many Film.CAST [include many Person.PLAYED [] include number Person.PUPILS []]
            include number Film.SCENES []
        ]
    ]);
    agree!(db, rows, asks: Studio [
        include many Studio.FILMS [
            include_required one Film.WRITER [include many Person.PLAYED []]
            include one Film.PRIZE [include sure Prize.FILM [include number Film.CAST []]]
            include number Film.SEQUELS []
        ]
        include one Studio.OWNER [
            include_required one Person.MENTOR [include many Person.DIRECTED []]
        ]
    ]);
    agree!(db, rows, asks: Film [
        include many Film.CAST [include_required one Person.MENTOR [include number Person.PLAYED []]]
        include number Film.SCENES []
        include many Film.SEQUELS [
            include sure Film.DIRECTOR []
            include many Film.SEQUELS [include_required one Film.STUDIO []]
        ]
        include_required one Film.PREQUEL [include_required sure Film.DIRECTOR [include_required one Person.MENTOR []]]
    ]);
    in_hand(db, &rows, world, asks).await
}

/// Sources in hand, each of them twice.
async fn in_hand(
    db: &impl Executor,
    rows: &Rows,
    world: &World,
    asks: &[Ask],
) -> Result<(), String> {
    let films: Vec<_> = world.films.iter().chain(&world.films).cloned().collect();
    let mut of = asks.iter();
    let found = tree!(
        Film::preload(films.clone()), of;
        include_required one Film.WRITER [include many Person.PUPILS [include one Person.MENTOR []]]
        include sure Film.DIRECTOR [include one Person.MENTOR []]
        include many Film.SCENES [include_required one Scene.ACTOR []]
        include one Film.STUDIO [include many Studio.FILMS []]
        include number Film.SEQUELS []
    );
    let mut of = asks.iter();
    let asked: Vec<Asked> = asked!(
        of;
        include_required one Film.WRITER [include many Person.PUPILS [include one Person.MENTOR []]]
        include sure Film.DIRECTOR [include one Person.MENTOR []]
        include many Film.SCENES [include_required one Scene.ACTOR []]
        include one Film.STUDIO [include many Studio.FILMS []]
        include number Film.SEQUELS []
    );
    let found = json(&found.all(db).await.map_err(|error| format!("{error:?}"))?);
    let expected = films.iter().filter_map(|film| rows.with(json(film), &asked)).collect();
    let expected = Value::Array(expected);
    if found == expected {
        Ok(())
    } else {
        Err(format!("of films in hand: expected {expected:#}\nfound {found:#}"))
    }
}

/// The least case that fails like this one.
async fn least<T: ValueTree<Value = (World, Vec<Ask>)>>(
    db: &Database,
    mut tree: T,
    mut told: String,
) -> String {
    let mut simpler = tree.simplify();
    while simpler {
        let (world, asks) = tree.current();
        simpler = match check(db, &world, &asks).await {
            Ok(()) => tree.complicate(),
            Err(again) => {
                told = format!("{again}\n{world:#?}\n{asks:?}");
                tree.simplify()
            }
        };
    }
    told
}

behaviour! {
    async fn every_strategy_finds_what_a_search_does(db) {
        db.create(schema![Person, Studio, Film, Scene, Prize]).await.unwrap();
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), random);
        let cases = (worlds(), asks());
        for case in 0..CASES {
            let tree = cases.new_tree(&mut runner).unwrap();
            let (world, asks) = tree.current();
            if let Err(told) = check(db, &world, &asks).await {
                panic!("case {case}: {}", least(db, tree, told).await);
            }
        }
    }
}
