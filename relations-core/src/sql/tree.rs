//! The rows above or below a row of a tree, in one recursive statement.

use sea_query::{
    CommonTableExpression, Expr, ExprTrait, Func, JoinType, Order, SelectStatement, UnionType,
    WithClause,
};

use crate::ast::select::Select;
use crate::definition::property::PropertyDefinition;
use crate::definition::relation::{RelationDefinition, RelationKind};
use crate::dialect::{Dialect, Engine};
use crate::error::Result;
use crate::sql::from_clause::{AliasedTable, FromClause, all, named};
use crate::sql::key_columns::Origin;
use crate::sql::select::order_by_id;
use crate::sql::value::Selected;
use crate::sql::{Lowered, Writer};
use crate::value::key::Parts;
use crate::value::parameter::Parameter;

/// The rows walked to, by a name that no table has, and so with the names below.
const WALK: &str = "relations_walk";

/// The number of steps from the start to a row.
const DEPTH: &str = "relations_depth";

/// The parent of a row.
const PARENT: &str = "relations_parent";

/// A row that was met on the way.
const MARK: &str = "relations_mark";

/// Which way a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    /// From children to parents.
    Up,
    /// From parents to children.
    Down,
}

/// The start of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Start {
    /// At an entity in hand, of which the key to the next rows is known.
    Entity,
    /// At the row with an id.
    Id,
    /// At all rows without a parent.
    Roots,
}

/// A walk through the tree that a relation of an entity with itself makes.
#[derive(Debug, Clone)]
pub(crate) struct TreeWalk {
    pub(crate) relation: &'static RelationDefinition,
    pub(crate) direction: Direction,
    pub(crate) start: Start,
    /// The key that the start has in common with the rows next to it, if it is an entity in hand.
    pub(crate) key: Vec<Parameter>,
    /// The id of the start, if it has one.
    pub(crate) id: Parts,
    pub(crate) max_depth: Option<i64>,
}

impl TreeWalk {
    /// The properties by which a step is made: those of a row, and those of the next that are
    /// compared with them. Whichever side names the relation, the child holds the foreign key.
    pub(crate) fn step(&self) -> (&'static [&'static str], &'static [&'static str]) {
        let RelationDefinition { kind, key_from, key_to, .. } = *self.relation;
        let relation_goes = match kind {
            RelationKind::BelongsTo => Direction::Up,
            RelationKind::HasMany | RelationKind::HasOne => Direction::Down,
        };
        if self.direction == relation_goes { (key_from, key_to) } else { (key_to, key_from) }
    }

    /// The values of the statement, in the order of its placeholders, where nothing narrows it.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        [self.key.as_slice(), &self.id, &self.id].concat()
    }
}

/// The rows of a walk, nearest first: their columns, their depth, and, going down, the id of each
/// row's parent.
///
/// A child has one parent, so that a walk down meets no row twice but its start, which it never
/// enters again. A walk up is a single line, which may lead into a circle that the start is not
/// on. Rather than the whole way, each row remembers one row of it, the last whose depth is a
/// power of two; a circle leads back to that one before long, and there the walk ends. What was
/// met twice by then is left to the reader, which keeps the nearer.
pub(crate) fn walk(dialect: Dialect, select: &Select, walk: &TreeWalk) -> Result<Lowered> {
    let writer = Writer::new(dialect, select.entity);
    let mut places = FromClause::new(&writer, AliasedTable::rows_of(select));
    let walking = Walking {
        writer: &writer,
        walk,
        row: places.root.clone(),
        before: AliasedTable::aliased(select.entity, WALK),
    };
    let mut rows = walking.first()?;
    rows.union(UnionType::All, walking.next()?);
    let mut cte = CommonTableExpression::new();
    cte.table_name(WALK).query(rows);
    let mut with = WithClause::new();
    with.recursive(true).cte(cte);

    // The walk takes the table's name, by which filters speak of its columns.
    let row = &walking.row;
    let mut statement = SelectStatement::new();
    statement.with_cte(with).from_as(WALK, row.name());
    statement.exprs(row.columns().map(|column| writer.read(column))).expr(beside(row, DEPTH));
    if walk.direction == Direction::Down {
        let parent = walking
            .remembered()
            .map(|(property, name)| Selected::new(beside(row, &name), Some(property)));
        statement.exprs(parent.map(|part| writer.read(part)));
    }
    if walk.start == Start::Id {
        statement.and_where(beside(row, DEPTH).gt(number(0)));
    }
    for condition in places.conditions(select)? {
        statement.and_where(condition);
    }
    places.join_to(&mut statement);
    statement.order_by_expr(beside(row, DEPTH), Order::Asc);
    order_by_id(&mut statement, row);
    writer.write(&statement)
}

/// The two halves of a walk.
struct Walking<'walk> {
    writer: &'walk Writer,
    walk: &'walk TreeWalk,
    /// A row of the table, which the walk enters.
    row: AliasedTable,
    /// The row that it was entered from.
    before: AliasedTable,
}

