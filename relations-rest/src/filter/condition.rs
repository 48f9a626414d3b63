//! `where`: conditions on properties and on related rows.

use relations::definition::ColumnType;
use relations::query::reflect::{Comparison, DynamicColumn, Parameter};
use relations::{Entity, Filter};

use crate::filter::{Parsing, unknown};
use crate::members::{Member, described};
use crate::model::{Model, Served};
use crate::node::{Node, Pointer};
use crate::problem::Problem;
use crate::resource::Resource;

/// The operators of a condition.
const OPERATORS: [&str; 14] = [
    "eq", "neq", "gt", "gte", "lt", "lte", "inq", "nin", "between", "exists", "like", "nlike",
    "ilike", "nilike",
];

fn comparison(operator: &str) -> Option<Comparison> {
    Some(match operator {
        "eq" => Comparison::Equal,
        "neq" => Comparison::NotEqual,
        "gt" => Comparison::Greater,
        "gte" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "lte" => Comparison::LessOrEqual,
        _ => return None,
    })
}

impl<E: Resource> Model<E> {
    pub(crate) fn read_condition(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
    ) -> Result<Filter<E>, Problem> {
        let mut filter = Filter::always();
        for (name, value) in node.object(at)? {
            let at = at.member(name);
            let next = match name.as_str() {
                "and" => Filter::all(self.conditions(parsing, value, &at)?),
                "or" => Filter::any(self.conditions(parsing, value, &at)?),
                "not" => !parsing.nest(&at, |parsing| self.read_condition(parsing, value, &at))?,
                _ => self.member_condition(parsing, name, value, &at)?,
            };
            filter = filter.and(next);
        }
        Ok(filter)
    }

    fn conditions(
        &self,
        parsing: &mut Parsing<'_>,
        node: &Node,
        at: &Pointer,
    ) -> Result<Vec<Filter<E>>, Problem> {
        let each = |parsing: &mut Parsing<'_>| {
            let all = node.array(at)?.iter().enumerate();
            all.map(|(index, one)| {
                let at = at.at(index);
                parsing.condition(&at)?;
                self.read_condition(parsing, one, &at)
            })
            .collect()
        };
        parsing.nest(at, each)
    }

    fn member_condition(
        &self,
        parsing: &mut Parsing<'_>,
        name: &str,
        value: &Node,
        at: &Pointer,
    ) -> Result<Filter<E>, Problem> {
        let mut readable = self.readable(parsing.served);
        if let Some((_, relation)) = readable.find(|(_, one)| one.member() == name) {
            return parsing.follow(at, |parsing| relation.condition(parsing, value, at));
        }
        if let Some((_, of)) = self.one_ofs(parsing.served).find(|(_, of)| of.member == name) {
            return self.one_of_condition(parsing, of, value, at);
        }
        let member = self.asked(parsing.served, name, at)?;
        let column = DynamicColumn::of(member.property);
        let Node::Object(operators) = value else {
            parsing.condition(at)?;
            return self.compared(member, &column, "eq", value, at);
        };
        let mut filter = Filter::always();
        for (operator, value) in operators {
            let at = at.member(operator);
            parsing.condition(&at)?;
            filter = filter.and(self.compared(member, &column, operator, value, &at)?);
        }
        Ok(filter)
    }

    /// The member that a filter or an order asks about.
    pub(crate) fn asked(
        &self,
        served: &Served,
        name: &str,
        at: &Pointer,
    ) -> Result<&Member, Problem> {
        let is_open = |member: &&Member| {
            let property = member.property;
            let is_indexed =
                property.id || property.unique || property.indexed || property.references.is_some();
            is_indexed || !self.info.indexed_only
        };
        let open = self.members.shown().filter(is_open);
        open.clone().find(|member| member.name == name).ok_or_else(|| {
            let relations = self.readable(served).map(|(_, relation)| relation.member());
            let one_ofs = self.one_ofs(served).map(|(_, of)| of.member.as_str());
            let names = open.map(|member| member.name.as_str()).chain(relations).chain(one_ofs);
            unknown(
                "UNKNOWN_PROPERTY",
                &format!("property of {}", E::DEFINITION.name),
                name,
                names,
                at,
            )
        })
    }

    fn compared(
        &self,
        member: &Member,
        column: &DynamicColumn<E>,
        operator: &str,
        value: &Node,
        at: &Pointer,
    ) -> Result<Filter<E>, Problem> {
        let one = |node: &Node, at: &Pointer| self.value(member, node, at);
        let list = || {
            let all = value.array(at)?.iter().enumerate();
            all.map(|(index, node)| one(node, &at.at(index))).collect::<Result<Vec<_>, Problem>>()
        };
        if let Some(comparison) = comparison(operator) {
            return match (value, comparison) {
                (Node::Null, Comparison::Equal) => Ok(column.is_null(false)),
                (Node::Null, Comparison::NotEqual) => Ok(column.is_null(true)),
                _ => Ok(column.compare(comparison, one(value, at)?)),
            };
        }
        match operator {
            "inq" | "nin" => column.is_in(list()?, operator == "nin").ok_or_else(Problem::internal),
            "between" => match <[Parameter; 2]>::try_from(list()?) {
                Ok([least, greatest]) => Ok(column
                    .compare(Comparison::GreaterOrEqual, least)
                    .and(column.compare(Comparison::LessOrEqual, greatest))),
                Err(_) => Err(value.unexpected("an array of two values", at)),
            },
            "exists" => Ok(column.is_null(value.bool(at)?)),
            "like" | "nlike" | "ilike" | "nilike" => {
                let pattern = value.text(at)?.to_owned();
                let matches = column.like(pattern, operator.ends_with("ilike"));
                let matches = matches.ok_or_else(|| {
                    let detail =
                        format!("`{}` is not a text, so no pattern matches it", member.name);
                    Problem::bad_request("WRONG_TYPE", detail).pointer(at)
                })?;
                Ok(if operator.starts_with('n') { !matches } else { matches })
            }
            _ => Err(unknown("UNKNOWN_OPERATOR", "operator", operator, OPERATORS.into_iter(), at)),
        }
    }

    /// A value of a request for a member, on its way to the database.
    pub(crate) fn value(
        &self,
        member: &Member,
        node: &Node,
        at: &Pointer,
    ) -> Result<Parameter, Problem> {
        let wrong = |reason: String| {
            let expected = described(member.property.column_type);
            let detail = format!("`{}` takes {expected}: {reason}", member.name);
            Problem::bad_request("WRONG_TYPE", detail).pointer(at).expected(expected)
        };
        if matches!(node, Node::Null) {
            return Err(wrong("null is asked for with `eq`, `neq` or `exists`".to_owned()));
        }
        if let (Node::Object(_), false) = (node, member.property.column_type == ColumnType::Json) {
            return Err(wrong("an object is not a value".to_owned()));
        }
        let value = node.to_value();
        self.members.value(member, &value).map_err(|unfit| wrong(unfit.reason))
    }
}

/// A condition on a number of related rows, as `{"gt": 3}` or `3`.
pub(crate) fn of_count<E: Entity>(
    parsing: &mut Parsing<'_>,
    count: &DynamicColumn<E>,
    node: &Node,
    at: &Pointer,
) -> Result<Filter<E>, Problem> {
    let number = |node: &Node, at: &Pointer| {
        let rows = i64::try_from(node.rows(at)?);
        let rows = rows.map_err(|_| node.unexpected("a number of rows", at))?;
        relations::query::reflect::parse(ColumnType::BigInt, &rows.to_string())
            .ok_or_else(Problem::internal)
    };
    let Node::Object(operators) = node else {
        parsing.condition(at)?;
        return Ok(count.compare(Comparison::Equal, number(node, at)?));
    };
    let mut filter = Filter::always();
    for (operator, value) in operators {
        let at = at.member(operator);
        parsing.condition(&at)?;
        let Some(comparison) = comparison(operator) else {
            let names = OPERATORS.into_iter().take(6);
            return Err(unknown("UNKNOWN_OPERATOR", "operator of a count", operator, names, &at));
        };
        filter = filter.and(count.compare(comparison, number(value, &at)?));
    }
    Ok(filter)
}