impl Walking<'_> {
    /// The rows that a walk begins with.
    fn first(&self) -> Result<SelectStatement> {
        let Self { writer, walk, row, .. } = self;
        let depth = match walk.start {
            Start::Entity => number(1),
            Start::Id | Start::Roots => number(0),
        };
        let mut rows = SelectStatement::new();
        writer.from(&mut rows, row);
        rows.exprs(row.columns().map(|column| column.value));
        rows.expr_as(depth.cast_as("bigint"), DEPTH);
        for (property, name) in self.remembered() {
            rows.expr_as(row.column(property), name);
        }
        match walk.start {
            Start::Entity => {
                let (from, to) = walk.step();
                let pairs = named(row.entity, from).zip(named(row.entity, to)).zip(&walk.key);
                for ((from, property), parameter) in pairs {
                    let origin = Some(Origin::new(row.entity, from));
                    let column = row.column(property);
                    let equal =
                        writer.equals_key(column, row.entity, property, parameter, origin)?;
                    rows.and_where(equal);
                }
                rows.and_where(self.is_start()?.not());
            }
            Start::Id => {
                rows.and_where(self.is_start()?);
            }
            Start::Roots => {
                rows.and_where(Expr::not_exists(self.parent()));
            }
        }
        Ok(rows)
    }

    /// The rows one step further.
    fn next(&self) -> Result<SelectStatement> {
        let Self { walk, row, before, .. } = self;
        let depth = beside(before, DEPTH).add(number(1));
        let mut rows = SelectStatement::new();
        rows.from(WALK);
        self.writer.join(&mut rows, JoinType::InnerJoin, row, self.is_next());
        rows.exprs(row.columns().map(|column| column.value)).expr_as(depth.clone(), DEPTH);
        let power_of_two = depth.bit_and(beside(before, DEPTH)).eq(number(0));
        for (property, name) in self.remembered() {
            let remembered = match walk.direction {
                Direction::Up => Expr::case(power_of_two.clone(), row.column(property))
                    .finally(beside(before, &name))
                    .into(),
                Direction::Down => before.column(property),
            };
            rows.expr_as(remembered, name);
        }
        if walk.start != Start::Roots {
            rows.and_where(self.is_start()?.not());
        }
        if walk.direction == Direction::Up {
            let same = self
                .remembered()
                .map(|(property, name)| row.column(property).eq(beside(before, &name)));
            rows.and_where(all(same).not());
        }
        if let Some(max_depth) = walk.max_depth {
            rows.and_where(beside(before, DEPTH).lt(max_depth));
        }
        Ok(rows)
    }

    /// Whether the walk goes on to a row from the one before.
    fn is_next(&self) -> Expr {
        let (from, to) = self.walk.step();
        let pairs = self.before.named(from).zip(self.row.named(to));
        all(pairs.map(|(from, to)| match self.writer.engine {
            // PostgreSQL guesses that a step meets many rows, and would read the whole table at
            // each. A list, though it holds one key, can only be looked up in the index.
            Engine::Postgres => {
                let keys = Func::cust("array_fill").args([from, Expr::cust("'{1}'")]);
                to.eq(Func::cust("ANY").arg(keys))
            }
            Engine::Sqlite => to.eq(from),
        }))
    }

    /// Whether a row is the one that the walk started at.
    fn is_start(&self) -> Result<Expr> {
        let Self { writer, walk, row, .. } = self;
        let parts = row.entity.id().zip(&walk.id).map(|(property, parameter)| {
            writer.equals(row.column(property), row.entity, property, parameter)
        });
        Ok(all(parts.collect::<Result<Vec<_>>>()?.into_iter()))
    }

    /// The parent of a row.
    fn parent(&self) -> SelectStatement {
        let (of_parent, of_child) = self.walk.step();
        let parent = self.row.beside(PARENT);
        let pairs = parent.named(of_parent).zip(self.row.named(of_child));
        let mut parents = SelectStatement::new();
        parents.expr(number(1));
        self.writer.from(&mut parents, &parent);
        parents.and_where(all(pairs.map(|(parent, child)| parent.eq(child))));
        parents
    }

    /// The row that each row remembers, by the parts of its id and their names in the walk: going
    /// down its parent, going up one that a circle would lead back to.
    fn remembered(&self) -> impl Iterator<Item = (&'static PropertyDefinition, String)> + use<> {
        let name = match self.walk.direction {
            Direction::Up => MARK,
            Direction::Down => PARENT,
        };
        let parts = (1..).zip(self.row.entity.id());
        parts.map(move |(number, property)| (property, format!("{name}_{number}")))
    }
}

/// The values of a row of a walk beside its columns.
fn beside(place: &AliasedTable, name: &str) -> Expr {
    Expr::col((place.name(), name.to_owned()))
}

/// A number that never changes, and so is no parameter.
fn number(number: i32) -> Expr {
    Expr::Constant(number.into())
}
